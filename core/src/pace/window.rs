//! Never more than `limit` messages in any second as the provider sees them, and hardly fewer
//! ([`super`] tells how). The limit may change while messages go: a lower one holds at once, a
//! higher one is given its room as the seconds before pass.

use std::collections::VecDeque;

use super::{GUARD, Micros, SECOND, SLACK, UNLIMITED};

/// What leaves through one sender, in its second.
#[derive(Debug)]
pub(super) struct Window {
    /// Messages in any second; `None`: unlimited.
    limit: Option<usize>,
    /// Time between messages.
    spacing: Micros,
    /// When the next message is due by the spacing.
    due: Micros,
    /// The last messages, oldest first: the moment each arrived at the latest, as far as known. As
    /// many are kept as the highest limit so far lets through in a second.
    arrived: VecDeque<Micros>,
    /// How many of them are kept.
    kept: usize,
    /// The number of the oldest message in `arrived`.
    first: u64,
    /// When the last message left.
    last: Option<Micros>,
}

/// The limit and the spacing of a rate.
fn figures(rate: f64) -> (Option<usize>, Micros) {
    if !(rate.is_finite() && rate < UNLIMITED) {
        return (None, 0);
    }
    // A rate under one a second is kept by spacing alone: a window of one message says the same.
    let rate = rate.max(0.001);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are positive and far below 2^53")]
    let (limit, spacing) = (rate.floor().max(1.0) as usize, (1e6 / rate).ceil() as Micros);
    (Some(limit), spacing)
}

impl Window {
    pub(super) fn new(rate: f64, now: Micros) -> Self {
        let (limit, spacing) = figures(rate);
        let kept = limit.unwrap_or_default();
        Self { limit, spacing, due: now, arrived: VecDeque::with_capacity(kept), kept, first: 0, last: None }
    }

    /// From now on this rate.
    pub(super) fn set(&mut self, rate: f64) {
        let (limit, spacing) = figures(rate);
        if limit == self.limit && spacing == self.spacing {
            return;
        }
        (self.limit, self.spacing) = (limit, spacing);
        self.kept = self.kept.max(limit.unwrap_or_default());
    }

    /// Another sent until now and lets the next go at `start`: the second before it was full, at an
    /// even pace. A moment long past or far ahead says nothing (the clock was set); a second at
    /// most, or the time after a message of two calls, is worth waiting for.
    pub(super) fn follow(&mut self, start: Micros, now: Micros) {
        let Some(limit) = self.limit else { return };
        let start = start.min(now + SECOND.max(2 * self.spacing + SLACK + GUARD));
        if start + SECOND <= now {
            return;
        }
        self.due = self.due.max(start).max(now);
        for back in (1..=limit as u64).rev() {
            self.note(start.saturating_sub(back * self.spacing.min(SECOND)));
        }
    }

    /// When there is room for so many at once.
    pub(super) fn ready_for(&self, calls: usize) -> Micros {
        let Some(limit) = self.limit else { return 0 };
        let more = calls.clamp(1, limit) - 1;
        let full = (self.arrived.len() + more).checked_sub(limit).and_then(|index| self.arrived.get(index));
        full.map_or(0, |at| at + SECOND).max(self.due)
    }

    /// Time between messages; 0: unlimited.
    pub(super) fn spacing(&self) -> Micros {
        self.spacing
    }

    /// A message leaves at `now`; gives its number.
    pub(super) fn go(&mut self, now: Micros) -> u64 {
        self.last = Some(now);
        if self.limit.is_none() {
            return u64::MAX;
        }
        self.due = self.due.max(now.saturating_sub(SLACK)) + self.spacing;
        self.note(now + GUARD);
        self.first + self.arrived.len() as u64 - 1
    }

    fn note(&mut self, at: Micros) {
        while self.arrived.len() >= self.kept.max(1) {
            self.arrived.pop_front();
            self.first += 1;
        }
        // One that was told of late arrived no earlier than those before it, for the count's sake.
        let at = at.max(self.arrived.back().copied().unwrap_or(0));
        self.arrived.push_back(at);
    }

    /// The answer of message `number` came at `now`: it had arrived by then.
    pub(super) fn answered(&mut self, number: u64, now: Micros) {
        let Some(index) = number.checked_sub(self.first).and_then(|index| usize::try_from(index).ok()) else { return };
        if let Some(at) = self.arrived.get_mut(index) {
            *at = now.min(*at);
        }
    }

    /// From when on the next owner may send, assuming that the second before was full; `None`:
    /// nothing was sent.
    pub(super) fn next_allowed(&self) -> Option<Micros> {
        self.limit?;
        // The pace was even but for the slack and the way to the provider.
        self.last.map(|last| last.max(self.due) + SLACK + GUARD)
    }
}
