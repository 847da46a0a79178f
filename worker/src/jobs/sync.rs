//! The job `sync`.

use mms_core::id::ConnectionId;

use crate::Deps;

/// Runs the job.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(_deps: &Deps, _connection: ConnectionId) -> anyhow::Result<()> {
    unimplemented!()
}
