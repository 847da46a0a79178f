//! Orders: read, made, moved (contract, 2.3 and 3).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use super::{
    ask::{Ask, parse_moment},
    check,
    customers::{envelope, visible},
    error::{RetailError, RetailResult},
    history::Source,
    keys::Key,
    state::{By, Order, State},
    write::{body, set_custom},
};

const FILTERS: &[&str] = &[
    "ids",
    "externalIds",
    "numbers",
    "customerId",
    "customerExternalId",
    "extendedStatus",
    "statusUpdatedAtFrom",
    "statusUpdatedAtTo",
    "createdAtFrom",
    "createdAtTo",
    "sites",
    "managers",
];

/// `GET /orders`.
pub(crate) fn list(state: &State, key: &Key, ask: &Ask) -> RetailResult<Response> {
    if state.settings.strict {
        ask.only_filters(FILTERS)?;
    }
    let (page, limit) = ask.page()?;
    let zone = state.zone();
    let ids = ask.filters("ids");
    let (external, numbers, sites, managers) =
        (ask.filters("externalIds"), ask.filters("numbers"), ask.filters("sites"), ask.filters("managers"));
    let customer = ask.number::<u64>("customerId")?;
    let customer_external = ask.filter("customerExternalId");
    let statuses = ask.filters("extendedStatus");
    let moved = (ask.moment("statusUpdatedAtFrom", zone, false)?, ask.moment("statusUpdatedAtTo", zone, true)?);
    let created = (ask.moment("createdAtFrom", zone, false)?, ask.moment("createdAtTo", zone, true)?);
    let within = |(from, to): (Option<chrono::DateTime<chrono::Utc>>, Option<_>), at| {
        from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to)
    };
    let takes = |order: &&Order| {
        let external_of = |id: u64| state.customers.get(&id).and_then(|customer| customer.external_id.as_deref());
        visible(key, &order.site)
            && ids.as_ref().is_none_or(|ids| ids.contains(&order.id.to_string()))
            && external.as_ref().is_none_or(|ids| order.external_id.as_ref().is_some_and(|id| ids.contains(id)))
            && numbers.as_ref().is_none_or(|numbers| numbers.contains(&order.number))
            && sites.as_ref().is_none_or(|sites| sites.contains(&order.site))
            && managers.as_ref().is_none_or(|ids| order.manager.is_some_and(|id| ids.contains(&id.to_string())))
            && customer.is_none_or(|id| order.customer == Some(id))
            && customer_external.is_none_or(|id| order.customer.and_then(external_of) == Some(id))
            && statuses.as_ref().is_none_or(|statuses| statuses.contains(&order.status))
            && within(moved, order.status_at)
            && within(created, order.created_at)
    };
    let mut found: Vec<&Order> = match customer {
        Some(id) => state.orders_of(id).filter(takes).collect(),
        None => state.orders.values().filter(takes).collect(),
    };
    if state.settings.newest_first {
        found.reverse();
    }
    let total = found.len();
    let items = found.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).map(|order| state.show_order(order)).collect();
    Ok(Json(envelope("orders", items, total, page, limit)).into_response())
}

fn find<'a>(state: &'a State, key: &Key, ask: &Ask, reference: &str) -> RetailResult<&'a Order> {
    let (by, site) = state.by(key, ask)?;
    let named = |order: &&Order| match by {
        By::Id => order.id.to_string() == reference,
        By::External => order.external_id.as_deref() == Some(reference),
    };
    let there = |order: &&Order| visible(key, &order.site) && site.as_ref().is_none_or(|site| *site == order.site);
    state.orders.values().find(|order| named(order) && there(order)).ok_or_else(RetailError::not_found)
}

/// `GET /orders/{externalId|id}`.
pub(crate) fn one(state: &State, key: &Key, ask: &Ask, reference: &str) -> RetailResult<Response> {
    let order = find(state, key, ask, reference)?;
    Ok(Json(json!({ "success": true, "order": state.show_order(order) })).into_response())
}

/// Puts a checked body into an order; the status moves apart.
fn apply(order: &mut Order, body: &Map<String, Value>) {
    let texts = [
        ("number", &mut order.number),
        ("firstName", &mut order.first_name),
        ("lastName", &mut order.last_name),
        ("phone", &mut order.phone),
        ("email", &mut order.email),
        ("managerComment", &mut order.comment),
    ];
    for (key, slot) in texts {
        if let Some(text) = body.get(key).and_then(Value::as_str) {
            text.clone_into(slot);
        }
    }
    if let Some(external) = body.get("externalId").and_then(Value::as_str) {
        order.external_id = Some(external.to_owned());
    }
    if let Some(manager) = body.get("managerId") {
        order.manager = manager.as_u64();
    }
    if let Some(items) = body.get("items").and_then(Value::as_array) {
        let item = |item: &Value| {
            let name = item["productName"].as_str().or_else(|| item["offer"]["displayName"].as_str()).unwrap_or("Товар");
            (name.to_owned(), item["initialPrice"].as_f64().unwrap_or_default(), item["quantity"].as_f64().unwrap_or(1.0))
        };
        order.items = items.iter().map(item).collect();
    }
    set_custom(&mut order.custom, body);
}

/// `POST /orders/create`.
pub(crate) fn create(state: &mut State, key: &str, ask: &Ask) -> RetailResult<Response> {
    let body = body(ask, "order")?;
    let site = state.site(state.key(key)?, ask, true)?.ok_or_else(|| RetailError::missing("site"))?;
    let errors = check::order(state, &body, &site, None);
    if !errors.is_empty() {
        return Err(RetailError::format(errors));
    }
    let now = state.now();
    let zone = state.zone();
    let customer = body.get("customer").and_then(|value| check::reference(state, value, &site));
    let status = body.get("status").and_then(Value::as_str).unwrap_or("new").to_owned();
    let created_at = body.get("createdAt").and_then(Value::as_str).and_then(|text| parse_moment(text, zone, false)).unwrap_or(now);
    let mut order = Order { site, customer, status, created_at, ..Order::default() };
    apply(&mut order, &body);
    let id = state.create_order(order, Source::Key(key.to_owned()));
    state.accept("order", id, true, Value::Object(body));
    let shown = state.orders.get(&id).map(|order| state.show_order(order));
    Ok((StatusCode::CREATED, Json(json!({ "success": true, "id": id, "order": shown }))).into_response())
}

/// `POST /orders/{externalId|id}/edit`.
pub(crate) fn edit(state: &mut State, key: &str, ask: &Ask, reference: &str) -> RetailResult<Response> {
    let mut order = find(state, state.key(key)?, ask, reference)?.clone();
    let body = body(ask, "order")?;
    let errors = check::order(state, &body, &order.site, Some(order.id));
    if !errors.is_empty() {
        return Err(RetailError::format(errors));
    }
    let (id, before, source) = (order.id, order.clone(), Source::Key(key.to_owned()));
    apply(&mut order, &body);
    if let Some(customer) = body.get("customer").and_then(|value| check::reference(state, value, &before.site)) {
        order.customer = Some(customer);
    }
    state.change_order(&before, order, &source);
    if let Some(status) = body.get("status").and_then(Value::as_str) {
        state.move_order(id, status, source);
    }
    state.accept("order", id, false, Value::Object(body));
    Ok(Json(json!({ "success": true, "id": id })).into_response())
}

impl State {
    /// Adds an order and records it, whole; its id.
    pub(crate) fn create_order(&mut self, order: Order, source: Source) -> u64 {
        let id = self.next_id();
        let now = self.now();
        let number = if order.number.is_empty() { format!("{id}A") } else { order.number.clone() };
        let site =
            if order.site.is_empty() { self.sites.first().map_or_else(String::new, |(code, _)| code.clone()) } else { order.site.clone() };
        let status = if order.status.is_empty() { "new".to_owned() } else { order.status.clone() };
        let order = Order { id, number, site, status, status_at: now, ..order };
        self.put_order(order.clone());
        self.note_order(&order, "id", Value::Null, json!(id), Some("created"), source);
        self.automatic(id);
        id
    }

    /// Changes an order (its status apart) and records what differs.
    pub(crate) fn change_order(&mut self, before: &Order, after: Order, source: &Source) {
        let mut found = Vec::new();
        let mut differ = |field: &str, old: Value, new: Value| {
            if old != new {
                found.push((field.to_owned(), old, new));
            }
        };
        differ("customer", json!(before.customer), json!(after.customer));
        differ("first_name", json!(before.first_name), json!(after.first_name));
        differ("last_name", json!(before.last_name), json!(after.last_name));
        differ("phone", json!(before.phone), json!(after.phone));
        differ("email", json!(before.email), json!(after.email));
        differ("number", json!(before.number), json!(after.number));
        differ("manager", json!(before.manager), json!(after.manager));
        differ("manager_comment", json!(before.comment), json!(after.comment));
        differ("order_product.summ", json!(before.sum()), json!(after.sum()));
        differ("prepay_sum", json!(before.prepaid), json!(after.prepaid));
        for (code, value) in &after.custom {
            differ(&format!("custom_{code}"), before.custom.get(code).cloned().unwrap_or_default(), value.clone());
        }
        self.put_order(after.clone());
        for (field, old, new) in found {
            self.note_order(&after, &field, old, new, None, source.clone());
        }
    }

    /// Moves an order into a status, and on by the account's rules.
    pub(crate) fn move_order(&mut self, id: u64, status: &str, source: Source) {
        let now = self.now();
        let Some(order) = self.orders.get_mut(&id).filter(|order| order.status != status) else { return };
        let old = std::mem::replace(&mut order.status, status.to_owned());
        order.status_at = now;
        let order = order.clone();
        self.note_order(&order, "status", json!({ "code": old }), json!({ "code": status }), None, source);
        self.automatic(id);
    }

    /// A rule moves it on, within the same second. A circle of rules ends after a few steps.
    fn automatic(&mut self, id: u64) {
        for _ in 0..4 {
            let now = self.now();
            let Some(order) = self.orders.get_mut(&id) else { return };
            let Some((_, next)) = self.settings.moves.iter().find(|(from, to)| *from == order.status && to != from) else { return };
            let old = std::mem::replace(&mut order.status, next.clone());
            order.status_at = now;
            let order = order.clone();
            self.note_order(&order, "status", json!({ "code": old }), json!({ "code": order.status }), None, Source::Rule);
        }
    }
}
