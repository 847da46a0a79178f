//! The one place that reads the clock.
//!
//! Rules take `now` as an argument; the edges call [`now`]. Times are cut to milliseconds because
//! PostgreSQL keeps microseconds and chrono nanoseconds: a lease read back must equal the lease
//! written.
//!
//! Several machines at one database must agree on the time, or the one whose clock is ahead sees
//! the leases of the others as ended. So each process follows one clock, the database's (on SQLite
//! its own machine's). It looks every three seconds ([`follow`]) and in between counts by the
//! machine's running time, which nobody sets. A clock that was set is therefore noticed before its
//! time is used. A process that follows nothing (the tools, the tests) reads its machine's clock.
//!
//! `docs/CLOCK.md` tells what each time in the rows is and what happens when a clock jumps.

use std::{
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, DurationRound, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// A moment, UTC, whole milliseconds.
pub type Moment = DateTime<Utc>;

/// After the clock jumps forward, [`certain`] subtracts the jump from `now` for this long when
/// deciding whether another process's lease or claim is over. By then whatever lived has renewed
/// its lease or recorded its outcome. Must be at least [`AIR`](crate::limits::AIR) and longer than
/// a channel's lease; both are asserted.
pub const CAUTION: Duration = crate::limits::AIR;

const _: () = assert!(CAUTION.as_millis() >= crate::limits::AIR.as_millis());

/// A smaller difference between two looks is no jump: time synchronisation keeps two machines
/// closer together than this.
const SET: TimeDelta = TimeDelta::milliseconds(500);

/// The clock of this process.
static FOLLOWED: LazyLock<Mutex<Followed>> = LazyLock::new(Mutex::default);

/// A clock that is looked at now and then.
#[derive(Debug, Default)]
struct Followed {
    /// The time it showed at the last look, and the running time of that look.
    seen: Option<(DateTime<Utc>, Instant)>,
    /// The jumps forward within the last [`CAUTION`], added up, and when the latest was noticed.
    ahead: Option<(TimeDelta, Instant)>,
}

impl Followed {
    fn at(&self, instant: Instant) -> Option<DateTime<Utc>> {
        let (seen, when) = self.seen?;
        Some(seen + TimeDelta::from_std(instant.saturating_duration_since(when)).unwrap_or_default())
    }

    /// The clock showed `there` at some time between the two instants. Returns by how much it
    /// jumped since the look before.
    fn look(&mut self, there: DateTime<Utc>, (asked, answered): (Instant, Instant)) -> TimeDelta {
        let asking = answered.saturating_duration_since(asked);
        let (middle, unsure) = (asked + asking / 2, TimeDelta::from_std(asking / 2).unwrap_or_default() + TimeDelta::milliseconds(1));
        let Some(before) = self.at(middle) else {
            self.seen = Some((there, middle));
            return TimeDelta::zero();
        };
        let moved = there - before;
        // A difference smaller than the time the answer took cannot be told from none.
        if moved.abs() <= unsure {
            return TimeDelta::zero();
        }
        self.seen = Some((there, middle));
        if moved.abs() < SET {
            return TimeDelta::zero();
        }
        // Two jumps within the caution are added up: set ahead and back again is no jump.
        let altogether = moved + self.cautious(answered);
        self.ahead = (altogether > TimeDelta::zero()).then_some((altogether, answered));
        moved
    }

    /// How much of `now` comes from a recent jump forward and not from time that passed.
    fn cautious(&self, at: Instant) -> TimeDelta {
        self.ahead.filter(|(_, since)| at.saturating_duration_since(*since) < CAUTION).map_or(TimeDelta::zero(), |(ahead, _)| ahead)
    }
}

/// The current moment.
#[must_use]
pub fn now() -> Moment {
    let followed = FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner);
    cut(followed.at(Instant::now()).unwrap_or_else(machine))
}

/// What this machine's own clock shows.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn machine() -> DateTime<Utc> {
    Utc::now()
}

/// The followed clock showed `there` when it was asked at `asked`; from now on [`now`] counts from
/// there. Returns by how much the clock jumped since the look before, zero mostly.
pub fn follow(there: DateTime<Utc>, asked: Instant) -> TimeDelta {
    FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner).look(there, (asked, Instant::now()))
}

/// `now`, less any jump forward of the last [`CAUTION`]. A lease or claim of another process that
/// ended before this moment is certainly over.
#[must_use]
pub fn certain(now: Moment) -> Moment {
    now - FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner).cautious(Instant::now())
}

/// How long this machine has been running, the time it was suspended included. For deadlines a
/// process must keep however long it was stopped or the machine slept: [`Instant`] stands still
/// while Linux is suspended (`CLOCK_MONOTONIC`, clock_gettime(2)).
#[must_use]
pub fn uptime() -> Duration {
    #[cfg(target_os = "linux")]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
    let since = rustix::time::clock_gettime(CLOCK);
    // Neither is negative: the clock counts from the start of the machine.
    Duration::new(since.tv_sec.unsigned_abs(), u32::try_from(since.tv_nsec).unwrap_or_default())
}

/// `at` cut to whole milliseconds.
#[must_use]
pub fn cut(at: DateTime<Utc>) -> Moment {
    at.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(at)
}

/// The first moment of a day in a zone; where the clock jumps over midnight, the moment after the
/// jump.
#[must_use]
pub fn start_of(day: NaiveDate, zone: Tz) -> Moment {
    let midnight = day.and_time(NaiveTime::MIN);
    (0..8)
        .find_map(|quarters| zone.from_local_datetime(&(midnight + TimeDelta::minutes(30 * quarters))).earliest())
        .map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: TimeDelta = TimeDelta::hours(1);

    /// Looks after `seconds` at a clock that shows `there`, and is answered at once.
    fn look(clock: &mut Followed, start: Instant, seconds: u64, there: DateTime<Utc>) -> TimeDelta {
        let at = start + Duration::from_secs(seconds);
        clock.look(there, (at, at))
    }

    #[test]
    fn a_clock_that_is_followed_goes_on_by_itself() {
        let (mut clock, start, time) = (Followed::default(), Instant::now(), Utc::now());
        assert_eq!(clock.at(start), None, "nothing is followed yet");
        assert_eq!(look(&mut clock, start, 0, time), TimeDelta::zero());
        assert_eq!(clock.at(start + Duration::from_secs(5)), Some(time + TimeDelta::seconds(5)));
    }

    #[test]
    fn what_an_answer_cannot_tell_moves_nothing() {
        let (mut clock, start, time) = (Followed::default(), Instant::now(), Utc::now());
        look(&mut clock, start, 0, time);
        let (asked, answered) = (start + Duration::from_secs(10), start + Duration::from_secs(12));
        assert_eq!(clock.look(time + TimeDelta::milliseconds(11_900), (asked, answered)), TimeDelta::zero());
        assert_eq!(clock.at(answered), Some(time + TimeDelta::seconds(12)));
        // A clock that goes differently is followed without being taken for one that was set.
        assert_eq!(look(&mut clock, start, 20, time + TimeDelta::milliseconds(20_100)), TimeDelta::zero());
        assert_eq!(clock.at(start + Duration::from_secs(21)), Some(time + TimeDelta::milliseconds(21_100)));
        assert_eq!(clock.cautious(start + Duration::from_secs(21)), TimeDelta::zero());
    }

    #[test]
    fn after_a_leap_the_time_before_counts_for_a_while() {
        let (mut clock, start, time) = (Followed::default(), Instant::now(), Utc::now());
        look(&mut clock, start, 0, time);
        assert_eq!(look(&mut clock, start, 1, time + TimeDelta::seconds(1) + HOUR), HOUR);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(clock.at(at(2)), Some(time + TimeDelta::seconds(2) + HOUR));
        assert_eq!(clock.cautious(at(2)), HOUR);
        assert_eq!(clock.cautious(at(1) + CAUTION), TimeDelta::zero(), "by then it is over for certain");
        // Once more while it lasts, and back.
        assert_eq!(look(&mut clock, start, 3, time + TimeDelta::seconds(3) + HOUR * 2), HOUR);
        assert_eq!(clock.cautious(at(4)), HOUR * 2);
        assert_eq!(look(&mut clock, start, 5, time + TimeDelta::seconds(5)), HOUR * -2);
        assert_eq!(clock.cautious(at(5)), TimeDelta::zero(), "as before");
        assert_eq!(look(&mut clock, start, 6, time + TimeDelta::seconds(6) - HOUR), -HOUR);
        assert_eq!(clock.cautious(at(6)), TimeDelta::zero(), "set back: nothing looks older than it is");
    }
}
