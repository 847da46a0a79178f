//! For tests of every crate: a fresh store on each engine.
//!
//! PostgreSQL comes from `MMS_TEST_POSTGRES` (an address with the right to create databases);
//! `scripts/test` and `scripts/with-services` start a private server and set it. A missing server
//! is an error, never a silent skip.
#![allow(clippy::disallowed_methods, reason = "tests have clocks and tasks of their own")]

use sqlx::Connection as _;

use crate::{
    account::Language,
    clock::Moment,
    founding::{self, Founded, NewAccount},
    id::AccountId,
    on,
    secret::{KEY_LEN, Sealer, Secret},
    store::{Engine, Store, Tx},
};

/// A fresh, migrated store; dropped files and databases are left to the services' own temporary
/// directory.
///
/// # Panics
/// When the engine is not there: the sentence says what to run.
pub async fn store(engine: Engine) -> Store {
    Store::open(&database(engine).await).await.expect("a fresh store opens").sealed_by(&sealer())
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
    let name = format!("t{}", uuid::Uuid::now_v7().simple());
    match engine {
        Engine::Sqlite => {
            let dir = std::env::temp_dir().join("mms-tests");
            std::fs::create_dir_all(&dir).expect("the temporary directory can be written");
            format!("sqlite:{}/{name}.db", dir.display())
        }
        Engine::Postgres => {
            let base = std::env::var("MMS_TEST_POSTGRES")
                .expect("MMS_TEST_POSTGRES is not set: run the tests by `scripts/test` or `scripts/with-services cargo test`");
            let mut admin = sqlx::PgConnection::connect(&format!("{base}/postgres")).await.expect("the test PostgreSQL answers");
            sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await.expect("a test database");
            format!("{base}/{name}")
        }
    }
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
                body($crate::testing::store($crate::store::Engine::Sqlite).await).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                body($crate::testing::store($crate::store::Engine::Postgres).await).await;
            }
        }
    };
}
