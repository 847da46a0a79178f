//! What the HTTP side asks of channels: whether their webhooks are there, what they are signed
//! with, and whose they are.

mod behind;
mod blame;

pub use behind::{bearer, beside, of_identity, of_key, outlived, whose};
pub use blame::{Blame, blamed};

use serde_json::json;

use super::{
    ChannelKind, SenderState,
    gate::Proof,
    queries, registry,
    store::{self as channels, ChannelError, ChannelRow, ChannelState, opened},
};
use crate::{
    clock::Moment,
    id::{AccountId, ChannelId},
    notice::{self, NewNotice, NoticeKind},
    on,
    secret::{Sealer, Secret},
    store::{Store, Tx},
};

/// Why a channel does not hear people yet ([`ChannelRow::deaf`]): its messenger lets nothing out
/// before it took the address of our webhook ([`super::Capabilities::hook_first`]). It is set by
/// itself, and sending begins by itself.
pub const AWAITED: &str = "webhook";

/// Whether a channel waits for that.
#[must_use]
pub fn is_awaited(row: &ChannelRow) -> bool {
    row.deaf.as_deref() == Some(AWAITED)
}

/// What people write to a channel does not reach us, their «стоп» either: it sends nothing until it
/// does, and its members are told, in the provider's words. It is listened to all the while, and
/// sends again by itself.
///
/// # Errors
/// The database's.
pub async fn deaf(store: &Store, channel: ChannelId, why: &str, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    fell_deaf(&mut tx, channel, why, now).await?;
    tx.commit().await
}

async fn fell_deaf(tx: &mut Tx, channel: ChannelId, why: &str, now: Moment) -> sqlx::Result<()> {
    if let Some(stopped) = note(tx, channel, why).await? {
        channels::tell_stopped(tx, channel, stopped, json!({ "reason": why, "deaf": true }), now).await?;
    }
    Ok(())
}

/// Notes why a channel does not hear; whose it is, unless that was known.
async fn note(tx: &mut Tx, channel: ChannelId, why: &str) -> sqlx::Result<Option<(AccountId, ChannelKind, String)>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::DEAF).bind(channel).bind(why).bind(AWAITED).fetch_optional(c).await)
}

/// How the deafness begins of a channel whose webhook another program keeps taking: a provider with
/// one address for a key tells everything to whoever gave theirs last. Where it leads follows.
const TAKEN: &str = "webhook at ";

/// Where the webhook leads that another program keeps taking, of [`ChannelRow::deaf`].
#[must_use]
pub fn taken_by(why: &str) -> Option<&str> {
    why.strip_prefix(TAKEN)
}

/// Whether a channel is deaf because another program keeps taking its webhook. That it was taken
/// back ends nothing: only that it stays.
#[must_use]
pub fn is_contested(row: &ChannelRow) -> bool {
    row.deaf.as_deref().and_then(taken_by).is_some()
}

/// Another program keeps taking the webhook of a channel, and so of all behind its address: none of
/// them sends until it stays, and their members are told where it leads (a host, perhaps with a
/// port).
///
/// # Errors
/// The database's.
pub async fn contested(store: &Store, row: &ChannelRow, host: &str, now: Moment) -> sqlx::Result<()> {
    for one in of_key(store, row).await? {
        deaf(store, one.id, &format!("{TAKEN}{host}"), now).await?;
    }
    Ok(())
}

/// The channel waits for its webhook from its first moment on; nobody need be told.
pub(super) async fn awaits(tx: &mut Tx, channel: ChannelId) -> sqlx::Result<()> {
    note(tx, channel, AWAITED).await.map(drop)
}

/// The provider refuses a channel: it stops until a person looks at it; or, where it only lacks our
/// webhook, until it has that.
///
/// # Errors
/// The database's.
pub async fn refused(tx: &mut Tx, channel: ChannelId, why: &str, now: Moment) -> sqlx::Result<()> {
    if why == AWAITED { fell_deaf(tx, channel, why, now).await } else { channels::misconfigured(tx, channel, why, now).await }
}

/// The messenger tells us what people write. `true`: it did not before, so what waits may go.
///
/// # Errors
/// The database's.
pub async fn hears(store: &Store, channel: ChannelId) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let heard = on!(tx.conn(), |c| sqlx::query(queries::HEARS).bind(channel).execute(c).await.map(|r| r.rows_affected()))?;
    tx.commit().await?;
    Ok(heard > 0)
}

/// What the webhooks of a channel are signed with, where its messenger signs them.
///
/// # Errors
/// [`ChannelError::NotFound`] for a removed one, [`ChannelError::Sealed`] when the key is another.
pub async fn key(store: &Store, sealer: &Sealer, row: &ChannelRow) -> Result<Option<Secret>, ChannelError> {
    match registry::gate(row.kind).proof {
        Proof::Secret | Proof::Body(_) => Ok(None),
        Proof::Signature(signature) => Ok((signature.key)(&opened(store, sealer, row.id).await?)),
        // One that was removed has no credentials any more: its address alone is known.
        Proof::Address(_) if row.state == ChannelState::Removed => Ok(None),
        Proof::Address(address) => Ok((address.key)(&opened(store, sealer, row.id).await?)),
    }
}

/// The reason's end of a channel that the provider lets send again by itself.
const STATE: &str = ": state";

/// The provider's words of a channel's reason to stand, as people read them.
#[must_use]
pub fn spoken(reason: &str) -> &str {
    reason.strip_suffix(STATE).unwrap_or(reason)
}

/// Takes a provider's news of a channel as such; `true`: it sends again, so what waits may go, and
/// the members are told.
///
/// # Errors
/// The database's.
pub async fn sender(store: &Store, id: ChannelId, state: &SenderState, now: Moment) -> sqlx::Result<bool> {
    let Some(row) = channels::find(store, id).await? else { return Ok(false) };
    let why = row.state_reason.as_deref().filter(|_| row.state == ChannelState::Misconfigured);
    let mut tx = store.begin().await?;
    let again = match state {
        SenderState::Sends => why.is_some_and(|why| why.ends_with(STATE)),
        // What follows a word is what the provider says besides.
        SenderState::Lifted(word) => why.is_some_and(|why| why.split(':').next() == Some(word)),
        SenderState::Stands(word) => {
            channels::misconfigured(&mut tx, id, &format!("{word}{STATE}"), now).await?;
            false
        }
        SenderState::Rests(time) => {
            channels::hold(&mut tx, id, now + *time).await?;
            false
        }
    };
    let mut changed = 0;
    if again {
        let reason = row.state_reason.as_deref();
        changed = on!(tx.conn(), |c| sqlx::query(queries::SENDS_AGAIN).bind(id).bind(reason).execute(c).await.map(|r| r.rows_affected()))?;
    }
    if changed > 0 {
        let payload = json!({ "channel": id, "name": row.name, "messenger": row.kind, "reason": row.state_reason });
        let dedupe_key = format!("channel.sends:{id}:{}", now.timestamp_millis());
        let notice = NewNotice { account: row.account_id, member: None, kind: NoticeKind::ChannelSends, payload, dedupe_key };
        notice::raise(&mut tx, notice, now).await?;
    }
    tx.commit().await?;
    Ok(changed > 0)
}

/// Takes a provider's news of a company's senders that are of one of its accounts: of the one of
/// this name, or of all. Where nobody knows of which account its senders are, it is about the
/// channel that it came to. Gives those that send again.
///
/// # Errors
/// The database's.
pub async fn senders(
    store: &Store,
    came_to: ChannelId,
    (account, name): (&str, Option<&str>),
    state: &SenderState,
    now: Moment,
) -> sqlx::Result<Vec<ChannelId>> {
    let Some(row) = channels::find(store, came_to).await? else { return Ok(Vec::new()) };
    let is_of = |row: &ChannelRow| row.terms.daily.as_ref().map(|daily| daily.account == account);
    let all = channels::list(store, row.account_id).await?;
    let siblings = all.into_iter().filter(|one| one.kind.provider() == row.kind.provider());
    let about = siblings.filter(|one| is_of(one).unwrap_or(one.id == came_to) && name.is_none_or(|name| one.username == name));
    let mut again = Vec::new();
    for one in about {
        if sender(store, one.id, state, now).await? {
            again.push(one.id);
        }
    }
    Ok(again)
}
