//! The HTTP face: routes under `/v3`, a bearer key, 500 calls in five seconds.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State as Extract},
    http::{Method, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse as _, Response},
    routing::{any, get},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Wazzup,
    error::{WazzupError, WazzupResult},
    hooks, send,
    state::State,
    templates,
};
use crate::{control::served, double::Refusal as _, server::Connection};

const MAX_BODY: usize = 4 * 1024 * 1024;
/// Calls are counted anew after this.
const COUNTED: TimeDelta = TimeDelta::seconds(5);
/// Items of one call of users.
const MANY: usize = 100;

pub(crate) fn router(wazzup: Wazzup) -> Router {
    Router::new().route("/files/{id}", get(file)).route("/{*path}", any(call)).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(wazzup)
}

/// What people sent: the address is a secret, and wants no key.
async fn file(Extract(wazzup): Extract<Wazzup>, Path(id): Path<String>) -> Response {
    served(wazzup.file(&id))
}

/// A call that was read.
struct Asked {
    method: Method,
    parts: Vec<String>,
    query: Vec<(String, String)>,
    body: Value,
}

impl Asked {
    /// As the ledger and the rules of faults call it.
    fn name(&self) -> String {
        let shown: Vec<&str> = match self.parts.first().map(String::as_str) {
            Some("message") if self.parts.len() > 1 => vec!["message", "{id}"],
            _ => self.parts.iter().map(String::as_str).collect(),
        };
        format!("{} /{}", self.method, shown.join("/"))
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.query.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.parse().ok())
    }
}

async fn call(Extract(wazzup): Extract<Wazzup>, ConnectInfo(connection): ConnectInfo<Connection>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY).await else { return WazzupError::bare(413).response() };
    let key = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let known = key.and_then(|key| wazzup.quiet().by_key(key));
    let Some(account) = known else { return WazzupError::bare(401).response() };
    let path = parts.uri.path();
    let path = path.strip_prefix(super::PATH).unwrap_or(path);
    let asked = Asked {
        method: parts.method.clone(),
        parts: path.trim_matches('/').split('/').map(str::to_owned).collect(),
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        body: Value::Null,
    };
    let asked = match read(&bytes) {
        Ok(body) => Asked { body, ..asked },
        Err(error) => return error.response(),
    };
    let about = send::about(&wazzup.quiet(), account, &asked.body);
    let name = asked.name();
    let call = async {
        let done = count(&mut wazzup.quiet(), account).map(|()| asked);
        let done = match done {
            Ok(asked) => dispatch(&wazzup, account, &asked).await,
            Err(error) => Err(error),
        };
        done.map_err(|error| error.shaped(&wazzup.settings()))
    };
    let (channel, user) = about.unzip();
    wazzup.calling(&name, channel, user.flatten()).answer(&connection, call).await
}

/// The body as an object or a list; none where there is none.
fn read(bytes: &Bytes) -> WazzupResult {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|_| WazzupError::new("VALIDATION_ERROR", "The body is no JSON."))
}

fn count(state: &mut State, account: i64) -> WazzupResult<()> {
    let (now, most) = (state.now(), state.settings.per_five_seconds);
    let Some(account) = state.accounts.get_mut(&account) else { return Err(WazzupError::bare(401)) };
    let (since, calls) = account.counted.filter(|(since, _)| now - *since < COUNTED).unwrap_or((now, 0));
    account.counted = Some((since, calls + 1));
    if most.is_some_and(|most| calls >= most) { Err(WazzupError::bare(429)) } else { Ok(()) }
}

async fn dispatch(wazzup: &Wazzup, account: i64, asked: &Asked) -> WazzupResult<Response> {
    let parts: Vec<&str> = asked.parts.iter().map(String::as_str).collect();
    let sidecar = wazzup.quiet().accounts.get(&account).is_some_and(|account| account.sidecar);
    if sidecar && matches!(parts.first(), Some(&("users" | "templates"))) {
        return Err(WazzupError::bare(403));
    }
    let json = |value: Value| Json(value).into_response();
    match (asked.method.as_str(), parts.as_slice()) {
        ("POST", ["message"]) => {
            send::message(wazzup, account, &asked.body).await.map(|sent| (StatusCode::CREATED, Json(sent)).into_response())
        }
        ("PATCH", ["message", id]) => send::edit(wazzup, account, id, &asked.body).map(json),
        ("DELETE", ["message", id]) => send::delete(wazzup, account, id).map(json),
        ("GET", ["channels"]) => Ok(json(channels(&wazzup.quiet(), account))),
        ("GET", ["templates", "whatsapp"]) => {
            let (limit, offset) = (asked.number("limit").unwrap_or(100), asked.number("offset").unwrap_or(0));
            Ok(json(templates::list(&wazzup.quiet(), account, limit, offset)))
        }
        ("PATCH", ["webhooks"]) => hooks::set(wazzup, account, &asked.body).await.map(json),
        ("GET", ["webhooks"]) => Ok(json(hooks::shown(&wazzup.quiet(), account))),
        ("GET", ["users"]) => Ok(json(users(&wazzup.quiet(), account))),
        ("POST", ["users"]) => add_users(&mut wazzup.quiet(), account, &asked.body).map(json),
        _ => Err(WazzupError { status: 404, ..WazzupError::new("NOT_FOUND", "There is no such route.") }),
    }
}

/// `GET /v3/channels`: a list without an envelope.
fn channels(state: &State, account: i64) -> Value {
    let own = state.channels.values().filter(|channel| channel.account == account);
    let shown = own.map(|channel| {
        json!({ "channelId": channel.channel_id, "transport": channel.transport, "plainId": channel.plain, "state": channel.state })
    });
    json!(shown.collect::<Vec<_>>())
}

fn users(state: &State, account: i64) -> Value {
    let users = state.accounts.get(&account).into_iter().flat_map(|account| &account.users);
    json!(users.map(|id| json!({ "id": id, "name": id })).collect::<Vec<_>>())
}

fn add_users(state: &mut State, account: i64, body: &Value) -> WazzupResult {
    let list = body.as_array().ok_or_else(|| WazzupError::new("VALIDATION_ERROR", "A list is expected."))?;
    if list.len() > MANY {
        return Err(WazzupError::new("TOO_MANY_ENTITIES", format!("At most {MANY} users.")));
    }
    let ids: Option<Vec<String>> = list.iter().map(|user| user["id"].as_str().map(str::to_owned)).collect();
    let ids = ids.ok_or_else(|| WazzupError::new("VALIDATION_ERROR", "A user has an id."))?;
    if let Some(account) = state.accounts.get_mut(&account) {
        account.users.extend(ids);
    }
    Ok(json!({ "ok": true }))
}
