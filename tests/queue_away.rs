//! Redis shares work out and no work depends on it. Frozen for a minute it once kept a «стоп»
//! waiting until the person had the campaign; killed it ended both workers; full it killed one
//! every 19 seconds, and `doctor` saw nothing. What loses bells, or takes its time, is no
//! different.

use std::time::Duration;

use mms::drill::{services, unit::Unit};
use mms_core::{campaign::State, on};

use crate::harness::{Company, Launch, Proxy, Shape, World, until};

/// How Redis is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Away {
    /// Its process is stopped: calls are taken and never answered.
    Frozen,
    /// It answers, and takes nothing more.
    Full,
    /// Nobody is at its address.
    Gone,
}

/// A Redis of this test's own, behind a way that can be cut.
struct Server {
    unit: Unit,
    url: String,
    way: Proxy,
}

impl Server {
    async fn give(world: &mut World) -> Self {
        let (unit, url) = services::redis(&world.file("")).await.expect("Redis is installed");
        world.set("REDIS_URL", url.clone());
        let way = world.through_proxy("REDIS_URL").await;
        Self { unit, url, way }
    }

    async fn go(&self, away: Away) {
        match away {
            Away::Frozen => self.unit.freeze(),
            Away::Full => services::limit_redis(&self.url, true).await.expect("configured"),
            Away::Gone => self.way.cut(),
        }
    }

    async fn come_back(&self, away: Away) {
        match away {
            Away::Frozen => self.unit.thaw(),
            Away::Full => services::limit_redis(&self.url, false).await.expect("configured"),
            Away::Gone => self.way.mend(),
        }
    }
}

async fn ready(url: &str) -> String {
    reqwest::get(format!("{url}/readyz")).await.expect("it answers").text().await.expect("text")
}

/// Whether the customer is out, by the rows.
async fn out(world: &World, company: &Company, user: i64) -> bool {
    on!(world.store.read(), |c| sqlx::query_scalar::<_, i64>(
        "select count(*) from contact where account_id = $1 and id = $2 and opted_out_at is not null"
    )
    .bind(company.account)
    .bind(company.customers[&user])
    .fetch_one(c)
    .await)
    .expect("counted")
        == 1
}

async fn work_goes_on(away: Away) {
    let mut world = World::prepare(Shape::Apart { workers: 2 }).await;
    let server = Server::give(&mut world).await;
    world.set("MMS_WORKER_LISTEN", "127.0.0.1:0");
    world.start_all();
    let (bot, worker) = (world.bot.as_ref().expect("running").listens().await, world.workers[0].listens().await);
    for url in [&bot, &worker] {
        until("the process to be ready", || async { (ready(url).await == "ready\n").then_some(()) }).await;
    }
    let company = Company::found(&world, 150).await;
    let campaign = company.launch(&world, Launch::default()).await;
    until("the campaign to be under way", || async { (world.sandbox.ledger().len() >= 10).then_some(()) }).await;

    server.go(away).await;
    // The one who gets it last says stop, and whoever said it gets nothing of a campaign launched
    // after that.
    let user = *company.customers.keys().last().expect("somebody");
    world.sandbox.send_text(company.bot, user, "стоп").expect("written");
    until("the stop to be heard", || async { out(&world, &company, user).await.then_some(()) }).await;
    let later = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    company.until_state(&world, later, State::Finished).await;
    for url in [&bot, &worker] {
        until("the process to say that it works without Redis", || async {
            (ready(url).await == "ready, degraded: Redis takes no bells\n").then_some(())
        })
        .await;
    }
    let told = world.output(&["doctor"], "");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("PROBLEM  queue: Redis takes no bells"), "{told}");
    let received = world.sandbox.ledger().counts(company.bot, |entry| entry.text.contains("скидка"));
    assert!(received.get(&user).copied().unwrap_or_default() <= 1, "{away:?}: nothing of the second campaign");

    server.come_back(away).await;
    for url in [&bot, &worker] {
        until("the process to be ready again", || async { (ready(url).await == "ready\n").then_some(()) }).await;
    }
    let last = company.launch(&world, Launch::default()).await;
    company.until_state(&world, last, State::Finished).await;
    company.must_balance(&world, last).await;
    assert!(received.values().all(|count| *count <= 2), "each of the first two once");
    // Each ends well and by being asked to; none died meanwhile.
    world.bot.as_mut().expect("running").must_live();
    world.workers.iter_mut().for_each(crate::harness::Process::must_live);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_keeps_no_stop_and_no_campaign_waiting() {
    work_goes_on(Away::Frozen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_keeps_no_stop_and_no_campaign_waiting() {
    work_goes_on(Away::Full).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_redis_keeps_no_stop_and_no_campaign_waiting() {
    work_goes_on(Away::Gone).await;
}

/// Started while Redis is away, a process works, and comes back to the queue when there is one.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_does_not_wait_for_redis() {
    let mut world = World::prepare(Shape::Apart { workers: 1 }).await;
    let server = Server::give(&mut world).await;
    server.go(Away::Gone).await;
    world.set("MMS_WORKER_LISTEN", "127.0.0.1:0");
    world.start_all();
    let company = Company::found(&world, 10).await;
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    server.come_back(Away::Gone).await;
    let worker = world.workers[0].listens().await;
    until("the process to be ready", || async { (ready(&worker).await == "ready\n").then_some(()) }).await;
    world.stop().await;
}

/// Something is done to Redis while a campaign is under way, that no process calls being away: a
/// stop is heard and the campaign comes to its end all the same, and in the end everybody is ready.
async fn nothing_is_lost(harm: impl AsyncFnOnce(&World, &Server)) {
    let mut world = World::prepare(Shape::Apart { workers: 2 }).await;
    let server = Server::give(&mut world).await;
    world.set("MMS_WORKER_LISTEN", "127.0.0.1:0");
    world.start_all();
    let (bot, worker) = (world.bot.as_ref().expect("running").listens().await, world.workers[0].listens().await);
    let company = Company::found(&world, 100).await;
    let campaign = company.launch(&world, Launch::default()).await;
    until("the campaign to be under way", || async { (world.sandbox.ledger().len() >= 10).then_some(()) }).await;

    harm(&world, &server).await;
    let user = *company.customers.keys().last().expect("somebody");
    world.sandbox.send_text(company.bot, user, "стоп").expect("written");
    until("the stop to be heard", || async { out(&world, &company, user).await.then_some(()) }).await;
    let later = company.launch(&world, Launch::default()).await;
    for one in [campaign, later] {
        company.until_state(&world, one, State::Finished).await;
        company.must_balance(&world, one).await;
    }
    let received = world.sandbox.ledger().counts(company.bot, |entry| entry.text.contains("скидка"));
    assert!(received.get(&user).copied().unwrap_or_default() <= 1, "nothing of the second campaign");
    assert!(received.values().all(|count| *count <= 2), "each of the two once");
    for url in [&bot, &worker] {
        until("the process to be ready", || async { (ready(url).await == "ready\n").then_some(()) }).await;
    }
    world.bot.as_mut().expect("running").must_live();
    world.workers.iter_mut().for_each(crate::harness::Process::must_live);
    // The end of a scenario looks into Redis by itself.
    server.way.mend();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_redis_keeps_no_stop_and_no_campaign_waiting() {
    // Twice this a call, which is not yet away.
    nothing_is_lost(async |_, server| server.way.slow(Duration::from_millis(300))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flushed_redis_loses_no_stop_and_no_campaign() {
    nothing_is_lost(async |world, _| world.flush_redis().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_redis_loses_no_stop_and_no_campaign() {
    nothing_is_lost(async |_, server| server.unit.kill().await).await;
}

/// A firewall that forgot them, a proxy on the way that hangs: connections that nobody closes and
/// that carry nothing. A process went on without Redis until it was started again.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_carry_nothing_any_more_are_made_anew() {
    nothing_is_lost(async |_, server| server.way.swallow()).await;
}
