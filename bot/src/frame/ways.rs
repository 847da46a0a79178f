//! The way a member came, message by message, and what each message shows: «‹ Назад» leads back to
//! where one came from, and a button pressed twice acts once.
//!
//! A screen that is reached from several others says which place it is ([`Screen::at`]). The places
//! that a message showed are kept in their order, and «‹ Назад» under a place goes to the one
//! before it. A question that several places ask is no place itself ([`Screen::nav_back`]): under
//! it «‹ Назад» goes to the place that was shown last, and so does the answer, where it says so
//! ([`super::reply::Reply::back`]). Under anything else, and where nothing is kept, it goes to the
//! parent the screen names. All of it is memory: a restart costs the way back, and a second press
//! is then answered by the room that refuses it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::time::Instant;

use super::screen::{Action, Screen};

/// What the wire form of «‹ Назад» under a place begins with; its parent's follows.
pub const BACK: char = '<';
/// Messages of a chat that are kept: those pressed or drawn last.
const MESSAGES: usize = 12;
/// Places of a message that are kept.
const PLACES: usize = 16;
/// Chats that are kept: those pressed or drawn in last.
const CHATS: usize = 4_096;

/// The ways of a process. Cheap to clone; the handlers of all chats share them.
#[derive(Debug, Clone, Default)]
pub struct Ways(Arc<Mutex<All>>);

#[derive(Debug, Default)]
struct All {
    /// The messages of a chat, the one used last at the back.
    chats: HashMap<i64, VecDeque<Message>>,
    /// Chats in the order of their last use, with repetitions: the front is looked at when there
    /// are too many.
    used: VecDeque<i64>,
}

#[derive(Debug, Default)]
struct Message {
    id: i32,
    /// Wire forms of the calls that show the places, the one shown last at the end.
    places: Vec<String>,
    /// Whether the message shows that place now, and not a question after it.
    there: bool,
    /// Wire forms of the buttons it shows; `None`: it was not drawn here.
    buttons: Option<Vec<String>>,
    /// The press that was answered last, and when its answer began to be drawn: whatever came
    /// before was pressed on the old screen.
    pressed: Option<(String, Instant)>,
}

impl Ways {
    /// A screen was drawn in `message`, by a press in `from` (the same message, or one it replaces)
    /// or as the answer to the question there.
    pub fn drew(&self, chat: i64, message: i32, from: Option<i32>, screen: &Screen) {
        self.with(chat, |messages| {
            let before = from.filter(|from| *from != message);
            let inherited = before.and_then(|from| messages.iter().find(|one| one.id == from)).map(|one| one.places.clone());
            let one = entry(messages, message);
            if let Some(places) = inherited {
                one.places = places;
            } else if from.is_none() {
                one.places.clear();
            }
            one.buttons = Some(wires(screen));
            one.there = screen.place.is_some();
            let Some(place) = &screen.place else { return };
            // The menu is where every way begins; a place that was passed is returned to, on
            // whatever page.
            let passed = one.places.iter().position(|kept| same(kept, &place.wire));
            let kept = if place.is_menu() { 0 } else { passed.unwrap_or(one.places.len()) };
            one.places.truncate(kept);
            one.places.push(place.wire.clone());
            if one.places.len() > PLACES {
                one.places.remove(0);
            }
        });
    }

    /// The message drew itself anew.
    pub fn redrawn(&self, chat: i64, message: i32, screen: &Screen) {
        self.with(chat, |messages| entry(messages, message).buttons = Some(wires(screen)));
    }

    /// The places one came by, the last one first, without the one the message shows.
    #[must_use]
    pub fn before(&self, chat: i64, message: i32) -> Vec<String> {
        self.with(chat, |messages| {
            let Some(one) = messages.iter().find(|one| one.id == message) else { return Vec::new() };
            one.places.iter().rev().skip(usize::from(one.there)).cloned().collect()
        })
    }

    /// Whether a press is the second one of a button: it came before the first was answered, or the
    /// answer took the button away.
    #[must_use]
    pub fn is_second(&self, chat: i64, message: i32, wire: &str, came: Instant) -> bool {
        self.with(chat, |messages| {
            let Some(one) = messages.iter().find(|one| one.id == message) else { return false };
            let Some((pressed, answered)) = &one.pressed else { return false };
            let gone = one.buttons.as_ref().is_some_and(|buttons| !buttons.iter().any(|button| button == wire));
            pressed == wire && (came <= *answered || gone)
        })
    }

    /// A press has its answer, which is drawn from now on.
    pub fn pressed(&self, chat: i64, message: i32, wire: &str, answered: Instant) {
        self.with(chat, |messages| entry(messages, message).pressed = Some((wire.to_owned(), answered)));
    }

    fn with<T>(&self, chat: i64, look: impl FnOnce(&mut VecDeque<Message>) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.used.back() != Some(&chat) {
            all.used.push_back(chat);
        }
        let found = look(all.chats.entry(chat).or_default());
        // A chat is forgotten when its last use is the oldest one kept.
        while all.used.len() > 2 * CHATS {
            let oldest = all.used.pop_front();
            if let Some(oldest) = oldest.filter(|oldest| !all.used.contains(oldest)) {
                all.chats.remove(&oldest);
            }
        }
        found
    }
}

/// The message's entry, which is now the one used last.
fn entry(messages: &mut VecDeque<Message>, id: i32) -> &mut Message {
    let found = messages.iter().position(|one| one.id == id).and_then(|at| messages.remove(at));
    if found.is_none() && messages.len() >= MESSAGES {
        messages.pop_front();
    }
    messages.push_back(found.unwrap_or_else(|| Message { id, ..Message::default() }));
    let last = messages.len() - 1;
    &mut messages[last]
}

/// Whether two wire forms are of the same place: pages of one list are, and so is what a stamp of
/// another moment follows.
fn same(one: &str, other: &str) -> bool {
    let list = |wire: &str| {
        let (head, last) = wire.rsplit_once(':')?;
        let page = last.len() < 6 && last.bytes().all(|byte| byte.is_ascii_digit());
        let stamp = last.len() == 4 && last.bytes().all(|byte| byte.is_ascii_hexdigit());
        (page || stamp).then(|| head.to_owned())
    };
    one == other || list(one).is_some_and(|head| list(other) == Some(head))
}

fn wires(screen: &Screen) -> Vec<String> {
    let wire = |action: &Action| match action {
        Action::Call(call) => Some(call.wire.clone()),
        Action::Url(_) | Action::Copy(_) => None,
    };
    screen.keyboard.iter().flatten().filter_map(|button| wire(&button.action)).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::callback::Press, *};
    use crate::frame::callback::Need;

    fn press(wire: &str) -> Press {
        Press { wire: wire.to_owned(), need: Need::View }
    }

    fn place(wire: &str, buttons: &[&str]) -> Screen {
        buttons.iter().fold(Screen::new("x").at(press(wire)), |screen, button| screen.button(*button, press(button)))
    }

    #[test]
    fn the_way_back_is_the_way_one_came() {
        let ways = Ways::default();
        for wire in ["m:m", "k:l:0", "k:l:3", "k:c:a", "g:c:z"] {
            ways.drew(1, 5, Some(5), &place(wire, &[]));
        }
        // A question is no place: it is answered in a message of its own, which goes on from here.
        ways.drew(1, 5, Some(5), &Screen::new("name?"));
        assert_eq!(ways.before(1, 5), ["g:c:z", "k:c:a", "k:l:3", "m:m"], "back from a question is where it was asked");
        ways.drew(1, 6, Some(5), &place("g:c:b", &[]));
        assert_eq!(ways.before(1, 6), ["g:c:z", "k:c:a", "k:l:3", "m:m"]);
        ways.drew(1, 6, Some(6), &place("k:c:a", &[]));
        assert_eq!(ways.before(1, 6), ["k:l:3", "m:m"], "a place one returns to ends the loop");
        ways.drew(1, 6, Some(6), &place("m:m", &[]));
        assert!(ways.before(1, 6).is_empty() && ways.before(1, 7).is_empty() && ways.before(2, 6).is_empty());
        ways.drew(1, 8, None, &place("k:c:1", &[]));
        assert!(ways.before(1, 8).is_empty(), "a command begins anew");
        // What a member changed themselves is the place it was: the way back is not to its past.
        for wire in ["k:1:a:2:65cf", "k:1:a:2:0b1e"] {
            ways.drew(1, 8, Some(8), &place(wire, &[]));
        }
        assert_eq!(ways.before(1, 8), ["k:c:1"]);
    }

    #[test]
    fn a_second_press_is_known_by_what_the_first_one_did() {
        let (ways, early) = (Ways::default(), Instant::now());
        ways.drew(1, 5, Some(5), &place("k:c:1", &["pause", "tick"]));
        assert!(!ways.is_second(1, 5, "pause", early));
        ways.drew(1, 5, Some(5), &place("k:c:1", &["resume", "tick"]));
        ways.pressed(1, 5, "pause", Instant::now());
        let late = Instant::now();
        assert!(ways.is_second(1, 5, "pause", late), "the button is gone");
        assert!(!ways.is_second(1, 6, "pause", late) && !ways.is_second(2, 5, "pause", late));
        ways.redrawn(1, 5, &place("k:c:1", &["pause", "tick"]));
        assert!(!ways.is_second(1, 5, "pause", late), "the card drew itself and offers it again");
        ways.pressed(1, 5, "tick", late);
        assert!(ways.is_second(1, 5, "tick", early), "it came while the first was being handled");
        assert!(!ways.is_second(1, 5, "tick", late + std::time::Duration::from_millis(1)), "a tick is taken off by the same button");
    }

    #[test]
    fn memory_is_bounded() {
        let ways = Ways::default();
        for chat in 0..5 * CHATS as i64 {
            ways.drew(chat, 1, None, &place("m:m", &[]));
        }
        let all = ways.0.lock().unwrap();
        assert!(all.chats.len() <= 2 * CHATS && all.used.len() <= 2 * CHATS);
    }
}
