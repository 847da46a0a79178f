//! Messages that are no templates: what they must be like, and what the person sees of them.

use std::collections::HashSet;

use axum::body::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use super::error::{GraphError, GraphResult};

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Button {
    /// What stands on it.
    pub text: String,
    /// `quick_reply` (of a template), `reply`, `list`, `url`, `phone_number`, `copy_code`, `other`.
    pub kind: &'static str,
    /// What a press tells the business: the payload or the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// The page it opens, the phone it calls, the code it copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
}

/// A message as the person sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Shown {
    /// `text`, `image`, `template`, `interactive`…
    pub kind: String,
    /// Text, caption, or the body with its values; empty if there is none.
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    pub buttons: Vec<Button>,
    /// The id of the picture, film, sound or file, for [`super::WhatsApp::file`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<u64>,
    /// `image`, `video`, `document`, `audio`, `sticker`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_kind: Option<String>,
}

/// What a person attaches.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub name: String,
    /// `image/jpeg`…
    pub mime: String,
    pub data: Bytes,
    /// `image`, `video`, `document`, `audio`, `sticker`.
    pub kind: String,
    /// Text under it; may be empty.
    pub caption: String,
}

/// Media that a message names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    /// `image`, `video`…
    pub(crate) kind: String,
    pub(crate) from: Source,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    Id(String),
    Link(String),
}

/// A message, read and checked, before its media and its recipient are.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) shown: Shown,
    pub(crate) named: Option<Named>,
    /// The message that gets an emoji, and the emoji; empty takes it away.
    pub(crate) reaction: Option<(String, String)>,
}

/// Kinds of media, with whether words can stand under them.
pub(crate) const MEDIA: &[(&str, bool)] = &[("image", true), ("video", true), ("document", true), ("audio", false), ("sticker", false)];

pub(crate) fn missing(what: &str) -> GraphError {
    GraphError::with(131_008, format!("Parameter '{what}' is required."))
}

pub(crate) fn invalid(what: impl Into<String>) -> GraphError {
    GraphError::with(131_009, what)
}

fn object<'a>(value: &'a Map<String, Value>, name: &str) -> GraphResult<&'a Map<String, Value>> {
    match value.get(name) {
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(GraphError::parameter(format!("Param {name} must be a JSON object."))),
        None => Err(missing(name)),
    }
}

/// A text of 1 to `most` characters.
fn text(value: &Map<String, Value>, name: &str, path: &str, most: usize) -> GraphResult<String> {
    let text = match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(GraphError::parameter(format!("Param {path} must be a string."))),
        None => return Err(missing(path)),
    };
    if text.trim().is_empty() {
        return Err(missing(path));
    }
    if text.chars().count() > most {
        return Err(GraphError::parameter(format!("Param {path} must be at most {most} characters long.")));
    }
    Ok(text)
}

fn optional(value: &Map<String, Value>, name: &str, path: &str, most: usize) -> GraphResult<Option<String>> {
    if value.get(name).is_none_or(Value::is_null) { Ok(None) } else { text(value, name, path, most).map(Some) }
}

/// The `id` or the `link` of media.
pub(crate) fn named(kind: &str, value: &Map<String, Value>) -> GraphResult<Named> {
    let get = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned).filter(|text| !text.is_empty());
    let from = match (get("id"), get("link")) {
        (Some(id), None) => Source::Id(id),
        (None, Some(link)) => Source::Link(link),
        (Some(_), Some(_)) => return Err(invalid(format!("Of '{kind}' either 'id' or 'link' is given, not both."))),
        (None, None) => return Err(missing(&format!("{kind}['id']"))),
    };
    Ok(Named { kind: kind.to_owned(), from })
}

/// Reads the body of a message of this type.
pub(crate) fn read(kind: &str, message: &Map<String, Value>) -> GraphResult<Content> {
    let mut content = Content { shown: Shown { kind: kind.to_owned(), ..Shown::default() }, ..Content::default() };
    match kind {
        "text" => content.shown.text = text(object(message, "text")?, "body", "text['body']", 4096)?,
        "interactive" => interactive(object(message, "interactive")?, &mut content)?,
        "reaction" => {
            let body = object(message, "reaction")?;
            let emoji = body.get("emoji").and_then(Value::as_str).unwrap_or_default().to_owned();
            content.reaction = Some((text(body, "message_id", "reaction['message_id']", 512)?, emoji));
        }
        "location" => {
            let body = object(message, "location")?;
            let number = |name: &str| body.get(name).and_then(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok()));
            let (Some(latitude), Some(longitude)) = (number("latitude"), number("longitude")) else {
                return Err(missing("location['latitude']"));
            };
            content.shown.text = format!("{latitude}, {longitude}");
        }
        "contacts" => {
            let contacts = message.get("contacts").and_then(Value::as_array).filter(|contacts| !contacts.is_empty());
            let contacts = contacts.ok_or_else(|| missing("contacts"))?;
            let names: Vec<&str> = contacts.iter().filter_map(|contact| contact["name"]["formatted_name"].as_str()).collect();
            if names.len() != contacts.len() {
                return Err(missing("contacts[0]['name']['formatted_name']"));
            }
            content.shown.text = names.join(", ");
        }
        _ => {
            let Some((_, captioned)) = MEDIA.iter().find(|(media, _)| *media == kind) else {
                return Err(GraphError::with(131_051, format!("Message type '{kind}' is not supported.")));
            };
            let body = object(message, kind)?;
            content.named = Some(named(kind, body)?);
            if let Some(caption) = optional(body, "caption", &format!("{kind}['caption']"), 1024)? {
                if !captioned {
                    return Err(GraphError::parameter(format!("Unexpected key \"caption\" on param \"{kind}\".")));
                }
                content.shown.text = caption;
            }
            if kind == "document" {
                optional(body, "filename", "document['filename']", 240)?;
            }
        }
    }
    Ok(content)
}

fn interactive(body: &Map<String, Value>, content: &mut Content) -> GraphResult<()> {
    let kind = body.get("type").and_then(Value::as_str).ok_or_else(|| missing("interactive['type']"))?;
    content.shown.text = text(object(body, "body")?, "text", "interactive['body']['text']", 1024)?;
    if let Some(Value::Object(footer)) = body.get("footer") {
        content.shown.footer = Some(text(footer, "text", "interactive['footer']['text']", 60)?);
    }
    if let Some(Value::Object(header)) = body.get("header") {
        match header.get("type").and_then(Value::as_str) {
            Some("text") => content.shown.header = Some(text(header, "text", "interactive['header']['text']", 60)?),
            Some(media @ ("image" | "video" | "document")) if kind != "list" => content.named = Some(named(media, object(header, media)?)?),
            other => return Err(invalid(format!("A header of type {other:?} cannot stand over a message of type '{kind}'."))),
        }
    }
    let action = object(body, "action")?;
    let list = |name: &str| action.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut ids = HashSet::new();
    let mut titles = HashSet::new();
    let mut unique =
        |id: &str, title: Option<&str>| match ids.insert(id.to_owned()) && title.is_none_or(|title| titles.insert(title.to_owned())) {
            true => Ok(()),
            false => Err(GraphError::parameter(format!("Button ids and titles must be unique: '{id}'."))),
        };
    match kind {
        "button" => {
            let buttons = list("buttons");
            if buttons.is_empty() || buttons.len() > 3 {
                return Err(GraphError::parameter("Param interactive['action']['buttons'] must have 1 to 3 elements."));
            }
            for button in buttons {
                let reply = button.as_object().filter(|button| button.get("type").is_some_and(|kind| kind == "reply"));
                let reply = object(reply.ok_or_else(|| missing("interactive['action']['buttons'][0]['type']"))?, "reply")?;
                let id = text(reply, "id", "interactive['action']['buttons']['reply']['id']", 256)?;
                let title = text(reply, "title", "interactive['action']['buttons']['reply']['title']", 20)?;
                unique(&id, Some(&title))?;
                content.shown.buttons.push(Button { text: title, kind: "reply", payload: Some(id), opens: None });
            }
        }
        "list" => {
            text(action, "button", "interactive['action']['button']", 20)?;
            let sections = list("sections");
            for row in sections.iter().flat_map(|section| section["rows"].as_array().map(Vec::as_slice).unwrap_or_default()) {
                let row = row.as_object().ok_or_else(|| missing("interactive['action']['sections']['rows']"))?;
                let id = text(row, "id", "interactive['action']['sections']['rows']['id']", 200)?;
                let title = text(row, "title", "interactive['action']['sections']['rows']['title']", 24)?;
                optional(row, "description", "interactive['action']['sections']['rows']['description']", 72)?;
                unique(&id, None)?;
                content.shown.buttons.push(Button { text: title, kind: "list", payload: Some(id), opens: None });
            }
            if !(1..=10).contains(&content.shown.buttons.len()) {
                return Err(GraphError::parameter("A list has 1 to 10 rows in all."));
            }
        }
        "cta_url" => {
            let parameters = object(action, "parameters")?;
            let title = text(parameters, "display_text", "interactive['action']['parameters']['display_text']", 20)?;
            let url = text(parameters, "url", "interactive['action']['parameters']['url']", 2000)?;
            content.shown.buttons.push(Button { text: title, kind: "url", payload: None, opens: Some(url) });
        }
        "location_request_message" | "flow" => {}
        other => return Err(GraphError::with(131_051, format!("Interactive type '{other}' is not supported."))),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: &str, body: Value) -> GraphResult<Content> {
        read(kind, json!({ kind: body }).as_object().unwrap())
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(of("text", json!({ "body": "ж".repeat(4096) })).unwrap().shown.text.chars().count(), 4096);
        assert_eq!(of("text", json!({ "body": "ж".repeat(4097) })).unwrap_err().code, 100);
        assert_eq!(of("text", json!({ "body": " " })).unwrap_err().code, 131_008);
        assert_eq!(of("text", json!({})).unwrap_err().code, 131_008);
        assert_eq!(of("image", json!({ "id": "1", "caption": "ж".repeat(1025) })).unwrap_err().code, 100);
        assert_eq!(of("audio", json!({ "id": "1", "caption": "x" })).unwrap_err().code, 100);
        assert_eq!(of("image", json!({ "id": "1", "link": "https://ex.ru/a.png" })).unwrap_err().code, 131_009);
        assert_eq!(of("poll", json!({})).unwrap_err().code, 131_051);
    }

    #[test]
    fn reply_buttons_are_three_short_and_different() {
        let buttons = |titles: &[&str]| {
            let buttons: Vec<Value> = titles
                .iter()
                .enumerate()
                .map(|(at, title)| json!({ "type": "reply", "reply": { "id": at.to_string(), "title": title } }))
                .collect();
            of("interactive", json!({ "type": "button", "body": { "text": "?" }, "action": { "buttons": buttons } }))
        };
        assert_eq!(buttons(&["Да", "Нет", "Потом"]).unwrap().shown.buttons.len(), 3);
        assert_eq!(buttons(&[]).unwrap_err().code, 100);
        assert_eq!(buttons(&["a", "b", "c", "d"]).unwrap_err().code, 100);
        assert_eq!(buttons(&["a", "a"]).unwrap_err().code, 100);
        assert_eq!(buttons(&[&"ж".repeat(21)]).unwrap_err().code, 100);
    }
}
