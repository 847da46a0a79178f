//! Invitations: a link that makes one member, once, within three days. Only the token's hash is
//! kept.

use chrono::TimeDelta;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{AccountError, By, Language, Right, Role, SignedIn, licence::Limit, member, queries, session, usage};
use crate::{
    clock::Moment,
    id::{AccountId, InvitationId, MemberId},
    notice::{self, NewNotice, NoticeKind},
    on,
    secret::{Secret, token},
    store::{Store, audit},
};

/// How long an invitation can be accepted, hours.
pub const VALID_HOURS: i64 = 72;

/// An invitation that can still be accepted.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Invitation {
    pub id: InvitationId,
    /// The role of the member to be.
    pub role: Role,
    /// Who invites; `None`: the command line.
    pub created_by: Option<MemberId>,
    pub created_at: Moment,
    pub expires_at: Moment,
}

/// What an invited person is shown before they choose a login.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Offer {
    pub id: InvitationId,
    /// The inviting account.
    pub account_id: AccountId,
    pub account_name: String,
    /// The role offered.
    pub role: Role,
    pub expires_at: Moment,
}

/// What is kept of a link's token, in tables and in dialogues: enough to find what it offers, and
/// no token.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of this token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(hex::encode(Sha256::digest(token.trim().as_bytes())))
    }
}

/// Makes an invitation. The token is shown once; it fits a `/start` deep link (48 characters).
///
/// # Errors
/// [`AccountError`].
pub async fn create(store: &Store, by: impl Into<By<'_>>, role: Role, now: Moment) -> Result<(InvitationId, Secret), AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let (id, token) = (InvitationId::new(), token(24));
    let mut tx = store.begin().await?;
    // Every open invitation may become a member, so they must fit too; two made at once go one
    // after the other.
    on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(by.account()).execute(c).await.map(|_| ()))?;
    let open: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::OPEN_INVITATIONS).bind(by.account()).bind(now).fetch_one(c).await)?;
    usage::fits(&mut tx, by.account(), Limit::Members, open + 1, now).await??;
    on!(tx.conn(), |c| sqlx::query(queries::INSERT_INVITATION)
        .bind(id)
        .bind(by.account())
        .bind(Fingerprint::of(&token))
        .bind(role)
        .bind(by.member())
        .bind(now)
        .bind(now + TimeDelta::hours(VALID_HOURS))
        .execute(c)
        .await
        .map(|_| ()))?;
    by.audit(&mut tx, "invitation.create", id, json!({ "role": role }), now).await?;
    tx.commit().await?;
    Ok((id, Secret::new(token)))
}

/// Invitations that can still be accepted.
///
/// # Errors
/// [`AccountError`].
pub async fn list(store: &Store, by: impl Into<By<'_>>, now: Moment) -> Result<Vec<Invitation>, AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    Ok(on!(store.read(), |c| sqlx::query_as(queries::INVITATIONS).bind(by.account()).bind(now).fetch_all(c).await)?)
}

/// Takes an invitation back.
///
/// # Errors
/// [`AccountError`].
pub async fn revoke(store: &Store, by: impl Into<By<'_>>, id: InvitationId, now: Moment) -> Result<(), AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let revoked = on!(tx.conn(), |c| sqlx::query(queries::REVOKE_INVITATION)
        .bind(by.account())
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if revoked == 0 {
        return Err(AccountError::NotFound);
    }
    by.audit(&mut tx, "invitation.revoke", id, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// What a token offers; `None` when it is not valid.
///
/// # Errors
/// The database's.
pub async fn look(store: &Store, link: &Fingerprint, now: Moment) -> sqlx::Result<Option<Offer>> {
    on!(store.read(), |c| sqlx::query_as(queries::INVITATION).bind(link).bind(now).fetch_optional(c).await)
}

/// What an invited person chose.
#[derive(Debug, Clone)]
pub struct Acceptance<'a> {
    pub link: &'a Fingerprint,
    /// Login, as typed.
    pub login: &'a str,
    pub password: &'a Secret,
    pub name: &'a str,
    pub language: Language,
}

/// Accepts an invitation: makes the member and signs them in from this Telegram user.
///
/// # Errors
/// [`AccountError`]; the invitation stays valid when login, name or password were refused.
pub async fn accept(
    store: &Store,
    telegram_user_id: i64,
    telegram_name: &str,
    acceptance: &Acceptance<'_>,
    now: Moment,
) -> Result<SignedIn, AccountError> {
    let offer = look(store, acceptance.link, now).await?.ok_or(AccountError::InvitationInvalid)?;
    let new = member::NewMember {
        login: acceptance.login,
        password: acceptance.password,
        name: acceptance.name,
        role: offer.role,
        language: acceptance.language,
    };
    let ready = member::ready(&new, &offer.account_name).await?;
    let mut tx = store.begin().await?;
    usage::fits(&mut tx, offer.account_id, Limit::Members, 1, now).await??;
    let actor = member::insert(&mut tx, offer.account_id, &ready, now).await?;
    let used = on!(tx.conn(), |c| sqlx::query(queries::USE_INVITATION)
        .bind(offer.id)
        .bind(now)
        .bind(actor.member)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if used == 0 {
        return Err(AccountError::InvitationInvalid);
    }
    By::Member(&actor).audit(&mut tx, "invitation.accept", offer.id, json!({ "role": offer.role }), now).await?;
    let session = session::open(&mut tx, &actor, telegram_user_id, telegram_name, now).await?;
    let phone: String = telegram_name.chars().take(100).collect();
    let joined = NewNotice {
        account: actor.account,
        member: None,
        kind: NoticeKind::MemberJoined,
        payload: json!({
            "member": actor.member, "name": actor.name, "role": actor.role, "phone": phone, (notice::NOT_FOR): [actor.member],
        }),
        dedupe_key: format!("member.joined:{}", actor.member),
    };
    notice::raise(&mut tx, joined, now).await?;
    tx.commit().await?;
    Ok(SignedIn { session, actor })
}
