//! Rows → HTTP → outcomes recorded, against a bare HTTP loop at the same concurrency to the same
//! double.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use mms_core::{http, queue::Job};
use mms_sandbox::Rates;
use serde_json::json;
use tokio::task::JoinSet;

use super::{
    Context, Scale,
    double::{Double, FIRST_CHAT, TOKEN},
    figure::{Figure, Limit, median},
    measure::{cpu, per_second},
    seed::LIKE,
    world::World,
};

/// Calls under way at once: what the pump has at most.
const CONCURRENCY: usize = 128;

/// Sends `messages` as a program would that does nothing else: no rows, no rendering, no checks, no
/// record.
async fn bare(url: &str, messages: i64) -> anyhow::Result<Duration> {
    let client = http::client(Duration::from_secs(15))?;
    let url = format!("{url}/bot{TOKEN}/sendMessage");
    let next = Arc::new(AtomicI64::new(0));
    let began = Instant::now();
    let mut loops = JoinSet::new();
    for _ in 0..CONCURRENCY {
        let (client, url, next) = (client.clone(), url.clone(), Arc::clone(&next));
        loops.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= messages {
                    return anyhow::Ok(());
                }
                let button = json!([[{ "text": "Больше не писать", "callback_data": "optout" }]]);
                let body = json!({ "chat_id": FIRST_CHAT + n, "text": LIKE, "reply_markup": { "inline_keyboard": button } });
                let answer = client.post(&url).json(&body).send().await?;
                ensure!(answer.status().is_success(), "the double refused a bare message: {}", answer.status());
                answer.bytes().await?;
            }
        });
    }
    while let Some(ended) = loops.join_next().await {
        ended.context("a bare loop panicked")??;
    }
    Ok(began.elapsed())
}

/// Delivers a campaign to the first `messages` contacts; how long it took and what CPU it used.
async fn engine(world: &World, double: &mut Double, messages: i64) -> anyhow::Result<(Duration, Duration)> {
    let campaign = world.seed.campaign(&world.store, 0, messages).await?;
    double.clear().await?;
    let worker = world.worker(&double.url).await?;
    let (began, used) = (Instant::now(), cpu()?);
    worker.ring(Job::Deliver { channel: world.seed.channel }).await;
    world.finished(campaign).await?;
    let took = (began.elapsed(), cpu()?.saturating_sub(used));
    worker.stop().await?;
    double.once_each(messages).await?;
    let books = mms_core::delivery::books::books(&world.store, world.seed.account, campaign).await?;
    ensure!(books.balanced(), "the books of the measured campaign do not balance: {books:?}");
    Ok(took)
}

/// The ratio to a bare loop, and CPU.
pub(super) async fn deliver(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let messages = context.scale.of(10_000, 50_000);
    let world = World::new(context, messages, false).await?;
    let mut double = Double::start(messages).await?;
    double.rates(Rates::off()).await?;
    // Once before anything counts: connections, caches, the double's own memory.
    bare(&double.url, messages / 10).await?;
    engine(&world, &mut double, messages / 10).await?;
    let (mut ratios, mut bares, mut ours, mut cpus, mut bare_cpus) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let per_thousand = |used: Duration| used.as_secs_f64() * 1000.0 / messages as f64;
    for _ in 0..context.runs {
        // Half of the bare loop before ours and half after it: a machine that is shared goes now
        // faster, now slower, within seconds.
        double.clear().await?;
        let before = cpu()?;
        let first = bare(&double.url, messages / 2).await?;
        let bare_cpu = cpu()?.saturating_sub(before);
        let (took, used) = engine(&world, &mut double, messages).await?;
        let before = cpu()?;
        let second = bare(&double.url, messages / 2).await?;
        bare_cpus.push(per_thousand(bare_cpu + cpu()?.saturating_sub(before)));
        let (bare, our) = (per_second(messages, first + second), per_second(messages, took));
        bares.push(bare);
        ours.push(our);
        ratios.push(our / bare);
        cpus.push(per_thousand(used));
    }
    world.close().await?;
    let least = match context.engine {
        mms_core::store::Engine::Sqlite => 0.38,
        mms_core::store::Engine::Postgres => 0.28,
    };
    let detail = format!("{messages} messages: {:.0}/s of a bare loop's {:.0}/s", median(&ours), median(&bares));
    let of_it = format!("the bare loop, which only posts, uses {:.3} s", median(&bare_cpus));
    Ok(vec![
        Figure::new("deliver: ratio to a bare HTTP loop", context.engine, "", &ratios, Some(Limit::AtLeast(least)), detail),
        Figure::new("deliver: CPU of mms per 1 000 messages", context.engine, "s", &cpus, Some(Limit::AtMost(0.12)), of_it),
    ])
}

/// The most memory of the process while it plans and delivers to more and more: each time a fresh
/// one, `mms up` on SQLite, a `mms worker` on PostgreSQL.
pub(super) async fn memory(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let sizes: &[i64] = if context.scale == Scale::Full { &[10_000, 100_000, 1_000_000] } else { &[1_000, 10_000, 50_000] };
    let (mut planning, mut peaks) = (Vec::new(), Vec::new());
    for size in sizes {
        let world = World::new(context, *size, false).await?;
        let mut double = Double::start(*size).await?;
        double.bots(0).await?;
        double.rates(Rates::off()).await?;
        let segment = world.seed.segment(&world.store, "language = ru").await?;
        let campaign = world.seed.launched(&world.store, segment).await?;
        let process = world.sender(&double.url).await?;
        world.under_way(campaign, 1).await?;
        planning.push(process.peak()?);
        world.finished(campaign).await?;
        double.once_each(*size).await?;
        peaks.push(process.peak()?);
        drop(process);
        world.close().await?;
    }
    let told: Vec<String> = sizes
        .iter()
        .zip(planning.iter().zip(&peaks))
        .map(|(size, (planned, peak))| format!("{size}: {peak:.0} MB ({planned:.0} MB when the first message went)"))
        .collect();
    let (first, last) = (peaks.first().copied().unwrap_or(1.0), peaks.last().copied().unwrap_or(1.0));
    let most = peaks.iter().copied().fold(0.0, f64::max);
    let told = told.join(", ");
    Ok(vec![
        Figure::new("memory: the peak at any number of recipients", context.engine, "MB", &[most], Some(Limit::AtMost(150.0)), told),
        Figure::new("memory: most recipients against fewest", context.engine, "", &[last / first], Some(Limit::AtMost(1.2)), ""),
    ])
}
