//! Webhooks understood (contracts/messengers/whatsapp_cloud.md, section 6). Whatever comes, it is
//! an answer or a sentence for the log, never a panic: every field is optional, unknown ones are
//! ignored.
//!
//! An address is the person's id in the portfolio (BSUID) where it is told, else their phone with
//! its plus. The phone, where it is shown, is WhatsApp's own word for whose it is.

use serde::Deserialize;
use serde_json::Value;

use super::{
    account,
    classify::{self, GraphError},
    credentials::Credentials,
    templates, wire,
};
use crate::{
    channel::{Attached, Event, EventKind, FileKind, MessageName, News, OPT_OUT_CALLBACK, Profile, Receipt, SendError},
    clock::Moment,
    http::misread,
    text::clean_to,
};

/// A refusal of the whole number, told of a message, stops the channel if it is no older.
const REFUSED_LATELY: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    /// The business account.
    #[serde(default)]
    id: Value,
    /// Of what is not about messages: when it happened.
    #[serde(default)]
    time: Value,
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    field: String,
    #[serde(default)]
    value: Value,
}

/// Of `messages` and `user_preferences`; the others are read for what is known of them only.
#[derive(Deserialize)]
struct Told {
    metadata: Option<Metadata>,
    #[serde(default)]
    contacts: Vec<Contact>,
    #[serde(default)]
    messages: Vec<Message>,
    #[serde(default)]
    statuses: Vec<Status>,
    #[serde(default)]
    user_preferences: Vec<Preference>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    phone_number_id: String,
}

#[derive(Deserialize)]
struct Contact {
    profile: Option<Shown>,
    wa_id: Option<String>,
    user_id: Option<String>,
}

#[derive(Deserialize)]
struct Shown {
    name: Option<String>,
    username: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    from: Option<String>,
    from_user_id: Option<String>,
    id: Option<String>,
    #[serde(default)]
    timestamp: Value,
    #[serde(default, rename = "type")]
    kind: String,
    context: Option<Context>,
    text: Option<Text>,
    button: Option<Pressed>,
    interactive: Option<Interactive>,
    system: Option<System>,
    contacts: Option<Value>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct Context {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    body: String,
}

#[derive(Deserialize)]
struct Pressed {
    #[serde(default)]
    payload: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Interactive {
    button_reply: Option<Reply>,
    list_reply: Option<Reply>,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct System {
    #[serde(default, rename = "type")]
    kind: String,
    wa_id: Option<String>,
    user_id: Option<String>,
    previous_user_id: Option<String>,
}

#[derive(Deserialize)]
struct Status {
    id: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    timestamp: Value,
    biz_opaque_callback_data: Option<String>,
    #[serde(default)]
    pricing: Value,
    #[serde(default)]
    errors: Vec<GraphError>,
}

#[derive(Deserialize)]
struct Preference {
    wa_id: Option<String>,
    user_id: Option<String>,
    #[serde(default)]
    category: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    timestamp: Value,
}

/// Understands one body; `now` stands in where WhatsApp gives no time. Only what is of our number
/// counts, and a status with our tag names our id of its message.
pub(super) fn body(raw: &str, ours: &Credentials, now: Moment) -> Result<Vec<Event>, String> {
    let (number, tag) = (ours.number.as_str(), ours.tag.as_str());
    let body: Body = serde_json::from_str(raw).map_err(|error| format!("not a webhook of WhatsApp: {}", misread(&error)))?;
    let mut events = Vec::new();
    let changes = body
        .entry
        .into_iter()
        .flat_map(|Entry { id, time, changes }| changes.into_iter().map(move |change| (id.clone(), time.clone(), change)));
    for (account, time, change) in changes {
        let of_sender = |at, kind| Event { from: String::new(), profile: Profile::default(), at, message_ref: None, kind };
        if let Some(news) = account::news(account.as_str().unwrap_or_default(), &change.field, &change.value) {
            let at = moment(&time, now);
            events.extend(news.into_iter().map(|kind| of_sender(at, kind)));
            continue;
        }
        if templates::is_of_templates(&change.field) {
            let at = moment(&time, now);
            let news = templates::news(&change.value, Some(at));
            events.extend(news.map(|news| of_sender(at, EventKind::Template(Box::new(news)))));
            continue;
        }
        if !matches!(change.field.as_str(), "messages" | "user_preferences") {
            continue;
        }
        let told: Told = serde_json::from_value(change.value).map_err(|error| format!("`{}` {}", change.field, misread(&error)))?;
        let other = told.metadata.as_ref().is_some_and(|metadata| !number.is_empty() && metadata.phone_number_id != number);
        if other {
            continue;
        }
        for status in told.statuses {
            events.extend(refused(&status, now));
            events.extend(receipt(status, tag, now));
        }
        events.extend(told.user_preferences.into_iter().filter_map(|preference| stopped(preference, now)));
        for message in told.messages {
            said(message, &told.contacts, now, &mut events);
        }
    }
    Ok(events)
}

/// Seconds since 1970, as a text or as a number.
fn moment(told: &Value, now: Moment) -> Moment {
    let seconds = told.as_i64().or_else(|| told.as_str()?.parse().ok()).filter(|seconds| *seconds > 0);
    seconds.and_then(|seconds| Moment::from_timestamp(seconds, 0)).unwrap_or(now)
}

/// A phone is told as its digits.
fn phone(digits: Option<&str>) -> Option<String> {
    let digits = digits?.trim().trim_start_matches('+');
    let is_phone = (7..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_phone.then(|| format!("+{digits}"))
}

fn id(told: Option<&str>) -> Option<String> {
    told.map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// What refuses the number as a whole may be said of a message that was taken (payment, policy,
/// quality). Old news is none: somebody may have mended it since.
fn refused(status: &Status, now: Moment) -> Option<Event> {
    let error = status.errors.first().filter(|_| status.status == "failed")?;
    let (SendError::Misconfigured(why) | SendError::Unauthorised(why)) = classify::refusal(0, error) else { return None };
    let at = moment(&status.timestamp, now);
    (now - at < REFUSED_LATELY).then(|| Event {
        from: String::new(),
        profile: Profile::default(),
        at,
        message_ref: None,
        kind: EventKind::Refused(why),
    })
}

fn receipt(status: Status, tag: &str, now: Moment) -> Option<Event> {
    let reference = status.id.filter(|id| !id.is_empty());
    let receipt = match status.status.as_str() {
        "sent" => Receipt::Sent,
        "delivered" => Receipt::Delivered,
        // A voice message that was heard was read.
        "read" | "played" => Receipt::Read,
        "failed" => Receipt::Failed(
            status.errors.first().map_or(crate::words::Reason::Rejected, |error| classify::reason(&classify::refusal(0, error))),
        ),
        _ => return None,
    };
    let detail = status.errors.first().filter(|_| matches!(receipt, Receipt::Failed(_))).map(GraphError::words);
    let at = moment(&status.timestamp, now);
    let client = status.biz_opaque_callback_data.and_then(|opaque| wire::client(tag, &opaque));
    // Named by ours it is found also where the answer that told theirs was lost.
    let (message, message_ref) = match client {
        Some(client) => (MessageName::Client(client), reference),
        None => (MessageName::Ref(reference?), None),
    };
    let charge = classify::charge(&status.pricing);
    let news = News { message, message_ref, receipt, at: Some(at), detail, charge };
    Some(Event { from: String::new(), profile: Profile::default(), at, message_ref: None, kind: EventKind::Receipt(news) })
}

/// Only «stop» of advertising is acted upon. «resume» is WhatsApp's word and no consent to us.
fn stopped(preference: Preference, now: Moment) -> Option<Event> {
    let is_stop = preference.category == "marketing_messages" && preference.value == "stop";
    let phone = phone(preference.wa_id.as_deref());
    let from = id(preference.user_id.as_deref()).or_else(|| phone.clone()).filter(|_| is_stop)?;
    let profile = Profile { phone, ..Profile::default() };
    Some(Event { from, profile, at: moment(&preference.timestamp, now), message_ref: None, kind: EventKind::Stopped })
}

/// What a person did; nothing where nobody can be told.
fn said(message: Message, contacts: &[Contact], now: Moment, events: &mut Vec<Event>) {
    let at = moment(&message.timestamp, now);
    let (user, from) = (id(message.from_user_id.as_deref()), phone(message.from.as_deref()));
    if message.kind == "system" {
        return moved(message, from, at, events);
    }
    let contact = contacts.iter().find(|one| {
        let same = |of: Option<&str>, from: Option<&str>| of.is_some() && of == from;
        same(one.user_id.as_deref(), message.from_user_id.as_deref()) || same(one.wa_id.as_deref(), message.from.as_deref())
    });
    let user = user.or_else(|| id(contact?.user_id.as_deref()));
    let from = from.or_else(|| phone(contact?.wa_id.as_deref()));
    let Some(address) = user.or_else(|| from.clone()) else { return };
    let shown = contact.and_then(|contact| contact.profile.as_ref());
    let profile = Profile {
        first_name: shown.and_then(|shown| shown.name.clone()).unwrap_or_default(),
        username: shown.and_then(|shown| shown.username.clone()).unwrap_or_default(),
        phone: from,
        ..Profile::default()
    };
    let context = message.context.as_ref().and_then(|context| context.id.clone());
    let press = match (&message.button, &message.interactive) {
        (Some(button), _) => Some((button.payload.clone(), button.text.clone())),
        (None, Some(interactive)) => {
            interactive.button_reply.as_ref().or(interactive.list_reply.as_ref()).map(|reply| (reply.id.clone(), reply.title.clone()))
        }
        (None, None) => None,
    };
    let (kind, message_ref) = match press {
        // The message a press is about is the one its button was under.
        // A button that is none of ours, of an older template or of another program at the same
        // number, carries its own words: they are what the person says.
        Some((data, text)) if data == text || !may_be_ours(&data) => {
            let body = if text.is_empty() { data } else { text };
            (EventKind::Text { body, reply_to: context }, message.id.clone())
        }
        Some((data, label)) => (EventKind::Press { data, query_id: message.id.clone().unwrap_or_default(), label }, context),
        None => (words(&message, context), message.id.clone()),
    };
    events.push(Event { from: address, profile, at, message_ref, kind });
}

/// Whether a button's data has a form of ours; whether it is one, the conversation finds out.
fn may_be_ours(data: &str) -> bool {
    data == OPT_OUT_CALLBACK || ["c:", "d:", "v:"].iter().any(|ours| data.starts_with(ours))
}

fn words(message: &Message, reply_to: Option<String>) -> EventKind {
    if let Some(text) = &message.text {
        // What our texts tell people to write, and what a personal link writes for them.
        let mut words = text.body.split_whitespace();
        return match (words.next(), words.next(), words.next()) {
            (Some(start), payload, None) if start.eq_ignore_ascii_case("/start") => EventKind::Started(payload.map(str::to_owned)),
            _ if text.body.trim().is_empty() => EventKind::Ignored,
            _ => EventKind::Text { body: text.body.clone(), reply_to },
        };
    }
    if let Some(card) = &message.contacts {
        let number = card[0]["phones"][0]["phone"].as_str().unwrap_or_default();
        return EventKind::Phone { number: clean_to(number, 40), own: false };
    }
    let (what, kind) = match message.kind.as_str() {
        "image" => ("photo", FileKind::Photo),
        "video" => ("video", FileKind::Video),
        "audio" if message.rest.get("audio").is_some_and(|audio| audio["voice"] == true) => ("voice", FileKind::Voice),
        "audio" => ("audio", FileKind::Audio),
        "document" => ("document", FileKind::Document),
        "sticker" => ("sticker", FileKind::Sticker),
        "location" | "order" | "unsupported" => {
            return EventKind::Media { what: message.kind.clone(), caption: String::new(), file: None, reply_to };
        }
        // A reaction, and whatever is new.
        _ => return EventKind::Ignored,
    };
    let object = message.rest.get(&message.kind).cloned().unwrap_or_default();
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    let file = (!text("id").is_empty()).then(|| Attached {
        kind,
        reference: text("id").to_owned(),
        name: clean_to(text("filename"), MAX_NAME),
        mime: text("mime_type").split(';').next().unwrap_or_default().trim().to_owned(),
        size: object["file_size"].as_u64(),
    });
    EventKind::Media { what: what.to_owned(), caption: text("caption").to_owned(), file, reply_to }
}

/// Longest name of a file, characters.
const MAX_NAME: usize = 200;

/// A person has another number or another id. Known by either of the old ones, they are the same.
fn moved(message: Message, from: Option<String>, at: Moment, events: &mut Vec<Event>) {
    let Some(system) = message.system else { return };
    let by_number = match system.kind.as_str() {
        "user_changed_number" => true,
        "user_changed_user_id" => false,
        _ => return,
    };
    let new_phone = phone(system.wa_id.as_deref()).filter(|_| by_number);
    let Some(to) = id(system.user_id.as_deref()).or_else(|| new_phone.clone()) else { return };
    let old = [id(system.previous_user_id.as_deref()).or_else(|| id(message.from_user_id.as_deref())), from.clone()];
    let old_phone = from.filter(|_| by_number);
    for old in old.into_iter().flatten().filter(|old| *old != to) {
        let kind = EventKind::Moved { to: to.clone(), old_phone: old_phone.clone() };
        let profile = Profile { phone: new_phone.clone(), ..Profile::default() };
        events.push(Event { from: old, profile, at, message_ref: None, kind });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{clock, words::Reason};

    const NUMBER: &str = "204400112233445";
    const TAG: &str = "tag1";

    fn ours() -> Credentials {
        Credentials { number: NUMBER.to_owned(), tag: TAG.to_owned(), ..Credentials::default() }
    }

    fn change(field: &str, rest: &Value) -> Value {
        let mut value =
            json!({ "messaging_product": "whatsapp", "metadata": { "display_phone_number": "74950001122", "phone_number_id": NUMBER } });
        for (key, one) in rest.as_object().cloned().unwrap_or_default() {
            value[key] = one;
        }
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": "305", "changes": [{ "field": field, "value": value }] }] })
    }

    fn all(field: &str, rest: &Value) -> Vec<Event> {
        super::body(&change(field, rest).to_string(), &ours(), clock::now()).expect("a webhook")
    }

    fn anna() -> Value {
        json!({ "profile": { "name": "Anna", "username": "anna.k" }, "wa_id": "79991234567", "user_id": "RU.70120033445566778899" })
    }

    fn one(rest: Value) -> Event {
        let mut message =
            json!({ "from": "79991234567", "from_user_id": "RU.70120033445566778899", "id": "wamid.IN1", "timestamp": "1780000100" });
        for (key, value) in rest.as_object().cloned().unwrap_or_default() {
            message[key] = value;
        }
        all("messages", &json!({ "contacts": [anna()], "messages": [message] })).pop().expect("an event")
    }

    #[test]
    fn words_with_what_they_answer() {
        let event = one(json!({ "type": "text", "text": { "body": "СТОП" }, "context": { "from": "74950001122", "id": "wamid.OUT1" } }));
        assert_eq!((event.from.as_str(), event.message_ref.as_deref()), ("RU.70120033445566778899", Some("wamid.IN1")));
        assert_eq!(event.at.timestamp(), 1_780_000_100);
        assert_eq!((event.profile.first_name.as_str(), event.profile.username.as_str()), ("Anna", "anna.k"));
        assert_eq!(event.profile.phone.as_deref(), Some("+79991234567"));
        assert_eq!(event.kind, EventKind::Text { body: "СТОП".to_owned(), reply_to: Some("wamid.OUT1".to_owned()) });
        let text = |body: &str| one(json!({ "type": "text", "text": { "body": body } })).kind;
        assert_eq!(text("/START"), EventKind::Started(None));
        assert_eq!(text("/start c_8fK2"), EventKind::Started(Some("c_8fK2".to_owned())));
        assert_eq!(text("/start c_8fK2 и ещё"), EventKind::Text { body: "/start c_8fK2 и ещё".to_owned(), reply_to: None });
    }

    #[test]
    fn a_person_without_a_phone_is_their_id_and_one_without_an_id_their_phone() {
        let told = |message: Value, contact: Value| {
            let event = all("messages", &json!({ "contacts": [contact], "messages": [message] })).pop();
            event.map(|event| (event.from, event.profile.phone))
        };
        let text = json!({ "id": "wamid.1", "timestamp": "1780000100", "type": "text", "text": { "body": "a" } });
        let with = |key: &str, value: &str| {
            let mut message = text.clone();
            message[key] = json!(value);
            message
        };
        assert_eq!(told(with("from_user_id", "RU.7"), json!({ "user_id": "RU.7" })), Some(("RU.7".to_owned(), None)));
        let phone = Some("+79991234567".to_owned());
        assert_eq!(told(with("from", "79991234567"), json!({ "wa_id": "79991234567" })), Some(("+79991234567".to_owned(), phone.clone())));
        let by_contact = told(with("from", "79991234567"), json!({ "wa_id": "79991234567", "user_id": "RU.7" }));
        assert_eq!(by_contact, Some(("RU.7".to_owned(), phone)), "the contact tells the id");
        assert_eq!(told(text.clone(), json!({})), None, "nobody said it");
        let group = with("from", "стоп");
        assert_eq!(told(group, json!({})), None, "no phone");
    }

    /// A stop of an older template, or of another program at the same number, was answered by
    /// nothing and forgotten.
    #[test]
    fn a_button_that_is_none_of_ours_says_its_words() {
        for button in [
            json!({ "payload": "Отписаться", "text": "Отписаться" }),
            json!({ "text": "Отписаться" }),
            json!({ "payload": "СТОП-1", "text": "Отписаться" }),
            json!({ "payload": "optout:42", "text": "Отписаться" }),
        ] {
            let event = one(json!({ "type": "button", "context": { "id": "wamid.OUT1" }, "button": button }));
            let reply_to = Some("wamid.OUT1".to_owned());
            assert_eq!(event.kind, EventKind::Text { body: "Отписаться".to_owned(), reply_to });
            assert_eq!(event.message_ref.as_deref(), Some("wamid.IN1"));
        }
    }

    #[test]
    fn presses_name_the_message_they_were_under() {
        let context = json!({ "from": "74950001122", "id": "wamid.OUT1" });
        for pressed in [
            json!({ "type": "button", "context": context, "button": { "payload": "stop", "text": "Отписаться" } }),
            json!({ "type": "interactive", "context": context, "interactive": { "type": "button_reply", "button_reply": { "id": "stop", "title": "Отписаться" } } }),
            json!({ "type": "interactive", "context": context, "interactive": { "type": "list_reply", "list_reply": { "id": "stop", "title": "Отписаться" } } }),
        ] {
            let event = one(pressed);
            assert_eq!(event.message_ref.as_deref(), Some("wamid.OUT1"));
            assert_eq!(
                event.kind,
                EventKind::Press { data: "stop".to_owned(), query_id: "wamid.IN1".to_owned(), label: "Отписаться".to_owned() }
            );
        }
    }

    #[test]
    fn files_and_what_is_none() {
        let of = |message: Value| match one(message).kind {
            EventKind::Media { what, caption, file, .. } => (what, caption, file.map(|file| (file.kind, file.reference, file.mime))),
            other => panic!("{other:?}"),
        };
        let file = |kind, mime: &str| Some((kind, "881".to_owned(), mime.to_owned()));
        let image = json!({ "type": "image", "image": { "id": "881", "mime_type": "image/jpeg", "caption": "вот" } });
        assert_eq!(of(image), ("photo".to_owned(), "вот".to_owned(), file(FileKind::Photo, "image/jpeg")));
        let voice = json!({ "type": "audio", "audio": { "id": "881", "mime_type": "audio/ogg; codecs=opus", "voice": true } });
        assert_eq!(of(voice), ("voice".to_owned(), String::new(), file(FileKind::Voice, "audio/ogg")));
        assert_eq!(of(json!({ "type": "location", "location": { "latitude": 1.0 } })).0, "location");
        assert_eq!(
            of(json!({ "type": "unsupported", "errors": [{ "code": 131_051 }], "unsupported": { "type": "poll" } })).0,
            "unsupported"
        );
        assert_eq!(one(json!({ "type": "reaction", "reaction": { "message_id": "wamid.OUT1", "emoji": "👍" } })).kind, EventKind::Ignored);
        let card = one(json!({ "type": "contacts", "contacts": [{ "phones": [{ "phone": "+7 999 000-00-00" }] }] }));
        assert_eq!(card.kind, EventKind::Phone { number: "+7 999 000-00-00".to_owned(), own: false });
    }

    #[test]
    fn statuses_name_our_id_where_it_is_ours() {
        let status = |status: &str, opaque: &str, errors: Value| {
            let rest = json!({ "statuses": [{ "id": "wamid.OUT1", "status": status, "timestamp": "1780000003", "recipient_id": "79991234567",
                "biz_opaque_callback_data": opaque, "errors": errors }] });
            match all("messages", &rest).pop().map(|event| event.kind) {
                Some(EventKind::Receipt(news)) => Some((news.message, news.message_ref, news.receipt, news.detail)),
                None => None,
                other => panic!("{other:?}"),
            }
        };
        let (ours, reference) = (MessageName::Client(-5), Some("wamid.OUT1".to_owned()));
        assert_eq!(status("sent", "mms:tag1:-5", json!([])), Some((ours, reference, Receipt::Sent, None)));
        let theirs = MessageName::Ref("wamid.OUT1".to_owned());
        for (word, receipt) in [("delivered", Receipt::Delivered), ("read", Receipt::Read), ("played", Receipt::Read)] {
            assert_eq!(status(word, "mms:other:-5", json!([])), Some((theirs.clone(), None, receipt, None)));
        }
        let error = json!([{ "code": 131_049, "title": "Healthy", "message": "Healthy", "error_data": { "details": "In order to" } }]);
        let detail = Some("131049: Healthy — In order to".to_owned());
        assert_eq!(status("failed", "", error), Some((theirs, None, Receipt::Failed(Reason::Withheld), detail)));
        assert_eq!(status("deleted", "", json!([])), None);
    }

    #[test]
    fn what_a_person_told_whatsapp_is_a_stop() {
        let told = |category: &str, value: &str| {
            let preference =
                json!({ "wa_id": "79991234567", "detail": "…", "category": category, "value": value, "timestamp": 1_780_000_200 });
            all("user_preferences", &json!({ "contacts": [anna()], "user_preferences": [preference] }))
        };
        let stop = told("marketing_messages", "stop");
        assert_eq!((stop[0].from.as_str(), &stop[0].kind), ("+79991234567", &EventKind::Stopped));
        assert_eq!(stop[0].at.timestamp(), 1_780_000_200);
        assert_eq!(told("marketing_messages", "resume"), []);
        assert_eq!(told("utility", "stop"), []);
    }

    #[test]
    fn a_changed_number_is_a_move_from_either_old_name() {
        let told = |system: Value| {
            let message = json!({ "from": "79991234567", "from_user_id": "RU.old", "id": "wamid.S", "timestamp": "1780000300", "type": "system", "system": system });
            let events = all("messages", &json!({ "messages": [message] }));
            events.into_iter().map(|event| (event.from, event.profile.phone, event.kind)).collect::<Vec<_>>()
        };
        let (old, new) = (Some("+79991234567".to_owned()), Some("+79990000000".to_owned()));
        let moved = |to: &str, old_phone: &Option<String>| EventKind::Moved { to: to.to_owned(), old_phone: old_phone.clone() };
        let number = json!({ "type": "user_changed_number", "body": "…", "wa_id": "79990000000", "user_id": "RU.new", "previous_user_id": "RU.old" });
        assert_eq!(
            told(number),
            [("RU.old".to_owned(), new.clone(), moved("RU.new", &old)), ("+79991234567".to_owned(), new, moved("RU.new", &old))]
        );
        let by_id = json!({ "type": "user_changed_user_id", "user_id": "RU.new", "previous_user_id": "RU.old" });
        assert_eq!(told(by_id)[0], ("RU.old".to_owned(), None, moved("RU.new", &None)));
        assert_eq!(told(json!({ "type": "customer_identity_changed" })), []);
    }

    #[test]
    fn what_is_of_another_number_or_another_field_is_nobodys() {
        let message = json!({ "messages": [{ "from": "79991234567", "id": "wamid.1", "type": "text", "text": { "body": "стоп" } }] });
        assert_eq!(
            super::body(&change("messages", &message).to_string(), &Credentials { number: "999".to_owned(), ..ours() }, clock::now()),
            Ok(Vec::new())
        );
        assert_eq!(
            super::body(&change("messages", &message).to_string(), &Credentials::default(), clock::now()).map(|events| events.len()),
            Ok(1)
        );
        assert_eq!(all("standby", &message), []);
        let told = all("account_update", &json!({ "event": "DISABLED_UPDATE" })).pop().map(|event| event.kind);
        assert!(matches!(told, Some(EventKind::Senders { account, .. }) if account == "305"), "of the whole account");
        super::body("стоп", &ours(), clock::now()).expect_err("no webhook");
        super::body(&change("messages", &json!({ "messages": 7 })).to_string(), &ours(), clock::now())
            .expect_err("there may be a stop in it");
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,200}", stamp in any::<i64>()) {
            let _ = super::body(&text, &ours(), clock::now());
            let message = json!({ "from": text, "id": text, "timestamp": stamp, "type": text, "image": text, "contacts": [text], "context": {} });
            let status = json!({ "id": text, "status": "failed", "timestamp": text, "biz_opaque_callback_data": text, "errors": [{ "code": stamp }] });
            let rest = json!({ "contacts": [{}], "messages": [message], "statuses": [status], "user_preferences": [{ "value": text }] });
            let _ = super::body(&change("messages", &rest).to_string(), &ours(), clock::now());
        }
    }
}
