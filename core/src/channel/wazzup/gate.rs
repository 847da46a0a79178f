//! Wazzup's webhooks before they are kept (contracts/messengers/wazzup.md, 6.1–6.3). They are not
//! signed: the secret stands in their address, and a `crmKey` comes with them where the account has
//! one.
//!
//! One key has one address, and the channels of the key share it. A body is taken apart: a message
//! names its channel, a status names only its message, so each of our channels behind the address
//! gets the statuses and finds its own among them.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::credentials::Credentials;
use crate::{
    channel::gate::{Gate, InAddress, Later, Part, Proof},
    clock,
    secret::Secret,
};

/// The name of the secret in the address.
pub(super) const SECRET: &str = "k";

/// The gate.
pub const GATE: Gate = Gate {
    header: "authorization",
    query: Some(SECRET),
    proof: Proof::Address(InAddress { key, proves }),
    // The contract gives no size: a hundred of the longest messages are less.
    most: 4 * 1024 * 1024,
    name: |payload, _| serde_json::from_str::<Value>(payload).ok().map(|_| digest(payload)),
    person: |_| None,
    parts: Some(parts),
    challenge: None,
    welcome: None,
    confirmation: None,
    says: "",
    later: Later::Never,
};

/// The account's `crmKey`, if the channel was connected with one.
fn key(credentials: &Secret) -> Option<Secret> {
    Some(Credentials::read(credentials).crm_key).filter(|key| !key.expose().is_empty())
}

/// Whether the header carries it; compared in constant time.
fn proves(key: &Secret, header: &str) -> bool {
    header.strip_prefix("Bearer ").is_some_and(|given| bool::from(given.as_bytes().ct_eq(key.expose().as_bytes())))
}

fn digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..20])
}

/// Who a message is of, as a number that keeps what one person sends in its order.
fn line(message: &Value) -> Option<i64> {
    let who = format!("{}:{}", message["channelId"].as_str()?, message["chatId"].as_str()?);
    Some(i64::from_le_bytes(Sha256::digest(who.as_bytes())[..8].try_into().ok()?))
}

/// What comes without a time of its own may come again with another meaning (a template that is
/// approved once more): told apart by the minute.
fn minute() -> i64 {
    clock::now().timestamp() / 60
}

/// The pieces of a body; `None`: it is none of Wazzup's. The test of an address has no piece.
fn parts(body: &str) -> Option<Vec<Part>> {
    let whole: Value = serde_json::from_str(body).ok().filter(Value::is_object)?;
    let list = |name: &str| whole[name].as_array().into_iter().flatten();
    let mut parts = Vec::new();
    for message in list("messages") {
        let payload = json!({ "messages": [message] }).to_string();
        let id = message["messageId"].as_str().filter(|id| !id.is_empty() && id.len() <= 100);
        let flag = |name: &str| message[name] == true;
        // A person's message is told once, and again each time it is changed. One of ours comes
        // with each status it has.
        let name = match id {
            Some(id) if flag("isEcho") => format!("e:{id}:{}:{}", message["status"].as_str().unwrap_or_default(), digest(&payload)),
            Some(id) if flag("isEdited") || flag("isDeleted") => format!("c:{id}:{}", digest(&payload)),
            Some(id) => format!("m:{id}"),
            None => format!("m:{}", digest(&payload)),
        };
        let person = if flag("isEcho") { None } else { line(message) };
        let identity = message["channelId"].as_str().map(str::to_owned);
        parts.push(Part { each: identity.is_none(), identity, name: short(name), person, payload });
    }
    if list("statuses").next().is_some() {
        let payload = json!({ "statuses": whole["statuses"] }).to_string();
        parts.push(Part { identity: None, each: true, name: format!("s:{}", digest(&payload)), person: None, payload });
    }
    for update in list("channelsUpdates") {
        // The picture of a code to sign in by is nobody's but the account's.
        let mut update = update.clone();
        if let Some(update) = update.as_object_mut() {
            update.remove("qr");
        }
        let Some(identity) = update["channelId"].as_str().map(str::to_owned) else { continue };
        let payload = json!({ "channelsUpdates": [update] }).to_string();
        let at = if update["timestamp"].is_null() { minute() } else { 0 };
        let name = format!("u:{}:{at}", digest(&payload));
        parts.push(Part { identity: Some(identity), each: false, name, person: None, payload });
    }
    if whole["templateStatus"].is_object() {
        let payload = json!({ "templateStatus": whole["templateStatus"] }).to_string();
        let name = format!("t:{}:{}", digest(&payload), minute());
        parts.push(Part { identity: None, each: true, name, person: None, payload });
    }
    Some(parts)
}

/// A name that fits into an index.
fn short(name: String) -> String {
    if name.len() <= 160 { name } else { digest(&name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::wazzup::credentials::assemble;

    const ONE: &str = "3b9d1c70-6a51-4c1e-9c55-0f2f7f0a1101";
    const OTHER: &str = "1d6c1b7e-3b0e-4b5e-9a55-1a2b3c4d5e6f";

    fn message(channel: &str, id: &str) -> Value {
        json!({ "messageId": id, "dateTime": "2026-06-01T09:15:00.120Z", "channelId": channel, "chatType": "whatsapp", "chatId": "79991234567",
            "type": "text", "isEcho": false, "contact": { "name": "Анна" }, "text": "стоп", "status": "inbound" })
    }

    fn parts(body: &Value) -> Vec<Part> {
        super::parts(&body.to_string()).expect("parts")
    }

    #[test]
    fn a_crm_key_is_looked_at_where_there_is_one() {
        assert_eq!(key(&assemble("0a1b2c3d4e5f60718293a4b5c6d7e8f9")), None);
        let key = key(&assemble("0a1b2c3d4e5f60718293a4b5c6d7e8f9 crm-key")).expect("a key");
        assert!(proves(&key, "Bearer crm-key"));
        for odd in ["crm-key", "Bearer ", "Bearer crm-key2", "bearer crm-key", ""] {
            assert!(!proves(&key, odd), "{odd}");
        }
    }

    #[test]
    fn each_piece_goes_to_its_channel_and_statuses_to_each() {
        let body = json!({
            "messages": [message(ONE, "1"), message(OTHER, "2")],
            "statuses": [{ "messageId": "9", "timestamp": "2026-05-06T14:20:03.499Z", "status": "delivered" }],
            "channelsUpdates": [{ "channelId": ONE, "state": "qr", "timestamp": 1_780_000_000_000_i64, "qr": "data:image/png;base64,AAAA" }],
            "templateStatus": { "templateGuid": "g", "name": "n", "status": "approved" },
            "somethingNew": [1],
        });
        let parts = parts(&body);
        let told: Vec<(Option<&str>, bool)> = parts.iter().map(|part| (part.identity.as_deref(), part.each)).collect();
        assert_eq!(told, [(Some(ONE), false), (Some(OTHER), false), (None, true), (Some(ONE), false), (None, true)]);
        assert!(parts[0].person.is_some() && parts[0].person != parts[1].person, "another channel is another dialogue");
        assert!(!parts[3].payload.contains("base64"), "nobody else's code is kept");
        assert!(parts.iter().all(|part| part.name.len() <= 160));
    }

    #[test]
    fn what_comes_again_is_known_and_what_changed_is_not() {
        let name = |message: Value| parts(&json!({ "messages": [message] }))[0].name.clone();
        let said = message(ONE, "1");
        assert_eq!(name(said.clone()), "m:1");
        let mut again = said.clone();
        again["contact"]["name"] = json!("Анна П.");
        assert_eq!(name(again), "m:1", "the same message in other words of its sender's name");
        let with = |more: Value| {
            let mut changed = said.clone();
            for (key, value) in more.as_object().expect("an object") {
                changed[key] = value.clone();
            }
            changed
        };
        let edited = [with(json!({ "isEdited": true, "text": "один" })), with(json!({ "isEdited": true, "text": "два" }))].map(name);
        assert!(edited[0] != edited[1] && edited.iter().all(|name| name != "m:1"));
        let sent = with(json!({ "isEcho": true, "status": "sent" }));
        let failed = with(json!({ "isEcho": true, "status": "error" }));
        assert_ne!(name(sent.clone()), name(failed), "an echo comes with another status");
        assert_eq!(name(sent.clone()), name(sent));
    }

    #[test]
    fn the_test_of_an_address_leaves_nothing_and_garbage_is_none_of_wazzups() {
        assert_eq!(super::parts(r#"{"test":true}"#), Some(Vec::new()));
        assert_eq!(super::parts(r#"{"createContact":{"name":"Анна"}}"#), Some(Vec::new()));
        for odd in ["", "[]", "7", r#"{"messages":[{"messageId":"1""#] {
            assert_eq!(super::parts(odd), None, "{odd}");
        }
        assert_eq!(parts(&json!({ "messages": [{}], "channelsUpdates": [7, {}], "statuses": [], "templateStatus": 7 })).len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,120}") {
            let _ = super::parts(&text);
            let _ = super::parts(&json!({ "messages": [text, { "messageId": text, "isEcho": text, "chatId": 7 }], "statuses": [text] }).to_string());
            let _ = proves(&Secret::new("crm"), &text);
        }
    }
}
