//! The pump: claim → render → pace → send → record, for one channel, as long as its lease is ours.
//!
//! Five loops side by side. The *claimer* ([`claimer`]) takes micro-batches in fair order; the
//! *renderer* ([`renderer`]) makes their messages; the next loop ([`begin`]) lists them as begun, a
//! few at a time; the *flight* ([`flight`]) lets them go at the pace of the channel; the *recorder*
//! ([`recorder`]) writes down what became of them. A message goes from hand to hand as another type
//! each time, so it cannot be sent before it is claimed and listed, nor recorded before its call
//! ended.
//!
//! What is claimed and not yet in flight is never more than leaves in about half a second. Pause,
//! stop and opt-out win in the claim, so no more than that follows a confirmation. Nothing claimed
//! waits for a recipient who is held, nor for a slow pace, nor longer than a few seconds for a free
//! seat: it goes back. Whatever ends the turn, nothing is lost: what was not sent goes back to the
//! queue, known not sent; what is in flight is waited for and recorded; after a crash the lists and
//! the rows tell.

mod begin;
mod claimer;
mod flight;
mod recorder;
mod removed;
mod renderer;
mod turn;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::Context as _;
use mms_core::{
    aside,
    channel::{
        Channel, Resolution, lease,
        store::{self, ChannelError, ChannelRow},
    },
    clock,
    delivery::{
        begun::{self, Left},
        kept, outcome, outgoing, recovery,
    },
    id::ChannelId,
    limits,
    queue::Job,
    telemetry,
};
use tokio::sync::mpsc;
use tracing::Instrument as _;

use crate::Deps;
use turn::Turn;
pub(crate) use turn::jitter;

/// How long one job works before it gives the lease back and rings again.
pub const TURN: Duration = Duration::from_secs(20);

const _: () = assert!(TURN.as_millis() < mms_core::telemetry::GAUGE_LIFE.as_millis());
/// The lease is extended this often.
const EVERY: Duration = Duration::from_millis(2_500);
/// And this often while the channel has no part of a limit it shares.
const SOON: Duration = Duration::from_millis(500);

const _: () = assert!(EVERY.as_millis() * 4 <= lease::LEASE.as_millis());
/// Rows recovered in one change.
const SOME: usize = 500;
/// How long a provider is asked at a time what became of messages: a lease is to be kept meanwhile,
/// and others are to be sent.
const ASKING: Duration = Duration::from_secs(2);

const _: () = assert!(ASKING.as_millis() * 2 < lease::LEASE.as_millis());

/// Sends what is due through a channel for one turn.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(deps: &Deps, channel: ChannelId) -> anyhow::Result<()> {
    match deps.adapters.load(&deps.store, &deps.sealer, &deps.endpoints, channel).await {
        Ok((row, adapter)) => turn(deps, &row, adapter, TURN).await,
        Err(ChannelError::NotFound) => removed::settle(deps, channel).await,
        Err(error @ ChannelError::Sealed(_)) => {
            tracing::error!(channel.id = %channel, %error, "the channel stops");
            let mut tx = deps.store.begin().await?;
            store::misconfigured(&mut tx, channel, &error.to_string(), clock::now()).await?;
            tx.commit().await?;
            Ok(())
        }
        Err(error) => Err(error).context("the channel could not be loaded"),
    }
}

/// One turn with this adapter.
///
/// # Errors
/// As [`run`].
pub async fn turn(deps: &Deps, row: &ChannelRow, adapter: Arc<dyn Channel>, length: Duration) -> anyhow::Result<()> {
    let span = tracing::info_span!("deliver", account.id = %row.account_id, channel.id = %row.id);
    Box::pin(leased(deps, row.id, adapter, length)).instrument(span).await
}

/// Takes the lease, recovers, pumps, gives the lease back.
async fn leased(deps: &Deps, channel: ChannelId, adapter: Arc<dyn Channel>, length: Duration) -> anyhow::Result<()> {
    let asked = clock::uptime();
    let Some(lease) = lease::take(&deps.store, channel, &deps.worker, clock::now()).await? else {
        tracing::debug!("another worker has the channel");
        return Ok(());
    };
    // Read under the lease: what the owner before left behind counts, not what was there when the
    // bell rang.
    let Some(row) = store::find(&deps.store, channel).await? else { return Ok(()) };
    let turn = Arc::new(Turn::new(deps.clone(), row, adapter, lease, asked, length));
    telemetry::of_channel("mms_lease_held", channel, 1.0);
    metrics::counter!("mms_leases_total", "channel" => channel.to_string()).increment(1);
    let worked = async {
        turn.learn().await?;
        let left = begun::take_over(&turn.deps.store, turn.row.account_id, lease).await?;
        give_back_unbegun(&turn, &left).await?;
        recover(&turn).await?;
        if turn.row.sends() && turn.row.held_until.is_none_or(|until| until <= clock::now()) {
            pump(&turn).await
        } else {
            give_back(&turn).await;
            Ok(())
        }
    }
    .await;
    telemetry::of_channel("mms_lease_held", channel, 0.0);
    turn.show_depth().await;
    if worked.is_err() {
        give_back(&turn).await;
    }
    worked
}

/// Runs the loops until the turn is over, and rings again if more is to be done.
async fn pump(turn: &Arc<Turn>) -> anyhow::Result<()> {
    let (batches, to_render) = mpsc::unbounded_channel();
    let (ready, to_begin) = mpsc::unbounded_channel();
    let (begun, to_send) = mpsc::unbounded_channel();
    let (landed, to_record) = mpsc::unbounded_channel();
    #[expect(clippy::disallowed_methods, reason = "it is waited for below, with what it died of")]
    let recorder = tokio::spawn(recorder::run(Arc::clone(turn), to_record).in_current_span());
    // Asking a provider takes its time, and the lease is extended meanwhile.
    let keeper = async |turn: Arc<Turn>| {
        tokio::select! {
            () = keep(Arc::clone(&turn)) => {}
            () = keep_recovering(turn) => {}
        }
    };
    let keeper = aside::task("keep the lease", keeper(Arc::clone(turn)).in_current_span());
    let (end, (), (), flying) = tokio::join!(
        claimer::run(turn, batches, ready.clone()),
        renderer::run(turn, to_render, ready, landed.clone()),
        begin::run(turn, to_begin, begun, landed.clone()),
        flight::run(turn, to_send, landed.clone())
    );
    let channel = turn.row.id;
    // The last message is in flight. Normally the next turn may begin while the answers of this one
    // still come in, for they are fenced by row. What grounded a turn (a hold, a refusal) must be
    // written down before anybody else sends.
    let early = !turn.ground.is_cancelled();
    if early {
        keeper.abort();
        give_back(turn).await;
        if end == claimer::End::TurnOver {
            turn.deps.queue.ring(Job::Deliver { channel }).await;
        }
    }
    flying.join_all().await;
    drop(landed);
    let recorded = recorder.await.context("the recorder died; its rows will be recovered");
    if !early {
        keeper.abort();
        give_back(turn).await;
    }
    recorded?;
    turn.close_finished().await;
    // Something may have come due between the last look and the lease's end, and whoever rang found
    // the lease taken.
    if end == claimer::End::Idle && !turn.ground.is_cancelled() && turn.anything_due().await {
        turn.deps.queue.ring(Job::Deliver { channel }).await;
    }
    Ok(())
}

async fn give_back(turn: &Turn) {
    if let Err(error) = lease::give_back(&turn.deps.store, turn.lease, &turn.memory(Duration::ZERO)).await {
        tracing::warn!(%error, "the lease was not given back, it ends by itself");
    }
    if let Err(error) = turn.leave().await {
        tracing::debug!(%error, "the part of a shared limit was not given back, it ends by itself");
    }
}

/// Extends the lease, with what the pacer remembers, and our part of what is shared; `Ok(None)`:
/// the lease is lost, `Some(false)`: nothing of what is shared is ours yet. After a crash nobody
/// takes the channel within a lease's time, so only who must wait for longer is written down.
async fn renew(turn: &Turn) -> sqlx::Result<Option<bool>> {
    if !lease::extend(&turn.deps.store, turn.lease, &turn.memory(lease::LEASE), clock::now()).await? {
        return Ok(None);
    }
    turn.share().await.map(Some)
}

/// Keeps the lease while the turn lasts; a lease that cannot be kept grounds everything.
async fn keep(turn: Arc<Turn>) {
    // Whether a part is ours is known after the first time.
    let (mut kept, mut pause) = (tokio::time::Instant::now(), if turn.row.terms.shared.is_some() { SOON } else { EVERY });
    loop {
        tokio::time::sleep(pause).await;
        let asked = clock::uptime();
        match renew(&turn).await {
            Ok(Some(shared)) => {
                pause = if shared { EVERY } else { SOON };
                kept = tokio::time::Instant::now();
                turn.renewed(asked);
            }
            Ok(None) => {
                tracing::warn!("the lease was lost");
                turn.ground.cancel();
                return;
            }
            // With the database away the lease may end and another may take it: stop before that.
            Err(error) if kept.elapsed() > lease::LEASE * 3 / 4 => {
                tracing::error!(%error, "the lease could not be kept");
                turn.ground.cancel();
                return;
            }
            Err(error) => tracing::warn!(%error, "the lease was not extended, trying again"),
        }
        turn.show_depth().await;
    }
}

/// Rows that a dead owner left in flight come to the end of their time during a turn.
async fn keep_recovering(turn: Arc<Turn>) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = recover(&turn).await {
            tracing::warn!(%error, "nothing could be recovered, trying again");
        }
    }
}

/// Gives back what former owners claimed and never began. What this process has itself it records
/// itself.
async fn give_back_unbegun(turn: &Turn, left: &[Left]) -> sqlx::Result<()> {
    let (store, account) = (&turn.deps.store, turn.row.account_id);
    for former in left {
        let (mut deliveries, mut messages) = begun::never_begun(store, account, turn.lease, former).await?;
        let all = deliveries.len() + messages.len();
        deliveries.retain(|one| !turn.deps.in_flight.holds(one.delivery.0));
        messages.retain(|one| !turn.deps.in_flight.holds(begun::outgoing_key(one.id)));
        for some in deliveries.chunks(SOME) {
            outcome::record(store, some, clock::now()).await?;
        }
        outgoing::record(store, &messages, clock::now()).await?;
        // The list of a turn that still holds some of them says what became of those.
        if deliveries.len() + messages.len() == all {
            begun::done(store, account, turn.lease, former).await?;
        }
        if deliveries.is_empty() && messages.is_empty() {
            continue;
        }
        tracing::info!(deliveries = deliveries.len(), messages = messages.len(), "what was claimed and never begun went back");
        metrics::counter!("mms_given_back_total").increment((deliveries.len() + messages.len()) as u64);
    }
    Ok(())
}

/// Settles what a dead worker left in flight (design.md, Delivery, 6): a part of it, where the
/// provider is asked. What is left comes with the next look.
async fn recover(turn: &Arc<Turn>) -> anyhow::Result<()> {
    let (store, account, channel) = (&turn.deps.store, turn.row.account_id, turn.row.id);
    loop {
        let now = clock::now();
        let mut stale = outgoing::stale(store, account, channel, SOME as i64, clock::certain(now)).await?;
        stale.retain(|message| !turn.deps.in_flight.holds(begun::outgoing_key(message.id())));
        if stale.is_empty() {
            break;
        }
        let outcomes: Vec<_> =
            stale.iter().map(|message| message.outcome(turn.adapter.capabilities().client_id_window, now, turn::jitter())).collect();
        outgoing::record(store, &outcomes, now).await?;
        tracing::warn!(messages = outcomes.len(), "messages outside campaigns were left in flight and are settled");
    }
    let asked_until = tokio::time::Instant::now() + ASKING;
    loop {
        let now = clock::now();
        let mut stale = recovery::stale(store, account, channel, SOME as i64, clock::certain(now)).await?;
        // What this process holds itself it records itself; the database was away for longer than a
        // message is in flight.
        stale.retain(|row| !turn.deps.in_flight.holds(row.delivery().0));
        if stale.is_empty() {
            return Ok(());
        }
        let said = if turn.adapter.capabilities().finds_by_words {
            let ids: Vec<_> = stale.iter().map(recovery::Stale::delivery).collect();
            kept::of(store, account, &ids).await?
        } else {
            HashMap::new()
        };
        let mut outcomes = Vec::with_capacity(stale.len());
        let (mut all, mut asked) = (true, false);
        for row in &stale {
            let capabilities = turn.adapter.capabilities();
            // One that may be repeated without harm is, and the provider need not be asked.
            let said = if row.is_repeatable(capabilities, now) {
                Resolution::CannotTell
            } else {
                // A question takes its place in the channel's pace.
                turn.pacer().also(turn.micros());
                let answer =
                    tokio::time::timeout_at(asked_until, turn.adapter.resolve(&row.question(said.get(&row.delivery())), row.tried_at()))
                        .await;
                match answer.unwrap_or(Resolution::NotNow) {
                    // Who was asked for so long in vain is not asked for any more.
                    Resolution::NotNow if !asked && row.is_asked_for_long(now) => Resolution::CannotTell,
                    Resolution::NotNow => {
                        all = false;
                        break;
                    }
                    said => said,
                }
            };
            asked = true;
            outcomes.push(row.outcome(said, capabilities, now, turn::jitter()));
            turn.seen(row.campaign());
        }
        let recorded = outcome::record(store, &outcomes, now).await?;
        if recorded.applied > 0 {
            tracing::warn!(deliveries = recorded.applied, "deliveries were left in flight and are settled");
            metrics::counter!("mms_recovered_total").increment(recorded.applied as u64);
            turn.close_finished().await;
        }
        if recorded.applied == 0 || !all {
            return Ok(());
        }
    }
}

/// The longest a claimed row may stay in flight.
fn air(upload: bool) -> Duration {
    if upload { limits::AIR_UPLOAD } else { limits::AIR }
}
