use super::*;
use crate::{Fault, Rule};

#[tokio::test]
async fn a_dropped_connection_before_and_after_accepting() {
    let world = World::new().await;
    world.say(ANNA, "warm").await;
    let send = |text: &str| world.client.post(world.url("sendMessage")).json(&json!({ "chat_id": ANNA, "text": text })).send();
    world.sandbox.faults().add(Rule::new(Fault::DropBefore).method("sendMessage").times(1));
    let error = send("before").await.unwrap_err();
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    world.sandbox.faults().add(Rule::new(Fault::DropAfter).method("sendMessage").times(1));
    let error = send("after").await.unwrap_err();
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    let texts: Vec<_> = world.sandbox.ledger().entries().into_iter().map(|entry| entry.text).collect();
    assert_eq!(texts, ["warm", "after"]);
    world.say(ANNA, "again").await;
}

#[tokio::test]
async fn errors_storms_and_gateways() {
    let world = World::new().await;
    let faults = world.sandbox.faults();
    let description = "Forbidden: bot was kicked from the group chat".to_owned();
    faults.add(Rule::new(Fault::Error { code: 403, description: description.clone(), retry_after: None }).chat(ANNA).times(1));
    assert_eq!(world.refused("sendMessage", json!({ "chat_id": ANNA, "text": "x" })).await, description);
    let storm = faults.add(Rule::new(Fault::TooManyRequests { retry_after: 7 }).method("send*"));
    for _ in 0..3 {
        let (status, answer) = world.raw("sendMessage", json!({ "chat_id": ANNA, "text": "x" })).await;
        assert_eq!((status, &answer["parameters"]["retry_after"]), (429, &json!(7)));
    }
    let response = world.client.post(world.url("sendMessage")).json(&json!({ "chat_id": ANNA, "text": "x" })).send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "7", "the seconds stand in a header, too");
    assert_eq!(faults.struck(storm), Some(4));
    faults.clear();
    faults.add(Rule::new(Fault::Gateway { code: 502, accepted: true }).times(1));
    let response = world.client.post(world.url("sendMessage")).json(&json!({ "chat_id": ANNA, "text": "unknown" })).send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert!(response.text().await.unwrap().starts_with("<html>"));
    assert_eq!(world.sandbox.ledger().len(), 1, "the gateway lost the answer, not the message");
}

#[tokio::test]
async fn a_hung_provider_and_latency() {
    let world = World::new().await;
    world.sandbox.faults().add(Rule::new(Fault::Hang { accepted: true }).times(1));
    let call = world.client.post(world.url("sendMessage")).json(&json!({ "chat_id": ANNA, "text": "x" })).send();
    let mut hung = tokio::spawn(call);
    // It is taken, however long that lasts, and no answer comes.
    world.sandbox.until(SOON, |telegram| (telegram.ledger().len() == 1).then_some(())).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut hung).await.is_err());
    hung.abort();
    world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 50 }).times(1));
    let before = std::time::Instant::now();
    world.say(ANNA, "late").await;
    assert!(before.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_restart_cuts_long_polls_and_forgets_nothing() {
    let world = World::new().await;
    world.say(ANNA, "kept").await;
    let poll = {
        let (client, url) = (world.client.clone(), world.url("getUpdates"));
        tokio::spawn(async move { client.post(url).json(&json!({ "timeout": 30 })).send().await })
    };
    world.sandbox.until(SOON, |telegram| (telegram.quiet().bots[&BOT].poll == 1).then_some(())).await.unwrap();
    world.sandbox.restart(Duration::ZERO);
    assert!(tokio::time::timeout(SOON, poll).await.unwrap().unwrap().is_err());
    world.say(ANNA, "after").await;
    assert_eq!(world.sandbox.history(BOT, ANNA).len(), 2);
    world.sandbox.restart(Duration::from_secs(60));
    assert!(world.client.get(world.url("getMe")).send().await.is_err());
}

#[tokio::test]
async fn the_control_surface_does_what_the_handle_does() {
    let world = World::new().await;
    let at = |path: &str| format!("{}/sandbox{path}", world.sandbox.url());
    let post = async |path: &str, body: Value| {
        let response = world.client.post(at(path)).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let get = async |path: &str| world.client.get(at(path)).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(
        post("/bots", json!({ "token": "7000000009:AAE-nine", "username": "nine_bot", "name": "Девять" })).await.1["id"],
        7_000_000_009_i64
    );
    post("/users", json!({ "id": 5, "first_name": "Вера", "phone": "+79990000005" })).await;
    let chat = "/chats/7000000009/5";
    assert_eq!(post(&format!("{chat}/start"), json!({ "payload": "abc" })).await.0, 200);
    assert_eq!(post(&format!("{chat}/text"), json!({ "text": "стоп" })).await.0, 200);
    assert_eq!(post(&format!("{chat}/contact"), json!({})).await.0, 200);
    assert_eq!(post(&format!("{chat}/press"), json!({ "text": "нет" })).await.0, 404);
    let file = world.client.post(at(&format!("{chat}/file?name=a.csv"))).body("a;b").send().await.unwrap();
    assert_eq!(file.status(), 200);
    let view = get(chat).await;
    let texts: Vec<_> = view["messages"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["/start abc", "стоп", "", ""]);
    let id = view["messages"][3]["document"]["id"].as_str().unwrap();
    let file = world.client.get(at(&format!("/files/{id}"))).send().await.unwrap();
    assert!(file.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(file.text().await.unwrap(), "a;b");
    assert_eq!(post(&format!("{chat}/block"), json!({})).await.1, true);
    assert_eq!(post(&format!("{chat}/text"), json!({ "text": "x" })).await.0, 409);
    assert_eq!(post("/faults", json!({ "fault": { "kind": "drop_after" }, "method": "sendMessage", "times": 1 })).await.1["id"], 1);
    assert!(world.client.post(world.url("sendMessage")).json(&json!({ "chat_id": ANNA, "text": "once" })).send().await.is_err());
    assert_eq!(get("/ledger?text=once").await.as_array().unwrap().len(), 1);
    assert_eq!(get("/ledger/counts").await[ANNA.to_string()], 1);
    assert_eq!(get("/faults").await[0]["struck"], 1);
    let mut events = world.client.get(at("/events?chats=7000000009:5")).send().await.unwrap();
    let first = String::from_utf8(events.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("event: chats") && first.contains("[[7000000009,5,"), "{first}");
    let page = world.client.get(world.sandbox.url()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<!doctype html>"));
}
