//! The pusher of a webhook: one task a subscription. Each update is tried by itself, so that what
//! fails is overtaken by what comes after it.
//!
//! Anything but 200 within 30 s is a failure. A failed push comes again after
//! [`super::Timing::hook_retry`], then after 2.5 times as long each; an address without a success
//! for [`super::Timing::unsubscribe_after`] is unsubscribed, and what waited for it is lost
//! (unconfirmed).

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Max, SERVICE};
use crate::fault::{Call, Fault, HOOK};

const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Pushes a second of one bot (contract, 4).
const PER_SECOND: usize = 100;
const LONGER: f64 = 2.5;

/// One push, taken out of the queue's hands.
struct Sending {
    serial: u64,
    user: i64,
    url: String,
    secret: Option<String>,
    update: Value,
}

/// Starts pushing for this subscription; ends by itself when it is replaced or removed, or the
/// sandbox is gone.
pub(crate) fn start(max: &Max, bot: i64, generation: u64) {
    let weak = max.downgrade();
    let Ok(client) = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(ANSWER_WITHIN).build()
    else {
        tracing::error!("the webhook pusher has no HTTP client");
        return;
    };
    tokio::spawn(async move {
        loop {
            let Some(max) = weak.upgrade() else { return };
            let Some(wake) = max.quiet().bots.get(&bot).map(|bot| Arc::clone(&bot.wake)) else { return };
            let woken = wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let Some((due, next)) = take(&max, bot, generation) else { return };
            let full = due.len() == PER_SECOND;
            for sending in due {
                let (max, client) = (max.clone(), client.clone());
                tokio::spawn(async move { deliver(&max, &client, bot, generation, sending).await });
            }
            let clock = max.clock().clone();
            drop(max);
            if full {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
            // The cap lets the task notice that the sandbox is gone.
            let next = next.unwrap_or(DateTime::<Utc>::MAX_UTC);
            tokio::select! {
                () = woken => {}
                () = clock.until(next) => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    });
}

/// What may be pushed now, and when to look again; `None` once there is no such subscription, which
/// it may find out itself.
fn take(max: &Max, bot: i64, generation: u64) -> Option<(Vec<Sending>, Option<DateTime<Utc>>)> {
    let now = max.clock().now();
    let patience = TimeDelta::from_std(max.timing().unsubscribe_after).unwrap_or(TimeDelta::MAX);
    let mut state = max.quiet();
    let bot = state.bots.get_mut(&bot)?;
    let at = bot.subscriptions.iter().position(|one| one.generation == generation)?;
    if bot.subscriptions[at].failing_since.is_some_and(|since| now - since >= patience) {
        bot.given_up.push(bot.subscriptions.remove(at).url);
        drop(state);
        max.touch();
        return None;
    }
    let subscription = &mut bot.subscriptions[at];
    let mut due = Vec::new();
    let mut next = subscription.failing_since.and_then(|since| since.checked_add_signed(patience));
    for push in subscription.pending.iter_mut().filter(|push| !push.in_flight) {
        if push.due > now {
            next = Some(next.map_or(push.due, |other| other.min(push.due)));
        } else if due.len() < PER_SECOND {
            push.in_flight = true;
            let (url, secret) = (subscription.url.clone(), subscription.secret.clone());
            due.push(Sending { serial: push.serial, user: push.user, url, secret, update: push.update.clone() });
        }
    }
    Some((due, next))
}

async fn deliver(max: &Max, client: &reqwest::Client, bot: i64, generation: u64, sending: Sending) {
    let drawn = max.faults().draw(Call { service: SERVICE, method: HOOK, bot: Some(bot), chat: Some(sending.user) });
    if !drawn.latency.is_zero() {
        tokio::time::sleep(drawn.latency).await;
    }
    let (reaches, heard) = match drawn.fault {
        None => (true, true),
        Some(Fault::DropAfter | Fault::Gateway { accepted: true, .. } | Fault::Hang { accepted: true }) => (true, false),
        Some(_) => (false, false),
    };
    let mut taken = false;
    if reaches {
        let mut request = client.post(&sending.url).json(&sending.update);
        if let Some(secret) = &sending.secret {
            request = request.header("X-Max-Bot-Api-Secret", secret);
        }
        taken = request.send().await.is_ok_and(|response| response.status() == reqwest::StatusCode::OK);
    }
    let now = max.clock().now();
    let mut state = max.state();
    let Some(bot) = state.bots.get_mut(&bot) else { return };
    let Some(subscription) = bot.subscriptions.iter_mut().find(|one| one.generation == generation) else { return };
    if taken && heard {
        subscription.failing_since = None;
        subscription.pending.retain(|push| push.serial != sending.serial);
    } else {
        subscription.failing_since.get_or_insert(now);
        let (first, tries) = (max.timing().hook_retry, max.timing().hook_tries);
        if let Some(push) = subscription.pending.iter_mut().find(|push| push.serial == sending.serial) {
            push.in_flight = false;
            push.failures += 1;
            let pause = first.mul_f64(LONGER.powi(i32::try_from(push.failures).unwrap_or(i32::MAX) - 1).min(1e6));
            push.due = now.checked_add_signed(TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        }
        subscription.pending.retain(|push| push.failures <= tries);
    }
    bot.wake.notify_waiters();
}
