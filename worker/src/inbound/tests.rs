#![allow(clippy::unwrap_used, reason = "tests")]

use mms_core::{
    both,
    channel::{ChannelKind, registry},
    clock,
    delivery::fixture::{Fixture, TOKEN, sealer},
    inbound::{SourceKind, raw},
    on,
    queue::Queue,
    store::{Engine, Store},
    testing,
};
use mms_sandbox::{Fault, Rates, Rule, Sandbox, User};
use serde_json::json;

use super::channel::run;
use crate::Deps;

const BOT: i64 = 4242;

/// A store, a sandbox with the fixture's bot and two people who started it.
struct World {
    store: Store,
    sandbox: Sandbox,
    fixture: Fixture,
    deps: Deps,
}

impl World {
    async fn new(store: Store) -> Self {
        let sandbox = Sandbox::builder().rates(Rates::off()).start().await.unwrap();
        assert_eq!(sandbox.add_bot(TOKEN, "shop_bot").unwrap(), BOT);
        for id in [1000, 1001] {
            sandbox.add_user(User::new(id, "Анна", "+79991234567"));
            sandbox.press_start(BOT, id, None).unwrap();
        }
        let fixture = Fixture::new(&store, 2, 1000.0).await;
        let endpoints = mms_core::config::Endpoints { telegram: sandbox.url(), ..Default::default() };
        let deps = Deps::new(store.clone(), sealer(), endpoints, Queue::memory(), "w");
        Self { store, sandbox, fixture, deps }
    }

    /// Keeps an update as it comes from the messenger.
    async fn came(&self, id: i64, what: serde_json::Value) {
        let mut update = what;
        update["update_id"] = json!(id);
        let (id, payload) = (id.to_string(), update.to_string());
        let new = raw::NewRaw {
            account: self.fixture.account,
            source_kind: SourceKind::Channel,
            source: self.fixture.channel.0,
            external_id: &id,
            payload: &payload,
            seed: None,
        };
        raw::store(&self.store, &[new], clock::now()).await.unwrap();
    }

    /// How many have taken their consent back.
    async fn left(&self) -> i64 {
        let sql = "select count(*) from suppression where account_id = $1 and lifted_at is null";
        on!(self.store.read(), |c| sqlx::query_scalar(sql).bind(self.fixture.account).fetch_one(c).await).unwrap()
    }
}

fn person(id: i64) -> serde_json::Value {
    json!({ "id": id, "is_bot": false, "first_name": "Анна" })
}

fn chat(id: i64) -> serde_json::Value {
    json!({ "id": id, "type": "private", "first_name": "Анна" })
}

fn said(id: i64, text: &str) -> serde_json::Value {
    json!({ "message": { "message_id": 900 + id, "date": 1_780_000_000, "chat": chat(id), "from": person(id), "text": text } })
}

both!(
    // A job waited for the answers to presses, half a minute where the messenger was slow, and a
    // «стоп» that came meanwhile waited for the job.
    async fn what_people_write_waits_for_no_answer_to_a_press(store) {
        let world = World::new(store).await;
        let slow = world.sandbox.faults().add(Rule::new(Fault::Hang { accepted: false }).method("answerCallbackQuery"));
        let message = json!({ "message_id": 5, "date": 1_780_000_000, "chat": chat(1000), "from": { "id": BOT, "is_bot": true, "first_name": "Р" }, "text": "?" });
        let press = json!({ "callback_query": { "id": "77", "from": person(1000), "chat_instance": "1", "data": "stop", "message": message } });
        world.came(1, press).await;
        run(&world.deps, world.fixture.channel).await.unwrap();
        while world.sandbox.faults().struck(slow) == Some(0) {
            tokio::task::yield_now().await;
        }
        assert_eq!((world.deps.beside.len(), world.left().await), (1, 1), "it is on its way still");
        world.came(2, said(1001, "Стоп")).await;
        run(&world.deps, world.fixture.channel).await.unwrap();
        assert_eq!((world.deps.beside.len(), world.left().await), (1, 2));
        // Nor does a process that is asked to stop wait for it.
        world.deps.stop.cancel();
        world.deps.beside.close();
        world.deps.beside.wait().await;
    }
);

/// News that can never be written failed the whole page, for ever, and with it everybody's words.
#[tokio::test]
async fn news_that_cannot_be_taken_keep_nobody_elses_from_being_taken() {
    let world = World::new(testing::store(Engine::Sqlite).await).await;
    let values = ["EAAtokenOfTheFixture00", "106540352242922", "102290129340398", "0123456789abcdef0123456789abcdef"].map(str::to_owned);
    let credentials = registry::assemble(ChannelKind::Whatsapp, &values);
    let sealed = sealer().seal(credentials.expose().as_bytes(), world.fixture.channel.0);
    let mut tx = world.store.begin().await.unwrap();
    let kind = "update channel set kind = 'whatsapp', credentials = $2, external_id = '106540352242922' where id = $1";
    on!(tx.conn(), |c| sqlx::query(kind).bind(world.fixture.channel).bind(&sealed).execute(c).await.map(|_| ())).unwrap();
    let poison = "create trigger poison before insert on receipt_early when new.message_ref = 'wamid.poison' \
        begin select raise(abort, 'poison'); end";
    on!(tx.conn(), |c| sqlx::query(poison).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    let told = |what: serde_json::Value| {
        let mut value = what;
        value["metadata"] = json!({ "phone_number_id": "106540352242922" });
        json!({ "entry": [{ "changes": [{ "field": "messages", "value": value }] }] })
    };
    let read =
        |id: &str| told(json!({ "statuses": [{ "id": id, "status": "read", "timestamp": "1780000000", "recipient_id": "79990000001" }] }));
    world.came(1, read("wamid.poison")).await;
    world.came(2, read("wamid.other")).await;
    let words = json!({ "from": "79990000001", "id": "wamid.in", "timestamp": "1780000000", "type": "text", "text": { "body": "Стоп" } });
    world.came(3, told(json!({ "messages": [words] }))).await;
    run(&world.deps, world.fixture.channel).await.unwrap();
    assert!(world.left().await > 0, "whoever left has");
    let early = "select message_ref from receipt_early";
    let early: Vec<String> = on!(world.store.read(), |c| sqlx::query_scalar(early).fetch_all(c).await).unwrap();
    assert_eq!(early, ["wamid.other"]);
    let rows = "select state, attempt from inbound order by id";
    let rows: Vec<(String, i32)> = on!(world.store.read(), |c| sqlx::query_as(rows).fetch_all(c).await).unwrap();
    assert_eq!(rows, [("new".to_owned(), 1), ("handled".to_owned(), 0), ("handled".to_owned(), 0)], "it is tried again, and then told");
}
