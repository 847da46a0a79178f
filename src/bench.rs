//! `mms bench`: the figures of docs/PERFORMANCE.md, each beside its limit, measured in the same run
//! on the same machine.
//!
//! The engine is the very worker that `mms worker` runs; the provider is the sandbox's double in a
//! process of its own, with its limits switched off or on as a figure asks; the limits a figure is
//! compared with (a bare HTTP loop, a bare statement, a bare reading of the file) run in the same
//! process against the same double and the same database. A figure is the median of several runs.
//! Nothing of the engine is changed for a measurement.
#![allow(clippy::disallowed_methods, reason = "a measuring process: whatever fails in it ends the measurement")]

mod button;
mod cascade;
mod deliver;
mod dossier;
mod double;
mod figure;
mod handover;
mod hostile;
mod idle;
mod import;
mod load;
mod measure;
mod occasions;
mod paced;
mod pair;
mod plan;
mod receipts;
mod refusals;
mod scaling;
mod screens;
mod seed;
mod senders;
mod sync;
mod webhooks;
mod world;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use clap::{Args, Subcommand, ValueEnum};

use figure::{Figure as Row, Report};
use mms_core::store::Engine;

pub use double::run as double;

/// What `mms bench` is asked.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Bench {
    /// What is asked about something of its own.
    #[command(subcommand)]
    apart: Option<Apart>,
    /// What to measure; everything if none is named.
    #[arg(value_enum)]
    figures: Vec<Figure>,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    json: bool,
    /// Runs of each figure; the median counts.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=99))]
    runs: u16,
    /// How much: `small` takes minutes, `full` is what docs/PERFORMANCE.md shows.
    #[arg(long, value_enum, default_value_t = Scale::Small)]
    scale: Scale,
    /// On one engine only.
    #[arg(long, value_enum)]
    engine: Option<EngineName>,
    /// A PostgreSQL server with the right to create databases (no database name); without it only
    /// SQLite is measured.
    #[arg(long, env = "MMS_TEST_POSTGRES", value_name = "URL", hide_env_values = true)]
    postgres: Option<String>,
    /// The Redis beside it.
    #[arg(long, env = "MMS_TEST_REDIS", value_name = "URL", hide_env_values = true)]
    redis: Option<String>,
}

/// Measured without an engine.
#[derive(Debug, Subcommand)]
enum Apart {
    /// How well refusals are understood.
    Refusals(refusals::Refusals),
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Figure {
    /// Rows → HTTP → outcomes recorded, against a bare HTTP loop; CPU and memory.
    Deliver,
    /// The most memory while delivering to ten thousand, a hundred thousand, a million.
    Memory,
    /// Planning a large audience against a bare `INSERT … SELECT`.
    Plan,
    /// The live count of a segment.
    Count,
    /// A segment over what a CRM tells of people, and writing it.
    Occasions,
    /// A CRM's contacts brought here against reading their pages alone; memory.
    Sync,
    /// Importing a table of contacts against reading its file.
    Import,
    /// The share of a provider's limit that is used, and what is refused.
    Paced,
    /// The same while one recipient in ten is held, in Telegram, MAX and WhatsApp.
    Pair,
    /// The share of VK's limit that full calls use: 25 messages in each of 20 a second.
    Vk,
    /// A campaign of three steps against campaigns of one with as many messages.
    Cascade,
    /// The fullest second while a channel goes from worker to worker and workers are restarted.
    Handover,
    /// A small campaign beside a large one.
    Fair,
    /// Pause, stop and opt-out at full speed: to the last message after the confirmation.
    Stop,
    /// A statistics screen of ten and of millions.
    Screens,
    /// A dossier of evidence of a thousand people, from the press to the files; memory.
    Dossier,
    /// Webhooks a core takes, and how long one waits beside a campaign.
    Webhooks,
    /// How long a manager's button takes beside a campaign.
    Button,
    /// Receipts applied a second, and how long a manager's button takes meanwhile.
    Receipts,
    /// Throughput of one, two and four channels over one and two workers.
    Channels,
    /// The slowest of the templates written to do harm.
    Hostile,
    /// What an installation costs that has nothing to do, and how soon a bell is heard then.
    Idle,
    /// What a thousand channels cost that have nothing to do.
    Many,
    /// How well refusals are understood.
    Refusals,
}

impl Figure {
    /// Its name on the command line.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scale {
    /// A tenth, for a look.
    Small,
    /// As the figures are meant.
    Full,
}

impl Scale {
    /// The small or the full number.
    fn of(self, small: i64, full: i64) -> i64 {
        match self {
            Self::Small => small,
            Self::Full => full,
        }
    }
}

/// An engine on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineName {
    Sqlite,
    Postgres,
}

/// What every measurement is given.
struct Context {
    engine: Engine,
    runs: usize,
    scale: Scale,
    postgres: Option<String>,
    redis: Option<String>,
    /// Databases made for this figure; see [`world::sweep`].
    made: Mutex<Vec<world::Home>>,
}

impl Context {
    fn made(&self) -> MutexGuard<'_, Vec<world::Home>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No figure takes longer on one engine.
const LONGEST: Duration = Duration::from_secs(40 * 60);

async fn measure(figure: Figure, context: &Context) -> anyhow::Result<Vec<Row>> {
    match figure {
        Figure::Deliver => deliver::deliver(context).await,
        Figure::Memory => deliver::memory(context).await,
        Figure::Plan => plan::plan(context).await,
        Figure::Count => plan::count(context).await,
        Figure::Occasions => occasions::occasions(context).await,
        Figure::Sync => sync::sync(context).await,
        Figure::Import => import::import(context).await,
        Figure::Paced => paced::paced(context).await,
        Figure::Pair => pair::pair(context).await,
        Figure::Vk => paced::vk(context).await,
        Figure::Cascade => cascade::cascade(context).await,
        Figure::Handover => handover::handover(context).await,
        Figure::Fair => paced::fair(context).await,
        Figure::Stop => paced::stop(context).await,
        Figure::Screens => screens::screens(context).await,
        Figure::Dossier => dossier::dossier(context).await,
        Figure::Webhooks => webhooks::webhooks(context).await,
        Figure::Button => button::button(context).await,
        Figure::Receipts => receipts::receipts(context).await,
        Figure::Channels => scaling::channels(context).await,
        Figure::Hostile => Ok(hostile::hostile(context)),
        Figure::Idle => idle::idle(context).await,
        Figure::Many => idle::many(context).await,
        Figure::Refusals => Ok(refusals::figures()),
    }
}

/// Measures and prints.
pub async fn run(bench: Bench) -> anyhow::Result<()> {
    if let Some(Apart::Refusals(asked)) = &bench.apart {
        return refusals::run(asked);
    }
    // As in a real worker: what is counted for the metrics is counted here too.
    mms_core::telemetry::metrics()?;
    let figures = if bench.figures.is_empty() { Figure::value_variants().to_vec() } else { bench.figures };
    let mut engines = vec![Engine::Sqlite];
    if bench.postgres.is_some() {
        engines.push(Engine::Postgres);
    } else if bench.engine == Some(EngineName::Postgres) {
        anyhow::bail!("there is no PostgreSQL to measure: give --postgres, or run under scripts/with-services");
    }
    if let Some(only) = bench.engine {
        engines.retain(|engine| matches!((only, engine), (EngineName::Sqlite, Engine::Sqlite) | (EngineName::Postgres, Engine::Postgres)));
    }
    let mut report = Report::begin(bench.json, bench.runs, bench.scale == Scale::Full)?;
    for figure in figures {
        for engine in &engines {
            let context = Context {
                engine: *engine,
                runs: usize::from(bench.runs),
                scale: bench.scale,
                postgres: bench.postgres.clone(),
                redis: bench.redis.clone(),
                made: Mutex::default(),
            };
            let before = measure::yardstick();
            let began = Instant::now();
            let measured = tokio::time::timeout(LONGEST, measure(figure, &context)).await;
            let measured = measured.unwrap_or_else(|_| Err(anyhow::anyhow!("it did not end within {} min", LONGEST.as_secs() / 60)));
            let measured = match world::sweep(&context).await {
                Ok(()) => measured,
                Err(left) => measured.and(Err(left)),
            };
            let took = began.elapsed();
            report.take(&figure.name(), *engine, measured, took, [before, measure::yardstick()])?;
        }
    }
    report.end()
}
