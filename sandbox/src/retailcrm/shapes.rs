//! Customers and orders in the API's shape: many fields are absent rather than null, and an empty
//! `customFields` is a list (contract, 2.1, 2.3 and 7).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::state::{Corporate, Customer, Order, State};

/// An object by code, or `[]`.
fn custom(fields: &BTreeMap<String, Value>) -> Value {
    if fields.is_empty() { json!([]) } else { json!(fields) }
}

fn tags(names: &[String]) -> Value {
    json!(names.iter().map(|name| json!({ "name": name, "color": "#32a852", "attached": true })).collect::<Vec<_>>())
}

/// A sum: whole ones have no point, as numbers may be either.
pub(crate) fn money(sum: f64) -> Value {
    #[allow(clippy::cast_possible_truncation, reason = "sums of a double are far below 2^53")]
    if sum.fract() == 0.0 { json!(sum as i64) } else { json!(sum) }
}

/// Puts a text in, unless it is empty.
fn text(object: &mut Map<String, Value>, name: &str, value: &str) {
    if !value.is_empty() {
        object.insert(name.to_owned(), json!(value));
    }
}

impl State {
    /// The whole customer.
    pub(crate) fn show_customer(&self, customer: &Customer) -> Value {
        let orders: Vec<&Order> = self.orders_of(customer.id).collect();
        let total: f64 = orders.iter().map(|order| order.sum()).sum();
        #[allow(clippy::cast_precision_loss, reason = "nobody has 2^53 orders")]
        let average = if orders.is_empty() { 0.0 } else { (total / orders.len() as f64 * 100.0).round() / 100.0 };
        let segments: Vec<Value> =
            customer.segments.iter().filter_map(|code| self.segments.get(code)).map(|segment| self.show_segment(segment)).collect();
        let value = json!({
            "type": "customer", "id": customer.id, "isContact": self.is_contact(customer.id), "createdAt": self.written(customer.created_at),
            "vip": customer.vip, "bad": customer.bad, "site": customer.site, "contragent": { "contragentType": "individual" },
            "tags": tags(&customer.tags), "marginSumm": 0, "totalSumm": money(total), "averageSumm": money(average),
            "ordersCount": orders.len(), "costSumm": 0, "customFields": custom(&customer.custom), "personalDiscount": 0,
            "cumulativeDiscount": 0, "segments": segments,
            "phones": customer.phones.iter().map(|number| json!({ "number": number })).collect::<Vec<_>>(),
        });
        let Value::Object(mut object) = value else { return value };
        if let Some(external) = &customer.external_id {
            object.insert("externalId".to_owned(), json!(external));
        }
        if let Some(manager) = customer.manager {
            object.insert("managerId".to_owned(), json!(manager));
        }
        text(&mut object, "firstName", &customer.first_name);
        text(&mut object, "lastName", &customer.last_name);
        text(&mut object, "patronymic", &customer.patronymic);
        text(&mut object, "email", &customer.email);
        text(&mut object, "sex", &customer.sex);
        text(&mut object, "presumableSex", &customer.sex);
        text(&mut object, "birthday", &customer.birthday);
        if !(customer.city.is_empty() && customer.region.is_empty()) {
            let mut address = Map::from_iter([("id".to_owned(), json!(customer.id)), ("countryIso".to_owned(), json!("RU"))]);
            text(&mut address, "region", &customer.region);
            text(&mut address, "city", &customer.city);
            object.insert("address".to_owned(), Value::Object(address));
        }
        if let Some(at) = customer.email_unsubscribed_at {
            object.insert("emailMarketingUnsubscribedAt".to_owned(), json!(self.written(at)));
        }
        if !customer.subscriptions.is_empty() {
            let shown = customer.subscriptions.iter().filter_map(|(topic, (subscribed, at))| {
                let topic = self.topics.get(topic)?;
                Some(json!({ "subscription": topic.show(), "subscribed": subscribed, "changedAt": self.written(*at) }))
            });
            object.insert("customerSubscriptions".to_owned(), json!(shown.collect::<Vec<_>>()));
        }
        if let Some((first, _)) = customer.gateway.first() {
            object.insert("mgCustomerId".to_owned(), json!(first));
            let shown = customer.gateway.iter().map(|(id, kind)| {
                json!({ "id": id, "externalId": id + 99,
                    "mgChannel": { "id": 1, "externalId": 100, "type": kind, "active": true, "name": "Bot", "allowedSendByPhone": false } })
            });
            object.insert("mgCustomers".to_owned(), json!(shown.collect::<Vec<_>>()));
        }
        Value::Object(object)
    }

    fn is_contact(&self, id: u64) -> bool {
        self.corporates.values().any(|corporate| corporate.contacts.contains(&id))
    }

    /// A customer by its ids alone, as records of the feed and notes have it.
    pub(crate) fn short_customer(customer: &Customer, kind: bool) -> Value {
        let mut object = Map::from_iter([("id".to_owned(), json!(customer.id)), ("site".to_owned(), json!(customer.site))]);
        if let Some(external) = &customer.external_id {
            object.insert("externalId".to_owned(), json!(external));
        }
        if kind {
            object.insert("type".to_owned(), json!("customer"));
        }
        Value::Object(object)
    }

    /// The whole corporate customer (secondary: the vendor's client's recorded answers).
    pub(crate) fn show_corporate(&self, corporate: &Corporate) -> Value {
        let value = json!({
            "type": "customer_corporate", "id": corporate.id, "nickName": corporate.nick_name,
            "createdAt": self.written(corporate.created_at), "vip": false, "bad": false, "site": corporate.site,
            "tags": tags(&corporate.tags), "marginSumm": 0, "totalSumm": 0, "averageSumm": 0, "ordersCount": 0,
            "customFields": custom(&corporate.custom), "personalDiscount": 0,
        });
        let Value::Object(mut object) = value else { return value };
        if let Some(external) = &corporate.external_id {
            object.insert("externalId".to_owned(), json!(external));
        }
        if let Some(manager) = corporate.manager {
            object.insert("managerId".to_owned(), json!(manager));
        }
        if let Some(contact) = corporate.contacts.first() {
            object.insert("mainCustomerContact".to_owned(), json!({ "id": contact, "customer": { "id": contact }, "companies": [] }));
        }
        if !corporate.company.is_empty() {
            object.insert("mainCompany".to_owned(), json!({ "id": corporate.id, "name": corporate.company }));
        }
        Value::Object(object)
    }

    /// The whole order.
    pub(crate) fn show_order(&self, order: &Order) -> Value {
        let items: Vec<Value> = order
            .items
            .iter()
            .zip(1..)
            .map(|((name, price, many), at)| {
                json!({ "id": order.id * 100 + at, "initialPrice": money(*price), "quantity": money(*many), "status": "new",
                    "offer": { "id": at, "displayName": name, "name": name }, "productName": name })
            })
            .collect();
        let sum = order.sum();
        let value = json!({
            "id": order.id, "number": order.number, "site": order.site, "status": order.status,
            "statusUpdatedAt": self.written(order.status_at), "createdAt": self.written(order.created_at), "summ": money(sum),
            "totalSumm": money(sum), "prepaySum": money(order.prepaid), "purchaseSumm": 0, "orderType": "eshop-individual",
            "orderMethod": "shopping-cart", "countryIso": "RU", "items": items, "customFields": custom(&order.custom),
        });
        let Value::Object(mut object) = value else { return value };
        if let Some(external) = &order.external_id {
            object.insert("externalId".to_owned(), json!(external));
        }
        if let Some(manager) = order.manager {
            object.insert("managerId".to_owned(), json!(manager));
        }
        let person = order.customer.and_then(|id| self.customers.get(&id)).map(|customer| Self::short_customer(customer, true));
        let company = order.corporate.map(|id| json!({ "id": id, "site": order.site, "type": "customer_corporate" }));
        match (company, person) {
            (Some(company), person) => {
                object.insert("customer".to_owned(), company);
                object.extend(person.map(|person| ("contact".to_owned(), person)));
            }
            (None, Some(person)) => drop(object.insert("customer".to_owned(), person)),
            (None, None) => {}
        }
        text(&mut object, "firstName", &order.first_name);
        text(&mut object, "lastName", &order.last_name);
        text(&mut object, "phone", &order.phone);
        text(&mut object, "email", &order.email);
        text(&mut object, "managerComment", &order.comment);
        Value::Object(object)
    }

    /// An order as the records of its status have it: without its customer (contract, 2.3).
    pub(crate) fn short_order(order: &Order) -> Value {
        let mut object = Map::from_iter([
            ("id".to_owned(), json!(order.id)),
            ("number".to_owned(), json!(order.number)),
            ("site".to_owned(), json!(order.site)),
            ("status".to_owned(), json!(order.status)),
        ]);
        if let Some(external) = &order.external_id {
            object.insert("externalId".to_owned(), json!(external));
        }
        if let Some(manager) = order.manager {
            object.insert("managerId".to_owned(), json!(manager));
        }
        Value::Object(object)
    }
}
