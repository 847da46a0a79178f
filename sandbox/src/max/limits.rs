//! Limits by the second: of a bot's requests, and of what it does in one dialogue (contract, 0 and
//! 4). Pure: `now` is an argument.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// The limits in force. `None` switches one off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rates {
    /// Requests of one bot in any second, of every method; uploads go to another server and do not
    /// count. Default 30.
    pub per_bot: Option<u32>,
    /// Requests above `per_bot` still let through, since the network makes an even 30/s uneven.
    /// Default 3.
    pub slack: u32,
    /// 30 is a ceiling and no promise: a request that is more than this many within a second may
    /// fail already, with `early_chance`. Default none.
    pub early_above: Option<u32>,
    /// Chance (0..=1) of such a failure. Default 0.1.
    pub early_chance: f64,
    /// Messages a second into one dialogue; edits, removals and answers to presses are counted each
    /// by themselves (contract, 0: secondary). Default 2.
    pub per_dialogue: Option<f64>,
    /// How many a dialogue takes at once before `per_dialogue` counts. Default 2.
    pub burst: u32,
    /// Long polls of one bot in any second; clients' documents say 2, the schema nothing. Default
    /// none.
    pub polls: Option<u32>,
    /// Seconds of a `Retry-After` header with 429; none is documented. Default none.
    pub retry_after: Option<u64>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            per_bot: Some(30),
            slack: 3,
            early_above: None,
            early_chance: 0.1,
            per_dialogue: Some(2.0),
            burst: 2,
            polls: None,
            retry_after: None,
        }
    }
}

impl Rates {
    /// No limit at all.
    #[must_use]
    pub fn off() -> Self {
        Self { per_bot: None, per_dialogue: None, ..Self::default() }
    }
}

/// What is counted for a dialogue.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Deed {
    Message,
    Edit,
    Removal,
    Answer,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

#[derive(Default)]
pub(crate) struct Limits {
    requests: HashMap<i64, VecDeque<Instant>>,
    polls: HashMap<i64, VecDeque<Instant>>,
    dialogues: HashMap<(i64, i64, Deed), Bucket>,
}

/// Takes room in a window of one second; gives how many are in it now, or `None`.
fn window(times: &mut VecDeque<Instant>, limit: u32, now: Instant) -> Option<usize> {
    while times.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1)) {
        times.pop_front();
    }
    if times.len() >= limit as usize {
        return None;
    }
    times.push_back(now);
    Some(times.len())
}

impl Limits {
    /// Whether the bot may ask anything now; `dice` decides about what is above `early_above`.
    pub(crate) fn request(&mut self, rates: &Rates, bot: i64, now: Instant, dice: f64) -> bool {
        let limit = rates.per_bot.map_or(u32::MAX, |limit| limit.saturating_add(rates.slack));
        match window(self.requests.entry(bot).or_default(), limit, now) {
            None => false,
            Some(count) => !rates.early_above.is_some_and(|above| count > above as usize && dice < rates.early_chance),
        }
    }

    /// Whether the bot may poll now.
    pub(crate) fn poll(&mut self, rates: &Rates, bot: i64, now: Instant) -> bool {
        rates.polls.is_none_or(|limit| window(self.polls.entry(bot).or_default(), limit, now).is_some())
    }

    /// Whether the dialogue takes one more of these now.
    pub(crate) fn dialogue(&mut self, rates: &Rates, bot: i64, user: i64, deed: Deed, now: Instant) -> bool {
        let Some(rate) = rates.per_dialogue else { return true };
        let full = f64::from(rates.burst.max(1));
        let bucket = self.dialogues.entry((bot, user, deed)).or_insert(Bucket { tokens: full, at: now });
        bucket.tokens = now.duration_since(bucket.at).as_secs_f64().mul_add(rate, bucket.tokens).min(full);
        bucket.at = now;
        let room = bucket.tokens >= 1.0;
        if room {
            bucket.tokens -= 1.0;
        }
        room
    }

    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn thirty_requests_in_any_second() {
        let rates = Rates { slack: 0, ..Rates::default() };
        let (mut limits, start) = (Limits::default(), Instant::now());
        for n in 0..30 {
            assert!(limits.request(&rates, 1, start + ms(10 * n), 0.0));
        }
        assert!(!limits.request(&rates, 1, start + ms(999), 0.0));
        assert!(limits.request(&rates, 2, start + ms(999), 0.0), "another bot is another limit");
        assert!(limits.request(&rates, 1, start + ms(1000), 0.0));
        assert!(!limits.request(&rates, 1, start + ms(1001), 0.0));
    }

    #[test]
    fn above_ten_some_fail_when_told_so() {
        let rates = Rates { early_above: Some(10), early_chance: 0.5, ..Rates::default() };
        let (mut limits, start) = (Limits::default(), Instant::now());
        for _ in 0..10 {
            assert!(limits.request(&rates, 1, start, 0.0));
        }
        assert!(!limits.request(&rates, 1, start, 0.4));
        assert!(limits.request(&rates, 1, start, 0.6));
    }

    #[test]
    fn a_dialogue_takes_two_a_second_of_each_deed() {
        let (rates, mut limits, start) = (Rates::default(), Limits::default(), Instant::now());
        let mut take = |user, deed, at| limits.dialogue(&rates, 1, user, deed, start + ms(at));
        assert!(take(7, Deed::Message, 0) && take(7, Deed::Message, 0));
        assert!(!take(7, Deed::Message, 400));
        assert!(take(7, Deed::Edit, 400) && take(8, Deed::Message, 400), "each deed and each dialogue by itself");
        assert!(take(7, Deed::Message, 500) && !take(7, Deed::Message, 600));
        // An even pace of two a second is never refused, however uneven its steps.
        assert!((0_u64..20).all(|n| take(9, Deed::Message, n * 500 + [0, 40, 10, 30][(n % 4) as usize])));
    }

    #[test]
    fn polls_are_counted_when_told_so() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        assert!((0..100).all(|_| limits.poll(&Rates::default(), 1, start)));
        let rates = Rates { polls: Some(2), ..Rates::default() };
        assert!(limits.poll(&rates, 1, start) && limits.poll(&rates, 1, start) && !limits.poll(&rates, 1, start));
    }
}
