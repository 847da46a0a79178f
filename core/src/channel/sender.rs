//! What a provider says of a sender: who it is, what it may do, how it stands.

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use super::{Capabilities, Channel};
use super::{ChannelKind, Daily};
use crate::pace::SharedRate;

/// Who the credentials say we are.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The sender's id at the provider.
    pub external_id: String,
    /// `@name`, without the `@`; may be empty.
    pub username: String,
    /// The name people see.
    pub name: String,
    /// What this very sender may do.
    pub terms: Terms,
}

/// A sender that some credentials lead to, where they lead to several ([`Channel::senders`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub kind: ChannelKind,
    /// As [`Identity::external_id`].
    pub external_id: String,
    /// As [`Identity::username`].
    pub username: String,
    /// The provider lets it send now.
    pub sends: bool,
}

/// What a provider says of a sender as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SenderState {
    /// It may send.
    Sends,
    /// It may not until the provider says otherwise: the provider's word for its state.
    Stands(String),
    /// It is to leave people alone for so long.
    Rests(Duration),
    /// What it stood still for under this word, or this code of a refusal, is over; for anything
    /// else it stands.
    Lifted(String),
}

/// What a look at a sender told ([`Channel::look`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The address of our webhook stands at the provider as it was given.
    pub hooked: bool,
    /// Where another program's webhook leads that stands there instead: a host, with its port where
    /// it is no usual one.
    pub elsewhere: Option<String>,
    /// `None`: the provider tells nothing of the sender.
    pub sender: Option<SenderState>,
    /// What the sender may do now; `None`: the provider was not asked.
    pub terms: Option<Terms>,
}

/// What a provider lets this very sender do, where its senders differ: a number's throughput, what
/// it shares with others. Kept in the channel's row; what is not told is as [`Capabilities`] say.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// Messages a second through the whole channel.
    pub rate: Option<f64>,
    /// The limit it shares with other channels of the same account at the provider.
    pub shared: Option<SharedRate>,
    /// The people it may begin to write to within 24 hours.
    pub daily: Option<Daily>,
}
