//! Messages as Wazzup wants them (contracts/messengers/wazzup.md, section 2). A message comes here
//! as its messenger shows it ([`crate::channel::fit`]). Words and a file are two messages: the file
//! goes first, and the words with their buttons name the delivery.

use serde_json::{Value, json};

use super::{
    credentials::Credentials,
    transport::{Buttons, Transport},
};
use crate::{
    channel::{
        Button, ButtonAction, Content, FileKind, Markup, Media, MediaSource, Outbound, ProviderTemplate, SendError,
        fit::{self, Fitted},
    },
    text::Rich,
};

/// What begins the names of our messages, and ends that of a file whose words follow.
const OURS: &str = "mms";
const FILE: &str = ":file";
/// The messages of a delivery, in the order in which they go: one, or a file and its words.
///
/// # Errors
/// [`SendError::Rejected`]: it cannot be said within the limits of this messenger.
pub(super) fn messages(transport: &Transport, credentials: &Credentials, message: &Outbound) -> Result<Vec<Value>, SendError> {
    let envelope = |part: &str| {
        json!({
            "channelId": credentials.channel, "chatType": transport.chat_type, "chatId": chat(transport, &message.to),
            "crmMessageId": name(credentials, message.client_id, part), "clearUnanswered": false,
        })
    };
    let free = match &message.content {
        Content::Free(free) => free,
        Content::Template(template) => return Ok(vec![filled(envelope(""), template)?]),
    };
    let said = written(transport, &free.body);
    if said.chars().count() > transport.capabilities.text_limit {
        return Err(SendError::Rejected(format!("a text has {} characters at most", transport.capabilities.text_limit)));
    }
    let mut messages = Vec::new();
    if let Some(media) = &free.media {
        // A file without words is the whole delivery.
        let mut file = envelope(if said.trim().is_empty() { "" } else { FILE });
        file["contentUri"] = json!(address(transport, media)?);
        messages.push(file);
    }
    if !said.trim().is_empty() {
        let mut text = envelope("");
        text["text"] = json!(said);
        messages.push(text);
    }
    let Some(last) = messages.last_mut() else { return Err(SendError::Rejected("the message is empty".to_owned())) };
    if let Some(buttons) = buttons(transport, &free.buttons, free.remove_keyboard)? {
        last["buttonsObject"] = buttons;
    }
    Ok(messages)
}

/// How many messages a delivery is: words and a file are two.
pub(super) fn calls(message: &Outbound) -> usize {
    match &message.content {
        Content::Free(free) if free.media.is_some() && !free.body.text.trim().is_empty() => 2,
        Content::Free(_) | Content::Template(_) => 1,
    }
}

/// What a message is called by us: a repeat has the same name.
fn name(credentials: &Credentials, client_id: i64, part: &str) -> String {
    format!("{OURS}:{}:{client_id}{part}", credentials.tag)
}

/// Our id of the message that a webhook calls so; `None`: it is another program's, or the file of a
/// message that is known by its words.
pub(super) fn client_id(credentials: &Credentials, name: &str) -> Option<i64> {
    let (tag, id) = name.strip_prefix(OURS)?.strip_prefix(':')?.split_once(':')?;
    id.parse().ok().filter(|_| !tag.is_empty() && tag == credentials.tag)
}

/// What a message may say when it comes back: a template's words, and its own. What was kept before
/// words were made to fit is made to here.
pub(super) fn told_back(transport: &Transport, body: &Rich, buttons: &[Vec<Button>]) -> Vec<String> {
    let fitted = fit::fit(body.clone(), buttons.to_vec(), None, &transport.capabilities);
    let own = fitted.map_or_else(|_| body.text.clone(), |Fitted { body, .. }| written(transport, &body));
    if transport.capabilities.templates.is_some() && own != body.text { vec![body.text.clone(), own] } else { vec![own] }
}

/// A person as Wazzup writes them.
fn chat(transport: &Transport, to: &str) -> String {
    if transport.chats_are_phones { to.trim_start_matches('+').to_owned() } else { to.to_owned() }
}

/// Where Wazzup fetches a file, while the call waits.
fn address<'a>(transport: &Transport, media: &'a Media) -> Result<&'a str, SendError> {
    let MediaSource::Link { url, mime, size, .. } = &media.source else {
        return Err(SendError::Misconfigured("Wazzup fetches files itself, and the server has no public address".to_owned()));
    };
    let picture = mime.starts_with("image/");
    let most =
        if picture && media.kind == FileKind::Photo { transport.capabilities.photo_bytes } else { transport.capabilities.document_bytes };
    if *size > most {
        return Err(SendError::Rejected(format!("a file has {most} bytes at most")));
    }
    if transport.capabilities.pictures_only && !picture {
        return Err(SendError::Rejected("this messenger takes pictures alone".to_owned()));
    }
    Ok(url)
}

/// An approved template with its values (section 2.4). A file in its header is not described there.
fn filled(mut message: Value, template: &ProviderTemplate) -> Result<Value, SendError> {
    if template.external_id.is_empty() {
        return Err(SendError::TemplateNeeded("the template is not known at Wazzup".to_owned()));
    }
    if template.header.is_some() {
        return Err(SendError::Rejected("a template of Wazzup's has no file here".to_owned()));
    }
    let values: Vec<&str> = template.parameters.iter().map(|(_, value)| value.as_str()).collect();
    message["templateId"] = json!(template.external_id);
    message["templateValues"] = json!(values);
    let payload = |action: &Option<ButtonAction>| match action {
        Some(ButtonAction::Callback(data)) => json!({ "payload": data }),
        _ => json!({}),
    };
    if template.buttons.iter().any(Option::is_some) {
        message["buttonsObject"] = json!({ "buttons": template.buttons.iter().map(payload).collect::<Vec<_>>() });
    }
    Ok(message)
}

/// A text as it is written, with its marks.
fn written(transport: &Transport, body: &Rich) -> String {
    match transport.capabilities.markup {
        Markup::Marks(marks) if !body.spans.is_empty() => marks.written(body),
        _ => body.text.clone(),
    }
}

/// `buttonsObject`, if a message has buttons.
fn buttons(transport: &Transport, rows: &[Vec<Button>], remove_keyboard: bool) -> Result<Option<Value>, SendError> {
    let all = || rows.iter().flatten();
    let answer = |button: &Button| json!({ "text": button.text, "type": "text", "payload": data(button) });
    let key = |button: &Button| json!({ "text": button.text });
    let max = |button: &Button| match &button.action {
        ButtonAction::Url(url) => json!({ "type": "link", "text": button.text, "url": url }),
        _ => json!({ "type": "message", "text": button.text }),
    };
    let rows = |one: &dyn Fn(&Button) -> Value| -> Vec<Vec<Value>> { all().map(|button| vec![one(button)]).collect() };
    Ok(match transport.buttons {
        Buttons::Keyboard if remove_keyboard && all().next().is_none() => Some(json!({ "buttons": [], "removeKeyboard": true })),
        _ if all().next().is_none() => None,
        Buttons::Words => return Err(SendError::Rejected("this messenger has no buttons".to_owned())),
        Buttons::Answers => Some(json!({ "buttons": all().map(answer).collect::<Vec<_>>() })),
        Buttons::Keyboard => Some(json!({ "buttons": rows(&key), "replyMarkup": "reply", "oneTimeKeyboard": true })),
        Buttons::Max => Some(json!({ "chatType": "max", "buttons": rows(&max) })),
    })
}

fn data(button: &Button) -> &str {
    if let ButtonAction::Callback(data) = &button.action { data } else { "" }
}

/// The provider's id of a message. An accepted one may have none: its status tells it.
pub(super) fn sent(answer: &Value) -> String {
    answer["messageId"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::{ChannelKind, Free, OPT_OUT_CALLBACK, wazzup::transport},
        secret::Secret,
        text::{Span, Style},
    };

    fn credentials() -> Credentials {
        Credentials { key: Secret::new("k"), channel: "3b9d1c70".to_owned(), tag: "t4g".to_owned(), ..Credentials::default() }
    }

    /// What goes of a message, made to fit.
    fn made(kind: ChannelKind, to: &str, content: Content) -> Result<Vec<Value>, SendError> {
        let content = match content {
            Content::Free(free) => {
                let fitted = fit::free(free, &transport::of(kind).capabilities);
                Content::Free(fitted.map_err(|unfit| SendError::Rejected(format!("{unfit:?}")))?)
            }
            template => template,
        };
        let message = Outbound { client_id: -7, series: None, to: to.to_owned(), content, paid: false };
        messages(transport::of(kind), &credentials(), &message)
    }

    fn said(kind: ChannelKind, free: Free) -> Result<Vec<Value>, SendError> {
        made(kind, "79991234567", Content::Free(free))
    }

    fn button(text: &str, action: ButtonAction) -> Button {
        Button { text: text.to_owned(), action }
    }

    fn press(text: &str, data: &str) -> Button {
        button(text, ButtonAction::Callback(data.to_owned()))
    }

    fn campaign() -> Free {
        Free {
            body: Rich { text: "Анна, скидка".to_owned(), spans: vec![Span { offset: 0, len: 4, style: Style::Bold }] },
            buttons: vec![
                vec![button("Записаться", ButtonAction::Url("https://ex.ru/b".to_owned()))],
                vec![press("Отписаться", OPT_OUT_CALLBACK)],
            ],
            ..Free::default()
        }
    }

    fn link(mime: &str, size: u64) -> Option<Media> {
        let source =
            MediaSource::Link { url: "https://ex.ru/media/t/file.jpg".to_owned(), name: "a".to_owned(), mime: mime.to_owned(), size };
        let kind = if mime.starts_with("image/") { FileKind::Photo } else { FileKind::Document };
        Some(Media { kind, source })
    }

    #[test]
    fn an_ordinary_number_says_everything_in_words() {
        let sent = made(ChannelKind::WazzupWhatsapp, "+79991234567", Content::Free(campaign())).expect("a message");
        assert_eq!(
            sent,
            [json!({
                "channelId": "3b9d1c70", "chatType": "whatsapp", "chatId": "79991234567", "crmMessageId": "mms:t4g:-7", "clearUnanswered": false,
                "text": "*Анна*, скидка\n\nЗаписаться: https://ex.ru/b\n\nЧтобы отписаться, ответьте «стоп».",
            })]
        );
        let question = Free { buttons: vec![vec![press("Согласиться", "c:y")], vec![press("Нет", "c:n")]], ..campaign() };
        let sent = said(ChannelKind::WazzupVk, question).expect("a message");
        assert_eq!(sent[0]["text"], "Анна, скидка\n\nОтветьте «Согласиться» или «Нет».");
        assert!(sent[0].get("buttonsObject").is_none());
    }

    #[test]
    fn buttons_have_another_shape_in_each_messenger() {
        let object = |kind| said(kind, campaign()).expect("a message").remove(0);
        let waba = object(ChannelKind::WazzupWaba);
        assert_eq!(waba["buttonsObject"], json!({ "buttons": [{ "text": "Отписаться", "type": "text", "payload": "stop" }] }));
        assert_eq!(waba["text"], "*Анна*, скидка\n\nЗаписаться: https://ex.ru/b");
        let bot = object(ChannelKind::WazzupTelegramBot);
        assert_eq!(
            bot["buttonsObject"],
            json!({ "buttons": [[{ "text": "Отписаться" }]], "replyMarkup": "reply", "oneTimeKeyboard": true })
        );
        let max = object(ChannelKind::WazzupMaxBot);
        assert_eq!(
            max["buttonsObject"],
            json!({ "chatType": "max", "buttons": [
                [{ "type": "link", "text": "Записаться", "url": "https://ex.ru/b" }], [{ "type": "message", "text": "Отписаться" }],
            ] })
        );
        assert_eq!(max["text"], "Анна, скидка", "no marks there");
        let odd = Free { buttons: vec![vec![press("Не надо", OPT_OUT_CALLBACK)]], ..campaign() };
        let odd = said(ChannelKind::WazzupWaba, odd).expect("a message").remove(0);
        assert_eq!(odd["text"], "*Анна*, скидка\n\nЧтобы отписаться, ответьте «стоп».", "a press would not be understood");
        let long = Free { buttons: vec![vec![press("Не соглашаться ни на что", "c:n")]], ..campaign() };
        let long = said(ChannelKind::WazzupWaba, long).expect("a message").remove(0);
        assert_eq!(long["buttonsObject"]["buttons"][0]["text"], "Не соглашаться ни н…");
    }

    #[test]
    fn a_file_and_its_words_are_two_messages_under_two_ids() {
        let both = said(ChannelKind::WazzupWaba, Free { media: link("image/jpeg", 900), ..campaign() }).expect("messages");
        assert_eq!(both.len(), 2);
        assert_eq!((&both[0]["crmMessageId"], &both[1]["crmMessageId"]), (&json!("mms:t4g:-7:file"), &json!("mms:t4g:-7")));
        assert_eq!((&both[0]["contentUri"], &both[0]["text"]), (&json!("https://ex.ru/media/t/file.jpg"), &Value::Null));
        assert!(both[1]["buttonsObject"].is_object() && both[0]["buttonsObject"].is_null());
        let alone = said(ChannelKind::WazzupViber, Free { media: link("application/pdf", 900), ..Free::default() }).expect("a message");
        assert_eq!((alone.len(), &alone[0]["crmMessageId"]), (1, &json!("mms:t4g:-7")), "it is the whole delivery");
        for refused in [
            said(ChannelKind::WazzupWaba, Free { media: link("image/jpeg", 5 * 1024 * 1024 + 1), ..campaign() }),
            said(ChannelKind::WazzupViber, Free { media: link("application/pdf", 10 * 1024 * 1024 + 1), ..campaign() }),
            said(ChannelKind::WazzupInstagram, Free { media: link("application/pdf", 9), ..campaign() }),
            said(ChannelKind::WazzupVk, Free { body: Rich::plain("ж".repeat(1_001)), ..Free::default() }),
            said(ChannelKind::WazzupVk, Free::default()),
        ] {
            assert!(matches!(refused, Err(SendError::Rejected(_))), "{refused:?}");
        }
        let here = MediaSource::Bytes { name: "a.jpg".to_owned(), mime: "image/jpeg".to_owned(), content: Vec::new().into() };
        let free = Free { media: Some(Media { kind: FileKind::Photo, source: here }), ..campaign() };
        assert!(matches!(said(ChannelKind::WazzupVk, free), Err(SendError::Misconfigured(_))));
    }

    #[test]
    fn a_template_goes_by_its_id_and_its_values_in_their_order() {
        let template = ProviderTemplate {
            name: "autumn_v3".to_owned(),
            external_id: "c41e7b9a-2f60-4d7b-a0c3-5b8f1d2e3301".to_owned(),
            language: "ru".to_owned(),
            parameters: vec![("first_name".to_owned(), "Анна".to_owned()), ("size".to_owned(), "10%".to_owned())],
            header: None,
            buttons: vec![Some(ButtonAction::Callback("stop".to_owned())), None],
        };
        let of = |template: ProviderTemplate| made(ChannelKind::WazzupWaba, "+79991234567", Content::Template(Box::new(template)));
        let sent = of(template.clone()).expect("a message").remove(0);
        assert_eq!(
            (&sent["templateId"], &sent["templateValues"]),
            (&json!("c41e7b9a-2f60-4d7b-a0c3-5b8f1d2e3301"), &json!(["Анна", "10%"]))
        );
        assert_eq!(sent["buttonsObject"], json!({ "buttons": [{ "payload": "stop" }, {}] }));
        assert!(sent["text"].is_null());
        assert!(matches!(of(ProviderTemplate { external_id: String::new(), ..template }), Err(SendError::TemplateNeeded(_))));
    }
}
