//! Telling amoCRM: notes of contacts, notes of leads, tasks and flags, each in one call. A refused
//! item is dropped and the others go again.

use std::collections::{BTreeSet, HashMap, HashSet};

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    AmoCrm, OVERLAP_SECONDS,
    wire::{self, Failure, Kind},
};
use crate::{
    clock::Moment,
    crm::{
        CrmChange, CrmError, WriteItem,
        call::OPT_OUT_TAG,
        occasion::{OccasionKind, OccasionRef},
        one_by_one::{Place, Trace},
    },
};

/// How often an array is sent again without the items that were refused.
const ROUNDS: usize = 4;
/// The usual kind of task: a follow-up.
const FOLLOW_UP: u64 = 1;
/// Who is to do a task.
const RESPONSIBLE: &str = "responsible_user_id";

/// Items by their place in the caller's list.
type Batch = Vec<(usize, Value)>;
/// What became of the items, in the caller's order; `None`: not told yet.
type Ends = [Option<Result<(), CrmError>>];

/// What is told by one call and leaves traces in one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Notes,
    Comments,
    Tasks,
}

impl List {
    const ALL: [Self; 3] = [Self::Notes, Self::Comments, Self::Tasks];

    /// Which list holds what a change leaves.
    fn of(change: &CrmChange) -> Option<Self> {
        match change {
            CrmChange::Note { .. } => Some(Self::Notes),
            CrmChange::Comment { .. } => Some(Self::Comments),
            CrmChange::Task { .. } => Some(Self::Tasks),
            CrmChange::OptOut(_) | CrmChange::Answer { .. } => None,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Notes => "contacts/notes",
            Self::Comments => "leads/notes",
            Self::Tasks => "tasks",
        }
    }

    /// The traces since then at these contacts or leads.
    async fn traces(self, amo: &AmoCrm, ids: &[&str], since: Moment) -> Result<Vec<Trace>, CrmError> {
        let filter: String = ids.iter().map(|id| format!("&filter[entity_id][]={id}")).collect();
        let from = since.timestamp() - OVERLAP_SECONDS;
        let (key, kind) = match self {
            Self::Notes | Self::Comments => ("notes", ""),
            // The contract does not say how tasks are filtered (unconfirmed): what comes besides is
            // passed over below.
            Self::Tasks => ("tasks", "&filter[entity_type]=contacts"),
        };
        let found = amo.all(&format!("{}?limit=250&filter[updated_at][from]={from}{kind}{filter}", self.path()), key).await?;
        Ok(found.iter().filter_map(|item| self.trace(item)).collect())
    }

    fn trace(self, item: &Value) -> Option<Trace> {
        let id = wire::id(&item["entity_id"])?;
        let (place, text) = match self {
            Self::Notes => (Place::Notes(id), &item["params"]["text"]),
            Self::Comments => (Place::Comments(OccasionRef { kind: OccasionKind::Deal, id }), &item["params"]["text"]),
            Self::Tasks if item["entity_type"] == "contacts" => (Place::Tasks(id), &item["text"]),
            Self::Tasks => return None,
        };
        Some(Trace { place, text: text.as_str().unwrap_or_default().to_owned() })
    }
}

/// The contact or the lead that a change is written to.
fn entity(item: &WriteItem) -> &str {
    match &item.what {
        CrmChange::Comment { of, .. } => &of.id,
        _ => &item.crm_id,
    }
}

/// Tells amoCRM these changes; a result for each, in their order.
pub async fn write(amo: &AmoCrm, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
    let mut ends: Vec<Option<Result<(), CrmError>>> = vec![None; items.len()];
    let mut traced: Vec<(List, usize)> = Vec::new();
    // A contact may be named once in one array: its last flag is the one that counts.
    let mut flags: Vec<(u64, Vec<usize>)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let Ok(id) = entity(item).parse::<u64>() else {
            ends[at] = Some(Err(CrmError::Rejected(format!("`{}` is no id of amoCRM", entity(item)))));
            continue;
        };
        match (&item.what, List::of(&item.what)) {
            (CrmChange::OptOut(_), _) => match flags.iter_mut().find(|(other, _)| *other == id) {
                Some((_, places)) => places.push(at),
                None => flags.push((id, vec![at])),
            },
            (CrmChange::Comment { of, .. }, _) if of.kind != OccasionKind::Deal => {
                ends[at] = Some(Err(CrmError::Rejected("amoCRM has deals alone".to_owned())));
            }
            (_, Some(list)) => traced.push((list, at)),
            (_, None) => ends[at] = Some(Err(CrmError::Rejected("amoCRM has no such thing".to_owned()))),
        }
    }

    for list in List::ALL {
        let mut places: Vec<usize> = traced.iter().filter(|(of, _)| *of == list).map(|(_, at)| *at).collect();
        look(amo, list, items, &mut places, &mut ends).await;
        let batch = match list {
            List::Notes | List::Comments => places.iter().map(|at| (*at, note(&items[*at], *at))).collect(),
            List::Tasks => tasks(amo, items, &places).await,
        };
        send(amo, Kind::Once, Method::POST, list.path(), batch.clone(), &mut ends).await;
        // Whoever is responsible may have left the company: then it is nobody's by name.
        let again = batch.into_iter().filter(|(at, _)| nobody(ends[*at].as_ref())).map(|(at, item)| (at, unassigned(item))).collect();
        send(amo, Kind::Once, Method::POST, list.path(), again, &mut ends).await;
    }

    let batch = flags.iter().filter_map(|(id, places)| places.last().map(|at| (*at, flag(amo, *id, &items[*at], *at)))).collect();
    send(amo, Kind::Repeatable, Method::PATCH, "contacts", batch, &mut ends).await;
    for (_, places) in &flags {
        let end = places.last().and_then(|last| ends[*last].clone());
        for at in places {
            ends[*at].clone_from(&end);
        }
    }
    ends.into_iter().map(|end| end.unwrap_or_else(|| Err(CrmError::Transient { detail: "not sent".to_owned(), smaller: false }))).collect()
}

fn number(item: &WriteItem) -> u64 {
    entity(item).parse().unwrap_or_default()
}

/// A note of a contact or a lead.
fn note(item: &WriteItem, at: usize) -> Value {
    let text = if let CrmChange::Note { text } | CrmChange::Comment { text, .. } = &item.what { text.as_str() } else { "" };
    json!({ "entity_id": number(item), "note_type": "common", "params": { "text": text }, "request_id": at.to_string(),
        "is_need_to_trigger_digital_pipeline": false })
}

/// The user named is what was refused.
fn nobody(end: Option<&Result<(), CrmError>>) -> bool {
    matches!(end, Some(Err(CrmError::Rejected(why))) if why.contains(RESPONSIBLE))
}

fn unassigned(mut task: Value) -> Value {
    if let Some(task) = task.as_object_mut() {
        task.remove(RESPONSIBLE);
    }
    task
}

/// Tasks for whoever is responsible for their contacts.
async fn tasks(amo: &AmoCrm, items: &[WriteItem], places: &[usize]) -> Batch {
    let users = responsible(amo, places.iter().map(|at| items[*at].crm_id.as_str()).collect()).await;
    let task = |at: usize| {
        let item = &items[at];
        let CrmChange::Task { text, due } = &item.what else { return None };
        let mut task = json!({ "text": text, "complete_till": due.timestamp(), "entity_id": number(item), "entity_type": "contacts",
            "task_type_id": FOLLOW_UP, "request_id": at.to_string() });
        if let Some(user) = users.get(&item.crm_id) {
            task[RESPONSIBLE] = json!(user);
        }
        Some((at, task))
    };
    places.iter().filter_map(|at| task(*at)).collect()
}

/// Who is responsible for these contacts. Whoever is not known leaves a task to whomever amoCRM
/// gives it.
async fn responsible(amo: &AmoCrm, ids: BTreeSet<&str>) -> HashMap<String, u64> {
    if ids.is_empty() {
        return HashMap::new();
    }
    let filter: String = ids.iter().map(|id| format!("&filter[id][]={id}")).collect();
    let Ok(Some(answer)) = amo.get(&format!("contacts?limit=250&page=1{filter}")).await else { return HashMap::new() };
    let user = |contact: &Value| Some((wire::id(&contact["id"])?, contact[RESPONSIBLE].as_u64().filter(|user| *user > 0)?));
    wire::page(&answer, "contacts").0.iter().filter_map(user).collect()
}

fn flag(amo: &AmoCrm, id: u64, item: &WriteItem, at: usize) -> Value {
    let out = matches!(item.what, CrmChange::OptOut(true));
    let mut body = json!({ "id": id, "request_id": at.to_string() });
    if let Some(field) = amo.bound.opt_out_field {
        body["custom_fields_values"] = json!([{ "field_id": field, "values": [{ "value": out }] }]);
    }
    body[if out { "tags_to_add" } else { "tags_to_delete" }] = json!([{ "name": OPT_OUT_TAG }]);
    body
}

/// Changes whose earlier try had no answer are looked for: those that are there are done and leave
/// `places`; when we cannot look, they leave it too and wait.
async fn look(amo: &AmoCrm, list: List, items: &[WriteItem], places: &mut Vec<usize>, ends: &mut Ends) {
    let doubtful: Vec<usize> = places.iter().copied().filter(|at| items[*at].look_first.is_some()).collect();
    let Some(since) = doubtful.iter().filter_map(|at| items[*at].look_first).map(|look| look.since).min() else { return };
    let ids: BTreeSet<&str> = doubtful.iter().map(|at| entity(&items[*at])).collect();
    let found = match list.traces(amo, &ids.into_iter().collect::<Vec<_>>(), since).await {
        Ok(found) => found,
        Err(error) => {
            for at in &doubtful {
                ends[*at] = Some(Err(error.clone()));
            }
            places.retain(|at| !doubtful.contains(at));
            return;
        }
    };
    // How many of one text are there: two rows of the same text need two of them.
    let mut there: HashMap<Trace, usize> = HashMap::new();
    for trace in found {
        *there.entry(trace).or_default() += 1;
    }
    let sought: Vec<(usize, Trace)> = doubtful.iter().filter_map(|at| Some((*at, Trace::of(&items[*at])?))).collect();
    let mut own: HashSet<&Trace> = HashSet::new();
    for (at, trace) in &sought {
        if let Some(look) = items[*at].look_first
            && own.insert(trace)
            && let Some(left) = there.get_mut(trace)
        {
            *left = left.saturating_sub(look.others as usize);
        }
    }
    for (at, trace) in &sought {
        if let Some(left) = there.get_mut(trace).filter(|left| **left > 0) {
            *left -= 1;
            ends[*at] = Some(Ok(()));
            places.retain(|other| other != at);
        }
    }
}

async fn send(amo: &AmoCrm, kind: Kind, method: Method, path: &str, mut batch: Batch, ends: &mut Ends) {
    for _ in 0..ROUNDS {
        if batch.is_empty() {
            return;
        }
        let body = Value::Array(batch.iter().map(|(_, item)| item.clone()).collect());
        let refused = match amo.call(kind, method.clone(), path, Some(&body)).await {
            Ok(_) => {
                for (at, _) in batch {
                    ends[at] = Some(Ok(()));
                }
                return;
            }
            Err(Failure::Invalid(refused)) => refused,
            Err(Failure::Crm(error)) => {
                let error = amo.looked_into(error).await;
                for (at, _) in batch {
                    ends[at] = Some(Err(error.clone()));
                }
                return;
            }
        };
        let before = batch.len();
        batch.retain(|(at, _)| match refused.iter().find(|(id, _)| *id == at.to_string()) {
            Some((_, detail)) => {
                ends[*at] = Some(Err(CrmError::Rejected(detail.clone())));
                false
            }
            None => true,
        });
        if batch.len() == before {
            // It names none of ours: all of it is refused.
            for (at, _) in batch {
                ends[at] = Some(Err(CrmError::Rejected("the CRM refused the whole call".to_owned())));
            }
            return;
        }
    }
}
