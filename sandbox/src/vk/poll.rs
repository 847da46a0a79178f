//! Bots Long Poll: the events since a place (contract, 6.2).

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json,
    extract::{Path, Query, State as Extract},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{
    Vk,
    error::{VkError, VkResult},
    events::KINDS,
    params::Params,
};
use crate::hooks::Way;

#[derive(Default)]
pub(crate) struct Poll {
    pub(crate) enabled: bool,
    /// Kinds of events it gets.
    pub(crate) kinds: BTreeSet<String>,
    /// The keys given out and when.
    keys: VecDeque<(String, DateTime<Utc>)>,
    /// Events and their places; a doubled one has two.
    events: VecDeque<(u64, Value)>,
    last: u64,
    wake: Arc<Notify>,
}

impl Poll {
    pub(crate) fn put(&mut self, kind: &str, event: &Value, way: Way, kept: usize) {
        if !self.enabled || !self.kinds.contains(kind) {
            return;
        }
        for _ in 0..way.times() {
            self.last += 1;
            self.events.push_back((self.last, event.clone()));
        }
        let count = self.events.len();
        if way == Way::First && count > 1 {
            // The places stay in order: what changes is which event has which.
            let (before, after) = (self.events[count - 2].1.clone(), self.events[count - 1].1.clone());
            (self.events[count - 2].1, self.events[count - 1].1) = (after, before);
        }
        while self.events.len() > kept {
            self.events.pop_front();
        }
        self.wake.notify_waiters();
    }

    fn is_key(&self, key: &str, lives: TimeDelta, now: DateTime<Utc>) -> bool {
        self.keys.iter().any(|(known, since)| known == key && now - *since < lives)
    }

    /// Events after a place; `None` where some of them are forgotten, or the place is none.
    fn after(&self, ts: u64) -> Option<Vec<Value>> {
        let first = self.events.front().map_or(self.last + 1, |(place, _)| *place);
        (ts <= self.last && ts + 1 >= first)
            .then(|| self.events.iter().filter(|(place, _)| *place > ts).map(|(_, event)| event.clone()).collect())
    }
}

/// `groups.getLongPollServer`.
pub(crate) fn server(vk: &Vk, group: i64) -> VkResult {
    let mut state = vk.state();
    let (base, now) = (state.base.clone(), state.now());
    let poll = &mut state.community_mut(group)?.poll;
    if !poll.enabled {
        return Err(VkError::with(100, "longpoll for this group is not enabled"));
    }
    let key = format!("{:040x}", rand::random::<u128>());
    poll.keys.push_back((key.clone(), now));
    if poll.keys.len() > 20 {
        poll.keys.pop_front();
    }
    Ok(json!({ "key": key, "server": format!("{base}/whp/{group}"), "ts": poll.last.to_string() }))
}

/// `groups.setLongPollSettings`.
pub(crate) fn settings(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let mut state = vk.state();
    let poll = &mut state.community_mut(group)?.poll;
    for (name, on) in params.flags() {
        if name == "enabled" {
            poll.enabled = on;
        } else if KINDS.contains(&name) {
            if on {
                poll.kinds.insert(name.to_owned())
            } else {
                poll.kinds.remove(name)
            };
        }
    }
    Ok(json!(1))
}

/// `groups.getLongPollSettings`.
pub(crate) fn shown(vk: &Vk, group: i64) -> VkResult {
    let state = vk.quiet();
    let poll = &state.community(group)?.poll;
    let events: serde_json::Map<String, Value> =
        KINDS.iter().map(|kind| ((*kind).to_owned(), json!(u8::from(poll.kinds.contains(*kind))))).collect();
    Ok(json!({ "is_enabled": poll.enabled, "api_version": super::VERSION, "events": events }))
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    act: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    ts: String,
    #[serde(default)]
    wait: Option<u64>,
}

/// `GET /whp/{group}?act=a_check&key=…&ts=…&wait=…`.
pub(crate) async fn check(Extract(vk): Extract<Vk>, Path(group): Path<i64>, Query(asked): Query<Asked>) -> Response {
    if asked.act != "a_check" {
        return Json(json!({ "failed": 4, "error": "invalid act" })).into_response();
    }
    let deadline = Instant::now() + Duration::from_secs(asked.wait.unwrap_or(25).min(90));
    loop {
        let Some(wake) = vk.quiet().communities.get(&group).map(|community| Arc::clone(&community.poll.wake)) else {
            return Json(json!({ "failed": 3 })).into_response();
        };
        let woken = wake.notified();
        tokio::pin!(woken);
        // Registered before looking, so that an event that comes in between still wakes.
        woken.as_mut().enable();
        if let Some(answer) = look(&vk, group, &asked, Instant::now() >= deadline) {
            return Json(answer).into_response();
        }
        let _ = tokio::time::timeout_at(deadline.into(), woken).await;
    }
}

/// The answer, if there is one now.
fn look(vk: &Vk, group: i64, asked: &Asked, at_last: bool) -> Option<Value> {
    let state = vk.quiet();
    let lives = TimeDelta::seconds(i64::try_from(state.settings.poll_key_seconds).unwrap_or(i64::MAX / 1000));
    let Some(community) = state.communities.get(&group) else { return Some(json!({ "failed": 3 })) };
    let poll = &community.poll;
    if !poll.is_key(&asked.key, lives, state.now()) {
        return Some(json!({ "failed": 2 }));
    }
    let found = asked.ts.parse().ok().and_then(|ts| poll.after(ts));
    let Some(found) = found else { return Some(json!({ "failed": 1, "ts": poll.last.to_string() })) };
    (at_last || !found.is_empty()).then(|| json!({ "ts": poll.last.to_string(), "updates": found }))
}

impl Vk {
    /// Ends every key of a community's long poll: `failed: 2`.
    pub fn end_poll_keys(&self, group: i64) {
        if let Some(community) = self.state().communities.get_mut(&group) {
            community.poll.keys.clear();
            community.poll.wake.notify_waiters();
        }
    }

    /// Forgets the events a long poll could go back to: `failed: 1`.
    pub fn forget_events(&self, group: i64) {
        if let Some(community) = self.state().communities.get_mut(&group) {
            community.poll.events.clear();
        }
    }
}
