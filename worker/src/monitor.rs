//! apalis wiring: one apalis worker per line of the queue.
//!
//! A job runs in a task of its own: an apalis worker that dies (one failed Redis call ends it, apalis-redis 1.0.0) drops the
//! futures it polls, and a send dropped in the air would become `uncertain`. A line whose worker died of the queue is built
//! anew under a new name; one that keeps dying takes the process down.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use apalis::prelude::*;
use futures::{FutureExt as _, future::BoxFuture};
use mms_core::queue::{Class, Job, Queue, Source};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::under_way::UnderWay;

/// How often an idle worker looks: nothing else wakes it before its next heartbeat, not even the pub/sub factory.
const POLL: Duration = Duration::from_millis(100);

/// A job that is rung for again and again steps back in line after so long, so that others come to their turn.
const LONG: Duration = Duration::from_secs(20);

/// So many deaths of a line within [`DEATH_WINDOW`] take the process down.
const DEATHS: usize = 20;
const DEATH_WINDOW: Duration = Duration::from_secs(60);

/// Jobs of a line at a time in one process.
fn concurrency(class: Class) -> usize {
    match class {
        // Each is one channel; most of its time is spent waiting for the provider.
        Class::Deliver => 64,
        Class::Work => 8,
    }
}

/// What a job does when its bell is heard.
pub type Work = Arc<dyn Fn(Job) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// One line of the queue in this process.
#[derive(Clone)]
pub struct Line {
    /// Where bells are rung.
    pub queue: Queue,
    /// Which line.
    pub class: Class,
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

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("class", &self.class).field("worker", &self.worker).finish_non_exhaustive()
    }
}

/// Hears the bells of a line until `stop`.
///
/// # Errors
/// When the line ended although nobody asked it to, or died again and again.
pub async fn listen(line: Line) -> anyhow::Result<()> {
    let class = line.class;
    let mut deaths: Vec<std::time::Instant> = Vec::new();
    loop {
        let ended = run_once(&line).await;
        if line.stop.is_cancelled() {
            return Ok(());
        }
        let error = match ended {
            Ok(()) => bail!("the worker of the `{}` line ended by itself", class.as_str()),
            Err(error) => error,
        };
        metrics::counter!("mms_line_deaths_total", "line" => class.as_str()).increment(1);
        tracing::error!(line = class.as_str(), error = format!("{error:#}"), "the worker of a line died; building it anew");
        deaths.retain(|at| at.elapsed() < DEATH_WINDOW);
        deaths.push(std::time::Instant::now());
        if deaths.len() >= DEATHS {
            return Err(error.context(format!("the worker of the `{}` line died {DEATHS} times within a minute", class.as_str())));
        }
        let pause = Duration::from_millis(100 * deaths.len() as u64);
        tokio::select! {
            () = line.stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn run_once(line: &Line) -> anyhow::Result<()> {
    let class = line.class;
    // Unique per start: a restart under the old name is refused for 30 s.
    let name = format!("{}-{}-{}", line.worker, class.as_str(), mms_core::secret::token(4));
    let stop = line.stop.clone();
    let signal = async move {
        stop.cancelled().await;
        Ok::<(), WorkerError>(())
    };
    match line.queue.source() {
        Source::Memory(memory) => {
            let storage = memory.storage(class).context("the line in memory has a worker already")?;
            WorkerBuilder::new(name)
                .backend(storage)
                .data(line.clone())
                .concurrency(concurrency(class))
                .on_event(log_event)
                .build(hear)
                .run_until(signal)
                .await?;
        }
        Source::Redis(redis) => {
            WorkerBuilder::new(name)
                .backend(redis.storage(class).poll_with_interval(POLL))
                .data(line.clone())
                .concurrency(concurrency(class))
                .on_event(log_event)
                .build(hear)
                .run_until(signal)
                .await?;
        }
    }
    Ok(())
}

fn log_event(worker: &WorkerContext, event: &Event) {
    if let Event::Error(error) = event {
        tracing::warn!(worker = worker.name(), %error, "the queue's worker reports an error");
    }
}

/// Hears one bell. Always `Ok`: an error is logged here, once, and the rows say what is due next.
async fn hear(job: Job, line: Data<Line>) -> Result<(), BoxDynError> {
    let one = (*line).clone();
    let handle = line.jobs.spawn(async move { run_job(&one, job).await });
    // Panics of the job itself are caught inside.
    if let Err(error) = handle.await {
        tracing::error!(job = job.name(), %error, "a job ended abnormally");
    }
    Ok(())
}

async fn run_job(line: &Line, job: Job) {
    line.queue.heard(job).await;
    if line.stop.is_cancelled() {
        return;
    }
    // Turns of one channel overlap on purpose (the next begins while the answers of the last still come in); the lease parts them.
    if line.class == Class::Deliver {
        return look(line, job).await;
    }
    if !line.under_way.begin(job) {
        return;
    }
    let began = std::time::Instant::now();
    loop {
        look(line, job).await;
        if !line.under_way.once_more(job) || line.stop.is_cancelled() {
            return;
        }
        if began.elapsed() > LONG {
            // Whoever rings from here on begins it anew.
            while line.under_way.once_more(job) {}
            return line.queue.ring(job).await;
        }
    }
}

/// The job looks at its rows once and does what they say.
async fn look(line: &Line, job: Job) {
    let began = std::time::Instant::now();
    let outcome = AssertUnwindSafe((line.work)(job)).catch_unwind().await;
    metrics::histogram!("mms_job_seconds", "job" => job.name()).record(began.elapsed().as_secs_f64());
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
    metrics::counter!("mms_jobs_total", "job" => job.name(), "result" => result).increment(1);
}
