//! The `mms` command: parse, wire, run.

mod admin;
mod bench;
mod demo;
mod doctor;
mod health;
mod process;
mod russian;
mod up;
mod verify;
mod waiting;
mod words;

use std::{path::PathBuf, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use mms_core::{
    account::Language,
    config::{effective, environment},
};

/// Messages are many small allocations made on one thread and freed on another: the system's
/// allocator took a quarter of the CPU of a delivery (docs/PERFORMANCE.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Messenger Marketing Solution: consented campaigns from a Telegram chat, each message once.
///
/// Settings come from built-in defaults, then a TOML file, then the environment; `mms config`
/// prints every one with its explanation and its environment variable.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, propagate_version = true)]
struct Cli {
    /// A TOML file with the settings that differ from the defaults.
    #[arg(long, global = true, env = "MMS_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run bot and worker in one process on SQLite: all a small company needs.
    Up,
    /// Run the managers' bot, webhooks, health and metrics (with PostgreSQL and Redis).
    Bot,
    /// Run a worker (with PostgreSQL and Redis); several share the work.
    Worker {
        /// A name for logs; it is made unique by host and process.
        #[arg(long, default_value = "worker", value_name = "NAME")]
        name: String,
    },
    /// Play the main job end to end, with no configuration, no token and no network, and stay up
    /// with a page of phones.
    Demo(demo::Demo),
    /// Check configuration, database, migrations, Redis, Telegram, clock and disk, and name every
    /// host that will be talked to.
    Doctor,
    /// Create accounts, issue licences, reset passwords, verify the audit trail, back up and
    /// restore.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Measure this machine: each figure of docs/PERFORMANCE.md beside its limit, in the same run.
    Bench(bench::Bench),
    /// The messenger's double that `mms bench` measures against.
    #[command(hide = true)]
    BenchDouble {
        /// People with a chat.
        people: i64,
    },
    /// Prove it here: real processes are killed, starved and cut off at random moments, then what
    /// arrived is counted.
    Drill(mms::drill::Args),
    /// Check a dossier of evidence offline: whether every file is what it was, whether none is
    /// missing or added, and by whose key it was signed.
    Verify(verify::Verify),
    /// Print every setting as it is in force, with its explanation, default and environment
    /// variable; secrets are hidden.
    Config,
}

/// Files of the product are its owner's alone to read: the database, its log, backups, reports.
fn private_files() {
    use rustix::{fs::Mode, process::umask};
    umask(Mode::RWXG | Mode::RWXO);
}

/// The line that was typed, in the terminal's language; help and errors end the process.
fn parsed() -> Cli {
    if words::tr().language != Language::Ru {
        return Cli::parse();
    }
    let matches = russian::command(Cli::command()).try_get_matches();
    let error = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => return cli,
        Err(error) => error,
    };
    let Some(sentence) = russian::said(&error) else { error.exit() };
    process::fail(&anyhow::anyhow!(sentence));
    std::process::exit(error.exit_code())
}

fn main() -> ExitCode {
    let cli = parsed();
    // Measuring and the drill start servers that run as other users.
    if !matches!(cli.command, Command::Bench(_) | Command::BenchDouble { .. } | Command::Drill(_)) {
        private_files();
    }
    let runtime = match process::runtime("mms") {
        Ok(runtime) => runtime,
        Err(error) => return process::fail(&error),
    };
    let config = cli.config.as_deref();
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Demo(options) => {
                demo::refuse_config(config)?;
                return demo::run(&options).await;
            }
            Command::Up => up::up(config).await,
            Command::Bot => up::bot(config).await,
            Command::Worker { name } => up::worker(config, &name).await,
            Command::Doctor => doctor::run(config).await,
            Command::Admin(command) => admin::run(config, command).await,
            Command::Bench(what) => bench::run(what).await,
            Command::BenchDouble { people } => bench::double(people).await,
            Command::Drill(args) => mms::drill::run(&args).await,
            Command::Verify(wanted) => verify::run(&wanted),
            Command::Config => process::print(&effective(config, &environment())?),
        }
        .map(|()| ExitCode::SUCCESS)
    });
    outcome.unwrap_or_else(|error| process::fail(&error))
}
