//! The job `plan`: a launched campaign's audience becomes deliveries.

use mms_core::{
    campaign::plan::{self, Planned},
    clock,
    id::CampaignId,
    queue::Job,
};

use crate::Deps;

/// Plans the campaign, once however often it is rung, and rings its channels.
///
/// # Errors
/// The database's; the next tick rings again.
pub async fn run(deps: &Deps, campaign: CampaignId) -> anyhow::Result<()> {
    match plan::plan(&deps.store, campaign, clock::now()).await? {
        Planned::Running { channels, planned, skipped } => {
            tracing::info!(campaign.id = %campaign, channels = channels.len(), planned, skipped, "campaign planned");
            for channel in channels {
                deps.queue.ring(Job::Deliver { channel }).await;
            }
        }
        Planned::NotPlanning => tracing::debug!(campaign.id = %campaign, "nothing to plan"),
        Planned::Outgrown { planned, confirmed } => {
            tracing::warn!(campaign.id = %campaign, planned, confirmed, "the audience grew after the launch, nothing is sent");
        }
        Planned::Void => tracing::warn!(campaign.id = %campaign, "the campaign is not what was approved, nothing is sent"),
        Planned::Missed => tracing::warn!(campaign.id = %campaign, "the window closed before the campaign was planned"),
    }
    Ok(())
}
