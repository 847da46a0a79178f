//! The way to a table: its address with what opens it, or a path in a folder that this server
//! allows. All of it may be a secret (a published table's link is one), so it is sealed whole, and
//! screens show the host alone.

use std::{
    collections::BTreeMap,
    path::{Component, PathBuf},
};

use reqwest::header::{HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    config::Endpoints,
    crm::{
        host,
        login::{Ask, Credentials, CrmLogin},
    },
    secret::{Likeness, Secret},
};

/// The whole of what was sent, among the pasted values.
pub const SOURCE: &str = "source";
/// What a bare label is under: a host of the internet is always named whole.
const BARE: &str = "invalid";
/// Longest address with what opens it, bytes.
const LONGEST: usize = 2_000;
/// How a file's address is kept.
const FILE: &str = "file://";

/// The way to a table.
#[derive(Debug)]
pub struct Login;

/// Where a table is.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Web { url: Box<Url>, opens: Opens },
    File(PathBuf),
}

/// What opens an address.
#[derive(Debug, Clone)]
pub(super) enum Opens {
    /// Whoever has the address.
    Anybody,
    /// Basic.
    Password { user: String, password: Secret },
    /// A token in a header.
    Header { name: HeaderName, value: Secret },
}

/// Headers that are the connection's own.
const OWN: [&str; 9] =
    ["host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "range", "if-none-match", "if-modified-since"];

impl Source {
    /// Of what a person sent: `https://example.org/clients.csv`, after a space `login password` or
    /// `X-Token: secret`; or `/srv/tables/clients.csv`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST || text.chars().any(char::is_control) {
            return None;
        }
        if text.starts_with('/') {
            let path = PathBuf::from(text);
            let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
            return (plain && path.file_name().is_some()).then_some(Self::File(path));
        }
        let (address, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let (url, within) = web(address)?;
        let opens = match (opens(rest.trim())?, within) {
            (Opens::Anybody, Some(within)) => within,
            (told, None) => told,
            (_, Some(_)) => return None,
        };
        Some(Self::Web { url: Box::new(url), opens })
    }

    /// What it is known by, of whatever opens it: a table at another address is another one.
    pub(super) fn id(&self) -> String {
        let whole = match self {
            Self::Web { url, .. } => url.to_string(),
            Self::File(path) => path.display().to_string(),
        };
        hex::encode(&Sha256::digest(whole.as_bytes())[..16])
    }

    /// Its name, where the address ends with one; a link's own letters may be its secret.
    pub(super) fn name(&self) -> Option<String> {
        let last = match self {
            Self::Web { url, .. } => url.path_segments()?.next_back()?.to_owned(),
            Self::File(path) => path.file_name()?.to_str()?.to_owned(),
        };
        let (stem, kind) = last.rsplit_once('.')?;
        let named = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls"].contains(&kind.to_ascii_lowercase().as_str());
        (named && stem.len() <= 60 && !stem.contains('%')).then(|| last.clone())
    }
}

/// An address by https at a named host, and what opens it where that stands before the host.
pub(super) fn web(address: &str) -> Option<(Url, Option<Opens>)> {
    let whole = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
    let mut url = Url::parse(&whole).ok().filter(|url| url.scheme() == "https")?;
    let place = url
        .port()
        .map_or_else(|| url.host_str().unwrap_or_default().to_owned(), |port| format!("{}:{port}", url.host_str().unwrap_or_default()));
    let host = host::own(&place, BARE)?;
    if host != place || host.ends_with(&format!(".{BARE}")) {
        return None;
    }
    let decoded = |text: &str| {
        let plain = format!("text={}", text.replace('+', "%2B").replace('&', "%26"));
        let decoded = url::form_urlencoded::parse(plain.as_bytes()).next().map(|(_, text)| text.into_owned());
        decoded.filter(|text| !text.contains(char::REPLACEMENT_CHARACTER))
    };
    let within = match (url.username(), url.password()) {
        ("", None) => None,
        (user, password) => Some(Opens::Password { user: decoded(user)?, password: Secret::new(decoded(password.unwrap_or_default())?) }),
    };
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    url.set_fragment(None);
    Some((url, within))
}

fn opens(rest: &str) -> Option<Opens> {
    if rest.is_empty() {
        return Some(Opens::Anybody);
    }
    // A login with a colon is not one of Basic's.
    if let Some((name, value)) = rest.split_once(": ").filter(|(name, _)| !name.contains(char::is_whitespace)) {
        let name = HeaderName::from_bytes(name.as_bytes()).ok().filter(|name| !OWN.contains(&name.as_str()))?;
        let value = value.trim();
        HeaderValue::from_str(value).ok().filter(|_| !value.is_empty())?;
        return Some(Opens::Header { name, value: Secret::new(value) });
    }
    let (user, password) = rest.split_once(char::is_whitespace)?;
    Some(Opens::Password { user: user.to_owned(), password: Secret::new(password.trim()) })
}

fn is_source(text: &str) -> bool {
    Source::parse(text).is_some()
}

impl CrmLogin for Login {
    fn home(&self, typed: &str) -> Option<String> {
        // As it is kept.
        if let Some(name) = typed.strip_prefix(FILE) {
            return (!name.is_empty() && !name.contains('/')).then(|| typed.to_owned());
        }
        Some(match Source::parse(typed)? {
            Source::Web { url, .. } => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("https://{}{port}", url.host_str()?)
            }
            Source::File(path) => format!("{FILE}{}", path.file_name()?.to_str()?),
        })
    }

    fn base(&self, home: &str, _endpoints: &Endpoints) -> Option<String> {
        self.home(home)
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask { name: SOURCE, secret: true, fits: is_source }]
    }

    fn assemble(&self, values: &[Secret]) -> Credentials {
        let value = values.first().cloned().unwrap_or_default();
        Credentials::Pasted { values: BTreeMap::from([(SOURCE.to_owned(), value)]) }
    }

    fn renewed(&self, _old: &Credentials, value: &Secret) -> Credentials {
        self.assemble(std::slice::from_ref(value))
    }

    /// An address looks like any other.
    fn likeness(&self, _word: &str) -> Option<Likeness> {
        None
    }

    fn address_opens(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        Some(match Source::parse(text)? {
            Source::Web { url, opens: Opens::Anybody } => url.to_string(),
            Source::Web { url, opens: Opens::Password { user, password } } => format!("{url} {user}/{}", password.expose()),
            Source::Web { url, opens: Opens::Header { name, value } } => format!("{url} {name}={}", value.expose()),
            Source::File(path) => path.display().to_string(),
        })
    }

    #[test]
    fn an_address_is_read_with_what_opens_it() {
        for (text, read) in [
            ("https://files.romashka.example/clients.csv", "https://files.romashka.example/clients.csv"),
            (" romashka.example/a%20b.csv?key=s3 ", "https://romashka.example/a%20b.csv?key=s3"),
            ("https://romashka.example/a.csv anna два слова", "https://romashka.example/a.csv anna/два слова"),
            ("https://anna:p%40ss@romashka.example/a.csv", "https://romashka.example/a.csv anna/p@ss"),
            ("https://romashka.example/a.csv X-Token: s3cr3t", "https://romashka.example/a.csv x-token=s3cr3t"),
            ("https://romashka.example/a.csv Authorization: Bearer s3", "https://romashka.example/a.csv authorization=Bearer s3"),
            ("https://romashka.example:8443/a.csv#list", "https://romashka.example:8443/a.csv"),
            ("/srv/tables/мои клиенты.xlsx", "/srv/tables/мои клиенты.xlsx"),
        ] {
            assert_eq!(told(text).as_deref(), Some(read), "{text}");
        }
        for bad in [
            "",
            "клиенты",
            "http://romashka.example/a.csv",
            "ftp://romashka.example/a.csv",
            "file:///etc/passwd",
            "https://127.0.0.1/a.csv",
            "https://[::1]/a.csv",
            "https://2130706433/a.csv",
            "https://localhost/a.csv",
            "https://romashka/a.csv",
            "https://romashka.example:22/a.csv",
            "https://romashka.example/a.csv anna",
            "https://romashka.example/a.csv Host: evil.example",
            "https://anna:pass@romashka.example/a.csv anna pass",
            "/srv/../etc/passwd",
            "/srv/tables/a.csv\n/etc/passwd",
            "/",
        ] {
            assert_eq!(told(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_host_alone_is_kept_in_the_open() {
        for (typed, home) in [
            ("https://docs.example.org/e/2PACX-s3cr3t/pub?output=csv", "https://docs.example.org"),
            ("https://anna:pass@romashka.example:8443/a.csv", "https://romashka.example:8443"),
            ("https://docs.example.org", "https://docs.example.org"),
            ("/srv/tables/clients.csv", "file://clients.csv"),
            ("file://clients.csv", "file://clients.csv"),
        ] {
            assert_eq!(Login.home(typed).as_deref(), Some(home), "{typed}");
        }
        assert_eq!(Login.home("file://../clients.csv"), None);
        let name = |text: &str| Source::parse(text).and_then(|source| source.name());
        assert_eq!(name("https://romashka.example/a/clients.csv?key=s3").as_deref(), Some("clients.csv"));
        assert_eq!(name("https://docs.example.org/e/2PACX-s3cr3t/pub?output=csv"), None);
        let id = |text: &str| Source::parse(text).map(|source| source.id());
        assert_eq!(id("https://romashka.example/a.csv anna one"), id("https://romashka.example/a.csv anna two"));
        assert_ne!(id("https://romashka.example/a.csv?list=1"), id("https://romashka.example/a.csv?list=2"));
    }
}
