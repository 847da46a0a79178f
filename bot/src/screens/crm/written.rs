//! What the CRM was told, or is to be: each note, mark, task and answer, with what became of it.

use mms_core::{
    clock::Moment,
    crm::{CrmChange, connection::Connection, write_back::Written},
    text::escape,
};

use super::Call;
use crate::{
    frame::{fit, screen::Screen},
    i18n::{Html, Tr},
    p,
    screens::contacts::say,
    t, words,
};

/// Lines on the screen.
pub const SHOWN: i64 = 20;
/// Characters of what was written.
const TEXT: usize = 120;
/// Characters of why it was not.
const WHY: usize = 160;

/// The screen.
#[must_use]
pub fn list(tr: Tr, row: &Connection, lines: &[Written], now: Moment) -> Screen {
    let mut parts = vec![t!(tr, "crm-written", crm = words::crm(row.kind), name = &row.name)];
    if lines.is_empty() {
        parts.push(t!(tr, "crm-written-none"));
    }
    parts.extend(lines.iter().map(|one| line(tr, one, now)));
    Screen::new(fit::stacked(&parts)).at(Call::Written { connection: row.id }).nav(tr, Call::Card { connection: row.id })
}

fn line(tr: Tr, one: &Written, now: Moment) -> String {
    let mark = match one.state.as_str() {
        "done" => "✅",
        "failed" => "⚠️",
        _ => "⏳",
    };
    let mut html = t!(
        tr,
        "crm-written-line",
        mark = mark,
        at = tr.when(one.done_at.unwrap_or(one.created_at), now),
        contact = say::short(&say::name(tr, &one.name), 60),
        what = Html(escape(&what(tr, one)))
    );
    if let Some(why) = one.error.as_deref().filter(|_| one.state != "done") {
        html.push('\n');
        html.push_str(&t!(tr, "crm-written-why", why = say::short(why, WHY)));
    }
    html
}

fn what(tr: Tr, one: &Written) -> String {
    // What was forgotten, with the person or by its age, is told by its kind alone.
    match serde_json::from_value::<CrmChange>(one.payload.0.clone()) {
        Ok(CrmChange::Note { text } | CrmChange::Comment { text, .. }) => p!(tr, "crm-written-note", text = say::short(&text, TEXT)),
        Ok(CrmChange::Task { text, .. }) => p!(tr, "crm-written-task", text = say::short(&text, TEXT)),
        Ok(CrmChange::Answer { comes: true, .. }) => p!(tr, "crm-written-comes"),
        Ok(CrmChange::Answer { comes: false, .. }) => p!(tr, "crm-written-comes-not"),
        Ok(CrmChange::OptOut(_)) if one.state == "done" && one.error.is_some() => p!(tr, "crm-written-no-place"),
        Ok(CrmChange::OptOut(true)) => p!(tr, "crm-written-opt-out"),
        Ok(CrmChange::OptOut(false)) => p!(tr, "crm-written-opt-in"),
        Err(_) => p!(tr, "crm-written-kind", kind = one.kind.as_str()),
    }
}
