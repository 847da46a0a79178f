//! The bytes of a table: of an address, whose answers are classified, or of a folder that this
//! server allows.

use std::{
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};
use reqwest::{
    Client, Response, StatusCode,
    header::{ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::login::{Opens, web};
use crate::{
    aside, clock,
    contact::import::table::MAX_BYTES,
    crm::{CrmError, unusable::Why},
    http,
};

/// How often an address may lead on to another one.
const HOPS: usize = 5;
/// All of a download, with its redirects. Shorter than a lease ([`crate::crm::lease::LEASE`]).
const WITHIN: Duration = Duration::from_secs(60);
/// How long a server that says "too often" is left alone when it does not say how long.
const AGAIN: Duration = Duration::from_secs(60);
/// The longest that a server is left alone.
const LONGEST: Duration = Duration::from_secs(86_400);

/// What a server, or a file system, says of the state of a file: asked whether it is the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Validators {
    pub etag: Option<String>,
    pub modified: Option<String>,
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        let word = |name| headers.get(name).and_then(|value| value.to_str().ok()).filter(|word| word.len() <= 300).map(str::to_owned);
        Self { etag: word(ETAG), modified: word(LAST_MODIFIED) }
    }
}

/// What came of asking.
pub(super) enum Got {
    /// The file is the one that was known.
    Same,
    Body {
        bytes: Vec<u8>,
        validators: Validators,
    },
}

/// How addresses are asked.
#[derive(Debug, Clone)]
pub(super) struct Web {
    client: Client,
    /// Called in place of every host.
    instead: Option<String>,
    /// All of a download, with its redirects.
    within: Duration,
}

impl Web {
    /// `private`: names may lead into our own network.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub(super) fn new(private: bool, instead: Option<String>) -> reqwest::Result<Self> {
        let client = if private || instead.is_some() { http::client(WITHIN)? } else { http::outside(WITHIN)? };
        Ok(Self { client, instead, within: WITHIN })
    }

    fn place(&self, url: &Url) -> String {
        match &self.instead {
            None => url.to_string(),
            Some(base) => {
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                format!("{base}/{}{}{query}", url.host_str().unwrap_or_default(), url.path())
            }
        }
    }

    /// The file at an address; `known`: as it was when it was last read.
    pub(super) async fn get(&self, url: &Url, opens: &Opens, known: Option<&Validators>) -> Result<Got, CrmError> {
        let late = |_| transient("no whole answer in time");
        tokio::time::timeout(self.within, self.follow(url, opens, known)).await.map_err(late)?
    }

    async fn follow(&self, from: &Url, opens: &Opens, known: Option<&Validators>) -> Result<Got, CrmError> {
        let mut url = from.clone();
        for _ in 0..=HOPS {
            let mut request = self.client.get(self.place(&url));
            // What opens an address is its host's, and no other's.
            if url.origin() == from.origin() {
                request = match opens {
                    Opens::Anybody => request,
                    Opens::Password { user, password } => request.basic_auth(user, Some(password.expose())),
                    Opens::Header { name, value } => request.header(name.clone(), value.expose()),
                };
            }
            for (name, value) in [
                (IF_NONE_MATCH, known.and_then(|known| known.etag.as_ref())),
                (IF_MODIFIED_SINCE, known.and_then(|known| known.modified.as_ref())),
            ] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
            let response = request.send().await.map_err(unreachable)?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED && known.is_some() {
                return Ok(Got::Same);
            }
            if status.is_redirection() {
                url = next(&url, response.headers()).ok_or(Why::Redirects)?;
                continue;
            }
            if status.is_success() {
                let validators = Validators::of(response.headers());
                return Ok(Got::Body { bytes: body(response).await?, validators });
            }
            return Err(refusal(status.as_u16(), response.headers()));
        }
        Err(Why::Redirects.into())
    }
}

/// Where an answer leads on: by https and to a name alone, as an address that a person sent.
fn next(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    web(from.join(location).ok()?.as_str()).filter(|(_, within)| within.is_none()).map(|(url, _)| url)
}

fn transient(detail: &str) -> CrmError {
    CrmError::Transient { detail: detail.to_owned(), smaller: false }
}

/// Why a call had no answer. reqwest 0.12 tells neither a refused name nor a bad certificate apart
/// from other failures to connect, but by its words.
fn unreachable(error: reqwest::Error) -> CrmError {
    let connects = error.is_connect();
    let said = http::describe(error);
    match &said {
        said if connects && said.contains("no public address") => Why::Inside.into(),
        said if connects && said.contains("certificate") => Why::Certificate.into(),
        said => transient(said),
    }
}

/// What a refusal means.
fn refusal(status: u16, headers: &HeaderMap) -> CrmError {
    let after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    match (status, after) {
        (401, _) => CrmError::Unauthorised,
        (402, _) => CrmError::PaymentRequired,
        (403, _) => CrmError::Forbidden("403".to_owned()),
        (404 | 410, _) => Why::Absent.into(),
        (429, None) => CrmError::RetryAfter(AGAIN),
        (429 | 503, Some(after)) => CrmError::RetryAfter(wait(after)),
        (408 | 425 | 500..=599, _) => transient(&status.to_string()),
        _ => CrmError::Rejected(status.to_string()),
    }
}

/// Seconds, or a moment.
fn wait(after: &str) -> Duration {
    let seconds = after.trim().parse().ok().map(Duration::from_secs);
    let until = || (DateTime::parse_from_rfc2822(after.trim()).ok()?.to_utc() - clock::now()).to_std().ok();
    seconds.or_else(until).unwrap_or(AGAIN).min(LONGEST)
}

async fn body(mut response: Response) -> Result<Vec<u8>, CrmError> {
    if response.content_length().is_some_and(|length| length > MAX_BYTES as u64) {
        return Err(Why::TooLarge.into());
    }
    let mut out = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transient(&http::describe(error)))? {
        if out.len() + chunk.len() > MAX_BYTES {
            return Err(Why::TooLarge.into());
        }
        out.extend_from_slice(&chunk);
    }
    Ok(out)
}

/// The file at a path, which must be in one of these folders when all links are followed.
pub(super) async fn file(path: PathBuf, folders: Vec<PathBuf>, known: Option<Validators>) -> Result<Got, CrmError> {
    let read = aside::run(move || read(&path, &folders, known.as_ref()));
    read.await.map_err(|error| transient(&error.to_string()))?
}

fn read(path: &Path, folders: &[PathBuf], known: Option<&Validators>) -> Result<Got, CrmError> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Why::Absent.into(),
        std::io::ErrorKind::PermissionDenied => CrmError::Forbidden("the file is not ours to read".to_owned()),
        _ => transient(&error.to_string()),
    };
    // Whoever asks for a file elsewhere does not learn whether it is there.
    let allowed = |path: &Path| folders.iter().filter_map(|folder| folder.canonicalize().ok()).any(|folder| path.starts_with(folder));
    if !allowed(path) && !folders.iter().any(|folder| path.starts_with(folder)) {
        return Err(Why::Folder.into());
    }
    let real = path.canonicalize().map_err(failed)?;
    if !allowed(&real) {
        return Err(Why::Folder.into());
    }
    let meant = std::fs::symlink_metadata(&real).map_err(failed)?;
    // A pipe would wait for its writer for ever.
    if !meant.is_file() {
        return Err(Why::NotTable.into());
    }
    let mut opened = std::fs::File::open(&real).map_err(failed)?;
    let there = opened.metadata().map_err(failed)?;
    // Put in its place between the look and the opening.
    if (there.dev(), there.ino()) != (meant.dev(), meant.ino()) {
        return Err(transient("the file changed while it was opened"));
    }
    if there.len() > MAX_BYTES as u64 {
        return Err(Why::TooLarge.into());
    }
    let modified = there.modified().ok().map(|at| DateTime::<Utc>::from(at).to_rfc3339());
    let validators = Validators { etag: Some(format!("{}-{}", there.ino(), there.len())), modified };
    if known == Some(&validators) {
        return Ok(Got::Same);
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    (&mut opened).take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_BYTES {
        return Err(Why::TooLarge.into());
    }
    Ok(Got::Body { bytes, validators })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_classified() {
        let with = |after: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(after) = after {
                headers.insert(RETRY_AFTER, after.parse().expect("a header"));
            }
            headers
        };
        for (status, after, meant) in [
            (400, None, CrmError::Rejected("400".to_owned())),
            (401, None, CrmError::Unauthorised),
            (402, None, CrmError::PaymentRequired),
            (403, None, CrmError::Forbidden("403".to_owned())),
            (404, None, Why::Absent.into()),
            (410, None, Why::Absent.into()),
            (408, None, transient("408")),
            (418, None, CrmError::Rejected("418".to_owned())),
            (429, None, CrmError::RetryAfter(AGAIN)),
            (429, Some("120"), CrmError::RetryAfter(Duration::from_secs(120))),
            (429, Some("99999999"), CrmError::RetryAfter(LONGEST)),
            (429, Some("whenever"), CrmError::RetryAfter(AGAIN)),
            (500, None, transient("500")),
            (503, None, transient("503")),
            (503, Some("30"), CrmError::RetryAfter(Duration::from_secs(30))),
            (504, None, transient("504")),
        ] {
            assert_eq!(refusal(status, &with(after)), meant, "{status} {after:?}");
        }
    }

    #[test]
    fn an_answer_leads_on_to_names_by_https_alone() {
        let from = Url::parse("https://romashka.example/a/b.csv?key=1").expect("an address");
        let to = |location: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, location.parse().expect("a header"));
            next(&from, &headers).map(|url| url.to_string())
        };
        assert_eq!(to("/c.csv").as_deref(), Some("https://romashka.example/c.csv"));
        assert_eq!(to("https://files.example.org/c.csv?x=1").as_deref(), Some("https://files.example.org/c.csv?x=1"));
        for bad in [
            "http://romashka.example/c.csv",
            "https://127.0.0.1/c.csv",
            "https://169.254.169.254/latest/meta-data",
            "https://[fd00::1]/c.csv",
            "https://localhost/c.csv",
            "https://anna:pass@files.example.org/c.csv",
            "file:///etc/passwd",
            "//10.0.0.1/c.csv",
        ] {
            assert_eq!(to(bad), None, "{bad}");
        }
        assert_eq!(next(&from, &HeaderMap::new()), None);
    }

    #[tokio::test]
    async fn a_server_that_keeps_silent_is_given_up() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let web = Web { within: Duration::from_millis(20), ..Web::new(true, Some(base)).expect("a client") };
        let url = Url::parse("https://romashka.example/a.csv").expect("an address");
        let got = web.get(&url, &Opens::Anybody, None).await;
        assert!(matches!(got, Err(CrmError::Transient { .. })));
    }

    #[test]
    fn a_file_is_read_in_the_allowed_folders_alone() {
        let home = tempfile::tempdir().expect("a folder");
        let (allowed, other) = (home.path().join("tables"), home.path().join("other"));
        for folder in [&allowed, &other] {
            std::fs::create_dir(folder).expect("made");
            std::fs::write(folder.join("a.csv"), "Имя;Телефон\n").expect("written");
        }
        std::os::unix::fs::symlink(other.join("a.csv"), allowed.join("out.csv")).expect("linked");
        std::os::unix::fs::symlink("a.csv", allowed.join("in.csv")).expect("linked");
        std::os::unix::fs::symlink(&other, allowed.join("folder")).expect("linked");
        let folders = [allowed.clone()];
        let got = |path: &Path, known: Option<&Validators>| match read(path, &folders, known) {
            Ok(Got::Body { bytes, validators }) => Ok(Some((bytes.len(), validators))),
            Ok(Got::Same) => Ok(None),
            Err(error) => Err(error),
        };
        let (length, validators) = got(&allowed.join("a.csv"), None).expect("read").expect("its bytes");
        assert_eq!(length, "Имя;Телефон\n".len());
        assert_eq!(got(&allowed.join("a.csv"), Some(&validators)), Ok(None), "the same file costs nothing");
        assert!(got(&allowed.join("in.csv"), None).is_ok(), "a link inside");
        for outside in
            [other.join("a.csv"), other.join("nothing.csv"), allowed.join("out.csv"), allowed.join("folder/a.csv"), "/etc/passwd".into()]
        {
            assert_eq!(got(&outside, None), Err(Why::Folder.into()), "{}", outside.display());
        }
        assert_eq!(got(&allowed.join("nothing.csv"), None), Err(Why::Absent.into()));
        assert_eq!(got(&allowed, None), Err(Why::NotTable.into()), "the folder itself");
        std::fs::write(allowed.join("a.csv"), "Имя;Телефон\nАнна;+79120000001\n").expect("written");
        assert!(got(&allowed.join("a.csv"), Some(&validators)).expect("read").is_some(), "another file");
        assert!(matches!(read(&allowed.join("a.csv"), &[], None), Err(CrmError::Unusable(_))), "no folder is allowed");
    }
}
