//! The other end: people with phones, and what they do with them.

use serde_json::{Value, json};

use super::{
    WhatsApp,
    content::{Attachment, Button, Shown},
    fate::Fate,
    media,
    notes::Body,
    person::{Person, digits},
    receipts,
    send::{WINDOW, wamid},
    state::{State, Status, Stored},
};
use crate::ActionError;

fn known(state: &State, number: i64, person: i64) -> Result<(), ActionError> {
    if !state.numbers.contains_key(&number) {
        return Err(ActionError::NoSuch(format!("number {number}")));
    }
    if state.people.contains_key(&person) { Ok(()) } else { Err(ActionError::NoUser(person)) }
}

/// A person says something to a number: the window opens, the webhook goes. The wamid.
fn say(
    state: &mut State,
    number: i64,
    person: i64,
    context: Option<String>,
    shown: Shown,
    body: impl FnOnce(&State) -> Value,
) -> Result<String, ActionError> {
    known(state, number, person)?;
    if state.chats.get(&(number, person)).is_some_and(|chat| chat.blocked) {
        return Err(ActionError::Blocked);
    }
    let now = state.now();
    if let Some(wamid) = &context {
        let there = state.by_wamid.get(wamid).and_then(|serial| state.messages.get(serial)).is_some_and(|one| one.to == person);
        if !there {
            return Err(ActionError::no_message(wamid));
        }
    }
    let portfolio = state.portfolio_of(number).to_owned();
    let serial = i64::try_from(state.serial()).unwrap_or(i64::MAX);
    let id = wamid(person, serial);
    let (wa_id, user_id) = (state.visible_phone(person, &portfolio), state.user_id(person, &portfolio));
    let mut message = json!({ "from_user_id": user_id, "id": id, "timestamp": now.timestamp().to_string() });
    if let Some(wa_id) = &wa_id {
        message["from"] = json!(wa_id);
    }
    if let Some(parent) = state.parent_id(person, &portfolio) {
        message["from_parent_user_id"] = json!(parent);
    }
    if let (Some(told), Some(body)) = (message.as_object_mut(), body(state).as_object()) {
        told.extend(body.clone());
    }
    if let Some(wamid) = &context {
        let from_business = state.by_wamid.get(wamid).and_then(|serial| state.messages.get(serial)).is_some_and(|one| one.from_business);
        let from = if from_business { state.numbers.get(&number).map(|number| number.phone.clone()) } else { wa_id.clone() };
        message["context"] = json!({ "from": from, "id": wamid });
    }
    let stored = Stored {
        serial,
        wamid: id.clone(),
        number,
        to: person,
        from_business: false,
        at: now,
        shown,
        context,
        template: None,
        category: None,
        opaque: None,
        status: Status::Delivered,
        steps: vec![(Status::Delivered, now, None)],
        wa_id: wa_id.clone(),
        user_id,
        counted: None,
        pricing: Value::Null,
        priced: true,
        gone: false,
        seen: false,
        reactions: (None, None),
    };
    state.messages.insert(serial, stored);
    state.by_wamid.insert(id.clone(), serial);
    let chat = state.chat_mut(number, person);
    chat.messages.push(serial);
    chat.window_until = Some(now + WINDOW);
    // A message that shows the phone is contact by phone; so the phone stays visible.
    if let (Some(_), Some(someone)) = (&wa_id, state.people.get_mut(&person)) {
        someone.by_phone.insert(portfolio, now);
    }
    // What comes in counts as well.
    let waba = state.numbers.get_mut(&number).map(|number| {
        number.passed.note(now);
        number.waba.clone()
    });
    let contact = receipts::contact(state, number, person);
    state.note(&waba.unwrap_or_default(), "messages", Some(number), Some(person), Body::Message { contact, message });
    Ok(id)
}

impl WhatsApp {
    /// Adds a person, or replaces the one with this id (their chats and BSUIDs stay).
    pub fn add_person(&self, person: Person) {
        self.change(|state| state.put_person(person));
    }

    /// Adds many people at once.
    pub fn add_people(&self, people: impl IntoIterator<Item = Person>) {
        self.change(|state| people.into_iter().for_each(|person| state.put_person(person)));
    }

    /// The people, by id.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        self.look().people.values().map(|someone| someone.person.clone()).collect()
    }

    /// A person's BSUID for the portfolio of a number, as it is today.
    #[must_use]
    pub fn user_id(&self, number: i64, person: i64) -> Option<String> {
        let state = self.look();
        let portfolio = state.portfolio_of(number).to_owned();
        state.user_id(person, &portfolio)
    }

    /// The portfolio of a number knows the person's phone from its contact book, so the phone stays
    /// visible with a username.
    ///
    /// # Errors
    /// If there is no such number or person.
    pub fn put_in_book(&self, number: i64, person: i64) -> Result<(), ActionError> {
        self.change(|state| {
            known(state, number, person)?;
            let portfolio = state.portfolio_of(number).to_owned();
            if let Some(someone) = state.people.get_mut(&person) {
                someone.books.insert(portfolio);
            }
            Ok(())
        })
    }

    /// What becomes of messages to a person from now on; the first fate that fits is taken. An
    /// empty list ends them.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn set_fates(&self, person: i64, fates: Vec<Fate>) -> Result<(), ActionError> {
        self.change(|state| {
            state.people.get_mut(&person).ok_or(ActionError::NoUser(person))?.fates = fates;
            Ok(())
        })
    }

    /// The person writes; the wamid of the message.
    ///
    /// # Errors
    /// If there is no such number or person, the number is blocked, or the text is empty or over
    /// 4096 characters.
    pub fn write(&self, number: i64, person: i64, text: &str) -> Result<String, ActionError> {
        self.write_to(number, person, None, text)
    }

    /// The same, as an answer to a message.
    ///
    /// # Errors
    /// As [`WhatsApp::write`], and if the message is not in the chat.
    pub fn reply(&self, number: i64, person: i64, to: &str, text: &str) -> Result<String, ActionError> {
        self.write_to(number, person, Some(to.to_owned()), text)
    }

    fn write_to(&self, number: i64, person: i64, to: Option<String>, text: &str) -> Result<String, ActionError> {
        if text.trim().is_empty() || text.chars().count() > 4096 {
            return Err(ActionError::Invalid("a message has 1–4096 characters".to_owned()));
        }
        let shown = Shown { kind: "text".to_owned(), text: text.to_owned(), ..Shown::default() };
        self.change(|state| say(state, number, person, to, shown, |_| json!({ "type": "text", "text": { "body": text } })))
    }

    /// The person sends a file, a picture, a sound.
    ///
    /// # Errors
    /// As [`WhatsApp::write`], and if the file is empty or of no kind.
    pub fn send_file(&self, number: i64, person: i64, file: Attachment) -> Result<String, ActionError> {
        let kind = file.kind.clone();
        if !super::content::MEDIA.iter().any(|(media, _)| *media == kind) {
            return Err(ActionError::Invalid(format!("people send an image, a video, a document, an audio or a sticker, not {kind:?}")));
        }
        if file.data.is_empty() {
            return Err(ActionError::Invalid("the file is empty".to_owned()));
        }
        self.change(|state| {
            known(state, number, person)?;
            let waba = state.numbers.get(&number).map(|number| number.waba.clone()).unwrap_or_default();
            let id = media::keep(state, &waba, Some(file.name), &file.mime, file.data, true, false);
            let shown = Shown {
                kind: kind.clone(),
                text: file.caption.clone(),
                media: Some(id),
                media_kind: Some(kind.clone()),
                ..Shown::default()
            };
            say(
                state,
                number,
                person,
                None,
                shown,
                |state| json!({ "type": kind, (&kind): media::in_webhook(state, id, &kind, &file.caption) }),
            )
        })
    }

    /// The person sends what the API cannot carry (a poll, a view-once picture).
    ///
    /// # Errors
    /// As [`WhatsApp::write`].
    pub fn send_unsupported(&self, number: i64, person: i64, kind: &str) -> Result<String, ActionError> {
        let shown = Shown { kind: "unsupported".to_owned(), ..Shown::default() };
        let error = super::error::GraphError::new(131_051).in_webhook();
        self.change(|state| {
            say(
                state,
                number,
                person,
                None,
                shown,
                |_| json!({ "type": "unsupported", "errors": [error], "unsupported": { "type": kind } }),
            )
        })
    }

    /// The person puts an emoji under a message, or takes it away with an empty one.
    ///
    /// # Errors
    /// As [`WhatsApp::reply`].
    pub fn react(&self, number: i64, person: i64, to: &str, emoji: &str) -> Result<String, ActionError> {
        self.change(|state| {
            let serial = state.by_wamid.get(to).copied().ok_or_else(|| ActionError::no_message(to))?;
            let shown = Shown { kind: "reaction".to_owned(), text: emoji.to_owned(), ..Shown::default() };
            let mut reaction = json!({ "message_id": to });
            if !emoji.is_empty() {
                reaction["emoji"] = json!(emoji);
            }
            let told = say(state, number, person, None, shown, |_| json!({ "type": "reaction", "reaction": reaction }))?;
            if let Some(message) = state.messages.get_mut(&serial) {
                message.reactions.1 = Some(emoji.to_owned()).filter(|emoji| !emoji.is_empty());
            }
            Ok(told)
        })
    }

    /// The person presses the button of a message that contains these characters. A press of a link
    /// tells the business nothing: `Ok(None)`.
    ///
    /// # Errors
    /// As [`WhatsApp::reply`], and if the message has no such button.
    pub fn press(&self, number: i64, person: i64, message: &str, text: &str) -> Result<Option<String>, ActionError> {
        self.change(|state| {
            known(state, number, person)?;
            let shown = shown_to(state, number, person, message)?;
            let found = shown.buttons.iter().find(|button| button.text.contains(text));
            let button = found.cloned().ok_or_else(|| {
                let there: Vec<&str> = shown.buttons.iter().map(|button| button.text.as_str()).collect();
                ActionError::NoButton(format!("{text:?}; the message shows {there:?}"))
            })?;
            let Button { text, kind, payload, .. } = button;
            let payload = payload.unwrap_or_default();
            let body = match kind {
                "quick_reply" => json!({ "type": "button", "button": { "payload": payload, "text": text } }),
                "reply" => {
                    json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": payload, "title": text } } })
                }
                "list" => {
                    json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": payload, "title": text } } })
                }
                _ => return Ok(None),
            };
            let said = Shown { kind: "button".to_owned(), text, ..Shown::default() };
            say(state, number, person, Some(message.to_owned()), said, |_| body).map(Some)
        })
    }

    /// The person presses the button that contains these characters, in the newest message that has
    /// one.
    ///
    /// # Errors
    /// As [`WhatsApp::press`].
    pub fn press_text(&self, number: i64, person: i64, text: &str) -> Result<Option<String>, ActionError> {
        let history = self.history(number, person);
        let found = history.iter().rev().find(|one| one.shown.buttons.iter().any(|button| button.text.contains(text)));
        let message = found.map(|one| one.wamid.clone()).ok_or_else(|| ActionError::NoButton(format!("{text:?} in the chat")))?;
        self.press(number, person, &message, text)
    }

    /// The person opens the chat: everything that arrived is read, and that is told if the person
    /// shows it. How many messages were unread.
    ///
    /// # Errors
    /// If there is no such number or person.
    pub fn read(&self, number: i64, person: i64) -> Result<usize, ActionError> {
        self.change(|state| {
            known(state, number, person)?;
            let serials = state.chats.get(&(number, person)).map(|chat| chat.messages.clone()).unwrap_or_default();
            let unread = |serial: &i64| state.messages.get(serial).is_some_and(|one| one.from_business && one.status == Status::Delivered);
            let unread: Vec<i64> = serials.into_iter().filter(unread).collect();
            for serial in &unread {
                receipts::read(state, *serial);
            }
            Ok(unread.len())
        })
    }

    /// The person blocks a number: nothing tells it, messages do not arrive.
    ///
    /// # Errors
    /// If there is no such number or person.
    pub fn block(&self, number: i64, person: i64) -> Result<(), ActionError> {
        self.set_blocked(number, person, true)
    }

    /// The person lets the number write again; what was sent meanwhile does not come.
    ///
    /// # Errors
    /// If there is no such number or person.
    pub fn unblock(&self, number: i64, person: i64) -> Result<(), ActionError> {
        self.set_blocked(number, person, false)
    }

    fn set_blocked(&self, number: i64, person: i64, blocked: bool) -> Result<(), ActionError> {
        self.change(|state| {
            known(state, number, person)?;
            state.chat_mut(number, person).blocked = blocked;
            Ok(())
        })
    }

    /// The person presses «Stop» under the offers of a number, or lets them come again: the
    /// `user_preferences` webhook, and 131050 for marketing templates.
    ///
    /// # Errors
    /// If there is no such number or person.
    pub fn set_marketing(&self, number: i64, person: i64, wanted: bool) -> Result<(), ActionError> {
        self.change(|state| {
            known(state, number, person)?;
            state.chat_mut(number, person).stopped = !wanted;
            let portfolio = state.portfolio_of(number).to_owned();
            let verb = if wanted { "resume" } else { "stop" };
            let mut preference = json!({
                "detail": format!("User requested to {verb} marketing messages"),
                "category": "marketing_messages",
                "value": verb,
                "timestamp": state.now().timestamp(),
                "user_id": state.user_id(person, &portfolio),
            });
            if let Some(phone) = state.visible_phone(person, &portfolio) {
                preference["wa_id"] = json!(phone);
            }
            let contact = receipts::contact(state, number, person);
            let value = json!({ "contacts": [contact], "user_preferences": [preference] });
            let waba = state.numbers.get(&number).map(|number| number.waba.clone()).unwrap_or_default();
            state.note(&waba, "user_preferences", Some(number), Some(person), Body::Value(value));
            Ok(())
        })
    }

    /// The phone is turned on or off; what waited arrives.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn set_online(&self, person: i64, online: bool) -> Result<(), ActionError> {
        self.change(|state| {
            state.people.get_mut(&person).ok_or(ActionError::NoUser(person))?.person.online = online;
            let chats: Vec<i64> =
                state.chats.iter().filter(|((_, of), _)| *of == person).flat_map(|(_, chat)| chat.messages.clone()).collect();
            // What was blocked away does not come later.
            let waits = |serial: &i64| {
                state.messages.get(serial).is_some_and(|one| one.from_business && matches!(one.status, Status::Accepted | Status::Sent))
            };
            let waiting: Vec<i64> = chats.into_iter().filter(waits).collect();
            for serial in waiting.into_iter().filter(|_| online) {
                receipts::arrive(state, serial);
            }
            Ok(())
        })
    }

    /// The person takes another number: a new phone, new BSUIDs, and a system message to every
    /// number there was a chat with. Nobody has the old phone any more.
    ///
    /// # Errors
    /// If there is no such person, or somebody has that phone.
    pub fn change_phone(&self, person: i64, phone: &str) -> Result<(), ActionError> {
        self.change(|state| {
            if state.by_digits(&digits(phone)).is_some_and(|other| other != person) {
                return Err(ActionError::Invalid(format!("somebody has the phone {phone}")));
            }
            let mut changed = state.people.get(&person).ok_or(ActionError::NoUser(person))?.person.clone();
            phone.clone_into(&mut changed.phone);
            changed.wa_id = None;
            moved(state, person, Some(changed));
            Ok(())
        })
    }

    /// The person's BSUIDs change, the phone does not.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn change_user_id(&self, person: i64) -> Result<(), ActionError> {
        self.change(|state| {
            if !state.people.contains_key(&person) {
                return Err(ActionError::NoUser(person));
            }
            moved(state, person, None);
            Ok(())
        })
    }
}

/// New BSUIDs, perhaps a new phone, and the system messages about it.
fn moved(state: &mut State, person: i64, changed: Option<Person>) {
    let numbers: Vec<i64> = state.chats.keys().filter(|(_, of)| *of == person).map(|(number, _)| *number).collect();
    let before = |state: &State, number: i64| {
        let portfolio = state.portfolio_of(number).to_owned();
        (state.visible_phone(person, &portfolio), state.user_id(person, &portfolio), state.parent_id(person, &portfolio))
    };
    let old: Vec<_> = numbers.iter().map(|number| (*number, before(state, *number))).collect();
    let name = state.people.get(&person).map(|someone| someone.person.name.clone()).unwrap_or_default();
    let kind = if changed.is_some() { "user_changed_number" } else { "user_changed_user_id" };
    let by_number = changed.is_some();
    if let Some(changed) = changed {
        state.put_person(changed);
    }
    state.renew(person);
    for (number, (old_phone, old_id, old_parent)) in old {
        let (phone, id, parent) = before(state, number);
        let mut system = json!({ "type": kind, "user_id": id, "previous_user_id": old_id });
        if by_number {
            let from = old_phone.clone().unwrap_or_default();
            let to = phone.clone().unwrap_or_default();
            system["body"] = json!(format!("User {name} changed from {from} to {to}"));
            if let Some(phone) = &phone {
                system["wa_id"] = json!(phone);
            }
        } else {
            system["body"] = json!(format!("User {name} changed their user id"));
        }
        if let (Some(parent), Some(old_parent)) = (parent, old_parent) {
            (system["parent_user_id"], system["previous_parent_user_id"]) = (json!(parent), json!(old_parent));
        }
        let serial = i64::try_from(state.serial()).unwrap_or(i64::MAX);
        let now = state.now();
        let mut message =
            json!({ "id": wamid(person, serial), "timestamp": now.timestamp().to_string(), "type": "system", "system": system });
        if let Some(old_phone) = old_phone {
            message["from"] = json!(old_phone);
        }
        if let Some(old_id) = old_id {
            message["from_user_id"] = json!(old_id);
        }
        let waba = state.numbers.get(&number).map(|number| number.waba.clone()).unwrap_or_default();
        state.note(&waba, "messages", Some(number), Some(person), Body::Message { contact: None, message });
        state.chat_mut(number, person);
    }
}

/// A message of a business that arrived, as the person sees it.
fn shown_to(state: &State, number: i64, person: i64, message: &str) -> Result<Shown, ActionError> {
    let serial = state.by_wamid.get(message).copied();
    let found = serial.and_then(|serial| state.messages.get(&serial)).filter(|one| one.number == number && one.to == person);
    let found = found.filter(|one| one.from_business && super::view::arrived(one));
    Ok(found.ok_or_else(|| ActionError::no_message(message))?.shown.clone())
}
