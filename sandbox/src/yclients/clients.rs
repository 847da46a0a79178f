//! Clients: the old list, which is the feed of changes; the card; creation, change and removal;
//! comments.

use std::collections::BTreeMap;

use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Value, json};

use super::{
    access::{Caller, Rights},
    book::{digits, flag, whole},
    error::{YcError, YcResult},
    server::{Asked, created, ok, page, removed},
    settings::Brand,
    show::{self, Eyes},
    state::{Client, Comment, Company, State},
};

/// A time of the query: by the clock on the company's wall, unless it has an offset of its own.
pub(crate) fn moment(company: &Company, text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let wall =
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S"));
    let wall = wall.or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(chrono::NaiveTime::MIN)));
    wall.ok().map(|wall| company.moment(wall))
}

/// `changed_after` and `changed_before`, both inclusive, to the second.
pub(crate) fn changed(company: &Company, asked: &Asked) -> YcResult<impl Fn(DateTime<Utc>) -> bool + use<>> {
    let read = |key: &str| match asked.get(key).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => moment(company, text).map(|at| Some(at.timestamp())).ok_or_else(|| YcError::new(400, format!("{key} is no time"))),
    };
    let (after, before) = (read("changed_after")?, read("changed_before")?);
    Ok(move |at: DateTime<Utc>| {
        let at = at.timestamp();
        after.is_none_or(|after| at >= after) && before.is_none_or(|before| at <= before)
    })
}

/// `GET /clients/{company}`.
pub(crate) fn list(state: &State, company: i64, rights: &Rights, asked: &Asked) -> YcResult {
    let (place, settings) = (state.company(company)?, &state.settings);
    let in_time = changed(place, asked)?;
    let (skip, take) = asked.page(settings.list_page);
    let holds = |key: &str, value: &str| asked.get(key).is_none_or(|wanted| value.to_lowercase().contains(&wanted.to_lowercase()));
    let ids = asked.all("id");
    let found: Vec<&Client> = place
        .clients
        .values()
        .filter(|client| !rights.hidden_clients.contains(&client.id))
        .filter(|client| ids.is_empty() || ids.contains(&client.id))
        .filter(|client| holds("fullname", &format!("{} {}", client.name, client.surname)) && holds("phone", &client.phone))
        .filter(|client| holds("email", &client.email) && holds("card", &client.card))
        .filter(|client| asked.number("paid_min").is_none_or(|least| client.paid >= least))
        .filter(|client| asked.number("paid_max").is_none_or(|most| client.paid <= most))
        .filter(|client| !settings.changed_after || in_time(client.changed))
        .collect();
    let shown = found.iter().skip(skip).take(take).map(|client| show::client(settings, place, client, Eyes::User(rights)));
    let shown = json!(shown.collect::<Vec<_>>());
    Ok(match settings.count_beside {
        true => axum::Json(json!({ "success": true, "data": shown, "count": found.len(), "meta": [] })).into_response(),
        false => page(&shown, &json!({ "total_count": found.len() })),
    })
}

/// The client, if this user sees it.
pub(crate) fn seen<'a>(state: &'a State, company: i64, client: i64, rights: &Rights) -> YcResult<(&'a Company, &'a Client)> {
    let place = state.company(company)?;
    let client = place.clients.get(&client).filter(|client| !rights.hidden_clients.contains(&client.id));
    Ok((place, client.ok_or_else(YcError::not_found)?))
}

fn card(state: &State, company: i64, client: i64, rights: &Rights) -> YcResult<Value> {
    let (place, client) = seen(state, company, client, rights)?;
    Ok(show::client(&state.settings, place, client, Eyes::User(rights)))
}

/// `GET /client/{company}/{id}`.
pub(crate) fn one(state: &State, company: i64, client: i64, rights: &Rights) -> YcResult {
    card(state, company, client, rights).map(|shown| ok(&shown))
}

/// What is wrong with a client that is sent, by field.
fn check(company: &Company, body: &Value, labels: &str) -> YcResult<()> {
    let mut errors = Vec::new();
    if body["name"].as_str().is_none_or(|name| name.trim().is_empty()) {
        errors.push(("name", "Name is required"));
    }
    if digits(&body["phone"]).is_none() {
        errors.push(("phone", "Phone is not valid"));
    }
    let birth = &body["birth_date"];
    let no_date = birth.as_str().is_some_and(|text| !text.is_empty() && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_err());
    if no_date {
        errors.push(("birth_date", "Date is not valid"));
    }
    let unknown = |id: &Value| whole(id).is_none_or(|id| company.categories.iter().all(|category| category.id != id));
    if body[labels].as_array().is_some_and(|ids| ids.iter().any(unknown)) {
        errors.push(("labels", "Category is not found"));
    }
    let named = body["custom_fields"].as_object();
    if named.is_some_and(|named| named.keys().any(|code| company.client_fields.iter().all(|field| field.code != *code))) {
        errors.push(("custom_fields", "Field is not found"));
    }
    if errors.is_empty() { Ok(()) } else { Err(YcError::invalid(&errors)) }
}

/// What was sent over what is kept.
fn apply(client: &mut Client, body: &Value, brand: Brand) {
    let (patronymic, sex, labels) = match brand {
        Brand::Yclients => ("patronymic", "sex_id", "labels"),
        Brand::Altegio => ("middle_name", "gender_id", "categories"),
    };
    for (key, slot) in [
        ("name", &mut client.name),
        ("surname", &mut client.surname),
        (patronymic, &mut client.patronymic),
        ("email", &mut client.email),
        ("card", &mut client.card),
        ("comment", &mut client.comment),
    ] {
        if let Some(text) = body[key].as_str() {
            text.clone_into(slot);
        }
    }
    if let Some(phone) = digits(&body["phone"]) {
        client.phone = phone;
    }
    for (key, slot) in [
        (sex, &mut client.sex_id),
        ("importance_id", &mut client.importance_id),
        ("discount", &mut client.discount),
        ("spent", &mut client.spent),
        ("balance", &mut client.balance),
    ] {
        if let Some(number) = whole(&body[key]) {
            *slot = number;
        }
    }
    for (key, slot) in [("sms_check", &mut client.sms_check), ("sms_not", &mut client.sms_not)] {
        if !body[key].is_null() {
            *slot = flag(&body[key]);
        }
    }
    if let Some(text) = body["birth_date"].as_str() {
        client.birth_date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    }
    if let Some(ids) = body[labels].as_array() {
        client.categories = ids.iter().filter_map(whole).collect();
    }
    if let Some(named) = body["custom_fields"].as_object() {
        client.custom_fields = named.iter().map(|(code, value)| (code.clone(), value.clone())).collect::<BTreeMap<_, _>>();
    }
}

fn labels_key(state: &State) -> &'static str {
    match state.settings.brand {
        Brand::Yclients => "labels",
        Brand::Altegio => "categories",
    }
}

fn add(state: &mut State, caller: &Caller, company: i64, body: &Value) -> YcResult<Value> {
    check(state.company(company)?, body, labels_key(state))?;
    let mut client = Client { id: state.next_id(), sms_check: true, ..Client::default() };
    apply(&mut client, body, state.settings.brand);
    state.accepted(company, "client", "create", client.id, body.clone());
    state.put_client(company, client, "create", Some(&caller.partner))
}

/// `POST /clients/{company}`. A phone may belong to two clients.
pub(crate) fn create(state: &mut State, caller: &Caller, company: i64, body: &Value) -> YcResult {
    add(state, caller, company, body).map(|shown| created(&shown))
}

/// `POST /clients/{company}/bulk`: all of the list, or none if one is wrong.
pub(crate) fn bulk(state: &mut State, caller: &Caller, company: i64, body: &Value) -> YcResult {
    let list = body.as_array().filter(|list| !list.is_empty()).ok_or_else(|| YcError::new(400, "A list is expected."))?;
    for item in list {
        check(state.company(company)?, item, labels_key(state))?;
    }
    let mut made = Vec::new();
    for item in list {
        made.push(add(state, caller, company, item)?);
    }
    Ok(created(&json!(made)))
}

/// `PUT /client/{company}/{id}`: no partial update.
pub(crate) fn update(state: &mut State, caller: &Caller, company: i64, client: i64, rights: &Rights, body: &Value) -> YcResult {
    let (place, known) = seen(state, company, client, rights)?;
    check(place, body, labels_key(state))?;
    let kept = known.clone();
    let mut next = match state.settings.put_resets {
        true => {
            Client { id: client, paid: kept.paid, sms_bot: kept.sms_bot, abonement_balance: kept.abonement_balance, ..Client::default() }
        }
        false => kept,
    };
    apply(&mut next, body, state.settings.brand);
    state.accepted(company, "client", "update", client, body.clone());
    state.put_client(company, next, "update", Some(&caller.partner))?;
    one(state, company, client, rights)
}

/// `DELETE /client/{company}/{id}`.
pub(crate) fn delete(state: &mut State, caller: &Caller, company: i64, client: i64, rights: &Rights) -> YcResult {
    seen(state, company, client, rights)?;
    state.accepted(company, "client", "delete", client, Value::Null);
    state.drop_client(company, client, Some(&caller.partner))?;
    Ok(removed(state))
}

fn comment_shown(company: &Company, comment: &Comment, user: i64) -> Value {
    let at = company.local(comment.created).format("%Y-%m-%dT%H:%M:%S%z").to_string();
    json!({ "id": comment.id, "create_date": at, "update_date": at, "type": "default", "text": comment.text, "files": [],
        "user": { "id": user } })
}

/// `POST …/clients/{client}/comments`.
pub(crate) fn comment(state: &mut State, caller: &Caller, company: i64, client: i64, rights: &Rights, body: &Value) -> YcResult {
    seen(state, company, client, rights)?;
    let text = body["text"].as_str().filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| YcError::invalid(&[("text", "Text is required")]))?.to_owned();
    let comment = Comment { id: state.next_id(), client, text, created: state.now() };
    state.accepted(company, "comment", "create", client, body.clone());
    let place = state.company_mut(company)?;
    let shown = comment_shown(place, &comment, caller.user);
    place.comments.push(comment);
    Ok(created(&shown))
}

/// `GET` of the same path, where the settings have it.
pub(crate) fn comments(state: &State, company: i64, client: i64, rights: &Rights) -> YcResult {
    let (place, client) = seen(state, company, client, rights)?;
    let shown = place.comments.iter().filter(|comment| comment.client == client.id).map(|comment| comment_shown(place, comment, 0));
    Ok(ok(&json!(shown.collect::<Vec<_>>())))
}

/// `POST /sms/clients/by_id/{company}`: nobody gets an SMS, but the ledger has it.
pub(crate) fn sms(state: &mut State, company: i64, rights: &Rights, body: &Value) -> YcResult<Response> {
    let ids: Vec<i64> = body["client_ids"].as_array().into_iter().flatten().filter_map(whole).collect();
    if ids.is_empty() || body["text"].as_str().is_none_or(str::is_empty) {
        return Err(YcError::invalid(&[("client_ids", "Clients and a text are required")]));
    }
    for id in &ids {
        seen(state, company, *id, rights)?;
    }
    for id in ids {
        state.accepted(company, "sms", "create", id, body.clone());
    }
    Ok(ok(&Value::Null))
}
