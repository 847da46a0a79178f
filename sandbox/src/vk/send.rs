//! `messages.send` (contract, 2.2 and 3).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Vk,
    error::{VkError, VkResult},
    keyboard, media,
    params::Params,
    recipients::Recipients,
    state::{State, Stored},
};
use crate::ledger::Ledger;

const INTENTS: [&str; 12] = [
    "account_update",
    "bot_ad_invite",
    "bot_ad_promo",
    "confirmed_notification",
    "customer_support",
    "default",
    "finance_notification",
    "game_notification",
    "moderated_newsletter",
    "non_promo_newsletter",
    "promo_newsletter",
    "purchase_update",
];
/// Characters of `payload`.
const MAX_PAYLOAD: usize = 1000;

/// What a call wants to write, to whomever.
pub(crate) struct New {
    random_id: i64,
    pub(crate) text: String,
    pub(crate) attachments: Vec<Value>,
    pub(crate) keyboard: Option<Value>,
    payload: Option<String>,
    reply_to: Option<i64>,
}

/// The parts that a send and an edit have in common.
pub(crate) fn content(state: &State, group: i64, params: &Params) -> VkResult<(String, Vec<Value>, Option<Value>)> {
    let text = params.text("message").unwrap_or_default().trim().to_owned();
    if text.chars().count() > state.settings.text {
        return Err(VkError::new(914));
    }
    let attachments = media::attachments(state, group, params.text("attachment").unwrap_or_default())?;
    let keyboard = params.text("keyboard").map(keyboard::read).transpose()?;
    if keyboard.is_some() && !state.community(group)?.bots {
        return Err(VkError::new(912));
    }
    Ok((text, attachments, keyboard))
}

impl New {
    fn read(state: &State, group: i64, params: &Params) -> VkResult<Self> {
        let random_id = params.int("random_id")?.ok_or_else(|| VkError::parameter("random_id is a required parameter"))?;
        if i32::try_from(random_id).is_err() {
            return Err(VkError::parameter("random_id should be a 32-bit integer"));
        }
        let (text, attachments, keyboard) = content(state, group, params)?;
        let more = ["forward_messages", "forward", "sticker_id", "template", "lat"].iter().any(|name| params.text(name).is_some());
        if text.is_empty() && attachments.is_empty() && !more {
            return Err(VkError::parameter("message is empty or invalid"));
        }
        let payload = params.text("payload").map(str::to_owned);
        if payload.as_ref().is_some_and(|payload| payload.chars().count() > MAX_PAYLOAD) {
            return Err(VkError::parameter("payload is too long"));
        }
        params.json("template")?;
        params.json("forward")?;
        intent(state, params)?;
        Ok(Self { random_id, text, attachments, keyboard, payload, reply_to: params.int("reply_to")? })
    }
}

fn intent(state: &State, params: &Params) -> VkResult<()> {
    let intent = params.text("intent").unwrap_or("default");
    if !INTENTS.contains(&intent) {
        return Err(VkError::parameter("intent is invalid"));
    }
    if params.int("subscribe_id")?.is_some_and(|id| !(0..=100).contains(&id)) {
        return Err(VkError::parameter("subscribe_id is invalid"));
    }
    if state.settings.refused_intents.contains(intent) { Err(VkError::new(943)) } else { Ok(()) }
}

pub(crate) fn message(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let mut state = vk.state();
    let (settings, now) = (state.settings.clone(), state.now());
    state.community_mut(group)?.limits.send(&settings, now)?;
    let to = Recipients::read(&state, params)?;
    let new = New::read(&state, group, params)?;
    match to {
        Recipients::One(peer) => {
            let (id, _) = deliver(&mut state, vk.ledger(), group, peer, &new)?;
            Ok(json!(id))
        }
        Recipients::Many(peers) => {
            let mut answers = Vec::new();
            for peer in peers {
                answers.push(match deliver(&mut state, vk.ledger(), group, peer, &new) {
                    Ok((id, cmid)) => json!({ "peer_id": peer, "message_id": id, "conversation_message_id": cmid }),
                    Err(error) => {
                        vk.ledger().refuse(
                            group,
                            Some(peer),
                            "messages.send",
                            u16::try_from(error.code).unwrap_or(u16::MAX),
                            &error.message,
                        );
                        json!({ "peer_id": peer, "message_id": 0, "conversation_message_id": 0,
                            "error": { "code": error.code, "description": error.message } })
                    }
                });
            }
            Ok(json!(answers))
        }
    }
}

/// One message to one person; gives its ids.
fn deliver(state: &mut State, ledger: &Ledger, group: i64, peer: i64, new: &New) -> VkResult<(i64, i64)> {
    // Chats of many people are not there.
    if peer >= 2_000_000_000 {
        return Err(VkError::new(917));
    }
    match state.unreachable(group, peer) {
        Some(100) => return Err(VkError::parameter("peer_id is invalid")),
        Some(code) => return Err(VkError::new(code)),
        None => {}
    }
    if let Some((id, cmid)) = repeated(state, group, peer, new.random_id) {
        return Ok(if state.settings.repeat_has_id { (id, cmid) } else { (0, 0) });
    }
    if new.reply_to.is_some_and(|id| state.message(group, id).is_none_or(|(user, _)| user != peer)) {
        return Err(VkError::parameter("reply_to is invalid"));
    }
    let (settings, now) = (state.settings.clone(), state.now());
    state.community_mut(group)?.limits.words(&settings, peer, &new.text, now)?;
    let stored = Stored {
        out: true,
        text: new.text.clone(),
        random_id: new.random_id,
        attachments: new.attachments.clone(),
        keyboard: new.keyboard.clone(),
        payload: new.payload.clone(),
        reply_to: new.reply_to,
        ..Stored::default()
    };
    let stored = state.put(group, peer, stored);
    state.note(ledger, group, peer, &stored, "messages.send");
    let shown = state.shown(group, peer, &stored);
    state.tell(group, peer, "message_reply", shown);
    Ok((stored.id, stored.cmid))
}

/// The message of this dialogue that had this `random_id`, while it is known.
fn repeated(state: &State, group: i64, peer: i64, random_id: i64) -> Option<(i64, i64)> {
    if random_id == 0 {
        return None;
    }
    let within = TimeDelta::seconds(i64::try_from(state.settings.random_id_seconds).unwrap_or(i64::MAX / 1000));
    let newest = state.chat(group, peer)?.messages.values().rev().take(state.settings.random_id_messages);
    let mut known = newest.filter(|stored| stored.out && state.now() - stored.at < within);
    known.find(|stored| stored.random_id == random_id).map(|stored| (stored.id, stored.cmid))
}
