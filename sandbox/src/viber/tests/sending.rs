use super::*;

#[tokio::test]
async fn nothing_is_sent_without_a_webhook() {
    let world = World::new().await;
    world.ok("set_webhook", json!({ "url": "" })).await;
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 10);
    assert!(world.ok("get_account_info", json!({})).await.get("webhook").is_none());
    world.hook.answer(404, "");
    assert_eq!(world.refused("set_webhook", json!({ "url": world.hook.url })).await, 1, "it must answer 200 at once");
    world.hook.answer(200, "");
    for wrong in [json!({ "url": "http://ex.ru/x" }), json!({ "url": "nonsense" })] {
        assert_eq!(world.refused("set_webhook", wrong).await, 1);
    }
    assert_eq!(world.refused("set_webhook", json!({})).await, 4);
    assert_eq!(world.refused("set_webhook", json!({ "url": world.hook.url, "event_types": ["dance"] })).await, 3);
    let set = world.ok("set_webhook", json!({ "url": world.hook.url, "event_types": ["seen"] })).await;
    assert_eq!(set["event_types"], json!(["seen", "message", "subscribed", "unsubscribed"]));
    assert_eq!(world.hook.events().last().unwrap()["event"], "webhook");
    world.say("x").await;
    assert_eq!(world.ok("get_account_info", json!({})).await["webhook"], world.hook.url);
}

#[tokio::test]
async fn tokens_are_unsigned_and_of_their_bot() {
    let world = World::new().await;
    assert!(world.say("раз").await > 1 << 53);
    world.viber().set(|settings| settings.tokens_above_i64 = true);
    assert!(world.say("два").await > i64::MAX.unsigned_abs());
    let url = format!("{}/get_account_info", world.viber().url());
    let asked = async |body: Value| -> Value { world.client.post(&url).json(&body).send().await.unwrap().json().await.unwrap() };
    assert_eq!(asked(json!({})).await["status_message"], "missing_auth_token");
    assert_eq!(asked(json!({ "auth_token": "other" })).await["status"], 2);
    assert_eq!(asked(json!({ "auth_token": TOKEN })).await["status"], 0);
    world.viber().set_bot_trouble(BOT, Some(9)).unwrap();
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 9);
}

#[tokio::test]
async fn only_subscribers_with_a_fitting_phone_are_written_to() {
    let world = World::new().await;
    assert_eq!(world.refused("send_message", world.text(BORIS, "x")).await, 6);
    let unknown = json!({ "receiver": "kX93hFq0aB7cDe==", "sender": { "name": "Shop" }, "type": "text", "text": "x" });
    assert_eq!(world.refused("send_message", unknown).await, 5);
    world.viber().send_text(BOT, BORIS, "Здравствуйте").unwrap();
    world.ok("send_message", world.text(BORIS, "x")).await;
    world.viber().unsubscribe(BOT, BORIS).unwrap();
    assert_eq!(world.refused("send_message", world.text(BORIS, "x")).await, 6);
    world.viber().set_phone(BOT, ANNA, crate::viber::Phone { api_version: 2, ..Default::default() }).unwrap();
    let mut newer = world.text(ANNA, "x");
    newer["min_api_version"] = json!(3);
    assert_eq!(world.refused("send_message", newer).await, 13);
    world.viber().set_phone(BOT, ANNA, crate::viber::Phone { devices: 0, ..Default::default() }).unwrap();
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 11);
    world.viber().set_trouble(BOT, ANNA, Some(21)).unwrap();
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 21);
    world.viber().deactivate(ANNA).unwrap();
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 5);
    assert_eq!(world.viber().ledger().len(), 1);
}

#[tokio::test]
async fn what_a_message_may_be() {
    let world = World::new().await;
    let send = |more: Value| {
        let mut body = world.text(ANNA, "x");
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for taken in [
        json!({ "text": "ж".repeat(7000) }),
        json!({ "type": "picture", "media": "https://ex.ru/a.jpg", "text": "" }),
        json!({ "type": "video", "media": "https://ex.ru/a.mp4", "size": 1000, "duration": 180 }),
        json!({ "type": "file", "media": "https://ex.ru/a.pdf", "size": 1000, "file_name": "a.pdf" }),
        json!({ "type": "url", "media": "https://ex.ru" }),
        json!({ "type": "contact", "contact": { "name": "Шоп", "phone_number": "+375291112233" } }),
        json!({ "type": "location", "location": { "lat": 53.9, "lon": 27.5 } }),
        json!({ "type": "sticker", "sticker_id": 46105 }),
    ] {
        world.ok("send_message", send(taken)).await;
    }
    for (wrong, status) in [
        (json!({ "text": "ж".repeat(7001) }), 3),
        (json!({ "text": "" }), 4),
        (json!({ "sender": {} }), 4),
        (json!({ "sender": { "name": "и".repeat(29) } }), 3),
        (json!({ "type": "dance" }), 3),
        (json!({ "type": "picture", "media": "http://ex.ru/a.jpg", "text": "" }), 3),
        (json!({ "type": "picture", "media": "https://ex.ru/a.pdf", "text": "" }), 3),
        (json!({ "type": "picture", "media": "https://ex.ru/a.png", "text": null }), 4),
        (json!({ "type": "picture", "media": "https://ex.ru/a.png", "text": "ж".repeat(513) }), 3),
        (json!({ "type": "video", "media": "https://ex.ru/a.mp4" }), 4),
        (json!({ "type": "video", "media": "https://ex.ru/a.mp4", "size": 27 * 1024 * 1024 }), 3),
        (json!({ "type": "file", "media": "https://ex.ru/a", "size": 1, "file_name": "a.exe" }), 3),
        (json!({ "type": "rich_media", "rich_media": {} }), 14),
        (json!({ "tracking_data": "t".repeat(4001) }), 3),
        (json!({ "keyboard": { "Type": "keyboard", "Buttons": [] } }), 4),
        (json!({ "text": "x", "thumbnail": "t".repeat(31_000) }), 3),
    ] {
        assert_eq!(world.refused("send_message", send(wrong.clone())).await, status, "{wrong}");
    }
    let broken: Value = world.request("send_message").body("{").send().await.unwrap().json().await.unwrap();
    assert_eq!(broken["status"], 3);
}

#[tokio::test]
async fn a_broadcast_has_one_token_and_a_list_of_those_it_did_not_reach() {
    let world = World::new().await;
    let body = |list: Value| json!({ "sender": { "name": "Shop" }, "type": "text", "text": "replace_me_with_user_name, мы открылись", "broadcast_list": list });
    let both = json!([world.id(ANNA), world.id(BORIS)]);
    assert_eq!(world.refused("broadcast_message", body(both.clone())).await, 20);
    world.viber().set(|settings| settings.no_broadcast = 19);
    assert_eq!(world.refused("broadcast_message", body(both.clone())).await, 19);
    world.viber().allow_broadcasts(BOT, true).unwrap();
    let sent = world.ok("broadcast_message", body(both)).await;
    assert_eq!(sent["failed_list"], json!([{ "receiver": world.id(BORIS), "status": 6, "status_message": "notSubscribed" }]));
    assert_eq!(world.viber().last(BOT, ANNA).unwrap().text, "Анна, мы открылись");
    assert_eq!(world.viber().ledger().entries()[0].reference, sent["message_token"].to_string());
    assert_eq!(world.refused("broadcast_message", body(json!(vec![world.id(ANNA); 301]))).await, 3);
    world.viber().set(|settings| settings.broadcasts = Some(1));
    assert_eq!(world.refused("broadcast_message", body(json!([world.id(ANNA)]))).await, 12);
}

#[tokio::test]
async fn a_hundred_unanswered_in_an_hour_and_then_no_more() {
    let world = World::new().await;
    world.viber().set(|settings| settings.unanswered = Some(3));
    for _ in 0..3 {
        world.say("ещё").await;
    }
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 12);
    world.viber().send_text(BOT, ANNA, "ответ").unwrap();
    world.say("снова").await;
    for _ in 0..2 {
        world.say("ещё").await;
    }
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 12);
    world.sandbox.clock().advance(Duration::from_secs(3600));
    world.say("час спустя").await;
}
