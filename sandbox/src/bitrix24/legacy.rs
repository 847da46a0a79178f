//! `crm.contact.*` and its like: frozen, all values are texts, phones under names of their own.

use serde_json::{Map, Value, json};

use super::{
    auth::Caller,
    clauses::Clauses,
    error::{B24Error, B24Result},
    fields,
    items::{filled, seen, visible},
    params::{Params, listed, whole, written},
    portal::{Item, Kind, Multi, Portal},
    server::Reply,
    state::{By, State},
};

const MULTI: [&str; 4] = ["PHONE", "EMAIL", "WEB", "IM"];
const REQUISITES: &str = "crm.requisite.list";

fn parts(method: &str) -> Option<(Kind, &str)> {
    let (word, verb) = method.strip_prefix("crm.")?.split_once('.')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
    matches!(verb, "list" | "get" | "add" | "update" | "delete").then_some((kind, verb))
}

pub(crate) fn is_method(method: &str) -> bool {
    method == REQUISITES || parts(method).is_some()
}

pub(crate) fn run(state: &mut State, caller: &Caller, method: &str, params: &Params, by: &By) -> B24Result<Reply> {
    let Some((kind, verb)) = parts(method) else { return requisites(state.portal(caller.portal)?, params) };
    let id = || params.want(if params.get("ID").is_null() { "id" } else { "ID" });
    match verb {
        "list" => list(state.portal(caller.portal)?, caller, kind, params),
        "get" => {
            let portal = state.portal(caller.portal)?;
            let item = seen(portal, caller, kind, id()?).map_err(|error| B24Error { description: "Not found".to_owned(), ..error })?;
            Ok(Reply::of(shown(portal, item, &["*", "UF_*", "PHONE", "EMAIL", "WEB", "IM"])))
        }
        "delete" => {
            let id = id()?;
            seen(state.portal(caller.portal)?, caller, kind, id)?;
            state.drop_item(caller.portal, kind, id, by)?;
            state.accepted(caller.portal, method, id, &params.all);
            Ok(Reply::of(true))
        }
        _ => {
            let portal = state.portal(caller.portal)?;
            let kept = if verb == "add" { Item::empty(kind) } else { seen(portal, caller, kind, id()?)?.clone() };
            let sent = params.fields()?;
            let mut item = filled(portal, kept, sent)?;
            for type_id in MULTI {
                multifield(&mut item, type_id, &sent.get(type_id).cloned().unwrap_or_default());
            }
            let id = state.put(caller.portal, item, by)?;
            state.accepted(caller.portal, method, id, &params.all);
            Ok(if verb == "add" { Reply::of(id) } else { Reply::of(true) })
        }
    }
}

/// Entries with an `ID` change or remove, the others add.
fn multifield(item: &mut Item, type_id: &str, sent: &Value) {
    for entry in listed(sent) {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let place = whole(&entry["ID"]).map(|id| item.fm.iter().position(|multi| multi.id == id && multi.type_id == type_id));
        match place {
            Some(None) => {}
            Some(Some(place)) if text("DELETE") == "Y" || text("VALUE").is_empty() => drop(item.fm.remove(place)),
            Some(Some(place)) => item.fm[place].value = text("VALUE"),
            None if text("VALUE").is_empty() => {}
            None => {
                let value_type = Some(text("VALUE_TYPE")).filter(|kind| !kind.is_empty()).unwrap_or_else(|| "WORK".to_owned());
                item.fm.push(Multi { id: 0, type_id: type_id.to_owned(), value_type, value: text("VALUE") });
            }
        }
    }
}

fn legacy_name(kind: Kind, name: &str) -> String {
    match name {
        "createdTime" => "DATE_CREATE".to_owned(),
        "updatedTime" => "DATE_MODIFY".to_owned(),
        "stageId" if kind == Kind::Lead => "STATUS_ID".to_owned(),
        _ => fields::upper(name),
    }
}

fn list(portal: &Portal, caller: &Caller, kind: Kind, params: &Params) -> B24Result<Reply> {
    let known = |name: &str| match MULTI.contains(&name) {
        true => Some(name.to_owned()),
        false => fields::known(portal, kind, name),
    };
    let clauses = Clauses::read(params, "id", &known)?;
    let rows = visible(portal, caller, kind, clauses.after("id"));
    let (rows, total, next) = clauses.page(rows, |item, name| match MULTI.contains(&name) {
        // Compared word for word.
        true => json!(item.fm.iter().filter(|multi| multi.type_id == name).map(|multi| &multi.value).collect::<Vec<_>>()),
        false => super::items::compared(portal, item, name),
    });
    let select: Vec<&str> = listed(params.get("select")).into_iter().filter_map(Value::as_str).collect();
    let select = if select.is_empty() { vec!["*"] } else { select };
    let rows: Vec<Value> = rows.into_iter().map(|item| shown(portal, item, &select)).collect();
    Ok(Reply { result: json!(rows), total: Some(total), next })
}

fn shown(portal: &Portal, item: &Item, select: &[&str]) -> Value {
    let mut all = Map::new();
    for name in fields::names(portal, item.kind) {
        let legacy = legacy_name(item.kind, &name);
        let wanted = match legacy.starts_with("UF_") {
            true => select.contains(&"UF_*"),
            false => select.contains(&"*"),
        };
        if wanted || legacy == "ID" || select.contains(&legacy.as_str()) {
            all.insert(legacy, written(&portal.field(item, &name)));
        }
    }
    for type_id in MULTI.into_iter().filter(|type_id| select.contains(type_id)) {
        let of = item.fm.iter().filter(|multi| multi.type_id == type_id);
        let of: Vec<Value> = of
            .map(|multi| json!({ "ID": multi.id.to_string(), "VALUE_TYPE": multi.value_type, "VALUE": multi.value, "TYPE_ID": type_id }))
            .collect();
        // An element without any has no such key.
        if !of.is_empty() {
            all.insert(type_id.to_owned(), json!(of));
        }
    }
    Value::Object(all)
}

/// `crm.requisite.list`, in the manner of the other old methods (no contract has its fields).
fn requisites(portal: &Portal, params: &Params) -> B24Result<Reply> {
    let clauses = Clauses::read(params, "ID", &|name| Some(name.to_owned()))?;
    let rows = portal.requisites.iter().map(|(id, kind, owner, values)| {
        let mut row = json!({ "ID": id.to_string(), "ENTITY_TYPE_ID": kind.id().to_string(), "ENTITY_ID": owner.to_string() });
        for (name, value) in values {
            row[name] = json!(value);
        }
        row
    });
    let (rows, total, next) = clauses.page(rows, |row, name| row[name].clone());
    Ok(Reply { result: json!(rows), total: Some(total), next })
}
