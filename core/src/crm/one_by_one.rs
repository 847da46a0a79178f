//! Telling a CRM that takes one change a call and has no keys against doubling: the last mark of a
//! contact is told alone, what had no answer is looked for before it is told again, and what
//! concerns the whole connection ends the round.

use std::collections::{BTreeSet, HashMap};

use super::{CrmChange, CrmError, WriteItem, occasion::OccasionRef};
use crate::clock::Moment;

/// What is left at the CRM by a change that would be another one the second time
/// ([`CrmChange::leaves_a_trace`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Trace {
    pub place: Place,
    /// Its text, as it was written.
    pub text: String,
}

/// Where a trace is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// Among the notes of the contact with this id there.
    Notes(String),
    /// Among the tasks of the contact with this id there.
    Tasks(String),
    /// Among the comments of an occasion.
    Comments(OccasionRef),
}

impl Trace {
    /// The trace that a change leaves; `None`: a second time is no other one.
    #[must_use]
    pub fn of(item: &WriteItem) -> Option<Self> {
        let (place, text) = match &item.what {
            CrmChange::Note { text } => (Place::Notes(item.crm_id.clone()), text),
            CrmChange::Task { text, .. } => (Place::Tasks(item.crm_id.clone()), text),
            CrmChange::Comment { of, text } => (Place::Comments(of.clone()), text),
            CrmChange::OptOut(_) | CrmChange::Answer { .. } => return None,
        };
        Some(Self { place, text: text.clone() })
    }
}

/// A CRM that takes one change a call.
#[async_trait::async_trait]
pub trait OneByOne: Sync {
    /// Tells it of one change.
    async fn tell(&self, item: &WriteItem) -> Result<(), CrmError>;

    /// The traces at these places that were left since then, each as often as it is there; more
    /// than were asked for do no harm.
    async fn traces(&self, places: &[Place], since: Moment) -> Result<Vec<Trace>, CrmError>;
}

/// Tells a CRM of these changes; a result for each, in their order.
pub async fn write(crm: &impl OneByOne, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
    let there = look(crm, items).await;
    let (mut there, unknown) = match there {
        Ok(there) => (there, None),
        Err(error) => (HashMap::new(), Some(error)),
    };
    // The last mark of a contact is the one that counts: those before it end as it does.
    let mut last: HashMap<&str, usize> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        if matches!(item.what, CrmChange::OptOut(_)) {
            last.insert(&item.crm_id, at);
        }
    }
    let mut ends: Vec<Option<Result<(), CrmError>>> = vec![None; items.len()];
    let mut stopped: Option<CrmError> = None;
    for (at, item) in items.iter().enumerate() {
        if let Some(error) = &stopped {
            ends[at] = Some(Err(error.clone()));
            continue;
        }
        if matches!(item.what, CrmChange::OptOut(_)) && last.get(item.crm_id.as_str()) != Some(&at) {
            continue;
        }
        let end = match (Trace::of(item).filter(|_| item.look_first.is_some()), &unknown) {
            (Some(_), Some(error)) => Err(error.clone()),
            (Some(trace), None) => match there.get_mut(&trace).filter(|left| **left > 0) {
                Some(left) => {
                    *left -= 1;
                    Ok(())
                }
                None => crm.tell(item).await,
            },
            (None, _) => crm.tell(item).await,
        };
        // What concerns the connection concerns the rest, too: it is not asked again and again.
        if let Err(error @ (CrmError::RetryAfter(_) | CrmError::Unauthorised | CrmError::Moved)) = &end {
            stopped = Some(error.clone());
        }
        ends[at] = Some(end);
    }
    let not_sent = || Err(CrmError::Transient { detail: "not sent".to_owned(), smaller: false });
    let of = |at: usize| ends[at].clone().or_else(|| ends[*last.get(items[at].crm_id.as_str())?].clone()).unwrap_or_else(not_sent);
    (0..items.len()).map(of).collect()
}

/// Counts the traces of changes whose earlier try had no answer, those apart that are other
/// changes' own.
async fn look(crm: &impl OneByOne, items: &[WriteItem]) -> Result<HashMap<Trace, usize>, CrmError> {
    let mut others: HashMap<Trace, usize> = HashMap::new();
    let mut since: Option<Moment> = None;
    for item in items {
        if let (Some(trace), Some(look)) = (Trace::of(item), item.look_first) {
            since = Some(since.map_or(look.since, |at| at.min(look.since)));
            // The same number for each of them.
            others.entry(trace).or_insert(look.others as usize);
        }
    }
    let Some(since) = since else { return Ok(HashMap::new()) };
    let mut seen = BTreeSet::new();
    let places: Vec<Place> = others.keys().map(|trace| trace.place.clone()).filter(|place| seen.insert(format!("{place:?}"))).collect();
    let mut there: HashMap<Trace, usize> = HashMap::new();
    for trace in crm.traces(&places, since).await? {
        *there.entry(trace).or_default() += 1;
    }
    for (trace, left) in &mut there {
        *left = left.saturating_sub(others.get(trace).copied().unwrap_or_default());
    }
    Ok(there)
}
