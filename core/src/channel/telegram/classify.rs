//! Answers of the Bot API, in the words of the delivery (contracts/messengers/telegram.md, section
//! 5).
//!
//! There is no stable machine code besides the HTTP status, so descriptions are matched by
//! substring, case ignored.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::channel::{SendError, nameless::nameless, storm::LONGEST_HOLD};

/// The hold when a 429 does not say for how long.
const DEFAULT_HOLD: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Envelope<'a> {
    ok: bool,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    parameters: Option<Parameters>,
}

#[derive(Deserialize, Default)]
struct Parameters {
    retry_after: Option<u64>,
}

/// The result of a call, or why there is none. An answer that cannot be read leaves the outcome
/// unknown.
pub(super) fn answer(status: u16, body: &[u8]) -> Result<Box<RawValue>, SendError> {
    match serde_json::from_slice::<Envelope<'_>>(body) {
        Ok(envelope) if envelope.ok && status < 300 => match envelope.result {
            Some(result) => Ok(result.to_owned()),
            None => Err(SendError::Unknown("the answer has no result".to_owned())),
        },
        Ok(envelope) if envelope.ok => Err(SendError::Unknown(format!("status {status} with a result"))),
        Ok(envelope) => {
            let retry_after = envelope.parameters.unwrap_or_default().retry_after;
            Err(refusal(envelope.error_code.unwrap_or(status), &envelope.description, retry_after))
        }
        Err(_) => Err(without_envelope(status)),
    }
}

/// Not Telegram's own answer: a gateway, a proxy, or half a body.
fn without_envelope(status: u16) -> SendError {
    let what = format!("status {status} without Telegram's envelope");
    match status {
        300..=399 | 404 => SendError::Misconfigured(what),
        401 => SendError::Unauthorised(what),
        413 => SendError::Rejected(what),
        429 => SendError::RetryAfter { after: DEFAULT_HOLD, whole_channel: true },
        400..=499 => SendError::Transient(what),
        _ => SendError::Unknown(what),
    }
}

/// The recipient is gone, or we may not write there.
const UNREACHABLE: &[&str] = &[
    "user is deactivated",
    "can't initiate conversation",
    "can't send messages to",
    "bot was kicked",
    "bot is not a member",
    "group chat was deleted",
    "chat not found",
    "peer_id_invalid",
    "user_id_invalid",
    "user not found",
    "chat_id is empty",
    "upgraded to a supergroup",
    "group is deactivated",
    "chat_write_forbidden",
    "chat_restricted",
    "no rights to send",
    "not enough rights",
];

/// Telegram could not fetch what the message points at: it may succeed later.
const FETCH: &[&str] = &["failed to get http url content", "can't upload file by url"];

/// A refusal in Telegram's own words: the message was certainly not sent.
fn refusal(code: u16, description: &str, retry_after: Option<u64>) -> SendError {
    let text = description.to_ascii_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    let why = nameless(description);
    if code == 429 {
        // No moment is that long after now that a hostile or broken server may name.
        let after = retry_after.map_or(DEFAULT_HOLD, |seconds| Duration::from_secs(seconds.max(1)).min(LONGEST_HOLD));
        return SendError::RetryAfter { after, whole_channel: false };
    }
    if says(&["frozen_method_invalid"]) {
        return SendError::Misconfigured(why);
    }
    if says(&["bot was blocked by the user"]) {
        return SendError::Blocked;
    }
    // Before the codes: older servers phrase some of these as 401 «Unauthorized: bot can't
    // initiate…».
    if says(UNREACHABLE) {
        return SendError::Unreachable(why);
    }
    match code {
        401 | 404 => SendError::Unauthorised(why),
        403 => SendError::Unreachable(why),
        409 => SendError::Misconfigured(why),
        500 | 503 => SendError::Transient(why),
        502 | 504 => SendError::Unknown(why),
        400 if says(FETCH) => SendError::Transient(why),
        501..=599 => SendError::Unknown(why),
        _ => SendError::Rejected(why),
    }
}

/// A `file_id` that this bot can no longer send or fetch by: only of a call that was made by one
/// (contract, section 5).
const LOST_REFERENCE: &[&str] =
    &["wrong file identifier", "wrong remote file identifier", "file_reference_", "file reference", "wrong file_id", "invalid file_id"];

/// The file must be uploaded again.
pub(super) fn is_lost_reference(description: &str) -> bool {
    let text = description.to_ascii_lowercase();
    LOST_REFERENCE.iter().any(|needle| text.contains(needle))
}

/// The recipient's privacy takes no voice or no video messages from the bot; other files it takes.
pub(super) fn is_recording_refused(description: &str) -> bool {
    let text = description.to_ascii_lowercase();
    text.contains("voice_messages_forbidden") || text.contains("restricted receiving of")
}

/// The press was answered too late for anybody to see.
pub(super) fn is_stale_query(description: &str) -> bool {
    let text = description.to_ascii_lowercase();
    text.contains("query is too old") || text.contains("query id is invalid")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, body: &str) -> String {
        match answer(status, body.as_bytes()) {
            Ok(result) => format!("ok {}", result.get()),
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

    fn refused(code: u16, description: &str) -> String {
        class(code, &serde_json::json!({ "ok": false, "error_code": code, "description": description }).to_string())
    }

    #[test]
    fn every_row_of_the_contract() {
        for (code, description, expected) in [
            (403, "Forbidden: bot was blocked by the user", "blocked"),
            (403, "Forbidden: user is deactivated", "unreachable"),
            (403, "Forbidden: bot can't initiate conversation with a user", "unreachable"),
            (401, "Unauthorized: bot can't initiate conversation with a user", "unreachable"),
            (403, "Forbidden: bot can't send messages to bots", "unreachable"),
            (403, "Forbidden: the bot can't send messages to the bot", "unreachable"),
            (403, "Forbidden: bot was kicked from the group chat", "unreachable"),
            (403, "Forbidden: bot is not a member of the channel chat", "unreachable"),
            (403, "Forbidden: the group chat was deleted", "unreachable"),
            (403, "Forbidden: something new", "unreachable"),
            (400, "Bad Request: chat not found", "unreachable"),
            (400, "Bad Request: private chat not found", "unreachable"),
            (400, "Bad Request: PEER_ID_INVALID", "unreachable"),
            (400, "Bad Request: USER_ID_INVALID", "unreachable"),
            (400, "Bad Request: user not found", "unreachable"),
            (400, "Bad Request: chat_id is empty", "unreachable"),
            (400, "Bad Request: group chat was upgraded to a supergroup chat", "unreachable"),
            (400, "Bad Request: group is deactivated", "unreachable"),
            (400, "Bad Request: CHAT_WRITE_FORBIDDEN", "unreachable"),
            (400, "Bad Request: CHAT_RESTRICTED", "unreachable"),
            (400, "Bad Request: have no rights to send a message", "unreachable"),
            (400, "Bad Request: not enough rights to send text messages to the chat", "unreachable"),
            (400, "Bad Request: message text is empty", "rejected"),
            (400, "Bad Request: text must be non-empty", "rejected"),
            (400, "Bad Request: inline keyboard button URL 'https://host' is invalid: Wrong HTTP URL", "rejected"),
            (400, "Bad Request: message is too long", "rejected"),
            (400, "Bad Request: text is too long", "rejected"),
            (400, "Bad Request: message caption is too long", "rejected"),
            (400, "Bad Request: entities too long", "rejected"),
            (400, "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0", "rejected"),
            (400, "Bad Request: BUTTON_URL_INVALID", "rejected"),
            (400, "Bad Request: BUTTON_DATA_INVALID", "rejected"),
            (400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed", "rejected"),
            (400, "Bad Request: reply markup is too long", "rejected"),
            (400, "Bad Request: wrong file identifier/HTTP URL specified", "rejected"),
            (400, "Bad Request: wrong HTTP URL", "rejected"),
            (400, "Bad Request: Failed to get HTTP URL content", "transient"),
            (400, "Bad Request: can't upload file by URL", "transient"),
            (400, "Bad Request: Wrong type of the web page content", "rejected"),
            (400, "Bad Request: IMAGE_PROCESS_FAILED", "rejected"),
            (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", "rejected"),
            (400, "Bad Request: file is too big", "rejected"),
            (400, "Bad Request: message to be replied not found", "rejected"),
            (400, "Bad Request: message thread not found", "rejected"),
            (400, "Bad Request: message is not modified", "rejected"),
            (400, "Bad Request: query is too old and response timeout expired or query ID is invalid", "rejected"),
            (400, "Bad Request: words never seen before", "rejected"),
            (400, "Bad Request: FROZEN_METHOD_INVALID", "misconfigured"),
            (406, "FROZEN_METHOD_INVALID", "misconfigured"),
            (401, "Unauthorized", "unauthorised"),
            (404, "Not Found", "unauthorised"),
            (409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", "misconfigured"),
            (
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                "misconfigured",
            ),
            (413, "Request Entity Too Large", "rejected"),
            (500, "Internal Server Error: sent request is lost", "transient"),
            (503, "Service Unavailable", "transient"),
            (502, "Bad Gateway", "unknown"),
            (504, "Gateway Timeout", "unknown"),
        ] {
            assert_eq!(refused(code, description), expected, "{code} {description}");
        }
    }

    #[test]
    fn limits_carry_their_time() {
        let body = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
        assert_eq!(class(429, body), "retry 7 false");
        assert_eq!(refused(429, "Too Many Requests"), "retry 5 false");
        // A time past all times ended the job that added it to now.
        let forever = body.replace("\"retry_after\":7", "\"retry_after\":18446744073709551615");
        assert_eq!(class(429, &forever), "retry 86400 false");
        assert_eq!(class(429, "<html>slow down</html>"), "retry 5 true");
    }

    #[test]
    fn what_is_not_telegrams_answer() {
        for (status, body, expected) in [
            (200, "", "unknown"),
            (200, "<html>", "unknown"),
            (200, r#"{"ok":true"#, "unknown"),
            (200, r#"{"ok":true}"#, "unknown"),
            (500, "<html>oops</html>", "unknown"),
            (502, "<html>Bad Gateway</html>", "unknown"),
            (503, "", "unknown"),
            (504, "", "unknown"),
            (302, "", "misconfigured"),
            (404, "<html>nginx</html>", "misconfigured"),
            (401, "", "unauthorised"),
            (413, "<html>", "rejected"),
            (407, "proxy", "transient"),
        ] {
            assert_eq!(class(status, body), expected, "{status} {body}");
        }
        // An error inside a 200 is an error.
        assert_eq!(class(200, r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#), "blocked");
        assert_eq!(class(200, r#"{"ok":true,"result":true}"#), "ok true");
    }

    #[test]
    fn a_lost_reference_is_told_from_other_refusals() {
        for lost in [
            "Bad Request: wrong file identifier/HTTP URL specified",
            "Bad Request: wrong remote file identifier specified: Wrong string length",
            "Bad Request: FILE_REFERENCE_EXPIRED",
            "Bad Request: FILE_REFERENCE_INVALID",
            "Bad Request: wrong file_id or the file is temporarily unavailable",
            "Bad Request: invalid file_id",
        ] {
            assert!(is_lost_reference(lost), "{lost}");
        }
        for other in
            ["Bad Request: IMAGE_PROCESS_FAILED", "Bad Request: can't use file of type Photo as Document", "Bad Request: file is too big"]
        {
            assert!(!is_lost_reference(other), "{other}");
        }
    }

    #[test]
    fn a_recording_that_privacy_refuses_is_told_from_other_refusals() {
        for words in [
            "Bad Request: VOICE_MESSAGES_FORBIDDEN",
            "Bad Request: user restricted receiving of voice messages",
            "Bad Request: user restricted receiving of video messages",
        ] {
            assert!(is_recording_refused(words), "{words}");
            assert_eq!(refused(400, words), "rejected", "it certainly did not go");
        }
        assert!(!is_recording_refused("Bad Request: CHAT_RESTRICTED"));
        assert!(!is_recording_refused("Bad Request: wrong file identifier/HTTP URL specified"));
    }

    #[test]
    fn a_late_press_is_told_from_other_refusals() {
        assert!(is_stale_query("Bad Request: query is too old and response timeout expired or query ID is invalid"));
        assert!(!is_stale_query("Bad Request: message text is empty"));
    }
}
