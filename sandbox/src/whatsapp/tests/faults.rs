use super::*;
use crate::{Fault, Rule};

/// A lost answer: nothing tells the sender, a status webhook with its own word does.
#[tokio::test]
async fn a_lost_answer_is_resolved_by_a_webhook() {
    let world = World::new().await;
    world.write(NUMBER, ANNA, "x").unwrap();
    let send = |opaque: &str| {
        let mut body = World::envelope(ANNAS, say("x"));
        body["biz_opaque_callback_data"] = json!(opaque);
        world.client.post(world.at(&format!("{NUMBER}/messages"))).bearer_auth(TOKEN).json(&body).send()
    };
    let faults = world.faults();
    faults.add(Rule::new(Fault::DropBefore).service("whatsapp").method("messages").chat(ANNA).times(1));
    let error = send("att:before").await.unwrap_err();
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    let after = faults.add(Rule::new(Fault::DropAfter).service("whatsapp").method("messages").bot(NUMBER).times(1));
    assert!(send("att:after").await.is_err());
    assert_eq!(faults.victims(after), [(NUMBER, ANNA)]);
    faults.add(Rule::new(Fault::Gateway { code: 502, accepted: true }).method("messages").times(1));
    let answer = send("att:gateway").await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().starts_with("<html>")), (502, true));
    faults.add(Rule::new(Fault::Hang { accepted: true }).method("messages").times(1));
    let hung = tokio::time::timeout(Duration::from_millis(300), send("att:hung")).await;
    assert!(hung.is_err());
    world.rest().await;
    let told: std::collections::BTreeSet<String> =
        world.hook.statuses().iter().map(|status| status["biz_opaque_callback_data"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told.into_iter().collect::<Vec<_>>(), ["att:after", "att:gateway", "att:hung"]);
    assert_eq!(world.ledger().to(NUMBER, ANNA).len(), 3);
    assert_eq!(world.received(NUMBER)[&ANNA], 3);
}

#[tokio::test]
async fn errors_storms_and_delays() {
    let world = World::new().await;
    world.write(NUMBER, ANNA, "x").unwrap();
    let faults = world.faults();
    faults.add(
        Rule::new(Fault::Error { code: 400, description: "(#131056) pair rate limit hit".to_owned(), retry_after: None })
            .method("messages")
            .times(1),
    );
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 131_056));
    faults.add(Rule::new(Fault::Error { code: 500, description: "oops".to_owned(), retry_after: None }).method("messages").times(1));
    assert_eq!(world.refused(ANNAS, say("x")).await, (500, 131_000));
    let storm = faults.add(Rule::new(Fault::TooManyRequests { retry_after: 7 }).method("messages"));
    assert_eq!(world.refused(ANNAS, say("x")).await, (400, 130_429));
    faults.remove(storm);
    faults.add(Rule::new(Fault::Latency { ms: 50 }).method("messages").times(1));
    let before = std::time::Instant::now();
    world.text(ANNAS, "late").await;
    assert!(before.elapsed() >= Duration::from_millis(50));
    faults.add(Rule::new(Fault::Gateway { code: 503, accepted: false }).method("message_templates").times(1));
    let answer = world.client.post(world.at(&format!("{WABA}/message_templates"))).bearer_auth(TOKEN).json(&promo("a", "UTILITY")).send();
    assert_eq!(answer.await.unwrap().status(), 503);
    assert!(world.templates().is_empty());
    assert_eq!(world.ledger().calls()["messages"], 4);
}

#[tokio::test]
async fn the_control_surface_does_what_the_handle_does() {
    let world = World::new().await;
    let at = |path: &str| format!("{}/sandbox/whatsapp{path}", world.sandbox.url());
    let post = async |path: &str, body: Value| {
        let response = world.client.post(at(path)).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let get = async |path: &str| world.client.get(at(path)).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(post("/apps", json!({ "id": "1002", "secret": "s" })).await.0, 200);
    assert_eq!(post("/wabas", json!({ "id": "5", "portfolio": "6" })).await.0, 200);
    assert_eq!(post("/numbers", json!({ "id": 9, "waba": "5", "phone": "+74950009999", "name": "Девять" })).await.0, 200);
    assert_eq!(post("/tokens", json!({ "token": "t", "app": "1002" })).await.0, 200);
    assert_eq!(post("/people", json!({ "id": 5, "name": "Вера", "phone": "+79990000005" })).await.0, 200);
    assert_eq!(get("/numbers").await.as_array().unwrap().len(), 3);
    let chat = "/chats/9/5";
    assert_eq!(post(&format!("{chat}/text"), json!({ "text": "привет" })).await.0, 200);
    assert_eq!(post(&format!("{chat}/press"), json!({ "text": "нет" })).await.0, 404);
    assert_eq!(post(&format!("{chat}/fly"), json!({})).await.0, 400);
    let send = World::envelope("+79990000005", say("здравствуйте"));
    let sent: Value = world.client.post(world.at("9/messages")).bearer_auth("t").json(&send).send().await.unwrap().json().await.unwrap();
    let wamid = sent["messages"][0]["id"].as_str().unwrap();
    world.expect_last(9, 5, SOON, |_| true).await.unwrap();
    assert_eq!(post(&format!("{chat}/react"), json!({ "message": wamid, "text": "👍" })).await.0, 200);
    assert_eq!(post(&format!("{chat}/read"), json!({})).await.1["read"], 1);
    let view = get(chat).await;
    assert_eq!((&view["messages"][1]["shown"]["text"], &view["messages"][1]["status"]), (&json!("здравствуйте"), &json!("read")));
    assert!(view["user_id"].as_str().unwrap().starts_with("RU."));
    assert_eq!(get(&format!("/messages/{}", wamid.replace('=', "%3D"))).await["own_reaction"], "👍");
    let file = world
        .client
        .post(at(&format!("{chat}/file?name=a.png&kind=image")))
        .header("content-type", "image/png")
        .body("x")
        .send()
        .await
        .unwrap();
    assert_eq!(file.status(), 200);
    assert_eq!(post(&format!("{chat}/marketing"), json!({ "wanted": false })).await.1, json!(null));
    assert_eq!(post(&format!("{chat}/block"), json!({})).await.0, 200);
    assert_eq!(post(&format!("{chat}/text"), json!({ "text": "x" })).await.0, 409);
    assert_eq!(get("/received/9").await["5"], 1);
    assert_eq!(get("/ledger/counts?chat=5").await["5"], 1);
    assert_eq!(post("/people/5/fates", json!({ "fates": [{ "code": 131_049, "when": "at_once", "times": 1 }] })).await.0, 200);
    let refused: Value = world.client.post(world.at("9/messages")).bearer_auth("t").json(&send).send().await.unwrap().json().await.unwrap();
    assert_eq!(refused["error"]["code"], 131_049);
    assert_eq!(post("/numbers/9/trouble", json!({ "code": 131_031 })).await.0, 200);
    assert_eq!(post("/people/5/phone", json!({ "phone": "+79990000006" })).await.0, 200);
    let template = world.approved("promo", "MARKETING").await;
    assert_eq!(post(&format!("/templates/{template}/quality"), json!({ "quality": "YELLOW" })).await.0, 200);
    assert_eq!(get("/templates").await[0]["quality"], "YELLOW");
    let mut settings = get("/settings").await;
    settings["batch"] = json!(7);
    let put = world.client.put(at("/settings")).json(&settings).send().await.unwrap();
    assert_eq!((put.status().as_u16(), world.settings().batch), (200, 7));
    assert_eq!(get("/webhooks").await["given_up"], 0);
    let mut events = world.client.get(format!("{}/sandbox/events?whatsapp=9:5", world.sandbox.url())).send().await.unwrap();
    let first = String::from_utf8(events.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("\"messenger\":\"whatsapp\"") && first.contains("[[9,5,"), "{first}");
}
