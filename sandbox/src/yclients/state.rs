//! Everything the YCLIENTS double remembers.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{
    access::{Partner, Person},
    hooks::Hooks,
    journal::Journal,
    settings::Settings,
};
use crate::{clock::Clock, fault::Faults, window::Window};

/// A location, with all it holds.
#[derive(Default)]
pub struct Company {
    pub id: i64,
    pub title: String,
    /// Hours east of Greenwich.
    pub timezone: i32,
    /// `Europe/Moscow`.
    pub timezone_name: String,
    /// The chain it belongs to.
    pub group_id: Option<i64>,
    /// Its licence has ended: 402 everywhere.
    pub unpaid: bool,
    pub staff: Vec<Staff>,
    pub services: Vec<Service>,
    pub categories: Vec<Category>,
    /// Of clients.
    pub client_fields: Vec<CustomField>,
    /// Of records.
    pub record_fields: Vec<CustomField>,
    pub(crate) clients: BTreeMap<i64, Client>,
    pub(crate) records: Journal,
    pub(crate) comments: Vec<Comment>,
    pub(crate) hooks: Hooks,
}

impl Company {
    /// A company in Moscow's time with two masters and two services, without clients.
    #[must_use]
    pub fn new(id: i64, title: &str) -> Self {
        let staff = |id, name: &str, specialization: &str| Staff { id, name: name.to_owned(), specialization: specialization.to_owned() };
        let service = |id, title: &str, cost| Service { id, title: title.to_owned(), cost };
        Self {
            id,
            title: title.to_owned(),
            timezone: 3,
            timezone_name: "Europe/Moscow".to_owned(),
            staff: vec![staff(9, "Ольга", "стилист"), staff(10, "Игорь", "барбер")],
            services: vec![service(12, "Стрижка", 1_500), service(13, "Окрашивание", 4_000)],
            ..Self::default()
        }
    }

    /// Another zone: hours east of Greenwich, and its name.
    #[must_use]
    pub fn zone(self, hours: i32, name: &str) -> Self {
        Self { timezone: hours, timezone_name: name.to_owned(), ..self }
    }

    /// A label of clients.
    #[must_use]
    pub fn category(mut self, id: i64, title: &str) -> Self {
        self.categories.push(Category { id, title: title.to_owned(), color: "#ff0000".to_owned() });
        self
    }

    /// A field of clients: `text`, `number`, `select`, `date`…
    #[must_use]
    pub fn client_field(mut self, id: i64, code: &str, title: &str, kind: &str) -> Self {
        self.client_fields.push(CustomField::new(id, code, title, kind));
        self
    }

    /// A field of records.
    #[must_use]
    pub fn record_field(mut self, id: i64, code: &str, title: &str, kind: &str) -> Self {
        self.record_fields.push(CustomField::new(id, code, title, kind));
        self
    }

    pub(crate) fn offset(&self) -> FixedOffset {
        FixedOffset::east_opt(self.timezone * 3600).unwrap_or(FixedOffset::east_opt(0).expect("Greenwich is an offset"))
    }

    /// A moment by the clock on the wall there.
    pub(crate) fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&self.offset())
    }

    /// A time by the clock on the wall there, as a moment.
    pub(crate) fn moment(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        DateTime::from_naive_utc_and_offset(wall - TimeDelta::seconds(i64::from(self.timezone) * 3600), Utc)
    }
}

/// A master.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    pub id: i64,
    pub name: String,
    pub specialization: String,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub id: i64,
    pub title: String,
    /// Roubles.
    pub cost: i64,
}

/// A label of clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    pub id: i64,
    pub title: String,
    pub color: String,
}

/// A field the company made for itself.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomField {
    pub id: i64,
    pub code: String,
    pub title: String,
    /// `text`, `number`, `select`, `date`, `datetime`.
    pub kind: String,
    /// The choices of a list.
    pub values: Vec<Value>,
}

impl CustomField {
    fn new(id: i64, code: &str, title: &str, kind: &str) -> Self {
        Self { id, code: code.to_owned(), title: title.to_owned(), kind: kind.to_owned(), values: Vec::new() }
    }
}

/// A client of one company. The same person in another branch is another client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Client {
    pub id: i64,
    pub name: String,
    pub surname: String,
    pub patronymic: String,
    /// Digits with the country's code; may be empty.
    pub phone: String,
    pub email: String,
    pub card: String,
    pub birth_date: Option<NaiveDate>,
    pub comment: String,
    /// Per cent.
    pub discount: i64,
    /// Roubles sold to them.
    pub spent: i64,
    /// Roubles they paid.
    pub paid: i64,
    /// Roubles.
    pub balance: i64,
    /// 0 unknown, 1 male, 2 female.
    pub sex_id: i64,
    /// A birthday's greeting by SMS is allowed.
    pub sms_check: bool,
    /// The platform's flag of its notification bot.
    pub sms_bot: bool,
    /// Left out of SMS mailings: a refusal of advertising.
    pub sms_not: bool,
    /// 0 to 3.
    pub importance_id: i64,
    /// Ids of [`Category`].
    pub categories: Vec<i64>,
    /// By the field's code.
    pub custom_fields: BTreeMap<String, Value>,
    /// Visits left of those paid beforehand, for the search by `sale.abonement_balance`.
    pub abonement_balance: i64,
    pub changed: DateTime<Utc>,
}

impl Client {
    /// A client of this name with this phone (digits).
    #[must_use]
    pub fn person(name: &str, surname: &str, phone: &str) -> Self {
        Self { name: name.to_owned(), surname: surname.to_owned(), phone: phone.to_owned(), sms_check: true, ..Self::default() }
    }
}

/// An appointment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub id: i64,
    pub staff_id: i64,
    /// Ids of [`Service`], each with what it costs in this record.
    pub services: Vec<(i64, i64)>,
    /// `None`: a record without a client.
    pub client: Option<i64>,
    /// By the clock on the wall of the company.
    pub date: NaiveDateTime,
    /// Seconds.
    pub length: i64,
    pub comment: String,
    /// Made by the client in the widget.
    pub online: bool,
    /// 1 came, 0 awaited, 2 confirmed, -1 did not come (all but 1 unconfirmed).
    pub attendance: i64,
    /// `false`: cancelled.
    pub confirmed: bool,
    pub paid_full: bool,
    pub deleted: bool,
    pub visit_id: i64,
    /// An id of whoever made it by the API.
    pub api_id: String,
    pub custom_fields: BTreeMap<String, Value>,
    pub created: DateTime<Utc>,
    pub changed: DateTime<Utc>,
}

impl Record {
    /// A record for an hour's haircut by the first master of [`Company::new`].
    #[must_use]
    pub fn at(client: i64, date: NaiveDateTime) -> Self {
        Self { staff_id: 9, services: vec![(12, 1_500)], client: Some(client), date, length: 3_600, confirmed: true, ..Self::default() }
    }
}

/// A comment on a client.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    pub id: i64,
    pub client: i64,
    pub text: String,
    pub created: DateTime<Utc>,
}

/// A write that was accepted (whether or not the caller got the answer).
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    pub company: i64,
    /// `client`, `record`, `comment`, `category`, `hooks`, `sms`.
    pub what: &'static str,
    /// `create`, `update`, `delete`.
    pub how: &'static str,
    /// The client's of a comment, otherwise the thing's own; 0 where it has none.
    pub id: i64,
    /// What was sent.
    pub body: Value,
}

/// What the double keeps.
pub struct State {
    pub(crate) settings: Settings,
    pub(crate) faults: Faults,
    clock: Clock,
    pub(crate) companies: BTreeMap<i64, Company>,
    pub(crate) partners: HashMap<String, Partner>,
    pub(crate) people: BTreeMap<i64, Person>,
    pub(crate) writes: Vec<Accepted>,
    pub(crate) second: Window,
    pub(crate) minute: Window,
    last_id: i64,
}

impl State {
    pub(crate) fn new(faults: Faults, clock: Clock, settings: Settings) -> Self {
        Self {
            settings,
            faults,
            clock,
            companies: BTreeMap::new(),
            partners: HashMap::new(),
            people: BTreeMap::new(),
            writes: Vec::new(),
            second: Window::default(),
            minute: Window::default(),
            last_id: 77_000,
        }
    }

    /// An id that nothing has had yet.
    pub(crate) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn accepted(&mut self, company: i64, what: &'static str, how: &'static str, id: i64, body: Value) {
        self.writes.push(Accepted { company, what, how, id, body });
    }
}
