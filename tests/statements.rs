//! `query_as` with a string is not checked by the compiler, so every statement is prepared on both
//! engines here.

use mms_core::{
    store::{self, Db, Engine},
    testing,
};
use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

/// Every room's statements, by room.
pub fn rooms() -> Vec<(&'static str, &'static [&'static str])> {
    vec![
        ("store::audit", mms_core::store::audit::ALL),
        ("store::usage", mms_core::store::usage::ALL),
        ("store::trail", mms_core::store::trail::ALL),
        ("store::trail::consents", mms_core::store::trail::consents::ALL),
        ("store::trail::consents::forgotten", mms_core::store::trail::consents::forgotten::ALL),
        ("consent::forget", mms_core::consent::forget::ALL),
        ("store::trail::strangers", mms_core::store::trail::strangers::ALL),
        ("account", mms_core::account::queries::SWEEP_TRIES),
        ("store::file", mms_core::store::file::ALL),
        ("store::public_file", mms_core::store::public_file::ALL),
        ("store::retention", mms_core::store::retention::ALL),
        ("store::proof", mms_core::store::proof::ALL),
        ("store::home", mms_core::store::home::ALL),
        ("campaign::advertising", mms_core::campaign::advertising::ALL),
        ("carry", mms_core::carry::ALL),
        ("carry::members", mms_core::carry::members::ALL),
        ("deletion", mms_core::deletion::ALL),
        ("deletion", mms_core::deletion::WORDS),
        ("store::clock_jump", mms_core::store::clock_jump::CUT_SHORT),
        ("store::clock_jump", mms_core::store::clock_jump::FREE),
        ("store::clock_jump", mms_core::store::clock_jump::LAND),
        ("store::clock_jump", &[mms_core::store::clock_jump::SEEN, mms_core::store::clock_jump::SEE]),
        ("crm", mms_core::crm::queries::ALL),
        ("crm::ingest", mms_core::inbound::crm::ALL),
        ("inbound::keyword", mms_core::inbound::keyword::ALL),
        ("inbound::visit", mms_core::inbound::visit::ALL),
        ("inbound::join", mms_core::inbound::join::queries::ALL),
        ("notice", mms_core::notice::ALL),
        ("mail", mms_core::mail::queries::ALL),
        ("account", mms_core::account::queries::ALL),
        ("campaign", mms_core::campaign::queries::ALL),
        ("channel", mms_core::channel::queries::ALL),
        ("consent", mms_core::consent::queries::ALL),
        ("consent::form", mms_core::consent::form::ALL),
        ("consent::signed", mms_core::consent::signed::ALL),
        ("contact", mms_core::contact::queries::ALL),
        ("contact::erase", mms_core::contact::erase::ALL),
        ("contact::erased", mms_core::contact::erased::ALL),
        ("contact::gone", mms_core::contact::gone::ALL),
        ("erasure", mms_core::erasure::queries::ALL),
        ("erasure::carried", mms_core::erasure::carried::ALL),
        ("crm", mms_core::crm::queries::ALL),
        ("delivery", mms_core::delivery::queries::ALL),
        ("delivery::response", mms_core::delivery::response::ALL),
        ("delivery::month", mms_core::delivery::month::ALL),
        ("delivery::daily", mms_core::delivery::daily::ALL),
        ("delivery::receipt::echo", mms_core::delivery::receipt::echo::ALL),
        ("inbound", mms_core::inbound::queries::ALL),
        ("agreement", mms_core::agreement::queries::ALL),
        ("law", mms_core::law::queries::ALL),
        ("evidence", mms_core::evidence::queries::ALL),
        ("price", mms_core::price::queries::ALL),
        ("template", mms_core::template::queries::ALL),
        ("template::provider", mms_core::template::provider::queries::ALL),
        ("bot::gates", mms_bot::frame::gates::ALL),
        ("bot::dialogue", mms_bot::frame::dialogue::ALL),
        ("bot::cards", mms_bot::frame::cards::ALL),
        ("worker::look", mms_worker::look::ALL),
        ("bot::pulse", mms_bot::frame::pulse::ALL),
        ("bot::cards", mms_bot::frame::cards::ALL),
        ("bot::dialogue", mms_bot::frame::dialogue::ALL),
        ("bot::gates", mms_bot::frame::gates::ALL),
    ]
}

/// What an engine is asked in its own words.
fn own(engine: Engine) -> Vec<(&'static str, &'static [&'static str])> {
    use mms_core::{campaign::queries as campaign, delivery::queries as delivery, inbound::queries as inbound};
    match engine {
        Engine::Sqlite => {
            vec![
                ("campaign", campaign::ALL_SQLITE),
                ("delivery", delivery::ALL_SQLITE),
                ("delivery::month", &[mms_core::delivery::month::WRITTEN_SQLITE]),
                ("delivery::daily", mms_core::delivery::daily::ALL_SQLITE),
                ("inbound", inbound::ALL_SQLITE),
            ]
        }
        Engine::Postgres => vec![
            ("campaign", campaign::ALL_POSTGRES),
            ("delivery", delivery::ALL_POSTGRES),
            ("delivery::month", &[mms_core::delivery::month::WRITTEN_POSTGRES]),
            ("delivery::daily", mms_core::delivery::daily::ALL_POSTGRES),
            ("inbound", inbound::ALL_POSTGRES),
            ("contact", &[mms_core::contact::queries::OCCASIONS_SEEN_POSTGRES]),
            ("store::time", &[mms_core::store::time::SERVER_TIME]),
            ("store::home", mms_core::store::home::ALL_POSTGRES),
        ],
    }
}

/// Statements about many rows, whose text differs by how many they are ([`store::among`]).
fn among() -> Vec<&'static str> {
    use mms_core::{contact::queries as contact, inbound};
    let one = [inbound::occasions::OWNERS, mms_core::contact::gone::AMONG];
    contact::AMONG.into_iter().flatten().chain(&inbound::crm::AMONG).copied().chain(one).collect()
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

/// A reason that a statement has in its own text is one of the list: rows never hold a code that
/// nobody has words for.
#[test]
fn a_reason_within_a_statement_is_one_of_the_list() {
    use mms_core::{campaign::queries as campaign, contact::erase, delivery::queries as delivery, words::Reason};
    let mut seen = 0;
    for statement in [campaign::ALL, delivery::ALL, delivery::ALL_SQLITE, delivery::ALL_POSTGRES, erase::ALL].into_iter().flatten() {
        for before in [" reason = '", " reason in ('", "update campaign set state_reason = '"] {
            for (at, before) in statement.match_indices(before) {
                let codes = statement[at + before.len() - 1..].split(')').next().unwrap_or_default();
                let codes = if before.contains(" in ") { codes } else { &codes[..=codes[1..].find('\'').unwrap() + 1] };
                for code in codes.split(',').map(|code| code.trim().trim_matches('\'')) {
                    assert!(Reason::of(code).is_some(), "`{code}` in {statement}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 8, "only {seen} were found");
}

/// Tables that hold few rows however long a company works: what it owns and set up, and what waits
/// for a moment.
const SMALL: [&str; 56] = [
    "keyword",
    "consent_forgotten",
    "dossier",
    "evidence_request",
    "support_ticket",
    "support_message",
    "claim",
    "agreement_text",
    "agreement_acceptance",
    "suspension",
    "feature_off",
    "erasure",
    "erased_mark",
    "licence_order",
    "licence_terms",
    "licence_payment",
    "stray_payment",
    "licence_key",
    "law_answer",
    "field_source",
    "field_apply",
    "second_factor",
    "recovery_code",
    "mailbox",
    "maintenance",
    "price",
    "quick_reply",
    "stranger_head",
    "stranger_attempt",
    "login_guard",
    "login_try",
    "login_count",
    "password_link",
    "trail_head",
    "trail_since",
    "account",
    "member",
    "session",
    "invitation",
    "licence",
    "channel",
    "shared_part",
    "crm_connection",
    "field",
    "segment",
    "wording",
    "template",
    "provider_template",
    "campaign",
    "import",
    "manager_update",
    "receipt_early",
    "echo",
    "begun",
    "json_each",
    "few",
];

/// Statements that mean all of an account's rows of a large table: counts, lists by name, the end
/// of a campaign.
const OF_ALL: &[&str] = &[
    mms_core::store::usage::CHECK,
    mms_core::consent::queries::SUPPRESSIONS,
    mms_core::consent::queries::SUPPRESSION_COUNTS,
    mms_core::contact::queries::ACCOUNT_TAGS,
    mms_core::contact::queries::COUNT,
    mms_core::contact::queries::FIND_BY_NAME,
    mms_core::crm::queries::COUNTS,
    // Looked for when somebody opens the list of those who may be one person.
    mms_core::contact::queries::SAME_BIRTHDAY,
    mms_core::crm::queries::WRITE_COUNTS,
    mms_core::inbound::queries::CONVERSATION_COUNTS,
    // Ends at the first.
    mms_core::contact::gone::ANY,
    // What a company has is counted when it is to be deleted.
    mms_core::deletion::CONTENTS,
    // How much a company keeps here is asked with each file it brings: its files are some hundreds,
    // and an index has their sizes.
    mms_core::account::queries::LOAD_FILES,
    // A former database is read whole, once, by a restore.
    mms_core::carry::OUT,
    mms_core::carry::DELETED,
    mms_core::carry::WITHDRAWN,
    mms_core::carry::EVENTS,
    mms_core::carry::SUPPRESSIONS,
    mms_core::carry::FORMER,
    mms_core::erasure::carried::DELETED,
    mms_core::carry::members::ENDED,
    mms_core::carry::members::MEMBERS,
];

/// What a statement calls a table, back to the table.
fn table<'a>(statement: &'a str, called: &'a str) -> &'a str {
    let words: Vec<&str> = statement.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let named = words.windows(3).find(|three| matches!(three[0], "from" | "join" | "update" | "into") && three[2] == called);
    named.map_or(called, |three| three[1])
}

/// A statement that reads a whole large table is quick in every test and slow after a year, so how
/// SQLite goes about each is looked at: no step may read all of a large table, or all of an
/// account's rows in it. An index that holds what waits (`where state = …`) is short, and so is
/// what a limit ends in the order of an index.
#[tokio::test]
async fn no_statement_reads_all_of_a_large_table() {
    let store = testing::store(Engine::Sqlite).await;
    let Db::Sqlite(pool) = store.read() else { panic!("SQLite was asked for") };
    let partial: Vec<String> = sqlx::query_scalar("select name from sqlite_schema where type = 'index' and sql like '% where %' and name not in ('contact_account', 'suppression_live')")
        .fetch_all(pool)
        .await
        .expect("indexes");
    let mut wrong = Vec::new();
    for (room, statements) in rooms().into_iter().chain(own(Engine::Sqlite)) {
        for statement in statements.iter().filter(|statement| !OF_ALL.contains(statement)) {
            let sql = AssertSqlSafe(format!("explain query plan {statement}"));
            let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(pool).await.expect("a plan");
            let sorted = steps.iter().any(|step| step.3.starts_with("USE TEMP B-TREE"));
            for (_, _, _, step) in &steps {
                let words: Vec<&str> = step.split_whitespace().collect();
                let all = match words[0] {
                    // The rows given in the statement itself.
                    "SCAN" => words.get(1) != Some(&"CONSTANT") && !step.ends_with("VALUES CLAUSE"),
                    "SEARCH" => step.ends_with("(account_id=?)"),
                    _ => false,
                };
                let waiting = partial.iter().any(|index| words.contains(&index.as_str()));
                let ends = !sorted && statement.contains(" limit ") && step.contains(" INDEX ");
                if all && !waiting && !ends && !SMALL.contains(&table(statement, words[1])) {
                    wrong.push(format!("{room}: {step}\n    {statement}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is asked of many rows finds them by what they are asked by. Without statistics SQLite may
/// choose the account instead, and reads all that it has for each page of a CRM or of a file.
#[tokio::test]
async fn a_statement_about_many_rows_finds_them_one_by_one() {
    let store = testing::store(Engine::Sqlite).await;
    let Db::Sqlite(pool) = store.read() else { panic!("SQLite was asked for") };
    let mut wrong = Vec::new();
    for many in store::SIZES {
        for text in among().into_iter().chain([mms_core::contact::queries::OCCASIONS_SEEN_SQLITE]) {
            let column = text.split("{among}").next().and_then(|before| before.split_whitespace().last()).expect("a column");
            let column = column.rsplit('.').next().expect("a column");
            let sql = AssertSqlSafe(format!("explain query plan {}", store::among(Engine::Sqlite, text, many)));
            let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(pool).await.expect("a plan");
            if !steps.iter().any(|(.., step)| step.starts_with("SEARCH ") && step.contains(&format!("{column}=?"))) {
                wrong.push(format!("{many} by {column}: {steps:?}\n    {text}"));
            }
        }
        let sql = AssertSqlSafe(format!("explain query plan {}", mms_core::contact::queries::update_sqlite(many)));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(pool).await.expect("a plan");
        if !steps.iter().any(|(.., step)| step.starts_with("SEARCH contact ") && step.ends_with("(id=?)")) {
            wrong.push(format!("{many} contacts written anew: {steps:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same of PostgreSQL, which has not counted yet what a CRM or a file just brought.
#[tokio::test]
async fn a_statement_about_many_rows_finds_them_one_by_one_on_postgres() {
    let store = testing::store(Engine::Postgres).await;
    let Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
    let mut one = pool.acquire().await.expect("a connection");
    // Rows of nobody, of one company and one CRM; nothing has counted them.
    const A: &str = "'00000000-0000-0000-0000-000000000001'::uuid";
    for brought in [
        "set session_replication_role = replica".to_owned(),
        "set plan_cache_mode = force_generic_plan".to_owned(),
        format!(
            "insert into contact (id, account_id, attributes, source, created_at, updated_at) select gen_random_uuid(), {A}, '{{}}', 'x', now(), now() from generate_series(1, 10000)"
        ),
        format!(
            "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) select gen_random_uuid(), {A}, id, 'phone', id::text, {A}, 'unknown', now(), now() from contact"
        ),
        format!(
            "insert into contact_source (connection_id, crm_id, account_id, contact_id, updated_at, since) select {A}, id::text, {A}, id, now(), now() from contact"
        ),
        format!("insert into contact_tag (contact_id, tag, account_id) select id, 'x', {A} from contact"),
        format!(
            "insert into occasion select {A}, 'visit', id::text, {A}, id, now(), null, 'open', '', '', '', '', null, null, '{{}}', '{{}}', now(), now() from contact"
        ),
    ] {
        sqlx::query(AssertSqlSafe(brought)).execute(&mut *one).await.expect("brought");
    }
    let mut wrong = Vec::new();
    for (n, text) in among().into_iter().enumerate() {
        let column = text.split("{among}").next().and_then(|before| before.split_whitespace().last()).expect("a column");
        let column = column.rsplit('.').next().expect("a column");
        // Of a value that stands alone only the driver knows what it is.
        let sql = store::among(Engine::Postgres, text, 0).replace(" as now)", "::timestamptz as now)");
        let values = vec!["null"; text.matches("{}").count() + 1].join(", ");
        sqlx::raw_sql(AssertSqlSafe(format!("prepare s{n} as {sql}"))).execute(&mut *one).await.expect("prepared");
        let steps: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("explain execute s{n}({values})")))
            .persistent(false)
            .fetch_all(&mut *one)
            .await
            .expect("a plan");
        if !steps.iter().any(|step| step.contains("Index Cond:") && step.contains(&format!("{column} = ANY"))) {
            wrong.push(format!("by {column}: {}\n    {text}", steps.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is asked every second, and what takes a portion, ends where it has enough, also before
/// PostgreSQL has counted what a campaign just wrote: it thinks then that hardly a message waits,
/// and would as soon gather all of them.
#[tokio::test]
async fn what_asks_for_one_or_for_a_portion_does_not_gather_all_that_wait() {
    use mms_core::{campaign::queries as campaign, clock, delivery::fixture::Fixture, id::CampaignId};
    use sqlx::Executor as _;
    const WAIT: i64 = 20_000;
    const PORTION: i64 = 500;
    let store = testing::store(Engine::Postgres).await;
    let fixture = Fixture::new(&store, 1, 30.0).await;
    let running: CampaignId = fixture.campaign(&store, "service", "leave", 1, None).await;
    let Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
    sqlx::query(
        "insert into delivery (account_id, campaign_id, contact_id, channel_id, planned, state, due_at, updated_at, deadline_at) \
         select account_id, campaign_id, gen_random_uuid(), channel_id, true, 'queued', due_at, updated_at, due_at from delivery, generate_series(1, $1)",
    )
    .bind(WAIT)
    .execute(pool)
    .await
    .expect("messages that wait");
    let now = clock::now() + chrono::TimeDelta::minutes(1);
    let mut tx = pool.begin().await.expect("begun");
    tx.execute(campaign::IN_ORDER_POSTGRES).await.expect("in order");
    for (name, statement, most) in [
        ("look", mms_worker::look::LOOK, 1),
        ("left behind", campaign::LEFT_BEHIND, 1),
        ("next due", campaign::NEXT_DUE, 1),
        ("next hold", campaign::NEXT_HOLD_POSTGRES, PORTION),
    ] {
        let explained = AssertSqlSafe(format!("explain (analyze, format json) {statement}"));
        let asked = sqlx::query_scalar(explained).persistent(false);
        let asked = match name {
            "left behind" => asked,
            "look" => asked.bind(now),
            "next due" => asked.bind(now).bind(now),
            _ => asked.bind(fixture.account).bind(running).bind(now).bind(PORTION),
        };
        // What is asked every second is asked without the order.
        let plan: serde_json::Value =
            if name == "next hold" { asked.fetch_one(&mut *tx).await } else { asked.fetch_one(pool).await }.expect("a plan");
        let read = rows_of_deliveries(&plan);
        assert!(read <= most, "{name}: {read} messages were read\n{plan:#}");
    }
}

/// How many messages a plan read at most in one place.
fn rows_of_deliveries(plan: &serde_json::Value) -> i64 {
    match plan {
        serde_json::Value::Array(all) => all.iter().map(rows_of_deliveries).max().unwrap_or_default(),
        serde_json::Value::Object(node) => {
            let number = |name: &str| node.get(name).and_then(serde_json::Value::as_f64).unwrap_or_default();
            let own = if node.get("Relation Name").is_some_and(|name| name == "delivery") {
                // Rows that a filter threw away were read too.
                ((number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops")) as i64
            } else {
                0
            };
            node.values().map(rows_of_deliveries).max().unwrap_or_default().max(own)
        }
        _ => 0,
    }
}
