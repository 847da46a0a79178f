//! E-mail: the second way by which members are told what cannot wait. A notice that is an alarm is
//! mailed to whoever proved an address to be theirs ([`mailbox`]), whether or not the chat can be
//! reached. It goes by the mail server of the settings ([`crate::smtp`]).
//!
//! What is to be mailed is a row, once a key; its words go when it went. A repeat after a lost
//! answer has the same `Message-ID`, so a reader shows it once.

pub mod mailbox;
pub mod queries;

use crate::{
    clock::Moment,
    id::{AccountId, MailId, MemberId},
    on,
    smtp::Letter,
    store::{Store, Tx},
};

/// What to mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    pub account: AccountId,
    pub member: MemberId,
    /// Where to.
    pub address: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// The same key is mailed once.
    pub dedupe_key: String,
}

/// A mail that waits.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Mail {
    pub id: MailId,
    pub account_id: AccountId,
    pub address: String,
    pub subject: String,
    pub body: String,
    /// Tries so far.
    pub attempt: i32,
}

impl Mail {
    /// As it goes.
    #[must_use]
    pub fn letter(&self) -> Letter {
        let Self { id, account_id, address, subject, body, .. } = self;
        Letter { id: format!("mms-{account_id}-{id}"), to: address.clone(), subject: subject.clone(), body: body.clone() }
    }
}

/// Queues a mail in the caller's transaction, once a key.
///
/// # Errors
/// The database's.
pub async fn enqueue(tx: &mut Tx, mail: &NewMail, now: Moment) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::ENQUEUE)
        .bind(mail.account)
        .bind(mail.member)
        .bind(&mail.address)
        .bind(&mail.subject)
        .bind(&mail.body)
        .bind(&mail.dedupe_key)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Whether an account's mail of this key was queued before.
///
/// # Errors
/// The database's.
pub async fn is_there(store: &Store, account: AccountId, key: &str) -> sqlx::Result<bool> {
    let there: i64 = on!(store.read(), |c| sqlx::query_scalar(queries::IS_THERE).bind(account).bind(key).fetch_one(c).await)?;
    Ok(there > 0)
}

/// Mails due at `now`, whoever waits longest first.
///
/// # Errors
/// The database's.
pub async fn due(store: &Store, now: Moment, limit: i64) -> sqlx::Result<Vec<Mail>> {
    on!(store.read(), |c| sqlx::query_as(queries::DUE).bind(now).bind(limit).fetch_all(c).await)
}

/// It went.
///
/// # Errors
/// The database's.
pub async fn sent(store: &Store, mail: &Mail, now: Moment) -> sqlx::Result<()> {
    end(store, mail, "sent", None, now).await
}

/// It will never go: the server's words are kept.
///
/// # Errors
/// The database's.
pub async fn given_up(store: &Store, mail: &Mail, error: &str, now: Moment) -> sqlx::Result<()> {
    end(store, mail, "failed", Some(error), now).await
}

async fn end(store: &Store, mail: &Mail, state: &str, error: Option<&str>, now: Moment) -> sqlx::Result<()> {
    on!(store.once(), |c| sqlx::query(queries::END)
        .bind(mail.account_id)
        .bind(mail.id)
        .bind(state)
        .bind(error)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// It is tried again at `due`.
///
/// # Errors
/// The database's.
pub async fn later(store: &Store, mail: &Mail, error: &str, due: Moment) -> sqlx::Result<()> {
    on!(store.once(), |c| sqlx::query(queries::LATER)
        .bind(mail.account_id)
        .bind(mail.id)
        .bind(error)
        .bind(due)
        .execute(c)
        .await
        .map(|_| ()))
}

#[cfg(test)]
mod tests;
