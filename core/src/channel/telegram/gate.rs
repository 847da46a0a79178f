//! Telegram's webhooks before they are kept (contracts/messengers/telegram.md, 6.1, 6.2).

use serde::Deserialize;

use super::update_name;
use crate::channel::gate::{Gate, Later, Proof};

/// The gate.
pub const GATE: Gate = Gate {
    header: "x-telegram-bot-api-secret-token",
    query: None,
    proof: Proof::Secret,
    // The longest text with all its entities and the message it answers is a tenth of it.
    most: 512 * 1024,
    name,
    person,
    parts: None,
    challenge: None,
    welcome: None,
    confirmation: None,
    says: "",
    later: Later::Seconds,
};

fn name(payload: &str, text: &str) -> Option<String> {
    serde_json::from_str::<Numbered>(payload).ok().map(|update| update_name(update.update_id, text))
}

/// What is read of a customers' update before it is kept.
#[derive(Deserialize)]
struct Numbered {
    update_id: i64,
}

/// Who an update comes from, where it can be read: in a private chat the chat has the person's id
/// (contracts/messengers/telegram.md, 6.2).
#[derive(Deserialize)]
struct Written {
    message: Option<InChat>,
    edited_message: Option<InChat>,
    my_chat_member: Option<InChat>,
    callback_query: Option<From>,
}

#[derive(Deserialize)]
struct InChat {
    chat: Id,
}

#[derive(Deserialize)]
struct From {
    from: Id,
}

#[derive(Deserialize)]
struct Id {
    id: i64,
}

fn person(payload: &str) -> Option<i64> {
    let written: Written = serde_json::from_str(payload).ok()?;
    let chat = written.message.or(written.edited_message).or(written.my_chat_member).map(|message| message.chat.id);
    chat.or_else(|| written.callback_query.map(|pressed| pressed.from.id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_person_is_the_same_whatever_they_do() {
        for done in [
            json!({ "message": { "message_id": 5, "date": 0, "chat": { "id": 7, "type": "private" }, "text": "стоп" } }),
            json!({ "edited_message": { "message_id": 5, "date": 0, "chat": { "id": 7, "type": "private" }, "text": "стоп" } }),
            json!({ "my_chat_member": { "chat": { "id": 7, "type": "private" }, "new_chat_member": { "status": "kicked" } } }),
            json!({ "callback_query": { "id": "1", "from": { "id": 7, "is_bot": false, "first_name": "Анна" }, "data": "stop" } }),
        ] {
            let mut update = done.clone();
            update["update_id"] = json!(1);
            assert_eq!(person(&update.to_string()), Some(7), "{done}");
        }
        for other in ["", "{", "{}", r#"{"update_id":1,"poll":{}}"#, r#"{"message":{"chat":{"id":"7"}}}"#] {
            assert_eq!(person(other), None, "{other}");
        }
    }
}
