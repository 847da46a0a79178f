//! The life of a message after it was taken: it reaches the phone, it is seen, or it fails after
//! all; each told once for every device (contract, 6.2 and 6.3).

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::state::{State, user_id};
use crate::{
    hooks::millis,
    view::{File, unique},
};

/// Something to happen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Arrive { bot: i64, user: i64, token: u64 },
    See { bot: i64, user: i64, token: u64 },
    Failed { bot: i64, user: i64, token: u64, why: String },
}

/// Carries out everything that is due; whether there was anything.
pub(crate) fn run(state: &mut State, now: DateTime<Utc>) -> bool {
    let mut any = false;
    while let Some(event) = state.agenda.take(now) {
        any = true;
        match event {
            Event::Arrive { bot, user, token } => arrive(state, bot, user, token),
            Event::See { bot, user, token } => see(state, bot, user, token),
            Event::Failed { bot, user, token, why } => fail(state, bot, user, token, &why),
        }
    }
    any
}

/// A message leaves for the phone.
pub(crate) fn start(state: &mut State, bot: i64, user: i64, token: u64) {
    let (now, receipts) = (state.now(), state.settings.receipts.clone());
    // A phone that is off gets it when it is on again.
    if state.chat(bot, user).is_some_and(|chat| chat.phone.off) {
        return;
    }
    match receipts.delivered_ms {
        Some(0) => arrive(state, bot, user, token),
        Some(ms) => state.agenda.put(now + millis(ms), Event::Arrive { bot, user, token }),
        None => {
            if let Some(stored) = state.stored_mut(bot, user, token) {
                stored.arrived = true;
            }
        }
    }
    if let Some(ms) = receipts.seen_ms {
        state.agenda.put(now + millis(ms), Event::See { bot, user, token });
    }
}

/// Its file was fetched.
pub(crate) fn fetched(state: &mut State, bot: i64, user: i64, token: u64, address: String, data: Bytes, mime: String) {
    let name = address.rsplit('/').next().map(str::to_owned);
    if let Some(stored) = state.stored_mut(bot, user, token) {
        for file in [&mut stored.shown.photo, &mut stored.shown.document].into_iter().flatten() {
            *file = File::of(unique(&data), unique(&data), file.name.clone().or_else(|| name.clone()), &data);
        }
    }
    state.files.insert(unique(&data), (data, name, Some(mime)));
    start(state, bot, user, token);
}

fn arrive(state: &mut State, bot: i64, user: i64, token: u64) {
    let Some(stored) = state.stored_mut(bot, user, token).filter(|stored| !stored.arrived) else { return };
    stored.arrived = true;
    if state.settings.receipts.seen_first {
        tell(state, bot, user, token, "seen");
    }
    tell(state, bot, user, token, "delivered");
}

/// The person sees a message that arrived.
pub(crate) fn see(state: &mut State, bot: i64, user: i64, token: u64) {
    let Some(stored) = state.stored_mut(bot, user, token).filter(|stored| stored.arrived && !stored.shown.read) else { return };
    stored.shown.read = true;
    if !state.settings.receipts.seen_first {
        tell(state, bot, user, token, "seen");
    }
}

/// It was taken and comes to nothing.
pub(crate) fn fail(state: &mut State, bot: i64, user: i64, token: u64, why: &str) {
    let chat = state.chat_mut(bot, user);
    chat.messages.retain(|stored| stored.token != token);
    state.tell(bot, user, "failed", json!({ "message_token": token, "user_id": user_id(bot, user), "desc": why }));
}

/// A receipt, once for each device.
fn tell(state: &mut State, bot: i64, user: i64, token: u64, kind: &str) {
    if !state.settings.receipts.told {
        return;
    }
    let devices = state.chat(bot, user).map_or(1, |chat| chat.phone.devices.max(1));
    for _ in 0..devices {
        state.tell(bot, user, kind, json!({ "message_token": token, "user_id": user_id(bot, user) }));
    }
}
