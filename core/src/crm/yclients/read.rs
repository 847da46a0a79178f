//! Reading a branch: everybody by the search, what changed by the lists, visits by their days.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    CAPABILITIES, YClients,
    feed::Window,
    wire::{self, Kind},
};
use crate::{
    clock::{self, Moment},
    crm::{ContactPage, CrmContact, CrmError},
};

/// Rows of a page: the most there may be in the search, and what the lists surely give.
pub const PAGE: u64 = 200;
/// Clients that are asked for by their ids at once: the ids go into the address.
const BY_ID: usize = 100;
/// A row that changed this much before the time that was asked from: the list did not heed it.
const NOT_HEEDED: TimeDelta = TimeDelta::days(1);
/// How far ahead visits are read.
const AHEAD: Days = Days::new(730);
/// So many clients without a phone among them: the user may not see phones. A client must have one.
const PHONELESS: usize = 20;
/// What the search is asked to tell. Which of them it honours varies.
const SEARCHED: [&str; 4] = ["id", "name", "first_visit_date", "last_visit_date"];

/// Rows of a list, and where it goes on.
pub type Rows = (Vec<Value>, Option<Value>);

impl YClients {
    pub(super) async fn search(&self, page: u64, size: u64, order: &str, fields: &[&str], filters: Value) -> Result<Value, CrmError> {
        let body = json!({ "page": page, "page_size": size, "fields": fields, "order_by": "id", "order_by_direction": order,
            "operation": "AND", "filters": filters });
        self.call(Kind::Read, Method::POST, &format!("company/{}/clients/search", self.branch()), Some(&body)).await
    }

    /// Clients as the list and the card show them; the absent ones are gone.
    pub(super) async fn cards(&self, ids: &[String]) -> Result<Vec<Value>, CrmError> {
        let mut cards = Vec::new();
        for chunk in ids.chunks(BY_ID) {
            let wanted: String = chunk.iter().map(|id| format!("&id[]={id}")).collect();
            let listed = match self.get(&format!("clients/{}?page=1&count={PAGE}{wanted}", self.branch())).await {
                Ok(answer) => answer,
                // The old list is deprecated.
                Err(CrmError::NotFound | CrmError::Rejected(_)) => Value::Null,
                Err(error) => return Err(error),
            };
            let mut there: HashMap<String, Value> =
                wire::rows(&listed).iter().filter_map(|row| Some((wire::id(&row["id"])?, row.clone()))).collect();
            for id in chunk {
                match there.remove(id) {
                    Some(row) => cards.push(row),
                    None => match self.get(&format!("client/{}/{id}", self.branch())).await {
                        Ok(mut answer) => cards.push(answer["data"].take()),
                        Err(CrmError::NotFound) => {}
                        Err(error) => return Err(error),
                    },
                }
            }
        }
        Ok(cards)
    }

    /// What the search tells of clients, where it is in use.
    pub(super) async fn statistics(&self, ids: &[String]) -> Result<Vec<Value>, CrmError> {
        let mut found = Vec::new();
        for chunk in ids.chunks(BY_ID).filter(|_| self.bound.statistics) {
            let ids: Vec<u64> = chunk.iter().filter_map(|id| id.parse().ok()).collect();
            let answer = self.search(1, PAGE, "ASC", &SEARCHED, json!([{ "type": "id", "state": { "value": ids } }])).await?;
            found.extend(wire::rows(&answer).iter().cloned());
        }
        Ok(found)
    }

    /// Cards become contacts. Phones that are hidden for want of a right must not look like phones
    /// that were taken away.
    pub(super) async fn contacts_of(&self, cards: &[Value], found: &[Value]) -> Result<Vec<CrmContact>, CrmError> {
        if cards.iter().any(wire::is_masked)
            || (!cards.is_empty() && !cards.iter().any(wire::has_phone) && !self.phones_are_shown().await?)
        {
            return Err(CrmError::Forbidden("clients: the user may not see phones".to_owned()));
        }
        let found: HashMap<String, &Value> = found.iter().filter_map(|row| Some((wire::id(&row["id"])?, row))).collect();
        let kinds = &self.kinds().await?;
        let one = |card: &Value| wire::client(card, wire::id(&card["id"]).and_then(|id| found.get(&id)).copied(), kinds);
        Ok(cards.iter().filter_map(one).collect())
    }

    async fn phones_are_shown(&self) -> Result<bool, CrmError> {
        let look = || async {
            let answer = self.search(1, PAGE, "DESC", &["id", "phone"], json!([])).await?;
            let rows = wire::rows(&answer);
            Ok(rows.len() < PHONELESS || rows.iter().any(wire::has_phone))
        };
        self.phones.get_or_try_init(look).await.copied()
    }

    /// Everybody, by the search. The last row of the page before is looked at once more: where
    /// another stands in its place, somebody before it went, and the page before is read again.
    pub(super) async fn everyone(&self, cursor: Option<&Value>) -> Result<ContactPage, CrmError> {
        let number = |name: &str| cursor.and_then(|cursor| cursor[name].as_u64());
        let (page, limit) = (number("page").unwrap_or(1), number("limit").unwrap_or(PAGE));
        let answer = self.search(page, limit, "ASC", &SEARCHED, json!([])).await?;
        let rows = wire::rows(&answer);
        let ids: Vec<String> = rows.iter().filter_map(|row| wire::id(&row["id"])).collect();
        let total = wire::total(&answer).unwrap_or((page - 1) * limit + rows.len() as u64 + u64::from(rows.len() as u64 == limit));
        let moved = match number("last").filter(|_| page > 1) {
            None => false,
            Some(last) => {
                let before = self.search((page - 1) * limit, 1, "ASC", &["id"], json!([])).await?;
                wire::rows(&before).first().and_then(|row| wire::id(&row["id"])) != Some(last.to_string())
            }
        };
        let next = if moved {
            let gone = number("total").map_or(0, |before| before.saturating_sub(total));
            Some(json!({ "page": page.saturating_sub(gone.div_ceil(limit).max(1)).max(1), "limit": limit, "total": total }))
        } else {
            let last = ids.last().and_then(|id| id.parse::<u64>().ok());
            (page * limit < total && !rows.is_empty()).then(|| json!({ "page": page + 1, "limit": limit, "total": total, "last": last }))
        };
        let contacts = self.contacts_of(&self.cards(&ids).await?, rows).await?;
        Ok(ContactPage { contacts, next, ..ContactPage::default() })
    }

    /// A page of a list of what changed; `None`: the list is not to be had, or does not heed the
    /// time it is asked from, and has too many rows to read them all each time.
    pub(super) async fn changed(&self, list: &str, more: &str, at: Moment, cursor: Option<&Value>) -> Result<Option<Rows>, CrmError> {
        let zone = self.place().await?.zone;
        let from = at - CAPABILITIES.overlap;
        let window = match window(cursor) {
            Some(window) => window,
            None => Window::new(from.timestamp(), clock::now().timestamp(), PAGE),
        };
        // Of an hour that the clocks show twice the earlier one is asked from, the later one up to.
        let wall = |seconds: i64, later: i64| {
            let at = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
            let wall = zone.wall(at);
            let twice = zone.moment(wall) != at || zone.wall(at + TimeDelta::hours(1)) == wall;
            (wall + TimeDelta::hours(if twice { later } else { 0 })).format("%Y-%m-%dT%H:%M:%S").to_string()
        };
        let until = window.to.map(|to| format!("&changed_before={}", wall(to, 1))).unwrap_or_default();
        let (page, limit, after) = (window.page, window.limit, wall(window.from, -1));
        let path = format!("{list}/{}?page={page}&count={limit}&changed_after={after}{until}{more}", self.branch());
        let answer = match self.get(&path).await {
            Err(CrmError::NotFound) => return Ok(None),
            other => other?,
        };
        let rows = wire::rows(&answer).to_vec();
        let heeded = rows.iter().all(|row| wire::moment(&row["last_change_date"]).is_none_or(|at| at >= from - NOT_HEEDED));
        let total = wire::total(&answer);
        if !heeded {
            let all = total.is_some_and(|total| rows.len() as u64 >= total);
            return Ok(all.then_some((rows, None)));
        }
        let (taken, next) = window.then(rows.len() as u64, total);
        Ok(Some((if taken { rows } else { Vec::new() }, next.map(|next| json!(next)))))
    }

    /// Visits from a day on, by windows of days.
    pub(super) async fn visits_from(&self, from: Moment, cursor: Option<&Value>) -> Result<Rows, CrmError> {
        let zone = self.place().await?.zone;
        let day = |at: Moment| zone.wall(at).date().signed_duration_since(NaiveDate::default()).num_days();
        let now = clock::now();
        let window = match window(cursor) {
            Some(window) => window,
            None => Window::new(day(from), day(now.checked_add_days(AHEAD).unwrap_or(now)), PAGE),
        };
        let date = |days: i64| (NaiveDate::default() + TimeDelta::days(days)).format("%Y-%m-%d").to_string();
        // A window of days ends before its end.
        let (start, end) = (date(window.from), date(window.to.unwrap_or(window.end) - 1));
        let (page, limit) = (window.page, window.limit);
        let path = format!("records/{}?page={page}&count={limit}&start_date={start}&end_date={end}", self.branch());
        let answer = self.get(&path).await?;
        let rows = wire::rows(&answer);
        let (taken, next) = window.then(rows.len() as u64, wire::total(&answer));
        Ok((if taken { rows.to_vec() } else { Vec::new() }, next.map(|next| json!(next))))
    }

    /// Visits of these clients from a day on.
    pub(super) async fn visits_of(&self, clients: &[String], from: Moment) -> Result<Vec<Value>, CrmError> {
        let (zone, now) = (self.place().await?.zone, clock::now());
        let day = |at: Moment| zone.wall(at).date().format("%Y-%m-%d").to_string();
        let (start, end) = (day(from), day(now.checked_add_days(AHEAD).unwrap_or(now)));
        let mut found = Vec::new();
        for id in clients.iter().filter(|id| id.parse::<u64>().is_ok()) {
            let mut read = 0;
            for page in 1.. {
                let path = format!("records/{}?page={page}&count={PAGE}&client_id={id}&start_date={start}&end_date={end}", self.branch());
                let answer = self.get(&path).await?;
                let rows = wire::rows(&answer);
                read += rows.len() as u64;
                found.extend(rows.iter().cloned());
                // A list that does not tell its number has more if the page is full.
                let more = wire::total(&answer).map_or(rows.len() as u64 >= PAGE, |total| read < total);
                if rows.is_empty() || !more {
                    break;
                }
            }
        }
        Ok(found)
    }
}

/// The window that a read by windows goes on with.
pub fn window(cursor: Option<&Value>) -> Option<Window> {
    serde_json::from_value(cursor?.clone()).ok()
}
