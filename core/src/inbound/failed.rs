//! Events that were given up: never understood, or never carried out. There may be an opt-out in
//! one, so the members are told, the metrics and `mms doctor` count them, and a member has them
//! read again or says that they looked.

use serde_json::json;
use uuid::Uuid;

use super::{
    queries,
    raw::{RawEvent, SourceKind, UNREADABLE},
};
use crate::{
    account::{AccountError, Actor, By, Right},
    clock::Moment,
    id::{AccountId, InboundId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx},
};

/// An event that was given up, as a list shows it: nothing of what it says.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Failed {
    pub id: InboundId,
    /// From a messenger or a CRM.
    pub source_kind: SourceKind,
    /// The name of the channel or the connection; empty when it is gone.
    pub source: String,
    /// Tries at it.
    pub attempt: i32,
    /// When it came.
    pub received_at: Moment,
    /// What went wrong, for those who run the installation.
    pub error: Option<String>,
}

impl Failed {
    /// Its body cannot be read at all; otherwise it was read and could not be carried out.
    #[must_use]
    pub fn unreadable(&self) -> bool {
        self.error.as_deref().is_some_and(|error| error.starts_with(UNREADABLE))
    }
}

/// Tells the members that something of a source was given up: once an hour, however much it is.
pub(super) async fn tell(tx: &mut Tx, row: &RawEvent, now: Moment) -> sqlx::Result<()> {
    let name: Option<String> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::SOURCE_NAME).bind(row.account_id).bind(row.source_id).fetch_optional(c).await)?;
    let notice = NewNotice {
        account: row.account_id,
        member: None,
        kind: NoticeKind::InboundFailed,
        payload: json!({ "name": name.unwrap_or_default() }),
        dedupe_key: format!("inbound.failed:{}:{}", row.source_id, now.timestamp() / 3_600),
    };
    notice::raise(tx, notice, now).await
}

/// How many events of an account were given up and not looked at.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, account: AccountId) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::FAILED_COUNT).bind(account).fetch_one(c).await)
}

/// The same of the whole installation, for its metrics and its doctor.
///
/// # Errors
/// The database's.
pub async fn count_all(store: &Store) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::FAILED_COUNT_ALL).fetch_one(c).await)
}

/// Those of an account, newest first, a page at a time.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, limit: i64, offset: i64) -> sqlx::Result<Vec<Failed>> {
    on!(store.read(), |c| sqlx::query_as(queries::FAILED_LIST).bind(account).bind(limit).bind(offset).fetch_all(c).await)
}

/// Has all of an account's read again, from their first try. Returns the sources to ring
/// [`crate::queue::Job::HandleInbound`] for.
///
/// # Errors
/// [`AccountError`].
pub async fn read_again(store: &Store, actor: &Actor, now: Moment) -> Result<Vec<Uuid>, AccountError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let mut sources: Vec<Uuid> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::READ_AGAIN).bind(actor.account).bind(now).fetch_all(c).await)?;
    if sources.is_empty() {
        return Ok(sources);
    }
    by.audit(&mut tx, "inbound.read_again", actor.account, json!({ "count": sources.len() }), now).await?;
    tx.commit().await?;
    sources.sort_unstable();
    sources.dedup();
    Ok(sources)
}

/// A member says that they looked after all that came up to `last`: it is counted no more. Returns
/// how many it were.
///
/// # Errors
/// [`AccountError`].
pub async fn looked_after(store: &Store, actor: &Actor, last: InboundId, now: Moment) -> Result<u64, AccountError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let count = on!(tx.conn(), |c| sqlx::query(queries::LOOKED_AFTER)
        .bind(actor.account)
        .bind(last)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if count > 0 {
        by.audit(&mut tx, "inbound.looked_after", actor.account, json!({ "count": count }), now).await?;
        tx.commit().await?;
    }
    Ok(count)
}
