//! Deliveries: one message to one contact in one campaign, the unit of truth. Claims, outcomes,
//! books, statistics.
//!
//! The invariant: every contact of a campaign's audience has one row, every row is in one state,
//! and the counters move in the transaction that moves the rows. Whoever changes several things at
//! once takes hold of them in this order: contact, delivery rows, an owner's people of the day,
//! counters of campaigns, the counter of the month's messages; so two changes wait for each other
//! and never deadlock.

pub mod begun;
pub mod books;
pub mod cascade;
pub mod claim;
pub mod counts;
pub mod daily;
pub mod dialogue;
#[cfg(any(test, feature = "testing"))]
pub mod fixture;
pub mod kept;
pub mod merge;
pub mod month;
pub mod numbers;
pub mod outcome;
pub mod outgoing;
pub mod part;
pub mod queries;
pub mod read_time;
pub mod receipt;
pub mod recovery;
pub mod response;
pub mod sheet;
pub(crate) mod speaker;
pub mod state;
pub mod stats;

#[cfg(test)]
mod tests;

pub use counts::{Count, counts};
pub use numbers::{Numbers, People};
pub use part::{Part, Person};
pub use response::{Response, Responses};
pub use state::State;

use speaker::Ended;

use crate::{
    clock::Moment,
    id::{AccountId, AddressId, CampaignId, ChannelId, ContactId},
    on,
    store::{Together, Tx},
    words::{Reason, Why},
};

/// What this room finds that a campaign should do. It never writes the campaign's row itself:
/// [`crate::campaign::control::grant`] does it, for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Pause, for this reason.
    Pause(Why),
}

/// Cancels everything of a contact that is not yet in flight, in the caller's transaction (an
/// opt-out's), and moves the counters of the campaigns concerned; what was to go again is
/// uncertain, for it may have gone the first time. Returns how many messages will now not go.
///
/// # Errors
/// The database's.
pub async fn cancel_contact(tx: &mut Tx, account: AccountId, contact: ContactId, reason: Reason, now: Moment) -> sqlx::Result<u64> {
    on!(tx.conn(), |c| sqlx::query(queries::HOLD_CONTACT).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
    let code = reason.as_str();
    let cancelled: Vec<Cancelled> =
        on!(tx.conn(), |c| sqlx::query_as(queries::CANCEL_CONTACT).bind(account).bind(contact).bind(code).bind(now).fetch_all(c).await)?;
    let replies: Vec<outgoing::Cancelled> =
        on!(tx.conn(), |c| sqlx::query_as(queries::CANCEL_REPLIES).bind(account).bind(contact).bind(code).fetch_all(c).await)?;
    cancel_answers(tx, account, contact, reason).await?;
    let settled: Vec<Cancelled> =
        on!(tx.conn(), |c| sqlx::query_as(queries::SETTLE_CONTACT).bind(account).bind(contact).fetch_all(c).await)?;
    let many = cancelled.len();
    count_moved(tx, account, cancelled, settled, now).await?;
    outgoing::tell_cancelled(tx, account, &replies, reason, now).await?;
    Ok((many + replies.len()) as u64)
}

/// Cancels the answers to a contact that are not yet in flight: whatever they were to, the person
/// said since that nothing is to come.
///
/// # Errors
/// The database's.
pub async fn cancel_answers(tx: &mut Tx, account: AccountId, contact: ContactId, reason: Reason) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::CANCEL_ANSWERS).bind(account).bind(contact).bind(reason.as_str()).execute(c).await.map(|_| ()))
}

/// A row that was taken out of the way, as it is now.
#[derive(Debug, sqlx::FromRow)]
struct Cancelled {
    #[sqlx(flatten)]
    row: Ended,
    /// It is to be looked at whether the next step goes.
    waits: bool,
    /// Another message speaks for the person.
    #[sqlx(default)]
    passed: bool,
}

/// Moves the counters of what waited and was cancelled, and of those whose next step was waited
/// for and will not go; whoever an earlier step wrote to was reached by it.
async fn count_moved(tx: &mut Tx, account: AccountId, cancelled: Vec<Cancelled>, settled: Vec<Cancelled>, now: Moment) -> sqlx::Result<()> {
    let mut moves = counts::Moves::default();
    for Cancelled { row, waits, passed } in &cancelled {
        let now = counts::At::of(row.state, row.reason.as_ref(), *waits, *passed);
        moves.step(row.part, row.planned, (State::Queued, None), now);
    }
    for Cancelled { row, passed, .. } in &settled {
        let at = |waits| counts::At::of(row.state, row.reason.as_ref(), waits, *passed);
        moves.step(row.part, row.planned, at(true), at(false));
    }
    let ended: Vec<Ended> = cancelled.into_iter().chain(settled).filter(|one| !one.waits && !one.passed).map(|one| one.row).collect();
    let said = speaker::hand_back(tx, account, &ended, &mut moves, now).await?;
    let mut end = Together::new(tx.engine());
    outcome::add_deadlines(&mut end, &said);
    moves.add_to(&mut end);
    tx.run(end).await.map(|_| ())
}

/// No further step of a campaign goes: those whose messages were to be looked at are as they are
/// now, so many of them at most, in the caller's transaction. Returns how many it were; fewer than
/// `limit` means that none is left.
///
/// # Errors
/// The database's.
pub async fn settle_campaign_some(tx: &mut Tx, account: AccountId, campaign: CampaignId, limit: i64, now: Moment) -> sqlx::Result<u64> {
    let settled: Vec<Cancelled> =
        on!(tx.conn(), |c| sqlx::query_as(queries::SETTLE_CAMPAIGN).bind(account).bind(campaign).bind(limit).fetch_all(c).await)?;
    let many = settled.len() as u64;
    count_moved(tx, account, Vec::new(), settled, now).await?;
    Ok(many)
}

/// The owner of one address blocked the sender: cancels what is not yet in flight to **that
/// address**, in the caller's transaction, and moves the counters. What goes to the contact
/// elsewhere goes on. `chat`: the channel and the address as replies name it.
///
/// # Errors
/// The database's.
pub async fn cancel_address(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    address: AddressId,
    chat: (ChannelId, &str),
    now: Moment,
) -> sqlx::Result<u64> {
    const REASON: Reason = Reason::Blocked;
    on!(tx.conn(), |c| sqlx::query(queries::HOLD_CONTACT).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
    let cancelled: Vec<Cancelled> = on!(tx.conn(), |c| sqlx::query_as(queries::CANCEL_ADDRESS)
        .bind(account)
        .bind(contact)
        .bind(address)
        .bind(REASON.as_str())
        .bind(now)
        .fetch_all(c)
        .await)?;
    let replies: Vec<outgoing::Cancelled> = on!(tx.conn(), |c| sqlx::query_as(queries::CANCEL_REPLIES_TO)
        .bind(account)
        .bind(contact)
        .bind(chat.0)
        .bind(chat.1)
        .bind(REASON.as_str())
        .fetch_all(c)
        .await)?;
    let many = cancelled.len();
    count_moved(tx, account, cancelled, Vec::new(), now).await?;
    outgoing::tell_cancelled(tx, account, &replies, REASON, now).await?;
    Ok((many + replies.len()) as u64)
}

/// Cancels everything of a campaign that is not yet in flight, `limit` rows at most, in the
/// caller's transaction, and moves its counters. Returns how many messages will now not go; fewer
/// than `limit` means that none is left.
///
/// # Errors
/// The database's.
pub async fn cancel_campaign_some(
    tx: &mut Tx,
    account: AccountId,
    campaign: CampaignId,
    reason: Reason,
    limit: i64,
    now: Moment,
) -> sqlx::Result<u64> {
    let rows: Vec<Cancelled> = on!(tx.conn(), |c| sqlx::query_as(queries::LEAVE_OUT)
        .bind(account)
        .bind(campaign)
        .bind(reason.as_str())
        .bind(now)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    let many = rows.len() as u64;
    count_moved(tx, account, rows, Vec::new(), now).await?;
    Ok(many)
}

/// Cancels what of a step is not yet in flight, because its channel was removed: `limit` rows at
/// most, in the caller's transaction. Its people go on to the next step. Returns how many messages
/// will now not go; fewer than `limit` means that none is left.
///
/// # Errors
/// The database's.
pub async fn cancel_step_some(
    tx: &mut Tx,
    account: AccountId,
    (campaign, step): (CampaignId, i16),
    limit: i64,
    now: Moment,
) -> sqlx::Result<u64> {
    let rows: Vec<Cancelled> = on!(tx.conn(), |c| sqlx::query_as(queries::LEAVE_STEP)
        .bind(account)
        .bind(campaign)
        .bind(step)
        .bind(Reason::ChannelRemoved.as_str())
        .bind(now)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    let many = rows.len() as u64;
    count_moved(tx, account, rows, Vec::new(), now).await?;
    Ok(many)
}
