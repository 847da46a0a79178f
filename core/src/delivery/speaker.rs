//! Which of a person's messages in a campaign speaks for them once a further step came to its end
//! without reaching them: the earlier one that got furthest. Whoever got the first step's message
//! was reached, whatever became of the second.

use std::collections::{BTreeMap, HashMap};

use super::{
    Part, State,
    counts::{At, Moves},
    outcome::add_deadlines,
    queries,
};
use crate::{
    clock::Moment,
    id::{AccountId, CampaignId, ContactId, DeliveryId},
    on,
    store::{Db, Together, Tx, heed, json_hex},
    words::Why,
};

/// A message that spoke for its person and came to its end; the counters have it so.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Ended {
    pub id: DeliveryId,
    #[sqlx(flatten)]
    pub part: Part,
    #[sqlx(rename = "contact_id")]
    pub contact: ContactId,
    pub planned: bool,
    pub state: State,
    pub reason: Option<Why>,
}

impl Ended {
    fn at(&self, passed: bool) -> At {
        At::of(self.state, self.reason.as_ref(), false, passed)
    }
}

/// Which campaigns are closed, each asked for once in a change.
#[derive(Debug, Default)]
pub(super) struct Over(HashMap<CampaignId, bool>);

impl Over {
    /// Whether this one is.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn holds(&mut self, tx: &mut Tx, account: AccountId, campaign: CampaignId) -> sqlx::Result<bool> {
        if let Some(over) = self.0.get(&campaign) {
            return Ok(*over);
        }
        let over: Option<bool> =
            on!(tx.conn(), |c| sqlx::query_scalar(queries::OVER).bind(account).bind(campaign).fetch_optional(c).await)?;
        let over = over.unwrap_or_default();
        self.0.insert(campaign, over);
        Ok(over)
    }
}

/// Of messages that ended after all else was written, the last thing a change does: whoever an
/// earlier step reached was reached ([`hand_back`]).
///
/// # Errors
/// The database's.
pub(super) async fn speak(tx: &mut Tx, account: AccountId, ended: &[Ended], now: Moment) -> sqlx::Result<()> {
    if ended.is_empty() {
        return Ok(());
    }
    let mut moves = Moves::default();
    let said = hand_back(tx, account, ended, &mut moves, now).await?;
    let mut end = Together::new(tx.engine());
    add_deadlines(&mut end, &said);
    moves.add_to(&mut end);
    tx.run(end).await.map(|_| ())
}

/// What is to be written of a message ([`super::outcome::add_deadlines`]).
pub(crate) type Said = (DeliveryId, Option<Moment>, bool);

/// How far a message got.
fn furthest(state: State) -> u8 {
    match state {
        State::Read => 4,
        State::Delivered => 3,
        State::Sent => 2,
        State::Uncertain => 1,
        State::Queued | State::Sending | State::Failed | State::Skipped | State::Cancelled => 0,
    }
}

/// Finds who speaks in place of these, moves the counters, and gives what is to be written of both.
/// On PostgreSQL a message that another change holds is left as it is, for nobody waits crosswise:
/// whoever it may speak for is looked at again.
///
/// # Errors
/// The database's.
pub(crate) async fn hand_back(tx: &mut Tx, account: AccountId, ended: &[Ended], moves: &mut Moves, now: Moment) -> sqlx::Result<Vec<Said>> {
    let mut by_campaign: BTreeMap<CampaignId, Vec<&Ended>> = BTreeMap::new();
    // A first step has none before it.
    for one in ended.iter().filter(|one| one.part.step > 1) {
        by_campaign.entry(one.part.campaign).or_default().push(one);
    }
    let mut said = Vec::new();
    for (campaign, ended) in by_campaign {
        let contacts: Vec<ContactId> = ended.iter().map(|one| one.contact).collect();
        let mut held_by_others: Vec<Ended> = Vec::new();
        let earlier: Vec<Ended> = match tx.conn() {
            Db::Sqlite(c) => {
                let contacts = json_hex(contacts.iter().map(|id| id.0));
                heed(sqlx::query_as(queries::EARLIER_SQLITE).bind(account).bind(campaign).bind(contacts).fetch_all(c).await)?
            }
            Db::Postgres(c) => {
                held_by_others =
                    sqlx::query_as(queries::EARLIER_ALL_POSTGRES).bind(account).bind(campaign).bind(&contacts).fetch_all(&mut *c).await?;
                let held: Vec<Ended> =
                    sqlx::query_as(queries::EARLIER_POSTGRES).bind(account).bind(campaign).bind(contacts).fetch_all(c).await?;
                held_by_others.retain(|one| held.iter().all(|held| held.id != one.id));
                held
            }
        };
        let mut of: HashMap<ContactId, Vec<&Ended>> = HashMap::new();
        for one in &earlier {
            of.entry(one.contact).or_default().push(one);
        }
        for late in ended {
            let before = of.get(&late.contact).into_iter().flatten().filter(|one| one.part.step < late.part.step);
            let best = before.max_by_key(|one| (furthest(one.state), one.part.step));
            if let Some(best) = best.filter(|best| furthest(best.state) > furthest(late.state)) {
                moves.step(late.part, late.planned, late.at(false), late.at(true));
                moves.step(best.part, best.planned, best.at(true), best.at(false));
                said.extend([(late.id, None, true), (best.id, None, false)]);
            } else if held_by_others.iter().any(|one| one.contact == late.contact && one.part.step < late.part.step) {
                let waits = At::of(late.state, late.reason.as_ref(), true, false);
                moves.step(late.part, late.planned, late.at(false), waits);
                said.push((late.id, Some(now), false));
            }
        }
    }
    Ok(said)
}
