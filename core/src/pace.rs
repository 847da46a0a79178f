//! Pacing, exact: never more than `limit` messages in any second as the provider sees them, and
//! hardly fewer.
//!
//! Two rules together. *Spacing*: messages are due every `1/limit`, with a small slack so that a
//! late timer is caught up. *Window*: message *i + limit* leaves only when a full second has passed
//! since message *i* arrived. When a message arrived is known only to lie between its sending and
//! its answer; so the second counts from the answer where that came within [`GUARD`], else from
//! sending plus [`GUARD`]. At worst 1/(1 + GUARD) of the limit is used, which is 0.985.
//!
//! Limits belong to the sending identity and its lease has one owner at a time, so this lives in
//! the owner's memory. At a hand-over the next owner gets one moment ([`Pacer::next_allowed`]) and
//! assumes that the second before it was full.
//!
//! Pure: time is an argument, in microseconds of any monotonic clock.

pub mod spacer;

use std::collections::{HashMap, VecDeque};

/// A moment of a monotonic clock, microseconds.
pub type Micros = u64;

/// One second.
const SECOND: Micros = 1_000_000;
/// How long after its sending a message is thought to arrive at the latest, when its answer takes
/// longer.
pub const GUARD: Micros = 15_000;
/// How late a timer may be and still be caught up, by messages sent sooner than the spacing says.
const SLACK: Micros = 10_000;
/// From this rate on nothing is paced: no provider's limit is near it.
const UNLIMITED: f64 = 50_000.0;

/// A message that was let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(u64);

/// Paces one sending identity.
#[derive(Debug)]
pub struct Pacer {
    /// Messages in any second; `None`: unlimited.
    limit: Option<usize>,
    /// Time between messages.
    spacing: Micros,
    /// When the next message is due by the spacing.
    due: Micros,
    /// The last `limit` messages, oldest first: the moment each arrived at the latest, as far as
    /// known.
    arrived: VecDeque<Micros>,
    /// The number of the oldest message in `arrived`.
    first: u64,
    /// When the last message left.
    last: Option<Micros>,
    /// Time between messages to one recipient.
    recipient_spacing: Micros,
    /// When each recipient may be written to again; swept when it grows.
    recipients: HashMap<String, Micros>,
    /// It is swept when it is larger than this.
    sweep_at: usize,
}

/// Up to this many recipients are remembered without looking which of them may be forgotten.
const FEW: usize = 4_096;

impl Pacer {
    /// A pacer for `rate` messages a second in all and `rate_per_recipient` to one person.
    /// `not_before` is what the owner before left behind, on this clock: the second before it is
    /// assumed to be full.
    #[must_use]
    pub fn new(rate: f64, rate_per_recipient: f64, now: Micros, not_before: Option<Micros>) -> Self {
        let limited = rate.is_finite() && rate < UNLIMITED;
        // A rate under one a second is kept by spacing alone: a window of one message says the
        // same.
        let rate = if limited { rate.max(0.001) } else { UNLIMITED };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are positive and far below 2^53")]
        let (limit, spacing) = (rate.floor().max(1.0) as usize, (1e6 / rate).ceil() as Micros);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are positive and far below 2^53")]
        let recipient_spacing = if rate_per_recipient > 0.0 { (1e6 / rate_per_recipient).ceil() as Micros } else { 0 };
        let mut pacer = Self {
            limit: limited.then_some(limit),
            spacing,
            due: now,
            arrived: VecDeque::with_capacity(if limited { limit } else { 0 }),
            first: 0,
            last: None,
            recipient_spacing,
            recipients: HashMap::new(),
            sweep_at: FEW,
        };
        // A moment long past or far ahead says nothing (the clock was set); a second at most is
        // worth waiting for.
        if let Some(start) = not_before.map(|at| at.min(now + SECOND)).filter(|at| at + SECOND > now)
            && limited
        {
            pacer.due = start.max(now);
            // The second before `start` was full at an even pace.
            let count = limit as u64;
            for back in (1..=count).rev() {
                pacer.arrived.push_back(start.saturating_sub(back * spacing.min(SECOND)));
            }
        }
        pacer
    }

    /// The earliest moment at which the next message may leave; at or before `now`: at once.
    #[must_use]
    pub fn ready_at(&self) -> Micros {
        let Some(limit) = self.limit else { return 0 };
        let window = if self.arrived.len() >= limit { self.arrived.front().map_or(0, |at| at + SECOND) } else { 0 };
        window.max(self.due)
    }

    /// The earliest moment for this recipient; [`Pacer::ready_at`] still holds besides.
    #[must_use]
    pub fn recipient_at(&self, recipient: &str) -> Micros {
        self.recipients.get(recipient).copied().unwrap_or(0)
    }

    /// Holds one recipient until `until`, as the provider asked.
    pub fn hold_recipient(&mut self, recipient: &str, until: Micros) {
        let at = self.recipients.entry(recipient.to_owned()).or_default();
        *at = until.max(*at);
    }

    /// Lets a message go at `now`, which must not be before [`Pacer::ready_at`].
    pub fn go(&mut self, recipient: &str, now: Micros) -> Ticket {
        self.last = Some(now);
        if self.recipient_spacing > 0 {
            if self.recipients.len() > self.sweep_at {
                self.recipients.retain(|_, at| *at > now);
                // Twice what had to stay: at any speed a message costs a few looks, not one at
                // everybody.
                self.sweep_at = FEW.max(self.recipients.len() * 2);
            }
            self.recipients.insert(recipient.to_owned(), now + self.recipient_spacing + GUARD);
        }
        let Some(limit) = self.limit else { return Ticket(u64::MAX) };
        self.due = self.due.max(now.saturating_sub(SLACK)) + self.spacing;
        while self.arrived.len() >= limit {
            self.arrived.pop_front();
            self.first += 1;
        }
        self.arrived.push_back(now + GUARD);
        Ticket(self.first + self.arrived.len() as u64 - 1)
    }

    /// The answer of a message came at `now`: it had arrived by then.
    pub fn answered(&mut self, ticket: Ticket, now: Micros) {
        let Some(index) = ticket.0.checked_sub(self.first).and_then(|index| usize::try_from(index).ok()) else { return };
        if let Some(at) = self.arrived.get_mut(index) {
            *at = now.min(*at);
        }
    }

    /// From when on the next owner may send, assuming that the second before was full; `None`:
    /// nothing was sent.
    #[must_use]
    pub fn next_allowed(&self) -> Option<Micros> {
        self.limit?;
        // The pace was even but for the slack and the way to the provider.
        self.last.map(|last| last.max(self.due) + SLACK + GUARD)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The most messages in any window of one second, by arrival.
    fn fullest(arrivals: &mut [Micros]) -> usize {
        arrivals.sort_unstable();
        let mut most = 0;
        for (index, start) in arrivals.iter().enumerate() {
            most = most.max(arrivals[index..].iter().take_while(|at| **at < start + SECOND).count());
        }
        most
    }

    /// Sends `count` messages; timers wake late by `late`, the way there takes `way`, the answer
    /// comes after `answer`. Returns arrivals and the moment of the last sending.
    fn run(
        pacer: &mut Pacer,
        mut now: Micros,
        count: usize,
        mut late: impl FnMut(usize) -> Micros,
        mut way: impl FnMut(usize) -> (Micros, Micros),
    ) -> (Vec<Micros>, Micros) {
        let mut arrivals = Vec::new();
        let mut answers: VecDeque<(Micros, Ticket)> = VecDeque::new();
        for index in 0..count {
            let ready = pacer.ready_at();
            if ready > now {
                now = ready + late(index);
            }
            while let Some((at, ticket)) = answers.front().copied().filter(|(at, _)| *at <= now) {
                pacer.answered(ticket, at);
                answers.pop_front();
            }
            // An answer may have brought the moment forward, never back: what was allowed stays
            // allowed.
            let ticket = pacer.go(&index.to_string(), now);
            let (there, back) = way(index);
            arrivals.push(now + there);
            answers.push_back((now + there + back, ticket));
        }
        (arrivals, now)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn never_over_the_limit_and_hardly_under(
            rate in prop_oneof![Just(1_u64), Just(7), Just(30), Just(250), Just(1000)],
            lates in prop::collection::vec(0_u64..3_000, 16),
            ways in prop::collection::vec(0_u64..14_000, 16),
        ) {
            let mut pacer = Pacer::new(rate as f64, 1.0, 5_000_000, None);
            let count = (rate * 5) as usize;
            let (mut arrivals, last) = run(&mut pacer, 5_000_000, count, |i| lates[i % 16], |i| (ways[(i * 7) % 16], 500));
            prop_assert!(fullest(&mut arrivals) <= rate as usize);
            let share = (count as f64 - 1.0) / ((last - 5_000_000) as f64 / 1e6) / rate as f64;
            prop_assert!(share >= 0.98, "{share}");
        }

        #[test]
        fn a_hand_over_never_bursts(
            rate in prop_oneof![Just(30_u64), Just(1000)],
            lates in prop::collection::vec(0_u64..3_000, 16),
            ways in prop::collection::vec(0_u64..14_000, 16),
            first in 1_usize..2_000,
        ) {
            let mut before = Pacer::new(rate as f64, 1.0, 1_000_000, None);
            let (mut arrivals, last) = run(&mut before, 1_000_000, first, |i| lates[i % 16], |i| (ways[i % 16], 500));
            let mut after = Pacer::new(rate as f64, 1.0, last, before.next_allowed());
            let (more, _) = run(&mut after, last, rate as usize * 2, |i| lates[i % 16], |i| (ways[i % 16], 500));
            arrivals.extend(more);
            prop_assert!(fullest(&mut arrivals) <= rate as usize, "{}", fullest(&mut arrivals));
        }
    }

    #[test]
    fn slow_answers_cost_little() {
        let mut pacer = Pacer::new(1000.0, 1.0, 0, None);
        let (mut arrivals, last) = run(&mut pacer, 0, 10_000, |_| 500, |i| (20_000 + (i as u64 % 7) * 1_000, 30_000));
        assert!(fullest(&mut arrivals) <= 1000);
        assert!(9_999.0 / (last as f64 / 1e6) / 1000.0 >= 0.98);
    }

    #[test]
    fn unlimited_never_waits() {
        let mut pacer = Pacer::new(f64::INFINITY, 1.0, 7, Some(900_000));
        for n in 0..10_000 {
            assert!(pacer.ready_at() <= 7);
            pacer.go(&n.to_string(), 7);
        }
        assert_eq!(pacer.next_allowed(), None);
    }

    #[test]
    fn one_recipient_waits_a_second() {
        let mut pacer = Pacer::new(30.0, 1.0, 0, None);
        pacer.go("7", 0);
        assert!(pacer.recipient_at("7") >= SECOND);
        assert_eq!(pacer.recipient_at("8"), 0);
        pacer.hold_recipient("8", 5 * SECOND);
        assert_eq!(pacer.recipient_at("8"), 5 * SECOND);
    }

    #[test]
    fn a_moment_from_a_broken_clock_is_worth_a_second_at_most() {
        assert!(Pacer::new(30.0, 1.0, 10 * SECOND, Some(3_600 * SECOND)).ready_at() <= 11 * SECOND);
        assert!(Pacer::new(30.0, 1.0, 3_600 * SECOND, Some(SECOND)).ready_at() <= 3_600 * SECOND);
    }
}
