//! Events understood (contracts/messengers/viber.md, section 6.3). Whatever comes, it is an answer
//! or a sentence for the log, never a panic: every field but the event's name is optional, unknown
//! ones are ignored.
//!
//! An address is the person's id: it is opaque, and belongs to one bot.

use serde::Deserialize;
use serde_json::Value;

use super::{
    classify,
    wire::{PRESSED, Tracking},
};
use crate::{
    channel::{Attached, Event, EventKind, FileKind, MessageName, News, Profile, Receipt, SendError},
    clock::Moment,
    http::misread,
    text::clean_to,
};

/// Longest name of a file, characters.
const MAX_NAME: usize = 200;

#[derive(Deserialize)]
struct Update {
    event: String,
    #[serde(default)]
    timestamp: i64,
    /// Unsigned and above 2^63: never a float.
    message_token: Option<u64>,
    sender: Option<Person>,
    user: Option<Person>,
    user_id: Option<String>,
    message: Option<Message>,
    subscribed: Option<bool>,
    context: Option<String>,
    desc: Option<String>,
}

#[derive(Deserialize, Default)]
struct Person {
    id: Option<String>,
    name: Option<String>,
    language: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default, rename = "type")]
    kind: String,
    text: Option<String>,
    media: Option<String>,
    file_name: Option<String>,
    size: Option<u64>,
    contact: Option<Contact>,
    tracking_data: Option<String>,
}

#[derive(Deserialize)]
struct Contact {
    phone_number: Option<String>,
}

/// How a message is named here: a token may cover many people, so the person belongs to it.
pub(super) fn reference(token: u64, user: &str) -> String {
    format!("{token}:{user}")
}

/// Understands one event; `now` stands in where Viber gives no time, `tag` tells our messages.
pub(super) fn update(raw: &str, tag: &str, now: Moment) -> Result<Vec<Event>, String> {
    let update: Update = serde_json::from_str(raw).map_err(|error| format!("not an event of Viber: {}", misread(&error)))?;
    let at = Moment::from_timestamp_millis(update.timestamp).filter(|_| update.timestamp > 0).unwrap_or(now);
    let person = update.sender.or(update.user).unwrap_or_default();
    let from = update.user_id.or(person.id).filter(|id| !id.is_empty());
    let profile = Profile {
        first_name: clean_to(person.name.as_deref().unwrap_or_default(), MAX_NAME),
        language: person.language,
        ..Profile::default()
    };
    let events = |from: String, message_ref: Option<String>, kinds: Vec<EventKind>| -> Vec<Event> {
        kinds
            .into_iter()
            .map(|kind| Event { from: from.clone(), profile: profile.clone(), at, message_ref: message_ref.clone(), kind })
            .collect()
    };
    match update.event.as_str() {
        "message" => {
            let (Some(from), Some(message)) = (from, update.message) else { return Err("a message without its person".to_owned()) };
            let message_ref = update.message_token.map(|token| reference(token, &from));
            Ok(events(from, message_ref, said(message, tag, at)))
        }
        "subscribed" => {
            let Some(from) = from else { return Err("a subscription without its person".to_owned()) };
            Ok(events(from, None, vec![EventKind::Unblocked, EventKind::Started(None)]))
        }
        "unsubscribed" => {
            let Some(from) = from else { return Err("an end of a subscription without its person".to_owned()) };
            Ok(events(from, None, vec![EventKind::Blocked]))
        }
        // Only a subscriber can be written to: for anybody else the welcome in the hook's answer is
        // all, and what the link carried comes with their first word.
        "conversation_started" => match (from, update.context.filter(|context| !context.is_empty())) {
            (Some(from), Some(context)) if update.subscribed == Some(true) => {
                Ok(events(from, None, vec![EventKind::Started(Some(context))]))
            }
            _ => Ok(Vec::new()),
        },
        "delivered" | "seen" | "failed" => {
            let (Some(from), Some(token)) = (from, update.message_token) else { return Err("a receipt without its message".to_owned()) };
            let desc = update.desc.as_deref().unwrap_or_default();
            let (receipt, detail) = match update.event.as_str() {
                "delivered" => (Receipt::Delivered, None),
                "seen" => (Receipt::Read, None),
                _ => (Receipt::Failed(classify::reason(desc)), Some(clean_to(desc, SendError::SAID)).filter(|words| !words.is_empty())),
            };
            let message_ref = reference(token, &from);
            let news =
                News { message: MessageName::Ref(message_ref.clone()), message_ref: None, receipt, at: Some(at), detail, charge: None };
            Ok(events(from, Some(message_ref), vec![EventKind::Receipt(news)]))
        }
        _ => Ok(Vec::new()),
    }
}

/// What a person's message says, after what comes back with it.
fn said(message: Message, tag: &str, at: Moment) -> Vec<EventKind> {
    let tracking = message.tracking_data.as_deref().and_then(Tracking::read);
    let mut kinds = Vec::new();
    let mut answers_for_phone = false;
    let mut start = None;
    match tracking {
        Some(Tracking::Start(payload)) => start = Some(payload).filter(|payload| !payload.is_empty()),
        // An answer to a message of ours: it came, also when the answer to our call was lost.
        Some(Tracking::Message { tag: of, client, asks_phone }) if !tag.is_empty() && of == tag => {
            answers_for_phone = asks_phone;
            let news = News {
                message: MessageName::Client(client),
                message_ref: None,
                receipt: Receipt::Delivered,
                at: Some(at),
                detail: None,
                charge: None,
            };
            kinds.push(EventKind::Receipt(news));
        }
        Some(Tracking::Message { .. } | Tracking::Together { .. }) | None => {}
    }
    let text = message.text.unwrap_or_default();
    let is_start = message.kind == "text" && text.trim().eq_ignore_ascii_case("/start");
    if is_start || start.is_some() {
        kinds.push(EventKind::Started(start));
    }
    if !is_start {
        kinds.push(match message.kind.as_str() {
            "text" => match text.strip_prefix(PRESSED) {
                Some(data) => EventKind::Press { data: data.to_owned(), query_id: String::new(), label: String::new() },
                None if text.trim().is_empty() => EventKind::Ignored,
                None => EventKind::Text { body: text, reply_to: None },
            },
            "url" => EventKind::Text { body: message.media.unwrap_or_default(), reply_to: None },
            // Viber proves no number. What comes in answer to the button that shares it is taken
            // for the person's own; any other card is somebody's.
            "contact" => {
                let number = message.contact.and_then(|contact| contact.phone_number).unwrap_or_default();
                if answers_for_phone { EventKind::PhoneClaimed { number } } else { EventKind::Phone { number, own: false } }
            }
            kind => {
                let (what, file) = attached(kind, message.media, message.file_name, message.size);
                EventKind::Media { what: what.to_owned(), caption: text, file, reply_to: None }
            }
        });
    }
    kinds
}

/// What is attached, in the words of the product, with its file if it has one.
fn attached(kind: &str, media: Option<String>, name: Option<String>, size: Option<u64>) -> (&'static str, Option<Attached>) {
    let (what, kind, mime) = match kind {
        "picture" => ("photo", Some(FileKind::Photo), "image/jpeg"),
        "video" => ("video", Some(FileKind::Video), "video/mp4"),
        "sticker" => ("sticker", Some(FileKind::Sticker), "image/png"),
        "location" => ("location", None, ""),
        _ => ("document", Some(FileKind::Document), ""),
    };
    let file = kind.zip(media.filter(|url| !url.is_empty())).map(|(kind, reference)| Attached {
        kind,
        reference,
        name: clean_to(name.as_deref().unwrap_or_default(), MAX_NAME),
        mime: mime.to_owned(),
        size,
    });
    (what, file)
}

/// Numbers in JSON that Rust would read as floats are no tokens.
pub(super) fn token(answer: &Value) -> Option<u64> {
    answer["message_token"].as_u64()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{clock, words::Reason};

    const ANNA: &str = "kX93hFq0aB7cDe==";

    fn all(update: &Value) -> Vec<Event> {
        super::update(&update.to_string(), "t4g", clock::now()).expect("an event")
    }

    fn kinds(update: &Value) -> Vec<EventKind> {
        all(update).into_iter().map(|event| event.kind).collect()
    }

    fn message(message: Value) -> Value {
        json!({ "event": "message", "timestamp": 1_780_000_100_000_i64, "message_token": 5_880_011_223_344_550_045_u64,
            "sender": { "id": ANNA, "name": "Anna", "country": "RU", "language": "ru", "api_version": 10 }, "message": message, "silent": false })
    }

    #[test]
    fn a_text_of_a_person() {
        let event = all(&message(json!({ "type": "text", "text": "стоп", "tracking_data": "att:01J8ZK" }))).pop().expect("an event");
        assert_eq!((event.from.as_str(), event.message_ref.as_deref()), (ANNA, Some("5880011223344550045:kX93hFq0aB7cDe==")));
        assert_eq!(event.at.timestamp_millis(), 1_780_000_100_000);
        assert_eq!((event.profile.first_name.as_str(), event.profile.language.as_deref()), ("Anna", Some("ru")));
        assert_eq!(event.kind, EventKind::Text { body: "стоп".to_owned(), reply_to: None });
        assert_eq!(kinds(&message(json!({ "type": "text", "text": " /Start" }))), [EventKind::Started(None)]);
        let url = kinds(&message(json!({ "type": "url", "media": "https://ex.ru" })));
        assert_eq!(url, [EventKind::Text { body: "https://ex.ru".to_owned(), reply_to: None }]);
    }

    #[test]
    fn a_press_is_a_text_that_nobody_writes() {
        let press = kinds(&message(json!({ "type": "text", "text": "mms!stop" })));
        assert_eq!(press, [EventKind::Press { data: "stop".to_owned(), query_id: String::new(), label: String::new() }]);
    }

    #[test]
    fn a_personal_link_comes_with_the_first_word() {
        let opened = |subscribed: bool| {
            json!({ "event": "conversation_started", "timestamp": 1_780_000_000_000_i64, "message_token": 5, "type": "open", "context": "c_8fK2",
                "user": { "id": ANNA, "name": "Anna" }, "subscribed": subscribed })
        };
        assert_eq!(kinds(&opened(false)), [], "who is not subscribed cannot be written to");
        assert_eq!(kinds(&opened(true)), [EventKind::Started(Some("c_8fK2".to_owned()))]);
        let started = EventKind::Started(Some("c_8fK2".to_owned()));
        assert_eq!(
            kinds(&message(json!({ "type": "text", "text": "/start", "tracking_data": "start:c_8fK2" }))),
            std::slice::from_ref(&started)
        );
        let wrote = kinds(&message(json!({ "type": "text", "text": "Привет", "tracking_data": "start:c_8fK2" })));
        assert_eq!(wrote, [started, EventKind::Text { body: "Привет".to_owned(), reply_to: None }]);
    }

    #[test]
    fn subscriptions() {
        let subscribed = json!({ "event": "subscribed", "timestamp": 1, "message_token": 1, "user": { "id": ANNA, "name": "Anna" } });
        assert_eq!(kinds(&subscribed), [EventKind::Unblocked, EventKind::Started(None)]);
        let gone = json!({ "event": "unsubscribed", "timestamp": 1, "message_token": 1, "user_id": ANNA });
        assert_eq!(
            all(&gone).into_iter().map(|event| (event.from, event.kind)).collect::<Vec<_>>(),
            [(ANNA.to_owned(), EventKind::Blocked)]
        );
        assert_eq!(kinds(&json!({ "event": "webhook", "timestamp": 1, "message_token": 1 })), []);
        super::update(r#"{"event":"unsubscribed","message_token":1}"#, "", clock::now()).expect_err("it may be a stop: whose?");
    }

    #[test]
    fn receipts_name_the_message_and_the_person() {
        let told = |event: &str, more: Value| {
            let mut all = json!({ "event": event, "timestamp": 1_780_000_002_000_i64, "message_token": u64::MAX, "user_id": ANNA });
            for (key, value) in more.as_object().cloned().unwrap_or_default() {
                all[key] = value;
            }
            match kinds(&all).pop() {
                Some(EventKind::Receipt(news)) => news,
                other => panic!("{other:?}"),
            }
        };
        let news = told("delivered", json!({}));
        assert_eq!(news.message, MessageName::Ref(format!("18446744073709551615:{ANNA}")));
        assert_eq!((news.receipt, news.at.map(|at| at.timestamp_millis())), (Receipt::Delivered, Some(1_780_000_002_000)));
        assert_eq!(told("seen", json!({})).receipt, Receipt::Read);
        let failed = told("failed", json!({ "desc": "media was not fetched" }));
        assert_eq!((failed.receipt, failed.detail.as_deref()), (Receipt::Failed(Reason::Rejected), Some("media was not fetched")));
        assert_eq!(told("failed", json!({ "desc": "not subscribed" })).receipt, Receipt::Failed(Reason::Blocked));
    }

    #[test]
    fn an_answer_proves_that_our_message_came() {
        let answered = |tracking: &str| kinds(&message(json!({ "type": "text", "text": "да", "tracking_data": tracking })));
        let EventKind::Receipt(news) = &answered("mms:t4g:-7")[0] else { panic!("no receipt") };
        assert_eq!((&news.message, news.receipt), (&MessageName::Client(-7), Receipt::Delivered));
        assert_eq!(answered("mms:other:-7").len(), 1, "of another installation");
    }

    #[test]
    fn a_phone_is_claimed_in_answer_to_the_button_alone() {
        let card = |tracking: Value| {
            let contact = json!({ "name": "Anna", "phone_number": "79991234567", "avatar": "" });
            kinds(&message(json!({ "type": "contact", "text": "", "contact": contact, "tracking_data": tracking }))).pop()
        };
        let number = "79991234567".to_owned();
        assert_eq!(card(json!("mms:t4g:7:phone")), Some(EventKind::PhoneClaimed { number: number.clone() }));
        for other in [json!("mms:t4g:7"), json!("mms:other:7:phone"), Value::Null] {
            assert_eq!(card(other.clone()), Some(EventKind::Phone { number: number.clone(), own: false }), "{other}");
        }
    }

    #[test]
    fn files() {
        let of = |more: Value| match kinds(&message(more)).pop() {
            Some(EventKind::Media { what, caption, file, .. }) => (what, caption, file.map(|file| (file.kind, file.name, file.size))),
            other => panic!("{other:?}"),
        };
        let picture = json!({ "type": "picture", "media": "https://dl.viber.com/1", "file_name": "a\n.jpg", "size": 900, "text": "вот" });
        assert_eq!(of(picture), ("photo".to_owned(), "вот".to_owned(), Some((FileKind::Photo, "a .jpg".to_owned(), Some(900)))));
        assert_eq!(of(json!({ "type": "location", "location": { "lat": 1.0, "lon": 2.0 } })).0, "location");
        assert_eq!(of(json!({ "type": "new-thing" })), ("document".to_owned(), String::new(), None));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,200}", token in any::<u64>(), stamp in any::<i64>()) {
            let _ = super::update(&text, &text, clock::now());
            for event in ["message", "seen", "failed", "subscribed", "conversation_started", &text] {
                let update = json!({ "event": event, "timestamp": stamp, "message_token": token, "user_id": text, "context": text, "desc": text,
                    "message": { "type": text, "text": text, "tracking_data": text, "media": text } });
                let _ = super::update(&update.to_string(), &text, clock::now());
            }
        }
    }
}
