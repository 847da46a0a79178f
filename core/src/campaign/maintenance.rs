//! When the server is worked on: told beforehand, in the chat and by e-mail. Meanwhile no campaign
//! is launched, and what runs sends nothing and goes on by itself afterwards; what customers write,
//! answers to them and opt-outs are dealt with whenever the program runs.

use chrono::TimeDelta;
use serde_json::json;

use super::queries;
use crate::{
    clock::Moment,
    id::{AccountId, MaintenanceId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx},
    text::clean_to,
};

/// The longest that a server is worked on without a break.
pub const LONGEST: TimeDelta = TimeDelta::hours(24);
/// The longest reason, characters.
pub const REASON: usize = 200;

/// A time in which the server is worked on.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Maintenance {
    pub id: MaintenanceId,
    pub begins_at: Moment,
    pub ends_at: Moment,
    /// What for; may be empty.
    pub reason: String,
}

/// A launched campaign whose start falls into such a time: it starts when that is over.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Collides {
    pub account_id: AccountId,
    /// The company's name.
    pub account: String,
    /// The campaign's name.
    pub campaign: String,
    pub starts_at: Moment,
}

/// What came of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub maintenance: Maintenance,
    /// Whose start falls into it.
    pub collides: Vec<Collides>,
    /// Companies that are told.
    pub told: usize,
}

/// Why a time cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("it must end after it begins, and in the future")]
    Backwards,
    #[error("it may last {} hours at most", LONGEST.num_hours())]
    TooLong,
    /// Another one is planned for a part of that time.
    #[error("it overlaps with what is planned already")]
    Overlaps(Maintenance),
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Plans a time, and tells every company.
///
/// # Errors
/// [`PlanError`].
pub async fn plan(store: &Store, (begins_at, ends_at): (Moment, Moment), reason: &str, now: Moment) -> Result<Planned, PlanError> {
    if ends_at <= begins_at || ends_at <= now {
        return Err(PlanError::Backwards);
    }
    if ends_at - begins_at > LONGEST {
        return Err(PlanError::TooLong);
    }
    let maintenance = Maintenance { id: MaintenanceId::new(), begins_at, ends_at, reason: clean_to(reason, REASON) };
    let mut tx = store.begin().await?;
    let others: Vec<Maintenance> = on!(tx.conn(), |c| sqlx::query_as(queries::MAINTENANCE).bind(now).fetch_all(c).await)?;
    if let Some(other) = others.into_iter().find(|other| other.begins_at < ends_at && begins_at < other.ends_at) {
        return Err(PlanError::Overlaps(other));
    }
    on!(tx.conn(), |c| sqlx::query(queries::PLAN_MAINTENANCE)
        .bind(maintenance.id)
        .bind(begins_at)
        .bind(ends_at)
        .bind(&maintenance.reason)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    let collides: Vec<Collides> = on!(tx.conn(), |c| sqlx::query_as(queries::COLLIDES).bind(begins_at).bind(ends_at).fetch_all(c).await)?;
    let accounts: Vec<AccountId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::COMPANIES).fetch_all(c).await)?;
    for account in &accounts {
        let of_account = collides.iter().filter(|one| one.account_id == *account);
        let campaigns: Vec<_> = of_account.map(|one| json!({ "name": one.campaign, "starts_at": one.starts_at })).collect();
        let payload = json!({ "from": begins_at, "until": ends_at, "reason": maintenance.reason, "campaigns": campaigns });
        tell(&mut tx, *account, NoticeKind::MaintenancePlanned, payload, maintenance.id, now).await?;
    }
    tx.commit().await?;
    Ok(Planned { maintenance, collides, told: accounts.len() })
}

/// Calls a time off, or ends it sooner; `None`: there is none such ahead or under way.
///
/// # Errors
/// The database's.
pub async fn lift(store: &Store, id: MaintenanceId, now: Moment) -> sqlx::Result<Option<Maintenance>> {
    let mut tx = store.begin().await?;
    let lifted: Option<Maintenance> =
        on!(tx.conn(), |c| sqlx::query_as(queries::LIFT_MAINTENANCE).bind(id).bind(now).fetch_optional(c).await)?;
    if let Some(lifted) = &lifted {
        let accounts: Vec<AccountId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::COMPANIES).fetch_all(c).await)?;
        for account in accounts {
            let payload = json!({ "from": lifted.begins_at, "begun": lifted.begins_at <= now });
            tell(&mut tx, account, NoticeKind::MaintenanceLifted, payload, id, now).await?;
        }
    }
    tx.commit().await?;
    Ok(lifted)
}

async fn tell(
    tx: &mut Tx,
    account: AccountId,
    kind: NoticeKind,
    payload: serde_json::Value,
    id: MaintenanceId,
    now: Moment,
) -> sqlx::Result<()> {
    let dedupe_key = format!("{}:{id}:{account}", kind.as_str());
    notice::raise(tx, NewNotice { account, member: None, kind, payload, dedupe_key }, now).await
}

/// What is under way and ahead, the first first.
///
/// # Errors
/// The database's.
pub async fn ahead(store: &Store, now: Moment) -> sqlx::Result<Vec<Maintenance>> {
    on!(store.read(), |c| sqlx::query_as(queries::MAINTENANCE).bind(now).fetch_all(c).await)
}

/// What is under way, in the transaction of a launch.
///
/// # Errors
/// The database's.
pub(super) async fn under_way(tx: &mut Tx, now: Moment) -> sqlx::Result<Option<Maintenance>> {
    let all: Vec<Maintenance> = on!(tx.conn(), |c| sqlx::query_as(queries::MAINTENANCE).bind(now).fetch_all(c).await)?;
    Ok(all.into_iter().find(|one| one.begins_at <= now))
}
