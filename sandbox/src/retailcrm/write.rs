//! Writing customers: one, many, merged, their subscriptions (contract, 3).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use chrono::FixedOffset;
use serde_json::{Map, Value, json};

use super::{
    ask::{Ask, parse_moment},
    check,
    customers::{corporate_id, visible},
    error::{NOT_VALID, RetailError, RetailResult},
    history::Source,
    keys::Key,
    state::{Corporate, Customer, Loser, State},
};

/// Customers of one upload.
const UPLOAD: usize = 50;

fn done(status: StatusCode, body: Value) -> RetailResult<Response> {
    Ok((status, Json(body)).into_response())
}

/// The body of a form's field as an object.
pub(crate) fn body(ask: &Ask, name: &str) -> RetailResult<Map<String, Value>> {
    match ask.object(name)? {
        Value::Object(body) => Ok(body),
        _ => Err(RetailError::missing(name)),
    }
}

/// Custom fields given replace what was there; null clears.
pub(crate) fn set_custom(custom: &mut std::collections::BTreeMap<String, Value>, body: &Map<String, Value>) {
    for (code, value) in body.get("customFields").and_then(Value::as_object).into_iter().flatten() {
        if value.is_null() {
            custom.remove(code);
        } else {
            custom.insert(code.clone(), value.clone());
        }
    }
}

/// Tags given are added and taken away.
fn set_tags(tags: &mut Vec<String>, body: &Map<String, Value>) {
    let named = |key: &str| body.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let gone: Vec<String> = named("removeTags").collect();
    tags.retain(|tag| !gone.contains(tag));
    for tag in named("addTags") {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
}

/// Puts a checked body into a customer: absent keys stay as they are.
fn apply(customer: &mut Customer, body: &Map<String, Value>, now: chrono::DateTime<chrono::Utc>, zone: FixedOffset) {
    let texts = [
        ("firstName", &mut customer.first_name),
        ("lastName", &mut customer.last_name),
        ("patronymic", &mut customer.patronymic),
        ("email", &mut customer.email),
        ("sex", &mut customer.sex),
        ("birthday", &mut customer.birthday),
    ];
    for (key, slot) in texts {
        match body.get(key) {
            Some(Value::String(text)) => text.clone_into(slot),
            Some(Value::Null) => slot.clear(),
            _ => {}
        }
    }
    if let Some(external) = body.get("externalId").and_then(Value::as_str) {
        customer.external_id = Some(external.to_owned());
    }
    if let Some(phones) = body.get("phones").and_then(Value::as_array) {
        customer.phones = phones.iter().filter_map(|phone| phone["number"].as_str()).map(str::to_owned).collect();
    }
    if let Some(manager) = body.get("managerId") {
        customer.manager = manager.as_u64();
    }
    for (key, slot) in [("vip", &mut customer.vip), ("bad", &mut customer.bad)] {
        if let Some(yes) = body.get(key).and_then(Value::as_bool) {
            *slot = yes;
        }
    }
    if let Some(at) = body.get("createdAt").and_then(Value::as_str).and_then(|text| parse_moment(text, zone, false)) {
        customer.created_at = at;
    }
    if let Some(address) = body.get("address") {
        for (key, slot) in [("city", &mut customer.city), ("region", &mut customer.region)] {
            if let Some(text) = address[key].as_str() {
                text.clone_into(slot);
            }
        }
    }
    match body.get("subscribed").and_then(Value::as_bool) {
        Some(true) => customer.email_unsubscribed_at = None,
        Some(false) if customer.email_unsubscribed_at.is_none() => customer.email_unsubscribed_at = Some(now),
        _ => {}
    }
    set_custom(&mut customer.custom, body);
    set_tags(&mut customer.tags, body);
}

/// What differs, field by field, as the feed names it.
fn differences(old: &Customer, new: &Customer) -> Vec<(String, Value, Value)> {
    let mut found = Vec::new();
    let mut differ = |field: &str, old: Value, new: Value| {
        if old != new {
            found.push((field.to_owned(), old, new));
        }
    };
    let text = |text: &String| if text.is_empty() { Value::Null } else { json!(text) };
    differ("external_id", json!(old.external_id), json!(new.external_id));
    differ("firstName", text(&old.first_name), text(&new.first_name));
    differ("lastName", text(&old.last_name), text(&new.last_name));
    differ("patronymic", text(&old.patronymic), text(&new.patronymic));
    differ("email", text(&old.email), text(&new.email));
    differ("sex", text(&old.sex), text(&new.sex));
    differ("birthday", text(&old.birthday), text(&new.birthday));
    differ("address.city", text(&old.city), text(&new.city));
    differ("address.region", text(&old.region), text(&new.region));
    let manager = |manager: Option<u64>| manager.map_or(Value::Null, |id| json!({ "id": id }));
    differ("manager", manager(old.manager), manager(new.manager));
    differ("vip", json!(old.vip), json!(new.vip));
    differ("bad", json!(old.bad), json!(new.bad));
    differ("email_marketing_unsubscribed_at", json!(old.email_unsubscribed_at), json!(new.email_unsubscribed_at));
    differ("tags", json!(old.tags), json!(new.tags));
    let codes: std::collections::BTreeSet<&String> = old.custom.keys().chain(new.custom.keys()).collect();
    for code in codes {
        let of = |customer: &Customer| customer.custom.get(code).cloned().unwrap_or_default();
        differ(&format!("custom_{code}"), of(old), of(new));
    }
    // A number is one record: it came or it went.
    for gone in old.phones.iter().filter(|phone| !new.phones.contains(phone)) {
        differ("phones", json!(gone), Value::Null);
    }
    for come in new.phones.iter().filter(|phone| !old.phones.contains(phone)) {
        differ("phones", Value::Null, json!(come));
    }
    found
}

impl State {
    /// Changes a customer and records each field that differs.
    pub(crate) fn change(&mut self, id: u64, source: &Source, change: impl FnOnce(&mut Customer)) {
        let Some(old) = self.customers.get(&id).cloned() else { return };
        let mut new = old.clone();
        change(&mut new);
        let differences = differences(&old, &new);
        self.put(new);
        for (field, before, after) in differences {
            self.note_changed(id, &field, before, after, source);
        }
    }

    /// Adds a customer and records it; its id.
    pub(crate) fn create(&mut self, customer: Customer, source: Source) -> u64 {
        let id = self.next_id();
        let site = if customer.site.is_empty() {
            self.sites.first().map_or_else(String::new, |(code, _)| code.clone())
        } else {
            customer.site.clone()
        };
        self.put(Customer { id, site, ..customer });
        self.note_created(id, source);
        id
    }

    /// Takes a customer away; with a winner it was merged into it, orders and notes move.
    pub(crate) fn remove(&mut self, id: u64, into: Option<u64>, source: Source) {
        let Some(gone) = self.customers.get(&id) else { return };
        let whole = self.show_customer(gone);
        let Some(gone) = self.take(id) else { return };
        if let Some(winner) = into {
            self.losers.insert(id, Loser { site: gone.site.clone(), external_id: gone.external_id.clone(), winner });
            for order in self.orders_of.remove(&id).unwrap_or_default() {
                if let Some(order) = self.orders.get_mut(&order) {
                    order.customer = Some(winner);
                }
                self.orders_of.entry(winner).or_default().push(order);
            }
            for note in self.notes.values_mut().filter(|note| note.customer == id) {
                note.customer = winner;
            }
        }
        for segment in self.segments.values_mut() {
            segment.members.remove(&id);
        }
        self.note_deleted(&gone, whole, into, source);
    }
}

/// A site and the right to write in it.
fn site_to_write(state: &State, key: &Key, ask: &Ask) -> RetailResult<String> {
    state.site(key, ask, true)?.ok_or_else(|| RetailError::missing("site"))
}

/// `POST /customers/create`.
pub(crate) fn create(state: &mut State, key: &str, ask: &Ask) -> RetailResult<Response> {
    let body = body(ask, "customer")?;
    let site = site_to_write(state, state.key(key)?, ask)?;
    let errors = check::customer(state, &body, &site, None);
    if !errors.is_empty() {
        return Err(RetailError::format(errors));
    }
    let id = create_checked(state, key, &site, &body);
    done(StatusCode::CREATED, json!({ "success": true, "id": id }))
}

fn create_checked(state: &mut State, key: &str, site: &str, body: &Map<String, Value>) -> u64 {
    let (now, zone) = (state.now(), state.zone());
    let mut customer = Customer { site: site.to_owned(), created_at: now, ..Customer::default() };
    apply(&mut customer, body, now, zone);
    let id = state.create(customer, Source::Key(key.to_owned()));
    state.accept("customer", id, true, Value::Object(body.clone()));
    id
}

fn edit_checked(state: &mut State, key: &str, id: u64, body: &Map<String, Value>) {
    let (now, zone) = (state.now(), state.zone());
    state.change(id, &Source::Key(key.to_owned()), |customer| apply(customer, body, now, zone));
    state.accept("customer", id, false, Value::Object(body.clone()));
}

/// `POST /customers/{externalId|id}/edit`.
pub(crate) fn edit(state: &mut State, key: &str, ask: &Ask, reference: &str) -> RetailResult<Response> {
    let (id, site) = named(state, key, ask, reference)?;
    let body = body(ask, "customer")?;
    let errors = check::customer(state, &body, &site, Some(id));
    if !errors.is_empty() {
        return Err(RetailError::format(errors));
    }
    edit_checked(state, key, id, &body);
    done(StatusCode::OK, json!({ "success": true, "id": id, "state": "updated" }))
}

/// The customer a write names, with its site.
fn named(state: &State, key: &str, ask: &Ask, reference: &str) -> RetailResult<(u64, String)> {
    let key = state.key(key)?;
    let (by, site) = state.by(key, ask)?;
    let customer = state.find(by, reference, site.as_deref())?;
    if visible(key, &customer.site) { Ok((customer.id, customer.site.clone())) } else { Err(RetailError::not_found()) }
}

/// `POST /customers/upload`: what can be written is, and HTTP 460 tells of the rest. Whoever has an
/// external id that is known is changed.
pub(crate) fn upload(state: &mut State, key: &str, ask: &Ask) -> RetailResult<Response> {
    let items = ask.list_of("customers")?;
    let site = site_to_write(state, state.key(key)?, ask)?;
    if items.len() > UPLOAD {
        return Err(RetailError::format(vec![(
            "customers".to_owned(),
            format!("This collection should contain {UPLOAD} elements or less"),
        )]));
    }
    let (mut written, mut failed, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        let Value::Object(body) = item else { return Err(RetailError::format(vec![("customers".to_owned(), NOT_VALID.to_owned())])) };
        let external = body.get("externalId").cloned().unwrap_or_default();
        let known = external.as_str().and_then(|external| state.external.get(&(site.clone(), external.to_owned()))).copied();
        let wrong = check::customer(state, &body, &site, known);
        if !wrong.is_empty() {
            failed.push(json!({ "externalId": external }));
            errors.extend(wrong);
            continue;
        }
        let id = match known {
            Some(id) => {
                edit_checked(state, key, id, &body);
                id
            }
            None => create_checked(state, key, &site, &body),
        };
        written.push(json!({ "id": id, "externalId": external }));
    }
    if failed.is_empty() {
        return done(StatusCode::CREATED, json!({ "success": true, "uploadedCustomers": written, "failedCustomers": [] }));
    }
    let refusal = RetailError { errors, ..RetailError::new(460, "Customers are loaded with errors") };
    Err(refusal.with("uploadedCustomers", json!(written)).with("failedCustomers", json!(failed)))
}

/// `POST /customers/combine`.
pub(crate) fn combine(state: &mut State, key: &str, ask: &Ask) -> RetailResult<Response> {
    let (losers, winner) = (ask.list_of("customers")?, ask.object("resultCustomer")?);
    let ids: Option<Vec<u64>> = losers.iter().map(|loser| loser["id"].as_u64().filter(|id| state.customers.contains_key(id))).collect();
    let result = winner["id"].as_u64().filter(|id| state.customers.contains_key(id));
    let (Some(ids), Some(result)) = (ids.filter(|ids| !ids.is_empty()), result) else { return Err(RetailError::not_found()) };
    if ids.contains(&result) {
        return Err(RetailError::format(vec![("resultCustomer".to_owned(), NOT_VALID.to_owned())]));
    }
    for id in &ids {
        state.remove(*id, Some(result), Source::Key(key.to_owned()));
    }
    state.accept("combine", result, false, json!({ "customers": losers, "resultCustomer": winner }));
    done(StatusCode::OK, json!({ "success": true }))
}

/// `POST /customers/fix-external-ids`.
pub(crate) fn fix_external_ids(state: &mut State, key: &str, ask: &Ask) -> RetailResult<Response> {
    let items = ask.list_of("customers")?;
    for item in &items {
        let (Some(id), Some(external)) = (item["id"].as_u64(), item["externalId"].as_str()) else {
            return Err(RetailError::format(vec![("customers".to_owned(), NOT_VALID.to_owned())]));
        };
        let Some(customer) = state.customers.get(&id) else { return Err(state.gone(id)) };
        let taken = state.external.get(&(customer.site.clone(), external.to_owned())).is_some_and(|other| *other != id);
        if taken {
            return Err(RetailError::format(vec![("externalId".to_owned(), super::error::USED.to_owned())]));
        }
        state.change(id, &Source::Key(key.to_owned()), |customer| customer.external_id = Some(external.to_owned()));
        state.accept("customer", id, false, item.clone());
    }
    done(StatusCode::OK, json!({ "success": true }))
}

/// `POST /customers/{externalId|id}/subscriptions`: all of the list, or none.
pub(crate) fn subscriptions(state: &mut State, key: &str, ask: &Ask, reference: &str) -> RetailResult<Response> {
    let (id, _) = named(state, key, ask, reference)?;
    let items = ask.list_of("subscriptions")?;
    let mut wanted = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let (channel, code) = (item["channel"].as_str(), item["subscription"].as_str());
        let topic = state.topics.values().find(|topic| channel == Some(&topic.channel) && code == Some(&topic.code));
        let message = item.get("messageId").is_none_or(|message| message.is_null() || message.is_u64());
        match (topic, item["active"].as_bool()) {
            (Some(topic), Some(active)) if message => wanted.push((topic.id, active)),
            (None, _) => return Err(RetailError::format(vec![(format!("subscriptions[{at}][subscription]"), NOT_VALID.to_owned())])),
            (Some(_), None) => return Err(RetailError::format(vec![(format!("subscriptions[{at}][active]"), NOT_VALID.to_owned())])),
            _ => return Err(RetailError::format(vec![(format!("subscriptions[{at}][messageId]"), NOT_VALID.to_owned())])),
        }
    }
    for (topic, active) in wanted {
        state.subscribe(id, topic, active, &Source::Key(key.to_owned()));
    }
    state.accept("subscription", id, false, json!(items));
    done(StatusCode::OK, json!({ "success": true }))
}

impl State {
    /// The key a call came with, which may have been revoked meanwhile.
    pub(crate) fn key(&self, key: &str) -> RetailResult<&Key> {
        self.keys.get(key).filter(|key| !key.revoked).ok_or_else(|| RetailError::new(403, "Wrong \"apiKey\" value."))
    }

    /// Says of a topic whether a customer wants it; the e-mail's is the e-mail flag, too.
    pub(crate) fn subscribe(&mut self, id: u64, topic: u64, active: bool, source: &Source) {
        let now = self.now();
        let Some(kind) = self.topics.get(&topic).cloned() else { return };
        let Some(customer) = self.customers.get_mut(&id) else { return };
        let old = customer.subscriptions.insert(topic, (active, now)).map(|(active, _)| active);
        if kind.channel == "email" {
            customer.email_unsubscribed_at = (!active).then_some(now);
        }
        if self.settings.subscriptions_in_history && old != Some(active) {
            let word = |active: bool| json!({ "channel": kind.channel, "code": kind.code, "subscribed": active });
            self.note_changed(id, "subscriptions", old.map_or(Value::Null, word), word(active), source);
        }
    }
}

/// `POST /customers-corporate/create` and `…/{externalId|id}/edit` (secondary: the vendor's
/// client).
pub(crate) fn corporate(state: &mut State, key: &str, ask: &Ask, reference: Option<&str>) -> RetailResult<Response> {
    let known = reference.map(|reference| corporate_id(state, state.key(key)?, ask, reference)).transpose()?;
    let body = body(ask, "customerCorporate")?;
    let site = match known.and_then(|id| state.corporates.get(&id)) {
        Some(corporate) => corporate.site.clone(),
        None => site_to_write(state, state.key(key)?, ask)?,
    };
    let errors = check::corporate(state, &body, &site, known);
    if !errors.is_empty() {
        return Err(RetailError::format(errors));
    }
    let id = known.unwrap_or_else(|| state.next_id());
    let now = state.now();
    let mut corporate = state.corporates.remove(&id).unwrap_or_else(|| Corporate { id, site, created_at: now, ..Corporate::default() });
    if let Some(name) = body.get("nickName").and_then(Value::as_str) {
        name.clone_into(&mut corporate.nick_name);
    }
    if let Some(external) = body.get("externalId").and_then(Value::as_str) {
        corporate.external_id = Some(external.to_owned());
    }
    if let Some(manager) = body.get("managerId") {
        corporate.manager = manager.as_u64();
    }
    if let Some(contacts) = body.get("customerContacts").and_then(Value::as_array) {
        corporate.contacts = contacts.iter().filter_map(|contact| contact["customer"]["id"].as_u64()).collect();
    }
    if let Some(name) = body.get("companies").and_then(|companies| companies[0]["name"].as_str()) {
        name.clone_into(&mut corporate.company);
    }
    set_custom(&mut corporate.custom, &body);
    set_tags(&mut corporate.tags, &body);
    state.corporates.insert(id, corporate);
    let (field, mark, new) = if known.is_some() { ("nick_name", None, Value::Null) } else { ("id", Some("created"), json!(id)) };
    state.note_corporate(id, field, mark, new, Source::Key(key.to_owned()));
    state.accept("corporate", id, known.is_none(), Value::Object(body));
    done(if known.is_some() { StatusCode::OK } else { StatusCode::CREATED }, json!({ "success": true, "id": id }))
}
