//! What this process has between claim and record, of all its turns: the answers of one turn still
//! come in while the next works already. A row that looks abandoned and is not, because the
//! database was away for long, is left to the turn that has it.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// Ids of deliveries, and of messages outside campaigns as
/// [`outgoing_key`](mms_core::delivery::begun::outgoing_key).
type Ids = Mutex<HashSet<i64>>;

/// A panic elsewhere leaves nothing half written behind these locks.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The messages of all turns of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct InFlight {
    turns: Arc<Mutex<Vec<Weak<Ids>>>>,
}

/// The messages of one turn; what it leaves behind is nobody's when it is gone.
#[derive(Debug, Default)]
pub struct OfTurn {
    ids: Arc<Ids>,
}

impl InFlight {
    /// A new turn, with nothing yet.
    #[must_use]
    pub fn turn(&self) -> OfTurn {
        let turn = OfTurn::default();
        let mut turns = lock(&self.turns);
        turns.retain(|other| other.strong_count() > 0);
        turns.push(Arc::downgrade(&turn.ids));
        turn
    }

    /// Whether a turn of this process has this message.
    #[must_use]
    pub fn holds(&self, id: i64) -> bool {
        lock(&self.turns).iter().filter_map(Weak::upgrade).any(|turn| lock(&turn).contains(&id))
    }
}

impl OfTurn {
    /// What it has.
    pub fn ids(&self) -> MutexGuard<'_, HashSet<i64>> {
        lock(&self.ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_any_turn_has_is_held_until_it_is_gone() {
        let in_flight = InFlight::default();
        let (first, second) = (in_flight.turn(), in_flight.turn());
        first.ids().insert(1);
        second.ids().insert(2);
        assert!(in_flight.holds(1) && in_flight.holds(2) && !in_flight.holds(3));
        second.ids().remove(&2);
        assert!(!in_flight.holds(2), "recorded");
        drop(first);
        assert!(!in_flight.holds(1), "whoever had it is gone, and did not record it");
    }
}
