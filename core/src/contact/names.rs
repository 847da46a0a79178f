//! A full name in its parts: «Соколова Вера Петровна» is Вера. In Russian a first name, a surname
//! and a patronymic are told apart by what they are; where a name does not tell, the column it
//! stands in does. A name that neither decides (a foreign one, a firm) stays whole.

mod east;
mod known;
pub mod same;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::text::fold;
use known::FIRST_NAMES;

/// Which part stands first in a column of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameOrder {
    /// «Вера Соколова».
    FirstLast,
    /// «Соколова Вера».
    LastFirst,
}

/// The parts of a name; empty where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// First name.
    pub first: String,
    /// Surname.
    pub last: String,
    pub patronymic: String,
}

/// The order most of these names are written in, where they tell.
#[must_use]
pub fn order<'a>(names: impl Iterator<Item = &'a str>) -> Option<NameOrder> {
    let (mut first_last, mut last_first) = (0_usize, 0_usize);
    for name in names {
        let name = tidy(name);
        let Some(words) = words(&name).filter(|words| words.len() >= 2) else { continue };
        match decided(&words) {
            Some(parts) if parts.first.is_empty() || parts.last.is_empty() => {}
            Some(parts) if parts.first == words[0] => first_last += 1,
            Some(_) => last_first += 1,
            None => {}
        }
    }
    // One name out of place among five is somebody's slip.
    if first_last > last_first * 4 {
        Some(NameOrder::FirstLast)
    } else if last_first > first_last * 4 {
        Some(NameOrder::LastFirst)
    } else {
        None
    }
}

/// The parts of a name; `None`: it stays whole.
#[must_use]
pub fn split(name: &str, order: Option<NameOrder>) -> Option<Parts> {
    let name = tidy(name);
    let parts = match noted(&name) {
        Some(first) => Parts { first: first.to_owned(), ..Parts::default() },
        None => {
            let words = words(&name)?;
            decided(&words).or_else(|| by_order(&words, order?))?
        }
    };
    Some(Parts { first: cased(&parts.first), last: cased(&parts.last), patronymic: cased(&parts.patronymic) })
}

/// The patronymic of a full name, where it has one.
#[must_use]
pub fn patronymic(name: &str) -> Option<String> {
    split(name, None).map(|parts| parts.patronymic).filter(|patronymic| !patronymic.is_empty())
}

/// A known first name as it is written in letters («ОЛЯ» is «Оля»); anything else stays as it is.
#[must_use]
pub fn first(name: &str) -> String {
    if is_first(name) { cased(name) } else { name.to_owned() }
}

/// A name without what people add to one: brackets («Соколова (Иванова) Анна»), pictures («Анна
/// 🌸»), marks.
fn tidy(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '\'' | '’' | '.' | ',' | '«' | '»' | '"');
    if name.chars().all(plain) {
        return Cow::Borrowed(name);
    }
    let (mut out, mut depth) = (String::with_capacity(name.len()), 0_usize);
    for char in name.chars() {
        match char {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            char if plain(char) => out.push(char),
            // «Глеб & Ко» is a firm.
            char if char.is_ascii() => return Cow::Borrowed(name),
            _ => out.push(' '),
        }
    }
    Cow::Owned(out)
}

/// The first name of those that stand beside something that is no name: «Оля ногти», «Мария С.».
fn noted(name: &str) -> Option<&str> {
    let (mut first, mut notes) = (None, 0);
    for word in name.split_whitespace() {
        let small = word.chars().all(|c| c.is_lowercase() || c == '-');
        let initial = word.chars().count() == 2 && word.ends_with('.') && word.starts_with(char::is_uppercase);
        let part = is_first(word) || is_surname(word) || is_patronymic(word);
        if initial || (small && !part && words(word).is_some()) {
            notes += 1;
        } else if first.replace(word).is_some() {
            return None;
        }
    }
    first.filter(|word| notes == 1 && is_first(word) && word.starts_with(char::is_uppercase))
}

/// The words of a name in Cyrillic letters, one to four; `None` for anything else.
fn words(name: &str) -> Option<Vec<&str>> {
    let name = name.trim();
    if name.len() > 160 {
        return None;
    }
    let name = ["ИП ", "ип ", "г-жа ", "г-н "].iter().find_map(|title| name.strip_prefix(title)).unwrap_or(name);
    let words: Vec<&str> = name.split([' ', '\u{a0}', '\t', ',']).filter(|word| !word.is_empty()).collect();
    let letters = |word: &&str| word.chars().count() >= 2 && word.chars().all(|c| matches!(c, '\u{400}'..='\u{4ff}' | '-' | '\'' | '’'));
    ((1..=4).contains(&words.len()) && words.iter().all(letters)).then_some(words)
}

/// What the words themselves tell.
fn decided(words: &[&str]) -> Option<Parts> {
    let own = |first: &str, last: &str, patronymic: &str| {
        Some(Parts { first: first.to_owned(), last: last.to_owned(), patronymic: patronymic.to_owned() })
    };
    match *words {
        [one] => {
            if is_first(one) {
                own(one, "", "")
            } else {
                None
            }
        }
        [a, b] => {
            if is_patronymic(b) && !(is_first(b) || is_surname(a) && !is_first(a) || of_a_woman(a) && !fold(b).ends_with("на")) {
                return own(a, "", b);
            }
            match (is_first(a), is_first(b)) {
                (true, false) => own(a, b, ""),
                (false, true) => own(b, a, ""),
                // Rare first names, and surnames that are first names too.
                (false, false) | (true, true) => match (is_surname(a), is_surname(b)) {
                    (true, false) => own(b, a, ""),
                    (false, true) => own(a, b, ""),
                    _ => None,
                },
            }
        }
        [a, b, c] if is_patronymic(b) && (is_first(a) || !is_patronymic(c)) => own(a, c, b),
        [a, b, c] if is_patronymic(c) => own(b, a, c),
        [a, b, c, d] if matches!(fold(d).as_str(), "оглы" | "кызы" | "улы" | "уулу") => own(b, a, &format!("{c} {d}")),
        _ => None,
    }
}

/// Two words of which at least one is a name as Russians have them, in the order of their column.
fn by_order(words: &[&str], order: NameOrder) -> Option<Parts> {
    let [a, b] = *words else { return None };
    if ![a, b].iter().any(|word| is_first(word) || is_surname(word)) {
        return None;
    }
    let (first, last) = match order {
        NameOrder::FirstLast => (a, b),
        NameOrder::LastFirst => (b, a),
    };
    Some(Parts { first: first.to_owned(), last: last.to_owned(), patronymic: String::new() })
}

/// «Анна Рабинович» is no daughter of Рабин.
fn of_a_woman(first: &str) -> bool {
    let folded = fold(first);
    folded.ends_with(['а', 'я']) && !["никита", "илья", "лука", "савва", "данила", "саша", "женя", "валера"].contains(&folded.as_str())
}

fn is_first(word: &str) -> bool {
    let folded = fold(word);
    // «Анна-Мария».
    let known = |name: &str| FIRST_NAMES.binary_search(&name).is_ok() || east::FIRST_NAMES.contains(name);
    known(&folded) || folded.split_once('-').is_some_and(|(a, b)| known(a) && known(b))
}

fn is_patronymic(word: &str) -> bool {
    let folded = fold(word);
    folded.chars().count() >= 5
        && ["ович", "евич", "ьич", "мич", "кич", "тич", "ввич", "овна", "евна", "ична", "инична"].iter().any(|end| folded.ends_with(end))
}

fn is_surname(word: &str) -> bool {
    let folded = fold(word);
    folded.chars().count() >= 4
        && [
            "ов",
            "ова",
            "ев",
            "ева",
            "ин",
            "ина",
            "ын",
            "ына",
            "ский",
            "ская",
            "цкий",
            "цкая",
            "цкой",
            "ской",
            "енко",
            "ко",
            "ук",
            "юк",
            "ян",
            "янц",
            "дзе",
            "швили",
            "их",
            "ых",
            "ич",
            "ый",
            "ая",
        ]
        .iter()
        .any(|end| folded.ends_with(end))
}

/// «АННА» and «анна» as «Анна»; what is written in both cases stays.
fn cased(word: &str) -> String {
    let upper = word.chars().any(char::is_uppercase);
    let lower = word.chars().any(char::is_lowercase);
    if upper && lower {
        return word.to_owned();
    }
    let mut begins = true;
    let mut out = String::with_capacity(word.len());
    for char in word.chars() {
        if begins {
            out.extend(char.to_uppercase());
        } else {
            out.extend(char.to_lowercase());
        }
        begins = matches!(char, '-' | ' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(name: &str, order: Option<NameOrder>) -> String {
        split(name, order).map_or_else(|| "-".to_owned(), |parts| format!("{}|{}|{}", parts.first, parts.last, parts.patronymic))
    }

    #[test]
    fn a_name_is_split_by_what_its_words_are() {
        for (name, expected) in [
            ("Соколова Вера", "Вера|Соколова|"),
            ("Вера Соколова", "Вера|Соколова|"),
            ("Соколова Вера Петровна", "Вера|Соколова|Петровна"),
            ("Вера Петровна Соколова", "Вера|Соколова|Петровна"),
            ("Вера Петровна", "Вера||Петровна"),
            ("Кузьмин Илья Ильич", "Илья|Кузьмин|Ильич"),
            ("Анна Петровна Рабинович", "Анна|Рабинович|Петровна"),
            ("Рабинович Анна Петровна", "Анна|Рабинович|Петровна"),
            ("Соколова, Вера", "Вера|Соколова|"),
            ("СОКОЛОВА ВЕРА", "Вера|Соколова|"),
            ("вера", "Вера||"),
            ("Ёлкина Алёна", "Алёна|Ёлкина|"),
            ("Анна Рабинович", "Анна|Рабинович|"),
            ("Никита Ильич", "Никита||Ильич"),
            ("Лев Толстой", "Лев|Толстой|"),
            ("Алиев Руслан Мамед оглы", "Руслан|Алиев|Мамед оглы"),
            ("Римская-Корсакова Анна-Мария", "Анна-Мария|Римская-Корсакова|"),
            ("ИП Иванов Иван Иванович", "Иван|Иванов|Иванович"),
            ("Аделия Рустамовна", "Аделия||Рустамовна"),
            ("Марина", "Марина||"),
            ("John Smith", "-"),
            ("Ли Вэй", "-"),
            ("ООО Ромашка", "-"),
            ("Кафе «Рис»", "-"),
            ("Анна (маникюр)", "Анна||"),
            ("Соколова (Иванова) Анна", "Анна|Соколова|"),
            ("Анна 🌸", "Анна||"),
            ("Глеб & Ко", "-"),
            ("Анна Орлова 💅", "Анна|Орлова|"),
            ("Оля ногти", "Оля||"),
            ("Мария С.", "Мария||"),
            ("Света мама Кати", "-"),
            ("Оля ногти среда", "-"),
            ("иванова мария", "Мария|Иванова|"),
            ("Назарбаев Нурсултан Абишевич", "Нурсултан|Назарбаев|Абишевич"),
            ("Бекзат", "Бекзат||"),
            ("Юлдашева Зухра", "Зухра|Юлдашева|"),
            ("Тамара Павловна Гвердцители", "Тамара|Гвердцители|Павловна"),
            ("Шевченко Тарас Григорьевич", "Тарас|Шевченко|Григорьевич"),
            ("М.С. Иванова", "-"),
            ("Роман А.П.", "-"),
            ("Мама Пети", "-"),
            ("Соколова Анна VIP", "-"),
            ("Анна 2", "-"),
            ("Иванова А.П.", "-"),
            ("Павел Андрей", "-"),
            ("", "-"),
        ] {
            assert_eq!(parts(name, None), expected, "{name}");
        }
    }

    #[test]
    fn the_column_decides_where_the_name_does_not() {
        let column = ["Соколова Вера", "Орлов Пётр Ильич", "Павел Андрей", "Белова Анна", "Ким Ольга"];
        assert_eq!(order(column.into_iter()), Some(NameOrder::LastFirst));
        assert_eq!(parts("Павел Андрей", Some(NameOrder::LastFirst)), "Андрей|Павел|");
        assert_eq!(parts("Павел Андрей", Some(NameOrder::FirstLast)), "Павел|Андрей|");
        assert_eq!(order(["Вера Соколова", "Соколова Вера"].into_iter()), None);
        assert_eq!(parts("Ли Вэй", Some(NameOrder::LastFirst)), "-", "a foreign name stays whole");
    }

    #[test]
    fn the_names_are_in_the_order_in_which_they_are_looked_up() {
        assert!(FIRST_NAMES.is_sorted());
    }
}
