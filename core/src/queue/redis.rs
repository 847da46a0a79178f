//! The queue of several processes: apalis-redis 1.0.0, with its traps (each is pinned by
//! `tests/apalis_traps.rs`).
//!
//! Redis may be away, frozen or full. Every call of ours ends within [`PATIENCE`]; the first that
//! fails marks the server as away, calls fail at once from then on, and one task asks it to write
//! something until it does ([`Redis::back`]).

mod bells;

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use ::redis::{
    AsyncCommands, Client, ConnectionInfo, IntoConnectionInfo as _, TlsCertificates,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};
use apalis_core::backend::{
    BackendConfig, TaskSink, Vacuum,
    ext::{BackendExt as _, poll_strategy::PollWith, poll_strategy::StreamStrategy},
};
use apalis_redis::{Config, RedisStorage};
use tokio::sync::watch;

use self::bells::{Bells, Heard};
use super::{Job, Line, QueueError};
use crate::{aside, clock, http::redact};

/// How long the mark "this bell is waiting" holds at most. A listener that hears the bell takes the
/// mark away. The limit is for marks whose job was lost (a flushed queue, a killed worker): the
/// tick must be able to ring again soon.
const MARK: Duration = Duration::from_secs(5);

/// Bells a line may hold. apalis-redis 1.0.0 puts every task into its scheduled set first, and 8
/// 000 of them due at once break its fetch script for good; the tick rings again what was not rung.
const LINE_LIMIT: u64 = 2_000;

/// Time between two signs of life of a listener; it is given up when [`MISSED`] of them are
/// missing. An idle line also looks for bells then, so a bell whose signal ([`bells`]) was lost
/// waits no longer than this.
const HEARTBEAT: Duration = Duration::from_secs(5);
const MISSED: usize = 3;

/// A listener that was silent for a day is struck off the list, which apalis-redis 1.0.0 never
/// does.
const STRUCK_OFF: Duration = Duration::from_secs(86_400);

/// How long a call of ours may take before the server counts as away. Whoever waits for it
/// meanwhile (the tick, a webhook's bell) waits once: while it is away calls fail at once.
const PATIENCE: Duration = Duration::from_secs(1);
/// A connection whose other end is gone without a word (a firewall that forgot it, a server that
/// was unplugged) is given up after about this long, and made anew. Left to the system, what was
/// written on it would be tried for a quarter of an hour.
const LOST: Duration = Duration::from_secs(15);
/// How long a new connection may take, its greetings included: each is a call of its own.
const CONNECTED: Duration = Duration::from_secs(3);
/// How often a server that is away is asked whether it is back.
const PROBE: Duration = Duration::from_millis(500);
/// How often the log says that it is still away.
const REMINDER: Duration = Duration::from_secs(300);

/// The queue of several processes.
#[derive(Clone)]
pub struct Redis {
    server: Arc<Server>,
}

/// What all clones share.
struct Server {
    client: Client,
    /// Made anew when the server was away: one that leads nowhere any more, with nothing to say so
    /// (a proxy on the way hangs), would never be left by itself. Held for no await.
    connection: Mutex<ConnectionManager>,
    prefix: String,
    address: String,
    /// Grows with every connection that took the place of one that carried nothing.
    renewed: watch::Sender<u64>,
    /// Whether it answers.
    answers: watch::Sender<bool>,
    /// Signals of bells; begun by the first line that listens.
    bells: OnceLock<Bells>,
}

/// A line's storage that looks for bells when one was rung.
pub type Listening = PollWith<RedisStorage<Job>, StreamStrategy<Heard>>;

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").field("address", &self.server.address).field("prefix", &self.server.prefix).finish_non_exhaustive()
    }
}

fn failed(error: impl std::fmt::Display) -> QueueError {
    QueueError(error.to_string())
}

/// A connection of our own making: the default one gives a call 500 ms, and one failed call ends an
/// apalis worker.
fn connection(client: &Client) -> ::redis::RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_response_timeout(Some(Duration::from_secs(5)))
        .set_connection_timeout(Some(Duration::from_secs(5)))
        .set_min_delay(Duration::from_millis(50))
        .set_max_delay(Duration::from_millis(1_000))
        .set_number_of_retries(4);
    client.get_connection_manager_lazy(config)
}

/// The server at this address, by connections that notice when they lead nowhere any more.
fn way(url: &str) -> Result<ConnectionInfo, QueueError> {
    let asked = TcpKeepalive::new().with_time(LOST / 3).with_interval(LOST / 3).with_retries(2);
    let settings = TcpSettings::default().set_nodelay(true).set_keepalive(asked);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(LOST);
    Ok(url.into_connection_info().map_err(failed)?.set_tcp_settings(settings))
}

impl Redis {
    /// Prepares the way to the server; it may be away. `prefix` keeps queues of different
    /// installations (and tests) apart on one server. To be called within the runtime.
    ///
    /// # Errors
    /// [`QueueError`] when the address is wrong.
    pub fn open(url: &str, prefix: &str) -> Result<Self, QueueError> {
        Self::prepare(Client::open(way(url)?).map_err(failed)?, url, prefix)
    }

    /// The same for a server (`rediss://`) whose certificate these authorities signed (PEM), and no
    /// others.
    ///
    /// # Errors
    /// [`QueueError`] when the address is wrong or a certificate cannot be read.
    pub fn trusting(url: &str, authorities: &[u8], prefix: &str) -> Result<Self, QueueError> {
        let certificates = TlsCertificates { client_tls: None, root_cert: Some(authorities.to_owned()) };
        Self::prepare(Client::build_with_tls(way(url)?, certificates).map_err(failed)?, url, prefix)
    }

    fn prepare(client: Client, url: &str, prefix: &str) -> Result<Self, QueueError> {
        let connection = Mutex::new(connection(&client).map_err(failed)?);
        let (renewed, answers, bells) = (watch::Sender::new(1), watch::Sender::new(true), OnceLock::new());
        let server = Server { client, connection, prefix: prefix.to_owned(), address: redact(url), renewed, answers, bells };
        Ok(Self { server: Arc::new(server) })
    }

    fn connection(&self) -> ConnectionManager {
        self.server.connection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The number of the connection that is used now: who listens by an earlier one hears nothing.
    #[must_use]
    pub fn connected(&self) -> u64 {
        *self.server.renewed.borrow()
    }

    /// Waits until that connection was replaced by another.
    pub async fn replaced(&self, number: u64) {
        // The sender is ours.
        drop(self.server.renewed.subscribe().wait_for(|now| *now != number).await);
    }

    /// The same, and the server answers.
    ///
    /// # Errors
    /// [`QueueError`] when the address is wrong or the server does not answer.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, QueueError> {
        let redis = Self::open(url, prefix)?;
        redis.reach().await?;
        redis.check().await?;
        Ok(redis)
    }

    /// Connects once more, beside the connection that is kept, which tries again by itself and so
    /// tells nobody why it cannot.
    ///
    /// # Errors
    /// [`QueueError`] with the reason.
    pub async fn reach(&self) -> Result<(), QueueError> {
        match tokio::time::timeout(PATIENCE, self.server.client.get_multiplexed_async_connection()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.to_string().contains("certificate") => Err(QueueError(format!(
                "{error}: who signed the server's certificate is not known here, name their certificate by `redis_ca_file` (MMS_REDIS_CA_FILE)"
            ))),
            Ok(Err(error)) => Err(failed(error)),
            Err(_) => Err(QueueError(format!("no connection within {} s", PATIENCE.as_secs()))),
        }
    }

    fn queue(&self, line: Line) -> String {
        format!("{}:{}", self.server.prefix, line.as_str())
    }

    fn mark(&self, job: Job) -> String {
        format!("{}:bell:{}:{}", self.server.prefix, job.name(), job.subject())
    }

    /// The storage of a line. Every setting answers a trap of apalis-redis 1.0.0.
    #[must_use]
    pub fn storage(&self, line: Line) -> RedisStorage<Job> {
        let config = Config::default()
            .queue(self.queue(line))
            // While a fetched batch waits behind busy handlers, heartbeats and acknowledgements
            // stop and jobs run twice.
            .batch_size(1)
            // A dead worker's job is taken over after 15 s; the default waits for five minutes.
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED);
        RedisStorage::new(self.connection()).with_config(config)
    }

    /// The storage of a line for its listener: it looks when a bell is rung, and with each
    /// heartbeat. The listener of a line is one a process; a later one takes its place.
    #[must_use]
    pub fn listening(&self, line: Line) -> Listening {
        let bells =
            self.server.bells.get_or_init(|| Bells::begin(self.server.client.clone(), self.channel(), self.server.renewed.subscribe()));
        self.storage(line).poll_with_strategy(StreamStrategy::new(bells.of(line)))
    }

    /// The pub/sub channel of bells: a message is the name of a line.
    fn channel(&self) -> String {
        format!("{}:bells", self.server.prefix)
    }

    pub(super) async fn ring(&self, job: Job) -> Result<(), QueueError> {
        let (mut connection, mut storage) = (self.connection(), self.storage(job.line()));
        let (queue, mark) = (self.queue(job.line()), self.mark(job));
        let held = u64::try_from(MARK.as_millis()).unwrap_or(u64::MAX);
        let mut pipe = ::redis::pipe();
        pipe.llen(format!("{queue}:active")).zcard(format!("{queue}:scheduled"));
        pipe.cmd("SET").arg(&mark).arg(1).arg("NX").arg("PX").arg(held);
        let (active, scheduled, fresh): (u64, u64, Option<String>) = self.ask(pipe.query_async(&mut connection)).await?;
        if fresh.is_none() {
            return Ok(());
        }
        if active + scheduled >= LINE_LIMIT {
            let _: () = self.ask(connection.del(mark)).await?;
            return Err(QueueError(format!("{} bells are waiting in this line already", active + scheduled)));
        }
        self.ask(storage.push(job)).await?;
        self.ask(connection.publish(self.channel(), job.line().as_str())).await
    }

    pub(super) async fn heard(&self, job: Job) -> Result<(), QueueError> {
        let mut connection = self.connection();
        self.ask(connection.del(self.mark(job))).await
    }

    pub(super) async fn depths(&self) -> Result<[u64; Line::ALL.len()], QueueError> {
        let (mut connection, mut pipe) = (self.connection(), ::redis::pipe());
        for line in Line::ALL {
            let queue = self.queue(line);
            pipe.llen(format!("{queue}:active")).zcard(format!("{queue}:scheduled"));
        }
        let sizes: Vec<u64> = self.ask(pipe.query_async(&mut connection)).await?;
        Ok(Line::ALL.map(|line| sizes.iter().skip(2 * line.place()).take(2).sum()))
    }

    pub(super) async fn listeners(&self, line: Line) -> Result<u64, QueueError> {
        let mut connection = self.connection();
        let since = clock::now() - HEARTBEAT * u32::try_from(MISSED).unwrap_or(u32::MAX);
        let key = self.storage(line).config().workers_set();
        self.ask(connection.zcount(key, since.timestamp(), "+inf")).await
    }

    pub(super) async fn check(&self) -> Result<(), QueueError> {
        self.ask(self.write(self.connection())).await
    }

    /// Something written: a server that is full, or may not write, answers a PING all the same.
    async fn write(&self, mut connection: ConnectionManager) -> ::redis::RedisResult<()> {
        ::redis::cmd("SET").arg(format!("{}:probe", self.server.prefix)).arg(1).arg("PX").arg(60_000).query_async(&mut connection).await
    }

    /// Something written by a new connection, which is used from then on.
    async fn renew(&self) -> ::redis::RedisResult<()> {
        let fresh = connection(&self.server.client)?;
        self.write(fresh.clone()).await?;
        *self.server.connection.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        self.server.renewed.send_modify(|number| *number += 1);
        Ok(())
    }

    /// Asks, unless the server is away; whatever fails or takes too long says that it is.
    async fn ask<T, E: std::fmt::Display>(&self, call: impl Future<Output = Result<T, E>>) -> Result<T, QueueError> {
        if !*self.server.answers.borrow() {
            return Err(QueueError("it was away a moment ago".to_owned()));
        }
        let error = match tokio::time::timeout(PATIENCE, call).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => failed(error),
            Err(_) => QueueError(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        self.gone(&error);
        Err(error)
    }

    /// Something outside these calls failed: the server is asked, and marked as away if it does not
    /// answer.
    pub async fn doubt(&self) {
        drop(self.check().await);
    }

    /// Waits until the server answers.
    pub async fn back(&self) {
        // The sender is ours.
        drop(self.server.answers.subscribe().wait_for(|answers| *answers).await);
    }

    /// The server is away: said once, and asked until it is back.
    fn gone(&self, error: &QueueError) {
        if !self.server.answers.send_if_modified(|answers| std::mem::replace(answers, false)) {
            return;
        }
        metrics::gauge!("mms_queue_answers").set(0.0);
        tracing::error!(redis = self.server.address, %error, "Redis takes no bells; this process goes on without it");
        let redis = self.clone();
        aside::task("look for Redis", async move {
            if let Err(error) = redis.reach().await {
                tracing::error!(redis = redis.server.address, %error, "Redis cannot be reached");
            }
            let mut said = tokio::time::Instant::now();
            loop {
                tokio::time::sleep(PROBE).await;
                if let Ok(Ok(())) = tokio::time::timeout(PATIENCE, redis.write(redis.connection())).await {
                    break;
                }
                let error = match tokio::time::timeout(CONNECTED, redis.renew()).await {
                    Ok(Ok(())) => break,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "no answer".to_owned(),
                };
                if said.elapsed() >= REMINDER {
                    said = tokio::time::Instant::now();
                    tracing::warn!(redis = redis.server.address, error, "Redis still takes no bells");
                }
            }
            redis.server.answers.send_replace(true);
            metrics::gauge!("mms_queue_answers").set(1.0);
            tracing::info!(redis = redis.server.address, "Redis takes bells again");
        });
    }

    /// Forgets finished tasks, which apalis-redis keeps for ever: their bodies, and the `done` set
    /// that its vacuum leaves.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn vacuum(&self) -> Result<(), QueueError> {
        let (mut connection, mut pipe) = (self.connection(), ::redis::pipe());
        let gone = (clock::now() - STRUCK_OFF).timestamp();
        let vacuums = Line::ALL.map(|line| {
            let mut storage = self.storage(line);
            for set in ["done", "dead", "failed"] {
                pipe.del(format!("{}:{set}", self.queue(line))).ignore();
            }
            pipe.zrembyscore(storage.config().workers_set(), 0, gone).ignore();
            async move { self.ask(storage.vacuum()).await }
        });
        futures::future::try_join_all(vacuums).await?;
        self.ask(pipe.query_async(&mut connection)).await
    }
}
