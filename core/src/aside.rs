//! Work for the processor beside the threads that answer others: hashing, drawing, rendering for many.
//!
//! As much at a time as the machine has processors; the rest waits in line, and nobody's press or webhook waits behind it.

use std::{num::NonZero, sync::LazyLock};

use tokio::{sync::Semaphore, task::JoinError};

static SEATS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)));

/// Does `work` on a thread where that holds up nobody. It goes on to its end even when nobody waits for it any more.
///
/// # Errors
/// A panic of the work.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    // Nobody closes the semaphore, so there is always a seat in the end.
    let seat = SEATS.acquire().await.ok();
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(seat);
        done
    })
    .await
}
