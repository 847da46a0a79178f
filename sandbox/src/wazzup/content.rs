//! What a message may be (contract, 2.1, 2.3 and 2.4).

use serde_json::{Value, json};

use super::{
    error::{WazzupError, WazzupResult},
    state::State,
    templates,
    transport::Transport,
};
use crate::view::{Button, File};

/// A message that may be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) text: String,
    /// `contentUri`.
    pub(crate) address: Option<String>,
    pub(crate) buttons: Vec<Vec<Button>>,
    pub(crate) template: bool,
    /// The message it quotes.
    pub(crate) quoted: Option<String>,
}

impl Content {
    pub(crate) fn read(state: &State, account: i64, transport: Transport, body: &Value) -> WazzupResult<Self> {
        let settings = &state.settings;
        let given = |name: &str| body[name].as_str().map(str::to_owned);
        let (text, address, template) = (given("text"), given("contentUri"), given("templateId"));
        for name in ["text", "contentUri", "templateId"] {
            if !body[name].is_null() && !body[name].is_string() {
                return Err(WazzupError::fields(&[name]));
            }
        }
        if [text.is_some(), address.is_some(), template.is_some()].iter().filter(|given| **given).count() > 1 {
            return Err(WazzupError::new("MESSAGE_ONLY_TEXT_OR_CONTENT", "Message can contain text or content. Not all at once."));
        }
        let quoted = given("refMessageId");
        if quoted.as_ref().is_some_and(|id| state.message(id).is_none()) {
            return Err(WazzupError::new("REFERENCE_MESSAGE_NOT_FOUND", "Quoted message is not found."));
        }
        let inline =
            text.as_deref().and_then(|text| templates::inline(text, &settings.inline_separator)).filter(|_| transport == Transport::Wapi);
        let named =
            template.map(|guid| (guid, values(&body["templateValues"]))).or_else(|| inline.map(|(guid, values)| (guid, Ok(values))));
        if let Some((guid, values)) = named {
            if transport != Transport::Wapi {
                return Err(WazzupError::fields(&["templateId"]));
            }
            let account = state.accounts.get(&account).ok_or_else(|| WazzupError::bare(401))?;
            let (text, mut buttons) = templates::filled(account, settings, &guid, &values?)?;
            for (button, wanted) in buttons.iter_mut().flatten().zip(body["buttonsObject"]["buttons"].as_array().into_iter().flatten()) {
                button.data = wanted["payload"].as_str().map(str::to_owned);
            }
            return Ok(Self { text, buttons, template: true, quoted, ..Self::default() });
        }
        let buttons = buttons(transport, &body["buttonsObject"])?;
        if let Some(address) = address {
            if !crate::links::is_safe(&address) {
                return Err(WazzupError::fields(&["contentUri"]));
            }
            return Ok(Self { address: Some(address), buttons, quoted, ..Self::default() });
        }
        let text = text.ok_or_else(|| WazzupError::new("MESSAGE_NOTHING_TO_SEND", "Message has no text and no content."))?;
        if text.trim().is_empty() {
            return Err(WazzupError::new("MESSAGES_TEXT_CAN_NOT_BE_BLANK", "Text can not be blank."));
        }
        let (most, code) = transport.text(settings);
        if text.chars().count() > most {
            return Err(WazzupError::new(code, format!("Text is longer than {most}.")));
        }
        Ok(Self { text, buttons, quoted, ..Self::default() })
    }
}

fn values(list: &Value) -> WazzupResult<Vec<String>> {
    let wrong = || WazzupError::fields(&["templateValues"]);
    match list {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => list.iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong)).collect(),
        _ => Err(wrong()),
    }
}

/// `buttonsObject` has another shape in every messenger.
fn buttons(transport: Transport, object: &Value) -> WazzupResult<Vec<Vec<Button>>> {
    if object.is_null() {
        return Ok(Vec::new());
    }
    let wrong = || WazzupError::fields(&["buttonsObject"]);
    let list = object["buttons"].as_array().ok_or_else(wrong)?;
    let text = |button: &Value, most: usize| -> WazzupResult<String> {
        let text = button["text"].as_str().filter(|text| (1..=most).contains(&text.chars().count()));
        text.map(str::to_owned).ok_or_else(wrong)
    };
    let given = |button: &Value, name: &str| button[name].as_str().map(str::to_owned);
    match transport {
        Transport::Wapi if list.len() <= 10 => {
            let one = |button: &Value| match button["type"].as_str() {
                Some("text") => Ok(vec![Button {
                    text: text(button, 20)?,
                    kind: "text".to_owned(),
                    data: given(button, "payload"),
                    ..Button::default()
                }]),
                _ => Err(wrong()),
            };
            list.iter().map(one).collect()
        }
        Transport::Telegram | Transport::Maxbot => {
            let kind = |button: &Value| match transport {
                Transport::Maxbot => given(button, "type").filter(|kind| matches!(kind.as_str(), "callback" | "link" | "message")),
                _ => Some(if button["url"].is_string() { "link" } else { "callback" }.to_owned()),
            };
            let one = |button: &Value| {
                let data = given(button, "payload").or_else(|| given(button, "callbackData"));
                Ok(Button {
                    text: text(button, 64)?,
                    kind: kind(button).ok_or_else(wrong)?,
                    data,
                    url: given(button, "url"),
                    ..Button::default()
                })
            };
            list.iter().map(|row| row.as_array().ok_or_else(wrong)?.iter().map(one).collect()).collect()
        }
        _ => Err(wrong()),
    }
}

/// The kind of a file in webhooks, by its MIME type or ending.
pub(crate) fn kind(mime: &str, address: &str) -> &'static str {
    let ending = address.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match (mime.split('/').next().unwrap_or_default(), ending.as_str()) {
        ("image", _) | (_, "jpg" | "jpeg" | "png" | "gif" | "webp") => "image",
        ("audio", _) | (_, "mp3" | "ogg") => "audio",
        ("video", _) | (_, "mp4") => "video",
        _ => "document",
    }
}

/// A file at an address that was not fetched.
pub(crate) fn elsewhere(address: &str) -> File {
    let name = address.rsplit('/').next().map(str::to_owned);
    File { id: address.to_owned(), unique_id: address.to_owned(), name, ..File::default() }
}

/// What a message of ours or of theirs shows in webhooks besides its place.
pub(crate) fn shown(kind: &str, text: &str, address: Option<&str>) -> Value {
    let mut shown = json!({ "type": kind });
    if !text.is_empty() {
        shown["text"] = json!(text);
    }
    if let Some(address) = address {
        shown["contentUri"] = json!(address);
    }
    shown
}
