//! A double of Odoo: its external API as `contracts/crm/odoo.md` describes it, JSON-2 (19 and
//! newer) and JSON-RPC (to 21), all in memory.
//!
//! It enforces what the server enforces: which protocols, fields and codes a version has, keys that
//! end and users that left, rights on models and rules that hide rows without a word, domains with
//! their fields and operators, values by the types of fields, commands of x2many, one transaction a
//! call, exceptions in the shape of each protocol. Archived rows are out of lists unless asked for;
//! deleted and merged ones are gone and nothing tells of it; rows written together share one
//! `write_date`.
//!
//! A call goes: faults that strike before → maintenance → limit → the version's protocol → key →
//! model and method → rights → handler → faults that strike after → answer. Faults are the
//! sandbox's own ([`crate::Faults`]) under the service `odoo`; the method is the model's
//! (`res.partner.write`, `common.authenticate`). A fault `error` whose description begins with a
//! class (`psycopg2.errors.SerializationFailure: …`) is that exception.
//!
//! What the contract calls unconfirmed is a field of [`Settings`], or is said beside the rule.
//! Decided here: an unknown model or method of JSON-RPC is code 404; a parameter that does not fit
//! is 422; `write_date` has whole seconds; `phone_sanitized` takes the mobile before the phone,
//! where there is one; nothing sorts after everything; fields are made by nobody but the company.
//! `/web/webclient/version_info` and `common.login` are secondary: clients made by others ask them.
//! Not there: XML-RPC, groups of rows, reports, mailing lists, tracking values, several companies.

mod control;
mod domain;
mod error;
mod hooks;
mod methods;
mod models;
mod people;
mod read;
mod seed;
mod server;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod write;

use axum::Router;

pub use self::{
    hooks::Push,
    seed::Seed,
    settings::Settings,
    state::{ADMIN, Accepted, State},
};
pub use crate::invented::phone;
use crate::{
    clock::Clock,
    double::{Configured, Double, Provider},
    fault::Faults,
};

/// The name of this double in the rules of faults.
pub const SERVICE: &str = "odoo";

/// Where the sandbox's own instance is served.
pub(crate) const PATH: &str = "/odoo";

/// A double of one instance with one database; cheap to clone, all clones are the same.
///
/// ```no_run
/// use mms_sandbox::odoo::Odoo;
///
/// # async fn example() -> std::io::Result<()> {
/// let odoo = Odoo::new(17);
/// let key = odoo.api_key();
/// let anna = odoo.add_partner("Анна Петрова", "8 912 345-67-89");
/// let base = odoo.clone().serve().await?;
/// // Point the client under test at `base`: database `example`, login `admin`, `key`; then:
/// assert!(odoo.messages_of("res.partner", anna).is_empty());
/// # let _ = (key, base);
/// # Ok(())
/// # }
/// ```
pub type Odoo = Double<State>;

impl Provider for State {
    const SERVICE: &'static str = SERVICE;
    type Fixed = ();
    type Refusal = error::OdooError;
}

impl Configured for State {
    type Settings = Settings;

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

/// How an instance is made with what a sandbox shares.
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

    /// Version, modules and ways.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The instance, whose database has this name.
    #[must_use]
    pub fn database(self, name: &str) -> Odoo {
        self.at(String::new(), name)
    }

    /// The instance, known to be served at an address.
    pub(crate) fn at(self, base: String, database: &str) -> Odoo {
        let state = State::new(database, self.clock.clone(), self.settings);
        Double::of(base, self.faults, self.clock, (), state)
    }
}

/// The sandbox's own instance under `/odoo/…`, its control surface under `/sandbox/odoo/…`.
pub(crate) fn router(odoo: &Odoo) -> Router {
    Router::new().nest(PATH, server::router(odoo.clone())).nest("/sandbox/odoo", control::router(odoo.clone()))
}

impl Odoo {
    /// An instance of this major version with the usual modules and the database `example`, faults
    /// and a clock of its own.
    #[must_use]
    pub fn new(version: u32) -> Self {
        Self::builder().settings(Settings { version, ..Settings::default() }).database("example")
    }

    /// How to make one that shares faults and clock, or with other settings.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The routes, relative to the instance's own base, to be nested in a sandbox.
    pub fn router(self) -> Router {
        server::router(self)
    }

    /// Serves the instance alone on a free port of the loopback, as long as the runtime lives: its
    /// base.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn serve(self) -> std::io::Result<String> {
        crate::server::alone(self.router()).await
    }
}
