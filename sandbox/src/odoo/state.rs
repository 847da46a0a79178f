//! What the database holds: rows of models, users with their keys and rights.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    error::{OdooError, OdooResult},
    hooks::Rule,
    models::{Field, Fields, Kind, models},
    settings::Settings,
};
use crate::{clock::Clock, window::Window};

/// The administrator.
pub const ADMIN: u64 = 2;

/// A row: what was set; anything else is `false`. Relations are ids.
pub(crate) type Row = Map<String, Value>;

/// An API key of a user.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) key: String,
    /// `None` for administrators' keys without an end.
    pub(crate) expires: Option<DateTime<Utc>>,
    pub(crate) user: u64,
}

/// What a user may not do: a model and `read`, `write`, `create` or `unlink`.
pub(crate) type Denied = BTreeSet<(String, String)>;

/// A write the double accepted, whether or not the caller got the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    pub model: String,
    /// `create`, `write`, `unlink`, `message_post`, `add`, `remove`.
    pub method: String,
    pub ids: Vec<u64>,
    /// What was sent.
    pub values: Value,
}

/// The database. Everything a test may see of it has a method of [`super::Odoo`].
pub struct State {
    pub(crate) database: String,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) tables: BTreeMap<String, BTreeMap<u64, Row>>,
    pub(crate) custom: BTreeMap<String, Fields>,
    known: (Settings, BTreeMap<&'static str, Fields>),
    pub(crate) logins: BTreeMap<String, u64>,
    pub(crate) keys: Vec<Key>,
    pub(crate) denied: BTreeMap<u64, Denied>,
    /// Rows that a rule hides from a user, without a word.
    pub(crate) hidden: BTreeMap<u64, BTreeSet<(String, u64)>>,
    pub(crate) calls: Window,
    pub(crate) limited: u64,
    pub(crate) requests: u64,
    pub(crate) writes: Vec<Accepted>,
    pub(crate) rules: Vec<Rule>,
    last: BTreeMap<String, u64>,
}

impl State {
    pub(crate) fn new(database: &str, clock: Clock, settings: Settings) -> Self {
        let known = (settings.clone(), models(&settings));
        let mut state = Self {
            database: database.to_owned(),
            settings,
            clock,
            tables: BTreeMap::new(),
            custom: BTreeMap::new(),
            known,
            logins: BTreeMap::new(),
            keys: Vec::new(),
            denied: BTreeMap::new(),
            hidden: BTreeMap::new(),
            calls: Window::default(),
            limited: 0,
            requests: 0,
            writes: Vec::new(),
            rules: Vec::new(),
            last: BTreeMap::new(),
        };
        state.furnish();
        state
    }

    /// What every database begins with.
    fn furnish(&mut self) {
        let of = |pairs: &[(&str, Value)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Row>();
        self.insert("res.country", of(&[("name", json!("Russian Federation")), ("code", json!("RU"))]));
        self.insert("res.partner", of(&[("name", json!("Моя компания")), ("is_company", json!(true)), ("active", json!(true))]));
        for model in ["res.partner", "crm.lead"] {
            self.insert("ir.model", of(&[("name", json!(model)), ("model", json!(model))]));
        }
        for name in ["Email", "Call", "To-Do"] {
            self.insert("mail.activity.type", of(&[("name", json!(name))]));
        }
        self.last.insert("res.users".to_owned(), 1);
        let admin = self.insert("res.users", of(&[("name", json!("Администратор")), ("login", json!("admin")), ("active", json!(true))]));
        self.logins.insert("admin".to_owned(), admin);
        for (name, won) in [("Новый", false), ("Квалифицирован", false), ("Предложение", false), ("Выигран", true)]
        {
            self.insert("crm.stage", of(&[("name", json!(name)), ("is_won", json!(won)), ("sequence", json!(1))]));
        }
        self.insert("crm.team", of(&[("name", json!("Продажи")), ("active", json!(true))]));
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A moment as Odoo writes it: UTC without an offset.
    pub(crate) fn stamp(&self) -> String {
        self.now().format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Looks at the settings anew: a version or a module may have come or gone.
    pub(crate) fn refresh(&mut self) {
        if self.known.0 != self.settings {
            self.known = (self.settings.clone(), models(&self.settings));
        }
    }

    /// Whether there is such a model.
    pub(crate) fn has(&self, model: &str) -> bool {
        self.known.1.contains_key(model)
    }

    /// Every field of a model.
    pub(crate) fn fields(&self, model: &str) -> impl Iterator<Item = (&String, &Field)> {
        self.known.1.get(model).into_iter().flatten().chain(self.custom.get(model).into_iter().flatten())
    }

    pub(crate) fn field(&self, model: &str, name: &str) -> Option<&Field> {
        self.known.1.get(model).and_then(|fields| fields.get(name)).or_else(|| self.custom.get(model)?.get(name))
    }

    pub(crate) fn rows(&self, model: &str) -> Option<&BTreeMap<u64, Row>> {
        self.tables.get(model)
    }

    pub(crate) fn row(&self, model: &str, id: u64) -> Option<&Row> {
        self.tables.get(model)?.get(&id)
    }

    /// Puts a new row in, with its moments; its id.
    pub(crate) fn insert(&mut self, model: &str, mut row: Row) -> u64 {
        let last = self.last.entry(model.to_owned()).or_default();
        *last += 1;
        let id = *last;
        let stamp = self.stamp();
        row.insert("id".to_owned(), json!(id));
        for (name, value) in
            [("create_date", json!(stamp)), ("write_date", json!(stamp)), ("create_uid", json!(ADMIN)), ("write_uid", json!(ADMIN))]
        {
            row.entry(name).or_insert(value);
        }
        self.tables.entry(model.to_owned()).or_default().insert(id, row);
        id
    }

    /// The name that stands for a row.
    pub(crate) fn display(&self, model: &str, id: u64) -> String {
        let Some(row) = self.row(model, id) else { return String::new() };
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = match model {
            "phone.blacklist" => text("number"),
            "mail.blacklist" => text("email"),
            _ => text("name"),
        };
        let parent = row.get("parent_id").and_then(Value::as_u64).filter(|_| model == "res.partner");
        match parent {
            Some(parent) => format!("{}, {name}", self.display(model, parent)),
            None => name,
        }
    }

    /// The user of a key that is good now.
    pub(crate) fn user_of(&self, key: &str) -> Option<u64> {
        let now = self.now();
        let found = self.keys.iter().find(|known| known.key == key && known.expires.is_none_or(|end| now < end))?;
        let active = self.row("res.users", found.user)?.get("active").and_then(Value::as_bool).unwrap_or_default();
        active.then_some(found.user)
    }

    /// Refuses a user what they may not do with a model.
    pub(crate) fn may(&self, user: u64, model: &str, what: &str) -> OdooResult<()> {
        let denied = self.denied.get(&user).is_some_and(|denied| denied.contains(&(model.to_owned(), what.to_owned())));
        if denied {
            let words = format!("You are not allowed to access '{model}' records ({what}).");
            return Err(OdooError::access(words));
        }
        Ok(())
    }

    /// Whether a rule shows a row to a user.
    pub(crate) fn shows(&self, user: u64, model: &str, id: u64) -> bool {
        self.hidden.get(&user).is_none_or(|hidden| !hidden.contains(&(model.to_owned(), id)))
    }

    /// A number in E.164, as far as Russian numbers and those with a plus go; `None`: not one.
    pub(crate) fn sanitized(number: &str) -> Option<String> {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let odd = number.chars().any(|letter| letter.is_alphabetic());
        match digits.len() {
            _ if odd => None,
            11 if digits.starts_with('8') && !number.trim_start().starts_with('+') => Some(format!("+7{}", &digits[1..])),
            10 => Some(format!("+7{digits}")),
            11..=15 => Some(format!("+{digits}")),
            _ => None,
        }
    }

    /// The value of a field as it is stored or computed: relations are ids, nothing is `false`.
    pub(crate) fn value(&self, model: &str, row: &Row, name: &str, field: &Field) -> Value {
        let id = row.get("id").and_then(Value::as_u64).unwrap_or_default();
        let text = |name: &str| row.get(name).and_then(Value::as_str);
        let sanitized = || text("mobile").filter(|_| self.settings.version <= 18).or_else(|| text("phone")).and_then(Self::sanitized);
        match (model, name) {
            (_, "display_name") | (_, "complete_name") => json!(self.display(model, id)),
            ("res.partner", "phone_sanitized") => sanitized().map_or(json!(false), Value::String),
            ("res.partner", "phone_blacklisted" | "phone_sanitized_blacklisted") => {
                json!(sanitized().is_some_and(|number| self.blacklisted("phone.blacklist", "number", &number)))
            }
            ("res.partner", "is_blacklisted") => {
                json!(text("email").is_some_and(|email| self.blacklisted("mail.blacklist", "email", &email.to_lowercase())))
            }
            _ => match &field.kind {
                Kind::One2many(other, back) => {
                    let of = |row: &Row| row.get(*back).and_then(Value::as_u64) == Some(id);
                    let own = |row: &Row| *other != "mail.message" || row.get("model").and_then(Value::as_str) == Some(model);
                    let rows = self.tables.get(*other).into_iter().flatten().filter(|(_, row)| of(row) && own(row));
                    json!(rows.map(|(id, _)| id).collect::<Vec<_>>())
                }
                Kind::Many2many(_) => row.get(name).cloned().unwrap_or_else(|| json!([])),
                Kind::Integer | Kind::Float => row.get(name).cloned().unwrap_or_else(|| json!(0)),
                _ => row.get(name).cloned().unwrap_or(Value::Bool(false)),
            },
        }
    }

    fn blacklisted(&self, model: &str, field: &str, value: &str) -> bool {
        let is = |row: &&Row| {
            row.get(field).and_then(Value::as_str) == Some(value) && row.get("active").and_then(Value::as_bool).unwrap_or_default()
        };
        self.tables.get(model).is_some_and(|rows| rows.values().any(|row| is(&row)))
    }

    pub(crate) fn accept(&mut self, model: &str, method: &str, ids: &[u64], values: Value) {
        self.writes.push(Accepted { model: model.to_owned(), method: method.to_owned(), ids: ids.to_vec(), values });
    }
}
