//! Occasions: what a CRM tells of what happens to a contact. Segments ask for them, templates name
//! them. [`put`] is their only writer.

mod about;
mod answer;
mod store;

pub use about::{NAMED, PARTS, about, add, examples, named};
pub use answer::VisitAnswer;
pub use store::{Kept, NewOccasion, Occasion, cancel, hand_over, kinds, of_contact, put, saw, unseen};

use serde::{Deserialize, Serialize};

/// What kind of occasion.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OccasionKind {
    /// An appointment.
    Visit,
    Order,
    /// A deal, a lead.
    Deal,
    /// Money that came.
    Payment,
    Birthday,
}

impl OccasionKind {
    /// Every kind.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name in tables, filters and templates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Where an occasion stands, the same words for every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OccasionState {
    /// To come, or under way.
    Open,
    /// The customer said that they come.
    Confirmed,
    /// It took place: attended, delivered, won, paid.
    Done,
    /// The customer did not come.
    Missed,
    /// It will not take place: cancelled, lost, deleted.
    Cancelled,
}

impl OccasionState {
    /// It may still take place.
    #[must_use]
    pub fn is_ahead(self) -> bool {
        matches!(self, Self::Open | Self::Confirmed)
    }

    /// It took place or may: what a segment counts.
    #[must_use]
    pub fn counts(self) -> bool {
        self.is_ahead() || self == Self::Done
    }
}
