//! Callback servers: their confirmation, and the pushes with the secret in the body that want «ok»
//! (contract, 6.1).

use std::{collections::BTreeSet, time::Duration};

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::state::State;
use crate::hooks::{Due, Post, Pushes, Queue, Reply, Taken, earlier, millis};

/// Pushes to one server at a time.
const AT_A_TIME: usize = 10;
/// A server may ask for a later time, but no later than this.
const LATEST: TimeDelta = TimeDelta::hours(3);
/// A push that failed waits at most this long.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// Where a callback server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerStatus {
    Unconfigured,
    /// It was given up, or did not confirm.
    Failed,
    /// Its confirmation is under way.
    Wait,
    Ok,
}

/// A callback server as a test sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Server {
    pub id: i64,
    pub url: String,
    pub title: String,
    pub status: ServerStatus,
    /// Kinds of events it gets.
    pub events: BTreeSet<String>,
}

pub(crate) struct Hooked {
    pub(crate) server: Server,
    pub(crate) secret: String,
    /// Grows when the address changes, so that answers of the old one count for nothing.
    pub(crate) generation: u64,
    /// Persons and events.
    pub(crate) queue: Queue<(i64, Value)>,
}

impl Hooked {
    pub(crate) fn wants(&self, kind: &str, cut_off: bool) -> bool {
        let gets = match self.server.status {
            ServerStatus::Ok => true,
            ServerStatus::Failed => !cut_off,
            ServerStatus::Wait | ServerStatus::Unconfigured => false,
        };
        gets && self.server.events.contains(kind)
    }

    /// A new address, to be confirmed.
    pub(crate) fn begin(&mut self, group: i64, now: DateTime<Utc>) {
        self.generation += 1;
        self.server.status = ServerStatus::Wait;
        self.queue = Queue::default();
        self.queue.put((0, json!({ "type": "confirmation", "group_id": group })), now, crate::hooks::Way::Once);
    }
}

/// One try of a push.
pub struct Push {
    group: i64,
    server: i64,
    generation: u64,
    url: String,
    secret: String,
    within: Duration,
    taken: Taken<(i64, Value)>,
}

impl Push {
    fn confirms(&self) -> bool {
        self.taken.item.1["type"] == "confirmation"
    }
}

impl Pushes for State {
    type Push = Push;

    fn look(&mut self, (): &(), now: DateTime<Utc>) -> Due<Push> {
        let mut found = Due { happened: false, pushes: Vec::new(), next: None };
        let within = Duration::from_millis(self.settings.answer_within_ms);
        for community in self.communities.values_mut() {
            for hooked in community.servers.values_mut() {
                let (due, next) = hooked.queue.take(now, AT_A_TIME);
                found.next = earlier(found.next, next);
                let (url, secret) = (&hooked.server.url, &hooked.secret);
                found.pushes.extend(due.into_iter().map(|taken| Push {
                    group: community.id,
                    server: hooked.server.id,
                    generation: hooked.generation,
                    url: url.clone(),
                    secret: secret.clone(),
                    within,
                    taken,
                }));
            }
        }
        found
    }

    fn post(push: &Push) -> Post {
        let (user, event) = &push.taken.item;
        let mut event = event.clone();
        if !push.secret.is_empty() {
            event["secret"] = json!(push.secret);
        }
        let repeat = (push.taken.failures > 0).then(|| ("X-Retry-Counter", push.taken.failures.to_string()));
        let chat = Some(*user).filter(|user| *user != 0);
        Post {
            url: push.url.clone(),
            headers: repeat.into_iter().collect(),
            body: event.to_string(),
            within: push.within,
            bot: Some(push.group),
            chat,
        }
    }

    fn pushed(&mut self, (): &(), push: Push, reply: Option<Reply>, now: DateTime<Utc>) {
        let (retry, retries) = (millis(self.settings.retry_ms), self.settings.retries);
        let Some(community) = self.communities.get_mut(&push.group) else { return };
        let confirmation = community.confirmation.clone();
        let Some(hooked) = community.servers.get_mut(&push.server).filter(|one| one.generation == push.generation) else { return };
        let serial = push.taken.serial;
        if push.confirms() {
            let confirmed = reply.is_some_and(|reply| reply.is_ok() && reply.body.trim() == confirmation);
            hooked.server.status = if confirmed { ServerStatus::Ok } else { ServerStatus::Failed };
            hooked.queue.done(serial);
            return;
        }
        match reply {
            Some(reply) if reply.is_ok() && reply.body == "ok" => hooked.queue.done(serial),
            Some(reply) if reply.is_ok() && reply.body == "remove" => {
                community.servers.remove(&push.server);
            }
            Some(Reply { status: 410 | 429 | 503, headers, .. }) if asked(&headers, now).is_some() => {
                hooked.queue.later(serial, asked(&headers, now).unwrap_or(now));
            }
            _ => {
                let gone = hooked.queue.failed(serial, |failures| {
                    let pause = retry * (1 << (failures - 1).min(16));
                    (failures <= retries).then(|| now + pause.min(LONGEST))
                });
                if gone {
                    hooked.server.status = ServerStatus::Failed;
                    community.given_up += 1;
                }
            }
        }
    }
}

/// The time a server asks for, if it may.
fn asked(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = headers.get("retry-after")?.to_str().ok()?;
    let at = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    Some(at).filter(|at| *at > now && *at - now < LATEST)
}
