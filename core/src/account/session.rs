//! Sessions: a member signed in from one Telegram user id. One live session a Telegram user.

use chrono::TimeDelta;
use serde_json::json;

use super::{AccountError, Actor, By, Language, Right, Role, queries};
use crate::{
    clock::Moment,
    id::{AccountId, MemberId, SessionId},
    on,
    store::{Store, Tx},
};

/// A session is written to at most so often.
const SEEN_EVERY: TimeDelta = TimeDelta::seconds(60);

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub member_id: MemberId,
    /// From which Telegram user.
    pub telegram_user_id: i64,
    /// How Telegram names that user.
    pub telegram_name: String,
    /// Since when.
    pub created_at: Moment,
    /// Last used, to the minute.
    pub last_seen_at: Moment,
}

/// A signed-in Telegram user of an account: whom a notice can reach.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Reach {
    /// Where to write.
    pub telegram_user_id: i64,
    /// Who it is.
    pub member_id: MemberId,
    /// What they may do.
    pub role: Role,
    /// In which language.
    pub language: Language,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: SessionId,
    account_id: AccountId,
    member_id: MemberId,
    last_seen_at: Moment,
    role: Role,
    language: Language,
    name: String,
}

/// The member behind a Telegram user, asked on every update: role and state are as they are now, not as at sign-in.
///
/// # Errors
/// The database's.
pub async fn authenticate(store: &Store, telegram_user_id: i64, now: Moment) -> sqlx::Result<Option<(Actor, SessionId)>> {
    let row: Option<Row> = on!(store.read(), |c| sqlx::query_as(queries::AUTHENTICATE).bind(telegram_user_id).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    if now - row.last_seen_at >= SEEN_EVERY {
        let mut tx = store.begin().await?;
        on!(tx.conn(), |c| sqlx::query(queries::SEEN).bind(row.id).bind(now).execute(c).await.map(|_| ()))?;
        tx.commit().await?;
    }
    let actor = Actor { account: row.account_id, member: row.member_id, role: row.role, language: row.language, name: row.name };
    Ok(Some((actor, row.id)))
}

/// Opens a session in the caller's transaction and ends the Telegram user's former one.
pub(super) async fn open(tx: &mut Tx, actor: &Actor, telegram_user_id: i64, telegram_name: &str, now: Moment) -> sqlx::Result<SessionId> {
    on!(tx.conn(), |c| sqlx::query(queries::END_OF_TELEGRAM_USER)
        .bind(telegram_user_id)
        .bind(now)
        .bind("signed_in_again")
        .execute(c)
        .await
        .map(|_| ()))?;
    let id = SessionId::new();
    let name: String = telegram_name.chars().take(100).collect();
    on!(tx.conn(), |c| sqlx::query(queries::INSERT_SESSION)
        .bind(id)
        .bind(actor.account)
        .bind(actor.member)
        .bind(telegram_user_id)
        .bind(&name)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    By::Member(actor).audit(tx, "session.open", id, json!({ "telegram_user_id": telegram_user_id }), now).await?;
    Ok(id)
}

/// Ends a member's live sessions but `keep`; returns how many ended.
pub(crate) async fn end_of_member(
    tx: &mut Tx,
    account: AccountId,
    member: MemberId,
    keep: Option<SessionId>,
    reason: &str,
    now: Moment,
) -> sqlx::Result<u64> {
    let keep = keep.unwrap_or(SessionId(uuid::Uuid::nil()));
    on!(tx.conn(), |c| sqlx::query(queries::END_OF_MEMBER)
        .bind(account)
        .bind(member)
        .bind(keep)
        .bind(now)
        .bind(reason)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))
}

/// Signs out.
///
/// # Errors
/// The database's.
pub async fn logout(store: &Store, actor: &Actor, session: SessionId, now: Moment) -> Result<(), AccountError> {
    let mut tx = store.begin().await?;
    let ended = on!(tx.conn(), |c| sqlx::query(queries::END_SESSION)
        .bind(actor.account)
        .bind(session)
        .bind(now)
        .bind("logout")
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if ended == 1 {
        By::Member(actor).audit(&mut tx, "session.end", session, json!({ "reason": "logout" }), now).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn may_see(by: &By<'_>, member: MemberId) -> Result<(), AccountError> {
    if by.member() == Some(member) { Ok(()) } else { by.need(Right::Own) }
}

/// Live sessions of a member: one's own, or anybody's for an owner.
///
/// # Errors
/// [`AccountError`].
pub async fn list(store: &Store, by: impl Into<By<'_>>, member: MemberId) -> Result<Vec<Session>, AccountError> {
    let by = by.into();
    may_see(&by, member)?;
    Ok(on!(store.read(), |c| sqlx::query_as(queries::SESSIONS).bind(by.account()).bind(member).fetch_all(c).await)?)
}

/// Ends one session: one's own, or anybody's for an owner.
///
/// # Errors
/// [`AccountError`].
pub async fn end(store: &Store, by: impl Into<By<'_>>, session: SessionId, now: Moment) -> Result<(), AccountError> {
    let by = by.into();
    let mut tx = store.begin().await?;
    let row: Option<Session> =
        on!(tx.conn(), |c| sqlx::query_as(queries::SESSION).bind(by.account()).bind(session).fetch_optional(c).await)?;
    let row = row.ok_or(AccountError::NotFound)?;
    may_see(&by, row.member_id)?;
    on!(tx.conn(), |c| sqlx::query(queries::END_SESSION)
        .bind(by.account())
        .bind(session)
        .bind(now)
        .bind("ended")
        .execute(c)
        .await
        .map(|_| ()))?;
    by.audit(&mut tx, "session.end", session, json!({ "reason": "ended", "member": row.member_id }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all sessions of a member but `keep`; returns how many ended.
///
/// # Errors
/// [`AccountError`].
pub async fn end_all(
    store: &Store,
    by: impl Into<By<'_>>,
    member: MemberId,
    keep: Option<SessionId>,
    now: Moment,
) -> Result<u64, AccountError> {
    let by = by.into();
    may_see(&by, member)?;
    let mut tx = store.begin().await?;
    let ended = end_of_member(&mut tx, by.account(), member, keep, "ended", now).await?;
    by.audit(&mut tx, "session.end_all", member, json!({ "ended": ended }), now).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Everybody signed in to an account, to be told something.
///
/// # Errors
/// The database's.
pub async fn reachable(store: &Store, account: AccountId) -> sqlx::Result<Vec<Reach>> {
    on!(store.read(), |c| sqlx::query_as(queries::AUDIENCE).bind(account).fetch_all(c).await)
}
