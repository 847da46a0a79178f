//! The methods of the API, and `execute`, which carries out up to 25 of them in one call (contract,
//! 2.2).

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::{
    SERVICE, Vk,
    error::{VkError, VkResult},
    groups, media, messages,
    params::Params,
    poll, press,
    recipients::Recipients,
    script::{self, Calls, Statement},
    send, users,
};
use crate::{
    double::Refusal as _,
    fault::{Call, Drawn, Fault},
};

/// What a token must be for.
fn right(method: &str) -> Option<&'static str> {
    match method.split_once('.')? {
        ("messages", _) => Some("messages"),
        ("photos", _) => Some("photos"),
        ("docs", _) => Some("docs"),
        ("groups", name) if name.contains("Callback") || name == "setLongPollSettings" => Some("manage"),
        _ => None,
    }
}

/// Carries out one method, limits by the second and faults not.
pub(crate) fn call(vk: &Vk, group: i64, method: &str, params: &Params) -> VkResult {
    let allowed = right(method).is_none_or(|right| vk.quiet().communities.get(&group).is_some_and(|one| one.rights.contains(right)));
    if !allowed {
        return Err(VkError::with(15, "no access to call this method"));
    }
    if method.starts_with("groups.") && method != "groups.getById" {
        groups::meant(group, params)?;
    }
    match method {
        "messages.send" => send::message(vk, group, params),
        "messages.edit" => messages::edit(vk, group, params),
        "messages.delete" => messages::delete(vk, group, params),
        "messages.getHistory" => messages::history(vk, group, params),
        "messages.getById" => messages::by_id(vk, group, params),
        "messages.getByConversationMessageId" => messages::by_place(vk, group, params),
        "messages.getConversationsById" => messages::conversations(vk, group, params),
        "messages.isMessagesFromGroupAllowed" => groups::meant(group, params).and_then(|()| messages::is_allowed(vk, group, params)),
        "messages.sendMessageEventAnswer" => press::answer(vk, group, params),
        "messages.setActivity" => messages::activity(vk, group, params),
        "messages.markAsRead" => messages::mark_read(vk, group, params),
        "users.get" => users::get(vk, params),
        "groups.getById" => groups::by_id(vk, group, params),
        "groups.getTokenPermissions" => groups::permissions(vk, group),
        "groups.getCallbackConfirmationCode" => groups::code(vk, group),
        "groups.addCallbackServer" => groups::add_server(vk, group, params),
        "groups.editCallbackServer" => groups::edit_server(vk, group, params),
        "groups.deleteCallbackServer" => groups::delete_server(vk, group, params),
        "groups.getCallbackServers" => groups::servers(vk, group, params),
        "groups.setCallbackSettings" => groups::settings(vk, group, params),
        "groups.getCallbackSettings" => groups::shown(vk, group, params),
        "groups.getLongPollServer" => poll::server(vk, group),
        "groups.setLongPollSettings" => poll::settings(vk, group, params),
        "groups.getLongPollSettings" => poll::shown(vk, group),
        "photos.getMessagesUploadServer" => media::address(vk, group, true, params),
        "photos.saveMessagesPhoto" => media::save_photo(vk, group, params),
        "docs.getMessagesUploadServer" => media::address(vk, group, false, params),
        "docs.save" => media::save_doc(vk, group, params),
        _ => Err(VkError::new(3)),
    }
}

/// Whose dialogue a call is about, where it says one.
pub(crate) fn person(vk: &Vk, method: &str, params: &Params) -> Option<i64> {
    if !method.starts_with("messages.") {
        return None;
    }
    Recipients::read(&vk.quiet(), params).ok()?.alone()
}

/// The fates of the calls of a script, before any of it is carried out: what is refused, by its
/// place, and what strikes the whole.
pub(crate) fn draw(vk: &Vk, group: i64, script: &[Statement], mut drawn: Drawn) -> (Drawn, HashMap<usize, VkError>) {
    let mut refused = HashMap::new();
    for (place, (method, argument)) in script::methods(script).into_iter().enumerate() {
        vk.ledger().called(method);
        let named = ["peer_id", "user_id", "peer_ids"].iter().find_map(|name| script::literal(argument, name)?.as_i64());
        let inner = vk.faults().draw(Call { service: SERVICE, method, bot: Some(group), chat: named });
        drawn.latency += inner.latency;
        match inner.fault {
            Some(Fault::Error { code, description, .. }) => {
                refused.insert(place, VkError::told(code, &description, None));
            }
            Some(Fault::TooManyRequests { .. }) => {
                refused.insert(place, VkError::new(6));
            }
            other => drawn.fault = drawn.fault.or(other),
        }
    }
    (drawn, refused)
}

/// `execute`: gives the whole answer, with `execute_errors` beside `response`.
pub(crate) fn execute(vk: &Vk, group: i64, script: &[Statement], refused: HashMap<usize, VkError>) -> VkResult {
    let mut calls = Inside { vk, group, refused, place: 0, errors: Vec::new() };
    let response = script::run(script, &mut calls)?;
    let mut answer = BTreeMap::from([("response", response)]);
    if !calls.errors.is_empty() {
        answer.insert("execute_errors", json!(calls.errors));
    }
    Ok(json!(answer))
}

struct Inside<'a> {
    vk: &'a Vk,
    group: i64,
    refused: HashMap<usize, VkError>,
    place: usize,
    errors: Vec<Value>,
}

impl Calls for Inside<'_> {
    fn call(&mut self, method: &str, arguments: &Map<String, Value>) -> Value {
        let params = Params::of_script(arguments);
        let done = self.refused.remove(&self.place).map_or_else(|| call(self.vk, self.group, method, &params), Err);
        self.place += 1;
        done.unwrap_or_else(|error| {
            let (code, words) = error.noted();
            self.vk.ledger().refuse(self.group, person(self.vk, method, &params), method, code, &words);
            self.errors.push(json!({ "method": method, "error_code": error.code, "error_msg": error.message }));
            json!(false)
        })
    }
}
