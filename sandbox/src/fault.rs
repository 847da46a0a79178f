//! Faults on demand: what a provider can do to its clients, aimed at a method, a chat or a bot, a
//! number of times or by chance.
//!
//! Nothing here knows a messenger: a double describes the call it got ([`Call`]) and asks
//! [`Faults::draw`] what to do with it. Rules are tried in the order they were added; latencies add
//! up, of the other faults the first that applies wins.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// The call is handled after this many milliseconds (together with whatever other fault
    /// applies).
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// Refused with the provider's own error envelope; nothing is accepted. `description` is sent
    /// as it is (Telegram: `"Forbidden: bot was blocked by the user"`; MAX takes a code of its own
    /// before it, `"chat.denied: Key: error.dialog.suspended"`).
    Error {
        /// HTTP status and `error_code`.
        code: u16,
        /// The whole description.
        description: String,
        /// `parameters.retry_after`, seconds.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 429 in the provider's words; nothing is accepted. Without a count on the rule this is a
    /// storm.
    TooManyRequests {
        /// Seconds, for providers that say when to come back.
        retry_after: u64,
    },
    /// A gateway's answer in HTML (502, 504…). With `accepted` the call was carried out first: the
    /// outcome is unknown to the client.
    Gateway {
        /// HTTP status.
        code: u16,
        /// Whether the call was carried out before.
        #[serde(default)]
        accepted: bool,
    },
    /// The connection is closed without an answer and nothing is accepted.
    DropBefore,
    /// The call is carried out, then the connection is closed without an answer.
    DropAfter,
    /// Never answered. With `accepted` the call is carried out first. The client's own timeout ends
    /// it.
    Hang {
        /// Whether the call was carried out before.
        #[serde(default)]
        accepted: bool,
    },
    /// The update reaches the bot twice, under the same `update_id` (aim it at the method
    /// `update`).
    DoubleUpdate,
    /// The update overtakes the one before it, if that is still waiting (aim it at the method
    /// `update`).
    ReorderUpdate,
    /// The update does not reach the bot, unless a double's `redeliver` sends it later (aim it at
    /// the method `update`).
    WithholdUpdate,
}

/// A fault and when it applies. Absent conditions match everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What happens.
    pub fault: Fault,
    /// The double it is meant for: `telegram`, `max`, `amocrm`.
    #[serde(default)]
    pub service: Option<String>,
    /// Method name (`sendMessage`, `POST /messages`; `update` for updates on their way to a bot,
    /// `hook` for pushes to its webhook); case-insensitive; `send*` matches by prefix.
    #[serde(default)]
    pub method: Option<String>,
    /// The bot's id.
    #[serde(default)]
    pub bot: Option<i64>,
    /// The chat's id.
    #[serde(default)]
    pub chat: Option<i64>,
    /// Matching calls let through before the first fault.
    #[serde(default)]
    pub skip: u64,
    /// How many times it strikes; absent means until removed.
    #[serde(default)]
    pub times: Option<u64>,
    /// Chance of striking on each matching call, 0..=1; absent means always.
    #[serde(default)]
    pub probability: Option<f64>,
}

impl Rule {
    /// Strikes every call of every double until removed; narrow it with the other methods.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { fault, service: None, method: None, bot: None, chat: None, skip: 0, times: None, probability: None }
    }

    /// Only this double: `telegram`, `max`, `amocrm`.
    #[must_use]
    pub fn service(mut self, service: &str) -> Self {
        self.service = Some(service.to_owned());
        self
    }

    /// Only this method; `send*` matches by prefix.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only this bot.
    #[must_use]
    pub fn bot(mut self, bot: i64) -> Self {
        self.bot = Some(bot);
        self
    }

    /// Only this chat.
    #[must_use]
    pub fn chat(mut self, chat: i64) -> Self {
        self.chat = Some(chat);
        self
    }

    /// Lets this many matching calls through first.
    #[must_use]
    pub fn skip(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// Strikes this many times, then is spent.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Strikes with this chance (0..=1) on each matching call.
    #[must_use]
    pub fn probability(mut self, chance: f64) -> Self {
        self.probability = Some(chance);
        self
    }

    fn matches(&self, call: &Call<'_>) -> bool {
        let method = self.method.as_deref().is_none_or(|wanted| match wanted.strip_suffix('*') {
            Some(prefix) => call.method.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
            None => call.method.eq_ignore_ascii_case(wanted),
        });
        // An update fault never strikes a method and the other way round, even without a method in
        // the rule.
        let update = matches!(self.fault, Fault::DoubleUpdate | Fault::ReorderUpdate | Fault::WithholdUpdate);
        let kind = match call.method {
            UPDATE => update,
            // A push is no call of the client's: it is struck only by rules that name it.
            HOOK => !update && self.method.is_some(),
            _ => !update,
        };
        kind && method
            && self.service.as_deref().is_none_or(|wanted| wanted == call.service)
            && self.bot.is_none_or(|wanted| call.bot == Some(wanted))
            && self.chat.is_none_or(|wanted| call.chat == Some(wanted))
    }
}

/// The pseudo method under which updates on their way to a bot are drawn.
pub const UPDATE: &str = "update";

/// The pseudo method under which pushes to a webhook are drawn, each try by itself. Faults before
/// accepting keep the push from its receiver; faults after it lose the receiver's answer. The MAX
/// double draws it.
pub const HOOK: &str = "hook";

/// A call as a double sees it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// `telegram`, `max`, `amocrm`.
    pub service: &'a str,
    /// The method, or a path for REST doubles.
    pub method: &'a str,
    /// The bot, where there is one.
    pub bot: Option<i64>,
    /// The chat, where there is one.
    pub chat: Option<i64>,
}

/// What [`Faults::draw`] decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// To wait before anything else.
    pub latency: Duration,
    /// The fault other than latency.
    pub fault: Option<Fault>,
}

struct Live {
    id: u64,
    rule: Rule,
    seen: u64,
    struck: u64,
    victims: Vec<(i64, i64)>,
}

#[derive(Default)]
struct Inner {
    next: u64,
    rules: Vec<Live>,
}

/// The rules in force; cheap to clone, shared by all doubles of a sandbox.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Inner>>);

impl Faults {
    /// Puts a rule in force and returns its id.
    pub fn add(&self, rule: Rule) -> u64 {
        let mut inner = self.lock();
        inner.next += 1;
        let id = inner.next;
        inner.rules.push(Live { id, rule, seen: 0, struck: 0, victims: Vec::new() });
        id
    }

    /// Removes one rule; `false` if it was not there (spent rules stay until removed, and strike no
    /// more).
    pub fn remove(&self, id: u64) -> bool {
        let mut inner = self.lock();
        let before = inner.rules.len();
        inner.rules.retain(|live| live.id != id);
        inner.rules.len() < before
    }

    /// Removes every rule.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// How many times a rule has struck so far; `None` once it is removed.
    #[must_use]
    pub fn struck(&self, id: u64) -> Option<u64> {
        self.lock().rules.iter().find(|live| live.id == id).map(|live| live.struck)
    }

    /// The bot and the chat of every call a rule has struck so far, where the call had both;
    /// latency strikes nobody.
    #[must_use]
    pub fn victims(&self, id: u64) -> Vec<(i64, i64)> {
        self.lock().rules.iter().find(|live| live.id == id).map(|live| live.victims.clone()).unwrap_or_default()
    }

    /// Rules in force with their ids and how often each has struck.
    #[must_use]
    pub fn list(&self) -> Vec<(u64, Rule, u64)> {
        self.lock().rules.iter().map(|live| (live.id, live.rule.clone(), live.struck)).collect()
    }

    /// Decides the fate of a call, counting it against the rules that match.
    #[must_use]
    pub fn draw(&self, call: Call<'_>) -> Drawn {
        let mut drawn = Drawn::default();
        for live in &mut self.lock().rules {
            let latency = if let Fault::Latency { ms } = live.rule.fault { Some(Duration::from_millis(ms)) } else { None };
            if (latency.is_none() && drawn.fault.is_some()) || !live.rule.matches(&call) {
                continue;
            }
            live.seen += 1;
            if live.seen <= live.rule.skip
                || live.rule.times.is_some_and(|times| live.struck >= times)
                || live.rule.probability.is_some_and(|chance| rand::random::<f64>() >= chance)
            {
                continue;
            }
            live.struck += 1;
            match latency {
                Some(latency) => drawn.latency += latency,
                None => {
                    drawn.fault = Some(live.rule.fault.clone());
                    live.victims.extend(call.bot.zip(call.chat));
                }
            }
        }
        drawn
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, chat: i64) -> Call<'_> {
        Call { service: "telegram", method, bot: Some(1), chat: Some(chat) }
    }

    #[test]
    fn rules_aim_skip_count_and_expire() {
        let faults = Faults::default();
        let id = faults.add(Rule::new(Fault::DropAfter).method("send*").chat(7).skip(1).times(2));
        assert_eq!(faults.draw(call("editMessageText", 7)).fault, None);
        assert_eq!(faults.draw(call("sendMessage", 8)).fault, None);
        assert_eq!(faults.draw(call("sendMessage", 7)).fault, None, "the first matching call is let through");
        assert_eq!(faults.draw(call("SendPhoto", 7)).fault, Some(Fault::DropAfter));
        assert_eq!(faults.draw(call("sendMessage", 7)).fault, Some(Fault::DropAfter));
        assert_eq!(faults.draw(call("sendMessage", 7)).fault, None, "spent");
        assert_eq!(faults.struck(id), Some(2));
        assert_eq!(faults.victims(id), [(1, 7), (1, 7)]);
        assert!(faults.remove(id) && !faults.remove(id));
    }

    #[test]
    fn latencies_add_up_and_go_with_one_fault() {
        let faults = Faults::default();
        faults.add(Rule::new(Fault::Latency { ms: 10 }));
        faults.add(Rule::new(Fault::DropBefore));
        faults.add(Rule::new(Fault::TooManyRequests { retry_after: 3 }));
        faults.add(Rule::new(Fault::Latency { ms: 5 }));
        let drawn = faults.draw(call("sendMessage", 1));
        assert_eq!(drawn, Drawn { latency: Duration::from_millis(15), fault: Some(Fault::DropBefore) });
    }

    #[test]
    fn update_faults_strike_updates_only() {
        let faults = Faults::default();
        faults.add(Rule::new(Fault::DoubleUpdate));
        assert_eq!(faults.draw(call("getUpdates", 1)).fault, None);
        assert_eq!(faults.draw(call(UPDATE, 1)).fault, Some(Fault::DoubleUpdate));
    }

    #[test]
    fn pushes_are_struck_by_rules_that_name_them() {
        let faults = Faults::default();
        faults.add(Rule::new(Fault::DropBefore));
        faults.add(Rule::new(Fault::WithholdUpdate));
        assert_eq!(faults.draw(call(HOOK, 1)).fault, None);
        faults.add(Rule::new(Fault::DropAfter).method(HOOK));
        assert_eq!(faults.draw(call(HOOK, 1)).fault, Some(Fault::DropAfter));
    }

    #[test]
    fn chance_of_nought_never_strikes_and_of_one_always() {
        let faults = Faults::default();
        faults.add(Rule::new(Fault::DropBefore).probability(0.0));
        faults.add(Rule::new(Fault::DropAfter).probability(1.0));
        assert_eq!(faults.draw(call("sendMessage", 1)).fault, Some(Fault::DropAfter));
    }
}
