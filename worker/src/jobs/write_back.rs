//! The job `write_back`: tells a CRM what happened. A row is claimed before the call and ended
//! after it; what is repeatable by nature is repeated, a note without an answer is looked for
//! first.

use std::time::Duration;

use mms_core::{
    clock::{self, Moment},
    crm::{
        CrmError,
        connection::{self, session},
        lease::{self, Lease},
        write_back::{self, Write, WriteEnd},
    },
    id::ConnectionId,
    queue::Job,
    retry::RetryPolicy,
};

use super::sync;
use crate::Deps;

/// How long one run works before it gives the connection back.
const SLICE: Duration = Duration::from_secs(20);

/// Runs the job.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(deps: &Deps, connection: ConnectionId) -> anyhow::Result<()> {
    let Some(lease) = lease::take(&deps.store, connection, &deps.worker, clock::now()).await? else { return Ok(()) };
    let more = drain(deps, &lease, SLICE).await;
    lease.release(&deps.store).await?;
    if more? {
        deps.queue.ring(Job::WriteBack { connection }).await;
    }
    Ok(())
}

/// Tells what is due under a lease the caller holds; whether rows are left.
///
/// # Errors
/// What kept it from its end.
pub async fn drain(deps: &Deps, lease: &Lease, budget: Duration) -> anyhow::Result<bool> {
    let until = tokio::time::Instant::now() + budget;
    let Some(row) = connection::by_id(&deps.store, lease.connection).await? else { return Ok(false) };
    let mut crm = match session::open(&deps.store, &deps.sealer, &deps.endpoints, lease, &row, clock::now()).await {
        Ok(crm) => crm,
        Err(error) => return sync::give_up(deps, lease, &row, error).await,
    };
    let mut renewed = false;
    loop {
        if deps.stop.is_cancelled() || !lease.renew(&deps.store, clock::now()).await? {
            return Ok(false);
        }
        let writes = write_back::claim(&deps.store, lease.connection, row.kind, clock::now()).await?;
        if writes.is_empty() {
            return Ok(false);
        }
        let items: Vec<_> = writes.iter().map(Write::item).collect();
        let results = crm.write(&items).await;
        let now = clock::now();
        let ends: Vec<_> =
            writes.iter().zip(&results).map(|(write, result)| (write.id, end(write, result, deps.retry.crm_write, now))).collect();
        write_back::finish(&deps.store, &ends, now).await?;
        match results.iter().find_map(|result| result.as_ref().err().filter(|error| whole(error))) {
            None => {}
            Some(after @ (CrmError::Unauthorised | CrmError::Moved)) if !renewed => {
                renewed = true;
                crm = match session::reopen(&deps.store, &deps.sealer, &deps.endpoints, lease, &row, after, now).await {
                    Ok(crm) => crm,
                    Err(error) => return sync::give_up(deps, lease, &row, error).await,
                };
            }
            Some(error) => return sync::give_up(deps, lease, &row, error.clone().into()).await,
        }
        if tokio::time::Instant::now() >= until {
            return Ok(true);
        }
    }
}

/// Whether an error concerns the connection and not the item.
fn whole(error: &CrmError) -> bool {
    !matches!(error, CrmError::Rejected(_) | CrmError::NotFound | CrmError::Forbidden(_) | CrmError::Unusable(_) | CrmError::Unknown(_))
}

/// What becomes of a row. Pure.
fn end(write: &Write, result: &Result<(), CrmError>, retry: RetryPolicy, now: Moment) -> WriteEnd {
    let error = match result {
        Ok(()) => return WriteEnd::Done,
        Err(error) => error,
    };
    let detail = error.to_string();
    match error {
        CrmError::Rejected(_) | CrmError::NotFound | CrmError::Forbidden(_) | CrmError::Unusable(_) => WriteEnd::Failed(detail),
        // Certainly not taken, and nothing the row could help: the connection's state says when to
        // go on.
        CrmError::RetryAfter(_) | CrmError::Unauthorised | CrmError::Moved | CrmError::ReauthRequired | CrmError::PaymentRequired => {
            WriteEnd::Later { due: now, error: detail, counted: false }
        }
        CrmError::Transient { .. } | CrmError::Unknown(_) => match retry.due(write.attempt, 0.0, now) {
            Some(due) => WriteEnd::Later { due, error: detail, counted: true },
            None => WriteEnd::Failed(detail),
        },
    }
}
