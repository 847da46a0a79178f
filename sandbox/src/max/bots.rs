//! The bots of the double, as the partners' cabinet makes them, and what they say of themselves.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::{
    Max,
    error::{ApiError, ApiResult},
    params::{Params, list},
    state::Bot,
};
use crate::action::ActionError;

const MAX_COMMANDS: usize = 32;

/// An address that gets a bot's updates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subscribed {
    /// Where updates are pushed to.
    pub url: String,
    /// Kinds of updates asked for; `None` is every kind.
    pub types: Option<Vec<String>>,
    /// Updates not yet taken.
    pub pending: usize,
    /// Since when pushes fail without a success.
    pub failing_since: Option<DateTime<Utc>>,
}

/// A bot of the double.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BotInfo {
    /// `user_id` of the bot.
    pub id: i64,
    /// Without the at sign; the name in `https://max.ru/<username>?start=…`.
    pub username: String,
    /// Name shown.
    pub first_name: String,
    /// Updates that wait for a long poll.
    pub pending: usize,
    /// Webhooks.
    pub subscriptions: Vec<Subscribed>,
    /// Addresses unsubscribed for their failures, in order.
    pub given_up: Vec<String>,
}

impl Max {
    /// Adds a bot, moderated already. With the id of one that is there: gives it a new token, as
    /// the cabinet does, and the old one is refused from now on.
    ///
    /// # Errors
    /// If the id is not positive, or the token is empty, another bot's, or no text of a header.
    pub fn add_bot(&self, id: i64, token: &str, username: &str) -> Result<(), ActionError> {
        let username = username.trim_start_matches('@').to_owned();
        let mut state = self.state();
        let taken = state.bots.values().any(|bot| bot.id != id && bot.token == token);
        if id <= 0 || token.is_empty() || taken || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ActionError::Invalid("a bot has a positive id and a token of its own, of printable characters".to_owned()));
        }
        if let Some(bot) = state.bots.get_mut(&id) {
            (bot.token, bot.username, bot.revoked) = (token.to_owned(), username, false);
            return Ok(());
        }
        let bot = Bot {
            id,
            token: token.to_owned(),
            name: username.clone(),
            username,
            revoked: false,
            moderated: true,
            commands: Vec::new(),
            waiting: std::collections::VecDeque::new(),
            next_place: 1,
            history: Vec::new(),
            subscriptions: Vec::new(),
            given_up: Vec::new(),
            pushed: crate::window::Window::default(),
            wake: std::sync::Arc::default(),
        };
        state.bots.insert(id, bot);
        Ok(())
    }

    /// Changes the name a bot is shown by (its username at first).
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn name_bot(&self, bot: i64, name: &str) -> Result<(), ActionError> {
        self.with_bot(bot, |bot| name.clone_into(&mut bot.name))
    }

    /// Revokes a bot's token: every call answers 401 until [`Max::add_bot`] gives it one again.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn revoke(&self, bot: i64) -> Result<(), ActionError> {
        self.with_bot(bot, |bot| bot.revoked = true)
    }

    /// Says whether a bot has passed moderation. One that has not may write to nobody: each send is
    /// refused as if the person had stopped it.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn moderate(&self, bot: i64, passed: bool) -> Result<(), ActionError> {
        self.with_bot(bot, |bot| bot.moderated = passed)
    }

    fn with_bot(&self, bot: i64, change: impl FnOnce(&mut Bot)) -> Result<(), ActionError> {
        self.state().bots.get_mut(&bot).map(change).ok_or(ActionError::NoBot(bot))
    }

    /// The bots, by id.
    #[must_use]
    pub fn bots(&self) -> Vec<BotInfo> {
        let info = |bot: &Bot| BotInfo {
            id: bot.id,
            username: bot.username.clone(),
            first_name: bot.name.clone(),
            pending: bot.waiting.len(),
            subscriptions: bot
                .subscriptions
                .iter()
                .map(|one| Subscribed {
                    url: one.url.clone(),
                    types: one.types.clone(),
                    pending: one.pending.len(),
                    failing_since: one.failing_since,
                })
                .collect(),
            given_up: bot.given_up.clone(),
        };
        self.quiet().bots.values().map(info).collect()
    }
}

/// `GET /me`.
pub(crate) fn me(max: &Max, bot: i64) -> ApiResult {
    let mut state = max.quiet();
    let bot = state.bot_mut(bot)?;
    let mut me = bot.as_user(max.clock().now());
    me["description"] = json!(format!("{} в MAX", bot.name));
    for name in ["avatar_url", "full_avatar_url"] {
        me[name] = json!(format!("https://i.oneme.ru/i?r={}", bot.id));
    }
    me["commands"] = json!(bot.commands);
    Ok(me)
}

/// `PATCH /me/commands` (clients' models; the contract has no shape).
pub(crate) fn commands(max: &Max, bot: i64, params: &Params) -> ApiResult {
    let wanted = list(&params.object()?, "commands")?;
    let mut state = max.state();
    let bot = state.bot_mut(bot)?;
    if let Some(commands) = wanted {
        if commands.len() > MAX_COMMANDS || !commands.iter().all(|command| command["name"].is_string()) {
            return Err(ApiError::payload(format!("commands: size must be between 0 and {MAX_COMMANDS}, name is required")));
        }
        bot.commands = commands;
    }
    Ok(json!({ "commands": bot.commands }))
}
