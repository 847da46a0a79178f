//! Formatted text that every messenger can be given: plain characters plus styled spans.
//!
//! Templates are kept as the small HTML of Telegram; the rendered message is a [`Rich`], and each adapter writes it in
//! its provider's way (Telegram: entities; VK: plain). Offsets are UTF-16 code units, as Telegram counts
//! (contracts/messengers/telegram.md, 2.3).

pub(crate) mod html;
pub mod phone;

pub use html::{MarkupError, MarkupProblem, escape};

/// Formatted text.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Rich {
    /// The characters, without any markup.
    pub text: String,
    /// Styles, in order of their start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
}

/// A styled stretch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// First UTF-16 unit.
    pub offset: usize,
    /// UTF-16 units.
    pub len: usize,
    /// How it looks.
    pub style: Style,
}

/// How a stretch looks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Underlined.
    Underline,
    /// Struck through.
    Strike,
    /// Hidden until touched.
    Spoiler,
    /// Monospace in a line.
    Code,
    /// A monospace block.
    Pre,
    /// A quotation.
    Quote,
    /// A link with its own text.
    Link(String),
}

impl Rich {
    /// Text without styles.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), spans: Vec::new() }
    }

    /// Length as messengers count it: UTF-16 units.
    #[must_use]
    pub fn len_utf16(&self) -> usize {
        self.text.encode_utf16().count()
    }
}
