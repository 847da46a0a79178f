//! The MAX double: the Bot API as `contracts/messengers/max.md` describes it, and the people on the
//! other end.
//!
//! A call goes: token → faults that strike before → the bot's limit → method → ledger → faults that
//! strike after → answer. [`Max`] is the handle; tests and the page act through it as people do
//! ([`Max::press_start`], [`Max::send_text`], [`Max::press`], [`Max::block`]…). What the contract
//! calls unconfirmed and this double enforces all the same is said beside the rule.
//!
//! MAX sends no receipts for dialogues. A bot learns of an unknown outcome by reading the dialogue
//! (`GET /messages`).

mod answers;
mod body;
mod bots;
mod contact;
mod control;
mod edit;
mod error;
mod hooks;
mod keyboard;
mod limits;
mod markup;
mod media;
mod methods;
mod params;
mod people;
mod press;
mod read;
mod send;
mod server;
mod state;
mod subscriptions;
#[cfg(test)]
mod tests;
mod updates;
mod view;

use std::time::Duration;

pub use self::{
    bots::{BotInfo, Subscribed},
    contact::{Contact, Proof},
    limits::Rates,
    media::Kind,
    people::Attachment,
    press::{Answer, Pressed},
    state::State,
    view::{ChatView, Message},
};
pub(crate) use self::{control::router as control, server::router};
pub use crate::view::{Button, File};
use crate::{
    clock::Clock,
    double::{Double, Provider},
    fault::Faults,
};

/// The name of this double in the rules of faults.
pub(crate) const SERVICE: &str = "max";

/// What the double takes its time for. All but the limits by the second follow the sandbox's
/// [`Clock`].
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// How often a message with a file, a film or a sound just uploaded is answered
    /// `attachment.not.ready`; pictures are ready at once. Default 1.
    pub not_ready: u32,
    /// How long a message is missing from `GET /messages` (contract, 3: undocumented). Default 0.
    pub readable_after: Duration,
    /// Pause before a push to a webhook is repeated; each next one is 2.5 times as long. Default
    /// 60 s.
    pub hook_retry: Duration,
    /// How often a push is repeated before the update is given up. Default 10.
    pub hook_tries: u32,
    /// An address without a success for this long after a failure is unsubscribed. Default 8 h.
    pub unsubscribe_after: Duration,
    /// How long an update waits for a long poll (clients' documents, unconfirmed). Default 24 h.
    pub kept: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let hours = |count: u64| Duration::from_secs(count * 3600);
        Self {
            not_ready: 1,
            readable_after: Duration::ZERO,
            hook_retry: Duration::from_secs(60),
            hook_tries: 10,
            unsubscribe_after: hours(8),
            kept: hours(24),
        }
    }
}

/// The handle of the MAX double; cheap to clone, all clones are one MAX. In its ledger `chat` is
/// the person's id and `reference` the `mid`; methods are called `POST /messages`.
pub type Max = Double<State>;

impl Provider for State {
    const SERVICE: &'static str = SERVICE;
    type Fixed = Timing;
    type Refusal = error::ApiError;
}

impl Max {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, rates: Rates, timing: Timing) -> Self {
        let max = Self::of(base, faults, clock, timing, State { rates, ..State::default() });
        max.start_pushing();
        max
    }

    pub(crate) fn timing(&self) -> &Timing {
        self.fixed()
    }
}
