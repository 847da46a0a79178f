//! What the loops of a turn share.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use mms_core::{
    channel::{
        Batch, Channel, MediaSource, Outbound,
        lease::{self, LEASE, Lease, Memory, Ours},
        shared::{self, Part},
        store::ChannelRow,
    },
    clock,
    delivery::{
        begun,
        claim::{self, Claimed},
        counts,
        outgoing::{self, ClaimedOutgoing},
        sheet::Sheet,
        stats,
    },
    id::CampaignId,
    pace::{Micros, Pacer},
    queue::Job,
    store::file::FileInfo,
    telemetry,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Deps,
    in_flight::{OfTurn, lock},
    paced::Paced,
    trouble::Trouble,
};

/// So long before a lease ends nothing is sent by it any more: a call takes a moment to arrive.
const MARGIN: Duration = Duration::from_millis(500);
/// A claimed message may wait for a free seat when the provider is slow; then it goes back.
pub(super) const PATIENCE: Duration = mms_core::limits::BEFORE_CALL;
/// How long calls under way are waited for once the process is asked to stop.
const LAST_CALLS: Duration = Duration::from_secs(5);

const _: () = assert!(MARGIN.as_millis() < LEASE.as_millis());
const _: () = assert!(LAST_CALLS.as_millis() < crate::GRACE.as_millis());
/// Without a part of a shared limit nothing leaves for a lease's time, or until it is ours: it is
/// asked for anew much sooner.
const LEASE_MICROS: Micros = LEASE.as_secs() * 1_000_000;
/// A recipient who may be written to within so many microseconds is waited for; else the message
/// goes back.
pub(super) const SHORTLY: Micros = 50_000;
/// The longest a claimed message waits for the channel's pace, in microseconds. A slow pace is
/// waited for before the claim.
pub(super) const LONG: Micros = 1_000_000;
/// What is listed as begun at once, in seconds of the pace; as much again may be listed while it
/// leaves.
const LIST_SECONDS: f64 = 0.05;
/// Where the pace is the machine's, so many lists may be under way: a list waits for a claim and a
/// record to be committed, and seats would stand empty meanwhile. They leave within some thirty
/// milliseconds.
const LISTS_FAST: u32 = 4;
/// From this rate on the pace is only the machine's.
const FAST: f64 = 50_000.0;
/// What is claimed at once, in seconds of the pace. With what may be claimed ahead (half as much
/// again) no more than half a second of messages is between a claim and the air.
pub(super) const BATCH_SECONDS: f64 = 0.3;
/// The most that may wait when the next batch is asked for, however fast messages leave.
const AHEAD: f64 = 400.0;
/// The most that is claimed, listed or recorded at once: a press or a webhook waits as long as a
/// batch lasts, on SQLite for its one writer, on PostgreSQL for its part of the CPUs and of the
/// log.
pub(super) const LARGEST: u32 = 200;
/// Calls under way at once, at most and at least.
const SEATS: (f64, f64) = (8.0, 128.0);

/// A number between 0 and 1.
pub(crate) fn jitter() -> f64 {
    // The low bits of a fresh id are random (UUIDv7, RFC 9562, 5.7).
    let bits = uuid::Uuid::now_v7().as_u128() as u32;
    f64::from(bits) / f64::from(u32::MAX)
}

/// One turn on one channel.
pub(super) struct Turn {
    pub deps: Deps,
    pub row: ChannelRow,
    pub adapter: Arc<dyn Channel>,
    pub lease: Lease,
    /// When claiming ends.
    pub until: Instant,
    /// Cancelled when nothing more may leave: asked to stop, lease lost, channel held or refused.
    pub ground: CancellationToken,
    /// Messages claimed at once, at most.
    pub batch: u32,
    /// The same at the beginning of the turn, when it is not known yet how fast they leave.
    pub first: u32,
    /// How much of it may still wait when the next is asked for, at most.
    pub ahead: u32,
    /// Room for what is claimed and not yet in flight; each such message holds one permit.
    pub room: Arc<Semaphore>,
    /// Calls under way; each holds one permit.
    pub seats: Arc<Semaphore>,
    /// Messages listed as begun at once, at most.
    pub listing: u32,
    /// Room for what is listed as begun and not yet in flight; each such message holds one permit.
    pub listed: Arc<Semaphore>,
    /// Messages between claim and record: what a claim with an unanswered commit is compared with.
    in_flight: OfTurn,
    /// Those of them that are listed as begun ([`mms_core::delivery::begun`]).
    begun: Mutex<BTreeSet<i64>>,
    /// Until when the lease is ours whatever happens.
    ours: Ours,
    /// Between the loops: the flight asks and lets go, landing messages report their arrival.
    paced: Arc<Paced>,
    /// Another owner sent before this turn, and what it left behind is still to be learnt.
    handed_over: bool,
    /// Calls in a row that found no provider.
    /// Campaigns of this turn that may be finished.
    touched: Mutex<HashSet<CampaignId>>,
    /// Campaigns that had nothing more due.
    drained: Mutex<HashSet<(CampaignId, i16)>>,
}

impl Turn {
    /// A file by the address at which the messenger fetches it. Where the world does not reach us
    /// there is none, and the messenger's adapter says so.
    pub(super) fn linked(&self, file: &FileInfo) -> MediaSource {
        let (name, mime) = (file.name.clone(), file.mime.clone());
        match self.deps.public.address(file, clock::now()) {
            Some(url) => MediaSource::Link { url, name, mime, size: u64::try_from(file.size).unwrap_or_default() },
            None => MediaSource::Bytes { name, mime, content: Arc::from([]) },
        }
    }

    /// References of files that were uploaded before this are not relied on.
    pub(super) fn media_since(&self) -> clock::Moment {
        clock::now().checked_sub_signed(self.adapter.media_lives()).unwrap_or_default()
    }

    /// A turn under a lease that was asked for at `asked`, by [`clock::uptime`].
    pub(super) fn new(deps: Deps, row: ChannelRow, adapter: Arc<dyn Channel>, lease: Lease, asked: Duration, length: Duration) -> Self {
        let capabilities = adapter.capabilities();
        let rate = row.rate(capabilities);
        let paced = deps.paces.of(&row, capabilities);
        let handed_over = paced.begin(&row, capabilities, lease.token);
        let largest = f64::from(LARGEST);
        let batch = if rate >= FAST { largest } else { (rate * BATCH_SECONDS).ceil().clamp(1.0, largest) };
        let ahead = if rate >= FAST { AHEAD } else { (rate * BATCH_SECONDS / 2.0).ceil().clamp(1.0, AHEAD) };
        let seats = if rate >= FAST { SEATS.1 } else { (rate * BATCH_SECONDS).clamp(SEATS.0, SEATS.1) };
        let Batch { any, same } = row.batch(capabilities);
        // Where a call takes one message, or many that say the same, those leave faster than the
        // pace of calls says.
        let many = if any == 1 { u32::try_from(same).unwrap_or(LARGEST).min(LARGEST) } else { 1 };
        let listing = if rate >= FAST { largest } else { (rate * LIST_SECONDS).ceil().clamp(1.0, largest) };
        // A full call waits for no list: two of them are listed at once.
        #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
        let listing = if any > 1 { listing.max(any as f64 * 2.0).min(largest) } else { listing };
        let lists = if rate >= FAST { LISTS_FAST } else { 2 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "all are between 1 and 400")]
        let (first, ahead, seats, listing) = (batch as u32, ahead as u32, seats as usize, listing as u32);
        let (batch, ahead, listing) = (first.max(many), ahead.max(many.div_ceil(2)), listing.max(many));
        let turn = Self {
            ground: deps.stop.child_token(),
            until: Instant::now() + length,
            batch,
            first,
            ahead,
            room: Arc::new(Semaphore::new((batch + ahead) as usize)),
            seats: Arc::new(Semaphore::new(seats)),
            listing,
            listed: Arc::new(Semaphore::new((listing * lists) as usize)),
            in_flight: deps.in_flight.turn(),
            begun: Mutex::default(),
            ours: Ours::default(),
            paced,
            handed_over,
            touched: Mutex::default(),
            drained: Mutex::default(),
            deps,
            row,
            adapter,
            lease,
        };
        turn.renewed(asked);
        turn
    }

    /// The lease was taken or extended, asked for at this moment.
    pub(super) fn renewed(&self, asked: Duration) {
        self.ours.until(asked + LEASE.saturating_sub(MARGIN));
    }

    /// Whether the lease is ours whatever happened meanwhile: look right before a call.
    pub(super) fn is_ours(&self) -> bool {
        self.ours.is_so()
    }

    /// The same for an adapter, which may make several calls.
    pub(super) fn ours(&self) -> Ours {
        self.ours.clone()
    }

    /// Whether nothing may leave now: asked to stop, the lease lost, the channel held or refused,
    /// the provider away.
    pub(super) fn is_closed(&self) -> bool {
        self.ground.is_cancelled() || self.trouble().is_there() || !self.is_ours()
    }

    /// Notes messages as begun; gives the list of all that are, as it is kept.
    pub(super) fn begin(&self, ids: impl Iterator<Item = i64>) -> String {
        let mut begun = lock(&self.begun);
        begun.extend(ids);
        begun::text(&begun)
    }

    /// A message was recorded: it is no longer between claim and record.
    pub(super) fn recorded(&self, id: i64) {
        lock(&self.begun).remove(&id);
        self.in_flight().remove(&id);
    }

    /// Returns when a call under way is no longer waited for, because the process was asked to
    /// stop.
    pub(super) async fn last_call(&self) {
        self.deps.stop.cancelled().await;
        tokio::time::sleep(LAST_CALLS).await;
    }

    /// Now, on the pacer's clock.
    pub(super) fn micros(&self) -> Micros {
        self.paced.micros()
    }

    /// The moment of the pacer's clock as the timers know it.
    pub(super) fn instant(&self, at: Micros) -> Instant {
        self.paced.instant(at)
    }

    pub(super) fn pacer(&self) -> MutexGuard<'_, Pacer> {
        self.paced.pacer()
    }

    /// The provider takes nobody new before then.
    pub(super) fn newcomers_wait(&self, until: clock::Moment) {
        self.paced.newcomers_wait(until);
    }

    /// Until when nobody new is written to.
    pub(super) fn newcomers_until(&self) -> Option<clock::Moment> {
        self.paced.newcomers_until(clock::now())
    }

    /// The pacer's memory for the next owner, of recipients who must wait for longer than `beyond`.
    pub(super) fn memory(&self, beyond: Duration) -> Memory {
        self.paced.memory(beyond)
    }

    /// Learns who must wait from the owner before, and takes our part of what is shared.
    pub(super) async fn learn(&self) -> sqlx::Result<()> {
        if self.handed_over {
            self.paced.owed(lease::owed(&self.deps.store, self.row.id).await?);
        }
        self.share().await.map(|_| ())
    }

    /// Takes or extends our part of the limit that the channel shares; `false`: none is ours yet.
    pub(super) async fn share(&self) -> sqlx::Result<bool> {
        let Some(limit) = &self.row.terms.shared else { return Ok(true) };
        let Part { part, had } = shared::take(&self.deps.store, self.row.id, limit, clock::now()).await?;
        let now = self.micros();
        self.pacer().share(part, had, now + LEASE_MICROS, now);
        Ok(part > 0.0)
    }

    /// Leaves our part to the others, unless the next turn comes first.
    pub(super) async fn leave(&self) -> sqlx::Result<()> {
        let Some(limit) = &self.row.terms.shared else { return Ok(()) };
        shared::leave(&self.deps.store, self.row.id, limit, clock::now()).await
    }

    /// Whether the provider takes messages.
    pub(super) fn trouble(&self) -> &Trouble {
        &self.paced.trouble
    }

    /// A campaign had a part in this turn.
    pub(super) fn seen(&self, campaign: CampaignId) {
        lock(&self.touched).insert(campaign);
    }

    /// A step of a campaign had nothing more due (`true`), or had again.
    pub(super) fn set_drained(&self, step: (CampaignId, i16), drained: bool) {
        let mut set = lock(&self.drained);
        if drained {
            set.insert(step);
        } else {
            set.remove(&step);
        }
    }

    /// Whether a campaign had nothing more due at the last look.
    pub(super) fn is_drained(&self, campaign: CampaignId) -> bool {
        lock(&self.drained).iter().any(|(of, _)| *of == campaign)
    }

    pub(super) fn in_flight(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.in_flight.ids()
    }

    /// Rings for a campaign of which nothing is on its way any more.
    pub(super) async fn close_if_finished(&self, campaign: CampaignId) {
        match counts::open(&self.deps.store, self.row.account_id, campaign).await {
            Ok(0) => {
                lock(&self.touched).remove(&campaign);
                self.deps.queue.ring(Job::CloseCampaign { campaign }).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(campaign.id = %campaign, %error, "counters were not read, the tick will close the campaign"),
        }
    }

    /// The same for every campaign of this turn.
    pub(super) async fn close_finished(&self) {
        let touched: Vec<CampaignId> = lock(&self.touched).iter().copied().collect();
        for campaign in touched {
            self.close_if_finished(campaign).await;
        }
    }

    /// Whether something of the channel is due now.
    pub(super) async fn anything_due(&self) -> bool {
        let (store, account, now) = (&self.deps.store, self.row.account_id, clock::now());
        let campaigns = claim::campaigns_due(store, self.lease, account, now).await;
        if campaigns.is_ok_and(|due| !due.is_empty()) {
            return true;
        }
        outgoing::any_due(store, account, self.row.id, now).await.unwrap_or(false)
    }

    /// Shows how much waits.
    pub(super) async fn show_depth(&self) {
        if let Ok(depth) = stats::depth(&self.deps.store, self.row.account_id, self.row.id).await {
            #[expect(clippy::cast_precision_loss, reason = "a gauge")]
            telemetry::of_channel("mms_channel_waiting", self.row.id, depth as f64);
        }
    }
}

/// What a message is for.
#[derive(Debug)]
pub(super) enum Sending {
    /// A delivery of a campaign.
    Delivery(Claimed, Arc<Campaign>),
    /// A message outside campaigns.
    Outgoing(ClaimedOutgoing),
}

/// A running campaign of this turn.
#[derive(Debug)]
pub(super) struct Campaign {
    pub sheet: Sheet,
    /// Where its file is.
    pub media: Mutex<Upload>,
}

/// Where a campaign's file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Upload {
    /// It has none.
    None,
    /// Here: the next message carries it, alone.
    Here,
    /// On its way with one message; the others wait.
    Under,
    /// At the provider.
    There(String),
}

impl Campaign {
    pub(super) fn upload(&self) -> Upload {
        lock(&self.media).clone()
    }

    pub(super) fn set_upload(&self, to: Upload) {
        *lock(&self.media) = to;
    }

    /// Its file is at the provider by this very reference.
    pub(super) fn is_at(&self, reference: &str) -> bool {
        matches!(&*lock(&self.media), Upload::There(current) if current == reference)
    }

    /// The reference is lost: nobody goes by it any more, and everybody waits until
    /// [`Campaign::set_upload`] says where the file is now. `false`: it was said before.
    pub(super) fn begin_renewal(&self, lost: &str) -> bool {
        let mut media = lock(&self.media);
        let ours = matches!(&*media, Upload::There(current) if current == lost);
        if ours {
            *media = Upload::Under;
        }
        ours
    }
}

/// Claimed and rendered: it may leave.
#[derive(Debug)]
pub(super) struct Ready {
    pub sending: Sending,
    pub message: Outbound,
    /// What it says, as it is kept ([`mms_core::delivery::kept`]), until it is listed as begun;
    /// `None`: a message outside campaigns, which its row keeps.
    pub words: Option<Vec<u8>>,
    /// It carries a file: the campaign's, or a reply's.
    pub upload: bool,
    /// Its place between claim and air.
    pub place: OwnedSemaphorePermit,
    /// When it was claimed.
    pub since: Instant,
}

impl Ready {
    /// Its id in the list of what is begun, and among what this process has.
    pub(super) fn key(&self) -> i64 {
        self.message.client_id
    }
}
