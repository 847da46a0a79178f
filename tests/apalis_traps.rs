//! Each trap of apalis 1.0.0 and apalis-redis 1.0.0 that the queue's settings answer, pinned: a
//! test fails when the trap strikes, or when the library has mended it and the guard may go.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use apalis_core::{
    backend::{TaskSink, ext::BackendExt as _},
    worker::builder::WorkerBuilder,
};
use apalis_redis::{Config, RedisStorage};
use mms_core::{
    id::{CampaignId, ChannelId, ConnectionId, ImportId},
    queue::{Job, Line, Queue, Seats, redis::Redis},
    secret::token,
};
use mms_worker::monitor::{self, Runner};
use redis::AsyncCommands as _;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

fn redis_url() -> String {
    std::env::var("MMS_TEST_REDIS")
        .expect("MMS_TEST_REDIS is not set: run the tests by `scripts/test` or `scripts/with-services cargo test`")
}

async fn connection() -> redis::aio::ConnectionManager {
    redis::Client::open(redis_url()).expect("an address").get_connection_manager().await.expect("Redis answers")
}

/// What a line did, and a bell for whoever waits for it.
#[derive(Default)]
struct Log {
    counts: Mutex<BTreeMap<String, u32>>,
    changed: Notify,
}

impl Log {
    fn add(&self, what: impl Into<String>) {
        *self.counts.lock().expect("no panic while held").entry(what.into()).or_default() += 1;
        self.changed.notify_waiters();
    }

    fn count(&self, what: &str) -> u32 {
        self.counts.lock().expect("no panic while held").get(what).copied().unwrap_or_default()
    }

    async fn wait(&self, what: &str, at_least: u32) {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                if self.count(what) >= at_least {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap_or_else(|_| panic!("`{what}` never came {at_least} times"));
    }
}

/// Few enough that every one is soon taken.
const SEATS: Seats = Seats { deliver: 64, inbound: 16, work: 8, long: 8 };

struct Hearing {
    queue: Queue,
    stop: CancellationToken,
    ended: tokio::task::JoinHandle<anyhow::Result<()>>,
    jobs: TaskTracker,
}

fn hear(queue: &Queue, work: monitor::Work) -> Hearing {
    hear_line(queue, Line::Deliver, work)
}

fn hear_line(queue: &Queue, line: Line, work: monitor::Work) -> Hearing {
    let (stop, jobs) = (CancellationToken::new(), TaskTracker::new());
    let runner = Runner {
        queue: queue.clone(),
        line,
        seats: SEATS.of(line),
        worker: format!("test-{}", token(4)),
        stop: stop.clone(),
        jobs: jobs.clone(),
        under_way: Arc::default(),
        work,
    };
    Hearing { queue: queue.clone(), stop, ended: tokio::spawn(monitor::listen(runner)), jobs }
}

impl Hearing {
    async fn end(self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(60), self.ended).await;
        ended.expect("ends at all").expect("no panic").expect("ends when asked to");
        self.jobs.close();
        self.jobs.wait().await;
    }
}

fn counting(log: &Arc<Log>) -> monitor::Work {
    let log = Arc::clone(log);
    Arc::new(move |job| {
        let log = Arc::clone(&log);
        Box::pin(async move {
            log.add(job.subject().to_string());
            Ok(())
        })
    })
}

async fn shared() -> (Queue, String) {
    let prefix = format!("t{}", token(6));
    (Queue::redis(Redis::connect(&redis_url(), &prefix).await.expect("Redis answers")), prefix)
}

fn deliver() -> Job {
    Job::Deliver { channel: ChannelId::new() }
}

/// Trap: nothing but its poll strategy wakes an idle worker before its next heartbeat; ours is a
/// signal beside each bell.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_hears_a_bell() {
    let (queue, _) = shared().await;
    let log = Arc::new(Log::default());
    let hearing = hear(&queue, counting(&log));
    for _ in 0..3 {
        let job = deliver();
        queue.ring(job).await;
        log.wait(&job.subject().to_string(), 1).await;
    }
    hearing.end().await;
}

/// The heartbeat wakes a worker too, so one that heard no signal was found out by nobody: between
/// two heartbeats it hears as many bells as are rung.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_hears_bells_between_its_heartbeats() {
    const BELLS: usize = 12;
    let (queue, prefix) = shared().await;
    let log = Arc::new(Log::default());
    let hearing = hear(&queue, counting(&log));
    let mut redis = connection().await;
    let workers = format!("{prefix}:{}:workers", Line::Deliver.as_str());
    let mut heartbeats = std::collections::BTreeSet::new();
    for _ in 0..BELLS {
        let job = deliver();
        queue.ring(job).await;
        log.wait(&job.subject().to_string(), 1).await;
        let seen: Vec<(String, f64)> = redis.zrange_withscores(&workers, 0, -1).await.expect("read");
        assert_eq!(seen.len(), 1, "{seen:?}");
        heartbeats.insert(seen[0].1.to_bits());
    }
    hearing.end().await;
    assert!(heartbeats.len() <= BELLS / 2, "{} heartbeats for {BELLS} bells: nothing else woke it", heartbeats.len());
}

/// A bell that waits is rung once; heard, it may be rung again.
#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_bell_is_rung_once() {
    for (queue, _) in [shared().await, (Queue::memory(), String::new())] {
        let job = deliver();
        for _ in 0..5 {
            queue.ring(job).await;
        }
        assert_eq!(queue.depth(Line::Deliver).await, Some(1));
        let log = Arc::new(Log::default());
        let hearing = hear(&queue, counting(&log));
        log.wait(&job.subject().to_string(), 1).await;
        hearing.queue.ring(job).await;
        log.wait(&job.subject().to_string(), 2).await;
        hearing.end().await;
        assert_eq!(log.count(&job.subject().to_string()), 2);
    }
}

/// Bells of a busy source come faster than its job ends: it runs once at a time in a process, and
/// looks once more for all of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_once_at_a_time() {
    for (queue, _) in [shared().await, (Queue::memory(), String::new())] {
        let (log, go) = (Arc::new(Log::default()), Arc::new(tokio::sync::Semaphore::new(0)));
        let work: monitor::Work = {
            let (log, go) = (Arc::clone(&log), Arc::clone(&go));
            Arc::new(move |_| {
                let (log, go) = (Arc::clone(&log), Arc::clone(&go));
                Box::pin(async move {
                    log.add("begun");
                    go.acquire().await.expect("never closed").forget();
                    log.add("ended");
                    Ok(())
                })
            })
        };
        let hearing = hear_line(&queue, Line::Inbound, work);
        let job = Job::HandleInbound { source: ChannelId::new().0 };
        queue.ring(job).await;
        log.wait("begun", 1).await;
        for _ in 0..5 {
            queue.ring(job).await;
            let heard = async {
                while queue.depth(Line::Inbound).await != Some(0) {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(60), heard).await.expect("the bell is heard");
        }
        assert_eq!((log.count("begun"), log.count("ended")), (1, 0), "it is under way, once");
        go.add_permits(1);
        log.wait("begun", 2).await;
        assert_eq!(log.count("ended"), 1, "once more, after the first");
        go.add_permits(10);
        log.wait("ended", 2).await;
        hearing.end().await;
    }
}

/// Opt-outs shared eight seats with syncs and imports: as many of those as there were seats kept
/// every «стоп» waiting.
#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_is_heard_while_every_other_seat_is_taken() {
    for queue in [shared().await.0, Queue::memory()] {
        let (log, go) = (Arc::new(Log::default()), Arc::new(tokio::sync::Semaphore::new(0)));
        let work: monitor::Work = {
            let (log, go) = (Arc::clone(&log), Arc::clone(&go));
            Arc::new(move |job: Job| {
                let (log, go) = (Arc::clone(&log), Arc::clone(&go));
                Box::pin(async move {
                    log.add(job.name());
                    if job.line() != Line::Inbound {
                        go.acquire().await.expect("never closed").forget();
                    }
                    Ok(())
                })
            })
        };
        let lines = Line::ALL.map(|line| hear_line(&queue, line, Arc::clone(&work)));
        let id = || ChannelId::new().0;
        for _ in 0..SEATS.long * 2 {
            queue.ring(Job::SyncCrm { connection: ConnectionId(id()) }).await;
            queue.ring(Job::RunImport { import: ImportId(id()) }).await;
            queue.ring(Job::PlanCampaign { campaign: CampaignId(id()) }).await;
            queue.ring(deliver()).await;
        }
        let long = async {
            loop {
                let changed = log.changed.notified();
                if log.count("sync_crm") + log.count("run_import") >= u32::try_from(SEATS.long).expect("few") {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), long).await.expect("every seat is taken");
        queue.ring(Job::HandleInbound { source: id() }).await;
        log.wait("handle_inbound", 1).await;
        go.add_permits(1_000);
        for line in lines {
            line.end().await;
        }
    }
}

/// Trap: a worker that stops waits for the acknowledgements of all its jobs, has room for four of
/// them and writes none: it never ended when more jobs were under way at the stop.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_with_many_jobs_under_way_ends_when_asked_to() {
    let (queue, _) = shared().await;
    let (log, go) = (Arc::new(Log::default()), Arc::new(tokio::sync::Semaphore::new(0)));
    let work: monitor::Work = {
        let (log, go) = (Arc::clone(&log), Arc::clone(&go));
        Arc::new(move |_| {
            let (log, go) = (Arc::clone(&log), Arc::clone(&go));
            Box::pin(async move {
                log.add("begun");
                go.acquire().await.expect("never closed").forget();
                log.add("ended");
                Ok(())
            })
        })
    };
    let hearing = hear(&queue, work);
    for _ in 0..12 {
        queue.ring(deliver()).await;
    }
    log.wait("begun", 12).await;
    hearing.stop.cancel();
    go.add_permits(12);
    hearing.end().await;
    assert_eq!(log.count("ended"), 12, "no job is dropped");
}

/// Trap: a failed Redis call ends a worker, and a flushed Redis forgets that it was registered. The
/// line is built anew, and the job that was running meanwhile runs to its end: a send is never
/// dropped in flight.
#[tokio::test(flavor = "multi_thread")]
async fn a_flushed_redis_costs_no_running_job_and_no_later_one() {
    let (queue, prefix) = shared().await;
    let log = Arc::new(Log::default());
    let go = Arc::new(Notify::new());
    let work: monitor::Work = {
        let (log, go) = (Arc::clone(&log), Arc::clone(&go));
        Arc::new(move |job| {
            let (log, go) = (Arc::clone(&log), Arc::clone(&go));
            Box::pin(async move {
                log.add(format!("begun {}", job.subject()));
                go.notified().await;
                log.add(format!("ended {}", job.subject()));
                Ok(())
            })
        })
    };
    let hearing = hear(&queue, work);
    let first = deliver();
    queue.ring(first).await;
    log.wait(&format!("begun {}", first.subject()), 1).await;

    // What FLUSHALL does to this installation; the server is shared with other tests.
    let mut connection = connection().await;
    let keys: Vec<String> = connection.keys(format!("{prefix}:*")).await.expect("keys");
    let _: () = connection.del(keys).await.expect("deleted");

    let second = deliver();
    // A bell rung into the ruins may be lost; the tick rings again, as here.
    let ringing = async {
        while log.count(&format!("begun {}", second.subject())) == 0 {
            queue.ring(second).await;
            drop(tokio::time::timeout(Duration::from_millis(200), log.changed.notified()).await);
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ringing).await.expect("the line was built anew");
    // Jobs may come to their gate late: knock until both are through.
    let knocking = async {
        while [first, second].iter().any(|job| log.count(&format!("ended {}", job.subject())) == 0) {
            go.notify_waiters();
            drop(tokio::time::timeout(Duration::from_millis(50), log.changed.notified()).await);
        }
    };
    tokio::time::timeout(Duration::from_secs(60), knocking).await.expect("both jobs ran to their end");
    hearing.end().await;
}

/// Trap: `batch_size` above 1 stops heartbeats while a fetched batch waits; the defaults leave a
/// dead worker's task for minutes.
#[tokio::test]
async fn the_settings_answer_the_traps() {
    let redis = Redis::connect(&redis_url(), "settings").await.expect("Redis answers");
    for line in Line::ALL {
        let storage = redis.storage(line);
        let config = storage.get_config();
        assert_eq!(config.batch_size, 1);
        assert_eq!(config.heartbeat_interval, Duration::from_secs(5));
        assert_eq!(config.missed_heartbeats, 3);
        assert!(config.persist_results, "persisting the result is also the acknowledgement");
    }
}

/// Trap: a worker's name is refused while an earlier one of that name seems alive; so names are
/// unique per start.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_refused_while_it_seems_alive() {
    let queue = format!("t{}", token(6));
    let storage = || async { RedisStorage::<u32>::new(connection().await).with_config(Config::default().queue(&queue).batch_size(1)) };
    let log = Arc::new(Log::default());
    let mut first = storage().await;
    first.push(1).await.expect("pushed");
    let running = tokio::spawn({
        let log = Arc::clone(&log);
        WorkerBuilder::new("same-name")
            .backend(first.poll_with_interval(Duration::from_millis(50)))
            .build(move |_: u32| {
                log.add("first");
                async {}
            })
            .run()
    });
    log.wait("first", 1).await;
    let second =
        WorkerBuilder::new("same-name").backend(storage().await.poll_with_interval(Duration::from_millis(50))).build(|_: u32| async {});
    let refused = tokio::time::timeout(Duration::from_secs(30), second.run()).await.expect("ends at once");
    running.abort();
    assert!(refused.is_err(), "apalis-redis accepts a living worker's name now: names need not be unique any more");
}

/// Trap: 8 000 tasks due at once break the fetch script for good (`unpack` of too many results). We
/// schedule nothing and push one bell per channel or campaign.
#[tokio::test(flavor = "multi_thread")]
async fn many_due_tasks_break_the_fetch_script() {
    let queue = format!("t{}", token(6));
    let mut connection = connection().await;
    let members: Vec<(i64, String)> = (0..8_000).map(|n| (1, format!("task-{n}"))).collect();
    let _: () = connection.zadd_multiple(format!("{queue}:scheduled"), &members).await.expect("scheduled");
    let storage = RedisStorage::<u32>::new(connection.clone()).with_config(Config::default().queue(&queue).batch_size(1));
    let worker = WorkerBuilder::new(format!("w-{}", token(4)))
        .backend(storage.poll_with_interval(Duration::from_millis(50)))
        .build(|_: u32| async {});
    let broken = tokio::time::timeout(Duration::from_secs(30), worker.run()).await.expect("ends at once");
    assert!(broken.is_err(), "apalis-redis fetches 8 000 due tasks now: the guard may be loosened");
}

/// Because of that trap a line takes 2 000 bells and no more; what was not rung, the tick rings
/// later.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_line_takes_no_more_bells() {
    let (queue, prefix) = shared().await;
    let mut connection = connection().await;
    let members: Vec<(i64, String)> = (0..2_000).map(|n| (1, format!("task-{n}"))).collect();
    let _: () = connection.zadd_multiple(format!("{prefix}:deliver:scheduled"), &members).await.expect("scheduled");
    queue.ring(deliver()).await;
    assert_eq!(queue.depth(Line::Deliver).await, Some(2_000));
}

/// Trap: finished tasks are kept until vacuumed, and the vacuum leaves the `done` set behind.
#[tokio::test(flavor = "multi_thread")]
async fn finished_tasks_are_swept() {
    let (queue, prefix) = shared().await;
    let log = Arc::new(Log::default());
    let hearing = hear(&queue, counting(&log));
    for _ in 0..20 {
        let job = deliver();
        queue.ring(job).await;
        log.wait(&job.subject().to_string(), 1).await;
    }
    let mut connection = connection().await;
    let (data, done) = (format!("{prefix}:deliver:data"), format!("{prefix}:deliver:done"));
    let redis = Redis::connect(&redis_url(), &prefix).await.expect("Redis answers");
    let kept: u64 = connection.hlen(&data).await.expect("hlen");
    assert!(kept > 0, "apalis-redis forgets finished tasks by itself now: the sweep may go");
    // The last acknowledgement may still be on its way: sweep until nothing is left.
    let swept = async {
        loop {
            redis.vacuum().await.expect("swept");
            let (left, set): (u64, bool) = (connection.hlen(&data).await.expect("hlen"), connection.exists(&done).await.expect("exists"));
            if left == 0 && !set {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), swept).await.expect("everything finished is swept");
    hearing.end().await;
}

/// A job that panics takes neither its line nor its process with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_job_leaves_the_line_at_work() {
    for queue in [shared().await.0, Queue::memory()] {
        let log = Arc::new(Log::default());
        let bad = deliver();
        let work: monitor::Work = {
            let log = Arc::clone(&log);
            Arc::new(move |job| {
                let log = Arc::clone(&log);
                Box::pin(async move {
                    log.add(job.subject().to_string());
                    assert!(job != bad, "a job's own panic");
                    Ok(())
                })
            })
        };
        let hearing = hear(&queue, work);
        queue.ring(bad).await;
        log.wait(&bad.subject().to_string(), 1).await;
        let good = deliver();
        queue.ring(good).await;
        log.wait(&good.subject().to_string(), 1).await;
        hearing.end().await;
    }
}
