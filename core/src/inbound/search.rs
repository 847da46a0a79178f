//! Looking for a conversation: by the person, or by words that were said.
//!
//! Neither engine folds Cyrillic the way people read it, so the words of the newest messages are
//! compared here, a page at a time, where that holds up nobody ([`crate::aside`]). Who looks for
//! something of years ago finds the person first.

use std::collections::HashSet;

use tokio::sync::mpsc;

use super::queries;
use crate::{
    aside,
    contact::card,
    id::{AccountId, ContactId},
    on,
    store::{Db, Store, heed, json_hex},
    text::fold,
};

/// Messages read at once, and the most times that more are read.
const PAGE: i64 = 1_000;
const PAGES: usize = 30;

/// A conversation that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// With whom.
    pub contact: ContactId,
    /// Their name; may be empty.
    pub name: String,
    /// The message that has the words; `None`: the person was looked for.
    pub body: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    contact_id: ContactId,
    name: String,
    body: String,
}

/// Conversations with people of this name or phone, then those in which all of the words were said
/// in one message, the newest first.
///
/// # Errors
/// The database's.
pub async fn search(store: &Store, account: AccountId, region: &str, typed: &str, limit: usize) -> sqlx::Result<Vec<Found>> {
    let words: Vec<String> = fold(typed).split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let people = card::find(store, account, region, typed, i64::try_from(limit).unwrap_or(i64::MAX)).await?;
    let ids: Vec<ContactId> = people.iter().map(|person| person.id).collect();
    let talks = talks(store, account, &ids).await?;
    let people = people.into_iter().filter(|person| talks.contains(&person.id));
    let found: Vec<Found> = people.map(|person| Found { contact: person.id, name: person.name, body: None }).collect();
    if found.len() >= limit {
        return Ok(found);
    }
    // The next page is read while one is compared.
    let (pages, incoming) = mpsc::channel(1);
    let comparing = aside::task("search", aside::run(move || compare(incoming, &words, found, limit)));
    let mut before = i64::MAX;
    for _ in 0..PAGES {
        let page: Vec<Row> =
            on!(store.read(), |c| sqlx::query_as(queries::WORDS_BEFORE).bind(account).bind(before).bind(PAGE).fetch_all(c).await)?;
        let Some(last) = page.last() else { break };
        before = last.id;
        if pages.send(page).await.is_err() {
            // Enough was found.
            break;
        }
    }
    drop(pages);
    comparing.await.flatten().map_err(|_| sqlx::Error::WorkerCrashed)
}

/// With which of these people there is a conversation.
async fn talks(store: &Store, account: AccountId, people: &[ContactId]) -> sqlx::Result<HashSet<ContactId>> {
    if people.is_empty() {
        return Ok(HashSet::new());
    }
    let with: Vec<ContactId> = match store.read() {
        Db::Sqlite(c) => {
            heed(sqlx::query_scalar(queries::TALKS_SQLITE).bind(account).bind(json_hex(people.iter().map(|id| id.0))).fetch_all(c).await)?
        }
        Db::Postgres(c) => sqlx::query_scalar(queries::TALKS_POSTGRES).bind(account).bind(people.to_vec()).fetch_all(c).await?,
    };
    Ok(with.into_iter().collect())
}

/// Adds conversations with a message that has all the words, each once, until there are `limit`.
fn compare(mut pages: mpsc::Receiver<Vec<Row>>, words: &[String], mut found: Vec<Found>, limit: usize) -> Vec<Found> {
    let mut known: HashSet<ContactId> = found.iter().map(|one| one.contact).collect();
    while let Some(page) = pages.blocking_recv() {
        for row in page {
            if known.contains(&row.contact_id) {
                continue;
            }
            let said = fold(&row.body);
            if words.iter().all(|word| said.contains(word.as_str())) {
                known.insert(row.contact_id);
                found.push(Found { contact: row.contact_id, name: row.name, body: Some(row.body) });
                if found.len() >= limit {
                    return found;
                }
            }
        }
    }
    found
}
