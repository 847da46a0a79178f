//! The second factor: set up, proved at a sign-in, taken away.

use mms_core::{
    account::second::{self as room, Due, SecondError, Standing, Waiting},
    id::MemberId,
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
    screens::{commands, members, menu, sessions, start},
    t, words,
};

calls! {
    /// Buttons of the second factor.
    pub enum Call {
        /// How it stands.
        "s" Open => View,
        /// Set it up.
        "b" Begin => View,
        /// Take it away: asks for a code.
        "o" Off => View,
        /// It is due: set it up now.
        "d" Setup => Anyone,
        /// Another sign-in instead.
        "l" Leave => Anyone,
        /// A member lost it: asks first.
        "r" AskReset { member: MemberId } => Own,
        /// Taken away from a member.
        "R" Reset { member: MemberId } => Own,
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The code at a sign-in.
    Prove,
    /// The first code of an authenticator.
    Confirm,
    /// The code that takes it away.
    Off,
}

impl Steps for Step {
    fn need(&self) -> Need {
        match self {
            // Whoever is asked is no member yet.
            Self::Prove | Self::Confirm => Need::Anyone,
            Self::Off => Need::View,
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
    match call {
        Call::Open => Ok(card(cx.tr, &room::standing(&cx.deps.store, cx.actor()?).await?).into()),
        Call::Begin => begin(cx, cx.actor()?).await,
        Call::Off => {
            cx.ask(Step::Off).await?;
            Ok(ask_off(cx.tr).into())
        }
        Call::Setup => match &cx.pending {
            Some(Waiting { actor, due: Due::Setup, .. }) => begin(cx, actor).await,
            _ => due(cx).await,
        },
        Call::Leave => {
            if let Some(waiting) = &cx.pending {
                let ended = mms_core::account::session::logout(&cx.deps.store, &waiting.actor, waiting.session, cx.now).await;
                ended.map_err(|error| words::refused(cx.tr, error))?;
            }
            cx.leave().await?;
            Ok(start::welcome(cx.tr).into())
        }
        Call::AskReset { member } => Ok(ask_reset(cx.tr, member).into()),
        Call::Reset { member } => {
            let done = room::reset(&cx.deps.store, cx.actor()?, member, cx.now).await;
            done.map_err(|error| words::refused(cx.tr, error))?;
            Ok(members::press(cx, members::Call::Card { member }).await?.saying(p!(cx.tr, "second-reset-done")))
        }
    }
}

/// What a session that is no sign-in yet sees, whatever was pressed or typed.
///
/// # Errors
/// The database's.
pub async fn due(cx: &Cx) -> Outcome {
    match cx.pending.as_ref().map(|waiting| waiting.due) {
        None => menu::press(cx, menu::Call::Open).await,
        Some(Due::Code) => {
            cx.ask(Step::Prove).await?;
            Ok(ask_code(cx.tr).into())
        }
        Some(Due::Setup) => {
            cx.leave().await?;
            Ok(demanded(cx.tr).into())
        }
    }
}

async fn begin(cx: &Cx, actor: &mms_core::account::Actor) -> Outcome {
    let key = room::begin(&cx.deps.store, &cx.deps.sealer, actor, cx.now).await.map_err(|error| refused(cx.tr, error))?;
    cx.ask(Step::Confirm).await?;
    Ok(ask_confirm(cx.tr, &key, cx.pending.is_some()).into())
}

/// An answer: every one holds a code, so every message is deleted.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let done = match step {
        Step::Prove => prove(cx, input.text()).await,
        Step::Confirm => confirm(cx, input.text()).await,
        Step::Off => {
            let off = room::off(&cx.deps.store, &cx.deps.sealer, cx.actor()?, input.text(), cx.now).await;
            match off {
                Ok(()) => {
                    cx.leave().await?;
                    let stands = room::standing(&cx.deps.store, cx.actor()?).await?;
                    Ok(Reply::screen(card(cx.tr, &stands)).saying(p!(cx.tr, "second-is-off")))
                }
                Err(error) => Err(refused(cx.tr, error)),
            }
        }
    };
    done.map(Reply::forgetting_input)
}

async fn prove(cx: &Cx, typed: &str) -> Outcome {
    let Some(waiting) = &cx.pending else { return due(cx).await };
    match room::prove(&cx.deps.store, &cx.deps.sealer, waiting, typed, cx.now).await {
        Ok(()) => enter(cx).await,
        Err(SecondError::Over) => {
            cx.leave().await?;
            Ok(start::welcome(cx.tr).into()).map(|reply: Reply| reply.saying(p!(cx.tr, "second-over")))
        }
        // The question stays.
        Err(error) => Ok(Reply::screen(ask_code(cx.tr)).saying(sentence(cx.tr, error)?)),
    }
}

async fn confirm(cx: &Cx, typed: &str) -> Outcome {
    let (actor, session) = match (&cx.pending, &cx.who, cx.session) {
        (Some(waiting), _, _) => (&waiting.actor, waiting.session),
        (None, Some(actor), Some(session)) => (actor, session),
        _ => return Err(BotError::SignedOut),
    };
    match room::confirm(&cx.deps.store, &cx.deps.sealer, (actor, session), typed, cx.now).await {
        Ok(codes) => {
            cx.leave().await?;
            if cx.pending.is_some() {
                commands::announce(&cx.deps, cx.chat, Some(actor)).await;
            }
            Ok(codes_card(cx.tr, &codes).into())
        }
        Err(SecondError::None) => due(cx).await,
        Err(error) => Err(refused(cx.tr, error)),
    }
}

/// The session is a sign-in now.
async fn enter(cx: &Cx) -> Outcome {
    cx.leave().await?;
    let inside = crate::frame::auth::context(&cx.deps, cx.chat, cx.user, &cx.user_name).await?;
    commands::announce(&cx.deps, cx.chat, inside.who.as_ref()).await;
    if inside.password_due {
        return super::password::due(&inside).await;
    }
    menu::press(&inside, menu::Call::Open).await
}

fn sentence(tr: Tr, error: SecondError) -> Result<String, BotError> {
    Ok(match error {
        SecondError::Wrong => p!(tr, "second-wrong"),
        SecondError::Wait(until) => p!(tr, "second-wait", until = tr.moment(until)),
        SecondError::Over => p!(tr, "second-over"),
        SecondError::None => p!(tr, "second-none"),
        SecondError::Demanded => p!(tr, "second-demanded"),
        SecondError::Broken => p!(tr, "second-broken"),
        SecondError::Account(error) => return Err(words::refused(tr, error)),
        SecondError::Db(error) => return Err(error.into()),
    })
}

fn refused(tr: Tr, error: SecondError) -> BotError {
    match sentence(tr, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}

/// How it stands.
#[must_use]
pub fn card(tr: Tr, stands: &Standing) -> Screen {
    let title = t!(tr, "second-title");
    match stands.since {
        None => Screen::new(format!("{title}\n\n{}", t!(tr, "second-off")))
            .button(p!(tr, "second-begin"), Call::Begin)
            .nav(tr, sessions::Call::Mine),
        Some(since) => {
            let state = t!(tr, "second-on", since = tr.moment(since), codes = stands.codes);
            Screen::new(format!("{title}\n\n{state}"))
                .button_if(!stands.demanded, p!(tr, "second-take-away"), Call::Off)
                .nav(tr, sessions::Call::Mine)
        }
    }
}

/// The code at a sign-in.
#[must_use]
pub fn ask_code(tr: Tr) -> Screen {
    Screen::new(t!(tr, "second-ask-code")).button(p!(tr, "second-leave"), Call::Leave)
}

/// An owner demands it.
#[must_use]
pub fn demanded(tr: Tr) -> Screen {
    Screen::new(t!(tr, "second-due")).button(p!(tr, "second-begin"), Call::Setup).button(p!(tr, "second-leave"), Call::Leave)
}

/// The key for the authenticator; `due`: nothing else can be done before.
#[must_use]
pub fn ask_confirm(tr: Tr, key: &str, due: bool) -> Screen {
    let groups: Vec<String> = key.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    let screen = Screen::new(t!(tr, "second-ask-confirm", key = groups.join(" ")));
    if due { screen.button(p!(tr, "second-leave"), Call::Leave) } else { screen.nav(tr, Call::Open) }
}

/// The recovery codes, shown once.
#[must_use]
pub fn codes_card(tr: Tr, codes: &[String]) -> Screen {
    let lines: Vec<String> = codes.iter().map(|code| format!("<code>{code}</code>")).collect();
    Screen::new(t!(tr, "second-codes", codes = crate::i18n::Html(lines.join("\n")))).button(p!(tr, "second-kept"), menu::Call::Open)
}

/// The code that takes it away.
#[must_use]
pub fn ask_off(tr: Tr) -> Screen {
    Screen::new(t!(tr, "second-ask-off")).nav(tr, Call::Open)
}

/// Sure?
#[must_use]
pub fn ask_reset(tr: Tr, member: MemberId) -> Screen {
    Screen::new(t!(tr, "second-ask-reset"))
        .button(p!(tr, "second-reset-now"), Call::Reset { member })
        .nav(tr, members::Call::Card { member })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{snapshots, testing};

    fn standing(on: bool, demanded: bool) -> Standing {
        Standing { since: on.then(testing::moment), codes: 9, demanded }
    }

    fn codes() -> Vec<String> {
        (0..10).map(|n| format!("abcd{n}-efgh{n}")).collect()
    }

    snapshots!(second_none, |tr| card(tr, &standing(false, false)));
    snapshots!(second_on, |tr| card(tr, &standing(true, false)));
    snapshots!(second_on_demanded, |tr| card(tr, &standing(true, true)));
    snapshots!(second_ask_code, |tr| ask_code(tr));
    snapshots!(second_demanded, |tr| demanded(tr));
    snapshots!(second_ask_confirm, |tr| ask_confirm(tr, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", false));
    snapshots!(second_ask_confirm_due, |tr| ask_confirm(tr, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", true));
    snapshots!(second_codes, |tr| codes_card(tr, &codes()));
    snapshots!(second_ask_off, |tr| ask_off(tr));
    snapshots!(second_ask_reset, |tr| ask_reset(tr, MemberId(uuid::Uuid::nil())));
}
