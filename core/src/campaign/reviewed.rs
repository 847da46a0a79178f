//! Campaigns through messengers that take them as templates approved before: handed in only with
//! templates that were sent for review, approved and launched only with approved ones, and paused
//! as soon as the provider approves one no more.

use super::{Campaign, CampaignError, Result, control, queries, spec::Spec};
use crate::{
    channel::{ChannelKind, ReviewState, TemplateNews, registry},
    clock::Moment,
    delivery::Wanted,
    id::{AccountId, CampaignId, ChannelId},
    on,
    store::{Store, Tx},
    template::provider::{
        Changed,
        standing::{self, Standing},
    },
    words::Reason,
};

/// Whether a messenger takes campaigns only as templates that it approved before. A free text
/// would reach those who wrote within the window: nearly nobody, and not whom the forecast counts.
fn is_needed(kind: ChannelKind) -> bool {
    let capabilities = registry::capabilities(kind);
    capabilities.templates.is_some() || capabilities.window.is_some()
}

/// Whether what goes has been sent for review wherever that is needed, and was not turned down.
pub(super) fn may_be_submitted(spec: &Spec) -> Result<()> {
    for step in spec.steps.iter().filter(|step| is_needed(step.kind)) {
        match &step.provided {
            None => return Err(CampaignError::NeedsProviderTemplate(step.kind)),
            Some(one) if one.state.is_under_way() => {}
            Some(one) => {
                return Err(CampaignError::ProviderTemplate { kind: step.kind, state: one.state, reason: one.reason.clone() });
            }
        }
    }
    Ok(())
}

/// Whether every template of the campaign is approved by its provider now.
pub(super) async fn approved(tx: &mut Tx, campaign: &Campaign) -> Result<()> {
    type Row = (ChannelKind, Option<ReviewState>, Option<String>);
    let rows: Vec<Row> =
        on!(tx.conn(), |c| sqlx::query_as(queries::REVIEWED).bind(campaign.account_id).bind(campaign.id).fetch_all(c).await)?;
    for (kind, state, reason) in rows.into_iter().filter(|(kind, ..)| is_needed(*kind)) {
        match state {
            Some(ReviewState::Approved) => {}
            Some(state) => return Err(CampaignError::ProviderTemplate { kind, state, reason }),
            None => return Err(CampaignError::NeedsProviderTemplate(kind)),
        }
    }
    Ok(())
}

/// Takes a provider's news of a template; campaigns that go by one that is approved no more pause.
///
/// # Errors
/// The database's; the same news may be given again.
pub async fn told(store: &Store, account: AccountId, kind: ChannelKind, news: &TemplateNews, now: Moment) -> Result<()> {
    let changed = standing::told(store, account, kind, news, now).await?;
    follow(store, account, &changed, now).await
}

/// Pauses what goes by templates that are approved no more. One that is being planned looks before
/// it runs, and the pump before it sends.
///
/// # Errors
/// The database's.
pub async fn follow(store: &Store, account: AccountId, changed: &[Changed], now: Moment) -> Result<()> {
    for Changed { now: row, .. } in changed {
        tracing::info!(account.id = %account, channel.id = %row.channel_id, template = row.name, state = row.state.as_str(), "a template at its provider");
        if row.state != ReviewState::Approved {
            pause_all(store, account, row, now).await?;
        }
    }
    Ok(())
}

/// The provider refused a message of a campaign because it approves its template no more: the
/// campaign pauses, and the provider is asked about its templates at once. `true`: it was running.
///
/// # Errors
/// The database's; the same may be told again.
pub async fn barred(store: &Store, account: AccountId, campaign: CampaignId, channel: ChannelId, now: Moment) -> Result<bool> {
    let paused = control::grant(store, account, campaign, &Wanted::Pause(Reason::TemplateBarred.into()), now).await?;
    if paused {
        standing::look_now(store, account, channel, now).await?;
        tracing::warn!(campaign.id = %campaign, "the provider lets nothing go by the template any more, the campaign pauses");
    }
    Ok(paused)
}

async fn pause_all(store: &Store, account: AccountId, row: &Standing, now: Moment) -> Result<()> {
    let ids: Vec<CampaignId> =
        on!(store.read(), |c| sqlx::query_scalar(queries::GO_BY).bind(account).bind(row.channel_id).bind(row.version).fetch_all(c).await)?;
    for id in ids {
        if control::grant(store, account, id, &Wanted::Pause(Reason::TemplateBarred.into()), now).await? {
            tracing::warn!(campaign.id = %id, template = row.name, state = row.state.as_str(), "the provider approves the template no more, the campaign pauses");
        }
    }
    Ok(())
}
