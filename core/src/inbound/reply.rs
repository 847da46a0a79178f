//! A manager's answer to a customer.

use chrono::TimeDelta;
use serde_json::json;

use super::{inbox, queries};
use crate::{
    account::{AccountError, Actor, By, Right, feature, licence, load, suspension},
    channel::{
        Capabilities, ChannelKind, FileKind,
        fit::{self, Unfit},
        registry,
    },
    clock::Moment,
    delivery::outgoing::{self, NewOutgoing, OutgoingMedia, OutgoingMessage, OutgoingPurpose},
    id::{ANY_CHANNEL, AccountId, ChannelId, ContactId, MemberId, OutgoingId},
    law, on,
    store::{
        Store, Tx,
        file::{self, FileInfo},
    },
    text::Rich,
};

/// Longest reply whatever the messenger, UTF-16 units; what its own limit is a reply is checked
/// against before it is queued.
pub const MAX_UNITS: usize = 4_096;
/// Largest picture whatever the messenger, bytes.
pub const MAX_PHOTO: usize = 10 * 1024 * 1024;
/// Largest file of another kind whatever the messenger, bytes.
pub const MAX_FILE: usize = 50 * 1024 * 1024;
/// For so long after a customer wrote they can be answered without a licence.
pub const ANSWERED_WITHIN: TimeDelta = TimeDelta::days(30);

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
    /// Empty, or longer than this many characters, the most that the messenger takes.
    #[error("a reply has 1 to {0} characters")]
    Length(usize),
    /// The text under a file is longer than this many characters; 0: the messenger takes none.
    #[error("the text under a file has at most {0} characters")]
    Caption(usize),
    /// The messenger takes no other files than pictures.
    #[error("the messenger takes pictures alone")]
    PicturesOnly,
    /// The file is empty or larger than this many bytes.
    #[error("a file is not empty and has at most {1} bytes")]
    File(FileKind, usize),
    /// The contact said stop, or stands on the stop-list, and has not written since.
    #[error("the contact asked not to be written to and has not written since")]
    OptedOut,
    /// The contact has no chat with a channel of the account.
    #[error("the contact has no chat to reply in")]
    NoChat,
    /// The law lets the account write to nobody through this messenger, whatever they wrote.
    #[error("the law lets the account write to nobody through {0:?}")]
    Barred(ChannelKind),
    /// The account has no valid licence, and the contact has not written lately: an answer to what
    /// a customer wrote needs none.
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
        return Err(ReplyError::Length(MAX_UNITS));
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
        return Err(ReplyError::File(file.kind, most));
    }
    if !file.kind.has_caption() || body.text.trim().is_empty() {
        body = Rich::default();
    }
    queue(store, actor, contact, channel, (body, Some(file)), key, now).await
}

/// Where a person is written to through a channel that is there, and in which messenger.
pub(super) async fn chat(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    channel: ChannelId,
) -> sqlx::Result<Option<(String, ChannelKind)>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::REPLY_TO)
        .bind(account)
        .bind(contact)
        .bind(channel)
        .bind(ANY_CHANNEL)
        .fetch_optional(c)
        .await)
}

/// Puts a message to a person in line, and its words into their conversation. `member`: who wrote
/// it; `None`: the CRM. Returns `None` when one with its key was queued before.
pub(super) async fn put(
    tx: &mut Tx,
    contact: ContactId,
    member: Option<MemberId>,
    new: NewOutgoing,
    file: Option<&FileInfo>,
    now: Moment,
) -> sqlx::Result<Option<OutgoingId>> {
    let (account, channel, media) = (new.account, new.channel, new.message.media);
    let body = &new.message.body.text;
    let said = match media {
        Some(media) => format!("[{}] {body}", media.kind.as_str()).trim_end().to_owned(),
        None => body.clone(),
    };
    let Some(outgoing) = outgoing::enqueue(tx, new, now).await? else { return Ok(None) };
    if let Some(media) = media {
        on!(tx.conn(), |c| sqlx::query(queries::REPLY_FILE).bind(account).bind(outgoing).bind(media.file).execute(c).await.map(|_| ()))?;
    }
    on!(tx.conn(), |c| sqlx::query(queries::REPLIED)
        .bind(account)
        .bind(contact)
        .bind(channel)
        .bind(&said)
        .bind(member)
        .bind(now)
        .bind(outgoing)
        .bind(media.map(|media| media.kind))
        .bind(file.map(|info| info.name.as_str()))
        .bind(file.map(|info| info.mime.as_str()))
        .bind(file.map(|info| info.size))
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(Some(outgoing))
}

/// The reply as its messenger shows it. What it would refuse is said to the member now, and not to
/// nobody later.
fn fitted(capabilities: &Capabilities, body: Rich, file: Option<&ReplyFile>) -> Result<Rich, ReplyError> {
    if let Some(file) = file {
        let most = if file.kind == FileKind::Photo { capabilities.photo_bytes } else { capabilities.document_bytes };
        if file.content.len() as u64 > most {
            return Err(ReplyError::File(file.kind, usize::try_from(most).unwrap_or(MAX_FILE)));
        }
    }
    match fit::fit(body, Vec::new(), file.map(|file| file.kind), capabilities) {
        Ok(fitted) => Ok(fitted.body),
        Err(unfit) => Err(match (unfit.first(), file) {
            (Some(Unfit::PicturesOnly), _) => ReplyError::PicturesOnly,
            (_, Some(file)) => ReplyError::Caption(capabilities.words_under(file.kind)),
            (_, None) => ReplyError::Length(capabilities.text_limit),
        }),
    }
}

/// Whether a contact wrote within the last [`ANSWERED_WITHIN`]: whoever wrote is owed an answer,
/// paid for or not.
pub(super) async fn wrote_lately(tx: &mut Tx, account: AccountId, contact: ContactId, now: Moment) -> sqlx::Result<bool> {
    let since = now - ANSWERED_WITHIN;
    let wrote: i64 =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::WROTE_SINCE).bind(account).bind(contact).bind(since).fetch_one(c).await)?;
    Ok(wrote > 0)
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
    let licensed = licence::current(store, account, now).await?.is_some();
    let barred = law::profile::barred(store, account, now).await?;
    let mut tx = store.begin().await?;
    if !licensed && !wrote_lately(&mut tx, account, contact, now).await? {
        return Err(ReplyError::NoLicence);
    }
    feature::need(&mut tx, account, feature::INBOX).await?.map_err(AccountError::from)?;
    if let Some(closed) = suspension::current_in(&mut tx, account, now).await?.filter(|closed| closed.scope == suspension::Scope::All) {
        return Err(AccountError::Suspended(closed.reason).into());
    }
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
    let (to, kind) = chat(&mut tx, account, contact, channel).await?.ok_or(ReplyError::NoChat)?;
    if barred.contains(&kind) {
        return Err(ReplyError::Barred(kind));
    }
    let body = fitted(registry::capabilities(kind), body, file.as_ref())?;
    let dedupe_key = format!("reply:{}:{key}", actor.member);
    let queued: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::QUEUED).bind(&dedupe_key).fetch_one(c).await)?;
    if queued > 0 {
        return Ok(channel);
    }
    let kept = match &file {
        Some(file) => {
            load::keep_file(&mut tx, account, file.content.len(), now).await?;
            Some((file.kind, file::put(&mut tx, account, &file.name, &file.mime, &file.content, now).await?))
        }
        None => None,
    };
    let media = kept.as_ref().map(|(kind, info)| OutgoingMedia { kind: *kind, file: info.id });
    let message = OutgoingMessage { body, buttons: Vec::new(), remove_keyboard: false, media };
    let new = NewOutgoing { account, channel, contact: Some(contact), to, purpose: OutgoingPurpose::Reply, message, dedupe_key };
    // Somebody queued it at the same time: theirs is the one.
    let info = kept.as_ref().map(|(_, info)| info);
    if put(&mut tx, contact, Some(actor.member), new, info, now).await?.is_none() {
        return Ok(channel);
    }
    inbox::last_word(&mut tx, account, contact).await?;
    by.audit(&mut tx, "contact.reply", contact, json!({ "channel": channel, "file": media.map(|media| media.kind) }), now).await?;
    tx.commit().await?;
    Ok(channel)
}
