//! Carries out what is due by the clock, and pushes webhooks: signed, many in a POST, and again
//! until they are answered 200 or given up.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{
    WhatsApp, events,
    notes::{Note, ascii},
    state::State,
};
use crate::hooks::{Due, Post, Pushes, Reply, earlier, millis};

/// A push that failed waits at most this long.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// One POST and what it tells.
pub struct Push {
    url: String,
    secret: String,
    body: String,
    notes: Vec<Note>,
    within: Duration,
}

impl Pushes for State {
    type Push = Push;

    fn look(&mut self, (): &(), _: DateTime<Utc>) -> Due<Push> {
        let happened = events::run(self);
        let now = self.now();
        let (due, next) = self.waiting(now);
        let mut pushes = Vec::new();
        for (app, url) in due {
            while self.pushing.get(&url).copied().unwrap_or_default() < self.settings.pushes.max(1) {
                let notes = self.gather(&app, &url, now);
                if notes.is_empty() {
                    break;
                }
                *self.pushing.entry(url.clone()).or_default() += 1;
                let secret = self.apps.get(&app).map(|app| app.secret.clone()).unwrap_or_default();
                let body = ascii(&self.envelope(&notes));
                let within = Duration::from_millis(self.settings.answer_within_ms);
                pushes.push(Push { url: url.clone(), secret, body, notes, within });
            }
        }
        Due { happened, pushes, next: earlier(next, self.events.next()) }
    }

    fn post(push: &Push) -> Post {
        let headers = vec![("X-Hub-Signature-256", signature(&push.secret, push.body.as_bytes()))];
        let bot = push.notes.first().and_then(|note| note.number);
        Post { url: push.url.clone(), headers, body: push.body.clone(), within: push.within, bot, chat: None }
    }

    fn pushed(&mut self, (): &(), push: Push, reply: Option<Reply>, now: DateTime<Utc>) {
        if let Some(count) = self.pushing.get_mut(&push.url) {
            *count = count.saturating_sub(1);
        }
        if reply.is_some_and(|reply| reply.is_ok()) {
            return;
        }
        let (first, most) = (millis(self.settings.retry_ms), millis(self.settings.retry_for_ms));
        for mut note in push.notes {
            let since = *note.tried.get_or_insert(now);
            if now - since >= most {
                self.given_up += 1;
                continue;
            }
            note.pause = if note.pause.is_zero() { first } else { (note.pause * 2).min(LONGEST) };
            note.not_before = now + note.pause;
            self.notes.push_back(note);
        }
    }
}

/// `sha256=` and the HMAC of the raw body.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

impl WhatsApp {
    /// Webhooks that are on their way, those being pushed not counted.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.look().notes.len()
    }

    /// Whether nothing is due, waits or is being pushed.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let state = self.look();
        let now = state.now();
        state.notes.is_empty() && state.pushing.values().all(|count| *count == 0) && state.events.next().is_none_or(|at| at > now)
    }

    /// Webhooks given up after failing for too long.
    #[must_use]
    pub fn given_up(&self) -> u64 {
        self.look().given_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn bodies_are_signed_with_the_apps_secret() {
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?"), expected);
    }
}
