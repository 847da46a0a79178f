//! Updates of one chat are handled in order, different chats at the same time; a chat that floods is held off politely.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;
use teloxide::{
    dptree,
    types::{Update, UpdateKind},
};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::{
    auth,
    deps::Deps,
    i18n::Tr,
    p, render,
    schema::{Tree, schema},
    screen::Screen,
};

/// Updates of one chat that may wait; a person does not press faster than this, a script does.
const WAITING: usize = 20;
/// A chat's task ends after this long without an update.
const IDLE: Duration = Duration::from_secs(30);

type Chats = Arc<Mutex<HashMap<i64, mpsc::Sender<Box<Update>>>>>;

/// Hands updates to the handler tree. Cheap to clone.
///
/// `chats` is shared with the chats' tasks: each takes its own entry out when it ends, under the same lock under which
/// [`Dispatcher::accept`] sends, so no update is put into a queue nobody reads.
#[derive(Clone)]
pub struct Dispatcher {
    deps: Deps,
    tree: Arc<Tree>,
    chats: Chats,
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
        Self { deps, tree: Arc::new(schema()), chats: Chats::default(), tasks: TaskTracker::new() }
    }

    /// Takes a raw update and returns at once; it is handled after the chat's earlier ones.
    pub fn accept(&self, raw: &Value) {
        let Some((chat, update)) = understand(raw) else { return };
        let mut chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        let update = match chats.get(&chat).map(|queue| queue.try_send(update.clone())) {
            Some(Ok(())) => return,
            Some(Err(mpsc::error::TrySendError::Full(update))) => {
                drop(chats);
                metrics::counter!("mms_bot_updates_held_off_total").increment(1);
                self.hold_off(chat, &update);
                return;
            }
            Some(Err(mpsc::error::TrySendError::Closed(update))) => update,
            None => update,
        };
        let (queue, waiting) = mpsc::channel(WAITING);
        // The queue is new and empty.
        let _ = queue.try_send(update);
        chats.insert(chat, queue);
        drop(chats);
        self.tasks.spawn(serve(self.deps.clone(), Arc::clone(&self.tree), Arc::clone(&self.chats), chat, waiting));
    }

    /// A press that is not handled is still answered, so that the member sees why nothing happens.
    fn hold_off(&self, chat: i64, update: &Update) {
        let UpdateKind::CallbackQuery(query) = &update.kind else { return };
        let (deps, id) = (self.deps.clone(), query.id.0.clone());
        let language = auth::language_of(query.from.language_code.as_deref());
        self.tasks.spawn(async move {
            tracing::debug!(chat, "a chat is held off");
            render::answer(&deps.bot, &id, Some(&p!(Tr::new(language, chrono_tz::UTC), "slow-down")), false).await;
        });
    }

    /// Waits until everything accepted is handled.
    pub async fn drain(&self) {
        // Dropping the queues' entrances ends each chat's task once its queue is empty.
        self.chats.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// A raw update with its chat; `None`: of an unknown shape or kind, or of no chat.
pub(crate) fn understand(raw: &Value) -> Option<(i64, Box<Update>)> {
    // From text, not from the value: teloxide-core 0.13 reads the kind's name as a borrowed string and takes every
    // update of an owned value for an unknown kind.
    let update: Box<Update> = match serde_json::from_str(&raw.to_string()) {
        Ok(update) => update,
        Err(error) => {
            tracing::warn!(%error, "an update of an unknown shape is left out");
            return None;
        }
    };
    if let UpdateKind::Error(_) = update.kind {
        tracing::debug!(update.id = update.id.0, "an update of an unknown kind is left out");
        return None;
    }
    Some((update.chat()?.id.0, update))
}

async fn serve(deps: Deps, tree: Arc<Tree>, chats: Chats, chat: i64, mut waiting: mpsc::Receiver<Box<Update>>) {
    loop {
        match tokio::time::timeout(IDLE, waiting.recv()).await {
            Ok(Some(update)) => handle(&deps, &tree, chat, *update).await,
            Ok(None) => return,
            Err(_) => {
                let mut chats = chats.lock().unwrap_or_else(PoisonError::into_inner);
                if waiting.is_empty() {
                    // Only this task's own entry: after `drain` there is none.
                    chats.remove(&chat);
                    return;
                }
            }
        }
    }
}

async fn handle(deps: &Deps, tree: &Arc<Tree>, chat: i64, update: Update) {
    let started = std::time::Instant::now();
    let (given, tree) = (dptree::deps![deps.clone(), update], Arc::clone(tree));
    // A task of its own, so that a panic costs one update and not the chat.
    let outcome = tokio::spawn(async move { tree.dispatch(given).await }).await;
    metrics::histogram!("mms_bot_update_seconds").record(started.elapsed().as_secs_f64());
    match outcome {
        Ok(std::ops::ControlFlow::Break(Ok(()))) => {}
        Ok(std::ops::ControlFlow::Break(Err(error))) => tracing::error!(error = format!("{error:#}"), "an update could not be answered"),
        Ok(std::ops::ControlFlow::Continue(_)) => tracing::debug!("no gate let an update through"),
        Err(panic) => {
            tracing::error!(%panic, "a handler panicked");
            let words = p!(Tr::new(mms_core::account::Language::Ru, chrono_tz::UTC), "failed");
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
