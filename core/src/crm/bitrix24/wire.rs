//! What Bitrix24 says, in the words of the trait: refusals, envelopes, batches. Pure.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use serde_json::{Map, Value};

pub use crate::crm::call::{Kind, no_answer};
use crate::{clock::Moment, crm::CrmError, text::clean};

/// An answer as it came.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

/// The limit of calls tells no time to come back: the pause grows with every refusal
/// (`crm::connection`).
const AGAIN: Duration = Duration::from_secs(1);
/// The vendor blocks who loads it too much until its support is asked.
const BLOCKED: Duration = Duration::from_secs(3_600);
/// A method is closed for so long when it is not told how long: its time is counted by minutes.
const CLOSED: Duration = Duration::from_secs(60);
/// The longest that a method stays closed; its time is counted over ten minutes.
const MAX_CLOSED: i64 = 590;

/// The code and the words of a refusal. REST 3.0 has them one level deeper.
fn refusal(json: &Value) -> Option<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match &json["error"] {
        Value::String(code) => Some((code.clone(), text(&json["error_description"]))),
        Value::Number(code) => Some((code.to_string(), text(&json["error_description"]))),
        Value::Object(error) => Some((text(error.get("code")?), text(&json["error"]["message"]))),
        _ => None,
    }
}

/// An answer came (section 5). A page of HTML is of maintenance, of a licence, of a host where no
/// portal is, or of a proxy: it says nothing of what became of the call.
pub fn classify(kind: Kind, answer: &Answer<'_>, now: Moment) -> Result<Value, CrmError> {
    let json: Value = serde_json::from_str(&clean::json(&String::from_utf8_lossy(answer.body))).unwrap_or_default();
    let passing =
        |detail: String, smaller| if kind == Kind::Once { CrmError::Unknown(detail) } else { CrmError::Transient { detail, smaller } };
    if (300..400).contains(&answer.status) {
        return Err(CrmError::Moved);
    }
    match refusal(&json) {
        Some((code, words)) => Err(refused(kind, answer.status, &code, &words, reset(&json["time"]), now)),
        None if (200..300).contains(&answer.status) && json.is_object() => Ok(json),
        None => Err(passing(format!("{}, and the answer is not JSON", answer.status), answer.status == 504)),
    }
}

/// A refusal of a call, or of one command of a batch (which has no status of its own: 0). `reset`:
/// when the method's time is counted anew, if that is told.
pub fn refused(kind: Kind, status: u16, code: &str, words: &str, reset: Option<Moment>, now: Moment) -> CrmError {
    let said = || format!("{status} {code} {words}").trim().to_owned();
    match code.to_ascii_uppercase().as_str() {
        "QUERY_LIMIT_EXCEEDED" => CrmError::RetryAfter(AGAIN),
        "OVERLOAD_LIMIT" => CrmError::RetryAfter(BLOCKED),
        "OPERATION_TIME_LIMIT" => CrmError::RetryAfter(reset.map_or(CLOSED, |at| until(at, now))),
        "EXPIRED_TOKEN" | "NO_AUTH_FOUND" | "INVALID_TOKEN" | "INVALID_CREDENTIALS" => CrmError::Unauthorised,
        "ACCESS_DENIED" if words.to_lowercase().contains("commercial plan") => CrmError::PaymentRequired,
        "ACCESS_DENIED" | "INSUFFICIENT_SCOPE" | "USER_ACCESS_ERROR" | "ALLOWED_ONLY_INTRANET_USER" | "WRONG_AUTH_TYPE" => {
            CrmError::Forbidden(said())
        }
        // 1021: there is no such booking.
        "NOT_FOUND" | "1021" => CrmError::NotFound,
        // Closed by its owner, or on its way to be deleted: nothing is done there.
        "PORTAL_DELETED" => CrmError::Transient { detail: said(), smaller: false },
        "INTERNAL_SERVER_ERROR" | "ERROR_UNEXPECTED_ANSWER" if kind == Kind::Once => CrmError::Unknown(said()),
        "INTERNAL_SERVER_ERROR" | "ERROR_UNEXPECTED_ANSWER" => CrmError::Transient { detail: said(), smaller: false },
        // Old methods tell in words alone.
        "" if words.to_lowercase().contains("not found") => CrmError::NotFound,
        _ => match status {
            401 => CrmError::Unauthorised,
            403 => CrmError::Forbidden(said()),
            429 | 503 => CrmError::RetryAfter(AGAIN),
            500..=599 if kind == Kind::Once => CrmError::Unknown(said()),
            500..=599 => CrmError::Transient { detail: said(), smaller: status == 504 },
            _ => CrmError::Rejected(said()),
        },
    }
}

/// How long it is till then, as long as a method may be closed.
pub fn until(at: Moment, now: Moment) -> Duration {
    Duration::from_secs((at - now).num_seconds().clamp(1, MAX_CLOSED).unsigned_abs())
}

/// When the oldest of a method's seconds of work is forgotten.
fn reset(time: &Value) -> Option<Moment> {
    DateTime::from_timestamp(time["operating_reset_at"].as_f64()? as i64, 0)
}

/// How long a method must be left alone, if it has worked so much that it will be closed:
/// `operating` of its answer is told in seconds, the limit is not promised (section 4).
pub fn overworked(time: &Value) -> Option<Moment> {
    const MUCH: f64 = 400.0;
    reset(time).filter(|_| time["operating"].as_f64().is_some_and(|seconds| seconds > MUCH))
}

/// A map of the answer; an empty one is written as a list.
fn map<'a>(value: &'a Value, key: &str) -> Option<&'a Map<String, Value>> {
    value[key].as_object()
}

/// What one command of a batch gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    pub result: Value,
    /// Where the next page of a list begins.
    pub next: Option<u64>,
    pub time: Value,
}

/// The key of a command of a batch. Commands are carried out in the order they are written, and
/// `serde_json` writes keys in the order of the alphabet.
pub fn key(place: usize) -> String {
    format!("c{place:02}")
}

/// What became of the commands of a batch, in their order; `None`: one before it failed, and it was
/// not carried out.
pub fn commands(kind: Kind, answer: &Value, count: usize, now: Moment) -> Vec<Option<Result<Done, CrmError>>> {
    let said = &answer["result"];
    let one = |place: usize| {
        let key = key(place);
        let time = map(said, "result_time").and_then(|times| times.get(&key)).cloned().unwrap_or_default();
        if let Some(error) = map(said, "result_error").and_then(|errors| errors.get(&key)) {
            let text = |name: &str| error[name].as_str().unwrap_or_default();
            return Some(Err(refused(kind, 0, text("error"), text("error_description"), reset(&time), now)));
        }
        let result = map(said, "result")?.get(&key)?.clone();
        let next = map(said, "result_next").and_then(|all| number(all.get(&key)?));
        Some(Ok(Done { result, next, time }))
    };
    (0..count).map(one).collect()
}

/// A number, whether typed or written.
pub fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The items of a list; a list that PHP made a map of is one, too.
pub fn items<'a>(result: &'a Value, key: &str) -> Vec<&'a Value> {
    match &result[key] {
        Value::Array(items) => items.iter().collect(),
        Value::Object(items) => items.values().collect(),
        _ => Vec::new(),
    }
}

/// A moment, written with the offset of the portal.
pub fn moment(value: &Value) -> Option<Moment> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|at| at.to_utc())
}

/// A moment as a filter takes it, so much before it as clocks differ.
pub fn since(at: Moment, overlap: TimeDelta) -> String {
    (at - overlap).format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Moment {
        "2026-07-01T10:00:00Z".parse().expect("a moment")
    }

    /// Every row of the contract's table of errors (section 5), and what a proxy says.
    #[test]
    fn recorded_answers_are_classified() {
        let refused = |code: &str, words: &str| json!({ "error": code, "error_description": words }).to_string();
        let v3 = |code: &str| {
            json!({ "error": { "code": format!("BITRIX_REST_V3_EXCEPTION_{code}"), "message": "No", "validation": [] } }).to_string()
        };
        let page = "<html><body>maintenance</body></html>";
        let transient = |detail: &str, smaller| Err(CrmError::Transient { detail: detail.to_owned(), smaller });
        let rejected = |words: &str| Err(CrmError::Rejected(words.to_owned()));
        let forbidden = |words: &str| Err(CrmError::Forbidden(words.to_owned()));
        let unknown = |words: &str| Err(CrmError::Unknown(words.to_owned()));
        let wait = |seconds| Err(CrmError::RetryAfter(Duration::from_secs(seconds)));
        let closed = |at: i64| {
            json!({ "error": "OPERATION_TIME_LIMIT", "error_description": "No", "time": { "operating_reset_at": at } }).to_string()
        };
        let table = [
            (Kind::Read, 200, r#"{"result":true}"#.to_owned(), Ok(json!({ "result": true }))),
            (Kind::Read, 200, page.to_owned(), transient("200, and the answer is not JSON", false)),
            (Kind::Once, 200, page.to_owned(), unknown("200, and the answer is not JSON")),
            (Kind::Read, 200, refused("ERROR_CORE", "No"), rejected("200 ERROR_CORE No")),
            (Kind::Read, 302, String::new(), Err(CrmError::Moved)),
            (Kind::Once, 301, page.to_owned(), Err(CrmError::Moved)),
            (Kind::Once, 400, refused("NOT_FOUND", "Element not found"), Err(CrmError::NotFound)),
            (Kind::Read, 400, refused("", "Not found"), Err(CrmError::NotFound)),
            (Kind::Read, 400, refused("", "The parameter id is required"), rejected("400  The parameter id is required")),
            (Kind::Read, 400, refused("INVALID_ARG_VALUE", "Invalid filter"), rejected("400 INVALID_ARG_VALUE Invalid filter")),
            (Kind::Read, 400, refused("CRM_FIELD_ERROR_VALUE_NOT_VALID", "x"), rejected("400 CRM_FIELD_ERROR_VALUE_NOT_VALID x")),
            (Kind::Read, 400, refused("100", "Could not find value"), rejected("400 100 Could not find value")),
            (Kind::Read, 400, r#"{"error":1021,"error_description":"Booking not found"}"#.to_owned(), Err(CrmError::NotFound)),
            (Kind::Read, 400, refused("ACCESS_DENIED", "Access denied."), forbidden("400 ACCESS_DENIED Access denied.")),
            (Kind::Read, 400, refused("INVALID_REQUEST", "https required"), rejected("400 INVALID_REQUEST https required")),
            (Kind::Read, 400, refused("ERROR_BATCH_LENGTH_EXCEEDED", "x"), rejected("400 ERROR_BATCH_LENGTH_EXCEEDED x")),
            (Kind::Read, 405, refused("ERROR_BATCH_METHOD_NOT_ALLOWED", "x"), rejected("405 ERROR_BATCH_METHOD_NOT_ALLOWED x")),
            (Kind::Read, 401, refused("NO_AUTH_FOUND", "Wrong authorization data"), Err(CrmError::Unauthorised)),
            (Kind::Once, 401, refused("expired_token", "expired"), Err(CrmError::Unauthorised)),
            (Kind::Read, 403, refused("INVALID_CREDENTIALS", "x"), Err(CrmError::Unauthorised)),
            (Kind::Read, 403, refused("insufficient_scope", "x"), forbidden("403 insufficient_scope x")),
            (Kind::Read, 403, refused("user_access_error", "x"), forbidden("403 user_access_error x")),
            (Kind::Read, 403, refused("allowed_only_intranet_user", "x"), forbidden("403 allowed_only_intranet_user x")),
            (Kind::Read, 403, refused("ACCESS_DENIED", "REST API is available only on commercial plans"), Err(CrmError::PaymentRequired)),
            (Kind::Read, 403, refused("ACCESS_DENIED", "Access denied."), forbidden("403 ACCESS_DENIED Access denied.")),
            (Kind::Read, 404, refused("ERROR_METHOD_NOT_FOUND", "x"), rejected("404 ERROR_METHOD_NOT_FOUND x")),
            (Kind::Read, 404, refused("ERROR_MANIFEST_IS_NOT_AVAILABLE", "x"), rejected("404 ERROR_MANIFEST_IS_NOT_AVAILABLE x")),
            (Kind::Read, 404, page.to_owned(), transient("404, and the answer is not JSON", false)),
            (Kind::Read, 429, refused("OPERATION_TIME_LIMIT", "x"), wait(60)),
            (Kind::Once, 429, closed(now().timestamp() + 120), wait(120)),
            (Kind::Read, 429, closed(now().timestamp() + 7_200), wait(590)),
            (Kind::Read, 429, closed(now().timestamp() - 5), wait(1)),
            (Kind::Read, 500, refused("INTERNAL_SERVER_ERROR", "x"), transient("500 INTERNAL_SERVER_ERROR x", false)),
            (Kind::Once, 500, refused("ERROR_UNEXPECTED_ANSWER", "x"), unknown("500 ERROR_UNEXPECTED_ANSWER x")),
            (Kind::Once, 500, refused("PORTAL_DELETED", "x"), transient("500 PORTAL_DELETED x", false)),
            (Kind::Once, 503, refused("QUERY_LIMIT_EXCEEDED", "Too many requests"), wait(1)),
            (Kind::Read, 503, refused("OVERLOAD_LIMIT", "x"), wait(3_600)),
            (Kind::Read, 502, page.to_owned(), transient("502, and the answer is not JSON", false)),
            (Kind::Read, 504, String::new(), transient("504, and the answer is not JSON", true)),
            (Kind::Once, 504, String::new(), unknown("504, and the answer is not JSON")),
            (Kind::Repeatable, 400, v3("VALIDATION"), rejected("400 BITRIX_REST_V3_EXCEPTION_VALIDATION No")),
            (Kind::Repeatable, 403, v3("ACCESSDENIED"), forbidden("403 BITRIX_REST_V3_EXCEPTION_ACCESSDENIED No")),
            (Kind::Repeatable, 404, v3("METHODNOTFOUND"), rejected("404 BITRIX_REST_V3_EXCEPTION_METHODNOTFOUND No")),
            (Kind::Repeatable, 500, v3("INTERNAL"), transient("500 BITRIX_REST_V3_EXCEPTION_INTERNAL No", false)),
        ];
        for (kind, status, body, wanted) in table {
            assert_eq!(classify(kind, &Answer { status, body: body.as_bytes() }, now()), wanted, "{kind:?} {status} {body}");
        }
        assert!(matches!(no_answer(Kind::Once, false, String::new()), CrmError::Unknown(_)));
        assert!(matches!(no_answer(Kind::Once, true, String::new()), CrmError::Transient { .. }));
        assert!(matches!(no_answer(Kind::Repeatable, false, String::new()), CrmError::Transient { .. }));
    }

    #[test]
    fn each_command_of_a_batch_has_its_end() {
        let answer = json!({ "result": {
            "result": { "c00": { "items": [{ "id": 75 }] }, "c01": { "items": [] } },
            "result_error": { "c02": { "error": "NOT_FOUND", "error_description": "x" }, "c03": { "error": "OPERATION_TIME_LIMIT" } },
            "result_total": { "c00": 0 }, "result_next": { "c00": 50 },
            "result_time": { "c00": { "operating": 401.5, "operating_reset_at": 1_782_900_060 } } } });
        let ends = commands(Kind::Read, &answer, 5, now());
        let Some(Some(Ok(first))) = ends.first() else { panic!("{ends:?}") };
        assert_eq!((items(&first.result, "items").len(), first.next), (1, Some(50)));
        assert_eq!(overworked(&first.time), DateTime::from_timestamp(1_782_900_060, 0));
        let Some(Some(Ok(second))) = ends.get(1) else { panic!("{ends:?}") };
        assert_eq!((second.next, overworked(&second.time)), (None, None));
        assert_eq!(ends[2], Some(Err(CrmError::NotFound)));
        assert_eq!(ends[3], Some(Err(CrmError::RetryAfter(CLOSED))));
        assert_eq!(ends[4], None);
        // Empty maps are lists.
        let empty = json!({ "result": { "result": [], "result_error": [], "result_total": [], "result_next": [], "result_time": [] } });
        assert_eq!(commands(Kind::Read, &empty, 1, now()), [None]);
        assert!(key(9) < key(10) && key(10) < key(49), "the alphabet's order is theirs");
    }

    #[test]
    fn a_filter_is_told_a_moment_of_its_own_zone() {
        assert_eq!(since(now(), TimeDelta::minutes(5)), "2026-07-01T09:55:00+00:00");
        assert_eq!(moment(&json!("2026-07-01T13:00:00+03:00")), Some(now()));
        assert_eq!((moment(&json!("yesterday")), moment(&json!(null))), (None, None));
    }
}
