//! A thousand people press START at once beside a running campaign: everybody is asked, and the campaign goes on.

use mms_core::{
    campaign::State,
    channel::store::{self as channels, Settings},
    clock, on,
};
use mms_sandbox::{Rates, User};

use crate::{
    exactly_once::verdict,
    harness::{Company, Launch, Shape, World, next_id, phone, until},
};

const NEWCOMERS: usize = 1_000;
const CUSTOMERS: usize = 150;
/// Messages a second: so that a thousand are asked within seconds.
const RATE: u32 = 200;

/// Presses START for a thousand new people and waits until each is asked. Whoever sends dies on the way (`deadly`).
async fn a_thousand(shape: Shape, deadly: bool) {
    let mut world = World::prepare(shape).await;
    world.sandbox.set_rates(Rates { per_bot: Some(RATE), slack: 0, ..Rates::default() });
    let company = Company::found(&world, CUSTOMERS).await;
    let settings = Settings { rate: Some(f64::from(RATE)), ..Settings::default() };
    channels::configure(&world.store, &company.owner, company.channel, &settings, clock::now()).await.expect("configured");
    world.start_all();
    let people: Vec<i64> = (0..NEWCOMERS).map(|_| next_id()).collect();
    world.sandbox.add_users(people.iter().map(|id| User::new(*id, "Новый", &phone(*id))));
    for id in &people {
        world.sandbox.press_start(company.bot, *id, None).expect("started");
    }
    until("the first newcomers to be asked", || async { (world.sandbox.ledger().len() >= 20).then_some(()) }).await;
    let campaign = company.launch(&world, Launch::default()).await;
    let begun = world.sandbox.ledger().len();
    if deadly {
        until("the campaign to be under way", || async { (company.received(&world).len() > begun + 100).then_some(()) }).await;
        world.kill_sender(0).await;
    }
    company.until_state(&world, campaign, State::Finished).await;
    let asked = |entry: &mms_sandbox::ledger::Entry| entry.bot == company.bot && people.contains(&entry.chat);
    until("everybody to be asked", || async {
        let counts = world.sandbox.ledger().counts(company.bot, |entry| people.contains(&entry.chat));
        (counts.len() == NEWCOMERS).then_some(())
    })
    .await;
    let entries = world.sandbox.ledger().select(asked);
    assert!(entries.iter().all(|entry| entry.text.contains("Разрешаете")), "greeting and question are one message");
    if !deadly {
        assert_eq!(entries.len(), NEWCOMERS, "nobody was asked twice");
        let (first, last) = (entries.iter().map(|entry| entry.seq).min(), entries.iter().map(|entry| entry.seq).max());
        let between = |entry: &mms_sandbox::ledger::Entry| {
            entry.bot == company.bot && !people.contains(&entry.chat) && Some(entry.seq) > first && Some(entry.seq) < last
        };
        let beside = world.sandbox.ledger().select(between).len();
        assert!(beside >= NEWCOMERS / 20, "the campaign stood still while newcomers were asked: {beside} of its messages went");
    }
    let verdict = verdict(&world, &company, campaign).await;
    assert!(verdict.duplicates.is_empty() && verdict.wrong.is_empty(), "{verdict:?}");
    if !deadly {
        assert_eq!((verdict.sent, verdict.uncertain), (CUSTOMERS as u64, 0));
    }
    until("nothing to be left on its way", || async {
        let sql = "select count(*) from outgoing where state not in ('sent', 'failed')";
        let left: i64 = on!(world.store.read(), |c| sqlx::query_scalar(sql).fetch_one(c).await).expect("counted");
        (left == 0).then_some(())
    })
    .await;
    company.must_balance(&world, campaign).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_newcomers_are_asked_and_the_campaign_goes_on() {
    a_thousand(Shape::One, false).await;
}

/// Questions that had been claimed and never left were lost with the process.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_newcomers_are_asked_although_whoever_sends_dies() {
    a_thousand(Shape::One, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_newcomers_are_asked_although_a_worker_dies() {
    a_thousand(Shape::Apart { workers: 2 }, true).await;
}
