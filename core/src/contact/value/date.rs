//! Days: `2026-05-01`, `1.5.26`, «12 мая 1986 г.», `May 12, 1986`, `19860512`, a spreadsheet's
//! `31544`.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Reading, ValueError};

/// What `05/06/2026` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOrder {
    /// The 5th of June.
    DayFirst,
    /// The 6th of May.
    MonthFirst,
}

/// What a column's dates say of the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// One has a first number above 12.
    pub day_first: bool,
    /// One has a second number above 12.
    pub month_first: bool,
    /// One can be read both ways.
    pub either: bool,
}

impl Evidence {
    /// Both columns' together.
    pub fn add(&mut self, other: Self) {
        self.day_first |= other.day_first;
        self.month_first |= other.month_first;
        self.either |= other.either;
    }

    /// The order, where all that decide agree.
    #[must_use]
    pub fn order(self) -> Option<DayOrder> {
        match (self.day_first, self.month_first) {
            (true, false) => Some(DayOrder::DayFirst),
            (false, true) => Some(DayOrder::MonthFirst),
            _ => None,
        }
    }
}

/// What a cell says of the order; `None` when it is no date of three numbers with its year behind.
#[must_use]
pub fn evidence(cell: &str) -> Option<Evidence> {
    let first = cell.trim().split([' ', 'T']).next()?;
    if first.len() > 10 || !first.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mark = first.chars().find(|c| matches!(c, '/' | '-' | '.'))?;
    let mut parts = first.split(mark);
    let (Some(a), Some(b), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return None };
    if a.len() > 2 || b.len() > 2 || !matches!(year.len(), 2 | 4) || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (a, b): (u32, u32) = (a.parse().ok()?, b.parse().ok()?);
    if a == 0 || b == 0 || a > 31 || b > 31 || (a > 12 && b > 12) {
        return None;
    }
    // Whoever writes points writes the day first, unless a date of the file says otherwise.
    Some(Evidence { day_first: a > 12, month_first: b > 12, either: a <= 12 && b <= 12 && a != b && mark != '.' })
}

/// A day as a member types it into a segment: day first, years of two digits on both sides of 2000.
#[must_use]
pub fn read_date(text: &str) -> Option<NaiveDate> {
    let rules = Rules { order: Some(DayOrder::DayFirst), past: None, serial: false };
    parse(text, rules).ok().flatten()
}

/// A day as it stands in a file; `None`: it says that there is none (`0000-00-00`, `01.01.0001`).
///
/// # Errors
/// [`ValueError::Date`], [`ValueError::NoYear`].
pub(super) fn read(text: &str, reading: Reading) -> Result<Option<NaiveDate>, ValueError> {
    parse(text, Rules { order: reading.order, past: Some(reading.today), serial: true })
}

#[derive(Clone, Copy)]
struct Rules {
    order: Option<DayOrder>,
    /// Years of two digits are in the past, seen from here; `None`: below 50 they are of this
    /// century.
    past: Option<NaiveDate>,
    /// A whole number may be a spreadsheet's day.
    serial: bool,
}

/// How the months begin: in Russian, English, Kazakh, Uzbek, Ukrainian, Belarusian; and as Roman
/// numbers, which are whole.
const MONTHS: [(&str, &[&str]); 12] = [
    ("i", &["янв", "jan", "қаң", "yan", "січ", "студз"]),
    ("ii", &["фев", "feb", "ақп", "fev", "лют"]),
    ("iii", &["мар", "mar", "нау", "берез", "сакав"]),
    ("iv", &["апр", "apr", "сәу", "квіт", "красав"]),
    ("v", &["май", "мая", "may", "мае", "мамыр", "трав", "траў"]),
    ("vi", &["июн", "jun", "маус", "iyun", "черв", "чэрв"]),
    ("vii", &["июл", "jul", "шілд", "iyul", "лип", "ліп"]),
    ("viii", &["авг", "aug", "тамыз", "avg", "серп", "жнів"]),
    ("ix", &["сен", "sep", "қырк", "sent", "верес", "верас"]),
    ("x", &["окт", "oct", "қаз", "okt", "жовт", "кастр"]),
    ("xi", &["ноя", "nov", "қар", "noy", "лист", "ліст"]),
    ("xii", &["дек", "dec", "желт", "dek", "груд", "снеж"]),
];

/// Words that say nothing of the day: years, weekdays, zones.
const IGNORED: &[&str] = &[
    "г",
    "гр",
    "год",
    "года",
    "р",
    "го",
    "ое",
    "е",
    "род",
    "рожд",
    "рождения",
    "рождён",
    "рождена",
    "th",
    "st",
    "nd",
    "rd",
    "of",
    "пн",
    "вт",
    "ср",
    "чт",
    "пт",
    "сб",
    "вс",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "понедельник",
    "вторник",
    "среда",
    "четверг",
    "пятница",
    "суббота",
    "воскресенье",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "am",
    "pm",
    "z",
    "t",
    "utc",
    "gmt",
    "msk",
    "мск",
];

fn parse(text: &str, rules: Rules) -> Result<Option<NaiveDate>, ValueError> {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    if text.len() > 80 {
        return Err(ValueError::Date);
    }
    let lower = text.to_lowercase();
    let lower = without_age(&lower);
    // A spreadsheet's day nought.
    if rules.serial && matches!(lower, "0" | "0.0" | "0,0") {
        return Ok(None);
    }
    if lower.starts_with("--") {
        return Err(ValueError::NoYear);
    }
    if let Some(day) = of_one_number(lower, rules)? {
        return Ok(Some(day));
    }
    let (numbers, month, dotted) = tokens(lower)?;
    let number = |text: &str| text.parse::<u32>().map_err(|_| ValueError::Date);
    match (numbers.as_slice(), month) {
        ([a, b], Some(month)) => {
            let (day, year) = if a.len() == 4 { (b, a) } else { (a, b) };
            date(year, month, number(day)?, rules)
        }
        ([day], Some(month)) if day.len() <= 2 => {
            let known = NaiveDate::from_ymd_opt(2024, month, number(day)?).is_some();
            Err(if known { ValueError::NoYear } else { ValueError::Date })
        }
        ([year, month, day], None) if year.len() == 4 => date(year, number(month)?, number(day)?, rules),
        ([a, b, year], None) if a.len() <= 2 && b.len() <= 2 => {
            let (first, second) = (number(a)?, number(b)?);
            let order = match (first > 12, second > 12) {
                (true, _) => DayOrder::DayFirst,
                (_, true) => DayOrder::MonthFirst,
                _ if first == second => DayOrder::DayFirst,
                _ if dotted => rules.order.unwrap_or(DayOrder::DayFirst),
                _ => rules.order.ok_or(ValueError::Date)?,
            };
            let (day, month) = if order == DayOrder::DayFirst { (first, second) } else { (second, first) };
            date(year, month, day, rules)
        }
        ([a, b], None) if a.len() <= 2 && b.len() <= 2 => {
            let (first, second) = (number(a)?, number(b)?);
            let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).is_some();
            Err(if day(second, first) || day(first, second) { ValueError::NoYear } else { ValueError::Date })
        }
        _ => Err(ValueError::Date),
    }
}

/// A day without the age that stands behind it: «12.05.1986 (40 лет)», «12.05.1986 40 лет».
fn without_age(lower: &str) -> &str {
    let Some(head) = ["лет)", "год)", "года)", "лет"].iter().find_map(|word| lower.strip_suffix(word)) else { return lower };
    let head = head.trim_end();
    let day = head.trim_end_matches(|c: char| c.is_ascii_digit());
    let apart = day.ends_with(['(', ' ', ',', '\u{a0}']) && day.bytes().any(|byte| byte.is_ascii_digit());
    if apart && (1..=3).contains(&(head.len() - day.len())) { day.trim_end_matches(['(', ' ', ',', '\u{a0}']) } else { lower }
}

/// `19860512`, `12051986`, or the days since 1900 that a spreadsheet counts.
fn of_one_number(text: &str, rules: Rules) -> Result<Option<NaiveDate>, ValueError> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with(['.', ',']) {
        return Ok(None);
    }
    match (whole.len(), rules.serial) {
        // `1.05`, `31.12`: a day and a month.
        (..=2, _) if !fraction.is_empty() => Ok(None),
        (8, _) if fraction.bytes().all(|byte| byte == b'0') => {
            let part = |from: usize, to: usize| whole[from..to].parse::<u32>().unwrap_or(0);
            let of = |year: u32, month, day| {
                let year = i32::try_from(year).ok().filter(|year| (1900..=2100).contains(year))?;
                NaiveDate::from_ymd_opt(year, month, day)
            };
            of(part(0, 4), part(4, 6), part(6, 8)).or_else(|| of(part(4, 8), part(2, 4), part(0, 2))).map(Some).ok_or(ValueError::Date)
        }
        // 1 May 1927 to the end of 2099: what is shorter is a year, or anything.
        (5, true) => {
            let serial: u64 = whole.parse().map_err(|_| ValueError::Date)?;
            let zero = NaiveDate::from_ymd_opt(1899, 12, 30).ok_or(ValueError::Date)?;
            let day = zero.checked_add_days(Days::new(serial)).filter(|_| (10_000..=73_050).contains(&serial));
            day.map(Some).ok_or(ValueError::Date)
        }
        _ => Err(ValueError::Date),
    }
}

type Tokens<'a> = (Vec<&'a str>, Option<u32>, bool);

/// Numbers in their order, the month if it is a word, and whether points (or commas, or spaces)
/// part the numbers.
fn tokens(text: &str) -> Result<Tokens<'_>, ValueError> {
    let (mut numbers, mut month) = (Vec::new(), None);
    let mut dotted = true;
    for token in text.split([' ', '\u{a0}', ',']) {
        // A time, and a zone behind it.
        if token.contains(':') && !token.contains('t') || token.starts_with(['+', '(']) || token.starts_with("gmt") {
            continue;
        }
        // `2026-05-01t10:00:00+03:00`.
        let token = match token.split_once('t') {
            Some((day, time)) if time.starts_with(|c: char| c.is_ascii_digit()) && day.ends_with(|c: char| c.is_ascii_digit()) => day,
            _ => token,
        };
        dotted &= !token.contains(['/', '-']);
        let mut rest = token;
        while let Some(start) = rest.find(char::is_alphanumeric) {
            rest = &rest[start..];
            let digit = rest.starts_with(|c: char| c.is_ascii_digit());
            let end = rest.find(|c: char| if digit { !c.is_ascii_digit() } else { !c.is_alphabetic() }).unwrap_or(rest.len());
            // A digit of another script, alone: nothing ends before it.
            let end = if end == 0 { rest.chars().next().map_or(rest.len(), char::len_utf8) } else { end };
            let piece = &rest[..end];
            rest = &rest[end..];
            if digit {
                numbers.push(piece);
            } else if let Some(found) = month_of(piece) {
                if month.replace(found).is_some() {
                    return Err(ValueError::Date);
                }
            } else if !IGNORED.contains(&piece) {
                return Err(ValueError::Date);
            }
        }
    }
    if numbers.len() > 3 { Err(ValueError::Date) } else { Ok((numbers, month, dotted)) }
}

fn month_of(word: &str) -> Option<u32> {
    let word = word.replace('ё', "е");
    if let Some(roman) = MONTHS.iter().position(|(roman, _)| *roman == word) {
        return u32::try_from(roman).ok().map(|at| at + 1);
    }
    if word.chars().count() < 3 {
        return None;
    }
    let (at, begin) = MONTHS.iter().enumerate().find_map(|(at, (_, begins))| {
        let longest = begins.iter().filter(|begin| word.starts_with(**begin)).max_by_key(|begin| begin.len())?;
        Some((at, *longest))
    })?;
    // «майка» is no month.
    let may = ["май", "мая", "мае", "may"].contains(&begin);
    (word.chars().count() <= 11 && (!may || word == begin)).then(|| u32::try_from(at).unwrap_or(0) + 1)
}

fn date(year: &str, month: u32, day: u32, rules: Rules) -> Result<Option<NaiveDate>, ValueError> {
    let written: i32 = year.parse().map_err(|_| ValueError::Date)?;
    // What programs write where there is no date.
    if year.len() == 4 && matches!((written, month, day), (0 | 1, 1, 1) | (1899, 12, 30 | 31) | (1900, 0 | 1, 0 | 1)) {
        return Ok(None);
    }
    if month == 0 && day == 0 {
        return Ok(None);
    }
    // A day of no year, as MySQL and the address books of Apple keep it.
    if year.len() == 4 && matches!(written, 0 | 1604) && NaiveDate::from_ymd_opt(2024, month, day).is_some() {
        return Err(ValueError::NoYear);
    }
    let of = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
    let found = match (year.len(), rules.past) {
        (4, _) => of(written).filter(|_| (1000..=9999).contains(&written)),
        (2, Some(today)) => of(2000 + written).filter(|day| *day <= today).or_else(|| of(1900 + written)),
        (2, None) => of(written + if written < 50 { 2000 } else { 1900 }),
        _ => None,
    };
    found.map(Some).ok_or(ValueError::Date)
}
