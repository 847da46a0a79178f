//! Pacing, exact: never more than a limit lets through as the provider sees it, and hardly fewer.
//!
//! A provider counts by several scopes ([`Rates`]), and a [`Pacer`] keeps all of them for one
//! sending identity. **The channel**: never more than `limit` messages in any second, by two rules.
//! *Spacing*: messages are due every `1/limit`, with a small slack so that a late timer is caught
//! up. *Window*: message *i + limit* leaves only when a full second has passed since message *i*
//! arrived. When a message arrived is known only to lie between its sending and its answer; so the
//! second counts from the answer where that came within [`GUARD`], else from sending plus
//! [`GUARD`]. At worst 1/(1 + GUARD) of the limit is used, which is 0.985. Where the limit is not
//! known it is found out ([`adaptive`]). **The recipient**: [`recipients`], for messages, answers
//! to presses and edits each by themselves. **What several channels share**: the owners of these
//! channels divide it between them ([`Pacer::share`]; who has how much is in the rows).
//!
//! Limits belong to the sending identity and its lease has one owner at a time, so this lives in
//! the owner's memory. At a hand-over the next owner gets one moment ([`Pacer::next_allowed`]) and
//! assumes that the second before it was full; it gets the rate that was found out
//! ([`Pacer::found`]) and the recipients who must wait ([`Pacer::owed`]).
//!
//! Pure: time is an argument, in microseconds of any monotonic clock.

mod adaptive;
mod recipients;
pub mod spacer;
mod window;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use recipients::Recipient;

use adaptive::Adaptive;
use recipients::{Recipients, number};
use window::Window;

/// A moment of a monotonic clock, microseconds.
pub type Micros = u64;

/// One second.
const SECOND: Micros = 1_000_000;
/// How long after its sending a message is thought to arrive at the latest, when its answer takes
/// longer.
pub const GUARD: Micros = 15_000;
/// How late a timer may be and still be caught up, by messages sent sooner than the spacing says.
const SLACK: Micros = 10_000;
/// From this rate on nothing is paced: no provider's limit is near it.
pub const UNLIMITED: f64 = 50_000.0;
/// Answers to presses and edits leave messages a quarter of the pace at least: from one to the next
/// it is a third more than the spacing.
const BESIDE: Micros = 3;

/// How fast messages may go, by what a provider counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Through the whole channel.
    pub channel: ChannelRate,
    /// To one recipient.
    pub recipient: RecipientRate,
}

/// Messages a second through a whole channel: a known number, or one between two that is found out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelRate {
    /// Where one begins, and what no refusal goes below.
    pub floor: f64,
    /// What is never exceeded.
    pub ceiling: f64,
}

impl ChannelRate {
    /// A known rate.
    #[must_use]
    pub const fn fixed(rate: f64) -> Self {
        Self { floor: rate, ceiling: rate }
    }

    /// As fast as `most` at most; where one begins stays below it.
    #[must_use]
    pub fn at_most(self, most: f64) -> Self {
        if self.is_known() { Self::fixed(most) } else { Self { floor: self.floor.min(most), ceiling: most } }
    }

    /// Whether there is nothing to find out.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.floor >= self.ceiling
    }
}

/// What one recipient takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecipientRate {
    /// Time from one message to the next, in the long run; zero: any.
    pub every: Duration,
    /// How many go at once, borrowed from later ones; 1: none is borrowed. What a provider lets
    /// borrow and its next owner may not know of is left out.
    pub burst: u32,
}

/// A limit that several channels of one account at the provider share (a portfolio, a key).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SharedRate {
    /// What they share, by a name that no two providers have alike and that tells no secret.
    pub scope: String,
    /// Messages a second of all of them together.
    pub rate: f64,
}

/// What is done beside messages; the provider counts each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// An answer to a press.
    Answer,
    /// A change of a message.
    Edit,
}

/// A message that was let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    number: u64,
    recipient: Recipient,
}

/// Paces one sending identity.
#[derive(Debug)]
pub struct Pacer {
    window: Window,
    adaptive: Adaptive,
    /// The part of a shared limit that is ours; `None`: nothing is shared.
    part: Option<f64>,
    /// A larger part, and from when on it is ours.
    larger: Option<(f64, Micros)>,
    /// No part of a shared limit is ours before this.
    shut_until: Micros,
    messages: Recipients,
    answers: Recipients,
    edits: Recipients,
    /// When the next thing beside messages may be done, as far as messages have a right to the
    /// pace.
    beside_at: Micros,
}

impl Pacer {
    /// A pacer for these rates; `found`: what was found out of the channel's before.
    #[must_use]
    pub fn new(rates: &Rates, found: Option<f64>, now: Micros) -> Self {
        let adaptive = Adaptive::new(rates.channel, found, now);
        Self {
            window: Window::new(adaptive.rate(), now),
            adaptive,
            part: None,
            larger: None,
            shut_until: 0,
            messages: Recipients::new(rates.recipient),
            answers: Recipients::new(rates.recipient),
            edits: Recipients::new(rates.recipient),
            beside_at: 0,
        }
    }

    /// From now on these rates: a member changed them, or another owner found out more.
    pub fn set(&mut self, rates: &Rates, found: Option<f64>) {
        self.adaptive.set(rates.channel, found);
        for recipients in [&mut self.messages, &mut self.answers, &mut self.edits] {
            recipients.set(rates.recipient);
        }
        self.apply();
    }

    /// The owner before left this moment behind ([`Pacer::next_allowed`]), on this clock.
    pub fn follow(&mut self, not_before: Micros, now: Micros) {
        self.window.follow(not_before, now);
    }

    /// Our part of a shared limit: a smaller one holds at once; what is more than `had`, the part
    /// that was ours until now as the rows say, is ours when the second of those who gave it up is
    /// over. 0: none yet, so nothing leaves until `again`, when it is asked for anew.
    pub fn share(&mut self, part: f64, had: f64, again: Micros, now: Micros) {
        self.larger = None;
        if part <= 0.0 {
            self.part = Some(0.0);
            self.shut_until = again;
            return;
        }
        let from = now + SECOND + GUARD;
        if part <= had {
            self.part = Some(part);
            self.shut_until = 0;
        } else if had > 0.0 {
            self.part = Some(had);
            self.larger = Some((part, from));
        } else {
            self.part = Some(part);
            self.shut_until = from;
        }
        self.apply();
    }

    /// Nothing is shared any more.
    pub fn alone(&mut self) {
        (self.part, self.larger, self.shut_until) = (None, None, 0);
        self.apply();
    }

    /// The rate in force: what was found out, within our part of what is shared.
    fn apply(&mut self) {
        let rate = self.adaptive.rate();
        self.window.set(self.part.map_or(rate, |part| rate.min(part)));
    }

    /// The earliest moment at which the next message may leave; at or before `now`: at once.
    #[must_use]
    pub fn ready_at(&self) -> Micros {
        self.ready_for(1)
    }

    /// The same of a message that takes so many calls.
    #[must_use]
    pub fn ready_for(&self, calls: usize) -> Micros {
        self.window.ready_for(calls).max(self.shut_until)
    }

    /// The earliest moment for this recipient; [`Pacer::ready_at`] still holds besides.
    #[must_use]
    pub fn recipient_at(&self, recipient: &str) -> Micros {
        self.messages.at(number(recipient))
    }

    /// Holds one recipient until `until`, as the provider asked.
    pub fn hold_recipient(&mut self, recipient: &str, until: Micros) {
        self.messages.hold(number(recipient), until);
    }

    /// Lets a message go at `now`, which must not be before [`Pacer::ready_at`].
    pub fn go(&mut self, recipient: &str, now: Micros) -> Ticket {
        let recipient = number(recipient);
        self.messages.go(recipient, now);
        Ticket { number: self.leave(now), recipient }
    }

    /// A message that was let go takes another call, which the channel's limit counts, too.
    pub fn also(&mut self, now: Micros) {
        self.leave(now);
    }

    /// Another message goes in the same call as the one of this ticket: the channel's limit is of
    /// calls, its recipient's is its own.
    pub fn join(&mut self, call: Ticket, recipient: &str, now: Micros) -> Ticket {
        let recipient = number(recipient);
        self.messages.go(recipient, now);
        Ticket { recipient, ..call }
    }

    fn leave(&mut self, now: Micros) -> u64 {
        let grown = self.larger.take_if(|(_, from)| *from <= now);
        if let Some((part, _)) = grown {
            self.part = Some(part);
        }
        if self.adaptive.go(now) || grown.is_some() {
            self.apply();
        }
        self.window.go(now)
    }

    /// Books the next free moment for something beside messages, which must then be done at that
    /// moment. An error is the moment at which to ask again: this recipient, or everybody beside
    /// messages, has to wait until then, or nothing is free until `latest`.
    ///
    /// # Errors
    /// See above.
    pub fn book(&mut self, what: Beside, recipient: &str, now: Micros, latest: Micros) -> Result<(Ticket, Micros), Micros> {
        let recipient = number(recipient);
        let free = self.beside(what).at(recipient).max(self.beside_at);
        if free > now {
            return Err(free);
        }
        // The next free moment, and none after it: messages have what lies between.
        let at = self.ready_at().max(now);
        if at > latest {
            return Err(at);
        }
        self.beside(what).go(recipient, at);
        let spacing = self.window.spacing();
        self.beside_at = at + spacing + spacing / BESIDE;
        Ok((Ticket { number: self.leave(at), recipient }, at))
    }

    /// The answer of a message came at `now`: it had arrived by then.
    pub fn answered(&mut self, ticket: Ticket, now: Micros) {
        self.window.answered(ticket.number, now);
        self.messages.answered(ticket.recipient, now);
    }

    /// The answer of something beside messages came at `now`.
    pub fn done(&mut self, what: Beside, ticket: Ticket, now: Micros) {
        self.window.answered(ticket.number, now);
        self.beside(what).answered(ticket.recipient, now);
    }

    /// Nothing of the kind for this recipient before `until`, as the provider asked.
    pub fn hold_beside(&mut self, what: Beside, recipient: &str, until: Micros) {
        self.beside(what).hold(number(recipient), until);
    }

    fn beside(&mut self, what: Beside) -> &mut Recipients {
        match what {
            Beside::Answer => &mut self.answers,
            Beside::Edit => &mut self.edits,
        }
    }

    /// The provider refused something for its pace at `now`.
    pub fn limited(&mut self, now: Micros) {
        self.adaptive.limited(now);
        self.apply();
    }

    /// What was found out of the channel's rate; `None`: it is known.
    #[must_use]
    pub fn found(&self) -> Option<f64> {
        self.adaptive.learns().then(|| self.adaptive.rate())
    }

    /// From when on the next owner may send, assuming that the second before was full; `None`:
    /// nothing was sent.
    #[must_use]
    pub fn next_allowed(&self) -> Option<Micros> {
        self.window.next_allowed()
    }

    /// The recipients of messages who owe something for longer than until `beyond`, and until when:
    /// for the next owner.
    #[must_use]
    pub fn owed(&self, beyond: Micros) -> Vec<(Recipient, Micros)> {
        self.messages.owed(beyond).collect()
    }

    /// The owner before left behind that this recipient owes something until `until`.
    pub fn owe(&mut self, recipient: Recipient, until: Micros, now: Micros) {
        self.messages.owe(recipient, until, now);
    }
}
