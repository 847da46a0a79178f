//! Keeps what came in, as it came.

use mms_core::{clock::Moment, id::AccountId, on, store::Tx};
use sha2::{Digest, Sha256};

/// Keeps a raw event; the same one twice is kept once.
pub const KEEP: &str = "insert into inbound (account_id, source_kind, source_id, external_id, payload, state, attempt, due_at, received_at) values ($1, $2, $3, $4, $5, 'new', 0, $6, $6) on conflict (source_id, external_id) do nothing";
/// Every statement.
pub const ALL: &[&str] = &[KEEP];

/// From what kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A customers' channel.
    Channel,
    /// A CRM connection.
    Crm,
}

/// Keeps a raw event in the caller's transaction; ring [`mms_core::queue::Job::HandleInbound`] after the commit.
///
/// # Errors
/// The database's.
pub async fn keep(
    tx: &mut Tx,
    account: AccountId,
    source: Source,
    id: uuid::Uuid,
    external_id: &str,
    payload: &str,
    now: Moment,
) -> sqlx::Result<()> {
    let kind = match source {
        Source::Channel => "channel",
        Source::Crm => "crm",
    };
    on!(tx.conn(), |c| sqlx::query(KEEP)
        .bind(account)
        .bind(kind)
        .bind(id)
        .bind(external_id)
        .bind(payload)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// The id of a body whose sender numbers nothing: a doubled hook has the same bytes.
#[must_use]
pub fn fingerprint(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}
