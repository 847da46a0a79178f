//! Messages as the MAX API wants them, and what it answers (contracts/messengers/max.md, section
//! 2).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::CAPABILITIES;
use crate::{
    channel::{Button, ButtonAction, FileKind, Free, SendError},
    text::Rich,
};

/// The dialogue an address names.
pub(super) fn chat(to: &str) -> Result<i64, SendError> {
    to.parse().map_err(|_| SendError::Unreachable("the address is no dialogue of MAX".to_owned()))
}

/// What MAX calls a kind of file (contract, 2.3).
pub(super) fn media(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Photo => "image",
        FileKind::Video | FileKind::Animation | FileKind::VideoNote => "video",
        FileKind::Voice | FileKind::Audio => "audio",
        FileKind::Document | FileKind::Sticker => "file",
    }
}

/// A message, as MAX shows it ([`crate::channel::fit`]), with the file a token names.
pub(super) fn body(message: &Free, file: Option<(FileKind, &str)>) -> Result<Value, SendError> {
    let (text, format) = text(&message.body)?;
    let mut body = json!({ "text": text, "notify": true });
    if let Some(format) = format {
        body["format"] = json!(format);
    }
    let mut attachments: Vec<Value> =
        file.into_iter().map(|(kind, token)| json!({ "type": media(kind), "payload": { "token": token } })).collect();
    let buttons: Vec<Vec<Value>> =
        message.buttons.iter().filter(|row| !row.is_empty()).map(|row| row.iter().map(button).collect()).collect();
    if !buttons.is_empty() {
        attachments.push(json!({ "type": "inline_keyboard", "payload": { "buttons": buttons } }));
    }
    if !attachments.is_empty() {
        body["attachments"] = Value::Array(attachments);
    }
    Ok(body)
}

fn button(button: &Button) -> Value {
    match &button.action {
        ButtonAction::Url(url) => json!({ "type": "link", "text": button.text, "url": url }),
        ButtonAction::Callback(data) => json!({ "type": "callback", "text": button.text, "payload": data }),
        ButtonAction::SharePhone => json!({ "type": "request_contact", "text": button.text }),
    }
}

/// A text with its format, if it has any.
fn text(rich: &Rich) -> Result<(String, Option<&'static str>), SendError> {
    let (text, format) = if rich.spans.is_empty() { (rich.text.clone(), None) } else { (rich.to_html(), Some("html")) };
    if CAPABILITIES.unit.of(&text) > CAPABILITIES.text_limit {
        return Err(SendError::Rejected(format!("a text with its tags has {} characters at most", CAPABILITIES.text_limit)));
    }
    Ok((text, format))
}

/// What answers a press; MAX wants a word at least.
pub(super) fn press_answer(text: &str) -> Value {
    json!({ "notification": if text.is_empty() { "✓" } else { text } })
}

/// Where a file is to be brought.
#[derive(Deserialize)]
pub(super) struct Place {
    pub url: String,
    /// Of videos and audio, which name the file by it (contract, 2.3).
    pub token: Option<String>,
}

/// The token of an uploaded file.
pub(super) fn token(before: Option<String>, body: &[u8]) -> Option<String> {
    if before.is_some() {
        return before;
    }
    #[derive(Deserialize)]
    struct Token {
        token: String,
    }
    #[derive(Deserialize)]
    struct Uploaded {
        #[serde(default)]
        photos: std::collections::BTreeMap<String, Token>,
        token: Option<String>,
    }
    let uploaded: Uploaded = serde_json::from_slice(body).ok()?;
    uploaded.token.or_else(|| uploaded.photos.into_values().next().map(|photo| photo.token))
}

/// A file as it is uploaded (contract, 2.3, step 2).
pub(super) fn form(name: &str, mime: &str, content: Arc<[u8]>) -> Result<reqwest::multipart::Form, SendError> {
    let size = content.len() as u64;
    let part = reqwest::multipart::Part::stream_with_length(bytes::Bytes::from_owner(content), size)
        .file_name(name.to_owned())
        .mime_str(mime)
        .map_err(|_| SendError::Rejected(format!("the file's type `{mime}` is not a MIME type")))?;
    Ok(reqwest::multipart::Form::new().part("data", part))
}

#[derive(Deserialize)]
struct Answer {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    timestamp: i64,
    sender: Option<Sender>,
    body: Body,
}

#[derive(Deserialize)]
struct Sender {
    #[serde(default)]
    is_bot: bool,
}

#[derive(Deserialize)]
struct Body {
    mid: String,
    text: Option<String>,
}

/// The name of the sent message. A 200 means that it was sent, whatever its shape, so an odd one
/// only loses its name.
pub(super) fn sent(answer: &RawValue) -> String {
    serde_json::from_str::<Answer>(answer.get()).map(|answer| answer.message.body.mid).unwrap_or_default()
}

/// A page of a dialogue, newest first.
#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    messages: Vec<Message>,
}

impl Page {
    /// The bot's message with this text and no older than `from`, in milliseconds.
    pub(super) fn find(&self, text: &str, from: i64) -> Option<String> {
        let ours = |message: &&Message| {
            message.timestamp >= from
                && message.sender.as_ref().is_some_and(|sender| sender.is_bot)
                && message.body.text.as_deref().unwrap_or_default() == text
        };
        // Of two of the same text one is of an earlier message of ours: which, nobody can say.
        let mut found = self.messages.iter().filter(ours);
        found.next().filter(|_| found.next().is_none()).map(|message| message.body.mid.clone())
    }
}

/// Who gets the updates.
#[derive(Deserialize)]
pub(super) struct Subscriptions {
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
}

#[derive(Deserialize)]
pub(super) struct Subscription {
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::fit::{self, Unfit},
        text::{Span, Style},
    };

    fn free(body: Rich) -> Free {
        Free { body, ..Free::default() }
    }

    #[test]
    fn a_message_with_everything() {
        let spans = vec![Span { offset: 0, len: 4, style: Style::Bold }, Span { offset: 6, len: 4, style: Style::Quote }];
        let mut message = free(Rich { text: "Анна, <5%>".to_owned(), spans });
        let button = |text: &str, action| Button { text: text.to_owned(), action };
        message.buttons = vec![
            vec![button("Записаться", ButtonAction::Url("https://ex.ru/b".to_owned()))],
            vec![button("Отписаться", ButtonAction::Callback("stop".to_owned())), button("Номер", ButtonAction::SharePhone)],
        ];
        let message = fit::free(message, &CAPABILITIES).expect("it fits");
        assert_eq!(
            body(&message, Some((FileKind::Photo, "ph0T0k3n"))).expect("it fits"),
            json!({
                "text": "<b>Анна</b>, &lt;5%&gt;", "format": "html", "notify": true,
                "attachments": [
                    { "type": "image", "payload": { "token": "ph0T0k3n" } },
                    { "type": "inline_keyboard", "payload": { "buttons": [
                        [{ "type": "link", "text": "Записаться", "url": "https://ex.ru/b" }],
                        [{ "type": "callback", "text": "Отписаться", "payload": "stop" }, { "type": "request_contact", "text": "Номер" }],
                    ] } },
                ],
            })
        );
        let plain = body(&free(Rich::plain("Анна, <5%>")), None).expect("it fits");
        assert_eq!(plain, json!({ "text": "Анна, <5%>", "notify": true }), "plain text is itself");
    }

    #[test]
    fn tags_make_no_message_too_long() {
        let said = |body: Rich| fit::fit(body, Vec::new(), None, &CAPABILITIES).map(|fitted| text(&fitted.body).expect("it fits"));
        let long = Rich { text: "ж".repeat(3_999), spans: vec![Span { offset: 0, len: 1, style: Style::Bold }] };
        assert_eq!(said(long.clone()), Ok((long.text, None)));
        // A link is not left out silently.
        let link = Style::Link("https://ex.ru/a".to_owned());
        let linked = |letters: usize| Rich { text: "ж".repeat(letters), spans: vec![Span { offset: 0, len: 1, style: link.clone() }] };
        assert_eq!(said(linked(3_982)), Ok((format!("ж (https://ex.ru/a){}", "ж".repeat(3_981)), None)));
        assert_eq!(said(linked(3_983)), Err(vec![Unfit::TooLong { units: 4_001, limit: 4_000, caption: false, woven: true }]));
    }

    #[test]
    fn tokens_of_uploads() {
        assert_eq!(token(None, br#"{"photos":{"k":{"token":"ph"}}}"#).as_deref(), Some("ph"));
        assert_eq!(token(None, br#"{"token":"f"}"#).as_deref(), Some("f"));
        assert_eq!(token(Some("v".to_owned()), b"<retval>1</retval>").as_deref(), Some("v"));
        assert_eq!(token(None, b"<retval>1</retval>"), None);
    }

    #[test]
    fn a_message_is_found_only_when_it_is_the_one() {
        let page = |messages: Value| serde_json::from_value::<Page>(json!({ "messages": messages })).expect("a page");
        let message = |mid: &str, text: &str, at: i64, bot: bool| json!({ "timestamp": at, "sender": { "is_bot": bot }, "body": { "mid": mid, "text": text } });
        let found = page(json!([message("m3", "Привет", 30, true), message("m2", "Привет", 20, false), message("m1", "Другое", 10, true)]));
        assert_eq!(found.find("Привет", 15).as_deref(), Some("m3"));
        assert_eq!(found.find("Привет", 31), None, "an older one is another");
        assert_eq!(found.find("Другое", 15), None);
        let two = page(json!([message("m3", "Привет", 30, true), message("m2", "Привет", 20, true)]));
        assert_eq!(two.find("Привет", 15), None, "which of the two?");
    }
}
