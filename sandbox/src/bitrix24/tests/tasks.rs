//! Tasks by REST 2 and by REST 3.0.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_task_of_rest_2_has_fields_in_capitals() {
    let world = World::new().await;
    let anna = world.anna();
    let fields = json!({ "TITLE": "Перезвонить", "RESPONSIBLE_ID": 1, "UF_CRM_TASK": [format!("C_{anna}")] });
    let made = world.ok("tasks.task.add", json!({ "fields": fields })).await;
    assert!(made["task"]["id"].is_string());
    assert_eq!(world.refused("tasks.task.add", json!({ "fields": { "title": "x" } })).await, refusal(400, "100"));
    assert_eq!(world.bitrix().tasks(world.portal), [("Перезвонить".to_owned(), 1, vec![format!("C_{anna}")])]);
}

#[tokio::test]
async fn rest_3_repeats_nothing_under_one_key() {
    let world = World::new().await;
    let address = format!("{}tasks.task.add", world.webhook.replace("/rest/", "/rest/api/"));
    let task = |title: &str| json!({ "fields": { "title": title, "responsibleId": 1, "creatorId": 1 } });
    let add = async |key: &str, body: Value| {
        let answer = world.http.post(&address).header("Idempotency-Key", key).json(&body).send().await.unwrap();
        let replayed = answer.headers().get("idempotent-replayed").is_some_and(|value| value == "true");
        (answer.status().as_u16(), replayed, serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()).unwrap())
    };
    let (status, _, refusal) = add("k0", json!({ "fields": { "title": "" } })).await;
    assert_eq!((status, refusal["error"]["validation"].as_array().unwrap().len()), (400, 3));
    assert!(refusal["error"]["code"].as_str().unwrap().starts_with("BITRIX_REST_V3_EXCEPTION_"));
    let (status, replayed, first) = add("k0", task("Перезвонить")).await;
    assert_eq!((status, replayed), (200, false), "only what succeeded is kept under a key");
    let (status, replayed, second) = add("k0", task("Перезвонить")).await;
    assert_eq!((status, replayed, &second["result"]), (200, true, &first["result"]));
    assert_eq!(add("k0", task("Другое")).await.0, 422);
    assert_eq!(add(&"k".repeat(256), task("x")).await.0, 400);
    world.sandbox.clock().advance(Duration::from_secs(86_400));
    assert!(!add("k0", task("Перезвонить")).await.1, "kept for a day");
    assert_eq!(world.bitrix().tasks(world.portal).len(), 2);
    let other = world.webhook.replace("/rest/", "/rest/api/");
    assert_eq!(world.at(&format!("{other}rest.documentation.openapi"), json!({})).await.1["result"]["openapi"], "3.0.0");
    let (status, answer) = world.at(&format!("{other}crm.item.list"), json!({ "entityTypeId": 3 })).await;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (404, Some("BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION")),
        "CRM is not there"
    );
    let (token, _) = world.bitrix().grant(world.portal, CLIENT);
    assert_eq!(world.by_app(&token, "api/tasks.task.add", task("От приложения")).await.0, 200);
}
