//! `query_as` with a string is not checked by the compiler, so every statement is prepared on both engines here.

use mms_core::{
    store::{Db, Engine},
    testing,
};
use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

/// Every room's statements, by room.
pub fn rooms() -> Vec<(&'static str, &'static [&'static str])> {
    vec![
        ("store::audit", mms_core::store::audit::ALL),
        ("store::file", mms_core::store::file::ALL),
        ("store::set_back", mms_core::store::set_back::CUT_SHORT),
        ("store::set_back", mms_core::store::set_back::FREE),
        ("store::set_back", mms_core::store::set_back::LAND),
        ("store::set_back", &[mms_core::store::set_back::SEEN, mms_core::store::set_back::SEE]),
        ("crm", mms_core::crm::queries::ALL),
        ("crm::ingest", mms_core::crm::ingest::ALL),
        ("notice", mms_core::notice::ALL),
        ("account", mms_core::account::queries::ALL),
        ("campaign", mms_core::campaign::queries::ALL),
        ("channel", mms_core::channel::queries::ALL),
        ("consent", mms_core::consent::queries::ALL),
        ("contact", mms_core::contact::queries::ALL),
        ("crm", mms_core::crm::queries::ALL),
        ("delivery", mms_core::delivery::queries::ALL),
        ("inbound", mms_core::inbound::queries::ALL),
        ("template", mms_core::template::queries::ALL),
        ("bot::gates", mms_bot::gates::ALL),
        ("bot::dialogue", mms_bot::dialogue::ALL),
        ("bot::cards", mms_bot::cards::ALL),
        ("worker::tick", mms_worker::tick::ALL),
        ("bot::cards", mms_bot::cards::ALL),
        ("bot::dialogue", mms_bot::dialogue::ALL),
        ("bot::gates", mms_bot::gates::ALL),
    ]
}

/// What an engine is asked in its own words.
fn own(engine: Engine) -> Vec<(&'static str, &'static [&'static str])> {
    use mms_core::{delivery::queries as delivery, inbound::queries as inbound};
    match engine {
        Engine::Sqlite => vec![("delivery", delivery::ALL_SQLITE), ("inbound", inbound::ALL_SQLITE)],
        Engine::Postgres => vec![("delivery", delivery::ALL_POSTGRES), ("inbound", inbound::ALL_POSTGRES)],
    }
}

async fn prepare_all(engine: Engine) {
    let store = testing::store(engine).await;
    let mut wrong = Vec::new();
    for (room, statements) in rooms().into_iter().chain(own(engine)) {
        for statement in statements {
            let sql = AssertSqlSafe(*statement).into_sql_str();
            let outcome = match store.read() {
                Db::Sqlite(pool) => pool.prepare(sql).await.map(|_| ()),
                Db::Postgres(pool) => pool.prepare(sql).await.map(|_| ()),
            };
            if let Err(error) = outcome {
                wrong.push(format!("{room}: {error}\n    {statement}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{engine:?}:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_statement_prepares_on_sqlite() {
    prepare_all(Engine::Sqlite).await;
}

#[tokio::test]
async fn every_statement_prepares_on_postgres() {
    prepare_all(Engine::Postgres).await;
}
