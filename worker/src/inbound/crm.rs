//! Hooks of a CRM are hints: polling is the truth, so a hook only brings the next sync forward.

use mms_core::{
    clock,
    id::{ConnectionId, InboundId},
    inbound::{self, raw},
    queue::Job,
};

use crate::Deps;

/// Rows taken at once.
const PAGE: i64 = 500;

/// Takes what waits from a connection and asks for a sync.
///
/// # Errors
/// What kept it from its end; every row keeps what was done.
pub async fn run(deps: &Deps, connection: ConnectionId) -> anyhow::Result<()> {
    let (mut hints, mut after) = (0, InboundId(0));
    while !deps.stop.is_cancelled() {
        // From where the last page ended: what was taken just now is dead weight in the index until
        // it is vacuumed.
        let rows = inbound::waiting(&deps.store, connection.0, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        hints += raw::take_hints(&deps.store, &rows, clock::now()).await?;
    }
    if hints > 0 {
        deps.queue.ring(Job::SyncCrm { connection }).await;
    }
    Ok(())
}
