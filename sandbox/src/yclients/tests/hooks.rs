//! Hooks: whose settings they are, what they tell, that nobody repeats them.

use serde_json::json;

use super::*;
use crate::{Fault, Rule, yclients::Record};

fn settings(urls: &[&str]) -> Value {
    json!({ "urls": urls, "active": 1, "client": 1, "record": 1, "self_sending": 0 })
}

async fn with_hook() -> (World, Hook) {
    let (world, hook) = (World::new().await, Hook::serve().await);
    world.data("POST", &format!("/hooks_settings/{SALON}"), settings(&[&hook.url])).await;
    (world, hook)
}

fn seen(hook: &Hook) -> Vec<String> {
    let line =
        |body: &Value| format!("{} {} {}", body["resource"].as_str().unwrap(), body["status"].as_str().unwrap(), body["resource_id"]);
    hook.bodies().iter().map(line).collect()
}

#[tokio::test]
async fn saving_replaces_the_settings_of_everybody() {
    let world = World::new().await;
    let path = format!("/hooks_settings/{SALON}");
    let theirs = json!({ "urls": ["https://other.example/hook"], "active": 1, "good": 1, "record": 1, "self_sending": 1 });
    assert_eq!(world.by(OTHER, "POST", &path, theirs).await.0, 201);
    let shown = world.data("GET", &path, Value::Null).await;
    assert_eq!((&shown["urls"], &shown["record"], &shown["client"]), (&json!(["https://other.example/hook"]), &json!(1), &json!(0)));
    assert!(shown["good"].is_null() && shown["self_sending"].is_null(), "two flags are not told");
    let saved = world.data("POST", &path, settings(&["https://app.example/h/1"])).await;
    assert_eq!((&saved["good"], &saved["self_sending"]), (&json!(0), &json!(0)));
    assert_eq!(world.yclients().hook_urls(SALON), ["https://app.example/h/1"], "the other vendor's is gone");
    let many: Vec<String> = (0..11).map(|n| format!("https://app.example/{n}")).collect();
    for wrong in [json!({ "urls": many }), json!({ "urls": ["http://app.example/plain"] }), json!({ "active": 1 })] {
        assert_eq!(world.call("POST", &path, wrong.clone()).await.0, 422, "{wrong}");
    }
    world.yclients().take_hooks(SALON, "https://third.example/hook");
    assert_eq!(world.data("GET", &path, Value::Null).await["urls"], json!(["https://third.example/hook"]));
}

#[tokio::test]
async fn changes_are_told_in_full() {
    let (world, hook) = with_hook().await;
    let anna = world.anna();
    let date = chrono::NaiveDate::from_ymd_opt(2026, 7, 20).unwrap().and_hms_opt(12, 0, 0).unwrap();
    let record = world.yclients().add_record(SALON, Record::at(anna, date));
    world.drained().await;
    assert_eq!(seen(&hook).len(), 2);
    let told = hook.bodies();
    let of = |resource: &str| told.iter().find(|body| body["resource"] == resource).unwrap();
    assert_eq!((&of("client")["company_id"], &of("client")["data"]["surname"]), (&json!(SALON), &json!("Петрова")));
    assert_eq!((&of("record")["resource_id"], &of("record")["data"]["client"]["client_tags"]), (&json!(record), &json!([])));
    world.yclients().edit_record(SALON, record, |record| record.confirmed = false);
    world.yclients().delete_record(SALON, record);
    world.yclients().delete_client(SALON, anna);
    world.drained().await;
    let mut kinds = seen(&hook).split_off(2);
    kinds.sort();
    assert_eq!(kinds, [format!("client delete {anna}"), format!("record delete {record}"), format!("record update {record}")]);
    assert_eq!(world.yclients().told(SALON).len(), 5);
}

#[tokio::test]
async fn own_changes_are_not_told_to_their_author() {
    let (world, hook) = with_hook().await;
    let anna = world.anna();
    world.drained().await;
    let path = format!("/client/{SALON}/{anna}");
    world.data("PUT", &path, client_put()).await;
    assert_eq!(world.by(OTHER, "PUT", &path, client_put()).await.0, 200);
    world.drained().await;
    assert_eq!(
        seen(&hook),
        [format!("client create {anna}"), format!("client update {anna}")],
        "another program's is told, our own is not"
    );
    let itself = json!({ "urls": [hook.url], "active": 1, "client": 1, "self_sending": 1 });
    world.data("POST", &format!("/hooks_settings/{SALON}"), itself).await;
    world.data("PUT", &path, client_put()).await;
    world.drained().await;
    assert_eq!(seen(&hook).len(), 3);
}

#[tokio::test]
async fn a_failed_hook_is_not_repeated_unless_the_settings_say_so() {
    let (world, hook) = with_hook().await;
    *hook.says.lock().unwrap() = 500;
    world.anna();
    world.drained().await;
    assert_eq!((seen(&hook).len(), world.yclients().given_up(SALON)), (1, 1));
    world.yclients().set(|settings| settings.hook_attempts = 2);
    let boris = world.yclients().add_client(SALON, Client::person("Борис", "", "79120000001"));
    world.yclients().until(SOON, |_| (seen(&hook).len() == 2).then_some(())).await.unwrap();
    *hook.says.lock().unwrap() = 204;
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.drained().await;
    assert_eq!(seen(&hook)[1..], [format!("client create {boris}"), format!("client create {boris}")]);
    assert_eq!(world.yclients().given_up(SALON), 1);
}

#[tokio::test]
async fn hooks_are_late_doubled_withheld_and_lost() {
    let (world, hook) = with_hook().await;
    world.yclients().set(|settings| settings.hook_delay_ms = 5_000);
    let faults = world.yclients().faults();
    faults.add(Rule::new(Fault::DoubleUpdate).service("yclients").times(1));
    let anna = world.anna();
    assert_eq!((hook.bodies().len(), world.yclients().pending(SALON)), (0, 2));
    world.sandbox.clock().advance(Duration::from_secs(5));
    world.drained().await;
    assert_eq!(seen(&hook).len(), 2);
    faults.add(Rule::new(Fault::WithholdUpdate).bot(SALON).times(1));
    world.yclients().edit_client(SALON, anna, |client| client.spent = 1);
    assert_eq!(world.yclients().pending(SALON), 0);
    faults.add(Rule::new(Fault::DropBefore).method("hook").times(1));
    world.yclients().set(|settings| settings.hook_delay_ms = 0);
    world.yclients().edit_client(SALON, anna, |client| client.spent = 2);
    world.drained().await;
    assert_eq!((seen(&hook).len(), world.yclients().given_up(SALON)), (2, 1));
    assert_eq!(world.yclients().redeliver(SALON, 2), 2);
    world.drained().await;
    let spent: Vec<i64> = hook.bodies()[2..].iter().map(|body| body["data"]["spent"].as_i64().unwrap()).collect();
    assert!(spent == [1, 2] || spent == [2, 1], "{spent:?}");
}
