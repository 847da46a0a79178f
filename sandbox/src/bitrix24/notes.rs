//! What is written beside an element: comments and log records of its timeline, things to do; and
//! who is the same person as whom.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    auth::Caller,
    clauses::Clauses,
    error::{B24Error, B24Result},
    events,
    items::seen,
    params::{Params, listed, whole},
    portal::{Kind, Portal},
    server::Reply,
    state::{By, State},
};

pub(crate) const METHODS: [&str; 6] = [
    "crm.timeline.comment.add",
    "crm.timeline.comment.list",
    "crm.timeline.logmessage.add",
    "crm.activity.todo.add",
    "crm.duplicate.findbycomm",
    "crm.entity.mergebatch",
];
/// Values of one search of duplicates.
const VALUES: usize = 20;

/// A note beside an element.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    pub(crate) owner: i64,
    /// `comment`, `log` or `todo`.
    pub(crate) what: &'static str,
    pub(crate) text: String,
    pub(crate) at: DateTime<Utc>,
}

pub(crate) fn run(state: &mut State, caller: &Caller, method: &str, params: &Params, by: &By) -> B24Result<Reply> {
    match method {
        "crm.timeline.comment.add" => {
            let fields = params.fields()?;
            let word = fields.get("ENTITY_TYPE").and_then(Value::as_str).unwrap_or_default();
            let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| B24Error::missing("ENTITY_TYPE"))?;
            let owner = fields.get("ENTITY_ID").and_then(whole).ok_or_else(|| B24Error::missing("ENTITY_ID"))?;
            let text = wanted(fields, "COMMENT")?;
            let id = add(state, caller, method, (kind, owner), "comment", text, params)?;
            events::raise(state, caller.portal, "ONCRMTIMELINECOMMENTADD", id, &[], by);
            Ok(Reply::of(id))
        }
        "crm.timeline.comment.list" => comments(state.portal(caller.portal)?, state.settings.comments_listed, params),
        "crm.timeline.logmessage.add" => {
            let fields = params.fields()?;
            let number = |name: &str| fields.get(name).and_then(whole).ok_or_else(|| B24Error::missing(name));
            let kind = Kind::by_id(number("entityTypeId")?).ok_or_else(B24Error::not_found)?;
            let (title, text) = (wanted(fields, "title")?, wanted(fields, "text")?);
            let icon = wanted(fields, "iconCode")?;
            let owner = (kind, number("entityId")?);
            let id = add(state, caller, method, owner, "log", format!("{title}: {text}"), params)?;
            let created = state.portal(caller.portal)?.moment(state.now());
            Ok(Reply::of(json!({ "logMessage": { "id": id, "created": created, "authorId": caller.user, "title": title, "text": text,
                "iconCode": icon } })))
        }
        "crm.activity.todo.add" => {
            let kind = Kind::by_id(params.want("ownerTypeId")?).ok_or_else(B24Error::not_found)?;
            params.text("deadline").ok_or_else(|| B24Error::missing("deadline"))?;
            let text = params.text("title").or(params.text("description")).unwrap_or_default().to_owned();
            let id = add(state, caller, method, (kind, params.want("ownerId")?), "todo", text, params)?;
            events::raise(state, caller.portal, "ONCRMACTIVITYADD", id, &[], by);
            Ok(Reply::of(json!({ "id": id })))
        }
        "crm.duplicate.findbycomm" => duplicates(state.portal(caller.portal)?, params),
        _ => merge(state, caller, method, params, by),
    }
}

fn wanted(fields: &Map<String, Value>, name: &str) -> B24Result<String> {
    let text = fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    text.map(str::to_owned).ok_or_else(|| B24Error::missing(name))
}

fn add(
    state: &mut State,
    caller: &Caller,
    method: &str,
    (kind, owner): (Kind, i64),
    what: &'static str,
    text: String,
    params: &Params,
) -> B24Result<i64> {
    let at = state.now();
    seen(state.portal(caller.portal)?, caller, kind, owner)?;
    let portal = state.portal_mut(caller.portal)?;
    let id = portal.next_id();
    portal.notes.push(Note { id, kind, owner, what, text, at });
    state.accepted(caller.portal, method, owner, &params.all);
    Ok(id)
}

/// Comments of an element, in the manner of the old lists (no contract has this method).
fn comments(portal: &Portal, listed: bool, params: &Params) -> B24Result<Reply> {
    if !listed {
        return Err(B24Error::no_method());
    }
    let clauses = Clauses::read(params, "ID", &|name| Some(name.to_owned()))?;
    let rows = portal.notes.iter().filter(|note| note.what == "comment").map(|note| {
        json!({ "ID": note.id.to_string(), "ENTITY_ID": note.owner.to_string(), "ENTITY_TYPE": note.kind.word(),
            "CREATED": portal.moment(note.at), "COMMENT": note.text, "AUTHOR_ID": "1" })
    });
    let (rows, total, next) = clauses.page(rows, |row, name| row[name].clone());
    Ok(Reply { result: json!(rows), total: Some(total), next })
}

/// Phones are compared by their digits, addresses by their letters.
fn duplicates(portal: &Portal, params: &Params) -> B24Result<Reply> {
    let type_id = params.text("type").filter(|kind| matches!(*kind, "PHONE" | "EMAIL")).ok_or_else(|| B24Error::missing("type"))?;
    let plain = |value: &str| match type_id {
        "PHONE" => value.chars().filter(char::is_ascii_digit).collect(),
        _ => value.trim().to_lowercase(),
    };
    let values: Vec<String> = listed(params.get("values")).into_iter().filter_map(Value::as_str).map(plain).collect();
    if values.is_empty() || values.len() > VALUES {
        return Err(B24Error::bad("From 1 to 20 values are expected"));
    }
    let mut found = Map::new();
    for kind in [Kind::Lead, Kind::Contact, Kind::Company] {
        let word = kind.word().to_ascii_uppercase();
        if params.text("entity_type").is_some_and(|wanted| wanted != word) {
            continue;
        }
        let ids = portal
            .of(kind)
            .values()
            .filter(|item| item.fm.iter().any(|multi| multi.type_id == type_id && values.contains(&plain(&multi.value))));
        let ids: Vec<i64> = ids.map(|item| item.id).collect();
        if !ids.is_empty() {
            found.insert(word, json!(ids));
        }
    }
    Ok(Reply::of(if found.is_empty() { json!([]) } else { Value::Object(found) }))
}

/// The first survives, with what the others had; deals go over to it.
fn merge(state: &mut State, caller: &Caller, method: &str, params: &Params, by: &By) -> B24Result<Reply> {
    let asked = params.get("params");
    let kind = whole(&asked["entityTypeId"]).and_then(Kind::by_id).ok_or_else(B24Error::not_found)?;
    let ids: Vec<i64> = listed(&asked["entityIds"]).into_iter().filter_map(whole).collect();
    let portal = state.portal(caller.portal)?;
    let there = ids.iter().all(|id| portal.item(kind, *id).is_some());
    let Some((winner, losers)) = ids.split_first().filter(|(_, losers)| there && !losers.is_empty()) else {
        return Ok(Reply::of(json!({ "STATUS": "ERROR", "ENTITY_IDS": [] })));
    };
    state.merge(caller.portal, kind, *winner, losers, by)?;
    state.accepted(caller.portal, method, *winner, &params.all);
    Ok(Reply::of(json!({ "STATUS": "SUCCESS", "ENTITY_IDS": losers })))
}

impl State {
    /// Joins elements: the losers are deleted, the winner has their phones and deals.
    pub(crate) fn merge(&mut self, portal: i64, kind: Kind, winner: i64, losers: &[i64], by: &By) -> B24Result<()> {
        let place = self.portal(portal)?;
        let mut kept = place.item(kind, winner).cloned().ok_or_else(B24Error::not_found)?;
        let mut deals = Vec::new();
        for loser in losers {
            let gone = place.item(kind, *loser).ok_or_else(B24Error::not_found)?;
            for multi in &gone.fm {
                if kept.fm.iter().all(|known| known.value != multi.value) {
                    kept.fm.push(multi.clone());
                }
            }
            if kind == Kind::Contact {
                let theirs = |deal: &&super::Item| deal.get("contactIds").is_some_and(|ids| listed(ids).contains(&&json!(loser)));
                deals.extend(place.of(Kind::Deal).values().filter(theirs).cloned());
            }
        }
        for mut deal in deals {
            deal.set("contactIds", json!([winner]));
            self.put(portal, deal, by)?;
        }
        for loser in losers {
            self.drop_item(portal, kind, *loser, by)?;
        }
        self.put(portal, kept, by).map(|_| ())
    }
}
