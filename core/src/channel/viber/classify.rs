//! Answers of Viber's API, and failures told later, in the words of the delivery
//! (contracts/messengers/viber.md, section 5). Refusals come with HTTP 200: the `status` decides,
//! its wording varies and is only kept.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    channel::{SendError, hook},
    text::clean_to,
    words::Reason,
};

/// The first pause after «too many requests»; [`super::limits`] makes it longer. No answer says how
/// long to wait (section 4).
pub(super) const FIRST: Duration = Duration::from_secs(2);
/// All devices of the recipient are older than the message needs.
const OLD_DEVICES: &str = "13: ";

#[derive(Deserialize)]
struct Answer {
    status: i64,
    #[serde(default)]
    status_message: String,
}

/// The answer of a call, or why there is none. `hold`: seconds, if a gateway says them.
pub(super) fn answer(http: u16, hold: Option<u64>, body: &[u8]) -> Result<Value, SendError> {
    match http {
        200 => {}
        429 => return Err(limited(hold)),
        // Rare, and never about one message (section 5).
        400..=499 => return Err(SendError::Misconfigured(format!("HTTP {http}"))),
        _ => return Err(SendError::Unknown(format!("HTTP {http}"))),
    }
    let Answer { status, status_message } =
        serde_json::from_slice(body).map_err(|error| SendError::Unknown(crate::http::misread(&error)))?;
    match status {
        0 => serde_json::from_slice(body).map_err(|error| SendError::Unknown(crate::http::misread(&error))),
        12 => Err(limited(hold)),
        _ => Err(refusal(status, &status_message)),
    }
}

fn limited(hold: Option<u64>) -> SendError {
    let after = hold.map_or(FIRST, |seconds| Duration::from_secs(seconds.clamp(1, 3_600)));
    SendError::RetryAfter { after, whole_channel: false }
}

fn refusal(status: i64, message: &str) -> SendError {
    let why = clean_to(&format!("{status}: {message}"), SendError::SAID);
    match status {
        2 => SendError::Unauthorised(why),
        // Not a Viber user; no device that shows bots; a country that is not served.
        5 | 11 | 21 => SendError::Unreachable(why),
        // Unsubscribed, or never subscribed: nothing more goes there until they write again.
        6 => SendError::Blocked,
        // Nothing is sent without a webhook: it is set anew, and sending goes on by itself.
        10 => SendError::Misconfigured(hook::AWAITED.to_owned()),
        // The webhook's address; blocked, unknown, suspended; not authorised; no public chat;
        // broadcasts; free messages used up until next month; the balance. A person must look.
        1 | 7 | 8 | 9 | 15 | 18 | 19 | 20 | 23 | 24 => SendError::Misconfigured(why),
        // Data, fields, levels of the client, kinds of messages this bot has not.
        3 | 4 | 13 | 14 | 16 | 17 | 22 => SendError::Rejected(why),
        // «General error»: a few tries, and then it is given up.
        _ => SendError::Transient(why),
    }
}

/// Whether a message may go once more without what older clients do not know.
pub(super) fn wants_less(error: &SendError) -> bool {
    matches!(error, SendError::Rejected(why) if why.starts_with(OLD_DEVICES))
}

/// Whether a refusal says that the bot may not write to several people at once.
pub(super) fn is_about_broadcasts(why: &str) -> bool {
    ["19: ", "20: "].iter().any(|code| why.starts_with(code))
}

/// The refusal of one person in `failed_list` (section 2.4); `None`: it is none.
pub(super) fn of_one(one: &Value) -> Option<SendError> {
    let Answer { status, status_message } = Answer::deserialize(one).ok()?;
    match status {
        0 => None,
        12 => Some(limited(None)),
        // Whoever is named there was not reached, for a cause of their own.
        _ => Some(refusal(status, &status_message)),
    }
}

/// Why a message that was taken failed after all: `desc` is free text (section 6.3).
pub(super) fn reason(desc: &str) -> Reason {
    let text = desc.to_ascii_lowercase().replace([' ', '_', '-'], "");
    let says = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    if says(&["notsubscribed", "unsubscribed"]) {
        Reason::Blocked
    } else if says(&["notregistered", "nosuitabledevice", "unsupportedcountry"]) {
        Reason::Unreachable
    } else {
        Reason::Rejected
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn word(error: &SendError) -> String {
        match error {
            SendError::RetryAfter { after, whole_channel } => {
                format!("retry {} {}", after.as_secs(), if *whole_channel { "all" } else { "one" })
            }
            SendError::Transient(_) => "transient".to_owned(),
            SendError::Unreachable(_) => "unreachable".to_owned(),
            SendError::Blocked => "blocked".to_owned(),
            SendError::Rejected(_) => "rejected".to_owned(),
            SendError::Unauthorised(_) => "unauthorised".to_owned(),
            SendError::Misconfigured(why) if why == hook::AWAITED => "awaits the webhook".to_owned(),
            SendError::Misconfigured(_) => "misconfigured".to_owned(),
            SendError::Unknown(_) => "unknown".to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn said(status: i64, message: &str) -> SendError {
        let body = json!({ "status": status, "status_message": message, "message_token": 5_990_011_223_344_556_690_u64 });
        answer(200, None, body.to_string().as_bytes()).expect_err("a refusal")
    }

    /// The table of the contract's section 5, row by row.
    #[test]
    fn every_row_of_the_contract() {
        for (status, name, expected) in [
            (1, "invalidUrl", "misconfigured"),
            (2, "missing_auth_token", "unauthorised"),
            (2, "invalidAuthToken", "unauthorised"),
            (3, "badData", "rejected"),
            (4, "missingData", "rejected"),
            (5, "receiverNotRegistered", "unreachable"),
            (6, "notSubscribed", "blocked"),
            (7, "publicAccountBlocked", "misconfigured"),
            (8, "publicAccountNotFound", "misconfigured"),
            (9, "publicAccountSuspended", "misconfigured"),
            (10, "webhookNotSet", "awaits the webhook"),
            (11, "receiverNoSuitableDevice", "unreachable"),
            (12, "tooManyRequests", "retry 2 one"),
            (13, "apiVersionNotSupported", "rejected"),
            (14, "incompatibleWithVersion", "rejected"),
            (15, "publicAccountNotAuthorized", "misconfigured"),
            (16, "inchatReplyMessageNotAllowed", "rejected"),
            (17, "publicAccountIsNotInline", "rejected"),
            (18, "noPublicChat", "misconfigured"),
            (19, "cannotSendBroadcast", "misconfigured"),
            (20, "broadcastNotAllowed", "misconfigured"),
            (21, "unsupportedCountry", "unreachable"),
            (22, "paymentUnsupported", "rejected"),
            (23, "freeMessagesExceeded", "misconfigured"),
            (24, "noBalance", "misconfigured"),
            (25, "generalError", "transient"),
            (-1, "generalError", "transient"),
        ] {
            let error = said(status, name);
            assert_eq!(word(&error), expected, "{status} {name}");
            let kept = error.said().filter(|_| expected != "awaits the webhook");
            if let Some(kept) = kept {
                assert_eq!(kept, format!("{status}: {name}"), "the code and the words are kept");
            }
        }
        assert!(wants_less(&said(13, "apiVersionNotSupported")) && !wants_less(&said(14, "incompatibleWithVersion")));
    }

    #[test]
    fn what_comes_without_a_status() {
        for (http, body, expected) in [
            (200, "<html>", "unknown"),
            (200, "{}", "unknown"),
            (200, "", "unknown"),
            (500, "", "unknown"),
            (502, r#"{"status":3}"#, "unknown"),
            (504, "", "unknown"),
            (404, "", "misconfigured"),
            (429, "", "retry 2 one"),
        ] {
            assert_eq!(word(&answer(http, None, body.as_bytes()).expect_err("none")), expected, "{http} {body}");
        }
        let body = br#"{"status":12,"status_message":"tooManyRequests"}"#;
        assert_eq!(word(&answer(200, Some(7), body).expect_err("limited")), "retry 7 one", "a gateway says how long");
        let taken = answer(200, None, br#"{"status":0,"message_token":18446744073709551615}"#).expect("taken");
        assert_eq!(taken["message_token"].as_u64(), Some(u64::MAX), "a token is an unsigned number, whole");
    }

    #[test]
    fn of_a_broadcast_each_has_a_refusal_of_their_own() {
        let of = |status: Value| of_one(&json!({ "receiver": "aAb==", "status": status, "status_message": "x" }));
        assert_eq!(of(json!(0)), None);
        for (status, expected) in [(6, "blocked"), (5, "unreachable"), (12, "retry 2 one"), (13, "rejected"), (25, "transient")] {
            assert_eq!(of(json!(status)).as_ref().map(word).as_deref(), Some(expected), "{status}");
        }
        assert_eq!(of(Value::Null), None, "what is no refusal is none");
        assert!(is_about_broadcasts("19: cannotSendBroadcast") && is_about_broadcasts("20: x") && !is_about_broadcasts("2: x"));
    }

    #[test]
    fn a_failure_told_later_has_its_reason() {
        for (desc, expected) in [
            ("Not subscribed", Reason::Blocked),
            ("receiverNotRegistered", Reason::Unreachable),
            ("no suitable device", Reason::Unreachable),
            ("media was not fetched: http code 404", Reason::Rejected),
            ("failure description", Reason::Rejected),
        ] {
            assert_eq!(reason(desc), expected, "{desc}");
        }
    }
}
