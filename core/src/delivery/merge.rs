//! A chat to which campaigns wrote, or are about to, turned out to be a known contact's, or one
//! contact another's: it is one person, and what campaigns have of the chat is theirs.
//!
//! Of a campaign that only the chat is in, its messages are the contact's from now on. Of one that
//! both are in, the messages of whoever got further count and are the contact's; of the other
//! nothing more goes, and what is left of them stays with the chat's contact, which is deleted. So
//! nobody gets a campaign twice who has not by now, and nobody is left out for having been merged.

use std::collections::BTreeMap;

use super::{Cancelled, State, claim::may_have_gone, count_moved, queries, response};
use crate::{
    clock::Moment,
    id::{AccountId, CampaignId, ContactId, DeliveryId},
    on,
    store::{Db, Tx, heed, json_ids},
    words::Why,
};

/// A message of either contact, in a campaign that the chat is in.
#[derive(sqlx::FromRow)]
struct Row {
    id: DeliveryId,
    campaign_id: CampaignId,
    contact_id: ContactId,
    state: State,
    reason: Option<Why>,
}

impl Row {
    /// How far it got.
    fn got(&self) -> u8 {
        match self.state {
            State::Read => 5,
            State::Delivered => 4,
            State::Sent => 3,
            State::Sending | State::Uncertain => 2,
            State::Queued if may_have_gone(self.reason.as_ref().and_then(Why::known)) => 2,
            State::Queued => 1,
            State::Failed | State::Skipped | State::Cancelled => 0,
        }
    }
}

/// The contact `from`, which is no more than a chat, turned out to be `to`: so are its messages in
/// campaigns, and when something last went to it. To be done before either contact is changed. The
/// campaigns whose messages are `to`'s now are given, for [`divided`].
///
/// # Errors
/// The database's.
pub async fn merged(tx: &mut Tx, account: AccountId, (from, to): (ContactId, ContactId), now: Moment) -> sqlx::Result<Vec<CampaignId>> {
    hold(tx, account, (from, to)).await?;
    let sql = match tx.conn() {
        Db::Sqlite(_) => queries::MERGE_ROWS_SQLITE,
        Db::Postgres(_) => queries::MERGE_ROWS_POSTGRES,
    };
    let rows: Vec<Row> = on!(tx.conn(), |c| sqlx::query_as(sql).bind(account).bind(from).bind(to).fetch_all(c).await)?;
    let mut campaigns: BTreeMap<CampaignId, (Vec<Row>, Vec<Row>)> = BTreeMap::new();
    for row in rows {
        let (chats, theirs) = campaigns.entry(row.campaign_id).or_default();
        if row.contact_id == from { chats.push(row) } else { theirs.push(row) }
    }
    for sql in [queries::MERGE_BEFORE, queries::MERGE_STAMPS, response::MOVE] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(from).bind(to).execute(c).await.map(|_| ()))?;
    }
    let (mut become_theirs, mut change_places, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for (campaign, (chats, theirs)) in campaigns {
        let furthest = |rows: &[Row]| rows.iter().map(Row::got).max();
        let counts = furthest(&chats) > furthest(&theirs);
        if !theirs.is_empty() {
            end(tx, account, campaign, if counts { to } else { from }, now).await?;
        }
        if counts {
            changed.push(campaign);
            become_theirs.extend(chats.iter().map(|row| row.id.0));
            change_places.extend(theirs.iter().map(|row| row.id.0));
        }
        // A kept list of recipients says otherwise; it is made anew when somebody asks.
        for sql in [response::STALE, response::DROP_STALE] {
            on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(campaign).execute(c).await.map(|_| ()))?;
        }
    }
    give(tx, account, &change_places, ContactId::new()).await?;
    give(tx, account, &become_theirs, to).await?;
    give(tx, account, &change_places, from).await?;
    Ok(changed)
}

/// What is in flight is held before the contacts, as its record holds both.
async fn hold(tx: &mut Tx, account: AccountId, (one, two): (ContactId, ContactId)) -> sqlx::Result<()> {
    if let Db::Postgres(c) = tx.conn() {
        let _: Vec<DeliveryId> = sqlx::query_scalar(queries::MERGE_HOLD_POSTGRES).bind(account).bind(one).bind(two).fetch_all(c).await?;
    }
    for contact in [one.min(two), one.max(two)] {
        on!(tx.conn(), |c| sqlx::query(queries::HOLD_CONTACT).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Two who became one are two again: in the campaigns whose messages changed hands
/// ([`merged`]) each has what was theirs, with the steps that came since. What was cancelled stays
/// so: nobody is written to anew for having been divided.
///
/// # Errors
/// The database's.
pub async fn divided(tx: &mut Tx, account: AccountId, (stays, goes): (ContactId, ContactId), campaigns: &[CampaignId]) -> sqlx::Result<()> {
    hold(tx, account, (stays, goes)).await?;
    for campaign in campaigns {
        let of = async |tx: &mut Tx, contact: ContactId| -> sqlx::Result<Vec<i64>> {
            on!(tx.conn(), |c| sqlx::query_scalar(queries::MERGE_OF).bind(account).bind(*campaign).bind(contact).fetch_all(c).await)
        };
        let (became, changed_places) = (of(tx, stays).await?, of(tx, goes).await?);
        give(tx, account, &became, ContactId::new()).await?;
        give(tx, account, &changed_places, stays).await?;
        give(tx, account, &became, goes).await?;
        on!(tx.conn(), |c| sqlx::query(response::BACK).bind(account).bind(stays).bind(goes).bind(*campaign).execute(c).await.map(|_| ()))?;
        for sql in [response::STALE, response::DROP_STALE] {
            on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(*campaign).execute(c).await.map(|_| ()))?;
        }
    }
    Ok(())
}

/// Nothing more of a campaign goes to this contact; what is in flight goes no second time.
async fn end(tx: &mut Tx, account: AccountId, campaign: CampaignId, contact: ContactId, now: Moment) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::MERGE_MARK).bind(account).bind(campaign).bind(contact).execute(c).await.map(|_| ()))?;
    let cancelled: Vec<Cancelled> =
        on!(tx.conn(), |c| sqlx::query_as(queries::MERGE_CANCEL).bind(account).bind(campaign).bind(contact).bind(now).fetch_all(c).await)?;
    let settled: Vec<Cancelled> =
        on!(tx.conn(), |c| sqlx::query_as(queries::MERGE_SETTLE).bind(account).bind(campaign).bind(contact).fetch_all(c).await)?;
    count_moved(tx, account, cancelled, settled, now).await
}

/// Makes messages a contact's.
async fn give(tx: &mut Tx, account: AccountId, ids: &[i64], contact: ContactId) -> sqlx::Result<()> {
    match tx.conn() {
        _ if ids.is_empty() => Ok(()),
        Db::Sqlite(c) => {
            heed(sqlx::query(queries::MERGE_GIVE_SQLITE).bind(account).bind(json_ids(ids)).bind(contact).execute(c).await.map(|_| ()))
        }
        Db::Postgres(c) => sqlx::query(queries::MERGE_GIVE_POSTGRES).bind(account).bind(ids).bind(contact).execute(c).await.map(|_| ()),
    }
}
