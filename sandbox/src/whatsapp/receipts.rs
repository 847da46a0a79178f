//! The life of a message of a business after it was taken, and the statuses that tell it: late,
//! doubled, out of order or missing as [`Receipts`] say.

use chrono::{Datelike as _, TimeDelta};
use serde_json::{Value, json};

use super::{
    WhatsApp,
    error::GraphError,
    events::Event,
    notes::{Body, Way},
    settings::Receipts,
    state::{Category, State, Status},
};
use crate::{ActionError, hooks::millis};

/// Undelivered messages are kept for this long.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Those with one-time codes.
const CODE_KEPT: TimeDelta = TimeDelta::minutes(10);

fn receipts(state: &State, person: i64) -> Receipts {
    state.people.get(&person).and_then(|someone| someone.receipts.clone()).unwrap_or_else(|| state.settings.receipts.clone())
}

/// A message was taken, or is held no more: what follows.
pub(crate) fn start(state: &mut State, serial: i64) {
    let Some(message) = state.messages.get_mut(&serial) else { return };
    message.status = Status::Accepted;
    let person = message.to;
    let (now, wanted) = (state.now(), receipts(state, person));
    if let Some(ms) = wanted.sent_ms {
        due(state, ms, Event::Sent(serial));
    } else if let Some(message) = state.messages.get_mut(&serial) {
        message.status = Status::Sent;
        message.steps.push((Status::Sent, now, None));
    }
    due(state, wanted.delivered_ms.unwrap_or(0), Event::Arrive(serial));
}

/// A message was taken and fails later.
pub(crate) fn doom(state: &mut State, serial: i64, code: u32, when: super::When) {
    let Some(person) = state.messages.get(&serial).map(|message| message.to) else { return };
    let wanted = receipts(state, person);
    let first = wanted.sent_ms.unwrap_or(0);
    let second = wanted.delivered_ms.unwrap_or(0);
    match when {
        super::When::AtOnce | super::When::Accepted => due(state, wanted.failed_ms, Event::Fail(serial, code)),
        super::When::Sent => {
            due(state, first, Event::Sent(serial));
            due(state, first + wanted.failed_ms, Event::Fail(serial, code));
        }
        super::When::Delivered => {
            due(state, first, Event::Sent(serial));
            due(state, second, Event::Arrive(serial));
            due(state, second + wanted.failed_ms, Event::Fail(serial, code));
        }
    }
}

fn due(state: &mut State, after_ms: u64, event: Event) {
    state.events.put(state.now() + millis(after_ms), event);
}

/// Notes a step, if the message is not yet there; whether it was not.
fn step(state: &mut State, serial: i64, to: Status, code: Option<u32>) -> bool {
    let now = state.now();
    let Some(message) = state.messages.get_mut(&serial) else { return false };
    if message.status >= to {
        return false;
    }
    message.status = to;
    message.steps.push((to, now, code));
    let (number, person) = (message.number, message.to);
    state.chat_mut(number, person);
    true
}

pub(crate) fn sent(state: &mut State, serial: i64) {
    if step(state, serial, Status::Sent, None) {
        tell(state, serial, Status::Sent, None);
    }
}

pub(crate) fn arrive(state: &mut State, serial: i64) {
    let now = state.now();
    let Some(message) = state.messages.get(&serial).filter(|message| !message.gone) else { return };
    let kept = if message.category == Some(Category::Authentication) { CODE_KEPT } else { KEPT };
    let (number, person) = (message.number, message.to);
    if message.status >= Status::Delivered {
        return;
    }
    // Dropped without a word.
    if now - message.at > kept {
        return forget(state, serial);
    }
    let Some(someone) = state.people.get(&person) else { return };
    if state.chats.get(&(number, person)).is_some_and(|chat| chat.blocked) {
        if let Some(code) = state.settings.block_code {
            fail(state, serial, code);
        }
        return forget(state, serial);
    }
    // It waits; turning the phone on brings it.
    if !someone.person.online {
        return;
    }
    let wanted = receipts(state, person);
    if !step(state, serial, Status::Delivered, None) {
        return;
    }
    let at_once = wanted.read_ms == Some(0) && wanted.read_swallows_delivered && state.people[&person].person.read_receipts;
    if wanted.delivered_ms.is_some() && !at_once {
        tell(state, serial, Status::Delivered, None);
    }
    match wanted.read_ms {
        Some(0) => read(state, serial),
        Some(ms) => due(state, ms, Event::Read(serial)),
        None => {}
    }
}

/// It will not arrive, also not later.
fn forget(state: &mut State, serial: i64) {
    if let Some(message) = state.messages.get_mut(&serial) {
        message.gone = true;
    }
}

pub(crate) fn read(state: &mut State, serial: i64) {
    let Some(message) = state.messages.get(&serial).filter(|message| message.status == Status::Delivered) else { return };
    let shows = state.people.get(&message.to).is_some_and(|someone| someone.person.read_receipts);
    if step(state, serial, Status::Read, None) && shows {
        tell(state, serial, Status::Read, None);
    }
}

pub(crate) fn fail(state: &mut State, serial: i64, code: u32) {
    if !step(state, serial, Status::Failed, Some(code)) {
        return;
    }
    // Who was not reached does not count.
    if let Some(message) = state.messages.get(&serial)
        && let Some(at) = message.counted
    {
        let (person, portfolio) = (message.to, state.portfolio_of(message.number).to_owned());
        if let Some(portfolio) = state.portfolios.get_mut(&portfolio) {
            portfolio.reached.forget(person, at);
        }
    }
    tell(state, serial, Status::Failed, Some(code));
}

/// The price of a message, as its `sent` tells it. Free-form messages inside a window are free for
/// the first ones of a month and charged as service beyond them.
pub(crate) fn price(state: &mut State, number: i64, category: Option<Category>, in_window: bool, lite: bool) -> Value {
    let now = state.now();
    let charged = state.settings.service_charged;
    let free = state.settings.service_free;
    let (billable, kind, category) = match category {
        None => {
            let month = format!("{}-{:02}", now.year(), now.month());
            let used = state.numbers.get_mut(&number).map_or(0, |number| {
                if number.service.0 != month {
                    number.service = (month, 0);
                }
                number.service.1 += 1;
                number.service.1
            });
            let billable = charged && used > free;
            (billable, if billable { "regular" } else { "free_customer_service" }, "service")
        }
        Some(Category::Utility) if in_window && !charged => (false, "free_customer_service", "utility"),
        Some(Category::Utility) => (true, "regular", "utility"),
        Some(Category::Authentication) => (true, "regular", "authentication"),
        Some(Category::Marketing) => (true, "regular", if lite { "marketing_lite" } else { "marketing" }),
    };
    json!({ "billable": billable, "pricing_model": "PMP", "type": kind, "category": category })
}

/// Whoever a status or a message is about, as `contacts` have it.
pub(crate) fn contact(state: &State, number: i64, person: i64) -> Option<Value> {
    let portfolio = state.portfolio_of(number).to_owned();
    let someone = state.people.get(&person)?;
    let mut profile = json!({ "name": someone.person.name });
    if let Some(username) = &someone.person.username {
        profile["username"] = json!(username);
    }
    let mut contact = json!({ "profile": profile, "user_id": state.user_id(person, &portfolio) });
    if let Some(phone) = state.visible_phone(person, &portfolio) {
        contact["wa_id"] = json!(phone);
    }
    if let Some(parent) = state.parent_id(person, &portfolio) {
        contact["parent_user_id"] = json!(parent);
    }
    Some(contact)
}

/// Tells a status, the way the person's receipts go.
fn tell(state: &mut State, serial: i64, status: Status, code: Option<u32>) {
    let Some(message) = state.messages.get(&serial) else { return };
    let wanted = receipts(state, message.to);
    let chance = |chance: f64| chance > 0.0 && rand::random::<f64>() < chance;
    let way = match () {
        () if chance(wanted.lost) => Way::Never,
        () if chance(wanted.doubled) => Way::Twice,
        () if chance(wanted.reordered) => Way::Early,
        () => Way::Once,
    };
    tell_as(state, serial, status, code, way);
}

fn tell_as(state: &mut State, serial: i64, status: Status, code: Option<u32>, way: Way) {
    let now = state.now();
    let Some(message) = state.messages.get(&serial) else { return };
    let mut told = json!({ "id": message.wamid, "status": status.name(), "timestamp": now.timestamp().to_string() });
    if let Some(wa_id) = &message.wa_id {
        told["recipient_id"] = json!(wa_id);
    }
    if let Some(user_id) = &message.user_id {
        told["recipient_user_id"] = json!(user_id);
    }
    if let Some(opaque) = &message.opaque {
        told["biz_opaque_callback_data"] = json!(opaque);
    }
    let (number, person, waba) = (message.number, message.to, state.numbers.get(&message.number).map(|number| number.waba.clone()));
    let priced = matches!(status, Status::Sent) || (matches!(status, Status::Delivered | Status::Read) && !message.priced);
    if priced {
        told["pricing"] = message.pricing.clone();
    }
    let mut known = contact(state, number, person);
    if let Some(code) = code {
        told["errors"] = json!([GraphError::new(code).in_webhook()]);
        // Nobody is known by a name where there is nobody.
        let mut bare = json!({});
        for (name, from) in [("wa_id", "recipient_id"), ("user_id", "recipient_user_id")] {
            if let Some(id) = told.get(from) {
                bare[name] = id.clone();
            }
        }
        known = state.settings.contacts_on_failed.then(|| known.unwrap_or(bare));
    }
    if let Some(message) = state.messages.get_mut(&serial) {
        message.priced |= matches!(status, Status::Delivered | Status::Read);
    }
    let Some(waba) = waba else { return };
    state.note_as(&waba, "messages", Some(number), Some(person), Body::Status { contact: known, status: told }, way);
}

impl WhatsApp {
    /// Gives a person receipts of their own, or takes them away.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn set_receipts(&self, person: i64, receipts: Option<Receipts>) -> Result<(), ActionError> {
        self.change(|state| {
            state.people.get_mut(&person).ok_or(ActionError::NoUser(person))?.receipts = receipts;
            Ok(())
        })
    }

    /// Tells a status of a message whatever became of it: late, once more, or one that was never
    /// true. `code` is the error of a `failed`.
    ///
    /// # Errors
    /// If there is no such message, or the status is none that is told.
    pub fn tell_status(&self, wamid: &str, status: Status, code: Option<u32>) -> Result<(), ActionError> {
        if matches!(status, Status::Held | Status::Accepted) {
            return Err(ActionError::Invalid(format!("no webhook tells {:?}", status.name())));
        }
        self.change(|state| {
            let serial = *state.by_wamid.get(wamid).ok_or_else(|| ActionError::no_message(wamid))?;
            let code = code.or((status == Status::Failed).then_some(131_000));
            tell_as(state, serial, status, code, Way::Once);
            Ok(())
        })
    }

    /// A message that was accepted fails now: whatever was told before.
    ///
    /// # Errors
    /// If there is no such message of a business.
    pub fn fail_message(&self, wamid: &str, code: u32) -> Result<(), ActionError> {
        self.change(|state| {
            let serial = *state.by_wamid.get(wamid).ok_or_else(|| ActionError::no_message(wamid))?;
            fail(state, serial, code);
            Ok(())
        })
    }
}
