//! Deep links: a one-time opaque token that carries a contact into a customer bot's `/start`.
//!
//! The token is the payload of the link: 1–64 of `A-Za-z0-9_-` (contracts/messengers/telegram.md).
//! It names the contact to us only, so a forwarded link gives nothing away, and it works once.

use base64::Engine as _;
use chrono::TimeDelta;
use serde_json::json;

use super::queries;
use crate::{
    account::{AccountError, Actor, By, Right},
    channel::store::{self as channel, ChannelState},
    clock::Moment,
    id::{AccountId, ChannelId, ContactId},
    on,
    store::{Store, Tx},
};

/// How long a link works.
pub const LIFE: TimeDelta = TimeDelta::days(90);

/// Makes a link for a contact to a channel's bot: the payload of
/// `https://t.me/<bot>?start=<payload>`, 22 characters.
///
/// # Errors
/// The database's; [`sqlx::Error::RowNotFound`] when the account has no such contact or channel.
pub async fn create(tx: &mut Tx, account: AccountId, channel: ChannelId, contact: ContactId, now: Moment) -> sqlx::Result<String> {
    let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
    let made = on!(tx.conn(), |c| sqlx::query(queries::INSERT_LINK)
        .bind(&token)
        .bind(account)
        .bind(channel)
        .bind(contact)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if made == 0 {
        return Err(sqlx::Error::RowNotFound);
    }
    Ok(token)
}

/// A member makes a link for a contact, to be handed over by other means.
///
/// # Errors
/// [`AccountError::NotFound`] when the account has no such contact or channel (any more).
pub async fn issue(store: &Store, actor: &Actor, channel: ChannelId, contact: ContactId, now: Moment) -> Result<String, AccountError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let known = super::card::contact(store, actor.account, contact).await?.is_some_and(|row| row.deleted_at.is_none());
    let live = channel::get(store, actor.account, channel).await?.is_some_and(|row| row.state != ChannelState::Removed);
    if !known || !live {
        return Err(AccountError::NotFound);
    }
    let mut tx = store.begin().await?;
    let token = create(&mut tx, actor.account, channel, contact, now).await?;
    by.audit(&mut tx, "contact.link", contact, json!({ "channel": channel }), now).await?;
    tx.commit().await?;
    Ok(token)
}

/// Takes a link that came in with `/start`: whose it is, once and while it lives ([`LIFE`]).
///
/// # Errors
/// The database's.
pub async fn take(tx: &mut Tx, channel: ChannelId, payload: &str, now: Moment) -> sqlx::Result<Option<(AccountId, ContactId)>> {
    let shaped =
        (1..=64).contains(&payload.len()) && payload.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if !shaped {
        return Ok(None);
    }
    on!(tx.conn(), |c| sqlx::query_as(queries::TAKE_LINK).bind(payload).bind(channel).bind(now).bind(now - LIFE).fetch_optional(c).await)
}
