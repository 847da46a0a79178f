//! Keyboards: what a button may be, how many there may be, and what Telegram says otherwise.

use serde_json::{Map, Value, json};

use super::{
    clean,
    entities::utf16_len,
    error::{ApiError, ApiResult},
    params::Params,
};

/// Buttons an inline keyboard may hold, all rows together.
const MAX_BUTTONS: usize = 100;

/// A checked `reply_markup`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Markup {
    /// `{inline_keyboard}` as it stands in the message.
    Inline(Value),
    /// A keyboard under the input field.
    Reply(Value),
    /// Takes such a keyboard away.
    Remove,
    /// Makes the client reply.
    Force(Value),
}

impl Markup {
    /// The inline keyboard for a message; an empty one is none.
    pub(crate) fn inline(&self) -> Option<&Value> {
        match self {
            Self::Inline(keyboard) => keyboard["inline_keyboard"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(keyboard),
            _ => None,
        }
    }
}

pub(crate) fn read(params: &Params) -> ApiResult<Option<Markup>> {
    let value = params.json("reply_markup").map_err(|_| ApiError::bad("can't parse reply keyboard markup JSON object"))?;
    let Some(value) = value else { return Ok(None) };
    let Some(object) = value.as_object() else { return Err(ApiError::bad("object expected as reply markup")) };
    let given = |name: &str| object.get(name).filter(|value| !value.is_null());
    let is = |names: [&str; 2]| names.iter().any(|name| given(name) == Some(&Value::Bool(true)));
    // Of several the first that has a row counts; all of them are read.
    let keyboard = given("keyboard").map(|rows| reply(object, rows)).transpose()?;
    let rows = given("inline_keyboard").map(inline).transpose()?;
    let rows_of = |name: &str| given(name).and_then(Value::as_array).is_some_and(|rows| !rows.is_empty());
    if let Some(keyboard) = keyboard.filter(|_| rows_of("keyboard")) {
        // Without a button there is no keyboard.
        return Ok(keyboard["keyboard"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(Markup::Reply(keyboard)));
    }
    if is(["remove_keyboard", "hide_keyboard"]) && !rows_of("inline_keyboard") {
        return Ok(Some(Markup::Remove));
    }
    if is(["force_reply", "force_reply_keyboard"]) && !rows_of("inline_keyboard") {
        return Ok(Some(Markup::Force(value)));
    }
    Ok(rows.map(|rows| Markup::Inline(json!({ "inline_keyboard": rows }))))
}

/// For edits, which take inline keyboards only.
pub(crate) fn read_inline(params: &Params) -> ApiResult<Option<Value>> {
    match read(params)? {
        None => Ok(None),
        Some(markup @ Markup::Inline(_)) => Ok(markup.inline().cloned()),
        Some(_) => Err(ApiError::bad("inline keyboard expected")),
    }
}

fn rows(value: &Value, what: &str) -> ApiResult<Vec<Vec<Value>>> {
    let owner = if what == "inline_keyboard" { " of the InlineKeyboardMarkup" } else { "" };
    let wrong = || ApiError::bad(format!("field \"{what}\"{owner} must be an Array of Arrays"));
    let mut out = Vec::new();
    let mut count = 0;
    for row in value.as_array().ok_or_else(|| ApiError::bad(format!("field \"{what}\" must be of type Array")))? {
        let row = row.as_array().ok_or_else(wrong)?;
        count += row.len();
        if !row.is_empty() {
            out.push(row.clone());
        }
    }
    if count > MAX_BUTTONS {
        return Err(ApiError::bad("reply markup is too long"));
    }
    Ok(out)
}

/// Fields one of which, exactly, says what an inline button does.
const ACTIONS: &[&str] = &[
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
];

fn inline(value: &Value) -> ApiResult<Vec<Vec<Value>>> {
    let mut rows = rows(value, "inline_keyboard")?;
    for row in &mut rows {
        let buttons = std::mem::take(row);
        // A button without a text is left out without a word.
        *row = buttons.iter().map(inline_button).collect::<ApiResult<Vec<_>>>()?.into_iter().flatten().collect();
    }
    rows.retain(|row| !row.is_empty());
    Ok(rows)
}

fn inline_button(button: &Value) -> ApiResult<Option<Value>> {
    let cannot = |reason: &str| ApiError::bad(format!("can't parse inline keyboard button: {reason}"));
    let object = button.as_object().ok_or_else(|| cannot("InlineKeyboardButton must be an Object"))?;
    let text = match object.get("text") {
        None => return Err(cannot("Can't find field \"text\"")),
        Some(text) => text.as_str().ok_or_else(|| cannot("Field \"text\" must be of type String"))?,
    };
    let text = clean::text(text, &mut []).unwrap_or_default();
    // An empty link and empty data are as none.
    let used = |name: &&str| object.get(*name).is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
    let actions: Vec<&str> = ACTIONS.iter().copied().filter(used).collect();
    let [action] = actions[..] else {
        // The real server silently takes the first of several; the contract says exactly one, so
        // the double is stricter.
        return Err(cannot(if actions.is_empty() {
            "Text buttons are unallowed in the inline keyboard"
        } else {
            "exactly one of the optional fields must be used"
        }));
    };
    if text.is_empty() {
        return Ok(None);
    }
    let value = &object[action];
    let mut out = Map::from_iter([("text".to_owned(), json!(text))]);
    match action {
        "callback_data" => {
            let data = value.as_str().ok_or_else(|| cannot("Field \"callback_data\" must be of type String"))?;
            if data.len() > 64 {
                return Err(ApiError::bad("BUTTON_DATA_INVALID"));
            }
            out.insert(action.to_owned(), value.clone());
        }
        "url" => {
            let target = button_url(value.as_str().unwrap_or_default(), "URL")?;
            out.insert(action.to_owned(), json!(target));
        }
        // Shown as ordinary url buttons in the message, as the real server does.
        "login_url" => {
            let target = button_url(value["url"].as_str().unwrap_or_default(), "login URL")?;
            out.insert("url".to_owned(), json!(target));
        }
        "web_app" => {
            let given = value["url"].as_str().unwrap_or_default();
            let target = button_url(given, "Web App URL")?;
            if !target.starts_with("https://") {
                return Err(ApiError::bad(format!(
                    "inline keyboard button Web App URL '{given}' is invalid: Only HTTPS links are allowed"
                )));
            }
            out.insert(action.to_owned(), json!({ "url": target }));
        }
        "copy_text" => {
            let copied = value["text"].as_str().unwrap_or_default();
            if !(1..=256).contains(&utf16_len(copied)) {
                return Err(ApiError::bad("BUTTON_COPY_TEXT_INVALID"));
            }
            out.insert(action.to_owned(), json!({ "text": copied }));
        }
        _ => {
            out.insert(action.to_owned(), value.clone());
        }
    }
    if let Some(style) = object.get("style") {
        match style.as_str().unwrap_or("?").to_ascii_lowercase().as_str() {
            style @ ("danger" | "success" | "primary") => drop(out.insert("style".to_owned(), json!(style))),
            "" | "default" => {}
            _ => return Err(cannot("invalid button style specified")),
        }
    }
    if let Some(icon) = object.get("icon_custom_emoji_id") {
        out.insert("icon_custom_emoji_id".to_owned(), icon.clone());
    }
    Ok(Some(Value::Object(out)))
}

/// A URL a button may open: `http`, `https`, `tg` or `ton` with a plausible host; a bare `ex.ru/a`
/// gets `http://`. `what` it is, for the refusal.
fn button_url(raw: &str, what: &str) -> ApiResult<String> {
    let invalid = |why: &str| ApiError::bad(format!("inline keyboard button {what} '{raw}' is invalid: {why}"));
    let lower = raw.to_ascii_lowercase();
    let own = ["tg", "ton", "tonsite"].into_iter().find(|protocol| lower.starts_with(&format!("{protocol}:")));
    let full = match raw.split_once("://") {
        Some((protocol, _)) if own.is_none() && !["http", "https"].contains(&protocol.to_ascii_lowercase().as_str()) => {
            return Err(invalid("Unsupported URL protocol"));
        }
        Some(_) => raw.trim_end().to_owned(),
        None if own.is_some() => raw.trim_end().replacen(':', "://", 1),
        None => format!("http://{}", raw.trim_end()),
    };
    let host = full.split_once("://").map_or("", |(_, rest)| rest);
    let host = &host[..host.find(['/', '?', '#']).unwrap_or(host.len())];
    if host.is_empty() {
        return Err(invalid("URL host is empty"));
    }
    if own.is_none() {
        let name = host.rsplit_once('@').map_or(host, |(_, name)| name);
        let (name, port) = match name.rsplit_once(':') {
            Some((name, port)) if !name.ends_with(']') || !name.starts_with('[') || port.bytes().all(|b| b.is_ascii_digit()) => {
                (name, Some(port))
            }
            _ => (name, None),
        };
        if port.is_some_and(|port| !port.parse::<u32>().is_ok_and(|port| (1..=65_535).contains(&port))) {
            return Err(invalid("Wrong port number specified in the URL"));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || ".-_!$,~*'();&+=%".contains(c);
        if !name.starts_with('[') && !name.chars().all(allowed) {
            return Err(invalid("Disallowed character in URL host"));
        }
        // `localhost` is the sandbox's own.
        if !name.contains('.') && !name.starts_with('[') && name != "localhost" {
            return Err(invalid("Wrong HTTP URL"));
        }
    }
    // A path alone is written out, blanks of one are escaped; the rest stays as it was given.
    let full: String = full.chars().map(|c| if c <= ' ' { format!("%{:02X}", u32::from(c)) } else { c.to_string() }).collect();
    let bare = full.split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '?', '#']));
    Ok(if bare { format!("{full}/") } else { full })
}

fn reply(object: &Map<String, Value>, value: &Value) -> ApiResult<Value> {
    let cannot = |reason: &str| ApiError::bad(format!("can't parse keyboard button: {reason}"));
    let mut rows = rows(value, "keyboard")?;
    for button in rows.iter_mut().flatten() {
        if let Value::String(text) = button {
            *button = json!({ "text": text });
        }
        let object = button.as_object().ok_or_else(|| cannot("KeyboardButton must be a String or an Object"))?;
        if object.get("text").is_none_or(|text| !text.is_string()) {
            return Err(cannot("Field \"text\" must be of type String"));
        }
        let requests = ["request_contact", "request_location", "request_poll", "request_users", "request_chat", "web_app"];
        let used = requests.iter().filter(|name| object.get(**name).is_some_and(|value| !value.is_null() && value != &json!(false)));
        if used.count() > 1 {
            return Err(cannot("at most one of the optional fields must be used"));
        }
    }
    // A button without a text is left out without a word.
    rows.iter_mut().for_each(|row| row.retain(|button| button["text"] != ""));
    rows.retain(|row| !row.is_empty());
    if let Some(placeholder) = object.get("input_field_placeholder").and_then(Value::as_str)
        && !(1..=64).contains(&utf16_len(placeholder))
    {
        return Err(ApiError::bad("input field placeholder must be of 1-64 characters"));
    }
    let mut out = Map::from_iter([("keyboard".to_owned(), json!(rows))]);
    for name in ["resize_keyboard", "one_time_keyboard", "is_persistent", "input_field_placeholder"] {
        if let Some(value) = object.get(name) {
            out.insert(name.to_owned(), value.clone());
        }
    }
    Ok(Value::Object(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markup(value: Value) -> ApiResult<Option<Markup>> {
        let mut params = Params::default();
        params.values.insert("reply_markup".to_owned(), value);
        read(&params)
    }

    fn button(fields: Value) -> Result<(), String> {
        markup(json!({ "inline_keyboard": [[fields]] })).map(|_| ()).map_err(|error| error.description)
    }

    #[test]
    fn inline_buttons_have_exactly_one_action_within_limits() {
        assert!(button(json!({ "text": "ok", "callback_data": "я".repeat(32) })).is_ok());
        assert!(button(json!({ "text": "ok", "url": "https://ex.ru/a?b=c" })).is_ok());
        assert!(button(json!({ "text": "ok", "url": "ex.ru" })).is_ok());
        let kept = markup(json!({ "inline_keyboard": [[{ "text": "ok", "url": "ex.ru/a b " }]] })).unwrap().unwrap();
        assert_eq!(kept.inline().unwrap()["inline_keyboard"][0][0]["url"], "http://ex.ru/a%20b");
        assert!(button(json!({ "text": "ok", "copy_text": { "text": "promo" } })).is_ok());
        for (fields, error) in [
            (json!({ "text": "a", "callback_data": "я".repeat(33) }), "Bad Request: BUTTON_DATA_INVALID"),
            (
                json!({ "text": "a", "callback_data": "" }),
                "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            ),
            (
                json!({ "text": "a", "url": "javascript:alert(1)" }),
                "Bad Request: inline keyboard button URL 'javascript:alert(1)' is invalid: Wrong port number specified in the URL",
            ),
            (
                json!({ "text": "a", "url": "ftp://ex.ru" }),
                "Bad Request: inline keyboard button URL 'ftp://ex.ru' is invalid: Unsupported URL protocol",
            ),
            (
                json!({ "text": "a", "url": "not a url" }),
                "Bad Request: inline keyboard button URL 'not a url' is invalid: Disallowed character in URL host",
            ),
            (
                json!({ "text": "a", "url": "https://host" }),
                "Bad Request: inline keyboard button URL 'https://host' is invalid: Wrong HTTP URL",
            ),
            (json!({ "text": "a" }), "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
            (
                json!({ "text": "a", "url": "https://ex.ru", "callback_data": "x" }),
                "Bad Request: can't parse inline keyboard button: exactly one of the optional fields must be used",
            ),
        ] {
            assert_eq!(button(fields).unwrap_err(), error);
        }
    }

    #[test]
    fn a_button_without_a_text_is_left_out() {
        let kept =
            markup(json!({ "inline_keyboard": [[{ "text": "", "callback_data": "x" }], [{ "text": "a\u{0}", "callback_data": "x" }]] }));
        assert_eq!(kept.unwrap().unwrap().inline().unwrap()["inline_keyboard"], json!([[{ "text": "a ", "callback_data": "x" }]]));
        assert_eq!(markup(json!({ "keyboard": [[""]] })).unwrap(), None);
    }

    #[test]
    fn a_hundred_buttons_and_no_more() {
        let rows = |count: usize| json!({ "inline_keyboard": vec![vec![json!({ "text": "a", "callback_data": "x" }); 5]; count] });
        assert!(markup(rows(20)).is_ok());
        assert_eq!(markup(rows(21)).unwrap_err().description, "Bad Request: reply markup is too long");
    }

    #[test]
    fn markup_may_be_json_text_and_reply_keyboards_strings() {
        let read = markup(json!(r#"{"keyboard":[["Да",{"text":"Телефон","request_contact":true}]],"resize_keyboard":true}"#)).unwrap();
        let Some(Markup::Reply(keyboard)) = read else { panic!("{read:?}") };
        assert_eq!(keyboard["keyboard"][0][0]["text"], "Да");
        assert_eq!(keyboard["keyboard"][0][1]["request_contact"], true);
        assert_eq!(markup(json!({ "remove_keyboard": true })).unwrap(), Some(Markup::Remove));
    }
}
