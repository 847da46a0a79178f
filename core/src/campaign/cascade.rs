//! The next step of a campaign: who was not reached in time gets the message of the next step they
//! can be reached by.
//!
//! What is due stands in `delivery.deadline_at`; the rule is [`crate::delivery::cascade::next`].
//! Everything is one transaction a portion: the new messages, the word of who speaks for whom, the
//! counters. Consent, suppression, the frequency cap and everything else are asked when the new
//! message is claimed, and so is whether an earlier step reached the person meanwhile.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;

use super::{Campaign, Result, State, account_of, get, get_in, queries, steps::Step};
use crate::{
    channel::{self, registry},
    clock::Moment,
    delivery::{
        self, Part,
        cascade::{LeadsOn, Next, Seen, next},
        counts::{At, Moves},
        speaker::{self, Ended, Said},
    },
    id::{AccountId, CampaignId, ChannelId, ContactId, DeliveryId},
    on,
    store::{Db, Engine, Store, Together, Tx, heed, json_ids},
    words::Why,
};

/// Messages looked at in one change. SQLite has one writer, who is let go soon; on PostgreSQL each
/// change costs journeys and a commit, and nobody waits but for the rows it holds.
const fn portion_of(engine: Engine) -> i64 {
    match engine {
        Engine::Sqlite => 500,
        Engine::Postgres => 1_000,
    }
}
/// Messages of one look. Then the bells of its channels are rung: the messages that were made go
/// while others are made.
const LOOK: i64 = 5_000;

/// So long after a campaign ended a provider's late refusal of one of its messages is still looked
/// at; the longest that is told is a month (`contracts/messengers/whatsapp_cloud.md`).
const LATE: TimeDelta = TimeDelta::days(31);

/// Campaigns of which something is due to be looked at.
///
/// # Errors
/// The database's.
pub async fn due(store: &Store, now: Moment) -> sqlx::Result<Vec<(AccountId, CampaignId)>> {
    // Planned anew each time, as all that is asked every second: a plan kept from when the table
    // was empty reads all of it.
    on!(store.read(), |c| sqlx::query_as(queries::NEXT_DUE).persistent(false).bind(now).bind(now - LATE).fetch_all(c).await)
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
    /// An earlier message of the campaign reached the person meanwhile.
    reached: bool,
}

/// What one look at a campaign came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Promoted {
    /// People to whom a further step goes.
    pub people: u64,
    /// The channels those messages wait at: ring their bells.
    pub channels: Vec<ChannelId>,
    /// More is due: look again.
    pub more: bool,
}

/// Looks at what of a campaign is due, in portions, a few thousand messages at most. Run any number
/// of times, by any number of workers, it does it once.
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
    // Whoever read in time may have their «read» among what came in and is not understood yet:
    // after a while without workers it is a long list.
    let unheard: Option<Moment> =
        on!(store.read(), |c| sqlx::query_scalar(queries::UNHEARD).bind(account).bind(id).bind(now).fetch_one(c).await)?;
    let heard = unheard.map_or(now, |since| since.min(now));
    let mut all = Promoted::default();
    for _ in 0..LOOK / portion_of(store.engine()) {
        let mut tx = store.begin_bulk().await?;
        let campaign = get_in(&mut tx, account, id).await?;
        if campaign.state == State::Paused {
            return Ok(all);
        }
        let some = portion(&mut tx, &campaign, &kinds, (heard, now)).await?;
        tx.commit().await?;
        let Some((looked_at, some)) = some else { return Ok(all) };
        all.people += some.people;
        all.channels.extend(some.channels);
        all.channels.sort_unstable();
        all.channels.dedup();
        if looked_at < portion_of(store.engine()).unsigned_abs() {
            return Ok(all);
        }
    }
    all.more = true;
    Ok(all)
}

type Kinds = HashMap<ChannelId, channel::ChannelKind>;

/// Looks at a portion of what was due by the moment up to which everything that came in is
/// understood; `None`: nothing was.
async fn portion(tx: &mut Tx, campaign: &Campaign, kinds: &Kinds, (heard, now): (Moment, Moment)) -> Result<Option<(u64, Promoted)>> {
    let (account, at_most) = (campaign.account_id, portion_of(tx.engine()));
    let rows: Vec<Row> = match tx.conn() {
        Db::Sqlite(c) => {
            heed(sqlx::query_as(queries::NEXT_ROWS_SQLITE).bind(account).bind(campaign.id).bind(heard).bind(at_most).fetch_all(c).await)?
        }
        // Planned anew each time: a plan kept from when the campaign's rows were few reads all of
        // the table for each portion.
        Db::Postgres(c) => {
            // By the index from its beginning, so that a portion is where the reading ends:
            // thinking that few are due, PostgreSQL gathers all of them first, to sort them.
            sqlx::query(queries::IN_ORDER_POSTGRES).execute(&mut *c).await?;
            let held: Vec<i64> = sqlx::query_scalar(queries::NEXT_HOLD_POSTGRES)
                .persistent(false)
                .bind(account)
                .bind(campaign.id)
                .bind(heard)
                .bind(at_most)
                .fetch_all(&mut *c)
                .await?;
            sqlx::query_as(queries::NEXT_ROWS_POSTGRES).persistent(false).bind(account).bind(held).fetch_all(c).await?
        }
    };
    if rows.is_empty() {
        return Ok(None);
    }
    let mut moves = Moves::default();
    let mut written: BTreeMap<DeliveryId, (Option<Moment>, bool)> = BTreeMap::new();
    let mut lead_on: Vec<&Row> = Vec::new();
    // Those that came to their end as the messages that speak for their people.
    let mut ended: Vec<Ended> = Vec::new();
    for row in &rows {
        let seen = Seen {
            state: row.state,
            reason: row.reason.as_ref().and_then(Why::known),
            leads_on: row.next_on,
            went: row.went_at,
            wait: TimeDelta::seconds(row.wait_seconds.unwrap_or_default().into()),
        };
        match next(&seen, now) {
            _ if row.reached => ended.push(row.ended()),
            Next::Wait(until) => {
                written.insert(row.id, (Some(until), row.passed));
                continue;
            }
            Next::Step if campaign.state == State::Running && !row.passed => {
                lead_on.push(row);
                continue;
            }
            Next::Step | Next::Done => ended.extend((!row.passed).then(|| row.ended())),
        }
        written.insert(row.id, (None, row.passed));
        moves.step(row.part, row.planned, row.waits(row.passed), row.rests(row.passed));
    }
    let promoted = further(tx, campaign, kinds, &lead_on, &mut moves, now).await?;
    for row in lead_on {
        let goes = promoted.goes.contains_key(&row.contact_id);
        written.insert(row.id, (None, goes));
        moves.step(row.part, row.planned, row.waits(false), row.rests(goes));
        ended.extend((!goes).then(|| row.ended()));
    }
    let said = speaker::hand_back(tx, account, &ended, &mut moves, now).await?;
    written.extend(said.into_iter().map(|(id, at, passed)| (id, (at, passed))));
    let written: Vec<Said> = written.into_iter().map(|(id, (at, passed))| (id, at, passed)).collect();
    let mut end = Together::new(tx.engine());
    delivery::outcome::add_deadlines(&mut end, &written);
    moves.add_to(&mut end);
    tx.run(end).await?;
    let channels = promoted.goes.values().copied().collect();
    Ok(Some((rows.len() as u64, Promoted { people: promoted.goes.len() as u64, channels, more: false })))
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

    fn ended(&self) -> Ended {
        let Self { id, part, contact_id: contact, planned, state, .. } = *self;
        Ended { id, part, contact, planned, state, reason: self.reason.clone() }
    }
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
        ($c:expr, $sql:expr, $ids:expr, $kept:literal) => {
            sqlx::query_scalar($sql)
                .persistent($kept)
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
        Db::Sqlite(c) => run!(c, queries::FURTHER_SQLITE, json_ids(ids), true),
        Db::Postgres(c) => run!(c, queries::FURTHER_POSTGRES, ids, false),
    }?;
    Ok(made)
}
