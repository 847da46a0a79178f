use super::*;
use crate::whatsapp::{Access, Fate, Plus, Status, When};

#[tokio::test]
async fn tokens_versions_and_nodes() {
    let world = World::new().await;
    let ask = async |path: &str, token: Option<&str>| {
        let mut request = world.client.get(format!("{}/{path}", world.url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        let (status, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
        (status, body["error"]["code"].as_u64())
    };
    let number = format!("{NUMBER}");
    assert_eq!(ask(&format!("v26.0/{number}"), Some(TOKEN)).await, (200, None));
    assert_eq!(ask(&number, Some(TOKEN)).await, (200, None), "the version may be left out");
    assert_eq!(ask(&format!("v26.0/{number}"), None).await, (401, Some(0)));
    assert_eq!(ask(&format!("v26.0/{number}"), Some("other")).await, (401, Some(190)));
    assert_eq!(ask(&format!("v20.0/{number}"), Some(TOKEN)).await.0, 400, "dead since before");
    assert_eq!(ask(&format!("v25.0/{number}"), Some(TOKEN)).await, (200, None));
    assert_eq!(ask(&format!("v26/{number}"), Some(TOKEN)).await.0, 400);
    assert_eq!(ask("v26.0/12345", Some(TOKEN)).await, (400, Some(100)));
    world.sandbox.clock().advance(DAY * 365 * 3);
    assert_eq!(ask(&format!("v24.0/{number}"), Some(TOKEN)).await.0, 400, "it ends on 2028-02-18");
    world.add_token_with("half", APP, Access { messaging: false, ..Access::default() }).unwrap();
    world.add_token_with("elsewhere", APP, Access { wabas: Some(vec!["1".to_owned()]), ..Access::default() }).unwrap();
    let send = async |token: &str| {
        let body = World::envelope(ANNAS, say("x"));
        let answer = world.client.post(world.at(&format!("{NUMBER}/messages"))).bearer_auth(token).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["error"]["code"].as_u64().unwrap())
    };
    assert_eq!(send("half").await, (403, 10));
    assert_eq!(send("elsewhere").await, (400, 100));
    world.revoke(TOKEN);
    assert_eq!(send(TOKEN).await, (401, 190));
    assert!(world.ledger().is_empty());
}

#[tokio::test]
async fn a_message_is_accepted_told_and_read() {
    let world = World::new().await;
    let asked = world.write(NUMBER, ANNA, "Сколько стоит?").unwrap();
    let mut body = say("Две тысячи");
    body["context"] = json!({ "message_id": asked });
    body["biz_opaque_callback_data"] = json!("att:01");
    let (status, answer) = world.send_raw(ANNAS, body).await;
    assert_eq!(status, 200, "{answer}");
    let user_id = world.user_id(NUMBER, ANNA).unwrap();
    assert!(user_id.starts_with("RU."));
    assert_eq!(answer["contacts"], json!([{ "input": ANNAS, "wa_id": "79991234567", "user_id": user_id }]));
    assert!(answer["messages"][0].get("message_status").is_none(), "only templates have one");
    let wamid = answer["messages"][0]["id"].as_str().unwrap();
    let shown = world.expect_last(NUMBER, ANNA, SOON, |message| message.shown.text == "Две тысячи").await.unwrap();
    assert_eq!(shown.context.as_deref(), Some(asked.as_str()));
    assert_eq!(world.read(NUMBER, ANNA).unwrap(), 1);
    world.rest().await;
    assert_eq!(world.hook.told(wamid), ["sent", "delivered", "read"]);
    let statuses = world.hook.statuses();
    let told = statuses.iter().find(|status| status["status"] == "delivered").unwrap();
    assert_eq!((&told["recipient_id"], &told["recipient_user_id"]), (&json!("79991234567"), &json!(user_id)));
    assert!(statuses.iter().all(|status| status["biz_opaque_callback_data"] == "att:01" && status["timestamp"].is_string()));
    let priced: Vec<&Value> = statuses.iter().filter(|status| status.get("pricing").is_some()).map(|status| &status["status"]).collect();
    assert_eq!(priced, ["sent", "delivered"], "with sent and one of the others");
    assert_eq!(
        statuses[0]["pricing"],
        json!({ "billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service" })
    );
    let (_, history) = world.get(&format!("{NUMBER}/message_history?message_id={wamid}")).await;
    let steps: Vec<&Value> =
        history["data"][0]["events"]["data"].as_array().unwrap().iter().map(|event| &event["delivery_status"]).collect();
    assert_eq!(steps, ["SENT", "DELIVERED", "READ"]);
    let entry = &world.ledger().to(NUMBER, ANNA)[0];
    assert_eq!((entry.text.as_str(), entry.reference.as_str()), ("Две тысячи", wamid));
    // The business marks the person's message.
    let read = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": asked, "typing_indicator": { "type": "text" } });
    assert_eq!(world.post(&format!("{NUMBER}/messages"), read).await, (200, json!({ "success": true })));
    assert!(world.message(&asked).unwrap().seen);
}

/// The window belongs to one number and ends 24 hours after the person's last word.
#[tokio::test]
async fn free_form_goes_inside_the_window_only() {
    let world = World::new().await;
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 131_047));
    world.write(OTHER, ANNA, "Здравствуйте").unwrap();
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 131_047), "of another number");
    world.write(NUMBER, ANNA, "Здравствуйте").unwrap();
    world.text(ANNAS, "first").await;
    world.sandbox.clock().advance(DAY - Duration::from_secs(60));
    world.text(ANNAS, "second").await;
    world.sandbox.clock().advance(Duration::from_secs(61));
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 131_047));
    world.approved("promo", "MARKETING").await;
    world.send(ANNAS, template("promo")).await;
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 131_047), "a template opens no window");
    world.set(|settings| {
        settings.late.insert(131_047);
    });
    let late = world.text(ANNAS, "late").await;
    world.rest().await;
    assert_eq!(world.hook.told(&late), ["failed"]);
}

#[tokio::test]
async fn who_is_meant() {
    let world = World::new().await;
    world.write(NUMBER, ANNA, "Здравствуйте").unwrap();
    // Without a plus the business number's country code comes before it: 7 and 7999… is nobody's.
    let wrong = world.text("79991234567", "x").await;
    world.rest().await;
    assert_eq!(world.message(&wrong).unwrap().failed, Some(131_026));
    world.text("9991234567", "x").await;
    assert_eq!(world.ledger().to(NUMBER, ANNA).len(), 1);
    world.set(|settings| settings.plus = Plus::Tolerate);
    world.text("79991234567", "y").await;
    world.text("+7 (999) 123-45-67", "z").await;
    assert_eq!(world.refused("anna", say("x")).await, (400, 131_009));
    assert_eq!(world.refused("+12", say("x")).await, (400, 131_009));
    assert_eq!(world.refused("+74950001122", say("x")).await, (400, 131_021));
    let (_, none) = world
        .post(&format!("{NUMBER}/messages"), json!({ "messaging_product": "whatsapp", "type": "text", "text": { "body": "x" } }))
        .await;
    assert_eq!(none["error"]["code"], 100);
    // By BSUID: no phone comes back.
    let user_id = world.user_id(NUMBER, ANNA).unwrap();
    let (_, answer) = world.send_raw(&user_id, say("by id")).await;
    assert_eq!(answer["contacts"], json!([{ "input": user_id, "user_id": user_id }]));
    let unknown = world.text("RU.123", "x").await;
    world.rest().await;
    assert_eq!(world.message(&unknown).unwrap().failed, Some(131_026));
    assert_eq!(world.refused("nonsense.", say("x")).await, (400, 131_009));
    // If both are given, the phone wins.
    let mut both = World::envelope(ANNAS, say("both"));
    both["recipient"] = json!("RU.123");
    assert_eq!(world.post(&format!("{NUMBER}/messages"), both).await.1["contacts"][0]["wa_id"], "79991234567");
}

/// A wa_id may differ from the phone, and is what comes back.
#[tokio::test]
async fn a_wa_id_may_differ_from_the_phone() {
    let world = World::new().await;
    world.add_person(Person { wa_id: Some("551187654321".to_owned()), ..Person::new(3, "Ana", "+5511987654321") });
    world.write(NUMBER, 3, "Olá").unwrap();
    let (_, answer) = world.send_raw("+5511987654321", say("x")).await;
    assert_eq!((&answer["contacts"][0]["input"], &answer["contacts"][0]["wa_id"]), (&json!("+5511987654321"), &json!("551187654321")));
}

#[tokio::test]
async fn a_number_may_be_unable_to_send() {
    let world = World::new().await;
    world.write(NUMBER, ANNA, "x").unwrap();
    for (code, status) in [(131_031, 403), (368, 403), (131_037, 400), (131_042, 400), (131_048, 400), (131_045, 500), (131_000, 500)] {
        world.set_trouble(NUMBER, Some(code)).unwrap();
        assert_eq!(world.refused(ANNAS, say("x")).await, (status, u64::from(code)));
    }
    world.set_trouble(NUMBER, None).unwrap();
    world.post(&format!("{NUMBER}/deregister"), json!({})).await;
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 133_010));
    assert_eq!(
        world.post(&format!("{NUMBER}/register"), json!({ "messaging_product": "whatsapp", "pin": "12" })).await.1["error"]["code"],
        100
    );
    world.post(&format!("{NUMBER}/register"), json!({ "messaging_product": "whatsapp", "pin": "123456" })).await;
    let wrong = world.post(&format!("{NUMBER}/register"), json!({ "messaging_product": "whatsapp", "pin": "654321" })).await;
    assert_eq!(wrong.1["error"]["code"], 133_005);
    world.text(ANNAS, "x").await;
    world.bar_country(WABA, "RU", true).unwrap();
    assert_eq!(world.refused(ANNAS, say("x")).await, (403, 130_497));
    world.bar_country(WABA, "RU", false).unwrap();
    world.delete_number(NUMBER).unwrap();
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 33));
}

/// Refusals per person: at once, after 200, after sent, after delivered; some kinds only, so many
/// times.
#[tokio::test]
async fn fates_of_people() {
    let world = World::with(Settings { one_a_change: true, ..free() }).await;
    world.approved("promo", "MARKETING").await;
    world.approved("bill", "UTILITY").await;
    let marketing = Fate::new(131_049).category(super::super::Category::Marketing).times(1);
    world.set_fates(ANNA, vec![marketing]).unwrap();
    world.send(ANNAS, template("bill")).await;
    let capped = world.send(ANNAS, template("promo")).await;
    world.send(ANNAS, template("promo")).await;
    world.rest().await;
    assert_eq!(world.hook.told(&capped), ["failed"]);
    assert_eq!(world.history(NUMBER, ANNA).len(), 2);
    assert_eq!(world.ledger().to(NUMBER, ANNA).len(), 3, "accepted, though one of them failed");
    assert_eq!(world.received(NUMBER)[&ANNA], 2);
    for (when, told) in [(When::Sent, vec!["sent", "failed"]), (When::Delivered, vec!["sent", "delivered", "failed"])] {
        world.set_fates(ANNA, vec![Fate::new(131_026).when(when)]).unwrap();
        let wamid = world.send(ANNAS, template("promo")).await;
        world.rest().await;
        assert_eq!(world.hook.told(&wamid), told);
    }
    world.set_fates(ANNA, vec![Fate::new(130_472).when(When::AtOnce)]).unwrap();
    assert_eq!(world.refused(ANNAS, template("promo")).await, (400, 130_472));
    let failed = world.hook.of("messages").into_iter().find(|value| value["statuses"][0]["status"] == "failed").unwrap();
    assert!(failed.get("contacts").is_none(), "left out on failed");
    let error = &failed["statuses"][0]["errors"][0];
    assert_eq!((&error["code"], error["href"].is_string(), error["error_data"]["details"].is_string()), (&json!(131_049), true, true));
    assert_eq!(error["title"], error["message"]);
}

#[tokio::test]
async fn whoever_is_not_on_whatsapp_fails_later() {
    let world = World::new().await;
    world.approved("promo", "MARKETING").await;
    let nobody = world.send("+79990000000", template("promo")).await;
    world.add_person(Person { on_whatsapp: false, ..Person::new(3, "Глеб", "+79990000003") });
    let without = world.send("+79990000003", template("promo")).await;
    world.rest().await;
    for wamid in [&nobody, &without] {
        assert_eq!((world.hook.told(wamid), world.message(wamid).unwrap().failed), (vec!["failed".to_owned()], Some(131_026)));
    }
    let status = &world.hook.statuses()[0];
    assert_eq!((&status["recipient_id"], status.get("recipient_user_id")), (&json!("79990000000"), None));
    assert_eq!(world.ledger().to(NUMBER, 79_990_000_000).len(), 1, "under the digits of the phone");
    assert_eq!(world.reached(PORTFOLIO), 0, "nobody was reached");
}

#[tokio::test]
async fn a_failure_after_200_can_come_hours_later() {
    let world = World::new().await;
    world.approved("promo", "MARKETING").await;
    let wamid = world.send(ANNAS, template("promo")).await;
    world.rest().await;
    assert_eq!(world.message(&wamid).unwrap().status, Status::Delivered);
    world.sandbox.clock().advance(Duration::from_secs(3 * 3600));
    world.fail_message(&wamid, 131_026).unwrap();
    world.rest().await;
    assert_eq!(world.hook.told(&wamid), ["sent", "delivered", "failed"]);
    assert_eq!(world.received(NUMBER)[&ANNA], 1, "it is on the phone all the same");
}

#[tokio::test]
async fn interactive_messages_lists_and_reactions() {
    let world = World::new().await;
    let asked = world.write(NUMBER, ANNA, "x").unwrap();
    let buttons = json!({ "type": "interactive", "interactive": { "type": "button", "body": { "text": "Присылать новости?" },
        "footer": { "text": "Ромашка" }, "action": { "buttons": [
            { "type": "reply", "reply": { "id": "keep:42", "title": "Да" } },
            { "type": "reply", "reply": { "id": "optout:42", "title": "Отписаться" } } ] } } });
    let wamid = world.send(ANNAS, buttons).await;
    world.expect_last(NUMBER, ANNA, SOON, |message| message.wamid == wamid).await.unwrap();
    world.press(NUMBER, ANNA, &wamid, "Отписаться").unwrap();
    let list = json!({ "type": "interactive", "interactive": { "type": "list", "body": { "text": "Когда?" }, "action": { "button": "Выбрать",
        "sections": [{ "title": "Завтра", "rows": [{ "id": "9", "title": "9:00", "description": "утро" }, { "id": "18", "title": "18:00" }] }] } } });
    let wamid = world.send(ANNAS, list).await;
    world.expect_last(NUMBER, ANNA, SOON, |message| message.wamid == wamid).await.unwrap();
    world.press(NUMBER, ANNA, &wamid, "18:00").unwrap();
    world.send(ANNAS, json!({ "type": "reaction", "reaction": { "message_id": asked, "emoji": "👍" } })).await;
    assert_eq!(world.message(&asked).unwrap().reaction.as_deref(), Some("👍"));
    assert_eq!(
        world.refused(ANNAS, json!({ "type": "reaction", "reaction": { "message_id": "wamid.x", "emoji": "👍" } })).await.1,
        131_009
    );
    world.send(ANNAS, json!({ "type": "location", "location": { "latitude": 55.7, "longitude": 37.6 } })).await;
    assert_eq!(world.refused(ANNAS, json!({ "type": "poll", "poll": {} })).await, (400, 131_051));
    world.rest().await;
    let messages = world.hook.messages();
    assert_eq!(messages[1]["interactive"], json!({ "type": "button_reply", "button_reply": { "id": "optout:42", "title": "Отписаться" } }));
    assert_eq!(messages[2]["interactive"]["list_reply"]["id"], "18");
    assert_eq!(messages[2]["context"], json!({ "from": "74950001122", "id": wamid }));
}
