//! Values are looked at before they are read into [`super::Config`]: the reader of TOML would tell
//! of a wrong one in its own words, and without what to write.

use std::{collections::BTreeSet, net::SocketAddr};

use config::{Source as _, Value, ValueKind};

use super::{
    DEFAULTS,
    error::{ConfigError, Slip, Wrong, nearest},
};

/// Settings that take one of a few words.
const CHOICES: &[(&str, &[&str])] = &[("telegram.mode", &["polling", "webhook"]), ("log.format", &["auto", "pretty", "json"])];
/// Settings that are an address to listen on, with the port whoever writes none may mean; whether
/// they may be empty.
const ADDRESSES: &[(&str, u16, bool)] =
    &[("http.listen", 8080, false), ("http.metrics_listen", 9464, true), ("http.worker_listen", 8081, true)];

/// Every setting under its whole name, with its value.
fn settings(from: &config::Config) -> Result<Vec<(String, Value)>, ConfigError> {
    fn walk(name: &str, value: Value, out: &mut Vec<(String, Value)>) {
        match value.kind {
            ValueKind::Table(table) => {
                for (key, value) in table {
                    let name = if name.is_empty() { key } else { format!("{name}.{key}") };
                    walk(&name, value, out);
                }
            }
            _ => out.push((name.to_owned(), value)),
        }
    }
    let mut out = Vec::new();
    for (name, value) in from.collect()? {
        walk(&name, value, &mut out);
    }
    Ok(out)
}

/// Looks at every value that will be read.
///
/// # Errors
/// [`Wrong`], for the first kind of mistake that is found.
pub(super) fn look(built: &config::Config) -> Result<(), ConfigError> {
    let defaults = config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml)).build()?;
    let known = settings(&defaults)?;
    let names: BTreeSet<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    let mut slips: Vec<Slip> = settings(built)?
        .into_iter()
        .filter(|(name, _)| !names.contains(name.as_str()))
        .map(|(name, _)| Slip { near: nearest(&name, names.iter().copied()), name })
        .collect();
    if !slips.is_empty() {
        slips.sort_by(|one, other| one.name.cmp(&other.name));
        return Err(Wrong::Settings(slips).into());
    }
    for (key, choices) in CHOICES {
        let value = text(built, key);
        if !choices.contains(&value.as_str()) {
            return Err(Wrong::Choice { key, value, choices }.into());
        }
    }
    for (key, port, optional) in ADDRESSES {
        let value = text(built, key);
        if value.is_empty() && *optional {
            continue;
        }
        if value.parse::<SocketAddr>().is_err() {
            // Whoever writes the port alone means this machine.
            let port = value.trim_start_matches(':').parse().unwrap_or(*port);
            return Err(Wrong::Address { key, value, example: format!("127.0.0.1:{port}") }.into());
        }
    }
    for (key, default) in &known {
        if matches!(default.kind, ValueKind::I64(_)) && built.get::<u32>(key).is_err() {
            return Err(Wrong::Number { key: key.clone(), value: text(built, key), example: default.to_string() }.into());
        }
    }
    Ok(())
}

/// A value as it was written.
fn text(built: &config::Config, key: &str) -> String {
    built.get::<Value>(key).map(|value| value.to_string()).unwrap_or_default()
}
