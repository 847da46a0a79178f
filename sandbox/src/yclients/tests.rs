//! The double as a client sees it: HTTP in, its writes and its state as witnesses.

mod access;
mod clients;
mod hooks;
mod records;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};

use super::{Client, Company, Settings, Yclients};
use crate::Sandbox;

const PARTNER: &str = "partner-of-ours";
const OTHER: &str = "partner-of-theirs";
const SALON: i64 = 4_564;
const BRANCH: i64 = 4_565;
const SOON: Duration = Duration::from_secs(10);

/// A receiver of hooks.
#[derive(Clone)]
struct Hook {
    url: String,
    got: Arc<Mutex<Vec<Value>>>,
    says: Arc<Mutex<u16>>,
}

impl Hook {
    async fn serve() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/yc/7a", listener.local_addr().unwrap());
        let hook = Self { url, got: Arc::default(), says: Arc::new(Mutex::new(200)) };
        let app = Router::new().route("/yc/7a", post(receive)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        hook
    }

    fn bodies(&self) -> Vec<Value> {
        self.got.lock().unwrap().clone()
    }
}

async fn receive(State(hook): State<Hook>, body: Bytes) -> StatusCode {
    hook.got.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    StatusCode::from_u16(*hook.says.lock().unwrap()).unwrap()
}

struct World {
    sandbox: Sandbox,
    http: reqwest::Client,
    user: i64,
    token: String,
}

impl World {
    /// Two branches, an owner of both, and Anna in the first.
    async fn new() -> Self {
        Self::with(Settings::quick()).await
    }

    async fn with(settings: Settings) -> Self {
        let sandbox = Sandbox::builder().yclients(settings).start().await.unwrap();
        let yclients = sandbox.yclients();
        yclients.add_partner(PARTNER, 17);
        yclients.add_partner(OTHER, 18);
        let salon = Company::new(SALON, "Салон на Лесной").category(31, "VIP").category(32, "opt-out");
        yclients.add_company(salon.client_field(901, "msg_opt_out", "Не писать", "text"));
        yclients.add_company(Company::new(BRANCH, "Салон на Речной").zone(4, "Europe/Samara"));
        let user = yclients.add_user("79161234567", "secret", &[SALON, BRANCH]);
        let token = yclients.user_token(user);
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Self { sandbox, http, user, token }
    }

    fn yclients(&self) -> &Yclients {
        self.sandbox.yclients()
    }

    fn anna(&self) -> i64 {
        self.yclients().add_client(SALON, Client::person("Анна", "Петрова", "79123456789"))
    }

    fn request(&self, verb: &str, path: &str) -> reqwest::RequestBuilder {
        let verb = reqwest::Method::from_bytes(verb.as_bytes()).unwrap();
        self.http.request(verb, format!("{}{path}", self.yclients().url()))
    }

    /// As a partner, in the owner's name.
    async fn by(&self, partner: &str, verb: &str, path: &str, body: Value) -> (u16, Value) {
        let tokens = format!("Bearer {partner}, User {}", self.token);
        let request = self.request(verb, path).header("accept", "application/vnd.yclients.v2+json").header("authorization", tokens);
        answered(if body.is_null() { request } else { request.json(&body) }).await
    }

    async fn call(&self, verb: &str, path: &str, body: Value) -> (u16, Value) {
        self.by(PARTNER, verb, path, body).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, Value::Null).await
    }

    /// The data of an answer that must be good.
    async fn data(&self, verb: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(verb, path, body.clone()).await;
        assert!((200..300).contains(&status), "{verb} {path} {body}: {status} {answer}");
        answer["data"].clone()
    }

    async fn drained(&self) {
        let rests = |yclients: &Yclients| (yclients.pending(SALON) == 0).then_some(());
        self.yclients().until(SOON, rests).await.expect("every hook is sent");
    }
}

/// Status and answer; null where there is no body.
async fn answered(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn ids(value: &Value) -> Vec<i64> {
    list(value).iter().filter_map(|row| row["id"].as_i64()).collect()
}

fn client_put() -> Value {
    json!({ "name": "Анна", "surname": "Петрова", "phone": "+7 (912) 345-67-89", "sms_not": 1, "labels": [31, 32],
        "custom_fields": { "msg_opt_out": "1" } })
}
