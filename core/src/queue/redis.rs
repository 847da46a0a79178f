//! The queue of several processes: apalis-redis 1.0.0, with its traps (each is pinned by `tests/apalis_traps.rs`).

use std::time::Duration;

use ::redis::{
    AsyncCommands, Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use apalis_core::backend::{BackendConfig, TaskSink, Vacuum};
use apalis_redis::{Config, RedisStorage};

use super::{Class, Job, QueueError};
use crate::{clock, http::redact};

/// How long the mark "this bell is waiting" holds at most. It is taken away when the bell is heard; this is for marks whose
/// job was lost (a flushed queue, a killed worker): the tick must be able to ring again soon.
const MARK: Duration = Duration::from_secs(5);

/// Bells a line may hold. apalis-redis 1.0.0 puts every task into its scheduled set first, and 8 000 of them due at once break
/// its fetch script for good; the tick rings again what was not rung.
const LINE_LIMIT: u64 = 2_000;

/// A listener shows so often that it lives, and is given up after so many times of silence.
const HEARTBEAT: Duration = Duration::from_secs(5);
const MISSED: usize = 3;

/// A listener that was silent for a day is struck off the list, which apalis-redis 1.0.0 never does.
const STRUCK_OFF: Duration = Duration::from_secs(86_400);

/// The queue of several processes.
#[derive(Clone)]
pub struct Redis {
    connection: ConnectionManager,
    prefix: String,
    address: String,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").field("address", &self.address).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

fn failed(error: impl std::fmt::Display) -> QueueError {
    QueueError(error.to_string())
}

impl Redis {
    /// Connects; `prefix` keeps queues of different installations (and tests) apart on one server.
    ///
    /// # Errors
    /// [`QueueError`] when the address is wrong or the server does not answer.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, QueueError> {
        let client = Client::open(url).map_err(failed)?;
        // Our own manager: the default one gives a call 500 ms, and one failed call ends an apalis worker.
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(Duration::from_secs(5)))
            .set_connection_timeout(Some(Duration::from_secs(5)))
            .set_min_delay(Duration::from_millis(50))
            .set_max_delay(Duration::from_millis(1_000))
            .set_number_of_retries(4);
        let connection = client.get_connection_manager_with_config(config).await.map_err(failed)?;
        Ok(Self { connection, prefix: prefix.to_owned(), address: redact(url) })
    }

    fn queue(&self, class: Class) -> String {
        format!("{}:{}", self.prefix, class.as_str())
    }

    fn mark(&self, job: Job) -> String {
        format!("{}:bell:{}:{}", self.prefix, job.name(), job.subject())
    }

    /// The storage of a line. Every setting answers a trap of apalis-redis 1.0.0.
    #[must_use]
    pub fn storage(&self, class: Class) -> RedisStorage<Job> {
        let config = Config::default()
            .queue(self.queue(class))
            // While a fetched batch waits behind busy handlers, heartbeats and acknowledgements stop and jobs run twice.
            .batch_size(1)
            // A dead worker's job is taken over after 15 s; the default waits for five minutes.
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED);
        RedisStorage::new(self.connection.clone()).with_config(config)
    }

    pub(super) async fn ring(&self, job: Job) -> Result<(), QueueError> {
        let waiting = self.depth(job.class()).await?;
        if waiting >= LINE_LIMIT {
            return Err(QueueError(format!("{waiting} bells are waiting in this line already")));
        }
        let mut connection = self.connection.clone();
        let fresh: Option<String> = ::redis::cmd("SET")
            .arg(self.mark(job))
            .arg(1)
            .arg("NX")
            .arg("PX")
            .arg(u64::try_from(MARK.as_millis()).unwrap_or(u64::MAX))
            .query_async(&mut connection)
            .await
            .map_err(failed)?;
        if fresh.is_none() {
            return Ok(());
        }
        let mut storage = self.storage(job.class());
        storage.push(job).await.map_err(failed)
    }

    pub(super) async fn heard(&self, job: Job) -> Result<(), QueueError> {
        let mut connection = self.connection.clone();
        let _: () = connection.del(self.mark(job)).await.map_err(failed)?;
        Ok(())
    }

    pub(super) async fn depth(&self, class: Class) -> Result<u64, QueueError> {
        let mut connection = self.connection.clone();
        let queue = self.queue(class);
        let (active, scheduled): (u64, u64) = ::redis::pipe()
            .llen(format!("{queue}:active"))
            .zcard(format!("{queue}:scheduled"))
            .query_async(&mut connection)
            .await
            .map_err(failed)?;
        Ok(active + scheduled)
    }

    pub(super) async fn listeners(&self, class: Class) -> Result<u64, QueueError> {
        let mut connection = self.connection.clone();
        let since = clock::now() - HEARTBEAT * u32::try_from(MISSED).unwrap_or(u32::MAX);
        let key = self.storage(class).config().workers_set();
        connection.zcount(key, since.timestamp(), "+inf").await.map_err(failed)
    }

    pub(super) async fn check(&self) -> Result<(), QueueError> {
        let mut connection = self.connection.clone();
        let _: String = ::redis::cmd("PING").query_async(&mut connection).await.map_err(failed)?;
        Ok(())
    }

    /// Forgets finished tasks, which apalis-redis keeps for ever: their bodies, and the `done` set that its vacuum leaves.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn vacuum(&self) -> Result<(), QueueError> {
        let mut connection = self.connection.clone();
        for class in Class::ALL {
            let mut storage = self.storage(class);
            storage.vacuum().await.map_err(failed)?;
            for set in ["done", "dead", "failed"] {
                let _: () = connection.del(format!("{}:{set}", self.queue(class))).await.map_err(failed)?;
            }
            let gone = (clock::now() - STRUCK_OFF).timestamp();
            let _: () = connection.zrembyscore(storage.config().workers_set(), 0, gone).await.map_err(failed)?;
        }
        Ok(())
    }
}
