//! How the bot process is set up.

use std::{net::SocketAddr, sync::Arc};

use mms_core::{crm::connection::OauthApp, secret::Secret};

/// How updates come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// We ask: works behind any firewall.
    #[default]
    Polling,
    /// Telegram calls [`BotSettings::public_url`].
    Webhook,
}

/// How the bot process is set up.
#[derive(Debug, Clone)]
pub struct BotSettings {
    /// The managers' bot's token.
    pub token: Secret,
    /// Where the Bot API is reached.
    pub api_base: String,
    /// How updates come, for the managers' bot and for customers' channels.
    pub mode: Mode,
    /// Where the world reaches our HTTP side (`https://…`, no trailing slash); needed for webhooks
    /// and OAuth.
    pub public_url: Option<String>,
    /// Where the HTTP side listens.
    pub listen: SocketAddr,
    /// The integration people authorise in amoCRM; `None`: only long-lived tokens.
    pub amocrm: Option<Integration>,
    /// Where `/metrics` is served, apart from what the world reaches, and what renders it; `None`:
    /// nowhere.
    pub metrics: Option<(SocketAddr, Metrics)>,
}

/// An integration of ours in a CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    pub client_id: String,
    pub client_secret: Secret,
}

impl BotSettings {
    /// The integration of amoCRM with the address its browsers come back to; `None` when there is
    /// no integration or the world does not reach us.
    #[must_use]
    pub fn amocrm_app(&self) -> Option<OauthApp> {
        let (integration, base) = (self.amocrm.as_ref()?, self.public_url.as_deref()?);
        Some(OauthApp {
            client_id: integration.client_id.clone(),
            client_secret: integration.client_secret.clone(),
            redirect_uri: format!("{}/oauth/amocrm", base.trim_end_matches('/')),
        })
    }
}

/// Renders the process's metrics for Prometheus.
#[derive(Clone)]
pub struct Metrics(pub Arc<dyn Fn() -> String + Send + Sync>);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}
