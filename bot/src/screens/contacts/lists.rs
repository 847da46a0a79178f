//! The screens of what contacts share: tags, fields, the list of those never written to. Pure.

use mms_core::{
    account::{Right, Role},
    consent::suppression::{Added, Cause, Suppression},
    contact::{Field, FieldKind, PHONE},
    text::phone::{self, PhoneError},
};

use super::{Call, say};
use crate::{
    frame::{
        page::Page,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{segments, twins},
    t, words,
};

/// Fields on a page.
const FIELDS: u32 = 40;

/// The account's tags.
#[must_use]
pub fn tags(tr: Tr, tags: &[(String, i64)]) -> Screen {
    let html = if tags.is_empty() {
        t!(tr, "contacts-tags-none")
    } else {
        let lines: Vec<String> = tags.iter().map(|(tag, count)| t!(tr, "contacts-tags-line", tag = tag, count = *count)).collect();
        t!(tr, "contacts-tags-title", lines = Html(lines.join("\n")))
    };
    Screen::new(html).button(p!(tr, "contacts-segments"), segments::Call::List { page: 0 }).at(Call::Tags).nav(tr, Call::Open)
}

/// The account's fields.
#[must_use]
pub fn fields(tr: Tr, fields: &[Field], page: u32, several_crms: bool, role: Role) -> Screen {
    let html = if fields.is_empty() { t!(tr, "contacts-fields-none") } else { t!(tr, "contacts-fields-title", count = fields.len()) };
    let page = Page::of(fields.len(), FIELDS, page);
    let buttons: Vec<Button> =
        page.rows(fields).iter().map(|field| Button::call(say::short(&field.title, 30), Call::Field { field: field.id })).collect();
    buttons
        .chunks(2)
        .fold(Screen::new(html), |screen, row| screen.row(row.to_vec()))
        .pager(page, |page| Call::Fields { page })
        .button_if(role.may(Right::Edit), p!(tr, "contacts-field-new"), Call::NewField)
        .button_if(several_crms && role.may(Right::Edit), p!(tr, "twins-wins-names"), twins::Call::Field { field: twins::OF_NAMES })
        .nav(tr, Call::Open)
}

/// A field's card; in several CRMs its value may be of any of them.
#[must_use]
pub fn field_card(tr: Tr, field: &Field, several_crms: bool, role: Role) -> Screen {
    Screen::new(t!(tr, "contacts-field-card", title = &field.title, key = &field.key, kind = say::kind(tr, field.kind)))
        .button_if(role.may(Right::Edit), p!(tr, "contacts-field-rename"), Call::Rename { field: field.id })
        .button_if(several_crms && role.may(Right::Edit), p!(tr, "twins-wins-button"), twins::Call::Field { field: field.id })
        .nav(tr, Call::Fields { page: 0 })
}

/// A new field of which kind?
#[must_use]
pub fn kinds(tr: Tr) -> Screen {
    let button = |kind: FieldKind| Button::call(say::kind(tr, kind), Call::NewFieldOf { kind });
    Screen::new(t!(tr, "contacts-field-kinds"))
        .row([button(FieldKind::Text), button(FieldKind::Number)])
        .row([button(FieldKind::Date), button(FieldKind::Flag)])
        .nav(tr, Call::Fields { page: 0 })
}

/// A field's title? `None`: of a new one.
#[must_use]
pub fn ask_field(tr: Tr, field: Option<&Field>) -> Screen {
    match field {
        None => Screen::new(t!(tr, "contacts-ask-field")).nav(tr, Call::NewField),
        Some(field) => Screen::new(t!(tr, "contacts-ask-field-title", title = &field.title)).nav(tr, Call::Field { field: field.id }),
    }
}

/// Not this title.
#[must_use]
pub fn field_again(tr: Tr, field: Option<&Field>, sentence: &str) -> Screen {
    let screen = Screen::new(t!(tr, "contacts-field-again", sentence = sentence));
    match field {
        None => screen.nav(tr, Call::NewField),
        Some(field) => screen.nav(tr, Call::Field { field: field.id }),
    }
}

/// An address as the list shows it.
fn value(one: &Suppression) -> String {
    match one.kind.as_str() {
        PHONE => phone::display(&one.value),
        kind => match words::messenger_of(kind) {
            Some(messenger) => format!("{messenger} {}", one.value),
            None => one.value.clone(),
        },
    }
}

/// Addresses never written to, each with the name of its contact.
#[must_use]
pub fn suppressions(tr: Tr, counts: &[(Cause, i64)], list: &[(Suppression, Option<String>)], page: Page, role: Role) -> Screen {
    let html = if counts.is_empty() {
        t!(tr, "contacts-suppressions-none")
    } else {
        let all: i64 = counts.iter().map(|(_, count)| count).sum();
        let by: Vec<String> = counts
            .iter()
            .map(|(reason, count)| t!(tr, "contacts-suppressions-line", reason = say::suppression(tr, *reason), count = *count))
            .collect();
        let lines: Vec<String> = list
            .iter()
            .map(|(one, name)| {
                let name = name.as_deref().filter(|name| !name.trim().is_empty());
                let address = match (name, words::messenger_of(&one.kind)) {
                    // A chat's number says nothing to a member who reads the name.
                    (Some(name), Some(messenger)) => format!("{} · {messenger}", say::name(tr, name)),
                    (Some(name), None) => format!("{} · {}", say::name(tr, name), value(one)),
                    (None, _) => value(one),
                };
                let reason = say::suppression(tr, one.reason);
                t!(tr, "contacts-suppression", address = say::short(&address, 80), reason = reason, day = tr.day(one.created_at))
            })
            .collect();
        t!(tr, "contacts-suppressions-title", count = all, by = Html(by.join("\n")), lines = Html(lines.join("\n")))
    };
    let lift = role.may(Right::Own);
    list.iter()
        .map(|(one, _)| one)
        .filter(|one| lift && one.reason == Cause::Manual)
        .fold(Screen::new(html), |screen, one| {
            screen.button(
                p!(tr, "contacts-lift", address = say::short(&value(one), 40)),
                Call::AskLift { suppression: one.id, page: page.at },
            )
        })
        .pager(page, |page| Call::Suppressions { page })
        .button_if(role.may(Right::Edit), p!(tr, "contacts-add-phones"), Call::AddPhones)
        .nav(tr, Call::Open)
}

/// Which phones? With what was wrong with those just sent.
#[must_use]
pub fn ask_phones(tr: Tr, wrong: Option<&str>) -> Screen {
    let html = match wrong {
        None => t!(tr, "contacts-ask-phones"),
        Some(sentence) => t!(tr, "contacts-phones-again", sentence = sentence),
    };
    Screen::new(html).nav(tr, Call::Suppressions { page: 0 })
}

/// Lines that are no phones, the first few, each with its reason.
#[must_use]
pub fn refusals(tr: Tr, done: &Added, lines: &str) -> String {
    let shown: Vec<String> = done
        .refused
        .iter()
        .take(5)
        .map(|(number, error)| {
            let line = lines.lines().nth(number - 1).unwrap_or_default();
            p!(tr, "contacts-phone-refused", number = *number, line = say::short(line, 40), reason = phone_error(tr, *error))
        })
        .collect();
    let more = done.refused.len().saturating_sub(shown.len());
    let mut text = shown.join("\n");
    if more > 0 {
        text.push('\n');
        text.push_str(&p!(tr, "contacts-phones-refused-more", count = more));
    }
    text
}

/// Why this is no phone.
#[must_use]
pub fn phone_error(tr: Tr, error: PhoneError) -> String {
    match error {
        PhoneError::Empty => p!(tr, "contacts-phone-empty"),
        PhoneError::Letters => p!(tr, "contacts-phone-letters"),
        PhoneError::Extension => p!(tr, "contacts-phone-extension"),
        PhoneError::Character => p!(tr, "contacts-phone-character"),
        PhoneError::TooShort => p!(tr, "contacts-phone-short"),
        PhoneError::TooLong => p!(tr, "contacts-phone-long"),
        PhoneError::Invalid => p!(tr, "contacts-phone-invalid"),
        PhoneError::Rounded => p!(tr, "contacts-phone-rounded"),
    }
}

/// They are on the list.
#[must_use]
pub fn added(tr: Tr, done: &Added, lines: &str) -> Screen {
    let mut html = t!(tr, "contacts-phones-added", added = done.added, already = done.already);
    if done.left > 0 {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "contacts-phones-left", count = done.left));
    }
    if !done.refused.is_empty() {
        let lines = mms_core::text::escape(&refusals(tr, done, lines));
        html.push_str("\n\n");
        html.push_str(&t!(tr, "contacts-phones-refused", count = done.refused.len(), lines = Html(lines)));
    }
    Screen::new(html).nav(tr, Call::Suppressions { page: 0 })
}

/// Off the list?
#[must_use]
pub fn ask_lift(tr: Tr, one: &Suppression, page: u32) -> Screen {
    Screen::new(t!(tr, "contacts-ask-lift", address = say::short(&value(one), 60)))
        .button(p!(tr, "contacts-lift-now"), Call::Lift { suppression: one.id })
        .nav(tr, Call::Suppressions { page })
}
