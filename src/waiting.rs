//! The start waits inside the process for what is away: a unit that ends and is started again looks
//! broken, says nothing of what it waits for, and is given up by systemd after a few times.

use std::time::Duration;

use mms_core::{
    aside,
    config::Config,
    retry,
    store::{OpenError, Store},
};
use sd_notify::NotifyState;
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

/// How often the log says that the start still waits.
const REMINDER: Duration = Duration::from_secs(60);
/// How often systemd is told that the start goes on, and for how much longer it then waits
/// (microseconds).
const EXTENDED: (Duration, u32) = (Duration::from_secs(10), 60_000_000);

/// Keeps systemd's start timeout (`TimeoutStartSec`) from ending a process that waits; ends when
/// dropped.
#[derive(Debug)]
pub struct Starting(JoinHandle<()>);

impl Starting {
    /// Begins.
    pub fn begin() -> Self {
        Self(aside::task("start timeout", async {
            loop {
                drop(sd_notify::notify(&[NotifyState::ExtendTimeoutUsec(EXTENDED.1)]));
                tokio::time::sleep(EXTENDED.0).await;
            }
        }))
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What `systemctl status` shows.
pub fn status(text: &str) {
    drop(sd_notify::notify(&[NotifyState::Status(text)]));
}

/// The pauses of one wait, and what is said meanwhile: at once, then rarely.
#[derive(Debug)]
struct Patience {
    failures: u32,
    said: Option<Instant>,
}

impl Patience {
    fn new() -> Self {
        Self { failures: 0, said: None }
    }

    /// Whether it is time to say it; the pause grows.
    fn again(&mut self, now: Instant) -> (bool, Duration) {
        let say = self.said.is_none_or(|said| now - said >= REMINDER);
        if say {
            self.said = Some(now);
        }
        self.failures = self.failures.saturating_add(1);
        (say, retry::START.wait(self.failures))
    }
}

/// Whether a database that failed so may be there later without anybody changing our settings: a
/// server that is away, starting, cannot be resolved, or does not know our role yet.
fn passes(error: &OpenError) -> bool {
    use sqlx::{Error, migrate::MigrateError};
    let away = |error: &Error| !matches!(error, Error::Configuration(_));
    match error {
        OpenError::Address(_) => false,
        OpenError::Connect(error) | OpenError::Migrate(MigrateError::Execute(error)) => away(error),
        OpenError::Migrate(_) => false,
    }
}

/// Opens the database and looks at its clock, however long it is away; `None`: asked to stop
/// meanwhile. A SQLite file that does not open is an error at once, because nothing but a person
/// mends it.
///
/// # Errors
/// What waiting does not mend.
pub async fn database(config: &Config, stop: &CancellationToken) -> anyhow::Result<Option<Store>> {
    let mut patience = Patience::new();
    loop {
        let opened = async {
            let store = Store::open_with(&config.database(), config.connections()).await?;
            store.look_at_clock().await.map_err(OpenError::Connect)?;
            Ok(store)
        };
        let Some(opened) = stop.run_until_cancelled(opened).await else { return Ok(None) };
        let error: OpenError = match opened {
            Ok(store) => {
                if patience.said.is_some() {
                    tracing::info!("the database is there, the start goes on");
                }
                return Ok(Some(store));
            }
            Err(error) if config.sqlite_path().is_none() && passes(&error) => error,
            Err(error) => return Err(error.into()),
        };
        let (say, pause) = patience.again(Instant::now());
        if say {
            tracing::warn!(%error, "the start waits for the database");
            status("waiting for the database");
        }
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use mms_core::limits::Connections;

    use super::*;

    #[test]
    fn a_wait_is_told_once_and_then_rarely() {
        let (mut patience, start) = (Patience::new(), Instant::now());
        assert_eq!(patience.again(start), (true, Duration::from_millis(250)));
        let (mut now, mut said) = (start, 0);
        while now - start < REMINDER * 3 {
            let (say, pause) = patience.again(now);
            said += u32::from(say);
            assert!(pause <= Duration::from_secs(5), "it is back within seconds after the database is");
            now += pause;
        }
        assert_eq!(said, 2);
    }

    #[tokio::test]
    async fn a_wrong_address_is_not_waited_for() {
        for url in ["mysql://x", "postgres://host:port/x"] {
            let error = Store::open_with(url, Connections::default()).await.expect_err(url);
            assert!(!passes(&error), "{url}: {error}");
        }
        let nobody =
            Store::open_with("postgres://mms@no-such-host.invalid/mms", Connections::default()).await.expect_err("nobody is there");
        assert!(passes(&nobody), "{nobody}");
    }
}
