//! For tests of every crate: a fresh store on each engine.
//!
//! PostgreSQL comes from `MMS_TEST_POSTGRES` (an address with the right to create databases);
//! `scripts/test` and `scripts/with-services` start a private server and set it. A missing server
//! is an error, never a silent skip.
#![allow(clippy::disallowed_methods, reason = "tests have clocks and tasks of their own")]

use sqlx::Connection as _;
use tokio::sync::OnceCell;

use crate::{
    account::Language,
    clock::Moment,
    founding::{self, Founded, NewAccount},
    id::AccountId,
    on,
    secret::{KEY_LEN, Sealer, Secret},
    store::{Engine, Store, Tx},
};

/// A fresh, migrated store.
///
/// # Panics
/// When the engine is not there: the sentence says what to run.
pub async fn store(engine: Engine) -> Store {
    store_at(&migrated(engine).await).await
}

async fn store_at(url: &str) -> Store {
    Store::open(url).await.expect("a fresh store opens").sealed_by(&sealer())
}

/// The sealer of tests.
#[must_use]
pub fn sealer() -> Sealer {
    Sealer::new(&[7; KEY_LEN])
}

/// Writes a company named «Ромашка», in Moscow, with nothing in it.
///
/// # Panics
/// When the row cannot be written.
pub async fn account(tx: &mut Tx, account: AccountId, now: Moment) {
    let sql =
        "insert into account (id, name, zone, language, phone_region, created_at) values ($1, 'Ромашка', 'Europe/Moscow', 'ru', 'RU', $2)";
    on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(now).execute(c).await.map(|_| ())).expect("an account");
}

/// Founds the company «Ромашка», in Moscow, whose owner «Анна» signs in by this login and password.
///
/// # Panics
/// When it cannot be founded.
pub async fn found(store: &Store, login: &str, password: &str, now: Moment) -> Founded {
    let new = NewAccount {
        name: "Ромашка",
        zone: "Europe/Moscow",
        language: Language::Ru,
        phone_region: "RU",
        advertiser: "ООО «Ромашка»",
        owner_login: login,
        owner_password: &Secret::new(password),
        owner_name: "Анна",
    };
    founding::create(store, &new, now).await.expect("an account is founded")
}

/// The address of a fresh, empty database.
///
/// # Panics
/// As [`store`].
pub async fn database(engine: Engine) -> String {
    match engine {
        Engine::Sqlite => format!("sqlite:{}", file().display()),
        Engine::Postgres => created("template1").await,
    }
}

/// The address of a fresh database with all tables: a copy of one that a process migrates once,
/// because dozens of migrations before each of hundreds of tests are most of what they would take.
///
/// # Panics
/// As [`store`].
pub async fn migrated(engine: Engine) -> String {
    static SQLITE: OnceCell<Vec<u8>> = OnceCell::const_new();
    static POSTGRES: OnceCell<String> = OnceCell::const_new();
    match engine {
        Engine::Sqlite => {
            let bytes = SQLITE.get_or_init(|| async {
                let url = database(engine).await;
                Store::open(&url).await.expect("a fresh store opens").close().await;
                let bytes = tokio::fs::read(path(&url)).await.expect("the file is there");
                remove(&url).await;
                bytes
            });
            let file = file();
            tokio::fs::write(&file, bytes.await).await.expect("the temporary directory can be written");
            format!("sqlite:{}", file.display())
        }
        Engine::Postgres => {
            let template = POSTGRES.get_or_init(|| async {
                let url = database(engine).await;
                // Nobody may be connected to what is copied.
                Store::open(&url).await.expect("a fresh store opens").close().await;
                name(&url).to_owned()
            });
            created(template.await).await
        }
    }
}

/// Removes a database of [`migrated`] or [`database`], whoever is still connected to it: together
/// those of one run fill a small disk.
///
/// # Panics
/// When PostgreSQL is not there any more.
pub async fn remove(url: &str) {
    if url.starts_with("sqlite:") {
        for ending in ["", "-wal", "-shm"] {
            let _ = tokio::fs::remove_file(format!("{}{ending}", path(url))).await;
        }
    } else {
        let drop = format!("drop database {} with (force)", name(url));
        sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&mut admin().await).await.expect("the test database goes");
    }
}

fn path(url: &str) -> &str {
    url.trim_start_matches("sqlite:")
}

fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

fn unused() -> String {
    format!("t{}", uuid::Uuid::now_v7().simple())
}

/// Where a file of SQLite may be.
fn file() -> std::path::PathBuf {
    let dir = std::env::temp_dir().join("mms-tests");
    std::fs::create_dir_all(&dir).expect("the temporary directory can be written");
    dir.join(unused()).with_extension("db")
}

fn postgres() -> String {
    std::env::var("MMS_TEST_POSTGRES")
        .expect("MMS_TEST_POSTGRES is not set: run the tests by `scripts/test` or `scripts/with-services cargo test`")
}

async fn admin() -> sqlx::PgConnection {
    sqlx::PgConnection::connect(&format!("{}/postgres", postgres())).await.expect("the test PostgreSQL answers")
}

/// The address of a new copy of this database of PostgreSQL.
async fn created(template: &str) -> String {
    let name = unused();
    let create = format!("create database {name} template {template}");
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut admin().await).await.expect("a test database");
    format!("{}/{name}", postgres())
}

/// Runs a body of [`both!`]. What a failing test leaves is there to be looked at.
pub async fn run<F: Future<Output = ()>>(engine: Engine, body: impl FnOnce(Store) -> F) {
    let url = migrated(engine).await;
    body(store_at(&url).await).await;
    remove(&url).await;
}

/// One test body, run on both engines: `both!(async fn name(store) { … });`
#[macro_export]
macro_rules! both {
    ($(#[$meta:meta])* async fn $name:ident($store:ident) $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "the body may need nothing from its module")]
            use super::*;

            async fn body($store: $crate::store::Store) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::testing::run($crate::store::Engine::Sqlite, body).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::testing::run($crate::store::Engine::Postgres, body).await;
            }
        }
    };
}
