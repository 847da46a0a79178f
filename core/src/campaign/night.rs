//! Whom a message would reach at night, by their own clocks. A warning before the launch, no rule:
//! the company decides.

use chrono::{NaiveTime, TimeDelta, Timelike as _};
use chrono_tz::Tz;

use crate::clock::Moment;

/// The hour of the recipient's clock at which night begins, and the one at which it ends.
pub const HOURS: (u32, u32) = (21, 9);

/// Recipients whom a campaign would reach at night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    /// How many recipients' clocks show night when it begins, or, if nobody's does, before it ends.
    pub people: i64,
    /// What most of these clocks show: at the beginning if it is night then, else when the last
    /// message goes.
    pub local: NaiveTime,
    /// It is night when the campaign begins.
    pub at_start: bool,
}

/// Whether a clock that shows this shows night.
fn is_night(at: NaiveTime) -> bool {
    at.hour() >= HOURS.0 || at.hour() < HOURS.1
}

/// Recipients by their zone (`people`) whom a campaign from `start` to `finish` reaches at night;
/// `None`: nobody.
#[must_use]
pub fn reached(people: &[(Tz, i64)], start: Moment, finish: Moment) -> Option<Night> {
    let shown = |zone: &Tz, at: Moment| at.with_timezone(zone).time();
    let begins = |zone: &Tz| is_night(shown(zone, start));
    // A campaign longer than the day is reaches every clock's night.
    let ends = |zone: &Tz| is_night(shown(zone, finish)) || finish - start >= TimeDelta::hours(i64::from(HOURS.0 - HOURS.1));
    let at_start = people.iter().any(|(zone, n)| *n > 0 && begins(zone));
    let reached: Vec<&(Tz, i64)> = people.iter().filter(|(zone, n)| *n > 0 && if at_start { begins(zone) } else { ends(zone) }).collect();
    let (most, _) = reached.iter().max_by_key(|(_, n)| *n)?;
    let local = shown(most, if at_start { start } else { finish });
    Some(Night { people: reached.iter().map(|(_, n)| n).sum(), local, at_start })
}

#[cfg(test)]
mod tests {
    use chrono_tz::{Asia::Vladivostok, Europe::Moscow};

    use super::*;

    fn at(utc: &str) -> Moment {
        format!("2026-11-28T{utc}:00Z").parse().unwrap()
    }

    fn time(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
    }

    /// A campaign went out at 04:18 of its recipients' clocks, and nothing on the way said so.
    #[test]
    fn a_start_at_night_is_seen_by_each_recipients_clock() {
        let all = [(Moscow, 300), (Vladivostok, 76)];
        let night = reached(&all, at("01:18"), at("01:30"));
        assert_eq!(night, Some(Night { people: 300, local: time(4, 18), at_start: true }), "it is 11:18 in Vladivostok");
        let evening = reached(&all, at("12:00"), at("12:10"));
        assert_eq!(evening, Some(Night { people: 76, local: time(22, 0), at_start: true }), "it is 15:00 in Moscow");
        assert_eq!(reached(&all, at("06:00"), at("10:59")), None, "09:00 to 13:59, 16:00 to 20:59");
        assert_eq!(reached(&[(Moscow, 0)], at("01:18"), at("01:30")), None, "nobody gets it");
        assert_eq!(reached(&[], at("01:18"), at("01:30")), None);
    }

    #[test]
    fn a_campaign_that_begins_by_day_may_end_at_night() {
        let late = reached(&[(Moscow, 300)], at("14:00"), at("18:40"));
        assert_eq!(late, Some(Night { people: 300, local: time(21, 40), at_start: false }));
        let days = reached(&[(Moscow, 300)], at("08:00"), at("08:00") + TimeDelta::hours(24));
        assert_eq!(days, Some(Night { people: 300, local: time(11, 0), at_start: false }), "from day to day, over a night");
    }
}
