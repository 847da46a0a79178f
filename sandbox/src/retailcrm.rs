//! A double of RetailCRM (Simla.com): API v5 as `contracts/crm/retailcrm.md` describes it, all in
//! memory.
//!
//! It enforces what the provider enforces: keys with their methods and sites, 10 requests a second
//! of a key (503), pages of 20, 50 or 100, `site` where an external id is not enough, forms with
//! JSON inside, custom fields by their types and dictionaries, one external id in a site, 50
//! customers an upload with HTTP 460 for those that fail. Customers, corporate customers and orders
//! have feeds of changes by `sinceId`; a merge tells its survivor, in the feed and in the loser's
//! 404.
//!
//! A call goes: faults that strike before → account → key → limit → route → the key's methods →
//! handler → faults that strike after → answer. Faults are the sandbox's own ([`crate::Faults`])
//! under the service `retailcrm`; the method is the verb and the path as the credentials write it
//! (`POST /customers/{externalId}/edit`), the chat the number in the path. A fault `error` of 200
//! is an answer with `"success":false`.
//!
//! What the contract calls unconfirmed is a field of [`Settings`], or is said beside the rule.
//! Decided here: an unknown route is 404; an answer to an edit has the state `updated`; a page
//! after the last is empty; changes of names stand in the feed as `firstName`, of tags as `tags`,
//! of subscriptions as `subscriptions`; corporate customers are what the vendor's client recorded
//! (secondary), and their custom fields are those of customers. Not there: loyalty, telephony,
//! files, deliveries, payments, integration modules.

mod ask;
mod check;
mod control;
mod customers;
mod error;
mod history;
mod keys;
mod notes;
mod orders;
mod people;
mod reference;
mod seed;
mod server;
mod settings;
mod shapes;
mod state;
#[cfg(test)]
mod tests;
mod triggers;
mod write;

use axum::{Router, response::Response};

pub use self::{
    keys::METHODS,
    seed::Seed,
    settings::{Nobody, Settings, StaleFeed},
    state::{ADMIN, Accepted, Corporate, Customer, Note, Order, State, Task},
};
pub use crate::invented::phone;
use crate::{
    clock::Clock,
    double::{Configured, Double, Provider, Refusal as _},
    fault::Faults,
};

/// The name of this double in the rules of faults.
pub const SERVICE: &str = "retailcrm";

/// Where the sandbox's own account is served.
pub(crate) const PATH: &str = "/retailcrm";

/// A double of one account; cheap to clone, all clones are the same account.
///
/// ```no_run
/// use mms_sandbox::retailcrm::{Customer, RetailCrm};
///
/// # async fn example() -> std::io::Result<()> {
/// let retail = RetailCrm::new("shop");
/// let key = retail.api_key();
/// let anna = retail.add(Customer::person("Анна", "Петрова", &["8 912 345-67-89"]));
/// let base = retail.clone().serve().await?;
/// // Point the client under test at `{base}/shop`, with `key`; then:
/// assert!(retail.notes_of(anna).is_empty());
/// # let _ = (key, base);
/// # Ok(())
/// # }
/// ```
pub type RetailCrm = Double<State>;

impl Provider for State {
    const SERVICE: &'static str = SERVICE;
    type Fixed = ();
    type Refusal = error::RetailError;
}

impl Configured for State {
    type Settings = Settings;

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

/// How an account is made with what a sandbox shares.
#[derive(Default)]
pub struct Builder {
    faults: Faults,
    clock: Clock,
    settings: Settings,
}

impl Builder {
    /// The faults to share with the other doubles.
    #[must_use]
    pub fn faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// The clock to share with the other doubles.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Limits and ways; the real ones by default.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The account of this name (`https://<account>.retailcrm.ru` in the world).
    #[must_use]
    pub fn account(self, account: &str) -> RetailCrm {
        self.at(format!("/{account}"), account)
    }

    /// The account of this name, known to be served at an address.
    pub(crate) fn at(self, base: String, account: &str) -> RetailCrm {
        let state = State::new(account, self.clock.clone(), self.settings);
        Double::of(base, self.faults, self.clock, (), state)
    }
}

/// The sandbox's own account under `/retailcrm/…`, its control surface under
/// `/sandbox/retailcrm/…`.
pub(crate) fn router(retail: &RetailCrm) -> Router {
    Router::new().nest(PATH, server::router(retail.clone())).nest("/sandbox/retailcrm", control::router(retail.clone()))
}

impl RetailCrm {
    /// An empty account with the real limits, one site (`shop-main`), usual statuses and fields,
    /// faults and a clock of its own.
    #[must_use]
    pub fn new(account: &str) -> Self {
        Self::builder().account(account)
    }

    /// How to make one that shares faults and clock, or with other settings.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The account's name.
    #[must_use]
    pub fn account(&self) -> String {
        self.quiet().account.clone()
    }

    /// The routes, relative to the account's own base, to be nested in a sandbox.
    pub fn router(self) -> Router {
        server::router(self)
    }

    /// Serves the account alone on a free port of the loopback under `/<account>`, as long as the
    /// runtime lives. The address without the account's name.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn serve(self) -> std::io::Result<String> {
        Self::serve_all(&[self]).await
    }

    /// Serves accounts, each under its name; under any other name there is no account.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn serve_all(accounts: &[Self]) -> std::io::Result<String> {
        let how = accounts.first().map(|first| first.settings().nobody).unwrap_or_default();
        let nobody = move || async move { Response::from(server::nobody(how).response()) };
        let app = accounts.iter().fold(Router::new(), |app, one| app.nest(&format!("/{}", one.account()), one.clone().router()));
        crate::server::alone(app.fallback(nobody)).await
    }
}
