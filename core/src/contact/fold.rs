//! What of a contact is compared without regard to case ([`fold`]).
//!
//! SQLite's `lower()` knows only ASCII and PostgreSQL's depends on the server's locale, so the
//! program folds once, when a contact is written, and keeps the result (`contact.search`,
//! `contact.folded`); a filter folds its own values.

use serde_json::{Map, Value};

pub use crate::text::{clean, fold};

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
