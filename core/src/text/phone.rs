//! Phones: any Russian or international writing in, E.164 out.
//!
//! Google's tables decide, through the `phonenumber` crate; plain Russian digits of the codes that
//! are given out whole take a fast path, because a large import is mostly those. Tests compare it
//! with the crate over every code, and where the crate is wrong with the tables themselves:
//! phonenumber 0.3.10 takes the 8 of +7 8xx (Saint Petersburg, Samara, 8 800) for the 8 that is
//! dialled first, and refuses the nine digits that are left.

mod cell;
mod country_of;

pub use cell::{Cell, Found, read_cell};
pub use country_of::{HEAD, country_of};

use phonenumber::{Mode, PhoneNumber, country};

/// Why a writing is not a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneError {
    /// Nothing is written.
    #[error("no phone is written")]
    Empty,
    /// There are letters in it.
    #[error("there are letters in the phone")]
    Letters,
    /// There is an extension: a messenger cannot reach it.
    #[error("the phone has an extension")]
    Extension,
    /// A character that no phone has.
    #[error("the phone has a character that no phone has")]
    Character,
    /// Too few digits.
    #[error("the phone has too few digits")]
    TooShort,
    /// Too many digits.
    #[error("the phone has too many digits")]
    TooLong,
    /// No country gives such numbers out.
    #[error("no such phone exists")]
    Invalid,
    /// A spreadsheet rounded the number (`7.91612E+10`): the last digits are lost.
    #[error("a spreadsheet rounded the number: its last digits are lost")]
    Rounded,
}

impl PhoneError {
    /// The reason as a word, for tables and translations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "phone_empty",
            Self::Letters => "phone_letters",
            Self::Extension => "phone_extension",
            Self::Character => "phone_character",
            Self::TooShort => "phone_too_short",
            Self::TooLong => "phone_too_long",
            Self::Invalid => "phone_invalid",
            Self::Rounded => "phone_rounded",
        }
    }
}

/// What is left of a writing: digits, and whether they begin with the country's code.
#[derive(Debug, PartialEq, Eq)]
struct Digits {
    digits: String,
    international: bool,
}

fn read(raw: &str) -> Result<Digits, PhoneError> {
    let mut digits = String::with_capacity(15);
    let mut plus = false;
    let mut letters = false;
    for char in raw.chars() {
        match char {
            '0'..='9' => digits.push(char),
            '+' | '＋' if digits.is_empty() => plus = true,
            '+' | '＋' => return Err(PhoneError::Character),
            '(' | ')' | '[' | ']' | '-' | '.' | '/' | '_' | '‐' | '‑' | '‒' | '–' | '—' | '−' | '~' | '\'' => {}
            '#' | ';' | '*' if digits.len() >= 7 => return Err(PhoneError::Extension),
            'a'..='z' | 'A'..='Z' | 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' if digits.len() >= 7 => return Err(PhoneError::Extension),
            c if c.is_alphabetic() => letters = true,
            c if c.is_whitespace()
                || c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}') => {}
            _ if letters => {}
            _ => return Err(PhoneError::Character),
        }
    }
    if letters {
        return Err(PhoneError::Letters);
    }
    match digits.len() {
        0 if raw.trim().is_empty() => Err(PhoneError::Empty),
        0..=6 => Err(PhoneError::TooShort),
        19.. => Err(PhoneError::TooLong),
        _ => {
            let international = plus || digits.starts_with("00");
            // «+00 7 …»: both ways to say that a country's code follows.
            if digits.starts_with("00") {
                digits.drain(..2);
            }
            Ok(Digits { digits, international })
        }
    }
}

/// The ten national digits, when the writing is plainly Russian.
fn russian<'a>(read: &'a Digits, region: &str) -> Option<&'a str> {
    let digits = read.digits.as_str();
    match (digits.len(), read.international) {
        (11, true) => digits.strip_prefix('7'),
        (11, false) if region == "RU" => digits.strip_prefix(['7', '8']),
        // Ten digits that begin with 7 or 8 may be eleven with one lost: the tables say.
        (10, false) if region == "RU" && !digits.starts_with(['7', '8']) => Some(digits),
        _ => None,
    }
}

/// Whether Google's tables hold every number of these ten digits' code (phonenumber 0.3.10,
/// metadata 9.0.33): Russian mobiles and landlines, numbers free of charge, mobiles of Kazakhstan.
/// What is given out in parts is left to the tables themselves.
fn surely_given_out(national: &str) -> bool {
    let code = national.get(..3).and_then(|code| code.parse::<u16>().ok()).unwrap_or(0);
    matches!(
        code,
        301 | 302 | 336 | 341..=343 | 345..=347 | 349 | 351..=353 | 365 | 381..=385 | 388 | 390 | 391 | 394 | 395
            | 401 | 411 | 413 | 415 | 416 | 421 | 423 | 424 | 426 | 427 | 471..=475 | 481..=487 | 491..=496 | 498 | 499
            | 700..=702 | 705..=708 | 747 | 760..=764 | 771 | 775..=778
            | 800 | 804 | 811..=818 | 820 | 821 | 831 | 833..=836 | 840..=848 | 851 | 855..=857 | 860..=863 | 865..=867 | 869
            | 871..=873 | 877..=879
            | 900..=999
    )
}

/// `raw` as E.164 (`+79123456789`); `region` (`RU`) is where numbers without a country's code
/// belong.
///
/// # Errors
/// [`PhoneError`], the reason.
pub fn normalise(raw: &str, region: &str) -> Result<String, PhoneError> {
    let mut read = read(raw)?;
    let of_seven = matches!(region, "RU" | "KZ");
    if of_seven && read.international && trunk_after_plus(raw) {
        read.international = false;
    }
    // «(812) 345-67-89»: what stands in brackets is a code, and its 8 not the one dialled first.
    if of_seven && read.digits.len() == 10 && code_in_brackets(raw) && surely_given_out(&read.digits) {
        return Ok(format!("+7{}", read.digits));
    }
    if let Some(national) = russian(&read, region)
        && surely_given_out(national)
    {
        return Ok(format!("+7{national}"));
    }
    by_library(&read, region).or_else(|error| mended(&read, region).ok_or(error))
}

/// «+8 916 …»: the 8 that is dialled first, with a plus that does not belong to it. Parted from
/// what follows it is no beginning of a country's code, as the 8 of +84 is.
fn trunk_after_plus(raw: &str) -> bool {
    let rest = raw.trim_start_matches(|c: char| !c.is_ascii_digit());
    rest.strip_prefix('8').is_some_and(|rest| rest.starts_with([' ', '(', '-', '\u{a0}']))
}

/// Whether a writing begins with a code of three to five digits in brackets.
fn code_in_brackets(raw: &str) -> bool {
    let code = raw.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(code, _)| code.trim());
    code.is_some_and(|code| (3..=5).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What the tables refuse and people write: «+7 8 916 …», the plus before an 8 that no country's
/// code begins with, a Kazakh number without its code, whose 7 the crate takes for the code.
fn mended(read: &Digits, region: &str) -> Option<String> {
    let national = match read.digits.len() {
        12 => read.digits.strip_prefix("78")?,
        11 if region == "RU" && read.international => read.digits.strip_prefix('8')?,
        10 if region == "KZ" && !read.international && read.digits.starts_with('7') => &read.digits,
        _ => return None,
    };
    (national.len() == 10 && surely_given_out(national)).then(|| format!("+7{national}"))
}

fn by_library(read: &Digits, region: &str) -> Result<String, PhoneError> {
    let country: Option<country::Id> = region.parse().ok();
    let valid = |text: String, country: Option<country::Id>| -> Option<PhoneNumber> {
        phonenumber::parse(country, text).ok().filter(phonenumber::is_valid)
    };
    let digits = &read.digits;
    let mut found = None;
    if !read.international {
        if region == "RU" && digits.len() == 11 && digits.starts_with(['7', '8']) {
            found = valid(format!("+7{}", &digits[1..]), None);
        }
        // `8 10` is how one dials abroad from Russia.
        if found.is_none() && region == "RU" && digits.len() > 11 && digits.starts_with("810") {
            found = valid(format!("+{}", &digits[3..]), None);
        }
        found = found.or_else(|| country.and_then(|country| valid(digits.clone(), Some(country))));
    }
    // A number written from abroad without its plus.
    if found.is_none() && (read.international || digits.len() >= 11) {
        found = valid(format!("+{digits}"), None);
    }
    match found {
        // The tables know German numbers of 16 digits; E.164 has 15, and so has every messenger.
        Some(number) => Some(number.format().mode(Mode::E164).to_string()).filter(|e164| e164.len() <= 16).ok_or(PhoneError::TooLong),
        None if digits.len() < 10 => Err(PhoneError::TooShort),
        None if digits.len() > 15 || (region == "RU" && !read.international && digits.len() > 11) => Err(PhoneError::TooLong),
        None => Err(PhoneError::Invalid),
    }
}

/// The phones of a run of digits and marks, each as written: `89123456789/89223456789`, `8 912 … +7
/// 922 …`.
fn parts(run: &str) -> Vec<&str> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let halves: Vec<&str> = run.split('/').collect();
    let out: Vec<&str> = if halves.len() > 1 && halves.iter().all(|half| digits(half) >= 10) {
        halves.into_iter().flat_map(by_space).collect()
    } else {
        by_space(run)
    };
    out.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Phones parted by a space or a plus: cut where ten digits have passed and a new beginning
/// follows.
fn by_space(part: &str) -> Vec<&str> {
    if part.chars().filter(char::is_ascii_digit).count() < 20 {
        return vec![part];
    }
    let (mut out, mut start, mut seen, mut prev_space) = (Vec::new(), 0, 0, false);
    for (at, char) in part.char_indices() {
        if seen >= 10 && (char == '+' || prev_space && matches!(char, '8' | '7' | '9')) {
            out.push(&part[start..at]);
            (start, seen) = (at, 0);
        }
        seen += usize::from(char.is_ascii_digit());
        prev_space = char.is_whitespace();
    }
    out.push(&part[start..]);
    out
}

/// An E.164 number as people read it: `+7 912 345-67-89`; what is not a phone comes back as it is.
#[must_use]
pub fn display(e164: &str) -> String {
    if let Some(national) = e164.strip_prefix("+7")
        && national.len() == 10
        && national.bytes().all(|byte| byte.is_ascii_digit())
    {
        return format!("+7 {} {}-{}-{}", &national[..3], &national[3..6], &national[6..8], &national[8..]);
    }
    match phonenumber::parse(None, e164) {
        Ok(number) => number.format().mode(Mode::International).to_string(),
        Err(_) => e164.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_usual_writing() {
        for raw in [
            "8 (912) 345-67-89",
            "+7 912 345 67 89",
            "79123456789",
            "9123456789",
            "007 912 345-67-89",
            "+7(912)345‑67‑89",
            "8.912.345.67.89",
            "\u{202a}+7 912 345-67-89\u{202c}",
            "8–912–345–67–89",
        ] {
            assert_eq!(normalise(raw, "RU").as_deref(), Ok("+79123456789"), "{raw}");
        }
        assert_eq!(normalise("+49 30 901820", "RU").as_deref(), Ok("+4930901820"));
        assert_eq!(normalise("8 10 49 30 901820", "RU").as_deref(), Ok("+4930901820"));
        assert_eq!(normalise("380501234567", "RU").as_deref(), Ok("+380501234567"));
        assert_eq!(normalise("8 701 234 56 78", "RU").as_deref(), Ok("+77012345678"));
        assert_eq!(normalise("030 901820", "DE").as_deref(), Ok("+4930901820"));
        assert_eq!(normalise("(495) 123-45-67", "RU").as_deref(), Ok("+74951234567"));
        assert_eq!(normalise("8 (812) 345-67-89", "RU").as_deref(), Ok("+78123456789"));
        assert_eq!(normalise("8-800-555-35-35", "RU").as_deref(), Ok("+78005553535"));
    }

    #[test]
    fn says_why_not() {
        for (raw, why) in [
            ("", PhoneError::Empty),
            ("  ", PhoneError::Empty),
            ("нет", PhoneError::Letters),
            ("8 495 123-45-67 доб. 12", PhoneError::Extension),
            ("8 495 123-45-67 ext 12", PhoneError::Extension),
            ("8 495 123-45-67#12", PhoneError::Extension),
            ("тел", PhoneError::Letters),
            ("ivan@example.com", PhoneError::Letters),
            ("123-45-67", PhoneError::TooShort),
            ("02", PhoneError::TooShort),
            ("+7 912 345 67 8?", PhoneError::Character),
            ("8 000 000 00 00", PhoneError::Invalid),
            ("8912345678912345", PhoneError::TooLong),
            ("12345678901234567890", PhoneError::TooLong),
            ("+4989123456749589", PhoneError::TooLong),
        ] {
            assert_eq!(normalise(raw, "RU"), Err(why), "{raw}");
        }
    }

    #[test]
    fn shows_as_people_read() {
        assert_eq!(display("+79123456789"), "+7 912 345-67-89");
        assert_eq!(display("+4930901820"), "+49 30 901820");
        assert_eq!(display("nothing"), "nothing");
    }

    /// What the tables say: through the crate, but for its mistake about +7 8xx and for what is
    /// mended after it.
    fn by_tables(read: &Digits, region: &str) -> Result<String, PhoneError> {
        if let Some(national) = russian(read, region).filter(|national| national.starts_with('8')) {
            let tables = phonenumber::metadata::DATABASE.by_id("RU").expect("Russia").descriptors();
            if [tables.fixed_line(), tables.toll_free()].into_iter().flatten().any(|kind| kind.is_match(national)) {
                return Ok(format!("+7{national}"));
            }
        }
        by_library(read, region).or_else(|error| mended(read, region).ok_or(error))
    }

    /// Every code, in every writing the fast path takes, with the lowest and the highest number and
    /// some between.
    #[test]
    fn the_fast_path_agrees_with_the_tables_on_every_code() {
        let mut unlike = Vec::new();
        for code in 0..1_000 {
            for rest in ["0000000", "2345678", "5900123", "9999999"] {
                for prefix in ["+7", "8", "7", "007", ""] {
                    let raw = format!("{prefix}{code:03}{rest}");
                    let read = read(&raw).expect("digits");
                    if normalise(&raw, "RU") != by_tables(&read, "RU") {
                        unlike.push(raw);
                    }
                }
            }
        }
        assert_eq!(unlike, Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn the_fast_path_agrees_with_the_tables(
            prefix in "(\\+7|8|7|007| 8 |\\+7 |)", code in "[0-9]{3}", gap in "( |-|\\)|)", rest in "[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{1,3}",
            region in "(RU|KZ|DE)",
        ) {
            let raw = format!("{prefix}{code}{gap}{rest}");
            let read = read(&raw).expect("digits");
            prop_assert_eq!(normalise(&raw, &region), by_tables(&read, &region), "{}", raw);
        }

        #[test]
        fn nothing_panics_and_a_result_is_its_own_normal_form(raw in "\\PC{0,30}") {
            if let Ok(e164) = normalise(&raw, "RU") {
                prop_assert_eq!(normalise(&e164, "RU"), Ok(e164.clone()));
                prop_assert!(!display(&e164).is_empty());
            }
            let _ = read_cell(&raw, "DE");
        }
    }
}
