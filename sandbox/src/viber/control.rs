//! The control surface of the Viber double under `/sandbox/viber`: what the Rust handle does, for
//! the page and for tests in other processes. Faults, restarts, events and the clock are the
//! sandbox's.

use axum::Router;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Viber, error::Status, people::Phone};
use crate::{
    action::ActionError,
    desk::{self, Act, Attachment, Desk, shaped, unknown},
    ledger::Ledger,
    telegram::User,
    view::Served,
};

/// Bytes of a file that a person sends.
const MAX_FILE: usize = 50 * 1024 * 1024;

pub(crate) fn router(viber: Viber) -> Router {
    desk::router(viber, MAX_FILE, "/settings")
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
    status: Option<Status>,
    may: bool,
    free_a_month: Option<u32>,
    balance: Option<u32>,
    user: i64,
    phone: Phone,
    token: String,
    text: String,
}

fn number(text: &str) -> Result<u64, ActionError> {
    text.parse().map_err(|_| ActionError::no_message(text))
}

impl Desk for Viber {
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
            "trouble" => json!(self.set_bot_trouble(bot, given.status)?),
            "refuse" => json!(self.set_trouble(bot, given.user, given.status)?),
            "broadcasts" => json!(self.allow_broadcasts(bot, given.may)?),
            "money" => json!(self.set_money(bot, given.free_a_month, given.balance)?),
            "phone" => json!(self.set_phone(bot, given.user, given.phone)?),
            "fail" => json!(self.fail_message(bot, given.user, number(&given.token)?, &given.text)?),
            "redeliver" => json!({ "count": self.redeliver(bot, given.count)? }),
            "user_id" => json!({ "id": self.user_id(bot, given.user) }),
            _ => return Err(unknown("a bot", deed, "trouble, refuse, broadcasts, money, phone, fail, redeliver, user_id")),
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
        Ok(match action {
            "text" => json!({ "message": self.send_text(bot, user, &act.text)?.to_string() }),
            "start" => json!(self.open(bot, user, act.payload.as_deref())?),
            "contact" => json!({ "message": self.share_contact(bot, user)?.to_string() }),
            "press" if !act.text.is_empty() => json!(self.press_text(bot, user, &act.text)?),
            "press" => json!(self.press(bot, user, number(&act.message)?, act.row, act.column)?),
            "keyboard" => json!(self.press_text(bot, user, &act.text)?),
            "read" => json!({ "read": self.read(bot, user)? }),
            "subscribe" | "unblock" => json!(self.subscribe(bot, user)?),
            "unsubscribe" | "block" => json!(self.unsubscribe(bot, user)?),
            "open" => json!(self.open_chats(bot, [user])?),
            _ => {
                let known = "text, start, contact, press, keyboard, file, read, subscribe, unsubscribe, open";
                return Err(unknown("people", action, known));
            }
        })
    }

    fn attach(&self, bot: i64, user: i64, file: Attachment) -> Result<Value, ActionError> {
        Ok(json!(self.send_file(bot, user, file)?.to_string()))
    }

    fn answer_to(&self, _: &str) -> Value {
        Value::Null
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
