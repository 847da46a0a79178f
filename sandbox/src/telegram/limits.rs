//! Flood control: sliding windows of one second for a bot, a small bucket for a chat.
//!
//! The documented figures are "about 30 messages a second" for a bot and "about 1 a second, short
//! bursts tolerated" for a chat; [`Rates`] says how the double reads "about". Pure: `now` is an
//! argument.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// The limits in force. `None` switches one off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rates {
    /// Messages of one bot in any second. Default 30.
    pub per_bot: Option<u32>,
    /// The same for messages sent with `allow_paid_broadcast`. Default 1000.
    pub per_bot_paid: Option<u32>,
    /// Messages above `per_bot` still let through, since the network makes an even 30/s uneven.
    /// Default 3.
    pub slack: u32,
    /// Messages a second into one chat. Default 1.
    pub per_chat: Option<f64>,
    /// Messages a chat takes at once before `per_chat` counts. Default 5.
    pub chat_burst: u32,
    /// `retry_after` in seconds when a bot is over its limit; until then every send is refused.
    /// Default 3.
    pub bot_penalty: u64,
}

impl Default for Rates {
    fn default() -> Self {
        Self { per_bot: Some(30), per_bot_paid: Some(1000), slack: 3, per_chat: Some(1.0), chat_burst: 5, bot_penalty: 3 }
    }
}

impl Rates {
    /// No limit at all.
    #[must_use]
    pub fn off() -> Self {
        Self { per_bot: None, per_bot_paid: None, per_chat: None, ..Self::default() }
    }
}

#[derive(Default)]
struct BotWindow {
    free: VecDeque<Instant>,
    paid: VecDeque<Instant>,
    closed_until: Option<Instant>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

#[derive(Default)]
pub(crate) struct Limits {
    bots: HashMap<i64, BotWindow>,
    chats: HashMap<(i64, i64), Bucket>,
}

const WINDOW: Duration = Duration::from_secs(1);

impl Limits {
    /// Takes room for `count` messages, or says after how many seconds to come back.
    pub(crate) fn take(&mut self, rates: &Rates, bot: i64, chat: i64, count: u32, paid: bool, now: Instant) -> Result<(), u64> {
        let window = self.bots.entry(bot).or_default();
        if let Some(until) = window.closed_until {
            if now < until {
                return Err(seconds(until - now));
            }
            window.closed_until = None;
        }
        let (sent, limit) = if paid { (&mut window.paid, rates.per_bot_paid) } else { (&mut window.free, rates.per_bot) };
        while sent.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            sent.pop_front();
        }
        if let Some(limit) = limit
            && sent.len() + count as usize > (limit + rates.slack) as usize
        {
            let penalty = rates.bot_penalty.max(1);
            window.closed_until = Some(now + Duration::from_secs(penalty));
            return Err(penalty);
        }
        if let Some(rate) = rates.per_chat {
            let full = f64::from(rates.chat_burst.max(1));
            let bucket = self.chats.entry((bot, chat)).or_insert(Bucket { tokens: full, at: now });
            bucket.tokens = now.duration_since(bucket.at).as_secs_f64().mul_add(rate, bucket.tokens).min(full);
            bucket.at = now;
            // An album larger than the bucket passes a full one, and is paid off afterwards.
            let needed = f64::from(count).min(full);
            if bucket.tokens < needed {
                return Err(seconds(Duration::from_secs_f64((needed - bucket.tokens) / rate.max(f64::MIN_POSITIVE))));
            }
            bucket.tokens -= f64::from(count);
        }
        sent.extend(std::iter::repeat_n(now, count as usize));
        Ok(())
    }

    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn thirty_in_any_second_then_a_penalty() {
        let rates = Rates { slack: 0, ..Rates::default() };
        let (mut limits, start) = (Limits::default(), Instant::now());
        for chat in 0..30 {
            assert_eq!(limits.take(&rates, 1, chat, 1, false, start + ms(10 * chat as u64)), Ok(()));
        }
        assert_eq!(limits.take(&rates, 2, 0, 1, false, start + ms(500)), Ok(()), "another bot is another limit");
        assert_eq!(limits.take(&rates, 1, 99, 1, false, start + ms(999)), Err(3));
        assert_eq!(limits.take(&rates, 1, 99, 1, false, start + ms(2000)), Err(2), "refused until the penalty is over");
        assert_eq!(limits.take(&rates, 1, 99, 1, false, start + ms(3999)), Ok(()));
    }

    #[test]
    fn paid_broadcast_has_its_own_limit() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        for chat in 0..1003 {
            assert_eq!(limits.take(&Rates::default(), 1, chat, 1, true, start), Ok(()));
        }
        assert!(limits.take(&Rates::default(), 1, 5000, 1, true, start).is_err());
    }

    #[test]
    fn a_chat_takes_a_burst_then_one_a_second() {
        let (rates, mut limits, start) = (Rates::default(), Limits::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(limits.take(&rates, 1, 7, 1, false, start), Ok(()));
        }
        assert_eq!(limits.take(&rates, 1, 7, 1, false, start), Err(1));
        assert_eq!(limits.take(&rates, 1, 8, 1, false, start), Ok(()), "another chat is another bucket");
        assert_eq!(limits.take(&rates, 1, 7, 1, false, start + ms(1000)), Ok(()));
        assert_eq!(limits.take(&rates, 1, 7, 1, false, start + ms(1100)), Err(1));
    }

    #[test]
    fn off_is_off() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        for _ in 0..10_000 {
            assert_eq!(limits.take(&Rates::off(), 1, 7, 1, false, start), Ok(()));
        }
    }
}
