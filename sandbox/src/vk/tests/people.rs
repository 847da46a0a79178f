use super::*;
use crate::vk::Pressed;

#[tokio::test]
async fn permission_is_told_with_its_key_and_taken_back() {
    let world = World::new().await;
    let allowed = async |user: i64| world.ok("messages.isMessagesFromGroupAllowed", json!({ "group_id": GROUP, "user_id": user })).await;
    assert_eq!((allowed(ANNA).await, allowed(BORIS).await), (json!({ "is_allowed": 1 }), json!({ "is_allowed": 0 })));
    world.vk().allow(GROUP, BORIS, Some("c_8fK2")).unwrap();
    world.vk().deny(GROUP, ANNA).unwrap();
    assert!(!world.vk().deny(GROUP, ANNA).unwrap(), "once");
    assert_eq!((allowed(ANNA).await, allowed(BORIS).await), (json!({ "is_allowed": 0 }), json!({ "is_allowed": 1 })));
    let told = world.vk().told(GROUP);
    assert_eq!((told[0].kind.as_str(), &told[0].object), ("message_allow", &json!({ "user_id": BORIS, "key": "c_8fK2" })));
    assert_eq!((told[1].kind.as_str(), &told[1].object), ("message_deny", &json!({ "user_id": ANNA })));
    let asked = world.ok("messages.getConversationsById", json!({ "peer_ids": format!("{ANNA},{BORIS},1") })).await;
    assert_eq!(asked["count"], 2);
    assert_eq!(asked["items"][0]["can_write"], json!({ "allowed": false, "reason": 901 }));
    assert_eq!(asked["items"][1]["can_write"], json!({ "allowed": true }));
}

#[tokio::test]
async fn people_write_answer_follow_links_and_read() {
    let world = World::new().await;
    let sent = world.say(5, "Здравствуйте").await;
    assert_eq!(world.vk().chat(GROUP, ANNA).unread, 1);
    assert_eq!(world.vk().read(GROUP, ANNA).unwrap(), 1);
    world.vk().read(GROUP, ANNA).unwrap();
    world.vk().follow(GROUP, ANNA, "camp42", Some("site")).unwrap();
    let reply = world.vk().reply(GROUP, ANNA, sent, "стоп").unwrap();
    world.vk().edit_text(GROUP, ANNA, reply, "СТОП").unwrap();
    assert_eq!(world.kinds(), ["message_reply", "message_read", "message_new", "message_edit"]);
    let told = world.vk().told(GROUP);
    assert_eq!((&told[0].object["random_id"], &told[0].object["from_id"]), (&json!(5), &json!(-GROUP)));
    assert_eq!(told[1].object, json!({ "from_id": ANNA, "peer_id": ANNA, "read_message_id": sent, "conversation_message_id": 1 }));
    let message = &told[2].object["message"];
    assert_eq!(
        (&message["ref"], &message["ref_source"], &message["reply_message"]["id"]),
        (&json!("camp42"), &json!("site"), &json!(sent))
    );
    assert!(told[2].object["client_info"]["button_actions"].is_array());
    world.vk().send_text(GROUP, ANNA, "ещё").unwrap();
    assert!(world.vk().told(GROUP)[4].object["message"].get("ref").is_none(), "the link goes with one message");
    let start = world.vk().press_start(GROUP, BORIS).unwrap();
    assert!(start > 0 && world.vk().told(GROUP)[5].object["message"]["payload"] == "{\"command\":\"start\"}");
    world.vk().write_by_hand(GROUP, ANNA, 55, "Иван на связи").unwrap();
    assert_eq!(world.vk().told(GROUP)[6].object["admin_author_id"], 55);
    assert_eq!(world.vk().ledger().len(), 1, "what people of the community write is not the client's");
}

#[tokio::test]
async fn buttons_say_call_back_and_open_pages() {
    let world = World::new().await;
    let rows = json!([
        [{ "action": { "type": "open_link", "label": "Сайт", "link": "https://ex.ru" } }],
        [{ "action": { "type": "callback", "label": "Отписаться", "payload": "{\"a\":\"optout\"}" }, "color": "negative" },
         { "action": { "type": "text", "label": "Приду", "payload": "{\"a\":1}" } }]
    ]);
    let params = json!({ "peer_id": ANNA, "random_id": 1, "message": "x", "keyboard": inline(rows).to_string() });
    let sent = world.ok("messages.send", params).await.as_i64().unwrap();
    let press = |row, column| world.vk().press(GROUP, ANNA, sent, row, column);
    assert_eq!(press(0, 0), Ok(Pressed::Url("https://ex.ru".to_owned())));
    assert!(matches!(press(1, 1), Ok(Pressed::Sent(_))));
    let Ok(Pressed::Callback(event)) = press(1, 0) else { panic!("a callback") };
    assert!(press(2, 0).is_err());
    let told = world.vk().told(GROUP);
    assert_eq!(told[1].object["message"]["payload"], "{\"a\":1}");
    let object = json!({ "user_id": ANNA, "peer_id": ANNA, "event_id": event, "payload": { "a": "optout" }, "conversation_message_id": 1 });
    assert_eq!((told[2].kind.as_str(), &told[2].object), ("message_event", &object));
    let answer = |event: &str, data: Value| json!({ "event_id": event, "user_id": ANNA, "peer_id": ANNA, "event_data": data.to_string() });
    let snackbar = json!({ "type": "show_snackbar", "text": "Вы отписаны" });
    assert_eq!(world.refused("messages.sendMessageEventAnswer", answer(&event, json!({ "type": "shout" }))).await, 100);
    assert_eq!(world.ok("messages.sendMessageEventAnswer", answer(&event, snackbar.clone())).await, 1);
    assert_eq!(world.refused("messages.sendMessageEventAnswer", answer(&event, snackbar.clone())).await, 100, "once");
    assert_eq!(world.vk().answer(&event), Some(snackbar.clone()));
    let late = world.vk().press_data(GROUP, ANNA, sent, "{}").unwrap();
    world.sandbox.clock().advance(Duration::from_secs(60));
    assert_eq!(world.refused("messages.sendMessageEventAnswer", answer(&late, snackbar)).await, 100, "in time");
}

#[tokio::test]
async fn a_keyboard_stays_until_it_is_taken_away() {
    let world = World::new().await;
    let button = json!([[{ "action": { "type": "text", "label": "Да", "payload": "1" } }]]);
    let send = |keyboard: Value| json!({ "peer_id": ANNA, "random_id": 0, "message": "x", "keyboard": keyboard.to_string() });
    world.ok("messages.send", send(json!({ "buttons": button }))).await;
    world.say(0, "ещё").await;
    assert_eq!(world.vk().chat(GROUP, ANNA).keyboard[0][0].text, "Да");
    world.vk().press_keyboard(GROUP, ANNA, "Да").unwrap();
    assert!(!world.vk().chat(GROUP, ANNA).keyboard.is_empty());
    world.ok("messages.send", send(json!({ "buttons": [], "one_time": true }))).await;
    assert!(world.vk().chat(GROUP, ANNA).keyboard.is_empty());
    world.ok("messages.send", send(json!({ "buttons": button, "one_time": true }))).await;
    world.vk().press_text(GROUP, ANNA, "Да").unwrap();
    assert!(world.vk().chat(GROUP, ANNA).keyboard.is_empty(), "one time");
}

#[tokio::test]
async fn mentions_and_character_references_are_read_as_vk_shows_them() {
    let world = World::new().await;
    world.say(0, "[id123456|Анна], &#91;id1|не ссылка&#93; и [club777|мы]").await;
    let shown = world.vk().last(GROUP, ANNA).unwrap();
    assert_eq!(shown.text, "Анна, [id1|не ссылка] и мы");
    assert_eq!(shown.entities.len(), 2);
}

#[tokio::test]
async fn users_and_communities_tell_of_themselves() {
    let world = World::new().await;
    let users = world.ok("users.get", json!({ "user_ids": format!("{ANNA},1,id{BORIS}"), "fields": "screen_name" })).await;
    assert_eq!(users.as_array().unwrap().len(), 2);
    assert_eq!((&users[0]["first_name"], &users[1]["screen_name"]), (&json!("Анна"), &json!(format!("id{BORIS}"))));
    let groups = world.ok("groups.getById", json!({})).await;
    assert_eq!((&groups["groups"][0]["id"], &groups["groups"][0]["screen_name"]), (&json!(GROUP), &json!("shop")));
    let rights = world.ok("groups.getTokenPermissions", json!({})).await;
    assert_eq!(rights["permissions"].as_array().unwrap().len(), 4);
    assert_eq!(world.refused("groups.getCallbackServers", json!({ "group_id": 1 })).await, 15);
}
