//! OAuth with single-use refresh tokens, and long-lived tokens.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use axum::{
    Form, Json, RequestExt,
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Amo, answer, problem};

/// The provider's own address that knows where accounts live.
pub const API_DOMAIN: &str = "api-b.amocrm.ru";

/// What a refresh whose answer was lost leaves behind: the two brands' texts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LostAnswer {
    /// amoCRM: the old refresh token is dead at once.
    #[default]
    OldDead,
    /// Kommo: the old refresh token lives until the new pair is first used.
    OldLivesUntilUse,
}

#[derive(Debug, Clone)]
struct Integration {
    secret: String,
    redirect_uri: String,
}

#[derive(Debug, Clone)]
struct Pair {
    client_id: String,
    access: String,
    /// The pair this one came from, while it may still be asked for again.
    parent: Option<String>,
    used: bool,
}

/// Tokens and integrations.
#[derive(Debug, Default)]
pub struct Auth {
    long_lived: Vec<String>,
    integrations: HashMap<String, Integration>,
    codes: HashMap<String, (String, Instant)>,
    /// Live refresh tokens.
    pairs: HashMap<String, Pair>,
    /// Access token → when it ends, and its refresh token.
    access: HashMap<String, (Instant, String)>,
    lost_answer: LostAnswer,
    expires_in: Option<Duration>,
    refreshes: u64,
    serial: u64,
}

impl Auth {
    /// Whether the bearer token opens the API; the first use of a new pair ends the pair before.
    pub fn admits(&mut self, bearer: &str, now: Instant) -> bool {
        if self.long_lived.iter().any(|token| token == bearer) {
            return true;
        }
        let Some((until, refresh)) = self.access.get(bearer).cloned() else { return false };
        if now >= until {
            return false;
        }
        if let Some(pair) = self.pairs.get_mut(&refresh) {
            pair.used = true;
            if let Some(parent) = pair.parent.take() {
                self.end(&parent);
            }
        }
        true
    }

    fn end(&mut self, refresh: &str) {
        if let Some(pair) = self.pairs.remove(refresh) {
            self.access.remove(&pair.access);
        }
    }

    fn issue(&mut self, client_id: &str, parent: Option<String>, now: Instant) -> Value {
        self.serial += 1;
        // Real tokens are long (more than a thousand characters) and say where their account can be
        // asked for.
        let claims = URL_SAFE_NO_PAD.encode(json!({ "jti": self.serial, "api_domain": API_DOMAIN }).to_string());
        let access = format!("eyJ0eXAiOiJKV1Qi.{claims}.{}", uuid::Uuid::new_v4().simple().to_string().repeat(32));
        let refresh = format!("def50200{}{}", self.serial, uuid::Uuid::new_v4().simple().to_string().repeat(20));
        let lifetime = self.expires_in.unwrap_or(Duration::from_secs(86_400));
        self.access.insert(access.clone(), (now + lifetime, refresh.clone()));
        self.pairs.insert(refresh.clone(), Pair { client_id: client_id.to_owned(), access: access.clone(), parent, used: false });
        json!({ "token_type": "Bearer", "expires_in": lifetime.as_secs(), "access_token": access, "refresh_token": refresh })
    }
}

impl Amo {
    /// A long-lived token, as the administrator would copy it from the integration's card.
    #[must_use]
    pub fn long_lived_token(&self) -> String {
        let token = format!("eyJ0eXAiOiJKV1Qi.long.{}", uuid::Uuid::new_v4().simple());
        self.state().auth.long_lived.push(token.clone());
        token
    }

    /// Registers a private integration.
    pub fn register(&self, client_id: &str, secret: &str, redirect_uri: &str) {
        let integration = Integration { secret: secret.to_owned(), redirect_uri: redirect_uri.to_owned() };
        self.state().auth.integrations.insert(client_id.to_owned(), integration);
    }

    /// A code, as the browser would bring it back after the administrator agreed; single use, 20
    /// minutes.
    #[must_use]
    pub fn code(&self, client_id: &str) -> String {
        let code = format!("def502{}", uuid::Uuid::new_v4().simple());
        self.state().auth.codes.insert(code.clone(), (client_id.to_owned(), Instant::now()));
        code
    }

    /// Every token dies: the integration was removed, or its secret made anew.
    pub fn revoke_all(&self) {
        let mut state = self.state();
        state.auth.long_lived.clear();
        state.auth.pairs.clear();
        state.auth.access.clear();
    }

    /// An administrator removes an integration: its tokens die, and the address of removal its
    /// maker gave is told of it, signed. The status of the answer; 0: there was none.
    ///
    /// # Panics
    /// When there is no such integration.
    pub async fn uninstall(&self, client_id: &str, url: &str) -> u16 {
        let query = {
            let mut state = self.state();
            let account = state.account;
            let auth = &mut state.auth;
            let dead: Vec<String> =
                auth.pairs.iter().filter(|(_, pair)| pair.client_id == client_id).map(|(refresh, _)| refresh.clone()).collect();
            for refresh in dead {
                auth.end(&refresh);
            }
            let secret = &auth.integrations.get(client_id).expect("a registered integration").secret;
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length will do");
            mac.update(format!("{client_id}|{account}").as_bytes());
            let signature = hex::encode(mac.finalize().into_bytes());
            format!("client_uuid={client_id}&account_id={account}&signature={signature}")
        };
        let answer = self.inner.http.get(format!("{url}?{query}")).send().await;
        answer.map_or(0, |answer| answer.status().as_u16())
    }

    /// Every access token ends now; refresh tokens live on.
    pub fn expire_access(&self) {
        self.state().auth.access.clear();
    }

    /// How a refresh whose answer is lost behaves, and how long new access tokens live.
    pub fn set_oauth(&self, lost_answer: LostAnswer, expires_in: Option<Duration>) {
        let mut state = self.state();
        state.auth.lost_answer = lost_answer;
        state.auth.expires_in = expires_in;
    }

    /// How many refreshes reached the double, the refused ones too.
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        self.state().auth.refreshes
    }
}

/// `GET /oauth2/account/current/subdomain` of [`API_DOMAIN`]: where the account of a refresh token
/// lives.
pub async fn whereabouts(State(all): State<Vec<Amo>>, headers: HeaderMap) -> Response {
    let refresh = headers.get("x-refresh-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
    for amo in all {
        let state = amo.state();
        if state.auth.pairs.contains_key(refresh) {
            let domain = format!("{}.amocrm.ru", state.subdomain);
            let body = json!({ "id": state.account, "subdomain": state.subdomain, "domain": domain, "top_level_domain": "ru" });
            return answer(StatusCode::OK, "application/json", &body);
        }
    }
    refusal(StatusCode::UNAUTHORIZED, "The refresh token is invalid.")
}

/// Only the account's name of today leads to it.
pub async fn at_home(State((amo, name)): State<(Amo, String)>, request: Request, next: Next) -> Response {
    if amo.subdomain() == name { next.run(request).await } else { problem(StatusCode::NOT_FOUND, "Not Found", "Account not found") }
}

/// What the page of consent is asked with.
#[derive(Debug, Deserialize)]
pub struct Authorise {
    client_id: String,
    #[serde(default)]
    state: String,
}

/// The administrator agrees at once: back to the integration with a code.
pub async fn authorise(State(amo): State<Amo>, Query(ask): Query<Authorise>) -> Response {
    let Some(integration) = amo.state().auth.integrations.get(&ask.client_id).cloned() else {
        return refusal(StatusCode::BAD_REQUEST, "Unknown client");
    };
    let code = amo.code(&ask.client_id);
    let back = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("referer", &format!("{}.amocrm.ru", amo.subdomain()))
        .append_pair("state", &ask.state)
        .append_pair("client_id", &ask.client_id)
        .finish();
    Redirect::to(&format!("{}?{back}", integration.redirect_uri)).into_response()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    client_id: String,
    client_secret: String,
    grant_type: String,
    code: String,
    refresh_token: String,
    redirect_uri: String,
}

fn refusal(status: StatusCode, detail: &str) -> Response {
    let body = json!({ "hint": detail, "title": "Invalid request", "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson", "status": status.as_u16(), "detail": detail });
    answer(status, "application/problem+json", &body)
}

/// Code exchange and refresh; JSON and form encoding are both taken.
pub async fn access_token(State(amo): State<Amo>, request: Request) -> Response {
    let form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let ask = if form {
        request.extract::<Form<Ask>, _>().await.map(|Form(ask)| ask).ok()
    } else {
        request.extract::<Json<Ask>, _>().await.map(|Json(ask)| ask).ok()
    };
    let Some(ask) = ask else { return refusal(StatusCode::BAD_REQUEST, "The request is malformed") };
    let now = Instant::now();
    let mut state = amo.state();
    let auth = &mut state.auth;
    if ask.grant_type == "refresh_token" {
        auth.refreshes += 1;
    }
    let known = auth
        .integrations
        .get(&ask.client_id)
        .is_some_and(|known| known.secret == ask.client_secret && known.redirect_uri == ask.redirect_uri);
    if !known {
        return refusal(StatusCode::BAD_REQUEST, "Client authentication failed");
    }
    match ask.grant_type.as_str() {
        "authorization_code" => match auth.codes.remove(&ask.code) {
            Some((client, at)) if client == ask.client_id && now.duration_since(at) < Duration::from_secs(20 * 60) => {
                answer(StatusCode::OK, "application/json", &auth.issue(&ask.client_id, None, now))
            }
            _ => refusal(StatusCode::BAD_REQUEST, "The authorization code is invalid or expired."),
        },
        "refresh_token" => {
            let Some(pair) = auth.pairs.get(&ask.refresh_token).cloned().filter(|pair| pair.client_id == ask.client_id) else {
                return refusal(StatusCode::BAD_REQUEST, "The refresh token is invalid.");
            };
            // An unused child of the same token is what a lost answer left: it gives way to the new
            // one.
            let orphans: Vec<String> = auth
                .pairs
                .iter()
                .filter(|(_, child)| child.parent.as_deref() == Some(&ask.refresh_token) && !child.used)
                .map(|(refresh, _)| refresh.clone())
                .collect();
            for orphan in orphans {
                auth.end(&orphan);
            }
            let parent = match auth.lost_answer {
                LostAnswer::OldDead => {
                    auth.pairs.remove(&ask.refresh_token);
                    auth.access.remove(&pair.access);
                    None
                }
                LostAnswer::OldLivesUntilUse => Some(ask.refresh_token.clone()),
            };
            answer(StatusCode::OK, "application/json", &auth.issue(&ask.client_id, parent, now))
        }
        _ => refusal(StatusCode::BAD_REQUEST, "The authorization grant type is not supported."),
    }
}
