use super::*;
use crate::{Fault, Rule, wazzup::Receipts};

#[tokio::test]
async fn an_address_answers_before_it_is_set() {
    let world = World::new().await;
    let set = async |uri: &str| world.call("PATCH", "/webhooks", json!({ "webhooksUri": uri, "subscriptions": {} })).await;
    assert_eq!(set("nonsense").await.1["error"], "uriNotValid");
    assert_eq!(set(&format!("https://ex.ru/{}", "a".repeat(200))).await.1["error"], "uriNotValid");
    *world.hook.status.lock().unwrap() = 204;
    assert_eq!(set(&world.hook.url).await.1["error"], "testPostNotPassed");
    let (_, shown) = world.call("GET", "/webhooks", Value::Null).await;
    assert_eq!((&shown["webhooksUri"], &shown["subscriptions"]["messagesAndStatuses"]), (&json!(world.hook.url), &json!("true")));
}

#[tokio::test]
async fn echo_and_statuses_come_together_and_telegram_has_no_delivery() {
    let world = World::new().await;
    world.wazzup().set_crm_key(ACCOUNT, Some("crm")).unwrap();
    let sent = world.ok(world.text(WHATSAPP, ANNA, "привет")).await;
    world.wazzup().open_chats(TELEGRAM, [ANNA]).unwrap();
    let other = world.ok(world.text(TELEGRAM, ANNA, "привет")).await;
    assert_eq!(world.wazzup().read(WHATSAPP, ANNA).unwrap() + world.wazzup().read(TELEGRAM, ANNA).unwrap(), 2);
    world.drained().await;
    let statuses = |id: &str| -> Vec<Value> {
        world.hook.all("statuses").iter().filter(|status| status["messageId"] == id).map(|status| status["status"].clone()).collect()
    };
    assert_eq!(
        (statuses(&sent), statuses(&other)),
        (vec![json!("sent"), json!("delivered"), json!("read")], vec![json!("sent"), json!("read")])
    );
    let echoes = world.hook.all("messages");
    assert_eq!((echoes.len(), &echoes[0]["isEcho"], &echoes[0]["chatId"]), (2, &json!(true), &json!("79991234567")));
    assert!(world.hook.got.lock().unwrap().iter().all(|(given, _)| given == "Bearer crm"));
    assert!(world.hook.bodies().iter().any(|body| body["messages"].is_array() && body["statuses"].is_array()), "in one POST");
}

#[tokio::test]
async fn failures_come_afterwards_in_a_status_or_in_the_echo() {
    let world = World::new().await;
    world.wazzup().set_present(ANNA, Transport::Whatsapp, false).unwrap();
    world.ok(world.text(WHATSAPP, ANNA, "x")).await;
    world.wazzup().set_fate(WHATSAPP, BORIS, Some("SPAM")).unwrap();
    world.ok(world.text(WHATSAPP, BORIS, "x")).await;
    let errors: Vec<Value> =
        world.wazzup().told(ACCOUNT).iter().filter(|(key, _)| *key == "statuses").map(|(_, one)| one["error"]["error"].clone()).collect();
    assert_eq!(errors, ["BAD_CONTACT", "SPAM"]);
    world.wazzup().set(|settings| settings.receipts.error_in_echo = true);
    world.wazzup().set_fate(WHATSAPP, BORIS, None).unwrap();
    world.wazzup().set_blocked(WHATSAPP, BORIS, true).unwrap();
    world.ok(world.text(WHATSAPP, BORIS, "x")).await;
    let (key, echo) = world.wazzup().told(ACCOUNT).pop().unwrap();
    assert_eq!((key, &echo["status"], &echo["error"]["error"]), ("messages", &json!("error"), &json!("GENERAL_ERROR")));
    world.wazzup().set(|settings| settings.bad_contact_at_once = true);
    assert_eq!(world.refused(world.text(WHATSAPP, ANNA, "x")).await, "BAD_CONTACT");
    assert!(world.wazzup().history(WHATSAPP, BORIS).is_empty());
}

#[tokio::test]
async fn statuses_are_doubled_turned_around_and_late() {
    let receipts = Receipts { copies: 2, reversed: true, echo: false, ..Receipts::default() };
    let world = World::with(Settings { receipts, ..Settings::default() }).await;
    world.ok(world.text(WHATSAPP, ANNA, "x")).await;
    let kinds = || -> Vec<Value> { world.wazzup().told(ACCOUNT).iter().map(|(_, value)| value["status"].clone()).collect() };
    assert_eq!(kinds(), ["delivered", "delivered", "sent", "sent"]);
    let late = Receipts { echo: false, delivered_ms: Some(60_000), read_ms: Some(120_000), ..Receipts::default() };
    world.wazzup().set(|settings| settings.receipts = late);
    world.ok(world.text(WHATSAPP, BORIS, "x")).await;
    assert_eq!((kinds().len(), world.wazzup().history(WHATSAPP, BORIS).len()), (5, 0));
    world.sandbox.clock().advance(Duration::from_secs(120));
    world.wazzup().until(SOON, |_| (kinds().len() == 7).then_some(())).await.expect("delivered and read");
}

#[tokio::test]
async fn people_and_operators_write() {
    let world = World::new().await;
    let sent = world.ok(world.text(WHATSAPP, ANNA, "вопрос")).await;
    world.wazzup().reply(WHATSAPP, ANNA, &sent, "стоп").unwrap();
    let by_hand = world.wazzup().write_by_hand(WHATSAPP, ANNA, "Иван", "стоп").unwrap();
    world.drained().await;
    let messages = world.hook.all("messages");
    let (said, echo) = (&messages[1], &messages[2]);
    assert_eq!((&said["isEcho"], &said["status"], &said["quotedMessage"]["messageId"]), (&json!(false), &json!("inbound"), &json!(sent)));
    assert_eq!(
        (&echo["isEcho"], &echo["authorName"], &echo["messageId"], &echo["sentFromApp"]),
        (&json!(true), &json!("Иван"), &json!(by_hand), &json!(true))
    );
    assert_eq!(world.wazzup().ledger().len(), 1);
}

#[tokio::test]
async fn channels_tell_their_states_and_pushes_come_again() {
    let world = World::with(Settings { attempts: 2, ..Settings::default() }).await;
    world.wazzup().set_channel_state(WHATSAPP, "qr").unwrap();
    world.drained().await;
    let told = world.hook.all("channelsUpdates");
    assert_eq!((&told[0]["state"], told[0]["qr"].is_string()), (&json!("qr"), true));
    *world.hook.status.lock().unwrap() = 500;
    world.wazzup().send_text(WHATSAPP, ANNA, "раз").unwrap();
    let tries = async |count: usize| {
        world.wazzup().until(SOON, |_| (world.hook.bodies().len() == count).then_some(())).await.expect("a try");
        world.wazzup().until(SOON, |wazzup| wazzup.quiet().accounts[&ACCOUNT].queue.rests().then_some(())).await.expect("recorded");
    };
    tries(2).await;
    *world.hook.status.lock().unwrap() = 200;
    world.sandbox.clock().advance(Duration::from_secs(10));
    world.drained().await;
    assert_eq!(world.hook.all("messages").len(), 2, "the same once more");
    *world.hook.status.lock().unwrap() = 500;
    world.wazzup().send_text(WHATSAPP, ANNA, "пропало").unwrap();
    tries(4).await;
    world.sandbox.clock().advance(Duration::from_secs(10));
    tries(5).await;
    assert_eq!((world.wazzup().pending(ACCOUNT), world.wazzup().given_up(ACCOUNT)), (0, 1));
    *world.hook.status.lock().unwrap() = 200;
    world.wazzup().faults().add(Rule::new(Fault::WithholdUpdate).service("wazzup").times(1));
    world.wazzup().send_text(WHATSAPP, ANNA, "потом").unwrap();
    assert_eq!(world.wazzup().pending(ACCOUNT), 0);
    world.wazzup().redeliver(ACCOUNT, 1);
    world.drained().await;
    assert_eq!(world.hook.all("messages").last().unwrap()["text"], "потом");
}
