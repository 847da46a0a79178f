//! A member's e-mail, where alarms go beside the chat.

use mms_core::mail::mailbox::{self as room, CODE_MINUTES, Mailbox, MailboxError};
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
    i18n::Tr,
    p,
    screens::sessions,
    t,
};

calls! {
    /// Buttons of the mailbox.
    pub enum Call {
        /// What stands.
        "m" Open => View,
        /// Name an address.
        "a" Ask => View,
        /// Type the code that was mailed.
        "c" Code => View,
        /// Mail nothing any more.
        "r" Remove => View,
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Address,
    /// The code that was mailed there.
    Code,
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::View
    }
}

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open => Ok(card(cx.tr, stands(cx).await?.as_ref()).into()),
        Call::Ask => {
            cx.ask(Step::Address).await?;
            Ok(ask_address(cx.tr).into())
        }
        Call::Code => match stands(cx).await? {
            Some(Mailbox { address, confirmed: false }) => {
                cx.ask(Step::Code).await?;
                Ok(ask_code(cx.tr, &address).into())
            }
            other => Ok(card(cx.tr, other.as_ref()).into()),
        },
        Call::Remove => {
            room::remove(&cx.deps.store, cx.actor()?, cx.now).await?;
            Ok(Reply::screen(card(cx.tr, None)).saying(p!(cx.tr, "mailbox-removed")))
        }
    }
}

/// An answer.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Address => {
            let tr = cx.tr;
            let write = |code: &str| {
                (p!(tr, "mailbox-mail-subject", code = code), p!(tr, "mailbox-mail-body", code = code, minutes = CODE_MINUTES))
            };
            let asked = room::ask(&cx.deps.store, cx.actor()?, input.text(), write, cx.now).await;
            let address = asked.map_err(|error| refused(cx.tr, error))?;
            cx.ask(Step::Code).await?;
            Ok(ask_code(cx.tr, &address).into())
        }
        Step::Code => match room::confirm(&cx.deps.store, cx.actor()?, input.text(), cx.now).await {
            Ok(()) => {
                cx.leave().await?;
                Ok(Reply::screen(card(cx.tr, stands(cx).await?.as_ref())).saying(p!(cx.tr, "mailbox-confirmed")))
            }
            // Another code is asked for by a button.
            Err(MailboxError::NoCode) => {
                cx.leave().await?;
                Ok(no_code(cx.tr).into())
            }
            Err(error) => Err(refused(cx.tr, error)),
        },
    }
}

async fn stands(cx: &Cx) -> Result<Option<Mailbox>, BotError> {
    Ok(room::of(&cx.deps.store, cx.actor()?).await?)
}

fn refused(tr: Tr, error: MailboxError) -> BotError {
    BotError::Refused(match error {
        MailboxError::NoAddress => p!(tr, "mailbox-no-address"),
        MailboxError::TooOften(until) => p!(tr, "mailbox-too-often", until = tr.moment(until)),
        MailboxError::Wrong { left } => p!(tr, "mailbox-wrong", left = left),
        MailboxError::NoCode => p!(tr, "mailbox-no-code"),
        MailboxError::Db(error) => return error.into(),
    })
}

/// What stands.
#[must_use]
pub fn card(tr: Tr, mailbox: Option<&Mailbox>) -> Screen {
    let state = match mailbox {
        None => t!(tr, "mailbox-none"),
        Some(Mailbox { address, confirmed: true }) => t!(tr, "mailbox-stands", address = address),
        Some(Mailbox { address, confirmed: false }) => t!(tr, "mailbox-waits", address = address),
    };
    let ask = if mailbox.is_none() { p!(tr, "mailbox-add") } else { p!(tr, "mailbox-change") };
    let waits = mailbox.is_some_and(|mailbox| !mailbox.confirmed);
    Screen::new(format!("{}\n\n{state}", t!(tr, "mailbox-title")))
        .button_if(waits, p!(tr, "mailbox-type-code"), Call::Code)
        .button(ask, Call::Ask)
        .button_if(mailbox.is_some(), p!(tr, "mailbox-remove"), Call::Remove)
        .nav(tr, sessions::Call::Mine)
}

/// Which address?
#[must_use]
pub fn ask_address(tr: Tr) -> Screen {
    Screen::new(t!(tr, "mailbox-ask-address")).nav(tr, Call::Open)
}

/// Which code?
#[must_use]
pub fn ask_code(tr: Tr, address: &str) -> Screen {
    Screen::new(t!(tr, "mailbox-ask-code", address = address, minutes = CODE_MINUTES))
        .button(p!(tr, "mailbox-other-address"), Call::Ask)
        .nav(tr, Call::Open)
}

/// The code is of no use any more.
#[must_use]
pub fn no_code(tr: Tr) -> Screen {
    Screen::new(t!(tr, "mailbox-no-code")).button(p!(tr, "mailbox-again"), Call::Ask).nav(tr, Call::Open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshots;

    fn mailbox(confirmed: bool) -> Mailbox {
        Mailbox { address: "anna@example.com".to_owned(), confirmed }
    }

    snapshots!(mailbox_none, |tr| card(tr, None));
    snapshots!(mailbox_waits, |tr| card(tr, Some(&mailbox(false))));
    snapshots!(mailbox_stands, |tr| card(tr, Some(&mailbox(true))));
    snapshots!(mailbox_ask_address, |tr| ask_address(tr));
    snapshots!(mailbox_ask_code, |tr| ask_code(tr, "anna@example.com"));
    snapshots!(mailbox_no_code, |tr| no_code(tr));
}
