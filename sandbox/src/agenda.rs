//! What a double does later, by the sandbox's clock, in order.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

/// Events by their time, those of one moment in the order they were put.
pub(crate) struct Agenda<E> {
    queue: BTreeMap<(DateTime<Utc>, u64), E>,
    last: u64,
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self { queue: BTreeMap::new(), last: 0 }
    }
}

impl<E> Agenda<E> {
    pub(crate) fn put(&mut self, at: DateTime<Utc>, event: E) {
        self.last += 1;
        self.queue.insert((at, self.last), event);
    }

    pub(crate) fn next(&self) -> Option<DateTime<Utc>> {
        self.queue.keys().next().map(|(at, _)| *at)
    }

    /// The first event that is due.
    pub(crate) fn take(&mut self, now: DateTime<Utc>) -> Option<E> {
        let first = self.queue.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}
