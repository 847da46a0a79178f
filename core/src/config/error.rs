//! What is wrong with the settings: each with what to write, in English here and in the operator's
//! language by the command line.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use similar::TextDiff;

use super::ENVIRONMENT;
use crate::smtp::NoServer;

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing or is not TOML, in the words of its reader.
    #[error("the settings cannot be read: {0}")]
    Read(String),
    /// A value cannot be, settings contradict each other, or one is missing.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// A file could not be read or written.
    #[error("`{path}` cannot be {action}: {source}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What was tried.
        action: FileAction,
        /// What the system answered.
        #[source]
        source: std::io::Error,
    },
}

/// What was to be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileAction {
    Read,
    Write,
    /// Make a directory.
    Make,
}

impl fmt::Display for FileAction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Read => "read",
            Self::Write => "written",
            Self::Make => "made",
        })
    }
}

/// A name that nothing has, and the likeliest one that was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// As it was written.
    pub name: String,
    /// The known name nearest to it.
    pub near: String,
}

/// Settings that no process can work with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Environment variables named as ours that set nothing.
    #[error("{} (`mms config` lists all of them)", .0.iter().map(|slip| format!("`{}` sets nothing: did you mean `{}`?", slip.name, slip.near)).collect::<Vec<_>>().join("; "))]
    Variables(Vec<Slip>),
    /// Settings of the file that are not there.
    #[error("{} (`mms config` lists all of them)", .0.iter().map(|slip| format!("there is no setting `{}`: did you mean `{}`?", slip.name, slip.near)).collect::<Vec<_>>().join("; "))]
    Settings(Vec<Slip>),
    /// A setting takes one of a few words.
    #[error("{}: `{value}` is none of its values: write {}", named(.key), listed(.choices))]
    Choice {
        /// The setting.
        key: &'static str,
        /// What was written.
        value: String,
        /// What may be.
        choices: &'static [&'static str],
    },
    /// An address to listen on.
    #[error("{}: `{value}` is no address to listen on: write for example `{example}`", named(.key))]
    Address {
        /// The setting.
        key: &'static str,
        /// What was written.
        value: String,
        /// One that can be.
        example: String,
    },
    /// A setting takes a whole number.
    #[error("{}: `{value}` is no whole number: write for example `{example}`", named(.key))]
    Number {
        /// The setting.
        key: String,
        /// What was written.
        value: String,
        /// The default.
        example: String,
    },
    /// A number that is too small or too large.
    #[error("{}: {value} cannot be: write a number from {least} to {most}, for example {example}", named(.key))]
    Range {
        /// The setting.
        key: &'static str,
        /// What was written.
        value: u32,
        /// The smallest that can be.
        least: u32,
        /// The largest that can be.
        most: u32,
        /// The default.
        example: String,
    },
    /// A schedule of tries.
    #[error(
        "{key}: `{value}` are no waits: write whole seconds from 1 to {longest}, none shorter than the one before and {most} of them at most, for example {example}"
    )]
    Waits {
        /// The setting.
        key: String,
        /// What was written.
        value: String,
        /// The longest wait, seconds.
        longest: u32,
        /// The most waits.
        most: usize,
        /// The default.
        example: String,
    },
    /// The mail server, or who mails are from.
    #[error("{}", match .0 {
        NoServer::Server => "mail.server is no mail server: write `smtps://login:password@mail.example.com:465` (MMS_MAIL_SERVER), or leave it empty",
        NoServer::InClear => "mail.server would be told its password in clear text: write `smtps://…:465`, or `smtp://…:587?tls=required` (MMS_MAIL_SERVER)",
        NoServer::From => "mail.from is no address: write `bot@example.com` or `Company <bot@example.com>` (MMS_MAIL_FROM)",
    })]
    Mail(NoServer),
    /// A number of a bank's or of a company's with too few or too many digits.
    #[error("{}: this is no such number: an INN has 10 or 12 digits, a KPP and a BIC 9, an account 20", named(.0))]
    Digits(&'static str),
    /// Webhooks without an address.
    #[error(
        "telegram.mode is `webhook` but http.public_url is empty: say where the outside reaches this server (MMS_PUBLIC_URL), or use `polling`"
    )]
    WebhookWithoutAddress,
    /// The public address is no URL.
    #[error("http.public_url is not a URL: write it as `https://mms.example.com` (MMS_PUBLIC_URL)")]
    PublicUrl,
    /// The Bot API's address is no URL.
    #[error("telegram.api is not a URL: the usual one is `https://api.telegram.org` (MMS_TELEGRAM_API)")]
    TelegramApi,
    /// MAX's address is no URL.
    #[error("max.api is not a URL: the usual one is `https://platform-api2.max.ru` (MMS_MAX_API)")]
    MaxApi,
    /// WhatsApp's address is no URL.
    #[error("whatsapp.api is not a URL: the usual one is `https://graph.facebook.com` (MMS_WHATSAPP_API)")]
    WhatsappApi,
    /// Viber's address is no URL.
    #[error("viber.api is not a URL: the usual one is `https://chatapi.viber.com/pa` (MMS_VIBER_API)")]
    ViberApi,
    /// A version of Graph that has ended, or none.
    #[error(
        "whatsapp.version is not a version that Meta still answers to: write v22.0 or newer, for example `v26.0` (MMS_WHATSAPP_VERSION)"
    )]
    WhatsappVersion,
    /// VK's address is no URL.
    #[error("vk.api is not a URL: the usual one is `https://api.vk.ru` (MMS_VK_API)")]
    VkApi,
    /// Wazzup's address is no URL.
    #[error("wazzup.api is not a URL: the usual one is `https://api.wazzup24.com/v3` (MMS_WAZZUP_API)")]
    WazzupApi,
    /// A proxy's address that is none. What was written may hold a password and is not shown.
    #[error(
        "{}: this is no address of a proxy; write it as `socks5://127.0.0.1:1080` or `http://name:password@proxy.example.com:3128`",
        named(.0)
    )]
    Proxy(&'static str),
    /// A file of authorities without a certificate.
    #[error("`{}` holds no certificate: max.ca_file wants the authorities as PEM, `-----BEGIN CERTIFICATE-----` (MMS_MAX_CA_FILE)", path.display())]
    MaxCa {
        /// The file.
        path: PathBuf,
    },
    /// One half of amoCRM's integration.
    #[error("amocrm.client_id and amocrm.client_secret belong together: set both or neither")]
    AmocrmPair,
    /// One half of Bitrix24's application.
    #[error("bitrix24.client_id and bitrix24.client_secret belong together: set both or neither")]
    Bitrix24Pair,
    /// No seat for the jobs of a line.
    #[error("jobs.{0} is 0: nothing of that line would ever be done, write 1 or more")]
    NoSeats(&'static str),
    /// Too few connections to the database.
    #[error("database_connections is below 4: a sending process needs several at a time (MMS_DATABASE_CONNECTIONS)")]
    FewConnections,
    /// A connection that ends before a request could have come.
    #[error(
        "http.connection_seconds must be more than http.head_seconds and http.body_seconds together: a request would be cut off while it comes"
    )]
    ShortConnections,
    /// Authorities for a Redis that is asked without TLS.
    #[error("redis_ca_file is set, but redis_url is no `rediss://` address: Redis is asked without TLS and shows no certificate")]
    RedisCa,
    /// Redis beside SQLite.
    #[error(
        "redis_url is set but the database is SQLite, which serves one process: set DATABASE_URL to a PostgreSQL server, or unset REDIS_URL"
    )]
    RedisBesideSqlite,
    /// The sealing key's file holds something else.
    #[error("the sealing key at `{path}` is not 64 hex digits; make one with `openssl rand -hex 32`")]
    SealingKey {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A database that lost its content.
    #[error(
        "the database `{path}` is empty or gone, but `{witness}` is there, so this was an installation: put a backup back (`mms admin restore`); \
         to begin anew, move both files away"
    )]
    Emptied {
        /// The database.
        path: PathBuf,
        /// What says that it had content.
        witness: PathBuf,
    },
}

impl From<config::ConfigError> for ConfigError {
    fn from(error: config::ConfigError) -> Self {
        Self::Read(error.to_string())
    }
}

/// A setting with the variables that set it: whoever set it by the environment looks for those.
#[must_use]
pub fn named(key: &str) -> String {
    let variables: Vec<&str> = ENVIRONMENT.iter().filter(|(_, of)| *of == key).map(|(variable, _)| *variable).collect();
    if variables.is_empty() { key.to_owned() } else { format!("{key} ({})", variables.join(", ")) }
}

fn listed(choices: &[&str]) -> String {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    match quoted.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => quoted.concat(),
    }
}

/// The known name likest to one that nothing has. Whole words first, because a section left out is
/// the likeliest slip; then letters.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let words = |text: &str| text.split(['_', '.']).map(str::to_owned).collect::<Vec<_>>();
    let wanted = words(name);
    let alike = |known: &str| {
        let same = words(known).iter().filter(|word| wanted.contains(word)).count();
        (same, TextDiff::from_chars(known, name).ratio())
    };
    known.max_by(|one, other| alike(one).partial_cmp(&alike(other)).unwrap_or(std::cmp::Ordering::Equal)).unwrap_or_default().to_owned()
}

/// Variables of ours that set nothing here: the command line's own, and those of tests.
const OTHER_VARIABLES: &[&str] = &["MMS_CONFIG", "MMS_TEST_", "MMS_SHOW_"];

/// A variable named as ours that sets nothing is a slip, and what it was meant to set would stay as
/// it is without a word.
pub(super) fn unknown_variables(environment: &BTreeMap<String, String>) -> Result<(), Wrong> {
    let ours = |name: &str| name.starts_with("MMS_") && !OTHER_VARIABLES.iter().any(|other| name.starts_with(other));
    let known = || ENVIRONMENT.iter().map(|(known, _)| *known).filter(|known| known.starts_with("MMS_"));
    let unknown = environment.keys().filter(|name| ours(name) && !known().any(|known| known == name.as_str()));
    let slips: Vec<Slip> = unknown.map(|name| Slip { name: name.clone(), near: nearest(name, known()) }).collect();
    if slips.is_empty() { Ok(()) } else { Err(Wrong::Variables(slips)) }
}
