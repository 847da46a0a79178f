//! A provider that says "too fast" does not say of what: of one dialogue or of the whole bot
//! (contracts/messengers/telegram.md, section 4; max.md, sections 0 and 4). When several dialogues
//! are limited in a short time, it is the bot, for the longest time seen.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::SendError;

/// Refusals of different dialogues within this time mean that the whole bot is limited.
const STORM: Duration = Duration::from_secs(10);

/// The longest a «too many requests» is taken at its word: whoever says more is asked once a day.
pub const LONGEST_HOLD: Duration = Duration::from_secs(86_400);

/// The dialogues limited lately, and until when.
#[derive(Debug, Default)]
pub struct Storm {
    limited: Mutex<Vec<(String, Instant, Duration)>>,
}

impl Storm {
    /// A refusal, with what it is about.
    pub fn widen(&self, to: &str, error: SendError) -> SendError {
        let SendError::RetryAfter { after, whole_channel } = error else { return error };
        let now = Instant::now();
        let mut limited = self.limited.lock().unwrap_or_else(PoisonError::into_inner);
        limited.retain(|(_, at, _)| now.duration_since(*at) < STORM);
        limited.push((to.to_owned(), now, after));
        let others = limited.iter().any(|(dialogue, _, _)| dialogue != to);
        let longest = limited.iter().map(|(_, at, after)| after.saturating_sub(now.duration_since(*at))).max().unwrap_or(after);
        if whole_channel || others {
            SendError::RetryAfter { after: longest.max(after), whole_channel: true }
        } else {
            SendError::RetryAfter { after, whole_channel: false }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_limited_dialogue_is_the_dialogue_two_are_the_bot() {
        let limited = |after| SendError::RetryAfter { after: Duration::from_secs(after), whole_channel: false };
        let storm = Storm::default();
        assert_eq!(storm.widen("7", limited(3)), limited(3));
        assert_eq!(storm.widen("7", limited(3)), limited(3), "the same dialogue again is still one");
        let SendError::RetryAfter { after, whole_channel } = storm.widen("8", limited(1)) else { panic!("still limited") };
        assert!(whole_channel);
        assert!(after > Duration::from_secs(2), "the longest seen holds, {after:?}");
        assert_eq!(storm.widen("9", SendError::Blocked), SendError::Blocked);
    }
}
