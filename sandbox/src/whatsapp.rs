//! The WhatsApp double: Meta's Cloud API as `contracts/messengers/whatsapp_cloud.md` describes it,
//! its webhooks, and the people on the other end.
//!
//! All state sits behind one lock that is never held across an await. A call goes: version → token
//! → faults that strike before → the number and what it may → content → template → recipient →
//! limits → ledger → faults that strike after → answer. What comes after the answer (statuses,
//! reviews, the end of a pause, retries of webhooks) waits in a queue by the sandbox's clock, which
//! [`crate::Clock::advance`] moves, so that a test reaches the end of a 24-hour window at once.
//!
//! A person is a number of the sandbox ([`Person::id`]), whatever their phone or BSUID is today:
//! the ledger's `chat` and the faults' `chat` are that number, their `bot` is the phone number id.
//! Whoever has no WhatsApp is there under the digits of the phone.
//!
//! Most of what the contract calls unconfirmed or secondary is a field of [`Settings`]; what is
//! decided in code instead is listed in docs/DOUBLES.md.

mod accounts;
mod content;
mod control;
mod draft;
mod error;
mod events;
mod fate;
mod fill;
mod hooks;
mod limits;
mod media;
mod nodes;
mod notes;
mod page;
mod people;
mod person;
mod push;
mod receipts;
mod review;
mod send;
mod server;
mod settings;
mod state;
mod templates;
#[cfg(test)]
mod tests;
mod uploads;
mod view;

use std::sync::MutexGuard;

use axum::Router;

pub use self::{
    accounts::{Access, NumberInfo},
    content::{Attachment, Button, Shown},
    fate::{Fate, When},
    limits::{Rates, Tier},
    person::Person,
    review::{TemplateInfo, TemplateStatus},
    settings::{AfterReview, CreationCodes, Plus, Receipts, Settings},
    state::{Category, State, Status},
    view::{ChatView, Message},
};
use crate::{
    Clock,
    double::{Configured, Double, Provider},
    fault::Faults,
};

/// The name of this double in fault rules.
pub const SERVICE: &str = "whatsapp";

/// The handle of the WhatsApp double; cheap to clone, all clones are one WhatsApp. An accepted
/// message may fail later: what arrived is [`WhatsApp::received`].
///
/// ```no_run
/// use mms_sandbox::{Sandbox, whatsapp::Person};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let whatsapp = sandbox.whatsapp();
/// whatsapp.add_app("1001", "app-secret")?;
/// whatsapp.add_waba("305500667788990", "900100")?;
/// whatsapp.add_number(204_400_112_233_445, "305500667788990", "+74950001122", "Магазин")?;
/// whatsapp.add_token("EAAG-example", "1001")?;
/// whatsapp.add_person(Person::new(1, "Анна", "+79991234567"));
/// // Point the client under test at `whatsapp.url()`, and let Anna write first.
/// whatsapp.write(204_400_112_233_445, 1, "Здравствуйте")?;
/// # Ok(())
/// # }
/// ```
pub type WhatsApp = Double<State>;

impl Provider for State {
    const SERVICE: &'static str = SERVICE;
    type Fixed = ();
    type Refusal = error::GraphError;
}

impl Configured for State {
    type Settings = Settings;

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

impl WhatsApp {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, settings: Settings) -> Self {
        let state = State::new(settings, faults.clone(), clock.clone());
        let whatsapp = Self::of(base, faults, clock, (), state);
        whatsapp.start_pushing();
        whatsapp
    }

    /// The state for a look, or for changes nobody waits for.
    pub(crate) fn look(&self) -> MutexGuard<'_, State> {
        self.quiet()
    }

    /// The state for a change, of which whoever waits is told.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state())
    }
}

/// The routes: the Graph API under `/whatsapp/v26.0/…`, the control surface under
/// `/sandbox/whatsapp/…`.
pub(crate) fn router(whatsapp: &WhatsApp) -> Router {
    let control = control::router(whatsapp.clone())
        .merge(crate::control::of_ledger(whatsapp.ledger().clone()))
        .nest("/phone", crate::desk::router(whatsapp.clone(), media::MAX_REQUEST, "/settings"));
    Router::new().nest(PATH, server::router(whatsapp.clone())).nest("/sandbox/whatsapp", control)
}

/// Where the API is served in a sandbox.
pub(crate) const PATH: &str = "/whatsapp";
