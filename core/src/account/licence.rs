//! Without a valid licence nothing is sent; opt-outs, consent records and exports go on working.
//!
//! Plans are data ([`super::plan`]). A licence is a row with a plan's code and a span of time; the
//! claim of deliveries asks by [`licence_plan!`](crate::licence_plan), screens ask by [`current`].
//! How much of a plan is used says [`super::usage`]. Of several licences that hold at once the one
//! that began last counts: another plan bought meanwhile holds from its payment on, and what was
//! left of the former one goes on after it.

use chrono::TimeDelta;
use serde_json::{Value, json};

pub use super::plan::{Plan, PlanCode};
use super::{AccountError, By, queries};
use crate::{
    clock::Moment,
    id::{AccountId, LicenceId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx, audit},
};

/// An SQL expression: the plan of the account's licence that holds now, of several the one that
/// began last; null without one. The arguments are literals: the SQL of the account's id
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
            " order by lic.valid_from desc, lic.valid_until desc, lic.id desc limit 1",
            $suffix,
            ")"
        )
    };
}

/// What an account bought.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Licence {
    pub id: LicenceId,
    pub account_id: AccountId,
    /// The plan's code.
    pub plan: PlanCode,
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

/// Issues a licence: the seller's act, so the command line's only; what a customer pays for is
/// issued by [`super::order`].
///
/// # Errors
/// The database's.
pub async fn issue(
    store: &Store,
    account: AccountId,
    plan: PlanCode,
    valid_from: Moment,
    valid_until: Moment,
    now: Moment,
) -> sqlx::Result<LicenceId> {
    let mut tx = store.begin().await?;
    let id = issue_in(&mut tx, account, &By::Admin(account).trail(), plan, (valid_from, valid_until), json!({}), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Issues a licence in the caller's change; `why` goes into the trail with it.
///
/// # Errors
/// The database's.
pub(super) async fn issue_in(
    tx: &mut Tx,
    account: AccountId,
    actor: &str,
    plan: PlanCode,
    (valid_from, valid_until): (Moment, Moment),
    why: Value,
    now: Moment,
) -> sqlx::Result<LicenceId> {
    let id = LicenceId::new();
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
    let mut details = json!({ "plan": plan, "from": valid_from, "until": valid_until });
    if let (Value::Object(details), Value::Object(why)) = (&mut details, why) {
        details.extend(why);
    }
    audit::record(tx, account, actor, "licence.issue", &id.to_string(), &details, now).await?;
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
    /// People whom campaigns wrote to this calendar month (in the account's zone).
    PeopleThisMonth,
    /// Campaign messages this calendar month (in the account's zone).
    MessagesThisMonth,
}

impl Limit {
    /// The number of a plan of the process; `None`: no limit, or no such plan.
    #[must_use]
    pub fn of(self, plan: PlanCode) -> Option<i64> {
        self.in_plan(plan.plan()?)
    }

    /// A plan's number; `None`: no limit.
    #[must_use]
    pub fn in_plan(self, plan: &Plan) -> Option<i64> {
        match self {
            Self::Members => plan.members,
            Self::Channels => plan.channels,
            Self::Contacts => plan.contacts,
            Self::PeopleThisMonth => plan.people_a_month,
            Self::MessagesThisMonth => plan.messages_a_month,
        }
    }
}

/// A plan's limit stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the plan {plan} allows {allowed} ({limit:?}), there are {used}")]
pub struct OverLimit {
    pub limit: Limit,
    pub plan: PlanCode,
    pub allowed: i64,
    pub used: i64,
}

/// Days before the end at which the owners are told, each once; the last one is the end itself.
pub const REMINDED: [i64; 6] = [30, 14, 7, 3, 1, 0];

/// Of the days at which the owners are told, the last that came, of a licence that ends in so many.
fn reminded_at(days_left: i64) -> Option<i64> {
    REMINDED.into_iter().filter(|stage| days_left <= *stage).min()
}

/// Tells the owners of every account whose licence ends soon, once at each of [`REMINDED`], and
/// once more when it has ended; for the duties of a worker, which may call it as often as it likes.
/// Whoever was away meanwhile tells the last of them alone. Returns how many licences are ending.
///
/// # Errors
/// The database's.
pub async fn warn_ending(store: &Store, now: Moment) -> sqlx::Result<usize> {
    let (since, soon) = (now - TimeDelta::days(REMINDED[0]), now + TimeDelta::days(REMINDED[0]));
    let ending: Vec<Licence> =
        on!(store.read(), |c| sqlx::query_as(queries::LICENCES_ENDING).bind(now).bind(since).bind(soon).fetch_all(c).await)?;
    if ending.is_empty() {
        return Ok(0);
    }
    let mut tx = store.begin().await?;
    for licence in &ending {
        let Some(stage) = reminded_at(licence.days_left(now)) else { continue };
        let notice = NewNotice {
            account: licence.account_id,
            member: None,
            kind: if stage == 0 { NoticeKind::LicenceEnded } else { NoticeKind::LicenceEnding },
            payload: json!({ "until": licence.valid_until, "days": stage }),
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
    fn each_reminder_has_its_days() {
        let table = [
            (31, None),
            (30, Some(30)),
            (15, Some(30)),
            (14, Some(14)),
            (8, Some(14)),
            (7, Some(7)),
            (4, Some(7)),
            (3, Some(3)),
            (2, Some(3)),
            (1, Some(1)),
            (0, Some(0)),
        ];
        for (left, stage) in table {
            assert_eq!(reminded_at(left), stage, "{left}");
        }
    }

    #[test]
    fn a_licence_holds_from_its_first_moment_to_before_its_last() {
        let from: Moment = "2026-03-01T00:00:00Z".parse().unwrap();
        let until = from + TimeDelta::days(30);
        let mut licence = Licence {
            id: LicenceId::new(),
            account_id: AccountId::new(),
            plan: PlanCode::TRIAL,
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
