//! The worker daemon: syncs CRMs, plans audiences, sends, understands what comes in, writes results
//! back.
//!
//! Rows are the truth. [`run`] hears bells ([`mms_core::queue`]) and a [`tick`] rings whatever the
//! rows say is due. A task of the worker that ends before it was asked to takes the process down
//! with an error; systemd starts it again.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests have clocks and tasks of their own"))]

mod breaker;
pub mod deps;
mod duties;
pub mod in_flight;
pub mod inbound;
pub mod jobs;
pub mod look;
pub mod monitor;
pub mod paced;
pub mod pump;
mod share;
pub mod tick;
mod trouble;
pub mod under_way;

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;
use mms_core::queue::Line;
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

use monitor::{Runner, Work};

pub use deps::Deps;

/// How long a stopping worker waits for its jobs: calls to messengers end before that and are
/// recorded.
pub const GRACE: Duration = Duration::from_secs(8);
/// How long it then waits for what else it began: the lines of the queue take their leave within
/// [`monitor::FAREWELL`]; nothing is lost with them.
pub const FAREWELL: Duration = Duration::from_millis(500);
const _: () = assert!(monitor::FAREWELL.as_millis() < FAREWELL.as_millis());

/// Works until `deps.stop` is cancelled, then finishes what is in flight.
///
/// # Errors
/// When a task of the worker ended although nobody asked it to.
pub async fn run(deps: Deps) -> anyhow::Result<()> {
    let deps = Deps { queue: deps.queue.clone().with_own_line(), ..deps };
    let running = TaskTracker::new();
    let mut tasks = JoinSet::new();
    let share = Arc::new(share::Share::default());
    for line in Line::ALL {
        let work: Work = {
            let (deps, share) = (deps.clone(), Arc::clone(&share));
            Arc::new(move |job| {
                let (deps, share) = (deps.clone(), Arc::clone(&share));
                Box::pin(async move { jobs::run(&deps, &share, job).await })
            })
        };
        let runner = Runner {
            queue: deps.queue.clone(),
            line,
            seats: deps.seats.of(line),
            worker: deps.worker.clone(),
            stop: deps.stop.clone(),
            jobs: running.clone(),
            under_way: Arc::default(),
            work,
        };
        tasks.spawn(async move { (line.as_str(), monitor::listen(runner).await) });
    }
    {
        let deps = deps.clone();
        tasks.spawn(async move { ("tick", tick::run(&deps).await) });
    }
    {
        let deps = deps.clone();
        tasks.spawn(async move { ("duties", duties::look_after(&deps).await) });
    }
    {
        let deps = deps.clone();
        tasks.spawn(async move { ("look", duties::look_for_damage(&deps).await) });
    }
    {
        let deps = deps.clone();
        tasks.spawn(async move { ("retention", duties::forget(&deps).await) });
    }
    tracing::info!(worker = deps.worker, "the worker is at work");

    let outcome = loop {
        let ended = tokio::select! {
            ended = tasks.join_next() => ended,
            () = deps.stop.cancelled() => break Ok(()),
        };
        match ended {
            None => break Ok(()),
            Some(Ok((_, Ok(())))) if deps.stop.is_cancelled() => {}
            Some(Ok((name, Ok(())))) => break Err(anyhow!("the worker's task `{name}` ended although nobody asked it to")),
            Some(Ok((name, Err(error)))) => break Err(error.context(format!("the worker's task `{name}` failed"))),
            Some(Err(error)) => break Err(anyhow!(error).context("a task of the worker panicked")),
        }
    };
    deps.stop.cancel();
    running.close();
    if tokio::time::timeout(GRACE, running.wait()).await.is_err() {
        // A CRM or a database that does not answer. What a job had in hand is in its rows, for
        // whoever comes next.
        tracing::warn!(left = running.len(), "jobs did not end in time and are left; their rows are recovered after their leases");
        return outcome;
    }
    // Jobs are tasks of their own and have ended. What is left in the lines is bells.
    let lines = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, lines).await.is_err() {
        tracing::debug!("a line of the queue did not say farewell");
    }
    tracing::info!("the worker has stopped; nothing is left in flight");
    outcome
}
