//! `POST /messages` and the actions of a chat.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    Max,
    body::NewMessage,
    error::{ApiError, ApiResult, success},
    limits::Deed,
    params::{Params, text},
    state::{State, Stored},
};
use crate::ledger::Accepted;

/// Whom a call names: exactly one of `user_id` and `chat_id`.
fn recipient(state: &State, bot: i64, params: &Params) -> ApiResult<i64> {
    let unknown = |_| ApiError::payload("Unknown recipient");
    let number = |name: &str| params.text(name).map(|text| text.parse::<i64>().map_err(unknown)).transpose();
    match (number("user_id")?, number("chat_id")?) {
        (Some(user), None) => Ok(user),
        (None, Some(chat)) => state.of_chat(bot, chat),
        (None, None) => Err(ApiError::payload("Missing recipient")),
        (Some(_), Some(_)) => Err(ApiError::payload("Unknown recipient: one of user_id and chat_id is expected")),
    }
}

pub(crate) fn message(max: &Max, bot: i64, params: &Params) -> ApiResult {
    params.flag("disable_link_preview")?;
    let new = NewMessage::read(&params.object()?)?;
    let now = max.clock().now();
    let mut state = max.state();
    let user = recipient(&state, bot, params)?;
    state.reachable(bot, user)?;
    if new.is_empty() {
        return Err(ApiError::payload("Message must have text or attachments"));
    }
    let link = new.linked(&state, bot, user, now)?;
    let attachments = new.attach(&mut state, bot, max.url())?.unwrap_or_default();
    state.room(bot, user, Deed::Message)?;
    let (text, markup) = new.text.map(|(text, markup)| (Some(text), markup)).unwrap_or_default();
    let media = attachments.iter().find(|attachment| attachment["type"] != "inline_keyboard");
    let (kind, unique) = (media.and_then(|media| media["type"].as_str()).map(str::to_owned), media.and_then(|media| unique(&state, media)));
    let stored = Stored { from_bot: true, text: text.clone(), markup, attachments, link, silent: !new.notify, ..Stored::default() };
    let seq = state.put(bot, user, stored, now);
    let dialogue = state.dialogue_mut(bot, user);
    dialogue.action = None;
    let Some(stored) = dialogue.messages.get(&seq).cloned() else { return Err(ApiError::new(500, "internal.error", "Internal error")) };
    max.ledger().accept(Accepted {
        bot,
        chat: user,
        message_id: seq,
        reference: stored.mid.clone(),
        method: "POST /messages",
        text: text.unwrap_or_default(),
        media: kind,
        file_unique_id: unique,
        paid: false,
    });
    Ok(json!({ "message": state.shown(bot, user, &stored, now) }))
}

fn unique(state: &State, media: &Value) -> Option<String> {
    state.files.get(media["payload"]["token"].as_str()?).map(|file| file.unique.clone())
}

const ACTIONS: &[&str] = &["typing_on", "sending_photo", "sending_video", "sending_audio", "sending_file", "mark_seen"];

pub(crate) fn action(max: &Max, bot: i64, chat: i64, params: &Params) -> ApiResult {
    let action = text(&params.object()?, "action")?.unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::payload("action: unknown value"));
    }
    let mut state = max.state();
    let user = state.of_chat(bot, chat)?;
    state.reachable(bot, user)?;
    state.dialogue_mut(bot, user).action = Some((action, Instant::now()));
    Ok(success())
}
