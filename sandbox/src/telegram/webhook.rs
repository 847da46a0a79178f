//! The pusher of a webhook: one task a webhook, many pushes at once, the order kept within a chat.
//!
//! Anything but 2xx is tried again: after a `Retry-After` if there is one, else after a delay that
//! doubles from [`super::Timing::webhook_retry`] up to a minute. An update leaves the queue with
//! the 2xx.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::sync::Notify;

use super::{Telegram, params::Params, state::Queued, updates};

const LONGEST_DELAY: Duration = Duration::from_secs(60);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// One push, taken out of the queue's hands.
struct Push {
    serial: u64,
    url: String,
    secret: Option<String>,
    update: Value,
}

/// Starts pushing for this webhook; ends by itself when the webhook is replaced or the sandbox is
/// gone.
pub(crate) fn start(telegram: &Telegram, bot: i64, generation: u64) {
    let weak = telegram.downgrade();
    let Ok(client) = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(ANSWER_WITHIN).build()
    else {
        tracing::error!("the webhook pusher has no HTTP client");
        return;
    };
    tokio::spawn(async move {
        loop {
            let Some(telegram) = weak.upgrade() else { return };
            let Some(wake) = telegram.quiet().bots.get(&bot).map(|bot| Arc::clone(&bot.wake)) else { return };
            let woken = wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let Some((due, next)) = take(&telegram, bot, generation) else { return };
            for push in due {
                let (telegram, client, wake) = (telegram.clone(), client.clone(), Arc::clone(&wake));
                tokio::spawn(async move { deliver(&telegram, &client, bot, generation, push, &wake).await });
            }
            drop(telegram);
            // The cap lets the task notice that the sandbox is gone.
            let wait = next.map_or(Duration::from_secs(1), |at| at.saturating_duration_since(Instant::now()).min(Duration::from_secs(1)));
            let _ = tokio::time::timeout(wait, woken).await;
        }
    });
}

/// What may be pushed now, and when to look again; `None` once the webhook is another one.
fn take(telegram: &Telegram, bot: i64, generation: u64) -> Option<(Vec<Push>, Option<Instant>)> {
    let mut state = telegram.quiet();
    let bot = state.bots.get_mut(&bot)?;
    let webhook = bot.webhook.as_ref().filter(|webhook| webhook.generation == generation)?;
    let now = Instant::now();
    let mut busy: HashSet<i64> = bot.pending.iter().filter(|queued| queued.in_flight).map(|queued| queued.chat).collect();
    let mut room = (webhook.max_connections as usize).saturating_sub(bot.pending.iter().filter(|queued| queued.in_flight).count());
    let mut due = Vec::new();
    let mut next: Option<Instant> = None;
    for queued in &mut bot.pending {
        if room == 0 {
            break;
        }
        // Of one chat only the first in the queue may go, even while it waits for its retry.
        if queued.in_flight || !busy.insert(queued.chat) {
            continue;
        }
        if let Some(at) = queued.not_before.filter(|at| *at > now) {
            next = Some(next.map_or(at, |other| other.min(at)));
            continue;
        }
        queued.in_flight = true;
        room -= 1;
        due.push(Push { serial: queued.serial, url: webhook.url.clone(), secret: webhook.secret.clone(), update: queued.update.clone() });
    }
    Some((due, next))
}

async fn deliver(telegram: &Telegram, client: &reqwest::Client, bot: i64, generation: u64, push: Push, wake: &Notify) {
    let mut request = client.post(&push.url).json(&push.update);
    if let Some(secret) = &push.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let (failure, pause, reply) = match request.send().await {
        Ok(response) if response.status().is_success() => (None, None, response.json::<Value>().await.ok()),
        Ok(response) => {
            let pause = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
            (Some(format!("Wrong response from the webhook: {}", response.status())), pause, None)
        }
        Err(error) if error.is_timeout() => (Some("Read timeout expired".to_owned()), None, None),
        Err(error) if error.is_connect() => (Some("Connection refused".to_owned()), None, None),
        Err(_) => (Some("Connection reset by peer".to_owned()), None, None),
    };
    {
        let mut state = telegram.state();
        let Some(bot) = state.bots.get_mut(&bot) else { return };
        if bot.generation != generation {
            return;
        }
        let first = telegram.timing().webhook_retry;
        match failure {
            None => bot.pending.retain(|queued| queued.serial != push.serial),
            Some(reason) => {
                if let Some(queued) = bot.pending.iter_mut().find(|queued| queued.serial == push.serial) {
                    put_back(queued, first, pause);
                }
                if let Some(webhook) = &mut bot.webhook {
                    updates::failed(webhook, reason);
                }
            }
        }
    }
    wake.notify_waiters();
    // The answer may be a call itself; its result is unknowable to the bot.
    if let Some(Value::Object(mut values)) = reply
        && let Some(Value::String(method)) = values.remove("method")
        && may_answer(&method)
    {
        let params = Params { values, ..Params::default() };
        if let Err(error) = Box::pin(telegram.call(bot, &method, &params)).await {
            tracing::warn!(method, error = error.description, "a call made in a webhook answer was refused");
        }
    }
}

/// Whether a webhook may be answered with this method: nothing that asks, and nothing that changes
/// the way of updates.
fn may_answer(method: &str) -> bool {
    let method = method.to_ascii_lowercase();
    !method.is_empty() && !method.starts_with("get") && !["setwebhook", "deletewebhook", "close", "logout"].contains(&method.as_str())
}

fn put_back(queued: &mut Queued, first: Duration, pause: Option<u64>) {
    queued.in_flight = false;
    queued.delay = if queued.delay.is_zero() { first } else { (queued.delay * 2).min(LONGEST_DELAY) };
    let wait = pause.map_or(queued.delay, |seconds| Duration::from_secs(seconds.min(3600)));
    queued.not_before = Some(Instant::now() + wait);
}
