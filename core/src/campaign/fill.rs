//! The audience becomes deliveries.
//!
//! Who gets it and why not is asked by [`audience::classified`], as in the forecast, at one moment;
//! contacts that change after it are seen by what claims a message, as ever. PostgreSQL puts the
//! audience aside and makes all rows in one change. On SQLite a reader works the audience out in
//! its own thread while the writer takes what is known already, a portion a change; the campaign's
//! row says how far that is, so a planner that comes after a death goes on from there. What was
//! made of a planning that was broken off for good is taken back, portion by portion too.
#![allow(clippy::disallowed_types, reason = "one reading connection stays with a plan from its beginning to its end")]

use std::{collections::BTreeMap, time::Duration};

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use sqlx::{PgConnection, SqlitePool};
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Campaign,
    audience::{self, Arg, Sql, bind_args},
    queries,
    spec::{Sending, Spec},
};
use crate::{
    channel::registry,
    clock::Moment,
    contact::id_range::IdRange,
    delivery::{Part, State, cascade::LeadsOn, counts::Moves},
    id::{AccountId, AddressId, CampaignId, ContactId},
    on,
    store::{Db, Engine, Store, Tx, groups, heed, values},
    words::Why,
};

/// A contact of the audience, with its address at the channel of its first step, why it is left
/// out, and that step.
type Row = (ContactId, Option<AddressId>, Option<Why>, i16);

/// How long a reader is left alone: meanwhile it finds fewer rows than it may hand over at once.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Rows taken back in one change.
const TAKE_BACK: i64 = 5_000;

/// In place of a contact: what there is of deliveries is to be taken back.
const TO_BE_TAKEN_BACK: ContactId = ContactId(uuid::Uuid::nil());

/// Whether nobody else plans this campaign at this moment. On PostgreSQL two planners would make
/// the same rows and wait for each other; SQLite's make theirs in turns. It lasts as long as the
/// change.
pub(super) async fn alone(tx: &mut Tx, campaign: CampaignId) -> sqlx::Result<bool> {
    match tx.conn() {
        Db::Sqlite(_) => Ok(true),
        Db::Postgres(c) => {
            let (high, low) = campaign.0.as_u64_pair();
            sqlx::query_scalar("select pg_try_advisory_xact_lock($1)").bind((high ^ low).cast_signed()).fetch_one(c).await
        }
    }
}

/// Makes all deliveries of a campaign and its counters within a change of PostgreSQL's.
pub(super) async fn at_once(tx: &mut Tx, spec: &Spec, campaign: &Campaign, now: Moment) -> sqlx::Result<()> {
    let made = match tx.conn() {
        Db::Postgres(c) => aside(c, spec, campaign, now).await?,
        Db::Sqlite(_) => return Err(sqlx::Error::Configuration("SQLite's deliveries are made in portions".into())),
    };
    let mut moves = Moves::default();
    for (reason, step, n) in made {
        appeared(&mut moves, Part::of(campaign.id, step), reason.as_ref(), n);
    }
    moves.write(tx).await
}

/// `n` deliveries were planned, or left out for this reason.
fn appeared(moves: &mut Moves, part: Part, reason: Option<&Why>, n: i64) {
    let state = if reason.is_none() { State::Queued } else { State::Skipped };
    moves.add(part, reason.is_none(), (state, reason), n);
}

/// A value that a message takes from its step.
fn of_step(spec: &Spec, value: impl FnMut(&Sending) -> String) -> String {
    let values: Vec<String> = spec.steps.iter().map(value).collect();
    match values.as_slice() {
        [only] => only.clone(),
        several => {
            let each: String = spec.steps.iter().zip(several).map(|(step, value)| format!(" when {} then {value}", step.step)).collect();
            format!("case x.step{each} end")
        }
    }
}

/// The statement that makes deliveries of the rows `x` of a source (`contact_id, address_id,
/// reason, step`). `mark` gives the next placeholder: for the account, the campaign, the channel of
/// each step, and the moment twice.
fn insert(verb: &str, source: &str, spec: &Spec, mut mark: impl FnMut() -> String) -> String {
    let (account, campaign) = (mark(), mark());
    let channel = of_step(spec, |_| mark());
    let (due, now) = (mark(), mark());
    let several = spec.steps.len() > 1;
    let step = if several { "x.step" } else { "1" };
    let leads_on = |step: &Sending| LeadsOn::of(step.next_on, registry::capabilities(step.kind).receipts());
    let (next_on, wait) = if several {
        let next_on = of_step(spec, |step| format!("'{}'", leads_on(step).as_str()));
        (next_on, of_step(spec, |step| step.wait_seconds.to_string()))
    } else {
        ("null".to_owned(), "null".to_owned())
    };
    format!(
        "{verb} into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, reason, attempt, due_at, updated_at, \
         step, next_on, wait_seconds) \
         select {account}, {campaign}, x.contact_id, {channel}, x.address_id, x.reason is null, \
         case when x.reason is null then 'queued' else 'skipped' end, x.reason, 0, case when x.reason is null then {due} end, {now}, \
         {step}, {next_on}, {wait} from {source}"
    )
}

/// Binds what [`insert`] asks for, in its order.
macro_rules! bind_insert {
    ($query:expr, $spec:expr, $campaign:expr, $now:expr) => {{
        let mut query = $query.bind($spec.account).bind($campaign.id);
        for step in &$spec.steps {
            query = query.bind(step.channel);
        }
        query.bind($now).bind($now)
    }};
}

/// PostgreSQL works the audience out with several processes, which it does for a table of its own
/// alone, not for rows that go straight into another; in the order of contacts the rows go into the
/// indexes one after the other. Returns how many there are by reason and step.
async fn aside(c: &mut PgConnection, spec: &Spec, campaign: &Campaign, now: Moment) -> sqlx::Result<Vec<(Option<Why>, i16, i64)>> {
    let mut sql = audience::classified(spec, Engine::Postgres, now, IdRange::ALL);
    sql.text = format!("create temporary table audience on commit drop as {}", sql.text);
    let query = sqlx::query(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
    bind_args!(query, &sql.args).execute(&mut *c).await?;
    // The table is another each time, so a statement that was prepared for the one before is of no
    // use.
    let mut marks = 0;
    let insert = insert("insert", "audience x order by x.contact_id", spec, || {
        marks += 1;
        format!("${marks}")
    });
    let query = sqlx::query(sqlx::AssertSqlSafe(insert)).persistent(false);
    bind_insert!(query, spec, campaign, now).execute(&mut *c).await?;
    sqlx::query_as("select reason, cast(step as smallint), count(*) from audience group by reason, step")
        .persistent(false)
        .fetch_all(c)
        .await
}

/// Makes the deliveries of a campaign and its counters on SQLite, a portion a change, from the
/// place where an earlier planner stopped. `false`: it is not to be planned any more, or somebody
/// else does it.
pub(super) async fn in_portions(
    store: &Store,
    read: &SqlitePool,
    spec: &Spec,
    campaign: &Campaign,
    portion: usize,
    now: Moment,
) -> sqlx::Result<bool> {
    let from: Option<ContactId> =
        on!(store.read(), |c| sqlx::query_scalar(queries::PLANNED_TO).bind(spec.account).bind(campaign.id).fetch_one(c).await)?;
    if from == Some(TO_BE_TAKEN_BACK) {
        // Launched anew since the planner looked: whoever plans that takes back first.
        return Ok(false);
    }
    let mut sql = audience::classified(spec, Engine::Sqlite, now, from.map_or(IdRange::ALL, IdRange::after));
    sql.text += " order by contact_id";
    let (known, mut portions) = mpsc::channel(1);
    // In a task of its own, or the writer would wait whenever rows are made out; it ends with the
    // planning.
    let mut reading = JoinSet::new();
    reading.spawn(work_out(store.clone(), read.clone(), sql, portion, known));
    let mut to = from;
    while let Some(rows) = portions.recv().await {
        let rows = rows?;
        let Some(last) = rows.last().map(|row| row.0) else { return Ok(true) };
        if !add(store, spec, campaign, &rows, (to, last), now).await? {
            return Ok(false);
        }
        to = Some(last);
    }
    // It ended without saying that this was all.
    Err(sqlx::Error::WorkerCrashed)
}

/// Reads the audience and hands it over in portions; an empty one is the end.
async fn work_out(store: Store, read: SqlitePool, sql: Sql, portion: usize, known: mpsc::Sender<sqlx::Result<Vec<Row>>>) {
    {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
        let mut rows = bind_args!(query, &sql.args).fetch(&read).try_chunks(portion);
        loop {
            // Looked at now and then. Waited for, every single row would wake this task, and that
            // took a fifth of planning's CPU time.
            let Some(some) = rows.next().now_or_never() else {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            };
            let Some(some) = some else { break };
            if known.send(heed(some.map_err(|error| error.1))).await.is_err() {
                return;
            }
        }
    }
    // Nobody listens any more if there was an error.
    let _ = known.send(Ok(Vec::new())).await;
    // What was written meanwhile could not be written back into the file, for the reader still saw
    // what was before. If the writer did it at its next commit, everybody would wait; and planning
    // need not wait for this.
    crate::aside::task("checkpoint", async move {
        store.checkpoint().await.inspect_err(|error| tracing::warn!(%error, "the log was not written back"))
    });
}

/// Writes some deliveries and their counters, if planning came to `from` and still goes on; it
/// comes to `to` then.
async fn add(
    store: &Store,
    spec: &Spec,
    campaign: &Campaign,
    rows: &[Row],
    (from, to): (Option<ContactId>, ContactId),
    now: Moment,
) -> sqlx::Result<bool> {
    let mut tx = store.begin_bulk().await?;
    let goes_on = on!(tx.conn(), |c| sqlx::query(queries::PLAN_ON)
        .bind(spec.account)
        .bind(campaign.id)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?;
    if !goes_on {
        return Ok(false);
    }
    let newest: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::NEWEST_DELIVERY).fetch_one(c).await)?;
    let mut made = 0;
    for group in groups(rows) {
        made += write(&mut tx, spec, campaign, group, now).await?;
    }
    let mut moves = Moves::default();
    if made == rows.len() as u64 {
        let mut reasons: BTreeMap<(Option<&Why>, i16), i64> = BTreeMap::new();
        for (_, _, reason, step) in rows {
            *reasons.entry((reason.as_ref(), *step)).or_default() += 1;
        }
        for ((reason, step), n) in reasons {
            appeared(&mut moves, Part::of(campaign.id, step), reason, n);
        }
    } else {
        // Not all were new. There is one writer, so what came after the newest is of this portion.
        let made: Vec<(i16, bool, State, Option<Why>, i64)> =
            on!(tx.conn(), |c| sqlx::query_as(queries::MADE).bind(spec.account).bind(newest).fetch_all(c).await)?;
        for (step, planned, state, reason, n) in made {
            moves.add(Part::of(campaign.id, step), planned, (state, reason.as_ref()), n);
        }
    }
    moves.write(&mut tx).await?;
    tx.commit().await?;
    Ok(true)
}

/// Writes some deliveries and returns how many. `or fail`: the transaction takes back all of it
/// anyway, so the statement need not note how to take back itself. An address that came from a
/// contact with a delivery to one without, while planning went on, gets no second one.
async fn write(tx: &mut Tx, spec: &Spec, campaign: &Campaign, rows: &[Row], now: Moment) -> sqlx::Result<u64> {
    let several = spec.steps.len() > 1;
    let (columns, names) = if several { (4, "contact_id, address_id, reason, step") } else { (3, "contact_id, address_id, reason") };
    let sql = format!(
        "with x ({names}) as (values {}) {} where true on conflict do nothing",
        values(rows.len(), columns),
        insert("insert or fail", "x", spec, || "?".to_owned())
    );
    on!(tx.conn(), |c| {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for (contact, address, reason, step) in rows {
            query = query.bind(*contact).bind(*address).bind(reason.as_ref().map(Why::code));
            if several {
                query = query.bind(*step);
            }
        }
        bind_insert!(query, spec, campaign, now).execute(c).await.map(|done| done.rows_affected())
    })
}

/// A campaign is launched: what an earlier planning left is to be taken back first.
pub(super) async fn anew(tx: &mut Tx, campaign: &Campaign) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::PLAN_ANEW)
        .bind(campaign.account_id)
        .bind(campaign.id)
        .bind(TO_BE_TAKEN_BACK)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Takes back what a planning made that was broken off for good (or before this launch), if there
/// is anything. None of it was ever sent, for the campaign never ran.
pub(super) async fn take_back(store: &Store, account: AccountId, campaign: CampaignId) -> sqlx::Result<()> {
    loop {
        let mut tx = store.begin_bulk().await?;
        let held = on!(tx.conn(), |c| sqlx::query(queries::HOLD_HALF_PLANNED)
            .bind(account)
            .bind(campaign)
            .bind(TO_BE_TAKEN_BACK)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?;
        if !held {
            return Ok(());
        }
        let rows: Vec<(i16, i16, bool, State, Option<Why>)> =
            on!(tx.conn(), |c| sqlx::query_as(queries::TAKE_BACK).bind(account).bind(campaign).bind(TAKE_BACK).fetch_all(c).await)?;
        if rows.is_empty() {
            on!(tx.conn(), |c| sqlx::query(queries::TAKEN_BACK).bind(account).bind(campaign).execute(c).await.map(|_| ()))?;
        }
        let mut moves = Moves::default();
        for (step, variant, planned, state, reason) in &rows {
            let part = Part { campaign, step: *step, variant: *variant };
            moves.add(part, *planned, (*state, reason.as_ref()), -1);
        }
        moves.write(&mut tx).await?;
        tx.commit().await?;
    }
}

/// Campaigns of which something is to be taken back: whoever was about to may have died.
pub(super) async fn half_planned(store: &Store) -> sqlx::Result<Vec<(AccountId, CampaignId)>> {
    on!(store.read(), |c| sqlx::query_as(queries::HALF_PLANNED).bind(TO_BE_TAKEN_BACK).fetch_all(c).await)
}
