//! Statements of the CRM room. The few whose length depends on the data (a page of contacts) are built in `ingest.rs`.

/// Queues a change for the CRM a contact came from; the connection must still be there.
pub const WRITE_ENQUEUE: &str = "insert into crm_write (account_id, connection_id, contact_id, crm_id, kind, payload, dedupe_key, state, attempt, due_at, created_at) \
     select c.account_id, c.connection_id, c.id, c.crm_id, $3, $4, $5, 'queued', 0, $6, $6 \
     from contact c join crm_connection k on k.id = c.connection_id \
     where c.account_id = $1 and c.id = $2 and c.crm_id is not null and k.state <> 'disconnected' \
     on conflict (dedupe_key) do nothing";
/// Connections with something to tell; an unusable connection keeps its rows until it is mended.
pub const WRITE_DUE: &str = "select distinct w.connection_id from crm_write w join crm_connection k on k.id = w.connection_id \
     where k.state = 'active' and (k.held_until is null or k.held_until <= $1) \
     and ((w.state = 'queued' and w.due_at <= $1) or (w.state = 'sending' and w.lease_until <= $1))";
/// Takes rows to be told; the attempt is counted here, so a row that kills the process is bounded.
pub const WRITE_CLAIM: &str = "update crm_write set state = 'sending', attempt = attempt + 1, lease_until = $3 where id in (\
     select id from crm_write where connection_id = $1 \
     and ((state = 'queued' and due_at <= $2) or (state = 'sending' and lease_until <= $2)) order by id limit $4) \
     returning id, account_id, contact_id, crm_id, kind, payload, attempt, created_at";
/// Told, or refused for good.
pub const WRITE_END: &str =
    "update crm_write set state = $2, error = $3, lease_until = null, done_at = $4 where id = $1 and state = 'sending'";
/// Not told: later again.
pub const WRITE_LATER: &str = "update crm_write set state = 'queued', error = $2, lease_until = null, due_at = $3, attempt = attempt - $4 where id = $1 and state = 'sending'";
/// How many rows of a connection are in each state.
pub const WRITE_COUNTS: &str = "select state, count(*) from crm_write where account_id = $1 and connection_id = $2 group by state";

/// Every static statement.
pub const ALL: &[&str] = &[WRITE_ENQUEUE, WRITE_DUE, WRITE_CLAIM, WRITE_END, WRITE_LATER, WRITE_COUNTS];
