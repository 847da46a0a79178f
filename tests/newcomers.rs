//! A thousand people press START at once beside a running campaign: everybody is asked, and the
//! campaign goes on.

use mms_core::{
    campaign::State,
    channel::store::{self as channels, ChannelSettings},
    clock, on,
};
use mms_sandbox::{Rates, User};

use crate::{
    exactly_once::verdict,
    harness::{Company, Launch, Shape, World, next_id, phone, until},
};

const NEWCOMERS: usize = 1_000;
const CUSTOMERS: usize = 600;
/// Messages a second: so that a thousand are asked within seconds.
const RATE: u32 = 200;

/// Presses START for a thousand new people and waits until each is asked. Whoever sends dies on the
/// way (`deadly`).
async fn a_thousand(shape: Shape, deadly: bool) {
    let mut world = World::prepare(shape).await;
    world.sandbox.set_rates(Rates { per_bot: Some(RATE), slack: 0, ..Rates::default() });
    let company = Company::found(&world, CUSTOMERS).await;
    let settings = ChannelSettings { rate: Some(f64::from(RATE)), ..ChannelSettings::default() };
    channels::configure(&world.store, &company.owner, company.channel, &settings, clock::now()).await.expect("configured");
    world.start_all();
    let campaign = company.launch(&world, Launch::default()).await;
    until("the campaign to be under way", || async { (world.sandbox.ledger().len() >= 20).then_some(()) }).await;
    let people: Vec<i64> = (0..NEWCOMERS).map(|_| next_id()).collect();
    world.sandbox.add_users(people.iter().map(|id| User::new(*id, "Новый", &phone(*id))));
    for id in &people {
        world.sandbox.press_start(company.bot, *id, None).expect("started");
    }
    if deadly {
        let asked = || world.sandbox.ledger().counts(company.bot, |entry| people.contains(&entry.chat)).len();
        until("newcomers to be asked", || async { (asked() > 100).then_some(()) }).await;
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
        // From the first question to the end of the campaign or of the questions: the campaign has
        // its share of what left.
        let both = world.sandbox.ledger().select(|entry| entry.bot == company.bot);
        let newcomer = |entry: &mms_sandbox::ledger::Entry| people.contains(&entry.chat);
        let first = both.iter().position(newcomer).expect("asked");
        let (last, last_question) = (both.iter().rposition(|entry| !newcomer(entry)), both.iter().rposition(newcomer));
        let beside = both.get(first..last.min(last_question).expect("both went")).unwrap_or_default();
        let share = beside.iter().filter(|entry| !newcomer(entry)).count();
        assert!(share * 5 >= beside.len() && share > 0, "the campaign had {share} of {}", beside.len());
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
