//! What a messenger's double accepted and what it refused: the witness tests count by. Each double
//! has its own.
//!
//! An entry is written in the same step that makes the message visible on the phone, before any
//! answer leaves, so a message whose answer was lost (a dropped connection, a hung provider) is in
//! the ledger all the same.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// One accepted message. A media group of three is three entries.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Place in the ledger, from 1, without gaps.
    pub seq: u64,
    /// The sending bot's id.
    pub bot: i64,
    /// The person's id, which in Telegram is also the chat's.
    pub chat: i64,
    /// Number of the message in the chat.
    pub message_id: i64,
    /// The id the client got for it, where that is no number (`mid.…`); else empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// The method in its canonical spelling (`sendMessage`, `POST /messages`).
    pub method: String,
    /// The text or the caption after parsing, empty if there is none.
    pub text: String,
    /// The kind of its media: `photo`, `document`, `image`…
    pub media: Option<String>,
    /// An id of the media's bytes: the same bytes have the same one.
    pub file_unique_id: Option<String>,
    /// Whether the call paid for Telegram's broadcast limit.
    pub paid: bool,
    /// Wall clock.
    pub at: DateTime<Utc>,
    /// Monotonic time since the sandbox started, in milliseconds in JSON.
    #[serde(serialize_with = "millis")]
    pub elapsed: Duration,
}

/// One refused call: it changed nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Refusal {
    /// The bot's id.
    pub bot: i64,
    /// The person, where the call named one.
    pub chat: Option<i64>,
    /// The method in its canonical spelling.
    pub method: String,
    /// HTTP status; 0 for a connection dropped before accepting.
    pub code: u16,
    pub description: String,
    /// Monotonic time since the sandbox started, in milliseconds in JSON.
    #[serde(serialize_with = "millis")]
    pub elapsed: Duration,
}

fn millis<S: serde::Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
}

#[derive(Default)]
struct Inner {
    entries: Vec<Entry>,
    refusals: Vec<Refusal>,
    calls: BTreeMap<String, u64>,
}

/// Cheap to clone; all clones are one ledger.
#[derive(Clone)]
pub struct Ledger {
    started: Instant,
    inner: Arc<Mutex<Inner>>,
}

/// An entry before it has its place.
#[derive(Default)]
pub(crate) struct Accepted {
    pub(crate) bot: i64,
    pub(crate) chat: i64,
    pub(crate) message_id: i64,
    pub(crate) reference: String,
    pub(crate) method: &'static str,
    pub(crate) text: String,
    pub(crate) media: Option<String>,
    pub(crate) file_unique_id: Option<String>,
    pub(crate) paid: bool,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), inner: Arc::default() }
    }

    pub(crate) fn accept(&self, new: Accepted) {
        let mut inner = self.lock();
        let seq = inner.entries.len() as u64 + 1;
        inner.entries.push(Entry {
            seq,
            bot: new.bot,
            chat: new.chat,
            message_id: new.message_id,
            reference: new.reference,
            method: new.method.to_owned(),
            text: new.text,
            media: new.media,
            file_unique_id: new.file_unique_id,
            paid: new.paid,
            at: Utc::now(),
            elapsed: self.started.elapsed(),
        });
    }

    pub(crate) fn refuse(&self, bot: i64, chat: Option<i64>, method: &str, code: u16, description: &str) {
        let elapsed = self.started.elapsed();
        let refusal = Refusal { bot, chat, method: method.to_owned(), code, description: description.to_owned(), elapsed };
        self.lock().refusals.push(refusal);
    }

    pub(crate) fn called(&self, method: &str) {
        *self.lock().calls.entry(method.to_owned()).or_default() += 1;
    }

    /// Everything accepted, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.clone()
    }

    /// Accepted messages that satisfy a condition, in order.
    #[must_use]
    pub fn select(&self, mut keep: impl FnMut(&Entry) -> bool) -> Vec<Entry> {
        self.lock().entries.iter().filter(|entry| keep(entry)).cloned().collect()
    }

    /// How many were accepted, all told.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether nothing was accepted yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Messages one bot sent to one chat.
    #[must_use]
    pub fn to(&self, bot: i64, chat: i64) -> Vec<Entry> {
        self.select(|entry| entry.bot == bot && entry.chat == chat)
    }

    /// How many messages each chat got from a bot, counting those whose text satisfies a condition.
    #[must_use]
    pub fn counts(&self, bot: i64, mut keep: impl FnMut(&Entry) -> bool) -> BTreeMap<i64, u64> {
        let mut counts = BTreeMap::new();
        for entry in self.lock().entries.iter().filter(|entry| entry.bot == bot && keep(entry)) {
            *counts.entry(entry.chat).or_default() += 1;
        }
        counts
    }

    /// Chats that got the same text more than once from a bot: `(chat, text, times)`.
    #[must_use]
    pub fn duplicates(&self, bot: i64) -> Vec<(i64, String, u64)> {
        let mut counts: BTreeMap<(i64, String), u64> = BTreeMap::new();
        for entry in self.lock().entries.iter().filter(|entry| entry.bot == bot) {
            *counts.entry((entry.chat, entry.text.clone())).or_default() += 1;
        }
        counts.into_iter().filter(|(_, times)| *times > 1).map(|((chat, text), times)| (chat, text, times)).collect()
    }

    /// The most messages one bot had accepted within any second.
    #[must_use]
    pub fn peak_per_second(&self, bot: i64) -> usize {
        let times: Vec<Duration> = self.lock().entries.iter().filter(|entry| entry.bot == bot).map(|entry| entry.elapsed).collect();
        let mut first = 0;
        let mut peak = 0;
        for (last, time) in times.iter().enumerate() {
            while *time - times[first] >= Duration::from_secs(1) {
                first += 1;
            }
            peak = peak.max(last + 1 - first);
        }
        peak
    }

    /// Everything refused, in order; faults included.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        self.lock().refusals.clone()
    }

    /// How many calls were refused with this HTTP status.
    #[must_use]
    pub fn refused(&self, code: u16) -> usize {
        self.lock().refusals.iter().filter(|refusal| refusal.code == code).count()
    }

    /// How many times each method was called (canonical spelling), answered or not.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.lock().calls.clone()
    }

    /// Forgets everything: a new count from 1.
    pub fn clear(&self) {
        *self.lock() = Inner::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(chat: i64, text: &str) -> Accepted {
        Accepted { bot: 1, chat, message_id: 1, method: "sendMessage", text: text.to_owned(), ..Accepted::default() }
    }

    #[test]
    fn counts_and_duplicates() {
        let ledger = Ledger::new();
        for (chat, text) in [(5, "a"), (6, "a"), (5, "b"), (5, "a")] {
            ledger.accept(accepted(chat, text));
        }
        assert_eq!(ledger.counts(1, |_| true), BTreeMap::from([(5, 3), (6, 1)]));
        assert_eq!(ledger.duplicates(1), vec![(5, "a".to_owned(), 2)]);
        assert_eq!(ledger.entries().last().map(|entry| entry.seq), Some(4));
        assert_eq!(ledger.peak_per_second(1), 4);
        assert_eq!(ledger.peak_per_second(2), 0);
    }
}
