//! Connections to CRMs: adding, mapping, pausing, ending, and what screens show of them.
//!
//! Two writers, two parts of the row: people write `settings` and the wanted state; the owner of
//! the lease writes `sync_cursor` and the sync columns. Credentials are sealed and are read by
//! [`session`] alone.

mod auth;
mod hooks;
mod map;
mod moves;
mod progress;
mod rows;
pub mod session;

pub use super::login::OauthApp;
pub use auth::{Entry, authorise, begin_authorisation, connect, replace_token};
pub use hooks::{
    HookState, Hooks, Leaving, by_hand, can_send, check_hooks, check_sender, expect_hooks, expect_hooks_of_all, hook_address, leaving,
    set_sender, token_ends, warn_disabled, warn_token_ends,
};
pub use map::{map_consent, map_field, map_opt_out, set_tasks, unmap_consent, unmap_field};
pub use moves::{Removed, relocate, uninstalled};
pub use progress::{OccasionProgress, Progress, ROOM, Reconciled, Stats, Turn, checkpoint, failed, finished, tell_left_out};
pub use rows::{BEGIN, EVERY, accept, every, set_every, set_part};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::types::Json;

use super::{CrmError, CrmField, CrmKind, mapping::CrmSettings, queries};
use crate::{
    account::{AccountError, By, Right},
    clock::Moment,
    contact::field::FieldError,
    id::{AccountId, ConnectionId},
    on,
    secret::SealBroken,
    store::{Store, Tx},
};

/// The state of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ConnectionState {
    /// At work.
    Active,
    /// A person paused it.
    Paused,
    /// A person must authorise (again).
    ReauthRequired,
    /// Ended; the row stays for the history.
    Disconnected,
}

/// What a sync is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum SyncPhase {
    /// Nothing.
    Idle,
    /// Reading everything.
    Full,
    /// Reading what changed.
    Incremental,
}

/// A connection without its credentials.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Connection {
    pub id: ConnectionId,
    pub account_id: AccountId,
    pub kind: CrmKind,
    /// The company's name in the CRM.
    pub name: String,
    /// Where it lives, e.g. `https://example.amocrm.ru`; empty until authorised.
    pub base_url: String,
    /// The account's id there; empty until authorised.
    pub external_id: String,
    pub state: ConnectionState,
    /// Why it is not (quite) at work, a word for the bot: `authorise`, `token_refused`, `moved`,
    /// `uninstalled`, `limited`, `unreachable`, `not_paid`, `forbidden`, `refused`, `unusable`; of
    /// a paused one [`BEGIN`].
    pub state_reason: Option<String>,
    /// What people set.
    pub settings: Json<CrmSettings>,
    /// What the secret of its webhooks is made of, with the sealing key
    /// ([`crate::secret::Sealer::hook_secret`]); no secret itself.
    #[sqlx(rename = "hook_secret")]
    pub hook_seed: String,
    /// How far its sync is.
    pub sync_cursor: Json<Progress>,
    /// What its sync is doing.
    pub sync_phase: SyncPhase,
    /// Contacts read so far by the sync under way, or by the last one.
    pub sync_done: i64,
    /// When the sync under way (or the last) began.
    pub sync_started_at: Option<Moment>,
    /// When a sync last came to its end.
    pub last_synced_at: Option<Moment>,
    /// When the next is due.
    pub next_sync_at: Option<Moment>,
    /// No call before then.
    pub held_until: Option<Moment>,
    /// Grows with every change of the credentials.
    pub credentials_version: i64,
    /// Connected since.
    pub created_at: Moment,
}

/// Why a connection was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is not one of that CRM's accounts.
    #[error("this is not the address of an account of that CRM")]
    BadAddress,
    /// The values are not what that CRM's credentials are made of.
    #[error("these are no credentials of that CRM")]
    BadValues,
    /// The account is connected to that CRM account already.
    #[error("this CRM account is connected already")]
    Twin,
    /// No such connection, or it is ended.
    #[error("no such connection")]
    Absent,
    /// The connection is not in a state for that.
    #[error("the connection is not in a state for that")]
    WrongState,
    /// The redirect does not belong to an authorisation under way.
    #[error("this authorisation was not asked for, or was used already")]
    BadState,
    /// What is meant now is not what was shown.
    #[error("it is not what was shown any more")]
    Changed,
    /// The CRM has no such field, or it cannot be used so.
    #[error("the CRM has no field for that")]
    BadField,
    /// The CRM refused.
    #[error(transparent)]
    Crm(#[from] CrmError),
    /// The role does not allow it.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The contact field could not be made.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The stored credentials do not open.
    #[error(transparent)]
    Seal(#[from] SealBroken),
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// An account's connections, the oldest first; the ended ones are left out.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Connection>> {
    on!(store.read(), |c| sqlx::query_as(queries::LIST).bind(account).fetch_all(c).await)
}

/// One connection of an account.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, id: ConnectionId) -> sqlx::Result<Option<Connection>> {
    on!(store.read(), |c| sqlx::query_as(queries::GET).bind(account).bind(id).fetch_optional(c).await)
}

/// One connection by its id alone: for the worker and the ingress, which act for nobody.
///
/// # Errors
/// The database's.
pub async fn by_id(store: &Store, id: ConnectionId) -> sqlx::Result<Option<Connection>> {
    on!(store.read(), |c| sqlx::query_as(queries::BY_ID).bind(id).fetch_optional(c).await)
}

async fn present(tx: &mut Tx, account: AccountId, id: ConnectionId) -> Result<Connection, ConnectError> {
    let row: Option<Connection> = on!(tx.conn(), |c| sqlx::query_as(queries::GET).bind(account).bind(id).fetch_optional(c).await)?;
    row.filter(|row| row.state != ConnectionState::Disconnected).ok_or(ConnectError::Absent)
}

/// Changes what people set of a connection, whoever does: an owner, the installation itself. When
/// the next sync is due is said with it. The one place where settings are written.
async fn save(tx: &mut Tx, row: &Connection, settings: &CrmSettings, next: Option<Moment>) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SET_SETTINGS)
        .bind(row.account_id)
        .bind(row.id)
        .bind(Json(settings))
        .bind(next)
        .execute(c)
        .await
        .map(|_| ()))
}

/// An owner changes a setting, which is on the trail under this action: `change` gives when the
/// next sync is due, and what the trail says.
async fn set(
    store: &Store,
    by: By<'_>,
    id: ConnectionId,
    action: &str,
    now: Moment,
    change: impl FnOnce(&mut CrmSettings, &Connection) -> Result<(Option<Moment>, Value), ConnectError>,
) -> Result<(), ConnectError> {
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let row = present(&mut tx, by.account(), id).await?;
    let mut settings = row.settings.0.clone();
    let (next, details) = change(&mut settings, &row)?;
    save(&mut tx, &row, &settings, next).await?;
    by.audit(&mut tx, action, id, details, now).await?;
    Ok(tx.commit().await?)
}

impl Connection {
    /// When the next sync is due if something is to be done by it at once.
    fn soon(&self, now: Moment) -> Option<Moment> {
        if self.state == ConnectionState::Active { Some(now) } else { self.next_sync_at }
    }
}

/// A person pauses a connection: no call is made until it is resumed; what must be told waits.
///
/// # Errors
/// [`ConnectError::WrongState`] when it is not at work.
pub async fn pause(store: &Store, by: impl Into<By<'_>>, id: ConnectionId, now: Moment) -> Result<(), ConnectError> {
    turn(store, by.into(), id, (ConnectionState::Active, ConnectionState::Paused), "crm.pause", now).await
}

/// A person resumes a paused connection; it syncs at once.
///
/// # Errors
/// [`ConnectError::WrongState`] when it is not paused.
pub async fn resume(store: &Store, by: impl Into<By<'_>>, id: ConnectionId, now: Moment) -> Result<(), ConnectError> {
    turn(store, by.into(), id, (ConnectionState::Paused, ConnectionState::Active), "crm.resume", now).await
}

async fn turn(
    store: &Store,
    by: By<'_>,
    id: ConnectionId,
    (from, to): (ConnectionState, ConnectionState),
    action: &str,
    now: Moment,
) -> Result<(), ConnectError> {
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let row = present(&mut tx, by.account(), id).await?;
    if to == ConnectionState::Active {
        auth::allowed(&mut tx, by.account(), row.kind).await?;
    }
    let next = (to == ConnectionState::Active).then_some(now);
    let touched = on!(tx.conn(), |c| sqlx::query(queries::SET_STATE)
        .bind(by.account())
        .bind(id)
        .bind(from)
        .bind(to)
        .bind(next)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Err(ConnectError::WrongState);
    }
    by.audit(&mut tx, action, id, json!({}), now).await?;
    Ok(tx.commit().await?)
}

/// Every connection of a kind is paused, in the change that switches the kind off for the company:
/// nothing of it is read or told until somebody resumes it. Returns how many were at work.
///
/// # Errors
/// The database's.
pub async fn pause_kind(tx: &mut Tx, account: AccountId, kind: CrmKind) -> sqlx::Result<u64> {
    on!(tx.conn(), |c| sqlx::query(queries::PAUSE_KIND).bind(account).bind(kind).execute(c).await.map(|done| done.rows_affected()))
}

/// A person ends a connection: its credentials are forgotten, nothing more is read or told.
/// Contacts stay.
///
/// # Errors
/// [`ConnectError::Absent`].
pub async fn disconnect(store: &Store, by: impl Into<By<'_>>, id: ConnectionId, now: Moment) -> Result<(), ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    present(&mut tx, by.account(), id).await?;
    on!(tx.conn(), |c| sqlx::query(queries::DISCONNECT).bind(by.account()).bind(id).bind(Vec::<u8>::new()).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::DROP_WRITES).bind(by.account()).bind(id).bind(now).execute(c).await.map(|_| ()))?;
    by.audit(&mut tx, "crm.disconnect", id, json!({}), now).await?;
    Ok(tx.commit().await?)
}

/// A person asks for a sync at once; ring [`crate::queue::Job::SyncCrm`] after.
///
/// # Errors
/// [`ConnectError::WrongState`] when the connection is not at work.
pub async fn sync_now(store: &Store, by: impl Into<By<'_>>, id: ConnectionId, now: Moment) -> Result<(), ConnectError> {
    let by = by.into();
    by.need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let row = present(&mut tx, by.account(), id).await?;
    if row.state != ConnectionState::Active {
        return Err(ConnectError::WrongState);
    }
    hint(&mut tx, id, now).await?;
    by.audit(&mut tx, "crm.sync", id, json!({}), now).await?;
    Ok(tx.commit().await?)
}

/// A webhook says that something changed: the next sync is due now. Ring
/// [`crate::queue::Job::SyncCrm`] after the commit.
///
/// # Errors
/// The database's.
pub async fn hint(tx: &mut Tx, id: ConnectionId, now: Moment) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SYNC_SOON).bind(id).bind(now).execute(c).await.map(|_| ()))
}

/// How many contacts a connection holds, and what waits to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Counts {
    /// Contacts that came from it.
    pub contacts: i64,
    /// Those of them without a phone: they are not recognised in messengers.
    pub without_phone: i64,
    /// Notes and marks that wait to be told to the CRM.
    pub waiting: i64,
}

/// How many contacts a connection holds, and what waits to be told.
///
/// # Errors
/// The database's.
pub async fn counts(store: &Store, account: AccountId, id: ConnectionId) -> sqlx::Result<Counts> {
    on!(store.read(), |c| sqlx::query_as(queries::COUNTS).bind(account).bind(id).fetch_one(c).await)
}

/// The CRM's contact fields, as last read.
#[must_use]
pub fn crm_fields(connection: &Connection) -> &[CrmField] {
    &connection.sync_cursor.fields
}
