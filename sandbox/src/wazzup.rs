//! The Wazzup double: the user API v3 as `contracts/messengers/wazzup.md` describes it, its
//! webhooks, and the people behind its channels.
//!
//! One key has many channels of many transports. A call goes: key → faults that strike before → 500
//! calls in five seconds → route → ledger → faults that strike after → answer. HTTP 201 says that a
//! message is taken; what became of it comes by webhook: an echo and statuses, which also tell of
//! failures.
//!
//! A channel and a person are numbers of the sandbox, the faults' and the ledger's `bot` and
//! `chat`; its clients know a channel by its `channelId` and a person by the `chatId` of the
//! channel's transport ([`Wazzup::chat_id`]). The ledger's `reference` is the `messageId`.
//!
//! What the contract calls unconfirmed is a field of [`Settings`], or is said beside the rule.

mod accounts;
mod content;
mod control;
mod error;
mod hooks;
mod outcome;
mod people;
mod send;
mod server;
mod settings;
mod state;
mod templates;
#[cfg(test)]
mod tests;
mod transport;
mod view;

use axum::Router;

pub use crate::desk::Attachment;

pub use self::{
    accounts::ChannelInfo,
    settings::{Receipts, Settings},
    state::State,
    templates::Template,
    transport::Transport,
};
use crate::{
    clock::Clock,
    double::{Configured, Double, Provider},
    fault::Faults,
};

/// The name of this double in the rules of faults.
pub const SERVICE: &str = "wazzup";

/// Where the API is served in a sandbox.
pub(crate) const PATH: &str = "/wazzup/v3";

/// The handle of the Wazzup double; cheap to clone, all clones are one Wazzup.
///
/// ```no_run
/// use mms_sandbox::{Sandbox, User, wazzup::Transport};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let wazzup = sandbox.wazzup();
/// wazzup.add_account(1, "0a1b2c3d4e5f60718293a4b5c6d7e8f9")?;
/// let channel = wazzup.add_channel(11, 1, Transport::Whatsapp, "74950001122")?;
/// wazzup.add_user(User::new(51, "Анна", "+79991234567"));
/// // Point the client under test at `wazzup.url()`; it sends through `channel`.
/// # let _ = channel;
/// # Ok(())
/// # }
/// ```
pub type Wazzup = Double<State>;

impl Provider for State {
    const SERVICE: &'static str = SERVICE;
    type Fixed = ();
    type Refusal = error::WazzupError;
}

impl Configured for State {
    type Settings = Settings;

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

impl Wazzup {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, settings: Settings) -> Self {
        let state = State::new(faults.clone(), clock.clone(), settings);
        let wazzup = Self::of(base, faults, clock, (), state);
        wazzup.start_pushing();
        wazzup
    }
}

/// The API under `/wazzup/v3/…`, the control surface under `/sandbox/wazzup/…`.
pub(crate) fn router(wazzup: &Wazzup) -> Router {
    Router::new().nest(PATH, server::router(wazzup.clone())).nest("/sandbox/wazzup", control::router(wazzup.clone()))
}
