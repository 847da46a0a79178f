//! The commands of the managers' bot: each opens a screen; menus show a member only what their role
//! may do.

use mms_core::account::{Actor, Language, Role};
use serde_json::{Value, json};

use crate::{
    frame::{callback::Need, deps::Deps},
    i18n::Tr,
    p,
    screens::{Callback, campaigns, contacts, login, menu, sessions, start},
};

/// A command of the list under the «Menu» button.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Without the slash.
    pub name: &'static str,
    /// What it does, in the member's language.
    pub about: fn(Tr) -> String,
    pub shown_to: Shown,
    /// The screen it opens.
    pub call: fn() -> Callback,
}

/// Who is shown a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those who are not signed in.
    Strangers,
    /// Members who may.
    Members(Need),
    /// Everybody.
    All,
}

/// Every command, in the order of the menu. One line a feature.
pub const COMMANDS: &[Command] = &[
    Command { name: "menu", about: |tr| p!(tr, "command-menu"), shown_to: Shown::Members(Need::View), call: || menu::Call::Open.into() },
    Command {
        name: "campaigns",
        about: |tr| p!(tr, "campaigns-menu"),
        shown_to: Shown::Members(Need::View),
        call: || campaigns::Call::List { page: 0 }.into(),
    },
    Command {
        name: "contacts",
        about: |tr| p!(tr, "contacts-menu"),
        shown_to: Shown::Members(Need::View),
        call: || contacts::Call::Open.into(),
    },
    Command { name: "login", about: |tr| p!(tr, "command-login"), shown_to: Shown::Strangers, call: || login::Call::Begin.into() },
    Command {
        name: "logout",
        about: |tr| p!(tr, "command-logout"),
        shown_to: Shown::Members(Need::View),
        call: || sessions::Call::Logout.into(),
    },
    Command {
        name: "cancel",
        about: |tr| p!(tr, "command-cancel"),
        shown_to: Shown::Members(Need::View),
        call: || menu::Call::Open.into(),
    },
    Command { name: "language", about: |tr| p!(tr, "command-language"), shown_to: Shown::All, call: || start::Call::Languages.into() },
    Command { name: "help", about: |tr| p!(tr, "command-help"), shown_to: Shown::All, call: || start::Call::Help.into() },
];

/// The commands shown to somebody with this role; `None`: not signed in.
pub fn shown(role: Option<Role>) -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().filter(move |command| match command.shown_to {
        Shown::All => true,
        Shown::Strangers => role.is_none(),
        Shown::Members(need) => role.is_some() && need.admits(role),
    })
}

/// Puts a chat's command list up for the member now signed in there (`None`: takes it away,
/// strangers' list shows again).
pub async fn announce(deps: &Deps, chat: i64, who: Option<&Actor>) {
    let scope = json!({ "type": "chat", "chat_id": chat });
    let done = match who {
        None => deps.bot.call("deleteMyCommands", &json!({ "scope": scope })).await,
        Some(actor) => {
            // The zone plays no part in the names of commands.
            let tr = Tr::new(actor.language, chrono_tz::UTC);
            deps.bot.call("setMyCommands", &json!({ "commands": list(tr, Some(actor.role)), "scope": scope })).await
        }
    };
    if let Err(error) = done {
        tracing::warn!(%error, "a chat's commands could not be put up");
    }
}

/// Puts up the list strangers see, in every language of the product.
pub async fn announce_to_strangers(deps: &Deps) {
    for (language, code) in [(Language::Ru, ""), (Language::Ru, "ru"), (Language::En, "en")] {
        let body = json!({ "commands": list(Tr::new(language, chrono_tz::UTC), None), "language_code": code });
        if let Err(error) = deps.bot.call("setMyCommands", &body).await {
            tracing::warn!(%error, "the bot's commands could not be put up");
        }
    }
}

fn list(tr: Tr, role: Option<Role>) -> Vec<Value> {
    shown(role).map(|command| json!({ "command": command.name, "description": (command.about)(tr) })).collect()
}

/// A typed command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Without the slash and the bot's name, lower case.
    pub name: String,
    /// What stands after it.
    pub payload: String,
}

/// Reads a command from a message's text.
#[must_use]
pub fn parse(text: &str) -> Option<Typed> {
    let (word, payload) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let name = word.strip_prefix('/')?;
    let name = name.split('@').next()?.to_lowercase();
    let fits = !name.is_empty() && name.len() <= 32 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    fits.then(|| Typed { name, payload: payload.trim().to_owned() })
}

/// The screen a typed command opens; `None`: there is no such command.
#[must_use]
pub fn opens(typed: &Typed) -> Option<Callback> {
    if typed.name == "start" {
        return Some(start::Call::Open.into());
    }
    COMMANDS.iter().find(|command| command.name == typed.name).map(|command| (command.call)())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_payload_and_bot_name() {
        assert_eq!(parse("/start inv_a1"), Some(Typed { name: "start".into(), payload: "inv_a1".into() }));
        assert_eq!(parse("/Menu@mms_bot"), Some(Typed { name: "menu".into(), payload: String::new() }));
        assert_eq!(parse("/ start"), None);
        assert_eq!(parse("menu"), None);
        assert_eq!(parse("/привет"), None);
    }

    #[test]
    fn names_are_unique_and_roles_see_their_own() {
        for (index, command) in COMMANDS.iter().enumerate() {
            assert!(COMMANDS[..index].iter().all(|other| other.name != command.name), "{} twice", command.name);
        }
        assert!(shown(None).any(|command| command.name == "login"));
        assert!(shown(Some(Role::Viewer)).all(|command| command.name != "login"));
    }
}
