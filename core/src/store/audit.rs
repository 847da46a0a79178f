//! The trail of who did what: append-only, each entry chained to the one before by hash, one chain an account.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Store, Tx};
use crate::{clock::Moment, id::AccountId, on};

/// The newest link of an account's chain.
pub const LAST: &str = "select seq, hash from audit where account_id = $1 order by seq desc limit 1";
/// Adds a link.
pub const INSERT: &str =
    "insert into audit (account_id, seq, at, actor, action, subject, details, prev_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
/// A stretch of the chain, oldest first.
pub const FROM: &str =
    "select seq, at, actor, action, subject, details, prev_hash, hash from audit where account_id = $1 and seq > $2 order by seq limit $3";
/// Holds the account's row so that two writers cannot take the same number.
pub const HOLD: &str = "update account set name = name where id = $1";
/// Every statement.
pub const ALL: &[&str] = &[LAST, INSERT, FROM, HOLD];

/// One entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    /// Its number within the account, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// Who: a member's id, `admin` (the command line) or `system`.
    pub actor: String,
    /// What was done, e.g. `campaign.launch`.
    pub action: String,
    /// To what: an id or a name.
    pub subject: String,
    /// JSON with what changed; no secrets, no personal data.
    pub details: String,
    /// The hash of the entry before; empty for the first.
    pub prev_hash: String,
    /// SHA-256 over all of the above.
    pub hash: String,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A number is missing.
    #[error("entry {expected} is missing (found {found})")]
    Gap {
        /// The number that should come next.
        expected: i64,
        /// The number that came.
        found: i64,
    },
    /// An entry does not hash to what it says, or does not follow the one before.
    #[error("entry {0} was changed")]
    Changed(i64),
}

fn hash(account: AccountId, entry: &Entry) -> String {
    let mut sha = Sha256::new();
    let at = entry.at.timestamp_millis().to_string();
    let seq = entry.seq.to_string();
    let account = account.to_string();
    for part in [&entry.prev_hash, &account, &seq, &at, &entry.actor, &entry.action, &entry.subject, &entry.details] {
        // The length first, so that no two different entries can run together into the same bytes.
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    hex::encode(sha.finalize())
}

/// Appends an entry in the caller's transaction, so that a change and its trace are one.
///
/// # Errors
/// The database's.
pub async fn record(
    tx: &mut Tx,
    account: AccountId,
    actor: &str,
    action: &str,
    subject: &str,
    details: &Value,
    now: Moment,
) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(HOLD).bind(account).execute(c).await.map(|_| ()))?;
    let last: Option<(i64, String)> = on!(tx.conn(), |c| sqlx::query_as(LAST).bind(account).fetch_optional(c).await)?;
    let (seq, prev_hash) = last.map_or((1, String::new()), |(seq, hash)| (seq + 1, hash));
    let mut entry = Entry {
        seq,
        at: now,
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        details: details.to_string(),
        prev_hash,
        hash: String::new(),
    };
    entry.hash = hash(account, &entry);
    on!(tx.conn(), |c| sqlx::query(INSERT)
        .bind(account)
        .bind(entry.seq)
        .bind(entry.at)
        .bind(&entry.actor)
        .bind(&entry.action)
        .bind(&entry.subject)
        .bind(&entry.details)
        .bind(&entry.prev_hash)
        .bind(&entry.hash)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Entries after `after`, oldest first, `limit` at most.
///
/// # Errors
/// The database's.
pub async fn entries(store: &Store, account: AccountId, after: i64, limit: i64) -> sqlx::Result<Vec<Entry>> {
    on!(store.read(), |c| sqlx::query_as(FROM).bind(account).bind(after).bind(limit).fetch_all(c).await)
}

/// Walks an account's whole chain; `Ok(Ok(n))` says that all `n` entries are whole.
///
/// # Errors
/// The database's; what is wrong with the chain is the inner result.
pub async fn verify(store: &Store, account: AccountId) -> sqlx::Result<Result<i64, Broken>> {
    const PAGE: i64 = 1_000;
    let (mut seen, mut prev) = (0, String::new());
    loop {
        let page = entries(store, account, seen, PAGE).await?;
        if page.is_empty() {
            return Ok(Ok(seen));
        }
        for entry in page {
            if entry.seq != seen + 1 {
                return Ok(Err(Broken::Gap { expected: seen + 1, found: entry.seq }));
            }
            if entry.prev_hash != prev || hash(account, &entry) != entry.hash {
                return Ok(Err(Broken::Changed(entry.seq)));
            }
            seen = entry.seq;
            prev = entry.hash;
        }
    }
}
