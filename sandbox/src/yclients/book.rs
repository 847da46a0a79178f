//! Changes of clients and records, whoever makes them: the time of the change and the hooks.

use serde_json::Value;

use super::{
    error::{YcError, YcResult},
    hooks,
    show::{self, Eyes},
    state::{Client, Company, Record, State},
};

/// Who changed something: a partner's program, or a person in the platform's own pages.
pub(crate) type By<'a> = Option<&'a str>;

impl State {
    pub(crate) fn company(&self, id: i64) -> YcResult<&Company> {
        self.companies.get(&id).ok_or_else(YcError::not_found)
    }

    /// The company whose change this is.
    pub(crate) fn company_mut(&mut self, id: i64) -> YcResult<&mut Company> {
        self.companies.get_mut(&id).ok_or_else(YcError::not_found)
    }

    /// Puts a client in its place, new or changed. Gives it as the API shows it to those who see
    /// everything.
    pub(crate) fn put_client(&mut self, company: i64, client: Client, how: &'static str, by: By<'_>) -> YcResult<Value> {
        let (now, settings) = (self.now(), self.settings.clone());
        let place = self.company_mut(company)?;
        let client = Client { changed: now, ..client };
        let (id, shown) = (client.id, show::client(&settings, place, &client, Eyes::Hook));
        place.clients.insert(id, client);
        hooks::raise(self, company, "client", id, how, shown.clone(), by);
        Ok(shown)
    }

    /// Removes a client; there is no bin.
    pub(crate) fn drop_client(&mut self, company: i64, id: i64, by: By<'_>) -> YcResult<()> {
        let settings = self.settings.clone();
        let place = self.company_mut(company)?;
        let client = place.clients.remove(&id).ok_or_else(YcError::not_found)?;
        let shown = show::client(&settings, place, &client, Eyes::Hook);
        hooks::raise(self, company, "client", id, "delete", shown, by);
        Ok(())
    }

    /// Puts a record in its place, new or changed.
    pub(crate) fn put_record(&mut self, company: i64, record: Record, how: &'static str, by: By<'_>) -> YcResult<()> {
        let (now, settings) = (self.now(), self.settings.clone());
        let place = self.company_mut(company)?;
        let record = Record { changed: now, ..record };
        let (id, shown) = (record.id, show::record(&settings, place, &record, Eyes::Hook));
        place.records.put(record);
        hooks::raise(self, company, "record", id, how, shown, by);
        Ok(())
    }

    /// Marks a record as deleted.
    pub(crate) fn drop_record(&mut self, company: i64, id: i64, by: By<'_>) -> YcResult<()> {
        let record = self.company(company)?.records.get(&id).filter(|record| !record.deleted).cloned();
        let record = record.ok_or_else(YcError::not_found)?;
        self.put_record(company, Record { deleted: true, ..record }, "delete", by)
    }
}

/// A phone as the platform keeps it: digits alone, if it can be one.
pub(crate) fn digits(phone: &Value) -> Option<String> {
    let text = match phone {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let written = text.chars().all(|c| c.is_ascii_digit() || "+-() ".contains(c));
    (written && (10..=15).contains(&digits.len())).then_some(digits)
}

/// `1`, `"1"`, `true`.
pub(crate) fn flag(value: &Value) -> bool {
    matches!(value, Value::Bool(true)) || value.as_i64().is_some_and(|n| n != 0) || value.as_str() == Some("1")
}

/// An id or an amount, typed as a number or a text.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
