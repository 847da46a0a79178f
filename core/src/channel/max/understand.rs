//! Updates understood (contracts/messengers/max.md, section 6.3). Whatever comes, it is an answer
//! or a sentence for the log, never a panic: every field is optional, unknown ones are ignored.
//!
//! An address is the dialogue: a message goes there, and the bot reads it there.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use crate::{
    channel::{Attached, Event, EventKind, FileKind, Profile},
    clock::Moment,
    http::misread,
    secret::Secret,
    text::clean_to,
};

#[derive(Deserialize)]
struct Update {
    update_type: String,
    #[serde(default)]
    timestamp: i64,
    chat_id: Option<i64>,
    user: Option<User>,
    #[serde(default)]
    user_locale: Option<String>,
    payload: Option<String>,
    message: Option<Message>,
    callback: Option<Callback>,
}

#[derive(Deserialize, Default)]
struct User {
    #[serde(default)]
    user_id: i64,
    #[serde(default)]
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    #[serde(default)]
    is_bot: bool,
}

#[derive(Deserialize)]
struct Message {
    recipient: Option<Recipient>,
    #[serde(default)]
    timestamp: i64,
    sender: Option<User>,
    body: Option<Body>,
    link: Option<Link>,
}

#[derive(Deserialize)]
struct Recipient {
    chat_id: Option<i64>,
    #[serde(default)]
    chat_type: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    mid: Option<String>,
    text: Option<String>,
    attachments: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(rename = "type")]
    kind: String,
    message: Option<Body>,
}

#[derive(Deserialize)]
struct Callback {
    #[serde(default)]
    timestamp: i64,
    callback_id: String,
    payload: Option<String>,
    user: Option<User>,
}

/// What stands on the button with this payload.
fn label(body: &Body, payload: &str) -> Option<String> {
    let keyboard = body.attachments.as_ref()?.iter().find(|one| one["type"] == "inline_keyboard")?;
    let rows = keyboard["payload"]["buttons"].as_array()?;
    let button = rows.iter().filter_map(Value::as_array).flatten().find(|button| button["payload"] == payload)?;
    button["text"].as_str().map(|text| clean_to(text, MAX_NAME))
}

/// Understands one update; `now` stands in where MAX gives no time, `token` proves a shared phone.
pub(super) fn update(raw: &str, token: &Secret, now: Moment) -> Result<Vec<Event>, String> {
    let update: Update = serde_json::from_str(raw).map_err(|error| format!("not an update of MAX: {}", misread(&error)))?;
    let at = moment(update.timestamp, now);
    let language = update.user_locale.clone();
    match update.update_type.as_str() {
        "message_created" => Ok(update.message.and_then(|message| from_message(message, token, language, now)).into_iter().collect()),
        "message_edited" => {
            let event = update.message.and_then(|message| from_message(message, token, language, now));
            Ok(event.map(|event| Event { at, kind: EventKind::Edited(Box::new(event.kind)), ..event }).into_iter().collect())
        }
        "message_callback" => {
            let Some(callback) = update.callback else { return Err("a press without its button".to_owned()) };
            // Nothing else says in which dialogue it was. Of a message that was deleted meanwhile
            // it is known who pressed, and their dialogue may be known.
            let chat = update.message.as_ref().and_then(|message| message.recipient.as_ref()?.chat_id);
            if chat.is_none() && callback.user.as_ref().is_none_or(|user| user.user_id == 0) {
                return Err("a press of nobody's".to_owned());
            }
            let data = callback.payload.unwrap_or_default();
            let body = update.message.and_then(|message| message.body);
            let label = body.as_ref().and_then(|body| label(body, &data)).unwrap_or_default();
            let message_ref = body.and_then(|body| body.mid);
            Ok(vec![Event {
                from: chat.map(|chat| chat.to_string()).unwrap_or_default(),
                at: moment(callback.timestamp, now),
                message_ref,
                profile: profile(callback.user.unwrap_or_default(), language),
                kind: EventKind::Press { data, query_id: callback.callback_id, label },
            }])
        }
        "bot_started" => {
            let (Some(chat), Some(user)) = (update.chat_id, update.user) else { return Err("a start without its dialogue".to_owned()) };
            let profile = profile(user, language);
            // Whoever had stopped the bot resumes it by the same press.
            let kinds = [EventKind::Unblocked, EventKind::Started(update.payload.filter(|payload| !payload.is_empty()))];
            Ok(kinds.map(|kind| Event { from: chat.to_string(), at, message_ref: None, profile: profile.clone(), kind }).into())
        }
        "bot_stopped" | "dialog_removed" => {
            let Some(chat) = update.chat_id else { return Err("a stop without its dialogue".to_owned()) };
            let profile = profile(update.user.unwrap_or_default(), language);
            Ok(vec![Event { from: chat.to_string(), at, message_ref: None, profile, kind: EventKind::Blocked }])
        }
        _ => Ok(Vec::new()),
    }
}

fn moment(millis: i64, now: Moment) -> Moment {
    if millis <= 0 { now } else { Moment::from_timestamp_millis(millis).unwrap_or(now) }
}

fn profile(user: User, language: Option<String>) -> Profile {
    Profile {
        first_name: user.first_name.unwrap_or_default(),
        last_name: user.last_name.unwrap_or_default(),
        username: user.username.unwrap_or_default(),
        language,
        id: (user.user_id != 0).then(|| user.user_id.to_string()),
        ..Profile::default()
    }
}

/// Only dialogues concern customers, and only what people write.
fn from_message(message: Message, token: &Secret, language: Option<String>, now: Moment) -> Option<Event> {
    let (sender, recipient, body) = (message.sender?, message.recipient?, message.body?);
    if sender.is_bot || recipient.chat_type.is_some_and(|kind| kind != "dialog") {
        return None;
    }
    let chat = recipient.chat_id?;
    let reply_to = message.link.filter(|link| link.kind == "reply").and_then(|link| link.message?.mid);
    let attachments = body.attachments.unwrap_or_default();
    let caption = body.text.unwrap_or_default();
    let phone = attachments.iter().find_map(|attachment| shared_phone(attachment, sender.user_id, token));
    let kind = match (phone, attachments.iter().find_map(attached)) {
        (Some(phone), _) => phone,
        (None, Some((what, file))) => EventKind::Media { what, caption, file, reply_to },
        (None, None) if caption.is_empty() => EventKind::Ignored,
        // What our texts tell people to write; MAX makes no event of it.
        (None, None) if caption.trim().eq_ignore_ascii_case("/start") => EventKind::Started(None),
        (None, None) => EventKind::Text { body: caption, reply_to },
    };
    Some(Event {
        from: chat.to_string(),
        at: moment(message.timestamp, now),
        message_ref: body.mid,
        profile: profile(sender, language),
        kind,
    })
}

/// A shared contact. It is the sender's own number when MAX says so and proves it: by the hash over
/// the card, keyed with the bot's token (contract, section 0).
fn shared_phone(attachment: &Value, sender: i64, token: &Secret) -> Option<EventKind> {
    if attachment["type"] != "contact" {
        return None;
    }
    let payload = &attachment["payload"];
    let card = payload["vcf_info"].as_str().unwrap_or_default();
    let number = card.lines().find_map(|line| {
        let (name, number) = line.split_once(':')?;
        name.to_ascii_uppercase().starts_with("TEL").then(|| number.trim().to_owned())
    });
    let of_sender = payload["max_info"]["user_id"].as_i64() == Some(sender);
    let own = of_sender && is_proved(card, payload["hash"].as_str().unwrap_or_default(), token);
    Some(EventKind::Phone { number: number.unwrap_or_default(), own })
}

fn is_proved(card: &str, hash: &str, token: &Secret) -> bool {
    let Ok(hash) = hex::decode(hash) else { return false };
    // Without a token nothing is proved; a key of any length is taken.
    let mac = Hmac::<Sha256>::new_from_slice(token.expose().as_bytes()).ok().filter(|_| !token.expose().is_empty());
    mac.is_some_and(|mut mac| {
        mac.update(card.as_bytes());
        mac.verify_slice(&hash).is_ok()
    })
}

/// Longest name of a file, characters.
const MAX_NAME: usize = 200;

/// What is attached, in the words of the product, with its file if it has one.
fn attached(attachment: &Value) -> Option<(String, Option<Attached>)> {
    let (what, kind, mime) = match attachment["type"].as_str()? {
        "image" => ("photo", Some(FileKind::Photo), "image/jpeg"),
        "video" => ("video", Some(FileKind::Video), "video/mp4"),
        "audio" => ("voice", Some(FileKind::Voice), ""),
        "file" => ("document", Some(FileKind::Document), ""),
        "sticker" => ("sticker", Some(FileKind::Sticker), "image/webp"),
        "location" => ("location", None, ""),
        "contact" | "inline_keyboard" | "share" => return None,
        _ => ("document", None, ""),
    };
    let payload = &attachment["payload"];
    let file = kind.zip(payload["url"].as_str().filter(|url| !url.is_empty())).map(|(kind, url)| Attached {
        kind,
        reference: url.to_owned(),
        name: clean_to(attachment["filename"].as_str().unwrap_or_default(), MAX_NAME),
        mime: mime.to_owned(),
        size: attachment["size"].as_u64(),
    });
    Some((what.to_owned(), file))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::clock;

    const TOKEN: &str = "mAxT0k3nExample";

    fn all(update: &Value) -> Vec<Event> {
        super::update(&update.to_string(), &Secret::new(TOKEN), clock::now()).expect("an update")
    }

    fn one(update: &Value) -> Event {
        all(update).pop().expect("an event")
    }

    fn message(body: Value, rest: Value) -> Value {
        let mut message = json!({
            "recipient": { "chat_id": 410_020_030, "chat_type": "dialog", "user_id": 90_007 }, "timestamp": 1_780_000_199_900_i64,
            "sender": { "user_id": 51_001_002, "first_name": "Anna", "last_name": "K", "is_bot": false },
            "body": { "mid": "mid.2", "seq": 1, "text": null },
        });
        for (key, value) in body.as_object().cloned().unwrap_or_default() {
            message["body"][key] = value;
        }
        for (key, value) in rest.as_object().cloned().unwrap_or_default() {
            message[key] = value;
        }
        json!({ "update_type": "message_created", "timestamp": 1_780_000_200_000_i64, "user_locale": "ru", "message": message })
    }

    #[test]
    fn words_with_what_they_answer() {
        let link = json!({ "link": { "type": "reply", "sender": { "user_id": 90_007 }, "message": { "mid": "mid.1", "text": "…" } } });
        let event = one(&message(json!({ "text": "стоп" }), link));
        assert_eq!((event.from.as_str(), event.message_ref.as_deref()), ("410020030", Some("mid.2")));
        assert_eq!(event.at.timestamp_millis(), 1_780_000_199_900);
        assert_eq!((event.profile.first_name.as_str(), event.profile.language.as_deref()), ("Anna", Some("ru")));
        assert_eq!(event.kind, EventKind::Text { body: "стоп".to_owned(), reply_to: Some("mid.1".to_owned()) });
        let forward = json!({ "link": { "type": "forward", "message": { "mid": "mid.9", "text": "чужое" } } });
        assert_eq!(one(&message(json!({ "text": "вот" }), forward)).kind, EventKind::Text { body: "вот".to_owned(), reply_to: None });
        assert_eq!(one(&message(json!({ "text": " /Start" }), json!({}))).kind, EventKind::Started(None));
        let mut edited = message(json!({ "text": "стоп" }), json!({}));
        edited["update_type"] = json!("message_edited");
        assert_eq!(one(&edited).kind, EventKind::Edited(Box::new(EventKind::Text { body: "стоп".to_owned(), reply_to: None })));
    }

    #[test]
    fn what_bots_and_groups_say_is_nobodys_word() {
        assert_eq!(all(&message(json!({ "text": "стоп" }), json!({ "sender": { "user_id": 90_007, "is_bot": true } }))), []);
        assert_eq!(all(&message(json!({ "text": "стоп" }), json!({ "recipient": { "chat_id": -5, "chat_type": "chat" } }))), []);
        assert_eq!(all(&json!({ "update_type": "comment_created" })), []);
    }

    #[test]
    fn starts_and_stops() {
        let user = json!({ "user_id": 51_001_002, "first_name": "Anna", "last_name": "K", "username": null, "is_bot": false });
        let update = |kind: &str, payload: Value| json!({ "update_type": kind, "timestamp": 1_780_000_000_000_i64, "chat_id": 410_020_030, "user": user, "payload": payload });
        let kinds = |update: &Value| all(update).into_iter().map(|event| event.kind).collect::<Vec<_>>();
        assert_eq!(kinds(&update("bot_started", json!("c_8fK2"))), [EventKind::Unblocked, EventKind::Started(Some("c_8fK2".to_owned()))]);
        assert_eq!(kinds(&update("bot_started", Value::Null)), [EventKind::Unblocked, EventKind::Started(None)]);
        for kind in ["bot_stopped", "dialog_removed"] {
            assert_eq!(kinds(&update(kind, Value::Null)), [EventKind::Blocked], "{kind}");
        }
        assert_eq!(kinds(&update("dialog_muted", Value::Null)), []);
    }

    #[test]
    fn presses() {
        let callback = json!({ "timestamp": 1_780_000_299_900_i64, "callback_id": "cbk", "payload": "stop", "user": { "user_id": 51_001_002, "first_name": "Anna" } });
        let on = json!({ "recipient": { "chat_id": 410_020_030, "chat_type": "dialog" }, "sender": { "is_bot": true, "user_id": 90_007 }, "body": { "mid": "mid.1",
            "attachments": [{ "type": "inline_keyboard", "payload": { "buttons": [[{ "type": "callback", "text": "Отписаться", "payload": "stop" }]] } }] } });
        let press = |message: Value| json!({ "update_type": "message_callback", "timestamp": 1, "callback": callback, "message": message });
        let event = one(&press(on));
        assert_eq!((event.from.as_str(), event.message_ref.as_deref()), ("410020030", Some("mid.1")));
        assert_eq!(event.kind, EventKind::Press { data: "stop".to_owned(), query_id: "cbk".to_owned(), label: "Отписаться".to_owned() });
        // The message was deleted meanwhile: who pressed is known.
        let event = one(&press(Value::Null));
        assert_eq!((event.from.as_str(), event.message_ref, event.profile.id.as_deref()), ("", None, Some("51001002")));
        let mut nobodys = press(Value::Null);
        nobodys["callback"]["user"] = Value::Null;
        super::update(&nobodys.to_string(), &Secret::new(TOKEN), clock::now()).expect_err("whose is it?");
    }

    #[test]
    fn a_phone_is_own_only_when_it_is_proved() {
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nTEL;TYPE=cell:79991234567\r\nEND:VCARD";
        let mut mac = Hmac::<Sha256>::new_from_slice(TOKEN.as_bytes()).expect("a key");
        mac.update(card.as_bytes());
        let hash = hex::encode(mac.finalize().into_bytes());
        let shared = |user: i64, hash: &str| {
            let payload = json!({ "vcf_info": card, "hash": hash, "max_info": { "user_id": user } });
            one(&message(json!({ "attachments": [{ "type": "contact", "payload": payload }] }), json!({}))).kind
        };
        let phone = |own| EventKind::Phone { number: "79991234567".to_owned(), own };
        assert_eq!(shared(51_001_002, &hash), phone(true));
        assert_eq!(shared(5, &hash), phone(false), "a card of somebody else");
        assert_eq!(shared(51_001_002, ""), phone(false), "not proved");
        assert_eq!(shared(51_001_002, &hash.replace(['0', '1', '2'], "3")), phone(false), "proved by somebody else");
    }

    #[test]
    fn files() {
        let of = |attachment: Value| match one(&message(json!({ "text": "вот", "attachments": [attachment] }), json!({}))).kind {
            EventKind::Media { what, caption, file, .. } => (what, caption, file.map(|file| (file.kind, file.reference, file.name))),
            other => panic!("{other:?}"),
        };
        let file = |kind, name: &str| Some((kind, "https://i.oneme.ru/i?r=1".to_owned(), name.to_owned()));
        let payload = json!({ "url": "https://i.oneme.ru/i?r=1", "token": "t" });
        assert_eq!(of(json!({ "type": "image", "payload": payload })), ("photo".to_owned(), "вот".to_owned(), file(FileKind::Photo, "")));
        let document = json!({ "type": "file", "payload": payload, "filename": "Заказ\n5.pdf", "size": 900 });
        assert_eq!(of(document), ("document".to_owned(), "вот".to_owned(), file(FileKind::Document, "Заказ 5.pdf")));
        assert_eq!(of(json!({ "type": "location", "latitude": 1.0 })).0, "location");
        assert_eq!(one(&message(json!({ "attachments": [] }), json!({}))).kind, EventKind::Ignored);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,200}", chat in any::<i64>(), stamp in any::<i64>()) {
            let _ = super::update(&text, &Secret::default(), clock::now());
            let body = json!({ "text": text, "attachments": [{ "type": text, "payload": text }, { "type": "contact" }] });
            let message = json!({ "recipient": { "chat_id": chat }, "timestamp": stamp, "sender": {}, "body": body });
            let update = json!({ "update_type": "message_created", "timestamp": stamp, "message": message });
            let _ = super::update(&update.to_string(), &Secret::default(), clock::now());
        }
    }
}
