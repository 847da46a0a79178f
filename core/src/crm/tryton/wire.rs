//! What Tryton says, in the words of the trait. Pure.

use std::time::Duration;

use chrono::{Datelike as _, NaiveDate, Timelike as _};
use serde_json::{Value, json};

pub use crate::crm::call::{Kind, no_answer};
use crate::{clock::Moment, crm::CrmError, text::clean};

fn transient(detail: String) -> CrmError {
    CrmError::Transient { detail, smaller: false }
}

/// A proxy's limit tells no time to come back; Tryton itself has none.
const AGAIN: Duration = Duration::from_secs(1);

/// An answer came (section 5): a refusal of the application stands in 200, one of the server's own
/// is a page.
///
/// # Errors
/// What the answer refuses.
pub fn classify(kind: Kind, status: u16, body: &[u8]) -> Result<Value, CrmError> {
    let text = String::from_utf8_lossy(body);
    let json: Option<Value> = serde_json::from_str(&clean::json(&text)).ok();
    let lost = |detail: String| if kind == Kind::Once { CrmError::Unknown(detail) } else { transient(detail) };
    Err(match (status, json) {
        (200..=299, Some(json)) if json["error"].is_array() => refusal(kind, &json["error"]),
        (200..=299, Some(mut json)) => return Ok(json["result"].take()),
        (200..=299, None) => lost("the answer is not JSON".to_owned()),
        (401, _) => CrmError::Unauthorised,
        // A method that is not to be called from outside.
        (403, _) => CrmError::Forbidden("403".to_owned()),
        (429 | 503, _) => CrmError::RetryAfter(AGAIN),
        (504, _) if kind != Kind::Once => CrmError::Transient { detail: "504".to_owned(), smaller: true },
        (500..=599, _) => lost(status.to_string()),
        // Another database, or no Tryton: it may be on its way back.
        _ => transient(format!("a page in place of an answer ({status})")),
    })
}

/// The class comes first, then its words; of an exception of the server's own the text alone.
fn refusal(kind: Kind, error: &Value) -> CrmError {
    let class = error[0].as_str().unwrap_or_default();
    let words = error[1][0].as_str().or_else(|| error[1].as_str()).unwrap_or_default();
    let said = format!("{class}: {words}");
    match class {
        // Asked for in English, so that it can be told from others.
        "UserError" if words.contains("that don't exist") => CrmError::NotFound,
        "UserError" | "UserWarning" => CrmError::Rejected(said),
        "AccessError" => CrmError::Forbidden(said),
        "ConcurrencyException" => transient(said),
        // The name of an unknown model or field, in quotes.
        _ if class.starts_with('\'') => CrmError::Rejected(format!("there is no {class}")),
        _ if kind == Kind::Once => CrmError::Unknown(said),
        _ => transient(said),
    }
}

/// A moment, which is UTC.
pub fn moment(value: &Value) -> Option<Moment> {
    let part = |name: &str| value[name].as_u64().and_then(|part| u32::try_from(part).ok());
    let day = NaiveDate::from_ymd_opt(i32::try_from(value["year"].as_i64()?).ok()?, part("month")?, part("day")?)?;
    let at = day.and_hms_micro_opt(part("hour")?, part("minute")?, part("second")?, part("microsecond").unwrap_or_default())?;
    Some(at.and_utc())
}

/// A moment as conditions have it.
pub fn tagged(at: Moment) -> Value {
    json!({ "__class__": "datetime", "year": at.year(), "month": at.month(), "day": at.day(), "hour": at.hour(), "minute": at.minute(),
        "second": at.second(), "microsecond": at.nanosecond() / 1_000 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_answers_are_classified() {
        let page = "<!doctype html>\n<title>401 Unauthorized</title>";
        let gone = r#"{"id":1,"error":["UserError",["You are trying to read records \"999999\" of \"Party\" that don't exist.","",null]]}"#;
        let refused = r#"{"id":1,"error":["UserError",["No","",null]]}"#;
        let rejected = |words: &str| Err(CrmError::Rejected(words.to_owned()));
        let passing = |detail: &str| Err(transient(detail.to_owned()));
        let lost = |detail: &str| Err(CrmError::Unknown(detail.to_owned()));
        let table = [
            (Kind::Read, 200, r#"{"id":1,"result":[1]}"#, Ok(json!([1]))),
            (Kind::Repeatable, 200, r#"{"id":1,"result":null}"#, Ok(Value::Null)),
            (Kind::Read, 200, gone, Err(CrmError::NotFound)),
            (Kind::Once, 200, refused, rejected("UserError: No")),
            (Kind::Read, 200, r#"{"id":1,"error":["UserWarning",["a","b"]]}"#, rejected("UserWarning: a")),
            (Kind::Read, 200, r#"{"id":1,"error":["AccessError",["No","",null]]}"#, Err(CrmError::Forbidden("AccessError: No".to_owned()))),
            (Kind::Once, 200, r#"{"id":1,"error":["ConcurrencyException","x"]}"#, passing("ConcurrencyException: x")),
            (Kind::Read, 200, r#"{"id":1,"error":["'party.nosuch'",""]}"#, rejected("there is no 'party.nosuch'")),
            (Kind::Read, 200, r#"{"id":1,"error":["database is locked",""]}"#, passing("database is locked: ")),
            (Kind::Once, 200, r#"{"id":1,"error":["database is locked",""]}"#, lost("database is locked: ")),
            (Kind::Read, 200, page, passing("the answer is not JSON")),
            (Kind::Once, 200, page, lost("the answer is not JSON")),
            (Kind::Read, 401, page, Err(CrmError::Unauthorised)),
            (Kind::Read, 403, page, Err(CrmError::Forbidden("403".to_owned()))),
            (Kind::Read, 404, page, passing("a page in place of an answer (404)")),
            (Kind::Once, 503, page, Err(CrmError::RetryAfter(AGAIN))),
            (Kind::Read, 504, page, Err(CrmError::Transient { detail: "504".to_owned(), smaller: true })),
            (Kind::Once, 502, page, lost("502")),
            (Kind::Read, 500, "", passing("500")),
        ];
        for (kind, status, body, wanted) in table {
            assert_eq!(classify(kind, status, body.as_bytes()), wanted, "{status} {body}");
        }
    }

    #[test]
    fn a_moment_is_read_back() {
        let at = moment(
            &json!({ "__class__": "datetime", "year": 2026, "month": 7, "day": 1, "hour": 4, "minute": 7, "second": 29, "microsecond": 155_700 }),
        );
        let at = at.expect("a moment");
        assert_eq!(at.to_rfc3339(), "2026-07-01T04:07:29.155700+00:00");
        assert_eq!(moment(&tagged(at)), Some(at));
        assert_eq!(moment(&Value::Null), None);
    }
}
