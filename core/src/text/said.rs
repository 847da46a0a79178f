//! What a person types into a chat, read as people write it: a time, a span, a time zone, a
//! country.
//!
//! Each reader takes everything that the bot itself shows, in both languages whichever the member's
//! is, and the commonest spoken forms. What can be understood in two ways is asked, never guessed.

mod days;
mod phrase;
pub mod places;
pub mod spans;
mod tokens;
pub mod when;
mod when_words;

#[cfg(test)]
mod tests;

pub(crate) use super::fold;
