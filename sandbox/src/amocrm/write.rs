//! Writing contacts, fields and tags.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Map, Value, json};

use super::{
    Amo, answer,
    api::{Here, MAX_LIMIT},
    hal, problem, seed,
    state::{ACCOUNT, Accepted, Contact, State as Data},
};

/// The body as the array it must be, of at most 250 items.
#[allow(clippy::result_large_err, reason = "the refusal is the answer itself")]
pub fn array(body: Value) -> Result<Vec<Value>, Response> {
    match body {
        Value::Array(items) if items.is_empty() => Err(problem(StatusCode::BAD_REQUEST, "Bad Request", "Empty array")),
        Value::Array(items) if items.len() > MAX_LIMIT => {
            Err(problem(StatusCode::UNPROCESSABLE_ENTITY, "Unprocessable Entity", "Too many items"))
        }
        Value::Array(items) => Ok(items),
        _ => Err(problem(StatusCode::BAD_REQUEST, "Bad Request", "An array is expected")),
    }
}

/// The caller's mark of an item, or its place.
pub fn request_id(item: &Value, index: usize) -> String {
    match &item["request_id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => index.to_string(),
    }
}

/// The provider's refusal that names the items.
pub fn invalid(errors: &[(String, Value)]) -> Response {
    let errors: Vec<Value> = errors.iter().map(|(id, error)| json!({ "request_id": id, "errors": [error] })).collect();
    let body = json!({ "validation-errors": errors, "title": "Bad Request", "type": "https://httpstatus.es/400", "status": 400, "detail": "Request validation failed" });
    answer(StatusCode::BAD_REQUEST, "application/problem+json", &body)
}

fn error(code: &str, path: &str, detail: &str) -> Value {
    json!({ "code": code, "path": path, "detail": detail })
}

/// The field an entry of `custom_fields_values` names.
fn field_of(data: &Data, entry: &Value) -> Option<u64> {
    if let Some(id) = entry["field_id"].as_u64() {
        return data.field(id).map(|_| id);
    }
    let code = entry["field_code"].as_str()?;
    data.fields.iter().find(|field| field["code"] == code)?["id"].as_u64()
}

/// What is wrong with the values of a field, by its type.
fn wrong_values(field: &Value, values: &[Value]) -> bool {
    let listed = |value: &Value| {
        let enums = field["enums"].as_array().cloned().unwrap_or_default();
        enums.iter().any(|choice| {
            (!value["enum_id"].is_null() && choice["id"] == value["enum_id"])
                || (!value["value"].is_null() && choice["value"] == value["value"])
        })
    };
    values.iter().any(|value| match field["type"].as_str().unwrap_or_default() {
        "checkbox" => !value["value"].is_boolean(),
        "numeric" => value["value"].as_f64().or_else(|| value["value"].as_str().and_then(|text| text.parse().ok())).is_none(),
        "select" | "radiobutton" | "multiselect" => !listed(value),
        "date" | "birthday" | "date_time" => !(value["value"].is_i64() || value["value"].is_string()),
        _ => value["value"].is_null(),
    })
}

fn check(data: &Data, item: &Value) -> Option<Value> {
    let entries = match &item["custom_fields_values"] {
        Value::Null => return None,
        Value::Array(entries) => entries,
        _ => return Some(error("InvalidType", "custom_fields_values", "This value should be of type array.")),
    };
    entries.iter().enumerate().find_map(|(index, entry)| {
        let at = |part: &str| format!("custom_fields_values.{index}.{part}");
        let Some(field) = field_of(data, entry).and_then(|id| data.field(id)) else {
            return Some(error("NotSupportedChoice", &at("field_id"), "The value you selected is not a valid choice."));
        };
        match &entry["values"] {
            Value::Null => None,
            Value::Array(values) if !wrong_values(field, values) => None,
            _ => Some(error("InvalidType", &at("values"), "This value is not valid.")),
        }
    })
}

fn apply(data: &mut Data, contact: &mut Contact, item: &Value) {
    for (key, slot) in [("name", &mut contact.name), ("first_name", &mut contact.first_name), ("last_name", &mut contact.last_name)] {
        if let Some(text) = item[key].as_str() {
            text.clone_into(slot);
        }
    }
    if contact.name.is_empty() {
        contact.name = format!("{} {}", contact.first_name, contact.last_name).trim().to_owned();
    }
    for entry in item["custom_fields_values"].as_array().into_iter().flatten() {
        let Some(id) = field_of(data, entry) else { continue };
        match entry["values"].as_array() {
            Some(values) => contact.values.insert(id, values.clone()),
            None => contact.values.remove(&id),
        };
    }
    let named = |data: &Data, tag: &Value| match tag["name"].as_str() {
        Some(name) => Some(name.to_owned()),
        None => data.tags.iter().find(|(_, id)| tag["id"] == **id).map(|(name, _)| name.clone()),
    };
    match &item["_embedded"]["tags"] {
        Value::Array(tags) => contact.tags = tags.iter().filter_map(|tag| named(data, tag)).collect(),
        Value::Null if item["_embedded"].get("tags").is_some() => contact.tags.clear(),
        _ => {
            let gone: Vec<String> = item["tags_to_delete"].as_array().into_iter().flatten().filter_map(|tag| named(data, tag)).collect();
            contact.tags.retain(|tag| !gone.contains(tag));
            for tag in item["tags_to_add"].as_array().into_iter().flatten().filter_map(|tag| named(data, tag)) {
                if !contact.tags.contains(&tag) {
                    contact.tags.push(tag);
                }
            }
        }
    }
    for tag in contact.tags.clone() {
        data.tag_id(&tag);
    }
}

/// Applies checked items; hooks follow.
fn accept(amo: &Amo, items: Vec<Value>, fresh: bool, base: &str) -> Vec<Value> {
    let mut raised = Vec::new();
    let mut shown = Vec::new();
    {
        let mut data = amo.state();
        let at = data.tick();
        for (index, item) in items.into_iter().enumerate() {
            let id = if fresh { data.next_id() } else { item["id"].as_u64().unwrap_or_default() };
            let mut contact = data.contacts.get(&id).cloned().unwrap_or_else(|| Contact { id, created_at: at, ..Contact::default() });
            apply(&mut data, &mut contact, &item);
            contact.updated_at = at;
            contact.updated_by = super::state::ADMIN;
            data.contacts.insert(id, contact);
            if fresh {
                data.event("contact_added", id, at);
            }
            shown.push(json!({ "id": id, "updated_at": at, "is_deleted": false, "request_id": request_id(&item, index),
                "_links": { "self": { "href": format!("{base}/api/v4/contacts/{id}") } } }));
            data.ledger.push(Accepted { what: "contact", id, body: item });
            raised.push((id, at));
        }
    }
    for (id, at) in raised {
        amo.raise(if fresh { "add" } else { "update" }, id, at);
    }
    shown
}

fn contacts_answer(shown: Vec<Value>, base: &str) -> Response {
    hal(&json!({ "_links": { "self": { "href": format!("{base}/api/v4/contacts") } }, "_embedded": { "contacts": shown } }))
}

/// `POST /contacts`.
pub async fn create(State(amo): State<Amo>, here: Here, body: Json<Value>) -> Response {
    let items = match array(body.0) {
        Ok(items) => items,
        Err(refusal) => return refusal,
    };
    let errors: Vec<_> = {
        let data = amo.state();
        items.iter().enumerate().filter_map(|(index, item)| Some((request_id(item, index), check(&data, item)?))).collect()
    };
    if !errors.is_empty() {
        return invalid(&errors);
    }
    let base = here.base.clone();
    contacts_answer(accept(&amo, items, true, &base), &base)
}

/// `PATCH /contacts`.
pub async fn update(State(amo): State<Amo>, here: Here, body: Json<Value>) -> Response {
    let items = match array(body.0) {
        Ok(items) => items,
        Err(refusal) => return refusal,
    };
    let errors: Vec<_> = {
        let data = amo.state();
        items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                let known = item["id"].as_u64().is_some_and(|id| data.contacts.get(&id).is_some_and(|contact| !contact.deleted));
                let wrong = if known { check(&data, item) } else { Some(error("NotFound", "id", "The entity is not found.")) };
                Some((request_id(item, index), wrong?))
            })
            .collect()
    };
    if !errors.is_empty() {
        return invalid(&errors);
    }
    let base = here.base.clone();
    contacts_answer(accept(&amo, items, false, &base), &base)
}

/// `PATCH /contacts/{id}`: an object.
pub async fn update_one(State(amo): State<Amo>, Path(id): Path<u64>, here: Here, Json(body): Json<Value>) -> Response {
    let Value::Object(mut item) = body else {
        return problem(StatusCode::BAD_REQUEST, "Bad Request", "An object is expected");
    };
    if amo.contact(id).is_none() {
        return problem(StatusCode::NOT_FOUND, "Not Found", "Resource not found");
    }
    item.insert("id".to_owned(), json!(id));
    let item = Value::Object(item);
    let wrong = check(&amo.state(), &item);
    if let Some(wrong) = wrong {
        return invalid(&[(request_id(&item, 0), wrong)]);
    }
    let shown = accept(&amo, vec![item], false, &here.base.clone());
    hal(shown.first().unwrap_or(&Value::Null))
}

/// `POST /contacts/custom_fields`.
pub async fn create_fields(State(amo): State<Amo>, here: Here, body: Json<Value>) -> Response {
    let items = match array(body.0) {
        Ok(items) => items,
        Err(refusal) => return refusal,
    };
    let mut data = amo.state();
    let wrong: Vec<_> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| item["name"].as_str().is_none_or(str::is_empty) || item["type"].as_str().is_none())
        .map(|(index, item)| (request_id(item, index), error("FieldMissing", "name", "This field is missing.")))
        .collect();
    if !wrong.is_empty() {
        return invalid(&wrong);
    }
    let mut made = Vec::new();
    for item in items {
        let id = data.next_id();
        let enums: Vec<Value> = item["enums"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|choice| {
                let mut choice: Map<String, Value> = choice.as_object().cloned().unwrap_or_default();
                choice.insert("id".to_owned(), json!(data.next_id()));
                Value::Object(choice)
            })
            .collect();
        let field = seed::field(
            id,
            item["name"].as_str().unwrap_or_default(),
            item["type"].as_str().unwrap_or_default(),
            item["code"].as_str(),
            (!enums.is_empty()).then_some(Value::Array(enums)),
        );
        data.fields.push(field.clone());
        data.ledger.push(Accepted { what: "field", id, body: item });
        made.push(field);
    }
    let base = here.base.clone();
    hal(&json!({ "_total_items": made.len(), "_links": { "self": { "href": format!("{base}/api/v4/contacts/custom_fields") } },
        "_embedded": { "custom_fields": made } }))
}

/// `POST /contacts/tags`: a taken name gives the tag that has it.
pub async fn create_tags(State(amo): State<Amo>, body: Json<Value>) -> Response {
    let items = match array(body.0) {
        Ok(items) => items,
        Err(refusal) => return refusal,
    };
    let mut data = amo.state();
    let mut made = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let Some(name) = item["name"].as_str().map(str::to_owned) else {
            return invalid(&[(request_id(&item, index), error("FieldMissing", "name", "This field is missing."))]);
        };
        let id = data.tag_id(&name);
        made.push(json!({ "id": id, "name": name, "color": null, "request_id": request_id(&item, index), "account_id": ACCOUNT }));
        data.ledger.push(Accepted { what: "tag", id, body: item });
    }
    hal(&json!({ "_total_items": made.len(), "_embedded": { "tags": made } }))
}
