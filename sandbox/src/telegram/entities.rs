//! Formatted text: explicit entities checked, markup parsed, whitespace trimmed, links and commands found.
//!
//! Offsets and lengths are UTF-16 code units throughout, as on the wire.

use serde_json::{Map, Value, json};

use super::{
    error::{ApiError, ApiResult},
    html, markdown,
    params::Params,
};

/// A formatted stretch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entity {
    pub(crate) kind: String,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    /// `url` of a text link, `language` of a code block, `custom_emoji_id`: the one extra field a kind may have.
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

/// Reads `text_name` with `parse_mode` or `entities_name`; returns the characters and the entities as JSON.
/// `source` is the object the fields stand in: the call's parameters or an `InputMedia`.
pub(crate) fn read(params: &Params, text_name: &str, entities_name: &str) -> ApiResult<(String, Vec<Value>)> {
    let raw = params.text(text_name).unwrap_or_default();
    let mode = params.text("parse_mode").unwrap_or_default();
    parse(&raw, &mode, params.json(entities_name)?.as_ref())
}

/// As [`read`], from values at hand.
pub(crate) fn parse(raw: &str, mode: &str, explicit: Option<&Value>) -> ApiResult<(String, Vec<Value>)> {
    let cannot = |reason: String| ApiError::bad(format!("can't parse entities: {reason}"));
    let (text, mut entities) = match mode.to_ascii_lowercase().as_str() {
        "html" => html::parse(raw).map_err(cannot)?,
        "markdownv2" => markdown::parse(raw).map_err(cannot)?,
        "markdown" => markdown::parse_legacy(raw).map_err(cannot)?,
        "" => match explicit {
            Some(explicit) => (raw.to_owned(), check(raw, explicit).map_err(cannot)?),
            None => (raw.to_owned(), Vec::new()),
        },
        _ => return Err(ApiError::bad("unsupported parse_mode")),
    };
    let text = trim(text.replace('\r', ""), &mut entities);
    detect(&text, &mut entities);
    entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
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

/// Entities given by the caller. Kinds the server finds by itself are accepted and dropped, as the real one does.
fn check(text: &str, explicit: &Value) -> Result<Vec<Entity>, String> {
    let Some(list) = explicit.as_array() else { return Err("expected an Array of MessageEntity".to_owned()) };
    if list.len() > 1000 {
        return Err("entities too long".to_owned());
    }
    let total = utf16_len(text);
    let boundaries: std::collections::HashSet<usize> = text
        .chars()
        .scan(0, |at, c| {
            *at += c.len_utf16();
            Some(*at)
        })
        .chain([0])
        .collect();
    let mut entities = Vec::new();
    for value in list {
        let kind = value["type"].as_str().unwrap_or_default();
        if !KINDS.contains(&kind) {
            return Err(format!("unsupported entity type \"{kind}\""));
        }
        let (Some(offset), Some(length)) = (value["offset"].as_i64(), value["length"].as_i64()) else {
            return Err("an entity must have integer offset and length".to_owned());
        };
        let (Ok(offset), Ok(length)) = (usize::try_from(offset), usize::try_from(length)) else {
            return Err(format!("receive an entity with incorrect offset {offset} or length {length}"));
        };
        if length == 0 {
            continue;
        }
        if offset.checked_add(length).is_none_or(|end| end > total) {
            return Err(format!("receive an entity with incorrect length {length}: the text ends at {total}"));
        }
        if !boundaries.contains(&offset) || !boundaries.contains(&(offset + length)) {
            return Err(format!("entity begins or ends in a middle of a UTF-16 symbol at offset {offset}"));
        }
        let extra = match kind {
            "text_link" => {
                let link = value["url"].as_str().unwrap_or_default();
                let Some(link) = link_url(link) else { continue };
                Some(("url", link))
            }
            "pre" => value["language"].as_str().filter(|language| !language.is_empty()).map(|language| ("language", language.to_owned())),
            "custom_emoji" => {
                let id = value["custom_emoji_id"].as_str().unwrap_or_default();
                if id.is_empty() {
                    return Err("custom emoji must have custom_emoji_id".to_owned());
                }
                Some(("custom_emoji_id", id.to_owned()))
            }
            "mention" | "hashtag" | "cashtag" | "bot_command" | "url" | "email" | "phone_number" | "text_mention" => continue,
            _ => None,
        };
        entities.push(Entity { kind: kind.to_owned(), offset, length, extra });
    }
    Ok(entities)
}

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
    Some(parsed.into())
}

/// A host Telegram takes for one: an IP address, `localhost` (the sandbox's own), or a name with a dot in it.
pub(crate) fn plausible_host(parsed: &url::Url) -> bool {
    match parsed.host() {
        Some(url::Host::Domain(domain)) => domain == "localhost" || domain.trim_matches('.').contains('.'),
        Some(_) => true,
        None => false,
    }
}

/// Whitespace goes at the end, and at the beginning up to the first entity; entities are clipped to what is left.
fn trim(text: String, entities: &mut Vec<Entity>) -> String {
    let first = entities.iter().map(|entity| entity.offset).min().unwrap_or(usize::MAX);
    let mut cut_bytes = 0;
    let mut cut_units = 0;
    for c in text.chars().take_while(|c| c.is_whitespace()) {
        if cut_units >= first {
            break;
        }
        cut_bytes += c.len_utf8();
        cut_units += c.len_utf16();
    }
    let out = text[cut_bytes..].trim_end().to_owned();
    let total = utf16_len(&out);
    for entity in entities.iter_mut() {
        entity.offset -= cut_units.min(entity.offset);
        entity.length = entity.length.min(total.saturating_sub(entity.offset));
    }
    entities.retain(|entity| entity.length > 0);
    out
}

/// Finds commands, mentions, hashtags, links and e-mail addresses outside of code and of links already there.
fn detect(text: &str, entities: &mut Vec<Entity>) {
    let closed: Vec<(usize, usize)> = entities
        .iter()
        .filter(|entity| matches!(entity.kind.as_str(), "code" | "pre" | "text_link"))
        .map(|entity| (entity.offset, entity.offset + entity.length))
        .collect();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let trimmed = word.trim_end();
        let (lead, found) = classify(trimmed);
        if let Some((kind, body)) = found {
            let start = offset + utf16_len(lead);
            let end = start + utf16_len(body);
            if !closed.iter().any(|(from, to)| start < *to && *from < end) {
                entities.push(Entity { kind: kind.to_owned(), offset: start, length: end - start, extra: None });
            }
        }
        offset += utf16_len(word);
    }
}

/// Splits a word into leading punctuation and what it is.
fn classify(word: &str) -> (&str, Option<(&'static str, &str)>) {
    let body = word.trim_start_matches(['(', '[', '«', '"', '\'', '<']);
    let lead = &word[..word.len() - body.len()];
    let name =
        |rest: &str, extra: &[char]| rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || extra.contains(&c))).unwrap_or(rest.len());
    if let Some(rest) = body.strip_prefix('/') {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '@')).unwrap_or(rest.len());
        let whole = &rest[end..];
        let found = (end > 0 && !whole.starts_with('/')).then(|| ("bot_command", &body[..end + 1]));
        return (lead, found);
    }
    if let Some(rest) = body.strip_prefix('@') {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        return (lead, (end >= 3).then(|| ("mention", &body[..end + 1])));
    }
    if let Some(rest) = body.strip_prefix('#') {
        let end = name(rest, &[]);
        let letters = rest[..end].chars().any(char::is_alphabetic);
        return (lead, letters.then(|| ("hashtag", &body[..end + 1])));
    }
    let clean = body.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '»', '"', '\'', '>']);
    if clean.starts_with("http://") || clean.starts_with("https://") {
        let valid = url::Url::parse(clean).is_ok_and(|parsed| plausible_host(&parsed));
        return (lead, valid.then_some(("url", clean)));
    }
    if let Some((user, host)) = clean.split_once('@') {
        let valid = !user.is_empty()
            && host.contains('.')
            && user.chars().chain(host.chars()).all(|c| c.is_ascii_alphanumeric() || "._-+".contains(c));
        return (lead, valid.then_some(("email", clean)));
    }
    (lead, None)
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
        for wrong in [
            bold(1, 2),
            bold(0, 5),
            bold(-1, 2),
            json!([{ "type": "bold" }]),
            json!({}),
            json!([{ "type": "shiny", "offset": 0, "length": 1 }]),
        ] {
            let error = parse("👍ok", "", Some(&wrong)).unwrap_err();
            assert!(error.description.starts_with("Bad Request: can't parse entities: "), "{}", error.description);
        }
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
    }
}
