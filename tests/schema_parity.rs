//! Both engines keep the same tables with the same columns in the same order, nullable alike,
//! indexed alike.

use std::collections::BTreeMap;

use mms_core::{
    store::{Db, Engine},
    testing,
};

type Columns = BTreeMap<String, Vec<(String, bool, &'static str)>>;

/// The family of a column's type: what the product binds and reads there.
fn family(engine: Engine, declared: &str) -> &'static str {
    match (engine, declared.to_lowercase().as_str()) {
        (Engine::Sqlite, "integer") => "number",
        (Engine::Sqlite, "real") => "real",
        (Engine::Sqlite, "blob") => "bytes",
        (Engine::Sqlite, "text") => "text",
        (Engine::Postgres, "bigint" | "integer" | "smallint" | "boolean") => "number",
        (Engine::Postgres, "double precision") => "real",
        (Engine::Postgres, "uuid" | "bytea") => "bytes",
        (Engine::Postgres, "text" | "timestamp with time zone" | "jsonb") => "text",
        (engine, other) => panic!("{engine:?} has a column of type `{other}`: say here what it is bound as"),
    }
}

async fn columns(engine: Engine) -> Columns {
    let store = testing::store(engine).await;
    let rows: Vec<(String, String, String, bool)> = match store.read() {
        Db::Sqlite(pool) => sqlx::query_as(
            "select m.name, p.name, p.type, p.\"notnull\" = 0 and p.pk = 0 from sqlite_schema m join pragma_table_info(m.name) p
             where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like '_sqlx%' order by m.name, p.cid",
        )
        .fetch_all(pool)
        .await
        .expect("columns"),
        Db::Postgres(pool) => sqlx::query_as(
            "select table_name::text, column_name::text, data_type::text, is_nullable = 'YES' from information_schema.columns
             where table_schema = 'public' and table_name not like '\\_sqlx%' order by table_name, ordinal_position",
        )
        .fetch_all(pool)
        .await
        .expect("columns"),
    };
    let mut out = Columns::new();
    for (table, column, kind, nullable) in rows {
        // JSONB on both engines: bound as text, read by filters alone.
        let family = if matches!(table.as_str(), "contact" | "occasion") && column == "folded" { "text" } else { family(engine, &kind) };
        out.entry(table).or_default().push((column, nullable, family));
    }
    out
}

async fn indexes(engine: Engine) -> Vec<String> {
    let store = testing::store(engine).await;
    let mut names: Vec<String> = match store.read() {
        Db::Sqlite(pool) => sqlx::query_scalar("select name from sqlite_schema where type = 'index' and name not like 'sqlite_autoindex%'").fetch_all(pool).await,
        Db::Postgres(pool) => {
            sqlx::query_scalar("select indexname::text from pg_indexes where schemaname = 'public' and indexname not like '%_pkey' and indexname not like '%_key' and indexname not like '\\_sqlx%'")
                .fetch_all(pool)
                .await
        }
    }
    .expect("indexes");
    names.sort();
    names
}

#[tokio::test]
async fn tables_and_columns_are_the_same() {
    let (sqlite, postgres) = (columns(Engine::Sqlite).await, columns(Engine::Postgres).await);
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (table, columns) in &sqlite {
        assert_eq!(columns, &postgres[table], "table `{table}`");
    }
}

#[tokio::test]
async fn indexes_are_the_same() {
    assert_eq!(indexes(Engine::Sqlite).await, indexes(Engine::Postgres).await);
}
