//! Being a sender of messages inside Bitrix24: an application's handler is told what cards and
//! robots send, and tells back what became of it. Beyond `HANDLER` the contract has no names of
//! parameters: those here are unconfirmed.

use serde_json::{Value, json};

use super::{
    Bitrix24,
    auth::Caller,
    error::{B24Error, B24Result},
    events::{Note, signed},
    params::{Params, whole},
    portal::Kind,
    server::{Reply, application},
    state::State,
};
use crate::{hooks::Way, links::is_safe};

pub(crate) const METHODS: [&str; 4] =
    ["messageservice.sender.add", "messageservice.sender.list", "messageservice.sender.delete", "messageservice.message.status.update"];
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
    /// What the application told of it; empty at first.
    pub status: String,
}

pub(crate) fn run(state: &mut State, caller: &Caller, method: &str, params: &Params) -> B24Result<Reply> {
    let client = application(state, caller)?.to_owned();
    let portal = state.portal_mut(caller.portal)?;
    let text = |name: &str| params.text(name).map(str::to_owned).ok_or_else(|| B24Error::missing(name));
    match method {
        "messageservice.sender.list" => {
            let own = portal.senders.iter().filter(|sender| sender.client == client);
            return Ok(Reply::of(json!(own.map(|sender| &sender.code).collect::<Vec<_>>())));
        }
        "messageservice.sender.add" => {
            let (code, handler) = (text("CODE")?, text("HANDLER")?);
            text("NAME")?;
            if params.text("TYPE") != Some("SMS") || !is_safe(&handler) {
                return Err(B24Error::bad("The type or the handler is not valid"));
            }
            if portal.senders.iter().any(|sender| sender.client == client && sender.code == code) {
                return Err(B24Error::bad("Sender already installed!"));
            }
            portal.senders.push(Sender { client, code, handler });
        }
        "messageservice.sender.delete" => {
            let (code, before) = (text("CODE")?, portal.senders.len());
            portal.senders.retain(|sender| !(sender.client == client && sender.code == code));
            if portal.senders.len() == before {
                return Err(B24Error::not_found());
            }
        }
        _ => {
            let (code, status) = (text("CODE")?, text("STATUS")?);
            if !STATUSES.contains(&status.as_str()) {
                return Err(B24Error::bad("Message status incorrect!"));
            }
            let id = whole(params.get("MESSAGE_ID")).ok_or_else(|| B24Error::missing("MESSAGE_ID"))?;
            let own = portal.senders.iter().any(|sender| sender.client == client && sender.code == code);
            let message = portal.messages.get_mut(&id).filter(|message| own && message.code == code).ok_or_else(B24Error::not_found)?;
            message.status = status;
        }
    }
    let id = params.whole("MESSAGE_ID").unwrap_or(0);
    state.accepted(caller.portal, method, id, &params.all);
    Ok(Reply::of(true))
}

impl Bitrix24 {
    /// A card or a robot of the portal sends a message through an application's sender, about an
    /// element. Gives the message's id, or none where there is no such sender.
    pub fn send_message(&self, portal: i64, code: &str, about: (Kind, i64), to: &str, body: &str) -> Option<i64> {
        let mut state = self.state();
        let (now, base) = (state.now(), state.base.clone());
        let place = state.portals.get_mut(&portal)?;
        let sender = place.senders.iter().find(|sender| sender.code == code)?.clone();
        let id = place.next_id();
        let own = place.installs.iter().find(|install| install.client == sender.client)?.application_token.clone();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("module_id", "crm".to_owned()),
            ("bindings[0][OWNER_TYPE_ID]", about.0.id().to_string()),
            ("bindings[0][OWNER_ID]", about.1.to_string()),
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
        let note = Note { url: sender.handler, body: form.finish(), about: about.1 };
        place.events.history.push(note.clone());
        place.events.queue.put(note, now, Way::Once);
        place.messages.insert(id, Message { code: code.to_owned(), to: to.to_owned(), body: body.to_owned(), status: String::new() });
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
