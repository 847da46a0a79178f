//! Online booking as visits (contracts/crm/bitrix24.md, 0; names as at apidocs.bitrix24.com,
//! `booking.v1`). A list is asked for by a window of time, and whose a booking is by a call for
//! each, many in a batch. Neither when one changed nor how it went is told: the windows near today
//! are read with every read of changes, what is over took place, and what was taken away is found
//! by events and by the night.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use super::{
    Bitrix24,
    pages::{Command, PAGE},
    wire::{Done, Kind, items, number},
};
use crate::{
    clock::{self, Moment},
    crm::{
        CrmError,
        occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionState},
    },
};

/// The scope without which there is no booking.
pub const SCOPE: &str = "booking";
/// What we ask to be told of where it is granted.
pub const EVENTS: &[&str] = &["ONBOOKINGADD", "ONBOOKINGUPDATE", "ONBOOKINGDELETE"];
/// The widest window.
const WIDE: TimeDelta = TimeDelta::days(91);
/// The narrowest window: a list that is full within it ends all the same.
const NARROW: TimeDelta = TimeDelta::minutes(15);
/// How far ahead people book.
const AHEAD: TimeDelta = TimeDelta::days(180);
/// How far back a read of changes looks: a booking that was moved shortly before it was over.
const BACK: TimeDelta = TimeDelta::days(2);
/// Calls of a batch, at most.
const CALLS: usize = 50;

/// A window of time whose bookings are read, and where all of them end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    from: i64,
    /// Seconds.
    wide: i64,
    end: i64,
}

impl Window {
    /// The first window of a read.
    pub fn first(mode: OccasionMode<'_>, now: Moment) -> Self {
        let from = match mode {
            OccasionMode::Full { from } => from,
            OccasionMode::Since { .. } => now - BACK,
        };
        Self { from: from.timestamp(), wide: WIDE.num_seconds(), end: (now + AHEAD).timestamp() }
    }

    /// The window of a cursor; `None`: the cursor is one of deals.
    pub fn of(cursor: Option<&Value>) -> Option<Self> {
        let cursor = &cursor?["bookings"];
        let number = |name: &str| cursor[name].as_i64();
        Some(Self { from: number("from")?, wide: number("wide")?.max(NARROW.num_seconds()), end: number("end")? })
    }

    /// The cursor of this place.
    pub fn cursor(self) -> Value {
        json!({ "bookings": { "from": self.from, "wide": self.wide, "end": self.end } })
    }

    /// A narrower window of the same beginning; `None`: there is none.
    fn narrower(self) -> Option<Self> {
        let wide = self.wide / 2;
        (wide >= NARROW.num_seconds()).then_some(Self { wide, ..self })
    }

    /// The window after this one, twice as wide after a narrow one; `None`: that was all.
    fn next(self) -> Option<Self> {
        let (from, wide) = (self.from + self.wide, (self.wide * 2).min(WIDE.num_seconds()));
        (from < self.end).then_some(Self { from, wide, ..self })
    }
}

/// A booking as the wire has it, without whose it is; `None`: it has no id, or does not say when.
fn booking(item: &Value, resources: &HashMap<u64, String>, now: Moment) -> Option<CrmOccasion> {
    let moment = |end: &str| {
        let at = &item["datePeriod"][end]["timestamp"];
        DateTime::from_timestamp(at.as_i64().or_else(|| at.as_str()?.trim().parse().ok())?, 0)
    };
    let at = moment("from")?;
    let mut visit = CrmOccasion::new(OccasionKind::Visit, number(&item["id"])?.to_string(), None, at, now);
    visit.until = moment("to");
    visit.state = if visit.until.unwrap_or(at) < now { OccasionState::Done } else { OccasionState::Open };
    visit.title = item["name"].as_str().unwrap_or_default().trim().to_owned();
    let named = items(item, "resourceIds").into_iter().filter_map(|id| resources.get(&number(id)?)).map(String::as_str);
    visit.staff = named.collect::<Vec<_>>().join(", ");
    Some(visit)
}

/// The first person of a booking's clients: a company's phone is nobody's.
fn person(clients: &Value) -> Option<String> {
    let is_contact = |client: &&Value| client["type"]["code"] == "CONTACT";
    items(clients, "bookingClient").into_iter().find(is_contact).and_then(|client| Some(number(&client["id"])?.to_string()))
}

impl Bitrix24 {
    /// The bookings of a window, and where to go on. A list that may not be whole is asked for in a
    /// narrower window: how long one is, is not told.
    pub(super) async fn bookings(&self, mut window: Window) -> Result<(Vec<CrmOccasion>, Option<Window>), CrmError> {
        loop {
            let within = json!({ "dateFrom": window.from.to_string(), "dateTo": (window.from + window.wide).to_string() });
            let answer = match self.call(Kind::Read, "booking.v1.booking.list", json!({ "FILTER": { "within": within } })).await {
                // The right was taken back meanwhile, or a portal of old has no such thing.
                Err(CrmError::Forbidden(_) | CrmError::Rejected(_)) => return Ok((Vec::new(), None)),
                other => other?,
            };
            let list = items(&answer["result"], "booking");
            if list.len() >= PAGE
                && let Some(narrower) = window.narrower()
            {
                window = narrower;
                continue;
            }
            let found: Vec<Value> = list.into_iter().cloned().collect();
            return Ok((self.visits(&found).await?, window.next()));
        }
    }

    /// These bookings as they are now.
    pub(super) async fn bookings_by_id(&self, ids: &[String]) -> Result<Vec<CrmOccasion>, CrmError> {
        if !self.may(SCOPE).await? {
            return Err(CrmError::Forbidden(format!("there is no scope `{SCOPE}`")));
        }
        let gets: Vec<Command> = ids.iter().map(|id| Command::new("booking.v1.booking.get", &[("id", id)])).collect();
        let found: Vec<Value> = self.each(gets).await?.into_iter().flatten().map(|done| done.result["booking"].clone()).collect();
        self.visits(&found).await
    }

    /// Bookings as visits of people; those of nobody are left out.
    async fn visits(&self, list: &[Value]) -> Result<Vec<CrmOccasion>, CrmError> {
        if list.is_empty() {
            return Ok(Vec::new());
        }
        let (resources, now) = (self.resources().await?, clock::now());
        let visits: Vec<CrmOccasion> = list.iter().filter_map(|item| booking(item, resources, now)).collect();
        let asks = visits.iter().map(|visit| Command::new("booking.v1.booking.client.list", &[("bookingId", &visit.of.id)])).collect();
        let clients = self.each(asks).await?;
        let whose = |(visit, done): (CrmOccasion, Option<Done>)| Some(CrmOccasion { contact: Some(person(&done?.result)?), ..visit });
        Ok(visits.into_iter().zip(clients).filter_map(whose).collect())
    }

    /// The names of what can be booked, asked once; without them a visit has no place to be at.
    async fn resources(&self) -> Result<&HashMap<u64, String>, CrmError> {
        let ask = || async {
            let answer = match self.call(Kind::Read, "booking.v1.resource.list", json!({})).await {
                Err(CrmError::Forbidden(_) | CrmError::Rejected(_)) => return Ok(HashMap::new()),
                other => other?,
            };
            let named = |item: &Value| Some((number(&item["id"])?, item["name"].as_str()?.trim().to_owned()));
            Ok::<_, CrmError>(items(&answer["result"], "resource").into_iter().filter_map(named).collect())
        };
        self.resources.get_or_try_init(ask).await
    }

    /// What each of these calls gave; `None`: what it asks for is not there. A batch ends with the
    /// first that fails, so it goes on after that one.
    async fn each(&self, commands: Vec<Command>) -> Result<Vec<Option<Done>>, CrmError> {
        let mut out = Vec::with_capacity(commands.len());
        while out.len() < commands.len() {
            let some = &commands[out.len()..commands.len().min(out.len() + CALLS)];
            let before = out.len();
            for end in self.batch(some).await? {
                match end {
                    Some(Ok(done)) => out.push(Some(done)),
                    Some(Err(CrmError::NotFound)) => {
                        out.push(None);
                        break;
                    }
                    Some(Err(error)) => return Err(error),
                    None => break,
                }
            }
            if out.len() == before {
                return Err(CrmError::Transient { detail: "the batch has no result".to_owned(), smaller: false });
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Moment {
        "2026-07-01T10:00:00Z".parse().expect("a moment")
    }

    #[test]
    fn a_booking_is_a_visit() {
        let resources = HashMap::from([(1, "Ольга".to_owned()), (2, "Зал".to_owned())]);
        let raw = |from: i64| {
            json!({ "id": 15, "name": " Стрижка ", "description": null, "resourceIds": [1, "2", 3],
                "datePeriod": { "from": { "timestamp": from, "timezone": "Europe/Moscow" }, "to": { "timestamp": from + 900 } } })
        };
        let soon = booking(&raw(now().timestamp() + 60), &resources, now()).expect("a visit");
        assert_eq!((soon.of.kind, soon.of.id.as_str(), soon.title.as_str()), (OccasionKind::Visit, "15", "Стрижка"));
        assert_eq!((soon.staff.as_str(), soon.state), ("Ольга, Зал", OccasionState::Open));
        assert_eq!(booking(&raw(now().timestamp() - 901), &resources, now()).map(|visit| visit.state), Some(OccasionState::Done));
        assert_eq!(booking(&json!({ "id": 15 }), &resources, now()), None);
        let clients = json!({ "bookingClient": [{ "id": 1, "type": { "code": "COMPANY", "module": "crm" } },
            { "id": "2", "type": { "code": "CONTACT", "module": "crm" } }] });
        assert_eq!(person(&clients), Some("2".to_owned()));
        assert_eq!(person(&json!({ "bookingClient": [] })), None);
    }

    #[test]
    fn windows_cover_all_time_and_end() {
        let full = Window::first(OccasionMode::Full { from: now() - TimeDelta::days(730) }, now());
        let (mut at, mut count, mut window) = (full.from, 0, Some(full));
        while let Some(one) = window {
            assert_eq!(one.from, at, "no gap");
            assert_eq!(Window::of(Some(&one.cursor())), Some(one));
            (at, count) = (one.from + one.wide, count + 1);
            window = one.next();
        }
        assert!(at >= full.end && count < 80, "{count}");
        let mut narrow = full;
        while let Some(narrower) = narrow.narrower() {
            narrow = narrower;
        }
        assert!(narrow.wide >= NARROW.num_seconds() && narrow.next().is_some_and(|next| next.wide == 2 * narrow.wide));
        assert_eq!(Window::of(Some(&json!({ "after": 5 }))), None, "a place among deals");
    }
}
