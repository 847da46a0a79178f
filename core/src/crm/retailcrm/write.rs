//! Telling RetailCRM: a call for each note, one for the flag and the tag of a customer, one for
//! their subscriptions (contracts/crm/retailcrm.md, 3). There are no idempotency keys: a note
//! without an answer is looked for before it is repeated.

use serde_json::json;

use super::{
    RetailCrm,
    wire::{Failure, Kind, id},
};
use crate::{
    clock::Moment,
    crm::{
        CrmChange, CrmError, WriteItem,
        call::OPT_OUT_TAG,
        one_by_one::{OneByOne, Place, Trace},
    },
};

#[async_trait::async_trait]
impl OneByOne for RetailCrm {
    async fn tell(&self, item: &WriteItem) -> Result<(), CrmError> {
        let customer = item.crm_id.as_str();
        match &item.what {
            _ if customer.parse::<u64>().is_err() => Err(CrmError::Rejected(format!("`{customer}` is no customer's id"))),
            CrmChange::Note { text } => note(self, customer, text).await,
            CrmChange::OptOut(out) => flag(self, customer, *out).await,
            CrmChange::Answer { .. } | CrmChange::Comment { .. } | CrmChange::Task { .. } => {
                Err(CrmError::Rejected("RetailCRM has no such thing".to_owned()))
            }
        }
    }

    async fn traces(&self, places: &[Place], since: Moment) -> Result<Vec<Trace>, CrmError> {
        let filter: String = places
            .iter()
            .filter_map(|place| match place {
                Place::Notes(customer) => Some(format!("&filter[customerIds][]={customer}")),
                Place::Tasks(_) | Place::Comments(_) => None,
            })
            .collect();
        // The account's own day may be the one before, wherever it is.
        let from = (since - super::CAPABILITIES.overlap - chrono::TimeDelta::hours(14)).format("%Y-%m-%d");
        let found = self.all(&format!("v5/customers/notes?filter[createdAtFrom]={from}{filter}"), "notes").await?;
        let trace = |note: &serde_json::Value| {
            let text = note["text"].as_str().unwrap_or_default().to_owned();
            Some(Trace { place: Place::Notes(id(&note["customer"]["id"])?), text })
        };
        Ok(found.iter().filter_map(trace).collect())
    }
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
    body[if out { "addTags" } else { "removeTags" }] = json!([OPT_OUT_TAG]);
    let form = [("by", "id".to_owned()), ("customer", body.to_string())];
    crm.call(Kind::Repeatable, &format!("v5/customers/{customer}/edit"), Some(&form)).await?;
    // Whoever comes back says to us that they do, and nothing of what the shop itself sends.
    if out { crm.unsubscribe(customer).await } else { Ok(()) }
}
