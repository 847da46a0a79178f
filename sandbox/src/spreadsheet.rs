//! A double of whoever serves a table at an address: a web server with ETag and Last-Modified,
//! Basic or a token in a header, and the ways such servers fail.
//!
//! Hosts are the first part of the path: `/files.example/clients.csv` stands for
//! `https://files.example/clients.csv`. A request goes: the next fault of its address → who may
//! (401) → whether it is there (404) → whether it changed (304) → the file. A conditional request
//! is answered as RFC 9110 says: `If-None-Match` goes before `If-Modified-Since`.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State as Extract},
    http::{
        HeaderMap, StatusCode,
        header::{
            AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
            WWW_AUTHENTICATE,
        },
    },
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;

/// How the next answers of an address go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status; with these seconds in `Retry-After`, if any.
    Status(u16, Option<u64>),
    /// The connection ends in the middle of the body.
    Half,
    /// A page that asks for a login, with 200.
    Page,
    /// Leads on to this address.
    Redirect(String),
    /// The head comes, the body never does.
    Silent,
    /// More bytes are announced than anybody takes.
    Huge,
}

#[derive(Debug, Clone)]
struct File {
    bytes: Bytes,
    version: u64,
    modified: DateTime<Utc>,
    /// The name and the value of the header that opens it, in small letters the name.
    opens: Option<(String, String)>,
    /// The server tells neither ETag nor Last-Modified.
    bare: bool,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<String, File>,
    faults: HashMap<String, VecDeque<Fault>>,
    /// Every request's address, in their order.
    asked: Vec<String>,
    /// Addresses whose file was sent whole.
    sent: Vec<String>,
}

/// The double; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Spreadsheets(Arc<Mutex<State>>);

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form><input name=\"login\"></form></body></html>";

impl Spreadsheets {
    /// Without any file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a file at an address (`files.example/clients.csv`), in place of the one before.
    pub fn put(&self, address: &str, bytes: impl Into<Bytes>) {
        let mut state = self.state();
        let before = state.files.get(address).cloned();
        let version = before.as_ref().map_or(1, |file| file.version + 1);
        let file = File {
            bytes: bytes.into(),
            version,
            // A server's clock has whole seconds: each version has one of its own.
            modified: DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(i64::try_from(version).unwrap_or_default()),
            opens: before.as_ref().and_then(|file| file.opens.clone()),
            bare: before.is_some_and(|file| file.bare),
        };
        state.files.insert(address.to_owned(), file);
    }

    /// Takes the file away.
    pub fn remove(&self, address: &str) {
        self.state().files.remove(address);
    }

    /// Only who knows these opens it from now on (Basic).
    pub fn close(&self, address: &str, user: &str, password: &str) {
        let value = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        self.close_by(address, AUTHORIZATION.as_str(), &value);
    }

    /// Only who sends this header opens it from now on.
    pub fn close_by(&self, address: &str, header: &str, value: &str) {
        if let Some(file) = self.state().files.get_mut(address) {
            file.opens = Some((header.to_ascii_lowercase(), value.to_owned()));
        }
    }

    /// The server tells nothing by which a change could be known.
    pub fn bare(&self, address: &str) {
        if let Some(file) = self.state().files.get_mut(address) {
            file.bare = true;
        }
    }

    /// The next answer of an address goes wrong so; after those added before.
    pub fn fault(&self, address: &str, fault: Fault) {
        self.state().faults.entry(address.to_owned()).or_default().push_back(fault);
    }

    /// How often an address was asked for.
    #[must_use]
    pub fn asked(&self, address: &str) -> usize {
        self.state().asked.iter().filter(|asked| *asked == address).count()
    }

    /// How often its file was sent whole.
    #[must_use]
    pub fn sent(&self, address: &str) -> usize {
        self.state().sent.iter().filter(|sent| *sent == address).count()
    }

    /// The routes, to be nested in a sandbox.
    pub fn router(self) -> Router {
        Router::new().fallback(answer).with_state(self)
    }

    /// Serves it alone on a free port of the loopback, as long as the runtime lives: its base.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn serve(self) -> std::io::Result<String> {
        crate::server::alone(self.router()).await
    }
}

async fn answer(Extract(tables): Extract<Spreadsheets>, request: Request) -> Response {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let address = format!("{}{query}", request.uri().path().trim_start_matches('/'));
    let mut state = tables.state();
    state.asked.push(address.clone());
    let fault = state.faults.get_mut(&address).and_then(VecDeque::pop_front);
    let file = state.files.get(&address).cloned();
    let answer = match fault {
        Some(fault) => wrong(fault, file.as_ref()),
        None => match file {
            None => (StatusCode::NOT_FOUND, "no such file\n").into_response(),
            Some(file) => right(&file, request.headers()),
        },
    };
    if answer.status() == StatusCode::OK {
        state.sent.push(address);
    }
    answer
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn right(file: &File, headers: &HeaderMap) -> Response {
    if let Some((name, value)) = &file.opens
        && text(headers, name) != Some(value.as_str())
    {
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Basic realm=\"tables\"")], "closed\n").into_response();
    }
    if file.bare {
        return ([(CONTENT_TYPE, "application/octet-stream")], file.bytes.clone()).into_response();
    }
    let (etag, modified) = (format!("\"v{}\"", file.version), file.modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    let same = match text(headers, IF_NONE_MATCH.as_str()) {
        Some(known) => known == etag,
        None => text(headers, IF_MODIFIED_SINCE.as_str()).is_some_and(|known| known == modified),
    };
    let told = [(ETAG, etag), (LAST_MODIFIED, modified)];
    if same { (StatusCode::NOT_MODIFIED, told).into_response() } else { (told, file.bytes.clone()).into_response() }
}

fn wrong(fault: Fault, file: Option<&File>) -> Response {
    let bytes = file.map(|file| file.bytes.clone()).unwrap_or_default();
    // A length that is announced and not kept: the server ends the connection.
    let short = |length: usize, body: Body| Response::builder().header(CONTENT_LENGTH, length).body(body).unwrap_or_default();
    match fault {
        Fault::Status(status, after) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            match after {
                Some(after) => (status, [(RETRY_AFTER, after.to_string())], "not now\n").into_response(),
                None => (status, "not so\n").into_response(),
            }
        }
        Fault::Half => {
            let half = bytes.slice(..bytes.len() / 2);
            // What was given is sent while the rest is waited for.
            let end = async {
                tokio::task::yield_now().await;
                Err(std::io::ErrorKind::ConnectionReset.into())
            };
            let stream = futures::stream::iter([Ok::<_, std::io::Error>(half)]).chain(futures::stream::once(end));
            short(bytes.len(), Body::from_stream(stream))
        }
        Fault::Page => ([(CONTENT_TYPE, "text/html; charset=utf-8")], PAGE).into_response(),
        Fault::Redirect(to) => (StatusCode::FOUND, [(LOCATION, to)]).into_response(),
        Fault::Silent => short(bytes.len().max(1), Body::from_stream(futures::stream::pending::<std::io::Result<Bytes>>())),
        Fault::Huge => short(1 << 30, Body::from_stream(futures::stream::pending::<std::io::Result<Bytes>>())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "files.example/clients.csv";

    async fn get(base: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, String) {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let request = headers.iter().fold(client.get(format!("{base}/{AT}")), |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.expect("answered");
        (response.status().as_u16(), response.headers().clone(), response.text().await.unwrap_or_default())
    }

    #[tokio::test]
    async fn a_file_is_sent_once_to_whoever_knows_it() {
        let tables = Spreadsheets::new();
        let base = tables.clone().serve().await.expect("a port");
        assert_eq!(get(&base, &[]).await.0, 404);
        tables.put(AT, "Имя;Телефон\n");
        let (status, headers, body) = get(&base, &[]).await;
        assert_eq!((status, body.as_str()), (200, "Имя;Телефон\n"));
        let (etag, modified) =
            (text(&headers, "etag").expect("an etag").to_owned(), text(&headers, "last-modified").expect("a time").to_owned());
        assert_eq!(get(&base, &[("if-none-match", &etag)]).await.0, 304);
        assert_eq!(get(&base, &[("if-modified-since", &modified)]).await.0, 304);
        tables.put(AT, "Имя;Телефон\nАнна;1\n");
        assert_eq!(get(&base, &[("if-none-match", &etag), ("if-modified-since", &modified)]).await.0, 200);
        assert_eq!((tables.asked(AT), tables.sent(AT)), (5, 2));
        tables.bare(AT);
        let (_, headers, _) = get(&base, &[]).await;
        assert_eq!((text(&headers, "etag"), text(&headers, "last-modified")), (None, None));
    }

    #[tokio::test]
    async fn it_is_closed_and_fails_as_it_is_told() {
        let tables = Spreadsheets::new();
        let base = tables.clone().serve().await.expect("a port");
        tables.put(AT, "Имя;Телефон\n".repeat(1_000));
        tables.close(AT, "anna", "s3cr3t");
        assert_eq!(get(&base, &[]).await.0, 401);
        let known = format!("Basic {}", STANDARD.encode("anna:s3cr3t"));
        assert_eq!(get(&base, &[("authorization", &known)]).await.0, 200);
        tables.close_by(AT, "X-Token", "t0ken");
        assert_eq!(get(&base, &[("x-token", "t0ken")]).await.0, 200);
        for (fault, status) in [(Fault::Status(410, None), 410), (Fault::Page, 200), (Fault::Redirect("https://10.0.0.1/".to_owned()), 302)]
        {
            tables.fault(AT, fault);
            assert_eq!(get(&base, &[]).await.0, status);
        }
        tables.fault(AT, Fault::Half);
        let broken = reqwest::Client::builder().no_proxy().build().expect("a client").get(format!("{base}/{AT}")).send().await;
        assert!(broken.expect("a head").bytes().await.is_err(), "half a body is no body");
        assert_eq!(get(&base, &[("x-token", "t0ken")]).await.0, 200, "a fault comes once");
    }
}
