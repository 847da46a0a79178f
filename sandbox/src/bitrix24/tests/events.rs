//! Events: bound by applications and administrators, told once, and the offline queue.

use serde_json::json;

use super::*;
use crate::{Fault, Rule};

#[tokio::test]
async fn an_application_is_installed_hears_events_and_is_removed() {
    let world = World::new().await;
    let (bitrix, portal, hook) = (world.bitrix(), world.portal, Hook::serve().await);
    assert_eq!(bitrix.install(portal, CLIENT, &hook.url).await, 200);
    let installed = hook.forms().remove(0);
    let own = bitrix.application_token(portal, CLIENT).unwrap();
    assert_eq!((installed["event"].as_str(), &installed["auth[application_token]"]), ("ONAPPINSTALL", &own));
    assert_eq!((&installed["auth[client_endpoint]"], installed["auth[domain]"].as_str()), (&bitrix.endpoint(portal), DOMAIN));
    assert!(!installed["auth[refresh_token]"].is_empty());
    let token = &installed["auth[access_token]"];
    let bind = |event: &str, url: &str| json!({ "event": event, "handler": url, "event_type": "online" });
    for event in ["ONCRMCONTACTUPDATE", "OnCrmContactDelete", "ONCRMDEALMOVETOCATEGORY"] {
        assert_eq!(world.by_app(token, "event.bind", bind(event, &hook.url)).await.1["result"], true);
    }
    for wrong in
        [bind("ONCRMCONTACTUPDATE", &hook.url), bind("ONCRMCONTACTRENAME", &hook.url), bind("ONCRMLEADADD", "http://app.example/x")]
    {
        assert_eq!(world.by_app(token, "event.bind", wrong.clone()).await.0, 400, "{wrong}");
    }
    let (_, bound) = world.by_app(token, "event.get", json!({})).await;
    assert_eq!(bound["result"].as_array().unwrap().len(), 3);
    let anna = world.anna();
    bitrix.edit(portal, Kind::Contact, anna, |item| item.set("post", json!("бариста")));
    world.drained().await;
    let told = hook.forms().remove(1);
    assert_eq!((told["event"].as_str(), &told["data[FIELDS][ID]"]), ("ONCRMCONTACTUPDATE", &anna.to_string()));
    assert_eq!((&told["auth[application_token]"], &told["auth[member_id]"]), (&own, &bitrix.member_id(portal)));
    assert_eq!(world.by_app(&told["auth[access_token]"], "profile", json!({})).await.0, 200, "its token is good");
    assert!(!told.contains_key("data[FIELDS][NAME]"), "only the id arrives");
    bitrix.edit_by_robot(portal, Kind::Contact, anna, |item| item.set("post", json!("шеф")));
    world.drained().await;
    assert!(!hook.forms()[2].contains_key("auth[access_token]"), "a robot has no token");
    bitrix.add_category(portal, 9, "Розница");
    let deal = bitrix.add(portal, Item::deal("Заказ", anna, "NEW"));
    bitrix.edit(portal, Kind::Deal, deal, |item| item.set("categoryId", json!(9)));
    bitrix.delete(portal, Kind::Contact, anna);
    world.drained().await;
    let mut last = hook.seen().split_off(3);
    last.sort();
    assert_eq!(last, [format!("ONCRMCONTACTDELETE {anna}"), format!("ONCRMDEALMOVETOCATEGORY {deal}")]);
    let moved = hook.forms().into_iter().find(|form| form["event"] == "ONCRMDEALMOVETOCATEGORY").unwrap();
    assert_eq!((moved["data[FIELDS][CATEGORY_ID]"].as_str(), moved["data[FIELDS][STAGE_ID]"].as_str()), ("9", "C9:NEW"));
    let (_, count) = world.by_app(token, "event.unbind", bind("ONCRMCONTACTUPDATE", &hook.url)).await;
    assert_eq!(count["result"]["count"], 1);
    assert_eq!(bitrix.uninstall(portal, CLIENT, &hook.url).await, 200);
    let gone = hook.forms().pop().unwrap();
    assert_eq!((gone["event"].as_str(), &gone["auth[application_token]"]), ("ONAPPUNINSTALL", &own));
    assert!(!gone.contains_key("auth[access_token]"));
    assert_eq!((world.by_app(token, "profile", json!({})).await.0, bitrix.handlers(portal).len()), (401, 0));
}

#[tokio::test]
async fn an_outgoing_webhook_is_told_once_and_never_again() {
    let world = World::new().await;
    let (bitrix, portal, hook) = (world.bitrix(), world.portal, Hook::serve().await);
    let secret = bitrix.add_outgoing(portal, &hook.url, &["ONCRMCONTACTADD", "ONCRMCONTACTUPDATE", "ONCRMTIMELINECOMMENTADD"]);
    *hook.says.lock().unwrap() = 500;
    let anna = world.anna();
    world.drained().await;
    assert_eq!((hook.seen(), bitrix.lost(portal)), (vec![format!("ONCRMCONTACTADD {anna}")], 1));
    assert_eq!(hook.forms()[0]["auth[application_token]"], secret);
    *hook.says.lock().unwrap() = 200;
    bitrix.set(|settings| settings.update_copies = 2);
    world.ok("crm.item.update", json!({ "entityTypeId": 3, "id": anna, "fields": { "post": "бариста" } })).await;
    world.drained().await;
    assert_eq!(hook.seen()[1..], [format!("ONCRMCONTACTUPDATE {anna}"), format!("ONCRMCONTACTUPDATE {anna}")], "own writes are told, too");
    let comment = json!({ "fields": { "ENTITY_ID": anna, "ENTITY_TYPE": "contact", "COMMENT": "раз" } });
    let comment = world.ok("crm.timeline.comment.add", comment).await;
    world.drained().await;
    assert_eq!(hook.seen().pop(), Some(format!("ONCRMTIMELINECOMMENTADD {comment}")));
}

#[tokio::test]
async fn events_are_late_doubled_withheld_and_lost() {
    let world = World::with(Settings { event_delay_ms: 60_000, ..Settings::quick() }).await;
    let (bitrix, portal, hook) = (world.bitrix(), world.portal, Hook::serve().await);
    bitrix.add_outgoing(portal, &hook.url, &["ONCRMCONTACTADD", "ONCRMCONTACTUPDATE"]);
    let faults = bitrix.faults();
    faults.add(Rule::new(Fault::DoubleUpdate).service("bitrix24").times(1));
    let anna = world.anna();
    assert_eq!((hook.seen().len(), bitrix.pending(portal)), (0, 2));
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.drained().await;
    assert_eq!(hook.seen().len(), 2);
    bitrix.set(|settings| settings.event_delay_ms = 0);
    faults.add(Rule::new(Fault::WithholdUpdate).bot(portal).chat(anna).times(1));
    bitrix.edit(portal, Kind::Contact, anna, |item| item.set("post", json!("а")));
    faults.add(Rule::new(Fault::DropBefore).method("hook").times(1));
    bitrix.edit(portal, Kind::Contact, anna, |item| item.set("post", json!("б")));
    world.drained().await;
    assert_eq!((hook.seen().len(), bitrix.lost(portal), bitrix.told(portal).len()), (2, 1, 3));
    assert_eq!(bitrix.redeliver(portal, 1), 1);
    world.drained().await;
    assert_eq!(hook.seen().len(), 3);
}

#[tokio::test]
async fn the_offline_queue_is_kept_until_it_is_confirmed() {
    let world = World::new().await;
    let (bitrix, portal) = (world.bitrix(), world.portal);
    let (token, _) = bitrix.grant(portal, CLIENT);
    let bind = json!({ "event": "ONCRMCONTACTUPDATE", "event_type": "offline", "auth_connector": "mms" });
    assert_eq!(world.by_app(&token, "event.bind", bind).await.1["result"], true);
    let (anna, boris) = (world.anna(), bitrix.add(portal, Item::contact("Борис", "Чижов")));
    for id in [anna, boris, anna] {
        bitrix.edit(portal, Kind::Contact, id, |item| item.set("post", json!(id.to_string())));
    }
    let own = json!({ "entityTypeId": 3, "id": boris, "fields": { "post": "наш" }, "auth_connector": "mms" });
    assert_eq!(world.by_app(&token, "crm.item.update", own).await.0, 200);
    let get = async |params: Value| world.by_app(&token, "event.offline.get", params).await.1["result"].clone();
    let first = get(json!({ "clear": 0, "limit": 50 })).await;
    let about: Vec<i64> =
        first["events"].as_array().unwrap().iter().map(|event| event["EVENT_DATA"]["FIELDS"]["ID"].as_i64().unwrap()).collect();
    assert_eq!(about, [boris, anna], "one record of each, the newest, and none of our own write");
    assert!(first["events"][0]["ID"].is_string() && first["process_id"].is_string());
    let process = async |method: &str, process: &Value, ids: Value| {
        world.by_app(&token, method, json!({ "process_id": process, "id": ids })).await.1["result"].clone()
    };
    let again = get(json!({ "clear": 0 })).await;
    assert_eq!(again["events"].as_array().unwrap().len(), 2, "what was not confirmed comes again");
    process("event.offline.clear", &again["process_id"], json!([again["events"][0]["ID"]])).await;
    bitrix.set(|settings| settings.offline_taken_hidden = true);
    assert_eq!(get(json!({ "clear": 0 })).await["events"], json!([]));
    process("event.offline.error", &again["process_id"], json!([again["events"][1]["ID"]])).await;
    let cleared = get(json!({})).await;
    assert_eq!((&cleared["process_id"], cleared["events"].as_array().unwrap().len()), (&Value::Null, 1), "by default reading removes");
    assert_eq!(get(json!({})).await["events"], json!([]));
    assert_eq!(world.by_app(&token, "feature.get", json!({ "CODE": "rest_offline_extended" })).await.1["result"]["value"], "Y");
    bitrix.set(|settings| settings.offline = false);
    assert_eq!(world.by_app(&token, "event.offline.get", json!({})).await.1["error"], "ACCESS_DENIED");
    assert_eq!(world.refused("event.offline.get", json!({})).await, refusal(403, "WRONG_AUTH_TYPE"), "not by a webhook");
}
