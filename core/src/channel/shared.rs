//! A limit that several channels of one account at the provider share, whoever owns them: each
//! owner has a part of it, for as long as its lease, and all parts together are never more than
//! the limit. One alone has all of it.
//!
//! Whoever comes asks for an equal part and gets what is free. Its row makes the others take less
//! when they extend their leases; then it gets the rest. A smaller part holds at once. What is more
//! than before counts from a second later on ([`crate::pace::Pacer::share`]): until then the
//! provider's second holds messages of those who gave it up. A part stays its owner's for a moment
//! after a turn, so that nobody takes it between two turns.

use std::time::Duration;

use uuid::Uuid;

use super::{lease::LEASE, queries};
use crate::{
    clock::{self, Moment},
    id::ChannelId,
    on,
    pace::SharedRate,
    store::{Store, Tx},
};

/// A part stays its owner's for so long after a turn.
const BETWEEN_TURNS: Duration = Duration::from_millis(1_500);

/// A channel's part of a shared limit, messages a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// What is the channel's from now on; 0: nothing is free yet.
    pub part: f64,
    /// What was the channel's until now; 0: nothing.
    pub had: f64,
}

/// Takes a channel's part, or extends it, for as long as a lease. Only the lease's owner may ask.
///
/// # Errors
/// The database's.
pub async fn take(store: &Store, channel: ChannelId, shared: &SharedRate, now: Moment) -> sqlx::Result<Part> {
    let (scope, nobody) = (shared.scope.as_str(), Uuid::nil());
    let mut tx = store.begin().await?;
    hold(&mut tx, scope).await?;
    let parts: Vec<(ChannelId, f64)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::PARTS).bind(scope).bind(nobody).bind(clock::certain(now)).fetch_all(c).await)?;
    let (ours, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(of, _)| *of == channel);
    let had = ours.first().map_or(0.0, |(_, part)| *part);
    let taken: f64 = others.iter().map(|(_, part)| part).sum();
    #[expect(clippy::cast_precision_loss, reason = "a few channels")]
    let part = (shared.rate / (others.len() + 1) as f64).min(shared.rate - taken).max(0.0);
    on!(tx.conn(), |c| sqlx::query(queries::PART).bind(scope).bind(channel).bind(part).bind(now + LEASE).execute(c).await.map(|_| ()))?;
    tx.commit().await?;
    Ok(Part { part, had })
}

/// Takes hold of what is shared under this name until the change at hand is made: of two changes
/// that both do so, one sees what the other made.
///
/// # Errors
/// The database's.
pub async fn hold(tx: &mut Tx, scope: &str) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SHARE).bind(scope).bind(Uuid::nil()).bind(Moment::UNIX_EPOCH).execute(c).await.map(|_| ()))
}

/// The channel's turn is over: its part is the others' soon, unless its next turn comes first.
///
/// # Errors
/// The database's.
pub async fn leave(store: &Store, channel: ChannelId, shared: &SharedRate, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::PART_ENDS)
        .bind(shared.scope.as_str())
        .bind(channel)
        .bind(now + BETWEEN_TURNS)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::both;

    both!(async fn parts_are_never_more_than_the_limit_and_one_alone_has_all(store) {
        let (limit, now) = (SharedRate { scope: "wazzup:1".to_owned(), rate: 100.0 }, clock::now());
        let (one, two, three) = (ChannelId::new(), ChannelId::new(), ChannelId::new());
        let take = async |channel, seconds: i64| take(&store, channel, &limit, now + chrono::TimeDelta::seconds(seconds)).await.unwrap();
        assert_eq!(take(one, 0).await, Part { part: 100.0, had: 0.0 });
        assert_eq!(take(two, 1).await, Part { part: 0.0, had: 0.0 }, "nothing is free until the first one knows");
        assert_eq!(take(one, 2).await, Part { part: 50.0, had: 100.0 });
        assert_eq!(take(two, 3).await, Part { part: 50.0, had: 0.0 });
        assert_eq!(take(three, 3).await.part, 0.0);
        let other = SharedRate { scope: "wazzup:2".to_owned(), rate: 7.0 };
        assert_eq!(super::take(&store, three, &other, now).await.unwrap().part, 7.0, "another key is another limit");
        // The second one goes away, the third never came again: after a moment all is the first's.
        leave(&store, two, &limit, now + chrono::TimeDelta::seconds(3)).await.unwrap();
        assert!((take(one, 4).await.part - 100.0 / 3.0).abs() < 1e-9, "not at once");
        assert_eq!(take(one, 13).await.part, 100.0, "whoever died has nothing after a lease's time");
        // Between two turns nobody takes it.
        leave(&store, one, &limit, now + chrono::TimeDelta::seconds(14)).await.unwrap();
        assert_eq!(take(two, 15).await.part, 0.0);
        assert_eq!(take(one, 15).await, Part { part: 50.0, had: 100.0 });
    });
}
