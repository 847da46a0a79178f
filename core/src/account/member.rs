//! Members: who they are, what they may, whether they may come in.

use serde_json::json;

use super::{AccountError, Actor, By, Language, Right, Role, licence::Limit, login, name, password, queries, session, settings, usage};
use crate::{
    clock::Moment,
    id::{AccountId, MemberId},
    on,
    secret::Secret,
    store::{Store, Tx},
};

/// A member, as lists and cards show them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Member {
    pub id: MemberId,
    /// What they type to come in.
    pub login: String,
    /// The name others see.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// In which language the bot speaks to them.
    pub language: Language,
    /// Wrong passwords in a row.
    pub failures: i32,
    pub locked_at: Option<Moment>,
    /// Why: `wrong_passwords`, `lost_phone`, `owner`.
    pub lock_reason: Option<String>,
    pub disabled_at: Option<Moment>,
    /// Member since.
    pub created_at: Moment,
    /// Live sessions.
    pub sessions: i64,
    /// They sign in with a code ([`super::second`]).
    pub second_factor: bool,
}

/// Who is to become a member.
#[derive(Debug, Clone)]
pub struct NewMember<'a> {
    /// Login, as typed.
    pub login: &'a str,
    pub password: &'a Secret,
    pub name: &'a str,
    pub role: Role,
    pub language: Language,
}

/// A new member whose login, name and password were checked and hashed: ready for a transaction.
#[derive(Debug)]
pub(crate) struct Ready {
    id: MemberId,
    login: String,
    hash: String,
    name: String,
    role: Role,
    language: Language,
}

pub(crate) async fn ready(new: &NewMember<'_>, company: &str) -> Result<Ready, AccountError> {
    let login = login::normalise(new.login).ok_or(AccountError::BadLogin)?;
    let name = name(new.name)?;
    password::check(new.password.expose(), &login, company)?;
    Ok(Ready { id: MemberId::new(), login, hash: password::hash(new.password).await?, name, role: new.role, language: new.language })
}

pub(crate) async fn insert(tx: &mut Tx, account: AccountId, ready: &Ready, now: Moment) -> Result<Actor, AccountError> {
    let inserted = on!(tx.conn(), |c| sqlx::query(queries::INSERT_MEMBER)
        .bind(ready.id)
        .bind(account)
        .bind(&ready.login)
        .bind(&ready.hash)
        .bind(&ready.name)
        .bind(ready.role)
        .bind(ready.language)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if inserted == 0 {
        return Err(AccountError::LoginTaken);
    }
    Ok(Actor { account, member: ready.id, role: ready.role, language: ready.language, name: ready.name.clone() })
}

/// Takes a member in at once, without an invitation (an owner, or the command line).
///
/// # Errors
/// [`AccountError`].
pub async fn add(store: &Store, by: impl Into<By<'_>>, new: &NewMember<'_>, now: Moment) -> Result<MemberId, AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let ready = ready(new, &settings::company(store, by.account()).await?).await?;
    let mut tx = store.begin().await?;
    usage::fits(&mut tx, by.account(), Limit::Members, 1, now).await??;
    let actor = insert(&mut tx, by.account(), &ready, now).await?;
    by.audit(&mut tx, "member.add", actor.member, json!({ "role": new.role }), now).await?;
    tx.commit().await?;
    Ok(actor.member)
}

/// All members of an account, owners first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Member>> {
    on!(store.read(), |c| sqlx::query_as(queries::MEMBERS).bind(account).fetch_all(c).await)
}

/// Whether somebody can sign in and approve what is the work of `authors`: nobody approves their
/// own.
///
/// # Errors
/// The database's.
pub async fn approver_besides(store: &Store, account: AccountId, authors: &[MemberId]) -> sqlx::Result<bool> {
    let able = |member: &Member| member.disabled_at.is_none() && member.locked_at.is_none() && member.role.may(Right::Approve);
    Ok(list(store, account).await?.iter().any(|member| able(member) && !authors.contains(&member.id)))
}

/// One member.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, member: MemberId) -> sqlx::Result<Option<Member>> {
    on!(store.read(), |c| sqlx::query_as(queries::MEMBER).bind(account).bind(member).fetch_optional(c).await)
}

/// A member by login.
///
/// # Errors
/// The database's.
pub async fn by_login(store: &Store, account: AccountId, login: &str) -> sqlx::Result<Option<MemberId>> {
    let Some(login) = login::normalise(login) else { return Ok(None) };
    on!(store.read(), |c| sqlx::query_scalar(queries::MEMBER_BY_LOGIN).bind(account).bind(&login).fetch_optional(c).await)
}

async fn in_tx(tx: &mut Tx, account: AccountId, member: MemberId) -> Result<Member, AccountError> {
    // The account's row first: two owners who demote each other at once are let through one after
    // the other.
    on!(tx.conn(), |c| sqlx::query(crate::store::audit::HOLD).bind(account).execute(c).await.map(|_| ()))?;
    let row: Option<Member> = on!(tx.conn(), |c| sqlx::query_as(queries::MEMBER).bind(account).bind(member).fetch_optional(c).await)?;
    row.ok_or(AccountError::NotFound)
}

/// Whether a member may be locked: an account keeps an owner who can sign in, and lift locks.
///
/// # Errors
/// The database's.
pub(crate) async fn may_be_locked(tx: &mut Tx, account: AccountId, member: MemberId) -> sqlx::Result<bool> {
    // The account's row first: of two owners who lose their phones at once the second finds the
    // first locked.
    on!(tx.conn(), |c| sqlx::query(crate::store::audit::HOLD).bind(account).execute(c).await.map(|_| ()))?;
    let row: Option<Member> = on!(tx.conn(), |c| sqlx::query_as(queries::MEMBER).bind(account).bind(member).fetch_optional(c).await)?;
    let others: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::OTHER_OWNERS).bind(account).bind(member).fetch_one(c).await)?;
    Ok(others > 0 || row.is_none_or(|row| row.role != Role::Owner))
}

async fn another_owner_stays(tx: &mut Tx, account: AccountId, member: MemberId) -> Result<(), AccountError> {
    let others: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::OTHER_OWNERS).bind(account).bind(member).fetch_one(c).await)?;
    if others == 0 { Err(AccountError::LastOwner) } else { Ok(()) }
}

/// Changes a member's role.
///
/// # Errors
/// [`AccountError`].
pub async fn set_role(store: &Store, by: impl Into<By<'_>>, member: MemberId, role: Role, now: Moment) -> Result<(), AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let row = in_tx(&mut tx, by.account(), member).await?;
    if row.role == role {
        return Ok(());
    }
    if row.role == Role::Owner {
        another_owner_stays(&mut tx, by.account(), member).await?;
    }
    on!(tx.conn(), |c| sqlx::query(queries::SET_ROLE).bind(by.account()).bind(member).bind(role).execute(c).await.map(|_| ()))?;
    by.audit(&mut tx, "member.role", member, json!({ "from": row.role, "to": role }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets a member no longer in and ends their sessions, or lets them in again.
///
/// # Errors
/// [`AccountError`].
pub async fn set_disabled(store: &Store, by: impl Into<By<'_>>, member: MemberId, disabled: bool, now: Moment) -> Result<(), AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let row = in_tx(&mut tx, by.account(), member).await?;
    if row.disabled_at.is_some() == disabled {
        return Ok(());
    }
    if !disabled {
        usage::fits(&mut tx, by.account(), Limit::Members, 1, now).await??;
    }
    if disabled && row.role == Role::Owner {
        another_owner_stays(&mut tx, by.account(), member).await?;
    }
    on!(tx.conn(), |c| sqlx::query(queries::SET_DISABLED)
        .bind(by.account())
        .bind(member)
        .bind(disabled.then_some(now))
        .execute(c)
        .await
        .map(|_| ()))?;
    if disabled {
        session::end_of_member(&mut tx, by.account(), member, None, "disabled", now).await?;
    }
    by.audit(&mut tx, if disabled { "member.disable" } else { "member.enable" }, member, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Lifts a lock.
///
/// # Errors
/// [`AccountError`].
pub async fn unlock(store: &Store, by: impl Into<By<'_>>, member: MemberId, now: Moment) -> Result<(), AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let row = in_tx(&mut tx, by.account(), member).await?;
    on!(tx.conn(), |c| sqlx::query(queries::UNLOCK).bind(by.account()).bind(member).execute(c).await.map(|_| ()))?;
    by.audit(&mut tx, "member.unlock", member, json!({ "reason": row.lock_reason }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Changes one's own name or language.
///
/// # Errors
/// [`AccountError`].
pub async fn set_profile(
    store: &Store,
    actor: &Actor,
    new_name: Option<&str>,
    language: Option<Language>,
    now: Moment,
) -> Result<(), AccountError> {
    let name = new_name.map_or_else(|| Ok(actor.name.clone()), name)?;
    let language = language.unwrap_or(actor.language);
    let mut tx = store.begin().await?;
    let changed = on!(tx.conn(), |c| sqlx::query(queries::SET_PROFILE)
        .bind(actor.account)
        .bind(actor.member)
        .bind(&name)
        .bind(language)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if changed == 0 {
        return Err(AccountError::NotFound);
    }
    let details = json!({ "language": language, "renamed": name != actor.name });
    By::Member(actor).audit(&mut tx, "member.profile", actor.member, details, now).await?;
    tx.commit().await?;
    Ok(())
}
