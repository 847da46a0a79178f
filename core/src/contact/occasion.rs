//! Occasions: what a CRM tells of what happens to a contact. Segments ask for them, templates name
//! them.

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
