//! Viber's webhooks before they are kept (contracts/messengers/viber.md, 6.1–6.3): the signature of
//! the raw body, the names of events, and the one message that may go to somebody who opened the
//! chat and cannot be written to yet.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{credentials::Credentials, wire};
use crate::{
    channel::gate::{Gate, Greeting, Later, Proof, Signature, Welcome},
    secret::Secret,
};

/// The gate.
pub const GATE: Gate = Gate {
    header: "x-viber-content-signature",
    // Seen in the vendor's own client.
    query: Some("sig"),
    proof: Proof::Signature(Signature { key, proves }),
    // The longest text with the longest `tracking_data` is a tenth of it.
    most: 256 * 1024,
    name: |payload, _| name(payload),
    person,
    parts: None,
    challenge: None,
    welcome: Some(Welcome { wanted, body }),
    confirmation: None,
    says: "",
    later: Later::Seconds,
};

/// The key is the bot's token.
fn key(credentials: &Secret) -> Option<Secret> {
    Some(Credentials::read(credentials).token).filter(|token| !token.expose().is_empty())
}

/// Whether the proof is the HMAC of the raw body, in lower-case digits; compared in constant time.
fn proves(key: &Secret, proof: &str, body: &[u8]) -> bool {
    let lower = !proof.bytes().any(|byte| byte.is_ascii_uppercase());
    let Some(given) = hex::decode(proof).ok().filter(|_| lower) else { return false };
    let mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).ok().filter(|_| !key.expose().is_empty());
    mac.is_some_and(|mut mac| {
        mac.update(body);
        mac.verify_slice(&given).is_ok()
    })
}

#[derive(Deserialize)]
struct Update {
    event: String,
    /// Unsigned and above 2^63: never a float.
    message_token: u64,
    user_id: Option<String>,
    user: Option<Person>,
    sender: Option<Person>,
    #[serde(default)]
    context: Option<String>,
    subscribed: Option<bool>,
}

#[derive(Deserialize)]
struct Person {
    id: Option<String>,
    language: Option<String>,
    api_version: Option<i64>,
}

impl Update {
    fn read(payload: &str) -> Option<Self> {
        serde_json::from_str(payload).ok()
    }

    fn who(&self) -> &str {
        let person = [&self.sender, &self.user].into_iter().flatten().find_map(|person| person.id.as_deref());
        self.user_id.as_deref().or(person).unwrap_or_default()
    }
}

/// What an event is told from others by. A receipt comes once for each device of the person, and
/// one token may cover many people: the event, the token and the person together. So the first
/// device's counts and the others are the same event. The name outlives what it names, so the
/// person is a digest in it.
fn name(payload: &str) -> Option<String> {
    let update = Update::read(payload)?;
    let who = hex::encode(&Sha256::digest(update.who().as_bytes())[..12]);
    let name = format!("{}:{}:{who}", update.event, update.message_token);
    Some(if name.len() <= 160 { name } else { hex::encode(Sha256::digest(name.as_bytes())) })
}

/// Who an event comes from, as a number that keeps what one person does in its order; receipts
/// change nothing by theirs.
fn person(payload: &str) -> Option<i64> {
    let update = Update::read(payload)?;
    if matches!(update.event.as_str(), "delivered" | "seen" | "failed" | "webhook") || update.who().is_empty() {
        return None;
    }
    let digest = Sha256::digest(update.who().as_bytes());
    Some(i64::from_le_bytes(digest[..8].try_into().ok()?))
}

/// Somebody opened the chat who is not subscribed.
fn wanted(payload: &str) -> Option<Option<String>> {
    let update = Update::read(payload).filter(|update| update.event == "conversation_started")?;
    (update.subscribed != Some(true)).then(|| update.user.and_then(|user| user.language))
}

/// The welcome. What a personal link carried comes back with the person's first word
/// (`tracking_data`), whether they press the button or write.
fn body(payload: &str, greeting: &Greeting<'_>) -> String {
    let update = Update::read(payload);
    let level = update.as_ref().and_then(|update| update.user.as_ref()?.api_version).unwrap_or(wire::KEYBOARDS);
    let mut body = json!({ "sender": { "name": wire::sender(greeting.sender) }, "type": "text", "text": greeting.text });
    if let Some(context) = update.and_then(|update| update.context).filter(|context| !context.is_empty()) {
        body["tracking_data"] = json!(wire::Tracking::Start(context).written());
    }
    if level >= wire::KEYBOARDS {
        body["min_api_version"] = json!(wire::KEYBOARDS);
        body["keyboard"] = wire::start_keyboard(greeting.button);
    }
    body.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::channel::viber::credentials::assemble;

    const TOKEN: &str = "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-5a6b7c8d9e0f1a2b";

    fn signed(body: &[u8], token: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).expect("a key");
        mac.update(body);
        hex::encode(mac.finalize().into_bytes())
    }

    #[test]
    fn only_the_bots_token_over_the_raw_body_proves() {
        let key = super::key(&assemble(&[TOKEN.to_owned()])).expect("a key");
        let body = r#"{"event":"message","message":{"text":"\u0441\u0442\u043e\u043f"}}"#.as_bytes();
        let good = signed(body, TOKEN);
        assert!(proves(&key, &good, body));
        assert!(!proves(&key, &good, "стоп".as_bytes()), "of another body");
        assert!(!proves(&key, &good, &body[..body.len() - 1]), "of a truncated one");
        for forged in [signed(body, "another-token"), good.to_uppercase(), format!("sha256={good}"), good[..62].to_owned(), String::new()] {
            assert!(!proves(&key, &forged, body), "{forged}");
        }
        assert_eq!(super::key(&Secret::default()), None, "a channel without credentials");
        assert!(!proves(&Secret::default(), &signed(body, ""), body));
    }

    fn update(event: &str, token: u64, more: Value) -> String {
        let mut update = json!({ "event": event, "timestamp": 1_780_000_000_000_i64, "message_token": token });
        for (key, value) in more.as_object().cloned().unwrap_or_default() {
            update[key] = value;
        }
        update.to_string()
    }

    #[test]
    fn events_are_told_apart_and_the_same_one_is_the_same() {
        let receipt = |event: &str, user: &str| name(&update(event, u64::MAX, json!({ "user_id": user }))).expect("a name");
        assert_eq!(receipt("delivered", "kX9=="), receipt("delivered", "kX9=="), "the second device of the person");
        assert_ne!(receipt("delivered", "kX9=="), receipt("seen", "kX9=="));
        assert_ne!(receipt("delivered", "kX9=="), receipt("delivered", "aAb=="), "one token of a broadcast");
        assert!(receipt("seen", "kX9==").contains("18446744073709551615"), "the token is whole");
        let message =
            |token| update("message", token, json!({ "sender": { "id": "kX9==" }, "message": { "type": "text", "text": "стоп" } }));
        assert_ne!(name(&message(5)), name(&message(6)));
        assert!(!receipt("seen", "kX9==").contains("kX9"), "the person is not named");
        assert_eq!(name(&update(&"e".repeat(500), 5, json!({}))).expect("a name").len(), 64);
        assert_eq!((GATE.person)(&message(5)), (GATE.person)(&update("unsubscribed", 7, json!({ "user_id": "kX9==" }))));
        assert_eq!((GATE.person)(&update("seen", 7, json!({ "user_id": "kX9==" }))), None);
        for odd in [
            "",
            "{}",
            "[]",
            r#"{"event":"message"}"#,
            r#"{"event":"message","message_token":-1}"#,
            r#"{"event":"message","message_token":1.5e18}"#,
        ] {
            assert_eq!(name(odd), None, "{odd}");
        }
    }

    #[test]
    fn whoever_opens_the_chat_is_welcomed_in_the_answer() {
        let opened = |more: Value| {
            let mut all =
                json!({ "user": { "id": "kX9==", "language": "ru", "api_version": 10 }, "subscribed": false, "context": "c_8fK2" });
            for (key, value) in more.as_object().cloned().unwrap_or_default() {
                all[key] = value;
            }
            update("conversation_started", 5, all)
        };
        assert_eq!(wanted(&opened(json!({}))), Some(Some("ru".to_owned())));
        assert_eq!(wanted(&opened(json!({ "subscribed": true }))), None);
        assert_eq!(wanted(&update("subscribed", 5, json!({ "user": { "id": "kX9==" } }))), None);
        let greeting = Greeting {
            sender: "Магазин «Ромашка» на углу Садовой и Мира", text: "Здравствуйте!", button: "Начать"
        };
        let said: Value = serde_json::from_str(&body(&opened(json!({})), &greeting)).expect("JSON");
        assert_eq!((said["text"].as_str(), said["tracking_data"].as_str()), (Some("Здравствуйте!"), Some("start:c_8fK2")));
        assert_eq!(said["keyboard"]["Buttons"][0]["ActionBody"], "/start");
        assert!(said["sender"]["name"].as_str().is_some_and(|name| name.chars().count() <= 28));
        assert_eq!(said.get("receiver"), None);
        let old: Value =
            serde_json::from_str(&body(&opened(json!({ "user": { "id": "kX9==", "api_version": 1 }, "context": "" })), &greeting))
                .expect("JSON");
        assert_eq!((old.get("keyboard"), old.get("tracking_data")), (None, None), "an old client shows no buttons");
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,120}") {
            let _ = (name(&text), person(&text), wanted(&text));
            let _ = proves(&Secret::new(TOKEN), &text, text.as_bytes());
            let odd = update("conversation_started", 1, json!({ "user": { "id": text }, "context": text }));
            let _ = body(&odd, &Greeting { sender: &text, text: &text, button: &text });
        }
    }
}
