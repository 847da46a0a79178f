//! The next step of a campaign: who was not reached in time gets the message of the next step they
//! can be reached by.
//!
//! What is due stands in `delivery.deadline_at`; the rule is [`crate::delivery::cascade::next`].
//! Everything is one transaction a portion: the new messages, the word of who speaks for whom, the
//! counters. Consent, suppression, the frequency cap and everything else are asked when the new
//! message is claimed, and so is whether an earlier step reached the person meanwhile.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::{Campaign, Result, State, account_of, get, get_in, queries, steps::Step};
use crate::{
    channel::{self, registry},
    clock::Moment,
    delivery::{
        self, Part,
        cascade::{LeadsOn, Next, Seen, next},
        counts::{At, Moves},
    },
    id::{AccountId, CampaignId, ChannelId, ContactId, DeliveryId},
    on,
    store::{Db, Store, Together, Tx, json_ids},
    words::Why,
};

/// Messages looked at in one change.
const PORTION: i64 = 500;

/// Campaigns under way of which something is due to be looked at.
///
/// # Errors
/// The database's.
pub async fn due(store: &Store, now: Moment) -> sqlx::Result<Vec<(AccountId, CampaignId)>> {
    on!(store.read(), |c| sqlx::query_as(queries::NEXT_DUE).bind(now).fetch_all(c).await)
}

/// A message that is due to be looked at.
#[derive(sqlx::FromRow)]
struct Row {
    id: DeliveryId,
    #[sqlx(flatten)]
    part: Part,
    contact_id: ContactId,
    planned: bool,
    state: delivery::State,
    reason: Option<Why>,
    next_on: LeadsOn,
    wait_seconds: Option<i32>,
    /// When it was given to the provider, as far as is known.
    went_at: Moment,
    passed: bool,
    /// An earlier message of the campaign that reached the person meanwhile.
    earlier: Option<DeliveryId>,
}

/// Where a message is put that speaks for its person again.
#[derive(sqlx::FromRow)]
struct Earlier {
    id: DeliveryId,
    #[sqlx(flatten)]
    part: Part,
    planned: bool,
    state: delivery::State,
    reason: Option<Why>,
}

/// What one look at a campaign came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Promoted {
    /// People to whom a further step goes.
    pub people: u64,
    /// The channels those messages wait at: ring their bells.
    pub channels: Vec<ChannelId>,
}

/// Looks at everything of a campaign that is due, in portions. Run any number of times, by any
/// number of workers, it does it once.
///
/// # Errors
/// [`super::CampaignError::NotFound`], the database's.
pub async fn promote(store: &Store, id: CampaignId, now: Moment) -> Result<Promoted> {
    let account = account_of(store, id).await?;
    let seen = get(store, account, id).await?;
    let mut kinds = HashMap::new();
    for channel in seen.channels() {
        // A channel that was removed takes no further step.
        let row = channel::store::get(store, account, channel).await?;
        kinds.extend(row.filter(|row| row.state != channel::store::ChannelState::Removed).map(|row| (channel, row.kind)));
    }
    let mut all = Promoted::default();
    loop {
        let mut tx = store.begin_bulk().await?;
        let campaign = get_in(&mut tx, account, id).await?;
        if campaign.state == State::Paused {
            return Ok(all);
        }
        let some = portion(&mut tx, &campaign, &kinds, now).await?;
        tx.commit().await?;
        let Some((looked_at, some)) = some else { return Ok(all) };
        all.people += some.people;
        all.channels.extend(some.channels);
        all.channels.sort_unstable();
        all.channels.dedup();
        if looked_at < PORTION.unsigned_abs() {
            return Ok(all);
        }
    }
}

type Kinds = HashMap<ChannelId, channel::ChannelKind>;

/// Looks at a portion; `None`: nothing is due.
async fn portion(tx: &mut Tx, campaign: &Campaign, kinds: &Kinds, now: Moment) -> Result<Option<(u64, Promoted)>> {
    let account = campaign.account_id;
    let rows: Vec<Row> = match tx.conn() {
        Db::Sqlite(c) => sqlx::query_as(queries::NEXT_ROWS).bind(account).bind(campaign.id).bind(now).bind(PORTION).fetch_all(c).await?,
        Db::Postgres(c) => {
            sqlx::query_as(queries::NEXT_ROWS_POSTGRES).bind(account).bind(campaign.id).bind(now).bind(PORTION).fetch_all(c).await?
        }
    };
    if rows.is_empty() {
        return Ok(None);
    }
    let mut moves = Moves::default();
    let mut written = Vec::with_capacity(rows.len());
    let mut lead_on: Vec<&Row> = Vec::new();
    let mut speak_again: HashMap<DeliveryId, DeliveryId> = HashMap::new();
    for row in &rows {
        let seen = Seen {
            state: row.state,
            reason: row.reason.as_ref().and_then(Why::known),
            leads_on: row.next_on,
            went: row.went_at,
            wait: TimeDelta::seconds(row.wait_seconds.unwrap_or_default().into()),
        };
        match (row.earlier, next(&seen, now)) {
            (Some(earlier), _) => {
                speak_again.insert(earlier, row.id);
            }
            (None, Next::Wait(until)) => written.push((row.id, Some(until), row.passed)),
            (None, Next::Step) if campaign.state == State::Running && !row.passed => lead_on.push(row),
            (None, Next::Step | Next::Done) => {
                written.push((row.id, None, row.passed));
                moves.step(row.part, row.planned, row.waits(row.passed), row.rests(row.passed));
            }
        }
    }
    let promoted = further(tx, campaign, kinds, &lead_on, &mut moves, now).await?;
    for row in lead_on {
        let goes = promoted.goes.contains_key(&row.contact_id);
        written.push((row.id, None, goes));
        moves.step(row.part, row.planned, row.waits(false), row.rests(goes));
    }
    speak(tx, account, &rows, &speak_again, &mut written, &mut moves).await?;
    let mut end = Together::new(tx.engine());
    delivery::outcome::add_deadlines(&mut end, &written);
    moves.add_to(&mut end);
    tx.run(end).await?;
    let channels = promoted.goes.values().copied().collect();
    Ok(Some((rows.len() as u64, Promoted { people: promoted.goes.len() as u64, channels })))
}

impl Row {
    /// Where the counters have it while it is to be looked at.
    fn waits(&self, passed: bool) -> At {
        At::of(self.state, self.reason.as_ref(), true, passed)
    }

    /// Where they have it afterwards.
    fn rests(&self, passed: bool) -> At {
        At::of(self.state, self.reason.as_ref(), false, passed)
    }
}

/// Lets earlier messages speak for their people again, in place of these.
async fn speak(
    tx: &mut Tx,
    account: AccountId,
    rows: &[Row],
    again: &HashMap<DeliveryId, DeliveryId>,
    written: &mut Vec<(DeliveryId, Option<Moment>, bool)>,
    moves: &mut Moves,
) -> Result<()> {
    if again.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = again.keys().map(|id| id.0).collect();
    let earlier: Vec<Earlier> = match tx.conn() {
        Db::Sqlite(c) => sqlx::query_as(queries::EARLIER_SQLITE).bind(account).bind(json_ids(&ids)).fetch_all(c).await?,
        Db::Postgres(c) => sqlx::query_as(queries::EARLIER_POSTGRES).bind(account).bind(&ids).fetch_all(c).await?,
    };
    for one in earlier {
        let at = |passed| At::of(one.state, one.reason.as_ref(), false, passed);
        moves.step(one.part, one.planned, at(true), at(false));
        written.push((one.id, None, false));
        let Some(row) = rows.iter().find(|row| again.get(&one.id) == Some(&row.id)) else { continue };
        moves.step(row.part, row.planned, row.waits(row.passed), row.rests(true));
        written.push((row.id, None, true));
    }
    Ok(())
}

/// To whom a further step goes, and through what.
#[derive(Default)]
struct Further {
    goes: HashMap<ContactId, ChannelId>,
}

/// Makes the messages of the next step each of these people can be reached by.
async fn further(tx: &mut Tx, campaign: &Campaign, kinds: &Kinds, rows: &[&Row], moves: &mut Moves, now: Moment) -> Result<Further> {
    let mut further = Further::default();
    let last = campaign.steps.last().map_or(0, |step| step.step);
    for step in campaign.steps.iter().skip(1) {
        let ids: Vec<i64> = rows
            .iter()
            .filter(|row| row.part.step < step.step && !further.goes.contains_key(&row.contact_id))
            .map(|row| row.id.0)
            .collect();
        let Some((channel, kind)) = step.channel.and_then(|channel| Some((channel, *kinds.get(&channel)?))) else { continue };
        if ids.is_empty() {
            continue;
        }
        let made = make(tx, campaign, step, (channel, kind), &ids, step.step == last, now).await?;
        let n = i64::try_from(made.len()).unwrap_or(i64::MAX);
        moves.add(Part::of(campaign.id, step.step), true, (delivery::State::Queued, None), n);
        further.goes.extend(made.into_iter().map(|contact| (contact, channel)));
    }
    Ok(further)
}

/// Makes the messages of a step to those of these people who have an address there.
async fn make(
    tx: &mut Tx,
    campaign: &Campaign,
    step: &Step,
    (channel, kind): (ChannelId, channel::ChannelKind),
    ids: &[i64],
    last: bool,
    now: Moment,
) -> Result<Vec<ContactId>> {
    let capabilities = registry::capabilities(kind);
    let leads_on = if last { LeadsOn::Failed } else { LeadsOn::of(step.next_on, capabilities.receipts()) };
    let wait = if last { 0 } else { step.wait_seconds };
    macro_rules! run {
        ($c:expr, $sql:expr, $ids:expr) => {
            sqlx::query_scalar($sql)
                .bind(campaign.account_id)
                .bind($ids)
                .bind(channel)
                .bind(capabilities.address_kind)
                .bind(capabilities.scope(channel))
                .bind(step.step)
                .bind(leads_on)
                .bind(wait)
                .bind(now)
                .fetch_all($c)
                .await
        };
    }
    let made: Vec<ContactId> = match tx.conn() {
        Db::Sqlite(c) => run!(c, queries::FURTHER_SQLITE, json_ids(ids)),
        Db::Postgres(c) => run!(c, queries::FURTHER_POSTGRES, ids),
    }?;
    Ok(made)
}
