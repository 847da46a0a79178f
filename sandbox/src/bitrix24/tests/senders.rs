//! Being a sender of messages inside Bitrix24.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_robot_sends_through_an_application() {
    let world = World::new().await;
    let (bitrix, portal, anna, hook) = (world.bitrix(), world.portal, world.anna(), Hook::serve().await);
    let (token, _) = bitrix.grant(portal, CLIENT);
    let sender = |handler: &str| json!({ "CODE": "mms", "TYPE": "SMS", "HANDLER": handler, "NAME": "Мессенджеры" });
    let services = bitrix.webhook(portal, 1, &["messageservice"]);
    let (status, answer) = world.at(&format!("{services}messageservice.sender.add"), sender(&hook.url)).await;
    assert_eq!((status, &answer["error"]), (403, &json!("WRONG_AUTH_TYPE")), "an application's context is wanted");
    assert_eq!(world.by_app(&token, "messageservice.sender.add", sender("http://app.example/sms")).await.0, 400);
    assert_eq!(world.by_app(&token, "messageservice.sender.add", sender(&hook.url)).await.1["result"], true);
    assert_eq!(world.by_app(&token, "messageservice.sender.add", sender(&hook.url)).await.0, 400, "once");
    assert_eq!(world.by_app(&token, "messageservice.sender.list", json!({})).await.1["result"], json!(["mms"]));
    assert_eq!(bitrix.senders(portal), [json!("mms")]);
    assert_eq!(bitrix.send_message(portal, "nobody", Some((Kind::Contact, anna)), "+79123456789", "x"), None);
    let id = bitrix.send_message(portal, "mms", Some((Kind::Contact, anna)), "+79123456789", "Ждём вас завтра").unwrap();
    world.drained().await;
    let form = hook.forms().remove(0);
    assert_eq!((&form["message_id"], form["message_to"].as_str()), (&id.to_string(), "+79123456789"));
    assert_eq!((form["bindings[0][OWNER_TYPE_ID]"].as_str(), &form["bindings[0][OWNER_ID]"]), ("3", &anna.to_string()));
    assert_eq!(form["auth[application_token]"], bitrix.application_token(portal, CLIENT).unwrap());
    let status = |status: &str, id: i64| json!({ "CODE": "mms", "MESSAGE_ID": id, "STATUS": status });
    let update = "messageservice.message.status.update";
    assert_eq!(world.by_app(&token, update, status("delivered", id)).await.1["result"], true);
    assert_eq!(bitrix.message(portal, id).unwrap().statuses, ["delivered"]);
    assert_eq!(world.by_app(&token, update, status("lost", id)).await.0, 400);
    assert_eq!(world.by_app(&token, update, status("failed", 999)).await.1["error"], "ERROR_MESSAGE_NOT_FOUND");
    let other = json!({ "CODE": "mms", "HANDLER": "https://app.example/other" });
    assert_eq!(world.by_app(&token, "messageservice.sender.update", other).await.1["result"], true);
    let nobody = json!({ "CODE": "nobody", "HANDLER": "https://app.example/other" });
    assert_eq!(world.by_app(&token, "messageservice.sender.update", nobody).await.1["error"], "ERROR_SENDER_NOT_FOUND");
    assert_eq!(bitrix.send_message(portal, "mms", None, "+79123456789", "x").map(|id| id > 0), Some(true));
    let robot = bitrix.told(portal).pop().unwrap();
    assert!(robot.iter().any(|(name, value)| name == "module_id" && value == "bizproc"));
    assert!(robot.iter().any(|(name, value)| name == "auth[access_token]" && !value.is_empty()));
    assert_eq!(world.by_app(&token, "messageservice.sender.delete", json!({ "CODE": "mms" })).await.1["result"], true);
    assert_eq!(bitrix.send_message(portal, "mms", Some((Kind::Contact, anna)), "+79123456789", "x"), None);
}
