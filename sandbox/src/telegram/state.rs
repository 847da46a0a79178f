//! Everything the Telegram double remembers, and the checks that stand before every send.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use super::{
    error::{ApiError, ApiResult},
    limits::{Limits, Rates},
    payments::{Asked, Invoice},
};

/// A person with a phone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Telegram user id; also the id of the private chat with any bot.
    pub id: i64,
    pub first_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// `@username` without the at sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Language of the client, `ru` or `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
    /// The number this person's `share contact` gives.
    pub phone: String,
    /// Whether the account is deleted or banned: sends answer `user is deactivated`.
    #[serde(default)]
    pub deactivated: bool,
}

impl User {
    /// A Russian-speaking person; change the fields for anyone else.
    #[must_use]
    pub fn new(id: i64, first_name: &str, phone: &str) -> Self {
        Self {
            id,
            first_name: first_name.to_owned(),
            last_name: None,
            username: None,
            language_code: Some("ru".to_owned()),
            phone: phone.to_owned(),
            deactivated: false,
        }
    }

    fn names(&self) -> Map<String, Value> {
        let mut names = Map::from_iter([("id".to_owned(), json!(self.id)), ("first_name".to_owned(), json!(self.first_name))]);
        for (field, value) in [("last_name", &self.last_name), ("username", &self.username)] {
            if let Some(value) = value {
                names.insert(field.to_owned(), json!(value));
            }
        }
        names
    }

    pub(crate) fn as_from(&self) -> Value {
        let mut from = self.names();
        from.insert("is_bot".to_owned(), json!(false));
        if let Some(language) = &self.language_code {
            from.insert("language_code".to_owned(), json!(language));
        }
        Value::Object(from)
    }

    pub(crate) fn as_chat(&self) -> Value {
        let mut chat = self.names();
        chat.insert("type".to_owned(), json!("private"));
        Value::Object(chat)
    }
}

/// An update on its way to a bot.
pub(crate) struct Queued {
    /// Place in the queue's history; unlike `update_id` it differs for a doubled update.
    pub(crate) serial: u64,
    pub(crate) update_id: i64,
    pub(crate) chat: i64,
    pub(crate) update: Value,
    /// A webhook push of it is under way.
    pub(crate) in_flight: bool,
    pub(crate) not_before: Option<Instant>,
    pub(crate) delay: Duration,
    /// Sent again although confirmed: an offset does not drop it before it was delivered once more.
    pub(crate) forced: bool,
}

pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    pub(crate) max_connections: u32,
    pub(crate) last_error: Option<(DateTime<Utc>, String)>,
    /// Ends the pusher of a webhook that was replaced.
    pub(crate) generation: u64,
}

pub(crate) struct Bot {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) username: String,
    pub(crate) first_name: String,
    pub(crate) revoked: bool,
    pub(crate) next_update: i64,
    pub(crate) next_serial: u64,
    pub(crate) pending: VecDeque<Queued>,
    pub(crate) history: Vec<(i64, i64, Value)>,
    pub(crate) allowed: Option<Vec<String>>,
    pub(crate) webhook: Option<Webhook>,
    /// When it was last asked for.
    pub(crate) webhook_asked: Option<Instant>,
    pub(crate) generation: u64,
    /// Number of the newest `getUpdates` that waits: an older one still waiting is ended with 409.
    pub(crate) poll: u64,
    /// The offset of the last `getUpdates`, and when it came.
    pub(crate) polled: Option<(i64, Instant)>,
    pub(crate) wake: Arc<Notify>,
    pub(crate) commands: HashMap<(String, String), Value>,
}

impl Bot {
    pub(crate) fn as_user(&self) -> Value {
        json!({ "id": self.id, "is_bot": true, "first_name": self.first_name, "username": self.username })
    }
}

/// A message as it stands in the chat now.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: i64,
    pub(crate) from_bot: bool,
    pub(crate) at: DateTime<Utc>,
    /// The wire form, as the Bot API would give it.
    pub(crate) json: Map<String, Value>,
    /// Sent with a keyboard that is not under the message itself: it can never be edited.
    pub(crate) fixed: bool,
    /// How many times it was edited.
    pub(crate) edited: u32,
    pub(crate) deleted: bool,
}

#[derive(Default)]
pub(crate) struct Chat {
    pub(crate) started: bool,
    pub(crate) blocked: bool,
    pub(crate) next_message: i64,
    pub(crate) messages: BTreeMap<i64, Stored>,
    /// The keyboard under the input field.
    pub(crate) reply_keyboard: Option<Value>,
    /// The message that brought it: what the person shares by it answers that one.
    pub(crate) keyboard_message: Option<i64>,
    /// The last chat action and when it was sent.
    pub(crate) action: Option<(String, Instant)>,
    /// The last answer to a button press, by the press's id.
    pub(crate) toast: Option<(String, Answer)>,
    /// Grows with every change, so that a page knows what to fetch again.
    pub(crate) version: u64,
}

#[derive(Clone)]
pub(crate) struct StoredFile {
    pub(crate) bot: i64,
    pub(crate) kind: FileKind,
    pub(crate) unique: String,
    pub(crate) path: String,
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) data: Bytes,
    /// The object of the message: `PhotoSize[]`, `Document`, `Voice`…
    pub(crate) json: Value,
}

/// What a file is to Telegram; one sent as another is another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A picture.
    Photo,
    /// Any file.
    Document,
    /// A film.
    Video,
    /// A film without sound.
    Animation,
    /// A round film recorded in the chat.
    VideoNote,
    /// Words recorded in the chat.
    Voice,
    /// Music.
    Audio,
    Sticker,
}

impl FileKind {
    /// Every kind; an animation before a document, for its message carries both.
    pub(crate) const ALL: [Self; 8] =
        [Self::Photo, Self::Animation, Self::Document, Self::Video, Self::VideoNote, Self::Voice, Self::Audio, Self::Sticker];

    /// The field of a message and the parameter of a method.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Video => "video",
            Self::Animation => "animation",
            Self::VideoNote => "video_note",
            Self::Voice => "voice",
            Self::Audio => "audio",
            Self::Sticker => "sticker",
        }
    }

    /// As the server's sentences have it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Photo => "Photo",
            Self::Document => "Document",
            Self::Video => "Video",
            Self::Animation => "Animation",
            Self::VideoNote => "VideoNote",
            Self::Voice => "VoiceNote",
            Self::Audio => "Audio",
            Self::Sticker => "Sticker",
        }
    }

    /// How the ids of such files begin.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Photo => "AgACAgIAAxk",
            Self::Document => "BQACAgIAAxk",
            Self::Video => "BAACAgIAAxk",
            Self::Animation => "CgACAgIAAxk",
            Self::VideoNote => "DQACAgIAAxk",
            Self::Voice => "AwACAgIAAxk",
            Self::Audio => "CQACAgIAAxk",
            Self::Sticker => "CAACAgIAAxk",
        }
    }

    /// Where `getFile` says they are, and how their names end when nothing else is told.
    pub(crate) fn folder(self) -> (&'static str, &'static str) {
        match self {
            Self::Photo => ("photos", "jpg"),
            Self::Document => ("documents", ""),
            Self::Video => ("videos", "mp4"),
            Self::Animation => ("animations", "mp4"),
            Self::VideoNote => ("video_notes", "mp4"),
            Self::Voice => ("voice", "oga"),
            Self::Audio => ("music", "mp3"),
            Self::Sticker => ("stickers", "webp"),
        }
    }

    /// Whether words can stand under it.
    pub(crate) fn has_caption(self) -> bool {
        !matches!(self, Self::VideoNote | Self::Sticker)
    }

    /// What a message carries.
    pub(crate) fn of(message: &Map<String, Value>) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| message.contains_key(kind.field()))
    }
}

/// The answer a bot gave to a button press.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// What the client shows, if anything.
    pub text: Option<String>,
    /// Whether as an alert instead of a toast.
    pub show_alert: bool,
    /// A page the client opens.
    pub url: Option<String>,
}

pub(crate) struct Callback {
    pub(crate) bot: i64,
    pub(crate) user: i64,
    pub(crate) at: Instant,
    pub(crate) answer: Option<Answer>,
    pub(crate) expired: bool,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) bots: BTreeMap<i64, Bot>,
    pub(crate) users: BTreeMap<i64, User>,
    /// By bot and user.
    pub(crate) chats: BTreeMap<(i64, i64), Chat>,
    /// By `file_id`.
    pub(crate) files: HashMap<String, StoredFile>,
    pub(crate) callbacks: HashMap<String, Callback>,
    /// By bot, person and message.
    pub(crate) invoices: HashMap<(i64, i64, i64), Invoice>,
    /// By the question's id.
    pub(crate) checkouts: HashMap<String, Asked>,
    pub(crate) limits: Limits,
    pub(crate) rates: Rates,
    pub(crate) next_callback: u64,
    pub(crate) next_file: u64,
}

impl State {
    pub(crate) fn bot_by_token(&self, token: &str) -> Option<&Bot> {
        self.bots.values().find(|bot| bot.token == token && !bot.revoked)
    }

    pub(crate) fn bot_mut(&mut self, id: i64) -> ApiResult<&mut Bot> {
        self.bots.get_mut(&id).ok_or_else(|| ApiError::new(401, "Unauthorized"))
    }

    /// The user a bot may write to now, or Telegram's reason why not.
    pub(crate) fn reachable(&self, bot: i64, chat: i64) -> ApiResult<&User> {
        if self.bots.contains_key(&chat) {
            return Err(ApiError::forbidden("the bot can't send messages to the bot"));
        }
        let user = self.users.get(&chat).ok_or_else(|| ApiError::bad("chat not found"))?;
        if user.deactivated {
            return Err(ApiError::forbidden("user is deactivated"));
        }
        match self.chats.get(&(bot, chat)) {
            Some(chat) if chat.blocked => Err(ApiError::forbidden("bot was blocked by the user")),
            Some(chat) if chat.started => Ok(user),
            _ => Err(ApiError::forbidden("bot can't initiate conversation with a user")),
        }
    }

    /// Room for `count` more messages, or 429.
    pub(crate) fn room(&mut self, bot: i64, chat: i64, count: u32, paid: bool) -> ApiResult<()> {
        self.limits.take(&self.rates, bot, chat, count, paid, Instant::now()).map_err(ApiError::too_many)
    }

    pub(crate) fn chat_mut(&mut self, bot: i64, user: i64) -> &mut Chat {
        let chat = self.chats.entry((bot, user)).or_default();
        chat.version += 1;
        chat
    }

    /// Puts a message into a chat under the next id; returns it in wire form.
    pub(crate) fn put(&mut self, bot: i64, user: i64, from_bot: bool, content: Map<String, Value>) -> ApiResult<Map<String, Value>> {
        let person = self.users.get(&user).ok_or_else(|| ApiError::bad("chat not found"))?;
        let (chat_json, user_json) = (person.as_chat(), person.as_from());
        let from = if from_bot { self.bot_mut(bot)?.as_user() } else { user_json };
        let at = Utc::now();
        let chat = self.chat_mut(bot, user);
        chat.next_message += 1;
        let id = chat.next_message;
        let mut message = Map::from_iter([
            ("message_id".to_owned(), json!(id)),
            ("from".to_owned(), from),
            ("chat".to_owned(), chat_json),
            ("date".to_owned(), json!(at.timestamp())),
        ]);
        message.extend(content);
        chat.messages.insert(id, Stored { id, from_bot, at, json: message.clone(), fixed: false, edited: 0, deleted: false });
        Ok(message)
    }

    /// A message that is there, for edits, copies and replies.
    pub(crate) fn message(&self, bot: i64, chat: i64, id: i64) -> Option<&Stored> {
        self.chats.get(&(bot, chat))?.messages.get(&id).filter(|message| !message.deleted)
    }
}
