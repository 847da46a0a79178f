//! People press buttons.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Max,
    contact::Contact,
    people::known,
    state::{Stored, as_user},
    updates,
};
use crate::{action::ActionError, view::Button};

/// The answer a bot gave to a press.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// What the client shows for a moment; `None` where the bot only changed the message.
    pub text: Option<String>,
}

/// A press the bot was told of.
pub(crate) struct Callback {
    pub(crate) bot: i64,
    pub(crate) user: i64,
    pub(crate) mid: String,
    pub(crate) answer: Option<Answer>,
    pub(crate) expired: bool,
}

/// What pressing a button did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Pressed {
    /// A `message_callback` under this id went to the bot; see [`Max::answer`].
    Callback(String),
    /// The client would open this page or mini-app; the bot learns nothing.
    Url(String),
    /// The client copied this text; the bot learns nothing.
    Copied(String),
    /// The person's message went to the bot: its id.
    Sent(String),
}

impl Max {
    /// The person presses a button under a message.
    ///
    /// # Errors
    /// If there is no such message or button, or the bot is blocked.
    pub fn press(&self, bot: i64, user: i64, message: &str, row: usize, column: usize) -> Result<Pressed, ActionError> {
        let shown = self.message(bot, user, message).filter(|message| !message.deleted);
        let shown = shown.ok_or_else(|| ActionError::no_message(message))?;
        let button = shown.buttons.get(row).and_then(|row| row.get(column));
        let button = button.ok_or_else(|| ActionError::NoButton(format!("row {row}, column {column} of message {message}")))?;
        self.push_button(bot, user, message, button)
    }

    /// The person presses the newest button whose text contains these characters.
    ///
    /// # Errors
    /// If no message in the dialogue has one, or the bot is blocked.
    pub fn press_text(&self, bot: i64, user: i64, text: &str) -> Result<Pressed, ActionError> {
        let history = self.history(bot, user);
        let found = history.iter().rev().find_map(|message| Some((message.id.as_str(), message.button(text)?.2)));
        let (message, button) = found.ok_or_else(|| {
            let shown: Vec<&str> = history.iter().flat_map(|message| message.buttons.iter().flatten()).map(|b| b.text.as_str()).collect();
            ActionError::NoButton(format!("{text:?}; the dialogue shows {shown:?}"))
        })?;
        self.push_button(bot, user, message, button)
    }

    /// A press with any payload, or none, on a message of the bot, shown on it or not: outdated
    /// cards and modified clients do that. Gives the id of the press.
    ///
    /// # Errors
    /// If there was never such a message, or the bot is blocked.
    pub fn press_data(&self, bot: i64, user: i64, message: &str, payload: Option<&str>) -> Result<String, ActionError> {
        let now = self.clock().now();
        let mut state = self.state();
        known(&state, bot, user)?;
        if state.dialogues.get(&(bot, user)).is_some_and(|dialogue| dialogue.stopped) {
            return Err(ActionError::Blocked);
        }
        // A message that was removed meanwhile is `null` in the update.
        let stored = super::state::read_mid(message).and_then(|(_, seq)| state.dialogues.get(&(bot, user))?.messages.get(&seq));
        let stored = stored.ok_or_else(|| ActionError::no_message(message))?;
        let shown = (!stored.deleted).then(|| state.shown(bot, user, stored, now));
        let id = format!("cbk_{:08x}{:08x}", state.fresh(), rand::random::<u32>());
        let callback = Callback { bot, user, mid: message.to_owned(), answer: None, expired: false };
        state.callbacks.insert(id.clone(), callback);
        let person = state.users.get(&user).map(|person| as_user(person, now));
        let mut told = json!({ "timestamp": now.timestamp_millis(), "callback_id": id, "user": person });
        if let Some(payload) = payload {
            told["payload"] = json!(payload);
        }
        let locale = state.users.get(&user).and_then(|user| user.language_code.clone());
        updates::push(
            self,
            &mut state,
            bot,
            user,
            "message_callback",
            json!({ "callback": told, "message": shown, "user_locale": locale }),
        );
        Ok(id)
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

    fn push_button(&self, bot: i64, user: i64, message: &str, button: &Button) -> Result<Pressed, ActionError> {
        let payload = button.data.as_deref();
        Ok(match button.kind.as_str() {
            "callback" => Pressed::Callback(self.press_data(bot, user, message, payload)?),
            "message" => Pressed::Sent(self.send_text(bot, user, &button.text)?),
            "request_contact" => {
                let own = Contact::own(self, user)?;
                Pressed::Sent(self.share(bot, user, own)?)
            }
            "request_geo_location" => {
                let place = json!({ "type": "location", "latitude": 55.7558, "longitude": 37.6173 });
                Pressed::Sent(self.send(bot, user, Stored { attachments: vec![place], ..Stored::default() }, None)?)
            }
            "link" | "open_app" => Pressed::Url(button.url.clone().or_else(|| button.data.clone()).unwrap_or_default()),
            "clipboard" => Pressed::Copied(button.copy.clone().unwrap_or_default()),
            other => return Err(ActionError::NoButton(format!("{:?} is a button of an unknown kind: {other}", button.text))),
        })
    }
}

/// A button as the API shows it, for the phone.
pub(crate) fn shown(raw: &Value) -> Button {
    let text = |name: &str| raw[name].as_str().map(str::to_owned);
    let kind = text("type").unwrap_or_default();
    let payload = text("payload");
    let (data, copy) = if kind == "clipboard" { (None, payload) } else { (payload, None) };
    Button {
        text: text("text").unwrap_or_default(),
        url: text("url").or_else(|| text("web_app")),
        data,
        copy,
        contact: kind == "request_contact",
        kind,
    }
}
