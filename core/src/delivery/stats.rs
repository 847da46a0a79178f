//! Statistics of a campaign: from counters only, so that a screen costs the same for ten recipients
//! and ten million.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Count, Numbers, counts::counts, outcome::slice, queries, read_time};
use crate::{
    clock::Moment,
    id::{AccountId, CampaignId},
    on,
    store::Store,
};

/// Where a campaign stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stats {
    /// The counters, summed.
    pub numbers: Numbers,
    /// Messages a second, over the last minute of sending.
    pub rate: f64,
    /// Time to the end at this rate; `None`: nothing goes now, or nothing is left.
    pub remaining: Option<Duration>,
    /// The time within which half of the readers opened it; `None`: nobody is known to have.
    pub read_after: Option<TimeDelta>,
}

/// Where a campaign stands at `now`.
///
/// # Errors
/// The database's.
pub async fn stats(store: &Store, account: AccountId, campaign: CampaignId, now: Moment) -> sqlx::Result<Stats> {
    let counts = counts(store, account, campaign).await?;
    let since = slice(now) - TimeDelta::seconds(60);
    let paces: Vec<(Moment, i64)> =
        on!(store.read(), |c| sqlx::query_as(queries::RATE).bind(account).bind(campaign).bind(since).fetch_all(c).await)?;
    let stats = sum(&counts, &paces, now);
    if stats.numbers.read == 0 {
        return Ok(stats);
    }
    Ok(Stats { read_after: read_time::median(store, account, campaign).await?, ..stats })
}

/// How many messages of a channel's campaigns wait.
///
/// # Errors
/// The database's.
pub async fn depth(store: &Store, account: AccountId, channel: crate::id::ChannelId) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::DEPTH).bind(account).bind(channel).fetch_one(c).await)
}

fn sum(counts: &[Count], paces: &[(Moment, i64)], now: Moment) -> Stats {
    let mut stats = Stats { numbers: Numbers::of(counts), rate: rate(paces, now), ..Stats::default() };
    let left = stats.numbers.open();
    if left > 0 && stats.rate > 0.0 {
        #[expect(clippy::cast_precision_loss, reason = "an estimate for a screen")]
        let seconds = left as f64 / stats.rate;
        stats.remaining = Duration::try_from_secs_f64(seconds.min(1e9)).ok();
    }
    stats
}

/// Messages a second over the slices of the last minute, from the first message of the first of
/// them until now.
fn rate(paces: &[(Moment, i64)], now: Moment) -> f64 {
    let Some((first, _)) = paces.first() else { return 0.0 };
    // At least a second, or the first look shows nonsense.
    let seconds = (now - *first).num_milliseconds().max(1_000);
    #[expect(clippy::cast_precision_loss, reason = "a rate for a screen")]
    let rate = paces.iter().map(|(_, n)| n).sum::<i64>() as f64 / (seconds as f64 / 1_000.0);
    rate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock,
        delivery::{Person, State},
    };

    #[test]
    fn the_rest_takes_as_long_as_the_last_minute_went() {
        let now = slice(clock::now()) + TimeDelta::seconds(5);
        let count = |state, n| {
            let person = Person::of(state, false, false);
            Count { step: 1, variant: 1, planned: true, person, state, reason: None, n }
        };
        let paces = [(now - TimeDelta::seconds(15), 200), (now - TimeDelta::seconds(5), 100)];
        let stats = sum(&[count(State::Queued, 600), count(State::Sent, 200), count(State::Read, 100)], &paces, now);
        assert_eq!((stats.numbers.sent, stats.numbers.queued), (300, 600));
        assert!((stats.rate - 20.0).abs() < 0.01);
        assert_eq!(stats.remaining, Some(Duration::from_secs(30)));
    }

    #[test]
    fn the_rate_is_true_from_the_first_second_on() {
        let began_of = slice(clock::now());
        // Thirty a second, begun 9.2 s into a slice of ten.
        let began = began_of + TimeDelta::milliseconds(9_200);
        let next = began_of + TimeDelta::seconds(10);
        let sent = |until: Moment| (until - began).num_milliseconds() * 30 / 1_000;
        for milliseconds in [1_000, 1_500, 3_000, 9_000] {
            let now = began + TimeDelta::milliseconds(milliseconds);
            let mut paces = vec![(began, sent(now.min(next)))];
            if now > next {
                paces.push((next, sent(now) - sent(next)));
            }
            let shown = rate(&paces, now);
            assert!((shown - 30.0).abs() < 0.5, "{shown} after {milliseconds} ms");
        }
        // A first look, or a clock set back: no nonsense.
        assert!((rate(&[(began, 3)], began) - 3.0).abs() < f64::EPSILON);
        assert!((rate(&[(began, 3)], began - TimeDelta::seconds(5)) - 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn nothing_yet() {
        let stats = sum(&[], &[], clock::now());
        assert_eq!((stats.rate, stats.remaining), (0.0, None));
    }
}
