use serde_json::json;
use sqlx::Connection as _;

use super::*;
use crate::{
    both, clock,
    contact::{self, DeletedBy, NewAddress, Outcome, fixture},
};

fn source(connection: u128, since: i64, updated: i64, city: &str, ended: bool) -> Source {
    let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).expect("a time");
    let mut values = Map::new();
    if !city.is_empty() {
        values.insert("city".to_owned(), json!(city));
    }
    Source {
        connection_id: ConnectionId(uuid::Uuid::from_u128(connection)),
        crm_id: connection.to_string(),
        updated_at: at(updated),
        since: at(since),
        said: Some(Json(Said { values, ..Said::default() })),
        name: String::new(),
        ended,
    }
}

#[test]
fn the_first_ones_word_counts_unless_another_was_chosen() {
    let of = |n: u128| Wins::Of(ConnectionId(uuid::Uuid::from_u128(n)));
    // In the order of the statement: by age, ended ones last.
    let silent = source(1, 1, 50, "", false);
    let all = [silent, source(2, 2, 10, "Казань", false), source(3, 3, 20, "Тула", false), source(4, 0, 90, "Омск", true)];
    for (wins, city) in [
        (Wins::First, Some("Казань")),
        (Wins::Newest, Some("Тула")),
        (of(3), Some("Тула")),
        (of(1), Some("Казань")),
        (of(4), Some("Омск")),
        (of(7), Some("Казань")),
    ] {
        let won = winner(wins, &all, |said| said.values.contains_key("city"));
        let value = won.and_then(|one| one.said.as_deref()).map(|said| said.values["city"].clone());
        assert_eq!(value, city.map(|city| json!(city)), "{wins:?}");
    }
    assert_eq!(winner(Wins::Newest, &all[3..], |said| said.values.contains_key("city")).map(|one| one.ended), Some(true));
    assert_eq!(winner(Wins::First, &all, |said| said.values.contains_key("sum")), None);
}

fn told(connection: ConnectionId, id: &str, name: &str, city: Value, phone: &str) -> Draft {
    Draft {
        name: Some(name.to_owned()),
        first_name: Some(name.to_owned()),
        attributes: Map::from_iter([("city".to_owned(), city)]),
        addresses: vec![NewAddress::phone(phone.to_owned(), phone)],
        source: "crm".to_owned(),
        crm: Some(CrmRef { connection, id: id.to_owned(), updated_at: clock::now(), tags: vec!["VIP".to_owned()] }),
        ..Draft::default()
    }
}

both!(async fn of_several_records_each_keeps_its_word_and_one_counts(store) {
    let actor = fixture::actor(&store).await;
    let (account, now) = (actor.account, clock::now());
    let mut tx = store.begin().await.expect("begun");
    let (first, second) = (fixture::connection(&mut tx, account).await, fixture::connection(&mut tx, account).await);
    let one = told(first, "7", "Анна", json!("Казань"), "+79120000001");
    let contact = contact::upsert(&mut tx, account, &one, now).await.expect("new").contact;
    assert!(of(&mut tx, account, contact).await.expect("read")[0].said.is_none(), "alone, the contact is what it says");
    // The same person elsewhere: the record is tied to them, and says another city.
    fixture::source(&mut tx, account, contact, (second, "7")).await;
    let other = told(second, "7", "Аня", json!("Тула"), "+79120000002");
    let done = contact::upsert(&mut tx, account, &other, now).await.expect("told");
    assert_eq!((done.contact, done.attached), (contact, false));
    tx.commit().await.expect("committed");
    let city = async || {
        let row = contact::card::contact(&store, account, contact).await.expect("read").expect("there");
        (row.name.clone(), row.attributes.get("city").cloned())
    };
    assert_eq!(city().await, ("Анна".to_owned(), Some(json!("Казань"))), "the first one's word counts");
    let hear = async |draft: &Draft| {
        let mut tx = store.begin().await.expect("begun");
        let done = contact::upsert(&mut tx, account, draft, clock::now()).await.expect("told");
        tx.commit().await.expect("committed");
        done.outcome
    };
    // Where the first says nothing any more, the other's does; what nobody says is gone.
    hear(&told(first, "7", "Анна", Value::Null, "+79120000001")).await;
    assert_eq!(city().await.1, Some(json!("Тула")));
    hear(&told(second, "7", "Аня", Value::Null, "+79120000002")).await;
    assert_eq!(city().await.1, None);
    hear(&one).await;
    hear(&other).await;
    assert_eq!(city().await.1, Some(json!("Казань")));
    choose(&store, &actor, "city", Wins::Of(second), now).await.expect("chosen");
    choose(&store, &actor, NAMES, Wins::Newest, now).await.expect("chosen");
    assert_eq!(rules(&store, account).await.expect("read")["city"], Wins::Of(second));
    let stranger = ConnectionId::new();
    assert!(matches!(choose(&store, &actor, "city", Wins::Of(stranger), now).await, Err(AccountError::NotFound)));
    assert_eq!(hear(&one).await, Outcome::Updated);
    assert_eq!(city().await.1, Some(json!("Тула")), "of the CRM that was chosen");

    // The second record goes: what it alone said is gone, the rest stays.
    let mut tx = store.begin().await.expect("begun");
    let_go(&mut tx, account, contact, (second, "7"), now).await.expect("let go");
    tx.commit().await.expect("committed");
    assert_eq!(city().await, ("Анна".to_owned(), Some(json!("Казань"))));
    let left = of_contact(&store, account, contact).await.expect("read");
    assert_eq!((left.len(), left[0].connection_id, left[0].said.is_none()), (1, first, true));
});

both!(async fn a_record_of_the_same_crm_account_connected_anew_is_the_same(store) {
    let actor = fixture::actor(&store).await;
    let (account, now) = (actor.account, clock::now());
    let mut tx = store.begin().await.expect("begun");
    let old = fixture::connection(&mut tx, account).await;
    let named = "update crm_connection set external_id = '31', state = $2 where id = $1";
    on!(tx.conn(), |c| sqlx::query(named).bind(old).bind("active").execute(c).await.map(|_| ())).expect("named");
    let contact = contact::upsert(&mut tx, account, &told(old, "7", "Анна", json!("Казань"), "+79120000001"), now).await.expect("new").contact;
    let gone = contact::upsert(&mut tx, account, &told(old, "8", "Пётр", json!("Тула"), "+79120000002"), now).await.expect("new").contact;
    contact::delete(&mut tx, account, gone, DeletedBy::Member(&actor), now).await.expect("deleted");
    on!(tx.conn(), |c| sqlx::query(named).bind(old).bind("disconnected").execute(c).await.map(|_| ())).expect("ended");
    let new = fixture::connection(&mut tx, account).await;
    let another = contact::upsert(&mut tx, account, &told(new, "7", "Инна", json!("Омск"), "+79120000003"), now).await.expect("new").contact;
    assert_ne!(another, contact, "a CRM account that is not known to be the same is another one");
    let third = fixture::connection(&mut tx, account).await;
    on!(tx.conn(), |c| sqlx::query(named).bind(third).bind("active").execute(c).await.map(|_| ())).expect("named");
    let again = contact::upsert(&mut tx, account, &told(third, "7", "Анна", json!("Пермь"), "+79120000001"), now).await.expect("known");
    assert_eq!((again.contact, again.outcome), (contact, Outcome::Updated));
    let deleted = contact::upsert(&mut tx, account, &told(third, "8", "Пётр", json!("Тула"), "+79120000002"), now).await.expect("known");
    assert_eq!((deleted.contact, deleted.outcome), (gone, Outcome::Deleted), "whom a member deleted stays so");
    let sources = of(&mut tx, account, contact).await.expect("read");
    assert_eq!((sources.len(), sources[0].connection_id), (1, third));
});

both!(async fn a_choice_is_carried_out_at_once_a_portion_at_a_time(store) {
    let actor = fixture::actor(&store).await;
    let (account, now) = (actor.account, clock::now());
    let mut tx = store.begin().await.expect("begun");
    let (first, second) = (fixture::connection(&mut tx, account).await, fixture::connection(&mut tx, account).await);
    for n in 0..120 {
        let (id, phone) = (n.to_string(), format!("+7912000{n:04}"));
        let contact = contact::upsert(&mut tx, account, &told(first, &id, "Анна", json!("Казань"), &phone), now).await.expect("new").contact;
        fixture::source(&mut tx, account, contact, (second, &id)).await;
        let mut later = told(second, &id, "Аня", json!("Тула"), &phone);
        later.crm.as_mut().expect("a record").updated_at = now + chrono::TimeDelta::minutes(1);
        contact::upsert(&mut tx, account, &later, now).await.expect("told");
    }
    // In one CRM alone: whatever was chosen is nothing to them.
    contact::upsert(&mut tx, account, &told(first, "alone", "Вера", json!("Казань"), "+79130000000"), now).await.expect("new");
    tx.commit().await.expect("committed");
    let of = async |city: &'static str| -> i64 {
        let sql = "select count(*) from contact where account_id = $1 and attributes ->> 'city' = $2";
        on!(store.read(), |c| sqlx::query_scalar(sql).bind(account).bind(city).fetch_one(c).await).expect("counted")
    };
    let far = async |field: &str| apply::applying(&store, account, field).await.expect("read").map(|one| (one.done, one.total));
    assert!(!apply::portion(&store, account, now).await.expect("nothing was chosen"));
    choose(&store, &actor, "city", Wins::Of(second), now).await.expect("chosen");
    assert_eq!((far("city").await, of("Тула").await), (Some((0, 120)), 0));
    assert!(apply::portion(&store, account, now).await.expect("done"));
    assert_eq!((far("city").await, of("Тула").await), (Some((100, 120)), 100), "whoever goes on begins there");
    // Another choice in the middle begins anew.
    choose(&store, &actor, "city", Wins::First, now).await.expect("chosen");
    choose(&store, &actor, NAMES, Wins::Newest, now).await.expect("chosen");
    assert_eq!(far("city").await, Some((0, 120)));
    let mut portions = 0;
    while apply::portion(&store, account, now).await.expect("done") {
        portions += 1;
    }
    assert_eq!((portions, far("city").await, far(NAMES).await, of("Казань").await), (4, None, None, 121));
    let names: Vec<(String, i64)> = on!(store.read(), |c| sqlx::query_as("select name, count(*) from contact where account_id = $1 group by name order by name")
        .bind(account)
        .fetch_all(c)
        .await)
    .expect("counted");
    assert_eq!(names, [("Аня".to_owned(), 120), ("Вера".to_owned(), 1)], "of the record that was changed last");
});

/// A database as the first build left it, in the middle of a campaign, under this one.
async fn upgraded(engine: crate::store::Engine) -> Store {
    let url = crate::testing::database(engine).await;
    if let Some(file) = url.strip_prefix("sqlite:") {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let mut c = sqlx::SqliteConnection::connect_with(&options).await.expect("a file");
        sqlx::migrate!("../migrations/sqlite").run_to(1, &mut c).await.expect("the first migration");
        sqlx::raw_sql(include_str!("../../../../tests/upgrade/sqlite.sql")).execute(&mut c).await.expect("rows");
        c.close().await.expect("closed");
    } else {
        let mut c = sqlx::PgConnection::connect(&url).await.expect("a database");
        sqlx::migrate!("../migrations/postgres").run_to(1, &mut c).await.expect("the first migration");
        sqlx::raw_sql(include_str!("../../../../tests/upgrade/postgres.sql")).execute(&mut c).await.expect("rows");
        c.close().await.expect("closed");
    }
    Store::open(&url).await.expect("it opens")
}

#[tokio::test]
async fn contacts_of_a_build_before_are_the_records_they_were() {
    for engine in [crate::store::Engine::Sqlite, crate::store::Engine::Postgres] {
        let store = upgraded(engine).await;
        let count =
            async |sql: &'static str| -> i64 { on!(store.read(), |c| sqlx::query_scalar(sql).fetch_one(c).await).expect("counted") };
        let before = count("select count(*) from contact where crm_id is not null").await;
        let same = "select count(*) from contact c join contact_source s on s.contact_id = c.id and s.account_id = c.account_id \
            and s.connection_id = c.connection_id and s.crm_id = c.crm_id and s.updated_at = c.crm_updated_at and s.seen_at = c.crm_seen_at \
            and s.since = c.created_at where s.said is null";
        assert!(before > 10, "the fixture has such people");
        assert_eq!((count(same).await, count("select count(*) from contact_source").await), (before, before), "{engine:?}");
    }
}
