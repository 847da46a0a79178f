//! SQLite's write-ahead log: written back into the file beside the writer, and cut when it is large
//! and nobody writes.
#![allow(clippy::disallowed_methods, reason = "a connection beside the writer's, for the log alone")]

use std::{sync::atomic::Ordering, time::Duration};

use super::{Db, Store};

/// A log above this many pages of 4 KiB (64 MiB) is cut when it is quiet. It grows while a long
/// look keeps it from beginning anew, up to half a gigabyte, and stays as large as it ever was.
const LARGE: i64 = 16_384;
/// How long the cut waits for the last reader: everybody's changes wait for it.
const PATIENCE: Duration = Duration::from_millis(200);

impl Store {
    /// Writes SQLite's write-ahead log back into the file as far as it goes without keeping anybody
    /// waiting, and cuts it when it is large, written back whole, and nothing was written since the
    /// last call. Of PostgreSQL nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn checkpoint(&self) -> Result<(), sqlx::Error> {
        let Db::Sqlite(pool) = self.read() else { return Ok(()) };
        let (_, log, written): (i64, i64, i64) = sqlx::query_as("pragma wal_checkpoint(passive)").fetch_one(pool).await?;
        let before = self.log.swap(log, Ordering::Relaxed);
        if self.log_tells.load(Ordering::Relaxed) || (log == before && log == written && log > LARGE) {
            self.cut().await?;
        }
        Ok(())
    }

    /// Makes the log an empty file at once, so that nothing stays in it of what was destroyed just
    /// now. Where somebody reads all the while each [`Store::checkpoint`] tries it again; nobody
    /// waits for it, and nothing that failed here is lost.
    pub async fn cut_log(&self) {
        self.log_tells.store(true, Ordering::Relaxed);
        if let Err(error) = self.cut().await {
            tracing::warn!(%error, "the log of the database was not cut after an erasure, it is tried again");
        }
    }

    /// Writes back what is left and makes the log an empty file. Somebody who reads all the while
    /// keeps it as it is.
    async fn cut(&self) -> Result<(), sqlx::Error> {
        let Db::Sqlite(pool) = self.once() else { return Ok(()) };
        let mut writer = pool.acquire().await?;
        let patience = |wait: Duration| format!("pragma busy_timeout = {}", wait.as_millis());
        sqlx::query(sqlx::AssertSqlSafe(patience(PATIENCE))).execute(&mut *writer).await?;
        // What is destroyed from now on asks for a cut of its own.
        let told = self.log_tells.swap(false, Ordering::Relaxed);
        let cut = sqlx::query_as::<_, (i64, i64, i64)>("pragma wal_checkpoint(truncate)").fetch_one(&mut *writer).await;
        // The first number says that somebody read all the while.
        if told && !matches!(cut, Ok((0, ..))) {
            self.log_tells.store(true, Ordering::Relaxed);
        }
        sqlx::query(sqlx::AssertSqlSafe(patience(super::pool::BUSY))).execute(&mut *writer).await?;
        cut.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        on,
        store::{Engine, backup::beside},
        testing,
    };

    /// The log grew to 515 MB in a busy hour and stayed so.
    #[tokio::test]
    async fn a_large_log_is_cut_when_it_is_quiet() {
        let url = testing::database(Engine::Sqlite).await;
        let store = Store::open(&url).await.expect("opened");
        on!(store.once(), |c| sqlx::query("create table ballast (content blob)").execute(c).await.map(|_| ())).expect("made");
        const FILL: &str = "insert into ballast with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000) \
            select randomblob(4000) from n";
        on!(store.once(), |c| sqlx::query(FILL).execute(c).await.map(|_| ())).expect("filled");
        let log = beside(Path::new(url.trim_start_matches("sqlite:")), "-wal");
        let size = || std::fs::metadata(&log).expect("there").len();
        assert!(size() > 64 << 20, "{}", size());
        store.checkpoint().await.expect("written back");
        assert!(size() > 64 << 20, "it was written to just now");
        store.checkpoint().await.expect("written back");
        assert_eq!(size(), 0);
        let rows: i64 = on!(store.read(), |c| sqlx::query_scalar("select count(*) from ballast").fetch_one(c).await).expect("counted");
        assert_eq!(rows, 20_000);
        store.close().await;
    }
}
