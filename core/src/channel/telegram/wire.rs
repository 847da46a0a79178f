//! Messages as the Bot API wants them: entities, never `parse_mode`, so that no character of a
//! customer's name can break a message (contracts/messengers/telegram.md, section 2).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use crate::{
    channel::{Button, ButtonAction, FileKind, Free, MediaSource, Outbound, SendError, Sent},
    text::{Rich, Style},
};

/// A method with its parameters.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub method: &'static str,
    pub body: Map<String, Value>,
}

/// The call that sends `message`; media of bytes is left out of the body, it goes as a part of
/// [`form`].
pub(super) fn call(message: &Outbound, free: &Free) -> Call {
    let mut body = Map::new();
    // Ids go as numbers; anything else (`@name`) as it is.
    body.insert("chat_id".to_owned(), message.to.parse::<i64>().map_or_else(|_| json!(message.to), |id| json!(id)));
    let (method, text_key, entities_key) = match &free.media {
        None => (super::SEND_MESSAGE, "text", "entities"),
        Some(media) => {
            if let MediaSource::Reference(reference) = &media.source {
                body.insert(field(media.kind).to_owned(), json!(reference));
            }
            (method(media.kind), "caption", "caption_entities")
        }
    };
    let captioned = free.media.as_ref().is_none_or(|media| media.kind.has_caption());
    if free.media.is_none() || captioned && !free.body.text.is_empty() {
        body.insert(text_key.to_owned(), json!(free.body.text));
    }
    let entities = entities(&free.body);
    if captioned && !entities.is_empty() {
        body.insert(entities_key.to_owned(), Value::Array(entities));
    }
    if let Some(markup) = markup(&free.buttons, free.remove_keyboard) {
        body.insert("reply_markup".to_owned(), markup);
    }
    if message.paid {
        body.insert("allow_paid_broadcast".to_owned(), json!(true));
    }
    Call { method, body }
}

/// The call that sends a file as it is: Telegram would make a recording of a recording again.
pub(super) fn plain_file(message: &Outbound, free: &Free) -> Call {
    let mut call = call(message, free);
    call.body.insert("disable_content_type_detection".to_owned(), json!(true));
    call
}

/// The method that sends a kind of file (contract, 2.4).
pub(super) fn method(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Photo => "sendPhoto",
        FileKind::Document => "sendDocument",
        FileKind::Video => "sendVideo",
        FileKind::Animation => "sendAnimation",
        FileKind::VideoNote => "sendVideoNote",
        FileKind::Voice => "sendVoice",
        FileKind::Audio => "sendAudio",
        FileKind::Sticker => "sendSticker",
    }
}

/// The parameter of that method the file goes in: the Bot API has the words that we have.
pub(super) fn field(kind: FileKind) -> &'static str {
    kind.as_str()
}

fn entities(body: &Rich) -> Vec<Value> {
    body.spans
        .iter()
        .map(|span| {
            let kind = match &span.style {
                Style::Bold => "bold",
                Style::Italic => "italic",
                Style::Underline => "underline",
                Style::Strike => "strikethrough",
                Style::Spoiler => "spoiler",
                Style::Code => "code",
                Style::Pre => "pre",
                Style::Quote => "blockquote",
                Style::Link(_) => "text_link",
            };
            let mut entity = json!({ "type": kind, "offset": span.offset, "length": span.len });
            if let Style::Link(url) = &span.style {
                entity["url"] = json!(url);
            }
            entity
        })
        .collect()
}

/// A phone can be asked for by a reply keyboard only; a message has one keyboard, so the ask wins.
fn markup(rows: &[Vec<Button>], remove: bool) -> Option<Value> {
    if rows.iter().flatten().any(|button| button.action == ButtonAction::SharePhone) {
        let keyboard: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .filter(|button| button.action == ButtonAction::SharePhone)
                    .map(|button| json!({ "text": button.text, "request_contact": true }))
                    .collect::<Vec<_>>()
            })
            .filter(|row| !row.is_empty())
            .collect();
        return Some(json!({ "keyboard": keyboard, "resize_keyboard": true, "one_time_keyboard": true }));
    }
    let inline: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|button| match &button.action {
                    ButtonAction::Url(url) => json!({ "text": button.text, "url": url }),
                    ButtonAction::Callback(data) => json!({ "text": button.text, "callback_data": data }),
                    // Handled above: a keyboard with an ask never comes here.
                    ButtonAction::SharePhone => json!({ "text": button.text }),
                })
                .collect::<Vec<_>>()
        })
        .filter(|row| !row.is_empty())
        .collect();
    if !inline.is_empty() {
        return Some(json!({ "inline_keyboard": inline }));
    }
    remove.then(|| json!({ "remove_keyboard": true }))
}

/// The call as a form with the file as a part; nested values are JSON strings there (contract,
/// section 1).
pub(super) fn form(call: &Call, kind: FileKind, name: &str, mime: &str, content: Arc<[u8]>) -> Result<reqwest::multipart::Form, SendError> {
    let mut form = reqwest::multipart::Form::new();
    for (key, value) in &call.body {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        form = form.text(key.clone(), text);
    }
    let size = content.len() as u64;
    let part = reqwest::multipart::Part::stream_with_length(bytes::Bytes::from_owner(content), size)
        .file_name(name.to_owned())
        .mime_str(mime)
        .map_err(|_| SendError::Rejected(format!("the file's type `{mime}` is not a MIME type")))?;
    Ok(form.part(field(kind), part))
}

/// What answers a press.
pub(super) fn press_answer(query_id: &str, text: &str) -> Value {
    // 200 characters are shown at most (contract, 6.2).
    let text: String = text.chars().take(200).collect();
    if text.is_empty() { json!({ "callback_query_id": query_id }) } else { json!({ "callback_query_id": query_id, "text": text }) }
}

/// What takes the buttons of a message away; `None`: its name is not one of ours.
pub(super) fn no_buttons(message_ref: &str) -> Option<Value> {
    let (chat, message) = message_ref.rsplit_once(':')?;
    let (chat, message): (i64, i64) = (chat.parse().ok()?, message.parse().ok().filter(|id| *id > 0)?);
    Some(json!({ "chat_id": chat, "message_id": message }))
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    message_id: i64,
    chat: Option<Chat>,
    #[serde(default)]
    photo: Vec<Size>,
    document: Option<File>,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
}

#[derive(Deserialize)]
struct Size {
    file_id: String,
    #[serde(default)]
    width: i64,
    #[serde(default)]
    height: i64,
}

#[derive(Deserialize)]
struct File {
    file_id: String,
}

/// Reads the sent message. `ok: true` means that it was sent, whatever its shape, so an odd one
/// only loses its id.
pub(super) fn sent(to: &str, result: &RawValue) -> Sent {
    let Ok(message) = serde_json::from_str::<Message>(result.get()) else {
        return Sent { message_ref: message_ref(to, 0), ..Sent::default() };
    };
    let chat = message.chat.map_or_else(|| to.to_owned(), |chat| chat.id.to_string());
    let photo = message.photo.into_iter().max_by_key(|size| size.width.saturating_mul(size.height)).map(|size| size.file_id);
    Sent {
        message_ref: message_ref(&chat, message.message_id),
        media_reference: photo.or_else(|| message.document.map(|file| file.file_id)),
        ..Sent::default()
    }
}

/// A message's name within the channel: ids are unique only within a chat.
pub(super) fn message_ref(chat: impl std::fmt::Display, message_id: i64) -> String {
    format!("{chat}:{message_id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::{Content, Media},
        text::Span,
    };

    fn free() -> Free {
        let spans = vec![
            Span { offset: 0, len: 4, style: Style::Bold },
            Span { offset: 6, len: 4, style: Style::Link("https://ex.ru/a".to_owned()) },
        ];
        Free { body: Rich { text: "Анна, <5%>".to_owned(), spans }, ..Free::default() }
    }

    fn made(free: Free, paid: bool) -> Call {
        let message = Outbound { client_id: 1, series: None, to: "77001122".to_owned(), content: Content::Free(free.clone()), paid };
        call(&message, &free)
    }

    fn button(text: &str, action: ButtonAction) -> Button {
        Button { text: text.to_owned(), action }
    }

    #[test]
    fn text_goes_with_entities_and_no_parse_mode() {
        let mut message = free();
        message.buttons = vec![
            vec![button("Записаться", ButtonAction::Url("https://ex.ru/b".to_owned()))],
            vec![button("Стоп", ButtonAction::Callback("stop".to_owned()))],
        ];
        let call = made(message, true);
        assert_eq!(call.method, "sendMessage");
        assert_eq!(
            Value::Object(call.body),
            json!({
                "chat_id": 77_001_122, "text": "Анна, <5%>", "allow_paid_broadcast": true,
                "entities": [{ "type": "bold", "offset": 0, "length": 4 }, { "type": "text_link", "offset": 6, "length": 4, "url": "https://ex.ru/a" }],
                "reply_markup": { "inline_keyboard": [[{ "text": "Записаться", "url": "https://ex.ru/b" }], [{ "text": "Стоп", "callback_data": "stop" }]] },
            })
        );
    }

    #[test]
    fn media_by_reference_takes_a_caption() {
        let mut message = free();
        message.media = Some(Media { kind: FileKind::Photo, source: MediaSource::Reference("AgAC".to_owned()) });
        let call = made(message, false);
        assert_eq!(call.method, "sendPhoto");
        assert_eq!(call.body["photo"], json!("AgAC"));
        assert_eq!(call.body["caption"], json!("Анна, <5%>"));
        assert!(call.body.contains_key("caption_entities") && !call.body.contains_key("text"));
    }

    #[test]
    fn keyboards() {
        let ask = vec![vec![button("Мой номер", ButtonAction::SharePhone)]];
        assert_eq!(
            markup(&ask, false),
            Some(
                json!({ "keyboard": [[{ "text": "Мой номер", "request_contact": true }]], "resize_keyboard": true, "one_time_keyboard": true })
            )
        );
        assert_eq!(markup(&[], true), Some(json!({ "remove_keyboard": true })));
        assert_eq!(markup(&[], false), None);
    }

    #[test]
    fn buttons_are_taken_from_the_message_that_is_named() {
        assert_eq!(no_buttons("77001122:9002"), Some(json!({ "chat_id": 77_001_122, "message_id": 9_002 })));
        for odd in ["", "7", "7:0", "7:x", "@name:5", "inbound:7:1x"] {
            assert_eq!(no_buttons(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_largest_photo_is_the_reference() {
        let raw = r#"{"message_id":9002,"chat":{"id":77001122,"type":"private"},"photo":[{"file_id":"s","width":90,"height":60},{"file_id":"x","width":1280,"height":853}]}"#;
        let result: Box<RawValue> = serde_json::from_str(raw).expect("json");
        assert_eq!(
            sent("77001122", &result),
            Sent { message_ref: "77001122:9002".to_owned(), media_reference: Some("x".to_owned()), ..Sent::default() }
        );
        let odd: Box<RawValue> = serde_json::from_str("true").expect("json");
        assert_eq!(sent("7", &odd).message_ref, "7:0");
    }
}
