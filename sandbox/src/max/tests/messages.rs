use super::*;

#[tokio::test]
async fn a_token_stands_in_the_header_alone() {
    let world = World::new().await;
    let me = world.get("/me").await;
    assert_eq!((&me["user_id"], &me["username"], &me["is_bot"]), (&json!(BOT), &json!("shop_bot"), &json!(true)));
    let url = format!("{}/me", world.max().url());
    let ask = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap()["code"].clone())
    };
    let unknown = (401, json!("verify.token"));
    assert_eq!(ask(world.client.get(&url)).await, unknown);
    assert_eq!(ask(world.client.get(format!("{url}?access_token={TOKEN}"))).await, unknown);
    assert_eq!(ask(world.client.get(&url).bearer_auth(TOKEN)).await, unknown);
    world.max().add_bot(BOT, "another-token", "shop_bot").unwrap();
    assert_eq!(world.refused("GET", "/me", Value::Null).await.0, 401, "a new token ends the old one");
    world.max().add_bot(BOT, TOKEN, "shop_bot").unwrap();
    world.max().revoke(BOT).unwrap();
    assert_eq!(world.refused("GET", "/me", Value::Null).await.0, 401);
}

#[tokio::test]
async fn paths_and_verbs_that_are_none() {
    let world = World::new().await;
    assert_eq!(world.refused("GET", "/chats", Value::Null).await.0, 404, "removed in June 2026");
    assert_eq!(world.refused("PATCH", "/messages", Value::Null).await.0, 405);
    assert_eq!(world.refused("POST", &format!("/messages?user_id={ANNA}"), json!([])).await.1, "proto.payload");
    let commands = json!({ "commands": [{ "name": "stop", "description": "не писать" }] });
    world.ok("PATCH", "/me/commands", commands.clone()).await;
    assert_eq!(world.get("/me").await["commands"], commands["commands"]);
}

#[tokio::test]
async fn a_message_is_shown_counted_and_told_back() {
    let world = World::new().await;
    let body = json!({ "text": "<b>Анна</b>, скидка", "format": "html", "notify": true, "attachments": [
        keyboard(json!([[{ "type": "link", "text": "Записаться", "url": "https://ex.ru/b?c=42" }], [{ "type": "callback", "text": "Отписаться", "payload": "optout:42" }]])) ] });
    let sent = world.ok("POST", &format!("/messages?user_id={ANNA}&disable_link_preview=true"), body).await;
    let message = &sent["message"];
    assert_eq!(message["recipient"], json!({ "chat_id": world.chat(), "chat_type": "dialog", "user_id": ANNA }));
    assert_eq!((&message["sender"]["user_id"], &message["sender"]["is_bot"]), (&json!(BOT), &json!(true)));
    assert_eq!(
        (&message["body"]["text"], &message["body"]["markup"]),
        (&json!("Анна, скидка"), &json!([{ "type": "strong", "from": 0, "length": 4 }]))
    );
    assert_eq!(message["body"]["attachments"][0]["payload"]["buttons"][1][0]["payload"], "optout:42");
    let mid = message["body"]["mid"].as_str().unwrap();
    let entry = world.max().ledger().to(BOT, ANNA).pop().unwrap();
    assert_eq!((entry.reference.as_str(), entry.text.as_str(), entry.method.as_str()), (mid, "Анна, скидка", "POST /messages"));
    let shown = world.max().last(BOT, ANNA).unwrap();
    assert_eq!((shown.id.as_str(), shown.button("Отписаться").unwrap().2.data.as_deref()), (mid, Some("optout:42")));
    // The dialogue's own id addresses as well.
    world.ok("POST", &format!("/messages?chat_id={}", world.chat()), json!({ "text": "ещё", "notify": false })).await;
    assert!(world.max().last(BOT, ANNA).unwrap().silent && !shown.silent);
    assert_eq!(world.max().ledger().counts(BOT, |_| true)[&ANNA], 2);
}

#[tokio::test]
async fn whom_a_bot_may_write_to() {
    let world = World::new().await;
    let to = async |query: &str| world.refused("POST", &format!("/messages?{query}"), json!({ "text": "x" })).await;
    for (query, words) in [
        ("", "Missing recipient"),
        ("user_id=anna", "Unknown recipient"),
        ("user_id=1&chat_id=2", "Unknown recipient: one of user_id and chat_id is expected"),
    ] {
        assert_eq!(to(query).await, (400, "proto.payload".to_owned(), words.to_owned()), "{query}");
    }
    assert_eq!(to("user_id=404").await.1, "not.found");
    assert_eq!(to("chat_id=404").await.1, "chat.not.found");
    let (status, _, message) = to(&format!("user_id={BORIS}")).await;
    assert!(status == 404 && message.starts_with("Key: error.dialog.notfound"), "{message}");
    let stopped = (403, "chat.denied".to_owned(), format!("Key: error.dialog.suspended, args: [{},]", world.chat()));
    let anna = format!("user_id={ANNA}");
    world.max().block(BOT, ANNA).unwrap();
    assert_eq!(to(&anna).await, stopped);
    world.max().unblock(BOT, ANNA).unwrap();
    world.say("снова").await;
    world.max().moderate(BOT, false).unwrap();
    assert_eq!(to(&anna).await, stopped, "a bot that is not moderated hears the same");
    world.max().moderate(BOT, true).unwrap();
    world.max().deactivate(ANNA).unwrap();
    assert_eq!(to(&anna).await.1, "access.denied");
    assert_eq!(world.max().ledger().len(), 1);
    assert_eq!(world.max().ledger().refused(403), 3);
}

#[tokio::test]
async fn a_text_has_4000_units_and_a_known_format() {
    let world = World::new().await;
    world.say(&"ж".repeat(4000)).await;
    world.say(&"👍".repeat(2000)).await;
    for long in ["ж".repeat(4001), "👍".repeat(2001)] {
        assert_eq!(world.unsaid(json!({ "text": long })).await, (400, "text: size must be between 0 and 4000".to_owned()));
    }
    for body in
        [json!({ "text": "" }), json!({ "text": " \n" }), json!({}), json!({ "text": null, "attachments": [] }), json!({ "text": 5 })]
    {
        assert_eq!(world.unsaid(body.clone()).await.0, 400, "{body}");
    }
    assert_eq!(world.unsaid(json!({ "text": "x", "format": "HTML" })).await.0, 400);
    assert_eq!(world.unsaid(json!({ "text": "x", "notify": "yes" })).await.0, 400);
    let (status, _, _) = world.refused("POST", &format!("/messages?user_id={ANNA}&disable_link_preview=1"), json!({ "text": "x" })).await;
    assert_eq!(status, 400);
    let location = json!({ "attachments": [{ "type": "location", "latitude": 55.7, "longitude": 37.6 }] });
    world.ok("POST", &format!("/messages?user_id={ANNA}"), location).await;
}

#[tokio::test]
async fn keyboards_have_bounds() {
    let world = World::new().await;
    let send = async |rows: Value| {
        world.raw("POST", &format!("/messages?user_id={ANNA}"), json!({ "text": "x", "attachments": [keyboard(rows)] })).await.0
    };
    let press = |label: String| json!({ "type": "callback", "text": label, "payload": "p" });
    let link = json!({ "type": "link", "text": "тут", "url": "https://ex.ru" });
    let row = |count: usize| Value::Array(vec![press("да".to_owned()); count]);
    for (rows, status) in [
        (json!([[press("я".repeat(128))]]), 200),
        (json!([[press("я".repeat(129))]]), 400),
        (json!([[press(String::new())]]), 400),
        (json!([[{ "type": "callback", "text": "x", "payload": "п".repeat(1024) }]]), 200),
        (json!([[{ "type": "callback", "text": "x", "payload": "п".repeat(1025) }]]), 400),
        (json!([[{ "type": "callback", "text": "без payload" }]]), 200),
        (json!([[{ "type": "callback", "text": "x", "payload": "p", "intent": "angry" }]]), 400),
        (json!([[{ "type": "link", "text": "x", "url": format!("https://ex.ru/{}", "a".repeat(2048)) }]]), 400),
        (json!([[{ "type": "link", "text": "x", "url": "javascript:1" }]]), 400),
        (json!([[{ "type": "pay", "text": "x" }]]), 400),
        (json!([row(7)]), 200),
        (json!([row(8)]), 400),
        (json!([[link, link, link]]), 200),
        (json!([[link, link, link, link]]), 400),
        (json!([[], row(1)]), 400),
        (json!([]), 400),
        (Value::Array(vec![row(7); 30]), 200),
        (Value::Array(vec![row(1); 31]), 400),
    ] {
        assert_eq!(send(rows.clone()).await, status, "{}", rows.to_string().chars().take(200).collect::<String>());
    }
    let two = json!({ "text": "x", "attachments": [keyboard(json!([row(1)])), keyboard(json!([row(1)]))] });
    assert_eq!(world.unsaid(two).await.0, 400);
    assert_eq!(world.unsaid(json!({ "attachments": [keyboard(json!([row(1)]))] })).await.0, 400, "buttons alone are no message");
}

#[tokio::test]
async fn replies_name_messages_that_are_there() {
    let world = World::new().await;
    let asked = world.max().send_text(BOT, ANNA, "А завтра?").unwrap();
    let answer = json!({ "text": "Да", "link": { "type": "reply", "mid": asked } });
    let sent = world.ok("POST", &format!("/messages?user_id={ANNA}"), answer).await;
    assert_eq!((&sent["message"]["link"]["type"], &sent["message"]["link"]["message"]["text"]), (&json!("reply"), &json!("А завтра?")));
    assert_eq!(world.max().last(BOT, ANNA).unwrap().reply_to, Some(asked));
    assert_eq!(world.unsaid(json!({ "text": "x", "link": { "type": "reply", "mid": "mid.1" } })).await.0, 404);
    assert_eq!(world.unsaid(json!({ "text": "x", "link": { "type": "quote", "mid": "mid.1" } })).await.0, 400);
}

#[tokio::test]
async fn edits_and_removals() {
    let world = World::new().await;
    let mid = world.say("Скидка 10%").await;
    let edit = |mid: &str| format!("/messages?message_id={mid}");
    assert_eq!(world.ok("PUT", &edit(&mid), json!({ "text": "Скидка 15%" })).await, json!({ "success": true }));
    let shown = world.max().last(BOT, ANNA).unwrap();
    assert_eq!((shown.text.as_str(), shown.edits), ("Скидка 15%", 1));
    assert_eq!(world.ok("PUT", &edit(&mid), json!({ "text": "" })).await["success"], false, "nothing would be left");
    let theirs = world.max().send_text(BOT, ANNA, "моё").unwrap();
    assert_eq!(world.refused("PUT", &edit(&theirs), json!({ "text": "x" })).await.0, 403);
    assert_eq!(world.refused("DELETE", &edit(&theirs), Value::Null).await.0, 403);
    assert_eq!(world.refused("DELETE", "/messages", Value::Null).await.0, 400);
    // After seven days only a message with buttons can be edited.
    world.max().age(BOT, &mid, Duration::from_secs(8 * 24 * 3600)).unwrap();
    let late = world.ok("PUT", &edit(&mid), json!({ "text": "поздно" })).await;
    assert!(late["success"] == false && late["code"].is_string() && late["message"].is_string(), "{late}");
    let buttons = json!({ "text": "с кнопкой", "attachments": [keyboard(json!([[{ "type": "message", "text": "да" }]]))] });
    let sent = world.ok("POST", &format!("/messages?user_id={ANNA}"), buttons).await;
    let with = sent["message"]["body"]["mid"].as_str().unwrap();
    world.sandbox.clock().advance(Duration::from_secs(8 * 24 * 3600));
    world.ok("PUT", &edit(with), json!({ "text": "успели" })).await;
    assert!(world.max().last(BOT, ANNA).unwrap().button("да").is_some(), "attachments that are not named stay");
    world.ok("PUT", &edit(with), json!({ "attachments": [] })).await;
    assert!(world.max().last(BOT, ANNA).unwrap().buttons.is_empty());
    assert_eq!(world.ok("DELETE", &edit(with), Value::Null).await, json!({ "success": true }));
    assert_eq!(world.refused("DELETE", &edit(with), Value::Null).await.0, 404);
    assert!(world.max().message(BOT, ANNA, with).unwrap().deleted);
    world.max().block(BOT, ANNA).unwrap();
    assert_eq!(world.refused("PUT", &edit(&mid), json!({ "text": "x" })).await.1, "chat.denied");
}

#[tokio::test]
async fn a_dialogue_is_read_newest_first() {
    let world = World::with(Rates::off(), Timing { readable_after: Duration::from_secs(60), ..Timing::default() }).await;
    let chat = world.chat();
    let read = async |query: String| {
        let found = world.get(&format!("/messages?chat_id={chat}{query}")).await;
        let texts = found["messages"].as_array().unwrap().iter().map(|message| message["body"]["text"].as_str().unwrap().to_owned());
        texts.collect::<Vec<_>>()
    };
    let first = world.say("раз").await;
    assert!(read(String::new()).await.is_empty(), "not to be read yet");
    assert_eq!(world.refused("GET", &format!("/messages/{first}"), Value::Null).await.0, 404);
    world.sandbox.clock().advance(Duration::from_secs(600));
    world.max().send_text(BOT, ANNA, "два").unwrap();
    let between = world.sandbox.clock().now().timestamp_millis() - 300_000;
    world.sandbox.clock().advance(Duration::from_secs(600));
    assert_eq!(read(String::new()).await, ["два", "раз"]);
    assert_eq!(read("&count=1".to_owned()).await, ["два"]);
    // `from` is the newest moment of the window and `to` its oldest, as the vendor's page says.
    assert_eq!(read(format!("&from={between}")).await, ["раз"]);
    assert_eq!(read(format!("&to={between}")).await, ["два"]);
    assert_eq!(read(format!("&from={}&to={between}", between + 3_600_000)).await, ["два"]);
    for wrong in [
        format!("chat_id={chat}&from={between}&to={}", between + 1),
        format!("chat_id={chat}&count=101"),
        format!("chat_id={chat}&message_ids={first}"),
        String::new(),
    ] {
        assert_eq!(world.refused("GET", &format!("/messages?{wrong}"), Value::Null).await.0, 400, "{wrong}");
    }
    assert_eq!(world.get(&format!("/messages?message_ids={first},mid.no")).await["messages"].as_array().unwrap().len(), 1);
    assert_eq!(world.get(&format!("/messages/{first}")).await["body"]["text"], "раз");
    assert_eq!(world.refused("GET", "/messages?chat_id=5", Value::Null).await.1, "chat.not.found");
    world.max().block(BOT, ANNA).unwrap();
    assert_eq!(read(String::new()).await.len(), 2, "what was sent can be looked up after the person left");
}

#[tokio::test]
async fn limits_of_a_bot_and_of_a_dialogue() {
    let world = World::with(Rates { slack: 0, ..Rates::default() }, Timing::default()).await;
    world.max().open_chats(BOT, [BORIS]).unwrap();
    let send = async |user: i64| world.raw("POST", &format!("/messages?user_id={user}"), json!({ "text": "x" })).await;
    assert_eq!((send(ANNA).await.0, send(ANNA).await.0), (200, 200));
    let (status, answer) = send(ANNA).await;
    assert_eq!((status, &answer["code"]), (429, &json!("too.many.requests")));
    let mid = world.max().last(BOT, ANNA).unwrap().id;
    assert_eq!(world.raw("PUT", &format!("/messages?message_id={mid}"), json!({ "text": "y" })).await.0, 200, "edits count by themselves");
    assert_eq!(send(BORIS).await.0, 200, "another dialogue has its own");
    world.max().set_rates(Rates { slack: 0, retry_after: Some(2), ..Rates::default() });
    let mut statuses = Vec::new();
    for _ in 0..31 {
        let response = world.request("GET", "/me").send().await.unwrap();
        statuses.push((response.status().as_u16(), response.headers().get("retry-after").is_some()));
    }
    assert_eq!(statuses.iter().filter(|(status, _)| *status == 200).count(), 30);
    assert_eq!(statuses[30], (429, true));
}

#[tokio::test]
async fn actions_and_the_chat() {
    let world = World::new().await;
    let chat = world.chat();
    world.ok("POST", &format!("/chats/{chat}/actions"), json!({ "action": "typing_on" })).await;
    assert_eq!(world.max().chat(BOT, ANNA).action.as_deref(), Some("typing_on"));
    assert_eq!(world.refused("POST", &format!("/chats/{chat}/actions"), json!({ "action": "sleep" })).await.0, 400);
    assert_eq!(world.get(&format!("/chats/{chat}")).await["dialog_with_user"]["user_id"], ANNA);
    assert_eq!(world.refused("GET", "/chats/5", Value::Null).await.0, 404);
}
