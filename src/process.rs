//! What every command of the process needs: settings, telemetry, database, queue, signals, systemd.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::Path,
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use mms_bot::{Limits, p};
use mms_core::{
    account::plan,
    aside,
    campaign::advertising,
    config::{self, Config, Endpoints},
    queue::{Queue, redis::Redis},
    secret::Sealer,
    store::{Store, backup::beside, proof::Key},
    telemetry,
};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::CancellationToken;

use crate::{
    waiting::{self, Starting},
    words::{self, tr},
};

/// What is ready when a process starts to work.
#[derive(Debug)]
pub struct Process {
    /// Its settings.
    pub config: Config,
    /// Where providers are reached; all that the process calls shares it.
    pub endpoints: Endpoints,
    /// The database, its schema up to date.
    pub store: Store,
    /// Opens credentials.
    pub sealer: Sealer,
    /// Rings bells.
    pub queue: Queue,
    /// Cancelled by SIGTERM and SIGINT.
    pub stop: CancellationToken,
    /// Held while this process alone may use the data directory.
    _lock: Option<std::fs::File>,
    /// Until the process is ready.
    starting: Mutex<Option<Starting>>,
}

/// How many processes share the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// All in this one: the queue is in memory, the sealing key is made if missing.
    Alone,
    /// Bot and workers apart: Redis and PostgreSQL are needed.
    Apart,
}

/// Reads settings from the file and the environment.
pub fn settings(file: Option<&Path>) -> anyhow::Result<(Config, BTreeMap<String, String>)> {
    let environment = config::environment();
    let config = Config::load(file, &environment)?;
    if !config.billing.plans.is_empty() {
        let path = &config.billing.plans;
        let not_taken = |why: String| anyhow::anyhow!(p!(tr(), "server-plans", path = path, why = why));
        let text = std::fs::read_to_string(path).map_err(|error| not_taken(error.to_string()))?;
        // Read once more later on, by the same process, it says the same.
        plan::install(plan::read(&text).map_err(|broken| not_taken(broken.to_string()))?);
    }
    Ok((config, environment))
}

/// What callers of this process' HTTP side may hold.
pub fn http_limits(config: &Config) -> Limits {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Limits {
        connections: usize::try_from(config.http.connections).unwrap_or(usize::MAX),
        head: seconds(config.http.head_seconds),
        body: seconds(config.http.body_seconds),
        age: seconds(config.http.connection_seconds),
    }
}

/// Starts a process: logs, signals, database, key, queue. A database that is away is waited for, a
/// Redis is not: the process works without it ([`mms_core::queue`]). `None`: asked to stop while it
/// waited.
pub async fn start(file: Option<&Path>, shape: Shape) -> anyhow::Result<Option<Process>> {
    let (config, environment) = settings(file)?;
    telemetry::logs(&config.log)?;
    let stop = CancellationToken::new();
    on_signals(stop.clone())?;
    let starting = Starting::begin();
    let queue = match (shape, config.redis_url.expose()) {
        (Shape::Alone, "") => Queue::memory(),
        (Shape::Apart, "") => {
            bail!(p!(tr(), "server-needs-queue"))
        }
        _ => Queue::redis(redis(&config)?),
    };
    if shape == Shape::Apart && config.sqlite_path().is_some() {
        bail!(p!(tr(), "server-needs-postgres"));
    }
    config.make_data_dir()?;
    let lock = match shape {
        Shape::Alone => Some(lock(&config)?),
        Shape::Apart => None,
    };
    config.check_database_file(&environment)?;
    let Some(store) = waiting::database(&config, &stop).await? else { return Ok(None) };
    // What it asked for may hang as well: a frozen Redis, a database whose tables are held.
    let prepared = stop.run_until_cancelled(async {
        let sealer = sealer(&config, &environment, &store, shape).await?;
        let store = store.sealed_by(&sealer);
        store.begin_trail(mms_core::clock::now()).await?;
        hold_restored(&store).await?;
        // One that is away is told in the log here, and not in the middle of the work.
        drop(queue.check().await);
        if lock.is_some() && config.sqlite_path().is_some() {
            store.alone(mms_core::clock::now()).await?;
        }
        anyhow::Ok((store, sealer))
    });
    let Some(prepared) = prepared.await else { return Ok(None) };
    let (store, sealer) = prepared?;
    let (time, end) = (store.clone(), stop.clone());
    aside::task("time", async move { end.run_until_cancelled(time.keep_time()).await });
    let endpoints = config.endpoints();
    if config.whatsapp.ends_soon() {
        tracing::warn!(version = %config.whatsapp.version, "Meta soon ends this version of Graph: set whatsapp.version to a newer one");
    }
    Ok(Some(Process { config, endpoints, store, sealer, queue, stop, _lock: lock, starting: Mutex::new(Some(starting)) }))
}

/// A database that PostgreSQL's own tools restored is held as `mms admin hold` does it, whoever
/// forgot to: it does not know who said stop since the backup.
async fn hold_restored(store: &Store) -> sqlx::Result<()> {
    if store.was_restored().await? {
        let now = mms_core::clock::now();
        let campaigns = store.hold_everything(now).await?;
        advertising::hold(store, now).await?;
        tracing::error!(
            campaigns,
            "this database was restored from a backup: campaigns are held, and advertising until an owner's word (`mms admin hold`)"
        );
    }
    store.settle().await
}

/// The way to Redis by these settings; it may be away.
pub fn redis(config: &Config) -> anyhow::Result<Redis> {
    let (url, prefix) = (config.redis_url.expose(), &config.redis_prefix);
    if config.redis_ca_file.is_empty() {
        return Redis::open(url, prefix).with_context(|| p!(tr(), "server-redis-url"));
    }
    let named = || p!(tr(), "server-redis-ca-file", path = &config.redis_ca_file);
    let authorities = std::fs::read_to_string(&config.redis_ca_file).with_context(named)?;
    // A file without any is no mistake to the library, and then nobody is trusted.
    if !authorities.contains("-----BEGIN CERTIFICATE-----") {
        return Err(anyhow!(p!(tr(), "server-redis-ca-empty")).context(named()));
    }
    Redis::trusting(url, authorities.as_bytes(), prefix).with_context(named)
}

/// The sealing key, if it is the one the database was sealed with; one process makes it on its
/// first start. The database comes before the key: a key beside an empty database would look like
/// an installation that lost its rows.
pub async fn sealer(config: &Config, environment: &BTreeMap<String, String>, store: &Store, shape: Shape) -> anyhow::Result<Sealer> {
    let path = config.sealing_key_path(environment).display().to_string();
    let there = config.sealer(environment)?;
    let sealer = match (store.key(there.as_ref()).await?, there) {
        (Key::Right | Key::First, Some(sealer)) => sealer,
        (Key::Wrong, Some(_)) => bail!(p!(tr(), "server-key-wrong", path = path)),
        (Key::Wrong | Key::Right, None) => bail!(p!(tr(), "server-key-lost", path = path)),
        (Key::First, None) if shape == Shape::Alone => config.make_sealer(environment)?,
        (Key::First, None) => bail!(p!(tr(), "server-key-none", path = path)),
    };
    store.keep_key(&sealer, mms_core::clock::now()).await?;
    Ok(sealer)
}

/// Takes the database for this process alone; the lock ends with the process, however it ends.
/// SQLite's stands beside the file itself, whatever links lead to it, so two data directories do
/// not give one database to two processes.
pub fn lock(config: &Config) -> anyhow::Result<std::fs::File> {
    let path = config
        .sqlite_path()
        .map_or_else(|| config.data_dir.join("mms.lock"), |database| beside(&database.canonicalize().unwrap_or(database), ".lock"));
    let shown = path.display().to_string();
    let file = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| p!(tr(), "server-cannot-open", path = &shown))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            bail!(p!(tr(), "server-held", path = shown))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error).with_context(|| p!(tr(), "server-cannot-lock", path = shown)),
    }
}

/// The longest a process lives after it was asked to stop. Its parts end sooner by themselves; this
/// holds when one does not.
const LAST: Duration = Duration::from_millis(9_500);
/// What is left of it for the database when the parts have ended or were left.
const CLOSING: Duration = Duration::from_millis(750);

const _: () = assert!(mms_bot::run::GRACE.as_millis() < LAST.as_millis() - CLOSING.as_millis());
const _: () = assert!(mms_worker::GRACE.as_millis() + mms_worker::FAREWELL.as_millis() < LAST.as_millis() - CLOSING.as_millis());

/// Ends the process for good when it is still there after [`LAST`]: on a thread of its own, which
/// waits for nobody.
fn end_at_last() {
    std::thread::spawn(|| {
        #[expect(clippy::disallowed_methods, reason = "a thread of its own, for when the runtime does not turn")]
        std::thread::sleep(LAST);
        tracing::error!("something did not end in time; what is in the rows is recovered");
        std::process::exit(0);
    });
}

/// Works, and once asked to stop waits no longer than a process may live: a client that keeps its
/// connection open holds nobody.
pub async fn in_time(stop: &CancellationToken, work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let end = async {
        stop.cancelled().await;
        tokio::time::sleep(LAST.saturating_sub(CLOSING)).await;
    };
    tokio::select! {
        outcome = work => outcome,
        () = end => {
            tracing::warn!("a part of the process did not end in time and is left");
            Ok(())
        }
    }
}

/// Closes the database, as far as that goes at once: a part that did not end in time may still hold
/// a connection.
pub async fn close(store: &Store) {
    if tokio::time::timeout(Duration::from_millis(500), store.close()).await.is_err() {
        tracing::warn!("the database was left without a farewell");
    }
}

/// Cancels `stop` at SIGTERM and SIGINT; the process ends within [`LAST`] of that.
pub fn on_signals(stop: CancellationToken) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    aside::task("signals", async move {
        tokio::select! { _ = term.recv() => {} _ = int.recv() => {} }
        tracing::info!("asked to stop: finishing what is in flight");
        drop(sd_notify::notify(&[sd_notify::NotifyState::Stopping]));
        end_at_last();
        stop.cancel();
    });
    Ok(())
}

/// Threads that run tasks, as many as the machine has processors.
pub fn runtime(name: &str) -> anyhow::Result<Runtime> {
    Builder::new_multi_thread().thread_name(name).enable_all().build().context("the runtime cannot start")
}

/// Tells systemd that the process is ready, and keeps its watchdog content while this runtime
/// turns, and the `other` one, if any.
pub fn ready(process: &Process, other: Option<Handle>) {
    drop(process.starting.lock().unwrap_or_else(PoisonError::into_inner).take());
    drop(sd_notify::notify(&[sd_notify::NotifyState::Ready, sd_notify::NotifyState::Status("at work")]));
    let stop = process.stop.clone();
    let Some(every) = sd_notify::watchdog_enabled() else { return };
    let every = (every / 3).max(Duration::from_millis(100));
    aside::task("watchdog", async move {
        while tokio::time::timeout(every, stop.cancelled()).await.is_err() {
            if let Some(other) = &other {
                // Waits for as long as nothing turns there.
                drop(other.spawn(async {}).await);
            }
            drop(sd_notify::notify(&[sd_notify::NotifyState::Watchdog]));
        }
    });
}

/// A name unique per start: host, process, random.
#[must_use]
pub fn unique_name(name: &str) -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{name}@{}-{}-{}", host.trim(), std::process::id(), mms_core::secret::token(3))
}

/// Writes a line to standard output; a closed pipe is not an error of ours.
pub fn print(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{}", text.trim_end()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("standard output cannot be written"),
        _ => Ok(()),
    }
}

/// The last words of a process that failed.
pub fn fail(error: &anyhow::Error) -> ExitCode {
    // Standard error may be closed; there is nobody left to tell then.
    drop(writeln!(std::io::stderr().lock(), "mms: {}", words::told(tr(), error)));
    ExitCode::FAILURE
}
