//! What customers said and who waits for an answer: a conversation a contact, over all channels.

use super::queries;
use crate::{
    clock::Moment,
    id::{AccountId, ContactId},
    on,
    store::Store,
};

/// A conversation in a list: its last message.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Conversation {
    /// With whom.
    pub contact_id: ContactId,
    /// The contact's name; may be empty.
    pub name: String,
    /// `in` (it waits for an answer) or `out`.
    pub direction: String,
    /// The last words.
    pub body: String,
    /// When they were said.
    pub at: Moment,
}

impl Conversation {
    /// Whether the customer had the last word.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.direction == "in"
    }
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Said {
    /// `in` or `out`.
    pub direction: String,
    /// The words.
    pub body: String,
    /// When.
    pub at: Moment,
    /// The channel's name.
    pub channel: String,
    /// The member who answered.
    pub member: Option<String>,
    /// The campaign the customer answered to.
    pub campaign: Option<String>,
}

/// How many conversations there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All.
    pub all: i64,
    /// Those that wait for an answer.
    pub waiting: i64,
}

/// Conversations, those that wait for an answer first, a page at a time.
///
/// # Errors
/// The database's.
pub async fn conversations(store: &Store, account: AccountId, limit: i64, offset: i64) -> sqlx::Result<Vec<Conversation>> {
    on!(store.read(), |c| sqlx::query_as(queries::CONVERSATIONS).bind(account).bind(limit).bind(offset).fetch_all(c).await)
}

/// How many conversations there are.
///
/// # Errors
/// The database's.
pub async fn counts(store: &Store, account: AccountId) -> sqlx::Result<Counts> {
    let (all, waiting): (i64, i64) = on!(store.read(), |c| sqlx::query_as(queries::CONVERSATION_COUNTS).bind(account).fetch_one(c).await)?;
    Ok(Counts { all, waiting })
}

/// The last messages with a contact, oldest first.
///
/// # Errors
/// The database's.
pub async fn thread(store: &Store, account: AccountId, contact: ContactId, limit: i64) -> sqlx::Result<Vec<Said>> {
    let mut said: Vec<Said> =
        on!(store.read(), |c| sqlx::query_as(queries::THREAD).bind(account).bind(contact).bind(limit).fetch_all(c).await)?;
    said.reverse();
    Ok(said)
}
