//! One drawing at a time in a chat: a member's screen and a live card never edit the same message
//! at once, and the later word stays.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::OwnedMutexGuard;

/// Whose turn it is to draw, by chat. Cheap to clone.
///
/// The map is shared by the members' handlers and the live cards' task; it keeps the chats somebody
/// draws in or waits for, and forgets the others when a new one comes.
#[derive(Debug, Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<i64, Weak<tokio::sync::Mutex<()>>>>>);

impl Turns {
    /// Waits for the chat's turn; it ends when the guard is dropped.
    pub async fn take(&self, chat: i64) -> OwnedMutexGuard<()> {
        self.of(chat).lock_owned().await
    }

    /// The chat's turn if nobody has it: who serves many chats waits for none of them.
    #[must_use]
    pub fn try_take(&self, chat: i64) -> Option<OwnedMutexGuard<()>> {
        self.of(chat).try_lock_owned().ok()
    }

    fn of(&self, chat: i64) -> Arc<tokio::sync::Mutex<()>> {
        let mut chats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = chats.get(&chat).and_then(Weak::upgrade) {
            return turn;
        }
        chats.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(tokio::sync::Mutex::new(()));
        chats.insert(chat, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_chat_has_one_turn_at_a_time_and_none_is_kept_for_nothing() {
        let turns = Turns::default();
        let first = turns.take(1).await;
        assert!(turns.of(1).try_lock().is_err(), "taken");
        let other = turns.take(2).await;
        drop(first);
        assert!(turns.of(1).try_lock().is_ok(), "free again");
        drop(turns.take(3).await);
        assert_eq!(turns.0.lock().unwrap().len(), 2, "those in use, and the last");
        drop(other);
    }
}
