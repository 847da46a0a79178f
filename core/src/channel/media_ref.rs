//! The references by which a provider knows files that went through a channel before, so that a
//! campaign uploads its picture once.

use super::{MediaKind, queries};
use crate::{clock::Moment, id::ChannelId, on, store::Store};

/// The provider's reference of a file uploaded through this channel since a moment.
///
/// # Errors
/// The database's.
pub async fn known(store: &Store, channel: ChannelId, sha256: &str, kind: MediaKind, since: Moment) -> sqlx::Result<Option<String>> {
    on!(store.read(), |c| sqlx::query_scalar(queries::MEDIA_REF).bind(channel).bind(sha256).bind(kind).bind(since).fetch_optional(c).await)
}

/// Remembers the provider's reference of an uploaded file.
///
/// # Errors
/// The database's.
pub async fn remember(store: &Store, channel: ChannelId, sha256: &str, kind: MediaKind, reference: &str, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::REMEMBER_MEDIA)
        .bind(channel)
        .bind(sha256)
        .bind(kind)
        .bind(reference)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await
}

/// Forgets a reference the provider no longer knows; one that took its place meanwhile stays.
///
/// # Errors
/// The database's.
pub async fn forget(store: &Store, channel: ChannelId, sha256: &str, kind: MediaKind, reference: &str) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::FORGET_MEDIA)
        .bind(channel)
        .bind(sha256)
        .bind(kind)
        .bind(reference)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await
}
