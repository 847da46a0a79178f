//! What is told of messages, whatever the order it came in.

use std::collections::BTreeMap;

use super::{WAIT, row::Moved};
use crate::{
    channel::{Charge, MessageName, News, Receipt},
    clock::Moment,
    delivery::{State, state::Event},
    words::Reason,
};

/// Why it was refused, and the provider's words.
pub(super) type Refusal = (Reason, Option<String>);
/// A receipt as it is kept until its message is known.
pub(super) struct Kept<'a> {
    pub(super) state: State,
    pub(super) at: Option<Moment>,
    pub(super) failed: Option<&'a Refusal>,
}

/// All that is told of one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) sent: Option<Moment>,
    pub(super) delivered: Option<Moment>,
    pub(super) read: Option<Moment>,
    pub(super) failed: Option<Refusal>,
    /// It was refused lately: a webhook that comes again a day later says nothing of the channel.
    pub(super) lately: bool,
    /// The provider's id of the message, told with one of ours.
    pub(super) reference: Option<String>,
    /// What it is charged as; of several words the first by the alphabet.
    pub(super) charge: Option<Charge>,
}

/// Whether a refusal is the recipient's own no.
pub(super) fn is_no(reason: Reason) -> bool {
    matches!(reason, Reason::Blocked | Reason::OptedOut)
}

pub(super) fn earliest(kept: &mut Option<Moment>, at: Moment) {
    *kept = Some(kept.map_or(at, |kept| kept.min(at)));
}

impl Told {
    pub(super) fn add(&mut self, news: &News, now: Moment) {
        let at = news.at.unwrap_or(now).min(now);
        self.named(news.message_ref.clone());
        self.charged(news.charge);
        match news.receipt {
            Receipt::Sent => earliest(&mut self.sent, at),
            Receipt::Delivered => earliest(&mut self.delivered, at),
            Receipt::Read => earliest(&mut self.read, at),
            Receipt::Failed(reason) => {
                self.lately |= now - at < WAIT;
                self.refuse(reason, news.detail.clone());
            }
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.named(other.reference);
        self.charged(other.charge);
        for (kept, at) in [(&mut self.sent, other.sent), (&mut self.delivered, other.delivered), (&mut self.read, other.read)] {
            if let Some(at) = at {
                earliest(kept, at);
            }
        }
        self.lately |= other.lately;
        if let Some((reason, detail)) = other.failed {
            self.refuse(reason, detail);
        }
    }

    /// Of several ids the first stays.
    pub(super) fn named(&mut self, reference: Option<String>) {
        let first = reference.as_ref().is_some_and(|new| self.reference.as_ref().is_none_or(|kept| new < kept));
        if first {
            self.reference = reference;
        }
    }

    pub(super) fn charged(&mut self, charge: Option<Charge>) {
        self.charge = [self.charge, charge].into_iter().flatten().min_by_key(|one| one.as_str());
    }

    /// Of several refusals the first by its words stays.
    pub(super) fn refuse(&mut self, reason: Reason, detail: Option<String>) {
        let first = self.failed.as_ref().is_none_or(|(kept, words)| (reason.as_str(), &detail) < (kept.as_str(), words));
        if first {
            self.failed = Some((reason, detail));
        }
    }

    /// Whether its recipient blocked us or told the messenger to stop, as is said of a message that
    /// came to `state`; said again each time, for a caller that died before it carried it out. Of a
    /// message that arrived it is not true any more.
    pub(super) fn blocks(&self, state: State) -> Option<Reason> {
        if matches!(state, State::Delivered | State::Read) {
            return None;
        }
        self.failed.as_ref().map(|(reason, _)| *reason).filter(|reason| is_no(*reason))
    }

    /// Whether it says that the provider approves the template no more; said again each time, too.
    pub(super) fn bars(&self, state: State) -> bool {
        state == State::Failed && self.failed.as_ref().is_some_and(|(reason, _)| *reason == Reason::TemplateNeeded)
    }

    /// The words of a refusal that is news: of a message that was not refused before.
    pub(super) fn refusal(&self, from: State, moved: &Moved) -> Option<String> {
        let (_, words) = self.failed.as_ref().filter(|_| self.lately && moved.state == State::Failed && from != State::Failed)?;
        words.clone()
    }

    pub(super) fn events(&self) -> impl Iterator<Item = Event> {
        let told = [
            (self.sent.is_some(), Event::Sent),
            (self.failed.is_some(), Event::Bounce),
            (self.delivered.is_some(), Event::Delivered),
            (self.read.is_some(), Event::Read),
        ];
        told.into_iter().filter(|(told, _)| *told).map(|(_, event)| event)
    }

    /// One receipt each, as they are kept until their message is known.
    pub(super) fn each(&self) -> impl Iterator<Item = Kept<'_>> {
        let one = [
            (State::Sent, self.sent, None),
            (State::Delivered, self.delivered, None),
            (State::Read, self.read, None),
            (State::Failed, None, self.failed.as_ref()),
        ];
        one.into_iter().filter(|(_, at, failed)| at.is_some() || failed.is_some()).map(|(state, at, failed)| Kept { state, at, failed })
    }
}

/// What is told of each message, by both of its names.
#[derive(Default)]
pub(super) struct Board {
    pub(super) by_name: BTreeMap<MessageName, Told>,
}

impl Board {
    pub(super) fn refs(&self) -> Vec<&str> {
        self.by_name.keys().filter_map(|name| if let MessageName::Ref(id) = name { Some(id.as_str()) } else { None }).collect()
    }

    /// Ids of ours: of deliveries as they are, of messages outside campaigns negative.
    pub(super) fn clients(&self, outgoing: bool) -> Vec<i64> {
        let ids = self.by_name.keys().filter_map(|name| if let MessageName::Client(id) = name { Some(*id) } else { None });
        if outgoing { ids.filter(|id| *id < 0).map(|id| -id).collect() } else { ids.filter(|id| *id > 0).collect() }
    }

    /// Takes what is told of a message off the board.
    pub(super) fn take(&mut self, client: i64, message_ref: Option<&str>) -> Option<Told> {
        let names = [Some(MessageName::Client(client)), message_ref.map(|id| MessageName::Ref(id.to_owned()))];
        let told: Vec<Told> = names.into_iter().flatten().filter_map(|name| self.by_name.remove(&name)).collect();
        told.into_iter().reduce(|mut all, one| {
            all.join(one);
            all
        })
    }
}
