//! The words of days and hours, in both languages.

use chrono::Weekday;

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// «утра», «утром».
    Morning,
    /// «дня», «днём».
    Day,
    /// «вечера», «вечером».
    Evening,
    /// «ночи», «ночью».
    Night,
    /// `am`.
    Am,
    /// `pm`.
    Pm,
}

impl Part {
    /// The part that a folded word names.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "утра" | "утром" | "утро" | "утру" | "утречком" | "morning" => Self::Morning,
            "дня" | "днем" | "обед" | "обеда" | "обедом" | "afternoon" => Self::Day,
            "вечера" | "вечером" | "вечер" | "вечеру" | "evening" | "tonight" => Self::Evening,
            "ночи" | "ночью" | "ночь" | "night" => Self::Night,
            "am" => Self::Am,
            "pm" => Self::Pm,
            _ => return None,
        })
    }

    /// An hour of this part that people mean when they name none.
    pub fn example(self) -> u32 {
        match self {
            Self::Morning | Self::Am => 10,
            Self::Day | Self::Pm => 14,
            Self::Evening => 19,
            Self::Night => 22,
        }
    }
}

/// The day of the week that a folded word names.
pub fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "пн" | "пнд" | "понедельник" | "понедельника" | "понедельнику" | "mon" | "monday" | "mondays" => {
            Weekday::Mon
        }
        "вт" | "втр" | "вторник" | "вторника" | "вторнику" | "tue" | "tues" | "tuesday" => Weekday::Tue,
        "ср" | "срд" | "среда" | "среду" | "среды" | "среде" | "wed" | "wednesday" => Weekday::Wed,
        "чт" | "чтв" | "четверг" | "четверга" | "четвергу" | "thu" | "thur" | "thurs" | "thursday" => {
            Weekday::Thu
        }
        "пт" | "птн" | "пятница" | "пятницу" | "пятницы" | "пятнице" | "fri" | "friday" => Weekday::Fri,
        "сб" | "сбт" | "суббота" | "субботу" | "субботы" | "субботе" | "sat" | "saturday" => Weekday::Sat,
        "вс" | "вск" | "воскресенье" | "воскресенья" | "воскресенью" | "sun" | "sunday" => {
            Weekday::Sun
        }
        _ => return None,
    })
}

/// The month, from 1, that a folded word names; three letters are enough.
pub fn month(word: &str) -> Option<u32> {
    const RU: [[&str; 3]; 12] = [
        ["январь", "января", "январе"],
        ["февраль", "февраля", "феврале"],
        ["март", "марта", "марте"],
        ["апрель", "апреля", "апреле"],
        ["май", "мая", "мае"],
        ["июнь", "июня", "июне"],
        ["июль", "июля", "июле"],
        ["август", "августа", "августе"],
        ["сентябрь", "сентября", "сентябре"],
        ["октябрь", "октября", "октябре"],
        ["ноябрь", "ноября", "ноябре"],
        ["декабрь", "декабря", "декабре"],
    ];
    const EN: [&str; 12] =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    let short = word.chars().count() >= 3;
    let ru = (1..).zip(RU).find(|(_, forms)| short && forms.iter().any(|form| form.starts_with(word)));
    let en = (1..).zip(EN).find(|(_, name)| short && (name.starts_with(word) || (word == "sept" && *name == "september")));
    ru.map(|(n, _)| n).or(en.map(|(n, _)| n))
}

/// The day of a month or the hour that an ordinal names: «первого», «десятое», `tenth`.
pub fn ordinal(word: &str) -> Option<u32> {
    const STEMS: [&str; 20] = [
        "перв",
        "втор",
        "треть",
        "четверт",
        "пят",
        "шест",
        "седьм",
        "восьм",
        "девят",
        "десят",
        "одиннадцат",
        "двенадцат",
        "тринадцат",
        "четырнадцат",
        "пятнадцат",
        "шестнадцат",
        "семнадцат",
        "восемнадцат",
        "девятнадцат",
        "двадцат",
    ];
    let stem = ["ого", "его", "ое", "е"].iter().find_map(|ending| word.strip_suffix(ending))?;
    if stem == "тридцат" {
        return Some(30);
    }
    (1..).zip(STEMS).find(|(_, known)| *known == stem).map(|(n, _)| n)
}

/// Words that say nothing about when: what may stand between a day and a time.
pub fn filler(word: &str) -> bool {
    matches!(
        word,
        "в" | "во"
            | "на"
            | "к"
            | "с"
            | "до"
            | "at"
            | "on"
            | "the"
            | "of"
            | "by"
            | "till"
            | "until"
            | "from"
            | "г"
            | "год"
            | "года"
            | "году"
            | "ровно"
            | "sharp"
            | "начать"
            | "начни"
            | "старт"
            | "отправить"
            | "отправь"
            | "отправляй"
            | "запусти"
            | "запустить"
            | "поставь"
            | "поставить"
            | "начинай"
            | "launch"
            | "schedule"
            | "давай"
            | "давайте"
            | "пожалуйста"
            | "please"
            | "send"
            | "start"
            | "время"
            | "t"
    )
}
