//! Jobs are wake-ups; rows are the truth. A job names a channel, a campaign, a connection; it is coarse and idempotent;
//! losing one delays work until the next tick and loses none.
//!
//! Two backends behind one small type: apalis-redis for several processes, apalis' in-memory storage for one. Nothing but
//! this module and the worker's wiring knows which.

pub mod memory;
pub mod redis;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{CampaignId, ChannelId, ConnectionId, ImportId};

/// A wake-up for the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "job")]
pub enum Job {
    /// Turn a launched campaign's audience into deliveries.
    PlanCampaign {
        /// Which.
        campaign: CampaignId,
    },
    /// Send what is due through a channel, for about twenty seconds.
    Deliver {
        /// Which.
        channel: ChannelId,
    },
    /// Bring a CRM's contacts here.
    SyncCrm {
        /// Which.
        connection: ConnectionId,
    },
    /// Understand what a channel sent us.
    HandleInbound {
        /// Which channel or CRM connection, by its bare id.
        source: uuid::Uuid,
    },
    /// Tell a CRM what happened.
    WriteBack {
        /// Which.
        connection: ConnectionId,
    },
    /// Take an import's rows in.
    RunImport {
        /// Which.
        import: ImportId,
    },
    /// Close a campaign whose last row came to rest: check its books, write its report, tell its members.
    CloseCampaign {
        /// Which.
        campaign: CampaignId,
    },
}

/// Jobs of one class wait in one line. Sending has its own, so that a long campaign on many channels never keeps an opt-out
/// waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// [`Job::Deliver`]: twenty seconds each.
    Deliver,
    /// Everything else.
    Work,
}

impl Class {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Deliver, Self::Work];

    /// The name in queue names, logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deliver => "deliver",
            Self::Work => "work",
        }
    }
}

impl Job {
    /// Which line it waits in.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::Deliver { .. } => Class::Deliver,
            Self::PlanCampaign { .. }
            | Self::SyncCrm { .. }
            | Self::HandleInbound { .. }
            | Self::WriteBack { .. }
            | Self::RunImport { .. }
            | Self::CloseCampaign { .. } => Class::Work,
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
        }
    }

    /// What it wakes up, by bare id.
    #[must_use]
    pub fn subject(self) -> uuid::Uuid {
        match self {
            Self::PlanCampaign { campaign } | Self::CloseCampaign { campaign } => campaign.0,
            Self::Deliver { channel } => channel.0,
            Self::SyncCrm { connection } | Self::WriteBack { connection } => connection.0,
            Self::HandleInbound { source } => source,
            Self::RunImport { import } => import.0,
        }
    }
}

/// The bell did not reach the queue. Nothing is lost: the next tick rings it from the rows.
#[derive(Debug, thiserror::Error)]
#[error("the queue does not answer: {0}")]
pub struct QueueError(pub String);

/// Rings bells. Cheap to clone; ringing never fails for the caller: a bell that could not be rung is logged, and the next
/// tick rings it from the rows.
#[derive(Debug, Clone)]
pub struct Queue {
    backend: Backend,
}

#[derive(Debug, Clone)]
enum Backend {
    Memory(Arc<memory::Memory>),
    Redis(redis::Redis),
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
        Self { backend: Backend::Redis(redis) }
    }

    /// Wakes a worker up for `job`. While the same bell is waiting to be heard it is not rung twice.
    pub async fn ring(&self, job: Job) {
        if let Err(error) = self.try_ring(job).await {
            metrics::counter!("mms_bells_lost_total", "job" => job.name()).increment(1);
            tracing::warn!(job = job.name(), %error, "a bell was not rung; the next tick rings it");
        }
    }

    async fn try_ring(&self, job: Job) -> Result<(), QueueError> {
        match &self.backend {
            Backend::Memory(memory) => memory.ring(job),
            Backend::Redis(redis) => redis.ring(job).await,
        }
    }

    /// A worker heard the bell and begins: from now on the same bell may be rung again. To be called before the rows are
    /// read, so that a change made meanwhile rings anew.
    pub async fn heard(&self, job: Job) {
        let forgotten = match &self.backend {
            Backend::Memory(memory) => {
                memory.heard(job);
                Ok(())
            }
            Backend::Redis(redis) => redis.heard(job).await,
        };
        if let Err(error) = forgotten {
            // The mark ends by itself in a few seconds.
            tracing::debug!(job = job.name(), %error, "a bell's mark was not taken away");
        }
    }

    /// Bells waiting in a line; `None` when the queue does not answer.
    pub async fn depth(&self, class: Class) -> Option<u64> {
        match &self.backend {
            Backend::Memory(memory) => Some(memory.depth(class)),
            Backend::Redis(redis) => redis.depth(class).await.ok(),
        }
    }

    /// Workers that listen to a line; 0 when the queue does not answer.
    pub async fn listeners(&self, class: Class) -> u64 {
        match &self.backend {
            Backend::Memory(_) => 1,
            Backend::Redis(redis) => redis.listeners(class).await.unwrap_or(0),
        }
    }

    /// Whether the queue answers.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn check(&self) -> Result<(), QueueError> {
        match &self.backend {
            Backend::Memory(_) => Ok(()),
            Backend::Redis(redis) => redis.check().await,
        }
    }

    /// The end where jobs come out, for the worker's wiring.
    #[must_use]
    pub fn source(&self) -> Source {
        match &self.backend {
            Backend::Memory(memory) => Source::Memory(Arc::clone(memory)),
            Backend::Redis(redis) => Source::Redis(redis.clone()),
        }
    }
}

/// The end of the queue where jobs come out.
#[derive(Debug, Clone)]
pub enum Source {
    /// In this process.
    Memory(Arc<memory::Memory>),
    /// Shared by several.
    Redis(redis::Redis),
}
