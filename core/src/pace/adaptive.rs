//! A pace that is found out: up by one message a second after a time at full pace without a
//! refusal, down by a quarter at one, between a floor and a ceiling. A rate that was refused is not
//! tried again for a while.

use super::{ChannelRate, Micros, SECOND};

/// So long at the full pace raises it.
const RISE: Micros = 10 * SECOND;
/// What counts as the full pace.
const FULL: f64 = 0.9;
/// What is left of a rate that was refused.
const FALL: f64 = 0.75;
/// Refusals within this time are of one moment: what was in flight was sent at the same pace.
const MOMENT: Micros = 3 * SECOND;
/// So long a rate that was refused is not tried again.
const WARY: Micros = 600 * SECOND;

#[derive(Debug)]
pub(super) struct Adaptive {
    bounds: ChannelRate,
    rate: f64,
    /// Since when messages are counted, and how many went.
    since: Micros,
    count: u32,
    /// The lowest rate that was refused lately, and when.
    refused: Option<(f64, Micros)>,
}

impl Adaptive {
    /// At the floor, or at what was found out before.
    pub(super) fn new(bounds: ChannelRate, found: Option<f64>, now: Micros) -> Self {
        let rate = within(bounds, found.unwrap_or(bounds.floor));
        Self { bounds, rate, since: now, count: 0, refused: None }
    }

    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Whether there is anything to find out.
    pub(super) fn learns(&self) -> bool {
        !self.bounds.is_known()
    }

    pub(super) fn set(&mut self, bounds: ChannelRate, found: Option<f64>) {
        self.bounds = bounds;
        self.rate = within(bounds, found.unwrap_or(self.rate));
    }

    /// A message leaves at `now`; `true`: the rate rose.
    pub(super) fn go(&mut self, now: Micros) -> bool {
        if !self.learns() {
            return false;
        }
        self.count += 1;
        let passed = now.saturating_sub(self.since);
        if passed < RISE {
            return false;
        }
        #[expect(clippy::cast_precision_loss, reason = "seconds of a process")]
        let full = f64::from(self.count) >= self.rate * (passed as f64 / 1e6) * FULL;
        (self.since, self.count) = (now, 0);
        let next = within(self.bounds, self.rate + 1.0);
        let wary = self.refused.is_some_and(|(refused, at)| next >= refused && now < at + WARY);
        let rises = full && !wary && next > self.rate;
        if rises {
            self.rate = next;
        }
        rises
    }

    /// The provider refused something for its pace at `now`.
    pub(super) fn limited(&mut self, now: Micros) {
        if !self.learns() || self.refused.is_some_and(|(_, at)| now < at + MOMENT) {
            return;
        }
        self.refused = Some((self.rate, now));
        self.rate = within(self.bounds, (self.rate * FALL).floor());
        (self.since, self.count) = (now, 0);
    }
}

fn within(bounds: ChannelRate, rate: f64) -> f64 {
    rate.max(bounds.floor).min(bounds.ceiling)
}
