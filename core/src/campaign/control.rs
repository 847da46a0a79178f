//! Pause, resume, stop, and the word on unknown outcomes. A row in flight finishes whatever is
//! pressed; nothing new is claimed once the state is committed, because the claim reads it.

use serde_json::json;

use super::{
    Campaign, CampaignError, Event, Refused, Result, State, UncertainPolicy, access, advertising, approval::tell, begin, draft::record,
    fill, get_in, queries, reviewed, schedule, shift, view::Numbers,
};
use crate::{
    account::{Actor, Right, licence::Limit, usage},
    clock::Moment,
    delivery::{self, Wanted},
    id::{AccountId, CampaignId, MemberId},
    notice::NoticeKind,
    on,
    queue::Job,
    store::{Store, Tx, audit},
    words::{Reason, Why},
};

/// Rows cancelled in one change.
const CANCEL_BATCH: i64 = 10_000;

/// Pauses: nothing new goes out; what is in flight arrives.
///
/// # Errors
/// [`CampaignError`].
pub async fn pause(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<()> {
    let (mut tx, campaign) = begin(store, actor, Right::Edit, id).await?;
    pause_in(&mut tx, &campaign, &Reason::Member.into(), Some(actor), now).await?;
    tx.commit().await?;
    Ok(())
}

/// The one way to pause, whoever wants it (`by`; `None`: the machine): the state, the trail, and a
/// notice, to everybody or, when a member paused what another launched, to that one.
pub(super) async fn pause_in(tx: &mut Tx, campaign: &Campaign, reason: &Why, by: Option<&Actor>, now: Moment) -> Result<()> {
    shift(tx, campaign, Event::Pause, Some(reason), now).await?;
    let actor = by.map_or_else(|| "system".to_owned(), |actor| actor.member.to_string());
    let details = json!({ "reason": reason });
    audit::record(tx, campaign.account_id, &actor, "campaign.pause", &campaign.id.to_string(), &details, now).await?;
    match by {
        None => tell(tx, campaign, NoticeKind::CampaignPaused, None, details, now).await,
        Some(actor) if campaign.launched_by == Some(actor.member) => Ok(()),
        Some(actor) => {
            tell(tx, campaign, NoticeKind::CampaignPaused, campaign.launched_by, json!({ "by": actor.name, "reason": reason }), now).await
        }
    }
}

/// Does what the sending side wants of a running campaign ([`Wanted`]). `false`: it is not running
/// (any more).
///
/// # Errors
/// [`CampaignError::NotFound`], the database's.
pub async fn grant(store: &Store, account: AccountId, id: CampaignId, wanted: &Wanted, now: Moment) -> Result<bool> {
    let Wanted::Pause(reason) = wanted;
    let mut tx = store.begin().await?;
    let campaign = held(&mut tx, account, id).await?;
    if campaign.state != State::Running {
        return Ok(false);
    }
    pause_in(&mut tx, &campaign, reason, None, now).await?;
    if reason.known() == Some(Reason::PlanLimit) {
        usage::tell_used_up(&mut tx, account, now).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Holds what a member launched, in the caller's change: running campaigns and those being planned
/// pause, a scheduled start is taken back. Gives their ids and names.
pub(super) async fn hold_launched_by(
    tx: &mut Tx,
    account: AccountId,
    member: MemberId,
    reason: Reason,
    now: Moment,
) -> sqlx::Result<Vec<(CampaignId, String)>> {
    let ids: Vec<CampaignId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::LIVE_OF).bind(account).bind(member).fetch_all(c).await)?;
    hold(tx, account, ids, reason, now).await
}

/// Holds these campaigns, in the caller's change: those that run or are being planned pause, a
/// scheduled start is taken back. Gives the ids and names of those that were held.
pub(super) async fn hold(
    tx: &mut Tx,
    account: AccountId,
    ids: Vec<CampaignId>,
    reason: Reason,
    now: Moment,
) -> sqlx::Result<Vec<(CampaignId, String)>> {
    // The rows are held and run, so nothing but the database can refuse.
    let failed = |error: CampaignError| match error {
        CampaignError::Db(error) => error,
        other => sqlx::Error::Protocol(other.to_string()),
    };
    let mut paused = Vec::with_capacity(ids.len());
    for id in ids {
        let campaign = held(tx, account, id).await.map_err(failed)?;
        match campaign.state {
            State::Running | State::Planning => pause_in(tx, &campaign, &reason.into(), None, now).await.map_err(failed)?,
            State::Scheduled => {
                shift(tx, &campaign, Event::Recall, Some(&reason.into()), now).await.map_err(failed)?;
                on!(tx.conn(), |c| sqlx::query(queries::FORGET_LAUNCH).bind(account).bind(id).execute(c).await.map(|_| ()))?;
                let details = json!({ "starts_at": campaign.starts_at, "reason": reason });
                crate::store::audit::record(tx, account, "system", "campaign.recall", &id.to_string(), &details, now).await?;
                tell(tx, &campaign, NoticeKind::CampaignRecalled, None, json!({ "reason": reason }), now).await.map_err(failed)?;
            }
            _ => continue,
        }
        paused.push((id, campaign.name));
    }
    Ok(paused)
}

/// The campaign with its row held: nobody changes it before the caller's change ends.
async fn held(tx: &mut Tx, account: AccountId, id: CampaignId) -> Result<Campaign> {
    on!(tx.conn(), |c| sqlx::query(queries::HOLD).bind(account).bind(id).execute(c).await.map(|_| ()))?;
    get_in(tx, account, id).await
}

/// Lets it go on; ring the returned bells.
///
/// # Errors
/// [`CampaignError::WindowClosed`] when nothing may be sent any more; [`CampaignError::OverLimit`]
/// while the plan's messages of this month are used up; others of [`CampaignError`].
pub async fn resume(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<Vec<Job>> {
    let (mut tx, campaign) = begin(store, actor, Right::Edit, id).await?;
    let planned = campaign.planned_at.is_some();
    campaign.state.next(Event::Resume { planned })?;
    if schedule::window_closed(campaign.ends_at, now) {
        return Err(CampaignError::WindowClosed);
    }
    access::may_send(&mut tx, &campaign, now).await?;
    if advertising::waits(&mut tx, &campaign).await? {
        return Err(CampaignError::AdvertisingHeld);
    }
    reviewed::approved(&mut tx, &campaign).await?;
    if planned {
        usage::fits(&mut tx, actor.account, Limit::MessagesThisMonth, 1, now).await??;
    }
    let channels = campaign.channels();
    shift(&mut tx, &campaign, Event::Resume { planned }, None, now).await?;
    record(&mut tx, actor, "campaign.resume", id, &json!({}), now).await?;
    tx.commit().await?;
    Ok(if planned {
        channels.into_iter().map(|channel| Job::Deliver { channel }).collect()
    } else {
        vec![Job::PlanCampaign { campaign: id }]
    })
}

/// Takes a scheduled start back; the approval stays.
///
/// # Errors
/// [`CampaignError`].
pub async fn recall(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<()> {
    let (mut tx, campaign) = begin(store, actor, Right::Edit, id).await?;
    shift(&mut tx, &campaign, Event::Recall, None, now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::FORGET_LAUNCH).bind(actor.account).bind(id).execute(c).await.map(|_| ()))?;
    record(&mut tx, actor, "campaign.recall", id, &json!({ "starts_at": campaign.starts_at }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Stops it for good: everything that waits is cancelled. Returns how many messages will now not
/// go.
///
/// # Errors
/// [`CampaignError`].
pub async fn stop(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<u64> {
    let (mut tx, campaign) = begin(store, actor, Right::Edit, id).await?;
    shift(&mut tx, &campaign, Event::Stop, Some(&Reason::Member.into()), now).await?;
    // A campaign that is not planned yet has no messages to cancel.
    let planned = campaign.planned_at.is_some();
    let cancelled = if planned { open(&mut tx, &campaign).await?.0 } else { 0 };
    record(&mut tx, actor, "campaign.stop", id, &json!({ "cancelled": cancelled }), now).await?;
    tell(&mut tx, &campaign, NoticeKind::CampaignStopped, None, json!({ "by": actor.name, "cancelled": cancelled }), now).await?;
    // From this commit on nothing new is claimed: the claim reads the state. The rows follow, and
    // if this process dies before their end, the tick goes on.
    tx.commit().await?;
    clear_away(store, &campaign, now).await
}

/// Cancels what waits of a stopped campaign, or takes back what a broken-off planning made of it.
async fn clear_away(store: &Store, stopped: &Campaign, now: Moment) -> Result<u64> {
    if stopped.planned_at.is_some() {
        return cancel_queued(store, stopped.account_id, stopped.id, Reason::CampaignStopped, now).await;
    }
    fill::take_back(store, stopped.account_id, stopped.id).await?;
    Ok(0)
}

/// The campaigns of an account that were launched and are not over.
///
/// # Errors
/// The database's.
pub async fn live(store: &Store, account: AccountId) -> Result<Vec<CampaignId>> {
    Ok(on!(store.read(), |c| sqlx::query_scalar(queries::LIVE_OF_ACCOUNT).bind(account).fetch_all(c).await)?)
}

/// Stops every campaign that was launched and is not over, because the company is deleted: nobody
/// of it is told. Returns how many.
///
/// # Errors
/// The database's.
pub async fn stop_all(store: &Store, account: AccountId, now: Moment) -> Result<usize> {
    let mut stopped = 0;
    for id in live(store, account).await? {
        let mut tx = store.begin().await?;
        let campaign = held(&mut tx, account, id).await?;
        if !campaign.state.live() {
            continue;
        }
        shift(&mut tx, &campaign, Event::Stop, Some(&Reason::Member.into()), now).await?;
        audit::record(&mut tx, account, "admin", "campaign.stop", &id.to_string(), &json!({ "reason": "account.delete" }), now).await?;
        tx.commit().await?;
        clear_away(store, &campaign, now).await?;
        stopped += 1;
    }
    Ok(stopped)
}

/// What a member says about messages whose outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Send them again: somebody may get the message twice.
    Resend,
    /// Leave them: somebody may not have got it.
    Leave,
}

/// Decides about unknown outcomes of a campaign that waits for a word on them. `about`: how many
/// the member was told of. Returns that; ring the channels' bells.
///
/// # Errors
/// [`CampaignError::Changed`] when it waits for no word (any more), or when it is about another
/// number of them by now; [`CampaignError::WindowClosed`] when it is too late to send again; others
/// of [`CampaignError`].
pub async fn decide_uncertain(store: &Store, actor: &Actor, id: CampaignId, word: Word, about: u64, now: Moment) -> Result<u64> {
    let (mut tx, campaign) = begin(store, actor, Right::Edit, id).await?;
    let planned = campaign.planned_at.is_some();
    if !matches!(campaign.state, State::Running | State::Paused) {
        return Err(Refused { state: campaign.state, event: Event::Resume { planned } }.into());
    }
    if word == Word::Resend && schedule::window_closed(campaign.ends_at, now) {
        return Err(CampaignError::WindowClosed);
    }
    let asks = campaign.state == State::Paused && campaign.state_reason == Some(Reason::Uncertain.into());
    if !asks || open(&mut tx, &campaign).await?.1 != about {
        return Err(CampaignError::Changed);
    }
    // The row first: whoever closes the campaign at this moment sees that it changed.
    shift(&mut tx, &campaign, Event::Resume { planned }, None, now).await?;
    let about = match word {
        Word::Resend => requeue_uncertain(&mut tx, &campaign, now).await?,
        // They stay as they are; the question is not put again.
        Word::Leave => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_POLICY)
                .bind(actor.account)
                .bind(id)
                .bind(UncertainPolicy::Leave)
                .execute(c)
                .await
                .map(|_| ()))?;
            open(&mut tx, &campaign).await?.1
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

/// Messages that wait, and those of whose outcome, and so of whose person, nobody can tell: where
/// a further step took over, its outcome is asked for instead.
async fn open(tx: &mut Tx, campaign: &Campaign) -> Result<(u64, u64)> {
    let counts = delivery::counts::counts_in(tx, campaign.account_id, campaign.id).await?;
    let numbers = Numbers::of(&counts);
    Ok((u64::try_from(numbers.queued).unwrap_or(0), u64::try_from(numbers.people.unknown).unwrap_or(0)))
}

/// Sends unknown outcomes again, counters along.
async fn requeue_uncertain(tx: &mut Tx, campaign: &Campaign, now: Moment) -> Result<u64> {
    let rows: Vec<(i16, i16, bool)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::RESEND).bind(campaign.account_id).bind(campaign.id).bind(now).fetch_all(c).await)?;
    let mut moves = delivery::counts::Moves::default();
    for (step, variant, planned) in &rows {
        let part = delivery::Part { campaign: campaign.id, step: *step, variant: *variant };
        // The one reason an outcome is unknown for.
        let from = (delivery::State::Uncertain, Some(&Reason::NoAnswer.into()));
        moves.step(part, *planned, from, (delivery::State::Queued, None));
    }
    moves.write(tx).await?;
    Ok(rows.len() as u64)
}

/// The channel of a step was removed with messages waiting: they are cancelled, in portions, and
/// their people go on to the next step.
pub(super) async fn leave_channel(store: &Store, account: AccountId, step: (CampaignId, i16), now: Moment) -> sqlx::Result<()> {
    loop {
        let mut tx = store.begin_bulk().await?;
        let some = delivery::cancel_step_some(&mut tx, account, step, CANCEL_BATCH, now).await?;
        tx.commit().await?;
        if some < CANCEL_BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}

/// The window of a campaign closed with messages waiting: they are cancelled. The first of them go
/// in the change that takes hold of the campaign as it was found, so of two that found it one does
/// it, and none does it to a campaign that went on meanwhile.
///
/// # Errors
/// [`CampaignError::Changed`]; the database's.
pub(super) async fn close_window(store: &Store, account: AccountId, id: CampaignId, now: Moment) -> Result<()> {
    let mut tx = store.begin_bulk().await?;
    let campaign = get_in(&mut tx, account, id).await?;
    let launched = matches!(campaign.state, State::Running | State::Paused) && campaign.planned_at.is_some();
    if !launched || !schedule::window_closed(campaign.ends_at, now) {
        return Err(CampaignError::Changed);
    }
    let touched = on!(tx.conn(), |c| sqlx::query(queries::CLOSE_WINDOW)
        .bind(account)
        .bind(id)
        .bind(campaign.state)
        .bind(campaign.updated_at)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Err(CampaignError::Changed);
    }
    if campaign.state_reason != Some(Reason::WindowClosed.into()) {
        let details = json!({ "cancelled": open(&mut tx, &campaign).await?.0 });
        audit::record(&mut tx, account, "system", "campaign.window_closed", &id.to_string(), &details, now).await?;
    }
    delivery::cancel_campaign_some(&mut tx, account, id, Reason::WindowClosed, CANCEL_BATCH, now).await?;
    tx.commit().await?;
    cancel_queued(store, account, id, Reason::WindowClosed, now).await.map(|_| ())
}

/// Cancels the waiting messages of a campaign, one batch a change, so that nobody else waits long.
/// Returns how many it was.
pub(super) async fn cancel_queued(store: &Store, account: AccountId, id: CampaignId, reason: Reason, now: Moment) -> Result<u64> {
    let mut all = 0;
    loop {
        let mut tx = store.begin_bulk().await?;
        let some = delivery::cancel_campaign_some(&mut tx, account, id, reason, CANCEL_BATCH, now).await?;
        tx.commit().await?;
        all += some;
        if some < CANCEL_BATCH.unsigned_abs() {
            break;
        }
    }
    // No further step goes to those it went to.
    loop {
        let mut tx = store.begin_bulk().await?;
        let some = delivery::settle_campaign_some(&mut tx, account, id, CANCEL_BATCH, now).await?;
        tx.commit().await?;
        if some < CANCEL_BATCH.unsigned_abs() {
            return Ok(all);
        }
    }
}
