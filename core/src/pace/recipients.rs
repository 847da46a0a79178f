//! What one recipient takes: a message `every` so long, and so many at once as are borrowed from
//! later ones. What each was sent is kept as one moment, the one at which nothing is owed any more.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::{GUARD, Micros, RecipientRate};

/// A recipient, without the address: what is kept between owners must name nobody. Two recipients
/// of the same number would only wait for one another.
pub type Recipient = u64;

/// The number of an address.
pub(super) fn number(address: &str) -> Recipient {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    hasher.finish()
}

/// Up to this many recipients are remembered without looking which of them may be forgotten.
const FEW: usize = 4_096;
/// The longest hold of one recipient that the next owner is told of. The provider holds them for
/// longer by itself, and a moment of a broken clock must not.
const LONGEST: Micros = 300_000_000;

#[derive(Debug)]
pub(super) struct Recipients {
    /// Time between messages; 0: unlimited.
    every: Micros,
    /// How much earlier than that a message may go: what is borrowed.
    ahead: Micros,
    /// When each owes nothing any more; swept when it grows.
    paid_at: HashMap<Recipient, Micros>,
    /// It is swept when it is larger than this.
    sweep_at: usize,
}

impl Recipients {
    pub(super) fn new(rate: RecipientRate) -> Self {
        let (every, ahead) = figures(rate);
        Self { every, ahead, paid_at: HashMap::new(), sweep_at: FEW }
    }

    pub(super) fn set(&mut self, rate: RecipientRate) {
        (self.every, self.ahead) = figures(rate);
    }

    /// The earliest moment for a message to this recipient.
    pub(super) fn at(&self, recipient: Recipient) -> Micros {
        if self.paid_at.is_empty() {
            return 0;
        }
        self.paid_at.get(&recipient).map_or(0, |paid| paid.saturating_sub(self.ahead))
    }

    /// A message to this recipient leaves at `now`.
    pub(super) fn go(&mut self, recipient: Recipient, now: Micros) {
        if self.every == 0 {
            return;
        }
        if self.paid_at.len() > self.sweep_at {
            self.paid_at.retain(|_, paid| *paid > now);
            // Twice what had to stay: at any speed a message costs a few looks, not one at
            // everybody.
            self.sweep_at = FEW.max(self.paid_at.len() * 2);
        }
        let paid = self.paid_at.entry(recipient).or_default();
        *paid = now.max(*paid) + self.every;
    }

    /// The answer of a message to this recipient came at `now`. Where nothing can be borrowed, the
    /// next one waits from here on: when the message arrived is known no better.
    pub(super) fn answered(&mut self, recipient: Recipient, now: Micros) {
        if self.every > 0
            && self.ahead == 0
            && let Some(paid) = self.paid_at.get_mut(&recipient)
        {
            *paid = (*paid).max(now + self.every - GUARD);
        }
    }

    /// Holds one recipient until `until`, as the provider asked.
    pub(super) fn hold(&mut self, recipient: Recipient, until: Micros) {
        let paid = self.paid_at.entry(recipient).or_default();
        *paid = (*paid).max(until.saturating_add(self.ahead));
    }

    /// Who owes something at `now`, and until when.
    pub(super) fn owed(&self, now: Micros) -> impl Iterator<Item = (Recipient, Micros)> + '_ {
        self.paid_at.iter().filter(move |(_, paid)| **paid > now).map(|(recipient, paid)| (*recipient, *paid))
    }

    /// Another owner left behind that this recipient owes something until `until`.
    pub(super) fn owe(&mut self, recipient: Recipient, until: Micros, now: Micros) {
        let paid = self.paid_at.entry(recipient).or_default();
        *paid = (*paid).max(until.min(now + self.ahead + self.every + LONGEST));
    }
}

/// The time between messages, and how much earlier one may go. Where nothing is borrowed, what the
/// way to the provider may take is added to each: two messages may come nearer to one another than
/// they left.
fn figures(rate: RecipientRate) -> (Micros, Micros) {
    let every = Micros::try_from(rate.every.as_micros()).unwrap_or(Micros::MAX / 1_024);
    let borrowed = u64::from(rate.burst.max(1)) - 1;
    if every == 0 {
        (0, 0)
    } else if borrowed == 0 {
        (every + GUARD, 0)
    } else {
        (every, every * borrowed)
    }
}
