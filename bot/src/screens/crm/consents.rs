//! The screens of what in the CRM says that people consent, or must not be written to: pure.

use mms_core::{
    account::{Right, Role},
    consent::Purpose,
    crm::{
        CrmField, CrmFieldKind,
        connection::{Connection, crm_fields},
        mapping::ConsentMapping,
        registry,
    },
    id::ConnectionId,
    stamp::Stamp,
};

use super::{
    Call,
    cards::short,
    fields::{of, place},
    mapping::{MOST_OPTIONS, tag},
};
use crate::{
    frame::screen::{Button, Screen},
    i18n::{Html, Tr},
    p, t, words,
};

/// What a consent is for.
pub(super) fn purpose_name(tr: Tr, purpose: Purpose) -> String {
    match purpose {
        Purpose::PersonalData => p!(tr, "crm-purpose-personal-data"),
        Purpose::Marketing => p!(tr, "crm-purpose-marketing"),
    }
}

fn title<'a>(row: &'a Connection, id: &'a str) -> &'a str {
    crm_fields(row).iter().find(|field| field.id == id).map_or(id, |field| field.title.as_str())
}

fn mapped(row: &Connection, purpose: Purpose) -> Option<&ConsentMapping> {
    row.settings.consents.iter().find(|mapping| mapping.purpose == purpose)
}

/// What of the evidence the CRM does not hold, a word for the texts; `None`: nothing, the consents
/// are of grade C.
fn missing(mapping: &ConsentMapping) -> Option<&'static str> {
    match (&mapping.at_field, &mapping.author_field) {
        (Some(_), Some(_)) => None,
        (None, Some(_)) => Some("time"),
        (Some(_), None) => Some("author"),
        (None, None) => Some("both"),
    }
}

fn mark(tr: Tr, row: &Connection, mapping: &ConsentMapping) -> String {
    let means = if mapping.yes.is_empty() { p!(tr, "crm-consent-ticked") } else { short(&mapping.yes.join(", "), 200) };
    t!(tr, "crm-consent-mark", field = title(row, &mapping.crm_field), means = means)
}

/// Consents and the "do not write" checkbox.
#[must_use]
pub fn consents_card(tr: Tr, row: &Connection, role: Role) -> Screen {
    let connection = row.id;
    let mut html = t!(tr, "crm-consents", name = &row.name);
    let mut screen = Screen::default();
    for purpose in Purpose::ALL {
        let name = purpose_name(tr, purpose);
        html.push_str("\n\n");
        screen = match mapped(row, purpose) {
            None => {
                html.push_str(&t!(tr, "crm-consent-none", purpose = &name));
                screen.button(p!(tr, "crm-consent-choose", purpose = &name), Call::ConsentFields { connection, purpose, page: 0 })
            }
            Some(mapping) => {
                html.push_str(&t!(tr, "crm-consent", purpose = &name, mark = Html(mark(tr, row, mapping))));
                html.push('\n');
                html.push_str(&match missing(mapping) {
                    None => t!(tr, "crm-consent-c"),
                    Some(what) => t!(tr, "crm-consent-d", missing = what),
                });
                screen.button(p!(tr, "crm-consent-change", purpose = &name), Call::Consent { connection, purpose })
            }
        };
    }
    html.push_str("\n\n");
    let told = registry::capabilities(row.kind).takes_writes();
    html.push_str(&match &row.settings.opt_out_field {
        Some(field) if told => t!(tr, "crm-opt-out", field = title(row, field)),
        None if told => t!(tr, "crm-opt-out-none"),
        Some(field) => t!(tr, "crm-opt-out-read", field = title(row, field)),
        None => t!(tr, "crm-opt-out-unread"),
    });
    let screen = screen.button(p!(tr, "crm-opt-out-choose"), Call::OptOuts { connection, page: 0 });
    let keyboard = if role.may(Right::Own) { screen.keyboard } else { Vec::new() };
    Screen { html, keyboard, ..Screen::default() }.nav(tr, Call::Card { connection })
}

/// One consent: its mark, its time, its author, and what grade comes of them.
#[must_use]
pub fn consent_card(tr: Tr, row: &Connection, mapping: &ConsentMapping) -> Screen {
    let (connection, purpose) = (row.id, mapping.purpose);
    let field = |id: &Option<String>| match id {
        Some(id) => t!(tr, "crm-consent-field", field = title(row, id)),
        None => t!(tr, "crm-consent-no-field"),
    };
    let grade = match missing(mapping) {
        None => t!(tr, "crm-consent-grade-c"),
        Some(what) => {
            let mut grade = t!(tr, "crm-consent-grade-d", missing = what);
            if purpose == Purpose::Marketing {
                grade.push(' ');
                grade.push_str(&t!(tr, "crm-consent-grade-d-marketing"));
            }
            grade
        }
    };
    let html = t!(
        tr,
        "crm-consent-card",
        purpose = purpose_name(tr, purpose),
        mark = Html(mark(tr, row, mapping)),
        at = Html(field(&mapping.at_field)),
        author = Html(field(&mapping.author_field)),
        grade = Html(grade)
    );
    Screen::new(html)
        .button(p!(tr, "crm-consent-mark-choose"), Call::ConsentFields { connection, purpose, page: 0 })
        .row([
            Button::call(p!(tr, "crm-consent-date"), Call::ConsentDates { connection, purpose, page: 0 }),
            Button::call(p!(tr, "crm-consent-author"), Call::ConsentAuthors { connection, purpose, page: 0 }),
        ])
        .button(p!(tr, "crm-consent-remove"), Call::UnmapConsent { connection, purpose })
        .nav(tr, Call::Consents { connection })
}

/// A page of the fields that fit, the chosen one marked.
fn choice(
    screen: Screen,
    fit: &[&CrmField],
    page: u16,
    chosen: Option<&str>,
    set: impl Fn(u32) -> Call,
    turn: impl Fn(u16) -> Call,
) -> Screen {
    let page = of(fit.len(), page);
    page.rows(fit)
        .iter()
        .fold(screen, |screen, field| {
            let mark = if chosen == Some(field.id.as_str()) { "✓ " } else { "" };
            screen.button(format!("{mark}{}", short(&field.title, 58)), set(tag(&field.id)))
        })
        .pager(page, |page| turn(place(page)))
}

fn of_kinds<'a>(row: &'a Connection, kinds: &[CrmFieldKind]) -> Vec<&'a CrmField> {
    crm_fields(row).iter().filter(|field| kinds.contains(&field.kind)).collect()
}

/// Which field says that a contact consents?
#[must_use]
pub fn consent_fields(tr: Tr, row: &Connection, purpose: Purpose, page: u16) -> Screen {
    let connection = row.id;
    let fit = of_kinds(row, &[CrmFieldKind::Flag, CrmFieldKind::Text]);
    let html = if fit.is_empty() {
        t!(tr, "crm-consent-no-fields", kind = row.kind.as_str(), crm = words::crm(row.kind))
    } else {
        t!(tr, "crm-consent-fields", purpose = purpose_name(tr, purpose))
    };
    let before = mapped(row, purpose);
    let back = before.map_or(Call::Consents { connection }, |_| Call::Consent { connection, purpose });
    choice(
        Screen::new(html),
        &fit,
        page,
        before.map(|mapping| mapping.crm_field.as_str()),
        |field| Call::ConsentField { connection, purpose, field },
        |page| Call::ConsentFields { connection, purpose, page },
    )
    .nav(tr, back)
}

/// The stamp of a field's values: the marks of the buttons are by their places.
pub fn values_stamp(field: &CrmField) -> Stamp {
    Stamp::of(&field.options)
}

/// Which values mean yes?
#[must_use]
pub fn consent_values(tr: Tr, connection: ConnectionId, purpose: Purpose, field: &CrmField, mask: u32) -> Screen {
    let (code, stamp) = (tag(&field.id), values_stamp(field));
    let html = t!(tr, "crm-consent-values", field = &field.title, purpose = purpose_name(tr, purpose));
    let screen = field.options.iter().take(MOST_OPTIONS).enumerate().fold(Screen::new(html), |screen, (index, option)| {
        let mark = if mask >> index & 1 == 1 { "☑️" } else { "▫️" };
        let call = Call::ConsentValues { connection, purpose, field: code, mask: mask ^ (1 << index), stamp };
        screen.button(format!("{mark} {}", short(option, 56)), call)
    });
    screen
        .button_if(mask != 0, p!(tr, "crm-consent-save"), Call::SetConsent { connection, purpose, field: code, mask, stamp })
        .nav(tr, Call::ConsentFields { connection, purpose, page: 0 })
}

/// Which words mean yes? `again`: what was typed is none.
#[must_use]
pub fn ask_yes(tr: Tr, connection: ConnectionId, purpose: Purpose, field: &CrmField, again: bool) -> Screen {
    let html = if again { t!(tr, "crm-consent-again") } else { t!(tr, "crm-consent-ask-yes", field = &field.title) };
    Screen::new(html).nav(tr, Call::ConsentFields { connection, purpose, page: 0 })
}

/// In which field is the time of the consent?
#[must_use]
pub fn dates(tr: Tr, row: &Connection, mapping: &ConsentMapping, page: u16) -> Screen {
    let (connection, purpose) = (row.id, mapping.purpose);
    let fit = of_kinds(row, &[CrmFieldKind::Date]);
    let html = if fit.is_empty() {
        t!(tr, "crm-consent-dates-none", kind = row.kind.as_str(), crm = words::crm(row.kind))
    } else {
        t!(tr, "crm-consent-dates")
    };
    let chosen = mapping.at_field.as_deref();
    choice(
        Screen::new(html),
        &fit,
        page,
        chosen,
        |field| Call::SetDate { connection, purpose, field },
        |page| Call::ConsentDates { connection, purpose, page },
    )
    .button_if(chosen.is_some(), p!(tr, "crm-consent-none-such"), Call::SetDate { connection, purpose, field: 0 })
    .nav(tr, Call::Consent { connection, purpose })
}

/// In which field is the author of the consent?
#[must_use]
pub fn authors(tr: Tr, row: &Connection, mapping: &ConsentMapping, page: u16) -> Screen {
    let (connection, purpose) = (row.id, mapping.purpose);
    let mut fit = of_kinds(row, &[CrmFieldKind::Text, CrmFieldKind::Number]);
    fit.retain(|field| field.id != mapping.crm_field);
    let html = if fit.is_empty() {
        t!(tr, "crm-consent-authors-none", kind = row.kind.as_str(), crm = words::crm(row.kind))
    } else {
        t!(tr, "crm-consent-authors")
    };
    let chosen = mapping.author_field.as_deref();
    choice(
        Screen::new(html),
        &fit,
        page,
        chosen,
        |field| Call::SetAuthor { connection, purpose, field },
        |page| Call::ConsentAuthors { connection, purpose, page },
    )
    .button_if(chosen.is_some(), p!(tr, "crm-consent-none-such"), Call::SetAuthor { connection, purpose, field: 0 })
    .nav(tr, Call::Consent { connection, purpose })
}

/// Which checkbox means "do not write"?
#[must_use]
pub fn opt_outs(tr: Tr, row: &Connection, page: u16) -> Screen {
    let connection = row.id;
    let fit = of_kinds(row, &[CrmFieldKind::Flag]);
    let html = if fit.is_empty() {
        t!(tr, "crm-opt-out-no-fields", kind = row.kind.as_str(), crm = words::crm(row.kind))
    } else {
        t!(tr, "crm-opt-out-fields", kind = row.kind.as_str())
    };
    let chosen = row.settings.opt_out_field.as_deref();
    choice(Screen::new(html), &fit, page, chosen, |field| Call::SetOptOut { connection, field }, |page| Call::OptOuts { connection, page })
        .button_if(chosen.is_some(), p!(tr, "crm-opt-out-only-tag", kind = row.kind.as_str()), Call::SetOptOut { connection, field: 0 })
        .nav(tr, Call::Consents { connection })
}

#[cfg(test)]
mod tests;
