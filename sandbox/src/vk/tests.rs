//! The double as a client sees it: HTTP in, the ledger and the phones as witnesses.

mod events;
mod faults;
mod media;
mod messages;
mod people;
mod sending;

use std::time::Duration;

use serde_json::{Value, json};

use super::{Settings, Vk};
use crate::{Sandbox, User};

const TOKEN: &str = "vk1.a.test";
const GROUP: i64 = 777;
const ANNA: i64 = 123_456;
const BORIS: i64 = 123_457;
const SOON: Duration = Duration::from_secs(10);

struct World {
    sandbox: Sandbox,
    client: reqwest::Client,
}

impl World {
    /// A community, Anna who allowed messages and Boris who did not; no limits.
    async fn new() -> Self {
        Self::with(Settings::unlimited()).await
    }

    async fn with(settings: Settings) -> Self {
        let sandbox = Sandbox::builder().vk(settings).start().await.unwrap();
        sandbox.vk().add_community(GROUP, TOKEN, "shop").unwrap();
        sandbox.vk().add_user(User::new(ANNA, "Анна", "+79991234567"));
        sandbox.vk().add_user(User::new(BORIS, "Борис", "+79997654321"));
        sandbox.vk().open_chats(GROUP, [ANNA]).unwrap();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Self { sandbox, client }
    }

    fn vk(&self) -> &Vk {
        self.sandbox.vk()
    }

    fn form(&self, method: &str, params: &Value) -> reqwest::RequestBuilder {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let fields: Vec<(String, String)> = params.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.client.post(format!("{}/method/{method}", self.vk().url()));
        request.header("Content-Type", "application/x-www-form-urlencoded").body(body)
    }

    /// The whole answer, which comes with HTTP 200.
    async fn raw(&self, method: &str, mut params: Value) -> Value {
        params["access_token"] = json!(TOKEN);
        params["v"] = json!("5.199");
        let answer = self.form(method, &params).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    async fn ok(&self, method: &str, params: Value) -> Value {
        let answer = self.raw(method, params.clone()).await;
        assert!(answer.get("error").is_none(), "{method} {params}: {answer}");
        answer["response"].clone()
    }

    /// The code of a refusal.
    async fn refused(&self, method: &str, params: Value) -> i64 {
        let answer = self.raw(method, params.clone()).await;
        answer["error"]["error_code"].as_i64().unwrap_or_else(|| panic!("{method} {params} was accepted: {answer}"))
    }

    /// A message to Anna; gives its id.
    async fn say(&self, random_id: i32, text: &str) -> i64 {
        self.ok("messages.send", json!({ "peer_id": ANNA, "random_id": random_id, "message": text })).await.as_i64().unwrap()
    }

    fn kinds(&self) -> Vec<String> {
        self.vk().told(GROUP).into_iter().map(|told| told.kind).collect()
    }
}

fn inline(rows: Value) -> Value {
    json!({ "inline": true, "buttons": rows })
}
