use axum::routing::get;

use super::*;
use crate::{
    Fault, Rule,
    viber::{Receipts, callbacks::signature},
};

#[tokio::test]
async fn receipts_come_signed_and_once_for_each_device() {
    let world = World::new().await;
    world.viber().set_phone(BOT, ANNA, crate::viber::Phone { devices: 2, ..Default::default() }).unwrap();
    let token = world.say("привет").await;
    assert_eq!(world.viber().read(BOT, ANNA).unwrap(), 1);
    assert_eq!(world.viber().read(BOT, ANNA).unwrap(), 0);
    world.drained().await;
    let mut kinds = world.hook.kinds();
    kinds.sort();
    assert_eq!(kinds, ["delivered", "delivered", "seen", "seen"]);
    for event in world.hook.events() {
        assert_eq!((event["message_token"].as_u64(), &event["user_id"]), (Some(token), &json!(world.id(ANNA))));
    }
    let got = world.hook.got.lock().unwrap().clone();
    assert!(got.iter().all(|(sig, body)| *sig == signature(TOKEN, body.as_bytes())));
}

#[tokio::test]
async fn receipts_are_late_out_of_order_or_missing() {
    let world = World::new().await;
    world
        .viber()
        .set(|settings| settings.receipts = Receipts { delivered_ms: Some(60_000), seen_ms: Some(120_000), ..Receipts::default() });
    world.say("позже").await;
    assert!(world.viber().history(BOT, ANNA).is_empty() && world.viber().told(BOT).is_empty());
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.viber().until(SOON, |viber| (viber.told(BOT).len() == 1).then_some(())).await.expect("delivered");
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.viber().until(SOON, |viber| (viber.told(BOT).len() == 2).then_some(())).await.expect("seen");
    world.viber().set(|settings| settings.receipts = Receipts { seen_first: true, ..Receipts::default() });
    world.say("наоборот").await;
    let kinds: Vec<Value> = world.viber().told(BOT)[2..].iter().map(|(_, event)| event["event"].clone()).collect();
    assert_eq!(kinds, ["seen", "delivered"]);
    world.viber().set(|settings| settings.receipts.told = false);
    world.say("молча").await;
    assert_eq!(world.viber().told(BOT).len(), 4);
    world.viber().set(|settings| settings.receipts = Receipts::default());
    let token = world.say("пропадёт").await;
    world.viber().fail_message(BOT, ANNA, token, "not allowed").unwrap();
    let (_, failed) = world.viber().told(BOT).pop().unwrap();
    assert_eq!((&failed["event"], &failed["desc"]), (&json!("failed"), &json!("not allowed")));
    assert!(world.viber().message(BOT, ANNA, token).is_none());
}

#[tokio::test]
async fn a_phone_that_is_off_gets_everything_when_it_is_on() {
    let world = World::new().await;
    world.viber().set_phone(BOT, ANNA, crate::viber::Phone { off: true, ..Default::default() }).unwrap();
    world.say("спит").await;
    assert!(world.viber().last(BOT, ANNA).is_none() && world.viber().told(BOT).is_empty());
    world.viber().set_phone(BOT, ANNA, crate::viber::Phone::default()).unwrap();
    assert_eq!(world.viber().last(BOT, ANNA).unwrap().text, "спит");
    assert_eq!(world.viber().told(BOT).len(), 1);
}

#[tokio::test]
async fn media_are_fetched_and_what_cannot_be_had_fails_after_all() {
    let world = World::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let png: Vec<u8> = hex::decode("89504e470d0a1a0a0000000d494844520000004000000030080200000000000000").unwrap();
    let app = Router::new().route("/a.png", get(move || async move { ([("content-type", "image/png")], png.clone()) }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let picture = |name: &str| {
        let mut body = world.text(ANNA, "фото");
        (body["type"], body["media"]) = (json!("picture"), json!(format!("{base}/{name}")));
        body
    };
    world.ok("send_message", picture("a.png")).await;
    let shown = world.viber().expect_last(BOT, ANNA, SOON, |message| message.photo.is_some()).await.unwrap().photo.unwrap();
    assert_eq!(shown.width, Some(64));
    assert!(world.viber().file(&shown.id).is_some());
    world.ok("send_message", picture("gone.png")).await;
    let failed = |viber: &Viber| viber.told(BOT).into_iter().find(|(_, event)| event["event"] == "failed");
    let (_, failed) = world.viber().until(SOON, failed).await.expect("failed");
    assert!(failed["desc"].as_str().unwrap().contains("404"));
    assert_eq!(world.viber().history(BOT, ANNA).len(), 1);
}

#[tokio::test]
async fn pushes_are_repeated_and_given_up() {
    let world = World::with(Settings { attempts: 3, ..Settings::default() }).await;
    world.hook.answer(500, "");
    world.viber().send_text(BOT, ANNA, "раз").unwrap();
    let tries = async |count: usize| {
        world.viber().until(SOON, |_| (world.hook.events().len() == count).then_some(())).await.expect("a try");
        world.viber().until(SOON, |viber| viber.quiet().bots[&BOT].queue.rests().then_some(())).await.expect("recorded");
    };
    tries(1).await;
    world.sandbox.clock().advance(Duration::from_secs(10));
    tries(2).await;
    world.sandbox.clock().advance(Duration::from_secs(59));
    assert_eq!(world.viber().pending(BOT), 1);
    world.sandbox.clock().advance(Duration::from_secs(1));
    tries(3).await;
    assert_eq!((world.viber().pending(BOT), world.viber().bots()[0].given_up), (0, 1));
    world.hook.answer(200, "");
    world.viber().faults().add(Rule::new(Fault::DoubleUpdate).service("viber").times(1));
    world.viber().send_text(BOT, ANNA, "дважды").unwrap();
    world.drained().await;
    let events = world.hook.events();
    assert_eq!(events[3]["message_token"], events[4]["message_token"]);
    assert_eq!(world.viber().redeliver(BOT, 1).unwrap(), 1);
    world.drained().await;
    assert_eq!(world.hook.events().len(), 6);
}

#[tokio::test]
async fn a_lost_answer_is_a_message_all_the_same() {
    let world = World::new().await;
    world.viber().faults().add(Rule::new(Fault::DropAfter).service("viber").method("send_message").chat(ANNA).times(1));
    assert!(world.request("send_message").json(&world.text(ANNA, "раз")).send().await.is_err());
    world.say("раз").await;
    assert_eq!(world.viber().ledger().duplicates(BOT), [(ANNA, "раз".to_owned(), 2)], "Viber knows no repeats");
    let error = Fault::Error { code: 8, description: String::new(), retry_after: None };
    world.viber().faults().add(Rule::new(error).service("viber").times(1));
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 8);
    world.viber().faults().add(Rule::new(Fault::TooManyRequests { retry_after: 1 }).service("viber").times(1));
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 12);
}

#[tokio::test]
async fn the_signature_may_come_in_the_query() {
    let world = World::with(Settings { signature_in_query: true, ..Settings::default() }).await;
    world.viber().send_text(BOT, ANNA, "раз").unwrap();
    world.drained().await;
    assert_eq!(world.hook.got.lock().unwrap()[0].0, "", "the header is absent");
}
