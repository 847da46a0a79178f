//! The queue of one process: apalis' in-memory storage.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use apalis_core::{
    backend::memory::{MemorySink, MemoryStorage, MemoryStorageError},
    task::{
        Task,
        builder::TaskBuilder,
        task_id::{RandomId, TaskId},
    },
};
use futures::{
    SinkExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};

use super::{Job, Line, QueueError};

/// The queue of one process.
#[derive(Debug)]
pub struct Memory {
    /// By [`Line::place`].
    pipes: [Pipe; Line::ALL.len()],
    /// Bells rung and not yet heard. Held by whoever rings and by the workers; never across an
    /// await.
    waiting: Mutex<HashSet<Job>>,
}

#[derive(Debug)]
struct Pipe {
    sender: UnboundedSender<Task<Job>>,
    /// Taken once, by the worker of this line; a worker built anew needs a new line and does not
    /// exist for this backend.
    receiver: Mutex<Option<UnboundedReceiver<Task<Job>>>>,
}

impl Pipe {
    fn new() -> Self {
        let (sender, receiver) = unbounded();
        Self { sender, receiver: Mutex::new(Some(receiver)) }
    }
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { pipes: Line::ALL.map(|_| Pipe::new()), waiting: Mutex::new(HashSet::new()) }
    }

    fn pipe(&self, line: Line) -> &Pipe {
        &self.pipes[line.place()]
    }

    pub(super) fn ring(&self, job: Job) -> Result<(), QueueError> {
        if !self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(job) {
            return Ok(());
        }
        // The worker's layers ask every task for an id; a storage of our own making gives none by
        // itself.
        let task = TaskBuilder::new(job).task_id(TaskId::from_string(RandomId::default())).build();
        self.pipe(job.line()).sender.unbounded_send(task).map_err(|_| QueueError("the workers of this process have ended".to_owned()))
    }

    pub(super) fn heard(&self, job: Job) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&job);
    }

    pub(super) fn depth(&self, line: Line) -> u64 {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.iter().filter(|job| job.line() == line).count() as u64
    }

    /// The storage for the worker of a line; `None` if it was taken before.
    #[must_use]
    pub fn storage(&self, line: Line) -> Option<MemoryStorage<Job>> {
        let line = self.pipe(line);
        let receiver = line.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let sink = line.sender.clone().sink_map_err(|error| MemoryStorageError::Other(error.into()));
        let sink: Box<dyn futures::Sink<Task<Job>, Error = MemoryStorageError> + Send + Sync + Unpin> = Box::new(sink);
        Some(MemoryStorage::new_with(MemorySink::new(Arc::new(futures::lock::Mutex::new(sink))), receiver.boxed()))
    }
}
