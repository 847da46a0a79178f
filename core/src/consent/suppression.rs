//! Addresses that must not be written to, whoever they belong to: a member's own list beside what
//! people said themselves.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::types::Json;

use super::queries;
use crate::{
    account::{AccountError, Actor, By, Right},
    aside,
    clock::Moment,
    id::{ANY_CHANNEL, AccountId, ChannelId, ContactId, SuppressionId},
    on,
    store::{Store, Tx},
    text::phone,
    words::PHONE,
};

/// Why an address is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Cause {
    /// Said stop.
    OptOut,
    /// Blocked the sender.
    Blocked,
    /// Complained.
    Complaint,
    /// A member's list.
    Manual,
}

/// A live suppression.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Suppression {
    pub id: SuppressionId,
    /// The kind of the address.
    pub kind: String,
    /// The address.
    pub value: String,
    /// The sending identity it holds for; the nil UUID: all.
    pub scope_id: ChannelId,
    pub reason: Cause,
    pub contact_id: Option<ContactId>,
    pub created_at: Moment,
}

/// Since when the address's owner has said stop without coming back.
///
/// # Errors
/// The database's.
pub async fn said_stop(tx: &mut Tx, account: AccountId, kind: &str, value: &str) -> sqlx::Result<Option<Moment>> {
    on!(tx.conn(), |c| sqlx::query_scalar(queries::SAID_STOP).bind(account).bind(kind).bind(value).fetch_optional(c).await)
}

/// The contact is about to be forgotten, and with it that its addresses are one person's: what
/// holds for the person is put on each address they have now, also on those they got after they
/// said stop. Whoever comes back with any of them, by an import or as another record of a CRM, is
/// still not written to.
///
/// # Errors
/// The database's.
pub async fn keep_for_addresses(tx: &mut Tx, account: AccountId, contact: ContactId, now: Moment) -> sqlx::Result<()> {
    let reasons: Vec<Cause> = on!(tx.conn(), |c| sqlx::query_scalar(queries::STOPPED_FOR).bind(account).bind(contact).fetch_all(c).await)?;
    if reasons.is_empty() {
        return Ok(());
    }
    let addresses: Vec<(String, String)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::ADDRESSES).bind(account).bind(contact).fetch_all(c).await)?;
    for (kind, value) in &addresses {
        for reason in &reasons {
            // What stands on the company's list stays the company's to lift.
            let whose = Some(contact).filter(|_| *reason != Cause::Manual);
            suppress(tx, account, (kind, value), *reason, whose, json!({ "how": "forgotten", "contact": contact }), now).await?;
        }
    }
    Ok(())
}

/// Whether something holds a contact from being written to: a stop of theirs, of any address they
/// have, or of the company's list.
///
/// # Errors
/// The database's.
pub async fn is_stopped(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<bool> {
    let reasons: Vec<Cause> = on!(tx.conn(), |c| sqlx::query_scalar(queries::STOPPED_FOR).bind(account).bind(contact).fetch_all(c).await)?;
    Ok(!reasons.is_empty())
}

/// Whoever has this address had said stop before they were erased: it holds for them still, until
/// they come back by themselves.
///
/// # Errors
/// The database's.
pub async fn said_before(tx: &mut Tx, account: AccountId, address: (&str, &str), contact: ContactId, now: Moment) -> sqlx::Result<()> {
    suppress(tx, account, address, Cause::OptOut, Some(contact), json!({ "how": "erased" }), now).await
}

/// Forgets the addresses of somebody who is erased: keyed hashes take the place of the list
/// (`contact::erased`).
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx, account: AccountId, contact: ContactId, addresses: &[(String, String)]) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::FORGET_NOTED).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
    for (kind, value) in addresses {
        on!(tx.conn(), |c| sqlx::query(queries::FORGET_ADDRESS).bind(account).bind(kind).bind(value).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// What was noted in a contact's name is noted in another's, who is the same person; which rows
/// these are.
///
/// # Errors
/// The database's.
pub async fn hand_over(tx: &mut Tx, account: AccountId, from: ContactId, to: ContactId) -> sqlx::Result<Vec<SuppressionId>> {
    let ids = on!(tx.conn(), |c| sqlx::query_scalar(queries::NOTED_FOR).bind(account).bind(from).fetch_all(c).await)?;
    on!(tx.conn(), |c| sqlx::query(queries::NOTE_FOR).bind(account).bind(from).bind(to).execute(c).await.map(|_| ()))?;
    Ok(ids)
}

/// These are noted in the name of the contact they were noted for first, and so is what stands at
/// that one's addresses.
///
/// # Errors
/// The database's.
pub async fn hand_back(tx: &mut Tx, account: AccountId, (from, to): (ContactId, ContactId), ids: &[SuppressionId]) -> sqlx::Result<()> {
    for id in ids {
        on!(tx.conn(), |c| sqlx::query(queries::NOTE_BACK).bind(account).bind(from).bind(to).bind(id).execute(c).await.map(|_| ()))?;
    }
    on!(tx.conn(), |c| sqlx::query(queries::NOTE_ADDRESSES_BACK).bind(account).bind(from).bind(to).execute(c).await.map(|_| ()))
}

/// An address became another one of the same person: what the company's list, or a complaint, says
/// of it holds for the new one, too.
///
/// # Errors
/// The database's.
pub async fn carry(
    tx: &mut Tx,
    account: AccountId,
    (kind, from): (&str, &str),
    (to_kind, to): (&str, &str),
    now: Moment,
) -> sqlx::Result<()> {
    let reasons: Vec<(Cause, Option<ContactId>)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::FORBIDDEN_BY_OTHERS).bind(account).bind(kind).bind(from).fetch_all(c).await)?;
    for (reason, contact) in reasons {
        suppress(tx, account, (to_kind, to), reason, contact, json!({ "how": "moved", "kind": kind }), now).await?;
    }
    Ok(())
}

/// Puts one reason on an address of every sender.
async fn suppress(
    tx: &mut Tx,
    account: AccountId,
    (kind, value): (&str, &str),
    reason: Cause,
    contact: Option<ContactId>,
    evidence: serde_json::Value,
    now: Moment,
) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SUPPRESS)
        .bind(SuppressionId::new())
        .bind(account)
        .bind(kind)
        .bind(value)
        .bind(ANY_CHANNEL)
        .bind(reason)
        .bind(contact)
        .bind(Json(evidence))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Live suppressions of an account, newest first, a page at a time.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, limit: i64, offset: i64) -> sqlx::Result<Vec<Suppression>> {
    on!(store.read(), |c| sqlx::query_as(queries::SUPPRESSIONS).bind(account).bind(limit).bind(offset).fetch_all(c).await)
}

/// A live suppression.
///
/// # Errors
/// The database's.
pub async fn one(store: &Store, account: AccountId, id: SuppressionId) -> sqlx::Result<Option<Suppression>> {
    on!(store.read(), |c| sqlx::query_as(queries::SUPPRESSION).bind(account).bind(id).fetch_optional(c).await)
}

/// How many live suppressions there are, by reason.
///
/// # Errors
/// The database's.
pub async fn counts(store: &Store, account: AccountId) -> sqlx::Result<Vec<(Cause, i64)>> {
    on!(store.read(), |c| sqlx::query_as(queries::SUPPRESSION_COUNTS).bind(account).fetch_all(c).await)
}

/// Most phones of one list.
pub const MAX_PHONES: usize = 50_000;
/// Phones of a list that one transaction takes: whoever waits for SQLite's writer waits
/// milliseconds.
const PORTION: usize = 1_000;

/// What became of a list of phones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Added {
    /// New on the list.
    pub added: u64,
    /// Were there.
    pub already: u64,
    /// Phones the database did not take any more. Those before them stay on the list; the same list
    /// once more takes the rest.
    pub left: u64,
    /// Lines that are no phones, by their number from 1, with the reason.
    pub refused: Vec<(usize, phone::PhoneError)>,
}

/// Puts the phones of these lines, whatever words and names stand beside them, on the account's
/// list of numbers never to be written to. The lines are read off the threads that answer others,
/// and the phones are taken in portions, each with its entry on the trail.
///
/// # Errors
/// [`AccountError`]; then no phone was added.
pub async fn add_phones(store: &Store, actor: &Actor, lines: &str, now: Moment) -> Result<Added, AccountError> {
    By::Member(actor).need(Right::Edit)?;
    let settings = crate::account::settings::get(store, actor.account).await?.ok_or(AccountError::NotFound)?;
    let lines = lines.to_owned();
    let read = aside::run(move || read_lines(&lines, &settings.phone_region)).await;
    // Only a panic comes here, and it is a fault of the reading.
    let (phones, refused) = read.map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
    let mut result = Added { refused, ..Added::default() };
    if phones.is_empty() {
        return Ok(result);
    }
    for (n, some) in phones.chunks(PORTION).enumerate() {
        match portion(store, actor, some, result.refused.len(), now).await {
            Ok(new) => {
                result.added += new;
                result.already += some.len() as u64 - new;
            }
            Err(error) if n == 0 => return Err(error),
            Err(error) => {
                result.left = phones[n * PORTION..].len() as u64;
                tracing::error!(account = %actor.account, left = result.left, %error, "a list of phones was taken in part");
                break;
            }
        }
    }
    Ok(result)
}

/// The phones of these lines, each once, and the lines that are none.
fn read_lines(lines: &str, region: &str) -> (Vec<String>, Vec<(usize, phone::PhoneError)>) {
    let (mut phones, mut refused) = (BTreeSet::new(), Vec::new());
    for (n, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let read = phone::read_cell(line, region);
        // One phone of two that cannot be read is told of, too: whoever said stop must not be lost
        // between them.
        if let Some((_, error)) = read.unread.first() {
            refused.push((n + 1, *error));
        } else if read.found.is_empty() {
            refused.push((n + 1, phone::PhoneError::Empty));
        }
        phones.extend(read.found.into_iter().map(|one| one.e164));
    }
    (phones.into_iter().collect(), refused)
}

/// Puts some phones on the list; how many are new on it.
async fn portion(store: &Store, actor: &Actor, phones: &[String], refused: usize, now: Moment) -> Result<u64, AccountError> {
    let mut tx = store.begin_bulk().await?;
    let mut added = 0;
    for value in phones {
        added += on!(tx.conn(), |c| sqlx::query(queries::SUPPRESS)
            .bind(SuppressionId::new())
            .bind(actor.account)
            .bind(PHONE)
            .bind(value)
            .bind(ANY_CHANNEL)
            .bind(Cause::Manual)
            .bind(Option::<ContactId>::None)
            .bind(Json(json!({ "member": actor.member })))
            .bind(now)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
    }
    let by = By::Member(actor);
    by.audit(&mut tx, "suppression.add", actor.account, json!({ "added": added, "refused": refused }), now).await?;
    tx.commit().await?;
    Ok(added)
}

/// Takes an address off the account's own list. What a person said themselves only they take back.
///
/// # Errors
/// [`AccountError`].
pub async fn lift(store: &Store, actor: &Actor, id: SuppressionId, now: Moment) -> Result<(), AccountError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let lifted = on!(tx.conn(), |c| sqlx::query(queries::LIFT_MANUAL)
        .bind(actor.account)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if lifted == 0 {
        return Err(AccountError::NotFound);
    }
    by.audit(&mut tx, "suppression.lift", id, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}
