use super::*;

#[tokio::test]
async fn calls_need_a_version_a_token_and_a_right() {
    let world = World::new().await;
    let asked = async |params: Value| -> Value { world.form("users.get", &params).send().await.unwrap().json().await.unwrap() };
    assert_eq!(asked(json!({ "access_token": TOKEN })).await["error"]["error_code"], 8);
    assert_eq!(asked(json!({ "access_token": TOKEN, "v": "5.92" })).await["error"]["error_code"], 8);
    assert_eq!(asked(json!({ "v": "5.199" })).await["error"]["error_code"], 5);
    let refused = asked(json!({ "access_token": "other", "v": "5.199", "user_ids": 1 })).await;
    assert_eq!(refused["error"]["error_code"], 5);
    let params = refused["error"]["request_params"].as_array().unwrap();
    assert!(params.iter().any(|pair| pair["key"] == "user_ids") && params.iter().all(|pair| pair["key"] != "access_token"));
    assert_eq!(world.refused("messages.dance", json!({})).await, 3);
    world.vk().set_rights(GROUP, &["photos"]).unwrap();
    assert_eq!(world.refused("messages.send", json!({ "peer_id": ANNA, "random_id": 1, "message": "x" })).await, 15);
    world.vk().revoke(GROUP).unwrap();
    assert_eq!(world.refused("users.get", json!({})).await, 5);
}

#[tokio::test]
async fn a_bearer_token_and_a_query_do_as_well() {
    let world = World::new().await;
    let url = format!("{}/method/messages.send?v=5.199&peer_id={ANNA}&random_id=5&message=hello", world.vk().url());
    let answer: Value = world.client.get(url).bearer_auth(TOKEN).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({ "response": 1 }));
    assert_eq!(world.vk().last(GROUP, ANNA).unwrap().text, "hello");
}

#[tokio::test]
async fn only_who_allowed_it_is_written_to() {
    let world = World::new().await;
    let send = |peer: i64| json!({ "peer_id": peer, "random_id": 0, "message": "x" });
    assert_eq!(world.refused("messages.send", send(BORIS)).await, 901);
    assert_eq!(world.refused("messages.send", send(1)).await, 100);
    assert_eq!(world.refused("messages.send", send(2_000_000_001)).await, 917);
    world.vk().send_text(GROUP, BORIS, "Здравствуйте").unwrap();
    world.ok("messages.send", send(BORIS)).await;
    world.vk().deny(GROUP, BORIS).unwrap();
    assert_eq!(world.refused("messages.send", send(BORIS)).await, 901);
    world.vk().allow(GROUP, BORIS, Some("k")).unwrap();
    world.ok("messages.send", send(BORIS)).await;
    world.vk().set_trouble(GROUP, BORIS, Some(902)).unwrap();
    assert_eq!(world.refused("messages.send", send(BORIS)).await, 902);
    world.vk().set_blacklisted(GROUP, BORIS, true).unwrap();
    assert_eq!(world.refused("messages.send", send(BORIS)).await, 900);
    world.vk().deactivate(BORIS).unwrap();
    assert_eq!(world.refused("messages.send", send(BORIS)).await, 18);
    assert_eq!(world.vk().ledger().to(GROUP, BORIS).len(), 2);
    assert_eq!(world.vk().ledger().refused(901), 2);
}

#[tokio::test]
async fn what_a_message_may_be() {
    let world = World::new().await;
    let send = |more: Value| {
        let mut params = json!({ "peer_id": ANNA, "random_id": 0, "message": "x" });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    world.ok("messages.send", send(json!({ "message": "ж".repeat(4096) }))).await;
    for (wrong, code) in [
        (json!({ "message": "ж".repeat(4097) }), 914),
        (json!({ "message": " " }), 100),
        (json!({ "random_id": "" }), 100),
        (json!({ "random_id": 4_294_967_296_i64 }), 100),
        (json!({ "keyboard": "{}" }), 911),
        (json!({ "attachment": "photo-777_1" }), 100),
        (json!({ "attachment": "nonsense" }), 100),
        (json!({ "payload": "p".repeat(1001) }), 100),
        (json!({ "intent": "spam" }), 100),
        (json!({ "reply_to": 999 }), 100),
        (json!({ "peer_id": "" }), 100),
        (json!({ "peer_ids": vec!["1"; 101].join(",") }), 100),
    ] {
        assert_eq!(world.refused("messages.send", send(wrong.clone())).await, code, "{wrong}");
    }
    world.vk().set(|settings| {
        settings.refused_intents.insert("promo_newsletter".to_owned());
    });
    assert_eq!(world.refused("messages.send", send(json!({ "intent": "promo_newsletter" }))).await, 943);
    world.vk().set_bots(GROUP, false).unwrap();
    let keyboard = json!({ "keyboard": json!({ "buttons": [] }).to_string() });
    assert_eq!(world.refused("messages.send", send(keyboard)).await, 912);
    assert_eq!(world.vk().ledger().len(), 1);
}

#[tokio::test]
async fn a_random_id_makes_one_message_within_its_hour_and_its_hundred() {
    let world = World::new().await;
    let first = world.say(41, "раз").await;
    assert_eq!(world.say(41, "раз").await, first, "the first one's id");
    assert_eq!(world.say(41, "другой текст").await, first, "whatever the text is");
    assert!(world.say(0, "раз").await != first && world.say(0, "раз").await != first, "0 is no id");
    assert_eq!(world.vk().ledger().len(), 3);
    world.vk().set(|settings| settings.repeat_has_id = false);
    assert_eq!(world.say(41, "раз").await, 0);
    world.sandbox.clock().advance(Duration::from_secs(3600));
    assert_ne!(world.say(41, "раз").await, 0, "an hour later it is new");
    world.vk().set(|settings| settings.random_id_messages = 2);
    for n in 0..2 {
        world.say(100 + n, "ещё").await;
    }
    assert_ne!(world.say(41, "раз").await, 0, "beyond the newest messages it is new as well");
    // A dialogue of its own for everybody.
    world.vk().open_chats(GROUP, [BORIS]).unwrap();
    let both = world.ok("messages.send", json!({ "peer_ids": format!("{ANNA},{BORIS}"), "random_id": 41, "message": "раз" })).await;
    assert_eq!(both[0]["message_id"], 0);
    assert_ne!(both[1]["message_id"], 0);
}

#[tokio::test]
async fn one_call_for_a_hundred_with_an_answer_for_each() {
    let world = World::new().await;
    let sent = world.ok("messages.send", json!({ "peer_ids": format!("{ANNA},{BORIS}"), "random_id": 7, "message": "всем" })).await;
    assert_eq!(sent[0], json!({ "peer_id": ANNA, "message_id": 1, "conversation_message_id": 1 }));
    assert_eq!(sent[1]["error"], json!({ "code": 901, "description": "Can't send messages for users without permission" }));
    assert_eq!(sent[1]["message_id"], 0);
    assert_eq!(world.vk().ledger().calls()["messages.send"], 1);
}

#[tokio::test]
async fn execute_carries_out_twenty_five_calls_as_one() {
    let world = World::with(Settings { per_second: Some(1), ..Settings::default() }).await;
    let call = |peer: i64, random: i32, text: &str| {
        format!("API.messages.send({})", json!({ "peer_id": peer, "random_id": random, "message": text }))
    };
    let code = format!("return [{},{},{}];", call(ANNA, 1, "Анна, \"скидка\"\n[10%|20%]"), call(BORIS, 2, "Борис"), call(ANNA, 3, "ещё"));
    let answer = world.raw("execute", json!({ "code": code })).await;
    assert_eq!(answer["response"], json!([1, false, 2]));
    let error = json!({ "method": "messages.send", "error_code": 901, "error_msg": "Can't send messages for users without permission" });
    assert_eq!(answer["execute_errors"], json!([error]));
    assert_eq!(world.vk().history(GROUP, ANNA)[0].text, "Анна, \"скидка\"\n[10%|20%]");
    assert_eq!(world.vk().ledger().entries()[0].method, "messages.send");
    world.sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(world.refused("execute", json!({ "code": "return [" })).await, 12);
    world.sandbox.clock().advance(Duration::from_secs(1));
    let many = format!("return [{}];", vec![call(ANNA, 9, "x"); 26].join(","));
    assert_eq!(world.refused("execute", json!({ "code": many })).await, 13);
    assert_eq!(world.vk().ledger().len(), 2, "what is not compiled is not carried out");
}

#[tokio::test]
async fn twenty_calls_a_second_and_what_is_not_disclosed_when_asked_for() {
    let world = World::with(Settings { quota: Some(23), same_text: Some(22), ..Settings::default() }).await;
    for n in 0..20 {
        world.say(n + 1, "то же").await;
    }
    let send = |random: i32| json!({ "peer_id": ANNA, "random_id": random, "message": "то же" });
    assert_eq!(world.refused("messages.send", send(90)).await, 6);
    world.sandbox.clock().advance(Duration::from_secs(1));
    for n in 20..22 {
        world.say(n + 1, "то же").await;
    }
    assert_eq!(world.refused("messages.send", send(91)).await, 9, "the same words too often");
    assert_eq!(world.refused("messages.send", send(92)).await, 29, "the quota");
    world.sandbox.clock().advance(Duration::from_secs(86_400));
    world.say(93, "то же").await;
}
