//! Words for what a contact's rows hold: states, reasons, grades, values. Other features show the
//! same rows.

use mms_core::{
    consent::{Grade, suppression::Cause},
    contact::{Address, AddressState, FieldKind, PHONE, card::Found},
    text::phone,
    words::Why,
};
use serde_json::Value;

use crate::{
    i18n::Tr,
    p,
    words::{self, reasons},
};

/// `text` in one line of at most `most` characters.
#[must_use]
pub fn short(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut cut: String = line.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// A contact's name, or words for none.
#[must_use]
pub fn name(tr: Tr, name: &str) -> String {
    if name.trim().is_empty() { p!(tr, "contacts-nameless") } else { short(&words::inert(name), 80) }
}

/// The last digits of a phone in E.164, by which its owner knows it; of anything else, dots.
#[must_use]
pub fn tail(phone: &str) -> String {
    if phone.len() <= 5 || !phone.is_ascii() {
        return "…".to_owned();
    }
    let (before, last) = phone.split_at(phone.len() - 2);
    format!("…{}-{last}", &before[before.len() - 2..])
}

/// A contact of a list, told from others of the same name: «Анна Кузнецова · …45-67 · Казань».
#[must_use]
pub fn found(tr: Tr, found: &Found) -> String {
    let tail = found.phone.as_deref().filter(|phone| phone.len() > 5 && phone.is_ascii()).map(tail);
    let city = found.city.as_deref().map(|city| short(city, 20)).filter(|city| !city.is_empty());
    std::iter::once(short(&name(tr, &found.name), 40)).chain(tail).chain(city).collect::<Vec<_>>().join(" · ")
}

/// An address as people read it; `bot`: the name of the channel a chat belongs to.
#[must_use]
pub fn address(tr: Tr, address: &Address, bot: Option<&str>) -> String {
    match address.kind.as_str() {
        PHONE => phone::display(&address.value),
        kind => match (words::messenger_of(kind), bot) {
            (Some(messenger), Some(bot)) => p!(tr, "contacts-chat-with", messenger = messenger, bot = bot),
            (Some(messenger), None) => p!(tr, "contacts-chat", messenger = messenger),
            (None, _) => address.value.clone(),
        },
    }
}

/// The mark of an address's state.
#[must_use]
pub fn mark(state: AddressState, suppressed: bool) -> &'static str {
    match state {
        _ if suppressed => "⛔",
        AddressState::Unknown => "▫️",
        AddressState::Reachable => "✅",
        AddressState::Unreachable => "✖️",
    }
}

/// An evidence grade in words.
#[must_use]
pub fn grade(tr: Tr, grade: Grade) -> String {
    match grade {
        Grade::A => p!(tr, "contacts-grade-a"),
        Grade::B => p!(tr, "contacts-grade-b"),
        Grade::C => p!(tr, "contacts-grade-c"),
        Grade::D => p!(tr, "contacts-grade-d"),
    }
}

/// Why an address is not written to.
#[must_use]
pub fn suppression(tr: Tr, reason: Cause) -> String {
    match reason {
        Cause::OptOut => p!(tr, "contacts-suppressed-opt-out"),
        Cause::Blocked => p!(tr, "contacts-suppressed-blocked"),
        Cause::Complaint => p!(tr, "contacts-suppressed-complaint"),
        Cause::Manual => p!(tr, "contacts-suppressed-manual"),
    }
}

/// Where a contact came from first.
#[must_use]
pub fn source(tr: Tr, source: &str) -> String {
    match source {
        "crm" => p!(tr, "contacts-source-crm"),
        "import" => p!(tr, "contacts-source-import"),
        "manual" => p!(tr, "contacts-source-manual"),
        other => match words::messenger_of(other) {
            Some(messenger) => p!(tr, "contacts-source-chat", messenger = messenger),
            None => other.to_owned(),
        },
    }
}

/// What a field holds.
#[must_use]
pub fn kind(tr: Tr, kind: FieldKind) -> String {
    match kind {
        FieldKind::Text => p!(tr, "contacts-kind-text"),
        FieldKind::Number => p!(tr, "contacts-kind-number"),
        FieldKind::Date => p!(tr, "contacts-kind-date"),
        FieldKind::Flag => p!(tr, "contacts-kind-flag"),
    }
}

/// A field's value.
#[must_use]
pub fn value(tr: Tr, kind: FieldKind, value: &Value) -> String {
    match (kind, value) {
        (_, Value::Bool(true)) => p!(tr, "contacts-yes"),
        (_, Value::Bool(false)) => p!(tr, "contacts-no"),
        (FieldKind::Number, Value::Number(number)) => {
            number.as_i64().map_or_else(|| tr.decimal(&number.to_string()), |whole| tr.number(whole))
        }
        (FieldKind::Date, Value::String(day)) => match day.parse::<chrono::NaiveDate>() {
            Ok(day) => day.format("%d.%m.%Y").to_string(),
            Err(_) => day.clone(),
        },
        (_, Value::String(text)) => short(text, 60),
        (_, other) => short(&other.to_string(), 60),
    }
}

/// The outcome of a delivery with its reason.
#[must_use]
pub fn outcome(tr: Tr, state: &str, why: Option<&Why>) -> String {
    let state = reasons::state(tr, state);
    match why {
        Some(why) => format!("{state}: {}", reasons::why(tr, why)),
        None => state,
    }
}
