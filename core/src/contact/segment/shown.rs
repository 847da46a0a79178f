//! A filter in plain words, in Russian or English: «Тег: vip · Город: Москва, Казань · День
//! рождения: в ближайшие 7 дней». [`Filter::parse`] reads it back as the same filter.

use chrono::{Datelike, NaiveDate};

use super::{
    Age, Cond, ConsentLevel, Expr, Filter, Literal, Name, Op, Test, Unit,
    names::{Names, written},
    parser::keyword,
    phrases::phrase,
    typed::{is_birthday, joins, with_or_without},
};
use crate::{consent::Grade, contact::Field, text::fold};

impl Filter {
    /// The filter in plain words; an empty text for everybody.
    #[must_use]
    pub fn shown(&self, fields: &[Field], russian: bool) -> String {
        self.root.as_ref().map_or_else(String::new, |root| Words { fields, ru: russian }.expr(root, false))
    }
}

impl Cond {
    /// The condition alone, as it stands in [`Filter::shown`].
    #[must_use]
    pub fn shown(&self, fields: &[Field], russian: bool) -> String {
        Words { fields, ru: russian }.cond(self)
    }
}

struct Words<'a> {
    fields: &'a [Field],
    ru: bool,
}

impl Words<'_> {
    fn say(&self, ru: &'static str, en: &'static str) -> &'static str {
        if self.ru { ru } else { en }
    }

    fn expr(&self, expr: &Expr, inside: bool) -> String {
        let joined = |parts: &[Expr], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| self.expr(part, true)).collect();
            let text = parts.join(word);
            if inside { format!("({text})") } else { text }
        };
        match expr {
            Expr::Cond(cond) => self.cond(cond),
            Expr::Not(inner) => match inner.as_ref() {
                // Joined ones have their brackets already.
                Expr::And(_) | Expr::Or(_) => format!("{} {}", self.say("не", "not"), self.expr(inner, true)),
                _ => format!("{} ({})", self.say("не", "not"), self.expr(inner, false)),
            },
            Expr::And(parts) if inside => joined(parts, self.say(" и ", " and ")),
            Expr::And(parts) => joined(parts, " · "),
            Expr::Or(parts) => joined(parts, self.say(" или ", " or ")),
        }
    }

    fn cond(&self, cond: &Cond) -> String {
        let test = match &cond.test {
            Test::Cmp(op, value) => self.comparison(&cond.name, *op, value),
            Test::In { negated, values } => self.list(*negated, values),
            Test::Contains { negated: false, part } => format!("{} {}", self.say("содержит", "contains"), self.text(part, false)),
            Test::Contains { negated: true, part } => format!("{} {}", self.say("не содержит", "does not contain"), self.text(part, false)),
            Test::Empty { negated } => if *negated { self.say("заполнено", "not empty") } else { self.say("пусто", "empty") }.to_owned(),
            Test::Next { days: 0 } => self.say("годовщина сегодня", "anniversary today").to_owned(),
            Test::Next { days } if self.ru => {
                format!("{} {}", if one(*days) { "в ближайший" } else { "в ближайшие" }, span(*days, Unit::Day, true, false))
            }
            Test::Next { days } => format!("in the next {}", span(*days, Unit::Day, false, false)),
        };
        format!("{}: {test}", written(&cond.name, self.fields, self.ru))
    }

    fn comparison(&self, name: &Name, op: Op, value: &Literal) -> String {
        match value {
            Literal::Age(age) => self.age(op, *age),
            Literal::Day(_) | Literal::FromToday(_) => {
                let exactly = op == Op::Eq && matches!(value, Literal::FromToday(0..)) && is_birthday(name, self.fields);
                let before = match op {
                    Op::Eq if exactly => self.say("ровно ", "exactly "),
                    Op::Eq => "",
                    Op::Ne => self.say("не ", "not "),
                    Op::Lt => self.say("раньше ", "before "),
                    Op::Le => self.say("не позже ", "not later than "),
                    Op::Gt => self.say("после ", "after "),
                    Op::Ge => self.say("не раньше ", "not earlier than "),
                };
                format!("{before}{}", self.literal(value))
            }
            Literal::Grade(_) => {
                let grade = self.literal(value);
                match op {
                    Op::Eq => grade,
                    Op::Ne => format!("{} {grade}", self.say("не", "not")),
                    Op::Ge => format!("{grade} {}", self.say("и выше", "or better")),
                    Op::Le => format!("{grade} {}", self.say("и ниже", "or worse")),
                    Op::Gt => format!("{} {grade}", self.say("выше", "better than")),
                    Op::Lt => format!("{} {grade}", self.say("ниже", "worse than")),
                }
            }
            Literal::Flag(yes) => {
                let address = matches!(name, Name::Phone | Name::Telegram);
                let word = match (*yes, address) {
                    (true, true) => self.say("есть", "yes"),
                    (true, false) => self.say("да", "yes"),
                    (false, _) => self.say("нет", "no"),
                };
                if op == Op::Ne { format!("{} {word}", self.say("не", "not")) } else { word.to_owned() }
            }
            Literal::Text(_) | Literal::Number(_) => {
                let before = match op {
                    Op::Eq => "",
                    Op::Ne => self.say("не ", "not "),
                    Op::Lt => self.say("меньше ", "less than "),
                    Op::Le => self.say("не больше ", "at most "),
                    Op::Gt => self.say("больше ", "more than "),
                    Op::Ge => self.say("не меньше ", "at least "),
                };
                format!("{before}{}", self.literal(value))
            }
        }
    }

    fn age(&self, op: Op, age: Age) -> String {
        let ago = |before: &str| {
            format!("{before}{} {}", span(age.count, age.unit, self.ru, self.ru && !before.is_empty()), self.say("назад", "ago"))
        };
        match op {
            Op::Eq => format!("{} {}", span(age.count, age.unit, self.ru, false), self.say("назад", "ago")),
            Op::Ne => format!("{}{} {}", self.say("не ", "not "), span(age.count, age.unit, self.ru, false), self.say("назад", "ago")),
            Op::Lt => ago(self.say("меньше ", "less than ")),
            Op::Gt => ago(self.say("больше ", "more than ")),
            Op::Ge => ago(self.say("не меньше ", "at least ")),
            Op::Le if self.ru => {
                let last = match (one(age.count), age.unit) {
                    (false, _) => "последние",
                    (true, Unit::Week) => "последнюю",
                    (true, _) => "последний",
                };
                format!("за {last} {}", span(age.count, age.unit, true, false))
            }
            Op::Le => format!("in the last {}", span(age.count, age.unit, false, false)),
        }
    }

    fn list(&self, negated: bool, values: &[Literal]) -> String {
        let said: Vec<String> =
            values.iter().map(|value| if let Literal::Text(text) = value { self.text(text, true) } else { self.literal(value) }).collect();
        let numbers = matches!(values.first(), Some(Literal::Number(_)));
        match (negated, said.as_slice()) {
            (false, [one]) => format!("{} ({one}{})", self.say("одно из", "one of"), if numbers { ";" } else { "" }),
            (true, [one]) => format!("{} ({one}{})", self.say("не из", "not in"), if numbers { ";" } else { "" }),
            // A comma is within a number already.
            (false, _) if numbers => said.join(self.say(" или ", " or ")),
            (true, _) if numbers => format!("{} ({})", self.say("не из", "not in"), said.join("; ")),
            (false, _) => said.join(", "),
            (true, _) => format!("{} {}", self.say("не", "not"), said.join(", ")),
        }
    }

    fn literal(&self, value: &Literal) -> String {
        match value {
            Literal::Text(text) => self.text(text, false),
            Literal::Number(number) => self.number(*number),
            Literal::Day(day) => self.day(*day),
            Literal::FromToday(-1) => self.say("вчера", "yesterday").to_owned(),
            Literal::FromToday(0) => self.say("сегодня", "today").to_owned(),
            Literal::FromToday(1) => self.say("завтра", "tomorrow").to_owned(),
            Literal::FromToday(days) => {
                let sign = if *days < 0 { "−" } else { "+" };
                format!("{} {sign} {}", self.say("сегодня", "today"), span(days.abs(), Unit::Day, self.ru, false))
            }
            Literal::Age(age) => span(age.count, age.unit, self.ru, false),
            Literal::Flag(yes) => if *yes { self.say("да", "yes") } else { self.say("нет", "no") }.to_owned(),
            Literal::Grade(level) => match level {
                ConsentLevel::None => self.say("нет", "none"),
                ConsentLevel::Any => self.say("есть", "any"),
                ConsentLevel::Grade(Grade::A) => "A",
                ConsentLevel::Grade(Grade::B) => "B",
                ConsentLevel::Grade(Grade::C) => "C",
                ConsentLevel::Grade(Grade::D) => "D",
            }
            .to_owned(),
        }
    }

    fn number(&self, number: f64) -> String {
        let plain = number.to_string();
        if !self.ru {
            return plain;
        }
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
        let mut out = sign.to_owned();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push('\u{a0}');
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push(',');
            out.push_str(fraction);
            // Three digits after a comma may be thousands as well.
            if fraction.len() == 3 {
                out.push('0');
            }
        }
        out
    }

    fn day(&self, day: NaiveDate) -> String {
        const RU: [&str; 12] =
            ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"];
        if !(1_000..=9_999).contains(&day.year()) {
            return day.format("%Y-%m-%d").to_string();
        }
        if self.ru {
            let month = RU.get(day.month0() as usize).copied().unwrap_or_default();
            format!("{} {month} {}", day.day(), day.year())
        } else {
            day.format("%-d %B %Y").to_string()
        }
    }

    /// A text value: bare when it would be read back as it is, else in quotes; in a list a name
    /// would begin the next condition.
    fn text(&self, value: &str, listed: bool) -> String {
        let words: Vec<String> = value.split(' ').map(fold).collect();
        let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | '#' | '@' | '%');
        let free = |word: &String| {
            !word.is_empty()
                && keyword(word).is_none()
                && joins(word).is_none()
                && with_or_without(word).is_none()
                && !matches!(word.as_str(), "yes" | "none" | "кроме" | "except" | "а")
        };
        let bare = value.chars().all(plain)
            && words.iter().all(free)
            && phrase(&words).is_none()
            && !(listed && Names::new(self.fields).at(&value.chars().collect::<Vec<_>>(), 0).is_some());
        if bare {
            return value.to_owned();
        }
        let (open, close) = if self.ru { ('«', "»") } else { ('“', "”") };
        let mut out = String::from(open);
        for c in value.chars() {
            if matches!(c, '»' | '”' | '“' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out.push_str(close);
        out
    }
}

/// «21 день» is one of the kind of «один день».
fn one(count: i32) -> bool {
    count % 10 == 1 && count % 100 != 11
}

/// «90 дней», «2 недели»; after «больше» in the other case: «больше 2 недель».
fn span(count: i32, unit: Unit, russian: bool, genitive: bool) -> String {
    if !russian {
        let name = match unit {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Year => "year",
        };
        return format!("{count} {name}{}", if count == 1 { "" } else { "s" });
    }
    let (first, few, many) = match (unit, genitive) {
        (Unit::Day, false) => ("день", "дня", "дней"),
        (Unit::Day, true) => ("дня", "дней", "дней"),
        (Unit::Week, false) => ("неделю", "недели", "недель"),
        (Unit::Week, true) => ("недели", "недель", "недель"),
        (Unit::Month, false) => ("месяц", "месяца", "месяцев"),
        (Unit::Month, true) => ("месяца", "месяцев", "месяцев"),
        (Unit::Year, false) => ("год", "года", "лет"),
        (Unit::Year, true) => ("года", "лет", "лет"),
    };
    let form = match (count % 10, count % 100) {
        (_, 11..=14) => many,
        (1, _) => first,
        (2..=4, _) => few,
        _ => many,
    };
    format!("{count} {form}")
}
