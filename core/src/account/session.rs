//! Sessions: a member signed in from one Telegram user id. One live session a Telegram user.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    AccountError, Actor, By, Language, Right, Role, queries,
    second::{Due, Waiting},
};
use crate::{
    clock::Moment,
    id::{AccountId, MemberId, SessionId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx},
};

/// Why a session ended, and why a password must be changed: the member said it was not they.
pub const NOT_ME: &str = "not_me";

/// Time between two writes to a session that is in use.
const SEEN_EVERY: TimeDelta = TimeDelta::seconds(60);

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    pub id: SessionId,
    pub member_id: MemberId,
    pub telegram_user_id: i64,
    /// How Telegram names that user.
    pub telegram_name: String,
    pub created_at: Moment,
    /// Last used, to the minute.
    pub last_seen_at: Moment,
}

/// A signed-in Telegram user of an account: whom a notice can reach.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Reach {
    /// Where to write.
    pub telegram_user_id: i64,
    pub member_id: MemberId,
    /// What they may do.
    pub role: Role,
    pub language: Language,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: SessionId,
    account_id: AccountId,
    member_id: MemberId,
    created_at: Moment,
    last_seen_at: Moment,
    role: Role,
    language: Language,
    name: String,
    password_due: Option<String>,
    session_idle_days: i32,
    session_max_days: i32,
    proved: bool,
    demanded: bool,
    has_second: bool,
}

impl Row {
    /// What the session waits for before it is a sign-in.
    fn due(&self) -> Option<Due> {
        match (self.has_second, self.proved, self.demanded) {
            (true, false, _) => Some(Due::Code),
            (false, _, true) => Some(Due::Setup),
            _ => None,
        }
    }

    fn actor(self) -> Actor {
        let Self { account_id: account, member_id: member, role, language, name, .. } = self;
        Actor { account, member, role, language, name }
    }
}

/// Why a session is over by itself: nobody used it for the account's days, or it is too old;
/// `None`: it is not over.
fn outlived(created_at: Moment, last_seen_at: Moment, (idle, max): (i32, i32), now: Moment) -> Option<&'static str> {
    if now - last_seen_at >= TimeDelta::days(idle.into()) {
        Some("idle")
    } else if now - created_at >= TimeDelta::days(max.into()) {
        Some("expired")
    } else {
        None
    }
}

/// Who is signed in from a Telegram user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The member, as they are now.
    pub actor: Actor,
    pub session: SessionId,
    /// A new password comes before anything else.
    pub password_due: bool,
}

/// The member behind a Telegram user, asked on every update: role and state are as they are now,
/// not as at sign-in. A session that was not used for the account's days, or is older than they
/// allow, is over; one that waits for the second factor is nobody's ([`waiting`]).
///
/// # Errors
/// The database's.
pub async fn authenticate(store: &Store, telegram_user_id: i64, now: Moment) -> sqlx::Result<Option<Visitor>> {
    let row = live(store, telegram_user_id, now).await?.filter(|row| row.due().is_none());
    Ok(row.map(|row| Visitor { session: row.id, password_due: row.password_due.is_some(), actor: row.actor() }))
}

/// The session of a Telegram user that waits for the second factor.
///
/// # Errors
/// The database's.
pub async fn waiting(store: &Store, telegram_user_id: i64, now: Moment) -> sqlx::Result<Option<Waiting>> {
    let row = live(store, telegram_user_id, now).await?;
    Ok(row.and_then(|row| Some(Waiting { due: row.due()?, session: row.id, actor: row.actor() })))
}

async fn live(store: &Store, telegram_user_id: i64, now: Moment) -> sqlx::Result<Option<Row>> {
    let row: Option<Row> = on!(store.read(), |c| sqlx::query_as(queries::AUTHENTICATE).bind(telegram_user_id).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    if let Some(reason) = outlived(row.created_at, row.last_seen_at, (row.session_idle_days, row.session_max_days), now) {
        end_by_itself(store, row.account_id, row.id, reason, now).await?;
        return Ok(None);
    }
    if now - row.last_seen_at >= SEEN_EVERY {
        let mut tx = store.begin().await?;
        on!(tx.conn(), |c| sqlx::query(queries::SEEN).bind(row.id).bind(now).execute(c).await.map(|_| ()))?;
        tx.commit().await?;
    }
    Ok(Some(row))
}

async fn end_by_itself(store: &Store, account: AccountId, session: SessionId, reason: &str, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    let ended = on!(tx.conn(), |c| sqlx::query(queries::END_SESSION)
        .bind(account)
        .bind(session)
        .bind(now)
        .bind(reason)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if ended == 1 {
        let details = json!({ "reason": reason });
        crate::store::audit::record(&mut tx, account, "system", "session.end", &session.to_string(), &details, now).await?;
    }
    tx.commit().await
}

/// Ends the sessions that are over by themselves, so that no list and no notice counts them.
/// Returns how many.
///
/// # Errors
/// The database's.
pub async fn end_outlived(store: &Store, now: Moment) -> sqlx::Result<usize> {
    type Live = (SessionId, AccountId, MemberId, Moment, Moment, i32, i32);
    let live: Vec<Live> = on!(store.read(), |c| sqlx::query_as(queries::LIVE_SESSIONS).fetch_all(c).await)?;
    let mut ended = 0;
    for (id, account, _, created_at, last_seen_at, idle, max) in live {
        if let Some(reason) = outlived(created_at, last_seen_at, (idle, max), now) {
            end_by_itself(store, account, id, reason, now).await?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// Tells of a sign-in from a phone the member was never signed in from: to their other sessions,
/// and to the owners. The first sign-in of all is no news: the owner has just let them in.
pub(super) async fn tell_of_new_phone(
    tx: &mut Tx,
    actor: &Actor,
    telegram_user_id: i64,
    telegram_name: &str,
    now: Moment,
) -> sqlx::Result<()> {
    let count = async |tx: &mut Tx, sql: &'static str, user: Option<i64>| -> sqlx::Result<i64> {
        on!(tx.conn(), |c| {
            let query = sqlx::query_scalar(sql).bind(actor.account).bind(actor.member);
            match user {
                Some(user) => query.bind(user).fetch_one(c).await,
                None => query.fetch_one(c).await,
            }
        })
    };
    if count(tx, queries::SESSIONS_EVER, None).await? == 0 {
        return Ok(());
    }
    let others = count(tx, queries::OTHER_SESSIONS, Some(telegram_user_id)).await?;
    let phone: String = telegram_name.chars().take(100).collect();
    let mut payload = json!({ "member": actor.member, "name": actor.name, "phone": phone, (notice::NOT_THERE): telegram_user_id });
    let key = format!("session.new:{}:{telegram_user_id}:{}", actor.member, now.timestamp_millis());
    if others > 0 {
        let own = NewNotice {
            account: actor.account,
            member: Some(actor.member),
            kind: NoticeKind::SessionNew,
            payload: payload.clone(),
            dedupe_key: key.clone(),
        };
        notice::raise(tx, own, now).await?;
        // Told as the member, not once more as an owner.
        payload[notice::NOT_FOR] = json!([actor.member]);
    }
    payload["to_owners"] = json!(true);
    let owners =
        NewNotice { account: actor.account, member: None, kind: NoticeKind::SessionNew, payload, dedupe_key: format!("{key}:owners") };
    notice::raise(tx, owners, now).await
}

/// What «it was not me» did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disowned {
    /// Whose session it was.
    pub member: MemberId,
    pub name: String,
    /// How Telegram names whoever it was.
    pub phone: String,
    /// Sessions that ended.
    pub ended: u64,
}

/// «It was not me»: whoever signed in from that Telegram user is out, that phone is not known any
/// more, and the member changes the password before anything else; until then it opens nothing from
/// a phone they were never signed in from. The member themselves says so, or an owner.
///
/// # Errors
/// [`AccountError`].
pub async fn not_me(
    store: &Store,
    by: impl Into<By<'_>>,
    member: MemberId,
    telegram_user_id: i64,
    now: Moment,
) -> Result<Disowned, AccountError> {
    let by = by.into();
    may_see(&by, member)?;
    let found = super::member::get(store, by.account(), member).await?.ok_or(AccountError::NotFound)?;
    let live = list(store, by, member).await?;
    let theirs: Vec<&Session> = live.iter().filter(|session| session.telegram_user_id == telegram_user_id).collect();
    let mut tx = store.begin().await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::END_NOT_ME)
        .bind(by.account())
        .bind(member)
        .bind(telegram_user_id)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched == 0 {
        return Err(AccountError::NotFound);
    }
    on!(tx.conn(), |c| sqlx::query(queries::SET_PASSWORD_DUE).bind(by.account()).bind(member).bind(NOT_ME).execute(c).await.map(|_| ()))?;
    by.audit(&mut tx, "session.not_me", member, json!({ "telegram_user_id": telegram_user_id, "sessions": theirs.len() }), now).await?;
    let notice = NewNotice {
        account: by.account(),
        member: None,
        kind: NoticeKind::SessionNotMe,
        payload: json!({ "member": member, "name": found.name }),
        dedupe_key: format!("session.not_me:{member}:{telegram_user_id}:{}", now.timestamp_millis()),
    };
    notice::raise(&mut tx, notice, now).await?;
    tx.commit().await?;
    Ok(Disowned {
        member,
        name: found.name,
        phone: theirs.first().map(|session| session.telegram_name.clone()).unwrap_or_default(),
        ended: theirs.len() as u64,
    })
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
