//! What Meta allows a number of WhatsApp's, with real processes: the people of a day, and whether
//! it may send at all.

use mms_core::{
    campaign::{self, State, audience},
    channel::store as channels,
    clock,
};
use mms_sandbox::whatsapp::Tier;

use crate::{
    bot_life::Person,
    harness::{Company, Shape, World, until},
    whatsapp_life::{Number, approved_and_launched, prepared, told},
};

/// A portfolio may begin to write to 250 people within 24 hours. The forecast says so, 250 of 270
/// get the campaign and not one call is refused, the rest waits with a sentence for the manager,
/// and goes when Meta allows more.
async fn a_quota_reached_in_the_middle(shape: Shape) {
    const PEOPLE: usize = 270;
    let mut world = World::prepare(shape).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 0).await;
    let number = Number::new(&world);
    let owner = Person::new(&world);
    let body = "Здравствуйте, {{ first_name }}! Скидка от {{ advertiser }} ждёт вас до конца недели.";
    let (channel, campaign) = prepared(&world, &number, &owner, &company, body).await;
    let mut people = Vec::with_capacity(PEOPLE);
    for n in 0..PEOPLE {
        people.push(number.known(company.account, channel, &format!("Анна{n}")).await);
    }
    // Whoever wrote today takes no place.
    let wrote = number.customer("Борис");
    number.writes(wrote, "Здравствуйте");
    number.agrees(wrote).await;

    owner.presses("Меню").await;
    owner.presses("Кампании").await;
    owner.presses("Весна").await;
    owner.presses("На проверку в WhatsApp").await;
    owner.sees("шаблон на проверке").await;
    number.whatsapp().approve(number.whatsapp().templates()[0].id).expect("approved");
    told(&world, &owner, "WhatsApp одобрил шаблон", 1).await;
    let row = campaign::get(&world.store, company.account, campaign).await.expect("there");
    let forecast = audience::forecast(&world.store, &row, clock::now()).await.expect("foretold");
    let daily = forecast.steps[0].daily.expect("Meta told the limit when the number was connected");
    assert_eq!((forecast.planned, daily.most, daily.used, daily.new), (271, 250, 0, 270));
    assert_eq!((daily.at_once(), daily.beyond(), daily.days()), (250, 20, 2));
    approved_and_launched(&world, &company, campaign).await;

    const WAITING: &str = "select count(*) from delivery where state = 'queued' and attempt = 0 and reason = $1";
    until("the rest to wait", || async {
        let waiting = number.count(WAITING, "quota").await;
        (waiting == 20 && number.reached(&people, "Скидка") == 250).then_some(())
    })
    .await;
    number.gets(wrote, "Скидка").await;
    assert_eq!(number.whatsapp().reached("900100"), 250, "as the portfolio counts");
    owner.types("/menu");
    owner.presses("Кампании").await;
    owner.presses("Весна").await;
    owner.sees("за 24 часа начали разговор с 250 людьми, больше пока нельзя").await;
    let state = company.campaign(&world, campaign).await.state;
    assert_eq!(state, State::Running);

    number.whatsapp().set_tier("900100", Tier::T2K).expect("there is one");
    company.until_state(&world, campaign, State::Finished).await;
    company.must_balance(&world, campaign).await;
    people.push(wrote);
    for person in &people {
        let got = number.whatsapp().history(number.id, *person).iter().filter(|message| message.shown.text.contains("Скидка")).count();
        assert_eq!(got, 1, "everybody once");
    }
    const TRIED_MORE: &str = "select count(*) from delivery where attempt <> 1 and state <> $1";
    assert_eq!(number.count(TRIED_MORE, "skipped").await, 0, "waiting was no try");
    assert_eq!(number.whatsapp().given_up(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_reached_in_the_middle_on_sqlite() {
    a_quota_reached_in_the_middle(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_reached_in_the_middle_on_postgresql_and_redis() {
    a_quota_reached_in_the_middle(Shape::Apart { workers: 2 }).await;
}

/// A number is flagged and an account disabled in the middle of a campaign: nothing goes meanwhile,
/// the owner reads why and that it goes on, and everybody gets it once.
async fn a_flag_and_a_ban_in_the_middle(shape: Shape) {
    const PEOPLE: usize = 40;
    let mut world = World::prepare(shape).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 0).await;
    let number = Number::new(&world);
    let owner = Person::new(&world);
    let body = "Здравствуйте, {{ first_name }}! Скидка от {{ advertiser }} ждёт вас до конца недели.";
    let (channel, campaign) = prepared(&world, &number, &owner, &company, body).await;
    let slow = channels::ChannelSettings { rate: Some(8.0), mode: channels::Mode::Webhook, ..channels::ChannelSettings::default() };
    channels::configure(&world.store, &company.owner, channel, &slow, clock::now()).await.expect("slowed");
    let mut people = Vec::with_capacity(PEOPLE);
    for n in 0..PEOPLE {
        people.push(number.known(company.account, channel, &format!("Анна{n}")).await);
    }
    owner.presses("Меню").await;
    owner.presses("Кампании").await;
    owner.presses("Весна").await;
    owner.presses("На проверку в WhatsApp").await;
    owner.sees("шаблон на проверке").await;
    number.whatsapp().approve(number.whatsapp().templates()[0].id).expect("approved");
    told(&world, &owner, "WhatsApp одобрил шаблон", 1).await;
    approved_and_launched(&world, &company, campaign).await;
    let some = async |more: usize| {
        until("some to have got it", || async { (number.reached(&people, "Скидка") >= more).then_some(()) }).await;
    };
    some(3).await;

    number.whatsapp().flag(number.id, true).expect("there is one");
    told(&world, &owner, "Meta отметила его низким качеством", 1).await;
    let got = number.reached(&people, "Скидка");
    assert!(got < PEOPLE, "{got}");
    number.whatsapp().flag(number.id, false).expect("there is one");
    told(&world, &owner, "снова отправляет", 1).await;
    some(got + 3).await;

    // A ban lets nothing through, whoever hears of it first: the news or the next message.
    number.whatsapp().ban(&number.account, true).expect("there is one");
    until("the channel to stop", || async {
        let row = channels::find(&world.store, channel).await.expect("read").expect("there");
        (row.state == channels::ChannelState::Misconfigured).then_some(())
    })
    .await;
    let got = number.reached(&people, "Скидка");
    assert!(got < PEOPLE, "{got}");
    assert_eq!(company.campaign(&world, campaign).await.state, State::Running, "it waits");
    number.whatsapp().ban(&number.account, false).expect("there is one");
    told(&world, &owner, "снова отправляет", 2).await;
    company.until_state(&world, campaign, State::Finished).await;
    company.must_balance(&world, campaign).await;
    for person in &people {
        let got = number.whatsapp().history(number.id, *person).iter().filter(|message| message.shown.text.contains("Скидка")).count();
        assert_eq!(got, 1, "everybody once");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_and_a_ban_in_the_middle_on_sqlite() {
    a_flag_and_a_ban_in_the_middle(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_and_a_ban_in_the_middle_on_postgresql_and_redis() {
    a_flag_and_a_ban_in_the_middle(Shape::Apart { workers: 2 }).await;
}
