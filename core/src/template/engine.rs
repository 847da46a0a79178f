//! The one renderer: what preview shows is what is sent. Loops, steps and output are capped; no undefined variable
//! reaches a customer.

use super::{Content, Facts, Rendered};

/// A version parsed once, rendered per contact.
#[derive(Debug)]
pub struct Prepared {
    _private: (),
}

/// Why a version cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseError(pub String);

/// Why a message cannot be rendered for a contact; one word for the delivery's reason and a detail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct RenderError {
    /// `no_value`, `too_long`, `too_much_work`, `empty` …
    pub reason: &'static str,
    /// What and where.
    pub detail: String,
}

impl Prepared {
    /// Parses a version.
    ///
    /// # Errors
    /// [`ParseError`] with the place, in words.
    pub fn new(_content: &Content) -> Result<Self, ParseError> {
        unimplemented!("written by the template room")
    }

    /// Renders for one contact.
    ///
    /// # Errors
    /// [`RenderError`].
    pub fn render(&self, _facts: &Facts) -> Result<Rendered, RenderError> {
        unimplemented!("written by the template room")
    }
}
