//! Tasks of contacts and leads.

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use super::{
    Amo,
    api::{Ask, Here, MAX_LIMIT, page_of},
    hal, problem,
    state::{ADMIN, Accepted, State as Data},
    write::{array, invalid, request_id},
};

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: u64,
    pub text: String,
    /// Unix seconds.
    pub complete_till: i64,
    pub entity_id: u64,
    /// `contacts`, `leads`.
    pub entity_type: String,
    /// 1: a follow-up; 2: a meeting.
    pub task_type_id: u64,
    /// The user who is to do it.
    pub responsible: u64,
    pub done: bool,
    /// What came of it.
    pub result: Option<String>,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds.
    pub updated_at: i64,
}

impl Task {
    fn show(&self, account: u64, base: &str) -> Value {
        let result = self.result.as_ref().map_or_else(|| json!([]), |text| json!({ "text": text }));
        json!({ "id": self.id, "created_by": ADMIN, "updated_by": ADMIN, "created_at": self.created_at, "updated_at": self.updated_at,
            "responsible_user_id": self.responsible, "group_id": 0, "entity_id": self.entity_id, "entity_type": self.entity_type,
            "is_completed": self.done, "task_type_id": self.task_type_id, "text": self.text, "result": result,
            "complete_till": self.complete_till, "account_id": account,
            "_links": { "self": { "href": format!("{base}/api/v4/tasks/{}", self.id) } } })
    }
}

impl Amo {
    /// Every task, oldest first.
    #[must_use]
    pub fn tasks(&self) -> Vec<Task> {
        self.state().tasks.clone()
    }
}

/// `GET /tasks`; its filters are named as those of the other lists (unconfirmed).
pub async fn list(State(amo): State<Amo>, RawQuery(raw): RawQuery, here: Here) -> Response {
    let ask = Ask::parse(raw.as_deref());
    let (page, limit) = match ask.page(MAX_LIMIT, 50) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let among = |key: &str, value: String| {
        let wanted = ask.all(&format!("filter[{key}]"));
        wanted.is_empty() || wanted.contains(&value)
    };
    let state = amo.state();
    let found: Vec<&Task> = state
        .tasks
        .iter()
        .filter(|task| among("entity_id", task.entity_id.to_string()) && among("entity_type", task.entity_type.clone()))
        .filter(|task| among("id", task.id.to_string()) && among("responsible_user_id", task.responsible.to_string()))
        .filter(|task| among("is_completed", u8::from(task.done).to_string()))
        .filter(|task| ask.number("filter[updated_at][from]").is_none_or(|from| task.updated_at >= from))
        .collect();
    let items = found.iter().skip((page - 1) * limit).take(limit).map(|task| task.show(state.account, &here.base)).collect();
    page_of("tasks", items, found.len() > page * limit, page, &here)
}

fn wrong(state: &Data, item: &Value) -> Option<Value> {
    let error = |code: &str, path: &str, detail: &str| Some(json!({ "code": code, "path": path, "detail": detail }));
    let missing = |path: &str| error("FieldMissing", path, "This field is missing.");
    if item["text"].as_str().is_none_or(str::is_empty) {
        return missing("text");
    }
    if item["complete_till"].as_i64().is_none() {
        return missing("complete_till");
    }
    let (id, user) = (item["entity_id"].as_u64(), &item["responsible_user_id"]);
    let there = match (item["entity_type"].as_str(), id) {
        (Some("contacts"), Some(id)) => state.contacts.get(&id).is_some_and(|contact| !contact.deleted),
        (Some("leads"), Some(id)) => state.leads.get(&id).is_some_and(|lead| !lead.deleted),
        // Of nothing at all.
        (None, None) => true,
        _ => false,
    };
    if !there {
        return error("NotFound", "entity_id", "The entity is not found.");
    }
    if !user.is_null() && user.as_u64().is_none_or(|user| !state.users.contains_key(&user)) {
        return error("NotSupportedChoice", "responsible_user_id", "The value you selected is not a valid choice.");
    }
    None
}

/// `POST /tasks`: all of the array or, with `validation-errors`, none.
pub async fn create(State(amo): State<Amo>, here: Here, body: Json<Value>) -> Response {
    let items = match array(body.0) {
        Ok(items) => items,
        Err(refusal) => return refusal,
    };
    let mut state = amo.state();
    let errors: Vec<_> =
        items.iter().enumerate().filter_map(|(index, item)| Some((request_id(item, index), wrong(&state, item)?))).collect();
    if !errors.is_empty() {
        return invalid(&errors);
    }
    let at = state.tick();
    let mut made = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let id = state.next_id();
        made.push(json!({ "id": id, "request_id": request_id(&item, index),
            "_links": { "self": { "href": format!("{}/api/v4/tasks/{id}", here.base) } } }));
        state.tasks.push(Task {
            id,
            text: item["text"].as_str().unwrap_or_default().to_owned(),
            complete_till: item["complete_till"].as_i64().unwrap_or_default(),
            entity_id: item["entity_id"].as_u64().unwrap_or_default(),
            entity_type: item["entity_type"].as_str().unwrap_or_default().to_owned(),
            task_type_id: item["task_type_id"].as_u64().unwrap_or(1),
            responsible: item["responsible_user_id"].as_u64().unwrap_or(ADMIN),
            done: false,
            result: None,
            created_at: at,
            updated_at: at,
        });
        state.ledger.push(Accepted { what: "task", id, body: item });
    }
    hal(&json!({ "_links": { "self": { "href": format!("{}/api/v4/tasks", here.base) } }, "_embedded": { "tasks": made } }))
}

/// `PATCH /tasks/{id}`: closes it.
pub async fn update(State(amo): State<Amo>, Path(id): Path<u64>, Json(item): Json<Value>) -> Response {
    let mut state = amo.state();
    let at = state.tick();
    let Some(task) = state.tasks.iter_mut().find(|task| task.id == id) else {
        return problem(StatusCode::NOT_FOUND, "Not Found", "Resource not found");
    };
    task.done = item["is_completed"].as_bool().unwrap_or(task.done);
    task.result = item["result"]["text"].as_str().map(str::to_owned).or(task.result.take());
    task.updated_at = at;
    state.ledger.push(Accepted { what: "task", id, body: item });
    hal(&json!({ "id": id, "updated_at": at }))
}
