//! Counters of campaigns: they move in the transaction that moves the rows, so a statistics screen
//! costs the same for ten recipients and ten million.
//!
//! A counter is named by its part of the campaign and by (planned, person, state, reason). Rows
//! still on their way count without a reason, whatever their column says of the last try.

use std::collections::{BTreeMap, HashMap};

use super::{Part, Person, State, queries};
use crate::{
    id::{AccountId, CampaignId},
    on,
    store::{Db, Store, Together, Tx, heed, json_hex},
    words::Why,
};

/// One counter of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// From 1.
    pub step: i16,
    /// From 1.
    pub variant: i16,
    /// Meant to go (`false`: left out by planning).
    pub planned: bool,
    /// What it says of its person.
    pub person: Person,
    pub state: State,
    /// Why, where there is something to say.
    pub reason: Option<Why>,
    pub n: i64,
}

/// A campaign's counters; those at zero are left out.
///
/// # Errors
/// The database's.
pub async fn counts(store: &Store, account: AccountId, campaign: CampaignId) -> sqlx::Result<Vec<Count>> {
    on!(store.read(), |c| sqlx::query_as(queries::COUNTS).bind(account).bind(campaign).fetch_all(c).await)
}

/// The counters of some campaigns of an account, in one statement.
///
/// # Errors
/// The database's.
pub async fn counts_of(store: &Store, account: AccountId, campaigns: &[CampaignId]) -> sqlx::Result<HashMap<CampaignId, Vec<Count>>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        campaign_id: CampaignId,
        #[sqlx(flatten)]
        count: Count,
    }
    let rows: Vec<Row> = match store.read() {
        Db::Sqlite(c) => heed(
            sqlx::query_as(queries::COUNTS_OF_SQLITE).bind(account).bind(json_hex(campaigns.iter().map(|id| id.0))).fetch_all(c).await,
        )?,
        Db::Postgres(c) => sqlx::query_as(queries::COUNTS_OF_POSTGRES).bind(account).bind(campaigns).fetch_all(c).await?,
    };
    let mut of: HashMap<CampaignId, Vec<Count>> = HashMap::new();
    for row in rows {
        of.entry(row.campaign_id).or_default().push(row.count);
    }
    Ok(of)
}

/// The same as the change at hand sees them.
///
/// # Errors
/// The database's.
pub async fn counts_in(tx: &mut Tx, account: AccountId, campaign: CampaignId) -> sqlx::Result<Vec<Count>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::COUNTS).bind(account).bind(campaign).fetch_all(c).await)
}

/// How many people of a campaign are still to be reached: their messages are on their way, or it is
/// to be looked at whether the next step goes.
///
/// # Errors
/// The database's.
pub async fn open(store: &Store, account: AccountId, campaign: CampaignId) -> sqlx::Result<i64> {
    Ok(counts(store, account, campaign).await?.iter().filter(|count| count.person == Person::Open).map(|count| count.n).sum())
}

/// Where a delivery stands, as the counters see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    person: Person,
    state: State,
    /// None of what is still on its way.
    reason: Option<Why>,
}

impl At {
    /// Of a delivery whose deadline is still to be looked at (`waits`), or that another message of
    /// the person's took the place of (`passed`).
    #[must_use]
    pub fn of(state: State, reason: Option<&Why>, waits: bool, passed: bool) -> Self {
        let reason = if state.is_open() { None } else { reason.cloned() };
        Self { person: Person::of(state, waits, passed), state, reason }
    }
}

impl From<(State, Option<&Why>)> for At {
    /// Of a delivery that speaks for its person and waits for nothing.
    fn from((state, reason): (State, Option<&Why>)) -> Self {
        Self::of(state, reason, false, false)
    }
}

/// Moves of counters, gathered during a change and written at its end: one row a counter, in a
/// fixed order, so that two changes never wait for each other crosswise.
#[derive(Debug, Default)]
pub struct Moves {
    by_counter: BTreeMap<(Part, bool, At), i64>,
}

impl Moves {
    /// `n` deliveries appeared in a state (planning).
    pub fn add(&mut self, part: Part, planned: bool, at: impl Into<At>, n: i64) {
        *self.by_counter.entry((part, planned, at.into())).or_default() += n;
    }

    /// One delivery went from where it stood to where it stands.
    pub fn step(&mut self, part: Part, planned: bool, from: impl Into<At>, to: impl Into<At>) {
        self.add(part, planned, from, -1);
        self.add(part, planned, to, 1);
    }

    /// Adds the moves to what a change writes at its end, for these rows are the ones everybody
    /// wants. The counters are rows of their own, so they go beside what was added last.
    pub fn add_to(self, end: &mut Together) {
        let moved: Vec<_> = self.by_counter.into_iter().filter(|(_, n)| *n != 0).collect();
        for some in moved.chunks(2) {
            end.beside(if some.len() == 2 { queries::COUNT_TWO } else { queries::COUNT });
            for ((part, planned, at), n) in some {
                end.bind(part.campaign).bind(part.step).bind(part.variant).bind(planned).bind(at.person).bind(at.state);
                end.bind(at.reason.as_ref().map(Why::code).unwrap_or_default()).bind(n);
            }
        }
    }

    /// Writes the moves; the last thing a change does.
    ///
    /// # Errors
    /// The database's.
    pub async fn write(self, tx: &mut Tx) -> sqlx::Result<()> {
        let mut end = Together::new(tx.engine());
        self.add_to(&mut end);
        tx.run(end).await.map(|_| ())
    }
}
