//! The double as a client sees it: HTTP in, its writes and its state as witnesses.

mod access;
mod events;
mod limits;
mod lists;
mod senders;
mod tasks;
mod writes;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};

use super::{Bitrix24, Item, Kind, Settings, UserField};
use crate::Sandbox;

const DOMAIN: &str = "romashka.bitrix24.ru";
const CLIENT: &str = "app.573ad8a0346747.09223434";
const SOON: Duration = Duration::from_secs(10);

/// A receiver of events, messages and installations.
#[derive(Clone)]
struct Hook {
    url: String,
    got: Arc<Mutex<Vec<HashMap<String, String>>>>,
    says: Arc<Mutex<u16>>,
}

impl Hook {
    async fn serve() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/b24/7a", listener.local_addr().unwrap());
        let hook = Self { url, got: Arc::default(), says: Arc::new(Mutex::new(200)) };
        let app = Router::new().route("/b24/7a", post(receive)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        hook
    }

    fn forms(&self) -> Vec<HashMap<String, String>> {
        self.got.lock().unwrap().clone()
    }

    /// Names of events with what they are about.
    fn seen(&self) -> Vec<String> {
        let about = |form: &HashMap<String, String>| form.get("data[FIELDS][ID]").cloned().unwrap_or_default();
        self.forms().iter().map(|form| format!("{} {}", form["event"], about(form))).collect()
    }
}

async fn receive(State(hook): State<Hook>, body: String) -> StatusCode {
    hook.got.lock().unwrap().push(url::form_urlencoded::parse(body.as_bytes()).into_owned().collect());
    StatusCode::from_u16(*hook.says.lock().unwrap()).unwrap()
}

struct World {
    sandbox: Sandbox,
    http: reqwest::Client,
    portal: i64,
    webhook: String,
}

impl World {
    /// A portal with an administrator's webhook and an application that is registered.
    async fn new() -> Self {
        Self::with(Settings::quick()).await
    }

    async fn with(settings: Settings) -> Self {
        let sandbox = Sandbox::builder().bitrix24(settings).start().await.unwrap();
        let bitrix = sandbox.bitrix24();
        let portal = bitrix.add_portal(DOMAIN);
        let webhook = bitrix.webhook(portal, 1, &["crm", "task", "userconsent"]);
        bitrix.register(CLIENT, "secret", "https://app.example/cb", &["crm", "task", "messageservice"]);
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { http: http.timeout(Duration::from_secs(30)).build().unwrap(), portal, webhook, sandbox }
    }

    fn bitrix(&self) -> &Bitrix24 {
        self.sandbox.bitrix24()
    }

    fn anna(&self) -> i64 {
        self.bitrix().add(self.portal, Item::contact("Анна", "Петрова").phone("8 (912) 345-67-89"))
    }

    /// By the webhook.
    async fn call(&self, method: &str, params: Value) -> (u16, Value) {
        self.at(&format!("{}{method}", self.webhook), params).await
    }

    /// By an application.
    async fn by_app(&self, token: &str, method: &str, mut params: Value) -> (u16, Value) {
        params["auth"] = json!(token);
        self.at(&format!("{}{method}", self.bitrix().endpoint(self.portal)), params).await
    }

    async fn at(&self, address: &str, params: Value) -> (u16, Value) {
        answered(self.http.post(address).json(&params)).await
    }

    async fn ok(&self, method: &str, params: Value) -> Value {
        let (status, answer) = self.call(method, params.clone()).await;
        assert_eq!(status, 200, "{method} {params}: {answer}");
        answer["result"].clone()
    }

    /// The status and the code of a refusal.
    async fn refused(&self, method: &str, params: Value) -> (u16, String) {
        let (status, answer) = self.call(method, params).await;
        (status, answer["error"].as_str().unwrap_or("no refusal").to_owned())
    }

    async fn drained(&self) {
        let rests = |bitrix: &Bitrix24| (bitrix.pending(self.portal) == 0).then_some(());
        self.bitrix().until(SOON, rests).await.expect("every event is sent");
    }
}

async fn answered(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

fn ids(value: &Value) -> Vec<i64> {
    value.as_array().into_iter().flatten().filter_map(|row| row["id"].as_i64()).collect()
}

fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
