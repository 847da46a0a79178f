//! Values are looked at before they are read into [`super::Config`]: the reader of TOML would tell
//! of a wrong one in its own words, and without what to write.

use std::{collections::BTreeSet, net::SocketAddr};

use config::{Source as _, Value, ValueKind};

use super::{
    DEFAULTS,
    error::{ConfigError, Slip, Wrong, nearest},
};
use crate::limits::{AMOCRM_TAKES, READERS_OF_A_COUNT, YCLIENTS_TAKES};

/// Settings that take one of a few words.
const CHOICES: &[(&str, &[&str])] = &[
    ("telegram.mode", &["polling", "webhook"]),
    ("log.format", &["auto", "pretty", "json"]),
    ("crm.private_hosts", &["false", "true"]),
    ("billing.stars", &["false", "true"]),
];
/// Settings that are an address to listen on, with the port whoever writes none may mean; whether
/// they may be empty.
const ADDRESSES: &[(&str, u16, bool)] =
    &[("http.listen", 8080, false), ("http.metrics_listen", 9464, true), ("http.worker_listen", 8081, true)];

/// Numbers with limits, the smallest and the largest that can be.
const RANGES: &[(&str, u32, u32)] = &[
    ("sqlite_readers", READERS_OF_A_COUNT + 1, 64),
    ("amocrm.calls_per_second", 1, AMOCRM_TAKES),
    ("yclients.calls_per_second", 1, YCLIENTS_TAKES),
    // A field that was just made at the CRM is found within a minute, and no sooner.
    ("crm.sync_seconds", 60, 86_400),
    ("channels.cut_minutes", 1, 1_440),
    ("billing.pay_days", 1, 90),
    ("support.answer_days", 1, 30),
    ("http.connections", 1, 100_000),
    ("http.head_seconds", 1, 300),
    ("http.body_seconds", 1, 300),
    ("http.connection_seconds", 3, 86_400),
];
/// The longest wait of a schedule of tries, seconds.
const LONGEST_WAIT: u32 = 86_400;
/// The most waits of a schedule.
const MOST_WAITS: usize = 40;

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
        let (value, example) = (|| text(built, key), || written(default));
        match default.kind {
            ValueKind::I64(_) if built.get::<u32>(key).is_err() => {
                return Err(Wrong::Number { key: key.clone(), value: value(), example: example() }.into());
            }
            ValueKind::Array(_) if !built.get::<Vec<u32>>(key).is_ok_and(|waits| are_waits(&waits)) => {
                let (longest, most) = (LONGEST_WAIT, MOST_WAITS);
                return Err(Wrong::Waits { key: key.clone(), value: value(), longest, most, example: example() }.into());
            }
            _ => {}
        }
    }
    for (key, least, most) in RANGES {
        let value: u32 = built.get(key)?;
        if !(*least..=*most).contains(&value) {
            return Err(Wrong::Range { key, value, least: *least, most: *most, example: text(&defaults, key) }.into());
        }
    }
    Ok(())
}

/// Whether these are the waits of a schedule; none at all is one try.
fn are_waits(seconds: &[u32]) -> bool {
    seconds.len() <= MOST_WAITS && seconds.is_sorted() && seconds.iter().all(|wait| (1..=LONGEST_WAIT).contains(wait))
}

/// A value as it was written.
fn text(built: &config::Config, key: &str) -> String {
    built.get::<Value>(key).map(|value| written(&value)).unwrap_or_default()
}

/// As TOML writes it, but for the quotes.
fn written(value: &Value) -> String {
    match &value.kind {
        ValueKind::Array(all) => format!("[{}]", all.iter().map(written).collect::<Vec<_>>().join(", ")),
        _ => value.to_string(),
    }
}
