//! The first screens: the welcome, the first steps, help, languages, and what a deep link carries.

mod help;
mod steps;

pub use help::{Topic, card as help_card, topic as topic_card};
pub use steps::{Steps, card as steps_card, steps};

use mms_core::account::{Language, member};

use crate::{
    calls,
    frame::{
        cx::Cx,
        error::Outcome,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::{commands, join, login, menu, password},
    t, words,
};

calls! {
    /// Buttons of the first screens.
    pub enum Call {
        /// The welcome, or the menu for a member.
        "s" Open => Anyone,
        /// The same in a language chosen before.
        "S" OpenIn { language: Language } => Anyone,
        /// What the bot can do.
        "h" Help => Anyone,
        /// Help with one thing.
        "t" Topic { topic: Topic } => View,
        /// What is left of setting up.
        "f" Steps => Edit,
        /// The choice of a language.
        "g" Languages => Anyone,
        /// Speak this language.
        "G" Speak { language: Language } => Anyone,
    }
}

/// What a deep link to the bot begins with when it carries an invitation.
pub const INVITATION: &str = "inv_";

/// What a deep link to the bot begins with when it carries a new password's link.
pub const PASSWORD: &str = "pwd_";

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open | Call::OpenIn { .. } if cx.who.is_some() => menu::press(cx, menu::Call::Open).await,
        Call::Open => Ok(welcome(cx.tr).into()),
        Call::OpenIn { language } => Ok(welcome(Tr { language, ..cx.tr }).into()),
        Call::Help => Ok(help_card(cx.tr, cx.who.as_ref().map(|actor| actor.role)).into()),
        Call::Topic { topic } => Ok(topic_card(cx.tr, topic).into()),
        Call::Steps => steps::show(cx).await,
        Call::Languages => Ok(languages(cx.tr, cx.who.is_some()).into()),
        Call::Speak { language } => speak(cx, language).await,
    }
}

/// `/start` with something after it.
///
/// # Errors
/// The database's.
pub async fn with_payload(cx: &Cx, payload: &str) -> Outcome {
    if let Some(token) = payload.strip_prefix(INVITATION) {
        return join::begin(cx, token).await;
    }
    match payload.strip_prefix(PASSWORD) {
        Some(token) => password::begin(cx, token).await,
        None => press(cx, Call::Open).await,
    }
}

async fn speak(cx: &Cx, language: Language) -> Outcome {
    let tr = Tr { language, ..cx.tr };
    let Some(actor) = &cx.who else { return Ok(welcome(tr).into()) };
    member::set_profile(&cx.deps.store, actor, None, Some(language), cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let mut actor = actor.clone();
    actor.language = language;
    let cx = Cx { who: Some(actor), tr, ..cx.clone() };
    commands::announce(&cx.deps, cx.chat, cx.who.as_ref()).await;
    let reply = menu::press(&cx, menu::Call::Open).await?;
    Ok(reply.saying(p!(tr, "start-language-set")))
}

/// For somebody who is not signed in.
#[must_use]
pub fn welcome(tr: Tr) -> Screen {
    let other = match tr.language {
        Language::Ru => Language::En,
        Language::En => Language::Ru,
    };
    Screen::new(t!(tr, "start-welcome"))
        .button(p!(tr, "start-login"), login::Call::BeginIn { language: tr.language })
        .button(p!(tr, "start-lost-phone"), login::Call::LostPhone { language: tr.language })
        .button(words::language(other), Call::Speak { language: other })
}

/// The choice of a language.
#[must_use]
pub fn languages(tr: Tr, signed_in: bool) -> Screen {
    let button = |language| Button::call(words::language(language), Call::Speak { language });
    let screen = Screen::new(t!(tr, "start-languages")).row([button(Language::Ru), button(Language::En)]);
    if signed_in { screen.nav(tr, menu::Call::Settings) } else { screen.button(p!(tr, "back"), Call::OpenIn { language: tr.language }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshots;

    snapshots!(start_welcome, |tr| welcome(tr));
    snapshots!(start_languages, |tr| languages(tr, false));
    snapshots!(start_languages_member, |tr| languages(tr, true));
}
