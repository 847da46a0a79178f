//! Tasks by REST 2 and by REST 3.0, which has keys of idempotency.

use axum::http::HeaderMap;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    auth::Caller,
    error::{B24Error, B24Result},
    params::{Params, listed, whole},
    server::Reply,
    state::State,
};

/// The one method of tasks here.
pub(crate) const ADD: &str = "tasks.task.add";
/// Keys are kept so long.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// A task for a person of the company.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) title: String,
    pub(crate) responsible: i64,
    /// Elements it is about: `C_75`.
    pub(crate) about: Vec<String>,
}

fn put(state: &mut State, caller: &Caller, method: &str, task: Task, params: &Params) -> B24Result<i64> {
    let portal = state.portal_mut(caller.portal)?;
    if !portal.users.contains_key(&task.responsible) {
        return Err(B24Error::bad("There is no such responsible person"));
    }
    let id = portal.next_id();
    portal.tasks.push(task);
    state.accepted(caller.portal, method, id, &params.all);
    Ok(id)
}

/// `tasks.task.add` of REST 2: fields in capitals.
pub(crate) fn add(state: &mut State, caller: &Caller, params: &Params) -> B24Result<Reply> {
    let fields = params.fields()?;
    let title = fields.get("TITLE").and_then(Value::as_str).filter(|title| !title.is_empty());
    let task = Task {
        title: title.ok_or_else(|| B24Error::missing("TITLE"))?.to_owned(),
        responsible: fields.get("RESPONSIBLE_ID").and_then(whole).ok_or_else(|| B24Error::missing("RESPONSIBLE_ID"))?,
        about: listed(fields.get("UF_CRM_TASK").unwrap_or(&Value::Null))
            .into_iter()
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect(),
    };
    let id = put(state, caller, ADD, task, params)?;
    Ok(Reply::of(json!({ "task": { "id": id.to_string() } })))
}

/// A method of REST 3.0: the result, and whether it is the answer of an earlier call with the same
/// key. Where the task stands in the result (`item`) is in no contract.
pub(crate) fn v3(state: &mut State, caller: &Caller, method: &str, params: &Params, headers: &HeaderMap) -> B24Result<(Value, bool)> {
    match method {
        "rest.documentation.openapi" => {
            return Ok((json!({ "openapi": "3.0.0", "paths": { "/tasks.task.add": { "post": {} } } }), false));
        }
        ADD => {}
        _ => return Err(B24Error::v3(404, "METHODNOTFOUNDEXCEPTION", "Method not found", Value::Null)),
    }
    if !caller.scopes.iter().any(|scope| scope == "task") {
        return Err(B24Error::v3(403, "ACCESSDENIEDEXCEPTION", "Access denied", Value::Null));
    }
    let now = state.now();
    let key = match headers.get("idempotency-key") {
        None => None,
        Some(key) => {
            let key =
                key.to_str().ok().filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            let wrong = || B24Error::v3(400, "VALIDATION_IDEMPOTENCYKEYEXCEPTION", "The key is not valid", Value::Null);
            Some((caller.user, key.ok_or_else(wrong)?.to_owned()))
        }
    };
    let mut body = params.all.clone();
    if let Value::Object(body) = &mut body {
        body.remove("auth");
    }
    let portal = state.portal_mut(caller.portal)?;
    portal.replayed.retain(|_, (_, _, until)| now < *until);
    if let Some((sent, answer, _)) = key.as_ref().and_then(|key| portal.replayed.get(key)) {
        if *sent != body {
            return Err(B24Error::v3(422, "IDEMPOTENCYCONFLICTEXCEPTION", "The key was used with another body", Value::Null));
        }
        return Ok((answer.clone(), true));
    }
    let fields = &params.all["fields"];
    let mut wrong = Vec::new();
    let title = fields["title"].as_str().filter(|title| !title.is_empty());
    let (responsible, creator) = (whole(&fields["responsibleId"]), whole(&fields["creatorId"]));
    for (name, there) in [("title", title.is_some()), ("responsibleId", responsible.is_some()), ("creatorId", creator.is_some())] {
        if !there {
            wrong.push(json!({ "field": name, "message": format!("Required field `{name}` is missing") }));
        }
    }
    let (Some(title), Some(responsible)) = (title.filter(|_| wrong.is_empty()), responsible) else {
        return Err(B24Error::v3(400, "VALIDATION_REQUESTVALIDATIONEXCEPTION", "The request is not valid", json!(wrong)));
    };
    let about = listed(&fields["crmItemIds"]).into_iter().filter_map(|id| id.as_str().map(str::to_owned)).collect();
    let task = Task { title: title.to_owned(), responsible, about };
    let refused = |error: B24Error| B24Error::v3(error.status, "VALIDATION_REQUESTVALIDATIONEXCEPTION", &error.description, json!([]));
    let id = put(state, caller, "v3 tasks.task.add", task, params).map_err(refused)?;
    let answer = json!({ "item": { "id": id } });
    if let Some(key) = key {
        // Only what succeeded is kept.
        state.portal_mut(caller.portal)?.replayed.insert(key, (body, answer.clone(), now + KEPT));
    }
    Ok((answer, false))
}
