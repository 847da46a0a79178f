//! Accepting an invitation: a name, a login, a password; then the new member is signed in.

use mms_core::{
    account::{
        AccountError, Language,
        invitation::{self, Acceptance, Fingerprint, Offer},
        login::normalise,
    },
    secret::Secret,
};
use serde::{Deserialize, Serialize};

use crate::{
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::Outcome,
        reply::Reply,
        screen::Screen,
    },
    i18n::Tr,
    p,
    screens::{login, start},
    t, words,
};

/// What the invited person is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// How to call them.
    Name(Draft),
    /// What they will type to come in.
    Login(Draft),
    Password(Draft),
}

/// What was answered so far; the link is spent at the last step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The link; its token is kept nowhere.
    pub link: Fingerprint,
    /// The language of the conversation.
    pub language: Language,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub login: String,
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Anyone
    }

    fn takes_secrets(&self) -> bool {
        true
    }
}

/// The deep link was followed.
///
/// # Errors
/// The database's.
pub async fn begin(cx: &Cx, token: &str) -> Outcome {
    let link = Fingerprint::of(token);
    match invitation::look(&cx.deps.store, &link, cx.now).await? {
        None => Ok(Reply::screen(invalid(cx.tr)).forgetting_input()),
        Some(offer) => {
            let draft = Draft { link, language: cx.tr.language, name: String::new(), login: String::new() };
            cx.ask(Step::Name(draft)).await?;
            // The link's token stands in the chat: it goes as passwords do.
            Ok(Reply::screen(ask_name(cx.tr, &offer)).forgetting_input())
        }
    }
}

/// An answer.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Name(draft) => take_name(cx, draft, input.text()).await,
        Step::Login(draft) => take_login(cx, draft, input.text()).await,
        Step::Password(draft) => take_password(cx, draft, &input).await,
    }
}

async fn take_name(cx: &Cx, draft: Draft, text: &str) -> Outcome {
    let tr = Tr { language: draft.language, ..cx.tr };
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > 100 {
        return Ok(again(tr, &words::account_refusal(tr, AccountError::BadName)?).into());
    }
    cx.ask(Step::Login(Draft { name, ..draft })).await?;
    Ok(ask_login(tr).into())
}

async fn take_login(cx: &Cx, draft: Draft, text: &str) -> Outcome {
    let tr = Tr { language: draft.language, ..cx.tr };
    match normalise(text) {
        Some(login) => {
            cx.ask(Step::Password(Draft { login, ..draft })).await?;
            Ok(ask_password(tr).into())
        }
        None => Ok(again(tr, &words::account_refusal(tr, AccountError::BadLogin)?).into()),
    }
}

async fn take_password(cx: &Cx, draft: Draft, input: &Input) -> Outcome {
    let tr = Tr { language: draft.language, ..cx.tr };
    let password = Secret::new(input.text());
    let acceptance =
        Acceptance { link: &draft.link, login: &draft.login, password: &password, name: &draft.name, language: draft.language };
    match invitation::accept(&cx.deps.store, cx.user, &cx.user_name, &acceptance, cx.now).await {
        Ok(signed) => login::welcome_in(cx, signed).await.map(Reply::forgetting_input),
        Err(AccountError::InvitationInvalid) => {
            cx.leave().await?;
            Ok(Reply::screen(invalid(tr)).forgetting_input())
        }
        Err(error) => {
            let sentence = match error {
                // Another login is needed before another password.
                AccountError::LoginTaken => {
                    cx.ask(Step::Login(draft)).await?;
                    words::account_refusal(tr, AccountError::LoginTaken)?
                }
                error => words::account_refusal(tr, error)?,
            };
            Ok(Reply::screen(again(tr, &sentence)).forgetting_input())
        }
    }
}

fn cancel(screen: Screen, tr: Tr) -> Screen {
    screen.button(p!(tr, "cancel"), start::Call::OpenIn { language: tr.language })
}

/// What is offered, and the first question.
#[must_use]
pub fn ask_name(tr: Tr, offer: &Offer) -> Screen {
    // Within a sentence.
    let role = words::role(tr, offer.role).to_lowercase();
    let about = words::role_about(tr, offer.role);
    cancel(Screen::new(t!(tr, "join-offer", account = &offer.account_name, role = role, about = about)), tr)
}

/// The second question.
#[must_use]
pub fn ask_login(tr: Tr) -> Screen {
    cancel(Screen::new(t!(tr, "join-login")), tr)
}

/// The third question.
#[must_use]
pub fn ask_password(tr: Tr) -> Screen {
    cancel(Screen::new(t!(tr, "join-password", min = mms_core::account::password::MIN_CHARS)), tr)
}

/// The answer was refused: the sentence, and the question stays.
#[must_use]
pub fn again(tr: Tr, sentence: &str) -> Screen {
    cancel(Screen::new(t!(tr, "join-again", sentence = sentence)), tr)
}

/// The link leads nowhere.
#[must_use]
pub fn invalid(tr: Tr) -> Screen {
    Screen::new(t!(tr, "join-invalid")).button(p!(tr, "back"), start::Call::OpenIn { language: tr.language })
}

#[cfg(test)]
mod tests {
    use mms_core::{
        account::Role,
        id::{AccountId, InvitationId},
    };

    use super::*;
    use crate::{snapshots, testing};

    fn offer() -> Offer {
        Offer {
            id: InvitationId(uuid::Uuid::nil()),
            account_id: AccountId(uuid::Uuid::nil()),
            account_name: "ООО «Ромашка & Ко»".to_owned(),
            role: Role::Manager,
            expires_at: testing::moment(),
        }
    }

    snapshots!(join_offer, |tr| ask_name(tr, &offer()));
    snapshots!(join_login, |tr| ask_login(tr));
    snapshots!(join_password, |tr| ask_password(tr));
    snapshots!(join_again, |tr| again(tr, &p!(tr, "password-common")));
    snapshots!(join_invalid, |tr| invalid(tr));
}
