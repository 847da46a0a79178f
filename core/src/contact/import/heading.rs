//! What a column's heading says: words and not whole headings are known, because every program
//! writes its own («Телефон клиента», `Phone 1 - Value`, «Контактный тел. 2»), and so are the words
//! that forbid («… менеджера», «Номер карты»): a number that is nobody's phone must never be
//! written to.

mod words;

use super::mapping::Target;
use crate::{contact::Field, text::fold};
use words::{ABOUT, CHILD, CHILDREN, CUSTOMER, FIRMS, NUMBERS, OTHERS, SAME};

/// What a heading says of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heading {
    Is(Target),
    /// Neither a phone nor an e-mail of the person, whatever it looks like.
    Never,
    /// Nothing: its cells may tell.
    Unknown,
}

/// Characters of a heading that are looked at.
const LONGEST: usize = 120;

/// Reads a heading.
#[must_use]
pub fn read(title: &str, fields: &[Field]) -> Heading {
    // What stands behind the first words tells nothing more, however long it is.
    let folded = fold(&title.chars().take(LONGEST).collect::<String>());
    let trimmed = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if trimmed.is_empty() {
        return Heading::Unknown;
    }
    if let Some(field) = fields.iter().find(|field| field.key == trimmed || fold(&field.title) == trimmed) {
        return Heading::Is(Target::Field { key: field.key.clone() });
    }
    let words: Vec<&str> = trimmed.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let joined = words.join(" ");
    let about: Vec<&str> = words.iter().copied().filter(|word| *word == CHILD || !CUSTOMER.contains(word)).collect();
    if let Some(field) = same_field(&joined, fields).or_else(|| same_field(&about.join(" "), fields)) {
        return Heading::Is(Target::Field { key: field.key.clone() });
    }
    // «Заказчик» is no order.
    let begins = |list: &[&str]| {
        let stranger = |word: &&&str| !CUSTOMER.contains(*word);
        words.iter().filter(stranger).any(|word| list.iter().any(|begin| begins_as(word, begin)))
    };
    let others = begins(OTHERS) || begins(FIRMS);
    let phone = words.iter().any(|word| names_a_phone(word))
        || matches!(joined.as_str(), "контактный номер" | "номер для связи")
        || names_contacts(&joined);
    let email = names_an_email(&words, trimmed);
    if phone || email {
        let about = begins(ABOUT) || (!phone && begins(&["почтов", "индекс"]));
        return match (others || about, phone) {
            (true, _) => Heading::Never,
            (false, true) => Heading::Is(Target::Phone),
            (false, false) => Heading::Is(Target::Email),
        };
    }
    if begins(NUMBERS) || joined.starts_with("phonetic") {
        return Heading::Never;
    }
    if matches!(
        joined.as_str(),
        "тег"
            | "теги"
            | "тэг"
            | "тэги"
            | "метка"
            | "метки"
            | "tag"
            | "tags"
            | "labels"
            | "group membership"
            | "groups"
            | "теги клиента"
            | "метки клиента"
            | "метки контакта"
            | "теги контакта"
            | "member tags"
            | "categories"
            | "категории"
            | "категория"
            | "категория клиента"
            | "категории клиента"
            | "группа клиента"
            | "группа клиентов"
            | "группы клиента"
            | "сегмент"
            | "сегменты"
            | "группы"
    ) {
        return Heading::Is(Target::Tags);
    }
    if others { if begins(OTHERS) { Heading::Never } else { Heading::Unknown } } else { name(&words) }
}

/// Whether a heading of names is one of firms as well, or of children whose parents are written to:
/// another column of names goes before it.
#[must_use]
pub fn gives_way(title: &str) -> bool {
    let folded = fold(title);
    let child = folded.split(|c: char| !c.is_alphanumeric()).any(|word| CHILDREN.contains(&word));
    child || matches!(folded.as_str(), "наименование" | "полное наименование" | "контрагент")
}

/// Whether a heading says that ways to reach somebody stand below it, of whatever kind.
fn names_contacts(joined: &str) -> bool {
    matches!(
        joined,
        "контакты"
            | "контактные данные"
            | "контакты клиента"
            | "связь"
            | "как связаться"
            | "контактная информация"
            | "contacts"
    )
}

/// `word` begins with `begin`; short ones must be the whole word, so that «код» is not «кодекс» and
/// `app` not `apple`.
fn begins_as(word: &str, begin: &str) -> bool {
    if begin.chars().count() <= 3 {
        word == begin || word.trim_end_matches(|c: char| c.is_ascii_digit()) == begin
    } else {
        word.starts_with(begin)
    }
}

fn names_a_phone(word: &str) -> bool {
    let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(bare, "тел" | "моб" | "сот" | "tel" | "mobile" | "cell" | "cellular" | "msisdn" | "gsm" | "mob" | "мобила" | "sms")
        || ["телефон", "тэлефон", "мобильн", "сотов", "phone", "whatsapp", "ватсап", "вотсап", "вацап", "viber", "вайбер", "telefon"]
            .iter()
            .any(|begin| bare.starts_with(begin) && !bare.starts_with("phonetic"))
        || ["phone", "телефон"].iter().any(|end| bare.ends_with(end))
}

fn names_an_email(words: &[&str], title: &str) -> bool {
    title.contains("e-mail")
        || title.contains("электронный адрес")
        || title.contains("эл. адрес")
        || words.iter().any(|word| {
            let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
            matches!(bare, "mail" | "почта" | "почты" | "имейл" | "имэйл" | "мейл" | "мэйл" | "емейл" | "емайл" | "электронка")
                || bare.contains("email")
        })
}

/// What else a field for something that every company has is called; nothing of another.
#[must_use]
pub fn also_called(field: &Field) -> &'static [&'static str] {
    let title = fold(&field.title);
    SAME.iter().find(|same| same.contains(&field.key.as_str()) || same.contains(&title.as_str())).copied().unwrap_or(&[])
}

fn same_field<'a>(joined: &str, fields: &'a [Field]) -> Option<&'a Field> {
    let same = SAME.iter().find(|same| same.contains(&joined))?;
    fields.iter().find(|field| same.contains(&field.key.as_str()) || same.contains(&fold(&field.title).as_str()))
}

fn name(words: &[&str]) -> Heading {
    let rest: Vec<&str> = words.iter().copied().filter(|word| !CUSTOMER.contains(word)).collect();
    let of_somebody = rest.len() < words.len();
    let target = match rest.join(" ").as_str() {
        "" => Target::Name,
        "название" if of_somebody && !words.contains(&"лида") => Target::Name,
        "имя" | "імя" | "ім я" | "ism" | "ismi" | "аты" | "first name" | "firstname" | "given name" | "givenname" | "fname" | "first" => {
            Target::FirstName
        }
        "фамилия" | "familiya" | "familiyasi" | "тегі" | "прозвішча" | "прізвище" | "last name" | "lastname" | "surname"
        | "family name" | "familyname" | "lname" | "last" => Target::LastName,
        "отчество"
        | "по батькові"
        | "імя па бацьку"
        | "әкесінің аты"
        | "otasining ismi"
        | "middle name"
        | "middlename"
        | "second name"
        | "additional name"
        | "patronymic"
        | "mname" => Target::Patronymic,
        "фио"
        | "ф и о"
        | "имя фамилия"
        | "фамилия имя"
        | "имя и фамилия"
        | "фамилия и имя"
        | "имя отчество"
        | "имя и отчество"
        | "фамилия и о"
        | "аты жөні"
        | "піб"
        | "f i sh"
        | "f i o"
        | "fio"
        | "полное наименование"
        | "имя фамилия отчество"
        | "фамилия имя отчество"
        | "имя отчество фамилия"
        | "полное имя"
        | "полное фио"
        | "имя целиком"
        | "name"
        | "full name"
        | "fullname"
        | "display name"
        | "наименование"
        | "контрагент"
        | "имя фио"
        | "фио имя" => Target::Name,
        _ => return Heading::Unknown,
    };
    Heading::Is(target)
}

#[cfg(test)]
mod tests;
