//! The wiring of apalis: a line of the queue has two ends, Redis and this process' memory, and each
//! end has one apalis worker.
//!
//! A job runs in a task of its own: an apalis worker that dies (one failed Redis call ends it,
//! apalis-redis 1.0.0) drops the futures it polls, and a send dropped in flight would become
//! `uncertain`. A line whose worker died of the queue is built anew under a new name as soon as
//! Redis answers; until then the process does what it would have rung for itself. No process ends
//! because Redis is away.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use apalis::prelude::*;
use futures::{FutureExt as _, future::BoxFuture};
use mms_core::{
    queue::{Job, Line, Queue, Source, memory::Memory, redis::Redis},
    retry,
};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::under_way::UnderWay;

/// After this time a job that is rung for again and again goes to the end of its line, so that
/// others get their turn.
const LONG: Duration = Duration::from_secs(20);

/// How long the worker of a stopping line may take for its farewell once the jobs of the line have
/// ended. apalis-core 1.0.0 has room for four acknowledgements, waits for those that found none,
/// and no longer writes any of them: with more jobs under way at the stop it would wait for ever. A
/// bell that was not acknowledged is heard once more by somebody, and the rows say what is left.
pub const FAREWELL: Duration = Duration::from_millis(300);

/// A worker that died after this time died of something new: the pauses before the next one begin
/// anew.
const LIVED: Duration = Duration::from_secs(60);

/// What a job does when its bell is heard.
pub type Work = Arc<dyn Fn(Job) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// One line of the queue in this process.
#[derive(Clone)]
pub struct Runner {
    /// Where bells are rung.
    pub queue: Queue,
    pub line: Line,
    /// Jobs of the line done here at a time.
    pub seats: usize,
    /// This process, unique per start.
    pub worker: String,
    /// Cancelled when the process is asked to stop.
    pub stop: CancellationToken,
    /// Jobs begun and not ended, of all lines: a stopping process waits for them.
    pub jobs: TaskTracker,
    /// What of this line is under way here.
    pub under_way: Arc<UnderWay>,
    /// What a job does.
    pub work: Work,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("line", &self.line).field("worker", &self.worker).finish_non_exhaustive()
    }
}

/// A line with its seats; the jobs from both of its ends share them.
#[derive(Clone)]
struct Ear {
    runner: Runner,
    seats: Arc<Semaphore>,
}

/// Hears the bells of a line until `stop`, those of Redis and those of this process.
///
/// # Errors
/// When the line in this process ended although nobody asked it to.
pub async fn listen(runner: Runner) -> anyhow::Result<()> {
    let ear = Ear { seats: Arc::new(Semaphore::new(runner.seats)), runner };
    let ends = ear.runner.queue.sources().into_iter().map(|source| {
        let ear = ear.clone();
        async move {
            match source {
                Source::Memory(memory) => here(&ear, &memory).await,
                Source::Redis(redis) => shared(&ear, &redis).await,
            }
        }
    });
    futures::future::try_join_all(ends).await.map(|_| ())
}

/// Hears what is rung in this process.
async fn here(ear: &Ear, memory: &Memory) -> anyhow::Result<()> {
    let line = ear.runner.line;
    let storage = memory.storage(line).context("the line in memory has a worker already")?;
    WorkerBuilder::new(format!("{}-{}-own", ear.runner.worker, line.as_str()))
        .backend(storage)
        .data(ear.clone())
        .concurrency(ear.runner.seats)
        .on_event(log_event)
        .build(hear)
        .run_until(stopped(&ear.runner))
        .await?;
    anyhow::ensure!(ear.runner.stop.is_cancelled(), "the worker of the `{}` line ended by itself", line.as_str());
    Ok(())
}

/// Hears what is rung in Redis, whenever Redis is there.
async fn shared(ear: &Ear, redis: &Redis) -> anyhow::Result<()> {
    let Runner { queue, line, stop, .. } = &ear.runner;
    let mut deaths = 0_u32;
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = redis.back() => {}
        }
        let began = Instant::now();
        let ended = shared_once(ear, redis).await;
        queue.set_hearing(*line, None);
        if stop.is_cancelled() {
            return Ok(());
        }
        deaths = if began.elapsed() > LIVED { 1 } else { deaths.saturating_add(1) };
        metrics::counter!("mms_line_deaths_total", "line" => line.as_str()).increment(1);
        let error = ended.err().map_or_else(|| "it ended by itself".to_owned(), |error| format!("{error:#}"));
        if deaths.is_power_of_two() {
            tracing::warn!(line = line.as_str(), deaths, error, "the worker of a line died; it is built anew when Redis answers");
        }
        redis.doubt().await;
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(retry::LINE.wait(deaths)) => {}
        }
    }
}

async fn shared_once(ear: &Ear, redis: &Redis) -> anyhow::Result<()> {
    let line = ear.runner.line;
    // Unique per start: a restart under the old name is refused for 30 s.
    let name = format!("{}-{}-{}", ear.runner.worker, line.as_str(), mms_core::secret::token(4));
    let queue = ear.runner.queue.clone();
    // Asked first: a connection made anew in between is one that this worker does not hear by.
    let by = redis.connected();
    let worker = WorkerBuilder::new(name)
        .backend(redis.listening(line))
        .data(ear.clone())
        .concurrency(ear.runner.seats)
        .on_event(move |worker: &WorkerContext, event: &Event| {
            // The first comes when the worker is registered.
            if let Event::HeartBeat = event {
                queue.set_hearing(line, Some(by));
            }
            log_event(worker, event);
        })
        .build(hear)
        .run_until(stopped(&ear.runner));
    tokio::select! {
        ended = worker => ended?,
        () = redis.replaced(by) => anyhow::bail!("its connection was replaced by a new one"),
        () = overdue(ear) => tracing::debug!(line = line.as_str(), "acknowledgements of the line are left unwritten"),
    }
    Ok(())
}

/// Ends when a worker that was asked to stop has had time enough for its farewell.
async fn overdue(ear: &Ear) {
    ear.runner.stop.cancelled().await;
    // All seats free: no job of the line is under way. Never closed, and never more than there are.
    drop(ear.seats.acquire_many(u32::try_from(ear.runner.seats).unwrap_or(u32::MAX)).await);
    tokio::time::sleep(FAREWELL).await;
}

/// Ends a worker when the process is asked to stop.
fn stopped(runner: &Runner) -> impl Future<Output = Result<(), WorkerError>> + Send + use<> {
    let stop = runner.stop.clone();
    async move {
        stop.cancelled().await;
        Ok(())
    }
}

fn log_event(worker: &WorkerContext, event: &Event) {
    if let Event::Error(error) = event {
        tracing::debug!(worker = worker.name(), %error, "the queue's worker reports an error");
    }
}

/// Hears one bell. Always `Ok`: an error is logged here, once, and the rows say what is due next.
async fn hear(job: Job, ear: Data<Ear>) -> Result<(), BoxDynError> {
    let one = (*ear).clone();
    let handle = ear.runner.jobs.spawn(async move {
        // Never closed. Waited for only while jobs of the line's other end have the seats.
        let Ok(_seat) = Arc::clone(&one.seats).acquire_owned().await else { return };
        run_job(&one.runner, job).await;
    });
    // Panics of the job itself are caught inside.
    if let Err(error) = handle.await {
        tracing::error!(job = job.name(), %error, "a job ended abnormally");
    }
    Ok(())
}

async fn run_job(runner: &Runner, job: Job) {
    runner.queue.heard(job).await;
    if runner.stop.is_cancelled() {
        return;
    }
    // Turns of one channel overlap on purpose (the next begins while the answers of the last still
    // come in); the lease parts them.
    if runner.line == Line::Deliver {
        return look(runner, job).await;
    }
    if !runner.under_way.begin(job) {
        return;
    }
    let began = std::time::Instant::now();
    loop {
        look(runner, job).await;
        if !runner.under_way.once_more(job) || runner.stop.is_cancelled() {
            return;
        }
        if began.elapsed() > LONG {
            // Whoever rings from here on begins it anew.
            while runner.under_way.once_more(job) {}
            return runner.queue.ring(job).await;
        }
    }
}

/// The job looks at its rows once and does what they say.
async fn look(runner: &Runner, job: Job) {
    let began = std::time::Instant::now();
    let outcome = AssertUnwindSafe((runner.work)(job)).catch_unwind().await;
    metrics::histogram!("mms_job_seconds", "kind" => job.name()).record(began.elapsed().as_secs_f64());
    let result = match outcome {
        Ok(Ok(())) => "done",
        Ok(Err(error)) => {
            tracing::error!(job = job.name(), subject = %job.subject(), error = format!("{error:#}"), "a job failed; its rows keep it due");
            "failed"
        }
        Err(panic) => {
            let what = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("");
            tracing::error!(job = job.name(), subject = %job.subject(), what, "a job panicked; its rows keep it due");
            "panicked"
        }
    };
    metrics::counter!("mms_jobs_total", "kind" => job.name(), "result" => result).increment(1);
}
