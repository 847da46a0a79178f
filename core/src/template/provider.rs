//! Versions in the form in which a provider must approve them before they may be sent (design.md,
//! «provider template»).
//!
//! [`compile()`] takes a version apart: what is fixed becomes the provider's text, each Liquid
//! output a value with a name. What cannot be such a text is refused with a word for its author.
//! The form is handed in and followed in [`standing`]; [`Filler`] fills it for a recipient, by the
//! renderer that made the preview.

pub mod compile;
pub mod queries;
pub mod standing;

pub use compile::{Compiled, Refusal, compile};
pub use standing::{Changed, HandInError, Standing};

use serde::{Deserialize, Serialize};

use super::{
    Facts, Rendered,
    engine::{ParseError, RenderError, Values},
};
use crate::{
    channel::{ButtonAction, Media, OPT_OUT_CALLBACK, ProviderTemplate, review},
    text::{Rich, Span},
    words::Reason,
};

/// How the values of a provider's template come out of a version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mapping {
    /// The values of its text, in their order.
    pub values: Vec<Value>,
    /// Its buttons, in their order.
    pub buttons: Vec<Slot>,
    /// Its text; where a value comes stands [`review::place`]. `None`: it was handed in by a
    /// release that did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Rich>,
}

/// A value of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// Its name at the provider.
    pub name: String,
    /// The Liquid that makes it.
    pub source: String,
}

/// A button of a provider's template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Slot {
    /// Withdraws the recipient's consent.
    OptOut,
    /// Opens the same page for everybody.
    Page,
    /// Answers about the recipient's visit.
    Answer {
        /// Which button of the version it is, from 0.
        button: usize,
    },
    /// Opens a page whose address begins with this; the rest is the recipient's.
    Begins {
        /// Which button of the version it is, from 0.
        button: usize,
        /// In its normal form.
        prefix: String,
    },
}

/// Fills a provider's template.
#[derive(Debug)]
pub struct Filler {
    name: String,
    external_id: String,
    language: String,
    mapping: Mapping,
    values: Values,
    /// Characters of the text with its values.
    most: usize,
}

impl Filler {
    /// Fills the template of this name (with the provider's id) and language, whose text has so
    /// many characters at most.
    ///
    /// # Errors
    /// [`ParseError`]: the mapping was made by an engine that took it.
    pub fn new((name, external_id): (String, String), language: String, mapping: Mapping, most: usize) -> Result<Self, ParseError> {
        let values = Values::new(mapping.values.iter().map(|one| (one.name.as_str(), one.source.as_str())))?;
        Ok(Self { name, external_id, language, mapping, values, most })
    }

    /// How many values it takes.
    #[must_use]
    pub fn takes(&self) -> usize {
        self.mapping.values.len()
    }

    /// The recipient's values.
    ///
    /// # Errors
    /// [`RenderError`]: the delivery's reason, and a detail.
    pub fn values(&self, facts: &Facts) -> Result<Vec<String>, RenderError> {
        self.values.render(facts)
    }

    /// What the template says with these values, as the provider shows it: a value stands in it in
    /// one line, whatever the version's own text makes of it.
    #[must_use]
    pub fn said(&self, values: &[String]) -> Option<Rich> {
        let form = self.mapping.body.as_ref()?;
        let mut text = String::with_capacity(form.text.len());
        // Where each unit of the form is in the text.
        let (mut moved, mut unit) = (Vec::with_capacity(form.text.len()), 0);
        for char in form.text.chars() {
            moved.resize(moved.len() + char.len_utf16(), unit);
            match review::placed(char) {
                Some(n) => {
                    let value = values.get(n)?;
                    text.push_str(value);
                    unit += value.encode_utf16().count();
                }
                None => {
                    text.push(char);
                    unit += char.len_utf16();
                }
            }
        }
        moved.push(unit);
        let place = |at: usize| moved.get(at).copied().unwrap_or(unit);
        let spans = form.spans.iter().map(|span| {
            let offset = place(span.offset);
            Span { offset, len: place(span.offset.saturating_add(span.len)) - offset, style: span.style.clone() }
        });
        Some(Rich { spans: spans.collect(), text })
    }

    /// The message by the template: what it says as it was rendered, its values, its file.
    ///
    /// # Errors
    /// [`RenderError`]: it is longer than the provider takes, or an address of a button does not
    /// begin as all of them do.
    pub fn fill(&self, rendered: &Rendered, values: Vec<String>, header: Option<Media>) -> Result<ProviderTemplate, RenderError> {
        let length = rendered.body.text.chars().count();
        if length > self.most {
            return Err(RenderError { reason: Reason::TooLong, detail: format!("{length} of {}", self.most) });
        }
        let addresses: Vec<&ButtonAction> = rendered.buttons.iter().flatten().map(|button| &button.action).collect();
        let mut buttons = Vec::with_capacity(self.mapping.buttons.len());
        for slot in &self.mapping.buttons {
            buttons.push(match slot {
                Slot::OptOut => Some(ButtonAction::Callback(OPT_OUT_CALLBACK.to_owned())),
                Slot::Page => None,
                Slot::Answer { button } => addresses.get(*button).map(|action| (*action).clone()),
                Slot::Begins { button, prefix } => {
                    let end = addresses.get(*button).and_then(|action| compile::end_of(action, prefix));
                    let end = end.ok_or_else(|| RenderError {
                        reason: Reason::NoValue,
                        detail: super::engine::Place::ButtonUrl(*button).to_string(),
                    })?;
                    Some(ButtonAction::Url(end))
                }
            });
        }
        Ok(ProviderTemplate {
            name: self.name.clone(),
            external_id: self.external_id.clone(),
            language: self.language.clone(),
            parameters: self.mapping.values.iter().map(|value| value.name.clone()).zip(values).collect(),
            header,
            buttons,
        })
    }
}
