//! Visits, orders and deals on a contact's card, as the CRM tells them.

use mms_core::{
    clock::Moment,
    contact::occasion::{Occasion, OccasionKind, OccasionState},
};

use super::say;
use crate::{i18n::Tr, p, t};

/// One in a line: when, what, with whom, where it stands.
pub fn line(tr: Tr, one: &Occasion, now: Moment) -> String {
    let what = if one.title.is_empty() { kind(tr, one.kind) } else { one.title.clone() };
    let mut about = vec![say::short(&what, 60)];
    if !one.staff.is_empty() {
        about.push(say::short(&one.staff, 30));
    }
    if let Some(amount) = one.amount {
        about.push(money(tr, amount));
    }
    let stands = if one.stage.is_empty() { state(tr, one.state) } else { say::short(&one.stage, 40) };
    let mark = match one.state {
        OccasionState::Open => "🗓",
        OccasionState::Confirmed => "👍",
        OccasionState::Done => "✅",
        OccasionState::Missed => "🚷",
        OccasionState::Cancelled => "✖️",
    };
    // Of a visit the hour matters.
    let at = if one.kind == OccasionKind::Visit { tr.when(one.at, now) } else { tr.short_day(one.at, now) };
    t!(tr, "contacts-line-occasion", mark = mark, at = at, about = about.join(" · "), stands = stands)
}

/// Hundredths in units: `2 500`, `750,50`.
fn money(tr: Tr, amount: i64) -> String {
    if amount % 100 == 0 {
        tr.number(amount / 100)
    } else {
        tr.decimal(&format!("{}{}.{:02}", if amount < 0 { "-" } else { "" }, amount.abs() / 100, amount.abs() % 100))
    }
}

fn kind(tr: Tr, kind: OccasionKind) -> String {
    match kind {
        OccasionKind::Visit => p!(tr, "contacts-occasion-visit"),
        OccasionKind::Order => p!(tr, "contacts-occasion-order"),
        OccasionKind::Deal => p!(tr, "contacts-occasion-deal"),
        OccasionKind::Payment => p!(tr, "contacts-occasion-payment"),
        OccasionKind::Birthday => p!(tr, "contacts-occasion-birthday"),
    }
}

fn state(tr: Tr, state: OccasionState) -> String {
    match state {
        OccasionState::Open => p!(tr, "contacts-occasion-open"),
        OccasionState::Confirmed => p!(tr, "contacts-occasion-confirmed"),
        OccasionState::Done => p!(tr, "contacts-occasion-done"),
        OccasionState::Missed => p!(tr, "contacts-occasion-missed"),
        OccasionState::Cancelled => p!(tr, "contacts-occasion-cancelled"),
    }
}
