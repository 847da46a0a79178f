//! Settings: embedded defaults, then a TOML file, then the environment. Contradictions are found at
//! start, each with a sentence that says what to change.

mod effective;
mod endpoints;
mod error;
mod files;
mod looked;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;

pub use effective::effective;
pub use endpoints::Endpoints;
pub use error::{ConfigError, FileAction, Slip, Wrong, named};

use crate::{
    http::{Authorities, Proxy, Route},
    limits::Connections,
    queue::{Line, Seats},
    retry::Schedules,
    secret::Secret,
    smtp::{Mailer, NoServer},
    store::{retention, trail::notes},
};

/// The defaults, commented: also the frame of what `mms config` prints.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// Environment variables and the settings they set.
pub const ENVIRONMENT: &[(&str, &str)] = &[
    ("STATE_DIRECTORY", "data_dir"),
    ("MMS_DATA_DIR", "data_dir"),
    ("DATABASE_URL", "database_url"),
    ("MMS_DATABASE_CONNECTIONS", "database_connections"),
    ("MMS_SQLITE_READERS", "sqlite_readers"),
    ("REDIS_URL", "redis_url"),
    ("MMS_REDIS_CA_FILE", "redis_ca_file"),
    ("MMS_REDIS_PREFIX", "redis_prefix"),
    ("MMS_DAILY_AFTER", "daily_after"),
    ("MMS_SEALING_KEY_FILE", "sealing_key_file"),
    ("MMS_CHECKPOINTS_FILE", "checkpoints_file"),
    ("MMS_CHECKPOINTS_DAYS", "checkpoints_days"),
    ("MMS_TELEGRAM_TOKEN", "telegram.token"),
    ("MMS_TELEGRAM_TOKEN_FILE", "telegram.token_file"),
    ("MMS_TELEGRAM_API", "telegram.api"),
    ("MMS_TELEGRAM_PROXY", "telegram.proxy"),
    ("MMS_TELEGRAM_MODE", "telegram.mode"),
    ("MMS_MAX_API", "max.api"),
    ("MMS_MAX_PROXY", "max.proxy"),
    ("MMS_WHATSAPP_PROXY", "whatsapp.proxy"),
    ("MMS_MAX_CA_FILE", "max.ca_file"),
    ("MMS_WHATSAPP_API", "whatsapp.api"),
    ("MMS_WHATSAPP_VERSION", "whatsapp.version"),
    ("MMS_VIBER_API", "viber.api"),
    ("MMS_VIBER_PROXY", "viber.proxy"),
    ("MMS_VK_API", "vk.api"),
    ("MMS_VK_PROXY", "vk.proxy"),
    ("MMS_WAZZUP_API", "wazzup.api"),
    ("MMS_WAZZUP_PROXY", "wazzup.proxy"),
    ("MMS_AMOCRM_CLIENT_ID", "amocrm.client_id"),
    ("MMS_AMOCRM_CLIENT_SECRET", "amocrm.client_secret"),
    ("MMS_AMOCRM_OVERRIDE", "amocrm.override"),
    ("MMS_RETAILCRM_OVERRIDE", "retailcrm.override"),
    ("MMS_ODOO_OVERRIDE", "odoo.override"),
    ("MMS_TRYTON_OVERRIDE", "tryton.override"),
    ("MMS_SPREADSHEET_OVERRIDE", "spreadsheet.override"),
    ("MMS_CRM_PRIVATE_HOSTS", "crm.private_hosts"),
    ("MMS_CRM_TABLE_FOLDERS", "crm.table_folders"),
    ("MMS_YCLIENTS_OVERRIDE", "yclients.override"),
    ("MMS_BITRIX24_CLIENT_ID", "bitrix24.client_id"),
    ("MMS_BITRIX24_CLIENT_SECRET", "bitrix24.client_secret"),
    ("MMS_BITRIX24_OVERRIDE", "bitrix24.override"),
    ("MMS_MAIL_SERVER", "mail.server"),
    ("MMS_MAIL_SERVER_FILE", "mail.server_file"),
    ("MMS_MAIL_FROM", "mail.from"),
    ("MMS_AGREEMENT_FOLDER", "agreement.folder"),
    ("MMS_BILLING_PLANS", "billing.plans"),
    ("MMS_BILLING_TOKEN", "billing.provider_token"),
    ("MMS_BILLING_TOKEN_FILE", "billing.provider_token_file"),
    ("MMS_BILLING_STARS", "billing.stars"),
    ("MMS_BILLING_SELLER", "billing.seller"),
    ("MMS_BILLING_INN", "billing.inn"),
    ("MMS_BILLING_KPP", "billing.kpp"),
    ("MMS_BILLING_ADDRESS", "billing.address"),
    ("MMS_BILLING_ACCOUNT", "billing.account"),
    ("MMS_BILLING_BANK", "billing.bank"),
    ("MMS_BILLING_BIC", "billing.bic"),
    ("MMS_BILLING_CORR_ACCOUNT", "billing.corr_account"),
    ("MMS_BILLING_SIGNER_POST", "billing.signer_post"),
    ("MMS_BILLING_SIGNER", "billing.signer"),
    ("MMS_BILLING_VAT", "billing.vat"),
    ("MMS_BILLING_HOOK_SECRET", "billing.hook_secret"),
    ("MMS_BILLING_HOOK_SECRET_FILE", "billing.hook_secret_file"),
    ("MMS_BILLING_LICENCE_KEYS", "billing.licence_keys"),
    ("MMS_BILLING_CONTACT", "billing.contact"),
    ("MMS_SUPPORT_EMAIL", "support.email"),
    ("MMS_LISTEN", "http.listen"),
    ("MMS_PUBLIC_URL", "http.public_url"),
    ("MMS_METRICS_LISTEN", "http.metrics_listen"),
    ("MMS_WORKER_LISTEN", "http.worker_listen"),
    ("MMS_LOG_FORMAT", "log.format"),
    ("MMS_LOG", "log.filter"),
];

/// Connections to PostgreSQL below which a sending process would wait for itself.
const LEAST_CONNECTIONS: u32 = 4;

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where SQLite, the sealing key and backups live.
    pub data_dir: PathBuf,
    /// Database address; empty: SQLite in `data_dir`.
    pub database_url: Secret,
    /// Connections to a PostgreSQL server at most.
    pub database_connections: u32,
    /// Connections that read a SQLite file at a time.
    pub sqlite_readers: u32,
    /// Redis address; empty: the queue of one process.
    pub redis_url: Secret,
    /// File with the authorities that may have signed Redis' certificate; empty: those the system
    /// trusts.
    pub redis_ca_file: String,
    /// Queue names' prefix.
    pub redis_prefix: String,
    /// File with the sealing key; empty: the usual places.
    pub sealing_key_file: String,
    /// Where checkpoints of the trail are noted.
    pub checkpoints_file: String,
    /// Days between two messages with the checkpoints to the owners; 0: none.
    pub checkpoints_days: u16,
    /// Seconds from the start of a worker to what it does once a day.
    pub daily_after: u32,
    /// The managers' bot.
    pub telegram: Telegram,
    /// The messenger MAX.
    pub max: Max,
    /// The messenger WhatsApp.
    pub whatsapp: Whatsapp,
    /// The messenger Viber.
    pub viber: Viber,
    /// The messenger of VK.
    pub vk: Vk,
    /// The aggregator Wazzup.
    pub wazzup: Wazzup,
    /// The mail server that alarms go through.
    pub mail: Mail,
    /// The texts that owners accept.
    pub agreement: Agreement,
    /// How licences are sold.
    pub billing: Billing,
    /// How members reach the licensor.
    pub support: Support,
    /// What holds of every messenger.
    pub channels: Channels,
    /// amoCRM's integration.
    pub amocrm: Amocrm,
    /// RetailCRM.
    pub retailcrm: Retailcrm,
    pub odoo: Odoo,
    /// YCLIENTS.
    pub yclients: Yclients,
    /// Bitrix24's application.
    pub bitrix24: Bitrix24,
    pub tryton: Tryton,
    pub spreadsheet: Spreadsheet,
    /// What holds of every CRM.
    pub crm: Crm,
    pub http: Http,
    pub log: Log,
    /// How many days what names people is kept.
    pub retention: retention::Days,
    /// By when data are destroyed on demand.
    pub erasure: Erasure,
    /// Jobs of each line that a process with a worker does at a time.
    pub jobs: Seats,
    /// How soon what failed in passing is tried again, and when it is given up.
    pub retry: Schedules,
}

/// By when a person's data are destroyed on demand. The sources stand in `config.default.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// Working days until unlawful processing stops.
    pub unlawful_stop: u32,
    /// Working days until data that cannot be made lawful are destroyed.
    pub unlawful: u32,
    /// Working days for data that are not needed, or were got unlawfully.
    pub unneeded: u32,
    /// Working days after the person demanded that processing stops.
    pub demanded: u32,
    /// Days of the calendar after a consent was taken back.
    pub withdrawn: u32,
    /// Days of the calendar after the purpose was achieved.
    pub achieved: u32,
    /// So many days of the calendar before the last day owners are told.
    pub warn: u32,
    /// Days for which the operator of the server keeps backups.
    pub backups: u32,
}

impl Default for Erasure {
    fn default() -> Self {
        Self { unlawful_stop: 3, unlawful: 10, unneeded: 7, demanded: 10, withdrawn: 30, achieved: 30, warn: 3, backups: 30 }
    }
}

/// The managers' bot.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    pub token: Secret,
    /// A file with its token.
    pub token_file: String,
    /// Bot API base.
    pub api: String,
    /// A proxy for Telegram's host alone; empty: none.
    pub proxy: Secret,
    /// How updates come.
    pub mode: UpdateMode,
}

/// How updates come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpdateMode {
    /// We ask.
    Polling,
    /// We are told.
    Webhook,
}

/// The messenger MAX.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Max {
    /// Bot API base.
    pub api: String,
    /// A proxy for MAX's host alone; empty: none.
    pub proxy: Secret,
    /// A file with who may have signed its certificate; empty: those the system trusts.
    pub ca_file: String,
    /// What is in that file.
    #[serde(skip)]
    pub authorities: Option<Authorities>,
}

/// The messenger WhatsApp (Cloud API).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whatsapp {
    /// Graph API base, without a version.
    pub api: String,
    /// A proxy for its host alone; empty: none.
    pub proxy: Secret,
    /// Graph's version, as `v26.0`.
    pub version: String,
}

/// The messenger Viber.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Viber {
    /// REST API base.
    pub api: String,
    /// A proxy for its host alone; empty: none.
    pub proxy: Secret,
}

impl Viber {
    /// The way to Viber's host.
    #[must_use]
    pub fn route(&self) -> Route {
        Route { authorities: None, proxy: Proxy::parse(self.proxy.expose()) }
    }
}

/// The aggregator Wazzup.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wazzup {
    /// API base.
    pub api: String,
    /// A proxy for its host alone; empty: none.
    pub proxy: Secret,
}

impl Wazzup {
    /// The way to Wazzup's host.
    #[must_use]
    pub fn route(&self) -> Route {
        Route { authorities: None, proxy: Proxy::parse(self.proxy.expose()) }
    }
}

/// The messenger of VK.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vk {
    /// The API's host.
    pub api: String,
    /// A proxy for its host alone; empty: none.
    pub proxy: Secret,
}

impl Vk {
    /// The way to VK's host.
    #[must_use]
    pub fn route(&self) -> Route {
        Route { authorities: None, proxy: Proxy::parse(self.proxy.expose()) }
    }
}

impl Whatsapp {
    /// The oldest version that still lives, and the first that ends (contract, section 0).
    const OLDEST: u32 = 21;

    /// The way to WhatsApp's host.
    #[must_use]
    pub fn route(&self) -> Route {
        Route { authorities: None, proxy: Proxy::parse(self.proxy.expose()) }
    }

    fn major(&self) -> Option<u32> {
        let (major, minor) = self.version.strip_prefix('v')?.split_once('.')?;
        minor.parse::<u32>().ok().and(major.parse().ok())
    }

    /// Whether the version soon ends: Meta ends v21 on 2027-01-21.
    #[must_use]
    pub fn ends_soon(&self) -> bool {
        self.major() == Some(Self::OLDEST)
    }

    /// Whether it is a version that Meta answers to.
    fn is_alive(&self) -> bool {
        self.major().is_some_and(|major| major >= Self::OLDEST)
    }
}

impl Telegram {
    /// The way to Telegram's host.
    #[must_use]
    pub fn route(&self) -> Route {
        Route { authorities: None, proxy: Proxy::parse(self.proxy.expose()) }
    }
}

impl Max {
    /// The way to MAX's host.
    #[must_use]
    pub fn route(&self) -> Route {
        Route { authorities: self.authorities.clone(), proxy: Proxy::parse(self.proxy.expose()) }
    }
}

/// Whether something is set that is no proxy's address.
fn is_no_proxy(set: &Secret) -> bool {
    !set.expose().is_empty() && Proxy::parse(set.expose()).is_none()
}

/// amoCRM's integration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amocrm {
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret.
    pub client_secret: Secret,
    /// Base that stands in for every amoCRM host.
    pub r#override: String,
    /// Requests a second of a process, all connections together.
    pub calls_per_second: u32,
}

/// RetailCRM.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retailcrm {
    /// Base that stands in for every RetailCRM host.
    pub r#override: String,
}

/// YCLIENTS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Yclients {
    /// Base that stands in for the hosts of YCLIENTS and Altegio.
    pub r#override: String,
    /// Requests a second of a process, all connections together.
    pub calls_per_second: u32,
}

/// Bitrix24's application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bitrix24 {
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret.
    pub client_secret: Secret,
    /// Base that stands in for every portal and for the server of tokens.
    pub r#override: String,
}

/// The mail server that alarms go through.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Its address with login and password; empty: nothing is mailed.
    pub server: Secret,
    /// A file with that address.
    pub server_file: String,
    /// Who the mails are from.
    pub from: String,
}

/// `[support]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// Letters go there; empty: there are tickets.
    pub email: String,
    /// Working days within which a ticket is answered.
    pub answer_days: u32,
}

/// `[agreement]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The folder with the texts; empty: there are none.
    pub folder: String,
}

impl Agreement {
    /// The folder, if there is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        (!self.folder.is_empty()).then(|| Path::new(&self.folder))
    }
}

impl Mail {
    /// The server, if there is one.
    ///
    /// # Errors
    /// [`NoServer`].
    pub fn mailer(&self) -> Result<Option<Mailer>, NoServer> {
        if self.server.expose().is_empty() {
            return Ok(None);
        }
        Mailer::new(&self.server, &self.from).map(Some)
    }
}

/// How licences are sold. Whoever does not sell any leaves all of it empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Billing {
    /// A file with plans in place of those the program comes with.
    pub plans: String,
    /// Of a provider of Telegram Payments.
    pub provider_token: Secret,
    /// A file with it.
    pub provider_token_file: String,
    /// Licences are sold for Telegram Stars.
    pub stars: bool,
    /// Who is paid.
    pub seller: String,
    pub inn: String,
    pub kpp: String,
    pub address: String,
    /// The account at the bank.
    pub account: String,
    pub bank: String,
    pub bic: String,
    pub corr_account: String,
    /// Who signs papers.
    pub signer_post: String,
    pub signer: String,
    /// What papers say of VAT.
    pub vat: String,
    /// Days for which an order keeps its price.
    pub pay_days: u32,
    /// With which a bank's side signs what it posts.
    pub hook_secret: Secret,
    /// A file with it.
    pub hook_secret_file: String,
    /// Public keys of signed licences, between spaces.
    pub licence_keys: String,
    /// Whom members ask.
    pub contact: String,
}

impl Billing {
    /// The settings without which no invoice can be made and that are not there.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let needed = [
            ("billing.seller", &self.seller),
            ("billing.inn", &self.inn),
            ("billing.account", &self.account),
            ("billing.bank", &self.bank),
            ("billing.bic", &self.bic),
        ];
        needed.into_iter().filter(|(_, value)| value.trim().is_empty()).map(|(key, _)| key).collect()
    }

    /// A number that is set and has not as many digits as it must have.
    fn misspelt(&self) -> Option<&'static str> {
        let numbers: [(&'static str, &str, &[usize]); 5] = [
            ("billing.inn", &self.inn, &[10, 12]),
            ("billing.kpp", &self.kpp, &[9]),
            ("billing.account", &self.account, &[20]),
            ("billing.bic", &self.bic, &[9]),
            ("billing.corr_account", &self.corr_account, &[20]),
        ];
        let right = |value: &str, lengths: &[usize]| lengths.contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
        numbers.into_iter().find(|(_, value, lengths)| !value.is_empty() && !right(value, lengths)).map(|(key, ..)| key)
    }
}

/// What holds of every messenger.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channels {
    /// Minutes without a good answer after which a messenger counts as cut off.
    pub cut_minutes: u32,
}

/// Odoo.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Odoo {
    /// Base that stands in for every Odoo.
    pub r#override: String,
}

/// Tryton.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tryton {
    /// Base that stands in for every Tryton.
    pub r#override: String,
}

/// Tables at addresses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spreadsheet {
    /// Base that stands in for every host.
    pub r#override: String,
}

/// What holds of every CRM.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crm {
    /// Seconds between two reads of what changed.
    pub sync_seconds: u32,
    /// CRMs that companies serve themselves may be in our own network.
    pub private_hosts: bool,
    /// Folders whose tables may be connected, between colons.
    pub table_folders: String,
}

/// HTTP in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub listen: SocketAddr,
    /// How the outside reaches it.
    pub public_url: String,
    /// Where `/metrics` of the bot's process is served; empty: nowhere.
    pub metrics_listen: String,
    /// Where a worker that runs apart listens; empty: nowhere.
    pub worker_listen: String,
    /// Connections of callers at a time, at each address.
    pub connections: u32,
    /// Seconds that a request's head may take to come.
    pub head_seconds: u32,
    /// Seconds that a request's body may take to come.
    pub body_seconds: u32,
    /// Seconds that a connection is kept.
    pub connection_seconds: u32,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Their form.
    pub format: LogFormat,
    /// tracing-subscriber's filter.
    pub filter: String,
}

/// The form of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Pretty on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Pretty,
    /// For machines.
    Json,
}

impl Config {
    /// Reads defaults, the file if given, the environment.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        error::unknown_variables(environment)?;
        let mut builder = config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        if let Some(path) = file {
            builder = builder.add_source(config::File::from(path).format(config::FileFormat::Toml));
        }
        for (variable, key) in ENVIRONMENT {
            if let Some(value) = environment.get(*variable).filter(|value| !value.is_empty()) {
                builder = builder.set_override(*key, value.as_str())?;
            }
        }
        let built = builder.build()?;
        looked::look(&built)?;
        let mut config: Self = built.try_deserialize()?;
        config.telegram.api = config.telegram.api.trim_end_matches('/').to_owned();
        config.max.api = config.max.api.trim_end_matches('/').to_owned();
        if !config.max.ca_file.is_empty() {
            config.max.authorities = Some(files::authorities(Path::new(&config.max.ca_file))?);
        }
        config.whatsapp.api = config.whatsapp.api.trim_end_matches('/').to_owned();
        config.viber.api = config.viber.api.trim_end_matches('/').to_owned();
        config.vk.api = config.vk.api.trim_end_matches('/').to_owned();
        config.wazzup.api = config.wazzup.api.trim_end_matches('/').to_owned();
        config.http.public_url = config.http.public_url.trim_end_matches('/').to_owned();
        config.amocrm.r#override = config.amocrm.r#override.trim_end_matches('/').to_owned();
        config.retailcrm.r#override = config.retailcrm.r#override.trim_end_matches('/').to_owned();
        config.odoo.r#override = config.odoo.r#override.trim_end_matches('/').to_owned();
        config.yclients.r#override = config.yclients.r#override.trim_end_matches('/').to_owned();
        config.bitrix24.r#override = config.bitrix24.r#override.trim_end_matches('/').to_owned();
        config.tryton.r#override = config.tryton.r#override.trim_end_matches('/').to_owned();
        config.spreadsheet.r#override = config.spreadsheet.r#override.trim_end_matches('/').to_owned();
        let (telegram, mail, billing) = (&mut config.telegram, &mut config.mail, &mut config.billing);
        for (secret, file, credential) in [
            (&mut telegram.token, &telegram.token_file, "telegram_token"),
            (&mut mail.server, &mail.server_file, "mail_server"),
            (&mut billing.provider_token, &billing.provider_token_file, "payment_token"),
            (&mut billing.hook_secret, &billing.hook_secret_file, "payment_hook"),
        ] {
            if secret.expose().is_empty()
                && let Some(given) = files::secret(file, credential, environment)?
            {
                *secret = given;
            }
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Wrong> {
        let wrong = [
            (self.telegram.mode == UpdateMode::Webhook && self.http.public_url.is_empty(), Wrong::WebhookWithoutAddress),
            (!self.http.public_url.is_empty() && url::Url::parse(&self.http.public_url).is_err(), Wrong::PublicUrl),
            (url::Url::parse(&self.telegram.api).is_err(), Wrong::TelegramApi),
            (url::Url::parse(&self.max.api).is_err(), Wrong::MaxApi),
            (url::Url::parse(&self.whatsapp.api).is_err(), Wrong::WhatsappApi),
            (!self.whatsapp.is_alive(), Wrong::WhatsappVersion),
            (url::Url::parse(&self.viber.api).is_err(), Wrong::ViberApi),
            (url::Url::parse(&self.vk.api).is_err(), Wrong::VkApi),
            (url::Url::parse(&self.wazzup.api).is_err(), Wrong::WazzupApi),
            (is_no_proxy(&self.telegram.proxy), Wrong::Proxy("telegram.proxy")),
            (is_no_proxy(&self.max.proxy), Wrong::Proxy("max.proxy")),
            (is_no_proxy(&self.whatsapp.proxy), Wrong::Proxy("whatsapp.proxy")),
            (is_no_proxy(&self.viber.proxy), Wrong::Proxy("viber.proxy")),
            (is_no_proxy(&self.vk.proxy), Wrong::Proxy("vk.proxy")),
            (is_no_proxy(&self.wazzup.proxy), Wrong::Proxy("wazzup.proxy")),
            (self.amocrm.client_id.is_empty() != self.amocrm.client_secret.expose().is_empty(), Wrong::AmocrmPair),
            (self.bitrix24.client_id.is_empty() != self.bitrix24.client_secret.expose().is_empty(), Wrong::Bitrix24Pair),
            (self.mail.mailer().is_err(), Wrong::Mail(self.mail.mailer().err().unwrap_or(NoServer::Server))),
            (self.billing.misspelt().is_some(), Wrong::Digits(self.billing.misspelt().unwrap_or(""))),
            (self.jobs.without().is_some(), Wrong::NoSeats(self.jobs.without().map_or("", Line::as_str))),
            (self.database_connections < LEAST_CONNECTIONS, Wrong::FewConnections),
            (self.http.connection_seconds <= self.http.head_seconds + self.http.body_seconds, Wrong::ShortConnections),
            (!self.redis_ca_file.is_empty() && !self.redis_url.expose().starts_with("rediss://"), Wrong::RedisCa),
            (self.sqlite_path().is_some() && !self.redis_url.expose().is_empty(), Wrong::RedisBesideSqlite),
        ];
        wrong.into_iter().find(|(is_so, _)| *is_so).map_or(Ok(()), |(_, wrong)| Err(wrong))
    }

    /// Where a worker that runs apart serves health and metrics, if anywhere.
    #[must_use]
    pub fn worker_listen(&self) -> Option<SocketAddr> {
        // Looked at when it was read: what is there is an address.
        self.http.worker_listen.parse().ok()
    }

    /// Where `/metrics` of the bot's process is served, if anywhere.
    #[must_use]
    pub fn metrics_listen(&self) -> Option<SocketAddr> {
        self.http.metrics_listen.parse().ok()
    }

    /// The database's address.
    #[must_use]
    pub fn database(&self) -> String {
        match self.database_url.expose() {
            "" => format!("sqlite:{}", self.data_dir.join("mms.db").display()),
            url => url.to_owned(),
        }
    }

    /// Where checkpoints of the trail are noted.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        match self.checkpoints_file.as_str() {
            "" => self.data_dir.join(notes::FILE),
            file => PathBuf::from(file),
        }
    }

    /// How many connections a process opens to either engine.
    #[must_use]
    pub fn connections(&self) -> Connections {
        Connections { postgres: self.database_connections, sqlite_readers: self.sqlite_readers }
    }

    /// The SQLite file, if the database is SQLite.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        self.database().strip_prefix("sqlite:").map(|path| PathBuf::from(path.trim_start_matches("//")))
    }

    /// Where providers are reached.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        Endpoints {
            telegram: self.telegram.api.clone(),
            max: self.max.api.clone(),
            whatsapp: format!("{}/{}", self.whatsapp.api, self.whatsapp.version),
            viber: self.viber.api.clone(),
            vk: self.vk.api.clone(),
            wazzup: self.wazzup.api.clone(),
            telegram_route: self.telegram.route(),
            max_route: self.max.route(),
            whatsapp_route: self.whatsapp.route(),
            viber_route: self.viber.route(),
            vk_route: self.vk.route(),
            wazzup_route: self.wazzup.route(),
            amocrm_override: Some(self.amocrm.r#override.clone()).filter(|base| !base.is_empty()),
            retailcrm_override: Some(self.retailcrm.r#override.clone()).filter(|base| !base.is_empty()),
            odoo_override: Some(self.odoo.r#override.clone()).filter(|base| !base.is_empty()),
            tryton_override: Some(self.tryton.r#override.clone()).filter(|base| !base.is_empty()),
            spreadsheet_override: Some(self.spreadsheet.r#override.clone()).filter(|base| !base.is_empty()),
            crm_private_hosts: self.crm.private_hosts,
            crm_folders: self.crm.table_folders.split(':').filter(|folder| !folder.is_empty()).map(PathBuf::from).collect(),
            yclients_override: Some(self.yclients.r#override.clone()).filter(|base| !base.is_empty()),
            bitrix24_override: Some(self.bitrix24.r#override.clone()).filter(|base| !base.is_empty()),
            ..Endpoints::default()
        }
        .with_managers(&self.telegram.token)
        .crm_calls_per_second(self.amocrm.calls_per_second)
        .yclients_calls_per_second(self.yclients.calls_per_second)
    }
}

/// The process environment as a map. A variable whose name or value is no text sets nothing of
/// ours.
#[must_use]
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

#[cfg(test)]
mod tests;
