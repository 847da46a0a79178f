//! Without a valid licence nothing is sent; opt-outs, consent records and exports go on working.
//!
//! Plans are data. A licence is a row with a plan and a span of time; the claim of deliveries
//! asks by [`licence_plan!`](crate::licence_plan), screens ask by [`current`]. How much of a plan
//! is used says [`super::usage`].

use chrono::TimeDelta;
use serde_json::json;

use super::{AccountError, By, queries};
use crate::{
    clock::Moment,
    id::{AccountId, LicenceId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::Store,
};

/// An SQL expression: the plan of the account's licence that holds now, of several the one that
/// lasts longest; null without one. The arguments are literals: the SQL of the account's id
/// (`"d.account_id"`), the placeholder of the moment (`"$2"`), and what stands behind it (`" for
/// share"`). A licence that had begun when it was issued, or at the latest moment any process saw,
/// has begun: a machine whose clock is behind when it starts does not take it away.
#[macro_export]
macro_rules! licence_plan {
    ($account:literal, $now:literal, $suffix:literal) => {
        concat!(
            "(select lic.plan from licence lic where lic.account_id = ",
            $account,
            " and lic.revoked_at is null and (lic.valid_from <= ",
            $now,
            " or lic.valid_from <= lic.created_at or lic.valid_from <= (select seen.at from clock_seen seen where seen.id = 1)) and lic.valid_until > ",
            $now,
            " order by lic.valid_until desc, lic.id desc limit 1",
            $suffix,
            ")"
        )
    };
}

/// Which tariff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlanKind {
    /// To try.
    Trial,
    /// A small company.
    Start,
    /// A company that sends every week.
    Business,
    /// No limits.
    Unlimited,
}

/// A tariff: `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub kind: PlanKind,
    /// Members who can sign in.
    pub members: Option<i64>,
    pub channels: Option<i64>,
    pub contacts: Option<i64>,
    /// Campaign messages a calendar month.
    pub messages_per_month: Option<i64>,
}

/// Every tariff, smallest first.
pub const PLANS: [Plan; 4] = [
    Plan { kind: PlanKind::Trial, members: Some(3), channels: Some(1), contacts: Some(5_000), messages_per_month: Some(10_000) },
    Plan { kind: PlanKind::Start, members: Some(5), channels: Some(2), contacts: Some(20_000), messages_per_month: Some(100_000) },
    Plan { kind: PlanKind::Business, members: Some(25), channels: Some(10), contacts: Some(200_000), messages_per_month: Some(1_000_000) },
    Plan { kind: PlanKind::Unlimited, members: None, channels: None, contacts: None, messages_per_month: None },
];

impl PlanKind {
    /// The word in tables, commands and texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Its limits.
    #[must_use]
    pub fn plan(self) -> &'static Plan {
        // The table holds each kind in the order of the enum; a test walks it.
        &PLANS[self as usize]
    }
}

impl std::str::FromStr for PlanKind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        PLANS
            .iter()
            .map(|p| p.kind)
            .find(|k| k.as_str() == word)
            .ok_or_else(|| format!("there is no plan `{word}`; the plans are {}", PLANS.map(|p| p.kind.as_str()).join(", ")))
    }
}

/// What an account bought.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Licence {
    pub id: LicenceId,
    pub account_id: AccountId,
    /// The tariff.
    pub plan: PlanKind,
    pub valid_from: Moment,
    /// Until when (this moment no longer).
    pub valid_until: Moment,
    /// Taken back since.
    pub revoked_at: Option<Moment>,
}

impl Licence {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn valid(&self, now: Moment) -> bool {
        self.revoked_at.is_none() && self.valid_from <= now && now < self.valid_until
    }

    /// Whole days left, rounded up; 0 when it is over or taken back. A clock that is behind its
    /// begin takes nothing away.
    #[must_use]
    pub fn days_left(&self, now: Moment) -> i64 {
        if self.revoked_at.is_some() || self.valid_until <= now {
            return 0;
        }
        let seconds = (self.valid_until - now).num_seconds();
        seconds / 86_400 + i64::from(seconds % 86_400 > 0)
    }
}

/// The licence that holds now; `None`: nothing may be sent.
///
/// # Errors
/// The database's.
pub async fn current(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<Option<Licence>> {
    on!(store.read(), |c| sqlx::query_as(queries::LICENCE).bind(account).bind(now).fetch_optional(c).await)
}

/// All licences of an account, the one that lasts longest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Licence>> {
    on!(store.read(), |c| sqlx::query_as(queries::LICENCES).bind(account).fetch_all(c).await)
}

/// Issues a licence: the seller's act, so the command line's only.
///
/// # Errors
/// The database's.
pub async fn issue(
    store: &Store,
    account: AccountId,
    plan: PlanKind,
    valid_from: Moment,
    valid_until: Moment,
    now: Moment,
) -> sqlx::Result<LicenceId> {
    let id = LicenceId::new();
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::INSERT_LICENCE)
        .bind(id)
        .bind(account)
        .bind(plan)
        .bind(valid_from)
        .bind(valid_until)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    By::Admin(account).audit(&mut tx, "licence.issue", id, json!({ "plan": plan, "from": valid_from, "until": valid_until }), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Takes a licence back: the command line's only.
///
/// # Errors
/// [`AccountError::NotFound`] or the database's.
pub async fn revoke(store: &Store, account: AccountId, id: LicenceId, now: Moment) -> Result<(), AccountError> {
    let mut tx = store.begin().await?;
    let revoked = on!(tx.conn(), |c| sqlx::query(queries::REVOKE_LICENCE)
        .bind(account)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if revoked == 0 {
        return Err(AccountError::NotFound);
    }
    By::Admin(account).audit(&mut tx, "licence.revoke", id, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// What a plan limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Members who can sign in.
    Members,
    Channels,
    Contacts,
    /// Campaign messages this calendar month (in the account's zone).
    MessagesThisMonth,
}

impl Limit {
    /// The plan's number; `None`: no limit.
    #[must_use]
    pub fn of(self, plan: &Plan) -> Option<i64> {
        match self {
            Self::Members => plan.members,
            Self::Channels => plan.channels,
            Self::Contacts => plan.contacts,
            Self::MessagesThisMonth => plan.messages_per_month,
        }
    }
}

/// A plan's limit stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the plan {} allows {allowed} ({limit:?}), there are {used}", .plan.as_str())]
pub struct OverLimit {
    pub limit: Limit,
    pub plan: PlanKind,
    pub allowed: i64,
    pub used: i64,
}

/// Tells the members of every account whose licence ends within seven days, and again within one;
/// for the tick, which may call it as often as it likes. Returns how many licences are ending.
///
/// # Errors
/// The database's.
pub async fn warn_ending(store: &Store, now: Moment) -> sqlx::Result<usize> {
    let soon = now + TimeDelta::days(7);
    let ending: Vec<Licence> = on!(store.read(), |c| sqlx::query_as(queries::LICENCES_ENDING).bind(now).bind(soon).fetch_all(c).await)?;
    if ending.is_empty() {
        return Ok(0);
    }
    let mut tx = store.begin().await?;
    for licence in &ending {
        let stage = if licence.days_left(now) <= 1 { 1 } else { 7 };
        let notice = NewNotice {
            account: licence.account_id,
            member: None,
            kind: NoticeKind::LicenceEnding,
            payload: json!({ "until": licence.valid_until }),
            dedupe_key: format!("licence.ending:{}:{stage}", licence.id),
        };
        notice::raise(&mut tx, notice, now).await?;
    }
    tx.commit().await?;
    Ok(ending.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_is_found_by_its_kind_and_word() {
        for plan in &PLANS {
            assert_eq!(plan.kind.plan(), plan);
            assert_eq!(plan.kind.as_str().parse(), Ok(plan.kind));
        }
        assert!("gold".parse::<PlanKind>().is_err());
    }

    #[test]
    fn a_licence_holds_from_its_first_moment_to_before_its_last() {
        let from: Moment = "2026-03-01T00:00:00Z".parse().unwrap();
        let until = from + TimeDelta::days(30);
        let mut licence = Licence {
            id: LicenceId::new(),
            account_id: AccountId::new(),
            plan: PlanKind::Trial,
            valid_from: from,
            valid_until: until,
            revoked_at: None,
        };
        let ms = TimeDelta::milliseconds(1);
        let table = [(from - ms, false, 0), (from, true, 30), (from + ms, true, 30), (until - ms, true, 0), (until, false, 0)];
        for (at, valid, _) in table {
            assert_eq!(licence.valid(at), valid, "{at}");
        }
        assert_eq!(licence.days_left(from), 30);
        assert_eq!(licence.days_left(from + TimeDelta::hours(1)), 30);
        assert_eq!(licence.days_left(until - TimeDelta::hours(1)), 1);
        assert_eq!((licence.days_left(from - TimeDelta::hours(1)), licence.days_left(until)), (31, 0));
        licence.revoked_at = Some(from);
        assert!(!licence.valid(from));
    }
}
