//! Pools, transactions and migrations.
#![allow(clippy::disallowed_methods, reason = "this is where connections are handed out")]

use std::{
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, Connection as _, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    Db,
    damage::heed,
    trail::{self, TrailKey, consents::Batch},
    usage,
};
use crate::{aside, clock::Moment, id::AccountId, limits::Connections};

/// The database of the product.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
    /// Damage was found; see [`super::damage`].
    pub(super) damaged: Arc<watch::Sender<bool>>,
    /// The trail was not what was noted of it at the last look; see [`super::trail::notes`].
    trail_differs: Arc<AtomicBool>,
    /// Frames of SQLite's log at the last look; see [`super::wal`].
    pub(super) log: Arc<AtomicI64>,
    /// Something was destroyed that the log may hold still; see [`super::wal`].
    pub(super) log_tells: Arc<AtomicBool>,
    /// The key of the trail, once it is known.
    pub(super) trail: Option<Arc<TrailKey>>,
    /// Changes leave no trace: a restore without the key.
    pub(super) untraced: bool,
}

#[derive(Debug, Clone)]
enum Pools {
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
        /// The line of the changes of many rows; see [`Store::begin_bulk`].
        bulk: Arc<Semaphore>,
    },
    Postgres(PgPool),
}

/// A connection that rested longer than this is asked whether it still is one before it is used;
/// one that was used just now is taken as it is, for the question costs as much as a statement. A
/// server that restarted meanwhile fails that statement, as it may fail any.
const RESTED: Duration = Duration::from_millis(500);

/// The longest the first connection to a server may take.
const FIRST: Duration = Duration::from_secs(10);
/// How long SQLite waits for a lock of another's.
pub(super) const BUSY: Duration = Duration::from_secs(15);

/// Which engine is behind a [`Store`]: for the few statements that must differ (bulk insert, claim,
/// JSON access).
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
    /// Opens the database at `url` (`sqlite:<path>` or `postgres://…`) and brings its schema up to
    /// date.
    ///
    /// # Errors
    /// [`OpenError`], each with a sentence for the person who runs the server.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_with(url, Connections::default()).await
    }

    /// The same with another number of connections.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(url: &str, connections: Connections) -> Result<Self, OpenError> {
        let store = Self::connect_with(url, connections).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens without touching the schema (for `mms doctor`).
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn connect(url: &str) -> Result<Self, OpenError> {
        Self::connect_with(url, Connections::default()).await
    }

    async fn connect_with(url: &str, connections: Connections) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::connect_sqlite(Path::new(path.trim_start_matches("//")), connections.sqlite_readers).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url).map_err(OpenError::Connect)?;
            // A pool tries until its time is over and then speaks of the time; one connection says
            // what is wrong.
            let first = tokio::time::timeout(FIRST, options.connect()).await;
            let first = first.map_err(|_| sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the server does not answer")));
            let first = first.and_then(|connected| connected).map_err(OpenError::Connect)?;
            drop(first.close().await);
            let pool = PgPoolOptions::new()
                .max_connections(connections.postgres)
                .acquire_timeout(Duration::from_secs(15))
                .test_before_acquire(false)
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        // PostgreSQL counts on a disk whose head has to move: it read all of a
                        // table of tens of thousands of rows, with a second process, to find the
                        // few hundred of a claim by their keys.
                        sqlx::query("set random_page_cost = 1.1").execute(&mut *connection).await?;
                        // A process frozen in the middle of a change holds its rows, a channel's
                        // among them, for as long as it is frozen.
                        sqlx::query("set idle_in_transaction_session_timeout = '20s'").execute(connection).await.map(|_| ())
                    })
                })
                .before_acquire(|connection, seen| {
                    Box::pin(async move {
                        // A connection that does not answer is replaced.
                        Ok(seen.idle_for < RESTED || connection.ping().await.is_ok())
                    })
                })
                .connect_with(options)
                .await
                .map_err(OpenError::Connect)?;
            Ok(Self::of(Pools::Postgres(pool)))
        } else {
            Err(OpenError::Address(crate::http::redact(url)))
        }
    }

    async fn connect_sqlite(path: &Path, readers: u32) -> Result<Self, OpenError> {
        // SQLite gives its log the rights of the database, so whoever makes the file decides for
        // all of them.
        drop(std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path));
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY)
            .foreign_keys(true)
            // A whole batch goes from the database's thread to ours in one handing over.
            .row_buffer_size(512)
            // Writing the log back into the file takes the disk's time while nobody else can
            // write, so [`Store::checkpoint`] does it beside the writer. The writer does it itself
            // only when the log has grown to this (pages of 4 KiB). A long read (an audience being
            // worked out) must not make it that large: while somebody reads, every commit past it
            // sorts the whole log and then writes back nothing. The log begins anew without being
            // cut, because cutting it takes up to a second of everybody's time.
            .pragma("wal_autocheckpoint", "131072");
        // What a statement puts aside (the rows of a plan, the sorted rows of a count) goes to a
        // temporary file when it is large, or the process would grow with the audience. Caches are
        // in KiB, with a minus; the system's own stands behind them, and SQLite looks through all
        // of the writer's at most commits (a page that was split took a number past the end for a
        // moment).
        let options = options.pragma("temp_store", "file");
        // What is deleted is overwritten in pages that are written anyway; pages that become free
        // are overwritten only where it counts ([`Tx::overwrite`]), for that is written besides.
        let options = options.pragma("secure_delete", "fast");
        let (writer, reader) = (options.clone().pragma("cache_size", "-4000"), options.pragma("cache_size", "-2000"));
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(60))
            // There is no server that could have gone.
            .test_before_acquire(false)
            // A full disk makes SQLite roll back by itself; the driver's own ROLLBACK then fails,
            // and it goes on counting the transaction as open for good (sqlx-sqlite 0.9,
            // connection/worker.rs). Such a connection is replaced.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(writer)
            .await
            .map_err(OpenError::Connect)?;
        let read = SqlitePoolOptions::new()
            .max_connections(readers)
            .acquire_timeout(Duration::from_secs(60))
            .test_before_acquire(false)
            .connect_with(reader)
            .await
            .map_err(OpenError::Connect)?;
        Ok(Self::of(Pools::Sqlite { read, write, bulk: Arc::new(Semaphore::new(1)) }))
    }

    fn of(pools: Pools) -> Self {
        Self {
            pools,
            damaged: Arc::default(),
            trail_differs: Arc::default(),
            log: Arc::default(),
            log_tells: Arc::default(),
            trail: None,
            untraced: false,
        }
    }

    async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match &self.pools {
            Pools::Sqlite { write, .. } => sqlx::migrate!("../migrations/sqlite").run(write).await,
            Pools::Postgres(pool) => sqlx::migrate!("../migrations/postgres").run(pool).await,
        }
    }

    /// Keeps in mind whether the trail is what was noted of it, for `/readyz`.
    pub fn note_trail_differs(&self, differs: bool) {
        self.trail_differs.store(differs, Ordering::Relaxed);
    }

    /// Whether the trail was not what was noted of it, or the file of notes not what was written,
    /// when this process looked last.
    #[must_use]
    pub fn trail_differs(&self) -> bool {
        self.trail_differs.load(Ordering::Relaxed)
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Where rows are read.
    #[must_use]
    pub fn read(&self) -> Db<&SqlitePool, &PgPool> {
        match &self.pools {
            Pools::Sqlite { read, .. } => Db::Sqlite(read),
            Pools::Postgres(pool) => Db::Postgres(pool),
        }
    }

    /// For a change that is one statement: it is committed by itself.
    #[must_use]
    pub fn once(&self) -> Db<&SqlitePool, &PgPool> {
        match &self.pools {
            Pools::Sqlite { write, .. } => Db::Sqlite(write),
            Pools::Postgres(pool) => Db::Postgres(pool),
        }
    }

    /// Begins a change. On SQLite it takes the writer's lock at once, so two changes never deadlock
    /// half way.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        Ok(Tx {
            inner: match &self.pools {
                Pools::Sqlite { write, .. } => Db::Sqlite(heed(write.begin_with("BEGIN IMMEDIATE").await)?),
                Pools::Postgres(pool) => Db::Postgres(begin_whole(pool.clone()).await?),
            },
            trail: self.trail.clone(),
            untraced: self.untraced,
            notes: trail::Notes::new(),
            contacts: usage::Pending::new(),
            overwrites: false,
            _turn: None,
        })
    }

    /// Begins a change of many rows: a claim, a record, a part of an import. SQLite has one writer,
    /// and these hold it long; they stand in a line of their own, of which only the first stands in
    /// the writer's. So a press or a webhook waits for one of them at most, and none of them is
    /// passed by more than what waits already.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_bulk(&self) -> Result<Tx, sqlx::Error> {
        let turn = match &self.pools {
            // The semaphore is never closed.
            Pools::Sqlite { bulk, .. } => Arc::clone(bulk).acquire_owned().await.ok(),
            Pools::Postgres(_) => None,
        };
        Ok(Tx { _turn: turn, ..self.begin().await? })
    }

    /// Shows how the connections are used.
    pub(super) fn show_pool(&self) {
        let (size, idle, most) = match &self.pools {
            Pools::Sqlite { read, write, .. } => (
                read.size() + write.size(),
                read.num_idle() + write.num_idle(),
                read.options().get_max_connections() + write.options().get_max_connections(),
            ),
            Pools::Postgres(pool) => (pool.size(), pool.num_idle(), pool.options().get_max_connections()),
        };
        // Both are counted one after the other, and move.
        let idle = u32::try_from(idle).unwrap_or(u32::MAX).min(size);
        metrics::gauge!("mms_db_connections", "state" => "idle").set(f64::from(idle));
        metrics::gauge!("mms_db_connections", "state" => "busy").set(f64::from(size - idle));
        metrics::gauge!("mms_db_connections_max").set(f64::from(most));
    }

    /// Closes all connections; on SQLite the write-ahead log is written back into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins a transaction, and does it to the end even when nobody waits for it any more. The driver
/// counts a transaction only when the server has answered (sqlx-postgres 0.9, transaction.rs): a
/// `BEGIN` that was given up half way would leave a connection to the pool whose next statements
/// are never committed and hold their rows against everybody.
async fn begin_whole(pool: PgPool) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Postgres>> {
    match aside::task("begin", async move { pool.begin().await }).await {
        Ok(begun) => begun,
        Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
        // The process ends.
        Err(_) => Err(sqlx::Error::PoolClosed),
    }
}

/// One change: all of it is committed, or (dropped) none of it.
#[derive(Debug)]
pub struct Tx {
    inner: Db<sqlx::Transaction<'static, sqlx::Sqlite>, sqlx::Transaction<'static, sqlx::Postgres>>,
    /// The key of the trail, once it is known.
    pub(super) trail: Option<Arc<TrailKey>>,
    /// The change leaves no trace.
    pub(super) untraced: bool,
    /// What is chained at the commit.
    pub(super) notes: trail::Notes,
    /// Contacts made, less those deleted, by account: counted at the commit.
    pub(super) contacts: usage::Pending,
    /// See [`Tx::overwrite`].
    overwrites: bool,
    /// The place at the head of the line of bulk changes; given back after the change itself.
    _turn: Option<OwnedSemaphorePermit>,
}

impl Tx {
    /// For statements inside the change.
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

    /// The keyed hash of an address, by which an erased person is known again; `None`: this store
    /// was opened without the sealing key, and a change that leaves a trace will not be committed.
    #[must_use]
    pub fn person_digest(&self, account: AccountId, kind: &str, value: &str) -> Option<String> {
        let key = self.trail.as_ref()?;
        Some(key.person(&[account.0.as_bytes(), kind.as_bytes(), value.as_bytes()]))
    }

    /// Whether this change leaves no trace ([`Store::untraced`]).
    #[must_use]
    pub fn is_untraced(&self) -> bool {
        self.untraced
    }

    /// What this change appends to the consent ledger of an account: its entries carry the batch's
    /// id and are added to it.
    pub fn consents(&mut self, account: AccountId, now: Moment) -> &mut Batch {
        self.notes.entry(account).or_default().consents.get_or_insert_with(|| Batch::new(now))
    }

    /// What this change deletes is overwritten on SQLite, pages that become free among it: an
    /// erased person is not found in the file. PostgreSQL frees the bytes with its vacuum.
    ///
    /// # Errors
    /// The database's.
    pub async fn overwrite(&mut self) -> Result<(), sqlx::Error> {
        if let Db::Sqlite(c) = self.conn() {
            heed(sqlx::query("pragma secure_delete = on").execute(c).await)?;
            self.overwrites = true;
        }
        Ok(())
    }

    /// Makes the change last, with its trace.
    ///
    /// # Errors
    /// The database's; the store was opened without the key of the trail and the change leaves a
    /// trace.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        usage::write(&mut self).await?;
        trail::write(&mut self).await?;
        // A change that is dropped leaves it on until the next one: no harm, only slower.
        if self.overwrites
            && let Db::Sqlite(c) = self.conn()
        {
            heed(sqlx::query("pragma secure_delete = fast").execute(c).await)?;
        }
        match self.inner {
            Db::Sqlite(tx) => heed(tx.commit().await),
            Db::Postgres(tx) => tx.commit().await,
        }
    }

    /// Takes the change back, and comes back when it is: one that is dropped holds its rows a
    /// moment longer, and whoever passes held rows by would not see them.
    ///
    /// # Errors
    /// The database's.
    pub async fn roll_back(self) -> Result<(), sqlx::Error> {
        match self.inner {
            Db::Sqlite(tx) => tx.rollback().await,
            Db::Postgres(tx) => tx.rollback().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        limits::Connections,
        on,
        store::{Db, Engine, Store},
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

    /// Changes of many rows stand in line among themselves: whatever else waits comes before the
    /// next of them.
    #[tokio::test]
    async fn a_small_change_waits_for_one_of_many_rows_at_most() {
        let store = testing::store(Engine::Sqlite).await;
        let order = std::sync::Mutex::new(Vec::new());
        let done = |what| order.lock().expect("no panic while held").push(what);
        let change = async |bulk: bool, what: &'static str| {
            let tx = if bulk { store.begin_bulk().await } else { store.begin().await }.expect("begun");
            done(what);
            tx.commit().await.expect("committed");
        };
        let under_way = store.begin_bulk().await.expect("begun");
        // All wait when the one under way ends: two of many rows came before the small ones.
        let end = async {
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            under_way.commit().await.expect("committed");
        };
        tokio::join!(change(true, "bulk"), change(true, "bulk"), change(false, "small"), change(false, "small"), end);
        assert_eq!(*order.lock().expect("no panic while held"), ["small", "small", "bulk", "bulk"]);
    }

    /// A transaction that was given up while it began was left open in the pool, and what came next
    /// on its connection was never committed: in a drill all channels stood still behind such rows.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_change_given_up_while_it_begins_leaves_nothing_open() {
        let url = testing::database(Engine::Postgres).await;
        let alone = Connections { postgres: 1, ..Connections::default() };
        let one = Store::open_with(&url, alone).await.expect("opened");
        let other = Store::open_with(&url, alone).await.expect("opened");
        on!(one.once(), |c| sqlx::query("create table told (n bigint)").execute(c).await.map(|_| ())).expect("made");
        for n in 0..200_i64 {
            let give_up = async {
                for _ in 0..n % 20 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                begun = one.begin() => drop(begun.expect("begun")),
                () = give_up => {}
            }
            on!(one.once(), |c| sqlx::query("insert into told (n) values ($1)").bind(n).execute(c).await.map(|_| ())).expect("told");
            let seen: i64 = on!(other.read(), |c| sqlx::query_scalar("select count(*) from told").fetch_one(c).await).expect("counted");
            assert_eq!(seen, n + 1, "what is one statement is committed by itself");
        }
        one.close().await;
        other.close().await;
    }

    /// A claim's few hundred rows are found by their keys, and not by reading the whole table, on
    /// every connection.
    #[tokio::test]
    async fn postgres_is_told_that_no_head_moves() {
        let store = testing::store(Engine::Postgres).await;
        let Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
        let mut connections = Vec::new();
        for _ in 0..3 {
            connections.push(pool.acquire().await.expect("a connection"));
        }
        for connection in &mut connections {
            let cost: String = sqlx::query_scalar("show random_page_cost").fetch_one(&mut **connection).await.expect("a setting");
            assert_eq!(cost, "1.1");
        }
    }

    /// The log is written back beside the writer: what is in the file alone is whole, though the
    /// writer is still open.
    #[tokio::test]
    async fn the_log_is_written_back_while_others_write() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(&format!("sqlite:{}", dir.path().join("mms.db").display())).await.expect("opened");
        let mut tx = store.begin().await.expect("begun");
        on!(tx.conn(), |c| sqlx::query("create table ballast (content blob)").execute(c).await.map(|_| ())).expect("made");
        tx.commit().await.expect("committed");
        fill(&store, 50).await.expect("filled");
        let under_way = store.begin().await.expect("begun");
        store.checkpoint().await.expect("written back");
        let copy = dir.path().join("copy.db");
        std::fs::copy(dir.path().join("mms.db"), &copy).expect("copied without the log");
        let copied = Store::connect(&format!("sqlite:{}", copy.display())).await.expect("opened");
        let rows: i64 = on!(copied.read(), |c| sqlx::query_scalar("select count(*) from ballast").fetch_one(c).await).expect("read");
        assert_eq!(rows, 50);
        under_way.commit().await.expect("committed");
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
