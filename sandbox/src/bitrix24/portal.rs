//! A portal and the elements in it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    auth::{Install, Webhook},
    booking::Booking,
    events::Events,
    fields::{self, UserField},
    history::Passage,
    notes::Note,
    offline::Offline,
    sender::{Message, Sender},
    tasks::Task,
};

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Lead,
    Deal,
    Contact,
    Company,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Lead, Self::Deal, Self::Contact, Self::Company];

    /// `entityTypeId`.
    #[must_use]
    pub fn id(self) -> i64 {
        match self {
            Self::Lead => 1,
            Self::Deal => 2,
            Self::Contact => 3,
            Self::Company => 4,
        }
    }

    pub(crate) fn by_id(id: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// `contact`, as timelines, old methods and (in capitals) events have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Deal => "deal",
            Self::Contact => "contact",
            Self::Company => "company",
        }
    }
}

/// A phone, an address or a messenger of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multi {
    pub id: i64,
    /// `PHONE`, `EMAIL`, `WEB`, `IM`.
    pub type_id: String,
    /// `MOBILE`, `WORK`, `TELEGRAM`…
    pub value_type: String,
    pub value: String,
}

/// A lead, a deal, a contact or a company.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: i64,
    pub kind: Kind,
    /// By the field's name as `crm.item` has it (`lastName`, `ufCrm_1700000001`); a field that was
    /// never set is absent.
    pub fields: BTreeMap<String, Value>,
    pub fm: Vec<Multi>,
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    /// When the stage changed last.
    pub moved: DateTime<Utc>,
}

impl Item {
    fn new(kind: Kind, fields: &[(&str, Value)]) -> Self {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let epoch = DateTime::UNIX_EPOCH;
        Self { id: 0, kind, fields, fm: Vec::new(), created: epoch, updated: epoch, moved: epoch }
    }

    pub(crate) fn empty(kind: Kind) -> Self {
        Self::new(kind, &[])
    }

    /// A contact of this name.
    #[must_use]
    pub fn contact(name: &str, last_name: &str) -> Self {
        Self::new(Kind::Contact, &[("name", json!(name)), ("lastName", json!(last_name))])
    }

    /// A company of this title.
    #[must_use]
    pub fn company(title: &str) -> Self {
        Self::new(Kind::Company, &[("title", json!(title))])
    }

    /// A deal of a contact at a stage of the general funnel.
    #[must_use]
    pub fn deal(title: &str, contact: i64, stage: &str) -> Self {
        Self::new(Kind::Deal, &[("title", json!(title)), ("contactIds", json!([contact])), ("stageId", json!(stage))])
    }

    /// One more phone, a mobile, as people wrote it.
    #[must_use]
    pub fn phone(self, value: &str) -> Self {
        self.multi("PHONE", "MOBILE", value)
    }

    /// One more phone, address or messenger.
    #[must_use]
    pub fn multi(mut self, type_id: &str, value_type: &str, value: &str) -> Self {
        self.fm.push(Multi { id: 0, type_id: type_id.to_owned(), value_type: value_type.to_owned(), value: value.to_owned() });
        self
    }

    /// With a field set.
    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.set(field, value);
        self
    }

    /// Sets a field; null clears it.
    pub fn set(&mut self, field: &str, value: Value) {
        if value.is_null() {
            self.fields.remove(field);
        } else {
            self.fields.insert(field.to_owned(), value);
        }
    }

    /// The value of a field, if it was ever set.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn number(&self, field: &str) -> i64 {
        self.fields.get(field).and_then(Value::as_i64).unwrap_or_default()
    }
}

/// A stage or another value of a list of the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) id: i64,
    pub(crate) entity: String,
    pub(crate) status: String,
    pub(crate) name: String,
    pub(crate) sort: i64,
    pub(crate) category: Option<i64>,
    /// `S`, `F` or none.
    pub(crate) semantics: Option<&'static str>,
}

/// A user of a portal.
#[derive(Clone, Debug, Default)]
pub(crate) struct User {
    pub(crate) admin: bool,
    pub(crate) dismissed: bool,
    /// Elements this user does not see, without an error.
    pub(crate) hidden: BTreeSet<(Kind, i64)>,
}

/// Seconds of work of a method within one minute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worked {
    pub(crate) minute: i64,
    pub(crate) seconds: f64,
}

/// One portal.
pub(crate) struct Portal {
    pub(crate) domain: String,
    /// Names it had before.
    pub(crate) former: Vec<String>,
    pub(crate) member_id: String,
    /// Hours east of Greenwich.
    pub(crate) offset: i32,
    pub(crate) enterprise: bool,
    /// The plan has REST.
    pub(crate) commercial: bool,
    pub(crate) closed: bool,
    pub(crate) users: BTreeMap<i64, User>,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) installs: Vec<Install>,
    pub(crate) items: BTreeMap<Kind, BTreeMap<i64, Item>>,
    pub(crate) requisites: Vec<(i64, Kind, i64, BTreeMap<String, String>)>,
    pub(crate) user_fields: Vec<UserField>,
    pub(crate) categories: Vec<(i64, String)>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) history: Vec<Passage>,
    pub(crate) notes: Vec<Note>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) events: Events,
    pub(crate) offline: Offline,
    pub(crate) senders: Vec<Sender>,
    pub(crate) messages: BTreeMap<i64, Message>,
    pub(crate) bookings: Vec<Booking>,
    pub(crate) resources: Vec<(i64, String)>,
    /// How full the bucket is, and when that was.
    pub(crate) bucket: (f64, DateTime<Utc>),
    /// Work by application and method.
    pub(crate) worked: BTreeMap<(String, String), Vec<Worked>>,
    /// Answers of REST 3.0 by user and key: the body, the answer, until when.
    pub(crate) replayed: BTreeMap<(i64, String), (Value, Value, DateTime<Utc>)>,
    last_id: i64,
}

impl Portal {
    pub(crate) fn new(domain: &str, member_id: String, now: DateTime<Utc>) -> Self {
        let mut portal = Self {
            domain: domain.to_owned(),
            former: Vec::new(),
            member_id,
            offset: 3,
            enterprise: false,
            commercial: true,
            closed: false,
            users: BTreeMap::from([(1, User { admin: true, ..User::default() })]),
            webhooks: Vec::new(),
            installs: Vec::new(),
            items: Kind::ALL.into_iter().map(|kind| (kind, BTreeMap::new())).collect(),
            requisites: Vec::new(),
            user_fields: Vec::new(),
            categories: Vec::new(),
            statuses: Vec::new(),
            history: Vec::new(),
            notes: Vec::new(),
            tasks: Vec::new(),
            events: Events::default(),
            offline: Offline::default(),
            senders: Vec::new(),
            messages: BTreeMap::new(),
            bookings: Vec::new(),
            resources: Vec::new(),
            bucket: (0.0, now),
            worked: BTreeMap::new(),
            replayed: BTreeMap::new(),
            last_id: 0,
        };
        for (entity, status, name) in [
            ("CONTACT_TYPE", "CLIENT", "Клиенты"),
            ("CONTACT_TYPE", "PARTNER", "Партнёры"),
            ("COMPANY_TYPE", "CUSTOMER", "Клиент"),
            ("SOURCE", "WEB", "Веб-сайт"),
            ("SOURCE", "CALL", "Звонок"),
        ] {
            portal.add_status(entity, status, name, None, None);
        }
        for (status, name, semantics) in [
            ("NEW", "Новый", None),
            ("IN_PROCESS", "В работе", None),
            ("CONVERTED", "Качественный", Some("S")),
            ("JUNK", "Некачественный", Some("F")),
        ] {
            portal.add_status("STATUS", status, name, None, semantics);
        }
        portal.add_category(0, "Общая");
        portal
    }

    /// A funnel with five stages.
    pub(crate) fn add_category(&mut self, id: i64, name: &str) {
        self.categories.push((id, name.to_owned()));
        let (entity, prefix) =
            if id == 0 { ("DEAL_STAGE".to_owned(), String::new()) } else { (format!("DEAL_STAGE_{id}"), format!("C{id}:")) };
        for (status, title, semantics) in [
            ("NEW", "Новая", None),
            ("PREPARATION", "Подготовка", None),
            ("INVOICE", "Счёт отправлен", None),
            ("WON", "Успешна", Some("S")),
            ("LOSE", "Провалена", Some("F")),
        ] {
            self.add_status(&entity, &format!("{prefix}{status}"), title, Some(id), semantics);
        }
    }

    fn add_status(&mut self, entity: &str, status: &str, name: &str, category: Option<i64>, semantics: Option<&'static str>) {
        let id = self.next_id();
        let sort = 10 * (self.statuses.iter().filter(|other| other.entity == entity).count() as i64 + 1);
        let (entity, status, name) = (entity.to_owned(), status.to_owned(), name.to_owned());
        self.statuses.push(Status { id, entity, status, name, sort, category, semantics });
    }

    /// An id that nothing in the portal has had yet.
    pub(crate) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn of(&self, kind: Kind) -> &BTreeMap<i64, Item> {
        // Every kind has its shelf from the first moment.
        &self.items[&kind]
    }

    pub(crate) fn item(&self, kind: Kind, id: i64) -> Option<&Item> {
        self.of(kind).get(&id)
    }

    /// The stages an element can be at: of its funnel, or of leads.
    pub(crate) fn stages(&self, kind: Kind, category: i64) -> impl Iterator<Item = &Status> {
        self.statuses.iter().filter(move |status| match kind {
            Kind::Deal => status.entity.starts_with("DEAL_STAGE") && status.category == Some(category),
            _ => status.entity == "STATUS",
        })
    }

    /// A moment as the portal writes it.
    pub(crate) fn moment(&self, at: DateTime<Utc>) -> Value {
        let greenwich = FixedOffset::east_opt(0).expect("Greenwich is an offset");
        let offset = FixedOffset::east_opt(self.offset * 3600).unwrap_or(greenwich);
        json!(at.with_timezone(&offset).format("%Y-%m-%dT%H:%M:%S%:z").to_string())
    }

    /// One field of an element as `crm.item` shows it.
    pub(crate) fn field(&self, item: &Item, name: &str) -> Value {
        let has = |type_id: &str| json!(if item.fm.iter().any(|multi| multi.type_id == type_id) { "Y" } else { "N" });
        match name {
            "id" => json!(item.id),
            "createdTime" => self.moment(item.created),
            "updatedTime" | "lastActivityTime" => self.moment(item.updated),
            "movedTime" => self.moment(item.moved),
            "hasPhone" => has("PHONE"),
            "hasEmail" => has("EMAIL"),
            "entityTypeId" => json!(item.kind.id()),
            "contactId" if item.kind == Kind::Deal => item.fields.get("contactIds").and_then(|ids| ids.get(0)).cloned().unwrap_or(json!(0)),
            "stageSemanticId" => json!(self.semantics(item).unwrap_or("P")),
            "closed" => json!(if self.semantics(item).is_some() { "Y" } else { "N" }),
            "birthdate" => match item.fields.get(name).and_then(Value::as_str).and_then(|text| text.get(..10)) {
                Some(day) => json!(format!("{day}T00:00:00{:+03}:00", self.offset)),
                None => Value::Null,
            },
            _ => match item.fields.get(name) {
                Some(value) => value.clone(),
                None => fields::absent(self, item.kind, name),
            },
        }
    }

    /// `S` or `F` of the stage an element is at.
    pub(crate) fn semantics(&self, item: &Item) -> Option<&'static str> {
        self.stages(item.kind, item.number("categoryId")).find(|stage| stage.status == item.text("stageId"))?.semantics
    }
}
