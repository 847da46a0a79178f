//! Messages as the Cloud API wants them, and what it answers
//! (contracts/messengers/whatsapp_cloud.md, section 2).

use std::sync::Arc;

use serde_json::{Value, json};

use crate::channel::{
    ButtonAction, Content, FileKind, Free, Keyboard, Outbound, ProviderTemplate, SendError,
    fit::{Answers, Links},
    marks::Marks,
};

/// Characters of a text, and of a text with buttons or under a file.
pub(super) const TEXT: usize = 4_096;
pub(super) const WITH_BUTTONS: usize = 1_024;
/// Reply buttons of a message.
pub(super) const BUTTONS: usize = 3;
/// Characters on a button, and of an address that one opens (the latter unconfirmed).
const TITLE: usize = 20;
const ADDRESS: usize = 2_000;
/// Up to three replies, or one link alone, below words; the others are words.
pub(super) const KEYBOARD: Keyboard =
    Keyboard { links: Links::Alone, answers: Answers::Stand, label: TITLE, address: ADDRESS, under: WITH_BUTTONS, ..Keyboard::ANY };
/// What WhatsApp reads out of a text (contract, 2.2): within a line and against letters.
pub(super) const MARKS: Marks =
    Marks { bold: "*", italic: "_", strike: "~", code: "`", pre: "```", blocks: true, under_files: true, at_words: true };

/// A file that is at the provider: what it is, its id, its name if it has one.
pub(super) type File<'a> = (FileKind, &'a str, Option<&'a str>);

/// What our id of a message looks like in `biz_opaque_callback_data`.
pub(super) fn opaque(tag: &str, client: i64) -> String {
    format!("mms:{tag}:{client}")
}

/// Our id of a message, if the opaque data is of this channel.
pub(super) fn client(tag: &str, opaque: &str) -> Option<i64> {
    let (of, id) = opaque.strip_prefix("mms:")?.split_once(':')?;
    (!tag.is_empty() && of == tag).then(|| id.parse().ok()).flatten()
}

/// A message, with the file an id names.
///
/// # Errors
/// [`SendError::Rejected`]: it cannot be said within the limits of this messenger.
pub(super) fn body(message: &Outbound, tag: &str, file: Option<File<'_>>) -> Result<Value, SendError> {
    let mut body = match &message.content {
        Content::Free(free) => self::free(free, file)?,
        Content::Template(template) => self::template(template, file),
    };
    body["messaging_product"] = json!("whatsapp");
    body["recipient_type"] = json!("individual");
    // A phone has its plus, or the number's own country is put in front of it; anything else is a
    // person's id in the portfolio.
    body[if message.to.starts_with('+') { "to" } else { "recipient" }] = json!(message.to);
    body["biz_opaque_callback_data"] = json!(opaque(tag, message.client_id));
    Ok(body)
}

/// A message's own words, as WhatsApp shows them ([`crate::channel::fit`]).
fn free(free: &Free, file: Option<File<'_>>) -> Result<Value, SendError> {
    let said = if free.body.spans.is_empty() { free.body.text.clone() } else { MARKS.written(&free.body) };
    let header = file.filter(|(kind, ..)| stands_above(*kind)).map(|file| media(file, ""));
    let all = || free.buttons.iter().flatten();
    let replies: Vec<Value> = all()
        .filter_map(|button| match &button.action {
            ButtonAction::Callback(data) => Some(json!({ "type": "reply", "reply": { "id": data, "title": button.text } })),
            ButtonAction::Url(_) | ButtonAction::SharePhone => None,
        })
        .collect();
    let link = all().find_map(|button| match &button.action {
        ButtonAction::Url(url) => Some(json!({ "name": "cta_url", "parameters": { "display_text": button.text, "url": url } })),
        ButtonAction::Callback(_) | ButtonAction::SharePhone => None,
    });
    let action = match link {
        _ if !replies.is_empty() => Some(("button", json!({ "buttons": replies }))),
        link => link.map(|link| ("cta_url", link)),
    };
    let most = if action.is_none() && file.is_none() { TEXT } else { WITH_BUTTONS };
    if said.chars().count() > most {
        return Err(SendError::Rejected(format!("a text has {most} characters at most")));
    }
    // A file that cannot stand above buttons goes as itself, and the buttons are left out: only a
    // member's own file is such a one, and it has none.
    if let Some((kind, action)) = action.filter(|_| file.is_none() || header.is_some()) {
        let mut interactive = json!({ "type": kind, "body": { "text": said }, "action": action });
        if let Some((name, object)) = header {
            interactive["header"] = json!({ "type": name, (name): object });
        }
        return Ok(json!({ "type": "interactive", "interactive": interactive }));
    }
    let Some(file) = file else {
        if said.is_empty() {
            return Err(SendError::Rejected("the message is empty".to_owned()));
        }
        return Ok(json!({ "type": "text", "text": { "body": said, "preview_url": true } }));
    };
    let (name, object) = media(file, &said);
    Ok(json!({ "type": name, (name): object }))
}

/// Whether a file can stand above a text with buttons.
fn stands_above(kind: FileKind) -> bool {
    matches!(word(kind, false), "image" | "video" | "document")
}

/// What WhatsApp calls a kind of file; sounds have no caption, so one with words goes as a
/// document.
fn word(kind: FileKind, captioned: bool) -> &'static str {
    match kind {
        FileKind::Photo => "image",
        FileKind::Video | FileKind::Animation | FileKind::VideoNote => "video",
        FileKind::Voice | FileKind::Audio if !captioned => "audio",
        FileKind::Sticker if !captioned => "sticker",
        FileKind::Document | FileKind::Voice | FileKind::Audio | FileKind::Sticker => "document",
    }
}

fn media((kind, id, name): File<'_>, caption: &str) -> (&'static str, Value) {
    let word = word(kind, !caption.is_empty());
    let mut object = json!({ "id": id });
    if !caption.is_empty() {
        object["caption"] = json!(caption);
    }
    if let Some(name) = name.filter(|_| word == "document") {
        object["filename"] = json!(name);
    }
    (word, object)
}

/// A template filled in (contract, 2.4, «Send»).
fn template(template: &ProviderTemplate, file: Option<File<'_>>) -> Value {
    let mut components = Vec::new();
    if let Some(file) = file {
        let (name, object) = media(file, "");
        components.push(json!({ "type": "header", "parameters": [{ "type": name, (name): object }] }));
    }
    if !template.parameters.is_empty() {
        let parameters: Vec<Value> = template
            .parameters
            .iter()
            .map(|(name, value)| match name.as_str() {
                "" => json!({ "type": "text", "text": value }),
                name => json!({ "type": "text", "parameter_name": name, "text": value }),
            })
            .collect();
        components.push(json!({ "type": "body", "parameters": parameters }));
    }
    for (index, action) in template.buttons.iter().enumerate() {
        let (kind, parameter) = match action {
            Some(ButtonAction::Callback(data)) => ("quick_reply", json!({ "type": "payload", "payload": data })),
            Some(ButtonAction::Url(end)) => ("url", json!({ "type": "text", "text": end })),
            Some(ButtonAction::SharePhone) | None => continue,
        };
        components.push(json!({ "type": "button", "sub_type": kind, "index": index.to_string(), "parameters": [parameter] }));
    }
    let mut filled = json!({ "name": template.name, "language": { "code": template.language } });
    if !components.is_empty() {
        filled["components"] = Value::Array(components);
    }
    json!({ "type": "template", "template": filled })
}

/// A file as it is uploaded (contract, 2.3).
pub(super) fn form(name: &str, mime: &str, content: Arc<[u8]>) -> Result<reqwest::multipart::Form, SendError> {
    let size = content.len() as u64;
    let part = reqwest::multipart::Part::stream_with_length(bytes::Bytes::from_owner(content), size)
        .file_name(name.to_owned())
        .mime_str(mime)
        .map_err(|_| SendError::Rejected(format!("the file's type `{mime}` is not a MIME type")))?;
    Ok(reqwest::multipart::Form::new().text("messaging_product", "whatsapp").text("type", mime.to_owned()).part("file", part))
}

/// The provider's id of a message. A 200 means that it was taken, whatever its shape, so an odd one
/// only loses its name: a status tells it.
pub(super) fn sent(answer: &Value) -> String {
    answer["messages"][0]["id"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::{
            Button, OPT_OUT_CALLBACK,
            fit::{self, Unfit},
            whatsapp::CAPABILITIES,
        },
        text::{Rich, Span, Style},
    };

    fn outbound(to: &str, content: Content) -> Outbound {
        Outbound { client_id: -7, series: None, to: to.to_owned(), content, paid: false }
    }

    fn said(text: &str) -> Free {
        Free { body: Rich::plain(text), ..Free::default() }
    }

    fn with(text: &str, buttons: Vec<Button>) -> Free {
        Free { buttons: buttons.into_iter().map(|one| vec![one]).collect(), ..said(text) }
    }

    fn press(text: &str, data: &str) -> Button {
        Button { text: text.to_owned(), action: ButtonAction::Callback(data.to_owned()) }
    }

    fn link(text: &str) -> Button {
        Button { text: text.to_owned(), action: ButtonAction::Url("https://ex.ru/b".to_owned()) }
    }

    /// What goes of a message, made to fit.
    fn of(free: Free) -> Value {
        super::free(&fit::free(free, &CAPABILITIES).expect("it fits"), None).expect("it goes")
    }

    #[test]
    fn a_phone_has_its_plus_and_a_person_without_one_their_id() {
        let message = |to: &str| body(&outbound(to, Content::Free(said("Здравствуйте"))), "t1", None).expect("it goes");
        let by_phone = message("+79991234567");
        assert_eq!(
            by_phone,
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+79991234567", "type": "text",
                "text": { "body": "Здравствуйте", "preview_url": true }, "biz_opaque_callback_data": "mms:t1:-7",
            })
        );
        let by_id = message("RU.70120033445566778899");
        assert_eq!((&by_id["recipient"], &by_id["to"]), (&json!("RU.70120033445566778899"), &Value::Null));
        assert_eq!(client("t1", "mms:t1:-7"), Some(-7));
        for foreign in ["mms:t2:-7", "mms::-7", "t1:-7", "mms:t1:x", "att:01J8ZK"] {
            assert_eq!(client("t1", foreign), None, "{foreign}");
        }
        assert_eq!(client("", "mms::7"), None);
    }

    #[test]
    fn buttons_stand_below_a_short_text_or_are_words() {
        let asked = of(with("Согласны?", vec![press("Согласиться", "c:y"), press("Не соглашаться ни на что", "c:n")]));
        assert_eq!(
            asked["interactive"]["action"]["buttons"],
            json!([
                { "type": "reply", "reply": { "id": "c:y", "title": "Согласиться" } },
                { "type": "reply", "reply": { "id": "c:n", "title": "Не соглашаться ни н…" } },
            ])
        );
        let one = of(with("Скидка", vec![link("Записаться")]));
        assert_eq!(one["interactive"]["type"], "cta_url");
        let both = of(with("Скидка", vec![link("Записаться"), press("Отписаться", OPT_OUT_CALLBACK)]));
        assert_eq!(both["interactive"]["body"]["text"], "Скидка\n\nЗаписаться: https://ex.ru/b");
        assert_eq!(both["interactive"]["action"]["buttons"][0]["reply"]["id"], OPT_OUT_CALLBACK);
        let long = "ж".repeat(WITH_BUTTONS + 1);
        let words = of(with(&long, vec![link("Записаться"), press("Отписаться", OPT_OUT_CALLBACK)]));
        let text = words["text"]["body"].as_str().expect("a text");
        assert!(text.ends_with("Записаться: https://ex.ru/b\n\nЧтобы отписаться, ответьте «стоп»."), "{text}");
        let question = fit::free(with(&long, vec![press("Согласиться", "c:y")]), &CAPABILITIES);
        assert_eq!(question, Err(vec![Unfit::NoAnswers]), "a question that cannot be answered is not put");
        let phone = Button { text: "Мой номер".to_owned(), action: ButtonAction::SharePhone };
        assert_eq!(of(with("Номер?", vec![phone]))["type"], "text");
    }

    #[test]
    fn files_go_under_their_names() {
        let photo = (FileKind::Photo, "8811", Some("a.jpg"));
        let shown = super::free(&said("Вот"), Some(photo)).expect("it goes");
        assert_eq!(shown, json!({ "type": "image", "image": { "id": "8811", "caption": "Вот" } }));
        let above = super::free(&with("Вот", vec![press("Отписаться", "stop")]), Some(photo)).expect("it goes");
        assert_eq!(above["interactive"]["header"], json!({ "type": "image", "image": { "id": "8811" } }));
        let document = super::free(&said(""), Some((FileKind::Document, "8811", Some("Заказ.pdf")))).expect("it goes");
        assert_eq!(document, json!({ "type": "document", "document": { "id": "8811", "filename": "Заказ.pdf" } }));
        assert_eq!(super::free(&said(""), Some((FileKind::Voice, "1", None))).expect("it goes")["type"], "audio");
        assert_eq!(super::free(&said("вот"), Some((FileKind::Voice, "1", None))).expect("it goes")["type"], "document");
        assert!(super::free(&said(""), None).is_err());
    }

    #[test]
    fn a_template_is_filled_in_as_the_contract_shows() {
        let template = ProviderTemplate {
            name: "autumn_promo_v3".to_owned(),
            external_id: "7".to_owned(),
            language: "ru".to_owned(),
            parameters: vec![("first_name".to_owned(), "Анна".to_owned()), (String::new(), "10%".to_owned())],
            header: None,
            buttons: vec![Some(ButtonAction::Callback("stop".to_owned())), None, Some(ButtonAction::Url("abc".to_owned()))],
        };
        let message = outbound("+79991234567", Content::Template(Box::new(template)));
        let body = body(&message, "t1", Some((FileKind::Photo, "8811", None))).expect("it goes");
        assert_eq!(
            body["template"],
            json!({ "name": "autumn_promo_v3", "language": { "code": "ru" }, "components": [
                { "type": "header", "parameters": [{ "type": "image", "image": { "id": "8811" } }] },
                { "type": "body", "parameters": [
                    { "type": "text", "parameter_name": "first_name", "text": "Анна" }, { "type": "text", "text": "10%" },
                ] },
                { "type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{ "type": "payload", "payload": "stop" }] },
                { "type": "button", "sub_type": "url", "index": "2", "parameters": [{ "type": "text", "text": "abc" }] },
            ] })
        );
    }

    #[test]
    fn tags_make_no_message_too_long() {
        let long = "ж".repeat(TEXT);
        let bold = Rich { text: long.clone(), spans: vec![Span { offset: 0, len: 1, style: Style::Bold }] };
        assert_eq!(of(Free { body: bold, ..Free::default() })["text"]["body"], json!(long));
        let bold = |letters: usize| Rich { text: "ж".repeat(letters), spans: vec![Span { offset: 0, len: letters, style: Style::Bold }] };
        let asked = |letters| of(Free { body: bold(letters), ..with("", vec![press("Да", "c:y")]) })["interactive"]["body"]["text"].clone();
        assert_eq!(asked(WITH_BUTTONS - 2), json!(format!("*{}*", "ж".repeat(WITH_BUTTONS - 2))));
        assert_eq!(asked(WITH_BUTTONS), json!("ж".repeat(WITH_BUTTONS)), "marks make room for a question's buttons");
    }
}
