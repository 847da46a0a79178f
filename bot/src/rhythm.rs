//! How soon a provider is asked for updates again.
//!
//! A long poll paces itself: the server holds it until there is something. Where it does not (an
//! emulator without long polling, a relay, an answer nobody can use, the same update for ever)
//! nothing would stand between two calls. So an answer that brought nothing new and came at once is
//! followed by a pause that grows, and failures by a longer one. Both are logged, but not each
//! time.

use std::time::{Duration, Instant};

use mms_core::retry;

/// An answer that took longer than this was held by the server, as a long poll is.
const HELD: Duration = Duration::from_secs(1);
/// Answers of no use in a row after which a line is logged.
const WORTH_A_LINE: u32 = 6;
/// A line of the same kind is not written again within this time.
const QUIET: Duration = Duration::from_secs(3_600);

/// How soon a provider is asked for updates again; one for each bot that is polled.
#[derive(Debug, Default)]
pub struct Rhythm {
    idle: u32,
    failures: u32,
    told: Option<Instant>,
}

impl Rhythm {
    /// The pause after an answer that brought something `new` or not and `took` this time. `tell`
    /// logs that the server answers at once with nothing of use; it is called once an hour at most.
    pub fn answered(&mut self, new: bool, took: Duration, tell: impl FnOnce(Duration)) -> Duration {
        self.failures = 0;
        if new || took >= HELD {
            self.idle = 0;
            return Duration::ZERO;
        }
        self.idle = self.idle.saturating_add(1);
        let pause = retry::POLL_IDLE.wait(self.idle);
        if self.idle >= WORTH_A_LINE && self.told.is_none_or(|at| at.elapsed() >= QUIET) {
            self.told = Some(Instant::now());
            tell(retry::POLL_IDLE.wait(u32::MAX));
        }
        pause
    }

    /// The pause after a failure. `tell` logs it, with the number of failures so far; it is called
    /// after 1, 2, 4, 8… of them.
    pub fn failed(&mut self, tell: impl FnOnce(u32)) -> Duration {
        self.failures = self.failures.saturating_add(1);
        if self.failures.is_power_of_two() {
            tell(self.failures);
        }
        retry::POLL_FAILED.wait(self.failures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(3);

    /// Answers of no use used to be asked for up to 270 000 times a minute, mostly without a word
    /// in the log.
    #[test]
    fn answers_of_no_use_are_asked_for_ever_more_seldom_and_told_once() {
        let (mut rhythm, mut lines, mut waited) = (Rhythm::default(), 0, Duration::ZERO);
        let mut asked = 0;
        while waited < Duration::from_secs(60) {
            let pause = rhythm.answered(false, AT_ONCE, |_| lines += 1);
            assert!(pause >= Duration::from_millis(100), "a floor");
            waited += pause;
            asked += 1;
        }
        assert_eq!((asked, lines), (17, 1), "calls in the first minute, and lines");
        assert_eq!(rhythm.answered(false, AT_ONCE, |_| lines += 1), Duration::from_secs(5));
        assert_eq!(rhythm.answered(true, AT_ONCE, |_| lines += 1), Duration::ZERO, "something new is followed at once");
        assert_eq!(rhythm.answered(false, Duration::from_secs(25), |_| lines += 1), Duration::ZERO, "a long poll paces itself");
        assert_eq!(rhythm.answered(false, AT_ONCE, |_| lines += 1), Duration::from_millis(100), "and the pause begins anew");
        assert_eq!(lines, 1);
    }

    #[test]
    fn failures_are_told_at_powers_of_two_and_tried_after_a_quarter_of_a_minute_at_most() {
        let mut rhythm = Rhythm::default();
        let (mut told, first) = (Vec::new(), Duration::from_millis(250));
        let pauses: Vec<Duration> = (0..40).map(|_| rhythm.failed(|failures| told.push(failures))).collect();
        assert_eq!(told, [1, 2, 4, 8, 16, 32]);
        assert_eq!((pauses[0], pauses[1], pauses[39]), (first, first * 2, Duration::from_secs(15)));
        assert!(pauses.is_sorted());
        rhythm.answered(true, AT_ONCE, |_| ());
        assert_eq!(rhythm.failed(|_| ()), first, "an answer ends it");
    }
}
