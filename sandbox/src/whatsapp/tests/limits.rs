use super::*;
use crate::whatsapp::Tier;

fn limited(rates: Rates) -> Settings {
    Settings { rates, ..free() }
}

#[tokio::test]
async fn one_person_takes_a_burst_then_one_in_six_seconds() {
    let world = World::with(limited(Rates { pair_seconds: Some(6.0), pair_burst: 3, ..Rates::off() })).await;
    for person in [ANNA, BORIS] {
        world.write(NUMBER, person, "x").unwrap();
    }
    for _ in 0..3 {
        world.text(ANNAS, "x").await;
    }
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 131_056));
    world.text(BORISES, "another pair").await;
    world.sandbox.clock().advance(Duration::from_secs(6));
    world.text(ANNAS, "x").await;
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 131_056));
    assert_eq!((world.ledger().refused(400), world.ledger().to(NUMBER, ANNA).len()), (2, 4));
}

#[tokio::test]
async fn a_tier_counts_unique_people_a_day_over_the_whole_portfolio() {
    let world = World::with(limited(Rates { tier: true, ..Rates::off() })).await;
    world.approved("promo", "MARKETING").await;
    world.add_people((0..260).map(|n| Person::new(1000 + n, "Кто-то", &format!("+7900{n:07}"))));
    for n in 0..249 {
        world.send(&format!("+7900{n:07}"), template("promo")).await;
    }
    // From the other number of the portfolio.
    let send = World::envelope("+79000000249", template("promo"));
    assert_eq!(world.post(&format!("{OTHER}/messages"), send).await.0, 200);
    world.rest().await;
    assert_eq!(world.reached(PORTFOLIO), 250);
    assert_eq!(world.refused("+79000000250", template("promo")).await, (400, 131_048));
    world.send("+79000000001", template("promo")).await;
    world.write(NUMBER, 1250, "Здравствуйте").unwrap();
    world.send("+79000000250", template("promo")).await;
    assert_eq!(world.reached(PORTFOLIO), 250, "inside a window nobody is counted");
    world.set(|settings| settings.tier_code = 131_064);
    assert_eq!(world.refused("+79000000251", template("promo")).await, (400, 131_064), "the code is a setting");
    world.set_tier(PORTFOLIO, Tier::T2K).unwrap();
    world.send("+79000000251", template("promo")).await;
    let (_, number) = world.get(&format!("{NUMBER}?fields=whatsapp_business_manager_messaging_limit,throughput,quality_rating")).await;
    assert_eq!(
        number,
        json!({ "id": NUMBER.to_string(), "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "throughput": { "level": "STANDARD" }, "quality_rating": "GREEN" })
    );
    world.set_tier(PORTFOLIO, Tier::T250).unwrap();
    world.sandbox.clock().advance(DAY);
    world.send("+79000000252", template("promo")).await;
    world.rest().await;
    assert_eq!(world.reached(PORTFOLIO), 1);
    assert_eq!(world.hook.of("business_capability_update")[0]["max_daily_conversations_per_business"], "TIER_2K");
}

/// What comes in counts as well; another number has its own.
#[tokio::test]
async fn throughput_is_of_the_number_in_and_out() {
    let world = World::with(limited(Rates { throughput: true, ..Rates::off() })).await;
    // All within one second of the double's clock, which stands still for nobody: so many at once
    // that some must be refused.
    world.write(NUMBER, ANNA, "x").unwrap();
    let sends = (0..200).map(|_| world.send_raw(ANNAS, say("x")));
    let answers = futures::future::join_all(sends).await;
    let taken = answers.iter().filter(|(status, _)| *status == 200).count();
    let refused = answers.iter().filter(|(_, answer)| answer["error"]["code"] == 130_429).count();
    assert_eq!(taken + refused, 200);
    assert!(refused == 0 || world.ledger().peak_per_second(NUMBER) <= 80, "{taken} taken");
    world.upgrade_throughput(NUMBER, 1000, Duration::from_secs(60)).unwrap();
    assert_eq!(world.refused(ANNAS, say("x")).await, (500, 131_057));
    world.sandbox.clock().advance(Duration::from_secs(61));
    world.text(ANNAS, "x").await;
    let (_, number) = world.get(&format!("{NUMBER}?fields=throughput")).await;
    assert_eq!(number["throughput"]["level"], "HIGH");
    world.rest().await;
    assert_eq!(world.hook.of("phone_number_quality_update")[0]["event"], "THROUGHPUT_UPGRADE");
}

#[test]
fn no_more_than_eighty_go_in_any_second() {
    let mut window = crate::window::Window::default();
    let at = |ms: i64| chrono::DateTime::from_timestamp_millis(1_780_000_000_000 + ms).unwrap();
    let second = chrono::TimeDelta::seconds(1);
    let taken = (0..300).filter(|n| window.take(Some(80), second, at(n * 5))).count();
    assert_eq!(taken, 80 + 80, "the second eighty begin when the first are a second old");
}

#[tokio::test]
async fn calls_of_management_and_creations_have_an_hour() {
    let rates = Rates { calls_an_hour: Some(2), calls_an_hour_registered: Some(5), creations_an_hour: Some(2), ..Rates::off() };
    let world = World::with(limited(rates)).await;
    for _ in 0..5 {
        assert_eq!(world.get(&format!("{WABA}/phone_numbers")).await.0, 200);
    }
    assert_eq!(world.get(&format!("{WABA}/phone_numbers")).await.1["error"]["code"], 80_007);
    world.write(NUMBER, ANNA, "x").unwrap();
    world.text(ANNAS, "sends are not counted").await;
    world.sandbox.clock().advance(Duration::from_secs(3600));
    for name in ["a", "b"] {
        assert_eq!(world.post(&format!("{WABA}/message_templates"), promo(name, "MARKETING")).await.0, 200);
    }
    assert_eq!(world.post(&format!("{WABA}/message_templates"), promo("c", "MARKETING")).await.1["error"]["code"], 80_007);
    world.set(|settings| settings.rates = Rates { templates: Some(2), ..Rates::off() });
    let (_, full) = world.post(&format!("{WABA}/message_templates"), promo("d", "MARKETING")).await;
    assert_eq!(full["error"]["error_subcode"], 2_388_019);
    world.set_portfolio(PORTFOLIO, true, false).unwrap();
    assert_eq!(world.post(&format!("{WABA}/message_templates"), promo("d", "MARKETING")).await.0, 200);
}

#[tokio::test]
async fn advertising_has_a_cap_for_each_person_but_in_some_countries() {
    let world = World::with(Settings { marketing_a_day: Some(2), ..free() }).await;
    world.approved("promo", "MARKETING").await;
    world.add_people([Person::new(3, "Anne", "+33611111111"), Person::new(4, "Ann", "+12025550123")]);
    let failed = async |to: &str| {
        let wamid = world.send(to, template("promo")).await;
        world.rest().await;
        world.message(&wamid).unwrap().failed
    };
    assert_eq!((failed(ANNAS).await, failed(ANNAS).await, failed(ANNAS).await), (None, None, Some(131_049)));
    world.write(NUMBER, ANNA, "x").unwrap();
    assert_eq!(failed(ANNAS).await, None, "an open window is no part of it");
    world.sandbox.clock().advance(DAY);
    assert_eq!(failed(ANNAS).await, None);
    for _ in 0..3 {
        assert_eq!(failed("+33611111111").await, None);
    }
    assert_eq!(failed("+12025550123").await, Some(131_049), "no advertising to the USA");
}

/// Free for the first ones of a month, charged as service beyond.
#[tokio::test]
async fn free_form_is_charged_beyond_the_free_ones() {
    let world = World::with(Settings { service_free: 2, ..free() }).await;
    world.write(NUMBER, ANNA, "x").unwrap();
    for _ in 0..3 {
        world.text(ANNAS, "x").await;
    }
    world.rest().await;
    let sent: Vec<Value> = world.hook.statuses().into_iter().filter(|status| status["status"] == "sent").collect();
    let billed: Vec<(&Value, &Value)> =
        sent.iter().map(|status| (&status["pricing"]["billable"], &status["pricing"]["category"])).collect();
    assert_eq!(billed, [(&json!(false), &json!("service")), (&json!(false), &json!("service")), (&json!(true), &json!("service"))]);
}

#[tokio::test]
async fn a_flagged_number_sends_on_and_a_disabled_account_does_not() {
    let world = World::with(free()).await;
    world.write(NUMBER, ANNA, "x").unwrap();
    world.flag(NUMBER, true).unwrap();
    world.text(ANNAS, "flagged").await;
    world.flag(NUMBER, false).unwrap();
    world.ban(WABA, true).unwrap();
    assert_eq!(world.refused(ANNAS, say("x")).await, (403, 131_031));
    world.ban(WABA, false).unwrap();
    world.text(ANNAS, "reinstated").await;
    world.rest().await;
    let events = |field: &str| world.hook.of(field).iter().map(|one| one["event"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(events("phone_number_quality_update"), ["FLAGGED", "UNFLAGGED"]);
    let bans = world.hook.of("account_update");
    let states: Vec<&Value> = bans.iter().map(|one| &one["ban_info"]["waba_ban_state"]).collect();
    assert_eq!(states, ["DISABLE", "REINSTATE"]);
}
