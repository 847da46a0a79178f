//! Days that are said by less than their date.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Weekday};

use super::{spans::Unit, when::Slash};

/// A date without a year that lies at most this number of days back is a mistake, not a date of
/// next year.
const PAST_DAYS: i64 = 180;

/// Which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// So many days after today.
    Offset(u64),
    Date(NaiveDate),
    /// One of two.
    Either(NaiveDate, NaiveDate),
}

/// A day of the calendar.
pub fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// A day of a year that was not said.
pub fn upcoming(day: u32, month: u32, today: NaiveDate) -> Option<NaiveDate> {
    let of = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
    match of(today.year()) {
        Some(this) if (today - this).num_days() > PAST_DAYS => of(today.year() + 1),
        Some(this) => Some(this),
        // 29 February.
        None => (1..=8).find_map(|years| of(today.year() + years)),
    }
}

/// The next day with this number in a month.
pub fn next_of_month(day: u32, today: NaiveDate) -> Option<NaiveDate> {
    let first = today.with_day(1)?;
    (0..4).filter_map(|months| first.checked_add_months(Months::new(months))?.with_day(day)).find(|date| *date >= today)
}

/// `1/12`
pub fn slashed(first: u32, second: u32, slash: Slash, date: impl Fn(u32, u32) -> Option<NaiveDate>) -> Option<Day> {
    match (date(first, second), date(second, first)) {
        (Some(day), Some(other)) if slash == Slash::Either && day != other => Some(Day::Either(day, other)),
        (Some(day), _) => Some(Day::Date(day)),
        // `12/25` can only be the month first.
        (None, Some(other)) => Some(Day::Date(other)),
        (None, None) => None,
    }
}

/// Today or the next such day of the week.
pub fn coming(day: Weekday, today: NaiveDate) -> NaiveDate {
    let days = (7 + day.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
    today + Days::new(u64::from(days))
}

/// «в следующую пятницу» of a week that still has one may be that one or the next week's.
pub fn next_weekday(day: Weekday, week: bool, today: NaiveDate) -> Day {
    let monday = today + Days::new(u64::from(7 - today.weekday().num_days_from_monday()));
    let next = monday + Days::new(u64::from(day.num_days_from_monday()));
    let coming = coming(day, today);
    if week || coming == next || coming == today { Day::Date(next) } else { Day::Either(coming, next) }
}

/// So much later by the clock and the calendar.
pub fn shift(at: NaiveDateTime, count: f64, unit: Unit) -> Option<NaiveDateTime> {
    if !(0.0..=100_000.0).contains(&count) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and 100 000")]
    let whole = (count.fract() == 0.0).then_some(count as u32);
    #[allow(clippy::cast_possible_truncation, reason = "at most 100 000 hours")]
    let minutes = |per: f64| TimeDelta::try_minutes((count * per).round() as i64);
    match unit {
        Unit::Minute => at.checked_add_signed(minutes(1.0)?),
        Unit::Hour => at.checked_add_signed(minutes(60.0)?),
        Unit::Day => at.checked_add_days(Days::new(u64::from(whole?))),
        // «Полторы недели» are ten days and a half: that is no day to name.
        Unit::Week => at.checked_add_days(Days::new(u64::from(whole?.checked_mul(7)?))),
        Unit::Month => at.checked_add_months(Months::new(whole?)),
        Unit::Year => at.checked_add_months(Months::new(whole?.checked_mul(12)?)),
    }
    .filter(|at| at.year() < 10_000)
}
