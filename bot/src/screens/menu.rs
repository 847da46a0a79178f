//! The main menu: what the role may do, and whether anything may be sent at all.

use mms_core::{
    account::{Actor, licence as core_licence, settings as core_settings},
    clock::Moment,
    contact::card as contact_room,
    inbound::inbox as inbox_room,
};

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        error::Outcome,
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::{
        Callback, audit, campaigns, channels, contacts, crm, imports, inbox, licence, members, segments, sessions, settings, start,
        templates,
    },
    t, words,
};

calls! {
    /// Buttons of the menu.
    pub enum Call {
        /// The menu in place.
        "m" Open => View,
        /// The menu as a new message (under a notice that should stay).
        "n" Fresh => View,
        /// A button of a sample: it says that it is one.
        "z" Sample => View,
    }
}

/// A line of the menu.
struct Item {
    need: Need,
    text: fn(Tr) -> String,
    call: fn() -> Callback,
}

/// The menu, in its order: two to a row. One line a feature.
const ITEMS: &[Item] = &[
    Item { need: Need::View, text: |tr| p!(tr, "campaigns-menu"), call: || campaigns::Call::List { page: 0 }.into() },
    Item { need: Need::View, text: |tr| p!(tr, "contacts-menu"), call: || contacts::Call::Open.into() },
    Item { need: Need::View, text: |tr| p!(tr, "inbox-menu"), call: || inbox::Call::List { page: 0 }.into() },
    Item { need: Need::View, text: |tr| p!(tr, "segments-menu"), call: || segments::Call::List { page: 0 }.into() },
    Item { need: Need::Edit, text: |tr| p!(tr, "imports-menu"), call: || imports::Call::List.into() },
    Item { need: Need::View, text: |tr| p!(tr, "templates-menu"), call: || templates::Call::List.into() },
    Item { need: Need::View, text: |tr| p!(tr, "channels-menu"), call: || channels::Call::List.into() },
    Item { need: Need::View, text: |tr| p!(tr, "crm-menu"), call: || crm::Call::List.into() },
    Item { need: Need::Own, text: |tr| p!(tr, "menu-members"), call: || members::Call::List.into() },
    Item { need: Need::View, text: |tr| p!(tr, "menu-settings"), call: || settings::Call::Open.into() },
    Item { need: Need::Own, text: |tr| p!(tr, "menu-audit"), call: || audit::Call::Page { page: 0 }.into() },
    Item { need: Need::View, text: |tr| p!(tr, "menu-licence"), call: || licence::Call::Open.into() },
    Item { need: Need::View, text: |tr| p!(tr, "menu-sessions"), call: || sessions::Call::Mine.into() },
    Item { need: Need::View, text: |tr| p!(tr, "command-language"), call: || start::Call::Languages.into() },
];

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open => Ok(open(cx).await?.into()),
        Call::Fresh => Ok(Reply::screen(open(cx).await?).anew()),
        Call::Sample => Ok(Reply::toast(p!(cx.tr, "menu-sample"))),
    }
}

async fn open(cx: &Cx) -> Result<Screen, crate::frame::error::BotError> {
    let actor = cx.actor()?;
    let settings = core_settings::get(&cx.deps.store, actor.account).await?;
    let licence = core_licence::current(&cx.deps.store, actor.account, cx.now).await?;
    let name = settings.map(|settings| settings.name).unwrap_or_default();
    let badges = Badges {
        contacts: contact_room::count_to(&cx.deps.store, actor.account, MANY + 1).await?,
        waiting: inbox_room::waiting(&cx.deps.store, actor.account).await?,
    };
    Ok(menu(cx.tr, actor, &name, licence.map(|licence| licence.valid_until), badges, cx.now))
}

/// More contacts than this are not counted for a badge: the menu is opened all day, and counting a million takes as long as it is.
/// Their room has the exact number.
const MANY: i64 = 10_000;

/// Numbers beside the names of rooms; a zero is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Badges {
    /// How many contacts there are; above [`MANY`] only that there are more.
    pub contacts: i64,
    /// How many customers wait for a reply.
    pub waiting: i64,
}

impl Badges {
    fn on(self, tr: Tr, text: String, call: &Callback) -> String {
        match call {
            Callback::Contacts(_) if self.contacts > MANY => format!("{text} · {}+", tr.number(MANY)),
            Callback::Contacts(_) if self.contacts > 0 => format!("{text} · {}", tr.number(self.contacts)),
            Callback::Inbox(_) if self.waiting > 0 => format!("{text} · {}", tr.number(self.waiting)),
            _ => text,
        }
    }
}

/// The menu.
#[must_use]
pub fn menu(tr: Tr, actor: &Actor, account: &str, licensed_until: Option<Moment>, badges: Badges, now: Moment) -> Screen {
    let mut html = t!(tr, "menu-title", account = account, name = &actor.name, role = words::role(tr, actor.role));
    match licensed_until {
        None => {
            html.push_str("\n\n");
            html.push_str(&t!(tr, "menu-no-licence"));
        }
        Some(until) if until - now < chrono::TimeDelta::days(7) => {
            html.push_str("\n\n");
            html.push_str(&t!(tr, "menu-licence-ends", until = words::valid_until(tr, until)));
        }
        Some(_) => {}
    }
    let buttons: Vec<Button> = ITEMS
        .iter()
        .filter(|item| item.need.admits(Some(actor.role)))
        .map(|item| {
            let call = (item.call)();
            Button::call(badges.on(tr, (item.text)(tr), &call), call)
        })
        .collect();
    buttons.chunks(2).fold(Screen::new(html), |screen, row| screen.row(row.to_vec())).button(p!(tr, "menu-logout"), sessions::Call::Logout)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use mms_core::account::Role;

    use super::*;
    use crate::{snapshots, testing};

    fn at(tr: Tr, role: Role, days: Option<i64>) -> Screen {
        let now = testing::moment();
        menu(
            tr,
            &testing::actor(role),
            "Ромашка",
            days.map(|days| now + TimeDelta::days(days)),
            Badges { contacts: if role == Role::Owner { 12_345 } else { 2_345 }, waiting: days.unwrap_or_default() },
            now,
        )
    }

    snapshots!(menu_owner, |tr| at(tr, Role::Owner, Some(90)));
    snapshots!(menu_manager, |tr| at(tr, Role::Manager, Some(90)));
    snapshots!(menu_approver, |tr| at(tr, Role::Approver, Some(3)));
    snapshots!(menu_viewer, |tr| at(tr, Role::Viewer, None));
}
