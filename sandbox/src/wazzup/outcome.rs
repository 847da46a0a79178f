//! What becomes of a message after it was taken: its echo, its statuses, its failure; late,
//! doubled or turned around as [`super::Receipts`] say (contract, 6.3).

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{
    content,
    state::{State, Stored},
    transport::Transport,
};
use crate::hooks::millis;

/// Something to happen to a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Sent(String),
    Delivered(String),
    Read(String),
    Failed(String, String),
}

/// Carries out everything that is due; whether there was anything.
pub(crate) fn run(state: &mut State, now: DateTime<Utc>) -> bool {
    let mut any = false;
    while let Some(event) = state.agenda.take(now) {
        any = true;
        carry_out(state, event);
    }
    any
}

fn carry_out(state: &mut State, event: Event) {
    match event {
        Event::Sent(id) => status(state, &id, "sent", None),
        Event::Delivered(id) => {
            arrive(state, &id);
            status(state, &id, "delivered", None);
        }
        Event::Read(id) => read(state, &id),
        Event::Failed(id, code) => status(state, &id, "error", Some(&code)),
    }
}

pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The code a message fails with after it was taken, if it does.
fn fate(state: &State, channel: i64, user: i64, stored: &Stored) -> Option<String> {
    let transport = state.channels.get(&channel)?.transport;
    if state.is_absent(user, transport) {
        return Some("BAD_CONTACT".to_owned());
    }
    let chat = state.chat(channel, user)?;
    if let Some(code) = &chat.fate {
        return Some(code.clone());
    }
    if let Some((window, code)) = transport.window().filter(|_| !stored.template)
        && chat.last_word.is_none_or(|at| state.now() - at >= window)
    {
        return Some(code.to_owned());
    }
    chat.blocked.then(|| state.settings.blocked_code.clone())
}

/// A message was taken: what follows.
pub(crate) fn start(state: &mut State, id: &str) {
    let Some((channel, user, stored)) = state.message(id).map(|(channel, user, stored)| (channel, user, stored.clone())) else { return };
    let (now, receipts) = (state.now(), state.settings.receipts.clone());
    let failed = fate(state, channel, user, &stored);
    let in_echo = failed.as_ref().filter(|_| receipts.error_in_echo);
    if receipts.echo {
        let mut echo = told(state, channel, user, &stored);
        echo["status"] = json!("sent");
        if let Some(code) = in_echo {
            (echo["status"], echo["error"]) = (json!("error"), error(code));
        }
        state.tell(channel, user, "messages", echo);
    }
    let mut events = Vec::new();
    match failed {
        Some(_) if in_echo.is_some() && receipts.echo => {}
        Some(code) => events.push((receipts.sent_ms, Event::Failed(id.to_owned(), code))),
        None => {
            let delivers = state.channels.get(&channel).is_some_and(|channel| channel.transport.delivers());
            events.push((receipts.sent_ms, Event::Sent(id.to_owned())));
            if let Some(ms) = receipts.delivered_ms.filter(|_| delivers) {
                events.push((ms, Event::Delivered(id.to_owned())));
            } else {
                arrive(state, id);
            }
            if let Some(ms) = receipts.read_ms {
                events.push((ms, Event::Read(id.to_owned())));
            }
        }
    }
    if receipts.reversed {
        events.reverse();
    }
    for (ms, event) in events {
        if ms == 0 { carry_out(state, event) } else { state.agenda.put(now + millis(ms), event) }
    }
}

fn arrive(state: &mut State, id: &str) {
    if let Some(stored) = state.message_mut(id) {
        stored.arrived = true;
    }
}

/// The person reads a message that arrived.
pub(crate) fn read(state: &mut State, id: &str) {
    arrive(state, id);
    let Some(stored) = state.message_mut(id).filter(|stored| !stored.shown.read) else { return };
    stored.shown.read = true;
    status(state, id, "read", None);
}

fn error(code: &str) -> Value {
    json!({ "error": code, "description": format!("The messenger says {code}.") })
}

/// Tells a status, as often as the settings want it.
pub(crate) fn status(state: &mut State, id: &str, status: &str, code: Option<&str>) {
    let Some((channel, user, _)) = state.message(id) else { return };
    let mut told = json!({ "messageId": id, "timestamp": stamp(state.now()), "status": status });
    if let Some(code) = code {
        told["error"] = error(code);
    }
    for _ in 0..state.settings.receipts.copies.max(1) {
        state.tell(channel, user, "statuses", told.clone());
    }
}

/// A message as webhooks have it.
pub(crate) fn told(state: &State, channel: i64, user: i64, stored: &Stored) -> Value {
    let (found, person) = (state.channels.get(&channel), state.users.get(&user));
    let transport = found.map_or(Transport::Whatsapp, |channel| channel.transport);
    let mut contact = json!({ "name": person.map(|person| person.first_name.clone()).unwrap_or_default() });
    if let Some(person) = person {
        if matches!(transport, Transport::Telegram | Transport::Tgapi) {
            contact["username"] = json!(person.username);
        } else if transport.chat_type() == "whatsapp" {
            contact["phone"] = json!(transport.chat_id(person));
        }
    }
    let chat_id = person.map_or_else(|| user.to_string(), |person| transport.chat_id(person));
    let mut told = json!({ "messageId": stored.id, "dateTime": stamp(stored.shown.at), "channelId": found.map(|channel| &channel.channel_id),
        "chatType": transport.chat_type(), "chatId": chat_id, "isEcho": stored.shown.from_bot, "contact": contact, "status": "inbound" });
    let shown = content::shown(&stored.kind, &stored.shown.text, stored.content.as_deref());
    if let (Some(told), Value::Object(shown)) = (told.as_object_mut(), shown) {
        told.extend(shown);
    }
    if let Some(author) = &stored.author {
        (told["authorName"], told["authorId"], told["sentFromApp"]) = (json!(author), json!("1"), json!(true));
    }
    if let Some(quoted) = &stored.shown.reply_to {
        told["quotedMessage"] = json!({ "messageId": quoted });
    }
    told
}

/// A message was changed or removed by whoever wrote it.
pub(crate) fn changed(state: &mut State, id: &str, flag: &str, old: &str) {
    let Some((channel, user, stored)) = state.message(id).map(|(channel, user, stored)| (channel, user, stored.clone())) else { return };
    let mut told = told(state, channel, user, &stored);
    told[flag] = json!(true);
    told["oldInfo"] = json!({ "oldText": old });
    if stored.shown.from_bot {
        told["status"] = json!("sent");
    }
    state.tell(channel, user, "messages", told);
}
