//! Events: an id in a form, told once to every handler that is bound, by an application or by an
//! administrator's outgoing webhook (contract, 6).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Bitrix24,
    auth::{Caller, Install, token},
    error::{B24Error, B24Result},
    offline,
    params::Params,
    portal::{Kind, Portal},
    server::{Reply, admin, application},
    state::{By, State},
};
use crate::{
    hooks::{Due, Post, Pushes, Queue, Reply as Answer, Taken, Way, client_of_hooks, earlier, millis, try_once},
    links::is_safe,
};

pub(crate) const METHODS: [&str; 3] = ["event.bind", "event.unbind", "event.get"];

/// Whether an event has this name.
fn known(event: &str) -> bool {
    let deeds = ["ADD", "UPDATE", "DELETE"];
    let things = ["CONTACT", "DEAL", "LEAD", "COMPANY", "DYNAMICITEM", "ACTIVITY"];
    let of = |thing: &str| event.strip_prefix("ONCRM").and_then(|rest| rest.strip_prefix(thing)).is_some_and(|deed| deeds.contains(&deed));
    let single = ["ONCRMDEALMOVETOCATEGORY", "ONCRMTIMELINECOMMENTADD", "ONAPPUNINSTALL"];
    let booking = event.strip_prefix("ONBOOKING").is_some_and(|deed| deeds.contains(&deed));
    booking || single.contains(&event) || things.into_iter().any(of)
}

/// Who is told of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    pub id: i64,
    pub event: String,
    pub url: String,
    /// The application; an outgoing webhook has none.
    pub client: Option<String>,
    token: String,
}

/// One push to one handler, or to the handler of a message's sender.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) url: String,
    pub(crate) body: String,
    pub(crate) about: i64,
}

/// Handlers of a portal, and what waits for them.
#[derive(Default)]
pub(crate) struct Events {
    pub(crate) handlers: Vec<Handler>,
    pub(crate) queue: Queue<Note>,
    pub(crate) history: Vec<Note>,
    pub(crate) lost: u64,
}

/// A push of one try.
pub struct Push {
    portal: i64,
    post: Post,
    taken: Taken<Note>,
}

fn post(url: &str, portal: i64, about: i64, body: &str, within: Duration) -> Post {
    let headers = vec![("Content-Type", "application/x-www-form-urlencoded".to_owned())];
    Post { url: url.to_owned(), headers, body: body.to_owned(), within, bot: Some(portal), chat: Some(about) }
}

/// Who speaks, in every form of a portal.
pub(crate) fn signed(base: &str, portal: &Portal, application_token: &str) -> Vec<(String, String)> {
    [
        ("domain", portal.domain.clone()),
        ("client_endpoint", format!("{base}/{}/rest/", portal.domain)),
        ("server_endpoint", format!("{base}/oauth/rest/")),
        ("member_id", portal.member_id.clone()),
        ("application_token", application_token.to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (format!("auth[{name}]"), value))
    .collect()
}

/// What opens the portal for an application, as its forms have it.
pub(crate) fn tokens(install: &mut Install, now: DateTime<Utc>, seconds: u64, refresh: bool) -> Vec<(String, String)> {
    let (access, second) = if refresh { install.pair(now, seconds) } else { (install.access(now, seconds), String::new()) };
    let pairs = [
        ("access_token", access),
        ("expires_in", seconds.to_string()),
        ("scope", install.scopes.join(",")),
        ("status", "L".to_owned()),
        ("refresh_token", second),
    ];
    pairs.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (format!("auth[{name}]"), value)).collect()
}

fn form(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// An element changed.
pub(crate) fn changed(state: &mut State, portal: i64, kind: Kind, deed: &str, id: i64, by: &By) {
    let event = format!("ONCRM{}{deed}", kind.word().to_ascii_uppercase());
    let copies = if deed == "UPDATE" { state.settings.update_copies.max(1) } else { 1 };
    for _ in 0..copies {
        raise(state, portal, &event, id, &[], by);
    }
}

/// Tells everybody who is bound. Tokens of the application come along where a user did it.
pub(crate) fn raise(state: &mut State, id: i64, event: &str, about: i64, extra: &[(&str, String)], by: &By) {
    let (now, faults, base) = (state.now(), state.faults.clone(), state.base.clone());
    let (due, seconds, offline) = (now + millis(state.settings.event_delay_ms), state.settings.access_seconds, state.settings.offline);
    let Some(portal) = state.portals.get_mut(&id) else { return };
    if offline {
        offline::note(portal, event, about, now, by);
    }
    let bound: Vec<Handler> = portal.events.handlers.iter().filter(|handler| handler.event == event).cloned().collect();
    for handler in bound {
        let mut pairs = vec![
            ("event".to_owned(), event.to_owned()),
            ("event_handler_id".to_owned(), handler.id.to_string()),
            (if event.starts_with("ONBOOKING") { "data[ID]" } else { "data[FIELDS][ID]" }.to_owned(), about.to_string()),
        ];
        pairs.extend(extra.iter().map(|(name, value)| (format!("data[FIELDS][{name}]"), value.clone())));
        pairs.push(("ts".to_owned(), now.timestamp().to_string()));
        pairs.extend(signed(&base, portal, &handler.token));
        let install = portal.installs.iter_mut().find(|install| handler.client.as_ref() == Some(&install.client));
        if let (Some(install), Some(_)) = (install, by.user) {
            pairs.extend(tokens(install, now, seconds, false));
        }
        let note = Note { url: handler.url, body: form(&pairs), about };
        portal.events.history.push(note.clone());
        portal.events.queue.put(note, due, Way::draw(&faults, super::SERVICE, id, about));
    }
}

impl Pushes for State {
    type Push = Push;

    fn look(&mut self, (): &(), now: DateTime<Utc>) -> Due<Push> {
        let mut found = Due { happened: false, pushes: Vec::new(), next: None };
        let within = Duration::from_millis(self.settings.event_within_ms);
        for (id, portal) in &mut self.portals {
            let (due, next) = portal.events.queue.take(now, usize::MAX);
            found.next = earlier(found.next, next);
            for taken in due {
                let post = post(&taken.item.url, *id, taken.item.about, &taken.item.body, within);
                found.pushes.push(Push { portal: *id, post, taken });
            }
        }
        found
    }

    fn post(push: &Push) -> Post {
        push.post.clone()
    }

    /// There are no repeats: a lost call is lost.
    fn pushed(&mut self, (): &(), push: Push, reply: Option<Answer>, _: DateTime<Utc>) {
        if let Some(portal) = self.portals.get_mut(&push.portal) {
            portal.events.queue.done(push.taken.serial);
            portal.events.lost += u64::from(!reply.is_some_and(|reply| (200..300).contains(&reply.status)));
        }
    }
}

pub(crate) fn run(state: &mut State, caller: &Caller, method: &str, params: &Params) -> B24Result<Reply> {
    let client = application(state, caller)?.to_owned();
    let has_offline = state.settings.offline;
    let portal = state.portal_mut(caller.portal)?;
    if method == "event.get" {
        let own = portal.events.handlers.iter().filter(|handler| handler.client.as_ref() == Some(&client));
        let online = own.map(|handler| json!({ "event": handler.event, "handler": handler.url, "auth_type": "0", "offline": 0 }));
        let offline = portal.offline.bound(&client).map(|event| json!({ "event": event, "handler": "", "auth_type": "0", "offline": 1 }));
        return Ok(Reply::of(json!(online.chain(offline).collect::<Vec<_>>())));
    }
    let event = params.text("event").map(str::to_ascii_uppercase).filter(|event| known(event));
    let event = event.ok_or_else(|| B24Error::bad("There is no such event"))?;
    let offline = params.text("event_type").is_some_and(|kind| kind.eq_ignore_ascii_case("offline"));
    let url = params.text("handler").unwrap_or_default().to_owned();
    match (method, offline) {
        ("event.bind", true) => {
            admin(portal, caller)?;
            if !has_offline {
                return Err(B24Error::denied("Offline events are not available"));
            }
            portal.offline.bind(&client, &event, params.text("auth_connector"));
        }
        ("event.bind", false) => {
            if !is_safe(&url) {
                return Err(B24Error::bad("The handler is not valid"));
            }
            let same = |handler: &Handler| handler.event == event && handler.url == url && handler.client.as_ref() == Some(&client);
            if portal.events.handlers.iter().any(same) {
                return Err(B24Error::bad("Handler already binded"));
            }
            let own = portal.installs.iter().find(|install| install.client == client).map(|install| install.application_token.clone());
            let id = portal.next_id();
            let token = own.unwrap_or_default();
            portal.events.handlers.push(Handler { id, event, url, client: Some(client), token });
        }
        _ => {
            let before = portal.events.handlers.len();
            portal
                .events
                .handlers
                .retain(|handler| !(handler.event == event && handler.url == url && handler.client.as_ref() == Some(&client)));
            let count = before - portal.events.handlers.len() + usize::from(offline && portal.offline.unbind(&client, &event));
            return Ok(Reply::of(json!({ "count": count })));
        }
    }
    state.accepted(caller.portal, method, 0, &params.all);
    Ok(Reply::of(true))
}

impl Bitrix24 {
    /// An administrator makes an outgoing webhook for these events. Gives its `application_token`.
    pub fn add_outgoing(&self, portal: i64, url: &str, events: &[&str]) -> String {
        let (mut state, secret) = (self.state(), token());
        let Some(place) = state.portals.get_mut(&portal) else { return secret };
        for event in events {
            let id = place.next_id();
            let handler = Handler { id, event: (*event).to_owned(), url: url.to_owned(), client: None, token: secret.clone() };
            place.events.handlers.push(handler);
        }
        secret
    }

    /// The handlers of a portal.
    #[must_use]
    pub fn handlers(&self, portal: i64) -> Vec<Handler> {
        self.quiet().portals.get(&portal).map(|place| place.events.handlers.clone()).unwrap_or_default()
    }

    /// An administrator installs an application: its address is told of it, with tokens and with
    /// the `application_token` that later events have. The status of the answer; 0: there was none.
    pub async fn install(&self, portal: i64, client: &str, url: &str) -> u16 {
        let body = {
            let mut state = self.state();
            let (now, seconds, base) = (state.now(), state.settings.access_seconds, state.base.clone());
            let scopes = state.applications.get(client).map(|known| known.scopes.clone()).unwrap_or_default();
            let Some(place) = state.portals.get_mut(&portal) else { return 0 };
            place.installs.retain(|install| install.client != client);
            let mut install = Install::new(client, 1, &scopes);
            let mut pairs: Vec<(String, String)> = [
                ("event", "ONAPPINSTALL"),
                ("data[VERSION]", "1"),
                ("data[ACTIVE]", "Y"),
                ("data[INSTALLED]", "Y"),
                ("data[LANGUAGE_ID]", "ru"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
            pairs.push(("ts".to_owned(), now.timestamp().to_string()));
            pairs.extend(signed(&base, place, &install.application_token));
            pairs.extend(tokens(&mut install, now, seconds, true));
            place.installs.push(install);
            form(&pairs)
        };
        self.told_at_once(portal, url, &body).await
    }

    /// An administrator removes an application: its tokens and handlers are gone, and its address
    /// is told without tokens. The status of the answer; 0: there was none.
    pub async fn uninstall(&self, portal: i64, client: &str, url: &str) -> u16 {
        let body = {
            let mut state = self.state();
            let (now, base) = (state.now(), state.base.clone());
            let Some(place) = state.portals.get_mut(&portal) else { return 0 };
            let Some(gone) = place.installs.iter().position(|install| install.client == client) else { return 0 };
            let gone = place.installs.remove(gone);
            place.events.handlers.retain(|handler| handler.client.as_deref() != Some(client));
            place.senders.retain(|sender| sender.client != client);
            let mut pairs = vec![
                ("event".to_owned(), "ONAPPUNINSTALL".to_owned()),
                ("data[CLEAN]".to_owned(), "1".to_owned()),
                ("ts".to_owned(), now.timestamp().to_string()),
            ];
            pairs.extend(signed(&base, place, &gone.application_token));
            form(&pairs)
        };
        self.told_at_once(portal, url, &body).await
    }

    async fn told_at_once(&self, portal: i64, url: &str, body: &str) -> u16 {
        let within = Duration::from_millis(self.settings().event_within_ms);
        let reply = try_once(self, client_of_hooks().as_ref(), post(url, portal, 0, body, within)).await;
        reply.map_or(0, |reply| reply.status)
    }

    /// Events that wait.
    #[must_use]
    pub fn pending(&self, portal: i64) -> usize {
        self.quiet().portals.get(&portal).map_or(0, |place| place.events.queue.len())
    }

    /// Events whose handlers did not answer well, and which are lost for that.
    #[must_use]
    pub fn lost(&self, portal: i64) -> u64 {
        self.quiet().portals.get(&portal).map_or(0, |place| place.events.lost)
    }

    /// Sends a portal's last `count` events again, at once, as if they were doubled. Gives how many
    /// there were.
    pub fn redeliver(&self, portal: i64, count: usize) -> usize {
        let mut state = self.state();
        let now = state.now();
        let Some(place) = state.portals.get_mut(&portal) else { return 0 };
        let again: Vec<Note> = place.events.history.iter().rev().take(count).rev().cloned().collect();
        for note in &again {
            place.events.queue.put(note.clone(), now, Way::Once);
        }
        again.len()
    }

    /// The last form of a portal as it went, whether it arrived or not.
    #[must_use]
    pub fn form(&self, portal: i64) -> Option<String> {
        self.quiet().portals.get(&portal)?.events.history.last().map(|note| note.body.clone())
    }

    /// The forms of a portal's events, oldest first, as pairs, whether they arrived or not.
    #[must_use]
    pub fn told(&self, portal: i64) -> Vec<Vec<(String, String)>> {
        let state = self.quiet();
        let history = state.portals.get(&portal).map(|place| place.events.history.as_slice()).unwrap_or_default();
        history.iter().map(|note| url::form_urlencoded::parse(note.body.as_bytes()).into_owned().collect()).collect()
    }
}

/// The value an event is about, for lists that want it.
pub(crate) fn data(id: i64) -> Value {
    json!({ "FIELDS": { "ID": id } })
}
