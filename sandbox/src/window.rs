//! Limits of so many within a span. Pure: `now` is an argument.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

/// Moments within a span that ends now.
#[derive(Debug, Default)]
pub(crate) struct Window(VecDeque<DateTime<Utc>>);

impl Window {
    /// How many there are within this span, the older ones forgotten.
    pub(crate) fn count(&mut self, span: TimeDelta, now: DateTime<Utc>) -> usize {
        while self.0.front().is_some_and(|at| now - *at >= span) {
            self.0.pop_front();
        }
        self.0.len()
    }

    pub(crate) fn note(&mut self, now: DateTime<Utc>) {
        self.0.push_back(now);
    }

    /// Takes a place among `limit` within the span, if there is one.
    pub(crate) fn take(&mut self, limit: Option<usize>, span: TimeDelta, now: DateTime<Utc>) -> bool {
        if limit.is_some_and(|limit| self.count(span, now) >= limit) {
            return false;
        }
        self.note(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_slides() {
        let (mut window, start, second) = (Window::default(), Utc::now(), TimeDelta::seconds(1));
        let at = |ms| start + TimeDelta::milliseconds(ms);
        assert!((0..80).all(|_| window.take(Some(80), second, at(0))));
        assert!(!window.take(Some(80), second, at(999)) && window.take(Some(80), second, at(1000)));
        assert!(window.take(None, second, at(1000)));
    }
}
