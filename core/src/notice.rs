//! Something members must be told (a campaign finished, a channel stopped, a customer wrote): raised in the transaction
//! of the event, sent once by the bot.

use serde_json::Value;

use crate::{
    clock::Moment,
    id::{AccountId, MemberId, NoticeId},
    on,
    store::{Store, Tx},
};

/// Raises a notice once per `dedupe_key`.
pub const RAISE: &str = "insert into notice (account_id, member_id, kind, payload, dedupe_key, due_at, created_at) values ($1, $2, $3, $4, $5, $6, $6) on conflict (dedupe_key) do nothing";
/// Notices to be sent.
pub const DUE: &str =
    "select id, account_id, member_id, kind, payload, attempt from notice where due_at <= $1 order by due_at, id limit $2";
/// Sent: no longer due.
pub const DONE: &str = "update notice set due_at = null, sent_at = $2 where id = $1";
/// Not sent: later again.
pub const LATER: &str = "update notice set due_at = $2, attempt = attempt + 1 where id = $1";
/// Every statement.
pub const ALL: &[&str] = &[RAISE, DUE, DONE, LATER];

/// The key of a payload under which those are listed who are not told although they could act on it: nobody is asked to approve
/// their own work.
pub const NOT_FOR: &str = "not_for";

/// A notice to be sent.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// Whose.
    pub account_id: AccountId,
    /// To whom; `None`: everybody who may act on it.
    pub member_id: Option<MemberId>,
    /// What, e.g. `campaign.finished`.
    pub kind: String,
    /// The facts of it, by kind.
    #[sqlx(json)]
    pub payload: Value,
    /// Tries so far.
    pub attempt: i32,
}

impl Notice {
    /// Whether `member`, who could act on it, is told: everybody is, or only the one it is for, but nobody of [`NOT_FOR`].
    #[must_use]
    pub fn is_for(&self, member: MemberId) -> bool {
        let left_out = self.payload[NOT_FOR].as_array().is_some_and(|ids| ids.contains(&serde_json::json!(member)));
        self.member_id.is_none_or(|chosen| chosen == member) && !left_out
    }
}

/// What to tell.
#[derive(Debug, Clone)]
pub struct NewNotice<'a> {
    /// Whose.
    pub account: AccountId,
    /// To whom; `None`: everybody who may act on it.
    pub member: Option<MemberId>,
    /// What.
    pub kind: &'a str,
    /// The facts of it.
    pub payload: Value,
    /// The same key is told once.
    pub dedupe_key: String,
}

/// Raises a notice in the caller's transaction; the same key twice is one notice.
///
/// # Errors
/// The database's.
pub async fn raise(tx: &mut Tx, notice: NewNotice<'_>, now: Moment) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(RAISE)
        .bind(notice.account)
        .bind(notice.member)
        .bind(notice.kind)
        .bind(sqlx::types::Json(&notice.payload))
        .bind(&notice.dedupe_key)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// The notices due at `now`, oldest first.
///
/// # Errors
/// The database's.
pub async fn due(store: &Store, now: Moment, limit: i64) -> sqlx::Result<Vec<Notice>> {
    on!(store.read(), |c| sqlx::query_as(DUE).bind(now).bind(limit).fetch_all(c).await)
}

/// Marks a notice as sent.
///
/// # Errors
/// The database's.
pub async fn done(store: &Store, id: NoticeId, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(DONE).bind(id).bind(now).execute(c).await.map(|_| ()))?;
    tx.commit().await
}

/// Puts a notice off until `due`.
///
/// # Errors
/// The database's.
pub async fn later(store: &Store, id: NoticeId, due: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(LATER).bind(id).bind(due).execute(c).await.map(|_| ()))?;
    tx.commit().await
}
