//! Records that are as they were when they were taken in: there is nothing to be done for them but
//! to note that they are still there.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::Reader;
use crate::{
    clock::Moment,
    contact,
    crm::{CrmContact, connection::Connection, registry},
    id::ContactId,
    store::{Store, Tx, fetch_among},
};

/// Changes when a build reads records in another way than the one before: all are taken in anew.
const READING: u8 = 1;

/// What a record says, and how it is read: as long as it is the same, the contact is as it was made
/// by it.
pub(super) fn digest(connection: &Connection, contact: &CrmContact, reader: &Reader) -> i64 {
    let how = (READING, connection.settings.version, &connection.sync_cursor.zone, reader.zone.name(), &reader.region);
    let what = (&contact.name, &contact.first_name, &contact.last_name, &contact.phones, &contact.emails, &contact.tags, &contact.fields);
    // Texts and values of JSON: it always serialises.
    let digest = Sha256::digest(serde_json::to_vec(&(how, what)).unwrap_or_default());
    i64::from_be_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]])
}

/// What was taken in, of records that are their contact's only one: each of several has its own
/// word in what the contact is, and is heard every time. Whoever is deleted has no digest.
pub const TAKEN_IN: &str = "select s.crm_id, s.digest, s.updated_at, s.contact_id from contact_source s \
    where s.account_id = {} and s.connection_id = {} and s.digest is not null \
    and not exists (select 1 from contact_source o where o.contact_id = s.contact_id and (o.connection_id <> s.connection_id or o.crm_id <> s.crm_id)) \
    and s.crm_id {among}";

/// A row of [`TAKEN_IN`].
type TakenIn = (String, i64, Moment, ContactId);

/// A record and its digest.
pub(super) type Digested<'a> = (&'a CrmContact, i64);

/// Whose those of these records are that are as they were. That they were seen is noted; they are
/// taken off the page.
pub(super) async fn seen<'a>(
    tx: &mut Tx,
    connection: &Connection,
    page: &mut Vec<Digested<'a>>,
    now: Moment,
) -> sqlx::Result<Vec<(ContactId, &'a CrmContact)>> {
    let account = connection.account_id;
    let ids: Vec<&str> = page.iter().map(|(contact, _)| contact.id.as_str()).collect();
    let rows: Vec<TakenIn> = fetch_among!(tx, query_as, TAKEN_IN, [account, connection.id], &ids, |id| *id);
    let known: HashMap<String, (i64, Moment, ContactId)> = rows.into_iter().map(|(id, digest, at, of)| (id, (digest, at, of))).collect();
    let (mut same, mut still, mut touched) = (Vec::new(), Vec::new(), Vec::new());
    page.retain(|(contact, digest)| match known.get(&contact.id) {
        Some((was, at, of)) if was == digest => {
            same.push((*of, *contact));
            if *at == contact.updated_at {
                still.push(contact.id.as_str());
            } else {
                touched.push(contact::page::Seen {
                    contact: *of,
                    record: &contact.id,
                    updated_at: contact.updated_at,
                    digest: Some(*digest),
                });
            }
            false
        }
        _ => true,
    });
    contact::page::seen_again(tx, account, connection.id, &still, now).await?;
    contact::page::saw(tx, account, connection.id, &touched, now).await?;
    Ok(same)
}

/// Those of these records that are new, or not as they were taken in; all of them, of a CRM that
/// tells what changed. A CRM that gives all its records at once has many, and nothing is written
/// for those that are as they were.
///
/// # Errors
/// The database's.
pub async fn changed(store: &Store, connection: &Connection, contacts: Vec<CrmContact>, reader: &Reader) -> sqlx::Result<Vec<CrmContact>> {
    if contacts.is_empty() || !registry::capabilities(connection.kind).whole {
        return Ok(contacts);
    }
    let ids: Vec<&str> = contacts.iter().map(|contact| contact.id.as_str()).collect();
    let known: Vec<TakenIn> = fetch_among!(read store.read(), query_as, TAKEN_IN, [connection.account_id, connection.id], &ids, |id| *id);
    let known: HashMap<String, i64> = known.into_iter().map(|(id, digest, ..)| (id, digest)).collect();
    Ok(contacts.into_iter().filter(|contact| known.get(&contact.id) != Some(&digest(connection, contact, reader))).collect())
}
