//! What comes from a messenger, understood, and as it came.

use serde::{Deserialize, Serialize};

use super::{Attached, Charge, Echo, SenderState, TemplateNews};
#[cfg(doc)]
use super::{Daily, Identity, Outbound, Sent};
use crate::{clock::Moment, words::Reason};

/// Something that came from a messenger, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The address it came from, as this channel writes addresses. Empty: a press that names the
    /// person alone ([`Profile::id`]).
    pub from: String,
    /// The person as the messenger shows them.
    pub profile: Profile,
    /// When it happened, by the provider.
    pub at: Moment,
    /// The provider's id of the message it is about or came in, if any, in the form of
    /// [`Sent::message_ref`].
    pub message_ref: Option<String>,
    pub kind: EventKind,
}

/// How the messenger shows a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    pub first_name: String,
    pub last_name: String,
    /// Nickname without `@`.
    pub username: String,
    /// IETF language tag, if told.
    pub language: Option<String>,
    /// Their own phone with its plus, where the messenger itself says whose it is.
    pub phone: Option<String>,
    /// The messenger's own id of the person, where that is no address here.
    #[serde(default)]
    pub id: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// `/start`, with the deep link's payload.
    Started(Option<String>),
    /// A text, perhaps an answer to one of our messages.
    Text {
        /// What was written.
        body: String,
        /// The message it answers, as a `message_ref`.
        reply_to: Option<String>,
    },
    /// A phone number shared by its owner (`own`), or somebody else's contact card.
    Phone {
        number: String,
        /// It is the sender's own.
        own: bool,
    },
    /// A phone that the person says is theirs, which nothing proves.
    PhoneClaimed { number: String },
    /// The messenger refuses the sender as a whole, and says so of a message it had taken: its code
    /// and words.
    Refused(String),
    /// A button under a message; of ours, or of another program that wrote in our name.
    Press {
        data: String,
        /// What stands on it; empty where the messenger does not say.
        label: String,
        /// What to answer the press by.
        query_id: String,
    },
    /// A picture, voice, file …: the kind as a word, with the caption.
    Media {
        /// `photo`, `voice` …
        what: String,
        caption: String,
        /// The file; `None`: there is none (a place on the map, a poll).
        file: Option<Attached>,
        /// The message it answers, as a `message_ref`.
        reply_to: Option<String>,
    },
    /// A message of the person's was changed: what it says now.
    Edited(Box<EventKind>),
    /// The person blocked us.
    Blocked,
    /// The person lifted the block.
    Unblocked,
    /// The person told the messenger that they want no advertising from us.
    Stopped,
    /// The person has another address now: whatever was known of the old one ([`Event::from`]) is
    /// theirs.
    Moved {
        /// The new address.
        to: String,
        /// A phone that is theirs no more; the new one is in [`Event::profile`].
        old_phone: Option<String>,
    },
    /// The provider's news of a message of ours.
    Receipt(News),
    /// Something went out, of ours or written by hand.
    Echo(Echo),
    /// The person opened the dialogue: everything of ours in it is read, up to one message.
    Read {
        /// The provider's id of that message. Of the others in the dialogue those are meant whose
        /// id ends with a smaller number, or the same, after its last colon.
        last: String,
    },
    /// The provider's news of a template.
    Template(Box<TemplateNews>),
    /// The provider's news of the sender itself.
    Sender(SenderState),
    /// The provider's news of senders that need not be the one it came to.
    Senders {
        /// The account at the provider whose senders they are ([`Daily::account`]).
        account: String,
        /// The one of this name ([`Identity::username`]); `None`: all of them.
        name: Option<String>,
        state: SenderState,
    },
    /// The provider's news of how many people may be begun with within 24 hours ([`Daily`]).
    Daily {
        /// The account at the provider whose senders it is about.
        account: String,
        /// People; `None`: any number.
        most: Option<i64>,
    },
    /// Nothing the product acts upon.
    Ignored,
}

/// What a provider tells of a message after it took it. They come twice, out of order, early and
/// late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It left: an answer that was lost was a yes.
    Sent,
    /// On the recipient's device.
    Delivered,
    /// Opened.
    Read,
    /// Taken and then refused after all. What arrived is never taken back by it.
    Failed(Reason),
}

/// How a provider names a message of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageName {
    /// By its own id, unique within the channel.
    Ref(String),
    /// By the id we gave it ([`Outbound::client_id`]).
    Client(i64),
}

/// The longest name a provider's message may have, bytes: many times what any of them gives, and
/// what a key of the database holds.
const LONGEST_NAME: usize = 500;

/// A provider's later news of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub message: MessageName,
    /// The provider's id of it, where `message` is ours: kept if the answer that told it was lost.
    pub message_ref: Option<String>,
    /// How far it got.
    pub receipt: Receipt,
    /// When, as the provider says; `None`: it does not, and the time it came counts.
    pub at: Option<Moment>,
    /// The provider's code and words, for whoever asks it.
    pub detail: Option<String>,
    /// What it is charged as, where the provider says it.
    pub charge: Option<Charge>,
}

impl News {
    /// Whether its names are of a length that a message of ours may have: a longer one is nobody's.
    #[must_use]
    pub fn is_of_a_message(&self) -> bool {
        let names = match &self.message {
            MessageName::Ref(name) => [Some(name), self.message_ref.as_ref()],
            MessageName::Client(_) => [None, self.message_ref.as_ref()],
        };
        names.into_iter().flatten().all(|name| name.len() <= LONGEST_NAME)
    }
}

/// A raw update as it came by long polling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawUpdate {
    /// What the provider's update is told from others by, for deduplication: the same one twice has
    /// the same.
    pub external_id: String,
    /// The body, verbatim.
    pub payload: String,
}

/// What one long poll brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Polled {
    pub updates: Vec<RawUpdate>,
    /// Where to go on: the messenger's own text, and nobody else's to compare. It follows the
    /// newest batch wherever that leads. `None`: from where this poll began.
    pub cursor: Option<String>,
    /// The messenger says that events before these are lost: somebody's «stop» may be among them.
    pub forgot: bool,
}
