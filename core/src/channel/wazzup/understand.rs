//! Webhooks understood (contracts/messengers/wazzup.md, section 6.3). Whatever comes, it is an
//! answer or a sentence for the log, never a panic: every field is optional, unknown ones are
//! ignored.
//!
//! Nothing tells that a person blocked the channel, and nothing that a button was pressed: a press
//! is a text with the words on it.

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::Value;

use super::{classify, credentials::Credentials, templates, transport::Transport, wire};
use crate::{
    channel::{Attached, Echo, Event, EventKind, FileKind, MessageName, News, Profile, Receipt, SendError, echo::gist},
    clock::Moment,
    http::misread,
    text::clean_to,
};

/// Longest name of a person or a file, characters.
const MAX_NAME: usize = 200;
/// An older change of a channel's state is nobody's news: it was put right since or is found by a
/// look, and a webhook that comes again must not stop the channel again.
const NEWS: TimeDelta = TimeDelta::minutes(15);

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    messages: Vec<Value>,
    #[serde(default)]
    statuses: Vec<Value>,
    #[serde(default, rename = "channelsUpdates")]
    updates: Vec<Value>,
    #[serde(default, rename = "templateStatus")]
    template: Value,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Message {
    message_id: String,
    date_time: String,
    channel_id: String,
    chat_type: String,
    chat_id: String,
    #[serde(rename = "type")]
    kind: String,
    is_echo: bool,
    is_edited: bool,
    is_deleted: bool,
    sent_from_app: bool,
    author_id: String,
    /// What we called it. No page says that it is told (section 3).
    crm_message_id: String,
    contact: Contact,
    text: Option<String>,
    content_uri: Option<String>,
    status: String,
    error: Value,
    quoted_message: Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Contact {
    name: Option<String>,
    username: Option<String>,
}

/// A message without what is null, and with its numbers as words: what is told of it in another
/// form must not cost what the person says.
fn plain(mut message: Value) -> Value {
    if let Some(fields) = message.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
        for value in fields.values_mut().filter(|value| value.is_number()) {
            *value = Value::String(value.to_string());
        }
    }
    message
}

/// Understands one body; `now` stands in where Wazzup gives no time. Only what is of the channel of
/// these credentials counts.
pub(super) fn body(raw: &str, transport: &Transport, credentials: &Credentials, now: Moment) -> Result<Vec<Event>, String> {
    let channel = credentials.channel.as_str();
    let body: Body = serde_json::from_str(raw).map_err(|error| format!("not a webhook of Wazzup: {}", misread(&error)))?;
    let mut events = Vec::new();
    for message in body.messages {
        let message: Message = serde_json::from_value(plain(message)).map_err(|error| format!("a message {}", misread(&error)))?;
        // A chat of many people is nobody's. A type that is not known is read all the same: there
        // may be a stop in it.
        let of_many = message.chat_type.to_ascii_lowercase().contains("group");
        if (!channel.is_empty() && message.channel_id != channel) || of_many {
            continue;
        }
        if message.is_echo {
            echo(&message, transport, credentials, now, &mut events)
        } else {
            events.extend(said(&message, transport, now))
        }
    }
    events.extend(body.statuses.iter().filter_map(|status| {
        let at = moment(status["timestamp"].as_str().unwrap_or_default(), now);
        let client = wire::client_id(credentials, status["crmMessageId"].as_str().unwrap_or_default());
        receipt((status["messageId"].as_str()?, client), status["status"].as_str()?, &status["error"], at)
    }));
    let own = |update: &&Value| channel.is_empty() || update["channelId"] == channel;
    events.extend(body.updates.iter().filter(own).filter(|update| is_news(told_at(&update["timestamp"]), now)).filter_map(|update| {
        let state = classify::state(update["state"].as_str()?);
        Some(event(String::new(), Profile::default(), now, None, EventKind::Sender(state)))
    }));
    let news = templates::news(&body.template).filter(|_| transport.capabilities.templates.is_some());
    events.extend(news.map(|news| event(String::new(), Profile::default(), now, None, EventKind::Template(Box::new(news)))));
    Ok(events)
}

fn event(from: String, profile: Profile, at: Moment, message_ref: Option<String>, kind: EventKind) -> Event {
    Event { from, profile, at, message_ref, kind }
}

fn moment(told: &str, now: Moment) -> Moment {
    chrono::DateTime::parse_from_rfc3339(told).map(|at| crate::clock::cut(at.to_utc())).unwrap_or(now)
}

/// The time of a change of state, milliseconds or a text.
fn told_at(timestamp: &Value) -> Option<Moment> {
    let text = || chrono::DateTime::parse_from_rfc3339(timestamp.as_str()?).ok().map(|at| at.to_utc());
    timestamp.as_i64().and_then(Moment::from_timestamp_millis).or_else(text)
}

/// Whether what is told of a channel is still news; without a time it is.
fn is_news(at: Option<Moment>, now: Moment) -> bool {
    at.is_none_or(|at| now - at < NEWS)
}

/// Wazzup's code and words.
fn words(error: &Value) -> (String, Option<String>) {
    let word = |name: &str| error[name].as_str().unwrap_or_default();
    let (code, words) = classify::words(word("error"), word("description"));
    (code, Some(clean_to(&words, SendError::SAID)).filter(|words| !words.is_empty()))
}

/// Of a message by its id there, and by ours where that is told too.
fn receipt((id, client): (&str, Option<i64>), status: &str, error: &Value, at: Moment) -> Option<Event> {
    let (code, detail) = words(error);
    let receipt = match status.to_ascii_lowercase().as_str() {
        "sent" => Receipt::Sent,
        "delivered" => Receipt::Delivered,
        "read" => Receipt::Read,
        "error" => Receipt::Failed(classify::reason(&code)),
        _ => return None,
    };
    let detail = detail.filter(|_| matches!(receipt, Receipt::Failed(_)));
    // Nothing is known by an empty name.
    let id = Some(id).filter(|id| !id.is_empty()).map(str::to_owned);
    let (message, message_ref) = match client {
        Some(client) => (MessageName::Client(client), id),
        None => (MessageName::Ref(id?), None),
    };
    let news = News { message, message_ref, receipt, at: Some(at), detail, charge: None };
    Some(event(String::new(), Profile::default(), at, None, EventKind::Receipt(news)))
}

/// A message that went out: ours, by its id, or one that a person of the company wrote, which is
/// nobody's opt-out. One typed in Wazzup itself is certainly none of ours.
fn echo(message: &Message, transport: &Transport, credentials: &Credentials, now: Moment, events: &mut Vec<Event>) {
    if message.sent_from_app {
        return;
    }
    let (at, client) = (moment(&message.date_time, now), wire::client_id(credentials, &message.crm_message_id));
    events.extend(receipt((&message.message_id, client), &message.status, &message.error, at));
    // Ours name no author, quote nothing and are never changed.
    let by_hand = !message.author_id.is_empty() || !message.quoted_message.is_null() || message.is_edited || message.is_deleted;
    let words = gist(message.text.as_deref().unwrap_or_default());
    let (to, _) = address(message.chat_id.trim(), transport);
    if client.is_some() || by_hand || words.is_empty() || message.message_id.is_empty() || to.is_empty() {
        return;
    }
    let echo = Echo { message_ref: message.message_id.clone(), to, gist: words, at };
    events.push(event(String::new(), Profile::default(), at, None, EventKind::Echo(echo)));
}

/// A chat as an address, and as the phone it is in some messengers.
fn address(chat: &str, transport: &Transport) -> (String, Option<String>) {
    let digits = |text: &str| (7..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let phone = transport.chats_are_phones.then(|| chat.trim_start_matches('+')).filter(|chat| digits(chat)).map(|chat| format!("+{chat}"));
    (phone.clone().unwrap_or_else(|| chat.to_owned()), phone)
}

/// What a person said; nothing where nobody can be told.
fn said(message: &Message, transport: &Transport, now: Moment) -> Option<Event> {
    let chat = message.chat_id.trim();
    if chat.is_empty() || message.is_deleted {
        return None;
    }
    let (from, phone) = address(chat, transport);
    let profile = Profile {
        first_name: clean_to(message.contact.name.as_deref().unwrap_or_default(), MAX_NAME),
        username: clean_to(message.contact.username.as_deref().unwrap_or_default(), MAX_NAME),
        // In these messengers a chat is a phone, and by that whose it is. What stands beside the
        // name elsewhere proves nothing.
        phone,
        ..Profile::default()
    };
    let kind = match content(message) {
        EventKind::Ignored => return None,
        kind if message.is_edited => EventKind::Edited(Box::new(kind)),
        kind => kind,
    };
    let reference = Some(message.message_id.clone()).filter(|id| !id.is_empty());
    Some(event(from, profile, moment(&message.date_time, now), reference, kind))
}

fn content(message: &Message) -> EventKind {
    let text = message.text.clone().unwrap_or_default();
    // (Unconfirmed.)
    let reply_to = message.quoted_message["messageId"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let (what, kind) = match message.kind.as_str() {
        "text" => {
            // What our texts tell people to write, and what a personal link writes for them.
            let mut words = text.split_whitespace();
            return match (words.next(), words.next(), words.next()) {
                (Some(start), payload, None) if start.eq_ignore_ascii_case("/start") => EventKind::Started(payload.map(str::to_owned)),
                (None, ..) => EventKind::Ignored,
                _ => EventKind::Text { body: text, reply_to },
            };
        }
        "image" => ("photo", FileKind::Photo),
        "audio" => ("audio", FileKind::Audio),
        "video" => ("video", FileKind::Video),
        "document" => ("document", FileKind::Document),
        "geo" => return EventKind::Media { what: "location".to_owned(), caption: text, file: None, reply_to },
        // Somebody's card: what is in it is not described.
        "vcard" => return EventKind::Media { what: "contact".to_owned(), caption: text, file: None, reply_to },
        "unsupported" => return EventKind::Media { what: "unsupported".to_owned(), caption: text, file: None, reply_to },
        // A call, a word of the messenger's own, whatever is new; with words they are a person's.
        _ if text.trim().is_empty() || matches!(message.kind.as_str(), "missing_call" | "system") => return EventKind::Ignored,
        _ => return EventKind::Text { body: text, reply_to },
    };
    let file = message.content_uri.as_deref().filter(|uri| !uri.is_empty()).map(|uri| {
        let path = url::Url::parse(uri).ok();
        let last = path.as_ref().and_then(|url| url.path_segments()?.next_back()).unwrap_or_default();
        let name = if kind == FileKind::Document { clean_to(last, MAX_NAME) } else { String::new() };
        Attached { kind, reference: uri.to_owned(), name, mime: String::new(), size: None }
    });
    EventKind::Media { what: what.to_owned(), caption: text, file, reply_to }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        channel::{ChannelKind, SenderState, wazzup::transport},
        words::Reason,
    };

    const CHANNEL: &str = "3b9d1c70-6a51-4c1e-9c55-0f2f7f0a1101";

    fn credentials() -> Credentials {
        Credentials { channel: CHANNEL.to_owned(), tag: "t4g".to_owned(), ..Credentials::default() }
    }

    fn understood_as(kind: ChannelKind, body: &Value) -> Vec<Event> {
        let now = Moment::from_timestamp(1_780_000_000, 0).expect("a time");
        super::body(&body.to_string(), transport::of(kind), &credentials(), now).expect("understood")
    }

    fn understood(body: &Value) -> Vec<Event> {
        understood_as(ChannelKind::WazzupWhatsapp, body)
    }

    fn message(more: &Value) -> Value {
        let mut message = json!({ "messageId": "1f8c0b2d", "dateTime": "2026-06-01T09:15:00.120Z", "channelId": CHANNEL, "chatType": "whatsapp",
            "chatId": "79991234567", "type": "text", "isEcho": false, "contact": { "name": "Анна", "avatarUri": "https://store/a" },
            "text": "стоп", "status": "inbound", "quotedMessage": { "messageId": "9d2f6a10" } });
        for (key, value) in more.as_object().into_iter().flatten() {
            message[key] = value.clone();
        }
        json!({ "messages": [message] })
    }

    fn kind(more: &Value) -> Option<EventKind> {
        understood(&message(more)).pop().map(|event| event.kind)
    }

    #[test]
    fn a_persons_words_are_theirs_by_their_phone() {
        let events = understood(&message(&json!({})));
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((event.from.as_str(), event.profile.phone.as_deref()), ("+79991234567", Some("+79991234567")));
        assert_eq!((event.profile.first_name.as_str(), event.message_ref.as_deref()), ("Анна", Some("1f8c0b2d")));
        assert_eq!(event.kind, EventKind::Text { body: "стоп".to_owned(), reply_to: Some("9d2f6a10".to_owned()) });
        assert_eq!(event.at.to_rfc3339(), "2026-06-01T09:15:00.120+00:00");
        let telegram =
            message(&json!({ "chatType": "telegram", "chatId": "5012", "contact": { "username": "anna", "phone": "79991234567" } }));
        let event = understood_as(ChannelKind::WazzupTelegramBot, &telegram).pop().expect("an event");
        assert_eq!((event.from.as_str(), event.profile.username.as_str(), event.profile.phone), ("5012", "anna", None));
    }

    /// A stop is not lost for a field of another form beside it.
    #[test]
    fn words_are_read_whatever_stands_beside_them() {
        for odd in [
            json!({ "contact": null, "isEdited": null, "quotedMessage": null }),
            json!({ "chatId": 79_991_234_567_u64 }),
            json!({ "chatType": "wapi" }),
            json!({ "status": 7, "contentUri": null }),
        ] {
            let Some(EventKind::Text { body, .. }) = kind(&odd) else { panic!("{odd}") };
            assert_eq!(body, "стоп", "{odd}");
        }
    }

    #[test]
    fn each_kind_of_message_is_something() {
        assert_eq!(kind(&json!({ "text": "/start c_8fK2" })), Some(EventKind::Started(Some("c_8fK2".to_owned()))));
        let edited = EventKind::Text { body: "стоп".to_owned(), reply_to: Some("9d2f6a10".to_owned()) };
        assert_eq!(kind(&json!({ "isEdited": true, "oldInfo": { "oldText": "а" } })), Some(EventKind::Edited(Box::new(edited))));
        for (told, what) in [("image", "photo"), ("audio", "audio"), ("video", "video"), ("document", "document")] {
            let Some(EventKind::Media { what: found, file: Some(file), caption, .. }) =
                kind(&json!({ "type": told, "text": "вот", "contentUri": "https://store.wazzup24.com/f/price.pdf?sign=1" }))
            else {
                panic!("{told}")
            };
            assert_eq!((found.as_str(), caption.as_str()), (what, "вот"));
            assert_eq!(file.name, if told == "document" { "price.pdf" } else { "" });
        }
        for told in ["geo", "vcard", "unsupported"] {
            assert!(matches!(kind(&json!({ "type": told, "text": "" })), Some(EventKind::Media { file: None, .. })), "{told}");
        }
        for told in [
            json!({ "type": "missing_call" }),
            json!({ "type": "system", "text": "Чат закреплён" }),
            json!({ "text": " " }),
            json!({ "isDeleted": true }),
            json!({ "chatId": "" }),
            json!({ "channelId": "another" }),
            json!({ "chatType": "whatsgroup" }),
        ] {
            assert_eq!(kind(&told), None, "{told}");
        }
        assert!(matches!(kind(&json!({ "type": "unknown" })), Some(EventKind::Text { .. })), "words of a new kind may be a stop");
    }

    /// What a person of the company writes is nobody's opt-out, and no receipt of what is not ours.
    #[test]
    fn an_echo_is_a_receipt_or_nothing() {
        let news = |more: &Value| understood(&message(more)).into_iter().map(|event| event.kind).collect::<Vec<_>>();
        assert_eq!(news(&json!({ "isEcho": true, "status": "sent", "sentFromApp": true, "authorName": "Ольга" })), []);
        let by_hand = news(&json!({ "isEcho": true, "status": "sent", "authorName": "Ольга" }));
        assert!(matches!(by_hand.as_slice(), [EventKind::Receipt(News { receipt: Receipt::Sent, .. })]), "{by_hand:?}");
        let failed = news(&json!({ "isEcho": true, "type": "wapi_template", "status": "error",
            "error": { "error": "BAD_CONTACT", "description": "Number may not be on WhatsApp." } }));
        let [EventKind::Receipt(failed)] = failed.as_slice() else { panic!("{failed:?}") };
        assert_eq!((&failed.message, failed.receipt), (&MessageName::Ref("1f8c0b2d".to_owned()), Receipt::Failed(Reason::Unreachable)));
        assert_eq!(failed.detail.as_deref(), Some("BAD_CONTACT: Number may not be on WhatsApp."));
        let spam = news(&json!({ "isEcho": true, "status": "error", "error": { "error": "GENERAL_ERROR", "description": "SPAM" } }));
        let [EventKind::Receipt(spam)] = spam.as_slice() else { panic!("{spam:?}") };
        assert_eq!(spam.detail.as_deref(), Some("SPAM: GENERAL_ERROR"));
    }

    /// By its words a message is known whose name was lost; not one that a person surely wrote.
    #[test]
    fn what_went_out_comes_back_with_its_words() {
        let heard = |more: &Value| {
            let mut told = message(&json!({ "isEcho": true, "status": "sent", "quotedMessage": null, "text": "*Анна*, ждём вас" }));
            for (key, value) in more.as_object().into_iter().flatten() {
                told["messages"][0][key] = value.clone();
            }
            let events = understood(&told);
            events.into_iter().find_map(|event| if let EventKind::Echo(echo) = event.kind { Some(echo) } else { None })
        };
        let echo = heard(&json!({ "authorName": "Admin" })).expect("words");
        assert_eq!((echo.to.as_str(), echo.message_ref.as_str(), &echo.gist), ("+79991234567", "1f8c0b2d", &gist("Анна, ждём вас")));
        for by_hand in [
            json!({ "sentFromApp": true }),
            json!({ "authorId": 7 }),
            json!({ "quotedMessage": { "messageId": "9d2f6a10" } }),
            json!({ "isEdited": true }),
            json!({ "isDeleted": true }),
            json!({ "text": " " }),
            json!({ "text": null }),
            json!({ "messageId": "" }),
            json!({ "chatId": "" }),
        ] {
            assert_eq!(heard(&by_hand), None, "{by_hand}");
        }
        // Where it says what we called it, nothing need be guessed.
        let named = json!({ "isEcho": true, "status": "sent", "crmMessageId": "mms:t4g:-7" });
        let events = understood(&message(&named));
        let [Event { kind: EventKind::Receipt(news), .. }] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((&news.message, news.message_ref.as_deref()), (&MessageName::Client(-7), Some("1f8c0b2d")));
        for other in ["mms:other:-7", "mms:t4g:-7:file", "mms:t4g:", "01J8ZKX3T9W2", ""] {
            assert_eq!(wire::client_id(&credentials(), other), None, "{other}");
        }
        assert_eq!(heard(&json!({ "crmMessageId": "mms:other:-7" })).map(|echo| echo.to), Some("+79991234567".to_owned()));
    }

    #[test]
    fn statuses_states_and_templates_are_read() {
        let told = json!({ "statuses": [
            { "messageId": "1", "timestamp": "2026-05-06T14:20:03.499Z", "status": "delivered" },
            { "messageId": "2", "timestamp": "2026-05-06T14:20:04Z", "status": "error", "error": { "error": "24_HOURS_EXCEEDED", "description": "closed" } },
            { "messageId": "3", "status": "READ" }, { "messageId": "", "status": "read" }, { "messageId": "4", "status": "edited" }, 7,
        ] });
        let receipts: Vec<(MessageName, Receipt)> = understood(&told)
            .into_iter()
            .filter_map(|event| if let EventKind::Receipt(news) = event.kind { Some((news.message, news.receipt)) } else { None })
            .collect();
        let name = |id: &str| MessageName::Ref(id.to_owned());
        assert_eq!(
            receipts,
            [(name("1"), Receipt::Delivered), (name("2"), Receipt::Failed(Reason::ReplyWindow)), (name("3"), Receipt::Read)]
        );
        let state = |state: &str, channel: &str| {
            understood(
                &json!({ "channelsUpdates": [{ "channelId": channel, "state": state, "timestamp": 1_779_999_990_000_i64, "tier": "TIER_1K" }] }),
            )
        };
        assert_eq!(state("qr", CHANNEL)[0].kind, EventKind::Sender(SenderState::Stands("qr".to_owned())));
        assert_eq!(state("active", CHANNEL)[0].kind, EventKind::Sender(SenderState::Sends));
        assert_eq!(state("qr", "another"), []);
        let late = json!({ "channelsUpdates": [{ "channelId": CHANNEL, "state": "qr", "timestamp": 1_779_998_000_000_i64 }] });
        assert_eq!(understood(&late), [], "of half an hour ago, and put right since");
        let template = json!({ "templateStatus": { "templateGuid": "g", "name": "n", "status": "paused" } });
        assert!(matches!(understood_as(ChannelKind::WazzupWaba, &template)[0].kind, EventKind::Template(_)));
        assert_eq!(understood(&template), [], "an ordinary number has no templates");
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,120}") {
            let now = crate::clock::now();
            let read = |raw: &str| { let _ = super::body(raw, transport::of(ChannelKind::WazzupWaba), &credentials(), now); };
            read(&text);
            read(&message(&json!({ "text": text, "type": text, "contentUri": text, "dateTime": text, "chatId": text })).to_string());
            read(&json!({ "messages": [text], "statuses": text, "channelsUpdates": [text], "templateStatus": text }).to_string());
        }
    }
}
