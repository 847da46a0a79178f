//! What Odoo says, in the words of the trait. Pure.

use std::time::Duration;

use serde_json::Value;

pub use crate::crm::call::{Kind, no_answer};
use crate::{crm::CrmError, text::clean};

/// An answer as it came.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
    /// In the envelope of JSON-RPC, where a refusal comes as 200.
    pub rpc: bool,
}

/// Why a call failed, finer than [`CrmError`].
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    Crm(CrmError),
    /// There is no such model or method: a module is not installed.
    Absent(String),
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
            Failure::Absent(said) => Self::Rejected(said),
        }
    }
}

/// Whether a call failed for what this database or this user does not have: a module, a right.
#[must_use]
pub fn is_lacking(failure: &Failure) -> bool {
    matches!(failure, Failure::Absent(_) | Failure::Crm(CrmError::Forbidden(_)))
}

fn transient(detail: String) -> CrmError {
    CrmError::Transient { detail, smaller: false }
}

/// The limit tells no time to come back: the pause grows with every refusal (`crm::connection`).
const AGAIN: Duration = Duration::from_secs(1);

/// An answer came (section 5). A page where JSON should be is a wrong database, maintenance, or a
/// proxy before the server: what the table calls an error of configuration comes and goes with an
/// upgrade, so it is a passing one here, lest an opt-out be given up on meanwhile.
///
/// # Errors
/// What the answer refuses.
pub fn classify(kind: Kind, answer: &Answer<'_>) -> Result<Value, Failure> {
    let text = String::from_utf8_lossy(answer.body);
    let json: Option<Value> = serde_json::from_str(&clean::json(&text)).ok();
    let lost = |detail: String| if kind == Kind::Once { CrmError::Unknown(detail) } else { transient(detail) };
    let status = answer.status;
    Err(match (status, json) {
        (429 | 503, _) => CrmError::RetryAfter(AGAIN).into(),
        (200..=299, None) => lost("the answer is not JSON".to_owned()).into(),
        (200..=299, Some(json)) if !answer.rpc => return Ok(json),
        (200..=299, Some(mut json)) => match json.get_mut("result").map(Value::take) {
            Some(result) => return Ok(result),
            None if json["error"].is_object() => {
                let error = &json["error"];
                let data = &error["data"];
                let message = data["message"].as_str().or_else(|| error["message"].as_str());
                let refused = Refused { status, code: error["code"].as_i64(), name: name(data), message: message.unwrap_or_default() };
                refused.means(kind)
            }
            // `authenticate` and methods without a value may leave it out.
            None => return Ok(Value::Null),
        },
        (_, Some(json)) if json["name"].is_string() => {
            let refused = Refused { status, code: None, name: name(&json), message: json["message"].as_str().unwrap_or_default() };
            refused.means(kind)
        }
        (401, _) => CrmError::Unauthorised.into(),
        // Killed for its time: the next one asks for less.
        (504, _) if kind != Kind::Once => CrmError::Transient { detail: "504".to_owned(), smaller: true }.into(),
        (500..=599, _) => lost(status.to_string()).into(),
        // A page: nothing was taken.
        (_, None) => transient(format!("a page in place of an answer ({status})")).into(),
        _ => CrmError::Rejected(status.to_string()).into(),
    })
}

fn name(data: &Value) -> &str {
    data["name"].as_str().unwrap_or_default()
}

/// An exception of Odoo.
struct Refused<'a> {
    status: u16,
    /// Of JSON-RPC.
    code: Option<i64>,
    /// The class with its module.
    name: &'a str,
    message: &'a str,
}

impl Refused<'_> {
    fn means(&self, kind: Kind) -> Failure {
        let class = self.name.rsplit('.').next().unwrap_or_default();
        let said = || format!("{class}: {}", self.message.lines().next().unwrap_or_default());
        let crm = match class {
            "AccessDenied" | "Unauthorized" => CrmError::Unauthorised,
            "AccessError" | "Forbidden" => CrmError::Forbidden(said()),
            "MissingError" => CrmError::NotFound,
            "NotFound" => return Failure::Absent(said()),
            "UserError" | "ValidationError" | "RedirectWarning" | "UnprocessableEntity" | "TypeError" => CrmError::Rejected(said()),
            "SessionExpiredException" => transient(said()),
            // The database refused before anything was kept; Odoo tried five times.
            _ if self.name.starts_with("psycopg2") => transient(said()),
            // What is asked for is read anew with the next job.
            "ValueError" | "KeyError" if kind == Kind::Read && self.message.contains("nvalid field") => transient(said()),
            "ValueError" | "KeyError" => CrmError::Rejected(said()),
            _ => match (self.code, self.status) {
                (Some(404), _) | (None, 404) => return Failure::Absent(said()),
                (Some(100), _) => transient(said()),
                (None, 401) => CrmError::Unauthorised,
                (None, 403) => CrmError::Forbidden(said()),
                (None, 400..=499) => CrmError::Rejected(said()),
                _ if kind == Kind::Once => CrmError::Unknown(said()),
                (_, status) => CrmError::Transient { detail: said(), smaller: status == 504 },
            },
        };
        crm.into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(name: &str, message: &str) -> Value {
        json!({ "name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback ..." })
    }

    fn told(kind: Kind, status: u16, body: &str, rpc: bool) -> Result<Value, Failure> {
        classify(kind, &Answer { status, body: body.as_bytes(), rpc })
    }

    fn passing(detail: &str) -> Failure {
        transient(detail.to_owned()).into()
    }

    /// Every row of the contract's table of errors (section 5), by both protocols.
    #[test]
    fn exceptions_are_classified() {
        let words = |class: &str| format!("{class}: words");
        let rejected = |class: &str| Failure::Crm(CrmError::Rejected(words(class)));
        let unknown = |class: &str| Failure::Crm(CrmError::Unknown(words(class)));
        let table = [
            (Kind::Read, 401, "werkzeug.exceptions.Unauthorized", Failure::Crm(CrmError::Unauthorised)),
            (Kind::Read, 403, "odoo.exceptions.AccessDenied", Failure::Crm(CrmError::Unauthorised)),
            (Kind::Read, 403, "odoo.exceptions.AccessError", Failure::Crm(CrmError::Forbidden(words("AccessError")))),
            (Kind::Read, 404, "werkzeug.exceptions.NotFound", Failure::Absent(words("NotFound"))),
            (Kind::Repeatable, 404, "odoo.exceptions.MissingError", Failure::Crm(CrmError::NotFound)),
            (Kind::Repeatable, 422, "odoo.exceptions.UserError", rejected("UserError")),
            (Kind::Once, 422, "odoo.exceptions.ValidationError", rejected("ValidationError")),
            (Kind::Read, 422, "werkzeug.exceptions.UnprocessableEntity", rejected("UnprocessableEntity")),
            (Kind::Once, 500, "builtins.ValueError", rejected("ValueError")),
            (Kind::Once, 500, "psycopg2.errors.SerializationFailure", passing("SerializationFailure: words")),
            (Kind::Read, 500, "psycopg2.OperationalError", passing("OperationalError: words")),
            (Kind::Read, 500, "builtins.ZeroDivisionError", passing("ZeroDivisionError: words")),
            (Kind::Once, 500, "builtins.ZeroDivisionError", unknown("ZeroDivisionError")),
        ];
        for (kind, status, name, wanted) in table {
            let body = refusal(name, "words");
            assert_eq!(told(kind, status, &body.to_string(), false), Err(wanted.clone()), "{status} {name}");
            for code in [0, 200] {
                let envelope =
                    json!({ "jsonrpc": "2.0", "id": 2, "error": { "code": code, "message": "Odoo Server Error", "data": body } });
                assert_eq!(told(kind, 200, &envelope.to_string(), true), Err(wanted.clone()), "{code} {name}");
            }
        }
        let field = refusal("builtins.ValueError", "Invalid field 'mobile' on 'res.partner'").to_string();
        assert_eq!(told(Kind::Read, 500, &field, false), Err(passing("ValueError: Invalid field 'mobile' on 'res.partner'")));
        let envelope = |code: i64| json!({ "error": { "code": code, "message": "words", "data": {} } }).to_string();
        assert_eq!(told(Kind::Read, 200, &envelope(404), true), Err(Failure::Absent(": words".to_owned())));
        assert_eq!(told(Kind::Once, 200, &envelope(100), true), Err(passing(": words")), "logged in again with the next job");
    }

    #[test]
    fn answers_without_an_exception_are_classified() {
        let page = "<!DOCTYPE html><html><body>Log in</body></html>";
        let limited = || Err(Failure::Crm(CrmError::RetryAfter(AGAIN)));
        let lost = |detail: &str| Err(Failure::Crm(CrmError::Unknown(detail.to_owned())));
        let table = [
            (Kind::Read, 200, "[]", Ok(json!([]))),
            (Kind::Once, 200, "4711", Ok(json!(4711))),
            (Kind::Read, 200, page, Err(passing("the answer is not JSON"))),
            (Kind::Once, 200, page, lost("the answer is not JSON")),
            (Kind::Read, 303, page, Err(passing("a page in place of an answer (303)"))),
            (Kind::Once, 303, page, Err(passing("a page in place of an answer (303)"))),
            (Kind::Read, 404, page, Err(passing("a page in place of an answer (404)"))),
            (Kind::Read, 401, page, Err(CrmError::Unauthorised.into())),
            (Kind::Read, 418, "{}", Err(CrmError::Rejected("418".to_owned()).into())),
            (Kind::Read, 429, page, limited()),
            (Kind::Once, 503, page, limited()),
            (Kind::Read, 502, page, Err(passing("502"))),
            (Kind::Once, 502, page, lost("502")),
            (Kind::Read, 504, page, Err(CrmError::Transient { detail: "504".to_owned(), smaller: true }.into())),
            (Kind::Once, 504, page, lost("504")),
        ];
        for (kind, status, body, wanted) in table {
            assert_eq!(told(kind, status, body, false), wanted, "{status} {body}");
        }
        assert_eq!(told(Kind::Read, 200, r#"{"jsonrpc":"2.0","id":1,"result":false}"#, true), Ok(json!(false)));
        assert_eq!(told(Kind::Repeatable, 200, r#"{"jsonrpc":"2.0","id":1}"#, true), Ok(Value::Null));
        assert_eq!(no_answer(Kind::Once, true, "x".to_owned()), transient("x".to_owned()));
        assert_eq!(no_answer(Kind::Once, false, "x".to_owned()), CrmError::Unknown("x".to_owned()));
    }
}
