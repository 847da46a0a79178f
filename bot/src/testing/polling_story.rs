//! Updates as Telegram really gives them: numbers that start over, tokens that are refused, answers
//! nobody can use.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::any,
};
use chrono::TimeDelta;
use mms_core::{
    both,
    channel::{ChannelKind, store as channels},
    clock,
    config::Endpoints,
    id::ChannelId,
    inbound, on,
    queue::Queue,
    secret::{Sealer, Secret},
    store::Store,
};
use mms_sandbox::User;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::talk::{PASSWORD, TOKEN, Talk, until};
use crate::{Bot, BotSettings};

const ANNA: i64 = 77_001;
const IVAN: i64 = 77_002;
const SHOP: i64 = 7_000_000_002;

/// Raw events kept of a channel.
async fn kept(store: &Store, channel: ChannelId) -> Vec<String> {
    let rows = inbound::waiting(store, channel.0, mms_core::id::InboundId(0), 100).await.unwrap();
    rows.into_iter().map(|row| row.payload).collect()
}

async fn ready(talk: &Talk) -> (u16, String) {
    let answer = reqwest::get(format!("{}/readyz", talk.http)).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

// After a week without updates Telegram counts from anywhere. The offset used to be raised only:
// the first update under a lower number was served for ever, and nothing after it until a restart.
both!(async fn managers_are_heard_when_telegram_counts_from_a_lower_number(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.sandbox.count_updates_from(talk.bot, 42).unwrap();
    talk.says(ANNA, "/help", "Справка").await;
    talk.says(ANNA, "/menu", "Анна · Владелец").await;
    until(|| async { talk.sandbox.pending(talk.bot) == 0 }).await;

    // The numbers used just now once more, and long after: they are of other updates.
    let mut tx = talk.store.begin().await.unwrap();
    let long_ago = clock::now() - TimeDelta::days(8);
    on!(tx.conn(), |c| sqlx::query("update manager_update set received_at = $1").bind(long_ago).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    talk.sandbox.count_updates_from(talk.bot, 900).unwrap();
    talk.says(ANNA, "/help", "Справка").await;
    talk.sandbox.count_updates_from(talk.bot, 42).unwrap();
    talk.says(ANNA, "/menu", "Анна · Владелец").await;
    talk.says(ANNA, "/help", "Справка").await;
    let before = talk.sandbox.ledger().to(talk.bot, ANNA).len();
    talk.sandbox.redeliver(talk.bot, 1).unwrap();
    talk.says(ANNA, "/menu", "Анна · Владелец").await;
    assert_eq!(talk.sandbox.ledger().to(talk.bot, ANNA).len(), before + 1, "the same one twice still is one");
    talk.ends().await;
});

both!(async fn customers_are_heard_when_telegram_counts_from_a_lower_number(store) {
    let mut talk = Talk::start(store).await;
    let channel = talk.channel("7000000002:AAE-shop").await;
    talk.sandbox.add_user(User::new(IVAN, "Ivan", "+79990000001"));
    talk.sandbox.press_start(SHOP, IVAN, None).unwrap();
    until(|| async { kept(&talk.store, channel).await.len() == 1 }).await;
    talk.sandbox.count_updates_from(SHOP, 42).unwrap();
    for text in ["да", "стоп"] {
        talk.sandbox.send_text(SHOP, IVAN, text).unwrap();
    }
    until(|| async { kept(&talk.store, channel).await.len() == 3 && talk.sandbox.pending(SHOP) == 0 }).await;
    let offset = async || channels::find(&talk.store, channel).await.unwrap().unwrap().update_cursor;
    assert_eq!(offset().await.as_deref(), Some("44"), "the stored offset follows downwards");
    // The number of «да» for another update, after a restart that reads the stored offset.
    talk.sandbox.count_updates_from(SHOP, 900).unwrap();
    talk.sandbox.send_text(SHOP, IVAN, "да?").unwrap();
    until(|| async { offset().await.as_deref() == Some("901") }).await;
    talk.restarts().await;
    talk.sandbox.count_updates_from(SHOP, 42).unwrap();
    talk.sandbox.send_text(SHOP, IVAN, "не пишите").unwrap();
    until(|| async { kept(&talk.store, channel).await.len() == 5 }).await;
    assert!(kept(&talk.store, channel).await[4].contains("не пишите"));
    talk.ends().await;
});

// One 401 on `getUpdates` used to end the process, and with it everything of every company in it.
both!(async fn a_refused_token_of_the_managers_bot_ends_nothing(store) {
    let mut talk = Talk::start(store).await;
    let channel = talk.channel("7000000002:AAE-shop").await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    for restarted in [false, true] {
        talk.sandbox.revoke(talk.bot).unwrap();
        if restarted {
            // The start as well: a refused token is waited out there, too.
            talk.restarts_without_waiting().await;
        }
        until(|| async { ready(&talk).await.0 == 503 }).await;
        until(|| async { ready(&talk).await.1.contains("does not know the token") }).await;
        let before = kept(&talk.store, channel).await.len();
        talk.sandbox.add_user(User::new(IVAN, "Ivan", "+79990000001"));
        talk.sandbox.send_text(SHOP, IVAN, "стоп").unwrap();
        until(|| async { kept(&talk.store, channel).await.len() == before + 1 }).await;
        talk.sandbox.add_bot(TOKEN, "mms_test_bot").unwrap();
        talk.says(ANNA, "/help", "Справка").await;
        until(|| async { ready(&talk).await == (200, "ready\n".to_owned()) }).await;
        talk.says(ANNA, "/menu", "Анна · Владелец").await;
    }
    talk.ends().await;
});

/// A stranger to the Bot API: answers every `getUpdates` at once with the same.
#[derive(Clone)]
struct Stranger {
    /// What `getMe` gives; `None`: a bot.
    me: Option<Value>,
    updates: Value,
    asked: Arc<Mutex<Vec<(String, Instant)>>>,
    /// How often it was asked who the bot is.
    met: Arc<AtomicUsize>,
}

async fn answer(State(stranger): State<Stranger>, Path((token, method)): Path<(String, String)>) -> Json<Value> {
    let id: i64 = token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or_default();
    let result = match method.as_str() {
        "getMe" => {
            stranger.met.fetch_add(1, Ordering::Relaxed);
            stranger.me.clone().unwrap_or_else(|| json!({ "id": id, "is_bot": true, "first_name": "Bot", "username": "some_bot" }))
        }
        "getUpdates" => {
            stranger.asked.lock().unwrap().push((token, Instant::now()));
            stranger.updates.clone()
        }
        _ => json!(true),
    };
    Json(json!({ "ok": true, "result": result }))
}

impl Stranger {
    fn new(me: Option<Value>, updates: Value) -> Self {
        Self { me, updates, asked: Arc::default(), met: Arc::default() }
    }

    /// Serves it; its address.
    async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().route("/bot{token}/{method}", any(answer)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    /// When this token's updates were asked for.
    fn asked(&self, token: &str) -> Vec<Instant> {
        self.asked.lock().unwrap().iter().filter(|(of, _)| of == token).map(|(_, at)| *at).collect()
    }
}

/// The owner of a new company.
async fn owner(store: &Store) -> super::Actor {
    let founded = mms_core::testing::found(store, "anna", PASSWORD, clock::now()).await;
    super::Actor { account: founded.account, member: founded.owner, ..super::actor(super::Role::Owner) }
}

/// A managers' bot and a channel are served by a stranger that answers so; both must ask ever more
/// seldom.
async fn asks_ever_more_seldom(store: Store, what: &str, updates: Value) {
    const MANAGERS: &str = "7000000001:AAE-managers";
    const CUSTOMERS: &str = "7000000002:AAE-customers";
    let stranger = Stranger::new(None, updates);
    let url = stranger.serve().await;

    let owner = owner(&store).await;
    let (sealer, endpoints) = (Sealer::new(&[7; 32]), Endpoints { telegram: url.clone(), ..Endpoints::default() });
    let settings = channels::ChannelSettings::default();
    let token = Secret::new(CUSTOMERS);
    channels::add(&store, &sealer, &endpoints, &owner, ChannelKind::Telegram, token, settings, clock::now()).await.unwrap();
    let settings = BotSettings::new(Secret::new(MANAGERS), url);
    let bot = Bot::build(settings, store, sealer, Queue::memory(), endpoints).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(bot.run(stop.clone()));
    for token in [MANAGERS, CUSTOMERS] {
        until(|| async { stranger.asked(token).len() >= 6 }).await;
        let asked = stranger.asked(token);
        // The first answer may be new; then each pause is twice the one before. A slow machine only
        // makes them longer.
        let took = asked[5] - asked[0];
        assert!(took >= Duration::from_millis(1_400), "{what}: 6 calls of {token} within {took:?}");
    }
    stop.cancel();
    running.await.unwrap().unwrap();
}

// A server that answered `null` to who the bot is was taken for Telegram: the process was ready.
both!(async fn an_answer_that_names_no_bot_makes_nothing_ready(store) {
    let (owner, sealer) = (owner(&store).await, Sealer::new(&[7; 32]));
    for me in [json!(null), json!({ "id": 7_000_000_001_i64, "is_bot": true, "first_name": "Bot" }), json!({ "id": 7_000_000_001_i64, "username": "" })] {
        let stranger = Stranger::new(Some(me.clone()), json!([]));
        let url = stranger.serve().await;
        let endpoints = Endpoints { telegram: url.clone(), ..Endpoints::default() };
        let (token, settings) = (Secret::new("7000000002:AAE-customers"), channels::ChannelSettings::default());
        let added = channels::add(&store, &sealer, &endpoints, &owner, ChannelKind::Telegram, token, settings, clock::now()).await;
        assert!(added.is_err(), "{me} is no bot: {added:?}");
        let before = stranger.met.load(Ordering::Relaxed);
        let settings = BotSettings::new(Secret::new("7000000001:AAE-managers"), url);
        let bot = Bot::build(settings, store.clone(), sealer.clone(), Queue::memory(), endpoints).await.unwrap();
        let http = format!("http://{}", bot.address().unwrap());
        let stop = CancellationToken::new();
        let running = tokio::spawn(bot.run(stop.clone()));
        // It asks again, so the first answer was understood.
        until(|| async { stranger.met.load(Ordering::Relaxed) >= before + 2 }).await;
        assert_eq!(reqwest::get(format!("{http}/readyz")).await.unwrap().status().as_u16(), 503, "{me}");
        assert!(stranger.asked("7000000001:AAE-managers").is_empty(), "{me}: nobody's updates are asked for");
        stop.cancel();
        running.await.unwrap().unwrap();
    }
});

// Whatever answered at once with nothing of use was asked up to 270 000 times a minute.
both!(async fn answers_of_no_use_are_not_asked_for_in_a_loop(store) {
    // One store a case would be clean; the same channel cannot be added twice, so each case has its
    // own of the same engine.
    let engine = store.engine();
    let cases = [
        ("no list", json!({})),
        ("an update without a number", json!([{ "message": { "text": "стоп" } }])),
        ("a number that is none", json!([{ "update_id": -5, "message": {} }, { "update_id": "6" }])),
        ("no long polling", json!([])),
        ("the same for ever", json!([crate::testing::text_update(900, IVAN, "привет")])),
    ];
    let asked = cases.map(|(what, updates)| async move { asks_ever_more_seldom(mms_core::testing::store(engine).await, what, updates).await });
    futures::future::join_all(asked).await;
});

/// A channel's messenger goes away and comes back, twice.
async fn goes_away_and_comes_back(store: Store) {
    let sandbox = mms_sandbox::Sandbox::start().await.unwrap();
    sandbox.add_bot(TOKEN, "mms_test_bot").unwrap();
    sandbox.add_bot("7000000002:AAE-shop", "shop_bot").unwrap();
    let owner = owner(&store).await;
    let (sealer, endpoints) = (Sealer::new(&[7; 32]), Endpoints { telegram: sandbox.url(), ..Endpoints::default() });
    let (token, settings) = (Secret::new("7000000002:AAE-shop"), channels::ChannelSettings::default());
    let channel =
        channels::add(&store, &sealer, &endpoints, &owner, ChannelKind::Telegram, token, settings, clock::now()).await.unwrap().id;
    let settings = BotSettings { cut_after: Duration::from_millis(700), ..BotSettings::new(Secret::new(TOKEN), sandbox.url()) };
    let bot = Bot::build(settings, store.clone(), sealer, Queue::memory(), endpoints).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(bot.run(stop.clone()));
    sandbox.add_user(User::new(IVAN, "Ivan", "+79990000001"));
    sandbox.press_start(SHOP, IVAN, None).unwrap();
    let cut = async || channels::find(&store, channel).await.unwrap().unwrap().cut_since.is_some();
    let told = async || -> Vec<String> {
        on!(store.read(), |c| sqlx::query_scalar("select kind from notice where kind like 'channel.%' order by id").fetch_all(c).await)
            .unwrap()
    };
    for times in 1..=2 {
        // In a poll that waits, and in every one after it.
        let away = sandbox.faults().add(mms_sandbox::Rule::new(mms_sandbox::Fault::DropBefore).bot(SHOP));
        sandbox.send_text(SHOP, IVAN, "привет").unwrap();
        until(|| async { cut().await }).await;
        sandbox.faults().remove(away);
        until(|| async { !cut().await }).await;
        assert_eq!(told().await, ["channel.cut", "channel.back"].repeat(times), "once each");
    }
    // It answers, and gives what people write to another program: nobody's «стоп» would be heard.
    let conflict = mms_sandbox::Fault::Error {
        code: 409,
        description: "Conflict: terminated by other getUpdates request".to_owned(),
        retry_after: None,
    };
    let refused = sandbox.faults().add(mms_sandbox::Rule::new(conflict).bot(SHOP).method("getUpdates"));
    sandbox.send_text(SHOP, IVAN, "привет").unwrap();
    let deaf = async || channels::find(&store, channel).await.unwrap().unwrap().deaf.is_some();
    until(|| async { deaf().await }).await;
    assert_eq!(told().await.last().map(String::as_str), Some("channel.stopped"));
    sandbox.faults().remove(refused);
    until(|| async { channels::find(&store, channel).await.unwrap().unwrap().sends() }).await;
    stop.cancel();
    running.await.unwrap().unwrap();
}

// A messenger that was cut off for days looked on every screen as if it worked.
both!(async fn a_messenger_that_is_cut_off_is_told_and_told_again_when_it_is_back(store) {
    goes_away_and_comes_back(store).await;
});
