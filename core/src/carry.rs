//! What people said since a backup is carried into the database restored from it: a backup does not
//! know it, and «stop» outlives a restore.
//!
//! Both databases are SQLite files; the former one is only read. What it knows is all that was said
//! since the backup only if it went on from there (`knows_all_since`): a database that was made
//! anew beside the backup, or restored from an older one, knows less.

pub mod members;

use sqlx::types::Json;

use crate::{
    account,
    clock::Moment,
    consent::{self, Action, Grade, NewConsent, Purpose},
    contact::{self, DeletedBy},
    erasure,
    id::{ANY_CHANNEL, AccountId, ChannelId, ContactId, LicenceId, SuppressionId, WordingId},
    on,
    store::{Store, Tx, audit, trail::Mark},
};

/// Live suppressions of the former database.
pub const SUPPRESSIONS: &str =
    "select id, account_id, kind, value, scope_id, reason, contact_id, evidence, created_at from suppression where lifted_at is null";
/// Keeps one of them.
const SUPPRESS: &str = "insert into suppression (id, account_id, kind, value, scope_id, reason, contact_id, evidence, created_at) \
    select $1, $2, $3, $4, $5, $6, $7, $8, $9 where exists (select 1 from account where id = $2) on conflict do nothing";
/// People of the former database who are out.
pub const OUT: &str = "select id, account_id, opted_out_at from contact where opted_out_at is not null";
/// Marks one of them, unless the backup knew.
const MARK: &str = "update contact set opted_out_at = $3 where account_id = $1 and id = $2 and opted_out_at is null";
/// People of the former database who were deleted, and whether no record of a CRM is theirs any
/// more.
pub const DELETED: &str = "select id, account_id, not exists (select 1 from contact_source s where s.contact_id = contact.id) \
    from contact where deleted_at is not null";
/// The same of one of an earlier version, where a contact was of one CRM.
const DELETED_BEFORE: &str = "select id, account_id, crm_id is null from contact where deleted_at is not null";
/// Whether a contact of the former database may be of several CRMs. Only SQLite's is asked.
const HAS_SOURCES: &str = "select exists (select 1 from sqlite_schema where type = 'table' and name = 'contact_source')";
/// Whether somebody is there and not deleted.
const PRESENT: &str = "select exists (select 1 from contact where account_id = $1 and id = $2 and deleted_at is null)";
/// What was withdrawn.
pub const WITHDRAWN: &str = "select account_id, contact_id, purpose, grade, wording_id, channel_id, evidence, actor, at from consent \
    where action = 'withdrawn' order by id";
/// Whether this withdrawal is in the ledger.
const KNOWN: &str =
    "select exists (select 1 from consent where account_id = $1 and contact_id = $2 and purpose = $3 and action = 'withdrawn' and at = $4)";
/// Events that nobody understood yet: a stop may be among them.
pub const EVENTS: &str =
    "select account_id, source_kind, source_id, external_id, payload, state, error, received_at from inbound where state <> 'handled'";
/// Keeps one, to be understood now.
const EVENT: &str = "insert into inbound (account_id, source_kind, source_id, external_id, payload, state, due_at, error, received_at) \
    select $1, $2, $3, $4, $5, $6, $7, $8, $9 where exists (select 1 from channel h where h.account_id = $1 and h.id = $3) \
    or exists (select 1 from crm_connection k where k.account_id = $1 and k.id = $3) on conflict (source_id, external_id) do nothing";
/// Channels of the former database.
pub const CHANNELS: &str = "select id, account_id, kind, name, external_id, username, created_at from channel";
/// Whether one is new to its account here; of an account the backup does not know none is.
const NEW: &str = "select exists (select 1 from account a where a.id = $2 \
    and not exists (select 1 from channel h where h.account_id = a.id and h.id = $1))";
/// Keeps one that the backup does not know, as a removed one: it sends nothing, and what came in
/// through it is understood. A row by itself: where more might come, SQLite looks for every row
/// that could name it.
const CHANNEL: &str = "insert into channel (id, account_id, kind, name, external_id, username, credentials, settings, state, hook_secret, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'removed', '', $9)";
/// Doubts that nobody answered yet: advertising is held by them.
pub const DOUBTS: &str = "select account_id, contact_id, channel_id, message_ref, opened_at from doubt where closed_at is null";
/// Keeps one of them.
const DOUBT: &str = "insert into doubt (account_id, contact_id, channel_id, message_ref, opened_at) \
    select k.account_id, k.id, h.id, $4, $5 from contact k join channel h on h.account_id = k.account_id and h.id = $3 \
    where k.account_id = $1 and k.id = $2 on conflict (account_id, contact_id) where closed_at is null do nothing";
/// The addresses of those who are in doubt.
pub const DOUBTED: &str = "select d.account_id, d.contact_id, d.opened_at, a.kind, a.value from doubt d \
    cross join address a where a.contact_id = d.contact_id and a.account_id = d.account_id and d.closed_at is null";
/// Licences of the former database that were taken back.
pub const REVOKED: &str = "select id, account_id, revoked_at from licence where revoked_at is not null";
/// Takes one of them back.
const REVOKE: &str = "update licence set revoked_at = $3 where account_id = $1 and id = $2 and revoked_at is null";
/// Whether a company's trail says that it is deleted.
const GONE: &str = "select exists (select 1 from audit where account_id = $1 and action = $2 limit 1)";
/// Addresses people had before: the company's list holds by them too.
pub const FORMER: &str = "select account_id, contact_id, kind, value, scope_id, until from former_address";
/// Keeps one of them.
const HAD: &str = "insert into former_address (account_id, contact_id, kind, value, scope_id, until) \
    select k.account_id, k.id, $3, $4, $5, $6 from contact k where k.account_id = $1 and k.id = $2 and k.deleted_at is null \
    on conflict (contact_id, kind, value, scope_id) do nothing";
/// Whether the former database has doubts at all: it may be of an earlier version. Only SQLite's is
/// asked.
const HAS_DOUBTS: &str = "select exists (select 1 from sqlite_schema where type = 'table' and name = 'doubt')";
/// The accounts of a database.
pub const ACCOUNTS: &str = "select id from account order by id";
/// Whether the former database holds advertising back: who said stop before it was restored is not
/// known to it either.
pub const HOLDS: &str = "select exists (select 1 from account where advertising_held_at is not null)";
/// Whether it can hold any: it may be of an earlier version. Only SQLite's is asked.
const CAN_HOLD: &str = "select exists (select 1 from pragma_table_info('account') where name = 'advertising_held_at')";
/// Every statement.
pub const ALL: &[&str] = &[
    SUPPRESSIONS,
    SUPPRESS,
    OUT,
    MARK,
    DELETED,
    PRESENT,
    WITHDRAWN,
    KNOWN,
    EVENTS,
    EVENT,
    DOUBTS,
    DOUBT,
    DOUBTED,
    REVOKED,
    REVOKE,
    GONE,
    FORMER,
    HAD,
    CHANNELS,
    NEW,
    CHANNEL,
    ACCOUNTS,
    HOLDS,
];

/// What was carried over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// Addresses that must not be written to.
    pub suppressions: u64,
    /// People who said stop.
    pub people: u64,
    /// Consents taken back.
    pub withdrawals: u64,
    /// People who were deleted.
    pub deleted: u64,
    /// Events nobody understood yet.
    pub events: u64,
    /// It is all that was said since the backup: the former database went on from there.
    pub all: bool,
    /// Who was shut out.
    pub shut: members::Shut,
    /// Licences that were taken back.
    pub licences: u64,
    /// Companies that were deleted: whoever carried deletes them here as well
    /// ([`crate::deletion::delete`]).
    pub companies: Vec<AccountId>,
}

#[derive(sqlx::FromRow)]
struct Suppression {
    id: SuppressionId,
    account_id: AccountId,
    kind: String,
    value: String,
    scope_id: ChannelId,
    reason: String,
    contact_id: Option<ContactId>,
    evidence: Json<serde_json::Value>,
    created_at: Moment,
}

#[derive(sqlx::FromRow)]
struct Withdrawal {
    account_id: AccountId,
    contact_id: ContactId,
    purpose: Purpose,
    grade: Grade,
    wording_id: Option<WordingId>,
    channel_id: Option<ChannelId>,
    evidence: Json<serde_json::Value>,
    actor: String,
    at: Moment,
}

#[derive(sqlx::FromRow)]
struct Event {
    account_id: AccountId,
    source_kind: String,
    source_id: uuid::Uuid,
    external_id: String,
    payload: String,
    state: String,
    error: Option<String>,
    received_at: Moment,
}

/// Whether the former database knows everything that was said since the backup `fresh`: each trail
/// of the backup goes on in it, and it was not itself restored from something it knew too little
/// about.
async fn knows_all_since(former: &Store, fresh: &Store) -> sqlx::Result<bool> {
    let accounts: Vec<AccountId> = on!(fresh.read(), |c| sqlx::query_scalar(ACCOUNTS).fetch_all(c).await)?;
    for account in accounts {
        let last: Option<(i64, String)> = on!(fresh.read(), |c| sqlx::query_as(audit::LAST).bind(account).fetch_optional(c).await)?;
        // Founding an account leaves a trace, so one without any proves nothing.
        let Some((count, hash)) = last else { return Ok(false) };
        if audit::expect(former, account, &Mark { count, hash }).await?.is_err() {
            return Ok(false);
        }
    }
    let can_hold: bool = on!(former.read(), |c| sqlx::query_scalar(CAN_HOLD).fetch_one(c).await)?;
    Ok(!(can_hold && on!(former.read(), |c| sqlx::query_scalar::<_, bool>(HOLDS).fetch_one(c).await)?))
}

/// Carries refusals, withdrawals, deletions and unread events from `former` into `fresh`, in one
/// change. What the former database no longer forbids stays forbidden as the backup has it: nobody
/// is written to again because of a restore. Members are carried over only from a database that
/// went on from the backup.
///
/// # Errors
/// The database's, of either; then nothing was carried.
pub async fn carry(former: &Store, fresh: &Store, now: Moment) -> sqlx::Result<Carried> {
    // Before anything is carried: that leaves traces of its own.
    let mut carried = Carried { all: knows_all_since(former, fresh).await?, ..Carried::default() };
    let mut tx = fresh.begin().await?;
    if carried.all {
        carried.shut = members::carry(former, &mut tx, now).await?;
    }
    carried.licences = licences(former, &mut tx, now).await?;
    channels(former, &mut tx).await?;
    let suppressions: Vec<Suppression> = on!(former.read(), |c| sqlx::query_as(SUPPRESSIONS).fetch_all(c).await)?;
    for row in suppressions {
        carried.suppressions += on!(tx.conn(), |c| sqlx::query(SUPPRESS)
            .bind(row.id)
            .bind(row.account_id)
            .bind(&row.kind)
            .bind(&row.value)
            .bind(row.scope_id)
            .bind(&row.reason)
            .bind(row.contact_id)
            .bind(&row.evidence)
            .bind(row.created_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
    }
    let withdrawals: Vec<Withdrawal> = on!(former.read(), |c| sqlx::query_as(WITHDRAWN).fetch_all(c).await)?;
    for row in withdrawals {
        carried.withdrawals += u64::from(withdraw(&mut tx, row, now).await?);
    }
    let out: Vec<(ContactId, AccountId, Moment)> = on!(former.read(), |c| sqlx::query_as(OUT).fetch_all(c).await)?;
    for (contact, account, since) in out {
        carried.people += on!(tx.conn(), |c| sqlx::query(MARK)
            .bind(account)
            .bind(contact)
            .bind(since)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
    }
    carried.suppressions += held(former, &mut tx).await?;
    carried.deleted += erasure::carry(former, fresh, &mut tx, now).await?;
    let has_sources: bool = on!(former.read(), |c| sqlx::query_scalar(HAS_SOURCES).fetch_one(c).await)?;
    let sql = if has_sources { DELETED } else { DELETED_BEFORE };
    let deleted: Vec<(ContactId, AccountId, bool)> = on!(former.read(), |c| sqlx::query_as(sql).fetch_all(c).await)?;
    for (contact, account, forgotten) in deleted {
        if present(&mut tx, account, contact).await? {
            // Whom the CRM deleted comes back with the CRM; whom a member deleted does not.
            let by = if forgotten { DeletedBy::Crm } else { DeletedBy::Restore };
            carried.deleted += u64::from(contact::delete(&mut tx, account, contact, by, now).await?);
        }
    }
    let events: Vec<Event> = on!(former.read(), |c| sqlx::query_as(EVENTS).fetch_all(c).await)?;
    for row in events {
        carried.events += on!(tx.conn(), |c| sqlx::query(EVENT)
            .bind(row.account_id)
            .bind(&row.source_kind)
            .bind(row.source_id)
            .bind(&row.external_id)
            .bind(&row.payload)
            .bind(&row.state)
            .bind(now)
            .bind(&row.error)
            .bind(row.received_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
    }
    tx.commit().await?;
    carried.companies = companies(former, fresh).await?;
    Ok(carried)
}

/// Takes back the licences that were taken back since the backup: what the operator of the server
/// took away comes by no restore.
async fn licences(former: &Store, tx: &mut Tx, now: Moment) -> sqlx::Result<u64> {
    let mut count = 0;
    let revoked: Vec<(LicenceId, AccountId, Moment)> = on!(former.read(), |c| sqlx::query_as(REVOKED).fetch_all(c).await)?;
    for (licence, account, at) in revoked {
        let done =
            on!(tx.conn(), |c| sqlx::query(REVOKE).bind(account).bind(licence).bind(at).execute(c).await.map(|done| done.rows_affected()))?;
        if done > 0 {
            let why = serde_json::json!({ "why": "done after the backup" });
            audit::record(tx, account, "system", "licence.revoke", &licence.to_string(), &why, now).await?;
            count += done;
        }
    }
    Ok(count)
}

/// Companies that the former database says are deleted and the backup knows at work.
async fn companies(former: &Store, fresh: &Store) -> sqlx::Result<Vec<AccountId>> {
    let gone = async |store: &Store, account: AccountId| {
        on!(store.read(), |c| sqlx::query_scalar::<_, bool>(GONE).bind(account).bind(account::DELETE).fetch_one(c).await)
    };
    let all: Vec<AccountId> = on!(fresh.read(), |c| sqlx::query_scalar(ACCOUNTS).fetch_all(c).await)?;
    let mut companies = Vec::new();
    for account in all {
        if gone(former, account).await? && !gone(fresh, account).await? {
            companies.push(account);
        }
    }
    Ok(companies)
}

/// Carries the channels that were connected since the backup: events and doubts name them.
async fn channels(former: &Store, tx: &mut Tx) -> sqlx::Result<()> {
    type Channel = (ChannelId, AccountId, String, String, String, String, Moment);
    let all: Vec<Channel> = on!(former.read(), |c| sqlx::query_as(CHANNELS).fetch_all(c).await)?;
    for (id, account, kind, name, external_id, username, created_at) in all {
        if !on!(tx.conn(), |c| sqlx::query_scalar::<_, bool>(NEW).bind(id).bind(account).fetch_one(c).await)? {
            continue;
        }
        on!(tx.conn(), |c| sqlx::query(CHANNEL)
            .bind(id)
            .bind(account)
            .bind(&kind)
            .bind(&name)
            .bind(&external_id)
            .bind(&username)
            .bind(Vec::<u8>::new())
            .bind(Json(serde_json::json!({})))
            .bind(created_at)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

/// Carries what holds people without a word of refusal: doubts, and addresses they had before. Whom
/// the backup does not know is held by their addresses: how many of those there are is given.
async fn held(former: &Store, tx: &mut Tx) -> sqlx::Result<u64> {
    let mut count = 0;
    if !on!(former.read(), |c| sqlx::query_scalar::<_, bool>(HAS_DOUBTS).fetch_one(c).await)? {
        return Ok(count);
    }
    type Doubt = (AccountId, ContactId, ChannelId, Option<String>, Moment);
    let doubts: Vec<Doubt> = on!(former.read(), |c| sqlx::query_as(DOUBTS).fetch_all(c).await)?;
    for (account, contact, channel, message, since) in doubts {
        on!(tx.conn(), |c| sqlx::query(DOUBT)
            .bind(account)
            .bind(contact)
            .bind(channel)
            .bind(&message)
            .bind(since)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    // The company may take such an address off its list, as it may lift a doubt.
    type Doubted = (AccountId, ContactId, Moment, String, String);
    let doubted: Vec<Doubted> = on!(former.read(), |c| sqlx::query_as(DOUBTED).fetch_all(c).await)?;
    for (account, contact, since, kind, value) in doubted {
        if present(tx, account, contact).await? {
            continue;
        }
        count += on!(tx.conn(), |c| sqlx::query(SUPPRESS)
            .bind(SuppressionId::new())
            .bind(account)
            .bind(&kind)
            .bind(&value)
            .bind(ANY_CHANNEL)
            .bind("manual")
            .bind(Option::<ContactId>::None)
            .bind(Json(serde_json::json!({ "how": "doubt", "contact": contact })))
            .bind(since)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
    }
    type Had = (AccountId, ContactId, String, String, ChannelId, Moment);
    let addresses: Vec<Had> = on!(former.read(), |c| sqlx::query_as(FORMER).fetch_all(c).await)?;
    for (account, contact, kind, value, scope, until) in addresses {
        on!(tx.conn(), |c| sqlx::query(HAD)
            .bind(account)
            .bind(contact)
            .bind(&kind)
            .bind(&value)
            .bind(scope)
            .bind(until)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(count)
}

async fn present(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<bool> {
    on!(tx.conn(), |c| sqlx::query_scalar(PRESENT).bind(account).bind(contact).fetch_one(c).await)
}

/// Enters a withdrawal that the ledger lacks, at its own time. Of somebody the backup does not know
/// there is nothing to withdraw; their address is suppressed.
async fn withdraw(tx: &mut Tx, row: Withdrawal, now: Moment) -> sqlx::Result<bool> {
    let known: bool = on!(tx.conn(), |c| sqlx::query_scalar(KNOWN)
        .bind(row.account_id)
        .bind(row.contact_id)
        .bind(row.purpose)
        .bind(row.at)
        .fetch_one(c)
        .await)?;
    if known || !present(tx, row.account_id, row.contact_id).await? {
        return Ok(false);
    }
    let entry = NewConsent {
        account: row.account_id,
        contact: row.contact_id,
        purpose: row.purpose,
        action: Action::Withdrawn,
        grade: row.grade,
        wording: row.wording_id,
        channel: row.channel_id,
        evidence: row.evidence.0,
        actor: row.actor,
        at: row.at,
    };
    consent::record(tx, entry, now).await?;
    Ok(true)
}
