//! A campaign's life: launched, paused, resumed, stopped, opted out of in the middle, its licence
//! ending, its approval voided.

use std::{sync::Mutex, time::Duration};

use tokio::time::Instant;

use mms_core::{
    account::licence,
    campaign::{CampaignError, State, approval, control, draft},
    clock, on,
};
use mms_sandbox::Rates;

use crate::{
    exactly_once::verdict,
    harness::{Company, Launch, Shape, World, until},
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 2 }];

/// More than go out before a busy machine comes to what is done to the campaign meanwhile.
const MANY: usize = 1_500;

pub async fn until_sent(world: &World, at_least: usize) {
    until("messages to arrive", || {
        let now = world.sandbox.ledger().len();
        async move { (now >= at_least).then_some(()) }
    })
    .await;
}

/// Nothing more arrives after this: nothing is in flight, and two ticks of the worker have looked
/// at the rows in vain.
pub async fn quiet(world: &World) -> usize {
    const IN_FLIGHT: &str = "select count(*) from delivery where state = 'sending'";
    let seen = Mutex::new((world.sandbox.ledger().len(), Instant::now()));
    until("nothing more to arrive", || async {
        let flying: i64 = on!(world.store.read(), |c| sqlx::query_scalar(IN_FLIGHT).fetch_one(c).await).expect("counted");
        let now = world.sandbox.ledger().len();
        let mut seen = seen.lock().expect("nobody panicked with it");
        if flying > 0 || now != seen.0 {
            *seen = (now, Instant::now());
        }
        (seen.1.elapsed() > Duration::from_millis(2_500)).then_some(now)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_it_once_at_the_pace_of_the_messenger() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 120).await;
        let campaign = company.launch(&world, Launch::default()).await;
        company.until_state(&world, campaign, State::Finished).await;
        let verdict = verdict(&world, &company, campaign).await;
        assert_eq!((verdict.planned, verdict.sent), (120, 120), "{verdict:?}");
        assert!(verdict.wrong.is_empty() && verdict.duplicates.is_empty(), "{verdict:?}");
        assert_eq!(world.sandbox.ledger().refused(429), 0, "too fast for the messenger");
        company.must_balance(&world, campaign).await;
        let text = world.sandbox.ledger().entries()[0].text.clone();
        assert!(text.starts_with("Здравствуйте, Клиент") && text.contains("ООО «Ромашка»: скидка 10%"), "{text}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pause_holds_resume_goes_on_stop_ends() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, MANY).await;
        let campaign = company.launch(&world, Launch::default()).await;
        until_sent(&world, 30).await;
        control::pause(&world.store, &company.owner, campaign, clock::now()).await.expect("paused");
        let paused_at = quiet(&world).await;
        assert!(paused_at < MANY, "pause came too late to prove anything");
        control::resume(&world.store, &company.owner, campaign, clock::now()).await.expect("resumed");
        until_sent(&world, paused_at + 30).await;
        let cancelled = control::stop(&world.store, &company.owner, campaign, clock::now()).await.expect("stopped");
        let stopped_at = quiet(&world).await;
        assert!(cancelled > 0 && stopped_at < MANY, "the stop came too late to prove anything: {cancelled}, {stopped_at}");
        company.until_state(&world, campaign, State::Stopped).await;
        let verdict = verdict(&world, &company, campaign).await;
        assert_eq!(verdict.sent as usize, stopped_at, "{verdict:?}");
        assert!(verdict.wrong.is_empty() && verdict.duplicates.is_empty(), "{verdict:?}");
        company.must_balance(&world, campaign).await;
        world.stop().await;
    }
}

/// «стоп» written to the bot while the campaign runs: those who wrote it get a confirmation and
/// nothing of the campaign.
#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_in_the_middle_wins_against_all_that_is_not_in_flight() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 300).await;
        let campaign = company.launch(&world, Launch::default()).await;
        until_sent(&world, 20).await;
        let got: Vec<i64> = company.received(&world).into_keys().collect();
        let leaving: Vec<i64> = company.customers.keys().copied().filter(|user| !got.contains(user)).rev().take(40).collect();
        for (n, user) in leaving.iter().enumerate() {
            match n % 3 {
                0 => drop(world.sandbox.send_text(company.bot, *user, "Стоп!").expect("written")),
                1 => drop(world.sandbox.send_text(company.bot, *user, "/stop").expect("written")),
                _ => drop(world.sandbox.block(company.bot, *user).expect("blocked")),
            }
        }
        company.until_state(&world, campaign, State::Finished).await;
        let opted_out: i64 = on!(world.store.read(), |c| sqlx::query_scalar(
            "select count(*) from contact where account_id = $1 and opted_out_at is not null"
        )
        .bind(company.account)
        .fetch_one(c)
        .await)
        .expect("count");
        let blocked = leaving.iter().skip(2).step_by(3).count();
        assert_eq!(opted_out as usize, leaving.len() - blocked, "a block is no word about being written to elsewhere");
        for user in &leaving {
            let campaign_texts =
                world.sandbox.ledger().to(company.bot, *user).iter().filter(|entry| entry.text.contains("скидка 10%")).count();
            assert_eq!(campaign_texts, 0, "the campaign reached somebody who had said stop");
        }
        let numbers = company.stats(&world, campaign).await.numbers;
        assert!(numbers.sent as usize + leaving.len() >= 300, "{numbers:?}");
        company.must_balance(&world, campaign).await;
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agreement_2_4_without_a_licence_nothing_more_is_sent() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, MANY).await;
        let campaign = company.launch(&world, Launch::default()).await;
        until_sent(&world, 20).await;
        let current = licence::current(&world.store, company.account, clock::now()).await.expect("read").expect("there");
        licence::revoke(&world.store, company.account, current.id, clock::now()).await.expect("revoked");
        let stopped_at = quiet(&world).await;
        assert!(stopped_at < MANY, "the licence's end came too late to prove anything");
        // Opting out goes on working.
        let user = *company.customers.keys().next_back().expect("somebody");
        world.sandbox.send_text(company.bot, user, "стоп").expect("written");
        until("the opt-out to be recorded", || async {
            let out: i64 = on!(world.store.read(), |c| sqlx::query_scalar(
                "select count(*) from contact where account_id = $1 and opted_out_at is not null"
            )
            .bind(company.account)
            .fetch_one(c)
            .await)
            .expect("count");
            (out == 1).then_some(())
        })
        .await;
        company.must_balance(&world, campaign).await;
        world.stop().await;
    }
}

/// An approval holds for exactly what was approved.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_voids_the_approval() {
    let world = World::prepare(Shape::One).await;
    let mut company = Company::found(&world, 5).await;
    let campaign = company.approved(&world, Launch::default()).await;
    company.version = company.template(&world, "Другой текст от {{ advertiser }}").await;
    draft::edit(&world.store, &company.owner, campaign, draft::Change::Template(1, company.version), clock::now()).await.expect("edited");
    let refused = approval::launch(&world.store, &company.owner, campaign, 5, clock::now()).await;
    assert!(refused.is_err(), "a changed campaign was launched on the old approval");
    assert_eq!(company.campaign(&world, campaign).await.state, State::Draft);
    approval::submit(&world.store, &company.owner, campaign, clock::now()).await.expect("submitted");
    let own = approval::approve(&world.store, &company.owner, campaign, clock::now()).await;
    assert!(matches!(own, Err(CampaignError::OwnWork)), "nobody approves their own: {own:?}");
}

/// The messenger says «wait»: nothing is lost, nothing is doubled.
#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_429_delays_and_loses_nothing() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 100).await;
    world.sandbox.set_rates(Rates { per_bot: Some(15), bot_penalty: 1, ..Rates::default() });
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    let verdict = verdict(&world, &company, campaign).await;
    assert_eq!(verdict.sent, 100, "{verdict:?}");
    assert!(verdict.wrong.is_empty() && verdict.duplicates.is_empty(), "{verdict:?}");
    world.stop().await;
}
