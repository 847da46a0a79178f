//! The HTTP face: a call goes faults → account → key → limit → route → the key's methods → handler.

use axum::{
    Json, Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State as Extract},
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::{
    RetailCrm,
    ask::Ask,
    customers,
    error::{RetailError, RetailResult},
    history::{self, Of},
    keys, notes, orders, reference,
    settings::Nobody,
    state::State,
    write,
};
use crate::{double::Refusal as _, server::Connection};

const MAX_BODY: usize = 4 * 1024 * 1024;

/// The account's routes, relative to its own base (`https://<account>.retailcrm.ru` in the world).
pub(crate) fn router(retail: RetailCrm) -> Router {
    Router::new().fallback(call).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(retail)
}

/// What an address without an account answers.
pub(crate) fn nobody(how: Nobody) -> RetailError {
    match how {
        Nobody::Page => RetailError::page(405),
        Nobody::BadRequest => RetailError::new(400, "Account does not exist."),
        Nobody::NotFound => RetailError::new(404, "Account does not exist."),
    }
}

async fn call(Extract(retail): Extract<RetailCrm>, ConnectInfo(connection): ConnectInfo<Connection>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY).await else { return RetailError::page(413).response() };
    // A form in any other shape is no form: its parameters are missing.
    let is_form = parts.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let form: &[u8] = if is_form { &bytes } else { b"" };
    let path = parts.uri.path();
    let (versioned, path) = path.strip_prefix("/api/v5").map_or((false, path), |rest| (true, rest));
    let ask = Ask::new(parts.method.clone(), path, parts.uri.query(), form);
    let route = if versioned { route(&ask) } else { None };
    let name = match route {
        Some((_, pattern)) => format!("{} /{pattern}", ask.method),
        None => format!("{} {}", ask.method, parts.uri.path()),
    };
    let about = ask.parts.get(1).and_then(|id| id.parse().ok());
    retail.calling(&name, None, about).answer(&connection, async { handle(&retail, &parts.headers, &ask, versioned, route) }).await
}

fn handle(retail: &RetailCrm, headers: &HeaderMap, ask: &Ask, versioned: bool, route: Option<Route>) -> RetailResult<Response> {
    let mut state = retail.quiet();
    state.requests += 1;
    if state.disabled {
        return Err(nobody(state.settings.nobody));
    }
    let header = headers.get("x-api-key").and_then(|value| value.to_str().ok());
    let key = state.key_of(header, ask)?.key.clone();
    state.count(&key)?;
    if !versioned {
        return about(&state, &key, ask);
    }
    let (verb, pattern) = route.ok_or_else(RetailError::not_found)?;
    if ask.method != verb {
        return Err(RetailError::new(405, "Method Not Allowed"));
    }
    if !state.key(&key)?.may(&format!("/api/v5/{pattern}")) {
        return Err(RetailError::denied());
    }
    if verb == "GET" { read(&state, &key, ask, pattern) } else { write(&mut state, &key, ask, pattern) }
}

/// Routes without a version.
fn about(state: &State, key: &str, ask: &Ask) -> RetailResult<Response> {
    let body = match ask.parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["api", "credentials"] => keys::credentials(state.key(key)?),
        ["api", "api-versions"] => json!({ "success": true, "versions": ["3.0", "4.0", "5.0"] }),
        ["api", "system-info"] => {
            let url = format!("https://{}.retailcrm.ru", state.account);
            json!({ "success": true, "systemVersion": "8.12", "publicUrl": url, "technicalUrl": url })
        }
        _ => return Err(RetailError::not_found()),
    };
    if ask.method != "GET" {
        return Err(RetailError::new(405, "Method Not Allowed"));
    }
    Ok(Json(body).into_response())
}

/// The verb of a route, and its pattern as the credentials list it.
type Route = (&'static str, &'static str);

fn route(ask: &Ask) -> Option<Route> {
    let parts: Vec<&str> = ask.parts.iter().map(String::as_str).collect();
    Some(match parts.as_slice() {
        ["custom-fields"] => ("GET", "custom-fields"),
        ["custom-fields", "dictionaries"] => ("GET", "custom-fields/dictionaries"),
        ["custom-fields", _, "create"] => ("POST", "custom-fields/{entity}/create"),
        ["customers"] => ("GET", "customers"),
        ["customers", "combine"] => ("POST", "customers/combine"),
        ["customers", "create"] => ("POST", "customers/create"),
        ["customers", "fix-external-ids"] => ("POST", "customers/fix-external-ids"),
        ["customers", "history"] => ("GET", "customers/history"),
        ["customers", "upload"] => ("POST", "customers/upload"),
        ["customers", "notes"] => ("GET", "customers/notes"),
        ["customers", "notes", "create"] => ("POST", "customers/notes/create"),
        ["customers", "notes", _, "delete"] => ("POST", "customers/notes/{id}/delete"),
        ["customers", _] => ("GET", "customers/{externalId}"),
        ["customers", _, "edit"] => ("POST", "customers/{externalId}/edit"),
        ["customers", _, "subscriptions"] => ("POST", "customers/{externalId}/subscriptions"),
        ["customers-corporate"] => ("GET", "customers-corporate"),
        ["customers-corporate", "create"] => ("POST", "customers-corporate/create"),
        ["customers-corporate", "history"] => ("GET", "customers-corporate/history"),
        ["customers-corporate", _] => ("GET", "customers-corporate/{externalId}"),
        ["customers-corporate", _, "contacts"] => ("GET", "customers-corporate/{externalId}/contacts"),
        ["customers-corporate", _, "edit"] => ("POST", "customers-corporate/{externalId}/edit"),
        ["orders"] => ("GET", "orders"),
        ["orders", "create"] => ("POST", "orders/create"),
        ["orders", "history"] => ("GET", "orders/history"),
        ["orders", _] => ("GET", "orders/{externalId}"),
        ["orders", _, "edit"] => ("POST", "orders/{externalId}/edit"),
        ["reference", "mg-channels"] => ("GET", "reference/mg-channels"),
        ["reference", "sites"] => ("GET", "reference/sites"),
        ["reference", "status-groups"] => ("GET", "reference/status-groups"),
        ["reference", "statuses"] => ("GET", "reference/statuses"),
        ["segments"] => ("GET", "segments"),
        ["tasks"] => ("GET", "tasks"),
        ["tasks", "create"] => ("POST", "tasks/create"),
        ["users"] => ("GET", "users"),
        _ => return None,
    })
}

fn read(state: &State, key: &str, ask: &Ask, pattern: &str) -> RetailResult<Response> {
    let key = state.key(key)?;
    let named = ask.parts.get(1).map(String::as_str).unwrap_or_default();
    match pattern {
        "custom-fields" => reference::fields(state, ask),
        "custom-fields/dictionaries" => reference::dictionaries(state, ask),
        "customers" => customers::list(state, key, ask),
        "customers/history" => history::read(state, key, ask, Of::Customers),
        "customers/notes" => notes::list(state, key, ask),
        "customers/{externalId}" => customers::one(state, key, ask, named),
        "customers-corporate" => customers::corporates(state, key, ask),
        "customers-corporate/history" => history::read(state, key, ask, Of::Corporates),
        "customers-corporate/{externalId}" => customers::corporate(state, key, ask, named, false),
        "customers-corporate/{externalId}/contacts" => customers::corporate(state, key, ask, named, true),
        "orders" => orders::list(state, key, ask),
        "orders/history" => history::read(state, key, ask, Of::Orders),
        "orders/{externalId}" => orders::one(state, key, ask, named),
        "segments" => reference::segments(state, ask),
        "tasks" => notes::tasks(state, ask),
        "users" => reference::users(state, ask),
        _ => reference::reference(state, named),
    }
}

fn write(state: &mut State, key: &str, ask: &Ask, pattern: &str) -> RetailResult<Response> {
    let named = ask.parts.get(1).map(String::as_str).unwrap_or_default();
    match pattern {
        "custom-fields/{entity}/create" => reference::create_field(state, ask, named),
        "customers/combine" => write::combine(state, key, ask),
        "customers/create" => write::create(state, key, ask),
        "customers/fix-external-ids" => write::fix_external_ids(state, key, ask),
        "customers/upload" => write::upload(state, key, ask),
        "customers/notes/create" => notes::create(state, key, ask),
        "customers/notes/{id}/delete" => notes::delete(state, ask.parts.get(2).map(String::as_str).unwrap_or_default()),
        "customers/{externalId}/edit" => write::edit(state, key, ask, named),
        "customers/{externalId}/subscriptions" => write::subscriptions(state, key, ask, named),
        "customers-corporate/create" => write::corporate(state, key, ask, None),
        "customers-corporate/{externalId}/edit" => write::corporate(state, key, ask, Some(named)),
        "orders/create" => orders::create(state, key, ask),
        "orders/{externalId}/edit" => orders::edit(state, key, ask, named),
        "tasks/create" => notes::create_task(state, key, ask),
        _ => Err(RetailError::not_found()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;

    #[test]
    fn every_method_a_key_may_have_is_served() {
        for method in keys::METHODS {
            let path =
                method.trim_start_matches("/api/v5").replace("{entity}", "customer").replace("{id}", "7").replace("{externalId}", "ext-1");
            let (_, pattern) = route(&Ask::new(Method::GET, &path, None, b"")).expect("a route");
            assert_eq!(*method, format!("/api/v5/{pattern}"));
        }
    }
}
