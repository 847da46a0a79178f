//! People press buttons, and the community answers (contract, 2.4).

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Vk,
    error::{VkError, VkResult},
    keyboard,
    params::Params,
    people::place,
    state::Stored,
};
use crate::{
    action::ActionError,
    view::{Button, find},
};

/// Characters of `event_data`.
const MAX_ANSWER: usize = 1000;
/// Characters of a snackbar.
const MAX_SNACKBAR: usize = 90;

/// A press of a callback button.
pub(crate) struct Press {
    group: i64,
    user: i64,
    at: DateTime<Utc>,
    answer: Option<Value>,
}

/// What pressing a button did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Pressed {
    /// A `message_event` under this id went to the community; see [`Vk::answer`].
    Callback(String),
    /// The client would open this page; the community learns nothing.
    Url(String),
    /// The person's message went to the community: its id.
    Sent(i64),
}

impl Vk {
    /// The person presses a button under a message.
    ///
    /// # Errors
    /// If there is no such message or button.
    pub fn press(&self, group: i64, user: i64, message: i64, row: usize, column: usize) -> Result<Pressed, ActionError> {
        let found = self.quiet().message(group, message).filter(|(of, _)| *of == user).map(|(_, stored)| stored.clone());
        let stored = found.ok_or_else(|| ActionError::no_message(message))?;
        let shown = stored.keyboard.as_ref().map(keyboard::shown).unwrap_or_default();
        let button = shown.get(row).and_then(|row| row.get(column));
        let button = button.ok_or_else(|| ActionError::NoButton(format!("row {row}, column {column} of message {message}")))?;
        self.push_button(group, user, Some(&stored), button)
    }

    /// The person presses the newest button whose text contains these characters, under a message
    /// or of the keyboard.
    ///
    /// # Errors
    /// If there is none.
    pub fn press_text(&self, group: i64, user: i64, text: &str) -> Result<Pressed, ActionError> {
        let (found, shown) = {
            let state = self.quiet();
            let chat = state.chat(group, user);
            let messages: Vec<&Stored> =
                chat.into_iter().flat_map(|chat| chat.messages.values().rev()).filter(|one| !one.deleted).collect();
            let inline = |stored: &&Stored| stored.keyboard.as_ref().filter(|keyboard| keyboard["inline"] == true).map(keyboard::shown);
            let under = messages
                .iter()
                .find_map(|stored| find(&inline(stored)?, text).map(|(.., button)| (Some((*stored).clone()), button.clone())));
            let own = chat.and_then(|chat| chat.keyboard.as_ref()).map(keyboard::shown).unwrap_or_default();
            let found = under.or_else(|| find(&own, text).map(|(.., button)| (None, button.clone())));
            let shown: Vec<String> = messages.iter().filter_map(inline).flatten().chain(own).flatten().map(|button| button.text).collect();
            (found, shown)
        };
        let (stored, button) = found.ok_or_else(|| ActionError::NoButton(format!("{text:?}; the dialogue shows {shown:?}")))?;
        self.push_button(group, user, stored.as_ref(), &button)
    }

    /// The person presses the button of the keyboard that contains these characters.
    ///
    /// # Errors
    /// If the keyboard has none.
    pub fn press_keyboard(&self, group: i64, user: i64, text: &str) -> Result<Pressed, ActionError> {
        let keyboard = self.chat(group, user).keyboard;
        let (.., button) = find(&keyboard, text).ok_or_else(|| ActionError::NoButton(format!("{text:?} on the keyboard")))?;
        self.push_button(group, user, None, button)
    }

    /// A press with any payload on any message: outdated cards and modified clients do that. Gives
    /// the id of the press.
    ///
    /// # Errors
    /// If there is no such community, person or message.
    pub fn press_data(&self, group: i64, user: i64, message: i64, payload: &str) -> Result<String, ActionError> {
        let cmid = self.quiet().message(group, message).filter(|(of, _)| *of == user).map(|(_, stored)| stored.cmid);
        self.called_back(group, user, cmid.ok_or_else(|| ActionError::no_message(message))?, Some(payload))
    }

    fn called_back(&self, group: i64, user: i64, cmid: i64, payload: Option<&str>) -> Result<String, ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        let at = state.now();
        let id = format!("be{:010x}", rand::random::<u32>());
        state.presses.insert(id.clone(), Press { group, user, at, answer: None });
        let payload = payload.map(|payload| match state.settings.event_payload_as_text {
            true => json!(payload),
            false => serde_json::from_str(payload).unwrap_or_else(|_| json!(payload)),
        });
        let event = json!({ "user_id": user, "peer_id": user, "event_id": id, "payload": payload, "conversation_message_id": cmid });
        state.tell(group, user, "message_event", event);
        Ok(id)
    }

    fn push_button(&self, group: i64, user: i64, stored: Option<&Stored>, button: &Button) -> Result<Pressed, ActionError> {
        let payload = button.data.clone();
        let pressed = match button.kind.as_str() {
            "callback" => Pressed::Callback(self.called_back(group, user, stored.map_or(0, |stored| stored.cmid), payload.as_deref())?),
            "text" => Pressed::Sent(self.say(group, user, Stored { text: button.text.clone(), payload, ..Stored::default() })?),
            "location" => Pressed::Sent(self.say(group, user, Stored { location: Some(place()), payload, ..Stored::default() })?),
            "open_link" => Pressed::Url(button.url.clone().unwrap_or_default()),
            _ => Pressed::Url(String::new()),
        };
        // A keyboard for one time goes after it.
        if stored.is_none()
            && let Some(chat) = self.state().dialogues.get_mut(&(group, user))
        {
            chat.keyboard = chat.keyboard.take().filter(|keyboard| keyboard["one_time"] != true);
        }
        Ok(pressed)
    }

    /// The community's answer to a press, `event_data`, once it has given one.
    #[must_use]
    pub fn answer(&self, press: &str) -> Option<Value> {
        self.quiet().presses.get(press)?.answer.clone()
    }
}

/// `messages.sendMessageEventAnswer`.
pub(crate) fn answer(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let id = params.required_text("event_id")?;
    let (user, peer) = (params.required("user_id")?, params.required("peer_id")?);
    let data = params.json("event_data")?;
    if let Some(data) = &data {
        let text = data["text"].as_str();
        let right = match data["type"].as_str() {
            Some("show_snackbar") => text.is_some_and(|text| (1..=MAX_SNACKBAR).contains(&text.chars().count())),
            Some("open_link") => data["link"].as_str().is_some_and(|link| link.starts_with("http")),
            Some("open_app") => data["app_id"].is_i64(),
            _ => false,
        };
        if !right || data.to_string().chars().count() > MAX_ANSWER {
            return Err(VkError::parameter("event_data is invalid"));
        }
    }
    let mut state = vk.state();
    let (now, within) = (state.now(), i64::try_from(state.settings.answer_press_seconds).unwrap_or(i64::MAX));
    let known = state.presses.get_mut(id).filter(|press| press.group == group && press.user == user && peer == user);
    // Once, and in time.
    let press = known.filter(|press| press.answer.is_none() && (now - press.at).num_seconds() < within);
    let press = press.ok_or_else(|| VkError::parameter("event_id is invalid"))?;
    let data = data.unwrap_or_else(|| json!({}));
    press.answer = Some(data.clone());
    let toast = data["text"].as_str().map_or_else(|| data.clone(), |text| json!({ "text": text }));
    state.chat_mut(group, user).toast = Some((id.to_owned(), toast));
    Ok(json!(1))
}
