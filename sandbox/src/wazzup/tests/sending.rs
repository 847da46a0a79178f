use axum::routing::get;

use super::*;
use crate::{Fault, Rule, wazzup::Template};

#[tokio::test]
async fn one_key_has_many_channels_and_no_others() {
    let world = World::new().await;
    let (_, channels) = world.call("GET", "/channels", Value::Null).await;
    let transports: Vec<&str> = channels.as_array().unwrap().iter().map(|one| one["transport"].as_str().unwrap()).collect();
    assert_eq!(transports, ["whatsapp", "wapi", "telegram"]);
    world.wazzup().add_account(2, "other").unwrap();
    world.wazzup().add_channel(21, 2, Transport::Vk, "shop").unwrap();
    world.wazzup().open_chats(21, [ANNA]).unwrap();
    assert_eq!(world.refused(world.text(21, ANNA, "x")).await, "CHANNEL_NOT_FOUND");
    let bare = world.client.get(format!("{}/channels", world.wazzup().url())).send().await.unwrap();
    assert_eq!((bare.status().as_u16(), bare.bytes().await.unwrap().len()), (401, 0));
    world.wazzup().set_sidecar(ACCOUNT, true).unwrap();
    assert_eq!(world.call("GET", "/users", Value::Null).await.0, 403);
    assert_eq!(world.call("GET", "/nowhere", Value::Null).await.0, 404);
}

#[tokio::test]
async fn what_a_message_may_be() {
    let world = World::new().await;
    let send = |more: Value| {
        let mut body = world.text(WHATSAPP, ANNA, "x");
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    assert_eq!(world.ok(send(json!({}))).await.len(), 36);
    for (wrong, code) in [
        (json!({ "text": null }), "MESSAGE_NOTHING_TO_SEND"),
        (json!({ "contentUri": "https://ex.ru/a.jpg" }), "MESSAGE_ONLY_TEXT_OR_CONTENT"),
        (json!({ "text": " " }), "MESSAGES_TEXT_CAN_NOT_BE_BLANK"),
        (json!({ "text": "ж".repeat(10_001) }), "MESSAGE_TEXT_TOO_LONG"),
        (json!({ "chatType": "telegram" }), "WRONG_TRANSPORT"),
        (json!({ "channelId": "nonsense" }), "CHANNEL_NOT_FOUND"),
        (json!({ "chatId": "+79991234567" }), "INVALID_MESSAGE_DATA"),
        (json!({ "text": null, "contentUri": "ftp://ex.ru/a" }), "INVALID_MESSAGE_DATA"),
        (json!({ "templateId": "x", "text": null }), "INVALID_MESSAGE_DATA"),
        (json!({ "refMessageId": "x" }), "REFERENCE_MESSAGE_NOT_FOUND"),
        (json!({ "crmUserId": "nobody" }), "INVALID_MESSAGE_DATA"),
        (json!({ "buttonsObject": { "buttons": [] } }), "INVALID_MESSAGE_DATA"),
    ] {
        assert_eq!(world.refused(send(wrong.clone())).await, code, "{wrong}");
    }
    assert_eq!(world.call("POST", "/users", json!([{ "id": "7" }])).await.0, 200);
    world.ok(send(json!({ "crmUserId": "7" }))).await;
    world.ok(send(json!({ "text": null, "contentUri": "https://ex.ru/a.jpg" }))).await;
    assert_eq!(world.wazzup().ledger().entries().last().unwrap().media.as_deref(), Some("image"));
}

#[tokio::test]
async fn a_crm_message_id_is_known_for_a_minute() {
    let world = World::new().await;
    let mut body = world.text(WHATSAPP, ANNA, "раз");
    body["crmMessageId"] = json!("01J8ZKX3T9W2");
    world.ok(body.clone()).await;
    let (status, answer) = world.call("POST", "/message", body.clone()).await;
    assert_eq!((status, &answer["error"]), (400, &json!("REPEATED_CRM_MESSAGE_ID")));
    assert_eq!(answer["data"], json!({ "crmMessageId": "01J8ZKX3T9W2" }));
    world.wazzup().set(|settings| settings.old_spelling = true);
    assert_eq!(world.refused(body.clone()).await, "repeatedCrmMessageId");
    world.wazzup().set(|settings| settings.empty_refusals = true);
    assert_eq!(world.call("POST", "/message", body.clone()).await, (400, Value::Null));
    world.wazzup().set(|settings| *settings = Settings::default());
    assert_eq!(world.wazzup().ledger().len(), 1);
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.ok(body.clone()).await;
    assert_eq!(world.wazzup().ledger().len(), 2, "a minute later it is another message");
    // What was refused may come again.
    body["crmMessageId"] = json!("again");
    world.wazzup().set_trouble(WHATSAPP, Some("CHANNEL_NO_MONEY")).unwrap();
    assert_eq!(world.refused(body.clone()).await, "CHANNEL_NO_MONEY");
    world.wazzup().set_trouble(WHATSAPP, None).unwrap();
    world.ok(body).await;
}

#[tokio::test]
async fn a_lost_answer_is_found_out_by_the_same_id() {
    let world = World::new().await;
    world.wazzup().faults().add(Rule::new(Fault::DropAfter).service("wazzup").method("POST /message").chat(ANNA).times(1));
    let mut body = world.text(WHATSAPP, ANNA, "раз");
    body["crmMessageId"] = json!("lost");
    assert!(world.request("POST", "/message").json(&body).send().await.is_err());
    assert_eq!(world.refused(body).await, "REPEATED_CRM_MESSAGE_ID");
    assert_eq!(world.wazzup().ledger().to(WHATSAPP, ANNA).len(), 1);
    let error = Fault::Error { code: 400, description: "BALANCE_IS_EMPTY: pay".to_owned(), retry_after: None };
    world.wazzup().faults().add(Rule::new(error).service("wazzup").times(1));
    assert_eq!(world.refused(world.text(WHATSAPP, ANNA, "x")).await, "BALANCE_IS_EMPTY");
    world.wazzup().faults().add(Rule::new(Fault::TooManyRequests { retry_after: 0 }).service("wazzup").times(1));
    assert_eq!(world.call("GET", "/channels", Value::Null).await, (429, Value::Null));
}

#[tokio::test]
async fn five_hundred_calls_in_five_seconds() {
    let world = World::with(Settings { per_five_seconds: Some(3), ..Settings::default() }).await;
    // The webhook was the first of them.
    for _ in 0..2 {
        assert_eq!(world.call("GET", "/channels", Value::Null).await.0, 200);
    }
    assert_eq!(world.call("GET", "/channels", Value::Null).await, (429, Value::Null));
    world.sandbox.clock().advance(Duration::from_secs(5));
    assert_eq!(world.call("GET", "/channels", Value::Null).await.0, 200);
}

#[tokio::test]
async fn who_may_be_written_to_is_the_messengers_affair() {
    let world = World::new().await;
    assert_eq!(world.refused(world.text(TELEGRAM, ANNA, "x")).await, "CHAT_NO_ACCESS");
    world.wazzup().send_text(TELEGRAM, ANNA, "/start").unwrap();
    world.ok(world.text(TELEGRAM, ANNA, "x")).await;
    world.wazzup().set_tariff(WHATSAPP, None, false, None).unwrap();
    assert_eq!(world.refused(world.text(WHATSAPP, ANNA, "x")).await, "MESSAGES_NOT_TEXT_FIRST");
    world.wazzup().set_tariff(WHATSAPP, Some(1), true, None).unwrap();
    world.ok(world.text(WHATSAPP, ANNA, "x")).await;
    world.ok(world.text(WHATSAPP, ANNA, "ещё")).await;
    assert_eq!(world.refused(world.text(WHATSAPP, BORIS, "x")).await, "CHANNEL_LIMIT_EXCEEDED", "unique people of the month");
    world.sandbox.clock().advance(Duration::from_secs(31 * 86_400));
    world.ok(world.text(WHATSAPP, BORIS, "x")).await;
    world.wazzup().set_tariff(WABA, None, true, Some(0)).unwrap();
    assert_eq!(world.refused(world.text(WABA, ANNA, "x")).await, "BALANCE_IS_EMPTY");
    for (state, code) in [("qr", "MESSAGE_CHANNEL_UNAVAILABLE"), ("disabled", "CHANNEL_BLOCKED"), ("notEnoughMoney", "CHANNEL_NO_MONEY")] {
        world.wazzup().set_channel_state(WHATSAPP, state).unwrap();
        assert_eq!(world.refused(world.text(WHATSAPP, BORIS, "x")).await, code);
    }
}

#[tokio::test]
async fn outside_its_window_waba_takes_templates_only() {
    let world = World::new().await;
    let late = world.ok(world.text(WABA, ANNA, "привет")).await;
    let status = |id: &str| {
        let found = world.wazzup().told(ACCOUNT).into_iter().rev().find(|(key, value)| *key == "statuses" && value["messageId"] == id);
        found.map(|(_, value)| value).unwrap_or_default()
    };
    assert_eq!(status(&late)["error"]["error"], "24_HOURS_EXCEEDED");
    assert!(world.wazzup().last(WABA, ANNA).is_none());
    let mut template = Template::new("c41e7b9a", "autumn", "{{1}}, скидка {{2}}");
    template.buttons = vec!["Отписаться".to_owned()];
    world.wazzup().add_template(ACCOUNT, template).unwrap();
    let (_, listed) = world.call("GET", "/templates/whatsapp?limit=10", Value::Null).await;
    assert_eq!((&listed[0]["templateGuid"], &listed[0]["components"][1]["buttons"][0]["text"]), (&json!("c41e7b9a"), &json!("Отписаться")));
    let mut body = world.text(WABA, ANNA, "");
    body.as_object_mut().unwrap().remove("text");
    (body["templateId"], body["templateValues"]) = (json!("c41e7b9a"), json!(["Анна", "10%"]));
    let sent = world.ok(body.clone()).await;
    assert_eq!(
        (&status(&sent)["status"], world.wazzup().last(WABA, ANNA).unwrap().text.as_str()),
        (&json!("delivered"), "Анна, скидка 10%")
    );
    assert!(world.wazzup().press_text(WABA, ANNA, "Отписаться").unwrap().is_some());
    world.ok(world.text(WABA, ANNA, "теперь можно")).await;
    world.ok(world.text(WABA, ANNA, "@template: c41e7b9a { [[Анна]]; [[20%]] }")).await;
    assert_eq!(world.wazzup().last(WABA, ANNA).unwrap().text, "Анна, скидка 20%");
    body["templateValues"] = json!(["Анна"]);
    assert_eq!(world.refused(body.clone()).await, "INVALID_MESSAGE_DATA");
    world.wazzup().set_template_status(ACCOUNT, "c41e7b9a", "paused").unwrap();
    body["templateValues"] = json!(["Анна", "1"]);
    assert_eq!(world.refused(body).await, "TEMPLATE_REJECTED");
    assert_eq!(world.wazzup().told(ACCOUNT).pop().unwrap().1["status"], "paused");
}

#[tokio::test]
async fn files_are_downloaded_at_once() {
    let world = World::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new()
        .route("/a.pdf", get(|| async { ([("content-type", "application/pdf")], "%PDF") }))
        .route("/big.pdf", get(|| async { vec![0_u8; 11 * 1024 * 1024] }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let send = |name: &str| {
        let mut body = world.text(WHATSAPP, ANNA, "");
        body.as_object_mut().unwrap().remove("text");
        body["contentUri"] = json!(format!("{base}/{name}"));
        body
    };
    world.ok(send("a.pdf")).await;
    let file = world.wazzup().last(WHATSAPP, ANNA).unwrap().document.unwrap();
    assert_eq!((file.name.as_deref(), file.size), (Some("a.pdf"), 4));
    assert_eq!(world.refused(send("gone.pdf")).await, "MESSAGE_DOWNLOAD_CONTENT_ERROR");
    assert_eq!(world.refused(send("big.pdf")).await, "MESSAGES_CONTENT_SIZE_EXCEEDED");
}

#[tokio::test]
async fn messages_are_changed_and_removed_where_the_messenger_can() {
    let world = World::new().await;
    let sent = world.ok(world.text(WHATSAPP, ANNA, "до")).await;
    assert_eq!(world.call("PATCH", &format!("/message/{sent}"), json!({ "text": "после" })).await.0, 200);
    assert_eq!(world.wazzup().last(WHATSAPP, ANNA).unwrap().text, "после");
    let (_, told) = world.wazzup().told(ACCOUNT).pop().unwrap();
    assert_eq!((&told["isEdited"], &told["oldInfo"]["oldText"]), (&json!(true), &json!("до")));
    assert_eq!(world.call("DELETE", &format!("/message/{sent}"), Value::Null).await.0, 200);
    assert!(world.wazzup().last(WHATSAPP, ANNA).is_none());
    let code = |answer: (u16, Value)| answer.1["error"].as_str().unwrap().to_owned();
    assert_eq!(code(world.call("DELETE", &format!("/message/{sent}"), Value::Null).await), "MESSAGES_NOT_FOUND");
    let old = world.ok(world.text(WHATSAPP, ANNA, "старое")).await;
    world.sandbox.clock().advance(Duration::from_secs(900));
    assert_eq!(code(world.call("PATCH", &format!("/message/{old}"), json!({ "text": "x" })).await), "MESSAGES_EDITING_TIME_EXPIRED");
}
