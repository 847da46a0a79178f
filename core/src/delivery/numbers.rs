//! A campaign in numbers: the counters summed, one way for whoever shows, checks or tells them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Count, Person, State};
use crate::words::{Reason, Why};

/// A campaign, or one of its steps, in numbers. At any moment
/// `planned = queued + sending + sent + failed + dropped + uncertain + cancelled`, and of people
/// `audience = open + reached + unknown + missed`. With one step each planned message is a person:
/// `audience = planned + left_out`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Numbers {
    /// Contacts of the audience when it was planned; of a step: those for whom its message speaks.
    pub audience: i64,
    /// People by what is known of them; see [`Person`].
    pub people: People,
    /// Messages that were meant to go.
    pub planned: i64,
    /// Who was left out by planning.
    pub left_out: i64,
    /// Waiting.
    pub queued: i64,
    /// In the air.
    pub sending: i64,
    /// Taken by the messenger (delivered and read ones included).
    pub sent: i64,
    /// Of those, known to be on the device (read ones included).
    pub delivered: i64,
    /// Of those, known to be read.
    pub read: i64,
    /// Refused.
    pub failed: i64,
    /// Meant to go, left out at the last check before sending.
    pub dropped: i64,
    /// Outcome not known.
    pub uncertain: i64,
    /// Cancelled before they went.
    pub cancelled: i64,
    /// Why, for whatever has a reason: (state, reason) → how many; planning's and the last check's
    /// `skipped` together.
    #[serde(skip)]
    pub reasons: BTreeMap<(State, Why), i64>,
}

/// People of a campaign by what is known of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct People {
    /// Their message is on its way, or a further step may go.
    pub open: i64,
    /// Something went, as far as is known.
    pub reached: i64,
    /// Nobody can tell whether anything went.
    pub unknown: i64,
    /// Nothing went.
    pub missed: i64,
}

impl People {
    fn add(&mut self, person: Person, n: i64) {
        match person {
            Person::Open => self.open += n,
            Person::Reached => self.reached += n,
            Person::Unknown => self.unknown += n,
            Person::Missed => self.missed += n,
            Person::Passed => {}
        }
    }
}

impl Numbers {
    /// From counters.
    #[must_use]
    pub fn of(counts: &[Count]) -> Self {
        let mut all = Self::default();
        for Count { planned, person, state, reason, n, .. } in counts {
            all.audience += if *person == Person::Passed { 0 } else { *n };
            all.people.add(*person, *n);
            if *planned {
                all.planned += n;
            } else {
                all.left_out += n;
            }
            match state {
                State::Queued => all.queued += n,
                State::Sending => all.sending += n,
                State::Sent | State::Delivered | State::Read => {
                    all.sent += n;
                    all.delivered += if *state == State::Sent { 0 } else { *n };
                    all.read += if *state == State::Read { *n } else { 0 };
                }
                State::Failed => all.failed += n,
                State::Skipped => all.dropped += if *planned { *n } else { 0 },
                State::Uncertain => all.uncertain += n,
                State::Cancelled => all.cancelled += n,
            }
            if let Some(reason) = reason {
                *all.reasons.entry((*state, reason.clone())).or_default() += n;
            }
        }
        all
    }

    /// The same of each step that has messages, in their order.
    #[must_use]
    pub fn by_step(counts: &[Count]) -> BTreeMap<i16, Self> {
        let mut of: BTreeMap<i16, Vec<Count>> = BTreeMap::new();
        for count in counts {
            of.entry(count.step).or_default().push(count.clone());
        }
        of.into_iter().map(|(step, counts)| (step, Self::of(&counts))).collect()
    }

    /// How many wait or are in flight.
    #[must_use]
    pub fn open(&self) -> i64 {
        self.queued + self.sending
    }

    /// Whether somebody has several messages, so that messages are not people.
    #[must_use]
    pub fn people_apart(&self) -> bool {
        self.audience != self.planned + self.left_out
    }

    /// Whether nothing waits, nothing is in flight, and no further step may go.
    #[must_use]
    pub fn at_rest(&self) -> bool {
        self.open() == 0 && self.people.open == 0
    }

    /// Reasons of a state with their numbers (planning's and the last check's together), the
    /// largest first.
    #[must_use]
    pub fn ranked(&self, state: State) -> Vec<(&Why, i64)> {
        let mut ranked: Vec<(&Why, i64)> =
            self.reasons.iter().filter(|((of, _), n)| *of == state && **n > 0).map(|((_, why), n)| (why, *n)).collect();
        ranked.sort_by_key(|(why, n)| (-n, *why));
        ranked
    }

    /// How many of `state` have this reason.
    #[must_use]
    pub fn reason(&self, state: State, reason: Reason) -> i64 {
        self.reasons.get(&(state, reason.into())).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_become_balanced_numbers() {
        let count = |planned, state, reason: Option<Reason>, n| {
            let person = Person::of(state, false, false);
            Count { step: 1, variant: 1, planned, person, state, reason: reason.map(Why::from), n }
        };
        let all = Numbers::of(&[
            count(true, State::Queued, None, 1),
            count(true, State::Sending, None, 2),
            count(true, State::Sent, None, 4),
            count(true, State::Delivered, None, 8),
            count(true, State::Read, None, 16),
            count(true, State::Failed, Some(Reason::Blocked), 32),
            count(true, State::Skipped, Some(Reason::OptedOut), 64),
            count(true, State::Uncertain, None, 128),
            count(true, State::Cancelled, Some(Reason::CampaignStopped), 256),
            count(false, State::Skipped, Some(Reason::OptedOut), 512),
        ]);
        assert_eq!((all.audience, all.planned, all.left_out), (1023, 511, 512));
        assert_eq!((all.sent, all.delivered, all.read), (28, 24, 16));
        assert_eq!(all.people, People { open: 3, reached: 28, unknown: 128, missed: 864 });
        assert_eq!(all.planned, all.queued + all.sending + all.sent + all.failed + all.dropped + all.uncertain + all.cancelled);
        assert_eq!(all.reason(State::Skipped, Reason::OptedOut), 576);
        assert!(!all.at_rest());
    }

    #[test]
    fn reasons_are_ranked_over_planning_and_the_last_check() {
        let count = |planned, state, reason: Reason, n| {
            let person = Person::of(state, false, false);
            Count { step: 1, variant: 1, planned, person, state, reason: Some(reason.into()), n }
        };
        let all = Numbers::of(&[
            count(true, State::Failed, Reason::Blocked, 3),
            count(true, State::Failed, Reason::Rejected, 4),
            count(true, State::Skipped, Reason::OptedOut, 1),
            count(false, State::Skipped, Reason::OptedOut, 10),
        ]);
        let ranked = |state| all.ranked(state).into_iter().map(|(why, n)| (why.known(), n)).collect::<Vec<_>>();
        assert_eq!(ranked(State::Failed), [(Some(Reason::Rejected), 4), (Some(Reason::Blocked), 3)]);
        assert_eq!(ranked(State::Skipped), [(Some(Reason::OptedOut), 11)]);
        assert_eq!(ranked(State::Cancelled), []);
    }
}
