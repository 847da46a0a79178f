//! The double as a client sees it: HTTP in, the ledger and the phones as witnesses.

mod faults;
mod methods;
mod payments;
mod updates;

use std::time::Duration;

use serde_json::{Value, json};

use crate::{Rates, Sandbox, Timing, User};

const TOKEN: &str = "7000000001:AAE-test";
const BOT: i64 = 7_000_000_001;
const ANNA: i64 = 77_001_122;
const BORIS: i64 = 77_001_133;
const SOON: Duration = Duration::from_secs(10);

/// A red PNG of the given size: a real header is all the double looks at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

struct World {
    sandbox: Sandbox,
    client: reqwest::Client,
}

impl World {
    /// A bot, Anna who started it and Boris who did not; no limits.
    async fn new() -> Self {
        Self::with(Rates::off()).await
    }

    async fn with(rates: Rates) -> Self {
        Self::timed(rates, Timing { webhook_retry: Duration::from_millis(20), poll_again: Duration::ZERO, webhook_again: Duration::ZERO })
            .await
    }

    async fn timed(rates: Rates, timing: Timing) -> Self {
        let sandbox = Sandbox::builder().rates(rates).timing(timing).start().await.unwrap();
        sandbox.add_bot(TOKEN, "shop_bot").unwrap();
        sandbox.add_user(User::new(ANNA, "Анна", "+79991234567"));
        sandbox.add_user(User::new(BORIS, "Борис", "+79997654321"));
        sandbox.open_chats(BOT, [ANNA]).unwrap();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Self { sandbox, client }
    }

    fn url(&self, method: &str) -> String {
        format!("{}/bot{TOKEN}/{method}", self.sandbox.url())
    }

    /// HTTP status and envelope.
    async fn raw(&self, method: &str, body: Value) -> (u16, Value) {
        let response = self.client.post(self.url(method)).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn ok(&self, method: &str, body: Value) -> Value {
        let (status, answer) = self.raw(method, body).await;
        assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The description of a refusal; the status must be the error code.
    async fn refused(&self, method: &str, body: Value) -> String {
        let (status, answer) = self.raw(method, body).await;
        assert_eq!(answer["ok"], false, "{method} was accepted: {answer}");
        assert_eq!(answer["error_code"], status);
        answer["description"].as_str().unwrap().to_owned()
    }

    async fn say(&self, chat: i64, text: &str) -> Value {
        self.ok("sendMessage", json!({ "chat_id": chat, "text": text })).await
    }

    async fn upload(&self, method: &str, field: &str, name: &str, data: Vec<u8>, extra: &[(&str, &str)]) -> (u16, Value) {
        let part = reqwest::multipart::Part::bytes(data).file_name(name.to_owned());
        let mut form = reqwest::multipart::Form::new().text("chat_id", ANNA.to_string()).part(field.to_owned(), part);
        for (name, value) in extra {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        let response = self.client.post(self.url(method)).multipart(form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}
