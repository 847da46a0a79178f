//! Builds the adapter of a channel: one exhaustive `match`.

use std::sync::Arc;

use super::{Capabilities, Channel, ChannelKind, telegram};
use crate::{
    crm::{amocrm, pacer::Pacer},
    secret::Secret,
};

/// Where providers are reached; configuration, so that a self-hosted Bot API server or the sandbox can stand in.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Telegram Bot API base, without a trailing slash.
    pub telegram: String,
    /// Stands in for every amoCRM host (the sandbox): `<this>/<subdomain>` is called in place of
    /// `https://<subdomain>.amocrm.ru`. Without a trailing slash.
    pub amocrm_override: Option<String>,
    /// Spaces the calls of all CRM connections of this process together: the CRM counts by the address they come from, too.
    pub crm_egress: Arc<Pacer>,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            telegram: "https://api.telegram.org".to_owned(),
            amocrm_override: None,
            crm_egress: Arc::new(Pacer::new(amocrm::PER_ADDRESS, None)),
        }
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
