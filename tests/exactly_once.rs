//! The promise: whatever dies, nobody gets a message twice, nobody planned is lost, and never are
//! more outcomes unknown than messages were in flight.

use std::{collections::BTreeMap, time::Duration};

use mms::drill::installation::shifted;
use mms_core::{campaign::State, id::CampaignId, on, store::Db};
use mms_sandbox::{Fault, Rule};

use crate::harness::{Company, Launch, Shape, World, until};

/// What the double's ledger and the rows say together.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub planned: u64,
    pub sent: u64,
    pub uncertain: u64,
    pub duplicates: Vec<i64>,
    /// Rows that say `sent` without a message in the ledger, or say it was not sent with one.
    pub wrong: Vec<(i64, String, u64)>,
}

/// Every row of a campaign by customer: state and what the ledger holds.
pub async fn verdict(world: &World, company: &Company, campaign: CampaignId) -> Verdict {
    let rows: Vec<(mms_core::id::ContactId, String)> = on!(world.store.read(), |c| sqlx::query_as(
        "select contact_id, state from delivery where account_id = $1 and campaign_id = $2 and planned"
    )
    .bind(company.account)
    .bind(campaign)
    .fetch_all(c)
    .await)
    .expect("rows");
    let states: BTreeMap<_, _> = rows.into_iter().collect();
    let received = company.received(world);
    let mut verdict = Verdict { planned: states.len() as u64, ..Verdict::default() };
    for (user, contact) in &company.customers {
        let count = received.get(user).copied().unwrap_or_default();
        if count > 1 {
            verdict.duplicates.push(*user);
        }
        let Some(state) = states.get(contact) else {
            assert_eq!(count, 0, "somebody who was not planned got a message");
            continue;
        };
        let right = match state.as_str() {
            "sent" => {
                verdict.sent += 1;
                count == 1
            }
            "uncertain" => {
                verdict.uncertain += 1;
                count <= 1
            }
            "failed" | "skipped" | "cancelled" => count == 0,
            _ => false,
        };
        if !right {
            verdict.wrong.push((*user, state.clone(), count));
        }
    }
    verdict
}

/// Rows in flight right now, when what dead processes told the database before is done.
async fn in_flight(world: &World, campaign: CampaignId) -> u64 {
    world.store.settled(SETTLED).await.expect("the database answers");
    let count: i64 =
        on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from delivery where campaign_id = $1 and state = 'sending'")
            .bind(campaign)
            .fetch_one(c)
            .await)
        .expect("count");
    u64::try_from(count).expect("not negative")
}

/// How long changes of dead processes are waited for; shorter than a lease, after which others take
/// their rows.
const SETTLED: Duration = Duration::from_secs(5);

/// Kills whoever sends, again and again, at uneven moments of the campaign.
async fn kills(shape: Shape, rounds: usize) {
    let mut world = World::start(shape).await;
    let company = Company::found(&world, rounds * 60).await;
    let campaign = company.launch(&world, Launch::default()).await;
    let mut air = 0;
    for round in 0..rounds {
        // So many more have arrived since the last kill: 3, 10, 17, 24, 31, 3 …
        let before = world.sandbox.ledger().len();
        let step = 3 + (round * 7) % 35;
        let total = company.customers.len();
        until("the campaign to go on after a kill", || {
            let now = world.sandbox.ledger().len();
            async move { (now >= (before + step).min(total)).then_some(()) }
        })
        .await;
        world.kill_sender(round).await;
        air += in_flight(&world, campaign).await;
    }
    company.until_state(&world, campaign, State::Finished).await;
    let verdict = verdict(&world, &company, campaign).await;
    assert_eq!(verdict.duplicates, Vec::<i64>::new(), "duplicates");
    assert_eq!(verdict.wrong, Vec::new(), "rows and ledger disagree");
    assert_eq!(verdict.sent + verdict.uncertain, verdict.planned, "lost");
    assert!(verdict.uncertain <= air, "{} uncertain, {air} were in flight", verdict.uncertain);
    company.must_balance(&world, campaign).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_of_one_process_on_sqlite() {
    kills(Shape::One, 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn six_kills_of_two_workers() {
    kills(Shape::Apart { workers: 2 }, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn six_kills_of_the_only_worker() {
    kills(Shape::Apart { workers: 1 }, 6).await;
}

/// A worker dies when it has told the database to commit a claim: the session does so all the same,
/// after the death. The dead worker never listed these messages as begun, so whoever comes next
/// knows that they did not go, and sends them.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_committed_after_its_workers_death_is_given_back() {
    let mut world = World::start(Shape::Apart { workers: 1 }).await;
    let company = Company::found(&world, 60).await;
    let Db::Postgres(pool) = world.store.read() else { panic!("workers share a PostgreSQL") };
    let pool = &pool.clone();
    // The commit of a claim waits for whoever holds this lock.
    let held = "create function held() returns trigger language plpgsql as \
        $$ begin perform pg_advisory_xact_lock_shared(42); return null; end $$;
        create constraint trigger held after update on delivery deferrable initially deferred \
        for each row when (old.state = 'queued' and new.state = 'sending') execute function held()";
    sqlx::raw_sql(held).execute(pool).await.expect("a trigger");
    let mut lock = pool.acquire().await.expect("a session");
    sqlx::query("select pg_advisory_lock(42)").execute(&mut *lock).await.expect("locked");
    let campaign = company.launch(&world, Launch::default()).await;
    until("a claim to be committed", || async {
        // This very lock: migrations of other databases wait for such locks too.
        let sql = "select count(*) from pg_locks where locktype = 'advisory' and not granted and objid = 42 \
            and database = (select oid from pg_database where datname = current_database())";
        let waiting: i64 = sqlx::query_scalar(sql).fetch_one(pool).await.expect("locks");
        (waiting > 0).then_some(())
    })
    .await;
    world.kill_sender(0).await;
    let before: i64 = sqlx::query_scalar("select count(*) from delivery where state = 'sending'").fetch_one(pool).await.expect("rows");
    assert_eq!(before, 0, "nothing is claimed yet, and the worker is dead");
    sqlx::query("select pg_advisory_unlock(42)").execute(&mut *lock).await.expect("unlocked");
    drop(lock);
    until("the claim that was committed", || async { (in_flight(&world, campaign).await > 0).then_some(()) }).await;
    company.until_state(&world, campaign, State::Finished).await;
    let verdict = verdict(&world, &company, campaign).await;
    assert!(verdict.duplicates.is_empty() && verdict.wrong.is_empty(), "{verdict:?}");
    assert_eq!((verdict.planned, verdict.uncertain, verdict.sent), (60, 0, 60));
    assert_eq!(world.sandbox.ledger().len(), 60);
    company.must_balance(&world, campaign).await;
    world.stop().await;
}

/// Answers lost after the provider accepted: each is one message there and one `uncertain` here,
/// and stays so.
#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_are_uncertain_and_never_sent_again() {
    for shape in [Shape::One, Shape::Apart { workers: 2 }] {
        let world = World::start(shape).await;
        let company = Company::found(&world, 60).await;
        world.sandbox.faults().add(Rule::new(Fault::DropAfter).method("sendMessage").bot(company.bot).skip(10).times(7));
        let campaign = company.launch(&world, Launch::default()).await;
        company.until_state(&world, campaign, State::Finished).await;
        let verdict = verdict(&world, &company, campaign).await;
        assert_eq!((verdict.planned, verdict.sent, verdict.uncertain), (60, 53, 7));
        assert!(verdict.duplicates.is_empty() && verdict.wrong.is_empty(), "{verdict:?}");
        assert_eq!(world.sandbox.ledger().len(), 60, "every one arrived");
        world.stop().await;
    }
}

/// A flushed Redis delays bells and loses none.
#[tokio::test(flavor = "multi_thread")]
async fn a_flushed_redis_loses_nothing() {
    let world = World::start(Shape::Apart { workers: 2 }).await;
    let company = Company::found(&world, 200).await;
    let campaign = company.launch(&world, Launch::default()).await;
    for step in [20, 80, 140] {
        until("the campaign to go on after a flush", || {
            let now = world.sandbox.ledger().len();
            async move { (now >= step).then_some(()) }
        })
        .await;
        world.flush_redis().await;
    }
    company.until_state(&world, campaign, State::Finished).await;
    let verdict = verdict(&world, &company, campaign).await;
    assert_eq!((verdict.sent, verdict.uncertain), (200, 0), "{verdict:?}");
    assert!(verdict.duplicates.is_empty() && verdict.wrong.is_empty(), "{verdict:?}");
    world.stop().await;
}

/// One worker's clock is an hour ahead. It would see whatever the other has as long abandoned, take
/// its channel and settle what it has in flight; but the clock that counts is the database's, so
/// it waits for its turn like any other.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_clock_is_ahead_leaves_alone_what_another_has() {
    let mut world = World::prepare(Shape::Apart { workers: 2 }).await;
    // Answers are long in coming, so that at any moment something is in flight.
    world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 500 }).method("sendMessage"));
    let company = Company::found(&world, 60).await;
    let campaign = company.launch(&world, Launch::default()).await;
    world.start_bot();
    let clock = world.file("clock");
    std::fs::write(&clock, "+3600\n").expect("written");
    let ahead = shifted(&clock).expect("libfaketime is installed by scripts/install");
    for (name, value) in &ahead {
        world.set(name, value.clone());
    }
    world.start_worker();
    for (name, _) in &ahead {
        world.unset(name);
    }
    world.start_worker();
    company.until_state(&world, campaign, State::Finished).await;
    let logs = world.logs();
    assert!(logs.contains("this machine's clock is not the database's"), "one of them is ahead");
    assert!(!logs.contains("left in flight"), "nobody died, so nothing was left");
    let verdict = verdict(&world, &company, campaign).await;
    assert_eq!((verdict.sent, verdict.duplicates, verdict.wrong), (60, Vec::new(), Vec::new()));
    let late: i64 = on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from delivery where updated_at > $1")
        .bind(mms_core::clock::now() + chrono::TimeDelta::minutes(1))
        .fetch_one(c)
        .await)
    .expect("counted");
    assert_eq!(late, 0, "nothing was written by the time of the wrong clock");
    world.stop().await;
}

/// The machine's clock is an hour behind when the process starts again: nobody's licence has ended
/// for that, and nothing waits for the hour to come again.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_an_hour_behind_at_the_start_pauses_no_campaign() {
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 90).await;
    let campaign = company.launch(&world, Launch::default()).await;
    until("the campaign to be under way", || async { (world.sandbox.ledger().len() >= 10).then_some(()) }).await;
    world.bot.take().expect("running").terminate().await;
    let clock = world.file("clock");
    std::fs::write(&clock, "-3600\n").expect("written");
    for (name, value) in shifted(&clock).expect("libfaketime is installed by scripts/install") {
        world.set(&name, value);
    }
    world.start_bot();
    company.until_state(&world, campaign, State::Finished).await;
    let row = company.campaign(&world, campaign).await;
    assert!(row.finished_at.is_some_and(|at| at < mms_core::clock::now() - chrono::TimeDelta::minutes(30)), "its clock was behind");
    let verdict = verdict(&world, &company, campaign).await;
    assert_eq!((verdict.sent + verdict.uncertain, verdict.duplicates.len(), verdict.wrong.len()), (90, 0, 0), "{verdict:?}");
    world.stop().await;
}

/// A worker that is frozen past its lease goes on where it stood: it must send nothing more, for
/// another has the channel, and people have said stop meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_frozen_past_its_lease_sends_nothing_more() {
    let mut world = World::prepare(Shape::Apart { workers: 2 }).await;
    // Answers are long in coming, so that at any moment some messages are listed and wait for their
    // turn.
    world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 300 }).method("sendMessage"));
    let company = Company::found(&world, 200).await;
    world.start_all();
    let campaign = company.launch(&world, Launch::default()).await;
    until("the campaign to be under way", || async { (world.sandbox.ledger().len() >= 10).then_some(()) }).await;
    let (owner, token) = until("somebody to have the channel", || owner_of(&world, &company)).await;
    let frozen = &world.workers[usize::from(owner.starts_with("worker1@"))];
    frozen.freeze();
    until("another worker to have the channel", || async {
        owner_of(&world, &company).await.filter(|(next, _)| *next != owner).map(|_| ())
    })
    .await;
    // What the frozen one had begun, as far as it knows, and did not send: these people say stop,
    // and it is confirmed.
    let received = company.received(&world);
    let held: Vec<mms_core::id::ContactId> = on!(world.store.read(), |c| sqlx::query_scalar(
        "select contact_id from delivery where campaign_id = $1 and state = 'sending' and claim = $2"
    )
    .bind(campaign)
    .bind(token)
    .fetch_all(c)
    .await)
    .expect("rows");
    let waiting = |user: &i64, contact| !received.contains_key(user) && held.contains(contact);
    let stopping: Vec<i64> = company.customers.iter().filter(|(user, contact)| waiting(user, contact)).map(|(user, _)| *user).collect();
    for user in &stopping {
        world.sandbox.send_text(company.bot, *user, "стоп").expect("written");
    }
    let asked = i64::try_from(stopping.len()).expect("few");
    until("every stop to be confirmed", || async {
        let sql = "select count(*) from contact where account_id = $1 and opted_out_at is not null";
        let out: i64 = on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(company.account).fetch_one(c).await).expect("counted");
        (out == asked).then_some(())
    })
    .await;
    let text = |user: &i64| world.sandbox.ledger().to(company.bot, *user).iter().filter(|entry| entry.text.contains("скидка")).count();
    assert_eq!(stopping.iter().map(text).sum::<usize>(), 0);
    frozen.thaw();
    until("the frozen worker to find out", || {
        let log = frozen.log();
        async move { (log.contains("the lease was lost") || log.contains("took the channel over")).then_some(()) }
    })
    .await;
    company.until_state(&world, campaign, State::Finished).await;
    assert_eq!(stopping.iter().map(text).sum::<usize>(), 0, "written to after a confirmed stop");
    let verdict = verdict(&world, &company, campaign).await;
    assert!(verdict.duplicates.is_empty() && verdict.wrong.iter().all(|(user, ..)| stopping.contains(user)), "{verdict:?}");
    company.must_balance(&world, campaign).await;
    world.stop().await;
}

/// Who sends through the company's channel, and under which token.
async fn owner_of(world: &World, company: &Company) -> Option<(String, i64)> {
    let row: Option<(Option<String>, i64)> =
        on!(world.store.read(), |c| sqlx::query_as("select lease_owner, lease_token from channel where id = $1")
            .bind(company.channel)
            .fetch_optional(c)
            .await)
        .expect("the database answers");
    row.and_then(|(owner, token)| Some((owner?, token)))
}
