//! Messages as Wazzup wants them (contracts/messengers/wazzup.md, section 2). Words and a file are
//! two messages: the file goes first, and the words with their buttons name the delivery.

use serde_json::{Value, json};

use super::{
    credentials::Credentials,
    transport::{Buttons, Transport},
};
use crate::{
    channel::{
        Button, ButtonAction, Content, FileKind, Free, Media, MediaSource, OPT_OUT_CALLBACK, Outbound, ProviderTemplate, SendError,
        marks::woven,
    },
    text::{Rich, Style},
};

/// Characters on a button of a keyboard, and on a short answer.
const ON_BUTTON: usize = 64;
const ON_ANSWER: usize = 20;
/// What begins the names of our messages, and ends that of a file whose words follow.
const OURS: &str = "mms";
const FILE: &str = ":file";
/// Words on a button that everybody understands as «stop» when they come back as a text.
const MEANS_STOP: [&str; 5] = ["отписаться", "отписка", "стоп", "stop", "unsubscribe"];

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
    let (rows, said) = said(transport, free);
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
    if let Some(rows) = rows {
        last["buttonsObject"] = rows;
    }
    Ok(messages)
}

/// How many messages a delivery is: words and a file are two.
pub(super) fn calls(transport: &Transport, message: &Outbound) -> usize {
    match &message.content {
        Content::Free(free) if free.media.is_some() && !said(transport, free).1.trim().is_empty() => 2,
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

/// The keyboard of a message and its words, with what of its buttons becomes words.
fn said(transport: &Transport, free: &Free) -> (Option<Value>, String) {
    let (rows, lines) = buttons(transport, &free.buttons, free.remove_keyboard, &free.body.text);
    let (said, lines) = (words(transport, &free.body), lines.join("\n\n"));
    let said = match (said.trim().is_empty(), lines.is_empty()) {
        (_, true) => said,
        (true, false) => lines,
        (false, false) => format!("{said}\n\n{lines}"),
    };
    (rows, said)
}

/// What a message may say when it comes back: a template's words, and its own.
pub(super) fn told_back(transport: &Transport, body: &Rich, buttons: &[Vec<Button>]) -> Vec<String> {
    let free = Free { body: body.clone(), buttons: buttons.to_vec(), ..Free::default() };
    let own = said(transport, &free).1;
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
    if transport.pictures_only && !picture {
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

fn words(transport: &Transport, body: &Rich) -> String {
    let plain = || woven(body, |_| None);
    // A message without bold letters is better than a wrong one.
    if !transport.marks || body.text.contains(['*', '_', '~', '`']) {
        return plain();
    }
    let marked = woven(body, |style| match style {
        Style::Bold => Some("*"),
        Style::Italic => Some("_"),
        Style::Strike => Some("~"),
        Style::Code | Style::Pre => Some("```"),
        Style::Link(_) | Style::Underline | Style::Spoiler | Style::Quote => None,
    });
    if marked.chars().count() <= transport.capabilities.text_limit { marked } else { plain() }
}

/// What is written on a button that answers.
fn label(button: &Button, most: usize) -> String {
    if button.text.chars().count() <= most { button.text.clone() } else { button.text.chars().take(most - 1).chain(['…']).collect() }
}

/// Whether a press of it, told as a text, is understood.
fn is_understood(button: &Button) -> bool {
    match &button.action {
        ButtonAction::Callback(data) if data == OPT_OUT_CALLBACK => MEANS_STOP.contains(&button.text.trim().to_lowercase().as_str()),
        ButtonAction::Callback(_) => true,
        ButtonAction::Url(_) | ButtonAction::SharePhone => false,
    }
}

/// `buttonsObject`, if any button is one here; and what the others become under this text.
fn buttons(transport: &Transport, rows: &[Vec<Button>], remove_keyboard: bool, text: &str) -> (Option<Value>, Vec<String>) {
    let all = || rows.iter().flatten();
    let opens = |button: &&Button| transport.buttons == Buttons::Max && matches!(button.action, ButtonAction::Url(_));
    let (shown, said): (Vec<&Button>, Vec<&Button>) = match transport.buttons {
        Buttons::Words => (Vec::new(), all().collect()),
        Buttons::Answers | Buttons::Keyboard | Buttons::Max => all().partition(|button| is_understood(button) || opens(button)),
    };
    let answer = |button: &Button| json!({ "text": label(button, ON_ANSWER), "type": "text", "payload": data(button) });
    let key = |button: &Button| json!({ "text": label(button, ON_BUTTON) });
    let max = |button: &Button| match &button.action {
        ButtonAction::Url(url) => json!({ "type": "link", "text": label(button, ON_BUTTON), "url": url }),
        _ => json!({ "type": "message", "text": label(button, ON_BUTTON) }),
    };
    let rows = |one: &dyn Fn(&Button) -> Value| -> Vec<Vec<Value>> { shown.iter().map(|button| vec![one(button)]).collect() };
    let object = match transport.buttons {
        _ if shown.is_empty() && remove_keyboard && transport.buttons == Buttons::Keyboard => {
            Some(json!({ "buttons": [], "removeKeyboard": true }))
        }
        _ if shown.is_empty() => None,
        Buttons::Words => None,
        Buttons::Answers => Some(json!({ "buttons": shown.iter().map(|button| answer(button)).collect::<Vec<_>>() })),
        Buttons::Keyboard => Some(json!({ "buttons": rows(&key), "replyMarkup": "reply", "oneTimeKeyboard": true })),
        Buttons::Max => Some(json!({ "chatType": "max", "buttons": rows(&max) })),
    };
    (object, in_words(text, &said))
}

fn data(button: &Button) -> &str {
    if let ButtonAction::Callback(data) = &button.action { data } else { "" }
}

/// What buttons become where they are none: links, the way out, and the answers to a question. A
/// phone is not asked for.
fn in_words(text: &str, buttons: &[&Button]) -> Vec<String> {
    let russian = text.chars().any(|char| ('а'..='я').contains(&char) || ('А'..='Я').contains(&char));
    let (mut lines, mut stop, mut answers) = (Vec::new(), false, Vec::new());
    for button in buttons {
        match &button.action {
            ButtonAction::Url(url) => lines.push(format!("{}: {url}", button.text)),
            ButtonAction::Callback(data) if data == OPT_OUT_CALLBACK => stop = true,
            ButtonAction::Callback(_) => answers.push(format!("«{}»", button.text)),
            ButtonAction::SharePhone => {}
        }
    }
    if !answers.is_empty() {
        let (reply, or) = if russian { ("Ответьте", " или ") } else { ("Reply", " or ") };
        lines.push(format!("{reply} {}.", answers.join(or)));
    }
    if stop {
        let way_out =
            if russian { "Чтобы отписаться, ответьте «стоп»." } else { "Reply “stop” to unsubscribe." };
        lines.push(way_out.to_owned());
    }
    lines
}

/// The provider's id of a message. An accepted one may have none: its status tells it.
pub(super) fn sent(answer: &Value) -> String {
    answer["messageId"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::{ChannelKind, wazzup::transport},
        secret::Secret,
        text::Span,
    };

    fn credentials() -> Credentials {
        Credentials { key: Secret::new("k"), channel: "3b9d1c70".to_owned(), tag: "t4g".to_owned(), ..Credentials::default() }
    }

    fn made(kind: ChannelKind, to: &str, content: Content) -> Result<Vec<Value>, SendError> {
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

    proptest::proptest! {
        /// Nothing that goes is longer than its messenger takes.
        #[test]
        fn a_text_keeps_within_its_limit(text in "\\PC{0,400}", times in 1_usize..30, offset in 0_usize..500, len in 0_usize..500, which in 0_usize..10) {
            let body = Rich { text: text.repeat(times), spans: vec![Span { offset, len, style: Style::Bold }, Span { offset: len, len: offset, style: Style::Italic }] };
            let transport = &transport::TRANSPORTS[which];
            if let Ok(made) = said(transport.kind, Free { body, ..campaign() }) {
                for one in made {
                    proptest::prop_assert!(one["text"].as_str().unwrap_or_default().chars().count() <= transport.capabilities.text_limit);
                }
            }
        }
    }
}
