//! A call that was read: brackets of the query and of the form, JSON inside the form's fields.

use axum::http::Method;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use serde_json::Value;

use super::error::{EXTRA, NOT_VALID, RetailError, RetailResult};

/// `filter[customFields][city]` as `["filter", "customFields", "city"]`, with its value.
type Pair = (Vec<String>, String);

fn brackets(name: &str) -> Vec<String> {
    let mut parts = name.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    std::iter::once(first).chain(parts.map(|part| part.trim_end_matches(']').to_owned())).collect()
}

fn pairs(text: &[u8]) -> Vec<Pair> {
    url::form_urlencoded::parse(text).into_owned().map(|(name, value)| (brackets(&name), value)).collect()
}

/// A call.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// The path in its parts, without the version.
    pub(crate) parts: Vec<String>,
    query: Vec<Pair>,
    form: Vec<Pair>,
}

impl Ask {
    pub(crate) fn new(method: Method, path: &str, query: Option<&str>, form: &[u8]) -> Self {
        let decoded = |part: &str| {
            let plus = part.replace('+', "%2B");
            url::form_urlencoded::parse(plus.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
        };
        let parts = path.trim_matches('/').split('/').map(decoded).collect();
        Self { method, parts, query: pairs(query.unwrap_or_default().as_bytes()), form: pairs(form) }
    }

    fn source(&self) -> &[Pair] {
        if self.method == Method::POST { &self.form } else { &self.query }
    }

    /// A parameter of the query (GET) or of the form (POST).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.source().iter().find(|(path, _)| path.len() == 1 && path[0] == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The key of the older form, in the query or the body.
    pub(crate) fn old_key(&self) -> Option<&str> {
        let all = self.query.iter().chain(&self.form);
        all.into_iter().find(|(path, _)| path.len() == 1 && path[0] == "apiKey").map(|(_, value)| value.as_str())
    }

    /// A field of the form that holds JSON.
    pub(crate) fn json(&self, name: &str) -> RetailResult {
        let text = self.get(name).ok_or_else(|| RetailError::missing(name))?;
        serde_json::from_str(text).map_err(|_| RetailError::format(vec![(name.to_owned(), NOT_VALID.to_owned())]))
    }

    /// The same, which must be an object.
    pub(crate) fn object(&self, name: &str) -> RetailResult {
        let value = self.json(name)?;
        if value.is_object() { Ok(value) } else { Err(RetailError::format(vec![(name.to_owned(), NOT_VALID.to_owned())])) }
    }

    /// The same, which must be a list.
    pub(crate) fn list_of(&self, name: &str) -> RetailResult<Vec<Value>> {
        match self.json(name)? {
            Value::Array(items) => Ok(items),
            _ => Err(RetailError::format(vec![(name.to_owned(), NOT_VALID.to_owned())])),
        }
    }

    /// `filter[name]`.
    pub(crate) fn filter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(path, _)| path.len() == 2 && path[0] == "filter" && path[1] == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// `filter[name][]`, `filter[name][0]` …; `None` if there are none.
    pub(crate) fn filters(&self, name: &str) -> Option<Vec<String>> {
        let found = self.query.iter().filter(|(path, _)| path.len() == 3 && path[0] == "filter" && path[1] == name);
        let found: Vec<String> = found.map(|(_, value)| value.clone()).collect();
        (!found.is_empty()).then_some(found)
    }

    /// What is deeper under `filter[name]`: the rest of each path with its value.
    pub(crate) fn under(&self, name: &str) -> Vec<(&[String], &str)> {
        let found = self.query.iter().filter(|(path, _)| path.len() > 2 && path[0] == "filter" && path[1] == name);
        found.map(|(path, value)| (&path[2..], value.as_str())).collect()
    }

    /// A filter that is a number.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> RetailResult<Option<T>> {
        let words = self.filter(name);
        words.map(|text| text.parse().map_err(|_| RetailError::invalid(&format!("filter[{name}]"), NOT_VALID))).transpose()
    }

    /// A filter that is yes or no: `1`, `0`, `true`, `false`.
    pub(crate) fn flag(&self, name: &str) -> RetailResult<Option<bool>> {
        match self.filter(name) {
            None => Ok(None),
            Some("1" | "true") => Ok(Some(true)),
            Some("0" | "false") => Ok(Some(false)),
            Some(_) => Err(RetailError::invalid(&format!("filter[{name}]"), NOT_VALID)),
        }
    }

    /// A filter that is a moment of the account's zone. A day alone is its beginning, or with `end`
    /// its last second.
    pub(crate) fn moment(&self, name: &str, zone: FixedOffset, end: bool) -> RetailResult<Option<DateTime<Utc>>> {
        let Some(text) = self.filter(name) else { return Ok(None) };
        parse_moment(text, zone, end).map(Some).ok_or_else(|| RetailError::invalid(&format!("filter[{name}]"), NOT_VALID))
    }

    /// Whether there is any filter.
    pub(crate) fn has_filters(&self) -> bool {
        self.query.iter().any(|(path, _)| path.len() > 1 && path[0] == "filter")
    }

    /// Refuses filters that are not among these. A `filter` without brackets is none: the vendor's
    /// own client sends it.
    pub(crate) fn only_filters(&self, known: &[&str]) -> RetailResult<()> {
        let filters = self.query.iter().map(|(path, _)| path).filter(|path| path.len() > 1 && path[0] == "filter");
        let wrong = filters.into_iter().find(|path| !known.contains(&path[1].as_str()));
        wrong.map_or(Ok(()), |path| Err(RetailError::invalid(&path.join("."), EXTRA)))
    }

    /// Page and limit: 20, 50 or 100.
    pub(crate) fn page(&self) -> RetailResult<(usize, usize)> {
        let limit = match self.get("limit") {
            None | Some("20") => 20,
            Some("50") => 50,
            Some("100") => 100,
            Some(_) => return Err(RetailError::invalid("limit", NOT_VALID)),
        };
        let page = self.get("page").map_or(Some(1), |page| page.parse().ok()).filter(|page| *page >= 1);
        page.map(|page| (page, limit)).ok_or_else(|| RetailError::invalid("page", NOT_VALID))
    }
}

/// `Y-m-d H:i:s`, `Y-m-d H:i` or `Y-m-d` of a zone.
pub(crate) fn parse_moment(text: &str, zone: FixedOffset, end: bool) -> Option<DateTime<Utc>> {
    let day_end = NaiveTime::from_hms_opt(23, 59, 59)?;
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"))
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(if end { day_end } else { NaiveTime::MIN })))
        .ok()?;
    zone.from_local_datetime(&local).single().map(|at| at.to_utc())
}

/// `Y-m-d H:i:s` of a zone.
pub(crate) fn show_moment(at: DateTime<Utc>, zone: FixedOffset) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_lists_and_json() {
        let ask = Ask::new(
            Method::GET,
            "/customers",
            Some("filter%5Bids%5D%5B%5D=7&filter[ids][1]=8&filter[customFields][city][min]=3&limit=50"),
            b"",
        );
        assert_eq!(ask.filters("ids"), Some(vec!["7".to_owned(), "8".to_owned()]));
        assert_eq!(ask.under("customFields"), vec![(&["city".to_owned(), "min".to_owned()][..], "3")]);
        assert_eq!(ask.page(), Ok((1, 50)));
        assert!(ask.only_filters(&["ids"]).is_err() && ask.only_filters(&["ids", "customFields"]).is_ok());
        let ask = Ask::new(Method::POST, "/customers/create", Some("site=no"), b"customer=%7B%22email%22%3A1%7D&site=shop");
        assert_eq!((ask.get("site"), ask.object("customer").unwrap()["email"].as_i64()), (Some("shop"), Some(1)));
        assert_eq!(ask.object("order").unwrap_err().message, "Parameter 'order' is missing");
    }

    #[test]
    fn moments_are_of_the_account() {
        let zone = FixedOffset::east_opt(3 * 3600).unwrap();
        let at = parse_moment("2026-07-01 20:41:40", zone, false).unwrap();
        assert_eq!(at.to_rfc3339(), "2026-07-01T17:41:40+00:00");
        assert_eq!(show_moment(at, zone), "2026-07-01 20:41:40");
        assert_eq!(show_moment(parse_moment("2026-07-01", zone, true).unwrap(), zone), "2026-07-01 23:59:59");
        assert_eq!(parse_moment("2026-07-01T00:00:00Z", zone, false), None);
    }
}
