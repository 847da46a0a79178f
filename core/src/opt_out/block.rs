//! Somebody blocked a sender. That is no word about being written to elsewhere: it holds for **that
//! address**, until its owner unblocks the sender or writes to it.

use serde_json::json;
use sqlx::types::Json;

use super::{OptOutBy, OptOutHow, opt_out, opt_out_unknown, settings, shown};
use crate::{
    account::Language,
    channel::{ChannelKind, registry},
    clock::Moment,
    consent::{queries, suppression},
    contact::{gone, merged_into},
    crm::{CrmChange, write_back},
    delivery::{self, receipt::Unwilling},
    id::{AccountId, AddressId, ChannelId, ContactId, SuppressionId},
    on,
    store::{Store, Tx, audit},
    words::Reason,
};

/// An address as a sender knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At<'a> {
    pub kind: &'a str,
    /// The address.
    pub value: &'a str,
    /// The sending identity it belongs to; [`crate::id::ANY_CHANNEL`]: none.
    pub scope: ChannelId,
}

/// The owner of an address blocked the sender: nothing more goes to **that address**; the person
/// may be written to at another. What waits for it is cancelled. `via` is the channel that was
/// blocked.
/// `false`: it was known, or its owner is deleted and nothing of them is stored again.
///
/// # Errors
/// The database's.
pub async fn block(tx: &mut Tx, account: AccountId, at: At<'_>, via: ChannelId, now: Moment) -> sqlx::Result<bool> {
    let held: Option<(ContactId, AddressId)> = on!(tx.conn(), |c| sqlx::query_as(queries::ADDRESS_AT)
        .bind(account)
        .bind(at.kind)
        .bind(at.value)
        .bind(at.scope)
        .fetch_optional(c)
        .await)?;
    if held.is_none() && !gone::whose(tx, account, at.kind, at.value).await?.is_empty() {
        return Ok(false);
    }
    let mut cancelled = 0;
    if let Some((contact, address)) = held {
        // The contact's row is taken hold of first, here as everywhere.
        cancelled = delivery::cancel_address(tx, account, contact, address, (via, at.value), now).await?;
        on!(tx.conn(), |c| sqlx::query(queries::MARK_BLOCKED).bind(account).bind(address).bind(now).execute(c).await.map(|_| ()))?;
    }
    let new = on!(tx.conn(), |c| sqlx::query(queries::SUPPRESS)
        .bind(SuppressionId::new())
        .bind(account)
        .bind(at.kind)
        .bind(at.value)
        .bind(at.scope)
        .bind(suppression::Cause::Blocked)
        .bind(held.map(|(contact, _)| contact))
        .bind(Json(json!({ "how": "blocked", "channel": via })))
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if new == 0 {
        return Ok(false);
    }
    if let Some((contact, _)) = held {
        note(tx, account, contact, via, now).await?;
    }
    let subject = held.map_or_else(|| at.kind.to_owned(), |(contact, _)| contact.to_string());
    audit::record(tx, account, "system", "address.blocked", &subject, &json!({ "channel": via, "cancelled": cancelled }), now).await?;
    Ok(true)
}

/// The owner of an address unblocked the sender, or wrote to it: what the block put on the address
/// is lifted.
///
/// # Errors
/// The database's.
pub async fn unblock(tx: &mut Tx, account: AccountId, at: At<'_>, now: Moment) -> sqlx::Result<bool> {
    let lifted = on!(tx.conn(), |c| sqlx::query(queries::UNBLOCK)
        .bind(account)
        .bind(at.kind)
        .bind(at.value)
        .bind(at.scope)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    Ok(lifted > 0)
}

/// A message met the block: nothing more goes to that address ([`block`]).
///
/// # Errors
/// The database's.
pub async fn met(store: &Store, account: AccountId, at: At<'_>, via: ChannelId, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    block(&mut tx, account, at, via, now).await?;
    tx.commit().await
}

/// The owner of an address told the messenger, not us, that they want no advertising from us: an
/// opt-out like any other, of the person.
///
/// # Errors
/// The database's.
pub async fn stopped(store: &Store, account: AccountId, at: At<'_>, via: ChannelId, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    stop(&mut tx, account, at, via, now).await?;
    tx.commit().await
}

async fn stop(tx: &mut Tx, account: AccountId, at: At<'_>, via: ChannelId, now: Moment) -> sqlx::Result<()> {
    let held: Option<(ContactId, AddressId)> = on!(tx.conn(), |c| sqlx::query_as(queries::ADDRESS_AT)
        .bind(account)
        .bind(at.kind)
        .bind(at.value)
        .bind(at.scope)
        .fetch_optional(c)
        .await)?;
    match held {
        Some((contact, _)) => drop(opt_out(tx, account, contact, &by_messenger(via), now).await?),
        None => drop(opt_out_unknown(tx, account, &[(at.kind, at.value)], &by_messenger(via), now).await?),
    }
    Ok(())
}

fn by_messenger(via: ChannelId) -> OptOutHow {
    OptOutHow { by: OptOutBy::Messenger, channel: Some(via), message_ref: None, said_at: None }
}

/// A receipt says that the owner of an address blocked a channel ([`Reason::Blocked`]: nothing more
/// goes there, [`block`]), or told the messenger to stop ([`Reason::OptedOut`], [`stopped`]). It
/// comes late, and the address may be another contact's by now: its owner of now is meant. Of a
/// message whose address is kept no more, whoever it went to is.
///
/// # Errors
/// The database's.
pub async fn told(store: &Store, account: AccountId, channel: ChannelId, who: &Unwilling, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    let kind: Option<ChannelKind> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::CHANNEL_KIND).bind(account).bind(channel).fetch_optional(c).await)?;
    let Some(capabilities) = kind.map(registry::capabilities) else { return Ok(()) };
    let scope = capabilities.scope(channel);
    let at = |value| At { kind: capabilities.address_kind, value, scope };
    match (&who.address, who.contact) {
        (Some(value), _) if who.reason == Reason::OptedOut => stop(&mut tx, account, at(value), channel, now).await?,
        (Some(value), _) => drop(block(&mut tx, account, at(value), channel, now).await?),
        (None, Some(contact)) if who.reason == Reason::OptedOut => {
            let contact = merged_into(&mut tx, account, contact).await?.unwrap_or(contact);
            opt_out(&mut tx, account, contact, &by_messenger(channel), now).await?;
        }
        (None, Some(contact)) => block_all(&mut tx, account, (contact, channel), (capabilities.address_kind, scope), now).await?,
        (None, None) => {}
    }
    tx.commit().await
}

/// Nothing more goes to any address of a contact at a sender.
async fn block_all(
    tx: &mut Tx,
    account: AccountId,
    (contact, via): (ContactId, ChannelId),
    (kind, scope): (&str, ChannelId),
    now: Moment,
) -> sqlx::Result<()> {
    let values: Vec<String> = on!(tx.conn(), |c| sqlx::query_scalar(queries::ADDRESSES_AT)
        .bind(account)
        .bind(contact)
        .bind(kind)
        .bind(scope)
        .fetch_all(c)
        .await)?;
    for value in &values {
        block(tx, account, At { kind, value, scope }, via, now).await?;
    }
    Ok(())
}

/// The CRM is told that a contact blocked a channel: this is no opt-out, but whoever calls them
/// should know.
async fn note(tx: &mut Tx, account: AccountId, contact: ContactId, via: ChannelId, now: Moment) -> sqlx::Result<()> {
    let channel: Option<String> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::CHANNEL_NAME).bind(account).bind(via).fetch_optional(c).await)?;
    let channel = channel.unwrap_or_default();
    let (language, zone) = settings(tx, account).await?;
    let at = shown(now, zone);
    let text = match language {
        Language::Ru => format!("Бот «{channel}» заблокирован клиентом. {at}. В этот чат больше не пишем."),
        Language::En => format!("Blocked the bot “{channel}”. {at}. Nothing more is sent to this chat."),
    };
    write_back::enqueue(tx, account, contact, &CrmChange::Note { text }, &format!("blocked:{via}:{}", now.timestamp_millis()), now).await
}
