//! What RetailCRM says, in the words of the trait. Pure.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde_json::Value;

use super::{Touch, subscriptions};
pub use crate::crm::call::{Kind, id, no_answer};
use crate::{
    clock::Moment,
    crm::{CrmContact, CrmError, CrmField, CrmFieldKind, CrmIdentity},
    text::clean,
};

/// An answer as it came.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

/// Why a call failed, finer than [`CrmError`].
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    Crm(CrmError),
    /// The customer was merged into this one.
    Merged(String),
}

impl From<CrmError> for Failure {
    fn from(error: CrmError) -> Self {
        Self::Crm(error)
    }
}

impl From<Failure> for CrmError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Crm(error) => error,
            Failure::Merged(_) => Self::NotFound,
        }
    }
}

/// The limit tells no time to come back: the pause grows with every refusal (`crm::connection`).
const AGAIN: Duration = Duration::from_secs(1);

/// An answer came (section 5). A page of HTML in place of a refusal is of a host where no account
/// lives, or of a proxy before it.
pub fn classify(kind: Kind, answer: &Answer<'_>) -> Result<Value, Failure> {
    let text = String::from_utf8_lossy(answer.body);
    let page = text.trim_start().starts_with('<');
    let json: Value = serde_json::from_str(&clean::json(&text)).unwrap_or_default();
    let message = json["errorMsg"].as_str().unwrap_or_default();
    let said = || {
        let mut said = format!("{} {message}", answer.status).trim_end().to_owned();
        for (field, words) in json["errors"].as_object().into_iter().flatten() {
            said.push_str(&format!("; {field}: {}", words.as_str().unwrap_or_default()));
        }
        said
    };
    let no_account = page || message.starts_with("Account does not exist");
    Err(Failure::Crm(match answer.status {
        200..=299 if json["success"] == true => return Ok(json),
        200..=299 if json.is_null() && kind == Kind::Once => CrmError::Unknown("the answer is not JSON".to_owned()),
        200..=299 if json.is_null() => CrmError::Transient { detail: "the answer is not JSON".to_owned(), smaller: false },
        301 | 302 | 307 | 308 => CrmError::Moved,
        400 | 404 | 405 if no_account => CrmError::Moved,
        403 if message.contains("apiKey") => CrmError::Unauthorised,
        401 | 403 => CrmError::Forbidden(said()),
        404 => match id(&json["combinedTo"]["id"]) {
            Some(survivor) => return Err(Failure::Merged(survivor)),
            None => CrmError::NotFound,
        },
        429 | 503 => CrmError::RetryAfter(AGAIN),
        500..=599 if kind == Kind::Once => CrmError::Unknown(said()),
        500..=599 => CrmError::Transient { detail: said(), smaller: answer.status == 504 },
        _ => CrmError::Rejected(said()),
    }))
}

/// The items of a list.
pub fn items<'a>(answer: &'a Value, key: &str) -> &'a [Value] {
    answer[key].as_array().map_or(&[], Vec::as_slice)
}

/// How many pages a list has.
pub fn pages(answer: &Value) -> u64 {
    answer["pagination"]["totalPageCount"].as_u64().unwrap_or_default()
}

/// The methods of these that a key may not call.
pub fn missing<'a>(credentials: &Value, needed: &[&'a str]) -> Vec<&'a str> {
    let may: Vec<&str> = items(credentials, "credentials").iter().filter_map(Value::as_str).collect();
    needed.iter().copied().filter(|method| !may.contains(method)).collect()
}

/// Who the account is; `None`: it does not say so.
pub fn identity(info: &Value) -> Option<CrmIdentity> {
    let host = |key: &str| url::Url::parse(info[key].as_str()?).ok()?.host_str().map(str::to_owned);
    let external_id = host("technicalUrl").or_else(|| host("publicUrl"))?;
    let name = host("publicUrl").unwrap_or_else(|| external_id.clone());
    Some(CrmIdentity::new(external_id, &[&name], None))
}

/// What of a customer is no custom field: its name in the answer, what it is called in the
/// account's own screens, what it holds.
const USUAL: &[(&str, &str, CrmFieldKind)] = &[
    ("birthday", "Дата рождения", CrmFieldKind::Date),
    ("sex", "Пол", CrmFieldKind::Text),
    ("patronymic", "Отчество", CrmFieldKind::Text),
    ("address.city", "Город", CrmFieldKind::Text),
    ("address.region", "Регион", CrmFieldKind::Text),
    ("vip", "VIP", CrmFieldKind::Flag),
    ("ordersCount", "Количество заказов", CrmFieldKind::Number),
    ("totalSumm", "Сумма заказов", CrmFieldKind::Number),
    ("averageSumm", "Средний чек", CrmFieldKind::Number),
];

/// The fields that every account has.
pub fn usual_fields() -> Vec<CrmField> {
    USUAL.iter().map(|(id, title, kind)| CrmField::new((*id).to_owned(), title, *kind, Vec::new())).collect()
}

/// Codes and names of the items, by the code of the field.
type Names = HashMap<String, BTreeMap<String, String>>;

/// What the items of each field with a dictionary are called.
pub fn names(fields: &[Value], dictionaries: &[Value]) -> Names {
    let of = |code: &str| {
        let dictionary = dictionaries.iter().find(|dictionary| dictionary["code"] == code)?;
        let item = |item: &Value| Some((id(&item["code"])?, item["name"].as_str()?.to_owned()));
        Some(items(dictionary, "elements").iter().filter_map(item).collect())
    };
    fields.iter().filter_map(|field| Some((field["code"].as_str()?.to_owned(), of(field["dictionary"].as_str()?)?))).collect()
}

/// A custom field the product can hold.
pub fn field(field: &Value, names: &Names) -> Option<CrmField> {
    let kind = match field["type"].as_str()? {
        "string" | "text" | "email" | "dictionary" | "multiselect_dictionary" => CrmFieldKind::Text,
        "integer" | "numeric" => CrmFieldKind::Number,
        "date" | "datetime" => CrmFieldKind::Date,
        "boolean" => CrmFieldKind::Flag,
        _ => return None,
    };
    let code = field["code"].as_str()?;
    let options = names.get(code).map(|items| items.values().cloned().collect()).unwrap_or_default();
    Some(CrmField::new(code.to_owned(), field["name"].as_str().unwrap_or_default(), kind, options))
}

/// A moment as the account writes it: local, without a zone.
pub fn local(value: &Value) -> Option<NaiveDateTime> {
    let text = value.as_str()?;
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"))
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(chrono::NaiveTime::MIN)))
        .ok()
}

/// How far the account's own time is ahead of UTC, by what it says of now: no zone is told, and all
/// zones are whole quarters of an hour.
pub fn offset(generated_at: &Value, now: Moment) -> TimeDelta {
    const QUARTER: i64 = 15 * 60;
    let ahead = local(generated_at).map_or(0, |at| (at - now.naive_utc()).num_seconds());
    TimeDelta::seconds((ahead + QUARTER / 2).div_euclid(QUARTER) * QUARTER)
}

/// The customers that records of the feed are about, with the time of the last. Segments change by
/// themselves, many at a time, and are not kept; `own`: the name of the checkbox that we tick, of
/// which our own writes are no news, as of tags and subscriptions.
pub fn touched(records: &[Value], own: Option<&str>, offset: TimeDelta) -> BTreeMap<String, Touch> {
    let mut touched: BTreeMap<String, Touch> = BTreeMap::new();
    let mut touch = |id: Option<String>, at: Moment, deleted: bool, into: Option<String>| {
        if let Some(id) = id {
            let one = touched.entry(id).or_insert(Touch { at, deleted, into: None });
            *one = Touch { at: one.at.max(at), deleted: one.deleted || deleted, into: into.or(one.into.take()) };
        }
    };
    for record in records {
        let field = record["field"].as_str().unwrap_or_default();
        let ours = record["apiKey"]["current"] == true && (field == "tags" || field == "subscriptions" || own == Some(field));
        if field == "segments" || ours || record["customer"]["type"] == "customer_corporate" {
            continue;
        }
        let at = local(&record["createdAt"]).map_or(Moment::UNIX_EPOCH, |at| (at - offset).and_utc());
        let into = id(&record["combinedTo"]["id"]);
        touch(id(&record["customer"]["id"]), at, record["deleted"] == true, into.clone());
        touch(into, at, false, None);
    }
    touched
}

/// A customer that is no more; of a merged one: who survived.
pub fn gone(id: &str, at: Moment, into: Option<String>) -> CrmContact {
    CrmContact {
        id: id.to_owned(),
        name: String::new(),
        first_name: String::new(),
        last_name: String::new(),
        phones: Vec::new(),
        emails: Vec::new(),
        tags: Vec::new(),
        fields: Vec::new(),
        updated_at: at,
        deleted: true,
        merged_into: into,
    }
}

/// A customer as the wire has it; `None`: it has no id, or is a company. No time of its last change
/// is told: as long as the feed says nothing of it, it is as old as the customer.
pub fn customer(customer: &Value, names: &Names) -> Option<CrmContact> {
    if customer["type"] == "customer_corporate" {
        return None;
    }
    let text = |key: &str| customer[key].as_str().unwrap_or_default().trim().to_owned();
    let (first_name, last_name) = (text("firstName"), text("lastName"));
    let name = [first_name.as_str(), last_name.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let usual = USUAL.iter().filter_map(|(id, _, _)| {
        let value = id.split('.').fold(customer, |value, part| &value[part]);
        (!value.is_null()).then(|| ((*id).to_owned(), vec![value.clone()]))
    });
    // An empty object is written as a list.
    let custom = customer["customFields"].as_object().into_iter().flatten().map(|(code, value)| {
        let named = |value: &Value| match names.get(code).and_then(|items| items.get(value.as_str()?)) {
            Some(name) => Value::String(name.clone()),
            None => day(value),
        };
        let values = match value {
            Value::Array(items) => items.iter().map(named).collect(),
            Value::Null => Vec::new(),
            value => vec![named(value)],
        };
        (code.clone(), values)
    });
    Some(CrmContact {
        id: id(&customer["id"])?,
        name,
        first_name,
        last_name,
        phones: items(customer, "phones").iter().filter_map(|phone| phone["number"].as_str()).map(str::to_owned).collect(),
        emails: Some(text("email")).filter(|email| !email.is_empty()).into_iter().collect(),
        tags: items(customer, "tags").iter().filter_map(|tag| tag["name"].as_str()).map(str::to_owned).collect(),
        fields: usual.chain(custom).chain(subscriptions::values(customer)).collect(),
        updated_at: local(&customer["createdAt"]).unwrap_or_default().and_utc(),
        deleted: false,
        merged_into: None,
    })
}

/// A moment without a zone as its day; any other value as it is.
pub fn day(value: &Value) -> Value {
    let is_moment = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").is_ok();
    match value.as_str().filter(|text| is_moment(text)).and_then(|text| text.get(..10)) {
        Some(day) => Value::String(day.to_owned()),
        None => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Every row of the contract's table of errors (section 5), and what a proxy says.
    #[test]
    fn recorded_answers_are_classified() {
        let refused = |message: &str| json!({ "success": false, "errorMsg": message }).to_string();
        let page = "<html><body>maintenance</body></html>";
        let entity = r#"{"success":false,"errorMsg":"Errors in the entity format","errors":{"email":"This value is not valid"}}"#;
        let merged = r#"{"success":false,"errorMsg":"Not found","combinedTo":{"id":982,"site":"shop-main"}}"#;
        let crm = |error: CrmError| Err(Failure::Crm(error));
        let transient = |detail: &str, smaller| crm(CrmError::Transient { detail: detail.to_owned(), smaller });
        let limited = || crm(CrmError::RetryAfter(AGAIN));
        let rejected = |words: &str| crm(CrmError::Rejected(words.to_owned()));
        let table = [
            (Kind::Read, 200, r#"{"success":true}"#.to_owned(), Ok(json!({ "success": true }))),
            (Kind::Once, 201, r#"{"success":true,"id":42}"#.to_owned(), Ok(json!({ "success": true, "id": 42 }))),
            (Kind::Read, 200, refused("No"), rejected("200 No")),
            (Kind::Read, 200, page.to_owned(), transient("the answer is not JSON", false)),
            (Kind::Once, 200, String::new(), crm(CrmError::Unknown("the answer is not JSON".to_owned()))),
            (Kind::Repeatable, 400, entity.to_owned(), rejected("400 Errors in the entity format; email: This value is not valid")),
            (Kind::Read, 400, refused("Parameter 'site' is missing"), rejected("400 Parameter 'site' is missing")),
            (Kind::Read, 400, refused("Account does not exist."), crm(CrmError::Moved)),
            (Kind::Read, 404, refused("Account does not exist."), crm(CrmError::Moved)),
            (Kind::Read, 404, page.to_owned(), crm(CrmError::Moved)),
            (Kind::Read, 405, page.to_owned(), crm(CrmError::Moved)),
            (Kind::Read, 405, refused("Method Not Allowed"), rejected("405 Method Not Allowed")),
            (Kind::Read, 302, String::new(), crm(CrmError::Moved)),
            (Kind::Read, 403, refused("\"apiKey\" is missing."), crm(CrmError::Unauthorised)),
            (Kind::Read, 403, refused("Wrong \"apiKey\" value."), crm(CrmError::Unauthorised)),
            (Kind::Read, 403, refused("Access denied."), crm(CrmError::Forbidden("403 Access denied.".to_owned()))),
            (Kind::Read, 404, refused("Not found"), crm(CrmError::NotFound)),
            (Kind::Repeatable, 404, merged.to_owned(), Err(Failure::Merged("982".to_owned()))),
            (Kind::Once, 460, refused("Customers are loaded with errors"), rejected("460 Customers are loaded with errors")),
            (Kind::Read, 429, String::new(), limited()),
            (Kind::Once, 503, page.to_owned(), limited()),
            (Kind::Read, 500, String::new(), transient("500", false)),
            (Kind::Read, 504, page.to_owned(), transient("504", true)),
            (Kind::Once, 502, page.to_owned(), crm(CrmError::Unknown("502".to_owned()))),
        ];
        for (kind, status, body, wanted) in table {
            assert_eq!(classify(kind, &Answer { status, body: body.as_bytes() }), wanted, "{kind:?} {status} {body}");
        }
        assert!(matches!(no_answer(Kind::Once, false, String::new()), CrmError::Unknown(_)));
        assert!(matches!(no_answer(Kind::Once, true, String::new()), CrmError::Transient { .. }));
        assert!(matches!(no_answer(Kind::Repeatable, false, String::new()), CrmError::Transient { .. }));
    }

    #[test]
    fn a_customer_is_read_whatever_its_gaps() {
        let fields = [json!({ "code": "drink", "dictionary": "drinks" })];
        let dictionaries = [json!({ "code": "drinks", "elements": [{ "code": "tea", "name": "Чай" }, { "code": "3", "name": "Кофе" }] })];
        let names = names(&fields, &dictionaries);
        let full = json!({ "type": "customer", "id": 4770, "externalId": "ext-1", "createdAt": "2020-10-30 14:22:12", "site": "shop-main",
            "tags": [{ "name": "vip", "attached": true }], "totalSumm": 1395.16, "ordersCount": 1, "vip": false,
            "customFields": { "msg_consent": true, "drink": "tea", "many": ["a", "b"], "at": "2026-07-01 20:41:40", "none": null },
            "address": { "city": "Москва" }, "firstName": "Анна", "lastName": "Петрова", "birthday": "1990-03-11", "email": "a@example.com",
            "phones": [{ "number": "89229112322" }, { "number": "+79094055044" }] });
        let read = customer(&full, &names).expect("a customer");
        assert_eq!((read.id.as_str(), read.name.as_str(), read.last_name.as_str()), ("4770", "Анна Петрова", "Петрова"));
        assert_eq!(
            (&read.phones[..], &read.emails[..]),
            (&["89229112322".to_owned(), "+79094055044".to_owned()][..], &["a@example.com".to_owned()][..])
        );
        assert_eq!(read.tags, ["vip"]);
        let value = |id: &str| read.fields.iter().find(|(field, _)| field == id).map(|(_, values)| values.clone());
        assert_eq!(value("drink"), Some(vec![json!("Чай")]));
        assert_eq!(value("many"), Some(vec![json!("a"), json!("b")]));
        assert_eq!(value("at"), Some(vec![json!("2026-07-01")]), "no zone is told, so the day is all that is known");
        assert_eq!((value("none"), value("address.city")), (Some(vec![]), Some(vec![json!("Москва")])));
        assert_eq!((value("totalSumm"), value("sex")), (Some(vec![json!(1395.16)]), None));
        let bare = customer(&json!({ "id": 7, "customFields": [], "tags": [], "firstName": "Анна Петрова" }), &names).expect("a customer");
        assert_eq!((bare.name.as_str(), bare.last_name.as_str(), bare.phones.len()), ("Анна Петрова", "", 0));
        assert_eq!(customer(&json!({ "id": 7, "type": "customer_corporate" }), &names), None);
        assert_eq!(customer(&json!({ "firstName": "Анна" }), &names), None);
    }

    #[test]
    fn the_feed_names_whom_to_read_again() {
        let now: Moment = "2026-07-01T17:41:40Z".parse().expect("a moment");
        let offset = offset(&json!("2026-07-01 20:41:35"), now);
        assert_eq!(offset, TimeDelta::hours(3));
        assert_eq!(super::offset(&json!("2026-07-01 14:11:50"), now), TimeDelta::minutes(-210));
        let records = [
            json!({ "id": 1, "createdAt": "2026-07-01 17:00:00", "field": "segments", "customer": { "id": 1 } }),
            json!({ "id": 2, "createdAt": "2026-07-01 17:00:00", "field": "phones", "customer": { "id": 2 } }),
            json!({ "id": 3, "createdAt": "2026-07-01 18:00:00", "field": "email", "customer": { "id": 2 } }),
            json!({ "id": 4, "createdAt": "2026-07-01 17:00:00", "field": "custom_stop", "apiKey": { "current": true }, "customer": { "id": 4 } }),
            json!({ "id": 5, "createdAt": "2026-07-01 17:00:00", "field": "custom_stop", "apiKey": { "current": false }, "customer": { "id": 5 } }),
            json!({ "id": 6, "createdAt": "2026-07-01 17:00:00", "field": "id", "created": true, "apiKey": { "current": true }, "customer": { "id": 6 } }),
            json!({ "id": 7, "createdAt": "2026-07-01 17:00:00", "field": "id", "deleted": true, "customer": { "id": 7 }, "combinedTo": { "id": 8 } }),
            json!({ "id": 8, "createdAt": "2026-07-01 17:00:00", "field": "id", "created": true, "customer": { "id": 9, "type": "customer_corporate" } }),
        ];
        let touched = touched(&records, Some("custom_stop"), offset);
        assert_eq!(touched.keys().map(String::as_str).collect::<Vec<_>>(), ["2", "5", "6", "7", "8"]);
        assert_eq!(touched["2"], Touch { at: "2026-07-01T15:00:00Z".parse().expect("a moment"), deleted: false, into: None });
        assert_eq!((touched["7"].deleted, touched["8"].deleted), (true, false));
        assert_eq!((touched["7"].into.as_deref(), touched["8"].into.as_deref()), (Some("8"), None));
    }

    #[test]
    fn a_key_says_what_it_may_not() {
        let may = json!({ "credentials": ["/api/v5/customers", "/api/v5/customers/history"] });
        assert_eq!(missing(&may, &["/api/v5/customers", "/api/v5/custom-fields"]), ["/api/v5/custom-fields"]);
        let info = json!({ "publicUrl": "https://crm.romashka.example", "technicalUrl": "https://romashka.retailcrm.ru" });
        let who = identity(&info).expect("an account");
        assert_eq!((who.external_id.as_str(), who.name.as_str()), ("romashka.retailcrm.ru", "crm.romashka.example"));
        assert_eq!(identity(&json!({})), None);
    }
}
