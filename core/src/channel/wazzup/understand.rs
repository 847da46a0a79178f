//! Webhooks understood (contracts/messengers/wazzup.md, section 6.3). Whatever comes, it is an
//! answer or a sentence for the log, never a panic: every field is optional, unknown ones are
//! ignored.
//!
//! Nothing tells that a person blocked the channel, and nothing that a button was pressed: a press
//! is a text with the words on it.

use serde::Deserialize;
use serde_json::Value;

use super::{classify, templates, transport::Transport};
use crate::{
    channel::{Attached, Event, EventKind, FileKind, MessageName, News, Profile, Receipt, SendError},
    clock::Moment,
    http::misread,
    text::clean_to,
};

/// Longest name of a person or a file, characters.
const MAX_NAME: usize = 200;

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

/// Understands one body; `now` stands in where Wazzup gives no time. Only what is of this `channel`
/// counts.
pub(super) fn body(raw: &str, transport: &Transport, channel: &str, now: Moment) -> Result<Vec<Event>, String> {
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
        if message.is_echo { echo(&message, now, &mut events) } else { events.extend(said(&message, transport, now)) }
    }
    events.extend(body.statuses.iter().filter_map(|status| {
        let at = moment(status["timestamp"].as_str().unwrap_or_default(), now);
        receipt(status["messageId"].as_str()?, status["status"].as_str()?, &status["error"], at)
    }));
    events.extend(body.updates.iter().filter(|update| channel.is_empty() || update["channelId"] == channel).filter_map(|update| {
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

/// Wazzup's code and words.
fn words(error: &Value) -> (String, Option<String>) {
    let word = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    let (code, description) = (word("error"), word("description"));
    let words = if description.is_empty() { code.clone() } else { format!("{code}: {description}") };
    (code, Some(clean_to(&words, SendError::SAID)).filter(|words| !words.is_empty()))
}

fn receipt(id: &str, status: &str, error: &Value, at: Moment) -> Option<Event> {
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
    let message = Some(id).filter(|id| !id.is_empty()).map(|id| MessageName::Ref(id.to_owned()))?;
    let news = News { message, message_ref: None, receipt, at: Some(at), detail };
    Some(event(String::new(), Profile::default(), at, None, EventKind::Receipt(news)))
}

/// A message that went out: ours, by its id, or one that a person of the company wrote, which is
/// nobody's opt-out. One typed in Wazzup itself is certainly none of ours.
fn echo(message: &Message, now: Moment, events: &mut Vec<Event>) {
    if message.sent_from_app {
        return;
    }
    events.extend(receipt(&message.message_id, &message.status, &message.error, moment(&message.date_time, now)));
    let (code, detail) = words(&message.error);
    let about = classify::about_channel(&code, detail.as_deref().unwrap_or_default());
    events.extend(about.map(|kind| event(String::new(), Profile::default(), now, None, kind)));
}

/// What a person said; nothing where nobody can be told.
fn said(message: &Message, transport: &Transport, now: Moment) -> Option<Event> {
    let chat = message.chat_id.trim();
    if chat.is_empty() || message.is_deleted {
        return None;
    }
    let digits = |text: &str| (7..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let phone = transport.chats_are_phones.then(|| chat.trim_start_matches('+')).filter(|chat| digits(chat)).map(|chat| format!("+{chat}"));
    let profile = Profile {
        first_name: clean_to(message.contact.name.as_deref().unwrap_or_default(), MAX_NAME),
        username: clean_to(message.contact.username.as_deref().unwrap_or_default(), MAX_NAME),
        // In these messengers a chat is a phone, and by that whose it is. What stands beside the
        // name elsewhere proves nothing.
        phone: phone.clone(),
        ..Profile::default()
    };
    let from = phone.unwrap_or_else(|| chat.to_owned());
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

    fn understood_as(kind: ChannelKind, body: &Value) -> Vec<Event> {
        let now = Moment::from_timestamp(1_780_000_000, 0).expect("a time");
        super::body(&body.to_string(), transport::of(kind), CHANNEL, now).expect("understood")
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
        let spam = news(&json!({ "isEcho": true, "status": "error", "error": { "error": "SPAM", "description": "Suspected" } }));
        assert_eq!(spam[1], EventKind::Refused("SPAM: Suspected".to_owned()));
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
            understood(&json!({ "channelsUpdates": [{ "channelId": channel, "state": state, "timestamp": 1, "tier": "TIER_1K" }] }))
        };
        assert_eq!(state("qr", CHANNEL)[0].kind, EventKind::Sender(SenderState::Stands("qr".to_owned())));
        assert_eq!(state("active", CHANNEL)[0].kind, EventKind::Sender(SenderState::Sends));
        assert_eq!(state("qr", "another"), []);
        let template = json!({ "templateStatus": { "templateGuid": "g", "name": "n", "status": "paused" } });
        assert!(matches!(understood_as(ChannelKind::WazzupWaba, &template)[0].kind, EventKind::Template(_)));
        assert_eq!(understood(&template), [], "an ordinary number has no templates");
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,120}") {
            let now = crate::clock::now();
            let read = |raw: &str| { let _ = super::body(raw, transport::of(ChannelKind::WazzupWaba), CHANNEL, now); };
            read(&text);
            read(&message(&json!({ "text": text, "type": text, "contentUri": text, "dateTime": text, "chatId": text })).to_string());
            read(&json!({ "messages": [text], "statuses": text, "channelsUpdates": [text], "templateStatus": text }).to_string());
        }
    }
}
