//! WhatsApp's webhooks before they are kept (contracts/messengers/whatsapp_cloud.md, 6.1): the
//! challenge, the signature of the raw body, and which number each piece of it is for.
//!
//! A body is taken apart: each message of a person is an event of its own, told by the provider's
//! id of it, because what was not answered in time comes again in other company. Statuses stay
//! together, a thousand in one event: they change nothing the second time.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::credentials::Credentials;
use crate::{
    channel::gate::{Gate, Later, Part, Proof, Signature},
    secret::Secret,
};

/// The gate.
pub const GATE: Gate = Gate {
    header: "x-hub-signature-256",
    query: None,
    proof: Proof::Signature(Signature { key, proves }),
    // Contract, 6.1.
    most: 3 * 1024 * 1024,
    name: |payload, _| digest_of(payload),
    person: |_| None,
    parts: Some(parts),
    challenge: Some(challenge),
    welcome: None,
    confirmation: None,
    says: "",
    later: Later::Seconds,
};

/// The app's secret.
fn key(credentials: &Secret) -> Option<Secret> {
    Some(Credentials::read(credentials).secret).filter(|secret| !secret.expose().is_empty())
}

/// Whether the header is the HMAC of the raw body; compared in constant time.
fn proves(key: &Secret, header: &str, body: &[u8]) -> bool {
    let Some(given) = header.strip_prefix("sha256=").and_then(|hex| hex::decode(hex).ok()) else { return false };
    // A key of any length is taken; an empty one proves nothing.
    let mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).ok().filter(|_| !key.expose().is_empty());
    mac.is_some_and(|mut mac| {
        mac.update(body);
        mac.verify_slice(&given).is_ok()
    })
}

/// The token to be checked, and what answers.
fn challenge(query: &HashMap<String, String>) -> Option<(String, String)> {
    let is_asked = query.get("hub.mode").is_some_and(|mode| mode == "subscribe");
    let answer = query.get("hub.challenge").filter(|_| is_asked)?;
    // It is sent back as it came, so it is a word and nothing else.
    let is_word = (1..=200).contains(&answer.len()) && answer.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    Some((query.get("hub.verify_token")?.clone(), answer.clone())).filter(|_| is_word)
}

fn digest_of(text: &str) -> Option<String> {
    serde_json::from_str::<Value>(text).ok().map(|_| digest(text))
}

fn digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..20])
}

/// Who a message is of, as a number that keeps what one person sends in its order.
fn line(message: &Value) -> Option<i64> {
    let who = message["from_user_id"].as_str().or_else(|| message["from"].as_str())?;
    let digest = Sha256::digest(who.as_bytes());
    Some(i64::from_le_bytes(digest[..8].try_into().ok()?))
}

/// The pieces of a body; `None`: it is none of WhatsApp's.
fn parts(body: &str) -> Option<Vec<Part>> {
    let whole: Value = serde_json::from_str(body).ok()?;
    let entries = whole["entry"].as_array().filter(|_| whole["object"] == "whatsapp_business_account")?;
    let mut parts = Vec::new();
    for entry in entries {
        for change in entry["changes"].as_array().into_iter().flatten() {
            apart(entry, change["field"].as_str().unwrap_or_default(), &change["value"], &mut parts);
        }
    }
    Some(parts)
}

/// One change, taken apart.
fn apart(entry: &Value, field: &str, value: &Value, parts: &mut Vec<Part>) {
    let Some(value) = value.as_object() else { return };
    let account = entry["id"].as_str().unwrap_or_default();
    let number = value.get("metadata").and_then(|metadata| metadata["phone_number_id"].as_str()).map(str::to_owned);
    let part = |value: Map<String, Value>, name: Option<String>, person: Option<i64>| {
        let mut whole = json!({
            "object": "whatsapp_business_account",
            "entry": [{ "id": account, "changes": [{ "field": field, "value": value }] }],
        });
        // What is about no message has its time there.
        if !entry["time"].is_null() {
            whole["entry"][0]["time"] = entry["time"].clone();
        }
        let payload = whole.to_string();
        // An id longer than an index takes is told by its digest.
        let name = name.filter(|name| name.len() <= 180).unwrap_or_else(|| digest(&payload));
        Part { identity: number.clone(), each: false, name: format!("{field}:{name}"), person, payload }
    };
    let list = |name: &str| value.get(name).and_then(Value::as_array).filter(|list| !list.is_empty());
    let without = |names: &[&str]| -> Map<String, Value> {
        value.iter().filter(|(name, _)| !names.contains(&name.as_str())).map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let mut whole = true;
    for message in list("messages").into_iter().flatten() {
        let mut own = without(&["messages", "statuses", "contacts"]);
        let is_theirs = |contact: &&Value| {
            let same = |of: &str, from: &str| contact[of].is_string() && contact[of] == message[from];
            same("user_id", "from_user_id") || same("wa_id", "from")
        };
        let contacts: Vec<Value> = list("contacts").into_iter().flatten().filter(is_theirs).cloned().collect();
        own.insert("contacts".to_owned(), Value::Array(contacts));
        own.insert("messages".to_owned(), json!([message]));
        parts.push(part(own, message["id"].as_str().map(str::to_owned), line(message)));
        whole = false;
    }
    for name in ["statuses", "user_preferences"] {
        let Some(list) = list(name) else { continue };
        let mut own = without(&["messages", "statuses", "user_preferences", "contacts"]);
        own.insert(name.to_owned(), Value::Array(list.clone()));
        parts.push(part(own, None, None));
        whole = false;
    }
    // Something of the account, or errors of the number.
    if whole {
        parts.push(part(value.clone(), None, None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::whatsapp::credentials::assemble;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn signed(body: &[u8], secret: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(body);
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn only_the_apps_secret_over_the_raw_body_proves() {
        let values = ["EAAGm0PX4ZCpsBAKZCexample", "204400112233445", "305500667788990", SECRET];
        let key = super::key(&assemble(&values.map(str::to_owned))).expect("a key");
        let body = r#"{"object":"whatsapp_business_account","text":"\u0441\u0442\u043e\u043f"}"#.as_bytes();
        let good = signed(body, SECRET);
        assert!(proves(&key, &good, body));
        assert!(!proves(&key, &good, "стоп".as_bytes()), "of another body");
        assert!(!proves(&key, &good, &body[..body.len() - 1]), "of a truncated one");
        for forged in [signed(body, "another"), good.replace("sha256=", ""), good.to_uppercase(), "sha256=".to_owned(), String::new()] {
            assert!(!proves(&key, &forged, body), "{forged}");
        }
        assert_eq!(super::key(&Secret::default()), None, "a channel without credentials");
        assert!(!proves(&Secret::default(), &signed(body, ""), body));
    }

    #[test]
    fn a_challenge_is_answered_with_itself() {
        let query = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let asked = [("hub.mode", "subscribe"), ("hub.challenge", "1357924680"), ("hub.verify_token", "t")];
        assert_eq!(challenge(&query(&asked)), Some(("t".to_owned(), "1357924680".to_owned())));
        for odd in [
            vec![("hub.mode", "unsubscribe"), asked[1], asked[2]],
            vec![asked[0], asked[1]],
            vec![asked[0], ("hub.challenge", "<script>"), asked[2]],
            vec![],
        ] {
            assert_eq!(challenge(&query(&odd)), None, "{odd:?}");
        }
    }

    fn value(number: &str, rest: Value) -> Value {
        let mut value = json!({ "messaging_product": "whatsapp", "metadata": { "display_phone_number": "7", "phone_number_id": number } });
        for (key, one) in rest.as_object().expect("an object") {
            value[key] = one.clone();
        }
        json!({ "field": "messages", "value": value })
    }

    fn body(changes: &[Value]) -> String {
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": "305", "changes": changes }] }).to_string()
    }

    /// A POST that was not answered comes again with other things in it.
    #[test]
    fn messages_are_told_apart_in_whatever_company_they_come() {
        let of =
            |from: &str, id: &str| json!({ "from": from, "id": id, "timestamp": "1780000100", "type": "text", "text": { "body": "стоп" } });
        let contacts = json!([{ "wa_id": "71", "profile": { "name": "Анна" } }, { "wa_id": "72", "profile": { "name": "Борис" } }]);
        let both = value("204", json!({ "contacts": contacts, "messages": [of("71", "wamid.1"), of("72", "wamid.2")] }));
        let alone = value("204", json!({ "contacts": [contacts[1]], "messages": [of("72", "wamid.2")] }));
        let parts = |body: &str| super::parts(body).expect("parts");
        let (first, second) = (parts(&body(&[both])), parts(&body(&[alone])));
        assert_eq!(first.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["messages:wamid.1", "messages:wamid.2"]);
        assert_eq!(first[1], second[0], "the same message is the same event");
        assert_ne!(first[0].person, first[1].person);
        assert!(first[0].person.is_some() && first.iter().all(|part| part.identity.as_deref() == Some("204")));
        let kept: Value = serde_json::from_str(&first[0].payload).expect("JSON");
        assert_eq!(kept["entry"][0]["changes"][0]["value"]["contacts"], json!([contacts[0]]), "and nobody else's name");
    }

    #[test]
    fn a_thousand_statuses_are_one_event_for_their_number() {
        let statuses: Vec<Value> = (0..1_000).map(|n| json!({ "id": format!("wamid.{n}"), "status": "read" })).collect();
        let theirs = value("204", json!({ "statuses": statuses }));
        let others = value("205", json!({ "statuses": [{ "id": "wamid.x", "status": "sent" }] }));
        let parts = super::parts(&body(&[theirs, others])).expect("parts");
        assert_eq!(parts.iter().map(|part| part.identity.as_deref().unwrap_or_default()).collect::<Vec<_>>(), ["204", "205"]);
        assert!(parts.iter().all(|part| part.name.len() < 64 && part.person.is_none()));
    }

    #[test]
    fn what_is_of_the_account_stays_with_the_hook() {
        let change = json!({ "field": "account_update", "value": { "event": "DISABLED_UPDATE" } });
        let parts = super::parts(&body(&[change])).expect("parts");
        assert_eq!((parts.len(), parts[0].identity.as_deref()), (1, None));
        for odd in ["", "[]", "{}", r#"{"object":"page","entry":[]}"#] {
            assert!(super::parts(odd).is_none(), "{odd}");
        }
        assert_eq!(super::parts(r#"{"object":"whatsapp_business_account","entry":[{}]}"#), Some(Vec::new()));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,120}") {
            let _ = super::parts(&text);
            let odd = body(&[json!({ "field": text, "value": { "messages": [text, { "id": text, "from": 7 }], "contacts": text, "statuses": text } })]);
            let _ = super::parts(&odd);
            let _ = proves(&Secret::new(SECRET), &text, text.as_bytes());
        }
    }
}
