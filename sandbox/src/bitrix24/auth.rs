//! Who calls: incoming webhooks, applications with tokens, and the server that issues those.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    error::{B24Error, B24Result},
    params::Params,
    portal::Portal,
    state::State,
};

/// A code of consent lives so long.
const CODE: TimeDelta = TimeDelta::seconds(30);
/// A refresh token lives so long.
const REFRESH: TimeDelta = TimeDelta::days(180);

/// The address an administrator copies.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) user: i64,
    pub(crate) secret: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) until: Option<DateTime<Utc>>,
}

/// An application of the marketplace, or of a company's own.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) secret: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
}

/// An application in a portal.
#[derive(Clone, Debug)]
pub(crate) struct Install {
    pub(crate) client: String,
    pub(crate) user: i64,
    pub(crate) scopes: Vec<String>,
    /// Stands in its events.
    pub(crate) application_token: String,
    access: Vec<(String, DateTime<Utc>)>,
    refresh: Vec<(String, DateTime<Utc>)>,
}

impl Install {
    pub(crate) fn new(client: &str, user: i64, scopes: &[String]) -> Self {
        Self {
            client: client.to_owned(),
            user,
            scopes: scopes.to_vec(),
            application_token: token(),
            access: Vec::new(),
            refresh: Vec::new(),
        }
    }

    /// One more access token.
    pub(crate) fn access(&mut self, now: DateTime<Utc>, seconds: u64) -> String {
        let access = token();
        self.access.retain(|(_, until)| *until > now - TimeDelta::days(1));
        self.access.push((access.clone(), now + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(3_600))));
        access
    }

    /// A pair of tokens.
    pub(crate) fn pair(&mut self, now: DateTime<Utc>, seconds: u64) -> (String, String) {
        let refresh = token();
        self.refresh.push((refresh.clone(), now + REFRESH));
        (self.access(now, seconds), refresh)
    }

    pub(crate) fn expire(&mut self, now: DateTime<Utc>) {
        for (_, until) in &mut self.access {
            *until = now.min(*until);
        }
    }

    pub(crate) fn forget_tokens(&mut self) {
        self.access.clear();
        self.refresh.clear();
    }
}

/// Whoever was let in.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) portal: i64,
    pub(crate) user: i64,
    pub(crate) scopes: Vec<String>,
    /// The application; a webhook has none.
    pub(crate) client: Option<String>,
    /// Whose operating time it is.
    pub(crate) key: String,
}

pub(crate) fn token() -> String {
    format!("{:032x}{:016x}", rand::random::<u128>(), rand::random::<u64>())
}

/// The caller by the webhook's part of the path.
pub(crate) fn by_webhook(state: &State, id: i64, user: &str, secret: &str) -> B24Result<Caller> {
    let portal = state.portal(id)?;
    let now = state.now();
    let known = portal.webhooks.iter().find(|hook| hook.secret == secret && hook.user.to_string() == user);
    let hook = known.filter(|hook| hook.until.is_none_or(|until| now < until)).ok_or_else(B24Error::unauthorised)?;
    working(portal, hook.user)?;
    Ok(Caller { portal: id, user: hook.user, scopes: hook.scopes.clone(), client: None, key: hook.secret.clone() })
}

/// The caller by an access token.
pub(crate) fn by_token(state: &State, id: i64, token: &str) -> B24Result<Caller> {
    let portal = state.portal(id)?;
    let now = state.now();
    let found = portal.installs.iter().find_map(|install| {
        let (_, until) = install.access.iter().find(|(access, _)| access == token)?;
        Some((install, *until))
    });
    let (install, until) = found.ok_or_else(B24Error::unauthorised)?;
    if now >= until {
        return Err(B24Error::new(401, "expired_token", "The access token provided has expired."));
    }
    working(portal, install.user)?;
    let client = install.client.clone();
    Ok(Caller { portal: id, user: install.user, scopes: install.scopes.clone(), client: Some(client.clone()), key: client })
}

fn working(portal: &Portal, user: i64) -> B24Result<()> {
    let dismissed = portal.users.get(&user).is_none_or(|user| user.dismissed);
    if dismissed { Err(B24Error::new(403, "INVALID_CREDENTIALS", "Invalid request credentials")) } else { Ok(()) }
}

fn wrong(code: &str, description: &str) -> B24Error {
    B24Error::new(if code == "invalid_client" { 401 } else { 400 }, code, description)
}

/// `/oauth/token/`: a code or a refresh token for a pair.
pub(crate) fn issue(state: &mut State, params: &Params) -> B24Result<Value> {
    let text = |key: &str| params.text(key).unwrap_or_default().to_owned();
    let (client, grant, now) = (text("client_id"), text("grant_type"), state.now());
    let known = state.applications.get(&client).filter(|known| known.secret == text("client_secret"));
    known.ok_or_else(|| wrong("invalid_client", "Invalid client"))?;
    let (seconds, old_lives, base) = (state.settings.access_seconds, state.settings.old_refresh_lives, state.base.clone());
    let (id, renewed) = match grant.as_str() {
        "authorization_code" => {
            let code = state.codes.remove(&text("code")).filter(|(of, _, _, until)| *of == client && now < *until);
            let (_, portal, user, _) = code.ok_or_else(|| wrong("invalid_grant", "The code is not valid"))?;
            let scopes = state.applications[&client].scopes.clone();
            let installs = &mut state.portal_mut(portal)?.installs;
            if installs.iter().all(|install| install.client != client) {
                installs.push(Install::new(&client, user, &scopes));
            }
            (portal, false)
        }
        "refresh_token" => {
            let refresh = text("refresh_token");
            let lives = |install: &Install| {
                install.client == client && install.refresh.iter().any(|(known, until)| *known == refresh && now < *until)
            };
            let portal = state.portals.iter().find(|(_, portal)| portal.installs.iter().any(lives)).map(|(id, _)| *id);
            (portal.ok_or_else(|| wrong("invalid_grant", "The refresh token is not valid"))?, true)
        }
        _ => return Err(wrong("invalid_request", "The grant is not supported")),
    };
    let portal = state.portal_mut(id)?;
    if !portal.commercial {
        return Err(wrong("PAYMENT_REQUIRED", "Payment required"));
    }
    let (domain, member_id) = (portal.domain.clone(), portal.member_id.clone());
    let install = portal.installs.iter_mut().find(|install| install.client == client).ok_or_else(B24Error::unauthorised)?;
    // What came before the token that is presented has no further use.
    let last = install.refresh.len().saturating_sub(1);
    install.refresh.drain(..if old_lives { last } else { install.refresh.len() });
    let (access, refresh) = install.pair(now, seconds);
    let mut answer = json!({ "access_token": access, "expires_in": seconds, "client_endpoint": format!("{base}/{domain}/rest/"),
        "domain": "oauth.bitrix.info", "member_id": member_id, "refresh_token": refresh, "scope": install.scopes.join(","),
        "server_endpoint": format!("{base}/oauth/rest/"), "status": "L" });
    if renewed {
        answer["expires"] = json!(now.timestamp() + i64::try_from(seconds).unwrap_or(3_600));
        answer["user_id"] = json!(install.user);
    }
    Ok(answer)
}

/// `/oauth/authorize/` of a portal: its administrator agrees at once. Gives where the browser goes.
pub(crate) fn authorise(state: &mut State, id: i64, params: &Params) -> B24Result<String> {
    let client = params.text("client_id").unwrap_or_default().to_owned();
    let application = state.applications.get(&client).cloned().ok_or_else(|| wrong("invalid_client", "Invalid client"))?;
    let code = state.code(&client, id, 1);
    let portal = state.portal(id)?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", params.text("state").unwrap_or_default())
        .append_pair("domain", &portal.domain)
        .append_pair("member_id", &portal.member_id)
        .append_pair("scope", &application.scopes.join(","))
        .append_pair("server_domain", "oauth.bitrix.info")
        .finish();
    Ok(format!("{}?{query}", application.redirect_uri))
}

impl State {
    /// A code of consent, as the browser brings it.
    pub(crate) fn code(&mut self, client: &str, portal: i64, user: i64) -> String {
        let (code, until) = (token(), self.now() + CODE);
        self.codes.insert(code.clone(), (client.to_owned(), portal, user, until));
        code
    }
}
