//! What a scenario must not leave behind: claims, jobs, rows in flight.

use mms_core::{
    clock, on,
    queue::{Line, Queue, redis::Redis},
    store::Store,
};
use mms_worker::look;

use super::{Shape, World, until};

/// Rows that somebody claimed and nobody recorded, and rights to act that nobody gave back.
const HELD: &str = "
select 'deliveries in flight' as what, count(*) as n from delivery where state = 'sending'
union all select 'messages outside campaigns in flight', count(*) from outgoing where state = 'sending'
union all select 'notes to a CRM in flight', count(*) from crm_write where state = 'sending'
union all select 'leases of channels', count(*) from channel where lease_until > $1
union all select 'leases of CRM connections', count(*) from crm_connection where lease_until > $1";

/// What is claimed, leased or in flight in the rows, in words; empty when nothing is.
pub async fn held(store: &Store) -> Vec<String> {
    let rows: Vec<(String, i64)> =
        on!(store.read(), |c| sqlx::query_as(HELD).bind(clock::now()).fetch_all(c).await).expect("the rows are read");
    rows.into_iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{n} {what}")).collect()
}

/// What the rows say is due now, and the bells that wait in the shared queue.
async fn waiting(world: &World, queue: Option<&Queue>) -> Vec<String> {
    let look = look::look(&world.store, clock::now()).await.expect("the rows are read");
    let mut waiting: Vec<String> = look.jobs.into_iter().map(|job| format!("{job:?} is due")).collect();
    if let Some(queue) = queue {
        let depths = queue.depths().await.expect("Redis answers");
        let named = Line::ALL.into_iter().zip(depths).filter(|(_, depth)| *depth > 0);
        waiting.extend(named.map(|(line, depth)| format!("{depth} jobs wait in the line `{}`", line.as_str())));
    }
    waiting
}

impl World {
    /// Whether a process runs that does jobs.
    fn works(&self) -> bool {
        match self.shape {
            Shape::One => self.bot.is_some(),
            Shape::Apart { .. } => !self.workers.is_empty(),
        }
    }

    /// The queue its processes share, if they do.
    fn queue(&self) -> Option<Queue> {
        let Shape::Apart { .. } = self.shape else { return None };
        let (url, prefix) = (self.setting("REDIS_URL"), self.setting("MMS_REDIS_PREFIX"));
        let authorities = self.env.iter().find(|(name, _)| name == "MMS_REDIS_CA_FILE");
        let redis = match authorities {
            Some((_, file)) => Redis::trusting(url, &std::fs::read(file).expect("a certificate"), prefix),
            None => Redis::open(url, prefix),
        };
        Some(Queue::redis(redis.expect("an address")))
    }

    /// Waits until everything that is due is done.
    pub async fn settled(&self) {
        let queue = self.queue();
        if let Some(queue) = &queue {
            queue.check().await.expect("Redis answers when a scenario waits for what is due");
        }
        until("everything that is due to be done", || async { waiting(self, queue.as_ref()).await.is_empty().then_some(()) }).await;
    }

    /// Ends a scenario. What is due must be done while processes work; then each is asked to stop
    /// and must end well; and then nothing may be claimed, queued as a job, or in flight.
    pub async fn stop(mut self) {
        self.ended = true;
        if self.works() {
            self.settled().await;
        }
        self.end_processes().await;
        // What a killed process had comes to an end by itself: a lease within ten seconds.
        until("every lease to be over", || async { held(&self.store).await.iter().all(|what| !what.contains("leases")).then_some(()) })
            .await;
        assert_eq!(held(&self.store).await, Vec::<String>::new(), "left by the scenario");
        self.store.close().await;
    }

    /// Ends a scenario that is about an installation in pieces: `why` says what is left undone.
    pub async fn abandon(mut self, why: &str) {
        assert!(!why.is_empty(), "a scenario that leaves something behind says why");
        self.ended = true;
        self.end_processes().await;
        self.store.close().await;
    }

    /// Asks every process to stop, and waits; each must end well.
    pub async fn end_processes(&mut self) {
        for worker in self.workers.drain(..) {
            worker.terminate().await;
        }
        if let Some(bot) = self.bot.take() {
            bot.terminate().await;
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if self.started && !self.ended && !std::thread::panicking() {
            panic!("a scenario ends with `stop`, or with `abandon`, which says why");
        }
    }
}

mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::harness::Company;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_scenario_that_does_not_end_properly_fails() {
        let mut world = World::prepare(Shape::One).await;
        world.started = true;
        assert!(catch_unwind(AssertUnwindSafe(|| drop(world))).is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_scenario_leaves_is_named() {
        for shape in [Shape::One, Shape::Apart { workers: 0 }] {
            let world = World::prepare(shape).await;
            let company = Company::found(&world, 1).await;
            assert_eq!(held(&world.store).await, Vec::<String>::new());
            let lease = mms_core::channel::lease::take(&world.store, company.channel, "somebody", clock::now()).await.expect("asked");
            let lease = lease.expect("free");
            assert_eq!(held(&world.store).await, ["1 leases of channels"]);
            mms_core::channel::lease::give_back(&world.store, lease, &mms_core::channel::lease::Memory::default())
                .await
                .expect("given back");
            let queue = world.queue();
            if let Some(queue) = &queue {
                queue.ring(mms_core::queue::Job::Deliver { channel: company.channel }).await;
                assert_eq!(waiting(&world, Some(queue)).await, ["1 jobs wait in the line `deliver`"]);
            }
            world.stop().await;
        }
    }
}
