//! Something members must be told (a campaign finished, a channel stopped, a customer wrote):
//! raised in the transaction of the event, sent once by the bot. What can be told is a
//! [`NoticeKind`].

mod kind;

pub use kind::{About, NoticeKind, Priority};

use serde_json::Value;

use crate::{
    clock::Moment,
    id::{AccountId, ContactId, MemberId, NoticeId},
    on,
    store::{Store, Tx},
};

/// Raises a notice once per `dedupe_key`.
pub const RAISE: &str = "insert into notice (account_id, member_id, kind, payload, dedupe_key, due_at, created_at) values ($1, $2, $3, $4, $5, $6, $6) on conflict (dedupe_key) do nothing";
/// Raises a notice, or raises it once more with the facts as they are now.
pub const RAISE_AGAIN: &str = "insert into notice (account_id, member_id, kind, payload, dedupe_key, due_at, created_at) values ($1, $2, $3, $4, $5, $6, $6) on conflict (dedupe_key) do update set member_id = excluded.member_id, payload = excluded.payload, due_at = excluded.due_at, times = notice.times + 1, attempt = 0";
/// Accounts with notices to be sent, whoever waits longest first.
pub const DUE_ACCOUNTS: &str = "select account_id from notice where due_at <= $1 group by account_id order by min(due_at) limit $2";
/// Notices to be sent, of all accounts.
pub const DUE: &str =
    "select id, account_id, member_id, kind, payload, attempt, times from notice where due_at <= $1 order by due_at, id limit $2";
/// The notices of an account to be sent, by [`NoticeKind::priority`]: alarms first, customers'
/// words last.
pub const DUE_OF: &str = "select id, account_id, member_id, kind, payload, attempt, times from notice where account_id = $1 and due_at <= $2 \
    order by case when kind in ('channel.stopped', 'channel.cut', 'channel.forgot', 'inbound.failed', 'campaign.paused', 'campaign.failed', 'crm.reauth', 'member.locked', \
    'member.guessed', 'member.password_link', 'member.password_set', 'second.guessed', 'second.reset', 'session.new', 'session.not_me', 'licence.ending', 'licence.ended', 'licence.strange', 'licence.used_up', 'import.stopped', \
    'trail.broken', 'trail.file', 'erasure.due', 'database.damaged', 'advertising.held', 'maintenance.planned', 'agreement.changed', 'access.suspended', 'template.barred', 'reply.undelivered', 'evidence.due') then 0 when kind in ('customer.answered') then 2 else 1 end, due_at, id limit $3";
/// Sent: no longer due, unless it was raised once more meanwhile.
pub const DONE: &str = "update notice set due_at = null, sent_at = $2 where id = $1 and times = $3";
/// What chats were told of notices that are due.
pub const COPIES: &str = "select c.notice_id, c.chat_id, c.message_id, c.base, c.shown, c.told_at from notice_copy c join notice n on n.id = c.notice_id where n.account_id = $1 and n.due_at <= $2";
/// Whether a message still shows a notice.
pub const SHOWS: &str = "select message_id from notice_copy where notice_id = $1 and chat_id = $2";
/// A chat was told.
pub const KEEP_COPY: &str = "insert into notice_copy (notice_id, chat_id, account_id, contact_id, message_id, base, shown, told_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (notice_id, chat_id) do update set message_id = excluded.message_id, base = excluded.base, shown = excluded.shown, told_at = excluded.told_at";
/// What chats were told of a notice that is done.
pub const FORGET_COPIES: &str = "delete from notice_copy where notice_id = $1";
/// A notice's message that a screen takes over.
pub const COPY_OF_MESSAGE: &str = "select notice_id from notice_copy where chat_id = $1 and message_id = $2";
/// It is edited no more.
pub const RELEASE: &str = "update notice_copy set message_id = null where chat_id = $1 and message_id = $2";
/// A member looked at a conversation: what the customer writes from now on is news again.
pub const LOOKED: &str = "update notice_copy set message_id = null where contact_id = $2 and account_id = $1 and message_id is not null";
/// Whether a notice of this key was told.
pub const WAS_TOLD: &str = "select cast(count(*) as bigint) from notice where account_id = $1 and dedupe_key = $2 and sent_at is not null";
/// A notice that was told by another way than the rows.
pub const NOTE_TOLD: &str = "insert into notice (account_id, member_id, kind, payload, dedupe_key, due_at, sent_at, created_at) values ($1, null, $2, '{}', $3, null, $4, $4) on conflict (dedupe_key) do nothing";
/// Not sent: later again.
pub const LATER: &str = "update notice set due_at = $2, attempt = attempt + 1 where id = $1";
/// Every statement.
pub const ALL: &[&str] = &[
    RAISE,
    RAISE_AGAIN,
    DUE_ACCOUNTS,
    DUE,
    DUE_OF,
    DONE,
    COPIES,
    SHOWS,
    KEEP_COPY,
    FORGET_COPIES,
    COPY_OF_MESSAGE,
    RELEASE,
    LOOKED,
    WAS_TOLD,
    NOTE_TOLD,
    LATER,
];

/// The key of a payload under which those are listed who are not told although they could act on
/// it: nobody is asked to approve their own work.
pub const NOT_FOR: &str = "not_for";

/// The key of a payload with the Telegram user who is not told: whoever the news is about.
pub const NOT_THERE: &str = "not_there";

/// A notice to be sent.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Notice {
    pub id: NoticeId,
    pub account_id: AccountId,
    /// To whom; `None`: everybody who may act on it.
    pub member_id: Option<MemberId>,
    /// The code of its kind; see [`Self::kind`].
    #[sqlx(rename = "kind")]
    pub code: String,
    /// The facts of it, by kind.
    #[sqlx(json)]
    pub payload: Value,
    /// Tries so far.
    pub attempt: i32,
    /// How often it was raised: a conversation's notice with each message of the customer.
    pub times: i32,
}

/// What a chat was told of a notice.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Copy {
    pub notice_id: NoticeId,
    pub chat_id: i64,
    /// The message that may still be edited.
    pub message_id: Option<i64>,
    /// How often the notice had been raised before that message.
    pub base: i32,
    /// And when it was last shown.
    pub shown: i32,
    /// When the message was sent.
    pub told_at: Moment,
}

impl Notice {
    /// What it tells; `None`: something that this version does not know.
    #[must_use]
    pub fn kind(&self) -> Option<NoticeKind> {
        NoticeKind::of(&self.code)
    }

    /// Whether it is one of a conversation: [`NoticeKind::is_talk`].
    #[must_use]
    pub fn is_talk(&self) -> bool {
        self.kind().is_some_and(NoticeKind::is_talk)
    }

    /// Whether it goes to this Telegram user: everywhere, but not to the one it is about
    /// ([`NOT_THERE`]).
    #[must_use]
    pub fn goes_to(&self, telegram_user_id: i64) -> bool {
        self.payload[NOT_THERE].as_i64() != Some(telegram_user_id)
    }

    /// Whether `member`, who could act on it, is told: everybody is, or only the one it is for, but
    /// nobody of [`NOT_FOR`].
    #[must_use]
    pub fn is_for(&self, member: MemberId) -> bool {
        let left_out = self.payload[NOT_FOR].as_array().is_some_and(|ids| ids.contains(&serde_json::json!(member)));
        self.member_id.is_none_or(|chosen| chosen == member) && !left_out
    }
}

/// What to tell.
#[derive(Debug, Clone)]
pub struct NewNotice {
    pub account: AccountId,
    /// To whom; `None`: everybody who may act on it.
    pub member: Option<MemberId>,
    pub kind: NoticeKind,
    /// The facts of it.
    pub payload: Value,
    /// The same key is told once.
    pub dedupe_key: String,
}

/// Raises a notice in the caller's transaction; the same key twice is one notice.
///
/// # Errors
/// The database's.
pub async fn raise(tx: &mut Tx, notice: NewNotice, now: Moment) -> sqlx::Result<()> {
    raise_new(tx, notice, now).await.map(|_| ())
}

/// The same, and whether it is new: `false`, it was raised before.
///
/// # Errors
/// The database's.
pub async fn raise_new(tx: &mut Tx, notice: NewNotice, now: Moment) -> sqlx::Result<bool> {
    put(tx, RAISE, notice, now).await
}

/// Raises a notice in the caller's transaction; the same key once more is the same notice, told
/// again with these facts.
///
/// # Errors
/// The database's.
pub async fn raise_again(tx: &mut Tx, notice: NewNotice, now: Moment) -> sqlx::Result<()> {
    put(tx, RAISE_AGAIN, notice, now).await.map(|_| ())
}

async fn put(tx: &mut Tx, sql: &'static str, notice: NewNotice, now: Moment) -> sqlx::Result<bool> {
    on!(tx.conn(), |c| sqlx::query(sql)
        .bind(notice.account)
        .bind(notice.member)
        .bind(notice.kind.as_str())
        .bind(sqlx::types::Json(&notice.payload))
        .bind(&notice.dedupe_key)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))
}

/// The accounts with notices due at `now`, whoever waits longest first.
///
/// # Errors
/// The database's.
pub async fn due_accounts(store: &Store, now: Moment, limit: i64) -> sqlx::Result<Vec<AccountId>> {
    on!(store.read(), |c| sqlx::query_scalar(DUE_ACCOUNTS).bind(now).bind(limit).fetch_all(c).await)
}

/// The notices due at `now`, oldest first, whoever's.
///
/// # Errors
/// The database's.
pub async fn due(store: &Store, now: Moment, limit: i64) -> sqlx::Result<Vec<Notice>> {
    on!(store.read(), |c| sqlx::query_as(DUE).bind(now).bind(limit).fetch_all(c).await)
}

/// The notices of an account due at `now`: alarms first, customers' words last, each the oldest
/// first.
///
/// # Errors
/// The database's.
pub async fn due_of(store: &Store, account: AccountId, now: Moment, limit: i64) -> sqlx::Result<Vec<Notice>> {
    on!(store.read(), |c| sqlx::query_as(DUE_OF).bind(account).bind(now).bind(limit).fetch_all(c).await)
}

/// What chats were told of an account's notices that are due at `now`.
///
/// # Errors
/// The database's.
pub async fn copies(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<Vec<Copy>> {
    on!(store.read(), |c| sqlx::query_as(COPIES).bind(account).bind(now).fetch_all(c).await)
}

/// The message of a chat that still shows a notice.
///
/// # Errors
/// The database's.
pub async fn shows(store: &Store, id: NoticeId, chat: i64) -> sqlx::Result<Option<i64>> {
    let found: Option<Option<i64>> = on!(store.read(), |c| sqlx::query_scalar(SHOWS).bind(id).bind(chat).fetch_optional(c).await)?;
    Ok(found.flatten())
}

/// Notes what a chat was told; `contact`: whose conversation, if it is one.
///
/// # Errors
/// The database's.
pub async fn keep_copy(store: &Store, account: AccountId, contact: Option<ContactId>, copy: &Copy) -> sqlx::Result<()> {
    on!(store.once(), |c| sqlx::query(KEEP_COPY)
        .bind(copy.notice_id)
        .bind(copy.chat_id)
        .bind(account)
        .bind(contact)
        .bind(copy.message_id)
        .bind(copy.base)
        .bind(copy.shown)
        .bind(copy.told_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// A screen takes a message over: a notice that it shows is told anew from now on, and not by
/// editing it.
///
/// # Errors
/// The database's.
pub async fn release(store: &Store, chat: i64, message: i64) -> sqlx::Result<()> {
    // Most messages show no notice: look before taking the writer.
    let shown: Option<NoticeId> =
        on!(store.read(), |c| sqlx::query_scalar(COPY_OF_MESSAGE).bind(chat).bind(message).fetch_optional(c).await)?;
    if shown.is_some() {
        on!(store.once(), |c| sqlx::query(RELEASE).bind(chat).bind(message).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// A member looked at a conversation or answered: the customer's next message is told by a message
/// of its own.
///
/// # Errors
/// The database's.
pub async fn looked(store: &Store, account: AccountId, contact: ContactId) -> sqlx::Result<()> {
    on!(store.once(), |c| sqlx::query(LOOKED).bind(account).bind(contact).execute(c).await.map(|_| ()))
}

/// What the bot tells by itself when the database is damaged: raised by nobody, for whoever raises
/// writes a row.
pub const DAMAGE: NoticeKind = NoticeKind::DatabaseDamaged;

/// Whether a notice of this key was told.
///
/// # Errors
/// The database's.
pub async fn was_told(store: &Store, account: AccountId, key: &str) -> sqlx::Result<bool> {
    let told: i64 = on!(store.read(), |c| sqlx::query_scalar(WAS_TOLD).bind(account).bind(key).fetch_one(c).await)?;
    Ok(told > 0)
}

/// Notes that something was told by another way than the rows, for whoever asks [`was_told`].
///
/// # Errors
/// The database's.
pub async fn note_told(store: &Store, account: AccountId, kind: NoticeKind, key: &str, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(NOTE_TOLD).bind(account).bind(kind.as_str()).bind(key).bind(now).execute(c).await.map(|_| ()))?;
    tx.commit().await
}

/// Marks a notice as sent, as it was read; `forget`: it is not raised again, so nobody needs to
/// know who was told.
///
/// # Errors
/// The database's.
pub async fn done(store: &Store, notice: &Notice, forget: bool, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(DONE).bind(notice.id).bind(now).bind(notice.times).execute(c).await.map(|_| ()))?;
    if forget {
        on!(tx.conn(), |c| sqlx::query(FORGET_COPIES).bind(notice.id).execute(c).await.map(|_| ()))?;
    }
    tx.commit().await
}

/// Puts a notice off until `due`.
///
/// # Errors
/// The database's.
pub async fn later(store: &Store, id: NoticeId, due: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(LATER).bind(id).bind(due).execute(c).await.map(|_| ()))?;
    tx.commit().await
}
