use super::*;
use crate::{
    ActionError,
    max::{Attachment, Contact, Kind, Pressed, Proof, contact::proof},
};

impl World {
    /// Everything there is for the bot, from the first update on.
    async fn told(&self) -> Vec<Value> {
        self.get("/updates?timeout=0&marker=1").await["updates"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn starting_stopping_and_deleting() {
    let world = World::new().await;
    let max = world.max();
    assert_eq!(max.send_text(BOT, BORIS, "x"), Err(ActionError::NotStarted), "no field to write in before Start");
    max.press_start(BOT, BORIS, Some(&"п".repeat(512))).unwrap();
    max.press_start(BOT, BORIS, Some(&"п".repeat(513))).unwrap();
    assert_eq!((max.block(BOT, BORIS), max.block(BOT, BORIS)), (Ok(true), Ok(false)));
    assert_eq!(max.send_text(BOT, BORIS, "x"), Err(ActionError::Blocked));
    assert_eq!((max.unblock(BOT, BORIS), max.unblock(BOT, BORIS)), (Ok(true), Ok(false)));
    max.remove_dialogue(BOT, BORIS).unwrap();
    let told = world.told().await;
    let kinds: Vec<&str> = told.iter().map(|update| update["update_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["bot_started", "bot_started", "bot_stopped", "bot_started", "bot_stopped", "dialog_removed"]);
    assert!(
        told.iter().all(|update| update["user"]["user_id"] == BORIS
            && update["chat_id"] == max.chat_id(BOT, BORIS)
            && update["timestamp"].is_i64())
    );
    assert_eq!(told[0]["payload"].as_str().unwrap().chars().count(), 512);
    assert!(told[1].get("payload").is_none(), "one too long is dropped without a word");
    assert!(max.history(BOT, BORIS).is_empty());
}

#[tokio::test]
async fn muting_and_clearing() {
    let world = World::new().await;
    world.say("x").await;
    world.max().mute(BOT, ANNA, Some(Duration::from_secs(3600))).unwrap();
    assert!(world.max().chat(BOT, ANNA).muted_until.is_some());
    world.say("muted people are written to").await;
    world.sandbox.clock().advance(Duration::from_secs(3600));
    assert!(world.max().chat(BOT, ANNA).muted_until.is_none());
    world.max().mute(BOT, ANNA, None).unwrap();
    world.max().clear_dialogue(BOT, ANNA).unwrap();
    let told = world.told().await;
    let kinds: Vec<&str> = told.iter().map(|update| update["update_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["dialog_muted", "dialog_unmuted", "dialog_cleared"]);
    assert!(told[0]["muted_until"].is_i64());
    world.say("still started").await;
}

#[tokio::test]
async fn words_changed_and_removed() {
    let world = World::new().await;
    let offer = world.say("Скидка").await;
    let mid = world.max().reply(BOT, ANNA, &offer, "сколько?").unwrap();
    world.max().edit_text(BOT, ANNA, &mid, "стоп").unwrap();
    world.max().remove_message(BOT, ANNA, &mid).unwrap();
    assert!(world.max().edit_text(BOT, ANNA, &mid, "x").is_err() && world.max().edit_text(BOT, ANNA, &offer, "x").is_err());
    let told = world.told().await;
    let message = &told[0]["message"];
    assert_eq!(message["recipient"], json!({ "chat_id": world.chat(), "chat_type": "dialog", "user_id": BOT }));
    assert_eq!((&message["sender"]["user_id"], &message["sender"]["is_bot"]), (&json!(ANNA), &json!(false)));
    assert_eq!((&message["link"]["type"], &message["link"]["message"]["mid"]), (&json!("reply"), &json!(offer)));
    assert_eq!((&told[1]["update_type"], &told[1]["message"]["body"]["text"]), (&json!("message_edited"), &json!("стоп")));
    assert_eq!(told[2]["update_type"], "message_removed");
    assert_eq!((&told[2]["message_id"], &told[2]["user_id"]), (&json!(mid), &json!(ANNA)));
}

#[tokio::test]
async fn presses_and_their_answers() {
    let world = World::new().await;
    let rows = json!([
        [{ "type": "callback", "text": "Отписаться", "payload": "optout:42" }, { "type": "callback", "text": "Пусто" }],
        [{ "type": "message", "text": "Да, приду" }],
        [{ "type": "link", "text": "Сайт", "url": "https://ex.ru" }, { "type": "request_contact", "text": "Номер" }],
        [{ "type": "clipboard", "text": "Код", "payload": "SALE" }, { "type": "request_geo_location", "text": "Где я" }],
    ]);
    let sent = world.ok("POST", &format!("/messages?user_id={ANNA}"), json!({ "text": "Скидка", "attachments": [keyboard(rows)] })).await;
    let mid = sent["message"]["body"]["mid"].as_str().unwrap();
    let max = world.max();
    let Ok(Pressed::Callback(press)) = max.press_text(BOT, ANNA, "Отписаться") else { panic!("a callback") };
    let told = world.told().await.pop().unwrap();
    assert_eq!((&told["callback"]["callback_id"], &told["callback"]["payload"]), (&json!(press), &json!("optout:42")));
    assert_eq!((&told["message"]["body"]["mid"], &told["message"]["sender"]["is_bot"]), (&json!(mid), &json!(true)));
    assert_eq!(max.press(BOT, ANNA, mid, 2, 0), Ok(Pressed::Url("https://ex.ru".to_owned())));
    assert_eq!(max.press(BOT, ANNA, mid, 3, 0), Ok(Pressed::Copied("SALE".to_owned())));
    assert!(max.press(BOT, ANNA, mid, 9, 0).is_err());
    max.press_text(BOT, ANNA, "Да, приду").unwrap();
    max.press_text(BOT, ANNA, "Где я").unwrap();
    max.press_text(BOT, ANNA, "Пусто").unwrap();
    let told = world.told().await;
    assert_eq!(told[1]["message"]["body"]["text"], "Да, приду");
    assert_eq!(told[2]["message"]["body"]["attachments"][0]["type"], "location");
    assert!(told[3]["callback"].get("payload").is_none());

    let answer = |press: &str| format!("/answers?callback_id={press}");
    assert_eq!(world.refused("POST", &answer(&press), json!({})).await.0, 400);
    assert_eq!(world.refused("POST", "/answers", json!({ "notification": "x" })).await.0, 400);
    assert_eq!(world.ok("POST", &answer(&press), json!({ "notification": "Вы отписаны" })).await, json!({ "success": true }));
    assert_eq!(max.answer(&press).unwrap().text.as_deref(), Some("Вы отписаны"));
    let message = json!({ "message": { "text": "Больше не пишем", "attachments": [] } });
    world.ok("POST", &answer(&press), message.clone()).await;
    let shown = max.message(BOT, ANNA, mid).unwrap();
    assert_eq!((shown.text.as_str(), shown.buttons.len()), ("Больше не пишем", 0));
    assert_eq!(world.ok("POST", &answer("cbk_no"), json!({ "notification": "x" })).await["success"], false);
    max.expire(&press);
    let late = world.ok("POST", &answer(&press), json!({ "notification": "x" })).await;
    assert!(late["success"] == false && late["code"].is_string(), "{late}");
    // A press on a card that was removed meanwhile.
    world.ok("DELETE", &format!("/messages?message_id={mid}"), Value::Null).await;
    let press = max.press_data(BOT, ANNA, mid, Some("old")).unwrap();
    assert_eq!(world.told().await.pop().unwrap()["message"], Value::Null);
    assert_eq!(world.ok("POST", &answer(&press), message).await["success"], false);
    max.block(BOT, ANNA).unwrap();
    assert_eq!(world.refused("POST", &answer(&press), json!({ "notification": "x" })).await.1, "chat.denied");
}

#[tokio::test]
async fn a_number_is_proved_by_its_hash() {
    let world = World::new().await;
    let rows = json!([[{ "type": "request_contact", "text": "Поделиться номером" }]]);
    world.ok("POST", &format!("/messages?user_id={ANNA}"), json!({ "text": "?", "attachments": [keyboard(rows)] })).await;
    world.max().press_text(BOT, ANNA, "Поделиться").unwrap();
    world.max().share_contact_of(BOT, ANNA, "+79997654321", "Борис", Some(BORIS)).unwrap();
    let forged = Contact { phone: "+79997654321".to_owned(), name: "Анна".to_owned(), owner: Some(ANNA), proof: Proof::Wrong };
    world.max().share(BOT, ANNA, forged).unwrap();
    let told = world.told().await;
    let payload = |n: usize| told[n]["message"]["body"]["attachments"][0]["payload"].clone();
    let holds = |payload: &Value| payload["hash"] == proof(TOKEN, payload["vcf_info"].as_str().unwrap());
    assert!(payload(0)["vcf_info"].as_str().unwrap().contains("TEL;TYPE=cell:79991234567\r\n"));
    assert!(holds(&payload(0)) && payload(0)["max_info"]["user_id"] == ANNA);
    assert!(payload(1).get("hash").is_none() && payload(1)["max_info"]["user_id"] == BORIS);
    assert!(!holds(&payload(2)) && payload(2)["hash"].is_string());
    // printf 'BEGIN:VCARD' | openssl dgst -sha256 -hmac token
    assert_eq!(proof("token", "BEGIN:VCARD"), "c5a3a3d8bd4112ab9907f08df64b2003358fb5693813d87d3b9c7e6469cb2abf");
    assert_eq!(world.max().history(BOT, ANNA)[1].contact.as_deref(), Some("79991234567"));
}

#[tokio::test]
async fn people_send_files() {
    let world = World::new().await;
    let file = |kind, name: &str| Attachment { name: name.to_owned(), data: b"a;b".as_slice().into(), kind, caption: "вот".to_owned() };
    for kind in [Kind::Image, Kind::File, Kind::Audio, Kind::Video] {
        world.max().send_file(BOT, ANNA, file(kind, "a.csv")).unwrap();
    }
    for (told, kind) in world.told().await.iter().zip(["image", "file", "audio", "video"]) {
        let body = &told["message"]["body"];
        assert_eq!((&body["attachments"][0]["type"], &body["text"]), (&json!(kind), &json!("вот")));
        let url = body["attachments"][0]["payload"]["url"].as_str().unwrap();
        assert_eq!(world.client.get(url).send().await.unwrap().text().await.unwrap(), "a;b");
    }
    assert!(world.max().send_file(BOT, BORIS, file(Kind::File, "a.csv")).is_err());
}
