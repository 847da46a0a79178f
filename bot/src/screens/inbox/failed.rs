//! Events that could not be handled: when, from where, and why not. Nothing of what they say is
//! shown.

use mms_core::{
    account::{Right, Role},
    clock::Moment,
    inbound::failed::Failed,
};

use super::Call;
use crate::{
    frame::{
        page::Page,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::contacts::say,
    t,
};

/// The events, newest first.
#[must_use]
pub fn failed(tr: Tr, count: i64, found: &[Failed], page: Page, role: Role, now: Moment) -> Screen {
    if found.is_empty() {
        return Screen::new(t!(tr, "inbox-failed-none")).nav(tr, Call::List { page: 0 });
    }
    let mut parts = vec![t!(tr, "inbox-failed-title", count = count)];
    let lines = found.iter().map(|one| {
        let why = if one.unreadable() { p!(tr, "inbox-failed-unreadable") } else { p!(tr, "inbox-failed-broken", count = one.attempt) };
        t!(tr, "inbox-failed-line", at = tr.when(one.received_at, now), source = say::short(&one.source, 40), why = why)
    });
    parts.push(lines.collect::<Vec<_>>().join("\n"));
    // What came after this page was drawn nobody has looked after.
    let newest = found.first().map(|one| one.id.0).filter(|_| page.at == 0 && role.may(Right::Own));
    Screen::new(parts.join("\n\n"))
        .button(p!(tr, "inbox-failed-again"), Call::ReadAgain)
        .row(newest.map(|last| Button::call(p!(tr, "inbox-failed-looked"), Call::LookedAfter { last })))
        .pager(page, |page| Call::Failed { page })
        .nav(tr, Call::List { page: 0 })
}
