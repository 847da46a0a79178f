//! A database of the first build goes on under this one: in the middle of a campaign, nobody gets
//! anything twice, nobody planned is lost, and who had said stop is left alone.
//!
//! `upgrade/sqlite.sql` and `upgrade/postgres.sql` hold the rows that build left when it was killed
//! while it sent; the tables they go into are made by the first migration alone.

use std::collections::BTreeMap;

use mms_core::{
    account::licence::{self, PlanCode},
    campaign::{self, State},
    clock, delivery,
    id::{AccountId, CampaignId, ChannelId},
    on,
    secret::KEY_LEN,
};
use mms_sandbox::User;
use sqlx::Connection as _;

use crate::harness::{Shape, World, phone, until};

/// The key the fixture's secrets are sealed with.
const KEY: [u8; KEY_LEN] = [7; KEY_LEN];

/// Makes the database as the first build made it, and fills it.
async fn first_build(url: &str) {
    if let Some(file) = url.strip_prefix("sqlite:") {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let mut c = sqlx::SqliteConnection::connect_with(&options).await.expect("a file");
        sqlx::migrate!("migrations/sqlite").run_to(1, &mut c).await.expect("the first migration");
        sqlx::raw_sql(include_str!("upgrade/sqlite.sql")).execute(&mut c).await.expect("rows");
        c.close().await.expect("closed");
    } else {
        let mut c = sqlx::PgConnection::connect(url).await.expect("a database");
        sqlx::migrate!("migrations/postgres").run_to(1, &mut c).await.expect("the first migration");
        sqlx::raw_sql(include_str!("upgrade/postgres.sql")).execute(&mut c).await.expect("rows");
        c.close().await.expect("closed");
    }
}

/// Every row of the campaign: the person's chat (none where there is no address), its state and
/// reason.
async fn rows(world: &World, account: AccountId, campaign: CampaignId) -> BTreeMap<i64, (Option<i64>, String, Option<String>)> {
    const ROWS: &str = "select d.id, a.value, d.state, d.reason from delivery d left join address a on a.id = d.address_id \
        where d.account_id = $1 and d.campaign_id = $2";
    let rows: Vec<(i64, Option<String>, String, Option<String>)> =
        on!(world.store.read(), |c| sqlx::query_as(ROWS).bind(account).bind(campaign).fetch_all(c).await).expect("rows");
    rows.into_iter().map(|(id, chat, state, reason)| (id, (chat.and_then(|chat| chat.parse().ok()), state, reason))).collect()
}

async fn goes_on(shape: Shape) {
    let mut world = World::prepare_on(shape, KEY, first_build).await;
    let store = world.store.clone();
    let (account, campaign, sealed, channel): (AccountId, CampaignId, Vec<u8>, ChannelId) = on!(store.read(), |c| sqlx::query_as(
        "select k.account_id, k.id, h.credentials, h.id from campaign k join channel h on h.id = k.channel_id"
    )
    .fetch_one(c)
    .await)
    .expect("the one campaign");
    // Where its polling was is a text now, and the same place.
    let row = mms_core::channel::store::find(&store, channel).await.expect("read").expect("there");
    assert_eq!((row.update_cursor.as_deref(), row.found_rate), (Some("500123"), None));
    let token = String::from_utf8(world.sealer.open(&sealed, channel.0).expect("its key")).expect("text");
    let now = clock::now();
    licence::issue(&store, account, PlanCode::BUSINESS, now, now + chrono::TimeDelta::days(30), now).await.expect("licensed");

    let before = rows(&world, account, campaign).await;
    let count = |wanted: &str| before.values().filter(|(_, state, _)| state == wanted).count();
    assert_eq!((count("queued"), count("sending"), count("sent"), count("cancelled")), (12, 9, 12, 4), "the fixture is of the middle");
    let books = delivery::books::books(&store, account, campaign).await.expect("read");
    assert!(books.balanced(), "after the migrations: {books:?}");

    let bot = world.sandbox.add_bot(&token, "romashka_shop_bot").expect("the shop's bot");
    let chats: Vec<i64> = before.values().filter_map(|(chat, ..)| *chat).collect();
    world.sandbox.add_users(chats.iter().map(|id| User::new(*id, "Клиент", &phone(*id))));
    world.sandbox.open_chats(bot, chats.iter().copied()).expect("chats");
    world.start_all();
    until("the campaign to be over", || async {
        let campaign = campaign::get(&store, account, campaign).await.expect("there");
        (campaign.state == State::Finished).then_some(())
    })
    .await;

    let after = rows(&world, account, campaign).await;
    assert_eq!(after.len(), before.len(), "nobody is lost and nobody comes in");
    let received = world.sandbox.ledger().counts(bot, |entry| entry.text.contains("пионы"));
    for (id, (chat, was, why)) in &before {
        let (_, is, reason) = &after[id];
        let got = chat.and_then(|chat| received.get(&chat).copied()).unwrap_or_default();
        match was.as_str() {
            // What waited goes, once.
            "queued" => assert_eq!((is.as_str(), got), ("sent", 1), "delivery {id}"),
            // The first build kept no list of what it had begun: nobody knows whether these went.
            "sending" => assert_eq!((is.as_str(), reason.as_deref(), got), ("uncertain", Some("no_answer"), 0), "delivery {id}"),
            _ => assert_eq!((is, reason, got), (was, why, 0), "delivery {id} was at rest"),
        }
    }
    let books = delivery::books::books(&store, account, campaign).await.expect("read");
    assert!(books.balanced(), "at the end: {books:?}");

    // Whoever had said stop is refused to as before, by the rules of today.
    let (stopped, free): (i64, i64) = on!(store.read(), |c| sqlx::query_as(
        "select count(*), count(case when not exists (select 1 from suppression s where s.contact_id = c.id and s.lifted_at is null) then 1 end) \
         from contact c where c.opted_out_at is not null"
    )
    .fetch_one(c)
    .await)
    .expect("counted");
    assert!(stopped > 0, "the fixture has such people");
    assert_eq!(free, 0, "each is suppressed");
    // What the first build noted without a key is the trail's beginning, not a break in it.
    world.command(&["admin", "audit", "verify"], "");
    world.command(&["admin", "consent", "verify"], "");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_of_the_first_build_goes_on_on_sqlite() {
    goes_on(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_of_the_first_build_goes_on_on_postgresql() {
    goes_on(Shape::Apart { workers: 2 }).await;
}
