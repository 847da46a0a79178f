//! Refused sign-ins at logins that nobody has. They belong to no company's trail, and are kept all
//! the same: as many statements, rows, hashes and bytes as an entry of a trail, for else the time
//! of an answer would tell which logins there are. The last [`KEPT`] stay.

use super::{Draft, TrailKey, Tx};
use crate::{clock::Moment, id::AccountId, on};

/// Under whom they are noted until the commit: nobody's account has this id.
pub(super) const NOBODY: AccountId = AccountId(uuid::Uuid::nil());
/// Attempts that are kept.
const KEPT: i64 = 256;

/// Takes the head for the rest of the change.
pub const HOLD: &str = "update stranger_head set attempts = attempts where id = 1 returning attempts, hash, mac";
/// Notes an attempt in the place of an old one.
pub const NOTE: &str = "insert into stranger_attempt (slot, at, prev_hash, hash) values ($1, $2, $3, $4) on conflict (slot) do update set at = excluded.at, prev_hash = excluded.prev_hash, hash = excluded.hash";
/// Moves the head.
pub const MOVE: &str = "update stranger_head set attempts = $1, hash = $2, mac = $3 where id = 1";
/// Every statement.
pub const ALL: &[&str] = &[HOLD, NOTE, MOVE];

#[derive(Debug, sqlx::FromRow)]
struct Head {
    attempts: i64,
    hash: String,
    mac: String,
}

impl Head {
    fn sealed(&self, key: &TrailKey) -> String {
        key.link(&[b"strangers", self.attempts.to_string().as_bytes(), self.hash.as_bytes()])
    }
}

/// Notes an attempt in the caller's change; it is written at the commit, where entries of trails
/// are.
pub fn record(tx: &mut Tx, now: Moment) {
    let draft = Draft { at: now, actor: String::new(), action: String::new(), subject: String::new(), details: String::new() };
    tx.notes.entry(NOBODY).or_default().entries.push(draft);
}

pub(super) async fn write(tx: &mut Tx, key: &TrailKey, drafts: Vec<Draft>) -> sqlx::Result<()> {
    let head: Option<Head> = on!(tx.conn(), |c| sqlx::query_as(HOLD).fetch_optional(c).await)?;
    let mut head = head.unwrap_or(Head { attempts: 0, hash: String::new(), mac: String::new() });
    if head.attempts > 0 && head.mac != head.sealed(key) {
        tracing::warn!("the record of sign-ins at logins that nobody has was changed");
    }
    for draft in drafts {
        let attempts = head.attempts + 1;
        let at = draft.at.timestamp_millis().to_string();
        let hash = key.entry(&[b"stranger", attempts.to_string().as_bytes(), at.as_bytes(), head.hash.as_bytes()]);
        on!(tx.conn(), |c| sqlx::query(NOTE)
            .bind(attempts % KEPT)
            .bind(draft.at)
            .bind(&head.hash)
            .bind(&hash)
            .execute(c)
            .await
            .map(|_| ()))?;
        (head.attempts, head.hash) = (attempts, hash);
    }
    let mac = head.sealed(key);
    on!(tx.conn(), |c| sqlx::query(MOVE).bind(head.attempts).bind(&head.hash).bind(&mac).execute(c).await.map(|_| ()))
}
