//! One owner of a connection at a time: it paces the calls, refreshes the tokens, moves the cursor.
//! Everything it writes is fenced by the lease's token, so an owner that was thought dead can
//! change nothing.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{CrmKind, queries, registry};
use crate::{
    clock::Moment,
    id::{AccountId, ConnectionId},
    on,
    pace::spacer::Spacer,
    store::Store,
};

/// How long a lease lives without being renewed: longer than the longest call with its repeat. No
/// longer than what is taken for a wait written by a clock that was ahead.
pub const LEASE: TimeDelta = TimeDelta::seconds(90);

const _: () = assert!(LEASE.num_seconds().unsigned_abs() <= crate::store::clock_jump::STRANGE.as_secs());

/// The right to act for a connection.
#[derive(Debug, Clone)]
pub struct Lease {
    pub account: AccountId,
    pub connection: ConnectionId,
    /// The fencing token.
    pub token: i64,
    /// Spaces the calls made under this lease.
    pub pacer: Arc<Spacer>,
}

/// Takes the lease; `None` when somebody has it, or the connection is not at work, or it is held.
///
/// # Errors
/// The database's.
pub async fn take(store: &Store, connection: ConnectionId, owner: &str, now: Moment) -> sqlx::Result<Option<Lease>> {
    take_by(queries::LEASE_TAKE, store, connection, owner, now).await
}

/// Takes the lease of a paused connection: only its tokens may be refreshed under it.
///
/// # Errors
/// The database's.
pub(super) async fn take_paused(store: &Store, connection: ConnectionId, owner: &str, now: Moment) -> sqlx::Result<Option<Lease>> {
    take_by(queries::LEASE_TAKE_PAUSED, store, connection, owner, now).await
}

async fn take_by(sql: &'static str, store: &Store, connection: ConnectionId, owner: &str, now: Moment) -> sqlx::Result<Option<Lease>> {
    let mut tx = store.begin().await?;
    let row: Option<(AccountId, CrmKind, i64, Option<Moment>)> =
        on!(tx.conn(), |c| sqlx::query_as(sql).bind(connection).bind(owner).bind(now).bind(now + LEASE).fetch_optional(c).await)?;
    tx.commit().await?;
    Ok(row.map(|(account, kind, token, next)| {
        // A time far ahead can only come from a clock that was wrong.
        let next = next.filter(|next| *next < now + TimeDelta::seconds(5));
        Lease { account, connection, token, pacer: registry::pacer(kind, next) }
    }))
}

impl Lease {
    /// Keeps the lease; `false`: it is lost (or the connection was paused), stop.
    ///
    /// # Errors
    /// The database's.
    pub async fn renew(&self, store: &Store, now: Moment) -> sqlx::Result<bool> {
        self.keep(queries::LEASE_RENEW, store, now).await
    }

    /// Keeps the lease while a token is being spent, also of a paused connection; `false`: it is
    /// lost.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn hold(&self, store: &Store, now: Moment) -> sqlx::Result<bool> {
        self.keep(queries::LEASE_HOLD, store, now).await
    }

    async fn keep(&self, sql: &'static str, store: &Store, now: Moment) -> sqlx::Result<bool> {
        let mut tx = store.begin().await?;
        let kept = on!(tx.conn(), |c| sqlx::query(sql)
            .bind(self.connection)
            .bind(self.token)
            .bind(now + LEASE)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        tx.commit().await?;
        Ok(kept == 1)
    }

    /// Gives the lease back.
    ///
    /// # Errors
    /// The database's.
    pub async fn release(self, store: &Store) -> sqlx::Result<()> {
        let mut tx = store.begin().await?;
        on!(tx.conn(), |c| sqlx::query(queries::LEASE_RELEASE)
            .bind(self.connection)
            .bind(self.token)
            .bind(self.pacer.next())
            .execute(c)
            .await
            .map(|_| ()))?;
        tx.commit().await
    }
}
