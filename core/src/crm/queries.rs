//! Statements of the CRM room. The few whose length depends on the data (a page of contacts) are
//! built in `inbound/crm.rs`.

/// What a connection's row is read by.
macro_rules! columns {
    () => {
        "id, account_id, kind, name, base_url, external_id, state, state_reason, settings, hook_secret, sync_cursor, sync_phase, \
         sync_done, sync_started_at, last_synced_at, next_sync_at, held_until, credentials_version, created_at"
    };
}

/// What tells the rows of one change apart: each record of the contact (`s`, of the connection `k`)
/// is told once. Ids of connections are no text that both engines write alike.
#[macro_export]
macro_rules! of_record {
    () => {
        "':' || k.kind || ':' || k.external_id || ':' || s.crm_id"
    };
}

/// Queues a change for every record of a contact, or for those of one connection (`$8`), which must
/// still be there, and be of none of the kinds that can be told nothing ($7,
/// [`super::registry::told_nothing`]). A build before kept one row a change, whose key was the
/// change's alone.
pub const WRITE_ENQUEUE: &str = concat!(
    "insert into crm_write (account_id, connection_id, contact_id, crm_id, kind, payload, dedupe_key, state, attempt, due_at, created_at) \
     select s.account_id, s.connection_id, s.contact_id, s.crm_id, $3, $4, $5 || ",
    of_record!(),
    ", 'queued', 0, $6, $6 from contact_source s join crm_connection k on k.id = s.connection_id \
     where s.account_id = $1 and s.contact_id = $2 and s.connection_id = coalesce($8, s.connection_id) and k.state <> 'disconnected' \
     and $7 not like '%,' || k.kind || ',%' \
     and not exists (select 1 from crm_write w where w.dedupe_key = $5 and w.connection_id = s.connection_id) \
     on conflict (dedupe_key) do nothing"
);
/// Takes rows to be told; the attempt is counted here, so a row that kills the process is bounded.
pub const WRITE_CLAIM: &str = "update crm_write set state = 'sending', attempt = attempt + 1, lease_until = $3 where id in (\
     select id from crm_write where connection_id = $1 \
     and state in ('queued', 'sending') and ((state = 'queued' and due_at <= $2) or (state = 'sending' and lease_until <= $2)) order by id limit $4) \
     returning id, account_id, contact_id, crm_id, kind, payload, attempt, created_at";
/// Notes of the same text told to the same record of late: they are not the trace of a note without
/// an answer.
pub const WRITE_LIKE: &str = "select count(*) from crm_write where contact_id = $1 and connection_id = $2 and state = 'done' and payload = $3 and done_at >= $4 and crm_id = $5";
/// Told, or refused for good.
pub const WRITE_END: &str =
    "update crm_write set state = $2, error = $3, lease_until = null, done_at = $4 where id = $1 and state = 'sending'";
/// Not told: later again.
pub const WRITE_LATER: &str = "update crm_write set state = 'queued', error = $2, lease_until = null, due_at = $3, attempt = attempt - $4 where id = $1 and state = 'sending'";
/// How many rows of a connection are in each state.
pub const WRITE_COUNTS: &str = "select state, count(*) from crm_write where account_id = $1 and connection_id = $2 group by state";
/// What a connection's CRM was last told, or is to be, the newest first.
pub const WRITTEN: &str = "select w.kind, w.payload, w.state, w.error, w.created_at, w.done_at, coalesce(m.id, c.id) as contact_id, \
    coalesce(m.name, c.name) as name from crm_write w join contact c on c.id = w.contact_id left join contact m on m.id = c.merged_into where w.account_id = $1 and w.connection_id = $2 order by w.id desc limit $3";
/// How a contact's CRMs are to be told that they wrote.
pub const ASKS_FOR_TASKS: &str = "select k.id, k.kind, k.settings from contact_source s join crm_connection k on k.id = s.connection_id \
    where s.account_id = $1 and s.contact_id = $2 and k.state <> 'disconnected'";

/// Keeps a message that the CRM wrote through us.
pub const MESSAGE_KEEP: &str = "insert into crm_message (account_id, connection_id, external_id, contact_id, outgoing_id, origin, reason, payload, due_at, created_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (connection_id, external_id) do nothing";
/// Whether one was kept before.
pub const MESSAGE_KNOWN: &str =
    "select cast(1 as bigint) from crm_message where account_id = $1 and connection_id = $2 and external_id = $3";
/// What carries one has moved: the CRM is to be told.
pub const MESSAGE_MOVED: &str =
    "update crm_message set due_at = $3, turn = turn + 1, attempt = 0, error = null where account_id = $1 and outgoing_id = $2";
/// Those of a connection of which the CRM is to be told something.
pub const MESSAGE_UNTOLD: &str = "select m.account_id, m.connection_id, m.external_id, m.told, m.turn, m.attempt, \
     o.state, o.sent_at, o.delivered_at, o.read_at from crm_message m left join outgoing o on o.id = m.outgoing_id \
     where m.account_id = $1 and m.connection_id = $2 and m.due_at <= $3 order by m.due_at limit $4";
/// What came of telling; what moved meanwhile keeps its time.
pub const MESSAGE_TOLD: &str = "update crm_message set told = $5, due_at = case when turn = $4 then $6 else due_at end, \
     error = $7, attempt = case when turn = $4 then $8 else attempt end where account_id = $1 and connection_id = $2 and external_id = $3";
/// A connection's messages, the newest first.
pub const MESSAGES: &str = "select m.origin, coalesce(m.reason, o.reason) as reason, m.payload, o.state, o.sent_at, o.delivered_at, o.read_at, \
     m.told, m.due_at, m.error, m.created_at, coalesce(c.name, '') as name from crm_message m left join outgoing o on o.id = m.outgoing_id \
     left join contact c on c.id = m.contact_id where m.account_id = $1 and m.connection_id = $2 order by m.created_at desc limit $3";
/// What messages of a connection's CRM are proved by.
pub const MESSAGE_PROOF: &str =
    "select account_id, external_id, message_proof from crm_connection where id = $1 and state <> 'disconnected'";
/// Keeps it, the first time.
pub const KEEP_MESSAGE_PROOF: &str =
    "update crm_connection set message_proof = $3 where account_id = $1 and id = $2 and (message_proof is null or message_proof = $3)";
/// Whether a channel is there for the messages of a CRM to go through.
pub const SENDER_CHANNEL: &str = "select cast(1 as bigint) from channel where account_id = $1 and id = $2 and state <> 'removed'";

/// An account's connections.
pub const LIST: &str =
    concat!("select ", columns!(), " from crm_connection where account_id = $1 and state <> 'disconnected' order by created_at, id");
/// One connection of an account.
pub const GET: &str = concat!("select ", columns!(), " from crm_connection where account_id = $1 and id = $2");
/// One connection, for the worker and the ingress, which know it by its id alone.
pub const BY_ID: &str = concat!("select ", columns!(), " from crm_connection where id = $1");
/// Adds a connection.
pub const INSERT: &str = "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, state_reason, credentials, settings, \
     hook_secret, sync_cursor, sync_phase, next_sync_at, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'idle', $13, $14)";
/// Whether an account is connected to that CRM account already, by another row: under its id, or at
/// its address, where there is one account at an address (else none is given).
pub const TWIN: &str = "select id from crm_connection where account_id = $1 and kind = $2 and external_id <> '' \
     and (external_id = $3 or base_url = $5) and state <> 'disconnected' and id <> $4 limit 1";
/// The sealed credentials and their version.
pub const CREDENTIALS: &str = "select credentials, credentials_version, base_url from crm_connection where id = $1";
/// Commits refreshed credentials; who read an older version, or lost the lease, lost the race.
pub const REFRESHED: &str = "update crm_connection set credentials = $4, credentials_version = credentials_version + 1, base_url = $5 \
     where id = $1 and credentials_version = $2 and lease_token = $3";
/// A person authorised again: new credentials, at work again.
pub const AUTHORISED: &str = "update crm_connection set credentials = $3, credentials_version = credentials_version + 1, name = $4, base_url = $5, \
     external_id = $6, settings = $7, state = 'active', state_reason = null, held_until = null, next_sync_at = $8, message_proof = null \
     where account_id = $1 and id = $2 and state <> 'disconnected'";
/// An authorisation by another integration is under way.
pub const PENDING: &str = "update crm_connection set credentials = $3, credentials_version = credentials_version + 1, state_reason = 'authorise' \
     where account_id = $1 and id = $2 and state = 'reauth_required'";
/// Connections to one account of a CRM, whoever they belong to: for its word that our integration
/// was removed there.
pub const OF_CRM_ACCOUNT: &str = concat!(
    "select ",
    columns!(),
    " from crm_connection where kind = $1 and external_id = $2 and state <> 'disconnected' order by created_at, id"
);
/// The integration was removed in the CRM: its tokens are forgotten, whoever holds the lease loses
/// it, all else stays.
pub const UNINSTALLED: &str = "update crm_connection set state = 'reauth_required', state_reason = 'uninstalled', credentials = $3, \
     credentials_version = credentials_version + 1, next_sync_at = null, held_until = null, lease_token = lease_token + 1, lease_until = null \
     where account_id = $1 and id = $2 and credentials_version = $4 and state <> 'disconnected'";
/// Moves the state as a person wants it.
pub const SET_STATE: &str = "update crm_connection set state = $4, state_reason = null, next_sync_at = $5 \
     where account_id = $1 and id = $2 and state = $3";
/// Every connection of a kind that is at work is paused.
pub const PAUSE_KIND: &str = "update crm_connection set state = 'paused', state_reason = null, next_sync_at = null \
     where account_id = $1 and kind = $2 and state = 'active'";
/// Ends a connection: its credentials are forgotten.
pub const DISCONNECT: &str = "update crm_connection set state = 'disconnected', state_reason = null, credentials = $3, \
     credentials_version = credentials_version + 1, next_sync_at = null, lease_token = lease_token + 1, lease_until = null, sync_phase = 'idle' \
     where account_id = $1 and id = $2 and state <> 'disconnected'";
/// Nothing more is told to an ended connection.
pub const DROP_WRITES: &str = "update crm_write set state = 'failed', error = 'disconnected', lease_until = null, done_at = $3 where account_id = $1 and connection_id = $2 and state in ('queued', 'sending')";
/// Writes the settings.
pub const SET_SETTINGS: &str =
    "update crm_connection set settings = $3, next_sync_at = $4 where account_id = $1 and id = $2 and state <> 'disconnected'";
/// Asks for a sync at once.
pub const SYNC_SOON: &str = "update crm_connection set next_sync_at = $2 where id = $1 and state = 'active'";

/// Takes the lease of a usable connection.
pub const LEASE_TAKE: &str = "update crm_connection set lease_owner = $2, lease_token = lease_token + 1, lease_until = $4 \
     where id = $1 and state = 'active' and (lease_until is null or lease_until <= $3) and (held_until is null or held_until <= $3) \
     returning account_id, kind, lease_token, next_allowed_at";
/// Takes the lease of a paused connection, to keep its tokens alive and for nothing else.
pub const LEASE_TAKE_PAUSED: &str = "update crm_connection set lease_owner = $2, lease_token = lease_token + 1, lease_until = $4 \
     where id = $1 and state = 'paused' and (lease_until is null or lease_until <= $3) returning account_id, kind, lease_token, next_allowed_at";
/// Gives the lease back, with the pacer's memory.
pub const LEASE_RELEASE: &str =
    "update crm_connection set lease_owner = null, lease_until = null, next_allowed_at = $3 where id = $1 and lease_token = $2";
/// Still the owner, for a while more.
pub const LEASE_RENEW: &str = "update crm_connection set lease_until = $3 where id = $1 and lease_token = $2 and state = 'active'";
/// The same while a token is being spent, which must come to its end although a person pauses the
/// connection meanwhile.
pub const LEASE_HOLD: &str =
    "update crm_connection set lease_until = $3 where id = $1 and lease_token = $2 and state in ('active', 'paused')";
/// Saves how far a sync is, in the transaction of the page.
pub const CHECKPOINT: &str = "update crm_connection set sync_cursor = $3, sync_phase = $4, sync_done = $5, sync_started_at = $6, lease_until = $7, \
     state_reason = null where id = $1 and lease_token = $2 and state = 'active'";
/// A sync came to its end; a hint that came meanwhile keeps its place.
pub const FINISHED: &str = "update crm_connection set sync_cursor = $3, sync_phase = 'idle', sync_done = $4, last_synced_at = $5, lease_until = $6, \
     next_sync_at = case when next_sync_at > sync_started_at then next_sync_at else $7 end, state_reason = null \
     where id = $1 and lease_token = $2 and state = 'active'";
/// A call failed: the state, why, and when to go on.
pub const FAILED: &str = "update crm_connection set state = $3, state_reason = $4, held_until = $5, next_sync_at = $6, sync_cursor = $7 \
     where id = $1 and lease_token = $2 and state = 'active'";

/// Contacts of a connection that a full load did not see, by their id there.
pub const UNSEEN: &str = "select s.crm_id from contact_source s join contact c on c.id = s.contact_id where s.connection_id = $1 and s.crm_id > $2 \
     and (s.seen_at is null or s.seen_at < $3) and c.deleted_at is null order by s.crm_id limit 250";
/// Contacts of a connection, by their id there.
pub const OF_CONNECTION: &str = "select s.crm_id from contact_source s join contact c on c.id = s.contact_id \
     where s.account_id = $1 and s.connection_id = $2 and s.crm_id > $3 and c.deleted_at is null order by s.crm_id limit 1000";
/// Whose record this is.
pub const CONTACT_BY_CRM: &str = "select c.id, c.source, (select count(*) from contact_source o where o.contact_id = c.id and o.account_id = c.account_id) as records \
     from contact_source s join contact c on c.id = s.contact_id \
     where s.account_id = $1 and s.connection_id = $2 and s.crm_id = $3 and c.deleted_at is null";
/// What waits to be told of a record goes to the one that it became.
pub const WRITE_TO_SURVIVOR: &str = "update crm_write set crm_id = $4 \
     where account_id = $1 and connection_id = $2 and crm_id = $3 and state in ('queued', 'sending')";
/// Takes away a tag that came from the CRM and is no more there.
pub const DROP_CRM_TAG: &str = "delete from contact_tag where account_id = $1 and contact_id = $2 and tag = $3 and from_crm";
/// Adds a tag that came from the CRM.
pub const ADD_CRM_TAG: &str = "insert into contact_tag (contact_id, tag, account_id, from_crm) values ($1, $2, $3, true) on conflict (account_id, contact_id, tag) do nothing";
/// Marks a phone as the CRM's.
pub const MARK_CRM_PHONE: &str =
    "update address set from_crm = true where account_id = $1 and contact_id = $2 and kind = 'phone' and value = $3";
/// How many contacts a connection holds, those of them without a phone, and what waits to be told.
pub const COUNTS: &str = "select \
     (select count(*) from contact_source s join contact c on c.id = s.contact_id \
        where s.account_id = $1 and s.connection_id = $2 and c.deleted_at is null) as contacts, \
     (select count(*) from contact_source s join contact c on c.id = s.contact_id where s.account_id = $1 and s.connection_id = $2 and c.deleted_at is null \
        and not exists (select 1 from address a where a.contact_id = c.id and a.kind = 'phone')) as without_phone, \
     (select count(*) from crm_write w where w.account_id = $1 and w.connection_id = $2 and w.state in ('queued', 'sending')) as waiting";
/// Connections people may still have to do with.
pub const AT_WORK: &str = concat!("select ", columns!(), " from crm_connection where state in ('active', 'paused')");
/// Every static statement.
pub const ALL: &[&str] = &[
    WRITE_ENQUEUE,
    WRITE_CLAIM,
    WRITE_LIKE,
    WRITE_END,
    WRITE_LATER,
    WRITE_COUNTS,
    WRITTEN,
    ASKS_FOR_TASKS,
    MESSAGE_KEEP,
    MESSAGE_KNOWN,
    MESSAGE_MOVED,
    MESSAGE_UNTOLD,
    MESSAGE_TOLD,
    MESSAGES,
    MESSAGE_PROOF,
    KEEP_MESSAGE_PROOF,
    SENDER_CHANNEL,
    LIST,
    GET,
    BY_ID,
    INSERT,
    TWIN,
    CREDENTIALS,
    REFRESHED,
    AUTHORISED,
    PENDING,
    OF_CRM_ACCOUNT,
    UNINSTALLED,
    SET_STATE,
    PAUSE_KIND,
    DISCONNECT,
    DROP_WRITES,
    SET_SETTINGS,
    SYNC_SOON,
    LEASE_TAKE,
    LEASE_TAKE_PAUSED,
    LEASE_RELEASE,
    LEASE_RENEW,
    LEASE_HOLD,
    CHECKPOINT,
    FINISHED,
    FAILED,
    UNSEEN,
    OF_CONNECTION,
    CONTACT_BY_CRM,
    WRITE_TO_SURVIVOR,
    DROP_CRM_TAG,
    ADD_CRM_TAG,
    MARK_CRM_PHONE,
    COUNTS,
    AT_WORK,
];
