//! What the account holds.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::{Value, json};

use super::{
    auth::Auth,
    crowd::Crowd,
    faults::Rule,
    hooks::Hooks,
    leads::{self, Lead},
    seed,
    tasks::Task,
};

/// The user id of the company's administrator.
pub const ADMIN: u64 = 504_141;
/// The id of the first account.
pub const ACCOUNT: u64 = 28_805_383;

/// A contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contact {
    pub id: u64,
    /// Full name; may be empty.
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    /// Field id → values, as the API writes them (`[{"value": …}]`).
    pub values: BTreeMap<u64, Vec<Value>>,
    pub tags: Vec<String>,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds.
    pub updated_at: i64,
    /// A user's id; 0 is a robot.
    pub updated_by: u64,
    /// The user who looks after them; 0 is the administrator.
    pub responsible: u64,
    /// In the bin.
    pub deleted: bool,
}

impl Contact {
    /// A contact of this name with these phones.
    #[must_use]
    pub fn person(first_name: &str, last_name: &str, phones: &[&str]) -> Self {
        let mut contact = Self {
            name: format!("{first_name} {last_name}").trim().to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            ..Self::default()
        };
        contact.set_phones(phones);
        contact
    }

    /// Replaces the phones.
    pub fn set_phones(&mut self, phones: &[&str]) {
        let values = phones.iter().map(|phone| json!({ "value": phone, "enum_id": 1, "enum_code": "MOB" })).collect();
        self.values.insert(seed::fields::PHONE, values);
    }

    /// Replaces a field's values by one; null clears it.
    pub fn set(&mut self, field: u64, value: Value) {
        if value.is_null() {
            self.values.remove(&field);
        } else {
            self.values.insert(field, vec![json!({ "value": value })]);
        }
    }

    /// The first value of a field.
    #[must_use]
    pub fn get(&self, field: u64) -> Option<&Value> {
        self.values.get(&field)?.first()?.get("value")
    }
}

/// Whose a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Contact,
    Lead,
}

/// A note in the feed of a contact or a lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub id: u64,
    pub owner: Owner,
    /// The id of the contact or the lead.
    pub entity_id: u64,
    /// `common`, `extended_service_message` …
    pub note_type: String,
    /// By type.
    pub params: Value,
    /// Unix seconds.
    pub created_at: i64,
}

/// An entry of the account's log.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id, a string.
    pub id: String,
    /// `contact_deleted`, `lead_added` …
    pub kind: String,
    /// The id of the contact or the lead.
    pub entity_id: u64,
    /// Unix seconds.
    pub created_at: i64,
    /// What was, and what is, by kind.
    pub change: [Value; 2],
}

/// A write the double accepted (whether or not the caller got the answer).
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// `contact`, `note`, `hook`, `field`, `tag`, `lead`, `task`.
    pub what: &'static str,
    /// The contact's id, or the thing's own.
    pub id: u64,
    /// What was sent.
    pub body: Value,
}

/// What the double keeps.
#[derive(Debug)]
pub struct State {
    /// The account's id.
    pub account: u64,
    pub subdomain: String,
    pub contacts: BTreeMap<u64, Contact>,
    /// Contacts that are made up when they are asked for.
    pub crowd: Option<Crowd>,
    pub leads: BTreeMap<u64, Lead>,
    pub tasks: Vec<Task>,
    /// Ids and names.
    pub users: BTreeMap<u64, String>,
    /// Field metadata in the API's shape.
    pub fields: Vec<Value>,
    pub tags: BTreeMap<String, u64>,
    pub notes: Vec<Note>,
    pub events: Vec<Event>,
    pub ledger: Vec<Accepted>,
    pub auth: Auth,
    pub hooks: Hooks,
    pub rules: VecDeque<Rule>,
    pub unpaid: bool,
    pub requests: u64,
    pub limited: u64,
    /// Requests seen by path, for tests that count reads.
    pub paths: HashMap<String, u64>,
    last_id: u64,
}

impl State {
    /// An account with nothing in it.
    pub fn new(subdomain: &str) -> Self {
        Self {
            account: ACCOUNT,
            subdomain: subdomain.to_owned(),
            contacts: BTreeMap::new(),
            crowd: None,
            leads: BTreeMap::new(),
            tasks: Vec::new(),
            users: leads::users(),
            fields: seed::metadata(),
            tags: BTreeMap::new(),
            notes: Vec::new(),
            events: Vec::new(),
            ledger: Vec::new(),
            auth: Auth::default(),
            hooks: Hooks::default(),
            rules: VecDeque::new(),
            unpaid: false,
            requests: 0,
            limited: 0,
            paths: HashMap::new(),
            last_id: 7_143_000,
        }
    }

    /// An id that nothing has had yet.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The account's clock, unix seconds.
    #[allow(clippy::unused_self, reason = "the account's clock, though it is the machine's")]
    pub fn tick(&self) -> i64 {
        chrono::Utc::now().timestamp()
    }

    /// Notes an event for the list of events; `created_at` in Unix seconds.
    pub fn event(&mut self, kind: &str, entity_id: u64, created_at: i64) {
        let id = format!("01{:024x}", self.next_id());
        self.events.push(Event { id, kind: kind.to_owned(), entity_id, created_at, change: [json!([]), json!([])] });
    }

    /// Notes that a lead went from one stage to another.
    pub fn moved(&mut self, lead: u64, from: (u64, u64), to: (u64, u64), created_at: i64) {
        let stage = |(pipeline, status): (u64, u64)| json!([{ "lead_status": { "id": status, "pipeline_id": pipeline } }]);
        self.event("lead_status_changed", lead, created_at);
        if let Some(event) = self.events.last_mut() {
            event.change = [stage(from), stage(to)];
        }
    }

    /// A field of contacts by its id.
    pub fn field(&self, id: u64) -> Option<&Value> {
        self.fields.iter().find(|field| field["id"] == id)
    }

    /// The tag's id, given out on first use.
    pub fn tag_id(&mut self, name: &str) -> u64 {
        if let Some(id) = self.tags.get(name) {
            return *id;
        }
        let id = self.next_id();
        self.tags.insert(name.to_owned(), id);
        id
    }

    /// The contact in the API's shape.
    pub fn show(&self, contact: &Contact, base: &str) -> Value {
        let values: Vec<Value> = contact
            .values
            .iter()
            .filter(|(_, values)| !values.is_empty())
            .filter_map(|(id, values)| {
                let field = self.field(*id)?;
                Some(json!({ "field_id": id, "field_name": field["name"], "field_code": field["code"], "field_type": field["type"], "values": values }))
            })
            .collect();
        let tags: Vec<Value> = contact.tags.iter().map(|name| json!({ "id": self.tags.get(name), "name": name, "color": null })).collect();
        json!({
            "id": contact.id, "name": contact.name, "first_name": contact.first_name, "last_name": contact.last_name,
            "responsible_user_id": if contact.responsible == 0 { ADMIN } else { contact.responsible },
            "group_id": 0, "created_by": ADMIN, "updated_by": contact.updated_by,
            "created_at": contact.created_at, "updated_at": contact.updated_at, "closest_task_at": null,
            "is_deleted": contact.deleted, "is_unsorted": false, "account_id": self.account,
            "custom_fields_values": if values.is_empty() { Value::Null } else { Value::Array(values) },
            "_links": { "self": { "href": format!("{base}/api/v4/contacts/{}", contact.id) } },
            "_embedded": { "tags": tags, "companies": [] }
        })
    }
}
