//! Answers of Wazzup, and failures told later, in the words of the delivery
//! (contracts/messengers/wazzup.md, section 5). The code stands in `error` or, on some pages, in
//! `description` beside one that says nothing, in two spellings; a body may be empty.

use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    channel::{SendError, SenderState, hook::Blame},
    clock::Moment,
    text::clean_to,
    words::Reason,
};

/// Calls are counted anew after this (section 4).
const COUNTED: Duration = Duration::from_secs(5);
/// A phone that is offline, or an account that wrote too much, is left alone for so long.
const AWAY: Duration = Duration::from_secs(5 * 60);
const TOO_MUCH: Duration = Duration::from_secs(3 * 3_600);
/// A channel whose message was taken for spam rests for so long; another one meanwhile stops it.
const SUSPECT: Duration = Duration::from_secs(15 * 60);
/// The month's correspondents are used up until the first; a tariff may change sooner, so a new one
/// is tried again after this.
const USED_UP: TimeDelta = TimeDelta::hours(3);

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    error: Value,
    description: Value,
    data: Value,
}

/// A code without its spelling: `REPEATED_CRM_MESSAGE_ID` and `repeatedCrmMessageId` are one.
fn plain(code: &str) -> String {
    code.chars().filter(|char| char.is_ascii_alphanumeric()).map(|char| char.to_ascii_lowercase()).collect()
}

/// Codes that say nothing: another one beside them says more.
const GENERAL: [&str; 7] =
    ["unknownerror", "unknownerrorwithtraceid", "generalerror", "messagescannotadd", "validationerror", "invalidmessagedata", "badrequest"];

/// The code with which a description begins, if it begins with one.
fn described(description: &str) -> Option<&str> {
    let mut words = description.split_whitespace();
    let code = words.next()?.trim_end_matches([':', '.', ',']);
    // One word alone may be in either spelling.
    let is_code = words.next().is_none() || code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    is_code.then_some(code)
}

/// Whether a code is one of the contract's.
fn is_known(code: &str) -> bool {
    refusal(code, "", Moment::UNIX_EPOCH).is_some() || late(&plain(code)).is_some()
}

/// The code that says most, and Wazzup's words, which begin with it.
pub(super) fn words(error: &str, description: &str) -> (String, String) {
    let says_little = !is_known(error) || GENERAL.contains(&plain(error).as_str());
    let code = described(description).filter(|code| says_little && is_known(code) && plain(code) != plain(error));
    match (code, error.is_empty(), description.is_empty()) {
        (Some(code), ..) => {
            let rest = description.trim_start().trim_start_matches(code).trim_start_matches([':', '.', ',', ' ']);
            let rest = [error, rest].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ");
            (code.to_owned(), if rest.is_empty() { code.to_owned() } else { format!("{code}: {rest}") })
        }
        (None, true, _) => (String::new(), description.to_owned()),
        (None, false, true) => (error.to_owned(), error.to_owned()),
        (None, false, false) => (error.to_owned(), format!("{error}: {description}")),
    }
}

/// What `data` says beside a code. Its contents are told nowhere, and it may repeat what we sent
/// (the address of our webhook has a secret in it): only single words of it are kept.
fn facts(data: &Value) -> impl Iterator<Item = String> {
    let is_word = |text: &str| text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    data.as_object().into_iter().flatten().filter_map(move |(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (is_word(name) && is_word(&value)).then(|| format!("{name} {value}"))
    })
}

/// What an answer says.
pub(super) fn answer(http: u16, body: &[u8], now: Moment) -> Result<Value, SendError> {
    match http {
        200 | 201 => return serde_json::from_slice(body).or(Ok(Value::Null)),
        // A repeat is refused so too, and nobody can say which this was.
        400 if body.trim_ascii().is_empty() => return Err(SendError::Unknown("HTTP 400 without a word".to_owned())),
        401 => return Err(SendError::Unauthorised("HTTP 401".to_owned())),
        403 => return Err(SendError::Misconfigured("HTTP 403: the key may not call this".to_owned())),
        429 => return Err(SendError::RetryAfter { after: COUNTED, whole_channel: true }),
        400..=499 => {}
        // It may have been taken: the same `crmMessageId` finds out.
        _ => return Err(SendError::Unknown(format!("HTTP {http}"))),
    }
    let told: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (code, mut why) = words(&word(&told.error), &word(&told.description));
    if why.is_empty() {
        why = format!("HTTP {http}");
    }
    for fact in facts(&told.data) {
        // A code alone stays what the words begin with.
        let mark = if why.contains(':') { ',' } else { ':' };
        why.push_str(&format!("{mark} {fact}"));
    }
    let why = clean_to(&why, SendError::SAID);
    // What nobody knows is about this message, as most codes are.
    Err(refusal(&code, &why, now).unwrap_or(SendError::Rejected(why)))
}

/// Whether these words of ours or Wazzup's say that another key would help.
pub(super) fn lacks_key(words: &str) -> bool {
    let code = words.split(':').next().unwrap_or_default();
    matches!(plain(code).as_str(), "http401" | "http403" | "channelnotfound")
}

/// Whether a refusal says that the message was taken before under the same id.
pub(super) fn is_repeated(error: &SendError) -> bool {
    matches!(error, SendError::Rejected(why) if plain(why).contains("repeatedcrmmessageid"))
}

/// A code of a call; `None`: it is none that is known.
fn refusal(code: &str, why: &str, now: Moment) -> Option<SendError> {
    let why = why.to_owned();
    Some(match plain(code).as_str() {
        "messagescannotadd" | "unknownerror" | "unknownerrorwithtraceid" => SendError::Unknown(why),
        "channelnotfound"
        | "channelblocked"
        | "channelwapirejected"
        | "channelnomoney"
        | "balanceisempty"
        | "messagesnottextfirst"
        | "messagesisspam"
        | "spam"
        | "channelrejected"
        | "notenoughmoney" => SendError::Misconfigured(why),
        "messagechannelunavailable" => SendError::RetryAfter { after: AWAY, whole_channel: true },
        "toomanyextreqs" => SendError::RetryAfter { after: TOO_MUCH, whole_channel: true },
        "channellimitexceeded" => SendError::Newcomer { until: now + USED_UP, why },
        "templaterejected" => SendError::TemplateNeeded(why),
        "24hoursexceeded" | "7daysexceeded" => SendError::WindowClosed(why),
        "badcontact" | "chatnoaccess" | "chatidigsidmismatch" => SendError::Unreachable(why),
        // A few tries, and then it is given up.
        "messagedownloadcontenterror" => SendError::Transient(why),
        "repeatedcrmmessageid"
        | "invalidmessagedata"
        | "validationerror"
        | "wrongtransport"
        | "messagesabnormalsend"
        | "messagesinvalidcontacttype"
        | "messagewrongcontenttype"
        | "messagesunsupportedcontenttypeinstapi"
        | "messageonlytextorcontent"
        | "messagesonlytextorcontent"
        | "messagenothingtosend"
        | "messagescontentcannotbeblank"
        | "messagestextcannotbeblank"
        | "messagetexttoolong"
        | "referencemessagenotfound" => SendError::Rejected(why),
        code if code.starts_with("messagestoolong") || code.starts_with("messagescontentsizeexceeded") => SendError::Rejected(why),
        _ => return None,
    })
}

/// Codes that are told of messages that were taken, and of no call.
fn late(plain: &str) -> Option<Reason> {
    Some(match plain {
        "toolongtext"
        | "toobigcontent"
        | "wrongcontent"
        | "contentconversionerror"
        | "badlink"
        | "messagecancelled"
        | "messagedeleted"
        | "mentionforbidden"
        | "cannotreplytodeleted" => Reason::Rejected,
        code if code.starts_with("comment") => Reason::Rejected,
        "generalerror" => Reason::Withheld,
        _ => return None,
    })
}

/// Why a message that was taken failed after all. What nobody knows, or says something of the
/// channel, says nothing of the recipient's address: a later message may arrive.
pub(super) fn reason(code: &str) -> Reason {
    let of_call = || match refusal(code, "", Moment::UNIX_EPOCH) {
        Some(SendError::Unreachable(_)) => Reason::Unreachable,
        Some(SendError::WindowClosed(_)) => Reason::ReplyWindow,
        Some(SendError::TemplateNeeded(_)) => Reason::TemplateNeeded,
        Some(SendError::Newcomer { .. }) => Reason::Quota,
        Some(SendError::Rejected(_)) => Reason::Rejected,
        _ => Reason::Withheld,
    };
    late(&plain(code)).unwrap_or_else(of_call)
}

/// What such a failure says of the channel, by Wazzup's words ([`words`]): a code that refuses the
/// whole channel in a call does so later, too. One suspicion of spam may be a mistake.
pub(super) fn blame(words: &str) -> Option<Blame> {
    let code = words.split(':').next().unwrap_or_default();
    match plain(code).as_str() {
        "spam" | "messagesisspam" => Some(Blame::Suspects(SUSPECT)),
        _ => match refusal(code, "", Moment::UNIX_EPOCH)? {
            SendError::Misconfigured(_) => Some(Blame::Stops),
            SendError::RetryAfter { after, whole_channel: true } => Some(Blame::Rests(after)),
            _ => None,
        },
    }
}

/// A state of a channel (section 1): spelled differently from page to page, and every one but
/// `active` sends nothing.
pub(super) fn state(word: &str) -> SenderState {
    let word = clean_to(word, 40);
    if word.eq_ignore_ascii_case("active") { SenderState::Sends } else { SenderState::Stands(word.to_ascii_lowercase()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Moment {
        Moment::from_timestamp(1_780_000_000, 0).expect("a time")
    }

    /// How a code of a call is taken: by its first letter.
    fn taken(http: u16, body: &Value) -> &'static str {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        match answer(http, &body, now()).expect_err("a refusal") {
            SendError::RetryAfter { after, whole_channel: true } if after == COUNTED => "slow",
            SendError::RetryAfter { after, whole_channel: true } if after == AWAY => "away",
            SendError::RetryAfter { after, whole_channel: true } if after == TOO_MUCH => "rest",
            SendError::Newcomer { until, .. } if until == now() + USED_UP => "newcomer",
            SendError::Transient(_) => "passing",
            SendError::Unreachable(_) => "unreachable",
            SendError::WindowClosed(_) => "window",
            SendError::TemplateNeeded(_) => "template",
            SendError::Unauthorised(_) => "key",
            SendError::Misconfigured(_) => "channel",
            SendError::Unknown(_) => "unknown",
            error if is_repeated(&error) => "repeated",
            SendError::Rejected(_) => "message",
            error => panic!("{error:?}"),
        }
    }

    const CODES: &[(&str, &str)] = &[
        ("MESSAGES_CAN_NOT_ADD", "unknown"),
        ("UNKNOWN_ERROR", "unknown"),
        ("UNKNOWN_ERROR_WITH_TRACE_ID", "unknown"),
        ("REPEATED_CRM_MESSAGE_ID", "repeated"),
        ("repeatedCrmMessageId", "repeated"),
        ("INVALID_MESSAGE_DATA", "message"),
        ("VALIDATION_ERROR", "message"),
        ("WRONG_TRANSPORT", "message"),
        ("MESSAGES_ABNORMAL_SEND", "message"),
        ("MESSAGES_INVALID_CONTACT_TYPE", "message"),
        ("MESSAGE_WRONG_CONTENT_TYPE", "message"),
        ("MESSAGES_UNSUPPORTED_CONTENT_TYPE_INSTAPI", "message"),
        ("MESSAGE_ONLY_TEXT_OR_CONTENT", "message"),
        ("MESSAGES_ONLY_TEXT_OR_CONTENT", "message"),
        ("MESSAGE_NOTHING_TO_SEND", "message"),
        ("MESSAGES_CONTENT_CAN_NOT_BE_BLANK", "message"),
        ("MESSAGES_TEXT_CAN_NOT_BE_BLANK", "message"),
        ("MESSAGE_TEXT_TOO_LONG", "message"),
        ("MESSAGES_TOO_LONG_INSTAGRAM", "message"),
        ("MESSAGES_TOO_LONG_TELEGRAM", "message"),
        ("MESSAGES_TOO_LONG_WABA", "message"),
        ("MESSAGES_TOO_LONG_WABA_HEADER", "message"),
        ("MESSAGES_TOO_LONG_WABA_TEMPLATE", "message"),
        ("MESSAGES_TOO_LONG_VK", "message"),
        ("MESSAGES_TOO_LONG_AVITO", "message"),
        ("MESSAGES_TOO_LONG_VIBER", "message"),
        ("MESSAGES_CONTENT_SIZE_EXCEEDED", "message"),
        ("MESSAGES_CONTENT_SIZE_EXCEEDED_WABA", "message"),
        ("MESSAGES_CONTENT_SIZE_EXCEEDED_TELEGRAM", "message"),
        ("MESSAGE_DOWNLOAD_CONTENT_ERROR", "passing"),
        ("CHANNEL_NOT_FOUND", "channel"),
        ("CHANNEL_BLOCKED", "channel"),
        ("CHANNEL_WAPI_REJECTED", "channel"),
        ("CHANNEL_NO_MONEY", "channel"),
        ("CHANNEL_REJECTED", "channel"),
        ("NOT_ENOUGH_MONEY", "channel"),
        ("SPAM", "channel"),
        ("MESSAGE_CHANNEL_UNAVAILABLE", "away"),
        ("CHANNEL_LIMIT_EXCEEDED", "newcomer"),
        ("BALANCE_IS_EMPTY", "channel"),
        ("MESSAGES_NOT_TEXT_FIRST", "channel"),
        ("MESSAGES_IS_SPAM", "channel"),
        ("TEMPLATE_REJECTED", "template"),
        ("BAD_CONTACT", "unreachable"),
        ("CHAT_NO_ACCESS", "unreachable"),
        ("REFERENCE_MESSAGE_NOT_FOUND", "message"),
        ("SOMETHING_NEW", "message"),
    ];

    #[test]
    fn every_code_of_a_call_has_its_class_wherever_it_stands() {
        for (code, class) in CODES {
            let body = json!({ "status": 400, "requestId": "5f4e3d2c", "error": code, "description": "You have already sent message" });
            assert_eq!(taken(400, &body), *class, "{code}");
            // One that says nothing hides none beside it.
            for general in ["Bad request", "VALIDATION_ERROR", "UNKNOWN_ERROR", "messagesCanNotAdd", ""] {
                let known = *code != "SOMETHING_NEW" || matches!(general, "Bad request" | "VALIDATION_ERROR" | "");
                let elsewhere = json!({ "error": general, "description": code });
                assert_eq!(taken(400, &elsewhere), if known { *class } else { "unknown" }, "{code} beside `{general}`");
            }
        }
        for (http, class) in
            [(400, "unknown"), (404, "message"), (401, "key"), (403, "channel"), (429, "slow"), (500, "unknown"), (502, "unknown")]
        {
            assert_eq!(taken(http, &Value::Null), class, "HTTP {http} without a body");
        }
    }

    #[test]
    fn the_providers_code_and_words_are_kept() {
        let body = json!({ "error": "WRONG_TRANSPORT", "description": "Wrong transport", "data": { "chatType": "viber" } }).to_string();
        let error = answer(400, body.as_bytes(), now()).expect_err("a refusal");
        assert_eq!(error.said().as_deref(), Some("WRONG_TRANSPORT: Wrong transport, chatType viber"));
        let address = json!({ "uri": "https://mms.example/hooks/wazzup/1?k=secret", "testPost": { "k": "secret" } });
        let untaken = json!({ "error": "testPostNotPassed", "data": address }).to_string();
        let error = answer(400, untaken.as_bytes(), now()).expect_err("a refusal");
        assert_eq!(error.said().as_deref(), Some("testPostNotPassed"), "no secret of ours");
        let bare = json!({ "error": "CHANNEL_NOT_FOUND", "data": { "chatType": "viber", "transport": "vk" } }).to_string();
        let bare = answer(400, bare.as_bytes(), now()).expect_err("a refusal").said().expect("words");
        assert!(bare == "CHANNEL_NOT_FOUND: chatType viber, transport vk" && lacks_key(&bare), "{bare}");
        let hidden = json!({ "error": "UNKNOWN_ERROR", "description": "CHANNEL_BLOCKED: it is off" }).to_string();
        let error = answer(400, hidden.as_bytes(), now()).expect_err("a refusal");
        assert_eq!(error, SendError::Misconfigured("CHANNEL_BLOCKED: UNKNOWN_ERROR, it is off".to_owned()));
        let plain = json!({ "error": "BAD_CONTACT", "description": "CHANNEL_BLOCKED" }).to_string();
        assert!(matches!(answer(400, plain.as_bytes(), now()), Err(SendError::Unreachable(_))), "it says what is the matter");
        let spoken = json!({ "error": "UNKNOWN_ERROR", "description": "Spam is a word" }).to_string();
        assert!(matches!(answer(400, spoken.as_bytes(), now()), Err(SendError::Unknown(_))), "a sentence is no code");
        assert_eq!(answer(201, br#"{"messageId":"m"}"#, now()).expect("taken")["messageId"], "m");
        assert_eq!(answer(200, b"OK", now()), Ok(Value::Null), "an odd yes is a yes");
    }

    #[test]
    fn what_failed_afterwards_has_a_reason() {
        for (code, expected) in [
            ("BAD_CONTACT", Reason::Unreachable),
            ("CHATID_IGSID_MISMATCH", Reason::Unreachable),
            ("24_HOURS_EXCEEDED", Reason::ReplyWindow),
            ("7_DAYS_EXCEEDED", Reason::ReplyWindow),
            ("SPAM", Reason::Withheld),
            ("TOO_MANY_EXT_REQS", Reason::Withheld),
            ("CHANNEL_REJECTED", Reason::Withheld),
            ("NOT_ENOUGH_MONEY", Reason::Withheld),
            ("TOO_LONG_TEXT", Reason::Rejected),
            ("TOO_BIG_CONTENT", Reason::Rejected),
            ("WRONG_CONTENT", Reason::Rejected),
            ("CONTENT_CONVERSION_ERROR", Reason::Rejected),
            ("BAD_LINK", Reason::Rejected),
            ("MESSAGE_CANCELLED", Reason::Rejected),
            ("MESSAGE_DELETED", Reason::Rejected),
            ("COMMENT_DELETED", Reason::Rejected),
            ("MENTION_FORBIDDEN", Reason::Rejected),
            ("CANNOT_REPLY_TO_DELETED", Reason::Rejected),
            ("CHAT_NO_ACCESS", Reason::Unreachable),
            ("TEMPLATE_REJECTED", Reason::TemplateNeeded),
            ("MESSAGES_TOO_LONG_WABA", Reason::Rejected),
            ("CHANNEL_LIMIT_EXCEEDED", Reason::Quota),
            ("GENERAL_ERROR", Reason::Withheld),
            ("UNKNOWN_ERROR", Reason::Withheld),
            ("SOMETHING_NEW", Reason::Withheld),
        ] {
            assert_eq!(reason(code), expected, "{code}");
        }
    }

    #[test]
    fn a_late_failure_says_something_of_its_channel() {
        for (words, expected) in [
            ("TOO_MANY_EXT_REQS: slow down", Some(Blame::Rests(TOO_MUCH))),
            ("MESSAGE_CHANNEL_UNAVAILABLE", Some(Blame::Rests(AWAY))),
            ("SPAM: suspected", Some(Blame::Suspects(SUSPECT))),
            ("MESSAGES_IS_SPAM", Some(Blame::Suspects(SUSPECT))),
            ("CHANNEL_REJECTED: banned", Some(Blame::Stops)),
            ("NOT_ENOUGH_MONEY", Some(Blame::Stops)),
            ("CHANNEL_NO_MONEY: GENERAL_ERROR", Some(Blame::Stops)),
            ("BALANCE_IS_EMPTY", Some(Blame::Stops)),
            ("channelBlocked", Some(Blame::Stops)),
            ("CHANNEL_WAPI_REJECTED", Some(Blame::Stops)),
            ("MESSAGES_NOT_TEXT_FIRST", Some(Blame::Stops)),
            ("BAD_CONTACT: no such account", None),
            ("24_HOURS_EXCEEDED", None),
            ("CHANNEL_LIMIT_EXCEEDED", None),
            ("GENERAL_ERROR: SPAM", None),
            ("SOMETHING_NEW", None),
            ("", None),
        ] {
            assert_eq!(blame(words), expected, "{words}");
        }
        assert_eq!(words("GENERAL_ERROR", "SPAM"), ("SPAM".to_owned(), "SPAM: GENERAL_ERROR".to_owned()));
    }

    #[test]
    fn another_key_helps_who_has_none_that_is_good() {
        for http in [401, 403] {
            let error = answer(http, b"", now()).expect_err("a refusal").said().expect("words");
            assert!(lacks_key(&error), "{error}");
        }
        assert!(lacks_key("CHANNEL_NOT_FOUND: Channel with provided id is not found."));
        for other in ["SPAM: suspected", "qr: state", "CHANNEL_NO_MONEY", "HTTP 4010", ""] {
            assert!(!lacks_key(other), "{other}");
        }
    }

    #[test]
    fn only_an_active_channel_sends() {
        for word in ["active", "Active", "ACTIVE"] {
            assert_eq!(state(word), SenderState::Sends);
        }
        for word in ["qr", "qrIdle", "phoneUnavailable", "openelsewhere", "", "something new"] {
            assert_eq!(state(word), SenderState::Stands(word.to_ascii_lowercase()));
        }
    }
}
