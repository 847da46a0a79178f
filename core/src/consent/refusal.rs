//! What a customer's message says about being written to: **stop**, **doubt**, or talk.
//!
//! [`recognise`] is pure: no database, no clock, no network. It is asked about every text and every caption that comes in, before
//! anything else is done with it, and again when a message was edited.

use super::words;

/// What a message says about being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// A refusal: advertising to this person ends at once, and a confirmation is sent.
    Stop,
    /// Perhaps a refusal: advertising to this person is held, one question is asked, and it stays held until it is answered.
    Doubt,
    /// Anything else.
    Talk,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Stop, Self::Doubt, Self::Talk];
}

/// Reads a message of any length, in Russian, English or one of a few more languages.
#[must_use]
pub fn recognise(text: &str) -> Answer {
    if words::is_stop(text) { Answer::Stop } else { Answer::Talk }
}
