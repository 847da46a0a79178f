//! Lists: pages, the fast pattern, batches with references, filters, what rights hide.

use serde_json::json;

use super::*;
use crate::bitrix24::Seed;

#[tokio::test]
async fn pages_of_fifty_are_counted_and_the_fast_pattern_is_not() {
    let world = World::new().await;
    let seeded = world.bitrix().seed(world.portal, &Seed { count: 120, ..Seed::default() });
    let (_, first) = world.call("crm.item.list", json!({ "entityTypeId": 3 })).await;
    assert_eq!((ids(&first["result"]["items"]).len(), &first["total"], &first["next"]), (50, &json!(120), &json!(50)));
    let (_, last) = world.call("crm.item.list", json!({ "entityTypeId": 3, "start": 100 })).await;
    assert_eq!(ids(&last["result"]["items"]), seeded[100..]);
    assert!(last["next"].is_null(), "the last page has no next");
    let mut seen: Vec<i64> = Vec::new();
    let mut after = 0;
    loop {
        let ask = json!({ "entityTypeId": 3, "order": { "id": "ASC" }, "filter": { ">id": after }, "select": ["id"], "start": -1 });
        let (_, page) = world.call("crm.item.list", ask).await;
        assert_eq!((&page["total"], &page["next"]), (&json!(0), &Value::Null));
        let rows = ids(&page["result"]["items"]);
        seen.extend(&rows);
        if rows.len() < 50 {
            break;
        }
        after = rows[49];
    }
    assert_eq!(seen, seeded);
}

#[tokio::test]
async fn a_batch_chains_pages_by_references() {
    let world = World::new().await;
    let seeded = world.bitrix().seed(world.portal, &Seed { count: 130, ..Seed::default() });
    let page = |after: &str| format!("crm.item.list?entityTypeId=3&order[id]=ASC&filter[%3Eid]={after}&start=-1&select[]=id");
    let (p1, p2) = (page("$result[p0][items][49][id]"), page("$result[p1][items][49][id]"));
    let batch = world.ok("batch", json!({ "halt": 1, "cmd": { "p0": page("0"), "p1": p1, "p2": p2 } })).await;
    let rows = |key: &str| ids(&batch["result"][key]["items"]);
    assert_eq!([rows("p0"), rows("p1"), rows("p2")].concat(), seeded);
    assert_eq!((&batch["result_error"], &batch["result_next"], &batch["result_total"]["p0"]), (&json!([]), &json!([]), &json!(0)));
    assert!(batch["result_time"]["p2"]["operating"].is_number());
    let body = format!(r#"{{"cmd":{{"z":"{}","a":"{}"}}}}"#, page("0"), page("$result[z][items][49][id]"));
    let request = world.http.post(format!("{}batch", world.webhook)).header("content-type", "application/json").body(body);
    let (_, answer) = answered(request).await;
    assert_eq!(ids(&answer["result"]["result"]["a"]["items"]), seeded[50..100], "commands go in the order they stand");
    let short = world
        .ok(
            "batch",
            json!({ "cmd": { "a": page("0").replace("entityTypeId=3", "entityTypeId=4"), "b": page("$result[a][items][49][id]") } }),
        )
        .await;
    assert_eq!(ids(&short["result"]["b"]["items"]), seeded[..50], "an empty reference bounds nothing");
}

#[tokio::test]
async fn a_batch_has_bounds_and_inner_errors() {
    let world = World::new().await;
    let many: Value = (0..51).map(|n| (format!("c{n}"), json!("server.time"))).collect::<serde_json::Map<_, _>>().into();
    assert_eq!(world.refused("batch", json!({ "cmd": many })).await, refusal(400, "ERROR_BATCH_LENGTH_EXCEEDED"));
    let three = json!({ "a": "batch?cmd[x]=profile", "b": "crm.item.get?entityTypeId=3&id=9", "c": "server.time" });
    let all = world.ok("batch", json!({ "halt": 0, "cmd": three })).await;
    assert_eq!(all["result_error"]["a"]["error"], "ERROR_BATCH_METHOD_NOT_ALLOWED");
    assert_eq!(all["result_error"]["b"]["error"], "NOT_FOUND");
    assert!(all["result"]["c"].is_string());
    let halted = world.ok("batch", json!({ "halt": 1, "cmd": three })).await;
    assert_eq!((&halted["result"], halted["result_error"].as_object().unwrap().len()), (&json!([]), 1));
}

#[tokio::test]
async fn filters_have_prefixes_and_or() {
    let world = World::new().await;
    let (bitrix, portal) = (world.bitrix(), world.portal);
    let field = UserField::of_contacts("UF_CRM_1700000001", "boolean", "Согласие");
    bitrix.add_field(portal, field);
    bitrix.add_field(portal, UserField::of_contacts("UF_CRM_KIND", "enumeration", "Вид").choices(&[(44, "Новый"), (45, "Давний")]));
    let anna = world.anna();
    bitrix.edit(portal, Kind::Contact, anna, |item| {
        item.set("ufCrm_1700000001", json!("Y"));
        item.set("ufCrmKind", json!(44));
    });
    world.sandbox.clock().advance(Duration::from_secs(3_600));
    let boris = bitrix.add(portal, Item::contact("Борис", "Чижов").with("birthdate", json!("1990-03-11")));
    let later = (bitrix.now() - chrono::TimeDelta::minutes(5)).to_rfc3339();
    for (filter, found) in [
        (json!({ "=name": "Анна" }), vec![anna]),
        (json!({ "name": "борис" }), vec![boris]),
        (json!({ "%lastName": "етро" }), vec![anna]),
        (json!({ "!%lastName": "етро" }), vec![boris]),
        (json!({ "@id": [anna, 99] }), vec![anna]),
        (json!({ "!@id": [anna] }), vec![boris]),
        (json!({ "!id": anna }), vec![boris]),
        (json!({ "<=id": anna }), vec![anna]),
        (json!({ ">=updatedTime": later }), vec![boris]),
        (json!({ "<updatedTime": later }), vec![anna]),
        (json!({ "ufCrm_1700000001": 1 }), vec![anna]),
        (json!({ "ufCrm_1700000001": "Y" }), vec![]),
        (json!({ "ufCrmKind": 44 }), vec![anna]),
        (json!({ "hasPhone": "N" }), vec![boris]),
        (json!({ "birthdate": "" }), vec![anna]),
        (json!({ "0": { "logic": "OR", "0": { "=name": "Анна" }, "1": { "=name": "Борис" } } }), vec![anna, boris]),
        (json!({ "=typeId": "CLIENT", "0": { "logic": "OR", "0": { "=name": "Борис" }, "1": { "=name": "Вера" } } }), vec![boris]),
    ] {
        let shown = world.ok("crm.item.list", json!({ "entityTypeId": 3, "filter": filter, "select": ["id"], "start": -1 })).await;
        assert_eq!(ids(&shown["items"]), found, "{filter}");
    }
    let unknown = json!({ "entityTypeId": 3, "filter": { "nobody": 1 } });
    assert_eq!(world.refused("crm.item.list", unknown).await, refusal(400, "INVALID_ARG_VALUE"));
    assert_eq!(
        world.refused("crm.item.list", json!({ "entityTypeId": 3, "order": { "nobody": "ASC" } })).await,
        refusal(400, "INVALID_ARG_VALUE")
    );
    assert_eq!(world.refused("crm.item.list", json!({ "entityTypeId": 31 })).await, refusal(400, "NOT_FOUND"));
    assert_eq!(world.refused("crm.item.list", json!({})).await, refusal(400, "100"));
    let by_time = json!({ "entityTypeId": 3, "order": { "updatedTime": "DESC" }, "select": ["id"] });
    assert_eq!(ids(&world.ok("crm.item.list", by_time).await["items"]), [boris, anna]);
}

#[tokio::test]
async fn an_item_shows_multifields_on_demand_and_its_types() {
    let world = World::new().await;
    let (bitrix, portal) = (world.bitrix(), world.portal);
    bitrix.add_field(portal, UserField { multiple: true, ..UserField::of_contacts("UF_CRM_TAGS", "string", "Метки") });
    let anna = bitrix.add(
        portal,
        Item::contact("Анна", "Петрова")
            .phone("8 (912) 345-67-89")
            .multi("IM", "TELEGRAM", "@anna_p")
            .with("birthdate", json!("1990-03-11")),
    );
    let item = world.ok("crm.item.get", json!({ "entityTypeId": 3, "id": anna })).await["item"].clone();
    assert_eq!((&item["birthdate"], &item["companyId"], &item["opened"]), (&json!("1990-03-11T00:00:00+03:00"), &json!(0), &json!("Y")));
    assert_eq!((&item["ufCrmTags"], &item["hasPhone"], &item["sourceId"]), (&json!([]), &json!("Y"), &Value::Null));
    assert_eq!((&item["fm"][0]["typeId"], &item["fm"][1]["value"]), (&json!("PHONE"), &json!("@anna_p")));
    let row = async |select: Value| {
        let ask = json!({ "entityTypeId": 3, "select": select, "useOriginalUfNames": "Y" });
        world.ok("crm.item.list", ask).await["items"][0].clone()
    };
    assert!(row(json!(["id", "name"])).await["fm"].is_null());
    assert_eq!(row(json!(["fm"])).await["fm"][0]["value"], "8 (912) 345-67-89");
    let all = row(json!(["*", "fm"])).await;
    assert_eq!((&all["UF_CRM_TAGS"], &all["ufCrmTags"]), (&json!([]), &Value::Null));
    bitrix.hide(portal, 1, Kind::Contact, anna);
    assert_eq!(world.ok("crm.item.list", json!({ "entityTypeId": 3 })).await["items"], json!([]), "silently");
    assert_eq!(world.refused("crm.item.get", json!({ "entityTypeId": 3, "id": anna })).await, refusal(400, "ACCESS_DENIED"));
    assert_eq!(world.refused("crm.item.get", json!({ "entityTypeId": 3, "id": 999 })).await, refusal(400, "NOT_FOUND"));
}

#[tokio::test]
async fn old_methods_write_everything_as_texts() {
    let world = World::new().await;
    let (bitrix, portal) = (world.bitrix(), world.portal);
    let anna = world.anna();
    bitrix.add(portal, Item::contact("Борис", "Чижов"));
    let ask = json!({ "filter": { "PHONE": "8 (912) 345-67-89" }, "select": ["*", "UF_*", "PHONE", "EMAIL"], "order": { "ID": "ASC" } });
    let (_, answer) = world.call("crm.contact.list", ask).await;
    let row = &answer["result"][0];
    assert_eq!((&answer["total"], &row["ID"], &row["ASSIGNED_BY_ID"]), (&json!(1), &json!(anna.to_string()), &json!("1")));
    assert_eq!((&row["PHONE"][0]["VALUE_TYPE"], &row["EMAIL"]), (&json!("MOBILE"), &Value::Null));
    assert_eq!(world.ok("crm.contact.list", json!({ "filter": { "PHONE": "+79123456789" } })).await, json!([]), "word for word");
    let (status, refusal) = world.call("crm.contact.get", json!({ "id": 999 })).await;
    assert_eq!((status, &refusal["error"], &refusal["error_description"]), (400, &json!(""), &json!("Not found")));
    let id = world
        .ok("crm.contact.add", json!({ "fields": { "NAME": "Вера", "PHONE": [{ "VALUE": "+79990000001", "VALUE_TYPE": "WORK" }] } }))
        .await;
    let item = bitrix.item(portal, Kind::Contact, id.as_i64().unwrap()).unwrap();
    let change = json!({ "id": id, "fields": { "PHONE": [{ "ID": item.fm[0].id, "VALUE": "" }, { "VALUE": "+79990000002" }] } });
    assert_eq!(world.ok("crm.contact.update", change).await, true);
    let phones: Vec<String> = bitrix.item(portal, Kind::Contact, item.id).unwrap().fm.iter().map(|multi| multi.value.clone()).collect();
    assert_eq!(phones, ["+79990000002"]);
    assert_eq!(world.ok("crm.contact.delete", json!({ "ID": id })).await, true);
    let company = bitrix.add(portal, Item::company("ООО «Ромашка»"));
    bitrix.add_requisite(portal, Kind::Company, company, &[("RQ_PHONE", "+74950000000")]);
    let rows = world.ok("crm.requisite.list", json!({ "filter": { "ENTITY_TYPE_ID": 4, "ENTITY_ID": company } })).await;
    assert_eq!(rows[0]["RQ_PHONE"], "+74950000000");
}
