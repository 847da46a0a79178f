//! The gate of a messenger's webhooks: what is looked at before anything is kept. Data, so that the
//! HTTP side names no messenger.

use std::collections::HashMap;

use crate::secret::Secret;

/// How a messenger's webhooks are proved, told apart and put in order.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// The header with the proof, in lower case; empty: the proof stands in the body.
    pub header: &'static str,
    /// The name in the address's query under which the proof may come instead.
    pub query: Option<&'static str>,
    pub proof: Proof,
    /// Largest update, bytes.
    pub most: usize,
    /// What an update is told from others by, of its cleaned text and of the text as it came: the
    /// same one twice has the same. `None`: it is no update of this messenger.
    pub name: fn(&str, &str) -> Option<String>,
    /// Who an update comes from, where it can be read: what one person sends is kept in its order.
    pub person: fn(&str) -> Option<i64>,
    /// Takes a body with several updates apart. `None`: a body is one update, told apart by `name`.
    pub parts: Option<TakeApart>,
    /// Reads a question whether the address is ours: the channel's secret that it comes with, and
    /// the answer. `None`: this messenger does not ask.
    pub challenge: Option<ReadChallenge>,
    /// Puts a message into the answer to an update. `None`: answers have none.
    pub welcome: Option<Welcome>,
    /// Reads a body that asks whether the address is ours: which sender it asks for. The adapter
    /// has the answer ([`super::Channel::confirmation`]). `None`: this messenger does not ask so.
    pub confirmation: Option<fn(&str) -> Option<String>>,
    /// What the answer to a kept update says; the messenger sends it again otherwise.
    pub says: &'static str,
    /// What becomes of an update that is not taken because its company has its share of the server.
    pub later: Later,
}

/// Whether a messenger sends an update again that was answered 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    /// It does by itself; a `Retry-After` in seconds may be read.
    Seconds,
    /// It does, and reads a `Retry-After` that is a date.
    Date,
    /// Its contract does not say so: the update is taken when its turn comes.
    Never,
}

/// A message in the answer to an update: for somebody who opened the chat and cannot be written to
/// in any other way yet.
#[derive(Debug, Clone, Copy)]
pub struct Welcome {
    /// Whether an update wants it, and in which language if that is told.
    pub wanted: fn(&str) -> Option<Option<String>>,
    /// The answer's body.
    pub body: fn(&str, &Greeting<'_>) -> String,
}

/// The words of a welcome.
#[derive(Debug, Clone, Copy)]
pub struct Greeting<'a> {
    /// The name the sender has at the messenger.
    pub sender: &'a str,
    pub text: &'a str,
    /// What is written on the button by which the person begins.
    pub button: &'a str,
}

/// The updates of a body; `None`: it is no body of this messenger.
pub type TakeApart = fn(&str) -> Option<Vec<Part>>;
/// The secret and the answer of a challenge's query; `None`: it is no challenge.
pub type ReadChallenge = fn(&HashMap<String, String>) -> Option<(String, String)>;

/// What proves that a webhook is the messenger's.
#[derive(Debug, Clone, Copy)]
pub enum Proof {
    /// The header is the channel's secret: it is compared before the body is read.
    Secret,
    /// The header signs the raw body.
    Signature(Signature),
    /// The body holds the channel's secret.
    Body(InBody),
    /// The address holds the channel's secret, under [`Gate::query`]: nothing else proves anything.
    /// One address may be of all senders of the same credentials ([`super::hook::bearer`]).
    Address(InAddress),
}

/// What may prove more than a secret in the address.
#[derive(Debug, Clone, Copy)]
pub struct InAddress {
    /// The key that the header carries, of the channel's credentials. `None`: none was agreed upon,
    /// and the header is not looked at.
    pub key: fn(&Secret) -> Option<Secret>,
    /// Whether the header carries this key; in a time that does not tell where it differs.
    pub proves: fn(key: &Secret, header: &str) -> bool,
}

/// A signature over a raw body.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// The key, of the channel's credentials. `None`: there is none, and nothing is proved.
    pub key: fn(&Secret) -> Option<Secret>,
    /// Whether the header signs the body with this key; in a time that does not tell where it
    /// differs.
    pub proves: fn(key: &Secret, header: &str, body: &[u8]) -> bool,
}

/// A secret within a body.
#[derive(Debug, Clone, Copy)]
pub struct InBody {
    /// Reads it.
    pub secret: fn(&str) -> Option<String>,
    /// The longest secret that the messenger keeps: of ours as many characters.
    pub most: usize,
}

impl InBody {
    /// The channel's secret as this messenger knows it.
    #[must_use]
    pub fn of<'a>(&self, secret: &'a Secret) -> &'a str {
        let secret = secret.expose();
        secret.get(..self.most).unwrap_or(secret)
    }
}

/// An update of a body with several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The sender it is for, as [`super::Identity::external_id`] writes it; `None`: whoever the
    /// body came to.
    pub identity: Option<String>,
    /// It does not say which of the senders behind the address it is for: each gets it.
    pub each: bool,
    /// What it is told from others by.
    pub name: String,
    /// Who it comes from.
    pub person: Option<i64>,
    /// It alone, as a body.
    pub payload: String,
}
