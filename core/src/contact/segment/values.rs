//! The values of a filter as people write them: «10 000», «1250,4», «30 дней назад», «1 мая 2026».

use chrono::NaiveDate;

use super::{Age, ConsentLevel, Literal, MAX_DAYS, Problem, Unit};
use crate::{
    consent::Grade,
    contact::value,
    text::fold,
    text::said::{spans, when},
};

/// A number.
///
/// # Errors
/// `1,250` may be a thousand or one and a quarter.
pub fn number(text: &str) -> Result<f64, Problem> {
    if let Some((whole, rest)) = text.split_once(',')
        && rest.len() == 3
        && (1..=3).contains(&whole.len())
        && !whole.starts_with('0')
        && whole.bytes().chain(rest.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return Err(Problem::EitherNumber { grouped: format!("{whole}{rest}"), decimal: format!("{whole}.{rest}") });
    }
    // What a kept filter holds is a number as the program writes it.
    let shaped = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    let plain = text.parse().ok().filter(|_| shaped);
    plain.or_else(|| value::read_number(text)).filter(|value: &f64| value.is_finite()).ok_or_else(|| Problem::BadNumber(text.to_owned()))
}

/// A day, counted from today or by the calendar, or an age.
pub fn date(text: &str) -> Option<Literal> {
    let folded = fold(text);
    let day = folded.as_str();
    match day {
        "today" | "сегодня" => return Some(Literal::FromToday(0)),
        "yesterday" | "вчера" => return Some(Literal::FromToday(-1)),
        "tomorrow" | "завтра" => return Some(Literal::FromToday(1)),
        "позавчера" | "the day before yesterday" | "day before yesterday" => return Some(Literal::FromToday(-2)),
        "послезавтра" | "the day after tomorrow" | "day after tomorrow" => return Some(Literal::FromToday(2)),
        _ => {}
    }
    // «сегодня − 7 дней», «через 3 дня», `+3d`
    for (before, sign) in [
        ("сегодня -", -1),
        ("сегодня −", -1),
        ("сегодня минус", -1),
        ("today -", -1),
        ("today −", -1),
        ("today minus", -1),
        ("сегодня +", 1),
        ("сегодня плюс", 1),
        ("today +", 1),
        ("today plus", 1),
        ("через ", 1),
        ("in ", 1),
        ("-", -1),
        ("−", -1),
        ("+", 1),
    ] {
        if let Some(rest) = day.strip_prefix(before) {
            let days = match age(rest.trim())? {
                Age { count, unit: Unit::Day } => count,
                Age { count, unit: Unit::Week } => count.checked_mul(7)?,
                Age { .. } => return None,
            };
            return (days <= MAX_DAYS).then_some(Literal::FromToday(sign * days));
        }
    }
    let ago = ["тому назад", "назад", "ago"].iter().find_map(|word| day.strip_suffix(word)).unwrap_or(day).trim();
    age(ago).map(Literal::Age).or_else(|| calendar(text).map(Literal::Day))
}

/// A day of the calendar, in numbers or words.
fn calendar(text: &str) -> Option<NaiveDate> {
    value::read_date(text).filter(|_| !text.contains(' ')).or_else(|| when::calendar(text))
}

/// `90d`, `2w`, `3m`, `1y`, «90д», «30 дней», «неделя», «полгода».
pub fn age(text: &str) -> Option<Age> {
    let folded = fold(text);
    let digits = folded.len() - folded.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, unit) = folded.split_at(digits);
    let short = match unit {
        "d" | "д" => Some(Unit::Day),
        "w" | "н" => Some(Unit::Week),
        "m" | "м" => Some(Unit::Month),
        "y" | "г" | "л" => Some(Unit::Year),
        _ => None,
    };
    let (count, unit) = match short {
        Some(unit) => (count.parse().ok()?, unit),
        None => {
            let words = spans::words(&folded);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let (count, unit, used) = spans::quantity(&words)?;
            if used != words.len() {
                return None;
            }
            let (count, unit) = match unit {
                spans::Unit::Day => (count, Unit::Day),
                spans::Unit::Week => (count, Unit::Week),
                spans::Unit::Month => (count, Unit::Month),
                // «Полтора года» are eighteen months.
                spans::Unit::Year if count.fract() == 0.0 => (count, Unit::Year),
                spans::Unit::Year => (count * 12.0, Unit::Month),
                spans::Unit::Minute | spans::Unit::Hour => return None,
            };
            let whole = count.fract() == 0.0 && (0.0..=f64::from(MAX_DAYS)).contains(&count);
            #[allow(clippy::cast_possible_truncation, reason = "whole and at most MAX_DAYS")]
            (if whole { count as i32 } else { return None }, unit)
        }
    };
    let most = match unit {
        Unit::Day => MAX_DAYS,
        Unit::Week => MAX_DAYS / 7,
        Unit::Month => 1_200,
        Unit::Year => 100,
    };
    (count <= most).then_some(Age { count, unit })
}

/// How many days after today an anniversary may fall: `7d`, «7 дней», «неделю», «30».
pub fn days(text: &str) -> Option<i32> {
    let text = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) { format!("{text}d") } else { text.to_owned() };
    match age(&text)? {
        Age { count, unit: Unit::Day } if count <= 366 => Some(count),
        Age { count, unit: Unit::Week } if count <= 52 => Some(count * 7),
        Age { count, unit: Unit::Month } if count <= 12 => Some(count * 30),
        Age { .. } => None,
    }
}

/// A grade of consent, «есть», «нет».
pub fn grade(text: &str) -> Option<ConsentLevel> {
    Some(match fold(text).as_str() {
        "none" | "no" | "нет" | "not given" => ConsentLevel::None,
        "any" | "yes" | "да" | "любое" | "есть" | "given" => ConsentLevel::Any,
        "a" | "а" => ConsentLevel::Grade(Grade::A),
        "b" | "в" | "б" => ConsentLevel::Grade(Grade::B),
        "c" | "с" => ConsentLevel::Grade(Grade::C),
        "d" | "д" => ConsentLevel::Grade(Grade::D),
        _ => return None,
    })
}

/// A language by its name is kept by its tag.
pub fn language(text: String) -> String {
    match fold(&text).as_str() {
        "русский" | "russian" => "ru".to_owned(),
        "английский" | "english" => "en".to_owned(),
        "казахский" | "kazakh" => "kk".to_owned(),
        "узбекский" | "uzbek" => "uz".to_owned(),
        "белорусский" | "belarusian" => "be".to_owned(),
        "украинский" | "ukrainian" => "uk".to_owned(),
        "киргизский" | "кыргызский" | "kyrgyz" => "ky".to_owned(),
        "таджикский" | "tajik" => "tg".to_owned(),
        "армянский" | "armenian" => "hy".to_owned(),
        "грузинский" | "georgian" => "ka".to_owned(),
        "азербайджанский" | "azerbaijani" => "az".to_owned(),
        "татарский" | "tatar" => "tt".to_owned(),
        "немецкий" | "german" => "de".to_owned(),
        "турецкий" | "turkish" => "tr".to_owned(),
        "китайский" | "chinese" => "zh".to_owned(),
        _ => text,
    }
}

/// Where somebody came from, by the words of the card, is kept by its key.
pub fn source(text: String) -> String {
    match fold(&text).as_str() {
        "импорт" | "файл" | "из файла" | "файла" | "file" | "a file" => "import".to_owned(),
        "телеграм" | "телеграмм" | "бот" | "написал боту" => "telegram".to_owned(),
        "вручную" | "добавлен вручную" | "by hand" => "manual".to_owned(),
        "амо" | "амосрм" | "срм" | "из crm" => "crm".to_owned(),
        _ => text,
    }
}
