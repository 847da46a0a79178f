//! What the owner of a channel has begun: the ids of messages whose calls may have been made,
//! committed before the calls.
//!
//! A claim is committed before any call, and by itself it says only that a call *may* have been
//! made. So an owner lists, a few at a time, what it is about to send; the next owner takes the
//! list away, and from then on the former one can list nothing more. What was claimed under a
//! former token and is not in its list was therefore never sent and never will be: it goes back to
//! the queue. What is in the list has an unknown outcome until its time in flight is over.
//!
//! The words of what is about to leave are kept in the same change ([`super::kept`]).
//!
//! A token without a list says nothing: its owner's list was taken over already, or it kept none.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write as _,
};

use serde::Deserialize;

use super::{
    kept::Words,
    outcome::{Outcome, Verdict},
    outgoing::OutgoingOutcome,
    queries, recovery,
};
use crate::{
    channel::lease::Lease,
    id::{AccountId, OutgoingId},
    on,
    store::{Db, Engine, Store, Together},
};

/// The id of a message outside campaigns in a list, and as a client id: told apart from deliveries,
/// whose ids are positive.
#[must_use]
pub fn outgoing_key(id: OutgoingId) -> i64 {
    -id.0
}

/// Ids as a list is kept: `[7,[10,109]]`, each alone or as the first and the last of a run. What is
/// claimed together has ids in a row, so a list of five hundred is some thirty characters long.
#[must_use]
pub fn text(ids: &BTreeSet<i64>) -> String {
    let mut text = "[".to_owned();
    let mut ids = ids.iter().copied().peekable();
    while let Some(first) = ids.next() {
        let mut last = first;
        while let Some(next) = ids.next_if(|next| last.checked_add(1) == Some(*next)) {
            last = next;
        }
        if text.len() > 1 {
            text.push(',');
        }
        // Writing to a string does not fail.
        let _ = if first == last { write!(text, "{first}") } else { write!(text, "[{first},{last}]") };
    }
    text.push(']');
    text
}

/// The most ids a list may name: many times what is claimed ahead.
const MOST: u64 = 100_000;

/// Reads a list; `None`: it is none.
fn read(text: &str) -> Option<HashSet<i64>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Piece {
        One(i64),
        Run(i64, i64),
    }
    let pieces: Vec<Piece> = serde_json::from_str(text).ok()?;
    let runs = pieces.into_iter().map(|piece| match piece {
        Piece::One(id) => (id, id),
        Piece::Run(first, last) => (first, last),
    });
    let mut ids = HashSet::new();
    for (first, last) in runs {
        let many = last.checked_sub(first).and_then(|more| u64::try_from(more).ok())?;
        if many + ids.len() as u64 >= MOST {
            return None;
        }
        ids.extend(first..=last);
    }
    Some(ids)
}

/// What a former owner of a channel left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The token it claimed under.
    pub token: i64,
    /// What it had begun and not recorded, by id; see [`outgoing_key`].
    pub begun: HashSet<i64>,
}

/// Takes the lists of former owners away and opens one of our own, empty. Do it once under a new
/// lease and before any claim. What was never begun is to be given back then ([`never_begun`]); the
/// lists are kept until that is done ([`done`]), so an owner who dies over it, or whose database
/// does, leaves them to the next.
///
/// On PostgreSQL a former owner that is listing something at this moment is waited for, and its
/// list is read as it is then; whoever comes later finds its list gone.
///
/// # Errors
/// The database's; then nothing has changed.
pub async fn take_over(store: &Store, account: AccountId, lease: Lease) -> sqlx::Result<Vec<Left>> {
    let mut tx = store.begin().await?;
    let mut left: Vec<(i64, String)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::BEGUN_TAKE).bind(account).bind(lease.channel).bind(lease.token).fetch_all(c).await)?;
    on!(tx.conn(), |c| sqlx::query(queries::BEGUN_OPEN).bind(account).bind(lease.channel).bind(lease.token).execute(c).await.map(|_| ()))?;
    tx.commit().await?;
    left.sort_unstable_by_key(|(token, _)| *token);
    // A list that cannot be read says nothing, as none does.
    Ok(left.into_iter().filter_map(|(token, ids)| Some(Left { token, begun: read(&ids)? })).collect())
}

/// What a former owner left behind is dealt with.
///
/// # Errors
/// The database's; then the next owner deals with it once more, which changes nothing.
pub async fn done(store: &Store, account: AccountId, lease: Lease, left: &Left) -> sqlx::Result<()> {
    on!(store.once(), |c| sqlx::query(queries::BEGUN_DONE).bind(account).bind(lease.channel).bind(left.token).execute(c).await.map(|_| ()))
}

/// Lists what is begun or about to be, as [`text`] writes it, and keeps the words of what is about
/// to leave. `false`: the channel is another's, and none of it may be sent.
///
/// # Errors
/// The database's; then it may be listed or not, and must not be sent.
pub async fn list(store: &Store, account: AccountId, lease: Lease, ids: &str, words: Words) -> sqlx::Result<bool> {
    let listed = match store.once() {
        Db::Postgres(c) if !words.ids.is_empty() => {
            let Words { ids: deliveries, attempts, bodies } = words;
            let listed: i64 = sqlx::query_scalar(queries::BEGUN_LIST_POSTGRES)
                .bind(account)
                .bind(lease.channel)
                .bind(lease.token)
                .bind(ids)
                .bind(deliveries)
                .bind(attempts)
                .bind(bodies)
                .fetch_one(c)
                .await?;
            listed.unsigned_abs()
        }
        Db::Sqlite(_) if !words.ids.is_empty() => {
            let (bodies, which) = words.in_a_row();
            // One journey and no transaction around them: should all end between the two, words are
            // kept of what was never begun. Such a try comes again under its number, and until then
            // nobody reads them.
            let mut both = Together::new(Engine::Sqlite);
            both.add(queries::KEEP_SQLITE).bind(account).bind(lease.channel).bind(lease.token).bind(bodies).bind(which);
            both.add(queries::BEGUN_LIST).bind(account).bind(lease.channel).bind(lease.token).bind(ids.to_owned());
            store.one_after_the_other(both).await?.last().copied().unwrap_or_default()
        }
        db => on!(db, |c| sqlx::query(queries::BEGUN_LIST)
            .bind(account)
            .bind(lease.channel)
            .bind(lease.token)
            .bind(ids)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
    };
    Ok(listed == 1)
}

/// What a former owner claimed and never began: to be recorded as given back.
///
/// # Errors
/// The database's.
pub async fn never_begun(
    store: &Store,
    account: AccountId,
    lease: Lease,
    left: &Left,
) -> sqlx::Result<(Vec<Outcome>, Vec<OutgoingOutcome>)> {
    let former = Lease { token: left.token, ..lease };
    let claimed = recovery::mine(store, account, former).await?;
    let deliveries = claimed.into_iter().filter(|(delivery, ..)| !left.begun.contains(&delivery.0));
    let deliveries = deliveries.map(|(delivery, contact, attempt, until)| Outcome {
        delivery,
        contact,
        claim: former.token,
        attempt,
        until,
        verdict: Verdict::Returned,
        detail: None,
    });
    let messages = recovery::mine_outgoing(store, account, former).await?;
    let messages = messages.into_iter().filter(|(id, ..)| !left.begun.contains(&outgoing_key(*id)));
    let messages = messages.map(|(id, attempt, until)| OutgoingOutcome {
        id,
        claim: former.token,
        attempt,
        until,
        verdict: Verdict::Returned,
        detail: None,
    });
    Ok((deliveries.collect(), messages.collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_list_is_read_as_it_was_written(ids in proptest::collection::btree_set(-40..40_i64, 0..60)) {
            prop_assert_eq!(read(&text(&ids)), Some(ids.into_iter().collect()));
        }
    }

    #[test]
    fn a_list_is_short_and_what_is_no_list_says_nothing() {
        assert_eq!(text(&(10..110).chain([-3, 7, i64::MAX]).collect()), format!("[-3,7,[10,109],{}]", i64::MAX));
        // As the release before wrote them.
        assert_eq!(read("[3,1,2]"), Some([1, 2, 3].into()));
        for wrong in
            ["", "{}", "[1", "[[2,1]]", "[[1,2,3]]", "[\"7\"]", "[[0,9223372036854775807]]", "[[-9223372036854775808,9223372036854775807]]"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
