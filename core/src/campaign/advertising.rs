//! Advertising that waits for an owner's word. After a restore nobody knows who said stop since the
//! backup, so nothing of class advertising is launched, resumed or claimed in any account until one
//! of its owners says that it may go on.

use serde_json::json;

use super::Campaign;
use crate::{
    account::{AccountError, Actor, By, Right},
    clock::Moment,
    id::AccountId,
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx},
};

/// Advertising of every account waits.
pub const HOLD: &str = "update account set advertising_held_at = $1 where advertising_held_at is null";
/// The accounts whose advertising waits since this moment.
pub const HELD_AT: &str = "select id from account where advertising_held_at = $1 order by id";
/// Every CRM is asked at once what it knows: an opt-out that was written there comes back from
/// there.
pub const ASK_CRMS: &str = "update crm_connection set next_sync_at = $1 where state = 'active'";
/// Since when an account's advertising waits.
pub const HELD: &str = "select advertising_held_at from account where id = $1";
/// CRM connections that were not read since then; one that is paused is read by nobody, and
/// somebody resumes or disconnects it first.
pub const UNREAD: &str = "select name from crm_connection where account_id = $1 and state in ('active', 'paused', 'reauth_required') \
    and (last_synced_at is null or last_synced_at < $2) order by created_at, id";
/// It may go on.
pub const RELEASE: &str = "update account set advertising_held_at = null where id = $1 and advertising_held_at is not null";
/// Whether a version is advertising of an account whose advertising waits.
pub const WAITS: &str = "select exists (select 1 from account a join template_version v on v.account_id = a.id \
    where a.id = $1 and a.advertising_held_at is not null and v.id = $2 and v.class = 'advertising')";
/// Every statement.
pub const ALL: &[&str] = &[HOLD, HELD_AT, ASK_CRMS, HELD, UNREAD, RELEASE, WAITS];

/// Advertising that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub since: Moment,
    /// CRM connections that have not been read since: their opt-outs come first.
    pub unread: Vec<String>,
}

/// Why an owner's word was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The account room's refusal.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Somebody's stop may stand in a CRM that was not read yet.
    #[error("not read since the restore: {0:?}")]
    Unread(Vec<String>),
    /// The database failed.
    #[error("the database failed: {0}")]
    Db(#[from] sqlx::Error),
}

/// Holds the advertising of every account, has every connected CRM read at once, and tells the
/// owners.
///
/// # Errors
/// The database's.
pub async fn hold(store: &Store, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    for sql in [HOLD, ASK_CRMS] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(now).execute(c).await.map(|_| ()))?;
    }
    let held: Vec<AccountId> = on!(tx.conn(), |c| sqlx::query_scalar(HELD_AT).bind(now).fetch_all(c).await)?;
    for account in held {
        let told = NewNotice {
            account,
            member: None,
            kind: NoticeKind::AdvertisingHeld,
            payload: json!({}),
            dedupe_key: format!("advertising.held:{account}:{}", now.timestamp_millis()),
        };
        notice::raise(&mut tx, told, now).await?;
    }
    tx.commit().await
}

/// Whether an account's advertising waits.
///
/// # Errors
/// The database's.
pub async fn held(store: &Store, account: AccountId) -> sqlx::Result<Option<Held>> {
    let since: Option<Option<Moment>> = on!(store.read(), |c| sqlx::query_scalar(HELD).bind(account).fetch_optional(c).await)?;
    let Some(since) = since.flatten() else { return Ok(None) };
    let unread: Vec<String> = on!(store.read(), |c| sqlx::query_scalar(UNREAD).bind(account).bind(since).fetch_all(c).await)?;
    Ok(Some(Held { since, unread }))
}

/// Whether the campaign is advertising that waits.
pub(super) async fn waits(tx: &mut Tx, campaign: &Campaign) -> sqlx::Result<bool> {
    for version in campaign.steps.iter().filter_map(|step| step.version) {
        let waits: bool = on!(tx.conn(), |c| sqlx::query_scalar(WAITS).bind(campaign.account_id).bind(version).fetch_one(c).await)?;
        if waits {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An owner says that advertising may go on. `false`: it does already.
///
/// # Errors
/// [`ConfirmError`].
pub async fn confirm(store: &Store, actor: &Actor, now: Moment) -> Result<bool, ConfirmError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    match held(store, actor.account).await? {
        None => return Ok(false),
        Some(held) if !held.unread.is_empty() => return Err(ConfirmError::Unread(held.unread)),
        Some(_) => {}
    }
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(RELEASE).bind(actor.account).execute(c).await.map(|_| ()))?;
    by.audit(&mut tx, "account.advertising_confirmed", actor.account, json!({}), now).await?;
    tx.commit().await?;
    Ok(true)
}
