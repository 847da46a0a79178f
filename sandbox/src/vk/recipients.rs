//! Whom a send names (contract, 2.2).

use super::{
    error::{VkError, VkResult},
    params::Params,
    state::State,
};

/// Recipients of one call.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Recipients {
    One(i64),
    /// Of `peer_ids`: each has an answer of its own.
    Many(Vec<i64>),
}

impl Recipients {
    pub(crate) fn read(state: &State, params: &Params) -> VkResult<Self> {
        let batch = ["peer_ids", "user_ids"].iter().find(|name| params.text(name).is_some());
        if let Some(name) = batch {
            let peers = params.ints(name)?.unwrap_or_default();
            if peers.len() > MOST {
                return Err(VkError::parameter(format!("{name} should contain no more than {MOST} items")));
            }
            return Ok(Self::Many(peers));
        }
        if let Some(domain) = params.text("domain") {
            let found = state.users.values().find(|user| user.username.as_deref() == Some(domain) || format!("id{}", user.id) == domain);
            return found.map(|user| Self::One(user.id)).ok_or_else(|| VkError::new(113));
        }
        if let Some(chat) = params.int("chat_id")? {
            return Ok(Self::One(2_000_000_000 + chat));
        }
        let peer = params.int("peer_id")?.or(params.int("user_id")?);
        peer.map(Self::One).ok_or_else(|| VkError::parameter("you should specify peer_id, user_id, domain, chat_id or user_ids param"))
    }

    /// The only person, for the rules of faults.
    pub(crate) fn alone(&self) -> Option<i64> {
        match self {
            Self::One(peer) => Some(*peer),
            Self::Many(peers) => peers.first().copied().filter(|_| peers.len() == 1),
        }
    }
}
