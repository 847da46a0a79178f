//! Asked to stop, a process ends: whatever a provider, a CRM or the database does with its calls,
//! and however long it is told to wait. Nothing here asserts a time: what holds a process up holds
//! it until the process has ended, which must be before systemd would kill it. How long it took is
//! printed.

use std::time::{Duration, Instant};

use mms_core::{
    account::By,
    campaign::State,
    clock,
    config::Endpoints,
    crm::{
        CrmKind,
        connection::{self, Entry},
    },
    id::CampaignId,
    notice, on,
    secret::Secret,
    store::Db,
};
use mms_sandbox::{Fault, Rule, User, amocrm};
use serde_json::json;

use crate::{
    bot_life::Person,
    exactly_once::verdict,
    harness::{Company, Launch, Process, Shape, World, next_id, phone, until},
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

/// When systemd kills what did not end: `TimeoutStopSec` of the units.
const KILLED_AFTER: Duration = Duration::from_secs(20);

/// How long the double holds a call, milliseconds: longer than a stop may take (ten seconds),
/// shorter than a call may take.
const HOLDS: u64 = 12_000;

/// The messenger hangs while a campaign is under way: what is in flight is uncertain, the rest
/// waits in the queue.
#[tokio::test(flavor = "multi_thread")]
async fn a_sending_process_ends_before_a_hanging_messenger_answers() {
    for shape in [Shape::One, Shape::Apart { workers: 1 }] {
        let mut world = World::start(shape).await;
        let company = Company::found(&world, 60).await;
        let holds = world.sandbox.faults().add(Rule::new(Fault::Latency { ms: HOLDS }).method("send*").bot(company.bot).skip(10));
        let campaign = company.launch(&world, Launch::default()).await;
        until("a call to hang", || async { (world.sandbox.faults().struck(holds) >= Some(3)).then_some(()) }).await;
        let sent = company.received(&world).len();
        world.end_processes().await;
        assert_eq!(company.received(&world).len(), sent, "the messenger let its calls go first");
        let states: Vec<(String, i64)> =
            on!(world.store.read(), |c| sqlx::query_as("select state, count(*) from delivery where campaign_id = $1 group by state")
                .bind(campaign)
                .fetch_all(c)
                .await)
            .expect("counted");
        let of = |name: &str| states.iter().find(|(state, _)| state == name).map_or(0, |(_, n)| *n);
        assert_eq!((of("sending"), of("sent")), (0, 10), "{states:?}");
        assert!(of("uncertain") >= 3 && of("uncertain") + of("queued") == 50, "{states:?}");
        world.stop().await;
    }
}

/// The managers' messenger hangs, or says to come back much later: nobody waits for it once asked
/// to stop.
#[tokio::test(flavor = "multi_thread")]
async fn the_bot_ends_before_a_hanging_or_limiting_messenger_is_done() {
    let limited = Fault::TooManyRequests { retry_after: HOLDS / 1_000 };
    for fault in [Fault::Latency { ms: HOLDS }, limited] {
        let mut world = World::start(Shape::Apart { workers: 1 }).await;
        let strikes = world.sandbox.faults().add(Rule::new(fault).method("sendMessage").bot(world.manager_bot));
        let people: Vec<i64> = (0..5).map(|_| next_id()).collect();
        for id in &people {
            world.sandbox.add_user(User::new(*id, "Иван", &phone(*id)));
            world.sandbox.press_start(world.manager_bot, *id, None).expect("started");
        }
        let began = until("an answer to be held up", || async { world.sandbox.faults().struck(strikes).filter(|n| *n > 0) }).await;
        // From here on nothing is in the way any more but what was begun.
        world.sandbox.faults().remove(strikes);
        world.end_processes().await;
        let told = world.sandbox.ledger().counts(world.manager_bot, |_| true);
        assert!(told.len() < people.len(), "{began} were held up, {} were told: the process waited for all of them", told.len());
        world.stop().await;
    }
}

/// Asks every process of an installation to stop while something holds it up; each must end by
/// itself, and well.
async fn end_by_itself(world: &mut World, what: &str) {
    let asked = Instant::now();
    let mut all: Vec<Process> = world.workers.drain(..).chain(world.bot.take()).collect();
    all.iter().for_each(Process::ask_to_stop);
    for process in &mut all {
        let left = KILLED_AFTER.saturating_sub(asked.elapsed());
        let ended = tokio::time::timeout(left, process.gone()).await;
        let ended = ended.unwrap_or_else(|_| panic!("{what}: still there when systemd would kill it\n{}", process.log()));
        assert!(ended.success(), "{what}: {ended}");
    }
    eprintln!("{what}, {:?}: ended {:.1} s after it was asked to", world.shape, asked.elapsed().as_secs_f64());
}

/// 600 notices wait for one chat, which takes one a second: a stop took 38 seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_with_six_hundred_notices_waiting_and_loses_none() {
    for shape in SHAPES {
        let mut world = World::start(shape).await;
        let company = Company::found(&world, 1).await;
        let owner = Person::new(&world);
        owner.signs_in(&company).await;
        let owner = owner.id;
        let mut tx = world.store.begin().await.expect("begun");
        for n in 0..600 {
            let payload = json!({ "campaign": CampaignId::new(), "name": format!("Весна {n}") });
            let dedupe_key = format!("campaign.finished:{n}");
            let new = notice::NewNotice {
                account: company.account,
                member: None,
                kind: notice::NoticeKind::CampaignFinished,
                payload,
                dedupe_key,
            };
            notice::raise(&mut tx, new, clock::now()).await.expect("raised");
        }
        tx.commit().await.expect("committed");
        let told = |world: &World| {
            let history = world.sandbox.history(world.manager_bot, owner);
            i64::try_from(history.iter().filter(|message| message.text.contains("Весна")).count()).expect("few")
        };
        until("the first to be told", || async { (told(&world) >= 2).then_some(()) }).await;
        end_by_itself(&mut world, "600 notices").await;
        let waiting: i64 = on!(world.store.read(), |c| sqlx::query_scalar(
            "select count(*) from notice where kind = 'campaign.finished' and sent_at is null"
        )
        .fetch_one(c)
        .await)
        .expect("counted");
        // One whose message had come and whose row was not marked any more is told once more, which
        // is better than never.
        assert!(waiting + told(&world) >= 600 && waiting > 500, "{waiting} wait, {} were told", told(&world));
        world.stop().await;
    }
}

/// The CRM takes a call and never answers: while contacts are read, and while it is told something.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_while_a_crm_hangs() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        let company = Company::found(&world, 1).await;
        world.amo.seed(&amocrm::Seed { count: 300, ..amocrm::Seed::default() });
        let hang = amocrm::Rule {
            fault: amocrm::Fault::Latency(Duration::from_secs(120)),
            method: Some(amocrm::Method::GET),
            path: "/contacts".to_owned(),
            after: 0,
            times: u32::MAX,
        };
        let endpoints = Endpoints {
            telegram: world.sandbox.url(),
            amocrm_override: Some(format!("{}/amo", world.sandbox.url())),
            ..Endpoints::default()
        };
        let values = [Secret::new(world.amo.long_lived_token())];
        let by = By::Admin(company.account);
        let entry = Entry { kind: CrmKind::Amocrm, address: "romashka", values: &values };
        let row = connection::connect(&world.store, &world.sealer, &endpoints, by, entry, clock::now()).await.expect("connected");
        world.amo.inject(hang);
        let before = world.amo.requests();
        world.start_all();
        until("the CRM to hang", || async { (world.amo.requests() > before).then_some(()) }).await;
        end_by_itself(&mut world, "a hanging CRM").await;
        // Nothing is lost: with the CRM back the next process reads everything.
        world.amo.heal();
        world.start_all();
        until("the contacts to be read", || async {
            connection::by_id(&world.store, row.id).await.expect("read").expect("there").last_synced_at
        })
        .await;
        world.stop().await;
    }
}

/// Somebody holds the tables (PostgreSQL) or the writer (SQLite) of a database in the middle of a
/// campaign.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_while_the_database_hangs() {
    for shape in SHAPES {
        let mut world = World::start(shape).await;
        let company = Company::found(&world, 120).await;
        let campaign = company.launch(&world, Launch::default()).await;
        until("the campaign to be under way", || async { (world.sandbox.ledger().len() >= 10).then_some(()) }).await;
        let mut tx = world.store.begin().await.expect("begun");
        match tx.conn() {
            // `begin immediate` holds the only writer already.
            Db::Sqlite(_) => {}
            Db::Postgres(c) => {
                sqlx::query("lock table delivery, outgoing, notice, inbound, campaign in access exclusive mode")
                    .execute(c)
                    .await
                    .expect("held");
            }
        }
        end_by_itself(&mut world, "a hanging database").await;
        drop(tx);
        world.start_all();
        company.until_state(&world, campaign, State::Finished).await;
        let verdict = verdict(&world, &company, campaign).await;
        assert!(verdict.duplicates.is_empty() && verdict.wrong.is_empty(), "{verdict:?}");
        company.must_balance(&world, campaign).await;
        world.stop().await;
    }
}
