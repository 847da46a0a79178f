//! A page of a CRM's records at once: what is here of them is read in a few statements, and what
//! they change is written in as few, however many there are. Whatever is not plain (a phone that
//! another contact has, a tag or a phone that comes to a contact) goes the way of one record
//! ([`super::update`], [`super::create`]).

use std::collections::{HashMap, HashSet};

use super::{
    Contact, Draft, EMAIL, NewAddress, PHONE, bulk, queries,
    write::{New, revised},
};
use crate::{
    clock::Moment,
    id::{ANY_CHANNEL, AccountId, ConnectionId, ContactId},
    on,
    store::{Db, Engine, Tx, among, groups, heed, values},
};

/// What is here of a record.
#[derive(Debug)]
pub struct Here {
    contact: Contact,
    /// It is one of several records of its contact.
    several: bool,
    /// With whether a CRM gave them.
    tags: HashMap<String, bool>,
    /// Its phones that the CRM gave.
    phones: HashSet<String>,
}

/// A record, as it is read with its contact.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    record: String,
    records: i64,
    #[sqlx(flatten)]
    contact: Contact,
}

impl Here {
    /// Whose it is.
    #[must_use]
    pub fn contact(&self) -> ContactId {
        self.contact.id
    }

    /// A person deleted it here: the CRM has no say.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.contact.deleted_at.is_some()
    }

    /// Whether other records say something of its contact, too.
    #[must_use]
    pub fn is_of_several(&self) -> bool {
        self.several
    }

    /// What a CRM gave and these do not name: tags in the form that is kept, and phones.
    #[must_use]
    pub fn given_no_more(&self, tags: &[String], draft: &Draft) -> (Vec<String>, Vec<String>) {
        let dropped = |(tag, from_crm): (&String, &bool)| (*from_crm && !tags.contains(tag)).then(|| tag.clone());
        let gone = |phone: &&String| draft.addresses.iter().all(|address| address.value != **phone);
        (self.tags.iter().filter_map(dropped).collect(), self.phones.iter().filter(gone).cloned().collect())
    }

    /// Whether nothing but names and fields can be news: it is its contact's only record, and the
    /// contact has all these tags, in the form that is kept, and all phones of the draft.
    #[must_use]
    pub fn is_plain(&self, tags: &[String], draft: &Draft) -> bool {
        !self.several
            && tags.iter().all(|tag| self.tags.contains_key(tag))
            && draft.addresses.iter().all(|address| address.kind == PHONE && self.phones.contains(&address.value))
    }

    /// Whether the draft changes anything beside tags and addresses.
    #[must_use]
    pub fn is_changed_by(&self, draft: &Draft) -> bool {
        revised(&self.contact, draft) != self.contact
    }
}

/// What is here of these records of a connection, by their ids there.
///
/// # Errors
/// The database's.
pub async fn here(tx: &mut Tx, account: AccountId, connection: ConnectionId, records: &[&str]) -> sqlx::Result<HashMap<String, Here>> {
    let rows: Vec<Row> = match tx.conn() {
        Db::Sqlite(c) => {
            let mut rows = Vec::with_capacity(records.len());
            for part in groups(records) {
                let sql = among(Engine::Sqlite, queries::RECORDS_SQLITE, part.len());
                let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(account).bind(connection);
                for record in part {
                    query = query.bind(*record);
                }
                rows.append(&mut heed(query.fetch_all(&mut *c).await)?);
            }
            rows
        }
        Db::Postgres(c) => {
            sqlx::query_as(queries::RECORDS_POSTGRES).persistent(false).bind(account).bind(connection).bind(records).fetch_all(c).await?
        }
    };
    let mut tags: HashMap<ContactId, HashMap<String, bool>> = HashMap::new();
    let mut phones: HashMap<ContactId, HashSet<String>> = HashMap::new();
    let ids: Vec<ContactId> = rows.iter().map(|row| row.contact.id).collect();
    for (id, tag, from_crm) in bulk::tags(tx, account, &ids).await? {
        tags.entry(id).or_default().insert(tag, from_crm);
    }
    for (id, phone) in bulk::crm_phones(tx, account, &ids).await? {
        phones.entry(id).or_default().insert(phone);
    }
    let here = rows.into_iter().map(|Row { record, records, contact }| {
        let (tags, phones) = (tags.remove(&contact.id).unwrap_or_default(), phones.remove(&contact.id).unwrap_or_default());
        (record, Here { contact, several: records != 1, tags, phones })
    });
    Ok(here.collect())
}

/// Which of these drafts of a connection are of nobody who is here: none of their addresses is
/// anybody's, or named by another draft of the page. `true` in their places. Of a CRM that was
/// connected before, whoever was known then is nobody's stranger: all are looked up one by one.
///
/// # Errors
/// The database's.
pub async fn strangers(
    tx: &mut Tx,
    account: AccountId,
    connection: ConnectionId,
    drafts: &[&Draft],
    page: &[&Draft],
) -> sqlx::Result<Vec<bool>> {
    let before: bool = on!(tx.conn(), |c| sqlx::query_scalar(queries::CONNECTED_BEFORE).bind(account).bind(connection).fetch_one(c).await)?;
    if before {
        return Ok(vec![false; drafts.len()]);
    }
    let mut named: HashMap<&str, u32> = HashMap::new();
    for address in page.iter().flat_map(|draft| &draft.addresses) {
        *named.entry(&address.value).or_default() += 1;
    }
    let values: Vec<&str> = drafts.iter().flat_map(|draft| &draft.addresses).map(|address| address.value.as_str()).collect();
    let held: HashSet<String> =
        bulk::holders(tx, account, PHONE, ANY_CHANNEL, &values).await?.into_iter().map(|(value, _)| value).collect();
    let own = |address: &NewAddress| address.kind == PHONE && !held.contains(&address.value) && named[address.value.as_str()] == 1;
    Ok(drafts.iter().map(|draft| draft.addresses.iter().all(own)).collect())
}

/// Whose these e-mails in small letters are, where somebody's.
///
/// # Errors
/// The database's.
pub async fn emails(tx: &mut Tx, account: AccountId, values: &[&str]) -> sqlx::Result<HashMap<String, ContactId>> {
    Ok(bulk::holders(tx, account, EMAIL, ANY_CHANNEL, values).await?.into_iter().collect())
}

/// A contact that was added.
#[derive(Debug)]
pub struct Added {
    pub contact: ContactId,
    /// Its addresses that somebody else took meanwhile, and who.
    pub taken: Vec<(NewAddress, ContactId)>,
}

/// Adds contacts of records that are [`strangers`], with their tags in the form that is kept; in
/// their order.
///
/// # Errors
/// The database's.
pub async fn add(tx: &mut Tx, account: AccountId, new: &[(&Draft, Vec<String>)], now: Moment) -> sqlx::Result<Vec<Added>> {
    let rows: Vec<New> = new.iter().map(|(draft, _)| New::of(draft)).collect();
    let fresh: Vec<bulk::Fresh<'_>> =
        new.iter().zip(&rows).map(|((draft, _), row)| bulk::Fresh { id: ContactId::new(), row, source: &draft.source }).collect();
    bulk::insert(tx, account, &fresh, None, now).await?;
    let ids: Vec<ContactId> = fresh.iter().map(|one| one.id).collect();
    let each = || ids.iter().copied().zip(new);
    let mut addresses: Vec<(ContactId, &NewAddress)> =
        each().flat_map(|(id, (draft, _))| draft.addresses.iter().map(move |address| (id, address))).collect();
    // Two who write the same phones at once wait for each other in one order, never crosswise.
    addresses.sort_by(|(_, a), (_, b)| a.value.cmp(&b.value));
    let mut taken: HashMap<ContactId, Vec<(NewAddress, ContactId)>> = HashMap::new();
    if bulk::attach(tx, account, &addresses, true, now).await? != addresses.len() as u64 {
        let values: Vec<&str> = addresses.iter().map(|(_, address)| address.value.as_str()).collect();
        let holders: HashMap<String, ContactId> = bulk::holders(tx, account, PHONE, ANY_CHANNEL, &values).await?.into_iter().collect();
        for (id, address) in addresses {
            if let Some(holder) = holders.get(&address.value).filter(|holder| **holder != id) {
                taken.entry(id).or_default().push((address.clone(), *holder));
            }
        }
    }
    let tags: Vec<(ContactId, String)> = each().flat_map(|(id, (_, tags))| tags.iter().map(move |tag| (id, tag.clone()))).collect();
    bulk::tag(tx, account, &tags, true).await?;
    Ok(ids.into_iter().map(|contact| Added { contact, taken: taken.remove(&contact).unwrap_or_default() }).collect())
}

/// Writes what drafts change of contacts beside tags and addresses.
///
/// # Errors
/// The database's.
pub async fn change(tx: &mut Tx, account: AccountId, changed: &[(&Here, &Draft)], now: Moment) -> sqlx::Result<()> {
    let revised: Vec<(ContactId, New)> = match tx.engine() {
        // Nobody else writes meanwhile.
        Engine::Sqlite => changed.iter().map(|(here, draft)| (here.contact(), New::of_row(&revised(&here.contact, draft)))).collect(),
        // Read once more and held: what is written back is what was read, and whoever was deleted
        // meanwhile stays deleted ([`bulk::update`]).
        Engine::Postgres => {
            let ids: Vec<ContactId> = changed.iter().map(|(here, _)| here.contact()).collect();
            let rows = bulk::load(tx, account, &ids).await?;
            let again = |(here, draft): &(&Here, &Draft)| {
                let row = rows.get(&here.contact())?;
                Some((here.contact(), New::of_row(&revised(row, draft))))
            };
            changed.iter().filter_map(again).collect()
        }
    };
    bulk::update(tx, account, &revised, now).await
}

/// A record that a sync saw.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Whose it is.
    pub contact: ContactId,
    /// Its id in the CRM.
    pub record: &'a str,
    /// Its last change there.
    pub updated_at: Moment,
    /// What it said, taken in whole; `None`: it is to be read again.
    pub digest: Option<i64>,
}

/// A sync saw these records. Another contact's stays that one's.
///
/// # Errors
/// The database's.
pub async fn saw(tx: &mut Tx, account: AccountId, connection: ConnectionId, seen: &[Seen<'_>], now: Moment) -> sqlx::Result<()> {
    const KEPT: &str = "on conflict (connection_id, crm_id) do update set updated_at = excluded.updated_at, seen_at = excluded.seen_at, \
        digest = excluded.digest where contact_source.contact_id = excluded.contact_id";
    match tx.conn() {
        Db::Sqlite(c) => {
            for part in groups(seen) {
                let sql = format!(
                    "insert into contact_source (account_id, connection_id, crm_id, contact_id, updated_at, digest, seen_at, since) values {} {KEPT}",
                    values(part.len(), 8)
                );
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
                for one in part {
                    query = query.bind(account).bind(connection).bind(one.record).bind(one.contact).bind(one.updated_at).bind(one.digest);
                    query = query.bind(now).bind(now);
                }
                heed(query.execute(&mut *c).await)?;
            }
        }
        Db::Postgres(_) if seen.is_empty() => {}
        Db::Postgres(c) => {
            let sql = format!(
                "insert into contact_source (account_id, connection_id, crm_id, contact_id, updated_at, digest, seen_at, since) \
                 select $1, $2, u.record, u.id, u.at, u.digest, $3, $3 \
                 from unnest($4::uuid[], $5::text[], $6::timestamptz[], $7::bigint[]) as u(id, record, at, digest) {KEPT}"
            );
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(account)
                .bind(connection)
                .bind(now)
                .bind(seen.iter().map(|one| one.contact.0).collect::<Vec<_>>())
                .bind(seen.iter().map(|one| one.record).collect::<Vec<_>>())
                .bind(seen.iter().map(|one| one.updated_at).collect::<Vec<_>>())
                .bind(seen.iter().map(|one| one.digest).collect::<Vec<_>>())
                .execute(c)
                .await?;
        }
    }
    Ok(())
}

/// Records of a connection that are as they were.
pub const AGAIN: &str = "update contact_source set seen_at = {} where account_id = {} and connection_id = {} and crm_id {among}";

/// A sync saw these records as they were.
///
/// # Errors
/// The database's.
pub async fn seen_again(tx: &mut Tx, account: AccountId, connection: ConnectionId, records: &[&str], now: Moment) -> sqlx::Result<()> {
    match tx.conn() {
        Db::Sqlite(c) => {
            for part in groups(records) {
                let sql = among(Engine::Sqlite, AGAIN, part.len());
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now).bind(account).bind(connection);
                for record in part {
                    query = query.bind(*record);
                }
                heed(query.execute(&mut *c).await)?;
            }
        }
        Db::Postgres(_) if records.is_empty() => {}
        Db::Postgres(c) => {
            let sql = sqlx::AssertSqlSafe(among(Engine::Postgres, AGAIN, 0));
            sqlx::query(sql).persistent(false).bind(now).bind(account).bind(connection).bind(records).execute(c).await?;
        }
    }
    Ok(())
}
