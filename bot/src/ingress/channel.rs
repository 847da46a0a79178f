//! Webhooks of customers' channels, of every messenger: each comes through the gate of its own
//! ([`mms_core::channel::gate`]).

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use mms_core::{
    channel::{ChannelKind, registry, store::ChannelRow},
    id::ChannelId,
    text::clean,
};

use super::{Ingress, intake::Sender};
use crate::frame::deps::Deps;

/// The address customers' updates of a channel come to; `None` when the world does not reach us.
#[must_use]
pub fn url(deps: &Deps, row: &ChannelRow) -> Option<String> {
    let base = deps.settings.public_url.as_ref()?;
    Some(format!("{}/hooks/{}/{}", base.trim_end_matches('/'), row.kind.as_str(), row.id))
}

/// A customers' update.
pub async fn update(
    State(ingress): State<Arc<Ingress>>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    // An unknown channel is answered as a wrong secret: the answer does not tell which channels
    // exist.
    let (Some(kind), Ok(id)) = (ChannelKind::named(&kind), id.parse::<ChannelId>()) else { return StatusCode::UNAUTHORIZED };
    let gate = registry::gate(kind);
    let Some(secret) = headers.get(gate.header).and_then(|value| value.to_str().ok()) else { return StatusCode::UNAUTHORIZED };
    let from = Sender::Channel(kind, id);
    let body = match ingress.body(from, secret, body, gate.most).await {
        Ok(body) => body,
        Err(status) => return status,
    };
    // Cleaned before it is read: a character that nobody can keep must not cost the message.
    let text = String::from_utf8_lossy(&body);
    let payload = clean::json(&text);
    let external_id = (gate.name)(&payload, &text);
    ingress.intake.keep(from, (gate.person)(&payload), secret.to_owned(), external_id, payload.into_owned()).await
}
