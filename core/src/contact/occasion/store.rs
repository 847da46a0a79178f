//! Occasions in the database.

use serde_json::{Map, Value, json};
use sqlx::types::Json;

use super::{OccasionKind, OccasionState};
use crate::{
    clock::Moment,
    contact::queries,
    id::{AccountId, ConnectionId, ContactId},
    on,
    store::{Db, Engine, Store, Tx, among, groups, heed, marks, rows_of},
    text::fold,
};

/// An occasion to be written, its texts as they are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOccasion {
    pub kind: OccasionKind,
    /// Its id in the CRM.
    pub external_id: String,
    pub contact: ContactId,
    pub at: Moment,
    pub until: Option<Moment>,
    pub state: OccasionState,
    pub stage: String,
    pub title: String,
    pub staff: String,
    pub place: String,
    /// Hundredths of the currency's unit.
    pub amount: Option<i64>,
    pub url: Option<String>,
    pub data: Map<String, Value>,
    /// When the CRM last changed it.
    pub changed_at: Moment,
}

/// An occasion as it is kept.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Occasion {
    pub connection_id: ConnectionId,
    pub kind: OccasionKind,
    /// Its id in the CRM.
    pub external_id: String,
    pub contact_id: ContactId,
    /// When the visit begins; when the order was placed, the deal made, the money paid.
    pub at: Moment,
    pub until: Option<Moment>,
    pub state: OccasionState,
    pub stage: String,
    pub title: String,
    pub staff: String,
    pub place: String,
    /// Hundredths of the currency's unit.
    pub amount: Option<i64>,
    pub url: Option<String>,
    pub data: Json<Map<String, Value>>,
    /// When the CRM last changed it.
    pub changed_at: Moment,
}

/// What of given occasions is kept as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// New or changed.
    pub changed: u64,
    /// Here already, as they are or newer.
    pub unchanged: u64,
}

/// What [`put`] does where the occasion is here already. Nothing is written where nothing changed:
/// a row costs more than its comparison.
const MEANWHILE: &str = "on conflict (connection_id, kind, external_id) do update set contact_id = excluded.contact_id, \
    at = excluded.at, until = excluded.until, state = excluded.state, stage = excluded.stage, title = excluded.title, \
    staff = excluded.staff, place = excluded.place, amount = excluded.amount, url = excluded.url, data = excluded.data, \
    folded = excluded.folded, changed_at = excluded.changed_at where occasion.changed_at <= excluded.changed_at \
    and (occasion.contact_id <> excluded.contact_id or occasion.at <> excluded.at or occasion.until is distinct from excluded.until \
    or occasion.state <> excluded.state or occasion.stage <> excluded.stage or occasion.title <> excluded.title \
    or occasion.staff <> excluded.staff or occasion.place <> excluded.place or occasion.amount is distinct from excluded.amount \
    or occasion.url is distinct from excluded.url or occasion.data <> excluded.data)";

/// The columns that [`put`] writes, in the order of its values.
const COLUMNS: &str = "insert into occasion (account_id, connection_id, kind, external_id, contact_id, at, until, state, stage, title, staff, \
    place, amount, url, changed_at, seen_at, data, folded)";

fn folded(row: &NewOccasion) -> Value {
    json!({ "stage": fold(&row.stage), "title": fold(&row.title), "staff": fold(&row.staff), "place": fold(&row.place) })
}

/// Writes occasions of a connection: new ones, and those that changed. An older state never
/// replaces a newer one. No two of them are of one kind and id.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, account: AccountId, connection: ConnectionId, rows: &[NewOccasion], now: Moment) -> sqlx::Result<Kept> {
    let mut changed = 0;
    match tx.conn() {
        Db::Sqlite(c) => {
            for part in groups(rows) {
                let rows = rows_of(&format!("{}, jsonb(?)", marks(17)), part.len());
                let sql = format!("{COLUMNS} values {rows} {MEANWHILE}");
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
                for row in part {
                    query = query
                        .bind(account)
                        .bind(connection)
                        .bind(row.kind)
                        .bind(&row.external_id)
                        .bind(row.contact)
                        .bind(row.at)
                        .bind(row.until)
                        .bind(row.state)
                        .bind(&row.stage)
                        .bind(&row.title)
                        .bind(&row.staff)
                        .bind(&row.place)
                        .bind(row.amount)
                        .bind(&row.url)
                        .bind(row.changed_at)
                        .bind(now)
                        .bind(Json(&row.data))
                        .bind(folded(row).to_string());
                }
                changed += heed(query.execute(&mut *c).await)?.rows_affected();
            }
        }
        Db::Postgres(_) if rows.is_empty() => {}
        Db::Postgres(c) => {
            let sql = format!(
                "{COLUMNS} select $1, $2, u.kind, u.external_id, u.contact_id, u.at, u.until, u.state, u.stage, u.title, u.staff, u.place, \
                 u.amount, u.url, u.changed_at, $3, cast(u.data as jsonb), cast(u.folded as jsonb) from unnest($4::text[], $5::text[], $6::uuid[], \
                 $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::text[], \
                 $16::timestamptz[], $17::text[], $18::text[]) as u(kind, external_id, contact_id, at, until, state, stage, title, staff, place, \
                 amount, url, changed_at, data, folded) {MEANWHILE}"
            );
            macro_rules! column {
                (|$row:ident| $value:expr) => {
                    rows.iter().map(|$row| $value).collect::<Vec<_>>()
                };
            }
            let done = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(account)
                .bind(connection)
                .bind(now)
                .bind(column!(|row| row.kind.as_str()))
                .bind(column!(|row| row.external_id.as_str()))
                .bind(column!(|row| row.contact.0))
                .bind(column!(|row| row.at))
                .bind(column!(|row| row.until))
                .bind(column!(|row| <&'static str>::from(row.state)))
                .bind(column!(|row| row.stage.as_str()))
                .bind(column!(|row| row.title.as_str()))
                .bind(column!(|row| row.staff.as_str()))
                .bind(column!(|row| row.place.as_str()))
                .bind(column!(|row| row.amount))
                .bind(column!(|row| row.url.as_deref()))
                .bind(column!(|row| row.changed_at))
                .bind(column!(|row| Value::Object(row.data.clone()).to_string()))
                .bind(column!(|row| folded(row).to_string()))
                .execute(&mut *c)
                .await?;
            changed = done.rows_affected();
        }
    }
    Ok(Kept { changed, unchanged: (rows.len() as u64).saturating_sub(changed) })
}

/// A full read saw these of one kind: what it did not see is looked up at its end ([`unseen`]).
///
/// # Errors
/// The database's.
pub async fn saw(tx: &mut Tx, connection: ConnectionId, kind: OccasionKind, ids: &[&str], now: Moment) -> sqlx::Result<()> {
    match tx.conn() {
        Db::Sqlite(c) => {
            for part in groups(ids) {
                let sql = among(Engine::Sqlite, queries::OCCASIONS_SEEN_SQLITE, part.len());
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now).bind(connection).bind(kind);
                for id in part {
                    query = query.bind(*id);
                }
                heed(query.execute(&mut *c).await)?;
            }
        }
        Db::Postgres(_) if ids.is_empty() => {}
        Db::Postgres(c) => {
            sqlx::query(queries::OCCASIONS_SEEN_POSTGRES)
                .persistent(false)
                .bind(now)
                .bind(connection)
                .bind(kind)
                .bind(ids)
                .execute(&mut *c)
                .await?;
        }
    }
    Ok(())
}

/// Occasions of one kind that a full read which began at `started` did not see, of those not before
/// `from`; after this id, 200 at most, by their id. Cancelled ones are not asked for.
///
/// # Errors
/// The database's.
pub async fn unseen(
    store: &Store,
    (account, connection): (AccountId, ConnectionId),
    kind: OccasionKind,
    after: &str,
    (from, started): (Moment, Moment),
) -> sqlx::Result<Vec<String>> {
    on!(store.read(), |c| sqlx::query_scalar(queries::OCCASIONS_UNSEEN)
        .bind(connection)
        .bind(kind)
        .bind(after)
        .bind(from)
        .bind(started)
        .bind(account)
        .fetch_all(c)
        .await)
}

/// These of one kind are gone in the CRM: they will not take place; how many were to.
///
/// # Errors
/// The database's.
pub async fn cancel(tx: &mut Tx, (account, connection): (AccountId, ConnectionId), kind: OccasionKind, ids: &[&str]) -> sqlx::Result<u64> {
    let mut count = 0;
    for id in ids {
        count += on!(tx.conn(), |c| sqlx::query(queries::CANCEL_OCCASION)
            .bind(connection)
            .bind(kind)
            .bind(*id)
            .bind(account)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
    }
    Ok(count)
}

/// The occasions of a contact, the latest first; `limit` at most.
///
/// # Errors
/// The database's.
pub async fn of_contact(store: &Store, account: AccountId, contact: ContactId, limit: i64) -> sqlx::Result<Vec<Occasion>> {
    on!(store.read(), |c| sqlx::query_as(queries::OCCASIONS_OF).bind(account).bind(contact).bind(limit).fetch_all(c).await)
}

/// The kinds of occasions the account has any of.
///
/// # Errors
/// The database's.
pub async fn kinds(store: &Store, account: AccountId) -> sqlx::Result<Vec<OccasionKind>> {
    on!(store.read(), |c| sqlx::query_scalar(queries::OCCASION_KINDS).bind(account).fetch_all(c).await)
}

/// What was one contact's is another's: they turned out to be one person.
///
/// # Errors
/// The database's.
pub async fn hand_over(tx: &mut Tx, account: AccountId, from: ContactId, to: ContactId) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::HAND_OVER_OCCASIONS).bind(account).bind(from).bind(to).execute(c).await.map(|_| ()))
}
