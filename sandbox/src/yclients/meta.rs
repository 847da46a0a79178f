//! Tokens for a login, the companies of a user, categories, descriptions of fields.

use serde_json::{Value, json};

use super::{
    access::{Caller, Rights},
    book::whole,
    error::{YcError, YcResult},
    server::{created, ok, page},
    settings::Brand,
    show,
    state::{Category, State},
};

/// `POST /auth`: the user's token for a login and a password.
pub(crate) fn auth(state: &State, body: &Value) -> YcResult {
    let (login, password) = (body["login"].as_str().unwrap_or_default(), body["password"].as_str().unwrap_or_default());
    if login.is_empty() || password.is_empty() {
        return Err(YcError::invalid(&[("login", "A login and a password are required")]));
    }
    let known = state.people.iter().find(|(_, person)| person.login == login && person.password == password);
    let (id, person) = known.ok_or_else(YcError::unauthorised)?;
    Ok(created(&json!({ "id": id, "user_token": person.token, "name": "Администратор", "phone": login, "login": login,
        "email": "owner@example.com", "avatar": "", "is_approved": true, "is_email_confirmed": true })))
}

/// `POST /marketplace/partner/callback`: the application is in, by its system user.
pub(crate) fn callback(state: &mut State, partner: &str, body: &Value) -> YcResult {
    let (salon, application) = (whole(&body["salon_id"]), whole(&body["application_id"]));
    let (Some(salon), Some(application)) = (salon, application) else {
        return Err(YcError::invalid(&[("salon_id", "A company and an application are required")]));
    };
    let known = state.partners.get_mut(partner).filter(|known| known.application == application).ok_or_else(YcError::denied)?;
    if !known.installing.remove(&salon) {
        return Err(YcError::not_found());
    }
    let system = known.system;
    if let Some(person) = system.and_then(|system| state.people.get_mut(&system)) {
        person.rights.insert(salon, Rights::default());
    }
    Ok(ok(&Value::Null))
}

/// `GET /companies?my=1`.
pub(crate) fn companies(state: &State, caller: &Caller) -> axum::response::Response {
    let own = state.people.get(&caller.user).map(|person| person.rights.keys().copied().collect::<Vec<_>>()).unwrap_or_default();
    let shown: Vec<Value> = own.iter().filter_map(|id| state.companies.get(id)).map(|company| show::company(state, company)).collect();
    page(&json!(shown), &json!({ "count": shown.len() }))
}

fn label(company: i64, category: &Category) -> Value {
    json!({ "id": category.id, "salon_id": company, "title": category.title, "color": category.color, "entity": 1 })
}

/// `GET /labels/{company}`.
pub(crate) fn labels(state: &State, company: i64) -> YcResult {
    let place = state.company(company)?;
    Ok(ok(&json!(place.categories.iter().map(|category| label(company, category)).collect::<Vec<_>>())))
}

/// `POST /labels/{company}`: a title that is there already makes a second category.
pub(crate) fn add_label(state: &mut State, company: i64, body: &Value) -> YcResult {
    let title = body["title"].as_str().filter(|title| !title.trim().is_empty());
    let title = title.ok_or_else(|| YcError::invalid(&[("title", "A title is required")]))?.to_owned();
    let category = Category { id: state.next_id(), title, color: body["color"].as_str().unwrap_or("#888888").to_owned() };
    let shown = label(company, &category);
    state.accepted(company, "category", "create", category.id, body.clone());
    state.company_mut(company)?.categories.push(category);
    Ok(created(&shown))
}

/// `GET /custom_fields/{client|record}/{company}`; Altegio says `appointment` for records.
pub(crate) fn fields(state: &State, company: i64, of: &str) -> YcResult {
    let place = state.company(company)?;
    let fields = match (of, state.settings.brand) {
        ("client", _) => &place.client_fields,
        ("record", Brand::Yclients) | ("appointment", Brand::Altegio) => &place.record_fields,
        _ => return Err(YcError::no_route()),
    };
    Ok(ok(&json!(fields.iter().map(|field| show::field(company, field)).collect::<Vec<_>>())))
}
