//! What an installation costs that has nothing to do: commands of Redis, transactions of
//! PostgreSQL, wakeups, CPU; and how long a bell takes to be heard then. A bot and two workers on
//! PostgreSQL and Redis, one process on SQLite.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use mms_core::{
    http,
    id::ChannelId,
    on,
    queue::{Job, Queue, redis::Redis},
    secret::token,
    store::{Engine, Store},
};
use mms_sandbox::Rates;
use redis::AsyncCommands as _;

use super::{
    Context,
    double::Double,
    figure::{Figure, Limit, median},
    world::{Process, World},
};

/// After the start: what is prepared at once is, and PostgreSQL has counted what was done before
/// (it does so ten seconds late).
const SETTLED: Duration = Duration::from_secs(15);
/// Bells of a run.
const BELLS: usize = 10;
/// Between two bells, so that a line is idle again; no multiple of a heartbeat.
const BETWEEN: Duration = Duration::from_millis(1_300);
/// How long a bell is waited for before it counts as lost.
const LOST: Duration = Duration::from_secs(20);

/// Limits: Redis commands, transactions and wakeups a second of the whole installation; a bell's
/// way, ms.
const COMMANDS: f64 = 20.0;
const TRANSACTIONS: f64 = 5.0;
const WAKEUPS: f64 = 50.0;
const BELL_MS: f64 = 1_000.0;

/// With a thousand channels: until each has been opened, asked who it is and polled.
const SETTLED_MANY: Duration = Duration::from_secs(40);
/// And its limits: CPU of all processes in hundredths of one, transactions a second, memory.
const MANY_CPU: f64 = 2.0;
const MANY_TRANSACTIONS: f64 = 20.0;
const MANY_MEMORY: f64 = 150.0;

/// What was counted so far.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// Commands Redis carried out, those within scripts too.
    commands: f64,
    /// Transactions of the database, both ends.
    transactions: f64,
    /// Times a thread of the processes was given the CPU after it had waited.
    wakeups: f64,
    /// CPU of the processes, seconds.
    cpu: f64,
}

/// Threads' voluntary switches and CPU ticks of a process (proc(5), Linux).
fn of_process(id: u32) -> anyhow::Result<(f64, f64)> {
    let mut wakeups = 0.0;
    for thread in fs::read_dir(format!("/proc/{id}/task")).context("the measured process has ended")? {
        // A thread may end between the listing and the look.
        let status = fs::read_to_string(thread?.path().join("status")).unwrap_or_default();
        let switches = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        wakeups += switches.and_then(|count| count.trim().parse::<f64>().ok()).unwrap_or_default();
    }
    Ok((wakeups, super::measure::cpu_of(id)?.as_secs_f64()))
}

/// What it is measured with.
struct Installation {
    store: Store,
    redis: Option<redis::aio::MultiplexedConnection>,
    processes: Vec<u32>,
}

impl Installation {
    async fn count(&mut self) -> anyhow::Result<Counted> {
        let mut counted = Counted::default();
        if let Some(redis) = &mut self.redis {
            let info: String = redis::cmd("INFO").arg("stats").query_async(redis).await?;
            let line = info.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
            counted.commands = line.context("Redis does not count its commands")?.trim().parse()?;
        }
        if self.store.engine() == Engine::Postgres {
            const COUNT: &str =
                "select cast(xact_commit + xact_rollback as double precision) from pg_stat_database where datname = current_database()";
            counted.transactions = on!(self.store.read(), |c| sqlx::query_scalar(COUNT).fetch_one(c).await)?;
        }
        for id in &self.processes {
            let (wakeups, cpu) = of_process(*id)?;
            counted.wakeups += wakeups;
            counted.cpu += cpu;
        }
        Ok(counted)
    }
}

/// Rings for something there is nothing of, and waits until the bell's mark is taken away: somebody
/// heard it. In ms.
async fn bell(queue: &Queue, prefix: &str, redis: &mut redis::aio::MultiplexedConnection) -> anyhow::Result<f64> {
    let job = Job::HandleInbound { source: ChannelId::new().0 };
    let mark = format!("{prefix}:bell:{}:{}", job.name(), job.subject());
    let began = Instant::now();
    queue.ring(job).await;
    while redis.exists::<_, bool>(&mark).await? {
        ensure!(began.elapsed() < LOST, "a bell was not heard within {} s", LOST.as_secs());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(began.elapsed().as_secs_f64() * 1_000.0)
}

/// What was watched, a figure a run.
#[derive(Default)]
struct Watched {
    commands: Vec<f64>,
    transactions: Vec<f64>,
    wakeups: Vec<f64>,
    /// CPU in ms a second.
    cpu: Vec<f64>,
    /// Each bell's way, ms.
    bells: Vec<f64>,
    /// The most memory of any of the processes, MB.
    peak: f64,
}

/// Starts an installation and watches it do nothing, all runs one after the other.
async fn watched(context: &Context, world: &World, double: &Double, settled: Duration, window: Duration) -> anyhow::Result<Watched> {
    let prefix = token(6);
    let apart = world.redis().is_some();
    let mut processes = Vec::new();
    for command in if apart { &["bot", "worker", "worker"][..] } else { &["up"][..] } {
        processes.push(world.process(command, &double.url, &prefix, tempfile::tempdir()?).await?);
    }
    let (client, address) = (http::client(Duration::from_secs(5))?, format!("http://{}/readyz", processes[0].address()));
    let began = Instant::now();
    while !client.get(&address).send().await.is_ok_and(|answer| answer.status().is_success()) {
        ensure!(began.elapsed() < Duration::from_secs(60), "the measured bot was not ready within a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let prefix = format!("bench-{prefix}");
    let (queue, mut asking) = match world.redis() {
        None => (None, None),
        Some(url) => {
            let connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
            (Some(Queue::redis(Redis::connect(url, &prefix).await?)), Some(connection))
        }
    };
    let ids = processes.iter().map(Process::id).collect::<anyhow::Result<Vec<u32>>>()?;
    let mut installation = Installation { store: world.store.clone(), redis: asking.clone(), processes: ids };

    let mut watched = Watched::default();
    for _ in 0..context.runs {
        tokio::time::sleep(settled).await;
        let (then, began) = (installation.count().await?, Instant::now());
        tokio::time::sleep(window).await;
        let (now, took) = (installation.count().await?, began.elapsed().as_secs_f64());
        // The one question of ours that is counted in between.
        watched.commands.push((now.commands - then.commands - 1.0) / took);
        watched.transactions.push((now.transactions - then.transactions - 1.0) / took);
        watched.wakeups.push((now.wakeups - then.wakeups) / took);
        watched.cpu.push((now.cpu - then.cpu) * 1_000.0 / took);
        if let (Some(queue), Some(redis)) = (&queue, &mut asking) {
            for _ in 0..BELLS {
                tokio::time::sleep(BETWEEN).await;
                watched.bells.push(bell(queue, &prefix, redis).await?);
            }
        }
    }
    for process in &processes {
        watched.peak = watched.peak.max(process.peak()?);
    }
    for process in processes.into_iter().rev() {
        process.stop().await?;
    }
    Ok(watched)
}

/// Costs and the way of a bell, all runs on one installation that goes on doing nothing.
pub(super) async fn idle(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let window = Duration::from_secs(u64::try_from(context.scale.of(20, 60))?);
    let world = World::new(context, 1_000, false).await?;
    let mut double = Double::start(1_000).await?;
    double.bots(0).await?;
    double.rates(Rates::off()).await?;
    let Watched { commands, transactions, wakeups, cpu, bells, .. } = watched(context, &world, &double, SETTLED, window).await?;
    let apart = world.redis().is_some();
    world.close().await?;

    let who = if apart { "a bot and two workers" } else { "one process" };
    let seconds = window.as_secs();
    let mut figures = Vec::new();
    let mut add = |what: &str, unit, runs: &[f64], most: Option<f64>, detail: String| {
        figures.push(Figure::new(format!("idle: {what}"), context.engine, unit, runs, most.map(Limit::AtMost), detail));
    };
    if apart {
        add(
            "Redis commands a second",
            "/s",
            &commands,
            Some(COMMANDS),
            format!("{who}, {seconds} s a run, commands within scripts counted"),
        );
        let longest = bells.iter().copied().fold(0.0, f64::max);
        let detail = format!("the longest of {} bells into idle lines; the middle {:.0} ms", bells.len(), median(&bells));
        add("a bell to its hearing", "ms", &[longest], Some(BELL_MS), detail);
    }
    if context.engine == Engine::Postgres {
        add("transactions a second", "/s", &transactions, Some(TRANSACTIONS), format!("{who}, by pg_stat_database"));
    }
    add(
        "wakeups a second",
        "/s",
        &wakeups,
        Some(WAKEUPS),
        format!("{who}, voluntary switches of all threads; CPU {:.1} ms a second", median(&cpu)),
    );
    Ok(figures)
}

/// The same with many channels of many accounts, each asked by a poll of its own.
pub(super) async fn many(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let window = Duration::from_secs(u64::try_from(context.scale.of(20, 60))?);
    let (accounts, each) = (context.scale.of(20, 200), 5);
    let world = World::new(context, 1_000, false).await?;
    world.seed.crowd(&world.store, accounts, each).await?;
    let channels = accounts * each;
    let mut double = Double::start(10).await?;
    double.bots(channels - 1).await?;
    double.rates(Rates::off()).await?;
    let Watched { transactions, cpu, bells, peak, .. } = watched(context, &world, &double, SETTLED_MANY, window).await?;
    let apart = world.redis().is_some();
    world.close().await?;

    let share: Vec<f64> = cpu.iter().map(|ms| ms / 10.0).collect();
    let who = if apart { "a bot and two workers" } else { "one process" };
    let whole = format!("{channels} channels of {accounts} accounts, {who}, {} s a run", window.as_secs());
    let at_most = |name: &str, unit, runs: &[f64], most, detail: String| {
        Figure::new(format!("many channels: {name}"), context.engine, unit, runs, Some(Limit::AtMost(most)), detail)
    };
    let mut figures = vec![at_most("CPU of all processes", "%", &share, MANY_CPU, whole)];
    if apart {
        figures.push(at_most("transactions a second", "/s", &transactions, MANY_TRANSACTIONS, "by pg_stat_database".to_owned()));
        let longest = bells.iter().copied().fold(0.0, f64::max);
        let detail = format!("the longest of {} bells into idle lines; the middle {:.0} ms", bells.len(), median(&bells));
        figures.push(at_most("a bell to its hearing", "ms", &[longest], BELL_MS, detail));
    }
    figures.push(at_most("the peak of a process", "MB", &[peak], MANY_MEMORY, String::new()));
    Ok(figures)
}
