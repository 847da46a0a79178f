//! Whose key a database was sealed with: a value sealed by it is kept, and a process whose key does
//! not open that does not start. With another key every channel and CRM would look misconfigured,
//! and be marked so.

use super::Store;
use crate::{clock::Moment, on, secret::Sealer};

/// What is sealed; it says nothing.
const PROOF: &[u8] = b"mms sealing key";
/// The proof belongs to the database as a whole.
const OWNER: uuid::Uuid = uuid::Uuid::nil();

/// The proof.
pub const FIND: &str = "select sealed from sealing_proof where id = 1";
/// Keeps the proof; the first one stays.
pub const KEEP: &str = "insert into sealing_proof (id, sealed, created_at) values (1, $1, $2) on conflict (id) do nothing";
/// Credentials of channels: what was sealed before there was a proof.
pub const CHANNELS: &str = "select id, credentials from channel where length(credentials) > 0 order by created_at desc limit 20";
/// Credentials of CRM connections.
pub const CONNECTIONS: &str = "select id, credentials from crm_connection where length(credentials) > 0 order by created_at desc limit 20";
/// Forgets the proof.
pub const FORGET: &str = "delete from sealing_proof";
/// A channel without its token.
pub const FORGET_CHANNELS: &str = "update channel set credentials = $1, state = case when state = 'removed' then state else 'misconfigured' end, \
    state_reason = 'key_lost' where length(credentials) > 0";
/// A CRM connection without its login.
pub const FORGET_CONNECTIONS: &str = "update crm_connection set credentials = $1, credentials_version = credentials_version + 1, \
    state = case when state = 'disconnected' then state else 'reauth_required' end, state_reason = 'key_lost' where length(credentials) > 0";
/// Every statement.
pub const ALL: &[&str] = &[FIND, KEEP, CHANNELS, CONNECTIONS, FORGET, FORGET_CHANNELS, FORGET_CONNECTIONS];

/// What a key is to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The one it was sealed with.
    Right,
    /// Not the one it was sealed with.
    Wrong,
    /// Nothing was sealed yet.
    First,
}

impl Store {
    /// Whether this is the key of the database; `None` asks whether there need be one.
    ///
    /// # Errors
    /// The database's.
    pub async fn key(&self, sealer: Option<&Sealer>) -> sqlx::Result<Key> {
        let proof: Option<Vec<u8>> = on!(self.read(), |c| sqlx::query_scalar(FIND).fetch_optional(c).await)?;
        let sealed: Vec<(uuid::Uuid, Vec<u8>)> = match proof {
            Some(proof) => vec![(OWNER, proof)],
            None => {
                let mut sealed: Vec<(uuid::Uuid, Vec<u8>)> = on!(self.read(), |c| sqlx::query_as(CHANNELS).fetch_all(c).await)?;
                sealed.extend(on!(self.read(), |c| sqlx::query_as::<_, (uuid::Uuid, Vec<u8>)>(CONNECTIONS).fetch_all(c).await)?);
                sealed
            }
        };
        let opens = |(owner, sealed): &(uuid::Uuid, Vec<u8>)| sealer.is_some_and(|sealer| sealer.open(sealed, *owner).is_ok());
        Ok(match sealed.as_slice() {
            [] => Key::First,
            // A row that was sealed with a key lost since then is no proof against this one.
            sealed if sealed.iter().any(opens) => Key::Right,
            _ => Key::Wrong,
        })
    }

    /// Forgets everything the key sealed, because it is lost: channels and CRM connections wait to
    /// be connected anew. How many of each.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_key(&self) -> sqlx::Result<(u64, u64)> {
        let mut tx = self.begin().await?;
        on!(tx.conn(), |c| sqlx::query(FORGET).execute(c).await.map(|_| ()))?;
        let mut forgotten = [0; 2];
        for (sql, count) in [FORGET_CHANNELS, FORGET_CONNECTIONS].into_iter().zip(&mut forgotten) {
            *count = on!(tx.conn(), |c| sqlx::query(sql).bind(Vec::<u8>::new()).execute(c).await.map(|done| done.rows_affected()))?;
        }
        tx.commit().await?;
        Ok(forgotten.into())
    }

    /// Keeps a proof that the database is sealed with this key, if there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_key(&self, sealer: &Sealer, now: Moment) -> sqlx::Result<()> {
        let sealed = sealer.seal(PROOF, OWNER);
        on!(self.once(), |c| sqlx::query(KEEP).bind(&sealed).bind(now).execute(c).await.map(|_| ()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{both, clock};

    both!(async fn another_key_is_told_from_the_right_one(store) {
        let (ours, other) = (Sealer::new(&[7; 32]), Sealer::new(&[8; 32]));
        assert_eq!(store.key(Some(&ours)).await.expect("asked"), Key::First);
        assert_eq!(store.key(None).await.expect("asked"), Key::First);
        store.keep_key(&ours, clock::now()).await.expect("kept");
        store.keep_key(&other, clock::now()).await.expect("the first one stays");
        assert_eq!(store.key(Some(&ours)).await.expect("asked"), Key::Right);
        assert_eq!(store.key(Some(&other)).await.expect("asked"), Key::Wrong);
        assert_eq!(store.key(None).await.expect("asked"), Key::Wrong, "a database that was sealed needs its key");
    });
}
