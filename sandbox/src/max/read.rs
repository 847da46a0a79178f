//! Reading a dialogue, which is how a bot learns what became of a call without an answer (contract,
//! 3). A dialogue whose person stopped the bot can still be read (unconfirmed).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Max,
    error::{ApiError, ApiResult},
    params::Params,
    state::{State, Stored, as_user, person},
};

/// `GET /messages`: newest first. The vendor's page says of the window that «`to` must be less than
/// `from`»: `from` is its newest moment, `to` its oldest.
pub(crate) fn list(max: &Max, bot: i64, params: &Params) -> ApiResult {
    let count = usize::try_from(params.within("count", 1, 100, 50)?).unwrap_or(50);
    let (from, to) = (params.int("from")?, params.int("to")?);
    if let (Some(from), Some(to)) = (from, to)
        && to >= from
    {
        return Err(ApiError::payload("to: must be less than from"));
    }
    let now = max.clock().now();
    let state = max.quiet();
    let found: Vec<Value> = match (params.int("chat_id")?, params.text("message_ids")) {
        (Some(chat), None) => {
            let user = state.of_chat(bot, chat)?;
            let dialogue = state.dialogues.get(&(bot, user));
            let messages = dialogue.into_iter().flat_map(|dialogue| dialogue.messages.values().rev());
            let within = |stored: &&Stored| {
                let at = stored.at.timestamp_millis();
                readable(max, stored) && from.is_none_or(|from| at <= from) && to.is_none_or(|to| at >= to)
            };
            messages.filter(within).take(count).map(|stored| state.shown(bot, user, stored, now)).collect()
        }
        (None, Some(ids)) => ids.split(',').filter_map(|mid| find(max, &state, bot, mid)).collect(),
        _ => return Err(ApiError::payload("one of chat_id and message_ids is required")),
    };
    Ok(json!({ "messages": found }))
}

/// `GET /messages/{mid}`.
pub(crate) fn one(max: &Max, bot: i64, mid: &str) -> ApiResult {
    find(max, &max.quiet(), bot, mid).ok_or_else(|| ApiError::not_found(format!("Message {mid} is not found")))
}

fn find(max: &Max, state: &State, bot: i64, mid: &str) -> Option<Value> {
    let (user, stored) = state.message(bot, mid).filter(|(_, stored)| readable(max, stored))?;
    Some(state.shown(bot, user, stored, max.clock().now()))
}

fn readable(max: &Max, stored: &Stored) -> bool {
    let wait = TimeDelta::from_std(max.timing().readable_after).unwrap_or(TimeDelta::MAX);
    !stored.deleted && (wait.is_zero() || max.clock().now() - stored.at >= wait)
}

/// `GET /chats/{chat}` (clients' models; the contract has no shape).
pub(crate) fn chat(max: &Max, bot: i64, chat: i64) -> ApiResult {
    let now = max.clock().now();
    let state = max.quiet();
    let user = person(bot, state.of_chat(bot, chat).map(|_| chat)?);
    let (Some(person), Some(dialogue)) = (state.users.get(&user), state.dialogues.get(&(bot, user))) else {
        return Err(ApiError::not_found("Chat is not found"));
    };
    let last = dialogue.messages.values().next_back().map_or(now, |stored| stored.at);
    Ok(
        json!({ "chat_id": chat, "type": "dialog", "status": if dialogue.stopped { "suspended" } else { "active" }, "title": null, "icon": null,
        "last_event_time": last.timestamp_millis(), "participants_count": 2, "is_public": false,
        "dialog_with_user": as_user(person, now) }),
    )
}
