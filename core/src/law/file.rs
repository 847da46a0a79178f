//! Reads a file of rules, and refuses a broken one in words: a rule that is misread would block
//! what is allowed, or let go what is not.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use config::{Config, File, FileFormat};
use serde::Deserialize;

use super::{Book, Category, look::Pattern};
use crate::{account::Language, channel::ChannelKind, words::Class};

/// How a rule stands in itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Opinions or authorities differ: nothing goes until an owner decides.
    Contested,
    /// Nothing goes.
    Block,
    /// The check of a text refuses it.
    Error,
    /// The check of a text warns of it.
    Warning,
    /// Kept elsewhere in the product, or told only.
    Note,
}

/// How a rule stands for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    InForce,
    Contested,
    /// An owner switched it off.
    Off,
    /// It comes into force later.
    Ahead,
    /// It is not in force any more.
    Over,
    /// The company works in another country.
    Elsewhere,
}

/// What a rule forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    pub classes: Vec<Class>,
    /// Names of messengers ([`Messenger::name`]).
    pub messengers: Vec<String>,
    /// Companies of these; empty: all.
    pub categories: Vec<Category>,
    /// Only messages with something of the recipient's.
    pub personal: bool,
}

/// How a text is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// For words.
    #[default]
    Words,
    /// For words in Latin letters.
    Latin,
    /// Whether a file goes along.
    Picture,
}

/// What answers a finding for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    /// A member's word that it is none.
    #[default]
    Word,
    /// A document that is attached, or that word.
    Document,
    /// Whose the picture is.
    Right,
}

/// One thing of several that a text must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What it is, in Russian and in English: it goes on after «не хватает».
    pub ru: String,
    pub en: String,
    /// Any of these.
    pub any: Vec<Pattern>,
}

impl Need {
    /// What it is, in a language.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }
}

/// What the check of a text looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    pub classes: Vec<Class>,
    pub look: Look,
    pub answered_by: AnsweredBy,
    /// An answer is about the sentences that set it off, though something is missing.
    pub by_sentence: bool,
    /// What sets it off; empty: any text.
    pub when: Vec<Pattern>,
    /// Where the same words mean something else.
    pub unless: Vec<Pattern>,
    /// All of these must be there.
    pub needs: Vec<Need>,
}

/// A rule of law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// As `docs/ru/law.md` calls it.
    pub id: String,
    /// A few words for a button, in Russian and in English.
    pub name_ru: String,
    pub name_en: String,
    /// One sentence, in Russian and in English.
    pub ru: String,
    pub en: String,
    /// Where it was read.
    pub source: String,
    /// The first day it is in force.
    pub from: NaiveDate,
    /// The last day; `None`: it has no end.
    pub until: Option<NaiveDate>,
    /// The day on which somebody looked whether it still says this.
    pub reviewed: NaiveDate,
    pub severity: Severity,
    /// An owner may switch it off, with a reason.
    pub off: bool,
    /// Terms that the law counts in working days.
    pub terms: Vec<u32>,
    pub gate: Option<Gate>,
    pub lint: Option<Lint>,
}

/// A messenger as the law sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Messenger {
    pub name: String,
    /// Every kind of channel that goes through it.
    pub kinds: Vec<ChannelKind>,
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It cannot be read at all, or says something that is not asked for.
    #[error("the file cannot be read: {0}")]
    Shape(String),
    /// A rule says something impossible.
    #[error("the rule `{rule}` {what}")]
    Rule { rule: String, what: String },
    /// A messenger says something impossible.
    #[error("the messenger `{name}` {what}")]
    Messenger { name: String, what: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    country: super::Country,
    reviewed: NaiveDate,
    messenger: Vec<MessengerShape>,
    rule: Vec<RuleShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessengerShape {
    name: String,
    kinds: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleShape {
    id: String,
    name_ru: String,
    name_en: String,
    ru: String,
    en: String,
    source: String,
    from: NaiveDate,
    until: Option<NaiveDate>,
    reviewed: Option<NaiveDate>,
    severity: Severity,
    off: bool,
    #[serde(default)]
    terms: Vec<u32>,
    gate: Option<GateShape>,
    lint: Option<LintShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GateShape {
    classes: Vec<Class>,
    messengers: Vec<String>,
    #[serde(default)]
    categories: Vec<Category>,
    #[serde(default)]
    personal: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LintShape {
    classes: Vec<Class>,
    #[serde(default)]
    look: Look,
    #[serde(default)]
    answer: AnsweredBy,
    #[serde(default)]
    by_sentence: bool,
    #[serde(default)]
    when: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    needs: Vec<NeedShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeedShape {
    ru: String,
    en: String,
    any: Vec<String>,
}

/// Reads a file of rules.
///
/// # Errors
/// [`Broken`], in words.
pub fn read(text: &str) -> Result<Book, Broken> {
    let shape: Shape = Config::builder()
        .add_source(File::from_str(text, FileFormat::Toml))
        .build()
        .and_then(Config::try_deserialize)
        .map_err(|error| Broken::Shape(error.to_string()))?;
    if shape.country != super::Country::Ru {
        return Err(Broken::Shape(format!("there are no rules of the country `{}`", shape.country.as_str())));
    }
    let messengers = messengers(shape.messenger)?;
    let mut ids = BTreeSet::new();
    let mut rules = Vec::with_capacity(shape.rule.len());
    for rule in shape.rule {
        if !ids.insert(rule.id.clone()) {
            return Err(Broken::Rule { rule: rule.id, what: "is there twice".to_owned() });
        }
        rules.push(checked(rule, shape.reviewed, &messengers)?);
    }
    Ok(Book { rules, messengers })
}

fn messengers(shapes: Vec<MessengerShape>) -> Result<Vec<Messenger>, Broken> {
    let mut all: Vec<Messenger> = Vec::with_capacity(shapes.len());
    for MessengerShape { name, kinds: names } in shapes {
        let broken = |what: String| Broken::Messenger { name: name.clone(), what };
        if all.iter().any(|one| one.name == name) {
            return Err(broken("is there twice".to_owned()));
        }
        let mut kinds = Vec::with_capacity(names.len());
        for word in names {
            let kind = ChannelKind::named(&word).ok_or_else(|| broken(format!("has the kind `{word}`, which there is not")))?;
            if kinds.contains(&kind) || all.iter().any(|one| one.kinds.contains(&kind)) {
                return Err(broken(format!("has the kind `{word}`, which has one already")));
            }
            kinds.push(kind);
        }
        all.push(Messenger { name, kinds });
    }
    Ok(all)
}

fn checked(shape: RuleShape, reviewed: NaiveDate, messengers: &[Messenger]) -> Result<Rule, Broken> {
    let RuleShape { id, name_ru, name_en, ru, en, source, from, until, reviewed: own, severity, off, terms, gate, lint } = shape;
    let broken = |what: &str| Err(Broken::Rule { rule: id.clone(), what: what.to_owned() });
    for (text, name) in [
        (&id, "id"),
        (&name_ru, "name in Russian"),
        (&name_en, "name in English"),
        (&ru, "sentence in Russian"),
        (&en, "sentence in English"),
        (&source, "source"),
    ] {
        if text.trim().is_empty() {
            return broken(&format!("has no {name}"));
        }
    }
    // A button carries the id.
    if id.len() > MAX_ID || !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return broken(&format!("has an id that is not {MAX_ID} small Latin letters, digits and hyphens at most"));
    }
    if until.is_some_and(|last| last < from) {
        return broken("ends before it begins");
    }
    match (severity, &lint) {
        (Severity::Error | Severity::Warning, None) => return broken("is to be found in texts and does not say how (`lint`)"),
        (Severity::Error | Severity::Warning, Some(_)) if gate.is_some() => {
            return broken("cannot both stop something (`gate`) and be found in texts");
        }
        (Severity::Error | Severity::Warning, Some(_)) | (_, None) => {}
        (_, Some(_)) => return broken("is found in texts (`lint`), so it is an error or a warning"),
    }
    match (severity, &gate) {
        (Severity::Contested | Severity::Block, None) => return broken("is to stop something and does not say what (`gate`)"),
        (Severity::Note, Some(_)) => return broken("stops something (`gate`) and is called a note"),
        (Severity::Contested, Some(_)) if !off => return broken("is contested, so an owner must be able to decide (`off = true`)"),
        (Severity::Note, None) if off => return broken("is kept elsewhere, so nobody can switch it off here (`off = false`)"),
        _ => {}
    }
    let gate = match gate {
        None => None,
        Some(GateShape { classes, messengers: names, categories, personal }) => {
            if classes.is_empty() || names.is_empty() {
                return broken("stops nothing: it names no class, or no messenger");
            }
            if let Some(name) = names.iter().find(|name| !messengers.iter().any(|one| one.name == **name)) {
                return broken(&format!("names the messenger `{name}`, which is not in the file"));
            }
            Some(Gate { classes, messengers: names, categories, personal })
        }
    };
    let lint = match lint {
        None => None,
        Some(shape) => Some(looked_for(shape).map_err(|what| Broken::Rule { rule: id.clone(), what })?),
    };
    Ok(Rule { id, name_ru, name_en, ru, en, source, from, until, reviewed: own.unwrap_or(reviewed), severity, off, terms, gate, lint })
}

fn looked_for(shape: LintShape) -> Result<Lint, String> {
    let LintShape { classes, look, answer, by_sentence, when, unless, needs } = shape;
    if classes.is_empty() {
        return Err("is looked for in texts of no class".to_owned());
    }
    if by_sentence && when.is_empty() {
        return Err("is answered by sentences, and nothing in one sets it off".to_owned());
    }
    if look == Look::Words && when.is_empty() && needs.is_empty() {
        return Err("looks for no word".to_owned());
    }
    if (look == Look::Picture) != (answer == AnsweredBy::Right) {
        return Err("asks whose a picture is where there is none, or does not ask where there is one".to_owned());
    }
    let patterns = |words: Vec<String>| words.iter().map(|text| Pattern::read(text)).collect::<Result<Vec<_>, _>>();
    let mut read = Vec::with_capacity(needs.len());
    for NeedShape { ru, en, any } in needs {
        if ru.trim().is_empty() || en.trim().is_empty() || any.is_empty() {
            return Err("needs something that has no words".to_owned());
        }
        read.push(Need { ru, en, any: patterns(any)? });
    }
    Ok(Lint { classes, look, answered_by: answer, by_sentence, when: patterns(when)?, unless: patterns(unless)?, needs: read })
}

/// Bytes of a rule's id.
pub const MAX_ID: usize = 28;
