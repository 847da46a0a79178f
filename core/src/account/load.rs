//! How much of the server one company may take at a time, so that nobody's load slows another's. A
//! plan may say its own numbers (`[plan.load]`); what it leaves out, and a company without a
//! licence, has the usual ones ([`Load::default`]). Asked in the transaction that makes the row:
//!
//! | what | at the limit |
//! | --- | --- |
//! | campaigns that were launched and are not over | the next one is not launched |
//! | files sent for import within an hour | the next one is not taken |
//! | files kept for the company, in megabytes | no further file is taken; what the product makes itself (reports, dossiers, refused rows) is, and so is a file for support |
//! | messages of the CRM's own cards and robots within an hour | the next one is refused, and the CRM is told so |
//!
//! What else bounds one company's load stands where it is: the size of a file and of its table
//! (`contact::import`), the work of rendering one text (`template::meter`), the pace of each
//! channel.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{AccountError, licence, queries};
use crate::{
    clock::Moment,
    id::AccountId,
    on,
    store::{Store, Tx, audit},
};

/// Bytes of a megabyte.
const MEGABYTE: i64 = 1024 * 1024;
/// Over which time messages of CRMs and files for import are counted.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// What is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Guard {
    /// Campaigns that were launched and are not over.
    Campaigns,
    /// Files sent for import within an hour.
    Imports,
    /// Megabytes of files that are kept.
    Files,
    /// Messages of CRMs within an hour.
    FromCrm,
}

impl Guard {
    /// Every guard, in the order in which it is shown.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;
}

/// The numbers of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    /// Campaigns that are launched and not over, at a time.
    pub campaigns: i64,
    /// Files sent for import within an hour.
    pub imports_an_hour: i64,
    /// Megabytes of files that are kept.
    pub files_mb: i64,
    /// Messages of CRMs' cards and robots within an hour.
    pub crm_messages_an_hour: i64,
}

impl Default for Load {
    fn default() -> Self {
        Self { campaigns: 100, imports_an_hour: 60, files_mb: 4_096, crm_messages_an_hour: 2_000 }
    }
}

impl Load {
    /// The number of a guard.
    #[must_use]
    pub fn of(self, guard: Guard) -> i64 {
        match guard {
            Guard::Campaigns => self.campaigns,
            Guard::Imports => self.imports_an_hour,
            Guard::Files => self.files_mb,
            Guard::FromCrm => self.crm_messages_an_hour,
        }
    }

    /// Its numbers under the names they have in a file of plans.
    #[must_use]
    pub fn named(self) -> [(&'static str, i64); 4] {
        [
            ("load.campaigns", self.campaigns),
            ("load.imports_an_hour", self.imports_an_hour),
            ("load.files_mb", self.files_mb),
            ("load.crm_messages_an_hour", self.crm_messages_an_hour),
        ]
    }
}

/// A guard stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one company may have {allowed} at a time ({guard:?}), there are {used}")]
pub struct Heavy {
    pub guard: Guard,
    pub allowed: i64,
    pub used: i64,
}

/// How much there is, in the guard's unit; of files in bytes. The arguments are what `on!` takes
/// before the closure, and what a query is made of.
macro_rules! counted {
    ($at:expr, $account:expr, $guard:expr, $now:expr) => {{
        let (account, since) = ($account, $now - HOUR);
        match $guard {
            Guard::Campaigns => on!($at, |c| sqlx::query_scalar(queries::LOAD_CAMPAIGNS).bind(account).fetch_one(c).await),
            Guard::Files => on!($at, |c| sqlx::query_scalar(queries::LOAD_FILES).bind(account).fetch_one(c).await),
            Guard::Imports => on!($at, |c| sqlx::query_scalar(queries::LOAD_IMPORTS).bind(account).bind(since).fetch_one(c).await),
            Guard::FromCrm => on!($at, |c| sqlx::query_scalar(queries::LOAD_FROM_CRM).bind(account).bind(since).fetch_one(c).await),
        }
    }};
}

/// The numbers that hold for an account.
///
/// # Errors
/// The database's.
pub async fn allowed(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<Load> {
    let licence = licence::current(store, account, now).await?;
    Ok(licence.and_then(|licence| licence.plan.plan()).map_or_else(Load::default, |plan| plan.load))
}

/// Asks for one more (of files: for so many bytes) in the change that makes it. Of two changes at
/// once the second waits here for the first.
///
/// # Errors
/// The database's; that it is too much is the inner result.
pub async fn need(tx: &mut Tx, account: AccountId, guard: Guard, adding: i64, now: Moment) -> sqlx::Result<Result<(), Heavy>> {
    on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(account).execute(c).await.map(|_| ()))?;
    let licence: Option<licence::Licence> =
        on!(tx.conn(), |c| sqlx::query_as(queries::LICENCE).bind(account).bind(now).fetch_optional(c).await)?;
    let load = licence.and_then(|licence| licence.plan.plan()).map_or_else(Load::default, |plan| plan.load);
    let counted: i64 = counted!(tx.conn(), account, guard, now)?;
    Ok(admit(load, guard, counted, adding))
}

/// Whether so much more may be. Pure.
fn admit(load: Load, guard: Guard, counted: i64, adding: i64) -> Result<(), Heavy> {
    let allowed = load.of(guard);
    let unit = if guard == Guard::Files { MEGABYTE } else { 1 };
    if counted.saturating_add(adding) > allowed.saturating_mul(unit) {
        return Err(Heavy { guard, allowed, used: counted / unit });
    }
    Ok(())
}

/// Asks for the room that a member's file needs, in the change that keeps it.
///
/// # Errors
/// [`AccountError::Heavy`], [`AccountError::Store`].
pub async fn keep_file(tx: &mut Tx, account: AccountId, bytes: usize, now: Moment) -> Result<(), AccountError> {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    Ok(need(tx, account, Guard::Files, bytes, now).await??)
}

/// What is used of a guard, in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    pub guard: Guard,
    pub used: i64,
    pub allowed: i64,
}

/// What an account uses of a guard.
///
/// # Errors
/// The database's.
pub async fn used(store: &Store, account: AccountId, guard: Guard, now: Moment) -> sqlx::Result<Used> {
    let load = allowed(store, account, now).await?;
    let counted: i64 = counted!(store.read(), account, guard, now)?;
    let used = if guard == Guard::Files { (counted + MEGABYTE - 1) / MEGABYTE } else { counted };
    Ok(Used { guard, used, allowed: load.of(guard) })
}

/// What an account uses of each guard, in their order.
///
/// # Errors
/// The database's.
pub async fn standing(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<Vec<Used>> {
    let mut all = Vec::with_capacity(Guard::ALL.len());
    for guard in Guard::ALL {
        all.push(used(store, account, *guard, now).await?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_let_in_and_the_next_one_is_not() {
        let load = Load { campaigns: 2, files_mb: 1, ..Load::default() };
        let table = [
            (Guard::Campaigns, 0, 1, None),
            (Guard::Campaigns, 1, 1, None),
            (Guard::Campaigns, 2, 1, Some(2)),
            (Guard::Campaigns, 7, 1, Some(7)),
            (Guard::Files, 0, MEGABYTE, None),
            (Guard::Files, 1, MEGABYTE, Some(0)),
            (Guard::Files, MEGABYTE, 1, Some(1)),
            (Guard::Files, MEGABYTE, i64::MAX, Some(1)),
        ];
        for (guard, counted, adding, refused) in table {
            let heavy = admit(load, guard, counted, adding).err();
            assert_eq!(heavy.map(|heavy| heavy.used), refused, "{guard:?} {counted} {adding}");
            assert!(heavy.is_none_or(|heavy| heavy.allowed == load.of(guard)));
        }
    }

    #[test]
    fn every_guard_has_a_number_of_its_own() {
        let load = Load { campaigns: 1, imports_an_hour: 2, files_mb: 3, crm_messages_an_hour: 4 };
        assert_eq!(Guard::ALL.iter().map(|guard| load.of(*guard)).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(load.named().map(|(_, number)| number), [1, 2, 3, 4]);
    }
}
