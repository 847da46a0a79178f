//! `crm.item.*`: one road to leads, deals, contacts and companies.

use serde_json::{Map, Value, json};

use super::{
    auth::Caller,
    clauses::Clauses,
    error::{B24Error, B24Result},
    fields,
    params::{Params, listed},
    portal::{Item, Kind, Multi, Portal},
    server::Reply,
    state::{By, State},
};

pub(crate) const METHODS: [&str; 6] =
    ["crm.item.list", "crm.item.get", "crm.item.add", "crm.item.update", "crm.item.delete", "crm.item.fields"];

pub(crate) fn run(state: &mut State, caller: &Caller, method: &str, params: &Params, by: &By) -> B24Result<Reply> {
    let kind = Kind::by_id(params.want("entityTypeId")?).ok_or_else(B24Error::not_found)?;
    let original = params.text("useOriginalUfNames") == Some("Y");
    match method {
        "crm.item.list" => list(state.portal(caller.portal)?, caller, kind, params, original),
        "crm.item.fields" => {
            let shown = fields::described(state.portal(caller.portal)?, kind);
            Ok(Reply::of(json!({ "fields": shown })))
        }
        "crm.item.get" => {
            let portal = state.portal(caller.portal)?;
            let item = seen(portal, caller, kind, params.want("id")?)?;
            Ok(one(portal, item, original))
        }
        "crm.item.add" => {
            let item = filled(state.portal(caller.portal)?, Item::empty(kind), params.fields()?)?;
            let id = state.put(caller.portal, item, by)?;
            done(state, caller, method, kind, id, params, original)
        }
        "crm.item.update" => {
            let id = params.want("id")?;
            let portal = state.portal(caller.portal)?;
            let item = filled(portal, seen(portal, caller, kind, id)?.clone(), params.fields()?)?;
            state.put(caller.portal, item, by)?;
            done(state, caller, method, kind, id, params, original)
        }
        _ => {
            let id = params.want("id")?;
            seen(state.portal(caller.portal)?, caller, kind, id)?;
            state.drop_item(caller.portal, kind, id, by)?;
            state.accepted(caller.portal, method, id, &params.all);
            Ok(Reply::of(json!([])))
        }
    }
}

fn done(state: &mut State, caller: &Caller, method: &str, kind: Kind, id: i64, params: &Params, original: bool) -> B24Result<Reply> {
    state.accepted(caller.portal, method, id, &params.all);
    let portal = state.portal(caller.portal)?;
    Ok(one(portal, portal.item(kind, id).ok_or_else(B24Error::not_found)?, original))
}

fn one(portal: &Portal, item: &Item, original: bool) -> Reply {
    Reply::of(json!({ "item": shown(portal, item, &fields::names(portal, item.kind), true, original) }))
}

/// The element, if this user sees it.
pub(crate) fn seen<'a>(portal: &'a Portal, caller: &Caller, kind: Kind, id: i64) -> B24Result<&'a Item> {
    let item = portal.item(kind, id).ok_or_else(B24Error::not_found)?;
    let hidden = portal.users.get(&caller.user).is_some_and(|user| user.hidden.contains(&(kind, id)));
    if hidden { Err(B24Error::new(400, "ACCESS_DENIED", "Access denied.")) } else { Ok(item) }
}

/// Elements of a kind which a user sees, from an id on, in the order of ids.
pub(crate) fn visible<'a>(portal: &'a Portal, caller: &Caller, kind: Kind, from: i64) -> impl Iterator<Item = &'a Item> {
    let hidden = portal.users.get(&caller.user).map(|user| user.hidden.clone()).unwrap_or_default();
    portal.of(kind).range(from..).map(|(_, item)| item).filter(move |item| !hidden.contains(&(kind, item.id)))
}

/// A field as a filter compares it: the company's own booleans are 1 and 0.
pub(crate) fn compared(portal: &Portal, item: &Item, name: &str) -> Value {
    let value = portal.field(item, name);
    if fields::is_user_boolean(portal, item.kind, name) { json!(if value == "Y" { "1" } else { "0" }) } else { value }
}

fn list(portal: &Portal, caller: &Caller, kind: Kind, params: &Params, original: bool) -> B24Result<Reply> {
    let clauses = Clauses::read(params, "id", &|name| fields::known(portal, kind, name))?;
    let rows = visible(portal, caller, kind, clauses.after("id"));
    let (rows, total, next) = clauses.page(rows, |item, name| compared(portal, item, name));
    let select: Vec<&str> = listed(params.get("select")).into_iter().filter_map(Value::as_str).collect();
    let star = select.contains(&"*");
    let names: Vec<String> = match star || select.is_empty() {
        true => fields::names(portal, kind),
        false => std::iter::once("id".to_owned()).chain(select.iter().filter_map(|name| fields::known(portal, kind, name))).collect(),
    };
    let fm = star || select.contains(&"fm");
    let rows: Vec<Value> = rows.into_iter().map(|item| shown(portal, item, &names, fm, original)).collect();
    Ok(Reply { result: json!({ "items": rows }), total: Some(total), next })
}

fn shown(portal: &Portal, item: &Item, names: &[String], fm: bool, original: bool) -> Value {
    let mut all = Map::new();
    for name in names {
        let key = match original && name.starts_with("ufCrm") {
            true => fields::upper(name),
            false => name.clone(),
        };
        all.insert(key, portal.field(item, name));
    }
    if fm {
        let multis = item
            .fm
            .iter()
            .map(|multi| json!({ "id": multi.id, "valueType": multi.value_type, "value": multi.value, "typeId": multi.type_id }));
        all.insert("fm".to_owned(), json!(multis.collect::<Vec<_>>()));
    }
    Value::Object(all)
}

/// What was sent over what is kept. Fields that are not there, or cannot be written, are left out
/// without a word.
pub(crate) fn filled(portal: &Portal, mut item: Item, sent: &Map<String, Value>) -> B24Result<Item> {
    for (name, value) in sent {
        match name.as_str() {
            "fm" => multifields(&mut item, value),
            _ => {
                if let Some((name, value)) = fields::taken(portal, item.kind, name, value)? {
                    item.set(&name, value);
                }
            }
        }
    }
    if let (Some(contact), Kind::Deal, None) = (sent.get("contactId"), item.kind, sent.get("contactIds")) {
        item.set("contactIds", json!([super::params::whole(contact).unwrap_or(0)]));
    }
    if item.kind == Kind::Deal && portal.categories.iter().all(|(id, _)| *id != item.number("categoryId")) {
        return Err(B24Error::value("categoryId"));
    }
    Ok(item)
}

/// Of a new element a list; of one that is there an object, whose keys are ids of what is changed
/// (an empty value removes it) or anything else for what is added. An entry without `typeId` is
/// left out without a word, and so are those of a list: its places are ids nobody has.
fn multifields(item: &mut Item, sent: &Value) {
    let fresh = item.id == 0;
    let keyed: Vec<(String, &Value)> = match sent {
        Value::Array(list) => {
            list.iter().enumerate().map(|(place, value)| (if fresh { "n" } else { "" }.to_owned() + &place.to_string(), value)).collect()
        }
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        _ => return,
    };
    for (key, entry) in keyed {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let type_id = text("typeId");
        if !matches!(type_id.as_str(), "PHONE" | "EMAIL" | "WEB" | "IM") {
            continue;
        }
        let Ok(id) = key.parse::<i64>() else {
            let value_type = Some(text("valueType")).filter(|kind| !kind.is_empty()).unwrap_or_else(|| "WORK".to_owned());
            if !text("value").is_empty() {
                item.fm.push(Multi { id: 0, type_id, value_type, value: text("value") });
            }
            continue;
        };
        let Some(place) = item.fm.iter().position(|multi| multi.id == id && multi.type_id == type_id) else { continue };
        if text("value").is_empty() {
            item.fm.remove(place);
        } else {
            item.fm[place].value = text("value");
            if !text("valueType").is_empty() {
                item.fm[place].value_type = text("valueType");
            }
        }
    }
}
