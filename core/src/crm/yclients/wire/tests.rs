use serde_json::json;

use super::*;
use crate::crm::yclients::login::Brand;

/// Every row of the contract's table of errors (section 5), and what a proxy says.
#[test]
fn recorded_answers_are_classified() {
    let refused = |message: &str| json!({ "success": false, "data": null, "meta": { "message": message } }).to_string();
    let page = "<html><body>maintenance</body></html>".to_owned();
    let fields =
        json!({ "success": false, "data": null, "meta": { "message": "An error", "errors": { "phone": ["Phone is not valid"] } } });
    let old = r#"{"success":false,"errors":{"code":404,"message":"Not Found"}}"#.to_owned();
    let transient = |detail: &str, smaller| Err(CrmError::Transient { detail: detail.to_owned(), smaller });
    let rejected = |words: &str| Err(CrmError::Rejected(words.to_owned()));
    let good = json!({ "success": true, "data": [], "meta": [] });
    let table = [
        (Kind::Read, 200, good.to_string(), Ok(good.clone())),
        (Kind::Once, 201, good.to_string(), Ok(good.clone())),
        (Kind::Repeatable, 202, good.to_string(), Ok(good.clone())),
        (Kind::Repeatable, 204, String::new(), Ok(Value::Null)),
        (Kind::Read, 200, refused("No"), rejected("200 No")),
        (Kind::Read, 200, old.clone(), Err(CrmError::NotFound)),
        (Kind::Read, 200, page.clone(), transient("the answer is not JSON", false)),
        (Kind::Once, 201, String::new(), Err(CrmError::Unknown("the answer is not JSON".to_owned()))),
        (Kind::Read, 302, String::new(), rejected("302")),
        (Kind::Read, 400, refused("The body is no JSON."), rejected("400 The body is no JSON.")),
        (Kind::Read, 401, refused("Authentication needed."), Err(CrmError::Unauthorised)),
        (Kind::Read, 402, refused("It is necessary to renew the license"), Err(CrmError::PaymentRequired)),
        (Kind::Read, 403, refused("Access denied."), Err(CrmError::Forbidden("403 Access denied.".to_owned()))),
        (Kind::Read, 404, r#"{"success":false,"data":null,"meta":{}}"#.to_owned(), Err(CrmError::NotFound)),
        (Kind::Once, 404, r#"{"success":false,"data":null,"meta":[]}"#.to_owned(), Err(CrmError::NotFound)),
        (Kind::Read, 404, old, Err(CrmError::NotFound)),
        (Kind::Repeatable, 409, refused("Busy"), rejected("409 Busy")),
        (Kind::Repeatable, 422, fields.to_string(), rejected("422 An error; phone: Phone is not valid")),
        (Kind::Once, 429, String::new(), Err(CrmError::RetryAfter(AGAIN))),
        (Kind::Read, 500, String::new(), transient("500", false)),
        (Kind::Repeatable, 502, page.clone(), transient("502", false)),
        (Kind::Read, 504, page.clone(), transient("504", true)),
        (Kind::Once, 503, page, Err(CrmError::Unknown("503".to_owned()))),
    ];
    for (kind, status, body, wanted) in table {
        assert_eq!(classify(kind, &Answer { status, retry_after: None, body: body.as_bytes() }), wanted, "{kind:?} {status} {body}");
    }
    let told = classify(Kind::Read, &Answer { status: 429, retry_after: Some(7), body: b"" });
    assert_eq!(told, Err(CrmError::RetryAfter(Duration::from_secs(7))));
    assert!(matches!(no_answer(Kind::Once, false, String::new()), CrmError::Unknown(_)));
    assert_eq!(no_answer(Kind::Once, true, String::new()), CrmError::RetryAfter(UNREACHED));
    assert!(matches!(no_answer(Kind::Repeatable, false, String::new()), CrmError::Transient { .. }));
}

#[test]
fn a_client_is_read_whatever_its_types() {
    let full = json!({ "id": 77001, "name": "Анна", "surname": "Петрова", "patronymic": "", "phone": 79_123_456_789_u64,
        "email": "a@example.com", "birth_date": "1990-03-11", "comment": "вечером &quot;тихо&quot; &amp; быстро", "visits": 7, "spent": 15400,
        "sex": "Женский", "sms_check": 1, "sms_not": 0, "importance": "", "categories": [{ "id": 31, "title": "VIP" }],
        "last_change_date": "2026-07-01T12:00:00+0400", "custom_fields": { "telegram_id": "123456789", "at": "2026-07-01 20:41:40", "n": 5 } });
    let kinds: Kinds = [("at".to_owned(), CrmFieldKind::Date), ("n".to_owned(), CrmFieldKind::Number)].into();
    let found = json!({ "id": 77001, "last_visit_date": "2026-06-30", "first_visit_date": "" });
    let read = client(&full, Some(&found), &kinds).expect("a client");
    assert_eq!(
        (read.id.as_str(), read.name.as_str(), read.first_name.as_str(), read.last_name.as_str()),
        ("77001", "Анна Петрова", "Анна", "Петрова")
    );
    assert_eq!(
        (&read.phones, &read.emails, &read.tags),
        (&vec!["+79123456789".to_owned()], &vec!["a@example.com".to_owned()], &vec!["VIP".to_owned()])
    );
    assert_eq!(read.updated_at.to_rfc3339(), "2026-07-01T08:00:00+00:00");
    let value = |id: &str| read.fields.iter().find(|(field, _)| field == id).map(|(_, values)| values.clone());
    assert_eq!((value("birth_date"), value("patronymic")), (Some(vec![json!("1990-03-11")]), Some(vec![])));
    assert_eq!(value("comment"), Some(vec![json!("вечером \"тихо\" & быстро")]));
    assert_eq!((value("last_visit_date"), value("first_visit_date")), (Some(vec![json!("2026-06-30")]), Some(vec![])));
    assert_eq!((value("sms_check"), value("sms_not")), (Some(vec![json!(1)]), Some(vec![json!(0)])));
    assert_eq!((value("custom.at"), value("custom.n")), (Some(vec![json!("2026-07-01")]), Some(vec![json!(5)])));

    let altegio = json!({ "id": "5", "name": "Иван", "middle_name": "Ильич", "gender": "Male", "phone": "89123456789", "birth_date": 0, "custom_fields": [] });
    let read = client(&altegio, None, &kinds).expect("a client");
    let value = |id: &str| read.fields.iter().find(|(field, _)| field == id).map(|(_, values)| values.clone());
    assert_eq!((value("patronymic"), value("sex")), (Some(vec![json!("Ильич")]), Some(vec![json!("Male")])));
    assert_eq!((value("birth_date"), read.phones[0].as_str()), (Some(vec![]), "89123456789"), "an eight may be the Russian one");
    assert_eq!(client(&json!({ "name": "Никто" }), None, &kinds), None);
    assert!(is_masked(&json!({ "phone": "7912***6789" })) && !is_masked(&json!({ "phone": 79_123_456_789_u64 })));
    assert!(!has_phone(&json!({ "phone": "" })) && has_phone(&json!({ "phone": 79_123_456_789_u64 })));
}

#[test]
fn fields_have_kinds_and_ids_of_their_own() {
    let made = |code: &str, kind: &str, values: Value| {
        field(&json!({ "id": 55, "custom_field": { "id": 901, "code": code, "title": "Моё", "type": { "code": kind }, "values": values } }))
    };
    assert_eq!(
        made("comment", "text", json!([])).map(|field| (field.id, field.kind)),
        Some(("custom.comment".to_owned(), CrmFieldKind::Text))
    );
    assert_eq!(made("at", "datetime", json!([])).map(|field| field.kind), Some(CrmFieldKind::Date));
    assert_eq!(
        made("drink", "select", json!(["Чай", { "id": 2, "value": "Кофе" }])).map(|field| field.options),
        Some(vec!["Чай".to_owned(), "Кофе".to_owned()])
    );
    assert_eq!(made("", "text", json!([])), None);
    assert_eq!((own_code("custom.a"), own_code("sms_not")), (Some("a"), None));
}

#[test]
fn a_branch_is_known_with_its_clock() {
    let branch = Branch { brand: Brand::Yclients, id: 4_565 };
    let companies = [
        json!({ "id": 4564, "title": "Первый", "timezone": 3, "timezone_name": "Europe/Moscow" }),
        json!({ "id": "4565", "title": " Салон &quot;Река&quot; ", "timezone": 4, "timezone_name": "Nowhere/At all" }),
    ];
    let place = super::place(&companies, branch).expect("the branch");
    assert_eq!((place.identity.external_id.as_str(), place.identity.name.as_str(), place.identity.zone), ("4565", "Салон \"Река\"", None));
    let noon = NaiveDateTime::parse_from_str("2026-07-20 12:00:00", "%Y-%m-%d %H:%M:%S").expect("a time");
    assert_eq!((place.zone.moment(noon).to_rfc3339().as_str(), place.zone.offset(noon).as_str()), ("2026-07-20T08:00:00+00:00", "+04:00"));
    assert_eq!(super::place(&companies, Branch { id: 1, ..branch }), None);
    // The clocks go back, and forward.
    let berlin = Zone::Named(Tz::Europe__Berlin);
    let at = |text: &str| berlin.moment(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time")).to_rfc3339();
    assert_eq!(at("2026-10-25 02:30"), "2026-10-25T00:30:00+00:00");
    assert_eq!(at("2026-03-29 02:30"), "2026-03-29T01:30:00+00:00");
    assert_eq!(berlin.offset(noon), "+02:00");
}
