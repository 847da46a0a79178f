//! The limits of section 4: throughput of a number, the rate of one pair, the people a portfolio
//! may write to in a day, calls of management. Pure: `now` is an argument.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The limits in force. `None` switches one off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rates {
    /// Seconds from one message to one person to the next (1 in 6 s). Default 6.
    pub pair_seconds: Option<f64>,
    /// Messages one person takes at once, borrowed from later ones. Default 45.
    pub pair_burst: u32,
    /// Whether a number's messages a second, in and out, are limited; the figure is the number's
    /// own, 80 at first ([`super::WhatsApp::upgrade_throughput`]). Default true.
    pub throughput: bool,
    /// Whether the portfolio's tier is enforced. Default true.
    pub tier: bool,
    /// Calls of management in an hour for a business account without a registered number.
    /// Default 200.
    pub calls_an_hour: Option<usize>,
    /// The same with one. Default 5000.
    pub calls_an_hour_registered: Option<usize>,
    /// Templates created in an hour. Default 100.
    pub creations_an_hour: Option<usize>,
    /// Templates of a business account. Default 250.
    pub templates: Option<usize>,
    /// The same when the business is verified. Default 6000.
    pub templates_verified: Option<usize>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            pair_seconds: Some(6.0),
            pair_burst: 45,
            throughput: true,
            tier: true,
            calls_an_hour: Some(200),
            calls_an_hour_registered: Some(5000),
            creations_an_hour: Some(100),
            templates: Some(250),
            templates_verified: Some(6000),
        }
    }
}

impl Rates {
    /// No limit at all.
    #[must_use]
    pub fn off() -> Self {
        Self {
            pair_seconds: None,
            throughput: false,
            tier: false,
            calls_an_hour: None,
            calls_an_hour_registered: None,
            creations_an_hour: None,
            templates: None,
            templates_verified: None,
            ..Self::default()
        }
    }
}

/// How many people a portfolio may write to outside their windows within 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tier {
    /// 250 people.
    #[default]
    #[serde(rename = "TIER_250")]
    T250,
    /// 2 000 people.
    #[serde(rename = "TIER_2K")]
    T2K,
    /// 10 000 people.
    #[serde(rename = "TIER_10K")]
    T10K,
    /// 100 000 people.
    #[serde(rename = "TIER_100K")]
    T100K,
    /// Everybody.
    #[serde(rename = "TIER_UNLIMITED")]
    Unlimited,
}

impl Tier {
    /// People within 24 hours; `None` for all.
    #[must_use]
    pub fn people(self) -> Option<usize> {
        match self {
            Self::T250 => Some(250),
            Self::T2K => Some(2_000),
            Self::T10K => Some(10_000),
            Self::T100K => Some(100_000),
            Self::Unlimited => None,
        }
    }

    /// As the API writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::T250 => "TIER_250",
            Self::T2K => "TIER_2K",
            Self::T10K => "TIER_10K",
            Self::T100K => "TIER_100K",
            Self::Unlimited => "TIER_UNLIMITED",
        }
    }
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: DateTime<Utc>,
}

/// The pairs of a number and a person.
#[derive(Default)]
pub(crate) struct Pairs(HashMap<(i64, i64), Bucket>);

impl Pairs {
    /// Whether the pair has room; [`Pairs::take`] takes it.
    pub(crate) fn room(&mut self, rates: &Rates, pair: (i64, i64), now: DateTime<Utc>) -> bool {
        let Some(seconds) = rates.pair_seconds else { return true };
        let full = f64::from(rates.pair_burst.max(1));
        let bucket = self.0.entry(pair).or_insert(Bucket { tokens: full, at: now });
        let passed = (now - bucket.at).as_seconds_f64().max(0.0);
        bucket.tokens = (bucket.tokens + passed / seconds.max(f64::MIN_POSITIVE)).min(full);
        bucket.at = now;
        // A sixth of a microsecond short is a rounding of the clock, not a message too early.
        bucket.tokens >= 1.0 - 1e-6
    }

    pub(crate) fn take(&mut self, pair: (i64, i64)) {
        if let Some(bucket) = self.0.get_mut(&pair) {
            bucket.tokens -= 1.0;
        }
    }
}

/// The people a portfolio wrote to outside their windows, with the last time of each.
#[derive(Debug, Default)]
pub(crate) struct Reached(HashMap<i64, DateTime<Utc>>);

impl Reached {
    /// People within the last 24 hours.
    pub(crate) fn people(&mut self, now: DateTime<Utc>) -> usize {
        self.0.retain(|_, at| now - *at < TimeDelta::hours(24));
        self.0.len()
    }

    /// Whether one more message to this person is within the tier.
    pub(crate) fn room(&mut self, tier: Tier, person: i64, now: DateTime<Utc>) -> bool {
        let people = self.people(now);
        self.0.contains_key(&person) || tier.people().is_none_or(|most| people < most)
    }

    pub(crate) fn note(&mut self, person: i64, now: DateTime<Utc>) {
        self.0.insert(person, now);
    }

    /// A message that failed counts for nothing, unless another one before it did.
    pub(crate) fn forget(&mut self, person: i64, at: DateTime<Utc>) {
        if self.0.get(&person) == Some(&at) {
            self.0.remove(&person);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_780_000_000_000 + ms).unwrap()
    }

    #[test]
    fn one_person_takes_a_burst_then_one_in_six_seconds() {
        let (rates, mut pairs) = (Rates::default(), Pairs::default());
        let mut send = |person, ms| {
            let room = pairs.room(&rates, (1, person), at(ms));
            if room {
                pairs.take((1, person));
            }
            room
        };
        assert!((0..45).all(|_| send(7, 0)));
        assert!(!send(7, 0) && !send(7, 5_999));
        assert!(send(8, 0), "another person is another pair");
        assert!(send(7, 6_000) && !send(7, 6_000));
    }

    #[test]
    fn a_tier_counts_people_not_messages_and_for_a_day() {
        let mut reached = Reached::default();
        for person in 0..250 {
            assert!(reached.room(Tier::T250, person, at(0)));
            reached.note(person, at(0));
        }
        assert!(reached.room(Tier::T250, 249, at(1)) && !reached.room(Tier::T250, 250, at(1)));
        assert!(reached.room(Tier::Unlimited, 250, at(1)));
        reached.forget(3, at(0));
        assert!(reached.room(Tier::T250, 250, at(1)), "who was not reached is not counted");
        assert_eq!(reached.people(at(24 * 3_600_000)), 0);
    }
}
