//! Inbound webhooks: checked, stored, acknowledged. How many a core takes, and how long one waits
//! while a campaign runs as fast as it can and the worker understands what came.

use std::net::SocketAddr;

use mms_core::{campaign::control, clock, id::CampaignId};
use mms_sandbox::Rates;

use super::{
    Context,
    double::Double,
    figure::{Figure, Limit, median},
    load::{Hooks, Sender},
    measure::cpu,
    world::{World, sealer},
};

/// Calls under way at once while the bot takes as many as it can.
const AT_ONCE: usize = 128;
/// The pace beside a campaign.
const RATE: u32 = 1_000;

/// What a measurement of webhooks has.
struct Bench<'a> {
    context: &'a Context,
    world: World,
    /// The messenger.
    double: Double,
    /// Another one, which nobody sends through: it only posts.
    poster: Double,
    /// The next number of a webhook.
    next: u64,
}

impl Bench<'_> {
    async fn new(context: &Context, contacts: i64) -> anyhow::Result<Bench<'_>> {
        let world = World::new(context, contacts, false).await?;
        let mut double = Double::start(contacts).await?;
        double.bots(0).await?;
        double.rates(Rates::off()).await?;
        Ok(Bench { context, world, double, poster: Double::start(0).await?, next: 1 })
    }

    fn telegram(&self, bot: SocketAddr) -> Sender {
        Sender::Telegram {
            url: format!("http://{bot}/hooks/telegram/{}", self.world.seed.channel),
            secret: sealer().hook_secret(self.world.seed.channel.0, "s").expose().to_owned(),
        }
    }

    fn amocrm(&self, bot: SocketAddr) -> Sender {
        let connection = self.world.seed.connection;
        Sender::Amocrm { url: format!("http://{bot}/hooks/amocrm/{connection}/{}", sealer().hook_secret(connection.0, "s").expose()) }
    }

    fn hooks(&mut self, senders: Vec<Sender>, count: u64, rate: Option<u32>) -> Hooks {
        let first = self.next;
        self.next += count;
        Hooks { senders, first, count, rate, at_once: AT_ONCE }
    }

    /// Events a second of the bot's own CPU, all runs.
    async fn alone(&mut self, what: &str, sender: fn(&Self, SocketAddr) -> Sender) -> anyhow::Result<Figure> {
        let count = u64::try_from(self.context.scale.of(20_000, 60_000))?;
        let (mut per_core, mut per_second) = (Vec::new(), Vec::new());
        for run in 0..=self.context.runs {
            let bot = self.world.bot(self.world.queue().await?, &self.double.url).await?;
            // Connections, caches; then what counts.
            let warm = self.hooks(vec![sender(self, bot.address)], 1_000, None);
            self.poster.hooks(warm).await?;
            let all = self.hooks(vec![sender(self, bot.address)], count, None);
            let used = cpu()?;
            let answered = self.poster.hooks(all).await?;
            let used = cpu()?.saturating_sub(used).as_secs_f64();
            bot.stop().await?;
            // The first run finds tables without a row, so it does not count.
            if run > 0 {
                #[expect(clippy::cast_precision_loss, reason = "thousands")]
                let count = count as f64;
                per_core.push(count / used.max(0.01));
                per_second.push(count / answered.seconds);
            }
        }
        let detail = format!("{count} events, sent by another process on the same CPUs: {:.0}/s", median(&per_second));
        Ok(Figure::new(
            format!("webhooks of {what}: events/s per core"),
            self.context.engine,
            "/s",
            &per_core,
            Some(Limit::AtLeast(3_000.0)),
            detail,
        ))
    }

    /// Waits at a pace while everything else is busy.
    async fn beside_a_campaign(&mut self, contacts: i64) -> anyhow::Result<Figure> {
        let count = u64::try_from(self.context.scale.of(5, 15))? * u64::from(RATE);
        let (mut waits, mut longest, mut speeds) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.context.runs {
            self.double.clear().await?;
            let campaign = self.world.seed.campaign(&self.world.store, 0, contacts).await?;
            let installation = self.world.installation(&self.double.url).await?;
            self.world.under_way(campaign, 500).await?;
            let both = vec![self.telegram(installation.address()), self.amocrm(installation.address())];
            // Connections, caches; then what counts, in processes as they are for months.
            let warm = self.hooks(both.clone(), u64::from(RATE), Some(RATE));
            self.poster.hooks(warm).await?;
            let before = self.world.sent(campaign).await?;
            let hooks = self.hooks(both, count, Some(RATE));
            let answered = self.poster.hooks(hooks).await?;
            let after = still_running(&self.world, campaign, contacts).await?;
            installation.stop().await?;
            waits.push(answered.p99_ms);
            longest.push(answered.longest_ms);
            #[expect(clippy::cast_precision_loss, reason = "thousands")]
            speeds.push((after - before) as f64 / answered.seconds);
        }
        let detail = format!(
            "{count} webhooks, half of each kind, understood by the worker meanwhile; the campaign went at {:.0}/s; the longest wait {:.0} ms",
            median(&speeds),
            median(&longest)
        );
        Ok(Figure::new(
            format!("webhooks at {RATE}/s beside a campaign: p99"),
            self.context.engine,
            "ms",
            &waits,
            Some(Limit::AtMost(50.0)),
            detail,
        ))
    }
}

/// How much of a campaign went, and no more of it: a measurement beside it counts only if there was
/// something left to go.
pub(super) async fn still_running(world: &World, campaign: CampaignId, messages: i64) -> anyhow::Result<i64> {
    let sent = world.sent(campaign).await?;
    anyhow::ensure!(sent < messages, "the campaign ended before the measurement beside it did: the figure is void");
    control::stop(&world.store, &world.seed.owner, campaign, clock::now()).await?;
    Ok(sent)
}

/// Events a second of one core, and the wait beside a campaign.
pub(super) async fn webhooks(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let contacts = context.scale.of(150_000, 500_000);
    let mut bench = Bench::new(context, contacts).await?;
    // First, for what is taken alone is left for a worker to understand.
    let beside = bench.beside_a_campaign(contacts).await?;
    let figures = vec![bench.alone("Telegram", Bench::telegram).await?, bench.alone("amoCRM", Bench::amocrm).await?, beside];
    bench.world.close().await?;
    Ok(figures)
}
