//! Leads as occasions (contracts/crm/amocrm.md, 2.4): read by pages in the order of their times.
//! Whoever connected amoCRM and may not see leads has none.

use std::collections::HashMap;

use chrono::DateTime;
use serde_json::{Value, json};

use super::{AmoCrm, OVERLAP_SECONDS, PAGE, wire};
use crate::{
    clock::Moment,
    crm::{
        CrmError, CrmHint,
        occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionPage, OccasionRef, OccasionState, hundredths},
    },
};

/// The stages that end well and badly: their ids are the same in every pipeline.
const WON: u64 = 142;
const LOST: u64 = 143;

/// What pipelines, stages and users are called.
#[derive(Debug, Default)]
pub struct Names {
    pipelines: HashMap<String, String>,
    /// By the pipeline and the stage: two of the stages have the same id everywhere.
    stages: HashMap<(String, String), String>,
    users: HashMap<String, String>,
}

impl Names {
    /// From the items of both lists.
    pub fn read(pipelines: &[Value], users: &[Value]) -> Self {
        let name = |item: &Value| item["name"].as_str().unwrap_or_default().to_owned();
        let mut names = Self::default();
        for pipeline in pipelines {
            let Some(id) = wire::id(&pipeline["id"]) else { continue };
            for stage in pipeline["_embedded"]["statuses"].as_array().into_iter().flatten() {
                if let Some(stage_id) = wire::id(&stage["id"]) {
                    names.stages.insert((id.clone(), stage_id), name(stage));
                }
            }
            names.pipelines.insert(id, name(pipeline));
        }
        names.users = users.iter().filter_map(|user| Some((wire::id(&user["id"])?, name(user)))).collect();
        names
    }
}

/// A lead as the wire has it; `None`: it has no id or no time.
pub fn lead(lead: &Value, names: &Names) -> Option<CrmOccasion> {
    let time = |key: &str| lead[key].as_i64().and_then(|at| DateTime::from_timestamp(at, 0));
    let at = time("created_at")?;
    let contacts = lead["_embedded"]["contacts"].as_array().map_or(&[][..], Vec::as_slice);
    let main = contacts.iter().find(|contact| contact["is_main"] == true).or(contacts.first());
    let contact = main.and_then(|contact| wire::id(&contact["id"]));
    let mut read = CrmOccasion::new(OccasionKind::Deal, wire::id(&lead["id"])?, contact, at, time("updated_at").unwrap_or(at));
    let id = |key: &str| wire::id(&lead[key]).unwrap_or_default();
    let (pipeline, stage) = (id("pipeline_id"), id("status_id"));
    read.state = match stage.parse() {
        Ok(WON) => OccasionState::Done,
        Ok(LOST) => OccasionState::Cancelled,
        _ => OccasionState::Open,
    };
    let of = |names: &HashMap<String, String>, id: &str| names.get(id).cloned().unwrap_or_default();
    read.place = of(&names.pipelines, &pipeline);
    read.staff = of(&names.users, &id("responsible_user_id"));
    read.stage = names.stages.get(&(pipeline, stage)).cloned().unwrap_or_default();
    lead["name"].as_str().unwrap_or_default().trim().clone_into(&mut read.title);
    // Whole in amoCRM, perhaps not in Kommo; nought where nobody wrote any.
    read.amount = lead["price"].as_f64().filter(|price| *price != 0.0).and_then(hundredths);
    read.until = time("closed_at");
    read.deleted = lead["is_deleted"].as_bool().unwrap_or(false);
    Some(read)
}

/// Where a read goes on. Numbered pages shift while leads change, so each page begins anew at the
/// time of the last lead of the page before: some of them come twice. Only where more leads than a
/// page have one time are pages numbered; each is then a little shorter than the one before, and
/// begins before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Leads not before this time, unix seconds.
    from: i64,
    page: u64,
    /// The length of the first page.
    limit: u64,
}

impl Place {
    fn of(cursor: Option<&Value>, from: i64) -> Self {
        let number = |key: &str, usual: u64| cursor.and_then(|cursor| cursor[key].as_u64()).unwrap_or(usual);
        let from = cursor.and_then(|cursor| cursor["from"].as_i64()).unwrap_or(from);
        Self { from, page: number("page", 1).max(1), limit: number("limit", PAGE).clamp(1, PAGE) }
    }

    /// How long this page is. Page `n` ends `n` leads after the beginning of the next one.
    fn length(self) -> u64 {
        self.limit - (self.page - 1).min(self.limit / 5)
    }

    /// The place after a page whose leads have these times.
    fn after(self, times: &[i64]) -> Self {
        let last = times.last().copied().filter(|_| times.is_sorted());
        match last {
            // A second before it, for it is not told whether the filter takes in its own end.
            Some(last) if last - 1 > self.from => Self { from: last - 1, page: 1, ..self },
            _ => Self { page: self.page + 1, ..self },
        }
    }

    fn cursor(self) -> Value {
        json!({ "from": self.from, "page": self.page, "limit": self.limit })
    }
}

/// The same place with smaller pages, if the cursor is one of leads.
pub fn lighter(cursor: &Value) -> Option<Value> {
    let place = Place::of(Some(cursor), cursor["from"].as_i64()?);
    let limit = place.limit / 2;
    (limit >= 5).then(|| Place { page: 1, limit, ..place }.cursor())
}

/// A list that may be closed to whoever connected amoCRM.
fn unless_closed<T>(read: Result<T, CrmError>, nothing: T) -> Result<T, CrmError> {
    match read {
        Err(CrmError::Forbidden(_) | CrmError::NotFound | CrmError::Rejected(_)) => Ok(nothing),
        other => other,
    }
}

impl AmoCrm {
    async fn names(&self) -> Result<&Names, CrmError> {
        let ask = || async {
            let pipelines = unless_closed(self.all("leads/pipelines?limit=250", "pipelines").await, Vec::new())?;
            // The contract does not have this list: its shape is that of the others (unconfirmed),
            // and without it nobody's name is known.
            let users = unless_closed(self.all("users?limit=250", "users").await, Vec::new())?;
            Ok(Names::read(&pipelines, &users))
        };
        self.names.get_or_try_init(ask).await
    }

    async fn read_leads(&self, items: &[Value]) -> Result<Vec<CrmOccasion>, CrmError> {
        let names = self.names().await?;
        Ok(items.iter().filter_map(|item| lead(item, names)).collect())
    }

    /// A page of leads, those made first or changed first at the beginning.
    pub(super) async fn leads(&self, mode: OccasionMode<'_>, cursor: Option<&Value>) -> Result<OccasionPage, CrmError> {
        let (key, from) = match mode {
            OccasionMode::Full { from } => ("created_at", from.timestamp()),
            OccasionMode::Since { at, .. } => ("updated_at", at.timestamp() - OVERLAP_SECONDS),
        };
        let place = Place::of(cursor, from);
        let (limit, page, from) = (place.length(), place.page, place.from);
        let path = format!("leads?with=contacts&limit={limit}&page={page}&order[{key}]=asc&filter[{key}][from]={from}");
        let answer = match self.get(&path).await {
            // No right to see them.
            Ok(None) | Err(CrmError::Forbidden(_)) => return Ok(OccasionPage::default()),
            Ok(Some(answer)) => answer,
            Err(error) => return Err(error),
        };
        let (items, more) = wire::page(&answer, "leads");
        let times: Vec<i64> = items.iter().filter_map(|lead| lead[key].as_i64()).collect();
        let next = more.then(|| place.after(&times).cursor());
        Ok(OccasionPage { occasions: self.read_leads(items).await?, next, ..OccasionPage::default() })
    }

    pub(super) async fn leads_by_id(&self, of: &[OccasionRef]) -> Result<Vec<CrmOccasion>, CrmError> {
        let ids: Vec<&str> = of.iter().filter(|one| one.kind == OccasionKind::Deal).map(|one| one.id.as_str()).collect();
        let mut out = Vec::new();
        // As many as with contacts.
        for chunk in ids.chunks(100) {
            let filter: String = chunk.iter().filter(|id| id.parse::<u64>().is_ok()).map(|id| format!("&filter[id][]={id}")).collect();
            if !filter.is_empty()
                && let Some(answer) = self.get(&format!("leads?with=contacts&limit={PAGE}&page=1{filter}")).await?
            {
                out.extend(self.read_leads(wire::page(&answer, "leads").0).await?);
            }
        }
        Ok(out)
    }

    /// Leads of these contacts that were made since then.
    pub(super) async fn leads_of(&self, contacts: &[String], from: Moment) -> Result<Vec<CrmOccasion>, CrmError> {
        let mut of = Vec::new();
        for chunk in contacts.chunks(100) {
            let filter: String = chunk.iter().filter(|id| id.parse::<u64>().is_ok()).map(|id| format!("&filter[id][]={id}")).collect();
            let found = match filter.is_empty() {
                true => None,
                false => self.get(&format!("contacts?with=leads&limit=250&page=1{filter}")).await?,
            };
            let Some(answer) = found else { continue };
            let leads = wire::page(&answer, "contacts").0.iter().flat_map(|contact| contact["_embedded"]["leads"].as_array()).flatten();
            of.extend(leads.filter_map(|lead| Some(OccasionRef { kind: OccasionKind::Deal, id: wire::id(&lead["id"])? })));
        }
        let read = match self.leads_by_id(&of).await {
            // No right to see them.
            Err(CrmError::Forbidden(_)) => Vec::new(),
            other => other?,
        };
        Ok(read.into_iter().filter(|lead| lead.at >= from).collect())
    }

    /// Leads that were deleted or merged since then: lists do not show them any more. Restored ones
    /// are changed ones. Asked for apart from contacts, for a log of leads may be closed alone.
    pub(super) async fn gone_leads(&self, from: i64) -> Result<Vec<CrmHint>, CrmError> {
        let path = format!("events?limit=100&filter[type]=lead_deleted,entity_merged&filter[entity]=lead&filter[created_at][from]={from}");
        let events = unless_closed(self.all(&path, "events").await, Vec::new())?;
        let mut ids: Vec<String> =
            events.iter().filter(|event| event["entity_type"] == "lead").filter_map(|event| wire::id(&event["entity_id"])).collect();
        ids.sort();
        ids.dedup();
        Ok(ids.into_iter().map(|id| CrmHint::Occasion(OccasionRef { kind: OccasionKind::Deal, id })).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let stages = |won: &str| json!({ "statuses": [{ "id": 7, "name": "Счёт отправлен" }, { "id": 142, "name": won }] });
        Names::read(
            &[
                json!({ "id": 1, "name": "Продажи", "_embedded": stages("Оплачено") }),
                json!({ "id": 2, "name": "Повторные", "_embedded": stages("Купили снова") }),
            ],
            &[json!({ "id": 5, "name": "Ольга" })],
        )
    }

    #[test]
    fn a_lead_is_read_whatever_its_gaps() {
        let full = json!({ "id": 19_619, "name": " Торт ", "price": 1500.5, "responsible_user_id": 5, "status_id": 142, "pipeline_id": 2,
            "created_at": 1_700_000_000, "updated_at": 1_700_000_500, "closed_at": 1_700_000_400, "is_deleted": false,
            "_embedded": { "contacts": [{ "id": 8, "is_main": false }, { "id": 9, "is_main": true }] } });
        let read = lead(&full, &names()).expect("a lead");
        assert_eq!((read.of.id.as_str(), read.contact.as_deref(), read.amount), ("19619", Some("9"), Some(150_050)));
        assert_eq!((read.title.as_str(), read.place.as_str(), read.stage.as_str()), ("Торт", "Повторные", "Купили снова"));
        assert_eq!((read.staff.as_str(), read.state, read.deleted), ("Ольга", OccasionState::Done, false));
        assert_eq!((read.at.timestamp(), read.updated_at.timestamp()), (1_700_000_000, 1_700_000_500));
        assert_eq!(read.until.map(|at| at.timestamp()), Some(1_700_000_400));

        let with = |key: &str, value: Value| {
            let mut lead = full.clone();
            lead[key] = value;
            lead
        };
        let state = |status: u64| lead(&with("status_id", json!(status)), &names()).expect("a lead").state;
        assert_eq!((state(143), state(7), state(100)), (OccasionState::Cancelled, OccasionState::Open, OccasionState::Open));
        let bare = lead(&json!({ "id": "3", "created_at": 1_700_000_000 }), &Names::default()).expect("a lead");
        assert_eq!((bare.contact, bare.amount, bare.stage.as_str(), bare.until), (None, None, "", None));
        assert_eq!(lead(&with("price", json!(0)), &names()).expect("a lead").amount, None);
        let first = with("_embedded", json!({ "contacts": [{ "id": 8 }, { "id": 9 }] }));
        assert_eq!(lead(&first, &names()).expect("a lead").contact.as_deref(), Some("8"));
        assert!(lead(&with("created_at", Value::Null), &names()).is_none() && lead(&with("id", Value::Null), &names()).is_none());
    }

    /// Every lead of `times` comes, though at `gone` of them another one goes between two pages.
    fn reads_all(times: &[i64], limit: u64, gone: &[usize]) {
        let mut there: Vec<(usize, i64)> = times.iter().copied().enumerate().collect();
        let mut seen = std::collections::BTreeSet::new();
        let mut cursor = Some(json!({ "from": 0, "page": 1, "limit": limit }));
        let mut pages = 0;
        while let Some(at) = cursor {
            let place = Place::of(Some(&at), 0);
            let length = usize::try_from(place.length()).expect("short");
            let begin = (usize::try_from(place.page).expect("few") - 1) * length;
            let found: Vec<&(usize, i64)> = there.iter().filter(|(_, time)| *time >= place.from).collect();
            let page: Vec<(usize, i64)> = found.iter().skip(begin).take(length).map(|one| **one).collect();
            let more = found.len() > begin + length;
            seen.extend(page.iter().map(|(id, _)| *id));
            cursor = more.then(|| place.after(&page.iter().map(|(_, time)| *time).collect::<Vec<_>>()).cursor());
            if let Some(going) = gone.get(pages) {
                there.retain(|(id, _)| id != going);
            }
            pages += 1;
            assert!(pages < 10_000, "it goes on for ever");
        }
        let lost: Vec<usize> = (0..times.len()).filter(|id| !seen.contains(id) && !gone.contains(id)).collect();
        assert!(lost.is_empty(), "{lost:?} of {} by pages of {limit}", times.len());
    }

    #[test]
    fn nobody_is_lost_between_pages() {
        let apart: Vec<i64> = (1_000..2_200).collect();
        let one_time = vec![1_000; 1_300];
        let pairs: Vec<i64> = (0..1_200).map(|n| 1_000 + n / 2).collect();
        for times in [&apart, &one_time, &pairs] {
            for limit in [250, 125, 62, 31, 15, 7, 5] {
                reads_all(times, limit, &[]);
            }
            reads_all(times, 250, &[0, 1, 3, 240, 251]);
        }
        reads_all(&[], 250, &[]);
    }

    #[test]
    fn pages_become_smaller_and_stay_at_their_place() {
        let mut cursor = Place { from: 7, page: 3, limit: 250 }.cursor();
        let mut limits = Vec::new();
        while let Some(next) = lighter(&cursor) {
            assert_eq!((&next["from"], &next["page"]), (&json!(7), &json!(1)));
            limits.extend(next["limit"].as_u64());
            cursor = next;
        }
        assert_eq!(limits, [125, 62, 31, 15, 7]);
        assert_eq!(lighter(&json!({ "page": 2, "limit": 250 })), None, "a place among contacts");
    }
}
