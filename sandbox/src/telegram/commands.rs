//! `setMyCommands` and its kin: scopes, languages, and what a person's menu shows in the end.

use serde_json::{Value, json};

use super::{
    Telegram,
    error::{ApiError, ApiResult},
    params::Params,
    state::Bot,
};

/// The scope as a key, and the language; both may be absent.
fn key(params: &Params) -> ApiResult<(String, String)> {
    let scope = params.json("scope")?.unwrap_or_else(|| json!({ "type": "default" }));
    let kind = scope["type"].as_str().unwrap_or_default();
    let key = match kind {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => kind.to_owned(),
        "chat" | "chat_administrators" | "chat_member" => {
            let chat = match &scope["chat_id"] {
                Value::String(text) => text.parse().ok(),
                value => value.as_i64(),
            };
            format!("{kind}:{}", chat.ok_or_else(|| ApiError::bad("chat not found"))?)
        }
        _ => return Err(ApiError::bad("can't parse BotCommandScope: unsupported type specified")),
    };
    let language = params.text("language_code").unwrap_or_default();
    if !language.is_empty() && (language.len() != 2 || !language.bytes().all(|b| b.is_ascii_lowercase())) {
        return Err(ApiError::bad("invalid language code specified"));
    }
    Ok((key, language))
}

pub(crate) fn set(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let key = key(params)?;
    let commands = params.json("commands")?;
    let commands = commands.as_ref().and_then(Value::as_array).ok_or_else(|| ApiError::bad("can't parse commands JSON object"))?;
    if commands.len() > 100 {
        return Err(ApiError::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    let mut checked = Vec::new();
    for command in commands {
        let name = command["command"].as_str().unwrap_or_default().trim_start_matches('/');
        let description = command["description"].as_str().unwrap_or_default();
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !plain || !(1..=32).contains(&name.len()) {
            return Err(ApiError::bad("BOT_COMMAND_INVALID"));
        }
        if !(1..=256).contains(&description.chars().count()) {
            return Err(ApiError::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
        checked.push(json!({ "command": name, "description": description }));
    }
    telegram.state().bot_mut(bot)?.commands.insert(key, Value::Array(checked));
    Ok(json!(true))
}

pub(crate) fn get(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let key = key(params)?;
    let mut state = telegram.state();
    Ok(state.bot_mut(bot)?.commands.get(&key).cloned().unwrap_or_else(|| json!([])))
}

pub(crate) fn delete(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let key = key(params)?;
    telegram.state().bot_mut(bot)?.commands.remove(&key);
    Ok(json!(true))
}

/// The menu of one person in the private chat: the narrowest scope first, in it the person's language first.
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
