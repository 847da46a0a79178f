//! Telegram as it really is: update numbers that start over after a quiet week, the managers' token
//! refused.

use mms_core::{campaign::State, on};

use crate::{
    bot_life::Person,
    campaign_life::until_sent,
    harness::{Company, Launch, Shape, World, until},
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

async fn opted_out(world: &World, company: &Company) -> i64 {
    on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from contact where account_id = $1 and opted_out_at is not null")
        .bind(company.account)
        .fetch_one(c)
        .await)
    .expect("counted")
}

/// After a week without updates Telegram counts from anywhere. An offset that is only ever raised
/// made both bots deaf then: the first update under a lower number was served for ever, and a
/// «стоп» behind it never came.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_quiet_week_a_stop_under_a_lower_number_is_honoured() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 20).await;
        let anna = Person::new(&world);
        anna.signs_in(&company).await;
        let mut customers = company.customers.keys().copied();
        let (talker, leaver) = (customers.next().expect("somebody"), customers.next().expect("somebody"));
        world.sandbox.send_text(company.bot, talker, "здравствуйте").expect("written");
        until("the first words to be heard", || async { (world.sandbox.pending(company.bot) == 0).then_some(()) }).await;

        for bot in [company.bot, world.manager_bot] {
            world.sandbox.count_updates_from(bot, 12_345).expect("a week passes");
        }
        world.sandbox.send_text(company.bot, talker, "ещё вопрос").expect("written");
        world.sandbox.send_text(company.bot, leaver, "стоп").expect("written");
        until("the opt-out to be recorded", || async { (opted_out(&world, &company).await == 1).then_some(()) }).await;
        anna.types("/help");
        anna.sees("Справка").await;
        anna.types("/menu");
        anna.sees("Владелец").await;
        until("every update to be confirmed", || async {
            (world.sandbox.pending(company.bot) + world.sandbox.pending(world.manager_bot) == 0).then_some(())
        })
        .await;

        let campaign = company.launch(&world, Launch::default()).await;
        company.until_state(&world, campaign, State::Finished).await;
        let advertised = world.sandbox.ledger().to(company.bot, leaver).iter().filter(|entry| entry.text.contains("скидка 10%")).count();
        assert_eq!(advertised, 0, "somebody who said stop was written to");
        company.must_balance(&world, campaign).await;
        world.stop().await;
    }
}

/// One refused `getUpdates` of the managers' bot used to end the process, and the worker of every
/// company with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_of_the_managers_bot_stops_no_company() {
    for shape in SHAPES {
        let mut world = World::start(shape).await;
        let company = Company::found(&world, 120).await;
        let anna = Person::new(&world).id;
        Person { world: &world, id: anna }.signs_in(&company).await;
        let campaign = company.launch(&world, Launch::default()).await;
        until_sent(&world, 10).await;
        world.sandbox.revoke(world.manager_bot).expect("revoked");
        let http = world.bot.as_ref().expect("running").listens().await;
        until("the bot to say that it is not ready", || async {
            let answer = reqwest::get(format!("{http}/readyz")).await.ok()?;
            (answer.status().as_u16() == 503 && answer.text().await.ok()?.contains("does not know the token")).then_some(())
        })
        .await;
        let leaver = *company.customers.keys().next_back().expect("somebody");
        world.sandbox.send_text(company.bot, leaver, "стоп").expect("written");
        company.until_state(&world, campaign, State::Finished).await;
        until("the opt-out to be recorded", || async { (opted_out(&world, &company).await == 1).then_some(()) }).await;
        company.must_balance(&world, campaign).await;
        world.bot.as_mut().expect("running").must_live();
        assert!(world.logs().contains("does not know this token"), "it is told in the log");

        let token = world.setting("MMS_TELEGRAM_TOKEN").to_owned();
        world.sandbox.add_bot(&token, "mms_manager_bot").expect("the token is good again");
        let again = Person { world: &world, id: anna };
        again.types("/help");
        again.sees("Справка").await;
        world.stop().await;
    }
}
