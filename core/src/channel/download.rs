//! Files that people send us: fetched from the address a provider gave.

use std::time::Duration;

use super::SendError;
use crate::http;

/// A file's address as a provider gave it. In the clear it may lead to a double alone (`base`:
/// where the provider's own API is), for a secret may go along.
///
/// # Errors
/// [`SendError::ReferenceLost`]: there is none.
pub fn address(given: Option<&str>, base: &str) -> Result<url::Url, SendError> {
    given
        .and_then(|given| url::Url::parse(given).ok())
        .filter(|url| url.scheme() == "https" || base.starts_with("http:"))
        .ok_or_else(|| SendError::ReferenceLost("the file has no address".to_owned()))
}

/// Fetches a file of at most so many bytes.
///
/// # Errors
/// [`SendError::ReferenceLost`]: it is not there, or not for us, any more; [`SendError::Rejected`]:
/// it is larger; [`SendError::Transient`]: try again.
pub async fn fetch(request: reqwest::RequestBuilder, within: Duration, most: u64) -> Result<Vec<u8>, SendError> {
    let answer = request.timeout(within).send().await.map_err(|error| SendError::Transient(http::describe(error)))?;
    match answer.status().as_u16() {
        200 => {}
        403 | 404 | 410 => return Err(SendError::ReferenceLost("the file's address leads nowhere".to_owned())),
        status => return Err(SendError::Transient(format!("HTTP {status} for a file"))),
    }
    let too_big = || SendError::Rejected("the file is too big".to_owned());
    if answer.content_length().is_some_and(|length| length > most) {
        return Err(too_big());
    }
    let bytes = http::body(answer).await.map_err(SendError::Transient)?;
    // Whoever tells no length is asked no less.
    if bytes.len() as u64 > most { Err(too_big()) } else { Ok(bytes) }
}
