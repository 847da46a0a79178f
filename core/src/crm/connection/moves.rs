//! What happens to a connection from the CRM's side: its account was renamed or moved, our
//! integration was removed there.

use serde_json::json;

use super::{
    ConnectError, Connection,
    auth::{authorised, home, probe},
    get,
    session::{read, seal},
};
use crate::{
    account::{By, Right},
    clock::Moment,
    config::Endpoints,
    crm::{
        CrmError, CrmKind,
        login::{Credentials, OauthApp},
        mapping::CrmSettings,
        queries, registry,
    },
    id::ConnectionId,
    notice::{self, NewNotice, NoticeKind},
    on,
    secret::Sealer,
    store::{Store, audit},
};

/// A person says where the CRM account lives now; the credentials stay. The CRM is asked whether it
/// is the same account before anything is stored. Ring [`crate::queue::Job::SyncCrm`] after.
///
/// # Errors
/// [`ConnectError::BadAddress`]; [`ConnectError::BadState`] when another account lives there;
/// [`ConnectError::WrongState`] where the address is what opens it; else the CRM's refusal.
pub async fn relocate(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    by: impl Into<By<'_>>,
    id: ConnectionId,
    address: &str,
    now: Moment,
) -> Result<(), ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let row = get(store, by.account(), id).await?.ok_or(ConnectError::Absent)?;
    if registry::login(row.kind).address_opens() {
        return Err(ConnectError::WrongState);
    }
    let base_url = home(row.kind, address)?;
    let credentials = read(store, sealer, id).await?.credentials;
    let (identity, _) = probe(row.kind, &base_url, &credentials, endpoints).await?;
    if identity.external_id != row.external_id {
        return Err(ConnectError::BadState);
    }
    let mut tx = store.begin().await?;
    authorised(&mut tx, sealer, &row, &identity, &base_url, &credentials, now).await?;
    by.audit(&mut tx, "crm.moved", id, json!({ "from": row.base_url, "to": base_url }), now).await?;
    Ok(tx.commit().await?)
}

/// What became of the word that our integration was removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removed {
    /// Connections that were closed; a repeat closes none.
    pub closed: usize,
    /// Connections of which the CRM could not be asked just now: their next sync finds out.
    pub doubtful: Vec<ConnectionId>,
}

/// Our integration was removed in a CRM account, as a proved request says
/// ([`crate::crm::login::LoginPage::removed`]): its tokens are forgotten
/// and people are told. Contacts, consents, the mapping and what waits to be told stay; a new
/// authorisation goes on from the same place. Connections by another integration (a long-lived
/// token is one of its own) are left alone.
///
/// The signature of an account never changes, so whoever saw the request once could repeat it after
/// the integration was allowed again. It is a hint: the CRM is asked whether the tokens still open,
/// and where they do nothing happens.
///
/// # Errors
/// The database's.
pub async fn uninstalled(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    kind: CrmKind,
    told: &OauthApp,
    external_id: &str,
    now: Moment,
) -> sqlx::Result<Removed> {
    let rows: Vec<Connection> =
        on!(store.read(), |c| sqlx::query_as(queries::OF_CRM_ACCOUNT).bind(kind).bind(external_id).fetch_all(c).await)?;
    let mut removed = Removed::default();
    for row in rows {
        let stored = match read(store, sealer, row.id).await {
            Ok(stored) => stored,
            Err(ConnectError::Db(error)) => return Err(error),
            Err(error) => {
                tracing::error!(%error, crm.connection = %row.id, "the credentials of a CRM connection do not open");
                continue;
            }
        };
        match stored.credentials {
            Credentials::Oauth { ref app, ref pair } if app.client_id == told.client_id => {
                match opens(&row, &stored.credentials, pair.expires_at, endpoints, now).await {
                    Some(false) => {}
                    Some(true) => {
                        tracing::info!(crm.connection = %row.id, "a CRM says that our integration was removed, yet its tokens open: left alone");
                        continue;
                    }
                    None => {
                        removed.doubtful.push(row.id);
                        continue;
                    }
                }
                // The integration is kept without its tokens: allowing it again needs nothing else.
                let sealed = seal(&Credentials::Pending { app: app.clone() }, sealer, row.id);
                removed.closed += usize::from(close(store, &row, &sealed, stored.version, now).await?);
            }
            _ => {}
        }
    }
    Ok(removed)
}

/// Whether tokens that end then still open the CRM; `None`: that cannot be said now.
async fn opens(row: &Connection, credentials: &Credentials, ends: Moment, endpoints: &Endpoints, now: Moment) -> Option<bool> {
    let pacer = registry::pacer(row.kind, None);
    let built = registry::build(row.kind, &row.base_url, credentials, &CrmSettings::default(), endpoints, pacer, None);
    match built.ok()?.identify().await {
        Ok(_) => Some(true),
        // An access token past its end is refused whatever became of the integration.
        Err(CrmError::Unauthorised | CrmError::Forbidden(_)) if now < ends => Some(false),
        Err(_) => None,
    }
}

async fn close(store: &Store, row: &Connection, sealed: &[u8], version: i64, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::UNINSTALLED)
        .bind(row.account_id)
        .bind(row.id)
        .bind(sealed)
        .bind(version)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Ok(false);
    }
    audit::record(&mut tx, row.account_id, "system", "crm.uninstalled", &row.id.to_string(), &json!({ "host": row.base_url }), now).await?;
    let notice = NewNotice {
        account: row.account_id,
        member: None,
        kind: NoticeKind::CrmReauth,
        payload: json!({ "connection": row.id, "name": row.name, "crm": row.kind, "reason": "uninstalled" }),
        dedupe_key: format!("crm.reauth:{}:uninstalled:{version}", row.id),
    };
    notice::raise(&mut tx, notice, now).await?;
    tx.commit().await?;
    tracing::warn!(crm.connection = %row.id, "our integration was removed in the CRM");
    Ok(true)
}
