//! Pause, resume, stop, and the word on unknown outcomes. A row in the air finishes whatever is pressed; nothing new is
//! claimed once the state is committed, because the claim reads it.

use serde_json::json;

use super::{
    CampaignError, Event, Refused, Result, State, UncertainPolicy, allow, approval::tell, draft::record, get_in, queries, schedule, shift,
    touch,
};
use crate::{
    account::{Actor, Right},
    clock::Moment,
    id::CampaignId,
    on,
    queue::Job,
    store::{Store, Tx},
};

/// Why a campaign waits: messages with an unknown outcome and the policy [`UncertainPolicy::Ask`].
pub const REASON_UNCERTAIN: &str = "uncertain";

/// Pauses: nothing new goes out; what is in the air arrives.
///
/// # Errors
/// [`CampaignError`].
pub async fn pause(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<()> {
    allow(actor, Right::Edit)?;
    let mut tx = store.begin().await?;
    let campaign = get_in(&mut tx, actor.account, id).await?;
    shift(&mut tx, &campaign, Event::Pause, Some("member"), now).await?;
    record(&mut tx, actor, "campaign.pause", id, &json!({}), now).await?;
    if campaign.launched_by != Some(actor.member) {
        tell(&mut tx, &campaign, "campaign.paused", campaign.launched_by, json!({ "by": actor.name, "reason": "member" }), now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Lets it go on; ring the returned bell.
///
/// # Errors
/// [`CampaignError::WindowClosed`] when nothing may be sent any more; others of [`CampaignError`].
pub async fn resume(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<Job> {
    allow(actor, Right::Edit)?;
    let mut tx = store.begin().await?;
    let campaign = get_in(&mut tx, actor.account, id).await?;
    let planned = campaign.planned_at.is_some();
    campaign.state.next(Event::Resume { planned })?;
    if schedule::window_closed(campaign.ends_at, now) {
        return Err(CampaignError::WindowClosed);
    }
    let channel = campaign.channel_id.ok_or(CampaignError::ChannelNotActive)?;
    shift(&mut tx, &campaign, Event::Resume { planned }, None, now).await?;
    record(&mut tx, actor, "campaign.resume", id, &json!({}), now).await?;
    tx.commit().await?;
    Ok(if planned { Job::Deliver { channel } } else { Job::PlanCampaign { campaign: id } })
}

/// Takes a scheduled start back; the approval stays.
///
/// # Errors
/// [`CampaignError`].
pub async fn recall(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<()> {
    allow(actor, Right::Edit)?;
    let mut tx = store.begin().await?;
    let campaign = get_in(&mut tx, actor.account, id).await?;
    shift(&mut tx, &campaign, Event::Recall, None, now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::FORGET_LAUNCH).bind(actor.account).bind(id).execute(c).await.map(|_| ()))?;
    record(&mut tx, actor, "campaign.recall", id, &json!({ "starts_at": campaign.starts_at }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Stops it for good: everything that waits is cancelled. Returns how many messages will now not go.
///
/// # Errors
/// [`CampaignError`].
pub async fn stop(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<u64> {
    allow(actor, Right::Edit)?;
    let mut tx = store.begin().await?;
    let campaign = get_in(&mut tx, actor.account, id).await?;
    shift(&mut tx, &campaign, Event::Stop, Some("member"), now).await?;
    let cancelled = cancel_queued(&mut tx, id, "campaign_stopped", now).await?;
    record(&mut tx, actor, "campaign.stop", id, &json!({ "cancelled": cancelled }), now).await?;
    tell(&mut tx, &campaign, "campaign.stopped", None, json!({ "by": actor.name, "cancelled": cancelled }), now).await?;
    tx.commit().await?;
    Ok(cancelled)
}

/// What a member says about messages whose outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Send them again: somebody may get the message twice.
    Resend,
    /// Leave them: somebody may not have got it.
    Leave,
}

/// Decides about unknown outcomes of a campaign that is not closed. Returns how many it was about; ring the channel's bell.
///
/// # Errors
/// [`CampaignError::WindowClosed`] when it is too late to send again; others of [`CampaignError`].
pub async fn decide_uncertain(store: &Store, actor: &Actor, id: CampaignId, word: Word, now: Moment) -> Result<u64> {
    allow(actor, Right::Edit)?;
    let mut tx = store.begin().await?;
    let campaign = get_in(&mut tx, actor.account, id).await?;
    let planned = campaign.planned_at.is_some();
    if !matches!(campaign.state, State::Running | State::Paused) {
        return Err(Refused { state: campaign.state, event: Event::Resume { planned } }.into());
    }
    if word == Word::Resend && schedule::window_closed(campaign.ends_at, now) {
        return Err(CampaignError::WindowClosed);
    }
    // The row first: whoever closes the campaign at this moment sees that it changed.
    if campaign.state == State::Paused && campaign.state_reason.as_deref() == Some(REASON_UNCERTAIN) {
        shift(&mut tx, &campaign, Event::Resume { planned }, None, now).await?;
    } else {
        touch(&mut tx, &campaign, now).await?;
    }
    let about = match word {
        Word::Resend => requeue_uncertain(&mut tx, id, now).await?,
        // They stay as they are; the question is not put again.
        Word::Leave => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_POLICY)
                .bind(actor.account)
                .bind(id)
                .bind(UncertainPolicy::Leave)
                .execute(c)
                .await
                .map(|_| ()))?;
            uncertain(&mut tx, &campaign).await?
        }
    };
    let what = match word {
        Word::Resend => "resend",
        Word::Leave => "leave",
    };
    record(&mut tx, actor, "campaign.uncertain", id, &json!({ "word": what, "messages": about }), now).await?;
    tx.commit().await?;
    Ok(about)
}

/// Messages with an unknown outcome.
async fn uncertain(tx: &mut Tx, campaign: &super::Campaign) -> Result<u64> {
    let counts: Vec<(bool, String, String, i64)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::COUNTS).bind(campaign.account_id).bind(campaign.id).fetch_all(c).await)?;
    let n = counts.iter().filter(|(_, state, ..)| state == "uncertain").map(|(.., n)| n).sum::<i64>();
    Ok(u64::try_from(n).unwrap_or(0))
}

/// Sends unknown outcomes again, counters along.
async fn requeue_uncertain(tx: &mut Tx, id: CampaignId, now: Moment) -> Result<u64> {
    let rows = on!(tx.conn(), |c| sqlx::query(queries::RESEND).bind(id).bind(now).execute(c).await.map(|r| r.rows_affected()))?;
    move_counts(tx, id, "uncertain", "queued", "", rows).await?;
    Ok(rows)
}

/// Cancels everything of a campaign that is not in the air, counters along.
pub(super) async fn cancel_queued(tx: &mut Tx, id: CampaignId, reason: &str, now: Moment) -> Result<u64> {
    let rows =
        on!(tx.conn(), |c| sqlx::query(queries::CANCEL).bind(id).bind(reason).bind(now).execute(c).await.map(|r| r.rows_affected()))?;
    move_counts(tx, id, "queued", "cancelled", reason, rows).await?;
    Ok(rows)
}

/// All counters of the state `from` (every row of it was just changed) become `rows` in the state `to`.
async fn move_counts(tx: &mut Tx, id: CampaignId, from: &str, to: &str, reason: &str, rows: u64) -> Result<()> {
    if rows == 0 {
        return Ok(());
    }
    on!(tx.conn(), |c| sqlx::query(queries::COUNT_GONE).bind(id).bind(from).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::COUNT_MORE)
        .bind(id)
        .bind(true)
        .bind(to)
        .bind(reason)
        .bind(i64::try_from(rows).unwrap_or(i64::MAX))
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}
