//! What a provider answers to a message: taken, or how it was refused.

use std::time::Duration;

#[cfg(doc)]
use super::{fit, lease};
use crate::{clock::Moment, text::clean_to};

/// The provider took the message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    /// The provider's id of the message, unique within the channel (Telegram: `<chat>:<message>`).
    pub message_ref: String,
    /// The provider's reference of the uploaded file, to be used from now on.
    pub media_reference: Option<String>,
    /// The recipient's device is too old for the message, and this is what went: the same in words
    /// ([`fit::in_words`]).
    pub in_words: bool,
    /// The provider took it and does not let it go yet; `None`: it goes.
    pub held: Option<Held>,
}

/// Why a provider keeps a message that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The provider's word for it.
    pub why: String,
    /// Its template is paused: nothing else goes by that. What becomes of this message a receipt
    /// tells.
    pub barred: bool,
}

/// Why a message did not go, in the words of the delivery (design.md, Delivery). One variant, one
/// transition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too fast: not sent; nothing to this recipient (or through the whole channel) before `after`
    /// has passed.
    #[error("limited by the provider for {} s", after.as_secs())]
    RetryAfter {
        /// How long to hold.
        after: Duration,
        /// The whole channel, or this recipient alone.
        whole_channel: bool,
    },
    /// Not sent, for a passing cause: the same message may go later.
    #[error("a passing failure at the provider: {0}")]
    Transient(String),
    /// This recipient cannot be reached by this channel (never started, deleted, bad address).
    #[error("the recipient cannot be reached: {0}")]
    Unreachable(String),
    /// This recipient refused us: suppression.
    #[error("the recipient blocked the sender")]
    Blocked,
    /// This recipient told the messenger that they want no advertising from us: an opt-out.
    #[error("the recipient told the messenger to stop: {0}")]
    Stopped(String),
    /// The messenger lets nothing of this kind through to this recipient now; a later message may
    /// arrive.
    #[error("the provider withheld the message: {0}")]
    Withheld(String),
    /// The recipient wrote too long ago: outside this time only an approved template may go.
    #[error("the recipient wrote too long ago for a free text: {0}")]
    WindowClosed(String),
    /// The message needs a template of the provider's that is approved and in force, and this one
    /// is none.
    #[error("there is no approved template for the message: {0}")]
    TemplateNeeded(String),
    /// Not sent: the sender's quota is used up. Nothing goes through the channel before `until`.
    #[error("the sender's quota is used up until {until}: {why}")]
    Quota {
        until: Moment,
        /// The provider's code and words.
        why: String,
    },
    /// Not sent: the sender wrote to as many people this month as it may. Whoever is one of them
    /// may be written to still, and nobody else before `until`.
    #[error("the sender's people of this month are used up until {until}: {why}")]
    Newcomer {
        until: Moment,
        /// The provider's code and words.
        why: String,
    },
    /// This message is refused, whoever the recipient.
    #[error("the message was refused: {0}")]
    Rejected(String),
    /// Not sent: the provider no longer knows the reference the message's file went by. Uploaded
    /// again, it goes.
    #[error("the provider no longer knows the file: {0}")]
    ReferenceLost(String),
    /// Our credentials are no longer valid: the channel pauses.
    #[error("the credentials of the channel were refused: {0}")]
    Unauthorised(String),
    /// The channel is set up wrongly or frozen: it pauses.
    #[error("the channel cannot send: {0}")]
    Misconfigured(String),
    /// Not sent: this sender may not say the same to several people in one call. By now its
    /// capabilities say so, and each message goes by itself.
    #[error("the sender may not write to several people at once: {0}")]
    Apart(String),
    /// Not sent: the channel has been taken over meanwhile, or may have been ([`lease::under`]).
    #[error("the channel is no longer ours to send through")]
    NotOurs,
    /// No answer: it may have been sent. Never «send again» by itself.
    #[error("no answer, so it is not known whether the message was sent: {0}")]
    Unknown(String),
}

impl SendError {
    /// The provider's own code and words, for the manager: kept with a message that it ends
    /// ([`Self::SAID`] characters at most).
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let words = match self {
            Self::Blocked | Self::RetryAfter { .. } | Self::NotOurs => return None,
            Self::Transient(why)
            | Self::Unreachable(why)
            | Self::Stopped(why)
            | Self::Withheld(why)
            | Self::WindowClosed(why)
            | Self::TemplateNeeded(why)
            | Self::Quota { why, .. }
            | Self::Newcomer { why, .. }
            | Self::Rejected(why)
            | Self::ReferenceLost(why)
            | Self::Unauthorised(why)
            | Self::Misconfigured(why)
            | Self::Apart(why)
            | Self::Unknown(why) => why,
        };
        Some(clean_to(words, Self::SAID)).filter(|words| !words.is_empty())
    }

    /// A file was given by its address to a messenger that takes uploads.
    #[must_use]
    pub fn takes_uploads() -> Self {
        Self::Rejected("this messenger takes uploads and fetches no files".to_owned())
    }

    /// The most that is kept of a provider's words, characters.
    pub const SAID: usize = 300;
}

/// What can be said of a message whose outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    Sent(Sent),
    /// It certainly was not.
    NotSent,
    /// This provider cannot tell.
    CannotTell,
    /// The provider did not answer, or would not just now: it may tell later.
    NotNow,
}
