//! The chain over the consent ledger. A link is what one transaction appended, however much: an
//! import's thousands of entries cost one link. It holds the digest of its entries in the order
//! they were appended, which is the order of their numbers. Of a link that somebody's data were in
//! who was erased since, [`forgotten`] has the digest.

pub mod forgotten;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Broken, Head, Mark, Store, TrailKey, Tx, Whole};
use crate::{clock::Moment, id::AccountId, on};

/// The newest link there is.
pub const LAST: &str = "select seq, hash from consent_link where account_id = $1 order by seq desc limit 1";
/// Appends a link.
pub const INSERT: &str = "insert into consent_link (account_id, seq, batch, entries, digest, at, note, prev_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
/// A page of links.
pub const LINKS: &str = "select seq, batch, entries, digest, at, note, prev_hash, hash from consent_link where account_id = $1 and seq > $2 order by seq limit $3";
/// The hash of a link.
pub const HASH: &str = "select hash from consent_link where account_id = $1 and seq = $2";
/// A page of the ledger, in the order of its numbers, with the link each entry belongs to.
pub const ENTRIES: &str = "select e.id, e.contact_id, e.purpose, e.action, e.grade, e.wording_id, e.channel_id, e.evidence, e.actor, e.at, e.recorded_at, e.batch is null as bare, l.seq as link, l.entries as link_entries, l.digest as link_digest from consent e left join consent_link l on l.batch = e.batch and l.account_id = e.account_id where e.account_id = $1 and e.id > $2 order by e.id limit $3";
/// Every statement.
pub const ALL: &[&str] = &[LAST, INSERT, LINKS, HASH, ENTRIES];

/// Rows read at a time.
const PAGE: i64 = 2_000;

/// An entry of the ledger, as the chain sees it.
#[derive(Debug, Clone)]
pub struct Fact<'a> {
    pub contact: Uuid,
    /// The word of its purpose.
    pub purpose: &'a str,
    /// The word of its action.
    pub action: &'a str,
    /// 1 = A … 4 = D.
    pub grade: i16,
    pub wording: Option<Uuid>,
    pub channel: Option<Uuid>,
    pub evidence: &'a Value,
    /// Who recorded it.
    pub actor: &'a str,
    pub at: Moment,
    pub recorded_at: Moment,
}

/// What a change appends to the ledger: one link to be.
#[derive(Debug, Clone)]
pub struct Batch {
    /// What its entries carry.
    pub id: Uuid,
    pub(super) at: Moment,
    entries: i64,
    digest: Sha256,
}

impl Batch {
    pub(in crate::store) fn new(at: Moment) -> Self {
        Self { id: Uuid::now_v7(), at, entries: 0, digest: Sha256::new() }
    }

    /// One more entry, in the order they are appended.
    pub fn add(&mut self, fact: &Fact<'_>) {
        self.entries += 1;
        feed(&mut self.digest, fact);
    }

    pub(super) fn link(self, note: &str) -> Link {
        Link {
            seq: 0,
            batch: self.id,
            entries: self.entries,
            digest: hex::encode(self.digest.finalize()),
            at: self.at,
            note: note.to_owned(),
            prev_hash: String::new(),
            hash: String::new(),
        }
    }
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Link {
    seq: i64,
    batch: Uuid,
    entries: i64,
    digest: String,
    at: Moment,
    note: String,
    prev_hash: String,
    hash: String,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: i64,
    contact_id: Uuid,
    purpose: String,
    action: String,
    grade: i16,
    wording_id: Option<Uuid>,
    channel_id: Option<Uuid>,
    evidence: sqlx::types::Json<Value>,
    actor: String,
    at: Moment,
    recorded_at: Moment,
    bare: bool,
    link: Option<i64>,
    link_entries: Option<i64>,
    link_digest: Option<String>,
}

impl Row {
    fn fact(&self) -> Fact<'_> {
        Fact {
            contact: self.contact_id,
            purpose: &self.purpose,
            action: &self.action,
            grade: self.grade,
            wording: self.wording_id,
            channel: self.channel_id,
            evidence: &self.evidence.0,
            actor: &self.actor,
            at: self.at,
            recorded_at: self.recorded_at,
        }
    }
}

fn feed(digest: &mut Sha256, fact: &Fact<'_>) {
    let id = |id: Option<Uuid>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    let mut evidence = String::new();
    canonical(fact.evidence, &mut evidence);
    let parts: [&[u8]; 10] = [
        fact.contact.as_bytes(),
        fact.purpose.as_bytes(),
        fact.action.as_bytes(),
        &fact.grade.to_be_bytes(),
        &id(fact.wording),
        &id(fact.channel),
        evidence.as_bytes(),
        fact.actor.as_bytes(),
        &fact.at.timestamp_millis().to_be_bytes(),
        &fact.recorded_at.timestamp_millis().to_be_bytes(),
    ];
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
}

/// JSON in one form whatever an engine made of it: JSONB keeps neither the order of keys nor
/// spaces.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for key in keys {
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                canonical(&map[key], out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

fn hash(key: &TrailKey, account: AccountId, link: &Link) -> String {
    let numbers = [link.seq.to_be_bytes(), link.entries.to_be_bytes(), link.at.timestamp_millis().to_be_bytes()];
    key.link(&[
        link.prev_hash.as_bytes(),
        account.0.as_bytes(),
        &numbers.concat(),
        link.batch.as_bytes(),
        link.digest.as_bytes(),
        link.note.as_bytes(),
    ])
}

pub(super) async fn append(tx: &mut Tx, key: &TrailKey, account: AccountId, head: &mut Head, mut link: Link) -> sqlx::Result<()> {
    link.seq = head.links + 1;
    link.prev_hash.clone_from(&head.link_hash);
    link.hash = hash(key, account, &link);
    on!(tx.conn(), |c| sqlx::query(INSERT)
        .bind(account)
        .bind(link.seq)
        .bind(link.batch)
        .bind(link.entries)
        .bind(&link.digest)
        .bind(link.at)
        .bind(&link.note)
        .bind(&link.prev_hash)
        .bind(&link.hash)
        .execute(c)
        .await
        .map(|_| ()))?;
    head.links = link.seq;
    head.link_hash = link.hash;
    Ok(())
}

/// Begins the chain over the entries that are there.
pub(super) async fn adopt(tx: &mut Tx, key: &TrailKey, account: AccountId, head: &mut Head, reason: &str, now: Moment) -> sqlx::Result<()> {
    let last: Option<(i64, String)> = on!(tx.conn(), |c| sqlx::query_as(LAST).bind(account).fetch_optional(c).await)?;
    (head.links, head.link_hash) = last.unwrap_or_default();
    let (mut batch, mut seen) = (Batch::new(now), 0);
    loop {
        let page: Vec<Row> = on!(tx.conn(), |c| sqlx::query_as(ENTRIES).bind(account).bind(seen).bind(PAGE).fetch_all(c).await)?;
        let Some(last) = page.last() else { break };
        seen = last.id;
        // The change's own entries have no link yet; they get one right after this.
        page.iter().filter(|row| row.bare || row.link.is_some()).for_each(|row| batch.add(&row.fact()));
    }
    if batch.entries > 0 || reason != "upgrade" {
        append(tx, key, account, head, batch.link(reason)).await?;
    }
    Ok(())
}

/// Walks an account's whole consent ledger along its chain.
///
/// # Errors
/// The database's; what is wrong is the inner result.
pub async fn verify(store: &Store, account: AccountId) -> sqlx::Result<Result<Whole, Broken>> {
    let Some(key) = store.trail.clone() else { return Ok(Err(Broken::NoKey)) };
    let head = match store.trail_head(account).await? {
        Ok(head) => head,
        Err(broken) => return Ok(Err(broken)),
    };
    loop {
        let chain = match links(store, &key, account, head.clone()).await? {
            Ok(chain) => chain,
            Err(broken) => return Ok(Err(broken)),
        };
        let forgotten = chain.forgotten.clone();
        let verified = entries(store, account, chain).await?;
        // Somebody was erased while we looked: what was read is of before and of after.
        if verified.is_ok() || forgotten::digests(store, &key, account).await?.is_ok_and(|now| now == forgotten) {
            return Ok(verified);
        }
    }
}

/// The chain by itself, without the entries.
struct Chain {
    head: Head,
    /// The newest link over what was found.
    found: Option<Link>,
    /// Entries of the links after it.
    entries: i64,
    broken_before: Option<Broken>,
    /// Digests that take the place of a link's own ([`forgotten`]).
    forgotten: BTreeMap<i64, String>,
}

impl Chain {
    /// The digest that a link's entries must have now.
    fn digest<'a>(&'a self, link: i64, own: &'a str) -> &'a str {
        self.forgotten.get(&link).map_or(own, String::as_str)
    }
}

async fn links(store: &Store, key: &TrailKey, account: AccountId, head: Head) -> sqlx::Result<Result<Chain, Broken>> {
    let forgotten = match forgotten::digests(store, key, account).await? {
        Ok(digests) => digests,
        Err(link) => return Ok(Err(Broken::ConsentsChanged(link))),
    };
    let mut chain = Chain { head, found: None, entries: 0, broken_before: None, forgotten };
    let (mut seq, mut prev, mut wrong) = (0, String::new(), None);
    loop {
        let page: Vec<Link> = on!(store.read(), |c| sqlx::query_as(LINKS).bind(account).bind(seq).bind(PAGE).fetch_all(c).await)?;
        if page.is_empty() {
            break;
        }
        for link in page {
            if link.seq > chain.head.links {
                // Appended while we look; then the head has moved too.
                match store.trail_head(account).await? {
                    Ok(head) if link.seq <= head.links => chain.head = head,
                    _ => return Ok(Err(Broken::Added(link.seq))),
                }
            }
            let genuine = hash(key, account, &link) == link.hash && link.prev_hash == prev;
            if link.seq != seq + 1 {
                wrong = wrong.or(Some(Broken::Gap { expected: seq + 1, found: link.seq }));
            } else if !genuine {
                wrong = wrong.or(Some(Broken::Changed(link.seq)));
            }
            (seq, prev) = (link.seq, link.hash.clone());
            if link.note.is_empty() || !genuine {
                chain.entries += link.entries;
                continue;
            }
            // Whatever was wrong before, this is what was found then.
            wrong = None;
            let reason = match link.note.as_str() {
                "upgrade" => None,
                "head_lost" => Some("missing"),
                _ => Some("forged"),
            };
            if let Some(reason) = reason {
                chain.broken_before = chain.broken_before.or(Some(Broken::BrokenBefore { at: link.at, reason, entry: link.seq }));
            }
            chain.entries = 0;
            chain.found = Some(link);
        }
    }
    if let Some(wrong) = wrong {
        return Ok(Err(wrong));
    }
    if seq != chain.head.links {
        return Ok(Err(Broken::CutOff { head: chain.head.links, found: seq }));
    }
    if prev != chain.head.link_hash {
        return Ok(Err(Broken::Changed(seq)));
    }
    Ok(Ok(chain))
}

async fn entries(store: &Store, account: AccountId, chain: Chain) -> sqlx::Result<Result<Whole, Broken>> {
    let begins = chain.found.as_ref().map_or(0, |link| link.seq);
    let mut found = Batch::new(Moment::default());
    // Links whose entries were seen in part; a link's entries stand close together.
    let mut open: HashMap<i64, Batch> = HashMap::new();
    let (mut seen, mut chained) = (0, 0);
    loop {
        let page: Vec<Row> = on!(store.read(), |c| sqlx::query_as(ENTRIES).bind(account).bind(seen).bind(PAGE).fetch_all(c).await)?;
        let Some(last) = page.last() else { break };
        seen = last.id;
        for row in &page {
            let (Some(seq), Some(count), Some(digest)) = (row.link, row.link_entries, &row.link_digest) else {
                if row.bare && chain.found.is_some() {
                    found.add(&row.fact());
                    continue;
                }
                return Ok(Err(Broken::ConsentAdded(row.id)));
            };
            if seq < begins {
                found.add(&row.fact());
                continue;
            }
            if seq > chain.head.links {
                // Appended while we look.
                continue;
            }
            chained += 1;
            let batch = open.entry(seq).or_insert_with(|| Batch::new(Moment::default()));
            batch.add(&row.fact());
            if batch.entries == count
                && let Some(batch) = open.remove(&seq)
                && batch.link("").digest != chain.digest(seq, digest)
            {
                return Ok(Err(Broken::ConsentsChanged(seq)));
            }
        }
    }
    if let Some(seq) = open.into_keys().min() {
        return Ok(Err(Broken::ConsentsChanged(seq)));
    }
    let before = found.entries;
    if let Some(link) = &chain.found {
        let digest = found.link("").digest;
        if before != link.entries || digest != chain.digest(link.seq, &link.digest) {
            return Ok(Err(Broken::FoundChanged));
        }
    }
    if chained != chain.entries {
        return Ok(Err(Broken::ConsentsMissing { chained: chain.entries, found: chained }));
    }
    if let Some(broken) = chain.broken_before {
        return Ok(Err(broken));
    }
    let (mark, forgotten) = (chain.head.consents(), chain.forgotten.range(begins..).count());
    let found = chain.found.map(|link| (link.at, before));
    Ok(Ok(Whole { entries: before + chained, mark, found, forgotten }))
}

/// Whether the chain is the one that was noted.
///
/// # Errors
/// The database's; what is wrong is the inner result.
pub async fn expect(store: &Store, account: AccountId, mark: &Mark) -> sqlx::Result<Result<(), Broken>> {
    let hash: Option<String> = on!(store.read(), |c| sqlx::query_scalar(HASH).bind(account).bind(mark.count).fetch_optional(c).await)?;
    Ok(if mark.fits(hash.as_deref()) { Ok(()) } else { Err(Broken::NotExpected(mark.count)) })
}
