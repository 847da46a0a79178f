//! What a column's heading says: words and not whole headings are known, because every program
//! writes its own («Телефон клиента», `Phone 1 - Value`, «Контактный тел. 2»), and so are the words
//! that forbid («… менеджера», «Номер карты»): a number that is nobody's phone must never be
//! written to.

use super::mapping::Target;
use crate::{contact::Field, text::fold};

/// What a heading says of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heading {
    Is(Target),
    /// Neither a phone nor an e-mail of the person, whatever it looks like.
    Never,
    /// Nothing: its cells may tell.
    Unknown,
}

/// Beginnings of words that name somebody else than the customer.
const OTHERS: &[&str] = &[
    "менеджер",
    "ответствен",
    "сотрудник",
    "мастер",
    "врач",
    "доктор",
    "специалист",
    "администратор",
    "оператор",
    "продав",
    "кассир",
    "агент",
    "куратор",
    "тренер",
    "преподавател",
    "педагог",
    "консультант",
    "курьер",
    "водител",
    "секретар",
    "помощник",
    "создател",
    "автор",
    "manager",
    "owner",
    "agent",
    "assign",
    "responsible",
    "staff",
    "employee",
    "operator",
    "assistant",
    "creator",
    "author",
    "рекоменд",
    "поручител",
    "доверенн",
    "экстренн",
    "referr",
    "emergency",
];
/// And somebody who is no person.
const FIRMS: &[&str] = &[
    "компани",
    "организац",
    "фирм",
    "юрлиц",
    "филиал",
    "салон",
    "магазин",
    "офис",
    "склад",
    "company",
    "organization",
    "organisation",
    "office",
    "branch",
    "store",
    "shop",
    "employer",
];
/// Words beside which a phone or an e-mail is none: «Моб. приложение», `Phone 1 - Label`, `Email
/// status`.
const ABOUT: &[&str] = &[
    "телевизор",
    "телекс",
    "телеканал",
    "телевид",
    "тело",
    "phonetic",
    "приложени",
    "app",
    "label",
    "type",
    "тип",
    "group",
    "групп",
    "код",
    "code",
    "модел",
    "model",
    "статус",
    "status",
    "verified",
    "подтвержд",
    "провер",
    "check",
    "valid",
    "источник",
    "source",
    "date",
    "дата",
    "время",
    "time",
    "комментар",
    "comment",
    "примечан",
    "note",
    "carrier",
    "provider",
    "страна",
    "country",
    "регион",
    "region",
    "зона",
    "zone",
    "добавочн",
    "ext",
    "extension",
    "факс",
    "fax",
    "pager",
    "isdn",
    "telex",
    "tty",
    "hash",
    "верси",
    "version",
    "платформ",
    "platform",
    "устройств",
    "device",
    "браузер",
    "browser",
    "звонк",
    "звонил",
    "calls",
    "count",
    "кол",
    "количеств",
    "соглас",
    "consent",
    "opt",
    "optin",
    "подписк",
    "subscri",
    "rating",
    "campaign",
    "template",
    "письма",
    "рассылк",
    "ссылк",
    "link",
    "url",
    "домен",
    "domain",
];
/// Words of numbers that look like phones and are none.
const NUMBERS: &[&str] = &[
    "карт",
    "card",
    "инн",
    "inn",
    "кпп",
    "огрн",
    "огрнип",
    "снилс",
    "snils",
    "паспорт",
    "passport",
    "заказ",
    "order",
    "договор",
    "contract",
    "счет",
    "счёт",
    "invoice",
    "артикул",
    "sku",
    "штрих",
    "штрихкод",
    "barcode",
    "ean",
    "id",
    "ид",
    "код",
    "code",
    "индекс",
    "zip",
    "postal",
    "guid",
    "uid",
    "uuid",
    "транзакц",
    "transaction",
    "чек",
    "receipt",
    "imei",
    "vin",
    "полис",
    "телеграм",
    "telegram",
    "tg",
    "тг",
    "vk",
    "вк",
    "instagram",
    "инстаграм",
    "skype",
    "web",
    "сайт",
    "website",
    "url",
    "сумма",
    "amount",
    "price",
    "цена",
    "визит",
    "timestamp",
    "ip",
    "utm",
    "ym",
    "yclid",
    "gclid",
    "факс",
    "fax",
    "лицевой",
    "расчетный",
    "бик",
    "окпо",
    "серия",
    "табельный",
];
/// The customer, in any case: «ФИО клиента» is a name like «ФИО».
const CUSTOMER: &[&str] = &[
    "клиент",
    "клиента",
    "клиентов",
    "покупатель",
    "покупателя",
    "гость",
    "гостя",
    "пациент",
    "пациента",
    "контакт",
    "контакта",
    "заказчик",
    "заказчика",
    "получатель",
    "получателя",
    "участник",
    "участника",
    "подписчик",
    "подписчика",
    "ученик",
    "ученика",
    "студент",
    "студента",
    "абонент",
    "абонента",
    "плательщик",
    "плательщика",
    "лид",
    "лида",
    "контактное",
    "контактного",
    "лицо",
    "лица",
    "контактная",
    "персона",
    "физлицо",
    "customer",
    "client",
    "contact",
    "guest",
    "patient",
    "buyer",
    "lead",
    "billing",
    "person",
    "recipient",
    "subscriber",
    "member",
    "физическое",
    "ваше",
    "your",
    "вас",
    "зовут",
    "как",
    "полностью",
    "ребенка",
];
/// Headings that are one thing, and keys and titles that fields for it have.
const SAME: &[&[&str]] = &[
    &["день рождения", "дата рождения", "др", "д р", "birthday", "birth date", "birthdate", "date of birth", "bday", "dob", "birth"],
    &["город", "city", "населенный пункт", "город клиента", "gorod", "town"],
    &["бонусы", "бонус", "баллы", "bonus", "bonuses", "points", "bonusy"],
    &["пол", "gender", "sex", "pol"],
];

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
    if let Some(field) = same_field(&joined, fields) {
        return Heading::Is(Target::Field { key: field.key.clone() });
    }
    let begins = |list: &[&str]| words.iter().any(|word| list.iter().any(|begin| begins_as(word, begin)));
    let others = begins(OTHERS) || begins(FIRMS);
    let phone = words.iter().any(|word| names_a_phone(word)) || matches!(joined.as_str(), "контактный номер" | "номер для связи");
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
            | "группы"
    ) {
        return Heading::Is(Target::Tags);
    }
    if others { if begins(OTHERS) { Heading::Never } else { Heading::Unknown } } else { name(&words) }
}

/// Whether a heading of names is one of firms as well.
#[must_use]
pub fn names_a_firm(title: &str) -> bool {
    matches!(fold(title).as_str(), "наименование" | "контрагент")
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
        || ["телефон", "мобильн", "сотов", "phone", "whatsapp", "ватсап", "вотсап", "вацап", "viber", "вайбер", "telefon"]
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

fn same_field<'a>(joined: &str, fields: &'a [Field]) -> Option<&'a Field> {
    let same = SAME.iter().find(|same| same.contains(&joined))?;
    fields.iter().find(|field| same.contains(&field.key.as_str()) || same.contains(&fold(&field.title).as_str()))
}

fn name(words: &[&str]) -> Heading {
    let rest: Vec<&str> = words.iter().copied().filter(|word| !CUSTOMER.contains(word)).collect();
    let target = match rest.join(" ").as_str() {
        "" => Target::Name,
        "имя" | "first name" | "firstname" | "given name" | "givenname" | "fname" | "first" => Target::FirstName,
        "фамилия" | "last name" | "lastname" | "surname" | "family name" | "familyname" | "lname" | "last" => Target::LastName,
        "отчество" | "middle name" | "middlename" | "second name" | "additional name" | "patronymic" | "mname" => {
            Target::Patronymic
        }
        "фио"
        | "ф и о"
        | "имя фамилия"
        | "фамилия имя"
        | "имя и фамилия"
        | "фамилия и имя"
        | "имя отчество"
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
