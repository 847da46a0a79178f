//! Small enums that several rooms speak in. Each room that a word belongs to by its subject names
//! it as its own too (`consent::Grade`, `template::Class`), so that readers find it there.

mod reason;

pub use reason::{Reason, Why};

use serde::{Deserialize, Serialize};

/// The kind of an address that is a phone in E.164, tied to no channel
/// ([`crate::id::ANY_CHANNEL`]).
pub const PHONE: &str = "phone";

/// What a consent is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Purpose {
    /// Keeping and using personal data.
    PersonalData,
    /// Advertising messages.
    Marketing,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::PersonalData, Self::Marketing];

    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
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

/// The class of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Class {
    /// Needs marketing consent, names the advertiser, offers a way out.
    Advertising,
    /// About what the customer ordered; needs no marketing consent.
    Service,
}

/// What makes the next step of a campaign go to somebody its step went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum NextOn {
    /// Nothing but that the message certainly did not go.
    #[default]
    Never,
    /// It did not arrive in time.
    Undelivered,
    /// It was not read in time.
    Unread,
}

/// What becomes of messages whose outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum UncertainPolicy {
    /// They stay uncertain: nobody gets a message twice.
    #[default]
    Leave,
    /// They are sent again: nobody is left out, somebody may get it twice.
    Resend,
    /// The campaign waits for a member's word before it closes.
    Ask,
}
