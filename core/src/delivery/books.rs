//! The books: rows, counters and the campaign must say the same, at any moment, of each step and of
//! people. For each step `planned = queued + sending + sent + delivered + read + failed + skipped +
//! uncertain + cancelled`; of people `audience = open + reached + unknown + missed`, and one
//! message speaks for each of them.

use std::collections::BTreeMap;

use super::{Count, Person, State, queries};
use crate::{
    id::{AccountId, CampaignId},
    on,
    store::Store,
};

/// The books of a campaign, from its rows, with what does not agree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Books {
    /// Everybody the audience brought.
    pub audience: i64,
    /// Everybody who has a message or was left out; the same, or some message speaks for nobody or
    /// several for one.
    pub people: i64,
    /// Messages meant to go.
    pub planned: i64,
    /// People left out by planning.
    pub left_out: i64,
    /// Rows by state, of those meant to go.
    pub by_state: BTreeMap<State, i64>,
    /// People by what the message that speaks for them says.
    pub by_person: BTreeMap<Person, i64>,
    /// Messages meant to go, by step.
    pub by_step: BTreeMap<i16, i64>,
    /// Every counter that differs from the rows.
    pub differences: Vec<Difference>,
}

/// A counter that differs from the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What is counted; its `n` is of no meaning.
    pub what: Count,
    /// Rows there are.
    pub rows: i64,
    /// What the counter says.
    pub counter: i64,
}

impl Books {
    /// Rows, counters and sums agree.
    #[must_use]
    pub fn balanced(&self) -> bool {
        let of_steps = self.planned == self.by_step.values().sum::<i64>() && self.planned == self.by_state.values().sum::<i64>();
        let of_people = self.audience == self.people && self.audience == self.by_person.values().sum::<i64>();
        self.differences.is_empty() && of_steps && of_people
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
    let mut books = compare(&counts(rows), &counts(counters));
    // One row a person and step is what the index holds: with one step, rows are people.
    if books.by_step.keys().any(|step| *step > 1) {
        books.people = on!(store.read(), |c| sqlx::query_scalar(queries::PEOPLE).bind(account).bind(campaign).fetch_one(c).await)?;
    }
    Ok(books)
}

/// Compares rows with counters.
fn compare(rows: &[Count], counters: &[Count]) -> Books {
    let mut books = Books::default();
    let mut both: BTreeMap<_, (&Count, i64, i64)> = BTreeMap::new();
    let key = |count: &Count| (count.step, count.variant, count.planned, count.person, count.state, count.reason.clone());
    for row in rows {
        books.people += row.n;
        if row.person != Person::Passed {
            books.audience += row.n;
            *books.by_person.entry(row.person).or_default() += row.n;
        }
        if row.planned {
            books.planned += row.n;
            *books.by_state.entry(row.state).or_default() += row.n;
            *books.by_step.entry(row.step).or_default() += row.n;
        } else {
            books.left_out += row.n;
        }
        both.entry(key(row)).or_insert((row, 0, 0)).1 += row.n;
    }
    for counter in counters {
        both.entry(key(counter)).or_insert((counter, 0, 0)).2 += counter.n;
    }
    for (what, rows, counter) in both.into_values() {
        if rows != counter {
            books.differences.push(Difference { what: what.clone(), rows, counter });
        }
    }
    books
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Reason, Why};

    fn count(planned: bool, state: State, reason: Option<Reason>, n: i64) -> Count {
        Count { step: 1, variant: 1, planned, person: Person::of(state, false, false), state, reason: reason.map(Why::from), n }
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
        let differ: Vec<_> = books.differences.iter().map(|one| (one.what.state, one.rows, one.counter)).collect();
        assert_eq!(differ, [(State::Sent, 7, 8), (State::Failed, 1, 0)]);
    }

    /// Two steps of one person: one of the messages speaks for them, never both.
    #[test]
    fn people_are_counted_once_whatever_the_number_of_their_messages() {
        let second = Count { step: 2, ..count(true, State::Read, None, 3) };
        let passed = Count { person: Person::Passed, ..count(true, State::Failed, Some(Reason::Unreachable), 3) };
        let rows = [passed, second.clone()];
        let mut books = compare(&rows, &rows);
        books.people = 3;
        assert!(books.balanced());
        assert_eq!((books.audience, books.planned, &books.by_step), (3, 6, &BTreeMap::from([(1, 3), (2, 3)])));
        let both = [count(true, State::Failed, Some(Reason::Unreachable), 3), second];
        let mut books = compare(&both, &both);
        books.people = 3;
        assert!(!books.balanced(), "two messages speak for each of three people");
    }
}
