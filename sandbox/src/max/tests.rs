//! The double as a client sees it: HTTP in, the ledger and the phones as witnesses.

mod control;
mod faults;
mod hooks;
mod media;
mod messages;
mod people;
mod updates;

use std::time::Duration;

use serde_json::{Value, json};

use super::{Max, Rates, Timing};
use crate::{Sandbox, User};

const TOKEN: &str = "f9LHodD0cOL-test";
const BOT: i64 = 90_007;
const ANNA: i64 = 51_001_002;
const BORIS: i64 = 51_001_003;
const SOON: Duration = Duration::from_secs(10);

struct World {
    sandbox: Sandbox,
    client: reqwest::Client,
}

impl World {
    /// A bot, Anna who started it and Boris who did not; no limits.
    async fn new() -> Self {
        Self::with(Rates::off(), Timing::default()).await
    }

    async fn with(rates: Rates, timing: Timing) -> Self {
        let sandbox = Sandbox::builder().max_rates(rates).max_timing(timing).start().await.unwrap();
        sandbox.max().add_bot(BOT, TOKEN, "shop_bot").unwrap();
        sandbox.max().add_user(User::new(ANNA, "Анна", "+79991234567"));
        sandbox.max().add_user(User::new(BORIS, "Борис", "+79997654321"));
        sandbox.max().open_chats(BOT, [ANNA]).unwrap();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Self { sandbox, client }
    }

    fn max(&self) -> &Max {
        self.sandbox.max()
    }

    fn chat(&self) -> i64 {
        self.max().chat_id(BOT, ANNA)
    }

    fn request(&self, verb: &str, path: &str) -> reqwest::RequestBuilder {
        let verb = reqwest::Method::from_bytes(verb.as_bytes()).unwrap();
        self.client.request(verb, format!("{}{path}", self.max().url())).header("Authorization", TOKEN)
    }

    /// HTTP status and answer.
    async fn raw(&self, verb: &str, path: &str, body: Value) -> (u16, Value) {
        let request = self.request(verb, path);
        let request = if body.is_null() { request } else { request.json(&body) };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    }

    async fn ok(&self, verb: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.raw(verb, path, body).await;
        assert_eq!(status, 200, "{verb} {path}: {answer}");
        answer
    }

    async fn get(&self, path: &str) -> Value {
        self.ok("GET", path, Value::Null).await
    }

    /// Status and code of a refusal, and its message.
    async fn refused(&self, verb: &str, path: &str, body: Value) -> (u16, String, String) {
        let (status, answer) = self.raw(verb, path, body).await;
        assert!(status >= 400, "{verb} {path} was accepted: {answer}");
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        (status, text("code"), text("message"))
    }

    /// A message to Anna; gives its id.
    async fn say(&self, text: &str) -> String {
        let sent = self.ok("POST", &format!("/messages?user_id={ANNA}"), json!({ "text": text })).await;
        sent["message"]["body"]["mid"].as_str().unwrap().to_owned()
    }

    /// A refusal of a message to Anna: status and message.
    async fn unsaid(&self, body: Value) -> (u16, String) {
        let (status, _, message) = self.refused("POST", &format!("/messages?user_id={ANNA}"), body).await;
        (status, message)
    }
}

fn keyboard(rows: Value) -> Value {
    json!({ "type": "inline_keyboard", "payload": { "buttons": rows } })
}
