//! The books: rows, counters and the campaign must say the same. `audience = planned + skipped` by
//! planning, and `planned = queued + sending + sent + failed + skipped + uncertain + cancelled`, at
//! any moment.

use std::collections::BTreeMap;

use super::{Count, State, queries};
use crate::{
    id::{AccountId, CampaignId},
    on,
    store::Store,
    words::Why,
};

/// The books of a campaign, from its rows, with what does not agree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Books {
    /// Everybody the audience brought.
    pub audience: i64,
    /// Meant to go.
    pub planned: i64,
    /// Left out by planning.
    pub left_out: i64,
    /// Rows by state, of those meant to go.
    pub by_state: BTreeMap<State, i64>,
    /// Every counter that differs from the rows: (planned, state, reason, rows, counter).
    pub differences: Vec<(bool, State, Option<Why>, i64, i64)>,
}

impl Books {
    /// Rows, counters and sums agree.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.differences.is_empty() && self.audience == self.planned + self.left_out && self.planned == self.by_state.values().sum::<i64>()
    }

    /// Rows meant to go that are in this state.
    #[must_use]
    pub fn of(&self, state: State) -> i64 {
        self.by_state.get(&state).copied().unwrap_or(0)
    }
}

#[derive(sqlx::FromRow)]
struct Entry {
    /// A counter; else rows of the kind.
    counter: bool,
    #[sqlx(flatten)]
    count: Count,
}

/// Opens the books of a campaign as they are at one moment, while it sends too. Reads every row:
/// for closing and for `mms admin books`, not for screens.
///
/// # Errors
/// The database's.
pub async fn books(store: &Store, account: AccountId, campaign: CampaignId) -> sqlx::Result<Books> {
    let entries: Vec<Entry> = on!(store.read(), |c| sqlx::query_as(queries::BOOKS).bind(account).bind(campaign).fetch_all(c).await)?;
    let (counters, rows): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| entry.counter);
    let counts = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.count).collect::<Vec<_>>();
    Ok(compare(&counts(rows), &counts(counters)))
}

/// Compares rows with counters.
fn compare(rows: &[Count], counters: &[Count]) -> Books {
    let mut books = Books::default();
    let mut both: BTreeMap<(bool, State, Option<&Why>), (i64, i64)> = BTreeMap::new();
    for row in rows {
        books.audience += row.n;
        if row.planned {
            books.planned += row.n;
            *books.by_state.entry(row.state).or_default() += row.n;
        } else {
            books.left_out += row.n;
        }
        both.entry((row.planned, row.state, row.reason.as_ref())).or_default().0 += row.n;
    }
    for counter in counters {
        both.entry((counter.planned, counter.state, counter.reason.as_ref())).or_default().1 += counter.n;
    }
    for ((planned, state, reason), (rows, counter)) in both {
        if rows != counter {
            books.differences.push((planned, state, reason.cloned(), rows, counter));
        }
    }
    books
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Reason;

    fn count(planned: bool, state: State, reason: Option<Reason>, n: i64) -> Count {
        Count { planned, state, reason: reason.map(Why::from), n }
    }

    #[test]
    fn agreement_and_its_absence() {
        let rows = [
            count(true, State::Sent, None, 7),
            count(true, State::Failed, Some(Reason::Blocked), 1),
            count(false, State::Skipped, Some(Reason::OptedOut), 2),
        ];
        let books = compare(&rows, &rows);
        assert!(books.balanced());
        assert_eq!((books.audience, books.planned, books.left_out, books.of(State::Sent)), (10, 8, 2, 7));
        let counters = [count(true, State::Sent, None, 8), count(false, State::Skipped, Some(Reason::OptedOut), 2)];
        let books = compare(&rows, &counters);
        assert!(!books.balanced());
        assert_eq!(books.differences, [(true, State::Sent, None, 7, 8), (true, State::Failed, Some(Reason::Blocked.into()), 1, 0)]);
    }
}
