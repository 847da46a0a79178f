//! The copy of a contact that segments compare without regard to case ([`fold`]).
//!
//! SQLite's `lower()` knows only ASCII and PostgreSQL's depends on the server's locale, so the
//! program folds once, when a contact is written, and keeps the result (`contact.search`,
//! `contact.folded`); a filter folds its own values.

use serde_json::{Map, Value};

use crate::text::fold;

/// The attributes, their texts folded, with the folded first and last name (`contact.folded`).
#[must_use]
pub fn copy(first_name: &str, last_name: &str, attributes: &Map<String, Value>) -> Map<String, Value> {
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
