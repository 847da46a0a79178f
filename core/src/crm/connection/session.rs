//! The adapter of a connection with tokens that are good: opened under the lease, refreshed by its owner alone.

use std::sync::Arc;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{ConnectError, Connection, OauthApp};
use crate::{
    channel::registry::Endpoints,
    clock::Moment,
    crm::{Crm, CrmError, amocrm, lease::Lease, queries, registry},
    id::ConnectionId,
    on,
    secret::{Sealer, Secret},
    store::Store,
};

/// An access token is refreshed so long before its end.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What is sealed in the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Credentials {
    /// A token a person copied from the integration's card; it cannot be refreshed.
    LongLived {
        /// The token.
        token: Secret,
        /// Until when, if told.
        expires_at: Option<Moment>,
    },
    /// An integration whose authorisation is under way.
    Pending {
        /// The integration.
        app: OauthApp,
    },
    /// An integration with its tokens.
    Oauth {
        /// The integration.
        app: OauthApp,
        /// The tokens.
        pair: StoredPair,
    },
}

/// Tokens as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredPair {
    access_token: Secret,
    refresh_token: Secret,
    expires_at: Moment,
}

impl From<amocrm::oauth::Pair> for StoredPair {
    fn from(pair: amocrm::oauth::Pair) -> Self {
        Self { access_token: pair.access_token, refresh_token: pair.refresh_token, expires_at: pair.expires_at }
    }
}

impl Credentials {
    /// The token that opens the API, if there is one.
    pub(super) fn access(&self) -> Option<&Secret> {
        match self {
            Self::LongLived { token, .. } => Some(token),
            Self::Pending { .. } => None,
            Self::Oauth { pair, .. } => Some(&pair.access_token),
        }
    }

    /// Sealed for this row.
    pub(super) fn seal(&self, sealer: &Sealer, id: ConnectionId) -> Vec<u8> {
        // Strings and times only: it always serialises.
        sealer.seal(&serde_json::to_vec(self).unwrap_or_default(), id.0)
    }
}

/// The credentials of a row and their version.
pub(super) async fn read(store: &Store, sealer: &Sealer, id: ConnectionId) -> Result<(Credentials, i64), ConnectError> {
    let row: Option<(Vec<u8>, i64)> = on!(store.read(), |c| sqlx::query_as(queries::CREDENTIALS).bind(id).fetch_optional(c).await)?;
    let (sealed, version) = row.ok_or(ConnectError::Absent)?;
    let open = sealer.open(&sealed, id.0)?;
    Ok((serde_json::from_slice(&open).map_err(|_| crate::secret::SealBroken)?, version))
}

/// The adapter under a lease. A token near its end is refreshed first: the new pair is committed before it is used, and
/// who lost the race of two refreshers uses what the other committed.
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
    let (credentials, version) = read(store, sealer, connection.id).await?;
    let token = match credentials {
        Credentials::LongLived { token, .. } => token,
        Credentials::Pending { .. } => return Err(CrmError::ReauthRequired.into()),
        Credentials::Oauth { pair, .. } if pair.expires_at > now + AHEAD => pair.access_token,
        Credentials::Oauth { .. } => refresh(store, sealer, endpoints, lease, connection, version, now).await?,
    };
    bind(connection, &token, endpoints, lease)
}

/// The adapter after [`CrmError::Unauthorised`]: refreshed once. A long-lived token cannot be.
///
/// # Errors
/// [`CrmError::ReauthRequired`] (as [`ConnectError::Crm`]) when a person must authorise again.
pub async fn reopen(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    lease: &Lease,
    connection: &Connection,
    now: Moment,
) -> Result<Arc<dyn Crm>, ConnectError> {
    let (credentials, version) = read(store, sealer, connection.id).await?;
    match credentials {
        Credentials::Oauth { .. } => {
            let token = refresh(store, sealer, endpoints, lease, connection, version, now).await?;
            bind(connection, &token, endpoints, lease)
        }
        Credentials::LongLived { .. } | Credentials::Pending { .. } => Err(CrmError::ReauthRequired.into()),
    }
}

fn bind(connection: &Connection, token: &Secret, endpoints: &Endpoints, lease: &Lease) -> Result<Arc<dyn Crm>, ConnectError> {
    let external = Some(connection.external_id.as_str()).filter(|id| !id.is_empty());
    Ok(registry::build(connection.kind, &connection.base_url, external, token, &connection.settings, endpoints, lease.pacer.clone())?)
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
) -> Result<Secret, ConnectError> {
    // The lease must outlive the call: who lost it must not spend the token.
    if !lease.renew(store, now).await? {
        return Err(CrmError::Transient { detail: "the connection is another worker's now".to_owned(), smaller: false }.into());
    }
    let (credentials, seen) = read(store, sealer, connection.id).await?;
    let Credentials::Oauth { app, pair } = credentials else { return Err(CrmError::ReauthRequired.into()) };
    if seen != version {
        return Ok(pair.access_token);
    }
    let base = registry::base(connection.kind, &connection.base_url, endpoints)?;
    let fresh = amocrm::oauth::refresh(&base, &app, &pair.refresh_token, now).await?;
    let access = fresh.access_token.clone();
    let sealed = Credentials::Oauth { app, pair: fresh.into() }.seal(sealer, connection.id);
    let mut tx = store.begin().await?;
    let kept = on!(tx.conn(), |c| sqlx::query(queries::REFRESHED)
        .bind(connection.id)
        .bind(version)
        .bind(lease.token)
        .bind(&sealed)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    tx.commit().await?;
    if kept == 1 {
        tracing::info!(crm.connection = %connection.id, "the CRM tokens were refreshed");
        return Ok(access);
    }
    // A person authorised anew meanwhile: theirs counts.
    match read(store, sealer, connection.id).await?.0 {
        Credentials::Oauth { pair, .. } => Ok(pair.access_token),
        Credentials::LongLived { token, .. } => Ok(token),
        Credentials::Pending { .. } => Err(CrmError::ReauthRequired.into()),
    }
}
