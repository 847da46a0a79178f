//! Reading: `search`, `search_count`, `search_read`, `read`, `fields_get` (contract, 2).

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::{
    domain::Domain,
    error::{OdooError, OdooResult},
    models::Kind,
    server::Call,
    state::{Row, State},
};

/// One part of an order.
struct By {
    field: String,
    descending: bool,
}

/// `write_date asc, id asc`.
fn order(state: &State, model: &str, text: Option<&str>) -> OdooResult<Vec<By>> {
    let text = text.unwrap_or("id asc");
    let part = |part: &str| {
        let mut words = part.split_whitespace();
        let field = words.next().unwrap_or_default().to_owned();
        let descending = match words.next().map(str::to_lowercase).as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(OdooError::user(format!("Invalid \"order\" specified ({text})."))),
        };
        if state.field(model, &field).is_none() {
            return Err(OdooError::value(format!("Invalid field '{field}' on '{model}' in order")));
        }
        Ok(By { field, descending })
    };
    text.split(',').map(part).collect()
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        // Nothing comes after everything, as PostgreSQL has it.
        _ => match (left.as_str(), right.as_str()) {
            (Some(left), Some(right)) => left.cmp(right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => left.as_bool().cmp(&right.as_bool()),
        },
    }
}

impl State {
    /// Ids that satisfy a call's domain, in its order, cut by its offset and limit.
    pub(crate) fn found(&self, call: &Call) -> OdooResult<Vec<u64>> {
        let domain = Domain::read(self, &call.model, call.get("domain"))?;
        let (offset, limit) = (call.size("offset")?.unwrap_or_default(), call.size("limit")?.filter(|limit| *limit > 0));
        if self.settings.rows_in_time.is_some_and(|most| limit.is_none_or(|limit| limit > most)) && call.method != "search_count" {
            return Err(OdooError::page(504));
        }
        let order = order(self, &call.model, call.get("order").as_str())?;
        let archived = call.get("context")["active_test"].as_bool() == Some(false) || domain.names("active");
        let active = !archived && self.field(&call.model, "active").is_some();
        let seen = |id: &u64, row: &Row| {
            (!active || row.get("active").and_then(Value::as_bool).unwrap_or_default())
                && self.shows(call.user, &call.model, *id)
                && domain.holds(self, &call.model, row)
        };
        let Some(rows) = self.rows(&call.model) else { return Ok(Vec::new()) };
        let by_id = matches!(order.as_slice(), [By { field, descending: false }] if field == "id");
        if let Some(ids) = domain.among().filter(|_| by_id) {
            let found = ids.into_iter().filter(|id| rows.get(id).is_some_and(|row| seen(id, row)));
            return Ok(found.skip(offset).take(limit.unwrap_or(usize::MAX)).collect());
        }
        let from = rows.range(domain.after().saturating_add(1)..);
        // A page of the key alone stops as soon as it is full.
        if by_id {
            let found = from.filter(|(id, row)| seen(id, row)).map(|(id, _)| *id);
            return Ok(found.skip(offset).take(limit.unwrap_or(usize::MAX)).collect());
        }
        let mut found: Vec<(&u64, &Row)> = from.filter(|(id, row)| seen(id, row)).collect();
        found.sort_by(|(_, left), (_, right)| {
            let value = |row: &Row, name: &str| {
                self.field(&call.model, name).map_or(Value::Null, |field| self.value(&call.model, row, name, field))
            };
            let parts = order.iter().map(|by| {
                let ordering = compare(&value(left, &by.field), &value(right, &by.field));
                if by.descending { ordering.reverse() } else { ordering }
            });
            parts.fold(Ordering::Equal, Ordering::then)
        });
        Ok(found.into_iter().map(|(id, _)| *id).skip(offset).take(limit.unwrap_or(usize::MAX)).collect())
    }

    /// Rows in the shape of answers: many2one as id and name, unless `load` is null or
    /// another word than `_classic_read` (secondary: odoorpc sends one).
    pub(crate) fn show(&self, call: &Call, ids: &[u64]) -> OdooResult {
        let wanted = call.strings("fields")?;
        if let Some(unknown) = wanted.iter().find(|name| self.field(&call.model, name).is_none()) {
            return Err(OdooError::value(format!("Invalid field '{unknown}' on model '{}'", call.model)));
        }
        let bare = call.named.get("load").is_some_and(|load| load.as_str() != Some("_classic_read"));
        let names: Vec<String> = if wanted.is_empty() { self.fields(&call.model).map(|(name, _)| name.clone()).collect() } else { wanted };
        let mut shown = Vec::new();
        for id in ids {
            let row = self.row(&call.model, *id).ok_or_else(|| OdooError::missing(&call.model, *id))?;
            let mut object = Map::from_iter([("id".to_owned(), json!(id))]);
            for name in &names {
                let Some(field) = self.field(&call.model, name) else { continue };
                let value = self.value(&call.model, row, name, field);
                let value = match (&field.kind, value.as_u64()) {
                    (Kind::Many2one(other), Some(id)) if !bare => json!([id, self.display(other, id)]),
                    _ => value,
                };
                object.insert(name.clone(), value);
            }
            shown.push(Value::Object(object));
        }
        Ok(json!(shown))
    }
}

/// `search`, `search_count`, `search_read`, `read`, `fields_get`.
pub(crate) fn answer(state: &State, call: &Call) -> OdooResult {
    state.may(call.user, &call.model, "read")?;
    match call.method.as_str() {
        "search" => Ok(json!(state.found(call)?)),
        "search_count" => Ok(json!(state.found(call)?.len())),
        "search_read" => state.show(call, &state.found(call)?),
        "read" => {
            for id in &call.ids {
                if state.row(&call.model, *id).is_some() && !state.shows(call.user, &call.model, *id) {
                    return Err(OdooError::access(format!("Access to {}({id},) is not allowed by a rule.", call.model)));
                }
            }
            state.show(call, &call.ids)
        }
        _ => {
            let (names, attributes) = (call.strings("allfields")?, call.strings("attributes")?);
            let shown = state.fields(&call.model).filter(|(name, _)| names.is_empty() || names.contains(name));
            Ok(Value::Object(shown.map(|(name, field)| (name.clone(), field.show(&attributes))).collect()))
        }
    }
}
