//! The adapter of a connection with tokens that are good: opened under the lease, refreshed by its
//! owner alone.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;

use super::{ConnectError, Connection, ConnectionState, get};
use crate::{
    clock::{self, Moment},
    config::Endpoints,
    crm::{
        Crm, CrmError,
        lease::{self, Lease},
        login::{Credentials, LoginPage},
        queries, registry,
    },
    id::{AccountId, ConnectionId},
    on,
    secret::Sealer,
    store::{Store, audit},
};

/// How long before its end an access token is refreshed.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// How long after the access token ended the tokens of a paused connection are refreshed: about
/// once a week.
const IDLE: TimeDelta = TimeDelta::days(6);

/// Sealed for this row.
pub(super) fn seal(credentials: &Credentials, sealer: &Sealer, id: ConnectionId) -> Vec<u8> {
    // Strings and times only: it always serialises.
    sealer.seal(&serde_json::to_vec(credentials).unwrap_or_default(), id.0)
}

/// A connection's credentials and address: read together, because both change together.
pub(super) struct Stored {
    /// Opened.
    pub(super) credentials: Credentials,
    /// Grows with every change.
    pub(super) version: i64,
    /// Where they are good.
    base_url: String,
}

/// The credentials of a row.
pub(super) async fn read(store: &Store, sealer: &Sealer, id: ConnectionId) -> Result<Stored, ConnectError> {
    let row: Option<(Vec<u8>, i64, String)> = on!(store.read(), |c| sqlx::query_as(queries::CREDENTIALS).bind(id).fetch_optional(c).await)?;
    let (sealed, version, base_url) = row.ok_or(ConnectError::Absent)?;
    let open = sealer.open(&sealed, id.0)?;
    let credentials = serde_json::from_slice(&open).map_err(|_| crate::secret::SealBroken)?;
    Ok(Stored { credentials, version, base_url })
}

/// Credentials and where they are good.
struct Way {
    credentials: Credentials,
    base_url: String,
}

/// The adapter under a lease. A token near its end is refreshed first: the new pair is committed
/// before it is used, and who lost the race of two refreshers uses what the other committed.
///
/// # Errors
/// [`CrmError::ReauthRequired`] (as [`ConnectError::Crm`]) when a person must authorise again.
pub async fn open(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    lease: &Lease,
    connection: &Connection,
    now: Moment,
) -> Result<Arc<dyn Crm>, ConnectError> {
    let Stored { credentials, version, base_url } = read(store, sealer, connection.id).await?;
    let way = match &credentials {
        Credentials::Pending { .. } => return Err(CrmError::ReauthRequired.into()),
        Credentials::Oauth { pair, .. } if pair.expires_at <= now + AHEAD => {
            refresh(store, sealer, endpoints, lease, connection, version, now).await?
        }
        Credentials::LongLived { .. } | Credentials::Oauth { .. } | Credentials::Pasted { .. } => Way { credentials, base_url },
    };
    bind(connection, &way, endpoints, lease)
}

/// The adapter after a call was refused as [`CrmError::Unauthorised`] or [`CrmError::Moved`]:
/// refreshed once, at the account's new address if it has one. What a person pasted can neither be
/// refreshed nor say where its account went.
///
/// # Errors
/// [`CrmError::ReauthRequired`] or [`CrmError::Moved`] (as [`ConnectError::Crm`]) when a person
/// must help.
pub async fn reopen(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    lease: &Lease,
    connection: &Connection,
    after: &CrmError,
    now: Moment,
) -> Result<Arc<dyn Crm>, ConnectError> {
    let stored = read(store, sealer, connection.id).await?;
    match stored.credentials {
        Credentials::Oauth { .. } => {
            let way = refresh(store, sealer, endpoints, lease, connection, stored.version, now).await?;
            bind(connection, &way, endpoints, lease)
        }
        Credentials::LongLived { .. } | Credentials::Pasted { .. } if *after == CrmError::Moved => Err(CrmError::Moved.into()),
        Credentials::LongLived { .. } | Credentials::Pasted { .. } | Credentials::Pending { .. } => Err(CrmError::ReauthRequired.into()),
    }
}

fn bind(connection: &Connection, way: &Way, endpoints: &Endpoints, lease: &Lease) -> Result<Arc<dyn Crm>, ConnectError> {
    let pacer = lease.pacer.clone();
    Ok(registry::build(
        connection.kind,
        &way.base_url,
        &way.credentials,
        &connection.settings,
        endpoints,
        pacer,
        connection.sync_cursor.mark.as_ref(),
    )?)
}

/// The adapter as a person looks at what it gives: it reads and is under no lease. A token near its
/// end is not refreshed for this.
///
/// # Errors
/// [`ConnectError::Absent`]; [`CrmError::ReauthRequired`] (as [`ConnectError::Crm`]) when a person
/// must authorise again.
pub async fn look(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    account: AccountId,
    id: ConnectionId,
) -> Result<(Connection, Arc<dyn Crm>), ConnectError> {
    let row = get(store, account, id).await?.filter(|row| row.state != ConnectionState::Disconnected).ok_or(ConnectError::Absent)?;
    let Stored { credentials, base_url, .. } = read(store, sealer, id).await?;
    let (pacer, mark) = (registry::pacer(row.kind, None), row.sync_cursor.mark.as_ref());
    let crm = registry::build(row.kind, &base_url, &credentials, &row.settings, endpoints, pacer, mark)?;
    Ok((row, crm))
}

/// The lease must outlive a call with a refresh token: who lost it must not spend the token.
async fn hold(store: &Store, lease: &Lease, now: Moment) -> Result<(), ConnectError> {
    if lease.hold(store, now).await? {
        return Ok(());
    }
    Err(CrmError::Transient { detail: "the connection is another worker's now".to_owned(), smaller: false }.into())
}

/// Refreshes the pair read at `version` and commits the new one; the caller holds the lease.
async fn refresh(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    lease: &Lease,
    connection: &Connection,
    version: i64,
    now: Moment,
) -> Result<Way, ConnectError> {
    hold(store, lease, now).await?;
    let stored = read(store, sealer, connection.id).await?;
    if stored.version != version {
        return match stored.credentials {
            Credentials::Oauth { .. } => Ok(Way { credentials: stored.credentials, base_url: stored.base_url }),
            _ => Err(CrmError::ReauthRequired.into()),
        };
    }
    let Credentials::Oauth { app, pair } = stored.credentials else { return Err(CrmError::ReauthRequired.into()) };
    let page: &dyn LoginPage = registry::login(connection.kind).page().ok_or(CrmError::ReauthRequired)?;
    let mut home = stored.base_url.clone();
    let fresh = match page.refresh(&home, &app, &pair, endpoints, now).await {
        // A renamed account answers so under its old name.
        Err(refused @ (CrmError::ReauthRequired | CrmError::Moved)) => {
            home = page.whereabouts(&home, &pair, endpoints).await?.filter(|there| *there != home).ok_or(refused)?;
            hold(store, lease, clock::now()).await?;
            page.refresh(&home, &app, &pair, endpoints, now).await?
        }
        other => other?,
    };
    let way = Way { credentials: Credentials::Oauth { app, pair: fresh }, base_url: home };
    let sealed = seal(&way.credentials, sealer, connection.id);
    let mut tx = store.begin().await?;
    let kept = on!(tx.conn(), |c| sqlx::query(queries::REFRESHED)
        .bind(connection.id)
        .bind(version)
        .bind(lease.token)
        .bind(&sealed)
        .bind(&way.base_url)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if kept == 1 && way.base_url != stored.base_url {
        let details = json!({ "from": stored.base_url, "to": way.base_url });
        audit::record(&mut tx, lease.account, "system", "crm.moved", &connection.id.to_string(), &details, now).await?;
    }
    tx.commit().await?;
    if kept == 1 {
        tracing::info!(crm.connection = %connection.id, crm.moved = way.base_url != stored.base_url, "the CRM tokens were refreshed");
        return Ok(way);
    }
    // A person authorised anew meanwhile: theirs counts.
    let stored = read(store, sealer, connection.id).await?;
    match stored.credentials {
        Credentials::Pending { .. } => Err(CrmError::ReauthRequired.into()),
        credentials => Ok(Way { credentials, base_url: stored.base_url }),
    }
}

/// Refreshes the tokens of paused connections that were not used for a week: a refresh token nobody
/// uses dies after three months (contracts/crm/amocrm.md, 1.1). Returns how many were refreshed.
/// What fails is logged: who resumes the connection will be told.
///
/// # Errors
/// The database's.
pub async fn keep_alive(store: &Store, sealer: &Sealer, endpoints: &Endpoints, owner: &str, now: Moment) -> Result<usize, ConnectError> {
    let rows: Vec<Connection> = on!(store.read(), |c| sqlx::query_as(queries::AT_WORK).fetch_all(c).await)?;
    let mut kept = 0;
    for row in rows.iter().filter(|row| row.state == ConnectionState::Paused) {
        let stored = match read(store, sealer, row.id).await {
            Ok(stored) => stored,
            Err(ConnectError::Db(error)) => return Err(error.into()),
            // It was ended meanwhile, or was told of elsewhere.
            Err(_) => continue,
        };
        let idle = matches!(&stored.credentials, Credentials::Oauth { pair, .. } if pair.expires_at + IDLE < now);
        if !idle {
            continue;
        }
        let Some(lease) = lease::take_paused(store, row.id, owner, now).await? else { continue };
        let refreshed = refresh(store, sealer, endpoints, &lease, row, stored.version, now).await;
        lease.release(store).await?;
        match refreshed {
            Ok(_) => kept += 1,
            Err(error) => tracing::warn!(%error, crm.connection = %row.id, "the tokens of a paused CRM connection were not refreshed"),
        }
    }
    Ok(kept)
}
