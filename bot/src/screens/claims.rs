//! The register of claims: entered, answered and closed by owners, each with its clock of thirty
//! days, and a dossier of evidence made and attached by a tap; as a file, too.

mod cards;

pub use cards::{ask_answer, ask_claimant, ask_date, ask_subject, card, directions, list, whose};

use mms_core::{
    account::settings,
    agreement::claims::{self as room, CLAIMANT, Claim, ClaimError, Direction, LONGEST, NewClaim},
    campaign::view,
    contact::{
        card::{self as people, Found},
        export::MIME,
    },
    evidence::{self, Scope},
    id::{CampaignId, ClaimId, ContactId},
    store::file,
    text::fold,
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
    p,
    screens::{campaigns, evidence as evidence_screens, register},
    t, wire_enum, words,
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
        /// A dossier of whoever claims is made and attached; if it is not plain who that is: whose?
        "d" Dossier { claim: ClaimId } => Own,
        /// A dossier of this person.
        "p" Person { claim: ClaimId, contact: ContactId } => Own,
        /// A dossier of this campaign.
        "k" Campaign { claim: ClaimId, campaign: CampaignId } => Own,
        /// When did it come? Asks.
        "t" AskDate { claim: ClaimId } => Own,
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
    /// Whose dossier.
    Whose { claim: ClaimId },
    /// When it came.
    Date { claim: ClaimId },
}

/// People and campaigns to choose from.
const CHOICES: i64 = 6;

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
        Call::List { page } => {
            let (page, claims) = register::page(room::REGISTER, store, account, page).await?;
            Ok(list(cx.tr, &claims, page, cx.now).into())
        }
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
        Call::Dossier { claim } => dossier(cx, claim).await,
        Call::Person { claim, contact } => attach(cx, claim, Scope::Person(contact)).await,
        Call::Campaign { claim, campaign } => attach(cx, claim, Scope::Campaign(campaign)).await,
        Call::AskDate { claim } => {
            let found = load(cx, claim).await?;
            cx.ask(Step::Date { claim }).await?;
            Ok(ask_date(cx.tr, &found, None).into())
        }
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
        Step::Whose { claim } => {
            let (row, found) = (load(cx, claim).await?, search(cx, input.text()).await?);
            Ok(whose(cx.tr, &row, Some(&found), &[]).into())
        }
        Step::Date { claim } => match room::came(&cx.deps.store, cx.actor()?, claim, input.text(), cx.now).await {
            Ok(_) => {
                cx.leave().await?;
                show(cx, claim).await
            }
            Err(ClaimError::Day(error)) => {
                let sentence = register::day_refused(cx.tr, error);
                Ok(ask_date(cx.tr, &load(cx, claim).await?, Some(&sentence)).into())
            }
            Err(error) => Err(refused(cx, error)),
        },
    }
}

async fn search(cx: &Cx, typed: &str) -> Result<Vec<Found>, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let region = settings::get(store, account).await?.map(|settings| settings.phone_region).unwrap_or_default();
    Ok(people::find(store, account, &region, typed, CHOICES).await?)
}

/// Makes a dossier of whoever claims, if one customer alone has that very name; else asks whose.
async fn dossier(cx: &Cx, claim: ClaimId) -> Outcome {
    let row = load(cx, claim).await?;
    let found = search(cx, &row.claimant).await?;
    if let [one] = found.as_slice()
        && fold(&one.name) == fold(&row.claimant)
    {
        return attach(cx, claim, Scope::Person(one.id)).await;
    }
    let last = view::list(&cx.deps.store, cx.actor()?.account, None, CHOICES).await;
    let last = last.map_err(|error| campaigns::refused(cx.tr, error))?;
    cx.ask(Step::Whose { claim }).await?;
    Ok(whose(cx.tr, &row, (!found.is_empty()).then_some(&found), &last).into())
}

/// Has a dossier made, attached to the claim.
async fn attach(cx: &Cx, claim: ClaimId, scope: Scope) -> Outcome {
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    let asked = evidence::ask(store, actor, scope, None, cx.now).await;
    let made = asked.map_err(|error| evidence_screens::refused(cx.tr, error))?;
    room::attach(store, actor, claim, made, cx.now).await.map_err(|error| refused(cx, error))?;
    cx.leave().await?;
    Ok(show(cx, claim).await?.saying(p!(cx.tr, "claims-dossier-asked")))
}

async fn enter(cx: &Cx, direction: Direction, claimant: &str, input: &Input) -> Outcome {
    let subject = room::words(input.text(), LONGEST).map_err(|error| refused(cx, error))?;
    let fetched = register::fetched(cx, input).await?;
    let attached = fetched.as_ref().map(register::Fetched::attached);
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
            p!(tr, "claims-head-dossier"),
        ],
        dossiers: [p!(tr, "claims-dossier-making"), p!(tr, "claims-dossier-nameless")],
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
        ClaimError::Day(error) => BotError::Refused(register::day_refused(cx.tr, error)),
        ClaimError::Account(error) => words::refused(cx.tr, error),
    }
}
