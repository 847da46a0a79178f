//! The search, the feed of changes, the card, writes.

use chrono::NaiveDate;
use serde_json::json;

use super::*;
use crate::yclients::{Brand, CommentsPath, Record, Seed};

#[tokio::test]
async fn the_search_pages_orders_and_gives_what_is_named() {
    let world = World::new().await;
    let seeded = world.yclients().seed(SALON, &Seed { count: 250, ..Seed::default() });
    let path = format!("/company/{SALON}/clients/search");
    let (_, first) = world.call("POST", &path, json!({ "page_size": 200 })).await;
    assert_eq!((ids(&first["data"]), &first["meta"]["total_count"]), (seeded[..200].to_vec(), &json!(250)));
    assert_eq!(first["data"][0].as_object().unwrap().len(), 2, "an id and a name, unless more is asked for");
    let fields = json!(["id", "phone", "visits_count", "last_visit_date", "categories", "unheard_of"]);
    let second = world.data("POST", &path, json!({ "page": 2, "page_size": 200, "fields": fields, "order_by": "id" })).await;
    assert_eq!((second.as_array().unwrap().len(), &second[0]["visits_count"]), (50, &json!(1)));
    assert!(second[0]["unheard_of"].is_null());
    let last = world.data("POST", &path, json!({ "order_by": "id", "order_by_direction": "desc" })).await;
    assert_eq!((last.as_array().unwrap().len(), ids(&last)[0]), (25, seeded[249]));
    for wrong in [json!({ "page_size": 201 }), json!({ "order_by": "changed" }), json!({ "order_by_direction": "up" })] {
        assert_eq!(world.call("POST", &path, wrong.clone()).await.0, 422, "{wrong}");
    }
    for wrong in [json!({ "filters": [{ "type": "updated_at", "state": {} }] }), json!({ "page": 0 }), json!({ "operation": "XOR" })] {
        assert_eq!(world.call("POST", &path, wrong.clone()).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn filters_of_the_search() {
    let world = World::new().await;
    let anna = world.anna();
    let boris = world.yclients().add_client(SALON, Client::person("Борис", "Чижов", "79120000001"));
    world.yclients().edit_client(SALON, anna, |client| {
        (client.categories, client.spent, client.sex_id, client.abonement_balance) = (vec![31], 3_000, 2, 2);
        client.birth_date = NaiveDate::from_ymd_opt(1990, 3, 11);
    });
    let date = NaiveDate::from_ymd_opt(2026, 7, 20).unwrap().and_hms_opt(12, 0, 0).unwrap();
    world.yclients().add_record(SALON, Record { attendance: 1, ..Record::at(boris, date) });
    let path = format!("/company/{SALON}/clients/search");
    let by_record = json!({ "staff": { "value": [9] }, "service": { "value": [12] }, "status": { "value": [1] }, "records_count": { "from": 1, "to": 9 } });
    for (kind, state, found) in [
        ("id", json!({ "value": [boris] }), vec![boris]),
        ("quick_search", json!({ "value": "7912345" }), vec![anna]),
        ("category", json!({ "value": [31] }), vec![anna]),
        ("gender", json!({ "value": [0] }), vec![boris]),
        ("birthday", json!({ "from": "1990-01-01", "to": "1990-12-31" }), vec![anna]),
        ("sold_amount", json!({ "from": 1, "to": 5000 }), vec![anna]),
        ("importance", json!({ "value": [0, 1] }), vec![anna, boris]),
        ("has_mobile_app", json!({ "value": true }), vec![]),
        ("record", by_record, vec![boris]),
        ("record", json!({ "status": { "value": [-1] } }), vec![]),
        ("client", json!({ "id": { "value": [anna] } }), vec![anna]),
        ("sale", json!({ "abonement_balance": { "from": 2, "to": 3 } }), vec![anna]),
    ] {
        let shown = world.data("POST", &path, json!({ "filters": [{ "type": kind, "state": state }] })).await;
        assert_eq!(ids(&shown), found, "{kind}");
    }
    let either = json!({ "operation": "OR", "filters": [{ "type": "id", "state": { "value": [boris] } }, { "type": "category", "state": { "value": [31] } }] });
    assert_eq!(ids(&world.data("POST", &path, either).await), [anna, boris]);
}

#[tokio::test]
async fn the_feed_goes_by_the_clock_on_the_wall() {
    let world = World::new().await;
    let anna = world.yclients().add_client(BRANCH, Client::person("Анна", "Петрова", "79123456789"));
    world.sandbox.clock().advance(Duration::from_secs(7_200));
    let boris = world.yclients().add_client(BRANCH, Client::person("Борис", "Чижов", "79120000001"));
    let wall = |client: i64| {
        let changed = world.yclients().client(BRANCH, client).unwrap().changed;
        (changed + chrono::TimeDelta::hours(4)).format("%Y-%m-%dT%H:%M:%S").to_string()
    };
    let feed = async |query: &str| ids(&world.get(&format!("/clients/{BRANCH}?{query}")).await.1["data"]);
    assert_eq!(feed(&format!("changed_after={}", wall(boris))).await, [boris], "to the second, and itself");
    assert_eq!(feed(&format!("changed_before={}", wall(anna))).await, [anna]);
    assert_eq!(feed(&format!("changed_after={}&changed_before={}", wall(anna), wall(boris))).await, [anna, boris]);
    world.yclients().edit_client(BRANCH, anna, |client| client.spent = 1);
    assert_eq!(feed(&format!("changed_after={}", wall(boris))).await, [anna, boris], "a change moves the client into the feed");
    world.yclients().delete_client(BRANCH, boris);
    assert_eq!(feed(&format!("changed_after={}", wall(anna))).await, [anna], "a deleted one vanishes");
    assert_eq!(world.get(&format!("/clients/{BRANCH}?changed_after=soon")).await.0, 400);
}

#[tokio::test]
async fn the_old_list_is_capped_and_may_forget_its_filter() {
    let world = World::new().await;
    world.yclients().seed(SALON, &Seed { count: 310, ..Seed::default() });
    let rows = |answer: &Value| list(&answer["data"]).len();
    let (_, page) = world.get(&format!("/clients/{SALON}?count=1000")).await;
    assert_eq!((rows(&page), &page["meta"]["total_count"]), (300, &json!(310)));
    assert_eq!(rows(&world.get(&format!("/clients/{SALON}?count=200&page=2")).await.1), 110);
    let future = format!("/clients/{SALON}?changed_after=2099-01-01T00:00:00&count=5");
    assert_eq!(rows(&world.get(&future).await.1), 0);
    world.yclients().set(|settings| (settings.changed_after, settings.count_beside) = (false, true));
    let (_, page) = world.get(&future).await;
    assert_eq!((rows(&page), &page["count"], &page["meta"]), (5, &json!(310), &json!([])));
}

#[tokio::test]
async fn types_change_from_client_to_client() {
    let world = World::new().await;
    let clients: Vec<i64> =
        (0..6).map(|n| world.yclients().add_client(SALON, Client::person("Анна", "", &format!("7912000000{n}")))).collect();
    let (_, answer) = world.get(&format!("/clients/{SALON}")).await;
    let rows = list(&answer["data"]);
    assert_eq!(ids(&answer["data"]), clients);
    assert!(rows.iter().any(|row| row["phone"].is_string()) && rows.iter().any(|row| row["phone"].is_u64()));
    assert!(rows.iter().any(|row| row["birth_date"] == "") && rows.iter().any(|row| row["birth_date"] == 0));
    assert!(rows.iter().all(|row| row["custom_fields"] == json!([])), "PHP's empty object");
    let changed = rows[0]["last_change_date"].as_str().unwrap();
    assert!(changed.ends_with("+0300"), "{changed}");
}

#[tokio::test]
async fn a_put_replaces_everything() {
    let world = World::new().await;
    let anna = world.anna();
    world.yclients().edit_client(SALON, anna, |client| {
        "любит вечер".clone_into(&mut client.comment);
        (client.discount, client.paid) = (10, 700);
    });
    let path = format!("/client/{SALON}/{anna}");
    let (status, refusal) = world.call("PUT", &path, json!({ "name": "Анна", "sms_not": 1 })).await;
    assert_eq!((status, &refusal["meta"]["errors"]), (422, &json!({ "phone": ["Phone is not valid"] })));
    let unknown =
        json!({ "name": "Анна", "phone": "79123456789", "labels": [99], "custom_fields": { "nobody": 1 }, "birth_date": "11.03.1990" });
    let (_, refusal) = world.call("PUT", &path, unknown).await;
    let fields: Vec<&String> = refusal["meta"]["errors"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["birth_date", "custom_fields", "labels"]);
    assert!(world.yclients().writes().is_empty(), "a refused write changes nothing");
    let shown = world.data("PUT", &path, client_put()).await;
    assert_eq!((&shown["sms_not"], &shown["custom_fields"]), (&json!(1), &json!({ "msg_opt_out": "1" })));
    let client = world.yclients().client(SALON, anna).unwrap();
    assert_eq!((client.categories, client.phone.as_str(), client.paid), (vec![31, 32], "79123456789", 700));
    assert_eq!((client.comment.as_str(), client.discount, client.sms_check), ("", 0, false), "what was left out is reset");
    world.yclients().set(|settings| settings.put_resets = false);
    world.data("PUT", &path, json!({ "name": "Аня", "phone": "79123456789" })).await;
    let client = world.yclients().client(SALON, anna).unwrap();
    assert_eq!((client.name.as_str(), client.sms_not, client.categories.len()), ("Аня", true, 2));
}

#[tokio::test]
async fn altegio_has_words_of_its_own() {
    let world = World::with(Settings { brand: Brand::Altegio, ..Settings::quick() }).await;
    let anna = world.anna();
    assert_eq!(world.get(&format!("/client/{SALON}/{anna}")).await.0, 400, "the other brand's media type");
    let tokens = format!("Bearer {PARTNER}, User {}", world.token);
    let put = |body: Value| {
        let request = world.request("PUT", &format!("/client/{SALON}/{anna}")).header("accept", "application/vnd.api.v2+json");
        answered(request.header("authorization", tokens.clone()).json(&body))
    };
    let body = json!({ "name": "Anna", "phone": "79123456789", "middle_name": "M", "gender_id": 2, "categories": [31], "labels": [32] });
    let (status, answer) = put(body).await;
    assert_eq!((status, &answer["data"]["middle_name"], &answer["data"]["gender_id"]), (200, &json!("M"), &json!(2)));
    assert_eq!(world.yclients().client(SALON, anna).unwrap().categories, [31]);
}

#[tokio::test]
async fn clients_are_made_many_at_once_and_removed() {
    let world = World::new().await;
    let one = json!({ "name": "Анна", "phone": "79123456789" });
    let (status, made) = world.call("POST", &format!("/clients/{SALON}"), one.clone()).await;
    assert_eq!((status, &made["data"]["sms_check"]), (201, &json!(1)));
    let bulk = format!("/clients/{SALON}/bulk");
    assert_eq!(world.call("POST", &bulk, json!([one, { "name": "", "phone": "7" }])).await.0, 422);
    assert_eq!(world.yclients().client_ids(SALON).len(), 1, "none of a list with a wrong one");
    let made = world.data("POST", &bulk, json!([one, { "name": "Борис", "phone": 79_120_000_001_i64 }])).await;
    assert_eq!(world.yclients().client_ids(SALON).len(), 3, "two may have one phone");
    let gone = ids(&made)[0];
    assert_eq!(world.call("DELETE", &format!("/client/{SALON}/{gone}"), Value::Null).await, (204, Value::Null));
    assert_eq!(world.get(&format!("/client/{SALON}/{gone}")).await.0, 404);
    assert_eq!(world.call("DELETE", &format!("/client/{SALON}/{gone}"), Value::Null).await.0, 404);
    let kinds: Vec<&str> = world.yclients().writes().iter().map(|write| write.how).collect();
    assert_eq!(kinds, ["create", "create", "create", "delete"]);
}

#[tokio::test]
async fn comments_have_one_of_two_paths() {
    let world = World::new().await;
    let anna = world.anna();
    let (ours, other) = (format!("/company/{SALON}/clients/{anna}/comments"), format!("/clients/{SALON}/clients/{anna}/comments"));
    let text = json!({ "text": "Рассылка «Май»: доставлено" });
    let (status, made) = world.call("POST", &ours, text.clone()).await;
    assert_eq!((status, &made["data"]["type"], &made["data"]["text"]), (201, &json!("default"), &text["text"]));
    assert_eq!(world.call("POST", &other, text.clone()).await.0, 404);
    assert_eq!(world.call("POST", &ours, json!({ "text": " " })).await.0, 422);
    assert_eq!(world.get(&ours).await.0, 404, "no contract lists comments");
    world.yclients().set(|settings| (settings.comments_path, settings.comments_listed) = (CommentsPath::Clients, true));
    assert_eq!(world.call("POST", &ours, text.clone()).await.0, 404);
    assert_eq!(world.call("POST", &other, text).await.0, 201);
    assert_eq!(list(&world.data("GET", &other, Value::Null).await).len(), 2);
    assert_eq!(world.yclients().comments_of(SALON, anna).len(), 2);
}

#[tokio::test]
async fn categories_fields_and_sms() {
    let world = World::new().await;
    let anna = world.anna();
    let made = world.data("POST", &format!("/labels/{SALON}"), json!({ "title": "спящие", "color": "#888888", "entity": 1 })).await;
    assert_eq!((&made["title"], &made["salon_id"]), (&json!("спящие"), &json!(SALON)));
    assert_eq!(list(&world.data("GET", &format!("/labels/{SALON}"), Value::Null).await).len(), 3);
    assert_eq!(world.call("POST", &format!("/labels/{SALON}"), json!({})).await.0, 422);
    let fields = world.data("GET", &format!("/custom_fields/client/{SALON}"), Value::Null).await;
    assert_eq!((&fields[0]["custom_field"]["code"], &fields[0]["custom_field"]["type"]["code"]), (&json!("msg_opt_out"), &json!("text")));
    assert_eq!(world.data("GET", &format!("/custom_fields/record/{SALON}"), Value::Null).await, json!([]));
    assert_eq!(world.get(&format!("/custom_fields/goods/{SALON}")).await.0, 404);
    let sms = format!("/sms/clients/by_id/{SALON}");
    assert_eq!(world.call("POST", &sms, json!({ "client_ids": [anna], "text": "Ждём вас" })).await.0, 200);
    assert_eq!(world.call("POST", &sms, json!({ "client_ids": [1], "text": "x" })).await.0, 404);
    assert_eq!(world.yclients().writes().last().map(|write| (write.what, write.id)), Some(("sms", anna)));
}
