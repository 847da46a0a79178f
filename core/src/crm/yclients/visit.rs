//! Records (appointments) as visits, and back (contracts/crm/yclients.md, 2.5, 3). Pure.

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::{Map, Value, json};

use super::wire::{Place, flag, id, is_masked, moment, plain};
use crate::crm::{
    CrmError,
    occasion::{CrmOccasion, OccasionKind, OccasionState},
};

/// The client came (1), is awaited (0), said that they come (2), did not come (-1). All but the
/// first are unconfirmed: any other code is an awaited one.
const CAME: i64 = 1;
const CONFIRMED: i64 = 2;
const MISSED: i64 = -1;

fn attendance(record: &Value) -> i64 {
    let code = |key: &str| record[key].as_i64().or_else(|| record[key].as_str()?.parse().ok());
    code("attendance").or_else(|| code("visit_attendance")).unwrap_or_default()
}

fn is_cancelled(record: &Value) -> bool {
    flag(&record["confirmed"]) == Some(false)
}

fn is_deleted(record: &Value) -> bool {
    flag(&record["deleted"]) == Some(true)
}

/// By the clock on the wall of the branch: the offset beside it has been seen wrong.
fn begins(record: &Value) -> Option<NaiveDateTime> {
    let of = |key: &str, form: &str| NaiveDateTime::parse_from_str(record[key].as_str()?.get(..19)?, form).ok();
    of("date", "%Y-%m-%d %H:%M:%S").or_else(|| of("date", "%Y-%m-%dT%H:%M:%S")).or_else(|| of("datetime", "%Y-%m-%dT%H:%M:%S"))
}

fn seconds(record: &Value) -> Option<i64> {
    ["length", "seance_length"].iter().find_map(|key| record[*key].as_i64()).filter(|seconds| *seconds > 0)
}

/// Hundredths, of what the services cost together.
fn amount(record: &Value) -> Option<i64> {
    let costs: Vec<f64> = services(record).filter_map(|service| cost(&service["cost"])).collect();
    #[expect(clippy::cast_possible_truncation, reason = "a sum of money has no more than nine digits before the point")]
    let hundredths = (costs.iter().sum::<f64>() * 100.0).round() as i64;
    (!costs.is_empty()).then_some(hundredths)
}

fn cost(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn services(record: &Value) -> impl Iterator<Item = &Value> {
    record["services"].as_array().into_iter().flatten()
}

/// A record of the branch; `None`: it has no id, or no time.
pub fn occasion(record: &Value, place: &Place) -> Option<CrmOccasion> {
    let at = place.zone.moment(begins(record)?);
    let updated_at = moment(&record["last_change_date"]).or_else(|| moment(&record["create_date"])).unwrap_or_default();
    let deleted = is_deleted(record);
    let state = match attendance(record) {
        _ if deleted || is_cancelled(record) => OccasionState::Cancelled,
        CAME => OccasionState::Done,
        CONFIRMED => OccasionState::Confirmed,
        // Marked before it began: they said that they would not come.
        MISSED if updated_at < at => OccasionState::Cancelled,
        MISSED => OccasionState::Missed,
        _ => OccasionState::Open,
    };
    let titles: Vec<String> = services(record).map(|service| plain(&service["title"])).filter(|title| !title.is_empty()).collect();
    let mut data = Map::new();
    let ids: Vec<Value> = services(record).filter_map(|service| id(&service["id"])).map(Value::String).collect();
    for (name, value) in [
        ("services", (!ids.is_empty()).then_some(Value::Array(ids))),
        ("visit", id(&record["visit_id"]).map(Value::String)),
        ("online", flag(&record["online"]).map(Value::Bool)),
        ("prepaid", flag(&record["paid_full"]).map(Value::Bool)),
    ] {
        data.extend(value.map(|value| (name.to_owned(), value)));
    }
    let contact = id(&record["client"]["id"]);
    Some(CrmOccasion {
        until: seconds(record).map(|length| at + TimeDelta::seconds(length)),
        state,
        title: titles.join(", "),
        staff: plain(&record["staff"]["name"]),
        place: place.identity.name.clone(),
        amount: amount(record),
        data,
        deleted,
        ..CrmOccasion::new(OccasionKind::Visit, id(&record["id"])?, contact, at, updated_at)
    })
}

/// What a client's answer makes of the attendance; `None`: the visit has taken place, and there is
/// nothing to be said of it any more.
///
/// # Errors
/// It will not take place.
pub fn answered(record: &Value, comes: bool) -> Result<Option<i64>, CrmError> {
    if is_deleted(record) || is_cancelled(record) {
        return Err(CrmError::Rejected("the visit is cancelled".to_owned()));
    }
    Ok(match (attendance(record), comes) {
        (CAME, _) | (CONFIRMED, true) | (MISSED, false) => None,
        (_, true) => Some(CONFIRMED),
        (_, false) => Some(MISSED),
    })
}

/// The whole of a record as a change of it wants it: there is no change of a part (section 3).
/// `with`: what is to be another.
///
/// # Errors
/// The record does not show what must be sent with it.
pub fn whole(record: &Value, place: &Place, with: &[(&str, Value)]) -> Result<Value, CrmError> {
    let lacks = |what: &str| CrmError::Rejected(format!("the record shows no {what}, so it cannot be changed"));
    let client = &record["client"];
    if is_masked(client) {
        return Err(CrmError::Forbidden("the user may not see phones, so records cannot be changed".to_owned()));
    }
    let client_id = id(&client["id"]).and_then(|id| id.parse::<u64>().ok()).ok_or_else(|| lacks("client"))?;
    let wall = begins(record).ok_or_else(|| lacks("time"))?;
    let sent = services(record).map(|service| {
        json!({ "id": service["id"], "first_cost": service["first_cost"], "discount": service["discount"], "cost": service["cost"],
            "amount": service["amount"] })
    });
    let mut body = json!({
        "staff_id": record["staff_id"],
        "services": sent.collect::<Vec<_>>(),
        "client": { "id": client_id, "name": plain(&client["name"]), "phone": plain(&client["phone"]), "email": plain(&client["email"]) },
        // The time stays as it is, so whoever else is there then was there before.
        "save_if_busy": true,
        "datetime": format!("{}{}", wall.format("%Y-%m-%dT%H:%M:%S"), place.zone.offset(wall)),
        "seance_length": record["seance_length"].as_i64().or_else(|| seconds(record)).ok_or_else(|| lacks("length"))?,
        "send_sms": false,
        "comment": plain(&record["comment"]),
        "attendance": attendance(record),
    });
    if let Some(own) = record["custom_fields"].as_object() {
        body["custom_fields"] = json!(own);
    }
    if let Some(api_id) = record["api_id"].as_str().filter(|id| !id.is_empty()) {
        body["api_id"] = json!(api_id);
    }
    for (name, value) in with {
        body[*name] = value.clone();
    }
    Ok(body)
}

/// A comment with another paragraph.
pub fn commented(record: &Value, text: &str) -> String {
    [plain(&record["comment"]).as_str(), text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Lines of a comment that are looked through, at most: the newest.
const LINES: usize = 40;

/// Whatever may have been added to a comment: every run of its lines.
pub fn paragraphs(comment: &str) -> Vec<String> {
    let lines: Vec<&str> = comment.lines().collect();
    let lines = &lines[lines.len().saturating_sub(LINES)..];
    (0..lines.len()).flat_map(|from| (from..lines.len()).map(move |to| lines[from..=to].join("\n"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::yclients::{
        login::{Branch, Brand},
        wire,
    };

    fn salon() -> Place {
        let companies = [json!({ "id": 4564, "title": "Салон на Лесной", "timezone": 3, "timezone_name": "Europe/Moscow" })];
        wire::place(&companies, Branch { brand: Brand::Yclients, id: 4_564 }).expect("the branch")
    }

    fn record() -> Value {
        json!({ "id": 500100, "company_id": 4564, "staff_id": 9,
            "services": [{ "id": 12, "title": "Стрижка", "cost": 1500, "first_cost": 1500, "discount": 0, "amount": 1 },
                { "id": 13, "title": "Окрашивание", "cost": "3999.50", "first_cost": 4000, "discount": 0, "amount": 1 }],
            "staff": { "id": 9, "name": "Ольга" },
            "client": { "id": 77001, "name": "Анна", "phone": 79_123_456_789_u64, "email": "" },
            "date": "2026-07-20 12:00:00", "datetime": "2026-07-20T12:00:00+00:00", "create_date": "2026-07-10T09:00:00+0300",
            "last_change_date": "2026-07-11T09:00:00+0300", "comment": "у окна", "online": true, "visit_id": 410, "attendance": 0,
            "confirmed": 1, "seance_length": 3600, "length": 5400, "paid_full": 0, "deleted": false, "custom_fields": [] })
    }

    fn with(key: &str, value: Value) -> Value {
        let mut record = record();
        record[key] = value;
        record
    }

    #[test]
    fn a_record_is_a_visit_at_the_time_on_the_wall() {
        let visit = occasion(&record(), &salon()).expect("a visit");
        assert_eq!((visit.of.id.as_str(), visit.contact.as_deref()), ("500100", Some("77001")));
        assert_eq!(visit.at.to_rfc3339(), "2026-07-20T09:00:00+00:00", "the offset beside it is wrong");
        assert_eq!(visit.until.map(|at| (at - visit.at).num_minutes()), Some(90));
        assert_eq!(
            (visit.title.as_str(), visit.staff.as_str(), visit.place.as_str()),
            ("Стрижка, Окрашивание", "Ольга", "Салон на Лесной")
        );
        assert_eq!(
            (visit.amount, visit.data["prepaid"].as_bool(), visit.data["online"].as_bool()),
            (Some(549_950), Some(false), Some(true))
        );
        assert_eq!(visit.data["services"], json!(["12", "13"]));
        for nobody in [json!([]), Value::Null] {
            assert_eq!(occasion(&with("client", nobody), &salon()).expect("a visit").contact, None);
        }
        for (key, bad) in [("id", Value::Null), ("date", json!("tomorrow"))] {
            let mut record = with(key, bad);
            record["datetime"] = Value::Null;
            assert_eq!(occasion(&record, &salon()), None);
        }
    }

    #[test]
    fn attendance_confirmation_and_deletion_make_the_state() {
        let state = |changes: &[(&str, Value)]| {
            let mut record = record();
            for (key, value) in changes {
                record[*key] = value.clone();
            }
            let visit = occasion(&record, &salon()).expect("a visit");
            (visit.state, visit.deleted)
        };
        let after = json!("2026-07-20T15:00:00+0300");
        assert_eq!(state(&[]), (OccasionState::Open, false));
        assert_eq!(state(&[("attendance", json!(2))]), (OccasionState::Confirmed, false));
        assert_eq!(state(&[("attendance", json!("1"))]), (OccasionState::Done, false));
        assert_eq!(state(&[("attendance", json!(-1)), ("last_change_date", after)]), (OccasionState::Missed, false));
        assert_eq!(state(&[("attendance", json!(-1))]), (OccasionState::Cancelled, false), "said before it began");
        assert_eq!(state(&[("attendance", json!(7))]), (OccasionState::Open, false));
        assert_eq!(state(&[("confirmed", json!(0))]), (OccasionState::Cancelled, false));
        assert_eq!(state(&[("attendance", json!(1)), ("deleted", json!(true))]), (OccasionState::Cancelled, true));
    }

    #[test]
    fn a_change_sends_the_whole_record() {
        let said = |record: &Value, comes| answered(record, comes);
        assert_eq!((said(&record(), true), said(&record(), false)), (Ok(Some(2)), Ok(Some(-1))));
        assert_eq!(said(&with("attendance", json!(1)), false), Ok(None), "they were there");
        assert_eq!(said(&with("attendance", json!(2)), true), Ok(None));
        assert!(said(&with("confirmed", json!(false)), true).is_err() && said(&with("deleted", json!(1)), true).is_err());
        let body = whole(&record(), &salon(), &[("attendance", json!(2))]).expect("a body");
        assert_eq!((&body["datetime"], &body["seance_length"]), (&json!("2026-07-20T12:00:00+03:00"), &json!(3600)));
        assert_eq!((&body["attendance"], &body["comment"], &body["client"]["id"]), (&json!(2), &json!("у окна"), &json!(77001)));
        assert_eq!((&body["services"][0]["id"], &body["save_if_busy"]), (&json!(12), &json!(true)));
        assert!(whole(&with("client", Value::Null), &salon(), &[]).is_err());
        let masked = with("client", json!({ "id": 1, "phone": "7912***" }));
        assert!(matches!(whole(&masked, &salon(), &[]), Err(CrmError::Forbidden(_))));
    }

    #[test]
    fn what_was_added_to_a_comment_is_found_in_it() {
        let text = "Клиент ответил:\nопоздаю";
        let comment = commented(&record(), text);
        assert_eq!(comment, "у окна\nКлиент ответил:\nопоздаю");
        assert_eq!(paragraphs(&comment).iter().filter(|part| *part == text).count(), 1);
        assert_eq!(paragraphs("").len(), 0);
        assert_eq!(commented(&with("comment", json!("")), "да"), "да");
    }
}
