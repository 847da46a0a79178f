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

use std::{
    sync::{Arc, MutexGuard, Weak},
    time::Duration,
};

use tokio::sync::watch;

use self::state::State;
pub use self::{
    bots::{BotInfo, Subscribed},
    contact::{Contact, Proof},
    limits::Rates,
    media::Kind,
    people::Attachment,
    press::{Answer, Pressed},
    view::{Button, ChatView, File, Message},
};
pub(crate) use self::{control::router as control, server::router};
use crate::{
    clock::Clock,
    fault::Faults,
    ledger::Ledger,
    shared::{Changing, Shared},
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

struct Inner {
    /// `http://127.0.0.1:<port>/max`.
    base: String,
    shared: Shared<State>,
    ledger: Ledger,
    faults: Faults,
    timing: Timing,
    clock: Clock,
}

/// The handle of the MAX double; cheap to clone, all clones are one MAX.
#[derive(Clone)]
pub struct Max(Arc<Inner>);

impl Max {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, rates: Rates, timing: Timing) -> Self {
        let shared = Shared::new(State { rates, ..State::default() });
        Self(Arc::new(Inner { base, shared, ledger: Ledger::new(), faults, timing, clock }))
    }

    /// The address of the API for clients, in place of `https://platform-api2.max.ru`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.base
    }

    /// What the double accepted and refused; `chat` is the person's id, `reference` the `mid`.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// Faults on demand; aim a rule at `service("max")` to spare the other doubles. Methods are
    /// called as in the ledger, `POST /messages`.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// The clock this double goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn timing(&self) -> &Timing {
        &self.0.timing
    }

    /// The state for a change.
    pub(crate) fn state(&self) -> Changing<'_, State> {
        self.0.shared.change()
    }

    /// The state for a look, or for changes nobody waits for.
    pub(crate) fn quiet(&self) -> MutexGuard<'_, State> {
        self.0.shared.quiet()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.0.shared.watch()
    }

    pub(crate) fn touch(&self) {
        self.0.shared.touch();
    }

    pub(crate) fn downgrade(&self) -> WeakMax {
        WeakMax(Arc::downgrade(&self.0))
    }

    /// Waits until `look` finds something, asking again after every change of the double.
    ///
    /// `None` when `within` has passed first: say in the test what was awaited.
    pub async fn until<T>(&self, within: Duration, mut look: impl FnMut(&Self) -> Option<T>) -> Option<T> {
        self.0.shared.until(within, || look(self)).await
    }
}

pub(crate) struct WeakMax(Weak<Inner>);

impl WeakMax {
    pub(crate) fn upgrade(&self) -> Option<Max> {
        self.0.upgrade().map(Max)
    }
}
