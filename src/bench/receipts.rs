//! Receipts of a campaign applied in batches as a messenger's webhook brings them: alone, and while
//! a manager presses buttons.

use std::time::{Duration, Instant};

use anyhow::ensure;
use mms_bot::screens::{Callback, campaigns, menu};
use mms_core::{
    channel::{MessageName, News, Receipt, registry, store},
    clock,
    delivery::{books::books, receipt},
    id::CampaignId,
    inbound::handle::{self, ChannelSource},
    store::Engine,
};
use mms_sandbox::Rates;
use tokio_util::sync::CancellationToken;

use super::{
    Context,
    double::{Double, MANAGER_BOT},
    figure::{Figure, Limit, median},
    load::Presses,
    measure::{cpu, per_second},
    world::World,
};

/// Members who press beside each other: the Telegram id of the first, and how many.
const MANAGERS: (i64, i64) = (77_000_000, 4);
/// Between an answer and the next press, ms: nobody reads faster.
const PAUSE_MS: u64 = 150;

/// What the messenger tells of these messages: each came to its device, then was read.
fn news(campaign: CampaignId, messages: i64) -> Vec<News> {
    let told = |receipt| {
        (0..messages).map(move |n| News {
            message: MessageName::Ref(format!("{campaign}:{n}")),
            message_ref: None,
            receipt,
            at: Some(clock::now()),
            detail: None,
            charge: None,
        })
    };
    told(Receipt::Delivered).chain(told(Receipt::Read)).collect()
}

/// Applies them, batch by batch; how many until it was stopped.
async fn apply(world: &World, source: &ChannelSource, news: &[News], stop: &CancellationToken) -> anyhow::Result<i64> {
    let mut applied = 0;
    for some in news.chunks(receipt::BATCH) {
        if stop.is_cancelled() {
            break;
        }
        handle::receipts(&world.store, source, some, clock::now()).await?;
        applied += i64::try_from(some.len())?;
    }
    Ok(applied)
}

/// A campaign that was sent to everybody, without receipts yet.
async fn sent(world: &World, messages: i64) -> anyhow::Result<CampaignId> {
    let campaign = world.seed.campaign(&world.store, 0, messages).await?;
    world.seed.all_sent(&world.store, campaign).await?;
    Ok(campaign)
}

/// How fast they are applied, and how long a button takes meanwhile.
pub(super) async fn receipts(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let messages = context.scale.of(20_000, 100_000);
    let each = usize::try_from(context.scale.of(30, 100))?;
    let world = World::new(context, messages, false).await?;
    let people: Vec<i64> = (MANAGERS.0..MANAGERS.0 + MANAGERS.1).collect();
    world.seed.managers(&world.store, &people).await?;
    let mut double = Double::start(messages).await?;
    double.bots(0).await?;
    double.rates(Rates::off()).await?;
    let row = store::find(&world.store, world.seed.channel).await?.ok_or_else(|| anyhow::anyhow!("the seed's channel is gone"))?;
    let settings = mms_core::account::settings::get(&world.store, world.seed.account).await?;
    let settings = settings.ok_or_else(|| anyhow::anyhow!("the seed's account is gone"))?;
    let source = ChannelSource::new(world.seed.account, world.seed.channel, registry::capabilities(row.kind), &settings);
    let (mut alone, mut used, mut beside, mut waits, mut longest) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    for _ in 0..context.runs {
        let campaign = sent(&world, messages).await?;
        let all = news(campaign, messages);
        let (began, before) = (Instant::now(), cpu()?);
        let applied = apply(&world, &source, &all, &CancellationToken::new()).await?;
        alone.push(per_second(applied, began.elapsed()));
        used.push(cpu()?.saturating_sub(before).as_secs_f64() * 1e6 / applied as f64);
        let books = books(&world.store, world.seed.account, campaign).await?;
        ensure!(books.balanced() && books.of(mms_core::delivery::State::Read) == messages, "the receipts were not applied: {books:?}");

        let campaign = sent(&world, messages).await?;
        let all = news(campaign, messages);
        let installation = world.installation(&double.url).await?;
        let buttons: [Callback; 3] =
            [campaigns::Call::Card { campaign }.into(), campaigns::Call::List { page: 0 }.into(), menu::Call::Open.into()];
        let buttons = buttons.iter().map(Callback::encode).collect();
        let stop = CancellationToken::new();
        let presses = async {
            let pressed = double.presses(Presses { bot: MANAGER_BOT, people: people.clone(), buttons, each, pause_ms: PAUSE_MS }).await;
            stop.cancel();
            pressed
        };
        let began = Instant::now();
        let applying = async {
            let applied = apply(&world, &source, &all, &stop).await?;
            let took = began.elapsed();
            anyhow::Ok((applied, took))
        };
        let (pressed, applied) = tokio::join!(presses, applying);
        let (pressed, (applied, took)) = (pressed?, applied?);
        installation.stop().await?;
        waits.push(pressed.p99_ms);
        longest.push(pressed.longest_ms);
        beside.push(per_second(applied, took.max(Duration::from_millis(1))));
    }
    world.close().await?;
    let server = match context.engine {
        Engine::Sqlite => "",
        Engine::Postgres => "; the server's own CPU comes to it",
    };
    let detail = format!(
        "{} receipts of {messages} messages in batches of {}; {:.0} µs of CPU each{server}",
        2 * messages,
        receipt::BATCH,
        median(&used)
    );
    let pressed = format!(
        "{} presses of {} members beside {:.0} receipts a second; the longest {:.0} ms",
        each * people.len(),
        people.len(),
        median(&beside),
        median(&longest)
    );
    Ok(vec![
        Figure::new("receipts: applied, one after the other", context.engine, "/s", &alone, Some(Limit::AtLeast(5_000.0)), detail),
        Figure::new("receipts: a manager's button meanwhile, p99", context.engine, "ms", &waits, Some(Limit::AtMost(150.0)), pressed),
    ])
}
