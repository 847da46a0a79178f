//! Whose clock counts: the database's, for it is one for all machines.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Db, Store};
use crate::clock;

/// How often the clock is looked at. In between it is counted on by running time.
pub const EVERY: Duration = Duration::from_secs(4);
/// A look that takes longer than this got no answer: a server that hangs answers nothing at all.
const PATIENCE: Duration = Duration::from_secs(10);
/// From this difference on the person who runs the machine is told, and told again when it is over.
const OFF: TimeDelta = TimeDelta::seconds(2);

/// What the server's clock shows, not when the transaction began.
pub const SERVER_TIME: &str = "select clock_timestamp()";

impl Store {
    /// Looks at the clock that counts; from then on [`clock::now`] is by it. Returns what this
    /// machine's own is ahead of it.
    ///
    /// # Errors
    /// The database's; the clock goes on as it did.
    pub async fn look_at_clock(&self) -> sqlx::Result<TimeDelta> {
        let (there, asked) = match self.read() {
            Db::Sqlite(_) => {
                let asked = Instant::now();
                (clock::machine(), asked)
            }
            Db::Postgres(pool) => {
                // Waiting for a connection is no part of the way to the server and back.
                #[expect(clippy::disallowed_methods, reason = "only the way to the server and back is timed, on a connection at hand")]
                let mut connection = pool.acquire().await?;
                let asked = Instant::now();
                (sqlx::query_scalar::<_, DateTime<Utc>>(SERVER_TIME).fetch_one(&mut *connection).await?, asked)
            }
        };
        let set = clock::follow(there, asked);
        if !set.is_zero() {
            tracing::warn!(by_ms = set.num_milliseconds(), "the clock was set; what was written by the time before is not taken for over");
        }
        Ok(clock::machine() - there)
    }

    /// Looks at the clock that counts as long as the process runs.
    pub async fn keep_time(self) {
        let (mut off, mut heard) = (false, true);
        loop {
            self.show_pool();
            let look = tokio::time::timeout(PATIENCE, self.look_at_clock()).await;
            let look = look.unwrap_or(Err(sqlx::Error::PoolTimedOut));
            metrics::gauge!("mms_database_answers").set(if look.is_ok() { 1.0 } else { 0.0 });
            match look {
                Ok(ahead) => {
                    heard = true;
                    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
                    metrics::gauge!("mms_clock_ahead_seconds").set(ahead.num_milliseconds() as f64 / 1_000.0);
                    if off != (ahead.abs() > OFF) {
                        off = !off;
                        tell(off, ahead);
                    }
                }
                Err(error) => {
                    if std::mem::replace(&mut heard, false) {
                        tracing::warn!(%error, "the database's clock was not read, it is counted on from the last look");
                    }
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

fn tell(off: bool, ahead: TimeDelta) {
    let ahead_seconds = ahead.num_seconds();
    if off {
        tracing::error!(ahead_seconds, "this machine's clock is not the database's, which counts: switch time synchronisation on");
    } else {
        tracing::info!(ahead_seconds, "this machine's clock is the database's again");
    }
}
