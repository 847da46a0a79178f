//! Everything the Viber double remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    callbacks::{Hook, Told},
    error::{Status, ViberError, ViberResult},
    money::{Money, Session},
    people::Phone,
    receipts::Event,
    settings::Settings,
};
use crate::{
    action::ActionError,
    agenda::Agenda,
    clock::Clock,
    fault::Faults,
    hooks::{Queue, Way},
    telegram::User,
    view::{Message, Served},
    window::Window,
};

/// The host of the chat, which answers and events have.
pub(crate) const HOST: &str = "SN-CHAT-05_";

pub(crate) struct Bot {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) uri: String,
    pub(crate) name: String,
    /// What every call is refused with: blocked, suspended…
    pub(crate) trouble: Option<Status>,
    pub(crate) broadcasts_allowed: bool,
    pub(crate) money: Money,
    pub(crate) hook: Option<Hook>,
    pub(crate) queue: Queue<Told>,
    /// Tells the queue of one webhook from that of the next.
    pub(crate) generation: u64,
    pub(crate) given_up: u64,
    /// Every event there was, with its person.
    pub(crate) history: Vec<(i64, Value)>,
    pub(crate) sends: Window,
    pub(crate) broadcasts: Window,
}

/// A message as it stands in the chat.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) token: u64,
    pub(crate) shown: Message,
    /// Whether it came to the phone.
    pub(crate) arrived: bool,
    pub(crate) keyboard: Option<Value>,
}

#[derive(Default)]
pub(crate) struct Chat {
    /// The person opened the chat.
    pub(crate) opened: bool,
    pub(crate) subscribed: bool,
    pub(crate) phone: Phone,
    /// What every message to the person is refused with.
    pub(crate) trouble: Option<Status>,
    pub(crate) messages: Vec<Stored>,
    /// When the chat was opened and nothing sent since, for the one welcome.
    pub(crate) welcome_since: Option<DateTime<Utc>>,
    /// Messages since the person's last word.
    pub(crate) unanswered: Window,
    pub(crate) details: Window,
    pub(crate) session: Session,
    /// Of the bot's last message that had some: it comes with the next reply.
    pub(crate) tracking: Option<String>,
    /// Grows with every change, so that a page knows what to fetch again.
    pub(crate) version: u64,
}

/// Everything one Viber remembers.
pub struct State {
    pub(crate) faults: Faults,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) bots: BTreeMap<i64, Bot>,
    pub(crate) users: BTreeMap<i64, User>,
    /// By bot and person.
    pub(crate) dialogues: BTreeMap<(i64, i64), Chat>,
    pub(crate) agenda: Agenda<Event>,
    /// Files by id.
    pub(crate) files: HashMap<String, Served>,
    last: u64,
}

/// What Viber calls a person towards a bot: opaque to clients, and read back here.
#[must_use]
pub fn user_id(bot: i64, user: i64) -> String {
    let key = Sha256::digest(format!("viber {bot}"));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&key[..8]);
    for (at, byte) in user.to_be_bytes().into_iter().enumerate() {
        bytes[8 + at] = byte ^ key[8 + at];
    }
    STANDARD.encode(bytes)
}

/// The person behind an id of this bot's.
fn read_id(bot: i64, id: &str) -> Option<i64> {
    let bytes: [u8; 16] = STANDARD.decode(id).ok()?.try_into().ok()?;
    let key = Sha256::digest(format!("viber {bot}"));
    let mut user = [0; 8];
    for (at, byte) in user.iter_mut().enumerate() {
        *byte = bytes[8 + at] ^ key[8 + at];
    }
    (bytes[..8] == key[..8]).then_some(i64::from_be_bytes(user))
}

impl State {
    pub(crate) fn new(faults: Faults, clock: Clock, settings: Settings) -> Self {
        Self {
            faults,
            clock,
            settings,
            bots: BTreeMap::new(),
            users: BTreeMap::new(),
            dialogues: BTreeMap::new(),
            agenda: Agenda::default(),
            files: HashMap::new(),
            last: 0,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A token no other message or event has.
    pub(crate) fn token(&mut self) -> u64 {
        self.last += 1;
        let base = if self.settings.tokens_above_i64 { 10_990_011_223_344_556_000 } else { 5_990_011_223_344_556_000 };
        base + self.last * 23
    }

    pub(crate) fn by_token(&self, token: &str) -> Option<i64> {
        self.bots.values().find(|bot| bot.token == token).map(|bot| bot.id)
    }

    pub(crate) fn bot_mut(&mut self, bot: i64) -> ViberResult<&mut Bot> {
        self.bots.get_mut(&bot).ok_or_else(|| ViberError::new(8))
    }

    /// The person behind an id of this bot's.
    pub(crate) fn by_id(&self, bot: i64, id: &str) -> Option<i64> {
        read_id(bot, id).filter(|user| self.users.contains_key(user))
    }

    pub(crate) fn known(&self, bot: i64, user: i64) -> Result<(), ActionError> {
        if !self.bots.contains_key(&bot) {
            return Err(ActionError::NoBot(bot));
        }
        if self.users.contains_key(&user) { Ok(()) } else { Err(ActionError::NoUser(user)) }
    }

    pub(crate) fn chat(&self, bot: i64, user: i64) -> Option<&Chat> {
        self.dialogues.get(&(bot, user))
    }

    pub(crate) fn chat_mut(&mut self, bot: i64, user: i64) -> &mut Chat {
        let chat = self.dialogues.entry((bot, user)).or_default();
        chat.version += 1;
        chat
    }

    pub(crate) fn stored_mut(&mut self, bot: i64, user: i64, token: u64) -> Option<&mut Stored> {
        self.chat_mut(bot, user).messages.iter_mut().find(|stored| stored.token == token)
    }

    /// A person as events show one.
    pub(crate) fn shown(&self, bot: i64, user: i64) -> Value {
        let person = self.users.get(&user);
        let phone = self.chat(bot, user).map(|chat| chat.phone.clone()).unwrap_or_default();
        let mut shown = json!({ "id": user_id(bot, user), "country": phone.country, "api_version": phone.api_version,
            "language": person.and_then(|person| person.language_code.clone()).unwrap_or_else(|| "ru".to_owned()) });
        let hook = self.bots.get(&bot).and_then(|bot| bot.hook.as_ref());
        if hook.is_none_or(|hook| hook.send_name) {
            shown["name"] = json!(person.map(|person| person.first_name.clone()));
        }
        if hook.is_some_and(|hook| hook.send_photo) {
            shown["avatar"] = json!("https://media-direct.cdn.viber.com/download_photo?dlid=1");
        }
        shown
    }

    /// Tells the bot, if it asked for this kind.
    pub(crate) fn tell(&mut self, bot: i64, user: i64, kind: &str, more: Value) {
        let way = Way::draw(&self.faults, super::SERVICE, bot, user);
        let mut event = json!({ "event": kind, "timestamp": self.now().timestamp_millis(), "chat_hostname": HOST });
        if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
            event.extend(more);
        }
        if event.get("message_token").is_none() {
            event["message_token"] = json!(self.token());
        }
        let Some(found) = self.bots.get_mut(&bot) else { return };
        // Also what is withheld, for `redeliver`.
        found.history.push((user, event.clone()));
        self.send_on(bot, user, event, way);
    }

    pub(crate) fn send_on(&mut self, bot: i64, user: i64, event: Value, way: Way) {
        let now = self.now();
        let Some(bot) = self.bots.get_mut(&bot) else { return };
        let kind = event["event"].as_str().unwrap_or_default();
        if bot.hook.as_ref().is_some_and(|hook| hook.wants(kind)) {
            bot.queue.put(Told { user, event }, now, way);
        }
    }
}

impl Bot {
    pub(crate) fn new(id: i64, token: &str, uri: &str) -> Self {
        Self {
            id,
            token: token.to_owned(),
            uri: uri.to_owned(),
            name: uri.to_owned(),
            trouble: None,
            broadcasts_allowed: false,
            money: Money::default(),
            hook: None,
            queue: Queue::default(),
            generation: 0,
            given_up: 0,
            history: Vec::new(),
            sends: Window::default(),
            broadcasts: Window::default(),
        }
    }
}

/// Kinds of events that can be asked for; the others come always.
pub(crate) const ON_DEMAND: [&str; 4] = ["delivered", "seen", "failed", "conversation_started"];
/// Kinds that are always told.
pub(crate) const ALWAYS: [&str; 3] = ["message", "subscribed", "unsubscribed"];

/// Kinds that a webhook asks for, `None` for all.
pub(crate) fn kinds(wanted: &Value) -> ViberResult<Option<BTreeSet<String>>> {
    let Some(list) = wanted.as_array() else {
        return if wanted.is_null() { Ok(None) } else { Err(ViberError::bad("event_types is not a list")) };
    };
    let mut kinds = BTreeSet::new();
    for kind in list {
        let known = kind.as_str().filter(|kind| ON_DEMAND.contains(kind) || ALWAYS.contains(kind));
        kinds.insert(known.ok_or_else(|| ViberError::bad(format!("event type {kind} is unknown")))?.to_owned());
    }
    Ok(Some(kinds))
}
