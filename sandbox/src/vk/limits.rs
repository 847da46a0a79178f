//! Limits of a community: calls a second, the quota of sends, the same words to one person. Pure:
//! `now` is an argument.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    error::{VkError, VkResult},
    settings::Settings,
};
use crate::{hooks::span, view::unique, window::Window};

/// Identical texts to one person are counted for this long.
const SAME: TimeDelta = TimeDelta::minutes(1);

#[derive(Default)]
pub(crate) struct Limits {
    calls: Window,
    sends: Window,
    /// By person and text.
    same: HashMap<(i64, String), Window>,
}

impl Limits {
    /// One more call, or error 6.
    pub(crate) fn call(&mut self, settings: &Settings, now: DateTime<Utc>) -> VkResult<()> {
        let room = self.calls.take(settings.per_second, TimeDelta::seconds(1), now);
        if room { Ok(()) } else { Err(VkError::new(6)) }
    }

    /// One more call of `messages.send`, or error 29.
    pub(crate) fn send(&mut self, settings: &Settings, now: DateTime<Utc>) -> VkResult<()> {
        let day = span(std::time::Duration::from_secs(settings.quota_seconds));
        if settings.quota.is_none() || self.sends.take(settings.quota, day, now) { Ok(()) } else { Err(VkError::new(29)) }
    }

    /// These words once more to this person, or error 9.
    pub(crate) fn words(&mut self, settings: &Settings, user: i64, text: &str, now: DateTime<Utc>) -> VkResult<()> {
        let Some(most) = settings.same_text else { return Ok(()) };
        let same = self.same.entry((user, unique(text.as_bytes()))).or_default();
        if same.take(Some(most), SAME, now) { Ok(()) } else { Err(VkError::new(9)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_has_its_code() {
        let (mut limits, now) = (Limits::default(), Utc::now());
        let settings = Settings { per_second: Some(2), quota: Some(1), same_text: Some(1), ..Settings::default() };
        let code = |result: VkResult<()>| result.err().map(|error| error.code);
        assert_eq!([(); 3].map(|()| code(limits.call(&settings, now))), [None, None, Some(6)]);
        assert_eq!(code(limits.call(&settings, now + TimeDelta::seconds(1))), None);
        assert_eq!([(); 2].map(|()| code(limits.send(&settings, now))), [None, Some(29)]);
        assert_eq!(code(limits.send(&settings, now + TimeDelta::days(1))), None);
        assert_eq!([7, 7, 8].map(|user| code(limits.words(&settings, user, "a", now))), [None, Some(9), None]);
        assert_eq!(code(limits.words(&settings, 7, "a", now + SAME)), None);
    }
}
