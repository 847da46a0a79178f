//! Everything the Wazzup double remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike as _, Utc};
use serde_json::Value;

use super::{
    hooks::{Note, Webhook},
    outcome::Event,
    settings::Settings,
    templates::Template,
    transport::Transport,
};
use crate::{
    action::ActionError,
    agenda::Agenda,
    clock::Clock,
    fault::Faults,
    hooks::{Queue, Way},
    telegram::User,
    view::{Message, Served},
};

pub(crate) struct Account {
    pub(crate) key: String,
    /// Only part of the routes.
    pub(crate) sidecar: bool,
    /// Sent as `Authorization: Bearer` with pushes.
    pub(crate) crm_key: Option<String>,
    /// Ids of the users that may be named as authors.
    pub(crate) users: BTreeSet<String>,
    pub(crate) webhook: Option<Webhook>,
    pub(crate) queue: Queue<Note>,
    pub(crate) generation: u64,
    pub(crate) given_up: u64,
    /// Every note there was.
    pub(crate) history: Vec<Note>,
    /// The beginning of the five seconds that are counted, and the calls in them.
    pub(crate) counted: Option<(DateTime<Utc>, u32)>,
    /// `crmMessageId`s and when each came.
    pub(crate) crm_ids: HashMap<String, DateTime<Utc>>,
    /// By guid.
    pub(crate) templates: BTreeMap<String, Template>,
}

pub(crate) struct Channel {
    pub(crate) id: i64,
    pub(crate) account: i64,
    pub(crate) channel_id: String,
    pub(crate) transport: Transport,
    pub(crate) plain: String,
    /// `active`, `qr`, `disabled`…
    pub(crate) state: String,
    /// What every send is refused with at once.
    pub(crate) trouble: Option<String>,
    /// Correspondents of a calendar month, before `CHANNEL_LIMIT_EXCEEDED`.
    pub(crate) dialogues: Option<u32>,
    /// Whether the tariff lets it write first.
    pub(crate) text_first: bool,
    /// WABA messages that the balance still pays.
    pub(crate) balance: Option<u32>,
    pub(crate) tier: Option<String>,
    month: Option<(i32, u32)>,
    correspondents: BTreeSet<i64>,
}

/// A message as it stands in the chat.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) shown: Message,
    /// Whether it came to the phone.
    pub(crate) arrived: bool,
    pub(crate) deleted: bool,
    /// The kind its webhooks have.
    pub(crate) kind: String,
    pub(crate) content: Option<String>,
    /// Written by a person of the company, by hand.
    pub(crate) author: Option<String>,
    pub(crate) template: bool,
}

#[derive(Default)]
pub(crate) struct Chat {
    /// The person wrote once.
    pub(crate) begun: bool,
    pub(crate) blocked: bool,
    pub(crate) last_word: Option<DateTime<Utc>>,
    /// The code every message fails with after it was taken.
    pub(crate) fate: Option<String>,
    pub(crate) messages: Vec<Stored>,
    /// Grows with every change, so that a page knows what to fetch again.
    pub(crate) version: u64,
}

/// Everything one Wazzup remembers.
pub struct State {
    pub(crate) faults: Faults,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) accounts: BTreeMap<i64, Account>,
    pub(crate) channels: BTreeMap<i64, Channel>,
    pub(crate) users: BTreeMap<i64, User>,
    /// People without an account in a messenger, by its `chatType`.
    pub(crate) absent: BTreeSet<(i64, &'static str)>,
    /// By channel and person.
    pub(crate) dialogues: BTreeMap<(i64, i64), Chat>,
    /// The channel and person of every message.
    pub(crate) places: HashMap<String, (i64, i64)>,
    pub(crate) agenda: Agenda<Event>,
    /// Files by id.
    pub(crate) files: HashMap<String, Served>,
}

impl Account {
    pub(crate) fn new(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            sidecar: false,
            crm_key: None,
            users: BTreeSet::new(),
            webhook: None,
            queue: Queue::default(),
            generation: 0,
            given_up: 0,
            history: Vec::new(),
            counted: None,
            crm_ids: HashMap::new(),
            templates: BTreeMap::new(),
        }
    }
}

impl Channel {
    pub(crate) fn new(id: i64, account: i64, transport: Transport, plain: &str) -> Self {
        let number = 0x3b9d_1c70_6a51_4c1e_9c55_0000_0000_0000_u128 + u128::from(id.unsigned_abs());
        Self {
            id,
            account,
            channel_id: uuid::Uuid::from_u128(number).to_string(),
            transport,
            plain: plain.to_owned(),
            state: "active".to_owned(),
            trouble: None,
            dialogues: None,
            text_first: true,
            balance: None,
            tier: None,
            month: None,
            correspondents: BTreeSet::new(),
        }
    }

    /// The people written to in this month.
    fn counted(&mut self, now: DateTime<Utc>) -> &mut BTreeSet<i64> {
        let month = (now.year(), now.month());
        if self.month.replace(month) != Some(month) {
            self.correspondents.clear();
        }
        &mut self.correspondents
    }

    /// Whether this person may be written to by what is left of the month.
    pub(crate) fn has_room(&mut self, user: i64, now: DateTime<Utc>) -> bool {
        let most = self.dialogues;
        let counted = self.counted(now);
        counted.contains(&user) || most.is_none_or(|most| counted.len() < most as usize)
    }

    /// Nobody was written to yet.
    pub(crate) fn begin_month(&mut self) {
        self.correspondents.clear();
    }

    pub(crate) fn count(&mut self, user: i64, now: DateTime<Utc>) {
        self.counted(now).insert(user);
    }

    /// How many people were written to this month.
    pub(crate) fn used(&mut self, now: DateTime<Utc>) -> usize {
        self.counted(now).len()
    }
}

impl State {
    pub(crate) fn new(faults: Faults, clock: Clock, settings: Settings) -> Self {
        Self {
            faults,
            clock,
            settings,
            accounts: BTreeMap::new(),
            channels: BTreeMap::new(),
            users: BTreeMap::new(),
            absent: BTreeSet::new(),
            dialogues: BTreeMap::new(),
            places: HashMap::new(),
            agenda: Agenda::default(),
            files: HashMap::new(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn known(&self, channel: i64, user: i64) -> Result<(), ActionError> {
        if !self.channels.contains_key(&channel) {
            return Err(ActionError::NoBot(channel));
        }
        if self.users.contains_key(&user) { Ok(()) } else { Err(ActionError::NoUser(user)) }
    }

    pub(crate) fn chat(&self, channel: i64, user: i64) -> Option<&Chat> {
        self.dialogues.get(&(channel, user))
    }

    pub(crate) fn chat_mut(&mut self, channel: i64, user: i64) -> &mut Chat {
        let chat = self.dialogues.entry((channel, user)).or_default();
        chat.version += 1;
        chat
    }

    /// A message and its place.
    pub(crate) fn message(&self, id: &str) -> Option<(i64, i64, &Stored)> {
        let (channel, user) = self.places.get(id)?;
        let stored = self.chat(*channel, *user)?.messages.iter().find(|stored| stored.id == id)?;
        Some((*channel, *user, stored))
    }

    pub(crate) fn message_mut(&mut self, id: &str) -> Option<&mut Stored> {
        let (channel, user) = *self.places.get(id)?;
        self.chat_mut(channel, user).messages.iter_mut().find(|stored| stored.id == id)
    }

    /// Puts a message into a chat.
    pub(crate) fn put(&mut self, channel: i64, user: i64, stored: Stored) {
        self.places.insert(stored.id.clone(), (channel, user));
        self.chat_mut(channel, user).messages.push(stored);
    }

    /// Tells the account of a channel, as far as it asked.
    pub(crate) fn tell(&mut self, channel: i64, user: i64, key: &'static str, value: Value) {
        let way = Way::draw(&self.faults, super::SERVICE, channel, user);
        let Some(account) = self.channels.get(&channel).map(|channel| channel.account) else { return };
        self.note(account, Note { channel, user, key, value }, way);
    }

    /// Puts a note on its way.
    pub(crate) fn note(&mut self, account: i64, note: Note, way: Way) {
        let now = self.now();
        let Some(account) = self.accounts.get_mut(&account) else { return };
        // Also what is withheld, for `redeliver`.
        account.history.push(note.clone());
        if account.webhook.as_ref().is_some_and(|webhook| webhook.wants(note.key)) {
            account.queue.put(note, now, way);
        }
    }
}
