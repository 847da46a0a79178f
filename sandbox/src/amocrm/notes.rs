//! Notes of contacts and leads.

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    response::Response,
};
use serde_json::{Value, json};

use super::{
    Amo,
    api::{Ask, Here, MAX_LIMIT, page_of},
    hal,
    state::{ADMIN, Accepted, Note, Owner},
    write::{array, invalid, request_id},
};

/// The word for the owner in addresses.
fn list_of(owner: Owner) -> &'static str {
    match owner {
        Owner::Contact => "contacts",
        Owner::Lead => "leads",
    }
}

fn show(note: &Note, base: &str) -> Value {
    json!({ "id": note.id, "entity_id": note.entity_id, "created_by": ADMIN, "updated_by": ADMIN, "created_at": note.created_at,
        "updated_at": note.created_at, "responsible_user_id": ADMIN, "group_id": 0, "note_type": note.note_type, "params": note.params,
        "_links": { "self": { "href": format!("{base}/api/v4/{}/{}/notes/{}", list_of(note.owner), note.entity_id, note.id) } } })
}

fn answer(amo: &Amo, owner: Owner, ask: &Ask, ids: &[u64], here: &Here) -> Response {
    let (page, limit) = match ask.page(MAX_LIMIT, 50) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let kinds = ask.all("filter[note_type]");
    let from = ask.number("filter[updated_at][from]");
    let state = amo.state();
    let base = here.base.clone();
    let found: Vec<&Note> = state
        .notes
        .iter()
        .filter(|note| note.owner == owner && (ids.is_empty() || ids.contains(&note.entity_id)))
        .filter(|note| kinds.is_empty() || kinds.contains(&note.note_type))
        .filter(|note| from.is_none_or(|from| note.created_at >= from))
        .collect();
    let items = found.iter().skip((page - 1) * limit).take(limit).map(|note| show(note, &base)).collect();
    page_of("notes", items, found.len() > page * limit, page, here)
}

fn all(amo: &Amo, owner: Owner, raw: Option<&str>, here: &Here) -> Response {
    let ask = Ask::parse(raw);
    let ids: Vec<u64> = ask.all("filter[entity_id]").iter().filter_map(|id| id.parse().ok()).collect();
    answer(amo, owner, &ask, &ids, here)
}

/// `GET /contacts/notes`.
pub async fn list(State(amo): State<Amo>, RawQuery(raw): RawQuery, here: Here) -> Response {
    all(&amo, Owner::Contact, raw.as_deref(), &here)
}

/// `GET /leads/notes`.
pub async fn list_of_leads(State(amo): State<Amo>, RawQuery(raw): RawQuery, here: Here) -> Response {
    all(&amo, Owner::Lead, raw.as_deref(), &here)
}

/// `GET /contacts/{id}/notes`.
pub async fn of_contact(State(amo): State<Amo>, Path(id): Path<u64>, RawQuery(raw): RawQuery, here: Here) -> Response {
    answer(&amo, Owner::Contact, &Ask::parse(raw.as_deref()), &[id], &here)
}

/// `GET /leads/{id}/notes`.
pub async fn of_lead(State(amo): State<Amo>, Path(id): Path<u64>, RawQuery(raw): RawQuery, here: Here) -> Response {
    answer(&amo, Owner::Lead, &Ask::parse(raw.as_deref()), &[id], &here)
}

/// What must be in `params`, by type.
fn required(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "common" => &["text"],
        "service_message" | "extended_service_message" => &["service", "text"],
        "sms_in" | "sms_out" => &["text", "phone"],
        "call_in" | "call_out" => &["uniq", "duration", "source", "link", "phone"],
        _ => return None,
    })
}

/// `POST /contacts/notes`.
pub async fn create(State(amo): State<Amo>, here: Here, body: Json<Value>) -> Response {
    made(&amo, Owner::Contact, &here, body.0)
}

/// `POST /leads/notes`.
pub async fn create_of_leads(State(amo): State<Amo>, here: Here, body: Json<Value>) -> Response {
    made(&amo, Owner::Lead, &here, body.0)
}

/// All of the array or, with `validation-errors`, none.
fn made(amo: &Amo, owner: Owner, here: &Here, body: Value) -> Response {
    let items = match array(body) {
        Ok(items) => items,
        Err(refusal) => return refusal,
    };
    let (base, list) = (here.base.clone(), list_of(owner));
    let mut state = amo.state();
    let mut errors = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let known = item["entity_id"].as_u64().is_some_and(|id| match owner {
            Owner::Contact => state.contacts.get(&id).is_some_and(|contact| !contact.deleted),
            Owner::Lead => state.leads.get(&id).is_some_and(|lead| !lead.deleted),
        });
        let problem = if !known {
            Some(("NotFound", "entity_id", "The entity is not found."))
        } else {
            match required(item["note_type"].as_str().unwrap_or_default()) {
                None => Some(("NotSupportedChoice", "note_type", "The value you selected is not a valid choice.")),
                Some(keys) if keys.iter().any(|key| item["params"][key].is_null()) => {
                    Some(("FieldMissing", "params", "This field is missing."))
                }
                Some(_) => None,
            }
        };
        if let Some((code, path, detail)) = problem {
            errors.push((request_id(item, index), json!({ "code": code, "path": path, "detail": detail })));
        }
    }
    if !errors.is_empty() {
        return invalid(&errors);
    }
    let at = state.tick();
    let mut made = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let id = state.next_id();
        let entity_id = item["entity_id"].as_u64().unwrap_or_default();
        made.push(json!({ "id": id, "entity_id": entity_id, "request_id": request_id(&item, index),
            "_links": { "self": { "href": format!("{base}/api/v4/{list}/{entity_id}/notes/{id}") } } }));
        state.notes.push(Note {
            id,
            owner,
            entity_id,
            note_type: item["note_type"].as_str().unwrap_or_default().to_owned(),
            params: item["params"].clone(),
            created_at: at,
        });
        state.ledger.push(Accepted { what: "note", id: entity_id, body: item });
    }
    hal(&json!({ "_links": { "self": { "href": format!("{base}/api/v4/{list}/notes") } }, "_embedded": { "notes": made } }))
}
