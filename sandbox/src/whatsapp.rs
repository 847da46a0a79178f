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
//! What the contract calls unconfirmed or secondary is a field of [`Settings`].

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

use std::{
    sync::{Arc, MutexGuard, Weak},
    time::Duration,
};

use axum::Router;
use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};

use self::state::State;
pub use self::{
    accounts::{Access, NumberInfo},
    content::{Attachment, Button, Shown},
    fate::{Fate, When},
    limits::{Rates, Tier},
    person::Person,
    review::{TemplateInfo, TemplateStatus},
    settings::{AfterReview, CreationCodes, Plus, Receipts, Settings},
    state::{Category, Status},
    view::{ChatView, Message},
};
use crate::{Clock, fault::Faults, ledger::Ledger, shared::Shared};

/// The name of this double in fault rules.
pub const SERVICE: &str = "whatsapp";

struct Inner {
    shared: Shared<State>,
    ledger: Ledger,
    faults: Faults,
    clock: Clock,
    /// The address of the API, as media are told by it.
    base: String,
    /// Wakes whoever carries out what is due.
    wake: Arc<Notify>,
}

/// The handle of the WhatsApp double; cheap to clone, all clones are one WhatsApp.
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
#[derive(Clone)]
pub struct WhatsApp(Arc<Inner>);

impl WhatsApp {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, settings: Settings) -> Self {
        let shared = Shared::new(State::new(settings, faults.clone(), clock.clone()));
        let whatsapp = Self(Arc::new(Inner { shared, ledger: Ledger::new(), faults, clock, base, wake: Arc::default() }));
        push::start(&whatsapp);
        whatsapp
    }

    /// The address of the API, to which a client adds `/v26.0/…`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.base
    }

    /// What time it is for the double: the sandbox's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What the double accepted and refused; see the module's words for its `bot` and `chat`. An
    /// accepted message may fail later: what arrived is [`WhatsApp::received`].
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// Faults on demand; aim a rule at `service("whatsapp")` to spare the other doubles.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.look().settings.clone()
    }

    /// Changes the settings; what is counted and what waits stays.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        self.change(|state| change(&mut state.settings));
    }

    /// The state for a look, or for changes nobody waits for.
    pub(crate) fn look(&self) -> MutexGuard<'_, State> {
        self.0.shared.quiet()
    }

    /// The state for a change, of which whoever waits is told.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let done = change(&mut self.look());
        self.touch();
        done
    }

    pub(crate) fn touch(&self) {
        self.0.shared.touch();
        self.0.wake.notify_waiters();
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.0.shared.watch()
    }

    pub(crate) fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.0.wake)
    }

    pub(crate) fn downgrade(&self) -> Weakly {
        Weakly(Arc::downgrade(&self.0))
    }

    /// Waits until `look` finds something, asking again after every change of the double.
    ///
    /// `None` when `within` has passed first: say in the test what was awaited.
    pub async fn until<T>(&self, within: Duration, mut look: impl FnMut(&Self) -> Option<T>) -> Option<T> {
        self.0.shared.until(within, || look(self)).await
    }
}

/// The routes: the Graph API under `/whatsapp/v26.0/…`, the control surface under
/// `/sandbox/whatsapp/…`.
pub(crate) fn router(whatsapp: &WhatsApp) -> Router {
    let control = control::router(whatsapp.clone()).merge(crate::control::of_ledger(whatsapp.ledger().clone()));
    Router::new().nest(PATH, server::router(whatsapp.clone())).nest("/sandbox/whatsapp", control)
}

/// Where the API is served in a sandbox.
pub(crate) const PATH: &str = "/whatsapp";

pub(crate) struct Weakly(Weak<Inner>);

impl Weakly {
    pub(crate) fn upgrade(&self) -> Option<WhatsApp> {
        self.0.upgrade().map(WhatsApp)
    }
}
