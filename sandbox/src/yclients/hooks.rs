//! Hooks of a company: one set of flags for all its addresses, a JSON push of every change, no
//! signature and no order (contract, 6).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    Yclients,
    access::Caller,
    book::flag,
    error::{YcError, YcResult},
    server::{created, ok},
    state::State,
};
use crate::{
    hooks::{Due, Post, Pushes, Queue, Reply, Taken, Way, client_of_hooks, earlier, millis, try_once},
    links::is_safe,
};

/// Addresses of a company.
const MOST: usize = 10;
const FLAGS: [&str; 15] = [
    "active",
    "salon",
    "service_category",
    "service",
    "good",
    "master",
    "client",
    "record",
    "goods_operations_sale",
    "goods_operations_receipt",
    "goods_operations_consumable",
    "goods_operations_stolen",
    "goods_operations_move",
    "finances_operation",
    "self_sending",
];
/// What reading leaves out.
const UNTOLD: [&str; 2] = ["good", "self_sending"];

/// An address, and the partner whose program gave it.
#[derive(Clone)]
struct Address {
    url: String,
    partner: String,
}

/// The hooks of one company, and what waits for them.
#[derive(Default)]
pub(crate) struct Hooks {
    addresses: Vec<Address>,
    on: Vec<&'static str>,
    queue: Queue<Note>,
    history: Vec<Note>,
    given_up: u64,
}

impl Hooks {
    fn is_on(&self, flag: &str) -> bool {
        self.on.contains(&flag)
    }
}

/// One push to one address.
#[derive(Clone)]
pub(crate) struct Note {
    url: String,
    about: i64,
    body: Value,
}

/// A push of one try.
pub struct Push {
    company: i64,
    post: Post,
    taken: Taken<Note>,
}

fn post(url: &str, company: i64, about: Option<i64>, body: &Value, within: Duration) -> Post {
    Post { url: url.to_owned(), headers: Vec::new(), body: body.to_string(), within, bot: Some(company), chat: about }
}

/// Something changed: every address is told that wants to know, but the program that did it only
/// with `self_sending`.
pub(crate) fn raise(state: &mut State, company: i64, resource: &'static str, id: i64, how: &str, data: Value, by: Option<&str>) {
    let (due, faults) = (state.now() + millis(state.settings.hook_delay_ms), state.faults.clone());
    let Some(place) = state.companies.get_mut(&company) else { return };
    let hooks = &mut place.hooks;
    if !hooks.is_on("active") || !hooks.is_on(resource) {
        return;
    }
    let body = json!({ "company_id": company, "resource": resource, "resource_id": id, "status": how, "data": data });
    let itself = hooks.is_on("self_sending");
    for address in hooks.addresses.iter().filter(|address| itself || by != Some(&address.partner)) {
        let note = Note { url: address.url.clone(), about: id, body: body.clone() };
        hooks.history.push(note.clone());
        hooks.queue.put(note, due, Way::draw(&faults, super::SERVICE, company, id));
    }
}

impl Pushes for State {
    type Push = Push;

    fn look(&mut self, (): &(), now: DateTime<Utc>) -> Due<Push> {
        let mut found = Due { happened: false, pushes: Vec::new(), next: None };
        let within = Duration::from_millis(self.settings.hook_within_ms);
        for (id, company) in &mut self.companies {
            let (due, next) = company.hooks.queue.take(now, usize::MAX);
            found.next = earlier(found.next, next);
            for taken in due {
                let post = post(&taken.item.url, *id, Some(taken.item.about), &taken.item.body, within);
                found.pushes.push(Push { company: *id, post, taken });
            }
        }
        found
    }

    fn post(push: &Push) -> Post {
        push.post.clone()
    }

    fn pushed(&mut self, (): &(), push: Push, reply: Option<Reply>, now: DateTime<Utc>) {
        let (attempts, pause) = (self.settings.hook_attempts, millis(self.settings.hook_retry_ms));
        let Some(company) = self.companies.get_mut(&push.company) else { return };
        if reply.is_some_and(|reply| (200..300).contains(&reply.status)) {
            company.hooks.queue.done(push.taken.serial);
            return;
        }
        let gone = company.hooks.queue.failed(push.taken.serial, |failures| (failures < attempts).then(|| now + pause));
        company.hooks.given_up += u64::from(gone);
    }
}

fn listing(hooks: &Hooks, told: impl Fn(&str) -> bool) -> Value {
    let mut shown = Map::new();
    shown.insert("urls".to_owned(), json!(hooks.addresses.iter().map(|address| &address.url).collect::<Vec<_>>()));
    for name in FLAGS.into_iter().filter(|name| told(name)) {
        shown.insert(name.to_owned(), json!(i64::from(hooks.is_on(name))));
    }
    Value::Object(shown)
}

/// `GET /hooks_settings/{company}`: without two of the flags.
pub(crate) fn shown(state: &State, company: i64) -> YcResult {
    Ok(ok(&listing(&state.company(company)?.hooks, |name| !UNTOLD.contains(&name))))
}

/// `POST /hooks_settings/{company}`: everything that was set before is replaced, other programs'
/// addresses too. A flag that is left out is off.
pub(crate) fn set(state: &mut State, caller: &Caller, company: i64, body: &Value) -> YcResult {
    let mut urls: Vec<&str> = Vec::new();
    for url in body["urls"].as_array().ok_or_else(|| YcError::invalid(&[("urls", "Addresses are required")]))? {
        match url.as_str().filter(|url| is_safe(url)) {
            Some(url) if urls.contains(&url) => {}
            Some(url) => urls.push(url),
            None => return Err(YcError::invalid(&[("urls", "An address is not valid")])),
        }
    }
    if urls.len() > MOST {
        return Err(YcError::invalid(&[("urls", "There are too many addresses")]));
    }
    let hooks = &mut state.company_mut(company)?.hooks;
    let partner_of = |url: &str| hooks.addresses.iter().find(|address| address.url == url).map(|address| address.partner.clone());
    let addresses = urls.into_iter().map(|url| {
        let partner = partner_of(url).unwrap_or_else(|| caller.partner.clone());
        Address { url: url.to_owned(), partner }
    });
    let addresses = addresses.collect();
    (hooks.addresses, hooks.on) = (addresses, FLAGS.into_iter().filter(|name| flag(&body[*name])).collect());
    let shown = listing(hooks, |_| true);
    state.accepted(company, "hooks", "update", 0, body.clone());
    Ok(created(&shown))
}

/// Posts to a program's address at once. The status of the answer; 0: there was none.
pub(crate) async fn told_of(yclients: &Yclients, url: &str, body: &Value) -> u16 {
    let within = Duration::from_millis(yclients.settings().hook_within_ms);
    let reply = try_once(yclients, client_of_hooks().as_ref(), post(url, 0, None, body, within)).await;
    reply.map_or(0, |reply| reply.status)
}

impl Yclients {
    /// The addresses of a company's hooks.
    #[must_use]
    pub fn hook_urls(&self, company: i64) -> Vec<String> {
        let state = self.quiet();
        let addresses = state.companies.get(&company).map(|company| company.hooks.addresses.as_slice()).unwrap_or_default();
        addresses.iter().map(|address| address.url.clone()).collect()
    }

    /// Another vendor saves the company's hooks without looking: its address is the only one now.
    pub fn take_hooks(&self, company: i64, url: &str) {
        if let Some(place) = self.state().companies.get_mut(&company) {
            place.hooks.addresses = vec![Address { url: url.to_owned(), partner: String::new() }];
        }
    }

    /// Hooks that wait.
    #[must_use]
    pub fn pending(&self, company: i64) -> usize {
        self.quiet().companies.get(&company).map_or(0, |company| company.hooks.queue.len())
    }

    /// Hooks that were given up: by default after the first failure.
    #[must_use]
    pub fn given_up(&self, company: i64) -> u64 {
        self.quiet().companies.get(&company).map_or(0, |company| company.hooks.given_up)
    }

    /// The bodies of a company's hooks, oldest first, whether they arrived or not.
    #[must_use]
    pub fn told(&self, company: i64) -> Vec<Value> {
        let state = self.quiet();
        let history = state.companies.get(&company).map(|company| company.hooks.history.as_slice()).unwrap_or_default();
        history.iter().map(|note| note.body.clone()).collect()
    }

    /// Sends a company's last `count` hooks again, at once. Gives how many there were.
    pub fn redeliver(&self, company: i64, count: usize) -> usize {
        let mut state = self.state();
        let now = state.now();
        let Some(place) = state.companies.get_mut(&company) else { return 0 };
        let again: Vec<Note> = place.hooks.history.iter().rev().take(count).rev().cloned().collect();
        for note in &again {
            place.hooks.queue.put(note.clone(), now, Way::Once);
        }
        again.len()
    }
}
