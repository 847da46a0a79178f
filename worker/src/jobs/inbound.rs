//! The job `inbound`.

use crate::Deps;

/// Runs the job for one source: a channel's or a CRM connection's bare id.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(_deps: &Deps, _source: uuid::Uuid) -> anyhow::Result<()> {
    unimplemented!()
}
