//! The double as a client sees it: HTTP in, the ledger and the phones as witnesses.

mod control;
mod hooks;
mod sending;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use serde_json::{Value, json};

use super::{Settings, Transport, Wazzup};
use crate::{Sandbox, User};

const KEY: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const ACCOUNT: i64 = 1;
const WHATSAPP: i64 = 11;
const WABA: i64 = 12;
const TELEGRAM: i64 = 13;
const ANNA: i64 = 51;
const BORIS: i64 = 52;
const SOON: Duration = Duration::from_secs(10);

/// A receiver of webhooks.
#[derive(Clone)]
struct Hook {
    url: String,
    /// What came with `Authorization`, and the body.
    got: Arc<Mutex<Vec<(String, Value)>>>,
    status: Arc<Mutex<u16>>,
}

impl Hook {
    async fn serve() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wazzup?k=Zk3", listener.local_addr().unwrap());
        let hook = Self { url, got: Arc::default(), status: Arc::new(Mutex::new(200)) };
        let app = Router::new().route("/wazzup", post(receive)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        hook
    }

    fn bodies(&self) -> Vec<Value> {
        self.got.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    /// The elements of a list over all pushes.
    fn all(&self, key: &str) -> Vec<Value> {
        self.bodies().iter().flat_map(|body| body[key].as_array().cloned().unwrap_or_default()).collect()
    }
}

async fn receive(State(hook): State<Hook>, headers: HeaderMap, body: String) -> StatusCode {
    let given = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    hook.got.lock().unwrap().push((given, serde_json::from_str(&body).unwrap()));
    StatusCode::from_u16(*hook.status.lock().unwrap()).unwrap()
}

struct World {
    sandbox: Sandbox,
    client: reqwest::Client,
    hook: Hook,
}

impl World {
    /// An account with three channels and a webhook, Anna and Boris.
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let sandbox = Sandbox::builder().wazzup(settings).start().await.unwrap();
        let wazzup = sandbox.wazzup();
        wazzup.add_account(ACCOUNT, KEY).unwrap();
        for (id, transport, plain) in [
            (WHATSAPP, Transport::Whatsapp, "74950001122"),
            (WABA, Transport::Wapi, "74950003344"),
            (TELEGRAM, Transport::Telegram, "shop_bot"),
        ] {
            wazzup.add_channel(id, ACCOUNT, transport, plain).unwrap();
        }
        wazzup.add_user(User::new(ANNA, "Анна", "+79991234567"));
        wazzup.add_user(User::new(BORIS, "Борис", "+79997654321"));
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let world = Self { sandbox, client, hook: Hook::serve().await };
        let all = json!({ "messagesAndStatuses": true, "channelsUpdates": true, "templateStatus": true });
        let set = world.call("PATCH", "/webhooks", json!({ "webhooksUri": world.hook.url, "subscriptions": all })).await;
        assert_eq!(set.0, 200);
        assert_eq!(world.hook.bodies(), [json!({ "test": true })]);
        world.hook.got.lock().unwrap().clear();
        world
    }

    fn wazzup(&self) -> &Wazzup {
        self.sandbox.wazzup()
    }

    fn request(&self, verb: &str, path: &str) -> reqwest::RequestBuilder {
        let verb = reqwest::Method::from_bytes(verb.as_bytes()).unwrap();
        self.client.request(verb, format!("{}{path}", self.wazzup().url())).bearer_auth(KEY)
    }

    /// HTTP status and answer; null where there is no body.
    async fn call(&self, verb: &str, path: &str, body: Value) -> (u16, Value) {
        let request = self.request(verb, path);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    /// A text to a person through a channel.
    fn text(&self, channel: i64, user: i64, text: &str) -> Value {
        let info = self.wazzup().channels().into_iter().find(|info| info.id == channel).unwrap();
        json!({ "channelId": info.channel_id, "chatType": info.transport.chat_type(), "text": text,
            "chatId": self.wazzup().chat_id(channel, user).unwrap() })
    }

    /// Sends; gives the `messageId`.
    async fn ok(&self, body: Value) -> String {
        let (status, answer) = self.call("POST", "/message", body.clone()).await;
        assert_eq!(status, 201, "{body}: {answer}");
        answer["messageId"].as_str().unwrap().to_owned()
    }

    /// The code of a refusal.
    async fn refused(&self, body: Value) -> String {
        let (status, answer) = self.call("POST", "/message", body.clone()).await;
        assert_eq!(status, 400, "{body}: {answer}");
        answer["error"].as_str().unwrap().to_owned()
    }

    async fn drained(&self) {
        let quiet = |wazzup: &Wazzup| (wazzup.pending(ACCOUNT) == 0).then_some(());
        self.wazzup().until(SOON, quiet).await.expect("everything is pushed");
    }
}
