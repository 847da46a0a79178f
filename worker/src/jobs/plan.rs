//! The job `plan`.

use mms_core::id::CampaignId;

use crate::Deps;

/// Runs the job.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(_deps: &Deps, _campaign: CampaignId) -> anyhow::Result<()> {
    unimplemented!()
}
