//! Webhooks of an account: set by a call that asks the address at once, then unsigned pushes of
//! messages and statuses together (contract, 6.1 and 6.2).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    Wazzup,
    error::{WazzupError, WazzupResult},
    outcome,
    state::State,
};
use crate::{
    action::ActionError,
    hooks::{Due, Post, Pushes, Queue, Reply, Taken, client_of_hooks, earlier, millis, try_once},
    links::is_safe,
};

/// Characters of an address.
const MAX_URI: usize = 200;
/// A push that failed waits at most this long.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// What can be asked for.
const SUBSCRIPTIONS: [&str; 4] = ["messagesAndStatuses", "contactsAndDealsCreation", "channelsUpdates", "templateStatus"];

pub(crate) struct Webhook {
    uri: String,
    /// By name.
    subscriptions: Map<String, Value>,
}

impl Webhook {
    pub(crate) fn wants(&self, key: &str) -> bool {
        let name = if matches!(key, "messages" | "statuses") { "messagesAndStatuses" } else { key };
        self.subscriptions.get(name) == Some(&json!(true))
    }
}

/// One thing told of a channel.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) channel: i64,
    pub(crate) user: i64,
    /// `messages`, `statuses`, `channelsUpdates` or `templateStatus`.
    pub(crate) key: &'static str,
    pub(crate) value: Value,
}

/// One POST and the notes in it.
pub struct Push {
    account: i64,
    generation: u64,
    post: Post,
    taken: Vec<Taken<Note>>,
}

/// The notes as one body: lists, but a template's state, which is an object and comes alone.
fn body(taken: &[Taken<Note>]) -> Value {
    let mut body = json!({});
    for Taken { item: Note { key, value, .. }, .. } in taken {
        if *key == "templateStatus" {
            body[*key] = value.clone();
        } else if let Some(list) = body[*key].as_array_mut() {
            list.push(value.clone());
        } else {
            body[*key] = json!([value]);
        }
    }
    body
}

fn post(uri: &str, crm_key: Option<&str>, body: &Value, about: Option<&Note>, within: Duration) -> Post {
    // Sic: the charset is misspelt.
    let mut headers = vec![("Content-Type", "application/json; charset-utf-8".to_owned())];
    if let Some(key) = crm_key {
        headers.push(("Authorization", format!("Bearer {key}")));
    }
    let (bot, chat) = (about.map(|note| note.channel), about.map(|note| note.user).filter(|user| *user != 0));
    Post { url: uri.to_owned(), headers, body: body.to_string(), within, bot, chat }
}

impl Pushes for State {
    type Push = Push;

    fn look(&mut self, (): &(), now: DateTime<Utc>) -> Due<Push> {
        let happened = outcome::run(self, now);
        let mut found = Due { happened, pushes: Vec::new(), next: self.agenda.next() };
        let (most, within) = (self.settings.batch.max(1), Duration::from_millis(self.settings.answer_within_ms));
        for (id, account) in &mut self.accounts {
            let Some(webhook) = &account.webhook else { continue };
            let (due, next) = account.queue.take(now, most);
            found.next = earlier(found.next, next);
            let (alone, together): (Vec<_>, Vec<_>) = due.into_iter().partition(|taken| taken.item.key == "templateStatus");
            let posts = alone.into_iter().map(|one| vec![one]).chain(std::iter::once(together)).filter(|taken| !taken.is_empty());
            found.pushes.extend(posts.map(|taken| {
                let about = taken.first().map(|first| &first.item);
                let post = post(&webhook.uri, account.crm_key.as_deref(), &body(&taken), about, within);
                Push { account: *id, generation: account.generation, post, taken }
            }));
        }
        found
    }

    fn post(push: &Push) -> Post {
        push.post.clone()
    }

    fn pushed(&mut self, (): &(), push: Push, reply: Option<Reply>, now: DateTime<Utc>) {
        let (retry, attempts) = (millis(self.settings.retry_ms), self.settings.attempts);
        let Some(account) = self.accounts.get_mut(&push.account).filter(|account| account.generation == push.generation) else { return };
        let taken = reply.is_some_and(|reply| reply.is_ok());
        for Taken { serial, .. } in push.taken {
            if taken {
                account.queue.done(serial);
                continue;
            }
            let gone = account.queue.failed(serial, |failures| {
                let pause = (retry * (1 << (failures - 1).min(16))).min(LONGEST);
                (failures < attempts).then(|| now + pause)
            });
            account.given_up += u64::from(gone);
        }
    }
}

/// `PATCH /v3/webhooks`: the address is asked before the call is answered.
pub(crate) async fn set(wazzup: &Wazzup, account: i64, wanted: &Value) -> WazzupResult {
    let uri = wanted["webhooksUri"].as_str().unwrap_or_default();
    if !is_safe(uri) || uri.chars().count() > MAX_URI {
        return Err(WazzupError::new("uriNotValid", "Provided URI is not valid URI"));
    }
    let subscriptions = match &wanted["subscriptions"] {
        Value::Null => Map::new(),
        Value::Object(named) => named.clone(),
        _ => return Err(WazzupError::new("VALIDATION_ERROR", "subscriptions must be an object")),
    };
    let wrong = subscriptions.iter().find(|(name, on)| !SUBSCRIPTIONS.contains(&name.as_str()) || !on.is_boolean());
    if let Some((name, _)) = wrong {
        return Err(WazzupError::new("VALIDATION_ERROR", format!("subscriptions.{name} is unknown")));
    }
    let asked = {
        let state = wazzup.quiet();
        let crm_key = state.accounts.get(&account).and_then(|account| account.crm_key.clone());
        let within = Duration::from_millis(state.settings.answer_within_ms);
        post(uri, crm_key.as_deref(), &json!({ "test": true }), None, within)
    };
    let reply = try_once(wazzup, client_of_hooks().as_ref(), asked).await;
    if !reply.is_some_and(|reply| reply.is_ok()) {
        let error = WazzupError::new("testPostNotPassed", "URI does not return 200 OK on test request");
        return Err(error.with(json!({ "webhooksUri": uri })));
    }
    let mut state = wazzup.state();
    let now = state.now();
    if let Some(account) = state.accounts.get_mut(&account) {
        // What waits goes to the new address.
        account.queue.restart(now);
        (account.webhook, account.generation) = (Some(Webhook { uri: uri.to_owned(), subscriptions }), account.generation + 1);
    }
    Ok(json!({ "ok": true }))
}

/// `GET /v3/webhooks`: flags are shown as texts.
pub(crate) fn shown(state: &State, account: i64) -> Value {
    let webhook = state.accounts.get(&account).and_then(|account| account.webhook.as_ref());
    let flag = |name: &str| webhook.is_some_and(|webhook| webhook.subscriptions.get(name) == Some(&json!(true))).to_string();
    let subscriptions: Map<String, Value> = SUBSCRIPTIONS.iter().map(|name| ((*name).to_owned(), json!(flag(name)))).collect();
    json!({ "webhooksUri": webhook.map(|webhook| webhook.uri.clone()).unwrap_or_default(), "subscriptions": subscriptions })
}

impl Wazzup {
    /// Notes that wait for an account's webhook.
    #[must_use]
    pub fn pending(&self, account: i64) -> usize {
        self.quiet().accounts.get(&account).map_or(0, |account| account.queue.len())
    }

    /// Notes that were given up.
    #[must_use]
    pub fn given_up(&self, account: i64) -> u64 {
        self.quiet().accounts.get(&account).map_or(0, |account| account.given_up)
    }

    /// Everything an account was to be told, oldest first: the key and the value.
    #[must_use]
    pub fn told(&self, account: i64) -> Vec<(&'static str, Value)> {
        let state = self.quiet();
        let notes = state.accounts.get(&account).map(|account| account.history.as_slice()).unwrap_or_default();
        notes.iter().map(|note| (note.key, note.value.clone())).collect()
    }

    /// Sends an account's last `count` notes again. Gives how many there were.
    pub fn redeliver(&self, account: i64, count: usize) -> usize {
        let mut state = self.state();
        let now = state.now();
        let Some(account) = state.accounts.get_mut(&account) else { return 0 };
        let again: Vec<Note> = account.history.iter().rev().take(count).rev().cloned().collect();
        let wanted = again.iter().filter(|note| account.webhook.as_ref().is_some_and(|webhook| webhook.wants(note.key)));
        for note in wanted.cloned().collect::<Vec<_>>() {
            account.queue.put(note, now, crate::hooks::Way::Once);
        }
        again.len()
    }

    /// The address of an account's webhook, if one is set.
    #[must_use]
    pub fn webhook(&self, account: i64) -> Option<String> {
        self.quiet().accounts.get(&account)?.webhook.as_ref().map(|webhook| webhook.uri.clone())
    }

    /// Another program with the key sets its address, at which nobody need answer.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn take_webhook(&self, account: i64, uri: &str) -> Result<(), ActionError> {
        let mut state = self.state();
        let now = state.now();
        let found = state.accounts.get_mut(&account).ok_or_else(|| ActionError::NoSuch(format!("account {account}")))?;
        let subscriptions = SUBSCRIPTIONS.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
        found.queue.restart(now);
        (found.webhook, found.generation) = (Some(Webhook { uri: uri.to_owned(), subscriptions }), found.generation + 1);
        Ok(())
    }

    /// Forgets the webhook of an account, and what waits for it.
    pub fn forget_webhook(&self, account: i64) {
        if let Some(account) = self.state().accounts.get_mut(&account) {
            (account.webhook, account.queue, account.generation) = (None, Queue::default(), account.generation + 1);
        }
    }
}
