//! Time zones and countries by the names people give them.

use std::sync::LazyLock;

use chrono::{Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::clock::Moment;

/// A city whose clock stands for its zone.
struct City {
    zone: &'static str,
    /// The first is how the zone is shown.
    ru: &'static [&'static str],
    en: &'static [&'static str],
}

const fn city(zone: &'static str, ru: &'static [&'static str], en: &'static [&'static str]) -> City {
    City { zone, ru, en }
}

/// Zones with the cities people think of; the cities of a zone share its clock. Names as a person
/// writes them, small letters or not, are compared folded.
const CITIES: &[City] = &[
    city("Europe/Kaliningrad", &["Калининград"], &["Kaliningrad"]),
    city(
        "Europe/Moscow",
        &[
            "Москва",
            "мск",
            "Санкт-Петербург",
            "спб",
            "Питер",
            "Петербург",
            "Казань",
            "Нижний Новгород",
            "Нижний",
            "Ростов-на-Дону",
            "Ростов",
            "Воронеж",
            "Краснодар",
            "Сочи",
            "Тула",
            "Ярославль",
            "Тверь",
            "Рязань",
            "Смоленск",
            "Белгород",
            "Курск",
            "Липецк",
            "Иваново",
            "Владимир",
            "Калуга",
            "Брянск",
            "Орёл",
            "Вологда",
            "Череповец",
            "Архангельск",
            "Мурманск",
            "Петрозаводск",
            "Пенза",
            "Ставрополь",
            "Пятигорск",
            "Махачкала",
            "Грозный",
            "Владикавказ",
            "Нальчик",
            "Чебоксары",
            "Йошкар-Ола",
            "Саранск",
            "Тамбов",
            "Кострома",
            "Псков",
            "Великий Новгород",
            "Сыктывкар",
            "Набережные Челны",
            "Новороссийск",
            "Таганрог",
            "Майкоп",
            "Элиста",
        ],
        &["Moscow", "msk", "Saint Petersburg", "St Petersburg", "Petersburg", "spb", "Kazan", "Nizhny Novgorod", "Sochi", "Krasnodar"],
    ),
    city("Europe/Simferopol", &["Симферополь", "Севастополь", "Крым"], &["Simferopol", "Sevastopol"]),
    city("Europe/Kirov", &["Киров"], &["Kirov"]),
    city("Europe/Volgograd", &["Волгоград"], &["Volgograd"]),
    city("Europe/Samara", &["Самара", "Тольятти", "Ижевск"], &["Samara", "Togliatti", "Izhevsk"]),
    city("Europe/Astrakhan", &["Астрахань"], &["Astrakhan"]),
    city("Europe/Saratov", &["Саратов", "Энгельс"], &["Saratov"]),
    city("Europe/Ulyanovsk", &["Ульяновск"], &["Ulyanovsk"]),
    city(
        "Asia/Yekaterinburg",
        &[
            "Екатеринбург",
            "екб",
            "Ебург",
            "Екат",
            "Челябинск",
            "Пермь",
            "Уфа",
            "Тюмень",
            "Оренбург",
            "Магнитогорск",
            "Курган",
            "Сургут",
            "Нижневартовск",
            "Ханты-Мансийск",
            "Салехард",
            "Новый Уренгой",
            "Нижний Тагил",
            "Стерлитамак",
        ],
        &["Yekaterinburg", "Ekaterinburg", "ekb", "Chelyabinsk", "Perm", "Ufa", "Tyumen"],
    ),
    city("Asia/Omsk", &["Омск"], &["Omsk"]),
    city("Asia/Novosibirsk", &["Новосибирск", "нск", "Новосиб"], &["Novosibirsk", "nsk"]),
    city("Asia/Barnaul", &["Барнаул", "Бийск", "Горно-Алтайск"], &["Barnaul"]),
    city("Asia/Tomsk", &["Томск"], &["Tomsk"]),
    city("Asia/Novokuznetsk", &["Новокузнецк", "Кемерово"], &["Novokuznetsk", "Kemerovo"]),
    city("Asia/Krasnoyarsk", &["Красноярск", "Абакан", "Кызыл", "Норильск", "Ачинск"], &["Krasnoyarsk", "Norilsk"]),
    city("Asia/Irkutsk", &["Иркутск", "Улан-Удэ", "Братск", "Ангарск"], &["Irkutsk", "Ulan-Ude"]),
    city("Asia/Chita", &["Чита"], &["Chita"]),
    city("Asia/Yakutsk", &["Якутск", "Благовещенск"], &["Yakutsk", "Blagoveshchensk"]),
    city(
        "Asia/Vladivostok",
        &["Владивосток", "влад", "Хабаровск", "Уссурийск", "Находка", "Комсомольск-на-Амуре", "Биробиджан"],
        &["Vladivostok", "Khabarovsk"],
    ),
    city("Asia/Sakhalin", &["Южно-Сахалинск", "Сахалин"], &["Sakhalin", "Yuzhno-Sakhalinsk"]),
    city("Asia/Magadan", &["Магадан"], &["Magadan"]),
    city("Asia/Srednekolymsk", &["Среднеколымск"], &["Srednekolymsk"]),
    city("Asia/Kamchatka", &["Камчатка", "Петропавловск-Камчатский"], &["Kamchatka", "Petropavlovsk-Kamchatsky"]),
    city("Asia/Anadyr", &["Анадырь"], &["Anadyr"]),
    city("Europe/Minsk", &["Минск", "Гомель", "Брест", "Гродно", "Витебск", "Могилёв"], &["Minsk"]),
    city("Europe/Kyiv", &["Киев", "Одесса", "Харьков", "Львов", "Днепр"], &["Kyiv", "Kiev", "Odesa", "Kharkiv", "Lviv"]),
    city("Europe/Chisinau", &["Кишинёв", "Тирасполь"], &["Chisinau"]),
    city("Asia/Almaty", &["Алматы", "Алма-Ата", "Астана", "Шымкент", "Караганда", "Нур-Султан"], &["Almaty", "Astana", "Shymkent"]),
    city("Asia/Tashkent", &["Ташкент"], &["Tashkent"]),
    city("Asia/Samarkand", &["Самарканд", "Бухара"], &["Samarkand", "Bukhara"]),
    city("Asia/Bishkek", &["Бишкек", "Ош"], &["Bishkek"]),
    city("Asia/Dushanbe", &["Душанбе"], &["Dushanbe"]),
    city("Asia/Ashgabat", &["Ашхабад", "Ашгабат"], &["Ashgabat"]),
    city("Asia/Baku", &["Баку"], &["Baku"]),
    city("Asia/Yerevan", &["Ереван"], &["Yerevan"]),
    city("Asia/Tbilisi", &["Тбилиси", "Батуми"], &["Tbilisi", "Batumi"]),
    city("Europe/London", &["Лондон"], &["London"]),
    city("Europe/Lisbon", &["Лиссабон"], &["Lisbon"]),
    city("Europe/Madrid", &["Мадрид", "Барселона"], &["Madrid", "Barcelona"]),
    city("Europe/Paris", &["Париж"], &["Paris"]),
    city("Europe/Berlin", &["Берлин", "Мюнхен", "Гамбург", "Франкфурт"], &["Berlin", "Munich", "Hamburg", "Frankfurt"]),
    city("Europe/Vienna", &["Вена"], &["Vienna"]),
    city("Europe/Rome", &["Рим", "Милан"], &["Rome", "Milan"]),
    city("Europe/Prague", &["Прага"], &["Prague"]),
    city("Europe/Warsaw", &["Варшава"], &["Warsaw"]),
    city("Europe/Belgrade", &["Белград"], &["Belgrade"]),
    city("Europe/Podgorica", &["Подгорица", "Черногория"], &["Podgorica"]),
    city("Europe/Athens", &["Афины"], &["Athens"]),
    city("Europe/Vilnius", &["Вильнюс"], &["Vilnius"]),
    city("Europe/Riga", &["Рига"], &["Riga"]),
    city("Europe/Tallinn", &["Таллин"], &["Tallinn"]),
    city("Europe/Helsinki", &["Хельсинки"], &["Helsinki"]),
    city("Europe/Istanbul", &["Стамбул", "Анталья", "Анкара"], &["Istanbul", "Antalya", "Ankara"]),
    city("Asia/Nicosia", &["Никосия", "Кипр", "Лимасол"], &["Nicosia", "Cyprus", "Limassol"]),
    city("Asia/Jerusalem", &["Иерусалим", "Тель-Авив", "Хайфа"], &["Jerusalem", "Tel Aviv", "Haifa"]),
    city("Asia/Dubai", &["Дубай", "Абу-Даби"], &["Dubai", "Abu Dhabi"]),
    city("Asia/Bangkok", &["Бангкок", "Пхукет", "Паттайя"], &["Bangkok", "Phuket"]),
    city("Asia/Makassar", &["Бали", "Денпасар"], &["Makassar", "Bali", "Denpasar"]),
    city("Asia/Shanghai", &["Шанхай", "Пекин", "Гуанчжоу"], &["Shanghai", "Beijing"]),
    city("Asia/Tokyo", &["Токио"], &["Tokyo"]),
    city("Asia/Seoul", &["Сеул"], &["Seoul"]),
    city("Asia/Kolkata", &["Дели", "Мумбаи", "Гоа"], &["Delhi", "Mumbai", "Kolkata"]),
    city("America/New_York", &["Нью-Йорк", "Майами", "Бостон"], &["New York", "Miami", "Boston"]),
    city("America/Chicago", &["Чикаго"], &["Chicago"]),
    city("America/Los_Angeles", &["Лос-Анджелес", "Сан-Франциско"], &["Los Angeles", "San Francisco"]),
];

/// A country whose phones may be written without its code.
struct Country {
    /// ISO 3166.
    region: &'static str,
    code: &'static str,
    ru: &'static str,
    en: &'static str,
    others: &'static [&'static str],
}

const fn country(region: &'static str, code: &'static str, ru: &'static str, en: &'static str, others: &'static [&'static str]) -> Country {
    Country { region, code, ru, en, others }
}

/// Of a code that two countries share the first is meant.
const COUNTRIES: &[Country] = &[
    country("RU", "+7", "Россия", "Russia", &["рф", "Российская Федерация"]),
    country("KZ", "+7", "Казахстан", "Kazakhstan", &[]),
    country("BY", "+375", "Беларусь", "Belarus", &["Белоруссия", "рб"]),
    country("UZ", "+998", "Узбекистан", "Uzbekistan", &[]),
    country("KG", "+996", "Киргизия", "Kyrgyzstan", &["Кыргызстан", "Киргизстан"]),
    country("TJ", "+992", "Таджикистан", "Tajikistan", &[]),
    country("TM", "+993", "Туркмения", "Turkmenistan", &["Туркменистан"]),
    country("AM", "+374", "Армения", "Armenia", &[]),
    country("AZ", "+994", "Азербайджан", "Azerbaijan", &[]),
    country("GE", "+995", "Грузия", "Georgia", &[]),
    country("MD", "+373", "Молдова", "Moldova", &["Молдавия"]),
    country("UA", "+380", "Украина", "Ukraine", &[]),
    country("LV", "+371", "Латвия", "Latvia", &[]),
    country("LT", "+370", "Литва", "Lithuania", &[]),
    country("EE", "+372", "Эстония", "Estonia", &[]),
    country("DE", "+49", "Германия", "Germany", &[]),
    country("IL", "+972", "Израиль", "Israel", &[]),
    country("TR", "+90", "Турция", "Turkey", &["Türkiye"]),
    country("AE", "+971", "ОАЭ", "United Arab Emirates", &["Эмираты", "uae"]),
    country("CY", "+357", "Кипр", "Cyprus", &[]),
    country("RS", "+381", "Сербия", "Serbia", &[]),
    country("ME", "+382", "Черногория", "Montenegro", &[]),
    country("PL", "+48", "Польша", "Poland", &[]),
    country("CZ", "+420", "Чехия", "Czechia", &["Czech Republic"]),
    country("GB", "+44", "Великобритания", "United Kingdom", &["Англия", "uk", "Great Britain"]),
    country("FR", "+33", "Франция", "France", &[]),
    country("ES", "+34", "Испания", "Spain", &[]),
    country("IT", "+39", "Италия", "Italy", &[]),
    country("US", "+1", "США", "United States", &["Америка", "usa", "America"]),
    country("CN", "+86", "Китай", "China", &[]),
    country("IN", "+91", "Индия", "India", &[]),
    country("TH", "+66", "Таиланд", "Thailand", &["Тайланд"]),
];

/// A name without what two writings of it differ in: hyphens, `_`, case, ё.
fn key(name: &str) -> String {
    super::fold(&name.replace(['-', '_', '‑', '–', '.'], " "))
}

/// What stands before a bracket.
fn without_note(text: &str) -> &str {
    text.split_once('(').map_or(text, |(before, _)| before).trim()
}

/// The name's stem: «по Москве» is «Москва».
fn stem(name: &str) -> &str {
    name.trim_end_matches(['а', 'е', 'и', 'о', 'у', 'ы', 'э', 'ю', 'я', 'ь', 'й'])
}

/// The last part of a zone's name, if no other zone has it.
static LAST: LazyLock<std::collections::HashMap<String, Option<Tz>>> = LazyLock::new(|| {
    let mut found = std::collections::HashMap::new();
    for zone in TZ_VARIANTS {
        let last = key(zone.name().rsplit('/').next().unwrap_or_default());
        found.entry(last).and_modify(|one| *one = None).or_insert(Some(zone));
    }
    found
});

/// The zone that a person names: a city in Russian or English, in any case («по Москве»), a zone of
/// the IANA table in any writing, or a difference from UTC or from Moscow.
#[must_use]
pub fn zone(typed: &str) -> Option<Tz> {
    let whole = super::fold(typed);
    // «Москва (UTC+3)», as the settings show it.
    let named = without_note(&whole);
    if let Some(zone) = TZ_VARIANTS.iter().find(|zone| zone.name().to_lowercase() == named.replace(' ', "_")) {
        return Some(*zone);
    }
    if let Some(zone) = counted(named) {
        return Some(zone);
    }
    let name = key(named);
    let mut name = name.as_str();
    for before in ["по ", "г ", "город ", "городу ", "часовой пояс ", "время ", "timezone ", "time zone "] {
        name = name.strip_prefix(before).unwrap_or(name);
    }
    for after in [" времени", " время", " time", " timezone"] {
        name = name.strip_suffix(after).unwrap_or(name);
    }
    if name.is_empty() {
        return None;
    }
    let known = || CITIES.iter().flat_map(|city| city.ru.iter().chain(city.en).map(move |known| (city.zone, key(known))));
    let exact = known().find(|(_, known)| known == name).and_then(|(zone, _)| zone.parse().ok());
    let adjective = name.strip_suffix("ому").or_else(|| name.strip_suffix("ое")).filter(|stem| stem.ends_with("ск"));
    exact
        .or_else(|| LAST.get(name).copied().flatten())
        .or_else(|| match adjective {
            // «московскому», «новосибирское»
            Some("московск") => Some(Tz::Europe__Moscow),
            Some(stem) => {
                let city = stem.strip_suffix("ск").unwrap_or(stem);
                known().find(|(_, known)| known == stem || known == city).and_then(|(zone, _)| zone.parse().ok())
            }
            None => None,
        })
        .or_else(|| {
            let mine = stem(name);
            let long = mine.chars().count() >= 2;
            known().find(|(_, known)| long && stem(known) == mine).and_then(|(zone, _)| zone.parse().ok())
        })
}

/// `UTC+5`, `GMT-3:30`, `+5`, «МСК+2».
fn counted(text: &str) -> Option<Tz> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| if matches!(c, '−' | '–') { '-' } else { c }).collect();
    let (rest, base) = match ["utc", "gmt"].iter().find_map(|name| text.strip_prefix(name)) {
        Some("") => return Some(Tz::UTC),
        Some(rest) => (rest, 0),
        None => match ["мск", "msk"].iter().find_map(|name| text.strip_prefix(name)) {
            Some(rest) => (rest, 180),
            None => (text.as_str(), 0),
        },
    };
    let sign = if rest.starts_with('-') { -1 } else { 1 };
    let rest = rest.strip_prefix(['+', '-'])?;
    let rest = rest.trim_end_matches(['ч', 'h', '.']);
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !(0..=14).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    match base + sign * (hours * 60 + minutes) {
        // Zones without summer time whose clock is no whole hour away.
        210 => Some(Tz::Asia__Tehran),
        270 => Some(Tz::Asia__Kabul),
        330 => Some(Tz::Asia__Kolkata),
        345 => Some(Tz::Asia__Kathmandu),
        390 => Some(Tz::Asia__Yangon),
        570 => Some(Tz::Australia__Darwin),
        0 => Some(Tz::UTC),
        // The table counts these from the other side.
        minutes if minutes % 60 == 0 => format!("Etc/GMT{:+}", -minutes / 60).parse().ok(),
        _ => None,
    }
}

/// How a zone is shown: «Москва (UTC+3)», `Moscow (UTC+3)`; [`zone`] reads it back.
#[must_use]
pub fn shown(zone: Tz, russian: bool, now: Moment) -> String {
    let minutes = zone.offset_from_utc_datetime(&now.naive_utc()).fix().local_minus_utc() / 60;
    let (sign, size) = (if minutes < 0 { '−' } else { '+' }, minutes.abs());
    let offset = match (size / 60, size % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    };
    if counted(&super::fold(&offset)) == Some(zone) && (zone == Tz::UTC || zone.name().starts_with("Etc/")) {
        return offset;
    }
    format!("{} ({offset})", name(zone, russian))
}

/// A zone by its city: «Москва»; a zone without one by its name in the table.
#[must_use]
pub fn name(zone: Tz, russian: bool) -> String {
    let city = CITIES.iter().find(|city| city.zone == zone.name());
    if let Some(city) = city {
        let names = if russian { city.ru } else { city.en };
        return names.first().copied().unwrap_or_default().to_owned();
    }
    let last = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
    // A name that reads as another place, or as none, is not shown alone.
    if self::zone(&last) == Some(zone) { last } else { zone.name().to_owned() }
}

/// The ISO 3166 region of a country that a person names, of its code, or of its two letters.
#[must_use]
pub fn region(typed: &str) -> Option<&'static str> {
    let whole = super::fold(typed);
    // «Россия (+7)», as the settings show it.
    let name = key(without_note(&whole));
    let named = |known: &str| key(known) == name;
    COUNTRIES
        .iter()
        .find(|c| named(c.region) || c.code == whole || named(c.ru) || named(c.en) || c.others.iter().any(|other| named(other)))
        .map(|country| country.region)
}

/// The name of a region's country: «Россия», `Russia`; one that is not in the table by its two
/// letters. [`region`] reads it back.
#[must_use]
pub fn country_name(region: &str, russian: bool) -> String {
    let known = COUNTRIES.iter().find(|country| country.region == region);
    known.map_or(region, |country| if russian { country.ru } else { country.en }).to_owned()
}

/// How a region is shown: «Россия (+7)»; one that is not in the table by its two letters.
#[must_use]
pub fn region_shown(region: &str, russian: bool) -> String {
    COUNTRIES
        .iter()
        .find(|country| country.region == region)
        .map_or_else(|| region.to_owned(), |country| format!("{} ({})", if russian { country.ru } else { country.en }, country.code))
}
