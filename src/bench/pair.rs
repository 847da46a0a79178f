//! What one recipient takes: the share of a sender's limit that is used while one recipient in ten
//! is held, and what the double refuses. In Telegram, in MAX by its dialogue, in WhatsApp by its
//! pair.

use anyhow::ensure;
use mms_core::{channel::ChannelKind, id::CampaignId, queue::Job};
use mms_sandbox::Rates;
use serde_json::json;

use super::{
    Context,
    double::{Double, Held, MAX_BOT, MAX_TOKEN, Number},
    figure::{Figure, Limit},
    senders::Sender,
    world::World,
};

/// Two figures of one messenger.
fn figures(context: &Context, of: &str, code: &str, shares: &[f64], refused: &[f64], detail: String) -> [Figure; 2] {
    [
        Figure::new(format!("{of}: share used"), context.engine, "", shares, Some(Limit::AtLeast(0.98)), detail),
        Figure::new(format!("{of}: {code}"), context.engine, "", refused, Some(Limit::AtMost(0.0)), ""),
    ]
}

/// In each of the messengers.
pub(super) async fn pair(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let mut all = Vec::from(in_telegram(context).await?);
    all.extend(in_max(context).await?);
    all.extend(in_whatsapp(context).await?);
    Ok(all)
}

/// Each of those who are held has a second message in another campaign, and a dialogue takes one a
/// second.
async fn in_telegram(context: &Context) -> anyhow::Result<[Figure; 2]> {
    const RATE: u32 = 100;
    let messages = i64::from(RATE) * context.scale.of(10, 30);
    let (twice, world) = (messages / 10, World::new(context, messages, false).await?);
    world.seed.settings(&world.store, f64::from(RATE), 0).await?;
    let mut double = Double::start(messages).await?;
    let (mut shares, mut limited) = (Vec::new(), Vec::new());
    for _ in 0..context.runs {
        double.rates(Rates { per_bot: Some(RATE), slack: 0, per_chat: Some(1.0), ..Rates::default() }).await?;
        double.clear().await?;
        let campaigns = [world.seed.campaign(&world.store, 0, messages).await?, world.seed.campaign(&world.store, 0, twice).await?];
        let worker = world.worker(&double.url).await?;
        worker.ring(Job::Deliver { channel: world.seed.channel }).await;
        for campaign in campaigns {
            world.finished(campaign).await?;
        }
        worker.stop().await?;
        let (seen, all) = (double.seen().await?, messages + twice);
        ensure!(i64::try_from(seen.taken)? == all, "{} of {all} messages came: the figure is void", seen.taken);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        shares.push((all - 1) as f64 / seen.seconds / f64::from(RATE));
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        limited.push(seen.limited as f64);
    }
    world.close().await?;
    let detail = format!("{messages} people at {RATE}/s, {twice} of them with a second message, one a second each");
    Ok(figures(context, "one recipient in ten held", "429s", &shares, &limited, detail))
}

/// A dialogue takes two a second and the bot thirty, none more; each of those who are held has four
/// messages in four campaigns.
async fn in_max(context: &Context) -> anyhow::Result<[Figure; 2]> {
    const RATE: i64 = 30;
    const MORE: i64 = 3;
    let people = RATE * context.scale.of(10, 30);
    let held = people / 10;
    let (mut shares, mut limited) = (Vec::new(), Vec::new());
    for _ in 0..context.runs {
        let world = World::new(context, people, false).await?;
        let mut double = Double::start(people).await?;
        let names = double.max().await?;
        #[expect(clippy::cast_precision_loss, reason = "thirty")]
        let found_rate = Some(RATE as f64);
        let credentials = [MAX_TOKEN.to_owned()];
        // The messenger says of no speed that it holds: this one was found out before.
        let sender = Sender { kind: ChannelKind::Max, bot: MAX_BOT, credentials: &credentials, terms: json!({}), found_rate };
        let channel = world.seed.connect(&world.store, &sender, &names).await?;
        let mut campaigns: Vec<CampaignId> = Vec::new();
        for many in [people, held, held, held] {
            campaigns.push(world.seed.through(&world.store, ChannelKind::Max, &[channel], many).await?);
        }
        let worker = world.worker(&double.url).await?;
        worker.ring(Job::Deliver { channel }).await;
        let all = people + MORE * held;
        world.all_sent(&campaigns, all).await?;
        worker.stop().await?;
        let seen = double.held(Held { in_whatsapp: false, after: 0, held: 0 }).await?;
        ensure!(i64::try_from(seen.taken)? == all, "{} of {all} messages came: the figure is void", seen.taken);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        shares.push((all - 1) as f64 / seen.seconds / RATE as f64);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        limited.push(seen.limited as f64);
        world.close().await?;
    }
    let detail = format!("{people} people at {RATE}/s, {held} of them with {MORE} messages more, two a second each");
    Ok(figures(context, "MAX, one recipient in ten held", "refused", &shares, &limited, detail))
}

/// A pair takes one message in six seconds after 45 at once, of which we use half. Each of those
/// who are held has had what they take at once before the others begin, and has more waiting. What
/// is counted ends with the last message to somebody who is not held.
async fn in_whatsapp(context: &Context) -> anyhow::Result<[Figure; 2]> {
    const RATE: i64 = 60;
    /// More than a pair takes while the figure is made.
    const EACH: i64 = 45;
    /// What each has had when the others begin: 22 at once, and one for each six seconds since.
    const HAD: i64 = 26;
    /// More, and those who are held would not be used up when the others begin.
    const PEOPLE: i64 = RATE * 10;
    let (people, held) = (PEOPLE, PEOPLE / 10);
    let (mut shares, mut limited) = (Vec::new(), Vec::new());
    for _ in 0..context.runs {
        let world = World::new(context, people, false).await?;
        let mut double = Double::start(people).await?;
        let Number { id, credentials, names } = double.number().await?;
        let sender = Sender { kind: ChannelKind::Whatsapp, bot: id, credentials: &credentials, terms: json!({}), found_rate: None };
        let channel = world.seed.connect(&world.store, &sender, &names).await?;
        let seed = world.seed.approved_at(&world.store, &double.url, channel).await?;
        let mut campaigns: Vec<CampaignId> = Vec::new();
        for _ in 0..EACH {
            campaigns.push(seed.through(&world.store, ChannelKind::Whatsapp, &[channel], held).await?);
        }
        let worker = world.worker(&double.url).await?;
        worker.ring(Job::Deliver { channel }).await;
        world.all_sent(&campaigns, held * HAD).await?;
        let after = double.held(Held { in_whatsapp: true, after: 0, held }).await?.all;
        campaigns.push(seed.through(&world.store, ChannelKind::Whatsapp, &[channel], people).await?);
        let whole = i64::try_from(after)? + people - held;
        world.all_sent(&campaigns, whole).await?;
        let mut seen = double.held(Held { in_whatsapp: true, after, held }).await?;
        while i64::try_from(seen.others)? < people - held {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            seen = double.held(Held { in_whatsapp: true, after, held }).await?;
        }
        worker.stop().await?;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        shares.push((seen.taken - 1) as f64 / seen.seconds / RATE as f64);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        limited.push(seen.limited as f64);
        world.close().await?;
    }
    let detail = format!("{people} people at {RATE}/s, {held} of them with {EACH} messages more, one in six seconds each");
    Ok(figures(context, "WhatsApp, one recipient in ten held", "refused", &shares, &limited, detail))
}
