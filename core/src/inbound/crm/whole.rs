//! The records of a CRM that gives all of them at once: those alone are taken in that are new, or
//! not as they were.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::{Reader, placeholders};
use crate::{
    crm::{CrmContact, connection::Connection, registry},
    on,
    store::Store,
};

/// What a record says, and how it is read: as long as it is the same, the contact is as it was made
/// by it.
pub(super) fn digest(connection: &Connection, contact: &CrmContact, reader: &Reader) -> i64 {
    let how = (connection.settings.version, &connection.sync_cursor.zone, reader.zone.name(), &reader.region);
    let what = (&contact.name, &contact.first_name, &contact.last_name, &contact.phones, &contact.emails, &contact.tags, &contact.fields);
    // Texts and values of JSON: it always serialises.
    let digest = Sha256::digest(serde_json::to_vec(&(how, what)).unwrap_or_default());
    i64::from_be_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]])
}

/// Those of these records that are new, or not as they were taken in; all of them, of a CRM that
/// tells what changed.
///
/// # Errors
/// The database's.
pub async fn changed(store: &Store, connection: &Connection, contacts: Vec<CrmContact>, reader: &Reader) -> sqlx::Result<Vec<CrmContact>> {
    if contacts.is_empty() || !registry::capabilities(connection.kind).whole {
        return Ok(contacts);
    }
    let sql = format!(
        "select s.crm_id, s.digest from contact_source s join contact c on c.id = s.contact_id where s.account_id = $1 and s.connection_id = $2 \
         and c.deleted_at is null and s.digest is not null and s.crm_id in ({})",
        placeholders(contacts.len(), 3)
    );
    let known: Vec<(String, i64)> = on!(store.read(), |c| {
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql.as_str())).bind(connection.account_id).bind(connection.id);
        for contact in &contacts {
            query = query.bind(contact.id.as_str());
        }
        query.fetch_all(c).await
    })?;
    let known: HashMap<String, i64> = known.into_iter().collect();
    Ok(contacts.into_iter().filter(|contact| known.get(&contact.id) != Some(&digest(connection, contact, reader))).collect())
}
