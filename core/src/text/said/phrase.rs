//! What the words of a typed time say, before anybody asks which moment that is.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Weekday};

use super::{
    days::{Day, date, next_of_month, next_weekday, shift, slashed, upcoming},
    spans::{self, Unit},
    tokens::Token,
    when::Slash,
    when_words::{Part, filler, month, ordinal, weekday},
};

/// Added to the second number of a pair that has one digit: it is a month, no minutes.
const NO_MINUTES: u32 = 100;

/// Which time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// By the clock; of 24:00 and midnight the day is over.
    Clock { hour: u32, minute: u32 },
    /// An hour that was said without minutes, or by a clock of twelve hours.
    Hour { hour: u32, minute: u32 },
    /// The night between two days.
    Midnight,
}

/// What a text says.
#[derive(Debug, Default)]
pub struct Phrase {
    pub day: Option<Day>,
    pub weekday: Option<Weekday>,
    pub time: Option<Time>,
    pub part: Option<Part>,
    /// A moment counted from now, in whole days or not.
    pub from_now: Option<(NaiveDateTime, bool)>,
    /// `10.11`: a time or a day, whichever is lacking.
    pairs: Vec<(u32, u32)>,
    /// The day that a lone pair may be as well.
    pub or_day: Option<NaiveDate>,
    next: bool,
    next_week: bool,
}

impl Phrase {
    /// Reads the words; `None`: they say no day and time, or two.
    pub fn parse(tokens: &[Token], now: NaiveDateTime, slash: Slash) -> Option<Self> {
        let mut phrase = Self::default();
        let mut at = 0;
        while at < tokens.len() {
            let used = phrase.take(&tokens[at..], now, slash)?;
            at += used;
        }
        phrase.settle_pairs(now.date())?;
        phrase.settle_weekday(now.date())?;
        Some(phrase)
    }

    /// A day of the week beside a date says the same once more, or something is wrong.
    fn settle_weekday(&mut self, today: NaiveDate) -> Option<()> {
        let next = self.next || self.next_week;
        let Some(weekday) = self.weekday else { return (!next).then_some(()) };
        match self.day {
            None if next => self.day = Some(next_weekday(weekday, self.next_week, today)),
            None => {}
            Some(day) => {
                let days = match day {
                    Day::Offset(days) => [today + Days::new(days); 2],
                    Day::Date(day) => [day; 2],
                    Day::Either(first, second) => [first, second],
                };
                self.day = Some(Day::Date(days.into_iter().find(|day| day.weekday() == weekday && !next)?));
            }
        }
        Some(())
    }

    fn set_day(&mut self, day: Day) -> Option<()> {
        self.day.replace(day).is_none().then_some(())
    }

    fn set_time(&mut self, time: Time) -> Option<()> {
        self.time.replace(time).is_none().then_some(())
    }

    fn set_part(&mut self, part: Part) -> Option<()> {
        // `tonight 8pm`, `tomorrow morning 9am`: the same said twice.
        let same = |a: Part, b: Part| {
            a == b || matches!((a, b), (Part::Evening | Part::Day | Part::Night, Part::Pm) | (Part::Morning | Part::Night, Part::Am))
        };
        match self.part {
            Some(before) if same(before, part) => Some(()),
            Some(before) if !same(part, before) => None,
            _ => {
                self.part = Some(part);
                Some(())
            }
        }
    }

    /// Takes what begins here; how many tokens that was.
    fn take(&mut self, rest: &[Token], now: NaiveDateTime, slash: Slash) -> Option<usize> {
        match &rest[0] {
            Token::Numbers(parts, separator) => {
                self.numbers(parts, *separator, now.date(), slash)?;
                Some(1)
            }
            Token::Number(number, digits) => self.number(*number, *digits, &rest[1..], now.date()),
            Token::Decimal(_) => None,
            Token::Dash => Some(1),
            Token::Word(word) => self.word(word, rest, now),
        }
    }

    fn numbers(&mut self, parts: &[(u32, usize)], separator: char, today: NaiveDate, slash: Slash) -> Option<()> {
        match (parts, separator) {
            ([(hour, _), (minute, 2)], ':') => self.set_time(Time::Clock { hour: *hour, minute: *minute }),
            ([(hour, _), (minute, 2), (second, 2)], ':') if *second < 60 => self.set_time(Time::Clock { hour: *hour, minute: *minute }),
            (_, ':') => None,
            ([(first, _), (second, digits)], '.' | '-') if *digits <= 2 => {
                // A time has two digits of minutes; what has one is a day.
                if *digits == 2 || separator == '.' {
                    self.pairs.push((*first, if *digits == 2 { *second } else { NO_MINUTES + *second }));
                    Some(())
                } else {
                    self.set_day(Day::Date(upcoming(*first, *second, today)?))
                }
            }
            ([(first, _), (second, _)], '/') => self.set_day(slashed(*first, *second, slash, |day, month| upcoming(day, month, today))?),
            ([(year, 4), (month, _), (day, _)], _) => self.set_day(Day::Date(date(*year, *month, *day)?)),
            ([(day, _), (month, _), (year, digits @ (2 | 4))], _) => {
                let year = if *digits == 2 { 2_000 + year } else { *year };
                let slash = if separator == '/' { slash } else { Slash::DayFirst };
                self.set_day(slashed(*day, *month, slash, |day, month| date(year, month, day))?)
            }
            _ => None,
        }
    }

    fn number(&mut self, number: u32, digits: usize, rest: &[Token], today: NaiveDate) -> Option<usize> {
        let word = |at: usize| match rest.get(at) {
            Some(Token::Word(word)) => Some(word.as_str()),
            _ => None,
        };
        let year = |at: usize| match rest.get(at) {
            Some(Token::Number(year, 4)) => Some(*year),
            _ => None,
        };
        // «15-го», «15 числа», `15th`, and then perhaps a month.
        let ordinal = matches!(word(0), Some("го" | "ого" | "е" | "ое" | "числа" | "число" | "st" | "nd" | "rd" | "th"));
        let mut used = usize::from(ordinal);
        used += usize::from(ordinal && matches!(word(used), Some("of" | "числа")));
        if let Some(month) = word(used).and_then(month) {
            let day = match year(used + 1) {
                Some(year) => {
                    used += 1;
                    date(year, month, number)?
                }
                None => upcoming(number, month, today)?,
            };
            self.set_day(Day::Date(day))?;
            return Some(used + 2);
        }
        if ordinal {
            self.set_day(Day::Date(next_of_month(number, today)?))?;
            return Some(used + 1);
        }
        if digits > 2 || number > 24 {
            return None;
        }
        // «10 часов 30 минут», «10ч30», `10h`, «10 00».
        let hours = matches!(word(0), Some("ч" | "час" | "часа" | "часов" | "h" | "hours" | "oclock"));
        let at = usize::from(hours);
        if let Some(Token::Number(minute, 2)) = rest.get(at)
            && *minute < 60
            && word(at + 1).and_then(month).is_none()
        {
            self.set_time(Time::Clock { hour: number, minute: *minute })?;
            let minutes = matches!(word(at + 1), Some("м" | "мин" | "минут" | "минуты" | "m" | "min" | "minutes"));
            return Some(2 + at + usize::from(minutes));
        }
        self.set_time(Time::Hour { hour: number, minute: 0 })?;
        Some(1 + at)
    }

    fn word(&mut self, word: &str, rest: &[Token], now: NaiveDateTime) -> Option<usize> {
        let next = |at: usize| match rest.get(at) {
            Some(Token::Word(word)) => word.as_str(),
            _ => "",
        };
        match (word, next(1)) {
            // Tomorrow to some, and every other day to others.
            ("через", "день") => {
                let today = now.date();
                self.set_day(Day::Either(today + Days::new(1), today + Days::new(2)))?;
                return Some(2);
            }
            ("через" | "спустя" | "after", _) => return self.span(&rest[1..], now).map(|used| used + 1),
            ("in", _) => {
                if let Some(used) = self.span(&rest[1..], now) {
                    return Some(used + 1);
                }
                return Some(1);
            }
            // «не позже 21:00»; a «не» before anything else turns the meaning round.
            ("не" | "no" | "not", "позже" | "позднее" | "later" | "раньше" | "ранее" | "earlier") => {
                return Some(2 + usize::from(next(2) == "than"));
            }
            ("day", "after") if next(2) == "tomorrow" => {
                self.set_day(Day::Offset(2))?;
                return Some(3);
            }
            ("после", "обеда") => {
                self.set_part(Part::Day)?;
                return Some(2);
            }
            ("вчера" | "yesterday", _) => self.set_day(Day::Date(now.date().pred_opt()?))?,
            ("сегодня" | "today", _) => self.set_day(Day::Offset(0))?,
            ("tonight", _) => {
                self.set_day(Day::Offset(0))?;
                self.set_part(Part::Evening)?;
            }
            ("завтра" | "завтрашний" | "tomorrow" | "tmrw", _) => self.set_day(Day::Offset(1))?,
            ("послезавтра", _) => self.set_day(Day::Offset(2))?,
            ("полдень" | "полудня" | "noon" | "midday", _) => self.set_time(Time::Clock { hour: 12, minute: 0 })?,
            ("полночь" | "полуночи" | "midnight", _) => self.set_time(Time::Midnight)?,
            ("эту" | "этот" | "это" | "эта" | "этой" | "ближайший" | "ближайшую" | "ближайшее" | "ближайшая" | "this" | "coming", _) =>
                {}
            ("следующей" | "след" | "next", "неделе" | "week") => {
                self.next_week = true;
                return Some(2);
            }
            ("следующий" | "следующую" | "следующее" | "следующая" | "след" | "next", _) => {
                self.next = true
            }
            ("четверть", hour) if ordinal(hour).is_some() => {
                let hour = ordinal(hour)?;
                let hour = if hour == 1 { 12 } else { hour.checked_sub(1).filter(|hour| *hour < 12)? };
                self.set_time(Time::Hour { hour, minute: 15 })?;
                return Some(2);
            }
            ("пол" | "половина" | "половину" | "половине", hour) => {
                self.half_of(ordinal(hour)?)?;
                return Some(2);
            }
            ("a", "half" | "quarter") => {}
            ("half", "past") => return self.past(rest, 30),
            ("quarter", "past") => return self.past(rest, 15),
            ("без", "четверти") => {
                let hour = number_at(rest, 2)?;
                self.set_time(Time::Hour { hour: if hour == 1 { 12 } else { hour.checked_sub(1)? }, minute: 45 })?;
                return Some(3);
            }
            ("quarter", "to") => {
                let hour = number_at(rest, 2)?;
                self.set_time(Time::Hour { hour: if hour == 1 { 12 } else { hour.checked_sub(1)? }, minute: 45 })?;
                return Some(3);
            }
            ("час", _) => self.set_time(Time::Hour { hour: 1, minute: 0 })?,
            _ => return self.other_word(word, rest, now.date()),
        }
        Some(1)
    }

    fn other_word(&mut self, word: &str, rest: &[Token], today: NaiveDate) -> Option<usize> {
        if let Some(day) = weekday(word) {
            return self.weekday.replace(day).is_none().then_some(1);
        }
        if let Some(part) = Part::of(word) {
            self.set_part(part)?;
            return Some(1);
        }
        if let Some(month) = month(word) {
            // `December 1st, 2026`
            let Some(Token::Number(day, 1 | 2)) = rest.get(1) else { return None };
            let suffix = matches!(rest.get(2), Some(Token::Word(word)) if matches!(word.as_str(), "st" | "nd" | "rd" | "th"));
            let used = 2 + usize::from(suffix);
            if let Some(Token::Number(year, 4)) = rest.get(used) {
                self.set_day(Day::Date(date(*year, month, *day)?))?;
                return Some(used + 1);
            }
            self.set_day(Day::Date(upcoming(*day, month, today)?))?;
            return Some(used);
        }
        // «двадцать пятого декабря», «первого числа».
        let (tens, at) = match word {
            "двадцать" => (20, 1),
            "тридцать" => (30, 1),
            _ => (0, 0),
        };
        let ones = match rest.get(at) {
            Some(Token::Word(word)) => ordinal(word).filter(|n| tens == 0 || *n < 10),
            _ => None,
        };
        if let Some(ones) = ones {
            let day = tens + ones;
            return match rest.get(at + 1) {
                Some(Token::Word(word)) if month(word).is_some() => {
                    let month = month(word)?;
                    if let Some(Token::Number(year, 4)) = rest.get(at + 2) {
                        self.set_day(Day::Date(date(*year, month, day)?))?;
                        return Some(at + 3);
                    }
                    self.set_day(Day::Date(upcoming(day, month, today)?))?;
                    Some(at + 2)
                }
                Some(Token::Word(word)) if word == "числа" => {
                    self.set_day(Day::Date(next_of_month(day, today)?))?;
                    Some(at + 2)
                }
                _ => None,
            };
        }
        if let Some(half) = word.strip_prefix("пол").and_then(ordinal) {
            self.half_of(half)?;
            return Some(1);
        }
        if let Some(hour) = spans::whole(word) {
            let mut used = 1;
            let unit =
                |at: usize| matches!(rest.get(at), Some(Token::Word(word)) if matches!(word.as_str(), "час" | "часа" | "часов" | "oclock"));
            used += usize::from(unit(used));
            let minute = match rest.get(used) {
                Some(Token::Number(minute, 2)) if *minute < 60 => Some(*minute),
                Some(Token::Word(word)) if word == "тридцать" || word == "thirty" => Some(30),
                _ => None,
            };
            used += usize::from(minute.is_some());
            self.set_time(Time::Hour { hour, minute: minute.unwrap_or(0) })?;
            return Some(used);
        }
        filler(word).then_some(1)
    }

    /// «половина десятого» is half past nine.
    fn half_of(&mut self, hour: u32) -> Option<()> {
        let hour = if hour == 1 { 12 } else { hour.checked_sub(1).filter(|hour| *hour < 12)? };
        self.set_time(Time::Hour { hour, minute: 30 })
    }

    /// `half past nine`
    fn past(&mut self, rest: &[Token], minute: u32) -> Option<usize> {
        self.set_time(Time::Hour { hour: number_at(rest, 2)?, minute })?;
        Some(3)
    }

    /// «через 2 часа 30 минут»; how many tokens, or `None` if no span stands here.
    fn span(&mut self, rest: &[Token], now: NaiveDateTime) -> Option<usize> {
        let words: Vec<String> = rest
            .iter()
            .map(|token| match token {
                Token::Word(word) | Token::Decimal(word) => word.clone(),
                Token::Number(number, _) => number.to_string(),
                Token::Numbers(parts, '.') if parts.len() == 2 => format!("{}.{}", parts[0].0, parts[1].0),
                Token::Numbers(..) | Token::Dash => String::new(),
            })
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut at = now;
        let (mut used, mut days_only) = (0, true);
        loop {
            let joined = usize::from(used > 0 && matches!(words.get(used), Some(&"и" | &"and")));
            // A lone measure after the first («через день час»?) would be a time of the day.
            let Some((count, unit, more)) = spans::quantity(words.get(used + joined..)?).filter(|(.., more)| used == 0 || *more > 1) else {
                break;
            };
            at = shift(at, count, unit)?;
            days_only &= matches!(unit, Unit::Day | Unit::Week | Unit::Month | Unit::Year);
            used += joined + more;
        }
        if used == 0 || self.from_now.is_some() {
            return None;
        }
        // «Через 3 дня в 10» names a day; «через 2 часа» is a moment already.
        self.set_day(Day::Date(at.date()))?;
        self.from_now = Some((at, days_only));
        Some(used)
    }

    /// `10.11` beside a time is a day, beside a day a time; alone it is whichever it looks like.
    fn settle_pairs(&mut self, today: NaiveDate) -> Option<()> {
        let day = |(first, second): (u32, u32)| upcoming(first, second % NO_MINUTES, today);
        let time = |(hour, minute): (u32, u32)| (hour < 25 && minute < 60).then_some(Time::Clock { hour, minute });
        match self.pairs.as_slice() {
            [] => Some(()),
            &[one] => {
                let lone = self.day.is_none() && self.weekday.is_none() && self.time.is_none();
                let as_day = day(one).filter(|_| self.day.is_none());
                let as_time = time(one).filter(|_| self.time.is_none());
                match (as_day, as_time) {
                    // `10.10` may be both; nobody plans anything for eleven minutes past ten.
                    (Some(day), Some(time)) if lone && one.1.is_multiple_of(5) => {
                        self.time = Some(time);
                        self.or_day = Some(day);
                        Some(())
                    }
                    (Some(day), _) if lone || self.time.is_some() => self.set_day(Day::Date(day)),
                    (_, Some(time)) => self.set_time(time),
                    (Some(day), None) => self.set_day(Day::Date(day)),
                    (None, None) => None,
                }
            }
            &[first, second] => {
                let (date, clock) = day(first).zip(time(second)).or_else(|| day(second).zip(time(first)))?;
                self.set_day(Day::Date(date))?;
                self.set_time(clock)
            }
            _ => None,
        }
    }
}

/// A whole number at a place, in digits or words.
fn number_at(rest: &[Token], at: usize) -> Option<u32> {
    match rest.get(at)? {
        Token::Number(number, _) => Some(*number),
        Token::Word(word) => spans::whole(word),
        _ => None,
    }
    .filter(|hour| (1..=12).contains(hour))
}
