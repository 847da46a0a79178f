//! The two engines behind one type: pools, transactions, the [`on!`](crate::on) macro.
//!
//! A statement is written once, in the dialect SQLite ≥ 3.35 and PostgreSQL ≥ 14 share, as a
//! `const` in its room's `queries.rs`, and run through `on!`, which expands the same body for the
//! engine at hand:
//!
//! ```text
//! let row: Option<Row> = on!(store.read(), |c| sqlx::query_as(BY_ID).bind(account).bind(id).fetch_optional(c).await)?;
//! let mut tx = store.begin().await?;
//! on!(tx.conn(), |c| sqlx::query(INSERT).bind(id).execute(c).await.map(|_| ()))?;
//! tx.commit().await?;
//! ```
//!
//! SQLite has one writer connection and many readers: every change goes through [`Store::begin`]
//! (`BEGIN IMMEDIATE`), one of many rows through [`Store::begin_bulk`], one of a single statement
//! through [`Store::once`].
#![allow(clippy::disallowed_types, reason = "the pools live here")]

mod bulk;
pub mod clock_jump;
pub mod damage;
mod free;
pub mod home;
mod maintenance;
mod pool;
pub mod proof;
pub mod time;
mod together;
mod wal;

pub mod audit;
pub mod backup;
pub mod file;
pub mod public_file;
pub mod retention;
pub mod trail;
pub mod usage;

pub use backup::BackupError;
pub(crate) use bulk::fetch_among;
pub use bulk::{SIZES, among, groups, marks, rows_of, values};
pub use damage::heed;
pub use maintenance::Unlike;
pub use pool::{Engine, OpenError, Store, Tx};
pub use together::{Answer, Together, json_hex, json_ids};

/// Either engine's thing: a pool, a connection.
#[derive(Debug)]
pub enum Db<S, P> {
    /// SQLite's.
    Sqlite(S),
    /// PostgreSQL's.
    Postgres(P),
}

/// Runs one body on the engine at hand and heeds what its error says of the file. The argument is a
/// [`Db`]: `store.read()` or `tx.conn()`.
#[macro_export]
macro_rules! on {
    ($db:expr, |$c:ident| $body:expr) => {
        $crate::store::heed(match $db {
            $crate::store::Db::Sqlite($c) => $body,
            $crate::store::Db::Postgres($c) => $body,
        })
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::audit;
    use crate::{both, clock, id::AccountId};

    both!(async fn opens_writes_and_reads(store) {
        let account = AccountId::new();
        let now = clock::now();
        let mut tx = store.begin().await.expect("begin");
        crate::testing::account(&mut tx, account, now).await;
        for n in 0..3 {
            audit::record(&mut tx, account, "system", "test.step", &n.to_string(), &json!({ "n": n }), now).await.expect("audit");
        }
        tx.commit().await.expect("commit");
        let at: clock::Moment = on!(store.read(), |c| sqlx::query_scalar("select created_at from account where id = $1").bind(account).fetch_one(c).await).expect("read");
        assert_eq!(at, now);
        assert_eq!(audit::verify(&store, account).await.expect("verify").map(|whole| whole.entries), Ok(3));
    });
}
