//! Whose a webhook is, and the pieces of one: several channels may be behind one address, also
//! those of different companies. A provider may call one address for all numbers of a business, or
//! of a key; each channel gets what is its own, and what names none goes to each.

use super::key;
use crate::{
    channel::{
        ChannelKind,
        gate::Proof,
        queries, registry,
        store::{self as channels, ChannelError, ChannelRow, ChannelState},
    },
    id::{AccountId, ChannelId},
    on,
    secret::{Sealer, Secret},
    store::Store,
};

/// The channel that is this sender, of whatever kind its provider has and whosever account it is
/// of.
///
/// # Errors
/// The database's.
pub async fn of_identity(store: &Store, kind: ChannelKind, external_id: &str) -> sqlx::Result<Option<ChannelRow>> {
    for kind in kind.siblings() {
        let found: Option<ChannelRow> =
            on!(store.read(), |c| sqlx::query_as(queries::IDENTITY).bind(kind).bind(external_id).fetch_optional(c).await)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The key that a channel shares at a provider with one address for all of a key
/// ([`Proof::Address`]), by the name of what the key's channels share.
fn key_of(row: &ChannelRow) -> Option<&str> {
    let shared = row.terms.shared.as_ref().filter(|_| matches!(registry::gate(row.kind).proof, Proof::Address(_)))?;
    Some(&shared.scope)
}

/// The channels whose webhooks come to one address with this one's, oldest first, whosever: those
/// that have the same credentials at a provider with one address for all of them, without removed
/// ones. Elsewhere each has its own.
///
/// # Errors
/// The database's.
pub async fn of_key(store: &Store, row: &ChannelRow) -> sqlx::Result<Vec<ChannelRow>> {
    let Some(scope) = key_of(row) else { return Ok(vec![row.clone()]) };
    let named = format!("%\"{scope}\"%");
    let mut all: Vec<ChannelRow> = on!(store.read(), |c| sqlx::query_as(queries::OF_KEY).bind(&named).fetch_all(c).await)?;
    all.retain(|one| key_of(one) == Some(scope));
    Ok(all)
}

/// Those of them that are of the same account.
///
/// # Errors
/// The database's.
pub async fn beside(store: &Store, row: &ChannelRow) -> sqlx::Result<Vec<ChannelRow>> {
    let mut all = of_key(store, row).await?;
    all.retain(|one| one.account_id == row.account_id);
    Ok(all)
}

/// Whose address is given to the provider for a channel: the oldest's of those behind it, so that
/// companies with one key do not take it from each other. Once that one is removed its address is
/// still good, until the next one's is given ([`outlived`]).
///
/// # Errors
/// The database's.
pub async fn bearer(store: &Store, row: &ChannelRow) -> sqlx::Result<ChannelRow> {
    Ok(of_key(store, row).await?.into_iter().next().unwrap_or_else(|| row.clone()))
}

/// Whether what comes to the address of a removed channel is for others behind it, who may not have
/// given theirs yet.
///
/// # Errors
/// The database's.
pub async fn outlived(store: &Store, row: &ChannelRow) -> sqlx::Result<bool> {
    let is_shared = key_of(row).is_some() && row.state == ChannelState::Removed;
    Ok(is_shared && of_key(store, row).await?.iter().any(|one| one.id != row.id))
}

/// The channel that a piece of a webhook is for, which was proved to be its provider's for the
/// channel it came to: one of the same account, or of another one that this proof is as good for.
/// It is signed with that one's key too (`proves`), or the two have the same key at a provider with
/// one address for it. `None`: it is nothing to us.
///
/// # Errors
/// The database's.
pub async fn whose(
    store: &Store,
    sealer: &Sealer,
    (came_to, account): (ChannelId, AccountId),
    kind: ChannelKind,
    external_id: &str,
    proves: &(dyn Fn(&Secret) -> bool + Sync),
) -> sqlx::Result<Option<ChannelRow>> {
    let Some(row) = of_identity(store, kind, external_id).await? else { return Ok(None) };
    if row.account_id == account {
        return Ok(Some(row));
    }
    let theirs = match registry::gate(row.kind).proof {
        Proof::Secret | Proof::Body(_) => false,
        Proof::Signature(_) => match key(store, sealer, &row).await {
            Ok(key) => key.is_some_and(|key| proves(&key)),
            Err(ChannelError::Database(error)) => return Err(error),
            Err(error) => {
                tracing::error!(channel.id = %row.id, %error, "a channel's webhooks cannot be proved");
                false
            }
        },
        Proof::Address(_) => {
            let called = channels::find(store, came_to).await?;
            key_of(&row).is_some() && called.as_ref().and_then(key_of) == key_of(&row)
        }
    };
    Ok(theirs.then_some(row))
}
