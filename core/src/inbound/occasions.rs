//! A page of a CRM's occasions becomes occasions here, in the caller's transaction. Repeatable: the
//! same page again changes nothing, and an older state never replaces a newer one.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::{
    clock::Moment,
    contact::occasion::{self, Kept, NewOccasion, OccasionKind, OccasionState},
    crm::{
        connection::Connection,
        occasion::{CrmOccasion, OccasionRef},
    },
    id::{ConnectionId, ContactId},
    store::{Store, Tx, fetch_among},
    text::clean_to,
};

/// Longest text of an occasion that is kept, characters: a title may name several services.
const MAX_TITLE: usize = 300;
/// Longest other text of an occasion, characters.
const MAX_PART: usize = 100;
/// Longest address, characters.
const MAX_URL: usize = 500;
/// Most values in [`CrmOccasion::data`].
const MAX_DATA: usize = 20;

/// Whose these records of a connection are.
pub const OWNERS: &str = "select s.crm_id, c.id from contact_source s join contact c on c.id = s.contact_id \
    where s.connection_id = {} and c.deleted_at is null and s.crm_id {among}";

/// What a page of occasions did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// New or changed ones.
    pub changed: u64,
    /// Gone in the CRM.
    pub called_off: u64,
    /// Occasions of nobody who is here.
    pub nobody: u64,
}

/// The contacts, by their ids in the CRM, that have occasions on a page and are not here.
///
/// # Errors
/// The database's.
pub async fn strangers(store: &Store, connection: ConnectionId, page: &[CrmOccasion]) -> sqlx::Result<Vec<String>> {
    unknown(store, connection, wanted(page)).await
}

/// Those of these records of a connection that are nobody who is here.
///
/// # Errors
/// The database's.
pub async fn unknown(store: &Store, connection: ConnectionId, records: Vec<&str>) -> sqlx::Result<Vec<String>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<(String, ContactId)> = fetch_among!(read store.read(), query_as, OWNERS, [connection], &records, |id| *id);
    let found: HashSet<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    Ok(records.into_iter().filter(|id| !found.contains(id)).map(str::to_owned).collect())
}

/// Those of these records of a connection that are somebody by now.
///
/// # Errors
/// The database's.
pub async fn here(tx: &mut Tx, connection: ConnectionId, records: &[String]) -> sqlx::Result<Vec<String>> {
    let ids: Vec<&str> = records.iter().map(String::as_str).collect();
    let found: Vec<(String, ContactId)> = fetch_among!(tx, query_as, OWNERS, [connection], &ids, |id| *id);
    Ok(found.into_iter().map(|(id, _)| id).collect())
}

/// Takes a page in. Of one occasion that is on it twice the later change counts.
///
/// # Errors
/// The database's.
pub async fn page(tx: &mut Tx, connection: &Connection, page: &[CrmOccasion], now: Moment) -> sqlx::Result<Taken> {
    let mut latest: HashMap<&OccasionRef, &CrmOccasion> = HashMap::new();
    for one in page {
        let slot = latest.entry(&one.of).or_insert(one);
        if one.updated_at > slot.updated_at {
            *slot = one;
        }
    }
    let mut ones: Vec<&CrmOccasion> = latest.into_values().collect();
    // In the order of the key, so that two writers never wait for each other crosswise.
    ones.sort_by(|a, b| a.of.cmp(&b.of));
    let owners = owners(tx, connection.id, page).await?;
    let mut rows = Vec::with_capacity(ones.len());
    let (mut gone, mut nobody) = (Vec::new(), 0);
    for one in &ones {
        match one.contact.as_deref().and_then(|id| owners.get(id)) {
            Some(contact) => rows.push(row(one, *contact)),
            None if one.deleted => gone.push(one.of.clone()),
            None => nobody += 1,
        }
    }
    let Kept { changed, .. } = occasion::put(tx, connection.account_id, connection.id, &rows, now).await?;
    let called_off = self::gone(tx, connection, &gone).await?;
    Ok(Taken { changed, called_off, nobody })
}

/// A full read saw these: what it did not see is looked up at its end.
///
/// # Errors
/// The database's.
pub async fn saw(tx: &mut Tx, connection: ConnectionId, page: &[CrmOccasion], now: Moment) -> sqlx::Result<()> {
    for kind in OccasionKind::ALL {
        let ids: Vec<&str> = page.iter().filter(|one| one.of.kind == *kind).map(|one| one.of.id.as_str()).collect();
        if !ids.is_empty() {
            occasion::saw(tx, connection, *kind, &ids, now).await?;
        }
    }
    Ok(())
}

/// These are gone in the CRM: they will not take place; how many were to.
///
/// # Errors
/// The database's.
pub async fn gone(tx: &mut Tx, connection: &Connection, of: &[OccasionRef]) -> sqlx::Result<u64> {
    let mut count = 0;
    for one in of {
        count += occasion::cancel(tx, (connection.account_id, connection.id), one.kind, &[one.id.as_str()]).await?;
    }
    Ok(count)
}

fn wanted(page: &[CrmOccasion]) -> Vec<&str> {
    let mut wanted: Vec<&str> = page.iter().filter_map(|one| one.contact.as_deref()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

async fn owners(tx: &mut Tx, connection: ConnectionId, page: &[CrmOccasion]) -> sqlx::Result<HashMap<String, ContactId>> {
    let wanted = wanted(page);
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(String, ContactId)> = fetch_among!(tx, query_as, OWNERS, [connection], &wanted, |id| *id);
    Ok(found.into_iter().collect())
}

fn row(one: &CrmOccasion, contact: ContactId) -> NewOccasion {
    NewOccasion {
        kind: one.of.kind,
        external_id: one.of.id.clone(),
        contact,
        at: one.at,
        until: one.until,
        // Deleted there is as good as cancelled; restored, it comes with a later change.
        state: if one.deleted { OccasionState::Cancelled } else { one.state },
        stage: clean_to(&one.stage, MAX_PART),
        title: clean_to(&one.title, MAX_TITLE),
        staff: clean_to(&one.staff, MAX_PART),
        place: clean_to(&one.place, MAX_PART),
        amount: one.amount,
        url: one.url.as_deref().filter(|url| url.starts_with("https://") && url.len() <= MAX_URL).map(str::to_owned),
        data: one
            .data
            .iter()
            .take(MAX_DATA)
            .filter_map(|(key, value)| short(value).map(|value| (clean_to(key, MAX_PART), value)))
            .collect::<Map<_, _>>(),
        changed_at: one.updated_at,
    }
}

/// A value that is short by its nature, or as much of a text as is kept.
fn short(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(Value::String(clean_to(text, MAX_PART))),
        Value::Number(_) | Value::Bool(_) => Some(value.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
