//! What a CRM sends us. Hooks are hints: polling is the truth, so a hook only brings the next sync
//! forward. Messages that the CRM's own cards and robots write are put in line, each by itself.

use std::collections::BTreeSet;

use mms_core::{
    clock,
    crm::connection,
    id::{ConnectionId, InboundId},
    inbound::{self, crm::Reader, from_crm, raw},
    queue::Job,
};

use crate::Deps;

/// Rows taken at once.
const PAGE: i64 = 500;

/// Takes what waits from a connection and asks for a sync.
///
/// # Errors
/// What kept it from its end; every row keeps what was done.
pub async fn run(deps: &Deps, id: ConnectionId) -> anyhow::Result<()> {
    let (mut hints, mut after) = (0, InboundId(0));
    let mut channels = BTreeSet::new();
    while !deps.stop.is_cancelled() {
        // From where the last page ended: what was taken just now is dead weight in the index until
        // it is vacuumed.
        let rows = inbound::waiting(&deps.store, id.0, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        if rows.iter().any(from_crm::is_message)
            && let Some(row) = connection::by_id(&deps.store, id).await?
        {
            let reader = Reader::load(&deps.store, row.account_id).await?;
            for message in rows.iter().filter(|row| from_crm::is_message(row)) {
                channels.extend(from_crm::take(&deps.store, &row, message, &reader, clock::now()).await?);
            }
        }
        hints += raw::take_hints(&deps.store, &rows, clock::now()).await?;
    }
    for channel in channels {
        deps.queue.ring(Job::Deliver { channel }).await;
    }
    if hints > 0 {
        deps.queue.ring(Job::SyncCrm { connection: id }).await;
    }
    Ok(())
}
