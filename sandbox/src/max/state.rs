//! Everything the MAX double remembers, and the check that stands before every send.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Instant,
};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use super::{
    error::{ApiError, ApiResult},
    limits::{Deed, Limits, Rates},
    media::{StoredFile, Upload},
    press::{Answer, Callback},
};
use crate::{hooks::Queue, telegram::User, window::Window};

/// The dialogue of a bot with a person. That it is computed is this double's own affair: clients
/// learn it from updates and answers.
pub(crate) fn chat_id(bot: i64, user: i64) -> i64 {
    bot ^ user
}

/// Whose dialogue this is.
pub(crate) fn person(bot: i64, chat: i64) -> i64 {
    bot ^ chat
}

/// An id as MAX gives it: the dialogue and the place in time, in hexadecimal.
pub(crate) fn mid(chat: i64, seq: i64) -> String {
    format!("mid.{:016x}{:016x}", chat.cast_unsigned(), seq.cast_unsigned())
}

/// The dialogue and the place that an id names.
pub(crate) fn read_mid(mid: &str) -> Option<(i64, i64)> {
    let digits = mid.strip_prefix("mid.").filter(|digits| digits.len() == 32 && digits.is_ascii())?;
    let part = |text: &str| u64::from_str_radix(text, 16).ok().map(u64::cast_signed);
    Some((part(&digits[..16])?, part(&digits[16..])?))
}

/// The dialogue that an id names.
pub(crate) fn chat_of(mid: &str) -> Option<i64> {
    read_mid(mid).map(|(chat, _)| chat)
}

/// An update waiting for a long poll.
pub(crate) struct Waiting {
    /// What markers count; a doubled update has two.
    pub(crate) place: i64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) update: Value,
}

pub(crate) struct Subscription {
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    /// `None` is every kind.
    pub(crate) types: Option<Vec<String>>,
    pub(crate) since: DateTime<Utc>,
    /// Updates and their people.
    pub(crate) pending: Queue<(i64, Value)>,
    /// The first failure since the last success.
    pub(crate) failing_since: Option<DateTime<Utc>>,
    /// Tells a subscription from the one it replaced.
    pub(crate) generation: u64,
}

impl Subscription {
    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.iter().any(|name| name == kind))
    }
}

pub(crate) struct Bot {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) revoked: bool,
    /// Whether the bot has passed moderation: before, it may write to nobody.
    pub(crate) moderated: bool,
    pub(crate) commands: Vec<Value>,
    /// For long polls.
    pub(crate) waiting: VecDeque<Waiting>,
    pub(crate) next_place: i64,
    /// Every update there was, with its person.
    pub(crate) history: Vec<(i64, Value)>,
    pub(crate) subscriptions: Vec<Subscription>,
    /// Addresses that were unsubscribed for their failures, in order.
    pub(crate) given_up: Vec<String>,
    /// Pushes within the last second.
    pub(crate) pushed: Window,
    pub(crate) wake: Arc<Notify>,
}

impl Bot {
    pub(crate) fn as_user(&self, now: DateTime<Utc>) -> Value {
        json!({ "user_id": self.id, "first_name": self.name, "name": self.name, "username": self.username, "is_bot": true,
            "last_activity_time": now.timestamp_millis() })
    }
}

/// A person as MAX shows one.
pub(crate) fn as_user(user: &User, now: DateTime<Utc>) -> Value {
    let name = match &user.last_name {
        Some(last) => format!("{} {last}", user.first_name),
        None => user.first_name.clone(),
    };
    let mut shown = json!({ "user_id": user.id, "first_name": user.first_name, "username": user.username, "is_bot": false,
        "last_activity_time": now.timestamp_millis(), "name": name });
    if let Some(last) = &user.last_name {
        shown["last_name"] = json!(last);
    }
    shown
}

/// A message as it stands in the dialogue now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stored {
    pub(crate) mid: String,
    pub(crate) seq: i64,
    pub(crate) from_bot: bool,
    pub(crate) at: DateTime<Utc>,
    pub(crate) text: Option<String>,
    pub(crate) markup: Vec<Value>,
    pub(crate) attachments: Vec<Value>,
    /// As the message carries it: what it answers or forwards.
    pub(crate) link: Option<Value>,
    /// Sent with `notify: false`.
    pub(crate) silent: bool,
    pub(crate) edits: u32,
    pub(crate) deleted: bool,
}

impl Stored {
    pub(crate) fn body(&self) -> Value {
        let mut body = Map::from_iter([("mid".to_owned(), json!(self.mid)), ("seq".to_owned(), json!(self.seq))]);
        body.insert("text".to_owned(), json!(self.text));
        // Absent keys are normal in MAX.
        for (name, list) in [("attachments", &self.attachments), ("markup", &self.markup)] {
            if !list.is_empty() {
                body.insert(name.to_owned(), json!(list));
            }
        }
        Value::Object(body)
    }

    pub(crate) fn has_keyboard(&self) -> bool {
        self.attachments.iter().any(|attachment| attachment["type"] == "inline_keyboard")
    }
}

#[derive(Default)]
pub(crate) struct Dialogue {
    pub(crate) started: bool,
    /// The person stopped the bot.
    pub(crate) stopped: bool,
    pub(crate) muted_until: Option<DateTime<Utc>>,
    /// By `seq`.
    pub(crate) messages: BTreeMap<i64, Stored>,
    /// The last action (`typing_on`…) and when it was sent.
    pub(crate) action: Option<(String, Instant)>,
    /// The last answer to a press, by the press's id.
    pub(crate) toast: Option<(String, Answer)>,
    /// Grows with every change, so that a page knows what to fetch again.
    pub(crate) version: u64,
}

/// Everything one MAX remembers.
#[derive(Default)]
pub struct State {
    pub(crate) bots: BTreeMap<i64, Bot>,
    pub(crate) users: BTreeMap<i64, User>,
    /// By bot and person.
    pub(crate) dialogues: BTreeMap<(i64, i64), Dialogue>,
    /// By token.
    pub(crate) files: HashMap<String, StoredFile>,
    /// Addresses given out for uploads.
    pub(crate) uploads: HashMap<String, Upload>,
    pub(crate) callbacks: HashMap<String, Callback>,
    pub(crate) limits: Limits,
    pub(crate) rates: Rates,
    pub(crate) next: u64,
}

impl State {
    pub(crate) fn bot_by_token(&self, token: &str) -> Option<&Bot> {
        self.bots.values().find(|bot| bot.token == token && !bot.revoked)
    }

    pub(crate) fn bot_mut(&mut self, id: i64) -> ApiResult<&mut Bot> {
        self.bots.get_mut(&id).ok_or_else(ApiError::token)
    }

    /// A number no other thing of this double has.
    pub(crate) fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn dialogue_mut(&mut self, bot: i64, user: i64) -> &mut Dialogue {
        let dialogue = self.dialogues.entry((bot, user)).or_default();
        dialogue.version += 1;
        dialogue
    }

    /// Whether the bot may write to this person now, or MAX's reason why not (contract, 5).
    pub(crate) fn reachable(&self, bot: i64, user: i64) -> ApiResult<()> {
        let suspended = || ApiError::new(403, "chat.denied", format!("Key: error.dialog.suspended, args: [{},]", chat_id(bot, user)));
        let person = self.users.get(&user).ok_or_else(|| ApiError::not_found("User is not found"))?;
        if person.deactivated {
            return Err(ApiError::new(403, "access.denied", "Access denied"));
        }
        if !self.bots.get(&bot).is_some_and(|bot| bot.moderated) {
            return Err(suspended());
        }
        match self.dialogues.get(&(bot, user)) {
            Some(dialogue) if dialogue.stopped => Err(suspended()),
            Some(dialogue) if dialogue.started => Ok(()),
            _ => Err(ApiError::not_found(format!("Key: error.dialog.notfound, args: [{},]", chat_id(bot, user)))),
        }
    }

    /// The person behind a `chat_id`, or 404.
    pub(crate) fn of_chat(&self, bot: i64, chat: i64) -> ApiResult<i64> {
        let user = person(bot, chat);
        let known = self.users.contains_key(&user) && self.dialogues.contains_key(&(bot, user));
        if known { Ok(user) } else { Err(ApiError::new(404, "chat.not.found", format!("Chat {chat} is not found"))) }
    }

    /// Room for one more of these in the dialogue, or 429.
    pub(crate) fn room(&mut self, bot: i64, user: i64, deed: Deed) -> ApiResult<()> {
        let allowed = self.limits.dialogue(&self.rates, bot, user, deed, Instant::now());
        if allowed { Ok(()) } else { Err(ApiError::too_many(self.rates.retry_after)) }
    }

    /// Puts a message into a dialogue; gives its `seq`.
    pub(crate) fn put(&mut self, bot: i64, user: i64, mut new: Stored, now: DateTime<Utc>) -> i64 {
        let chat = chat_id(bot, user);
        let dialogue = self.dialogue_mut(bot, user);
        let last = dialogue.messages.keys().next_back().copied().unwrap_or_default();
        // Milliseconds and a count within them; never backwards.
        new.seq = (now.timestamp_millis() << 16).max(last + 1);
        new.mid = mid(chat, new.seq);
        new.at = now;
        let seq = new.seq;
        dialogue.messages.insert(seq, new);
        seq
    }

    /// A message that is there, by its id.
    pub(crate) fn message(&self, bot: i64, mid: &str) -> Option<(i64, &Stored)> {
        let (chat, seq) = read_mid(mid)?;
        let user = person(bot, chat);
        let stored = self.dialogues.get(&(bot, user))?.messages.get(&seq).filter(|message| !message.deleted)?;
        Some((user, stored))
    }

    pub(crate) fn message_mut(&mut self, bot: i64, mid: &str) -> Option<&mut Stored> {
        let (chat, seq) = read_mid(mid)?;
        self.dialogue_mut(bot, person(bot, chat)).messages.get_mut(&seq).filter(|message| !message.deleted)
    }

    /// A message as the API shows it.
    pub(crate) fn shown(&self, bot: i64, user: i64, stored: &Stored, now: DateTime<Utc>) -> Value {
        let sender = match stored.from_bot {
            true => self.bots.get(&bot).map(|bot| bot.as_user(now)),
            false => self.users.get(&user).map(|user| as_user(user, now)),
        };
        let to = if stored.from_bot { user } else { bot };
        let mut shown = json!({ "recipient": { "chat_id": chat_id(bot, user), "chat_type": "dialog", "user_id": to },
            "timestamp": stored.at.timestamp_millis(), "body": stored.body(), "sender": sender });
        if let Some(link) = &stored.link {
            shown["link"] = link.clone();
        }
        shown
    }
}
