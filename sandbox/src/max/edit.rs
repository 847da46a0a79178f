//! `PUT /messages`, `DELETE /messages`: a bot changes and removes what it wrote.

use chrono::TimeDelta;

use super::{
    Max,
    body::NewMessage,
    error::{ApiError, ApiResult, failure, success},
    limits::Deed,
    params::Params,
    state::{State, Stored},
};

/// A message of a dialogue can be edited so long, unless it has buttons.
const EDITABLE: TimeDelta = TimeDelta::days(7);

/// The message a call names and its person.
fn own<'a>(state: &'a State, bot: i64, params: &Params) -> ApiResult<(i64, &'a Stored)> {
    let mid = params.text("message_id").filter(|mid| !mid.is_empty()).ok_or_else(|| ApiError::payload("message_id: is required"))?;
    let (user, stored) = state.message(bot, mid).ok_or_else(|| ApiError::not_found(format!("Message {mid} is not found")))?;
    if !stored.from_bot {
        return Err(ApiError::new(403, "access.denied", "Message is not the bot's own"));
    }
    Ok((user, stored))
}

pub(crate) fn message(max: &Max, bot: i64, params: &Params) -> ApiResult {
    let new = NewMessage::read(&params.object()?)?;
    let now = max.clock().now();
    let mut state = max.state();
    let (user, stored) = own(&state, bot, params)?;
    let (mid, late) = (stored.mid.clone(), now - stored.at > EDITABLE && !stored.has_keyboard());
    state.reachable(bot, user)?;
    if late {
        return Ok(failure("message.edit.expired", "Message is too old to be edited"));
    }
    let link = new.linked(&state, bot, user, now)?;
    let attachments = new.attach(&mut state, bot, max.url())?;
    state.room(bot, user, Deed::Edit)?;
    let stored = state.message_mut(bot, &mid).ok_or_else(|| ApiError::not_found("Message is not found"))?;
    Ok(match change(stored, new, attachments, link) {
        true => success(),
        false => failure("proto.payload", "Message must have text or attachments"),
    })
}

/// Puts the new content in place of the old: what the call says nothing of stays, an empty list
/// takes everything away (unconfirmed). `false` when nothing would be left.
pub(crate) fn change(
    stored: &mut Stored,
    new: NewMessage,
    attachments: Option<Vec<serde_json::Value>>,
    link: Option<serde_json::Value>,
) -> bool {
    let mut next = stored.clone();
    if let Some((text, markup)) = new.text {
        (next.text, next.markup) = (Some(text), markup);
    }
    if let Some(attachments) = attachments {
        next.attachments = attachments;
    }
    next.link = link.or(next.link);
    let words = next.text.as_deref().is_some_and(|text| !text.trim().is_empty());
    if !words && next.link.is_none() && next.attachments.iter().all(|attachment| attachment["type"] == "inline_keyboard") {
        return false;
    }
    next.edits += 1;
    *stored = next;
    true
}

pub(crate) fn remove(max: &Max, bot: i64, params: &Params) -> ApiResult {
    let mut state = max.state();
    let (user, stored) = own(&state, bot, params)?;
    let mid = stored.mid.clone();
    state.reachable(bot, user)?;
    state.room(bot, user, Deed::Removal)?;
    if let Some(stored) = state.message_mut(bot, &mid) {
        stored.deleted = true;
    }
    Ok(success())
}
