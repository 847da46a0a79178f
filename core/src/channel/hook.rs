//! What the HTTP side asks of channels: whether their webhooks are there, what they are signed
//! with, and whose they are.

use super::{
    ChannelKind,
    gate::Proof,
    queries, registry,
    store::{ChannelError, ChannelRow, ChannelState, misconfigured, opened},
};
use crate::{
    clock::Moment,
    id::{AccountId, ChannelId},
    on,
    secret::{Sealer, Secret},
    store::{Store, Tx},
};

/// Why a channel does not send yet: its messenger lets nothing out before it took the address of
/// our webhook ([`super::Capabilities::hook_first`]). It is set by itself, and sending begins by
/// itself.
pub const AWAITED: &str = "webhook";

/// Whether a channel waits for that.
#[must_use]
pub fn is_awaited(row: &ChannelRow) -> bool {
    row.state == ChannelState::Misconfigured && row.state_reason.as_deref() == Some(AWAITED)
}

/// How the reason begins of a channel that sends nothing because it does not hear what people
/// write: their «стоп» would not be heard either. The provider's words follow. It is listened to
/// all the while, and sends again by itself.
const DEAF: &str = "deaf: ";

/// Why a channel that does not hear people sends nothing, in the provider's words.
#[must_use]
pub fn deafness(reason: &str) -> Option<&str> {
    reason.strip_prefix(DEAF)
}

/// Whether a channel does not hear people.
#[must_use]
pub fn is_deaf(row: &ChannelRow) -> bool {
    row.state == ChannelState::Misconfigured && row.state_reason.as_deref().and_then(deafness).is_some()
}

/// The messenger refuses to tell us what people write: the channel sends nothing until it does, and
/// its members are told.
///
/// # Errors
/// The database's.
pub async fn deaf(store: &Store, channel: ChannelId, why: &str, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    misconfigured(&mut tx, channel, &format!("{DEAF}{why}"), now).await?;
    tx.commit().await
}

/// The channel waits for its webhook from its first moment on; nobody need be told.
pub(super) async fn awaits(tx: &mut Tx, channel: ChannelId) -> sqlx::Result<()> {
    let _: Option<(AccountId, ChannelKind, String)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::MISCONFIGURED).bind(channel).bind(AWAITED).fetch_optional(c).await)?;
    Ok(())
}

/// The messenger tells us what people write: a channel that waited for that sends. `true`: it did
/// wait.
///
/// # Errors
/// The database's.
pub async fn taken(store: &Store, channel: ChannelId) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let waited = on!(tx.conn(), |c| sqlx::query(queries::HOOKED)
        .bind(channel)
        .bind(AWAITED)
        .bind(format!("{DEAF}%"))
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    tx.commit().await?;
    Ok(waited > 0)
}

/// What the webhooks of a channel are signed with, where its messenger signs them.
///
/// # Errors
/// [`ChannelError::NotFound`] for a removed one, [`ChannelError::Sealed`] when the key is another.
pub async fn key(store: &Store, sealer: &Sealer, row: &ChannelRow) -> Result<Option<Secret>, ChannelError> {
    match registry::gate(row.kind).proof {
        Proof::Secret | Proof::Body(_) => Ok(None),
        Proof::Signature(signature) => Ok((signature.key)(&opened(store, sealer, row.id).await?)),
    }
}

/// The channel that is this sender, whosever account it is of.
///
/// # Errors
/// The database's.
pub async fn of_identity(store: &Store, kind: ChannelKind, external_id: &str) -> sqlx::Result<Option<ChannelRow>> {
    on!(store.read(), |c| sqlx::query_as(queries::IDENTITY).bind(kind).bind(external_id).fetch_optional(c).await)
}
