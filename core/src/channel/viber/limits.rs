//! «Too many requests» does not say of what (contracts/messengers/viber.md, section 4): of the
//! whole bot, or of one person who got a hundred messages within an hour and answered none. When
//! several people are refused in a short time it is the bot, which waits longer each time; when the
//! same person alone is refused again it is the person, who is left alone for an hour.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::classify::FIRST;
use crate::{channel::SendError, retry};

/// Refusals of different people within this time are the bot's.
const STORM: Duration = Duration::from_secs(10);
/// What was refused longer ago counts no more.
const FORGET: Duration = Duration::from_secs(2 * 3_600);
/// One person's limit is by the hour.
const HOUR: Duration = Duration::from_secs(3_600);

#[derive(Debug, Default)]
struct Refused {
    /// When each person was refused last.
    people: HashMap<String, Instant>,
    /// The bot's last refusal, and how many in a row.
    bot: Option<(Instant, u32)>,
}

impl Refused {
    /// The bot is refused: it waits longer each time.
    fn all(&mut self, after: Duration, now: Instant) -> SendError {
        let times = self.bot.filter(|(at, _)| now.duration_since(*at) < HOUR).map_or(1, |(_, times)| times.saturating_add(1));
        self.bot = Some((now, times));
        SendError::RetryAfter { after: retry::STORM.wait(times).max(after), whole_channel: true }
    }
}

/// Who was refused lately.
#[derive(Debug, Default)]
pub(super) struct Limits(Mutex<Refused>);

impl Limits {
    /// A refusal for one recipient, with how long it holds and for whom.
    pub(super) fn widen(&self, to: &str, error: SendError) -> SendError {
        let SendError::RetryAfter { after, .. } = error else { return error };
        let now = Instant::now();
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.people.retain(|_, at| now.duration_since(*at) < FORGET);
        let before = refused.people.insert(to.to_owned(), now);
        let storm = refused.people.iter().any(|(person, at)| person != to && now.duration_since(*at) < STORM);
        if storm {
            return refused.all(after, now);
        }
        let after = if before.is_some() { HOUR } else { after.max(FIRST) };
        SendError::RetryAfter { after, whole_channel: false }
    }

    /// A refusal of a call for several people, which is nobody's of them.
    pub(super) fn widen_all(&self, error: SendError) -> SendError {
        let SendError::RetryAfter { after, .. } = error else { return error };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all(after, Instant::now())
    }

    /// A message was taken: whatever the bot was refused for is over.
    pub(super) fn taken(&self, to: &str) {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.bot = None;
        refused.people.remove(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(seconds: u64, whole_channel: bool) -> SendError {
        SendError::RetryAfter { after: Duration::from_secs(seconds), whole_channel }
    }

    #[test]
    fn one_person_again_and_again_is_the_person_and_several_are_the_bot() {
        let limits = Limits::default();
        let refused = |to: &str| limits.widen(to, waits(2, false));
        assert_eq!([refused("a"), refused("a")], [waits(2, false), waits(3_600, false)]);
        assert_eq!(limits.widen("a", SendError::Blocked), SendError::Blocked);
        limits.taken("a");
        assert_eq!(refused("a"), waits(2, false), "an answer sets the count back");
        let storm: Vec<SendError> = ["b", "c", "d", "e", "f", "g", "h", "i"].iter().map(|to| refused(to)).collect();
        let pauses = [2, 2, 4, 8, 16, 32, 60, 60].map(|seconds| waits(seconds, true));
        assert_eq!(storm, pauses);
        limits.taken("b");
        assert_eq!(refused("j"), waits(2, true), "and it begins anew");
        let limits = Limits::default();
        let all = || limits.widen_all(waits(2, false));
        assert_eq!([all(), all(), all()], [2, 2, 4].map(|seconds| waits(seconds, true)), "a broadcast is the bot's");
        assert_eq!(limits.widen_all(SendError::Blocked), SendError::Blocked);
    }
}
