//! A password is chosen by its member alone: one's own after the old one, because it is due, or by
//! a one-time link.

use chrono::TimeDelta;
use mms_core::{
    account::{AccountError, Language, invitation::Fingerprint, password as room, reset},
    clock::Moment,
    secret::Secret,
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
    i18n::Tr,
    p,
    screens::{login, menu, sessions, start},
    t, words,
};

calls! {
    /// Buttons of passwords.
    pub enum Call {
        /// Change one's own: asks for the old one.
        "c" Change => View,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The old password.
    Old,
    New {
        /// When the old one was typed; `None`: the new one is due.
        proven_at: Option<Moment>,
    },
    /// The new one, by a link.
    ByLink {
        /// The link; its token is kept nowhere.
        link: Fingerprint,
        /// The language of the conversation.
        language: Language,
    },
}

impl Steps for Step {
    fn need(&self) -> Need {
        match self {
            Self::Old | Self::New { .. } => Need::View,
            Self::ByLink { .. } => Need::Anyone,
        }
    }

    fn takes_secrets(&self) -> bool {
        true
    }
}

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    let Call::Change = call;
    if cx.password_due {
        return due(cx).await;
    }
    cx.ask(Step::Old).await?;
    Ok(ask_old(cx.tr).into())
}

/// The new password comes before anything else: asks for it.
///
/// # Errors
/// The database's.
pub async fn due(cx: &Cx) -> Outcome {
    cx.ask(Step::New { proven_at: None }).await?;
    Ok(ask_due(cx.tr).into())
}

/// A link for a new password was followed.
///
/// # Errors
/// The database's.
pub async fn begin(cx: &Cx, token: &str) -> Outcome {
    let link = Fingerprint::of(token);
    // The link's token stands in the chat: it goes as passwords do.
    Ok(match reset::look(&cx.deps.store, &link, cx.now).await? {
        None => Reply::screen(invalid(cx.tr)).forgetting_input(),
        Some(offer) => {
            cx.ask(Step::ByLink { link, language: cx.tr.language }).await?;
            Reply::screen(ask_by_link(cx.tr, &offer.account_name, &offer.login)).forgetting_input()
        }
    })
}

/// An answer: every one holds a password, so every message is deleted.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let secret = Secret::new(input.text());
    let done = match step {
        Step::Old => old(cx, &secret).await,
        Step::New { proven_at } => new(cx, proven_at, &secret).await,
        Step::ByLink { link, language } => by_link(cx, &link, language, &secret).await,
    };
    done.map(Reply::forgetting_input)
}

async fn old(cx: &Cx, secret: &Secret) -> Outcome {
    match room::prove(&cx.deps.store, cx.actor()?, cx.user, secret, cx.now).await {
        Ok(()) => {
            cx.ask(Step::New { proven_at: Some(cx.now) }).await?;
            Ok(ask_new(cx.tr).into())
        }
        Err(error) => Ok(again(cx.tr, &words::account_refusal(cx.tr, error)?).into()),
    }
}

async fn new(cx: &Cx, proven_at: Option<Moment>, secret: &Secret) -> Outcome {
    let proven = proven_at.is_some_and(|at| cx.now - at < TimeDelta::minutes(room::PROVEN_MINUTES));
    if !proven && !cx.password_due {
        cx.ask(Step::Old).await?;
        return Ok(ask_old(cx.tr).into());
    }
    let session = cx.session.ok_or(BotError::SignedOut)?;
    match room::renew(&cx.deps.store, cx.actor()?, session, secret, cx.now).await {
        Ok(()) => {
            cx.leave().await?;
            Ok(menu::press(cx, menu::Call::Open).await?.saying(p!(cx.tr, "password-changed")))
        }
        Err(error) => Ok(again(cx.tr, &words::account_refusal(cx.tr, error)?).into()),
    }
}

async fn by_link(cx: &Cx, link: &Fingerprint, language: Language, secret: &Secret) -> Outcome {
    let tr = Tr { language, ..cx.tr };
    match reset::accept(&cx.deps.store, (cx.user, &cx.user_name), link, secret, cx.now).await {
        Ok(signed) => login::welcome_in(cx, signed).await,
        Err(AccountError::InvitationInvalid) => {
            cx.leave().await?;
            Ok(invalid(tr).into())
        }
        Err(error) => Ok(again(tr, &words::account_refusal(tr, error)?).into()),
    }
}

/// The old one first.
#[must_use]
pub fn ask_old(tr: Tr) -> Screen {
    Screen::new(t!(tr, "password-ask-old")).nav_back(tr, sessions::Call::Mine)
}

/// The new one.
#[must_use]
pub fn ask_new(tr: Tr) -> Screen {
    Screen::new(t!(tr, "password-ask-new", min = room::MIN_CHARS)).nav_back(tr, sessions::Call::Mine)
}

/// The new one comes before anything else.
#[must_use]
pub fn ask_due(tr: Tr) -> Screen {
    Screen::new(t!(tr, "password-ask-due", min = room::MIN_CHARS)).button(p!(tr, "sessions-logout"), sessions::Call::Logout)
}

/// The new one, by a link.
#[must_use]
pub fn ask_by_link(tr: Tr, account: &str, login: &str) -> Screen {
    let hours = room::NO_APPROVALS_HOURS;
    let html = t!(tr, "password-by-link", account = account, login = login, min = room::MIN_CHARS, hours = hours);
    Screen::new(html).button(p!(tr, "cancel"), start::Call::OpenIn { language: tr.language })
}

/// Not this one; the question stays.
#[must_use]
pub fn again(tr: Tr, sentence: &str) -> Screen {
    Screen::new(t!(tr, "password-again", sentence = sentence)).button(p!(tr, "cancel"), start::Call::OpenIn { language: tr.language })
}

/// The link leads nowhere.
#[must_use]
pub fn invalid(tr: Tr) -> Screen {
    Screen::new(t!(tr, "password-link-invalid")).button(p!(tr, "back"), start::Call::OpenIn { language: tr.language })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshots;

    snapshots!(password_ask_old, |tr| ask_old(tr));
    snapshots!(password_ask_new, |tr| ask_new(tr));
    snapshots!(password_ask_due, |tr| ask_due(tr));
    snapshots!(password_by_link, |tr| ask_by_link(tr, "ООО «Ромашка & Ко»", "boris"));
    snapshots!(password_again, |tr| again(tr, &p!(tr, "password-common")));
    snapshots!(password_link_invalid, |tr| invalid(tr));
}
