//! Records: lists, creation, confirmation, removal.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::json;

use super::*;
use crate::yclients::Record;

fn at(day: u32, hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 7, day).unwrap().and_hms_opt(hour, 0, 0).unwrap()
}

fn wanted(phone: &str, time: &str) -> Value {
    json!({ "staff_id": 9, "services": [{ "id": 12, "first_cost": 1500, "discount": 0, "cost": 1300 }], "datetime": time,
        "client": { "phone": phone, "name": "Анна", "email": "" }, "seance_length": 3600, "comment": "от бота", "attendance": 0, "api_id": "ext-1" })
}

#[tokio::test]
async fn lists_by_days_people_and_changes() {
    let world = World::new().await;
    let (yclients, anna) = (world.yclients(), world.anna());
    let first = yclients.add_record(SALON, Record::at(anna, at(20, 12)));
    let second = yclients.add_record(SALON, Record { staff_id: 10, client: None, ..Record::at(anna, at(21, 10)) });
    let list_of = async |query: &str| ids(&world.data("GET", &format!("/records/{SALON}?{query}"), Value::Null).await);
    assert_eq!(list_of("start_date=2026-07-20&end_date=2026-07-21").await, [first, second]);
    assert_eq!(list_of("start_date=2026-07-21").await, [second]);
    assert_eq!(list_of("staff_id=10").await, [second]);
    assert_eq!(list_of(&format!("client_id={anna}")).await, [first]);
    assert_eq!(list_of("c_end_date=2020-01-01").await, [0; 0]);
    assert_eq!(list_of("changed_after=2099-01-01T00:00:00").await, [0; 0]);
    yclients.delete_record(SALON, first);
    assert_eq!(list_of("").await, [second]);
    assert_eq!(list_of("include_deleted=1").await, [first, second]);
    assert_eq!(world.get(&format!("/record/{SALON}/{first}")).await.0, 404);
    yclients.set(|settings| settings.include_deleted = false);
    assert_eq!(list_of("include_deleted=1").await, [second]);
    yclients.restore_record(SALON, first);
    assert_eq!(list_of("").await, [first, second]);
    assert_eq!(world.get(&format!("/records/{SALON}?start_date=tomorrow")).await.0, 400);
}

#[tokio::test]
async fn a_record_shows_its_people_and_its_two_times() {
    let world = World::new().await;
    let (yclients, anna) = (world.yclients(), world.anna());
    yclients.add_record(SALON, Record { attendance: 1, ..Record::at(anna, at(1, 12)) });
    let id = yclients.add_record(SALON, Record { paid_full: true, ..Record::at(anna, at(20, 12)) });
    let shown = world.data("GET", &format!("/record/{SALON}/{id}"), Value::Null).await;
    assert_eq!((&shown["date"], &shown["datetime"]), (&json!("2026-07-20 12:00:00"), &json!("2026-07-20T12:00:00+03:00")));
    assert_eq!((&shown["client"]["id"], &shown["client"]["success_visits_count"]), (&json!(anna), &json!(1)));
    assert_eq!((&shown["staff"]["name"], &shown["services"][0]["title"]), (&json!("Ольга"), &json!("Стрижка")));
    assert!(shown["paid_full"] == 1 || shown["paid_full"] == true);
    yclients.set(|settings| settings.wrong_offsets = true);
    let shown = world.data("GET", &format!("/record/{SALON}/{id}"), Value::Null).await;
    assert_eq!((&shown["date"], &shown["datetime"]), (&json!("2026-07-20 12:00:00"), &json!("2026-07-20T12:00:00+00:00")));
}

#[tokio::test]
async fn a_record_is_made_confirmed_moved_and_removed() {
    let world = World::new().await;
    let path = format!("/records/{SALON}");
    let (status, refusal) = world.call("POST", &path, json!({ "staff_id": 99, "attendance": 7 })).await;
    let fields: Vec<&str> = refusal["meta"]["errors"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((status, fields.join(" ").as_str()), (422, "attendance client datetime seance_length services staff_id"));
    let (status, made) = world.call("POST", &path, wanted("79123456789", "2026-07-20T09:00:00+00:00")).await;
    assert_eq!((status, &made["data"]["date"]), (201, &json!("2026-07-20 12:00:00")), "by the wall's clock");
    assert_eq!((&made["data"]["api_id"], &made["data"]["services"][0]["cost"]), (&json!("ext-1"), &json!(1300)));
    let (id, client) = (made["data"]["id"].as_i64().unwrap(), made["data"]["client"]["id"].as_i64().unwrap());
    assert_eq!(world.yclients().client(SALON, client).unwrap().name, "Анна", "a new client is made");
    assert_eq!(world.call("POST", &path, wanted("79120000001", "2026-07-20T12:30:00+03:00")).await.0, 409);
    world.yclients().set(|settings| settings.busy_is_conflict = false);
    assert_eq!(world.call("POST", &path, wanted("79120000001", "2026-07-20T12:30:00+03:00")).await.0, 422);
    let mut anyway = wanted("79123456789", "2026-07-20 12:30:00");
    anyway["save_if_busy"] = json!(true);
    let again = world.data("POST", &path, anyway).await;
    assert_eq!(again["client"]["id"], client, "the phone is known by now");

    let one = format!("/record/{SALON}/{id}");
    assert_eq!(world.call("PUT", &one, json!({ "attendance": 2 })).await.0, 422, "no partial change");
    let mut confirmed = wanted("79123456789", "2026-07-20T12:00:00+03:00");
    confirmed["attendance"] = json!(2);
    let shown = world.data("PUT", &one, confirmed.clone()).await;
    assert_eq!((&shown["attendance"], &shown["comment"]), (&json!(2), &json!("от бота")));
    confirmed["datetime"] = json!("2026-07-20T12:15:00+03:00");
    assert_eq!(world.call("PUT", &one, confirmed).await.0, 422, "somebody else is there then");
    assert_eq!(world.call("DELETE", &one, Value::Null).await.0, 204);
    assert_eq!(world.call("DELETE", &one, Value::Null).await.0, 404);
    assert!(world.yclients().record(SALON, id).unwrap().deleted);
    let kinds: Vec<(&str, &str)> = world.yclients().writes().iter().map(|write| (write.what, write.how)).collect();
    assert_eq!(kinds, [("record", "create"), ("record", "create"), ("record", "update"), ("record", "delete")]);
}

#[tokio::test]
async fn a_merge_moves_the_records() {
    let world = World::new().await;
    let (yclients, anna) = (world.yclients(), world.anna());
    let twin = yclients.add_client(SALON, Client::person("Аня", "Петрова", "79123456789"));
    let record = yclients.add_record(SALON, Record::at(twin, at(20, 12)));
    yclients.merge_clients(SALON, twin, anna);
    assert_eq!(world.get(&format!("/client/{SALON}/{twin}")).await.0, 404);
    assert_eq!(yclients.record(SALON, record).unwrap().client, Some(anna));
}

#[tokio::test]
async fn a_card_shows_visits() {
    let world = World::new().await;
    let yclients = world.yclients();
    let anna = yclients.add_client(SALON, Client { comment: "Аллергия".to_owned(), ..Client::person("Анна", "Петрова", "79120000001") });
    yclients.add_record(SALON, Record { attendance: 1, ..Record::at(anna, at(20, 12)) });
    yclients.add_record(SALON, Record { confirmed: false, ..Record::at(anna, at(21, 12)) });
    let cards: Value =
        reqwest::get(format!("{}/sandbox/cards?phone=%2B7%20912%20000-00-01", world.sandbox.url())).await.unwrap().json().await.unwrap();
    assert_eq!((cards.as_array().map(Vec::len), &cards[0]["fields"]), (Some(1), &json!([["Комментарий", "Аллергия"]])));
    let entries: Vec<_> = cards[0]["entries"].as_array().unwrap().iter().map(|one| (&one["kind"], &one["text"], &one["state"])).collect();
    let cut = json!("Стрижка, Ольга");
    assert_eq!(entries, [(&json!("visit"), &cut, &json!("✗")), (&json!("visit"), &cut, &json!("✓"))]);
}
