//! A real Tryton server, which nobody here wrote, is started by `scripts/tryton` and read as the
//! contract (`contracts/crm/tryton.md`, 1 to 4) says.

#![allow(clippy::disallowed_methods, reason = "a test of a server outside")]

use std::process::Stdio;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

struct Tryton {
    process: Child,
    http: reqwest::Client,
    url: String,
    session: String,
}

impl Tryton {
    async fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/tryton");
        let mut process = Command::new(script).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("the script runs");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let url = lines.next_line().await.expect("a line").expect("the server's address");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let mut tryton = Self { process, http, url, session: String::new() };
        let login = tryton.call("common.db.login", json!(["admin", { "password": "admin-secret-1" }, "en"])).await;
        let (user, key) = (login[0].as_i64().expect("the user"), login[1].as_str().expect("the session"));
        tryton.session = format!("Session {}", STANDARD.encode(format!("admin:{user}:{key}")));
        tryton
    }

    async fn answer(&self, method: &str, params: Value) -> (u16, Value) {
        let request = self.http.post(format!("{}/rpc/", self.url)).header("Authorization", &self.session);
        let answer = request.json(&json!({ "id": 1, "method": method, "params": params })).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        let (status, body) = self.answer(method, params).await;
        assert!(status == 200 && body.get("error").is_none(), "{method}: {status} {body}");
        body["result"].clone()
    }

    /// Told to stop, as systemd would.
    async fn stop(mut self) {
        let pid = self.process.id().expect("it runs").to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs");
        assert!(told.success());
        assert!(self.process.wait().await.expect("its end").success(), "it ends cleanly");
        assert!(self.http.post(format!("{}/rpc/", self.url)).send().await.is_err(), "nothing listens any more");
    }
}

#[tokio::test]
async fn a_real_server_gives_the_parties_it_was_given() {
    let tryton = Tryton::start().await;
    let tag = tryton.call("model.party.category.create", json!([[{ "name": "opt-out" }], {}])).await;
    let anna = json!({ "name": "Анна Петрова", "contact_mechanisms": [["create", [{ "type": "mobile", "value": "+79123456789" }]]],
        "categories": [["add", tag]] });
    let ids = tryton.call("model.party.party.create", json!([[anna], {}])).await;
    let fields = json!(["id", "name", "active", "mobile", "categories", "contact_mechanisms", "create_date", "write_date", "replaced_by"]);
    let read = json!([[["id", "in", ids]], 0, 1000, [["id", "ASC"]], fields, {}]);
    let rows = tryton.call("model.party.party.search_read", read).await;
    assert_eq!((rows[0]["name"].as_str(), rows[0]["mobile"].as_str()), (Some("Анна Петрова"), Some("+79123456789")));
    assert_eq!((&rows[0]["categories"], &rows[0]["create_date"]["__class__"]), (&tag, &json!("datetime")));
    let note = json!([[{ "resource": format!("party.party,{}", ids[0]), "message": "Рассылка: доставлено" }], {}]);
    assert!(tryton.call("model.ir.note.create", note).await[0].is_i64());
    let (status, refusal) = tryton.answer("model.party.party.read", json!([[999_999], ["name"], {}])).await;
    assert!(status == 200 && refusal["error"].is_array(), "an error stands in 200: {refusal}");
    assert_eq!(tryton.answer("common.db.login", json!(["admin", { "password": "no" }, "en"])).await.0, 401);
    tryton.stop().await;
}
