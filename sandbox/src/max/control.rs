//! The control surface of the MAX double under `/sandbox/max`: what the Rust handle does, for the
//! page and for tests in other processes. Faults, restarts, events and the clock are the sandbox's.

use std::time::Duration;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    Attachment, Max, Rates,
    contact::{Contact, Proof},
    media::{Kind, MAX_FILE},
};
use crate::{
    action::ActionError,
    control::{Answer, done, of_ledger, served},
    telegram::User,
};

pub(crate) fn router(max: Max) -> Router {
    let ledger = of_ledger(max.ledger().clone());
    let routes = Router::new()
        .route("/bots", get(bots).post(add_bot))
        .route("/bots/{bot}/{deed}", post(of_bot))
        .route("/users", get(users).post(add_user))
        .route("/users/{user}/deactivate", post(deactivate))
        .route("/chats/{bot}/{user}", get(chat))
        .route("/chats/{bot}/{user}/messages/{message}", get(message))
        .route("/chats/{bot}/{user}/{action}", post(act))
        .route("/chats/{bot}/{user}/file", post(send_file))
        .route("/answers/{press}", get(answer))
        .route("/files/{file}", get(file))
        .route("/rates", get(rates).put(set_rates))
        .layer(DefaultBodyLimit::max(MAX_FILE))
        .merge(ledger)
        .with_state(max);
    Router::new().nest("/sandbox/max", routes)
}

async fn bots(State(max): State<Max>) -> Answer {
    done(max.bots())
}

#[derive(Deserialize)]
struct NewBot {
    id: i64,
    token: String,
    username: String,
    #[serde(default)]
    name: Option<String>,
}

async fn add_bot(State(max): State<Max>, Json(new): Json<NewBot>) -> Answer {
    max.add_bot(new.id, &new.token, &new.username)?;
    if let Some(name) = new.name {
        max.name_bot(new.id, &name)?;
    }
    done(json!({ "id": new.id }))
}

/// What is done with a bot; every deed reads the fields it needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Deed {
    count: usize,
    passed: bool,
}

async fn of_bot(State(max): State<Max>, Path((bot, deed)): Path<(i64, String)>, body: Bytes) -> Answer {
    let given: Deed = read(&body)?;
    match deed.as_str() {
        "revoke" => done(max.revoke(bot)?),
        "moderate" => done(max.moderate(bot, given.passed)?),
        "redeliver" => done(json!({ "count": max.redeliver(bot, given.count)? })),
        "forget_files" => done(json!({ "count": max.forget_files(bot) })),
        _ => Err(ActionError::Invalid(format!("a bot cannot {deed:?}: revoke, moderate, redeliver, forget_files"))),
    }
}

/// A body that may be empty.
fn read<T: Default + serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, ActionError> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| ActionError::Invalid(format!("the body is not as expected: {error}")))
}

async fn users(State(max): State<Max>) -> Answer {
    done(max.users())
}

async fn add_user(State(max): State<Max>, Json(user): Json<User>) -> Answer {
    max.add_user(user);
    done(true)
}

async fn deactivate(State(max): State<Max>, Path(user): Path<i64>) -> Answer {
    done(max.deactivate(user)?)
}

async fn chat(State(max): State<Max>, Path((bot, user)): Path<(i64, i64)>) -> Answer {
    done(max.chat(bot, user))
}

async fn message(State(max): State<Max>, Path((bot, user, message)): Path<(i64, i64, String)>) -> Answer {
    done(max.message(bot, user, &message).ok_or_else(|| ActionError::no_message(&message))?)
}

/// What a person does; every action reads the fields it needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Act {
    text: String,
    payload: Option<String>,
    reply_to: Option<String>,
    message: String,
    row: usize,
    column: usize,
    data: Option<String>,
    /// Seconds.
    seconds: Option<u64>,
    /// Somebody's contact instead of the person's own.
    phone: Option<String>,
    name: String,
    owner: Option<i64>,
    /// Whether the proof beside a contact is of another card.
    forged: bool,
}

async fn act(State(max): State<Max>, Path((bot, user, action)): Path<(i64, i64, String)>, body: Bytes) -> Answer {
    let act: Act = read(&body)?;
    match action.as_str() {
        "text" => done(json!({ "message": match &act.reply_to {
            Some(to) => max.reply(bot, user, to, &act.text)?,
            None => max.send_text(bot, user, &act.text)?,
        }})),
        "edit" => done(max.edit_text(bot, user, &act.message, &act.text)?),
        "remove" => done(max.remove_message(bot, user, &act.message)?),
        "start" => done(max.press_start(bot, user, act.payload.as_deref())?),
        "contact" => {
            let contact = match act.phone {
                Some(phone) => {
                    let proof = if act.forged { Proof::Wrong } else { Proof::Absent };
                    Contact { phone, name: act.name, owner: act.owner, proof }
                }
                None => Contact::own(&max, user)?,
            };
            done(json!({ "message": max.share(bot, user, contact)? }))
        }
        "press" => match act.data {
            Some(data) => done(json!({ "kind": "callback", "value": max.press_data(bot, user, &act.message, Some(&data))? })),
            None if !act.text.is_empty() => done(max.press_text(bot, user, &act.text)?),
            None => done(max.press(bot, user, &act.message, act.row, act.column)?),
        },
        "block" => done(max.block(bot, user)?),
        "unblock" => done(max.unblock(bot, user)?),
        "delete" => done(max.remove_dialogue(bot, user)?),
        "clear" => done(max.clear_dialogue(bot, user)?),
        "mute" => done(max.mute(bot, user, act.seconds.map(Duration::from_secs))?),
        "open" => done(max.open_chats(bot, [user])?),
        _ => Err(ActionError::Invalid(format!(
            "people cannot {action:?}: text, edit, remove, start, contact, press, file, block, unblock, delete, clear, mute, open"
        ))),
    }
}

#[derive(Deserialize)]
struct FileQuery {
    name: String,
    #[serde(default)]
    photo: bool,
    /// Another kind than a picture or a file.
    #[serde(default)]
    kind: Option<Kind>,
    #[serde(default)]
    caption: String,
}

/// The body is the file itself.
async fn send_file(State(max): State<Max>, Path((bot, user)): Path<(i64, i64)>, Query(query): Query<FileQuery>, data: Bytes) -> Answer {
    let kind = query.kind.unwrap_or(if query.photo { Kind::Image } else { Kind::File });
    done(json!({ "message": max.send_file(bot, user, Attachment { name: query.name, data, kind, caption: query.caption })? }))
}

async fn answer(State(max): State<Max>, Path(press): Path<String>) -> Answer {
    done(max.answer(&press))
}

async fn file(State(max): State<Max>, Path(token): Path<String>) -> Response {
    served(max.file(&token))
}

async fn rates(State(max): State<Max>) -> Answer {
    done(max.rates())
}

async fn set_rates(State(max): State<Max>, Json(rates): Json<Rates>) -> Answer {
    max.set_rates(rates);
    done(true)
}
