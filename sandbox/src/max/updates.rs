//! Updates on their way to a bot: to its webhooks where it has any, else kept for long polls
//! (contract, 6). There is no update id; what repeats is told by its message or press.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Max, SERVICE,
    error::{ApiError, ApiResult},
    params::Params,
    state::{Bot, State, Waiting},
};
use crate::{action::ActionError, hooks::Way};

/// Kinds there are; besides them whatever begins with `comment_`.
const KINDS: &[&str] = &[
    "message_created",
    "message_callback",
    "message_edited",
    "message_removed",
    "message_chat_created",
    "bot_added",
    "bot_removed",
    "bot_started",
    "bot_stopped",
    "bot_admin_permissions_changed",
    "user_added",
    "user_removed",
    "chat_title_changed",
    "dialog_removed",
    "dialog_cleared",
    "dialog_muted",
    "dialog_unmuted",
];

/// Checks kinds that are asked for; an unknown one is refused (unconfirmed), for a misspelt one
/// would be missed by nobody.
pub(crate) fn kinds(names: Vec<String>) -> ApiResult<Vec<String>> {
    match names.iter().find(|name| !KINDS.contains(&name.as_str()) && !name.starts_with("comment_")) {
        Some(unknown) => Err(ApiError::payload(format!("update type {unknown} is unknown"))),
        None => Ok(names),
    }
}

/// Sends an update on its way; `update` is the object without its kind and time.
pub(crate) fn push(max: &Max, state: &mut State, bot: i64, user: i64, kind: &str, update: Value) {
    let way = Way::draw(max.faults(), SERVICE, bot, user);
    let Some(bot) = state.bots.get_mut(&bot) else { return };
    let mut whole = json!({ "update_type": kind, "timestamp": max.clock().now().timestamp_millis() });
    if let (Some(whole), Value::Object(update)) = (whole.as_object_mut(), update) {
        whole.extend(update);
    }
    // Also what is withheld, for `redeliver`.
    bot.history.push((user, whole.clone()));
    enqueue(max, bot, user, &whole, way);
}

/// Puts an update behind what waits, or before the last of it.
fn enqueue(max: &Max, bot: &mut Bot, user: i64, update: &Value, way: Way) {
    let now = max.clock().now();
    let kind = update["update_type"].as_str().unwrap_or_default();
    if bot.subscriptions.is_empty() {
        for _ in 0..way.times() {
            let place = bot.next_place;
            bot.next_place += 1;
            bot.waiting.push_back(Waiting { place, at: now, update: update.clone() });
        }
        let last = bot.waiting.len().saturating_sub(1);
        if way == Way::First && last > 0 {
            // The places stay in order: what changes is which update has which.
            let (before, after) = (bot.waiting[last - 1].update.clone(), bot.waiting[last].update.clone());
            (bot.waiting[last - 1].update, bot.waiting[last].update) = (after, before);
        }
    } else {
        for subscription in bot.subscriptions.iter_mut().filter(|one| one.wants(kind)) {
            subscription.pending.put((user, update.clone()), now, way);
        }
    }
    bot.wake.notify_waiters();
}

impl Max {
    /// Sends the bot's last `count` updates again, as a provider whose memory of what was taken is
    /// lost. Gives how many there were.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn redeliver(&self, bot: i64, count: usize) -> Result<usize, ActionError> {
        let mut state = self.state();
        let bot = state.bots.get_mut(&bot).ok_or(ActionError::NoBot(bot))?;
        let again: Vec<_> = bot.history.iter().rev().take(count).rev().cloned().collect();
        let count = again.len();
        for (user, update) in again {
            enqueue(self, bot, user, &update, Way::Once);
        }
        Ok(count)
    }

    /// Updates a bot has not taken yet, by long poll or by its webhooks.
    #[must_use]
    pub fn pending(&self, bot: i64) -> usize {
        let state = self.quiet();
        state.bots.get(&bot).map_or(0, |bot| bot.waiting.len() + bot.subscriptions.iter().map(|one| one.pending.len()).sum::<usize>())
    }
}

/// `GET /updates`: everything from `marker` on; without one, the newest update only. What is before
/// the marker is forgotten.
pub(crate) async fn get(max: &Max, bot: i64, params: &Params) -> ApiResult {
    let limit = usize::try_from(params.within("limit", 1, 1000, 100)?).unwrap_or(100);
    let timeout = Duration::from_secs(params.within("timeout", 0, 90, 30)?.unsigned_abs());
    let types: Option<Vec<String>> =
        params.text("types").filter(|types| !types.is_empty()).map(|types| types.split(',').map(str::to_owned).collect());
    let types = types.map(kinds).transpose()?;
    let mut marker = params.int("marker")?;
    let wake = {
        let state = &mut *max.state();
        if !state.limits.poll(&state.rates, bot, Instant::now()) {
            return Err(ApiError::too_many(state.rates.retry_after));
        }
        let bot = state.bot_mut(bot)?;
        let kept = TimeDelta::from_std(max.timing().kept).unwrap_or(TimeDelta::MAX);
        let now = max.clock().now();
        bot.waiting.retain(|waiting| now - waiting.at < kept && marker.is_none_or(|marker| waiting.place >= marker));
        Arc::clone(&bot.wake)
    };
    let deadline = Instant::now() + timeout;
    loop {
        let woken = wake.notified();
        tokio::pin!(woken);
        // Registered before looking, so that an update that comes in between still wakes.
        woken.as_mut().enable();
        {
            let mut state = max.quiet();
            let bot = state.bot_mut(bot)?;
            if !bot.subscriptions.is_empty() {
                return Err(ApiError::new(405, "method.not.allowed", "Long polling is not available while a webhook is set"));
            }
            // Without a marker: the newest one that is wanted.
            let first = marker.unwrap_or_else(|| newest(bot, types.as_deref()));
            let (found, next) = batch(bot, first, limit, types.as_deref());
            if !found.is_empty() || Instant::now() >= deadline {
                return Ok(json!({ "updates": found, "marker": next }));
            }
            marker = Some(next);
        }
        let _ = tokio::time::timeout_at(deadline.into(), woken).await;
    }
}

fn newest(bot: &Bot, types: Option<&[String]>) -> i64 {
    bot.waiting.iter().rev().find(|waiting| wanted(waiting, types)).map_or(bot.next_place, |waiting| waiting.place)
}

fn wanted(waiting: &Waiting, types: Option<&[String]>) -> bool {
    types.is_none_or(|types| types.iter().any(|name| waiting.update["update_type"] == name.as_str()))
}

/// Updates from a place on, and the marker that confirms them. Those of kinds not asked for are
/// passed over.
fn batch(bot: &Bot, first: i64, limit: usize, types: Option<&[String]>) -> (Vec<Value>, i64) {
    let (mut found, mut next) = (Vec::new(), first);
    for waiting in bot.waiting.iter().filter(|waiting| waiting.place >= first) {
        if found.len() == limit {
            break;
        }
        if wanted(waiting, types) {
            found.push(waiting.update.clone());
        }
        next = waiting.place + 1;
    }
    (found, next)
}
