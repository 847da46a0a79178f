//! The one message for somebody who opened the chat: in the answer of the hook (contract, 2.1).

use serde_json::Value;

use super::{content::Content, send, state::State};

/// Puts the answer of a hook into the chat, if it is a message. Anything else is an answer without
/// one, and nothing tells the bot.
pub(crate) fn answered(state: &mut State, bot: i64, user: i64, body: &str) {
    let Ok(Value::Object(message)) = serde_json::from_str(body) else { return };
    let message = Value::Object(message);
    let waits = state.chat(bot, user).is_some_and(|chat| chat.welcome_since.is_some());
    if !waits {
        return;
    }
    let Ok(content) = Content::read(state, &message) else { return };
    let token = state.token();
    send::put(state, bot, user, token, &content);
    state.chat_mut(bot, user).welcome_since = None;
    if let Some(stored) = state.stored_mut(bot, user, token) {
        stored.arrived = true;
    }
}
