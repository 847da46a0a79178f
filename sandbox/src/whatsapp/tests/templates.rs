use super::*;
use crate::whatsapp::{AfterReview, Category, CreationCodes, Status, TemplateStatus};

async fn create(world: &World, body: Value) -> (u16, Value) {
    world.post(&format!("{WABA}/message_templates"), body).await
}

#[tokio::test]
async fn a_template_is_reviewed_before_it_can_be_sent() {
    let world = World::new().await;
    assert_eq!(world.refused(ANNAS, template("promo")).await, (404, 132_001), "there is none");
    let (_, answer) = create(&world, promo("promo", "MARKETING")).await;
    assert_eq!((&answer["status"], &answer["category"]), (&json!("PENDING"), &json!("MARKETING")));
    let id: u64 = answer["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(world.refused(ANNAS, template("promo")).await, (404, 132_001), "nobody has looked at it");
    world.reject(id, "PROMOTIONAL").unwrap();
    assert_eq!(world.refused(ANNAS, template("promo")).await, (404, 132_001));
    let (_, shown) = world.get(&format!("{id}?fields=status,rejected_reason")).await;
    assert_eq!(shown, json!({ "id": id.to_string(), "status": "REJECTED", "rejected_reason": "PROMOTIONAL" }));
    let (_, edited) = world.post(&id.to_string(), json!({ "components": promo("promo", "MARKETING")["components"] })).await;
    assert_eq!((&edited["success"], &edited["category"]), (&json!(true), &json!("MARKETING")));
    world.approve(id).unwrap();
    let (_, answer) = world.send_raw(ANNAS, template("promo")).await;
    assert_eq!(answer["messages"][0]["message_status"], "accepted");
    let shown = world.expect_last(NUMBER, ANNA, SOON, |_| true).await.unwrap().shown;
    assert_eq!(shown.text, "Здравствуйте, Анна! Скидка до конца недели.");
    assert_eq!(shown.footer.as_deref(), Some("Ответьте СТОП, чтобы отписаться"));
    assert_eq!(shown.buttons[1].opens.as_deref(), Some("https://ex.ru/b/abc"));
    let pressed = world.press_text(NUMBER, ANNA, "Отписаться").unwrap().unwrap();
    assert_eq!(world.press_text(NUMBER, ANNA, "Записаться").unwrap(), None, "a link tells nothing");
    world.rest().await;
    let message = &world.hook.messages()[0];
    assert_eq!(
        (&message["id"], &message["type"], &message["button"]),
        (&json!(pressed), &json!("button"), &json!({ "payload": "optout:42", "text": "Отписаться" }))
    );
    let events: Vec<Value> = world.hook.of("message_template_status_update");
    let events: Vec<(&Value, &Value)> = events.iter().map(|value| (&value["event"], &value["reason"])).collect();
    assert_eq!(events, [(&json!("REJECTED"), &json!("PROMOTIONAL")), (&json!("APPROVED"), &json!("NONE"))]);
}

#[tokio::test]
async fn values_must_agree_with_the_template() {
    let world = World::new().await;
    world.approved("promo", "MARKETING").await;
    let with = |components: Value| json!({ "type": "template", "template": { "name": "promo", "language": { "code": "ru" }, "components": components } });
    let url = json!({ "type": "button", "sub_type": "url", "index": 1, "parameters": [{ "type": "text", "text": "abc" }] });
    let name = |name: &str, text: &str| json!({ "type": "text", "parameter_name": name, "text": text });
    let body = |parameters: Value| json!({ "type": "body", "parameters": parameters });
    for (components, code) in [
        (json!([url]), 132_000),
        (json!([body(json!([name("first_name", "a"), name("other", "b")])), url]), 132_000),
        (json!([body(json!([name("other", "a")])), url]), 132_012),
        (json!([body(json!([{ "type": "text", "text": "a" }])), url]), 132_012),
        (json!([body(json!([name("first_name", "")])), url]), 131_008),
        (json!([body(json!([name("first_name", "a\nb")])), url]), 132_012),
        (json!([body(json!([name("first_name", &"ж".repeat(1000))])), url]), 132_005),
        (json!([body(json!([name("first_name", "a")]))]), 131_008),
        (
            json!([body(json!([name("first_name", "a")])), url, { "type": "header", "parameters": [{ "type": "text", "text": "x" }] }]),
            132_000,
        ),
        (
            json!([body(json!([name("first_name", "a")])), url, { "type": "button", "sub_type": "url", "index": "0", "parameters": [] }]),
            132_012,
        ),
        (json!([body(json!([name("first_name", "a")])), url, { "type": "button", "sub_type": "quick_reply", "index": "5" }]), 132_000),
    ] {
        assert_eq!(world.refused(ANNAS, with(components.clone())).await, (400, code), "{components}");
    }
    let details = world.send_raw(ANNAS, with(json!([url]))).await.1["error"]["error_data"]["details"].clone();
    assert_eq!(details, "body: number of localizable_params (0) does not match the expected number of params (1)");
    world.set(|settings| settings.strict_parameters = false);
    world.send(ANNAS, with(json!([body(json!([name("first_name", "a\nb")])), url]))).await;
    let other = json!({ "type": "template", "template": { "name": "promo", "language": { "code": "en_US" } } });
    assert_eq!(world.refused(ANNAS, other).await, (404, 132_001), "each language by itself");
}

#[tokio::test]
async fn positional_values_go_by_their_order() {
    let world = World::new().await;
    let body = json!({ "name": "order", "language": "en_US", "category": "UTILITY", "components": [
        { "type": "header", "format": "text", "text": "Order {{1}}", "example": { "header_text": ["77"] } },
        { "type": "body", "text": "Hello {{1}}, your order {{2}} is on its way to you today.", "example": { "body_text": [["Ann", "77"]] } },
    ] });
    let (status, answer) = create(&world, body).await;
    assert_eq!(status, 200, "{answer}");
    world.approve(answer["id"].as_str().unwrap().parse().unwrap()).unwrap();
    let text = |text: &str| json!({ "type": "text", "text": text });
    let send = json!({ "type": "template", "template": { "name": "order", "language": { "code": "en_US" }, "components": [
        { "type": "header", "parameters": [text("5")] }, { "type": "body", "parameters": [text("Anna"), text("№ 5")] } ] } });
    world.send(ANNAS, send).await;
    let shown = world.expect_last(NUMBER, ANNA, SOON, |_| true).await.unwrap().shown;
    assert_eq!((shown.header.as_deref(), shown.text.as_str()), (Some("Order 5"), "Hello Anna, your order № 5 is on its way to you today."));
}

/// Three hours, six hours, for good; what was held fails with the pause.
#[tokio::test]
async fn pauses_grow_and_end_by_the_clock() {
    let world = World::new().await;
    let id = world.approved("promo", "MARKETING").await;
    let status = || world.template("promo", "ru").unwrap().status;
    world.pause(id).unwrap();
    assert_eq!(world.refused(ANNAS, template("promo")).await, (400, 132_015));
    world.sandbox.clock().advance(Duration::from_secs(3 * 3600));
    world.until(SOON, |_| (status() == TemplateStatus::Approved).then_some(())).await.expect("three hours are over");
    world.send(ANNAS, template("promo")).await;
    world.pause(id).unwrap();
    world.sandbox.clock().advance(Duration::from_secs(3 * 3600));
    world.rest().await;
    assert_eq!(status(), TemplateStatus::Paused, "the second one is longer");
    let (_, unpaused) = world.post(&format!("{id}/unpause"), json!({})).await;
    assert_eq!(unpaused, json!({ "success": true }));
    assert_eq!(world.post(&format!("{id}/unpause"), json!({})).await.1["success"], false);
    world.pause(id).unwrap();
    assert_eq!(world.refused(ANNAS, template("promo")).await, (400, 132_016));
    world.rest().await;
    let titles: Vec<Value> =
        world.hook.of("message_template_status_update").iter().map(|value| value["other_info"]["title"].clone()).collect();
    assert_eq!(titles, [json!(null), json!("FIRST_PAUSE"), json!("UNPAUSE"), json!("SECOND_PAUSE"), json!("UNPAUSE"), json!("DISABLED")]);
    // The other way a pause shows: accepted first.
    let other = world.approved("other", "MARKETING").await;
    world.pause(other).unwrap();
    world.set(|settings| {
        settings.late.insert(132_015);
    });
    let (_, answer) = world.send_raw(ANNAS, template("other")).await;
    assert_eq!(answer["messages"][0]["message_status"], "paused");
    world.rest().await;
    assert_eq!(world.hook.told(answer["messages"][0]["id"].as_str().unwrap()), ["failed"]);
}

#[tokio::test]
async fn pacing_holds_and_lets_go_or_fails() {
    let world = World::new().await;
    let id = world.approved("promo", "MARKETING").await;
    world.pace(id, 1).unwrap();
    world.send(ANNAS, template("promo")).await;
    let (_, answer) = world.send_raw(ANNAS, template("promo")).await;
    assert_eq!(answer["messages"][0]["message_status"], "held_for_quality_assessment");
    let held = answer["messages"][0]["id"].as_str().unwrap().to_owned();
    world.rest().await;
    assert_eq!((world.hook.told(&held).len(), world.message(&held).unwrap().status), (0, Status::Held));
    world.release(id).unwrap();
    world.rest().await;
    assert_eq!(world.hook.told(&held), ["sent", "delivered"]);
    world.pace(id, 0).unwrap();
    let held = world.send(BORISES, template("promo")).await;
    world.pause(id).unwrap();
    world.rest().await;
    assert_eq!((world.hook.told(&held), world.message(&held).unwrap().failed), (vec!["failed".to_owned()], Some(132_015)));
}

#[tokio::test]
async fn category_and_quality_are_told() {
    let world = World::new().await;
    let id = world.approved("promo", "UTILITY").await;
    world.recategorise(id, Category::Marketing).unwrap();
    world.set_quality(id, "RED").unwrap();
    world.rest().await;
    let category = &world.hook.of("template_category_update")[0];
    assert_eq!((&category["previous_category"], &category["new_category"]), (&json!("UTILITY"), &json!("MARKETING")));
    let quality = &world.hook.of("message_template_quality_update")[0];
    assert_eq!((&quality["previous_quality_score"], &quality["new_quality_score"]), (&json!("UNKNOWN"), &json!("RED")));
    let (_, shown) = world.get(&format!("{id}?fields=category,previous_category,quality_score")).await;
    assert_eq!(
        (&shown["category"], &shown["previous_category"], &shown["quality_score"]["score"]),
        (&json!("MARKETING"), &json!("UTILITY"), &json!("RED"))
    );
    world.set_marketing(NUMBER, ANNA, false).unwrap();
    let wamid = world.send(ANNAS, template("promo")).await;
    world.rest().await;
    assert_eq!(world.message(&wamid).unwrap().failed, Some(131_050), "it is advertising now");
}

#[tokio::test]
async fn lists_pages_and_deletions() {
    let world = World::new().await;
    for name in ["a", "b", "c"] {
        world.approved(name, "MARKETING").await;
    }
    let (_, first) = world.get(&format!("{WABA}/message_templates?limit=2&fields=name,status")).await;
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    assert!(first["paging"]["next"].is_string());
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    let (_, rest) = world.get(&format!("{WABA}/message_templates?limit=2&after={after}&fields=name")).await;
    assert_eq!((&rest["data"][0]["name"], rest["paging"].get("next")), (&json!("c"), None));
    let (_, named) = world.get(&format!("{WABA}/message_templates?name=b")).await;
    assert_eq!((&named["data"][0]["parameter_format"], named["data"].as_array().unwrap().len()), (&json!("NAMED"), 1));
    let (status, gone) = world.call(reqwest::Method::DELETE, &format!("{WABA}/message_templates?name=b"), None).await;
    assert_eq!((status, gone), (200, json!({ "success": true })));
    assert_eq!(world.refused(ANNAS, template("b")).await, (404, 132_001));
    assert_eq!(world.call(reqwest::Method::DELETE, &format!("{WABA}/message_templates?name=b"), None).await.0, 400);
}

#[tokio::test]
async fn creations_are_refused_in_either_shape() {
    let world = World::new().await;
    let mut bad = promo("promo", "MARKETING");
    bad["components"][0]["text"] = json!("{{first_name}}, скидка до конца этой недели");
    let (status, answer) = create(&world, bad.clone()).await;
    let error = &answer["error"];
    assert_eq!((status, &error["code"], &error["error_subcode"]), (400, &json!(100), &json!(2_388_299)));
    assert!(error["error_user_title"].is_string() && error["error_user_msg"].is_string());
    world.set(|settings| settings.creation_codes = CreationCodes::Code);
    assert_eq!(create(&world, bad).await.1["error"]["code"], 2_388_299);
    for (field, value) in
        [("name", json!("Promo")), ("category", json!("ADS")), ("language", json!("русский")), ("parameter_format", json!("x"))]
    {
        let mut bad = promo("promo", "MARKETING");
        bad[field] = value;
        assert_eq!(create(&world, bad).await.1["error"]["code"], 100, "{field}");
    }
    let mut ttl = promo("ttl", "UTILITY");
    ttl["message_send_ttl_seconds"] = json!(86_400);
    assert_eq!(create(&world, ttl).await.1["error"]["code"], 100);
    create(&world, promo("promo", "MARKETING")).await;
    assert_eq!(create(&world, promo("promo", "UTILITY")).await.0, 400, "there is one of this name and language");
    world.set(|settings| settings.review = AfterReview::Approved { after_ms: 0 });
    assert_eq!(create(&world, promo("at_once", "MARKETING")).await.1["status"], "APPROVED");
    world.set(|settings| settings.review = AfterReview::Rejected { after_ms: 3_600_000, reason: "SCAM".to_owned() });
    assert_eq!(create(&world, promo("later", "MARKETING")).await.1["status"], "PENDING");
    world.sandbox.clock().advance(Duration::from_secs(3600));
    let rejected = |whatsapp: &WhatsApp| (whatsapp.template("later", "ru")?.status == TemplateStatus::Rejected).then_some(());
    world.until(SOON, rejected).await.expect("the review ends");
}

#[tokio::test]
async fn the_marketing_messages_api_takes_advertising_alone() {
    let world = World::new().await;
    world.approved("bill", "UTILITY").await;
    world.approved("promo", "MARKETING").await;
    let send = async |name: &str| world.post(&format!("{NUMBER}/marketing_messages"), World::envelope(ANNAS, template(name))).await;
    assert_eq!(send("bill").await.1["error"]["code"], 134_100);
    assert_eq!(send("promo").await.1["error"]["code"], 134_101, "too new");
    world.sandbox.clock().advance(Duration::from_secs(601));
    let (status, answer) = send("promo").await;
    assert_eq!(status, 200, "{answer}");
    world.rest().await;
    assert_eq!(world.hook.statuses()[0]["pricing"]["category"], "marketing_lite");
    assert_eq!(world.ledger().to(NUMBER, ANNA)[0].method, "marketing_messages");
    world.set_marketing_api(NUMBER, false).unwrap();
    assert_eq!(send("promo").await.1["error"]["code"], 131_055);
}
