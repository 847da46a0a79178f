//! OAuth: code exchange and refresh, as they go over the wire. A refresh token works once.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};

use super::host;
use crate::{
    clock::Moment,
    crm::{
        CrmError,
        login::{OauthApp, Pair},
    },
    http,
    secret::{Likeness, Secret, is_url_safe},
};

#[derive(Deserialize)]
struct Issued {
    access_token: String,
    refresh_token: String,
    expires_in: i64,
}

/// How surely a word is a token: long-lived ones are JSON web tokens, those that give the next pair
/// are long and begin with `def502` (contracts/crm/amocrm.md, 1.2 and 1.3).
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    let parts: Vec<&str> = word.split('.').collect();
    // `{"` in base64url.
    let is_jwt = parts.len() == 3 && parts[..2].iter().all(|part| part.starts_with("eyJ")) && parts.iter().all(|part| is_url_safe(part));
    let is_refresh = word.len() >= 64 && word.starts_with("def502") && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_jwt || is_refresh).then_some(Likeness::Sure)
}

/// When a token ends by its own words (it is a JWT; its signature is the CRM's business), if it
/// says so.
#[must_use]
pub fn token_ends(token: &Secret) -> Option<Moment> {
    chrono::DateTime::from_timestamp(claims(token)?["exp"].as_i64()?, 0)
}

/// Where the account of a token can be asked for, whatever its name has become, if the token says
/// so.
#[must_use]
pub fn api_domain(token: &Secret) -> Option<String> {
    host::parse(claims(token)?["api_domain"].as_str()?)
}

fn claims(token: &Secret) -> Option<Value> {
    let claims = URL_SAFE_NO_PAD.decode(token.expose().split('.').nth(1)?.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&claims).ok()
}

/// Exchanges the code of a redirect.
///
/// # Errors
/// [`CrmError::ReauthRequired`] when the code is refused.
pub async fn exchange(base: &str, app: &OauthApp, code: &str, now: Moment) -> Result<Pair, CrmError> {
    ask(base, app, "authorization_code", "code", code, now).await
}

/// Takes the next pair. A lost answer is asked for once more with the same token: one brand allows
/// it, the other refuses.
///
/// # Errors
/// [`CrmError::ReauthRequired`] when the token is refused; [`CrmError::Moved`] when no account is
/// at that address; [`CrmError::Transient`] when the CRM is not to be reached.
pub async fn refresh(base: &str, app: &OauthApp, refresh_token: &Secret, now: Moment) -> Result<Pair, CrmError> {
    match ask(base, app, "refresh_token", "refresh_token", refresh_token.expose(), now).await {
        Err(CrmError::Unknown(_)) => match ask(base, app, "refresh_token", "refresh_token", refresh_token.expose(), now).await {
            Err(CrmError::Unknown(detail)) => Err(CrmError::Transient { detail, smaller: false }),
            other => other,
        },
        other => other,
    }
}

/// The host under which the account of a refresh token lives now; `None` when the CRM does not say.
/// `base`: of its [`api_domain`]. The token is not spent by this.
///
/// # Errors
/// [`CrmError::Transient`] when there is no answer.
pub async fn whereabouts(base: &str, refresh_token: &Secret) -> Result<Option<String>, CrmError> {
    let passing = |detail| CrmError::Transient { detail, smaller: false };
    let client = client()?;
    let request = client.get(format!("{base}/oauth2/account/current/subdomain")).header("X-Refresh-Token", refresh_token.expose());
    let response = request.send().await.map_err(|error| passing(http::describe(error)))?;
    let status = response.status().as_u16();
    let body = http::body(response).await.map_err(passing)?;
    match status {
        // The host is checked: it comes from outside and will be given the secret.
        200..=299 => Ok(serde_json::from_slice::<Value>(&body).ok().and_then(|said| host::parse(said["domain"].as_str()?))),
        429 => Err(CrmError::RetryAfter(Duration::from_secs(60))),
        500..=599 => Err(passing(format!("{status} when asked for the account's address"))),
        _ => Ok(None),
    }
}

fn client() -> Result<Client, CrmError> {
    http::client(Duration::from_secs(30)).map_err(|error| CrmError::Rejected(format!("TLS: {}", http::describe(error))))
}

async fn ask(base: &str, app: &OauthApp, grant: &str, key: &str, value: &str, now: Moment) -> Result<Pair, CrmError> {
    let client = client()?;
    let mut body = json!({ "client_id": app.client_id, "client_secret": app.client_secret.expose(), "grant_type": grant,
        "redirect_uri": app.redirect_uri });
    body[key] = Value::String(value.to_owned());
    let response = match client.post(format!("{base}/oauth2/access_token")).json(&body).send().await {
        Ok(response) => response,
        Err(error) if http::never_sent(&error) => return Err(CrmError::Transient { detail: http::describe(error), smaller: false }),
        Err(error) => return Err(CrmError::Unknown(http::describe(error))),
    };
    let status = response.status().as_u16();
    let body = http::body(response).await.map_err(CrmError::Unknown)?;
    match status {
        200..=299 => {
            let issued: Issued = serde_json::from_slice(&body).map_err(|_| CrmError::Unknown("the answer holds no tokens".to_owned()))?;
            Ok(Pair {
                access_token: Secret::new(issued.access_token),
                refresh_token: Secret::new(issued.refresh_token),
                expires_at: now + TimeDelta::seconds(issued.expires_in.clamp(60, 31_536_000)),
                account: None,
            })
        }
        // The text of a refusal varies; its status does not.
        400 | 401 => Err(CrmError::ReauthRequired),
        301 | 302 | 307 | 308 | 404 => Err(CrmError::Moved),
        429 => Err(CrmError::RetryAfter(Duration::from_secs(60))),
        402 => Err(CrmError::PaymentRequired),
        403 => Err(CrmError::Forbidden("403 at the token address".to_owned())),
        500..=599 => Err(CrmError::Transient { detail: format!("{status} at the token address"), smaller: false }),
        _ => Err(CrmError::Rejected(format!("{status} at the token address"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_shape() {
        for word in ["eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiIwZjNhIn0.c2lnbmF0dXJl-_", &format!("def50200{}", "a1".repeat(40))] {
            assert_eq!(likeness(word), Some(Likeness::Sure), "{word}");
        }
        for word in ["", "www.romashka.example", "eyJhbGciOiJSUzI1NiJ9", "def50200a1", "eyJhbGciOiJSUzI1NiJ9.eyJ"] {
            assert_eq!(likeness(word), None, "{word}");
        }
    }

    #[test]
    fn a_token_says_when_it_ends() {
        let token = |claims: &str| Secret::new(format!("eyJ0eXAiOiJKV1Qi.{}.sig", URL_SAFE_NO_PAD.encode(claims)));
        assert_eq!(token_ends(&token("{\"exp\":1795478400}")).map(|at| at.timestamp()), Some(1_795_478_400));
        assert_eq!(token_ends(&token("{}")), None);
        assert_eq!(token_ends(&token("not json")), None);
        assert_eq!(token_ends(&Secret::new("plain")), None);
        assert_eq!(token_ends(&Secret::new("a.%%%.b")), None);
        assert_eq!(api_domain(&token("{\"api_domain\":\"api-b.amocrm.ru\"}")).as_deref(), Some("api-b.amocrm.ru"));
        assert_eq!(api_domain(&token("{\"api_domain\":\"evil.com\"}")), None);
    }
}
