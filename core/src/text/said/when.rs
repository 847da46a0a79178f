//! A day and a time of day as people type them: «30 ноября 2026, 12:00», «завтра в 10», «пн 10:00»,
//! «через 2 часа», «1.12 9», «1 декабря в 10 утра», `next Friday at noon`.
//!
//! A text is one day and one time of day, in any order, or a span from now. What has two meanings
//! that lie ahead («завтра в 6», «10.11», 1/12 in English) is not guessed: both are given back.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};
use chrono_tz::Tz;

use super::{
    days::{Day, coming},
    phrase::{Phrase, Time},
    places,
    tokens::{Token, tokens},
    when_words::Part,
};
use crate::clock::Moment;

/// A lone hour up to this one may as well be of the afternoon: nobody says «в 6» of the morning
/// only.
const EARLY: u32 = 7;
/// The most words that are looked at.
const MAX_WORDS: usize = 24;

/// What was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// This moment, which lies ahead.
    At(Moment),
    /// «Сейчас», «сразу», `now`.
    Now,
    /// «Никогда», «без конца», `never`.
    Never,
}

/// Why a typed time is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// It cannot be read.
    Unreadable,
    /// A day, or a part of it, without a time; such a moment it could be.
    NoTime(Moment),
    /// One of two moments, both ahead.
    Either(Moment, Moment),
    Past,
    /// The clocks are put forward over it: that day has no such time.
    Skipped,
}

/// How dates with a slash are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slash {
    /// `1/12` is the first of December.
    DayFirst,
    /// It may be the twelfth of January as well.
    Either,
}

/// Reads a time typed by a person whose clock is `zone`'s.
///
/// # Errors
/// [`Unclear`].
pub fn read(typed: &str, zone: Tz, slash: Slash, now: Moment) -> Result<Said, Unclear> {
    let text = super::fold(typed);
    let whole = text.trim_matches(|c: char| !c.is_alphanumeric());
    match whole {
        "сейчас"
        | "прямо сейчас"
        | "сейчас же"
        | "сразу же"
        | "сразу"
        | "сразу после запуска"
        | "немедленно"
        | "как можно скорее"
        | "now"
        | "right now"
        | "at once"
        | "immediately"
        | "asap"
        | "right after the launch"
        | "straight away"
        | "right away" => return Ok(Said::Now),
        "никогда"
        | "без конца"
        | "без окончания"
        | "без ограничения"
        | "без ограничений"
        | "бессрочно"
        | "не заканчивать"
        | "never"
        | "no end"
        | "no limit"
        | "forever" => {
            return Ok(Said::Never);
        }
        _ => {}
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(typed.trim()) {
        return ahead(&[Ok(at.to_utc())], now);
    }
    let (text, zone) = own_zone(&text, zone)?;
    let tokens = tokens(&text).filter(|tokens| !tokens.is_empty() && tokens.len() <= MAX_WORDS).ok_or(Unclear::Unreadable)?;
    let local = now.with_timezone(&zone).naive_local();
    let phrase = Phrase::parse(&tokens, local, slash).ok_or(Unclear::Unreadable)?;
    phrase.moments(local, zone, now)
}

/// «10:00 мск», «10:00 по Москве», «10:00 UTC+5»: the clock is another's.
fn own_zone(text: &str, zone: Tz) -> Result<(String, Tz), Unclear> {
    let marks = ["мск", "msk", "utc", "gmt", "по"];
    let mut words = text.split(' ');
    let mut before = Vec::new();
    while let Some(word) = words.next() {
        let bare = word.trim_start_matches('(');
        let Some(mark) = marks.iter().find(|mark| bare.strip_prefix(**mark).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
        else {
            before.push(word);
            continue;
        };
        let rest: Vec<&str> = if *mark == "по" { words.collect() } else { std::iter::once(bare).chain(words).collect() };
        let name = rest.join(" ");
        let name = name.trim_matches(|c: char| !c.is_alphanumeric());
        let ours = ["местному", "местному времени", "нашему", "нашему времени"].contains(&name);
        let zone = if ours { Some(zone) } else { places::zone(name) };
        return Ok((before.join(" "), zone.ok_or(Unclear::Unreadable)?));
    }
    Ok((text.to_owned(), zone))
}

impl Phrase {
    /// The moment that is meant, of those that lie ahead.
    fn moments(self, local: NaiveDateTime, zone: Tz, now: Moment) -> Result<Said, Unclear> {
        let today = local.date();
        if let Some((at, days_only)) = self.from_now {
            if self.time.is_none() && self.part.is_none() {
                return ahead(&[moment(at, zone)], now);
            }
            if !days_only {
                return Err(Unclear::Unreadable);
            }
        }
        let Some(time) = self.time else { return Err(self.without_time(local, zone, now)) };
        // Each possible time, that number of days later by the clock.
        let times = times(time, self.part).ok_or(Unclear::Unreadable)?;
        let at = |day: NaiveDate, (later, time): (u64, NaiveTime)| moment((day + Days::new(later)).and_time(time), zone);
        let mut found = Vec::new();
        let asked = self.or_day.map(|day| at(day, (0, example(None))));
        found.extend(asked);
        for one in times {
            match self.day {
                Some(Day::Offset(days)) => found.push(at(today + Days::new(days), one)),
                Some(Day::Date(day)) => found.push(at(day, one)),
                Some(Day::Either(first, second)) => found.extend([at(first, one), at(second, one)]),
                None => {
                    // A midnight without a day is the next one, and so is any other time.
                    let (from, after, one) = match self.weekday {
                        Some(day) => (coming(day, today), 7, one),
                        None => (today, 1, (0, one.1)),
                    };
                    let first = at(from, one);
                    found.push(if first.is_ok_and(|at| at <= now) { at(from + Days::new(after), one) } else { first });
                }
            }
        }
        ahead(&found, now)
    }

    /// A day or a part of it: a moment to show as an example.
    fn without_time(&self, local: NaiveDateTime, zone: Tz, now: Moment) -> Unclear {
        let today = local.date();
        let day = match (self.day, self.weekday) {
            (Some(Day::Offset(days)), _) => today + Days::new(days),
            (Some(Day::Date(day) | Day::Either(day, _)), _) => day,
            (None, Some(day)) => coming(day, today),
            (None, None) if self.part.is_none() => return Unclear::Unreadable,
            (None, None) => today,
        };
        let at = |day: NaiveDate| moment(day.and_time(example(self.part)), zone).ok();
        match at(day) {
            Some(at) if at > now => Unclear::NoTime(at),
            // Later today, or with only a part of the day said, tomorrow.
            _ if day == today && !matches!(self.part, Some(Part::Morning | Part::Am | Part::Day)) && local.hour() < 22 => {
                let later = NaiveTime::from_hms_opt(local.hour() + 2, 0, 0).and_then(|time| moment(today.and_time(time), zone).ok());
                later.map_or(Unclear::Past, Unclear::NoTime)
            }
            _ if self.day.is_none() && self.weekday.is_none() => at(today + Days::new(1)).map_or(Unclear::Past, Unclear::NoTime),
            _ => Unclear::Past,
        }
    }
}

/// A time to show where none was said.
fn example(part: Option<Part>) -> NaiveTime {
    NaiveTime::from_hms_opt(part.map_or(10, Part::example), 0, 0).unwrap_or(NaiveTime::MIN)
}

/// The times of a day that these words may mean, each with the days that are past by then.
fn times(time: Time, part: Option<Part>) -> Option<Vec<(u64, NaiveTime)>> {
    let clock = |hour: u32, minute: u32| match (hour, minute) {
        (24, 0) => Some((1, NaiveTime::MIN)),
        _ => NaiveTime::from_hms_opt(hour, minute, 0).map(|time| (0, time)),
    };
    let midnight = || Some(vec![clock(0, 0)?, clock(24, 0)?]);
    let (hour, minute) = match time {
        Time::Midnight => return midnight(),
        Time::Clock { hour, minute } | Time::Hour { hour, minute } => (hour, minute),
    };
    let hour = match (part, hour) {
        (None, _) if matches!(time, Time::Hour { .. }) && (1..=EARLY).contains(&hour) => {
            return Some(vec![clock(hour, minute)?, clock(hour + 12, minute)?]);
        }
        (None, hour) => hour,
        (Some(Part::Am), 12) => 0,
        (Some(Part::Am), hour @ 0..=11) => hour,
        (Some(Part::Morning), hour @ 0..=11) => hour,
        (Some(Part::Day), hour @ 1..=6) => hour + 12,
        (Some(Part::Day), hour @ 10..=18) => hour,
        (Some(Part::Pm), hour @ 1..=11) => hour + 12,
        (Some(Part::Pm), hour @ 12..=23) => hour,
        (Some(Part::Evening), hour @ 3..=11) => hour + 12,
        (Some(Part::Evening), hour @ 15..=23) => hour,
        (Some(Part::Evening | Part::Night), 12 | 24) if minute == 0 => return midnight(),
        (Some(Part::Night), hour @ 0..=5) => hour,
        (Some(Part::Night), hour @ 9..=11) => hour + 12,
        (Some(Part::Night), hour @ 21..=23) => hour,
        _ => return None,
    };
    Some(vec![clock(hour, minute)?])
}

/// The one moment ahead, or both.
fn ahead(found: &[Result<Moment, Unclear>], now: Moment) -> Result<Said, Unclear> {
    let mut ahead: Vec<Moment> = found.iter().filter_map(|at| at.ok()).filter(|at| *at > now).collect();
    ahead.sort_unstable();
    ahead.dedup();
    match ahead.as_slice() {
        [] if found.iter().any(|at| matches!(at, Err(Unclear::Skipped))) => Err(Unclear::Skipped),
        [] => Err(Unclear::Past),
        [one] => Ok(Said::At(*one)),
        [first, second, ..] => Err(Unclear::Either(*first, *second)),
    }
}

/// A local time as a moment; of two (the clocks are put back over it) the first.
fn moment(at: NaiveDateTime, zone: Tz) -> Result<Moment, Unclear> {
    zone.from_local_datetime(&at).earliest().map(|at| at.to_utc()).ok_or(Unclear::Skipped)
}

/// A day of the calendar in words, with its year: «1 мая 2026», «1 мая 2026 г.», `May 1, 2026`.
#[must_use]
pub fn calendar(typed: &str) -> Option<NaiveDate> {
    let tokens = tokens(&super::fold(typed)).filter(|tokens| tokens.len() <= MAX_WORDS)?;
    let year = tokens.iter().any(|token| match token {
        Token::Number(_, digits) => *digits == 4,
        Token::Numbers(parts, _) => parts.len() == 3,
        _ => false,
    });
    // Which day today is changes nothing of a date with its year.
    let phrase = Phrase::parse(&tokens, NaiveDate::default().and_time(NaiveTime::MIN), Slash::DayFirst)?;
    match (phrase.day, phrase.weekday, phrase.time, phrase.part) {
        (Some(Day::Date(day)), None, None, None) if year => Some(day),
        _ => None,
    }
}
