//! The control surface of the VK double under `/sandbox/vk`: what the Rust handle does, for the
//! page and for tests in other processes. Faults, restarts, events and the clock are the sandbox's.

use axum::Router;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Vk, media::MAX_DOC};
use crate::{
    action::ActionError,
    desk::{self, Act, Attachment, Desk, shaped, unknown},
    ledger::Ledger,
    telegram::User,
    view::Served,
};

pub(crate) fn router(vk: Vk) -> Router {
    desk::router(vk, MAX_DOC, "/settings")
}

#[derive(Deserialize)]
struct NewCommunity {
    id: i64,
    token: String,
    username: String,
    #[serde(default)]
    name: Option<String>,
}

/// What is done with a community; every deed reads the fields it needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Deed {
    count: usize,
    rights: Vec<String>,
    on: bool,
    user: i64,
    admin: i64,
    text: String,
    code: Option<u32>,
}

/// What only people of VK do.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Own {
    key: Option<String>,
    source: Option<String>,
}

fn number(text: &str) -> Result<i64, ActionError> {
    text.parse().map_err(|_| ActionError::no_message(text))
}

impl Desk for Vk {
    fn witness(&self) -> &Ledger {
        self.ledger()
    }

    fn bots_shown(&self) -> Value {
        json!(self.communities())
    }

    fn new_bot(&self, body: Value) -> Result<Value, ActionError> {
        let new: NewCommunity = shaped(body)?;
        self.add_community(new.id, &new.token, &new.username)?;
        if let Some(name) = new.name {
            self.name_community(new.id, &name)?;
        }
        Ok(json!({ "id": new.id }))
    }

    fn of_bot(&self, bot: i64, deed: &str, body: Value) -> Result<Value, ActionError> {
        let given: Deed = shaped(body)?;
        Ok(match deed {
            "revoke" => json!(self.revoke(bot)?),
            "rights" => json!(self.set_rights(bot, &given.rights.iter().map(String::as_str).collect::<Vec<_>>())?),
            "bots" => json!(self.set_bots(bot, given.on)?),
            "redeliver" => json!({ "count": self.redeliver(bot, given.count)? }),
            "renew_confirmation" => json!(self.renew_confirmation(bot)?),
            "end_poll_keys" => json!(self.end_poll_keys(bot)),
            "forget_events" => json!(self.forget_events(bot)),
            "blacklist" => json!(self.set_blacklisted(bot, given.user, given.on)?),
            "trouble" => json!(self.set_trouble(bot, given.user, given.code)?),
            "write" => json!({ "message": self.write_by_hand(bot, given.user, given.admin, &given.text)? }),
            _ => {
                let known = "revoke, rights, bots, redeliver, renew_confirmation, end_poll_keys, forget_events, blacklist, trouble, write";
                return Err(unknown("a community", deed, known));
            }
        })
    }

    fn people_shown(&self) -> Value {
        json!(self.users())
    }

    fn new_person(&self, user: User) -> Result<(), ActionError> {
        self.add_user(user);
        Ok(())
    }

    fn of_person(&self, user: i64, deed: &str, _: Value) -> Result<Value, ActionError> {
        match deed {
            "deactivate" => Ok(json!(self.deactivate(user)?)),
            _ => Err(unknown("a person", deed, "deactivate")),
        }
    }

    fn chat_shown(&self, bot: i64, user: i64) -> Value {
        json!(self.chat(bot, user))
    }

    fn message_shown(&self, bot: i64, user: i64, message: &str) -> Option<Value> {
        self.message(bot, user, message.parse().ok()?).map(|message| json!(message))
    }

    fn act(&self, bot: i64, user: i64, action: &str, act: Act) -> Result<Value, ActionError> {
        let own: Own = act.own()?;
        Ok(match action {
            "text" => json!({ "message": match &act.reply_to {
                Some(to) => self.reply(bot, user, number(to)?, &act.text)?,
                None => self.send_text(bot, user, &act.text)?,
            }}),
            "edit" => json!(self.edit_text(bot, user, number(&act.message)?, &act.text)?),
            "start" => {
                if let Some(label) = &act.payload {
                    self.follow(bot, user, label, own.source.as_deref())?;
                }
                json!({ "message": self.press_start(bot, user)? })
            }
            "follow" => json!(self.follow(bot, user, &act.payload.unwrap_or_default(), own.source.as_deref())?),
            "press" => match act.data {
                Some(data) => json!({ "kind": "callback", "value": self.press_data(bot, user, number(&act.message)?, &data)? }),
                None if !act.text.is_empty() => json!(self.press_text(bot, user, &act.text)?),
                None => json!(self.press(bot, user, number(&act.message)?, act.row, act.column)?),
            },
            "keyboard" => json!(self.press_keyboard(bot, user, &act.text)?),
            "read" => json!({ "read": self.read(bot, user)? }),
            "typing" => json!(self.type_on(bot, user)?),
            "allow" | "unblock" => json!(self.allow(bot, user, own.key.as_deref())?),
            "deny" | "block" => json!(self.deny(bot, user)?),
            "open" => json!(self.open_chats(bot, [user])?),
            _ => {
                let known = "text, edit, start, follow, press, keyboard, file, read, typing, allow, deny, open";
                return Err(unknown("people", action, known));
            }
        })
    }

    fn attach(&self, bot: i64, user: i64, file: Attachment) -> Result<Value, ActionError> {
        Ok(json!(self.send_file(bot, user, file)?))
    }

    fn answer_to(&self, press: &str) -> Value {
        json!(self.answer(press))
    }

    fn stored(&self, file: &str) -> Option<Served> {
        self.file(file)
    }

    fn shown_settings(&self) -> Value {
        json!(self.settings())
    }

    fn put_settings(&self, wanted: Value) -> Result<(), ActionError> {
        let wanted = shaped(wanted)?;
        self.set(|settings| *settings = wanted);
        Ok(())
    }
}
