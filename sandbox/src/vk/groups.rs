//! Methods of communities: what they say of themselves, their callback servers and long poll
//! (contract, 6).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    VERSION, Vk,
    callback::{Hooked, Server, ServerStatus},
    error::{VkError, VkResult},
    events::KINDS,
    params::Params,
    state::Community,
};
use crate::{hooks::Queue, links::is_safe};

/// Callback servers of a community.
const MOST: usize = 10;
const MAX_TITLE: usize = 14;
const MAX_SECRET: usize = 50;

/// A new confirmation string.
pub(crate) fn confirmation() -> String {
    format!("{:08x}", rand::random::<u32>())
}

/// The community of the token; another one in `group_id` is refused.
pub(crate) fn meant(group: i64, params: &Params) -> VkResult<()> {
    match params.int("group_id")? {
        None => Ok(()),
        Some(id) if id == group => Ok(()),
        Some(_) => Err(VkError::with(15, "group_id is not the token's")),
    }
}

/// `groups.getById`.
pub(crate) fn by_id(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let names = params.text("group_ids").or_else(|| params.text("group_id"));
    let names: Option<Vec<&str>> = names.map(|names| names.split(',').map(str::trim).collect());
    let state = vk.quiet();
    let named = |one: &&Community| match &names {
        None => one.id == group,
        Some(names) => names.iter().any(|name| *name == one.screen_name || name.trim_start_matches("club") == one.id.to_string()),
    };
    let groups: Vec<Value> = state
        .communities
        .values()
        .filter(named)
        .map(|one| {
            json!({ "id": one.id, "name": one.name, "screen_name": one.screen_name, "is_closed": 0, "type": "group",
                "photo_50": "https://vk.com/images/community_50.png", "photo_100": "https://vk.com/images/community_100.png",
                "photo_200": "https://vk.com/images/community_200.png" })
        })
        .collect();
    if groups.is_empty() { Err(VkError::parameter("group_ids is invalid")) } else { Ok(json!({ "groups": groups, "profiles": [] })) }
}

/// `groups.getTokenPermissions`.
pub(crate) fn permissions(vk: &Vk, group: i64) -> VkResult {
    let state = vk.quiet();
    let bit = |right: &str| match right {
        "photos" => 4,
        "messages" => 4096,
        "docs" => 131_072,
        _ => 262_144,
    };
    let rights = &state.community(group)?.rights;
    let listed: Vec<Value> = rights.iter().map(|right| json!({ "name": right, "setting": bit(right) })).collect();
    Ok(json!({ "mask": rights.iter().map(|right| bit(right)).sum::<i64>(), "permissions": listed }))
}

/// `groups.getCallbackConfirmationCode`.
pub(crate) fn code(vk: &Vk, group: i64) -> VkResult {
    Ok(json!({ "code": vk.quiet().community(group)?.confirmation }))
}

/// Address, title and secret of a server, checked. Plain http is taken for loopback alone.
fn address(params: &Params) -> VkResult<(String, String, String)> {
    let url = params.required_text("url")?;
    if !is_safe(url) {
        return Err(VkError::parameter("url is invalid"));
    }
    let title = params.required_text("title")?;
    let secret = params.text("secret_key").unwrap_or_default();
    if title.chars().count() > MAX_TITLE || secret.chars().count() > MAX_SECRET {
        return Err(VkError::parameter("title or secret_key is too long"));
    }
    Ok((url.to_owned(), title.to_owned(), secret.to_owned()))
}

/// `groups.addCallbackServer`: its confirmation is asked at once.
pub(crate) fn add_server(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let (url, title, secret) = address(params)?;
    let mut state = vk.state();
    let now = state.now();
    let community = state.community_mut(group)?;
    if community.servers.len() >= MOST {
        return Err(VkError::new(2000));
    }
    community.last_server += 1;
    let id = community.last_server;
    let server = Server { id, url, title, status: ServerStatus::Unconfigured, events: BTreeSet::new() };
    let mut hooked = Hooked { server, secret, generation: 0, queue: Queue::default() };
    hooked.begin(group, now);
    community.servers.insert(id, hooked);
    Ok(json!({ "server_id": id }))
}

/// `groups.editCallbackServer`: it is confirmed anew.
pub(crate) fn edit_server(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let id = params.required("server_id")?;
    let (url, title, secret) = address(params)?;
    let mut state = vk.state();
    let now = state.now();
    let hooked = state.community_mut(group)?.servers.get_mut(&id).ok_or_else(|| VkError::parameter("server_id is invalid"))?;
    (hooked.server.url, hooked.server.title, hooked.secret) = (url, title, secret);
    hooked.begin(group, now);
    Ok(json!(1))
}

/// `groups.deleteCallbackServer`.
pub(crate) fn delete_server(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let id = params.required("server_id")?;
    let gone = vk.state().community_mut(group)?.servers.remove(&id);
    gone.map(|_| json!(1)).ok_or_else(|| VkError::parameter("server_id is invalid"))
}

/// `groups.getCallbackServers`.
pub(crate) fn servers(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let wanted = params.ints("server_ids")?;
    let state = vk.quiet();
    let items: Vec<Value> = state
        .community(group)?
        .servers
        .values()
        .filter(|hooked| wanted.as_ref().is_none_or(|wanted| wanted.contains(&hooked.server.id)))
        .map(|hooked| {
            let server = &hooked.server;
            json!({ "id": server.id, "title": server.title, "creator_id": 100, "url": server.url, "secret_key": hooked.secret,
                "status": server.status })
        })
        .collect();
    Ok(json!({ "count": items.len(), "items": items }))
}

/// `groups.setCallbackSettings`.
pub(crate) fn settings(vk: &Vk, group: i64, params: &Params) -> VkResult {
    if params.text("api_version").is_some_and(|version| version != VERSION) {
        return Err(VkError::parameter("api_version is invalid"));
    }
    let id = params.required("server_id")?;
    let mut state = vk.state();
    let hooked = state.community_mut(group)?.servers.get_mut(&id).ok_or_else(|| VkError::parameter("server_id is invalid"))?;
    for (name, on) in params.flags().filter(|(name, _)| KINDS.contains(name)) {
        if on {
            hooked.server.events.insert(name.to_owned())
        } else {
            hooked.server.events.remove(name)
        };
    }
    Ok(json!(1))
}

/// `groups.getCallbackSettings`.
pub(crate) fn shown(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let id = params.required("server_id")?;
    let state = vk.quiet();
    let hooked = state.community(group)?.servers.get(&id).ok_or_else(|| VkError::parameter("server_id is invalid"))?;
    let events: Map<String, Value> =
        KINDS.iter().map(|kind| ((*kind).to_owned(), json!(u8::from(hooked.server.events.contains(*kind))))).collect();
    Ok(json!({ "api_version": VERSION, "events": events }))
}
