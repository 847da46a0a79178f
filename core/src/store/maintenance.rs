//! What the person at the server does: look at the schema, back up, check a backup.

use std::{path::Path, time::Duration};

use super::{Db, OpenError, Store};

/// Why a backup was not made or not accepted.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// PostgreSQL has its own tools.
    #[error(
        "this database is PostgreSQL: back it up with `pg_dump -Fc`, restore it with `pg_restore` into an empty database, then run \
         `mms admin hold` before anything starts"
    )]
    NotSqlite,
    /// The file exists.
    #[error("`{0}` exists already: name a new file")]
    Exists(String),
    /// The path is not UTF-8.
    #[error("the path of the backup must be UTF-8")]
    Path,
    /// The file is not a whole database of this product.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// The file was written by a newer program, or is no database of this product.
    #[error("the backup cannot be opened: {0}")]
    Open(#[from] OpenError),
    /// The database's.
    #[error("the database failed: {0}")]
    Store(#[from] sqlx::Error),
}

impl Store {
    /// Migrations that this program knows and the database lacks; `Err` carries versions the database has and this program
    /// does not know (a newer program was here).
    ///
    /// # Errors
    /// The database's.
    pub async fn schema(&self) -> sqlx::Result<Result<usize, Vec<i64>>> {
        const APPLIED: &str = "select version from _sqlx_migrations where success order by version";
        let (applied, known): (sqlx::Result<Vec<i64>>, Vec<i64>) = match self.read() {
            Db::Sqlite(pool) => (
                sqlx::query_scalar(APPLIED).fetch_all(pool).await,
                sqlx::migrate!("../migrations/sqlite").iter().map(|migration| migration.version).collect(),
            ),
            Db::Postgres(pool) => (
                sqlx::query_scalar(APPLIED).fetch_all(pool).await,
                sqlx::migrate!("../migrations/postgres").iter().map(|migration| migration.version).collect(),
            ),
        };
        let applied = match applied {
            Ok(applied) => applied,
            // No such table: a fresh database.
            Err(sqlx::Error::Database(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let unknown: Vec<i64> = applied.iter().copied().filter(|version| !known.contains(version)).collect();
        Ok(if unknown.is_empty() { Ok(known.len().saturating_sub(applied.len())) } else { Err(unknown) })
    }

    /// Copies a SQLite database into a new file while others go on reading and writing; the copy is as of one moment.
    ///
    /// # Errors
    /// [`BackupError`].
    pub async fn backup(&self, to: &Path) -> Result<(), BackupError> {
        let Db::Sqlite(pool) = self.read() else { return Err(BackupError::NotSqlite) };
        if to.exists() {
            return Err(BackupError::Exists(to.display().to_string()));
        }
        let path = to.to_str().ok_or(BackupError::Path)?;
        sqlx::query("vacuum into $1").bind(path).execute(pool).await?;
        Ok(())
    }

    /// Says that this process alone works on the database (its caller holds the lock of the data directory): whatever another
    /// process held died with it, so nothing waits for leases to end. Rows that were in the air are recovered at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn alone(&self, now: crate::clock::Moment) -> sqlx::Result<()> {
        const STEPS: [&str; 5] = [
            "update channel set lease_owner = null, lease_until = null where lease_until > $1",
            "update crm_connection set lease_owner = null, lease_until = null where lease_until > $1",
            "update delivery set lease_until = $1 where state = 'sending' and lease_until > $1",
            "update outgoing set lease_until = $1 where state = 'sending' and lease_until > $1",
            "update crm_write set lease_until = $1 where state = 'sending' and lease_until > $1",
        ];
        let mut tx = self.begin().await?;
        for sql in STEPS {
            crate::on!(tx.conn(), |c| sqlx::query(sql).bind(now).execute(c).await.map(|_| ()))?;
        }
        tx.commit().await
    }

    /// Makes a restored database safe to work on. What was sent after the backup is unknown to it, and a message cannot be
    /// taken back: running campaigns are paused, planned ones lose their approval, answers in line are not sent, members' presses
    /// that waited are not made again.
    /// Returns how many campaigns were held.
    ///
    /// # Errors
    /// The database's.
    pub async fn hold_everything(&self, now: crate::clock::Moment) -> sqlx::Result<u64> {
        const QUIET: [&str; 2] = [
            "update manager_update set payload = null where payload is not null and received_at <= $1",
            "update outgoing set state = 'uncertain', reason = 'restored' where state in ('queued', 'sending') and created_at <= $1",
        ];
        const HELD: [&str; 2] = [
            "update campaign set state = 'draft', state_reason = 'restored', approved_hash = null, submitted_hash = null, updated_at = $1
             where state in ('scheduled', 'planning')",
            "update campaign set state = 'paused', state_reason = 'restored', updated_at = $1 where state = 'running'",
        ];
        let mut tx = self.begin().await?;
        let mut held = 0;
        for sql in QUIET {
            crate::on!(tx.conn(), |c| sqlx::query(sql).bind(now).execute(c).await.map(|_| ()))?;
        }
        for sql in HELD {
            held += crate::on!(tx.conn(), |c| sqlx::query(sql).bind(now).execute(c).await.map(|r| r.rows_affected()))?;
        }
        tx.commit().await?;
        Ok(held)
    }

    /// Waits until every change that is under way now has ended, for so long at most. A server's session whose process was killed still
    /// carries out what it was told before, so a change may be committed after the death of whoever made it. SQLite's end with the process.
    ///
    /// # Errors
    /// The database's.
    pub async fn settled(&self, patience: Duration) -> sqlx::Result<()> {
        let Db::Postgres(pool) = self.read() else { return Ok(()) };
        let next: i64 = sqlx::query_scalar("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetch_one(pool).await?;
        let ended = async {
            loop {
                let oldest: i64 =
                    sqlx::query_scalar("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetch_one(pool).await?;
                if oldest >= next {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(patience, ended).await.unwrap_or(Ok(()))
    }

    /// Opens a backup, brings its schema up to date and checks every page of it.
    ///
    /// # Errors
    /// [`BackupError`].
    pub async fn check_backup(path: &Path) -> Result<(), BackupError> {
        let store = Self::open(&format!("sqlite:{}", path.display())).await?;
        let Db::Sqlite(pool) = store.read() else { return Err(BackupError::NotSqlite) };
        let found: Vec<String> = sqlx::query_scalar("pragma integrity_check").fetch_all(pool).await?;
        store.close().await;
        if found == ["ok"] { Ok(()) } else { Err(BackupError::Damaged(found.join("; "))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock, store::Engine, testing};

    #[tokio::test]
    async fn a_backup_is_whole_and_never_overwrites() {
        let store = testing::store(Engine::Sqlite).await;
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("backup.db");
        store.backup(&file).await.expect("backed up");
        Store::check_backup(&file).await.expect("whole");
        assert!(matches!(store.backup(&file).await, Err(BackupError::Exists(_))));
        assert_eq!(store.hold_everything(clock::now()).await.expect("held"), 0);
    }

    #[tokio::test]
    async fn a_damaged_backup_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("backup.db");
        std::fs::write(&file, b"not a database at all, only some bytes").expect("written");
        assert!(Store::check_backup(&file).await.is_err());
    }

    #[tokio::test]
    async fn postgres_has_its_own_tools() {
        let store = testing::store(Engine::Postgres).await;
        assert!(matches!(store.backup(Path::new("/nowhere")).await, Err(BackupError::NotSqlite)));
        assert_eq!(store.schema().await.expect("read"), Ok(0));
    }
}
