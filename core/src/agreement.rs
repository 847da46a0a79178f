//! The agreement between the licensor and a company: texts with versions, who accepted which, and
//! what a company and its licensor say to each other.
//!
//! The licensor's texts are Markdown files of a folder named in the settings. Each version that was
//! ever in force is kept as it was (`agreement_text` and `agreement_acceptance` refuse changes), so
//! what somebody accepted can be read, compared and proved later. A version that is in force and
//! not accepted lets no campaign be launched; whatever runs, opt-outs and exports go on.

pub mod acceptance;
pub mod claims;
pub mod difference;
pub mod files;
pub mod history;
pub mod queries;
pub mod support;
pub mod texts;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::account::Language;

/// What is accepted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    sqlx::Type,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Document {
    /// The licence agreement.
    Agreement,
    /// The policy of personal data.
    Privacy,
}

impl Document {
    /// Every document, in the order in which they are shown.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in tables and in names of files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A sample of the texts, in our own words: file name and content.
pub const SAMPLE: [(&str, &str); 4] = [
    ("agreement_sample_2026-12-01_ru.md", include_str!("../data/agreement/agreement_sample_2026-12-01_ru.md")),
    ("agreement_sample_2026-12-01_en.md", include_str!("../data/agreement/agreement_sample_2026-12-01_en.md")),
    ("privacy_sample_2026-12-01_ru.md", include_str!("../data/agreement/privacy_sample_2026-12-01_ru.md")),
    ("privacy_sample_2026-12-01_en.md", include_str!("../data/agreement/privacy_sample_2026-12-01_en.md")),
];

/// The language's word in names of files.
fn language(word: &str) -> Option<Language> {
    [Language::Ru, Language::En].into_iter().find(|language| language.as_str() == word)
}
