//! A new password by a one-time link: an owner (or the command line) makes it, the member alone
//! chooses the password. So nobody sets a password that opens another's name. All owners are told
//! when a link is made and when it is used, and whoever's password was set so approves nothing for
//! a day ([`super::password::no_approvals_until`]).

use chrono::TimeDelta;
use serde_json::json;

use super::{AccountError, Actor, By, Language, Right, Role, SignedIn, invitation::Fingerprint, member, password, queries, session};
use crate::{
    clock::Moment,
    id::{AccountId, InvitationId, MemberId},
    notice::{self, NewNotice, NoticeKind},
    on,
    secret::{Secret, token},
    store::{Store, Tx},
};

/// How long a link can be used, hours.
pub const VALID_HOURS: i64 = 24;

/// Whose password a link sets.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Offer {
    id: InvitationId,
    account_id: AccountId,
    member_id: MemberId,
    /// The company.
    pub account_name: String,
    /// What the member types to come in.
    pub login: String,
    /// The member's name.
    pub name: String,
    role: Role,
    language: Language,
}

/// Makes a link; an older one of the same member works no more. The token is shown once; it fits a
/// `/start` deep link.
///
/// # Errors
/// [`AccountError`]; nobody makes one for themselves, for the old password is asked for that.
pub async fn create(store: &Store, by: impl Into<By<'_>>, of: MemberId, now: Moment) -> Result<Secret, AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let row = member::get(store, by.account(), of).await?.ok_or(AccountError::NotFound)?;
    if by.member() == Some(of) || row.disabled_at.is_some() {
        return Err(AccountError::Forbidden(Right::Own));
    }
    let token = token(24);
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::VOID_LINKS).bind(by.account()).bind(of).bind(now).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::INSERT_LINK)
        .bind(InvitationId::new())
        .bind(by.account())
        .bind(of)
        .bind(Fingerprint::of(&token))
        .bind(by.member())
        .bind(now)
        .bind(now + TimeDelta::hours(VALID_HOURS))
        .execute(c)
        .await
        .map(|_| ()))?;
    by.audit(&mut tx, "member.password_link", of, json!({}), now).await?;
    let who = match by {
        By::Member(actor) => actor.name.as_str(),
        By::Admin(_) => "",
    };
    tell_owners(&mut tx, by.account(), NoticeKind::MemberPasswordLink, (of, &row.name), (who, by.member()), now).await?;
    // The member, where they are signed in still.
    let mine = NewNotice {
        account: by.account(),
        member: Some(of),
        kind: NoticeKind::MemberPasswordLink,
        payload: json!({ "member": of, "mine": true }),
        dedupe_key: format!("member.password_link:{of}:mine:{}", now.timestamp_millis()),
    };
    notice::raise(&mut tx, mine, now).await?;
    tx.commit().await?;
    Ok(Secret::new(token))
}

/// What a link offers; `None` when it is not valid.
///
/// # Errors
/// The database's.
pub async fn look(store: &Store, link: &Fingerprint, now: Moment) -> sqlx::Result<Option<Offer>> {
    on!(store.read(), |c| sqlx::query_as(queries::LINK).bind(link).bind(now).fetch_optional(c).await)
}

/// Sets the password and signs the member in from this Telegram user; all other sessions end, a
/// lock is lifted.
///
/// # Errors
/// [`AccountError`]; the link stays valid when the password was refused.
pub async fn accept(
    store: &Store,
    (telegram_user_id, telegram_name): (i64, &str),
    link: &Fingerprint,
    new: &Secret,
    now: Moment,
) -> Result<SignedIn, AccountError> {
    let offer = look(store, link, now).await?.ok_or(AccountError::InvitationInvalid)?;
    password::check(new.expose(), &offer.login, &offer.account_name)?;
    let hash = password::hash(new).await?;
    let (account, member) = (offer.account_id, offer.member_id);
    let actor = Actor { account, member, role: offer.role, language: offer.language, name: offer.name };
    let mut tx = store.begin().await?;
    let used = on!(tx.conn(), |c| sqlx::query(queries::USE_LINK).bind(offer.id).bind(now).execute(c).await.map(|r| r.rows_affected()))?;
    if used == 0 {
        return Err(AccountError::InvitationInvalid);
    }
    password::set(&mut tx, account, member, &offer.login, &hash, now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::SET_PASSWORD_RESET).bind(account).bind(member).bind(now).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::UNLOCK).bind(account).bind(member).execute(c).await.map(|_| ()))?;
    session::end_of_member(&mut tx, account, member, None, "password_reset", now).await?;
    By::Member(&actor).audit(&mut tx, "member.password_reset", member, json!({ "telegram_user_id": telegram_user_id }), now).await?;
    tell_owners(&mut tx, account, NoticeKind::MemberPasswordSet, (member, &actor.name), (telegram_name, None), now).await?;
    let session = session::open(&mut tx, &actor, telegram_user_id, telegram_name, now).await?;
    tx.commit().await?;
    Ok(SignedIn { session, actor })
}

/// Tells all owners but whoever did it.
async fn tell_owners(
    tx: &mut Tx,
    account: AccountId,
    kind: NoticeKind,
    (member, name): (MemberId, &str),
    (by, done_by): (&str, Option<MemberId>),
    now: Moment,
) -> sqlx::Result<()> {
    let not_for: Vec<MemberId> = done_by.into_iter().chain([member]).collect();
    let notice = NewNotice {
        account,
        member: None,
        kind,
        payload: json!({ "member": member, "name": name, "by": by, (notice::NOT_FOR): not_for }),
        dedupe_key: format!("{kind}:{member}:{}", now.timestamp_millis()),
    };
    notice::raise(tx, notice, now).await
}
