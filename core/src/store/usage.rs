//! Counters of what a tariff limits: the contacts an account has, the campaign messages of a month
//! and the people they went to.
//! They move in the transaction that moves what they count, so nobody counts rows to know how many
//! there are; `account::usage` says what a plan allows.
//!
//! The counter of contacts is the one row that all changes of an account's contacts want. So a
//! change only notes how many it made and deleted ([`Tx::contacts_moved`]), and the counter moves
//! right before its commit: nobody holds it while working.

use std::collections::BTreeMap;

use chrono::Datelike as _;

use super::{Store, Together, Tx};
use crate::{clock::Moment, id::AccountId, on};

/// Moves a counter, unless what it counts anew (`$5`) would pass what the plan allows (`$6`).
pub const MOVE: &str = "insert into usage_count (account_id, what, month, n) select a.id, $2, $3, $4 from account a \
    where a.id = $1 and (cast($5 as bigint) <= 0 or cast($5 as bigint) <= cast($6 as bigint)) \
    on conflict (account_id, what, month) do update set n = usage_count.n + excluded.n \
    where cast($5 as bigint) <= 0 or usage_count.n + cast($5 as bigint) <= cast($6 as bigint)";
/// How many there are.
pub const USED: &str = "select n from usage_count where account_id = $1 and what = $2 and month = $3";
/// An account's counters, and the same counted from the rows. One statement sees one moment on both
/// engines. Reads all rows: for checks alone.
/// Of people the last month can be counted: a contact keeps no other.
pub const CHECK: &str = "select true as counter, what, month, n from usage_count where account_id = $1 \
    and (what <> 'people' or month = (select max(month) from usage_count where account_id = $1 and what = 'people')) \
    union all select false, 'people', written_month, count(*) from contact where account_id = $1 \
    and written_month = (select max(month) from usage_count where account_id = $1 and what = 'people') group by written_month \
    union all select false, 'contacts', 0, count(*) from contact where account_id = $1 and deleted_at is null \
    union all select false, 'messages', d.counted_in, count(*) from campaign k join delivery d on d.campaign_id = k.id \
    where k.account_id = $1 and d.counted_in is not null group by d.counted_in";
/// Every statement.
pub const ALL: &[&str] = &[MOVE, USED, CHECK];

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, strum::VariantArray)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Counted {
    /// Contacts that are not deleted.
    Contacts,
    /// Campaign messages that went or may have gone.
    Messages,
    /// People whom campaign messages went to, where the plan limited them.
    People,
}

/// A calendar month in an account's zone, as one number: 202612.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Month(i32);

impl Month {
    /// Of what is not counted by months.
    pub const NONE: Self = Self(0);

    /// The month of a moment.
    #[must_use]
    pub fn of(at: Moment, zone: chrono_tz::Tz) -> Self {
        let day = at.with_timezone(&zone).date_naive();
        Self(day.year() * 100 + day.month().cast_signed())
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A move of a counter by `by`. `bound`: how many of these must fit, and what the plan allows;
/// where they do not, nothing moves. Whoever else moves the counter waits for the end of this
/// change.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    pub account: AccountId,
    pub what: Counted,
    pub month: Month,
    pub by: i64,
    pub bound: Option<(i64, i64)>,
}

impl Move {
    /// Whether it changes or asks anything.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.by != 0 || self.bound.is_some_and(|(more, _)| more > 0)
    }

    /// Adds it to what a change writes at its end. It fits where a row is changed. The counter is a
    /// row of its own, so it goes beside what was added last.
    pub fn add_to(&self, end: &mut Together) {
        let (more, allowed) = self.bound.unwrap_or((0, i64::MAX));
        end.beside(MOVE).bind(self.account).bind(self.what).bind(self.month).bind(self.by).bind(more).bind(allowed);
    }
}

/// Makes a move; `false`: it does not fit.
///
/// # Errors
/// The database's.
pub async fn moved(tx: &mut Tx, step: Move) -> sqlx::Result<bool> {
    if !step.is_needed() {
        return Ok(true);
    }
    let mut end = Together::new(tx.engine());
    step.add_to(&mut end);
    // Without a bound nothing stands in the way.
    Ok(tx.run(end).await?.last().is_some_and(|rows| *rows > 0) || step.bound.is_none())
}

/// How many there are.
///
/// # Errors
/// The database's.
pub async fn used(store: &Store, account: AccountId, what: Counted, month: Month) -> sqlx::Result<i64> {
    let n: Option<i64> = on!(store.read(), |c| sqlx::query_scalar(USED).bind(account).bind(what).bind(month).fetch_optional(c).await)?;
    Ok(n.unwrap_or(0).max(0))
}

/// The same as the change at hand sees it.
///
/// # Errors
/// The database's.
pub async fn used_in(tx: &mut Tx, account: AccountId, what: Counted, month: Month) -> sqlx::Result<i64> {
    let n: Option<i64> = on!(tx.conn(), |c| sqlx::query_scalar(USED).bind(account).bind(what).bind(month).fetch_optional(c).await)?;
    Ok(n.unwrap_or(0).max(0))
}

/// A counter that is not what the rows say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub what: Counted,
    pub month: Month,
    pub counter: i64,
    /// How many rows there are.
    pub rows: i64,
}

/// Compares an account's counters with its rows, as they are at one moment. Reads every contact and
/// delivery: for `mms admin books` and the drill, not for screens.
///
/// # Errors
/// The database's.
pub async fn check(store: &Store, account: AccountId) -> sqlx::Result<Vec<Difference>> {
    let found: Vec<(bool, Counted, Month, i64)> = on!(store.read(), |c| sqlx::query_as(CHECK).bind(account).fetch_all(c).await)?;
    let mut both: BTreeMap<(Counted, Month), (i64, i64)> = BTreeMap::new();
    for (counter, what, month, n) in found {
        let (counted, rows) = both.entry((what, month)).or_default();
        *(if counter { counted } else { rows }) += n;
    }
    let differing = both.into_iter().filter(|(_, (counter, rows))| counter != rows);
    Ok(differing.map(|((what, month), (counter, rows))| Difference { what, month, counter, rows }).collect())
}

/// Contacts a change made, less those it deleted, by account.
pub(super) type Pending = BTreeMap<AccountId, i64>;

impl Tx {
    /// Notes how many contacts this change made or, below zero, deleted.
    pub fn contacts_moved(&mut self, account: AccountId, by: i64) {
        *self.contacts.entry(account).or_default() += by;
    }

    /// Contacts this change made so far, less those it deleted.
    #[must_use]
    pub fn contacts_made(&self, account: AccountId) -> i64 {
        self.contacts.get(&account).copied().unwrap_or(0)
    }
}

/// Moves the counter of contacts by what the change made, provided that it fits what the plan
/// allows; `beside`: how many of them are let in whatever it allows. `false`: it does not fit (any
/// more), drop the change. The last thing before a commit.
///
/// # Errors
/// The database's.
pub async fn settle_contacts(tx: &mut Tx, account: AccountId, allowed: Option<i64>, beside: i64) -> sqlx::Result<bool> {
    let by = tx.contacts.remove(&account).unwrap_or(0);
    let bound = allowed.map(|allowed| (by - beside, allowed));
    moved(tx, Move { account, what: Counted::Contacts, month: Month::NONE, by, bound }).await
}

/// Moves the counters of contacts by what the change noted.
pub(super) async fn write(tx: &mut Tx) -> sqlx::Result<()> {
    for (account, by) in std::mem::take(&mut tx.contacts) {
        moved(tx, Move { account, what: Counted::Contacts, month: Month::NONE, by, bound: None }).await?;
    }
    Ok(())
}

/// Sets a counter, for tests that would take long to come near a limit.
///
/// # Panics
/// When the database refuses.
#[cfg(any(test, feature = "testing"))]
#[allow(clippy::unwrap_used, reason = "test code")]
pub async fn preset(store: &Store, account: AccountId, what: Counted, month: Month, n: i64) {
    let mut tx = store.begin().await.unwrap();
    let used = used_in(&mut tx, account, what, month).await.unwrap();
    moved(&mut tx, Move { account, what, month, by: n - used, bound: None }).await.unwrap();
    tx.commit().await.unwrap();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_the_accounts_own() {
        let at: Moment = "2026-11-30T21:30:00Z".parse().unwrap();
        assert_eq!(Month::of(at, chrono_tz::Europe::Moscow), Month(202_612));
        assert_eq!(Month::of(at, chrono_tz::UTC), Month(202_611));
    }
}
