//! Pushes to webhooks. Each update is tried by itself, so that what fails is overtaken by what
//! comes after it.
//!
//! Anything but 200 within 30 s is a failure. A failed push comes again after
//! [`super::Timing::hook_retry`], then after 2.5 times as long each; an address without a success
//! for [`super::Timing::unsubscribe_after`] is unsubscribed, and what waited for it is lost
//! (unconfirmed).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{
    Timing,
    state::{Bot, State},
};
use crate::hooks::{Due, Post, Pushes, Reply, Taken, earlier, span};

const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Pushes a second of one bot (contract, 4).
const PER_SECOND: usize = 100;
const LONGER: f64 = 2.5;

/// One try of a push.
pub struct Sending {
    bot: i64,
    generation: u64,
    url: String,
    secret: Option<String>,
    /// The person and the update.
    taken: Taken<(i64, Value)>,
}

impl Pushes for State {
    type Push = Sending;

    fn look(&mut self, timing: &Timing, now: DateTime<Utc>) -> Due<Sending> {
        let patience = span(timing.unsubscribe_after);
        let mut found = Due { happened: false, pushes: Vec::new(), next: None };
        for bot in self.bots.values_mut() {
            let failed = |since: Option<DateTime<Utc>>| since.is_some_and(|since| now - since >= patience);
            while let Some(at) = bot.subscriptions.iter().position(|one| failed(one.failing_since)) {
                bot.given_up.push(bot.subscriptions.remove(at).url);
                found.happened = true;
            }
            take(bot, patience, now, &mut found);
        }
        found
    }

    fn post(push: &Sending) -> Post {
        let (user, update) = &push.taken.item;
        let secret = push.secret.clone().map(|secret| ("X-Max-Bot-Api-Secret", secret));
        let (bot, chat) = (Some(push.bot), Some(*user));
        Post { url: push.url.clone(), headers: secret.into_iter().collect(), body: update.to_string(), within: ANSWER_WITHIN, bot, chat }
    }

    fn pushed(&mut self, timing: &Timing, push: Sending, reply: Option<Reply>, now: DateTime<Utc>) {
        let Some(bot) = self.bots.get_mut(&push.bot) else { return };
        let Some(subscription) = bot.subscriptions.iter_mut().find(|one| one.generation == push.generation) else { return };
        if reply.is_some_and(|reply| reply.is_ok()) {
            subscription.failing_since = None;
            subscription.pending.done(push.taken.serial);
            return;
        }
        subscription.failing_since.get_or_insert(now);
        subscription.pending.failed(push.taken.serial, |failures| {
            let pause = timing.hook_retry.mul_f64(LONGER.powi(i32::try_from(failures).unwrap_or(i32::MAX) - 1).min(1e6));
            let due = now.checked_add_signed(span(pause)).unwrap_or(DateTime::<Utc>::MAX_UTC);
            (failures <= timing.hook_tries).then_some(due)
        });
    }
}

/// What of one bot may be pushed now.
fn take(bot: &mut Bot, patience: TimeDelta, now: DateTime<Utc>, found: &mut Due<Sending>) {
    let second = TimeDelta::seconds(1);
    let mut room = PER_SECOND.saturating_sub(bot.pushed.count(second, now));
    for subscription in &mut bot.subscriptions {
        let ends = subscription.failing_since.and_then(|since| since.checked_add_signed(patience));
        let (due, next) = subscription.pending.take(now, room);
        room -= due.len();
        // Whatever found no room looks again when there is some.
        let full = (room == 0).then(|| now + second);
        found.next = [ends, next, full].into_iter().fold(found.next, earlier);
        for taken in due {
            bot.pushed.note(now);
            let (url, secret) = (subscription.url.clone(), subscription.secret.clone());
            found.pushes.push(Sending { bot: bot.id, generation: subscription.generation, url, secret, taken });
        }
    }
}
