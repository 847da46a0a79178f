//! Writing: `create`, `write`, `unlink`, and what the platform does by itself at that (contract,
//! 2.2 and 3). A call is one transaction: what is refused changes nothing.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Value, json};

use super::{
    error::{OdooError, OdooResult},
    models::Kind,
    server::Call,
    state::{Row, State},
};

/// Whether a value is of a kind; `false` clears anything.
fn fits(state: &State, kind: &Kind, value: &Value) -> bool {
    let text = value.as_str();
    value.as_bool() == Some(false)
        || match kind {
            Kind::Integer => value.is_i64(),
            Kind::Float => value.is_number(),
            Kind::Boolean => value.is_boolean(),
            Kind::Char | Kind::Html => value.is_string(),
            Kind::Date => text.is_some_and(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()),
            Kind::Datetime => text.is_some_and(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").is_ok()),
            Kind::Selection(choices) => choices.iter().any(|(code, _)| text == Some(code)),
            Kind::Many2one(other) => value.as_u64().is_some_and(|id| state.row(other, id).is_some()),
            Kind::Many2many(other) | Kind::One2many(other, _) => {
                value.as_array().is_some_and(|items| items.iter().all(|item| command(state, other, item)))
            }
        }
}

/// `[4,id,0]` and the like; a bare id links, too.
fn command(state: &State, other: &str, item: &Value) -> bool {
    let known = |id: &Value| id.as_u64().is_some_and(|id| state.row(other, id).is_some());
    match (item, item[0].as_u64()) {
        (Value::Number(_), _) => known(item),
        (_, Some(0)) => item[2].as_object().is_some_and(|values| check(state, other, values, true).is_ok()),
        (_, Some(1)) => known(&item[1]) && item[2].as_object().is_some_and(|values| check(state, other, values, false).is_ok()),
        (_, Some(2..=4)) => known(&item[1]),
        (_, Some(5)) => true,
        (_, Some(6)) => item[2].as_array().is_some_and(|ids| ids.iter().all(known)),
        _ => false,
    }
}

/// Refuses values that the model does not take.
pub(crate) fn check(state: &State, model: &str, values: &Row, fresh: bool) -> OdooResult<()> {
    for (name, value) in values {
        let Some(field) = state.field(model, name) else {
            return Err(OdooError::value(format!("Invalid field '{name}' in '{model}'")));
        };
        // What is computed may be written, and the write is lost.
        if field.readonly {
            continue;
        }
        if !fits(state, &field.kind, value) {
            return Err(match field.kind {
                Kind::Selection(_) => OdooError::value(format!("Wrong value for {model}.{name}: {value}")),
                Kind::Many2one(_) | Kind::Many2many(_) | Kind::One2many(..) => {
                    OdooError::user(format!("The operation cannot be completed: another model requires the record ({model}.{name})."))
                }
                _ => OdooError::value(format!("Wrong value for {model}.{name}: {value}")),
            });
        }
    }
    let empty =
        |name: &str| values.get(name).is_none_or(|value| value.is_null() || value.as_bool() == Some(false) || value.as_str() == Some(""));
    let lacking = state
        .fields(model)
        .find(|(name, field)| field.required && (if fresh { empty(name) } else { values.contains_key(*name) && empty(name) }));
    if let Some((name, field)) = lacking {
        let words = format!(
            "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n\nModel: {model}\nField: {} ({name})",
            field.label
        );
        return Err(OdooError::validation(words));
    }
    if model == "res.partner" && fresh && empty("name") && values.get("type").and_then(Value::as_str).unwrap_or("contact") == "contact" {
        return Err(OdooError::validation("Contacts require a name"));
    }
    if model == "phone.blacklist" {
        let number = values.get("number").and_then(Value::as_str).unwrap_or_default();
        if fresh && State::sanitized(number).is_none() {
            return Err(OdooError::user(format!("Invalid number {number}")));
        }
    }
    Ok(())
}

impl State {
    /// Puts checked values into a row.
    fn put(&mut self, model: &str, id: u64, values: &Row) {
        for (name, value) in values {
            let Some(field) = self.field(model, name).filter(|field| !field.readonly) else { continue };
            let value = match field.kind.clone() {
                Kind::Many2many(other) => json!(self.linked(model, id, name, other, value)),
                Kind::One2many(..) => continue,
                _ => value.clone(),
            };
            if let Some(row) = self.tables.get_mut(model).and_then(|rows| rows.get_mut(&id)) {
                if value.as_bool() == Some(false) && name != "active" {
                    row.remove(name);
                } else {
                    row.insert(name.clone(), value);
                }
            }
        }
    }

    /// The links of a many2many after its commands.
    fn linked(&mut self, model: &str, id: u64, name: &str, other: &'static str, commands: &Value) -> Vec<u64> {
        let now = self.row(model, id).and_then(|row| row.get(name)).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut linked: Vec<u64> = now.iter().filter_map(Value::as_u64).collect();
        let link = |linked: &mut Vec<u64>, id: Option<u64>| linked.extend(id.filter(|id| !linked.contains(id)));
        for item in commands.as_array().into_iter().flatten() {
            let target = item[1].as_u64();
            match item[0].as_u64() {
                None => link(&mut linked, item.as_u64()),
                Some(0) => {
                    let made = item[2].as_object().map(|values| self.make(other, values));
                    link(&mut linked, made);
                }
                Some(1) => {
                    if let (Some(target), Some(values)) = (target, item[2].as_object()) {
                        self.put(other, target, values);
                    }
                }
                Some(2 | 3) => linked.retain(|id| Some(*id) != target),
                Some(4) => link(&mut linked, target),
                Some(5) => linked.clear(),
                _ => linked = item[2].as_array().into_iter().flatten().filter_map(Value::as_u64).collect(),
            }
        }
        linked
    }

    /// Makes a row of checked values; its id.
    pub(crate) fn make(&mut self, model: &str, values: &Row) -> u64 {
        let mut row = Row::new();
        if self.field(model, "active").is_some() {
            row.insert("active".to_owned(), json!(true));
        }
        match model {
            "res.partner" => row.insert("type".to_owned(), json!("contact")),
            "crm.lead" => {
                row.insert("type".to_owned(), json!("lead"));
                row.insert("date_last_stage_update".to_owned(), json!(self.stamp()));
                row.insert("stage_id".to_owned(), json!(1))
            }
            "mail.message" => row.insert("date".to_owned(), json!(self.stamp())),
            _ => None,
        };
        // A number or an address that is listed already is listed anew, archived or not.
        let key = match model {
            "phone.blacklist" => values.get("number").and_then(Value::as_str).and_then(Self::sanitized).map(|number| ("number", number)),
            "mail.blacklist" => values.get("email").and_then(Value::as_str).map(|email| ("email", email.to_lowercase())),
            _ => None,
        };
        let mut values = values.clone();
        if let Some((name, value)) = key {
            let listed =
                self.tables.get(model).into_iter().flatten().find(|(_, row)| row.get(name).and_then(Value::as_str) == Some(value.as_str()));
            if let Some(id) = listed.map(|(id, _)| *id) {
                self.change(model, id, &Row::from_iter([("active".to_owned(), json!(true))]));
                return id;
            }
            values.insert(name.to_owned(), json!(value));
        }
        let id = self.insert(model, row);
        self.put(model, id, &values);
        self.raise(model, id, true);
        id
    }

    /// Changes a row by checked values.
    pub(crate) fn change(&mut self, model: &str, id: u64, values: &Row) {
        let before = self.row(model, id).cloned();
        self.put(model, id, values);
        let changed = self.row(model, id) != before.as_ref();
        if !changed && !self.settings.writes_bump {
            return;
        }
        let stamp = json!(self.stamp());
        let staged = before.as_ref().and_then(|row| row.get("stage_id")).cloned();
        if let Some(row) = self.tables.get_mut(model).and_then(|rows| rows.get_mut(&id)) {
            if model == "crm.lead" && row.get("stage_id") != staged.as_ref() {
                row.insert("date_last_stage_update".to_owned(), stamp.clone());
            }
            row.insert("write_date".to_owned(), stamp);
            row.insert("write_uid".to_owned(), json!(super::state::ADMIN));
        }
        self.raise(model, id, false);
    }

    /// Takes a row away, with every link to it.
    pub(crate) fn unlink(&mut self, model: &str, id: u64) {
        if let Some(rows) = self.tables.get_mut(model) {
            rows.remove(&id);
        }
        let tables: Vec<String> = self.tables.keys().cloned().collect();
        for table in tables {
            let links: Vec<String> =
                self.fields(&table).filter(|(_, field)| field.kind.relation() == Some(model)).map(|(name, _)| name.clone()).collect();
            let Some(rows) = self.tables.get_mut(&table).filter(|_| !links.is_empty()) else { continue };
            for row in rows.values_mut() {
                for name in &links {
                    match row.get_mut(name) {
                        Some(Value::Array(ids)) => ids.retain(|known| known.as_u64() != Some(id)),
                        Some(value) if value.as_u64() == Some(id) => *value = json!(false),
                        _ => {}
                    }
                }
            }
        }
    }
}

fn object(value: &Value) -> OdooResult<&Row> {
    value.as_object().ok_or_else(|| OdooError::value("dictionary update sequence element #0 has length 1; 2 is required"))
}

/// `create`: a list gives ids in its order; of JSON-RPC a dictionary alone gives one id.
pub(crate) fn create(state: &mut State, call: &Call) -> OdooResult {
    state.may(call.user, &call.model, "create")?;
    let given = call.get("vals_list");
    let many: Vec<&Row> = match given {
        Value::Array(items) => items.iter().map(object).collect::<OdooResult<_>>()?,
        other => vec![object(other)?],
    };
    for values in &many {
        check(state, &call.model, values, true)?;
    }
    if call.model == "ir.model.fields" {
        return Err(OdooError::access("You are not allowed to create 'Fields' records."));
    }
    let ids: Vec<u64> = many.iter().map(|values| state.make(&call.model, values)).collect();
    state.accept(&call.model, "create", &ids, given.clone());
    state.by(call.user, &call.model, &ids);
    match (given.is_array() || call.strict, ids.first()) {
        (false, Some(id)) => Ok(json!(id)),
        _ => Ok(json!(ids)),
    }
}

/// The rows of a record method: every one must be there and be shown.
pub(crate) fn existing(state: &State, call: &Call) -> OdooResult<()> {
    for id in &call.ids {
        if state.row(&call.model, *id).is_none() {
            return Err(OdooError::missing(&call.model, *id));
        }
        if !state.shows(call.user, &call.model, *id) {
            return Err(OdooError::access(format!("Access to {}({id},) is not allowed by a rule.", call.model)));
        }
    }
    Ok(())
}

/// `write`: the same values to every row.
pub(crate) fn write(state: &mut State, call: &Call) -> OdooResult {
    state.may(call.user, &call.model, "write")?;
    existing(state, call)?;
    let values = object(call.get("vals"))?.clone();
    check(state, &call.model, &values, false)?;
    for id in &call.ids {
        state.change(&call.model, *id, &values);
    }
    state.by(call.user, &call.model, &call.ids);
    state.accept(&call.model, "write", &call.ids, Value::Object(values));
    Ok(json!(true))
}

/// `unlink`, `action_archive`, `action_unarchive`.
pub(crate) fn remove(state: &mut State, call: &Call) -> OdooResult {
    let archive = match call.method.as_str() {
        "action_archive" => Some(false),
        "action_unarchive" => Some(true),
        _ => None,
    };
    state.may(call.user, &call.model, if archive.is_some() { "write" } else { "unlink" })?;
    existing(state, call)?;
    for id in &call.ids {
        match archive {
            Some(active) => state.change(&call.model, *id, &Row::from_iter([("active".to_owned(), json!(active))])),
            None => state.unlink(&call.model, *id),
        }
    }
    state.accept(&call.model, &call.method, &call.ids, Value::Null);
    Ok(json!(true))
}

impl State {
    /// Rows bear the user who wrote them last.
    fn by(&mut self, user: u64, model: &str, ids: &[u64]) {
        let Some(rows) = self.tables.get_mut(model) else { return };
        for id in ids {
            if let Some(row) = rows.get_mut(id) {
                row.insert("write_uid".to_owned(), json!(user));
            }
        }
    }
}
