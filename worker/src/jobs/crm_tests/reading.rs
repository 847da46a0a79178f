//! What people write into a CRM's cards is read as they mean it.

use super::*;

async fn value(world: &World, crm_id: u64, column: &'static str) -> String {
    let sql = format!(
        "select c.{column} from contact_source s join contact c on c.id = s.contact_id where s.crm_id = $1 and c.deleted_at is null"
    );
    on!(world.deps.store.read(), |c| sqlx::query_scalar(sqlx::AssertSqlSafe(sql.as_str())).bind(crm_id.to_string()).fetch_one(c).await)
        .expect("read")
}

// Phones with a word beside them were dropped, and a name typed into one field had no first name
// for `{{ first_name }}`.
both!(async fn phones_with_words_come_and_a_whole_name_is_split(store) {
    let world = World::new(store).await;
    let phones = ["+79181000007 Марина", "моб. +7 918 100-00-08", "8 918 100 00 02, +7 918 100-00-03 (жена)"];
    let vera = world.amo.add(Contact::person("Соколова Вера", "", &phones));
    let firm = world.amo.add(Contact::person("John Smith", "", &["+79181000009"]));
    let id = world.connect().await;
    let row = world.sync(id).await;
    assert_eq!(row.sync_cursor.stats.bad_phones, 0);
    let (contact, name, ..) = world.contact(vera).await.expect("the contact");
    let mut kept: Vec<String> = on!(world.deps.store.read(), |c| sqlx::query_scalar("select value from address where contact_id = $1").bind(contact).fetch_all(c).await).expect("read");
    kept.sort_unstable();
    assert_eq!(kept, ["+79181000002", "+79181000003", "+79181000007", "+79181000008"]);
    assert_eq!((name.as_str(), value(&world, vera, "first_name").await.as_str()), ("Соколова Вера", "Вера"));
    assert_eq!(value(&world, vera, "last_name").await, "Соколова");
    assert_eq!(value(&world, firm, "first_name").await, "John Smith", "a foreign name stays as it was typed");
});

// A name of 3 000 characters filled every message, and the check of the template refused it.
both!(async fn a_name_of_a_crm_is_cut_and_told(store) {
    let world = World::new(store).await;
    let long = world.amo.add(Contact::person(&"я".repeat(3_000), "", &[&phone(1)]));
    let usual = world.amo.add(Contact::person("Анна", "Орлова", &[&phone(2)]));
    let id = world.connect().await;
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((stats.bad_phones, stats.cut_names), (0, 1));
    let (_, name, ..) = world.contact(long).await.expect("the contact");
    assert_eq!(name, "я".repeat(120));
    assert_eq!(world.contact(usual).await.expect("the contact").1, "Анна Орлова");
});

// A birthday was kept a day early where the product's zone lies west of the CRM's.
both!(async fn a_date_of_the_crm_is_a_day_where_the_crm_is_at_home(store) {
    let world = World::new(store).await;
    world.exec("update account set zone = 'America/New_York'").await;
    let mut anna = Contact::person("Анна", "Орлова", &[&phone(1)]);
    // Midnight of 12 May 2026 in Moscow, the zone of the double.
    anna.set(fields::LAST_VISIT, json!(1_778_533_200));
    let anna = world.amo.add(anna);
    let id = world.connect().await;
    assert_eq!(world.row(id).await.sync_cursor.zone.as_deref(), Some("Europe/Moscow"));
    world.map(id).await;
    world.sync(id).await;
    let (.., attributes, _) = world.contact(anna).await.expect("the contact");
    assert_eq!(attributes["last_visit"], "2026-05-12");
});

// Whoever said stop and came back before the CRM had been told of either was opted out again by our
// own tick, when the card was read between the two writes.
both!(async fn our_own_tick_is_no_news_while_a_return_waits_to_be_told(store) {
    let world = World::new(store).await;
    let anna = world.amo.add(Contact::person("Анна", "Орлова", &[&phone(1)]));
    let id = world.connect().await;
    world.map(id).await;
    world.sync(id).await;
    let (contact, ..) = world.contact(anna).await.expect("the contact");
    world.enqueue(contact, &CrmChange::OptOut(true), "stop").await;
    world.enqueue(contact, &CrmChange::OptOut(false), "back").await;
    world.exec("update crm_write set state = 'done', done_at = created_at where kind = 'opt_in'").await;
    world.tell(id).await;
    world.exec("update crm_write set state = 'queued', done_at = null where kind = 'opt_in'").await;
    // The record changed after both were said, by our tick alone.
    world.exec("update crm_write set created_at = (select min(created_at) from account)").await;
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from contact where opted_out_at is not null").await, 0);
    world.tell(id).await;
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from contact where opted_out_at is not null").await, 0);
});
