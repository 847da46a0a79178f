//! «Support»: a company's tickets to its licensor. A ticket begins with the member's words, may
//! carry a file, and, if the member adds it, facts of the company and the program that they read
//! before they go.

mod cards;

pub use cards::{ask, by_mail, card, list, offer};

use mms_core::{
    account::{Right, licence, settings},
    agreement::support::{self as room, LONGEST, SupportError, Ticket},
    campaign::view,
    channel::store as channels,
    id::TicketId,
    inbound::failed,
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
    },
    p,
    screens::register,
    words,
};

calls! {
    /// Buttons of support.
    pub enum Call {
        /// The tickets.
        "l" List { page: u32 } => View,
        /// A ticket.
        "c" Card { ticket: TicketId } => View,
        /// Write a new one.
        "n" New => View,
        /// Write more.
        "w" Write { ticket: TicketId } => View,
        /// What would go along, to be read.
        "b" Facts { ticket: TicketId } => Edit,
        /// It goes along.
        "B" SendFacts { ticket: TicketId } => Edit,
        /// It is over.
        "X" Close { ticket: TicketId } => View,
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The words of a new ticket.
    New,
    /// More words.
    More { ticket: TicketId },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::View
    }

    fn takes(&self, input: &Input) -> bool {
        input.has_words() || input.file.is_some()
    }
}

/// Campaigns whose numbers go along.
const CAMPAIGNS: i64 = 3;

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    let (store, account, owner) = (&cx.deps.store, cx.actor()?.account, cx.actor()?.role.may(Right::Own));
    if let Some(address) = cx.deps.settings.support.email.as_deref() {
        return Ok(by_mail(cx.tr, address, owner).into());
    }
    match call {
        Call::List { page } => {
            let (page, tickets) = register::page(room::REGISTER, store, account, page).await?;
            Ok(list(cx.tr, &tickets, owner, page, cx.now).into())
        }
        Call::Card { ticket } => show(cx, ticket).await,
        Call::New => {
            cx.ask(Step::New).await?;
            Ok(ask(cx.tr, None).into())
        }
        Call::Write { ticket } => {
            let found = load(cx, ticket).await?;
            cx.ask(Step::More { ticket }).await?;
            Ok(ask(cx.tr, Some(&found)).into())
        }
        Call::Facts { ticket } => Ok(offer(cx.tr, ticket, &facts(cx).await?).into()),
        Call::SendFacts { ticket } => {
            let facts = facts(cx).await?;
            let done = room::add(store, cx.actor()?, ticket, &facts, None, due(cx).await?, cx.now).await;
            done.map_err(|error| refused(cx, error))?;
            Ok(show(cx, ticket).await?.saying(p!(cx.tr, "support-facts-sent")))
        }
        Call::Close { ticket } => {
            let number = load(cx, ticket).await?.number;
            room::close(store, cx.actor()?, number, cx.now).await.map_err(|error| refused(cx, error))?;
            Ok(show(cx, ticket).await?.saying(p!(cx.tr, "support-closed-now")))
        }
    }
}

/// An answer: words, a file, or both.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let fetched = register::fetched(cx, &input).await?;
    let attached = fetched.as_ref().map(register::Fetched::attached);
    let (store, due) = (&cx.deps.store, due(cx).await?);
    match step {
        Step::New => {
            let opened = room::open(store, cx.actor()?, input.text(), attached, due, cx.now).await;
            let number = opened.map_err(|error| refused(cx, error))?;
            cx.leave().await?;
            let ticket = room::of_number(store, cx.actor()?.account, number).await?.ok_or(BotError::Gone)?;
            show(cx, ticket.id).await
        }
        Step::More { ticket } => {
            room::add(store, cx.actor()?, ticket, input.text(), attached, due, cx.now).await.map_err(|error| refused(cx, error))?;
            cx.leave().await?;
            show(cx, ticket).await
        }
    }
}

async fn due(cx: &Cx) -> Result<Option<mms_core::clock::Moment>, BotError> {
    let zone = settings::zone(&cx.deps.store, cx.actor()?.account).await?;
    Ok(room::due(cx.now, zone, cx.deps.settings.support.answer_days))
}

async fn load(cx: &Cx, ticket: TicketId) -> Result<Ticket, BotError> {
    room::get(&cx.deps.store, cx.actor()?.account, ticket).await?.ok_or(BotError::Gone)
}

async fn show(cx: &Cx, ticket: TicketId) -> Result<Reply, BotError> {
    let (found, thread) = (load(cx, ticket).await?, room::thread(&cx.deps.store, cx.actor()?.account, ticket).await?);
    Ok(card(cx.tr, &found, &thread, cx.now).into())
}

/// What would go along: the program, the company's settings without secrets, channels by state, and
/// the books of the last campaigns. Nobody's name, phone or words are in it.
async fn facts(cx: &Cx) -> Result<String, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let mut lines = vec![format!("mms {}", env!("CARGO_PKG_VERSION"))];
    if let Some(now) = settings::get(store, account).await? {
        lines.push(p!(
            cx.tr,
            "support-facts-settings",
            zone = now.zone,
            language = now.language.as_str(),
            grade = format!("{:?}", now.min_grade),
            cap = now.cap_hours
        ));
    }
    let plan = licence::current(store, account, cx.now).await?.map(|licence| licence.plan.as_str().to_owned());
    lines.push(p!(cx.tr, "support-facts-plan", plan = plan.as_deref().unwrap_or("-")));
    for channel in channels::list(store, account).await? {
        let state = <&str>::from(channel.state);
        lines.push(p!(cx.tr, "support-facts-channel", kind = channel.kind.as_str(), state = state));
    }
    lines.push(p!(cx.tr, "support-facts-failed", count = failed::count(store, account).await?));
    let last = view::list(store, account, None, CAMPAIGNS).await.map_err(|error| super::campaigns::refused(cx.tr, error))?;
    for (campaign, numbers) in last {
        let id = campaign.id.to_string();
        lines.push(p!(
            cx.tr,
            "support-facts-campaign",
            id = id,
            state = super::campaigns::state_word(cx.tr, campaign.state),
            planned = numbers.planned,
            sent = numbers.sent,
            failed = numbers.failed,
            skipped = numbers.left_out,
            uncertain = numbers.uncertain
        ));
    }
    Ok(lines.join("\n"))
}

fn refused(cx: &Cx, error: SupportError) -> BotError {
    match error {
        SupportError::Length => BotError::Refused(p!(cx.tr, "support-length", max = LONGEST)),
        SupportError::Absent => BotError::Refused(p!(cx.tr, "support-absent")),
        SupportError::Account(error) => words::refused(cx.tr, error),
    }
}
