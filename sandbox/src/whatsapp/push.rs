//! Carries out what is due by the clock, and pushes webhooks: signed, many in a POST, and again
//! until they are answered 200 or given up.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{
    SERVICE, WhatsApp,
    events::{self, millis},
    notes::{Note, ascii},
};
use crate::fault::{Call, Fault, HOOK};

/// A push that failed waits at most this long.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// What comes due is looked at no oftener than this, so that many changes are one look.
const LOOK: Duration = Duration::from_millis(3);

/// Starts the task; it ends by itself when the double is gone.
pub(crate) fn start(whatsapp: &WhatsApp) {
    let weak = whatsapp.downgrade();
    tokio::spawn(async move {
        // Most sandboxes push nothing, and a client takes a while to be made.
        let mut client = None;
        loop {
            let Some(whatsapp) = weak.upgrade() else { return };
            let wake = whatsapp.wake();
            let woken = wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let (happened, pushes, next) = look(&whatsapp);
            if happened {
                // Nobody else tells those who wait for what the clock did.
                whatsapp.touch();
            }
            for push in pushes {
                let client = client.get_or_insert_with(unredirected).clone();
                let whatsapp = whatsapp.clone();
                tokio::spawn(async move { deliver(&whatsapp, client.as_ref(), push).await });
            }
            let clock = whatsapp.clock().clone();
            drop(whatsapp);
            if !happened {
                // The second lets the task notice that the double is gone.
                tokio::select! {
                    () = woken => {}
                    () = async { match next { Some(at) => clock.until(at).await, None => std::future::pending().await } } => {}
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    });
}

struct Push {
    url: String,
    secret: String,
    body: String,
    notes: Vec<Note>,
    within: Duration,
}

/// What is to be done now: whether anything happened, the pushes, and when something else is due.
fn look(whatsapp: &WhatsApp) -> (bool, Vec<Push>, Option<DateTime<Utc>>) {
    let mut state = whatsapp.look();
    let happened = events::run(&mut state);
    let now = state.now();
    let (due, next) = state.waiting(now);
    let mut pushes = Vec::new();
    for (app, url) in due {
        while state.pushing.get(&url).copied().unwrap_or_default() < state.settings.pushes.max(1) {
            let notes = state.gather(&app, &url, now);
            if notes.is_empty() {
                break;
            }
            *state.pushing.entry(url.clone()).or_default() += 1;
            let secret = state.apps.get(&app).map(|app| app.secret.clone()).unwrap_or_default();
            let body = ascii(&state.envelope(&notes));
            let within = Duration::from_millis(state.settings.answer_within_ms);
            pushes.push(Push { url: url.clone(), secret, body, notes, within });
        }
    }
    (happened, pushes, [next, state.events.next()].into_iter().flatten().min())
}

/// `sha256=` and the HMAC of the raw body.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn unredirected() -> Option<reqwest::Client> {
    let made = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    made.inspect_err(|error| tracing::error!(%error, "the webhooks of the WhatsApp double have no HTTP client")).ok()
}

/// Whether the receiver answers 200.
async fn is_taken(client: &reqwest::Client, push: &Push) -> bool {
    let request = client
        .post(&push.url)
        .timeout(push.within)
        .header("Content-Type", "application/json")
        .header("X-Hub-Signature-256", signature(&push.secret, push.body.as_bytes()))
        .body(push.body.clone());
    request.send().await.is_ok_and(|answer| answer.status() == reqwest::StatusCode::OK)
}

async fn deliver(whatsapp: &WhatsApp, client: Option<&reqwest::Client>, push: Push) {
    let first = push.notes.first().and_then(|note| note.number);
    let drawn = whatsapp.faults().draw(Call { service: SERVICE, method: HOOK, bot: first, chat: None });
    if !drawn.latency.is_zero() {
        tokio::time::sleep(drawn.latency).await;
    }
    // Before accepting, the push does not leave; after it, the receiver's answer is lost.
    let (leaves, heard) = match drawn.fault {
        None | Some(Fault::Latency { .. } | Fault::DoubleUpdate | Fault::ReorderUpdate | Fault::WithholdUpdate) => (true, true),
        Some(Fault::DropAfter | Fault::Gateway { accepted: true, .. } | Fault::Hang { accepted: true }) => (true, false),
        Some(_) => (false, false),
    };
    let taken = match client {
        Some(client) if leaves => is_taken(client, &push).await && heard,
        _ => false,
    };
    whatsapp.change(|state| {
        if let Some(count) = state.pushing.get_mut(&push.url) {
            *count = count.saturating_sub(1);
        }
        if taken {
            return;
        }
        let now = state.now();
        let (first, most) = (millis(state.settings.retry_ms), millis(state.settings.retry_for_ms));
        for mut note in push.notes {
            let since = *note.tried.get_or_insert(now);
            if now - since >= most {
                state.given_up += 1;
                continue;
            }
            note.pause = if note.pause.is_zero() { first } else { (note.pause * 2).min(LONGEST) };
            note.not_before = now + note.pause;
            state.notes.push_back(note);
        }
    });
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
