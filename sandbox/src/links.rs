//! Addresses that clients give to a double: which are on this machine, and what stands at them.

use std::time::Duration;

use axum::body::Bytes;
use url::{Host, Url};

/// Whether it leads to this machine. A name other than `localhost` is not asked after.
pub(crate) fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(domain)) => domain == "localhost",
        None => false,
    }
}

/// Whether it is an address for webhooks and media: `https`, or plain `http` to this machine, where
/// there is no certificate to check.
pub(crate) fn is_safe(address: &str) -> bool {
    Url::parse(address).is_ok_and(|address| match address.scheme() {
        "https" => address.has_host(),
        "http" => is_loopback(&address),
        _ => false,
    })
}

/// Fetches what stands at a link: its bytes and bare MIME type. The sandbox has no network, so any
/// address but this machine's fails as an unreachable one does.
pub(crate) async fn fetch(link: &str) -> Result<(Bytes, String), String> {
    let parsed = Url::parse(link).map_err(|_| "it is no URL")?;
    if !is_loopback(&parsed) {
        return Err("it does not answer".to_owned());
    }
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().map_err(|_| "there is no client")?;
    let answer = client.get(parsed).send().await.map_err(|_| "it does not answer")?;
    if !answer.status().is_success() {
        return Err(format!("http code {}", answer.status().as_u16()));
    }
    let mime = answer.headers().get("content-type").and_then(|value| value.to_str().ok()).map(bare).unwrap_or_default();
    let data = answer.bytes().await.map_err(|_| "it broke off")?;
    Ok((data, mime))
}

/// A MIME type without its parameters.
pub(crate) fn bare(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine() {
        for safe in ["https://ex.ru/a", "http://127.0.0.1:9/a", "http://localhost/a", "http://[::1]/a"] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_one in ["http://ex.ru/a", "ftp://127.0.0.1/a", "nonsense", "", "https://"] {
            assert!(!is_safe(unsafe_one), "{unsafe_one}");
        }
    }
}
