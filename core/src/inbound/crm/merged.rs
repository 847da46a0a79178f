//! Records that people of the company merged in the CRM: two contacts of ours are one person from
//! then on, with the consents, the stops and the history of both ([`join`]). It is on the record,
//! and a member may divide them again.
//!
//! Some CRMs say which record survived ([`CrmContact::merged_into`]). Of the others a record is
//! gone, and another one has its phones: that is looked up there before anything is concluded.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Reader, join};
use crate::{
    clock::Moment,
    contact::{self, CrmRef, names, source},
    crm::{CrmContact, connection::Connection, queries},
    id::{AccountId, ContactId},
    inbound::join::Proof,
    on,
    store::{Store, Tx, fetch_among},
    text::phone,
};

/// Carries the merges out that records of a page tell of; how many.
pub(super) async fn told(tx: &mut Tx, connection: &Connection, page: &[CrmContact], now: Moment) -> sqlx::Result<u64> {
    let into: BTreeMap<&str, &str> = page.iter().filter_map(|record| Some((record.id.as_str(), record.merged_into.as_deref()?))).collect();
    // Whoever survived one merge may have gone with the next.
    let last = |of: &'_ str| {
        let mut survivor = into.get(of).copied();
        for _ in 0..into.len() {
            survivor = survivor.and_then(|id| into.get(id).copied()).or(survivor);
        }
        survivor.filter(|id| *id != of && !into.contains_key(id))
    };
    let pairs: Vec<(String, String)> = into.keys().filter_map(|id| Some(((*id).to_owned(), last(id)?.to_owned()))).collect();
    carry(tx, connection, &pairs, Proof::Crm, now).await
}

/// These records became those of the same CRM, as the proof says: their contacts are one. How many
/// were; a record whose survivor was deleted here by a member is left to its deletion.
///
/// # Errors
/// The database's.
pub async fn carry(tx: &mut Tx, connection: &Connection, pairs: &[(String, String)], proof: Proof, now: Moment) -> sqlx::Result<u64> {
    let account = connection.account_id;
    let mut count = 0;
    for (gone, survivor) in pairs {
        let found: Option<(ContactId, String, i64)> = on!(tx.conn(), |c| sqlx::query_as(queries::CONTACT_BY_CRM)
            .bind(account)
            .bind(connection.id)
            .bind(gone)
            .fetch_optional(c)
            .await)?;
        let Some((contact, ..)) = found else { continue };
        let record = CrmRef { connection: connection.id, id: survivor.clone(), updated_at: now, tags: Vec::new() };
        let known = source::whose(tx, account, &record).await?;
        let other = match known {
            Some(other) if other != contact => other,
            same => {
                source::become_of(tx, account, (connection.id, gone), survivor, same.is_some()).await?;
                source::alone(tx, account, contact).await?;
                told_to_survivor(tx, connection, gone, survivor).await?;
                continue;
            }
        };
        if !is_there(tx, account, other).await? {
            continue;
        }
        source::become_of(tx, account, (connection.id, gone), survivor, true).await?;
        told_to_survivor(tx, connection, gone, survivor).await?;
        if join::by_crm(tx, account, (contact, other), proof, now).await?.is_some() {
            count += 1;
        }
    }
    Ok(count)
}

async fn is_there(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<bool> {
    let row: Option<contact::Contact> =
        on!(tx.conn(), |c| sqlx::query_as(contact::queries::CONTACT).bind(account).bind(contact).fetch_optional(c).await)?;
    Ok(row.is_some_and(|row| row.deleted_at.is_none()))
}

async fn told_to_survivor(tx: &mut Tx, connection: &Connection, gone: &str, survivor: &str) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::WRITE_TO_SURVIVOR)
        .bind(connection.account_id)
        .bind(connection.id)
        .bind(gone)
        .bind(survivor)
        .execute(c)
        .await
        .map(|_| ()))
}

/// A record that may be what became of one that is gone: both were given one phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The record that is gone.
    pub gone: String,
    /// The one that may have survived.
    pub survivor: String,
    /// Phones of the contact of the record that is gone which a CRM gave, in E.164.
    phones: BTreeSet<String>,
    /// Words of its names.
    names: BTreeSet<String>,
}

/// Who may have survived, of records that are gone in the CRM: records of the same connection whose
/// contacts are noted as sharing a phone with theirs, and of whom nobody said that they are two.
///
/// # Errors
/// The database's.
pub async fn candidates(store: &Store, connection: &Connection, gone: &[String]) -> sqlx::Result<Vec<Candidate>> {
    const HIGHER: &str = "select s.crm_id, o.crm_id, c.id, c.name, c.first_name, c.last_name from contact_source s \
        join contact c on c.id = s.contact_id join contact_alike p on p.account_id = s.account_id and p.one_id = s.contact_id \
        join contact_source o on o.contact_id = p.two_id and o.connection_id = s.connection_id \
        where {+}s.account_id = {} and s.connection_id = {} and p.why = 'phone' and p.apart_at is null and c.deleted_at is null \
        and s.crm_id {among}";
    const LOWER: &str = "select s.crm_id, o.crm_id, c.id, c.name, c.first_name, c.last_name from contact_source s \
        join contact c on c.id = s.contact_id join contact_alike p on p.account_id = s.account_id and p.two_id = s.contact_id \
        join contact_source o on o.contact_id = p.one_id and o.connection_id = s.connection_id \
        where {+}s.account_id = {} and s.connection_id = {} and p.why = 'phone' and p.apart_at is null and c.deleted_at is null \
        and s.crm_id {among}";
    const PHONES: &str =
        "select contact_id, value from address where {+}account_id = {} and kind = 'phone' and from_crm and contact_id {among}";
    type Row = (String, String, ContactId, String, String, String);
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let account = connection.account_id;
    let ids: Vec<&str> = gone.iter().map(String::as_str).collect();
    let mut rows: Vec<Row> = fetch_among!(read store.read(), query_as, HIGHER, [account, connection.id], &ids, |id| *id);
    let mut others: Vec<Row> = fetch_among!(read store.read(), query_as, LOWER, [account, connection.id], &ids, |id| *id);
    rows.append(&mut others);
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let contacts: Vec<ContactId> = rows.iter().map(|row| row.2).collect();
    let given: Vec<(ContactId, String)> = fetch_among!(read store.read(), query_as, PHONES, [account], &contacts, |id| id.0);
    let mut phones: HashMap<ContactId, BTreeSet<String>> = HashMap::new();
    for (contact, phone) in given {
        phones.entry(contact).or_default().insert(phone);
    }
    let candidate = |(gone, survivor, contact, name, first, last): Row| Candidate {
        gone,
        survivor,
        phones: phones.get(&contact).cloned().unwrap_or_default(),
        names: names::same::words(&[&first, &last, &name]),
    };
    Ok(rows.into_iter().map(candidate).collect())
}

/// What became of the records that are gone, by the candidates as the CRM has them now: the one
/// that has every phone of theirs, and whose name does not contradict. Where there are two such,
/// nothing is proved. Pure.
#[must_use]
pub fn became(candidates: &[Candidate], read: &[CrmContact], reader: &Reader) -> Vec<(String, String)> {
    let mut heirs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in candidates {
        let is = |record: &&CrmContact| record.id == one.survivor && !record.deleted;
        let Some(record) = read.iter().find(is) else { continue };
        let has: BTreeSet<String> =
            record.phones.iter().flat_map(|cell| phone::read_cell(cell, &reader.region).found).map(|phone| phone.e164).collect();
        let words = names::same::words(&[&record.first_name, &record.last_name, &record.name]);
        // Nobody's name proves nothing.
        let named = !one.names.is_empty() && !words.is_empty() && !names::same::contradict(&one.names, &words);
        if named && !has.is_empty() && one.phones.is_subset(&has) {
            heirs.entry(&one.gone).or_default().insert(&one.survivor);
        }
    }
    let only = |(gone, heirs): (&str, BTreeSet<&str>)| match heirs.into_iter().collect::<Vec<_>>()[..] {
        [survivor] => Some((gone.to_owned(), survivor.to_owned())),
        _ => None,
    };
    heirs.into_iter().filter_map(only).collect()
}

#[cfg(test)]
mod tests;
