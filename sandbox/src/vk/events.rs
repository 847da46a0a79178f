//! News for a community: to its callback servers and to its long poll, each as far as it asked
//! (contract, 6).

use serde_json::{Value, json};

use super::{SERVICE, VERSION, Vk, state::State};
use crate::{action::ActionError, hooks::Way};

/// Kinds of events that can be asked for.
pub(crate) const KINDS: &[&str] = &[
    "message_new",
    "message_reply",
    "message_edit",
    "message_allow",
    "message_deny",
    "message_read",
    "message_typing_state",
    "message_event",
    "message_reaction_event",
    "user_block",
    "user_unblock",
    "group_join",
    "group_leave",
];

/// An event a community was told, in the order it happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub kind: String,
    pub user: i64,
    pub object: Value,
}

impl State {
    /// Tells the community; the secret is each server's own and added on the way.
    pub(crate) fn tell(&mut self, group: i64, user: i64, kind: &str, object: Value) {
        let way = Way::draw(&self.faults, SERVICE, group, user);
        let event = json!({ "type": kind, "group_id": group, "event_id": format!("{:040x}", rand::random::<u128>()), "v": VERSION,
            "object": object });
        let Some(community) = self.communities.get_mut(&group) else { return };
        // Also what is withheld, for `redeliver`.
        community.history.push((user, event.clone()));
        self.send_on(group, user, &event, way);
    }

    fn send_on(&mut self, group: i64, user: i64, event: &Value, way: Way) {
        let (now, cut_off, kept) = (self.now(), self.settings.failed_is_cut_off, self.settings.kept_events);
        let Some(community) = self.communities.get_mut(&group) else { return };
        let kind = event["type"].as_str().unwrap_or_default();
        for server in community.servers.values_mut().filter(|server| server.wants(kind, cut_off)) {
            server.queue.put((user, event.clone()), now, way);
        }
        community.poll.put(kind, event, way, kept);
    }
}

impl Vk {
    /// Sends the community's last `count` events again, under their `event_id`s. Gives how many
    /// there were.
    ///
    /// # Errors
    /// If there is no such community.
    pub fn redeliver(&self, group: i64, count: usize) -> Result<usize, ActionError> {
        let mut state = self.state();
        let community = state.communities.get(&group).ok_or(ActionError::NoBot(group))?;
        let again: Vec<_> = community.history.iter().rev().take(count).rev().cloned().collect();
        for (user, event) in &again {
            state.send_on(group, *user, event, Way::Once);
        }
        Ok(again.len())
    }

    /// Every event there was for a community, oldest first, whether or not it was taken.
    #[must_use]
    pub fn told(&self, group: i64) -> Vec<Told> {
        let state = self.quiet();
        let told = |(user, event): &(i64, Value)| Told {
            kind: event["type"].as_str().unwrap_or_default().to_owned(),
            user: *user,
            object: event["object"].clone(),
        };
        state.communities.get(&group).map(|community| community.history.iter().map(told).collect()).unwrap_or_default()
    }

    /// Pushes that wait for their servers.
    #[must_use]
    pub fn pending(&self, group: i64) -> usize {
        let state = self.quiet();
        state.communities.get(&group).map_or(0, |community| community.servers.values().map(|server| server.queue.len()).sum())
    }
}
