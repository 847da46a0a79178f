//! The control surface of the MAX double under `/sandbox/max`: what the Rust handle does, for the
//! page and for tests in other processes. Faults, restarts, events and the clock are the sandbox's.

use std::time::Duration;

use axum::Router;
use serde::{Deserialize, de::IntoDeserializer as _};
use serde_json::{Value, json};

use super::{
    Attachment, Max,
    contact::{Contact, Proof},
    media::{Kind, MAX_FILE},
};
use crate::{
    action::ActionError,
    desk::{self, Act, Desk, shaped, unknown},
    ledger::Ledger,
    telegram::User,
    view::Served,
};

pub(crate) fn router(max: Max) -> Router {
    Router::new().nest("/sandbox/max", desk::router(max, MAX_FILE, "/rates"))
}

#[derive(Deserialize)]
struct NewBot {
    id: i64,
    token: String,
    username: String,
    #[serde(default)]
    name: Option<String>,
}

/// What is done with a bot; every deed reads the fields it needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Deed {
    count: usize,
    passed: bool,
}

/// What only people of MAX do.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Own {
    seconds: Option<u64>,
    /// Somebody's contact instead of the person's own.
    phone: Option<String>,
    name: String,
    owner: Option<i64>,
    /// Whether the proof beside a contact is of another card.
    forged: bool,
}

impl Desk for Max {
    fn witness(&self) -> &Ledger {
        self.ledger()
    }

    fn bots_shown(&self) -> Value {
        json!(self.bots())
    }

    fn new_bot(&self, body: Value) -> Result<Value, ActionError> {
        let new: NewBot = shaped(body)?;
        self.add_bot(new.id, &new.token, &new.username)?;
        if let Some(name) = new.name {
            self.name_bot(new.id, &name)?;
        }
        Ok(json!({ "id": new.id }))
    }

    fn of_bot(&self, bot: i64, deed: &str, body: Value) -> Result<Value, ActionError> {
        let given: Deed = shaped(body)?;
        Ok(match deed {
            "revoke" => json!(self.revoke(bot)?),
            "moderate" => json!(self.moderate(bot, given.passed)?),
            "redeliver" => json!({ "count": self.redeliver(bot, given.count)? }),
            "forget_files" => json!({ "count": self.forget_files(bot) }),
            _ => return Err(unknown("a bot", deed, "revoke, moderate, redeliver, forget_files")),
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
        self.message(bot, user, message).map(|message| json!(message))
    }

    fn act(&self, bot: i64, user: i64, action: &str, act: Act) -> Result<Value, ActionError> {
        let own: Own = act.own()?;
        Ok(match action {
            "text" => json!({ "message": match &act.reply_to {
                Some(to) => self.reply(bot, user, to, &act.text)?,
                None => self.send_text(bot, user, &act.text)?,
            }}),
            "edit" => json!(self.edit_text(bot, user, &act.message, &act.text)?),
            "remove" => json!(self.remove_message(bot, user, &act.message)?),
            "start" => json!(self.press_start(bot, user, act.payload.as_deref())?),
            "contact" => {
                let contact = match own.phone {
                    Some(phone) => {
                        let proof = if own.forged { Proof::Wrong } else { Proof::Absent };
                        Contact { phone, name: own.name, owner: own.owner, proof }
                    }
                    None => Contact::own(self, user)?,
                };
                json!({ "message": self.share(bot, user, contact)? })
            }
            "press" => match act.data {
                Some(data) => json!({ "kind": "callback", "value": self.press_data(bot, user, &act.message, Some(&data))? }),
                None if !act.text.is_empty() => json!(self.press_text(bot, user, &act.text)?),
                None => json!(self.press(bot, user, &act.message, act.row, act.column)?),
            },
            "block" => json!(self.block(bot, user)?),
            "unblock" => json!(self.unblock(bot, user)?),
            "delete" => json!(self.remove_dialogue(bot, user)?),
            "clear" => json!(self.clear_dialogue(bot, user)?),
            "mute" => json!(self.mute(bot, user, own.seconds.map(Duration::from_secs))?),
            "open" => json!(self.open_chats(bot, [user])?),
            _ => {
                let known = "text, edit, remove, start, contact, press, file, block, unblock, delete, clear, mute, open";
                return Err(unknown("people", action, known));
            }
        })
    }

    fn attach(&self, bot: i64, user: i64, file: desk::Attachment) -> Result<Value, ActionError> {
        let wrong = |error: serde::de::value::Error| ActionError::Invalid(format!("the kind is not as expected: {error}"));
        let kind = file.kind.map(|kind| Kind::deserialize(kind.into_deserializer()).map_err(wrong)).transpose()?;
        let kind = kind.unwrap_or(if file.photo { Kind::Image } else { Kind::File });
        Ok(json!(self.send_file(bot, user, Attachment { name: file.name, data: file.data, kind, caption: file.caption })?))
    }

    fn answer_to(&self, press: &str) -> Value {
        json!(self.answer(press))
    }

    fn stored(&self, file: &str) -> Option<Served> {
        self.file(file)
    }

    fn shown_settings(&self) -> Value {
        json!(self.rates())
    }

    fn put_settings(&self, wanted: Value) -> Result<(), ActionError> {
        self.set_rates(shaped(wanted)?);
        Ok(())
    }
}
