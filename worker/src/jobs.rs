//! One file a job. A job is a small struct of ids; `run` is idempotent: it looks at the rows, does
//! what they say is due, records, and may be run again at any time by anybody.

pub mod ahead;
pub mod choices;
pub mod close;
pub mod import;
pub mod inbound;
pub mod next_step;
pub mod plan;
pub mod sync;
pub mod templates;
pub mod write_back;

use mms_core::queue::Job;

use crate::{Deps, share::Share};

/// Runs a job: the one visible list of what the worker does.
///
/// # Errors
/// What kept the job from its end; its rows keep it due.
pub(crate) async fn run(deps: &Deps, share: &Share, job: Job) -> anyhow::Result<()> {
    match job {
        Job::PlanCampaign { campaign } => plan::run(deps, campaign).await,
        Job::Deliver { channel } => share.deliver(deps, channel).await,
        Job::SyncCrm { connection } => sync::run(deps, connection).await,
        Job::HandleInbound { source } => inbound::run(deps, source).await,
        Job::WriteBack { connection } => write_back::run(deps, connection).await,
        Job::RunImport { import } => import::run(deps, import).await,
        Job::CloseCampaign { campaign } => close::run(deps, campaign).await,
        Job::NextStep { campaign } => next_step::run(deps, campaign).await,
        Job::LookAtTemplates { channel } => templates::run(deps, channel).await,
        Job::AskAhead { campaign } => ahead::run(deps, campaign).await,
        Job::ApplyChoices { account } => choices::run(deps, account).await,
    }
}

#[cfg(test)]
mod crm_tests;
