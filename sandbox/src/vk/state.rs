//! Everything the VK double remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    callback::{Hooked, Server},
    error::{VkError, VkResult},
    limits::Limits,
    media::{Kept, Upload},
    people::Visit,
    poll::Poll,
    press::Press,
    settings::Settings,
};
use crate::{
    action::ActionError,
    clock::Clock,
    fault::Faults,
    ledger::{Accepted, Ledger},
    telegram::User,
};

/// What a token may be for.
pub(crate) const RIGHTS: [&str; 4] = ["messages", "manage", "photos", "docs"];

/// A community of the double.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CommunityInfo {
    /// Positive, as in `group_id`.
    pub id: i64,
    /// The name in `https://vk.me/<username>?ref=…`.
    pub username: String,
    /// Name shown.
    pub first_name: String,
    /// Callback servers.
    pub servers: Vec<Server>,
    /// Pushes that wait, of all servers.
    pub pending: usize,
    /// Pushes that were given up.
    pub given_up: u64,
}

pub(crate) struct Community {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) revoked: bool,
    pub(crate) screen_name: String,
    pub(crate) name: String,
    pub(crate) rights: BTreeSet<String>,
    /// Whether bots are switched on in the settings: without, keyboards are refused.
    pub(crate) bots: bool,
    pub(crate) servers: BTreeMap<i64, Hooked>,
    pub(crate) last_server: i64,
    pub(crate) confirmation: String,
    pub(crate) given_up: u64,
    pub(crate) poll: Poll,
    /// Every event there was, with its person.
    pub(crate) history: Vec<(i64, Value)>,
    pub(crate) limits: Limits,
    last_message: i64,
    /// The person and the place in the dialogue of every message, by its id.
    ids: HashMap<i64, (i64, i64)>,
}

/// A message as it stands in the dialogue now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stored {
    pub(crate) id: i64,
    /// Place in the dialogue.
    pub(crate) cmid: i64,
    /// Written by the community.
    pub(crate) out: bool,
    pub(crate) at: DateTime<Utc>,
    pub(crate) text: String,
    pub(crate) random_id: i64,
    /// As a message carries them.
    pub(crate) attachments: Vec<Value>,
    pub(crate) keyboard: Option<Value>,
    pub(crate) payload: Option<String>,
    /// Id of the message it answers.
    pub(crate) reply_to: Option<i64>,
    pub(crate) visit: Option<Visit>,
    pub(crate) location: Option<Value>,
    /// The person of the community who wrote it by hand.
    pub(crate) admin: Option<i64>,
    pub(crate) edited: Option<DateTime<Utc>>,
    pub(crate) edits: u32,
    pub(crate) deleted: bool,
    /// Whether the other side has read it.
    pub(crate) read: bool,
}

#[derive(Default)]
pub(crate) struct Chat {
    /// The person wrote, or gave permission.
    pub(crate) allowed: bool,
    /// The person forbade messages.
    pub(crate) denied: bool,
    /// The community put the person into its blacklist.
    pub(crate) blacklisted: bool,
    /// The code that every send is refused with.
    pub(crate) trouble: Option<u32>,
    /// By `cmid`.
    pub(crate) messages: BTreeMap<i64, Stored>,
    last_cmid: i64,
    /// The keyboard in place of the person's own, with the message it came by.
    pub(crate) keyboard: Option<Value>,
    /// The last answer to a press, by the press's id.
    pub(crate) toast: Option<(String, Value)>,
    /// Until when `typing` is shown.
    pub(crate) typing_until: Option<DateTime<Utc>>,
    pub(crate) last_word: Option<DateTime<Utc>>,
    /// A link that was followed and nothing written yet.
    pub(crate) visit: Option<Visit>,
    /// Grows with every change, so that a page knows what to fetch again.
    pub(crate) version: u64,
}

/// Everything one VK remembers.
pub struct State {
    pub(crate) base: String,
    pub(crate) faults: Faults,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) communities: BTreeMap<i64, Community>,
    pub(crate) users: BTreeMap<i64, User>,
    /// By community and person.
    pub(crate) dialogues: BTreeMap<(i64, i64), Chat>,
    pub(crate) uploads: HashMap<String, Upload>,
    /// By kind, owner and id: `photo-777_456239017`.
    pub(crate) files: HashMap<String, Kept>,
    pub(crate) presses: HashMap<String, Press>,
    last: i64,
}

impl State {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, settings: Settings) -> Self {
        Self {
            base,
            faults,
            clock,
            settings,
            communities: BTreeMap::new(),
            users: BTreeMap::new(),
            dialogues: BTreeMap::new(),
            uploads: HashMap::new(),
            files: HashMap::new(),
            presses: HashMap::new(),
            last: 0,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A number no other thing of this double has.
    pub(crate) fn fresh(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    pub(crate) fn by_token(&self, token: &str) -> Option<i64> {
        self.communities.values().find(|one| one.token == token && !one.revoked).map(|one| one.id)
    }

    pub(crate) fn community(&self, id: i64) -> VkResult<&Community> {
        self.communities.get(&id).ok_or_else(|| VkError::new(125))
    }

    pub(crate) fn community_mut(&mut self, id: i64) -> VkResult<&mut Community> {
        self.communities.get_mut(&id).ok_or_else(|| VkError::new(125))
    }

    /// Whether there are both.
    pub(crate) fn known(&self, group: i64, user: i64) -> Result<(), ActionError> {
        if !self.communities.contains_key(&group) {
            return Err(ActionError::NoBot(group));
        }
        if self.users.contains_key(&user) { Ok(()) } else { Err(ActionError::NoUser(user)) }
    }

    pub(crate) fn chat(&self, group: i64, user: i64) -> Option<&Chat> {
        self.dialogues.get(&(group, user))
    }

    pub(crate) fn chat_mut(&mut self, group: i64, user: i64) -> &mut Chat {
        let chat = self.dialogues.entry((group, user)).or_default();
        chat.version += 1;
        chat
    }

    /// Why a community may not write to this person now (contract, 2.1 and 5).
    pub(crate) fn unreachable(&self, group: i64, user: i64) -> Option<u32> {
        let Some(person) = self.users.get(&user) else { return Some(100) };
        if person.deactivated {
            return Some(18);
        }
        let Some(chat) = self.chat(group, user) else { return Some(901) };
        let window = self.settings.window_seconds.and_then(|seconds| i64::try_from(seconds).ok());
        let closed = window.is_some_and(|seconds| chat.last_word.is_none_or(|at| (self.now() - at).num_seconds() >= seconds));
        match chat {
            Chat { blacklisted: true, .. } => Some(900),
            Chat { trouble: Some(code), .. } => Some(*code),
            Chat { denied: true, .. } | Chat { allowed: false, .. } => Some(901),
            _ => closed.then_some(901),
        }
    }

    /// Puts a message into a dialogue and gives it its ids.
    pub(crate) fn put(&mut self, group: i64, user: i64, new: Stored) -> Stored {
        let now = self.now();
        let id = self.communities.get_mut(&group).map(|community| {
            community.last_message += 1;
            community.last_message
        });
        let chat = self.chat_mut(group, user);
        chat.last_cmid += 1;
        let stored = Stored { id: id.unwrap_or_default(), cmid: chat.last_cmid, at: now, ..new };
        if let Some(keyboard) = stored.keyboard.as_ref().filter(|keyboard| stored.out && keyboard["inline"] != true) {
            let empty = keyboard["buttons"].as_array().is_none_or(Vec::is_empty);
            chat.keyboard = (!empty).then(|| keyboard.clone());
        }
        if stored.out {
            chat.typing_until = None;
        }
        chat.messages.insert(stored.cmid, stored.clone());
        if let Some(community) = self.communities.get_mut(&group) {
            community.ids.insert(stored.id, (user, stored.cmid));
        }
        stored
    }

    /// A message that is there, by its id, and its person.
    pub(crate) fn message(&self, group: i64, id: i64) -> Option<(i64, &Stored)> {
        let (user, cmid) = self.communities.get(&group)?.ids.get(&id)?;
        let stored = self.chat(group, *user)?.messages.get(cmid).filter(|stored| !stored.deleted)?;
        Some((*user, stored))
    }

    pub(crate) fn message_mut(&mut self, group: i64, user: i64, cmid: i64) -> Option<&mut Stored> {
        self.chat_mut(group, user).messages.get_mut(&cmid).filter(|stored| !stored.deleted)
    }

    /// A message as the API shows it.
    pub(crate) fn shown(&self, group: i64, user: i64, stored: &Stored) -> Value {
        let mut shown = json!({
            "id": stored.id, "date": stored.at.timestamp(), "peer_id": user, "from_id": if stored.out { -group } else { user },
            "conversation_message_id": stored.cmid, "out": u8::from(stored.out), "text": stored.text, "random_id": stored.random_id,
            "attachments": stored.attachments, "fwd_messages": [], "important": false, "is_hidden": false,
            "version": 10_000_000 + stored.id,
        });
        // Absent keys are normal in VK.
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                shown[name] = value;
            }
        };
        add("payload", stored.payload.as_ref().map(|payload| json!(payload)));
        add("keyboard", stored.keyboard.clone());
        add("geo", stored.location.clone());
        add("admin_author_id", stored.admin.map(|admin| json!(admin)));
        add("update_time", stored.edited.map(|at| json!(at.timestamp())));
        add("ref", stored.visit.as_ref().map(|visit| json!(visit.label)));
        add("ref_source", stored.visit.as_ref().and_then(|visit| visit.source.as_ref()).map(|source| json!(source)));
        add(
            "reply_message",
            stored.reply_to.and_then(|id| self.message(group, id)).map(|(_, reply)| {
                json!({ "id": reply.id, "date": reply.at.timestamp(), "from_id": if reply.out { -group } else { user }, "peer_id": user,
                "text": reply.text, "conversation_message_id": reply.cmid, "attachments": reply.attachments })
            }),
        );
        shown
    }

    /// Notes a message of the community in the ledger.
    pub(crate) fn note(&self, ledger: &Ledger, group: i64, user: i64, stored: &Stored, method: &'static str) {
        let media = stored.attachments.first();
        let kind = media.and_then(|media| media["type"].as_str()).map(str::to_owned);
        let bytes = media.zip(kind.as_deref()).and_then(|(media, kind)| {
            let of = &media[kind];
            self.files.get(&format!("{kind}{}_{}", of["owner_id"], of["id"])).map(|kept| kept.unique.clone())
        });
        ledger.accept(Accepted {
            bot: group,
            chat: user,
            message_id: stored.id,
            method,
            text: stored.text.clone(),
            media: kind,
            file_unique_id: bytes,
            ..Accepted::default()
        });
    }
}

impl Community {
    pub(crate) fn new(id: i64, token: &str, screen_name: &str) -> Self {
        Self {
            id,
            token: token.to_owned(),
            revoked: false,
            screen_name: screen_name.to_owned(),
            name: screen_name.to_owned(),
            rights: RIGHTS.iter().map(|right| (*right).to_owned()).collect(),
            bots: true,
            servers: BTreeMap::new(),
            last_server: 0,
            confirmation: super::groups::confirmation(),
            given_up: 0,
            poll: Poll::default(),
            history: Vec::new(),
            limits: Limits::default(),
            last_message: 0,
            ids: HashMap::new(),
        }
    }
}
