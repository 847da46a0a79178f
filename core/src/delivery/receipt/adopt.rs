//! A message whose answer was lost has no name of the provider's. Where receipts name the person
//! besides the message, one that nobody knows says something all the same: if a single message to
//! that person is uncertain, and a single unknown one was told of just after it was tried, they are
//! one (contracts/messengers/viber.md, section 3).
//!
//! It is evidence and no proof, so whatever makes it doubtful leaves the message uncertain: two of
//! either, another message on its way to the person, a time that does not fit.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::State;
use crate::{
    channel::{ChannelKind, MessageName, News, Receipt, registry},
    clock::Moment,
    delivery::queries,
    id::{AccountId, ChannelId},
    on,
    store::Tx,
};

/// A message that was taken is recorded by its name within this.
pub(super) const RECORDED: TimeDelta = TimeDelta::minutes(1);
/// A receipt comes so soon after the try that it is of, at the latest.
const SOON: TimeDelta = TimeDelta::minutes(2);
/// The provider's clock may be so much behind ours.
const SKEW: TimeDelta = TimeDelta::seconds(5);
/// With so many unknown ones the sender is used by somebody else, too, and they say nothing.
const MOST: i64 = 1_000;

#[derive(sqlx::FromRow)]
struct Orphan {
    kind: ChannelKind,
    message_ref: String,
    state: State,
    happened_at: Option<Moment>,
}

/// A message to somebody that may have gone.
#[derive(sqlx::FromRow)]
struct Nameless {
    id: i64,
    state: State,
    first_tried_at: Option<Moment>,
}

/// Receipts of a channel that nobody knows, as news of the messages they are of; what is given here
/// waits no more.
///
/// # Errors
/// The database's.
pub(super) async fn adopted(tx: &mut Tx, account: AccountId, channel: ChannelId, now: Moment) -> sqlx::Result<Vec<News>> {
    let orphans: Vec<Orphan> = on!(tx.conn(), |c| sqlx::query_as(queries::EARLY_ORPHANS)
        .bind(account)
        .bind(channel)
        .bind(now - RECORDED)
        .bind(MOST)
        .fetch_all(c)
        .await)?;
    let Some(capabilities) = orphans.first().map(|orphan| registry::capabilities(orphan.kind)) else { return Ok(Vec::new()) };
    if !capabilities.receipts_name_person || i64::try_from(orphans.len()).is_ok_and(|many| many >= MOST) {
        return Ok(Vec::new());
    }
    let mut people: BTreeMap<&str, Vec<&Orphan>> = BTreeMap::new();
    for orphan in &orphans {
        if let Some((_, person)) = orphan.message_ref.split_once(':') {
            people.entry(person).or_default().push(orphan);
        }
    }
    let mut news = Vec::new();
    for (person, told) in people {
        if told.iter().any(|one| one.message_ref != told[0].message_ref) {
            continue;
        }
        let nameless: Vec<Nameless> = on!(tx.conn(), |c| sqlx::query_as(queries::NAMELESS)
            .bind(account)
            .bind(capabilities.address_kind)
            .bind(person)
            .bind(capabilities.scope(channel))
            .bind(channel)
            .fetch_all(c)
            .await)?;
        let [only] = &nameless[..] else { continue };
        if !is_of(only, told.iter().filter_map(|one| one.happened_at).min()) {
            continue;
        }
        for one in told {
            on!(tx.conn(), |c| sqlx::query(queries::EARLY_DONE)
                .bind(account)
                .bind(channel)
                .bind(&one.message_ref)
                .bind(0_i64)
                .bind(one.state)
                .execute(c)
                .await
                .map(|_| ()))?;
            news.push(News {
                message: MessageName::Client(only.id),
                message_ref: Some(one.message_ref.clone()),
                receipt: if one.state == State::Read { Receipt::Read } else { Receipt::Delivered },
                at: one.happened_at,
                detail: None,
                charge: None,
            });
        }
        tracing::info!(delivery.id = only.id, "a message whose answer was lost is known by its receipt");
    }
    Ok(news)
}

fn is_of(message: &Nameless, told_at: Option<Moment>) -> bool {
    let (Some(tried), Some(told)) = (message.first_tried_at, told_at) else { return false };
    message.state == State::Uncertain && told >= tried - SKEW && told <= tried + SOON
}
