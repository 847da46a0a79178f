//! Deliveries: one message to one contact in one campaign, the unit of truth. Claims, outcomes, books, statistics.

pub mod outgoing;
pub mod queries;

use crate::{
    clock::Moment,
    id::{AccountId, ContactId},
    store::Tx,
};

/// Cancels everything of a contact that is not yet in the air, in the caller's transaction (an opt-out's), and moves the
/// counters of the campaigns concerned. Returns how many messages will now not go.
///
/// # Errors
/// The database's.
pub async fn cancel_contact(_tx: &mut Tx, _account: AccountId, _contact: ContactId, _reason: &str, _now: Moment) -> sqlx::Result<u64> {
    unimplemented!("written by the delivery room")
}
