//! What every chat of a member can take now: Telegram lets a bot say about a message a second to
//! one chat, and a member's screens come first. What nobody asked for (a notice) waits while a
//! press is answered and keeps a distance; a chat that Telegram holds is waited for alone.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// The least time between two notices of a chat: half of what it takes is left for screens. A
/// little less than two of the beats at which notices are looked for.
const GAP: Duration = Duration::from_millis(1_800);
/// The same before an alarm.
const ALARM_GAP: Duration = Duration::from_millis(900);
/// How long a member who pressed or typed is left alone.
const QUIET: Duration = Duration::from_secs(2);
/// A notice waits for such quiet no longer than this; an alarm no longer than that.
const PATIENCE: Duration = Duration::from_secs(20);
const ALARM_PATIENCE: Duration = Duration::from_secs(5);
/// The least time between two notices of the whole bot, alarms apart: a third of the thirty
/// messages a second it has.
const PACE: Duration = Duration::from_millis(100);

/// The chats of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Chats {
    all: Arc<Mutex<All>>,
    /// What is sent later, beside the members' handlers.
    pub later: TaskTracker,
}

#[derive(Debug, Default)]
struct All {
    chats: HashMap<i64, Chat>,
    /// When the next notice of the bot may go.
    next: Option<Instant>,
}

#[derive(Debug, Default)]
struct Chat {
    /// Updates of it that are being handled.
    at_work: usize,
    /// When the last of them was done.
    spoke: Option<Instant>,
    /// Telegram takes nothing until then.
    held: Option<Instant>,
    /// When the last notice went.
    told: Option<Instant>,
    /// Since when a notice waits for quiet.
    waiting: Option<Instant>,
}

/// A chat's update is being handled, until this is dropped.
#[derive(Debug)]
pub struct AtWork(Chats, i64);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.with(self.1, |chat| {
            chat.at_work = chat.at_work.saturating_sub(1);
            chat.spoke = Some(Instant::now());
        });
    }
}

impl Chats {
    /// An update of the chat begins to be handled.
    #[must_use]
    pub fn enter(&self, chat: i64) -> AtWork {
        self.with(chat, |chat| chat.at_work += 1);
        AtWork(self.clone(), chat)
    }

    /// Telegram takes nothing more for this chat during this time.
    pub fn hold(&self, chat: i64, time: Duration) {
        self.with(chat, |chat| chat.held = Some(Instant::now() + time));
    }

    /// Whether a notice may go to this chat now; if so, it counts as told.
    #[must_use]
    pub fn may_tell(&self, chat: i64, alarm: bool, now: Instant) -> bool {
        self.with(chat, |chat| chat.may_tell(alarm, now))
    }

    /// Waits for the bot's own pace; who waits holds up nobody.
    pub async fn pace(&self) {
        let slot = {
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            let slot = all.next.map_or_else(Instant::now, |next| next.max(Instant::now()));
            all.next = Some(slot + PACE);
            slot
        };
        tokio::time::sleep_until(slot).await;
    }

    fn with<T>(&self, chat: i64, change: impl FnOnce(&mut Chat) -> T) -> T {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.chats.contains_key(&chat) {
            let now = Instant::now();
            all.chats.retain(|_, chat| chat.matters(now));
        }
        change(all.chats.entry(chat).or_default())
    }
}

impl Chat {
    fn may_tell(&mut self, alarm: bool, now: Instant) -> bool {
        let (gap, patience) = if alarm { (ALARM_GAP, ALARM_PATIENCE) } else { (GAP, PATIENCE) };
        let since = |at: Option<Instant>| at.map_or(Duration::MAX, |at| now.saturating_duration_since(at));
        if self.held.is_some_and(|until| now < until) || since(self.told) < gap {
            return false;
        }
        let waiting = *self.waiting.get_or_insert(now);
        let busy = self.at_work > 0 || since(self.spoke) < QUIET;
        if busy && now.saturating_duration_since(waiting) < patience {
            return false;
        }
        self.waiting = None;
        self.told = Some(now);
        true
    }

    fn matters(&self, now: Instant) -> bool {
        let recent = |at: Option<Instant>| at.is_some_and(|at| now.saturating_duration_since(at) < PATIENCE);
        self.at_work > 0 || self.held.is_some_and(|until| now < until) || [self.spoke, self.told, self.waiting].into_iter().any(recent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_chat_is_told_at_a_distance_and_alarms_sooner() {
        let (chats, now) = (Chats::default(), Instant::now());
        assert!(chats.may_tell(1, false, now));
        assert!(chats.may_tell(2, false, now), "another chat is another matter");
        assert!(!chats.may_tell(1, false, now + s(1)) && chats.may_tell(1, true, now + s(1)));
        assert!(!chats.may_tell(1, false, now + s(2)) && chats.may_tell(1, false, now + s(3)));
    }

    #[test]
    fn who_presses_is_left_alone_but_not_for_ever() {
        let (chats, now) = (Chats::default(), Instant::now());
        let at_work = chats.enter(1);
        assert!(!chats.may_tell(1, false, now) && !chats.may_tell(1, false, now + s(19)));
        assert!(chats.may_tell(1, false, now + s(20)), "a member who never pauses is told in the end");
        assert!(!chats.may_tell(1, true, now + s(22)) && chats.may_tell(1, true, now + s(27)), "an alarm sooner");
        drop(at_work);
        let chats = Chats::default();
        drop(chats.enter(1));
        let after = Instant::now();
        assert!(!chats.may_tell(1, false, after + s(1)) && chats.may_tell(1, false, after + s(3)));
    }

    #[test]
    fn a_chat_that_telegram_holds_is_waited_for_alone() {
        let chats = Chats::default();
        chats.hold(1, s(60));
        let now = Instant::now();
        assert!(!chats.may_tell(1, true, now + s(30)) && chats.may_tell(2, false, now));
        assert!(chats.may_tell(1, true, now + s(61)));
    }
}
