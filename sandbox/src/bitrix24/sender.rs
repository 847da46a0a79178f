//! Being a sender of messages inside Bitrix24: an application's handler is told what cards and
//! robots send, and tells back what became of it. Parameters and codes are those of
//! apidocs.bitrix24.com (`messageservice`).

use serde_json::{Value, json};

use super::{
    Bitrix24,
    auth::Caller,
    error::{B24Error, B24Result},
    events::{Note, signed, tokens},
    params::{Params, whole},
    portal::Kind,
    server::{Reply, admin, application},
    state::State,
};
use crate::{hooks::Way, links::is_safe};

pub(crate) const METHODS: [&str; 5] = [
    "messageservice.sender.add",
    "messageservice.sender.update",
    "messageservice.sender.list",
    "messageservice.sender.delete",
    "messageservice.message.status.update",
];
const STATUSES: [&str; 5] = ["queued", "sent", "delivered", "undelivered", "failed"];

/// A sender of an application.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) client: String,
    code: String,
    handler: String,
}

/// A message that the portal gave to a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sender's code.
    pub code: String,
    pub to: String,
    pub body: String,
    /// What the application told of it, in its order.
    pub statuses: Vec<String>,
}

fn invalid(words: &str) -> B24Error {
    B24Error::new(400, "ERROR_SENDER_VALIDATION_FAILURE", words)
}

fn unknown() -> B24Error {
    B24Error::new(400, "ERROR_SENDER_NOT_FOUND", "Sender not found!")
}

pub(crate) fn run(state: &mut State, caller: &Caller, method: &str, params: &Params) -> B24Result<Reply> {
    let client = application(state, caller)?.to_owned();
    let portal = state.portal_mut(caller.portal)?;
    admin(portal, caller)?;
    let text = |name: &str| params.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let own = |sender: &Sender, code: &str| sender.client == client && sender.code == code;
    if method == "messageservice.sender.list" {
        let own = portal.senders.iter().filter(|sender| sender.client == client);
        return Ok(Reply::of(json!(own.map(|sender| &sender.code).collect::<Vec<_>>())));
    }
    let code = text("CODE").ok_or_else(|| invalid("Empty sender code!"))?;
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
        return Err(invalid("Wrong sender code!"));
    }
    match method {
        "messageservice.sender.add" => {
            if params.get("NAME").is_null() {
                return Err(invalid("Empty sender NAME!"));
            }
            if params.text("TYPE") != Some("SMS") {
                return Err(invalid("Unknown sender message TYPE!"));
            }
            let handler = text("HANDLER").filter(|handler| is_safe(handler)).ok_or_else(|| B24Error::bad("The handler is not valid"))?;
            if portal.senders.iter().any(|sender| own(sender, &code)) {
                return Err(B24Error::new(400, "ERROR_SENDER_ALREADY_INSTALLED", "Sender already installed!"));
            }
            portal.senders.push(Sender { client, code, handler });
        }
        "messageservice.sender.update" => {
            let handler = text("HANDLER").filter(|handler| is_safe(handler));
            let handler = handler
                .ok_or_else(|| B24Error::new(400, "ERROR_SENDER_OTHER_PARAMS_REQUIRED", "At least one other parameter is required!"))?;
            let sender = portal.senders.iter_mut().find(|sender| own(sender, &code)).ok_or_else(unknown)?;
            sender.handler = handler;
        }
        "messageservice.sender.delete" => {
            let before = portal.senders.len();
            portal.senders.retain(|sender| !own(sender, &code));
            if portal.senders.len() == before {
                return Err(unknown());
            }
        }
        _ => {
            let status = text("STATUS").unwrap_or_default();
            if !STATUSES.contains(&status.as_str()) {
                return Err(B24Error::new(400, "ERROR_MESSAGE_STATUS_INCORRECT", "Message status incorrect!"));
            }
            let missing = || B24Error::new(400, "ERROR_MESSAGE_NOT_FOUND", "Message not found!");
            let id = whole(params.get("MESSAGE_ID")).ok_or_else(missing)?;
            let mine = portal.senders.iter().any(|sender| own(sender, &code));
            let message = portal.messages.get_mut(&id).filter(|message| mine && message.code == code).ok_or_else(missing)?;
            message.statuses.push(status);
        }
    }
    let id = params.whole("MESSAGE_ID").unwrap_or(0);
    state.accepted(caller.portal, method, id, &params.all);
    Ok(Reply::of(true))
}

impl Bitrix24 {
    /// A card of an element of the portal sends a message through an application's sender; `None`:
    /// a robot does. Gives the message's id, or none where there is no such sender.
    pub fn send_message(&self, portal: i64, code: &str, card: Option<(Kind, i64)>, to: &str, body: &str) -> Option<i64> {
        let mut state = self.state();
        let (now, base, seconds) = (state.now(), state.base.clone(), state.settings.access_seconds);
        let place = state.portals.get_mut(&portal)?;
        let sender = place.senders.iter().find(|sender| sender.code == code)?.clone();
        let id = place.next_id();
        let install = place.installs.iter_mut().find(|install| install.client == sender.client)?;
        let (own, opens) = (install.application_token.clone(), tokens(install, now, seconds, true));
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        match card {
            Some((kind, id)) => {
                form.append_pair("module_id", "crm");
                form.append_pair("bindings[0][OWNER_TYPE_ID]", &kind.id().to_string());
                form.append_pair("bindings[0][OWNER_ID]", &id.to_string());
            }
            None => {
                form.append_pair("module_id", "bizproc");
                form.append_pair("workflow_id", "57c3b4");
                form.append_pair("document_id[0]", "crm");
                form.append_pair("document_type[0]", "crm");
            }
        }
        for (name, value) in [
            ("properties[phone_number]", to.to_owned()),
            ("properties[message_text]", body.to_owned()),
            ("type", "SMS".to_owned()),
            ("code", code.to_owned()),
            ("message_id", id.to_string()),
            ("message_to", to.to_owned()),
            ("message_body", body.to_owned()),
            ("ts", now.timestamp().to_string()),
        ] {
            form.append_pair(name, &value);
        }
        form.extend_pairs(signed(&base, place, &own));
        form.extend_pairs(opens);
        let note = Note { url: sender.handler, body: form.finish(), about: card.map_or(id, |(_, id)| id) };
        place.events.history.push(note.clone());
        place.events.queue.put(note, now, Way::Once);
        place.messages.insert(id, Message { code: code.to_owned(), to: to.to_owned(), body: body.to_owned(), statuses: Vec::new() });
        Some(id)
    }

    /// A message that was given to a sender, with what was told of it.
    #[must_use]
    pub fn message(&self, portal: i64, id: i64) -> Option<Message> {
        self.quiet().portals.get(&portal)?.messages.get(&id).cloned()
    }

    /// What a robot of the portal knows of its senders: the codes.
    #[must_use]
    pub fn senders(&self, portal: i64) -> Vec<Value> {
        self.quiet().portals.get(&portal).map(|place| place.senders.iter().map(|sender| json!(sender.code)).collect()).unwrap_or_default()
    }
}
