//! A version taken apart into what is fixed and what differs from person to person.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Mapping, Slot, Value};
use crate::{
    channel::{ButtonAction, FormButton, MediaKind, TemplateRules, fit, review},
    consent::refusal::{Answer, recognise},
    template::{
        Content, Facts, TemplateButton,
        engine::{ParseError, Prepared, RenderError, Values},
        links, scan,
    },
    text::{Rich, Style},
};

/// Why a version cannot be a provider's template, in a form that screens word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A condition or a loop around words: a provider's text is the same for everybody but for its
    /// values.
    #[error("a condition or a loop stands around words: {written}")]
    Condition {
        /// The tag, as it is written.
        written: String,
    },
    /// The text begins or ends with a value, so that a reviewer cannot tell what it says.
    #[error("the text begins or ends with a value")]
    Edge,
    /// A value stands in the address of a link of the text.
    #[error("a value stands in the address of a link of the text")]
    Link,
    /// A value stands in the words of a button.
    #[error("a value stands in the words of button {}", button + 1)]
    ButtonText {
        /// From 0.
        button: usize,
    },
    /// The words of a button are too long.
    #[error("the words of button {} have more than {limit} characters", button + 1)]
    ButtonLong {
        /// From 0.
        button: usize,
        /// Characters.
        limit: usize,
    },
    /// A value stands within a button's address and not at its end, or there are several.
    #[error("the address of button {} has a value elsewhere than at its end", button + 1)]
    ButtonUrl {
        /// From 0.
        button: usize,
    },
    /// A button's address has a value, and this provider fills none.
    #[error("the address of button {} must be the same for everybody", button + 1)]
    ButtonFixed {
        /// From 0.
        button: usize,
    },
    /// A press comes back as the button's words, and these do not say that somebody wants no more.
    #[error("the words of button {} do not mean a refusal", button + 1)]
    ButtonOptOut {
        /// From 0.
        button: usize,
    },
    /// More buttons open pages than the provider takes.
    #[error("more than {limit} buttons open pages")]
    Links { limit: usize },
    /// The provider takes no file of this type above a text.
    #[error("no file of the type {mime} stands above a text")]
    File { mime: String },
    /// The text is too long.
    #[error("the text has {length} characters of {limit}")]
    TooLong {
        /// Characters, with examples of its values.
        length: usize,
        limit: usize,
    },
    /// It cannot be parsed.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// Even with every value there is no message.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// A version taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// The text; where a value comes stands [`review::place`].
    pub body: Rich,
    /// An example of each value.
    pub examples: Vec<String>,
    pub buttons: Vec<FormButton>,
    pub mapping: Mapping,
    /// SHA-256 of all of it that is the same for everybody, and of where the rest comes from.
    pub digest: String,
}

/// Takes a version apart. Examples are those of `sample`, a contact with every value; `mime`: of
/// the version's file.
///
/// # Errors
/// [`Refusal`].
pub fn compile(content: &Content, mime: Option<&str>, sample: &Facts, rules: &TemplateRules) -> Result<Compiled, Refusal> {
    let rendered = Prepared::new(content)?.render(sample)?;
    if let (Some((kind, _)), Some(mime)) = (content.media, mime) {
        let taken = match kind {
            MediaKind::Photo => rules.photos,
            MediaKind::Document => rules.documents,
        };
        if !taken.contains(&mime) {
            return Err(Refusal::File { mime: mime.to_owned() });
        }
    }
    let (html, values) = apart(&content.body)?;
    let mut body = Rich::from_html(&html).map_err(|_| Refusal::Condition { written: String::new() })?.trimmed();
    for span in &mut body.spans {
        if let Style::Link(url) = &mut span.style {
            if url.chars().any(|char| review::placed(char).is_some()) {
                return Err(Refusal::Link);
            }
            *url = links::read(url).map_or_else(|_| url.clone(), String::from);
        }
    }
    let is_value = |char: Option<char>| char.is_some_and(|char| review::placed(char).is_some());
    if is_value(body.text.chars().next()) || is_value(body.text.chars().next_back()) {
        return Err(Refusal::Edge);
    }
    let length = fit::addressed(rendered.body).text.chars().count();
    if length > rules.text {
        return Err(Refusal::TooLong { length, limit: rules.text });
    }
    let examples = Values::new(values.iter().map(|one| (one.name.as_str(), one.source.as_str())))?.render(sample)?;
    let addresses: Vec<&ButtonAction> = rendered.buttons.iter().flatten().map(|button| &button.action).collect();
    let (buttons, slots) = buttons(content, &addresses, rules)?;
    let mapping = Mapping { values, buttons: slots, body: Some(body.clone()) };
    let fixed: Vec<_> = buttons
        .iter()
        .map(|button| match button {
            FormButton::Reply { text } => json!(["reply", text]),
            FormButton::Url { text, url, .. } => json!(["url", text, url]),
        })
        .collect();
    let canonical = json!([body, fixed, mapping.values.iter().map(|one| (&one.name, &one.source)).collect::<Vec<_>>()]).to_string();
    Ok(Compiled { body, examples, buttons, mapping, digest: hex::encode(Sha256::digest(canonical)) })
}

/// What a tag or a block shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// It shows values and nothing fixed.
    Value,
    /// It shows nothing: it prepares values.
    Silent,
    /// Words stand in it.
    Words,
}

/// The text with [`review::place`] for each value, and the values.
fn apart(source: &str) -> Result<(String, Vec<Value>), Refusal> {
    let tags = scan::tags(source).0;
    let (mut html, mut values, mut before) = (String::with_capacity(source.len()), Vec::<Value>::new(), String::new());
    let (mut at, mut next) = (0, 0);
    while let Some(tag) = tags.get(next) {
        // A block is one piece from its first tag to its last.
        let last = if tag.control { closes(&tags, next) } else { next };
        let whole = tag.range.start..tags.get(last).map_or(source.len(), |tag| tag.range.end);
        html.push_str(fixed(source, at, whole.start));
        if source[tag.range.clone()].starts_with("{{-") || source[tag.range.clone()].starts_with("{%-") {
            html.truncate(html.trim_end().len());
        }
        let name = if tag.control { name_of(tag) } else { "" };
        match name {
            "comment" => {}
            "assign" => before.push_str(&source[whole.clone()]),
            _ => match block(source, &tags[next..=last]) {
                Block::Value => {
                    html.push(review::place(values.len()));
                    let named = scan::variables(&tags[next..=last]);
                    let name = value_name(named.first().map_or("value", |one| one.name), &values);
                    values.push(Value { name, source: format!("{before}{}", &source[whole.clone()]) });
                }
                Block::Silent => before.push_str(&source[whole.clone()]),
                Block::Words => return Err(Refusal::Condition { written: source[tag.range.clone()].to_owned() }),
            },
        }
        (at, next) = (whole.end, last + 1);
    }
    html.push_str(fixed(source, at, source.len()));
    Ok((html, values))
}

/// Fixed text between two tags; one that ends with a hyphen takes the white space behind it away.
fn fixed(source: &str, from: usize, to: usize) -> &str {
    let trims = source[..from].ends_with("-}}") || source[..from].ends_with("-%}");
    if trims { source[from..to].trim_start() } else { &source[from..to] }
}

fn name_of<'a>(tag: &scan::Tag<'a>) -> &'a str {
    match scan::tokens(tag.inner).into_iter().next() {
        Some((_, scan::Token::Name(name))) => name,
        _ => "",
    }
}

/// The tag that closes the block which begins at `first`; a tag without a block closes itself.
fn closes(tags: &[scan::Tag<'_>], first: usize) -> usize {
    let opens = |name: &str| matches!(name, "if" | "unless" | "case" | "for" | "capture" | "comment" | "raw");
    let begins = name_of(&tags[first]);
    if !opens(begins) {
        return first;
    }
    let mut depth = 0_usize;
    for (n, tag) in tags.iter().enumerate().skip(first).filter(|(_, tag)| tag.control) {
        let name = name_of(tag);
        // What stands in a comment opens nothing.
        if matches!(begins, "comment" | "raw") {
            if name.strip_prefix("end") == Some(begins) {
                return n;
            }
        } else if opens(name) {
            depth += 1;
        } else if name.strip_prefix("end").is_some_and(opens) {
            depth -= 1;
            if depth == 0 {
                return n;
            }
        }
    }
    tags.len() - 1
}

/// What a tag or a block shows.
fn block(source: &str, tags: &[scan::Tag<'_>]) -> Block {
    let names: Vec<&str> = tags.iter().filter(|tag| tag.control).map(name_of).collect();
    let words = tags.windows(2).any(|pair| !source[pair[0].range.end..pair[1].range.start].trim().is_empty());
    let shows = tags.iter().any(|tag| !tag.control);
    let sets = names.iter().any(|name| matches!(*name, "assign" | "capture"));
    let odd = names.iter().any(|name| matches!(*name, "raw" | "comment"));
    match (words || odd, shows, sets) {
        (true, ..) | (false, true, true) => Block::Words,
        (false, true, false) => Block::Value,
        (false, false, _) => Block::Silent,
    }
}

/// A name that the provider takes and no other value has.
fn value_name(variable: &str, taken: &[Value]) -> String {
    let clean: String =
        variable.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '_').collect::<String>().to_ascii_lowercase();
    let clean = if clean.is_empty() || clean.bytes().all(|byte| byte.is_ascii_digit()) { format!("value{clean}") } else { clean };
    let free = |name: &String| taken.iter().all(|one| one.name != *name);
    // One more try than there are names in the way.
    std::iter::once(clean.clone()).chain((2..=taken.len() + 2).map(|n| format!("{clean}_{n}"))).find(free).unwrap_or(clean)
}

/// Buttons that open pages first, then those that come back to us: a provider wants each kind
/// together.
fn buttons(content: &Content, addresses: &[&ButtonAction], rules: &TemplateRules) -> Result<(Vec<FormButton>, Vec<Slot>), Refusal> {
    let (mut pages, mut replies) = (Vec::new(), Vec::new());
    for (button, one) in content.buttons.iter().enumerate() {
        let (TemplateButton::Url { text, .. } | TemplateButton::OptOut { text } | TemplateButton::Answer { text, .. }) = one;
        if !scan::tags(text).0.is_empty() {
            return Err(Refusal::ButtonText { button });
        }
        let text = text.trim().to_owned();
        if text.chars().count() > rules.button {
            return Err(Refusal::ButtonLong { button, limit: rules.button });
        }
        match one {
            // Where presses come back as words, another word would be nobody's opt-out.
            TemplateButton::OptOut { .. } if rules.made_at_provider && recognise(&text) != Answer::Stop => {
                return Err(Refusal::ButtonOptOut { button });
            }
            TemplateButton::OptOut { .. } => replies.push((FormButton::Reply { text }, Slot::OptOut)),
            TemplateButton::Answer { .. } => replies.push((FormButton::Reply { text }, Slot::Answer { button })),
            TemplateButton::Url { url, .. } => {
                let address = addresses.get(button).and_then(|action| match action {
                    ButtonAction::Url(address) => Some(address.clone()),
                    ButtonAction::Callback(_) | ButtonAction::SharePhone => None,
                });
                let made = page(button, text, url, address.ok_or(Refusal::ButtonUrl { button })?)?;
                if rules.made_at_provider && made.1 != Slot::Page {
                    return Err(Refusal::ButtonFixed { button });
                }
                pages.push(made);
            }
        }
    }
    if pages.len() > rules.links {
        return Err(Refusal::Links { limit: rules.links });
    }
    Ok(pages.into_iter().chain(replies).unzip())
}

/// A button that opens a page, `address` for the sample.
fn page(button: usize, text: String, url: &str, address: String) -> Result<(FormButton, Slot), Refusal> {
    let tags = scan::tags(url).0;
    let Some(first) = tags.first() else { return Ok((FormButton::Url { text, url: address, example: None }, Slot::Page)) };
    let elsewhere = || Refusal::ButtonUrl { button };
    let ends = tags.len() == 1 && !first.control && url[first.range.end..].trim().is_empty();
    let prefix = links::read(&url[..first.range.start]).map(String::from).map_err(|_| elsewhere())?;
    if !ends || end_of(&ButtonAction::Url(address.clone()), &prefix).is_none() {
        return Err(elsewhere());
    }
    Ok((FormButton::Url { text, url: prefix.clone(), example: Some(address) }, Slot::Begins { button, prefix }))
}

/// The rest of an address behind what all of them begin with.
pub(super) fn end_of(action: &ButtonAction, prefix: &str) -> Option<String> {
    let ButtonAction::Url(address) = action else { return None };
    address.strip_prefix(prefix).filter(|end| !end.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
