//! Pace, fairness, and how soon a word is heard.

use std::time::{Duration, Instant};

use anyhow::ensure;
use mms_core::{
    campaign::control,
    clock::{self, Moment},
    id::{CampaignId, ContactId},
    on,
    opt_out::{OptOutBy, OptOutHow, opt_out},
    queue::Job,
};
use mms_sandbox::Rates;

use super::{
    Context,
    double::Double,
    figure::{Figure, Limit, median},
    world::{Worker, World},
};

/// The share of the limit that is used against a double that counts in a sliding window, and what
/// it refuses.
pub(super) async fn paced(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let seconds = context.scale.of(10, 30);
    let mut figures = Vec::new();
    for rate in [30_u32, 1_000] {
        let messages = i64::from(rate) * seconds;
        let world = World::new(context, messages, false).await?;
        world.seed.settings(&world.store, f64::from(rate), 0).await?;
        let mut double = Double::start(messages).await?;
        let (mut shares, mut limited, mut peak) = (Vec::new(), Vec::new(), 0);
        for _ in 0..context.runs {
            // Nothing above the limit is let through: one message too many in any second is a 429.
            double.rates(Rates { per_bot: Some(rate), slack: 0, per_chat: None, ..Rates::default() }).await?;
            double.clear().await?;
            let campaign = world.seed.campaign(&world.store, 0, messages).await?;
            let worker = world.worker(&double.url).await?;
            worker.ring(Job::Deliver { channel: world.seed.channel }).await;
            world.finished(campaign).await?;
            worker.stop().await?;
            let seen = double.once_each(messages).await?;
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            shares.push((messages - 1) as f64 / seen.seconds / f64::from(rate));
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            limited.push(seen.limited as f64);
            peak = peak.max(seen.peak);
        }
        world.close().await?;
        let detail = format!("{messages} messages over several turns of the lease; the fullest second had {peak}");
        figures.push(Figure::new(
            format!("paced at {rate}/s: share used"),
            context.engine,
            "",
            &shares,
            Some(Limit::AtLeast(0.98)),
            detail,
        ));
        figures.push(Figure::new(format!("paced at {rate}/s: 429s"), context.engine, "", &limited, Some(Limit::AtMost(0.0)), ""));
    }
    Ok(figures)
}

/// The share of what VK takes that is used: 25 messages in a call, 20 calls a second, against a
/// double that refuses the twenty-first.
pub(super) async fn vk(context: &Context) -> anyhow::Result<Vec<Figure>> {
    const RATE: f64 = 25.0 * 20.0;
    let messages = 500 * context.scale.of(10, 30);
    let world = World::new(context, messages, false).await?;
    world.seed.in_vk(&world.store).await?;
    let mut double = Double::start(messages).await?;
    double.community().await?;
    let (mut shares, mut refused, mut calls) = (Vec::new(), Vec::new(), 0);
    for _ in 0..context.runs {
        double.clear().await?;
        let campaign = world.seed.campaign(&world.store, 0, messages).await?;
        let worker = world.worker(&double.url).await?;
        worker.ring(Job::Deliver { channel: world.seed.channel }).await;
        world.finished(campaign).await?;
        worker.stop().await?;
        let seen = double.once_each_in_vk(messages).await?;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        shares.push((messages - 1) as f64 / seen.seconds / RATE);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        refused.push(seen.limited as f64);
        calls = seen.calls;
    }
    world.close().await?;
    let detail = format!("{messages} different messages over several turns of the lease, by {calls} calls in the last run");
    Ok(vec![
        Figure::new("VK, 25 × 20/s: share used", context.engine, "", &shares, Some(Limit::AtLeast(0.95)), detail),
        Figure::new("VK, 25 × 20/s: refused (6)", context.engine, "", &refused, Some(Limit::AtMost(0.0)), ""),
    ])
}

/// How long a campaign takes until nothing of it is on its way.
async fn timed(world: &World, worker: &Worker, campaign: CampaignId) -> anyhow::Result<f64> {
    let began = Instant::now();
    worker.ring(Job::Deliver { channel: world.seed.channel }).await;
    world.finished(campaign).await?;
    Ok(began.elapsed().as_secs_f64())
}

/// A small campaign that starts beside a thousand times larger one, against being alone.
pub(super) async fn fair(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let (small, rate) = (300, 200.0);
    let large = context.scale.of(30_000, 300_000);
    let world = World::new(context, small + large, false).await?;
    world.seed.settings(&world.store, rate, 0).await?;
    let double = Double::start(small + large).await?;
    let (mut ratios, mut alone, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.runs {
        let worker = world.worker(&double.url).await?;
        let campaign = world.seed.campaign(&world.store, 0, small).await?;
        let single = timed(&world, &worker, campaign).await?;
        let huge = world.seed.campaign(&world.store, small, small + large).await?;
        worker.ring(Job::Deliver { channel: world.seed.channel }).await;
        world.under_way(huge, 200).await?;
        let campaign = world.seed.campaign(&world.store, 0, small).await?;
        let shared = timed(&world, &worker, campaign).await?;
        control::stop(&world.store, &world.seed.owner, huge, clock::now()).await?;
        worker.stop().await?;
        ratios.push(shared / single);
        alone.push(single);
        beside.push(shared);
    }
    world.close().await?;
    let detail = format!("{small} beside {large}: {:.2} s, alone {:.2} s", median(&beside), median(&alone));
    Ok(vec![Figure::new("fair: the small one beside a large one", context.engine, "×", &ratios, Some(Limit::AtMost(2.5)), detail)])
}

/// From a confirmation to the last message that came after it, seconds; 0: none came.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of a measurement")]
fn late(last: i64, confirmed: Moment) -> f64 {
    ((last - confirmed.timestamp_millis()) as f64 / 1000.0).max(0.0)
}

/// Pause, stop and opt-out while messages go as fast as they can.
pub(super) async fn stop(context: &Context) -> anyhow::Result<Vec<Figure>> {
    // Many more than leave until the stop, however fast the machine is.
    let messages = context.scale.of(60_000, 150_000);
    let world = World::new(context, messages, false).await?;
    let mut double = Double::start(messages).await?;
    let (mut pauses, mut stops, mut outs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.runs {
        double.clear().await?;
        let campaign = world.seed.campaign(&world.store, 0, messages).await?;
        let worker = world.worker(&double.url).await?;
        worker.ring(Job::Deliver { channel: world.seed.channel }).await;
        world.under_way(campaign, 1_000).await?;
        let out = opt_outs(&world, campaign).await?;
        world.under_way(campaign, world.sent(campaign).await? + 500).await?;
        control::pause(&world.store, &world.seed.owner, campaign, clock::now()).await?;
        let confirmed = clock::now();
        tokio::time::sleep(Duration::from_secs(2)).await;
        pauses.push(late(double.seen().await?.last_at, confirmed));
        for job in control::resume(&world.store, &world.seed.owner, campaign, clock::now()).await? {
            worker.ring(job).await;
        }
        world.under_way(campaign, world.sent(campaign).await? + 500).await?;
        control::stop(&world.store, &world.seed.owner, campaign, clock::now()).await?;
        let confirmed = clock::now();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let seen = double.seen().await?;
        stops.push(late(seen.last_at, confirmed));
        worker.stop().await?;
        ensure!(seen.twice == 0, "{} people got the message twice", seen.twice);
        let last = double.last(out.iter().map(|(chat, _)| *chat).collect()).await?;
        outs.push(out.iter().zip(last).map(|((_, confirmed), last)| late(last, *confirmed)).fold(0.0, f64::max));
    }
    world.close().await?;
    let figure = |what, runs: &[f64]| Figure::new(what, context.engine, "s", runs, Some(Limit::AtMost(1.0)), "");
    Ok(vec![
        figure("opt-out at full speed: to the last message", &outs),
        figure("pause at full speed: to the last message", &pauses),
        figure("stop at full speed: to the last message", &stops),
    ])
}

/// Contacts just ahead of the sender say stop, one after another: their chats, and when each was
/// confirmed.
async fn opt_outs(world: &World, campaign: CampaignId) -> anyhow::Result<Vec<(i64, Moment)>> {
    let ahead: Vec<(ContactId, String)> = {
        let next = "select d.contact_id, a.value from delivery d join address a on a.id = d.address_id join contact c on c.id = d.contact_id \
             where d.campaign_id = $1 and d.state = 'queued' and c.opted_out_at is null order by d.due_at, d.id limit 50";
        on!(world.store.read(), |c| sqlx::query_as(next).bind(campaign).fetch_all(c).await)?
    };
    ensure!(!ahead.is_empty(), "nobody is left to say stop: the figure is void");
    let mut confirmed = Vec::new();
    for (contact, chat) in &ahead {
        let how = OptOutHow { by: OptOutBy::Text, channel: Some(world.seed.channel), message_ref: None, said_at: None };
        let mut tx = world.store.begin().await?;
        opt_out(&mut tx, world.seed.account, *contact, &how, clock::now()).await?;
        tx.commit().await?;
        confirmed.push((chat.parse()?, clock::now()));
    }
    Ok(confirmed)
}
