//! Telling amoCRM: notes in one call, flags and tags in another. A refused item is dropped and the
//! others go again.

use std::collections::{BTreeSet, HashMap};

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    AmoCrm, OVERLAP_SECONDS,
    wire::{Failure, Kind},
};
use crate::crm::{CrmChange, CrmError, WriteItem};

/// The tag that goes with the checkbox.
pub const TAG: &str = "opt-out";
/// How often an array is sent again without the items that were refused.
const ROUNDS: usize = 4;

/// Items by their place in the caller's list.
type Batch = Vec<(usize, Value)>;

/// Tells amoCRM these changes; a result for each, in their order.
pub async fn write(amo: &AmoCrm, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
    let mut ends: Vec<Option<Result<(), CrmError>>> = vec![None; items.len()];
    let mut notes: Vec<usize> = Vec::new();
    // A contact may be named once in one array: its last flag is the one that counts.
    let mut flags: Vec<(u64, Vec<usize>)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let Ok(id) = item.crm_id.parse::<u64>() else {
            ends[at] = Some(Err(CrmError::Rejected(format!("`{}` is no contact id of amoCRM", item.crm_id))));
            continue;
        };
        match item.what {
            CrmChange::Note { .. } => notes.push(at),
            CrmChange::OptOut(_) => match flags.iter_mut().find(|(other, _)| *other == id) {
                Some((_, places)) => places.push(at),
                None => flags.push((id, vec![at])),
            },
            CrmChange::Answer { .. } | CrmChange::Comment { .. } | CrmChange::Task { .. } => {
                ends[at] = Some(Err(CrmError::Rejected("amoCRM has no such thing".to_owned())));
            }
        }
    }

    look(amo, items, &mut notes, &mut ends).await;
    let batch = notes.iter().map(|at| (*at, note(&items[*at], *at))).collect();
    send(amo, Kind::Once, Method::POST, "contacts/notes", batch, &mut ends).await;

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

fn note(item: &WriteItem, at: usize) -> Value {
    let text = if let CrmChange::Note { text } = &item.what { text.as_str() } else { "" };
    json!({ "entity_id": item.crm_id.parse::<u64>().unwrap_or_default(), "note_type": "common", "params": { "text": text },
        "request_id": at.to_string(), "is_need_to_trigger_digital_pipeline": false })
}

fn flag(amo: &AmoCrm, id: u64, item: &WriteItem, at: usize) -> Value {
    let out = matches!(item.what, CrmChange::OptOut(true));
    let mut body = json!({ "id": id, "request_id": at.to_string() });
    if let Some(field) = amo.bound.opt_out_field {
        body["custom_fields_values"] = json!([{ "field_id": field, "values": [{ "value": out }] }]);
    }
    body[if out { "tags_to_add" } else { "tags_to_delete" }] = json!([{ "name": TAG }]);
    body
}

/// Notes whose earlier try had no answer are looked for: those that are there are done and leave
/// `notes`; when we cannot look, they leave it too and wait.
async fn look(amo: &AmoCrm, items: &[WriteItem], notes: &mut Vec<usize>, ends: &mut [Option<Result<(), CrmError>>]) {
    let doubtful: Vec<usize> = notes.iter().copied().filter(|at| items[*at].look_first.is_some()).collect();
    let Some(since) = doubtful.iter().filter_map(|at| items[*at].look_first).map(|look| look.since).min() else { return };
    let mut ids: Vec<&str> = doubtful.iter().map(|at| items[*at].crm_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let filter: String = ids.iter().map(|id| format!("&filter[entity_id][]={id}")).collect();
    let from = since.timestamp() - OVERLAP_SECONDS;
    let found = amo.all(&format!("contacts/notes?limit=250&filter[updated_at][from]={from}{filter}"), "notes").await;
    // How many notes of one text a contact has: two rows of the same text need two notes.
    let mut there: HashMap<(String, String), usize> = HashMap::new();
    match found {
        Ok(found) => {
            for note in &found {
                let text = note["params"]["text"].as_str().unwrap_or_default().to_owned();
                if let Some(id) = super::wire::id(&note["entity_id"]) {
                    *there.entry((id, text)).or_default() += 1;
                }
            }
        }
        Err(error) => {
            for at in &doubtful {
                ends[*at] = Some(Err(error.clone()));
            }
            notes.retain(|at| !doubtful.contains(at));
            return;
        }
    }
    let mut own: BTreeSet<(&str, &str)> = BTreeSet::new();
    for at in &doubtful {
        if let (CrmChange::Note { text }, Some(look)) = (&items[*at].what, items[*at].look_first)
            && own.insert((&items[*at].crm_id, text))
            && let Some(left) = there.get_mut(&(items[*at].crm_id.clone(), text.clone()))
        {
            *left = left.saturating_sub(look.others as usize);
        }
    }
    for at in doubtful {
        let CrmChange::Note { text } = &items[at].what else { continue };
        if let Some(left) = there.get_mut(&(items[at].crm_id.clone(), text.clone())).filter(|left| **left > 0) {
            *left -= 1;
            ends[at] = Some(Ok(()));
            notes.retain(|other| *other != at);
        }
    }
}

async fn send(amo: &AmoCrm, kind: Kind, method: Method, path: &str, mut batch: Batch, ends: &mut [Option<Result<(), CrmError>>]) {
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
