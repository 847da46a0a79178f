//! What is wrong with a body: the `errors` of a refusal (contract, 3 and 5).

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{
    ask::parse_moment,
    error::{BLANK, EXTRA, NOT_VALID, USED},
    reference::Field,
    state::State,
};

/// Longest text of one line.
const LINE: usize = 255;

/// Keys of a customer's body.
const CUSTOMER: &[&str] = &[
    "externalId",
    "firstName",
    "lastName",
    "patronymic",
    "email",
    "phones",
    "sex",
    "birthday",
    "createdAt",
    "managerId",
    "vip",
    "bad",
    "address",
    "contragent",
    "customFields",
    "addTags",
    "removeTags",
    "subscribed",
    "source",
    "isContact",
];

/// Keys of an order's body.
const ORDER: &[&str] = &[
    "externalId",
    "number",
    "firstName",
    "lastName",
    "patronymic",
    "email",
    "phone",
    "status",
    "managerId",
    "customer",
    "items",
    "customFields",
    "createdAt",
    "managerComment",
    "customerComment",
    "orderType",
    "orderMethod",
];

type Errors = Vec<(String, String)>;

/// Collects errors by field.
pub(crate) struct Checking<'a> {
    body: &'a Map<String, Value>,
    pub(crate) errors: Errors,
}

impl<'a> Checking<'a> {
    pub(crate) fn of(body: &'a Map<String, Value>) -> Self {
        Self { body, errors: Vec::new() }
    }

    pub(crate) fn wrong(&mut self, field: &str, words: &str) {
        self.errors.push((field.to_owned(), words.to_owned()));
    }

    /// A present value must satisfy a condition.
    pub(crate) fn must(&mut self, field: &str, holds: impl FnOnce(&Value) -> bool) {
        if self.body.get(field).is_some_and(|value| !value.is_null() && !holds(value)) {
            self.wrong(field, NOT_VALID);
        }
    }

    fn only(&mut self, known: &[&str]) {
        for name in self.body.keys().filter(|name| !known.contains(&name.as_str())) {
            self.errors.push((name.clone(), EXTRA.to_owned()));
        }
    }

    fn lines(&mut self, fields: &[&str]) {
        for field in fields {
            self.must(field, |value| value.as_str().is_some_and(|text| text.chars().count() <= LINE));
        }
    }

    fn custom(&mut self, state: &State, entity: &str) {
        match self.body.get("customFields") {
            None => {}
            // An empty object of PHP is a list.
            Some(Value::Array(items)) if items.is_empty() => {}
            Some(Value::Object(values)) => {
                for (code, value) in values {
                    let right = state.field(entity, code).filter(|field| field.editable).is_some_and(|field| fits(state, field, value));
                    if !right {
                        self.wrong(&format!("customFields.{code}"), if state.field(entity, code).is_none() { EXTRA } else { NOT_VALID });
                    }
                }
            }
            Some(_) => self.wrong("customFields", NOT_VALID),
        }
    }
}

/// Whether a value is of the field's type; null clears.
fn fits(state: &State, field: &Field, value: &Value) -> bool {
    let day = |value: &Value| value.as_str().is_some_and(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok());
    let known = |value: &Value| {
        let dictionary = field.dictionary.as_deref().and_then(|code| state.dictionary(code));
        dictionary.is_some_and(|dictionary| dictionary.elements.iter().any(|(code, _)| value.as_str() == Some(code)))
    };
    value.is_null()
        || match field.kind.as_str() {
            "boolean" => value.is_boolean() || matches!(value.as_str(), Some("0" | "1")),
            "integer" => value.is_i64() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
            "numeric" => value.is_number() || value.as_str().is_some_and(|text| text.parse::<f64>().is_ok()),
            "date" => day(value),
            "datetime" => value.as_str().is_some_and(|text| parse_moment(text, state.zone(), false).is_some()),
            "dictionary" => known(value),
            "multiselect_dictionary" => value.as_array().is_some_and(|items| items.iter().all(known)),
            "email" => value.as_str().is_some_and(is_email),
            "string" => value.as_str().is_some_and(|text| text.chars().count() <= LINE),
            _ => value.is_string(),
        }
}

fn is_email(text: &str) -> bool {
    text.is_empty() || text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.ends_with('.'))
}

/// What is wrong with a customer's body. `me` is the customer that is edited.
pub(crate) fn customer(state: &State, body: &Map<String, Value>, site: &str, me: Option<u64>) -> Errors {
    let mut check = Checking::of(body);
    if state.settings.strict {
        check.only(CUSTOMER);
    }
    check.lines(&["firstName", "lastName", "patronymic", "externalId"]);
    if let Some(external) = body.get("externalId").and_then(Value::as_str) {
        let taken = state.external.get(&(site.to_owned(), external.to_owned()));
        if external.is_empty() {
            check.wrong("externalId", BLANK);
        } else if taken.is_some_and(|id| Some(*id) != me) {
            check.wrong("externalId", USED);
        }
    }
    check.must("email", |value| value.as_str().is_some_and(is_email));
    check.must("sex", |value| matches!(value.as_str(), Some("male" | "female" | "")));
    let zone = state.zone();
    check.must("birthday", |value| value.as_str().is_some_and(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()));
    check.must("createdAt", |value| value.as_str().is_some_and(|text| parse_moment(text, zone, false).is_some()));
    check.must("managerId", |value| value.as_u64().is_some_and(|id| state.users.contains_key(&id)));
    check.must("phones", |value| {
        value.as_array().is_some_and(|phones| phones.iter().all(|phone| phone["number"].as_str().is_some_and(|number| !number.is_empty())))
    });
    for field in ["vip", "bad", "subscribed", "isContact"] {
        check.must(field, Value::is_boolean);
    }
    for field in ["addTags", "removeTags"] {
        check.must(field, |value| {
            value.as_array().is_some_and(|tags| tags.iter().all(|tag| tag.as_str().is_some_and(|tag| !tag.is_empty())))
        });
    }
    check.must("address", Value::is_object);
    check.custom(state, "customer");
    check.errors
}

/// What is wrong with a corporate customer's body (secondary: the vendor's client).
pub(crate) fn corporate(state: &State, body: &Map<String, Value>, site: &str, me: Option<u64>) -> Errors {
    let mut check = Checking::of(body);
    if state.settings.strict {
        check.only(&["externalId", "nickName", "managerId", "customFields", "addTags", "removeTags", "customerContacts", "companies"]);
    }
    check.lines(&["nickName", "externalId"]);
    if me.is_none() && body.get("nickName").and_then(Value::as_str).unwrap_or_default().is_empty() {
        check.wrong("nickName", BLANK);
    }
    let external = body.get("externalId").and_then(Value::as_str);
    let taken = |corporate: &super::state::Corporate| {
        corporate.site == site && external.is_some() && corporate.external_id.as_deref() == external && Some(corporate.id) != me
    };
    if state.corporates.values().any(taken) {
        check.wrong("externalId", USED);
    }
    check.must("managerId", |value| value.as_u64().is_some_and(|id| state.users.contains_key(&id)));
    check.must("customerContacts", |value| {
        let known = |contact: &Value| contact["customer"]["id"].as_u64().is_some_and(|id| state.customers.contains_key(&id));
        value.as_array().is_some_and(|contacts| contacts.iter().all(known))
    });
    check.custom(state, "customer");
    check.errors
}

/// What is wrong with an order's body.
pub(crate) fn order(state: &State, body: &Map<String, Value>, site: &str, me: Option<u64>) -> Errors {
    let mut check = Checking::of(body);
    if state.settings.strict {
        check.only(ORDER);
    }
    check.lines(&["firstName", "lastName", "patronymic", "externalId", "number", "phone"]);
    let external = body.get("externalId").and_then(Value::as_str);
    let taken = |order: &super::state::Order| {
        order.site == site && external.is_some() && order.external_id.as_deref() == external && Some(order.id) != me
    };
    if state.orders.values().any(taken) {
        check.wrong("externalId", USED);
    }
    check.must("email", |value| value.as_str().is_some_and(is_email));
    check.must("status", |value| state.statuses.iter().any(|status| value.as_str() == Some(&status.code)));
    check.must("managerId", |value| value.as_u64().is_some_and(|id| state.users.contains_key(&id)));
    check.must("customer", |value| reference(state, value, site).is_some());
    check.must("items", |value| {
        let right = |item: &Value| {
            let named = item["productName"].is_string() || item["offer"].is_object();
            named && item["initialPrice"].is_number() && item["quantity"].as_f64().is_none_or(|many| many > 0.0)
        };
        value.as_array().is_some_and(|items| items.iter().all(right))
    });
    check.custom(state, "order");
    check.errors
}

/// The customer that a body names: `{"id":…}` or `{"externalId":…,"site":…}`.
pub(crate) fn reference(state: &State, value: &Value, site: &str) -> Option<u64> {
    if let Some(id) = value["id"].as_u64() {
        return state.customers.contains_key(&id).then_some(id);
    }
    let site = value["site"].as_str().unwrap_or(site);
    let external = value["externalId"].as_str()?;
    state.external.get(&(site.to_owned(), external.to_owned())).copied()
}
