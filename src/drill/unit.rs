//! A process kept alive as systemd keeps one: started again a second after it died, however it
//! died.

use std::{
    fs::File,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio_util::sync::CancellationToken;

/// systemd's `RestartSec` in our units.
const RESTART: Duration = Duration::from_secs(1);

/// How a process is started.
#[derive(Debug, Clone)]
pub struct Plan {
    /// For people.
    pub name: String,
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// Where its output goes.
    pub log: PathBuf,
}

impl Plan {
    fn spawn(&self) -> anyhow::Result<Child> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        Command::new(&self.program)
            .args(&self.args)
            .env_clear()
            .envs(self.env.iter().cloned())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} does not start", self.name))
    }
}

/// A supervised process; dropped, it is killed and stays dead.
#[derive(Debug)]
pub struct Unit {
    /// For people.
    pub name: String,
    child: Arc<Mutex<Child>>,
    stop: CancellationToken,
    asked: Arc<AtomicU32>,
    deaths: Arc<AtomicU32>,
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Unit {
    /// Starts it and keeps it alive.
    ///
    /// # Errors
    /// When it does not start at all.
    pub fn start(plan: Plan) -> anyhow::Result<Self> {
        let child = Arc::new(Mutex::new(plan.spawn()?));
        let (stop, asked, deaths) = (CancellationToken::new(), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let unit = Self {
            name: plan.name.clone(),
            child: Arc::clone(&child),
            stop: stop.clone(),
            asked: Arc::clone(&asked),
            deaths: Arc::clone(&deaths),
        };
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_millis(50)) => {}
                }
                let ended = lock(&child).try_wait();
                if matches!(ended, Ok(None)) {
                    continue;
                }
                deaths.fetch_add(1, Ordering::Relaxed);
                forget_clock(lock(&child).id());
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(RESTART) => {}
                }
                match plan.spawn() {
                    Ok(born) => *lock(&child) = born,
                    Err(error) => tracing::error!(unit = plan.name, error = format!("{error:#}"), "not started, trying again"),
                }
            }
        });
        Ok(unit)
    }

    /// A power cut: SIGKILL. Returns when it is dead.
    pub async fn kill(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        drop(lock(&self.child).kill());
        while matches!(lock(&self.child).try_wait(), Ok(None)) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// SIGSTOP: it does nothing and its connections stay open, until [`Unit::thaw`]. A dead one has
    /// nothing to freeze.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// A [`Unit::thaw`] for later.
    pub fn thawing(&self) -> impl Future<Output = ()> + Send + use<> {
        let child = Arc::clone(&self.child);
        async move { Self::send(&child, Signal::CONT) }
    }

    fn signal(&self, signal: Signal) {
        Self::send(&self.child, signal);
    }

    fn send(child: &Mutex<Child>, signal: Signal) {
        let mut child = lock(child);
        // One that has ended and was waited for has no number any more.
        if matches!(child.try_wait(), Ok(None))
            && let Some(process) = i32::try_from(child.id()).ok().and_then(Pid::from_raw)
        {
            let _ = kill_process(process, signal);
        }
    }

    /// How often it died without having been killed by the drill.
    #[must_use]
    pub fn own_deaths(&self) -> u32 {
        self.deaths.load(Ordering::Relaxed).saturating_sub(self.asked.load(Ordering::Relaxed))
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        self.stop.cancel();
        let mut child = lock(&self.child);
        drop(child.kill());
        drop(child.wait());
        forget_clock(child.id());
    }
}

/// What libfaketime leaves in shared memory of a process that was killed goes: a process of another
/// user that gets the same number (PostgreSQL's, sooner or later) could not start.
fn forget_clock(process: u32) {
    for name in ["sem.faketime_sem_", "faketime_shm_"] {
        // Mostly it is not there: no shifted clock, or it ended by itself.
        drop(std::fs::remove_file(format!("/dev/shm/{name}{process}")));
    }
}
