//! The audience becomes deliveries, within the change of planning.
//!
//! Who gets it and why not is asked by [`audience::classified`], as in the forecast. PostgreSQL puts the audience aside first.
//! On SQLite a reader works the audience out in its own thread while the writer, in its own, takes the rows that are known already:
//! the writer's lock is held, so nobody has changed anything since, and the reader sees what the writer sees.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use sqlx::{PgConnection, SqliteConnection, SqlitePool};

use super::{
    Campaign,
    audience::{self, Arg, bind_args},
    spec::Spec,
};
use crate::{
    clock::Moment,
    contact::stretch::Stretch,
    delivery::{State, counts::Moves},
    id::{AddressId, ContactId},
    store::{Db, Engine, Store, Tx, groups, values},
};

/// A contact of the audience, with its address at the channel, and why it is left out.
type Row = (ContactId, Option<AddressId>, Option<String>);

/// Rows that the writer takes in one go; the reader is that much ahead.
const PORTION: usize = 400;

/// Makes the deliveries of a campaign and its counters.
pub(super) async fn fill(store: &Store, tx: &mut Tx, spec: &Spec, campaign: &Campaign, now: Moment) -> sqlx::Result<()> {
    match (store.read(), tx.conn()) {
        (Db::Sqlite(read), Db::Sqlite(write)) => beside(read, write, spec, campaign, now).await?.write(tx).await,
        (_, Db::Postgres(write)) => aside(write, spec, campaign, now).await,
        (Db::Postgres(_), Db::Sqlite(_)) => Err(sqlx::Error::Configuration("the change is of another store".into())),
    }
}

/// PostgreSQL works the audience out with several processes, which it does for a table of its own alone, not for rows that go straight
/// into another; in the order of contacts the rows go into the indexes one after the other.
async fn aside(c: &mut PgConnection, spec: &Spec, campaign: &Campaign, now: Moment) -> sqlx::Result<()> {
    let mut sql = audience::classified(spec, Engine::Postgres, now, Stretch::ALL);
    sql.text = format!("create temporary table audience on commit drop as {}", sql.text);
    let query = sqlx::query(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
    bind_args!(query, &sql.args).execute(&mut *c).await?;
    // The table is another each time, so a statement that was prepared for the one before is of no use.
    sqlx::query(
        "insert into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, reason, attempt, due_at, updated_at) \
         select $1, $2, x.contact_id, $3, x.address_id, x.reason is null, case when x.reason is null then 'queued' else 'skipped' end, x.reason, 0, \
         case when x.reason is null then $4 end, $4 from audience x order by x.contact_id",
    )
    .persistent(false)
    .bind(spec.account)
    .bind(campaign.id)
    .bind(spec.channel)
    .bind(now)
    .execute(&mut *c)
    .await?;
    sqlx::query(
        "insert into delivery_count (campaign_id, planned, state, reason, n) \
         select $1, x.reason is null, case when x.reason is null then 'queued' else 'skipped' end, coalesce(x.reason, ''), count(*) \
         from audience x group by x.reason",
    )
    .persistent(false)
    .bind(campaign.id)
    .execute(c)
    .await
    .map(|_| ())
}

/// A reader works out, the writer writes; the counters are told.
async fn beside(read: &SqlitePool, write: &mut SqliteConnection, spec: &Spec, campaign: &Campaign, now: Moment) -> sqlx::Result<Moves> {
    let sql = audience::classified(spec, Engine::Sqlite, now, Stretch::ALL);
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
    let mut portions = bind_args!(query, &sql.args).fetch(read).try_chunks(PORTION);
    let mut reasons: BTreeMap<Option<String>, i64> = BTreeMap::new();
    while let Some(rows) = portions.try_next().await.map_err(|error| error.1)? {
        for group in groups(&rows) {
            insert(write, spec, campaign, group, now).await?;
        }
        for (_, _, reason) in rows {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let mut moves = Moves::default();
    for (reason, n) in reasons {
        let state = if reason.is_none() { State::Queued } else { State::Skipped };
        moves.add(campaign.id, reason.is_none(), state, reason.as_deref().unwrap_or_default(), n);
    }
    Ok(moves)
}

/// Writes some deliveries. `or fail`: the transaction takes back all of it anyway, so the statement need not note how to take back itself.
async fn insert(c: &mut SqliteConnection, spec: &Spec, campaign: &Campaign, rows: &[Row], now: Moment) -> sqlx::Result<()> {
    let sql = format!(
        "with x (contact_id, address_id, reason) as (values {}) \
         insert or fail into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, reason, attempt, due_at, updated_at) \
         select ?, ?, x.contact_id, ?, x.address_id, x.reason is null, \
         case when x.reason is null then 'queued' else 'skipped' end, x.reason, 0, case when x.reason is null then ? end, ? from x",
        values(rows.len(), 3)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for (contact, address, reason) in rows {
        query = query.bind(*contact).bind(*address).bind(reason.as_deref());
    }
    query.bind(spec.account).bind(campaign.id).bind(spec.channel).bind(now).bind(now).execute(c).await.map(|_| ())
}
