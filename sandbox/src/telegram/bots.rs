//! The bots of the sandbox: made, named, revoked, as @BotFather does.

use std::collections::HashMap;

use serde::Serialize;

use super::{Telegram, state::Bot};
use crate::action::ActionError;

/// A bot of the sandbox.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BotInfo {
    /// The number in front of its token.
    pub id: i64,
    /// Without the at sign.
    pub username: String,
    /// Name shown.
    pub first_name: String,
    /// Updates not yet confirmed.
    pub pending: usize,
    /// Where a webhook is set.
    pub webhook: Option<String>,
}

impl Telegram {
    /// Adds a bot (or renames the one with this token's id and gives it the new token) and returns
    /// its id.
    ///
    /// # Errors
    /// If the token is not `<number>:<secret>`.
    pub fn add_bot(&self, token: &str, username: &str) -> Result<i64, ActionError> {
        let invalid = || ActionError::Invalid("a bot token is <number>:<secret>, as 7000000001:AAE-example".to_owned());
        let (id, secret) = token.split_once(':').ok_or_else(invalid)?;
        let id: i64 = id.parse().map_err(|_| invalid())?;
        if id <= 0 || secret.is_empty() || !secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            return Err(invalid());
        }
        let username = username.trim_start_matches('@').to_owned();
        let mut state = self.state();
        if let Some(bot) = state.bots.get_mut(&id) {
            (bot.token, bot.username, bot.revoked) = (token.to_owned(), username, false);
            return Ok(id);
        }
        let bot = Bot {
            id,
            token: token.to_owned(),
            first_name: username.clone(),
            username,
            revoked: false,
            next_update: 500_100,
            next_serial: 0,
            pending: std::collections::VecDeque::new(),
            history: Vec::new(),
            allowed: None,
            webhook: None,
            webhook_asked: None,
            generation: 0,
            poll: 0,
            polled: None,
            wake: std::sync::Arc::default(),
            commands: HashMap::new(),
        };
        state.bots.insert(id, bot);
        Ok(id)
    }

    /// Changes the name a bot is shown by (its username at first).
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn name_bot(&self, bot: i64, name: &str) -> Result<(), ActionError> {
        let mut state = self.state();
        state.bots.get_mut(&bot).ok_or(ActionError::NoBot(bot))?.first_name = name.to_owned();
        Ok(())
    }

    /// Revokes a bot's token: every call answers 401 until [`Telegram::add_bot`] gives it a token
    /// again.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn revoke(&self, bot: i64) -> Result<(), ActionError> {
        self.state().bots.get_mut(&bot).ok_or(ActionError::NoBot(bot))?.revoked = true;
        Ok(())
    }

    /// The bots, by id.
    #[must_use]
    pub fn bots(&self) -> Vec<BotInfo> {
        let info = |bot: &Bot| BotInfo {
            id: bot.id,
            username: bot.username.clone(),
            first_name: bot.first_name.clone(),
            pending: bot.pending.len(),
            webhook: bot.webhook.as_ref().map(|webhook| webhook.url.clone()),
        };
        self.quiet().bots.values().map(info).collect()
    }
}
