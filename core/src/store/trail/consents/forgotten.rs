//! What names a person in the ledger's evidence goes when their data are destroyed. The link keeps
//! the digest of what was appended, which nothing fits any more; beside it comes the digest of what
//! is there now, made with the key by a change that found the link whole. So a ledger that somebody
//! changed before is not made good by it.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::types::Json;

use super::{Batch, ENTRIES, PAGE, Row};
use crate::{
    clock::Moment,
    id::AccountId,
    on,
    store::{Db, Tx, trail::TrailKey},
};

/// The link that an entry belongs to; of entries from before the chain began: that of what was
/// found then.
pub const LINK: &str = "select l.seq, l.entries, l.digest, l.note from consent_link l where l.account_id = $1 and l.seq = coalesce(\
    (select max(f.seq) from consent_link f where f.account_id = $1 and f.note <> '' and f.seq > coalesce(\
        (select o.seq from consent e join consent_link o on o.batch = e.batch and o.account_id = e.account_id where e.account_id = $1 and e.id = $2), 0)), \
    (select o.seq from consent e join consent_link o on o.batch = e.batch and o.account_id = e.account_id where e.account_id = $1 and e.id = $2))";
/// Takes the place of an entry's evidence.
pub const REPLACE: &str = "update consent set evidence = $3 where account_id = $1 and id = $2";
/// Whose evidence was replaced: the digest of a link's entries since then.
pub const DIGEST: &str = "select digest, mac from consent_forgotten where account_id = $1 and link = $2";
/// The same of all links of an account.
pub const DIGESTS: &str = "select link, digest, mac from consent_forgotten where account_id = $1";
/// Notes it.
pub const NOTE: &str = "insert into consent_forgotten (account_id, link, digest, mac) values ($1, $2, $3, $4) \
    on conflict (account_id, link) do update set digest = excluded.digest, mac = excluded.mac";
/// Two changes to entries of one link come one after the other (PostgreSQL).
const HOLD: &str = "select seq from consent_link where account_id = $1 and seq = $2 for update";
/// Every statement.
pub const ALL: &[&str] = &[LINK, REPLACE, DIGEST, DIGESTS, NOTE];

/// Evidence in the one form that is hashed, whatever an engine made of it.
#[must_use]
pub fn canonical(evidence: &Value) -> String {
    let mut text = String::new();
    super::canonical(evidence, &mut text);
    text
}

/// What a link holds.
#[derive(Debug, sqlx::FromRow)]
struct Held {
    seq: i64,
    entries: i64,
    digest: String,
    note: String,
}

fn mac(key: &TrailKey, account: AccountId, link: i64, digest: &str) -> String {
    key.link(&[b"forgotten", account.0.as_bytes(), &link.to_be_bytes(), digest.as_bytes()])
}

/// The digests of links of which something was forgotten; `Err`: the link whose digest was not made
/// with this key.
pub(super) async fn digests(
    store: &crate::store::Store,
    key: &TrailKey,
    account: AccountId,
) -> sqlx::Result<Result<BTreeMap<i64, String>, i64>> {
    let rows: Vec<(i64, String, String)> = on!(store.read(), |c| sqlx::query_as(DIGESTS).bind(account).fetch_all(c).await)?;
    let mut digests = BTreeMap::new();
    for (link, digest, given) in rows {
        if given != mac(key, account, link, &digest) {
            return Ok(Err(link));
        }
        digests.insert(link, digest);
    }
    Ok(Ok(digests))
}

/// Replaces the evidence of entries, by their numbers; what else they say stays. The new evidence
/// has a value `forgotten`.
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx, account: AccountId, replaced: BTreeMap<i64, Value>) -> sqlx::Result<()> {
    // Without a trace the chains begin anew over what is there at the next start.
    let key = tx.trail.clone().filter(|_| !tx.untraced);
    let mut links: BTreeMap<i64, (Held, BTreeMap<i64, Value>)> = BTreeMap::new();
    let mut loose = BTreeMap::new();
    for (id, evidence) in replaced {
        let held: Option<Held> = match key {
            Some(_) => on!(tx.conn(), |c| sqlx::query_as(LINK).bind(account).bind(id).fetch_optional(c).await)?,
            None => None,
        };
        match held {
            Some(held) => drop(links.entry(held.seq).or_insert_with(|| (held, BTreeMap::new())).1.insert(id, evidence)),
            None => drop(loose.insert(id, evidence)),
        }
    }
    replace(tx, account, &loose).await?;
    let Some(key) = key else { return Ok(()) };
    for (link, (held, replaced)) in links {
        if let Db::Postgres(c) = tx.conn() {
            sqlx::query(HOLD).bind(account).bind(link).execute(c).await?;
        }
        let before: Option<(String, String)> = on!(tx.conn(), |c| sqlx::query_as(DIGEST).bind(account).bind(link).fetch_optional(c).await)?;
        let genuine = before.as_ref().is_none_or(|(digest, given)| *given == mac(&key, account, link, digest));
        let expected = before.map_or_else(|| held.digest.clone(), |(digest, _)| digest);
        let (was, is) = walked(tx, account, &held, &replaced).await?;
        replace(tx, account, &replaced).await?;
        if genuine && was.entries == held.entries && was.link("").digest == expected {
            let digest = is.link("").digest;
            let mac = mac(&key, account, link, &digest);
            on!(tx.conn(), |c| sqlx::query(NOTE).bind(account).bind(link).bind(&digest).bind(&mac).execute(c).await.map(|_| ()))?;
        } else {
            tracing::error!(%account, link, "the consents of a link are not what was appended: `mms admin consent verify`");
        }
    }
    Ok(())
}

async fn replace(tx: &mut Tx, account: AccountId, replaced: &BTreeMap<i64, Value>) -> sqlx::Result<()> {
    for (id, evidence) in replaced {
        on!(tx.conn(), |c| sqlx::query(REPLACE).bind(account).bind(*id).bind(Json(evidence)).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// The entries of a link as they are, and as they will be. A link's entries stand close together,
/// those that were found when a chain began at the ledger's beginning.
async fn walked(tx: &mut Tx, account: AccountId, held: &Held, replaced: &BTreeMap<i64, Value>) -> sqlx::Result<(Batch, Batch)> {
    let found = !held.note.is_empty();
    let (first, last) = (replaced.keys().next().copied().unwrap_or(0), replaced.keys().next_back().copied().unwrap_or(0));
    // Other changes of the time may have entries between these (PostgreSQL).
    let mut around = held.entries.saturating_add(64);
    loop {
        let (mut was, mut is) = (Batch::new(Moment::default()), Batch::new(Moment::default()));
        let (mut seen, to) = if found { (0, i64::MAX) } else { (first.saturating_sub(around).max(0), last.saturating_add(around)) };
        let whole = seen == 0;
        loop {
            let page: Vec<Row> = on!(tx.conn(), |c| sqlx::query_as(ENTRIES).bind(account).bind(seen).bind(PAGE).fetch_all(c).await)?;
            let Some(newest) = page.last() else { break };
            seen = newest.id;
            for row in &page {
                let theirs = if found { row.bare || row.link.is_some_and(|link| link < held.seq) } else { row.link == Some(held.seq) };
                if theirs {
                    was.add(&row.fact());
                    is.add(&super::Fact { evidence: replaced.get(&row.id).unwrap_or(&row.evidence.0), ..row.fact() });
                }
            }
            if seen >= to || was.entries >= held.entries {
                break;
            }
        }
        if was.entries >= held.entries || whole {
            return Ok((was, is));
        }
        around = around.saturating_mul(16);
    }
}
