//! The screens of what CRM fields become: pure.

use mms_core::{
    account::{Right, Role},
    contact::{Field, FieldKind},
    crm::{
        CrmField, CrmFieldKind,
        connection::{Connection, crm_fields},
        registry,
    },
};

use super::{Call, cards::short, mapping::tag, rows};
use crate::{
    frame::{page::Page, screen::Screen},
    i18n::{Html, Tr},
    p, t, words,
};

/// Fields on a page.
const PAGE: u32 = 8;

/// A page of so many fields.
pub(super) fn of(count: usize, page: u16) -> Page {
    Page::of(count, PAGE, page.into())
}

/// A page from a pager's number.
pub(super) fn place(page: u32) -> u16 {
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

/// What a contact's field is called; one that is gone keeps its key.
fn title<'a>(ours: &'a [Field], key: &'a str) -> &'a str {
    ours.iter().find(|field| field.key == key).map_or(key, |field| &field.title)
}

/// The CRM's fields and what each becomes of the contact's.
#[must_use]
pub fn fields_card(tr: Tr, row: &Connection, ours: &[Field], page: u16, role: Role) -> Screen {
    let connection = row.id;
    let fields = crm_fields(row);
    if fields.is_empty() {
        return Screen::new(t!(tr, "crm-fields-none", crm = words::crm(row.kind))).nav(tr, Call::Card { connection });
    }
    let becomes = |field: &CrmField| {
        let to =
            row.settings.fields.iter().find(|mapping| mapping.crm_field == field.id).map(|mapping| title(ours, &mapping.key).to_owned());
        match (rows::parts(tr, row, &field.id), to) {
            (Some(parts), Some(to)) => Some(format!("{parts}, {to}")),
            (parts, to) => parts.or(to),
        }
    };
    let mapped = fields.iter().filter(|field| becomes(field).is_some()).count();
    let page = of(fields.len(), page);
    let mut html = t!(tr, "crm-fields", name = &row.name, count = fields.len(), mapped = mapped);
    if !role.may(Right::Own) {
        for field in page.rows(fields) {
            html.push('\n');
            html.push_str(&match becomes(field) {
                Some(to) => t!(tr, "crm-field-line", title = &field.title, to = to),
                None => t!(tr, "crm-field-line-unused", title = &field.title),
            });
        }
    }
    let screen = page.rows(fields).iter().filter(|_| role.may(Right::Own)).fold(Screen::new(html), |screen, field| {
        let text = match becomes(field) {
            Some(to) => format!("{} → {}", short(&field.title, 28), short(&to, 28)),
            None => p!(tr, "crm-field-unused", title = short(&field.title, 36)),
        };
        screen.button(text, Call::Field { connection, field: tag(&field.id), page: 0 })
    });
    screen.pager(page, |page| Call::Fields { connection, page: place(page) }).nav(tr, Call::Card { connection })
}

/// One field of the CRM: what shall it become?
#[must_use]
pub fn field_card(tr: Tr, row: &Connection, field: &CrmField, ours: &[Field], page: u16) -> Screen {
    let connection = row.id;
    let code = tag(&field.id);
    let mapped = row.settings.fields.iter().find(|mapping| mapping.crm_field == field.id);
    let now = match mapped {
        Some(mapping) => t!(tr, "crm-field-becomes", to = title(ours, &mapping.key)),
        None => match rows::parts(tr, row, &field.id) {
            Some(parts) => t!(tr, "crm-field-is", parts = parts),
            None => t!(tr, "crm-field-not-used"),
        },
    };
    let html = t!(tr, "crm-field", title = &field.title, kind = kind(tr, field.kind), now = Html(now));
    // Text takes anything; other kinds only their own.
    let wanted = FieldKind::from(field.kind);
    let fit: Vec<&Field> = ours.iter().filter(|known| known.kind == wanted || known.kind == FieldKind::Text).collect();
    let whole = registry::capabilities(row.kind).whole && page == 0;
    let screen = Screen::new(html);
    let screen = if whole { rows::part_buttons(tr, row, &field.id, code, screen) } else { screen };
    let screen = screen.button_if(
        mapped.is_none(),
        p!(tr, "crm-field-new", title = short(&field.title, 40)),
        Call::MapNew { connection, field: code },
    );
    let page = of(fit.len(), page);
    let screen = page.rows(&fit).iter().fold(screen, |screen, known| {
        let mark = if mapped.is_some_and(|mapping| mapping.key == known.key) { "✓ " } else { "" };
        screen.button(format!("{mark}{}", short(&known.title, 50)), Call::MapTo { connection, field: code, to: known.id })
    });
    screen
        .pager(page, |page| Call::Field { connection, field: code, page: place(page) })
        .button_if(mapped.is_some(), p!(tr, "crm-field-unmap"), Call::Unmap { connection, field: code })
        .nav(tr, Call::Fields { connection, page: 0 })
}

#[cfg(test)]
pub(super) mod tests;
