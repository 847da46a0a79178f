//! A manager's answer to a customer.

use serde_json::json;

use super::{inbox, queries};
use crate::{
    account::{AccountError, Actor, By, Right, licence},
    clock::Moment,
    delivery::outgoing::{self, NewOutgoing, OutgoingMessage, OutgoingPurpose},
    id::{ANY_CHANNEL, ChannelId, ContactId},
    on,
    store::Store,
    text::Rich,
};

/// Longest reply, UTF-16 units: one message of the narrowest messenger built so far.
pub const MAX_UNITS: usize = 4_096;

/// Why a reply does not go.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// Empty, or longer than [`MAX_UNITS`].
    #[error("a reply has 1 to {MAX_UNITS} characters")]
    Length,
    /// The contact said stop, or stands on the stop-list, and has not written since.
    #[error("the contact asked not to be written to and has not written since")]
    OptedOut,
    /// The contact has no chat with a channel of the account.
    #[error("the contact has no chat to reply in")]
    NoChat,
    /// The account has no valid licence.
    #[error("the account has no valid licence")]
    NoLicence,
    /// No right, no such contact, or the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for ReplyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// Queues a member's reply; returns the channel to ring [`crate::queue::Job::Deliver`] for. `channel` is where the customer
/// wrote (`None`: where they last did); `key` makes a repeated call one reply (the bot's update id).
///
/// # Errors
/// [`ReplyError`].
pub async fn reply(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    channel: Option<ChannelId>,
    body: Rich,
    key: &str,
    now: Moment,
) -> Result<ChannelId, ReplyError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let account = actor.account;
    if body.text.trim().is_empty() || body.len_utf16() > MAX_UNITS {
        return Err(ReplyError::Length);
    }
    if licence::current(store, account, now).await?.is_none() {
        return Err(ReplyError::NoLicence);
    }
    let mut tx = store.begin().await?;
    let refused: Option<bool> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::NOT_TO_BE_ANSWERED).bind(account).bind(contact).fetch_optional(c).await)?;
    if refused.ok_or(AccountError::NotFound)? {
        return Err(ReplyError::OptedOut);
    }
    let channel = match channel {
        Some(channel) => channel,
        None => {
            let last: Option<ChannelId> =
                on!(tx.conn(), |c| sqlx::query_scalar(queries::LAST_CHANNEL).bind(account).bind(contact).fetch_optional(c).await)?;
            last.ok_or(ReplyError::NoChat)?
        }
    };
    let to: Option<(String, ChannelId, ChannelId)> = on!(tx.conn(), |c| sqlx::query_as(queries::REPLY_TO)
        .bind(account)
        .bind(contact)
        .bind(channel)
        .bind(ANY_CHANNEL)
        .fetch_optional(c)
        .await)?;
    let (to, _, _) = to.ok_or(ReplyError::NoChat)?;
    let dedupe_key = format!("reply:{}:{key}", actor.member);
    let queued: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::QUEUED).bind(&dedupe_key).fetch_one(c).await)?;
    if queued > 0 {
        return Ok(channel);
    }
    let said = body.text.clone();
    let message = OutgoingMessage { body, buttons: Vec::new(), remove_keyboard: false };
    let new = NewOutgoing { account, channel, contact: Some(contact), to, purpose: OutgoingPurpose::Reply, message, dedupe_key };
    let outgoing = outgoing::enqueue(&mut tx, new, now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::REPLIED)
        .bind(account)
        .bind(contact)
        .bind(channel)
        .bind(&said)
        .bind(actor.member)
        .bind(now)
        .bind(outgoing)
        .execute(c)
        .await
        .map(|_| ()))?;
    inbox::last_word(&mut tx, account, contact).await?;
    by.audit(&mut tx, "contact.reply", contact, json!({ "channel": channel }), now).await?;
    tx.commit().await?;
    Ok(channel)
}
