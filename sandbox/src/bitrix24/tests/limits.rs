//! The bucket, operating time, faults.

use serde_json::json;

use super::*;
use crate::{Fault, Rule, bitrix24::Bucket};

#[tokio::test]
async fn the_bucket_leaks_by_the_clock() {
    let bucket = |capacity| Some(Bucket { capacity, drain: 0.01 });
    let world = World::with(Settings { bucket: bucket(3.0), enterprise_bucket: bucket(5.0), ..Settings::quick() }).await;
    for _ in 0..3 {
        assert_eq!(world.call("profile", json!({})).await.0, 200);
    }
    let (status, answer) = world.call("profile", json!({})).await;
    assert_eq!((status, answer), (503, json!({ "error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests" })));
    world.sandbox.clock().advance(Duration::from_secs(100));
    assert_eq!(world.call("profile", json!({})).await.0, 200, "one has leaked out");
    assert_eq!(world.refused("profile", json!({})).await, refusal(503, "QUERY_LIMIT_EXCEEDED"));
    world.bitrix().set_plan(world.portal, true, true);
    assert_eq!(world.call("profile", json!({})).await.0, 200, "the Enterprise plan has a larger one");
    let commands: Value = (0..50).map(|n| (format!("c{n}"), json!("server.time"))).collect::<serde_json::Map<_, _>>().into();
    assert_eq!(world.call("batch", json!({ "cmd": commands })).await.0, 200, "a batch is one call");
    assert_eq!(world.bitrix().ledger().refused(503), 2);
}

#[tokio::test]
async fn operating_time_blocks_one_method_until_it_is_forgotten() {
    let world = World::with(Settings { operating_limit: Some(1.0), ..Settings::quick() }).await;
    world.bitrix().set(|settings| settings.slow_ms = [("crm.item.list".to_owned(), 600)].into());
    let list = json!({ "entityTypeId": 3 });
    let (_, first) = world.call("crm.item.list", list.clone()).await;
    let (_, second) = world.call("crm.item.list", list.clone()).await;
    assert_eq!((&first["time"]["operating"], &second["time"]["operating"]), (&json!(0.6), &json!(1.2)));
    let reset = second["time"]["operating_reset_at"].as_i64().unwrap();
    assert!(reset > world.bitrix().now().timestamp());
    assert_eq!(world.refused("crm.item.list", list.clone()).await, refusal(429, "OPERATION_TIME_LIMIT"));
    let batch = world.ok("batch", json!({ "cmd": { "a": "crm.item.list?entityTypeId=3", "b": "server.time" } })).await;
    assert_eq!(batch["result_error"]["a"]["error"], "OPERATION_TIME_LIMIT");
    assert!(batch["result"]["b"].is_string(), "other methods go on");
    let (access, _) = world.bitrix().grant(world.portal, CLIENT);
    assert_eq!(world.by_app(&access, "crm.item.list", list.clone()).await.0, 200, "another application has time of its own");
    world.sandbox.clock().advance(Duration::from_secs(660));
    assert_eq!(world.call("crm.item.list", list).await.0, 200);
}

#[tokio::test]
async fn faults_strike_before_and_after_the_write() {
    let world = World::new().await;
    let anna = world.anna();
    let faults = world.bitrix().faults();
    let note = json!({ "fields": { "ENTITY_ID": anna, "ENTITY_TYPE": "contact", "COMMENT": "раз" } });
    faults.add(Rule::new(Fault::DropAfter).service("bitrix24").method("crm.timeline.comment.add").chat(anna).times(1));
    assert!(world.http.post(format!("{}crm.timeline.comment.add", world.webhook)).json(&note).send().await.is_err());
    assert_eq!(world.bitrix().notes_of(world.portal, Kind::Contact, anna).len(), 1);
    faults.add(Rule::new(Fault::DropBefore).bot(world.portal).times(1));
    assert!(world.http.post(format!("{}crm.timeline.comment.add", world.webhook)).json(&note).send().await.is_err());
    faults.add(Rule::new(Fault::Gateway { code: 502, accepted: false }).times(1));
    assert_eq!(world.call("crm.timeline.comment.add", note.clone()).await, (502, Value::Null));
    faults.add(Rule::new(Fault::TooManyRequests { retry_after: 1 }).times(1));
    assert_eq!(world.refused("profile", json!({})).await, refusal(503, "QUERY_LIMIT_EXCEEDED"));
    let blocked = "OVERLOAD_LIMIT: REST API is blocked due to overload.".to_owned();
    faults.add(Rule::new(Fault::Error { code: 503, description: blocked, retry_after: None }).times(1));
    assert_eq!(world.refused("profile", json!({})).await, refusal(503, "OVERLOAD_LIMIT"));
    assert_eq!(world.bitrix().writes().len(), 1);
    assert_eq!(world.bitrix().ledger().calls()["crm.timeline.comment.add"], 3);
}
