//! Writes down what became of messages, in batches. What landed is never dropped for an error of
//! the database: as long as the process lives it is tried again, for the answer is the truth
//! however late, and an `uncertain` row still takes it.

use std::{collections::HashSet, future::Future, sync::Arc, time::Duration};

use mms_core::{
    campaign::reviewed,
    channel::{hook, store},
    clock::{self, Moment},
    delivery::{
        begun,
        outcome::{self, Outcome, Recorded, Refused},
        outgoing,
    },
    id::CampaignId,
    opt_out::block::{self, At},
    retry,
    words::Reason,
};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, sleep, timeout_at},
};

use crate::breaker;

use super::{
    flight::{Landed, LandedOutcome},
    turn::{LARGEST, Turn},
};

/// A batch is written when it is this old, or as large as [`LARGEST`].
const AGE: Duration = Duration::from_millis(60);
/// How long a write is tried again once the process is asked to stop: it waits no longer for its
/// jobs.
const PATIENCE: Duration = Duration::from_secs(2);

/// Records until every sender is gone.
pub(super) async fn run(turn: Arc<Turn>, mut landed: UnboundedReceiver<Landed>) {
    while let Some(first) = landed.recv().await {
        let mut batch = vec![first];
        let due = Instant::now() + AGE;
        while batch.len() < LARGEST as usize {
            match timeout_at(due, landed.recv()).await {
                Ok(Some(next)) => batch.push(next),
                Ok(None) | Err(_) => break,
            }
        }
        write(&turn, batch).await;
    }
}

#[derive(Default)]
struct Batch {
    deliveries: Vec<Outcome>,
    campaigns: HashSet<CampaignId>,
    outgoing: Vec<outgoing::OutgoingOutcome>,
    blocked: Vec<(String, Reason)>,
    hold: Option<Moment>,
    refused: Option<String>,
    /// Campaigns whose template the provider lets nothing go by any more.
    barred: HashSet<CampaignId>,
}

async fn write(turn: &Arc<Turn>, landed: Vec<Landed>) {
    let mut batch = Batch::default();
    for one in landed {
        match one.outcome {
            LandedOutcome::Delivery(outcome, campaign) => {
                batch.barred.extend(one.barred.then_some(campaign));
                batch.deliveries.push(outcome);
                batch.campaigns.insert(campaign);
            }
            LandedOutcome::Outgoing(outcome) => batch.outgoing.push(outcome),
        }
        batch.blocked.extend(one.blocked);
        batch.hold = batch.hold.max(one.hold);
        batch.refused = batch.refused.or(one.refused);
    }
    let (db, account, channel) = (&turn.deps.store, turn.row.account_id, turn.row.id);
    // First what keeps others from being written to: the hold, the refusal, the recipients' own no.
    if let Some(until) = batch.hold {
        tracing::warn!(%until, "the provider limits the channel");
        persist(turn, "hold", || async {
            let mut tx = db.begin().await?;
            store::hold(&mut tx, channel, until).await?;
            tx.commit().await
        })
        .await;
    }
    if let Some(why) = &batch.refused {
        tracing::error!(error = %why, "the provider refuses the channel, it stops");
        persist(turn, "refusal", || async {
            let mut tx = db.begin().await?;
            hook::refused(&mut tx, channel, why, clock::now()).await?;
            tx.commit().await
        })
        .await;
    }
    for campaign in &batch.barred {
        persist(turn, "pause", || reviewed::barred(db, account, *campaign, channel, clock::now())).await;
    }
    let capabilities = turn.adapter.capabilities();
    for (address, reason) in &batch.blocked {
        let at = At { kind: capabilities.address_kind, value: address, scope: capabilities.scope(channel) };
        if *reason == Reason::OptedOut {
            persist(turn, "stop", || block::stopped(db, account, at, channel, clock::now())).await;
        } else {
            persist(turn, "block", || block::met(db, account, at, channel, clock::now())).await;
        }
    }
    let recorded = persist(turn, "outcomes", || outcome::record(db, &batch.deliveries, clock::now())).await;
    persist(turn, "outgoing outcomes", || outgoing::record(db, &batch.outgoing, clock::now())).await;
    for delivery in &batch.deliveries {
        turn.recorded(delivery.delivery.0);
    }
    for message in &batch.outgoing {
        turn.recorded(begun::outgoing_key(message.id));
    }
    let Some(Recorded { steps, stale, .. }) = recorded else { return };
    if stale > 0 {
        tracing::info!(deliveries = stale, "answers came for deliveries that went on without them");
    }
    breaker::look(db, account, steps, Refused::AtOnce).await;
    for campaign in batch.campaigns {
        if turn.is_drained(campaign) {
            turn.close_if_finished(campaign).await;
        }
    }
}

/// Tries a write until it succeeds; given up at the process's end, the rows are recovered after
/// their lease.
async fn persist<T, E: std::fmt::Display, F: Future<Output = Result<T, E>>>(
    turn: &Turn,
    what: &str,
    mut write: impl FnMut() -> F,
) -> Option<T> {
    let (mut asked_to_stop, mut failures) = (None, 0_u32);
    loop {
        match write().await {
            Ok(done) => return Some(done),
            Err(error) if turn.deps.stop.is_cancelled() && asked_to_stop.get_or_insert_with(Instant::now).elapsed() > PATIENCE => {
                tracing::error!(%error, what, "not recorded; the rows will be recovered");
                return None;
            }
            Err(error) => {
                tracing::warn!(%error, what, "not recorded yet, trying again");
                failures = failures.saturating_add(1);
                sleep(retry::RECORD.wait(failures)).await;
            }
        }
    }
}
