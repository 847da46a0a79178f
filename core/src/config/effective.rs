//! The settings as they are in force: what `mms config` prints.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use super::{ConfigError, DEFAULTS, ENVIRONMENT};
use crate::http;

/// Settings that are secrets: whether they are set is told, and nothing else.
const SECRETS: &[&str] =
    &["telegram.token", "amocrm.client_secret", "bitrix24.client_secret", "billing.provider_token", "billing.hook_secret"];
/// Settings that hold a password within an address.
const ADDRESSES: &[&str] = &[
    "database_url",
    "redis_url",
    "telegram.proxy",
    "max.proxy",
    "whatsapp.proxy",
    "viber.proxy",
    "vk.proxy",
    "wazzup.proxy",
    "mail.server",
];

/// The defaults with their explanations, and in their places what the file and the environment set,
/// each with where it comes from. Secrets are hidden. Values are printed as they were given:
/// whether they fit is for the start and `mms doctor` to say.
///
/// # Errors
/// [`ConfigError::Read`] for a file that cannot be read.
pub fn effective(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<String, ConfigError> {
    let given = match file {
        Some(path) => config::Config::builder().add_source(config::File::from(path).format(config::FileFormat::Toml)).build()?,
        None => config::Config::default(),
    };
    let (mut out, mut section) = (String::new(), String::new());
    for line in DEFAULTS.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
        }
        let setting = line.split_once(" = ").filter(|_| !line.starts_with('#')).map(|(name, _)| name);
        match setting.map(|name| (name, if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") })) {
            None => out.push_str(line),
            Some((name, key)) => match set(&given, environment, &key) {
                None => out.push_str(line),
                Some((value, from)) => {
                    out.push_str(&format!("# {from} (the default: {})\n", line.trim_start_matches(name).trim_start_matches(" = ")));
                    out.push_str(&format!("{name} = {}", shown(&key, &value)));
                }
            },
        }
        out.push('\n');
    }
    Ok(out)
}

/// What sets a setting, the environment before the file.
fn set(given: &config::Config, environment: &BTreeMap<String, String>, key: &str) -> Option<(Value, String)> {
    let by_variable = ENVIRONMENT.iter().rev().filter(|(_, of)| *of == key);
    let by_variable =
        by_variable.filter_map(|(variable, _)| Some((*variable, environment.get(*variable).filter(|value| !value.is_empty())?)));
    let by_variable =
        by_variable.map(|(variable, value)| (Value::from(value.as_str()), format!("From the environment: {variable}"))).next();
    by_variable.or_else(|| Some((given.get::<Value>(key).ok()?, "From the file".to_owned())))
}

/// As TOML writes it; its strings and numbers are JSON's.
fn shown(key: &str, value: &Value) -> String {
    match value.as_str() {
        Some(_) if SECRETS.contains(&key) => "\"(hidden)\"".to_owned(),
        Some(text) if ADDRESSES.contains(&key) => Value::from(http::redact(text)).to_string(),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_force_is_shown_with_where_it_comes_from() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("mms.toml");
        std::fs::write(&file, "redis_prefix = 'shop'\n[retention]\nevents = 7\n[http]\nlisten = '127.0.0.1:1'\n").expect("written");
        let environment: BTreeMap<String, String> = [
            ("MMS_TELEGRAM_TOKEN", "7000000001:AAE-example"),
            ("DATABASE_URL", "postgres://mms:p4ss@127.0.0.1/mms"),
            ("MMS_LISTEN", "127.0.0.1:2"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let printed = effective(Some(&file), &environment).expect("printed");
        for line in [
            "# From the file (the default: \"mms\")\nredis_prefix = \"shop\"",
            "# From the file (the default: 30)\nevents = 7",
            "# From the environment: MMS_LISTEN (the default: \"127.0.0.1:8080\")\nlisten = \"127.0.0.1:2\"",
            "# From the environment: MMS_TELEGRAM_TOKEN (the default: \"\")\ntoken = \"(hidden)\"",
            "database_url = \"postgres://127.0.0.1/…\"",
        ] {
            assert!(printed.contains(line), "{line}\n\n{printed}");
        }
        assert!(!printed.contains("p4ss") && !printed.contains("AAE-example"), "{printed}");
        assert_eq!(effective(None, &BTreeMap::new()).expect("printed").trim_end(), DEFAULTS.trim_end());
        // No setting that a password stands in is printed, whatever it is called.
        let secret = |key: &str| {
            ["token", "client_secret", "hook_secret", "proxy", "server", "database_url", "redis_url"].iter().any(|end| key.ends_with(end))
        };
        let environment: BTreeMap<String, String> = ENVIRONMENT
            .iter()
            .filter(|(_, key)| secret(key))
            .map(|(variable, _)| ((*variable).to_owned(), "https://bot:p4ss@example.com/".to_owned()))
            .collect();
        assert!(environment.len() > 10);
        let hidden = effective(None, &environment).expect("printed");
        assert!(!hidden.contains("p4ss"), "{hidden}");
        // What is printed is a file of settings itself.
        let read = config::Config::builder().add_source(config::File::from_str(&printed, config::FileFormat::Toml)).build().expect("TOML");
        assert_eq!(read.get::<String>("redis_prefix").expect("set"), "shop");
    }
}
