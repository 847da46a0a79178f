use super::*;

/// A call of the control surface.
async fn control(world: &World, path: &str, body: Value) -> Value {
    let request = world.client.post(format!("{}/sandbox/wazzup{path}", world.sandbox.url()));
    let answer = request.json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

#[tokio::test]
async fn the_control_surface_does_what_the_handle_does() {
    let world = World::new().await;
    control(&world, "/accounts", json!({ "id": 2, "key": "second", "crm_key": "crm" })).await;
    let made = control(&world, "/bots", json!({ "id": 21, "account": 2, "transport": "maxbot", "username": "shop" })).await;
    control(&world, "/users", json!({ "id": 53, "first_name": "Вера", "phone": "+79990000009" })).await;
    control(&world, "/chats/21/53/text", json!({ "text": "Здравствуйте" })).await;
    let id = control(&world, "/bots/21/chat_id", json!({ "user": 53 })).await["id"].clone();
    let buttons = json!({ "buttons": [[{ "type": "callback", "text": "Отписаться", "payload": "optout" }]] });
    let body = json!({ "channelId": made["channelId"], "chatType": "max", "chatId": id, "text": "Вера, скидка", "buttonsObject": buttons });
    let sent = world.client.post(format!("{}/message", world.wazzup().url())).bearer_auth("second").json(&body).send().await.unwrap();
    assert_eq!(sent.status(), 201);
    let shown = world.wazzup().last(21, 53).unwrap();
    control(&world, "/chats/21/53/press", json!({ "message": shown.id, "row": 0, "column": 0 })).await;
    assert_eq!(control(&world, "/chats/21/53/read", json!({})).await["read"], 1);
    control(&world, "/bots/21/state", json!({ "state": "disabled" })).await;
    control(&world, "/users/53/present", json!({ "transport": "maxbot", "there": false })).await;
    control(&world, "/accounts/2/templates", json!({ "guid": "g", "title": "t", "name": "n", "body": "{{1}}" })).await;
    control(&world, "/accounts/2/templates/g/paused", json!({})).await;
    let look = async |path: &str| -> Value {
        world.client.get(format!("{}/sandbox/wazzup{path}", world.sandbox.url())).send().await.unwrap().json().await.unwrap()
    };
    let told = look("/accounts/2").await["told"].clone();
    let keys: Vec<&String> = told.as_array().unwrap().iter().flat_map(|one| one.as_object().unwrap().keys()).collect();
    let expected = ["messages", "messages", "statuses", "statuses", "messages", "statuses", "channelsUpdates", "templateStatus"];
    assert_eq!(keys, expected);
    assert_eq!(look("/ledger?bot=21").await[0]["text"], "Вера, скидка");
    assert_eq!(look("/chats/21/53").await["messages"].as_array().unwrap().len(), 3);
    let unknown = world.client.post(format!("{}/sandbox/wazzup/bots/21/dance", world.sandbox.url())).send().await.unwrap();
    assert_eq!(unknown.status(), 400);
}
