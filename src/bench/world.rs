//! A database of its own for a measurement, and the worker and the bot on it.
//!
//! Every wait has an end: a measurement of something that stands still is an error, not a silence.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use mms_bot::{Bot, BotSettings};
use mms_core::{
    clock,
    config::Endpoints,
    crm::connection,
    delivery::{counts, stats},
    http,
    id::{CampaignId, ConnectionId},
    on,
    queue::{Job, Queue, redis::Redis},
    secret::{KEY_LEN, Sealer, Secret, token},
    store::{Engine, Store},
};
use mms_worker::Deps;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    task::JoinHandle,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Context, double::MANAGER_TOKEN, measure::peak, seed::Seed};

/// How long something may stand still before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(180);

/// A database that is removed with [`World::close`], or at the latest with [`sweep`].
pub(super) struct World {
    pub store: Store,
    pub seed: Seed,
    url: String,
    redis: Option<String>,
    home: Home,
    /// In place of every host of amoCRM, for processes of an installation.
    amocrm: Option<String>,
}

/// Where a measured database is.
#[derive(Debug, Clone)]
pub(super) enum Home {
    /// A directory of its own.
    File(PathBuf),
    /// A database of a server.
    Server {
        /// The server.
        base: String,
        /// The database.
        name: String,
    },
}

impl Home {
    /// Removes it, if it is still there.
    async fn remove(&self) -> anyhow::Result<()> {
        match self {
            Self::File(dir) if dir.exists() => std::fs::remove_dir_all(dir).context("a measured database was not removed"),
            Self::File(_) => Ok(()),
            Self::Server { base, name } => {
                let mut admin = sqlx::PgConnection::connect(&format!("{base}/postgres")).await?;
                sqlx::query(sqlx::AssertSqlSafe(format!("drop database if exists {name} with (force)"))).execute(&mut admin).await?;
                Ok(())
            }
        }
    }
}

/// Removes whatever a figure that failed half way left behind.
pub(super) async fn sweep(context: &Context) -> anyhow::Result<()> {
    let made = std::mem::take(&mut *context.made());
    for home in made {
        home.remove().await?;
    }
    Ok(())
}

/// Seals the credentials of the measured channel.
const KEY: [u8; KEY_LEN] = [7; KEY_LEN];

/// Opens the credentials of the measured channel.
pub(super) fn sealer() -> Sealer {
    Sealer::new(&KEY)
}

/// Notices that nothing moves.
struct Watch {
    seen: i64,
    since: Instant,
}

impl Watch {
    fn new() -> Self {
        Self { seen: i64::MIN, since: Instant::now() }
    }

    /// What is there now; an error when it has been the same for too long.
    fn saw(&mut self, now: i64, what: &str) -> anyhow::Result<()> {
        if now != self.seen {
            *self = Self { seen: now, since: Instant::now() };
        } else if self.since.elapsed() > PATIENCE {
            bail!("{what} stood at {now} for {} s", PATIENCE.as_secs());
        }
        Ok(())
    }
}

impl World {
    /// A fresh database with an account, its members, a channel and an approved template, and so
    /// many contacts. `mixed`: some of them said stop, are suppressed, never agreed or got a
    /// message lately.
    pub(super) async fn new(context: &Context, contacts: i64, mixed: bool) -> anyhow::Result<Self> {
        let name = format!("mms_bench_{}", token(6).to_lowercase().replace(['-', '_'], "x"));
        let (url, home) = match context.engine {
            Engine::Sqlite => {
                let dir = std::env::temp_dir().join(&name);
                std::fs::create_dir_all(&dir)?;
                (format!("sqlite:{}", dir.join("mms.db").display()), Home::File(dir))
            }
            Engine::Postgres => {
                let base = context.postgres.clone().context("no PostgreSQL")?;
                let mut admin = sqlx::PgConnection::connect(&format!("{base}/postgres")).await.context("PostgreSQL does not answer")?;
                sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await?;
                (format!("{base}/{name}"), Home::Server { base, name })
            }
        };
        context.made().push(home.clone());
        let redis = if context.engine == Engine::Postgres { context.redis.clone() } else { None };
        let store = Store::open(&url).await?.sealed_by(&sealer());
        let seed = Seed::plant(&store, contacts, mixed).await?;
        Ok(Self { store, seed, url, redis, home, amocrm: None })
    }

    /// Its processes call this in place of every host of amoCRM.
    pub(super) fn with_amocrm(mut self, url: &str) -> Self {
        self.amocrm = Some(url.to_owned());
        self
    }

    /// Removes the database.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.store.close().await;
        self.home.remove().await
    }

    /// A queue of its own, for whoever shares it: Redis where there is one, else of this process.
    pub(super) async fn queue(&self) -> anyhow::Result<Queue> {
        Ok(match &self.redis {
            Some(url) => Queue::redis(Redis::connect(url, &format!("bench-{}", token(6))).await?),
            None => Queue::memory(),
        })
    }

    /// The worker that `mms worker` runs (on SQLite, the one of `mms up`), sending to `provider`.
    pub(super) async fn worker(&self, provider: &str) -> anyhow::Result<Worker> {
        Ok(self.worker_on(self.queue().await?, provider))
    }

    /// The same on a queue that others share.
    pub(super) fn worker_on(&self, queue: Queue, provider: &str) -> Worker {
        let endpoints = Endpoints {
            telegram: provider.to_owned(),
            vk: format!("{provider}/vk"),
            viber: format!("{provider}/viber/pa"),
            max: format!("{provider}/max"),
            whatsapp: format!("{provider}/whatsapp/v26.0"),
            ..Endpoints::default()
        };
        let deps = Deps::new(self.store.clone(), sealer(), endpoints, queue, crate::process::unique_name("bench"));
        Worker { task: tokio::spawn(mms_worker::run(deps.clone())), _guard: deps.stop.clone().drop_guard(), deps }
    }

    /// The bot that `mms bot` runs, on a free port; `provider` must know the managers' bot.
    pub(super) async fn bot(&self, queue: Queue, provider: &str) -> anyhow::Result<Running> {
        let settings = BotSettings::new(Secret::new(MANAGER_TOKEN), provider);
        let endpoints = Endpoints { telegram: provider.to_owned(), ..Endpoints::default() };
        let bot = Bot::build(settings, self.store.clone(), sealer(), queue, endpoints).await?;
        let (address, stop) = (bot.address()?, CancellationToken::new());
        Ok(Running { address, task: tokio::spawn(bot.run(stop.clone())), _guard: stop.clone().drop_guard(), stop })
    }

    /// What sends, in a process of its own, as an installation has it: `mms up` on SQLite, `mms
    /// worker` on PostgreSQL and Redis.
    pub(super) async fn sender(&self, provider: &str) -> anyhow::Result<Process> {
        let dir = tempfile::tempdir()?;
        self.process(if self.redis.is_some() { "worker" } else { "up" }, provider, &token(6), dir).await
    }

    /// A whole installation in processes of its own: `mms up` on SQLite, `mms bot` and `mms worker`
    /// on PostgreSQL and Redis; `provider` must know the managers' bot.
    pub(super) async fn installation(&self, provider: &str) -> anyhow::Result<Installation> {
        let prefix = token(6);
        let (bot, worker) = if self.redis.is_some() {
            let worker = self.process("worker", provider, &prefix, tempfile::tempdir()?).await?;
            (self.process("bot", provider, &prefix, tempfile::tempdir()?).await?, Some(worker))
        } else {
            (self.process("up", provider, &prefix, tempfile::tempdir()?).await?, None)
        };
        let (client, ready) = (http::client(Duration::from_secs(5))?, format!("http://{}/readyz", bot.address));
        let began = Instant::now();
        while !client.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
            ensure!(began.elapsed() < PATIENCE, "the measured bot was not ready within {} s", PATIENCE.as_secs());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Installation { bot, worker })
    }

    /// The Redis of its installations, if they have one.
    pub(super) fn redis(&self) -> Option<&str> {
        self.redis.as_deref()
    }

    /// One process of an installation; those with the same `prefix` share a queue.
    pub(super) async fn process(&self, command: &str, provider: &str, prefix: &str, dir: TempDir) -> anyhow::Result<Process> {
        let key = dir.path().join("sealing.key");
        std::fs::write(&key, hex::encode(KEY))?;
        // Free now; whoever takes it before the process does makes the measurement fail, not lie.
        let address = TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?;
        let mut process = Command::new(std::env::current_exe().context("this program cannot be found")?);
        process
            .arg(command)
            .env("MMS_DATA_DIR", dir.path())
            .env("MMS_SEALING_KEY_FILE", &key)
            .env("DATABASE_URL", &self.url)
            .env("MMS_TELEGRAM_TOKEN", MANAGER_TOKEN)
            .env("MMS_TELEGRAM_API", provider)
            .env("MMS_LISTEN", address.to_string())
            .env("MMS_METRICS_LISTEN", "127.0.0.1:0")
            .env("MMS_LOG", "error")
            .stdout(Stdio::null())
            .kill_on_drop(true);
        if let Some(amocrm) = &self.amocrm {
            process.env("MMS_AMOCRM_OVERRIDE", amocrm);
        }
        if let Some(redis) = &self.redis {
            process.env("REDIS_URL", redis).env("MMS_REDIS_PREFIX", format!("bench-{prefix}"));
        }
        Ok(Process { child: process.spawn().context("the measured process cannot be started")?, address, _dir: dir })
    }

    /// Waits until nothing of a campaign is on its way.
    pub(super) async fn finished(&self, campaign: CampaignId) -> anyhow::Result<()> {
        let mut watch = Watch::new();
        loop {
            let open = counts::open(&self.store, self.seed.account, campaign).await?;
            if open == 0 {
                return Ok(());
            }
            watch.saw(open, "what a campaign has on its way")?;
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// How many messages of a campaign went.
    pub(super) async fn sent(&self, campaign: CampaignId) -> anyhow::Result<i64> {
        Ok(stats::stats(&self.store, self.seed.account, campaign, clock::now()).await?.numbers.sent)
    }

    /// Waits until this many messages of these campaigns went, of all their steps.
    pub(super) async fn all_sent(&self, campaigns: &[CampaignId], messages: i64) -> anyhow::Result<()> {
        const SENT: &str = "select cast(coalesce(sum(n), 0) as bigint) from delivery_count where campaign_id = $1 and state = 'sent'";
        let mut watch = Watch::new();
        loop {
            let mut sent = 0;
            for campaign in campaigns {
                sent += on!(self.store.read(), |c| sqlx::query_scalar::<_, i64>(SENT).bind(*campaign).fetch_one(c).await)?;
            }
            if sent >= messages {
                return Ok(());
            }
            watch.saw(sent, "what the campaigns sent")?;
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until this many contacts of a connection were read.
    pub(super) async fn synced(&self, connection: ConnectionId, contacts: i64) -> anyhow::Result<()> {
        let mut watch = Watch::new();
        loop {
            let row = connection::by_id(&self.store, connection).await?.context("the measured connection is gone")?;
            // What comes after a full read counts its own.
            if row.sync_done >= contacts || row.last_synced_at.is_some() {
                return Ok(());
            }
            watch.saw(row.sync_done, "what a sync read")?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until this many messages of a campaign went.
    pub(super) async fn under_way(&self, campaign: CampaignId, sent: i64) -> anyhow::Result<()> {
        let mut watch = Watch::new();
        loop {
            let now = self.sent(campaign).await?;
            if now >= sent {
                return Ok(());
            }
            watch.saw(now, "what a campaign sent")?;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A process of an installation; it is killed when this is dropped.
pub(super) struct Process {
    child: Child,
    /// Where its HTTP side listens, if it has one.
    address: SocketAddr,
    _dir: TempDir,
}

impl Process {
    /// The most memory it has had at once, MB; an error when it has ended.
    pub(super) fn peak(&self) -> anyhow::Result<f64> {
        peak(self.child.id().context("the measured process has ended")?)
    }

    /// Its number.
    pub(super) fn id(&self) -> anyhow::Result<u32> {
        self.child.id().context("the measured process has ended")
    }

    /// Where its HTTP side listens, if it has one.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks it to stop as systemd does, and waits.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        kill_process(id.context("the measured process has ended")?, Signal::TERM)?;
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = ended.with_context(|| format!("the measured process did not stop within {} s", PATIENCE.as_secs()))??;
        ensure!(status.success(), "the measured process ended with {status}");
        Ok(())
    }
}

/// An installation in processes of its own.
pub(super) struct Installation {
    bot: Process,
    worker: Option<Process>,
}

impl Installation {
    /// Where its HTTP side listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.bot.address
    }

    /// The most memory that the process with the bot has had at once, MB.
    pub(super) fn peak(&self) -> anyhow::Result<f64> {
        self.bot.peak()
    }

    /// Asks it to stop as systemd does, and waits.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        if let Some(worker) = self.worker {
            worker.stop().await?;
        }
        self.bot.stop().await
    }
}

/// A running worker; it is asked to stop when this is dropped.
pub(super) struct Worker {
    task: JoinHandle<anyhow::Result<()>>,
    deps: Deps,
    _guard: DropGuard,
}

impl Worker {
    /// Rings for a job.
    pub(super) async fn ring(&self, job: Job) {
        self.deps.queue.ring(job).await;
    }

    /// Asks it to stop, and waits.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.deps.stop.cancel();
        ended(self.task, "the worker").await
    }
}

/// A running bot; it is asked to stop when this is dropped.
pub(super) struct Running {
    /// Where its HTTP side listens.
    pub address: SocketAddr,
    task: JoinHandle<anyhow::Result<()>>,
    stop: CancellationToken,
    _guard: DropGuard,
}

impl Running {
    /// Asks it to stop, and waits.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        ended(self.task, "the bot").await
    }
}

async fn ended(task: JoinHandle<anyhow::Result<()>>, what: &str) -> anyhow::Result<()> {
    match tokio::time::timeout(PATIENCE, task).await {
        Ok(ended) => ended.with_context(|| format!("{what} panicked"))?,
        Err(_) => bail!("{what} did not stop within {} s", PATIENCE.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_bears_what_moves() {
        let mut watch = Watch::new();
        assert!(watch.saw(3, "x").is_ok() && watch.saw(3, "x").is_ok() && watch.saw(2, "x").is_ok());
        watch.since -= PATIENCE * 2;
        let said = watch.saw(2, "what is open").unwrap_err().to_string();
        assert!(said.starts_with("what is open stood at 2"), "{said}");
        assert!(watch.saw(1, "x").is_ok(), "it moved again");
    }
}
