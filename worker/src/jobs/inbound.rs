//! The job `inbound`: understands what a channel or a CRM sent.

use mms_core::{
    id::{ChannelId, ConnectionId, InboundId},
    inbound::{self, SourceKind},
};

use crate::{Deps, inbound as work};

/// Runs the job for one source: a channel's or a CRM connection's bare id.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(deps: &Deps, source: uuid::Uuid) -> anyhow::Result<()> {
    let first = inbound::waiting(&deps.store, source, InboundId(0), 1).await?;
    match first.first().map(|row| row.source_kind) {
        None => Ok(()),
        Some(SourceKind::Channel) => work::channel::run(deps, ChannelId(source)).await,
        Some(SourceKind::Crm) => work::crm::run(deps, ConnectionId(source)).await,
    }
}
