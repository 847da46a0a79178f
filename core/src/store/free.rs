//! Free pages of SQLite's file. A page that becomes free keeps what was on it until it is used
//! again, unless the change that freed it overwrites it ([`super::Tx::overwrite`]); overwriting
//! each costs a campaign a third of its speed. So what an erased person left on pages that became
//! free earlier is overwritten when they are erased.
#![allow(clippy::disallowed_methods, reason = "pragmas of SQLite alone")]

use super::{Db, Store};

/// Takes free pages, one row for many of them.
const TABLE: &str = "create table if not exists free_pages (content blob) strict";
/// Gives them back.
const DROP: &str = "drop table if exists free_pages";
/// Pages taken in one change: 8 MiB of the log, some 30 ms of everybody's time.
const PORTION: i64 = 2_000;

impl Store {
    /// Overwrites SQLite's free pages, a portion a change, others between. Of PostgreSQL nothing:
    /// its vacuum does it.
    ///
    /// # Errors
    /// The database's; the next call does it.
    pub async fn overwrite_free(&self) -> sqlx::Result<()> {
        let Db::Sqlite(pool) = self.read() else { return Ok(()) };
        let page: i64 = sqlx::query_scalar("pragma page_size").fetch_one(pool).await?;
        // What another call left when its process was ended.
        self.change(DROP, None).await?;
        self.change(TABLE, None).await?;
        let mut last = i64::MAX;
        loop {
            let free: i64 = sqlx::query_scalar("pragma freelist_count").fetch_one(pool).await?;
            // Others take pages and free some; whatever they do, this comes to an end.
            if free == 0 || free >= last {
                break;
            }
            last = free;
            self.change("insert into free_pages (content) values (zeroblob($1))", Some(bytes(page, free.min(PORTION)))).await?;
            self.checkpoint().await?;
        }
        self.change(DROP, None).await
    }

    async fn change(&self, sql: &'static str, bytes: Option<i64>) -> sqlx::Result<()> {
        let mut tx = self.begin_bulk().await?;
        if let Db::Sqlite(c) = tx.conn() {
            let query = sqlx::query(sql);
            match bytes {
                Some(bytes) => query.bind(bytes).execute(c).await?,
                None => query.execute(c).await?,
            };
        }
        tx.commit().await
    }
}

/// The bytes of a blob whose row fills so many pages beside its own to the last byte
/// (<https://sqlite.org/fileformat2.html>, 1.6: what overflows goes to pages of all but four bytes,
/// and what stays is least when that comes out even).
fn bytes(page: i64, pages: i64) -> i64 {
    let stays = (page - 12) * 32 / 255 - 23;
    let payload = stays + pages * (page - 4);
    // The header has its own length in one byte, and the blob's type as a number of 7 bits a byte.
    let header = |content: i64| 1 + (1..).find(|bytes| (12 + 2 * content) >> (7 * bytes) == 0).unwrap_or(1);
    (1..=8).map(|header| payload - header).find(|content| content + header(*content) == payload).unwrap_or(payload - 4)
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

    #[test]
    fn a_row_fills_its_pages_to_the_last_byte() {
        for pages in [1, 3, 100, 255, 256, 257, PORTION] {
            let content = bytes(4_096, pages);
            let header = match content {
                ..=57 => 2,
                58..=8_185 => 3,
                8_186..=1_048_569 => 4,
                _ => 5,
            };
            assert_eq!((content + header - 489) % 4_092, 0, "{pages}: {content}");
        }
    }

    /// What a change freed that overwrote nothing was found in the file after the erasure.
    #[tokio::test]
    async fn what_became_free_is_overwritten() {
        const WORDS: &[u8] = "секретное слово Акулины".as_bytes();
        let url = testing::database(Engine::Sqlite).await;
        let store = Store::open(&url).await.expect("opened");
        let file = Path::new(url.trim_start_matches("sqlite:")).to_owned();
        let found = |ending: &str| {
            let bytes = std::fs::read(beside(&file, ending)).unwrap_or_default();
            bytes.windows(WORDS.len()).filter(|part| *part == WORDS).count()
        };
        on!(store.once(), |c| sqlx::query("create table said (words blob)").execute(c).await.map(|_| ())).expect("made");
        let words = WORDS.repeat(400);
        for _ in 0..1_200 {
            on!(store.once(), |c| sqlx::query("insert into said values ($1)").bind(&words).execute(c).await.map(|_| ())).expect("said");
        }
        on!(store.once(), |c| sqlx::query("delete from said").execute(c).await.map(|_| ())).expect("deleted");
        store.cut_log().await;
        assert!(found("") > 100_000, "they are in the file still");
        store.overwrite_free().await.expect("overwritten");
        store.cut_log().await;
        assert_eq!((found(""), found("-wal")), (0, 0));
        let tables: i64 =
            on!(store.read(), |c| sqlx::query_scalar("select count(*) from sqlite_schema where name = 'free_pages'").fetch_one(c).await)
                .expect("counted");
        assert_eq!(tables, 0);
        store.close().await;
    }
}
