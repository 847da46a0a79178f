//! Connecting: by a long-lived token, or by OAuth through the administrator's browser.

use std::sync::Arc;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::types::Json;
use subtle::ConstantTimeEq;

use super::{ConnectError, Connection, ConnectionState, Progress, by_id, get, session::Credentials};
use crate::{
    account::{By, Right},
    clock::Moment,
    config::Endpoints,
    crm::{CrmField, CrmIdentity, CrmKind, amocrm, mapping::CrmSettings, queries, registry},
    id::{AccountId, ConnectionId},
    on,
    pace::spacer::Spacer,
    secret::{Sealer, Secret, token},
    store::{Store, Tx},
};

/// A private integration of the CRM account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OauthApp {
    pub client_id: String,
    pub client_secret: Secret,
    /// Where the browser comes back to; byte for byte as registered.
    pub redirect_uri: String,
}

/// How long an authorisation may be under way, from the link to the browser's coming back.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(30);

/// Asks the CRM who it is and what fields it has.
pub(super) async fn probe(base_url: &str, access: &Secret, endpoints: &Endpoints) -> Result<(CrmIdentity, Vec<CrmField>), ConnectError> {
    let pacer = Arc::new(Spacer::new(amocrm::PER_SECOND, None));
    let crm = registry::build(CrmKind::Amocrm, base_url, None, access, &CrmSettings::default(), endpoints, pacer)?;
    Ok((crm.identify().await?, crm.fields().await?))
}

fn guess(settings: &mut CrmSettings, fields: &[CrmField]) {
    // The conventional checkbox, if the company has it: people see it mapped and may change it.
    let named = |field: &&CrmField| {
        let title = field.title.to_lowercase();
        field.kind == crate::crm::CrmFieldKind::Flag
            && ["не писать", "не беспокоить", "no messages", "opt-out", "opt out"].contains(&title.as_str())
    };
    if settings.opt_out_field.is_none() {
        settings.opt_out_field = fields.iter().find(named).map(|field| field.id.clone());
    }
}

async fn no_twin(tx: &mut Tx, account: AccountId, external_id: &str, but: ConnectionId) -> Result<(), ConnectError> {
    let twin: Option<ConnectionId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::TWIN)
        .bind(account)
        .bind(CrmKind::Amocrm)
        .bind(external_id)
        .bind(but)
        .fetch_optional(c)
        .await)?;
    twin.map_or(Ok(()), |_| Err(ConnectError::Twin))
}

/// What a new row begins with.
struct New<'a> {
    id: ConnectionId,
    account: AccountId,
    name: &'a str,
    base_url: &'a str,
    external_id: &'a str,
    state: (ConnectionState, Option<&'a str>),
    sealed: Vec<u8>,
    settings: &'a CrmSettings,
    progress: &'a Progress,
}

async fn insert(tx: &mut Tx, new: &New<'_>, now: Moment) -> sqlx::Result<()> {
    let next = (new.state.0 == ConnectionState::Active).then_some(now);
    let hook_seed = token(24);
    on!(tx.conn(), |c| sqlx::query(queries::INSERT)
        .bind(new.id)
        .bind(new.account)
        .bind(CrmKind::Amocrm)
        .bind(new.name)
        .bind(new.base_url)
        .bind(new.external_id)
        .bind(new.state.0)
        .bind(new.state.1)
        .bind(&new.sealed)
        .bind(Json(new.settings))
        .bind(&hook_seed)
        .bind(Json(new.progress))
        .bind(next)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Connects by a long-lived token: the CRM is asked who it is before anything is stored.
/// `expires_at`: until when the administrator made the token live, if told. The first sync is due
/// at once: ring [`crate::queue::Job::SyncCrm`].
///
/// # Errors
/// [`ConnectError::BadAddress`], [`ConnectError::Twin`], or the CRM's refusal.
#[allow(clippy::too_many_arguments, reason = "store, sealer and endpoints are the edges; the rest is what a person typed")]
pub async fn connect(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    by: impl Into<By<'_>>,
    address: &str,
    access: Secret,
    expires_at: Option<Moment>,
    now: Moment,
) -> Result<Connection, ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let host = amocrm::host::parse(address).ok_or(ConnectError::BadAddress)?;
    let base_url = format!("https://{host}");
    let access = Secret::new(access.expose().trim());
    let (identity, fields) = probe(&base_url, &access, endpoints).await?;
    let id = ConnectionId::new();
    let mut settings = CrmSettings::default();
    guess(&mut settings, &fields);
    let progress = Progress { fields, fields_at: Some(now), zone: identity.zone.clone(), ..Progress::default() };
    let mut tx = store.begin().await?;
    no_twin(&mut tx, by.account(), &identity.external_id, id).await?;
    let expires_at = expires_at.or_else(|| amocrm::oauth::token_ends(&access));
    let sealed = Credentials::LongLived { token: access, expires_at }.seal(sealer, id);
    let new = New {
        id,
        account: by.account(),
        name: &identity.name,
        base_url: &base_url,
        external_id: &identity.external_id,
        state: (ConnectionState::Active, None),
        sealed,
        settings: &settings,
        progress: &progress,
    };
    insert(&mut tx, &new, now).await?;
    by.audit(&mut tx, "crm.connect", id, json!({ "kind": "amocrm", "host": host, "by": "token" }), now).await?;
    tx.commit().await?;
    get(store, by.account(), id).await?.ok_or(ConnectError::Absent)
}

/// Gives a connection a new long-lived token, after the old one ended: at work again.
///
/// # Errors
/// [`ConnectError::BadState`] when the token is of another CRM account; else the CRM's refusal.
#[allow(clippy::too_many_arguments, reason = "store, sealer and endpoints are the edges; the rest is what a person typed")]
pub async fn replace_token(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    by: impl Into<By<'_>>,
    id: ConnectionId,
    access: Secret,
    expires_at: Option<Moment>,
    now: Moment,
) -> Result<(), ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let row = get(store, by.account(), id).await?.ok_or(ConnectError::Absent)?;
    let access = Secret::new(access.expose().trim());
    let (identity, _) = probe(&row.base_url, &access, endpoints).await?;
    if identity.external_id != row.external_id {
        return Err(ConnectError::BadState);
    }
    let expires_at = expires_at.or_else(|| amocrm::oauth::token_ends(&access));
    let credentials = Credentials::LongLived { token: access, expires_at };
    let mut tx = store.begin().await?;
    authorised(&mut tx, sealer, &row, &identity, &row.base_url, &credentials, now).await?;
    by.audit(&mut tx, "crm.authorise", id, json!({ "by": "token" }), now).await?;
    Ok(tx.commit().await?)
}

/// Begins an authorisation by OAuth: a new connection, or (with `again`) one that needs it. Returns
/// the page the administrator opens; the browser comes back to the redirect address, whose handler
/// calls [`authorise`].
///
/// # Errors
/// [`ConnectError::BadAddress`], [`ConnectError::Absent`].
pub async fn begin_authorisation(
    store: &Store,
    sealer: &Sealer,
    by: impl Into<By<'_>>,
    address: &str,
    app: OauthApp,
    again: Option<ConnectionId>,
    now: Moment,
) -> Result<(ConnectionId, String), ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let host = amocrm::host::parse(address).ok_or(ConnectError::BadAddress)?;
    let id = again.unwrap_or_else(ConnectionId::new);
    let nonce = token(16);
    let mut tx = store.begin().await?;
    let client_id = app.client_id.clone();
    let credentials = Credentials::Pending { app };
    if again.is_some() {
        let row = super::present(&mut tx, by.account(), id).await?;
        let settings = CrmSettings { oauth_nonce: Some(nonce.clone()), oauth_until: Some(now + UNDER_WAY), ..row.settings.0.clone() };
        on!(tx.conn(), |c| sqlx::query(queries::SET_SETTINGS)
            .bind(by.account())
            .bind(id)
            .bind(Json(&settings))
            .bind(row.next_sync_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        // The tokens in use stay until the new ones come; only a connection without any takes the
        // new integration now.
        if row.state == ConnectionState::ReauthRequired {
            let sealed = credentials.seal(sealer, id);
            on!(tx.conn(), |c| sqlx::query(queries::PENDING).bind(by.account()).bind(id).bind(&sealed).execute(c).await.map(|_| ()))?;
        }
    } else {
        let settings = CrmSettings { oauth_nonce: Some(nonce.clone()), oauth_until: Some(now + UNDER_WAY), ..CrmSettings::default() };
        let sealed = credentials.seal(sealer, id);
        let new = New {
            id,
            account: by.account(),
            name: &host,
            base_url: &format!("https://{host}"),
            external_id: "",
            state: (ConnectionState::ReauthRequired, Some("authorise")),
            sealed,
            settings: &settings,
            progress: &Progress::default(),
        };
        insert(&mut tx, &new, now).await?;
    }
    by.audit(&mut tx, "crm.authorise.begin", id, json!({ "kind": "amocrm", "host": host }), now).await?;
    tx.commit().await?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &client_id)
        .append_pair("state", &format!("{id}.{nonce}"))
        .append_pair("mode", "popup")
        .finish();
    Ok((id, format!("{}?{query}", amocrm::host::authorise_page(&host))))
}

/// The browser came back: exchanges the code, stores the pair, asks the CRM who it is, and puts the
/// connection to work. `state` is the authority: it names the connection and works once.
///
/// # Errors
/// [`ConnectError::BadState`] for a state that is not under way, [`ConnectError::BadAddress`] for a
/// `referer` that is no account of that CRM; else the CRM's refusal.
pub async fn authorise(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    state: &str,
    code: &str,
    referer: &str,
    now: Moment,
) -> Result<Connection, ConnectError> {
    let (id, nonce) = state.split_once('.').ok_or(ConnectError::BadState)?;
    let id: ConnectionId = id.parse().map_err(|_| ConnectError::BadState)?;
    let row = by_id(store, id).await?.filter(|row| row.state != ConnectionState::Disconnected).ok_or(ConnectError::BadState)?;
    let known = row.settings.oauth_nonce.as_deref().unwrap_or_default();
    if known.is_empty() || !bool::from(known.as_bytes().ct_eq(nonce.as_bytes())) {
        return Err(ConnectError::BadState);
    }
    if row.settings.oauth_until.is_none_or(|until| now >= until) {
        return Err(ConnectError::BadState);
    }
    let host = amocrm::host::parse(referer).ok_or(ConnectError::BadAddress)?;
    let base_url = format!("https://{host}");
    // A first authorisation is of the account that was named. Later the account is known by its id,
    // whatever its name has become.
    if row.external_id.is_empty() && row.base_url != base_url {
        return Err(ConnectError::BadAddress);
    }
    let app = match super::session::read(store, sealer, id).await?.credentials {
        Credentials::Pending { app } | Credentials::Oauth { app, .. } => app,
        Credentials::LongLived { .. } => return Err(ConnectError::WrongState),
    };
    let base = registry::base(CrmKind::Amocrm, &base_url, endpoints)?;
    endpoints.crm_egress.turn().await;
    let pair = amocrm::oauth::exchange(&base, &app, code, now).await?;
    let access = pair.access_token.clone();
    let credentials = Credentials::Oauth { app, pair: pair.into() };
    let (identity, fields) = probe(&base_url, &access, endpoints).await?;
    if !row.external_id.is_empty() && row.external_id != identity.external_id {
        return Err(ConnectError::BadState);
    }
    let mut row = row;
    row.settings.oauth_nonce = None;
    row.settings.oauth_until = None;
    guess(&mut row.settings.0, &fields);
    let mut tx = store.begin().await?;
    no_twin(&mut tx, row.account_id, &identity.external_id, id).await?;
    authorised(&mut tx, sealer, &row, &identity, &base_url, &credentials, now).await?;
    crate::store::audit::record(
        &mut tx,
        row.account_id,
        "system",
        "crm.authorise",
        &id.to_string(),
        &json!({ "host": host, "by": "oauth" }),
        now,
    )
    .await?;
    tx.commit().await?;
    get(store, row.account_id, id).await?.ok_or(ConnectError::Absent)
}

pub(super) async fn authorised(
    tx: &mut Tx,
    sealer: &Sealer,
    row: &Connection,
    identity: &CrmIdentity,
    base_url: &str,
    credentials: &Credentials,
    now: Moment,
) -> Result<(), ConnectError> {
    let sealed = credentials.seal(sealer, row.id);
    let touched = on!(tx.conn(), |c| sqlx::query(queries::AUTHORISED)
        .bind(row.account_id)
        .bind(row.id)
        .bind(&sealed)
        .bind(&identity.name)
        .bind(base_url)
        .bind(&identity.external_id)
        .bind(&row.settings)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched == 1 { Ok(()) } else { Err(ConnectError::Absent) }
}
