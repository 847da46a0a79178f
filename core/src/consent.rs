//! Consent and its evidence (an append-only ledger), suppression, opting out and coming back.

pub mod dossier;
pub mod doubt;
pub mod forget;
pub mod form;
pub mod ledger;
pub mod queries;
pub mod refusal;
pub mod signed;
pub mod suppression;
pub mod wording;

#[cfg(test)]
mod store_tests;

pub use crate::words::{Grade, Purpose};
pub use ledger::{record, record_first, record_many};

use serde::{Deserialize, Serialize};

use crate::{
    clock::Moment,
    id::{AccountId, ChannelId, ContactId, WordingId},
};

/// What happened to a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// Given.
    Granted,
    /// Taken back, or refused when asked.
    Withdrawn,
}

impl Action {
    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// An entry to be appended to the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct NewConsent {
    pub account: AccountId,
    pub contact: ContactId,
    pub purpose: Purpose,
    /// Given or taken back.
    pub action: Action,
    /// How good the evidence is.
    pub grade: Grade,
    /// The wording the person was shown.
    pub wording: Option<WordingId>,
    /// The channel it happened in.
    pub channel: Option<ChannelId>,
    /// The evidence itself: message ids, a CRM field with its author, a document's name …; an
    /// object.
    pub evidence: serde_json::Value,
    /// Who recorded it: a member's id, `contact` (the person themselves), `crm`, `import`,
    /// `system`.
    pub actor: String,
    /// When it happened; a moment in the future counts as now.
    pub at: Moment,
}

/// One step of a ledger, as [`grade_of`] reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Given or taken back.
    pub action: Action,
    /// The evidence.
    pub grade: Grade,
    pub at: Moment,
    /// Its number in the ledger: decides between steps of one moment.
    pub id: i64,
}

/// What a ledger amounts to for one purpose: the latest action wins; of the grants since the last
/// withdrawal the best evidence counts. `None`: no consent.
#[must_use]
pub fn grade_of(steps: &[Step]) -> Option<Grade> {
    let last_withdrawal = steps.iter().filter(|s| s.action == Action::Withdrawn).map(|s| (s.at, s.id)).max();
    steps.iter().filter(|s| s.action == Action::Granted && last_withdrawal.is_none_or(|w| (s.at, s.id) > w)).map(|s| s.grade).min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step() -> impl Strategy<Value = Step> {
        (any::<bool>(), 1_i16..=4, 0_i64..6, 0_i64..1_000).prop_map(|(granted, grade, second, id)| Step {
            action: if granted { Action::Granted } else { Action::Withdrawn },
            grade: [Grade::A, Grade::B, Grade::C, Grade::D][usize::try_from(grade - 1).unwrap()],
            at: chrono::DateTime::from_timestamp(second, 0).unwrap(),
            id,
        })
    }

    proptest! {
        #[test]
        fn the_grade_is_what_replaying_in_order_gives(steps in prop::collection::vec(step(), 0..12)) {
            let mut ordered = steps.clone();
            // Numbers of a ledger are unique.
            let mut seen = std::collections::BTreeSet::new();
            ordered.retain(|s| seen.insert(s.id));
            let given = ordered.clone();
            ordered.sort_by_key(|s| (s.at, s.id));
            let mut state: Option<Grade> = None;
            for s in &ordered {
                state = match s.action {
                    Action::Withdrawn => None,
                    Action::Granted => Some(state.map_or(s.grade, |g| g.min(s.grade))),
                };
            }
            prop_assert_eq!(grade_of(&given), state);
        }

        #[test]
        fn a_withdrawal_after_all_leaves_nothing(mut steps in prop::collection::vec(step(), 0..12)) {
            let at = chrono::DateTime::from_timestamp(100, 0).unwrap();
            steps.push(Step { action: Action::Withdrawn, grade: Grade::A, at, id: 5_000 });
            prop_assert_eq!(grade_of(&steps), None);
        }
    }
}
