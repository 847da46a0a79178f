//! Telegram's webhooks: the managers' bot and customers' channels.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use mms_core::{channel::telegram::update_name, id::ChannelId, text::clean};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    Ingress,
    intake::{Sender, broken},
    same,
};
use crate::{
    frame::{api::ApiError, deps::Deps, gates},
    serve,
};

/// Where the managers' updates come.
pub const MANAGER_PATH: &str = "/hooks/manager";
/// Largest update, bytes: the longest text with all its entities and the message it answers is a
/// tenth of it.
const MAX_UPDATE: usize = 512 * 1024;
/// The header with the secret (contracts/messengers/telegram.md, 6.1).
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// The secret of the managers' webhook: made from the token, so every process knows it and no table
/// keeps it.
#[must_use]
pub fn manager_secret(deps: &Deps) -> String {
    let mut sha = Sha256::new();
    sha.update(b"mms managers' webhook\0");
    sha.update(deps.settings.token.expose().as_bytes());
    hex::encode(sha.finalize())
}

/// The address customers' updates of a channel come to; `None` when the world does not reach us.
#[must_use]
pub fn channel_url(deps: &Deps, channel: ChannelId) -> Option<String> {
    deps.settings.public_url.as_ref().map(|base| format!("{}/hooks/telegram/{channel}", base.trim_end_matches('/')))
}

/// Asks Telegram to call us with the managers' updates.
///
/// # Errors
/// Telegram's.
pub async fn announce(deps: &Deps) -> Result<(), ApiError> {
    let base = deps.settings.public_url.as_deref().unwrap_or_default();
    let body = json!({
        "url": format!("{}{MANAGER_PATH}", base.trim_end_matches('/')),
        "secret_token": manager_secret(deps),
        "allowed_updates": ["message", "callback_query", "my_chat_member"],
    });
    deps.bot.call("setWebhook", &body).await.map(|_| ())
}

fn signed(headers: &HeaderMap, secret: &str) -> bool {
    headers.get(SECRET_HEADER).and_then(|value| value.to_str().ok()).is_some_and(|given| same(given, secret))
}

/// A managers' update.
pub async fn manager(State(ingress): State<Arc<Ingress>>, headers: HeaderMap, body: Body) -> StatusCode {
    if !signed(&headers, &manager_secret(&ingress.deps)) {
        return StatusCode::UNAUTHORIZED;
    }
    // What a webhook of a process before brings waits at Telegram until this one knows who its bot
    // is.
    if ingress.deps.bot.standing().username().is_empty() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let body = match serve::body(body, MAX_UPDATE, ingress.limits).await {
        Ok(body) => body,
        Err(status) => return status,
    };
    match serde_json::from_str::<Value>(&clean::json(&String::from_utf8_lossy(&body))) {
        Ok(update) => {
            if let Err(error) = gates::keep(&ingress.deps, std::slice::from_ref(&update)).await {
                return broken(&error);
            }
            ingress.dispatcher.accept(&update);
            gates::let_go(&ingress.deps, &ingress.dispatcher.gone()).await;
            StatusCode::OK
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

/// What is read of a customers' update before it is kept.
#[derive(Deserialize)]
struct Numbered {
    update_id: i64,
}

/// Who an update comes from, where it can be read: in a private chat the chat has the person's id
/// (contracts/messengers/telegram.md, 6.2).
#[derive(Deserialize)]
struct Written {
    message: Option<InChat>,
    edited_message: Option<InChat>,
    my_chat_member: Option<InChat>,
    callback_query: Option<From>,
}

#[derive(Deserialize)]
struct InChat {
    chat: Id,
}

#[derive(Deserialize)]
struct From {
    from: Id,
}

#[derive(Deserialize)]
struct Id {
    id: i64,
}

fn person(payload: &str) -> Option<i64> {
    let written: Written = serde_json::from_str(payload).ok()?;
    let chat = written.message.or(written.edited_message).or(written.my_chat_member).map(|message| message.chat.id);
    chat.or_else(|| written.callback_query.map(|pressed| pressed.from.id))
}

/// A customers' update.
pub async fn channel(State(ingress): State<Arc<Ingress>>, Path(id): Path<String>, headers: HeaderMap, body: Body) -> StatusCode {
    // An unknown channel is answered as a wrong secret: the answer does not tell which channels
    // exist.
    let Ok(id) = id.parse::<ChannelId>() else { return StatusCode::UNAUTHORIZED };
    let Some(secret) = headers.get(SECRET_HEADER).and_then(|value| value.to_str().ok()) else { return StatusCode::UNAUTHORIZED };
    let from = Sender::Channel(id);
    let body = match ingress.body(from, secret, body, MAX_UPDATE).await {
        Ok(body) => body,
        Err(status) => return status,
    };
    // Cleaned before it is read: a character that nobody can keep must not cost the message.
    let text = String::from_utf8_lossy(&body);
    let payload = clean::json(&text);
    let external_id = serde_json::from_str::<Numbered>(&payload).ok().map(|update| update_name(update.update_id, &text));
    ingress.intake.keep(from, person(&payload), secret.to_owned(), external_id, payload.into_owned()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_whatever_they_do() {
        for done in [
            json!({ "message": { "message_id": 5, "date": 0, "chat": { "id": 7, "type": "private" }, "text": "стоп" } }),
            json!({ "edited_message": { "message_id": 5, "date": 0, "chat": { "id": 7, "type": "private" }, "text": "стоп" } }),
            json!({ "my_chat_member": { "chat": { "id": 7, "type": "private" }, "new_chat_member": { "status": "kicked" } } }),
            json!({ "callback_query": { "id": "1", "from": { "id": 7, "is_bot": false, "first_name": "Анна" }, "data": "stop" } }),
        ] {
            let mut update = done.clone();
            update["update_id"] = json!(1);
            assert_eq!(person(&update.to_string()), Some(7), "{done}");
        }
        for other in ["", "{", "{}", r#"{"update_id":1,"poll":{}}"#, r#"{"message":{"chat":{"id":"7"}}}"#] {
            assert_eq!(person(other), None, "{other}");
        }
    }
}
