//! Customers: contacts, addresses, phones, tags, fields, segments, file import.

pub mod queries;
pub mod segment;

use serde::{Deserialize, Serialize};

/// What a contact field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// A date, kept as `YYYY-MM-DD`.
    Date,
    /// Yes or no.
    Flag,
}

/// A contact field of an account: a variable in templates, a name in segments.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Field {
    /// Its id.
    pub id: crate::id::FieldId,
    /// Latin letters, digits, underscores.
    pub key: String,
    /// The title people see.
    pub title: String,
    /// What it holds.
    pub kind: FieldKind,
}
