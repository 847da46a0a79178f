//! Answers of the MAX API, in the words of the delivery (contracts/messengers/max.md, section 5).
//!
//! No list of codes is official, so the HTTP status decides first, then what code and message say,
//! case ignored.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::channel::{SendError, storm::LONGEST_HOLD};

/// The hold when a 429 does not say for how long (contract, section 4: from one second on).
const DEFAULT_HOLD: Duration = Duration::from_secs(2);

#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// The answer of a call, or why there is none. An answer that cannot be read leaves the outcome
/// unknown.
pub(super) fn answer(status: u16, hold: Option<u64>, body: &[u8]) -> Result<Box<RawValue>, SendError> {
    if status == 200 {
        return serde_json::from_slice(body).map_err(|error| SendError::Unknown(crate::http::misread(&error)));
    }
    let said: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let wordless = said.code.is_empty() && said.message.is_empty();
    // Without words of MAX's own it may come from whatever stands in between, and whether MAX took
    // the message is not known: but for a refusal by the status alone (403 with an empty body), and
    // for a pace, which nobody refuses twice.
    if wordless && status != 429 && (status >= 500 || !body.trim_ascii().is_empty()) {
        return Err(SendError::Unknown(format!("HTTP {status} that is not of MAX")));
    }
    Err(refusal(status, &said.code, &said.message, hold))
}

/// `{"success":false}` comes with HTTP 200 (contract, sections 0 and 2.5).
pub(super) fn done(answer: &RawValue) -> Result<(), SendError> {
    #[derive(Deserialize)]
    struct Done {
        success: bool,
        #[serde(flatten)]
        why: Refusal,
    }
    match serde_json::from_str::<Done>(answer.get()) {
        Ok(Done { success: true, .. }) => Ok(()),
        // A status that is none of the table's: what is said decides alone.
        Ok(Done { why, .. }) => Err(refusal(200, &why.code, &why.message, None)),
        Err(error) => Err(SendError::Unknown(crate::http::misread(&error))),
    }
}

fn refusal(status: u16, code: &str, message: &str, hold: Option<u64>) -> SendError {
    let why = match (code, message) {
        ("", "") => format!("HTTP {status}"),
        ("", said) | (said, "") => said.to_owned(),
        (code, message) => format!("{code}: {message}"),
    };
    let text = why.to_ascii_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    match status {
        429 => {
            return SendError::RetryAfter {
                after: hold.map_or(DEFAULT_HOLD, |s| Duration::from_secs(s.max(1)).min(LONGEST_HOLD)),
                whole_channel: false,
            };
        }
        401 => return SendError::Unauthorised(why),
        // Polling beside a webhook.
        405 => return SendError::Misconfigured(why),
        500 | 503 => return SendError::Transient(why),
        501.. => return SendError::Unknown(why),
        _ => {}
    }
    if says(&["too.many.requests"]) {
        return SendError::RetryAfter { after: DEFAULT_HOLD, whole_channel: false };
    }
    if says(&["verify.token", "invalid access_token"]) {
        return SendError::Unauthorised(why);
    }
    if is_unready(&why) {
        return SendError::Transient(why);
    }
    if says(&["error.dialog.suspended", "error.dialog.notfound", "chat.not.found", "not.admin"]) {
        return SendError::Unreachable(why);
    }
    match status {
        403 | 404 => SendError::Unreachable(why),
        _ if says(&["unknown recipient", "missing recipient"]) => SendError::Unreachable(why),
        _ => SendError::Rejected(why),
    }
}

/// The file of the message is not processed yet.
pub(super) fn is_unready(why: &str) -> bool {
    let text = why.to_ascii_lowercase();
    text.contains("attachment.not.ready") || text.contains("not.processed")
}

/// The token a file went by is no longer one of the provider's.
pub(super) fn is_lost_reference(why: &str) -> bool {
    let text = why.to_ascii_lowercase();
    text.contains("token") && (text.contains("attachment") || text.contains("payload") || text.contains("not found"))
}

/// Why a file was not taken.
pub(super) fn upload(status: u16, body: &str) -> SendError {
    let why = format!("HTTP {status} {}", body.chars().take(200).collect::<String>());
    match status {
        400 | 413 | 415 => SendError::Rejected(why),
        _ => SendError::Transient(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, code: &str, message: &str) -> String {
        let body = serde_json::json!({ "code": code, "message": message }).to_string();
        word(answer(status, None, body.as_bytes()).map(|_| ()))
    }

    fn word(result: Result<(), SendError>) -> String {
        match result {
            Ok(()) => "ok".to_owned(),
            Err(SendError::RetryAfter { after, whole_channel }) => format!("retry {} {whole_channel}", after.as_secs()),
            Err(SendError::Transient(_)) => "transient".to_owned(),
            Err(SendError::Unreachable(_)) => "unreachable".to_owned(),
            Err(SendError::Blocked) => "blocked".to_owned(),
            Err(SendError::Rejected(_)) => "rejected".to_owned(),
            Err(SendError::ReferenceLost(_)) => "reference lost".to_owned(),
            Err(SendError::Unauthorised(_)) => "unauthorised".to_owned(),
            Err(SendError::Misconfigured(_)) => "misconfigured".to_owned(),
            Err(SendError::Unknown(_)) => "unknown".to_owned(),
            Err(other) => format!("{other:?}"),
        }
    }

    #[test]
    fn every_row_of_the_contract() {
        for (status, code, message, expected) in [
            (401, "verify.token", "Invalid access_token", "unauthorised"),
            (403, "verify.token", "Invalid access_token", "unauthorised"),
            (403, "chat.denied", "Key: error.dialog.suspended, args: [51001002,]", "unreachable"),
            (403, "access.denied", "no access to the chat", "unreachable"),
            (403, "chat.denied", "Key: chat.send.msg.no.permission.because.not.admin", "unreachable"),
            (404, "not.found", "", "unreachable"),
            (404, "chat.not.found", "", "unreachable"),
            (404, "", "Key: error.dialog.notfound, args: []", "unreachable"),
            (400, "proto.payload", "text: size must be between 0 and 4000", "rejected"),
            (400, "proto.payload", "attachments: bad button", "rejected"),
            (400, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed", "transient"),
            (400, "", "File extension is forbidden", "rejected"),
            (400, "", "Key: errors.process.attachment.photo.too.big", "rejected"),
            (400, "", "Unknown recipient", "unreachable"),
            (400, "", "Missing recipient", "unreachable"),
            (405, "", "method not allowed", "misconfigured"),
            (429, "too.many.requests", "", "retry 2 false"),
            (500, "internal.error", "", "transient"),
            (503, "service.unavailable", "", "transient"),
            (502, "", "", "unknown"),
            (504, "", "", "unknown"),
            (400, "new.code", "something new", "rejected"),
        ] {
            assert_eq!(class(status, code, message), expected, "{status} {code} {message}");
        }
        assert_eq!(word(answer(403, None, b"").map(|_| ())), "unreachable");
        // Not MAX speaks: a proxy, or a server that failed half way.
        for (status, body) in
            [(403, "<html>Forbidden</html>"), (404, "{}"), (400, "<html>"), (500, ""), (503, ""), (503, "<html>"), (500, "{}")]
        {
            assert_eq!(word(answer(status, None, body.as_bytes()).map(|_| ())), "unknown", "{status} {body}");
        }
        assert_eq!(word(answer(429, Some(7), b"").map(|_| ())), "retry 7 false");
        assert_eq!(word(answer(429, Some(u64::MAX), b"").map(|_| ())), "retry 86400 false", "no longer than a day");
        assert_eq!(word(answer(200, None, b"<html>").map(|_| ())), "unknown", "an answer that says nothing");
    }

    #[test]
    fn a_failure_may_come_with_200() {
        let said = |body: &str| word(done(&serde_json::from_str::<Box<RawValue>>(body).expect("JSON")));
        assert_eq!(said(r#"{"success":true}"#), "ok");
        assert_eq!(said(r#"{"success":false,"message":"callback is gone"}"#), "rejected");
        assert_eq!(said(r#"{"success":false,"code":"too.many.requests","message":""}"#), "retry 2 false");
        assert_eq!(said("[]"), "unknown");
    }
}
