//! Why a person could not do something with their phone, in any messenger.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// Why a person could not do that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionError {
    /// No bot with this id was added.
    NoBot(i64),
    /// No person with this id was added.
    NoUser(i64),
    /// The bot is blocked: unblock it or press START.
    Blocked,
    /// The person never started the bot, and this messenger shows no field to write in before.
    NotStarted,
    /// What it is about (a number, an account, a template) is not in the sandbox.
    NoSuch(String),
    /// The chat has no such message (any more).
    NoMessage(String),
    /// The message or the keyboard has no such button.
    NoButton(String),
    /// Text that is empty or too long for the messenger, a name or id that cannot be.
    Invalid(String),
}

impl ActionError {
    pub(crate) fn no_message(id: impl ToString) -> Self {
        Self::NoMessage(id.to_string())
    }
}

impl std::fmt::Display for ActionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoBot(id) => write!(f, "there is no bot {id} in the sandbox: add it first"),
            Self::NoUser(id) => write!(f, "there is no person {id} in the sandbox: add them first"),
            Self::Blocked => write!(f, "the person blocks this bot: unblock it or press START first"),
            Self::NotStarted => write!(f, "the person never started this bot: press START first"),
            Self::NoSuch(what) => write!(f, "there is no {what} in the sandbox: add it first"),
            Self::NoMessage(id) => write!(f, "there is no message {id} in this chat"),
            Self::NoButton(which) => write!(f, "there is no such button: {which}"),
            Self::Invalid(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ActionError {}

impl IntoResponse for ActionError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoBot(_) | Self::NoUser(_) | Self::NoSuch(_) | Self::NoMessage(_) | Self::NoButton(_) => StatusCode::NOT_FOUND,
            Self::Blocked | Self::NotStarted => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}
