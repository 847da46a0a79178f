//! Values of contact fields as people write them: numbers with currencies, dates in words,
//! «согласен» and «✓».
//!
//! What cannot be read for certain is an error and never a guess; the caller leaves the value out
//! and says so.

mod date;
mod number;

pub use date::{DayOrder, Evidence, evidence, read_date};
pub use number::{Marks, marks, read_number};

use chrono::NaiveDate;
use serde_json::{Number, Value};

use super::FieldKind;
use crate::{
    text::{blank, missing},
    text::{clean, fold},
};

/// Why a written value does not fit its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ValueError {
    /// Not a number.
    #[error("not a number")]
    Number,
    /// Not a date.
    #[error("not a date")]
    Date,
    /// A day and a month without a year.
    #[error("a date without its year")]
    NoYear,
    /// Neither yes nor no.
    #[error("neither yes nor no")]
    Flag,
    /// A text longer than [`MAX_TEXT`].
    #[error("longer than {MAX_TEXT} characters")]
    TooLong,
}

impl ValueError {
    /// The reason as a word, for tables and translations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "bad_number",
            Self::Date => "bad_date",
            Self::NoYear => "no_year",
            Self::Flag => "bad_flag",
            Self::TooLong => "too_long",
        }
    }
}

/// Longest text of an attribute, characters.
pub const MAX_TEXT: usize = 2_000;

/// How dates and numbers of two meanings are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// A year of two digits is in the past, seen from here.
    pub today: NaiveDate,
    /// What `05/06/2026` means; `None`: it is not known, and such a date is not read.
    pub order: Option<DayOrder>,
    /// What `1,250` means, as far as it is known.
    pub marks: Marks,
}

/// A written value as the field's kind keeps it; `None` for nothing.
///
/// # Errors
/// [`ValueError`].
pub fn read_value(kind: FieldKind, raw: &str, reading: Reading) -> Result<Option<Value>, ValueError> {
    let text = clean(raw);
    if (text.is_empty() || kind != FieldKind::Flag) && missing(&text) {
        return Ok(None);
    }
    Ok(Some(match kind {
        FieldKind::Text if text.chars().count() > MAX_TEXT => return Err(ValueError::TooLong),
        FieldKind::Text => Value::String(text),
        FieldKind::Number | FieldKind::Date if blank(&text) => return Ok(None),
        FieldKind::Number => number(number::read_marked(&text, reading.marks).ok_or(ValueError::Number)?).ok_or(ValueError::Number)?,
        FieldKind::Date => match date::read(&text, reading)? {
            Some(day) => Value::String(day.format("%Y-%m-%d").to_string()),
            None => return Ok(None),
        },
        FieldKind::Flag => match read_flag(&text) {
            Some(yes) => Value::Bool(yes),
            None if blank(&text) => return Ok(None),
            None => return Err(ValueError::Flag),
        },
    }))
}

/// A finite number as JSON: whole ones without a fraction, so that both engines compare them alike.
#[must_use]
pub fn number(value: f64) -> Option<Value> {
    // 2^53: beyond it neighbouring whole numbers are one `f64`.
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < WHOLE {
        #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        return Some(Value::Number(Number::from(value as i64)));
    }
    Number::from_f64(value).map(Value::Number)
}

/// Words of a flag that is set, folded.
const YES: &[&str] = &[
    "да",
    "д",
    "yes",
    "y",
    "1",
    "true",
    "t",
    "+",
    "истина",
    "есть",
    "on",
    "вкл",
    "включено",
    "включен",
    "включена",
    "v",
    "✓",
    "✔",
    "☑",
    "✅",
    "√",
    "ок",
    "ok",
    "checked",
    "enabled",
    "active",
    "subscribed",
    "agree",
    "agreed",
    "accepted",
    "granted",
    "opt-in",
    "opt in",
    "opted in",
    "opted-in",
    "согласен",
    "согласна",
    "согласны",
    "согласие",
    "дал согласие",
    "дала согласие",
    "согласие получено",
    "согласие дано",
    "есть согласие",
    "согласие есть",
    "подписан",
    "подписана",
    "подписаны",
    "подписано",
    "подписал",
    "подписала",
    "подписался",
    "подписалась",
    "подтверждено",
    "подтвержден",
    "подтверждена",
    "подтвердил",
    "подтвердила",
    "получает",
    "хочу",
    "хочет",
    "нужно",
    "надо",
    "имеется",
    "конечно",
    "👍",
    "optin",
    "confirmed",
    "иә",
    "активен",
    "активна",
    "активно",
    "активный",
    "активная",
    "разрешено",
    "разрешил",
    "разрешила",
    "можно",
    "получено",
    "выдано",
    "дано",
    "действует",
];
/// And of one that is not.
const NO: &[&str] = &[
    "нет",
    "н",
    "no",
    "n",
    "0",
    "false",
    "f",
    "-",
    "–",
    "—",
    "ложь",
    "off",
    "выкл",
    "выключено",
    "выключен",
    "выключена",
    "нету",
    "отсутствует",
    "против",
    "отписка",
    "отключено",
    "отключен",
    "отключена",
    "не беспокоить",
    "не писать",
    "не присылать",
    "неактивный",
    "неактивная",
    "👎",
    "optout",
    "жоқ",
    "✕",
    "✗",
    "✘",
    "❌",
    "☐",
    "✖",
    "unchecked",
    "disabled",
    "inactive",
    "unsubscribed",
    "declined",
    "revoked",
    "denied",
    "opt-out",
    "opt out",
    "opted out",
    "opted-out",
    "отказ",
    "отказался",
    "отказалась",
    "отписан",
    "отписана",
    "отписался",
    "отписалась",
    "нет согласия",
    "без согласия",
    "отозвано",
    "согласие отозвано",
    "запрещено",
    "запретил",
    "запретила",
    "нельзя",
    "не дал согласие",
    "не дала согласие",
    "неактивен",
    "неактивна",
    "неактивно",
];

/// `да`, `согласен`, `✓`, `1` and their opposites; «не …» turns a yes into a no. Of several words
/// with commas or brackets between them («да, согласен», «Согласен(а)») all must say the same.
#[must_use]
pub fn read_flag(text: &str) -> Option<bool> {
    let folded = fold(text).replace("(а)", "").replace("(ась)", "").replace('_', "");
    let mut parts = folded.split([',', '(', ')', ';']).map(str::trim).filter(|part| !part.is_empty());
    if let Some(whole) = flag(&folded) {
        return Some(whole);
    }
    let first = flag(parts.next()?)?;
    parts.all(|part| flag(part) == Some(first)).then_some(first)
}

/// One folded answer, or one about something: «отказ от рассылки», «согласен на рассылку».
fn flag(folded: &str) -> Option<bool> {
    let about = [" на рассылк", " от рассылк", " на рекламу", " от рекламы", " на обработку", " на смс", " на sms"];
    let folded = about.iter().find_map(|about| folded.split_once(about)).map_or(folded, |(answer, _)| answer);
    let word = folded.trim_matches(|c: char| matches!(c, '.' | '!' | '"' | '\'' | '\u{fe0f}' | ' '));
    let word = [".0", ",0", ".00", ",00"].iter().find_map(|zeros| word.strip_suffix(zeros)).unwrap_or(word);
    if YES.contains(&word) {
        return Some(true);
    }
    if NO.contains(&word) {
        return Some(false);
    }
    let denied = word.strip_prefix("не ").or_else(|| word.strip_prefix("not "))?;
    YES.contains(&denied).then_some(false)
}

#[cfg(test)]
mod tests;
