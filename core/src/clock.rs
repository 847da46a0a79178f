//! The one place that reads the clock.
//!
//! Rules take `now` as an argument; the edges call [`now`]. Times are cut to milliseconds because PostgreSQL keeps
//! microseconds and chrono nanoseconds: a lease read back must equal the lease written.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// A moment, UTC, whole milliseconds.
pub type Moment = DateTime<Utc>;

/// The current moment.
#[must_use]
pub fn now() -> Moment {
    cut(Utc::now())
}

/// `at` cut to whole milliseconds.
#[must_use]
pub fn cut(at: DateTime<Utc>) -> Moment {
    at.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(at)
}
