//! The job `write_back`: tells a CRM what happened, and what became of its own messages. A row is
//! claimed before the call and ended after it; what is repeatable by nature is repeated, a note
//! without an answer is looked for first.

use std::time::Duration;

use mms_core::{
    clock::{self, Moment},
    crm::{
        Crm, CrmError,
        connection::{self, Connection, session},
        lease::{self, Lease},
        message::{self, End},
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
        let Some(failed) = told(deps, lease, &row, &*crm).await? else { return Ok(false) };
        match failed {
            Ok(()) => {}
            Err(after @ (CrmError::Unauthorised | CrmError::Moved)) if !renewed => {
                renewed = true;
                crm = match session::reopen(&deps.store, &deps.sealer, &deps.endpoints, lease, &row, &after, clock::now()).await {
                    Ok(crm) => crm,
                    Err(error) => return sync::give_up(deps, lease, &row, error).await,
                };
            }
            Err(error) => return sync::give_up(deps, lease, &row, error.into()).await,
        }
        if tokio::time::Instant::now() >= until {
            return Ok(true);
        }
    }
}

/// Whether an error concerns the connection and not the item.
fn whole(error: &CrmError) -> bool {
    !matches!(
        error,
        CrmError::Rejected(_)
            | CrmError::NotFound
            | CrmError::NoPlace
            | CrmError::Forbidden(_)
            | CrmError::Unusable(_)
            | CrmError::Unknown(_)
    )
}

/// Tells a portion: notes and marks first, then what became of the CRM's own messages. `None`:
/// nothing is due. The inner error concerns the whole connection.
async fn told(deps: &Deps, lease: &Lease, row: &Connection, crm: &dyn Crm) -> anyhow::Result<Option<Result<(), CrmError>>> {
    let writes = write_back::claim(&deps.store, lease.connection, row.kind, clock::now()).await?;
    if writes.is_empty() {
        return told_of_messages(deps, lease, crm).await;
    }
    let items: Vec<_> = writes.iter().map(Write::item).collect();
    let results = crm.write(&items).await;
    let now = clock::now();
    let retry = deps.retry.crm_write;
    let ends: Vec<_> = writes.iter().zip(&results).map(|(write, result)| (write.id, end(write, result, retry, now))).collect();
    write_back::finish(&deps.store, &ends, now).await?;
    let failed = results.into_iter().find_map(|result| result.err().filter(whole));
    Ok(Some(failed.map_or(Ok(()), Err)))
}

/// A call for each, until one fails for the whole connection.
async fn told_of_messages(deps: &Deps, lease: &Lease, crm: &dyn Crm) -> anyhow::Result<Option<Result<(), CrmError>>> {
    let rows = message::untold(&deps.store, lease.account, lease.connection, clock::now()).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let code = message::code(lease.connection);
    for row in rows {
        let Some(news) = row.news() else {
            message::told(&deps.store, &row, &End::Told(None)).await?;
            continue;
        };
        let result = crm.tell_message(&code, &row.external_id, news).await;
        let end = match fate(row.attempt + 1, &result, deps.retry.crm_write, clock::now()) {
            WriteEnd::Done | WriteEnd::Otherwise(_) => End::Told(Some(news)),
            WriteEnd::Failed(why) => End::Failed(why),
            WriteEnd::Later { due, error, counted } => End::Later { due, error, counted },
        };
        message::told(&deps.store, &row, &end).await?;
        if let Err(error) = result
            && whole(&error)
        {
            return Ok(Some(Err(error)));
        }
    }
    Ok(Some(Ok(())))
}

/// What becomes of a row.
fn end(write: &Write, result: &Result<(), CrmError>, retry: RetryPolicy, now: Moment) -> WriteEnd {
    fate(write.attempt, result, retry, now)
}

/// What becomes of what was tried so often. Pure.
fn fate(attempt: i32, result: &Result<(), CrmError>, retry: RetryPolicy, now: Moment) -> WriteEnd {
    let error = match result {
        Ok(()) => return WriteEnd::Done,
        Err(error) => error,
    };
    let detail = error.to_string();
    match error {
        CrmError::Rejected(_) | CrmError::NotFound | CrmError::Forbidden(_) | CrmError::Unusable(_) => WriteEnd::Failed(detail),
        CrmError::NoPlace => WriteEnd::Otherwise(detail),
        // Certainly not taken, and nothing the row could help: the connection's state says when to
        // go on.
        CrmError::RetryAfter(_) | CrmError::Unauthorised | CrmError::Moved | CrmError::ReauthRequired | CrmError::PaymentRequired => {
            WriteEnd::Later { due: now, error: detail, counted: false }
        }
        CrmError::Transient { .. } | CrmError::Unknown(_) => match retry.due(attempt, 0.0, now) {
            Some(due) => WriteEnd::Later { due, error: detail, counted: true },
            None => WriteEnd::Failed(detail),
        },
    }
}
