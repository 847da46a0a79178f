//! A CRM that gives all its rows at once: what its columns are, how often it is read, who would
//! come of it, and what of it cannot be used. Screens are pure.

use mms_core::{
    consent::{Action, Purpose},
    contact::Field,
    crm::{
        connection::{Connection, EVERY, every},
        mapping::Part,
        registry,
        rows::{Lines, RowsRead},
        unusable::Unusable,
    },
    inbound::crm::{Counted, Person, Preview},
};

use super::{Call, cards::short, consents::purpose_name};
use crate::{
    frame::{fit, screen::Screen},
    i18n::{Html, Tr},
    p,
    screens::contacts::say,
    t, words,
};

/// Fields of a person on the screen.
const FIELDS: usize = 12;

/// Why what a CRM gave is not used, and what to do.
#[must_use]
pub fn unusable(tr: Tr, what: &Unusable) -> String {
    let (named, names) = (if what.names.is_empty() { "no" } else { "yes" }, what.names.join(", "));
    p!(tr, "crm-unusable", why = what.why.as_str(), before = what.before, now = what.now, named = named, names = names)
}

/// What a column is of a person.
#[must_use]
pub fn part(tr: Tr, part: Part) -> String {
    p!(tr, "crm-part", part = part.as_str())
}

/// The parts that a column is, for its line.
pub(super) fn parts(tr: Tr, row: &Connection, crm_field: &str) -> Option<String> {
    let parts: Vec<String> = row.settings.parts_of(crm_field).map(|one| part(tr, one)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Lines of a file: how many, and the first of them.
fn lines(tr: Tr, key: &'static str, lines: &Lines) -> Option<String> {
    if lines.count == 0 {
        return None;
    }
    let first: Vec<String> = lines.first.iter().map(usize::to_string).collect();
    let more = lines.count > lines.first.len() as u64;
    let first = format!("{}{}", first.join(", "), if more { "…" } else { "" });
    Some(t!(tr, "crm-rows-line", what = key, count = lines.count, lines = first))
}

/// What was found in the rows.
pub(super) fn rows(tr: Tr, read: &RowsRead) -> Vec<String> {
    let told = [("unkeyed", &read.unkeyed), ("doubled", &read.doubled), ("unread", &read.unread)];
    told.into_iter().filter_map(|(what, some)| lines(tr, what, some)).collect()
}

/// How often it is read, in words.
fn often(tr: Tr, minutes: u32) -> String {
    p!(tr, "crm-often", minutes = minutes)
}

/// How often a connection is read; `None`: as this server reads all of them.
pub(super) fn reads(tr: Tr, row: &Connection) -> Option<String> {
    registry::capabilities(row.kind).whole.then(|| {
        let minutes = every(row, chrono::TimeDelta::zero()).num_minutes();
        often(tr, u32::try_from(minutes).unwrap_or(u32::MAX))
    })
}

/// How often shall it be read?
#[must_use]
pub fn ask_every(tr: Tr, row: &Connection) -> Screen {
    let connection = row.id;
    let now = every(row, chrono::TimeDelta::zero()).num_minutes();
    let screen = Screen::new(t!(tr, "crm-every-ask", name = &row.name)).at(Call::Every { connection });
    EVERY
        .iter()
        .fold(screen, |screen, minutes| {
            let mark = if i64::from(*minutes) == now { "✓ " } else { "" };
            screen.button(format!("{mark}{}", often(tr, *minutes)), Call::SetEvery { connection, minutes: *minutes })
        })
        .nav(tr, Call::Card { connection })
}

/// What may a column be of a person? The buttons of its screen.
pub(super) fn part_buttons(tr: Tr, row: &Connection, crm_field: &str, field: u32, screen: Screen) -> Screen {
    let connection = row.id;
    let begun = row.sync_cursor.full_at.is_some();
    let is: Vec<Part> = row.settings.parts_of(crm_field).collect();
    // A key stays where it is once anything was loaded, and is never taken away.
    let may = |one: Part| one != Part::Key || !begun && !is.contains(&one);
    Part::ALL.iter().copied().filter(|one| may(*one)).fold(screen, |screen, one| {
        let on = !is.contains(&one);
        let mark = if on { "" } else { "✓ " };
        screen.button(format!("{mark}{}", part(tr, one)), Call::Part { connection, field, part: one, on })
    })
}

fn person(tr: Tr, person: &Person, ours: &[Field]) -> String {
    let mut lines = vec![t!(tr, "crm-preview-person", name = say::name(tr, &person.name))];
    lines.push(match person.phones.first() {
        None => t!(tr, "crm-preview-no-phone"),
        Some(_) => {
            let phones: Vec<String> = person.phones.iter().map(|phone| say::tail(phone)).collect();
            t!(tr, "crm-preview-phones", phones = phones.join(", "))
        }
    });
    let title = |key: &str| ours.iter().find(|field| field.key == key).map_or(key.to_owned(), |field| field.title.clone());
    for (key, value) in person.attributes.iter().filter(|(_, value)| !value.is_null()).take(FIELDS) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        lines.push(t!(tr, "crm-preview-field", title = short(&title(key), 40), value = say::short(&words::inert(&value), 60)));
    }
    if !person.tags.is_empty() {
        lines.push(t!(tr, "crm-preview-tags", tags = say::short(&words::inert(&person.tags.join(", ")), 80)));
    }
    if person.opted_out {
        lines.push(t!(tr, "crm-preview-stopped"));
    }
    for purpose in Purpose::ALL {
        let stated = person.consents.iter().find(|stated| stated.purpose == purpose);
        let granted = stated.filter(|stated| stated.action == Action::Granted && !person.opted_out);
        lines.push(match granted {
            Some(stated) => t!(tr, "crm-preview-consent", purpose = purpose_name(tr, purpose), grade = format!("{:?}", stated.grade)),
            None => t!(tr, "crm-preview-no-consent", purpose = purpose_name(tr, purpose)),
        });
    }
    lines.join("\n")
}

fn counted(tr: Tr, counted: &Counted) -> String {
    let mut lines = vec![t!(tr, "crm-preview-counted", people = counted.people)];
    if counted.without_phone > 0 {
        lines.push(t!(tr, "crm-without-phone", count = counted.without_phone));
    }
    if counted.bad_phones > 0 {
        lines.push(t!(tr, "crm-bad-phones", count = counted.bad_phones));
    }
    if counted.opted_out > 0 {
        lines.push(t!(tr, "crm-opted-out", count = counted.opted_out));
    }
    for (purpose, count) in &counted.consents {
        lines.push(t!(tr, "crm-preview-consents", purpose = purpose_name(tr, *purpose), count = *count));
    }
    lines.join("\n")
}

/// Three people as they would be.
#[must_use]
pub fn preview(tr: Tr, of: &Preview, ours: &[Field], begin: bool) -> Screen {
    let connection = of.connection.id;
    let mut parts = vec![t!(tr, "crm-preview", name = &of.connection.name)];
    if of.people.is_empty() {
        parts.push(t!(tr, "crm-preview-nobody"));
    }
    parts.extend(of.people.iter().map(|one| person(tr, one, ours)));
    let mut numbers: Vec<String> = of.counted.iter().map(|all| counted(tr, all)).collect();
    numbers.extend(of.rows.iter().flat_map(|read| rows(tr, read)));
    if !numbers.is_empty() {
        parts.push(numbers.join("\n"));
    }
    Screen::new(fit::stacked(&parts))
        .at(Call::Preview { connection })
        .button_if(begin, p!(tr, "crm-begin"), Call::Resume { connection })
        .nav(tr, Call::Card { connection })
}

/// What of a card tells that the last table is not used.
pub(super) fn refused(tr: Tr, what: &Unusable, until: String) -> String {
    t!(tr, "crm-state-unusable", sentence = Html(mms_core::text::escape(&unusable(tr, what))), until = until)
}

#[cfg(test)]
mod tests;
