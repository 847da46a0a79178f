//! Once a second: rings for whatever the rows say is due. A lost bell, a flushed Redis or a restart
//! therefore delays work by a second and loses none.

use std::time::Duration;

use mms_core::{
    campaign::{self, reviewed},
    channel::hook,
    clock::{self, Moment},
    delivery::{
        outcome::Refused,
        receipt::{self, Settled},
    },
    inbound::failed,
    opt_out::block,
    queue::Line,
};

use crate::{
    Deps, breaker,
    look::{self, Look},
};

const EVERY: Duration = Duration::from_secs(1);
/// Ticks between two sweeps of finished tasks out of Redis.
const SWEEP: u64 = 60;

/// Ticks between two looks at campaigns although none is under way: a receipt that was applied just
/// as its campaign was closed may have left something to look at.
const CLOSED: u64 = 60;

/// Ticks between two counts of what waits in the queue and of what is uncertain.
const MEASURED: u64 = 10;

/// Ticks until `deps.stop`.
///
/// # Errors
/// Never by itself: a failed look at the rows is logged and tried again.
pub async fn run(deps: &Deps) -> anyhow::Result<()> {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let (mut count, mut campaigns) = (0_u64, false);
    loop {
        tokio::select! {
            () = deps.stop.cancelled() => return Ok(()),
            _ = interval.tick() => {}
        }
        match look::look(&deps.store, clock::now()).await {
            Ok(mut look) => {
                campaigns = look.campaigns;
                look.campaigns |= count.is_multiple_of(CLOSED);
                act(deps, look).await;
            }
            Err(error) => tracing::error!(%error, "the tick could not read what is due"),
        }
        if let Err(error) = deps.store.checkpoint().await {
            tracing::warn!(%error, "the database's log was not written back into its file, the next tick does it");
        }
        if count.is_multiple_of(MEASURED) {
            measure(deps, campaigns).await;
        }
        count += 1;
        if count.is_multiple_of(SWEEP)
            && let Err(error) = deps.queue.sweep().await
        {
            tracing::debug!(%error, "finished tasks were not swept out of Redis");
        }
    }
}

/// Does what a look found.
async fn act(deps: &Deps, look: Look) {
    let now = clock::now();
    match deps.store.judge_clock(look.seen, now).await {
        Ok(true) => tracing::error!("the clock was set back (or another machine's is ahead): what waited for a later time goes on now"),
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "the tick could not look at the clock"),
    }
    // What came in is rung for first.
    deps.queue.ring_all(look.jobs).await;
    if look.campaigns {
        match campaign::tick::tick(&deps.store, clock::now()).await {
            Ok(jobs) => deps.queue.ring_all(jobs).await,
            Err(error) => tracing::error!(%error, "the tick could not move the campaigns that are due"),
        }
    }
    if look.receipts {
        settle_receipts(deps, clock::now()).await;
    }
    let lag = look.oldest_event.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0));
    metrics::gauge!("mms_inbound_lag_seconds").set(lag);
}

/// Applies receipts that came before their messages; whoever blocked us or told the messenger to
/// stop, as one of them says, is not written to.
async fn settle_receipts(deps: &Deps, now: Moment) {
    let all = match receipt::settle(&deps.store, now).await {
        Ok(all) => all,
        Err(error) => {
            tracing::error!(%error, "the tick could not apply receipts that came before their messages");
            return;
        }
    };
    for settled in all {
        if let Err(error) = carry_out(deps, &settled, now).await {
            tracing::error!(channel.id = %settled.channel, %error, "a block of the channel was not recorded, the next tick does it");
        }
    }
}

/// Whoever blocked us or told the messenger to stop is not written to; only then is what says so
/// dropped.
async fn carry_out(deps: &Deps, settled: &Settled, now: Moment) -> sqlx::Result<()> {
    for campaign in &settled.barred {
        if let Err(error) = reviewed::barred(&deps.store, settled.account, *campaign, settled.channel, now).await {
            tracing::error!(campaign.id = %campaign, %error, "a campaign whose template is approved no more was not paused");
        }
    }
    breaker::look(&deps.store, settled.account, settled.failed.clone(), Refused::Later).await;
    if let Err(error) = hook::blamed(&deps.store, settled.channel, &settled.refusals, now).await {
        tracing::error!(channel.id = %settled.channel, %error, "what a provider said of a channel was not carried out");
    }
    for who in &settled.blocked {
        block::told(&deps.store, settled.account, settled.channel, who, now).await?;
    }
    receipt::carried_out(&deps.store, settled).await
}

/// Shows how much waits, in the queue and of campaigns, and how much is uncertain; without
/// campaigns nothing is asked.
async fn measure(deps: &Deps, campaigns: bool) {
    let open = if campaigns { look::open(&deps.store).await } else { Ok((0, 0)) };
    match open {
        Ok((waiting, uncertain)) =>
        {
            #[expect(clippy::cast_precision_loss, reason = "gauges")]
            for (name, value) in [("mms_deliveries_waiting", waiting), ("mms_uncertain", uncertain)] {
                metrics::gauge!(name).set(value as f64);
            }
        }
        // That the database is away was said by the look.
        Err(error) => tracing::debug!(%error, "open deliveries were not counted"),
    }
    // An opt-out may be in what was given up.
    if let Ok(failed) = failed::count_all(&deps.store).await {
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("mms_inbound_failed").set(failed as f64);
    }
    let depths = deps.queue.depths().await;
    metrics::gauge!("mms_queue_answers").set(if depths.is_some() { 1.0 } else { 0.0 });
    for (line, depth) in Line::ALL.into_iter().zip(depths.unwrap_or_default()) {
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("mms_queue_depth", "line" => line.as_str()).set(depth as f64);
    }
}
