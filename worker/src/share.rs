//! Channels are shared out between workers: a worker that has its part leaves the next channel to
//! another one.
//!
//! A line of the queue is greedy: one worker's look at it takes everything that waits, so of two
//! idle workers the first one would pump all channels while the other stands by. A worker that has
//! its part passes the bell on instead, a few times and after a short wait; if nobody takes it
//! meanwhile, it takes the channel itself. Nothing depends on it but evenness: the lease decides
//! who sends.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use mms_core::{
    aside,
    channel::lease,
    clock,
    id::ChannelId,
    queue::{Job, Line},
};
use tokio::sync::Mutex;

use crate::{Deps, pump};

/// How many times a channel is offered to the others. Of two workers, the other one hears an offer
/// with a chance of a half.
const OFFERS: u8 = 6;
/// Offers older than this do not count: since then the channel had an owner.
const FORGET: Duration = Duration::from_secs(5);
/// The longest wait before a bell is passed on: about one look of the others, so that they hear it
/// as likely as we do.
const WAIT: Duration = Duration::from_millis(100);

/// What this process pumps and has passed on. One per process.
#[derive(Debug, Default)]
pub struct Share {
    pumping: Arc<AtomicU64>,
    offered: Mutex<HashMap<ChannelId, (u8, Instant)>>,
}

/// One channel of our part, for as long as it lives.
struct Taken(Arc<AtomicU64>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether a worker that pumps `mine` channels takes one more, when other workers pump `others` and
/// `workers` are at work in all.
fn takes(mine: u64, others: u64, workers: u64) -> bool {
    mine < (mine + others + 1).div_ceil(workers.max(1))
}

impl Share {
    /// Pumps the channel for one turn, or leaves it to another worker.
    ///
    /// # Errors
    /// As [`pump::run`].
    pub async fn deliver(&self, deps: &Deps, channel: ChannelId) -> anyhow::Result<()> {
        if let Some(_taken) = self.take(deps, channel).await? {
            return pump::run(deps, channel).await;
        }
        tracing::debug!(channel.id = %channel, "this worker has its part, the channel is left to another");
        let (queue, stop, wait) = (deps.queue.clone(), deps.stop.clone(), WAIT.mul_f64(0.25 + pump::jitter()));
        // After this job, not within it: a line looks again as soon as a job of its own ends, so we
        // would always hear it first. A bell lost with this process is rung by the next tick.
        aside::task("pass the bell on", async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(wait) => {}
            }
            queue.ring(Job::Deliver { channel }).await;
        });
        Ok(())
    }

    /// Takes the channel, if it is ours to take. One decision at a time, or six bells heard
    /// together would all find nothing pumped yet.
    async fn take(&self, deps: &Deps, channel: ChannelId) -> sqlx::Result<Option<Taken>> {
        let mut offered = self.offered.lock().await;
        let mine = self.pumping.load(Ordering::Relaxed);
        if mine > 0 {
            let workers = deps.queue.listeners(Line::Deliver).await;
            if workers > 1 {
                let others = lease::held_by_others(&deps.store, &deps.worker, clock::now()).await?;
                offered.retain(|_, (_, at)| at.elapsed() < FORGET);
                let (times, at) = offered.entry(channel).or_insert((0, Instant::now()));
                if !takes(mine, others, workers) && *times < OFFERS {
                    (*times, *at) = (*times + 1, Instant::now());
                    return Ok(None);
                }
            }
        }
        offered.remove(&channel);
        self.pumping.fetch_add(1, Ordering::Relaxed);
        Ok(Some(Taken(Arc::clone(&self.pumping))))
    }
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn channels_are_shared_out_evenly() {
        // Six channels, two workers: whoever is asked, nobody gets more than three.
        for first in 0..2_usize {
            let mut have = [0_u64; 2];
            for _ in 0..6 {
                let asked = if takes(have[first], have[1 - first], 2) { first } else { 1 - first };
                assert!(takes(have[asked], have[1 - asked], 2), "nobody takes it: {have:?}");
                have[asked] += 1;
            }
            assert_eq!(have, [3, 3]);
        }
    }

    #[test]
    fn one_worker_takes_everything() {
        for mine in 0..100 {
            assert!(takes(mine, 0, 1));
            assert!(takes(mine, 5, 0), "a queue that does not say who listens");
        }
    }

    #[test]
    fn an_idle_worker_always_takes() {
        for workers in 1..10 {
            for others in 0..100 {
                assert!(takes(0, others, workers));
            }
        }
    }
}
