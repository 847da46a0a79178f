//! Whether a provider takes messages. After a few calls in a row that nobody answered nothing more
//! is claimed, for each such call leaves messages of which nobody knows whether they went. That a
//! harmless question is answered says little: a gate may be cut for what sends, and open for the
//! rest. So after an answer one message goes as a trial, and only its own answer opens the channel
//! again; after each trial in vain the next one is longer in coming.
//!
//! It is kept from turn to turn: a channel's next turn knows what this one found.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use mms_core::retry;
use tokio::time::Instant;

use crate::in_flight::lock;

/// So many calls in a row without an answer, or failing for passing causes, mean that the provider
/// is in trouble.
const TROUBLE: u32 = 5;

#[derive(Debug, Default)]
pub(crate) struct Trouble {
    /// Calls in a row that found no provider.
    silent: AtomicU32,
    trial: Mutex<Trial>,
}

/// The trials since the provider went silent.
#[derive(Debug, Default)]
struct Trial {
    under_way: bool,
    /// Those in vain.
    failed: u32,
    /// No other one before then.
    not_before: Option<Instant>,
}

impl Trouble {
    /// A call found no provider.
    pub(crate) fn stumbled(&self) {
        let mut trial = lock(&self.trial);
        self.silent.fetch_add(1, Ordering::Relaxed);
        if std::mem::take(&mut trial.under_way) {
            trial.failed += 1;
            trial.not_before = Some(Instant::now() + retry::TRIAL.wait(trial.failed));
            self.silent.store(TROUBLE, Ordering::Relaxed);
        }
    }

    /// A call found the provider.
    pub(crate) fn recovered(&self) {
        // Every call says so, and there is mostly nothing to change.
        if self.silent.swap(0, Ordering::Relaxed) > 0 || self.is_tried() {
            *lock(&self.trial) = Trial::default();
        }
    }

    /// The provider seems to be away.
    pub(crate) fn is_there(&self) -> bool {
        self.silent.load(Ordering::Relaxed) >= TROUBLE
    }

    /// The provider answered a harmless question: one message may go.
    pub(crate) fn try_one(&self) {
        lock(&self.trial).under_way = true;
        self.silent.store(TROUBLE - 1, Ordering::Relaxed);
    }

    /// One message at a time goes, as a trial.
    pub(crate) fn is_tried(&self) -> bool {
        lock(&self.trial).under_way
    }

    /// How long nothing is tried yet.
    pub(crate) fn wait(&self) -> Duration {
        let pause = lock(&self.trial).not_before.map(|at| at.saturating_duration_since(Instant::now()));
        pause.unwrap_or_default().max(retry::TRIAL.wait(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_to_a_message_opens_a_silent_channel() {
        let trouble = Trouble::default();
        for _ in 1..TROUBLE {
            trouble.stumbled();
            assert!(!trouble.is_there());
        }
        trouble.stumbled();
        assert!(trouble.is_there() && !trouble.is_tried());
        let stands = || {
            let trial = lock(&trouble.trial);
            (trial.failed, trial.not_before.is_some())
        };
        for n in 1..9 {
            trouble.try_one();
            assert!(trouble.is_tried() && !trouble.is_there());
            trouble.stumbled();
            assert!(trouble.is_there() && !trouble.is_tried());
            assert_eq!(stands(), (n, true), "the next trial is longer in coming");
        }
        trouble.try_one();
        trouble.recovered();
        assert!(!trouble.is_there() && !trouble.is_tried());
        assert_eq!(stands(), (0, false));
        trouble.stumbled();
        assert!(!trouble.is_there(), "it begins anew");
    }
}
