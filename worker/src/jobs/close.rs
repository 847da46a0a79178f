//! The job `close`: a campaign whose last row came to rest gets its books checked, its end told and
//! its notes written.

use mms_core::{
    account::Language,
    campaign::{
        Campaign,
        report::{self, Closed},
    },
    clock,
    id::CampaignId,
};

use crate::Deps;

/// Closes the campaign, once however often it is rung. The notes for the CRM are rows; the tick
/// rings for them.
///
/// # Errors
/// The database's; the next tick rings again.
pub async fn run(deps: &Deps, campaign: CampaignId) -> anyhow::Result<()> {
    match report::close(&deps.store, campaign, note, clock::now()).await? {
        Closed::Now { state, numbers, notes, balanced } => {
            if !balanced {
                tracing::error!(campaign.id = %campaign, ?numbers, "the campaign's rows and counters do not agree");
            }
            tracing::info!(
                campaign.id = %campaign,
                ?state,
                planned = numbers.planned,
                sent = numbers.sent,
                failed = numbers.failed,
                uncertain = numbers.uncertain,
                notes,
                "campaign closed"
            );
        }
        Closed::NotYet => tracing::debug!(campaign.id = %campaign, "not at rest yet"),
        Closed::Nothing => tracing::debug!(campaign.id = %campaign, "nothing to close"),
    }
    Ok(())
}

/// The note in a recipient's card in the CRM.
fn note(language: Language, campaign: &Campaign) -> String {
    match language {
        Language::Ru => format!("Отправлена рассылка «{}»", campaign.name),
        Language::En => format!("The campaign “{}” was sent", campaign.name),
    }
}
