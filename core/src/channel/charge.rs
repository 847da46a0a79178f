//! What a provider says it charged a message as: its receipts tell it, where they do
//! ([`super::Capabilities::tells_charge`]). The amount nobody tells ([`crate::price`]).

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

/// In the provider's words (contracts/messengers/whatsapp_cloud.md, 6.2: `pricing`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Charge {
    /// A code to sign in with.
    Authentication,
    /// It takes nothing for it.
    Free,
    /// Advertising.
    Marketing,
    /// An answer within a conversation.
    Service,
    /// About what the customer ordered.
    Utility,
}

impl Charge {
    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The charge of a word ([`Self::as_str`]).
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|one| one.as_str() == word)
    }
}
