//! Fields, elements, stages, notes, duplicates.

use serde_json::json;

use super::*;

#[tokio::test]
async fn an_element_is_made_changed_and_removed() {
    let world = World::new().await;
    let fields = json!({ "name": "Анна", "typeId": "CLIENT", "sourceId": "WEB", "originatorId": "campaigns", "originId": "ext-1", "unheardOf": 1,
        "fm": [{ "typeId": "PHONE", "valueType": "MOBILE", "value": "+79123456789" }, { "value": "without a type" }] });
    let made = world.ok("crm.item.add", json!({ "entityTypeId": 3, "fields": fields })).await["item"].clone();
    let (id, phone) = (made["id"].as_i64().unwrap(), made["fm"][0]["id"].as_i64().unwrap());
    assert_eq!((made["fm"].as_array().unwrap().len(), &made["originId"], &made["unheardOf"]), (1, &json!("ext-1"), &Value::Null));
    let by_origin = json!({ "entityTypeId": 3, "filter": { "=originatorId": "campaigns", "=originId": "ext-1" }, "select": ["id"] });
    assert_eq!(ids(&world.ok("crm.item.list", by_origin).await["items"]), [id], "looked up before a repeat");
    let update = |fm: Value| json!({ "entityTypeId": 3, "id": id, "fields": { "fm": fm } });
    let mail = json!({ "n0": { "typeId": "EMAIL", "valueType": "WORK", "value": "a@example.com" } });
    let changed = world.ok("crm.item.update", update(mail)).await;
    assert_eq!(changed["item"]["fm"].as_array().unwrap().len(), 2);
    let key = phone.to_string();
    let silent = world.ok("crm.item.update", update(json!({ key.clone(): { "value": "+7000" } }))).await;
    assert_eq!(silent["item"]["fm"][0]["value"], "+79123456789", "an entry without a type is left out, silently");
    let moved = world.ok("crm.item.update", update(json!({ key.clone(): { "typeId": "PHONE", "value": "+79990000000" } }))).await;
    assert_eq!(moved["item"]["fm"][0]["value"], "+79990000000");
    world.ok("crm.item.update", update(json!([{ "typeId": "PHONE", "value": "+79990000009" }]))).await;
    let gone = world.ok("crm.item.update", update(json!({ key: { "typeId": "PHONE", "value": "" } }))).await;
    assert_eq!(gone["item"]["fm"].as_array().unwrap().len(), 1, "a list changes nothing, an empty value removes");
    for wrong in [json!({ "typeId": "NOBODY" }), json!({ "opened": "maybe" }), json!({ "birthdate": "soon" })] {
        let ask = json!({ "entityTypeId": 3, "id": id, "fields": wrong });
        assert_eq!(world.refused("crm.item.update", ask).await, refusal(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID"), "{wrong}");
    }
    assert_eq!(
        world.refused("crm.item.add", json!({ "entityTypeId": 3, "FIELDS": {} })).await,
        refusal(400, "100"),
        "keys are case-sensitive"
    );
    assert_eq!(world.ok("crm.item.delete", json!({ "entityTypeId": 3, "id": id })).await, json!([]));
    assert_eq!(world.refused("crm.item.delete", json!({ "entityTypeId": 3, "id": id })).await, refusal(400, "NOT_FOUND"));
    assert_eq!(world.bitrix().writes().len(), 7);
}

#[tokio::test]
async fn own_fields_are_described_made_and_checked() {
    let world = World::new().await;
    let add = |name: &str, kind: &str| json!({ "fields": { "USER_TYPE_ID": kind, "FIELD_NAME": name, "LABEL": "Не писать", "LIST": [{ "VALUE": "Да" }] } });
    let made = world.ok("crm.contact.userfield.add", add("MSG_OPT_OUT", "boolean")).await;
    assert!(made.is_i64());
    world.ok("crm.contact.userfield.add", add("KIND", "enumeration")).await;
    for wrong in [add("MSG_OPT_OUT", "boolean"), add("X", "colour"), add(&"X".repeat(44), "string"), add("не", "string")] {
        assert_eq!(world.refused("crm.contact.userfield.add", wrong).await, refusal(400, ""), "old methods leave the code out");
    }
    let user = world.bitrix().add_user(world.portal, false);
    let theirs = world.bitrix().webhook(world.portal, user, &["crm"]);
    let (status, answer) = world.at(&format!("{theirs}crm.contact.userfield.add"), add("Y", "string")).await;
    assert_eq!((status, &answer["error"]), (403, &json!("ACCESS_DENIED")));
    let rows = world.ok("crm.contact.userfield.list", json!({ "order": { "ID": "ASC" } })).await;
    assert_eq!((&rows[0]["FIELD_NAME"], &rows[1]["LIST"][0]["VALUE"]), (&json!("UF_CRM_MSG_OPT_OUT"), &json!("Да")));
    let fields = world.ok("crm.item.fields", json!({ "entityTypeId": 3 })).await["fields"].clone();
    assert_eq!((&fields["ufCrmMsgOptOut"]["type"], &fields["typeId"]["statusType"]), (&json!("boolean"), &json!("CONTACT_TYPE")));
    assert_eq!((&fields["ufCrmKind"]["settings"], &fields["id"]["isReadOnly"]), (&json!([]), &json!(true)));
    let anna = world.anna();
    let set = |value: Value| json!({ "entityTypeId": 3, "id": anna, "fields": value });
    let shown =
        world.ok("crm.item.update", set(json!({ "ufCrmMsgOptOut": 1, "UF_CRM_KIND": fields["ufCrmKind"]["items"][0]["ID"] }))).await;
    assert_eq!(shown["item"]["ufCrmMsgOptOut"], "Y");
    assert!(shown["item"]["ufCrmKind"].is_i64());
    assert_eq!(world.refused("crm.item.update", set(json!({ "ufCrmKind": 7_777 }))).await, refusal(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID"));
}

#[tokio::test]
async fn stages_belong_to_funnels_and_are_told_by_the_feed() {
    let world = World::new().await;
    let (bitrix, portal, anna) = (world.bitrix(), world.portal, world.anna());
    bitrix.add_category(portal, 9, "Розница");
    let funnels = world.ok("crm.category.list", json!({ "entityTypeId": 2 })).await;
    assert_eq!((ids(&funnels["categories"]), &funnels["categories"][0]["isDefault"]), (vec![0, 9], &json!("Y")));
    let stages = world.ok("crm.status.list", json!({ "filter": { "ENTITY_ID": "DEAL_STAGE_9" } })).await;
    let codes: Vec<&str> = stages.as_array().unwrap().iter().map(|row| row["STATUS_ID"].as_str().unwrap()).collect();
    assert_eq!(codes, ["C9:NEW", "C9:PREPARATION", "C9:INVOICE", "C9:WON", "C9:LOSE"]);
    assert_eq!((&stages[3]["SEMANTICS"], &stages[0]["SEMANTICS"]), (&json!("S"), &Value::Null));
    let add = json!({ "entityTypeId": 2, "fields": { "title": "Из бота", "categoryId": 9, "contactIds": [anna] } });
    let deal = world.ok("crm.item.add", add).await["item"].clone();
    assert_eq!((&deal["stageId"], &deal["contactId"], &deal["closed"]), (&json!("C9:NEW"), &json!(anna), &json!("N")));
    let change = |fields: Value| json!({ "entityTypeId": 2, "id": deal["id"], "fields": fields });
    assert_eq!(
        world.refused("crm.item.update", change(json!({ "stageId": "WON" }))).await,
        refusal(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
    );
    assert_eq!(world.refused("crm.item.update", change(json!({ "categoryId": 7 }))).await, refusal(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID"));
    world.ok("crm.item.update", change(json!({ "stageId": "C9:INVOICE" }))).await;
    world.ok("crm.item.update", change(json!({ "opportunity": 1500 }))).await;
    let won = world.ok("crm.item.update", change(json!({ "stageId": "C9:WON" }))).await;
    assert_eq!((&won["item"]["closed"], &won["item"]["stageSemanticId"]), (&json!("Y"), &json!("S")));
    world.ok("crm.item.update", change(json!({ "categoryId": 0 }))).await;
    let feed = async |after: i64| {
        let ask = json!({ "entityTypeId": 2, "order": { "ID": "ASC" }, "filter": { ">ID": after }, "start": -1 });
        world.ok("crm.stagehistory.list", ask).await["items"].clone()
    };
    let rows = feed(0).await;
    let kinds: Vec<(i64, &str)> =
        rows.as_array().unwrap().iter().map(|row| (row["TYPE_ID"].as_i64().unwrap(), row["STAGE_ID"].as_str().unwrap())).collect();
    assert_eq!(kinds, [(1, "C9:NEW"), (2, "C9:INVOICE"), (3, "C9:WON"), (5, "NEW")]);
    assert_eq!((&rows[2]["STAGE_SEMANTIC_ID"], &rows[0]["OWNER_ID"]), (&json!("S"), &deal["id"]));
    assert_eq!(feed(rows[2]["ID"].as_i64().unwrap()).await.as_array().unwrap().len(), 1);
    assert_eq!(bitrix.moves(portal).len(), 4);
    let lead = world.ok("crm.item.add", json!({ "entityTypeId": 1, "fields": { "title": "Заявка" } })).await;
    assert_eq!(lead["item"]["stageId"], "NEW");
    assert_eq!(world.ok("crm.stagehistory.list", json!({ "entityTypeId": 1 })).await["items"][0]["STATUS_ID"], "NEW");
}

#[tokio::test]
async fn notes_are_kept_beside_their_element() {
    let world = World::new().await;
    let (bitrix, portal, anna) = (world.bitrix(), world.portal, world.anna());
    let comment = |text: &str, id: i64| json!({ "fields": { "ENTITY_ID": id, "ENTITY_TYPE": "contact", "COMMENT": text } });
    let id = world.ok("crm.timeline.comment.add", comment("Рассылка «Май»: доставлено", anna)).await;
    assert_eq!(world.refused("crm.timeline.comment.add", comment("x", 999)).await, refusal(400, "NOT_FOUND"));
    assert_eq!(world.refused("crm.timeline.comment.add", comment(" ", anna)).await, refusal(400, "100"));
    assert_eq!(world.refused("crm.timeline.comment.add", json!({ "FIELDS": {} })).await, refusal(400, "100"));
    let rows = world.ok("crm.timeline.comment.list", json!({ "filter": { "ENTITY_ID": anna, "ENTITY_TYPE": "contact" } })).await;
    assert_eq!((&rows[0]["ID"], &rows[0]["COMMENT"]), (&json!(id.to_string()), &json!("Рассылка «Май»: доставлено")));
    bitrix.set(|settings| settings.comments_listed = false);
    assert_eq!(world.refused("crm.timeline.comment.list", json!({})).await, refusal(404, "ERROR_METHOD_NOT_FOUND"));
    let log = json!({ "fields": { "entityTypeId": 3, "entityId": anna, "title": "Май", "text": "Доставлено", "iconCode": "info" } });
    assert_eq!(world.ok("crm.timeline.logmessage.add", log).await["logMessage"]["iconCode"], "info");
    let todo = json!({ "ownerTypeId": 3, "ownerId": anna, "deadline": "2026-08-01T15:00:00", "title": "Перезвонить", "responsibleId": 1 });
    assert!(world.ok("crm.activity.todo.add", todo).await["id"].is_i64());
    let kinds: Vec<&str> = bitrix.notes_of(portal, Kind::Contact, anna).iter().map(|(what, _)| *what).collect();
    assert_eq!(kinds, ["comment", "log", "todo"]);
    let given = world.ok("userconsent.consent.add", json!({ "AGREEMENT_ID": 1, "IP": "203.0.113.5", "ORIGIN_ID": "75" })).await;
    assert!(given.as_i64().is_some());
    assert_eq!(world.refused("userconsent.consent.add", json!({ "AGREEMENT_ID": 2 })).await, refusal(400, "NOT_FOUND"));
}

#[tokio::test]
async fn duplicates_are_found_and_merged() {
    let world = World::new().await;
    let (bitrix, portal, anna) = (world.bitrix(), world.portal, world.anna());
    let twin = bitrix.add(portal, Item::contact("Аня", "").phone("+7 912 000-00-01"));
    let deal = bitrix.add(portal, Item::deal("Заказ", twin, "NEW"));
    let find = |values: Value| json!({ "type": "PHONE", "values": values, "entity_type": "CONTACT" });
    let found = world.ok("crm.duplicate.findbycomm", find(json!(["+79123456789", "89123456789"]))).await;
    assert_eq!(found, json!({ "CONTACT": [anna] }));
    assert_eq!(world.ok("crm.duplicate.findbycomm", find(json!(["+70000000000"]))).await, json!([]));
    let many: Vec<String> = (0..21).map(|n| format!("+7912{n:07}")).collect();
    assert_eq!(world.refused("crm.duplicate.findbycomm", find(json!(many))).await, refusal(400, "INVALID_ARG_VALUE"));
    let merged = world.ok("crm.entity.mergeBatch", json!({ "params": { "entityTypeId": 3, "entityIds": [anna, twin] } })).await;
    assert_eq!(merged, json!({ "STATUS": "SUCCESS", "ENTITY_IDS": [twin] }));
    assert!(bitrix.item(portal, Kind::Contact, twin).is_none());
    assert_eq!(bitrix.item(portal, Kind::Contact, anna).unwrap().fm.len(), 2);
    assert_eq!(bitrix.item(portal, Kind::Deal, deal).unwrap().get("contactIds"), Some(&json!([anna])));
    let again = json!({ "params": { "entityTypeId": 3, "entityIds": [anna, twin] } });
    assert_eq!(world.ok("crm.entity.mergeBatch", again).await["STATUS"], "ERROR");
}
