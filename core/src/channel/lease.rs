//! Who may send through a channel: one worker at a time, for a few seconds at a time.

use std::time::Duration;

use super::queries;
use crate::{
    clock::{self, Moment},
    id::ChannelId,
    on,
    store::Store,
};

/// How long a lease lasts unless extended: a killed worker's channel is free again after this.
pub const LEASE: Duration = Duration::from_secs(10);
/// A lease that ends later than this from now was written by a clock that has since been set back.
const LONGEST_LEASE: Duration = Duration::from_secs(60);

const _: () = assert!(LEASE.as_millis() < clock::CAUTION.as_millis());
const _: () = assert!(LEASE.as_millis() < LONGEST_LEASE.as_millis());

/// The right to send through a channel. The token fences: it grows with every taking, so whoever
/// lost the lease is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    pub channel: ChannelId,
    /// The fencing token.
    pub token: i64,
}

/// Takes the lease of a channel for [`LEASE`]; `None` when another holds it, or may hold it by the
/// time before the clock was set.
///
/// # Errors
/// The database's.
pub async fn take(store: &Store, channel: ChannelId, owner: &str, now: Moment) -> sqlx::Result<Option<Lease>> {
    let mut tx = store.begin().await?;
    let token: Option<i64> = on!(tx.conn(), |c| sqlx::query_scalar(queries::LEASE)
        .bind(channel)
        .bind(owner)
        .bind(now + LEASE)
        .bind(clock::certain(now))
        .bind(now + LONGEST_LEASE)
        .fetch_optional(c)
        .await)?;
    tx.commit().await?;
    Ok(token.map(|token| Lease { channel, token }))
}

/// How many channels other workers own at `now`.
///
/// # Errors
/// The database's.
pub async fn held_by_others(store: &Store, owner: &str, now: Moment) -> sqlx::Result<u64> {
    let others: i64 = on!(store.read(), |c| sqlx::query_scalar(queries::LEASED_BY_OTHERS).bind(owner).bind(now).fetch_one(c).await)?;
    Ok(others.unsigned_abs())
}

/// Keeps the lease for [`LEASE`] more, with the pacer's memory; `false`: it is lost.
///
/// # Errors
/// The database's.
pub async fn extend(store: &Store, lease: Lease, next_allowed_at: Option<Moment>, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let kept = on!(tx.conn(), |c| sqlx::query(queries::EXTEND)
        .bind(lease.channel)
        .bind(lease.token)
        .bind(now + LEASE)
        .bind(next_allowed_at)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    tx.commit().await?;
    Ok(kept == 1)
}

/// Gives the lease back with the earliest time of the next message, so that the next owner never
/// bursts.
///
/// # Errors
/// The database's.
pub async fn give_back(store: &Store, lease: Lease, next_allowed_at: Option<Moment>) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::GIVE_BACK)
        .bind(lease.channel)
        .bind(lease.token)
        .bind(next_allowed_at)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await
}
