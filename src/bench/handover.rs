//! Hand-over of a channel between two workers, and restart of a worker, in the middle of a campaign
//! at full pace: whoever goes on knows how fast the one before was, so the provider's limit is
//! never passed.

use std::time::Duration;

use mms_core::{queue::Job, store::Engine};
use mms_sandbox::Rates;

use super::{
    Context,
    double::Double,
    figure::{Figure, Limit, median},
    world::World,
};

/// Changes in the middle of a campaign: every other one is a restart, the others are hand-overs
/// where several workers may be.
const CHANGES: i64 = 4;

/// One campaign with its changes.
async fn changed(world: &World, double: &mut Double, engine: Engine, messages: i64) -> anyhow::Result<()> {
    let campaign = world.seed.campaign(&world.store, 0, messages).await?;
    let queue = world.queue().await?;
    let mut worker = world.worker_on(queue.clone(), &double.url);
    worker.ring(Job::Deliver { channel: world.seed.channel }).await;
    for change in 1..=CHANGES {
        world.under_way(campaign, messages * change / (CHANGES + 1)).await?;
        // On SQLite there is one process, with its own queue.
        let shared = engine == Engine::Postgres;
        let next = || async { anyhow::Ok(if shared { queue.clone() } else { world.queue().await? }) };
        worker = if shared && change % 2 == 1 {
            // The other is at work already when this one is asked to stop.
            let other = world.worker_on(next().await?, &double.url);
            tokio::time::sleep(Duration::from_millis(300)).await;
            worker.stop().await?;
            other
        } else {
            worker.stop().await?;
            world.worker_on(next().await?, &double.url)
        };
        worker.ring(Job::Deliver { channel: world.seed.channel }).await;
    }
    world.finished(campaign).await?;
    worker.stop().await
}

/// The fullest second over all changes, and what the double refused.
#[expect(clippy::cast_precision_loss, reason = "messages of a second")]
pub(super) async fn handover(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let seconds = context.scale.of(10, 25);
    let mut figures = Vec::new();
    for rate in [30_u32, 1_000] {
        let messages = i64::from(rate) * seconds;
        let world = World::new(context, messages, false).await?;
        world.seed.settings(&world.store, f64::from(rate), 0).await?;
        let mut double = Double::start(messages).await?;
        let (mut peaks, mut limited, mut took) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..context.runs {
            // One message above the limit in any second is a 429.
            double.rates(Rates { per_bot: Some(rate), slack: 0, per_chat: None, ..Rates::default() }).await?;
            double.clear().await?;
            changed(&world, &mut double, context.engine, messages).await?;
            let seen = double.once_each(messages).await?;
            peaks.push(seen.peak as f64);
            limited.push(seen.limited as f64);
            took.push(seen.seconds);
        }
        world.close().await?;
        let what = if context.engine == Engine::Postgres { "2 hand-overs and 2 restarts" } else { "4 restarts" };
        let detail = format!("{what} within {messages} messages, {:.1} s from first to last", median(&took));
        let limit = Some(Limit::AtMost(f64::from(rate)));
        figures.push(Figure::new(format!("hand-over at {rate}/s: the fullest second"), context.engine, "", &peaks, limit, detail));
        figures.push(Figure::new(format!("hand-over at {rate}/s: 429s"), context.engine, "", &limited, Some(Limit::AtMost(0.0)), ""));
    }
    Ok(figures)
}
