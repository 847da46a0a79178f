//! What customers said and who waits for an answer: a conversation a contact, over all channels.

use serde_json::json;

use super::queries;
use crate::{
    account::{AccountError, Actor, By, Right},
    channel::{ChannelKind, FileKind},
    clock::Moment,
    crm::CrmKind,
    delivery::kept::Message,
    id::{AccountId, ChannelId, ContactId, FileId, VersionId},
    on,
    store::{Store, Tx},
    words::Why,
};

/// A conversation in a list: its last message.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Conversation {
    /// With whom.
    pub contact_id: ContactId,
    /// The contact's name; may be empty.
    pub name: String,
    /// `in` (the customer had the last word) or `out`.
    pub direction: String,
    /// The last words.
    pub body: String,
    /// When they were said.
    pub at: Moment,
    /// What kind of file is with them.
    pub file_kind: Option<FileKind>,
    /// Since when they need no answer.
    pub handled_at: Option<Moment>,
    /// When the first of the words that wait for an answer were said; the last words when none do.
    pub since: Moment,
    /// The member who answers.
    pub assigned: Option<String>,
}

impl Conversation {
    /// Whether the customer had the last word, and nobody said that it needs no answer.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.direction == "in" && self.handled_at.is_none()
    }
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Said {
    pub id: i64,
    /// `in` or `out`.
    pub direction: String,
    /// The words.
    pub body: String,
    pub at: Moment,
    /// The channel's name.
    pub channel: String,
    pub messenger: ChannelKind,
    /// The member who answered.
    pub member: Option<String>,
    /// The campaign the customer answered to.
    pub campaign: Option<String>,
    /// Since when it needs no answer.
    pub handled_at: Option<Moment>,
    /// The member who said so.
    pub handled_by: Option<String>,
    /// When the customer last changed it.
    pub edited_at: Option<Moment>,
    /// What became of a member's reply: `queued`, `sending`, `sent`, `failed`, `uncertain`.
    pub state: Option<String>,
    /// Why it failed.
    pub reason: Option<Why>,
    /// The provider's code and words, where it refused.
    pub detail: Option<String>,
    /// When it was on the customer's device, and when it was opened, where the messenger tells.
    pub delivered_at: Option<Moment>,
    pub read_at: Option<Moment>,
    /// What kind of file is with it; [`file()`] finds it.
    pub file_kind: Option<FileKind>,
    /// The file's name.
    pub file_name: Option<String>,
    /// By these words the customer opted out; how, in the words of the room of opt-outs.
    pub stop: Option<String>,
    /// The CRM that wrote it, by a card or a robot of its own.
    pub crm: Option<CrmKind>,
}

/// A file of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct File {
    /// Whose conversation.
    pub contact_id: ContactId,
    /// The channel it came or went through.
    pub channel_id: ChannelId,
    pub at: Moment,
    /// `in` or `out`.
    pub direction: String,
    pub kind: FileKind,
    /// A customer's: the provider's reference ([`crate::channel::Channel::fetch`]).
    pub reference: Option<String>,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// MIME type, if told.
    pub mime: Option<String>,
    /// Bytes, if told.
    pub size: Option<i64>,
    /// A member's: the file we keep.
    pub kept: Option<FileId>,
}

/// The file of a message of the account.
///
/// # Errors
/// The database's.
pub async fn file(store: &Store, account: AccountId, message: i64) -> sqlx::Result<Option<File>> {
    on!(store.read(), |c| sqlx::query_as(queries::FILE).bind(account).bind(message).fetch_optional(c).await)
}

impl Said {
    /// Whether it is a customer's, and nobody said that it needs no answer.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.direction == "in" && self.handled_at.is_none()
    }
}

/// A campaign's message to the customer.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Campaigned {
    /// The campaign's name.
    pub campaign: String,
    /// The version of the template it was made of.
    pub version: Option<VersionId>,
    pub state: String,
    /// Why, where there is a reason.
    pub reason: Option<Why>,
    /// When it was sent.
    pub at: Moment,
    /// What it said, as it is kept ([`Campaigned::said`]).
    pub kept: Option<Vec<u8>>,
    /// The text of its version.
    pub text: Option<String>,
}

impl Campaigned {
    /// What it said; `None`: that is kept no more.
    #[must_use]
    pub fn said(&self) -> Option<Message> {
        Message::unpack(self.kept.as_deref()?, self.text.as_deref()?)
    }
}

/// The last campaign messages to a contact, oldest first.
///
/// # Errors
/// The database's.
pub async fn campaigned(store: &Store, account: AccountId, contact: ContactId, limit: i64) -> sqlx::Result<Vec<Campaigned>> {
    let mut sent: Vec<Campaigned> =
        on!(store.read(), |c| sqlx::query_as(queries::CAMPAIGN_MESSAGES).bind(account).bind(contact).bind(limit).fetch_all(c).await)?;
    sent.reverse();
    Ok(sent)
}

/// How many conversations there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Counts {
    pub all: i64,
    /// Those that wait for an answer.
    pub waiting: i64,
}

/// Conversations, those that wait for an answer first, who waits longest at their head; the others
/// newest first. A page at a time.
///
/// # Errors
/// The database's.
pub async fn conversations(store: &Store, account: AccountId, limit: i64, offset: i64) -> sqlx::Result<Vec<Conversation>> {
    let mut found: Vec<Conversation> =
        on!(store.read(), |c| sqlx::query_as(queries::WAITING_TALKS).bind(account).bind(limit).bind(offset).fetch_all(c).await)?;
    let left = limit - i64::try_from(found.len()).unwrap_or(limit);
    if left > 0 {
        let skipped = (offset - waiting(store, account).await?).max(0);
        let others: Vec<Conversation> =
            on!(store.read(), |c| sqlx::query_as(queries::OTHER_TALKS).bind(account).bind(left).bind(skipped).fetch_all(c).await)?;
        found.extend(others);
    }
    Ok(found)
}

/// How many conversations there are.
///
/// # Errors
/// The database's.
pub async fn counts(store: &Store, account: AccountId) -> sqlx::Result<Counts> {
    on!(store.read(), |c| sqlx::query_as(queries::CONVERSATION_COUNTS).bind(account).fetch_one(c).await)
}

/// How many conversations wait for an answer: the end of an index, however many there are in all.
///
/// # Errors
/// The database's.
pub async fn waiting(store: &Store, account: AccountId) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::WAITING_COUNT).bind(account).fetch_one(c).await)
}

/// Notes a conversation's last word, after something was said, marked or moved in it.
pub(super) async fn last_word(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::LAST_WORD).bind(account).bind(contact).execute(c).await.map(|_| ()))
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

/// Says that what a contact wrote up to the message `last` needs no answer (`handled`), or that
/// `last` does after all. What was written since goes on waiting. `false`: it was so already.
///
/// # Errors
/// [`AccountError`]: no right, or the database's.
pub async fn set_handled(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    last: i64,
    handled: bool,
    now: Moment,
) -> Result<bool, AccountError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let rows = if handled {
        on!(tx.conn(), |c| sqlx::query(queries::HANDLE)
            .bind(actor.account)
            .bind(contact)
            .bind(last)
            .bind(now)
            .bind(actor.member)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?
    } else {
        on!(tx.conn(), |c| sqlx::query(queries::REOPEN)
            .bind(actor.account)
            .bind(contact)
            .bind(last)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?
    };
    if rows == 0 {
        return Ok(false);
    }
    last_word(&mut tx, actor.account, contact).await?;
    if handled {
        on!(tx.conn(), |c| sqlx::query(queries::SINCE).bind(actor.account).bind(contact).bind(last).execute(c).await.map(|_| ()))?;
        by.audit(&mut tx, "contact.handled", contact, json!({ "message": last }), now).await?;
    } else {
        by.audit(&mut tx, "contact.reopened", contact, json!({ "message": last }), now).await?;
    }
    tx.commit().await?;
    Ok(true)
}
