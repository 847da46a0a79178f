use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};

use super::*;
use crate::{Fault, Rule, fault::HOOK};

/// The secret that came with an update, and the update.
type Got = (Option<String>, Value);

/// A receiver of updates that answers what it is told.
#[derive(Clone)]
struct Hook {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
    status: Arc<Mutex<StatusCode>>,
    tries: Arc<Mutex<u32>>,
}

impl Hook {
    async fn serve() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/max/9f2c", listener.local_addr().unwrap());
        let hook = Self { url, got: Arc::default(), status: Arc::new(Mutex::new(StatusCode::OK)), tries: Arc::default() };
        let app = Router::new().route("/max/9f2c", post(receive)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        hook
    }

    fn answer(&self, status: StatusCode) {
        *self.status.lock().unwrap() = status;
    }

    fn texts(&self) -> Vec<String> {
        let got = self.got.lock().unwrap();
        got.iter().map(|(_, update)| update["message"]["body"]["text"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

async fn receive(State(hook): State<Hook>, headers: HeaderMap, axum::Json(update): axum::Json<Value>) -> StatusCode {
    *hook.tries.lock().unwrap() += 1;
    let status = *hook.status.lock().unwrap();
    if status == StatusCode::OK {
        let secret = headers.get("x-max-bot-api-secret").map(|value| value.to_str().unwrap().to_owned());
        hook.got.lock().unwrap().push((secret, update));
    }
    status
}

impl World {
    async fn subscribe(&self, hook: &Hook) {
        let body = json!({ "url": hook.url, "secret": "s3cr3t-Max_1", "update_types": ["message_created", "bot_started"] });
        assert_eq!(self.ok("POST", "/subscriptions", body).await, json!({ "success": true }));
    }

    async fn drained(&self) {
        self.max().until(SOON, |max| (max.pending(BOT) == 0).then_some(())).await.expect("every update is pushed");
    }

    /// Waits until a push of the only subscription has failed.
    async fn failed(&self) {
        self.max().until(SOON, |max| max.bots()[0].subscriptions[0].failing_since).await.expect("a push fails");
    }
}

#[tokio::test]
async fn addresses_and_secrets_are_checked() {
    let world = World::new().await;
    let subscribe = async |body: Value| world.refused("POST", "/subscriptions", body).await;
    for url in ["http://hooks.ex.ru/max", "https://hooks.ex.ru:8443/max", "nonsense", ""] {
        assert_eq!(subscribe(json!({ "url": url })).await.1, "proto.payload", "{url}");
    }
    for secret in ["four", &"s".repeat(257), "no spaces", "секрет"] {
        assert_eq!(subscribe(json!({ "url": "https://hooks.ex.ru/max", "secret": secret })).await.0, 400, "{secret}");
    }
    assert_eq!(subscribe(json!({ "url": "https://hooks.ex.ru/max", "update_types": ["message_made"] })).await.0, 400);
    world.ok("POST", "/subscriptions", json!({ "url": "https://hooks.ex.ru/max", "secret": "s3cr3" })).await;
    let listed = world.get("/subscriptions").await;
    assert_eq!(
        (&listed["subscriptions"][0]["url"], &listed["subscriptions"][0]["update_types"]),
        (&json!("https://hooks.ex.ru/max"), &Value::Null)
    );
    assert_eq!(world.refused("GET", "/updates?timeout=0", Value::Null).await.0, 405, "one or the other");
    let remove = "/subscriptions?url=https%3A%2F%2Fhooks.ex.ru%2Fmax";
    assert_eq!(world.ok("DELETE", remove, Value::Null).await, json!({ "success": true }));
    assert_eq!(world.ok("DELETE", remove, Value::Null).await["success"], false);
    world.get("/updates?timeout=0").await;
}

#[tokio::test]
async fn pushes_carry_the_secret_and_come_again() {
    let (world, hook) = (World::new().await, Hook::serve().await);
    world.subscribe(&hook).await;
    world.max().send_text(BOT, ANNA, "первое").unwrap();
    world.drained().await;
    assert_eq!(hook.got.lock().unwrap()[0].0.as_deref(), Some("s3cr3t-Max_1"));
    // Anything but 200 is a failure; what fails is overtaken.
    hook.answer(StatusCode::NO_CONTENT);
    world.max().send_text(BOT, ANNA, "второе").unwrap();
    world.failed().await;
    hook.answer(StatusCode::OK);
    world.max().send_text(BOT, ANNA, "третье").unwrap();
    world.max().until(SOON, |_| (hook.texts().len() == 2).then_some(())).await.unwrap();
    assert_eq!(hook.texts(), ["первое", "третье"]);
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.drained().await;
    assert_eq!(hook.texts(), ["первое", "третье", "второе"]);
    world.max().block(BOT, ANNA).unwrap();
    assert_eq!(world.max().pending(BOT), 0, "a kind that is not asked for");
}

#[tokio::test]
async fn pauses_grow_and_an_update_is_given_up() {
    let timing = Timing { hook_tries: 2, ..Timing::default() };
    let (world, hook) = (World::with(Rates::off(), timing).await, Hook::serve().await);
    hook.answer(StatusCode::BAD_GATEWAY);
    world.subscribe(&hook).await;
    world.max().send_text(BOT, ANNA, "x").unwrap();
    let tried = async |count: u32| {
        world.max().until(SOON, |_| (*hook.tries.lock().unwrap() == count).then_some(())).await.unwrap_or_else(|| panic!("{count} tries"));
        // Recorded, so that the next pause is counted from here.
        world.max().until(SOON, |max| max.quiet().bots[&BOT].subscriptions[0].pending.rests().then_some(())).await.unwrap();
    };
    tried(1).await;
    world.sandbox.clock().advance(Duration::from_secs(61));
    tried(2).await;
    world.sandbox.clock().advance(Duration::from_secs(61));
    assert_eq!(world.max().pending(BOT), 1);
    world.sandbox.clock().advance(Duration::from_secs(90));
    tried(3).await;
    assert_eq!(world.max().pending(BOT), 0, "given up after its repeats");
}

#[tokio::test]
async fn eight_hours_of_failures_end_a_subscription_and_a_new_one_begins() {
    let (world, hook) = (World::new().await, Hook::serve().await);
    world.subscribe(&hook).await;
    hook.answer(StatusCode::INTERNAL_SERVER_ERROR);
    world.max().send_text(BOT, ANNA, "lost").unwrap();
    world.failed().await;
    world.sandbox.clock().advance(Duration::from_secs(8 * 3600 - 60));
    assert_eq!(world.get("/subscriptions").await["subscriptions"].as_array().unwrap().len(), 1);
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.max().until(SOON, |max| max.bots()[0].subscriptions.is_empty().then_some(())).await.expect("unsubscribed");
    assert_eq!(world.get("/subscriptions").await, json!({ "subscriptions": [] }));
    assert_eq!(world.max().bots()[0].given_up, std::slice::from_ref(&hook.url));
    // What comes meanwhile waits for a long poll; a new subscription gets what comes after it.
    world.max().send_text(BOT, ANNA, "polled").unwrap();
    assert_eq!(world.get("/updates?timeout=0&marker=1").await["updates"][0]["message"]["body"]["text"], "polled");
    hook.answer(StatusCode::OK);
    world.subscribe(&hook).await;
    world.max().send_text(BOT, ANNA, "after").unwrap();
    world.max().until(SOON, |_| (hook.texts().len() == 1).then_some(())).await.unwrap();
    assert_eq!(hook.texts(), ["after"]);
}

#[tokio::test]
async fn a_success_within_eight_hours_keeps_the_subscription() {
    let (world, hook) = (World::new().await, Hook::serve().await);
    world.subscribe(&hook).await;
    hook.answer(StatusCode::INTERNAL_SERVER_ERROR);
    world.max().send_text(BOT, ANNA, "late").unwrap();
    world.failed().await;
    hook.answer(StatusCode::OK);
    world.sandbox.clock().advance(Duration::from_secs(7 * 3600));
    world.drained().await;
    world.sandbox.clock().advance(Duration::from_secs(7 * 3600));
    assert_eq!(world.max().bots()[0].subscriptions[0].failing_since, None);
}

#[tokio::test]
async fn hooks_refused_for_a_while_and_answers_lost() {
    let (world, hook) = (World::new().await, Hook::serve().await);
    world.subscribe(&hook).await;
    let refused = world.max().faults().add(Rule::new(Fault::DropBefore).service("max").method(HOOK));
    world.max().send_text(BOT, ANNA, "refused").unwrap();
    world.failed().await;
    assert_eq!(*hook.tries.lock().unwrap(), 0, "it never reached the receiver");
    world.max().faults().remove(refused);
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.drained().await;
    world.max().faults().add(Rule::new(Fault::DropAfter).service("max").method(HOOK).times(1));
    world.max().send_text(BOT, ANNA, "twice").unwrap();
    world.failed().await;
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.drained().await;
    assert_eq!(hook.texts(), ["refused", "twice", "twice"]);
}
