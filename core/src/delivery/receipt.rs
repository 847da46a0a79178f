//! Receipts: what a messenger tells of a message after it took it (`delivered`, `read`).
//!
//! They come twice, out of order, and sometimes before our own record of the message is written. So the highest rank is kept
//! and nothing ever falls, and a receipt of a message that is not known yet waits for it ([`settle`]). Applying the same ones
//! again changes nothing, rows and counters move in one transaction.

use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;

use super::{State, claim::json_ids, counts::Moves, queries, state::Event};
use crate::{
    channel::Receipt,
    clock::Moment,
    id::{AccountId, CampaignId, ChannelId, DeliveryId},
    on,
    store::{Db, Store, Tx},
};

/// How long a receipt waits for its message; it may be of one that is no delivery (an answer, a manager's reply).
pub const WAIT: TimeDelta = TimeDelta::hours(1);
/// Receipts looked at in one go.
const BITE: i64 = 500;

/// The messenger's news of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The provider's id of the message, unique within the channel.
    pub message_ref: String,
    /// How far it got.
    pub receipt: Receipt,
}

/// What receipts changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// Deliveries that rose.
    pub risen: usize,
    /// Receipts of messages that are not known yet: they wait.
    pub early: usize,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: DeliveryId,
    campaign_id: CampaignId,
    planned: bool,
    state: State,
    reason: Option<String>,
    message_ref: String,
}

impl Receipt {
    /// The state it means, as a word in tables.
    fn state(self) -> State {
        match self {
            Self::Delivered => State::Delivered,
            Self::Read => State::Read,
        }
    }

    fn event(self) -> Event {
        match self {
            Self::Delivered => Event::Delivered,
            Self::Read => Event::Read,
        }
    }
}

/// Applies receipts that came through a channel, in the caller's transaction. Only messages of this account and channel are
/// looked at; those that are not known are kept for [`settle`].
///
/// # Errors
/// The database's.
pub async fn apply(tx: &mut Tx, account: AccountId, channel: ChannelId, news: &[News], now: Moment) -> sqlx::Result<Applied> {
    // The highest of each message, in a fixed order.
    let mut highest: BTreeMap<&str, Receipt> = BTreeMap::new();
    for one in news {
        let kept = highest.entry(&one.message_ref).or_insert(one.receipt);
        *kept = (*kept).max(one.receipt);
    }
    if highest.is_empty() {
        return Ok(Applied::default());
    }
    let refs: Vec<&str> = highest.keys().copied().collect();
    let rows: Vec<Row> = match tx.conn() {
        Db::Sqlite(c) => {
            let refs = serde_json::Value::from(refs).to_string();
            sqlx::query_as(queries::BY_REF_SQLITE).bind(account).bind(channel).bind(refs).fetch_all(c).await?
        }
        Db::Postgres(c) => sqlx::query_as(queries::BY_REF_POSTGRES).bind(account).bind(channel).bind(&refs).fetch_all(c).await?,
    };
    let known: HashSet<&str> = rows.iter().map(|row| row.message_ref.as_str()).collect();
    let mut applied = Applied::default();
    for (message_ref, receipt) in highest.iter().filter(|(message_ref, _)| !known.contains(*message_ref)) {
        let kept = on!(tx.conn(), |c| sqlx::query(queries::EARLY_KEEP)
            .bind(account)
            .bind(channel)
            .bind(*message_ref)
            .bind(receipt.state())
            .bind(now)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        applied.early += usize::try_from(kept).unwrap_or(0);
    }
    let mut moves = Moves::default();
    let mut risen: BTreeMap<State, Vec<i64>> = BTreeMap::new();
    for row in &rows {
        let Some(receipt) = highest.get(row.message_ref.as_str()) else { continue };
        // Forbidden is what a receipt cannot be of (it never went): the provider's word is not taken for it.
        let Some(to) = row.state.next(receipt.event()).ok().filter(|to| *to != row.state) else { continue };
        moves.step(row.campaign_id, row.planned, (row.state, row.reason.as_deref().unwrap_or_default()), (to, ""));
        risen.entry(to).or_default().push(row.id.0);
        applied.risen += 1;
    }
    for (to, ids) in &risen {
        match tx.conn() {
            Db::Sqlite(c) => {
                sqlx::query(queries::RISE_SQLITE).bind(account).bind(json_ids(ids)).bind(*to).bind(now).execute(c).await.map(|_| ())
            }
            Db::Postgres(c) => sqlx::query(queries::RISE_POSTGRES).bind(account).bind(ids).bind(*to).bind(now).execute(c).await.map(|_| ()),
        }?;
    }
    moves.write(tx).await?;
    Ok(applied)
}

/// Applies receipts that came before the record of their message, of all channels, and drops those whose message never came.
/// Returns how many deliveries rose.
///
/// # Errors
/// The database's.
pub async fn settle(store: &Store, now: Moment) -> sqlx::Result<usize> {
    let waiting: Vec<(AccountId, ChannelId)> = on!(store.read(), |c| sqlx::query_as(queries::EARLY_CHANNELS).fetch_all(c).await)?;
    let mut risen = 0;
    for (account, channel) in waiting {
        let mut tx = store.begin_bulk().await?;
        on!(tx.conn(), |c| sqlx::query(queries::EARLY_DROP).bind(account).bind(channel).bind(now - WAIT).execute(c).await.map(|_| ()))?;
        // Only those whose message is there now.
        let due: Vec<(String, State)> =
            on!(tx.conn(), |c| sqlx::query_as(queries::EARLY_DUE).bind(account).bind(channel).bind(BITE).fetch_all(c).await)?;
        let mut news = Vec::with_capacity(due.len());
        for (message_ref, state) in due {
            on!(tx.conn(), |c| sqlx::query(queries::EARLY_DONE)
                .bind(account)
                .bind(channel)
                .bind(&message_ref)
                .execute(c)
                .await
                .map(|_| ()))?;
            let receipt = if state == State::Read { Receipt::Read } else { Receipt::Delivered };
            news.push(News { message_ref, receipt });
        }
        risen += apply(&mut tx, account, channel, &news, now).await?.risen;
        tx.commit().await?;
    }
    Ok(risen)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};

    use super::*;
    use crate::{
        both, clock,
        delivery::{
            books::books,
            claim::{Claim, claim},
            fixture::Fixture,
            outcome::{self, Outcome, Verdict},
            stats,
        },
        limits::AIR,
    };

    fn news(message_ref: &str, receipt: Receipt) -> News {
        News { message_ref: message_ref.to_owned(), receipt }
    }

    async fn told(store: &Store, fixture: &Fixture, news: &[News]) -> Applied {
        let mut tx = store.begin().await.unwrap();
        let applied = apply(&mut tx, fixture.account, fixture.channel, news, clock::now()).await.unwrap();
        tx.commit().await.unwrap();
        applied
    }

    /// Claims everything of a campaign; the rows and the record that they were sent, under the references `<campaign>:<n>`.
    async fn sent(store: &Store, fixture: &Fixture, campaign: CampaignId) -> Vec<Outcome> {
        fixture.change(store, "update channel set lease_until = null where account_id = $1").await;
        let lease = crate::channel::store::lease(store, fixture.channel, "w", clock::now()).await.unwrap().unwrap();
        let Claim::Rows { rows, .. } = claim(store, fixture.account, campaign, lease, 100, AIR, None, clock::now()).await.unwrap() else {
            panic!("closed")
        };
        let verdict = |n: usize| Verdict::Sent { message_ref: format!("{campaign}:{n}"), at: clock::now() };
        rows.iter().enumerate().map(|(n, row)| Outcome::of(row, verdict(n))).collect()
    }

    async fn states(store: &Store, campaign: CampaignId) -> HashMap<String, State> {
        const STATES: &str = "select coalesce(message_ref, ''), state from delivery where campaign_id = $1";
        let rows: Vec<(String, State)> = on!(store.read(), |c| sqlx::query_as(STATES).bind(campaign).fetch_all(c).await).unwrap();
        rows.into_iter().collect()
    }

    async fn early(store: &Store) -> i64 {
        on!(store.read(), |c| sqlx::query_scalar("select count(*) from receipt_early").fetch_one(c).await).unwrap()
    }

    both!(
        async fn receipts_rise_and_are_counted(store) {
            let fixture = Fixture::new(&store, 3, 30.0).await;
            let campaign = fixture.campaign(&store, "service", "leave", 3, None).await;
            let outcomes = sent(&store, &fixture, campaign).await;
            outcome::record(&store, &outcomes, clock::now()).await.unwrap();
            let (a, b) = (format!("{campaign}:0"), format!("{campaign}:1"));
            let all = [news(&a, Receipt::Delivered), news(&a, Receipt::Read), news(&b, Receipt::Delivered), news(&b, Receipt::Delivered)];
            assert_eq!(told(&store, &fixture, &all).await, Applied { risen: 2, early: 0 });
            assert_eq!(told(&store, &fixture, &all).await, Applied::default(), "the same again changes nothing");
            let numbers = stats::stats(&store, fixture.account, campaign, clock::now()).await.unwrap();
            assert_eq!((numbers.sent, numbers.delivered, numbers.read), (3, 2, 1));
            assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
            // Another account, or another channel of the same one, cannot speak of them.
            let other = Fixture::new(&store, 0, 30.0).await;
            let crossed = Fixture { account: fixture.account, ..other.clone() };
            assert_eq!(told(&store, &other, &[news(&b, Receipt::Read)]).await, Applied { risen: 0, early: 1 });
            assert_eq!(told(&store, &crossed, &[news(&b, Receipt::Read)]).await, Applied::default());
            assert_eq!(settle(&store, clock::now()).await.unwrap(), 0);
            assert_eq!(states(&store, campaign).await[&b], State::Delivered);
        }
    );

    both!(
        async fn a_receipt_before_the_record_waits_for_it(store) {
            let fixture = Fixture::new(&store, 2, 30.0).await;
            let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
            let outcomes = sent(&store, &fixture, campaign).await;
            let (mine, nobodys) = (format!("{campaign}:0"), "an answer of the bot".to_owned());
            let early_ones = [news(&mine, Receipt::Read), news(&mine, Receipt::Delivered), news(&nobodys, Receipt::Delivered)];
            assert_eq!(told(&store, &fixture, &early_ones).await, Applied { risen: 0, early: 2 });
            assert_eq!(told(&store, &fixture, &[news(&mine, Receipt::Delivered)]).await.early, 1, "a lower one that comes later lowers nothing");
            assert_eq!(settle(&store, clock::now()).await.unwrap(), 0, "still in the air");
            outcome::record(&store, &outcomes, clock::now()).await.unwrap();
            assert_eq!(settle(&store, clock::now()).await.unwrap(), 1);
            assert_eq!(states(&store, campaign).await[&mine], State::Read);
            assert_eq!(early(&store).await, 1);
            assert_eq!(settle(&store, clock::now() + WAIT + TimeDelta::minutes(1)).await.unwrap(), 0);
            assert_eq!(early(&store).await, 0, "one whose message never came is dropped");
            assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
        }
    );

    both!(
        async fn any_order_any_repetition_the_highest_stays(store) {
            const MANY: usize = 5;
            let fixture = Fixture::new(&store, MANY, 30.0).await;
            let mut runner = TestRunner::deterministic();
            let one = (0..MANY, prop_oneof![Just(Receipt::Delivered), Just(Receipt::Read)]);
            let story = prop::collection::vec(prop::collection::vec(one, 0..6), 1..6);
            for _ in 0..12 {
                let batches = story.new_tree(&mut runner).unwrap().current();
                let campaign = fixture.campaign(&store, "service", "leave", MANY, None).await;
                let outcomes = sent(&store, &fixture, campaign).await;
                // Some are recorded before, the others only when all receipts have come.
                outcome::record(&store, &outcomes[..2], clock::now()).await.unwrap();
                let mut model: HashMap<String, State> = (0..MANY).map(|n| (format!("{campaign}:{n}"), State::Sent)).collect();
                let mut before = states(&store, campaign).await;
                for batch in &batches {
                    let batch: Vec<News> = batch.iter().map(|(n, receipt)| news(&format!("{campaign}:{n}"), *receipt)).collect();
                    told(&store, &fixture, &batch).await;
                    for one in &batch {
                        let state = model.get_mut(&one.message_ref).unwrap();
                        *state = (*state).max(one.receipt.state());
                    }
                    let after = states(&store, campaign).await;
                    assert!(before.iter().all(|(message, state)| after[message] >= *state), "{before:?} fell to {after:?}");
                    before = after;
                    assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
                }
                outcome::record(&store, &outcomes, clock::now()).await.unwrap();
                settle(&store, clock::now()).await.unwrap();
                assert_eq!(states(&store, campaign).await, model, "after {batches:?}");
                assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
            }
            assert_eq!(early(&store).await, 0);
        }
    );
}
