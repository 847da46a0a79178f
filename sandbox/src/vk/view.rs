//! What the phone shows.

use super::{
    Vk, keyboard,
    state::{State, Stored},
    text,
};
use crate::{
    double::Chats,
    view::{ChatView, File, Message},
};

impl State {
    fn read(&self, stored: &Stored) -> Message {
        let known = |name: &str| {
            let community = self.communities.values().any(|one| one.screen_name == name);
            community || self.users.values().any(|user| user.username.as_deref() == Some(name))
        };
        let (text, entities) = text::read(&stored.text, self.settings.decodes_entities, known);
        let file = |kind: &str| -> Option<File> {
            let of = &stored.attachments.iter().find(|attachment| attachment["type"] == kind)?[kind];
            let key = format!("{kind}{}_{}", of["owner_id"], of["id"]);
            self.files.get(&key).map(|kept| kept.shown(&key))
        };
        Message {
            id: stored.id.to_string(),
            from_bot: stored.out,
            at: stored.at,
            text,
            entities,
            photo: file("photo"),
            document: file("doc"),
            contact: None,
            buttons: stored.keyboard.as_ref().filter(|keyboard| keyboard["inline"] == true).map(keyboard::shown).unwrap_or_default(),
            reply_to: stored.reply_to.map(|id| id.to_string()),
            edits: stored.edits,
            read: stored.read,
        }
    }
}

impl Vk {
    /// What the person sees in the dialogue with a community; an empty one if there was none yet.
    #[must_use]
    pub fn chat(&self, group: i64, user: i64) -> ChatView {
        let state = self.quiet();
        let view = ChatView { bot: group, user, ..ChatView::default() };
        let Some(chat) = state.chat(group, user) else { return view };
        let there = || chat.messages.values().filter(|stored| !stored.deleted);
        ChatView {
            // An empty dialogue has the button «Начать».
            started: !chat.messages.is_empty(),
            blocked: chat.denied,
            messages: there().map(|stored| state.read(stored)).collect(),
            keyboard: chat.keyboard.as_ref().map(keyboard::shown).unwrap_or_default(),
            action: chat.typing_until.filter(|until| *until > state.now()).map(|_| "typing".to_owned()),
            toast: chat.toast.clone(),
            unread: there().filter(|stored| stored.out && !stored.read).count(),
            version: chat.version,
            ..view
        }
    }

    /// Messages that are there, oldest first.
    #[must_use]
    pub fn history(&self, group: i64, user: i64) -> Vec<Message> {
        self.chat(group, user).messages
    }

    /// One message, removed or not.
    #[must_use]
    pub fn message(&self, group: i64, user: i64, id: i64) -> Option<Message> {
        let state = self.quiet();
        let stored = state.chat(group, user)?.messages.values().find(|stored| stored.id == id)?;
        Some(state.read(stored))
    }
}

impl Chats for State {
    type Message = Message;

    fn last(&self, group: i64, user: i64) -> Option<Message> {
        let newest = self.chat(group, user)?.messages.values().rev().find(|stored| stored.out && !stored.deleted);
        newest.map(|stored| self.read(stored))
    }

    fn version(&self, chat: (i64, i64)) -> u64 {
        self.dialogues.get(&chat).map_or(0, |chat| chat.version)
    }

    fn chats(&self) -> Vec<(i64, i64)> {
        self.dialogues.keys().copied().collect()
    }

    fn population(&self) -> usize {
        self.communities.len() + self.users.len()
    }
}
