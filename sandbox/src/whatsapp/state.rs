//! Everything the WhatsApp double remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    content::Shown,
    error::{GraphError, GraphResult},
    events::Event,
    fate::Fate,
    hooks::Hook,
    limits::{Pairs, Reached, Tier},
    media::{Media, Session},
    notes::Note,
    person::{Person, bsuid, digits, parent},
    settings::{Receipts, Settings},
    templates::Template,
};
use crate::{Clock, agenda::Agenda, fault::Faults, window::Window};

/// What the double knows of a person beyond what others set.
pub(crate) struct Someone {
    pub(crate) person: Person,
    /// Grows with every new BSUID.
    pub(crate) generation: u32,
    pub(crate) receipts: Option<Receipts>,
    pub(crate) fates: Vec<Fate>,
    /// Portfolios in whose contact book the person is.
    pub(crate) books: BTreeSet<String>,
    /// Portfolios with the last contact by phone.
    pub(crate) by_phone: HashMap<String, DateTime<Utc>>,
}

pub(crate) struct App {
    pub(crate) secret: String,
    pub(crate) hook: Option<Hook>,
    /// Fields subscribed to, empty: all.
    pub(crate) fields: BTreeSet<String>,
}

#[derive(Default)]
pub(crate) struct Portfolio {
    pub(crate) tier: Tier,
    pub(crate) verified: bool,
    /// Its people have a parent BSUID.
    pub(crate) managed: bool,
    pub(crate) reached: Reached,
    /// Marketing each person got outside a window, newest last.
    pub(crate) marketing: HashMap<i64, Window>,
}

pub(crate) struct Waba {
    pub(crate) name: String,
    pub(crate) portfolio: String,
    /// Apps that get its webhooks.
    pub(crate) subscribed: BTreeSet<String>,
    pub(crate) hook: Option<Hook>,
    pub(crate) calls: Window,
    pub(crate) creations: Window,
    /// Countries it may not write to.
    pub(crate) barred: BTreeSet<String>,
}

pub(crate) struct Number {
    pub(crate) waba: String,
    /// Digits.
    pub(crate) phone: String,
    pub(crate) name: String,
    pub(crate) registered: bool,
    pub(crate) deleted: bool,
    pub(crate) pin: Option<String>,
    /// The code every send is refused with.
    pub(crate) trouble: Option<u32>,
    pub(crate) maintenance_until: Option<DateTime<Utc>>,
    /// Messages a second, in and out.
    pub(crate) throughput: usize,
    pub(crate) quality: String,
    pub(crate) passed: Window,
    pub(crate) hook: Option<Hook>,
    /// Free-form messages of a month (`2026-11`) so far.
    pub(crate) service: (String, u32),
    /// May use the Marketing Messages API.
    pub(crate) marketing_api: bool,
}

impl Number {
    /// `+7 495…` as the API shows it: digits.
    pub(crate) fn display(&self) -> &str {
        &self.phone
    }
}

#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) app: String,
    pub(crate) messaging: bool,
    pub(crate) management: bool,
    /// Business accounts it reaches; `None`: all.
    pub(crate) wabas: Option<BTreeSet<String>>,
    pub(crate) revoked: bool,
    pub(crate) expires: Option<DateTime<Utc>>,
}

impl Token {
    pub(crate) fn reaches(&self, waba: &str) -> bool {
        self.wabas.as_ref().is_none_or(|wabas| wabas.contains(waba))
    }
}

/// What a template is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Category {
    /// Advertising.
    Marketing,
    /// What follows from something the person did.
    Utility,
    /// One-time codes.
    Authentication,
}

impl Category {
    pub(crate) fn read(name: &str) -> Option<Self> {
        [Self::Marketing, Self::Utility, Self::Authentication].into_iter().find(|category| category.name() == name)
    }

    /// As the API writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Marketing => "MARKETING",
            Self::Utility => "UTILITY",
            Self::Authentication => "AUTHENTICATION",
        }
    }
}

/// How far a message of a business is; what the person did, whatever the statuses say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Held for the template's quality.
    Held,
    /// Taken.
    Accepted,
    /// Left for the phone.
    Sent,
    /// On the phone.
    Delivered,
    /// Seen by the person.
    Read,
    /// Refused after it was taken.
    Failed,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// A message in a chat, of either side.
pub(crate) struct Stored {
    pub(crate) serial: i64,
    pub(crate) wamid: String,
    pub(crate) number: i64,
    /// The person, or the digits of a phone nobody has.
    pub(crate) to: i64,
    pub(crate) from_business: bool,
    pub(crate) at: DateTime<Utc>,
    pub(crate) shown: Shown,
    /// The message it answers.
    pub(crate) context: Option<String>,
    pub(crate) template: Option<u64>,
    pub(crate) category: Option<Category>,
    pub(crate) opaque: Option<String>,
    pub(crate) status: Status,
    /// Each step with its time and, where it failed, its code.
    pub(crate) steps: Vec<(Status, DateTime<Utc>, Option<u32>)>,
    /// Addressed by phone (`recipient_id` is told back) or by BSUID.
    pub(crate) wa_id: Option<String>,
    pub(crate) user_id: Option<String>,
    /// It opened a quota: the time it was counted at.
    pub(crate) counted: Option<DateTime<Utc>>,
    pub(crate) pricing: Value,
    /// Whether its pricing was told with a delivery.
    pub(crate) priced: bool,
    /// It will never arrive: it came while the person blocked the number, or too old.
    pub(crate) gone: bool,
    /// The business marked it as read (messages of people).
    pub(crate) seen: bool,
    /// The emoji under it, by who put it there: the business first.
    pub(crate) reactions: (Option<String>, Option<String>),
}

#[derive(Default)]
pub(crate) struct Chat {
    pub(crate) messages: Vec<i64>,
    /// The end of the customer service window.
    pub(crate) window_until: Option<DateTime<Utc>>,
    pub(crate) blocked: bool,
    pub(crate) stopped: bool,
    /// Grows with every change, so that a page knows what to fetch again.
    pub(crate) version: u64,
}

/// Everything one WhatsApp remembers.
pub struct State {
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) faults: Faults,
    pub(crate) apps: BTreeMap<String, App>,
    pub(crate) portfolios: BTreeMap<String, Portfolio>,
    pub(crate) wabas: BTreeMap<String, Waba>,
    pub(crate) numbers: BTreeMap<i64, Number>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) people: BTreeMap<i64, Someone>,
    /// People by the digits of their phones and by their `wa_id`s.
    by_digits: HashMap<String, i64>,
    /// People by their BSUIDs of a portfolio, as they were at a version of the people.
    by_user_id: HashMap<String, (u64, HashMap<String, i64>)>,
    people_version: u64,
    /// By number and person.
    pub(crate) chats: BTreeMap<(i64, i64), Chat>,
    pub(crate) messages: HashMap<i64, Stored>,
    pub(crate) by_wamid: HashMap<String, i64>,
    pub(crate) templates: BTreeMap<u64, Template>,
    pub(crate) media: BTreeMap<u64, Media>,
    pub(crate) sessions: HashMap<String, Session>,
    /// Handles of examples that were uploaded.
    pub(crate) handles: BTreeSet<String>,
    /// Links fetched within ten minutes, with what stood there.
    pub(crate) links: HashMap<String, (DateTime<Utc>, u64)>,
    pub(crate) pairs: Pairs,
    pub(crate) events: Agenda<Event>,
    /// Webhooks on their way, oldest first.
    pub(crate) notes: VecDeque<Note>,
    /// Webhooks that were given up.
    pub(crate) given_up: u64,
    /// Pushes under way, by address.
    pub(crate) pushing: HashMap<String, usize>,
    next: u64,
}

impl State {
    pub(crate) fn new(settings: Settings, faults: Faults, clock: Clock) -> Self {
        Self {
            clock,
            settings,
            faults,
            apps: BTreeMap::new(),
            portfolios: BTreeMap::new(),
            wabas: BTreeMap::new(),
            numbers: BTreeMap::new(),
            tokens: HashMap::new(),
            people: BTreeMap::new(),
            by_digits: HashMap::new(),
            by_user_id: HashMap::new(),
            people_version: 0,
            chats: BTreeMap::new(),
            messages: HashMap::new(),
            by_wamid: HashMap::new(),
            templates: BTreeMap::new(),
            media: BTreeMap::new(),
            sessions: HashMap::new(),
            handles: BTreeSet::new(),
            links: HashMap::new(),
            pairs: Pairs::default(),
            events: Agenda::default(),
            notes: VecDeque::new(),
            given_up: 0,
            pushing: HashMap::new(),
            next: 0,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The next number of this double, for ids that must differ.
    pub(crate) fn serial(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn number(&self, id: i64) -> GraphResult<&Number> {
        self.numbers.get(&id).ok_or_else(|| GraphError::no_node("POST", &id.to_string()))
    }

    /// The portfolio of a number's business account.
    pub(crate) fn portfolio_of(&self, number: i64) -> &str {
        let waba = self.numbers.get(&number).map_or("", |number| number.waba.as_str());
        self.wabas.get(waba).map_or("", |waba| waba.portfolio.as_str())
    }

    pub(crate) fn chat_mut(&mut self, number: i64, person: i64) -> &mut Chat {
        let chat = self.chats.entry((number, person)).or_default();
        chat.version += 1;
        chat
    }

    /// Whether free-form messages of this number may go to this person now.
    pub(crate) fn in_window(&self, number: i64, person: i64) -> bool {
        self.chats.get(&(number, person)).and_then(|chat| chat.window_until).is_some_and(|until| self.now() < until)
    }

    /// A person's BSUID for a portfolio.
    pub(crate) fn user_id(&self, person: i64, portfolio: &str) -> Option<String> {
        let someone = self.people.get(&person)?;
        Some(bsuid(&someone.person, portfolio, someone.generation))
    }

    /// A person's parent BSUID, where the portfolio is a managed one.
    pub(crate) fn parent_id(&self, person: i64, portfolio: &str) -> Option<String> {
        let someone = self.people.get(&person)?;
        self.portfolios.get(portfolio)?.managed.then(|| parent(&someone.person, someone.generation))
    }

    /// The phone of a person, where the portfolio may see it.
    pub(crate) fn visible_phone(&self, person: i64, portfolio: &str) -> Option<String> {
        let someone = self.people.get(&person)?;
        let lately = || someone.by_phone.get(portfolio).is_some_and(|at| self.now() - *at < TimeDelta::days(30));
        let visible = !someone.person.hides_phone || someone.books.contains(portfolio) || lately();
        visible.then(|| someone.person.wa_id())
    }

    /// Puts a person in, or in the place of the one with this id; their chats and BSUIDs stay.
    pub(crate) fn put_person(&mut self, person: Person) {
        let old = self.people.remove(&person.id);
        if let Some(old) = &old {
            for digits in [digits(&old.person.phone), old.person.wa_id()] {
                if self.by_digits.get(&digits) == Some(&person.id) {
                    self.by_digits.remove(&digits);
                }
            }
        }
        self.by_digits.insert(digits(&person.phone), person.id);
        self.by_digits.insert(person.wa_id(), person.id);
        self.people_version += 1;
        let fresh = || Someone {
            person: person.clone(),
            generation: 0,
            receipts: None,
            fates: Vec::new(),
            books: BTreeSet::new(),
            by_phone: HashMap::new(),
        };
        let someone = old.map_or_else(fresh, |old| Someone { person: person.clone(), ..old });
        self.people.insert(person.id, someone);
    }

    /// What people are called by changed.
    pub(crate) fn touch_people(&mut self) {
        self.people_version += 1;
    }

    /// Gives a person new BSUIDs.
    pub(crate) fn renew(&mut self, person: i64) {
        if let Some(someone) = self.people.get_mut(&person) {
            someone.generation += 1;
            self.people_version += 1;
        }
    }

    /// Whoever has this phone or `wa_id` (digits) now.
    pub(crate) fn by_digits(&self, wanted: &str) -> Option<i64> {
        self.by_digits.get(wanted).copied()
    }

    /// Whoever has this BSUID, own or parent, for the portfolio now.
    pub(crate) fn by_user_id(&mut self, wanted: &str, portfolio: &str) -> Option<i64> {
        let version = self.people_version;
        if self.by_user_id.get(portfolio).is_none_or(|(at, _)| *at != version) {
            let managed = self.portfolios.get(portfolio).is_some_and(|portfolio| portfolio.managed);
            let mut all = HashMap::new();
            for (id, someone) in &self.people {
                all.insert(bsuid(&someone.person, portfolio, someone.generation), *id);
                if managed {
                    all.insert(parent(&someone.person, someone.generation), *id);
                }
            }
            self.by_user_id.insert(portfolio.to_owned(), (version, all));
        }
        self.by_user_id.get(portfolio)?.1.get(wanted).copied()
    }
}
