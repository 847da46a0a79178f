//! People whose data were destroyed on demand, known by a keyed hash of each address they had: a
//! file, a CRM or a member who names them again is refused, and nobody can read out of the database
//! whom. The key is made from the sealing key, which the database does not hold.
//!
//! A person who writes by themselves is answered as somebody new; if they had said stop before,
//! that holds for them still ([`super::gone`]).

use std::collections::HashMap;

use super::{DeletedBy, NewAddress, delete, gone, import::named};
use crate::{
    clock::Moment,
    consent::{forget, suppression},
    id::{AccountId, ContactId, ErasureId},
    on,
    store::{Db, Store, Tx, groups, heed, marks},
};

/// Whether an account has erased anybody.
pub const ANY: &str = "select exists (select 1 from erased_mark where account_id = $1)";
/// Marks an address.
pub const MARK: &str = "insert into erased_mark (account_id, digest, erasure_id, stopped) values ($1, $2, $3, $4) \
    on conflict (account_id, digest) do update set erasure_id = excluded.erasure_id, stopped = erased_mark.stopped or excluded.stopped";
/// All addresses a contact has and had.
pub const ADDRESSES: &str = "select kind, value from address where account_id = $1 and contact_id = $2 \
    union select f.kind, f.value from contact c join former_address f on f.contact_id = c.id where c.account_id = $1 and c.id = $2";
/// Events that were given up and name an address: nobody knows whose they are.
pub const GIVEN_UP: &str = "update inbound set payload = '' where account_id = $1 and state = 'failed' and handled_at is null \
    and payload like '%' || $2 || '%'";
/// Of whom this is an event: which ones a person's chat left not understood.
pub const UNREAD: &str =
    "update inbound set payload = '', state = 'handled', handled_at = $3 where account_id = $1 and contact_id = $2 and state = 'new'";
/// Whether somebody is here and not deleted.
pub const HERE: &str = "select exists (select 1 from contact where account_id = $1 and id = $2 and deleted_at is null)";
/// Every statement.
pub const ALL: &[&str] = &[ANY, MARK, ADDRESSES, GIVEN_UP, UNREAD, HERE];
/// Shorter values are found in events of anybody.
const TELLING: usize = 6;

/// Whether a contact is here and not deleted.
///
/// # Errors
/// The database's.
pub async fn is_here(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<bool> {
    on!(tx.conn(), |c| sqlx::query_scalar(HERE).bind(account).bind(contact).fetch_one(c).await)
}

/// The numbers of the demands by which people with these addresses were erased, by the address.
/// Most accounts have erased nobody: that is one statement.
///
/// # Errors
/// The database's.
pub async fn among(tx: &mut Tx, account: AccountId, addresses: &[&NewAddress]) -> sqlx::Result<HashMap<String, i64>> {
    let mut found = HashMap::new();
    let any: bool = on!(tx.conn(), |c| sqlx::query_scalar(ANY).bind(account).fetch_one(c).await)?;
    if !any {
        return Ok(found);
    }
    let by_digest: HashMap<String, &str> =
        addresses.iter().filter_map(|one| Some((tx.person_digest(account, &one.kind, &one.value)?, one.value.as_str()))).collect();
    let digests: Vec<&str> = by_digest.keys().map(String::as_str).collect();
    let rows: Vec<(String, i64)> = match tx.conn() {
        Db::Sqlite(c) => {
            let mut rows = Vec::new();
            for part in groups(&digests) {
                let sql = format!("{NUMBERS}in ({})", marks(part.len()));
                let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(account);
                for digest in part {
                    query = query.bind(*digest);
                }
                rows.extend(heed(query.fetch_all(&mut *c).await)?);
            }
            rows
        }
        Db::Postgres(c) => {
            let sql = format!("{}= any($2)", NUMBERS.replace('?', "$1"));
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).persistent(false).bind(account).bind(&digests).fetch_all(c).await?
        }
    };
    for (digest, number) in rows {
        if let Some(value) = by_digest.get(&digest) {
            found.insert((*value).to_owned(), number);
        }
    }
    Ok(found)
}

/// The beginning of what is asked of many digests.
const NUMBERS: &str =
    "select m.digest, e.number from erased_mark m join erasure e on e.id = m.erasure_id where m.account_id = ? and m.digest ";

/// The number of the demand by which a person with one of these addresses was erased.
///
/// # Errors
/// The database's.
pub async fn one_of(tx: &mut Tx, account: AccountId, addresses: &[NewAddress]) -> sqlx::Result<Option<i64>> {
    let all: Vec<&NewAddress> = addresses.iter().collect();
    Ok(among(tx, account, &all).await?.into_values().min())
}

/// What of a person is kept nowhere but in files, found before the change that erases them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// All addresses they have and had: kind and value.
    pub addresses: Vec<(String, String)>,
    /// Files of imports that name one of them.
    pub files: named::Files,
    /// By what the person is known in texts that are not theirs.
    pub known: forget::Known,
}

/// Destroys what is known of a person and leaves marks by which they are refused later; `false`:
/// the account has no such contact (any more). What proves something of the company and names
/// nobody stays as [`super::delete`] says.
///
/// # Errors
/// The database's.
pub async fn destroy(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    erasure: ErasureId,
    person: &Person,
    by: DeletedBy<'_>,
    now: Moment,
) -> sqlx::Result<bool> {
    tx.overwrite().await?;
    let stopped = suppression::is_stopped(tx, account, contact).await?;
    mark(tx, account, erasure, &person.addresses, stopped).await?;
    let addresses: Vec<(&str, &str)> = person.addresses.iter().map(|(kind, value)| (kind.as_str(), value.as_str())).collect();
    gone::mark(tx, account, contact, &addresses, stopped).await?;
    on!(tx.conn(), |c| sqlx::query(UNREAD).bind(account).bind(contact).bind(now).execute(c).await.map(|_| ()))?;
    forget::forget(tx, account, contact, &person.known).await?;
    if !delete(tx, account, contact, by, now).await? {
        return Ok(false);
    }
    // The list of addresses never written to would name them: the marks do its work.
    suppression::forget(tx, account, contact, &person.addresses).await?;
    // As a provider writes a phone: its digits.
    for said in person.addresses.iter().map(|(_, value)| value.trim_start_matches('+')).filter(|said| said.len() >= TELLING) {
        on!(tx.conn(), |c| sqlx::query(GIVEN_UP).bind(account).bind(said).execute(c).await.map(|_| ()))?;
    }
    named::forget(tx, account, &person.files, now).await?;
    Ok(true)
}

/// Marks the addresses of somebody who is erased.
///
/// # Errors
/// The database's.
async fn mark(tx: &mut Tx, account: AccountId, erasure: ErasureId, addresses: &[(String, String)], stopped: bool) -> sqlx::Result<()> {
    for (kind, value) in addresses {
        let Some(digest) = tx.person_digest(account, kind, value) else { continue };
        on!(tx.conn(), |c| sqlx::query(MARK).bind(account).bind(&digest).bind(erasure).bind(stopped).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// What of a person is kept where: read before the change that destroys it.
///
/// # Errors
/// The database's.
pub async fn find(store: &Store, account: AccountId, contact: ContactId) -> sqlx::Result<Person> {
    let addresses: Vec<(String, String)> = on!(store.read(), |c| sqlx::query_as(ADDRESSES).bind(account).bind(contact).fetch_all(c).await)?;
    let values: Vec<String> = addresses.iter().map(|(_, value)| value.clone()).collect();
    let files = named::files(store, account, &values).await?;
    let known = forget::known(store, account, contact, &addresses).await?;
    Ok(Person { addresses, files, known })
}
