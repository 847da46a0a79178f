//! Updates of one chat are handled in order, different chats at the same time; a chat that floods
//! is held off politely, and strangers, however many, have a narrow lane of their own, so that
//! members do not wait behind them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mms_core::{account::session, aside};
use serde_json::Value;
use teloxide::{
    dptree,
    types::{Update, UpdateKind},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::Instant,
};
use tokio_util::task::TaskTracker;

use crate::{
    frame::{
        auth,
        deps::Deps,
        gates::{self, Came},
        render,
        screen::Screen,
    },
    i18n::Tr,
    p, purchase,
    schema::{Tree, schema},
};

/// Updates of one chat that may wait; a person does not press faster than this, a script does.
const WAITING: usize = 20;
/// A chat's task ends after this long without an update.
const IDLE: Duration = Duration::from_secs(30);

/// Updates of strangers handled at once, and how long each keeps its place at least: ten a second,
/// a third of what Telegram lets the bot say.
const STRANGERS: (usize, Duration) = (4, Duration::from_millis(400));
/// A stranger's update that waited longer is left: nobody waits for its answer any more.
const STALE: Duration = Duration::from_secs(30);

type Chats = Arc<Mutex<HashMap<i64, Lane>>>;

/// A chat's way in.
struct Lane {
    queue: mpsc::Sender<Waiting>,
    /// It was told to slow down: once is enough until it was quiet.
    told: bool,
}

/// Nothing is begun for it any more.
struct TooLate;

/// A place in the strangers' lane. It is free again after a while at the earliest; whoever had it
/// does not wait for that.
struct Place {
    taken: Option<OwnedSemaphorePermit>,
    free: Instant,
}

impl Drop for Place {
    fn drop(&mut self) {
        let (taken, free) = (self.taken.take(), self.free);
        aside::task("free a place", async move {
            tokio::time::sleep_until(free).await;
            drop(taken);
        });
    }
}

/// An update in line.
struct Waiting {
    update: Box<Update>,
    since: Instant,
}

/// Hands updates to the handler tree. Cheap to clone.
///
/// `chats` is shared with the chats' tasks: each takes its own entry out when it ends, under the
/// same lock under which [`Dispatcher::accept`] sends, so no update is put into a queue nobody
/// reads.
#[derive(Clone)]
pub struct Dispatcher {
    deps: Deps,
    tree: Arc<Tree>,
    chats: Chats,
    strangers: Arc<Semaphore>,
    /// Updates nobody will handle, for [`Dispatcher::gone`]; chats' tasks add to it too.
    gone: Arc<Mutex<Vec<i64>>>,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}

impl Dispatcher {
    /// A dispatcher.
    #[must_use]
    pub fn new(deps: Deps) -> Self {
        Self {
            deps,
            tree: Arc::new(schema()),
            chats: Chats::default(),
            strangers: Arc::new(Semaphore::new(STRANGERS.0)),
            gone: Arc::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Takes a raw update and returns at once; it is handled after the chat's earlier ones.
    pub fn accept(&self, raw: &Value) {
        // Money is nobody's turn: Telegram waits ten seconds for the word before it, and what came
        // is kept until it is booked.
        if purchase::is_of_money(raw) {
            self.tasks.spawn(purchase::take(self.deps.clone(), raw.clone()));
            return;
        }
        let Some((chat, update)) = understand(raw) else {
            self.leave(gates::id_of(raw));
            return;
        };
        let mut chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = Waiting { update, since: Instant::now() };
        if let Some(lane) = chats.get_mut(&chat) {
            waiting = match lane.queue.try_send(waiting) {
                Ok(()) => return,
                Err(mpsc::error::TrySendError::Full(held)) => {
                    let told = std::mem::replace(&mut lane.told, true);
                    drop(chats);
                    metrics::counter!("mms_bot_updates_held_off_total").increment(1);
                    self.leave(Some(i64::from(held.update.id.0)));
                    if !told {
                        self.tell_to_slow_down(chat, &held.update);
                    }
                    return;
                }
                Err(mpsc::error::TrySendError::Closed(waiting)) => waiting,
            };
        }
        let (queue, line) = mpsc::channel(WAITING);
        // The queue is new and empty.
        let _ = queue.try_send(waiting);
        chats.insert(chat, Lane { queue, told: false });
        drop(chats);
        self.tasks.spawn(self.clone().serve(chat, line));
    }

    /// Nobody will handle this one.
    fn leave(&self, update: Option<i64>) {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).extend(update);
    }

    /// The updates since the last time that nobody will handle: for
    /// [`crate::frame::gates::let_go`].
    #[must_use]
    pub fn gone(&self) -> Vec<i64> {
        std::mem::take(&mut *self.gone.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says once why nothing happens.
    fn tell_to_slow_down(&self, chat: i64, update: &Update) {
        let (from, press) = match &update.kind {
            UpdateKind::CallbackQuery(query) => (Some(&query.from), Some(query.id.0.clone())),
            UpdateKind::Message(message) => (message.from.as_ref(), None),
            _ => return,
        };
        let (this, deps) = (self.clone(), self.deps.clone());
        let language = auth::language_of(from.and_then(|from| from.language_code.as_deref()));
        self.tasks.spawn(async move {
            tracing::debug!(chat, "a chat is held off");
            // A hundred strangers who flood take the members' part of what the bot may say else.
            let since = Instant::now();
            let Ok(_place) = this.place(this.is_member(chat).await, since).await else { return };
            let words = p!(Tr::new(language, chrono_tz::UTC), "slow-down");
            match press {
                Some(press) => render::answer(&deps.bot, &press, Some(&words), false).await,
                None => {
                    if let Err(error) = render::send(&deps.bot, chat, &Screen::new(mms_core::text::escape(&words))).await {
                        tracing::debug!(%error, "a chat that is held off was not told");
                    }
                }
            }
        });
    }

    /// Handles what comes from a chat, one after another.
    async fn serve(self, chat: i64, mut line: mpsc::Receiver<Waiting>) {
        // Asked until it is so; a session that ends later is seen by the gates.
        let mut member = false;
        loop {
            match tokio::time::timeout(IDLE, line.recv()).await {
                Ok(Some(Waiting { update, since })) => {
                    member = member || self.is_member(chat).await;
                    let Ok(_place) = self.place(member, since).await else {
                        metrics::counter!("mms_bot_updates_held_off_total").increment(1);
                        // Asked to stop, it is left for the next start; too late, for good.
                        if self.deps.bot.is_ending() {
                            return;
                        }
                        self.leave(Some(i64::from(update.id.0)));
                        continue;
                    };
                    // Notices to this chat wait meanwhile.
                    let _at_work = self.deps.chats.enter(chat);
                    handle(&self.deps, &self.tree, chat, *update, since).await;
                }
                Ok(None) => return,
                Err(_) => {
                    let mut chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
                    if line.is_empty() {
                        // Only this task's own entry: after `drain` there is none.
                        chats.remove(&chat);
                        return;
                    }
                }
            }
        }
    }

    /// A place for what came `since`: a member needs none, a stranger waits for one in the
    /// strangers' lane. Nothing is begun any more once the process ends, nor for a stranger who
    /// waited too long.
    async fn place(&self, member: bool, since: Instant) -> Result<Option<Place>, TooLate> {
        if member {
            return if self.deps.bot.is_ending() { Err(TooLate) } else { Ok(None) };
        }
        let taken = tokio::select! {
            biased;
            () = self.deps.bot.ending() => None,
            taken = Arc::clone(&self.strangers).acquire_owned() => taken.ok(),
        };
        let taken = taken.filter(|_| since.elapsed() <= STALE).ok_or(TooLate)?;
        Ok(Some(Place { taken: Some(taken), free: Instant::now() + STRANGERS.1 }))
    }

    /// Whether somebody is signed in from this chat (a private chat's id is its person's). A
    /// database that does not answer says no stranger in: whoever it is waits for it anyhow.
    async fn is_member(&self, chat: i64) -> bool {
        match session::authenticate(&self.deps.store, chat, self.deps.now()).await {
            Ok(known) => known.is_some(),
            Err(error) => {
                tracing::debug!(%error, "a member could not be looked up");
                false
            }
        }
    }

    /// Waits until everything accepted is handled; once the process ends, until what is being
    /// handled is. What only waits is kept for the next start.
    pub async fn drain(&self) {
        // Dropping the queues' entrances ends each chat's task once its queue is empty.
        self.chats.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// A raw update with its chat; `None`: of an unknown shape or kind, or of no chat.
pub(crate) fn understand(raw: &Value) -> Option<(i64, Box<Update>)> {
    // From text, not from the value: teloxide-core 0.13 reads the kind's name as a borrowed string
    // and takes every update of an owned value for an unknown kind.
    let update: Box<Update> = match serde_json::from_str(&raw.to_string()) {
        Ok(update) => update,
        Err(error) => {
            tracing::warn!(error = mms_core::http::misread(&error), "an update of an unknown shape is left out");
            return None;
        }
    };
    if let UpdateKind::Error(_) = update.kind {
        tracing::debug!(update.id = update.id.0, "an update of an unknown kind is left out");
        return None;
    }
    Some((update.chat()?.id.0, update))
}

async fn handle(deps: &Deps, tree: &Arc<Tree>, chat: i64, update: Update, since: Instant) {
    let started = std::time::Instant::now();
    let told = update.from().and_then(|from| from.language_code.clone());
    let (given, tree) = (dptree::deps![deps.clone(), update, Came(since)], Arc::clone(tree));
    // A task of its own, so that a panic costs one update and not the chat.
    #[expect(clippy::disallowed_methods, reason = "it is waited for at once, and its panic is answered below")]
    let outcome = tokio::spawn(async move { tree.dispatch(given).await }).await;
    metrics::histogram!("mms_bot_update_seconds").record(started.elapsed().as_secs_f64());
    match outcome {
        Ok(std::ops::ControlFlow::Break(Ok(()))) => {}
        Ok(std::ops::ControlFlow::Break(Err(error))) => tracing::error!(error = format!("{error:#}"), "an update could not be answered"),
        Ok(std::ops::ControlFlow::Continue(_)) => tracing::debug!("no gate let an update through"),
        Err(panic) => {
            tracing::error!(%panic, "a handler panicked");
            let stranger = Tr::new(auth::language_of(told.as_deref()), chrono_tz::UTC);
            let known = auth::context(deps, chat, chat, "").await.ok().filter(|cx| cx.who.is_some());
            let words = p!(known.map_or(stranger, |cx| cx.tr), "failed");
            let _ = render::send(&deps.bot, chat, &Screen::new(mms_core::text::escape(&words))).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn teloxide_reads_updates_from_text_only() {
        let raw = testing::text_update(1, 7, "/start");
        let from_text: Update = serde_json::from_str(&raw.to_string()).unwrap();
        assert!(matches!(from_text.kind, UpdateKind::Message(_)));
        let from_value: Update = serde_json::from_value(raw).unwrap();
        assert!(matches!(from_value.kind, UpdateKind::Error(_)), "the trap is gone: `accept` may take the value");
    }
}
