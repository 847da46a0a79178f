//! Builds the adapter of a channel: one exhaustive `match`.

use std::sync::Arc;

use super::{Capabilities, Channel, ChannelKind, telegram};
use crate::{config::Endpoints, secret::Secret};

/// The adapter for a channel with these credentials.
///
/// # Errors
/// Only if the TLS backend cannot start.
pub fn build(kind: ChannelKind, credentials: &Secret, endpoints: &Endpoints) -> reqwest::Result<Arc<dyn Channel>> {
    Ok(match kind {
        ChannelKind::Telegram => Arc::new(telegram::Telegram::new(&endpoints.telegram, credentials.clone())?),
    })
}

/// Whether these can be credentials of a messenger at all: asked before any call is made with them.
#[must_use]
pub fn plausible(kind: ChannelKind, credentials: &Secret) -> bool {
    match kind {
        ChannelKind::Telegram => telegram::is_token(credentials.expose()),
    }
}

/// What a messenger can do, without building an adapter: for lint and forecasts.
#[must_use]
pub fn capabilities(kind: ChannelKind) -> &'static Capabilities {
    match kind {
        ChannelKind::Telegram => &telegram::CAPABILITIES,
    }
}
