//! Filters over dates, in the account's zone.

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _,
    format::{Item, StrftimeItems},
};
use liquid_core::{Result, Value};

use super::Call;
use crate::account::Language;

/// Months in the genitive, as dates have them.
const MONTHS: [&str; 12] =
    ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"];

/// `YYYY-MM-DD`, as contact attributes keep dates.
pub(crate) fn iso_day(text: &str) -> Option<NaiveDate> {
    (text.len() == 10 && text.is_ascii()).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// A moment in the account's zone: a date, a date and a time, `DD.MM.YYYY`, or `now` / `today`.
fn read(call: &Call<'_>) -> Result<NaiveDateTime> {
    let zone = call.meter.zone();
    let text = call.text();
    let text = text.trim();
    let found = match text {
        "now" | "today" => Some(call.meter.now().with_timezone(&zone).naive_local()),
        _ if text.len() > 40 => None,
        _ => iso_day(text)
            .or_else(|| NaiveDate::parse_from_str(text, "%d.%m.%Y").ok())
            .map(|day| day.and_time(NaiveTime::MIN))
            .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|at| zone.from_utc_datetime(&at.naive_utc()).naive_local()))
            .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok())
            .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").ok()),
    };
    found.filter(|at| (1..=9999).contains(&at.year())).map_or_else(|| call.unfit(), Ok)
}

/// Months and days of the week as they are shortened.
const SHORT_MONTHS: [&str; 12] = ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"];
const DAYS: [&str; 7] = ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"];
const SHORT_DAYS: [&str; 7] = ["пн", "вт", "ср", "чт", "пт", "сб", "вс"];

/// The pattern with names of months and days in Russian, months in the genitive.
fn in_russian(pattern: &str, at: NaiveDateTime) -> String {
    let (month, day) = (at.month0() as usize, at.weekday().num_days_from_monday() as usize);
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('B') => out.push_str(MONTHS[month]),
            Some('b' | 'h') => out.push_str(SHORT_MONTHS[month]),
            Some('A') => out.push_str(DAYS[day]),
            Some('a') => out.push_str(SHORT_DAYS[day]),
            next => out.extend(std::iter::once('%').chain(next)),
        }
    }
    out
}

/// By a pattern (`%d.%m.%Y`); names of months and days are the account's language's.
pub(super) fn date(call: &Call<'_>) -> Result<Value> {
    let at = read(call)?;
    let pattern = call.arg(0).unwrap_or_default();
    // `d.m.Y`, as other languages have it, would go out as it stands.
    if !pattern.contains('%') {
        return call.unfit_of(format!("date: {pattern}"));
    }
    let pattern = if call.meter.language() == Language::Ru { in_russian(&pattern, at) } else { pattern };
    // Every item makes forty bytes at most, and the shortest is two bytes long.
    call.meter.fits(pattern.len() * 20)?;
    let items: Vec<Item<'_>> = StrftimeItems::new(&pattern).collect();
    let aware = at.and_utc();
    if items.iter().any(|item| matches!(item, Item::Error)) {
        return call.unfit_of(format!("date: {pattern}"));
    }
    call.made(aware.format_with_items(items.into_iter()).to_string())
}

/// `23 ноября 2026`; with `"short"` without the year.
pub(super) fn date_ru(call: &Call<'_>) -> Result<Value> {
    let at = read(call)?;
    let day = format!("{}\u{a0}{}", at.day(), MONTHS[at.month0() as usize]);
    match call.arg(0).as_deref() {
        Some("short") => call.made(day),
        _ => call.made(format!("{day} {}", at.year())),
    }
}
