//! Texts live in Fluent files, Russian first, English complete; one file a feature, embedded,
//! listed once in [`FILES`].
//!
//! [`t!`](crate::t) gives small HTML for a screen (values are escaped), [`p!`](crate::p) plain text
//! for buttons and toasts. Numbers are grouped as the language groups them; dates are written in
//! the account's zone.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};
use chrono_tz::Tz;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue, concurrent::FluentBundle};
use mms_core::{
    account::Language,
    clock::Moment,
    text::{escape, said::places, share},
};

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// Every text file: name, Russian, English.
        pub const FILES: &[(&str, &str, &str)] = &[$((
            $name,
            include_str!(concat!("../locales/ru/", $name, ".ftl")),
            include_str!(concat!("../locales/en/", $name, ".ftl")),
        )),+];
    };
}

// One line a feature.
files![
    "audit",
    "settings",
    "web",
    "common",
    "start",
    "login",
    "join",
    "keywords",
    "evidence",
    "law",
    "menu",
    "sessions",
    "mailbox",
    "second",
    "members",
    "password",
    "licence",
    "notices",
    "channels",
    "campaigns",
    "reasons",
    "contacts",
    "imports",
    "inbox",
    "segments",
    "templates",
    "crm",
    "twins",
    "agreement",
    "access",
    "erasures",
    "support",
    "claims",
    "server",
    "doctor",
    "admin"
];

type Bundle = FluentBundle<FluentResource>;

static RU: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Ru));
static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::En));

fn bundle(language: Language) -> Bundle {
    let tag = match language {
        Language::Ru => "ru",
        Language::En => "en",
    };
    // Both tags are well formed; the default would only change plural forms.
    let tag = tag.parse::<unic_langid::LanguageIdentifier>().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks are for texts of mixed direction; Telegram would show them as stray
    // characters in copies.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::Ru => |value, _| grouped(value, "\u{a0}"),
        Language::En => |value, _| grouped(value, ","),
    }));
    for (name, ru, en) in FILES {
        let source = if language == Language::Ru { ru } else { en };
        // The files are part of the program; a test parses each and finds no duplicate key.
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, errors)| {
            tracing::error!(file = name, ?errors, "a text file has errors");
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(file = name, ?errors, "a text is defined twice");
        }
    }
    bundle
}

fn grouped(value: &FluentValue<'_>, separator: &str) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(group(&number.as_string(), separator)),
        _ => None,
    }
}

fn group(number: &str, separator: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("−", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push_str(separator);
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push(if separator == "," { '.' } else { ',' });
        out.push_str(fraction);
    }
    out
}

/// A value put into a text.
#[derive(Debug, Clone)]
pub enum Arg {
    /// Words, escaped in HTML.
    Text(String),
    /// Markup that is HTML already.
    Html(Html),
    /// A number: grouped, and it selects the plural form.
    Number(f64),
}

/// Small HTML made by the program, put into a text as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html(pub String);

impl From<Html> for Arg {
    fn from(html: Html) -> Self {
        Self::Html(html)
    }
}
impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}
macro_rules! number_args {
    ($($kind:ty),+) => {$(
        impl From<$kind> for Arg {
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless, reason = "counts stay far below 2^53")]
            fn from(number: $kind) -> Self {
                Self::Number(number as f64)
            }
        }
    )+};
}
number_args!(i16, i32, i64, u16, u32, u64, usize, f64);

/// Translates for one member: their language, their account's zone. Cheap to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tr {
    pub language: Language,
    /// The zone dates are shown in.
    pub zone: Tz,
}

impl Tr {
    /// Texts of `language` with dates of `zone`.
    #[must_use]
    pub fn new(language: Language, zone: Tz) -> Self {
        Self { language, zone }
    }

    /// Small HTML; prefer [`t!`](crate::t).
    #[must_use]
    pub fn html(self, key: &'static str, args: &[(&'static str, Arg)]) -> String {
        self.format(key, args, true)
    }

    /// Plain text; prefer [`p!`](crate::p).
    #[must_use]
    pub fn plain(self, key: &'static str, args: &[(&'static str, Arg)]) -> String {
        self.format(key, args, false)
    }

    fn format(self, key: &'static str, args: &[(&'static str, Arg)], html: bool) -> String {
        let bundle = match self.language {
            Language::Ru => &RU,
            Language::En => &EN,
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) if html => values.set(*name, escape(text)),
                Arg::Text(text) => values.set(*name, text.clone()),
                Arg::Html(markup) => values.set(*name, markup.0.clone()),
                Arg::Number(number) => values.set(*name, *number),
            }
        }
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            debug_assert!(false, "no text has the key `{key}`");
            tracing::error!(key, "a text is missing");
            return key.to_owned();
        };
        let mut errors: Vec<FluentError> = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "the text `{key}` ({:?}) lacks a value: {errors:?}", self.language);
        text
    }

    /// A number, grouped as the language does.
    #[must_use]
    pub fn number(self, number: i64) -> String {
        group(&number.to_string(), if self.language == Language::Ru { "\u{a0}" } else { "," })
    }

    /// A decimal number of digits with a point, grouped and with the mark that the language has.
    #[must_use]
    pub fn decimal(self, digits: &str) -> String {
        group(digits, if self.language == Language::Ru { "\u{a0}" } else { "," })
    }

    /// Part of a whole in per cent, one digit: «12,5 %», `12.5%`; never rounded to the whole or to
    /// nothing.
    #[must_use]
    pub fn percent(self, part: i64, whole: i64) -> String {
        match self.language {
            Language::Ru => format!("{}\u{a0}%", share::percent(part, whole, ',')),
            Language::En => format!("{}%", share::percent(part, whole, '.')),
        }
    }

    /// A day: «23 ноября 2026», `23 November 2026`.
    #[must_use]
    pub fn day(self, at: Moment) -> String {
        let local = at.with_timezone(&self.zone);
        self.date(local.date_naive())
    }

    /// A day of the calendar, whatever the zone: «23 ноября 2026».
    #[must_use]
    pub fn date(self, day: NaiveDate) -> String {
        format!("{} {} {}", day.day(), self.month(day.month0()), day.year())
    }

    /// A moment: «23 ноября 2026, 15:40».
    #[must_use]
    pub fn moment(self, at: Moment) -> String {
        format!("{}, {}", self.day(at), self.time(at))
    }

    /// A day as people write it when the year goes without saying: «28 ноя», and with the year when
    /// it is not this one.
    #[must_use]
    pub fn short_day(self, at: Moment, now: Moment) -> String {
        let (local, today) = (at.with_timezone(&self.zone), now.with_timezone(&self.zone));
        let short: String = self.month(local.month0()).chars().take(3).collect();
        if local.year() == today.year() { format!("{} {short}", local.day()) } else { format!("{} {short} {}", local.day(), local.year()) }
    }

    /// A moment as people write it: «сегодня 15:40», «вчера 21:10», «завтра 10:00», «28 ноя,
    /// 15:40».
    #[must_use]
    pub fn when(self, at: Moment, now: Moment) -> String {
        let day = |moment: Moment| moment.with_timezone(&self.zone).date_naive();
        let time = self.time(at);
        match (day(at) - day(now)).num_days() {
            0 => crate::p!(self, "when-today", time = time),
            -1 => crate::p!(self, "when-yesterday", time = time),
            1 => crate::p!(self, "when-tomorrow", time = time),
            _ => format!("{}, {time}", self.short_day(at, now)),
        }
    }

    /// The time of day: `15:40`.
    #[must_use]
    pub fn time(self, at: Moment) -> String {
        let local = at.with_timezone(&self.zone);
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// The zone these texts show times in: «Москва (UTC+3)».
    #[must_use]
    pub fn zone_name(self, now: Moment) -> String {
        places::shown(self.zone, self.language == Language::Ru, now)
    }

    /// How long: «2 ч 5 мин», `40 s`; the two largest units.
    #[must_use]
    pub fn duration(self, length: TimeDelta) -> String {
        let seconds = length.num_seconds().max(0);
        let units = match self.language {
            Language::Ru => ["дн.", "ч", "мин", "с"],
            Language::En => ["d", "h", "min", "s"],
        };
        let parts = [seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60];
        let first = parts.iter().position(|part| *part > 0).unwrap_or(3);
        (first..(first + 2).min(4))
            .filter(|index| parts[*index] > 0 || *index == first)
            .map(|index| format!("{}\u{a0}{}", parts[index], units[index]))
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn month(self, month0: u32) -> &'static str {
        const RU: [&str; 12] =
            ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"];
        const EN: [&str; 12] =
            ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
        // chrono gives 0..=11.
        let names = if self.language == Language::Ru { &RU } else { &EN };
        names[(month0 % 12) as usize]
    }
}

/// Small HTML of a text: `t!(cx.tr, "members-card", name = member.name, n = 3)`; values are
/// escaped, see [`Arg`].
#[macro_export]
macro_rules! t {
    ($tr:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $tr.html($key, &[$((stringify!($name), $crate::i18n::Arg::from($value))),*])
    };
}

/// Plain text of a text, for buttons and toasts: `p!(cx.tr, "members-open")`.
#[macro_export]
macro_rules! p {
    ($tr:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $tr.plain($key, &[$((stringify!($name), $crate::i18n::Arg::from($value))),*])
    };
}

#[cfg(test)]
mod tests;
