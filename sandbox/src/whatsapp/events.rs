//! What comes due by the double's clock, in order.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use super::{receipts, review, state::State};

/// A span as the clock's arithmetic wants it; longer than a century is a century.
pub(crate) fn span(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or_else(|_| TimeDelta::days(36_525))
}

/// A span given in milliseconds.
pub(crate) fn millis(ms: u64) -> TimeDelta {
    span(Duration::from_millis(ms))
}

/// Something to happen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// A message leaves for the phone.
    Sent(i64),
    /// It reaches the phone.
    Arrive(i64),
    /// It is read by itself.
    Read(i64),
    /// It is refused after all.
    Fail(i64, u32),
    /// A review ends.
    Review { template: u64, rejected: Option<String> },
    /// The pause with this number ends.
    Unpause { template: u64, pauses: u32 },
}

/// Events by their time, those of one moment in the order they were put.
#[derive(Default)]
pub(crate) struct Events {
    queue: BTreeMap<(DateTime<Utc>, u64), Event>,
    next: u64,
}

impl Events {
    pub(crate) fn put(&mut self, at: DateTime<Utc>, event: Event) {
        self.next += 1;
        self.queue.insert((at, self.next), event);
    }

    pub(crate) fn next(&self) -> Option<DateTime<Utc>> {
        self.queue.keys().next().map(|(at, _)| *at)
    }

    fn take(&mut self, now: DateTime<Utc>) -> Option<Event> {
        let first = self.queue.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

/// Carries out everything that is due; whether there was anything.
pub(crate) fn run(state: &mut State) -> bool {
    let now = state.now();
    let mut any = false;
    while let Some(event) = state.events.take(now) {
        any = true;
        carry_out(state, event);
    }
    any
}

pub(crate) fn carry_out(state: &mut State, event: Event) {
    match event {
        Event::Sent(message) => receipts::sent(state, message),
        Event::Arrive(message) => receipts::arrive(state, message),
        Event::Read(message) => receipts::read(state, message),
        Event::Fail(message, code) => receipts::fail(state, message, code),
        Event::Review { template, rejected } => review::decide(state, template, rejected.as_deref()),
        Event::Unpause { template, pauses } => {
            if state.templates.get(&template).is_some_and(|template| template.pauses == pauses) {
                review::unpause(state, template);
            }
        }
    }
}
