//! What the person at the server does: look at the schema, make a restored database safe to work
//! on.

use std::time::Duration;

use super::{Db, Store};

/// How a database is unlike what this program makes; the versions of its migrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlike {
    /// It has migrations that this program does not know: a newer one was here.
    Newer(Vec<i64>),
    /// It has migrations of ours with another content.
    Changed(Vec<i64>),
}

impl Store {
    /// Migrations that this program knows and the database lacks, or how the database is unlike
    /// what this program makes.
    ///
    /// # Errors
    /// The database's.
    pub async fn schema(&self) -> sqlx::Result<Result<usize, Unlike>> {
        const APPLIED: &str = "select version, checksum from _sqlx_migrations where success order by version";
        /// A version and the checksum of its text.
        type Applied = (i64, Vec<u8>);
        let (applied, known): (sqlx::Result<Vec<Applied>>, Vec<Applied>) = match self.read() {
            Db::Sqlite(pool) => (
                sqlx::query_as(APPLIED).fetch_all(pool).await,
                sqlx::migrate!("../migrations/sqlite").iter().map(|one| (one.version, one.checksum.to_vec())).collect(),
            ),
            Db::Postgres(pool) => (
                sqlx::query_as(APPLIED).fetch_all(pool).await,
                sqlx::migrate!("../migrations/postgres").iter().map(|one| (one.version, one.checksum.to_vec())).collect(),
            ),
        };
        let applied = match applied {
            Ok(applied) => applied,
            // No such table: a fresh database.
            Err(sqlx::Error::Database(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let versions = |unlike: &dyn Fn(&Applied) -> bool| -> Vec<i64> {
            applied.iter().filter(|one| unlike(one)).map(|(version, _)| *version).collect()
        };
        let newer = versions(&|(version, _)| !known.iter().any(|(ours, _)| ours == version));
        let changed = versions(&|(version, checksum)| known.iter().any(|(ours, sum)| ours == version && sum != checksum));
        Ok(if !newer.is_empty() {
            Err(Unlike::Newer(newer))
        } else if !changed.is_empty() {
            Err(Unlike::Changed(changed))
        } else {
            Ok(known.len().saturating_sub(applied.len()))
        })
    }

    /// Says that this process alone works on the database (its caller holds the lock of the data
    /// directory): whatever another process held died with it, so nothing waits for leases to end.
    /// Rows that were in flight are recovered at once.
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

    /// Makes a restored database safe to work on. What was sent after the backup is unknown to it,
    /// and a message cannot be taken back: running campaigns are paused, planned ones lose their
    /// approval, answers in line are not sent, members' presses that waited are not made again, and
    /// one-time links, which may have been used since, open nothing. Gives how many campaigns were
    /// held.
    ///
    /// # Errors
    /// The database's.
    pub async fn hold_everything(&self, now: crate::clock::Moment) -> sqlx::Result<u64> {
        const QUIET: [&str; 4] = [
            "update manager_update set payload = null where payload is not null and received_at <= $1",
            "update outgoing set state = 'uncertain', reason = 'restored' where state in ('queued', 'sending') and created_at <= $1",
            "update invitation set expires_at = $1 where used_at is null and expires_at > $1",
            "update password_link set expires_at = $1 where used_at is null and expires_at > $1",
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

    /// Waits until every change that is under way now has ended, at most `patience`. A server's
    /// session whose process was killed still carries out what it was told before, so a change may
    /// be committed after the death of whoever made it. SQLite's end with the process.
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{both, on};

    both!(async fn another_schema_is_told_from_an_older_one(store) {
        assert_eq!(store.schema().await.expect("read"), Ok(0));
        let run = async |sql: &'static str| on!(store.once(), |c| sqlx::query(sql).execute(c).await.map(|_| ())).expect("done");
        run("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)").await;
        assert_eq!(store.schema().await.expect("read"), Ok(1));
        run("update _sqlx_migrations set checksum = checksum || checksum where version = 1").await;
        assert_eq!(store.schema().await.expect("read"), Err(Unlike::Changed(vec![1])));
        run("update _sqlx_migrations set version = 777 where version = 1").await;
        assert_eq!(store.schema().await.expect("read"), Err(Unlike::Newer(vec![777])));
    });
}
