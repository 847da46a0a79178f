//! Ranges of an account's contacts, counted side by side.
//!
//! PostgreSQL spreads a large count over several processes by itself. SQLite works in the thread of
//! one connection, so what looks at every contact of an account (the live count of a segment, a
//! campaign's forecast) is asked of several readers, each of which sees the contacts between two
//! ids.

use std::{num::NonZero, thread};

use super::{
    queries,
    segment::{Filter, Look},
};
use crate::{
    id::{AccountId, ContactId},
    limits::READERS_OF_A_COUNT,
    on,
    store::{Engine, Store},
};

/// Fewer contacts than this are quicker counted by one reader than cut.
const WORTH_CUTTING: i64 = 20_000;

/// Readers for one count at most.
const MOST: usize = READERS_OF_A_COUNT as usize;

/// No contact has this id, and all come before it.
const END: ContactId = ContactId(uuid::Uuid::max());

/// Contacts whose ids lie between two others, or all of the account's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange(Option<(ContactId, ContactId)>);

impl IdRange {
    /// All contacts of the account.
    pub const ALL: Self = Self(None);

    /// All that come after this one in the order of ids.
    #[must_use]
    pub fn after(contact: ContactId) -> Self {
        Self(Some((ContactId(uuid::Uuid::from_u128(contact.0.as_u128().saturating_add(1))), END)))
    }

    /// What a segment's filter needs to know of it.
    #[must_use]
    pub fn look(self) -> Look {
        self.0.map_or(Look::All, |(from, until)| Look::Between(from, until))
    }

    /// From which id, and before which; `None`: all.
    #[must_use]
    pub fn bounds(self) -> Option<(ContactId, ContactId)> {
        self.0
    }
}

/// Cuts an account's contacts into ranges of about the same size, as many as it is worth: every
/// contact is in one of them, also one that appears meanwhile.
///
/// # Errors
/// The database's.
pub async fn ranges(store: &Store, account: AccountId) -> sqlx::Result<Vec<IdRange>> {
    match store.engine() {
        Engine::Sqlite => cut(store, account, thread::available_parallelism().map_or(1, NonZero::get).min(MOST), WORTH_CUTTING).await,
        Engine::Postgres => Ok(vec![IdRange::ALL]),
    }
}

/// The same for a filter that may ask for occasions: PostgreSQL's processes would each read all of
/// them, so that is cut by hand as well.
///
/// # Errors
/// The database's.
pub async fn ranges_for(store: &Store, account: AccountId, filter: &Filter) -> sqlx::Result<Vec<IdRange>> {
    match store.engine() {
        Engine::Postgres if filter.asks_for_occasions() => {
            cut(store, account, thread::available_parallelism().map_or(1, NonZero::get).min(MOST), WORTH_CUTTING).await
        }
        _ => ranges(store, account).await,
    }
}

/// Cuts into at most `most` ranges, if there are at least `worth` contacts.
pub(crate) async fn cut(store: &Store, account: AccountId, most: usize, worth: i64) -> sqlx::Result<Vec<IdRange>> {
    let all: i64 = on!(store.read(), |c| sqlx::query_scalar(queries::COUNT).bind(account).fetch_one(c).await)?;
    let most = i64::try_from(most).unwrap_or(1);
    let mut from = ContactId(uuid::Uuid::nil());
    let mut ranges = Vec::new();
    if all >= worth.max(most) {
        for n in 1..most {
            let at: Option<ContactId> =
                on!(store.read(), |c| sqlx::query_scalar(queries::NTH).bind(account).bind(all * n / most).fetch_optional(c).await)?;
            if let Some(at) = at {
                ranges.push(IdRange(Some((from, at))));
                from = at;
            }
        }
    }
    if ranges.is_empty() {
        return Ok(vec![IdRange::ALL]);
    }
    ranges.push(IdRange(Some((from, END))));
    Ok(ranges)
}
