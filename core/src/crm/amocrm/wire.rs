//! What amoCRM says, in the words of the trait. Pure.

use std::time::Duration;

use chrono::DateTime;
use serde_json::Value;

pub use crate::crm::call::{Kind, id, no_answer};
use crate::{
    crm::{CrmContact, CrmError, CrmField, CrmFieldKind, CrmIdentity},
    text::clean,
};

/// An answer as it came.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    /// The header, seconds.
    pub retry_after: Option<u64>,
    pub body: &'a [u8],
}

/// Why a call failed, finer than [`CrmError`]: a refused array names its items.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    Crm(CrmError),
    /// `request_id` → what is wrong with that item.
    Invalid(Vec<(String, String)>),
}

impl From<CrmError> for Failure {
    fn from(error: CrmError) -> Self {
        Self::Crm(error)
    }
}

impl From<Failure> for CrmError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Crm(error) => error,
            Failure::Invalid(items) => Self::Rejected(items.into_iter().map(|(_, detail)| detail).collect::<Vec<_>>().join("; ")),
        }
    }
}

/// An answer came: `Ok(None)` is "nothing there".
pub fn classify(kind: Kind, answer: &Answer<'_>) -> Result<Option<Value>, Failure> {
    let json: Option<Value> = serde_json::from_str(&clean::json(&String::from_utf8_lossy(answer.body))).ok();
    let said = || {
        let detail = json.as_ref().and_then(|json| json["detail"].as_str().or_else(|| json["title"].as_str())).unwrap_or_default();
        format!("{} {detail}", answer.status).trim_end().to_owned()
    };
    Err(Failure::Crm(match answer.status {
        204 => return Ok(None),
        200..=299 => {
            return match json {
                Some(json) => Ok(Some(json)),
                // It was accepted; what it said besides is of no use to a write.
                None if kind != Kind::Read => Ok(None),
                None => Err(CrmError::Transient { detail: "the answer is not JSON".to_owned(), smaller: false }.into()),
            };
        }
        400 => match json.as_ref().and_then(|json| json["validation-errors"].as_array()) {
            Some(errors) => return Err(Failure::Invalid(errors.iter().map(invalid).collect())),
            None => CrmError::Rejected(said()),
        },
        // Nothing here redirects; whoever left an address behind may.
        301 | 302 | 307 | 308 => CrmError::Moved,
        401 => CrmError::Unauthorised,
        402 => CrmError::PaymentRequired,
        403 => CrmError::Forbidden(said()),
        404 => CrmError::NotFound,
        429 => {
            let told = json.as_ref().and_then(|json| json["retry_after"].as_u64()).or(answer.retry_after);
            CrmError::RetryAfter(Duration::from_secs(told.unwrap_or(1).clamp(1, 3600)))
        }
        500..=599 if kind == Kind::Once => CrmError::Unknown(said()),
        500..=599 => CrmError::Transient { detail: said(), smaller: answer.status == 504 },
        _ => CrmError::Rejected(said()),
    }))
}

fn invalid(error: &Value) -> (String, String) {
    let id = match &error["request_id"] {
        Value::String(id) => id.clone(),
        other => other.to_string(),
    };
    let details: Vec<String> = error["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| format!("{}: {}", error["path"].as_str().unwrap_or_default(), error["detail"].as_str().unwrap_or_default()))
        .collect();
    (id, details.join("; "))
}

/// The items of a list and whether there is a next page.
pub fn page<'a>(answer: &'a Value, key: &str) -> (&'a [Value], bool) {
    let items = answer["_embedded"][key].as_array().map_or(&[][..], Vec::as_slice);
    (items, answer["_links"]["next"]["href"].is_string())
}

/// Who the account is; `None`: it does not say so.
pub fn identity(account: &Value) -> Option<CrmIdentity> {
    let names = [&account["name"], &account["subdomain"]].map(|name| name.as_str().unwrap_or_default());
    let zone = account["_embedded"]["datetime_settings"]["timezone"].as_str().map(str::to_owned);
    Some(CrmIdentity::new(id(&account["id"])?, &names, zone))
}

/// A field the product can hold; phones and e-mails are addresses, files and links to other records
/// are not kept.
pub fn field(field: &Value) -> Option<CrmField> {
    let kind = match field["type"].as_str()? {
        "text" | "textarea" | "url" | "select" | "radiobutton" | "multiselect" | "category" | "streetaddress" => CrmFieldKind::Text,
        "numeric" | "price" | "monetary" => CrmFieldKind::Number,
        "date" | "birthday" | "date_time" => CrmFieldKind::Date,
        "checkbox" => CrmFieldKind::Flag,
        _ => return None,
    };
    let options = field["enums"].as_array().into_iter().flatten().filter_map(|option| option["value"].as_str()).map(str::to_owned);
    Some(CrmField::new(id(&field["id"])?, field["name"].as_str().unwrap_or_default(), kind, options.collect()))
}

/// A contact as the wire has it; `None`: it has no id.
pub fn contact(contact: &Value) -> Option<CrmContact> {
    let text = |key: &str| contact[key].as_str().unwrap_or_default().trim().to_owned();
    let (mut phones, mut emails, mut fields) = (Vec::new(), Vec::new(), Vec::new());
    // `custom_fields_values` may be null or an empty list.
    for entry in contact["custom_fields_values"].as_array().into_iter().flatten() {
        let values: Vec<Value> =
            entry["values"].as_array().into_iter().flatten().map(|value| value["value"].clone()).filter(|value| !value.is_null()).collect();
        let texts = values.iter().filter_map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        match entry["field_code"].as_str() {
            Some("PHONE") => phones.extend(texts),
            Some("EMAIL") => emails.extend(texts),
            _ => {
                if let Some(id) = id(&entry["field_id"]) {
                    fields.push((id, values));
                }
            }
        }
    }
    Some(CrmContact {
        id: id(&contact["id"])?,
        name: text("name"),
        first_name: text("first_name"),
        last_name: text("last_name"),
        phones,
        emails,
        tags: contact["_embedded"]["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|tag| tag["name"].as_str().map(str::to_owned))
            .collect(),
        fields,
        updated_at: contact["updated_at"].as_i64().and_then(|at| DateTime::from_timestamp(at, 0)).unwrap_or_default(),
        deleted: contact["is_deleted"].as_bool().unwrap_or(false),
        merged_into: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(kind: Kind, status: u16, body: &str) -> Result<Option<Value>, CrmError> {
        classify(kind, &Answer { status, retry_after: None, body: body.as_bytes() }).map_err(CrmError::from)
    }

    // A contact's name was cleaned, the company's own was not.
    #[test]
    fn names_a_crm_gives_are_clean_and_bounded() {
        let named = |name: &str| identity(&json!({ "id": 7, "name": name, "subdomain": "shop" })).expect("an account").name;
        assert_eq!(named("\u{202e}акшамоР\u{200b} \n ООО"), "акшамоР ООО");
        assert_eq!(named("\u{2066}\u{200b} "), "shop");
        assert_eq!(named(&"я".repeat(3_000)).chars().count(), 100);
        let field =
            field(&json!({ "id": 1, "type": "select", "name": "Го\u{202e}род\n", "enums": [{ "value": "Да\u{200b}" }] })).expect("a field");
        assert_eq!((field.title.as_str(), &field.options[..]), ("Город", &["Да\u{200b}".to_owned()][..]));
    }

    #[test]
    fn recorded_answers_are_classified() {
        let problem = |status: u16| format!(r#"{{"title":"T","status":{status},"detail":"D"}}"#);
        let too_many = r#"{"title":"Too Many Requests","status":429,"detail":"Requests limit exceeded","retry_after":300}"#;
        let invalid = r#"{"validation-errors":[{"request_id":"c-1","errors":[{"code":"NotSupportedChoice","path":"custom_fields_values.0.field_id","detail":"No."}]}],"status":400}"#;
        let transient = |detail: &str, smaller| Err(CrmError::Transient { detail: detail.to_owned(), smaller });
        let table = [
            (Kind::Read, 200, "{}", Ok(Some(json!({})))),
            (Kind::Read, 204, "", Ok(None)),
            (Kind::Once, 202, "not json", Ok(None)),
            (Kind::Read, 200, "<html>", transient("the answer is not JSON", false)),
            (Kind::Read, 400, &problem(400), Err(CrmError::Rejected("400 D".to_owned()))),
            (Kind::Repeatable, 400, invalid, Err(CrmError::Rejected("custom_fields_values.0.field_id: No.".to_owned()))),
            (Kind::Read, 401, &problem(401), Err(CrmError::Unauthorised)),
            (Kind::Read, 402, "", Err(CrmError::PaymentRequired)),
            (Kind::Read, 403, "", Err(CrmError::Forbidden("403".to_owned()))),
            (Kind::Read, 404, "", Err(CrmError::NotFound)),
            (Kind::Read, 405, "", Err(CrmError::Rejected("405".to_owned()))),
            (Kind::Read, 422, &problem(422), Err(CrmError::Rejected("422 D".to_owned()))),
            (Kind::Once, 429, too_many, Err(CrmError::RetryAfter(Duration::from_secs(300)))),
            (Kind::Once, 429, "slow down", Err(CrmError::RetryAfter(Duration::from_secs(1)))),
            (Kind::Read, 500, "", transient("500", false)),
            (Kind::Repeatable, 502, "", transient("502", false)),
            (Kind::Once, 500, "", Err(CrmError::Unknown("500".to_owned()))),
            (Kind::Once, 504, "", Err(CrmError::Unknown("504".to_owned()))),
            (Kind::Read, 504, "", transient("504", true)),
            (Kind::Once, 301, "", Err(CrmError::Moved)),
        ];
        for (kind, status, body, wanted) in table {
            assert_eq!(seen(kind, status, body), wanted, "{kind:?} {status} {body}");
        }
        assert!(matches!(no_answer(Kind::Once, false, String::new()), CrmError::Unknown(_)));
        assert!(matches!(no_answer(Kind::Once, true, String::new()), CrmError::Transient { .. }));
        assert!(matches!(no_answer(Kind::Repeatable, false, String::new()), CrmError::Transient { .. }));
    }

    #[test]
    fn a_contact_is_read_whatever_its_gaps() {
        let full = json!({ "id": 7, "name": "Anna Petrova", "first_name": "Anna", "last_name": "Petrova", "updated_at": 1_720_000_000,
            "updated_by": 504, "custom_fields_values": [
                { "field_id": 3, "field_code": "PHONE", "values": [{ "value": "8 (912) 345-67-89", "enum": "WORK" }, { "value": 79_990_000_001_u64 }] },
                { "field_id": 31_001, "field_code": null, "values": [{ "value": true }] }],
            "_embedded": { "tags": [{ "id": 1, "name": "vip" }] } });
        let read = contact(&full).expect("a contact");
        assert_eq!(read.phones, ["8 (912) 345-67-89", "79990000001"]);
        assert_eq!(read.fields, [("31001".to_owned(), vec![json!(true)])]);
        assert_eq!(read.tags, ["vip"]);
        for empty in [json!(null), json!([])] {
            let read = contact(&json!({ "id": 7, "updated_by": 0, "custom_fields_values": empty })).expect("a contact");
            assert!(read.phones.is_empty());
        }
    }
}
