//! The VK double: messages of communities as `contracts/messengers/vk.md` describes them, and the
//! people on the other end.
//!
//! A call goes: version → token → faults that strike before → 20 calls a second → rights → method
//! → ledger → faults that strike after → answer. Every refusal is an answer with HTTP 200 and an
//! `error`. A community is the faults' and the ledger's `bot`, a person their `chat`; the ledger's
//! `message_id` is the id the client got, and its refusals have VK's codes.
//!
//! Calls inside `execute` are drawn for faults by their own names as well. One that is refused is
//! `false` in the answer; one whose answer is lost loses the answer of the whole `execute`.
//!
//! What the contract calls unconfirmed is a field of [`Settings`], or is said beside the rule.

mod callback;
mod control;
mod error;
mod events;
mod groups;
mod keyboard;
mod limits;
mod media;
mod messages;
mod methods;
mod params;
mod people;
mod poll;
mod press;
mod recipients;
mod script;
mod send;
mod server;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod users;
mod view;

use axum::Router;

pub use self::{
    callback::{Server, ServerStatus},
    events::Told,
    people::Visit,
    press::Pressed,
    settings::Settings,
    state::{CommunityInfo, State},
};
use crate::{
    clock::Clock,
    double::{Configured, Double, Provider},
    fault::Faults,
};

/// The name of this double in the rules of faults.
pub const SERVICE: &str = "vk";

/// Where the API is served in a sandbox.
pub(crate) const PATH: &str = "/vk";

/// The version of the API that the double speaks, and the only one.
pub(crate) const VERSION: &str = "5.199";

/// The handle of the VK double; cheap to clone, all clones are one VK.
///
/// ```no_run
/// use mms_sandbox::{Sandbox, User};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let vk = sandbox.vk();
/// vk.add_community(777, "vk1.a.example", "shop")?;
/// vk.add_user(User::new(123_456, "Анна", "+79991234567"));
/// // Point the client under test at `{vk.url()}/method/…`, and let Anna allow messages.
/// vk.allow(777, 123_456, Some("c_8fK2"))?;
/// # Ok(())
/// # }
/// ```
pub type Vk = Double<State>;

impl Provider for State {
    const SERVICE: &'static str = SERVICE;
    type Fixed = ();
    type Refusal = error::VkError;
}

impl Configured for State {
    type Settings = Settings;

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }
}

impl Vk {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, settings: Settings) -> Self {
        let state = State::new(base.clone(), faults.clone(), clock.clone(), settings);
        let vk = Self::of(base, faults, clock, (), state);
        vk.start_pushing();
        vk
    }
}

/// The API under `/vk/…`, the control surface under `/sandbox/vk/…`.
pub(crate) fn router(vk: &Vk) -> Router {
    Router::new().nest(PATH, server::router(vk.clone())).nest("/sandbox/vk", control::router(vk.clone()))
}
