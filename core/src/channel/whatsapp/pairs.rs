//! One person takes a message in six seconds, and whoever is refused waits 4, 16, 64 … seconds
//! (contracts/messengers/whatsapp_cloud.md, sections 4 and 5).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::classify::PAIR;
use crate::{channel::SendError, retry};

/// What was refused longer ago counts no more.
const FORGET: Duration = Duration::from_secs(600);

/// People who were refused lately: when last, and how often in a row.
#[derive(Debug, Default)]
pub(super) struct Pairs(Mutex<HashMap<String, (Instant, u32)>>);

impl Pairs {
    /// A refusal for one recipient, with how long it holds.
    pub(super) fn widen(&self, to: &str, error: SendError) -> SendError {
        if error != (SendError::RetryAfter { after: PAIR, whole_channel: false }) {
            return error;
        }
        let now = Instant::now();
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.retain(|_, (at, _)| now.duration_since(*at) < FORGET);
        let (at, times) = refused.entry(to.to_owned()).or_insert((now, 0));
        (*at, *times) = (now, times.saturating_add(1));
        SendError::RetryAfter { after: PAIR.max(retry::PAIR.wait(*times)), whole_channel: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_person_waits_longer_each_time_and_nobody_else_does() {
        let pairs = Pairs::default();
        let refused = |to: &str| pairs.widen(to, SendError::RetryAfter { after: PAIR, whole_channel: false });
        let waits = |seconds| SendError::RetryAfter { after: Duration::from_secs(seconds), whole_channel: false };
        assert_eq!([refused("+7"), refused("+7"), refused("+7")], [waits(6), waits(16), waits(64)]);
        assert_eq!(refused("+8"), waits(6));
        assert_eq!([refused("+7"), refused("+7")], [waits(256), waits(256)]);
        assert_eq!(pairs.widen("+7", SendError::Blocked), SendError::Blocked);
    }
}
