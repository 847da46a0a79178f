//! What a CRM tells of what happens to a contact: visits, orders, deals, payments. The room keeps
//! them in step as it does contacts: polling is the truth, webhooks are hints.

use serde_json::{Map, Value};

use crate::clock::Moment;
pub use crate::contact::occasion::{OccasionKind, OccasionState};

/// Which occasion of a CRM.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct OccasionRef {
    pub kind: OccasionKind,
    /// Its id there, unique among those of its kind.
    pub id: String,
}

/// An occasion as the CRM gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct CrmOccasion {
    pub of: OccasionRef,
    /// Whose it is: the contact's id there; of several, the first one's. `None`: nobody's, and it
    /// is not kept.
    pub contact: Option<String>,
    /// When the visit begins; when the order was placed, the deal made, the money paid.
    pub at: Moment,
    /// When the visit ends, the order is to be delivered, the deal was closed.
    pub until: Option<Moment>,
    pub state: OccasionState,
    /// The CRM's own word for where it stands: a stage, a status; empty where it has none.
    pub stage: String,
    /// What it is about: services, the number of an order, the name of a deal.
    pub title: String,
    /// Who serves: a master, a manager.
    pub staff: String,
    /// Where: a branch, a shop.
    pub place: String,
    /// The sum, hundredths of the currency's unit.
    pub amount: Option<i64>,
    /// Its page there or for the customer; `https://` or nothing.
    pub url: Option<String>,
    /// Whatever else is worth keeping, by name; a few short values.
    pub data: Map<String, Value>,
    /// Last change there; an older state never replaces a newer one.
    pub updated_at: Moment,
    /// Deleted there.
    pub deleted: bool,
}

impl CrmOccasion {
    /// One that holds nothing but whose it is and when.
    #[must_use]
    pub fn new(kind: OccasionKind, id: String, contact: Option<String>, at: Moment, updated_at: Moment) -> Self {
        Self {
            of: OccasionRef { kind, id },
            contact,
            at,
            until: None,
            state: OccasionState::Open,
            stage: String::new(),
            title: String::new(),
            staff: String::new(),
            place: String::new(),
            amount: None,
            url: None,
            data: Map::new(),
            updated_at,
            deleted: false,
        }
    }
}

/// What kind of read of occasions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OccasionMode<'a> {
    /// Everything whose [`CrmOccasion::at`] is not before this, those to come included.
    Full { from: Moment },
    /// What changed.
    Since {
        /// Since then.
        at: Moment,
        /// Since this place in the CRM's feed of their changes, where it has one
        /// ([`super::Crm::occasion_mark`]).
        mark: Option<&'a Value>,
    },
}

/// A page of occasions and where to go on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OccasionPage {
    pub occasions: Vec<CrmOccasion>,
    /// Where the next page begins; `None` when this was the last.
    pub next: Option<Value>,
    /// How far the feed of their changes is read with this page, where the CRM has one.
    pub mark: Option<Value>,
    /// The feed does not reach back to where it was read: all are to be read anew.
    pub anew: bool,
}

/// A sum in hundredths; `None`: it is no sum of money.
#[must_use]
pub fn hundredths(sum: f64) -> Option<i64> {
    let hundredths = (sum * 100.0).round();
    #[allow(clippy::cast_possible_truncation, reason = "far within")]
    (hundredths.is_finite() && hundredths.abs() < 1e15).then_some(hundredths as i64)
}
