//! How long after they were sent messages are opened: counted by lengths of time, in the change
//! that records the receipt, so the median costs the same for ten readers and ten million.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{Part, queries};
use crate::{
    clock::Moment,
    id::{AccountId, CampaignId},
    on,
    store::{Store, Together},
};

/// The bucket a time is in. Each is as long as all before it, and a half of that, together: two of
/// them double the time, so a median told by its bucket is off by a quarter at most.
fn bucket(after: TimeDelta) -> i16 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "some forty buckets to a month")]
    let bucket = (2.0 * (after.num_seconds().max(1) as f64).log2()).floor() as i16;
    bucket
}

/// The middle of a bucket.
fn middle(bucket: i16) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
    let seconds = ((f64::from(bucket) + 0.5) / 2.0).exp2().round().min(1e9) as i64;
    TimeDelta::seconds(seconds)
}

/// As it is told: no more exactly than it is known.
fn rounded(time: TimeDelta) -> TimeDelta {
    let to = match time.num_seconds() {
        ..60 => 1,
        60..3_600 => 60,
        3_600..86_400 => 600,
        _ => 3_600,
    };
    TimeDelta::seconds((time.num_seconds() + to / 2) / to * to)
}

/// Reads gathered during a change and written at its end.
#[derive(Debug, Default)]
pub(super) struct Reads {
    by_bucket: BTreeMap<(CampaignId, i16, i16), i64>,
}

impl Reads {
    /// A message of this part was opened; what is not known of it counts for nothing.
    pub(super) fn add(&mut self, part: Part, sent: Option<Moment>, read: Option<Moment>) {
        if let Some((sent, read)) = sent.zip(read) {
            *self.by_bucket.entry((part.campaign, part.step, bucket(read - sent))).or_default() += 1;
        }
    }

    /// Adds them to what a change writes at its end.
    pub(super) fn add_to(self, end: &mut Together) {
        for ((campaign, step, bucket), n) in self.by_bucket {
            end.beside(queries::READ_TIME).bind(campaign).bind(step).bind(bucket).bind(n);
        }
    }
}

/// The time within which half of a campaign's readers opened its messages; `None`: nobody is known
/// to have.
///
/// # Errors
/// The database's.
pub async fn median(store: &Store, account: AccountId, campaign: CampaignId) -> sqlx::Result<Option<TimeDelta>> {
    let buckets: Vec<(i16, i64)> =
        on!(store.read(), |c| sqlx::query_as(queries::READ_TIMES).bind(account).bind(campaign).fetch_all(c).await)?;
    Ok(median_of(&buckets).map(rounded))
}

/// Of buckets in their order.
fn median_of(buckets: &[(i16, i64)]) -> Option<TimeDelta> {
    let all: i64 = buckets.iter().map(|(_, n)| n).sum();
    let mut seen = 0;
    let half = buckets.iter().find(|(_, n)| {
        seen += n;
        seen * 2 >= all && all > 0
    });
    half.map(|(bucket, _)| middle(*bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_within_a_quarter() {
        for seconds in (0..600).chain([3_600, 86_400, 604_800, 10_000_000]) {
            let told = middle(bucket(TimeDelta::seconds(seconds))).num_seconds();
            let off = (told - seconds.max(1)).abs();
            assert!(off * 4 <= seconds.max(4), "{told} for {seconds}");
        }
        // A receipt whose clock is behind ours.
        assert_eq!(bucket(TimeDelta::seconds(-5)), 0);
    }

    #[test]
    fn a_time_is_told_as_people_say_it() {
        let told = |seconds| rounded(TimeDelta::seconds(seconds)).num_seconds();
        assert_eq!([told(7), told(231), told(5_000), told(100_000)], [7, 240, 4_800, 100_800]);
    }

    #[test]
    fn the_median_is_where_half_of_them_are() {
        assert_eq!(median_of(&[]), None);
        let of = |times: &[i64]| {
            let mut buckets = BTreeMap::new();
            for seconds in times {
                *buckets.entry(bucket(TimeDelta::seconds(*seconds))).or_default() += 1;
            }
            median_of(&buckets.into_iter().collect::<Vec<_>>()).unwrap().num_seconds()
        };
        let told = of(&[5, 240, 250, 90_000, 260]);
        assert!((200..300).contains(&told), "{told}");
        assert_eq!(of(&[1]), of(&[1, 1, 7_000]));
    }
}
