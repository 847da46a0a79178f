//! The Viber double: the REST API of bots as `contracts/messengers/viber.md` describes it, its
//! signed callbacks, and the people on the other end.
//!
//! A call goes: token → faults that strike before → state of the bot → method → ledger → faults
//! that strike after → answer. Every refusal is an answer with HTTP 200 and a `status` other than
//! 0. Without a webhook nothing can be sent.
//!
//! A bot and a person are numbers of the sandbox, the faults' and the ledger's `bot` and `chat`; to
//! its clients Viber calls a person by an id that each bot has of its own ([`Viber::user_id`]). The
//! ledger's `reference` is the `message_token`, and its refusals have Viber's statuses.
//!
//! What the contract calls unconfirmed or secondary is a field of [`Settings`], or is said beside
//! the rule.

mod callbacks;
mod content;
mod control;
mod error;
mod keyboard;
mod methods;
mod money;
mod people;
mod receipts;
mod send;
mod server;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod view;
mod welcome;

use axum::Router;

pub use self::{
    error::Status,
    money::Money,
    people::{BotInfo, Phone, Pressed},
    settings::{Receipts, Settings},
    state::{State, user_id},
};
use crate::{
    clock::Clock,
    double::{Configured, Double, Provider},
    fault::Faults,
};

/// The name of this double in the rules of faults.
pub const SERVICE: &str = "viber";

/// Where the API is served in a sandbox.
pub(crate) const PATH: &str = "/viber/pa";

/// The handle of the Viber double; cheap to clone, all clones are one Viber.
///
/// ```no_run
/// use mms_sandbox::{Sandbox, User};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let viber = sandbox.viber();
/// viber.add_bot(5_550_001, "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-5a6b7c8d9e0f1a2b", "shopbot")?;
/// viber.add_user(User::new(1, "Анна", "+79991234567"));
/// // Point the client under test at `viber.url()`; it sets its webhook, and Anna writes.
/// viber.send_text(5_550_001, 1, "Здравствуйте")?;
/// # Ok(())
/// # }
/// ```
pub type Viber = Double<State>;

impl Provider for State {
    const SERVICE: &'static str = SERVICE;
    type Fixed = ();
    type Refusal = error::ViberError;
}

impl Configured for State {
    type Settings = Settings;

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

impl Viber {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, settings: Settings) -> Self {
        let state = State::new(faults.clone(), clock.clone(), settings);
        let viber = Self::of(base, faults, clock, (), state);
        viber.start_pushing();
        viber
    }
}

/// The API under `/viber/pa/…`, the control surface under `/sandbox/viber/…`.
pub(crate) fn router(viber: &Viber) -> Router {
    let files = Router::new().route("/viber/files/{id}", axum::routing::get(server::file)).with_state(viber.clone());
    Router::new().nest(PATH, server::router(viber.clone())).merge(files).nest("/sandbox/viber", control::router(viber.clone()))
}
