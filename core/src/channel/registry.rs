//! Builds the adapter of a channel: one exhaustive `match` for each thing a messenger brings.

use std::sync::Arc;

use super::{Capabilities, Channel, ChannelKind, gate::Gate, max, telegram};
use crate::{config::Endpoints, http, secret::Secret};

/// The adapter for a channel with these credentials.
///
/// # Errors
/// Only if the TLS backend cannot start.
pub fn build(kind: ChannelKind, credentials: &Secret, endpoints: &Endpoints) -> reqwest::Result<Arc<dyn Channel>> {
    Ok(match kind {
        ChannelKind::Telegram => Arc::new(telegram::Telegram::new(&endpoints.telegram, credentials.clone())?),
        ChannelKind::Max => Arc::new(max::Max::new(&endpoints.max, endpoints.max_authorities.as_ref(), credentials.clone())?),
    })
}

/// Whether these can be credentials of a messenger at all: asked before any call is made with them.
#[must_use]
pub fn plausible(kind: ChannelKind, credentials: &Secret) -> bool {
    match kind {
        ChannelKind::Telegram => telegram::is_token(credentials.expose()),
        ChannelKind::Max => max::is_token(credentials.expose()),
    }
}

/// What a messenger can do, without building an adapter: for lint and forecasts.
#[must_use]
pub fn capabilities(kind: ChannelKind) -> &'static Capabilities {
    match kind {
        ChannelKind::Telegram => &telegram::CAPABILITIES,
        ChannelKind::Max => &max::CAPABILITIES,
    }
}

/// How a messenger's webhooks are proved and told apart.
#[must_use]
pub fn gate(kind: ChannelKind) -> &'static Gate {
    match kind {
        ChannelKind::Telegram => &telegram::GATE,
        ChannelKind::Max => &max::GATE,
    }
}

/// Whether a messenger's server answers, by the way its adapter goes.
///
/// # Errors
/// Why not.
pub async fn reach(kind: ChannelKind, endpoints: &Endpoints) -> Result<(), String> {
    match kind {
        ChannelKind::Telegram => http::reach(&endpoints.telegram, None).await,
        ChannelKind::Max => http::reach(&endpoints.max, endpoints.max_authorities.as_ref()).await,
    }
}

/// Where a person opens a bot of this name; with a payload it comes with their start. `None`: the
/// bot has no name to be found by.
#[must_use]
pub fn entry(kind: ChannelKind, username: &str, payload: Option<&str>) -> Option<String> {
    let host = match kind {
        ChannelKind::Telegram => telegram::ENTRY,
        ChannelKind::Max => max::ENTRY,
    };
    let start = payload.map(|payload| format!("?start={payload}")).unwrap_or_default();
    (!username.is_empty()).then(|| format!("https://{host}/{username}{start}"))
}
