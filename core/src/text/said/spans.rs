//! How long: «2 часа», «сутки», «полторы недели», `3 days`.

/// A measure of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Minute,
    Hour,
    /// A day; «сутки» too.
    Day,
    /// Seven days.
    Week,
    /// A month of the calendar.
    Month,
    /// A year of the calendar.
    Year,
}

/// The measure that a folded word names, in any of its forms.
#[must_use]
pub fn unit(word: &str) -> Option<Unit> {
    Some(match word.trim_end_matches('.') {
        "мин" | "минут" | "минута" | "минуту" | "минуты" | "min" | "mins" | "minute" | "minutes" => Unit::Minute,
        "ч" | "час" | "часа" | "часов" | "часик" | "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hour,
        "д" | "дн" | "день" | "дня" | "дней" | "сут" | "сутки" | "суток" | "d" | "day" | "days" => Unit::Day,
        "н" | "нед" | "неделя" | "неделю" | "недели" | "недель" | "w" | "wk" | "week" | "weeks" => Unit::Week,
        "мес" | "месяц" | "месяца" | "месяцев" | "mo" | "month" | "months" => Unit::Month,
        "г" | "год" | "года" | "лет" | "y" | "yr" | "year" | "years" => Unit::Year,
        _ => return None,
    })
}

/// The number that a folded word names: digits, `1,5`, «два», «полтора», `half`.
#[must_use]
pub fn count(word: &str) -> Option<f64> {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let shaped = word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
        return word.replace(',', ".").parse().ok().filter(|_| shaped);
    }
    if let Some(whole) = whole(word) {
        return Some(f64::from(whole));
    }
    Some(match word {
        "пол" | "half" => 0.5,
        "полтора" | "полторы" | "полутора" => 1.5,
        "пару" | "пара" | "couple" => 2.0,
        "a" | "an" => 1.0,
        _ => return None,
    })
}

/// A whole number from one to twenty in words.
#[must_use]
pub fn whole(word: &str) -> Option<u32> {
    const RU: [&[&str]; 20] = [
        &["один", "одна", "одну", "одни"],
        &["два", "две", "двое"],
        &["три", "трое"],
        &["четыре"],
        &["пять"],
        &["шесть"],
        &["семь"],
        &["восемь"],
        &["девять"],
        &["десять"],
        &["одиннадцать"],
        &["двенадцать"],
        &["тринадцать"],
        &["четырнадцать"],
        &["пятнадцать"],
        &["шестнадцать"],
        &["семнадцать"],
        &["восемнадцать"],
        &["девятнадцать"],
        &["двадцать"],
    ];
    const EN: [&str; 12] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    let ru = (1..).zip(RU).find(|(_, words)| words.contains(&word));
    let en = (1..).zip(EN).find(|(_, known)| *known == word);
    ru.map(|(n, _)| n).or(en.map(|(n, _)| n))
}

/// Words of one line, letters and digits apart: «2ч» is two words.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last = None;
    for c in super::fold(text).chars() {
        // A number keeps the comma or the point in it; a word loses the point after it.
        let class = if c.is_ascii_digit() || (matches!(c, ',' | '.') && last == Some('0')) {
            Some('0')
        } else if c.is_alphabetic() {
            Some('a')
        } else {
            None
        };
        match class {
            Some(class) if last == Some(class) => out.last_mut().into_iter().for_each(|word| word.push(c)),
            Some(_) => out.push(c.to_string()),
            None => {}
        }
        last = class;
    }
    out.iter().map(|word| word.trim_end_matches(['.', ',']).to_owned()).collect()
}

/// How many whole hours a typed span has: «сутки», «2 дня», «раз в неделю», «без паузы», `36`. A
/// number alone is hours, a month is thirty days.
#[must_use]
pub fn hours(text: &str) -> Option<i32> {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let nothing =
        ["нет", "без паузы", "без ограничений", "без ограничения", "не ограничивать", "no", "none", "no pause", "no limit", "off"];
    if nothing.contains(&words.join(" ").as_str()) {
        return Some(0);
    }
    match words.as_slice() {
        ["ежедневно" | "daily"] => return Some(24),
        ["еженедельно" | "weekly"] => return Some(168),
        _ => {}
    }
    let mut rest = match words.as_slice() {
        ["не", "чаще", rest @ ..] | ["not", "more", "than", rest @ ..] | ["at", "most", rest @ ..] => rest,
        rest => rest,
    };
    rest = match rest {
        ["раз" | "раза", "в", rest @ ..]
        | ["один", "раз", "в", rest @ ..]
        | ["1" | "одного", "раз" | "раза", "в", rest @ ..]
        | ["каждые" | "каждый" | "каждую" | "каждое" | "every", rest @ ..]
        | ["once", "every" | "per" | "in", rest @ ..]
        | ["once", rest @ ..] => rest,
        rest => rest,
    };
    if let [number] = rest
        && number.starts_with(|c: char| c.is_ascii_digit())
    {
        return number.parse().ok();
    }
    let hours = sum(rest)? / 60.0;
    #[allow(clippy::cast_possible_truncation, reason = "whole and within the bounds of an i32")]
    (hours.fract() == 0.0 && (1.0..1e9).contains(&hours)).then_some(hours as i32)
}

/// The minutes of quantities one after the other: «2 часа 30 минут». A month is thirty days.
fn sum(mut rest: &[&str]) -> Option<f64> {
    let mut minutes = 0.0;
    while !rest.is_empty() {
        let (count, unit, used) = quantity(rest)?;
        minutes += count
            * match unit {
                Unit::Minute => 1.0,
                Unit::Hour => 60.0,
                Unit::Day => 1_440.0,
                Unit::Week => 10_080.0,
                Unit::Month => 43_200.0,
                Unit::Year => return None,
            };
        rest = &rest[used..];
        rest = rest.strip_prefix(&["и"]).or_else(|| rest.strip_prefix(&["and"])).unwrap_or(rest);
    }
    Some(minutes)
}

/// How many whole minutes a typed length has: «45 минут», «полтора часа», «через 2 дня», `90`. A
/// number alone is minutes.
#[must_use]
pub fn minutes(text: &str) -> Option<i32> {
    if text.trim_start().starts_with(['-', '−', '–']) {
        return None;
    }
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let rest = match words.as_slice() {
        ["через" | "спустя" | "после" | "in" | "after", rest @ ..] => rest,
        rest => rest,
    };
    let minutes = match rest {
        [] => return None,
        [number] if number.starts_with(|c: char| c.is_ascii_digit()) => count(number)?,
        [number, "м" | "m"] => count(number)?,
        rest => sum(rest)?,
    };
    #[allow(clippy::cast_possible_truncation, reason = "whole and within the bounds of an i32")]
    (minutes.fract() == 0.0 && (1.0..1e9).contains(&minutes)).then_some(minutes as i32)
}

/// A count and its measure at the beginning of `words`, and how many words they are: «два часа»,
/// «час», «полчаса», «полтора часа», `half an hour`.
#[must_use]
pub fn quantity(words: &[&str]) -> Option<(f64, Unit, usize)> {
    if let [one, ..] = words {
        match *one {
            "полчаса" => return Some((0.5, Unit::Hour, 1)),
            "полдня" | "полсуток" => return Some((12.0, Unit::Hour, 1)),
            "полгода" | "полугода" => return Some((6.0, Unit::Month, 1)),
            _ => {}
        }
        if let Some(unit) = unit(one) {
            return Some((1.0, unit, 1));
        }
    }
    match words {
        ["half" | "a" | "one", "half" | "a" | "an", word, ..] if words.contains(&"half") => Some((0.5, unit(word)?, 3)),
        ["a", "couple", "of", word, ..] => Some((2.0, unit(word)?, 4)),
        [number, word, ..] => {
            let (count, unit) = (count(number)?, unit(word)?);
            // «Полдня» in two words: a day has no half in the calendar, it has twelve hours.
            if unit == Unit::Day && count.fract() != 0.0 { Some((count * 24.0, Unit::Hour, 2)) } else { Some((count, unit, 2)) }
        }
        _ => None,
    }
}
