//! Many contacts in few statements: what makes an import quick.
//!
//! SQLite takes groups of rows of a few sizes, so that every statement is prepared once and kept;
//! their placeholders are bare `?`, because the driver looks a numbered one up by walking over all
//! of them (sqlx-sqlite 0.9: quadratic, four fifths of an import's time when it was so). PostgreSQL
//! takes a column as an array, so its statements are constant; what looks up is planned anew each
//! time, because a plan kept from when the table was empty reads all of it, once for each value.

use std::collections::HashMap;

use sqlx::types::Json;

use super::{
    Contact, NewAddress, gone, queries,
    write::{New, columns},
};
use crate::{
    clock::Moment,
    consent::Grade,
    id::{ANY_CHANNEL, AccountId, AddressId, ChannelId, ContactId},
    store::{Db, Tx, fetch_among, groups, heed, marks, rows_of, values},
};

/// Whose addresses these are, on PostgreSQL: each value is looked up by itself. Asked for any of
/// two thousand, the server took an account that its statistics did not know yet for a small one,
/// read all its addresses and compared them with the values: a third of an import's time, and more
/// with every contact.
pub(super) const HOLDERS_POSTGRES: &str = "select a.value, a.contact_id from unnest($4::text[]) as v (value) cross join lateral \
    (select value, contact_id from address where account_id = $1 and kind = $2 and scope_id = $3 and value = v.value limit 1) a";

/// Whose these addresses of one kind are, where somebody's: value and contact.
///
/// # Errors
/// The database's.
pub async fn holders(
    tx: &mut Tx,
    account: AccountId,
    kind: &str,
    scope: ChannelId,
    values: &[&str],
) -> sqlx::Result<Vec<(String, ContactId)>> {
    match tx.conn() {
        Db::Sqlite(c) => {
            let mut found = Vec::new();
            for part in groups(values) {
                let sql = format!(
                    "select value, contact_id from address where account_id = ? and kind = ? and scope_id = ? and value in ({})",
                    marks(part.len())
                );
                let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(account).bind(kind).bind(scope);
                for value in part {
                    query = query.bind(*value);
                }
                found.extend(heed(query.fetch_all(&mut *c).await)?);
            }
            Ok(found)
        }
        Db::Postgres(_) if values.is_empty() => Ok(Vec::new()),
        Db::Postgres(c) => {
            sqlx::query_as(HOLDERS_POSTGRES).persistent(false).bind(account).bind(kind).bind(scope).bind(values).fetch_all(c).await
        }
    }
}

/// These contacts of the account, held until the transaction's end: what is written back is what
/// was read.
///
/// # Errors
/// The database's.
pub async fn load(tx: &mut Tx, account: AccountId, contacts: &[ContactId]) -> sqlx::Result<HashMap<ContactId, Contact>> {
    let rows: Vec<Contact> = fetch_among!(tx, query_as, queries::CONTACTS_AMONG, [account], contacts);
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

const TAGS: &str = "select contact_id, tag, from_crm from contact_tag where account_id = {} and contact_id {among}";

/// The tags of these contacts, in the form that is kept, and whether a CRM gave them.
///
/// # Errors
/// The database's.
pub async fn tags(tx: &mut Tx, account: AccountId, contacts: &[ContactId]) -> sqlx::Result<Vec<(ContactId, String, bool)>> {
    Ok(fetch_among!(tx, query_as, TAGS, [account], contacts))
}

const CRM_PHONES: &str =
    "select contact_id, value from address where {+}account_id = {} and kind = 'phone' and from_crm and contact_id {among}";

/// The phones of these contacts that a CRM gave.
///
/// # Errors
/// The database's.
pub async fn crm_phones(tx: &mut Tx, account: AccountId, contacts: &[ContactId]) -> sqlx::Result<Vec<(ContactId, String)>> {
    Ok(fetch_among!(tx, query_as, CRM_PHONES, [account], contacts))
}

/// Binds the columns of [`New`] of many contacts as arrays, in their order.
macro_rules! column_arrays {
    ($query:expr, $rows:expr) => {{
        let rows = || $rows;
        $query
            .bind(rows().map(|row| row.name.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.first_name.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.last_name.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.search.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.language.as_deref()).collect::<Vec<_>>())
            .bind(rows().map(|row| row.zone.as_deref()).collect::<Vec<_>>())
            .bind(rows().map(|row| Json(&row.attributes)).collect::<Vec<_>>())
            .bind(rows().map(|row| Json(&row.folded)).collect::<Vec<_>>())
    }};
}

/// A contact to be added.
#[derive(Debug)]
pub struct Fresh<'a> {
    pub id: ContactId,
    /// Its columns.
    pub row: &'a New,
    /// Where it comes from.
    pub source: &'a str,
}

/// Adds contacts that are all new. `grade` is what the consents amount to that are appended for
/// each of them, for both purposes, in this very transaction.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, account: AccountId, fresh: &[Fresh<'_>], grade: Option<Grade>, now: Moment) -> sqlx::Result<()> {
    tx.contacts_moved(account, i64::try_from(fresh.len()).unwrap_or(i64::MAX));
    match tx.conn() {
        Db::Sqlite(c) => {
            for part in groups(fresh) {
                let sql = format!(
                    "insert into contact (id, account_id, name, first_name, last_name, search, language, zone, attributes, folded, source, \
                     marketing_grade, personal_data_grade, created_at, updated_at) values {}",
                    rows_of(&format!("{}, jsonb(?), {}", marks(9), marks(5)), part.len())
                );
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
                for Fresh { id, row, source } in part {
                    query = columns!(query.bind(*id).bind(account), row).bind(*source).bind(grade).bind(grade).bind(now).bind(now);
                }
                heed(query.execute(&mut *c).await)?;
            }
        }
        Db::Postgres(_) if fresh.is_empty() => {}
        Db::Postgres(c) => {
            let query = sqlx::query(
                "insert into contact (id, account_id, name, first_name, last_name, search, language, zone, attributes, folded, source, \
                 marketing_grade, personal_data_grade, created_at, updated_at) \
                 select u.id, $1, u.name, u.first_name, u.last_name, u.search, u.language, u.zone, u.attributes, u.folded, u.source, $2, $2, $3, $3 \
                 from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::jsonb[], \
                 $13::text[]) as u(id, name, first_name, last_name, search, language, zone, attributes, folded, source)",
            )
            .bind(account)
            .bind(grade)
            .bind(now)
            .bind(fresh.iter().map(|one| one.id.0).collect::<Vec<_>>());
            let query = column_arrays!(query, fresh.iter().map(|one| one.row));
            query.bind(fresh.iter().map(|one| one.source).collect::<Vec<_>>()).execute(c).await?;
        }
    }
    Ok(())
}

/// Writes so many contacts anew. They are found by their ids alone: by its account, SQLite would
/// read all contacts that it has and look each up among these.
#[must_use]
pub fn update_sqlite(contacts: usize) -> String {
    format!(
        "with v (id, name, first_name, last_name, search, language, zone, attributes, folded) as (values {}) \
         update contact set name = v.name, first_name = v.first_name, last_name = v.last_name, search = v.search, language = v.language, \
         zone = v.zone, attributes = v.attributes, folded = jsonb(v.folded), updated_at = ? \
         from v where contact.id = +v.id and +contact.account_id = ? and contact.deleted_at is null",
        values(contacts, 9)
    )
}

/// Writes what an import changed of contacts that were there: names, language, zone, attributes.
///
/// # Errors
/// The database's.
pub async fn update(tx: &mut Tx, account: AccountId, contacts: &[(ContactId, New)], now: Moment) -> sqlx::Result<()> {
    match tx.conn() {
        Db::Sqlite(c) => {
            for part in groups(contacts) {
                let mut query = sqlx::query(sqlx::AssertSqlSafe(update_sqlite(part.len())));
                for (id, row) in part {
                    query = columns!(query.bind(*id), row);
                }
                heed(query.bind(now).bind(account).execute(&mut *c).await)?;
            }
        }
        Db::Postgres(_) if contacts.is_empty() => {}
        Db::Postgres(c) => {
            let query = sqlx::query(
                "update contact set name = u.name, first_name = u.first_name, last_name = u.last_name, search = u.search, language = u.language, \
                 zone = u.zone, attributes = u.attributes, folded = u.folded, updated_at = $2 \
                 from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::jsonb[]) \
                 as u(id, name, first_name, last_name, search, language, zone, attributes, folded) \
                 where contact.id = u.id and contact.account_id = $1 and contact.deleted_at is null",
            )
            .bind(account)
            .bind(now)
            .bind(contacts.iter().map(|(id, _)| id.0).collect::<Vec<_>>());
            column_arrays!(query, contacts.iter().map(|(_, row)| row)).execute(c).await?;
        }
    }
    Ok(())
}

/// Gives contacts of the account tags that they may have already; the tags are in the form that is
/// kept. `of_crm`: a CRM gave them, and takes away what it has no more.
///
/// # Errors
/// The database's.
pub async fn tag(tx: &mut Tx, account: AccountId, tags: &[(ContactId, String)], of_crm: bool) -> sqlx::Result<()> {
    match tx.conn() {
        Db::Sqlite(c) => {
            for part in groups(tags) {
                let sql = format!(
                    "insert into contact_tag (contact_id, tag, account_id, from_crm) values {} on conflict (account_id, contact_id, tag) do nothing",
                    values(part.len(), 4)
                );
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
                for (contact, tag) in part {
                    query = query.bind(*contact).bind(tag).bind(account).bind(of_crm);
                }
                heed(query.execute(&mut *c).await)?;
            }
        }
        Db::Postgres(_) if tags.is_empty() => {}
        Db::Postgres(c) => {
            sqlx::query(
                "insert into contact_tag (contact_id, tag, account_id, from_crm) select u.contact_id, u.tag, $1, $4 \
                 from unnest($2::uuid[], $3::text[]) as u(contact_id, tag) on conflict (account_id, contact_id, tag) do nothing",
            )
            .bind(account)
            .bind(tags.iter().map(|(contact, _)| contact.0).collect::<Vec<_>>())
            .bind(tags.iter().map(|(_, tag)| tag.as_str()).collect::<Vec<_>>())
            .bind(of_crm)
            .execute(c)
            .await?;
        }
    }
    Ok(())
}

/// Attaches addresses to contacts of the account, those that nobody has; how many it were.
/// `of_crm`: a CRM gave them, and takes away what it has no more.
///
/// # Errors
/// The database's.
pub async fn attach(
    tx: &mut Tx,
    account: AccountId,
    addresses: &[(ContactId, &NewAddress)],
    of_crm: bool,
    now: Moment,
) -> sqlx::Result<u64> {
    let mut added = 0;
    match tx.conn() {
        Db::Sqlite(c) => {
            for part in groups(addresses) {
                let sql = format!(
                    "insert into address (id, account_id, contact_id, kind, value, scope_id, raw, state, from_crm, created_at, \
                     updated_at) values {} on conflict (account_id, kind, value, scope_id) do nothing",
                    values(part.len(), 11)
                );
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
                for (contact, address) in part {
                    query = query
                        .bind(AddressId::new())
                        .bind(account)
                        .bind(*contact)
                        .bind(&address.kind)
                        .bind(&address.value)
                        .bind(address.scope)
                        .bind(&address.raw)
                        .bind("unknown")
                        .bind(of_crm)
                        .bind(now)
                        .bind(now);
                }
                added += heed(query.execute(&mut *c).await)?.rows_affected();
            }
        }
        Db::Postgres(_) if addresses.is_empty() => {}
        Db::Postgres(c) => {
            let each = || addresses.iter().map(|(_, address)| *address);
            added = sqlx::query(
                "insert into address (id, account_id, contact_id, kind, value, scope_id, raw, state, from_crm, created_at, updated_at) \
                 select u.id, $1, u.contact_id, u.kind, u.value, u.scope_id, u.raw, 'unknown', $9, $2, $2 \
                 from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::text[]) \
                 as u(id, contact_id, kind, value, scope_id, raw) on conflict (account_id, kind, value, scope_id) do nothing",
            )
            .bind(account)
            .bind(now)
            .bind(addresses.iter().map(|_| AddressId::new().0).collect::<Vec<_>>())
            .bind(addresses.iter().map(|(contact, _)| contact.0).collect::<Vec<_>>())
            .bind(each().map(|address| address.kind.as_str()).collect::<Vec<_>>())
            .bind(each().map(|address| address.value.as_str()).collect::<Vec<_>>())
            .bind(each().map(|address| address.scope.0).collect::<Vec<_>>())
            .bind(each().map(|address| address.raw.as_deref()).collect::<Vec<_>>())
            .bind(of_crm)
            .execute(c)
            .await?
            .rows_affected();
        }
    }
    gone::heed_many(tx, account, addresses, now).await?;
    Ok(added)
}

const CHATS: &str = "select kind, count(distinct contact_id) from address where {+}account_id = {} and scope_id <> {} \
    and state <> 'unreachable' and contact_id {among} group by kind";

/// How many of these contacts have a chat, by the kind of address: those a message reaches today.
///
/// # Errors
/// The database's.
pub async fn chats(tx: &mut Tx, account: AccountId, contacts: &[ContactId]) -> sqlx::Result<Vec<(String, u64)>> {
    let found: Vec<(String, i64)> = fetch_among!(tx, query_as, CHATS, [account, ANY_CHANNEL], contacts);
    Ok(found.into_iter().map(|(kind, count)| (kind, u64::try_from(count).unwrap_or(0))).collect())
}

const NEEDING_NO_CONSENT: &str = "select c.id from contact c where c.account_id = {} and (c.opted_out_at is not null \
    or (c.marketing_grade <= {} and c.personal_data_grade <= {}) \
    or exists (select 1 from consent e where e.contact_id = c.id and e.purpose = 'marketing' and e.action = 'withdrawn')) \
    and c.id {among}";

/// Of these contacts, those whom a consent of this grade on paper or by word must not touch: they
/// said stop or took an advertising consent back, or their consents are as good already.
///
/// # Errors
/// The database's.
pub async fn needing_no_consent(tx: &mut Tx, account: AccountId, contacts: &[ContactId], grade: i16) -> sqlx::Result<Vec<ContactId>> {
    Ok(fetch_among!(tx, query_scalar, NEEDING_NO_CONSENT, [account, grade, grade], contacts))
}

/// Every statement about many contacts here.
pub const AMONG: [&str; 5] = [queries::CONTACTS_AMONG, TAGS, CRM_PHONES, CHATS, NEEDING_NO_CONSENT];
