//! The HTTP face: one road for every call, the limits, the tokens, the routes.

use axum::{
    Json, Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State as Extract},
    http::{
        Method, StatusCode,
        header::{ACCEPT, AUTHORIZATION},
        request::Parts,
    },
    response::{IntoResponse as _, Response},
    routing::any,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Yclients,
    access::{Caller, Section},
    clients,
    error::{YcError, YcResult},
    hooks, meta, records, search,
    settings::CommentsPath,
    state::State,
};
use crate::{double::Refusal as _, server::Connection};

const MAX_BODY: usize = 4 * 1024 * 1024;

pub(crate) fn router(yclients: Yclients) -> Router {
    Router::new().route("/{*path}", any(call)).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(yclients)
}

/// A call that was read.
pub(crate) struct Asked {
    method: Method,
    parts: Vec<String>,
    query: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Asked {
    fn read(parts: &Parts) -> Self {
        let path = parts.uri.path();
        let path = path.strip_prefix(super::PATH).unwrap_or(path);
        Self {
            method: parts.method.clone(),
            parts: path.trim_matches('/').split('/').map(str::to_owned).collect(),
            query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
            body: Value::Null,
        }
    }

    /// As the ledger and the rules of faults call it.
    fn name(&self) -> String {
        let shown = self.parts.iter().map(|part| if part.parse::<i64>().is_ok() { "{id}" } else { part });
        format!("{} /{}", self.method, shown.collect::<Vec<_>>().join("/"))
    }

    /// The company, and the client or the record.
    fn about(&self) -> (Option<i64>, Option<i64>) {
        let mut numbers = self.parts.iter().filter_map(|part| part.parse().ok());
        (numbers.next(), numbers.next())
    }

    /// The first value of a key of the query.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, key: &str) -> Option<i64> {
        self.get(key)?.parse().ok()
    }

    /// `key[]`, `key[0]`…
    pub(crate) fn all(&self, key: &str) -> Vec<i64> {
        let named = |name: &str| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']'));
        self.query.iter().filter(|(name, _)| named(name)).filter_map(|(_, value)| value.parse().ok()).collect()
    }

    /// How many rows to leave out and how many to show.
    pub(crate) fn page(&self, largest: usize) -> (usize, usize) {
        let count = self.number("count").and_then(|count| usize::try_from(count).ok()).filter(|count| *count > 0);
        let page = self.number("page").and_then(|page| usize::try_from(page).ok()).unwrap_or(1).max(1);
        let count = count.unwrap_or(25).min(largest);
        ((page - 1) * count, count)
    }
}

async fn call(Extract(yclients): Extract<Yclients>, ConnectInfo(connection): ConnectInfo<Connection>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY).await else { return YcError::new(413, "Too large").response() };
    let mut asked = Asked::read(&parts);
    let (name, (company, about)) = (asked.name(), asked.about());
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (accept, tokens) = (header(ACCEPT), header(AUTHORIZATION));
    let call = async {
        let mut state = yclients.state();
        let done = answer(&mut state, &mut asked, &bytes, &accept, &tokens);
        done.map_err(|error| error.shaped(&state.settings))
    };
    yclients.calling(&name, company, about).answer(&connection, call).await
}

fn answer(state: &mut State, asked: &mut Asked, bytes: &[u8], accept: &str, tokens: &str) -> YcResult {
    if state.settings.strict_accept && !accept.split(',').any(|kind| kind.trim() == state.settings.media_type()) {
        return Err(YcError::new(400, "The media type of Accept is not served."));
    }
    count(state)?;
    let (partner, user) = state.caller(tokens)?;
    if !bytes.is_empty() {
        asked.body = serde_json::from_slice(bytes).map_err(|_| YcError::new(400, "The body is no JSON."))?;
    }
    let parts: Vec<&str> = asked.parts.iter().map(String::as_str).collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("POST", ["auth"]) => return meta::auth(state, &asked.body),
        ("POST", ["marketplace", "partner", "callback"]) => return meta::callback(state, &partner, &asked.body),
        _ => {}
    }
    let caller = Caller { partner, user: user.ok_or_else(YcError::unauthorised)? };
    dispatch(state, &caller, asked, &parts)
}

fn count(state: &mut State) -> YcResult<()> {
    let (now, settings) = (state.now(), &state.settings);
    let (second, minute) = (settings.per_second, settings.per_minute);
    let room = second.is_none_or(|limit| state.second.count(TimeDelta::seconds(1), now) < limit)
        && minute.is_none_or(|limit| state.minute.count(TimeDelta::minutes(1), now) < limit);
    if !room {
        return Err(YcError::too_many(0));
    }
    state.second.note(now);
    state.minute.note(now);
    Ok(())
}

fn number(part: &str) -> YcResult<i64> {
    part.parse().map_err(|_| YcError::no_route())
}

fn dispatch(state: &mut State, caller: &Caller, asked: &Asked, parts: &[&str]) -> YcResult {
    let comments = match state.settings.comments_path {
        CommentsPath::Company => "company",
        CommentsPath::Clients => "clients",
    };
    let method = asked.method.as_str();
    match (method, parts) {
        ("GET", ["companies"]) => Ok(meta::companies(state, caller)),
        ("POST", ["company", company, "clients", "search"]) => {
            let company = number(company)?;
            let rights = state.enter(caller, company, Section::Clients)?;
            search::clients(state, company, &rights, &asked.body)
        }
        (_, [root, company, "clients", client, "comments"]) if *root == comments => {
            let (company, client) = (number(company)?, number(client)?);
            let rights = state.enter(caller, company, Section::Clients)?;
            match method {
                "POST" => clients::comment(state, caller, company, client, &rights, &asked.body),
                "GET" if state.settings.comments_listed => clients::comments(state, company, client, &rights),
                _ => Err(YcError::no_route()),
            }
        }
        (_, ["clients", company]) | ("POST", ["clients", company, "bulk"]) => {
            let company = number(company)?;
            let rights = state.enter(caller, company, Section::Clients)?;
            match (method, parts.len()) {
                ("GET", 2) => clients::list(state, company, &rights, asked),
                ("POST", 2) => clients::create(state, caller, company, &asked.body),
                ("POST", 3) => clients::bulk(state, caller, company, &asked.body),
                _ => Err(YcError::no_route()),
            }
        }
        (_, ["client", company, client]) => {
            let (company, client) = (number(company)?, number(client)?);
            let rights = state.enter(caller, company, Section::Clients)?;
            match method {
                "GET" => clients::one(state, company, client, &rights),
                "PUT" => clients::update(state, caller, company, client, &rights, &asked.body),
                "DELETE" => clients::delete(state, caller, company, client, &rights),
                _ => Err(YcError::no_route()),
            }
        }
        (_, ["records", company]) => {
            let company = number(company)?;
            let rights = state.enter(caller, company, Section::Records)?;
            match method {
                "GET" => records::list(state, company, &rights, asked),
                "POST" => records::create(state, caller, company, &rights, &asked.body),
                _ => Err(YcError::no_route()),
            }
        }
        (_, ["record", company, record]) => {
            let (company, record) = (number(company)?, number(record)?);
            let rights = state.enter(caller, company, Section::Records)?;
            match method {
                "GET" => records::one(state, company, record, &rights),
                "PUT" => records::update(state, caller, company, record, &rights, &asked.body),
                "DELETE" => records::delete(state, caller, company, record),
                _ => Err(YcError::no_route()),
            }
        }
        ("GET", ["labels", company]) => {
            let company = number(company)?;
            state.enter(caller, company, Section::Clients)?;
            meta::labels(state, company)
        }
        ("POST", ["labels", company]) => {
            let company = number(company)?;
            state.enter(caller, company, Section::Settings)?;
            meta::add_label(state, company, &asked.body)
        }
        ("GET", ["custom_fields", of, company]) => {
            let company = number(company)?;
            state.enter(caller, company, Section::Settings)?;
            meta::fields(state, company, of)
        }
        ("POST", ["sms", "clients", "by_id", company]) => {
            let company = number(company)?;
            let rights = state.enter(caller, company, Section::Clients)?;
            clients::sms(state, company, &rights, &asked.body)
        }
        (_, ["hooks_settings", company]) => {
            let company = number(company)?;
            state.enter(caller, company, Section::Settings)?;
            match method {
                "GET" => hooks::shown(state, company),
                "POST" => hooks::set(state, caller, company, &asked.body),
                _ => Err(YcError::no_route()),
            }
        }
        _ => Err(YcError::no_route()),
    }
}

/// The platform's envelope.
pub(crate) fn ok(data: &Value) -> Response {
    page(data, &json!([]))
}

/// The envelope with something beside the data.
pub(crate) fn page(data: &Value, meta: &Value) -> Response {
    Json(json!({ "success": true, "data": data, "meta": meta })).into_response()
}

pub(crate) fn created(data: &Value) -> Response {
    (StatusCode::CREATED, ok(data)).into_response()
}

/// Something was removed: 204, or a body, as the settings have it.
pub(crate) fn removed(state: &State) -> Response {
    if state.settings.delete_has_body { ok(&Value::Null) } else { StatusCode::NO_CONTENT.into_response() }
}
