//! What the company's people and the account's own code do, and what a test may look at.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    RetailCrm,
    history::Source,
    keys::Key,
    reference::{Dictionary, Field, Segment, Status, Topic},
    state::{ADMIN, Accepted, Corporate, Customer, Note, Order, Task},
};

const HAND: Source = Source::User(ADMIN);

/// Making the account.
impl RetailCrm {
    /// A key for every method and every site.
    #[must_use]
    pub fn api_key(&self) -> String {
        let key = format!("{:032x}", rand::random::<u128>());
        self.state().keys.insert(key.clone(), Key::new(&key));
        key
    }

    /// A key of the caller's choosing for everything.
    pub fn add_key(&self, key: &str) {
        self.state().keys.insert(key.to_owned(), Key::new(key));
    }

    /// Allows a key these methods alone (as `credentials` writes them, see [`super::METHODS`]);
    /// `None`: all.
    pub fn allow_methods(&self, key: &str, methods: Option<&[&str]>) {
        if let Some(key) = self.state().keys.get_mut(key) {
            key.methods = methods.map(|methods| methods.iter().map(|method| (*method).to_owned()).collect());
        }
    }

    /// Shows a key these sites alone (`access_selective`); `None`: all.
    pub fn allow_sites(&self, key: &str, sites: Option<&[&str]>) {
        if let Some(key) = self.state().keys.get_mut(key) {
            key.sites = sites.map(|sites| sites.iter().map(|site| (*site).to_owned()).collect());
        }
    }

    /// The key is revoked: 403 `Wrong "apiKey" value.`
    pub fn revoke(&self, key: &str) {
        if let Some(key) = self.state().keys.get_mut(key) {
            key.revoked = true;
        }
    }

    /// The account is switched off, or on again.
    pub fn disable(&self, disabled: bool) {
        self.state().disabled = disabled;
    }

    /// One more shop; the account begins with `shop-main`.
    pub fn add_site(&self, code: &str, name: &str) {
        self.state().sites.push((code.to_owned(), name.to_owned()));
    }

    /// One more user; the account begins with 23 and 27.
    pub fn add_user(&self, id: u64, name: &str) {
        self.state().users.insert(id, name.to_owned());
    }

    /// One more status of orders, in a group (`new`, `approval`, … `cancel`).
    pub fn add_status(&self, code: &str, name: &str, group: &str) {
        self.state().statuses.push(Status { code: code.to_owned(), name: name.to_owned(), group: group.to_owned() });
    }

    /// One more topic of a channel; its number. The account begins with `default_marketing` of
    /// `email` and of `waba`.
    pub fn add_topic(&self, channel: &str, code: &str, name: &str) -> u64 {
        let mut state = self.state();
        let id = state.topics.keys().max().copied().unwrap_or_default() + 1;
        state.topics.insert(id, Topic { id, channel: channel.to_owned(), code: code.to_owned(), name: name.to_owned() });
        id
    }

    /// One more custom field of an entity (`customer`, `order`); `kind` as the contract names them,
    /// `dictionary` for those that have one. An `editable` of false refuses values.
    pub fn add_field(&self, entity: &str, code: &str, name: &str, kind: &str, dictionary: Option<&str>, editable: bool) {
        let field = Field { dictionary: dictionary.map(str::to_owned), editable, ..Field::new(entity, code, name, kind) };
        self.state().fields.push(field);
    }

    /// One more dictionary: code and name of each item.
    pub fn add_dictionary(&self, code: &str, name: &str, elements: &[(&str, &str)]) {
        let elements = elements.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect();
        self.state().dictionaries.push(Dictionary { code: code.to_owned(), name: name.to_owned(), elements });
    }

    /// One more segment, with nobody in it; an inactive one stays in lists.
    pub fn add_segment(&self, code: &str, name: &str, active: bool) {
        let mut state = self.state();
        let (id, created_at) = (state.next_id(), state.now());
        let segment = Segment { id, code: code.to_owned(), name: name.to_owned(), created_at, active, members: BTreeSet::new() };
        state.segments.insert(code.to_owned(), segment);
    }
}

/// What is done by hand and by the account itself.
impl RetailCrm {
    /// A person adds a customer: the moment and the site are filled in where empty; its id.
    pub fn add(&self, customer: Customer) -> u64 {
        let mut state = self.state();
        let now = state.now();
        let created_at = if customer.created_at == DateTime::<Utc>::default() { now } else { customer.created_at };
        state.create(Customer { created_at, ..customer }, HAND)
    }

    /// A person changes a customer: one record for each field that differs.
    pub fn edit(&self, id: u64, change: impl FnOnce(&mut Customer)) {
        self.state().change(id, &HAND, change);
    }

    /// A person deletes a customer.
    pub fn delete(&self, id: u64) {
        self.state().remove(id, None, HAND);
    }

    /// A person merges two customers: the loser's record tells the winner, so does its 404.
    pub fn merge(&self, loser: u64, winner: u64) {
        self.state().remove(loser, Some(winner), HAND);
    }

    /// A customer says of a topic (channel and code) whether they want it.
    pub fn subscribe(&self, id: u64, channel: &str, code: &str, active: bool) {
        let mut state = self.state();
        let topic = state.topics.values().find(|topic| topic.channel == channel && topic.code == code).map(|topic| topic.id);
        if let Some(topic) = topic {
            state.subscribe(id, topic, active, &HAND);
        }
    }

    /// The account computes a segment anew: exactly these people are in it. Each who came or went
    /// is a record of the feed, as it happens to many at once at night.
    pub fn recount_segment(&self, code: &str, members: &[u64]) {
        let mut state = self.state();
        let wanted: BTreeSet<u64> = members.iter().copied().collect();
        let Some(segment) = state.segments.get_mut(code) else { return };
        let before = std::mem::replace(&mut segment.members, wanted.clone());
        let value = json!({ "code": code });
        for id in before.symmetric_difference(&wanted) {
            let came = wanted.contains(id);
            let Some(customer) = state.customers.get_mut(id) else { continue };
            customer.segments.retain(|known| known != code);
            if came {
                customer.segments.push(code.to_owned());
            }
            let (old, new) = if came { (Value::Null, value.clone()) } else { (value.clone(), Value::Null) };
            state.note_changed(*id, "segments", old, new, &Source::Code);
        }
    }

    /// A person adds a corporate customer; its id.
    pub fn add_corporate(&self, corporate: Corporate) -> u64 {
        let mut state = self.state();
        let (id, created_at) = (state.next_id(), state.now());
        let first = state.sites.first().map_or_else(String::new, |(code, _)| code.clone());
        let site = if corporate.site.is_empty() { first } else { corporate.site.clone() };
        state.corporates.insert(id, Corporate { id, site, created_at, ..corporate });
        state.note_corporate(id, "id", Some("created"), json!(id), HAND);
        id
    }

    /// A person adds an order: status `new`, the site and the moment are filled in where empty; its
    /// id.
    pub fn add_order(&self, order: Order) -> u64 {
        let mut state = self.state();
        let now = state.now();
        let created_at = if order.created_at == DateTime::<Utc>::default() { now } else { order.created_at };
        state.create_order(Order { created_at, ..order }, HAND)
    }

    /// A person changes an order; its status moves by [`RetailCrm::move_order`].
    pub fn edit_order(&self, id: u64, change: impl FnOnce(&mut Order)) {
        let mut state = self.state();
        let Some(before) = state.orders.get(&id).cloned() else { return };
        let mut after = before.clone();
        change(&mut after);
        after.status.clone_from(&before.status);
        state.change_order(&before, after, &HAND);
    }

    /// A person moves an order into a status; rules of the settings may move it on.
    pub fn move_order(&self, id: u64, status: &str) {
        self.state().move_order(id, status, HAND);
    }

    /// A person deletes an order.
    pub fn delete_order(&self, id: u64) {
        let mut state = self.state();
        let Some(order) = state.orders.get(&id).cloned() else { return };
        state.note_order(&order, "id", json!(id), Value::Null, Some("deleted"), HAND);
        if let Some(all) = order.customer.and_then(|customer| state.orders_of.get_mut(&customer)) {
            all.retain(|known| *known != id);
        }
        state.orders.remove(&id);
    }

    /// A user does a task.
    pub fn complete_task(&self, id: u64) {
        let mut state = self.state();
        let now = state.now();
        if let Some(task) = state.tasks.get_mut(&id) {
            task.completed_at = Some(now);
        }
    }

    /// The feeds forget everything up to now; how a `sinceId` from before answers is a setting.
    pub fn forget_history(&self) {
        let mut state = self.state();
        for feed in 0..3 {
            let feed = match feed {
                0 => &mut state.customer_feed,
                1 => &mut state.corporate_feed,
                _ => &mut state.order_feed,
            };
            let last = feed.last();
            feed.forget(last);
        }
    }
}

/// What a test may look at.
impl RetailCrm {
    /// A customer that is there.
    #[must_use]
    pub fn customer(&self, id: u64) -> Option<Customer> {
        self.quiet().customers.get(&id).cloned()
    }

    /// Ids of the customers that are there, in order.
    #[must_use]
    pub fn customer_ids(&self) -> Vec<u64> {
        self.quiet().customers.keys().copied().collect()
    }

    /// What a customer said of a topic.
    #[must_use]
    pub fn subscribed(&self, id: u64, channel: &str, code: &str) -> Option<bool> {
        let state = self.quiet();
        let topic = state.topics.values().find(|topic| topic.channel == channel && topic.code == code)?.id;
        state.customers.get(&id)?.subscriptions.get(&topic).map(|(active, _)| *active)
    }

    /// An order that is there.
    #[must_use]
    pub fn order(&self, id: u64) -> Option<Order> {
        self.quiet().orders.get(&id).cloned()
    }

    /// Notes about a customer, oldest first.
    #[must_use]
    pub fn notes_of(&self, id: u64) -> Vec<Note> {
        self.quiet().notes.values().filter(|note| note.customer == id).cloned().collect()
    }

    /// Every task.
    #[must_use]
    pub fn tasks(&self) -> Vec<Task> {
        self.quiet().tasks.values().cloned().collect()
    }

    /// The last ids of the customers' and of the orders' feed.
    #[must_use]
    pub fn last_history(&self) -> (u64, u64) {
        let state = self.quiet();
        (state.customer_feed.last(), state.order_feed.last())
    }

    /// Every write accepted, oldest first. What was refused, and how often each method was called,
    /// is in [`RetailCrm::ledger`].
    #[must_use]
    pub fn writes(&self) -> Vec<Accepted> {
        self.quiet().writes.clone()
    }

    /// How many requests came, the refused ones too.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.quiet().requests
    }

    /// How many requests were refused for coming too fast.
    #[must_use]
    pub fn limited(&self) -> u64 {
        self.quiet().limited
    }
}
