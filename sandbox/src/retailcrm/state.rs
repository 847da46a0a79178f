//! What the account holds.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, FixedOffset, Utc};
use serde_json::Value;

use super::{
    error::{RetailError, RetailResult},
    history::Feed,
    keys::Key,
    reference::{Dictionary, Field, Segment, Status, Topic},
    settings::Settings,
    triggers::Trigger,
};
use crate::{clock::Clock, window::Window};

/// The user who is the account's administrator.
pub const ADMIN: u64 = 23;

/// A customer. Empty texts are absent in answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customer {
    /// Given by the account.
    pub id: u64,
    /// Ours, unique within its site; customers made by hand have none.
    pub external_id: Option<String>,
    /// The code of the shop.
    pub site: String,
    pub first_name: String,
    pub last_name: String,
    pub patronymic: String,
    pub email: String,
    /// As they were typed, in order.
    pub phones: Vec<String>,
    /// `male`, `female` or empty.
    pub sex: String,
    /// `Y-m-d` or empty.
    pub birthday: String,
    pub city: String,
    pub region: String,
    pub created_at: DateTime<Utc>,
    pub manager: Option<u64>,
    pub vip: bool,
    pub bad: bool,
    pub tags: Vec<String>,
    /// Custom fields by code.
    pub custom: BTreeMap<String, Value>,
    /// Codes of segments.
    pub segments: Vec<String>,
    /// Topics (by number in the account's list) with what was said of each, and when.
    pub subscriptions: BTreeMap<u64, (bool, DateTime<Utc>)>,
    pub email_unsubscribed_at: Option<DateTime<Utc>>,
    /// Identities of the platform's own messenger gateway: number and type of channel.
    pub gateway: Vec<(u64, String)>,
}

impl Customer {
    /// A customer of this name with these phones, in the first site.
    #[must_use]
    pub fn person(first_name: &str, last_name: &str, phones: &[&str]) -> Self {
        Self {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            phones: phones.iter().map(|phone| (*phone).to_owned()).collect(),
            ..Self::default()
        }
    }

    /// The same with an id of ours.
    #[must_use]
    pub fn external(self, id: &str) -> Self {
        Self { external_id: Some(id.to_owned()), ..self }
    }

    /// The same in another site.
    #[must_use]
    pub fn site(self, code: &str) -> Self {
        Self { site: code.to_owned(), ..self }
    }

    /// The same with a custom field.
    #[must_use]
    pub fn field(mut self, code: &str, value: Value) -> Self {
        self.custom.insert(code.to_owned(), value);
        self
    }
}

/// A corporate customer: a company with contacts that are customers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corporate {
    pub id: u64,
    pub external_id: Option<String>,
    pub site: String,
    pub nick_name: String,
    pub created_at: DateTime<Utc>,
    pub manager: Option<u64>,
    pub tags: Vec<String>,
    pub custom: BTreeMap<String, Value>,
    /// Customers' ids; the first is the main one.
    pub contacts: Vec<u64>,
    /// The main company's name; empty: none.
    pub company: String,
}

/// An order: what other CRMs call a deal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    pub id: u64,
    pub number: String,
    pub external_id: Option<String>,
    pub site: String,
    /// The code of a status.
    pub status: String,
    pub status_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub customer: Option<u64>,
    /// The company whose order it is; the customer is then the person who made it.
    pub corporate: Option<u64>,
    pub first_name: String,
    pub last_name: String,
    pub phone: String,
    pub email: String,
    pub manager: Option<u64>,
    /// Name, price of one, how many.
    pub items: Vec<(String, f64, f64)>,
    /// What was paid before.
    pub prepaid: f64,
    pub comment: String,
    pub custom: BTreeMap<String, Value>,
}

impl Order {
    /// The sum of the items.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.items.iter().map(|(_, price, many)| price * many).sum()
    }
}

/// A note about a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    pub id: u64,
    /// The customer's id.
    pub customer: u64,
    pub manager: Option<u64>,
    pub text: String,
    pub created_at: DateTime<Utc>,
}

/// A task of a user.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub id: u64,
    pub text: String,
    pub commentary: String,
    /// `Y-m-d H:i` of the account's zone.
    pub datetime: String,
    /// A user's id.
    pub performer: u64,
    /// The customer's id.
    pub customer: Option<u64>,
    /// The order's id.
    pub order: Option<u64>,
    pub created_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
}

/// A write the double accepted, whether or not the caller got the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// `customer`, `corporate`, `order`, `note`, `task`, `subscription`, `field`, `combine`.
    pub what: &'static str,
    /// The customer's id, or the thing's own.
    pub id: u64,
    /// Whether it was made by this call.
    pub created: bool,
    /// What was sent.
    pub body: Value,
}

/// A customer that a merge took away.
#[derive(Clone, Debug)]
pub(crate) struct Loser {
    pub(crate) site: String,
    pub(crate) external_id: Option<String>,
    pub(crate) winner: u64,
}

/// The account. Everything a test may see of it has a method of [`super::RetailCrm`].
pub struct State {
    pub(crate) account: String,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    /// The account was switched off: nothing answers under its name.
    pub(crate) disabled: bool,
    /// Code → name.
    pub(crate) sites: Vec<(String, String)>,
    pub(crate) users: BTreeMap<u64, String>,
    pub(crate) keys: HashMap<String, Key>,
    pub(crate) calls: Window,
    pub(crate) limited: u64,
    pub(crate) requests: u64,
    pub(crate) customers: BTreeMap<u64, Customer>,
    /// Site and external id → id.
    pub(crate) external: HashMap<(String, String), u64>,
    pub(crate) losers: BTreeMap<u64, Loser>,
    pub(crate) corporates: BTreeMap<u64, Corporate>,
    pub(crate) orders: BTreeMap<u64, Order>,
    pub(crate) orders_of: HashMap<u64, Vec<u64>>,
    pub(crate) customer_feed: Feed,
    pub(crate) corporate_feed: Feed,
    pub(crate) order_feed: Feed,
    pub(crate) segments: BTreeMap<String, Segment>,
    pub(crate) topics: BTreeMap<u64, Topic>,
    pub(crate) fields: Vec<Field>,
    pub(crate) dictionaries: Vec<Dictionary>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) notes: BTreeMap<u64, Note>,
    pub(crate) tasks: BTreeMap<u64, Task>,
    pub(crate) writes: Vec<Accepted>,
    pub(crate) triggers: Vec<Trigger>,
    last: u64,
}

impl State {
    pub(crate) fn new(account: &str, clock: Clock, settings: Settings) -> Self {
        Self {
            account: account.to_owned(),
            settings,
            clock,
            disabled: false,
            sites: vec![("shop-main".to_owned(), "Магазин".to_owned())],
            users: BTreeMap::from([(ADMIN, "Ольга".to_owned()), (27, "Павел".to_owned())]),
            keys: HashMap::new(),
            calls: Window::default(),
            limited: 0,
            requests: 0,
            customers: BTreeMap::new(),
            external: HashMap::new(),
            losers: BTreeMap::new(),
            corporates: BTreeMap::new(),
            orders: BTreeMap::new(),
            orders_of: HashMap::new(),
            customer_feed: Feed::new(2_690),
            corporate_feed: Feed::new(4_240),
            order_feed: Feed::new(7_099),
            segments: BTreeMap::new(),
            topics: super::reference::usual_topics(),
            fields: super::reference::usual_fields(),
            dictionaries: super::reference::usual_dictionaries(),
            statuses: super::reference::usual_statuses(),
            notes: BTreeMap::new(),
            tasks: BTreeMap::new(),
            writes: Vec::new(),
            triggers: Vec::new(),
            last: 4_769,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn zone(&self) -> FixedOffset {
        let seconds = self.settings.zone_minutes.saturating_mul(60);
        FixedOffset::east_opt(seconds).or_else(|| FixedOffset::east_opt(0)).expect("Greenwich is a zone")
    }

    /// A moment as the account writes it.
    pub(crate) fn written(&self, at: DateTime<Utc>) -> String {
        super::ask::show_moment(at, self.zone())
    }

    /// An id that nothing has had yet.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(crate) fn accept(&mut self, what: &'static str, id: u64, created: bool, body: Value) {
        self.writes.push(Accepted { what, id, created, body });
    }

    /// Puts a customer in place, with its external id.
    pub(crate) fn put(&mut self, customer: Customer) {
        if let Some(old) = self.customers.get(&customer.id).and_then(|old| Some((old.site.clone(), old.external_id.clone()?))) {
            self.external.remove(&old);
        }
        if let Some(external) = customer.external_id.clone() {
            self.external.insert((customer.site.clone(), external), customer.id);
        }
        self.customers.insert(customer.id, customer);
    }

    /// Takes a customer away.
    pub(crate) fn take(&mut self, id: u64) -> Option<Customer> {
        let gone = self.customers.remove(&id)?;
        if let Some(external) = gone.external_id.clone() {
            self.external.remove(&(gone.site.clone(), external));
        }
        Some(gone)
    }

    /// Puts an order in place, among its customer's.
    pub(crate) fn put_order(&mut self, order: Order) {
        let before = self.orders.get(&order.id).and_then(|old| old.customer);
        if before != order.customer {
            if let Some(all) = before.and_then(|id| self.orders_of.get_mut(&id)) {
                all.retain(|id| *id != order.id);
            }
            if let Some(customer) = order.customer {
                self.orders_of.entry(customer).or_default().push(order.id);
            }
        }
        self.orders.insert(order.id, order);
    }

    /// A customer's orders, oldest first.
    pub(crate) fn orders_of(&self, customer: u64) -> impl Iterator<Item = &Order> {
        self.orders_of.get(&customer).into_iter().flatten().filter_map(|id| self.orders.get(id))
    }

    /// 404, or what became of a customer that was merged (contract, 2.1).
    pub(crate) fn gone(&self, id: u64) -> RetailError {
        let mut winner = self.losers.get(&id).map(|loser| loser.winner);
        while let Some(next) = winner.and_then(|id| self.losers.get(&id)) {
            winner = Some(next.winner);
        }
        match winner.and_then(|id| self.customers.get(&id)) {
            Some(survivor) => RetailError::not_found().with("combinedTo", self.show_customer(survivor)),
            None => RetailError::not_found(),
        }
    }

    /// The customer whom a call names: `reference` is an id, or with `by` its external id.
    pub(crate) fn find(&self, by: By, reference: &str, site: Option<&str>) -> RetailResult<&Customer> {
        let id = match by {
            By::Id => reference.parse().ok(),
            By::External => {
                let site = site.unwrap_or_default();
                let lost = || {
                    let mut losers = self.losers.iter();
                    losers.find(|(_, loser)| loser.site == site && loser.external_id.as_deref() == Some(reference)).map(|(id, _)| *id)
                };
                self.external.get(&(site.to_owned(), reference.to_owned())).copied().or_else(lost)
            }
        };
        let id = id.ok_or_else(RetailError::not_found)?;
        let found = self.customers.get(&id).ok_or_else(|| self.gone(id))?;
        if site.is_some_and(|site| site != found.site) { Err(RetailError::not_found()) } else { Ok(found) }
    }
}

/// Which id a path holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Id,
    External,
}
