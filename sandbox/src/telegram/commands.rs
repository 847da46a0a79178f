//! `setMyCommands` and its kin: scopes, languages, and what a person's menu shows in the end.

use serde_json::{Value, json};

use super::{
    Telegram, clean,
    error::{ApiError, ApiResult},
    params::Params,
    state::{Bot, State},
};

/// The scope as a key, and the language; both may be absent.
fn key(state: &State, bot: i64, params: &Params) -> ApiResult<(String, String)> {
    let cannot = |reason: &str| ApiError::bad(format!("can't parse BotCommandScope: {reason}"));
    let scope = params.json("scope").map_err(|_| ApiError::bad("can't parse BotCommandScope JSON object"))?;
    let scope = scope.unwrap_or_else(|| json!({ "type": "default" }));
    if !scope.is_object() {
        return Err(cannot("BotCommandScope must be an Object"));
    }
    let kind = scope["type"].as_str().ok_or_else(|| cannot("Can't find field \"type\""))?;
    let key = match kind {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => kind.to_owned(),
        "chat" | "chat_administrators" | "chat_member" => {
            let chat = match &scope["chat_id"] {
                Value::Null => return Err(cannot("Can't find field \"chat_id\"")),
                Value::String(text) if text.is_empty() => return Err(cannot("Empty chat_id specified")),
                Value::String(text) => text.parse().ok(),
                value => value.as_i64(),
            };
            // Only a chat that the bot has: one that was never started is none.
            let known = |chat: &i64| state.chats.get(&(bot, *chat)).is_some_and(|chat| chat.started);
            let chat = chat.filter(known).ok_or_else(|| ApiError::bad("chat not found"))?;
            if kind != "chat" {
                return Err(ApiError::bad("can't use specified scope in private chats"));
            }
            format!("{kind}:{chat}")
        }
        _ => return Err(cannot("Unsupported type specified")),
    };
    let language = params.text("language_code").unwrap_or_default();
    if !language.is_empty() && (language.len() != 2 || !language.bytes().all(|b| b.is_ascii_lowercase())) {
        return Err(ApiError::bad("invalid language code specified"));
    }
    Ok((key, language))
}

pub(crate) fn set(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let mut state = telegram.state();
    let commands = params.json("commands").map_err(|_| ApiError::bad("can't parse commands JSON object"))?.unwrap_or_else(|| json!([]));
    let commands = commands.as_array().ok_or_else(|| ApiError::bad("expected an Array of BotCommand"))?;
    let key = key(&state, bot, params)?;
    if commands.len() > 100 {
        return Err(ApiError::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    let mut checked = Vec::new();
    for command in commands {
        let field = |name: &str| match command[name].as_str() {
            Some(text) => Ok(clean::text(text, &mut []).unwrap_or_default().trim().to_owned()),
            None => Err(ApiError::bad(format!("can't parse BotCommand: Can't find field \"{name}\""))),
        };
        let (name, description) = (field("command")?, field("description")?);
        let name = name.strip_prefix('/').unwrap_or(&name);
        for (what, text, most) in [("command", name, 32), ("command description", &description, 256)] {
            if text.is_empty() {
                return Err(ApiError::bad(format!("{what} must be non-empty")));
            }
            if text.chars().count() > most {
                return Err(ApiError::bad(format!("{what} length must not exceed {most}")));
            }
        }
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return Err(ApiError::bad("BOT_COMMAND_INVALID"));
        }
        checked.push(json!({ "command": name, "description": description }));
    }
    state.bot_mut(bot)?.commands.insert(key, Value::Array(checked));
    Ok(json!(true))
}

pub(crate) fn get(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let mut state = telegram.state();
    let key = key(&state, bot, params)?;
    Ok(state.bot_mut(bot)?.commands.get(&key).cloned().unwrap_or_else(|| json!([])))
}

pub(crate) fn delete(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let mut state = telegram.state();
    let key = key(&state, bot, params)?;
    state.bot_mut(bot)?.commands.remove(&key);
    Ok(json!(true))
}

/// The menu of one person in the private chat: the narrowest scope first, in it the person's
/// language first.
pub(crate) fn menu(bot: &Bot, user: i64, language: &str) -> Value {
    for scope in [format!("chat:{user}"), "all_private_chats".to_owned(), "default".to_owned()] {
        for language in [language, ""] {
            if let Some(commands) = bot.commands.get(&(scope.clone(), language.to_owned())) {
                return commands.clone();
            }
        }
    }
    json!([])
}
