//! Counters of campaigns: they move in the transaction that moves the rows, so a statistics screen
//! costs the same for ten recipients and ten million.
//!
//! A counter is named by (planned, state, reason). Rows still on their way count without a reason,
//! whatever their column says of the last try.

use std::collections::BTreeMap;

use super::{State, queries};
use crate::{
    id::{AccountId, CampaignId},
    on,
    store::{Store, Together, Tx},
    words::Why,
};

/// One counter of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// Meant to go (`false`: left out by planning).
    pub planned: bool,
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

/// The same as the change at hand sees them.
///
/// # Errors
/// The database's.
pub async fn counts_in(tx: &mut Tx, account: AccountId, campaign: CampaignId) -> sqlx::Result<Vec<Count>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::COUNTS).bind(account).bind(campaign).fetch_all(c).await)
}

/// How many deliveries of a campaign are still on their way.
///
/// # Errors
/// The database's.
pub async fn open(store: &Store, account: AccountId, campaign: CampaignId) -> sqlx::Result<i64> {
    Ok(counts(store, account, campaign).await?.iter().filter(|count| count.state.is_open()).map(|count| count.n).sum())
}

/// Moves of counters, gathered during a change and written at its end: one row a counter, in a
/// fixed order, so that two changes never wait for each other crosswise.
#[derive(Debug, Default)]
pub struct Moves {
    by_counter: BTreeMap<(CampaignId, bool, State, Option<Why>), i64>,
}

impl Moves {
    /// `n` deliveries appeared in a state (planning).
    pub fn add(&mut self, campaign: CampaignId, planned: bool, state: State, reason: Option<&Why>, n: i64) {
        let reason = if state.is_open() { None } else { reason.cloned() };
        *self.by_counter.entry((campaign, planned, state, reason)).or_default() += n;
    }

    /// One delivery went from a state to a state.
    pub fn step(&mut self, campaign: CampaignId, planned: bool, from: (State, Option<&Why>), to: (State, Option<&Why>)) {
        self.add(campaign, planned, from.0, from.1, -1);
        self.add(campaign, planned, to.0, to.1, 1);
    }

    /// Adds the moves to what a change writes at its end, for these rows are the ones everybody
    /// wants. The counters are rows of their own, so they go beside what was added last.
    pub fn add_to(self, end: &mut Together) {
        let moved: Vec<_> = self.by_counter.into_iter().filter(|(_, n)| *n != 0).collect();
        for some in moved.chunks(2) {
            end.beside(if some.len() == 2 { queries::COUNT_TWO } else { queries::COUNT });
            for ((campaign, planned, state, reason), n) in some {
                end.bind(campaign).bind(planned).bind(state).bind(reason.as_ref().map(Why::code).unwrap_or_default()).bind(n);
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
