//! Planning a large audience, and counting it live.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::ensure;
use mms_core::{
    campaign::{
        Audience,
        plan::{self, Planned},
    },
    clock,
    contact::segment,
    id::{CampaignId, SegmentId},
    on,
    store::Db,
};
use sqlx::types::Json;

use super::{
    Context,
    figure::{Figure, Limit, median},
    seed::{FIVE, analyse},
    world::World,
};

/// The bare statement: as many rows into the same table, with its indexes and constraints, and
/// nothing asked of anybody.
async fn bare(world: &World) -> anyhow::Result<(u64, f64)> {
    let (campaign, now, seed) = (CampaignId::new(), clock::now(), &world.seed);
    let mut tx = world.store.begin().await?;
    on!(tx.conn(), |c| {
        sqlx::query(
        "insert into campaign (id, account_id, name, state, audience, created_by, created_at, updated_at) values ($1, $2, 'К', 'stopped', $3, $4, $5, $5)"
    )
    .bind(campaign)
    .bind(seed.account)
    .bind(Json(Audience::everybody()))
    .bind(seed.owner.member)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ())
    })?;
    tx.commit().await?;
    let planned = match world.store.read() {
        Db::Sqlite(_) => "1",
        Db::Postgres(_) => "true",
    };
    let sql = format!(
        "insert into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, attempt, due_at, updated_at) \
         select $1, $2, a.contact_id, $3, a.id, {planned}, 'queued', 0, $4, $4 from address a where a.account_id = $1"
    );
    let began = Instant::now();
    let mut tx = world.store.begin().await?;
    let rows = on!(tx.conn(), |c| sqlx::query(sqlx::AssertSqlSafe(sql.as_str()))
        .bind(seed.account)
        .bind(campaign)
        .bind(seed.channel)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    tx.commit().await?;
    Ok((rows, began.elapsed().as_secs_f64()))
}

/// Takes deliveries away, so that every run meets a table of the same size; what is left to be
/// written would be written during the next run.
async fn clear(world: &World) -> anyhow::Result<()> {
    match world.store.read() {
        Db::Sqlite(_) => {
            let mut tx = world.store.begin().await?;
            on!(tx.conn(), |c| sqlx::query("delete from delivery").execute(c).await.map(|_| ()))?;
            tx.commit().await?;
            world.store.checkpoint().await?;
        }
        Db::Postgres(pool) => {
            sqlx::query("truncate delivery").execute(pool).await?;
            sqlx::query("checkpoint").execute(pool).await?;
        }
    }
    Ok(())
}

/// Small changes of others while `over` is not set, one after the other, and how long each waited,
/// ms: what a press or somebody's stop does.
async fn others(world: &World, over: &AtomicBool) -> anyhow::Result<Vec<f64>> {
    let mut waits = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        let mut tx = world.store.begin().await?;
        let touch = "update account set zone = zone where id = $1";
        on!(tx.conn(), |c| sqlx::query(touch).bind(world.seed.account).execute(c).await.map(|_| ()))?;
        tx.commit().await?;
        waits.push(began.elapsed().as_secs_f64() * 1_000.0);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    waits.sort_by(f64::total_cmp);
    Ok(waits)
}

/// Plans a new campaign: how many get it, how many do not, and how long it took, s.
async fn planned(world: &World, segment: SegmentId) -> anyhow::Result<((i64, i64), f64)> {
    let campaign = world.seed.launched(&world.store, segment).await?;
    let began = Instant::now();
    let done = plan::plan(&world.store, campaign, clock::now()).await?;
    let took = began.elapsed().as_secs_f64();
    let Planned::Running { planned, skipped, .. } = done else { anyhow::bail!("the campaign was not planned: {done:?}") };
    Ok(((planned, skipped), took))
}

/// Planning against the bare statement; and once more while others change something, and how long
/// they wait.
pub(super) async fn plan(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let contacts = context.scale.of(100_000, 1_000_000);
    let world = World::new(context, contacts, true).await?;
    world.seed.settings(&world.store, 1e9, 24).await?;
    let segment = world.seed.segment(&world.store, FIVE).await?;
    let (mut ratios, mut ours, mut bares) = (Vec::new(), Vec::new(), Vec::new());
    let mut told = (0, 0);
    for _ in 0..context.runs {
        let (rows, bare) = bare(&world).await?;
        clear(&world).await?;
        let (numbers, took) = planned(&world, segment).await?;
        ensure!(u64::try_from(numbers.0 + numbers.1)? == rows, "{numbers:?} rows were planned, the bare statement made {rows}");
        told = numbers;
        ratios.push(took / bare);
        ours.push(took);
        bares.push(bare);
        clear(&world).await?;
    }
    let over = AtomicBool::new(false);
    let planning = async {
        let took = planned(&world, segment).await.map(|done| done.1);
        over.store(true, Ordering::Relaxed);
        took
    };
    let (took, waits) = tokio::try_join!(planning, others(&world, &over))?;
    world.close().await?;
    let late = waits[(waits.len() * 99 / 100).min(waits.len() - 1)];
    let detail = format!("{} planned, {} left out with a reason: {:.2} s, bare {:.2} s", told.0, told.1, median(&ours), median(&bares));
    let waited = format!("{} small changes in {took:.2} s; the longest wait {:.0} ms", waits.len(), waits[waits.len() - 1]);
    Ok(vec![
        Figure::new("plan: time against a bare INSERT … SELECT", context.engine, "×", &ratios, Some(Limit::AtMost(2.0)), detail),
        Figure::new("plan: another's change meanwhile, p99", context.engine, "ms", &[late], Some(Limit::AtMost(150.0)), waited),
    ])
}

/// The live count.
pub(super) async fn count(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let contacts = context.scale.of(100_000, 1_000_000);
    let world = World::new(context, contacts, true).await?;
    let filter = world.seed.filter(&world.store, FIVE).await?;
    let mut times = Vec::new();
    let mut n = 0;
    analyse(&world.store).await?;
    for _ in 0..=context.runs {
        let began = Instant::now();
        n = segment::count(&world.store, world.seed.account, &filter, chrono_tz::Europe::Moscow, clock::now()).await?;
        times.push(began.elapsed().as_secs_f64());
    }
    world.close().await?;
    // The first count reads from the disk what the others find in memory: told apart.
    let first = times.remove(0);
    let detail = format!("{n} of {contacts} contacts; the first time {first:.2} s");
    Ok(vec![Figure::new("count: five conditions, live", context.engine, "s", &times, Some(Limit::AtMost(1.5)), detail)])
}
