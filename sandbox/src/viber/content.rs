//! What a message may be (contract, 2.2).

use serde_json::{Value, json};

use super::{
    error::{ViberError, ViberResult},
    keyboard,
    state::State,
};
use crate::view::{Button, File, Message};

const MB: u64 = 1024 * 1024;
/// Bytes of a whole message as JSON.
pub(crate) const MAX_JSON: usize = 30 * 1024;
const MAX_TEXT: usize = 7000;
const MAX_NAME: usize = 28;
const MAX_PHONE: usize = 18;
const MAX_TRACKING: usize = 4000;
const MAX_URL: usize = 2000;
const MAX_FILE_NAME: usize = 256;
const MAX_VIDEO: u64 = 26 * MB;
const MAX_FILE: u64 = 50 * MB;
/// Seconds.
const MAX_DURATION: u64 = 180;

/// A message that may be sent.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) kind: String,
    pub(crate) text: String,
    /// Where its file is, and what it is called.
    pub(crate) media: Option<(String, Option<String>, u64)>,
    pub(crate) rows: Vec<Vec<Button>>,
    pub(crate) contact: Option<String>,
    pub(crate) keyboard: Option<Value>,
    pub(crate) tracking: Option<String>,
    /// The lowest client that shows it.
    pub(crate) least: i64,
}

fn characters(value: &Value, name: &str, most: usize) -> ViberResult<String> {
    let text = value[name].as_str().ok_or_else(|| ViberError::missing(name))?;
    if text.chars().count() > most {
        return Err(ViberError::bad(format!("{name} is longer than {most}")));
    }
    Ok(text.to_owned())
}

fn required(value: &Value, name: &str, most: usize) -> ViberResult<String> {
    let text = characters(value, name, most)?;
    if text.is_empty() { Err(ViberError::missing(name)) } else { Ok(text) }
}

fn size(value: &Value, most: u64) -> ViberResult<u64> {
    let size = value["size"].as_u64().ok_or_else(|| ViberError::missing("size"))?;
    if size == 0 || size > most { Err(ViberError::bad("size")) } else { Ok(size) }
}

/// An address of media with an ending that says what it is.
fn media(value: &Value, endings: &[&str]) -> ViberResult<String> {
    let address = required(value, "media", MAX_URL)?;
    if !crate::links::is_safe(&address) {
        return Err(ViberError::bad("media is no https address"));
    }
    let path = url::Url::parse(&address).map(|parsed| parsed.path().to_ascii_lowercase()).unwrap_or_default();
    let right = endings.is_empty() || endings.iter().any(|ending| path.ends_with(ending));
    if right { Ok(address) } else { Err(ViberError::bad("media has another ending")) }
}

impl Content {
    pub(crate) fn read(state: &State, body: &Value) -> ViberResult<Self> {
        let settings = &state.settings;
        required(&body["sender"], "name", MAX_NAME)
            .map_err(|error| ViberError { message: format!("{}, of the sender", error.message), ..error })?;
        let least = match &body["min_api_version"] {
            Value::Null => 1,
            value => value.as_i64().filter(|version| *version >= 1).ok_or_else(|| ViberError::bad("min_api_version"))?,
        };
        let tracking = match &body["tracking_data"] {
            Value::Null => None,
            _ => Some(characters(body, "tracking_data", MAX_TRACKING)?),
        };
        let keyboard = match &body["keyboard"] {
            Value::Null => None,
            keyboard => Some(keyboard::check(keyboard, settings.button_text, least)?),
        };
        let kind = required(body, "type", 20)?;
        let mut content = Self {
            kind: kind.clone(),
            text: String::new(),
            media: None,
            rows: Vec::new(),
            contact: None,
            keyboard,
            tracking: tracking.filter(|data| !data.is_empty()),
            least,
        };
        match kind.as_str() {
            "text" => content.text = required(body, "text", MAX_TEXT)?,
            "picture" => {
                content.text = characters(body, "text", settings.caption)?;
                content.media = Some((media(body, &[".jpg", ".jpeg", ".png", ".gif"])?, None, 0));
            }
            "video" => {
                let bytes = size(body, MAX_VIDEO)?;
                if body["duration"].as_u64().is_some_and(|seconds| seconds > MAX_DURATION) {
                    return Err(ViberError::bad("duration"));
                }
                content.media = Some((media(body, &[".mp4"])?, Some("video.mp4".to_owned()), bytes));
            }
            "file" => {
                let (bytes, name) = (size(body, MAX_FILE)?, required(body, "file_name", MAX_FILE_NAME)?);
                let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
                // A name says what the file is; programs are refused.
                if ending.is_none_or(|ending| matches!(ending.as_str(), "exe" | "bat" | "msi" | "apk" | "sh" | "cmd" | "jar")) {
                    return Err(ViberError::bad("file_name"));
                }
                content.media = Some((media(body, &[])?, Some(name), bytes));
            }
            "url" => content.text = required(body, "media", MAX_URL)?,
            "contact" => {
                let name = required(&body["contact"], "name", MAX_NAME)?;
                content.contact = Some(required(&body["contact"], "phone_number", MAX_PHONE)?);
                content.text = name;
            }
            "location" => match (body["location"]["lat"].as_f64(), body["location"]["lon"].as_f64()) {
                (Some(lat), Some(lon)) if lat.abs() <= 90.0 && lon.abs() <= 180.0 => content.text = format!("{lat}, {lon}"),
                _ => return Err(ViberError::bad("location")),
            },
            "sticker" => {
                body["sticker_id"].as_i64().ok_or_else(|| ViberError::missing("sticker_id"))?;
            }
            "rich_media" => {
                if least < 2 {
                    return Err(ViberError::new(14));
                }
                content.rows = keyboard::carousel(&body["rich_media"], settings.button_text)?;
                if !body["alt_text"].is_null() {
                    content.text = characters(body, "alt_text", MAX_TEXT)?;
                }
            }
            _ => return Err(ViberError::bad(format!("type {kind}"))),
        }
        Ok(content)
    }

    /// The same for one person of a broadcast.
    pub(crate) fn for_one(&self, id: &str, name: &str) -> Self {
        let encoded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let text = self
            .text
            .replace("replace_me_with_receiver_id", id)
            .replace("replace_me_with_url_encoded_receiver_id", &encoded)
            .replace("replace_me_with_user_name", name);
        Self { text, ..self.clone() }
    }

    /// As the phone shows it.
    pub(crate) fn message(&self, token: u64, at: chrono::DateTime<chrono::Utc>) -> Message {
        let file = self.media.as_ref().map(|(address, name, size)| File {
            id: address.clone(),
            unique_id: address.clone(),
            name: name.clone(),
            size: *size,
            ..File::default()
        });
        let (photo, document) = if self.kind == "picture" { (file, None) } else { (None, file) };
        let (text, entities) = marked(&self.text, self.least);
        Message {
            id: token.to_string(),
            from_bot: true,
            at,
            text,
            entities,
            photo,
            document,
            contact: self.contact.clone(),
            buttons: self.rows.clone(),
            ..Message::default()
        }
    }
}

/// Marks of a text, which clients from level 7 on show (unconfirmed): `*bold*`, `_italic_`,
/// `~strike~`, and backticks three times for a fixed width.
fn marked(text: &str, least: i64) -> (String, Vec<Value>) {
    if least < 7 {
        return (text.to_owned(), Vec::new());
    }
    let marks = [("```", "code"), ("*", "bold"), ("_", "italic"), ("~", "strikethrough")];
    let (mut shown, mut entities, mut rest) = (String::new(), Vec::new(), text);
    while !rest.is_empty() {
        let found = marks.iter().find_map(|(mark, kind)| {
            let (inside, after) = rest.strip_prefix(mark)?.split_once(mark)?;
            (!inside.trim().is_empty() && !inside.contains('\n')).then_some((inside, after, kind))
        });
        if let Some((inside, after, kind)) = found {
            let units = |text: &str| text.encode_utf16().count();
            entities.push(json!({ "type": kind, "offset": units(&shown), "length": units(inside) }));
            shown.push_str(inside);
            rest = after;
        } else {
            let mut characters = rest.chars();
            shown.extend(characters.next());
            rest = characters.as_str();
        }
    }
    (shown, entities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_shown_by_newer_clients() {
        let (text, entities) = marked("*Анна*, _скидка_ 2*3", 7);
        assert_eq!((text.as_str(), entities.len()), ("Анна, скидка 2*3", 2));
        assert_eq!(marked("*Анна*", 1), ("*Анна*".to_owned(), Vec::new()));
    }
}
