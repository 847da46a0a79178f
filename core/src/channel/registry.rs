//! Builds the adapter of a channel: one exhaustive `match`.

use std::sync::Arc;

use super::{Capabilities, Channel, ChannelKind, telegram};
use crate::secret::Secret;

/// Where providers are reached; configuration, so that a self-hosted Bot API server or the sandbox can stand in.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Telegram Bot API base, without a trailing slash.
    pub telegram: String,
    /// Stands in for every amoCRM host (the sandbox): `<this>/<subdomain>` is called in place of
    /// `https://<subdomain>.amocrm.ru`. Without a trailing slash.
    pub amocrm_override: Option<String>,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self { telegram: "https://api.telegram.org".to_owned(), amocrm_override: None }
    }
}

/// The adapter for a channel with these credentials.
///
/// # Errors
/// Only if the TLS backend cannot start.
pub fn build(kind: ChannelKind, credentials: &Secret, endpoints: &Endpoints) -> reqwest::Result<Arc<dyn Channel>> {
    Ok(match kind {
        ChannelKind::Telegram => Arc::new(telegram::Telegram::new(&endpoints.telegram, credentials.clone())?),
    })
}

/// What a messenger can do, without building an adapter: for lint and forecasts.
#[must_use]
pub fn capabilities(kind: ChannelKind) -> &'static Capabilities {
    match kind {
        ChannelKind::Telegram => &telegram::CAPABILITIES,
    }
}
