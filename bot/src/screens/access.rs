//! What the licensor closed to the company, and what it switched off: the card, the gate of every
//! press, and the buttons that disappear.

use mms_core::account::{
    feature::{self, Off, Switches},
    suspension::{Scope, Suspension},
};

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::{Closed, Cx},
        error::{BotError, Outcome},
        screen::{Action, Screen},
    },
    i18n::Tr,
    p,
    screens::{Callback, agreement, campaigns, channels, contacts, crm, inbox, sessions, support},
    t,
    words::functions,
};

calls! {
    /// Buttons of the card.
    pub enum Call {
        /// What is closed and off.
        "o" Open => View,
    }
}

/// A press.
///
/// # Errors
/// None.
#[expect(clippy::unused_async, reason = "every feature's press is awaited")]
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    let Call::Open = call;
    Ok(card(cx.tr, &cx.closed).into())
}

/// The function that a button belongs to.
fn function(call: &Callback) -> Option<String> {
    match call {
        // An opt-out has no switch, and events that failed may hold one.
        Callback::Inbox(
            inbox::Call::AskStop { .. } | inbox::Call::Failed { .. } | inbox::Call::ReadAgain | inbox::Call::LookedAfter { .. },
        ) => None,
        Callback::Inbox(_) => Some(feature::INBOX.to_owned()),
        Callback::Imports(_) => Some(feature::IMPORTS.to_owned()),
        Callback::Channels(channels::Call::Connect { kind }) => Some(feature::channel(kind.as_str())),
        Callback::Crm(crm::Call::Connect { kind } | crm::Call::ByToken { kind } | crm::Call::ByPage { kind }) => {
            Some(feature::crm(kind.as_str()))
        }
        call if call.need() == Need::Export => Some(feature::EXPORTS.to_owned()),
        _ => None,
    }
}

/// Whether a button works while all access is closed: exports, evidence, opt-outs, erasure, the
/// texts and support do, and what leads there; signing out and the safety of one's own login, too.
fn goes_on(call: &Callback) -> bool {
    use contacts::Call as Contact;
    let shows = matches!(call.need(), Need::Anyone | Need::View | Need::Export | Need::Evidence);
    match call {
        Callback::Contacts(
            Contact::AskStop { .. } | Contact::Stop { .. } | Contact::AskDelete { .. } | Contact::Delete { .. } | Contact::AddPhones,
        )
        | Callback::Inbox(inbox::Call::AskStop { .. })
        | Callback::Audit(_) => true,
        Callback::Contacts(_) | Callback::Campaigns(_) => shows,
        Callback::Access(_)
        | Callback::Evidence(_)
        | Callback::Agreement(_)
        | Callback::Erasures(_)
        | Callback::Support(_)
        | Callback::Claims(_)
        | Callback::Start(_)
        | Callback::Login(_)
        | Callback::Sessions(_)
        | Callback::Password(_)
        | Callback::Second(_)
        | Callback::Licence(_) => true,
        _ => false,
    }
}

/// What a press meets where the licensor closed access or switched its function off; `None`: it
/// goes on.
#[must_use]
pub fn meets(cx: &Cx, call: &Callback) -> Option<Outcome> {
    if cx.closed.suspended.as_ref().is_some_and(|closed| closed.scope == Scope::All) && !goes_on(call) {
        return Some(Ok(card(cx.tr, &cx.closed).into()));
    }
    let off = function(call).and_then(|name| cx.closed.off.get(&name))?;
    let off = Off { name: off.name.clone(), reason: off.reason.clone() };
    Some(Err(BotError::Refused(functions::off(cx.tr, &off))))
}

/// Takes away the buttons of what is off.
pub fn hide(screen: &mut Screen, off: &Switches) {
    if off.is_empty() {
        return;
    }
    for row in &mut screen.keyboard {
        row.retain(|button| match &button.action {
            Action::Call(press) => {
                let function = Callback::decode(&press.wire).as_ref().and_then(function);
                function.is_none_or(|name| !off.contains_key(&name))
            }
            _ => true,
        });
    }
    screen.keyboard.retain(|row| !row.is_empty());
}

/// What is closed and off.
#[must_use]
pub fn card(tr: Tr, closed: &Closed) -> Screen {
    let mut html = t!(tr, "access-title");
    if let Some(closed) = &closed.suspended {
        html.push_str("\n\n");
        html.push_str(&suspended(tr, closed));
    }
    if !closed.off.is_empty() {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "access-switched-off"));
        for one in closed.off.values() {
            html.push('\n');
            html.push_str(&t!(tr, "access-line", name = functions::name(tr, &one.name), since = tr.day(one.since), reason = &one.reason));
        }
    }
    if closed.suspended.is_none() && closed.off.is_empty() {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "access-nothing"));
    }
    let all = closed.suspended.as_ref().is_some_and(|closed| closed.scope == Scope::All);
    let screen = Screen::new(html);
    if all {
        // What goes on, in reach: the menu leads here.
        return screen
            .button(p!(tr, "access-contacts"), contacts::Call::Open)
            .button(p!(tr, "access-campaigns"), campaigns::Call::List { page: 0 })
            .button(p!(tr, "agreement-button"), agreement::Call::Open)
            .button(p!(tr, "support-button"), support::Call::List { page: 0 })
            .button(p!(tr, "menu-logout"), sessions::Call::Logout)
            .at(Call::Open);
    }
    screen.at(Call::Open).nav(tr, agreement::Call::Open)
}

fn suspended(tr: Tr, closed: &Suspension) -> String {
    let mut html = match closed.scope {
        Scope::Sending => t!(tr, "access-sending"),
        Scope::All => t!(tr, "access-all"),
    };
    html.push('\n');
    html.push_str(&t!(tr, "access-why", reason = &closed.reason, document = &closed.document, since = tr.moment(closed.begins_at)));
    if let Some(until) = closed.ends_at {
        html.push('\n');
        html.push_str(&t!(tr, "access-until", until = tr.moment(until)));
    }
    html
}

#[cfg(test)]
mod tests {
    use mms_core::{
        account::{Role, feature::Switched},
        id::SuspensionId,
    };

    use super::*;
    use crate::{
        screens::{evidence, menu},
        snapshots, testing,
    };

    fn suspension(scope: Scope) -> Suspension {
        Suspension {
            id: SuspensionId(uuid::Uuid::nil()),
            scope,
            reason: "Жалобы получателей <проверяются>".to_owned(),
            document: "Решение № 7 от 20.11.2026".to_owned(),
            document_hash: None,
            begins_at: testing::moment(),
            ends_at: Some(testing::moment() + chrono::TimeDelta::days(3)),
            lifted_at: None,
            lift_reason: None,
        }
    }

    fn off(names: &[&str]) -> Switches {
        let one = |name: &&str| {
            let switched = Switched { name: (*name).to_owned(), reason: "По письму № 5".to_owned(), since: testing::moment() };
            ((*name).to_owned(), switched)
        };
        names.iter().map(one).collect()
    }

    snapshots!(access_nothing, |tr| card(tr, &Closed::default()));
    snapshots!(access_sending, |tr| card(tr, &Closed { suspended: Some(suspension(Scope::Sending)), off: off(&["inbox"]) }));
    snapshots!(access_all, |tr| card(tr, &Closed { suspended: Some(suspension(Scope::All)), ..Closed::default() }));
    snapshots!(access_features, |tr| {
        let names = ["advertising", "channel.telegram", "crm.amocrm", "exports", "imports", "inbox", "later.word"];
        card(tr, &Closed { off: off(&names), ..Closed::default() })
    });

    #[test]
    fn buttons_of_what_is_off_disappear_and_the_rest_stays() {
        let tr = testing::tr(mms_core::account::Language::Ru);
        let mut screen = menu::more(tr, &testing::actor(Role::Owner), &menu::Standing::default());
        let count = |screen: &Screen| screen.keyboard.iter().flatten().count();
        let before = count(&screen);
        hide(&mut screen, &off(&["crm.amocrm"]));
        assert_eq!(count(&screen), before, "nothing of it is here");
        hide(&mut screen, &off(&["imports"]));
        assert_eq!(count(&screen), before - 1);
    }

    #[test]
    fn opt_outs_and_exports_go_on_whatever_is_closed() {
        let contact = mms_core::id::ContactId(uuid::Uuid::nil());
        for call in [
            Callback::from(contacts::Call::Stop { contact }),
            contacts::Call::Delete { contact }.into(),
            contacts::Call::Export.into(),
            contacts::Call::Dossier { contact }.into(),
            evidence::Call::Person { contact }.into(),
            evidence::Call::Open { page: 0 }.into(),
            inbox::Call::AskStop { contact }.into(),
            sessions::Call::Logout.into(),
        ] {
            assert!(goes_on(&call), "{call:?}");
        }
        for call in [Callback::from(inbox::Call::List { page: 0 }), menu::Call::Open.into(), contacts::Call::New.into()] {
            assert!(!goes_on(&call), "{call:?}");
        }
        assert_eq!(function(&inbox::Call::AskStop { contact }.into()), None);
        assert_eq!(function(&contacts::Call::Stop { contact }.into()), None);
    }
}
