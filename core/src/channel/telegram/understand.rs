//! Updates understood (contracts/messengers/telegram.md, section 6.2). Whatever comes, it is an
//! answer or a sentence for the log, never a panic: every field is optional, unknown ones are
//! ignored.

use serde::Deserialize;

use super::wire::message_ref;
use crate::{
    channel::{Attached, Event, EventKind, FileKind, Profile},
    clock::Moment,
    http::misread,
    text::clean_to,
};

#[derive(Deserialize)]
struct Update {
    #[serde(rename = "update_id")]
    _id: i64,
    message: Option<Message>,
    edited_message: Option<Message>,
    callback_query: Option<CallbackQuery>,
    my_chat_member: Option<ChatMember>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    message_id: i64,
    #[serde(default)]
    date: i64,
    #[serde(default)]
    edit_date: i64,
    from: Option<User>,
    chat: Option<Chat>,
    text: Option<String>,
    caption: Option<String>,
    contact: Option<Contact>,
    reply_to_message: Option<Box<Message>>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct User {
    id: i64,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    username: String,
    language_code: Option<String>,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    #[serde(default, rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Contact {
    #[serde(default)]
    phone_number: String,
    user_id: Option<i64>,
}

#[derive(Deserialize)]
struct CallbackQuery {
    id: String,
    from: User,
    message: Option<Message>,
    data: Option<String>,
}

#[derive(Deserialize)]
struct ChatMember {
    chat: Chat,
    from: User,
    #[serde(default)]
    date: i64,
    new_chat_member: Option<Membership>,
    old_chat_member: Option<Membership>,
}

#[derive(Deserialize)]
struct Membership {
    #[serde(default)]
    status: String,
}

/// Kinds of media by the field that carries them.
const MEDIA: &[&str] =
    &["animation", "photo", "video", "video_note", "voice", "audio", "document", "sticker", "location", "venue", "poll", "dice", "story"];

/// Understands one update; `now` stands in where Telegram gives no time (a button press).
pub(super) fn update(raw: &str, now: Moment) -> Result<Vec<Event>, String> {
    let update: Update = serde_json::from_str(raw).map_err(|error| format!("not a Telegram update: {}", misread(&error)))?;
    let event = if let Some(message) = update.message {
        from_message(message, now)
    } else if let Some(message) = update.edited_message {
        from_message(message, now).map(|event| Event { kind: EventKind::Edited(Box::new(event.kind)), ..event })
    } else if let Some(query) = update.callback_query {
        from_press(query, now)
    } else if let Some(member) = update.my_chat_member {
        from_member(member, now)
    } else {
        None
    };
    Ok(event.into_iter().collect())
}

fn moment(seconds: i64, now: Moment) -> Moment {
    if seconds <= 0 { now } else { Moment::from_timestamp(seconds, 0).unwrap_or(now) }
}

fn profile(user: User) -> Profile {
    Profile {
        first_name: user.first_name,
        last_name: user.last_name,
        username: user.username,
        language: user.language_code,
        ..Profile::default()
    }
}

/// Only private chats concern customers; there the chat's id is the person's.
fn from_message(message: Message, now: Moment) -> Option<Event> {
    let (from, chat) = (message.from?, message.chat?);
    if chat.kind != "private" {
        return None;
    }
    let at = moment(message.edit_date.max(message.date), now);
    let reply_to = message.reply_to_message.map(|replied| message_ref(chat.id, replied.message_id));
    let kind = if let Some(contact) = message.contact {
        EventKind::Phone { own: contact.user_id == Some(from.id), number: contact.phone_number }
    } else if let Some(body) = message.text {
        start_payload(&body).map_or(EventKind::Text { body, reply_to }, EventKind::Started)
    } else if let Some(what) = MEDIA.iter().find(|kind| message.rest.contains_key(**kind)) {
        EventKind::Media {
            what: (*what).to_owned(),
            caption: message.caption.unwrap_or_default(),
            file: message.rest.get(*what).and_then(|value| attached(what, value)),
            reply_to,
        }
    } else if let Some(caption) = message.caption.filter(|caption| !caption.is_empty()) {
        // A kind of file that came after this was written: the words under it are the person's.
        EventKind::Media { what: "document".to_owned(), caption, file: None, reply_to }
    } else {
        EventKind::Ignored
    };
    Some(Event { from: chat.id.to_string(), profile: profile(from), at, message_ref: Some(message_ref(chat.id, message.message_id)), kind })
}

/// Longest name of a file, characters.
const MAX_NAME: usize = 200;

/// The file of a message, of a photo its largest size.
fn attached(what: &str, value: &serde_json::Value) -> Option<Attached> {
    let kind = FileKind::of(what)?;
    let pixels = |size: &serde_json::Value| size["width"].as_i64().unwrap_or(0).saturating_mul(size["height"].as_i64().unwrap_or(0));
    let file = match value {
        serde_json::Value::Array(sizes) => sizes.iter().max_by_key(|size| pixels(size))?,
        other => other,
    };
    let word = |name: &str, most: usize| clean_to(file[name].as_str().unwrap_or_default(), most);
    let told = word("mime_type", 100);
    let mime = match kind {
        _ if !told.is_empty() => told,
        FileKind::Photo => "image/jpeg".to_owned(),
        FileKind::Sticker if file["is_animated"] == true => "application/x-tgsticker".to_owned(),
        FileKind::Sticker if file["is_video"] == true => "video/webm".to_owned(),
        FileKind::Sticker => "image/webp".to_owned(),
        FileKind::Video | FileKind::Animation | FileKind::VideoNote => "video/mp4".to_owned(),
        FileKind::Voice => "audio/ogg".to_owned(),
        FileKind::Audio | FileKind::Document => String::new(),
    };
    let reference = file["file_id"].as_str().filter(|id| !id.is_empty())?.to_owned();
    Some(Attached { kind, reference, name: word("file_name", MAX_NAME), mime, size: file["file_size"].as_u64() })
}

/// `/start`, `/start payload`, `/start@bot payload`: the payload if it is one (contract, 2.2).
fn start_payload(text: &str) -> Option<Option<String>> {
    let mut words = text.split_whitespace();
    let command = words.next()?;
    if command != "/start" && !command.starts_with("/start@") {
        return None;
    }
    let payload = words.next().filter(|word| {
        (1..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    });
    Some(payload.map(str::to_owned))
}

/// What stands on the button with this data.
fn label(keyboard: &serde_json::Value, data: &str) -> Option<String> {
    let rows = keyboard["inline_keyboard"].as_array()?;
    let button = rows.iter().filter_map(serde_json::Value::as_array).flatten().find(|button| button["callback_data"] == data)?;
    button["text"].as_str().map(|text| clean_to(text, MAX_NAME))
}

fn from_press(query: CallbackQuery, now: Moment) -> Option<Event> {
    let chat = match query.message.as_ref().and_then(|message| message.chat.as_ref()) {
        Some(chat) if chat.kind != "private" && !chat.kind.is_empty() => return None,
        Some(chat) => chat.id,
        None => query.from.id,
    };
    let data = query.data.unwrap_or_default();
    let keyboard = query.message.as_ref().and_then(|message| message.rest.get("reply_markup"));
    let label = keyboard.and_then(|keyboard| label(keyboard, &data)).unwrap_or_default();
    Some(Event {
        from: chat.to_string(),
        at: now,
        message_ref: query.message.map(|message| message_ref(chat, message.message_id)),
        profile: profile(query.from),
        kind: EventKind::Press { data, query_id: query.id, label },
    })
}

fn from_member(member: ChatMember, now: Moment) -> Option<Event> {
    if member.chat.kind != "private" {
        return None;
    }
    let status = member.new_chat_member.map(|new| new.status)?;
    let before = member.old_chat_member.map(|old| old.status).unwrap_or_default();
    let kind = match (before.as_str(), status.as_str()) {
        (_, "kicked" | "left") => EventKind::Blocked,
        ("kicked" | "left", "member") => EventKind::Unblocked,
        _ => EventKind::Ignored,
    };
    Some(Event { from: member.chat.id.to_string(), profile: profile(member.from), at: moment(member.date, now), message_ref: None, kind })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::clock;

    fn one(update: &Value) -> Event {
        super::update(&update.to_string(), clock::now()).expect("an update").pop().expect("an event")
    }

    fn message(rest: Value) -> Value {
        let mut message = json!({
            "message_id": 13, "date": 1_780_000_200,
            "from": { "id": 77_001_122, "is_bot": false, "first_name": "Anna", "username": "anna_k", "language_code": "ru" },
            "chat": { "id": 77_001_122, "type": "private", "first_name": "Anna" },
        });
        for (key, value) in rest.as_object().cloned().unwrap_or_default() {
            message[key] = value;
        }
        json!({ "update_id": 500_100, "message": message })
    }

    #[test]
    fn starts() {
        assert_eq!(one(&message(json!({ "text": "/start c_8fK2" }))).kind, EventKind::Started(Some("c_8fK2".to_owned())));
        assert_eq!(one(&message(json!({ "text": "/start" }))).kind, EventKind::Started(None));
        assert_eq!(one(&message(json!({ "text": "/start@shop_bot x" }))).kind, EventKind::Started(Some("x".to_owned())));
        assert_eq!(one(&message(json!({ "text": "/start не-латиница" }))).kind, EventKind::Started(None));
        assert!(matches!(one(&message(json!({ "text": "/started" }))).kind, EventKind::Text { .. }));
    }

    #[test]
    fn text_with_its_reply() {
        let event = one(&message(
            json!({ "text": "стоп", "reply_to_message": { "message_id": 9001, "date": 1, "chat": { "id": 77_001_122, "type": "private" }, "text": "…" } }),
        ));
        assert_eq!(event.from, "77001122");
        assert_eq!(event.message_ref.as_deref(), Some("77001122:13"));
        assert_eq!(event.profile.language.as_deref(), Some("ru"));
        assert_eq!(event.kind, EventKind::Text { body: "стоп".to_owned(), reply_to: Some("77001122:9001".to_owned()) });
        assert_eq!(event.at.timestamp(), 1_780_000_200);
    }

    #[test]
    fn a_phone_is_own_only_when_it_is_the_senders() {
        let own = one(&message(json!({ "contact": { "phone_number": "79991234567", "user_id": 77_001_122 } })));
        assert_eq!(own.kind, EventKind::Phone { number: "79991234567".to_owned(), own: true });
        let other = one(&message(json!({ "contact": { "phone_number": "79991234567", "user_id": 5 } })));
        assert_eq!(other.kind, EventKind::Phone { number: "79991234567".to_owned(), own: false });
        let card = one(&message(json!({ "contact": { "phone_number": "79991234567" } })));
        assert_eq!(card.kind, EventKind::Phone { number: "79991234567".to_owned(), own: false });
    }

    #[test]
    fn media_with_its_caption() {
        let photo = json!([
            { "file_id": "small", "width": 90, "height": 60, "file_size": 900 },
            { "file_id": "large", "width": 1280, "height": 853, "file_size": 90_000 },
        ]);
        let event = one(&message(json!({ "photo": photo, "caption": "вот", "reply_to_message": { "message_id": 9001 } })));
        let file = Attached {
            kind: FileKind::Photo,
            reference: "large".to_owned(),
            name: String::new(),
            mime: "image/jpeg".to_owned(),
            size: Some(90_000),
        };
        let reply_to = Some("77001122:9001".to_owned());
        assert_eq!(event.kind, EventKind::Media { what: "photo".to_owned(), caption: "вот".to_owned(), file: Some(file), reply_to });
        let of = |rest| match one(&message(rest)).kind {
            EventKind::Media { what, file, .. } => (what, file.map(|file| (file.kind, file.reference, file.name, file.mime))),
            other => panic!("{other:?}"),
        };
        let file = |kind, name: &str, mime: &str| Some((kind, "x".to_owned(), name.to_owned(), mime.to_owned()));
        // A film without sound comes as a document too.
        let both = json!({ "animation": { "file_id": "x" }, "document": { "file_id": "y" } });
        assert_eq!(of(both), ("animation".to_owned(), file(FileKind::Animation, "", "video/mp4")));
        let sticker = json!({ "sticker": { "file_id": "x", "is_animated": true, "is_video": false } });
        assert_eq!(of(sticker), ("sticker".to_owned(), file(FileKind::Sticker, "", "application/x-tgsticker")));
        let document = json!({ "document": { "file_id": "x", "file_name": "Заказ\n5.pdf", "mime_type": "application/pdf" } });
        assert_eq!(of(document), ("document".to_owned(), file(FileKind::Document, "Заказ 5.pdf", "application/pdf")));
        assert_eq!(of(json!({ "voice": { "file_id": "x" } })), ("voice".to_owned(), file(FileKind::Voice, "", "audio/ogg")));
        assert_eq!(of(json!({ "location": { "latitude": 1.0 } })), ("location".to_owned(), None));
        assert_eq!(of(json!({ "photo": [] })), ("photo".to_owned(), None), "a photo without sizes is none");
        assert_eq!(one(&message(json!({ "new_thing": {} }))).kind, EventKind::Ignored);
        // There may be a «stop» under a kind of file that came later than this.
        let EventKind::Media { what, caption, .. } = one(&message(json!({ "new_thing": {}, "caption": "стоп" }))).kind else {
            panic!("lost")
        };
        assert_eq!((&*what, &*caption), ("document", "стоп"));
    }

    #[test]
    fn presses_even_of_inaccessible_messages() {
        let press = json!({ "update_id": 1, "callback_query": { "id": "330700009", "chat_instance": "-1",
            "from": { "id": 77_001_122, "is_bot": false, "first_name": "Anna" },
            "message": { "message_id": 9001, "date": 0, "chat": { "id": 77_001_122, "type": "private" } }, "data": "stop" } });
        let event = one(&press);
        assert_eq!(event.message_ref.as_deref(), Some("77001122:9001"));
        assert_eq!(event.kind, EventKind::Press { data: "stop".to_owned(), query_id: "330700009".to_owned(), label: String::new() });
        // Where the message is told, so is what stands on the button.
        let mut told = press;
        told["callback_query"]["message"]["reply_markup"] = json!({ "inline_keyboard": [[{ "text": "Сайт", "url": "https://ex.ru" }], [{ "text": "Отписаться", "callback_data": "stop" }]] });
        let EventKind::Press { label, .. } = one(&told).kind else { panic!("no press") };
        assert_eq!(label, "Отписаться");
    }

    #[test]
    fn blocks_and_unblocks() {
        let member = |old: &str, new: &str| {
            one(
                &json!({ "update_id": 1, "my_chat_member": { "chat": { "id": 7, "type": "private" }, "from": { "id": 7, "first_name": "A" },
                "date": 1_780_000_300, "old_chat_member": { "status": old }, "new_chat_member": { "status": new } } }),
            )
            .kind
        };
        assert_eq!(member("member", "kicked"), EventKind::Blocked);
        assert_eq!(member("kicked", "member"), EventKind::Unblocked);
        assert_eq!(member("member", "member"), EventKind::Ignored);
    }

    #[test]
    fn an_edited_message_is_what_it_says_now() {
        let mut update = message(json!({ "text": "стоп", "edit_date": 1_780_000_900 }));
        let edited = update["message"].take();
        let event = one(&json!({ "update_id": 1, "edited_message": edited }));
        assert_eq!(event.kind, EventKind::Edited(Box::new(EventKind::Text { body: "стоп".to_owned(), reply_to: None })));
        assert_eq!((event.message_ref.as_deref(), event.at.timestamp()), (Some("77001122:13"), 1_780_000_900));
    }

    #[test]
    fn groups_and_unknown_updates_are_nobodys() {
        let mut group = message(json!({ "text": "hello" }));
        group["message"]["chat"] = json!({ "id": -5, "type": "group" });
        assert_eq!(update(&group.to_string(), clock::now()), Ok(Vec::new()));
        assert_eq!(update(r#"{"update_id":1,"edited_message":{}}"#, clock::now()), Ok(Vec::new()));
        assert!(update("[]", clock::now()).is_err());
        let odd = update(r#"{"update_id":1,"message":{"text":["стоп"]}}"#, clock::now()).expect_err("another shape");
        assert!(!odd.contains("стоп"), "{odd}");
        assert!(update("", clock::now()).is_err());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            Just(json!("/start x")),
            Just(json!("private")),
        ];
        let key = prop_oneof![
            Just("update_id"),
            Just("message"),
            Just("edited_message"),
            Just("callback_query"),
            Just("my_chat_member"),
            Just("from"),
            Just("chat"),
            Just("id"),
            Just("type"),
            Just("text"),
            Just("date"),
            Just("contact"),
            Just("data"),
            Just("message_id"),
            Just("reply_to_message"),
            Just("new_chat_member"),
            Just("status"),
            Just("photo"),
        ];
        leaf.prop_recursive(5, 64, 8, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((key.clone(), inner), 0..8)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn never_panics_on_any_json(value in any_json()) {
            let _ = update(&value.to_string(), clock::now());
            let _ = update(&json!({ "update_id": 1, "message": value }).to_string(), clock::now());
        }

        #[test]
        fn never_panics_on_any_text(raw in ".{0,200}") {
            let _ = update(&raw, clock::now());
        }
    }
}
