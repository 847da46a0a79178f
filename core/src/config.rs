//! Settings: embedded defaults, then a TOML file, then the environment. Contradictions are found at start, each with a
//! sentence that says what to change.

mod effective;
mod endpoints;

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use similar::TextDiff;

pub use effective::effective;
pub use endpoints::Endpoints;

use crate::{
    queue::Seats,
    secret::{KEY_LEN, Sealer, Secret},
    store::{
        backup::{beside, has_content},
        retention,
    },
};

/// The defaults, commented: also the frame of what `mms config` prints.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// Environment variables and the settings they set.
pub const ENVIRONMENT: &[(&str, &str)] = &[
    ("STATE_DIRECTORY", "data_dir"),
    ("MMS_DATA_DIR", "data_dir"),
    ("DATABASE_URL", "database_url"),
    ("MMS_DATABASE_CONNECTIONS", "database_connections"),
    ("REDIS_URL", "redis_url"),
    ("MMS_REDIS_CA_FILE", "redis_ca_file"),
    ("MMS_REDIS_PREFIX", "redis_prefix"),
    ("MMS_SEALING_KEY_FILE", "sealing_key_file"),
    ("MMS_TELEGRAM_TOKEN", "telegram.token"),
    ("MMS_TELEGRAM_TOKEN_FILE", "telegram.token_file"),
    ("MMS_TELEGRAM_API", "telegram.api"),
    ("MMS_TELEGRAM_MODE", "telegram.mode"),
    ("MMS_AMOCRM_CLIENT_ID", "amocrm.client_id"),
    ("MMS_AMOCRM_CLIENT_SECRET", "amocrm.client_secret"),
    ("MMS_AMOCRM_OVERRIDE", "amocrm.override"),
    ("MMS_LISTEN", "http.listen"),
    ("MMS_PUBLIC_URL", "http.public_url"),
    ("MMS_METRICS_LISTEN", "http.metrics_listen"),
    ("MMS_WORKER_LISTEN", "http.worker_listen"),
    ("MMS_LOG_FORMAT", "log.format"),
    ("MMS_LOG", "log.filter"),
];

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
    /// Redis address; empty: the queue of one process.
    pub redis_url: Secret,
    /// File with the authorities that may have signed Redis' certificate; empty: those the system
    /// trusts.
    pub redis_ca_file: String,
    /// Queue names' prefix.
    pub redis_prefix: String,
    /// File with the sealing key; empty: the usual places.
    pub sealing_key_file: String,
    /// The managers' bot.
    pub telegram: Telegram,
    /// amoCRM's integration.
    pub amocrm: Amocrm,
    /// HTTP in.
    pub http: Http,
    /// Logs.
    pub log: Log,
    /// How many days what names people is kept.
    pub retention: retention::Days,
    /// Jobs of each line that a process with a worker does at a time.
    pub jobs: Seats,
}

/// The managers' bot.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    /// Its token.
    pub token: Secret,
    /// A file with its token.
    pub token_file: String,
    /// Bot API base.
    pub api: String,
    /// How updates come.
    pub mode: UpdateMode,
}

/// How updates come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum UpdateMode {
    /// We ask.
    Polling,
    /// We are told.
    Webhook,
}

impl TryFrom<String> for UpdateMode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "polling" => Ok(Self::Polling),
            "webhook" => Ok(Self::Webhook),
            _ => Err(format!("`{text}` is no way to get updates: write `polling` or `webhook`")),
        }
    }
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
}

/// HTTP in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Where to listen.
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    /// How the outside reaches it.
    pub public_url: String,
    /// Where `/metrics` of the bot's process is served; empty: nowhere.
    pub metrics_listen: String,
    /// Where a worker that runs apart listens; empty: nowhere.
    pub worker_listen: String,
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
#[serde(try_from = "String")]
pub enum LogFormat {
    /// Pretty on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Pretty,
    /// For machines.
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "auto" => Ok(Self::Auto),
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err(format!("`{text}` is no form of logs: write `auto`, `pretty` or `json`")),
        }
    }
}

fn listen<'de, D: serde::Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| {
        // Whoever writes the port alone means this machine.
        let port = text.trim_start_matches(':').parse::<u16>().unwrap_or(8080);
        serde::de::Error::custom(format!("`{text}` is no address to listen on: write for example `127.0.0.1:{port}`"))
    })
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Unreadable, unknown or ill-typed; said whole, with the variable that sets it.
    #[error("the settings cannot be read: {0}")]
    Read(String),
    /// They contradict each other, or one is missing.
    #[error("{0}")]
    Wrong(String),
    /// A file could not be read or written.
    #[error("`{path}` cannot be {action}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Read or written.
        action: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl From<config::ConfigError> for ConfigError {
    fn from(error: config::ConfigError) -> Self {
        let mut said = error.to_string();
        // A setting is known by its key; whoever set it by the environment looks for the variable.
        for (variable, key) in ENVIRONMENT {
            if said.contains(&format!("`{key}`")) {
                said.push_str(if said.contains("(environment: ") { ", " } else { " (environment: " });
                said.push_str(variable);
            }
        }
        if said.contains("(environment: ") {
            said.push(')');
        }
        Self::Read(said)
    }
}

/// Variables of ours that set nothing here: the command line's own, and those of tests.
const OTHER_VARIABLES: &[&str] = &["MMS_CONFIG", "MMS_TEST_", "MMS_SHOW_"];

/// A variable named as ours that sets nothing is a slip, and what it was meant to set would stay as
/// it is without a word.
fn unknown_variables(environment: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let ours = |name: &str| name.starts_with("MMS_") && !OTHER_VARIABLES.iter().any(|other| name.starts_with(other));
    let unknown: Vec<String> = environment
        .keys()
        .filter(|name| ours(name) && !ENVIRONMENT.iter().any(|(known, _)| known == name))
        .map(|name| {
            // Whole words first: a section left out is the likeliest slip. Then letters.
            let alike = |known: &str| {
                let words = known.split('_').filter(|word| name.split('_').any(|other| other == *word)).count();
                (words, TextDiff::from_chars(known, name.as_str()).ratio())
            };
            let known = ENVIRONMENT.iter().map(|(known, _)| *known).filter(|known| known.starts_with("MMS_"));
            let near = known.max_by(|one, other| alike(one).partial_cmp(&alike(other)).unwrap_or(Ordering::Equal));
            format!("`{name}` sets nothing: did you mean `{}`?", near.unwrap_or_default())
        })
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(ConfigError::Wrong(unknown.join("; ") + " (`mms config` lists all of them)")) }
}

impl Config {
    /// Reads defaults, the file if given, the environment.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        unknown_variables(environment)?;
        let mut builder = config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        if let Some(path) = file {
            builder = builder.add_source(config::File::from(path).format(config::FileFormat::Toml));
        }
        for (variable, key) in ENVIRONMENT {
            if let Some(value) = environment.get(*variable).filter(|value| !value.is_empty()) {
                builder = builder.set_override(*key, value.as_str())?;
            }
        }
        let mut config: Self = builder.build()?.try_deserialize()?;
        config.telegram.api = config.telegram.api.trim_end_matches('/').to_owned();
        config.http.public_url = config.http.public_url.trim_end_matches('/').to_owned();
        config.amocrm.r#override = config.amocrm.r#override.trim_end_matches('/').to_owned();
        if config.telegram.token.expose().is_empty() {
            let file = match (config.telegram.token_file.as_str(), environment.get("CREDENTIALS_DIRECTORY")) {
                ("", Some(dir)) => Some(Path::new(dir).join("telegram_token")).filter(|path| path.exists()),
                ("", None) => None,
                (path, _) => Some(PathBuf::from(path)),
            };
            if let Some(path) = file {
                let token = read(&path)?;
                config.telegram.token = Secret::new(token.trim());
            }
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: &str| Err(ConfigError::Wrong(text.to_owned()));
        if self.telegram.mode == UpdateMode::Webhook && self.http.public_url.is_empty() {
            return wrong(
                "telegram.mode is `webhook` but http.public_url is empty: say where the outside reaches this server (MMS_PUBLIC_URL), or use `polling`",
            );
        }
        if !self.http.public_url.is_empty() && url::Url::parse(&self.http.public_url).is_err() {
            return wrong("http.public_url is not a URL: write it as `https://mms.example.com`");
        }
        if url::Url::parse(&self.telegram.api).is_err() {
            return wrong("telegram.api is not a URL: the usual one is `https://api.telegram.org`");
        }
        if self.amocrm.client_id.is_empty() != self.amocrm.client_secret.expose().is_empty() {
            return wrong("amocrm.client_id and amocrm.client_secret belong together: set both or neither");
        }
        if let Some(line) = self.jobs.without() {
            return Err(ConfigError::Wrong(format!("jobs.{} is 0: nothing of that line would ever be done", line.as_str())));
        }
        if self.database_connections < 4 {
            return wrong("database_connections is below 4: a sending process needs several at a time (MMS_DATABASE_CONNECTIONS)");
        }
        if !self.redis_ca_file.is_empty() && !self.redis_url.expose().starts_with("rediss://") {
            return wrong(
                "redis_ca_file is set, but redis_url is no `rediss://` address: Redis is asked without TLS and shows no certificate",
            );
        }
        if self.sqlite_path().is_some() && !self.redis_url.expose().is_empty() {
            return wrong(
                "redis_url is set but the database is SQLite, which serves one process: set DATABASE_URL to a PostgreSQL server, or unset REDIS_URL",
            );
        }
        Ok(())
    }

    /// Where a worker that runs apart serves health and metrics, if anywhere.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] for what is no address.
    pub fn worker_listen(&self) -> Result<Option<SocketAddr>, ConfigError> {
        address("http.worker_listen", &self.http.worker_listen, "127.0.0.1:8081")
    }

    /// Where `/metrics` of the bot's process is served, if anywhere.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] for what is no address.
    pub fn metrics_listen(&self) -> Result<Option<SocketAddr>, ConfigError> {
        address("http.metrics_listen", &self.http.metrics_listen, "127.0.0.1:9464")
    }

    /// The database's address.
    #[must_use]
    pub fn database(&self) -> String {
        match self.database_url.expose() {
            "" => format!("sqlite:{}", self.data_dir.join("mms.db").display()),
            url => url.to_owned(),
        }
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
            amocrm_override: Some(self.amocrm.r#override.clone()).filter(|base| !base.is_empty()),
            ..Endpoints::default()
        }
        .with_managers(&self.telegram.token)
    }

    /// Where the sealing key is: in its file, among systemd's credentials, in the data directory.
    #[must_use]
    pub fn sealing_key_path(&self, environment: &BTreeMap<String, String>) -> PathBuf {
        let credential = environment.get("CREDENTIALS_DIRECTORY").map(|dir| Path::new(dir).join("sealing_key"));
        // The unit of one process has the key as an optional credential: where there is none,
        // systemd hands over this word.
        let given = |path: &PathBuf| std::fs::read_to_string(path).is_ok_and(|text| !matches!(text.trim(), "" | "none"));
        match (self.sealing_key_file.as_str(), credential.filter(given)) {
            ("", Some(path)) => path,
            ("", None) => self.data_dir.join("sealing.key"),
            (path, _) => PathBuf::from(path),
        }
    }

    /// The sealing key, `None` if there is none; a file without content is none.
    ///
    /// # Errors
    /// [`ConfigError`] with the place looked at.
    pub fn sealer(&self, environment: &BTreeMap<String, String>) -> Result<Option<Sealer>, ConfigError> {
        let path = self.sealing_key_path(environment);
        if !has_content(&path) {
            return Ok(None);
        }
        let text = read(&path)?;
        let bytes = hex::decode(text.trim()).ok().and_then(|bytes| <[u8; KEY_LEN]>::try_from(bytes).ok()).ok_or_else(|| {
            ConfigError::Wrong(format!(
                "the sealing key at `{}` is not 64 hex digits; make one with `openssl rand -hex 32`",
                path.display()
            ))
        })?;
        Ok(Some(Sealer::new(&bytes)))
    }

    /// Makes a sealing key at its place. It is whole or not there at all, whatever happens meanwhile.
    ///
    /// # Errors
    /// [`ConfigError::File`].
    pub fn make_sealer(&self, environment: &BTreeMap<String, String>) -> Result<Sealer, ConfigError> {
        let (path, key) = (self.sealing_key_path(environment), Sealer::new_key());
        let failed = |source| ConfigError::File { path: path.clone(), action: "written", source };
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let written = write_private(&fresh, hex::encode(key).as_bytes());
        if let Err(error) = written.and_then(|()| std::fs::rename(&fresh, &path).map_err(failed)) {
            drop(std::fs::remove_file(&fresh));
            return Err(error);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(Sealer::new(&key))
    }

    /// Refuses a database that lost its content: an empty SQLite file, or none, beside the key or the log of one. It would be taken for a
    /// new installation.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`], with what to do.
    pub fn check_database_file(&self, environment: &BTreeMap<String, String>) -> Result<(), ConfigError> {
        let Some(path) = self.sqlite_path() else { return Ok(()) };
        if has_content(&path) {
            return Ok(());
        }
        let (log, own_key) = (beside(&path, "-wal"), self.data_dir.join("sealing.key"));
        let witness = [&log, &own_key].into_iter().find(|witness| has_content(witness)).cloned();
        // Somebody who brings a key along may begin anew, but not in a file that somebody emptied.
        let witness = witness.or_else(|| Some(self.sealing_key_path(environment)).filter(|key| path.exists() && has_content(key)));
        match witness {
            None => Ok(()),
            Some(witness) => Err(ConfigError::Wrong(format!(
                "the database `{}` is empty or gone, but `{}` is there, so this was an installation: put a backup back (`mms admin restore`); to begin \
                 anew, move both files away",
                path.display(),
                witness.display()
            ))),
        }
    }

    /// Makes the data directory, readable by its owner alone.
    ///
    /// # Errors
    /// [`ConfigError::File`].
    pub fn make_data_dir(&self) -> Result<(), ConfigError> {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.data_dir).map_err(|source| ConfigError::File {
            path: self.data_dir.clone(),
            action: "made",
            source,
        })
    }
}

fn address(setting: &str, text: &str, example: &str) -> Result<Option<SocketAddr>, ConfigError> {
    match text {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| ConfigError::Wrong(format!("{setting} `{text}` is no address: write for example `{example}`"))),
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), action: "read", source })
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ConfigError> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let failed = |source| ConfigError::File { path: path.to_owned(), action: "written", source };
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}

/// The process environment as a map.
#[must_use]
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn defaults_are_a_working_configuration() {
        let config = Config::load(None, &env(&[])).expect("defaults load");
        assert_eq!(config.database(), "sqlite:mms-data/mms.db");
        assert_eq!(config.telegram.mode, UpdateMode::Polling);
        assert_eq!(config.database_connections, crate::store::CONNECTIONS);
        assert_eq!(config.retention, retention::Days::default());
        assert_eq!(config.jobs, Seats::default());
        assert!(config.redis_url.expose().is_empty());
    }

    #[test]
    fn every_variable_sets_its_setting() {
        let known: config::Config =
            config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml)).build().expect("defaults");
        for (variable, key) in ENVIRONMENT {
            assert!(known.get::<config::Value>(key).is_ok(), "{variable} sets `{key}`, which has no default");
            assert!(DEFAULTS.contains(variable), "{variable} is not explained in the defaults");
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("mms.toml");
        std::fs::write(&file, "data_dir = '/from/file'\n[http]\nlisten = '127.0.0.1:1'\n").expect("write");
        let config = Config::load(Some(&file), &env(&[("MMS_DATA_DIR", "/from/env")])).expect("loads");
        assert_eq!(config.data_dir, Path::new("/from/env"));
        assert_eq!(config.http.listen.port(), 1);
    }

    #[test]
    fn an_unknown_setting_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("mms.toml");
        std::fs::write(&file, "[telegram]\ntokn = 'x'\n").expect("write");
        let error = Config::load(Some(&file), &env(&[])).expect_err("refused").to_string();
        assert!(error.contains("tokn"), "{error}");
    }

    /// They were told in the words of a parser, twice, and without what to write; a variable that
    /// sets nothing was passed over.
    #[test]
    fn a_wrong_value_is_told_once_with_what_to_write() {
        for (name, value, said) in [
            ("MMS_TELEGRAM_MODE", "webhok", "write `polling` or `webhook`"),
            ("MMS_LISTEN", "8081", "write for example `127.0.0.1:8081`"),
            ("MMS_LISTEN", "localhost", "write for example `127.0.0.1:8080`"),
            ("MMS_LOG_FORMAT", "xml", "write `auto`, `pretty` or `json`"),
            ("MMS_DATABASE_CONNECTIONS", "many", "`database_connections`"),
        ] {
            let error = Config::load(None, &env(&[(name, value)])).expect_err("refused").to_string();
            assert!(error.contains(said) && error.contains(value) && error.contains(name), "{error}");
            assert_eq!(error.matches(said).count(), 1, "once: {error}");
        }
        let error = Config::load(None, &env(&[("MMS_MODE", "polling")])).expect_err("refused").to_string();
        assert!(error.contains("`MMS_MODE` sets nothing: did you mean `MMS_TELEGRAM_MODE`?"), "{error}");
        Config::load(None, &env(&[("MMS_TEST_POSTGRES", "x"), ("MMS_CONFIG", "x"), ("HOME", "x")])).expect("not ours to judge");
    }

    #[test]
    fn contradictions_are_refused() {
        for pairs in [
            [("MMS_TELEGRAM_MODE", "webhook"), ("MMS_PUBLIC_URL", "")],
            [("REDIS_URL", "redis://127.0.0.1"), ("DATABASE_URL", "sqlite:/tmp/x.db")],
            [("MMS_AMOCRM_CLIENT_ID", "x"), ("MMS_AMOCRM_CLIENT_SECRET", "")],
            [("MMS_REDIS_CA_FILE", "/etc/mms/redis.pem"), ("REDIS_URL", "redis://127.0.0.1")],
        ] {
            assert!(Config::load(None, &env(&pairs)).is_err(), "{pairs:?}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let config = Config::load(None, &env(&[("MMS_TELEGRAM_TOKEN", "7:AAsecret"), ("DATABASE_URL", "postgres://u:p4ss@127.0.0.1/m")]))
            .expect("loads");
        let printed = format!("{config:?}");
        assert!(!printed.contains("AAsecret") && !printed.contains("p4ss"), "{printed}");
    }

    #[test]
    fn a_sealing_key_is_made_whole_and_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a directory");
        let data = dir.path().to_str().expect("utf-8");
        let config = Config::load(None, &env(&[("MMS_DATA_DIR", data)])).expect("loads");
        assert!(config.sealer(&env(&[])).expect("looked").is_none());
        // A first start on a full disk left a key of no bytes, and every later start was refused.
        std::fs::write(dir.path().join("sealing.key"), b"").expect("written");
        assert!(config.sealer(&env(&[])).expect("looked").is_none());
        let owner = uuid::Uuid::now_v7();
        let sealed = config.make_sealer(&env(&[])).expect("made").seal(b"token", owner);
        assert_eq!(config.sealer(&env(&[])).expect("read").expect("there").open(&sealed, owner).expect("opens"), b"token");
        let files: Vec<_> = std::fs::read_dir(dir.path()).expect("read").collect();
        assert_eq!(files.len(), 1, "nothing is left beside it");
        let mode = std::fs::metadata(dir.path().join("sealing.key")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_cannot_be_written_leaves_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        // The name is a folder: the last step fails.
        std::fs::create_dir(dir.path().join("sealing.key")).expect("made");
        std::fs::write(dir.path().join("sealing.key/in the way"), b"x").expect("written");
        let config = Config::load(None, &env(&[("MMS_DATA_DIR", dir.path().to_str().expect("utf-8"))])).expect("loads");
        assert!(config.make_sealer(&env(&[])).is_err());
        let files: Vec<_> = std::fs::read_dir(dir.path()).expect("read").collect();
        assert_eq!(files.len(), 1, "{files:?}");
    }

    /// A credential that is optional in the unit comes as a word; the key in the data directory
    /// counts then.
    #[test]
    fn an_optional_credential_is_none() {
        let (data, credentials) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        std::fs::write(credentials.path().join("sealing_key"), b"none").expect("written");
        let config = Config::load(None, &env(&[("MMS_DATA_DIR", data.path().to_str().expect("utf-8"))])).expect("loads");
        let environment = env(&[("CREDENTIALS_DIRECTORY", credentials.path().to_str().expect("utf-8"))]);
        assert_eq!(config.sealing_key_path(&environment), data.path().join("sealing.key"));
        std::fs::write(credentials.path().join("sealing_key"), "0".repeat(64)).expect("written");
        assert_eq!(config.sealing_key_path(&environment), credentials.path().join("sealing_key"));
    }

    #[test]
    fn an_emptied_database_is_no_new_installation() {
        let dir = tempfile::tempdir().expect("a directory");
        let config = Config::load(None, &env(&[("MMS_DATA_DIR", dir.path().to_str().expect("utf-8"))])).expect("loads");
        let (database, none) = (dir.path().join("mms.db"), env(&[]));
        config.check_database_file(&none).expect("a first start");
        std::fs::write(&database, b"").expect("written");
        config.check_database_file(&none).expect("a first start that was broken off");
        for witness in ["mms.db-wal", "sealing.key"] {
            std::fs::write(dir.path().join(witness), b"x").expect("written");
            for there in [true, false] {
                if there {
                    std::fs::write(&database, b"").expect("written")
                } else {
                    drop(std::fs::remove_file(&database))
                }
                let error = config.check_database_file(&none).expect_err("refused").to_string();
                assert!(error.contains(witness) && error.contains("restore"), "{error}");
            }
            std::fs::write(&database, b"SQLite").expect("written");
            config.check_database_file(&none).expect("it has content");
            std::fs::remove_file(dir.path().join(witness)).expect("removed");
        }
    }
}
