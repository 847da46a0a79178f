//! Telegram's webhooks: the managers' bot and customers' channels.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use bytes::Bytes;
use mms_core::{
    channel::{ChannelKind, store as channels},
    id::ChannelId,
    inbound::{self, NewRaw, SourceKind},
    queue::Job,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Door, same};
use crate::{api::ApiError, deps::Deps, gates};

/// Where the managers' updates come.
pub const MANAGER_PATH: &str = "/hooks/manager";
/// The header with the secret (contracts/messengers/telegram.md, 6.1).
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// The secret of the managers' webhook: made from the token, so every process knows it and no table keeps it.
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
pub async fn manager(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !signed(&headers, &manager_secret(&door.deps)) {
        return StatusCode::UNAUTHORIZED;
    }
    match serde_json::from_slice::<Value>(&body) {
        Ok(update) => {
            if let Err(error) = gates::keep(&door.deps, std::slice::from_ref(&update)).await {
                return broken(&error);
            }
            door.dispatcher.accept(&update);
            gates::let_go(&door.deps, &door.dispatcher.gone()).await;
            StatusCode::OK
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

/// A customers' update.
pub async fn channel(State(door): State<Door>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // An unknown channel is answered as a wrong secret: the door does not tell which channels exist.
    let Ok(id) = id.parse::<ChannelId>() else { return StatusCode::UNAUTHORIZED };
    let row = match channels::find(&door.deps.store, id).await {
        Ok(Some(row)) if row.kind == ChannelKind::Telegram && row.state != channels::ChannelState::Removed => row,
        Ok(_) => return StatusCode::UNAUTHORIZED,
        Err(error) => return broken(&error),
    };
    if !signed(&headers, &row.hook_secret) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(payload) = std::str::from_utf8(&body) else { return StatusCode::BAD_REQUEST };
    let Some(update_id) = serde_json::from_str::<Value>(payload).ok().and_then(|update| update["update_id"].as_i64()) else {
        return StatusCode::BAD_REQUEST;
    };
    let external_id = update_id.to_string();
    let new = NewRaw { account: row.account_id, source_kind: SourceKind::Channel, source: id.0, external_id: &external_id, payload };
    match inbound::store(&door.deps.store, &new, door.deps.now()).await {
        Ok(_) => {
            door.deps.queue.ring(Job::HandleInbound { source: id.0 }).await;
            StatusCode::OK
        }
        Err(error) => broken(&error),
    }
}

/// Telegram tries again later.
pub(super) fn broken(error: &sqlx::Error) -> StatusCode {
    tracing::error!(%error, "a webhook could not be stored; the sender will try again");
    StatusCode::SERVICE_UNAVAILABLE
}
