//! The HTTP face: one road for every call, its gates, and the envelope of answers.

use axum::{
    Json, Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State as Extract},
    http::{HeaderMap, HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse as _, Redirect, Response},
    routing::any,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Bitrix24,
    auth::{self, Caller},
    batch, booking,
    error::{B24Error, B24Result},
    events, history, items, legacy, meta, notes, offline,
    params::{Params, whole},
    portal::{Portal, Worked},
    sender,
    state::{By, State},
    tasks,
};
use crate::{double::Refusal as _, server::Connection};

const MAX_BODY: usize = 8 * 1024 * 1024;
/// Operating time is counted in so many buckets of a minute.
const MINUTES: i64 = 10;

pub(crate) fn router(bitrix: Bitrix24) -> Router {
    Router::new().route("/{*path}", any(call)).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(bitrix)
}

/// What a method gives, before the envelope.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) result: Value,
    pub(crate) total: Option<usize>,
    pub(crate) next: Option<usize>,
}

impl Reply {
    pub(crate) fn of(result: impl Into<Value>) -> Self {
        Self { result: result.into(), ..Self::default() }
    }
}

/// Where a call goes.
enum Road<'a> {
    Token,
    Authorise { domain: &'a str },
    Hook { domain: &'a str, user: &'a str, secret: &'a str, method: &'a str, v3: bool },
    Application { domain: &'a str, method: &'a str, v3: bool },
    Nowhere,
}

fn road<'a>(parts: &[&'a str]) -> Road<'a> {
    match *parts {
        ["oauth", "token"] => Road::Token,
        [domain, "oauth", "authorize"] => Road::Authorise { domain },
        [domain, "rest", "api", user, secret, method] => Road::Hook { domain, user, secret, method, v3: true },
        [domain, "rest", "api", method] => Road::Application { domain, method, v3: true },
        [domain, "rest", user, secret, method] => Road::Hook { domain, user, secret, method, v3: false },
        [domain, "rest", method] => Road::Application { domain, method, v3: false },
        _ => Road::Nowhere,
    }
}

/// The element a call names, for the rules of faults.
fn about(params: &Params) -> Option<i64> {
    let own = ["id", "ID", "ownerId", "OWNER_ID"].iter().find_map(|key| params.whole(key));
    own.or_else(|| ["ENTITY_ID", "entityId"].iter().find_map(|key| whole(&params.get("fields")[*key])))
}

async fn call(Extract(bitrix): Extract<Bitrix24>, ConnectInfo(connection): ConnectInfo<Connection>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY).await else {
        return B24Error::new(413, "INVALID_REQUEST", "Too large").response();
    };
    let path = head.uri.path();
    let path = path.strip_prefix(super::PATH).unwrap_or(path).trim_matches('/').to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    let kind = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let read = Params::read(head.uri.query().unwrap_or_default(), kind, &bytes);
    let road = road(&parts);
    let (domain, method, v3) = match &road {
        Road::Hook { domain, method, v3, .. } | Road::Application { domain, method, v3 } => (*domain, *method, *v3),
        Road::Authorise { domain } => (*domain, "oauth/authorize", false),
        Road::Token => ("", "oauth/token", false),
        Road::Nowhere => ("", "nowhere", false),
    };
    let method = method.strip_suffix(".json").unwrap_or(method).to_ascii_lowercase();
    let name = if v3 { format!("v3 {method}") } else { method.clone() };
    let (portal, about) = (bitrix.portal_at(domain), read.as_ref().ok().and_then(about));
    let call = async {
        let params = read?;
        let mut state = bitrix.state();
        if let Road::Token = road {
            return auth::issue(&mut state, &params).map(|answer| Json(answer).into_response());
        }
        let id = portal.ok_or_else(|| B24Error::new(404, "ERROR_MANIFEST_IS_NOT_AVAILABLE", "There is no such portal"))?;
        at_home(&state, id, domain, &path, head.uri.query())?;
        match road {
            Road::Authorise { .. } => auth::authorise(&mut state, id, &params).map(|address| Redirect::to(&address).into_response()),
            Road::Hook { user, secret, .. } => {
                fill(&mut state, id)?;
                let caller = auth::by_webhook(&state, id, user, secret)?;
                answered(&mut state, &caller, &method, v3, &params, &head.headers)
            }
            _ => {
                fill(&mut state, id)?;
                let token = params.text("auth").ok_or_else(B24Error::unauthorised)?;
                let caller = auth::by_token(&state, id, token)?;
                answered(&mut state, &caller, &method, v3, &params, &head.headers)
            }
        }
    };
    bitrix.calling(&name, portal, about).answer(&connection, call).await
}

/// Under a former name the portal only says where it lives now.
fn at_home(state: &State, id: i64, domain: &str, path: &str, query: Option<&str>) -> B24Result<()> {
    let portal = state.portal(id)?;
    if portal.domain != domain {
        let rest = path.split_once('/').map_or("", |(_, rest)| rest);
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let location = format!("{}/{}/{rest}{query}", state.base, portal.domain);
        return Err(B24Error { location: Some(location), ..B24Error::new(302, "MOVED", "The portal has moved") });
    }
    if portal.closed {
        return Err(B24Error::new(500, "PORTAL_DELETED", "Portal was deleted"));
    }
    Ok(())
}

/// One more call in the bucket, if there is room.
fn fill(state: &mut State, id: i64) -> B24Result<()> {
    let now = state.now();
    let (ordinary, enterprise) = (state.settings.bucket, state.settings.enterprise_bucket);
    let portal = state.portal_mut(id)?;
    let Some(bucket) = (if portal.enterprise { enterprise } else { ordinary }) else { return Ok(()) };
    let (level, since) = portal.bucket;
    let seconds = (now - since).num_milliseconds() as f64 / 1_000.0;
    let level = (level - seconds * bucket.drain).max(0.0);
    if level + 1.0 > bucket.capacity {
        portal.bucket = (level, now);
        return Err(B24Error::too_many(0));
    }
    portal.bucket = (level + 1.0, now);
    Ok(())
}

fn answered(state: &mut State, caller: &Caller, method: &str, v3: bool, params: &Params, headers: &HeaderMap) -> B24Result<Response> {
    let started = state.now();
    if !state.portal(caller.portal)?.commercial {
        return Err(B24Error::denied("REST API is available only on commercial plans"));
    }
    if v3 {
        let (result, replayed) = tasks::v3(state, caller, method, params, headers)?;
        let mut response = Json(json!({ "result": result, "time": time(started, state.now(), 0.0, None) })).into_response();
        if replayed {
            response.headers_mut().insert("Idempotent-Replayed", HeaderValue::from_static("true"));
        }
        return Ok(response);
    }
    let (reply, operating, reset) = match method {
        "batch" => (Reply::of(batch::run(state, caller, params)?), 0.0, None),
        _ => {
            let (reply, operating, reset) = execute(state, caller, method, params)?;
            (reply, operating, Some(reset))
        }
    };
    let mut body = json!({ "result": reply.result, "time": time(started, state.now(), operating, reset) });
    if let Some(total) = reply.total {
        body["total"] = json!(total);
    }
    if let Some(next) = reply.next {
        body["next"] = json!(next);
    }
    Ok(Json(body).into_response())
}

fn time(start: DateTime<Utc>, finish: DateTime<Utc>, operating: f64, reset: Option<i64>) -> Value {
    let seconds = |at: DateTime<Utc>| at.timestamp_millis() as f64 / 1_000.0;
    let duration = seconds(finish) - seconds(start);
    let mut shown = json!({ "start": seconds(start), "finish": seconds(finish), "duration": duration, "processing": duration,
        "date_start": start.to_rfc3339(), "date_finish": finish.to_rfc3339(), "operating": operating });
    if let Some(reset) = reset {
        shown["operating_reset_at"] = json!(reset);
    }
    shown
}

/// One method with its operating time: the reply, the seconds worked within ten minutes, and when
/// the first of them is forgotten.
pub(crate) fn execute(state: &mut State, caller: &Caller, method: &str, params: &Params) -> B24Result<(Reply, f64, i64)> {
    let scope = scope(method).ok_or_else(B24Error::no_method)?;
    if !scope.is_empty() && !caller.scopes.iter().any(|granted| granted == scope) {
        let words = "The request requires higher privileges than provided by the access token";
        return Err(B24Error::new(403, "insufficient_scope", words));
    }
    let now = state.now();
    let (limit, cost) = (state.settings.operating_limit, *state.settings.slow_ms.get(method).unwrap_or(&state.settings.operating_ms));
    let worked = state.portal_mut(caller.portal)?.worked.entry((caller.key.clone(), method.to_owned())).or_default();
    let minute = now.timestamp() / 60;
    worked.retain(|bucket| bucket.minute > minute - MINUTES);
    let reset = |worked: &[Worked]| (worked.first().map_or(minute, |first| first.minute) + MINUTES) * 60;
    let sum: f64 = worked.iter().map(|bucket| bucket.seconds).sum();
    if limit.is_some_and(|limit| sum >= limit) {
        let words = "Method is blocked due to operation time limit.";
        return Err(B24Error::new(429, "OPERATION_TIME_LIMIT", words));
    }
    let seconds = cost as f64 / 1_000.0;
    match worked.last_mut().filter(|bucket| bucket.minute == minute) {
        Some(bucket) => bucket.seconds += seconds,
        None => worked.push(Worked { minute, seconds }),
    }
    let (sum, reset) = (sum + seconds, reset(worked));
    let reply = run(state, caller, method, params).map_err(|error| old(state, method, error))?;
    Ok((reply, sum, reset))
}

/// Old methods may leave the code out.
fn old(state: &State, method: &str, error: B24Error) -> B24Error {
    let is_old = ["crm.contact.", "crm.company.", "crm.deal.", "crm.lead.", "crm.requisite."].iter().any(|old| method.starts_with(old));
    if is_old && error.status == 400 && state.settings.legacy_empty_code { B24Error { code: String::new(), ..error } } else { error }
}

/// The scope a method wants, empty for none; `None` if there is no such method.
pub(crate) fn scope(method: &str) -> Option<&'static str> {
    if meta::METHODS.contains(&method) || events::METHODS.contains(&method) || offline::METHODS.contains(&method) {
        return Some("");
    }
    if sender::METHODS.contains(&method) {
        return Some("messageservice");
    }
    if booking::METHODS.contains(&method) {
        return Some("booking");
    }
    if meta::CONSENT.contains(&method) {
        return Some("userconsent");
    }
    if method == tasks::ADD {
        return Some("task");
    }
    let of_crm = items::METHODS.contains(&method)
        || meta::OF_CRM.contains(&method)
        || notes::METHODS.contains(&method)
        || legacy::is_method(method)
        || method == "crm.stagehistory.list";
    of_crm.then_some("crm")
}

fn run(state: &mut State, caller: &Caller, method: &str, params: &Params) -> B24Result<Reply> {
    let by = By { user: Some(caller.user), connector: params.text("auth_connector").map(str::to_owned) };
    match method {
        "crm.stagehistory.list" => history::list(state.portal(caller.portal)?, params),
        tasks::ADD => tasks::add(state, caller, params),
        _ if items::METHODS.contains(&method) => items::run(state, caller, method, params, &by),
        _ if notes::METHODS.contains(&method) => notes::run(state, caller, method, params, &by),
        _ if events::METHODS.contains(&method) => events::run(state, caller, method, params),
        _ if offline::METHODS.contains(&method) => offline::run(state, caller, method, params),
        _ if sender::METHODS.contains(&method) => sender::run(state, caller, method, params),
        _ if booking::METHODS.contains(&method) => booking::run(state, caller, method, params),
        _ if legacy::is_method(method) => legacy::run(state, caller, method, params, &by),
        _ => meta::run(state, caller, method, params),
    }
}

/// The application's name, where a method wants its context.
pub(crate) fn application<'a>(state: &State, caller: &'a Caller) -> B24Result<&'a str> {
    let denied = || {
        let words = "Current authorization type is denied for this method Application context required";
        B24Error::new(403, state.settings.wrong_context.clone(), words)
    };
    caller.client.as_deref().ok_or_else(denied)
}

/// The caller must be an administrator.
pub(crate) fn admin(portal: &Portal, caller: &Caller) -> B24Result<()> {
    let is = portal.users.get(&caller.user).is_some_and(|user| user.admin);
    if is { Ok(()) } else { Err(B24Error::denied("Access denied.")) }
}
