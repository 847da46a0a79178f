//! What the HTTP side asks of channels: what their webhooks are signed with, and whose they are.

use super::{
    ChannelKind,
    gate::Proof,
    queries, registry,
    store::{ChannelError, ChannelRow, opened},
};
use crate::{
    id::AccountId,
    on,
    secret::{Sealer, Secret},
    store::Store,
};

/// What the webhooks of a channel are signed with, where its messenger signs them.
///
/// # Errors
/// [`ChannelError::NotFound`] for a removed one, [`ChannelError::Sealed`] when the key is another.
pub async fn key(store: &Store, sealer: &Sealer, row: &ChannelRow) -> Result<Option<Secret>, ChannelError> {
    match registry::gate(row.kind).proof {
        Proof::Secret => Ok(None),
        Proof::Signature(signature) => Ok((signature.key)(&opened(store, sealer, row.id).await?)),
    }
}

/// The channel of an account that is this sender.
///
/// # Errors
/// The database's.
pub async fn of_identity(store: &Store, account: AccountId, kind: ChannelKind, external_id: &str) -> sqlx::Result<Option<ChannelRow>> {
    let found: Option<ChannelRow> =
        on!(store.read(), |c| sqlx::query_as(queries::IDENTITY).bind(kind).bind(external_id).fetch_optional(c).await)?;
    Ok(found.filter(|row| row.account_id == account))
}
