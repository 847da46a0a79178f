//! Formatted text: explicit entities checked, markup parsed, characters cleaned ([`clean`]),
//! crossing entities put in order ([`cross`]), whitespace trimmed, links and commands found
//! ([`find`]): the steps of Telegram's library, in its order.
//!
//! Offsets and lengths are UTF-16 code units throughout, as on the wire; the length of a text is
//! counted in characters.

use serde_json::{Map, Value, json};

use super::{
    clean, cross,
    error::{ApiError, ApiResult},
    find, html, markdown,
    params::Params,
};

/// A formatted piece.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entity {
    pub(crate) kind: String,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    /// `url` of a text link, `language` of a code block, `custom_emoji_id`: the one extra field a
    /// kind may have.
    pub(crate) extra: Option<(&'static str, String)>,
}

impl Entity {
    pub(crate) fn to_json(&self) -> Value {
        let mut value = json!({ "type": self.kind, "offset": self.offset, "length": self.length });
        if let Some((name, extra)) = &self.extra {
            value[*name] = json!(extra);
        }
        value
    }
}

pub(crate) fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Reads `text_name` with `parse_mode` or `entities_name`; returns the characters and the entities
/// as JSON. `source` is the object the fields stand in: the call's parameters or an `InputMedia`.
pub(crate) fn read(params: &Params, text_name: &str, entities_name: &str) -> ApiResult<(String, Vec<Value>)> {
    let raw = params.text(text_name).unwrap_or_default();
    let mode = params.text("parse_mode").unwrap_or_default();
    // What is no JSON is as nothing.
    parse(&raw, &mode, params.json(entities_name).ok().flatten().as_ref())
}

/// Largest text read, bytes before its markup is parsed.
const MAX_RAW: usize = 1 << 15;

/// As [`read`], from values at hand. A text nobody would see anything of comes out empty.
pub(crate) fn parse(raw: &str, mode: &str, explicit: Option<&Value>) -> ApiResult<(String, Vec<Value>)> {
    let cannot = |reason: String| ApiError::bad(format!("can't parse entities: {reason}"));
    if raw.len() > MAX_RAW {
        return Err(ApiError::bad("text is too long"));
    }
    let (text, entities) = match mode.to_ascii_lowercase().as_str() {
        _ if raw.is_empty() => (String::new(), Vec::new()),
        "html" => html::parse(raw).map_err(cannot)?,
        "markdownv2" => markdown::parse(raw).map_err(cannot)?,
        "markdown" => markdown::parse_legacy(raw).map_err(cannot)?,
        "" | "none" => (raw.to_owned(), explicit.map_or_else(|| Ok(Vec::new()), check)?),
        _ => return Err(ApiError::bad("unsupported parse_mode")),
    };
    let mut entities = cross::resolve(entities, Vec::new());
    let text = clean::text(&text, &mut entities).map_err(ApiError::bad)?;
    if clean::is_invisible(&text) {
        return Ok((String::new(), Vec::new()));
    }
    let text = trim(&text, &mut entities);
    let found = detect(&text);
    let entities = cross::resolve(entities, found);
    Ok((text, entities.iter().map(Entity::to_json).collect()))
}

const KINDS: &[&str] = &[
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
];

/// Entities given by the caller. Kinds the server finds by itself are accepted and dropped, as the
/// real one does.
fn check(explicit: &Value) -> ApiResult<Vec<Entity>> {
    // What is no list is as nothing.
    let Some(list) = explicit.as_array() else { return Ok(Vec::new()) };
    let cannot = |reason: String| ApiError::bad(format!("can't parse MessageEntity: {reason}"));
    let mut entities = Vec::new();
    for value in list {
        if !value.is_object() {
            return Err(cannot("expected an Object".to_owned()));
        }
        let number = |name: &str| -> ApiResult<i64> {
            match &value[name] {
                Value::Null => Err(cannot(format!("Can't find field \"{name}\""))),
                Value::String(text) => text.parse().map_err(|_| cannot(format!("Field \"{name}\" must be a valid Number"))),
                other => other.as_i64().ok_or_else(|| cannot(format!("Field \"{name}\" must be of type Number"))),
            }
        };
        let (offset, length) = (number("offset")?, number("length")?);
        let kind = value["type"].as_str().ok_or_else(|| cannot("Can't find field \"type\"".to_owned()))?;
        if kind.is_empty() {
            return Err(cannot("Type is not specified".to_owned()));
        }
        if !KINDS.contains(&kind) {
            return Err(cannot("Unsupported type specified".to_owned()));
        }
        let extra = match kind {
            "text_link" => {
                let link = value["url"].as_str().ok_or_else(|| cannot("Can't find field \"url\"".to_owned()))?;
                let Some(link) = link_url(link) else { continue };
                Some(("url", link))
            }
            "pre" => value["language"].as_str().filter(|language| !language.is_empty()).map(|language| ("language", language.to_owned())),
            "custom_emoji" => {
                let id = &value["custom_emoji_id"];
                let id = id.as_str().map(str::to_owned).or_else(|| id.as_i64().map(|id| id.to_string()));
                Some(("custom_emoji_id", id.ok_or_else(|| cannot("Can't find field \"custom_emoji_id\"".to_owned()))?))
            }
            kind if FOUND.contains(&kind) => continue,
            _ => None,
        };
        let within = |number: i64| usize::try_from(number).ok().filter(|number| *number <= 1_000_000);
        let Some(offset) = within(offset) else {
            return Err(ApiError::bad(format!("receive an entity with incorrect offset {offset}")));
        };
        let Some(length) = within(length) else {
            return Err(ApiError::bad(format!("receive an entity with incorrect length {length}")));
        };
        entities.push(Entity { kind: kind.to_owned(), offset, length, extra });
    }
    Ok(entities)
}

/// Kinds the server finds by itself: dropped when they are given. A mention of a person without a
/// username is theirs to keep.
const FOUND: &[&str] =
    &["mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number", "text_mention"];

/// A link target Telegram accepts, in its normal form; `None` makes the link plain text.
pub(crate) fn link_url(raw: &str) -> Option<String> {
    let raw = raw.trim();
    let parsed = match url::Url::parse(raw) {
        Ok(parsed) if ["http", "https", "tg", "ton", "mailto", "tel"].contains(&parsed.scheme()) => parsed,
        Ok(parsed) if parsed.has_authority() => return None,
        _ => url::Url::parse(&format!("http://{raw}")).ok()?,
    };
    if matches!(parsed.scheme(), "http" | "https") && !plausible_host(&parsed) {
        return None;
    }
    // Not a link but a mention of a person, which is dropped as those that are given.
    if parsed.scheme() == "tg" && (parsed.host_str() == Some("user") || parsed.path().starts_with("user")) && parsed.query().is_some() {
        return None;
    }
    Some(parsed.into())
}

/// A host Telegram takes for one: an IP address, `localhost` (the sandbox's own), or a name with a
/// dot in it.
pub(crate) fn plausible_host(parsed: &url::Url) -> bool {
    match parsed.host() {
        Some(url::Host::Domain(domain)) => domain == "localhost" || domain.trim_matches('.').contains('.'),
        Some(_) => true,
        None => false,
    }
}

/// Spaces and line breaks go at the end, and at the beginning up to the first entity; entities are
/// clipped to what is left.
fn trim(text: &str, entities: &mut Vec<Entity>) -> String {
    let blank = [' ', '\n'];
    let first = entities.iter().map(|entity| entity.offset).min().unwrap_or(usize::MAX);
    // Both are one unit and one byte each.
    let cut = text.bytes().take_while(|byte| matches!(byte, b' ' | b'\n')).count().min(first);
    let out = text[cut..].trim_end_matches(blank).to_owned();
    let total = utf16_len(&out);
    for entity in entities.iter_mut() {
        entity.offset -= cut;
        entity.length = entity.length.min(total.saturating_sub(entity.offset));
    }
    entities.retain(|entity| entity.length > 0);
    out
}

fn detect(text: &str) -> Vec<Entity> {
    let entity = |(kind, at): find::Found| Entity {
        kind: kind.to_owned(),
        offset: utf16_len(&text[..at.start]),
        length: utf16_len(&text[at]),
        extra: None,
    };
    find::all(text).into_iter().map(entity).collect()
}

/// Puts text and entities into a message under the given names.
pub(crate) fn put(message: &mut Map<String, Value>, text_name: &str, entities_name: &str, text: String, entities: Vec<Value>) {
    message.insert(text_name.to_owned(), Value::String(text));
    if !entities.is_empty() {
        message.insert(entities_name.to_owned(), Value::Array(entities));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitespace_goes_and_entities_are_clipped() {
        let (text, entities) = parse("  <b> hi </b>  ", "HTML", None).unwrap();
        assert_eq!(text, " hi");
        assert_eq!(entities, vec![json!({ "type": "bold", "offset": 0, "length": 3 })]);
        assert_eq!(parse(" \n ", "", None).unwrap().0, "");
    }

    #[test]
    fn explicit_entities_are_checked_in_utf16() {
        let bold = |offset: i64, length: i64| json!([{ "type": "bold", "offset": offset, "length": length }]);
        assert!(parse("👍ok", "", Some(&bold(0, 2))).is_ok());
        for (wrong, words) in [
            (bold(1, 2), "entity begins in a middle of a UTF-16 symbol at byte offset 4"),
            (bold(0, 1), "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4"),
            (bold(0, 5), "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 5"),
            (bold(9, 5), "entity begins after the end of the text at UTF-16 offset 9"),
            (bold(-1, 2), "receive an entity with incorrect offset -1"),
            (bold(0, -2), "receive an entity with incorrect length -2"),
            (json!([{ "type": "bold" }]), "can't parse MessageEntity: Can't find field \"offset\""),
            (json!([1]), "can't parse MessageEntity: expected an Object"),
            (json!([{ "type": "shiny", "offset": 0, "length": 1 }]), "can't parse MessageEntity: Unsupported type specified"),
        ] {
            let error = parse("👍ok", "", Some(&wrong)).unwrap_err();
            assert_eq!(error.description, format!("Bad Request: {words}"));
        }
        assert_eq!(parse("ok", "", Some(&json!({}))).unwrap().1, Vec::<Value>::new(), "no list is as nothing");
    }

    #[test]
    fn finds_what_telegram_finds() {
        let kinds = |text: &str| -> Vec<(String, u64, u64)> {
            let entities = parse(text, "", None).unwrap().1;
            entities
                .iter()
                .map(|e| (e["type"].as_str().unwrap().to_owned(), e["offset"].as_u64().unwrap(), e["length"].as_u64().unwrap()))
                .collect()
        };
        assert_eq!(kinds("/start c_8fK2"), [("bot_command".to_owned(), 0, 6)]);
        assert_eq!(
            kinds("Go (https://ex.ru/a), #акция for @anna_k or a@b.ru"),
            [("url".to_owned(), 4, 15), ("hashtag".to_owned(), 22, 6), ("mention".to_owned(), 33, 7), ("email".to_owned(), 44, 6),]
        );
        assert_eq!(kinds("1/2 and /a/b"), []);
        assert_eq!(kinds("👍 ex.ru/a за $USD"), [("url".to_owned(), 3, 7), ("cashtag".to_owned(), 14, 4)]);
    }

    #[test]
    fn entities_that_cross_are_put_in_order() {
        let both = json!([{ "type": "bold", "offset": 0, "length": 4 }, { "type": "italic", "offset": 2, "length": 4 }]);
        let shape = |entities: Vec<Value>| -> Vec<String> {
            entities.iter().map(|e| format!("{} {} {}", e["type"].as_str().unwrap(), e["offset"], e["length"])).collect()
        };
        assert_eq!(shape(parse("abcdef", "", Some(&both)).unwrap().1), ["bold 0 2", "italic 2 4", "bold 2 2"]);
        assert_eq!(shape(parse("<b>a ex.ru b</b>", "HTML", None).unwrap().1), ["bold 0 2", "url 2 5", "bold 2 5", "bold 7 2"]);
        assert_eq!(shape(parse("<code>ex.ru</code>", "HTML", None).unwrap().1), ["code 0 5"], "nothing is found in code");
    }

    #[test]
    fn parse_mode_may_be_none() {
        assert_eq!(parse("<b>a</b>", "None", None).unwrap().0, "<b>a</b>");
        assert_eq!(parse("", "nonsense", None).unwrap().0, "", "nothing is parsed of nothing");
        assert_eq!(parse("a", "nonsense", None).unwrap_err().description, "Bad Request: unsupported parse_mode");
        assert_eq!(parse(&"a".repeat(32_769), "", None).unwrap_err().description, "Bad Request: text is too long");
    }
}
