//! A company is deleted from the server: the command line's act, for good.
//!
//! What names people goes: its contacts as a deleted person does ([`crate::contact`]),
//! conversations, files, notices, who signed in, the credentials of channels and CRMs. What proves
//! or refuses something stays: the trail, the consent ledger, suppressions, deliveries, campaigns
//! with the versions that went out and who approved them, the names of members. So the account's
//! row stays too, and the entry [`account::DELETE`] of its trail says that it is deleted: chained,
//! where no column could be set back unseen.
//!
//! First nobody of the company can come in, then nothing is sent or heard, then rows are blanked in
//! portions. Each step leaves the account shut, so one that was broken off is done again whole.
//!
//! What was in flight when the company was shut still comes to rest: a call is answered, a campaign
//! is closed and its end told. The deletion waits for it, and [`sweep`] takes, some times a day,
//! whatever came later still.

use std::time::Duration;

use serde_json::json;

use crate::{
    account::{self, By},
    campaign::{CampaignError, control},
    channel::store::{self as channels, ChannelError},
    clock::Moment,
    contact::{self, DeletedBy},
    crm::connection::{self, ConnectError, ConnectionState},
    id::{AccountId, ContactId, MemberId},
    on,
    store::Store,
};

/// The trail's word for the end of it.
const ERASED: &str = "account.erased";
/// How long a deletion waits for what is in flight: the longest a message is in flight before it is
/// taken for uncertain, and a look of the worker.
const REST: Duration = Duration::from_secs(60);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(250);
/// Contacts a transaction: each is a dozen statements.
const CONTACTS_AT_ONCE: i64 = 50;
/// Files a transaction: each may be 20 MB.
const FILES_AT_ONCE: i64 = 10;
/// Other rows a transaction.
const ROWS_AT_ONCE: i64 = 500;

/// When an account was deleted.
pub const DELETED_AT: &str = "select at from audit where account_id = $1 and action = $2 order by seq limit 1";
/// Accounts nobody can come into: the deleted ones are among them, and the trail of each of these
/// says which they are.
pub const SHUT: &str = "select id from account where not exists \
    (select 1 from member m where m.account_id = account.id and m.password_hash <> '') order by id";
/// What is in an account, goes or stays.
pub const CONTENTS: &str = "select \
    (select count(*) from contact where account_id = $1 and deleted_at is null) as contacts, \
    (select count(*) from conversation where account_id = $1) as conversations, \
    (select count(*) from file where account_id = $1 and size > 0) as files, \
    (select count(*) from member where account_id = $1 and password_hash <> '') as members, \
    (select count(*) from session where account_id = $1 and ended_at is null) as sessions, \
    (select count(*) from channel where account_id = $1 and state <> 'removed') as channels, \
    (select count(*) from crm_connection where account_id = $1 and state <> 'disconnected') as connections, \
    (select count(*) from campaign where account_id = $1 and state in ('scheduled', 'planning', 'running', 'paused')) as live_campaigns, \
    (select count(*) from campaign where account_id = $1) as campaigns, \
    (select count(*) from delivery where campaign_id in (select id from campaign where account_id = $1) and planned) as deliveries, \
    (select count(*) from suppression where account_id = $1 and lifted_at is null) as suppressions, \
    (select cast(coalesce(sum(entries), 0) as bigint) from consent_link where account_id = $1) as consents, \
    (select count(*) from audit where account_id = $1) as entries";

/// What an account's processes still have in hand: campaigns that are stopped and not closed, and
/// calls to messengers and CRMs.
pub const IN_HAND: &str = "select \
    (select count(*) from campaign where account_id = $1 and state = 'stopped' and finished_at is null) + \
    (select count(*) from outgoing where channel_id in (select id from channel where account_id = $1) and state = 'sending') + \
    (select count(*) from crm_write where connection_id in (select id from crm_connection where account_id = $1) and state in ('queued', 'sending') \
    and state = 'sending')";
/// Members who could come in.
pub const MEMBERS: &str = "select id, login from member where account_id = $1 and password_hash <> ''";
/// One can no more, and the login is free for others.
pub const SHUT_OUT: &str =
    "update member set login = $3, password_hash = '', disabled_at = coalesce(disabled_at, $4) where account_id = $1 and id = $2";
/// What was counted at a login.
pub const FORGET_COUNT: &str = "delete from login_count where login = $1";
/// Where members were in their dialogues.
pub const DIALOGUES: &str =
    "delete from dialogue where chat_id in (select telegram_user_id from session where account_id = $1 and ended_at is null)";
/// Messages that edit themselves.
pub const CARDS: &str =
    "delete from card where chat_id in (select telegram_user_id from session where account_id = $1) and account_id = $1";
/// Who is, and was, signed in.
pub const SESSIONS: &str = "update session set ended_at = coalesce(ended_at, $2), end_reason = coalesce(end_reason, 'ended'), telegram_user_id = 0, \
    telegram_name = '' where account_id = $1";
/// Links that let somebody in.
pub const INVITATIONS: &str = "update invitation set expires_at = $2 where account_id = $1 and used_at is null and expires_at > $2";
/// Links for a new password.
pub const PASSWORD_LINKS: &str = "update password_link set expires_at = $2 where account_id = $1 and used_at is null and expires_at > $2";
/// Licences.
pub const LICENCES: &str = "update licence set revoked_at = $2 where account_id = $1 and revoked_at is null";
/// Segments are offered no more; a campaign's approval was for what they say, so that stays.
pub const SEGMENTS: &str = "update segment set deleted_at = $2, updated_at = $2 where account_id = $1 and deleted_at is null";

/// Events nobody understood yet: whatever they ask for, this company sends nothing any more.
pub const UNHEARD: &str = "update inbound set state = 'handled', payload = '', handled_at = received_at where id in (select id from inbound \
    where state = 'new' and account_id = $1 limit $2)";
/// Rows of imports that the plan left no room for.
pub const LEFT_OUT: &str = "delete from import_left_out where import_id in (select id from import where account_id = $1)";
/// Imports: their sample shows rows of the file. The consents they brought have what they need.
pub const IMPORTS: &str = "delete from import where account_id = $1";
/// Reports.
pub const REPORTS: &str = "delete from campaign_file where campaign_id in (select id from campaign where account_id = $1)";
/// Saved answers: they speak in the company's name, to nobody any more.
pub const QUICK_REPLIES: &str = "delete from quick_reply where account_id = $1";
/// Where members were told by e-mail.
pub const MAILBOXES: &str = "delete from mailbox where account_id = $1";
/// Second factors of members.
pub const SECOND_FACTORS: &str = "delete from second_factor where account_id = $1";
/// Who demanded that data be destroyed, in words.
pub const DEMANDS: &str = "update erasure set reason = '' where account_id = $1 and reason <> ''";
/// Their recovery codes.
pub const RECOVERY_CODES: &str = "delete from recovery_code where account_id = $1";
/// Contacts, some at a time.
pub const CONTACTS: &str = "select id from contact where account_id = $1 and deleted_at is null order by id limit $2";
/// Files, some at a time: all but the media of versions, which are what was sent.
pub const FILES: &str = "update file set content = substr(content, 1, 0), size = 0, name = '' where id in (select f.id from file f \
    where f.account_id = $1 and f.size > 0 and f.id not in (select v.media_file_id from template t join template_version v on v.template_id = t.id \
    where t.account_id = $1 and v.media_file_id is not null) limit $2)";
/// What else has words in it, some rows at a time.
pub const WORDS: &[&str] = &[
    "update inbound set payload = '' where id in (select id from inbound where payload <> '' and handled_at is not null and account_id = $1 limit $2)",
    "update inbound set payload = '' where id in (select id from inbound where payload <> '' and state = 'failed' and account_id = $1 limit $2)",
    "delete from consent_form where id in (select id from consent_form where account_id = $1 limit $2)",
    "delete from consent_paper where id in (select id from consent_paper where kept_at is null and account_id = $1 limit $2)",
    "update consent_paper set words = '' where id in (select id from consent_paper where words <> '' and account_id = $1 limit $2)",
    "delete from mail where id in (select id from mail where account_id = $1 limit $2)",
    "update notice set payload = '{}', due_at = null where id in (select id from notice where due_at is not null and account_id = $1 limit $2)",
    "update notice set payload = '{}' where id in (select id from notice where payload <> '{}' and sent_at is not null and account_id = $1 limit $2)",
    "update outgoing set state = 'failed', reason = 'deleted' where id in (select id from outgoing where state = 'queued' and account_id = $1 limit $2)",
    "update outgoing set payload = '{}', address_value = '', detail = null where id in (select id from outgoing where payload <> '{}' \
        and state in ('sent', 'failed', 'uncertain') and account_id = $1 limit $2)",
    "update chat_message set body = '', file_ref = null, file_name = null where id in (select id from chat_message where body <> '' \
        and account_id = $1 limit $2)",
    "update crm_write set payload = '{}', error = null where id in (select id from crm_write where payload <> '{}' and done_at is not null \
        and account_id = $1 limit $2)",
    "update crm_message set payload = '{}', error = null, due_at = null where (connection_id, external_id) in (select connection_id, external_id \
        from crm_message where payload <> '{}' and account_id = $1 limit $2)",
    "update evidence_request set from_whom = '', about = '', answer = null where id in (select id from evidence_request where about <> '' \
        and account_id = $1 limit $2)",
];
/// Every statement but [`WORDS`].
pub const ALL: &[&str] = &[
    DELETED_AT,
    SHUT,
    CONTENTS,
    IN_HAND,
    MEMBERS,
    SHUT_OUT,
    FORGET_COUNT,
    DIALOGUES,
    CARDS,
    SESSIONS,
    INVITATIONS,
    PASSWORD_LINKS,
    LICENCES,
    SEGMENTS,
    UNHEARD,
    LEFT_OUT,
    IMPORTS,
    REPORTS,
    QUICK_REPLIES,
    MAILBOXES,
    SECOND_FACTORS,
    RECOVERY_CODES,
    DEMANDS,
    CONTACTS,
    FILES,
];

/// What is in an account: before a deletion what would go and what would stay, after it what did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Contents {
    /// Goes: contacts that are not deleted.
    pub contacts: i64,
    /// Goes: conversations.
    pub conversations: i64,
    /// Goes, but for the media of templates: files with content.
    pub files: i64,
    /// Goes: logins; the names stay.
    pub members: i64,
    /// Goes: live sessions.
    pub sessions: i64,
    /// Goes: channels with credentials.
    pub channels: i64,
    /// Goes: CRM connections with credentials.
    pub connections: i64,
    /// Stopped: campaigns that were launched and are not over.
    pub live_campaigns: i64,
    /// Stays: campaigns.
    pub campaigns: i64,
    /// Stays: messages of campaigns, by recipient.
    pub deliveries: i64,
    /// Stays: addresses that said stop.
    pub suppressions: i64,
    /// Stays: entries of the consent ledger.
    pub consents: i64,
    /// Stays: entries of the trail.
    pub entries: i64,
}

/// Why a company was not deleted, or not whole; deleted again, it goes on.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// A campaign was not stopped.
    #[error("a campaign was not stopped: {0}")]
    Campaign(#[from] CampaignError),
    /// A channel was not removed.
    #[error("a channel was not removed: {0}")]
    Channel(#[from] ChannelError),
    /// A CRM was not disconnected.
    #[error("a CRM was not disconnected: {0}")]
    Connection(#[from] ConnectError),
    /// The database's.
    #[error("the database failed: {0}")]
    Db(#[from] sqlx::Error),
}

/// When an account was deleted; `None`: it is at work.
///
/// # Errors
/// The database's.
pub async fn deleted_at(store: &Store, account: AccountId) -> sqlx::Result<Option<Moment>> {
    on!(store.read(), |c| sqlx::query_scalar(DELETED_AT).bind(account).bind(account::DELETE).fetch_optional(c).await)
}

/// What is in an account. Reads all of its rows: for the command line.
///
/// # Errors
/// The database's.
pub async fn contents(store: &Store, account: AccountId) -> sqlx::Result<Contents> {
    on!(store.read(), |c| sqlx::query_as(CONTENTS).bind(account).fetch_one(c).await)
}

/// Deletes a company; `progress` hears how many contacts are gone. What there was before is given.
///
/// # Errors
/// [`DeletionError`]; whatever it is, nobody of the company comes in any more, or nothing was
/// changed.
pub async fn delete(store: &Store, account: AccountId, now: Moment, progress: impl Fn(i64)) -> Result<Contents, DeletionError> {
    let before = contents(store, account).await?;
    shut(store, account, now).await?;
    control::stop_all(store, account, now).await?;
    for channel in channels::list(store, account).await? {
        channels::remove(store, By::Admin(account), channel.id, now).await?;
    }
    for row in connection::list(store, account).await? {
        if row.state != ConnectionState::Disconnected {
            connection::disconnect(store, By::Admin(account), row.id, now).await?;
        }
    }
    at_rest(store, account).await?;
    let gone = erase(store, account, now, progress).await?;
    let mut tx = store.begin().await?;
    By::Admin(account).audit(&mut tx, ERASED, account, json!({ "contacts": gone, "files": before.files }), now).await?;
    tx.commit().await?;
    Ok(before)
}

/// Takes what came to rest in deleted companies after their deletion.
///
/// # Errors
/// The database's; the next time takes the rest.
pub async fn sweep(store: &Store, now: Moment) -> sqlx::Result<()> {
    let shut: Vec<AccountId> = on!(store.read(), |c| sqlx::query_scalar(SHUT).fetch_all(c).await)?;
    for account in shut {
        if deleted_at(store, account).await?.is_some() {
            erase(store, account, now, |_| ()).await?;
        }
    }
    Ok(())
}

/// Waits until the processes have nothing of the account in hand, for [`REST`] at most: where none
/// runs, nobody brings to rest what a process that died left.
async fn at_rest(store: &Store, account: AccountId) -> sqlx::Result<()> {
    let looks = async {
        loop {
            let in_hand: i64 = on!(store.read(), |c| sqlx::query_scalar(IN_HAND).bind(account).fetch_one(c).await)?;
            if in_hand == 0 {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(REST, looks).await.unwrap_or(Ok(()))
}

/// Erases what names people, a portion a transaction; how many contacts are gone is given.
async fn erase(store: &Store, account: AccountId, now: Moment, progress: impl Fn(i64)) -> sqlx::Result<i64> {
    // Before the contacts: what is understood yet could bring a new one.
    in_portions(store, UNHEARD, account, ROWS_AT_ONCE).await?;
    let mut tx = store.begin_bulk().await?;
    for sql in [LEFT_OUT, IMPORTS, REPORTS, QUICK_REPLIES, MAILBOXES, SECOND_FACTORS, RECOVERY_CODES, DEMANDS] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).execute(c).await.map(|_| ()))?;
    }
    tx.commit().await?;
    let mut gone = 0;
    loop {
        let some: Vec<ContactId> =
            on!(store.read(), |c| sqlx::query_scalar(CONTACTS).bind(account).bind(CONTACTS_AT_ONCE).fetch_all(c).await)?;
        if some.is_empty() {
            break;
        }
        let mut tx = store.begin_bulk().await?;
        for contact in some {
            gone += i64::from(contact::delete(&mut tx, account, contact, DeletedBy::Company, now).await?);
        }
        tx.commit().await?;
        progress(gone);
    }
    for (sql, at_once) in WORDS.iter().map(|sql| (*sql, ROWS_AT_ONCE)).chain([(FILES, FILES_AT_ONCE)]) {
        in_portions(store, sql, account, at_once).await?;
    }
    Ok(gone)
}

/// Changes a portion at a time, each in a transaction of its own, until one is not full.
async fn in_portions(store: &Store, sql: &'static str, account: AccountId, at_once: i64) -> sqlx::Result<()> {
    loop {
        let mut tx = store.begin_bulk().await?;
        let rows = on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(at_once).execute(c).await.map(|r| r.rows_affected()))?;
        tx.commit().await?;
        if rows < at_once.unsigned_abs() {
            return Ok(());
        }
    }
}

/// Nobody of the company comes in any more, and nothing is licensed: one change.
async fn shut(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<()> {
    let known = deleted_at(store, account).await?.is_some();
    let mut tx = store.begin().await?;
    let members: Vec<(MemberId, String)> = on!(tx.conn(), |c| sqlx::query_as(MEMBERS).bind(account).fetch_all(c).await)?;
    for (member, login) in members {
        for sql in [FORGET_COUNT, account::queries::FORGET_TRIES] {
            on!(tx.conn(), |c| sqlx::query(sql).bind(&login).execute(c).await.map(|_| ()))?;
        }
        let nobody = member.0.simple().to_string();
        on!(tx.conn(), |c| sqlx::query(SHUT_OUT).bind(account).bind(member).bind(&nobody).bind(now).execute(c).await.map(|_| ()))?;
    }
    for sql in [DIALOGUES, CARDS] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).execute(c).await.map(|_| ()))?;
    }
    for sql in [SESSIONS, INVITATIONS, PASSWORD_LINKS, LICENCES, SEGMENTS] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(now).execute(c).await.map(|_| ()))?;
    }
    if !known {
        By::Admin(account).audit(&mut tx, account::DELETE, account, json!({}), now).await?;
    }
    tx.commit().await
}
