//! Whether a database is where it was. PostgreSQL's own tools restore one without this program, and
//! whoever does it may forget `mms admin hold`: then what people said since the backup is
//! forgotten, and the next campaign goes to those who had said stop.
//!
//! A table keeps the number that PostgreSQL gave to that very table. Whatever `pg_restore` makes
//! has other numbers, so a restored database says so by itself. A SQLite file is restored by
//! `mms admin restore`.

use super::{Db, Store};
use crate::on;

/// The number of the table now; PostgreSQL's alone has one.
pub const PLACE: &str = "select cast(cast(cast('home' as regclass) as oid) as text)";
/// The number that was kept.
pub const KEPT: &str = "select place from home where id = 1";
/// Keeps it.
pub const KEEP: &str =
    "insert into home (id, place) values (1, $1) on conflict (id) do update set place = excluded.place where home.place <> excluded.place";
/// Every statement both engines take.
pub const ALL: &[&str] = &[KEPT, KEEP];
/// Those of PostgreSQL alone.
pub const ALL_POSTGRES: &[&str] = &[PLACE];

impl Store {
    async fn place(&self) -> sqlx::Result<Option<String>> {
        match self.read() {
            Db::Sqlite(_) => Ok(None),
            Db::Postgres(pool) => sqlx::query_scalar(PLACE).fetch_one(pool).await.map(Some),
        }
    }

    /// Whether PostgreSQL's tools restored this database since it was last at work.
    ///
    /// # Errors
    /// The database's.
    pub async fn was_restored(&self) -> sqlx::Result<bool> {
        let Some(place) = self.place().await? else { return Ok(false) };
        let kept: Option<String> = on!(self.read(), |c| sqlx::query_scalar(KEPT).fetch_optional(c).await)?;
        Ok(kept.is_some_and(|kept| kept != place))
    }

    /// Notes that the database is at work here.
    ///
    /// # Errors
    /// The database's.
    pub async fn settle(&self) -> sqlx::Result<()> {
        let Some(place) = self.place().await? else { return Ok(()) };
        on!(self.once(), |c| sqlx::query(KEEP).bind(&place).execute(c).await.map(|_| ()))
    }
}

#[cfg(test)]
mod tests {
    use crate::{both, on, store::Engine};

    both!(async fn a_database_that_other_tools_restored_says_so(store) {
        assert!(!store.was_restored().await.expect("read"), "one that was never at work is no restored one");
        store.settle().await.expect("noted");
        store.settle().await.expect("noted");
        assert!(!store.was_restored().await.expect("read"));
        // What `pg_restore` does: the table is made anew, with the rows it had.
        for sql in [
            "create table kept as select id, place from home",
            "drop table home",
            "create table home (id integer primary key, place text not null)",
            "insert into home (id, place) select id, place from kept",
        ] {
            on!(store.once(), |c| sqlx::query(sql).execute(c).await.map(|_| ())).expect(sql);
        }
        assert_eq!(store.was_restored().await.expect("read"), store.engine() == Engine::Postgres);
        store.settle().await.expect("noted");
        assert!(!store.was_restored().await.expect("read"));
    });
}
