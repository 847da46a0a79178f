//! What a manager should know before a launch and may have overlooked: pure.

use mms_core::campaign::{Campaign, audience::Forecast, night::Night};

use super::lawful;
use crate::{i18n::Tr, t};

/// A line each: what the law says, who would not get it in time, whom it would wake, who got
/// advertising today already, who is new to the people of a channel's month or of its day.
#[must_use]
pub fn lines(tr: Tr, row: &Campaign, forecast: &Forecast) -> Vec<String> {
    let mut lines = lawful::lines(tr, &forecast.law);
    if let (true, Some(end)) = (forecast.too_late > 0, row.ends_at) {
        lines.push(t!(tr, "campaigns-too-late", count = forecast.too_late, time = tr.moment(end)));
    }
    if let Some(night) = &forecast.night {
        let later = row.starts_at == Some(forecast.starts_at);
        lines.push(at_night(tr, night, forecast.planned, later));
    }
    if forecast.again > 0 {
        lines.push(t!(tr, "campaigns-today", count = forecast.again));
    }
    for step in &forecast.steps {
        let Some(people) = step.people.filter(|people| people.new > 0) else { continue };
        let (new, left, most, beyond) = (people.new, people.left(), people.most, people.beyond());
        lines.push(t!(tr, "campaigns-new-people", channel = &step.channel, new = new, left = left, most = most, beyond = beyond));
    }
    for step in &forecast.steps {
        let Some(daily) = step.daily.filter(|daily| daily.new > 0) else { continue };
        let (new, most, now, beyond, days) = (daily.new, daily.most, daily.at_once(), daily.beyond(), daily.days());
        let line = t!(tr, "campaigns-new-today", channel = &step.channel, new = new, most = most, now = now, beyond = beyond, days = days);
        lines.push(line);
    }
    lines
}

/// Whom it would wake; `later`: it does not start at the launch.
fn at_night(tr: Tr, night: &Night, planned: i64, later: bool) -> String {
    let time = night.local.format("%H:%M").to_string();
    match (night.at_start, later, night.people < planned) {
        (false, ..) => t!(tr, "campaigns-night-end", time = time),
        (true, false, false) => t!(tr, "campaigns-night-now", time = time),
        (true, false, true) => t!(tr, "campaigns-night-now-some", time = time, count = night.people),
        (true, true, false) => t!(tr, "campaigns-night-start", time = time),
        (true, true, true) => t!(tr, "campaigns-night-start-some", time = time, count = night.people),
    }
}
