//! What the double of a messenger stands on: one handle with state behind a lock, a ledger, faults,
//! the clock and news of changes, and the way of a call through faults to its answer.
//!
//! A provider is a type of state with a name and a shape of refusals ([`Provider`]). Its handle is
//! [`Double`] of that state, and everything that is the provider's own is an `impl` of that one
//! type.

use std::{
    future::Future,
    sync::{Arc, MutexGuard, Weak},
    time::Duration,
};

use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::watch;

use crate::{
    clock::Clock,
    control::Followed,
    fault::{Call, Drawn, Faults},
    ledger::Ledger,
    server::Connection,
    shared::{Changing, Shared},
    strike::{Struck, strike},
};

/// A messenger: its state, what of it never changes, its refusals.
pub trait Provider: Send + Sized + 'static {
    /// The name of the double in the rules of faults.
    const SERVICE: &'static str;
    /// What is fixed when the double starts and is read without the lock.
    type Fixed: Send + Sync + 'static;
    /// How the provider says no.
    type Refusal: Refusal;
}

/// A provider's way to say no.
pub trait Refusal: Send + Sized {
    /// As a rule of faults words it.
    fn told(code: u16, description: &str, retry_after: Option<u64>) -> Self;
    /// As when a limit is exceeded; `retry_after` is in seconds, for providers that say it.
    fn too_many(retry_after: u64) -> Self;
    /// The code and the words for the ledger.
    fn noted(&self) -> (u16, String);
    fn response(&self) -> Response;
}

/// State that has settings which a test may change while the double runs.
pub trait Configured: Provider {
    type Settings: Clone + Serialize + DeserializeOwned + Send;
    fn settings(&mut self) -> &mut Self::Settings;
}

/// State with chats that phones show.
pub trait Chats: Provider {
    /// A message as a phone shows it.
    type Message: Clone + std::fmt::Debug;
    /// The newest message of the bot in a chat that is there.
    fn last(&self, bot: i64, user: i64) -> Option<Self::Message>;
    /// Grows with every change of the chat.
    fn version(&self, chat: (i64, i64)) -> u64;
    /// Every chat there is, by bot and person.
    fn chats(&self) -> Vec<(i64, i64)>;
    /// How many bots and people there are.
    fn population(&self) -> usize;
}

struct Core<S: Provider> {
    base: String,
    shared: Shared<S>,
    ledger: Ledger,
    faults: Faults,
    clock: Clock,
    fixed: S::Fixed,
}

/// The handle of a double; cheap to clone, all clones are one messenger.
pub struct Double<S: Provider>(Arc<Core<S>>);

impl<S: Provider> Clone for Double<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Provider> Double<S> {
    pub(crate) fn of(base: String, faults: Faults, clock: Clock, fixed: S::Fixed, state: S) -> Self {
        Self(Arc::new(Core { base, shared: Shared::new(state), ledger: Ledger::new(), faults, clock, fixed }))
    }

    /// The address of the API for clients, in place of the provider's.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.base
    }

    /// What the double accepted and refused. `chat` is the person's id; `reference` is the id the
    /// client got, where that is no number.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// Faults on demand; aim a rule at this double's service to spare the others.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// The clock this double goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What time it is for the double.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    pub(crate) fn fixed(&self) -> &S::Fixed {
        &self.0.fixed
    }

    /// The state for a change, of which whoever waits is told.
    pub(crate) fn state(&self) -> Changing<'_, S> {
        self.0.shared.change()
    }

    /// The state for a look, or for changes nobody waits for.
    pub(crate) fn quiet(&self) -> MutexGuard<'_, S> {
        self.0.shared.quiet()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.0.shared.watch()
    }

    pub(crate) fn touch(&self) {
        self.0.shared.touch();
    }

    pub(crate) fn downgrade(&self) -> WeakDouble<S> {
        WeakDouble(Arc::downgrade(&self.0))
    }

    /// Waits until `look` finds something, asking again after every change of the double.
    ///
    /// `None` when `within` has passed first: say in the test what was awaited.
    pub async fn until<T>(&self, within: Duration, mut look: impl FnMut(&Self) -> Option<T>) -> Option<T> {
        self.0.shared.until(within, || look(self)).await
    }

    /// A call of a client on its way to its answer.
    pub(crate) fn calling<'a>(&'a self, method: &'a str, bot: Option<i64>, chat: Option<i64>) -> Calling<'a, S> {
        Calling { double: self, method, bot, chat }
    }
}

impl<S: Configured> Double<S> {
    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> S::Settings {
        self.quiet().settings().clone()
    }

    /// Changes the settings; what is counted and what waits stays.
    pub fn set(&self, change: impl FnOnce(&mut S::Settings)) {
        change(self.state().settings());
    }
}

impl<S: Chats> Double<S> {
    /// The newest message of the bot that is in the chat with this person.
    #[must_use]
    pub fn last(&self, bot: i64, user: i64) -> Option<S::Message> {
        self.quiet().last(bot, user)
    }

    /// Waits until the bot's newest message satisfies a condition, and returns it.
    ///
    /// # Errors
    /// After `within`: a sentence with the newest message as it was, for the test to print.
    pub async fn expect_last(
        &self,
        bot: i64,
        user: i64,
        within: Duration,
        mut wanted: impl FnMut(&S::Message) -> bool,
    ) -> Result<S::Message, String> {
        let found = self.until(within, |double| double.last(bot, user).filter(&mut wanted)).await;
        found.ok_or_else(|| match self.last(bot, user) {
            Some(last) => format!("within {within:?} no message to {user} was as wanted; the newest is {last:?}"),
            None => format!("within {within:?} nothing of {bot} came to {user}"),
        })
    }
}

impl<S: Chats> Followed for Double<S> {
    fn watch(&self) -> watch::Receiver<u64> {
        self.watch()
    }

    fn population(&self) -> usize {
        self.quiet().population()
    }

    fn versions(&self, wanted: Option<&[(i64, i64)]>) -> Vec<((i64, i64), u64)> {
        let state = self.quiet();
        let chats = wanted.map_or_else(|| state.chats(), <[_]>::to_vec);
        chats.into_iter().map(|chat| (chat, state.version(chat))).collect()
    }
}

pub(crate) struct WeakDouble<S: Provider>(Weak<Core<S>>);

impl<S: Provider> WeakDouble<S> {
    pub(crate) fn upgrade(&self) -> Option<Double<S>> {
        self.0.upgrade().map(Double)
    }
}

/// A call of a client: who calls what, about whom.
pub(crate) struct Calling<'a, S: Provider> {
    double: &'a Double<S>,
    method: &'a str,
    bot: Option<i64>,
    chat: Option<i64>,
}

impl<S: Provider> Calling<'_, S> {
    /// Counts the call, draws its fate, carries it out accordingly.
    pub(crate) async fn answer(
        &self,
        connection: &Connection,
        call: impl Future<Output = Result<Response, S::Refusal>> + Send,
    ) -> Response {
        self.double.ledger().called(self.method);
        let drawn = self.draw();
        self.under(connection, drawn, call).await
    }

    pub(crate) fn draw(&self) -> Drawn {
        self.double.faults().draw(Call { service: S::SERVICE, method: self.method, bot: self.bot, chat: self.chat })
    }

    /// Carries the call out under a fate that is drawn already.
    pub(crate) async fn under(
        &self,
        connection: &Connection,
        drawn: Drawn,
        call: impl Future<Output = Result<Response, S::Refusal>> + Send,
    ) -> Response {
        let answer = strike(self, connection, drawn, async { call.await.unwrap_or_else(|error| self.refused(&error)) }).await;
        self.double.touch();
        answer
    }

    /// Notes a refusal in the ledger, and gives its answer.
    pub(crate) fn refused(&self, error: &S::Refusal) -> Response {
        let (code, words) = error.noted();
        self.lost(code, &words);
        error.response()
    }
}

impl<S: Provider> Struck for Calling<'_, S> {
    fn refuse(&self, code: u16, description: String, retry_after: Option<u64>) -> Response {
        self.refused(&S::Refusal::told(code, &description, retry_after))
    }

    fn too_many(&self, retry_after: u64) -> Response {
        self.refused(&S::Refusal::too_many(retry_after))
    }

    fn lost(&self, code: u16, why: &str) {
        self.double.ledger().refuse(self.bot.unwrap_or_default(), self.chat, self.method, code, why);
    }

    fn touch(&self) {
        self.double.touch();
    }
}
