use super::*;

#[tokio::test]
async fn a_dialogue_is_read_back_with_random_ids() {
    let world = World::new().await;
    let first = world.say(11, "первое").await;
    world.vk().send_text(GROUP, ANNA, "второе").unwrap();
    let third = world.say(13, "третье").await;
    let history = async |more: Value| {
        let mut params = json!({ "peer_id": ANNA });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let read = world.ok("messages.getHistory", params).await;
        read["items"].as_array().unwrap().iter().map(|item| item["random_id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(history(json!({})).await, [13, 0, 11]);
    assert_eq!(history(json!({ "rev": 1, "count": 2 })).await, [11, 0]);
    assert_eq!(history(json!({ "offset": 1, "count": 1 })).await, [0]);
    assert_eq!(history(json!({ "start_message_id": first })).await, [11]);
    assert_eq!(world.refused("messages.getHistory", json!({ "peer_id": ANNA, "count": 201 })).await, 100);
    let one = world.ok("messages.getById", json!({ "message_ids": format!("{third},999") })).await;
    assert_eq!((&one["count"], &one["items"][0]["text"]), (&json!(1), &json!("третье")));
    let placed = json!({ "peer_id": ANNA, "conversation_message_ids": "2,3" });
    let placed = world.ok("messages.getByConversationMessageId", placed).await;
    assert_eq!((&placed["items"][0]["out"], &placed["items"][1]["out"]), (&json!(0), &json!(1)));
    world.vk().read(GROUP, ANNA).unwrap();
    let asked = world.ok("messages.getConversationsById", json!({ "peer_ids": ANNA })).await;
    assert_eq!((&asked["items"][0]["out_read"], &asked["items"][0]["last_message_id"]), (&json!(third), &json!(third)));
}

#[tokio::test]
async fn messages_are_changed_and_removed_within_a_day() {
    let world = World::new().await;
    let id = world.say(1, "до").await;
    world.ok("messages.edit", json!({ "peer_id": ANNA, "message_id": id, "message": "после" })).await;
    let shown = world.vk().last(GROUP, ANNA).unwrap();
    assert_eq!((shown.text.as_str(), shown.edits), ("после", 1));
    let theirs = world.vk().send_text(GROUP, ANNA, "своё").unwrap();
    assert_eq!(world.refused("messages.edit", json!({ "peer_id": ANNA, "message_id": theirs, "message": "x" })).await, 920);
    assert_eq!(world.refused("messages.edit", json!({ "peer_id": ANNA, "message_id": id, "message": "" })).await, 100);
    assert_eq!(world.refused("messages.delete", json!({ "message_ids": theirs, "delete_for_all": 1 })).await, 924);
    let removed = world.ok("messages.delete", json!({ "message_ids": format!("{id},999"), "delete_for_all": 1 })).await;
    assert_eq!((&removed[0]["message_id"], &removed[0]["response"], &removed[1]["response"]), (&json!(id), &json!(1), &json!(0)));
    assert!(world.vk().last(GROUP, ANNA).is_none());
    let old = world.say(2, "старое").await;
    world.sandbox.clock().advance(Duration::from_secs(86_400));
    assert_eq!(world.refused("messages.edit", json!({ "peer_id": ANNA, "cmid": 3, "message": "x" })).await, 909);
    assert_eq!(world.refused("messages.delete", json!({ "peer_id": ANNA, "cmids": 3, "delete_for_all": 1 })).await, 924);
    assert_eq!(world.ok("messages.delete", json!({ "message_ids": old })).await[0]["response"], 1);
    assert_eq!(world.vk().last(GROUP, ANNA).unwrap().text, "старое", "for oneself only");
}

#[tokio::test]
async fn typing_is_shown_for_a_while_and_words_are_marked_as_read() {
    let world = World::new().await;
    world.ok("messages.setActivity", json!({ "peer_id": ANNA, "type": "typing" })).await;
    assert!(world.vk().chat(GROUP, ANNA).action.is_some());
    world.sandbox.clock().advance(Duration::from_secs(10));
    assert!(world.vk().chat(GROUP, ANNA).action.is_none());
    assert_eq!(world.refused("messages.setActivity", json!({ "peer_id": BORIS })).await, 901);
    world.vk().send_text(GROUP, ANNA, "вопрос").unwrap();
    world.ok("messages.markAsRead", json!({ "peer_id": ANNA })).await;
    assert!(world.vk().history(GROUP, ANNA)[0].read);
}
