//! Webhooks: subscriptions and delivery as form bodies with PHP's nested brackets.

use std::time::{Duration, Instant};

use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Amo,
    api::Ask,
    hal, problem,
    state::{ADMIN, Accepted, State as Data},
};

/// The codes a subscription may name for the entities of this double.
const CODES: &[&str] = &[
    "add_contact",
    "update_contact",
    "delete_contact",
    "restore_contact",
    "responsible_contact",
    "note_contact",
    "add_lead",
    "update_lead",
    "delete_lead",
    "restore_lead",
    "status_lead",
    "responsible_lead",
    "note_lead",
    "add_company",
    "update_company",
    "delete_company",
    "restore_company",
    "add_task",
    "update_task",
    "delete_task",
    "responsible_task",
    "add_talk",
    "update_talk",
    "add_message",
];

/// How deliveries behave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookBehaviour {
    /// Pauses before attempts 2, 3, 4 and 5.
    pub pauses: Vec<Duration>,
    /// Every delivery comes twice.
    pub doubled: bool,
    /// Deliveries are held and go out in reverse order on [`Amo::flush_hooks`].
    pub held: bool,
}

impl Default for HookBehaviour {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        Self { pauses: vec![minutes(5), minutes(15), minutes(15), minutes(60)], doubled: false, held: false }
    }
}

#[derive(Debug, Clone)]
struct Subscription {
    id: u64,
    destination: String,
    settings: Vec<String>,
    disabled: bool,
    created_at: i64,
}

/// Subscriptions, and what waits to be delivered to them.
#[derive(Debug, Default)]
pub struct Hooks {
    subscriptions: Vec<Subscription>,
    behaviour: HookBehaviour,
    held: Vec<(String, String)>,
    bad: Vec<Instant>,
}

impl Subscription {
    fn show(&self, account: u64) -> Value {
        json!({ "id": self.id, "destination": self.destination, "created_at": self.created_at, "updated_at": self.created_at,
            "account_id": account, "created_by": ADMIN, "sort": 10, "disabled": self.disabled, "settings": self.settings })
    }
}

/// What ends every body.
fn sign(form: &mut url::form_urlencoded::Serializer<'_, String>, state: &Data) {
    form.append_pair("account[id]", &state.account.to_string());
    form.append_pair("account[subdomain]", &state.subdomain);
    form.append_pair("account[_links][self]", &format!("https://{}.amocrm.ru", state.subdomain));
}

/// The body of a hook about one lead; of a move, with the pipeline and the stage it was in.
fn lead_body(action: &str, id: u64, old: Option<(u64, u64)>, at: i64, state: &Data) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let mut put = |path: &str, value: &str| {
        form.append_pair(&format!("leads[{action}][0][{path}]"), value);
    };
    put("id", &id.to_string());
    if let Some(lead) = state.leads.get(&id) {
        put("status_id", &lead.status.to_string());
        put("pipeline_id", &lead.pipeline.to_string());
        if action != "delete" {
            put("name", &lead.name);
            put("price", &lead.price.unwrap_or_default().to_string());
            put("responsible_user_id", &lead.responsible.to_string());
            put("last_modified", &at.to_string());
            put("modified_user_id", &ADMIN.to_string());
            put("created_at", &lead.created_at.to_string());
            put("updated_at", &lead.updated_at.to_string());
        }
    }
    if let Some((pipeline, status)) = old {
        put("old_status_id", &status.to_string());
        put("old_pipeline_id", &pipeline.to_string());
    }
    sign(&mut form, state);
    form.finish()
}

/// The body of a hook about one contact.
fn body(action: &str, id: u64, at: i64, state: &Data) -> String {
    let (contact, fields) = (state.contacts.get(&id), &state.fields);
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let mut put = |path: &str, value: &str| {
        form.append_pair(&format!("contacts[{action}][0]{path}"), value);
    };
    put("[id]", &id.to_string());
    put("[type]", "contact");
    if let (Some(contact), true) = (contact, action != "delete") {
        put("[name]", &contact.name);
        put("[responsible_user_id]", &ADMIN.to_string());
        put("[last_modified]", &at.to_string());
        put("[modified_user_id]", &contact.updated_by.to_string());
        for (n, (field, values)) in contact.values.iter().enumerate() {
            let meta = fields.iter().find(|meta| meta["id"] == *field);
            put(&format!("[custom_fields][{n}][id]"), &field.to_string());
            put(&format!("[custom_fields][{n}][name]"), meta.and_then(|meta| meta["name"].as_str()).unwrap_or_default());
            let date = meta.is_some_and(|meta| matches!(meta["type"].as_str(), Some("date" | "birthday" | "date_time")));
            for (m, value) in values.iter().enumerate() {
                let text = match &value["value"] {
                    Value::String(text) => text.clone(),
                    Value::Bool(true) => "1".to_owned(),
                    Value::Bool(false) => "0".to_owned(),
                    other => other.to_string(),
                };
                let tail = if date { String::new() } else { "[value]".to_owned() };
                put(&format!("[custom_fields][{n}][values][{m}]{tail}"), &text);
            }
        }
        for (n, tag) in contact.tags.iter().enumerate() {
            put(&format!("[tags][{n}][name]"), tag);
        }
    }
    sign(&mut form, state);
    form.finish()
}

impl Amo {
    /// Changes how deliveries behave.
    pub fn set_hooks(&self, behaviour: HookBehaviour) {
        self.state().hooks.behaviour = behaviour;
    }

    /// Sends what was held, the newest first.
    pub async fn flush_hooks(&self) {
        let held = std::mem::take(&mut self.state().hooks.held);
        for (destination, body) in held.into_iter().rev() {
            self.attempt(&destination, &body).await;
        }
    }

    /// What was held is lost.
    pub fn lose_hooks(&self) {
        self.state().hooks.held.clear();
    }

    /// Where subscriptions send.
    #[must_use]
    pub fn destinations(&self) -> Vec<String> {
        self.state().hooks.subscriptions.iter().map(|hook| hook.destination.clone()).collect()
    }

    /// What the subscription to this address is told of.
    #[must_use]
    pub fn subscribed(&self, destination: &str) -> Vec<String> {
        let state = self.state();
        state.hooks.subscriptions.iter().filter(|hook| hook.destination == destination).flat_map(|hook| hook.settings.clone()).collect()
    }

    /// The subscription to this address is one to something else from now on.
    pub fn resubscribe(&self, destination: &str, settings: &[&str]) {
        for hook in self.state().hooks.subscriptions.iter_mut().filter(|hook| hook.destination == destination) {
            hook.settings = settings.iter().map(|code| (*code).to_owned()).collect();
        }
    }

    /// A contact changed: tells every subscription that asked for it.
    pub(super) fn raise(&self, action: &str, id: u64, at: i64) {
        let form = body(action, id, at, &self.state());
        self.send(&format!("{action}_contact"), &form);
    }

    /// A lead changed.
    pub(super) fn raise_lead(&self, action: &str, id: u64, old: Option<(u64, u64)>, at: i64) {
        let form = lead_body(action, id, old, at, &self.state());
        self.send(&format!("{action}_lead"), &form);
    }

    fn send(&self, code: &str, form: &str) {
        let mut out = Vec::new();
        {
            let mut state = self.state();
            let copies = if state.hooks.behaviour.doubled { 2 } else { 1 };
            for hook in state.hooks.subscriptions.iter().filter(|hook| !hook.disabled && hook.settings.iter().any(|one| one == code)) {
                for _ in 0..copies {
                    out.push((hook.destination.clone(), form.to_owned()));
                }
            }
            if state.hooks.behaviour.held {
                state.hooks.held.append(&mut out);
            }
        }
        // Without a runtime (a plain test that seeds) nobody listens either.
        if let (false, Ok(runtime)) = (out.is_empty(), tokio::runtime::Handle::try_current()) {
            for (destination, form) in out {
                let amo = self.clone();
                runtime.spawn(async move { amo.deliver(&destination, &form).await });
            }
        }
    }

    async fn deliver(&self, destination: &str, form: &str) {
        if self.attempt(destination, form).await {
            return;
        }
        let pauses = self.state().hooks.behaviour.pauses.clone();
        for pause in pauses {
            tokio::time::sleep(pause).await;
            if self.attempt(destination, form).await {
                return;
            }
        }
    }

    /// One attempt: good is 100–299 within two seconds.
    async fn attempt(&self, destination: &str, form: &str) -> bool {
        let answer = self
            .inner
            .http
            .post(destination)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
            .timeout(Duration::from_secs(2))
            .send()
            .await;
        let good = answer.is_ok_and(|answer| answer.status().as_u16() < 300);
        if !good {
            let mut state = self.state();
            let now = Instant::now();
            state.hooks.bad.retain(|at| now.duration_since(*at) < Duration::from_secs(2 * 3600));
            state.hooks.bad.push(now);
            if state.hooks.bad.len() > 100 {
                for hook in state.hooks.subscriptions.iter_mut().filter(|hook| hook.destination == destination) {
                    hook.disabled = true;
                }
            }
        }
        good
    }
}

/// `GET /webhooks`.
pub async fn list(State(amo): State<Amo>, RawQuery(raw): RawQuery) -> Response {
    let ask = Ask::parse(raw.as_deref());
    let state = amo.state();
    let shown: Vec<Value> = state
        .hooks
        .subscriptions
        .iter()
        .filter(|hook| ask.get("filter[destination]").is_none_or(|wanted| hook.destination == wanted))
        .map(|hook| hook.show(state.account))
        .collect();
    if shown.is_empty() {
        return StatusCode::NO_CONTENT.into_response();
    }
    hal(&json!({ "_total_items": shown.len(), "_embedded": { "webhooks": shown } }))
}

/// `POST /webhooks`: a second one for the same destination replaces the first.
pub async fn subscribe(State(amo): State<Amo>, Json(ask): Json<Value>) -> Response {
    let destination = ask["destination"].as_str().unwrap_or_default().to_owned();
    let settings: Vec<String> =
        ask["settings"].as_array().into_iter().flatten().filter_map(|code| code.as_str().map(str::to_owned)).collect();
    if url::Url::parse(&destination).is_err() || settings.is_empty() || settings.iter().any(|code| !CODES.contains(&code.as_str())) {
        return problem(StatusCode::BAD_REQUEST, "Bad Request", "The destination or the settings are not valid");
    }
    let mut state = amo.state();
    if state.hooks.subscriptions.len() >= 100 {
        return problem(StatusCode::BAD_REQUEST, "Bad Request", "Webhooks limit reached");
    }
    state.hooks.subscriptions.retain(|hook| hook.destination != destination);
    let (id, created_at) = (state.next_id(), state.tick());
    let hook = Subscription { id, destination, settings, disabled: false, created_at };
    let shown = hook.show(state.account);
    state.hooks.subscriptions.push(hook);
    state.ledger.push(Accepted { what: "hook", id, body: ask });
    hal(&shown)
}

/// `DELETE /webhooks`.
pub async fn unsubscribe(State(amo): State<Amo>, Json(ask): Json<Value>) -> Response {
    let mut state = amo.state();
    let before = state.hooks.subscriptions.len();
    state.hooks.subscriptions.retain(|hook| ask["destination"] != hook.destination);
    if state.hooks.subscriptions.len() == before {
        return problem(StatusCode::NOT_FOUND, "Not Found", "Resource not found");
    }
    StatusCode::NO_CONTENT.into_response()
}
