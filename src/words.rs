//! What the command line says to the person at the server: in Russian where the terminal's language
//! is Russian, else in English, from the texts of the bot.

use std::{collections::BTreeMap, error::Error, path::Path, sync::LazyLock};

use mms_bot::{ListenError, i18n::Tr, p, words::account_refusal};
use mms_core::{
    account::{AccountError, Language},
    agreement::files::Bad,
    channel::managers::Clash,
    clock::Moment,
    config::{self, ConfigError, FileAction, Wrong},
    smtp::NoServer,
    store::{BackupError, OpenError},
};

/// The language of messages by the environment, as the C library finds it: the first of these that
/// is set, up to its first sign that is no letter.
fn language(environment: &BTreeMap<String, String>) -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| environment.get(*name).filter(|value| !value.is_empty()));
    match set.map(|value| value.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default()) {
        Some("ru") => Language::Ru,
        _ => Language::En,
    }
}

/// The texts in the language of this process' terminal, with times in UTC.
pub fn tr() -> Tr {
    static TR: LazyLock<Tr> = LazyLock::new(|| Tr::new(language(&config::environment()), chrono_tz::UTC));
    *TR
}

/// An error with its causes, each said once: many libraries repeat in their own words what their
/// source says as well.
#[must_use]
pub fn told(tr: Tr, error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let (sentence, whole) = match translated(tr, cause) {
            Some(sentence) => (sentence, true),
            None => (cause.to_string(), false),
        };
        if said.is_empty() {
            said = sentence;
        } else if !said.contains(&sentence) {
            said = p!(tr, "server-and-sources", what = said, why = sentence);
        }
        if whole {
            // A sentence of ours has in it what its cause says.
            break;
        }
    }
    said
}

/// The sentence for an error that has one in both languages.
fn translated(tr: Tr, error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref() {
        return Some(settings(tr, error));
    }
    if let Some(error) = error.downcast_ref() {
        return Some(database(tr, error));
    }
    if let Some(error) = error.downcast_ref() {
        return backup(tr, error);
    }
    if let Some(ListenError { address, variable, source }) = error.downcast_ref() {
        let what = p!(tr, "server-port", address = address.to_string(), variable = *variable);
        return Some(p!(tr, "server-and-sources", what = what, why = source.to_string()));
    }
    error.downcast_ref().map(|clash| self::clash(tr, clash))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What is wrong with the settings.
#[must_use]
pub fn settings(tr: Tr, error: &ConfigError) -> String {
    match error {
        ConfigError::Read(why) => p!(tr, "server-settings-read", why = why),
        ConfigError::File { path, action: FileAction::Read, source } => {
            p!(tr, "server-file-read", path = shown(path), why = source.to_string())
        }
        ConfigError::File { path, action: FileAction::Write, source } => {
            p!(tr, "server-file-write", path = shown(path), why = source.to_string())
        }
        ConfigError::File { path, action: FileAction::Make, source } => {
            p!(tr, "server-file-make", path = shown(path), why = source.to_string())
        }
        ConfigError::Wrong(wrong) => self::wrong(tr, wrong),
    }
}

fn wrong(tr: Tr, wrong: &Wrong) -> String {
    match wrong {
        Wrong::Variables(slips) => {
            let slips: Vec<String> = slips.iter().map(|slip| p!(tr, "server-variable", name = &slip.name, near = &slip.near)).collect();
            p!(tr, "server-all-settings", slips = slips.join("; "))
        }
        Wrong::Settings(slips) => {
            let slips: Vec<String> = slips.iter().map(|slip| p!(tr, "server-setting", name = &slip.name, near = &slip.near)).collect();
            p!(tr, "server-all-settings", slips = slips.join("; "))
        }
        Wrong::Choice { key, value, choices } => {
            let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
            let choices = match quoted.split_last() {
                Some((last, before)) if !before.is_empty() => p!(tr, "server-choices", before = before.join(", "), last = last),
                _ => quoted.concat(),
            };
            p!(tr, "server-choice", setting = config::named(key), value = value, choices = choices)
        }
        Wrong::Address { key, value, example } => {
            p!(tr, "server-address", setting = config::named(key), value = value, example = example)
        }
        Wrong::Number { key, value, example } => {
            p!(tr, "server-number", setting = config::named(key), value = value, example = example)
        }
        Wrong::Range { key, value, least, most, example } => {
            p!(
                tr,
                "server-range",
                setting = config::named(key),
                value = value.to_string(),
                least = least.to_string(),
                most = most.to_string(),
                example = example
            )
        }
        Wrong::Waits { key, value, longest, most, example } => {
            p!(tr, "server-waits", setting = key, value = value, longest = longest.to_string(), most = most.to_string(), example = example)
        }
        Wrong::ShortConnections => p!(tr, "server-short-connections"),
        Wrong::Mail(NoServer::Server) => p!(tr, "server-mail-server"),
        Wrong::Mail(NoServer::InClear) => p!(tr, "server-mail-in-clear"),
        Wrong::Mail(NoServer::From) => p!(tr, "server-mail-from"),
        Wrong::Digits(key) => p!(tr, "server-digits", setting = config::named(key)),
        Wrong::WebhookWithoutAddress => p!(tr, "server-webhook-without-address"),
        Wrong::PublicUrl => p!(tr, "server-public-url"),
        Wrong::TelegramApi => p!(tr, "server-telegram-api"),
        Wrong::MaxApi => p!(tr, "server-max-api"),
        Wrong::WhatsappApi => p!(tr, "server-whatsapp-api"),
        Wrong::WhatsappVersion => p!(tr, "server-whatsapp-version"),
        Wrong::ViberApi => p!(tr, "server-viber-api"),
        Wrong::VkApi => p!(tr, "server-vk-api"),
        Wrong::WazzupApi => p!(tr, "server-wazzup-api"),
        Wrong::Proxy(key) => p!(tr, "server-proxy", setting = config::named(key)),
        Wrong::MaxCa { path } => p!(tr, "server-max-ca", path = shown(path)),
        Wrong::AmocrmPair => p!(tr, "server-amocrm-pair"),
        Wrong::Bitrix24Pair => p!(tr, "server-bitrix24-pair"),
        Wrong::NoSeats(line) => p!(tr, "server-no-seats", line = *line),
        Wrong::FewConnections => p!(tr, "server-few-connections"),
        Wrong::RedisCa => p!(tr, "server-redis-ca"),
        Wrong::RedisBesideSqlite => p!(tr, "server-redis-beside-sqlite"),
        Wrong::SealingKey { path } => p!(tr, "server-sealing-key-bad", path = shown(path)),
        Wrong::Emptied { path, witness } => p!(tr, "server-emptied", path = shown(path), witness = shown(witness)),
    }
}

/// Why the database does not open.
#[must_use]
pub fn database(tr: Tr, error: &OpenError) -> String {
    match error {
        OpenError::Address(address) => p!(tr, "server-database-address", address = address),
        OpenError::Connect(why) if unwritable(why) => p!(tr, "server-database-closed", why = why.to_string()),
        OpenError::Connect(why) => p!(tr, "server-database-open", why = why.to_string()),
        OpenError::Migrate(why) => p!(tr, "server-database-schema", why = why.to_string()),
    }
}

/// Whether SQLite found its file or the directory beside it closed: READONLY and CANTOPEN, and what
/// it makes more exact of them.
fn unwritable(error: &sqlx::Error) -> bool {
    let sqlite = error.as_database_error().and_then(|error| error.try_downcast_ref::<sqlx::sqlite::SqliteError>());
    let code = sqlite.and_then(|error| sqlx::error::DatabaseError::code(error)?.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 8 | 14))
}

fn backup(tr: Tr, error: &BackupError) -> Option<String> {
    Some(match error {
        BackupError::NotSqlite => p!(tr, "server-backup-postgres"),
        BackupError::Exists(path) => p!(tr, "server-backup-exists", path = path),
        BackupError::Path => p!(tr, "server-backup-path"),
        BackupError::Empty(path) => p!(tr, "server-backup-empty", path = path),
        BackupError::Damaged(why) => p!(tr, "server-backup-damaged", why = why),
        BackupError::NotOurs(path) => p!(tr, "server-backup-not-ours", path = path),
        BackupError::Newer(versions) => p!(tr, "server-backup-newer", versions = format!("{versions:?}")),
        BackupError::NoAccount(path) => p!(tr, "server-backup-no-account", path = path),
        // The system's or the database's own words.
        _ => return None,
    })
}

/// The managers' bot is somebody's channel.
#[must_use]
pub fn clash(tr: Tr, clash: &Clash) -> String {
    let channel = &clash.channel.name;
    if clash.heard { p!(tr, "server-clash-heard", channel = channel) } else { p!(tr, "server-clash", channel = channel) }
}

/// A day as the command line writes it, which it reads too.
#[must_use]
pub fn day(at: Moment) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// A minute as the command line writes it, which it reads too.
#[must_use]
pub fn minute(at: Moment) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// What is wrong with the licensor's folder.
#[must_use]
pub fn agreement(tr: Tr, bad: &Bad) -> String {
    match bad {
        Bad::Unreadable(path, why) => p!(tr, "doctor-text-unreadable", path = path, why = why),
        Bad::Name(name) => p!(tr, "doctor-text-name", name = name),
        Bad::Empty(name) => p!(tr, "doctor-text-empty", name = name),
        Bad::Large(name) => p!(tr, "doctor-text-large", name = name, bytes = mms_core::agreement::files::LARGEST),
        Bad::Days(document, version) => p!(tr, "doctor-text-days", document = *document, version = version),
        Bad::SameDay(document, one, other) => p!(tr, "doctor-text-same-day", document = *document, one = one, other = other),
        Bad::Language(document, version, language) => {
            p!(tr, "doctor-text-language", document = *document, version = version, language = *language)
        }
        Bad::Changed(document, version) => p!(tr, "doctor-text-changed", document = *document, version = version),
    }
}

/// Why a change of accounts, members or sessions was not made; what is no refusal stays an error.
pub fn refused(error: AccountError) -> anyhow::Error {
    match error {
        AccountError::NotFound | AccountError::Forbidden(_) | AccountError::Store(_) | AccountError::Hashing(_) => error.into(),
        error => account_refusal(tr(), error).map_or_else(anyhow::Error::from, anyhow::Error::msg),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use mms_core::config::Slip;

    use super::*;

    /// Every sentence about settings, once.
    fn every_wrong() -> Vec<Wrong> {
        let slip = || vec![Slip { name: "MMS_MODE".to_owned(), near: "MMS_TELEGRAM_MODE".to_owned() }];
        let path = || PathBuf::from("/var/lib/mms/mms.db");
        vec![
            Wrong::Variables(slip()),
            Wrong::Settings(slip()),
            Wrong::Choice { key: "log.format", value: "xml".to_owned(), choices: &["auto", "pretty", "json"] },
            Wrong::Address { key: "http.listen", value: "8081".to_owned(), example: "127.0.0.1:8081".to_owned() },
            Wrong::Number { key: "database_connections".to_owned(), value: "many".to_owned(), example: "16".to_owned() },
            Wrong::Range { key: "sqlite_readers", value: 3, least: 4, most: 64, example: "4".to_owned() },
            Wrong::Waits { key: "retry.notice".to_owned(), value: "[0]".to_owned(), longest: 86_400, most: 40, example: "[5]".to_owned() },
            Wrong::ShortConnections,
            Wrong::Mail(NoServer::Server),
            Wrong::Mail(NoServer::InClear),
            Wrong::Mail(NoServer::From),
            Wrong::Digits("billing.inn"),
            Wrong::WebhookWithoutAddress,
            Wrong::PublicUrl,
            Wrong::TelegramApi,
            Wrong::MaxApi,
            Wrong::WhatsappApi,
            Wrong::WhatsappVersion,
            Wrong::ViberApi,
            Wrong::VkApi,
            Wrong::WazzupApi,
            Wrong::Proxy("telegram.proxy"),
            Wrong::MaxCa { path: path() },
            Wrong::AmocrmPair,
            Wrong::Bitrix24Pair,
            Wrong::NoSeats("inbound"),
            Wrong::FewConnections,
            Wrong::RedisCa,
            Wrong::RedisBesideSqlite,
            Wrong::SealingKey { path: path() },
            Wrong::Emptied { path: path(), witness: path() },
        ]
    }

    /// What `core` says by itself and what the command line says in English are one text.
    #[test]
    fn settings_are_told_in_english_as_the_core_tells_them_and_in_russian() {
        let (ru, en) = (Tr::new(Language::Ru, chrono_tz::UTC), Tr::new(Language::En, chrono_tz::UTC));
        for wrong in every_wrong() {
            let error = ConfigError::Wrong(wrong);
            assert_eq!(settings(en, &error), error.to_string());
            let russian = settings(ru, &error);
            assert!(russian.chars().any(|c| ('а'..='я').contains(&c)), "{russian}");
        }
        let error = ConfigError::File {
            path: PathBuf::from("/etc/mms/token"),
            action: FileAction::Read,
            source: std::io::Error::from(std::io::ErrorKind::NotFound),
        };
        assert_eq!(settings(en, &error), error.to_string());
    }

    #[test]
    fn the_language_is_the_terminals() {
        let of = |pairs: &[(&str, &str)]| language(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        for (pairs, wanted) in [
            (&[("LANG", "ru_RU.UTF-8")][..], Language::Ru),
            (&[("LANG", "ru")], Language::Ru),
            (&[("LANG", "ru_RU.UTF-8"), ("LC_MESSAGES", "en_GB.UTF-8")], Language::En),
            (&[("LANG", "C"), ("LC_MESSAGES", "ru_RU.UTF-8")], Language::Ru),
            (&[("LANG", "ru_RU.UTF-8"), ("LC_MESSAGES", "ru_RU.UTF-8"), ("LC_ALL", "C.UTF-8")], Language::En),
            (&[("LC_ALL", ""), ("LANG", "ru_UA.KOI8-U")], Language::Ru),
            (&[("LANG", "run_BI")], Language::En),
            (&[], Language::En),
        ] {
            assert_eq!(of(pairs), wanted, "{pairs:?}");
        }
    }

    #[test]
    fn a_cause_is_told_once() {
        let en = Tr::new(Language::En, chrono_tz::UTC);
        let error = anyhow::Error::from(std::io::Error::other("gone")).context("the file cannot be read: gone").context("no settings");
        assert_eq!(told(en, &error), "no settings: the file cannot be read: gone");
        let error = anyhow::Error::from(ConfigError::from(Wrong::AmocrmPair)).context("no start");
        assert_eq!(told(Tr::new(Language::Ru, chrono_tz::UTC), &error).matches("amocrm.client_id").count(), 1);
    }
}
