//! The feeds of changes: one record is one changed field, and the ids are in order (contract, 2.2
//! and 2.3).

use std::collections::VecDeque;

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    customers::{envelope, visible},
    error::{NOT_VALID, RetailError, RetailResult},
    keys::Key,
    settings::StaleFeed,
    state::{Customer, Order, State},
};

/// Who changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A person in the account's own screens.
    User(u64),
    /// A key of the API.
    Key(String),
    /// The account's own code: segments.
    Code,
    /// A rule of the account.
    Rule,
}

impl Source {
    fn name(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Key(_) => "api",
            Self::Code => "code",
            Self::Rule => "rule",
        }
    }
}

/// A record.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    id: u64,
    at: DateTime<Utc>,
    site: String,
    /// The customer's or the order's id.
    subject: u64,
    external_id: Option<String>,
    change: Change,
    source: Source,
}

/// What a record says.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) field: String,
    pub(crate) old: Value,
    pub(crate) new: Value,
    /// `created` or `deleted`, which alone carry the whole object.
    pub(crate) mark: Option<&'static str>,
    /// The object as it was then: whole, or its ids.
    pub(crate) object: Value,
    pub(crate) combined_to: Option<Value>,
}

/// One feed.
#[derive(Debug)]
pub(crate) struct Feed {
    entries: VecDeque<Entry>,
    last: u64,
    /// Records up to this one were thrown away.
    forgotten: u64,
}

impl Feed {
    pub(crate) fn new(last: u64) -> Self {
        Self { entries: VecDeque::new(), last, forgotten: last }
    }

    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn push(&mut self, at: DateTime<Utc>, source: Source, subject: (u64, &str, Option<&str>), change: Change) {
        self.last += 1;
        let (subject, site, external) = subject;
        let external_id = external.map(str::to_owned);
        self.entries.push_back(Entry { id: self.last, at, site: site.to_owned(), subject, external_id, change, source });
    }

    /// Throws records up to this id away.
    pub(crate) fn forget(&mut self, id: u64) {
        self.forgotten = self.forgotten.max(id.min(self.last));
        while self.entries.front().is_some_and(|entry| entry.id <= id) {
            self.entries.pop_front();
        }
    }
}

/// Which feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Customers,
    Corporates,
    Orders,
}

impl Of {
    /// The name of the object in a record.
    fn object(self) -> &'static str {
        if self == Self::Orders { "order" } else { "customer" }
    }
}

impl State {
    fn feed(&self, of: Of) -> &Feed {
        match of {
            Of::Customers => &self.customer_feed,
            Of::Corporates => &self.corporate_feed,
            Of::Orders => &self.order_feed,
        }
    }

    /// A customer came into being.
    pub(crate) fn note_created(&mut self, id: u64, source: Source) {
        let Some(customer) = self.customers.get(&id) else { return };
        let object = self.show_customer(customer);
        let (site, external) = (customer.site.clone(), customer.external_id.clone());
        let change = Change { field: "id".to_owned(), old: Value::Null, new: json!(id), mark: Some("created"), object, combined_to: None };
        let now = self.now();
        self.customer_feed.push(now, source, (id, &site, external.as_deref()), change);
        self.raise_customer(id);
    }

    /// A customer is no more; `whole` is how it was.
    pub(crate) fn note_deleted(&mut self, gone: &Customer, whole: Value, into: Option<u64>, source: Source) {
        let combined_to = into.and_then(|id| self.customers.get(&id)).map(|winner| Self::short_customer(winner, false));
        let change =
            Change { field: "id".to_owned(), old: json!(gone.id), new: Value::Null, mark: Some("deleted"), object: whole, combined_to };
        let now = self.now();
        self.customer_feed.push(now, source, (gone.id, &gone.site, gone.external_id.as_deref()), change);
        self.raise_customer(gone.id);
    }

    /// A field of a customer changed.
    pub(crate) fn note_changed(&mut self, id: u64, field: &str, old: Value, new: Value, source: &Source) {
        let Some(customer) = self.customers.get(&id) else { return };
        let object = Self::short_customer(customer, false);
        let (site, external) = (customer.site.clone(), customer.external_id.clone());
        let change = Change { field: field.to_owned(), old, new, mark: None, object, combined_to: None };
        let now = self.now();
        self.customer_feed.push(now, source.clone(), (id, &site, external.as_deref()), change);
        self.raise_customer(id);
    }

    /// Something of an order.
    pub(crate) fn note_order(&mut self, order: &Order, field: &str, old: Value, new: Value, mark: Option<&'static str>, source: Source) {
        let object = if mark.is_some() { self.show_order(order) } else { Self::short_order(order) };
        let change = Change { field: field.to_owned(), old, new, mark, object, combined_to: None };
        let now = self.now();
        self.order_feed.push(now, source, (order.id, &order.site, order.external_id.as_deref()), change);
        if field == "status" {
            self.raise_order(order);
        }
    }

    /// Something of a corporate customer.
    pub(crate) fn note_corporate(&mut self, id: u64, field: &str, mark: Option<&'static str>, new: Value, source: Source) {
        let Some(corporate) = self.corporates.get(&id) else { return };
        let object = if mark.is_some() { self.show_corporate(corporate) } else { json!({ "id": id, "site": corporate.site }) };
        let (site, external) = (corporate.site.clone(), corporate.external_id.clone());
        let change = Change { field: field.to_owned(), old: Value::Null, new, mark, object, combined_to: None };
        let now = self.now();
        self.corporate_feed.push(now, source, (id, &site, external.as_deref()), change);
    }

    fn show_entry(&self, entry: &Entry, of: Of, key: &Key) -> Value {
        let Change { field, old, new, mark, object, combined_to } = &entry.change;
        let mut shown = Map::from_iter([
            ("id".to_owned(), json!(entry.id)),
            ("createdAt".to_owned(), json!(self.written(entry.at))),
            ("source".to_owned(), json!(entry.source.name())),
            ("field".to_owned(), json!(field)),
            ("oldValue".to_owned(), old.clone()),
            ("newValue".to_owned(), new.clone()),
            (of.object().to_owned(), object.clone()),
        ]);
        if let Some(mark) = mark {
            shown.insert((*mark).to_owned(), json!(true));
        }
        match &entry.source {
            Source::Key(made_by) => shown.insert("apiKey".to_owned(), json!({ "current": *made_by == key.key })),
            Source::User(id) => shown.insert("user".to_owned(), json!({ "id": id })),
            Source::Code | Source::Rule => None,
        };
        if let Some(winner) = combined_to {
            shown.insert("combinedTo".to_owned(), winner.clone());
        }
        Value::Object(shown)
    }
}

/// `GET /customers/history`, `/customers-corporate/history`, `/orders/history`: oldest first.
pub(crate) fn read(state: &State, key: &Key, ask: &Ask, of: Of) -> RetailResult<Response> {
    let known: &[&str] = match of {
        Of::Customers => &["sinceId", "startDate", "endDate", "customerId", "customerExternalId"],
        Of::Corporates => &["sinceId", "startDate", "endDate", "customerId", "customerExternalId"],
        Of::Orders => &["sinceId", "startDate", "endDate", "orderId", "orderExternalId"],
    };
    if state.settings.strict {
        ask.only_filters(known)?;
    }
    let (page, limit) = ask.page()?;
    let feed = state.feed(of);
    let since = ask.number::<u64>("sinceId")?;
    let (from, to) = (ask.moment("startDate", state.zone(), false)?, ask.moment("endDate", state.zone(), true)?);
    let subject = ask.number::<u64>(if of == Of::Orders { "orderId" } else { "customerId" })?;
    let external = ask.filter(if of == Of::Orders { "orderExternalId" } else { "customerExternalId" });
    let stale = since.is_some_and(|since| since < feed.forgotten);
    let begin = match (stale, state.settings.stale_feed) {
        (true, StaleFeed::Refused) => return Err(RetailError::invalid("filter[sinceId]", NOT_VALID)),
        (true, StaleFeed::Empty) => feed.entries.len(),
        _ => since.map_or(0, |since| feed.entries.partition_point(|entry| entry.id <= since)),
    };
    let rest = feed.entries.len() - begin;
    let plain = from.is_none() && to.is_none() && subject.is_none() && external.is_none() && key.sites.is_none();
    let wanted = |entry: &&Entry| {
        from.is_none_or(|from| entry.at >= from)
            && to.is_none_or(|to| entry.at <= to)
            && subject.is_none_or(|id| entry.subject == id)
            && external.is_none_or(|id| entry.external_id.as_deref() == Some(id))
            && visible(key, &entry.site)
    };
    let skip = (page - 1).saturating_mul(limit);
    // Without conditions the count is known: a feed of a million records is not walked.
    let (total, items): (usize, Vec<Value>) = if plain {
        let items = feed.entries.iter().skip(begin.saturating_add(skip)).take(limit);
        (rest, items.map(|entry| state.show_entry(entry, of, key)).collect())
    } else {
        let found: Vec<&Entry> = feed.entries.iter().skip(begin).filter(wanted).collect();
        (found.len(), found.into_iter().skip(skip).take(limit).map(|entry| state.show_entry(entry, of, key)).collect())
    };
    let mut answer = envelope("history", items, total, page, limit);
    answer["generatedAt"] = json!(state.written(state.now()));
    Ok(Json(answer).into_response())
}
