//! The webhook of the managers' bot.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use mms_core::{channel::telegram, text::clean};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Ingress, intake::broken, same};
use crate::{
    frame::{api::ApiError, deps::Deps, gates},
    serve,
};

/// Where the managers' updates come.
pub const MANAGER_PATH: &str = "/hooks/manager";
/// The secret of the managers' webhook: made from the token, so every process knows it and no table
/// keeps it.
#[must_use]
pub fn manager_secret(deps: &Deps) -> String {
    let mut sha = Sha256::new();
    sha.update(b"mms managers' webhook\0");
    sha.update(deps.settings.token.expose().as_bytes());
    hex::encode(sha.finalize())
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
        "allowed_updates": ["message", "callback_query", "my_chat_member", "pre_checkout_query"],
    });
    deps.bot.call("setWebhook", &body).await.map(|_| ())
}

fn signed(headers: &HeaderMap, secret: &str) -> bool {
    headers.get(telegram::GATE.header).and_then(|value| value.to_str().ok()).is_some_and(|given| same(given, secret))
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
    let body = match serve::body(body, telegram::GATE.most, ingress.limits).await {
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
