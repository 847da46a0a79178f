//! Pools, transactions and migrations.

use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    Connection as _, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::Db;

/// The database of the product.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
}

#[derive(Debug, Clone)]
enum Pools {
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres(PgPool),
}

/// Which engine is behind a [`Store`]: for the few statements that must differ (bulk insert, claim, JSON access).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file, one process.
    Sqlite,
    /// A server, many processes.
    Postgres,
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is neither `sqlite:` nor `postgres:`.
    #[error("the database address must begin with `sqlite:` or `postgres:` (got `{0}`)")]
    Address(String),
    /// The server or the file refused.
    #[error("the database cannot be opened: {0}")]
    Connect(#[source] sqlx::Error),
    /// A migration failed, or the database is newer than this program.
    #[error("the database schema could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl Store {
    /// Opens the database at `url` (`sqlite:<path>` or `postgres://…`) and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`], each with a sentence for the person who runs the server.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let store = Self::connect(url).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens without touching the schema (for `mms doctor`).
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn connect(url: &str) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::connect_sqlite(Path::new(path.trim_start_matches("//"))).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url).map_err(OpenError::Connect)?;
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(15))
                .connect_with(options)
                .await
                .map_err(OpenError::Connect)?;
            Ok(Self { pools: Pools::Postgres(pool) })
        } else {
            Err(OpenError::Address(crate::http::redact(url)))
        }
    }

    async fn connect_sqlite(path: &Path) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(15))
            .foreign_keys(true)
            .pragma("cache_size", "-16000")
            .pragma("temp_store", "memory");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(60))
            // A full disk makes SQLite roll back by itself; the driver's own ROLLBACK then fails, and it goes on counting the
            // transaction as open for good (sqlx-sqlite 0.9, connection/worker.rs). Such a connection is replaced.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(options.clone())
            .await
            .map_err(OpenError::Connect)?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(60))
            .connect_with(options.read_only(false))
            .await
            .map_err(OpenError::Connect)?;
        Ok(Self { pools: Pools::Sqlite { read, write } })
    }

    async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match &self.pools {
            Pools::Sqlite { write, .. } => sqlx::migrate!("../migrations/sqlite").run(write).await,
            Pools::Postgres(pool) => sqlx::migrate!("../migrations/postgres").run(pool).await,
        }
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// The door for reading.
    #[must_use]
    pub fn read(&self) -> Db<&SqlitePool, &PgPool> {
        match &self.pools {
            Pools::Sqlite { read, .. } => Db::Sqlite(read),
            Pools::Postgres(pool) => Db::Postgres(pool),
        }
    }

    /// Begins a change. On SQLite it takes the writer's lock at once, so two changes never deadlock half way.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        Ok(Tx {
            inner: match &self.pools {
                Pools::Sqlite { write, .. } => Db::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
                Pools::Postgres(pool) => Db::Postgres(pool.begin().await?),
            },
        })
    }

    /// Closes all connections; on SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// One change: all of it is committed, or (dropped) none of it.
#[derive(Debug)]
pub struct Tx {
    inner: Db<sqlx::Transaction<'static, sqlx::Sqlite>, sqlx::Transaction<'static, sqlx::Postgres>>,
}

impl Tx {
    /// The door for statements inside the change.
    pub fn conn(&mut self) -> Db<&mut sqlx::SqliteConnection, &mut sqlx::PgConnection> {
        match &mut self.inner {
            Db::Sqlite(tx) => Db::Sqlite(&mut *tx),
            Db::Postgres(tx) => Db::Postgres(&mut *tx),
        }
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.inner {
            Db::Sqlite(_) => Engine::Sqlite,
            Db::Postgres(_) => Engine::Postgres,
        }
    }

    /// Makes the change last.
    ///
    /// # Errors
    /// The database's.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self.inner {
            Db::Sqlite(tx) => tx.commit().await,
            Db::Postgres(tx) => tx.commit().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        on,
        store::{Engine, Store},
        testing,
    };

    async fn fill(store: &Store, rows: usize) -> sqlx::Result<()> {
        let mut tx = store.begin().await?;
        for _ in 0..rows {
            on!(tx.conn(), |c| sqlx::query("insert into ballast (content) values ($1)")
                .bind(vec![1_u8; 4_000])
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        tx.commit().await
    }

    /// A disk that was full for a while: the next change is made as if nothing had been.
    #[tokio::test]
    async fn a_full_disk_ends_with_itself() {
        let store = testing::store(Engine::Sqlite).await;
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("create table ballast (content blob)").execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        // Of this connection only, as a disk is full only for a while.
        on!(tx.conn(), |c| sqlx::query("pragma max_page_count = 1").execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        assert!(fill(&store, 500).await.is_err(), "nothing fits");
        fill(&store, 500).await.expect("the next change is made");
    }
}
