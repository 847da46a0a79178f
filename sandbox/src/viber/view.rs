//! What the phone shows.

use super::{Viber, keyboard, people::is_unread, state::State};
use crate::{
    double::Chats,
    view::{ChatView, Message},
};

impl Viber {
    /// What the person sees in the chat with a bot; an empty one if there was none yet.
    #[must_use]
    pub fn chat(&self, bot: i64, user: i64) -> ChatView {
        let state = self.quiet();
        let view = ChatView { bot, user, ..ChatView::default() };
        let Some(chat) = state.chat(bot, user) else { return view };
        ChatView {
            started: chat.opened,
            blocked: chat.opened && !chat.subscribed && chat.welcome_since.is_none(),
            messages: chat.messages.iter().filter(|stored| stored.arrived).map(|stored| stored.shown.clone()).collect(),
            keyboard: state.keyboard(bot, user).map(keyboard::shown).unwrap_or_default(),
            unread: chat.messages.iter().filter(|stored| is_unread(stored)).count(),
            version: chat.version,
            ..view
        }
    }

    /// Messages on the phone, oldest first.
    #[must_use]
    pub fn history(&self, bot: i64, user: i64) -> Vec<Message> {
        self.chat(bot, user).messages
    }

    /// One message, on the phone or on its way, by its token.
    #[must_use]
    pub fn message(&self, bot: i64, user: i64, token: u64) -> Option<Message> {
        let state = self.quiet();
        state.chat(bot, user)?.messages.iter().find(|stored| stored.token == token).map(|stored| stored.shown.clone())
    }
}

impl Chats for State {
    type Message = Message;

    /// Of the messages that arrived.
    fn last(&self, bot: i64, user: i64) -> Option<Message> {
        let newest = self.chat(bot, user)?.messages.iter().rev().find(|stored| stored.shown.from_bot && stored.arrived);
        newest.map(|stored| stored.shown.clone())
    }

    fn version(&self, chat: (i64, i64)) -> u64 {
        self.dialogues.get(&chat).map_or(0, |chat| chat.version)
    }

    fn chats(&self) -> Vec<(i64, i64)> {
        self.dialogues.keys().copied().collect()
    }

    fn population(&self) -> usize {
        self.bots.len() + self.users.len()
    }
}
