use super::*;
use crate::viber::Pressed;

#[tokio::test]
async fn a_chat_goes_from_opened_to_subscribed_and_back() {
    let world = World::new().await;
    world.viber().open(BOT, BORIS, Some("c_8fK2")).unwrap();
    world.viber().subscribe(BOT, BORIS).unwrap();
    assert!(!world.viber().subscribe(BOT, BORIS).unwrap(), "once");
    world.viber().send_text(BOT, BORIS, "стоп").unwrap();
    world.viber().unsubscribe(BOT, BORIS).unwrap();
    world.drained().await;
    let events = world.hook.events();
    assert_eq!(world.hook.kinds(), ["conversation_started", "subscribed", "message", "unsubscribed"]);
    assert_eq!((&events[0]["context"], &events[0]["subscribed"]), (&json!("c_8fK2"), &json!(false)));
    assert_eq!((&events[0]["user"]["id"], &events[0]["user"]["name"]), (&json!(world.id(BORIS)), &json!("Борис")));
    assert_eq!((&events[2]["sender"]["id"], &events[2]["message"]["text"]), (&json!(world.id(BORIS)), &json!("стоп")));
    assert_eq!(events[3]["user_id"], world.id(BORIS));
    assert_ne!(world.id(BORIS), world.viber().user_id(BOT + 1, BORIS), "each bot has ids of its own");
}

#[tokio::test]
async fn one_welcome_in_the_answer_of_the_hook() {
    let world = World::new().await;
    world.hook.answer(200, r#"{"sender":{"name":"Shop"},"type":"text","text":"Напишите любое сообщение","tracking_data":"welcome"}"#);
    world.viber().open(BOT, BORIS, None).unwrap();
    let shown = world.viber().expect_last(BOT, BORIS, SOON, |_| true).await.unwrap();
    assert_eq!(shown.text, "Напишите любое сообщение");
    world.hook.answer(200, "");
    assert_eq!(world.refused("send_message", world.text(BORIS, "ещё")).await, 6, "one only");
    world.viber().send_text(BOT, BORIS, "да").unwrap();
    world.drained().await;
    assert_eq!(world.hook.events().last().unwrap()["message"]["tracking_data"], "welcome");
    world.viber().send_text(BOT, BORIS, "ещё").unwrap();
    world.drained().await;
    assert!(world.hook.events().last().unwrap()["message"].get("tracking_data").is_none(), "with the next reply only");
    // Without one in the answer, a message within five minutes does.
    world.viber().unsubscribe(BOT, BORIS).unwrap();
    world.viber().open(BOT, BORIS, None).unwrap();
    world.ok("send_message", world.text(BORIS, "Добро пожаловать")).await;
    assert_eq!(world.refused("send_message", world.text(BORIS, "ещё")).await, 6);
    world.viber().open(BOT, BORIS, None).unwrap();
    world.sandbox.clock().advance(Duration::from_secs(300));
    assert_eq!(world.refused("send_message", world.text(BORIS, "поздно")).await, 6);
}

#[tokio::test]
async fn a_keyboard_lasts_until_the_next_message() {
    let world = World::new().await;
    let mut body = world.text(ANNA, "x");
    body["min_api_version"] = json!(3);
    body["keyboard"] = json!({ "Type": "keyboard", "Buttons": [
        { "Columns": 3, "ActionType": "reply", "ActionBody": "optout:42", "Text": "Отписаться", "Silent": true },
        { "Columns": 3, "ActionType": "share-phone", "ActionBody": "phone", "Text": "Номер" },
        { "ActionType": "open-url", "ActionBody": "https://ex.ru", "Text": "Сайт" }
    ] });
    world.ok("send_message", body).await;
    assert_eq!(world.viber().press_text(BOT, ANNA, "Сайт"), Ok(Pressed::Url("https://ex.ru".to_owned())));
    world.viber().press_text(BOT, ANNA, "Отписаться").unwrap();
    assert!(world.viber().history(BOT, ANNA).iter().all(|message| message.from_bot), "a silent press is not in the chat");
    world.viber().press_text(BOT, ANNA, "Номер").unwrap();
    world.drained().await;
    let told: Vec<Value> = world.hook.events().into_iter().filter(|event| event["event"] == "message").collect();
    assert_eq!((&told[0]["message"]["text"], &told[0]["silent"]), (&json!("optout:42"), &json!(true)));
    assert_eq!(told[1]["message"]["contact"]["phone_number"], "375291234567");
    world.say("без клавиатуры").await;
    assert!(world.viber().chat(BOT, ANNA).keyboard.is_empty());
}

#[tokio::test]
async fn details_are_told_twice_in_twelve_hours() {
    let world = World::new().await;
    let body = json!({ "id": world.id(ANNA) });
    for _ in 0..2 {
        assert_eq!(world.ok("get_user_details", body.clone()).await["user"]["name"], "Анна");
    }
    assert_eq!(world.refused("get_user_details", body.clone()).await, 12);
    world.sandbox.clock().advance(Duration::from_secs(12 * 3600));
    world.ok("get_user_details", body).await;
    let online = world.ok("get_online", json!({ "ids": [world.id(ANNA), "nobody"] })).await;
    assert_eq!((&online["users"][0]["online_status"], &online["users"][1]["online_status"]), (&json!(0), &json!(3)));
}
