//! Records: appointments with a master, services and, mostly, a client.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use super::{
    access::{Caller, Rights},
    book::{digits, flag, whole},
    clients::changed,
    error::{YcError, YcResult},
    server::{Asked, created, ok, page, removed},
    show::{self, Eyes},
    state::{Client, Company, Record, State},
};

/// `GET /records/{company}`.
pub(crate) fn list(state: &State, company: i64, rights: &Rights, asked: &Asked) -> YcResult {
    let (place, settings) = (state.company(company)?, &state.settings);
    let in_time = changed(place, asked)?;
    let day = |key: &str| match asked.get(key).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Some).map_err(|_| YcError::new(400, format!("{key} is no date"))),
    };
    let within = |from: Option<NaiveDate>, to: Option<NaiveDate>| {
        move |date: NaiveDate| from.is_none_or(|from| date >= from) && to.is_none_or(|to| date <= to)
    };
    let on_days = within(day("start_date")?, day("end_date")?);
    let made_on_days = within(day("c_start_date")?, day("c_end_date")?);
    let deleted = settings.include_deleted && asked.get("include_deleted").is_some_and(|value| matches!(value, "1" | "true"));
    let (skip, take) = asked.page(settings.list_page);
    let mut found: Vec<&Record> = place
        .records
        .values()
        .filter(|record| deleted || !record.deleted)
        .filter(|record| asked.number("staff_id").is_none_or(|id| record.staff_id == id))
        .filter(|record| asked.number("client_id").is_none_or(|id| record.client == Some(id)))
        .filter(|record| on_days(record.date.date()) && made_on_days(place.local(record.created).date_naive()))
        .filter(|record| in_time(record.changed))
        .collect();
    found.sort_by_key(|record| (record.date, record.id));
    let shown = found.iter().skip(skip).take(take).map(|record| show::record(settings, place, record, Eyes::User(rights)));
    let number = asked.number("page").unwrap_or(1);
    Ok(page(&json!(shown.collect::<Vec<_>>()), &json!({ "page": number, "total_count": found.len() })))
}

fn card(state: &State, company: i64, record: i64, rights: &Rights) -> YcResult<Value> {
    let place = state.company(company)?;
    let record = place.records.get(&record).filter(|record| !record.deleted).ok_or_else(YcError::not_found)?;
    Ok(show::record(&state.settings, place, record, Eyes::User(rights)))
}

/// `GET /record/{company}/{id}`.
pub(crate) fn one(state: &State, company: i64, record: i64, rights: &Rights) -> YcResult {
    card(state, company, record, rights).map(|shown| ok(&shown))
}

/// A time as it is sent: with an offset, or by the clock on the company's wall.
fn wall(company: &Company, text: &str) -> Option<NaiveDateTime> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Some(company.local(at.to_utc()).naive_local()),
        Err(_) => NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok(),
    }
}

/// A record that was sent, before anybody looked whose it is.
struct Sent {
    staff_id: i64,
    services: Vec<(i64, i64)>,
    date: NaiveDateTime,
    length: i64,
    client: Guest,
}

enum Guest {
    Known(i64),
    New { name: String, phone: String, email: String },
}

/// Creation and change want the same five things.
fn read(place: &Company, body: &Value) -> YcResult<Sent> {
    let mut errors = Vec::new();
    let staff_id = whole(&body["staff_id"]).filter(|id| place.staff.iter().any(|staff| staff.id == *id));
    if staff_id.is_none() {
        errors.push(("staff_id", "The master is not found"));
    }
    let service = |item: &Value| {
        let known = place.services.iter().find(|service| Some(service.id) == whole(&item["id"]))?;
        Some((known.id, whole(&item["cost"]).unwrap_or(known.cost)))
    };
    let services: Option<Vec<_>> = body["services"].as_array().and_then(|list| list.iter().map(service).collect());
    if services.is_none() {
        errors.push(("services", "The services are not found"));
    }
    let date = body["datetime"].as_str().and_then(|text| wall(place, text));
    if date.is_none() {
        errors.push(("datetime", "The time is not valid"));
    }
    let length = whole(&body["seance_length"]).filter(|length| *length > 0);
    if length.is_none() {
        errors.push(("seance_length", "The length is required"));
    }
    let attendance = &body["attendance"];
    if !attendance.is_null() && whole(attendance).is_none_or(|code| !(-1..=2).contains(&code)) {
        errors.push(("attendance", "The attendance is not known"));
    }
    let client = guest(place, &body["client"]);
    if client.is_none() {
        errors.push(("client", "The client's name and phone are required"));
    }
    match (staff_id, services, date, length, client) {
        (Some(staff_id), Some(services), Some(date), Some(length), Some(client)) if errors.is_empty() => {
            Ok(Sent { staff_id, services, date, length, client })
        }
        _ => Err(YcError::invalid(&errors)),
    }
}

/// By the id, by the phone, or somebody new.
fn guest(place: &Company, sent: &Value) -> Option<Guest> {
    if let Some(id) = whole(&sent["id"]) {
        return place.clients.contains_key(&id).then_some(Guest::Known(id));
    }
    let phone = digits(&sent["phone"])?;
    if let Some(known) = place.clients.values().find(|client| client.phone == phone) {
        return Some(Guest::Known(known.id));
    }
    let name = sent["name"].as_str().filter(|name| !name.trim().is_empty())?.to_owned();
    Some(Guest::New { name, phone, email: sent["email"].as_str().unwrap_or_default().to_owned() })
}

/// Whether the master is with somebody else at that time.
fn busy(place: &Company, own: Option<i64>, sent: &Sent) -> bool {
    let until = sent.date + TimeDelta::seconds(sent.length);
    place.records.values().any(|other| {
        Some(other.id) != own
            && other.staff_id == sent.staff_id
            && other.confirmed
            && !other.deleted
            && other.date < until
            && sent.date < other.date + TimeDelta::seconds(other.length)
    })
}

fn taken(state: &State) -> YcError {
    match state.settings.busy_is_conflict {
        true => YcError::new(409, "The time is taken"),
        false => YcError::invalid(&[("datetime", "The time is taken")]),
    }
}

/// Puts what was sent into the record, and the client among the clients.
fn settle(state: &mut State, caller: &Caller, company: i64, record: Record, sent: Sent, body: &Value) -> YcResult<Record> {
    let client = match sent.client {
        Guest::Known(id) => id,
        Guest::New { name, phone, email } => {
            let client = Client { id: state.next_id(), name, phone, email, sms_check: true, ..Client::default() };
            let id = client.id;
            state.put_client(company, client, "create", Some(&caller.partner))?;
            id
        }
    };
    let mut record =
        Record { staff_id: sent.staff_id, services: sent.services, date: sent.date, length: sent.length, client: Some(client), ..record };
    if let Some(comment) = body["comment"].as_str() {
        comment.clone_into(&mut record.comment);
    }
    if let Some(attendance) = whole(&body["attendance"]) {
        record.attendance = attendance;
    }
    match &body["api_id"] {
        Value::String(id) => id.clone_into(&mut record.api_id),
        Value::Number(id) => record.api_id = id.to_string(),
        _ => {}
    }
    if let Some(named) = body["custom_fields"].as_object() {
        record.custom_fields.extend(named.iter().map(|(code, value)| (code.clone(), value.clone())));
    }
    Ok(record)
}

/// `POST /records/{company}`.
pub(crate) fn create(state: &mut State, caller: &Caller, company: i64, rights: &Rights, body: &Value) -> YcResult {
    let place = state.company(company)?;
    let sent = read(place, body)?;
    if busy(place, None, &sent) && !flag(&body["save_if_busy"]) {
        return Err(taken(state));
    }
    let fresh = Record { id: state.next_id(), visit_id: state.next_id(), confirmed: true, created: state.now(), ..Record::default() };
    let record = settle(state, caller, company, fresh, sent, body)?;
    let id = record.id;
    state.accepted(company, "record", "create", id, body.clone());
    state.put_record(company, record, "create", Some(&caller.partner))?;
    card(state, company, id, rights).map(|shown| created(&shown))
}

/// `PUT /record/{company}/{id}`: what is left out beside the five stays as it was.
pub(crate) fn update(state: &mut State, caller: &Caller, company: i64, record: i64, rights: &Rights, body: &Value) -> YcResult {
    let place = state.company(company)?;
    let kept = place.records.get(&record).filter(|record| !record.deleted).cloned().ok_or_else(YcError::not_found)?;
    let sent = read(place, body)?;
    let moved = (kept.staff_id, kept.date, kept.length) != (sent.staff_id, sent.date, sent.length);
    if moved && busy(place, Some(record), &sent) && !flag(&body["save_if_busy"]) {
        return Err(taken(state));
    }
    let next = settle(state, caller, company, kept, sent, body)?;
    state.accepted(company, "record", "update", record, body.clone());
    state.put_record(company, next, "update", Some(&caller.partner))?;
    one(state, company, record, rights)
}

/// `DELETE /record/{company}/{id}`: the contract tells of its hook only.
pub(crate) fn delete(state: &mut State, caller: &Caller, company: i64, record: i64) -> YcResult {
    state.drop_record(company, record, Some(&caller.partner))?;
    state.accepted(company, "record", "delete", record, Value::Null);
    Ok(removed(state))
}
