//! Telling Tryton: notes on a party, the category and the checkbox that say "do not write"
//! (contracts/crm/tryton.md, 4). A note without an answer is looked for before it is repeated.

use serde_json::{Map, Value, json};

use super::{CATEGORY, PARTY, Tryton, party, since, wire::Kind};
use crate::{
    clock::Moment,
    crm::{
        CrmChange, CrmError, WriteItem,
        call::OPT_OUT_TAG,
        one_by_one::{OneByOne, Place, Trace},
    },
};

/// How often a party that was merged is followed to the one that stayed.
const HOPS: usize = 5;

#[async_trait::async_trait]
impl OneByOne for Tryton {
    async fn tell(&self, item: &WriteItem) -> Result<(), CrmError> {
        let party: u64 = item.crm_id.parse().map_err(|_| CrmError::Rejected(format!("`{}` is no party's id", item.crm_id)))?;
        match &item.what {
            CrmChange::Note { text } => {
                let (party, _) = here(self, party, &[]).await?;
                let note = json!([[{ "resource": format!("{PARTY},{party}"), "message": text }]]);
                self.model(Kind::Once, "ir.note", "create", note).await.map(|_| ())
            }
            CrmChange::OptOut(out) => opt_out(self, party, *out).await,
            CrmChange::Answer { .. } | CrmChange::Comment { .. } | CrmChange::Task { .. } => {
                Err(CrmError::Rejected("Tryton has no such thing".to_owned()))
            }
        }
    }

    /// Notes of a party that was merged meanwhile hang on the one that stayed: they are looked for
    /// there, and are told of as the one's that was asked for.
    async fn traces(&self, places: &[Place], from: Moment) -> Result<Vec<Trace>, CrmError> {
        let mut out = Vec::new();
        for place in places {
            let Place::Notes(asked) = place else { continue };
            let Ok(id) = asked.parse() else { continue };
            let party = match here(self, id, &[]).await {
                Ok((party, _)) => party,
                Err(CrmError::NotFound) => continue,
                Err(error) => return Err(error),
            };
            let of = [json!(["resource", "in", [format!("{PARTY},{id}"), format!("{PARTY},{party}")]]), since(from)];
            let found = self.all("ir.note", &of, &["message"]).await?;
            let texts = found.iter().filter_map(|note| note["message"].as_str());
            out.extend(texts.map(|text| Trace { place: place.clone(), text: text.to_owned() }));
        }
        Ok(out)
    }
}

/// A party with these fields: the one that stayed, where it was merged.
async fn here(crm: &Tryton, party: u64, fields: &[&str]) -> Result<(u64, Value), CrmError> {
    let wanted: Vec<&str> = ["replaced_by"].into_iter().chain(fields.iter().copied()).collect();
    let mut at = party;
    for _ in 0..HOPS {
        let mut found = crm.search(PARTY, &json!([["id", "=", at], ["active", "in", [true, false]]]), &wanted, 1).await?;
        let row = found.pop().ok_or(CrmError::NotFound)?;
        match row["replaced_by"].as_u64() {
            Some(next) => at = next,
            None => return Ok((at, row)),
        }
    }
    Err(CrmError::NotFound)
}

/// The category, and the checkbox if one is mapped; what stands already is not written.
async fn opt_out(crm: &Tryton, party: u64, out: bool) -> Result<(), CrmError> {
    let known = crm.known().await?;
    let chosen = crm.bound.opt_out_field.as_deref().filter(|field| known.is_checkbox(field));
    let fields: Vec<&str> = ["categories"].into_iter().chain(chosen).collect();
    let (party, row) = here(crm, party, &fields).await?;
    let mut values = Map::new();
    if let Some(field) = chosen.filter(|field| party::is(&row[*field]) != out) {
        values.insert(field.to_owned(), json!(out));
    }
    if let Some(tag) = tag(crm, out).await?.filter(|tag| party::ids(&row["categories"]).any(|id| id == *tag) != out) {
        values.insert("categories".to_owned(), json!([[if out { "add" } else { "remove" }, [tag]]]));
    }
    if values.is_empty() {
        return Ok(());
    }
    crm.model(Kind::Repeatable, PARTY, "write", json!([[party], values])).await.map(|_| ())
}

/// The id of the category; made where it is missing and wanted. `None`: nobody has it.
async fn tag(crm: &Tryton, wanted: bool) -> Result<Option<u64>, CrmError> {
    let found = crm.search(CATEGORY, &json!([["name", "=", OPT_OUT_TAG]]), &["id"], 1).await?;
    if let Some(id) = found.first().and_then(|row| row["id"].as_u64()) {
        return Ok(Some(id));
    }
    if !wanted {
        return Ok(None);
    }
    // Without an answer it is found by the next try.
    Ok(crm.model(Kind::Repeatable, CATEGORY, "create", json!([[{ "name": OPT_OUT_TAG }]])).await?[0].as_u64())
}
