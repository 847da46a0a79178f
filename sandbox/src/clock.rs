//! The clock of the doubles: the machine's, and as far ahead of it as a test says.
//!
//! Hours that a provider counts (a message that can no longer be edited, an address that failed for
//! too long) pass in a test by [`Clock::advance`]. Waits of the doubles follow it; delays a test
//! asked for (a latency, an outage) and limits by the second are the machine's.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// Cheap to clone; all clones are one clock, shared by the doubles of a sandbox.
#[derive(Clone)]
pub struct Clock(Arc<watch::Sender<TimeDelta>>);

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(TimeDelta::zero())))
    }
}

impl Clock {
    /// What time it is for the doubles.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.0.borrow()
    }

    /// Time passes: whatever waits for a moment within `by` from now comes at once. A step that
    /// chrono cannot count does nothing.
    pub fn advance(&self, by: Duration) {
        if let Ok(by) = TimeDelta::from_std(by) {
            self.0.send_modify(|ahead| *ahead = ahead.checked_add(&by).unwrap_or(*ahead));
        }
    }

    /// Waits until the clock shows this moment.
    pub(crate) async fn until(&self, at: DateTime<Utc>) {
        let mut moved = self.0.subscribe();
        // The sender lives in `self`, so a closed channel cannot end the wait early.
        while let Some(wait) = (at - self.now()).to_std().ok().filter(|wait| !wait.is_zero()) {
            let _ = tokio::time::timeout(wait, moved.changed()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hours_pass_when_told() {
        let clock = Clock::default();
        let before = clock.now();
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.until(before + TimeDelta::hours(8)).await }
        });
        clock.advance(Duration::from_secs(3 * 3600));
        clock.advance(Duration::from_secs(5 * 3600));
        tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap();
        assert!(clock.now() - before >= TimeDelta::hours(8));
    }
}
