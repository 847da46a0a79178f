//! How the bot process is set up.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use mms_core::{
    config::{self, Billing},
    crm::{CrmKind, login::OauthApp},
    retry::{NOTICE, RetryPolicy},
    secret::Secret,
    smtp::Mailer,
};

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
    /// The integrations that people allow on the page of a CRM; without one, a CRM is connected by
    /// what a person pastes alone.
    pub integrations: HashMap<CrmKind, Integration>,
    /// Where `/metrics` is served, apart from what the world reaches, and what renders it; `None`:
    /// nowhere.
    pub metrics: Option<(SocketAddr, Metrics)>,
    /// What callers of the HTTP side may hold.
    pub limits: Limits,
    /// How soon a notice is told again that Telegram did not take.
    pub notice_retry: RetryPolicy,
    /// The mail server that alarms go through, too; `None`: to the chat alone.
    pub mailer: Option<Mailer>,
    /// By when data are destroyed on demand.
    pub erasure: config::Erasure,
    /// How members reach the licensor.
    pub support: Support,
    /// After so long without a good answer a messenger counts as cut off.
    pub cut_after: Duration,
    /// How licences are sold.
    pub billing: Billing,
}

/// How members reach the licensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// Letters go there, and there are no tickets.
    pub email: Option<String>,
    /// Working days within which a ticket is answered.
    pub answer_days: u32,
}

impl Default for Support {
    fn default() -> Self {
        Self { email: None, answer_days: 2 }
    }
}

/// An integration of ours in a CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    pub client_id: String,
    pub client_secret: Secret,
}

impl BotSettings {
    /// A managers' bot that asks for its updates and is reached by nobody: on a port that the
    /// system chooses, with the defaults of all else.
    #[must_use]
    pub fn new(token: Secret, api_base: impl Into<String>) -> Self {
        Self {
            token,
            api_base: api_base.into(),
            mode: Mode::Polling,
            public_url: None,
            listen: ([127, 0, 0, 1], 0).into(),
            integrations: HashMap::new(),
            metrics: None,
            limits: Limits::default(),
            notice_retry: NOTICE,
            mailer: None,
            erasure: config::Erasure::default(),
            support: Support::default(),
            cut_after: Duration::from_mins(10),
            billing: Billing { pay_days: 5, ..Billing::default() },
        }
    }

    /// The integration of a CRM with the address its browsers come back to; `None` when there is no
    /// integration or the world does not reach us.
    #[must_use]
    pub fn crm_app(&self, kind: CrmKind) -> Option<OauthApp> {
        let (integration, base) = (self.integrations.get(&kind)?, self.public_url.as_deref()?);
        Some(OauthApp {
            client_id: integration.client_id.clone(),
            client_secret: integration.client_secret.clone(),
            redirect_uri: format!("{}/oauth/{}", base.trim_end_matches('/'), kind.as_str()),
        })
    }
}

/// What callers of the HTTP side may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// How long a request's head may take to come, and how long a connection may stand idle before
    /// the next.
    pub head: Duration,
    /// How long all of a body may take to come.
    pub body: Duration,
    /// How long a connection is kept, whatever comes over it.
    pub age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            // Senders of webhooks keep their connections; a new one every few minutes costs them
            // nothing.
            age: Duration::from_secs(300),
        }
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
