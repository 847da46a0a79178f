//! What the licensor closes to a company: access as a whole, or a function of it. Campaigns that it
//! stops are paused with the reason in the very change, so no claim passes it; a launch and a
//! resumption ask in their own. Opt-outs, customers' messages, exports and erasure are asked
//! nothing of it.

use serde_json::json;

use super::{Campaign, CampaignError, Result, control, queries};
use crate::{
    account::{
        AccountError, By,
        feature::{self, Off},
        queries as account,
        suspension::{self, Scope, Suspension, WORDS},
    },
    agreement::acceptance,
    clock::Moment,
    crm::{CrmKind, connection},
    id::{AccountId, CampaignId, SuspensionId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx, audit},
    text::clean_to,
    words::Reason,
};

/// What is to be closed.
#[derive(Debug, Clone)]
pub struct Closing<'a> {
    pub scope: Scope,
    /// Why, in words for the company.
    pub reason: &'a str,
    /// The number or the name of the document.
    pub document: &'a str,
    /// SHA-256 of its file, in hex, where there is one.
    pub document_hash: Option<String>,
    /// Until then; `None`: until it is lifted.
    pub until: Option<Moment>,
}

/// Why access is not closed, or a function not switched.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A reason and a document are words.
    #[error("a reason and a document are needed")]
    Words,
    /// The end is not in the future.
    #[error("the end has to be in the future")]
    Past,
    /// Access is closed already.
    #[error("access is closed already")]
    Already(Box<Suspension>),
    /// Nothing is closed.
    #[error("access is not closed")]
    Open,
    /// The function is that way already.
    #[error("the function is that way already")]
    Same,
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
    /// The trail's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

/// Closes a company's sending, or all of its access: campaigns pause with the reason, owners are
/// told, the trail keeps it. Returns the campaigns that were held.
///
/// # Errors
/// [`AccessError`].
pub async fn suspend(
    store: &Store,
    account: AccountId,
    closing: &Closing<'_>,
    now: Moment,
) -> std::result::Result<(Suspension, Vec<(CampaignId, String)>), AccessError> {
    let (reason, document) = (clean_to(closing.reason, WORDS), clean_to(closing.document, WORDS));
    if reason.is_empty() || document.is_empty() {
        return Err(AccessError::Words);
    }
    if closing.until.is_some_and(|until| until <= now) {
        return Err(AccessError::Past);
    }
    let mut tx = store.begin().await?;
    hold_account(&mut tx, account).await?;
    if let Some(closed) = suspension::current_in(&mut tx, account, now).await?
        && (closed.scope == Scope::All || closing.scope == Scope::Sending)
    {
        return Err(AccessError::Already(Box::new(closed)));
    }
    let made = Suspension {
        id: SuspensionId::new(),
        scope: closing.scope,
        reason,
        document,
        document_hash: closing.document_hash.clone(),
        begins_at: now,
        ends_at: closing.until,
        lifted_at: None,
        lift_reason: None,
    };
    on!(tx.conn(), |c| sqlx::query(account::SUSPEND)
        .bind(made.id)
        .bind(account)
        .bind(made.scope)
        .bind(&made.reason)
        .bind(&made.document)
        .bind(&made.document_hash)
        .bind(made.begins_at)
        .bind(made.ends_at)
        .execute(c)
        .await
        .map(|_| ()))?;
    let ids: Vec<CampaignId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::SENDING).bind(account).fetch_all(c).await)?;
    let held = control::hold(&mut tx, account, ids, Reason::Suspended, now).await?;
    let facts = json!({
        "scope": made.scope, "reason": made.reason, "document": made.document, "document_hash": made.document_hash,
        "until": made.ends_at, "campaigns": held.iter().map(|(id, _)| id).collect::<Vec<_>>(),
    });
    By::Admin(account).audit(&mut tx, "access.suspend", made.id, facts.clone(), now).await?;
    tell(&mut tx, account, NoticeKind::AccessSuspended, facts, &made.id.to_string(), now).await?;
    tx.commit().await?;
    Ok((made, held))
}

/// Opens access again. Campaigns that were paused stay so until a member resumes them.
///
/// # Errors
/// [`AccessError::Open`], [`AccessError::Words`]; the database's.
pub async fn lift(store: &Store, account: AccountId, reason: &str, now: Moment) -> std::result::Result<(), AccessError> {
    let reason = clean_to(reason, WORDS);
    if reason.is_empty() {
        return Err(AccessError::Words);
    }
    let mut tx = store.begin().await?;
    hold_account(&mut tx, account).await?;
    let closed = suspension::current_in(&mut tx, account, now).await?.ok_or(AccessError::Open)?;
    on!(tx.conn(), |c| sqlx::query(account::LIFT_SUSPENSIONS).bind(account).bind(now).bind(&reason).execute(c).await.map(|_| ()))?;
    let facts = json!({ "reason": reason, "document": closed.document });
    By::Admin(account).audit(&mut tx, "access.lift", closed.id, facts.clone(), now).await?;
    tell(&mut tx, account, NoticeKind::AccessLifted, facts, &closed.id.to_string(), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Switches a function of a company off (with a reason) or on. Campaigns that need it are held, the
/// connections of a CRM pause. Returns the campaigns that were held.
///
/// # Errors
/// [`AccessError::Same`], [`AccessError::Words`]; the database's.
pub async fn switch(
    store: &Store,
    account: AccountId,
    name: &str,
    off: bool,
    reason: &str,
    now: Moment,
) -> std::result::Result<Vec<(CampaignId, String)>, AccessError> {
    let reason = clean_to(reason, feature::REASON);
    if reason.is_empty() && off {
        return Err(AccessError::Words);
    }
    let mut tx = store.begin().await?;
    hold_account(&mut tx, account).await?;
    if !feature::put(&mut tx, account, name, off.then_some(reason.as_str()), now).await? {
        return Err(AccessError::Same);
    }
    let mut held = Vec::new();
    if off {
        let ids: Vec<CampaignId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::SENDING_BY).bind(account).bind(name).fetch_all(c).await)?;
        held = control::hold(&mut tx, account, ids, Reason::FeatureOff, now).await?;
        if let Some(kind) = name.strip_prefix(feature::CRM).and_then(CrmKind::named) {
            connection::pause_kind(&mut tx, account, kind).await?;
        }
    }
    let facts = json!({ "name": name, "off": off, "reason": reason, "campaigns": held.iter().map(|(id, _)| id).collect::<Vec<_>>() });
    let action = if off { "feature.off" } else { "feature.on" };
    By::Admin(account).audit(&mut tx, action, name, facts.clone(), now).await?;
    tell(&mut tx, account, NoticeKind::FeatureSwitched, facts, name, now).await?;
    tx.commit().await?;
    Ok(held)
}

/// A launch and a suspension of one company go one after the other: neither passes the other.
async fn hold_account(tx: &mut Tx, account: AccountId) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(account).execute(c).await.map(|_| ()))
}

async fn tell(
    tx: &mut Tx,
    account: AccountId,
    kind: NoticeKind,
    payload: serde_json::Value,
    subject: &str,
    now: Moment,
) -> sqlx::Result<()> {
    let dedupe_key = format!("{}:{account}:{subject}:{}", kind.as_str(), now.timestamp_millis());
    notice::raise(tx, NewNotice { account, member: None, kind, payload, dedupe_key }, now).await
}

/// Whether the licensor lets a campaign send: access is open, and the functions it needs are on.
pub(super) async fn may_send(tx: &mut Tx, campaign: &Campaign, now: Moment) -> Result<()> {
    hold_account(tx, campaign.account_id).await?;
    if let Some(closed) = suspension::current_in(tx, campaign.account_id, now).await? {
        return Err(CampaignError::Suspended(closed.reason));
    }
    has_its_functions(tx, campaign).await
}

/// The same at a launch, which needs the licensor's texts accepted, too.
pub(super) async fn may_be_launched(tx: &mut Tx, campaign: &Campaign, now: Moment) -> Result<()> {
    may_send(tx, campaign, now).await?;
    match acceptance::owed(tx, campaign.account_id, now).await? {
        Some((document, version)) => Err(CampaignError::NotAccepted(document, version)),
        None => Ok(()),
    }
}

/// The functions that a campaign needs are on.
pub(super) async fn has_its_functions(tx: &mut Tx, campaign: &Campaign) -> Result<()> {
    let off: Option<(String, String)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::NEEDS_OFF).bind(campaign.account_id).bind(campaign.id).fetch_optional(c).await)?;
    match off {
        Some((name, reason)) => Err(Off { name, reason }.into()),
        None => Ok(()),
    }
}
