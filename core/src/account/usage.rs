//! How much of what its plan allows an account uses, and what happens at the limit. The limits hold
//! where the rows are made, in the same transaction, whoever makes them:
//!
//! | what | at the limit |
//! | --- | --- |
//! | members, channels | refused ([`fits`]) |
//! | contacts | an import leaves the rest out, and gives it back as refused; a CRM sync leaves new ones out and goes on with those it knows. Who writes, and who said stop, is always recorded, even beyond the limit |
//! | campaign messages of a month | the claim takes no more, and the campaign pauses; a member lets it go on when there is room |
//! | people written to in a month | the same: whoever was written to this month can be written to again, and the next new person pauses the campaign |
//!
//! A message counts from its claim on, once whatever is tried, in the month in which it was
//! claimed; what certainly did not go is given back. A person counts once a month, from the first
//! claim of a campaign message to them on, where the plan in force limits people; the place is kept
//! for them whatever became of that message. An account without a licence, or with one of a plan
//! that this server does not know, is not limited: it cannot send at all. A smaller plan takes
//! nothing away that is there.

use serde_json::json;

use super::{
    licence::{self, Licence, Limit, OverLimit},
    queries, settings,
};
use crate::{
    clock::Moment,
    id::AccountId,
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{
        Store, Tx, audit,
        usage::{self, Counted, Month},
    },
};

/// How many of these the account has now; by counters, so that a screen costs the same for ten
/// contacts and ten million.
///
/// # Errors
/// The database's.
pub async fn used(store: &Store, account: AccountId, limit: Limit, now: Moment) -> sqlx::Result<i64> {
    match limit {
        Limit::Members => on!(store.read(), |c| sqlx::query_scalar(queries::COUNT_MEMBERS).bind(account).fetch_one(c).await),
        Limit::Channels => on!(store.read(), |c| sqlx::query_scalar(queries::COUNT_CHANNELS).bind(account).fetch_one(c).await),
        Limit::Contacts => usage::used(store, account, Counted::Contacts, Month::NONE).await,
        Limit::PeopleThisMonth | Limit::MessagesThisMonth => {
            let month = Month::of(now, settings::zone(store, account).await?);
            usage::used(store, account, monthly(limit), month).await
        }
    }
}

/// What a limit of a month counts.
fn monthly(limit: Limit) -> Counted {
    if limit == Limit::PeopleThisMonth { Counted::People } else { Counted::Messages }
}

/// Whether `adding` more would fit the plan: a look, for screens that ask before a member types.
/// What makes the rows asks again.
///
/// # Errors
/// The database's; that they do not fit is the inner result.
pub async fn check(store: &Store, account: AccountId, limit: Limit, adding: i64, now: Moment) -> sqlx::Result<Result<(), OverLimit>> {
    let Some(licence) = licence::current(store, account, now).await? else { return Ok(Ok(())) };
    let Some(allowed) = limit.of(licence.plan) else { return Ok(Ok(())) };
    let used = used(store, account, limit, now).await?;
    Ok(if used + adding > allowed { Err(OverLimit { limit, plan: licence.plan, allowed, used }) } else { Ok(()) })
}

async fn current_in(tx: &mut Tx, account: AccountId, now: Moment) -> sqlx::Result<Option<Licence>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::LICENCE).bind(account).bind(now).fetch_optional(c).await)
}

/// Whether `adding` more members or channels fit the plan, in the change that adds them. They are
/// few and counted as they are; of two changes at once the second waits here for the first.
///
/// # Errors
/// The database's; that they do not fit is the inner result.
pub async fn fits(tx: &mut Tx, account: AccountId, limit: Limit, adding: i64, now: Moment) -> sqlx::Result<Result<(), OverLimit>> {
    on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(account).execute(c).await.map(|_| ()))?;
    let Some(licence) = current_in(tx, account, now).await? else { return Ok(Ok(())) };
    let Some(allowed) = limit.of(licence.plan) else { return Ok(Ok(())) };
    let used: i64 = match limit {
        Limit::Members => on!(tx.conn(), |c| sqlx::query_scalar(queries::COUNT_MEMBERS).bind(account).fetch_one(c).await)?,
        Limit::Channels => on!(tx.conn(), |c| sqlx::query_scalar(queries::COUNT_CHANNELS).bind(account).fetch_one(c).await)?,
        Limit::Contacts => usage::used_in(tx, account, Counted::Contacts, Month::NONE).await?,
        Limit::PeopleThisMonth | Limit::MessagesThisMonth => {
            let month = month_in(tx, account, now).await?;
            usage::used_in(tx, account, monthly(limit), month).await?
        }
    };
    Ok(if used + adding > allowed { Err(OverLimit { limit, plan: licence.plan, allowed, used }) } else { Ok(()) })
}

/// The month of a moment in the account's zone.
///
/// # Errors
/// The database's.
pub async fn month_in(tx: &mut Tx, account: AccountId, at: Moment) -> sqlx::Result<Month> {
    let settings: Option<settings::AccountSettings> =
        on!(tx.conn(), |c| sqlx::query_as(queries::SETTINGS).bind(account).fetch_optional(c).await)?;
    Ok(Month::of(at, settings.map_or(chrono_tz::UTC, |settings| settings.tz())))
}

/// How many contacts an account may have, and how many more than it has now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What the plan allows; `None`: any number.
    pub allowed: Option<i64>,
    /// How many more fit; never below zero.
    pub left: i64,
}

/// The room for contacts as the change at hand sees it. Nothing is held: [`usage::settle_contacts`]
/// asks once more before the commit.
///
/// # Errors
/// The database's.
pub async fn room_for_contacts(tx: &mut Tx, account: AccountId, now: Moment) -> sqlx::Result<Room> {
    let allowed = current_in(tx, account, now).await?.and_then(|licence| Limit::Contacts.of(licence.plan));
    let Some(allowed) = allowed else { return Ok(Room { allowed: None, left: i64::MAX }) };
    let used = usage::used_in(tx, account, Counted::Contacts, Month::NONE).await? + tx.contacts_made(account);
    Ok(Room { allowed: Some(allowed), left: (allowed - used).max(0) })
}

/// Campaign messages that a month still allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessagesLeft {
    /// How many the plan allows a month.
    pub allowed: i64,
    /// How many of them are left.
    pub left: i64,
}

/// How many campaign messages may still go in the month of `at`, by the licence that holds at
/// `now`; `None`: any number.
///
/// # Errors
/// The database's.
pub async fn messages_left(store: &Store, account: AccountId, at: Moment, now: Moment) -> sqlx::Result<Option<MessagesLeft>> {
    let allowed = licence::current(store, account, now).await?.and_then(|licence| Limit::MessagesThisMonth.of(licence.plan));
    let Some(allowed) = allowed else { return Ok(None) };
    let used = used(store, account, Limit::MessagesThisMonth, at).await?;
    Ok(Some(MessagesLeft { allowed, left: (allowed - used).max(0) }))
}

/// Tells the owners, once a month, plan and limit, that the month's messages or people are used up
/// and campaigns wait.
///
/// # Errors
/// The database's.
pub async fn tell_used_up(tx: &mut Tx, account: AccountId, now: Moment) -> sqlx::Result<()> {
    let Some(licence) = current_in(tx, account, now).await? else { return Ok(()) };
    let month = month_in(tx, account, now).await?;
    let messages = Limit::MessagesThisMonth.of(licence.plan);
    let out_of_messages = match messages {
        Some(allowed) => usage::used_in(tx, account, Counted::Messages, month).await? >= allowed,
        None => false,
    };
    // Whatever else closed the claim: a month's messages and its people alone do.
    let (what, allowed) = match (out_of_messages, messages, Limit::PeopleThisMonth.of(licence.plan)) {
        (true, Some(allowed), _) | (false, Some(allowed), None) => ("messages", allowed),
        (_, _, Some(allowed)) => ("people", allowed),
        (_, None, None) => return Ok(()),
    };
    let notice = NewNotice {
        account,
        member: None,
        kind: NoticeKind::LicenceUsedUp,
        payload: json!({ "plan": licence.plan, "allowed": allowed, "what": what }),
        dedupe_key: format!("licence.used_up:{account}:{month}:{}:{what}", licence.plan),
    };
    notice::raise(tx, notice, now).await
}
