//! Clients, records and companies as the API shows them, with the types that change (contract, 7).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    access::Rights,
    settings::{Brand, Settings},
    state::{Client, Company, CustomField, Record, State},
};

/// A moment with its offset written without a colon: `2026-07-01T12:00:00+0400`.
const CHANGED: &str = "%Y-%m-%dT%H:%M:%S%z";

/// Whose eyes: a hook's, which see everything, or a user's.
#[derive(Clone, Copy)]
pub(crate) enum Eyes<'a> {
    Hook,
    User(&'a Rights),
}

/// An object, or PHP's empty list where there is nothing in it.
fn by_code(fields: &BTreeMap<String, Value>) -> Value {
    if fields.is_empty() { json!([]) } else { json!(fields) }
}

pub(crate) fn phone(client: &Client, eyes: Eyes<'_>, settings: &Settings) -> Value {
    if let Eyes::User(rights) = eyes
        && !rights.phones
    {
        return json!(settings.hidden_phone);
    }
    match client.phone.parse::<u64>() {
        // A number, as the contract has seen it; leading zeros go.
        Ok(number) if settings.mixed_types && client.id % 2 == 1 => json!(number),
        _ => json!(client.phone),
    }
}

fn birth_date(client: &Client, settings: &Settings) -> Value {
    match client.birth_date {
        Some(date) => json!(date.format("%Y-%m-%d").to_string()),
        None if settings.mixed_types && client.id % 3 == 0 => json!(0),
        None => json!(""),
    }
}

pub(crate) fn categories(company: &Company, client: &Client) -> Value {
    let known = company.categories.iter().filter(|category| client.categories.contains(&category.id));
    json!(known.map(|category| json!({ "id": category.id, "title": category.title, "color": category.color })).collect::<Vec<_>>())
}

/// Attended visits: how many, the first day and the last.
pub(crate) fn visits(company: &Company, client: i64) -> (usize, String, String) {
    let came = |record: &&Record| record.attendance == 1 && !record.deleted;
    let mut days: Vec<_> = company.records.of(client).filter(came).map(|record| record.date).collect();
    days.sort_unstable();
    let day = |at: Option<&chrono::NaiveDateTime>| at.map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default();
    (days.len(), day(days.first()), day(days.last()))
}

fn named(shown: Value, brand: Brand) -> Value {
    let (Brand::Altegio, Value::Object(shown)) = (brand, &shown) else { return shown };
    let renamed: Map<String, Value> = shown
        .iter()
        .map(|(key, value)| {
            let key = match key.as_str() {
                "patronymic" => "middle_name",
                "sex_id" => "gender_id",
                "sex" => "gender",
                other => other,
            };
            (key.to_owned(), value.clone())
        })
        .collect();
    Value::Object(renamed)
}

/// A client in full.
pub(crate) fn client(settings: &Settings, company: &Company, client: &Client, eyes: Eyes<'_>) -> Value {
    let sex = ["", "Мужской", "Женский"].get(usize::try_from(client.sex_id).unwrap_or(0)).copied().unwrap_or_default();
    let importance =
        ["", "Бронза", "Серебро", "Золото"].get(usize::try_from(client.importance_id).unwrap_or(0)).copied().unwrap_or_default();
    let shown = json!({
        "id": client.id, "salon_id": company.id, "name": client.name, "surname": client.surname, "patronymic": client.patronymic,
        "display_name": format!("{} {}", client.name, client.surname).trim(), "phone": phone(client, eyes, settings),
        "email": client.email, "card": client.card, "birth_date": birth_date(client, settings), "comment": client.comment,
        "discount": client.discount, "visits": visits(company, client.id).0, "spent": client.spent, "paid": client.paid,
        "balance": client.balance, "sex_id": client.sex_id, "sex": sex, "sms_check": i64::from(client.sms_check),
        "sms_bot": i64::from(client.sms_bot), "sms_not": i64::from(client.sms_not), "importance_id": client.importance_id,
        "importance": importance, "categories": categories(company, client),
        "last_change_date": company.local(client.changed).format(CHANGED).to_string(), "custom_fields": by_code(&client.custom_fields),
    });
    named(shown, settings.brand)
}

fn services(company: &Company, record: &Record) -> Value {
    let shown = record.services.iter().map(|(id, cost)| {
        let service = company.services.iter().find(|service| service.id == *id);
        let full = service.map_or(*cost, |service| service.cost);
        json!({ "id": id, "title": service.map(|service| service.title.as_str()).unwrap_or_default(), "cost": cost,
            "cost_per_unit": full, "first_cost": full, "discount": 0, "amount": 1 })
    });
    json!(shown.collect::<Vec<_>>())
}

fn guest(settings: &Settings, company: &Company, record: &Record, eyes: Eyes<'_>) -> Value {
    let Some(client) = record.client.and_then(|id| company.clients.get(&id)) else {
        // A record without a client: null or PHP's empty list.
        return if settings.mixed_types && record.id % 2 == 1 { json!([]) } else { Value::Null };
    };
    let of = |attendance: i64| company.records.of(client.id).filter(|other| other.attendance == attendance && !other.deleted).count();
    let mut shown = json!({ "id": client.id, "name": client.name, "phone": phone(client, eyes, settings), "email": client.email,
        "success_visits_count": of(1), "fail_visits_count": of(-1) });
    if matches!(eyes, Eyes::Hook) {
        shown["client_tags"] = categories(company, client);
        shown["custom_fields"] = by_code(&client.custom_fields);
    }
    shown
}

/// A record in full.
pub(crate) fn record(settings: &Settings, company: &Company, record: &Record, eyes: Eyes<'_>) -> Value {
    let staff = company.staff.iter().find(|staff| staff.id == record.staff_id);
    let offset = if settings.wrong_offsets { "+00:00".to_owned() } else { company.local(record.created).format("%:z").to_string() };
    let paid = if settings.mixed_types && record.id % 2 == 1 { json!(record.paid_full) } else { json!(i64::from(record.paid_full)) };
    let shown = json!({
        "id": record.id, "company_id": company.id, "staff_id": record.staff_id, "services": services(company, record),
        "staff": staff.map(|staff| json!({ "id": staff.id, "name": staff.name, "specialization": staff.specialization })),
        "client": guest(settings, company, record, eyes), "date": record.date.format("%Y-%m-%d %H:%M:%S").to_string(),
        "datetime": format!("{}{offset}", record.date.format("%Y-%m-%dT%H:%M:%S")),
        "create_date": company.local(record.created).format(CHANGED).to_string(),
        "last_change_date": company.local(record.changed).format(CHANGED).to_string(),
        "comment": record.comment, "online": record.online, "visit_id": record.visit_id, "visit_attendance": record.attendance,
        "attendance": record.attendance, "confirmed": i64::from(record.confirmed), "seance_length": record.length,
        "length": record.length, "sms_before": 0, "sms_now": 0, "email_now": 0, "notified": 0, "paid_full": paid,
        "deleted": record.deleted, "record_labels": [], "custom_fields": by_code(&record.custom_fields), "api_id": record.api_id,
    });
    shown
}

/// A company as `/companies` lists it.
pub(crate) fn company(state: &State, company: &Company) -> Value {
    let phone = "+7 495 000-00-00";
    let active = if state.settings.mixed_types && company.id % 2 == 1 { json!(true) } else { json!(1) };
    json!({ "id": company.id, "title": company.title, "country_id": 7, "city": "Москва", "timezone": company.timezone,
        "timezone_name": company.timezone_name, "phone": phone, "phones": [phone], "active": active, "group_id": company.group_id,
        "access": {} })
}

/// The description of a field.
pub(crate) fn field(company: i64, field: &CustomField) -> Value {
    json!({ "id": field.id + 10_000, "salon_id": company, "custom_field": { "id": field.id, "code": field.code, "title": field.title,
        "show_in_ui": true, "user_can_edit": true, "type": { "id": 1, "code": field.kind, "title": field.kind }, "values": field.values } })
}
