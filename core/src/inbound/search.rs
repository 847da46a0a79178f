//! Looking for a conversation: by the person, or by words that were said.
//!
//! Neither engine folds Cyrillic the way people read it, so the words of the newest messages are
//! compared here; who looks for something of years ago finds the person first.

use super::queries;
use crate::{
    contact::card,
    id::{AccountId, ContactId},
    on,
    store::Store,
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
    let mut found: Vec<Found> = Vec::new();
    for person in card::find(store, account, region, typed, i64::try_from(limit).unwrap_or(i64::MAX)).await? {
        let talks: i64 = on!(store.read(), |c| sqlx::query_scalar(queries::IS_TALK).bind(account).bind(person.id).fetch_one(c).await)?;
        if talks > 0 {
            found.push(Found { contact: person.id, name: person.name, body: None });
        }
    }
    let mut before = i64::MAX;
    for _ in 0..PAGES {
        if found.len() >= limit {
            break;
        }
        let page: Vec<Row> =
            on!(store.read(), |c| sqlx::query_as(queries::WORDS_BEFORE).bind(account).bind(before).bind(PAGE).fetch_all(c).await)?;
        let Some(last) = page.last() else { break };
        before = last.id;
        for row in page {
            let said = fold(&row.body);
            let new = found.iter().all(|one| one.contact != row.contact_id);
            if new && words.iter().all(|word| said.contains(word.as_str())) {
                found.push(Found { contact: row.contact_id, name: row.name, body: Some(row.body) });
            }
        }
    }
    found.truncate(limit);
    Ok(found)
}
