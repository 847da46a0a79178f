//! A CRM's contacts brought here, against reading and parsing the same pages alone; and the memory
//! of a process that does it, killed half way.
//!
//! The CRM is the double of amoCRM in a process of its own, which makes its contacts up page by
//! page. Its limit of calls is off on both sides of a ratio: at five calls a second everything
//! waits for it, and the ratio would be one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use mms_core::{
    account::By,
    clock::{self, Moment},
    config::Endpoints,
    crm::{
        CrmKind, ReadMode,
        connection::{self, Connection, ConnectionState, Entry, Progress, SyncPhase, session},
        lease::{self, Lease},
    },
    id::ConnectionId,
    on,
    pace::spacer::Spacer,
    queue::Queue,
    secret::Secret,
};
use mms_worker::{Deps, jobs::sync::slice};
use sqlx::types::Json;

use super::{
    Context,
    double::{Crowd, Double, FIELDS, SUBDOMAIN},
    figure::{Figure, Limit, median},
    measure::per_second,
    world::{World, sealer},
};

/// Contacts of a page, as amoCRM gives them at most.
const PAGE: i64 = 250;
/// Calls by which a sync asks for contacts beside a full read's pages: what changed meanwhile, and
/// a page whose answer went down with the process.
const FEW: u64 = 10;
/// No wait between two calls.
const UNPACED: u32 = u32::MAX;

/// A connection to the double, and what syncs it.
struct Bench {
    deps: Deps,
    connection: ConnectionId,
}

impl Bench {
    async fn new(world: &World, crowd: &Crowd) -> anyhow::Result<Self> {
        let endpoints = Endpoints { amocrm_override: Some(crowd.url.clone()), ..Endpoints::default() }.crm_calls_per_second(UNPACED);
        let deps = Deps::new(world.store.clone(), sealer(), endpoints, Queue::memory(), crate::process::unique_name("bench"));
        let Deps { store, sealer, endpoints, .. } = &deps;
        let by = By::Admin(world.seed.account);
        let entry = Entry { kind: CrmKind::Amocrm, address: SUBDOMAIN, values: &[Secret::new(&crowd.token)] };
        let connection = connection::connect(store, sealer, endpoints, by, entry, clock::now()).await?.id;
        for (field, key) in FIELDS {
            connection::map_field(store, by, connection, &field.to_string(), Some(key), clock::now()).await?;
        }
        Ok(Self { deps, connection })
    }

    async fn row(&self) -> anyhow::Result<Connection> {
        connection::by_id(&self.deps.store, self.connection).await?.context("the measured connection is gone")
    }

    async fn lease(&self) -> anyhow::Result<Lease> {
        let lease = lease::take(&self.deps.store, self.connection, &self.deps.worker, clock::now()).await?;
        let mut lease = lease.context("somebody else syncs the measured connection")?;
        lease.pacer = Arc::new(Spacer::new(UNPACED, None));
        Ok(lease)
    }

    /// Reads and parses every page, and does nothing with them.
    async fn read_alone(&self, people: i64) -> anyhow::Result<Duration> {
        let (lease, row) = (self.lease().await?, self.row().await?);
        let Deps { store, sealer, endpoints, .. } = &self.deps;
        let crm = session::open(store, sealer, endpoints, &lease, &row, clock::now()).await?;
        let (began, mut read, mut place) = (Instant::now(), 0, None);
        loop {
            let page = crm.contacts(ReadMode::Full, place.as_ref()).await?;
            read += page.contacts.len();
            place = page.next;
            if place.is_none() {
                break;
            }
        }
        let took = began.elapsed();
        lease.release(store).await?;
        ensure!(i64::try_from(read)? == people, "{read} of {people} contacts were read");
        Ok(took)
    }

    /// Syncs everything as if it never had been; so many contacts must have been written.
    async fn sync(&self, people: i64, written: i64) -> anyhow::Result<Duration> {
        const ANEW: &str = "update crm_connection set sync_cursor = $2, sync_phase = 'idle', next_sync_at = $3 where id = $1";
        const WRITTEN: &str =
            "select count(*), coalesce(sum(case when updated_at >= $2 then 1 else 0 end), 0) from contact where account_id = $1";
        let store = &self.deps.store;
        let mut tx = store.begin().await?;
        let (nothing, due) = (Json(Progress::default()), clock::now());
        on!(tx.conn(), |c| sqlx::query(ANEW).bind(self.connection).bind(&nothing).bind(due).execute(c).await.map(|_| ()))?;
        tx.commit().await?;
        let (began, from): (Instant, Moment) = (Instant::now(), clock::now());
        loop {
            let lease = self.lease().await?;
            let more = slice(&self.deps, &lease).await?;
            lease.release(store).await?;
            if !more {
                break;
            }
        }
        let took = began.elapsed();
        let row = self.row().await?;
        ensure!(
            row.state == ConnectionState::Active && row.last_synced_at.is_some_and(|at| at >= from),
            "the sync did not come to its end: {:?}",
            row.state_reason
        );
        let (all, wrote): (i64, i64) = on!(store.read(), |c| sqlx::query_as(WRITTEN).bind(row.account_id).bind(from).fetch_one(c).await)?;
        ensure!(all == people && wrote == written, "{wrote} of {all} contacts were written, of {people} it was to be {written}");
        Ok(took)
    }
}

/// Records a second, new, changed and as they were.
pub(super) async fn sync(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let people = context.scale.of(25_000, 250_000);
    let mut double = Double::start(0).await?;
    let (mut bares, mut ours) = (Vec::new(), [const { Vec::new() }; 3]);
    for _ in 0..context.runs {
        let world = World::new(context, 0, false).await?;
        let bench = Bench::new(&world, &double.crowd(people, 0).await?).await?;
        let before = bench.read_alone(people).await?;
        // New ones; then every one changed; then all as they were.
        for (at, (turn, written)) in [(0, people), (1, people), (1, 0)].into_iter().enumerate() {
            double.crowd(people, turn).await?;
            ours[at].push(per_second(people, bench.sync(people, written).await?));
        }
        let after = bench.read_alone(people).await?;
        bares.push(per_second(2 * people, before + after));
        world.close().await?;
    }
    let figure = |what: &str, ours: &[f64], limit| {
        let ratios: Vec<f64> = ours.iter().zip(&bares).map(|(our, bare)| our / bare).collect();
        let detail = format!("{people} contacts: {:.0}/s, the pages alone {:.0}/s", median(ours), median(&bares));
        Figure::new(what, context.engine, "", &ratios, limit, detail)
    };
    let [new, changed, same] = &ours;
    let mut figures = vec![
        figure("sync: against reading alone, all changed", changed, Some(Limit::AtLeast(0.25))),
        figure("sync: against reading alone, none changed", same, Some(Limit::AtLeast(0.6))),
        figure("sync: against reading alone, all new", new, None),
    ];
    figures.push(memory(context).await?);
    Ok(figures)
}

/// The most memory of a process that syncs very many at the pace the CRM bears, killed half way and
/// started again. It goes on where it was.
async fn memory(context: &Context) -> anyhow::Result<Figure> {
    let people = context.scale.of(10_000, 1_000_000);
    let (mut double, world) = (Double::start(0).await?, World::new(context, 0, false).await?);
    double.bots(0).await?;
    let crowd = double.crowd(people, 0).await?;
    let bench = Bench::new(&world, &crowd).await?;
    let world = world.with_amocrm(&crowd.url);
    let process = world.sender(&double.url).await?;
    world.synced(bench.connection, people / 2).await?;
    let mut peaks = vec![process.peak()?];
    drop(process);
    free(&bench).await?;
    let again = world.sender(&double.url).await?;
    world.synced(bench.connection, people).await?;
    loop {
        peaks.push(again.peak()?);
        let row = bench.row().await?;
        ensure!(row.state == ConnectionState::Active, "the sync did not come to its end: {:?}", row.state_reason);
        if row.sync_phase == SyncPhase::Idle && row.last_synced_at.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    drop(again);
    let asked = double.asked().await?;
    let pages = u64::try_from(people / PAGE)?;
    ensure!(asked <= pages + FEW, "{asked} pages were asked for where {pages} hold everybody: it began anew");
    let most = peaks.into_iter().fold(0.0, f64::max);
    world.close().await?;
    let detail = format!("{people} contacts, killed half way: {asked} calls for {pages} pages");
    Ok(Figure::new("sync: the peak of memory", context.engine, "MB", &[most], Some(Limit::AtMost(150.0)), detail))
}

/// The lease of the process that was killed ends now: waiting for its end is no part of the figure.
async fn free(bench: &Bench) -> anyhow::Result<()> {
    let mut tx = bench.deps.store.begin().await?;
    on!(tx.conn(), |c| sqlx::query("update crm_connection set lease_until = null where id = $1")
        .bind(bench.connection)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await?;
    Ok(())
}
