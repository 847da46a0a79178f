//! The state of a double behind one lock, never held across an await, and the news of its changes.

use std::{
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

/// A double's state, and the count of its changes that tests and pages wait for.
pub(crate) struct Shared<S> {
    state: Mutex<S>,
    changed: watch::Sender<u64>,
}

impl<S> Shared<S> {
    pub(crate) fn new(state: S) -> Self {
        Self { state: Mutex::new(state), changed: watch::Sender::new(0) }
    }

    /// The state for a change.
    pub(crate) fn change(&self) -> Changing<'_, S> {
        Changing { state: self.quiet(), changed: &self.changed }
    }

    /// The state for a look, or for changes nobody waits for.
    pub(crate) fn quiet(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// Waits until `look` finds something, asking again after every change; `None` when `within`
    /// has passed first.
    pub(crate) async fn until<T>(&self, within: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
        let mut changes = self.watch();
        let deadline = tokio::time::Instant::now() + within;
        loop {
            changes.mark_unchanged();
            if let Some(found) = look() {
                return Some(found);
            }
            // The sender lives in `self`, so the only way out besides a change is the deadline.
            if tokio::time::timeout_at(deadline, changes.changed()).await.is_err() {
                return look();
            }
        }
    }
}

/// The state, locked for a change: letting go tells whoever waits.
pub(crate) struct Changing<'a, S> {
    state: MutexGuard<'a, S>,
    changed: &'a watch::Sender<u64>,
}

impl<S> Deref for Changing<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.state
    }
}

impl<S> DerefMut for Changing<'_, S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.state
    }
}

impl<S> Drop for Changing<'_, S> {
    fn drop(&mut self) {
        self.changed.send_modify(|version| *version += 1);
    }
}
