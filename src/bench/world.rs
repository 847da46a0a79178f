//! A database of its own for a measurement, and a worker on it.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use mms_core::{
    channel::registry::Endpoints,
    delivery::counts,
    id::CampaignId,
    queue::{Job, Queue, redis::Redis},
    secret::{KEY_LEN, Sealer, token},
    store::{Engine, Store},
};
use mms_worker::Deps;
use sqlx::Connection as _;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Context, seed::Seed};

/// A database that is removed with [`World::close`].
pub(super) struct World {
    /// Its store.
    pub store: Store,
    /// What is in it.
    pub seed: Seed,
    redis: Option<String>,
    home: Home,
}

enum Home {
    File(PathBuf),
    Server { base: String, name: String },
}

/// Opens the credentials of the measured channel.
pub(super) fn sealer() -> Sealer {
    Sealer::new(&[7; KEY_LEN])
}

impl World {
    /// A fresh database with an account, its members, a channel and an approved template, and so many contacts. `mixed`: some of
    /// them said stop, are suppressed, never agreed or got a message lately.
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
        let redis = if context.engine == Engine::Postgres { context.redis.clone() } else { None };
        let store = Store::open(&url).await?;
        let seed = Seed::plant(&store, contacts, mixed).await?;
        Ok(Self { store, seed, redis, home })
    }

    /// Removes the database.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.store.close().await;
        match self.home {
            Home::File(dir) => std::fs::remove_dir_all(dir)?,
            Home::Server { base, name } => {
                let mut admin = sqlx::PgConnection::connect(&format!("{base}/postgres")).await?;
                sqlx::query(sqlx::AssertSqlSafe(format!("drop database {name} with (force)"))).execute(&mut admin).await?;
            }
        }
        Ok(())
    }

    /// The worker that `mms worker` runs (on SQLite, the one of `mms up`), sending to `provider`.
    pub(super) async fn worker(&self, provider: &str) -> anyhow::Result<Worker> {
        let queue = match &self.redis {
            Some(url) => Queue::redis(Redis::connect(url, &format!("bench-{}", token(6))).await?),
            None => Queue::memory(),
        };
        let deps = Deps {
            store: self.store.clone(),
            sealer: sealer(),
            endpoints: Endpoints { telegram: provider.to_owned(), ..Endpoints::default() },
            queue,
            stop: CancellationToken::new(),
            worker: crate::process::unique_name("bench"),
        };
        Ok(Worker { task: tokio::spawn(mms_worker::run(deps.clone())), deps })
    }

    /// Waits until nothing of a campaign is on its way.
    pub(super) async fn finished(&self, campaign: CampaignId) -> anyhow::Result<()> {
        while counts::open(&self.store, self.seed.account, campaign).await? > 0 {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Ok(())
    }
}

/// A running worker.
pub(super) struct Worker {
    task: JoinHandle<anyhow::Result<()>>,
    deps: Deps,
}

impl Worker {
    /// Rings for a job.
    pub(super) async fn ring(&self, job: Job) {
        self.deps.queue.ring(job).await;
    }

    /// Asks it to stop, and waits.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.deps.stop.cancel();
        self.task.await?
    }
}
