//! Erasures outlive a restore: what was destroyed since the backup is destroyed in it again, and
//! the register and its marks go on.

use sqlx::types::Json;

use crate::{
    clock::Moment,
    contact::{DeletedBy, erased},
    id::{AccountId, ContactId, ErasureId, MemberId},
    on,
    store::{Store, Tx},
};

/// Whether the former database has a register at all: it may be of an earlier version. Only
/// SQLite's is asked.
const HAS: &str = "select exists (select 1 from sqlite_schema where type = 'table' and name = 'erasure')";
/// The register of the former database.
pub const DEMANDS: &str = "select id, account_id, number, contact_id, ground, reason, member_id, asked_at, stop_by, destroy_by, exact, state, \
    done_at, done_by, facts, act_sha256, extract_sha256 from erasure order by account_id, number";
/// Takes the place of what the backup knows of a demand.
pub const FORGET: &str = "delete from erasure where account_id = $1 and id = $2 and not exists \
    (select 1 from erased_mark m where m.erasure_id = erasure.id)";
/// Keeps one; of a member whom the backup does not know it is the oldest one's.
pub const KEEP: &str = "insert into erasure (id, account_id, number, contact_id, ground, reason, member_id, asked_at, stop_by, destroy_by, exact, \
    state, done_at, done_by, facts, act_sha256, extract_sha256) select $1, a.id, $3, $4, $5, $6, \
    coalesce((select m.id from member m where m.id = $7 and m.account_id = a.id), (select m.id from member m where m.account_id = a.id order by m.created_at, m.id limit 1)), \
    $8, $9, $10, $11, $12, $13, (select m.id from member m where m.id = $14 and m.account_id = a.id), $15, $16, $17 \
    from account a where a.id = $2 and exists (select 1 from member m where m.account_id = a.id) on conflict do nothing";
/// The marks of the former database.
pub const MARKS: &str = "select account_id, digest, erasure_id, stopped from erased_mark";
/// Keeps one.
pub const KEEP_MARK: &str = "insert into erased_mark (account_id, digest, erasure_id, stopped) select e.account_id, $2, e.id, $4 \
    from erasure e where e.account_id = $1 and e.id = $3 on conflict do nothing";
/// Whether it knows deleted people by marks: it may be of an earlier version.
const HAS_DELETED: &str = "select exists (select 1 from sqlite_schema where type = 'table' and name = 'deleted_mark')";
/// What deleted people said, and whoever was deleted before the backup too.
pub const DELETED: &str = "select account_id, digest, contact_id, stopped from deleted_mark";
/// Keeps it.
pub const KEEP_DELETED: &str = "insert into deleted_mark (account_id, digest, contact_id, stopped) select a.id, $2, $3, $4 from account a where a.id = $1 \
    on conflict (account_id, digest, contact_id) do update set stopped = deleted_mark.stopped or excluded.stopped";
/// The same of people erased on demand, from their marks.
pub const ERASED_TOO: &str = "insert into deleted_mark (account_id, digest, contact_id, stopped) \
    select m.account_id, m.digest, e.contact_id, m.stopped from erased_mark m join erasure e on e.id = m.erasure_id where e.state = 'done' \
    on conflict (account_id, digest, contact_id) do nothing";
/// Every statement.
pub const ALL: &[&str] = &[DEMANDS, FORGET, KEEP, MARKS, KEEP_MARK, DELETED, KEEP_DELETED, ERASED_TOO];

#[derive(sqlx::FromRow)]
struct Demand {
    id: ErasureId,
    account_id: AccountId,
    number: i64,
    contact_id: ContactId,
    ground: String,
    reason: String,
    member_id: MemberId,
    asked_at: Moment,
    stop_by: Option<String>,
    destroy_by: String,
    exact: bool,
    state: String,
    done_at: Option<Moment>,
    done_by: Option<MemberId>,
    facts: Option<Json<serde_json::Value>>,
    act_sha256: Option<String>,
    extract_sha256: Option<String>,
}

/// Carries the register from `former` into the change of `fresh`, and destroys again whoever is
/// erased there; how many it were. What people said after they were deleted is carried, too.
///
/// # Errors
/// The database's, of either.
pub async fn carry(former: &Store, fresh: &Store, tx: &mut Tx, now: Moment) -> sqlx::Result<u64> {
    let has: bool = on!(former.read(), |c| sqlx::query_scalar(HAS).fetch_one(c).await)?;
    if !has {
        return Ok(0);
    }
    let has_deleted: bool = on!(former.read(), |c| sqlx::query_scalar(HAS_DELETED).fetch_one(c).await)?;
    let deleted: Vec<(AccountId, String, ContactId, bool)> = match has_deleted {
        true => on!(former.read(), |c| sqlx::query_as(DELETED).fetch_all(c).await)?,
        false => Vec::new(),
    };
    let mut destroyed = 0;
    let demands: Vec<Demand> = on!(former.read(), |c| sqlx::query_as(DEMANDS).fetch_all(c).await)?;
    for demand in demands {
        keep(tx, &demand).await?;
        if demand.state == "done" && erased::is_here(tx, demand.account_id, demand.contact_id).await? {
            let person = erased::find(fresh, demand.account_id, demand.contact_id).await?;
            let (account, contact) = (demand.account_id, demand.contact_id);
            destroyed += u64::from(erased::destroy(tx, account, contact, demand.id, &person, DeletedBy::Restore, now).await?);
        }
    }
    let marks: Vec<(AccountId, String, ErasureId, bool)> = on!(former.read(), |c| sqlx::query_as(MARKS).fetch_all(c).await)?;
    for (account, digest, erasure, stopped) in marks {
        on!(tx.conn(), |c| sqlx::query(KEEP_MARK).bind(account).bind(&digest).bind(erasure).bind(stopped).execute(c).await.map(|_| ()))?;
    }
    for (account, digest, contact, stopped) in deleted {
        on!(tx.conn(), |c| sqlx::query(KEEP_DELETED).bind(account).bind(&digest).bind(contact).bind(stopped).execute(c).await.map(|_| ()))?;
    }
    on!(tx.conn(), |c| sqlx::query(ERASED_TOO).execute(c).await.map(|_| ()))?;
    Ok(destroyed)
}

async fn keep(tx: &mut Tx, demand: &Demand) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(FORGET).bind(demand.account_id).bind(demand.id).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(KEEP)
        .bind(demand.id)
        .bind(demand.account_id)
        .bind(demand.number)
        .bind(demand.contact_id)
        .bind(&demand.ground)
        .bind(&demand.reason)
        .bind(demand.member_id)
        .bind(demand.asked_at)
        .bind(&demand.stop_by)
        .bind(&demand.destroy_by)
        .bind(demand.exact)
        .bind(&demand.state)
        .bind(demand.done_at)
        .bind(demand.done_by)
        .bind(&demand.facts)
        .bind(&demand.act_sha256)
        .bind(&demand.extract_sha256)
        .execute(c)
        .await
        .map(|_| ()))
}
