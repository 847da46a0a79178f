use super::*;

#[tokio::test]
async fn the_control_surface_does_what_the_handle_does() {
    let world = World::new().await;
    let at = |path: &str| format!("{}/sandbox/max{path}", world.sandbox.url());
    let post = async |path: &str, body: Value| {
        let response = world.client.post(at(path)).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let get = async |path: &str| world.client.get(at(path)).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(post("/bots", json!({ "id": 9, "token": "nine", "username": "nine_bot", "name": "Девять" })).await.1["id"], 9);
    post("/users", json!({ "id": 5, "first_name": "Вера", "phone": "+79990000005" })).await;
    let chat = "/chats/9/5";
    assert_eq!(post(&format!("{chat}/text"), json!({ "text": "рано" })).await.0, 409);
    assert_eq!(post(&format!("{chat}/start"), json!({ "payload": "abc" })).await.0, 200);
    assert_eq!(post(&format!("{chat}/text"), json!({ "text": "стоп" })).await.0, 200);
    assert_eq!(post(&format!("{chat}/contact"), json!({})).await.0, 200);
    assert_eq!(post(&format!("{chat}/press"), json!({ "text": "нет" })).await.0, 404);
    let file = world.client.post(at(&format!("{chat}/file?name=a.csv"))).body("a;b").send().await.unwrap();
    assert_eq!(file.status(), 200);
    let view = get(chat).await;
    let texts: Vec<_> = view["messages"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["стоп", "", ""]);
    let id = view["messages"][2]["document"]["id"].as_str().unwrap();
    let file = world.client.get(at(&format!("/files/{id}"))).send().await.unwrap();
    assert!(file.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(post(&format!("{chat}/block"), json!({})).await.1, true);
    assert_eq!(post(&format!("{chat}/text"), json!({ "text": "x" })).await.0, 409);
    world.say("once").await;
    assert_eq!(get("/ledger?text=once").await.as_array().unwrap().len(), 1);
    assert_eq!(get("/ledger/counts").await[ANNA.to_string()], 1);
    assert_eq!(get("/bots").await[0]["username"], "nine_bot");
    let mut events = world.client.get(format!("{}/sandbox/events?max=9:5", world.sandbox.url())).send().await.unwrap();
    let first = String::from_utf8(events.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("event: chats") && first.contains("[[9,5,") && first.contains("\"max\""), "{first}");
    let clock = format!("{}/sandbox/clock", world.sandbox.url());
    let before = world.sandbox.clock().now();
    world.client.post(clock).json(&json!({ "advance_ms": 3_600_000 })).send().await.unwrap();
    assert!(world.sandbox.clock().now() - before >= chrono::TimeDelta::hours(1));
}
