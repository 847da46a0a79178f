//! The methods of the API.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Viber, callbacks,
    error::{ViberError, ViberResult},
    send,
    state::user_id,
};

/// People of one `get_online`.
const MOST: usize = 100;

/// Whose chat a call is about, where it says one.
pub(crate) fn person(viber: &Viber, bot: i64, body: &Value) -> Option<i64> {
    viber.quiet().by_id(bot, body["receiver"].as_str().or_else(|| body["id"].as_str())?)
}

/// Carries a method out, faults not; gives the answer without its status.
pub(crate) async fn call(viber: &Viber, bot: i64, method: &str, body: &Value) -> ViberResult {
    if let Some(status) = viber.quiet().bot_mut(bot)?.trouble {
        return Err(ViberError::new(status));
    }
    match method {
        "set_webhook" => callbacks::set(viber, bot, body).await,
        "get_account_info" => account(viber, bot),
        "send_message" => send::message(viber, bot, body),
        "broadcast_message" => send::broadcast(viber, bot, body),
        "get_user_details" => details(viber, bot, body),
        "get_online" => online(viber, bot, body),
        _ => Err(ViberError::bad(format!("method {method}"))),
    }
}

fn account(viber: &Viber, bot: i64) -> ViberResult {
    let mut state = viber.quiet();
    let subscribers = state.dialogues.iter().filter(|((of, _), chat)| *of == bot && chat.subscribed).count();
    let found = state.bot_mut(bot)?;
    let mut shown = json!({ "id": format!("pa:{}", found.id), "chat_hostname": super::state::HOST, "name": found.name, "uri": found.uri,
        "icon": "https://media-direct.cdn.viber.com/pg_download?id=1", "category": "Companies, Brands & Products",
        "subcategory": "Product", "country": "BY", "subscribers_count": subscribers,
        "members": [{ "id": user_id(bot, 0), "name": "admin", "avatar": "", "role": "admin" }] });
    if let Some(hook) = &found.hook {
        shown["webhook"] = json!(hook.url);
        shown["event_types"] = json!(hook.shown());
    }
    Ok(shown)
}

fn details(viber: &Viber, bot: i64, body: &Value) -> ViberResult {
    let id = body["id"].as_str().ok_or_else(|| ViberError::missing("id"))?;
    let mut state = viber.quiet();
    let user = state.by_id(bot, id).ok_or_else(|| ViberError::new(5))?;
    let (now, most) = (state.now(), state.settings.details);
    if !state.chat_mut(bot, user).details.take(most, TimeDelta::hours(12), now) {
        return Err(ViberError::new(12));
    }
    let mut shown = state.shown(bot, user);
    shown["name"] = json!(state.users.get(&user).map(|person| person.first_name.clone()));
    shown["primary_device_os"] = json!("Android 14");
    shown["viber_version"] = json!("21.0.0");
    (shown["mcc"], shown["mnc"], shown["device_type"]) = (json!(257), json!(1), json!("Pixel 8"));
    Ok(json!({ "message_token": state.token(), "user": shown }))
}

fn online(viber: &Viber, bot: i64, body: &Value) -> ViberResult {
    let ids = body["ids"].as_array().ok_or_else(|| ViberError::missing("ids"))?;
    if ids.len() > MOST {
        return Err(ViberError::bad(format!("ids has at most {MOST} people")));
    }
    let state = viber.quiet();
    let shown = ids.iter().filter_map(Value::as_str).map(|id| match state.by_id(bot, id) {
        Some(user) => {
            let off = state.chat(bot, user).is_some_and(|chat| chat.phone.off);
            json!({ "id": id, "online_status": u8::from(off), "online_status_message": if off { "offline" } else { "online" } })
        }
        None => json!({ "id": id, "online_status": 3, "online_status_message": "tryLater" }),
    });
    Ok(json!({ "users": shown.collect::<Vec<_>>() }))
}
