//! A campaign of three steps that everybody goes through, against campaigns of one step with as
//! many messages through the same three channels.

use std::time::{Duration, Instant};

use anyhow::ensure;
use mms_core::{channel::ChannelKind, delivery::books, id::CampaignId, queue::Job};
use mms_sandbox::viber::user_id;
use serde_json::json;

use super::{
    Context,
    double::{Double, FIRST_CHAT, VIBER_BOT, viber_token},
    figure::{Figure, Limit, median},
    measure::per_second,
    senders::Sender,
    world::World,
};

/// Steps, each through a channel of its own.
const STEPS: i64 = 3;

/// How long it takes from the first row to the last message: either of a cascade, whose later steps
/// are made as nobody tells that the messages before them arrived, or of a campaign a channel, all
/// of them at once.
async fn sent(context: &Context, people: i64, cascade: bool) -> anyhow::Result<Duration> {
    let world = World::new(context, people, false).await?;
    let mut channels = Vec::new();
    for n in 0..STEPS {
        let names: Vec<String> = (0..people).map(|person| user_id(VIBER_BOT + n, FIRST_CHAT + person)).collect();
        let (bot, credentials) = (VIBER_BOT + n, [viber_token(n)]);
        // How fast the messenger takes them is no figure of the engine's.
        let sender = Sender { kind: ChannelKind::Viber, bot, credentials: &credentials, terms: json!({ "rate": 1e9 }), found_rate: None };
        channels.push(world.seed.connect(&world.store, &sender, &names).await?);
    }
    let mut double = Double::start(people).await?;
    double.viber_bots(STEPS).await?;
    let worker = world.worker(&double.url).await?;
    let began = Instant::now();
    let mut campaigns: Vec<CampaignId> = Vec::new();
    let at_first = if cascade { vec![channels.as_slice()] } else { channels.chunks(1).collect() };
    for steps in at_first {
        campaigns.push(world.seed.through(&world.store, ChannelKind::Viber, steps, people).await?);
        worker.ring(Job::Deliver { channel: steps[0] }).await;
    }
    world.all_sent(&campaigns, people * STEPS).await?;
    let took = began.elapsed();
    worker.stop().await?;
    double.once_each_in_viber(people * STEPS).await?;
    for campaign in campaigns {
        let books = books::books(&world.store, world.seed.account, campaign).await?;
        ensure!(books.balanced(), "the books of the measured campaign do not balance: {books:?}");
    }
    world.close().await?;
    Ok(took)
}

/// Promoted and sent, against planned and sent.
pub(super) async fn cascade(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let people = context.scale.of(5_000, 200_000);
    let (mut ratios, mut ours, mut plains) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..context.runs {
        // Now the one first, now the other: a machine that is shared goes now faster, now slower.
        let (mut led, mut plain) = (Duration::ZERO, Duration::ZERO);
        for cascade in [run % 2 == 0, run % 2 == 1] {
            *(if cascade { &mut led } else { &mut plain }) = sent(context, people, cascade).await?;
        }
        let messages = people * STEPS;
        ours.push(per_second(messages, led));
        plains.push(per_second(messages, plain));
        ratios.push(plain.as_secs_f64() / led.as_secs_f64());
    }
    let detail = format!("{people} people × {STEPS} steps: {:.0}/s, without steps {:.0}/s", median(&ours), median(&plains));
    Ok(vec![Figure::new("cascade: ratio to campaigns of one step", context.engine, "", &ratios, Some(Limit::AtLeast(0.9)), detail)])
}
