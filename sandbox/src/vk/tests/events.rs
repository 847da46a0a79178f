use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::IntoResponse as _,
    routing::post,
};

use super::*;
use crate::{Fault, Rule, vk::ServerStatus};

/// What a receiver answers: a status, a body, and when to come back.
type Says = (u16, String, Option<String>);

/// How often a push was repeated before, and its event.
type Got = (Option<String>, Value);

/// A receiver of events.
#[derive(Clone)]
struct Hook {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
    confirms: Arc<Mutex<String>>,
    says: Arc<Mutex<Says>>,
}

impl Hook {
    async fn serve() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/vk/9f2c", listener.local_addr().unwrap());
        let says = Arc::new(Mutex::new((200, "ok".to_owned(), None)));
        let hook = Self { url, got: Arc::default(), confirms: Arc::default(), says };
        let app = Router::new().route("/vk/9f2c", post(receive)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        hook
    }

    fn answer(&self, status: u16, body: &str, later: Option<&str>) {
        *self.says.lock().unwrap() = (status, body.to_owned(), later.map(str::to_owned));
    }

    fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }
}

async fn receive(State(hook): State<Hook>, headers: HeaderMap, axum::Json(event): axum::Json<Value>) -> axum::response::Response {
    if event["type"] == "confirmation" {
        return hook.confirms.lock().unwrap().clone().into_response();
    }
    let repeat = headers.get("x-retry-counter").map(|value| value.to_str().unwrap().to_owned());
    hook.got.lock().unwrap().push((repeat, event));
    let (status, body, later) = hook.says.lock().unwrap().clone();
    let mut answer = (StatusCode::from_u16(status).unwrap(), body).into_response();
    if let Some(later) = later {
        answer.headers_mut().insert(RETRY_AFTER, later.parse().unwrap());
    }
    answer
}

impl World {
    /// A server that wants new messages, confirmed.
    async fn hooked(&self) -> (Hook, i64) {
        let hook = Hook::serve().await;
        let code = self.ok("groups.getCallbackConfirmationCode", json!({ "group_id": GROUP })).await;
        *hook.confirms.lock().unwrap() = code["code"].as_str().unwrap().to_owned();
        let server = json!({ "group_id": GROUP, "url": hook.url, "title": "mms", "secret_key": "s3cr3t" });
        let id = self.ok("groups.addCallbackServer", server).await["server_id"].as_i64().unwrap();
        let wanted = json!({ "group_id": GROUP, "server_id": id, "api_version": "5.199", "message_new": 1, "message_reply": 0 });
        self.ok("groups.setCallbackSettings", wanted).await;
        self.status(ServerStatus::Ok).await;
        (hook, id)
    }

    async fn status(&self, status: ServerStatus) {
        let found = self.vk().until(SOON, |vk| (vk.communities()[0].servers[0].status == status).then_some(())).await;
        found.unwrap_or_else(|| panic!("{status:?}: {:?}", self.vk().communities()));
    }

    async fn drained(&self) {
        self.vk().until(SOON, |vk| (vk.pending(GROUP) == 0).then_some(())).await.expect("every event is pushed");
    }

    async fn got(&self, hook: &Hook, count: usize) {
        let found = self.vk().until(SOON, |_| (hook.count() == count).then_some(())).await;
        found.unwrap_or_else(|| panic!("{count} pushes, not {}", hook.count()));
        // Recorded, so that the next pause is counted from here.
        let rests = |vk: &Vk| vk.quiet().communities[&GROUP].servers.values().all(|server| server.queue.rests()).then_some(());
        self.vk().until(SOON, rests).await.expect("the answer is recorded");
    }
}

#[tokio::test]
async fn a_server_is_confirmed_before_it_gets_anything() {
    let world = World::new().await;
    let (hook, id) = world.hooked().await;
    let listed = world.ok("groups.getCallbackServers", json!({ "group_id": GROUP })).await;
    assert_eq!((&listed["items"][0]["status"], &listed["items"][0]["secret_key"]), (&json!("ok"), &json!("s3cr3t")));
    let events = world.ok("groups.getCallbackSettings", json!({ "group_id": GROUP, "server_id": id })).await;
    assert_eq!((&events["events"]["message_new"], &events["events"]["message_reply"]), (&json!(1), &json!(0)));
    // The confirmation string changed meanwhile: the next confirmation fails.
    world.vk().renew_confirmation(GROUP).unwrap();
    let edit = json!({ "group_id": GROUP, "server_id": id, "url": hook.url, "title": "mms" });
    world.ok("groups.editCallbackServer", edit).await;
    world.status(ServerStatus::Failed).await;
    world.vk().send_text(GROUP, ANNA, "мимо").unwrap();
    assert_eq!((world.vk().pending(GROUP), hook.count()), (0, 0));
    world.ok("groups.deleteCallbackServer", json!({ "group_id": GROUP, "server_id": id })).await;
    let add = |title: &str, secret: &str, url: &str| json!({ "group_id": GROUP, "url": url, "title": title, "secret_key": secret });
    for wrong in [add("пятнадцать букв", "", "https://ex.ru"), add("mms", &"s".repeat(51), "https://ex.ru"), add("mms", "", "http://ex.ru")]
    {
        assert_eq!(world.refused("groups.addCallbackServer", wrong).await, 100);
    }
    for _ in 0..10 {
        world.ok("groups.addCallbackServer", add("mms", "", "http://127.0.0.1:9/x")).await;
    }
    assert_eq!(world.refused("groups.addCallbackServer", add("mms", "", "https://ex.ru")).await, 2000);
}

#[tokio::test]
async fn pushes_carry_the_secret_and_come_again_until_ok() {
    let world = World::new().await;
    let (hook, _) = world.hooked().await;
    world.vk().send_text(GROUP, ANNA, "первое").unwrap();
    world.drained().await;
    {
        let got = hook.got.lock().unwrap();
        let (repeat, event) = &got[0];
        assert_eq!((repeat, &event["secret"], &event["group_id"]), (&None, &json!("s3cr3t"), &json!(GROUP)));
        assert_eq!(event["object"]["message"]["text"], "первое");
    }
    for wrong in ["OK", "ok\n", ""] {
        hook.answer(200, wrong, None);
        let before = hook.count();
        world.vk().send_text(GROUP, ANNA, "ещё").unwrap();
        world.got(&hook, before + 1).await;
        assert_eq!(world.vk().pending(GROUP), 1, "{wrong:?} is not «ok»");
        hook.answer(200, "ok", None);
        world.sandbox.clock().advance(Duration::from_secs(10));
        world.drained().await;
    }
    let got = hook.got.lock().unwrap().clone();
    assert_eq!(got[2].0.as_deref(), Some("1"));
    assert_eq!(got[2].1["event_id"], got[1].1["event_id"], "the same event");
}

#[tokio::test]
async fn a_server_puts_off_leaves_and_is_given_up() {
    let world = World::with(Settings { retries: 1, ..Settings::unlimited() }).await;
    let (hook, id) = world.hooked().await;
    let in_an_hour = (world.vk().now() + chrono::TimeDelta::hours(1)).to_rfc2822();
    hook.answer(503, "", Some(&in_an_hour));
    world.vk().send_text(GROUP, ANNA, "позже").unwrap();
    world.got(&hook, 1).await;
    hook.answer(200, "ok", None);
    world.sandbox.clock().advance(Duration::from_secs(1800));
    assert_eq!(world.vk().pending(GROUP), 1);
    world.sandbox.clock().advance(Duration::from_secs(1801));
    world.drained().await;
    assert_eq!(hook.got.lock().unwrap()[1].0, None, "that was no failure");
    hook.answer(500, "", None);
    world.vk().send_text(GROUP, ANNA, "пропало").unwrap();
    world.got(&hook, 3).await;
    world.sandbox.clock().advance(Duration::from_secs(10));
    world.status(ServerStatus::Failed).await;
    assert_eq!((world.vk().pending(GROUP), world.vk().communities()[0].given_up), (0, 1));
    hook.answer(200, "remove", None);
    world.ok("groups.editCallbackServer", json!({ "group_id": GROUP, "server_id": id, "url": hook.url, "title": "mms" })).await;
    world.status(ServerStatus::Ok).await;
    world.vk().send_text(GROUP, ANNA, "прощай").unwrap();
    world.vk().until(SOON, |vk| vk.communities()[0].servers.is_empty().then_some(())).await.expect("the server is removed");
}

#[tokio::test]
async fn events_are_doubled_reordered_withheld_and_delivered_again() {
    let world = World::new().await;
    let (hook, _) = world.hooked().await;
    let rule = |fault| Rule::new(fault).service("vk").times(1);
    world.vk().faults().add(rule(Fault::DoubleUpdate));
    world.vk().send_text(GROUP, ANNA, "дважды").unwrap();
    world.drained().await;
    let got = hook.got.lock().unwrap().clone();
    assert_eq!(got[0].1["event_id"], got[1].1["event_id"]);
    world.vk().faults().add(rule(Fault::WithholdUpdate));
    world.vk().send_text(GROUP, ANNA, "потом").unwrap();
    assert_eq!(world.vk().pending(GROUP), 0);
    assert_eq!(world.vk().redeliver(GROUP, 1).unwrap(), 1);
    world.drained().await;
    world.vk().faults().add(rule(Fault::DropAfter).method("hook"));
    world.vk().send_text(GROUP, ANNA, "ответ потерян").unwrap();
    world.got(&hook, 4).await;
    world.sandbox.clock().advance(Duration::from_secs(10));
    world.drained().await;
    assert_eq!(hook.count(), 5);
}

#[tokio::test]
async fn a_long_poll_goes_on_from_its_place() {
    let world = World::new().await;
    assert_eq!(world.refused("groups.getLongPollServer", json!({ "group_id": GROUP })).await, 100, "not enabled");
    world.ok("groups.setLongPollSettings", json!({ "group_id": GROUP, "enabled": 1, "message_new": 1, "message_deny": 1 })).await;
    let server = world.ok("groups.getLongPollServer", json!({ "group_id": GROUP })).await;
    let poll = async |key: &str, ts: &str, wait: u32| -> Value {
        let url = format!("{}?act=a_check&key={key}&ts={ts}&wait={wait}", server["server"].as_str().unwrap());
        world.client.get(url).send().await.unwrap().json().await.unwrap()
    };
    let (key, ts) = (server["key"].as_str().unwrap(), server["ts"].as_str().unwrap());
    assert_eq!(poll(key, ts, 0).await, json!({ "ts": ts, "updates": [] }));
    let (answer, _) = tokio::join!(poll(key, ts, 25), async {
        world.vk().send_text(GROUP, ANNA, "вопрос").unwrap();
        world.say(1, "ответ").await
    });
    assert_eq!((&answer["ts"], &answer["updates"][0]["type"]), (&json!("1"), &json!("message_new")));
    world.vk().deny(GROUP, ANNA).unwrap();
    let next = poll(key, "1", 25).await;
    assert_eq!((next["updates"].as_array().unwrap().len(), &next["updates"][0]["type"]), (1, &json!("message_deny")));
    assert_eq!(poll(key, "0", 25).await["updates"].as_array().unwrap().len(), 2, "a place can be gone back to");
    assert_eq!(poll("other", "2", 25).await, json!({ "failed": 2 }));
    world.vk().forget_events(GROUP);
    assert_eq!(poll(key, "1", 25).await, json!({ "failed": 1, "ts": "2" }));
    world.vk().end_poll_keys(GROUP);
    assert_eq!(poll(key, "2", 25).await, json!({ "failed": 2 }));
}
