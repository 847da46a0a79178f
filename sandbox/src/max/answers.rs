//! `POST /answers`: what a bot answers to a press.

use super::{
    Max,
    body::NewMessage,
    edit,
    error::{ApiError, ApiResult, failure, success},
    limits::Deed,
    params::{Params, text},
    press::Answer,
};

pub(crate) fn answer(max: &Max, bot: i64, params: &Params) -> ApiResult {
    let id = params.text("callback_id").filter(|id| !id.is_empty()).ok_or_else(|| ApiError::payload("callback_id: is required"))?;
    params.flag("disable_link_preview")?;
    let object = params.object()?;
    let notification = text(&object, "notification")?;
    let message = match object.get("message") {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::Object(message)) => Some(NewMessage::read(message)?),
        Some(_) => return Err(ApiError::payload("message: must be an object")),
    };
    if notification.is_none() && message.is_none() {
        return Err(ApiError::payload("notification or message is required"));
    }
    let now = max.clock().now();
    let mut state = max.state();
    let found = state.callbacks.get(id).filter(|callback| callback.bot == bot && !callback.expired);
    let Some((user, mid)) = found.map(|callback| (callback.user, callback.mid.clone())) else {
        return Ok(failure("callback.not.found", "Callback is not found or is too old"));
    };
    state.reachable(bot, user)?;
    if let Some(new) = message {
        let link = new.linked(&state, bot, user, now)?;
        let attachments = new.attach(&mut state, bot, max.url())?;
        state.room(bot, user, Deed::Answer)?;
        let Some(stored) = state.message_mut(bot, &mid) else { return Ok(failure("not.found", "Message is not found")) };
        if !edit::change(stored, new, attachments, link) {
            return Ok(failure("proto.payload", "Message must have text or attachments"));
        }
    } else {
        state.room(bot, user, Deed::Answer)?;
    }
    let answer = Answer { text: notification };
    if let Some(callback) = state.callbacks.get_mut(id) {
        callback.answer = Some(answer.clone());
    }
    state.dialogue_mut(bot, user).toast = Some((id.to_owned(), answer));
    Ok(success())
}
