//! Telling YCLIENTS (contracts/crm/yclients.md, 3). A comment of a client is a call that makes one
//! more, and no contract lets comments be read: where they cannot be, one whose answer was lost is
//! not repeated. A client and a record are changed whole only: read, changed, written back at once.

use std::sync::atomic::Ordering;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    YClients,
    login::Brand,
    visit,
    wire::{self, Kind},
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

/// Why a comment is not written again.
const NOT_SHOWN: &str = "the answer was lost and YCLIENTS does not show its comments, so it is not written again";

#[async_trait::async_trait]
impl OneByOne for YClients {
    async fn tell(&self, item: &WriteItem) -> Result<(), CrmError> {
        let client = item.crm_id.as_str();
        match &item.what {
            _ if client.parse::<u64>().is_err() => Err(CrmError::Rejected(format!("`{client}` is no client's id"))),
            CrmChange::Note { text } => comment(self, client, text).await,
            CrmChange::OptOut(out) => opt_out(self, client, *out).await,
            CrmChange::Answer { of, comes } => {
                let record = record(self, of).await?;
                match visit::answered(&record, *comes)? {
                    Some(code) => change(self, of, &record, ("attendance", json!(code))).await,
                    None => Ok(()),
                }
            }
            CrmChange::Comment { of, text } => {
                let record = record(self, of).await?;
                change(self, of, &record, ("comment", json!(visit::commented(&record, text)))).await
            }
            CrmChange::Task { .. } => Err(CrmError::Rejected("YCLIENTS has no tasks".to_owned())),
        }
    }

    async fn traces(&self, places: &[Place], since: Moment) -> Result<Vec<Trace>, CrmError> {
        let mut found = Vec::new();
        for place in places {
            let texts = match place {
                Place::Notes(client) => comments(self, client, since).await?,
                // A comment of a record is one text, and what stands in it has no time.
                Place::Comments(of) => match record(self, of).await {
                    Ok(record) => visit::paragraphs(&wire::plain(&record["comment"])),
                    Err(CrmError::NotFound) => Vec::new(),
                    Err(error) => return Err(error),
                },
                Place::Tasks(_) => Vec::new(),
            };
            found.extend(texts.into_iter().map(|text| Trace { place: place.clone(), text }));
        }
        Ok(found)
    }
}

/// The two paths that are printed for comments, the one that worked last first.
fn paths(crm: &YClients, client: &str) -> [(bool, String); 2] {
    let path =
        |second: bool| (second, format!("{}/{}/clients/{client}/comments", if second { "clients" } else { "company" }, crm.branch()));
    let second = crm.comments.load(Ordering::Relaxed);
    [path(second), path(!second)]
}

async fn on_comments(crm: &YClients, client: &str, kind: Kind, method: Method, body: Option<&Value>) -> Result<Value, CrmError> {
    for (second, path) in paths(crm, client) {
        match crm.call(kind, method.clone(), &path, body).await {
            // No such path, or no such client.
            Err(CrmError::NotFound) => {}
            Ok(answer) => {
                crm.comments.store(second, Ordering::Relaxed);
                return Ok(answer);
            }
            Err(error) => return Err(error),
        }
    }
    Err(CrmError::NotFound)
}

async fn comment(crm: &YClients, client: &str, text: &str) -> Result<(), CrmError> {
    on_comments(crm, client, Kind::Once, Method::POST, Some(&json!({ "text": text }))).await.map(|_| ())
}

/// The texts of a client's comments since then.
async fn comments(crm: &YClients, client: &str, since: Moment) -> Result<Vec<String>, CrmError> {
    let answer = match on_comments(crm, client, Kind::Read, Method::GET, None).await {
        Ok(answer) => answer,
        Err(CrmError::NotFound | CrmError::Forbidden(_)) => return Err(CrmError::Rejected(NOT_SHOWN.to_owned())),
        // Any other refusal of a path that no contract knows, 405 above all.
        Err(CrmError::Rejected(_)) => return Err(CrmError::Rejected(NOT_SHOWN.to_owned())),
        Err(error) => return Err(error),
    };
    let from = since - super::CAPABILITIES.overlap;
    let fresh = |comment: &&Value| wire::moment(&comment["create_date"]).is_none_or(|at| at >= from);
    Ok(wire::rows(&answer).iter().filter(fresh).map(|comment| wire::plain(&comment["text"])).collect())
}

/// A record as it is now; one that is deleted is not there.
async fn record(crm: &YClients, of: &OccasionRef) -> Result<Value, CrmError> {
    match (of.kind, of.id.parse::<u64>()) {
        (OccasionKind::Visit, Ok(id)) => Ok(crm.get(&format!("record/{}/{id}", crm.branch())).await?["data"].take()),
        _ => Err(CrmError::Rejected("YCLIENTS has no such thing".to_owned())),
    }
}

async fn change(crm: &YClients, of: &OccasionRef, record: &Value, with: (&str, Value)) -> Result<(), CrmError> {
    let body = visit::whole(record, crm.place().await?, &[with])?;
    crm.call(Kind::Repeatable, Method::PUT, &format!("record/{}/{}", crm.branch(), of.id), Some(&body)).await.map(|_| ())
}

/// The id of our category; `None`: there is none, and it is not to be made, or may not be.
async fn category(crm: &YClients, make: bool) -> Result<Option<u64>, CrmError> {
    let path = format!("labels/{}", crm.branch());
    let find = |answer: &Value| {
        let own = |label: &&Value| wire::plain(&label["title"]).eq_ignore_ascii_case(OPT_OUT_TAG);
        wire::rows(answer).iter().find(own).and_then(|label| wire::id(&label["id"])?.parse().ok())
    };
    let may_not = |error: &CrmError| matches!(error, CrmError::Forbidden(_) | CrmError::NotFound);
    match crm.get(&path).await {
        Ok(answer) => match find(&answer) {
            None if make => {}
            found => return Ok(found),
        },
        Err(error) if may_not(&error) => return Ok(None),
        Err(error) => return Err(error),
    }
    let label = json!({ "title": OPT_OUT_TAG, "color": "#888888", "entity": 1 });
    match crm.call(Kind::Once, Method::POST, &path, Some(&label)).await {
        Ok(answer) => Ok(wire::id(&answer["data"]["id"]).and_then(|id| id.parse().ok())),
        Err(error) if may_not(&error) => Ok(None),
        // The next try finds it, if it was made.
        Err(CrmError::Unknown(detail)) => Err(CrmError::Transient { detail, smaller: false }),
        Err(error) => Err(error),
    }
}

/// Where the mapped checkbox is.
enum Mark<'a> {
    None,
    /// The platform's own.
    SmsNot,
    /// A field the company made.
    Own(&'a str),
}

async fn opt_out(crm: &YClients, client: &str, out: bool) -> Result<(), CrmError> {
    let mark = match crm.opt_out_field() {
        Some(wire::SMS_NOT) => Mark::SmsNot,
        Some(field) => wire::own_code(field).map_or(Mark::None, Mark::Own),
        None => Mark::None,
    };
    let category = category(crm, out).await?;
    if matches!(mark, Mark::None) && category.is_none() && out {
        return Err(CrmError::Forbidden("the user may not make a category, and no checkbox is chosen".to_owned()));
    }
    let path = format!("client/{}/{client}", crm.branch());
    let card = crm.get(&path).await?["data"].take();
    let mut body = whole(crm, &card)?;
    let before = body.clone();
    let labels = labels(crm);
    if let (Some(category), Some(kept)) = (category, body[labels].as_array_mut()) {
        kept.retain(|id| *id != json!(category));
        kept.extend(out.then(|| json!(category)));
    }
    match mark {
        Mark::SmsNot => body["sms_not"] = json!(u8::from(out)),
        Mark::Own(code) => body["custom_fields"][code] = json!(u8::from(out).to_string()),
        Mark::None => {}
    }
    // What stands there already is not written: each write of the whole may undo another's.
    if is_same(&body, &before, labels) {
        return Ok(());
    }
    crm.call(Kind::Repeatable, Method::PUT, &path, Some(&body)).await.map(|_| ())
}

fn labels(crm: &YClients) -> &'static str {
    if crm.brand() == Brand::Altegio { "categories" } else { "labels" }
}

fn is_same(one: &Value, other: &Value, labels: &str) -> bool {
    let set = |body: &Value| {
        let mut ids: Vec<u64> = body[labels].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
        ids.sort_unstable();
        ids
    };
    let own = |body: &Value| -> Map<String, Value> {
        let text = |value: &Value| value.as_bool().map_or_else(|| wire::plain(value), |flag| u8::from(flag).to_string());
        body["custom_fields"].as_object().into_iter().flatten().map(|(code, value)| (code.clone(), json!(text(value)))).collect()
    };
    set(one) == set(other) && one["sms_not"] == other["sms_not"] && own(one) == own(other)
}

/// A client whole, as a change wants it: what is left out may be emptied.
fn whole(crm: &YClients, card: &Value) -> Result<Value, CrmError> {
    if wire::is_masked(card) {
        return Err(CrmError::Forbidden("the user may not see phones, so clients cannot be changed".to_owned()));
    }
    let altegio = crm.brand() == Brand::Altegio;
    let (patronymic, sex) = if altegio { ("middle_name", "gender_id") } else { ("patronymic", "sex_id") };
    let mut body = json!({});
    for key in ["name", "surname", patronymic, "phone", "email", "card", "comment"] {
        body[key] = json!(wire::plain(&card[key]));
    }
    for key in [sex, "importance_id", "discount", "spent", "balance"] {
        if !card[key].is_null() {
            body[key] = card[key].clone();
        }
    }
    // None may be a zero.
    body["birth_date"] = json!(card["birth_date"].as_str().unwrap_or_default());
    for key in ["sms_check", wire::SMS_NOT] {
        if let Some(set) = wire::flag(&card[key]) {
            body[key] = json!(u8::from(set));
        }
    }
    body[labels(crm)] = json!(wire::categories(card).map(|(id, _)| id).collect::<Vec<_>>());
    body["custom_fields"] = json!(card["custom_fields"].as_object().cloned().unwrap_or_default());
    Ok(body)
}
