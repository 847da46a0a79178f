//! What people did after a campaign's message: they replied, opted out, or blocked the sender.
//!
//! One mark a person and kind, so a hundred replies of one person are one; the counters move in the
//! transaction that makes the mark, after everything else of it, so that a report costs the same
//! for ten recipients and ten million.

use chrono::TimeDelta;

use crate::{
    clock::Moment,
    id::{AccountId, CampaignId, ChannelId, ContactId, DeliveryId},
    on,
    store::{Store, Tx},
};

/// What answers no message in particular is counted for the campaign that wrote to the person so
/// lately.
pub const WITHIN: TimeDelta = TimeDelta::hours(72);

/// A message, and the person it was written to.
pub const OF_MESSAGE: &str = "select id, campaign_id, contact_id, true as exact, sent_at from delivery where account_id = $1 and channel_id = $2 and message_ref = $3";
/// The last campaign message to a contact through a channel.
pub const LAST: &str = "select id, campaign_id, contact_id, false as exact, sent_at from delivery where account_id = $1 and contact_id = $2 and channel_id = $3 \
    and sent_at >= $4 order by sent_at desc, id desc limit 1";
/// Makes a mark, once.
pub const MARK: &str = "insert into response (campaign_id, contact_id, what, account_id, at) values ($1, $2, $3, $4, $5) \
    on conflict (campaign_id, contact_id, what) do nothing";
/// Counts it.
pub const COUNT: &str = "insert into response_count (campaign_id, what, account_id, n) values ($1, $2, $3, 1) \
    on conflict (campaign_id, what) do update set n = response_count.n + 1";
/// What a chat's owner did is what the contact did that it turned out to be; to be done while the
/// chat's messages are its own.
pub const MOVE: &str = "update response set contact_id = $3 where account_id = $1 and contact_id = $2 \
    and campaign_id in (select d.campaign_id from delivery d where d.account_id = $1 and d.contact_id = $2) \
    and not exists (select 1 from response r where r.campaign_id = response.campaign_id and r.contact_id = $3 and r.what = response.what)";
/// The other way round, of a campaign that the contact itself was not in.
pub const BACK: &str = "update response set contact_id = $3 where account_id = $1 and contact_id = $2 and campaign_id = $4 \
    and not exists (select 1 from delivery d where d.account_id = $1 and d.campaign_id = $4 and d.contact_id = $2) \
    and not exists (select 1 from response r where r.campaign_id = response.campaign_id and r.contact_id = $3 and r.what = response.what)";
/// A kept list of recipients that does not know of it.
pub const STALE: &str = "update file set content = substr(content, 1, 0), size = 0 where id in (select f.file_id from campaign_file f \
    where f.campaign_id = $2 and f.kind = 'recipients' and f.account_id = $1)";
/// It is made anew when somebody asks.
pub const DROP_STALE: &str = "delete from campaign_file where account_id = $1 and campaign_id = $2 and kind = 'recipients'";
/// A campaign's counters.
pub const COUNTS: &str = "select what, n from response_count where account_id = $1 and campaign_id = $2";

/// Every statement.
pub const ALL: &[&str] = &[OF_MESSAGE, LAST, MARK, COUNT, MOVE, BACK, STALE, DROP_STALE, COUNTS];

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Response {
    /// Wrote to us.
    Reply,
    /// Said stop, in whatever way.
    OptOut,
    /// Blocked the sender.
    Block,
}

/// How many people did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Responses {
    /// Wrote to us.
    pub replied: i64,
    /// Said stop.
    pub opted_out: i64,
    /// Blocked the sender after they had got it.
    pub blocked: i64,
}

impl Responses {
    /// From counters.
    #[must_use]
    pub fn of(counts: &[(Response, i64)]) -> Self {
        let sum = |what| counts.iter().filter(|(of, _)| *of == what).map(|(_, n)| n).sum();
        Self { replied: sum(Response::Reply), opted_out: sum(Response::OptOut), blocked: sum(Response::Block) }
    }
}

/// A message that something a person did belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Written {
    #[sqlx(rename = "id")]
    pub delivery: DeliveryId,
    #[sqlx(rename = "campaign_id")]
    pub campaign: CampaignId,
    /// To whom it was written. A chat may have moved to another contact since.
    #[sqlx(rename = "contact_id")]
    pub contact: ContactId,
    /// It was done under this very message, or in answer to it.
    exact: bool,
    sent_at: Option<Moment>,
}

impl Written {
    /// Whether what was done at this moment, by the provider, says that the message was read: it
    /// was done under it, or in its chat once it was there. Providers tell whole seconds.
    #[must_use]
    pub fn was_read(&self, at: Moment) -> bool {
        self.exact || self.sent_at.is_some_and(|sent| sent <= at + TimeDelta::seconds(1))
    }
}

/// The message that something a contact did through a channel belongs to: the one it was done under
/// or in answer to, else the last one of the last [`WITHIN`].
///
/// # Errors
/// The database's.
pub async fn written(
    tx: &mut Tx,
    account: AccountId,
    (channel, contact): (ChannelId, ContactId),
    message: Option<&str>,
    now: Moment,
) -> sqlx::Result<Option<Written>> {
    if let Some(message) = message {
        let found = on!(tx.conn(), |c| sqlx::query_as(OF_MESSAGE).bind(account).bind(channel).bind(message).fetch_optional(c).await)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    on!(tx.conn(), |c| sqlx::query_as(LAST).bind(account).bind(contact).bind(channel).bind(now - WITHIN).fetch_optional(c).await)
}

/// Marks what a person did after a campaign's message, and counts it if it is the first time; the
/// last thing a change does.
///
/// # Errors
/// The database's.
pub async fn note(
    tx: &mut Tx,
    account: AccountId,
    (campaign, contact): (CampaignId, ContactId),
    what: Response,
    now: Moment,
) -> sqlx::Result<()> {
    let new = on!(tx.conn(), |c| sqlx::query(MARK)
        .bind(campaign)
        .bind(contact)
        .bind(what)
        .bind(account)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if new == 0 {
        return Ok(());
    }
    for sql in [STALE, DROP_STALE] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(campaign).execute(c).await.map(|_| ()))?;
    }
    on!(tx.conn(), |c| sqlx::query(COUNT).bind(campaign).bind(what).bind(account).execute(c).await.map(|_| ()))
}

/// What people did after a campaign's messages.
///
/// # Errors
/// The database's.
pub async fn responses(store: &Store, account: AccountId, campaign: CampaignId) -> sqlx::Result<Responses> {
    let counts: Vec<(Response, i64)> = on!(store.read(), |c| sqlx::query_as(COUNTS).bind(account).bind(campaign).fetch_all(c).await)?;
    Ok(Responses::of(&counts))
}
