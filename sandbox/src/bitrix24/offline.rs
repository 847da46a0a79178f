//! Offline events: a queue of an application in the portal, the only feed that keeps what nobody
//! took.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    auth::{Caller, token},
    error::{B24Error, B24Result},
    events,
    params::{Params, listed, whole},
    portal::Portal,
    server::{Reply, application},
    state::{By, State},
};

pub(crate) const METHODS: [&str; 3] = ["event.offline.get", "event.offline.clear", "event.offline.error"];

struct Pending {
    id: i64,
    client: String,
    event: String,
    about: i64,
    at: DateTime<Utc>,
    process: Option<String>,
}

/// What applications are bound to, and what waits for them.
#[derive(Default)]
pub(crate) struct Offline {
    bound: Vec<(String, String, Option<String>)>,
    queue: Vec<Pending>,
    last_id: i64,
}

impl Offline {
    pub(crate) fn bind(&mut self, client: &str, event: &str, connector: Option<&str>) {
        self.unbind(client, event);
        self.bound.push((client.to_owned(), event.to_owned(), connector.map(str::to_owned)));
    }

    pub(crate) fn unbind(&mut self, client: &str, event: &str) -> bool {
        let before = self.bound.len();
        self.bound.retain(|(of, name, _)| !(of == client && name == event));
        self.bound.len() < before
    }

    pub(crate) fn bound<'a>(&'a self, client: &'a str) -> impl Iterator<Item = &'a String> {
        self.bound.iter().filter(move |(of, _, _)| of == client).map(|(_, event, _)| event)
    }
}

/// Queues an event for whoever is bound: one record of an element, the newest. Whoever gave the
/// write its own mark does not hear of it.
pub(crate) fn note(portal: &mut Portal, event: &str, about: i64, at: DateTime<Utc>, by: &By) {
    let offline = &mut portal.offline;
    for (client, _, connector) in offline.bound.iter().filter(|(_, name, _)| name == event) {
        if connector.is_some() && *connector == by.connector {
            continue;
        }
        offline.queue.retain(|old| !(old.client == *client && old.event == event && old.about == about && old.process.is_none()));
        offline.last_id += 1;
        let (client, event) = (client.clone(), event.to_owned());
        offline.queue.push(Pending { id: offline.last_id, client, event, about, at, process: None });
    }
}

pub(crate) fn run(state: &mut State, caller: &Caller, method: &str, params: &Params) -> B24Result<Reply> {
    let client = application(state, caller)?.to_owned();
    if !state.settings.offline {
        return Err(B24Error::denied("Offline events are not available"));
    }
    let hidden = state.settings.offline_taken_hidden;
    let portal = state.portal_mut(caller.portal)?;
    match method {
        "event.offline.get" => Ok(get(portal, &client, params, hidden)),
        _ => {
            let process = params.text("process_id").ok_or_else(|| B24Error::missing("process_id"))?;
            let ids: Vec<i64> = [params.get("id"), params.get("message_id")].into_iter().flat_map(listed).filter_map(whole).collect();
            let named = |pending: &Pending| {
                pending.client == client && pending.process.as_deref() == Some(process) && (ids.is_empty() || ids.contains(&pending.id))
            };
            match method {
                "event.offline.clear" => portal.offline.queue.retain(|pending| !named(pending)),
                _ => portal.offline.queue.iter_mut().filter(|pending| named(pending)).for_each(|pending| pending.process = None),
            }
            Ok(Reply::of(true))
        }
    }
}

/// By default what is read is gone; with `clear` of 0 it is there until it is confirmed.
fn get(portal: &mut Portal, client: &str, params: &Params, hidden: bool) -> Reply {
    let clear = params.whole("clear") != Some(0);
    let limit = params.whole("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(50);
    let process = (!clear).then(token);
    let mine = |pending: &&mut Pending| pending.client == client && !(hidden && pending.process.is_some());
    let mut taken = Vec::new();
    let mut shown = Vec::new();
    for pending in portal.offline.queue.iter_mut().filter(mine).take(limit) {
        pending.process.clone_from(&process);
        taken.push(pending.id);
        shown.push((pending.id, pending.event.clone(), pending.about, pending.at));
    }
    if clear {
        portal.offline.queue.retain(|pending| !taken.contains(&pending.id));
    }
    let rows: Vec<Value> = shown
        .into_iter()
        .map(|(id, event, about, at)| {
            json!({ "ID": id.to_string(), "TIMESTAMP_X": portal.moment(at), "EVENT_NAME": event, "EVENT_DATA": events::data(about),
                "EVENT_ADDITIONAL": false, "MESSAGE_ID": id.to_string() })
        })
        .collect();
    Reply::of(json!({ "process_id": process, "events": rows }))
}
