//! What Meta tells of an account as such (contracts/messengers/whatsapp_cloud.md, sections 4 and
//! 6.3): how many people its portfolio may begin to write to within 24 hours, and whether its
//! numbers may send at all.

use serde_json::Value;

use crate::channel::{EventKind, SenderState};

/// A number's field with its portfolio's limit.
pub(super) const LIMIT: &str = "whatsapp_business_manager_messaging_limit";
/// The same in webhooks.
const TOLD: &str = "max_daily_conversations_per_business";
/// What webhooks had before February 2026, as a number: -1 for any.
const TOLD_BEFORE: &str = "max_daily_conversation_per_phone";

/// How many people may be begun with within 24 hours; `None`: any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit(pub Option<i64>);

/// The limit that a word stands for (`TIER_250`, `TIER_2K`, `TIER_UNLIMITED`). A word that says no
/// number is no limit we could keep to.
pub(super) fn people(word: &Value) -> Option<Limit> {
    let word = word.as_str()?.trim();
    let tier = word.strip_prefix("TIER_").unwrap_or(word);
    if tier == "UNLIMITED" {
        return Some(Limit(None));
    }
    let (digits, thousands) = tier.strip_suffix('K').map_or((tier, 1), |digits| (digits, 1_000));
    let many: i64 = digits.parse().ok().filter(|many| (1..=1_000_000).contains(many))?;
    Some(Limit(Some(many * thousands)))
}

/// The news in a webhook's change of this field; `None`: the field is about something else.
///
/// What stops an account or a number is told here: a violation, a restriction, a ban, a number that
/// is flagged for its quality. The contract names events and shapes in part only; what it does not
/// (`ACCOUNT_RESTRICTION`, `ACCOUNT_DELETED`, `FLAGGED`, `UNFLAGGED`, states of a ban) is from
/// Meta's older pages (unconfirmed), and an event that is not known is nothing.
pub(super) fn news(account: &str, field: &str, value: &Value) -> Option<Vec<EventKind>> {
    let mut events = Vec::new();
    let mut senders = |name, state| events.push(EventKind::Senders { account: account.to_owned(), name, state });
    match field {
        "account_update" => {
            for state in of_account(value) {
                senders(None, state);
            }
        }
        "business_capability_update" => {}
        "phone_number_quality_update" => {
            let digits: String = value["display_phone_number"].as_str().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
            let state = match word(&value["event"]).as_str() {
                FLAGGED => Some(SenderState::Stands(FLAGGED.to_owned())),
                "UNFLAGGED" => Some(SenderState::Lifted(FLAGGED.to_owned())),
                _ => None,
            };
            if let Some(state) = state.filter(|_| !digits.is_empty()) {
                senders(Some(digits), state);
            }
        }
        _ => return None,
    }
    let before = || match value[TOLD_BEFORE].as_i64()? {
        -1 => Some(Limit(None)),
        many => (many > 0).then_some(Limit(Some(many))),
    };
    if let Some(Limit(most)) = people(&value[TOLD]).or_else(before).filter(|_| field != "account_update") {
        events.push(EventKind::Daily { account: account.to_owned(), most });
    }
    events.retain(|_| !account.is_empty());
    Some(events)
}

/// Codes of a send that a ban refuses (contract, section 5).
const BAN_CODES: [&str; 2] = ["131031", "368"];
/// A number whose quality is low.
const FLAGGED: &str = "FLAGGED";
/// A restriction that keeps nothing from being sent.
const ADDS_NO_NUMBERS: &str = "RESTRICTED_ADD_PHONE_NUMBER_ACTION";

/// A provider's word: letters, digits and underscores, and no more than a word has.
fn word(told: &Value) -> String {
    told.as_str().unwrap_or_default().chars().filter(|char| char.is_ascii_alphanumeric() || *char == '_').take(60).collect()
}

/// What an `account_update` says of the account's numbers.
fn of_account(value: &Value) -> Vec<SenderState> {
    let event = word(&value["event"]);
    let with = |words: &str| if words.is_empty() { event.clone() } else { format!("{event}: {words}") };
    match event.as_str() {
        "DISABLED_UPDATE" => match word(&value["ban_info"]["waba_ban_state"]).as_str() {
            // A message may have been refused for it before the ban was told.
            "REINSTATE" => BAN_CODES.map(|code| SenderState::Lifted(code.to_owned())).into_iter().chain([SenderState::Sends]).collect(),
            "" => vec![SenderState::Stands("DISABLE".to_owned())],
            state => vec![SenderState::Stands(state.to_owned())],
        },
        "ACCOUNT_VIOLATION" => vec![SenderState::Stands(with(&word(&value["violation_info"]["violation_type"])))],
        "ACCOUNT_RESTRICTION" => {
            let told = &value["restriction_info"];
            let kinds = told.as_array().map_or(std::slice::from_ref(told), Vec::as_slice).iter();
            let kinds: Vec<String> = kinds.map(|one| word(&one["restriction_type"])).filter(|kind| kind != ADDS_NO_NUMBERS).collect();
            if kinds.is_empty() { Vec::new() } else { vec![SenderState::Stands(with(&kinds.join(", ")))] }
        }
        "ACCOUNT_DELETED" => vec![SenderState::Stands(event.clone())],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tier_is_a_number_of_people() {
        for (word, expected) in [
            ("TIER_50", Some(Some(50))),
            ("TIER_250", Some(Some(250))),
            ("TIER_2K", Some(Some(2_000))),
            ("TIER_10K", Some(Some(10_000))),
            ("TIER_100K", Some(Some(100_000))),
            ("TIER_UNLIMITED", Some(None)),
            ("TIER_NOT_SET", None),
            ("TIER_0", None),
            ("TIER_-5", None),
            ("TIER_99999999999999999999K", None),
            ("", None),
        ] {
            assert_eq!(people(&json!(word)), expected.map(Limit), "{word}");
        }
        assert_eq!(people(&Value::Null), None);
    }

    #[test]
    fn the_limit_is_told_in_two_webhooks_and_two_ways() {
        let told = |most| Some(vec![EventKind::Daily { account: "305".to_owned(), most }]);
        let of = |field: &str, value: Value| news("305", field, &value);
        assert_eq!(of("business_capability_update", json!({ TOLD: "TIER_2K", "max_phone_numbers_per_business": 20 })), told(Some(2_000)));
        assert_eq!(of("phone_number_quality_update", json!({ "event": "ONBOARDING", TOLD: "TIER_UNLIMITED" })), told(None));
        assert_eq!(of("business_capability_update", json!({ TOLD_BEFORE: 250 })), told(Some(250)));
        assert_eq!(of("business_capability_update", json!({ TOLD_BEFORE: -1 })), told(None));
        assert_eq!(of("business_capability_update", json!({ TOLD_BEFORE: -1, TOLD: "TIER_10K" })), told(Some(10_000)));
        for value in [json!({}), json!([]), json!({ TOLD: "TIER_NEW" }), json!({ TOLD_BEFORE: 0 })] {
            assert_eq!(of("business_capability_update", value), Some(Vec::new()));
        }
        assert_eq!(of("security", json!({ TOLD: "TIER_2K" })), None);
        assert_eq!(news("", "business_capability_update", &json!({ TOLD: "TIER_2K" })), Some(Vec::new()), "of whom?");
    }

    #[test]
    fn what_stops_an_account_or_a_number_and_what_lets_it_go_on() {
        let of = |field: &str, value: Value| match news("305", field, &value).expect("ours").as_slice() {
            [] => None,
            [EventKind::Senders { account, name, state }] => Some((account.clone(), name.clone(), state.clone())),
            other => panic!("{other:?}"),
        };
        let stands = |word: &str| Some(("305".to_owned(), None, SenderState::Stands(word.to_owned())));
        let ban = |state: &str| json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state, "waba_ban_date": "…" } });
        for (value, expected) in [
            (ban("DISABLE"), stands("DISABLE")),
            (ban("SCHEDULE_FOR_DISABLE"), stands("SCHEDULE_FOR_DISABLE")),
            (json!({ "event": "DISABLED_UPDATE" }), stands("DISABLE")),
            (json!({ "event": "ACCOUNT_VIOLATION", "violation_info": { "violation_type": "SPAM" } }), stands("ACCOUNT_VIOLATION: SPAM")),
            (json!({ "event": "ACCOUNT_VIOLATION" }), stands("ACCOUNT_VIOLATION")),
            (
                json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [
                    { "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1_780_000_000 },
                    { "restriction_type": ADDS_NO_NUMBERS },
                ] }),
                stands("ACCOUNT_RESTRICTION: RESTRICTED_BIZ_INITIATED_MESSAGING"),
            ),
            (json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [{ "restriction_type": ADDS_NO_NUMBERS }] }), None),
            (json!({ "event": "ACCOUNT_DELETED" }), stands("ACCOUNT_DELETED")),
            (json!({ "event": "VERIFIED_ACCOUNT" }), None),
            (json!({ "event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": { "tier": "25000:50000" } }), None),
            (json!({ "event": 7, TOLD: "TIER_2K" }), None),
            (json!([]), None),
        ] {
            assert_eq!(of("account_update", value.clone()), expected, "{value}");
        }
        let reinstated = news("305", "account_update", &ban("REINSTATE")).expect("ours");
        assert!(matches!(reinstated.last(), Some(EventKind::Senders { state: SenderState::Sends, .. })) && reinstated.len() == 3);
        let of_number =
            |event: &str| of("phone_number_quality_update", json!({ "display_phone_number": "+7 495 000-11-22", "event": event }));
        let told = |state| Some(("305".to_owned(), Some("74950001122".to_owned()), state));
        assert_eq!(of_number("FLAGGED"), told(SenderState::Stands("FLAGGED".to_owned())));
        assert_eq!(of_number("UNFLAGGED"), told(SenderState::Lifted("FLAGGED".to_owned())));
        assert_eq!(of_number("THROUGHPUT_UPGRADE"), None);
        assert_eq!(of("phone_number_quality_update", json!({ "event": "FLAGGED" })), None, "of which?");
    }
}
