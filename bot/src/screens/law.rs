//! The law: where the company works and what it does, asked once; the rules with how each stands;
//! a rule with its source, and an owner's decision about it.

mod cards;

pub use cards::{ask_reason, card, categories, notes, rule as rule_card, rule_button, texts};

use chrono::NaiveDate;
use mms_core::{
    account::settings,
    law::{
        self as core_law, Category, Country, LawError, Profile, Rule,
        profile::{self, REASON},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::{Field, Need},
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
    },
    p, wire_enum, words,
};

wire_enum!(Country { Ru = "ru", Other = "o" });
wire_enum!(Category {
    Bank = "b",
    Finance = "f",
    State = "s",
    Telecom = "t",
    Marketplace = "m",
    Pharmacy = "p",
    Housing = "h",
    Other = "o"
});

/// The rule that knows trademarks.
const TRADEMARKS: &str = "168fz";

/// A rule's id, as a button carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleId(pub String);

impl Field for RuleId {
    fn put(&self) -> String {
        self.0.clone()
    }
    fn take(text: &str) -> Option<Self> {
        core_law::book().rule(text).map(|rule| Self(rule.id.clone()))
    }
    fn sample() -> Self {
        let longest = core_law::book().rules.iter().map(|rule| rule.id.as_str()).max_by_key(|id| id.len());
        Self(longest.unwrap_or_default().to_owned())
    }
}

calls! {
    /// Buttons of the law.
    pub enum Call {
        /// The card.
        "o" Open => View,
        /// The company works there.
        "C" SetCountry { country: Country } => Own,
        /// What does it do?
        "k" Categories => Own,
        /// It does this.
        "K" SetCategory { category: Category } => Own,
        /// Rules of texts.
        "t" Texts => View,
        /// Rules that are told only.
        "n" Notes => View,
        /// A rule.
        "r" Rule { rule: RuleId } => View,
        /// Switch it off: asks why.
        "x" AskOff { rule: RuleId } => Own,
        /// Switch it on again.
        "X" On { rule: RuleId } => Own,
        /// What it finds in a text stops the text, or does not.
        "s" Strict { rule: RuleId, strict: bool } => Own,
        /// No word is a trademark any more.
        "T" ClearTrademarks => Own,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Why a rule is switched off.
    Reason { rule: RuleId },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Own
    }
}

async fn load(cx: &Cx) -> Result<(Profile, NaiveDate), BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let day = cx.now.with_timezone(&settings::zone(store, account).await?).date_naive();
    Ok((profile::load(store, account).await?, day))
}

fn known(rule: &RuleId) -> Result<&'static Rule, BotError> {
    core_law::book().rule(&rule.0).ok_or(BotError::Gone)
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the room of law.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open => open(cx).await,
        Call::SetCountry { country } => set_country(cx, country).await,
        Call::Categories => Ok(categories(cx.tr, load(cx).await?.0.category).into()),
        Call::SetCategory { category } => {
            say(cx, Country::Ru, Some(category)).await?;
            Ok(open(cx).await?.saying(p!(cx.tr, "settings-saved")))
        }
        Call::Texts => {
            let (profile, day) = load(cx).await?;
            Ok(texts(cx.tr, &profile, day).into())
        }
        Call::Notes => {
            let (profile, day) = load(cx).await?;
            Ok(notes(cx.tr, &profile, day).into())
        }
        Call::Rule { rule } => show(cx, &rule).await,
        Call::AskOff { rule } => {
            let found = known(&rule)?;
            cx.ask(Step::Reason { rule }).await?;
            Ok(ask_reason(cx.tr, found, None).into())
        }
        Call::On { rule } => {
            let done = profile::switch_on(&cx.deps.store, cx.actor()?, &rule.0, cx.now).await;
            done.map_err(|error| refused(cx, error))?;
            Ok(show(cx, &rule).await?.saying(p!(cx.tr, "law-on-again")))
        }
        Call::Strict { rule, strict } => {
            let done = profile::set_strict(&cx.deps.store, cx.actor()?, &rule.0, strict, cx.now).await;
            done.map_err(|error| refused(cx, error))?;
            Ok(show(cx, &rule).await?.saying(p!(cx.tr, "settings-saved")))
        }
        Call::ClearTrademarks => {
            let done = profile::clear_trademarks(&cx.deps.store, cx.actor()?, cx.now).await;
            done.map_err(|error| refused(cx, error))?;
            Ok(show(cx, &RuleId(TRADEMARKS.to_owned())).await?.saying(p!(cx.tr, "settings-saved")))
        }
    }
}

/// An answer.
///
/// # Errors
/// The database's; a refusal of the room of law.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let Step::Reason { rule } = step;
    let found = known(&rule)?;
    match profile::switch_off(&cx.deps.store, cx.actor()?, &rule.0, input.text(), cx.now).await {
        Ok(_) => {
            cx.leave().await?;
            show(cx, &rule).await
        }
        Err(LawError::Reason) => {
            let (least, most) = REASON;
            Ok(ask_reason(cx.tr, found, Some(&p!(cx.tr, "law-reason-bad", least = least, most = most))).into())
        }
        Err(error) => Err(refused(cx, error)),
    }
}

/// The room's refusal in words.
pub fn refused(cx: &Cx, error: LawError) -> BotError {
    match error {
        LawError::Account(error) => words::refused(cx.tr, error),
        LawError::NoRule(_) => BotError::Gone,
        LawError::NoSwitch(_) | LawError::Reason => BotError::Refused(p!(cx.tr, "law-no-switch")),
    }
}

async fn open(cx: &Cx) -> Outcome {
    let (profile, day) = load(cx).await?;
    Ok(card(cx.tr, &profile, day, cx.actor()?.role).into())
}

async fn show(cx: &Cx, rule: &RuleId) -> Result<Reply, BotError> {
    let (profile, day) = load(cx).await?;
    Ok(rule_card(cx.tr, known(rule)?, &profile, day, cx.actor()?.role).into())
}

async fn say(cx: &Cx, country: Country, category: Option<Category>) -> Result<(), BotError> {
    let said = profile::say(&cx.deps.store, cx.actor()?, country, category, cx.now).await;
    said.map(|_| ()).map_err(|error| refused(cx, error))
}

/// In Russia it matters what the company does, so that is asked at once.
async fn set_country(cx: &Cx, country: Country) -> Outcome {
    let before = load(cx).await?.0.category;
    say(cx, country, before).await?;
    match (country, before) {
        (Country::Ru, None) => Ok(categories(cx.tr, None).into()),
        _ => Ok(open(cx).await?.saying(p!(cx.tr, "settings-saved"))),
    }
}
