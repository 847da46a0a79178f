//! A member's mailbox: an address that they proved to be theirs by a code that was mailed there. So
//! nobody has a stranger mailed, and nobody reads another company's alarms by a slip of the hand.

use chrono::TimeDelta;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{NewMail, enqueue, queries};
use crate::{
    account::{Actor, By, Language, Role},
    clock::Moment,
    contact::import::row::email,
    id::{AccountId, MemberId},
    on,
    store::{Store, Tx},
};

/// How long a code can be used, minutes.
pub const CODE_MINUTES: i64 = 15;
/// How often a code may be mistyped.
pub const TRIES: i32 = 5;
/// Codes a member may have mailed within a day: an address is no toy.
pub const CODES_A_DAY: i32 = 5;

/// A member's mailbox as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub address: String,
    /// They proved that it is theirs; until then nothing but codes goes there.
    pub confirmed: bool,
}

/// Where a member is told.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Reach {
    pub member_id: MemberId,
    pub address: String,
    pub role: Role,
    pub language: Language,
}

/// Why something of a mailbox is refused.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    #[error("this is no e-mail address")]
    NoAddress,
    #[error("too many codes were asked for, the next one from {0}")]
    TooOften(Moment),
    #[error("the code is wrong, {left} tries are left")]
    Wrong { left: i32 },
    /// No code waits: none was asked for, its time is over, or it was mistyped too often.
    #[error("there is no code to confirm, ask for another one")]
    NoCode,
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

#[derive(sqlx::FromRow)]
struct Row {
    address: String,
    code: Option<String>,
    code_until: Option<Moment>,
    tries: i32,
    codes: i32,
    codes_since: Moment,
    confirmed_at: Option<Moment>,
}

async fn row(tx: &mut Tx, actor: &Actor) -> sqlx::Result<Option<Row>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::MAILBOX).bind(actor.account).bind(actor.member).fetch_optional(c).await)
}

/// A member's own mailbox.
///
/// # Errors
/// The database's.
pub async fn of(store: &Store, actor: &Actor) -> sqlx::Result<Option<Mailbox>> {
    let row: Option<Row> =
        on!(store.read(), |c| sqlx::query_as(queries::MAILBOX).bind(actor.account).bind(actor.member).fetch_optional(c).await)?;
    Ok(row.map(|row| Mailbox { address: row.address, confirmed: row.confirmed_at.is_some() }))
}

/// Names an address and mails a code there; `write` makes the subject and the text of a code. What
/// was confirmed before is so no more. Gives the address as it was understood.
///
/// # Errors
/// [`MailboxError`].
pub async fn ask(
    store: &Store,
    actor: &Actor,
    typed: &str,
    write: impl FnOnce(&str) -> (String, String) + Send,
    now: Moment,
) -> Result<String, MailboxError> {
    let address = email(typed).ok_or(MailboxError::NoAddress)?;
    let mut tx = store.begin().await?;
    let before = row(&mut tx, actor).await?.filter(|row| now - row.codes_since < TimeDelta::days(1));
    if let Some(row) = &before
        && row.codes >= CODES_A_DAY
    {
        return Err(MailboxError::TooOften(row.codes_since + TimeDelta::days(1)));
    }
    let (codes, since) = before.map_or((1, now), |row| (row.codes + 1, row.codes_since));
    let code = format!("{:06}", rand::random_range(0..1_000_000));
    on!(tx.conn(), |c| sqlx::query(queries::ASK)
        .bind(actor.account)
        .bind(actor.member)
        .bind(&address)
        .bind(digest(actor.member, &address, &code))
        .bind(now + TimeDelta::minutes(CODE_MINUTES))
        .bind(codes)
        .bind(since)
        .execute(c)
        .await
        .map(|_| ()))?;
    let (subject, body) = write(&code);
    let dedupe_key = format!("mailbox:{}:{}", actor.member, now.timestamp_micros());
    let mail = NewMail { account: actor.account, member: actor.member, address: address.clone(), subject, body, dedupe_key };
    enqueue(&mut tx, &mail, now).await?;
    tx.commit().await?;
    Ok(address)
}

/// Confirms the address by the code that was mailed there.
///
/// # Errors
/// [`MailboxError`]; a wrong code is counted.
pub async fn confirm(store: &Store, actor: &Actor, typed: &str, now: Moment) -> Result<(), MailboxError> {
    let mut tx = store.begin().await?;
    let waits = |row: &Row| row.code_until.is_some_and(|until| now < until) && row.tries < TRIES;
    let row = row(&mut tx, actor).await?.filter(waits).ok_or(MailboxError::NoCode)?;
    let given = digest(actor.member, &row.address, &typed.chars().filter(char::is_ascii_digit).collect::<String>());
    let kept = row.code.ok_or(MailboxError::NoCode)?;
    if !bool::from(given.as_bytes().ct_eq(kept.as_bytes())) {
        on!(tx.conn(), |c| sqlx::query(queries::MISTYPED).bind(actor.account).bind(actor.member).execute(c).await.map(|_| ()))?;
        tx.commit().await?;
        return Err(match TRIES - row.tries - 1 {
            0 => MailboxError::NoCode,
            left => MailboxError::Wrong { left },
        });
    }
    on!(tx.conn(), |c| sqlx::query(queries::CONFIRM)
        .bind(actor.account)
        .bind(actor.member)
        .bind(&kept)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    By::Member(actor).audit(&mut tx, "mailbox.confirmed", actor.member, json!({}), now).await?;
    Ok(tx.commit().await?)
}

/// Nothing is mailed to the member any more; what waits goes no more either.
///
/// # Errors
/// The database's.
pub async fn remove(store: &Store, actor: &Actor, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    for sql in [queries::REMOVE, queries::DROP_WAITING] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(actor.account).bind(actor.member).execute(c).await.map(|_| ()))?;
    }
    By::Member(actor).audit(&mut tx, "mailbox.removed", actor.member, json!({}), now).await?;
    tx.commit().await
}

/// Where an account's members are told by e-mail.
///
/// # Errors
/// The database's.
pub async fn reachable(store: &Store, account: AccountId) -> sqlx::Result<Vec<Reach>> {
    on!(store.read(), |c| sqlx::query_as(queries::MAILBOXES).bind(account).fetch_all(c).await)
}

/// A code is kept as a digest: a copy of the database confirms nothing.
fn digest(member: MemberId, address: &str, code: &str) -> String {
    hex::encode(Sha256::digest(format!("{member}:{address}:{code}")))
}
