//! What a database's own administrator cannot forge: two chains an account, one of the audit
//! trail's entries, one over the consent ledger, each link an HMAC over the one before, and a head
//! that says how far both go. The key is derived from the sealing key, which the database does not
//! hold.
//!
//! A change only notes what belongs to the chains ([`Tx`] keeps it); both are written at the
//! change's commit, as its last statements. So a head is held for a moment however long the change
//! was, nobody holds one while waiting for a row, and a change that is dropped leaves nothing.
//!
//! README, «The trail», says which changes are found by this and which are not. Whoever has the key
//! and the database can forge everything but what was noted elsewhere: in logs, in [`notes`], in a
//! chat.

pub mod consents;
pub mod notes;
pub mod strangers;

use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Store, Tx, audit};
use crate::{
    clock::Moment,
    id::AccountId,
    on,
    secret::{KEY_LEN, Sealer, keyed},
};

/// Takes an account's head for the rest of the change.
pub const HOLD: &str = "update trail_head set entries = entries where account_id = $1 returning entries, entry_hash, links, link_hash, mac";
/// An account's head.
pub const HEAD: &str = "select entries, entry_hash, links, link_hash, mac from trail_head where account_id = $1";
/// A head for an account that has none; nothing when another change was first.
pub const MAKE: &str = "insert into trail_head (account_id, entries, entry_hash, links, link_hash, mac) values ($1, 0, '', 0, '', '') on conflict (account_id) do nothing";
/// Moves a head that is held.
pub const MOVE: &str = "update trail_head set entries = $2, entry_hash = $3, links = $4, link_hash = $5, mac = $6 where account_id = $1";
/// Accounts without a head.
pub const HEADLESS: &str =
    "select a.id from account a where not exists (select 1 from trail_head h where h.account_id = a.id) order by a.created_at, a.id";
/// Since when every account has one.
pub const SINCE: &str = "select at, mac from trail_since where id = 1";
/// Notes since when.
pub const BEGIN: &str = "insert into trail_since (id, at, mac) values (1, $1, $2) on conflict (id) do nothing";
/// Takes an account's head away.
pub const DROP: &str = "delete from trail_head where account_id = $1";
/// Takes away since when every account has one.
pub const DROP_SINCE: &str = "delete from trail_since";
/// Every statement.
pub const ALL: &[&str] = &[HOLD, HEAD, MAKE, MOVE, HEADLESS, SINCE, BEGIN, DROP, DROP_SINCE];

/// The action of an entry by which a chain begins over entries that were there before.
pub const ADOPTED: &str = "trail.adopt";
/// The action of an account's first entry.
const FOUNDED: &str = "account.create";

/// The keys of the chains.
#[derive(Clone)]
pub struct TrailKey {
    entries: [u8; KEY_LEN],
    links: [u8; KEY_LEN],
    heads: [u8; KEY_LEN],
    /// By which people who were erased are known again.
    people: [u8; KEY_LEN],
}

impl fmt::Debug for TrailKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrailKey(***)")
    }
}

impl TrailKey {
    pub(super) fn of(sealer: &Sealer) -> Self {
        Self {
            entries: sealer.derive("audit entries"),
            links: sealer.derive("consent links"),
            heads: sealer.derive("trail heads"),
            people: sealer.derive("erased people"),
        }
    }

    pub(super) fn entry(&self, parts: &[&[u8]]) -> String {
        hex::encode(keyed(&self.entries, parts))
    }

    pub(super) fn person(&self, parts: &[&[u8]]) -> String {
        hex::encode(keyed(&self.people, parts))
    }

    fn link(&self, parts: &[&[u8]]) -> String {
        hex::encode(keyed(&self.links, parts))
    }

    fn head(&self, account: AccountId, head: &Head) -> String {
        let (entries, links) = (head.entries.to_string(), head.links.to_string());
        let parts =
            [account.0.as_bytes().as_slice(), entries.as_bytes(), head.entry_hash.as_bytes(), links.as_bytes(), head.link_hash.as_bytes()];
        hex::encode(keyed(&self.heads, &parts))
    }

    fn since(&self, at: Moment) -> String {
        hex::encode(keyed(&self.heads, &[b"since", at.timestamp_millis().to_string().as_bytes()]))
    }
}

/// How far an account's chains go.
#[derive(Debug, Clone, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Head {
    /// Entries of the audit trail.
    pub entries: i64,
    /// The hash of the newest.
    pub entry_hash: String,
    /// Links of the consent chain.
    pub links: i64,
    /// The hash of the newest.
    pub link_hash: String,
    mac: String,
}

impl Head {
    /// How far the audit trail goes, as people note it down.
    #[must_use]
    pub fn audit(&self) -> Mark {
        Mark { count: self.entries, hash: self.entry_hash.clone() }
    }

    /// How far the consent chain goes.
    #[must_use]
    pub fn consents(&self) -> Mark {
        Mark { count: self.links, hash: self.link_hash.clone() }
    }
}

/// A chain's length and its last hash, `212:9f3c…`: noted elsewhere, it proves later that nothing
/// up to there was exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// How many links.
    pub count: i64,
    /// The hash of the last one, or its first sixteen digits or more.
    pub hash: String,
}

impl Mark {
    /// The first sixteen digits: as many as people copy.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{}:{}", self.count, self.hash.get(..16).unwrap_or(&self.hash))
    }

    /// Whether the link of this number has this hash.
    #[must_use]
    pub fn fits(&self, hash: Option<&str>) -> bool {
        match hash {
            None => self.count == 0 && self.hash.is_empty(),
            Some(hash) => hash.starts_with(&self.hash) && !self.hash.is_empty(),
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.count, self.hash)
    }
}

/// A text that was given as a mark, and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is a number, a colon and at least 16 hex digits: 212:9f3c01d2a4b5c6d7")]
pub struct NoMark;

impl FromStr for Mark {
    type Err = NoMark;

    fn from_str(text: &str) -> Result<Self, NoMark> {
        let (count, hash) = text.trim().split_once(':').ok_or(NoMark)?;
        let count = count.parse().map_err(|_| NoMark)?;
        let hash = hash.to_ascii_lowercase();
        let fits = (16..=64).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) && count > 0;
        if fits { Ok(Self { count, hash }) } else { Err(NoMark) }
    }
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
    /// The chain ends before its head says.
    #[error("the newest entries are missing: the head says {head}, {found} are there")]
    CutOff {
        head: i64,
        /// There.
        found: i64,
    },
    /// The chain goes on after its head.
    #[error("entry {0} was added by somebody without the key")]
    Added(i64),
    /// There is no head, or it was not made with this key.
    #[error("the head is missing, or was not made with this sealing key")]
    Head,
    /// The entries from before the chain began are not those that were found at its beginning.
    #[error("what was there before the chain began was changed")]
    FoundChanged,
    /// The chain had to begin anew.
    #[error("the chain was broken before {at}: its head was {reason} then; what was there is kept as it was found (entry {entry})")]
    BrokenBefore {
        /// When it was noticed.
        at: Moment,
        /// `missing` or `forged`.
        reason: &'static str,
        /// The entry that says so.
        entry: i64,
    },
    /// An entry of the consent ledger belongs to no link.
    #[error("consent {0} was written by somebody without the key")]
    ConsentAdded(i64),
    /// Entries of the consent ledger are missing or changed.
    #[error("consents of link {0} were changed, added or removed")]
    ConsentsChanged(i64),
    /// Links have more entries than the ledger.
    #[error("consents are missing: the chain has {chained}, the ledger {found}")]
    ConsentsMissing {
        /// By the links.
        chained: i64,
        /// There.
        found: i64,
    },
    /// The chain is whole, but is not the one that was noted.
    #[error("this is not the chain that was noted: entry {0} has another hash, or is not there")]
    NotExpected(i64),
    /// The store was opened without the key.
    #[error("the sealing key is needed to verify")]
    NoKey,
}

/// A chain that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Entries: of the trail, or of the consent ledger.
    pub entries: i64,
    /// How far the chain goes.
    pub mark: Mark,
    /// When the chain began over entries that were there before, and how many those were: they are
    /// as they were found then.
    pub found: Option<(Moment, i64)>,
    /// Links of the consent chain of which something was taken out, because somebody's data were
    /// destroyed on demand.
    pub forgotten: usize,
}

impl Whole {
    /// In words, for the command line.
    #[must_use]
    pub fn words(&self) -> String {
        let found = self.found.map_or_else(String::new, |(at, n)| {
            format!(" (chained since {}; the {n} before are as they were found then)", at.format("%Y-%m-%d %H:%M:%S UTC"))
        });
        let forgotten = match self.forgotten {
            0 => String::new(),
            n => format!("; in {n} links what named people who were erased is taken out"),
        };
        format!("{} entries, all whole; head {}{found}{forgotten}", self.entries, self.mark)
    }
}

/// An entry to be appended at the commit.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub at: Moment,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub details: String,
}

/// What a change leaves to be chained.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub entries: Vec<Draft>,
    pub consents: Option<consents::Batch>,
}

/// By account, in one order: two changes never wait for each other's heads.
pub(super) type Notes = BTreeMap<AccountId, Pending>;

/// The change has something to be chained, and the store was opened without the key.
fn no_key() -> sqlx::Error {
    sqlx::Error::Configuration("this store was opened without the sealing key: the trail cannot be written".into())
}

impl Store {
    /// With the key of the trail: without it a change that leaves a trace is refused.
    #[must_use]
    pub fn sealed_by(mut self, sealer: &Sealer) -> Self {
        self.trail = Some(Arc::new(TrailKey::of(sealer)));
        self
    }

    /// Without a trace: for a restore where the key is not at hand. The chains of the accounts it
    /// changes begin anew at the next start, over the entries that are there then.
    #[must_use]
    pub fn untraced(mut self) -> Self {
        self.untraced = true;
        self
    }

    /// Gives a head to every account without one, and notes since when all have one. Entries from
    /// before are kept as they are found, and the chain's first link holds their digest. To be
    /// called at every start, when nothing else writes yet.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_trail(&self, now: Moment) -> sqlx::Result<()> {
        let key = self.trail.clone().ok_or_else(no_key)?;
        let headless: Vec<AccountId> = on!(self.read(), |c| sqlx::query_scalar(HEADLESS).fetch_all(c).await)?;
        for account in headless {
            let mut tx = self.begin_bulk().await?;
            let head = hold(&mut tx, &key, account, false, now).await?;
            put(&mut tx, &key, account, &head).await?;
            tx.commit().await?;
            tracing::info!(%account, audit = %head.audit(), consents = %head.consents(), "an account's trail is chained from here on");
        }
        let since: Option<(Moment, String)> = on!(self.read(), |c| sqlx::query_as(SINCE).fetch_optional(c).await)?;
        if since.is_none() {
            let mut tx = self.begin().await?;
            on!(tx.conn(), |c| sqlx::query(BEGIN).bind(now).bind(key.since(now)).execute(c).await.map(|_| ()))?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// An account's head, if it has one made with this key.
    ///
    /// # Errors
    /// The database's; what is wrong is the inner result.
    pub async fn trail_head(&self, account: AccountId) -> sqlx::Result<Result<Head, Broken>> {
        let Some(key) = &self.trail else { return Ok(Err(Broken::NoKey)) };
        let head: Option<Head> = on!(self.read(), |c| sqlx::query_as(HEAD).bind(account).fetch_optional(c).await)?;
        Ok(head.filter(|head| head.mac == key.head(account, head)).ok_or(Broken::Head))
    }
}

/// Writes what the change noted: the last thing before its commit.
pub(super) async fn write(tx: &mut Tx) -> sqlx::Result<()> {
    let notes = std::mem::take(&mut tx.notes);
    if notes.is_empty() {
        return Ok(());
    }
    if tx.untraced {
        for account in notes.into_keys() {
            on!(tx.conn(), |c| sqlx::query(DROP).bind(account).execute(c).await.map(|_| ()))?;
        }
        return on!(tx.conn(), |c| sqlx::query(DROP_SINCE).execute(c).await.map(|_| ()));
    }
    let key = tx.trail.clone().ok_or_else(no_key)?;
    for (account, pending) in notes {
        if account == strangers::NOBODY {
            strangers::write(tx, &key, pending.entries).await?;
            continue;
        }
        let Some(now) = pending.entries.first().map(|draft| draft.at).or(pending.consents.as_ref().map(|batch| batch.at)) else { continue };
        let founding = pending.entries.first().is_some_and(|draft| draft.action == FOUNDED);
        let mut head = hold(tx, &key, account, founding, now).await?;
        for draft in pending.entries {
            append(tx, &key, account, &mut head, draft).await?;
        }
        if let Some(batch) = pending.consents {
            consents::append(tx, &key, account, &mut head, batch.link("")).await?;
        }
        put(tx, &key, account, &head).await?;
    }
    Ok(())
}

async fn append(tx: &mut Tx, key: &TrailKey, account: AccountId, head: &mut Head, draft: Draft) -> sqlx::Result<()> {
    let Draft { at, actor, action, subject, details } = draft;
    let mut entry = audit::Entry {
        seq: head.entries + 1,
        at,
        actor,
        action,
        subject,
        details,
        prev_hash: head.entry_hash.clone(),
        hash: String::new(),
    };
    entry.hash = audit::keyed_hash(key, account, &entry);
    audit::insert(tx, account, &entry).await?;
    head.entries = entry.seq;
    head.entry_hash = entry.hash;
    Ok(())
}

async fn put(tx: &mut Tx, key: &TrailKey, account: AccountId, head: &Head) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(MOVE)
        .bind(account)
        .bind(head.entries)
        .bind(&head.entry_hash)
        .bind(head.links)
        .bind(&head.link_hash)
        .bind(key.head(account, head))
        .execute(c)
        .await
        .map(|_| ()))
}

/// Takes the account's head for the rest of the change. One that is missing or was not made with
/// this key is begun anew over what is there, and the chain says so for good: a change is not
/// refused for it, for nobody's «stop» may wait for a trail.
async fn hold(tx: &mut Tx, key: &TrailKey, account: AccountId, founding: bool, now: Moment) -> sqlx::Result<Head> {
    let take = async |tx: &mut Tx| -> sqlx::Result<Option<Head>> {
        on!(tx.conn(), |c| sqlx::query_as(HOLD).bind(account).fetch_optional(c).await)
    };
    let mut reason = "head_broken";
    let mut head = take(tx).await?;
    if head.is_none() {
        let made = on!(tx.conn(), |c| sqlx::query(MAKE).bind(account).execute(c).await.map(|done| done.rows_affected()))?;
        head = take(tx).await?;
        if made == 1 {
            if founding {
                return Ok(Head::default());
            }
            let since: Option<(Moment, String)> = on!(tx.conn(), |c| sqlx::query_as(SINCE).fetch_optional(c).await)?;
            reason = if since.is_some() { "head_lost" } else { "upgrade" };
        }
    }
    match head {
        Some(head) if head.mac == key.head(account, &head) => Ok(head),
        _ => adopt(tx, key, account, reason, now).await,
    }
}

/// Begins the chains over what is there, as it is found.
async fn adopt(tx: &mut Tx, key: &TrailKey, account: AccountId, reason: &'static str, now: Moment) -> sqlx::Result<Head> {
    let mut head = Head::default();
    let (mut found, mut digest, mut whole) = (0_i64, Sha256::new(), true);
    loop {
        let page = audit::page(tx, account, head.entries).await?;
        let Some(last) = page.last() else { break };
        for entry in &page {
            whole = whole && entry.seq == found + 1 && audit::as_before(account, entry);
            found += 1;
            audit::feed(&mut digest, entry);
        }
        (head.entries, head.entry_hash) = (last.seq, last.hash.clone());
    }
    let fresh = reason == "upgrade";
    if found > 0 || !fresh {
        if !fresh {
            tracing::error!(%account, reason, "the head of an account's trail is not what it should be: `mms admin audit verify`");
        }
        let details = json!({ "reason": reason, "entries": found, "digest": hex::encode(digest.finalize()), "whole": whole });
        let draft = Draft {
            at: now,
            actor: "system".to_owned(),
            action: ADOPTED.to_owned(),
            subject: account.to_string(),
            details: details.to_string(),
        };
        append(tx, key, account, &mut head, draft).await?;
    }
    consents::adopt(tx, key, account, &mut head, reason, now).await?;
    Ok(head)
}

#[cfg(test)]
mod tests;
