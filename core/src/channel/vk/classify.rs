//! Answers of the VK API, in the words of the delivery (contracts/messengers/vk.md, section 5).
//! Errors come with HTTP 200, and the code decides.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    channel::{SendError, nameless::nameless},
    clock,
    http::misread,
    text::clean_to,
};

/// Suggested waits of the contract, section 4: a second, a minute, hours. VK names none itself.
const SECOND: Duration = Duration::from_secs(1);
const FLOOD: Duration = Duration::from_secs(60);
const QUOTA: chrono::TimeDelta = chrono::TimeDelta::hours(1);
/// An intent's own limit is a day's (unconfirmed).
const INTENT: chrono::TimeDelta = chrono::TimeDelta::hours(24);

/// What an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The call as a whole: whatever it carried did not go.
    Call,
    /// One message, or one recipient.
    One,
}

/// An error as the API writes it at the top of an answer.
#[derive(Debug, Deserialize)]
struct ApiError {
    error_code: i64,
    #[serde(default)]
    error_msg: String,
}

/// The whole answer of a call (`response`, and `execute_errors` beside it), or why there is none.
/// What is no answer of VK's leaves the outcome unknown, unless HTTP itself refused the request.
pub(super) fn answer(status: u16, body: &[u8], about: About) -> Result<Value, SendError> {
    let read: Result<Value, _> = serde_json::from_slice(body);
    if let Ok(whole) = &read
        && let Some(error) = whole.get("error")
        && let Ok(error) = ApiError::deserialize(error)
    {
        return Err(refusal(error.error_code, &error.error_msg, about));
    }
    match (status, read) {
        (200, Ok(whole)) if whole.get("response").is_some() => Ok(whole),
        (200, Ok(_)) => Err(SendError::Unknown("the answer has neither a response nor an error".to_owned())),
        (200, Err(error)) => Err(SendError::Unknown(misread(&error))),
        (429, _) => Err(SendError::RetryAfter { after: SECOND, whole_channel: true }),
        (400..=499, _) => Err(SendError::Transient(format!("HTTP {status}"))),
        _ => Err(SendError::Unknown(format!("HTTP {status}"))),
    }
}

/// Code and words, without the numbers of people that may stand in them.
pub(super) fn words(code: i64, message: &str) -> String {
    clean_to(&format!("{code}: {}", nameless(message)), SendError::SAID)
}

/// One error of the table.
pub(super) fn refusal(code: i64, message: &str, about: About) -> SendError {
    let why = words(code, message);
    let lower = message.to_ascii_lowercase();
    let names_recipient = about == About::One && ["peer", "user"].iter().any(|word| lower.contains(word));
    match code {
        // Nobody can say whether it was done; a repeat under the same `random_id` is harmless.
        1 | 10 | 36 => SendError::Unknown(why),
        6 => SendError::RetryAfter { after: SECOND, whole_channel: true },
        9 => SendError::RetryAfter { after: FLOOD, whole_channel: about == About::Call },
        29 => SendError::Quota { until: clock::now() + QUOTA, why },
        944 => SendError::Quota { until: clock::now() + INTENT, why },
        32 => SendError::Transient(why),
        5 | 27 | 1117 => SendError::Unauthorised(why),
        // Permissions and texts that name a recipient are that recipient's matter.
        7 | 15 | 43 | 100 | 103 | 104 if names_recipient => SendError::Unreachable(why),
        // A captcha, a confirmation: only a person can help. Then what is wrong with the
        // application, the version or the method, the community, its rights; a script of ours that
        // VK does not take.
        14 | 3300 | 17 | 24 | 25 | 2 | 3 | 4 | 8 | 20 | 23 | 28 | 33 | 34 | 35 | 101 | 38 | 40 | 42 | 7 | 15 | 43 | 12 | 13 | 912 | 943
        | 979 | 983 | 984 | 2000 => SendError::Misconfigured(why),
        // Never allowed, or denied: nothing more goes there until they allow it or write.
        901 => SendError::Blocked,
        18 | 37 | 39 | 113 | 900 | 902 | 917 | 922 | 925 | 927 | 932 | 935 | 936 | 945 | 946 | 950 | 962 | 985 | 987 | 988 | 1012 => {
            SendError::Unreachable(why)
        }
        _ => SendError::Rejected(why),
    }
}

/// An error of one recipient in a call of many: what would else be about the community is about
/// them, for the others got theirs (contract, section 2).
pub(super) fn recipient(code: i64, message: &str) -> SendError {
    match refusal(code, message, About::One) {
        SendError::Misconfigured(why) if matches!(code, 7 | 15 | 43) => SendError::Unreachable(why),
        other => other,
    }
}

/// A file was not taken or not kept: it is brought once more, then the message is refused.
pub(super) fn upload(error: SendError) -> SendError {
    match error {
        SendError::Rejected(why) if is_about_a_file(&why) => SendError::ReferenceLost(why),
        // The whole of an upload is before the message: what fails here certainly did not go.
        SendError::Unknown(why) => SendError::Transient(why),
        other => other,
    }
}

/// Whether a refusal is about the file of a message.
pub(super) fn is_about_a_file(why: &str) -> bool {
    let code = why.split(':').next().unwrap_or_default();
    let named = matches!(code, "22" | "105" | "118" | "121" | "122" | "129" | "1150" | "1151" | "1152" | "1153");
    named || (code == "100" && why.to_ascii_lowercase().contains("attachment"))
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
            SendError::Quota { until, .. } => format!("quota {}", (*until - clock::now()).num_minutes().div_euclid(59)),
            SendError::Blocked => "blocked".to_owned(),
            SendError::Transient(_) => "transient".to_owned(),
            SendError::Unreachable(_) => "unreachable".to_owned(),
            SendError::Rejected(_) => "rejected".to_owned(),
            SendError::ReferenceLost(_) => "reference".to_owned(),
            SendError::Unauthorised(_) => "unauthorised".to_owned(),
            SendError::Misconfigured(_) => "misconfigured".to_owned(),
            SendError::Unknown(_) => "unknown".to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn body(code: i64, message: &str) -> Vec<u8> {
        json!({ "error": { "error_code": code, "error_msg": message, "request_params": [{ "key": "peer_id", "value": "123456" }] } })
            .to_string()
            .into_bytes()
    }

    /// The table of the contract's section 5, row by row.
    #[test]
    fn every_row_of_the_contract() {
        let table: &[(&[i64], &str)] = &[
            (&[1, 10], "unknown"),
            (&[36], "unknown"),
            (&[6], "retry 1 all"),
            (&[9], "retry 60 one"),
            (&[29], "quota 1"),
            (&[32], "transient"),
            (&[14, 3300], "misconfigured"),
            (&[17, 24, 25], "misconfigured"),
            (&[2, 3, 4, 8, 20, 23, 28, 33, 34, 35, 101], "misconfigured"),
            (&[5, 27, 1117], "unauthorised"),
            (&[38, 40, 42], "misconfigured"),
            (&[7, 15, 43], "misconfigured"),
            (&[12, 13], "misconfigured"),
            (&[18], "unreachable"),
            (&[37, 39, 113], "unreachable"),
            (&[100], "rejected"),
            (&[103, 104], "rejected"),
            (&[105, 118, 121, 122, 129, 22, 1150, 1151, 1152, 1153], "rejected"),
            (&[900], "unreachable"),
            (&[901], "blocked"),
            (&[902], "unreachable"),
            (&[910, 914, 913], "rejected"),
            (&[911], "rejected"),
            (&[912], "misconfigured"),
            (&[917, 922, 925, 927, 932, 935, 936, 945, 946, 962, 1012], "unreachable"),
            (&[921, 940, 969], "rejected"),
            (&[943], "misconfigured"),
            (&[944], "quota 24"),
            (&[950], "unreachable"),
            (&[979, 983, 984], "misconfigured"),
            (&[985, 987, 988], "unreachable"),
            (&[909, 920, 924], "rejected"),
            (&[2000], "misconfigured"),
            (&[999_999], "rejected"),
        ];
        for (codes, expected) in table {
            for code in *codes {
                let error = answer(200, &body(*code, "As the table has it"), About::One).expect_err("a refusal");
                assert_eq!(class(&error), *expected, "{code}");
                if let Some(said) = error.said() {
                    assert_eq!(said, format!("{code}: As the table has it"), "{code}");
                }
            }
        }
        assert_eq!(class(&refusal(9, "Flood control", About::Call)), "retry 60 all");
    }

    #[test]
    fn what_names_the_recipient_is_the_recipients_matter() {
        for (code, message) in [
            (7, "Permission to perform this action is denied for this user"),
            (15, "Access denied: user is hidden"),
            (100, "One of the parameters specified was missing or invalid: peer_id is invalid"),
            (104, "Not found: peer"),
        ] {
            assert_eq!(class(&refusal(code, message, About::One)), "unreachable", "{code} {message}");
            assert_ne!(class(&refusal(code, message, About::Call)), "unreachable", "{code} {message}");
        }
        assert_eq!(
            refusal(100, "peer_id 123456789 is invalid, of 25", About::One),
            SendError::Unreachable("100: peer_id … is invalid, of 25".to_owned()),
            "nobody's number is told"
        );
    }

    #[test]
    fn what_comes_without_an_answer_of_vk() {
        for (status, body, expected) in [
            (502, "<html>", "unknown"),
            (504, "", "unknown"),
            (200, "<html>", "unknown"),
            (200, "{}", "unknown"),
            (200, r#"{"error":"text"}"#, "unknown"),
            (404, "<html>", "transient"),
            (429, "", "retry 1 all"),
        ] {
            assert_eq!(class(&answer(status, body.as_bytes(), About::Call).expect_err("none")), expected, "{status} {body}");
        }
        let good = answer(200, br#"{"response":[5012,false],"execute_errors":[]}"#, About::Call).expect("an answer");
        assert_eq!(good["response"], json!([5012, false]));
        // A fault of the gateway may carry VK's own words.
        assert_eq!(class(&answer(503, &body(901, ""), About::One).expect_err("refused")), "blocked");
    }

    #[test]
    fn a_file_that_was_not_taken_is_brought_again() {
        for code in [22, 105, 118, 121, 122, 129, 1150, 1151, 1152, 1153] {
            assert_eq!(class(&upload(refusal(code, "", About::Call))), "reference", "{code}");
        }
        assert!(is_about_a_file("100: One of the parameters was invalid: attachment is invalid"));
        assert!(!is_about_a_file("100: keyboard is invalid") && !is_about_a_file("914: Message is too long"));
        assert_eq!(class(&upload(refusal(10, "", About::Call))), "transient", "no message was sent yet");
    }
}
