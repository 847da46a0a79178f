//! Receipts that came before their messages: kept, applied later, dropped when nothing comes.

use std::collections::BTreeSet;

#[cfg(doc)]
use super::Applied;
use super::{
    BATCH, Failed, Unwilling, WAIT, adopt, apply, echo,
    told::{Board, Kept, is_no},
};
use crate::{
    channel::{Charge, MessageName, News, Receipt},
    clock::Moment,
    delivery::{State, queries},
    id::{AccountId, CampaignId, ChannelId},
    on,
    store::{Store, Tx},
    words::{Reason, Why},
};

/// Keeps receipts whose message is not known yet. The channel must be the account's.
pub(super) async fn keep(tx: &mut Tx, account: AccountId, channel: ChannelId, board: &Board, now: Moment) -> sqlx::Result<usize> {
    let mut kept = 0;
    for (name, told) in &board.by_name {
        let (message_ref, client_id) = match name {
            MessageName::Ref(id) => (id.as_str(), 0),
            MessageName::Client(id) => (told.reference.as_deref().unwrap_or_default(), *id),
        };
        for Kept { state, at, failed } in told.each() {
            let (reason, detail) = failed.map_or((None, None), |(reason, detail)| (Some(reason.as_str()), detail.as_deref()));
            kept += on!(tx.conn(), |c| sqlx::query(queries::EARLY_KEEP)
                .bind(account)
                .bind(channel)
                .bind(message_ref)
                .bind(client_id)
                .bind(state)
                .bind(reason)
                .bind(detail)
                .bind(at)
                .bind(now)
                .bind(told.charge)
                .execute(c)
                .await
                .map(|r| r.rows_affected()))?;
        }
    }
    Ok(usize::try_from(kept).unwrap_or(0))
}

#[derive(sqlx::FromRow)]
struct Early {
    message_ref: String,
    client_id: i64,
    state: State,
    reason: Option<Why>,
    detail: Option<String>,
    happened_at: Option<Moment>,
    charge: Option<Charge>,
}

impl Early {
    fn news(self) -> News {
        let receipt = match self.state {
            State::Sent => Receipt::Sent,
            State::Read => Receipt::Read,
            State::Failed => Receipt::Failed(self.reason.as_ref().and_then(Why::known).unwrap_or(Reason::Rejected)),
            _ => Receipt::Delivered,
        };
        let reference = Some(self.message_ref).filter(|id| !id.is_empty());
        let (message, message_ref) = match reference {
            Some(id) if self.client_id == 0 => (MessageName::Ref(id), None),
            reference => (MessageName::Client(self.client_id), reference),
        };
        News { message, message_ref, receipt, at: self.happened_at, detail: self.detail, charge: self.charge }
    }
}

/// What receipts of one channel that came before their messages came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub account: AccountId,
    pub channel: ChannelId,
    /// Whoever blocked us or told the messenger to stop ([`Applied::blocked`]): carry it out, then
    /// say so ([`carried_out`]). What says it is kept until then.
    pub blocked: Vec<Unwilling>,
    /// See [`Applied::barred`].
    pub barred: BTreeSet<CampaignId>,
    /// See [`Applied::refusals`].
    pub refusals: Vec<String>,
    /// See [`Applied::failed`].
    pub failed: Failed,
    /// The receipts that say it.
    kept: Vec<(String, i64)>,
}

/// Applies receipts that came before the record of their message, of all channels, and drops those
/// whose message never came. One channel's failure is logged and is that one's.
///
/// # Errors
/// The database's, when it cannot say which channels have such receipts.
pub async fn settle(store: &Store, now: Moment) -> sqlx::Result<Vec<Settled>> {
    let waiting: Vec<(AccountId, ChannelId)> = on!(store.read(), |c| sqlx::query_as(queries::EARLY_CHANNELS).fetch_all(c).await)?;
    let mut all = Vec::new();
    for (account, channel) in waiting {
        match settle_channel(store, account, channel, now).await {
            Ok(settled) => all.push(settled),
            Err(error) => tracing::error!(channel.id = %channel, %error, "receipts that came before their messages were not applied"),
        }
    }
    Ok(all)
}

async fn settle_channel(store: &Store, account: AccountId, channel: ChannelId, now: Moment) -> sqlx::Result<Settled> {
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let mut tx = store.begin_bulk().await?;
    // Only those whose message is there now.
    let due: Vec<Early> =
        on!(tx.conn(), |c| sqlx::query_as(queries::EARLY_DUE).bind(account).bind(channel).bind(limit).fetch_all(c).await)?;
    let stops = |early: &Early| early.reason.as_ref().and_then(Why::known).is_some_and(is_no);
    let mut kept = Vec::new();
    for early in &due {
        if stops(early) {
            kept.push((early.message_ref.clone(), early.client_id));
        } else {
            done(&mut tx, account, channel, (&early.message_ref, early.client_id, early.state)).await?;
        }
    }
    let mut news: Vec<News> = due.into_iter().map(Early::news).collect();
    news.extend(adopt::adopted(&mut tx, account, channel, now).await?);
    news.extend(echo::named(&mut tx, account, channel, now).await?);
    let applied = apply(&mut tx, account, channel, &news, now).await?;
    // However long nobody looked: what is of a message is dropped by whoever applies it.
    on!(tx.conn(), |c| sqlx::query(queries::EARLY_DROP).bind(account).bind(channel).bind(now - WAIT).execute(c).await.map(|_| ()))?;
    tx.commit().await?;
    Ok(Settled {
        account,
        channel,
        blocked: applied.blocked,
        barred: applied.barred,
        refusals: applied.refusals,
        failed: applied.failed,
        kept,
    })
}

async fn done(tx: &mut Tx, account: AccountId, channel: ChannelId, (reference, client, state): (&str, i64, State)) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::EARLY_DONE)
        .bind(account)
        .bind(channel)
        .bind(reference)
        .bind(client)
        .bind(state)
        .execute(c)
        .await
        .map(|_| ()))
}

/// What receipts said of people who want nothing more is carried out: they are needed no more.
///
/// # Errors
/// The database's; then they say it again.
pub async fn carried_out(store: &Store, settled: &Settled) -> sqlx::Result<()> {
    if settled.kept.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    for (reference, client) in &settled.kept {
        done(&mut tx, settled.account, settled.channel, (reference, *client, State::Failed)).await?;
    }
    tx.commit().await
}
