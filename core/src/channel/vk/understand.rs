//! Events understood (contracts/messengers/vk.md, section 6). Whatever comes, it is an answer or a
//! sentence for the log, never a panic: every field is optional, unknown ones are ignored.
//!
//! An address is the person's id. Only what a person does in their own dialogue counts: chats of
//! many people and what the community itself writes are nobody's words.

use serde_json::Value;

use super::wire;
use crate::{
    channel::{Attached, Event, EventKind, FileKind, Profile},
    clock::Moment,
    http::misread,
    text::clean_to,
};

/// Longest name of a file, characters.
const MAX_NAME: usize = 200;

/// Understands one event; `now` stands in where VK gives no time.
pub(super) fn event(raw: &str, now: Moment) -> Result<Vec<Event>, String> {
    let event: Value = serde_json::from_str(raw).map_err(|error| format!("not an event of VK: {}", misread(&error)))?;
    let object = &event["object"];
    match event["type"].as_str() {
        // Up to version 5.103 the message was the object itself.
        Some("message_new") => Ok(message(if object["message"].is_object() { &object["message"] } else { object }, now)),
        Some("message_edit") => {
            let now_says = message(object, now).pop();
            let edited = now_says.filter(|event| matches!(event.kind, EventKind::Text { .. } | EventKind::Media { .. }));
            Ok(edited.map(|event| Event { kind: EventKind::Edited(Box::new(event.kind)), ..event }).into_iter().collect())
        }
        Some("message_event") => Ok(press(object, now).into_iter().collect()),
        Some("message_allow") => {
            let Some(person) = person(&object["user_id"]) else { return Err("a permission of nobody".to_owned()) };
            let key = text(&object["key"]);
            // Permission is not consent to advertising: they are greeted and asked, as by «start».
            // The permission is noted once it is known whose it is.
            let kinds = [EventKind::Started((!key.is_empty()).then(|| key.to_owned())), EventKind::Unblocked];
            Ok(kinds.map(|kind| of(person, now, None, kind)).into())
        }
        Some("message_deny") => {
            let Some(person) = person(&object["user_id"]) else { return Err("a denial of nobody".to_owned()) };
            Ok(vec![of(person, now, None, EventKind::Blocked)])
        }
        Some("message_read") => Ok(read(object, now).into_iter().collect()),
        Some(_) => Ok(Vec::new()),
        None => Err("an event without its type".to_owned()),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A person's id; communities are below zero, chats of many people far above.
fn person(id: &Value) -> Option<i64> {
    let id = id.as_i64()?;
    wire::peer(&id.to_string()).ok()
}

fn of(person: i64, at: Moment, message_ref: Option<String>, kind: EventKind) -> Event {
    Event { from: person.to_string(), profile: Profile::default(), at, message_ref, kind }
}

fn moment(seconds: &Value, now: Moment) -> Moment {
    seconds.as_i64().filter(|seconds| *seconds > 0).and_then(|seconds| Moment::from_timestamp(seconds, 0)).unwrap_or(now)
}

/// The name of a message, in the form of [`crate::channel::Sent::message_ref`].
fn name(message: &Value, person: i64) -> Option<String> {
    message["conversation_message_id"].as_i64().filter(|place| *place > 0).map(|place| wire::reference(person, place))
}

/// What a person wrote; nothing where it is not theirs.
fn message(message: &Value, now: Moment) -> Vec<Event> {
    let from = person(&message["from_id"]).filter(|from| message["out"] != 1 && message["peer_id"] == *from);
    let Some(from) = from else { return Vec::new() };
    let (at, message_ref) = (moment(&message["date"], now), name(message, from));
    let event = |kind| of(from, at, message_ref.clone(), kind);
    let said = text(&message["text"]);
    // What a link carried comes with the first words.
    let came_by = Some(text(&message["ref"])).filter(|link| !link.is_empty()).map(str::to_owned);
    let payload: Option<Value> = message["payload"].as_str().and_then(|payload| serde_json::from_str(payload).ok());
    if let Some(data) = payload.as_ref().and_then(wire::carried) {
        return vec![event(EventKind::Press { data, query_id: String::new(), label: String::new() })];
    }
    // The button «Начать» of an empty dialogue, and what our texts tell people to write.
    if payload.is_some_and(|payload| payload["command"] == "start") || said.trim().eq_ignore_ascii_case("/start") {
        return vec![event(EventKind::Started(came_by))];
    }
    let reply_to = message["reply_message"].as_object().and_then(|_| name(&message["reply_message"], from));
    let attached = message["attachments"].as_array().into_iter().flatten().find_map(attached);
    let kind = match attached {
        Some((what, file)) => EventKind::Media { what, caption: said.to_owned(), file, reply_to },
        None if message["geo"].is_object() => {
            EventKind::Media { what: "location".to_owned(), caption: said.to_owned(), file: None, reply_to }
        }
        None if said.is_empty() && message["fwd_messages"].as_array().is_some_and(|all| !all.is_empty()) => {
            EventKind::Media { what: "forward".to_owned(), caption: String::new(), file: None, reply_to }
        }
        None if said.is_empty() => EventKind::Ignored,
        None => EventKind::Text { body: said.to_owned(), reply_to },
    };
    let began = came_by.map(|link| event(EventKind::Started(Some(link))));
    began.into_iter().chain([event(kind)]).collect()
}

/// A press of one of our buttons; those of another bot at the community are its own to answer.
fn press(object: &Value, now: Moment) -> Option<Event> {
    let from = person(&object["user_id"]).filter(|from| object["peer_id"] == *from)?;
    let data = wire::carried(&object["payload"])?;
    let query_id = format!("{}:{from}", text(&object["event_id"]));
    Some(of(from, now, name(object, from), EventKind::Press { data, query_id, label: String::new() }))
}

/// Everything of ours in the dialogue is read up to one message.
fn read(object: &Value, now: Moment) -> Option<Event> {
    let from = person(&object["from_id"]).filter(|from| object["peer_id"] == *from)?;
    let last = object["conversation_message_id"].as_i64().filter(|place| *place > 0)?;
    Some(of(from, now, None, EventKind::Read { last: wire::reference(from, last) }))
}

/// What is attached, in the words of the product, with its file if it has one.
fn attached(attachment: &Value) -> Option<(String, Option<Attached>)> {
    let kind = attachment["type"].as_str()?;
    let of = &attachment[kind];
    let file = |kind: FileKind, url: &Value, name: &str, mime: &str| {
        let url = url.as_str().filter(|url| !url.is_empty())?;
        Some(Attached { kind, reference: url.to_owned(), name: clean_to(name, MAX_NAME), mime: mime.to_owned(), size: of["size"].as_u64() })
    };
    let (what, file) = match kind {
        "photo" => ("photo", file(FileKind::Photo, largest(&of["sizes"]), "", "image/jpeg")),
        "doc" => ("document", file(FileKind::Document, &of["url"], text(&of["title"]), "")),
        "audio_message" => ("voice", file(FileKind::Voice, first(of, &["link_ogg", "link_mp3"]), "", "")),
        "sticker" => ("sticker", file(FileKind::Sticker, largest(&of["images"]), "", "image/png")),
        "video" | "video_message" => ("video", None),
        "audio" => ("audio", None),
        "poll" => ("poll", None),
        // A page that is shown below its address.
        "link" => return None,
        _ => ("document", None),
    };
    Some((what.to_owned(), file))
}

fn first<'a>(of: &'a Value, names: &[&str]) -> &'a Value {
    names.iter().map(|name| &of[*name]).find(|value| value.is_string()).unwrap_or(&Value::Null)
}

/// The address of the largest of several sizes.
fn largest(sizes: &Value) -> &Value {
    let sizes = sizes.as_array().into_iter().flatten().filter(|size| size["url"].is_string());
    sizes.max_by_key(|size| size["width"].as_i64().unwrap_or_default()).map_or(&Value::Null, |size| &size["url"])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::clock;

    fn all(kind: &str, object: Value) -> Vec<Event> {
        let raw = json!({ "type": kind, "group_id": 777, "event_id": "e1", "v": "5.199", "object": object });
        event(&raw.to_string(), clock::now()).expect("an event")
    }

    fn written(rest: Value) -> Value {
        let mut message = json!({ "id": 6001, "date": 1_780_000_100, "peer_id": 123_456, "from_id": 123_456, "conversation_message_id": 42,
            "out": 0, "text": "Здравствуйте", "random_id": 0, "attachments": [], "fwd_messages": [] });
        for (key, value) in rest.as_object().cloned().unwrap_or_default() {
            message[key] = value;
        }
        message
    }

    fn kinds(rest: Value) -> Vec<EventKind> {
        all("message_new", json!({ "message": written(rest), "client_info": { "lang_id": 0 } }))
            .into_iter()
            .map(|event| event.kind)
            .collect()
    }

    fn words(body: &str) -> EventKind {
        EventKind::Text { body: body.to_owned(), reply_to: None }
    }

    #[test]
    fn words_with_what_they_answer() {
        let reply = json!({ "id": 5012, "date": 1, "from_id": -777, "peer_id": 123_456, "text": "…", "conversation_message_id": 41 });
        let event =
            all("message_new", json!({ "message": written(json!({ "text": "стоп", "reply_message": reply })) })).pop().expect("one");
        assert_eq!((event.from.as_str(), event.message_ref.as_deref()), ("123456", Some("123456:42")));
        assert_eq!(event.at.timestamp(), 1_780_000_100);
        assert_eq!(event.kind, EventKind::Text { body: "стоп".to_owned(), reply_to: Some("123456:41".to_owned()) });
        assert_eq!(all("message_new", written(json!({}))).len(), 1, "an older version has the message itself");
    }

    #[test]
    fn a_link_comes_with_the_first_words_and_a_start_by_its_button() {
        let start = json!({ "payload": "{\"command\":\"start\"}", "text": "Начать" });
        assert_eq!(kinds(start), [EventKind::Started(None)]);
        assert_eq!(kinds(json!({ "text": "/START" })), [EventKind::Started(None)]);
        let began = EventKind::Started(Some("c_8fK2".to_owned()));
        assert_eq!(kinds(json!({ "payload": "{\"command\":\"start\"}", "ref": "c_8fK2" })), std::slice::from_ref(&began));
        assert_eq!(kinds(json!({ "text": "стоп", "ref": "c_8fK2", "ref_source": "site" })), [began, words("стоп")]);
        assert_eq!(kinds(json!({ "ref": "" })), [words("Здравствуйте")]);
    }

    #[test]
    fn presses_of_ours_alone() {
        let pressed = |payload: Value| {
            all(
                "message_event",
                json!({ "user_id": 123_456, "peer_id": 123_456, "event_id": "be12", "payload": payload, "conversation_message_id": 41 }),
            )
        };
        for payload in [json!({ "mms": "stop" }), json!("{\"mms\":\"stop\"}")] {
            let event = pressed(payload).pop().expect("a press");
            assert_eq!(event.message_ref.as_deref(), Some("123456:41"));
            assert_eq!(event.kind, EventKind::Press { data: "stop".to_owned(), query_id: "be12:123456".to_owned(), label: String::new() });
        }
        assert!(pressed(json!({ "a": "optout" })).is_empty() && pressed(json!(null)).is_empty());
        // A client that shows no callbacks writes.
        let by_words = json!({ "text": "Отписаться", "payload": "{\"mms\":\"stop\"}" });
        assert_eq!(kinds(by_words), [EventKind::Press { data: "stop".to_owned(), query_id: String::new(), label: String::new() }]);
        assert_eq!(kinds(json!({ "payload": "{\"a\":1}" })), [words("Здравствуйте")], "another bot's button is words");
    }

    #[test]
    fn permission_is_given_and_taken() {
        let kinds = |kind, object| all(kind, object).into_iter().map(|event| (event.from, event.kind)).collect::<Vec<_>>();
        let who = || "123456".to_owned();
        assert_eq!(
            kinds("message_allow", json!({ "user_id": 123_456, "key": "c_8fK2" })),
            [(who(), EventKind::Started(Some("c_8fK2".to_owned()))), (who(), EventKind::Unblocked)]
        );
        assert_eq!(kinds("message_allow", json!({ "user_id": 123_456, "key": "" }))[0].1, EventKind::Started(None));
        assert_eq!(kinds("message_deny", json!({ "user_id": 123_456 })), [(who(), EventKind::Blocked)]);
        for kind in ["message_allow", "message_deny"] {
            let raw = json!({ "type": kind, "object": { "user_id": -5 } }).to_string();
            assert!(event(&raw, clock::now()).is_err(), "it may be somebody's no");
        }
    }

    #[test]
    fn everything_up_to_a_message_is_read() {
        let read =
            all("message_read", json!({ "from_id": 123_456, "peer_id": 123_456, "read_message_id": 5012, "conversation_message_id": 41 }));
        let [Event { from, kind, .. }] = &read[..] else { panic!("{read:?}") };
        assert_eq!((from.as_str(), kind), ("123456", &EventKind::Read { last: "123456:41".to_owned() }));
    }

    #[test]
    fn an_edited_message_says_what_it_says_now() {
        let edited = all("message_edit", written(json!({ "text": "Отпишите меня" })));
        let [Event { kind: EventKind::Edited(kind), message_ref, .. }] = &edited[..] else { panic!("{edited:?}") };
        assert_eq!((&**kind, message_ref.as_deref()), (&words("Отпишите меня"), Some("123456:42")));
        assert!(all("message_edit", written(json!({ "out": 1, "from_id": -777 }))).is_empty(), "ours");
    }

    #[test]
    fn files_have_the_largest_of_their_sizes() {
        let sizes = json!([{ "type": "s", "width": 75, "url": "https://s/1" }, { "type": "x", "width": 604, "url": "https://s/2" }]);
        let file = |attachment: Value| match kinds(json!({ "text": "вот", "attachments": [attachment] })).pop() {
            Some(EventKind::Media { what, caption, file, .. }) => {
                assert_eq!(caption, "вот");
                (what, file.map(|file| (file.kind, file.reference, file.name, file.size)))
            }
            other => panic!("{other:?}"),
        };
        let photo = (FileKind::Photo, "https://s/2".to_owned(), String::new(), None);
        assert_eq!(file(json!({ "type": "photo", "photo": { "sizes": sizes } })), ("photo".to_owned(), Some(photo)));
        let doc = (FileKind::Document, "https://d/1".to_owned(), "счёт.pdf".to_owned(), Some(9));
        let told = json!({ "type": "doc", "doc": { "url": "https://d/1", "title": "счёт.pdf", "size": 9 } });
        assert_eq!(file(told), ("document".to_owned(), Some(doc)));
        assert_eq!(file(json!({ "type": "video", "video": {} })), ("video".to_owned(), None));
        assert_eq!(file(json!({ "type": "wall", "wall": {} })).0, "document");
        let voice = file(json!({ "type": "audio_message", "audio_message": { "link_mp3": "https://v/1" } }));
        assert_eq!(voice.1.map(|file| file.1).as_deref(), Some("https://v/1"));
        assert_eq!(kinds(json!({ "attachments": [{ "type": "link", "link": { "url": "https://ex.ru" } }] })), [words("Здравствуйте")]);
        assert_eq!(kinds(json!({ "text": "", "attachments": [] })), [EventKind::Ignored]);
        // A manager sees that something was passed on; what is said beside it is words.
        let passed = |text: &str| kinds(json!({ "text": text, "fwd_messages": [{ "text": "Акция" }] }));
        let forward = EventKind::Media { what: "forward".to_owned(), caption: String::new(), file: None, reply_to: None };
        assert_eq!((passed(""), passed("стоп")), (vec![forward], vec![words("стоп")]));
    }

    #[test]
    fn what_is_nobodys_is_nothing() {
        for object in [
            json!({ "message": written(json!({ "from_id": -777, "out": 1 })) }),
            json!({ "message": written(json!({ "peer_id": 2_000_000_001_i64 })) }),
            json!({ "message": written(json!({ "from_id": null })) }),
            json!({ "message": {} }),
            json!(null),
        ] {
            assert!(all("message_new", object.clone()).is_empty(), "{object}");
        }
        assert!(all("message_reply", written(json!({ "out": 1 }))).is_empty());
        assert!(all("wall_post_new", json!({})).is_empty());
        for odd in ["", "[]", "{}", "7"] {
            assert!(event(odd, clock::now()).is_err(), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(kind in "message_(new|edit|event|allow|deny|read)", text in "\\PC{0,60}", number in any::<i64>()) {
            for object in [json!(text), json!({ "message": text }), json!({ "message": { "from_id": number, "peer_id": number, "date": number,
                "text": text, "payload": text, "attachments": [text, { "type": text }, { "type": "photo", "photo": { "sizes": text } }],
                "conversation_message_id": number, "ref": text } }), json!({ "user_id": number, "peer_id": number, "payload": text, "event_id": text })] {
                let raw = json!({ "type": kind, "object": object }).to_string();
                let _ = event(&raw, clock::now());
            }
            let _ = event(&text, clock::now());
        }
    }
}
