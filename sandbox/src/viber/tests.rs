//! The double as a client sees it: HTTP in, the ledger and the phones as witnesses.

mod events;
mod money;
mod people;
mod sending;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
    routing::post,
};
use serde_json::{Value, json};

use super::{Settings, Viber};
use crate::{Sandbox, User};

const TOKEN: &str = "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-5a6b7c8d9e0f1a2b";
const BOT: i64 = 5_550_001;
const ANNA: i64 = 51;
const BORIS: i64 = 52;
const SOON: Duration = Duration::from_secs(10);

/// A receiver of events that checks no signature: the tests do.
#[derive(Clone)]
struct Hook {
    url: String,
    /// The signature and the raw body.
    got: Arc<Mutex<Vec<(String, String)>>>,
    says: Arc<Mutex<(u16, String)>>,
}

impl Hook {
    async fn serve() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/viber/7a", listener.local_addr().unwrap());
        let hook = Self { url, got: Arc::default(), says: Arc::new(Mutex::new((200, String::new()))) };
        let app = Router::new().route("/viber/7a", post(receive)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        hook
    }

    fn answer(&self, status: u16, body: &str) {
        *self.says.lock().unwrap() = (status, body.to_owned());
    }

    fn events(&self) -> Vec<Value> {
        self.got.lock().unwrap().iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }

    fn kinds(&self) -> Vec<String> {
        self.events().iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
    }
}

async fn receive(State(hook): State<Hook>, headers: HeaderMap, body: Bytes) -> axum::response::Response {
    let signature = headers.get("x-viber-content-signature").map(|value| value.to_str().unwrap().to_owned());
    hook.got.lock().unwrap().push((signature.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap()));
    let (status, body) = hook.says.lock().unwrap().clone();
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

struct World {
    sandbox: Sandbox,
    client: reqwest::Client,
    hook: Hook,
}

impl World {
    /// A bot with a webhook, Anna who is subscribed and Boris who is not.
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let sandbox = Sandbox::builder().viber(settings).start().await.unwrap();
        sandbox.viber().add_bot(BOT, TOKEN, "shopbot").unwrap();
        sandbox.viber().add_user(User::new(ANNA, "Анна", "+375291234567"));
        sandbox.viber().add_user(User::new(BORIS, "Борис", "+375297654321"));
        sandbox.viber().open_chats(BOT, [ANNA]).unwrap();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let world = Self { sandbox, client, hook: Hook::serve().await };
        world.ok("set_webhook", json!({ "url": world.hook.url, "send_name": true })).await;
        world.hook.got.lock().unwrap().clear();
        world
    }

    fn viber(&self) -> &Viber {
        self.sandbox.viber()
    }

    fn id(&self, user: i64) -> String {
        self.viber().user_id(BOT, user)
    }

    fn request(&self, method: &str) -> reqwest::RequestBuilder {
        self.client.post(format!("{}/{method}", self.viber().url())).header("X-Viber-Auth-Token", TOKEN)
    }

    /// The answer, which comes with HTTP 200.
    async fn raw(&self, method: &str, body: &Value) -> Value {
        let answer = self.request(method).json(body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    async fn ok(&self, method: &str, body: Value) -> Value {
        let answer = self.raw(method, &body).await;
        assert_eq!(answer["status"], 0, "{method} {body}: {answer}");
        answer
    }

    /// The status of a refusal.
    async fn refused(&self, method: &str, body: Value) -> u64 {
        let answer = self.raw(method, &body).await;
        let status = answer["status"].as_u64().unwrap();
        assert_ne!(status, 0, "{method} {body} was accepted");
        status
    }

    fn text(&self, user: i64, text: &str) -> Value {
        json!({ "receiver": self.id(user), "sender": { "name": "Shop" }, "type": "text", "text": text })
    }

    /// A message to Anna; gives its token.
    async fn say(&self, text: &str) -> u64 {
        self.ok("send_message", self.text(ANNA, text)).await["message_token"].as_u64().unwrap()
    }

    async fn drained(&self) {
        self.viber().until(SOON, |viber| (viber.pending(BOT) == 0).then_some(())).await.expect("every event is pushed");
    }
}
