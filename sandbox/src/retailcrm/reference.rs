//! What an account has besides people: sites, users, statuses, segments, topics of subscriptions,
//! custom fields and their dictionaries (contract, 2.4 and 8).

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    customers::envelope,
    error::{BLANK, NOT_VALID, RetailError, RetailResult, USED},
    state::State,
};

/// A segment: the account computes who is in it.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) id: u64,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) active: bool,
    pub(crate) members: BTreeSet<u64>,
}

/// A topic of a channel to which one subscribes.
#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub(crate) id: u64,
    /// `email`, `waba`; others by the account.
    pub(crate) channel: String,
    pub(crate) code: String,
    pub(crate) name: String,
}

impl Topic {
    pub(crate) fn show(&self) -> Value {
        json!({ "id": self.id, "channel": self.channel, "name": self.name, "code": self.code, "active": true, "autoSubscribe": true,
            "ordering": self.id })
    }
}

/// A custom field.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// `customer`, `order`, `loyalty_account`.
    pub(crate) entity: String,
    pub(crate) code: String,
    pub(crate) name: String,
    /// `string`, `text`, `integer`, `numeric`, `boolean`, `date`, `dictionary`,
    /// `multiselect_dictionary`, `email`.
    pub(crate) kind: String,
    /// The dictionary's code.
    pub(crate) dictionary: Option<String>,
    /// Whether values may be written: `editable` against `not_editable`.
    pub(crate) editable: bool,
}

impl Field {
    pub(crate) fn new(entity: &str, code: &str, name: &str, kind: &str) -> Self {
        let (entity, code, name, kind) = (entity.to_owned(), code.to_owned(), name.to_owned(), kind.to_owned());
        Self { entity, code, name, kind, dictionary: None, editable: true }
    }

    fn show(&self) -> Value {
        let mut shown = json!({ "name": self.name, "code": self.code, "required": false, "inFilter": true, "inList": true,
            "inGroupActions": true, "type": self.kind, "entity": self.entity, "ordering": 10, "displayArea": "customer",
            "viewMode": if self.editable { "editable" } else { "not_editable" } });
        if let Some(dictionary) = &self.dictionary {
            shown["dictionary"] = json!(dictionary);
        }
        shown
    }
}

/// A dictionary of a custom field: code and name of each item.
#[derive(Clone, Debug)]
pub(crate) struct Dictionary {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) elements: Vec<(String, String)>,
}

/// A status of orders: the stage of a deal.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) code: String,
    pub(crate) name: String,
    /// `new`, `approval`, `assembling`, `delivery`, `complete`, `cancel`.
    pub(crate) group: String,
}

pub(crate) fn usual_topics() -> BTreeMap<u64, Topic> {
    let topic = |id, channel: &str, code: &str, name: &str| {
        (id, Topic { id, channel: channel.to_owned(), code: code.to_owned(), name: name.to_owned() })
    };
    BTreeMap::from([topic(1, "email", "default_marketing", "Без темы"), topic(4, "waba", "default_marketing", "Без темы")])
}

pub(crate) fn usual_fields() -> Vec<Field> {
    vec![
        Field::new("customer", "msg_consent", "Согласие на сообщения", "boolean"),
        Field::new("customer", "msg_consent_at", "Согласие: когда", "date"),
        Field::new("customer", "msg_consent_by", "Согласие: кто отметил", "string"),
        Field::new("customer", "msg_opt_out", "Не писать", "boolean"),
        Field::new("customer", "bonus", "Бонусы", "integer"),
        Field::new("customer", "telegram_id", "Telegram", "string"),
        Field { dictionary: Some("drink".to_owned()), ..Field::new("customer", "drink", "Напиток", "dictionary") },
        Field { dictionary: Some("drink".to_owned()), ..Field::new("customer", "drinks", "Напитки", "multiselect_dictionary") },
        Field::new("order", "gift", "Подарок", "boolean"),
    ]
}

pub(crate) fn usual_dictionaries() -> Vec<Dictionary> {
    let elements = [("latte", "Латте"), ("filter", "Фильтр"), ("tea", "Чай")];
    let elements = elements.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect();
    vec![Dictionary { code: "drink".to_owned(), name: "Напитки".to_owned(), elements }]
}

pub(crate) fn usual_statuses() -> Vec<Status> {
    let all = [
        ("new", "Новый", "new"),
        ("client-confirmed", "Согласовано с клиентом", "approval"),
        ("assembling", "Комплектуется", "assembling"),
        ("send-to-delivery", "Передан в доставку", "delivery"),
        ("complete", "Выполнен", "complete"),
        ("3", "Возврат", "cancel"),
        ("cancel-other", "Отменён", "cancel"),
    ];
    all.iter()
        .map(|(code, name, group)| Status { code: (*code).to_owned(), name: (*name).to_owned(), group: (*group).to_owned() })
        .collect()
}

impl State {
    pub(crate) fn show_segment(&self, segment: &Segment) -> Value {
        json!({ "id": segment.id, "code": segment.code, "name": segment.name, "createdAt": self.written(segment.created_at),
            "isDynamic": true, "customersCount": segment.members.len(), "active": segment.active })
    }

    pub(crate) fn field(&self, entity: &str, code: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.entity == entity && field.code == code)
    }

    pub(crate) fn dictionary(&self, code: &str) -> Option<&Dictionary> {
        self.dictionaries.iter().find(|dictionary| dictionary.code == code)
    }
}

/// A page of what is small enough to be shown whole first.
fn paged(ask: &Ask, key: &str, all: Vec<Value>) -> RetailResult<Response> {
    let (page, limit) = ask.page()?;
    let total = all.len();
    let items = all.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).collect();
    Ok(Json(envelope(key, items, total, page, limit)).into_response())
}

/// `GET /reference/…`: maps by code.
pub(crate) fn reference(state: &State, what: &str) -> RetailResult<Response> {
    let map = |entries: Vec<(String, Value)>| Value::Object(entries.into_iter().collect::<Map<_, _>>());
    let (key, value) = match what {
        "statuses" => {
            let entries = state.statuses.iter().zip(1..).map(|(status, at)| {
                let shown = json!({ "name": status.name, "code": status.code, "active": true, "ordering": at * 10, "group": status.group });
                (status.code.clone(), shown)
            });
            ("statuses", map(entries.collect()))
        }
        "status-groups" => {
            let groups: BTreeSet<&str> = state.statuses.iter().map(|status| status.group.as_str()).collect();
            let entries = groups.iter().zip(1..).map(|(group, at)| {
                let own: Vec<&str> =
                    state.statuses.iter().filter(|status| status.group == *group).map(|status| status.code.as_str()).collect();
                let shown = json!({ "name": group, "code": group, "active": true, "ordering": at * 10, "process": false, "statuses": own });
                ((*group).to_owned(), shown)
            });
            ("statusGroups", map(entries.collect()))
        }
        "sites" => {
            let entries = state.sites.iter().map(|(code, name)| {
                let shown = json!({ "name": name, "code": code, "url": format!("https://{code}.example"), "defaultForCrm": false });
                (code.clone(), shown)
            });
            ("sites", map(entries.collect()))
        }
        "mg-channels" => ("mgChannels", json!([{ "id": 1, "externalId": 100, "type": "telegram", "active": true, "name": "Bot" }])),
        _ => return Err(RetailError::not_found()),
    };
    Ok(Json(json!({ "success": true, key: value })).into_response())
}

/// `GET /users`.
pub(crate) fn users(state: &State, ask: &Ask) -> RetailResult<Response> {
    let shown = state.users.iter().map(|(id, name)| {
        json!({ "id": id, "firstName": name, "lastName": "", "email": format!("user{id}@example.com"), "active": true, "isManager": true,
            "isAdmin": *id == super::state::ADMIN, "status": "free", "groups": [] })
    });
    paged(ask, "users", shown.collect())
}

/// `GET /segments`.
pub(crate) fn segments(state: &State, ask: &Ask) -> RetailResult<Response> {
    paged(ask, "segments", state.segments.values().map(|segment| state.show_segment(segment)).collect())
}

/// `GET /custom-fields`.
pub(crate) fn fields(state: &State, ask: &Ask) -> RetailResult<Response> {
    if state.settings.strict {
        ask.only_filters(&["entity", "code", "name", "type", "viewMode", "displayArea", "inFilter", "inList"])?;
    }
    let types = ask.filters("type");
    let found = state.fields.iter().filter(|field| {
        ask.filter("entity").is_none_or(|entity| field.entity == entity)
            && ask.filter("code").is_none_or(|code| field.code == code)
            && ask.filter("name").is_none_or(|name| field.name.contains(name))
            && types.as_ref().is_none_or(|types| types.contains(&field.kind))
    });
    paged(ask, "customFields", found.map(Field::show).collect())
}

/// `GET /custom-fields/dictionaries`.
pub(crate) fn dictionaries(state: &State, ask: &Ask) -> RetailResult<Response> {
    let shown = state.dictionaries.iter().map(|dictionary| {
        let elements: Vec<Value> = dictionary
            .elements
            .iter()
            .zip(1..)
            .map(|((code, name), at)| json!({ "name": name, "code": code, "ordering": at * 10 }))
            .collect();
        json!({ "name": dictionary.name, "code": dictionary.code, "elements": elements })
    });
    paged(ask, "customDictionaries", shown.collect())
}

/// `POST /custom-fields/{entity}/create`.
pub(crate) fn create_field(state: &mut State, ask: &Ask, entity: &str) -> RetailResult<Response> {
    let body = ask.object("customField")?;
    if !["customer", "order", "loyalty_account"].contains(&entity) {
        return Err(RetailError::not_found());
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (code, name, kind) = (text("code"), text("name"), text("type"));
    let mut kinds = vec!["string", "text", "integer", "numeric", "boolean", "date", "dictionary", "multiselect_dictionary", "email"];
    if state.settings.datetime_fields {
        kinds.push("datetime");
    }
    let mut errors = Vec::new();
    let mut wrong = |field: &str, words: &str| errors.push((field.to_owned(), words.to_owned()));
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    match code.as_str() {
        "" => wrong("code", BLANK),
        code if !code.bytes().all(plain) => wrong("code", NOT_VALID),
        code if state.field(entity, code).is_some() => wrong("code", USED),
        _ => {}
    }
    if name.is_empty() {
        wrong("name", BLANK);
    }
    if !kinds.contains(&kind.as_str()) {
        wrong("type", NOT_VALID);
    }
    let dictionary = body["dictionary"].as_str().map(str::to_owned);
    if kind.contains("dictionary") && dictionary.as_deref().is_none_or(|code| state.dictionary(code).is_none()) {
        wrong("dictionary", NOT_VALID);
    }
    if !errors.is_empty() {
        return Err(RetailError::format(errors));
    }
    state.fields.push(Field { dictionary, ..Field::new(entity, &code, &name, &kind) });
    let id = state.fields.len() as u64;
    state.accept("field", id, true, body);
    Ok((StatusCode::CREATED, Json(json!({ "success": true, "code": code }))).into_response())
}
