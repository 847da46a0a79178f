//! Updates on their way to a bot: the queue, long polling with offsets, webhook settings.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use serde_json::{Value, json};

use super::{
    Telegram,
    error::{ApiError, ApiResult},
    params::Params,
    state::{Bot, Queued, State, Webhook},
    webhook,
};
use crate::fault::{Call, Fault, UPDATE};

/// Kinds a bot gets only when it asks for them by name.
const UNASKED: &[&str] = &["chat_member", "message_reaction", "message_reaction_count"];

/// Every kind there is (Bot API 10.1).
const KINDS: &[&str] = &[
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "message_reaction",
    "message_reaction_count",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "purchased_paid_media",
];

/// Queues an update for a bot, if it wants this kind; returns its id.
pub(crate) fn push(telegram: &Telegram, state: &mut State, bot: i64, chat: i64, kind: &str, payload: Value) -> Option<i64> {
    let drawn = telegram.faults().draw(Call { service: "telegram", method: UPDATE, bot: Some(bot), chat: Some(chat) });
    let bot = state.bots.get_mut(&bot)?;
    let wanted = match &bot.allowed {
        Some(allowed) => allowed.iter().any(|name| name == kind),
        None => !UNASKED.contains(&kind),
    };
    if !wanted {
        return None;
    }
    let update_id = bot.next_update;
    bot.next_update += 1;
    let update = json!({ "update_id": update_id, kind: payload });
    bot.history.push((update_id, chat, update.clone()));
    let mut queued = || {
        bot.next_serial += 1;
        Queued {
            serial: bot.next_serial,
            update_id,
            chat,
            update: update.clone(),
            in_flight: false,
            not_before: None,
            delay: Duration::ZERO,
            forced: false,
        }
    };
    let (first, second) = (queued(), queued());
    match drawn.fault {
        Some(Fault::DoubleUpdate) => bot.pending.extend([first, second]),
        // Still in the history, for `redeliver`.
        Some(Fault::WithholdUpdate) => {}
        Some(Fault::ReorderUpdate) => {
            let before = bot.pending.iter().rposition(|other| !other.in_flight).unwrap_or(bot.pending.len());
            bot.pending.insert(before, first);
        }
        _ => bot.pending.push_back(first),
    }
    bot.wake.notify_waiters();
    Some(update_id)
}

/// After a week without updates: nothing waits, and the next update has this number.
pub(crate) fn count_from(state: &mut State, bot: i64, next: i64) -> ApiResult<()> {
    let bot = state.bot_mut(bot)?;
    bot.pending.clear();
    bot.next_update = next;
    bot.wake.notify_waiters();
    Ok(())
}

/// Queues the last `count` updates once more under their old ids, as after a lost confirmation.
pub(crate) fn redeliver(state: &mut State, bot: i64, count: usize) -> ApiResult<usize> {
    let bot = state.bot_mut(bot)?;
    let again: Vec<_> = bot.history.iter().rev().take(count).rev().cloned().collect();
    for (update_id, chat, update) in &again {
        bot.next_serial += 1;
        bot.pending.push_back(Queued {
            serial: bot.next_serial,
            update_id: *update_id,
            chat: *chat,
            update: update.clone(),
            in_flight: false,
            not_before: None,
            delay: Duration::ZERO,
            forced: true,
        });
    }
    bot.wake.notify_waiters();
    Ok(again.len())
}

/// The kinds asked for, whatever the case of their letters. A list that cannot be read is as none:
/// what was set before stays.
fn allowed(params: &Params) -> Option<Option<Vec<String>>> {
    let list = params.json("allowed_updates").ok()??;
    let names: Option<Vec<String>> = list.as_array()?.iter().map(|name| name.as_str().map(str::to_ascii_lowercase)).collect();
    let known: Vec<String> = names?.into_iter().filter(|name| KINDS.contains(&name.as_str())).collect();
    // A list without a known kind means the default set.
    Some((!known.is_empty()).then_some(known))
}

/// An offset further past the newest update than this is nobody's: it is answered from the oldest
/// one, and confirms nothing.
const AHEAD: i64 = 10;
/// So is one this far before the oldest.
const BEHIND: i64 = 100_000;

/// The number `getUpdates` counts from. Whatever is before it is confirmed, and forgotten.
fn from(bot: &Bot, offset: i64) -> i64 {
    let tail = bot.next_update;
    let head = bot.pending.iter().map(|queued| queued.update_id).min().unwrap_or(tail);
    if offset <= 0 || offset > tail + AHEAD || offset < head - BEHIND { head } else { offset }
}

pub(crate) async fn get(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let offset = params.int("offset").unwrap_or_default();
    let mut limit = usize::try_from(params.int("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let mut timeout = Duration::from_secs(params.int("timeout").unwrap_or_default().clamp(0, 50).unsigned_abs());
    let wake = {
        let mut state = telegram.state();
        let bot = state.bot_mut(bot)?;
        if bot.webhook.is_some() {
            return Err(conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"));
        }
        if let Some(allowed) = allowed(params) {
            bot.allowed = allowed;
        }
        // Who asks for the same again and again is made to wait, and is given one at a time.
        let again = telegram.timing().poll_again;
        if let Some((_, at)) = bot.polled.filter(|(before, _)| *before == offset) {
            if timeout < again && at.elapsed() < again {
                timeout = again;
            }
            if at.elapsed() < again / 6 {
                limit = 1;
            }
        }
        bot.polled = Some((offset, Instant::now()));
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            while bot.pending.len() > keep {
                bot.pending.pop_front();
            }
        }
        Arc::clone(&bot.wake)
    };
    let deadline = Instant::now() + timeout;
    let mut mine = None;
    loop {
        let woken = wake.notified();
        tokio::pin!(woken);
        // Registered before looking, so that an update pushed in between still wakes.
        woken.as_mut().enable();
        {
            let mut state = telegram.quiet();
            let bot = state.bot_mut(bot)?;
            if bot.webhook.is_some() {
                return Err(conflict("terminated by setWebhook request"));
            }
            if mine.is_some_and(|mine| bot.poll != mine) {
                return Err(conflict("terminated by other getUpdates request; make sure that only one bot instance is running"));
            }
            let from = from(bot, offset);
            bot.pending.retain(|queued| queued.update_id >= from || queued.forced);
            let mut batch = Vec::new();
            for queued in bot.pending.iter_mut().take(limit) {
                queued.forced = false;
                batch.push(queued.update.clone());
            }
            if !batch.is_empty() || Instant::now() >= deadline {
                return Ok(Value::Array(batch));
            }
            // Only one that waits ends another that waits.
            if mine.is_none() {
                bot.poll += 1;
                mine = Some(bot.poll);
                bot.wake.notify_waiters();
                continue;
            }
        }
        let _ = tokio::time::timeout_at(deadline.into(), woken).await;
    }
}

fn conflict(text: &str) -> ApiError {
    ApiError::new(409, format!("Conflict: {text}"))
}

/// Plain http is taken for loopback, as a self-hosted Bot API server does; the rest is the cloud
/// server's rule.
fn check_url(raw: &str) -> ApiResult<()> {
    let bad = |reason: &str| ApiError::bad(format!("bad webhook: {reason}"));
    let parsed = url::Url::parse(raw).map_err(|_| ApiError::bad("invalid webhook URL specified"))?;
    let loopback = crate::links::is_loopback(&parsed);
    match parsed.scheme() {
        "http" | "https" if loopback => Ok(()),
        "https" if matches!(parsed.port_or_known_default(), Some(443 | 80 | 88 | 8443)) => Ok(()),
        "https" => Err(bad("Webhook can be set up only on ports 80, 88, 443 or 8443")),
        _ => Err(bad("An HTTPS URL must be provided for webhook")),
    }
}

pub(crate) fn set_webhook(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let url = params.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete_webhook(telegram, bot, params);
    }
    {
        let mut state = telegram.quiet();
        let (bot, now) = (state.bot_mut(bot)?, Instant::now());
        if bot.webhook_asked.is_some_and(|at| now < at + telegram.timing().webhook_again) {
            return Err(ApiError::too_many(1));
        }
        bot.webhook_asked = Some(now);
    }
    check_url(&url)?;
    let secret = params.text("secret_token").filter(|secret| !secret.is_empty());
    if let Some(secret) = &secret {
        if secret.len() > 256 {
            return Err(ApiError::bad("secret token is too long"));
        }
        if !secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            return Err(ApiError::bad("secret token contains unallowed characters"));
        }
    }
    let max_connections = params.int("max_connections").unwrap_or(40).clamp(1, 100);
    let allowed = allowed(params);
    let generation = {
        let mut state = telegram.state();
        let bot = state.bot_mut(bot)?;
        if let Some(allowed) = allowed {
            bot.allowed = allowed;
        }
        if params.flag("drop_pending_updates") {
            bot.pending.clear();
        }
        for queued in &mut bot.pending {
            (queued.in_flight, queued.not_before, queued.delay) = (false, None, Duration::ZERO);
        }
        bot.generation += 1;
        let max_connections = u32::try_from(max_connections).unwrap_or(40);
        bot.webhook = Some(Webhook { url, secret, max_connections, last_error: None, generation: bot.generation });
        bot.wake.notify_waiters();
        bot.generation
    };
    webhook::start(telegram, bot, generation);
    Ok(json!(true))
}

pub(crate) fn delete_webhook(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let mut state = telegram.state();
    let bot = state.bot_mut(bot)?;
    bot.webhook = None;
    bot.generation += 1;
    if params.flag("drop_pending_updates") {
        bot.pending.clear();
    }
    for queued in &mut bot.pending {
        (queued.in_flight, queued.not_before, queued.delay) = (false, None, Duration::ZERO);
    }
    bot.wake.notify_waiters();
    Ok(json!(true))
}

pub(crate) fn webhook_info(telegram: &Telegram, bot: i64) -> ApiResult {
    let mut state = telegram.quiet();
    let bot = state.bot_mut(bot)?;
    let mut info = json!({ "url": "", "has_custom_certificate": false, "pending_update_count": bot.pending.len() });
    if let Some(webhook) = &bot.webhook {
        info["url"] = json!(webhook.url);
        info["max_connections"] = json!(webhook.max_connections);
        info["ip_address"] = json!("127.0.0.1");
        if let Some((at, text)) = &webhook.last_error {
            info["last_error_date"] = json!(at.timestamp());
            info["last_error_message"] = json!(text);
        }
    }
    if let Some(allowed) = &bot.allowed {
        info["allowed_updates"] = json!(allowed);
    }
    Ok(info)
}

/// Remembers why the last push failed, for `getWebhookInfo`.
pub(crate) fn failed(webhook: &mut Webhook, reason: String) {
    webhook.last_error = Some((Utc::now(), reason));
}
