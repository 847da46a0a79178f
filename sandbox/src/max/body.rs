//! `NewMessageBody`: the body of a send, an edit and an answer (contract, 2.2 and 2.3). Its shape
//! is checked first; what its tokens and links name, when the dialogue is known to take it.

use serde_json::{Map, Value, json};

use super::{
    error::{ApiError, ApiResult},
    keyboard, markup,
    media::Kind,
    params::{list, text},
    state::{State, chat_id},
};

/// Characters of a text, marks included, in UTF-16 units (unconfirmed; the schema says 4000).
pub(crate) const MAX_TEXT: usize = 4000;

/// One attachment, before its tokens are looked up.
enum Attachment {
    /// As a message carries it.
    Ready(Value),
    Token(Kind, String),
    /// A picture somewhere else.
    Picture(String),
}

/// What a call wants to write.
pub(crate) struct NewMessage {
    /// `None` where the call says nothing of it.
    pub(crate) text: Option<(String, Vec<Value>)>,
    attachments: Option<Vec<Attachment>>,
    /// `reply` or `forward`, and the message's id.
    link: Option<(String, String)>,
    pub(crate) notify: bool,
}

impl NewMessage {
    pub(crate) fn read(object: &Map<String, Value>) -> ApiResult<Self> {
        let raw = text(object, "text")?;
        if raw.as_deref().is_some_and(|raw| !markup::fits(raw, MAX_TEXT)) {
            return Err(ApiError::payload(format!("text: size must be between 0 and {MAX_TEXT}")));
        }
        let format = text(object, "format")?;
        let text = match raw {
            Some(raw) => Some(markup::read(&raw, format.as_deref())?),
            None => markup::read("", format.as_deref()).map(|_| None)?,
        };
        let attachments = list(object, "attachments")?.map(|list| attachments(&list)).transpose()?;
        let link = match object.get("link") {
            None | Some(Value::Null) => None,
            Some(link) => match (link["type"].as_str(), link["mid"].as_str()) {
                (Some(kind @ ("reply" | "forward")), Some(mid)) => Some((kind.to_owned(), mid.to_owned())),
                _ => return Err(ApiError::payload("link: type must be reply or forward, mid is required")),
            },
        };
        let notify = match object.get("notify") {
            None | Some(Value::Null) => true,
            Some(Value::Bool(notify)) => *notify,
            Some(_) => return Err(ApiError::payload("notify: must be true or false")),
        };
        Ok(Self { text, attachments, link, notify })
    }

    /// Whether there is anything to show; a new message without is refused.
    pub(crate) fn is_empty(&self) -> bool {
        let text = self.text.as_ref().is_some_and(|(text, _)| !text.trim().is_empty());
        let media = self.attachments.as_ref().is_some_and(|list| list.iter().any(|one| !one.is_keyboard()));
        !text && !media && self.link.as_ref().is_none_or(|(kind, _)| kind != "forward")
    }

    /// The attachments as a message carries them; `None` where the call says nothing of them.
    pub(crate) fn attach(&self, state: &mut State, bot: i64, base: &str) -> ApiResult<Option<Vec<Value>>> {
        let Some(wanted) = &self.attachments else { return Ok(None) };
        let mut ready = Vec::new();
        for attachment in wanted {
            ready.push(match attachment {
                Attachment::Ready(value) => {
                    let mut value = value.clone();
                    if attachment.is_keyboard() {
                        value["callback_id"] = json!(format!("kb{}", state.fresh()));
                    }
                    value
                }
                Attachment::Token(kind, token) => state.attachable(bot, *kind, token)?.attachment(base, token),
                Attachment::Picture(url) => {
                    json!({ "type": "image", "payload": { "photo_id": state.fresh(), "token": format!("url{}", state.fresh()), "url": url } })
                }
            });
        }
        Ok(Some(ready))
    }

    /// What the message answers or forwards, as a message carries it.
    pub(crate) fn linked(&self, state: &State, bot: i64, user: i64, now: chrono::DateTime<chrono::Utc>) -> ApiResult<Option<Value>> {
        let Some((kind, mid)) = &self.link else { return Ok(None) };
        let found = state.message(bot, mid).filter(|(of, _)| kind == "forward" || *of == user);
        let (of, stored) = found.ok_or_else(|| ApiError::not_found(format!("Message {mid} is not found")))?;
        let shown = state.shown(bot, of, stored, now);
        Ok(Some(json!({ "type": kind, "sender": shown["sender"], "chat_id": chat_id(bot, of), "message": shown["body"] })))
    }
}

impl Attachment {
    fn is_keyboard(&self) -> bool {
        matches!(self, Self::Ready(value) if value["type"] == "inline_keyboard")
    }
}

fn attachments(raw: &[Value]) -> ApiResult<Vec<Attachment>> {
    let mut read = Vec::new();
    let (mut media, mut alone, mut keyboards) = (0, false, 0);
    for attachment in raw {
        let kind = attachment["type"].as_str().unwrap_or_default();
        match kind {
            "inline_keyboard" => keyboards += 1,
            _ => media += 1,
        }
        alone |= matches!(kind, "audio" | "file" | "contact" | "sticker");
        read.extend(one(kind, attachment)?);
    }
    if keyboards > 1 {
        return Err(ApiError::payload("attachments: only one inline_keyboard is allowed"));
    }
    if alone && media > 1 {
        return Err(ApiError::payload("attachments: audio, file, contact and sticker must be the only attachment of a message"));
    }
    Ok(read)
}

fn one(kind: &str, raw: &Value) -> ApiResult<Vec<Attachment>> {
    let wrong = |why: &str| ApiError::payload(format!("attachments: {kind}: {why}"));
    let payload = &raw["payload"];
    let token = payload["token"].as_str().map(str::to_owned);
    Ok(match kind {
        "inline_keyboard" => vec![Attachment::Ready(json!({ "type": kind, "payload": keyboard::read(payload)? }))],
        "image" => match (token, payload["photos"].as_object(), payload["url"].as_str()) {
            // A message read and written back carries a token and an address of MAX's own.
            (Some(token), ..) => vec![Attachment::Token(Kind::Image, token)],
            (None, Some(photos), _) => {
                let tokens = photos.values().map(|photo| photo["token"].as_str().map(str::to_owned));
                let tokens: Option<Vec<String>> = tokens.collect();
                let tokens = tokens.filter(|tokens| !tokens.is_empty()).ok_or_else(|| wrong("photos: token is required"))?;
                tokens.into_iter().map(|token| Attachment::Token(Kind::Image, token)).collect()
            }
            (None, None, Some(url)) if url.starts_with("http://") || url.starts_with("https://") => {
                vec![Attachment::Picture(url.to_owned())]
            }
            _ => return Err(wrong("one of url, token and photos is required")),
        },
        "video" | "audio" | "file" => {
            let kind = Kind::read(kind).unwrap_or(Kind::File);
            vec![Attachment::Token(kind, token.ok_or_else(|| wrong("token: is required"))?)]
        }
        "location" => match (raw["latitude"].as_f64(), raw["longitude"].as_f64()) {
            (Some(latitude), Some(longitude)) if latitude.abs() <= 90.0 && longitude.abs() <= 180.0 => {
                vec![Attachment::Ready(json!({ "type": kind, "latitude": latitude, "longitude": longitude }))]
            }
            _ => return Err(wrong("latitude and longitude are required")),
        },
        "sticker" if payload["code"].is_string() => vec![Attachment::Ready(json!({ "type": kind, "payload": payload }))],
        "contact" if payload["name"].is_string() || payload["vcf_info"].is_string() || payload["contact_id"].is_i64() => {
            vec![Attachment::Ready(json!({ "type": kind, "payload": payload }))]
        }
        "share" if payload["url"].is_string() || token.is_some() => vec![Attachment::Ready(json!({ "type": kind, "payload": payload }))],
        "sticker" | "contact" | "share" => return Err(wrong("payload is not complete")),
        _ => return Err(ApiError::payload(format!("attachments: unknown type {kind}"))),
    })
}
