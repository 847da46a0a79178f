//! What a portal tells of itself: the user, the application, methods, lists of values, funnels, the
//! company's own fields, consents.

use serde_json::{Value, json};

use super::{
    auth::Caller,
    clauses::Clauses,
    error::{B24Error, B24Result},
    fields::UserField,
    params::{Params, listed},
    portal::Kind,
    server::{Reply, admin, application, scope},
    state::State,
};

pub(crate) const METHODS: [&str; 6] = ["profile", "server.time", "app.info", "scope", "method.get", "feature.get"];
pub(crate) const OF_CRM: [&str; 8] = [
    "crm.status.list",
    "crm.category.list",
    "crm.contact.userfield.list",
    "crm.contact.userfield.add",
    "crm.company.userfield.list",
    "crm.company.userfield.add",
    "crm.deal.userfield.list",
    "crm.deal.userfield.add",
];
pub(crate) const CONSENT: [&str; 3] = ["userconsent.agreement.list", "userconsent.agreement.text", "userconsent.consent.add"];
/// Characters of a field's name, the prefix too.
const LONGEST: usize = 50;

pub(crate) fn run(state: &mut State, caller: &Caller, method: &str, params: &Params) -> B24Result<Reply> {
    let portal = state.portal(caller.portal)?;
    Ok(match method {
        "profile" => {
            let is_admin = portal.users.get(&caller.user).is_some_and(|user| user.admin);
            Reply::of(json!({ "ID": caller.user.to_string(), "ADMIN": is_admin, "NAME": "Администратор", "LAST_NAME": "" }))
        }
        "server.time" => Reply::of(portal.moment(state.now())),
        "app.info" => {
            let client = application(state, caller)?;
            Reply::of(json!({ "ID": 1, "CODE": client, "VERSION": 1, "STATUS": "L", "INSTALLED": true, "LICENSE": "ru_basic" }))
        }
        "scope" => Reply::of(json!(caller.scopes)),
        "method.get" => {
            let wanted = scope(&params.text("name").ok_or_else(|| B24Error::missing("name"))?.to_ascii_lowercase());
            let granted = wanted.is_some_and(|scope| scope.is_empty() || caller.scopes.iter().any(|granted| granted == scope));
            Reply::of(json!({ "isExisting": wanted.is_some(), "isAvailable": granted }))
        }
        // The shape of the answer is in no contract.
        "feature.get" => {
            let has = params.text("CODE") == Some("rest_offline_extended") && state.settings.offline;
            Reply::of(json!({ "value": if has { "Y" } else { "N" } }))
        }
        "crm.status.list" => {
            let clauses = Clauses::read(params, "ID", &|name| Some(name.to_owned()))?;
            let rows = portal.statuses.iter().map(|status| {
                json!({ "ID": status.id.to_string(), "ENTITY_ID": status.entity, "STATUS_ID": status.status, "NAME": status.name,
                    "NAME_INIT": "", "SORT": status.sort.to_string(), "SYSTEM": "Y", "COLOR": "#39A8EF", "SEMANTICS": status.semantics,
                    "CATEGORY_ID": status.category.map(|id| id.to_string()),
                    "EXTRA": { "SEMANTICS": match status.semantics { Some("S") => "success", Some(_) => "failure", None => "process" } } })
            });
            let (rows, total, next) = clauses.page(rows, |row, name| row[name].clone());
            Reply { result: json!(rows), total: Some(total), next }
        }
        "crm.category.list" => {
            if params.whole("entityTypeId") != Some(Kind::Deal.id()) {
                return Err(B24Error::not_found());
            }
            let shown = portal.categories.iter().map(|(id, name)| {
                json!({ "id": id, "name": name, "sort": 100, "entityTypeId": 2, "isDefault": if *id == 0 { "Y" } else { "N" } })
            });
            Reply { total: Some(portal.categories.len()), ..Reply::of(json!({ "categories": shown.collect::<Vec<_>>() })) }
        }
        "userconsent.agreement.list" => Reply::of(json!([{ "ID": "1", "NAME": "Согласие на сообщения", "ACTIVE": "Y" }])),
        "userconsent.agreement.text" => Reply::of(json!({ "LABEL": "Согласен", "TEXT": "Согласен получать сообщения" })),
        "userconsent.consent.add" => {
            if params.whole("AGREEMENT_ID") != Some(1) {
                return Err(B24Error::not_found());
            }
            let id = state.portal_mut(caller.portal)?.next_id();
            state.accepted(caller.portal, method, id, &params.all);
            Reply::of(id)
        }
        _ => {
            let word = method.split('.').nth(1).unwrap_or_default();
            let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(B24Error::no_method)?;
            return if method.ends_with("list") {
                user_fields(state, caller, kind, params)
            } else {
                add_field(state, caller, kind, method, params)
            };
        }
    })
}

fn user_fields(state: &State, caller: &Caller, kind: Kind, params: &Params) -> B24Result<Reply> {
    let portal = state.portal(caller.portal)?;
    let clauses = Clauses::read(params, "ID", &|name| Some(name.to_owned()))?;
    let flag = |flag: bool| if flag { "Y" } else { "N" };
    let rows = portal.user_fields.iter().filter(|field| field.kind == kind).map(|field| {
        let mut row = json!({ "ID": field.id.to_string(), "ENTITY_ID": format!("CRM_{}", kind.word().to_ascii_uppercase()),
            "FIELD_NAME": field.name, "USER_TYPE_ID": field.user_type, "MULTIPLE": flag(field.multiple), "MANDATORY": "N", "LABEL": field.label });
        if field.user_type == "enumeration" {
            let choices = field.choices.iter().map(|(id, words)| json!({ "ID": id.to_string(), "VALUE": words }));
            row["LIST"] = json!(choices.collect::<Vec<_>>());
        }
        row
    });
    let (rows, total, next) = clauses.page(rows, |row, name| row[name].clone());
    Ok(Reply { result: json!(rows), total: Some(total), next })
}

fn add_field(state: &mut State, caller: &Caller, kind: Kind, method: &str, params: &Params) -> B24Result<Reply> {
    let portal = state.portal_mut(caller.portal)?;
    admin(portal, caller)?;
    let sent = params.fields()?;
    let text = |name: &str| sent.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let bare = text("FIELD_NAME").to_ascii_uppercase();
    let name = if bare.starts_with("UF_CRM_") { bare.clone() } else { format!("UF_CRM_{bare}") };
    let written = bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let known = ["string", "integer", "double", "boolean", "enumeration", "date", "datetime", "url"];
    let taken = portal.user_fields.iter().any(|field| field.kind == kind && field.name == name);
    if bare.is_empty() || !written || name.len() > LONGEST || taken || !known.contains(&text("USER_TYPE_ID").as_str()) {
        return Err(B24Error::bad("The field is not valid"));
    }
    let mut choices = Vec::new();
    for choice in listed(sent.get("LIST").unwrap_or(&Value::Null)) {
        choices.push((portal.next_id(), choice["VALUE"].as_str().unwrap_or_default().to_owned()));
    }
    let id = portal.next_id();
    let label = Some(text("LABEL")).filter(|label| !label.is_empty()).unwrap_or_else(|| name.clone());
    let multiple = text("MULTIPLE") == "Y";
    portal.user_fields.push(UserField { id, kind, name, user_type: text("USER_TYPE_ID"), label, multiple, choices });
    state.accepted(caller.portal, method, id, &params.all);
    Ok(Reply::of(id))
}
