//! Automation rules with the action "Send Webhook Notification" (17+): one POST for each row that
//! was made or changed, without a signature and without repeats (contract, 6).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{Odoo, state::State};
use crate::hooks::{Due, Post, Pushes, Reply};

/// A rule of the company.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    name: String,
    model: String,
    url: String,
    /// Names of the fields that are told; relations come as ids.
    fields: Vec<String>,
    /// Only rows that are made.
    created_only: bool,
    waiting: Vec<Value>,
    answers: Vec<u16>,
}

/// A notification on its way.
#[derive(Clone, Debug)]
pub struct Push {
    rule: usize,
    url: String,
    body: Value,
}

impl Odoo {
    /// An administrator makes a rule on a model: these fields go to the address whenever a row is
    /// made or, unless `created_only`, changed. It must run within a runtime.
    pub fn add_rule(&self, name: &str, model: &str, url: &str, fields: &[&str], created_only: bool) {
        let first = {
            let mut state = self.quiet();
            let fields = fields.iter().map(|field| (*field).to_owned()).collect();
            let (name, model, url) = (name.to_owned(), model.to_owned(), url.to_owned());
            state.rules.push(Rule { name, model, url, fields, created_only, waiting: Vec::new(), answers: Vec::new() });
            state.rules.len() == 1
        };
        if first {
            self.start_pushing();
        }
    }

    /// What receivers answered so far; 0 is no answer.
    #[must_use]
    pub fn rule_answers(&self) -> Vec<u16> {
        self.quiet().rules.iter().flat_map(|rule| rule.answers.clone()).collect()
    }
}

impl State {
    /// A row was made or changed.
    pub(crate) fn raise(&mut self, model: &str, id: u64, created: bool) {
        if self.settings.version < 17 || self.rules.is_empty() {
            return;
        }
        let mut bodies = Vec::new();
        for (at, rule) in self.rules.iter().enumerate().filter(|(_, rule)| rule.model == model && (created || !rule.created_only)) {
            let Some(row) = self.row(model, id) else { continue };
            let key = if self.settings.rule_is_name { "_name" } else { "_action" };
            let mut body = Map::from_iter([
                (key.to_owned(), json!(format!("{}(#{})", rule.name, at + 100))),
                ("_id".to_owned(), json!(id)),
                ("_model".to_owned(), json!(model)),
                ("id".to_owned(), json!(id)),
            ]);
            for name in &rule.fields {
                if let Some(field) = self.field(model, name) {
                    body.insert(name.clone(), self.value(model, row, name, field));
                }
            }
            bodies.push((at, Value::Object(body)));
        }
        for (at, body) in bodies {
            self.rules[at].waiting.push(body);
        }
    }
}

impl Pushes for State {
    type Push = Push;

    fn look(&mut self, (): &(), _: DateTime<Utc>) -> Due<Push> {
        let mut pushes = Vec::new();
        for (at, rule) in self.rules.iter_mut().enumerate() {
            let url = rule.url.clone();
            pushes.extend(std::mem::take(&mut rule.waiting).into_iter().map(|body| Push { rule: at, url: url.clone(), body }));
        }
        Due { happened: !pushes.is_empty(), pushes, next: None }
    }

    fn post(push: &Push) -> Post {
        let (url, body) = (push.url.clone(), push.body.to_string());
        Post { url, headers: Vec::new(), body, within: Duration::from_secs(1), bot: None, chat: None }
    }

    fn pushed(&mut self, (): &(), push: Push, reply: Option<Reply>, _: DateTime<Utc>) {
        if let Some(rule) = self.rules.get_mut(push.rule) {
            rule.answers.push(reply.map_or(0, |reply| reply.status));
        }
    }
}
