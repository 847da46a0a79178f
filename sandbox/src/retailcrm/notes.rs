//! Notes about customers, and tasks of users (contract, 3).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    check::{self, Checking},
    customers::{envelope, visible},
    error::{BLANK, NOT_VALID, RetailError, RetailResult},
    keys::Key,
    state::{Note, State, Task},
    write::body,
};

/// `GET /customers/notes`: oldest first.
pub(crate) fn list(state: &State, key: &Key, ask: &Ask) -> RetailResult<Response> {
    if state.settings.strict {
        ask.only_filters(&["ids", "customerIds", "customerExternalIds", "managerIds", "text", "createdAtFrom", "createdAtTo"])?;
    }
    let (page, limit) = ask.page()?;
    let (ids, customers, external) = (ask.filters("ids"), ask.filters("customerIds"), ask.filters("customerExternalIds"));
    let (managers, text) = (ask.filters("managerIds"), ask.filter("text"));
    let (from, to) = (ask.moment("createdAtFrom", state.zone(), false)?, ask.moment("createdAtTo", state.zone(), true)?);
    let found: Vec<(&Note, &super::state::Customer)> = state
        .notes
        .values()
        .filter_map(|note| Some((note, state.customers.get(&note.customer)?)))
        .filter(|(note, customer)| {
            visible(key, &customer.site)
                && ids.as_ref().is_none_or(|ids| ids.contains(&note.id.to_string()))
                && customers.as_ref().is_none_or(|ids| ids.contains(&customer.id.to_string()))
                && external.as_ref().is_none_or(|ids| customer.external_id.as_ref().is_some_and(|id| ids.contains(id)))
                && managers.as_ref().is_none_or(|ids| note.manager.is_some_and(|id| ids.contains(&id.to_string())))
                && text.is_none_or(|text| note.text.contains(text))
                && from.is_none_or(|from| note.created_at >= from)
                && to.is_none_or(|to| note.created_at <= to)
        })
        .collect();
    let total = found.len();
    let shown = found.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).map(|(note, customer)| {
        let mut shown = Map::from_iter([
            ("customer".to_owned(), State::short_customer(customer, true)),
            ("id".to_owned(), json!(note.id)),
            ("text".to_owned(), json!(note.text)),
            ("createdAt".to_owned(), json!(state.written(note.created_at))),
        ]);
        if let Some(manager) = note.manager {
            shown.insert("managerId".to_owned(), json!(manager));
        }
        Value::Object(shown)
    });
    Ok(Json(envelope("notes", shown.collect(), total, page, limit)).into_response())
}

/// The customer of a body, by id or by external id and site; a merged one is told of.
fn customer_of(state: &State, key: &Key, ask: &Ask, value: &Value) -> RetailResult<u64> {
    let site = match value["site"].as_str() {
        Some(site) => Some(site.to_owned()),
        None => state.site(key, ask, value["id"].is_null())?,
    };
    let found = check::reference(state, value, site.as_deref().unwrap_or_default());
    let seen = found.and_then(|id| state.customers.get(&id)).filter(|customer| visible(key, &customer.site));
    match (seen, value["id"].as_u64()) {
        (Some(customer), _) => Ok(customer.id),
        (None, Some(id)) => Err(state.gone(id)),
        (None, None) => Err(RetailError::not_found()),
    }
}

/// `POST /customers/notes/create`.
pub(crate) fn create(state: &mut State, key: &str, ask: &Ask) -> RetailResult<Response> {
    let body = body(ask, "note")?;
    let mut check = Checking::of(&body);
    check.must("managerId", |value| value.as_u64().is_some_and(|id| state.users.contains_key(&id)));
    let text = body.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
    if text.trim().is_empty() {
        check.wrong("text", BLANK);
    }
    if !body.get("customer").is_some_and(Value::is_object) {
        check.wrong("customer", BLANK);
    }
    if !check.errors.is_empty() {
        return Err(RetailError::format(check.errors));
    }
    let customer = customer_of(state, state.key(key)?, ask, &body["customer"])?;
    let (id, created_at) = (state.next_id(), state.now());
    let manager = body.get("managerId").and_then(Value::as_u64);
    state.notes.insert(id, Note { id, customer, manager, text, created_at });
    state.accept("note", customer, true, Value::Object(body));
    Ok((StatusCode::CREATED, Json(json!({ "success": true, "id": id }))).into_response())
}

/// `POST /customers/notes/{id}/delete`.
pub(crate) fn delete(state: &mut State, id: &str) -> RetailResult<Response> {
    let gone = id.parse().ok().and_then(|id: u64| state.notes.remove(&id));
    let gone = gone.ok_or_else(RetailError::not_found)?;
    state.accept("note", gone.customer, false, json!({ "deleted": gone.id }));
    Ok(Json(json!({ "success": true })).into_response())
}

/// `GET /tasks`.
pub(crate) fn tasks(state: &State, ask: &Ask) -> RetailResult<Response> {
    if state.settings.strict {
        ask.only_filters(&["performers", "status", "customer", "text", "dateFrom", "dateTo"])?;
    }
    let (page, limit) = ask.page()?;
    let performers = ask.filters("performers");
    let status = ask.filter("status");
    if status.is_some_and(|status| !["performing", "completed", "expired"].contains(&status)) {
        return Err(RetailError::invalid("filter[status]", NOT_VALID));
    }
    let found: Vec<&Task> = state
        .tasks
        .values()
        .filter(|task| {
            performers.as_ref().is_none_or(|ids| ids.contains(&task.performer.to_string()))
                && status.is_none_or(|status| (status == "completed") == task.completed_at.is_some())
                && ask.filter("text").is_none_or(|text| task.text.contains(text))
        })
        .collect();
    let total = found.len();
    let shown = found.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).map(|task| show_task(state, task));
    Ok(Json(envelope("tasks", shown.collect(), total, page, limit)).into_response())
}

fn show_task(state: &State, task: &Task) -> Value {
    let mut shown = Map::from_iter([
        ("id".to_owned(), json!(task.id)),
        ("text".to_owned(), json!(task.text)),
        ("datetime".to_owned(), json!(task.datetime)),
        ("createdAt".to_owned(), json!(state.written(task.created_at))),
        ("complete".to_owned(), json!(task.completed_at.is_some())),
        ("performer".to_owned(), json!(task.performer)),
        ("performerType".to_owned(), json!("user")),
    ]);
    if !task.commentary.is_empty() {
        shown.insert("commentary".to_owned(), json!(task.commentary));
    }
    if let Some(customer) = task.customer.and_then(|id| state.customers.get(&id)) {
        shown.insert("customer".to_owned(), State::short_customer(customer, true));
    }
    if let Some(order) = task.order.and_then(|id| state.orders.get(&id)) {
        shown.insert("order".to_owned(), json!({ "id": order.id, "number": order.number }));
    }
    if let Some(at) = task.completed_at {
        shown.insert("completedAt".to_owned(), json!(state.written(at)));
    }
    Value::Object(shown)
}

/// `POST /tasks/create`.
pub(crate) fn create_task(state: &mut State, key: &str, ask: &Ask) -> RetailResult<Response> {
    let body = body(ask, "task")?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut check = Checking::of(&body);
    if text("text").trim().is_empty() {
        check.wrong("text", BLANK);
    }
    check.must("datetime", |value| value.as_str().is_some_and(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").is_ok()));
    let performer = body.get("performerId").and_then(Value::as_u64).filter(|id| state.users.contains_key(id));
    if performer.is_none() {
        check.wrong("performerId", if body.contains_key("performerId") { NOT_VALID } else { BLANK });
    }
    check.must("order", |value| value["id"].as_u64().is_some_and(|id| state.orders.contains_key(&id)));
    let (errors, performer) = (check.errors, performer.unwrap_or_default());
    if !errors.is_empty() {
        return Err(RetailError::format(errors));
    }
    let customer = body.get("customer").filter(|value| value.is_object());
    let customer = customer.map(|value| customer_of(state, state.key(key)?, ask, value)).transpose()?;
    let order = body.get("order").and_then(|order| order["id"].as_u64());
    let (id, created_at) = (state.next_id(), state.now());
    let (text, commentary, datetime) = (text("text"), text("commentary"), text("datetime"));
    state.tasks.insert(id, Task { id, text, commentary, datetime, performer, customer, order, created_at, completed_at: None });
    state.accept("task", id, true, Value::Object(body));
    Ok((StatusCode::CREATED, Json(json!({ "success": true, "id": id }))).into_response())
}
