//! Destroying a person's data on demand: filed from the contact's card, kept in a register with its
//! clock, carried out by an owner, with an act and an extract of the event log as documents.

mod cards;

pub use cards::{ask_date, ask_ground, ask_operator, ask_reason, ask_sure, demand, register};

use mms_core::{
    contact::card as contacts_room,
    erasure::{self as room, Document, Erasure, ErasureError, Ground, Operator, REASON},
    id::{ContactId, ErasureId},
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
    screens::{
        contacts::{self, say},
        register as register_screens,
    },
    t, wire_enum, words,
};

wire_enum!(Ground { Unlawful = "u", Unneeded = "n", Demanded = "d", Withdrawn = "w", Achieved = "a" });

calls! {
    /// Buttons of demands to destroy data.
    pub enum Call {
        /// The register.
        "l" List { page: u32 } => View,
        /// A demand.
        "c" Card { erasure: ErasureId } => View,
        /// Why must the data be destroyed?
        "g" AskGround { contact: ContactId } => Edit,
        /// Who demands it, and by what? Asks.
        "r" AskReason { contact: ContactId, ground: Ground } => Edit,
        /// When did it come? Asks.
        "t" AskDate { erasure: ErasureId } => Edit,
        /// Destroy: asks first.
        "s" AskSure { erasure: ErasureId } => Own,
        /// Destroy.
        "S" Sure { erasure: ErasureId } => Own,
        /// It was a mistake, or was taken back.
        "x" Drop { erasure: ErasureId } => Own,
        /// The act of destruction.
        "a" Act { erasure: ErasureId } => Export,
        /// The extract of the event log.
        "e" Extract { erasure: ErasureId } => Export,
        /// Who makes the acts? Asks.
        "o" AskOperator => Own,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Who demands it, and by what.
    Reason { contact: ContactId, ground: Ground },
    /// When it came.
    Date { erasure: ErasureId },
    /// Who makes the acts.
    Operator,
}

impl Steps for Step {
    fn need(&self) -> Need {
        match self {
            Self::Reason { .. } | Self::Date { .. } => Need::Edit,
            Self::Operator => Need::Own,
        }
    }
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the rooms.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    let (store, now) = (&cx.deps.store, cx.now);
    match call {
        Call::List { page } => list(cx, page).await,
        Call::Card { erasure } => show(cx, erasure).await,
        Call::AskGround { contact } => {
            let name = name_of(cx, contact).await?;
            Ok(ask_ground(cx.tr, contact, &name).into())
        }
        Call::AskReason { contact, ground } => {
            let name = name_of(cx, contact).await?;
            cx.ask(Step::Reason { contact, ground }).await?;
            Ok(ask_reason(cx.tr, contact, ground, &name, None).into())
        }
        Call::AskDate { erasure } => {
            let demand = load(cx, erasure).await?;
            cx.ask(Step::Date { erasure }).await?;
            Ok(ask_date(cx.tr, &demand, None).into())
        }
        Call::AskSure { erasure } => {
            let demand = load(cx, erasure).await?;
            match room::operator(store, cx.actor()?.account).await? {
                Some(_) => {
                    let name = name_of(cx, demand.contact_id).await?;
                    Ok(ask_sure(cx.tr, &demand, &name).into())
                }
                None => operator_first(cx).await,
            }
        }
        Call::Sure { erasure } => match room::carry_out(store, cx.actor()?, erasure, &cx.deps.settings.erasure, now).await {
            Ok(()) | Err(ErasureError::Gone) => show(cx, erasure).await,
            Err(ErasureError::NoOperator) => operator_first(cx).await,
            Err(error) => Err(refused(cx, error)),
        },
        Call::Drop { erasure } => match room::withdraw(store, cx.actor()?, erasure, now).await {
            Ok(()) => Ok(show(cx, erasure).await?.saying(p!(cx.tr, "erasures-dropped"))),
            Err(ErasureError::Gone) => show(cx, erasure).await,
            Err(error) => Err(refused(cx, error)),
        },
        Call::Act { erasure } => send(cx, erasure, Document::Act).await,
        Call::Extract { erasure } => send(cx, erasure, Document::Extract).await,
        Call::AskOperator => operator_first(cx).await,
    }
}

/// An answer.
///
/// # Errors
/// The database's; a refusal of the rooms.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let (store, now) = (&cx.deps.store, cx.now);
    match step {
        Step::Reason { contact, ground } => {
            let filed = room::file(store, cx.actor()?, contact, ground, input.text(), &cx.deps.settings.erasure, now).await;
            match filed {
                Ok(erasure) | Err(ErasureError::Open(erasure)) => {
                    cx.leave().await?;
                    show(cx, erasure).await
                }
                Err(ErasureError::Reason) => {
                    let sentence = p!(cx.tr, "erasures-reason-bad", least = REASON.0, most = REASON.1);
                    let name = name_of(cx, contact).await?;
                    Ok(ask_reason(cx.tr, contact, ground, &name, Some(&sentence)).into())
                }
                Err(error) => Err(refused(cx, error)),
            }
        }
        Step::Date { erasure } => match room::came(store, cx.actor()?, erasure, input.text(), &cx.deps.settings.erasure, now).await {
            Ok(_) => {
                cx.leave().await?;
                show(cx, erasure).await
            }
            Err(ErasureError::Day(error)) => {
                let sentence = register_screens::day_refused(cx.tr, error);
                Ok(ask_date(cx.tr, &load(cx, erasure).await?, Some(&sentence)).into())
            }
            Err(error) => Err(refused(cx, error)),
        },
        Step::Operator => match room::set_operator(store, cx.actor()?, input.text(), now).await {
            Ok(_) => {
                cx.leave().await?;
                list(cx, 0).await
            }
            Err(ErasureError::Operator) => {
                let old = room::operator(store, cx.actor()?.account).await?;
                Ok(ask_operator(cx.tr, old.as_ref(), Some(&p!(cx.tr, "erasures-operator-bad"))).into())
            }
            Err(error) => Err(refused(cx, error)),
        },
    }
}

fn refused(cx: &Cx, error: ErasureError) -> BotError {
    match error {
        ErasureError::Account(error) => words::refused(cx.tr, error),
        ErasureError::Importing => BotError::Refused(p!(cx.tr, "erasures-importing")),
        ErasureError::Paper(why) => BotError::Other(anyhow::anyhow!(why)),
        ErasureError::Gone | ErasureError::Open(_) => BotError::Gone,
        ErasureError::Day(error) => BotError::Refused(register_screens::day_refused(cx.tr, error)),
        ErasureError::NoOperator | ErasureError::Operator => BotError::Refused(p!(cx.tr, "erasures-operator-bad")),
        ErasureError::Reason => BotError::Refused(p!(cx.tr, "erasures-reason-bad", least = REASON.0, most = REASON.1)),
    }
}

async fn load(cx: &Cx, erasure: ErasureId) -> Result<Erasure, BotError> {
    room::get(&cx.deps.store, cx.actor()?.account, erasure).await?.ok_or(BotError::Gone)
}

/// The name of somebody who is not erased yet.
async fn name_of(cx: &Cx, contact: ContactId) -> Result<String, BotError> {
    let found = contacts_room::contact(&cx.deps.store, cx.actor()?.account, contact).await?;
    let found = found.filter(|found| found.deleted_at.is_none()).ok_or(BotError::Gone)?;
    Ok(say::name(cx.tr, &found.name))
}

async fn show(cx: &Cx, erasure: ErasureId) -> Result<Reply, BotError> {
    let demand = load(cx, erasure).await?;
    let found = contacts_room::contact(&cx.deps.store, cx.actor()?.account, demand.contact_id).await?;
    let name = found.filter(|found| found.deleted_at.is_none()).map(|found| say::name(cx.tr, &found.name));
    Ok(cards::demand(cx.tr, &demand, name.as_deref(), cx.actor()?.role, cx.now).into())
}

async fn list(cx: &Cx, page: u32) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let (_, open) = room::count(store, account).await?;
    let (page, rows) = register_screens::page(room::REGISTER, store, account, page).await?;
    let operator = room::operator(store, account).await?;
    Ok(register(cx.tr, &rows, open, page, operator.as_ref(), cx.actor()?.role, cx.now).into())
}

async fn operator_first(cx: &Cx) -> Outcome {
    let old: Option<Operator> = room::operator(&cx.deps.store, cx.actor()?.account).await?;
    cx.ask(Step::Operator).await?;
    Ok(ask_operator(cx.tr, old.as_ref(), None).into())
}

async fn send(cx: &Cx, erasure: ErasureId, which: Document) -> Outcome {
    let demand = load(cx, erasure).await?;
    let content = room::document(&cx.deps.store, cx.actor()?, erasure, which).await.map_err(|error| refused(cx, error))?;
    let number = demand.number.to_string();
    let (name, html) = match which {
        Document::Act => (p!(cx.tr, "erasures-act-file", number = number.clone()), t!(cx.tr, "erasures-act-sent", number = number)),
        Document::Extract => {
            (p!(cx.tr, "erasures-extract-file", number = number.clone()), t!(cx.tr, "erasures-extract-sent", number = number))
        }
    };
    let screen = Screen::new(html)
        .document(name, "application/pdf", content)
        .button(p!(cx.tr, "erasures-to-demand"), Call::Card { erasure })
        .button(p!(cx.tr, "contacts-menu"), contacts::Call::Open);
    Ok(Reply::screen(screen).anew())
}
