//! The one HTTP client builder: timeouts always, capped bodies, no redirects, URLs redacted.
//!
//! A Telegram token is part of the path, so a URL never reaches a log or an error unredacted;
//! `reqwest` puts the URL into its errors, hence [`describe`]. Each provider's host has a [`Route`]
//! of its own.

mod outside;
mod route;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

pub use outside::{is_public, outside};
pub use route::{Away, Proxy, Route, reach};

/// Largest answer read from any provider, bytes.
pub const MAX_BODY: usize = 32 * 1024 * 1024;

/// A client for provider APIs. `timeout` covers the whole call.
///
/// # Errors
/// Only if the TLS backend cannot start.
pub fn client(timeout: Duration) -> reqwest::Result<reqwest::Client> {
    builder(timeout).build()
}

#[expect(clippy::disallowed_methods, reason = "this is the one builder")]
fn builder(timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10).min(timeout))
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(128)
        // Shorter than servers keep idle connections: a request on a connection closed under it has
        // an unknown outcome.
        .pool_idle_timeout(Duration::from_secs(20))
        .tcp_nodelay(true)
        .user_agent(concat!("mms/", env!("CARGO_PKG_VERSION")))
}

/// Authorities (PEM) that may have signed a provider's certificate, beside those the system trusts.
pub type Authorities = Arc<[u8]>;

/// A client for one provider's host, by its route. `timeout` covers the whole call.
///
/// # Errors
/// Only if the TLS backend cannot start, or the authorities cannot be read.
pub fn routed(timeout: Duration, route: &Route) -> reqwest::Result<reqwest::Client> {
    let mut builder = builder(timeout);
    for certificate in route.authorities.as_ref().map(|pem| reqwest::Certificate::from_pem_bundle(pem)).transpose()?.unwrap_or_default() {
        builder = builder.add_root_certificate(certificate);
    }
    if let Some(proxy) = &route.proxy {
        builder = builder.proxy(proxy.client()?);
    }
    builder.build()
}

/// Connections are kept between jobs, one pool a runtime (a pooled connection lives on the runtime
/// that opened it), a timeout and a route: what one provider needs holds for no other.
type Pools = HashMap<(tokio::runtime::Id, Duration, Route), reqwest::Client>;
static POOLS: LazyLock<Mutex<Pools>> = LazyLock::new(Mutex::default);

/// A client whose connections are shared within the runtime.
///
/// # Errors
/// As [`routed`].
pub fn shared(timeout: Duration, route: &Route) -> reqwest::Result<reqwest::Client> {
    let build = || routed(timeout, route);
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return build() };
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    match pools.entry((runtime.id(), timeout, route.clone())) {
        std::collections::hash_map::Entry::Occupied(pool) => Ok(pool.get().clone()),
        std::collections::hash_map::Entry::Vacant(place) => Ok(place.insert(build()?).clone()),
    }
}

/// What went wrong, without the URL (which may hold a token).
#[must_use]
pub fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

/// Where a body stops being what was expected, fit for a log. serde_json's own sentence quotes the
/// value it stumbled over, which may be a name, a phone or what a customer wrote.
#[must_use]
pub fn misread(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Io => "unreadable",
        Category::Syntax => "not JSON",
        Category::Data => "not of the expected shape",
        Category::Eof => "cut off",
    };
    format!("{what} at line {}, column {}", error.line(), error.column())
}

/// Whether the request certainly never reached the provider (no connection was made), so that a
/// repeat is harmless.
#[must_use]
pub fn never_sent(error: &reqwest::Error) -> bool {
    error.is_connect() || error.is_builder()
}

/// Reads a body up to [`MAX_BODY`].
///
/// # Errors
/// The connection's, or a body over the cap.
pub async fn body(mut response: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(describe)? {
        if out.len() + chunk.len() > MAX_BODY {
            return Err(format!("the answer is larger than {MAX_BODY} bytes"));
        }
        out.extend_from_slice(&chunk);
    }
    Ok(out)
}

/// A URL fit for a log: scheme and host, no credentials, path or query.
#[must_use]
pub fn redact(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(parsed) => match (parsed.host_str(), parsed.port()) {
            (Some(host), Some(port)) => format!("{}://{host}:{port}/…", parsed.scheme()),
            (Some(host), None) => format!("{}://{host}/…", parsed.scheme()),
            (None, _) => format!("{}:…", parsed.scheme()),
        },
        Err(_) => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An update of another shape used to reach the log with the value that did not fit.
    #[test]
    fn what_does_not_parse_is_told_without_its_values() {
        #[derive(Debug, serde::Deserialize)]
        struct Update {
            #[serde(rename = "update_id")]
            _id: i64,
        }
        for (raw, told) in [
            (r#"{"update_id":"+79991234567"}"#, "not of the expected shape at line 1, column 27"),
            (r#"{"update_id":1,"стоп"#, "cut off at line 1, column 24"),
            ("стоп", "not JSON at line 1, column 1"),
        ] {
            let error = serde_json::from_str::<Update>(raw).expect_err("not an update");
            assert_eq!(misread(&error), told);
        }
    }
}
