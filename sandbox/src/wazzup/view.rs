//! What the phone shows.

use super::{
    Wazzup,
    people::is_unread,
    state::{State, Stored},
};
use crate::{
    double::Chats,
    view::{ChatView, Message},
};

fn is_there(stored: &Stored) -> bool {
    stored.arrived && !stored.deleted
}

impl Wazzup {
    /// What the person sees in the chat with a channel; an empty one if there was none yet.
    #[must_use]
    pub fn chat(&self, channel: i64, user: i64) -> ChatView {
        let state = self.quiet();
        // Anybody may write to a channel.
        let view = ChatView { bot: channel, user, started: true, ..ChatView::default() };
        let Some(chat) = state.chat(channel, user) else { return view };
        ChatView {
            blocked: chat.blocked,
            messages: chat.messages.iter().filter(|stored| is_there(stored)).map(|stored| stored.shown.clone()).collect(),
            unread: chat.messages.iter().filter(|stored| is_unread(stored)).count(),
            version: chat.version,
            ..view
        }
    }

    /// Messages on the phone, oldest first.
    #[must_use]
    pub fn history(&self, channel: i64, user: i64) -> Vec<Message> {
        self.chat(channel, user).messages
    }

    /// One message, on the phone or not, by its `messageId`.
    #[must_use]
    pub fn message(&self, id: &str) -> Option<Message> {
        self.quiet().message(id).map(|(.., stored)| stored.shown.clone())
    }
}

impl Chats for State {
    type Message = Message;

    /// Of the messages that arrived.
    fn last(&self, channel: i64, user: i64) -> Option<Message> {
        let newest = self.chat(channel, user)?.messages.iter().rev().find(|stored| stored.shown.from_bot && is_there(stored));
        newest.map(|stored| stored.shown.clone())
    }

    fn version(&self, chat: (i64, i64)) -> u64 {
        self.dialogues.get(&chat).map_or(0, |chat| chat.version)
    }

    fn chats(&self) -> Vec<(i64, i64)> {
        self.dialogues.keys().copied().collect()
    }

    fn population(&self) -> usize {
        self.channels.len() + self.users.len()
    }
}
