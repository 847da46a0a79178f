//! A double of YCLIENTS (abroad: Altegio): the REST API v1 with its two tokens, clients, records,
//! categories, custom fields and hooks, as `contracts/crm/yclients.md` describes them.
//!
//! One double is the platform: companies (branches), the users who work in them, and the partners
//! whose programs call. A call goes: faults that strike before → the `Accept` header → the limit →
//! the tokens → the user's access to the company and to the section → the company's licence →
//! route → the ledger of writes → faults that strike after → answer.
//!
//! A company is the faults' `bot`, the client or the record in the path is their `chat`, and a
//! method is named by its route: `PUT /client/{id}/{id}`. [`Yclients::writes`] is every write that
//! was accepted, also when its answer was lost; [`Yclients::ledger`] counts calls and refusals
//! alone.
//!
//! What the contract calls unconfirmed is a field of [`Settings`], or is said beside the rule. It
//! does not have: `/api/v2`, booking without a user, chains' clients, the search of visits (their
//! answers are in no contract), a second factor of `/auth`, goods, finances and loyalty cards.

mod access;
mod book;
mod card;
mod clients;
mod control;
mod error;
mod hooks;
mod journal;
mod meta;
mod people;
mod records;
mod search;
mod seed;
mod server;
mod settings;
mod show;
mod state;
#[cfg(test)]
mod tests;

use axum::Router;

pub use self::{
    access::Rights,
    seed::Seed,
    settings::{Brand, CommentsPath, NotFound, Settings},
    state::{Accepted, Category, Client, Comment, Company, CustomField, Record, Service, Staff, State},
};
use crate::{
    clock::Clock,
    double::{Configured, Double, Provider},
    fault::Faults,
};

/// The name of this double in the rules of faults.
pub const SERVICE: &str = "yclients";

/// Where the API is served in a sandbox.
pub(crate) const PATH: &str = "/yclients/api/v1";

/// The handle of the YCLIENTS double; cheap to clone, all clones are one platform.
///
/// ```no_run
/// use mms_sandbox::{Sandbox, yclients::{Client, Company}};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let yclients = sandbox.yclients();
/// yclients.add_partner("partner-token", 17);
/// yclients.add_company(Company::new(4564, "Салон на Лесной"));
/// let owner = yclients.add_user("79161234567", "secret", &[4564]);
/// let token = yclients.user_token(owner);
/// let anna = yclients.add_client(4564, Client::person("Анна", "Петрова", "79123456789"));
/// // Point the client under test at `yclients.url()` with the partner's token and the user's.
/// # let _ = (token, anna);
/// # Ok(())
/// # }
/// ```
pub type Yclients = Double<State>;

impl Provider for State {
    const SERVICE: &'static str = SERVICE;
    type Fixed = ();
    type Refusal = error::YcError;
}

impl Configured for State {
    type Settings = Settings;

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

impl Yclients {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, settings: Settings) -> Self {
        let state = State::new(faults.clone(), clock.clone(), settings);
        let yclients = Self::of(base, faults, clock, (), state);
        yclients.start_pushing();
        yclients
    }
}

/// The API under `/yclients/api/v1/…`, the control surface under `/sandbox/yclients/…`.
pub(crate) fn router(yclients: &Yclients) -> Router {
    Router::new().nest(PATH, server::router(yclients.clone())).nest("/sandbox/yclients", control::router(yclients.clone()))
}
