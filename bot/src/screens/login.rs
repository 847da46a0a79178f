//! Signing in, and «the phone is lost» from somebody else's phone: a login, then a password whose
//! message is deleted at once, whatever comes of it.

use mms_core::{
    account::{
        Language,
        login::{self as core_login, LoginError, SignedIn},
    },
    campaign::lost_phone::{self, Closed},
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
    screens::{agreement, commands, menu, password, second, start},
    t,
};

calls! {
    /// Buttons of signing in.
    pub enum Call {
        /// Ask for the login.
        "b" Begin => Anyone,
        /// The same in a language chosen before.
        "B" BeginIn { language: Language } => Anyone,
        /// My phone is lost: close everything from here.
        "l" LostPhone { language: Language } => Anyone,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Login {
        aim: Aim,
        /// The language of the conversation.
        language: Language,
    },
    Password {
        aim: Aim,
        /// The language of the conversation.
        language: Language,
        /// The login, as typed.
        login: String,
    },
}

/// What login and password are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// To come in.
    SignIn,
    /// To close everything: the phone is lost.
    LostPhone,
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Anyone
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
    let (aim, language) = match call {
        Call::Begin => (Aim::SignIn, cx.tr.language),
        Call::BeginIn { language } => (Aim::SignIn, language),
        Call::LostPhone { language } => (Aim::LostPhone, language),
    };
    cx.ask(Step::Login { aim, language }).await?;
    Ok(ask_login(Tr { language, ..cx.tr }, aim).into())
}

/// An answer.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Login { aim, language } => {
            let tr = Tr { language, ..cx.tr };
            let Some(login) = core_login::normalise(input.text()) else {
                // No login: perhaps the password, or both at once.
                return Ok(Reply::screen(not_a_login(tr)).forgetting_input());
            };
            cx.ask(Step::Password { aim, language, login }).await?;
            Ok(ask_password(tr).into())
        }
        Step::Password { aim, language, login } => {
            let password = Secret::new(input.text());
            let done = match aim {
                Aim::SignIn => sign_in(cx, language, &login, &password).await,
                Aim::LostPhone => close(cx, language, &login, &password).await,
            };
            done.map(Reply::forgetting_input)
        }
    }
}

async fn sign_in(cx: &Cx, language: Language, login: &str, password: &Secret) -> Outcome {
    match core_login::login(&cx.deps.store, cx.user, &cx.user_name, login, password, cx.now).await {
        Ok(signed) => welcome_in(cx, signed).await,
        Err(error) => refused(cx, Tr { language, ..cx.tr }, Aim::SignIn, error).await,
    }
}

async fn close(cx: &Cx, language: Language, login: &str, password: &Secret) -> Outcome {
    let tr = Tr { language, ..cx.tr };
    match lost_phone::by_password(&cx.deps.store, cx.user, login, password, cx.now).await {
        Ok(closed) => {
            cx.leave().await?;
            Ok(closed_card(tr, &closed).into())
        }
        Err(error) => refused(cx, tr, Aim::LostPhone, error).await,
    }
}

/// A new session: its commands, and the menu.
///
/// # Errors
/// The database's.
pub async fn welcome_in(cx: &Cx, signed: SignedIn) -> Outcome {
    cx.leave().await?;
    let inside = crate::frame::auth::context(&cx.deps, cx.chat, cx.user, &cx.user_name).await?;
    if inside.pending.is_some() {
        return second::due(&inside).await;
    }
    commands::announce(&cx.deps, cx.chat, Some(&signed.actor)).await;
    if inside.password_due {
        return password::due(&inside).await;
    }
    // A text of the licensor's that waits comes first; the menu is a button away.
    if let Some(screen) = agreement::due(&inside).await? {
        return Ok(screen.into());
    }
    menu::press(&inside, menu::Call::Open).await
}

async fn refused(cx: &Cx, tr: Tr, aim: Aim, error: LoginError) -> Outcome {
    let (sentence, over) = match error {
        LoginError::Wrong { wait_until: None } => (p!(tr, "login-wrong"), false),
        LoginError::Wrong { wait_until: Some(until) } => (p!(tr, "login-wrong-wait", left = tr.duration(until - cx.now)), false),
        LoginError::Wait { until } => (p!(tr, "login-wait", left = tr.duration(until - cx.now)), false),
        LoginError::Locked => (p!(tr, "login-locked"), true),
        LoginError::Disabled => (p!(tr, "login-disabled"), true),
        LoginError::PasswordDue => (p!(tr, "login-password-due"), true),
        LoginError::Hashing(error) => return Err(BotError::Other(error.into())),
        LoginError::Store(error) => return Err(error.into()),
    };
    if over {
        cx.leave().await?;
        return Ok(refused_card(tr, aim, &sentence).into());
    }
    // The question stays: what is typed next is a password again, and its message is deleted again.
    Ok(once_more(tr, aim, &sentence).into())
}

/// The first question.
#[must_use]
pub fn ask_login(tr: Tr, aim: Aim) -> Screen {
    let html = match aim {
        Aim::SignIn => t!(tr, "login-ask-login"),
        Aim::LostPhone => t!(tr, "login-ask-login-lost"),
    };
    Screen::new(html).button(p!(tr, "cancel"), start::Call::OpenIn { language: tr.language })
}

/// What was typed is no login: the first question again.
#[must_use]
pub fn not_a_login(tr: Tr) -> Screen {
    Screen::new(t!(tr, "login-not-a-login")).button(p!(tr, "cancel"), start::Call::OpenIn { language: tr.language })
}

/// The second question.
#[must_use]
pub fn ask_password(tr: Tr) -> Screen {
    Screen::new(t!(tr, "login-ask-password")).button(p!(tr, "cancel"), start::Call::OpenIn { language: tr.language })
}

/// A wrong password, or one too early: the question stays.
#[must_use]
pub fn once_more(tr: Tr, aim: Aim, sentence: &str) -> Screen {
    let other = match aim {
        Aim::SignIn => Call::BeginIn { language: tr.language },
        Aim::LostPhone => Call::LostPhone { language: tr.language },
    };
    let html = match aim {
        Aim::SignIn => t!(tr, "login-once-more", sentence = sentence),
        Aim::LostPhone => t!(tr, "login-once-more-lost", sentence = sentence),
    };
    Screen::new(html).button(p!(tr, "login-other"), other).button(p!(tr, "cancel"), start::Call::OpenIn { language: tr.language })
}

/// Not let in.
#[must_use]
pub fn refused_card(tr: Tr, aim: Aim, sentence: &str) -> Screen {
    let language = tr.language;
    let (html, again) = match aim {
        Aim::SignIn => (t!(tr, "login-refused", sentence = sentence), Call::BeginIn { language }),
        Aim::LostPhone => (t!(tr, "login-not-closed", sentence = sentence), Call::LostPhone { language }),
    };
    Screen::new(html).button(p!(tr, "login-again"), again).button(p!(tr, "back"), start::Call::OpenIn { language: tr.language })
}

/// What was closed.
#[must_use]
pub fn closed_card(tr: Tr, closed: &Closed) -> Screen {
    let mut html = if closed.locked {
        t!(tr, "login-closed", sessions = closed.sessions)
    } else {
        t!(tr, "login-closed-open", sessions = closed.sessions)
    };
    if !closed.paused.is_empty() {
        let names: Vec<String> = closed.paused.iter().map(|(_, name)| format!("• {name}")).collect();
        html.push_str("\n\n");
        html.push_str(&t!(tr, "login-closed-campaigns", names = names.join("\n")));
    }
    Screen::new(html).button(p!(tr, "back"), start::Call::OpenIn { language: tr.language })
}

#[cfg(test)]
mod tests {
    use mms_core::id::CampaignId;

    use super::*;
    use crate::snapshots;

    snapshots!(login_ask_login, |tr| ask_login(tr, Aim::SignIn));
    snapshots!(login_ask_login_lost, |tr| ask_login(tr, Aim::LostPhone));
    snapshots!(login_ask_password, |tr| ask_password(tr));
    snapshots!(login_not_a_login, |tr| not_a_login(tr));
    snapshots!(login_once_more, |tr| once_more(
        tr,
        Aim::SignIn,
        &p!(tr, "login-wrong-wait", left = tr.duration(chrono::TimeDelta::seconds(75)))
    ));
    snapshots!(login_locked, |tr| refused_card(tr, Aim::SignIn, &p!(tr, "login-locked")));
    snapshots!(login_once_more_lost, |tr| once_more(tr, Aim::LostPhone, &p!(tr, "login-wrong")));
    snapshots!(login_not_closed, |tr| refused_card(tr, Aim::LostPhone, &p!(tr, "login-disabled")));
    snapshots!(login_closed, |tr| closed_card(
        tr,
        &Closed { sessions: 2, paused: vec![(CampaignId(uuid::Uuid::nil()), "Осенняя <акция>".to_owned())], locked: true }
    ));
    snapshots!(login_closed_only_owner, |tr| closed_card(tr, &Closed { sessions: 1, paused: vec![], locked: false }));
    snapshots!(login_password_due, |tr| refused_card(tr, Aim::SignIn, &p!(tr, "login-password-due")));
}
