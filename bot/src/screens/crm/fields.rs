//! The screens of what CRM fields become: pure.

use mms_core::{
    account::{Right, Role},
    consent::Purpose,
    contact::{Field, FieldKind, field::suggest_key},
    crm::{
        CrmField, CrmFieldKind,
        connection::{Connection, crm_fields},
    },
    id::ConnectionId,
};

use super::{
    Call,
    cards::short,
    mapping::{MOST_OPTIONS, tag},
};
use crate::{
    i18n::{Html, Tr},
    p,
    screen::{Button, Screen},
    t,
};

/// Fields on a page.
const PAGE: usize = 8;

fn pages(count: usize) -> u32 {
    u32::try_from(count.div_ceil(PAGE)).unwrap_or(1)
}

fn on_page<T>(items: &[T], page: u16) -> &[T] {
    let from = (usize::from(page) * PAGE).min(items.len());
    &items[from..(from + PAGE).min(items.len())]
}

/// A page from a pager's number.
fn place(page: u32) -> u16 {
    u16::try_from(page).unwrap_or(u16::MAX)
}

fn kind(tr: Tr, kind: CrmFieldKind) -> String {
    match kind {
        CrmFieldKind::Text => p!(tr, "crm-kind-text"),
        CrmFieldKind::Number => p!(tr, "crm-kind-number"),
        CrmFieldKind::Date => p!(tr, "crm-kind-date"),
        CrmFieldKind::Flag => p!(tr, "crm-kind-flag"),
    }
}

/// What a consent is for.
fn purpose_name(tr: Tr, purpose: Purpose) -> String {
    match purpose {
        Purpose::PersonalData => p!(tr, "crm-purpose-personal-data"),
        Purpose::Marketing => p!(tr, "crm-purpose-marketing"),
    }
}

fn title<'a>(row: &'a Connection, id: &'a str) -> &'a str {
    crm_fields(row).iter().find(|field| field.id == id).map_or(id, |field| field.title.as_str())
}

/// The CRM's fields and what each becomes.
#[must_use]
pub fn fields_card(tr: Tr, row: &Connection, page: u16, role: Role) -> Screen {
    let connection = row.id;
    let fields = crm_fields(row);
    if fields.is_empty() {
        return Screen::new(t!(tr, "crm-fields-none")).nav(tr, Call::Card { connection });
    }
    let becomes =
        |field: &CrmField| row.settings.fields.iter().find(|mapping| mapping.crm_field == field.id).map(|mapping| mapping.key.clone());
    let mapped = fields.iter().filter(|field| becomes(field).is_some()).count();
    let mut html = t!(tr, "crm-fields", name = &row.name, count = fields.len(), mapped = mapped);
    if !role.may(Right::Own) {
        for field in on_page(fields, page) {
            html.push('\n');
            html.push_str(&match becomes(field) {
                Some(key) => t!(tr, "crm-field-line", title = &field.title, key = key),
                None => t!(tr, "crm-field-line-unused", title = &field.title),
            });
        }
    }
    let screen = on_page(fields, page).iter().filter(|_| role.may(Right::Own)).fold(Screen::new(html), |screen, field| {
        let text = match becomes(field) {
            Some(key) => format!("{} → {}", short(&field.title, 28), short(&key, 28)),
            None => p!(tr, "crm-field-unused", title = short(&field.title, 36)),
        };
        screen.button(text, Call::Field { connection, field: tag(&field.id), page: 0 })
    });
    screen
        .pager(u32::from(page), pages(fields.len()), |page| Call::Fields { connection, page: place(page) })
        .nav(tr, Call::Card { connection })
}

/// One field of the CRM: what shall it become?
#[must_use]
pub fn field_card(tr: Tr, row: &Connection, field: &CrmField, ours: &[Field], page: u16) -> Screen {
    let connection = row.id;
    let code = tag(&field.id);
    let mapped = row.settings.fields.iter().find(|mapping| mapping.crm_field == field.id);
    let now = match mapped {
        Some(mapping) => t!(tr, "crm-field-becomes", key = &mapping.key),
        None => t!(tr, "crm-field-not-used"),
    };
    let html = t!(tr, "crm-field", title = &field.title, kind = kind(tr, field.kind), now = Html(now));
    // Text takes anything; other kinds only their own.
    let wanted = FieldKind::from(field.kind);
    let fit: Vec<&Field> = ours.iter().filter(|known| known.kind == wanted || known.kind == FieldKind::Text).collect();
    let screen = Screen::new(html).button_if(
        mapped.is_none(),
        p!(tr, "crm-field-new", key = suggest_key(&field.title, ours)),
        Call::MapNew { connection, field: code },
    );
    let screen = on_page(&fit, page).iter().fold(screen, |screen, known| {
        let mark = if mapped.is_some_and(|mapping| mapping.key == known.key) { "✓ " } else { "" };
        let text = format!("{mark}{} ({})", short(&known.title, 32), short(&known.key, 24));
        screen.button(text, Call::MapTo { connection, field: code, to: known.id })
    });
    screen
        .pager(u32::from(page), pages(fit.len()), |page| Call::Field { connection, field: code, page: place(page) })
        .button_if(mapped.is_some(), p!(tr, "crm-field-unmap"), Call::Unmap { connection, field: code })
        .nav(tr, Call::Fields { connection, page: 0 })
}

/// Consents and the "do not write" checkbox.
#[must_use]
pub fn consents_card(tr: Tr, row: &Connection, role: Role) -> Screen {
    let connection = row.id;
    let mut html = t!(tr, "crm-consents", name = &row.name);
    let mut screen = Screen::default();
    for purpose in Purpose::ALL {
        html.push_str("\n\n");
        let name = purpose_name(tr, purpose);
        match row.settings.consents.iter().find(|mapping| mapping.purpose == purpose) {
            None => {
                html.push_str(&t!(tr, "crm-consent-none", purpose = &name));
                screen = screen.button(p!(tr, "crm-consent-choose", purpose = &name), Call::ConsentFields { connection, purpose, page: 0 });
            }
            Some(mapping) => {
                let means = if mapping.yes.is_empty() { p!(tr, "crm-consent-ticked") } else { mapping.yes.join(", ") };
                html.push_str(&t!(tr, "crm-consent", purpose = &name, field = title(row, &mapping.crm_field), means = means));
                html.push('\n');
                html.push_str(&match &mapping.at_field {
                    Some(at) => t!(tr, "crm-consent-dated", field = title(row, at)),
                    None => t!(tr, "crm-consent-undated"),
                });
                screen = screen
                    .button(p!(tr, "crm-consent-change", purpose = &name), Call::ConsentFields { connection, purpose, page: 0 })
                    .row([
                        Button::call(p!(tr, "crm-consent-date"), Call::ConsentDates { connection, purpose }),
                        Button::call(p!(tr, "crm-consent-remove"), Call::UnmapConsent { connection, purpose }),
                    ]);
            }
        }
    }
    html.push_str("\n\n");
    html.push_str(&match &row.settings.opt_out_field {
        Some(field) => t!(tr, "crm-opt-out", field = title(row, field)),
        None => t!(tr, "crm-opt-out-none"),
    });
    let screen = screen.button(p!(tr, "crm-opt-out-choose"), Call::OptOuts { connection });
    let keyboard = if role.may(Right::Own) { screen.keyboard } else { Vec::new() };
    Screen { html, keyboard, media: None }.nav(tr, Call::Card { connection })
}

/// Which field says that a contact consents?
#[must_use]
pub fn consent_fields(tr: Tr, row: &Connection, purpose: Purpose, page: u16) -> Screen {
    let connection = row.id;
    let fit: Vec<&CrmField> =
        crm_fields(row).iter().filter(|field| matches!(field.kind, CrmFieldKind::Flag | CrmFieldKind::Text)).collect();
    let html =
        if fit.is_empty() { t!(tr, "crm-consent-no-fields") } else { t!(tr, "crm-consent-fields", purpose = purpose_name(tr, purpose)) };
    on_page(&fit, page)
        .iter()
        .fold(Screen::new(html), |screen, field| {
            screen.button(short(&field.title, 60), Call::ConsentField { connection, purpose, field: tag(&field.id) })
        })
        .pager(u32::from(page), pages(fit.len()), |page| Call::ConsentFields { connection, purpose, page: place(page) })
        .nav(tr, Call::Consents { connection })
}

/// Which values mean yes?
#[must_use]
pub fn consent_values(tr: Tr, connection: ConnectionId, purpose: Purpose, field: &CrmField, mask: u32) -> Screen {
    let code = tag(&field.id);
    let html = t!(tr, "crm-consent-values", field = &field.title, purpose = purpose_name(tr, purpose));
    let screen = field.options.iter().take(MOST_OPTIONS).enumerate().fold(Screen::new(html), |screen, (index, option)| {
        let mark = if mask >> index & 1 == 1 { "☑️" } else { "▫️" };
        let call = Call::ConsentValues { connection, purpose, field: code, mask: mask ^ (1 << index) };
        screen.button(format!("{mark} {}", short(option, 56)), call)
    });
    screen
        .button_if(mask != 0, p!(tr, "crm-consent-save"), Call::SetConsent { connection, purpose, field: code, mask })
        .nav(tr, Call::ConsentFields { connection, purpose, page: 0 })
}

/// Which words mean yes? `again`: what was typed is none.
#[must_use]
pub fn ask_yes(tr: Tr, connection: ConnectionId, purpose: Purpose, field: &CrmField, again: bool) -> Screen {
    let html = if again { t!(tr, "crm-consent-again") } else { t!(tr, "crm-consent-ask-yes", field = &field.title) };
    Screen::new(html).nav(tr, Call::ConsentFields { connection, purpose, page: 0 })
}

/// In which field is the date of the consent?
#[must_use]
pub fn dates(tr: Tr, row: &Connection, purpose: Purpose) -> Screen {
    let connection = row.id;
    let chosen = row.settings.consents.iter().find(|mapping| mapping.purpose == purpose).and_then(|mapping| mapping.at_field.as_deref());
    let fit = crm_fields(row).iter().filter(|field| field.kind == CrmFieldKind::Date).take(MOST_OPTIONS);
    fit.fold(Screen::new(t!(tr, "crm-consent-dates")), |screen, field| {
        let mark = if chosen == Some(field.id.as_str()) { "✓ " } else { "" };
        screen.button(format!("{mark}{}", short(&field.title, 58)), Call::SetDate { connection, purpose, field: tag(&field.id) })
    })
    .button(p!(tr, "crm-consent-no-date"), Call::SetDate { connection, purpose, field: 0 })
    .nav(tr, Call::Consents { connection })
}

/// Which checkbox means "do not write"?
#[must_use]
pub fn opt_outs(tr: Tr, row: &Connection) -> Screen {
    let connection = row.id;
    let chosen = row.settings.opt_out_field.as_deref();
    let fit: Vec<&CrmField> = crm_fields(row).iter().filter(|field| field.kind == CrmFieldKind::Flag).take(MOST_OPTIONS).collect();
    let html = if fit.is_empty() { t!(tr, "crm-opt-out-no-fields") } else { t!(tr, "crm-opt-out-fields") };
    fit.iter()
        .fold(Screen::new(html), |screen, field| {
            let mark = if chosen == Some(field.id.as_str()) { "✓ " } else { "" };
            screen.button(format!("{mark}{}", short(&field.title, 58)), Call::SetOptOut { connection, field: tag(&field.id) })
        })
        .button_if(chosen.is_some(), p!(tr, "crm-opt-out-only-tag"), Call::SetOptOut { connection, field: 0 })
        .nav(tr, Call::Consents { connection })
}

#[cfg(test)]
mod tests;
