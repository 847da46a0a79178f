//! Telling RetailCRM: a call for each note, one for the flag and the tag of a customer
//! (contracts/crm/retailcrm.md, 3). There are no idempotency keys: a note without an answer is
//! looked for before it is repeated.

use std::collections::HashMap;

use serde_json::json;

use super::{
    RetailCrm,
    wire::{Failure, Kind, id},
};
use crate::crm::{CrmChange, CrmError, Look, WriteItem};

/// The tag that goes with the checkbox.
const TAG: &str = "opt-out";

/// How many notes of one text a customer has that are no other write's own.
type There = HashMap<(String, String), usize>;

/// Tells RetailCRM these changes; a result for each, in their order.
pub async fn write(crm: &RetailCrm, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
    let mut there = There::new();
    let looked = look(crm, items, &mut there).await;
    // The last flag of a customer is the one that counts: those before it end as it does.
    let mut last: HashMap<&str, usize> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        if matches!(item.what, CrmChange::OptOut(_)) {
            last.insert(&item.crm_id, at);
        }
    }
    let mut ends: Vec<Option<Result<(), CrmError>>> = vec![None; items.len()];
    let mut stopped: Option<CrmError> = None;
    for (at, item) in items.iter().enumerate() {
        if let Some(error) = &stopped {
            ends[at] = Some(Err(error.clone()));
            continue;
        }
        let end = match &item.what {
            _ if item.crm_id.parse::<u64>().is_err() => Err(CrmError::Rejected(format!("`{}` is no customer's id", item.crm_id))),
            CrmChange::OptOut(_) if last.get(item.crm_id.as_str()) != Some(&at) => continue,
            CrmChange::OptOut(out) => flag(crm, &item.crm_id, *out).await,
            CrmChange::Note { text } if item.look_first.is_some() => match (&looked, there.get_mut(&(item.crm_id.clone(), text.clone()))) {
                (Err(error), _) => Err(error.clone()),
                (Ok(()), Some(left)) if *left > 0 => {
                    *left -= 1;
                    Ok(())
                }
                (Ok(()), _) => note(crm, &item.crm_id, text).await,
            },
            CrmChange::Note { text } => note(crm, &item.crm_id, text).await,
        };
        // What concerns the connection concerns the rest, too: it is not asked again and again.
        if let Err(error @ (CrmError::RetryAfter(_) | CrmError::Unauthorised | CrmError::Moved)) = &end {
            stopped = Some(error.clone());
        }
        ends[at] = Some(end);
    }
    let not_sent = || Err(CrmError::Transient { detail: "not sent".to_owned(), smaller: false });
    let of = |at: usize| ends[at].clone().or_else(|| ends[*last.get(items[at].crm_id.as_str())?].clone()).unwrap_or_else(not_sent);
    (0..items.len()).map(of).collect()
}

/// Counts the notes of customers of whom an earlier try had no answer.
async fn look(crm: &RetailCrm, items: &[WriteItem], there: &mut There) -> Result<(), CrmError> {
    let doubtful: Vec<(&WriteItem, &str, Look)> = items
        .iter()
        .filter_map(|item| match (&item.what, item.look_first) {
            (CrmChange::Note { text }, Some(look)) => Some((item, text.as_str(), look)),
            _ => None,
        })
        .collect();
    let Some(since) = doubtful.iter().map(|(_, _, look)| look.since).min() else { return Ok(()) };
    let mut ids: Vec<&str> = doubtful.iter().map(|(item, _, _)| item.crm_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let filter: String = ids.iter().map(|id| format!("&filter[customerIds][]={id}")).collect();
    // The account's own day may be the one before, wherever it is.
    let from = (since - super::CAPABILITIES.overlap - chrono::TimeDelta::hours(14)).format("%Y-%m-%d");
    let found = crm.all(&format!("v5/customers/notes?filter[createdAtFrom]={from}{filter}"), "notes").await?;
    for note in &found {
        let text = note["text"].as_str().unwrap_or_default().to_owned();
        if let Some(customer) = id(&note["customer"]["id"]) {
            *there.entry((customer, text)).or_default() += 1;
        }
    }
    // What other rows of the same text told is theirs; it is the same number for each of them.
    for ((customer, text), left) in there.iter_mut() {
        let others =
            doubtful.iter().find(|(item, words, _)| item.crm_id == *customer && *words == text.as_str()).map(|(_, _, look)| look.others);
        *left = left.saturating_sub(others.unwrap_or_default() as usize);
    }
    Ok(())
}

/// A customer that was merged into another is told of there: the person is the same.
async fn note(crm: &RetailCrm, customer: &str, text: &str) -> Result<(), CrmError> {
    match send_note(crm, customer, text).await {
        Err(Failure::Merged(survivor)) => send_note(crm, &survivor, text).await.map_err(CrmError::from),
        end => end.map_err(CrmError::from),
    }
}

async fn send_note(crm: &RetailCrm, customer: &str, text: &str) -> Result<(), Failure> {
    let note = json!({ "customer": { "id": customer.parse::<u64>().unwrap_or_default() }, "text": text });
    crm.call(Kind::Once, "v5/customers/notes/create", Some(&[("note", note.to_string())])).await.map(|_| ())
}

/// The same as with a note.
async fn flag(crm: &RetailCrm, customer: &str, out: bool) -> Result<(), CrmError> {
    match send_flag(crm, customer, out).await {
        Err(Failure::Merged(survivor)) => send_flag(crm, &survivor, out).await.map_err(CrmError::from),
        end => end.map_err(CrmError::from),
    }
}

async fn send_flag(crm: &RetailCrm, customer: &str, out: bool) -> Result<(), Failure> {
    let mut body = json!({});
    if let Some(code) = &crm.bound.opt_out_field {
        body["customFields"] = json!({ code: out });
    }
    body[if out { "addTags" } else { "removeTags" }] = json!([TAG]);
    let form = [("by", "id".to_owned()), ("customer", body.to_string())];
    crm.call(Kind::Repeatable, &format!("v5/customers/{customer}/edit"), Some(&form)).await.map(|_| ())
}
