//! Connecting: by what a person pastes, or by the CRM's own page in the administrator's browser.

use chrono::TimeDelta;
use serde_json::json;
use sqlx::types::Json;
use subtle::ConstantTimeEq;

use super::{
    BEGIN, ConnectError, Connection, ConnectionState, Progress, by_id, get, save,
    session::{read, seal},
};
use crate::{
    account::{By, Right, feature},
    clock::Moment,
    config::Endpoints,
    crm::{
        CrmField, CrmIdentity, CrmKind,
        login::{Credentials, LoginPage, OauthApp, Returned},
        mapping::{CrmSettings, guessed_parts, says_do_not_write},
        queries, registry,
    },
    id::{AccountId, ConnectionId},
    on,
    secret::{Sealer, Secret, token},
    store::{Store, Tx},
};

/// How long an authorisation may be under way, from the link to the browser's coming back.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(30);

/// Asks the CRM who it is and what fields it has.
pub(super) async fn probe(
    kind: CrmKind,
    home: &str,
    credentials: &Credentials,
    endpoints: &Endpoints,
) -> Result<(CrmIdentity, Vec<CrmField>), ConnectError> {
    let crm = registry::build(kind, home, credentials, &CrmSettings::default(), endpoints, registry::pacer(kind, None), None)?;
    Ok((crm.identify().await?, crm.fields().await?))
}

/// The address as kept, of what a person typed or a browser brought.
pub(super) fn home(kind: CrmKind, typed: &str) -> Result<String, ConnectError> {
    registry::login(kind).home(typed).ok_or(ConnectError::BadAddress)
}

/// The CRM's own page of consent.
fn page(kind: CrmKind) -> Result<&'static dyn LoginPage, ConnectError> {
    registry::login(kind).page().ok_or(ConnectError::WrongState)
}

/// An address without its scheme, for the trail.
fn host(home: &str) -> &str {
    home.split_once("://").map_or(home, |(_, host)| host)
}

fn guess(settings: &mut CrmSettings, fields: &[CrmField]) {
    // The conventional checkbox, if the company has it: people see it mapped and may change it.
    let named = |field: &&CrmField| field.kind == crate::crm::CrmFieldKind::Flag && says_do_not_write(&field.title);
    if settings.parts.is_empty() {
        settings.parts = guessed_parts(fields.iter());
    }
    if settings.opt_out_field.is_none() {
        settings.opt_out_field = fields.iter().find(named).map(|field| field.id.clone());
    }
}

/// Refuses a second connection of one company to one account of a CRM, whichever way each came by:
/// everybody would be in both, and be told of twice. `external_id`: empty while it is not known.
async fn no_twin(
    tx: &mut Tx,
    account: AccountId,
    kind: CrmKind,
    (external_id, home): (&str, &str),
    but: ConnectionId,
) -> Result<(), ConnectError> {
    let home = registry::login(kind).one_at_an_address().then_some(home);
    let twin: Option<ConnectionId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::TWIN)
        .bind(account)
        .bind(kind)
        .bind(external_id)
        .bind(but)
        .bind(home)
        .fetch_optional(c)
        .await)?;
    twin.map_or(Ok(()), |_| Err(ConnectError::Twin))
}

/// What a new row begins with.
struct New<'a> {
    id: ConnectionId,
    account: AccountId,
    kind: CrmKind,
    name: &'a str,
    base_url: &'a str,
    external_id: &'a str,
    state: (ConnectionState, Option<&'a str>),
    sealed: Vec<u8>,
    settings: &'a CrmSettings,
    progress: &'a Progress,
}

/// The licensor did not switch this kind of CRM off for the company.
pub(super) async fn allowed(tx: &mut Tx, account: AccountId, kind: CrmKind) -> Result<(), ConnectError> {
    let asked = feature::need(tx, account, &feature::crm(kind.as_str())).await?;
    asked.map_err(|off| ConnectError::Account(off.into()))
}

async fn insert(tx: &mut Tx, new: &New<'_>, now: Moment) -> sqlx::Result<()> {
    let next = (new.state.0 == ConnectionState::Active).then_some(now);
    let hook_seed = token(24);
    on!(tx.conn(), |c| sqlx::query(queries::INSERT)
        .bind(new.id)
        .bind(new.account)
        .bind(new.kind)
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

/// What a person says of an account to be connected.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub kind: CrmKind,
    /// As typed.
    pub address: &'a str,
    /// The values that the CRM's way in asks for, in its order ([`crate::crm::login::Ask`]).
    pub values: &'a [Secret],
}

/// Connects by what a person pasted: the CRM is asked who it is before anything is stored. The
/// first sync is due at once: ring [`crate::queue::Job::SyncCrm`]. Of a CRM that gives all its rows
/// at once it waits until a person begins it ([`super::BEGIN`]).
///
/// # Errors
/// [`ConnectError::BadAddress`], [`ConnectError::BadValues`], [`ConnectError::Twin`], or the CRM's
/// refusal.
pub async fn connect(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    by: impl Into<By<'_>>,
    entry: Entry<'_>,
    now: Moment,
) -> Result<Connection, ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let kind = entry.kind;
    // Where the address is what opens it, it is the value.
    let whole = registry::login(kind).address_opens().then(|| entry.values.first()).flatten();
    let base_url = home(kind, whole.map_or(entry.address, |value| value.expose().trim()))?;
    let values: Vec<Secret> = entry.values.iter().map(|value| Secret::new(value.expose().trim())).collect();
    let credentials = registry::assemble(kind, &values).ok_or(ConnectError::BadValues)?;
    let (identity, fields) = probe(kind, &base_url, &credentials, endpoints).await?;
    let id = ConnectionId::new();
    let mut settings = CrmSettings::default();
    guess(&mut settings, &fields);
    let progress = Progress { fields, fields_at: Some(now), zone: identity.zone.clone(), ..Progress::default() };
    let mut tx = store.begin().await?;
    allowed(&mut tx, by.account(), kind).await?;
    no_twin(&mut tx, by.account(), kind, (&identity.external_id, &base_url), id).await?;
    let new = New {
        id,
        account: by.account(),
        kind,
        name: &identity.name,
        base_url: &base_url,
        external_id: &identity.external_id,
        // People look at what its columns are before anybody comes of them.
        state: match registry::capabilities(kind).whole {
            true => (ConnectionState::Paused, Some(BEGIN)),
            false => (ConnectionState::Active, None),
        },
        sealed: seal(&credentials, sealer, id),
        settings: &settings,
        progress: &progress,
    };
    insert(&mut tx, &new, now).await?;
    by.audit(&mut tx, "crm.connect", id, json!({ "kind": kind, "host": host(&base_url), "by": "token" }), now).await?;
    tx.commit().await?;
    get(store, by.account(), id).await?.ok_or(ConnectError::Absent)
}

/// Gives a connection a new token or key, or the address that is one, after the old one ended: at
/// work again.
///
/// # Errors
/// [`ConnectError::BadValues`]; [`ConnectError::BadState`] when it is of another CRM account; else
/// the CRM's refusal.
pub async fn replace_token(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    by: impl Into<By<'_>>,
    id: ConnectionId,
    value: Secret,
    now: Moment,
) -> Result<(), ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let row = get(store, by.account(), id).await?.ok_or(ConnectError::Absent)?;
    // What was not begun is begun by a person alone.
    if row.state_reason.as_deref() == Some(BEGIN) {
        return Err(ConnectError::WrongState);
    }
    let way = registry::login(row.kind);
    let value = Secret::new(value.expose().trim());
    if !way.asks().last().is_some_and(|ask| (ask.fits)(value.expose())) {
        return Err(ConnectError::BadValues);
    }
    let credentials = way.renewed(&read(store, sealer, id).await?.credentials, &value);
    let base_url = if way.address_opens() { home(row.kind, value.expose())? } else { row.base_url.clone() };
    let (identity, _) = probe(row.kind, &base_url, &credentials, endpoints).await?;
    if !way.address_opens() && identity.external_id != row.external_id {
        return Err(ConnectError::BadState);
    }
    let mut tx = store.begin().await?;
    no_twin(&mut tx, by.account(), row.kind, (&identity.external_id, &base_url), id).await?;
    authorised(&mut tx, sealer, &row, &identity, &base_url, &credentials, now).await?;
    by.audit(&mut tx, "crm.authorise", id, json!({ "by": "token" }), now).await?;
    Ok(tx.commit().await?)
}

/// Begins an authorisation on the CRM's own page: a new connection, or (with `again`) one that
/// needs it. Returns the page the administrator opens; the browser comes back to the redirect
/// address, whose handler calls [`authorise`].
///
/// # Errors
/// [`ConnectError::BadAddress`], [`ConnectError::Absent`]; [`ConnectError::Twin`] when that account
/// is connected already; [`ConnectError::WrongState`] when the CRM has no such page.
pub async fn begin_authorisation(
    store: &Store,
    sealer: &Sealer,
    by: impl Into<By<'_>>,
    (kind, address): (CrmKind, &str),
    app: OauthApp,
    again: Option<ConnectionId>,
    now: Moment,
) -> Result<(ConnectionId, String), ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let page = page(kind)?;
    let base_url = home(kind, address)?;
    let id = again.unwrap_or_else(ConnectionId::new);
    let nonce = token(16);
    let mut tx = store.begin().await?;
    allowed(&mut tx, by.account(), kind).await?;
    let client_id = app.client_id.clone();
    let credentials = Credentials::Pending { app };
    if again.is_some() {
        let row = super::present(&mut tx, by.account(), id).await?;
        let settings = CrmSettings { oauth_nonce: Some(nonce.clone()), oauth_until: Some(now + UNDER_WAY), ..row.settings.0.clone() };
        save(&mut tx, &row, &settings, row.next_sync_at).await?;
        // The tokens in use stay until the new ones come; only a connection without any takes the
        // new integration now.
        if row.state == ConnectionState::ReauthRequired {
            let sealed = seal(&credentials, sealer, id);
            on!(tx.conn(), |c| sqlx::query(queries::PENDING).bind(by.account()).bind(id).bind(&sealed).execute(c).await.map(|_| ()))?;
        }
    } else {
        // Said now, and not by a page of the browser's after an administrator agreed.
        no_twin(&mut tx, by.account(), kind, ("", &base_url), id).await?;
        let settings = CrmSettings { oauth_nonce: Some(nonce.clone()), oauth_until: Some(now + UNDER_WAY), ..CrmSettings::default() };
        let new = New {
            id,
            account: by.account(),
            kind,
            name: host(&base_url),
            base_url: &base_url,
            external_id: "",
            state: (ConnectionState::ReauthRequired, Some("authorise")),
            sealed: seal(&credentials, sealer, id),
            settings: &settings,
            progress: &Progress::default(),
        };
        insert(&mut tx, &new, now).await?;
    }
    by.audit(&mut tx, "crm.authorise.begin", id, json!({ "kind": kind, "host": host(&base_url) }), now).await?;
    tx.commit().await?;
    Ok((id, page.address(&base_url, &client_id, &format!("{id}.{nonce}"))))
}

/// The browser came back: exchanges the code, stores the pair, asks the CRM who it is, and puts the
/// connection to work. The state is the authority: it names the connection and works once.
///
/// # Errors
/// [`ConnectError::BadState`] for a state that is not under way of that CRM,
/// [`ConnectError::BadAddress`] for an address that is no account of it; else the CRM's refusal.
pub async fn authorise(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    kind: CrmKind,
    back: &Returned,
    now: Moment,
) -> Result<Connection, ConnectError> {
    let (id, nonce) = back.state.split_once('.').ok_or(ConnectError::BadState)?;
    let id: ConnectionId = id.parse().map_err(|_| ConnectError::BadState)?;
    let row = by_id(store, id).await?.filter(|row| row.state != ConnectionState::Disconnected && row.kind == kind);
    let row = row.ok_or(ConnectError::BadState)?;
    let known = row.settings.oauth_nonce.as_deref().unwrap_or_default();
    if known.is_empty() || !bool::from(known.as_bytes().ct_eq(nonce.as_bytes())) {
        return Err(ConnectError::BadState);
    }
    if row.settings.oauth_until.is_none_or(|until| now >= until) {
        return Err(ConnectError::BadState);
    }
    let page = page(kind)?;
    let base_url = home(kind, &back.home)?;
    // A first authorisation is of the account that was named. Later the account is known by its id,
    // whatever its name has become.
    if row.external_id.is_empty() && row.base_url != base_url {
        return Err(ConnectError::BadAddress);
    }
    let app = match read(store, sealer, id).await?.credentials {
        Credentials::Pending { app } | Credentials::Oauth { app, .. } => app,
        Credentials::LongLived { .. } | Credentials::Pasted { .. } => return Err(ConnectError::WrongState),
    };
    let pair = page.exchange(&base_url, &app, &back.code, endpoints, now).await?;
    let credentials = Credentials::Oauth { app, pair };
    let (identity, fields) = probe(kind, &base_url, &credentials, endpoints).await?;
    if !row.external_id.is_empty() && row.external_id != identity.external_id {
        return Err(ConnectError::BadState);
    }
    let mut row = row;
    row.settings.oauth_nonce = None;
    row.settings.oauth_until = None;
    guess(&mut row.settings.0, &fields);
    let mut tx = store.begin().await?;
    no_twin(&mut tx, row.account_id, kind, (&identity.external_id, &base_url), id).await?;
    authorised(&mut tx, sealer, &row, &identity, &base_url, &credentials, now).await?;
    crate::store::audit::record(
        &mut tx,
        row.account_id,
        "system",
        "crm.authorise",
        &id.to_string(),
        &json!({ "host": host(&base_url), "by": "oauth" }),
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
    let sealed = seal(credentials, sealer, row.id);
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
