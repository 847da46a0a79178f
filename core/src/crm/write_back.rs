//! What must be told to the CRM: rows are the truth, the `WriteBack` job is the bell.
//!
//! A row is claimed (its attempt counted) before the CRM is called and ended after. A row claimed
//! for the second time may already have been told, so it is sent with [`WriteItem::look_first`].

use chrono::TimeDelta;
use sqlx::types::Json;

use super::{CrmChange, CrmKind, Look, WriteItem, mapping::CrmSettings, queries, registry};
use crate::{
    clock::Moment,
    id::{AccountId, ConnectionId, ContactId, CrmWriteId},
    on,
    store::{Store, Tx},
    text::clean_to,
};

/// How long a claimed row is nobody else's.
pub const CLAIM_FOR: TimeDelta = TimeDelta::minutes(5);

/// A claimed row.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Write {
    /// Its id; rows of one contact are told in this order.
    pub id: CrmWriteId,
    pub account_id: AccountId,
    pub contact_id: ContactId,
    /// The contact's id in the CRM.
    pub crm_id: String,
    /// `note`, `opt_out`, `opt_in`, `answer`, `comment` or `task`.
    pub kind: String,
    /// The change itself.
    pub payload: Json<CrmChange>,
    /// Which try this is, from 1.
    pub attempt: i32,
    /// When it was queued.
    pub created_at: Moment,
    /// Notes just like it that were told of late.
    #[sqlx(default)]
    pub others: i64,
}

impl Write {
    /// What to give the adapter.
    #[must_use]
    pub fn item(&self) -> WriteItem {
        WriteItem {
            crm_id: self.crm_id.clone(),
            what: self.payload.0.clone(),
            look_first: (self.attempt > 1).then(|| Look { since: self.created_at, others: u32::try_from(self.others).unwrap_or(u32::MAX) }),
        }
    }
}

/// What became of a claimed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteEnd {
    /// The CRM has it.
    Done,
    /// It has no place for it, and knows it by something else: what, for people who look.
    Otherwise(String),
    /// Given up: the reason, for people who look.
    Failed(String),
    /// Again at that time; `counted`: whether this try counts ([`crate::retry::CRM_WRITE`]).
    Later {
        due: Moment,
        /// What was seen.
        error: String,
        /// This try counts.
        counted: bool,
    },
}

/// Queues a change for every CRM in which the contact is, in the caller's transaction; a contact
/// that is in none, or in such alone as can be told nothing, queues nothing. The same key is queued
/// once for a record of the contact.
///
/// # Errors
/// The database's.
pub async fn enqueue(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    change: &CrmChange,
    dedupe_key: &str,
    now: Moment,
) -> sqlx::Result<()> {
    enqueue_for(tx, account, (contact, None), change, dedupe_key, now).await
}

/// The same for one connection alone: what concerns something of that CRM (an occasion, a
/// checkbox).
///
/// # Errors
/// The database's.
pub async fn enqueue_for(
    tx: &mut Tx,
    account: AccountId,
    (contact, connection): (ContactId, Option<ConnectionId>),
    change: &CrmChange,
    dedupe_key: &str,
    now: Moment,
) -> sqlx::Result<()> {
    let kind = match change {
        CrmChange::Note { .. } => "note",
        CrmChange::OptOut(true) => "opt_out",
        CrmChange::OptOut(false) => "opt_in",
        CrmChange::Answer { .. } => "answer",
        CrmChange::Comment { .. } => "comment",
        CrmChange::Task { .. } => "task",
    };
    // The contact is part of the key, so that a caller's key can never collide across accounts.
    let key = format!("{contact}:{kind}:{dedupe_key}");
    on!(tx.conn(), |c| sqlx::query(queries::WRITE_ENQUEUE)
        .bind(account)
        .bind(contact)
        .bind(kind)
        .bind(Json(change))
        .bind(&key)
        .bind(now)
        .bind(registry::told_nothing())
        .bind(connection)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Takes rows of a connection to a CRM of this kind, oldest first, as many as are told in one go.
/// The caller holds the connection's lease.
///
/// # Errors
/// The database's.
pub async fn claim(store: &Store, connection: ConnectionId, kind: CrmKind, now: Moment) -> sqlx::Result<Vec<Write>> {
    let can = registry::capabilities(kind);
    let mut tx = store.begin().await?;
    let mut rows: Vec<Write> = on!(tx.conn(), |c| sqlx::query_as(queries::WRITE_CLAIM)
        .bind(connection)
        .bind(now)
        .bind(now + CLAIM_FOR)
        .bind(can.writes)
        .fetch_all(c)
        .await)?;
    for row in rows.iter_mut().filter(|row| row.attempt > 1 && row.payload.leaves_a_trace()) {
        row.others = on!(tx.conn(), |c| sqlx::query_scalar(queries::WRITE_LIKE)
            .bind(row.contact_id)
            .bind(connection)
            .bind(&row.payload)
            .bind(row.created_at - can.overlap)
            .bind(&row.crm_id)
            .fetch_one(c)
            .await)?;
    }
    tx.commit().await?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Records what became of claimed rows, in one transaction.
///
/// # Errors
/// The database's.
pub async fn finish(store: &Store, ends: &[(CrmWriteId, WriteEnd)], now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    for (id, end) in ends {
        match end {
            WriteEnd::Done | WriteEnd::Otherwise(_) | WriteEnd::Failed(_) => {
                let (state, error) = match end {
                    WriteEnd::Failed(error) => ("failed", Some(error.as_str())),
                    WriteEnd::Otherwise(how) => ("done", Some(how.as_str())),
                    _ => ("done", None),
                };
                on!(tx.conn(), |c| sqlx::query(queries::WRITE_END)
                    .bind(id)
                    .bind(state)
                    .bind(error)
                    .bind(now)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
            }
            WriteEnd::Later { due, error, counted } => {
                on!(tx.conn(), |c| sqlx::query(queries::WRITE_LATER)
                    .bind(id)
                    .bind(error)
                    .bind(due)
                    .bind(i32::from(!counted))
                    .execute(c)
                    .await
                    .map(|_| ()))?;
            }
        }
    }
    tx.commit().await
}

/// Rows of a connection by state (`queued`, `sending`, `done`, `failed`), for its screen.
///
/// # Errors
/// The database's.
pub async fn counts(store: &Store, account: AccountId, connection: ConnectionId) -> sqlx::Result<Vec<(String, i64)>> {
    on!(store.read(), |c| sqlx::query_as(queries::WRITE_COUNTS).bind(account).bind(connection).fetch_all(c).await)
}

/// What the CRM was told, or is to be.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Written {
    /// `note`, `opt_out`, `opt_in`, `answer`, `comment` or `task`.
    pub kind: String,
    /// The change itself; forgotten after a while, and with the person.
    pub payload: Json<serde_json::Value>,
    /// `queued`, `sending`, `done` or `failed`.
    pub state: String,
    /// What was seen of the last try that failed.
    pub error: Option<String>,
    pub created_at: Moment,
    pub done_at: Option<Moment>,
    pub contact_id: ContactId,
    pub name: String,
}

/// What a connection's CRM was last told, or is to be, the newest first.
///
/// # Errors
/// The database's.
pub async fn written(store: &Store, account: AccountId, connection: ConnectionId, limit: i64) -> sqlx::Result<Vec<Written>> {
    on!(store.read(), |c| sqlx::query_as(queries::WRITTEN).bind(account).bind(connection).bind(limit).fetch_all(c).await)
}

/// How long whoever is responsible has for a customer who wrote.
const ANSWER_WITHIN: TimeDelta = TimeDelta::hours(2);
/// Characters of what the customer wrote in a task.
const QUOTED: usize = 300;

/// A customer wrote: where the owner asked for it, that becomes a task in each CRM in which they
/// are, one a day for a person; whether any was queued. `title`: what it says before their words.
///
/// # Errors
/// The database's.
pub async fn task(tx: &mut Tx, account: AccountId, contact: ContactId, (title, words): (&str, &str), now: Moment) -> sqlx::Result<bool> {
    let mut found: Vec<(ConnectionId, CrmKind, Json<CrmSettings>)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::ASKS_FOR_TASKS).bind(account).bind(contact).fetch_all(c).await)?;
    found.retain(|(_, kind, settings)| settings.tasks && registry::capabilities(*kind).tasks);
    for (connection, ..) in &found {
        let text = format!("{title}\n{}", clean_to(words, QUOTED));
        let change = CrmChange::Task { text, due: now + ANSWER_WITHIN };
        enqueue_for(tx, account, (contact, Some(*connection)), &change, &format!("wrote:{}", now.date_naive()), now).await?;
    }
    Ok(!found.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{both, clock, crm::fixture};

    both!(async fn a_change_is_queued_once_claimed_and_ended(store) {
        let now = clock::now();
        let (account, connection) = fixture::connection(&store, now).await;
        let contact = fixture::contact(&store, account, Some((connection, "42")), now).await;
        let stranger = fixture::contact(&store, account, None, now).await;
        let note = CrmChange::Note { text: "Кампания «Май»: отправлено".to_owned() };
        let mut tx = store.begin().await.expect("begin");
        for _ in 0..2 {
            enqueue(&mut tx, account, contact, &note, "campaign:1", now).await.expect("enqueue");
            enqueue(&mut tx, account, stranger, &note, "campaign:1", now).await.expect("enqueue");
            enqueue(&mut tx, AccountId::new(), contact, &note, "campaign:2", now).await.expect("enqueue");
        }
        enqueue(&mut tx, account, contact, &CrmChange::OptOut(true), "consent:1", now).await.expect("enqueue");
        tx.commit().await.expect("commit");

        let rows = claim(&store, connection, CrmKind::Amocrm, now).await.expect("claim");
        assert_eq!(rows.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["note", "opt_out"]);
        assert_eq!(rows[0].item(), WriteItem { crm_id: "42".to_owned(), what: note, look_first: None });
        assert!(claim(&store, connection, CrmKind::Amocrm, now).await.expect("claim").is_empty(), "claimed rows are nobody else's");

        let later = now + TimeDelta::seconds(30);
        let ends = [
            (rows[0].id, WriteEnd::Later { due: later, error: "no answer".to_owned(), counted: true }),
            (rows[1].id, WriteEnd::Done),
        ];
        finish(&store, &ends, now).await.expect("finish");
        assert!(claim(&store, connection, CrmKind::Amocrm, now).await.expect("claim").is_empty(), "put off");
        let again = claim(&store, connection, CrmKind::Amocrm, later).await.expect("claim");
        assert_eq!(again.len(), 1);
        assert_eq!(again[0].item().look_first, Some(Look { since: now, others: 0 }), "a second try looks before it repeats");
        assert_eq!(claim(&store, connection, CrmKind::Amocrm, later + CLAIM_FOR).await.expect("claim").len(), 1, "a dead worker's row comes back");
    });
}
