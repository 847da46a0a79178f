//! The other end: people with phones, and what they do with them.

use std::time::Instant;

use axum::body::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Telegram, entities,
    limits::Rates,
    media,
    params::Upload,
    state::{Answer, Callback, FileKind, State, User},
    updates,
    view::{Button, Message},
};
use crate::action::ActionError;

/// What a person attaches.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// MIME type; guessed from the name if absent.
    pub mime: Option<String>,
    pub data: Bytes,
    /// Sent as a photo, recorded as a voice, or as a file.
    pub kind: FileKind,
    /// Text under it; may be empty.
    pub caption: String,
}

/// What pressing a button did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Pressed {
    /// A `callback_query` under this id went to the bot; see [`Telegram::answer`].
    Callback(String),
    /// The client would open this page; the bot learns nothing.
    Url(String),
    /// The client copied this text; the bot learns nothing.
    Copied(String),
    /// A message went to the bot, as from a keyboard under the input field.
    Sent(i64),
}

impl Telegram {
    /// Adds a person, or replaces the one with this id (their chats stay). `User::new(id, name,
    /// phone)` makes one.
    pub fn add_user(&self, user: User) {
        self.state().users.insert(user.id, user);
    }

    /// Adds many people at once.
    pub fn add_users(&self, users: impl IntoIterator<Item = User>) {
        let mut state = self.state();
        state.users.extend(users.into_iter().map(|user| (user.id, user)));
    }

    /// The people, by id.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.quiet().users.values().cloned().collect()
    }

    /// Deletes a person's Telegram account: sends answer `user is deactivated`.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn deactivate(&self, user: i64) -> Result<(), ActionError> {
        self.state().users.get_mut(&user).ok_or(ActionError::NoUser(user))?.deactivated = true;
        Ok(())
    }

    /// Limits in force from now on; windows counted so far are forgotten.
    pub fn set_rates(&self, rates: Rates) {
        let mut state = self.state();
        state.rates = rates;
        state.limits.forget();
    }

    /// Limits in force.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.quiet().rates.clone()
    }

    /// Lets a bot write to people as if each had pressed START long ago: no message, no update. For
    /// audiences of thousands.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn open_chats(&self, bot: i64, users: impl IntoIterator<Item = i64>) -> Result<(), ActionError> {
        let mut state = self.state();
        for user in users {
            known(&state, bot, user)?;
            state.chat_mut(bot, user).started = true;
        }
        Ok(())
    }

    /// The person presses START, with the payload of a deep link if there is one; unblocks the bot
    /// if it was blocked. Returns the id of the `/start` message.
    ///
    /// # Errors
    /// If there is no such bot or person, or the payload is not 1–64 characters of `A-Za-z0-9_-`.
    pub fn press_start(&self, bot: i64, user: i64, payload: Option<&str>) -> Result<i64, ActionError> {
        let text = match payload {
            None | Some("") => "/start".to_owned(),
            Some(payload) if payload.len() <= 64 && payload.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') => {
                format!("/start {payload}")
            }
            Some(_) => return Err(ActionError::Invalid("the payload of a deep link is 1–64 characters of A-Za-z0-9_-".to_owned())),
        };
        self.unblock(bot, user)?;
        self.send_text(bot, user, &text)
    }

    /// The person sends text; returns the message's id.
    ///
    /// # Errors
    /// If there is no such bot or person, the bot is blocked, or the text is empty or over 4096
    /// characters.
    pub fn send_text(&self, bot: i64, user: i64, text: &str) -> Result<i64, ActionError> {
        self.send(bot, user, None, text_content(text)?)
    }

    /// As [`Telegram::send_text`], as a reply to a message.
    ///
    /// # Errors
    /// As [`Telegram::send_text`], and if the message is not there.
    pub fn reply(&self, bot: i64, user: i64, to: i64, text: &str) -> Result<i64, ActionError> {
        self.send(bot, user, Some(to), text_content(text)?)
    }

    /// The person changes a text of theirs; the bot gets the message as it is now, if it asks for
    /// edited messages.
    ///
    /// # Errors
    /// If there is no such bot, person or text of theirs, the bot is blocked, or the text is empty
    /// or over 4096 characters.
    pub fn edit_text(&self, bot: i64, user: i64, message: i64, text: &str) -> Result<(), ActionError> {
        let content = text_content(text)?;
        let mut state = self.state();
        known(&state, bot, user)?;
        let chat = state.chats.get_mut(&(bot, user)).ok_or(ActionError::no_message(message))?;
        if chat.blocked {
            return Err(ActionError::Blocked);
        }
        let stored =
            chat.messages.get_mut(&message).filter(|stored| stored.json.contains_key("text") && stored.json["from"]["id"] == json!(user));
        let stored = stored.ok_or(ActionError::no_message(message))?;
        stored.json.remove("entities");
        stored.json.extend(content);
        stored.json.insert("edit_date".to_owned(), json!(chrono::Utc::now().timestamp()));
        let now = Value::Object(stored.json.clone());
        updates::push(self, &mut state, bot, user, "edited_message", now);
        Ok(())
    }

    /// The person pins a message of the chat, and Telegram tells the bot by a message that nobody
    /// sent; returns its id.
    ///
    /// # Errors
    /// If there is no such bot, person or message, or the bot is blocked.
    pub fn pin(&self, bot: i64, user: i64, message: i64) -> Result<i64, ActionError> {
        let pinned = self.quiet().message(bot, user, message).ok_or(ActionError::no_message(message))?.json.clone();
        self.send(bot, user, None, Map::from_iter([("pinned_message".to_owned(), Value::Object(pinned))]))
    }

    /// The person shares their own phone number; returns the message's id.
    ///
    /// # Errors
    /// If there is no such bot or person, or the bot is blocked.
    pub fn share_contact(&self, bot: i64, user: i64) -> Result<i64, ActionError> {
        let person = self.quiet().users.get(&user).cloned().ok_or(ActionError::NoUser(user))?;
        self.share_contact_of(bot, user, &person.phone, &person.first_name, Some(user))
    }

    /// The person shares somebody's contact; `owner` is that one's Telegram id, if known. A bot
    /// must not take it for the sender's own number unless `owner` is the sender.
    ///
    /// # Errors
    /// If there is no such bot or person, or the bot is blocked.
    pub fn share_contact_of(&self, bot: i64, user: i64, phone: &str, name: &str, owner: Option<i64>) -> Result<i64, ActionError> {
        self.send_contact(bot, user, None, phone, name, owner)
    }

    fn send_contact(
        &self,
        bot: i64,
        user: i64,
        reply_to: Option<i64>,
        phone: &str,
        name: &str,
        owner: Option<i64>,
    ) -> Result<i64, ActionError> {
        // Clients leave the plus out as often as not; the double always does.
        let mut contact = json!({ "phone_number": phone.trim_start_matches('+'), "first_name": name });
        if let Some(owner) = owner {
            contact["user_id"] = json!(owner);
        }
        self.send(bot, user, reply_to, Map::from_iter([("contact".to_owned(), contact)]))
    }

    /// The person sends a file or a photo; returns the message's id.
    ///
    /// # Errors
    /// If there is no such bot or person, the bot is blocked, or the photo is no picture.
    pub fn send_file(&self, bot: i64, user: i64, file: Attachment) -> Result<i64, ActionError> {
        self.send_grouped(bot, user, file, None)
    }

    fn send_grouped(&self, bot: i64, user: i64, file: Attachment, album: Option<&str>) -> Result<i64, ActionError> {
        if file.data.is_empty() {
            return Err(ActionError::Invalid("the file is empty".to_owned()));
        }
        if file.kind == FileKind::Photo && imagesize::blob_size(&file.data).is_err() {
            return Err(ActionError::Invalid(format!("{} is no picture: send it as a file", file.name)));
        }
        let kind = file.kind;
        let mut content = Map::new();
        {
            let mut state = self.quiet();
            known(&state, bot, user)?;
            let upload = Upload { name: Some(file.name), mime: file.mime, data: file.data };
            let saved = media::save(&mut state, bot, kind, upload);
            if kind == FileKind::Animation {
                content.insert("document".to_owned(), saved.clone());
            }
            content.insert(kind.field().to_owned(), saved);
        }
        if !file.caption.is_empty() && kind.has_caption() {
            let (caption, found) = plain(&file.caption)?;
            entities::put(&mut content, "caption", "caption_entities", caption, found);
        }
        if let Some(group) = album {
            content.insert("media_group_id".to_owned(), json!(group));
        }
        self.send(bot, user, None, content)
    }

    /// The person sends several files as an album: a message each, in their order. Returns the
    /// messages' ids.
    ///
    /// # Errors
    /// As [`Telegram::send_file`]; files sent before the one that is refused stay.
    pub fn send_album(&self, bot: i64, user: i64, files: Vec<Attachment>) -> Result<Vec<i64>, ActionError> {
        let group = rand::random::<u64>().to_string();
        files.into_iter().map(|file| self.send_grouped(bot, user, file, Some(&group))).collect()
    }

    /// The person presses an inline button.
    ///
    /// # Errors
    /// If there is no such message or button.
    pub fn press(&self, bot: i64, user: i64, message: i64, row: usize, column: usize) -> Result<Pressed, ActionError> {
        let shown = self.seen(bot, user, message)?;
        let button = shown.buttons.get(row).and_then(|row| row.get(column));
        let button = button.ok_or_else(|| ActionError::NoButton(format!("row {row}, column {column} of message {message}")))?;
        self.push_button(bot, user, message, button)
    }

    /// The person presses the newest inline button whose text contains these characters.
    ///
    /// # Errors
    /// If no message in the chat has one.
    pub fn press_text(&self, bot: i64, user: i64, text: &str) -> Result<Pressed, ActionError> {
        let history = self.history(bot, user);
        let found = history.iter().rev().find_map(|message| Some((message.id, message.button(text)?.2)));
        let (message, button) = found.ok_or_else(|| {
            let shown: Vec<&str> = history.iter().flat_map(|message| message.buttons.iter().flatten()).map(|b| b.text.as_str()).collect();
            ActionError::NoButton(format!("{text:?}; the chat shows {shown:?}"))
        })?;
        self.push_button(bot, user, message, button)
    }

    /// A press with any data on a message of the bot, shown on it or not: outdated cards and
    /// modified clients do that.
    ///
    /// # Errors
    /// If there is no such message.
    pub fn press_data(&self, bot: i64, user: i64, message: i64, data: &str) -> Result<String, ActionError> {
        let mut state = self.state();
        known(&state, bot, user)?;
        let stored = state.message(bot, user, message).ok_or(ActionError::no_message(message))?.json.clone();
        let from = state.users.get(&user).map(User::as_from).unwrap_or_default();
        state.next_callback += 1;
        let id = format!("{}{:07}", 330 + user % 600, state.next_callback);
        state.callbacks.insert(id.clone(), Callback { bot, user, at: Instant::now(), answer: None, expired: false });
        let chat_instance = (bot ^ user).to_string();
        let query = json!({ "id": id, "from": from, "message": stored, "chat_instance": chat_instance, "data": data });
        updates::push(self, &mut state, bot, user, "callback_query", query);
        Ok(id)
    }

    /// The person presses a button of the keyboard under the input field: its text, or their
    /// contact, is sent.
    ///
    /// # Errors
    /// If the keyboard has no button containing these characters.
    pub fn press_keyboard(&self, bot: i64, user: i64, text: &str) -> Result<Pressed, ActionError> {
        let view = self.chat(bot, user);
        let button = view.keyboard.iter().flatten().find(|button| button.text.contains(text));
        let button = button.ok_or_else(|| ActionError::NoButton(format!("{text:?} in the keyboard {:?}", view.keyboard)))?;
        let sent = if button.contact {
            let person = self.quiet().users.get(&user).cloned().ok_or(ActionError::NoUser(user))?;
            // What is shared by a keyboard answers the message that brought it, if that is still
            // there.
            let asked = self.quiet().chats.get(&(bot, user)).and_then(|chat| chat.keyboard_message);
            let asked = asked.filter(|asked| self.quiet().message(bot, user, *asked).is_some());
            self.send_contact(bot, user, asked, &person.phone, &person.first_name, Some(user))?
        } else {
            self.send_text(bot, user, &button.text)?
        };
        if view.one_time {
            self.state().chat_mut(bot, user).reply_keyboard = None;
        }
        Ok(Pressed::Sent(sent))
    }

    /// The bot's answer to a press, once it has given one.
    #[must_use]
    pub fn answer(&self, press: &str) -> Option<Answer> {
        self.quiet().callbacks.get(press)?.answer.clone()
    }

    /// Makes a press too old to be answered.
    pub fn expire(&self, press: &str) {
        if let Some(callback) = self.state().callbacks.get_mut(press) {
            callback.expired = true;
        }
    }

    /// The person blocks the bot; `false` if it was blocked already.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn block(&self, bot: i64, user: i64) -> Result<bool, ActionError> {
        self.set_blocked(bot, user, true)
    }

    /// The person unblocks the bot; `false` if it was not blocked.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn unblock(&self, bot: i64, user: i64) -> Result<bool, ActionError> {
        self.set_blocked(bot, user, false)
    }

    fn set_blocked(&self, bot: i64, user: i64, blocked: bool) -> Result<bool, ActionError> {
        let mut state = self.state();
        known(&state, bot, user)?;
        let chat = state.chat_mut(bot, user);
        if chat.blocked == blocked {
            return Ok(false);
        }
        chat.blocked = blocked;
        let person = state.users.get(&user).ok_or(ActionError::NoUser(user))?;
        let (chat_json, from) = (person.as_chat(), person.as_from());
        let bot_json = state.bots.get(&bot).ok_or(ActionError::NoBot(bot))?.as_user();
        let member = json!({ "status": "member", "user": bot_json });
        let kicked = json!({ "status": "kicked", "user": bot_json, "until_date": 0 });
        let (old, new) = if blocked { (member, kicked) } else { (kicked, member) };
        let date = chrono::Utc::now().timestamp();
        let change = json!({ "chat": chat_json, "from": from, "date": date, "old_chat_member": old, "new_chat_member": new });
        updates::push(self, &mut state, bot, user, "my_chat_member", change);
        Ok(true)
    }

    /// Queues the bot's last `count` updates again, under the ids they had, as after a lost
    /// confirmation. Returns how many there were.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn redeliver(&self, bot: i64, count: usize) -> Result<usize, ActionError> {
        updates::redeliver(&mut self.state(), bot, count).map_err(|_| ActionError::NoBot(bot))
    }

    /// Time passes: after a week without updates nothing waits for the bot, and the next update has
    /// this number, which may be lower than the last one's.
    ///
    /// # Errors
    /// If there is no such bot, or the number is not positive.
    pub fn count_updates_from(&self, bot: i64, next: i64) -> Result<(), ActionError> {
        if next <= 0 {
            return Err(ActionError::Invalid("updates have positive numbers".to_owned()));
        }
        updates::count_from(&mut self.state(), bot, next).map_err(|_| ActionError::NoBot(bot))
    }

    /// Updates a bot has not confirmed yet.
    #[must_use]
    pub fn pending(&self, bot: i64) -> usize {
        self.quiet().bots.get(&bot).map_or(0, |bot| bot.pending.len())
    }

    /// Makes a message older (for the 48 hours within which it can be deleted).
    ///
    /// # Errors
    /// If there is no such message.
    pub fn age(&self, bot: i64, user: i64, message: i64, by: std::time::Duration) -> Result<(), ActionError> {
        let mut state = self.state();
        let stored = state.chats.get_mut(&(bot, user)).and_then(|chat| chat.messages.get_mut(&message));
        let stored = stored.ok_or(ActionError::no_message(message))?;
        stored.at -= chrono::TimeDelta::from_std(by).map_err(|_| ActionError::Invalid("that is too long ago".to_owned()))?;
        stored.json.insert("date".to_owned(), json!(stored.at.timestamp()));
        Ok(())
    }

    /// Loses every file of a bot, as Telegram does when a `file_id` ages: sending by one is refused
    /// from now on. Says how many.
    pub fn forget_files(&self, bot: i64) -> usize {
        let mut state = self.state();
        let before = state.files.len();
        state.files.retain(|_, file| file.bot != bot);
        before - state.files.len()
    }

    /// Bytes, name and MIME type of a file by its id, whoever sent it.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<(Bytes, Option<String>, Option<String>)> {
        self.quiet().files.get(id).map(|file| (file.data.clone(), file.name.clone(), file.mime.clone()))
    }

    fn seen(&self, bot: i64, user: i64, message: i64) -> Result<Message, ActionError> {
        self.message(bot, user, message).filter(|message| !message.deleted).ok_or(ActionError::no_message(message))
    }

    fn push_button(&self, bot: i64, user: i64, message: i64, button: &Button) -> Result<Pressed, ActionError> {
        match (&button.data, &button.url, &button.copy) {
            (Some(data), _, _) => Ok(Pressed::Callback(self.press_data(bot, user, message, data)?)),
            (_, Some(url), _) => Ok(Pressed::Url(url.clone())),
            (_, _, Some(text)) => Ok(Pressed::Copied(text.clone())),
            _ => Err(ActionError::NoButton(format!("{:?} does nothing in the sandbox", button.text))),
        }
    }

    fn send(&self, bot: i64, user: i64, reply_to: Option<i64>, mut content: Map<String, Value>) -> Result<i64, ActionError> {
        let mut state = self.state();
        known(&state, bot, user)?;
        if state.chats.get(&(bot, user)).is_some_and(|chat| chat.blocked) {
            return Err(ActionError::Blocked);
        }
        if let Some(id) = reply_to {
            let mut target = state.message(bot, user, id).ok_or(ActionError::no_message(id))?.json.clone();
            target.remove("reply_to_message");
            content.insert("reply_to_message".to_owned(), Value::Object(target));
        }
        state.chat_mut(bot, user).started = true;
        let message = state.put(bot, user, false, content).map_err(|_| ActionError::NoUser(user))?;
        let id = message["message_id"].as_i64().unwrap_or_default();
        updates::push(self, &mut state, bot, user, "message", Value::Object(message));
        Ok(id)
    }
}

pub(crate) fn known(state: &State, bot: i64, user: i64) -> Result<(), ActionError> {
    if !state.bots.contains_key(&bot) {
        return Err(ActionError::NoBot(bot));
    }
    if !state.users.contains_key(&user) {
        return Err(ActionError::NoUser(user));
    }
    Ok(())
}

fn plain(text: &str) -> Result<(String, Vec<Value>), ActionError> {
    entities::parse(text, "", None).map_err(|error| ActionError::Invalid(error.description))
}

fn text_content(text: &str) -> Result<Map<String, Value>, ActionError> {
    let (text, found) = plain(text)?;
    if text.is_empty() || text.chars().count() > super::send::MAX_TEXT {
        return Err(ActionError::Invalid("a message has 1–4096 characters".to_owned()));
    }
    let mut content = Map::new();
    entities::put(&mut content, "text", "entities", text, found);
    Ok(content)
}
