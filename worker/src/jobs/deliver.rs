//! The job `deliver`.

use mms_core::id::ChannelId;

use crate::Deps;

/// Runs the job.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(_deps: &Deps, _channel: ChannelId) -> anyhow::Result<()> {
    unimplemented!()
}
