//! Rules of law that decide about messages: which class may go through which messenger, for a
//! company of which kind, from which day on. The rules are dated data (`core/data/law`); this room
//! reads them, and keeps what an account said of itself and which rules its owners switched off.
//!
//! A rule that is contested is told as contested, with its source and the day it was reviewed, and
//! an owner decides on the record. Nothing here is about consent or refusal: those have rooms of
//! their own, and no override reaches them.

pub mod answers;
pub mod file;
pub mod look;
pub mod profile;
pub mod queries;

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use file::{Broken, Messenger, Rule, Severity, Standing};
pub use profile::{LawError, Profile, Switched};

use crate::{account::Language, channel::ChannelKind, words::Class};

/// The rules of Russia.
const RU: &str = include_str!("../data/law/ru.toml");

/// The country whose law an account asked to be kept to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Country {
    /// Russia.
    Ru,
    /// Any other: the product has no rules of it.
    Other,
}

impl Country {
    /// The word in tables and data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a company does, as far as a rule turns on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Category {
    /// A bank or a payment firm.
    Bank,
    /// Another financial organisation: an insurer, a lender.
    Finance,
    /// A state or municipal body, or a company that is half the state's or more.
    State,
    /// A telecom operator.
    Telecom,
    /// A site with more than 500 thousand visitors a day, or classifieds with more than 100
    /// thousand.
    Marketplace,
    /// A pharmacy, a clinic.
    Pharmacy,
    /// Housing and utilities.
    Housing,
    /// Anything else.
    Other,
}

impl Category {
    /// Every category, in the order in which it is offered.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in tables and data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// All rules of a country.
#[derive(Debug, Clone, Default)]
pub struct Book {
    pub rules: Vec<Rule>,
    pub messengers: Vec<Messenger>,
}

/// The rules of Russia. They are part of the program, and a test reads them.
static BOOK: LazyLock<Book> = LazyLock::new(|| {
    file::read(RU).unwrap_or_else(|broken| {
        tracing::error!(%broken, "the rules of law cannot be read");
        Book::default()
    })
});

/// The rules the product knows.
#[must_use]
pub fn book() -> &'static Book {
    &BOOK
}

/// A message as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    pub class: Class,
    pub kind: ChannelKind,
    /// It carries something of the recipient's: a name, a field of the CRM.
    pub personal: bool,
    /// By the account's clock.
    pub day: NaiveDate,
}

/// What the rules say of a message, whatever an owner decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Allowed,
    Contested,
    Blocked,
}

/// How a rule that speaks of a message stands for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    /// Nothing goes.
    Blocks,
    /// The account has not said yet what the rule turns on: it is told, and the message goes.
    Unasked,
    /// An owner switched it off, with a reason.
    Off(Switched),
}

/// A rule that speaks of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    pub rule: &'static Rule,
    pub stand: Stand,
}

impl Book {
    /// A rule by its id; `None`: there is none (any more).
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The messenger behind a channel.
    #[must_use]
    pub fn behind(&self, kind: ChannelKind) -> Option<&str> {
        self.messengers.iter().find(|one| one.kinds.contains(&kind)).map(|one| one.name.as_str())
    }

    /// The rules in force that speak of a message of a company of this category; of a company that
    /// has not said its category, those of any.
    fn speaking(&self, category: Option<Category>, ask: Ask) -> impl Iterator<Item = &Rule> {
        let behind = self.behind(ask.kind);
        self.rules.iter().filter(move |rule| {
            rule.is_in_force(ask.day)
                && rule.gate.as_ref().is_some_and(|gate| {
                    gate.classes.contains(&ask.class)
                        && behind.is_some_and(|behind| gate.messengers.iter().any(|one| one == behind))
                        && (!gate.personal || ask.personal)
                        && (gate.categories.is_empty() || category.is_none_or(|own| gate.categories.contains(&own)))
                })
        })
    }

    /// What the rules say of a message of a company of this category.
    #[must_use]
    pub fn cell(&self, category: Category, ask: Ask) -> Cell {
        let of = |rule: &Rule| if rule.severity == Severity::Contested { Cell::Contested } else { Cell::Blocked };
        self.speaking(Some(category), ask).map(of).max().unwrap_or(Cell::Allowed)
    }

    /// The rules that speak of a message of an account, and how each stands for it.
    #[must_use]
    pub fn rulings(&'static self, profile: &Profile, ask: Ask) -> Vec<Ruling> {
        if profile.country == Some(Country::Other) {
            return Vec::new();
        }
        let stand = |rule: &Rule| {
            let turns_on_category = rule.gate.as_ref().is_some_and(|gate| !gate.categories.is_empty());
            if profile.country.is_none() || (turns_on_category && profile.category.is_none()) {
                Stand::Unasked
            } else {
                profile.off.get(&rule.id).filter(|_| rule.off).map_or(Stand::Blocks, |switched| Stand::Off(switched.clone()))
            }
        };
        self.speaking(profile.category, ask).map(|rule| Ruling { rule, stand: stand(rule) }).collect()
    }

    /// The rules because of which a message of an account must not go.
    #[must_use]
    pub fn blocking(&'static self, profile: &Profile, ask: Ask) -> Vec<&'static Rule> {
        self.rulings(profile, ask).into_iter().filter(|ruling| ruling.stand == Stand::Blocks).map(|ruling| ruling.rule).collect()
    }

    /// Whether a message of an account must not go.
    #[must_use]
    pub fn blocks(&'static self, profile: &Profile, ask: Ask) -> bool {
        !self.blocking(profile, ask).is_empty()
    }

    /// Whether it depends on what the message carries whether it may go. Otherwise nobody need look
    /// at its text.
    #[must_use]
    pub fn turns_on_personal(&'static self, profile: &Profile, ask: Ask) -> bool {
        let with = |personal| self.blocks(profile, Ask { personal, ..ask });
        with(true) != with(false)
    }

    /// Whether a company must not use a messenger at all on a day, whatever it writes.
    #[must_use]
    pub fn bars(&'static self, profile: &Profile, kind: ChannelKind, day: NaiveDate) -> bool {
        [Class::Advertising, Class::Service].into_iter().all(|class| self.blocks(profile, Ask { class, kind, personal: false, day }))
    }
}

impl Rule {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn is_in_force(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|last| day <= last)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::Ru => &self.name_ru,
            Language::En => &self.name_en,
        }
    }

    /// Its sentence.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }

    /// How it stands for an account on a day.
    #[must_use]
    pub fn standing(&self, profile: &Profile, day: NaiveDate) -> Standing {
        if day < self.from {
            Standing::Ahead
        } else if !self.is_in_force(day) {
            Standing::Over
        } else if profile.country == Some(Country::Other) {
            Standing::Elsewhere
        } else if self.off && profile.off.contains_key(&self.id) {
            Standing::Off
        } else if self.severity == Severity::Contested {
            Standing::Contested
        } else {
            Standing::InForce
        }
    }
}

#[cfg(test)]
mod tests;
