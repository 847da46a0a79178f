//! Messages as Viber wants them (contracts/messengers/viber.md, section 2).
//!
//! A message comes here as Viber shows it ([`crate::channel::fit`]) and is written as it is.
//! Buttons are a keyboard below the chat: rich media has no text of its own, and a question is a
//! text. A message without a keyboard takes the one before it away.

use serde_json::{Value, json};

use crate::{
    channel::{
        Button, ButtonAction, FileKind, Free, Keyboard, Media, MediaSource, SendError, Weight,
        fit::{Answers, Links},
        marks::Marks,
    },
    text::clean_to,
};

/// Characters of a text, and of a text under a picture: 512 in newer documents, 120 in older ones.
pub(super) const TEXT: usize = 7_000;
pub(super) const CAPTION: usize = 512;
/// Bytes of a picture, a film, a file.
pub(super) const PICTURE: u64 = 1024 * 1024;
const FILM: u64 = 26 * 1024 * 1024;
pub(super) const FILE: u64 = 50 * 1024 * 1024;
/// Bytes of a message as JSON.
const WHOLE: usize = 30 * 1024;
/// Characters on a button (unconfirmed), of a file's name, of the sender's name.
const ON_BUTTON: usize = 250;
const FILE_NAME: usize = 256;
const SENDER: usize = 28;
/// The lowest client that knows the keyboards we send (one that shares a phone among them), and the
/// one that shows marks (unconfirmed).
pub(super) const KEYBOARDS: i64 = 3;
const SHOWS_MARKS: i64 = 7;
/// What Viber reads out of a text (contract, 2.2). What it makes of such a character within a word
/// is not told.
pub(super) const MARKS: Marks =
    Marks { bold: "*", italic: "_", strike: "~", code: "```", pre: "```", blocks: false, under_files: false, at_words: false };
/// Buttons, three in a row: with more, nobody can read them.
pub(super) const KEYBOARD: Keyboard =
    Keyboard { links: Links::Stand, answers: Answers::Stand, label: ON_BUTTON, row: 3, reads_html: true, ..Keyboard::ANY };
/// A message as JSON: all that is no words, the longest address and name of a file among it; and a
/// button without its words.
pub(super) const WEIGHT: Weight = Weight { most: WHOLE, message: 2_048, button: 140 };
/// Columns of a keyboard.
const COLUMNS: usize = 6;
/// What a pressed button writes, before what it carries: no person writes so.
pub(super) const PRESSED: &str = "mms!";

/// In the place of an id of ours.
const ALL: &str = "all";

/// A name that messages can come from.
pub(super) fn sender(name: &str) -> String {
    let name = clean_to(name, SENDER);
    if name.is_empty() { "—".to_owned() } else { name }
}

/// What comes back with a person's next word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tracking {
    /// What the link had by which the person opened the chat.
    Start(String),
    /// The last message of ours that the person got, by our id of it.
    Message {
        tag: String,
        client: i64,
        /// It asked for the phone.
        asks_phone: bool,
    },
    /// The last message of ours went to several people at once, so no id of ours is one person's.
    Together { tag: String },
}

impl Tracking {
    pub(super) fn written(&self) -> String {
        match self {
            Self::Start(payload) => format!("start:{payload}"),
            Self::Together { tag } => format!("mms:{tag}:{ALL}"),
            Self::Message { tag, client, asks_phone } => format!("mms:{tag}:{client}{}", if *asks_phone { ":phone" } else { "" }),
        }
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(payload) = text.strip_prefix("start:") {
            return Some(Self::Start(payload.to_owned()));
        }
        let mut parts = text.strip_prefix("mms:")?.split(':');
        let (tag, client) = (parts.next()?.to_owned(), parts.next()?);
        if client == ALL {
            return parts.next().is_none().then_some(Self::Together { tag });
        }
        let client = client.parse().ok()?;
        let asks_phone = match parts.next() {
            None => false,
            Some("phone") if parts.next().is_none() => true,
            Some(_) => return None,
        };
        Some(Self::Message { tag, client, asks_phone })
    }
}

/// Whom a message goes to, and from whom.
pub(super) struct Envelope<'a> {
    pub to: &'a str,
    /// As the company's bot is called.
    pub from: &'a str,
    /// What tells our messages from those of another installation.
    pub tag: &'a str,
    pub client: i64,
}

/// A message.
///
/// # Errors
/// [`SendError::Rejected`]: it was not made to fit.
pub(super) fn body(envelope: &Envelope<'_>, free: &Free) -> Result<Value, SendError> {
    let asks_phone = free.buttons.iter().flatten().any(|button| button.action == ButtonAction::SharePhone);
    let marked = !free.body.spans.is_empty();
    let said = if marked { MARKS.written(&free.body) } else { free.body.text.clone() };
    let mut level = if marked { SHOWS_MARKS } else { 1 };
    let mut body = match &free.media {
        None if said.trim().is_empty() => return Err(SendError::Rejected("the message is empty".to_owned())),
        None if chars(&said) > TEXT => return Err(SendError::Rejected(format!("a text has {TEXT} characters at most"))),
        None => json!({ "type": "text", "text": said }),
        Some(media) => self::media(media, &said)?,
    };
    if !free.buttons.is_empty() {
        level = level.max(KEYBOARDS);
        body["keyboard"] = keyboard(free.buttons.iter().map(|row| row.iter().map(button).collect()).collect());
    }
    let tracking = Tracking::Message { tag: envelope.tag.to_owned(), client: envelope.client, asks_phone };
    body["receiver"] = json!(envelope.to);
    body["sender"] = json!({ "name": sender(envelope.from) });
    body["min_api_version"] = json!(level);
    body["tracking_data"] = json!(tracking.written());
    if body.to_string().len() > WHOLE {
        return Err(SendError::Rejected(format!("a message with its buttons has {WHOLE} bytes at most")));
    }
    Ok(body)
}

/// The same to all of these people.
///
/// # Errors
/// As [`body`].
pub(super) fn broadcast(from: &str, tag: &str, people: &[&str], free: &Free) -> Result<Value, SendError> {
    let mut body = self::body(&Envelope { to: "", from, tag, client: 0 }, free)?;
    if let Some(body) = body.as_object_mut() {
        body.remove("receiver");
    }
    body["tracking_data"] = json!(Tracking::Together { tag: tag.to_owned() }.written());
    body["broadcast_list"] = json!(people);
    Ok(body)
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

fn keyboard(rows: Vec<Vec<Value>>) -> Value {
    let buttons: Vec<Value> = rows
        .into_iter()
        .flat_map(|row| {
            let columns = COLUMNS / row.len().max(1);
            row.into_iter().map(move |mut button| {
                button["Columns"] = json!(columns);
                button["Rows"] = json!(1);
                button
            })
        })
        .collect();
    json!({ "Type": "keyboard", "DefaultHeight": false, "Buttons": buttons })
}

fn button(button: &Button) -> Value {
    let text = button.text.as_str();
    match &button.action {
        ButtonAction::Url(url) => {
            json!({ "ActionType": "open-url", "ActionBody": url, "Text": text, "TextSize": "regular", "OpenURLType": "external" })
        }
        // What it carries is not for the person's eyes.
        ButtonAction::Callback(data) => reply(&format!("{PRESSED}{data}"), text),
        ButtonAction::SharePhone => json!({ "ActionType": "share-phone", "ActionBody": "phone", "Text": text, "TextSize": "regular" }),
    }
}

fn reply(writes: &str, text: &str) -> Value {
    json!({ "ActionType": "reply", "ActionBody": writes, "Text": text, "TextSize": "regular", "Silent": true })
}

/// The one button under a welcome: pressing it is a person's first word.
pub(super) fn start_keyboard(text: &str) -> Value {
    keyboard(vec![vec![reply("/start", text)]])
}

/// A file by its address, with its words where Viber shows any.
fn media(media: &Media, said: &str) -> Result<Value, SendError> {
    let MediaSource::Link { url, name, mime, size } = &media.source else {
        return Err(SendError::Misconfigured("Viber fetches files itself, and the server has no public address".to_owned()));
    };
    let picture = matches!(mime.as_str(), "image/jpeg" | "image/png" | "image/gif");
    if media.kind == FileKind::Photo && picture && *size <= PICTURE {
        if chars(said) > CAPTION {
            return Err(SendError::Rejected(format!("under a picture there are {CAPTION} characters at most")));
        }
        // The text must be there, if only empty.
        return Ok(json!({ "type": "picture", "text": said, "media": url }));
    }
    if !said.is_empty() {
        return Err(SendError::Rejected("Viber shows no words under a file that is no picture of up to 1 MB".to_owned()));
    }
    let film = matches!(media.kind, FileKind::Video | FileKind::Animation | FileKind::VideoNote) && mime == "video/mp4";
    if film && *size <= FILM {
        return Ok(json!({ "type": "video", "media": url, "size": size }));
    }
    if *size > FILE {
        return Err(SendError::Rejected(format!("a file has {FILE} bytes at most")));
    }
    let name = if chars(name) <= FILE_NAME { name.clone() } else { name.chars().skip(chars(name) - FILE_NAME).collect() };
    Ok(json!({ "type": "file", "media": url, "size": size, "file_name": name }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        channel::{
            fit::{self, Fitted},
            viber::CAPABILITIES,
        },
        text::{Rich, Span, Style},
    };

    const ENVELOPE: Envelope<'_> = Envelope { to: "kX93hFq0aB7cDe==", from: "Shop", tag: "t4g", client: 7 };

    /// What goes of a message: `whole`, or in words.
    fn say(free: &Free, whole: bool) -> Result<Value, SendError> {
        let file = free.media.as_ref().map(|media| media.kind);
        let fit = if whole { fit::fit } else { fit::in_words };
        let Fitted { body, buttons, .. } =
            fit(free.body.clone(), free.buttons.clone(), file, &CAPABILITIES).map_err(|unfit| SendError::Rejected(format!("{unfit:?}")))?;
        super::body(&ENVELOPE, &Free { body, buttons, ..free.clone() })
    }

    #[test]
    fn a_broadcast_names_nobody_but_in_its_list() {
        let Fitted { body, buttons, .. } = fit::fit(campaign().body, campaign().buttons, None, &CAPABILITIES).expect("it fits");
        let free = Free { body, buttons, ..Free::default() };
        let all = broadcast("Shop", "t4g", &["kX93hFq0aB7cDe==", "aAb=="], &free).expect("a message");
        let mut one = super::body(&ENVELOPE, &free).expect("a message");
        one.as_object_mut().expect("an object").remove("receiver");
        (one["tracking_data"], one["broadcast_list"]) = (json!("mms:t4g:all"), json!(["kX93hFq0aB7cDe==", "aAb=="]));
        assert_eq!(all, one);
        assert_eq!(Tracking::read("mms:t4g:all"), Some(Tracking::Together { tag: "t4g".to_owned() }));
        assert_eq!(Tracking::read("mms:t4g:all:phone"), None);
    }

    fn span(offset: usize, len: usize, style: Style) -> Span {
        Span { offset, len, style }
    }

    fn button(text: &str, action: ButtonAction) -> Button {
        Button { text: text.to_owned(), action }
    }

    fn campaign() -> Free {
        Free {
            body: Rich { text: "Анна, скидка".to_owned(), spans: vec![span(0, 4, Style::Bold), span(6, 6, Style::Quote)] },
            buttons: vec![
                vec![button("Записаться", ButtonAction::Url("https://ex.ru/b".to_owned()))],
                vec![button("Отписаться", ButtonAction::Callback("stop".to_owned()))],
            ],
            ..Free::default()
        }
    }

    #[test]
    fn a_message_with_everything() {
        assert_eq!(
            say(&campaign(), true).expect("a message"),
            json!({
                "receiver": "kX93hFq0aB7cDe==", "sender": { "name": "Shop" }, "min_api_version": 7, "tracking_data": "mms:t4g:7",
                "type": "text", "text": "*Анна*, скидка",
                "keyboard": { "Type": "keyboard", "DefaultHeight": false, "Buttons": [
                    { "ActionType": "open-url", "ActionBody": "https://ex.ru/b", "Text": "Записаться", "TextSize": "regular",
                      "OpenURLType": "external", "Columns": 6, "Rows": 1 },
                    { "ActionType": "reply", "ActionBody": "mms!stop", "Text": "Отписаться", "TextSize": "regular", "Silent": true,
                      "Columns": 6, "Rows": 1 },
                ] },
            })
        );
    }

    #[test]
    fn for_an_old_client_buttons_are_words() {
        let said = say(&campaign(), false).expect("a message");
        assert_eq!(said["text"], "Анна, скидка\n\nЗаписаться: https://ex.ru/b\n\nЧтобы отписаться, ответьте «стоп».");
        assert_eq!((said.get("keyboard"), said["min_api_version"].as_i64()), (None, Some(1)));
        let question = Free { buttons: vec![vec![button("Да", ButtonAction::Callback("y1".to_owned()))]], ..campaign() };
        assert!(matches!(say(&question, false), Err(SendError::Rejected(_))), "an answer cannot be given by words");
    }

    #[test]
    fn a_phone_is_asked_for_by_a_button_and_the_answer_is_known() {
        let free = Free { buttons: vec![vec![button("Номер", ButtonAction::SharePhone)]], ..campaign() };
        let said = say(&free, true).expect("a message");
        assert_eq!(said["tracking_data"], "mms:t4g:7:phone");
        assert_eq!(said["keyboard"]["Buttons"][0]["ActionType"], "share-phone");
        let many = Free { buttons: vec![vec![button("<b>", ButtonAction::Url("https://ex.ru".to_owned())); 5]], ..campaign() };
        let said = say(&many, true).expect("a message");
        let columns: Vec<u64> =
            said["keyboard"]["Buttons"].as_array().expect("buttons").iter().filter_map(|one| one["Columns"].as_u64()).collect();
        assert_eq!(columns, [2, 2, 2, 3, 3]);
        assert_eq!(said["keyboard"]["Buttons"][0]["Text"], "‹b›", "a template is no markup");
    }

    #[test]
    fn what_comes_back_is_read_as_it_was_written() {
        let message = |asks_phone| Tracking::Message { tag: "t4g".to_owned(), client: -7, asks_phone };
        for tracking in [message(false), message(true), Tracking::Start("c_8fK2:x".to_owned())] {
            assert_eq!(Tracking::read(&tracking.written()), Some(tracking));
        }
        for odd in ["", "att:01J8ZK", "mms:t4g", "mms:t4g:x", "mms:t4g:7:phone:more", "mms:t4g:7:other"] {
            assert_eq!(Tracking::read(odd), None, "{odd}");
        }
    }

    #[test]
    fn files_go_by_their_address() {
        let with = |kind, mime: &str, size, text: &str| {
            let source =
                MediaSource::Link { url: "https://ex.ru/media/t/a.jpg".to_owned(), name: "a.jpg".to_owned(), mime: mime.to_owned(), size };
            let free = Free { body: Rich::plain(text), media: Some(Media { kind, source }), ..Free::default() };
            say(&free, true).map(|mut said| {
                for common in ["receiver", "sender", "min_api_version", "tracking_data"] {
                    said.as_object_mut().expect("an object").remove(common);
                }
                said
            })
        };
        let url = "https://ex.ru/media/t/a.jpg";
        assert_eq!(with(FileKind::Photo, "image/jpeg", 900, "Весна"), Ok(json!({ "type": "picture", "text": "Весна", "media": url })));
        assert_eq!(with(FileKind::Photo, "image/png", 900, ""), Ok(json!({ "type": "picture", "text": "", "media": url })));
        let file = |size: u64| json!({ "type": "file", "media": url, "size": size, "file_name": "a.jpg" });
        assert_eq!(with(FileKind::Photo, "image/jpeg", PICTURE + 1, ""), Ok(file(PICTURE + 1)), "too big for a picture");
        assert_eq!(with(FileKind::Document, "application/pdf", 900, ""), Ok(file(900)));
        assert_eq!(with(FileKind::Video, "video/mp4", 900, ""), Ok(json!({ "type": "video", "media": url, "size": 900 })));
        assert_eq!(with(FileKind::Video, "video/webm", 900, ""), Ok(file(900)));
        for refused in [
            with(FileKind::Photo, "image/jpeg", 900, &"ж".repeat(CAPTION + 1)),
            with(FileKind::Document, "application/pdf", 900, "Прайс"),
            with(FileKind::Document, "application/pdf", FILE + 1, ""),
        ] {
            assert!(matches!(refused, Err(SendError::Rejected(_))), "{refused:?}");
        }
        let here = MediaSource::Bytes { name: "a.jpg".to_owned(), mime: "image/jpeg".to_owned(), content: Vec::new().into() };
        let free = Free { media: Some(Media { kind: FileKind::Photo, source: here }), ..Free::default() };
        assert!(matches!(say(&free, true), Err(SendError::Misconfigured(_))));
    }

    #[test]
    fn what_cannot_be_said_is_refused_here() {
        let text = |text: &str| say(&Free { body: Rich::plain(text), ..Free::default() }, true);
        assert!(text(&"ж".repeat(TEXT)).is_ok());
        let link = |_| vec![button("Ссылка", ButtonAction::Url(format!("https://ex.ru/{}", "x".repeat(1_980))))];
        let heavy = Free { body: Rich::plain("ж".repeat(TEXT)), buttons: (0..9).map(link).collect(), ..Free::default() };
        for refused in [text(""), text(" \n"), text(&"ж".repeat(TEXT + 1)), say(&heavy, true)] {
            assert!(matches!(refused, Err(SendError::Rejected(_))), "{refused:?}");
        }
    }

    #[test]
    fn marks_stand_around_words_and_never_where_they_would_be_misread() {
        let shown = |text: &str, spans: Vec<Span>| {
            let said = say(&Free { body: Rich { text: text.to_owned(), spans }, ..Free::default() }, true).expect("a message");
            (said["text"].as_str().expect("a text").to_owned(), said["min_api_version"].as_i64().expect("a level"))
        };
        assert_eq!(shown("Раз\n два ", vec![span(0, 9, Style::Bold)]), ("*Раз*\n *два* ".to_owned(), 7));
        assert_eq!(shown("2*3 и 4", vec![span(6, 1, Style::Bold)]), ("2*3 и 4".to_owned(), 1));
        assert_eq!(shown("Анна", Vec::new()), ("Анна".to_owned(), 1));
        let link = vec![span(0, 4, Style::Link("https://ex.ru/a_b".to_owned())), span(0, 4, Style::Bold)];
        assert_eq!(shown("Сайт", link), ("Сайт (https://ex.ru/a_b)".to_owned(), 1));
        assert_eq!(shown("https://ex.ru", vec![span(0, 13, Style::Link("https://ex.ru".to_owned()))]), ("https://ex.ru".to_owned(), 1));
    }

    /// A caption within its length went out and was refused: the address of a link stands behind
    /// its words, and an old device gets the buttons in words.
    #[test]
    fn a_caption_has_room_for_addresses_and_for_buttons_in_words() {
        let source = MediaSource::Link {
            url: "https://ex.ru/media/t/a.jpg".to_owned(),
            name: "a.jpg".to_owned(),
            mime: "image/jpeg".to_owned(),
            size: 900,
        };
        let with = |length: usize, spans: Vec<Span>, buttons: Vec<Vec<Button>>| Free {
            body: Rich { text: "ж".repeat(length), spans },
            media: Some(Media { kind: FileKind::Photo, source: source.clone() }),
            buttons,
            ..Free::default()
        };
        let link = || vec![span(0, 1, Style::Link("https://ex.ru/a".to_owned()))];
        let refused = |free: &Free| fit::free(free.clone(), &CAPABILITIES).expect_err("too long");
        let room = " (https://ex.ru/a)".len();
        assert!(say(&with(CAPTION - room, link(), Vec::new()), true).is_ok());
        let long = with(CAPTION - room + 1, link(), Vec::new());
        assert_eq!(refused(&long), [fit::Unfit::TooLong { units: CAPTION + 1, limit: CAPTION, caption: true, woven: true }]);
        let words = chars("\n\nЗаписаться: https://ex.ru/b\n\nЧтобы отписаться, ответьте «стоп».");
        let fits = with(CAPTION - words, Vec::new(), campaign().buttons);
        assert!(say(&fits, true).is_ok() && say(&fits, false).is_ok());
        let long = with(CAPTION - words + 1, Vec::new(), campaign().buttons);
        assert_eq!(refused(&long), [fit::Unfit::TooLongInWords { units: CAPTION + 1, limit: CAPTION }]);
    }

    proptest! {
        /// Whatever is said, it is within the limits or refused.
        #[test]
        fn nothing_longer_than_the_limit_goes(text in "\\PC{0,400}", times in 1_usize..40, offset in 0_usize..500, len in 0_usize..500, whole in any::<bool>()) {
            let free = Free { body: Rich { text: text.repeat(times), spans: vec![span(offset, len, Style::Bold), span(len, offset, Style::Italic)] }, ..campaign() };
            if let Ok(said) = say(&free, whole) {
                prop_assert!(chars(said["text"].as_str().expect("a text")) <= TEXT);
                prop_assert!(said.to_string().len() <= WHOLE);
            }
        }
    }
}
