//! What the company's people do, and what a test may look at.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    Odoo,
    models::{Field, Kind},
    state::{ADMIN, Accepted, Row, State},
};

/// How moments are written.
const STAMP: &str = "%Y-%m-%d %H:%M:%S";

/// Values as an object; anything else is none.
fn row(values: Value) -> Row {
    match values {
        Value::Object(row) => row,
        _ => Map::new(),
    }
}

/// Making the database.
impl Odoo {
    /// A user with a login; their id. The database begins with `admin`, who is 2.
    pub fn add_user(&self, login: &str, name: &str) -> u64 {
        let mut state = self.state();
        let id = state.insert("res.users", row(json!({ "name": name, "login": login, "active": true })));
        state.logins.insert(login.to_owned(), id);
        id
    }

    /// A key of the administrator without an end.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.key_of(ADMIN, None)
    }

    /// A key of a user, with the moment it ends.
    #[must_use]
    pub fn key_of(&self, user: u64, expires: Option<DateTime<Utc>>) -> String {
        self.state().new_key(user, expires)
    }

    /// A key of the administrator by the caller's choosing.
    pub fn add_key(&self, key: &str) {
        let key = super::state::Key { key: key.to_owned(), expires: None, user: ADMIN };
        self.state().keys.push(key);
    }

    /// A key is removed.
    pub fn revoke(&self, key: &str) {
        self.state().keys.retain(|known| known.key != key);
    }

    /// A user may no longer (or again) do something with a model: `read`, `write`, `create`,
    /// `unlink`.
    pub fn deny(&self, user: u64, model: &str, what: &str, denied: bool) {
        let mut state = self.state();
        let known = state.denied.entry(user).or_default();
        let rule = (model.to_owned(), what.to_owned());
        if denied {
            known.insert(rule);
        } else {
            known.remove(&rule);
        }
    }

    /// A record rule hides a row from a user: lists are without it, silently.
    pub fn hide(&self, user: u64, model: &str, id: u64) {
        self.state().hidden.entry(user).or_default().insert((model.to_owned(), id));
    }

    /// A user leaves: their keys open nothing.
    pub fn archive_user(&self, user: u64) {
        self.write("res.users", user, json!({ "active": false }));
    }

    /// A custom field (`x_…`): `boolean`, `char`, `date`, `datetime`, `float`, `html`, `integer`.
    /// Whether there is such a type.
    pub fn add_field(&self, model: &str, name: &str, label: &str, kind: &str) -> bool {
        let Some(kind) = Kind::custom(kind) else { return false };
        self.state().custom.entry(model.to_owned()).or_default().insert(name.to_owned(), Field::new(label, kind));
        true
    }
}

/// What is done by hand. Values are as the API takes them.
impl Odoo {
    /// A person makes a row of a model; its id.
    pub fn create(&self, model: &str, values: Value) -> u64 {
        self.state().make(model, &row(values))
    }

    /// A person makes a contact; their id.
    pub fn add_partner(&self, name: &str, phone: &str) -> u64 {
        self.create("res.partner", json!({ "name": name, "phone": phone }))
    }

    /// A person changes a row: its `write_date` moves.
    pub fn write(&self, model: &str, id: u64, values: Value) {
        self.state().change(model, id, &row(values));
    }

    /// Many rows are changed at once: all have the same `write_date`.
    pub fn write_all(&self, model: &str, ids: &[u64], values: Value) {
        let values = row(values);
        let mut state = self.state();
        let stamp = state.stamp();
        for id in ids {
            state.change(model, *id, &values);
            if let Some(row) = state.tables.get_mut(model).and_then(|rows| rows.get_mut(id)) {
                row.insert("write_date".to_owned(), json!(stamp));
            }
        }
    }

    /// A person deletes a row: nothing tells of it.
    pub fn unlink(&self, model: &str, id: u64) {
        self.state().unlink(model, id);
    }

    /// Nobody has changed any row of a model for so long.
    pub fn age(&self, model: &str, by: TimeDelta) {
        let mut state = self.state();
        for row in state.tables.get_mut(model).into_iter().flat_map(|rows| rows.values_mut()) {
            let at = row.get("write_date").and_then(Value::as_str).and_then(|at| NaiveDateTime::parse_from_str(at, STAMP).ok());
            if let Some(at) = at {
                row.insert("write_date".to_owned(), json!((at - by).format(STAMP).to_string()));
            }
        }
    }

    /// The wizard "Merge contacts": the loser is deleted, what hung on it hangs on the winner, and
    /// nothing tells of it.
    pub fn merge(&self, loser: u64, winner: u64) {
        let mut state = self.state();
        let stamp = json!(state.stamp());
        for (model, field) in [("res.partner", "parent_id"), ("crm.lead", "partner_id"), ("mail.message", "res_id")] {
            for row in state.tables.get_mut(model).into_iter().flat_map(|rows| rows.values_mut()) {
                let on_partner = model != "mail.message" || row.get("model").and_then(Value::as_str) == Some("res.partner");
                if on_partner && row.get(field).and_then(Value::as_u64) == Some(loser) {
                    row.insert(field.to_owned(), json!(winner));
                }
            }
        }
        let had = state.tables.get("res.partner").and_then(|rows| rows.get(&loser)).cloned().unwrap_or_default();
        state.unlink("res.partner", loser);
        if let Some(row) = state.tables.get_mut("res.partner").and_then(|rows| rows.get_mut(&winner)) {
            for (field, value) in had {
                if row.get(&field).is_none_or(|own| own == &json!(false) || own.is_null() || own == &json!("")) {
                    row.insert(field, value);
                }
            }
            row.insert("write_date".to_owned(), stamp);
        }
    }
}

/// What a test may look at.
impl Odoo {
    /// A row with every field, relations as ids.
    #[must_use]
    pub fn get(&self, model: &str, id: u64) -> Option<Value> {
        let mut state = self.quiet();
        state.refresh();
        let row = state.row(model, id)?;
        let shown = state.fields(model).map(|(name, field)| (name.clone(), state.value(model, row, name, field)));
        Some(Value::Object(shown.collect()))
    }

    /// Ids of a model's rows, archived ones too.
    #[must_use]
    pub fn ids(&self, model: &str) -> Vec<u64> {
        self.quiet().rows(model).map(|rows| rows.keys().copied().collect()).unwrap_or_default()
    }

    /// Bodies of the messages on a row's chatter, oldest first.
    #[must_use]
    pub fn messages_of(&self, model: &str, id: u64) -> Vec<String> {
        let state = self.quiet();
        let of =
            |row: &&Row| row.get("model").and_then(Value::as_str) == Some(model) && row.get("res_id").and_then(Value::as_u64) == Some(id);
        let bodies = state.rows("mail.message").into_iter().flat_map(|rows| rows.values()).filter(of);
        bodies.filter_map(|row| row.get("body")?.as_str().map(str::to_owned)).collect()
    }

    /// Whether a number is on the blacklist and not archived there.
    #[must_use]
    pub fn blacklisted(&self, number: &str) -> bool {
        let wanted = State::sanitized(number);
        let state = self.quiet();
        let is = |row: &Row| {
            row.get("number").and_then(Value::as_str) == wanted.as_deref() && row.get("active").and_then(Value::as_bool).unwrap_or_default()
        };
        wanted.is_some() && state.rows("phone.blacklist").is_some_and(|rows| rows.values().any(is))
    }

    /// Every write accepted by the API, oldest first. What was refused, and how often each method
    /// was called (`res.partner.search_read`), is in [`Odoo::ledger`].
    #[must_use]
    pub fn writes(&self) -> Vec<Accepted> {
        self.quiet().writes.clone()
    }

    /// How many requests came, the refused ones too.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.quiet().requests
    }

    /// How many requests were refused for coming too fast.
    #[must_use]
    pub fn limited(&self) -> u64 {
        self.quiet().limited
    }
}
