//! Spaces the calls of one CRM connection. The earliest time of the next call is kept in the
//! connection's row while nobody owns it, so a hand-over never bursts.

use std::sync::Mutex;

use chrono::TimeDelta;

use crate::clock::{self, Moment};

/// Spaces calls evenly; shared by reference within one owner of a connection.
#[derive(Debug)]
pub struct Spacer {
    next: Mutex<Moment>,
    every: TimeDelta,
}

impl Spacer {
    /// `per_second` calls a second, the first not before `next`.
    #[must_use]
    pub fn new(per_second: u32, next: Option<Moment>) -> Self {
        let every = TimeDelta::milliseconds(1_000 / i64::from(per_second.max(1)));
        Self { next: Mutex::new(next.unwrap_or(Moment::UNIX_EPOCH)), every }
    }

    /// Waits for this caller's turn: milliseconds, or what is left of the pause at a hand-over.
    pub async fn turn(&self) {
        let (now, at) = {
            let now = clock::now();
            let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let at = (*next).max(now);
            *next = at + self.every;
            (now, at)
        };
        if let Ok(pause) = (at - now).to_std() {
            tokio::time::sleep(pause).await;
        }
    }

    /// The earliest time of the next call.
    #[must_use]
    pub fn next(&self) -> Moment {
        *self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
