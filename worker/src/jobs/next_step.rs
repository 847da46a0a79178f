//! Looks to whom of a campaign the next step goes, and rings the bells of its channels.

use mms_core::{
    campaign::{CampaignError, cascade},
    clock,
    id::CampaignId,
    queue::Job,
};

use crate::Deps;

/// Looks at everything of a campaign that is due.
///
/// # Errors
/// The database's.
pub async fn run(deps: &Deps, campaign: CampaignId) -> anyhow::Result<()> {
    loop {
        // A clock that was just set ahead makes nobody's time come: it may be set back as soon.
        let promoted = match cascade::promote(&deps.store, campaign, clock::certain(clock::now())).await {
            Ok(promoted) => promoted,
            Err(CampaignError::NotFound) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if promoted.people > 0 {
            tracing::info!(campaign.id = %campaign, people = promoted.people, "the next step goes");
        }
        for channel in promoted.channels {
            deps.queue.ring(Job::Deliver { channel }).await;
        }
        if !promoted.more {
            break;
        }
        // What is left is due still: whoever comes after a stop looks at it.
        if deps.stop.is_cancelled() {
            return Ok(());
        }
    }
    // Whoever was looked at last may have been the last of all.
    deps.queue.ring(Job::CloseCampaign { campaign }).await;
    Ok(())
}
