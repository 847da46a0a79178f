//! Folding: how texts are compared without regard to case, the same on both engines.
//!
//! SQLite's `lower()` knows only ASCII and PostgreSQL's depends on the server's locale, so the
//! program folds once, when a contact is written, and keeps the result (`contact.search`,
//! `contact.folded`); a filter folds its own values.

use serde_json::{Map, Value};

pub use crate::text::clean;
use crate::text::unseen;

/// `text` in lower case, `ё` as `е`, control and [`unseen`] characters dropped, runs of white space
/// as one space, trimmed.
///
/// Character by character, so that a part of a text folds as it does within the whole.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for char in text.chars() {
        if char.is_whitespace() {
            space = !out.is_empty();
        } else if !char.is_control() && !unseen(char) {
            if space {
                out.push(' ');
                space = false;
            }
            for lower in char.to_lowercase() {
                out.push(if lower == 'ё' { 'е' } else { lower });
            }
        }
    }
    out
}

/// The copy that segments compare: attributes with texts folded, and the folded first and last
/// name.
#[must_use]
pub fn folded(first_name: &str, last_name: &str, attributes: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for (key, value) in attributes {
        let value = match value {
            Value::String(text) => Value::String(fold(text)),
            other => other.clone(),
        };
        out.insert(key.clone(), value);
    }
    for (key, name) in [("first_name", first_name), ("last_name", last_name)] {
        let name = fold(name);
        if !name.is_empty() {
            out.insert(key.to_owned(), Value::String(name));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_cyrillic_and_spaces() {
        assert_eq!(fold("  Пётр\u{a0} ИЛЬИЧ\u{0} "), "петр ильич");
        assert_eq!(fold("\u{202e}Пё\u{200b}тр"), "петр");
    }
}
