//! Telling Odoo: notes on the chatter, activities, the checkbox with its tag, the blacklist of
//! phones (contracts/crm/odoo.md, 3 and 8). There are no idempotency keys: what would be another
//! one the second time is looked for before it is repeated.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    BLACKLIST, CAPABILITIES, LEAD, Odoo, PARTNER,
    partner::{self, stamp},
    wire::{self, Failure, Kind},
};
use crate::{
    clock::Moment,
    crm::{
        CrmChange, CrmError, WriteItem,
        call::OPT_OUT_TAG,
        occasion::{OccasionKind, OccasionRef},
        one_by_one::{OneByOne, Place, Trace},
    },
};

/// The first version that takes a note as text; before, it was HTML.
const PLAIN_NOTES: u64 = 17;
/// The first version whose blacklist takes a word on why (older ones: unconfirmed).
const REASONS: u64 = 17;

/// An id as Odoo has it.
fn id(text: &str) -> Result<u64, CrmError> {
    text.parse().map_err(|_| CrmError::Rejected(format!("`{text}` is no record's id")))
}

#[async_trait::async_trait]
impl OneByOne for Odoo {
    async fn tell(&self, item: &WriteItem) -> Result<(), CrmError> {
        let contact = id(&item.crm_id)?;
        match &item.what {
            CrmChange::Note { text } => note(self, PARTNER, contact, text).await,
            CrmChange::OptOut(out) => opt_out(self, contact, *out).await,
            CrmChange::Task { text, due } => task(self, contact, text, *due).await,
            CrmChange::Comment { of, text } if of.kind == OccasionKind::Deal => note(self, LEAD, id(&of.id)?, text).await,
            CrmChange::Answer { .. } | CrmChange::Comment { .. } => Err(CrmError::Rejected("Odoo has no such thing".to_owned())),
        }
    }

    async fn traces(&self, places: &[Place], since: Moment) -> Result<Vec<Trace>, CrmError> {
        let since = stamp(since - CAPABILITIES.overlap);
        let (mut notes, mut comments, mut tasks) = (Vec::new(), Vec::new(), Vec::new());
        for place in places {
            match place {
                Place::Notes(contact) => notes.push(id(contact)?),
                Place::Tasks(contact) => tasks.push(id(contact)?),
                Place::Comments(of) => comments.push(id(&of.id)?),
            }
        }
        let mut out = Vec::new();
        for (model, ids) in [(PARTNER, notes), (LEAD, comments)] {
            let domain = [json!(["model", "=", model]), json!(["res_id", "in", ids]), json!(["date", ">=", since])];
            let found = if ids.is_empty() { Vec::new() } else { self.all("mail.message", &domain, &["res_id", "body"]).await? };
            out.extend(found.iter().filter_map(|row| {
                let id = row["res_id"].as_u64()?.to_string();
                let place = if model == PARTNER { Place::Notes(id) } else { Place::Comments(OccasionRef { kind: OccasionKind::Deal, id }) };
                Some(Trace { place, text: partner::plain(row["body"].as_str()?) })
            }));
        }
        if !tasks.is_empty() {
            let domain = [json!(["res_model_id.model", "=", PARTNER]), json!(["res_id", "in", tasks]), json!(["create_date", ">=", since])];
            let found = self.all("mail.activity", &domain, &["res_id", "summary"]).await?;
            out.extend(found.iter().filter_map(|row| {
                Some(Trace { place: Place::Tasks(row["res_id"].as_u64()?.to_string()), text: row["summary"].as_str()?.to_owned() })
            }));
        }
        Ok(out)
    }
}

/// Text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>")
}

/// A note for the company's own people: nobody is sent an e-mail by it.
async fn note(crm: &Odoo, model: &str, record: u64, text: &str) -> Result<(), CrmError> {
    let body = if crm.way().await?.version >= PLAIN_NOTES { text.to_owned() } else { escaped(text) };
    let named = json!({ "body": body, "message_type": "comment", "subtype_xmlid": "mail.mt_note" });
    crm.call(Kind::Once, model, "message_post", Some(&[record]), named).await?;
    Ok(())
}

/// An activity for whoever is responsible for the contact; of nobody's contact, for the user whose
/// key it is.
async fn task(crm: &Odoo, contact: u64, text: &str, due: Moment) -> Result<(), CrmError> {
    let row = one(crm, contact, &["user_id"]).await?;
    let model = crm.search("ir.model", json!([["model", "=", PARTNER]]), &["id"], 1).await?;
    let model = model.first().and_then(|row| row["id"].as_u64()).ok_or(CrmError::NotFound)?;
    let zone: chrono_tz::Tz = crm.me().await?.zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or(chrono_tz::UTC);
    let day = due.with_timezone(&zone).format("%Y-%m-%d").to_string();
    let mut task = json!({ "res_model_id": model, "res_id": contact, "summary": text, "date_deadline": day });
    if let Some(user) = row["user_id"][0].as_u64() {
        task["user_id"] = json!(user);
    }
    // The kind of activity says what its icon is; without one the server takes its own.
    let kinds = match crm.search("mail.activity.type", json!([["name", "ilike", "to%do"]]), &["id"], 1).await {
        Err(failure) if wire::is_lacking(&failure) => Vec::new(),
        other => other?,
    };
    if let Some(kind) = kinds.first().and_then(|row| row["id"].as_u64()) {
        task["activity_type_id"] = json!(kind);
    }
    crm.call(Kind::Once, "mail.activity", "create", None, json!({ "vals_list": [task] })).await?;
    Ok(())
}

/// A contact as it is now.
async fn one(crm: &Odoo, contact: u64, fields: &[&str]) -> Result<Value, CrmError> {
    let mut found = crm.search(PARTNER, json!([["id", "=", contact]]), fields, 1).await?;
    found.pop().ok_or(CrmError::NotFound)
}

/// The checkbox, the tag and the blacklist of phones. A write of the same again would move the
/// contact's `write_date`, so what stands already is not written. Rights may be missing for the tag
/// or for the list: that is no refusal as long as the mark that people chose is there.
async fn opt_out(crm: &Odoo, contact: u64, out: bool) -> Result<(), CrmError> {
    let known = crm.known().await?;
    let chosen = crm.bound.opt_out_field.as_deref().filter(|field| known.is_checkbox(field));
    let fields: Vec<&str> = partner::MARKS.iter().copied().filter(|name| known.has(name)).chain(chosen).collect();
    let row = one(crm, contact, &fields).await?;
    let mut values = Map::new();
    if let Some(field) = chosen.filter(|field| row[*field] != out) {
        values.insert(field.to_owned(), json!(out));
    }
    let mut refused: BTreeMap<&str, CrmError> = BTreeMap::new();
    match tag(crm, out).await {
        Ok(Some(tag)) if partner::ids(&row["category_id"]).any(|id| id == tag) != out => {
            values.insert("category_id".to_owned(), json!([[if out { 4 } else { 3 }, tag, 0]]));
        }
        Ok(_) => {}
        Err(failure) if wire::is_lacking(&failure) => drop(refused.insert("tag", failure.into())),
        Err(failure) => return Err(failure.into()),
    }
    if !values.is_empty() {
        crm.call(Kind::Repeatable, PARTNER, "write", Some(&[contact]), json!({ "vals": values })).await?;
    }
    let listed = match partner::number(&row).filter(|_| known.has_blacklist()) {
        None => None,
        Some(_) if partner::is_listed(&row) == out => Some(true),
        Some(number) => match list(crm, number, out).await {
            Ok(()) => Some(true),
            // A number that the list does not understand is written to by nobody there.
            Err(Failure::Crm(CrmError::Rejected(_))) => Some(false),
            Err(failure) if wire::is_lacking(&failure) => {
                refused.insert("list", failure.into());
                Some(false)
            }
            Err(failure) => return Err(failure.into()),
        },
    };
    let wanted = crm.bound.opt_out_field.as_deref();
    let by_list = wanted == Some(partner::BLACKLIST);
    match (refused.remove("list"), refused.remove("tag")) {
        (Some(error), _) if by_list => Err(error),
        (_, Some(error)) if chosen.is_none() && listed != Some(true) => Err(error),
        _ => Ok(()),
    }
}

/// The id of the tag; made where it is missing and wanted. `None`: nobody has it.
async fn tag(crm: &Odoo, wanted: bool) -> Result<Option<u64>, Failure> {
    let found = crm.search("res.partner.category", json!([["name", "=", OPT_OUT_TAG], ["active", "=", true]]), &["id"], 1).await?;
    if let Some(id) = found.first().and_then(|row| row["id"].as_u64()) {
        return Ok(Some(id));
    }
    if !wanted {
        return Ok(None);
    }
    // Without an answer it is found by the next try.
    let made =
        crm.call(Kind::Repeatable, "res.partner.category", "create", None, json!({ "vals_list": [{ "name": OPT_OUT_TAG }] })).await?;
    Ok(made[0].as_u64().or_else(|| made.as_u64()))
}

/// A number onto the blacklist, or off it.
async fn list(crm: &Odoo, number: &str, out: bool) -> Result<(), Failure> {
    let (method, why) = if out { ("add", "STOP in a messenger") } else { ("remove", "opted in again in a messenger") };
    let mut named = json!({ "number": number });
    if crm.way().await?.version >= REASONS {
        named["message"] = json!(why);
    }
    crm.call(Kind::Repeatable, BLACKLIST, method, None, named).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_as_it_was_written() {
        for text in ["Кампания «Май»: доставлено", "<b>1 < 2 & \"3\"</b>", "раз\nдва"] {
            assert_eq!(partner::plain(&format!("<p>{}</p>", escaped(text))), text);
        }
    }
}
