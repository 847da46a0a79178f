//! What a person sees on the phone, in a shape tests and the page can use.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{
    Telegram, commands,
    state::{Answer, FileKind, Stored},
};

/// A chat action is shown for this long, as in real clients.
const ACTION_SHOWN: Duration = Duration::from_secs(5);

/// A button under a message or in the keyboard under the input field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Button {
    /// What stands on it.
    pub text: String,
    /// `callback_data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The page it opens (also of a Mini App).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Text it copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<String>,
    /// Whether it shares the person's phone number (keyboards under the input field only).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub contact: bool,
    /// `danger`, `success`, `primary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
}

impl Button {
    fn read(value: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            text: text(&value["text"]).unwrap_or_default(),
            data: text(&value["callback_data"]),
            url: text(&value["url"]).or_else(|| text(&value["web_app"]["url"])),
            copy: text(&value["copy_text"]["text"]),
            contact: value["request_contact"].as_bool().unwrap_or_default(),
            style: text(&value["style"]),
        }
    }

    pub(crate) fn rows(value: &Value) -> Vec<Vec<Self>> {
        let rows = value.as_array().map(Vec::as_slice).unwrap_or_default();
        rows.iter().map(|row| row.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(Self::read).collect()).collect()
    }
}

/// A document or the largest size of a photo.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct File {
    /// For [`Telegram::file`].
    pub id: String,
    /// The same bytes have the same one, whatever bot uploaded them.
    pub unique_id: String,
    /// File name of a document.
    pub name: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Pixels of a photo.
    pub width: Option<u64>,
    /// Pixels of a photo.
    pub height: Option<u64>,
}

impl File {
    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Some(Self {
            id: text("file_id")?,
            unique_id: text("file_unique_id")?,
            name: text("file_name"),
            size: value["file_size"].as_u64().unwrap_or_default(),
            width: value["width"].as_u64(),
            height: value["height"].as_u64(),
        })
    }
}

/// A message as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// Id in its chat.
    pub id: i64,
    /// Sent by the bot; otherwise by the person.
    pub from_bot: bool,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// Text or caption, without markup; empty for bare media.
    pub text: String,
    /// `MessageEntity[]` of the text or caption, offsets in UTF-16 units.
    pub entities: Vec<Value>,
    /// The largest size of the photo.
    pub photo: Option<File>,
    /// The document, film, sound or sticker.
    pub document: Option<File>,
    pub kind: Option<FileKind>,
    /// The phone number of a shared contact.
    pub contact: Option<String>,
    /// Inline buttons, by rows.
    pub buttons: Vec<Vec<Button>>,
    /// Id of the message it replies to.
    pub reply_to: Option<i64>,
    /// How many times it was edited.
    pub edits: u32,
    /// Whether it was deleted since; deleted ones are in no history.
    pub deleted: bool,
}

impl Message {
    pub(crate) fn read(stored: &Stored) -> Self {
        let json = &stored.json;
        let kind = FileKind::of(json);
        let text = ["text", "caption"].iter().find_map(|name| json.get(*name)?.as_str());
        // An invoice shows what is sold.
        let invoice =
            json.get("invoice").map(|one| [&one["title"], &one["description"]].map(|text| text.as_str().unwrap_or_default()).join("\n"));
        let text = text.map(str::to_owned).or(invoice).unwrap_or_default();
        let entities = ["entities", "caption_entities"].iter().find_map(|name| json.get(*name)?.as_array()).cloned().unwrap_or_default();
        Self {
            id: stored.id,
            from_bot: stored.from_bot,
            at: stored.at,
            text,
            entities,
            photo: json.get("photo").and_then(|sizes| File::read(sizes.as_array()?.last()?)),
            document: kind.filter(|kind| *kind != FileKind::Photo).and_then(|kind| {
                let file = File::read(json.get(kind.field())?)?;
                Some(File { name: file.name.or_else(|| Some(kind.field().to_owned())), ..file })
            }),
            kind,
            contact: json.get("contact").and_then(|contact| Some(contact["phone_number"].as_str()?.to_owned())),
            buttons: json.get("reply_markup").map(|markup| Button::rows(&markup["inline_keyboard"])).unwrap_or_default(),
            reply_to: json.get("reply_to_message").and_then(|reply| reply["message_id"].as_i64()),
            edits: stored.edited,
            deleted: stored.deleted,
        }
    }

    /// The first button whose text contains these characters, with its row and column.
    #[must_use]
    pub fn button(&self, text: &str) -> Option<(usize, usize, &Button)> {
        self.buttons
            .iter()
            .enumerate()
            .flat_map(|(row, buttons)| buttons.iter().enumerate().map(move |(column, button)| (row, column, button)))
            .find(|(_, _, button)| button.text.contains(text))
    }
}

/// One chat as the phone shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChatView {
    /// The bot's id.
    pub bot: i64,
    /// The person's id.
    pub user: i64,
    /// Whether the person ever started the bot or wrote to it.
    pub started: bool,
    /// Whether the person blocks it now.
    pub blocked: bool,
    /// Messages that are there, oldest first.
    pub messages: Vec<Message>,
    /// The keyboard under the input field.
    pub keyboard: Vec<Vec<Button>>,
    /// Whether that keyboard goes after one press.
    pub one_time: bool,
    /// The commands menu of this person.
    pub commands: Value,
    /// `typing` and the like, while it is shown.
    pub action: Option<String>,
    /// The last answer to a button press, with the press's id.
    pub toast: Option<(String, Answer)>,
    /// Grows with every change.
    pub version: u64,
}

impl Telegram {
    /// What the person sees in the chat with a bot; an empty chat if there was none yet.
    #[must_use]
    pub fn chat(&self, bot: i64, user: i64) -> ChatView {
        let state = self.quiet();
        let language = state.users.get(&user).and_then(|user| user.language_code.clone()).unwrap_or_default();
        let commands = state.bots.get(&bot).map_or(Value::Array(Vec::new()), |bot| commands::menu(bot, user, &language));
        let mut view = ChatView {
            bot,
            user,
            started: false,
            blocked: false,
            messages: Vec::new(),
            keyboard: Vec::new(),
            one_time: false,
            commands,
            action: None,
            toast: None,
            version: 0,
        };
        if let Some(chat) = state.chats.get(&(bot, user)) {
            view.started = chat.started;
            view.blocked = chat.blocked;
            view.messages = chat.messages.values().filter(|message| !message.deleted).map(Message::read).collect();
            if let Some(keyboard) = &chat.reply_keyboard {
                view.keyboard = Button::rows(&keyboard["keyboard"]);
                view.one_time = keyboard["one_time_keyboard"] == Value::Bool(true);
            }
            view.action = chat.action.as_ref().filter(|(_, at)| at.elapsed() < ACTION_SHOWN).map(|(action, _)| action.clone());
            view.toast = chat.toast.clone();
            view.version = chat.version;
        }
        view
    }

    /// Messages that are there, oldest first.
    #[must_use]
    pub fn history(&self, bot: i64, user: i64) -> Vec<Message> {
        self.chat(bot, user).messages
    }

    /// The newest message the bot sent into the chat and did not delete.
    #[must_use]
    pub fn last(&self, bot: i64, user: i64) -> Option<Message> {
        let state = self.quiet();
        let chat = state.chats.get(&(bot, user))?;
        chat.messages.values().rev().find(|message| message.from_bot && !message.deleted).map(Message::read)
    }

    /// One message, deleted or not.
    #[must_use]
    pub fn message(&self, bot: i64, user: i64, id: i64) -> Option<Message> {
        self.quiet().chats.get(&(bot, user))?.messages.get(&id).map(Message::read)
    }

    /// Waits until the bot's newest message satisfies a condition, and returns it.
    ///
    /// # Errors
    /// After `within`: a sentence with the newest message as it was, for the test to print.
    pub async fn expect_last(
        &self,
        bot: i64,
        user: i64,
        within: Duration,
        mut wanted: impl FnMut(&Message) -> bool,
    ) -> Result<Message, String> {
        let found = self.until(within, |telegram| telegram.last(bot, user).filter(&mut wanted)).await;
        found.ok_or_else(|| match self.last(bot, user) {
            Some(last) => format!("within {within:?} no message to {user} was as wanted; the newest is {:?} {:?}", last.text, last.buttons),
            None => format!("within {within:?} the bot {bot} wrote nothing to {user}"),
        })
    }
}

impl crate::control::Followed for Telegram {
    fn watch(&self) -> tokio::sync::watch::Receiver<u64> {
        self.watch()
    }

    fn population(&self) -> usize {
        let state = self.quiet();
        state.bots.len() + state.users.len()
    }

    fn versions(&self, wanted: Option<&[(i64, i64)]>) -> Vec<((i64, i64), u64)> {
        let state = self.quiet();
        let version = |key: &(i64, i64)| (*key, state.chats.get(key).map_or(0, |chat| chat.version));
        match wanted {
            Some(keys) => keys.iter().map(version).collect(),
            None => state.chats.keys().map(version).collect(),
        }
    }
}
