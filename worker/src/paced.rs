//! The pacers of the channels this process has to do with, kept from turn to turn: what one turn
//! sent the next one remembers. Answers to presses and edits go by the same pacer
//! ([`crate::inbound`]).
//!
//! In another process the channel's next owner begins with what the row says
//! ([`mms_core::channel::lease::Memory`]), and so does this one if another was in between.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use mms_core::{
    channel::{Capabilities, lease::Memory, store::ChannelRow},
    clock::{self, Moment},
    id::ChannelId,
    pace::{Micros, Pacer},
};
use tokio::time::Instant;

use crate::{in_flight::lock, trouble::Trouble};

/// A pacer's clock starts high enough that moments before it do not fall below zero.
const EPOCH: Micros = 3_600_000_000;
/// A pace of the far future was written by a clock that was ahead: no pace makes the next message
/// wait for so long, in microseconds.
const FAR: i64 = 600_000_000;
/// So many pacers are kept without looking which of them may be forgotten.
const FEW: usize = 256;
/// A pacer that let nothing go for so long may be forgotten: the row knows what it found out.
const IDLE: Micros = 600_000_000;

/// The pacers of a process.
#[derive(Debug, Clone, Default)]
pub struct Paces(Arc<Mutex<HashMap<ChannelId, Arc<Paced>>>>);

/// A channel's pacer, with its clock.
#[derive(Debug)]
pub(crate) struct Paced {
    pacer: Mutex<Pacer>,
    /// The pacer's clock begins here.
    began: Instant,
    /// The last lease of this process, by its token.
    token: AtomicI64,
    /// Nobody is written to before then who was not written to in this month: the provider said so.
    newcomers: Mutex<Option<Moment>>,
    /// Whether the provider takes messages.
    pub(crate) trouble: Trouble,
}

impl Paces {
    /// The pacer of a channel.
    pub(crate) fn of(&self, row: &ChannelRow, capabilities: &Capabilities) -> Arc<Paced> {
        let mut all = lock(&self.0);
        if all.len() > FEW {
            all.retain(|_, paced| Arc::strong_count(paced) > 1 || !paced.is_idle());
        }
        let new = || {
            let pacer = Pacer::new(&row.calls(capabilities), row.found_rate, EPOCH);
            Arc::new(Paced {
                pacer: Mutex::new(pacer),
                began: Instant::now(),
                token: AtomicI64::new(-1),
                newcomers: Mutex::default(),
                trouble: Trouble::default(),
            })
        };
        let paced = Arc::clone(all.entry(row.id).or_insert_with(new));
        // A member may have changed them.
        paced.pacer().set(&row.calls(capabilities), None);
        paced
    }
}

impl Paced {
    /// A turn begins under a lease of this token; `true`: another owner was in between, or nobody
    /// of this process before, and who must wait is to be learnt from the row
    /// ([`Paced::owed`]).
    pub(crate) fn begin(&self, row: &ChannelRow, capabilities: &Capabilities, token: i64) -> bool {
        let others = self.token.swap(token, Ordering::Relaxed) != token - 1;
        let mut pacer = self.pacer();
        if row.terms.shared.is_none() {
            pacer.alone();
        }
        if others {
            pacer.set(&row.calls(capabilities), row.found_rate);
            if let Some(not_before) = row.next_allowed_at.and_then(|at| self.at(at)) {
                pacer.follow(not_before, self.micros());
            }
        }
        others
    }

    /// The provider takes nobody new before then.
    pub(crate) fn newcomers_wait(&self, until: Moment) {
        *lock(&self.newcomers) = Some(until);
    }

    /// Until when nobody new is written to.
    pub(crate) fn newcomers_until(&self, now: Moment) -> Option<Moment> {
        lock(&self.newcomers).filter(|until| *until > now)
    }

    /// Recipients who must wait, as another owner left them.
    pub(crate) fn owed(&self, owed: Vec<(u64, i64)>) {
        let now = self.micros();
        let mut pacer = self.pacer();
        for (recipient, until) in owed {
            if let Some(until) = Moment::from_timestamp_millis(until).and_then(|until| self.at(until)) {
                pacer.owe(recipient, until, now);
            }
        }
    }

    /// What the next owner is left: who must wait for longer than `beyond` among it.
    pub(crate) fn memory(&self, beyond: Duration) -> Memory {
        let (micros, now) = (self.micros(), clock::now());
        let moment = |at: Micros| {
            let ahead = i64::try_from(at.saturating_sub(micros)).unwrap_or(i64::MAX / 2);
            // Rounded up: rows keep whole milliseconds.
            now + TimeDelta::milliseconds(ahead / 1_000 + 1)
        };
        let beyond = micros + Micros::try_from(beyond.as_micros()).unwrap_or(Micros::MAX / 2);
        let pacer = self.pacer();
        Memory {
            next_allowed_at: pacer.next_allowed().map(moment),
            found_rate: pacer.found(),
            owed: pacer.owed(beyond).into_iter().map(|(recipient, until)| (recipient, moment(until).timestamp_millis())).collect(),
        }
    }

    fn is_idle(&self) -> bool {
        self.pacer().next_allowed().is_none_or(|at| at + IDLE < self.micros())
    }

    /// A moment of the rows on the pacer's clock; `None`: it is too far ahead to be one.
    fn at(&self, at: Moment) -> Option<Micros> {
        let micros = (at - clock::now()).num_microseconds().filter(|micros| *micros < FAR)?;
        self.micros().checked_add_signed(micros)
    }

    /// Now, on the pacer's clock.
    pub(crate) fn micros(&self) -> Micros {
        EPOCH + Micros::try_from(self.began.elapsed().as_micros()).unwrap_or(Micros::MAX / 2)
    }

    /// The moment of the pacer's clock as the timers know it.
    pub(crate) fn instant(&self, at: Micros) -> Instant {
        self.began + Duration::from_micros(at.saturating_sub(EPOCH))
    }

    pub(crate) fn pacer(&self) -> MutexGuard<'_, Pacer> {
        lock(&self.pacer)
    }
}
