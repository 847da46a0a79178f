//! Answers of the Cloud API, and refusals told later, in the words of the delivery
//! (contracts/messengers/whatsapp_cloud.md, section 5). Only the code decides, and for two of them
//! the details.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    channel::{Charge, Held, SendError, nameless::nameless},
    text::clean_to,
    words::Reason,
};

/// Pauses of the table: seconds for the number's throughput, about a minute for its upgrade,
/// minutes for calls, ten minutes for a template that syncs. Meta documents no `Retry-After`.
const THROUGHPUT: Duration = Duration::from_secs(2);
const UPGRADE: Duration = Duration::from_secs(60);
const CALLS: Duration = Duration::from_secs(300);
const SYNC: Duration = Duration::from_secs(600);
/// Between two messages to one person (section 4); longer after each refusal, see [`super::pairs`].
pub(super) const PAIR: Duration = Duration::from_secs(6);

/// An error as answers and webhooks carry it.
#[derive(Debug, Deserialize, Default)]
pub(super) struct GraphError {
    #[serde(default)]
    pub code: i64,
    message: Option<String>,
    title: Option<String>,
    error_data: Option<Data>,
    /// Of a template that is not taken: which rule it breaks, and two sentences for people. (As
    /// answers recorded by others show it; the contract's table has the number as the code.)
    error_subcode: Option<i64>,
    error_user_title: Option<String>,
    error_user_msg: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Data {
    details: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    error: GraphError,
}

impl GraphError {
    fn details(&self) -> &str {
        self.error_data.as_ref().and_then(|data| data.details.as_deref()).unwrap_or_default()
    }

    /// Code and words, without the numbers of people that may stand in them.
    pub(super) fn words(&self) -> String {
        let message = self.message.as_deref().or(self.title.as_deref()).unwrap_or_default();
        // A message begins with its code.
        let message = message.strip_prefix("(#").and_then(|rest| rest.split_once(") ")).map_or(message, |(_, rest)| rest);
        let said = match self.details() {
            "" => message.to_owned(),
            details if message.is_empty() || message == details => details.to_owned(),
            details => format!("{message} — {details}"),
        };
        let for_people =
            self.error_user_msg.as_deref().filter(|words| !words.is_empty()).map(|words| match self.error_user_title.as_deref() {
                Some(title) if !title.is_empty() => format!("{title} — {words}"),
                _ => words.to_owned(),
            });
        let code = self.error_subcode.filter(|_| self.code == 100).unwrap_or(self.code);
        clean_to(&format!("{code}: {}", nameless(&for_people.unwrap_or(said))), SendError::SAID)
    }
}

/// The answer of a call, or why there is none. What is no answer of Graph's (a gateway's page)
/// leaves the outcome unknown.
pub(super) fn answer(status: u16, body: &[u8]) -> Result<Value, SendError> {
    if status == 200 {
        return serde_json::from_slice(body).map_err(|error| SendError::Unknown(crate::http::misread(&error)));
    }
    match serde_json::from_slice::<Envelope>(body) {
        Ok(Envelope { error }) => Err(refusal(status, &error)),
        Err(_) if status == 429 => Err(SendError::RetryAfter { after: THROUGHPUT, whole_channel: true }),
        Err(_) if status == 413 || (400..500).contains(&status) && status != 408 && body.trim_ascii().is_empty() => {
            Err(SendError::Rejected(format!("HTTP {status}")))
        }
        Err(_) => Err(SendError::Unknown(format!("HTTP {status} that is not of Graph"))),
    }
}

/// One error, whether it was an answer (with its status) or came later (0).
pub(super) fn refusal(status: u16, error: &GraphError) -> SendError {
    let why = error.words();
    let details = error.details().to_ascii_lowercase();
    let about_recipient = || ["phone number", "recipient", "user id"].iter().any(|words| details.contains(words));
    let hold = |after, whole_channel| SendError::RetryAfter { after, whole_channel };
    match error.code {
        0 | 190 => SendError::Unauthorised(why),
        // Permissions; policy; account; name; payment; registration and its PIN; a number that is
        // gone; terms. 131048 says that people block or report the number: a person must look.
        3 | 10 | 200..=299 | 131_005 | 368 | 131_031 | 131_037 | 131_042 | 131_045 | 131_048 | 33 | 134_011 => {
            SendError::Misconfigured(why)
        }
        133_004 => SendError::Transient(why),
        133_000..=133_999 => SendError::Misconfigured(why),
        // The limit of people a day, which the claim keeps to: somebody else used it. Which code
        // tells it is not stated (unconfirmed).
        131_064 => SendError::Quota { until: crate::clock::now() + chrono::TimeDelta::hours(1), why },
        4 | 80_007 => hold(CALLS, true),
        130_429 => hold(THROUGHPUT, true),
        131_057 | 2_494_100 => hold(UPGRADE, true),
        131_056 => hold(PAIR, false),
        134_101 => hold(SYNC, false),
        1 | 2 | 131_000 | 131_016 => SendError::Transient(why),
        // The country, the sender itself, nobody there.
        130_497 | 131_021 | 131_026 => SendError::Unreachable(why),
        131_009 if about_recipient() => SendError::Unreachable(why),
        131_047 => SendError::WindowClosed(why),
        130_472 | 131_049 => SendError::Withheld(why),
        131_050 => SendError::Stopped(why),
        132_001 | 132_015 | 132_016 => SendError::TemplateNeeded(why),
        // Of a message without its code, the status says whether it may go later.
        _ if status >= 500 => SendError::Transient(why),
        _ => SendError::Rejected(why),
    }
}

/// What keeps a message that was taken (section 2.1, `message_status`). Held for the assessment of
/// its template's quality, it goes or fails later. Of a paused template it fails by all that is
/// known; but it has an id, and only a status says so, so it counts as taken until one does.
pub(super) fn held(answer: &Value) -> Option<Held> {
    let status = answer["messages"][0]["message_status"].as_str()?;
    let barred = status == "paused";
    (barred || status == "held_for_quality_assessment").then(|| Held { why: status.to_owned(), barred })
}

/// What a message is charged as (section 6.2, `pricing`); `None`: it is not told, or by a word that
/// is not known.
pub(super) fn charge(pricing: &Value) -> Option<Charge> {
    match pricing["category"].as_str() {
        _ if pricing["billable"] == false => Some(Charge::Free),
        // Of the Marketing Messages API (section 2.5).
        Some("marketing_lite") => Some(Charge::Marketing),
        Some("free") => None,
        category => category.and_then(Charge::named),
    }
}

/// Why a message that was taken was refused after all.
pub(super) fn reason(error: &SendError) -> Reason {
    match error {
        SendError::Unreachable(_) => Reason::Unreachable,
        SendError::Blocked => Reason::Blocked,
        SendError::Stopped(_) => Reason::OptedOut,
        SendError::Withheld(_) => Reason::Withheld,
        SendError::WindowClosed(_) => Reason::ReplyWindow,
        SendError::TemplateNeeded(_) => Reason::TemplateNeeded,
        SendError::Quota { .. } => Reason::Quota,
        _ => Reason::Rejected,
    }
}

/// The id a file went by is no longer one of the provider's. The contract names no code for it, so
/// the words decide; what is taken for it wrongly costs one upload.
pub(super) fn is_lost_reference(why: &str) -> bool {
    let code = ["100:", "131009:", "131053:"].iter().any(|code| why.starts_with(code));
    let text = why.to_ascii_lowercase();
    code && text.contains("media")
        && ["attachment id", "media id", "not found", "expired", "not exist"].iter().any(|one| text.contains(one))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn class(error: &SendError) -> String {
        match error {
            SendError::RetryAfter { after, whole_channel } => {
                format!("retry {} {}", after.as_secs(), if *whole_channel { "all" } else { "one" })
            }
            SendError::Quota { .. } | SendError::Newcomer { .. } => "quota".to_owned(),
            SendError::Blocked => "blocked".to_owned(),
            SendError::Transient(_) => "transient".to_owned(),
            SendError::Unreachable(_) => "unreachable".to_owned(),
            SendError::Stopped(_) => "stopped".to_owned(),
            SendError::Withheld(_) => "withheld".to_owned(),
            SendError::WindowClosed(_) => "window".to_owned(),
            SendError::TemplateNeeded(_) => "template".to_owned(),
            SendError::Rejected(_) => "rejected".to_owned(),
            SendError::ReferenceLost(_) => "reference".to_owned(),
            SendError::Unauthorised(_) => "unauthorised".to_owned(),
            SendError::Misconfigured(_) => "misconfigured".to_owned(),
            SendError::Apart(_) => "apart".to_owned(),
            SendError::NotOurs => "not ours".to_owned(),
            SendError::Unknown(_) => "unknown".to_owned(),
        }
    }

    fn body(code: i64) -> Vec<u8> {
        let details = "Message failed to send.";
        json!({ "error": {
            "message": format!("(#{code}) As the table has it"), "type": "OAuthException", "code": code,
            "error_data": { "messaging_product": "whatsapp", "details": details }, "fbtrace_id": "AbCdEfTraceId01",
        } })
        .to_string()
        .into_bytes()
    }

    /// The table of the contract's section 5, row by row.
    #[test]
    fn every_row_of_the_contract() {
        let table: &[(u16, &[i64], &str)] = &[
            (401, &[0, 190], "unauthorised"),
            (500, &[3], "misconfigured"),
            (403, &[10, 200, 210, 299, 131_005], "misconfigured"),
            (403, &[368], "misconfigured"),
            (403, &[130_497], "unreachable"),
            (403, &[131_031], "misconfigured"),
            (400, &[131_037, 131_042], "misconfigured"),
            (500, &[131_045], "misconfigured"),
            (400, &[133_000, 133_006, 133_010], "misconfigured"),
            (400, &[133_005, 133_008, 133_009, 133_015, 133_016], "misconfigured"),
            (400, &[33], "misconfigured"),
            (400, &[4, 80_007], "retry 300 all"),
            (400, &[130_429], "retry 2 all"),
            (400, &[131_056], "retry 6 one"),
            (400, &[131_048], "misconfigured"),
            (500, &[131_057, 2_494_100], "retry 60 all"),
            (400, &[1], "transient"),
            (503, &[2, 133_004], "transient"),
            (500, &[131_000, 131_016], "transient"),
            (400, &[100, 131_008, 131_009, 135_000], "rejected"),
            (400, &[131_021, 131_026], "unreachable"),
            (400, &[131_047], "window"),
            (400, &[130_472, 131_049], "withheld"),
            (400, &[131_050], "stopped"),
            (400, &[131_051], "rejected"),
            (400, &[131_052, 131_053], "rejected"),
            (400, &[131_055, 134_100, 134_102], "rejected"),
            (400, &[134_101], "retry 600 one"),
            (400, &[131_062], "rejected"),
            (400, &[131_064], "quota"),
            (400, &[132_000, 132_005, 132_007, 132_012], "rejected"),
            (404, &[132_001], "template"),
            (400, &[132_015, 132_016], "template"),
            (400, &[132_068, 132_069], "rejected"),
            (400, &[134_011], "misconfigured"),
            (400, &[2_388_019, 2_388_040, 2_388_047, 2_388_072, 2_388_073, 2_388_293, 2_388_299], "rejected"),
            (400, &[999_999], "rejected"),
            (500, &[999_999], "transient"),
        ];
        for (status, codes, expected) in table {
            for code in *codes {
                let error = answer(*status, &body(*code)).expect_err("a refusal");
                assert_eq!(class(&error), *expected, "{code} with HTTP {status}");
                if let Some(said) = error.said() {
                    assert_eq!(said, format!("{code}: As the table has it — Message failed to send."), "{code}");
                }
            }
        }
    }

    #[test]
    fn what_comes_without_an_error_of_graph() {
        for (status, body, expected) in [
            (502, "<html>", "unknown"),
            (504, "", "unknown"),
            (500, "{}", "unknown"),
            (400, "", "rejected"),
            (413, "<html>", "rejected"),
            (403, "<html>", "unknown"),
            (408, "", "unknown"),
            (429, "<html>", "retry 2 all"),
            (200, "<html>", "unknown"),
        ] {
            assert_eq!(class(&answer(status, body.as_bytes()).expect_err("none")), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_malformed_recipient_is_nobodys_address_and_is_not_told() {
        let error = json!({ "error": { "message": "(#131009) Parameter value is not valid", "code": 131_009,
            "error_data": { "details": "'+79991234567' is no phone number." } } });
        let error = answer(400, error.to_string().as_bytes()).expect_err("refused");
        assert_eq!(error, SendError::Unreachable("131009: Parameter value is not valid — '+…' is no phone number.".to_owned()));
    }

    #[test]
    fn a_refusal_that_comes_later_has_its_reason() {
        let later = |code: i64, title: &str| {
            let error: GraphError =
                serde_json::from_value(json!({ "code": code, "title": title, "message": title, "error_data": { "details": "why" } }))
                    .expect("an error");
            (reason(&refusal(0, &error)), error.words())
        };
        assert_eq!(later(131_049, "Healthy"), (Reason::Withheld, "131049: Healthy — why".to_owned()));
        assert_eq!(later(131_050, "Stopped").0, Reason::OptedOut);
        assert_eq!(later(131_026, "Undeliverable").0, Reason::Unreachable);
        assert_eq!(later(130_472, "Experiment").0, Reason::Withheld);
        assert_eq!(later(132_015, "Paused").0, Reason::TemplateNeeded);
        assert_eq!(later(131_047, "Window").0, Reason::ReplyWindow);
        assert_eq!(later(131_000, "Unknown").0, Reason::Rejected);
    }

    #[test]
    fn what_is_kept_at_whatsapp_is_told_by_its_status() {
        let of = |status: Value| held(&json!({ "messages": [{ "id": "wamid.1", "message_status": status }] }));
        assert_eq!((of(json!("accepted")), of(Value::Null), held(&json!({}))), (None, None, None));
        assert_eq!(of(json!("paused")), Some(Held { why: "paused".to_owned(), barred: true }));
        let why = "held_for_quality_assessment".to_owned();
        assert_eq!(of(json!(why)), Some(Held { why, barred: false }));
    }

    #[test]
    fn what_a_message_is_charged_as() {
        let of = |billable: bool, category: &str| charge(&json!({ "billable": billable, "pricing_model": "PMP", "category": category }));
        assert_eq!((of(true, "marketing"), of(true, "utility")), (Some(Charge::Marketing), Some(Charge::Utility)));
        assert_eq!((of(true, "service"), of(true, "marketing_lite")), (Some(Charge::Service), Some(Charge::Marketing)));
        assert_eq!((of(false, "utility"), of(true, "referral_conversion")), (Some(Charge::Free), None));
        assert_eq!((charge(&Value::Null), of(true, "free")), (None, None));
    }

    #[test]
    fn a_lost_file_is_known_by_its_words() {
        assert!(is_lost_reference("100: Param image['id'] is not a valid whatsapp business account media attachment ID: …"));
        assert!(is_lost_reference("131053: Media upload error — the media was not found"));
        assert!(!is_lost_reference("100: Param text['body'] must be at most 4096 characters long."));
        assert!(!is_lost_reference("131053: Media upload error — The file is empty."));
    }
}
