//! Whether the next step of a campaign goes to somebody: a pure rule over what became of the
//! message that speaks for them.
//!
//! A message of a campaign of several steps carries what leads on from it ([`LeadsOn`]); what must
//! be looked at, and when, stands in its `deadline_at`. [`crate::campaign::cascade`] looks and
//! makes the next step's messages.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::State;
use crate::{
    clock::Moment,
    words::{NextOn, Reason},
};

/// What leads on from a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LeadsOn {
    /// That it certainly did not go: the channel tells no more, or no step follows.
    Failed,
    /// That it did not arrive in time.
    Undelivered,
    /// That it was not read in time.
    Unread,
}

impl LeadsOn {
    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What leads on from messages of a step; `receipts`: the channel tells what arrived, and what
    /// was read. A channel that tells nothing ends with what went.
    #[must_use]
    pub fn of(next_on: NextOn, (delivered, read): (bool, bool)) -> Self {
        match next_on {
            NextOn::Unread if read => Self::Unread,
            NextOn::Unread | NextOn::Undelivered if delivered => Self::Undelivered,
            NextOn::Never | NextOn::Undelivered | NextOn::Unread => Self::Failed,
        }
    }

    /// The rule that holds of one that was asked for, where the channel tells no more: what people
    /// are shown and what is approved is what will be done.
    #[must_use]
    pub fn holds(next_on: NextOn, receipts: (bool, bool)) -> NextOn {
        match Self::of(next_on, receipts) {
            Self::Failed => NextOn::Never,
            Self::Undelivered => NextOn::Undelivered,
            Self::Unread => NextOn::Unread,
        }
    }

    /// Whether a message that came to `state` needs no further step.
    #[must_use]
    pub fn is_content(self, state: State) -> bool {
        match state {
            State::Read => true,
            State::Delivered => self != Self::Unread,
            State::Sent => self == Self::Failed,
            State::Queued | State::Sending | State::Failed | State::Skipped | State::Uncertain | State::Cancelled => false,
        }
    }

    /// When a message that just came to `state` is to be looked at; `went`: when it was given to
    /// the provider, as far as is known.
    #[must_use]
    pub fn deadline(self, state: State, went: Moment, wait: TimeDelta, now: Moment) -> Option<Moment> {
        match state {
            State::Queued | State::Sending => None,
            _ if self.is_content(state) => None,
            State::Sent | State::Delivered | State::Read => Some(went + wait),
            // It may have gone: whether it arrived, a receipt may still tell.
            State::Uncertain if self != Self::Failed => Some(went + wait),
            State::Uncertain | State::Failed | State::Skipped | State::Cancelled => Some(now),
        }
    }
}

/// What is to be done about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is looked at again then.
    Wait(Moment),
    /// The next step goes, if the person can be reached by one.
    Step,
    /// Nothing: it arrived, or nothing more may go.
    Done,
}

/// The message that speaks for a person, as the rule sees it.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub state: State,
    pub reason: Option<Reason>,
    pub leads_on: LeadsOn,
    /// When it was given to the provider, as far as is known.
    pub went: Moment,
    /// How long after that it is looked at.
    pub wait: TimeDelta,
}

/// Whether a reason is the person's: no other address of theirs changes it.
fn of_the_person(reason: Option<Reason>) -> bool {
    matches!(
        reason,
        Some(
            Reason::Deleted
                | Reason::OptedOut
                | Reason::Suppressed
                | Reason::Doubt
                | Reason::NoConsent
                | Reason::ConsentGrade
                | Reason::FrequencyCap
                | Reason::Reached
                | Reason::SamePerson
        )
    )
}

/// What is to be done about a person whose message is due to be looked at.
#[must_use]
pub fn next(seen: &Seen, now: Moment) -> Next {
    match seen.state {
        // The person blocked this address, or its channel is gone; there are others.
        State::Cancelled if matches!(seen.reason, Some(Reason::Blocked | Reason::ChannelRemoved)) => Next::Step,
        State::Queued | State::Sending | State::Cancelled => Next::Done,
        state if seen.leads_on.is_content(state) => Next::Done,
        // Known from the channel, too: whoever told the messenger to stop said it of us.
        State::Skipped | State::Failed if of_the_person(seen.reason) => Next::Done,
        State::Failed | State::Skipped => Next::Step,
        // Nobody can tell whether it went, and nobody ever will.
        State::Uncertain if seen.leads_on == LeadsOn::Failed => Next::Done,
        State::Sent | State::Delivered | State::Read | State::Uncertain => {
            let until = seen.went + seen.wait;
            if until <= now { Next::Step } else { Next::Wait(until) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Moment {
        chrono::DateTime::from_timestamp(1_800_000_000 + minutes * 60, 0).unwrap()
    }

    fn seen(state: State, leads_on: LeadsOn) -> Seen {
        Seen { state, reason: None, leads_on, went: at(0), wait: TimeDelta::minutes(30) }
    }

    #[test]
    fn the_rule_for_every_state() {
        use LeadsOn as L;
        use Next as N;
        use State as S;
        let wait = N::Wait(at(30));
        for (state, failed, undelivered, unread) in [
            (S::Sent, N::Done, wait, wait),
            (S::Delivered, N::Done, N::Done, wait),
            (S::Read, N::Done, N::Done, N::Done),
            (S::Uncertain, N::Done, wait, wait),
            (S::Failed, N::Step, N::Step, N::Step),
            (S::Skipped, N::Step, N::Step, N::Step),
            (S::Cancelled, N::Done, N::Done, N::Done),
            (S::Queued, N::Done, N::Done, N::Done),
            (S::Sending, N::Done, N::Done, N::Done),
        ] {
            for (leads_on, expected) in [(L::Failed, failed), (L::Undelivered, undelivered), (L::Unread, unread)] {
                assert_eq!(next(&seen(state, leads_on), at(29)), expected, "{state:?} {leads_on:?}");
                let late = if expected == wait { N::Step } else { expected };
                assert_eq!(next(&seen(state, leads_on), at(30)), late, "{state:?} {leads_on:?}, in the end");
            }
        }
    }

    #[test]
    fn what_is_the_persons_is_so_at_every_address() {
        for reason in Reason::ALL {
            let of = |state| Seen { reason: Some(*reason), ..seen(state, LeadsOn::Failed) };
            let expected = match reason {
                Reason::NoAddress | Reason::Blocked | Reason::Unreachable | Reason::TooLong => Next::Step,
                Reason::OptedOut | Reason::Suppressed | Reason::NoConsent | Reason::FrequencyCap | Reason::Reached => Next::Done,
                _ => continue,
            };
            assert_eq!([next(&of(State::Skipped), at(0)), next(&of(State::Failed), at(0))], [expected; 2], "{reason}");
        }
    }

    /// A channel without receipts ends with what went, whatever the step asks for.
    #[test]
    fn a_channel_that_tells_nothing_ends_with_what_went() {
        for next_on in [NextOn::Never, NextOn::Undelivered, NextOn::Unread] {
            assert_eq!(LeadsOn::of(next_on, (false, false)), LeadsOn::Failed);
        }
        assert_eq!(LeadsOn::of(NextOn::Unread, (true, false)), LeadsOn::Undelivered);
        assert_eq!(LeadsOn::of(NextOn::Unread, (true, true)), LeadsOn::Unread);
        assert_eq!(LeadsOn::of(NextOn::Undelivered, (true, true)), LeadsOn::Undelivered);
        assert_eq!(LeadsOn::of(NextOn::Never, (true, true)), LeadsOn::Failed);
    }

    #[test]
    fn a_deadline_is_set_where_there_is_something_to_look_at() {
        let wait = TimeDelta::minutes(30);
        let deadline = |leads_on: LeadsOn, state| leads_on.deadline(state, at(0), wait, at(1));
        assert_eq!(deadline(LeadsOn::Failed, State::Sent), None);
        assert_eq!(deadline(LeadsOn::Unread, State::Sent), Some(at(30)));
        assert_eq!(deadline(LeadsOn::Unread, State::Delivered), Some(at(30)));
        assert_eq!(deadline(LeadsOn::Undelivered, State::Delivered), None);
        assert_eq!(deadline(LeadsOn::Undelivered, State::Uncertain), Some(at(30)));
        assert_eq!(deadline(LeadsOn::Failed, State::Failed), Some(at(1)));
        assert_eq!(deadline(LeadsOn::Unread, State::Queued), None);
    }
}
