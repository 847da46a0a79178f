//! The tour: the main job, step by step, by typing and pressing as people do. What it says in
//! numbers it has counted: in the doubles' ledgers, in the CRM, in the books.

mod after;
mod before;
mod cascade;

use anyhow::anyhow;
use chrono_tz::Tz;
use mms_bot::i18n::{Arg, Tr};
use mms_core::account::Language;

use super::{Stage, cast::Cast};

/// A phone that did not show what it should ends the tour with what it showed.
fn wrong(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{error}")
}

/// Words of the members' screens, as the screens themselves have them.
#[derive(Clone, Copy)]
struct Words(Tr);

impl Words {
    fn new(language: Language) -> Self {
        Self(Tr::new(language, Tz::Europe__Moscow))
    }

    /// A text without values, plain.
    fn of(self, key: &'static str) -> String {
        self.0.plain(key, &[])
    }

    /// A text that names a title, plain.
    fn named(self, key: &'static str, title: &str) -> String {
        self.0.plain(key, &[("title", Arg::from(title))])
    }

    /// A text that names a purpose, plain.
    fn purpose(self, key: &'static str, purpose: &str) -> String {
        self.0.plain(key, &[("purpose", Arg::from(purpose))])
    }

    /// The first line of a text without values, as a phone shows it.
    fn head(self, key: &'static str) -> String {
        let html = self.0.html(key, &[]);
        let plain = mms_core::text::Rich::from_html(&html).map(|rich| rich.text).unwrap_or(html);
        plain.lines().next().unwrap_or_default().to_owned()
    }
}

/// The name of the tour's template, segment and campaign.
struct Names {
    template: &'static str,
    segment: &'static str,
    campaign: &'static str,
}

fn names(language: Language) -> Names {
    match language {
        Language::Ru => Names {
            template: "Скидка на пионы", segment: "Крупные города", campaign: "Пионы в ноябре"
        },
        Language::En => Names { template: "Peonies at a discount", segment: "Big cities", campaign: "Peonies in November" },
    }
}

/// Plays it.
///
/// # Errors
/// The first thing that was not as it should be.
pub async fn play(stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
    let words = Words::new(stage.language);
    let names = names(stage.language);
    before::sign_in(stage, cast).await?;
    before::connect_bot(stage, cast, words).await?;
    let connection = before::connect_crm(stage, cast, words).await?;
    before::customers_come(stage, cast).await?;
    before::template(stage, cast, words, &names).await?;
    before::segment(stage, cast, words, &names).await?;
    let planned = before::campaign(stage, cast, words, &names).await?;
    let out = after::watch(stage, cast, words, planned).await?;
    after::books(stage, cast, &names, planned, &out).await?;
    after::crm(stage, connection, &out).await?;
    cascade::play(stage, cast, words).await
}
