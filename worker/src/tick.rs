//! Once a second: rings for whatever the rows say is due. A lost bell, a flushed Redis or a restart therefore delays work by a
//! second and loses none.

use std::time::Duration;

use mms_core::{
    campaign,
    clock::{self, Moment},
    delivery::receipt,
    id::{ChannelId, ConnectionId, ImportId},
    on,
    queue::{Class, Job, Source},
    store::Store,
};

use crate::{Deps, duties};

const EVERY: Duration = Duration::from_secs(1);
/// Finished tasks are swept out of Redis so often, in ticks.
const SWEEP: u64 = 30;
/// Licences and tokens are looked after so often, in ticks: at the start, then every six hours.
const DUTIES: u64 = 6 * 3_600;

/// Channels with something to send or to recover that nobody owns and nothing holds.
pub const DELIVER: &str = "
select c.id from channel c
where (c.lease_until is null or c.lease_until <= $1)
  and (exists (select 1 from delivery d where d.channel_id = c.id and d.state = 'sending' and d.lease_until <= $1)
    or exists (select 1 from outgoing o where o.channel_id = c.id and o.state = 'sending' and o.lease_until <= $1)
    or (c.state = 'active' and (c.held_until is null or c.held_until <= $1)
      and (exists (select 1 from outgoing o where o.channel_id = c.id and o.state = 'queued' and o.due_at <= $1)
        or exists (select 1 from campaign k join delivery d on d.campaign_id = k.id
                   where k.channel_id = c.id and k.state = 'running' and d.state = 'queued' and d.due_at <= $1))))";
/// Channels and connections with raw events to understand.
pub const INBOUND: &str = "select distinct source_id from inbound where state = 'new' and due_at <= $1";
/// Connections with something to tell the CRM.
pub const WRITE_BACK: &str = "
select distinct w.connection_id from crm_write w join crm_connection c on c.id = w.connection_id
where c.state = 'active' and (c.held_until is null or c.held_until <= $1)
  and w.state in ('queued', 'sending') and (w.state = 'queued' and w.due_at <= $1 or w.state = 'sending' and w.lease_until <= $1)";
/// Connections whose next sync has come.
pub const SYNC: &str = "
select id from crm_connection
where state = 'active' and next_sync_at <= $1 and (lease_until is null or lease_until <= $1) and (held_until is null or held_until <= $1)";
/// Imports that were begun and nobody is at.
pub const IMPORT: &str = "select id from import where state = 'running' and (due_at is null or due_at <= $1)";
/// Since when the oldest event waits to be understood.
pub const OLDEST_EVENT: &str = "select min(received_at) from inbound where state = 'new'";
/// Every statement.
pub const ALL: &[&str] = &[DELIVER, INBOUND, WRITE_BACK, SYNC, IMPORT, OLDEST_EVENT];

/// Ticks until `deps.stop`.
///
/// # Errors
/// Never by itself: a failed look at the rows is logged and tried again.
pub async fn run(deps: &Deps) -> anyhow::Result<()> {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut count = 0_u64;
    loop {
        tokio::select! {
            () = deps.stop.cancelled() => return Ok(()),
            _ = interval.tick() => {}
        }
        match deps.store.watch_clock(clock::now()).await {
            Ok(true) => tracing::error!("the clock was set back (or another machine's is ahead): what waited for a later time goes on now"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the tick could not look at the clock"),
        }
        match campaign::tick::tick(&deps.store, clock::now()).await {
            Ok(jobs) => {
                for job in jobs {
                    deps.queue.ring(job).await;
                }
            }
            Err(error) => tracing::error!(%error, "the tick could not move the campaigns that are due"),
        }
        match due(&deps.store, clock::now()).await {
            Ok(jobs) => {
                for job in jobs {
                    deps.queue.ring(job).await;
                }
            }
            Err(error) => tracing::error!(%error, "the tick could not read what is due"),
        }
        if let Err(error) = receipt::settle(&deps.store, clock::now()).await {
            tracing::error!(%error, "the tick could not apply receipts that came before their messages");
        }
        if let Err(error) = deps.store.fold().await {
            tracing::warn!(%error, "the database's log was not folded into its file, the next tick does it");
        }
        measure(deps, clock::now()).await;
        if count.is_multiple_of(DUTIES) {
            duties::run(deps, clock::now()).await;
        }
        count += 1;
        if count.is_multiple_of(SWEEP)
            && let Source::Redis(redis) = deps.queue.source()
            && let Err(error) = redis.vacuum().await
        {
            tracing::warn!(%error, "finished tasks were not swept out of Redis");
        }
    }
}

/// Shows how much waits and for how long.
async fn measure(deps: &Deps, now: Moment) {
    for class in Class::ALL {
        if let Some(depth) = deps.queue.depth(class).await {
            #[expect(clippy::cast_precision_loss, reason = "a gauge")]
            metrics::gauge!("mms_queue_depth", "line" => class.as_str()).set(depth as f64);
        }
    }
    let oldest: sqlx::Result<Option<Moment>> = on!(deps.store.read(), |c| sqlx::query_scalar(OLDEST_EVENT).fetch_one(c).await);
    // A database that does not answer was logged by the looks above.
    if let Ok(oldest) = oldest {
        let lag = oldest.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0));
        metrics::gauge!("mms_inbound_lag_seconds").set(lag);
    }
}

/// What the rows say is due at `now`.
///
/// # Errors
/// The database's.
pub async fn due(store: &Store, now: Moment) -> sqlx::Result<Vec<Job>> {
    let channels: Vec<ChannelId> = on!(store.read(), |c| sqlx::query_scalar(DELIVER).bind(now).fetch_all(c).await)?;
    let sources: Vec<uuid::Uuid> = on!(store.read(), |c| sqlx::query_scalar(INBOUND).bind(now).fetch_all(c).await)?;
    let writes: Vec<ConnectionId> = on!(store.read(), |c| sqlx::query_scalar(WRITE_BACK).bind(now).fetch_all(c).await)?;
    let syncs: Vec<ConnectionId> = on!(store.read(), |c| sqlx::query_scalar(SYNC).bind(now).fetch_all(c).await)?;
    let imports: Vec<ImportId> = on!(store.read(), |c| sqlx::query_scalar(IMPORT).bind(now).fetch_all(c).await)?;
    let mut jobs: Vec<Job> = sources.into_iter().map(|source| Job::HandleInbound { source }).collect();
    jobs.extend(channels.into_iter().map(|channel| Job::Deliver { channel }));
    jobs.extend(writes.into_iter().map(|connection| Job::WriteBack { connection }));
    jobs.extend(syncs.into_iter().map(|connection| Job::SyncCrm { connection }));
    jobs.extend(imports.into_iter().map(|import| Job::RunImport { import }));
    Ok(jobs)
}
