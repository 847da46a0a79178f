//! More channels, more workers: what leaves grows with them for as long as the machine has CPU
//! left.

use std::fmt::Write as _;

use mms_core::{id::CampaignId, queue::Job, store::Engine};
use mms_sandbox::Rates;

use super::{
    Context,
    double::Double,
    figure::{Figure, Limit, median},
    measure::{cpu, machine},
    seed::Seed,
    world::World,
};

/// How long the provider takes for a call, ms.
const LATENCY_MS: u64 = 50;
/// The pace of each channel: four of them leave some of two CPUs free.
const RATE: u32 = 400;
/// Channels at the most.
const MOST: i64 = 4;

/// What one step showed.
#[derive(Default)]
struct Step {
    per_second: Vec<f64>,
    busy: Vec<f64>,
    ours: Vec<f64>,
}

/// Every channel sends its campaign at the same time.
async fn step(world: &World, double: &mut Double, seeds: &[Seed], workers: usize, each: i64, into: &mut Step) -> anyhow::Result<()> {
    let mut campaigns: Vec<CampaignId> = Vec::new();
    for (n, seed) in (0..).zip(seeds) {
        campaigns.push(seed.campaign(&world.store, n * each, (n + 1) * each).await?);
    }
    double.clear().await?;
    let queue = world.queue().await?;
    let workers: Vec<_> = (0..workers).map(|_| world.worker_on(queue.clone(), &double.url)).collect();
    let (used, whole) = (cpu()?, machine()?);
    for seed in seeds {
        queue.ring(Job::Deliver { channel: seed.channel }).await;
    }
    for campaign in campaigns {
        world.finished(campaign).await?;
    }
    let (used, busy) = (cpu()?.saturating_sub(used), machine()?.busy_since(whole));
    for worker in workers {
        worker.stop().await?;
    }
    let all = each * i64::try_from(seeds.len())?;
    let seen = double.once_each(all).await?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    into.per_second.push((all - 1) as f64 / seen.seconds.max(0.001));
    into.busy.push(busy);
    into.ours.push(used.as_secs_f64() / seen.seconds.max(0.001));
    Ok(())
}

/// Throughput against as many times that of one channel.
#[expect(clippy::cast_precision_loss, reason = "four channels")]
pub(super) async fn channels(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let each = i64::from(RATE) * context.scale.of(6, 15);
    // On SQLite there is one process.
    let two = if context.engine == Engine::Postgres { 2 } else { 1 };
    let steps = [(1_usize, 1_usize), (2, two), (4, two)];
    let world = World::new(context, 0, false).await?;
    let seeds = world.seed.channels(&world.store, MOST, each, f64::from(RATE)).await?;
    let mut double = Double::start(each * MOST).await?;
    double.bots(MOST - 1).await?;
    double.rates(Rates::off()).await?;
    double.latency(LATENCY_MS).await?;
    let mut seen: Vec<Step> = steps.iter().map(|_| Step::default()).collect();
    let (mut least, mut ratios) = (Vec::new(), vec![Vec::new(); steps.len()]);
    for _ in 0..context.runs {
        for ((channels, workers), into) in steps.iter().zip(&mut seen) {
            step(&world, &mut double, &seeds[..*channels], *workers, each, into).await?;
        }
        let one = seen[0].per_second.last().copied().unwrap_or(1.0);
        let mut worst = f64::INFINITY;
        for (((channels, _), step), ratios) in steps.iter().zip(&seen).zip(&mut ratios) {
            let ratio = step.per_second.last().copied().unwrap_or(0.0) / (one * *channels as f64);
            ratios.push(ratio);
            worst = worst.min(ratio);
        }
        least.push(worst);
    }
    world.close().await?;
    let mut detail = format!("{RATE}/s each, {LATENCY_MS} ms a call");
    for (((channels, workers), step), ratios) in steps.iter().zip(&seen).zip(&ratios) {
        // Writing into a String cannot fail.
        let _ = write!(
            detail,
            "; {channels} over {workers}: {:.0}/s, {:.3} of linear, {:.0} % of the CPUs busy, {:.2} of a CPU ours",
            median(&step.per_second),
            median(ratios),
            median(&step.busy) * 100.0,
            median(&step.ours)
        );
    }
    Ok(vec![Figure::new("channels: throughput against linear", context.engine, "", &least, Some(Limit::AtLeast(0.85)), detail)])
}
