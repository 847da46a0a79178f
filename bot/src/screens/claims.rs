//! The register of claims: entered, answered and closed by owners, each with its clock of thirty
//! days; as a file, too.

mod cards;

pub use cards::{ask_answer, ask_claimant, ask_subject, card, directions, list};

use mms_core::{
    agreement::{
        claims::{self as room, CLAIMANT, Claim, ClaimError, Direction, LONGEST, NewClaim},
        support::Attached,
    },
    contact::export::MIME,
    id::ClaimId,
    store::file,
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    p, t, wire_enum, words,
};

wire_enum!(Direction { ToLicensor = "l", ToCompany = "c" });

calls! {
    /// Buttons of the register.
    pub enum Call {
        /// The claims.
        "l" List { page: u32 } => Own,
        /// A claim.
        "c" Card { claim: ClaimId } => Own,
        /// Enter one: against whom?
        "n" New => Own,
        /// Against this one: who claims?
        "N" NewOf { direction: Direction } => Own,
        /// Answer it.
        "a" Answer { claim: ClaimId } => Own,
        /// Its document.
        "f" File { claim: ClaimId } => Own,
        /// It is over.
        "X" Close { claim: ClaimId } => Own,
        /// The register as a file.
        "H" Export => Own,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Who claims?
    Claimant { direction: Direction },
    /// What is claimed?
    Subject { direction: Direction, claimant: String },
    /// The answer.
    Answer { claim: ClaimId },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Own
    }

    // The words of a claim may be under its document; without them it says what is missing.
    fn takes(&self, input: &Input) -> bool {
        input.has_words() || (matches!(self, Self::Subject { .. }) && input.file.is_some())
    }
}

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    match call {
        Call::List { page } => Ok(list(cx.tr, &room::list(store, account).await?, page, cx.now).into()),
        Call::Card { claim } => show(cx, claim).await,
        Call::New => Ok(directions(cx.tr).into()),
        Call::NewOf { direction: Direction::ToLicensor } => {
            let direction = Direction::ToLicensor;
            let claimant = mms_core::account::settings::company(store, account).await.map_err(|error| words::refused(cx.tr, error))?;
            cx.ask(Step::Subject { direction, claimant }).await?;
            Ok(ask_subject(cx.tr, direction).into())
        }
        Call::NewOf { direction } => {
            cx.ask(Step::Claimant { direction }).await?;
            Ok(ask_claimant(cx.tr).into())
        }
        Call::Answer { claim } => {
            let found = load(cx, claim).await?;
            cx.ask(Step::Answer { claim }).await?;
            Ok(ask_answer(cx.tr, &found).into())
        }
        Call::File { claim } => document(cx, claim).await,
        Call::Close { claim } => {
            room::close(store, cx.actor()?, claim, cx.now).await.map_err(|error| refused(cx, error))?;
            Ok(show(cx, claim).await?.saying(p!(cx.tr, "claims-closed-now")))
        }
        Call::Export => export(cx).await,
    }
}

/// An answer.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Claimant { direction } => {
            let claimant = room::words(input.text(), CLAIMANT).map_err(|error| refused(cx, error))?.to_owned();
            cx.ask(Step::Subject { direction, claimant }).await?;
            Ok(ask_subject(cx.tr, direction).into())
        }
        Step::Subject { direction, claimant } => enter(cx, direction, &claimant, &input).await,
        Step::Answer { claim } => {
            let number = load(cx, claim).await?.number;
            room::answer(&cx.deps.store, cx.actor()?, number, input.text(), cx.now).await.map_err(|error| refused(cx, error))?;
            cx.leave().await?;
            show(cx, claim).await
        }
    }
}

async fn enter(cx: &Cx, direction: Direction, claimant: &str, input: &Input) -> Outcome {
    let subject = room::words(input.text(), LONGEST).map_err(|error| refused(cx, error))?;
    let content = match &input.file {
        None => None,
        Some(file) => match cx.deps.bot.download(&file.file_id).await {
            Ok(content) => Some((file, content)),
            Err(error) => {
                tracing::info!(%error, "a claim's document could not be fetched");
                return Err(BotError::Refused(p!(cx.tr, "support-no-file")));
            }
        },
    };
    let attached = content.as_ref().map(|(file, content)| Attached {
        name: if file.name.is_empty() { "photo.jpg" } else { &file.name },
        mime: if file.mime.is_empty() { "image/jpeg" } else { &file.mime },
        content,
    });
    let new = NewClaim { direction, claimant, subject, attached };
    let id = room::enter(&cx.deps.store, cx.actor()?, &new, cx.now).await.map_err(|error| refused(cx, error))?;
    cx.leave().await?;
    show(cx, id).await
}

async fn load(cx: &Cx, claim: ClaimId) -> Result<Claim, BotError> {
    room::get(&cx.deps.store, cx.actor()?.account, claim).await?.ok_or(BotError::Gone)
}

async fn show(cx: &Cx, claim: ClaimId) -> Result<Reply, BotError> {
    Ok(card(cx.tr, &load(cx, claim).await?, cx.now).into())
}

async fn document(cx: &Cx, claim: ClaimId) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let found = load(cx, claim).await?;
    let id = found.file_id.ok_or(BotError::Gone)?;
    let (info, content) = (file::info(store, account, id).await?, file::content(store, account, id).await?);
    let (Some(info), Some(content)) = (info, content) else { return Err(BotError::Gone) };
    let screen = Screen::new(t!(cx.tr, "claims-document", number = found.number))
        .document(info.name, info.mime, content)
        .button(p!(cx.tr, "claims-to-card"), Call::Card { claim });
    Ok(Reply::screen(screen).anew())
}

async fn export(cx: &Cx) -> Outcome {
    let (tr, rows) = (cx.tr, room::list(&cx.deps.store, cx.actor()?.account).await?);
    let words = room::Words {
        sheet: p!(tr, "claims-sheet"),
        headers: [
            p!(tr, "claims-head-number"),
            p!(tr, "claims-head-direction"),
            p!(tr, "claims-head-claimant"),
            p!(tr, "claims-head-subject"),
            p!(tr, "claims-head-received"),
            p!(tr, "claims-head-due"),
            p!(tr, "claims-head-state"),
            p!(tr, "claims-head-answer"),
            p!(tr, "claims-head-answered"),
        ],
        directions: [cards::direction(tr, Direction::ToLicensor), cards::direction(tr, Direction::ToCompany)],
        states: [room::State::Open, room::State::Answered, room::State::Closed].map(|state| cards::state(tr, state)),
        zone: tr.zone,
    };
    let count = rows.len();
    let made = mms_core::aside::run(move || room::xlsx(&rows, &words)).await.map_err(anyhow::Error::from)?;
    let content = made.map_err(anyhow::Error::from)?;
    let screen = Screen::new(t!(tr, "claims-exported", count = count))
        .document(p!(tr, "claims-file-name"), MIME, content)
        .button(p!(tr, "claims-button"), Call::List { page: 0 });
    Ok(Reply::screen(screen).anew())
}

fn refused(cx: &Cx, error: ClaimError) -> BotError {
    match error {
        ClaimError::Length(most) => BotError::Refused(p!(cx.tr, "claims-length", max = most)),
        ClaimError::Absent => BotError::Refused(p!(cx.tr, "claims-absent")),
        ClaimError::Account(error) => words::refused(cx.tr, error),
    }
}
