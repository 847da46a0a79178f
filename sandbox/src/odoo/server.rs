//! The HTTP face: JSON-2 (19+) and JSON-RPC (to 21). A call goes faults → maintenance → limit →
//! protocol of the version → key → model and method → rights → handler.

use axum::{
    Json, Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State as Extract},
    http::{HeaderMap, Method, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse as _, Response},
};
use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::{
    Odoo,
    error::{OdooError, OdooResult},
    methods, read,
    state::State,
    write,
};
use crate::{double::Refusal as _, server::Connection};

const MAX_BODY: usize = 16 * 1024 * 1024;
/// A parameter that was not given.
const NOTHING: &Value = &Value::Null;

/// A call of a method, whichever the protocol.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) user: u64,
    pub(crate) model: String,
    pub(crate) method: String,
    pub(crate) ids: Vec<u64>,
    pub(crate) named: Map<String, Value>,
    /// By JSON-2: everything is named, `create` gives a list.
    pub(crate) strict: bool,
}

impl Call {
    pub(crate) fn get(&self, name: &str) -> &Value {
        self.named.get(name).unwrap_or(NOTHING)
    }

    /// A number from nought, or nothing.
    pub(crate) fn size(&self, name: &str) -> OdooResult<Option<usize>> {
        match self.get(name) {
            Value::Null | Value::Bool(false) => Ok(None),
            Value::Number(number) => {
                let size = number.as_u64().and_then(|size| usize::try_from(size).ok());
                size.map(Some).ok_or_else(|| OdooError::value(format!("{name} must not be negative")))
            }
            _ => Err(OdooError::value(format!("{name} must be a number"))),
        }
    }

    /// A list of texts, empty where there is none.
    pub(crate) fn strings(&self, name: &str) -> OdooResult<Vec<String>> {
        match self.get(name) {
            Value::Null | Value::Bool(false) => Ok(Vec::new()),
            Value::Array(items) => {
                let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                texts.ok_or_else(|| OdooError::value(format!("{name} must be a list of names")))
            }
            _ => Err(OdooError::value(format!("{name} must be a list of names"))),
        }
    }
}

/// Whether a method is of records, and the names of its parameters in their order.
fn signature(model: &str, method: &str) -> Option<(bool, &'static [&'static str])> {
    Some(match (model, method) {
        (_, "search") => (false, &["domain", "offset", "limit", "order"][..]),
        (_, "search_count") => (false, &["domain", "limit"]),
        (_, "search_read") => (false, &["domain", "fields", "offset", "limit", "order", "load"]),
        (_, "read") => (true, &["fields", "load"]),
        (_, "fields_get") => (false, &["allfields", "attributes"]),
        (_, "create") => (false, &["vals_list"]),
        (_, "write") => (true, &["vals"]),
        (_, "unlink" | "action_archive" | "action_unarchive") => (true, &[]),
        ("res.partner" | "crm.lead", "message_post") => (true, &["body", "subject", "message_type", "subtype_xmlid"]),
        ("phone.blacklist", "add" | "remove") => (false, &["number", "message"]),
        ("res.users.apikeys", "generate") => (false, &["key", "scope", "name", "expiration_date"]),
        ("res.users.apikeys", "revoke") => (false, &["key"]),
        ("res.users", "context_get") => (false, &[]),
        _ => return None,
    })
}

/// The routes, relative to the instance's own base.
pub(crate) fn router(odoo: Odoo) -> Router {
    Router::new().fallback(call).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(odoo)
}

async fn call(Extract(odoo): Extract<Odoo>, ConnectInfo(connection): ConnectInfo<Connection>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY).await else { return OdooError::page(413).response() };
    let body: Option<Value> = serde_json::from_slice(&bytes).ok();
    let path: Vec<String> = parts.uri.path().trim_matches('/').split('/').map(str::to_owned).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let params = body.as_ref().map_or(NOTHING, |body| &body["params"]);
    let rpc = matches!(path.as_slice(), ["jsonrpc"]);
    let name = match path.as_slice() {
        ["json", "2", model, method] => format!("{model}.{method}"),
        ["jsonrpc"] if params["service"] == "object" => {
            let word = |at: usize| params["args"][at].as_str().unwrap_or_default();
            format!("{}.{}", word(3), word(4))
        }
        ["jsonrpc"] => format!("{}.{}", params["service"].as_str().unwrap_or_default(), params["method"].as_str().unwrap_or_default()),
        other => format!("/{}", other.join("/")),
    };
    let calling = odoo.calling(&name, None, None);
    let answer = calling.answer(&connection, async { handle(&odoo, &parts.method, &parts.headers, &path, body.as_ref()) }).await;
    // JSON-RPC tells an exception within 200.
    match (rpc, answer.extensions().get::<OdooError>()) {
        (true, Some(error)) => {
            let id = body.as_ref().map_or(Value::Null, |body| body["id"].clone());
            let settings = odoo.settings();
            let code = settings.error_code.unwrap_or(if settings.version <= 18 { 200 } else { 0 });
            Json(error.envelope(&id, code)).into_response()
        }
        _ => answer,
    }
}

fn handle(odoo: &Odoo, verb: &Method, headers: &HeaderMap, path: &[&str], body: Option<&Value>) -> OdooResult<Response> {
    let mut state = odoo.quiet();
    state.requests += 1;
    state.refresh();
    if state.settings.maintenance {
        return Err(OdooError::page(303));
    }
    let (now, most) = (state.now(), state.settings.per_second);
    if !state.calls.take(most, TimeDelta::seconds(1), now) {
        state.limited += 1;
        return Err(OdooError::page(429));
    }
    let foreign = state.settings.foreign_status;
    let version = state.settings.version;
    let answer = match path {
        ["web", "version"] if version >= 19 => {
            Ok(Json(json!({ "version_info": info(version), "version": format!("{version}.0") })).into_response())
        }
        // Clients made by others ask it (secondary).
        ["web", "webclient", "version_info"] => Ok(envelope(body, &versions(version))),
        ["json", "2", model, method] if version >= 19 => json2(&mut state, verb, headers, model, method, body),
        ["jsonrpc"] if version < 22 => {
            let body = body.filter(|body| body["params"].is_object()).ok_or_else(|| OdooError::page(400))?;
            rpc(&mut state, &body["params"]).map(|result| envelope(Some(body), &result))
        }
        _ => Err(OdooError::page(404)),
    };
    answer.map_err(|error| error.with_status(foreign))
}

fn envelope(body: Option<&Value>, result: &Value) -> Response {
    let id = body.map_or(NOTHING, |body| &body["id"]);
    Json(json!({ "jsonrpc": "2.0", "id": id, "result": result })).into_response()
}

fn info(version: u32) -> Value {
    json!([version, 0, 0, "final", 0, ""])
}

fn versions(version: u32) -> Value {
    let word = format!("{version}.0");
    json!({ "server_version": word, "server_version_info": info(version), "server_serie": word, "protocol_version": 1 })
}

/// `POST /json/2/{model}/{method}`.
fn json2(state: &mut State, verb: &Method, headers: &HeaderMap, model: &str, method: &str, body: Option<&Value>) -> OdooResult<Response> {
    if verb != Method::POST {
        return Err(OdooError::page(405));
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let database = text("x-odoo-database");
    if database.map_or(state.settings.several_databases, |database| database != state.database) {
        return Err(OdooError::not_found("No database is selected and the requested URL was not found in the server-wide controllers."));
    }
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
    let key = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key);
    let user = key.and_then(|key| state.user_of(key)).ok_or_else(OdooError::unauthorized)?;
    let named = match body {
        Some(Value::Object(named)) => named.clone(),
        _ => return Err(OdooError::unbound("The body of the request must be a JSON object.")),
    };
    if !state.has(model) && model != "res.users.apikeys" {
        return Err(OdooError::not_found(format!("the model '{model}' does not exist")));
    }
    let (records, names) = signature(model, method)
        .filter(|_| !method.starts_with('_'))
        .ok_or_else(|| OdooError::not_found(format!("the method '{model}.{method}' does not exist")))?;
    let unknown = named.keys().find(|name| !names.contains(&name.as_str()) && !matches!(name.as_str(), "ids" | "context"));
    if let Some(unknown) = unknown {
        return Err(OdooError::unbound(format!("got an unexpected keyword argument '{unknown}'")));
    }
    let ids = named.get("ids");
    if !records && ids.is_some() {
        return Err(OdooError::unbound(format!("cannot call {model}.{method} with ids")));
    }
    let required = match method {
        "create" => Some("vals_list"),
        "write" => Some("vals"),
        "add" | "remove" => Some("number"),
        _ => None,
    };
    if let Some(lacking) = required.filter(|name| !named.contains_key(*name)) {
        return Err(OdooError::unbound(format!("missing a required argument: '{lacking}'")));
    }
    let ids = ids.map(numbers).transpose()?.unwrap_or_default();
    let call = Call { user, model: model.to_owned(), method: method.to_owned(), ids, named, strict: true };
    Ok((StatusCode::OK, Json(run(state, &call)?)).into_response())
}

fn numbers(value: &Value) -> OdooResult<Vec<u64>> {
    let list = match value {
        Value::Array(items) => items.iter().map(Value::as_u64).collect(),
        other => other.as_u64().map(|id| vec![id]),
    };
    list.ok_or_else(|| OdooError::value("ids must be a list of numbers"))
}

/// A call of `/jsonrpc`.
fn rpc(state: &mut State, params: &Value) -> OdooResult {
    let (service, method) = (params["service"].as_str().unwrap_or_default(), params["method"].as_str().unwrap_or_default());
    let args = params["args"].as_array().cloned().unwrap_or_default();
    let text = |at: usize| args.get(at).and_then(Value::as_str).unwrap_or_default();
    match (service, method) {
        ("common", "version") => Ok(versions(state.settings.version)),
        // Wrong credentials, or a wrong database: no error, but `false`.
        ("common", "authenticate" | "login") => {
            let user = state.user_of(text(2)).filter(|user| state.logins.get(text(1)) == Some(user) && text(0) == state.database);
            Ok(user.map_or(json!(false), |user| json!(user)))
        }
        ("db", "list") if state.settings.version < 20 => Ok(json!([state.database])),
        ("object", "execute_kw" | "execute") => {
            let user = state.user_of(text(2)).filter(|user| args.get(1).and_then(Value::as_u64) == Some(*user));
            let user = user.filter(|_| text(0) == state.database).ok_or_else(OdooError::denied)?;
            let (model, method) = (text(3).to_owned(), text(4).to_owned());
            let (positional, named) = if params["method"] == "execute" {
                (args.get(5..).unwrap_or_default().to_vec(), Map::new())
            } else {
                let named = args.get(6).and_then(Value::as_object).cloned().unwrap_or_default();
                (args.get(5).and_then(Value::as_array).cloned().unwrap_or_default(), named)
            };
            let call = bind(state, user, model, method, positional, named)?;
            run(state, &call)
        }
        _ => Err(OdooError::not_found(format!("there is no {service}.{method}"))),
    }
}

/// Puts positional parameters under their names.
fn bind(
    state: &State,
    user: u64,
    model: String,
    method: String,
    positional: Vec<Value>,
    mut named: Map<String, Value>,
) -> OdooResult<Call> {
    if !state.has(&model) && model != "res.users.apikeys" {
        return Err(OdooError::not_found(format!("Object {model} doesn't exist")));
    }
    if method.starts_with('_') {
        return Err(OdooError::access(format!("Private methods (such as '{model}.{method}') cannot be called remotely.")));
    }
    let (records, names) =
        signature(&model, &method).ok_or_else(|| OdooError::not_found(format!("The method '{model}.{method}' does not exist")))?;
    let mut positional = positional.into_iter();
    let ids = match (records, named.remove("ids")) {
        (true, Some(ids)) => numbers(&ids)?,
        (true, None) => positional.next().map(|ids| numbers(&ids)).transpose()?.unwrap_or_default(),
        (false, _) => Vec::new(),
    };
    for (at, value) in positional.enumerate() {
        let name =
            names.get(at).ok_or_else(|| OdooError::value(format!("{model}.{method}() takes {} positional arguments", names.len())))?;
        named.insert((*name).to_owned(), value);
    }
    if let Some(unknown) = named.keys().find(|name| !names.contains(&name.as_str()) && *name != "context") {
        return Err(OdooError::value(format!("{model}.{method}() got an unexpected keyword argument '{unknown}'")));
    }
    Ok(Call { user, model, method, ids, named, strict: false })
}

fn run(state: &mut State, call: &Call) -> OdooResult {
    match (call.model.as_str(), call.method.as_str()) {
        ("res.users.apikeys", _) => methods::keys(state, call),
        ("phone.blacklist", "add" | "remove") => methods::blacklist(state, call),
        (_, "message_post") => methods::message_post(state, call),
        (_, "create") => write::create(state, call),
        (_, "write") => write::write(state, call),
        (_, "unlink" | "action_archive" | "action_unarchive") => write::remove(state, call),
        (_, "context_get") => Ok(json!({ "lang": "ru_RU", "tz": "Europe/Moscow" })),
        _ => read::answer(state, call),
    }
}
