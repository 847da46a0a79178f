//! Evidence: dossiers of a person, a segment, a campaign, made beside the chat and taken from it;
//! the register of requests for evidence with the last day for each answer.

mod cards;
pub mod making;

pub use cards::{answer_asked, dossier as dossier_card, found, home, new_asked, request as request_card, standing};

use chrono::NaiveDate;
use mms_core::{
    account::settings,
    campaign::view,
    contact::card::{self, Found},
    evidence::{self as room, DossierState, EvidenceError, Scope, request},
    id::{CampaignId, ContactId, DossierId, EvidenceRequestId, SegmentId},
    register::came_on,
    store::file,
    text,
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::{Need, Sought},
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    i18n::Tr,
    p,
    screens::{
        campaigns,
        register::{self, day_refused},
    },
    t, words,
};

calls! {
    /// Buttons of evidence.
    pub enum Call {
        /// The register and the newest dossiers.
        "o" Open { page: u32 } => Evidence,
        /// A dossier of this person.
        "p" Person { contact: ContactId } => Evidence,
        /// A dossier of everybody of this segment.
        "s" Segment { segment: SegmentId } => Evidence,
        /// A dossier of this campaign.
        "c" Campaign { campaign: CampaignId } => Evidence,
        /// A dossier's card.
        "d" Dossier { dossier: DossierId } => Evidence,
        /// A file of a dossier.
        "f" File { dossier: DossierId, part: u32 } => Evidence,
        /// A request's card.
        "r" Request { request: EvidenceRequestId } => Evidence,
        /// A new request: asks for it.
        "n" New => Evidence,
        /// How was it answered?
        "a" Answer { request: EvidenceRequestId } => Evidence,
        /// Whose dossier? A name or a phone is typed.
        "w" Whose { request: EvidenceRequestId } => Evidence,
        /// Those who were found, again.
        "j" Found { request: EvidenceRequestId, sought: Sought } => Evidence,
        /// Of this person, for this request.
        "P" PersonFor { request: EvidenceRequestId, contact: ContactId } => Evidence,
        /// Which campaign's dossier?
        "k" Campaigns { request: EvidenceRequestId } => Evidence,
        /// Of this campaign, for this request.
        "C" CampaignFor { request: EvidenceRequestId, campaign: CampaignId } => Evidence,
        /// The register as a file.
        "x" Register => Evidence,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A new request, in lines: from whom, about whom, when.
    New,
    /// How a request was answered.
    Answer { request: EvidenceRequestId },
    /// Whose dossier a request is about.
    Whose { request: EvidenceRequestId },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Evidence
    }
}

/// Newest dossiers that are shown.
const LATEST: i64 = 5;
/// People or campaigns to choose from.
const CHOICES: i64 = 8;

/// A press.
///
/// # Errors
/// The database's; a refusal of the room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open { page } => open(cx, page).await,
        Call::Person { contact } => make(cx, Scope::Person(contact), None).await,
        Call::Segment { segment } => make(cx, Scope::Segment(segment), None).await,
        Call::Campaign { campaign } => make(cx, Scope::Campaign(campaign), None).await,
        Call::Dossier { dossier } => Ok(show(cx, dossier).await?.into()),
        Call::File { dossier, part } => send(cx, dossier, part).await,
        Call::Request { request } => Ok(show_request(cx, request).await?.into()),
        Call::New => {
            cx.ask(Step::New).await?;
            Ok(new_asked(cx.tr, None).into())
        }
        Call::Answer { request } => {
            let row = load(cx, request).await?;
            cx.ask(Step::Answer { request }).await?;
            Ok(answer_asked(cx.tr, &row, None).into())
        }
        Call::Whose { request } => {
            let row = load(cx, request).await?;
            cx.ask(Step::Whose { request }).await?;
            Ok(found(cx.tr, &row, None, &[]).into())
        }
        Call::Found { request, sought } => {
            let row = load(cx, request).await?;
            cx.ask(Step::Whose { request }).await?;
            Ok(found(cx.tr, &row, Some(&sought.0), &search(cx, &sought.0).await?).into())
        }
        Call::PersonFor { request, contact } => make(cx, Scope::Person(contact), Some(request)).await,
        Call::Campaigns { request } => {
            let row = load(cx, request).await?;
            let list = view::list(&cx.deps.store, cx.actor()?.account, None, CHOICES).await;
            let list = list.map_err(|error| campaigns::refused(cx.tr, error))?;
            Ok(cards::campaigns(cx.tr, &row, &list).into())
        }
        Call::CampaignFor { request, campaign } => make(cx, Scope::Campaign(campaign), Some(request)).await,
        Call::Register => register(cx).await,
    }
}

/// An answer.
///
/// # Errors
/// The database's; a refusal of the room.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::New => enter(cx, input.text()).await,
        Step::Answer { request } => {
            let row = load(cx, request).await?;
            match request::answer(&cx.deps.store, cx.actor()?, request, input.text(), cx.now).await {
                Ok(()) => {
                    cx.leave().await?;
                    Ok(show_request(cx, request).await?.into())
                }
                Err(EvidenceError::Words) => {
                    Ok(answer_asked(cx.tr, &row, Some(&p!(cx.tr, "evidence-words", most = request::WORDS))).into())
                }
                Err(error) => Err(refused(cx.tr, error)),
            }
        }
        Step::Whose { request } => {
            let row = load(cx, request).await?;
            Ok(found(cx.tr, &row, Some(input.text()), &search(cx, input.text()).await?).into())
        }
    }
}

/// The room's refusal in words.
pub fn refused(tr: Tr, error: EvidenceError) -> BotError {
    match error {
        EvidenceError::Account(error) => words::refused(tr, error),
        EvidenceError::NotFound => BotError::Gone,
        EvidenceError::Words => BotError::Refused(p!(tr, "evidence-words", most = request::WORDS)),
        EvidenceError::Day(error) => BotError::Refused(day_refused(tr, error)),
        EvidenceError::Answered => BotError::Refused(p!(tr, "evidence-answered-before")),
    }
}

async fn today(cx: &Cx) -> Result<NaiveDate, BotError> {
    Ok(cx.now.with_timezone(&settings::zone(&cx.deps.store, cx.actor()?.account).await?).date_naive())
}

async fn load(cx: &Cx, id: EvidenceRequestId) -> Result<request::Request, BotError> {
    request::get(&cx.deps.store, cx.actor()?.account, id).await?.ok_or(BotError::Gone)
}

async fn search(cx: &Cx, typed: &str) -> Result<Vec<Found>, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let region = settings::get(store, account).await?.map(|settings| settings.phone_region).unwrap_or_default();
    Ok(if typed.trim().is_empty() { Vec::new() } else { card::find(store, account, &region, typed, CHOICES).await? })
}

async fn open(cx: &Cx, page: u32) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let counts = request::counts(store, account).await?;
    let (page, requests) = register::page(request::REGISTER, store, account, page).await?;
    let dossiers = room::latest(store, account, LATEST).await?;
    Ok(home(cx.tr, counts, &requests, &dossiers, page, today(cx).await?).into())
}

/// Asks for a dossier, and shows where it stands.
async fn make(cx: &Cx, scope: Scope, request: Option<EvidenceRequestId>) -> Outcome {
    let asked = room::ask(&cx.deps.store, cx.actor()?, scope, request, cx.now).await;
    let dossier = asked.map_err(|error| refused(cx.tr, error))?;
    cx.leave().await?;
    Ok(Reply::from(show(cx, dossier).await?).saying(p!(cx.tr, "evidence-asked")))
}

async fn show(cx: &Cx, id: DossierId) -> Result<Screen, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let row = room::get(store, account, id).await?.ok_or(BotError::Gone)?;
    let files = if row.state == DossierState::Ready { room::files(store, account, id).await? } else { Vec::new() };
    Ok(dossier_card(cx.tr, &row, &files, &mms_core::sign::installation(&cx.deps.sealer).public()))
}

/// A file of a dossier below its card: on the record before the member gets it.
async fn send(cx: &Cx, id: DossierId, part: u32) -> Outcome {
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    let row = room::get(store, actor.account, id).await?.ok_or(BotError::Gone)?;
    let files = room::files(store, actor.account, id).await?;
    let wanted = i32::try_from(part).unwrap_or(i32::MAX);
    let one = files.iter().find(|one| one.part == wanted && one.size > 0).ok_or(BotError::Gone)?;
    let content = file::content(store, actor.account, one.id).await?.ok_or(BotError::Gone)?;
    room::note_taken(store, actor, &row, one, cx.now).await.map_err(|error| refused(cx.tr, error))?;
    let screen = Screen::new(t!(cx.tr, "evidence-file", about = cards::about(cx.tr, &row), sha256 = &one.sha256))
        .document(&one.name, &one.mime, content)
        .button(p!(cx.tr, "evidence-to-card"), Call::Dossier { dossier: id });
    Ok(Reply::toast(p!(cx.tr, "evidence-sent-below")).then(screen))
}

async fn show_request(cx: &Cx, id: EvidenceRequestId) -> Result<Screen, BotError> {
    let row = load(cx, id).await?;
    let dossiers = room::of_request(&cx.deps.store, row.account_id, id).await?;
    Ok(request_card(cx.tr, &row, &dossiers, today(cx).await?))
}

/// A request in lines: from whom, about whom, when it came.
async fn enter(cx: &Cx, typed: &str) -> Outcome {
    let lines: Vec<&str> = typed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let (from_whom, about, day) = match lines.as_slice() {
        [from_whom, about] => (*from_whom, *about, None),
        [from_whom, about, day] => (*from_whom, *about, Some(*day)),
        _ => return Ok(new_asked(cx.tr, Some(&p!(cx.tr, "evidence-new-lines"))).into()),
    };
    let now = today(cx).await?;
    let received = match day {
        None => Ok(now),
        Some(day) => came_on(day, now),
    };
    let received = match received {
        Ok(day) => day,
        Err(error) => return Ok(new_asked(cx.tr, Some(&day_refused(cx.tr, error))).into()),
    };
    match request::enter(&cx.deps.store, cx.actor()?, from_whom, about, received, cx.now).await {
        Ok(id) => {
            cx.leave().await?;
            Ok(show_request(cx, id).await?.into())
        }
        Err(EvidenceError::Words) => Ok(new_asked(cx.tr, Some(&p!(cx.tr, "evidence-words", most = request::WORDS))).into()),
        Err(EvidenceError::Day(error)) => Ok(new_asked(cx.tr, Some(&day_refused(cx.tr, error))).into()),
        Err(error) => Err(refused(cx.tr, error)),
    }
}

/// The register as a paper.
async fn register(cx: &Cx) -> Outcome {
    let (tr, actor) = (cx.tr, cx.actor()?);
    let made = request::paper(&cx.deps.store, actor, |at| standing(tr, at), cx.now).await;
    let paper = made.map_err(|error| match error {
        request::RegisterError::Room(error) => refused(tr, error),
        request::RegisterError::Paper(error) => BotError::Other(error.into()),
    })?;
    let name = text::file_name(&p!(tr, "evidence-register-file"), today(cx).await?, "pdf");
    let screen = Screen::new(t!(tr, "evidence-register"))
        .document(name, "application/pdf", paper)
        .button(p!(tr, "evidence-button"), Call::Open { page: 0 });
    Ok(Reply::toast(p!(tr, "evidence-sent-below")).then(screen))
}

#[cfg(test)]
mod tests;
