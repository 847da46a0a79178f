//! `POST /company/{company}/clients/search`: fields on demand, an order, filters. It has no filter
//! by the time of a change.

use serde_json::{Map, Value, json};

use super::{
    access::Rights,
    book::{flag, whole},
    error::{YcError, YcResult},
    server::page,
    show::{self, Eyes},
    state::{Client, Company, Record, State},
};

const ORDERS: [&str; 9] = ["id", "name", "phone", "email", "discount", "first_visit_date", "last_visit_date", "sold_amount", "visit_count"];

fn wrong(what: &str) -> YcError {
    YcError::new(400, format!("{what} is not valid"))
}

/// A page of clients.
pub(crate) fn clients(state: &State, company: i64, rights: &Rights, body: &Value) -> YcResult {
    let (place, settings) = (state.company(company)?, &state.settings);
    let size = |key: &str, default: usize| match &body[key] {
        Value::Null => Ok(default),
        value => whole(value).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).ok_or_else(|| wrong(key)),
    };
    let (number, rows) = (size("page", 1)?, size("page_size", 25)?);
    if rows > settings.search_page {
        return Err(YcError::invalid(&[("page_size", "The page is too large")]));
    }
    let order = body["order_by"].as_str().unwrap_or("id");
    if !ORDERS.contains(&order) {
        return Err(YcError::invalid(&[("order_by", "The order is not known")]));
    }
    let descending = match body["order_by_direction"].as_str().unwrap_or("ASC").to_ascii_uppercase().as_str() {
        "ASC" => false,
        "DESC" => true,
        _ => return Err(YcError::invalid(&[("order_by_direction", "The direction is not known")])),
    };
    let any = match body["operation"].as_str().unwrap_or("AND").to_ascii_uppercase().as_str() {
        "AND" => false,
        "OR" => true,
        _ => return Err(wrong("operation")),
    };
    let filters = match &body["filters"] {
        Value::Null => Vec::new(),
        Value::Array(filters) => filters.iter().map(Filter::read).collect::<YcResult<Vec<_>>>()?,
        _ => return Err(wrong("filters")),
    };
    let holds = |client: &&Client| match any {
        _ if filters.is_empty() => true,
        true => filters.iter().any(|filter| filter.holds(place, client)),
        false => filters.iter().all(|filter| filter.holds(place, client)),
    };
    let visible = |client: &&Client| !rights.hidden_clients.contains(&client.id);
    let mut found: Vec<&Client> = place.clients.values().filter(visible).filter(holds).collect();
    if order != "id" {
        found.sort_by_cached_key(|client| key(place, client, order));
    }
    if descending {
        found.reverse();
    }
    let fields: Vec<&str> = body["fields"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let shown = found.iter().skip((number - 1) * rows).take(rows).map(|client| {
        let mut row = Map::new();
        for field in ["id", "name"].iter().filter(|_| fields.is_empty()).chain(&fields) {
            let value = match *field {
                "id" => json!(client.id),
                "name" => json!(client.name),
                "surname" => json!(client.surname),
                "phone" => show::phone(client, Eyes::User(rights), settings),
                "email" => json!(client.email),
                "discount" => json!(client.discount),
                "sold_amount" => json!(client.spent),
                "visits_count" => json!(show::visits(place, client.id).0),
                "first_visit_date" => json!(show::visits(place, client.id).1),
                "last_visit_date" => json!(show::visits(place, client.id).2),
                "categories" => show::categories(place, client),
                // Which others are honoured varies; here none is.
                _ => continue,
            };
            row.insert((*field).to_owned(), value);
        }
        Value::Object(row)
    });
    Ok(page(&json!(shown.collect::<Vec<_>>()), &json!({ "total_count": found.len() })))
}

/// What a client is ordered by: numbers before texts.
fn key(place: &Company, client: &Client, order: &str) -> (i64, String) {
    match order {
        "name" => (0, client.name.clone()),
        "phone" => (0, client.phone.clone()),
        "email" => (0, client.email.clone()),
        "discount" => (client.discount, String::new()),
        "sold_amount" => (client.spent, String::new()),
        "first_visit_date" => (0, show::visits(place, client.id).1),
        "last_visit_date" => (0, show::visits(place, client.id).2),
        "visit_count" => (i64::try_from(show::visits(place, client.id).0).unwrap_or(i64::MAX), String::new()),
        _ => (client.id, String::new()),
    }
}

/// A range; an end that is absent is open.
struct Range<T>(Option<T>, Option<T>);

impl<T: PartialOrd> Range<T> {
    fn has(&self, value: &T) -> bool {
        self.0.as_ref().is_none_or(|from| value >= from) && self.1.as_ref().is_none_or(|to| value <= to)
    }
}

fn numbers(state: &Value) -> Range<i64> {
    Range(whole(&state["from"]), whole(&state["to"]))
}

fn days(state: &Value) -> Range<String> {
    let day = |key: &str| state[key].as_str().map(str::to_owned);
    Range(day("from"), day("to"))
}

fn ids(state: &Value) -> Vec<i64> {
    state["value"].as_array().into_iter().flatten().filter_map(whole).collect()
}

/// A filter that was read.
enum Filter {
    Id(Vec<i64>),
    Quick(String),
    Importance(Vec<i64>),
    MobileApp(bool),
    Category(Vec<i64>),
    Gender(Vec<i64>),
    Birthday(Range<String>),
    Sold(Range<i64>),
    Record(Value),
    Client(Value),
    Abonement(Range<i64>),
}

impl Filter {
    fn read(filter: &Value) -> YcResult<Self> {
        let state = &filter["state"];
        Ok(match filter["type"].as_str().unwrap_or_default() {
            "id" => Self::Id(ids(state)),
            "quick_search" => Self::Quick(state["value"].as_str().ok_or_else(|| wrong("quick_search"))?.to_lowercase()),
            "importance" => Self::Importance(ids(state)),
            "has_mobile_app" => Self::MobileApp(flag(&state["value"])),
            "category" => Self::Category(ids(state)),
            "gender" => Self::Gender(ids(state)),
            "birthday" => Self::Birthday(days(state)),
            "sold_amount" => Self::Sold(numbers(state)),
            // Services have no categories here.
            "record" if state["service_category"].is_null() => Self::Record(state.clone()),
            "client" => Self::Client(state.clone()),
            "sale" => Self::Abonement(numbers(&state["abonement_balance"])),
            other => return Err(wrong(&format!("The filter {other:?}"))),
        })
    }

    fn holds(&self, place: &Company, client: &Client) -> bool {
        let birthday = |range: &Range<String>| client.birth_date.is_some_and(|day| range.has(&day.format("%Y-%m-%d").to_string()));
        match self {
            Self::Id(ids) => ids.contains(&client.id),
            Self::Quick(text) => {
                [&client.name, &client.surname, &client.phone, &client.card].iter().any(|value| value.to_lowercase().contains(text))
            }
            Self::Importance(ids) => ids.contains(&client.importance_id),
            // Nobody here has the platform's application.
            Self::MobileApp(wanted) => !wanted,
            Self::Category(ids) => client.categories.iter().any(|id| ids.contains(id)),
            Self::Gender(ids) => ids.contains(&client.sex_id),
            Self::Birthday(range) => birthday(range),
            Self::Sold(range) => range.has(&client.spent),
            Self::Record(state) => visited(place, client, state),
            Self::Client(state) => {
                (state["id"].is_null() || ids(&state["id"]).contains(&client.id))
                    && (state["birthday"].is_null() || birthday(&days(&state["birthday"])))
            }
            Self::Abonement(range) => range.has(&client.abonement_balance),
        }
    }
}

/// Whether the client's records, those which fit, are as many and as dear as wanted.
fn visited(place: &Company, client: &Client, state: &Value) -> bool {
    let listed = |key: &str, has: &dyn Fn(i64) -> bool| state[key].is_null() || ids(&state[key]).into_iter().any(has);
    let created = days(&state["created"]);
    let fits = |record: &&Record| {
        !record.deleted
            && listed("staff", &|id| record.staff_id == id)
            && listed("service", &|id| record.services.iter().any(|(service, _)| *service == id))
            && listed("status", &|status| record.attendance == status)
            && created.has(&place.local(record.created).format("%Y-%m-%d").to_string())
    };
    let records: Vec<&Record> = place.records.of(client.id).filter(fits).collect();
    let sold: i64 = records.iter().flat_map(|record| &record.services).map(|(_, cost)| cost).sum();
    !records.is_empty()
        && numbers(&state["records_count"]).has(&i64::try_from(records.len()).unwrap_or(i64::MAX))
        && numbers(&state["sold_amount"]).has(&sold)
}
