//! What is done with messages that are there: edits, removals, reading back, and what can be asked
//! about a dialogue (contract, 2.1 and 2.5).

use serde_json::{Value, json};

use super::{
    Vk,
    error::{VkError, VkResult},
    params::Params,
    send,
    state::{State, Stored},
};

/// Ids that one call may name.
const MOST: usize = 100;

/// Ids of a parameter, within the bound.
fn ids(params: &Params, name: &str) -> VkResult<Vec<i64>> {
    let ids = params.ints(name)?.ok_or_else(|| VkError::parameter(format!("{name} is undefined")))?;
    if ids.len() > MOST {
        return Err(VkError::parameter(format!("{name} should contain no more than {MOST} items")));
    }
    Ok(ids)
}

/// A message of the community's own that can still be changed.
fn own(state: &State, group: i64, peer: i64, params: &Params) -> VkResult<i64> {
    let by_place = params.int("cmid")?.or(params.int("conversation_message_id")?);
    let cmid = match (by_place, params.int("message_id")?) {
        (Some(cmid), _) => Some(cmid),
        (None, Some(id)) => state.message(group, id).filter(|(user, _)| *user == peer).map(|(_, stored)| stored.cmid),
        (None, None) => return Err(VkError::parameter("message_id is undefined")),
    };
    let found = cmid.and_then(|cmid| state.chat(group, peer)?.messages.get(&cmid)).filter(|stored| !stored.deleted);
    let stored = found.ok_or_else(|| VkError::parameter("message_id is invalid"))?;
    if !stored.out {
        return Err(VkError::new(920));
    }
    if is_old(state, stored) { Err(VkError::new(909)) } else { Ok(stored.cmid) }
}

fn is_old(state: &State, stored: &Stored) -> bool {
    (state.now() - stored.at).num_seconds() >= i64::try_from(state.settings.edit_seconds).unwrap_or(i64::MAX)
}

/// `messages.edit`: what is left out is taken away.
pub(crate) fn edit(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let peer = params.required("peer_id")?;
    let mut state = vk.state();
    let cmid = own(&state, group, peer, params)?;
    let (text, attachments, keyboard) = send::content(&state, group, params)?;
    if text.is_empty() && attachments.is_empty() {
        return Err(VkError::parameter("message is empty or invalid"));
    }
    let now = state.now();
    let Some(stored) = state.message_mut(group, peer, cmid) else { return Err(VkError::parameter("message_id is invalid")) };
    (stored.text, stored.attachments, stored.keyboard) = (text, attachments, keyboard);
    (stored.edited, stored.edits) = (Some(now), stored.edits + 1);
    let stored = stored.clone();
    let shown = state.shown(group, peer, &stored);
    state.tell(group, peer, "message_edit", shown);
    Ok(json!(1))
}

/// `messages.delete`. Without `delete_for_all` the person keeps the message, and so does the
/// double.
pub(crate) fn delete(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let everybody = params.flag("delete_for_all");
    let mut state = vk.state();
    let mut removed = Vec::new();
    if params.text("cmids").is_some() {
        let peer = params.required("peer_id")?;
        for cmid in ids(params, "cmids")? {
            let there = remove(&mut state, group, peer, cmid, everybody)?;
            removed.push(json!({ "peer_id": peer, "conversation_message_id": cmid, "response": u8::from(there) }));
        }
        return Ok(json!(removed));
    }
    for id in ids(params, "message_ids")? {
        let place = state.message(group, id).map(|(peer, stored)| (peer, stored.cmid));
        let there = place.map_or(Ok(false), |(peer, cmid)| remove(&mut state, group, peer, cmid, everybody))?;
        removed.push(json!({ "message_id": id, "peer_id": place.map(|(peer, _)| peer), "response": u8::from(there) }));
    }
    Ok(json!(removed))
}

/// Whether the message was there.
fn remove(state: &mut State, group: i64, peer: i64, cmid: i64, everybody: bool) -> VkResult<bool> {
    let found = state.chat(group, peer).and_then(|chat| chat.messages.get(&cmid)).filter(|stored| !stored.deleted);
    let Some(stored) = found else { return Ok(false) };
    if everybody && (!stored.out || is_old(state, stored)) {
        return Err(VkError::new(924));
    }
    if everybody && let Some(stored) = state.message_mut(group, peer, cmid) {
        stored.deleted = true;
    }
    Ok(true)
}

/// `messages.getHistory`: newest first, unless `rev`.
pub(crate) fn history(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let peer = match params.int("peer_id")? {
        Some(peer) => peer,
        None => params.required("user_id")?,
    };
    let count = params.int("count")?.unwrap_or(20);
    let offset = params.int("offset")?.unwrap_or(0).max(0);
    if !(0..=200).contains(&count) {
        return Err(VkError::parameter("count should be between 0 and 200"));
    }
    let start = params.int("start_message_id")?;
    let state = vk.quiet();
    let there: Vec<&Stored> =
        state.chat(group, peer).into_iter().flat_map(|chat| chat.messages.values()).filter(|stored| !stored.deleted).collect();
    let total = there.len();
    let ordered: Box<dyn Iterator<Item = &Stored>> =
        if params.flag("rev") { Box::new(there.into_iter()) } else { Box::new(there.into_iter().rev()) };
    let after = ordered.skip_while(|stored| start.is_some_and(|start| stored.id > start));
    let (offset, count) = (usize::try_from(offset).unwrap_or_default(), usize::try_from(count).unwrap_or_default());
    let items: Vec<Value> = after.skip(offset).take(count).map(|stored| state.shown(group, peer, stored)).collect();
    Ok(json!({ "count": total, "items": items }))
}

/// `messages.getById`.
pub(crate) fn by_id(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let ids = ids(params, "message_ids")?;
    let state = vk.quiet();
    let found = ids.into_iter().filter_map(|id| state.message(group, id)).map(|(user, stored)| state.shown(group, user, stored));
    let items: Vec<Value> = found.collect();
    Ok(json!({ "count": items.len(), "items": items }))
}

/// `messages.getByConversationMessageId`.
pub(crate) fn by_place(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let peer = params.required("peer_id")?;
    let places = ids(params, "conversation_message_ids")?;
    let state = vk.quiet();
    let chat = state.chat(group, peer);
    let found = places.into_iter().filter_map(|cmid| chat?.messages.get(&cmid).filter(|stored| !stored.deleted));
    let items: Vec<Value> = found.map(|stored| state.shown(group, peer, stored)).collect();
    Ok(json!({ "count": items.len(), "items": items }))
}

/// `messages.getConversationsById`: `can_write` of up to 100 people at once.
pub(crate) fn conversations(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let peers = ids(params, "peer_ids")?;
    let state = vk.quiet();
    let items: Vec<Value> = peers
        .into_iter()
        .filter(|peer| state.users.contains_key(peer))
        .map(|peer| {
            let there: Vec<&Stored> = state.chat(group, peer).into_iter().flat_map(|chat| chat.messages.values()).collect();
            let newest = |out: Option<bool>, read: bool| {
                let of = |stored: &&&Stored| out.is_none_or(|out| stored.out == out) && (!read || stored.read);
                there.iter().rev().find(of).map_or(0, |stored| stored.id)
            };
            let reason = state.unreachable(group, peer);
            let mut can_write = json!({ "allowed": reason.is_none() });
            if let Some(reason) = reason {
                can_write["reason"] = json!(reason);
            }
            json!({ "peer": { "id": peer, "type": "user", "local_id": peer }, "last_message_id": newest(None, false),
                "last_conversation_message_id": there.last().map_or(0, |stored| stored.cmid), "in_read": newest(Some(false), true),
                "out_read": newest(Some(true), true), "important": false, "can_write": can_write, "is_marked_unread": false,
                "version": 10_000_000 + newest(None, false) })
        })
        .collect();
    Ok(json!({ "count": items.len(), "items": items }))
}

/// `messages.isMessagesFromGroupAllowed`.
pub(crate) fn is_allowed(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let user = params.required("user_id")?;
    let state = vk.quiet();
    if !state.users.contains_key(&user) {
        return Err(VkError::new(113));
    }
    let allowed = state.chat(group, user).is_some_and(|chat| chat.allowed && !chat.denied && !chat.blacklisted);
    Ok(json!({ "is_allowed": u8::from(allowed) }))
}

/// `messages.setActivity`: ten seconds of `typing`.
pub(crate) fn activity(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let peer = params.required("peer_id")?;
    let mut state = vk.state();
    if let Some(code) = state.unreachable(group, peer) {
        return Err(VkError::new(code));
    }
    let until = state.now() + chrono::TimeDelta::seconds(10);
    state.chat_mut(group, peer).typing_until = Some(until);
    Ok(json!(1))
}

/// `messages.markAsRead`: everything the person wrote.
pub(crate) fn mark_read(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let peer = params.required("peer_id")?;
    let mut state = vk.state();
    for stored in state.chat_mut(group, peer).messages.values_mut().filter(|stored| !stored.out) {
        stored.read = true;
    }
    Ok(json!(1))
}
