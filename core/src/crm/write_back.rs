//! What must be told to the CRM: rows are the truth, the `WriteBack` job is the bell.

use super::CrmChange;
use crate::{
    clock::Moment,
    id::{AccountId, ContactId},
    store::Tx,
};

/// Queues a change for the contact's CRM in the caller's transaction; a contact that came from no CRM queues nothing.
/// The same key is queued once.
///
/// # Errors
/// The database's.
pub async fn enqueue(
    _tx: &mut Tx,
    _account: AccountId,
    _contact: ContactId,
    _change: &CrmChange,
    _dedupe_key: &str,
    _now: Moment,
) -> sqlx::Result<()> {
    unimplemented!("written by the CRM room")
}
