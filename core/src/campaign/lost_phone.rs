//! «Телефон потерян»: the login is locked, its sessions end, what it launched waits: running
//! campaigns and those being planned pause, scheduled ones are approved again without a start. An
//! owner lifts the lock; the only owner who could is not locked, but changes the password before
//! anything else.

use serde_json::json;

use super::control;
use crate::{
    account::{AccountError, Actor, By, LoginError, Right, login, member as room, queries, session},
    clock::Moment,
    id::{AccountId, CampaignId, MemberId},
    notice::{self, NewNotice, NoticeKind},
    on,
    secret::Secret,
    store::{Store, Tx},
    words::Reason,
};

/// What was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Sessions ended.
    pub sessions: u64,
    /// Campaigns paused or called back, with their names.
    pub paused: Vec<(CampaignId, String)>,
    /// The login is locked; `false`: the account's only owner can still sign in, by the password.
    pub locked: bool,
}

async fn close(tx: &mut Tx, by: &By<'_>, account: AccountId, member: MemberId, login: &str, now: Moment) -> sqlx::Result<Closed> {
    let may_lock = room::may_be_locked(tx, account, member).await?;
    let locked = if may_lock {
        on!(tx.conn(), |c| sqlx::query(queries::LOCK)
            .bind(account)
            .bind(member)
            .bind(now)
            .bind("lost_phone")
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?
    } else {
        0
    };
    on!(tx.conn(), |c| sqlx::query(queries::SET_PASSWORD_DUE).bind(account).bind(member).bind("lost_phone").execute(c).await.map(|_| ()))?;
    let sessions = session::end_of_member(tx, account, member, None, "lost_phone", now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::FORGET_PHONES).bind(account).bind(member).execute(c).await.map(|_| ()))?;
    let paused = control::hold_launched_by(tx, account, member, Reason::LostPhone, now).await?;
    let ids: Vec<CampaignId> = paused.iter().map(|(id, _)| *id).collect();
    by.audit(tx, "member.lost_phone", member, json!({ "sessions": sessions, "paused": ids, "locked": may_lock }), now).await?;
    if locked == 1 {
        let notice = NewNotice {
            account,
            member: None,
            kind: NoticeKind::MemberLocked,
            payload: json!({ "member": member, "login": login, "reason": "lost_phone" }),
            dedupe_key: format!("member.locked:{member}:{}", now.timestamp_millis()),
        };
        notice::raise(tx, notice, now).await?;
    }
    Ok(Closed { sessions, paused, locked: may_lock })
}

/// An owner does it for a member (or the command line does).
///
/// # Errors
/// [`AccountError`].
pub async fn of_member(store: &Store, by: impl Into<By<'_>>, member: MemberId, now: Moment) -> Result<Closed, AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let row = room::get(store, by.account(), member).await?.ok_or(AccountError::NotFound)?;
    let mut tx = store.begin().await?;
    let closed = close(&mut tx, &by, by.account(), member, &row.login, now).await?;
    tx.commit().await?;
    Ok(closed)
}

/// A signed-in member does it for themselves.
///
/// # Errors
/// [`AccountError`].
pub async fn of_self(store: &Store, actor: &Actor, now: Moment) -> Result<Closed, AccountError> {
    let row = room::get(store, actor.account, actor.member).await?.ok_or(AccountError::NotFound)?;
    let mut tx = store.begin().await?;
    let closed = close(&mut tx, &By::Member(actor), actor.account, actor.member, &row.login, now).await?;
    tx.commit().await?;
    Ok(closed)
}

/// A member does it from somebody else's phone, by login and password. Works for a locked login
/// too, not for a disabled member: they are out already, and what they launched is others' by now.
///
/// # Errors
/// [`LoginError`]; wrong passwords count as at signing in.
pub async fn by_password(store: &Store, telegram_user_id: i64, login: &str, password: &Secret, now: Moment) -> Result<Closed, LoginError> {
    let proven = login::attempt(store, telegram_user_id, login, password, now).await?;
    if proven.disabled {
        return Err(LoginError::Disabled);
    }
    let actor = proven.actor;
    let login = login::normalise(login).unwrap_or_default();
    let mut tx = store.begin().await?;
    let closed = close(&mut tx, &By::Member(&actor), actor.account, actor.member, &login, now).await?;
    tx.commit().await?;
    Ok(closed)
}
