//! Tasks by key: one at a time for each key, and nobody waits for another's.

use std::{
    collections::HashSet,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio_util::task::TaskTracker;

/// Tasks by key.
#[derive(Debug)]
pub struct Keyed<K> {
    /// Shared with the tasks: each takes its key out when it ends, also when it panics.
    busy: Arc<Mutex<HashSet<K>>>,
    tasks: TaskTracker,
}

impl<K> Default for Keyed<K> {
    fn default() -> Self {
        Self { busy: Arc::default(), tasks: TaskTracker::new() }
    }
}

struct Busy<K: Eq + Hash>(Arc<Mutex<HashSet<K>>>, K);

impl<K: Eq + Hash> Drop for Busy<K> {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl<K: Eq + Hash + Clone + Send + 'static> Keyed<K> {
    /// Begins a task, unless the key's last one is still at work.
    pub fn spawn(&self, key: K, task: impl Future<Output = ()> + Send + 'static) {
        if self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            let busy = Busy(Arc::clone(&self.busy), key);
            self.tasks.spawn(async move {
                task.await;
                drop(busy);
            });
        }
    }

    /// Waits for the tasks at work, but not longer than `patience`.
    pub async fn end(&self, patience: Duration) {
        self.tasks.close();
        // Those that take longer end with the process; their rows keep what is left to do.
        drop(tokio::time::timeout(patience, self.tasks.wait()).await);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_key_has_one_task_and_others_do_not_wait() {
        let (keyed, count, go) = (Keyed::default(), Arc::<AtomicUsize>::default(), Arc::<Notify>::default());
        for key in [1, 1, 2] {
            let (count, go) = (Arc::clone(&count), Arc::clone(&go));
            keyed.spawn(key, async move {
                count.fetch_add(1, Ordering::SeqCst);
                if key == 1 {
                    go.notified().await;
                }
            });
        }
        while count.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        go.notify_one();
        keyed.end(Duration::from_secs(60)).await;
        assert_eq!(count.load(Ordering::SeqCst), 2, "the second task of a key was not begun");
    }
}
