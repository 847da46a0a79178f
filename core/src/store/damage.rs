//! Finding damage: SQLite says nothing of a page it does not happen to read, so somebody has to
//! look at all of them. A page that it does read it speaks of to whoever asked, so every error is
//! heeded.

use tokio::sync::Notify;

use super::{Db, Store};

/// An error of this process spoke of damage. It does not say of which database; a process of `mms`
/// works on one, and whoever looks after that one waits here ([`until_told`]).
static TOLD: Notify = Notify::const_new();

/// SQLite's primary codes for a file that is not what it should be: SQLITE_CORRUPT and
/// SQLITE_NOTADB (sqlite.org/rescode.html; an extended code carries the primary one in its lowest
/// byte).
const CORRUPT: [i32; 2] = [11, 26];

/// Whether the error says that the database file is damaged.
fn is_damage(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.try_downcast_ref::<sqlx::sqlite::SqliteError>());
    code.and_then(|error| sqlx::error::DatabaseError::code(error)?.parse::<i32>().ok()).is_some_and(|code| CORRUPT.contains(&(code & 0xFF)))
}

/// Heeds what an error says of the database file, and hands the outcome on. The macro `on!` does it
/// for every statement; beginning and committing a change, and statements asked together, do it
/// themselves.
///
/// # Errors
/// The outcome's.
pub fn heed<T>(outcome: sqlx::Result<T>) -> sqlx::Result<T> {
    if outcome.as_ref().err().is_some_and(is_damage) {
        TOLD.notify_one();
    }
    outcome
}

/// Waits until an error speaks of damage; not at all when one did that nobody waited for.
pub async fn until_told() {
    TOLD.notified().await;
}

impl Store {
    /// Reads every page of a SQLite database and says what is wrong, `None` if nothing; PostgreSQL
    /// has its own tools. It reads beside everybody else and takes the time that reading the whole
    /// file takes.
    ///
    /// # Errors
    /// The database's, other than damage.
    pub async fn look_for_damage(&self) -> sqlx::Result<Option<String>> {
        let Db::Sqlite(pool) = self.read() else { return Ok(None) };
        let found: sqlx::Result<Vec<String>> = sqlx::query_scalar("pragma quick_check(3)").fetch_all(pool).await;
        let damage = match found {
            Ok(found) if found == ["ok"] => None,
            Ok(found) => Some(found.join("; ")),
            Err(error) if is_damage(&error) => Some(error.to_string()),
            Err(error) => return Err(error),
        };
        if damage.is_some() {
            self.note_damage();
        }
        Ok(damage)
    }

    /// Keeps in mind that the database is damaged: `/readyz` and the metric say so from now on. It
    /// stays so until a restore, and with that the process starts anew.
    pub fn note_damage(&self) {
        metrics::gauge!("mms_database_damaged").set(1.0);
        if !self.damaged.send_replace(true) {
            tracing::error!("the database file is damaged: stop, restore a backup (`mms admin restore`), and look at the disk");
        }
    }

    /// Whether damage was found since this process started.
    #[must_use]
    pub fn damaged(&self) -> bool {
        *self.damaged.borrow()
    }

    /// Waits until damage is found; not at all when it was.
    pub async fn until_damaged(&self) {
        // Fails only once every clone of the store is gone, and this is one.
        drop(self.damaged.subscribe().wait_for(|damaged| *damaged).await);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::{on, store::Engine, testing};

    #[tokio::test]
    async fn a_page_that_nobody_reads_is_found_damaged() {
        let url = testing::database(Engine::Sqlite).await;
        let store = Store::open(&url).await.expect("opened");
        assert_eq!(store.look_for_damage().await.expect("looked"), None);
        // A table's own page: the schema's are read by whoever opens the file.
        let page = "select rootpage from sqlite_schema where name = 'delivery_text'";
        let page: i64 = on!(store.read(), |c| sqlx::query_scalar(page).fetch_one(c).await).expect("its page");
        store.close().await;
        let path = PathBuf::from(url.trim_start_matches("sqlite:"));
        let mut bytes = std::fs::read(&path).expect("read");
        let begins = (usize::try_from(page).expect("a page") - 1) * 4_096;
        bytes[begins..begins + 4_096].fill(0x5A);
        std::fs::write(&path, bytes).expect("written");
        let store = Store::connect(&url).await.expect("it opens all the same");
        assert!(store.look_for_damage().await.expect("looked").is_some());
        assert!(store.damaged());
    }
}
