//! Who may send through a channel: one worker at a time, for a few seconds at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::types::Json;

use super::{SendError, queries};
use crate::{
    clock::{self, Moment},
    id::ChannelId,
    on,
    pace::Recipient,
    store::{Store, Tx},
};

/// How long a lease lasts unless extended: a killed worker's channel is free again after this.
pub const LEASE: Duration = Duration::from_secs(10);
/// A lease that ends later than this from now was written by a clock that has since been set back.
const LONGEST_LEASE: Duration = Duration::from_secs(60);

const _: () = assert!(LEASE.as_millis() < clock::CAUTION.as_millis());
const _: () = assert!(LEASE.as_millis() < LONGEST_LEASE.as_millis());

/// What an owner's pacer leaves to the next owner, so that a hand-over never bursts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Memory {
    /// The earliest time of the next message.
    pub next_allowed_at: Option<Moment>,
    /// Messages a second that were found out; `None`: the limit is known.
    pub found_rate: Option<f64>,
    /// Recipients who must wait, by number, and until when: milliseconds since 1970.
    pub owed: Vec<(Recipient, i64)>,
}

/// The right to send through a channel. The token fences: it grows with every taking, so whoever
/// lost the lease is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    pub channel: ChannelId,
    /// The fencing token.
    pub token: i64,
}

/// Until when a lease is ours whatever happens, by [`clock::uptime`]: a process that was frozen
/// finds it past. Cheap to clone; all see the same.
#[derive(Debug, Clone, Default)]
pub struct Ours(Arc<AtomicU64>);

impl Ours {
    /// The lease was taken or extended.
    pub fn until(&self, until: Duration) {
        self.0.store(u64::try_from(until.as_micros()).unwrap_or(u64::MAX), Ordering::Release);
    }

    /// Whether it is ours still.
    #[must_use]
    pub fn is_so(&self) -> bool {
        clock::uptime().as_micros() < u128::from(self.0.load(Ordering::Acquire))
    }
}

tokio::task_local! {
    static OURS: Ours;
}

/// Sends under a lease. An adapter may make several calls for a message (an upload first, a second
/// try), and before each that sends it asks [`still_ours`].
pub async fn under<F: Future>(ours: Ours, send: F) -> F::Output {
    OURS.scope(ours, send).await
}

/// Whether the channel is still ours to send through; so it is where nobody sends under a lease.
///
/// # Errors
/// [`SendError::NotOurs`].
pub(super) fn still_ours() -> Result<(), SendError> {
    match OURS.try_with(Ours::is_so) {
        Ok(false) => Err(SendError::NotOurs),
        Ok(true) | Err(_) => Ok(()),
    }
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
pub async fn extend(store: &Store, lease: Lease, memory: &Memory, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let kept = on!(tx.conn(), |c| sqlx::query(queries::EXTEND)
        .bind(lease.channel)
        .bind(lease.token)
        .bind(now + LEASE)
        .bind(memory.next_allowed_at)
        .bind(memory.found_rate)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if kept == 1 {
        owe(&mut tx, lease, memory).await?;
    }
    tx.commit().await?;
    Ok(kept == 1)
}

/// Gives the lease back with what the pacer remembers.
///
/// # Errors
/// The database's.
pub async fn give_back(store: &Store, lease: Lease, memory: &Memory) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    let given = on!(tx.conn(), |c| sqlx::query(queries::GIVE_BACK)
        .bind(lease.channel)
        .bind(lease.token)
        .bind(memory.next_allowed_at)
        .bind(memory.found_rate)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if given == 1 {
        owe(&mut tx, lease, memory).await?;
    }
    tx.commit().await
}

/// Keeps who must wait. Where nobody must, what was kept before says nothing any more by its own
/// times.
async fn owe(tx: &mut Tx, lease: Lease, memory: &Memory) -> sqlx::Result<()> {
    if memory.owed.is_empty() {
        return Ok(());
    }
    on!(tx.conn(), |c| sqlx::query(queries::OWE).bind(lease.channel).bind(Json(&memory.owed)).execute(c).await.map(|_| ()))
}

/// Recipients who must wait, as the owner before left them: by number, and until when, milliseconds
/// since 1970.
///
/// # Errors
/// The database's.
pub async fn owed(store: &Store, channel: ChannelId) -> sqlx::Result<Vec<(Recipient, i64)>> {
    let kept: Option<Json<Vec<(Recipient, i64)>>> =
        on!(store.read(), |c| sqlx::query_scalar(queries::OWED).bind(channel).fetch_optional(c).await)?;
    Ok(kept.map(|Json(owed)| owed).unwrap_or_default())
}
