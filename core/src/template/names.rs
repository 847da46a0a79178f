//! Variables by the names people give them: titles of fields in place of keys, and the placeholders
//! of other programs.

use std::ops::Range;

use super::{
    lint::BUILT_IN,
    scan::{self, Token},
};
use crate::{
    contact::{Field, FieldKind, occasion, value::read_flag},
    text::{
        fold,
        near::{begins, distance},
    },
};

/// What the product's variables are called besides their keys, folded.
const CALLED: &[(&str, &str)] = &[
    ("имя", "first_name"),
    ("имя клиента", "first_name"),
    ("имя получателя", "first_name"),
    ("имя контакта", "first_name"),
    ("имя гостя", "first_name"),
    ("имя пациента", "first_name"),
    ("firstname", "first_name"),
    ("first name", "first_name"),
    ("fname", "first_name"),
    ("фамилия", "last_name"),
    ("lastname", "last_name"),
    ("last name", "last_name"),
    ("lname", "last_name"),
    ("отчество", "patronymic"),
    ("middle name", "patronymic"),
    ("фио", "name"),
    ("фио клиента", "name"),
    ("полное имя", "name"),
    ("имя и фамилия", "name"),
    ("fullname", "name"),
    ("full name", "name"),
    ("client name", "name"),
    ("clientname", "name"),
    ("customer name", "name"),
    ("contact name", "name"),
    ("компания", "company"),
    ("название компании", "company"),
    ("рекламодатель", "advertiser"),
    ("сегодня", "today"),
    ("дата визита", "visit.date"),
    ("дата записи", "visit.date"),
    ("время визита", "visit.time"),
    ("время записи", "visit.time"),
    ("когда визит", "visit.at"),
    ("услуга", "visit.title"),
    ("услуги", "visit.title"),
    ("мастер", "visit.staff"),
    ("специалист", "visit.staff"),
    ("филиал", "visit.place"),
    ("сумма визита", "visit.amount"),
    ("номер заказа", "order.number"),
    ("статус заказа", "order.stage"),
    ("сумма заказа", "order.amount"),
    ("состав заказа", "order.title"),
    ("дата заказа", "order.date"),
    ("этап сделки", "deal.stage"),
    ("сумма сделки", "deal.amount"),
    ("название сделки", "deal.title"),
    ("сумма оплаты", "payment.amount"),
    ("дата оплаты", "payment.date"),
];

/// A placeholder of another program: `{name}`, `%name%`, `[[name]]`, `[Имя]`, `*|FNAME|*`, `#ИМЯ#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Its bytes.
    pub range: Range<usize>,
    pub written: String,
    /// The key of the variable that is meant, if one is known by this name.
    pub variable: Option<String>,
}

/// The key that a key, a title or another name stands for.
#[must_use]
pub fn key(written: &str, fields: &[Field]) -> Option<String> {
    let folded = fold(written);
    let known = BUILT_IN.iter().copied().chain(fields.iter().map(|field| field.key.as_str())).find(|key| *key == folded);
    known
        .or_else(|| fields.iter().find(|field| fold(&field.title) == folded).map(|field| field.key.as_str()))
        .or_else(|| CALLED.iter().find(|(called, _)| *called == folded).map(|(_, key)| *key))
        .map(str::to_owned)
}

/// The known name nearest to one that is not known, which may be its beginning: a title where there
/// is one.
#[must_use]
pub fn nearest(written: &str, fields: &[Field]) -> Option<String> {
    let written = fold(written);
    let titles = fields.iter().map(|field| (fold(&field.title), field.title.clone()));
    let keys = BUILT_IN.iter().copied().chain(fields.iter().map(|field| field.key.as_str())).map(|key| (key.to_owned(), key.to_owned()));
    let called = CALLED.iter().map(|(called, _)| ((*called).to_owned(), (*called).to_owned()));
    let parts = occasion::NAMED.iter().flat_map(|kind| occasion::PARTS.iter().map(move |part| format!("{}.{part}", kind.as_str())));
    let parts = parts.map(|name| (name.clone(), name));
    let known: Vec<(String, String)> = keys.chain(titles).chain(called).chain(parts).collect();
    if let Some((_, shown)) = known.iter().find(|(folded, _)| begins(&written, folded)) {
        return Some(shown.clone());
    }
    let (far, best) = known.into_iter().map(|(folded, shown)| (distance(&written, &folded), shown)).min()?;
    (far <= 1 + written.chars().count() / 4).then_some(best)
}

/// A source with titles inside its tags turned into keys: `{{ День рождения }}` is `{{ birthday
/// }}`. Keys are what is kept: a title may change later.
#[must_use]
pub fn translate(source: &str, fields: &[Field]) -> String {
    let mut titles: Vec<(Vec<char>, &str)> =
        fields.iter().map(|field| (fold(&field.title).chars().collect(), field.key.as_str())).collect();
    titles.extend(CALLED.iter().map(|(called, key)| (called.chars().collect(), *key)));
    // What is a key already, or a word of the language, stays itself; the longest title is meant.
    titles.retain(|(title, _)| {
        let title: String = title.iter().collect();
        !title.is_empty()
            && !scan::is_word(&title)
            && key(&title, &[]).as_deref() != Some(&*title)
            && fields.iter().all(|field| field.key != title)
    });
    // A key in other letters, `{{ City }}`, is that key.
    let keys = BUILT_IN.iter().copied().chain(fields.iter().map(|field| field.key.as_str()));
    titles.extend(keys.filter(|key| !scan::is_word(key)).map(|key| (key.chars().collect(), key)));
    titles.sort_by_key(|(title, _)| std::cmp::Reverse(title.len()));
    let flags: Vec<&str> = fields.iter().filter(|field| field.kind == FieldKind::Flag).map(|field| field.key.as_str()).collect();
    let (tags, _) = scan::tags(source);
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    for tag in tags {
        out.push_str(&source[at..tag.inner_at]);
        // Two variables that Russians always say together.
        if !tag.control && matches!(fold(tag.inner).as_str(), "имя отчество" | "имя и отчество") {
            out.push_str(" first_name }} {{ patronymic ");
        } else {
            out.push_str(&answered(&named(tag.inner, &titles), &flags));
        }
        at = tag.inner_at + tag.inner.len();
    }
    out.push_str(&source[at..]);
    out
}

/// A condition about a flag as the language has it: `vip == 'да'` is `vip == true`. Compared with a
/// text, a flag that is set would equal any.
fn answered(inner: &str, flags: &[&str]) -> String {
    let tokens = scan::tokens(inner);
    let (mut out, mut at) = (String::with_capacity(inner.len()), 0);
    for four in tokens.windows(4) {
        let [(_, Token::Name(name)), (_, Token::Sign('=' | '!')), (_, Token::Sign('=')), (place, Token::Text(text))] = four else {
            continue;
        };
        let Some(yes) = read_flag(text).filter(|_| flags.contains(name)) else { continue };
        let opening = inner[*place..].chars().next().map_or(0, char::len_utf8);
        let closing = inner[place + opening + text.len()..].chars().next().map_or(0, char::len_utf8);
        out.push_str(&inner[at..*place]);
        out.push_str(if yes { "true" } else { "false" });
        at = place + opening + text.len() + closing;
    }
    out.push_str(&inner[at..]);
    out
}

/// The inside of a tag with its titles as keys; what stands in quotes stays.
fn named(inner: &str, titles: &[(Vec<char>, &str)]) -> String {
    let chars: Vec<char> = inner.chars().collect();
    let word = |c: &char| c.is_alphanumeric() || *c == '_';
    let mut out = String::with_capacity(inner.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if let Some(ends) = scan::closer(c)
            && let Some(len) = chars[at + 1..].iter().position(|c| ends.contains(c))
        {
            out.extend(&chars[at..=at + 1 + len]);
            at += len + 2;
            continue;
        }
        let fresh = !at.checked_sub(1).and_then(|before| chars.get(before)).is_some_and(word);
        // After a bar stands a filter, after a point a part.
        let before = chars[..at].iter().rev().find(|c| !c.is_whitespace());
        let found = (fresh && !matches!(before, Some('|' | '.')))
            .then(|| titles.iter().find_map(|(title, key)| Some((ends(title, &chars, at)?, *key))))
            .flatten()
            .filter(|(end, _)| !chars.get(*end).is_some_and(word));
        match found {
            Some((end, key)) => {
                out.push_str(key);
                at = end;
            }
            None => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}

/// Where a folded title ends that stands here.
fn ends(title: &[char], chars: &[char], from: usize) -> Option<usize> {
    let mut at = from;
    for wanted in title {
        let c = *chars.get(at)?;
        if *wanted == ' ' {
            if !c.is_whitespace() {
                return None;
            }
            while chars.get(at).is_some_and(|c| c.is_whitespace()) {
                at += 1;
            }
            continue;
        }
        let mut lower = c.to_lowercase();
        let lower = if lower.len() == 1 { lower.next()? } else { return None };
        if lower != *wanted && !(lower == 'ё' && *wanted == 'е') {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// The placeholders of other programs in a text, outside its tags.
#[must_use]
pub fn placeholders(source: &str, fields: &[Field]) -> Vec<Placeholder> {
    const MARKS: [(&str, &str, bool); 7] = [
        ("[[", "]]", true),
        ("[", "]", false),
        ("*|", "|*", true),
        ("${", "}", true),
        ("{", "}", true),
        ("%", "%", false),
        ("#", "#", false),
    ];
    let (tags, unclosed) = scan::tags(source);
    let end = unclosed.unwrap_or(source.len());
    let mut found = Vec::new();
    let mut at = 0;
    'next: while at < end {
        if let Some(tag) = tags.iter().find(|tag| tag.range.contains(&at)) {
            at = tag.range.end;
            continue;
        }
        let rest = &source[at..end];
        for (open, close, bracket) in MARKS {
            let Some(inner) = rest.strip_prefix(open) else { continue };
            let Some(len) = inner.find(close).filter(|len| (1..=120).contains(len)) else { continue };
            let name = &inner[..len];
            let plain =
                name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.')) && name.chars().any(char::is_alphabetic);
            let tight = name.trim() == name;
            let variable = if plain { key(name.trim(), fields).or_else(|| key(&name.replace(['-', '.', '_'], " "), fields)) } else { None };
            // Percents and hashes have other uses: only a known name between them is one.
            if plain && (variable.is_some() || bracket) && (tight || bracket) {
                let range = at..at + open.len() + len + close.len();
                found.push(Placeholder { written: source[range.clone()].to_owned(), variable, range: range.clone() });
                at = range.end;
                continue 'next;
            }
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    found
}

/// The text with those placeholders as variables that are known.
#[must_use]
pub fn replaced(source: &str, fields: &[Field]) -> String {
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    for one in placeholders(source, fields) {
        let Some(variable) = one.variable else { continue };
        out.push_str(&source[at..one.range.start]);
        out.push_str(&format!("{{{{ {variable} }}}}"));
        at = one.range.end;
    }
    out.push_str(&source[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contact::FieldKind, id::FieldId};

    fn fields() -> Vec<Field> {
        [
            ("birthday", "День рождения", FieldKind::Date),
            ("gorod", "Город", FieldKind::Text),
            ("sum", "Сумма покупок", FieldKind::Number),
            ("vip", "VIP", FieldKind::Flag),
        ]
        .map(|(key, title, kind)| Field { id: FieldId::new(), key: key.to_owned(), title: title.to_owned(), kind })
        .to_vec()
    }

    /// Segments took titles, templates refused them without naming the key.
    #[test]
    fn titles_are_variables() {
        for (typed, kept) in [
            ("{{ Имя }}, привет", "{{ first_name }}, привет"),
            ("{{имя}}", "{{first_name}}"),
            ("{{ День рождения | date_ru }}", "{{ birthday | date_ru }}"),
            ("{{ день  рождения }} {{ город | default: \"Город\" }}", "{{ birthday }} {{ gorod | default: \"Город\" }}"),
            ("{% if Сумма покупок > 5 and Город == «Город» %}x{% endif %}", "{% if sum > 5 and gorod == «Город» %}x{% endif %}"),
            ("{{ first_name | default: имя | default: 'друг' }}", "{{ first_name | default: first_name | default: 'друг' }}"),
            ("{{ Городище }} Город {{ gorod }}", "{{ Городище }} Город {{ gorod }}"),
            ("{{ First name }} {{ name }}", "{{ first_name }} {{ name }}"),
            ("{{ Gorod }} {{ NAME }}", "{{ gorod }} {{ name }}"),
            ("{{ Отчество }}", "{{ patronymic }}"),
            ("{{ Имя Отчество }}!", "{{ first_name }} {{ patronymic }}!"),
            ("{% if VIP %}x{% endif %}", "{% if vip %}x{% endif %}"),
            ("{% if VIP == 'да' and Город == 'да' %}x{% endif %}", "{% if vip == true and gorod == 'да' %}x{% endif %}"),
            ("{% if vip != «Нет» %}x{% endif %}", "{% if vip != false %}x{% endif %}"),
            ("{{ x | имя }} {{ a.имя }} {{ не закрыт", "{{ x | имя }} {{ a.имя }} {{ не закрыт"),
        ] {
            assert_eq!(translate(typed, &fields()), kept);
            assert_eq!(translate(kept, &fields()), kept);
        }
    }

    /// They went out to customers as they were written, and nobody was warned.
    #[test]
    fn placeholders_of_other_programs_are_found_and_replaced() {
        for (typed, known, kept) in [
            ("Привет, {name}!", 1, "Привет, {{ name }}!"),
            ("Привет, { Имя }!", 1, "Привет, {{ first_name }}!"),
            ("%name%, %FIRST_NAME%", 2, "{{ name }}, {{ first_name }}"),
            ("[[Город]] [[first-name]]", 2, "{{ gorod }} {{ first_name }}"),
            ("#ИМЯ#, #День рождения#", 2, "{{ first_name }}, {{ birthday }}"),
            ("[Имя], [город]!", 2, "{{ first_name }}, {{ gorod }}!"),
            ("*|FNAME|* *|LNAME|*", 2, "{{ first_name }} {{ last_name }}"),
            ("${name} %CLIENT_NAME% {client.name}", 3, "{{ name }} {{ name }} {{ name }}"),
            ("Адрес [см. сайт], массив[имя_файла]", 0, "Адрес [см. сайт], массив[имя_файла]"),
            ("{промокод}", 0, "{промокод}"),
            ("Скидка 20% и ещё 5% #осень #скидки {{ name }}", 0, "Скидка 20% и ещё 5% #осень #скидки {{ name }}"),
            ("{ } {1} {a: b} 100%", 0, "{ } {1} {a: b} 100%"),
            ("<a href=\"https://x.ru/?a=%D0%B8%D0\">x</a>", 0, "<a href=\"https://x.ru/?a=%D0%B8%D0\">x</a>"),
        ] {
            let found = placeholders(typed, &fields());
            assert_eq!(found.iter().filter(|one| one.variable.is_some()).count(), known, "{typed}");
            assert_eq!(replaced(typed, &fields()), kept);
        }
        assert_eq!(placeholders("{промокод}", &fields())[0].written, "{промокод}");
    }
}
