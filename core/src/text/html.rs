//! The small HTML in which templates are kept.

use super::Rich;

/// Markup that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at character {at}")]
pub struct MarkupError {
    /// Where, in characters from the start.
    pub at: usize,
    /// What is wrong.
    pub what: String,
}

/// Escapes `<`, `>`, `&` and `"` for the small HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Rich {
    /// Reads the small HTML.
    ///
    /// # Errors
    /// [`MarkupError`] with the place.
    pub fn from_html(_html: &str) -> Result<Self, MarkupError> {
        unimplemented!("written by the template room")
    }

    /// Writes the small HTML; [`Rich::from_html`] of it gives the same value.
    #[must_use]
    pub fn to_html(&self) -> String {
        unimplemented!("written by the template room")
    }
}
