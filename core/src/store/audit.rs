//! The trail of who did what: append-only, each entry chained to the one before ([`super::trail`]),
//! one chain an account.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Store, Tx,
    trail::{self, Broken, Draft, Mark, TrailKey, Whole},
};
use crate::{clock::Moment, id::AccountId, on};

/// The newest entry of an account.
pub const LAST: &str = "select seq, hash from audit where account_id = $1 order by seq desc limit 1";
/// The hash of an entry.
pub const HASH: &str = "select hash from audit where account_id = $1 and seq = $2";
/// Adds a link.
pub const INSERT: &str =
    "insert into audit (account_id, seq, at, actor, action, subject, details, prev_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
/// A page of the chain, oldest first.
pub const FROM: &str =
    "select seq, at, actor, action, subject, details, prev_hash, hash from audit where account_id = $1 and seq > $2 order by seq limit $3";
/// Holds the account's row: two changes that must not pass each other go one after the other.
pub const HOLD: &str = "update account set name = name where id = $1";
/// Every statement.
pub const ALL: &[&str] = &[LAST, HASH, INSERT, FROM, HOLD];

/// One entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    /// Its number within the account, from 1 without gaps.
    pub seq: i64,
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
    /// HMAC over all of the above; of entries from before the trail had a key, SHA-256.
    pub hash: String,
}

/// The parts of an entry that its hash is over.
fn parts(account: AccountId, entry: &Entry) -> [String; 8] {
    [
        entry.prev_hash.clone(),
        account.to_string(),
        entry.seq.to_string(),
        entry.at.timestamp_millis().to_string(),
        entry.actor.clone(),
        entry.action.clone(),
        entry.subject.clone(),
        entry.details.clone(),
    ]
}

fn lengths_and(sha: &mut Sha256, parts: &[String]) {
    for part in parts {
        // The length first, so that no two different entries can run together into the same bytes.
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
}

pub(super) fn keyed_hash(key: &TrailKey, account: AccountId, entry: &Entry) -> String {
    let parts = parts(account, entry);
    key.entry(&parts.each_ref().map(String::as_bytes))
}

/// Whether an entry hashes as entries did before the trail had a key.
pub(super) fn as_before(account: AccountId, entry: &Entry) -> bool {
    let mut sha = Sha256::new();
    lengths_and(&mut sha, &parts(account, entry));
    hex::encode(sha.finalize()) == entry.hash
}

/// One entry more in the digest of what was found.
pub(super) fn feed(digest: &mut Sha256, entry: &Entry) {
    let at = entry.at.timestamp_millis().to_string();
    let all = [entry.seq.to_string(), at, entry.actor.clone(), entry.action.clone(), entry.subject.clone(), entry.details.clone()];
    lengths_and(digest, &all);
    lengths_and(digest, &[entry.prev_hash.clone(), entry.hash.clone()]);
}

/// Appends an entry to the caller's change, so that a change and its trace are one: it is written
/// at the commit.
///
/// # Errors
/// None now; a store without the sealing key refuses at the commit.
#[expect(clippy::unused_async, reason = "callers do not know what the trail costs")]
pub async fn record(
    tx: &mut Tx,
    account: AccountId,
    actor: &str,
    action: &str,
    subject: &str,
    details: &Value,
    now: Moment,
) -> sqlx::Result<()> {
    let draft =
        Draft { at: now, actor: actor.to_owned(), action: action.to_owned(), subject: subject.to_owned(), details: details.to_string() };
    tx.notes.entry(account).or_default().entries.push(draft);
    Ok(())
}

pub(super) async fn insert(tx: &mut Tx, account: AccountId, entry: &Entry) -> sqlx::Result<()> {
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

/// Entries read at a time.
const PAGE: i64 = 1_000;

/// A page of the chain inside a change.
pub(super) async fn page(tx: &mut Tx, account: AccountId, after: i64) -> sqlx::Result<Vec<Entry>> {
    on!(tx.conn(), |c| sqlx::query_as(FROM).bind(account).bind(after).bind(PAGE).fetch_all(c).await)
}

/// Entries after `after`, oldest first, `limit` at most.
///
/// # Errors
/// The database's.
pub async fn entries(store: &Store, account: AccountId, after: i64, limit: i64) -> sqlx::Result<Vec<Entry>> {
    on!(store.read(), |c| sqlx::query_as(FROM).bind(account).bind(after).bind(limit).fetch_all(c).await)
}

/// What an entry that begins the chain over others says.
#[derive(Debug, serde::Deserialize)]
struct Adopted {
    reason: String,
    entries: i64,
    digest: String,
}

/// Walks an account's whole chain, up to its head.
///
/// # Errors
/// The database's; what is wrong with the chain is the inner result.
pub async fn verify(store: &Store, account: AccountId) -> sqlx::Result<Result<Whole, Broken>> {
    let Some(key) = store.trail.clone() else { return Ok(Err(Broken::NoKey)) };
    let mut head = match store.trail_head(account).await? {
        Ok(head) => head,
        Err(broken) => return Ok(Err(broken)),
    };
    let (mut seen, mut prev, mut count, mut digest) = (0, String::new(), 0_i64, Sha256::new());
    let (mut wrong, mut before, mut found): (Option<Broken>, Option<Broken>, _) = (None, None, None);
    loop {
        let page = entries(store, account, seen, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for entry in page {
            if entry.seq > head.entries {
                // Appended while we look; then the head has moved too.
                match store.trail_head(account).await? {
                    Ok(moved) if entry.seq <= moved.entries => head = moved,
                    _ => return Ok(Err(Broken::Added(entry.seq))),
                }
            }
            let genuine = entry.prev_hash == prev && keyed_hash(&key, account, &entry) == entry.hash;
            if entry.seq != seen + 1 {
                wrong = wrong.or(Some(Broken::Gap { expected: seen + 1, found: entry.seq }));
            } else if !genuine {
                wrong = wrong.or(Some(Broken::Changed(entry.seq)));
            }
            if genuine
                && entry.action == trail::ADOPTED
                && let Ok(adopted) = serde_json::from_str::<Adopted>(&entry.details)
            {
                // Whatever was wrong before, it must be what was found then.
                let same = adopted.entries == count && adopted.digest == hex::encode(digest.clone().finalize());
                wrong = if same { None } else { Some(Broken::FoundChanged) };
                found = Some((entry.at, count));
                let reason = match adopted.reason.as_str() {
                    "upgrade" => None,
                    "head_lost" => Some("missing"),
                    _ => Some("forged"),
                };
                if let Some(reason) = reason {
                    before = before.or(Some(Broken::BrokenBefore { at: entry.at, reason, entry: entry.seq }));
                }
            }
            feed(&mut digest, &entry);
            count += 1;
            seen = entry.seq;
            prev = entry.hash;
        }
    }
    Ok(if let Some(wrong) = wrong {
        Err(wrong)
    } else if seen != head.entries {
        Err(Broken::CutOff { head: head.entries, found: seen })
    } else if prev != head.entry_hash {
        Err(Broken::Changed(seen))
    } else if let Some(before) = before {
        Err(before)
    } else {
        Ok(Whole { entries: count, mark: head.audit(), found, forgotten: 0 })
    })
}

/// Whether the chain is the one that was noted.
///
/// # Errors
/// The database's; what is wrong is the inner result.
pub async fn expect(store: &Store, account: AccountId, mark: &Mark) -> sqlx::Result<Result<(), Broken>> {
    let hash: Option<String> = on!(store.read(), |c| sqlx::query_scalar(HASH).bind(account).bind(mark.count).fetch_optional(c).await)?;
    Ok(if mark.fits(hash.as_deref()) { Ok(()) } else { Err(Broken::NotExpected(mark.count)) })
}
