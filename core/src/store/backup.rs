//! Copies of a SQLite database: made whole or not at all, looked at before they are trusted, never
//! laid over another file.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

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
    /// Nothing is in the file: a backup that was broken off.
    #[error("`{0}` is empty: it is no backup (one that was broken off leaves such a file)")]
    Empty(String),
    /// A page of the file is not what it should be.
    #[error("the database file is damaged: {0}")]
    Damaged(String),
    /// SQLite's or not, it is no database of this product.
    #[error("`{0}` is no database of mms: its tables are not ours")]
    NotOurs(String),
    /// A newer program wrote it.
    #[error("the backup was made by a newer mms (migrations {0:?}): restore it with that one")]
    Newer(Vec<i64>),
    /// There is no account in it, so it holds nothing to restore.
    #[error("`{0}` holds no account: there is nothing to restore in it")]
    NoAccount(String),
    /// A migration failed.
    #[error("the backup cannot be opened: {0}")]
    Open(#[from] OpenError),
    /// The file system's.
    #[error("`{path}` cannot be {action}: {source}")]
    File {
        path: String,
        /// What was tried, in the past participle.
        action: &'static str,
        #[source]
        source: io::Error,
    },
    /// The database's.
    #[error("the database failed: {0}")]
    Store(#[from] sqlx::Error),
}

impl BackupError {
    fn file(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { path, action, source }
    }
}

/// The path of a file beside a SQLite database: `-wal`, `-shm`, or any other ending.
#[must_use]
pub fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(ending);
    path.into()
}

/// Whether the file is there and holds at least a byte.
#[must_use]
pub fn has_content(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.len() > 0)
}

impl Store {
    /// Copies a SQLite database into a new file while others go on reading and writing; the copy is
    /// as of one moment. It is made under another name, checked, brought to the disk and only then
    /// given its own, so a file under that name is a whole backup.
    ///
    /// # Errors
    /// [`BackupError`]; then there is no file under that name.
    pub async fn backup(&self, to: &Path) -> Result<(), BackupError> {
        let Db::Sqlite(pool) = self.read() else { return Err(BackupError::NotSqlite) };
        if to.exists() {
            return Err(BackupError::Exists(to.display().to_string()));
        }
        let unfinished = beside(to, &format!(".{}.unfinished", uuid::Uuid::now_v7().simple()));
        let path = unfinished.to_str().ok_or(BackupError::Path)?;
        let made = async {
            sqlx::query("vacuum into $1").bind(path).execute(pool).await?;
            private(&unfinished)?;
            inspect(&unfinished).await?;
            File::open(&unfinished).and_then(|file| file.sync_all()).map_err(BackupError::file(&unfinished, "brought to the disk"))?;
            give_name(&unfinished, to)
        }
        .await;
        if made.is_err() {
            drop(fs::remove_file(&unfinished));
        }
        made
    }
}

/// Looks at every page of a SQLite file that nobody writes and at whose it is, without changing it.
///
/// # Errors
/// [`BackupError`], with what is wrong.
pub async fn inspect(path: &Path) -> Result<(), BackupError> {
    let name = || path.display().to_string();
    if !has_content(path) {
        return Err(BackupError::Empty(name()));
    }
    let mut file = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true).connect().await?;
    let outcome = look(&mut file, &name()).await;
    drop(file.close().await);
    outcome
}

async fn look(file: &mut SqliteConnection, name: &str) -> Result<(), BackupError> {
    let found: Vec<String> = match sqlx::query_scalar("pragma integrity_check").fetch_all(&mut *file).await {
        Ok(found) => found,
        Err(sqlx::Error::Database(error)) => return Err(BackupError::Damaged(error.message().to_owned())),
        Err(error) => return Err(error.into()),
    };
    if found != ["ok"] {
        return Err(BackupError::Damaged(found.into_iter().take(3).collect::<Vec<_>>().join("; ")));
    }
    type Applied = Vec<(i64, Vec<u8>)>;
    let applied: sqlx::Result<Applied> =
        sqlx::query_as("select version, checksum from _sqlx_migrations where success order by version").fetch_all(&mut *file).await;
    let known = sqlx::migrate!("../migrations/sqlite");
    let first = known.iter().next().map(|migration| (migration.version, migration.checksum.to_vec()));
    let applied = applied.unwrap_or_default();
    if applied.first() != first.as_ref() {
        return Err(BackupError::NotOurs(name.to_owned()));
    }
    let newer: Vec<i64> =
        applied.iter().map(|(version, _)| *version).filter(|version| !known.iter().any(|ours| ours.version == *version)).collect();
    if !newer.is_empty() {
        return Err(BackupError::Newer(newer));
    }
    let accounts: i64 = sqlx::query_scalar("select count(*) from account").fetch_one(&mut *file).await?;
    if accounts == 0 { Err(BackupError::NoAccount(name.to_owned())) } else { Ok(()) }
}

/// Only the owner may read it.
///
/// # Errors
/// The file system's.
pub fn private(path: &Path) -> Result<(), BackupError> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(BackupError::file(path, "made private"))
}

/// Renames a file to a name that is free, and brings the folder to the disk.
///
/// # Errors
/// [`BackupError::Exists`] when somebody took the name meanwhile; the file system's.
pub fn give_name(from: &Path, to: &Path) -> Result<(), BackupError> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => {}
        Err(rustix::io::Errno::EXIST) => return Err(BackupError::Exists(to.display().to_string())),
        // A file system without that flag: a second name for the same file refuses to replace as
        // well.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            fs::hard_link(from, to).and_then(|()| fs::remove_file(from)).map_err(BackupError::file(to, "named"))?;
        }
        Err(error) => return Err(BackupError::file(to, "named")(error.into())),
    }
    sync_folder(to)
}

/// Brings the folder of a file to the disk, so that a name given in it outlives a power cut.
///
/// # Errors
/// The file system's.
pub fn sync_folder(of: &Path) -> Result<(), BackupError> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BackupError::file(folder, "brought to the disk"))
}

/// Moves a database and what SQLite keeps beside it to the first free name of `name`, `name-2`,
/// `name-3`…; the name taken.
///
/// # Errors
/// The file system's.
pub fn move_aside(database: &Path, name: &Path) -> Result<PathBuf, BackupError> {
    for n in 1_u32.. {
        let kept = if n == 1 { name.to_owned() } else { beside(name, &format!("-{n}")) };
        // A former file may have lost its database and kept its log.
        if ["", "-wal", "-shm"].iter().any(|ending| beside(&kept, ending).exists()) {
            continue;
        }
        for ending in ["-wal", "-shm", ""] {
            let part = beside(database, ending);
            if part.exists() {
                private(&part)?;
                give_name(&part, &beside(&kept, ending))?;
            }
        }
        return Ok(kept);
    }
    unreachable!("there are fewer files than numbers")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use sqlx::Executor as _;

    use super::*;
    use crate::{clock, id::AccountId, on, store::Engine, testing};

    async fn company() -> Store {
        const ACCOUNT: &str = "insert into account (id, name, zone, language, phone_region, created_at) \
            values ($1, 'Ромашка', 'Europe/Moscow', 'ru', 'RU', $2)";
        let store = testing::store(Engine::Sqlite).await;
        on!(store.once(), |c| sqlx::query(ACCOUNT).bind(AccountId::new()).bind(clock::now()).execute(c).await.map(|_| ()))
            .expect("founded");
        store
    }

    fn listed(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).expect("read").map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_backup_is_whole_private_and_never_overwrites() {
        let store = company().await;
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("backup.db");
        store.backup(&file).await.expect("backed up");
        inspect(&file).await.expect("whole");
        assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(matches!(store.backup(&file).await, Err(BackupError::Exists(_))));
        assert_eq!(listed(dir.path()), ["backup.db"], "nothing is left beside it");
    }

    /// A backup that cannot be made whole left a file of no bytes under the final name, and that
    /// was restored as an empty company.
    #[tokio::test]
    async fn a_backup_of_a_damaged_database_leaves_no_file() {
        let store = company().await;
        let (path, page): (String, i64) = {
            let Db::Sqlite(pool) = store.read() else { panic!("SQLite") };
            const WHERE: &str =
                "select file, (select rootpage from sqlite_schema where name = 'account') from pragma_database_list where name = 'main'";
            sqlx::query_as(WHERE).fetch_one(pool).await.expect("named")
        };
        let path = PathBuf::from(path);
        store.close().await;
        // The page of the only account: it opens, for nobody has to read it for that.
        let mut bytes = fs::read(&path).expect("read");
        let start = (usize::try_from(page).expect("a page") - 1) * 4_096;
        bytes[start..start + 4_096].fill(0xA5);
        fs::write(&path, bytes).expect("written");
        let damaged = Store::connect(&format!("sqlite:{}", path.display())).await.expect("it still opens");
        let dir = tempfile::tempdir().expect("a directory");
        let error = damaged.backup(&dir.path().join("backup.db")).await.expect_err("refused");
        assert!(matches!(error, BackupError::Damaged(_) | BackupError::Store(_)), "{error}");
        assert!(listed(dir.path()).is_empty(), "{:?}", listed(dir.path()));
    }

    #[tokio::test]
    async fn what_is_no_backup_of_ours_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |name: &str| dir.path().join(name);
        fs::write(at("empty"), b"").expect("written");
        assert!(matches!(inspect(&at("empty")).await, Err(BackupError::Empty(_))));
        fs::write(at("text"), b"not a database at all, only some bytes").expect("written");
        assert!(matches!(inspect(&at("text")).await, Err(BackupError::Damaged(_))));
        let other = SqliteConnectOptions::new().filename(at("other")).create_if_missing(true);
        let mut other = other.connect().await.expect("made");
        other.execute("create table account (id integer)").await.expect("made");
        other.close().await.expect("closed");
        assert!(matches!(inspect(&at("other")).await, Err(BackupError::NotOurs(_))));
        let nobody = Store::open(&format!("sqlite:{}", at("nobody").display())).await.expect("made");
        nobody.close().await;
        assert!(matches!(inspect(&at("nobody")).await, Err(BackupError::NoAccount(_))));
    }

    #[test]
    fn two_kept_in_one_second_are_both_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        let (database, kept) = (dir.path().join("mms.db"), dir.path().join("mms.before"));
        for round in ["one", "two"] {
            fs::write(&database, round).expect("written");
            fs::write(beside(&database, "-wal"), round).expect("written");
            move_aside(&database, &kept).expect("moved");
        }
        assert_eq!(listed(dir.path()), ["mms.before", "mms.before-2", "mms.before-2-wal", "mms.before-wal"]);
        assert_eq!(fs::read_to_string(kept).expect("read"), "one");
    }

    #[tokio::test]
    async fn postgres_has_its_own_tools() {
        let store = testing::store(Engine::Postgres).await;
        assert!(matches!(store.backup(Path::new("/nowhere")).await, Err(BackupError::NotSqlite)));
    }
}
