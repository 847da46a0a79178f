//! Takes micro-batches in fair order and hands them to the renderer.
//!
//! Fair: one batch of each running campaign in turn, so a small campaign does not wait for a huge
//! one; messages outside campaigns before every batch.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use mms_core::{
    campaign::control,
    channel::{
        Content, Free, Media, MediaSource, Outbound,
        fit::{self, Unfit},
        media_ref,
    },
    clock,
    delivery::{
        Wanted,
        begun::{self, Left},
        claim::{self, Claim, Closed},
        outcome::Verdict,
        outgoing::{self, OutgoingOutcome},
        sheet::{Sheet, SheetError},
    },
    id::CampaignId,
    pace::Micros,
    retry,
    store::file,
    words::Reason,
};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc::UnboundedSender},
    time::{Instant, sleep, sleep_until},
};

use super::{
    air,
    begin::ANSWERS,
    renderer::Batch,
    turn::{BATCH_SECONDS, Campaign, Ready, Sending, Turn, Upload},
};

/// Why claiming ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    TurnOver,
    /// Nothing is due.
    Idle,
    /// Nothing may leave any more.
    Grounded,
}

/// The pause when everything due is held by others for a moment.
const PAUSE: Duration = Duration::from_millis(20);
/// While whole batches come, campaigns are asked for anew this often: whoever starts one waits no
/// longer, and the question costs PostgreSQL a walk over what was claimed since its last vacuum.
const LOOK: Duration = Duration::from_millis(100);
/// The pause after the file of a reply could not be read.
const FILE_AGAIN: chrono::TimeDelta = chrono::TimeDelta::seconds(5);
/// So many microseconds before the pace lets the next message go it is claimed.
const AHEAD: Micros = 50_000;
/// The longest the pace is waited for before it is asked again, in microseconds.
const LOOK_MICROS: Micros = 250_000;
/// The first batch of a turn, while it is not yet known how fast messages leave.
const FIRST: u32 = 50;

/// The next batch, after one of `batch` took so long to make room for it: what leaves in
/// [`BATCH_SECONDS`], changing by a factor of two at most, between one message and `most`.
fn next_batch(batch: u32, took: Duration, most: u32) -> u32 {
    let fits = f64::from(batch) / took.as_secs_f64().max(0.001) * BATCH_SECONDS;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between a half and twice a batch")]
    let next = fits.clamp(f64::from(batch) / 2.0, f64::from(batch) * 2.0).round() as u32;
    next.clamp(1, most)
}

/// How much of what was claimed may still wait when the next batch is asked for, after one of
/// `batch` took so long to make room for it: what leaves in half of [`BATCH_SECONDS`], changing by
/// a factor of two at most, between one message and `most`. The claim takes its time, and whoever
/// calls the provider should not wait for it.
fn next_ahead(ahead: u32, batch: u32, took: Duration, most: u32) -> u32 {
    let leaves = f64::from(batch) / took.as_secs_f64().max(0.001) * BATCH_SECONDS / 2.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between a half and twice a number of messages")]
    let next = leaves.clamp(f64::from(ahead) / 2.0, f64::from(ahead) * 2.0).round() as u32;
    next.clamp(1, most)
}

/// Claims until the turn is over, nothing is due or nothing may leave. Dropping `ready` and
/// `batches` tells the others that all is claimed.
pub(super) async fn run(turn: &Arc<Turn>, batches: UnboundedSender<Batch>, ready: UnboundedSender<Vec<Ready>>) -> End {
    let batch = turn.first.min(FIRST);
    let mut claimer = Claimer {
        turn,
        batches,
        ready,
        campaigns: HashMap::new(),
        round: VecDeque::new(),
        full: Vec::new(),
        looked: None,
        brought: true,
        batch,
        ahead: batch.div_ceil(2).min(turn.ahead),
        full_since: None,
        run: 0,
    };
    let mut errors = 0;
    loop {
        if turn.ground.is_cancelled() {
            return End::Grounded;
        }
        if Instant::now() >= turn.until {
            return End::TurnOver;
        }
        if turn.trouble().is_there() && !claimer.provider_is_back().await {
            continue;
        }
        // A trial goes alone, and its answer is waited for.
        if turn.trouble().is_tried() && !turn.in_flight().is_empty() {
            sleep(PAUSE).await;
            continue;
        }
        // A pace that is slow, or that the owner before used up, is waited for with nothing
        // claimed. So is a lease that was not extended in time: after a freeze the keeper does it
        // first.
        let ready = turn.pacer().ready_at();
        let unready = if turn.is_ours() { ready.checked_sub(AHEAD).filter(|at| *at > turn.micros()) } else { Some(turn.micros() + AHEAD) };
        if let Some(at) = unready {
            // The moment may come nearer meanwhile, with a part of what the channel shares.
            let at = at.min(turn.micros() + LOOK_MICROS);
            tokio::select! {
                () = turn.ground.cancelled() => {}
                () = sleep_until(turn.until) => {}
                () = sleep_until(turn.instant(at)) => {}
            }
            continue;
        }
        let room = Arc::clone(&turn.room).acquire_many_owned(turn.batch + turn.ahead - claimer.ahead);
        let room = tokio::select! {
            () = turn.ground.cancelled() => return End::Grounded,
            () = sleep_until(turn.until) => return End::TurnOver,
            // The semaphore is never closed.
            room = room => match room { Ok(room) => room, Err(_) => return End::Grounded },
        };
        if turn.trouble().is_there() {
            continue;
        }
        match claimer.claim(room).await {
            Ok(None) => errors = 0,
            Ok(Some(end)) => return end,
            Err(error) => {
                errors += 1;
                tracing::warn!(%error, errors, "nothing could be claimed, trying again");
                let Some(pause) = retry::TURN.next(errors) else { return End::Grounded };
                sleep(pause).await;
                claimer.give_back_unknown().await;
            }
        }
    }
}

/// A step of a campaign: steps have their batches in turn.
type StepOf = (CampaignId, i16);

struct Claimer<'a> {
    turn: &'a Arc<Turn>,
    /// What was claimed of campaigns.
    batches: UnboundedSender<Batch>,
    /// Messages outside campaigns, which need no rendering.
    ready: UnboundedSender<Vec<Ready>>,
    campaigns: HashMap<StepOf, Arc<Campaign>>,
    /// Steps of campaigns still to have their batch in this round.
    round: VecDeque<StepOf>,
    /// Those of this round that gave a whole batch: they have more.
    full: Vec<StepOf>,
    /// When campaigns were asked for.
    looked: Option<Instant>,
    /// Whether this round brought anything.
    brought: bool,
    /// Messages claimed at once now; see [`next_batch`].
    batch: u32,
    /// How much of it may still wait when the next is asked for; see [`next_ahead`].
    ahead: u32,
    /// When the last batch was claimed, if it was a full one: the time until there is room for
    /// another tells how fast they leave.
    full_since: Option<Instant>,
    /// Messages outside campaigns claimed since the last batch of a campaign.
    run: u32,
}

impl Claimer<'_> {
    /// One claim: messages outside campaigns if there are any, else a batch of the campaign whose
    /// turn it is. Beside a flood of messages outside them, campaigns keep their share
    /// ([`ANSWERS`]).
    async fn claim(&mut self, mut room: OwnedSemaphorePermit) -> anyhow::Result<Option<End>> {
        if let Some(since) = self.full_since.take() {
            let took = since.elapsed();
            self.ahead = next_ahead(self.ahead, self.batch, took, self.turn.ahead);
            self.batch = next_batch(self.batch, took, self.turn.batch);
        }
        let (store, account) = (&self.turn.deps.store, self.turn.row.account_id);
        let trial = self.turn.trouble().is_tried();
        let quarter = if trial { 1 } else { (self.batch / (ANSWERS + 1)).max(1) };
        // No more than there is room for: on a slow channel that is one.
        let most = if trial { 1 } else { quarter * ANSWERS };
        let answers = most.saturating_sub(self.run).min(u32::try_from(room.num_permits()).unwrap_or(u32::MAX));
        if answers > 0 {
            let claimed = self.outgoing(&mut room, answers).await?;
            self.run += claimed;
            if claimed > 0 {
                return Ok(None);
            }
        }
        // More of them wait: a campaign has its share beside them, and its whole batch when there
        // are none.
        let flood = answers == 0;
        self.run = 0;
        let Some(step) = self.next_campaign().await? else {
            let idle = self.round.is_empty() && self.brought && !flood;
            return Ok(idle.then_some(End::Idle));
        };
        let Some(campaign) = self.campaign(step).await? else { return Ok(None) };
        let upload = match campaign.upload() {
            // The others wait until the file is there.
            Upload::Under => return Ok(None),
            Upload::Here => true,
            Upload::None | Upload::There(_) => false,
        };
        let limit = if upload || trial {
            1
        } else if flood {
            quarter
        } else {
            self.batch
        };
        let repeats = claim::Repeats::of(self.turn.adapter.capabilities());
        let now = clock::now();
        let began = Instant::now();
        match claim::claim(store, account, step, self.turn.lease, i64::from(limit), air(upload), repeats, now).await? {
            Claim::Rows { rows, skipped, deferred } => {
                self.brought |= !rows.is_empty() || skipped + deferred > 0;
                self.full_since = (rows.len() == self.batch as usize).then_some(began);
                if self.full_since.is_some() {
                    self.full.push(step);
                }
                self.turn.seen(step.0);
                self.turn.set_drained(step, rows.len() + skipped + deferred < limit as usize);
                if deferred > 0 {
                    tracing::info!(campaign.id = %step.0, deferred, "the day's people are as many as may be, messages wait");
                }
                metrics::counter!("mms_sends_total", "outcome" => "skipped").increment(skipped as u64);
                self.turn.in_flight().extend(rows.iter().map(|row| row.delivery.0));
                if upload && !rows.is_empty() {
                    campaign.set_upload(Upload::Under);
                }
                let rows = rows.into_iter().map_while(|row| Some((row, room.split(1)?))).collect();
                // The renderer ends only after this loop.
                let _ = self.batches.send(Batch { campaign, upload, rows, since: Instant::now() });
            }
            Claim::Closed(why) => self.closed(step.0, why).await?,
        }
        Ok(None)
    }

    /// Claims so many messages outside campaigns at most; gives how many it were.
    async fn outgoing(&mut self, room: &mut OwnedSemaphorePermit, most: u32) -> anyhow::Result<u32> {
        let turn = self.turn;
        let (store, account, window) = (&turn.deps.store, turn.row.account_id, turn.adapter.capabilities().client_id_window);
        let claimed = outgoing::claim(store, account, turn.lease, i64::from(most), window, clock::now()).await?;
        // No more were claimed than asked for.
        let many = u32::try_from(claimed.len()).unwrap_or(most);
        turn.in_flight().extend(claimed.iter().map(|message| begun::outgoing_key(message.id)));
        let since = Instant::now();
        let mut made = Vec::with_capacity(claimed.len());
        for message in claimed {
            let Some(place) = room.split(1) else { break };
            let Some(media) = self.file_of(&message).await? else { continue };
            let free = Free {
                body: message.payload.body.clone(),
                buttons: message.payload.buttons.clone(),
                remove_keyboard: message.payload.remove_keyboard,
                media,
            };
            let free = match fit::free(free, turn.adapter.capabilities()) {
                Ok(free) => free,
                Err(unfit) => {
                    self.unfit(&message, &unfit).await?;
                    continue;
                }
            };
            let outbound = Outbound {
                client_id: begun::outgoing_key(message.id),
                series: None,
                to: message.address_value.clone(),
                content: Content::Free(free),
                paid: false,
            };
            let upload = matches!(outbound.media(), Some(Media { source: MediaSource::Bytes { .. }, .. }));
            made.push(Ready { sending: Sending::Outgoing(message), message: outbound, words: None, upload, place, since });
        }
        // The next loop ends only after this one.
        let _ = self.ready.send(made);
        Ok(many)
    }

    /// A message outside campaigns that its messenger cannot show never goes.
    async fn unfit(&self, message: &outgoing::ClaimedOutgoing, unfit: &[Unfit]) -> anyhow::Result<()> {
        let turn = self.turn;
        let detail = unfit.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        tracing::warn!(message.id = %message.id, error = %detail, "a message outside campaigns does not fit its messenger");
        let verdict = Verdict::Failed { reason: unfit.first().map_or(Reason::Rejected, Unfit::reason) };
        let outcome = OutgoingOutcome { detail: Some(detail), ..OutgoingOutcome::of(message, turn.lease, verdict) };
        outgoing::record(&turn.deps.store, &[outcome], clock::now()).await?;
        turn.recorded(begun::outgoing_key(message.id));
        Ok(())
    }

    /// The file of a message outside campaigns, if it has one. `None`: the file could not be had;
    /// what becomes of the message is recorded, for it was never begun.
    async fn file_of(&self, message: &outgoing::ClaimedOutgoing) -> anyhow::Result<Option<Option<Media>>> {
        let turn = self.turn;
        let Some(outgoing::OutgoingMedia { kind, file: id }) = message.payload.media else { return Ok(Some(None)) };
        let (store, account) = (&turn.deps.store, turn.row.account_id);
        let fetched = turn.adapter.capabilities().fetches_files;
        let found = async {
            let Some(info) = file::info(store, account, id).await? else { return Ok(None) };
            if fetched && info.size > 0 {
                return Ok(Some(turn.linked(&info)));
            }
            let content = file::content(store, account, id).await?;
            Ok::<_, sqlx::Error>(content.map(|content| MediaSource::Bytes { name: info.name, mime: info.mime, content: content.into() }))
        };
        let verdict = match found.await {
            Ok(Some(source)) => return Ok(Some(Some(Media { kind, source }))),
            // Forgotten meanwhile: it can never go.
            Ok(None) => Verdict::Failed { reason: Reason::Rejected },
            Err(error) => {
                tracing::warn!(%error, "the file of a reply was not read, trying again");
                Verdict::Later { due_at: clock::now() + FILE_AGAIN }
            }
        };
        outgoing::record(store, &[OutgoingOutcome::of(message, turn.lease, verdict)], clock::now()).await?;
        turn.recorded(begun::outgoing_key(message.id));
        Ok(None)
    }

    /// The campaign whose turn it is; a new round asks which have something due.
    async fn next_campaign(&mut self) -> anyhow::Result<Option<StepOf>> {
        if let Some(id) = self.round.pop_front() {
            return Ok(Some(id));
        }
        let full = std::mem::take(&mut self.full);
        if !full.is_empty() && self.looked.is_some_and(|at| at.elapsed() < LOOK) {
            self.round = full.into();
            return Ok(self.round.pop_front());
        }
        if !self.brought {
            // Everything due is held by somebody for a moment: another change, an upload under way.
            sleep(PAUSE).await;
        }
        let turn = self.turn;
        self.looked = Some(Instant::now());
        self.round = claim::campaigns_due(&turn.deps.store, turn.lease, turn.row.account_id, clock::now()).await?.into();
        // An empty round ends the turn, a round that brings nothing pauses.
        self.brought = self.round.is_empty();
        Ok(self.round.pop_front())
    }

    /// What the campaign sends, loaded once a turn; `None`: it cannot be sent and is paused.
    async fn campaign(&mut self, step: StepOf) -> anyhow::Result<Option<Arc<Campaign>>> {
        let (id, number) = step;
        if let Some(campaign) = self.campaigns.get(&step) {
            return Ok(Some(Arc::clone(campaign)));
        }
        let (store, account, channel) = (&self.turn.deps.store, self.turn.row.account_id, self.turn.row.id);
        let sheet = match Sheet::load(store, account, id, number).await {
            Ok(sheet) => sheet,
            Err(SheetError::Database(error)) => return Err(error.into()),
            Err(error) => {
                tracing::error!(campaign.id = %id, %error, "the campaign pauses");
                let reason = if matches!(error, SheetError::Barred(_)) { Reason::TemplateBarred } else { Reason::Template };
                control::grant(store, account, id, &Wanted::Pause(reason.into()), clock::now()).await?;
                return Ok(None);
            }
        };
        let upload = match &sheet.media {
            None => Upload::None,
            Some(_) if self.turn.adapter.capabilities().fetches_files => Upload::None,
            Some((kind, file)) => match media_ref::known(store, channel, &file.sha256, *kind, self.turn.media_since()).await? {
                Some(reference) => Upload::There(reference),
                None => Upload::Here,
            },
        };
        let campaign = Arc::new(Campaign { sheet, media: Mutex::new(upload) });
        self.campaigns.insert(step, Arc::clone(&campaign));
        Ok(Some(campaign))
    }

    async fn closed(&self, id: CampaignId, why: Closed) -> anyhow::Result<()> {
        match why {
            Closed::LeaseLost | Closed::Channel => self.turn.ground.cancel(),
            Closed::Licence => {
                tracing::warn!(campaign.id = %id, "the account has no valid licence, the campaign pauses");
                let wanted = Wanted::Pause(Reason::Licence.into());
                control::grant(&self.turn.deps.store, self.turn.row.account_id, id, &wanted, clock::now()).await?;
            }
            Closed::Advertising => {
                tracing::warn!(campaign.id = %id, "advertising waits for an owner's word after a restore, the campaign pauses");
                let wanted = Wanted::Pause(Reason::Restored.into());
                control::grant(&self.turn.deps.store, self.turn.row.account_id, id, &wanted, clock::now()).await?;
            }
            Closed::PlanLimit => {
                tracing::warn!(campaign.id = %id, "the plan's messages of this month are used up, the campaign pauses");
                let wanted = Wanted::Pause(Reason::PlanLimit.into());
                control::grant(&self.turn.deps.store, self.turn.row.account_id, id, &wanted, clock::now()).await?;
            }
            // Paused or stopped just now; a closed window is the tick's to settle.
            Closed::Campaign | Closed::Window => {}
        }
        Ok(())
    }

    /// Waits a moment and asks the provider a harmless question; `true`: it answers, and one
    /// message may go.
    async fn provider_is_back(&self) -> bool {
        tokio::select! {
            () = self.turn.ground.cancelled() => return false,
            () = sleep_until(self.turn.until) => return false,
            () = sleep(self.turn.trouble().wait()) => {}
        }
        let answer = tokio::select! {
            () = self.turn.ground.cancelled() => return false,
            answer = self.turn.adapter.identify() => answer,
        };
        match answer {
            Ok(_) => {
                tracing::info!("the provider answers, one message goes as a trial");
                self.turn.trouble().try_one();
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the provider does not answer, nothing is sent until it does");
                false
            }
        }
    }

    /// A claim whose commit went unanswered may have happened: rows marked as ours that this turn
    /// does not know were never sent, and go back.
    async fn give_back_unknown(&self) {
        let turn = self.turn;
        let left = Left { token: turn.lease.token, begun: turn.in_flight().clone() };
        if let Err(error) = super::give_back_unbegun(turn, &[left]).await {
            tracing::warn!(%error, "claimed rows were not given back, they will be recovered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_what_leaves_in_a_third_of_a_second() {
        let second = Duration::from_secs(1);
        // A thousand a second: three hundred, reached by doubling.
        let mut batch = FIRST;
        for _ in 0..5 {
            batch = next_batch(batch, second * batch / 1000, 400);
        }
        assert_eq!(batch, 300);
        // The provider slows down to ten a second: three, by halving, and never none.
        for _ in 0..9 {
            batch = next_batch(batch, second * batch / 10, 400);
        }
        assert_eq!(batch, 3);
        for _ in 0..9 {
            batch = next_batch(batch, second * 60, 400);
        }
        assert_eq!(batch, 1);
        // However fast, no more than the channel's own.
        for _ in 0..20 {
            batch = next_batch(batch, Duration::ZERO, 9);
        }
        assert_eq!(batch, 9);
    }

    #[test]
    fn what_is_claimed_ahead_is_what_leaves_in_a_sixth_of_a_second() {
        let second = Duration::from_secs(1);
        // Seven thousand a second in batches of a hundred: as many as may be, reached by doubling.
        let mut ahead = FIRST / 2;
        for _ in 0..5 {
            ahead = next_ahead(ahead, 100, second * 100 / 7000, 400);
        }
        assert_eq!(ahead, 400);
        // Two thousand a second: three hundred; ten a second: one or two.
        ahead = next_ahead(ahead, 100, second * 100 / 2000, 400);
        assert_eq!(ahead, 300);
        for _ in 0..9 {
            ahead = next_ahead(ahead, 3, second * 3 / 10, 400);
        }
        assert_eq!(ahead, 2);
        assert_eq!(next_ahead(1, 1, second * 60, 400), 1, "never none");
    }
}
