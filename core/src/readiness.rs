//! What `/readyz` says: may this process be given work?

use crate::{on, queue::Queue, store::Store};

/// Whether a process may be given work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Database and queue answer.
    Ready,
    /// Redis takes no bells. The process may be given work all the same: what is due is done by the
    /// workers themselves, up to a second later, and work is not shared out evenly.
    WithoutQueue,
    /// The trail is not what was noted of it. Messages are sent all the same; people must look.
    TrailDiffers,
    /// Nothing can be kept.
    NoDatabase,
    /// A page of the database is not what it should be: whatever is kept may be lost.
    Damaged,
}

impl Readiness {
    /// Asks both.
    pub async fn look(store: &Store, queue: &Queue) -> Self {
        let answer: sqlx::Result<i64> = on!(store.read(), |c| sqlx::query_scalar("select cast(1 as bigint)").fetch_one(c).await);
        if let Err(error) = answer {
            tracing::warn!(%error, "not ready: the database does not answer");
            return Self::NoDatabase;
        }
        if store.damaged() {
            return Self::Damaged;
        }
        // That the queue is away is told in the log when it goes.
        match queue.check().await {
            Err(_) => Self::WithoutQueue,
            Ok(()) if store.trail_differs() => Self::TrailDiffers,
            Ok(()) => Self::Ready,
        }
    }

    /// Whether it may: the answer is 200, and not 503.
    #[must_use]
    pub fn may_work(self) -> bool {
        !matches!(self, Self::NoDatabase | Self::Damaged)
    }

    /// The body of the answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready\n",
            Self::WithoutQueue => "ready, degraded: Redis takes no bells\n",
            Self::TrailDiffers => "ready, but the trail is not what was noted of it: mms admin audit verify\n",
            Self::NoDatabase => "the database does not answer\n",
            Self::Damaged => "the database is damaged: restore a backup\n",
        }
    }
}
