//! Consent and its evidence (an append-only ledger), suppression, opting out and coming back.

pub mod queries;

use serde::{Deserialize, Serialize};

/// What a consent is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    /// Keeping and using personal data.
    PersonalData,
    /// Advertising messages.
    Marketing,
}

/// How good the evidence of a consent is; a smaller number is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
#[repr(i16)]
pub enum Grade {
    /// Given in that very chat.
    A = 1,
    /// A signed document.
    B = 2,
    /// A CRM field with author and time.
    C = 3,
    /// Stated by the owner.
    D = 4,
}
