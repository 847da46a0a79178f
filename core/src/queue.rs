//! Jobs are wake-ups; rows are the truth. A job names a channel, a campaign, a connection; it is coarse and idempotent;
//! losing one delays work until the next tick and loses none.
//!
//! Two backends behind one small type: apalis-redis for several processes, apalis' in-memory storage for one.

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

/// Rings bells. Cheap to clone; ringing never fails: a bell that could not be rung is logged, and the next tick rings it
/// from the rows.
#[derive(Debug, Clone)]
pub struct Queue {
    sender: tokio::sync::mpsc::UnboundedSender<Job>,
}

impl Queue {
    /// A queue in memory and the end where its jobs come out.
    #[must_use]
    pub fn memory() -> (Self, tokio::sync::mpsc::UnboundedReceiver<Job>) {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        (Self { sender }, receiver)
    }

    /// Wakes a worker up for `job`.
    pub async fn ring(&self, job: Job) {
        if self.sender.send(job).is_err() {
            tracing::warn!(?job, "nobody listens to the queue");
        }
    }
}
