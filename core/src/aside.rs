//! Work beside the threads that answer others: [`run`] for the processor (hashing, drawing,
//! rendering for many), [`task`] for what goes on while nobody waits for it.
//!
//! [`run`] does as much at a time as the machine has processors. The rest waits in line, and
//! nobody's press or webhook waits behind it.

use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, resume_unwind},
    sync::LazyLock,
};

use futures::FutureExt as _;
use tokio::{
    sync::Semaphore,
    task::{JoinError, JoinHandle},
};

static SEATS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)));

/// Does `work` on a thread where that holds up nobody. It goes on to its end even when nobody waits
/// for it any more.
///
/// # Errors
/// A panic of the work.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    // Nobody closes the semaphore, so there is always a seat in the end.
    let seat = SEATS.acquire().await.ok();
    #[expect(clippy::disallowed_methods, reason = "this is where others go")]
    let work = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(seat);
        done
    });
    work.await
}

/// Begins a task that goes on by itself. A panic in it is logged under `name`, because nobody may
/// look at the handle. A task that somebody waits for belongs in a `JoinSet` or `TaskTracker`.
#[expect(clippy::disallowed_methods, reason = "this is where others go")]
pub fn task<F>(name: &'static str, work: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(async move {
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(done) => done,
            Err(panic) => {
                tracing::error!(task = name, "a task panicked");
                resume_unwind(panic)
            }
        }
    })
}
