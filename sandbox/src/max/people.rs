//! The other end: people with phones, and what they do with them.

use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Max,
    limits::Rates,
    markup::fits,
    media::{Kind, new_token},
    state::{State, Stored, as_user, chat_id},
    updates,
};
use crate::{action::ActionError, telegram::User};

/// A payload of a link that is longer is dropped without a word (contract, 2.1).
const MAX_START: usize = 512;

/// What a person attaches.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Its bytes.
    pub data: Bytes,
    /// What it is sent as.
    pub kind: Kind,
    /// Text beside it; may be empty.
    pub caption: String,
}

impl Max {
    /// Adds a person, or replaces the one with this id (their dialogues stay). The same person may
    /// have another id in another messenger; the phone number is what they share.
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

    /// Deletes a person's account: sends answer 403 `access.denied`.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn deactivate(&self, user: i64) -> Result<(), ActionError> {
        self.state().users.get_mut(&user).ok_or(ActionError::NoUser(user))?.deactivated = true;
        Ok(())
    }

    /// Limits in force from now on; what was counted so far is forgotten.
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

    /// Lets a bot write to people as if each had started it long ago: no update. For audiences of
    /// thousands.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn open_chats(&self, bot: i64, users: impl IntoIterator<Item = i64>) -> Result<(), ActionError> {
        let mut state = self.state();
        for user in users {
            known(&state, bot, user)?;
            state.dialogue_mut(bot, user).started = true;
        }
        Ok(())
    }

    /// The `chat_id` of a dialogue, for clients that address by it.
    #[must_use]
    pub fn chat_id(&self, bot: i64, user: i64) -> i64 {
        chat_id(bot, user)
    }

    /// The person presses Start, with the payload of a link if there is one; one of more than 512
    /// characters is dropped without a word. Resumes a bot that was stopped.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn press_start(&self, bot: i64, user: i64, payload: Option<&str>) -> Result<(), ActionError> {
        let mut state = self.state();
        known(&state, bot, user)?;
        let dialogue = state.dialogue_mut(bot, user);
        (dialogue.started, dialogue.stopped) = (true, false);
        let payload = payload.filter(|payload| !payload.is_empty() && fits(payload, MAX_START));
        let mut extra = json!({ "user_id": user });
        if let Some(payload) = payload {
            extra["payload"] = json!(payload);
        }
        self.told(&mut state, bot, user, "bot_started", extra);
        Ok(())
    }

    /// The person sends text; gives the message's id.
    ///
    /// # Errors
    /// If there is no such bot or person, the bot was not started or is blocked, or the text is
    /// empty or over 4000 characters.
    pub fn send_text(&self, bot: i64, user: i64, text: &str) -> Result<String, ActionError> {
        self.send(bot, user, worded(text)?, None)
    }

    /// As [`Max::send_text`], as a reply to a message.
    ///
    /// # Errors
    /// As [`Max::send_text`], and if the message is not there.
    pub fn reply(&self, bot: i64, user: i64, to: &str, text: &str) -> Result<String, ActionError> {
        self.send(bot, user, worded(text)?, Some(to))
    }

    /// The person changes a text of theirs.
    ///
    /// # Errors
    /// If there is no such bot, person or text of theirs, the bot is blocked, or the text is empty
    /// or over 4000 characters.
    pub fn edit_text(&self, bot: i64, user: i64, message: &str, text: &str) -> Result<(), ActionError> {
        let new = worded(text)?;
        let now = self.clock().now();
        let mut state = self.state();
        writable(&state, bot, user)?;
        let stored = state.message_mut(bot, message).filter(|stored| !stored.from_bot && stored.text.is_some());
        let stored = stored.ok_or_else(|| ActionError::no_message(message))?;
        stored.text = new.text;
        stored.edits += 1;
        let stored = stored.clone();
        let shown = state.shown(bot, user, &stored, now);
        updates::push(self, &mut state, bot, user, "message_edited", json!({ "message": shown }));
        Ok(())
    }

    /// The person removes a message from the dialogue.
    ///
    /// # Errors
    /// If there is no such bot, person or message.
    pub fn remove_message(&self, bot: i64, user: i64, message: &str) -> Result<(), ActionError> {
        let mut state = self.state();
        known(&state, bot, user)?;
        state.message_mut(bot, message).ok_or_else(|| ActionError::no_message(message))?.deleted = true;
        let extra = json!({ "message_id": message, "chat_id": chat_id(bot, user), "user_id": user });
        updates::push(self, &mut state, bot, user, "message_removed", extra);
        Ok(())
    }

    /// The person sends a file, a picture, a film or a sound; gives the message's id.
    ///
    /// # Errors
    /// If there is no such bot or person, the bot was not started or is blocked, or the file is
    /// empty.
    pub fn send_file(&self, bot: i64, user: i64, file: Attachment) -> Result<String, ActionError> {
        if file.data.is_empty() {
            return Err(ActionError::Invalid("the file is empty".to_owned()));
        }
        let token = new_token(file.kind);
        let attachment = {
            let mut state = self.quiet();
            writable(&state, bot, user)?;
            state.keep(token.clone(), bot, file.kind, Some(file.name), file.data, 0);
            state.files.get(&token).map(|kept| kept.attachment(self.url(), &token)).unwrap_or_default()
        };
        let text = Some(file.caption).filter(|caption| !caption.is_empty());
        self.send(bot, user, Stored { text, attachments: vec![attachment], ..Stored::default() }, None)
    }

    /// The person stops the bot; `false` if it was stopped already.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn block(&self, bot: i64, user: i64) -> Result<bool, ActionError> {
        let mut state = self.state();
        known(&state, bot, user)?;
        let dialogue = state.dialogue_mut(bot, user);
        let change = !std::mem::replace(&mut dialogue.stopped, true);
        if change {
            self.told(&mut state, bot, user, "bot_stopped", json!({}));
        }
        Ok(change)
    }

    /// The person resumes the bot, as by Start without a payload; `false` if it was not stopped.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn unblock(&self, bot: i64, user: i64) -> Result<bool, ActionError> {
        let stopped = {
            let state = self.quiet();
            known(&state, bot, user)?;
            state.dialogues.get(&(bot, user)).is_some_and(|dialogue| dialogue.stopped)
        };
        if stopped {
            self.press_start(bot, user, None)?;
        }
        Ok(stopped)
    }

    /// The person deletes the dialogue: the bot is stopped and told both.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn remove_dialogue(&self, bot: i64, user: i64) -> Result<(), ActionError> {
        self.block(bot, user)?;
        let mut state = self.state();
        for stored in state.dialogue_mut(bot, user).messages.values_mut() {
            stored.deleted = true;
        }
        self.told(&mut state, bot, user, "dialog_removed", json!({}));
        Ok(())
    }

    /// The person clears the dialogue's history.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn clear_dialogue(&self, bot: i64, user: i64) -> Result<(), ActionError> {
        let mut state = self.state();
        known(&state, bot, user)?;
        for stored in state.dialogue_mut(bot, user).messages.values_mut() {
            stored.deleted = true;
        }
        self.told(&mut state, bot, user, "dialog_cleared", json!({}));
        Ok(())
    }

    /// The person mutes the bot for so long, or unmutes it.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn mute(&self, bot: i64, user: i64, by: Option<std::time::Duration>) -> Result<(), ActionError> {
        let until: Option<DateTime<Utc>> = by.and_then(|by| self.clock().now().checked_add_signed(TimeDelta::from_std(by).ok()?));
        let mut state = self.state();
        known(&state, bot, user)?;
        state.dialogue_mut(bot, user).muted_until = until;
        match until {
            Some(until) => self.told(&mut state, bot, user, "dialog_muted", json!({ "muted_until": until.timestamp_millis() })),
            None => self.told(&mut state, bot, user, "dialog_unmuted", json!({})),
        }
        Ok(())
    }

    /// Makes a message older (for the seven days within which it can be edited).
    ///
    /// # Errors
    /// If there is no such message.
    pub fn age(&self, bot: i64, message: &str, by: std::time::Duration) -> Result<(), ActionError> {
        let by = TimeDelta::from_std(by).map_err(|_| ActionError::Invalid("that is too long ago".to_owned()))?;
        let mut state = self.state();
        state.message_mut(bot, message).ok_or_else(|| ActionError::no_message(message))?.at -= by;
        Ok(())
    }

    /// Loses every file of a bot: sending by its tokens is refused from now on. Says how many.
    pub fn forget_files(&self, bot: i64) -> usize {
        let mut state = self.state();
        let before = state.files.len();
        state.files.retain(|_, file| file.bot != bot);
        state.uploads.retain(|_, upload| upload.bot != bot);
        before - state.files.len()
    }

    /// Bytes, name and MIME type of a file by its token, whoever sent it.
    #[must_use]
    pub fn file(&self, token: &str) -> Option<(Bytes, Option<String>, Option<String>)> {
        self.quiet().files.get(token).map(|file| (file.data.clone(), file.name.clone(), None))
    }

    /// A message of the person's, told to the bot; gives its id.
    pub(crate) fn send(&self, bot: i64, user: i64, mut new: Stored, reply_to: Option<&str>) -> Result<String, ActionError> {
        let now = self.clock().now();
        let mut state = self.state();
        writable(&state, bot, user)?;
        if let Some(mid) = reply_to {
            let (_, target) = state.message(bot, mid).filter(|(of, _)| *of == user).ok_or_else(|| ActionError::no_message(mid))?;
            let shown = state.shown(bot, user, target, now);
            new.link = Some(json!({ "type": "reply", "sender": shown["sender"], "message": shown["body"] }));
        }
        let seq = state.put(bot, user, new, now);
        let stored = state.dialogue_mut(bot, user).messages.get(&seq).cloned().unwrap_or_default();
        let locale = state.users.get(&user).and_then(|user| user.language_code.clone());
        let shown = state.shown(bot, user, &stored, now);
        updates::push(self, &mut state, bot, user, "message_created", json!({ "message": shown, "user_locale": locale }));
        Ok(stored.mid)
    }

    /// An update about the dialogue itself.
    fn told(&self, state: &mut State, bot: i64, user: i64, kind: &str, extra: Value) {
        let now = self.clock().now();
        let person = state.users.get(&user);
        let locale = person.and_then(|person| person.language_code.clone());
        let mut update = json!({ "chat_id": chat_id(bot, user), "user": person.map(|person| as_user(person, now)), "user_locale": locale });
        if let (Some(update), Value::Object(extra)) = (update.as_object_mut(), extra) {
            update.extend(extra);
        }
        updates::push(self, state, bot, user, kind, update);
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

/// Whether the phone shows a field to write in.
fn writable(state: &State, bot: i64, user: i64) -> Result<(), ActionError> {
    known(state, bot, user)?;
    match state.dialogues.get(&(bot, user)) {
        Some(dialogue) if dialogue.stopped => Err(ActionError::Blocked),
        Some(dialogue) if dialogue.started => Ok(()),
        _ => Err(ActionError::NotStarted),
    }
}

fn worded(text: &str) -> Result<Stored, ActionError> {
    if text.trim().is_empty() || !fits(text, super::body::MAX_TEXT) {
        return Err(ActionError::Invalid("a message has 1–4000 characters".to_owned()));
    }
    Ok(Stored { text: Some(text.to_owned()), ..Stored::default() })
}
