//! Jobs are wake-ups; rows are the truth. A job names a channel, a campaign, a connection; it is
//! coarse and idempotent; losing one delays work until the next tick and loses none.
//!
//! Two backends behind one small type: apalis-redis for several processes, apalis' in-memory
//! storage for one. Nothing but this module and the worker's wiring knows which. A worker of
//! several keeps a queue in memory beside Redis: what cannot be rung there, because Redis is away,
//! frozen or full, is done by this very process ([`Queue::with_own_line`]). Redis shares work out;
//! no work depends on it.

pub mod memory;
pub mod redis;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, CampaignId, ChannelId, ConnectionId, ImportId};

/// A wake-up for the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "job")]
pub enum Job {
    /// Turn a launched campaign's audience into deliveries.
    PlanCampaign { campaign: CampaignId },
    /// Send what is due through a channel, for about twenty seconds.
    Deliver { channel: ChannelId },
    /// Bring a CRM's contacts here.
    SyncCrm { connection: ConnectionId },
    /// Understand what a channel sent us.
    HandleInbound {
        /// Which channel or CRM connection, by its bare id.
        source: uuid::Uuid,
    },
    /// Tell a CRM what happened.
    WriteBack { connection: ConnectionId },
    /// Take an import's rows in.
    RunImport { import: ImportId },
    /// Close a campaign whose last row came to rest: check its books, write its report, tell its
    /// members.
    CloseCampaign { campaign: CampaignId },
    /// Look to whom of a campaign the next step goes.
    NextStep { campaign: CampaignId },
    /// Ask the provider of a channel what has become of templates.
    LookAtTemplates { channel: ChannelId },
    /// Ask messengers whom of a campaign they would refuse.
    AskAhead { campaign: CampaignId },
    /// Carry out whose word counts for fields of people who are in several CRMs.
    ApplyChoices { account: AccountId },
}

/// Where jobs wait. Each line has seats of its own: no job waits behind one of another line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Line {
    /// [`Job::Deliver`]: twenty seconds each.
    Deliver,
    /// What customers and CRMs sent us. Opt-outs are among it.
    Inbound,
    /// Short work on the database: planning and closing campaigns, their next steps.
    Work,
    /// What takes as long as somebody else does, or as a file is large: syncs, notes to a CRM,
    /// imports.
    Long,
}

impl Line {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Deliver, Self::Inbound, Self::Work, Self::Long];

    /// The name in queue names, logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Its place in [`Line::ALL`].
    const fn place(self) -> usize {
        self as usize
    }

    fn named(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// Jobs of each line that one process does at a time (`[jobs]` in the settings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seats {
    /// Each is one channel; most of its time is spent waiting for the provider.
    pub deliver: usize,
    /// Each is one channel's or connection's events.
    pub inbound: usize,
    pub work: usize,
    pub long: usize,
}

impl Default for Seats {
    fn default() -> Self {
        Self { deliver: 64, inbound: 16, work: 8, long: 8 }
    }
}

impl Seats {
    /// Those of a line.
    #[must_use]
    pub const fn of(self, line: Line) -> usize {
        match line {
            Line::Deliver => self.deliver,
            Line::Inbound => self.inbound,
            Line::Work => self.work,
            Line::Long => self.long,
        }
    }

    /// A line that no job would ever be done of.
    #[must_use]
    pub fn without(self) -> Option<Line> {
        Line::ALL.into_iter().find(|line| self.of(*line) == 0)
    }
}

impl Job {
    /// Which line it waits in.
    #[must_use]
    pub fn line(self) -> Line {
        match self {
            Self::Deliver { .. } => Line::Deliver,
            Self::HandleInbound { .. } => Line::Inbound,
            Self::PlanCampaign { .. } | Self::CloseCampaign { .. } | Self::NextStep { .. } | Self::ApplyChoices { .. } => Line::Work,
            Self::SyncCrm { .. }
            | Self::WriteBack { .. }
            | Self::RunImport { .. }
            | Self::LookAtTemplates { .. }
            | Self::AskAhead { .. } => Line::Long,
        }
    }

    /// Its name in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PlanCampaign { .. } => "plan_campaign",
            Self::Deliver { .. } => "deliver",
            Self::SyncCrm { .. } => "sync_crm",
            Self::HandleInbound { .. } => "handle_inbound",
            Self::WriteBack { .. } => "write_back",
            Self::RunImport { .. } => "run_import",
            Self::CloseCampaign { .. } => "close_campaign",
            Self::NextStep { .. } => "next_step",
            Self::LookAtTemplates { .. } => "look_at_templates",
            Self::AskAhead { .. } => "ask_ahead",
            Self::ApplyChoices { .. } => "apply_choices",
        }
    }

    /// What it wakes up, by bare id.
    #[must_use]
    pub fn subject(self) -> uuid::Uuid {
        match self {
            Self::PlanCampaign { campaign }
            | Self::CloseCampaign { campaign }
            | Self::NextStep { campaign }
            | Self::AskAhead { campaign } => campaign.0,
            Self::Deliver { channel } | Self::LookAtTemplates { channel } => channel.0,
            Self::SyncCrm { connection } | Self::WriteBack { connection } => connection.0,
            Self::HandleInbound { source } => source,
            Self::RunImport { import } => import.0,
            Self::ApplyChoices { account } => account.0,
        }
    }
}

/// The bell did not reach the queue. Nothing is lost: it is answered in this process, or the next
/// tick rings it from the rows.
#[derive(Debug, thiserror::Error)]
#[error("the queue does not answer: {0}")]
pub struct QueueError(pub String);

/// Bells that [`Queue::ring_all`] has under way at a time.
const AT_A_TIME: usize = 128;

/// Rings bells. Cheap to clone; ringing never fails for the caller: a bell that could not be rung
/// is answered by this process if it does jobs, and otherwise the next tick of a worker rings it
/// from the rows.
#[derive(Debug, Clone)]
pub struct Queue {
    backend: Backend,
}

#[derive(Debug, Clone)]
enum Backend {
    Memory(Arc<memory::Memory>),
    Redis(redis::Redis, Option<Arc<Own>>),
}

/// What a process that does jobs keeps beside Redis.
#[derive(Debug)]
struct Own {
    memory: Arc<memory::Memory>,
    /// By [`Line::place`]: the connection ([`redis::Redis::connected`]) by which this process hears
    /// the line in Redis. By none (0), or one that was replaced, it hears nothing, so what it rings
    /// there might be heard by nobody.
    hears: [AtomicU64; Line::ALL.len()],
    /// A bell was heard since it was last asked.
    worked: AtomicBool,
}

impl Own {
    fn ring(&self, job: Job) -> Result<(), QueueError> {
        metrics::counter!("mms_bells_own_total", "kind" => job.name()).increment(1);
        self.memory.ring(job)
    }
}

impl Queue {
    /// A queue in this process.
    #[must_use]
    pub fn memory() -> Self {
        Self { backend: Backend::Memory(Arc::new(memory::Memory::new())) }
    }

    /// The queue that several processes share.
    #[must_use]
    pub fn redis(redis: redis::Redis) -> Self {
        Self { backend: Backend::Redis(redis, None) }
    }

    /// The same queue for a process that does jobs: what cannot be rung in Redis waits in a queue
    /// of the process's own.
    #[must_use]
    pub fn with_own_line(self) -> Self {
        let backend = match self.backend {
            Backend::Redis(redis, None) => {
                let hears = [const { AtomicU64::new(0) }; Line::ALL.len()];
                let own = Own { memory: Arc::new(memory::Memory::new()), hears, worked: AtomicBool::new(false) };
                Backend::Redis(redis, Some(Arc::new(own)))
            }
            other => other,
        };
        Self { backend }
    }

    /// Wakes a worker up for `job`. While the same bell is waiting to be heard it is not rung
    /// twice.
    pub async fn ring(&self, job: Job) {
        let error = match &self.backend {
            Backend::Memory(memory) => memory.ring(job).err(),
            Backend::Redis(redis, Some(own)) if own.hears[job.line().place()].load(Ordering::Relaxed) != redis.connected() => {
                own.ring(job).err()
            }
            Backend::Redis(redis, own) => match (redis.ring(job).await, own) {
                (Err(_), Some(own)) => own.ring(job).err(),
                (rung, _) => rung.err(),
            },
        };
        if let Some(error) = error {
            metrics::counter!("mms_bells_lost_total", "kind" => job.name()).increment(1);
            // That the queue is away was said when it went.
            tracing::debug!(job = job.name(), %error, "a bell was not rung; the next tick rings it");
        }
    }

    /// Rings for all of them side by side: a server that answers slowly is waited for once, not for
    /// each bell anew.
    pub async fn ring_all(&self, jobs: impl IntoIterator<Item = Job>) {
        stream::iter(jobs).for_each_concurrent(AT_A_TIME, |job| self.ring(job)).await;
    }

    /// A worker heard the bell and begins: from now on the same bell may be rung again. To be
    /// called before the rows are read, so that a change made meanwhile rings anew.
    pub async fn heard(&self, job: Job) {
        let forgotten = match &self.backend {
            Backend::Memory(memory) => {
                memory.heard(job);
                Ok(())
            }
            Backend::Redis(redis, own) => {
                if let Some(own) = own {
                    own.memory.heard(job);
                    own.worked.store(true, Ordering::Relaxed);
                }
                redis.heard(job).await
            }
        };
        if let Err(error) = forgotten {
            // The mark ends by itself in a few seconds.
            tracing::debug!(job = job.name(), %error, "a bell's mark was not taken away");
        }
    }

    /// Sweeps finished tasks out of Redis, if this process heard a bell since it last did.
    ///
    /// # Errors
    /// [`QueueError`]; the next time tries again.
    pub async fn sweep(&self) -> Result<(), QueueError> {
        let Backend::Redis(redis, Some(own)) = &self.backend else { return Ok(()) };
        if !own.worked.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let swept = redis.vacuum().await;
        if swept.is_err() {
            own.worked.store(true, Ordering::Relaxed);
        }
        swept
    }

    /// This process hears the line in Redis by this connection ([`redis::Redis::connected`]);
    /// `None`: it hears nothing of it now.
    pub fn set_hearing(&self, line: Line, by: Option<u64>) {
        if let Backend::Redis(_, Some(own)) = &self.backend {
            own.hears[line.place()].store(by.unwrap_or_default(), Ordering::Relaxed);
        }
    }

    /// Bells waiting in a line; `None` when the queue does not answer.
    pub async fn depth(&self, line: Line) -> Option<u64> {
        Some(self.depths().await?[line.place()])
    }

    /// Bells waiting, by line in the order of [`Line::ALL`]; `None` when the queue does not
    /// answer.
    pub async fn depths(&self) -> Option<[u64; Line::ALL.len()]> {
        let of = |memory: &memory::Memory| Line::ALL.map(|line| memory.depth(line));
        match &self.backend {
            Backend::Memory(memory) => Some(of(memory)),
            Backend::Redis(redis, own) => {
                let mut depths = redis.depths().await.ok()?;
                if let Some(own) = own {
                    depths.iter_mut().zip(of(&own.memory)).for_each(|(depth, here)| *depth += here);
                }
                Some(depths)
            }
        }
    }

    /// Workers that listen to a line; 0 when the queue does not answer.
    pub async fn listeners(&self, line: Line) -> u64 {
        match &self.backend {
            Backend::Memory(_) => 1,
            Backend::Redis(redis, _) => redis.listeners(line).await.unwrap_or(0),
        }
    }

    /// Whether the queue takes bells: Redis is asked to write something.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn check(&self) -> Result<(), QueueError> {
        match &self.backend {
            Backend::Memory(_) => Ok(()),
            Backend::Redis(redis, _) => redis.check().await,
        }
    }

    /// The ends where jobs come out, for the worker's wiring: the shared one, and this process's
    /// own.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        match &self.backend {
            Backend::Memory(memory) => vec![Source::Memory(Arc::clone(memory))],
            Backend::Redis(redis, own) => {
                let own = own.iter().map(|own| Source::Memory(Arc::clone(&own.memory)));
                own.chain([Source::Redis(redis.clone())]).collect()
            }
        }
    }
}

/// An end of the queue where jobs come out.
#[derive(Debug, Clone)]
pub enum Source {
    /// In this process.
    Memory(Arc<memory::Memory>),
    /// Shared by several.
    Redis(redis::Redis),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_place_and_name() {
        for (place, line) in Line::ALL.into_iter().enumerate() {
            assert_eq!((line.place(), Line::named(line.as_str())), (place, Some(line)));
        }
    }

    /// An opt-out among what came in shares no seat with a sync or an import.
    #[test]
    fn what_came_in_waits_behind_nothing_long() {
        let id = uuid::Uuid::now_v7();
        let inbound = Job::HandleInbound { source: id }.line();
        for other in [
            Job::SyncCrm { connection: ConnectionId(id) },
            Job::WriteBack { connection: ConnectionId(id) },
            Job::RunImport { import: ImportId(id) },
            Job::PlanCampaign { campaign: CampaignId(id) },
            Job::Deliver { channel: ChannelId(id) },
        ] {
            assert_ne!(other.line(), inbound, "{other:?}");
        }
    }
}
