//! A real Tryton server, which nobody here wrote: no double stands for it. `scripts/tryton`
//! installs it from PyPI and starts it with a fresh database on SQLite.

use std::process::Stdio;

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// Its database.
pub const DATABASE: &str = "crm";
/// Its administrator, who may do everything.
pub const LOGIN: &str = "admin";
/// The administrator's password at first.
pub const PASSWORD: &str = "admin-secret-1";

/// A server with a session of the administrator; it ends when this is dropped, and its database
/// with it.
#[derive(Debug)]
pub struct Tryton {
    process: Child,
    http: reqwest::Client,
    /// With the database at its end.
    url: String,
    session: String,
}

impl Tryton {
    /// Starts a server of one's own.
    ///
    /// # Errors
    /// When the script does not run, or the server does not answer.
    pub async fn start() -> anyhow::Result<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/tryton");
        let mut process = Command::new(script).stdout(Stdio::piped()).kill_on_drop(true).spawn().context("scripts/tryton")?;
        let mut lines = BufReader::new(process.stdout.take().context("its output")?).lines();
        let url = lines.next_line().await?.context("the server's address")?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut tryton = Self { process, http, url, session: String::new() };
        let login = tryton.call("common.db.login", json!([LOGIN, { "password": PASSWORD }, "en"])).await?;
        let (user, key) = (login[0].as_i64().context("the user")?, login[1].as_str().context("the session")?);
        tryton.session = format!("Session {}", STANDARD.encode(format!("{LOGIN}:{user}:{key}")));
        Ok(tryton)
    }

    /// Where it is, without the database.
    #[must_use]
    pub fn base(&self) -> &str {
        self.url.trim_end_matches(DATABASE).trim_end_matches('/')
    }

    /// A call, and its answer whatever it is: the status, and the body or its text.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn answer(&self, method: &str, params: Value) -> anyhow::Result<(u16, Value)> {
        let request = self.http.post(format!("{}/rpc/", self.url)).header("Authorization", &self.session);
        let answer = request.json(&json!({ "id": 1, "method": method, "params": params })).send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// A call that is taken; its result.
    ///
    /// # Errors
    /// What the server says against it.
    pub async fn call(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        let (status, mut body) = self.answer(method, params).await?;
        if status != 200 || body.get("error").is_some() {
            bail!("{method}: {status} {body}");
        }
        Ok(body["result"].take())
    }

    /// The wizard "Replace": the loser is switched off and says who replaced it.
    ///
    /// # Errors
    /// What the server says against it.
    pub async fn merge(&self, loser: u64, winner: u64) -> anyhow::Result<()> {
        // Of two names it would ask whether that is meant.
        let named = self.call("model.party.party.read", json!([[winner], ["name"], {}])).await?[0]["name"].take();
        self.call("model.party.party.write", json!([[loser], { "name": named }, {}])).await?;
        let wizard = self.call("wizard.party.replace.create", json!([{}])).await?[0].take();
        let context = json!({ "active_model": "party.party", "active_id": loser, "active_ids": [loser] });
        self.call("wizard.party.replace.execute", json!([wizard, {}, "ask", context])).await?;
        let chosen = json!({ "ask": { "id": -1, "source": loser, "destination": winner } });
        self.call("wizard.party.replace.execute", json!([wizard, chosen, "replace", context])).await?;
        self.call("wizard.party.replace.delete", json!([wizard, {}])).await?;
        Ok(())
    }

    /// Tells it to stop, as systemd would, and waits for its end: whether it was a clean one.
    ///
    /// # Errors
    /// When it cannot be told.
    pub async fn stop(&mut self) -> anyhow::Result<bool> {
        let pid = self.process.id().context("it runs")?.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        Ok(self.process.wait().await?.success())
    }
}
