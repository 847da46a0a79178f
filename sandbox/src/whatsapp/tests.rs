//! The double as a client and a webhook's receiver see it: HTTP in, HTTP out, the ledger and the
//! phones as witnesses.

mod faults;
mod hooks;
mod limits;
mod media;
mod people;
mod sending;
mod templates;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::Query, extract::State, http::HeaderMap, http::StatusCode, routing::get};
use serde_json::{Value, json};

use super::{Person, Rates, Settings, WhatsApp, push};
use crate::Sandbox;

const APP: &str = "1001";
const SECRET: &str = "app-secret";
const WABA: &str = "305500667788990";
const PORTFOLIO: &str = "900100";
const NUMBER: i64 = 204_400_112_233_445;
const OTHER: i64 = 204_400_112_233_446;
const TOKEN: &str = "EAAG-test";
const ANNA: i64 = 1;
const BORIS: i64 = 2;
const SOON: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Whoever gets the webhooks: checks each signature, answers as told.
#[derive(Clone, Default)]
struct Hook {
    bodies: Arc<Mutex<Vec<Value>>>,
    /// Answers to come, oldest first; 200 when there are none.
    answers: Arc<Mutex<Vec<u16>>>,
}

async fn prove(Query(asked): Query<HashMap<String, String>>) -> (StatusCode, String) {
    match asked["hub.mode"] == "subscribe" && asked["hub.verify_token"] == "verify" {
        true => (StatusCode::OK, asked["hub.challenge"].clone()),
        false => (StatusCode::FORBIDDEN, String::new()),
    }
}

async fn receive(State(hook): State<Hook>, headers: HeaderMap, body: Bytes) -> StatusCode {
    assert_eq!(headers["x-hub-signature-256"], push::signature(SECRET, &body));
    assert!(body.is_ascii());
    let answer = {
        let mut answers = hook.answers.lock().unwrap();
        if answers.is_empty() { 200 } else { answers.remove(0) }
    };
    if answer == 200 {
        hook.bodies.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    }
    StatusCode::from_u16(answer).unwrap()
}

impl Hook {
    /// Every change that came, as `(account, field, value)`.
    fn changes(&self) -> Vec<(String, String, Value)> {
        let mut all = Vec::new();
        for body in self.bodies.lock().unwrap().iter() {
            assert_eq!(body["object"], "whatsapp_business_account");
            for entry in body["entry"].as_array().unwrap() {
                for change in entry["changes"].as_array().unwrap() {
                    let (id, field) = (entry["id"].as_str().unwrap(), change["field"].as_str().unwrap());
                    assert_eq!(entry["time"].is_null(), field == "messages", "{entry}");
                    all.push((id.to_owned(), field.to_owned(), change["value"].clone()));
                }
            }
        }
        all
    }

    fn of(&self, field: &str) -> Vec<Value> {
        self.changes().into_iter().filter(|(_, of, _)| of == field).map(|(.., value)| value).collect()
    }

    fn statuses(&self) -> Vec<Value> {
        self.of("messages").iter().flat_map(|value| value["statuses"].as_array().cloned().unwrap_or_default()).collect()
    }

    /// The statuses of one message, in the order they came.
    fn told(&self, wamid: &str) -> Vec<String> {
        let of = self.statuses().into_iter().filter(|status| status["id"] == wamid);
        of.map(|status| status["status"].as_str().unwrap().to_owned()).collect()
    }

    fn messages(&self) -> Vec<Value> {
        self.of("messages").iter().flat_map(|value| value["messages"].as_array().cloned().unwrap_or_default()).collect()
    }
}

struct World {
    sandbox: Sandbox,
    client: reqwest::Client,
    hook: Hook,
    /// Where the hook is.
    address: String,
}

impl std::ops::Deref for World {
    type Target = WhatsApp;

    fn deref(&self) -> &WhatsApp {
        self.sandbox.whatsapp()
    }
}

fn free() -> Settings {
    Settings { rates: Rates::off(), gather_ms: 0, retry_ms: 20, pushes: 1, ..Settings::default() }
}

impl World {
    /// An app with a webhook, two numbers of one account, Anna and Boris; no limits.
    async fn new() -> Self {
        Self::with(free()).await
    }

    async fn with(settings: Settings) -> Self {
        let sandbox = Sandbox::builder().whatsapp(settings).start().await.unwrap();
        let whatsapp = sandbox.whatsapp();
        whatsapp.add_app(APP, SECRET).unwrap();
        whatsapp.add_waba(WABA, PORTFOLIO).unwrap();
        whatsapp.add_number(NUMBER, WABA, "+7 495 000-11-22", "Магазин").unwrap();
        whatsapp.add_number(OTHER, WABA, "+7 495 000-11-33", "Салон").unwrap();
        whatsapp.add_token(TOKEN, APP).unwrap();
        whatsapp.add_people([Person::new(ANNA, "Анна", "+79991234567"), Person::new(BORIS, "Борис", "+79997654321")]);
        let hook = Hook::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new().route("/hook", get(prove).post(receive)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        whatsapp.set_callback(APP, &address, "verify", &[]).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Self { sandbox, client, hook, address }
    }

    fn at(&self, path: &str) -> String {
        format!("{}/v26.0/{path}", self.url())
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.client.request(method, self.at(path)).bearer_auth(TOKEN);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(reqwest::Method::POST, path, Some(&body)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(reqwest::Method::GET, path, None).await
    }

    fn envelope(to: &str, mut body: Value) -> Value {
        body["messaging_product"] = json!("whatsapp");
        if to.contains('.') {
            body["recipient"] = json!(to);
        } else {
            body["to"] = json!(to);
        }
        body
    }

    async fn send_raw(&self, to: &str, body: Value) -> (u16, Value) {
        self.post(&format!("{NUMBER}/messages"), Self::envelope(to, body)).await
    }

    /// Sends what must be taken; its wamid.
    async fn send(&self, to: &str, body: Value) -> String {
        let (status, answer) = self.send_raw(to, body).await;
        assert_eq!(status, 200, "{answer}");
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Sends what must be refused: HTTP status and code.
    async fn refused(&self, to: &str, body: Value) -> (u16, u64) {
        let (status, answer) = self.send_raw(to, body).await;
        assert_ne!(status, 200, "{answer}");
        assert!(answer["error"]["fbtrace_id"].is_string() && answer["error"]["type"] == "OAuthException", "{answer}");
        (status, answer["error"]["code"].as_u64().unwrap())
    }

    async fn text(&self, to: &str, text: &str) -> String {
        self.send(to, say(text)).await
    }

    /// A template with one named variable, a quick reply and a link, approved.
    async fn approved(&self, name: &str, category: &str) -> u64 {
        let (status, answer) = self.post(&format!("{WABA}/message_templates"), promo(name, category)).await;
        assert_eq!((status, &answer["status"]), (200, &json!("PENDING")), "{answer}");
        let id = answer["id"].as_str().unwrap().parse().unwrap();
        self.approve(id).unwrap();
        id
    }

    /// Waits until nothing is due and every webhook was taken.
    async fn rest(&self) {
        self.until(SOON, |whatsapp| whatsapp.is_quiet().then_some(())).await.expect("the webhooks come to rest");
    }
}

const ANNAS: &str = "+79991234567";
const BORISES: &str = "+79997654321";

fn say(text: &str) -> Value {
    json!({ "type": "text", "text": { "body": text } })
}

fn promo(name: &str, category: &str) -> Value {
    json!({
        "name": name, "language": "ru", "category": category, "parameter_format": "named",
        "components": [
            { "type": "BODY", "text": "Здравствуйте, {{first_name}}! Скидка до конца недели.",
              "example": { "body_text_named_params": [{ "param_name": "first_name", "example": "Анна" }] } },
            { "type": "FOOTER", "text": "Ответьте СТОП, чтобы отписаться" },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Отписаться" },
                { "type": "URL", "text": "Записаться", "url": "https://ex.ru/b/{{1}}", "example": ["https://ex.ru/b/abc"] },
            ] },
        ],
    })
}

/// A send of [`promo`] to Anna.
fn template(name: &str) -> Value {
    json!({ "type": "template", "template": { "name": name, "language": { "code": "ru" }, "components": [
        { "type": "body", "parameters": [{ "type": "text", "parameter_name": "first_name", "text": "Анна" }] },
        { "type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{ "type": "payload", "payload": "optout:42" }] },
        { "type": "button", "sub_type": "url", "index": "1", "parameters": [{ "type": "text", "text": "abc" }] },
    ] } })
}
