//! amoCRM's webhooks.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use bytes::Bytes;
use mms_core::{
    id::{AccountId, ConnectionId},
    on,
    queue::Job,
};

use super::{Door, raw, same, telegram::broken};

/// Whose a connection is, and the secret of its hook.
pub const HOOK: &str = "select account_id, hook_secret from crm_connection where id = $1 and state <> 'disconnected'";
/// Every statement.
pub const ALL: &[&str] = &[HOOK];

/// A hook of amoCRM: it carries no signature, so the address holds a secret (contracts/crm/amocrm.md). It is a hint; polling is
/// the truth.
pub async fn amocrm(State(door): State<Door>, Path((connection, secret)): Path<(String, String)>, body: Bytes) -> StatusCode {
    let Ok(id) = connection.parse::<ConnectionId>() else { return StatusCode::UNAUTHORIZED };
    let found: sqlx::Result<Option<(AccountId, String)>> =
        on!(door.deps.store.read(), |c| sqlx::query_as(HOOK).bind(id).fetch_optional(c).await);
    let account = match found {
        Ok(Some((account, expected))) if same(&secret, &expected) => account,
        Ok(_) => return StatusCode::UNAUTHORIZED,
        Err(error) => return broken(&error),
    };
    let payload = String::from_utf8_lossy(&body);
    let keep = async {
        let mut tx = door.deps.store.begin().await?;
        raw::keep(&mut tx, account, raw::Source::Crm, id.0, &raw::fingerprint(&body), &payload, door.deps.now()).await?;
        tx.commit().await
    };
    match keep.await {
        Ok(()) => {
            door.deps.queue.ring(Job::HandleInbound { source: id.0 }).await;
            StatusCode::OK
        }
        Err(error) => broken(&error),
    }
}
