//! Statistics of a campaign: from counters only, so that a screen costs the same for ten recipients and ten million.

use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;

use super::{Count, State, counts::counts, outcome::stretch, queries};
use crate::{
    clock::Moment,
    id::{AccountId, CampaignId},
    on,
    store::Store,
    words::Why,
};

/// Where a campaign stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stats {
    /// Everybody the audience brought.
    pub audience: i64,
    /// Meant to go.
    pub planned: i64,
    /// Wait for their turn.
    pub queued: i64,
    /// In the air.
    pub sending: i64,
    /// The provider took them (delivered and read ones too).
    pub sent: i64,
    /// On the recipients' devices (read ones too), where the messenger tells.
    pub delivered: i64,
    /// Opened, where the messenger tells.
    pub read: i64,
    /// Did not go.
    pub failed: i64,
    /// Left out, by planning or by the claim.
    pub skipped: i64,
    /// Nobody can tell.
    pub uncertain: i64,
    /// Taken back before they went.
    pub cancelled: i64,
    /// Every counter with its reason, for the lists of reasons.
    pub counts: Vec<Count>,
    /// Messages a second, over the last minute of sending.
    pub rate: f64,
    /// Time to the end at this rate; `None`: nothing goes now, or nothing is left.
    pub remaining: Option<Duration>,
}

impl Stats {
    /// Reasons of a state with their numbers (planning's and the last check's together), largest
    /// first.
    #[must_use]
    pub fn reasons(&self, state: State) -> Vec<(&Why, i64)> {
        let mut sums: BTreeMap<&Why, i64> = BTreeMap::new();
        for count in self.counts.iter().filter(|count| count.state == state) {
            if let Some(reason) = &count.reason {
                *sums.entry(reason).or_default() += count.n;
            }
        }
        let mut reasons: Vec<(&Why, i64)> = sums.into_iter().filter(|(_, n)| *n > 0).collect();
        reasons.sort_by_key(|(reason, n)| (-n, *reason));
        reasons
    }

    /// How much of what was meant to go came to rest, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        if self.planned == 0 {
            return 1.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a share for a screen")]
        let share = (self.planned - self.queued - self.sending) as f64 / self.planned as f64;
        share
    }
}

/// Where a campaign stands at `now`.
///
/// # Errors
/// The database's.
pub async fn stats(store: &Store, account: AccountId, campaign: CampaignId, now: Moment) -> sqlx::Result<Stats> {
    let counts = counts(store, account, campaign).await?;
    let since = stretch(now) - TimeDelta::seconds(60);
    let paces: Vec<(Moment, i64)> =
        on!(store.read(), |c| sqlx::query_as(queries::RATE).bind(account).bind(campaign).bind(since).fetch_all(c).await)?;
    Ok(sum(counts, &paces, now))
}

/// How many messages of a channel's campaigns wait.
///
/// # Errors
/// The database's.
pub async fn depth(store: &Store, account: AccountId, channel: crate::id::ChannelId) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::DEPTH).bind(account).bind(channel).fetch_one(c).await)
}

fn sum(counts: Vec<Count>, paces: &[(Moment, i64)], now: Moment) -> Stats {
    let mut stats = Stats::default();
    for count in &counts {
        stats.audience += count.n;
        if count.planned {
            stats.planned += count.n;
        }
        match count.state {
            State::Queued => stats.queued += count.n,
            State::Sending => stats.sending += count.n,
            State::Sent => stats.sent += count.n,
            State::Delivered => (stats.sent, stats.delivered) = (stats.sent + count.n, stats.delivered + count.n),
            State::Read => {
                (stats.sent, stats.delivered, stats.read) = (stats.sent + count.n, stats.delivered + count.n, stats.read + count.n);
            }
            State::Failed => stats.failed += count.n,
            State::Skipped => stats.skipped += count.n,
            State::Uncertain => stats.uncertain += count.n,
            State::Cancelled => stats.cancelled += count.n,
        }
    }
    stats.counts = counts;
    stats.rate = rate(paces, now);
    let left = stats.queued + stats.sending;
    if left > 0 && stats.rate > 0.0 {
        #[expect(clippy::cast_precision_loss, reason = "an estimate for a screen")]
        let seconds = left as f64 / stats.rate;
        stats.remaining = Duration::try_from_secs_f64(seconds.min(1e9)).ok();
    }
    stats
}

/// Messages a second over the stretches of the last minute, from the first message of the first of them until now.
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
    use crate::{clock, words::Reason};

    #[test]
    fn sums_and_the_rest() {
        let now = stretch(clock::now()) + TimeDelta::seconds(5);
        let count = |planned, state, reason: Option<Reason>, n| Count { planned, state, reason: reason.map(Why::from), n };
        let counts = vec![
            count(true, State::Queued, None, 600),
            count(true, State::Sent, None, 200),
            count(true, State::Read, None, 100),
            count(true, State::Failed, Some(Reason::Blocked), 3),
            count(true, State::Failed, Some(Reason::Rejected), 4),
            count(true, State::Skipped, Some(Reason::OptedOut), 1),
            count(false, State::Skipped, Some(Reason::OptedOut), 10),
        ];
        let paces = [(now - TimeDelta::seconds(15), 200), (now - TimeDelta::seconds(5), 100)];
        let stats = sum(counts, &paces, now);
        assert_eq!((stats.audience, stats.planned, stats.sent, stats.read, stats.failed), (918, 908, 300, 100, 7));
        assert!((stats.rate - 20.0).abs() < 0.01);
        assert_eq!(stats.remaining, Some(Duration::from_secs(30)));
        let reasons = |state| stats.reasons(state).into_iter().map(|(why, n)| (why.known(), n)).collect::<Vec<_>>();
        assert_eq!(reasons(State::Failed), [(Some(Reason::Rejected), 4), (Some(Reason::Blocked), 3)]);
        assert_eq!(reasons(State::Skipped), [(Some(Reason::OptedOut), 11)], "planning's and the last check's together");
        assert!(stats.progress() > 0.33 && stats.progress() < 0.34);
    }

    #[test]
    fn the_rate_is_true_from_the_first_second_on() {
        let stretch_of = stretch(clock::now());
        // Thirty a second, begun 9.2 s into a stretch of ten.
        let began = stretch_of + TimeDelta::milliseconds(9_200);
        let next = stretch_of + TimeDelta::seconds(10);
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
        let stats = sum(Vec::new(), &[], clock::now());
        assert_eq!((stats.rate, stats.remaining), (0.0, None));
    }
}
