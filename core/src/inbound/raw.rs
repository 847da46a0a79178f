//! Raw events: kept once, handed out in order, handled for good or put off.

use std::borrow::Cow;

use futures::{Stream, TryStreamExt as _};
use sqlx::types::Json;
use uuid::Uuid;

use super::{failed, queries};
use crate::{
    channel::Polled,
    clock::Moment,
    id::{AccountId, ChannelId, InboundId},
    on,
    retry::RetryPolicy,
    store::{Db, Store, Tx, heed},
    text::clean,
};

/// How the error of an event begins whose body cannot be read.
pub(super) const UNREADABLE: &str = "unreadable: ";
/// Bytes of bodies after which no more are taken at once. A body is at most some megabytes long (a
/// thousand receipts), and takes several times as much once it is understood.
const AT_ONCE: usize = 4 << 20;

/// What sends us events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SourceKind {
    /// A messenger.
    Channel,
    Crm,
}

/// A kept event that was not handled yet.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RawEvent {
    /// Its id: the order of arrival.
    pub id: InboundId,
    pub account_id: AccountId,
    pub source_kind: SourceKind,
    /// The channel's or the connection's bare id.
    pub source_id: Uuid,
    /// The provider's id of it.
    pub external_id: String,
    /// The body.
    pub payload: String,
    /// Failed attempts.
    pub attempt: i32,
    /// Not before.
    pub due_at: Moment,
    /// Came at.
    pub received_at: Moment,
}

impl SourceKind {
    /// Its word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// An event to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRaw<'a> {
    pub account: AccountId,
    pub source_kind: SourceKind,
    /// The channel's or the connection's bare id.
    pub source: Uuid,
    /// The provider's id of it: the same one twice is kept once.
    pub external_id: &'a str,
    /// The body; what neither the database nor the reader can take is cleaned out of it
    /// ([`clean()`]).
    pub payload: &'a str,
    /// What the sender's row kept for its webhooks' secret when it was looked up: the event is kept
    /// only if the sender still is there and keeps the same. `None`: the event was fetched from the
    /// sender, who is known.
    pub seed: Option<&'a str>,
}

impl NewRaw<'_> {
    /// The body as it is kept: without what the database or the reader could not take.
    fn clean(&self) -> Cow<'_, str> {
        match self.source_kind {
            SourceKind::Channel => clean::json(self.payload),
            SourceKind::Crm => clean::nul(self.payload),
        }
    }
}

/// Keeps events through a connection of the database.
macro_rules! keep {
    ($to:expr, $events:expr, $now:expr) => {
        match $to {
            Db::Sqlite(c) => {
                let hex = |id: Uuid| id.simple().to_string();
                let rows: Vec<_> = $events
                    .iter()
                    .map(|e| (hex(e.account.0), e.source_kind.as_str(), hex(e.source), e.external_id, e.clean(), e.seed))
                    .collect();
                heed(sqlx::query_scalar::<_, Uuid>(queries::INSERT_SQLITE).bind(Json(rows)).bind($now).fetch_all(c).await)
            }
            Db::Postgres(c) => {
                sqlx::query_scalar::<_, Uuid>(queries::INSERT_POSTGRES)
                    .bind($events.iter().map(|e| e.account).collect::<Vec<_>>())
                    .bind($events.iter().map(|e| e.source_kind.as_str()).collect::<Vec<_>>())
                    .bind($events.iter().map(|e| e.source).collect::<Vec<_>>())
                    .bind($events.iter().map(|e| e.external_id).collect::<Vec<_>>())
                    .bind($events.iter().map(|e| e.clean()).collect::<Vec<_>>())
                    .bind($events.iter().map(|e| e.seed).collect::<Vec<_>>())
                    .bind($now)
                    .fetch_all(c)
                    .await
            }
        }
    };
}

/// Keeps events, all of a sender's or none; the source of each that is new. Acknowledge to the
/// provider then, and ring [`crate::queue::Job::HandleInbound`]. The same id twice is kept once;
/// nothing is kept of a sender whose secret is another by now ([`NewRaw::seed`]). So a source that
/// is named was who they said to be, and all of theirs is kept.
///
/// # Errors
/// The database's.
pub async fn store(store: &Store, events: &[NewRaw<'_>], now: Moment) -> sqlx::Result<Vec<Uuid>> {
    keep!(store.once(), events, now)
}

/// Keeps what one long poll brought and moves the channel's cursor in the same transaction, so that
/// an update is asked for again until it is kept. Returns how many are new.
///
/// # Errors
/// The database's.
pub async fn store_polled(store: &Store, account: AccountId, channel: ChannelId, polled: &Polled, now: Moment) -> sqlx::Result<u64> {
    if polled.updates.is_empty() && polled.cursor.is_none() {
        return Ok(0);
    }
    let mut tx = store.begin().await?;
    let events: Vec<NewRaw<'_>> = polled
        .updates
        .iter()
        .map(|update| NewRaw {
            account,
            source_kind: SourceKind::Channel,
            source: channel.0,
            external_id: &update.external_id,
            payload: &update.payload,
            seed: None,
        })
        .collect();
    let kept = if events.is_empty() { 0 } else { keep!(tx.conn(), events, now)?.len() };
    if let Some(cursor) = &polled.cursor {
        on!(tx.conn(), |c| sqlx::query(queries::CURSOR).bind(account).bind(channel).bind(cursor).execute(c).await.map(|_| ()))?;
    }
    tx.commit().await?;
    Ok(u64::try_from(kept).unwrap_or(u64::MAX))
}

/// Events of a source that wait, after `after`, in order of arrival: `limit` of them, fewer where
/// their bodies are long, and none only if none waits. Those not yet due are among them: whatever
/// came after them from the same person waits with them.
///
/// # Errors
/// The database's.
pub async fn waiting(store: &Store, source: Uuid, after: InboundId, limit: i64) -> sqlx::Result<Vec<RawEvent>> {
    on!(store.read(), |c| first(sqlx::query_as(queries::WAITING).bind(source).bind(after).bind(limit).fetch(c)).await)
}

/// The first rows, until their bodies are as long as may be taken at once.
async fn first(mut rows: impl Stream<Item = sqlx::Result<RawEvent>> + Unpin) -> sqlx::Result<Vec<RawEvent>> {
    let (mut first, mut long) = (Vec::new(), 0);
    while long < AT_ONCE
        && let Some(row) = rows.try_next().await?
    {
        long += row.payload.len();
        first.push(row);
    }
    Ok(first)
}

/// Whether an event could be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is ours: its effects go into this transaction.
    Now,
    /// Somebody handled it already.
    Before,
    /// Somebody tried and put it off.
    PutOff,
}

/// Takes an event for good in the caller's transaction. Another worker that wants it waits here and
/// then finds it taken.
///
/// # Errors
/// The database's.
pub async fn take(tx: &mut Tx, row: &RawEvent, now: Moment) -> sqlx::Result<Taken> {
    let taken = on!(tx.conn(), |c| sqlx::query(queries::TAKE)
        .bind(row.id)
        .bind(row.attempt)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if taken == 1 {
        return Ok(Taken::Now);
    }
    let new: Option<bool> = on!(tx.conn(), |c| sqlx::query_scalar(queries::STILL_NEW).bind(row.id).fetch_optional(c).await)?;
    Ok(if new == Some(true) { Taken::PutOff } else { Taken::Before })
}

/// Forgets the body of an event that the caller took in this transaction.
///
/// # Errors
/// The database's.
pub(super) async fn forget(tx: &mut Tx, row: &RawEvent) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::FORGET).bind(row.account_id).bind(row.id).execute(c).await.map(|_| ()))
}

/// Puts an event off by this schedule, or gives it up. `error` holds no personal data.
///
/// # Errors
/// The database's.
pub async fn failed(store: &Store, row: &RawEvent, error: &str, retry: RetryPolicy, now: Moment) -> sqlx::Result<()> {
    let due = retry.due(row.attempt + 1, 0.0, now);
    end_try(store, row, error, due, now).await
}

/// Gives an event up at once: its body can never be read.
///
/// # Errors
/// The database's.
pub async fn unreadable(store: &Store, row: &RawEvent, error: &str, now: Moment) -> sqlx::Result<()> {
    end_try(store, row, &format!("{UNREADABLE}{error}"), None, now).await
}

/// `due`: when it is tried again. One that is given up (`None`) may have an opt-out in it, so the
/// members are told in the same transaction.
async fn end_try(store: &Store, row: &RawEvent, error: &str, due: Option<Moment>, now: Moment) -> sqlx::Result<()> {
    let state = if due.is_some() { "new" } else { "failed" };
    let error: String = error.chars().take(500).collect();
    let mut tx = store.begin().await?;
    let done = on!(tx.conn(), |c| sqlx::query(queries::FAILED)
        .bind(row.id)
        .bind(row.attempt)
        .bind(due.unwrap_or(now))
        .bind(&error)
        .bind(state)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if due.is_none() && done > 0 {
        failed::tell(&mut tx, row, now).await?;
    }
    tx.commit().await
}

/// Takes a CRM connection's hints and asks for a sync now: polling is the truth, a hook only says
/// that there is something to see. Returns how many were taken.
///
/// # Errors
/// The database's.
pub async fn take_hints(store: &Store, rows: &[RawEvent], now: Moment) -> sqlx::Result<u64> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(0) };
    let mut tx = store.begin().await?;
    let taken = on!(tx.conn(), |c| sqlx::query(queries::TAKE_HINTS)
        .bind(first.source_id)
        .bind(first.id)
        .bind(last.id)
        .bind(now)
        .bind(first.account_id)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if taken > 0 {
        on!(tx.conn(), |c| sqlx::query(queries::SYNC_NOW).bind(first.source_id).bind(now).execute(c).await.map(|_| ()))?;
    }
    tx.commit().await?;
    Ok(taken)
}
