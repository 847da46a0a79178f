//! The way to one provider's host: who may have signed its certificate, and a proxy that stands
//! between. What one provider needs holds for no other.

use std::time::Duration;

use url::Url;

use super::{Authorities, describe, shared};

/// The way to one provider's host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Route {
    /// Who may have signed its certificate, beside those the system trusts.
    pub authorities: Option<Authorities>,
    /// What stands between; `None`: nothing.
    pub proxy: Option<Proxy>,
}

/// A proxy: HTTP (`CONNECT`) or SOCKS5, where it is the proxy that looks names up: a name that is
/// cut here is known there. It may hold a password and prints without it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Proxy(Url);

/// How long a proxy may take to be reached.
const REACH: Duration = Duration::from_secs(5);

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proxy({})", self.address())
    }
}

impl Proxy {
    /// Reads `http://`, `https://`, `socks5://` or `socks5h://`, with a host and perhaps a name and
    /// a password; `None`: it is no such address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let named = text.trim();
        let named = named.strip_prefix("socks5://").map_or_else(|| named.to_owned(), |rest| format!("socks5h://{rest}"));
        let mut url = Url::parse(&named).ok()?;
        let nothing_else = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !nothing_else || url.host_str().is_none_or(str::is_empty) {
            return None;
        }
        match url.scheme() {
            "http" | "https" => {}
            // RFC 1928, section 3.
            "socks5h" if url.port().is_none() => url.set_port(Some(1080)).ok()?,
            "socks5h" => {}
            _ => return None,
        }
        Some(Self(url))
    }

    /// Where it is, fit for a log and a screen: no name, no password.
    #[must_use]
    pub fn address(&self) -> String {
        let (host, port) = self.place();
        format!("{}://{host}:{port}", self.0.scheme().trim_end_matches('h'))
    }

    fn place(&self) -> (&str, u16) {
        (self.0.host_str().unwrap_or_default(), self.0.port_or_known_default().unwrap_or_default())
    }

    /// As the client wants it.
    pub(super) fn client(&self) -> reqwest::Result<reqwest::Proxy> {
        reqwest::Proxy::all(self.0.clone())
    }

    /// Whether it takes a connection.
    async fn takes(&self) -> Result<(), String> {
        let (host, port) = self.place();
        // The brackets of an address of IPv6 are the URL's own.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        match tokio::time::timeout(REACH, tokio::net::TcpStream::connect((host, port))).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer within {} s", REACH.as_secs())),
        }
    }
}

/// Why nobody answers at an address, and so what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Away {
    /// The proxy cannot be reached, or wants other credentials.
    #[error("the proxy does not answer: {0}")]
    Proxy(String),
    /// Somebody answers whose certificate nobody trusted has signed.
    #[error("the certificate is not trusted: {0}")]
    Certificate(String),
    /// The host does not answer, by this route.
    #[error("no answer: {0}")]
    Host(String),
}

/// Whether anybody answers at an address by its route, whatever the answer.
///
/// # Errors
/// Why not, without the URL.
pub async fn reach(base: &str, route: &Route) -> Result<(), Away> {
    if let Some(proxy) = &route.proxy {
        proxy.takes().await.map_err(Away::Proxy)?;
    }
    let client = shared(Duration::from_secs(10), route).map_err(|error| Away::Host(describe(error)))?;
    match client.head(base).send().await {
        // RFC 9110, 15.5.8: only a proxy says so.
        Ok(answer) if answer.status() == reqwest::StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Err(Away::Proxy("it wants other credentials".to_owned()))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(away(describe(error), route.proxy.is_some())),
    }
}

fn away(why: String, by_proxy: bool) -> Away {
    let said = why.to_ascii_lowercase();
    if said.contains("certificate") || said.contains("unknownissuer") {
        Away::Certificate(why)
    } else if by_proxy && (said.contains("authorization required") || said.contains("authentication")) {
        Away::Proxy(why)
    } else {
        Away::Host(why)
    }
}

#[cfg(test)]
mod tests;
