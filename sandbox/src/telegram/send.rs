//! Methods that put a new message into a chat.

use serde_json::{Map, Value, json};

use super::{
    Telegram, entities,
    error::{ApiError, ApiResult},
    keyboard::{self, Markup},
    media::{self, Media},
    params::Params,
    state::{FileKind, State},
};
use crate::ledger::Accepted;

/// Characters of a text after parsing; Telegram's library counts code points. (Offsets of entities
/// are UTF-16 units.)
pub(crate) const MAX_TEXT: usize = 4096;
/// Characters of a caption after parsing.
pub(crate) const MAX_CAPTION: usize = 1024;

/// `chat_id` as a number. `@username` finds no private chat (contract, 2.2).
pub(crate) fn chat_id(params: &Params, name: &str) -> ApiResult<i64> {
    match params.text(name).as_deref().map(str::trim) {
        None | Some("") => Err(ApiError::bad(if name == "chat_id" { "chat_id is empty" } else { "chat not found" })),
        Some(text) => text.parse().map_err(|_| ApiError::bad("chat not found")),
    }
}

pub(crate) fn read_text(params: &Params) -> ApiResult<Map<String, Value>> {
    if params.text("text").unwrap_or_default().is_empty() {
        return Err(ApiError::bad("message text is empty"));
    }
    let (text, entities) = entities::read(params, "text", "entities")?;
    if text.is_empty() {
        return Err(ApiError::bad("text must be non-empty"));
    }
    if text.chars().count() > MAX_TEXT {
        return Err(ApiError::bad("message is too long"));
    }
    let mut content = Map::new();
    entities::put(&mut content, "text", "entities", text, entities);
    if let Some(options) = params.json("link_preview_options")? {
        if !options.is_object() {
            return Err(ApiError::bad("object expected as link preview options"));
        }
        content.insert("link_preview_options".to_owned(), options);
    } else if params.flag("disable_web_page_preview") {
        content.insert("link_preview_options".to_owned(), json!({ "is_disabled": true }));
    }
    Ok(content)
}

pub(crate) fn read_caption(params: &Params) -> ApiResult<Map<String, Value>> {
    let (caption, entities) = entities::read(params, "caption", "caption_entities")?;
    caption_content(caption, entities, params.flag("show_caption_above_media"), params.flag("has_spoiler"))
}

pub(crate) fn caption_content(caption: String, entities: Vec<Value>, above: bool, spoiler: bool) -> ApiResult<Map<String, Value>> {
    if caption.chars().count() > MAX_CAPTION {
        return Err(ApiError::bad("message caption is too long"));
    }
    let mut content = Map::new();
    if !caption.is_empty() {
        entities::put(&mut content, "caption", "caption_entities", caption, entities);
    }
    if above {
        content.insert("show_caption_above_media".to_owned(), json!(true));
    }
    if spoiler {
        content.insert("has_media_spoiler".to_owned(), json!(true));
    }
    Ok(content)
}

/// What a sending call asks for besides the content.
pub(crate) struct Envelope {
    pub(crate) chat: i64,
    markup: Option<Markup>,
    reply_to: Option<(i64, bool)>,
    protect: bool,
    paid: bool,
}

impl Envelope {
    pub(crate) fn read(params: &Params) -> ApiResult<Self> {
        let reply = params.json("reply_parameters")?;
        let reply_to = match &reply {
            Some(Value::Object(reply)) if reply.is_empty() => None,
            Some(Value::Object(reply)) => {
                let optional = reply.get("allow_sending_without_reply") == Some(&json!(true));
                let id = reply.get("message_id").ok_or_else(|| ApiError::bad("can't find field \"message_id\""))?;
                let id = id.as_i64().or_else(|| id.as_str()?.parse().ok());
                Some((id.ok_or_else(|| ApiError::bad("field \"message_id\" must be of type Number"))?, optional))
            }
            Some(_) => return Err(ApiError::bad("object expected as reply parameters")),
            None => params.int("reply_to_message_id").map(|id| (id, params.flag("allow_sending_without_reply"))),
        };
        // Of a number that is none there is nothing to reply to.
        let reply_to = reply_to.filter(|(id, _)| *id > 0);
        Ok(Self {
            markup: keyboard::read(params)?,
            chat: chat_id(params, "chat_id")?,
            reply_to,
            protect: params.flag("protect_content"),
            paid: params.flag("allow_paid_broadcast"),
        })
    }
}

/// Everything decided, puts the messages into the chat: checks the chat, the reply target and the
/// limits, in this order.
pub(crate) fn accept(
    telegram: &Telegram,
    state: &mut State,
    bot: i64,
    method: &'static str,
    envelope: &Envelope,
    contents: Vec<Map<String, Value>>,
) -> ApiResult<Vec<Value>> {
    state.reachable(bot, envelope.chat)?;
    let mut reply = None;
    if let Some((id, optional)) = envelope.reply_to {
        match state.message(bot, envelope.chat, id) {
            Some(target) => {
                let mut target = target.json.clone();
                target.remove("reply_to_message");
                reply = Some(Value::Object(target));
            }
            None if optional => {}
            None => return Err(ApiError::bad("message to be replied not found")),
        }
    }
    state.room(bot, envelope.chat, u32::try_from(contents.len()).unwrap_or(u32::MAX), envelope.paid)?;
    let mut sent = Vec::new();
    for mut content in contents {
        if let Some(reply) = &reply {
            content.insert("reply_to_message".to_owned(), reply.clone());
        }
        if let Some(inline) = envelope.markup.as_ref().and_then(Markup::inline) {
            content.insert("reply_markup".to_owned(), inline.clone());
        }
        if envelope.protect {
            content.insert("has_protected_content".to_owned(), json!(true));
        }
        let message = state.put(bot, envelope.chat, true, content)?;
        // A keyboard that is not under the message itself keeps it from ever being edited.
        let fixed = envelope.markup.as_ref().is_some_and(|markup| !matches!(markup, Markup::Inline(_)));
        let id = message["message_id"].as_i64().unwrap_or_default();
        if let (true, Some(stored)) = (fixed, state.chat_mut(bot, envelope.chat).messages.get_mut(&id)) {
            stored.fixed = true;
        }
        telegram.ledger().accept(Accepted {
            bot,
            chat: envelope.chat,
            message_id: id,
            reference: String::new(),
            method,
            text: ["text", "caption"].iter().find_map(|name| message.get(*name)?.as_str()).unwrap_or_default().to_owned(),
            media: FileKind::of(&message).map(|kind| kind.field().to_owned()),
            file_unique_id: media::unique_id(&message),
            paid: envelope.paid,
        });
        sent.push(Value::Object(message));
    }
    let last = sent.last().and_then(|message| message["message_id"].as_i64());
    let chat = state.chat_mut(bot, envelope.chat);
    chat.action = None;
    if matches!(envelope.markup, Some(Markup::Reply(_) | Markup::Force(_))) {
        chat.keyboard_message = last;
    }
    match &envelope.markup {
        Some(Markup::Reply(keyboard)) => chat.reply_keyboard = Some(keyboard.clone()),
        Some(Markup::Remove) => chat.reply_keyboard = None,
        Some(Markup::Force(force)) => chat.reply_keyboard = Some(force.clone()),
        Some(Markup::Inline(_)) | None => {}
    }
    Ok(sent)
}

pub(crate) fn one(sent: Vec<Value>) -> ApiResult {
    sent.into_iter().next().ok_or_else(|| ApiError::new(500, "Internal Server Error"))
}

pub(crate) fn message(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let content = read_text(params)?;
    let envelope = Envelope::read(params)?;
    one(accept(telegram, &mut telegram.state(), bot, "sendMessage", &envelope, vec![content])?)
}

pub(crate) async fn single(telegram: &Telegram, bot: i64, params: &Params, kind: FileKind, method: &'static str) -> ApiResult {
    // Nothing is read that cannot stand there.
    let mut content = if kind.has_caption() { read_caption(params)? } else { Map::new() };
    let media = Media::read(params, kind, params.text(kind.field()).as_deref(), true).await?;
    let envelope = Envelope::read(params)?;
    let mut state = telegram.state();
    // Only after the chat is known to take it: an upload nobody gets leaves no file behind.
    state.reachable(bot, envelope.chat)?;
    let file = media.store(&mut state, bot)?;
    // For clients that know no animations.
    if kind == FileKind::Animation {
        content.insert("document".to_owned(), file.clone());
    }
    content.insert(kind.field().to_owned(), file);
    one(accept(telegram, &mut state, bot, method, &envelope, vec![content])?)
}

pub(crate) async fn group(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    // A keyboard is not read at all.
    let envelope = Envelope { markup: None, ..Envelope::read(params)? };
    if params.text("media").unwrap_or_default().is_empty() {
        return Err(ApiError::bad("parameter \"media\" is required"));
    }
    let items = params.json("media").map_err(|_| ApiError::bad("can't parse media JSON object"))?.unwrap_or_default();
    let items = items.as_array().ok_or_else(|| ApiError::bad("expected an Array of InputMedia"))?;
    let mut parsed = Vec::new();
    for item in items {
        parsed.push(media::read_input(params, item, true).await?);
    }
    if parsed.len() > 10 {
        return Err(ApiError::bad("too many messages to send as an album"));
    }
    let Some((first, content)) = parsed.first() else { return Err(ApiError::bad("there are no messages to send")) };
    let above = content.contains_key("show_caption_above_media");
    if parsed.iter().any(|(_, content)| content.contains_key("show_caption_above_media") != above) {
        return Err(ApiError::bad("parameter show_caption_above_media must be the same for all messages"));
    }
    if parsed.iter().any(|(media, _)| media.kind() != first.kind()) {
        return Err(ApiError::bad("document can't be mixed with other media types"));
    }
    // One alone is no album, and goes all the same.
    let album = parsed.len() > 1;
    let mut state = telegram.state();
    state.reachable(bot, envelope.chat)?;
    let group = rand::random::<u64>().to_string();
    let mut contents = Vec::new();
    for (media, mut content) in parsed {
        content.insert(media.kind().field().to_owned(), media.store(&mut state, bot)?);
        if album {
            content.insert("media_group_id".to_owned(), json!(group));
        }
        contents.push(content);
    }
    Ok(Value::Array(accept(telegram, &mut state, bot, "sendMediaGroup", &envelope, contents)?))
}

pub(crate) fn copy(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let envelope = Envelope::read(params)?;
    let from = chat_id(params, "from_chat_id")?;
    let caption = match params.values.contains_key("caption") {
        true => Some(read_caption(params)?),
        false => None,
    };
    let mut state = telegram.state();
    if !state.chats.contains_key(&(bot, from)) {
        return Err(ApiError::bad("chat not found"));
    }
    let id = params.int("message_id").unwrap_or_default();
    let source = state.message(bot, from, id).ok_or_else(|| ApiError::bad("message to copy not found"))?;
    let mut content = Map::new();
    for name in ["text", "entities", "caption", "caption_entities", "contact", "link_preview_options", "has_media_spoiler"]
        .into_iter()
        .chain(FileKind::ALL.map(FileKind::field))
    {
        if let Some(value) = source.json.get(name) {
            content.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(caption) = caption
        && !content.contains_key("text")
    {
        content.remove("caption");
        content.remove("caption_entities");
        content.extend(caption);
    }
    let sent = one(accept(telegram, &mut state, bot, "copyMessage", &envelope, vec![content])?)?;
    Ok(json!({ "message_id": sent["message_id"] }))
}

const ACTIONS: &[&str] = &[
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(crate) fn action(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let action = params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::bad("wrong parameter action in request"));
    }
    let chat = chat_id(params, "chat_id")?;
    let mut state = telegram.state();
    state.reachable(bot, chat)?;
    state.chat_mut(bot, chat).action = Some((action, std::time::Instant::now()));
    Ok(json!(true))
}
