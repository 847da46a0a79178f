//! MAX's webhooks before they are kept, and the names of its updates (contracts/messengers/max.md,
//! 6.1, 6.3).

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::channel::gate::{Gate, Later, Proof};

/// The gate: a shared secret, no signature of the body.
pub const GATE: Gate = Gate {
    header: "x-max-bot-api-secret",
    query: None,
    proof: Proof::Secret,
    // The longest text with all its markup and the message it answers is a tenth of it.
    most: 512 * 1024,
    name: |payload, _| update_name(payload),
    person,
    parts: None,
    challenge: None,
    welcome: None,
    confirmation: None,
    says: "",
    later: Later::Seconds,
};

#[derive(Deserialize)]
struct Update {
    update_type: String,
    #[serde(default)]
    timestamp: i64,
    chat_id: Option<i64>,
    user: Option<User>,
    message: Option<Message>,
    callback: Option<Callback>,
}

#[derive(Deserialize)]
struct User {
    user_id: i64,
}

#[derive(Deserialize)]
struct Message {
    recipient: Option<Recipient>,
    body: Option<Body>,
}

#[derive(Deserialize)]
struct Recipient {
    chat_id: Option<i64>,
}

#[derive(Deserialize)]
struct Body {
    mid: Option<String>,
}

#[derive(Deserialize)]
struct Callback {
    callback_id: Option<String>,
}

/// The name of an update among those of its bot: MAX numbers none. A press has an id, a message has
/// one (and a time besides once it was edited), the rest has a person and a time. Longer than an
/// index takes, an id is its digest.
pub(super) fn update_name(payload: &str) -> Option<String> {
    let update: Update = serde_json::from_str(payload).ok()?;
    let mid = update.message.as_ref().and_then(|message| message.body.as_ref()?.mid.clone());
    let pressed = update.callback.and_then(|callback| callback.callback_id);
    let own = match (pressed, mid, update.user) {
        (Some(id), _, _) => id,
        (None, Some(mid), _) if update.update_type == "message_created" => mid,
        (None, Some(mid), _) => format!("{mid}:{}", update.timestamp),
        (None, None, Some(user)) => format!("{}:{}", user.user_id, update.timestamp),
        (None, None, None) => return None,
    };
    let name = format!("{}:{own}", update.update_type);
    Some(if name.len() <= 120 { name } else { hex::encode(Sha256::digest(name.as_bytes())) })
}

fn person(payload: &str) -> Option<i64> {
    let update: Update = serde_json::from_str(payload).ok()?;
    update.chat_id.or_else(|| update.message?.recipient?.chat_id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn updates_are_told_apart_and_the_same_one_is_the_same() {
        let text = |mid: &str, kind: &str, at: i64| {
            let message = json!({ "recipient": { "chat_id": 41, "chat_type": "dialog" }, "body": { "mid": mid, "text": "стоп" } });
            json!({ "update_type": kind, "timestamp": at, "message": message }).to_string()
        };
        let name = |update: &str| update_name(update).expect("a name");
        assert_eq!(name(&text("mid.1", "message_created", 5)), name(&text("mid.1", "message_created", 6)), "sent once more");
        assert_ne!(name(&text("mid.1", "message_created", 5)), name(&text("mid.2", "message_created", 5)));
        assert_ne!(name(&text("mid.1", "message_edited", 5)), name(&text("mid.1", "message_edited", 6)), "edited once more");
        let started =
            |at: i64| json!({ "update_type": "bot_started", "timestamp": at, "chat_id": 41, "user": { "user_id": 7 } }).to_string();
        assert_ne!(name(&started(5)), name(&started(6)));
        let pressed =
            json!({ "update_type": "message_callback", "timestamp": 5, "callback": { "callback_id": "c".repeat(500) }, "message": null });
        assert_eq!(name(&pressed.to_string()).len(), 64);
        for (update, person) in [(text("mid.1", "message_created", 5), Some(41)), (started(5), Some(41)), (pressed.to_string(), None)] {
            assert_eq!((GATE.person)(&update), person, "{update}");
        }
        for odd in ["", "{}", "[]", r#"{"update_type":"new_thing"}"#] {
            assert_eq!(update_name(odd), None, "{odd}");
        }
    }
}
