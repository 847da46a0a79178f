//! The control surface of the Wazzup double under `/sandbox/wazzup`: what the Rust handle does, for
//! the page and for tests in other processes. Faults, restarts, events and the clock are the
//! sandbox's. Channels stand for bots; accounts and templates are made at `accounts`.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Wazzup, templates::Template, transport::Transport};
use crate::{
    action::ActionError,
    control::{Answer, done},
    desk::{self, Act, Attachment, Desk, shaped, unknown},
    ledger::Ledger,
    telegram::User,
    view::Served,
};

/// Bytes of a file that a person sends.
const MAX_FILE: usize = 50 * 1024 * 1024;

pub(crate) fn router(wazzup: Wazzup) -> Router {
    let accounts = Router::new()
        .route("/accounts", post(add_account))
        .route("/accounts/{account}", get(account))
        .route("/accounts/{account}/templates", post(add_template))
        .route("/accounts/{account}/templates/{guid}/{status}", post(set_template))
        .route("/accounts/{account}/redeliver/{count}", post(redeliver))
        .with_state(wazzup.clone());
    desk::router(wazzup, MAX_FILE, "/settings").merge(accounts)
}

#[derive(Deserialize)]
struct NewAccount {
    id: i64,
    key: String,
    #[serde(default)]
    crm_key: Option<String>,
    #[serde(default)]
    sidecar: bool,
}

async fn add_account(State(wazzup): State<Wazzup>, Json(new): Json<NewAccount>) -> Answer {
    wazzup.add_account(new.id, &new.key)?;
    wazzup.set_crm_key(new.id, new.crm_key.as_deref())?;
    done(wazzup.set_sidecar(new.id, new.sidecar)?)
}

async fn account(State(wazzup): State<Wazzup>, Path(account): Path<i64>) -> Answer {
    let told: Vec<Value> = wazzup.told(account).into_iter().map(|(key, value)| json!({ (key): value })).collect();
    done(json!({ "pending": wazzup.pending(account), "given_up": wazzup.given_up(account), "told": told }))
}

async fn add_template(State(wazzup): State<Wazzup>, Path(account): Path<i64>, Json(template): Json<Template>) -> Answer {
    done(wazzup.add_template(account, template)?)
}

async fn set_template(State(wazzup): State<Wazzup>, Path((account, guid, status)): Path<(i64, String, String)>) -> Answer {
    done(wazzup.set_template_status(account, &guid, &status)?)
}

async fn redeliver(State(wazzup): State<Wazzup>, Path((account, count)): Path<(i64, usize)>) -> Answer {
    done(json!({ "count": wazzup.redeliver(account, count) }))
}

#[derive(Deserialize)]
struct NewChannel {
    id: i64,
    account: i64,
    transport: Transport,
    /// `plainId`.
    username: String,
}

/// What is done with a channel; every deed reads the fields it needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Deed {
    state: String,
    tier: String,
    code: Option<String>,
    dialogues: Option<u32>,
    text_first: Option<bool>,
    balance: Option<u32>,
    user: i64,
    author: String,
    text: String,
}

#[derive(Deserialize)]
struct Present {
    transport: Transport,
    there: bool,
}

impl Desk for Wazzup {
    fn witness(&self) -> &Ledger {
        self.ledger()
    }

    fn bots_shown(&self) -> Value {
        json!(self.channels())
    }

    fn new_bot(&self, body: Value) -> Result<Value, ActionError> {
        let new: NewChannel = shaped(body)?;
        let channel = self.add_channel(new.id, new.account, new.transport, &new.username)?;
        Ok(json!({ "id": new.id, "channelId": channel }))
    }

    fn of_bot(&self, bot: i64, deed: &str, body: Value) -> Result<Value, ActionError> {
        let given: Deed = shaped(body)?;
        Ok(match deed {
            "state" => json!(self.set_channel_state(bot, &given.state)?),
            "tier" => json!(self.set_tier(bot, &given.tier)?),
            "trouble" => json!(self.set_trouble(bot, given.code.as_deref())?),
            "fate" => json!(self.set_fate(bot, given.user, given.code.as_deref())?),
            "tariff" => json!(self.set_tariff(bot, given.dialogues, given.text_first.unwrap_or(true), given.balance)?),
            "write" => json!({ "message": self.write_by_hand(bot, given.user, &given.author, &given.text)? }),
            "chat_id" => json!({ "id": self.chat_id(bot, given.user)? }),
            _ => return Err(unknown("a channel", deed, "state, tier, trouble, fate, tariff, write, chat_id")),
        })
    }

    fn people_shown(&self) -> Value {
        json!(self.users())
    }

    fn new_person(&self, user: User) -> Result<(), ActionError> {
        self.add_user(user);
        Ok(())
    }

    fn of_person(&self, user: i64, deed: &str, body: Value) -> Result<Value, ActionError> {
        match deed {
            "deactivate" => Ok(json!(self.deactivate(user)?)),
            "present" => {
                let Present { transport, there } = shaped(body)?;
                Ok(json!(self.set_present(user, transport, there)?))
            }
            _ => Err(unknown("a person", deed, "deactivate, present")),
        }
    }

    fn chat_shown(&self, bot: i64, user: i64) -> Value {
        json!(self.chat(bot, user))
    }

    fn message_shown(&self, _: i64, _: i64, message: &str) -> Option<Value> {
        self.message(message).map(|message| json!(message))
    }

    fn act(&self, bot: i64, user: i64, action: &str, act: Act) -> Result<Value, ActionError> {
        Ok(match action {
            "text" => json!({ "message": match &act.reply_to {
                Some(to) => self.reply(bot, user, to, &act.text)?,
                None => self.send_text(bot, user, &act.text)?,
            }}),
            "press" if !act.text.is_empty() => json!({ "message": self.press_text(bot, user, &act.text)? }),
            "press" => {
                let shown = self.message(&act.message).ok_or_else(|| ActionError::no_message(&act.message))?;
                let button = shown.buttons.get(act.row).and_then(|row| row.get(act.column));
                let button = button.ok_or_else(|| ActionError::NoButton(format!("row {}, column {}", act.row, act.column)))?;
                json!({ "message": self.press_text(bot, user, &button.text)? })
            }
            "read" => json!({ "read": self.read(bot, user)? }),
            "block" => json!(self.set_blocked(bot, user, true)?),
            "unblock" => json!(self.set_blocked(bot, user, false)?),
            "open" => json!(self.open_chats(bot, [user])?),
            _ => return Err(unknown("people", action, "text, press, file, read, block, unblock, open")),
        })
    }

    fn attach(&self, bot: i64, user: i64, file: Attachment) -> Result<Value, ActionError> {
        Ok(json!(self.send_file(bot, user, file)?))
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
