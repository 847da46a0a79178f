//! What a person sees on the phone, in a shape tests and the page can use.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    WhatsApp,
    content::Shown,
    state::{State, Status, Stored},
};
use crate::double::Chats;

/// A message of either side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    pub wamid: String,
    /// The phone number id.
    pub number: i64,
    /// The person, or the digits of a phone nobody has.
    pub person: i64,
    pub from_business: bool,
    pub at: DateTime<Utc>,
    pub shown: Shown,
    /// The message it answers.
    pub context: Option<String>,
    /// How far it is.
    pub status: Status,
    /// The code it failed with.
    pub failed: Option<u32>,
    /// `biz_opaque_callback_data`.
    pub opaque: Option<String>,
    /// The template it was.
    pub template: Option<u64>,
    /// Whether the business marked it as read (messages of people).
    pub seen: bool,
    /// The business's emoji under it.
    pub reaction: Option<String>,
    /// The person's emoji under it.
    pub own_reaction: Option<String>,
}

impl Message {
    fn read(stored: &Stored) -> Self {
        Self {
            wamid: stored.wamid.clone(),
            number: stored.number,
            person: stored.to,
            from_business: stored.from_business,
            at: stored.at,
            shown: stored.shown.clone(),
            context: stored.context.clone(),
            status: stored.status,
            failed: stored.steps.iter().find_map(|(_, _, code)| *code),
            opaque: stored.opaque.clone(),
            template: stored.template,
            seen: stored.seen,
            reaction: stored.reactions.0.clone(),
            own_reaction: stored.reactions.1.clone(),
        }
    }
}

/// Whether a message came to the phone (also one that is told to have failed after that).
pub(crate) fn arrived(stored: &Stored) -> bool {
    !stored.from_business || stored.steps.iter().any(|(status, ..)| *status == Status::Delivered)
}

/// One chat as the phone shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChatView {
    pub number: i64,
    pub person: i64,
    /// Whether the person blocks the number now.
    pub blocked: bool,
    /// Whether the person stopped the number's advertising.
    pub stopped: bool,
    /// The end of the customer service window, past or to come.
    pub window_until: Option<DateTime<Utc>>,
    /// Messages that arrived, oldest first.
    pub messages: Vec<Message>,
    /// Grows with every change.
    pub version: u64,
}

fn messages<'a>(state: &'a State, number: i64, person: i64) -> impl DoubleEndedIterator<Item = &'a Stored> + 'a {
    let serials = state.chats.get(&(number, person)).map(|chat| chat.messages.as_slice()).unwrap_or_default();
    serials.iter().filter_map(|serial| state.messages.get(serial))
}

impl WhatsApp {
    /// What the person sees in the chat with a number; an empty chat if there was none yet.
    #[must_use]
    pub fn chat(&self, number: i64, person: i64) -> ChatView {
        let state = self.look();
        let chat = state.chats.get(&(number, person));
        ChatView {
            number,
            person,
            blocked: chat.is_some_and(|chat| chat.blocked),
            stopped: chat.is_some_and(|chat| chat.stopped),
            window_until: chat.and_then(|chat| chat.window_until),
            messages: messages(&state, number, person).filter(|one| arrived(one)).map(Message::read).collect(),
            version: chat.map_or(0, |chat| chat.version),
        }
    }

    /// Messages that arrived, oldest first.
    #[must_use]
    pub fn history(&self, number: i64, person: i64) -> Vec<Message> {
        self.chat(number, person).messages
    }

    /// A message, arrived or not.
    #[must_use]
    pub fn message(&self, wamid: &str) -> Option<Message> {
        let state = self.look();
        state.by_wamid.get(wamid).and_then(|serial| state.messages.get(serial)).map(Message::read)
    }

    /// Every message of a number to a person that was accepted, arrived or not, oldest first.
    #[must_use]
    pub fn accepted(&self, number: i64, person: i64) -> Vec<Message> {
        let state = self.look();
        messages(&state, number, person).filter(|one| one.from_business).map(Message::read).collect()
    }

    /// How many messages of a number arrived at each person: what really reached them, whatever was
    /// told about it.
    #[must_use]
    pub fn received(&self, number: i64) -> BTreeMap<i64, u64> {
        let state = self.look();
        let mut counts = BTreeMap::new();
        for stored in state.messages.values().filter(|one| one.number == number && one.from_business && arrived(one)) {
            *counts.entry(stored.to).or_default() += 1;
        }
        counts
    }
}

impl Chats for State {
    type Message = Message;

    /// Of the messages that arrived.
    fn last(&self, number: i64, person: i64) -> Option<Message> {
        messages(self, number, person).rev().find(|one| one.from_business && arrived(one)).map(Message::read)
    }

    fn version(&self, chat: (i64, i64)) -> u64 {
        self.chats.get(&chat).map_or(0, |chat| chat.version)
    }

    fn chats(&self) -> Vec<(i64, i64)> {
        self.chats.keys().copied().collect()
    }

    fn population(&self) -> usize {
        self.numbers.len() + self.people.len()
    }
}
