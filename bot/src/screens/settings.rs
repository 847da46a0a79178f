//! The account's settings and the wording of its consents.

mod cards;
pub mod prices;

pub use cards::{
    again, ask, ask_held, ask_wording, caps, card, grades, languages, purpose, sessions as sessions_card, wording_card,
    wordings as wordings_card, zones,
};

use chrono_tz::Tz;
use mms_core::{
    account::{
        Language,
        settings::{self as core_settings, AccountSettings, Change},
    },
    campaign::advertising::{self, ConfirmError},
    channel::ChannelKind,
    consent::{
        Grade, Purpose,
        wording::{self, Wording, WordingError},
    },
    price::Category,
    text::said::spans,
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
    },
    i18n::Tr,
    p, wire_enum, words,
};

/// Zones offered by buttons, from west to east; others are typed.
pub const ZONES: [Tz; 11] = [
    Tz::Europe__Kaliningrad,
    Tz::Europe__Moscow,
    Tz::Europe__Samara,
    Tz::Asia__Yekaterinburg,
    Tz::Asia__Omsk,
    Tz::Asia__Krasnoyarsk,
    Tz::Asia__Irkutsk,
    Tz::Asia__Yakutsk,
    Tz::Asia__Vladivostok,
    Tz::Asia__Magadan,
    Tz::Asia__Kamchatka,
];

/// A setting that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The company's name.
    Name,
    /// The zone, by its IANA name.
    Zone,
    /// The region of phones.
    Region,
    /// Who advertises.
    Advertiser,
    /// Hours between two advertising messages.
    Cap,
}

wire_enum!(What { Name = "n", Zone = "z", Region = "r", Advertiser = "a", Cap = "c" });
wire_enum!(Grade { A = "a", B = "b", C = "c", D = "d" });
wire_enum!(Category { Marketing = "m", Utility = "u", Authentication = "a", Service = "s" });
wire_enum!(Purpose { PersonalData = "p", Marketing = "m" });

calls! {
    /// Buttons of settings.
    pub enum Call {
        /// The card.
        "s" Open => View,
        /// Type this one.
        "t" Ask { what: What } => Own,
        /// Which zone?
        "z" Zones => Own,
        /// This zone of the list.
        "Z" SetZone { index: u8 } => Own,
        /// Which evidence?
        "g" Grades => Own,
        /// This evidence.
        "G" SetGrade { grade: Grade } => Own,
        /// How often?
        "c" Caps => Own,
        /// So often.
        "C" SetCap { hours: u16 } => Own,
        /// Which language for customers?
        "l" Languages => Own,
        /// This language.
        "L" SetLanguage { language: Language } => Own,
        /// Let advertising go on after a restore?
        "h" AskHeld => Own,
        /// Let it go on.
        "H" Release => Own,
        /// How long do sessions last?
        "i" Sessions => Own,
        /// So many days without use.
        "I" SetIdle { days: u16 } => Own,
        /// Whether everybody proves a second factor.
        "2" Demand { on: bool } => Own,
        /// Whether the licensor may show the company's logo.
        "o" Logo { on: bool } => Own,
        /// So many days since the sign-in.
        "M" SetLongest { days: u16 } => Own,
        /// What messages cost.
        "p" Prices => View,
        /// A messenger's messages of one category.
        "P" Price { kind: ChannelKind, category: Category } => View,
        /// What does it cost?
        "q" AskPrice { kind: ChannelKind, category: Category } => Own,
        /// The company's own prices go.
        "Q" ClearPrice { kind: ChannelKind, category: Category } => Own,
        /// Wordings.
        "w" Wordings => View,
        /// One wording.
        "W" Wording { purpose: Purpose, language: Language } => View,
        /// Write a wording anew.
        "e" EditWording { purpose: Purpose, language: Language } => Own,
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A setting.
    Value {
        what: What,
    },
    Wording {
        purpose: Purpose,
        language: Language,
    },
    /// What a messenger's messages of one category cost.
    Price {
        kind: ChannelKind,
        category: Category,
    },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Own
    }
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the account room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open => Ok(open(cx).await?.into()),
        Call::Ask { what } => {
            cx.ask(Step::Value { what }).await?;
            Ok(ask(cx.tr, what).into())
        }
        Call::Zones => Ok(zones(cx.tr, load(cx).await?.tz(), cx.now).into()),
        Call::SetZone { index } => {
            let zone = ZONES.get(usize::from(index)).ok_or(BotError::Gone)?;
            change(cx, Change::Zone(zone.name().to_owned())).await
        }
        Call::Grades => Ok(grades(cx.tr, load(cx).await?.min_grade).into()),
        Call::SetGrade { grade } => change(cx, Change::MinGrade(grade)).await,
        Call::Caps => Ok(caps(cx.tr, load(cx).await?.cap_hours).into()),
        Call::SetCap { hours } => change(cx, Change::CapHours(i32::from(hours))).await,
        Call::Languages => Ok(languages(cx.tr, load(cx).await?.language).into()),
        Call::SetLanguage { language } => change(cx, Change::Language(language)).await,
        Call::AskHeld => Ok(ask_held(cx.tr).into()),
        Call::Release => release(cx).await,
        Call::Sessions => Ok(sessions_card(cx.tr, &load(cx).await?).into()),
        Call::SetIdle { days } => change(cx, Change::SessionIdle(i32::from(days))).await,
        Call::Demand { on } => change(cx, Change::SecondFactor(on)).await,
        Call::Logo { on } => change(cx, Change::Logo(on)).await,
        Call::SetLongest { days } => change(cx, Change::SessionMax(i32::from(days))).await,
        Call::Prices => prices::show(cx).await,
        Call::Price { kind, category } => prices::show_one(cx, (kind, category)).await,
        Call::AskPrice { kind, category } => prices::ask(cx, (kind, category)).await,
        Call::ClearPrice { kind, category } => prices::clear(cx, (kind, category)).await,
        Call::Wordings => Ok(wordings_card(cx.tr, &wording::list(&cx.deps.store, cx.actor()?.account).await?).into()),
        Call::Wording { purpose, language } => show_wording(cx, purpose, language).await,
        Call::EditWording { purpose, language } => {
            cx.ask(Step::Wording { purpose, language }).await?;
            Ok(ask_wording(cx.tr, purpose, language).into())
        }
    }
}

/// An answer.
///
/// # Errors
/// The database's; a refusal of the account room.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Value { what } => take_value(cx, what, input.text()).await,
        Step::Price { kind, category } => prices::typed(cx, (kind, category), input.text()).await,
        Step::Wording { purpose, language } => take_wording(cx, purpose, language, input.text()).await,
    }
}

async fn load(cx: &Cx) -> Result<AccountSettings, BotError> {
    core_settings::get(&cx.deps.store, cx.actor()?.account).await?.ok_or(BotError::Gone)
}

async fn open(cx: &Cx) -> Result<crate::frame::screen::Screen, BotError> {
    let actor = cx.actor()?;
    let held = advertising::held(&cx.deps.store, actor.account).await?;
    Ok(card(cx.tr, &load(cx).await?, held.as_ref(), actor.role, cx.now))
}

async fn release(cx: &Cx) -> Outcome {
    match advertising::confirm(&cx.deps.store, cx.actor()?, cx.now).await {
        Ok(_) => Ok(crate::frame::reply::Reply::screen(open(cx).await?).saying(p!(cx.tr, "settings-held-done"))),
        Err(ConfirmError::Unread(names)) => Err(BotError::Refused(p!(cx.tr, "settings-held-unread", names = names.join(", ")))),
        Err(ConfirmError::Account(error)) => Err(words::refused(cx.tr, error)),
        Err(ConfirmError::Db(error)) => Err(error.into()),
    }
}

async fn change(cx: &Cx, change: Change) -> Outcome {
    let new = core_settings::change(&cx.deps.store, cx.actor()?, &change, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let tr = Tr { zone: new.tz(), ..cx.tr };
    let held = advertising::held(&cx.deps.store, cx.actor()?.account).await?;
    Ok(crate::frame::reply::Reply::screen(card(tr, &new, held.as_ref(), cx.actor()?.role, cx.now)).saying(p!(cx.tr, "settings-saved")))
}

async fn take_value(cx: &Cx, what: What, text: &str) -> Outcome {
    let change = match what {
        What::Name => Change::Name(text.to_owned()),
        What::Zone => Change::Zone(text.to_owned()),
        What::Region => Change::PhoneRegion(text.to_owned()),
        What::Advertiser => Change::Advertiser(text.to_owned()),
        What::Cap => match spans::hours(text) {
            Some(hours) => Change::CapHours(hours),
            None => return Ok(again(cx.tr, &p!(cx.tr, "setting-cap-bad")).into()),
        },
    };
    match core_settings::change(&cx.deps.store, cx.actor()?, &change, cx.now).await {
        Ok(new) => {
            cx.leave().await?;
            let held = advertising::held(&cx.deps.store, cx.actor()?.account).await?;
            Ok(card(Tr { zone: new.tz(), ..cx.tr }, &new, held.as_ref(), cx.actor()?.role, cx.now).into())
        }
        Err(error) => Ok(again(cx.tr, &words::account_refusal(cx.tr, error)?).into()),
    }
}

async fn current(cx: &Cx, purpose: Purpose, language: Language) -> Result<Option<Wording>, BotError> {
    Ok(wording::current(&cx.deps.store, cx.actor()?.account, purpose, language).await?)
}

async fn show_wording(cx: &Cx, purpose: Purpose, language: Language) -> Outcome {
    let found = current(cx, purpose, language).await?;
    let default = wording::default_text(purpose, language, &load(cx).await?.name);
    Ok(wording_card(cx.tr, purpose, language, found.as_ref(), &default, cx.actor()?.role).into())
}

async fn take_wording(cx: &Cx, purpose: Purpose, language: Language, text: &str) -> Outcome {
    match wording::set(&cx.deps.store, cx.actor()?, purpose, language, text, cx.now).await {
        Ok(_) => {
            cx.leave().await?;
            show_wording(cx, purpose, language).await
        }
        Err(WordingError::Length) => Ok(again(cx.tr, &p!(cx.tr, "settings-wording-length", max = wording::MAX_CHARS)).into()),
        Err(WordingError::Account(error)) => Err(words::refused(cx.tr, error)),
    }
}
