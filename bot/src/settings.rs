//! How the bot process is set up.

use std::net::SocketAddr;

use mms_core::secret::Secret;

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
    /// Where the world reaches our HTTP side (`https://…`, no trailing slash); needed for webhooks and OAuth.
    pub public_url: Option<String>,
    /// Where the HTTP side listens.
    pub listen: SocketAddr,
}
