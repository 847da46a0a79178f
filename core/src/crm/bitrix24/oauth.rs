//! OAuth: the code of a redirect and a refresh token become a pair of tokens
//! (contracts/crm/bitrix24.md, 1.2). One server issues the tokens of all portals, of those on
//! companies' own servers too (apidocs.bitrix24.com, `settings/cloud-and-on-premise/on-premise`).

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Client, header};
use serde::Deserialize;
use serde_json::Value;

use super::host;
use crate::{
    clock::Moment,
    config::Endpoints,
    crm::{
        CrmError,
        login::{OauthApp, Pair},
    },
    http,
    secret::Secret,
};

/// The server of tokens.
const SERVER: &str = "https://oauth.bitrix.info";

#[derive(Deserialize)]
struct Issued {
    access_token: String,
    refresh_token: String,
    expires_in: i64,
    member_id: String,
    /// Where the portal's methods are: its host is the portal's name of today.
    client_endpoint: String,
}

fn client() -> Result<Client, CrmError> {
    http::client(Duration::from_secs(30)).map_err(|error| CrmError::Rejected(format!("TLS: {}", http::describe(error))))
}

/// Exchanges the code of a redirect, which lives half a minute.
///
/// # Errors
/// [`CrmError::ReauthRequired`] when the code is refused, or is of another portal than the one that
/// was named.
pub async fn exchange(home: &str, app: &OauthApp, code: &str, endpoints: &Endpoints, now: Moment) -> Result<Pair, CrmError> {
    let issued = ask(app, "authorization_code", ("code", code), endpoints).await?;
    let there = host::of_address(&issued.client_endpoint, endpoints.bitrix24_override.as_deref());
    if there.is_none() || there != host::parse(home) {
        return Err(CrmError::ReauthRequired);
    }
    Ok(pair(issued, now))
}

/// Takes the next pair. A lost answer is asked for once more with the same token; whether it works
/// a second time is not told.
///
/// # Errors
/// [`CrmError::ReauthRequired`] when the token is refused, or opens another portal;
/// [`CrmError::Transient`] when the server is not to be reached.
pub async fn refresh(app: &OauthApp, old: &Pair, endpoints: &Endpoints, now: Moment) -> Result<Pair, CrmError> {
    let token = ("refresh_token", old.refresh_token.expose());
    let issued = match ask(app, "refresh_token", token, endpoints).await {
        Err(CrmError::Unknown(_)) => match ask(app, "refresh_token", token, endpoints).await {
            Err(CrmError::Unknown(detail)) => Err(CrmError::Transient { detail, smaller: false }),
            other => other,
        },
        other => other,
    }?;
    if old.account.as_ref().is_some_and(|member| *member != issued.member_id) {
        return Err(CrmError::ReauthRequired);
    }
    Ok(pair(issued, now))
}

fn pair(issued: Issued, now: Moment) -> Pair {
    Pair {
        access_token: Secret::new(issued.access_token),
        refresh_token: Secret::new(issued.refresh_token),
        expires_at: now + TimeDelta::seconds(issued.expires_in.clamp(60, 31_536_000)),
        account: Some(issued.member_id),
    }
}

async fn ask(app: &OauthApp, grant: &str, (key, value): (&str, &str), endpoints: &Endpoints) -> Result<Issued, CrmError> {
    let server = match endpoints.bitrix24_override.as_deref() {
        Some(sandbox) => format!("{sandbox}/oauth/token/"),
        None => format!("{SERVER}/oauth/token/"),
    };
    let query = [("grant_type", grant), ("client_id", &app.client_id), ("client_secret", app.client_secret.expose()), (key, value)];
    let response = match client()?.get(server).query(&query).send().await {
        Ok(response) => response,
        Err(error) if http::never_sent(&error) => return Err(CrmError::Transient { detail: http::describe(error), smaller: false }),
        Err(error) => return Err(CrmError::Unknown(http::describe(error))),
    };
    let status = response.status().as_u16();
    let body = http::body(response).await.map_err(CrmError::Unknown)?;
    issued(status, &body)
}

fn issued(status: u16, body: &[u8]) -> Result<Issued, CrmError> {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    match (status, said["error"].as_str().unwrap_or_default()) {
        (200..=299, "") => serde_json::from_slice(body).map_err(|_| CrmError::Unknown("the answer holds no tokens".to_owned())),
        (_, "PAYMENT_REQUIRED") => Err(CrmError::PaymentRequired),
        (_, "invalid_scope" | "insufficient_scope") => Err(CrmError::Forbidden("the application has no such right".to_owned())),
        (429 | 503, _) => Err(CrmError::RetryAfter(Duration::from_secs(60))),
        (500..=599, _) => Err(CrmError::Transient { detail: format!("{status} at the server of tokens"), smaller: false }),
        // A dead token, a spent code, an application that was removed or whose secret changed.
        (200..=299 | 400 | 401 | 403, _) => Err(CrmError::ReauthRequired),
        _ => Err(CrmError::Rejected(format!("{status} at the server of tokens"))),
    }
}

/// Where the portal of this address lives now, if it says that it has moved. Nothing secret goes
/// there; whoever does not answer is taken to be at home. A portal of the cloud moves within the
/// cloud; one on a company's own server is not followed, for its word would send the tokens
/// anywhere.
pub async fn moved(home: &str, endpoints: &Endpoints) -> Option<String> {
    let instead = endpoints.bitrix24_override.as_deref();
    let known = host::cloud(home)?;
    let base = host::base(home, instead)?;
    let response = client().ok()?.post(format!("{base}/rest/server.time")).send().await.ok()?;
    if !response.status().is_redirection() {
        return None;
    }
    // The host comes from outside and will be given the tokens, so it must be a portal.
    let there = host::of_address(response.headers().get(header::LOCATION)?.to_str().ok()?, instead)?;
    (host::cloud(&there).is_some() && there != known).then_some(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_server_of_tokens_are_classified() {
        let good = r#"{"access_token":"a","expires_in":3600,"client_endpoint":"https://romashka.bitrix24.ru/rest/","member_id":"m","refresh_token":"r"}"#;
        let read = issued(200, good.as_bytes()).expect("tokens");
        let pair = pair(read, "2026-11-30T10:00:00Z".parse().expect("a moment"));
        assert_eq!((pair.account.as_deref(), pair.refresh_token.expose()), (Some("m"), "r"));
        let error = |code: &str| format!(r#"{{"error":"{code}","error_description":"No"}}"#);
        for (status, body, wanted) in [
            (400, error("invalid_grant"), CrmError::ReauthRequired),
            (401, error("invalid_client"), CrmError::ReauthRequired),
            (400, error("invalid_request"), CrmError::ReauthRequired),
            (200, error("invalid_grant"), CrmError::ReauthRequired),
            (400, error("insufficient_scope"), CrmError::Forbidden("the application has no such right".to_owned())),
            (400, error("PAYMENT_REQUIRED"), CrmError::PaymentRequired),
            (503, String::new(), CrmError::RetryAfter(Duration::from_secs(60))),
            (502, String::new(), CrmError::Transient { detail: "502 at the server of tokens".to_owned(), smaller: false }),
            (200, "<html>".to_owned(), CrmError::Unknown("the answer holds no tokens".to_owned())),
            (404, String::new(), CrmError::Rejected("404 at the server of tokens".to_owned())),
        ] {
            assert_eq!(issued(status, body.as_bytes()).err(), Some(wanted), "{status} {body}");
        }
    }
}
