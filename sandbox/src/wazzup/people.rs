//! The other end: people behind channels and what they do, and the people of the company who write
//! in Wazzup itself.

use serde_json::json;

use super::{
    Wazzup, content, outcome,
    state::{State, Stored},
    transport::Transport,
};
use crate::{
    action::ActionError,
    desk::Attachment,
    telegram::User,
    view::{File, Message, Served, find, unique},
};

impl State {
    /// Whether this person has no account in the messenger of a channel.
    pub(crate) fn is_absent(&self, user: i64, transport: Transport) -> bool {
        let gone = self.users.get(&user).is_none_or(|person| person.deactivated);
        gone || self.absent.contains(&(user, transport.chat_type()))
    }
}

impl Wazzup {
    /// Adds a person, or replaces the one with this id (their chats stay).
    pub fn add_user(&self, user: User) {
        self.state().users.insert(user.id, user);
    }

    /// Adds many people at once.
    pub fn add_users(&self, users: impl IntoIterator<Item = User>) {
        self.state().users.extend(users.into_iter().map(|user| (user.id, user)));
    }

    /// The people, by id.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.quiet().users.values().cloned().collect()
    }

    /// The person's `chatId` in the messenger of a channel.
    ///
    /// # Errors
    /// If there is no such channel or person.
    pub fn chat_id(&self, channel: i64, user: i64) -> Result<String, ActionError> {
        let state = self.quiet();
        state.known(channel, user)?;
        let pair = state.channels.get(&channel).zip(state.users.get(&user));
        Ok(pair.map(|(channel, user)| channel.transport.chat_id(user)).unwrap_or_default())
    }

    /// Deletes a person everywhere: `BAD_CONTACT`.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn deactivate(&self, user: i64) -> Result<(), ActionError> {
        self.state().users.get_mut(&user).ok_or(ActionError::NoUser(user))?.deactivated = true;
        Ok(())
    }

    /// Whether a person has an account in a transport's messenger; without one: `BAD_CONTACT`.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn set_present(&self, user: i64, transport: Transport, there: bool) -> Result<(), ActionError> {
        let mut state = self.state();
        if !state.users.contains_key(&user) {
            return Err(ActionError::NoUser(user));
        }
        let pair = (user, transport.chat_type());
        if there {
            state.absent.remove(&pair)
        } else {
            state.absent.insert(pair)
        };
        Ok(())
    }

    /// Lets a channel write to people as if each had written long ago; nothing is told. For
    /// audiences of thousands.
    ///
    /// # Errors
    /// If there is no such channel or person.
    pub fn open_chats(&self, channel: i64, users: impl IntoIterator<Item = i64>) -> Result<(), ActionError> {
        let mut state = self.state();
        for user in users {
            state.known(channel, user)?;
            state.chat_mut(channel, user).begun = true;
        }
        Ok(())
    }

    /// Every message to this person fails with this code after it was taken (`SPAM`,
    /// `TOO_MANY_EXT_REQS`…); `None` ends it.
    ///
    /// # Errors
    /// If there is no such channel or person.
    pub fn set_fate(&self, channel: i64, user: i64, code: Option<&str>) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(channel, user)?;
        state.chat_mut(channel, user).fate = code.map(str::to_owned);
        Ok(())
    }

    /// The person blocks the channel or lets it write again: nothing tells it, messages fail.
    ///
    /// # Errors
    /// If there is no such channel or person.
    pub fn set_blocked(&self, channel: i64, user: i64, on: bool) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(channel, user)?;
        state.chat_mut(channel, user).blocked = on;
        Ok(())
    }

    /// The person writes; gives the message's id.
    ///
    /// # Errors
    /// If there is no such channel or person, or the text is empty.
    pub fn send_text(&self, channel: i64, user: i64, text: &str) -> Result<String, ActionError> {
        self.texted(channel, user, text, None)
    }

    /// As [`Wazzup::send_text`], as an answer to a message.
    ///
    /// # Errors
    /// As [`Wazzup::send_text`], and if the message is not in the chat.
    pub fn reply(&self, channel: i64, user: i64, to: &str, text: &str) -> Result<String, ActionError> {
        let there = self.quiet().message(to).is_some_and(|(in_channel, of, _)| in_channel == channel && of == user);
        if there { self.texted(channel, user, text, Some(to)) } else { Err(ActionError::no_message(to)) }
    }

    fn texted(&self, channel: i64, user: i64, text: &str, to: Option<&str>) -> Result<String, ActionError> {
        if text.trim().is_empty() {
            return Err(ActionError::Invalid("a message has at least one character".to_owned()));
        }
        let shown = Message { text: text.to_owned(), reply_to: to.map(str::to_owned), ..Message::default() };
        self.say(channel, user, shown, "text", None)
    }

    /// The person sends a picture or a file; gives the message's id.
    ///
    /// # Errors
    /// If there is no such channel or person, or the file is empty.
    pub fn send_file(&self, channel: i64, user: i64, file: Attachment) -> Result<String, ActionError> {
        if file.data.is_empty() {
            return Err(ActionError::Invalid("the file is empty".to_owned()));
        }
        let id = unique(&file.data);
        let kept = File::of(id.clone(), id.clone(), Some(file.name.clone()), &file.data);
        let address = format!("{}/files/{id}", self.url());
        let kind = if file.photo { "image" } else { content::kind(file.mime.as_deref().unwrap_or_default(), &file.name) };
        let (photo, document) = if file.photo { (Some(kept), None) } else { (None, Some(kept)) };
        self.quiet().files.insert(id, (file.data, Some(file.name), file.mime));
        self.say(channel, user, Message { text: file.caption, photo, document, ..Message::default() }, kind, Some(address))
    }

    /// The person presses the newest button whose text contains these characters. No event is
    /// documented: its label comes as the person's text (unconfirmed). A link tells nothing.
    ///
    /// # Errors
    /// If no message in the chat has one.
    pub fn press_text(&self, channel: i64, user: i64, text: &str) -> Result<Option<String>, ActionError> {
        let history = self.history(channel, user);
        let found = history.iter().rev().find_map(|message| find(&message.buttons, text).map(|(.., button)| button.clone()));
        let button = found.ok_or_else(|| ActionError::NoButton(format!("{text:?} in the chat")))?;
        if button.url.is_some() {
            return Ok(None);
        }
        self.texted(channel, user, &button.text, None).map(Some)
    }

    /// The person opens the chat and reads everything. Gives how many messages were unread.
    ///
    /// # Errors
    /// If there is no such channel or person.
    pub fn read(&self, channel: i64, user: i64) -> Result<usize, ActionError> {
        let mut state = self.state();
        state.known(channel, user)?;
        let messages = state.chat(channel, user).into_iter().flat_map(|chat| &chat.messages);
        let unread: Vec<String> = messages.filter(|stored| is_unread(stored)).map(|stored| stored.id.clone()).collect();
        for id in &unread {
            outcome::read(&mut state, id);
        }
        Ok(unread.len())
    }

    /// Somebody of the company writes in Wazzup's own chat: an echo with a `messageId` that no
    /// client knows. Gives it.
    ///
    /// # Errors
    /// If there is no such channel or person, or the text is empty.
    pub fn write_by_hand(&self, channel: i64, user: i64, author: &str, text: &str) -> Result<String, ActionError> {
        self.written(channel, user, Some(author), text)
    }

    /// As [`Wazzup::write_by_hand`], but on the channel's own phone: the echo names no author.
    ///
    /// # Errors
    /// As [`Wazzup::write_by_hand`].
    pub fn write_on_phone(&self, channel: i64, user: i64, text: &str) -> Result<String, ActionError> {
        self.written(channel, user, None, text)
    }

    fn written(&self, channel: i64, user: i64, author: Option<&str>, text: &str) -> Result<String, ActionError> {
        if text.trim().is_empty() {
            return Err(ActionError::Invalid("a message has at least one character".to_owned()));
        }
        let mut state = self.state();
        state.known(channel, user)?;
        let (id, at) = (uuid::Uuid::new_v4().to_string(), state.now());
        let shown = Message { id: id.clone(), from_bot: true, at, text: text.to_owned(), ..Message::default() };
        let stored = Stored {
            id: id.clone(),
            shown,
            arrived: true,
            deleted: false,
            kind: "text".to_owned(),
            content: None,
            author: author.map(str::to_owned),
            template: false,
        };
        state.put(channel, user, stored.clone());
        let mut echo = outcome::told(&state, channel, user, &stored);
        echo["status"] = json!("sent");
        state.tell(channel, user, "messages", echo);
        Ok(id)
    }

    /// A file by its id, whoever sent it.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<Served> {
        self.quiet().files.get(id).cloned()
    }

    /// A message of the person's, told to the account; gives its id.
    fn say(&self, channel: i64, user: i64, shown: Message, kind: &str, content: Option<String>) -> Result<String, ActionError> {
        let mut state = self.state();
        state.known(channel, user)?;
        let (id, at) = (uuid::Uuid::new_v4().to_string(), state.now());
        let chat = state.chat_mut(channel, user);
        (chat.begun, chat.last_word) = (true, Some(at));
        let shown = Message { id: id.clone(), at, read: true, ..shown };
        let stored =
            Stored { id: id.clone(), shown, arrived: true, deleted: false, kind: kind.to_owned(), content, author: None, template: false };
        state.put(channel, user, stored.clone());
        let told = outcome::told(&state, channel, user, &stored);
        state.tell(channel, user, "messages", told);
        Ok(id)
    }
}

/// Whether the person has not read it and could.
pub(crate) fn is_unread(stored: &Stored) -> bool {
    stored.shown.from_bot && stored.arrived && !stored.deleted && !stored.shown.read
}
