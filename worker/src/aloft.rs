//! What this process has between claim and record, of all its turns: the answers of one turn still come in while the next works
//! already. A row that looks abandoned and is not, because the database was away for long, is left to the turn that has it.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use mms_core::id::DeliveryId;

type Deliveries = Mutex<HashSet<DeliveryId>>;

/// A panic elsewhere leaves nothing half written behind these locks.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The deliveries of all turns of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Aloft {
    turns: Arc<Mutex<Vec<Weak<Deliveries>>>>,
}

/// The deliveries of one turn; what it leaves behind is nobody's when it is gone.
#[derive(Debug, Default)]
pub struct Turn {
    deliveries: Arc<Deliveries>,
}

impl Aloft {
    /// A new turn, with nothing yet.
    #[must_use]
    pub fn turn(&self) -> Turn {
        let turn = Turn::default();
        let mut turns = lock(&self.turns);
        turns.retain(|other| other.strong_count() > 0);
        turns.push(Arc::downgrade(&turn.deliveries));
        turn
    }

    /// Whether a turn of this process has this delivery.
    #[must_use]
    pub fn holds(&self, delivery: DeliveryId) -> bool {
        lock(&self.turns).iter().filter_map(Weak::upgrade).any(|turn| lock(&turn).contains(&delivery))
    }
}

impl Turn {
    /// What it has.
    pub fn deliveries(&self) -> MutexGuard<'_, HashSet<DeliveryId>> {
        lock(&self.deliveries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_any_turn_has_is_held_until_it_is_gone() {
        let aloft = Aloft::default();
        let (first, second) = (aloft.turn(), aloft.turn());
        first.deliveries().insert(DeliveryId(1));
        second.deliveries().insert(DeliveryId(2));
        assert!(aloft.holds(DeliveryId(1)) && aloft.holds(DeliveryId(2)) && !aloft.holds(DeliveryId(3)));
        second.deliveries().remove(&DeliveryId(2));
        assert!(!aloft.holds(DeliveryId(2)), "recorded");
        drop(first);
        assert!(!aloft.holds(DeliveryId(1)), "whoever had it is gone, and did not record it");
    }
}
