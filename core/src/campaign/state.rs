//! The life of a campaign: one enum, one pure `next`, and a compare-and-set in SQL that must touch
//! one row.

use serde::{Deserialize, Serialize};

/// Where a campaign is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Being put together.
    Draft,
    /// Waits for an approver.
    Submitted,
    /// May be launched, as long as nothing of it changes.
    Approved,
    /// Launched for a later time.
    Scheduled,
    /// Launched: the audience is being turned into deliveries.
    Planning,
    /// Messages go out.
    Running,
    /// Nothing new goes out until somebody resumes it.
    Paused,
    /// Every message came to rest.
    Finished,
    /// Stopped by a member for good; what was in flight came (or is coming) to rest.
    Stopped,
    /// Could not be carried out; `state_reason` says why.
    Failed,
}

/// What happens to a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A member changes something of it; an approval does not outlive that.
    Edit,
    /// A member asks for approval.
    Submit,
    /// An approver agrees.
    Approve,
    /// An approver gives it back with a comment.
    Return,
    /// What would go out is not what was submitted or approved.
    Void,
    /// A member launches it for a later time.
    Schedule,
    /// A member launches it now, or its time has come.
    Start,
    /// A scheduled start is taken back; the approval stays.
    Recall,
    /// The audience became deliveries.
    Planned,
    /// Planning found more recipients than the launching member confirmed: nothing is sent, launch
    /// is asked again.
    Outgrown,
    /// A member (or a lost phone, or a question to be answered) pauses it.
    Pause,
    /// A member lets it go on; `planned`: its deliveries exist.
    Resume {
        /// Whether its deliveries exist.
        planned: bool,
    },
    /// A member stops it for good.
    Stop,
    /// Every message came to rest.
    Finish,
    /// It cannot be carried out.
    Fail,
}

/// An event that does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a campaign that is {state:?} does not take {event:?}")]
pub struct Refused {
    /// Where the campaign is.
    pub state: State,
    /// What was tried.
    pub event: Event,
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::Submitted,
        Self::Approved,
        Self::Scheduled,
        Self::Planning,
        Self::Running,
        Self::Paused,
        Self::Finished,
        Self::Stopped,
        Self::Failed,
    ];

    /// The state after `event`.
    ///
    /// # Errors
    /// [`Refused`] when the event does not fit.
    pub fn next(self, event: Event) -> Result<Self, Refused> {
        use Event as E;
        use State as S;
        Ok(match (self, event) {
            (S::Draft | S::Submitted | S::Approved | S::Scheduled, E::Edit) => S::Draft,
            (S::Draft, E::Submit) => S::Submitted,
            (S::Submitted, E::Approve) => S::Approved,
            (S::Submitted, E::Return) => S::Draft,
            (S::Submitted | S::Approved | S::Scheduled | S::Planning, E::Void) => S::Draft,
            (S::Approved, E::Schedule) => S::Scheduled,
            (S::Approved | S::Scheduled, E::Start) => S::Planning,
            (S::Scheduled, E::Recall) => S::Approved,
            (S::Planning, E::Planned) => S::Running,
            (S::Planning, E::Outgrown) => S::Approved,
            (S::Planning | S::Running, E::Pause) => S::Paused,
            (S::Paused, E::Resume { planned: true }) => S::Running,
            (S::Paused, E::Resume { planned: false }) => S::Planning,
            (S::Scheduled | S::Planning | S::Running | S::Paused, E::Stop) => S::Stopped,
            (S::Running | S::Paused, E::Finish) => S::Finished,
            (S::Scheduled | S::Planning | S::Paused, E::Fail) => S::Failed,
            (state, event) => return Err(Refused { state, event }),
        })
    }

    /// Whether members may still change what it consists of.
    #[must_use]
    pub fn editable(self) -> bool {
        self.next(Event::Edit).is_ok()
    }

    /// Whether it was launched and is not over.
    #[must_use]
    pub fn live(self) -> bool {
        matches!(self, Self::Scheduled | Self::Planning | Self::Running | Self::Paused)
    }

    /// Whether nothing will ever be sent again.
    #[must_use]
    pub fn over(self) -> bool {
        matches!(self, Self::Finished | Self::Stopped | Self::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Event as E, State as S};

    const EVENTS: [E; 16] = [
        E::Edit,
        E::Submit,
        E::Approve,
        E::Return,
        E::Void,
        E::Schedule,
        E::Start,
        E::Recall,
        E::Planned,
        E::Outgrown,
        E::Pause,
        E::Resume { planned: true },
        E::Resume { planned: false },
        E::Stop,
        E::Finish,
        E::Fail,
    ];

    /// Every allowed step; whatever is not here is refused.
    const TABLE: &[(S, E, S)] = &[
        (S::Draft, E::Edit, S::Draft),
        (S::Draft, E::Submit, S::Submitted),
        (S::Submitted, E::Edit, S::Draft),
        (S::Submitted, E::Approve, S::Approved),
        (S::Submitted, E::Return, S::Draft),
        (S::Submitted, E::Void, S::Draft),
        (S::Approved, E::Edit, S::Draft),
        (S::Approved, E::Void, S::Draft),
        (S::Approved, E::Schedule, S::Scheduled),
        (S::Approved, E::Start, S::Planning),
        (S::Scheduled, E::Edit, S::Draft),
        (S::Scheduled, E::Void, S::Draft),
        (S::Scheduled, E::Start, S::Planning),
        (S::Scheduled, E::Recall, S::Approved),
        (S::Scheduled, E::Stop, S::Stopped),
        (S::Scheduled, E::Fail, S::Failed),
        (S::Planning, E::Void, S::Draft),
        (S::Planning, E::Planned, S::Running),
        (S::Planning, E::Outgrown, S::Approved),
        (S::Planning, E::Pause, S::Paused),
        (S::Planning, E::Stop, S::Stopped),
        (S::Planning, E::Fail, S::Failed),
        (S::Running, E::Pause, S::Paused),
        (S::Running, E::Stop, S::Stopped),
        (S::Running, E::Finish, S::Finished),
        (S::Paused, E::Resume { planned: true }, S::Running),
        (S::Paused, E::Resume { planned: false }, S::Planning),
        (S::Paused, E::Stop, S::Stopped),
        (S::Paused, E::Finish, S::Finished),
        (S::Paused, E::Fail, S::Failed),
    ];

    #[test]
    fn every_state_takes_exactly_the_events_of_the_table() {
        for state in S::ALL {
            for event in EVENTS {
                let expected = TABLE.iter().find(|(s, e, _)| (*s, *e) == (state, event)).map(|(_, _, next)| *next);
                assert_eq!(state.next(event).ok(), expected, "{state:?} + {event:?}");
            }
        }
    }

    #[test]
    fn what_is_over_takes_nothing() {
        for state in S::ALL.into_iter().filter(|s| s.over()) {
            assert!(EVENTS.into_iter().all(|event| state.next(event).is_err()), "{state:?}");
        }
    }
}
