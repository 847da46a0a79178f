//! Triggers with the action "HTTP request": the company itself makes them, so the body is what was
//! agreed with it (contract, 6). A call says "read the feed now", no more.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    RetailCrm,
    state::{Order, State},
};
use crate::hooks::{Due, Post, Pushes, Reply};

/// Pause before a repeat, where the settings want repeats (unconfirmed).
const PAUSE: TimeDelta = TimeDelta::seconds(60);

/// A request that waits.
#[derive(Clone, Debug)]
pub struct Request {
    url: String,
    body: Value,
    due: DateTime<Utc>,
    tries: u32,
}

/// A trigger, and what it has to tell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trigger {
    url: String,
    waiting: Vec<Request>,
    /// Status of each answer; 0: there was none.
    answers: Vec<u16>,
}

impl RetailCrm {
    /// The company makes a trigger on changes of customers and of orders' statuses; it must run
    /// within a runtime. The address holds the secret.
    pub fn add_trigger(&self, url: &str) {
        let first = {
            let mut state = self.quiet();
            state.triggers.push(Trigger { url: url.to_owned(), ..Trigger::default() });
            state.triggers.len() == 1
        };
        if first {
            self.start_pushing();
        }
    }

    /// What receivers answered so far; 0 is no answer.
    #[must_use]
    pub fn trigger_answers(&self) -> Vec<u16> {
        self.quiet().triggers.iter().flat_map(|trigger| trigger.answers.clone()).collect()
    }
}

impl State {
    fn raise(&mut self, body: &Value) {
        let due = self.now();
        for trigger in &mut self.triggers {
            let (url, body) = (trigger.url.clone(), body.clone());
            trigger.waiting.push(Request { url, body, due, tries: 0 });
        }
    }

    pub(crate) fn raise_customer(&mut self, id: u64) {
        self.raise(&json!({ "event": "customer", "customer_id": id }));
    }

    pub(crate) fn raise_order(&mut self, order: &Order) {
        self.raise(&json!({ "event": "order_status", "order_id": order.id, "customer_id": order.customer, "status": order.status }));
    }
}

impl Pushes for State {
    type Push = Request;

    fn look(&mut self, (): &(), now: DateTime<Utc>) -> Due<Request> {
        let mut pushes = Vec::new();
        for trigger in &mut self.triggers {
            let (due, later) = std::mem::take(&mut trigger.waiting).into_iter().partition(|request| request.due <= now);
            trigger.waiting = later;
            pushes.extend::<Vec<Request>>(due);
        }
        let next = self.triggers.iter().flat_map(|trigger| &trigger.waiting).map(|request| request.due).min();
        Due { happened: !pushes.is_empty(), pushes, next }
    }

    fn post(push: &Request) -> Post {
        Post {
            url: push.url.clone(),
            headers: Vec::new(),
            body: push.body.to_string(),
            within: Duration::from_secs(10),
            bot: None,
            chat: None,
        }
    }

    fn pushed(&mut self, (): &(), push: Request, reply: Option<Reply>, now: DateTime<Utc>) {
        let repeats = self.settings.trigger_repeats;
        let Some(trigger) = self.triggers.iter_mut().find(|trigger| trigger.url == push.url) else { return };
        let status = reply.map_or(0, |reply| reply.status);
        trigger.answers.push(status);
        if !(200..300).contains(&status) && push.tries < repeats {
            trigger.waiting.push(Request { tries: push.tries + 1, due: now + PAUSE, ..push });
        }
    }
}
