//! Doubts: a message that perhaps was a refusal. While one is open no advertising goes to the
//! person (planning, claim and forecast ask by [`in_doubt!`](crate::in_doubt)); service messages
//! and answers do. The person closes it by an answer or a clear «stop»; a member closes it only
//! with a reason, on the record.

use serde_json::{Value, json};
use sqlx::types::Json;

use super::queries;
use crate::{
    account::{AccountError, Actor, By, Right},
    clock::Moment,
    id::{AccountId, ChannelId, ContactId, DoubtId, MemberId},
    on,
    store::{Store, Tx},
};

/// Shortest reason with which a member lifts a doubt, characters.
pub const MIN_REASON: usize = 5;
/// Longest.
pub const MAX_REASON: usize = 500;

/// How a doubt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Outcome {
    /// The person answered: unsubscribe me.
    Yes,
    /// The person answered: do not.
    No,
    /// The person said stop in other words.
    Stopped,
    /// A member lifted it, with a reason.
    Lifted,
    /// The person's chat turned out to belong to a contact about whom a doubt was open already.
    Moved,
}

/// An open doubt.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Doubt {
    pub id: DoubtId,
    pub opened_at: Moment,
    /// The message that raised it.
    pub message_ref: Option<String>,
    /// The name of the channel it came through.
    pub channel: String,
}

/// A doubt with how it ended.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Past {
    pub id: DoubtId,
    pub opened_at: Moment,
    /// The message that raised it.
    pub message_ref: Option<String>,
    /// The name of the channel it came through.
    pub channel: String,
    /// Until when; `None`: it is open.
    pub closed_at: Option<Moment>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The member who lifted it.
    pub member: Option<String>,
    /// Why they did.
    pub reason: Option<String>,
}

/// Opens a doubt about a contact, and about whoever else writes from the same chat to another
/// sender of the company: that is the same person. `None`: one is open already (the question was
/// asked then), or the person is out anyway.
///
/// # Errors
/// The database's.
pub async fn open(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    channel: ChannelId,
    message_ref: Option<&str>,
    now: Moment,
) -> sqlx::Result<Option<DoubtId>> {
    let opened = open_one(tx, account, contact, channel, message_ref, now).await?;
    if opened.is_some() {
        for other in same_chats(tx, account, contact).await? {
            open_one(tx, account, other, channel, message_ref, now).await?;
        }
    }
    Ok(opened)
}

async fn open_one(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    channel: ChannelId,
    message_ref: Option<&str>,
    now: Moment,
) -> sqlx::Result<Option<DoubtId>> {
    on!(tx.conn(), |c| sqlx::query_scalar(queries::OPEN_DOUBT)
        .bind(account)
        .bind(contact)
        .bind(channel)
        .bind(message_ref)
        .bind(now)
        .fetch_optional(c)
        .await)
}

async fn same_chats(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Vec<ContactId>> {
    on!(tx.conn(), |c| sqlx::query_scalar(queries::SAME_CHATS).bind(account).bind(contact).fetch_all(c).await)
}

/// How a doubt ends.
struct End<'a> {
    outcome: Outcome,
    /// What the person answered it by.
    evidence: Option<Value>,
    /// The member who lifts it, and why.
    lifted: Option<(MemberId, &'a str)>,
}

/// Closes the open doubt about a contact, if there is one, and those that were opened with it.
/// `evidence`: what the person answered it by.
///
/// # Errors
/// The database's.
pub async fn close(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    outcome: Outcome,
    evidence: Option<Value>,
    now: Moment,
) -> sqlx::Result<bool> {
    let end = End { outcome, evidence, lifted: None };
    close_alike(tx, account, contact, &end, now).await?;
    close_one(tx, account, contact, &end, now).await
}

/// Binds what both ways to close a doubt say: whose, when, how, by whom and why.
macro_rules! ending {
    ($sql:expr, $account:expr, $contact:expr, $end:expr, $now:expr) => {
        sqlx::query($sql)
            .bind($account)
            .bind($contact)
            .bind($now)
            .bind($end.outcome)
            .bind($end.evidence.as_ref().map(Json))
            .bind($end.lifted.map(|(member, _)| member))
            .bind($end.lifted.map(|(_, reason)| reason))
    };
}

async fn close_alike(tx: &mut Tx, account: AccountId, contact: ContactId, end: &End<'_>, now: Moment) -> sqlx::Result<()> {
    for other in same_chats(tx, account, contact).await? {
        on!(tx.conn(), |c| ending!(queries::CLOSE_DOUBT_ALIKE, account, other, end, now).bind(contact).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

async fn close_one(tx: &mut Tx, account: AccountId, contact: ContactId, end: &End<'_>, now: Moment) -> sqlx::Result<bool> {
    let closed = on!(tx.conn(), |c| ending!(queries::CLOSE_DOUBT, account, contact, end, now).execute(c).await.map(|r| r.rows_affected()))?;
    Ok(closed > 0)
}

/// Whether the doubt a question was about is open; `None`: the contact never had it.
///
/// # Errors
/// The database's.
pub async fn is_open(tx: &mut Tx, account: AccountId, contact: ContactId, id: DoubtId) -> sqlx::Result<Option<bool>> {
    on!(tx.conn(), |c| sqlx::query_scalar(queries::DOUBT_OF).bind(account).bind(contact).bind(id).fetch_optional(c).await)
}

/// Moves an open doubt with the chat it was raised in.
///
/// # Errors
/// The database's.
pub async fn moved(tx: &mut Tx, account: AccountId, from: ContactId, to: ContactId, now: Moment) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::MOVE_DOUBT).bind(account).bind(from).bind(to).execute(c).await.map(|_| ()))?;
    // Nothing was answered: those opened with it stay.
    close_one(tx, account, from, &End { outcome: Outcome::Moved, evidence: None, lifted: None }, now).await.map(|_| ())
}

/// A doubt that moved from a contact to another one is that contact's again: they are two.
///
/// # Errors
/// The database's.
pub async fn moved_back(tx: &mut Tx, account: AccountId, id: DoubtId, (from, to): (ContactId, ContactId)) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::DOUBT_BACK).bind(account).bind(id).bind(from).bind(to).execute(c).await.map(|_| ()))
}

/// The open doubt about a contact, inside a change.
///
/// # Errors
/// The database's.
pub async fn current_in(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Option<Doubt>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::DOUBT).bind(account).bind(contact).fetch_optional(c).await)
}

/// The open doubt about a contact.
///
/// # Errors
/// The database's.
pub async fn current(store: &Store, account: AccountId, contact: ContactId) -> sqlx::Result<Option<Doubt>> {
    on!(store.read(), |c| sqlx::query_as(queries::DOUBT).bind(account).bind(contact).fetch_optional(c).await)
}

/// All doubts there were about a contact, oldest first.
///
/// # Errors
/// The database's.
pub async fn all(store: &Store, account: AccountId, contact: ContactId) -> sqlx::Result<Vec<Past>> {
    on!(store.read(), |c| sqlx::query_as(queries::DOUBTS).bind(account).bind(contact).fetch_all(c).await)
}

/// Why a doubt was not lifted.
#[derive(Debug, thiserror::Error)]
pub enum LiftError {
    /// No reason of [`MIN_REASON`] to [`MAX_REASON`] characters was given.
    #[error("a reason has {MIN_REASON} to {MAX_REASON} characters")]
    Reason,
    /// No right, no open doubt, or the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for LiftError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// A member lifts a doubt, saying why.
///
/// # Errors
/// [`LiftError`].
pub async fn lift(store: &Store, actor: &Actor, contact: ContactId, reason: &str, now: Moment) -> Result<(), LiftError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let reason = reason.trim();
    if !(MIN_REASON..=MAX_REASON).contains(&reason.chars().count()) {
        return Err(LiftError::Reason);
    }
    let mut tx = store.begin().await?;
    let end = End { outcome: Outcome::Lifted, evidence: None, lifted: Some((actor.member, reason)) };
    close_alike(&mut tx, actor.account, contact, &end, now).await?;
    if !close_one(&mut tx, actor.account, contact, &end, now).await? {
        return Err(AccountError::NotFound.into());
    }
    by.audit(&mut tx, "contact.doubt_lifted", contact, json!({ "reason_chars": reason.chars().count() }), now).await?;
    tx.commit().await?;
    Ok(())
}
