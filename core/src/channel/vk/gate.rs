//! VK's webhooks before they are kept, and the names of its events (contracts/messengers/vk.md,
//! section 6): the secret stands in the body, and VK asks once whether the address is ours.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::channel::gate::{Gate, InBody, Later, Part, Proof};

/// Longest `secret_key` (contract, 6.1); ours is longer and cut.
pub(super) const SECRET: usize = 50;

/// The gate.
pub const GATE: Gate = Gate {
    header: "",
    query: None,
    proof: Proof::Body(InBody { secret, most: SECRET }),
    // A text with its forwarded messages and ten attachments is well below; the contract has no
    // figure.
    most: 1024 * 1024,
    name: |payload, _| serde_json::from_str(payload).ok().map(|event| name(&event, payload)),
    person: |payload| person(&serde_json::from_str(payload).ok()?),
    parts: Some(parts),
    challenge: None,
    welcome: None,
    confirmation: Some(confirmation),
    says: "ok",
    later: Later::Date,
};

/// The secret a body comes with.
fn secret(body: &str) -> Option<String> {
    let event: Value = serde_json::from_str(body).ok()?;
    event["secret"].as_str().filter(|secret| !secret.is_empty()).map(str::to_owned)
}

/// The community that VK asks about: whether this address is its own.
fn confirmation(body: &str) -> Option<String> {
    let event: Value = serde_json::from_str(body).ok()?;
    (event["type"] == "confirmation").then(|| group(&event)).flatten()
}

fn group(event: &Value) -> Option<String> {
    event["group_id"].as_i64().filter(|id| *id > 0).map(|id| id.to_string())
}

/// The event of a body, for its community; the secret stays here.
fn parts(body: &str) -> Option<Vec<Part>> {
    let mut event: Value = serde_json::from_str(body).ok()?;
    let identity = group(&event)?;
    event["type"].as_str()?;
    event.as_object_mut()?.remove("secret");
    let payload = event.to_string();
    Some(vec![Part { identity: Some(identity), each: false, name: name(&event, &payload), person: person(&event), payload }])
}

/// What an event is told from others by: its `event_id`, the same by either way and at each repeat.
/// What has none, or a longer one than an index takes, is told by its digest.
pub(super) fn name(event: &Value, payload: &str) -> String {
    let id = event["event_id"].as_str().filter(|id| !id.is_empty() && id.len() <= 120);
    id.map_or_else(|| hex::encode(&Sha256::digest(payload.as_bytes())[..20]), str::to_owned)
}

/// Who an event comes from.
pub(super) fn person(event: &Value) -> Option<i64> {
    let object = &event["object"];
    let of = |object: &Value| ["peer_id", "from_id", "user_id"].iter().find_map(|field| object[*field].as_i64());
    of(&object["message"]).or_else(|| of(object)).filter(|id| *id > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(rest: Value) -> String {
        let mut event = json!({ "type": "message_new", "group_id": 777, "event_id": "3d5f", "v": "5.199", "secret": "s3cr3t",
            "object": { "message": { "id": 6001, "peer_id": 123_456, "from_id": 123_456, "text": "стоп" } } });
        for (key, value) in rest.as_object().cloned().unwrap_or_default() {
            event[key] = value;
        }
        event.to_string()
    }

    #[test]
    fn an_event_is_of_its_community_and_leaves_its_secret_behind() {
        let body = event(json!({}));
        assert_eq!(secret(&body).as_deref(), Some("s3cr3t"));
        let parts = parts(&body).expect("a body");
        let [part] = &parts[..] else { panic!("{parts:?}") };
        assert_eq!((part.identity.as_deref(), part.name.as_str(), part.person), (Some("777"), "3d5f", Some(123_456)));
        assert!(!part.payload.contains("s3cr3t") && part.payload.contains("стоп"));
        for (object, person) in [
            (json!({ "user_id": 5, "key": "c_8fK2" }), Some(5)),
            (json!({ "from_id": 6, "peer_id": 6, "read_message_id": 1 }), Some(6)),
            (json!({ "message": { "peer_id": -1 } }), None),
            (json!(null), None),
        ] {
            assert_eq!((GATE.person)(&event(json!({ "object": object }))), person);
        }
    }

    #[test]
    fn the_same_event_has_the_same_name_and_another_one_another() {
        let name = |rest: Value| super::parts(&event(rest)).expect("a body").remove(0).name;
        assert_eq!(name(json!({ "event_id": "a" })), "a");
        let long = json!({ "event_id": "a".repeat(500) });
        assert_eq!(name(long.clone()), name(long));
        assert_ne!(name(json!({ "event_id": "" })), name(json!({ "event_id": "", "object": {} })));
        assert_eq!(name(json!({ "event_id": null })).len(), 40);
    }

    #[test]
    fn only_a_question_about_the_address_is_one() {
        assert_eq!(confirmation(r#"{"type":"confirmation","group_id":777}"#).as_deref(), Some("777"));
        for odd in [r#"{"type":"confirmation"}"#, r#"{"type":"message_new","group_id":777}"#, "", "[]", "7"] {
            assert_eq!(confirmation(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_no_event_is_not_kept() {
        for odd in ["", "[]", "{}", r#"{"type":"message_new"}"#, r#"{"group_id":777}"#, r#"{"type":7,"group_id":777}"#] {
            assert!(parts(odd).is_none(), "{odd}");
        }
        let whole = event(json!({}));
        assert!(parts(&whole[..whole.len() - 1]).is_none(), "cut off");
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,120}") {
            for body in [text.clone(), event(json!({ "event_id": text, "object": text, "secret": text }))] {
                let _ = (parts(&body), secret(&body), confirmation(&body), (GATE.person)(&body), (GATE.name)(&body, &body));
            }
        }
    }
}
