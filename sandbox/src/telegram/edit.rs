//! Methods that change or remove a message that is there, and answers to button presses.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    Telegram,
    entities::utf16_len,
    error::{ApiError, ApiResult},
    keyboard, media,
    params::Params,
    send::{chat_id, read_caption, read_text},
    state::{Answer, FileKind, State, Stored},
};

/// How long a press may be answered.
const CALLBACK_LIFE: Duration = Duration::from_secs(15 * 60);

const TEXT: &[&str] = &["text", "entities", "link_preview_options"];
const CAPTION: &[&str] = &["caption", "caption_entities", "show_caption_above_media"];
const MEDIA: &[&str] = &["photo", "document", "caption", "caption_entities", "show_caption_above_media", "has_media_spoiler"];

struct Target {
    bot: i64,
    chat: i64,
    id: i64,
}

impl Target {
    fn read(bot: i64, params: &Params) -> ApiResult<Self> {
        let id = params.int("message_id").unwrap_or_default();
        if id == 0 && params.text("chat_id").unwrap_or_default().is_empty() {
            // No message of the sandbox was sent by way of another bot's line.
            let inline = params.text("inline_message_id").is_some_and(|id| !id.is_empty());
            return Err(ApiError::bad(if inline { "MESSAGE_ID_INVALID" } else { "message identifier is not specified" }));
        }
        Ok(Self { bot, chat: chat_id(params, "chat_id")?, id })
    }

    /// The bot's own message in a chat it may write to, sent without a keyboard under the input
    /// field. `whole`: what of it is to be edited, as the refusal names it.
    fn find<'a>(&self, state: &'a State, whole: &str) -> ApiResult<&'a Stored> {
        state.reachable(self.bot, self.chat)?;
        let message = state.message(self.bot, self.chat, self.id).ok_or_else(|| ApiError::bad("message to edit not found"))?;
        if !message.from_bot || message.fixed {
            return Err(ApiError::bad(format!("{whole} can't be edited")));
        }
        Ok(message)
    }

    /// Replaces the fields `replaced` by `content` and the keyboard by `markup`; nothing changed is
    /// an error.
    fn apply(&self, state: &mut State, replaced: &[&str], content: Map<String, Value>, markup: Option<Value>) -> ApiResult {
        let missing = || ApiError::bad("message to edit not found");
        let chat = state.chat_mut(self.bot, self.chat);
        let message = chat.messages.get_mut(&self.id).ok_or_else(missing)?;
        let mut edited = message.json.clone();
        edited.retain(|name, _| !replaced.contains(&name.as_str()) && name != "reply_markup");
        edited.extend(content);
        if let Some(markup) = markup {
            edited.insert("reply_markup".to_owned(), markup);
        }
        if same(&edited, &message.json) {
            return Err(ApiError::bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a current content and \
                 reply markup of the message",
            ));
        }
        edited.insert("edit_date".to_owned(), json!(Utc::now().timestamp()));
        message.edited += 1;
        message.json = edited.clone();
        Ok(Value::Object(edited))
    }
}

/// Compares what a person sees: an upload of the same picture is the same content though its ids
/// are new.
fn same(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    let seen = |message: &Map<String, Value>| {
        let mut message = message.clone();
        let unique = media::unique_id(&message);
        for name in FileKind::ALL.map(FileKind::field).into_iter().chain(["edit_date"]) {
            message.remove(name);
        }
        (message, unique)
    };
    seen(a) == seen(b)
}

pub(crate) fn text(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let content = read_text(params)?;
    let markup = keyboard::read_inline(params)?;
    let target = Target::read(bot, params)?;
    let mut state = telegram.state();
    if !target.find(&state, "message")?.json.contains_key("text") {
        return Err(ApiError::bad("there is no text in the message to edit"));
    }
    target.apply(&mut state, TEXT, content, markup)
}

pub(crate) fn caption(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let markup = keyboard::read_inline(params)?;
    let content = read_caption(params)?;
    let target = Target::read(bot, params)?;
    let mut state = telegram.state();
    let message = target.find(&state, "message")?;
    if !FileKind::of(&message.json).is_some_and(FileKind::has_caption) {
        return Err(ApiError::bad("there is no caption in the message to edit"));
    }
    target.apply(&mut state, CAPTION, content, markup)
}

pub(crate) async fn media(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let markup = keyboard::read_inline(params)?;
    let item = params.json("media").map_err(|_| ApiError::bad("can't parse input media JSON object"))?;
    let item = item.ok_or_else(|| ApiError::bad("parameter \"media\" is required"))?;
    let (media, mut content) = media::read_input(params, &item, false).await?;
    let target = Target::read(bot, params)?;
    let mut state = telegram.state();
    // A text message may become one with media (since Bot API 9.x); its text goes.
    let now = &target.find(&state, "message media")?.json;
    if now.contains_key("media_group_id") && !now.contains_key(media.kind().field()) {
        return Err(ApiError::bad("can't change media type in the album"));
    }
    content.insert(media.kind().field().to_owned(), media.store(&mut state, bot)?);
    let replaced: Vec<&str> = MEDIA.iter().chain(TEXT).copied().collect();
    target.apply(&mut state, &replaced, content, markup)
}

pub(crate) fn markup(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let markup = keyboard::read_inline(params)?;
    let target = Target::read(bot, params)?;
    let mut state = telegram.state();
    target.find(&state, "message")?;
    target.apply(&mut state, &[], Map::new(), markup)
}

pub(crate) fn delete(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    if params.text("chat_id").unwrap_or_default().is_empty() {
        return Err(ApiError::bad("chat identifier is not specified"));
    }
    let chat = chat_id(params, "chat_id")?;
    let id = params.int("message_id").filter(|id| *id != 0).ok_or_else(|| ApiError::bad("message identifier is not specified"))?;
    let mut state = telegram.state();
    known(&state, bot, chat)?;
    remove(&mut state, bot, chat, id)?;
    Ok(json!(true))
}

pub(crate) fn delete_many(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let ids = params.json("message_ids")?;
    let ids = ids.ok_or_else(|| ApiError::bad("message identifiers are not specified"))?;
    let ids = ids.as_array().ok_or_else(|| ApiError::bad("expected an Array of message identifiers"))?;
    if !(1..=100).contains(&ids.len()) {
        return Err(ApiError::bad(if ids.is_empty() {
            "message identifiers are not specified"
        } else {
            "too many message identifiers specified"
        }));
    }
    let mut numbers = Vec::new();
    for id in ids {
        let number = match id {
            Value::String(text) => text.parse::<i32>().ok(),
            Value::Number(number) => number.as_i64().and_then(|number| number.try_into().ok()),
            _ => return Err(ApiError::bad("message identifier must be a Number")),
        };
        let number = number.ok_or_else(|| ApiError::bad("can't parse message identifier as a Number"))?;
        if number <= 0 {
            return Err(ApiError::bad("invalid message identifier specified"));
        }
        numbers.push(i64::from(number));
    }
    let chat = chat_id(params, "chat_id")?;
    let mut state = telegram.state();
    known(&state, bot, chat)?;
    // Messages that are not there are skipped, as documented.
    for id in numbers {
        let _ = remove(&mut state, bot, chat, id);
    }
    Ok(json!(true))
}

/// A chat the bot has, of a person who is there.
fn known(state: &State, bot: i64, chat: i64) -> ApiResult<()> {
    if !state.chats.contains_key(&(bot, chat)) {
        return Err(ApiError::bad("chat not found"));
    }
    if state.users.get(&chat).is_some_and(|user| user.deactivated) {
        return Err(ApiError::forbidden("user is deactivated"));
    }
    Ok(())
}

/// In a private chat a bot may delete its own and the person's messages, within 48 hours.
fn remove(state: &mut State, bot: i64, chat: i64, id: i64) -> ApiResult<()> {
    let missing = || ApiError::bad("message to delete not found");
    let message = state.chat_mut(bot, chat).messages.get_mut(&id).filter(|message| !message.deleted).ok_or_else(missing)?;
    if Utc::now() - message.at > TimeDelta::hours(48) {
        return Err(ApiError::bad("message can't be deleted"));
    }
    message.deleted = true;
    Ok(())
}

pub(crate) fn answer(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let text = params.text("text").filter(|text| !text.is_empty());
    if text.as_deref().is_some_and(|text| utf16_len(text) > 200) {
        return Err(ApiError::bad("MESSAGE_TOO_LONG"));
    }
    let id = params.text("callback_query_id").unwrap_or_default();
    let mut state = telegram.state();
    let old = || ApiError::bad("query is too old and response timeout expired or query ID is invalid");
    let callback = state.callbacks.get_mut(&id).filter(|callback| callback.bot == bot).ok_or_else(old)?;
    if callback.expired || callback.at.elapsed() > CALLBACK_LIFE {
        return Err(old());
    }
    let answer = Answer { text, show_alert: params.flag("show_alert"), url: params.text("url") };
    let user = callback.user;
    callback.answer = Some(answer.clone());
    state.chat_mut(bot, user).toast = Some((id, answer));
    Ok(json!(true))
}
