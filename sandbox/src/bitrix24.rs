//! A double of Bitrix24: the REST API of portals by incoming webhooks and by OAuth applications, as
//! `contracts/crm/bitrix24.md` describes it, with the server that issues tokens.
//!
//! One double is the whole cloud: portals, each under a path of its own name
//! (`/bitrix24/<domain>/rest/…` stands for `https://<domain>/rest/…`), and the server of tokens
//! (`/bitrix24/oauth/token/`). A call goes: faults that strike before → the portal's address of
//! today (302) → the leaky bucket → who calls → the plan → the method and its scope → its operating
//! time → the method → the ledger of writes → faults that strike after → answer.
//!
//! A portal is the faults' `bot`, the element a call names is their `chat`, and a method is named
//! as it is called, in small letters; of REST 3.0 after `v3 `. Commands of a `batch` are counted
//! with it. [`Bitrix24::writes`] is every write that was accepted, also when its answer was lost;
//! [`Bitrix24::ledger`] counts calls and refusals alone.
//!
//! What the contract calls unconfirmed, or leaves open, is a field of [`Settings`], or is said
//! beside the rule. It does not have: smart processes and invoices, placements, open lines, online
//! booking and `crm.item.batchImport` (their answers are in no contract), bodies in multipart.

mod auth;
mod batch;
mod booking;
mod clauses;
mod control;
mod error;
mod events;
mod fields;
mod history;
mod items;
mod legacy;
mod meta;
mod notes;
mod offline;
mod params;
mod people;
mod portal;
mod seed;
mod sender;
mod server;
mod settings;
mod state;
mod tasks;
#[cfg(test)]
mod tests;

use axum::Router;

pub use self::{
    events::Handler,
    fields::UserField,
    portal::{Item, Kind, Multi},
    seed::Seed,
    sender::Message,
    settings::{Bucket, Settings},
    state::{Accepted, Moved, State},
};
use crate::{
    clock::Clock,
    double::{Configured, Double, Provider},
    fault::Faults,
};

/// The name of this double in the rules of faults.
pub const SERVICE: &str = "bitrix24";

/// Where the cloud is served in a sandbox.
pub(crate) const PATH: &str = "/bitrix24";

/// The handle of the Bitrix24 double; cheap to clone, all clones are one cloud.
///
/// ```no_run
/// use mms_sandbox::{Sandbox, bitrix24::Item};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let bitrix = sandbox.bitrix24();
/// let portal = bitrix.add_portal("romashka.bitrix24.ru");
/// let anna = bitrix.add(portal, Item::contact("Анна", "Петрова").phone("8 (912) 345-67-89"));
/// // Point the client under test at this address, as an administrator would copy it.
/// let webhook = bitrix.webhook(portal, 1, &["crm", "task"]);
/// # let _ = (anna, webhook);
/// # Ok(())
/// # }
/// ```
pub type Bitrix24 = Double<State>;

impl Provider for State {
    const SERVICE: &'static str = SERVICE;
    type Fixed = ();
    type Refusal = error::B24Error;
}

impl Configured for State {
    type Settings = Settings;

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

impl Bitrix24 {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, settings: Settings) -> Self {
        let state = State::new(base.clone(), faults.clone(), clock.clone(), settings);
        let bitrix = Self::of(base, faults, clock, (), state);
        bitrix.start_pushing();
        bitrix
    }
}

/// The cloud under `/bitrix24/…`, the control surface under `/sandbox/bitrix24/…`.
pub(crate) fn router(bitrix: &Bitrix24) -> Router {
    Router::new().nest(PATH, server::router(bitrix.clone())).nest("/sandbox/bitrix24", control::router(bitrix.clone()))
}
