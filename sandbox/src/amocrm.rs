//! A double of amoCRM: REST v4, OAuth with rotation, webhooks, limits and faults, all in memory.
//!
//! It enforces what the provider enforces (7 requests a second, pages of 250, single-use refresh
//! tokens, validation) and keeps a ledger of every write it accepted, so that a test can count who
//! was told what and how often.

mod api;
mod auth;
mod card;
mod crowd;
mod faults;
mod hooks;
mod leads;
mod notes;
mod seed;
mod state;
mod tasks;
mod write;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use serde_json::{Value, json};

pub use auth::LostAnswer;
pub use axum::http::Method;
use faults::Gate;
pub use faults::{Fault, Rule};
pub use hooks::HookBehaviour;
pub use leads::{Lead, pipelines};
pub use seed::{Seed, fields, phone};
use state::State;
pub use state::{Accepted, Contact, Event, Note, Owner};
pub use tasks::Task;

/// A double of one amoCRM account. Cheap to clone: every clone is the same account.
#[derive(Debug, Clone)]
pub struct Amo {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    state: Mutex<State>,
    /// Counts what comes from one address: neighbours share it.
    gate: Arc<Mutex<Gate>>,
}

impl Amo {
    /// An empty account with this subdomain and the usual contact fields (see [`fields`]).
    #[must_use]
    pub fn new(subdomain: &str) -> Self {
        Self { inner: Arc::new(Inner { http: reqwest::Client::new(), state: Mutex::new(State::new(subdomain)), gate: Arc::default() }) }
    }

    /// Another account at the same provider: the limit by the caller's address is one for both.
    #[must_use]
    pub fn neighbour(&self, subdomain: &str) -> Self {
        let mut state = State::new(subdomain);
        state.account = self.state().account + 1;
        Self { inner: Arc::new(Inner { http: reqwest::Client::new(), state: Mutex::new(state), gate: self.inner.gate.clone() }) }
    }

    /// The account's subdomain, as it is today.
    #[must_use]
    pub fn subdomain(&self) -> String {
        self.state().subdomain.clone()
    }

    /// An administrator renames the account: nothing answers under the old name any more.
    pub fn rename(&self, subdomain: &str) {
        subdomain.clone_into(&mut self.state().subdomain);
    }

    /// The routes, relative to the account's own base (`https://<subdomain>.amocrm.ru` in the
    /// world, a prefix here).
    pub fn router(self) -> Router {
        let api = Router::new()
            .route("/api/v4/account", get(api::account))
            .route("/api/v4/contacts", get(api::contacts).post(write::create).patch(write::update))
            .route("/api/v4/contacts/{id}", get(api::contact).patch(write::update_one))
            .route("/api/v4/contacts/custom_fields", get(api::custom_fields).post(write::create_fields))
            .route("/api/v4/contacts/tags", get(api::tags).post(write::create_tags))
            .route("/api/v4/contacts/notes", get(notes::list).post(notes::create))
            .route("/api/v4/contacts/{id}/notes", get(notes::of_contact))
            .route("/api/v4/leads", get(leads::list))
            .route("/api/v4/leads/{id}", get(leads::one).patch(leads::update))
            .route("/api/v4/leads/pipelines", get(leads::pipelines_list))
            .route("/api/v4/leads/notes", get(notes::list_of_leads).post(notes::create_of_leads))
            .route("/api/v4/leads/{id}/notes", get(notes::of_lead))
            .route("/api/v4/tasks", get(tasks::list).post(tasks::create))
            .route("/api/v4/tasks/{id}", patch(tasks::update))
            .route("/api/v4/users", get(leads::users_list))
            .route("/api/v4/events", get(api::events))
            .route("/api/v4/webhooks", get(hooks::list).post(hooks::subscribe).delete(hooks::unsubscribe))
            .layer(middleware::from_fn_with_state(self.clone(), faults::gate));
        let oauth = Router::new()
            .route("/oauth", get(auth::authorise))
            .route("/oauth2/access_token", post(auth::access_token))
            .layer(middleware::from_fn_with_state(self.clone(), faults::disturb));
        api.merge(oauth).fallback(|| async { problem(StatusCode::NOT_FOUND, "Not Found", "Resource not found") }).with_state(self)
    }

    /// Serves the account alone on a free port of the loopback under `/<subdomain>`, as long as the
    /// runtime lives.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn serve(self) -> std::io::Result<String> {
        let name = self.subdomain();
        Self::serve_all(&[(&self, &[name.as_str()])]).await
    }

    /// Serves accounts, each under every name it will ever have (only today's answers), with the
    /// provider's own address that tells where an account lives.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn serve_all(accounts: &[(&Self, &[&str])]) -> std::io::Result<String> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let all: Vec<Self> = accounts.iter().map(|(amo, _)| (*amo).clone()).collect();
        let label = auth::API_DOMAIN.split('.').next().unwrap_or_default();
        let mut app = Router::new().route(&format!("/{label}/oauth2/account/current/subdomain"), get(auth::whereabouts)).with_state(all);
        for (amo, names) in accounts {
            for name in *names {
                let home = middleware::from_fn_with_state(((*amo).clone(), (*name).to_owned()), auth::at_home);
                app = app.nest(&format!("/{name}"), (*amo).clone().router().layer(home));
            }
        }
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(base)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere while the lock was held spoils one answer, not the double.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.inner.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A contact as the API would show it, if it is there.
    #[must_use]
    pub fn contact(&self, id: u64) -> Option<Contact> {
        self.state().contacts.get(&id).filter(|contact| !contact.deleted).cloned()
    }

    /// Ids of all contacts that are not deleted.
    #[must_use]
    pub fn contact_ids(&self) -> Vec<u64> {
        self.state().contacts.values().filter(|contact| !contact.deleted).map(|contact| contact.id).collect()
    }

    /// The notes of a contact, oldest first.
    #[must_use]
    pub fn notes_of(&self, id: u64) -> Vec<Note> {
        self.notes(Owner::Contact, id)
    }

    /// The notes of a lead, oldest first.
    #[must_use]
    pub fn lead_notes(&self, id: u64) -> Vec<Note> {
        self.notes(Owner::Lead, id)
    }

    fn notes(&self, owner: Owner, id: u64) -> Vec<Note> {
        self.state().notes.iter().filter(|note| note.owner == owner && note.entity_id == id).cloned().collect()
    }

    /// Every write accepted, oldest first.
    #[must_use]
    pub fn ledger(&self) -> Vec<Accepted> {
        self.state().ledger.clone()
    }

    /// How many API requests came (OAuth aside), the refused ones too.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// How many admitted requests there were of this method and path (relative to the account's
    /// base).
    #[must_use]
    pub fn requests_of(&self, method: &str, path: &str) -> u64 {
        self.state().paths.get(&format!("{method} {path}")).copied().unwrap_or_default()
    }

    /// How many requests were answered 429 for coming too fast.
    #[must_use]
    pub fn limited(&self) -> u64 {
        self.state().limited
    }

    /// Changes the limit of requests per second (7 in the world) and the excess after which the ban
    /// falls.
    pub fn set_limits(&self, per_second: usize, ban_after: u32, ban_for: Duration) {
        let mut gate = self.gate();
        gate.per_second = per_second;
        gate.ban_after = ban_after;
        gate.ban_for = ban_for;
    }

    /// The account stops (true) or begins to be paid for: 402 everywhere.
    pub fn set_unpaid(&self, unpaid: bool) {
        self.state().unpaid = unpaid;
    }

    /// A person of the company changes a contact: its time moves, hooks go out.
    pub fn edit(&self, id: u64, change: impl FnOnce(&mut Contact)) {
        let at = {
            let mut state = self.state();
            let at = state.tick();
            let Some(contact) = state.contacts.get_mut(&id) else { return };
            change(contact);
            contact.updated_at = at;
            contact.updated_by = state::ADMIN;
            at
        };
        self.raise("update", id, at);
    }

    /// A person of the company adds a contact.
    pub fn add(&self, contact: Contact) -> u64 {
        let (id, at) = {
            let mut state = self.state();
            let at = state.tick();
            let id = state.next_id();
            state.contacts.insert(id, Contact { id, created_at: at, updated_at: at, ..contact });
            state.event("contact_added", id, at);
            (id, at)
        };
        self.raise("add", id, at);
        id
    }

    /// A person puts a contact into the bin.
    pub fn delete(&self, id: u64) {
        let at = {
            let mut state = self.state();
            let at = state.tick();
            if let Some(contact) = state.contacts.get_mut(&id) {
                contact.deleted = true;
            }
            state.event("contact_deleted", id, at);
            at
        };
        self.raise("delete", id, at);
    }

    /// A person takes a contact out of the bin.
    pub fn restore(&self, id: u64) {
        let at = {
            let mut state = self.state();
            let at = state.tick();
            if let Some(contact) = state.contacts.get_mut(&id) {
                contact.deleted = false;
                contact.updated_at = at;
            }
            state.event("contact_restored", id, at);
            at
        };
        self.raise("restore", id, at);
    }

    /// A person merges two contacts: the loser vanishes, the winner has its phones besides.
    pub fn merge(&self, loser: u64, winner: u64) {
        let mut state = self.state();
        let at = state.tick();
        let gone = state.contacts.remove(&loser);
        if let Some(contact) = state.contacts.get_mut(&winner) {
            contact.updated_at = at;
            let phones = contact.values.entry(fields::PHONE).or_default();
            for phone in gone.iter().flat_map(|gone| gone.values.get(&fields::PHONE)).flatten() {
                if phones.iter().all(|known| known["value"] != phone["value"]) {
                    phones.push(phone.clone());
                }
            }
        }
        state.event("entity_merged", loser, at);
    }
}

fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let body = json!({ "title": title, "type": format!("https://httpstatus.es/{}", status.as_u16()), "status": status.as_u16(), "detail": detail });
    answer(status, "application/problem+json", &body)
}

fn hal(body: &Value) -> Response {
    answer(StatusCode::OK, "application/hal+json", body)
}

fn answer(status: StatusCode, kind: &'static str, body: &Value) -> Response {
    (status, [(axum::http::header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}

#[cfg(test)]
mod tests;
