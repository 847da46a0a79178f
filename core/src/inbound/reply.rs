//! A manager's answer to a customer.

use serde_json::json;

use super::{inbox, queries};
use crate::{
    account::{AccountError, Actor, By, Right, licence},
    channel::FileKind,
    clock::Moment,
    delivery::outgoing::{self, NewOutgoing, OutgoingMedia, OutgoingMessage, OutgoingPurpose},
    id::{ANY_CHANNEL, ChannelId, ContactId},
    on,
    store::{Store, file},
    text::Rich,
};

/// Longest reply, UTF-16 units: one message of the narrowest messenger built so far.
pub const MAX_UNITS: usize = 4_096;
/// Longest text under a file, UTF-16 units.
pub const MAX_CAPTION: usize = 1_024;
/// Largest picture, bytes.
pub const MAX_PHOTO: usize = 10 * 1024 * 1024;
/// Largest file of another kind, bytes.
pub const MAX_FILE: usize = 50 * 1024 * 1024;

/// A file that goes with a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyFile {
    /// How it is sent.
    pub kind: FileKind,
    /// The name the customer sees.
    pub name: String,
    /// MIME type.
    pub mime: String,
    /// The bytes.
    pub content: Vec<u8>,
}

/// Why a reply does not go.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// Empty, or longer than [`MAX_UNITS`].
    #[error("a reply has 1 to {MAX_UNITS} characters")]
    Length,
    /// The text under a file is longer than [`MAX_CAPTION`].
    #[error("the text under a file has at most {MAX_CAPTION} characters")]
    Caption,
    /// The file is empty or larger than [`MAX_PHOTO`] or [`MAX_FILE`].
    #[error("a file is not empty and has at most {} bytes", if matches!(.0, FileKind::Photo) { MAX_PHOTO } else { MAX_FILE })]
    File(FileKind),
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

/// Queues a member's reply; returns the channel to ring [`crate::queue::Job::Deliver`] for.
/// `channel` is where the customer wrote (`None`: where they last did); `key` makes a repeated call
/// one reply (the message the member wrote it in).
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
    if body.text.trim().is_empty() || body.len_utf16() > MAX_UNITS {
        By::Member(actor).need(Right::Edit)?;
        return Err(ReplyError::Length);
    }
    queue(store, actor, contact, channel, (body, None), key, now).await
}

/// The same with a file, `body` under it; the words may be empty.
///
/// # Errors
/// [`ReplyError`].
pub async fn reply_with(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    channel: Option<ChannelId>,
    (mut body, file): (Rich, ReplyFile),
    key: &str,
    now: Moment,
) -> Result<ChannelId, ReplyError> {
    By::Member(actor).need(Right::Edit)?;
    let most = if file.kind == FileKind::Photo { MAX_PHOTO } else { MAX_FILE };
    if file.content.is_empty() || file.content.len() > most {
        return Err(ReplyError::File(file.kind));
    }
    if !file.kind.has_caption() || body.text.trim().is_empty() {
        body = Rich::default();
    }
    if body.len_utf16() > MAX_CAPTION {
        return Err(ReplyError::Caption);
    }
    queue(store, actor, contact, channel, (body, Some(file)), key, now).await
}

async fn queue(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    channel: Option<ChannelId>,
    (body, file): (Rich, Option<ReplyFile>),
    key: &str,
    now: Moment,
) -> Result<ChannelId, ReplyError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let account = actor.account;
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
    let kept = match &file {
        Some(file) => Some((file.kind, file::put(&mut tx, account, &file.name, &file.mime, &file.content, now).await?)),
        None => None,
    };
    let said = match &kept {
        Some((kind, _)) => format!("[{}] {}", kind.as_str(), body.text).trim_end().to_owned(),
        None => body.text.clone(),
    };
    let media = kept.as_ref().map(|(kind, info)| OutgoingMedia { kind: *kind, file: info.id });
    let message = OutgoingMessage { body, buttons: Vec::new(), remove_keyboard: false, media };
    let new = NewOutgoing { account, channel, contact: Some(contact), to, purpose: OutgoingPurpose::Reply, message, dedupe_key };
    // Somebody queued it at the same time: theirs is the one.
    let Some(outgoing) = outgoing::enqueue(&mut tx, new, now).await? else { return Ok(channel) };
    if let Some(media) = media {
        on!(tx.conn(), |c| sqlx::query(queries::REPLY_FILE).bind(account).bind(outgoing).bind(media.file).execute(c).await.map(|_| ()))?;
    }
    let info = kept.as_ref().map(|(_, info)| info);
    on!(tx.conn(), |c| sqlx::query(queries::REPLIED)
        .bind(account)
        .bind(contact)
        .bind(channel)
        .bind(&said)
        .bind(actor.member)
        .bind(now)
        .bind(outgoing)
        .bind(media.map(|media| media.kind))
        .bind(info.map(|info| info.name.as_str()))
        .bind(info.map(|info| info.mime.as_str()))
        .bind(info.map(|info| info.size))
        .execute(c)
        .await
        .map(|_| ()))?;
    inbox::last_word(&mut tx, account, contact).await?;
    by.audit(&mut tx, "contact.reply", contact, json!({ "channel": channel, "file": media.map(|media| media.kind) }), now).await?;
    tx.commit().await?;
    Ok(channel)
}
