//! What a handler may end with instead of a screen.

/// Why there is no screen.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    /// Nobody is signed in from this chat.
    #[error("nobody is signed in from this chat")]
    SignedOut,
    /// The member's role does not allow it.
    #[error("the member's role does not allow it")]
    Forbidden,
    /// What the button is about is not there (any more), or is not this account's.
    #[error("what the button is about is not there")]
    Gone,
    /// Refused, with the sentence for the member (already translated, plain).
    #[error("refused: {0}")]
    Refused(String),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// Telegram did not take our answer.
    #[error(transparent)]
    Telegram(#[from] crate::frame::api::ApiError),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// What every handler gives back.
pub type Outcome = Result<crate::frame::reply::Reply, BotError>;
